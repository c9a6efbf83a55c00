"""Launches of kernels on the host's arrays, run on the emulator in place of the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tilewright import _native
from tilewright.codegen.target import parse_target
from tilewright.dsl import ir
from tilewright.dsl.types import Array
from tilewright.runtime import autotune, kernel, launch, parsed
from tilewright.runtime.device import Device
from tilewright.runtime.failures import Report
from tilewright.runtime.interop import as_host
from tilewright.runtime.settings import settings

from .emulate import Outcome
from .execution import build_emulated

TARGET: Final = "cuda:sm_89"  # the richest that needs nothing the emulator has not: wgmma and TMA
ALL_FACTS: Final = 3


@contextmanager
def launches_emulated(
    target: str = TARGET, seed: int = 1, num_warps: int | None = None
) -> Iterator[None]:
    """Let every launch of the block run on the emulator, its threads in an order by `seed`.

    Of arrays it is known what it is on GPUs: whether they lie at multiples of 16 bytes, also by
    kernels that were made before the block, as those of test files are. Where the launch does not
    say `num_warps`, this one holds.
    """
    usual, configure = launch.executable_for, _native.LaunchTable.configure
    bind = _native.LaunchTable.__getitem__
    told: dict[int, kernel.Kernel] = {}

    def executable_for(
        function: ir.Function,
        device: Device,
        positions: tuple[int, ...],
        warps: int | None = None,
        stages: int | None = None,
    ) -> _native.Launchable:
        if settings.interpret:
            return usual(function, device, positions)
        return _launchable(function, positions, target, seed, warps or num_warps, stages)

    def configured(table: Any, rows: Any, device_facts: int, **keywords: Any) -> None:
        configure(table, rows, ALL_FACTS, **keywords)

    def bound(table: kernel.Kernel, grid: object) -> Callable[..., None]:
        if id(table) not in told:  # made before the block, and perhaps launched
            told[id(table)] = table
            _configure(table)
        return bind(table, grid)

    try:
        with pytest.MonkeyPatch.context() as patch:
            for module in (launch, kernel, parsed, autotune):
                patch.setattr(module, "executable_for", executable_for)
            patch.setattr(kernel.Kernel, "configure", configured, raising=False)
            patch.setattr(kernel.Kernel, "__getitem__", bound, raising=False)
            yield
    finally:
        for table in told.values():  # what they launched in the block is no code for the host
            _configure(table)


def _configure(table: kernel.Kernel) -> None:
    """Let a kernel forget what it launched, and look at its arguments anew."""
    match table:
        case autotune.TunedKernel():
            table._let_tune(table)
        case _:
            table.configure([one.row for one in table.parameters], device_facts=table.array_facts)


def _launchable(
    function: ir.Function,
    positions: tuple[int, ...],
    target: str,
    seed: int,
    num_warps: int | None,
    num_stages: int | None,
) -> _native.Launchable:
    options = launch.options_of_launch(parse_target(target), num_warps, num_stages)
    made = build_emulated(function, target, options)
    report = Report(function)

    def run(grid: tuple[int, int, int], arguments: Sequence[object]) -> None:
        values = [
            _operand(arguments[position], one)
            for position, one in zip(positions, function.parameters, strict=True)
        ]
        _tell(report, made.run(grid, values, seed))

    slots = [(positions[s.parameter], s.kind, s.dtype, s.rank, s.offset) for s in made.layout.slots]
    return _native.Launchable(run, slots, made.layout.size, report)


def _operand(argument: object, parameter: ir.Parameter) -> object:
    is_scalar = not isinstance(parameter.type, Array) and not parameter.type.dtype.is_pointer
    return argument if is_scalar else as_host(argument)


def _tell(report: Callable[..., None], outcome: Outcome) -> None:
    """Write what was printed in the order of the programs, raise what failed."""
    failure = outcome.failure
    prints = sorted(outcome.prints, key=lambda one: one.program)
    report(
        None if failure is None else (failure.code, failure.place, failure.values),
        [(one.place, one.program, one.payload) for one in prints],
    )
