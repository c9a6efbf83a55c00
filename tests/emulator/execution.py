"""Functions of the IR compiled for CUDA and run on the emulator, as on a device."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Final

import numpy as np

from tilewright.codegen.abi import Layout, argument_layout
from tilewright.codegen.artifact import Slot
from tilewright.codegen.backends import find_backend, ignore
from tilewright.codegen.cuda.steps import Plan
from tilewright.codegen.options import NO_OPTIONS, Options
from tilewright.codegen.passes import run_passes
from tilewright.codegen.target import Target, parse_target
from tilewright.dsl import ir
from tilewright.dsl.interpreter.values import constant
from tilewright.dsl.ir.rewrite import walk

from .emulate import Outcome, run

Grid = tuple[int, int, int]
TARGET: Final = "cuda:sm_90a"


@dataclass(frozen=True)
class Emulated:
    """A function compiled for a GPU, to be run on the host."""

    function: ir.Function
    target: Target
    plan: Plan
    text: str
    layout: Layout

    @cached_property
    def has_pointers(self) -> bool:
        """Whether it computes with pointers, or takes some."""
        taken = [parameter.type.dtype for parameter in self.function.parameters]
        made = [one.type.dtype for op in walk(self.function.body) for one in op.results]
        return any(dtype.is_pointer for dtype in (*taken, *made))

    def run(self, grid: Grid, arguments: Sequence[object], seed: int = 1) -> Outcome:
        """Run all programs, the threads in an order by `seed`; gives what the kernel reported."""
        parameters = self.function.parameters
        block = bytearray(self.layout.size)
        struct.pack_into("<3q", block, 0, *grid)
        for slot in self.layout.slots:
            _pack(block, slot, parameters[slot.parameter], arguments[slot.parameter])
        # A pointer may lead anywhere in the memory that it came from.
        reached = [_outermost(one) for one in arguments] if self.has_pointers else arguments
        major, minor = self.target.gpu.capability
        plan = self.plan
        return run(
            self.text, plan.entry, plan.threads, plan.shared_bytes, bytes(block), prod(grid),
            arrays=memory_of(reached), scratch_bytes=plan.scratch_bytes, seed=seed,
            architecture=100 * major + 10 * minor,
        )  # fmt: skip


def build_emulated(made: ir.Function, target: str, options: Options = NO_OPTIONS) -> Emulated:
    """Compile a function for a GPU."""
    chosen = parse_target(target)
    backend = find_backend("cuda")
    optimized = run_passes(made, backend.passes(chosen), ignore, True)
    plan = backend.plan(optimized, chosen, options)
    text = backend.emit(optimized, plan, chosen)
    return Emulated(made, chosen, plan, text, argument_layout(made))


def run_emulated(
    made: ir.Function, grid: Grid, arguments: Sequence[object], target: str = TARGET, seed: int = 1
) -> Outcome:
    """Compile for a GPU and run on the host; what the kernel reported is given back."""
    return build_emulated(made, target).run(grid, arguments, seed)


def _pack(block: bytearray, slot: Slot, parameter: ir.Parameter, argument: Any) -> None:
    match slot.kind:
        case "scalar":
            data = constant(argument, parameter.type.dtype).tobytes()  # type: ignore[union-attr]
            block[slot.offset : slot.offset + len(data)] = data
        case "array":
            strides = [step // argument.itemsize for step in argument.strides]
            words = [argument.ctypes.data, *argument.shape, *strides]
            struct.pack_into(f"<{len(words)}q", block, slot.offset, *words)
        case "pointer":
            struct.pack_into("<q", block, slot.offset, argument.ctypes.data)
        case _:
            begin, end = _bounds(_outermost(argument))
            size = (end - begin) // argument.itemsize
            struct.pack_into("<2q", block, slot.offset, begin, size)


def _outermost(argument: Any) -> Any:
    """The array of all memory that an array is a view of; other arguments as they are."""
    while isinstance(argument, np.ndarray) and isinstance(argument.base, np.ndarray):
        argument = argument.base
    return argument


def memory_of(arguments: Sequence[object]) -> list[tuple[int, int]]:
    """Address and bytes of the memory of all arrays; what overlaps is one piece."""
    spans = sorted(_bounds(one) for one in arguments if isinstance(one, np.ndarray))
    pieces: list[tuple[int, int]] = []
    for begin, end in spans:
        if pieces and begin < pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        else:
            pieces.append((begin, end))
    return [(begin, end - begin) for begin, end in pieces]


def _bounds(array: np.ndarray[Any, Any]) -> tuple[int, int]:
    """The first byte of any element, and the one behind the last."""
    begin = array.ctypes.data
    if array.size == 0:
        return begin, begin
    steps = [step * (n - 1) for step, n in zip(array.strides, array.shape, strict=True)]
    low, high = sum(min(step, 0) for step in steps), sum(max(step, 0) for step in steps)
    return begin + low, begin + high + array.itemsize
