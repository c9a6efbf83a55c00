"""From a missed launch to what runs: the one trigger of compilation."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from operator import index
from time import perf_counter_ns
from typing import Any, Final, SupportsIndex

from tilewright import _native
from tilewright.codegen.abi import argument_layout
from tilewright.codegen.analysis.work import NOTHING_KNOWN, Known
from tilewright.codegen.artifact import Artifact, Slot
from tilewright.codegen.backends import find_interpreter
from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.inspect import Inspection
from tilewright.codegen.key import cache_key
from tilewright.codegen.options import Options
from tilewright.codegen.passes.contract_fma import contract_fma
from tilewright.codegen.target import Target
from tilewright.dsl import ir
from tilewright.dsl.interpreter import Fault
from tilewright.dsl.records import replace
from tilewright.dsl.types import Dtype, Tile, Type

from .compilers import options_for
from .device import HOST, Device
from .errors import CacheError, DeviceError, LaunchError
from .failures import Report
from .interop import as_host
from .settings import settings

SlotRow = tuple[int, Any, int, int, int]
NUMBERS_OF_WARPS: Final = (1, 2, 4, 8, 16, 32)  # a program has 1024 threads at most
NUMBERS_OF_STAGES: Final = range(1, 9)  # copies under way at a time: more find no memory


@cache
def prepare() -> None:
    """Do what settings ask for before the first launch."""
    if settings.num_threads is not None:
        _native.set_num_threads(settings.num_threads)


def executable_for(
    function: ir.Function,
    device: Device,
    positions: tuple[int, ...],
    num_warps: int | None = None,
    num_stages: int | None = None,
) -> _native.Launchable:
    """The code of one specialization, loaded; compiled only if neither memory nor disk has it.

    `positions` are those of the function's parameters among the arguments of a call. With
    `TILEWRIGHT_INTERPRET=1` it is the interpreter that runs, on the host alone.
    """
    if settings.interpret:
        if device.kind != HOST:
            raise LaunchError(
                f"the interpreter runs kernels in the host's memory, and the arrays of "
                f"{function.name} are on {device}\n"
                "note: copy them, as x.numpy() does, or unset TILEWRIGHT_INTERPRET and "
                "TILEWRIGHT_RACES"
            )
        return _interpreted(function, positions)
    options = options_of_launch(device.compile_target, num_warps, num_stages)
    artifact = artifact_for(function, device.compile_target, device, options)
    executable = _load(device, artifact)
    slots = _place_slots(artifact.slots, positions)
    return _native.Launchable(executable, slots, artifact.block_bytes, Report(function))


def with_facts(function: ir.Function, facts: frozenset[str]) -> ir.Function:
    """The same function for launches of which more, or less, is known."""
    return replace(function, facts=facts)


def options_of_launch(target: Target, num_warps: object, num_stages: object) -> Options:
    """The options of a compile for a launch that may override the plan of a GPU.

    Raises `LaunchError` for what no GPU has.
    """
    found = options_for(target)
    warps, stages = _whole("num_warps", num_warps), _whole("num_stages", num_stages)
    if target.kind == HOST or (warps is None and stages is None):
        return found
    if warps is not None and warps not in NUMBERS_OF_WARPS:
        raise LaunchError(f"option 'num_warps' is {warps}, expected a power of 2 up to 32")
    if stages is not None and stages not in NUMBERS_OF_STAGES:
        raise LaunchError(f"option 'num_stages' is {stages}, expected 1 to 8")
    return replace(found, num_warps=warps, num_stages=stages)


def _whole(name: str, value: object) -> int | None:
    """The number that an option asks for; a bool is none."""
    match value:
        case bool():
            pass
        case None:
            return None
        case SupportsIndex():
            return index(value)
    raise LaunchError(f"option '{name}' is {value!r}, expected an integer")


def artifact_for(
    function: ir.Function, target: Target, device: Device, options: Options | None = None
) -> Artifact:
    """The artifact of a function, from memory, from disk, or compiled now."""
    options = options or options_for(target)
    key = cache_key(function, target, options)
    return device.cache.get_or_build(key, partial(_compile, function, target, options, key))


def inspection_of(
    function: ir.Function,
    source: str,
    target: Target,
    device: Device,
    lowering: float = 0.0,
    known: Known = NOTHING_KNOWN,
    balance: Callable[[bool], float] | None = None,
    options: Options | None = None,
) -> Inspection:
    """Every stage of a compile; `source` is the kernel's Python text, lowered in some seconds.

    The rest is as for `Inspection`.
    """
    options = options or options_for(target)
    obtain = partial(artifact_for, function, target, device, options)
    if target != device.compile_target:  # this machine can neither load it nor be its bound
        return Inspection(function, target, options, source, obtain, lowering, known=known)
    load = partial(_load, device)
    return Inspection(function, target, options, source, obtain, lowering, load, known, balance)


def _load(device: Device, artifact: Artifact) -> _native.Executable:
    made = artifact.code, artifact.entry, artifact.scratch_bytes, artifact.cost
    if device.kind == HOST:
        return _native.Executable(*made)
    device.is_used = True
    known: dict[str, Any] = artifact.metadata
    try:
        return _native.Executable(
            *made,
            device=device.label,
            threads=known["threads"],
            shared_memory=known["shared_memory"],
            reports=known["reports"],
            tensor_maps=[
                (offset, dtype, rows, columns)
                for offset, _, dtype, rows, columns in known.get("tensor_maps", ())
            ],
        )
    except ValueError as error:
        major, minor = device.driver
        raise DeviceError(
            str(error),
            note=f"the driver is for CUDA {major}.{minor}, and may refuse code of a newer NVRTC: "
            "pip install nvidia-cuda-nvrtc-cu12, or install a newer driver",
        ) from None


def _compile(function: ir.Function, target: Target, options: Options, key: str) -> Artifact:
    """Compile, with a span on the timeline for each stage; dump the stages if that was asked."""
    start = _native.trace_now()
    begun = perf_counter_ns()
    ended = 0

    def observe(stage: str, product: object, seconds: float) -> None:
        nonlocal ended
        now = perf_counter_ns() - begun
        begin = max(ended, now - int(1e9 * seconds))
        _native.record_span(f"compile {function.name}: {stage}", start + begin, start + now)
        ended = now

    artifact = compile_function(function, target, options, observe)
    _native.record_span(f"compile {function.name}", start, _native.trace_now())
    folder = settings.dump_folder
    if folder is not None:
        inspection = Inspection(function, target, options, "", lambda: artifact)
        _dump(inspection, f"{folder}/{function.name}-{key[:12]}")
    return artifact


def _dump(inspection: Inspection, folder: str) -> None:
    """Write every stage to a file of its own, numbered in order."""
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        for number, stage in enumerate(inspection.stages.values()):
            with open(f"{folder}/{number:02}_{stage.name}.txt", "w") as file:  # noqa: PTH123
                file.write(str(stage))
    except OSError as error:
        raise CacheError(f"cannot write the stages to {folder}: {error.strerror}") from None


def _interpreted(function: ir.Function, positions: tuple[int, ...]) -> _native.Launchable:
    report = Report(function)
    layout = argument_layout(function)
    contracted = contract_fma(function)
    races = settings.races
    interpret = find_interpreter()

    def run(grid: tuple[int, int, int], arguments: Sequence[object]) -> None:
        values = [
            _operand(arguments[position], parameter.type)
            for position, parameter in zip(positions, function.parameters, strict=True)
        ]
        try:
            interpret(contracted, grid, values, races, sys.stdout)
        except Fault as fault:
            raise report.error_of(fault) from None
        except MemoryError as error:
            raise DeviceError(f"out of memory in the interpreter: {error}") from None

    return _native.Launchable(run, _place_slots(layout.slots, positions), layout.size, report)


def _operand(argument: object, type: Type) -> object:
    """An argument as the interpreter wants it: a NumPy array, or a number."""
    match type:
        case Tile(Dtype(element=None)):
            return argument
    return as_host(argument)


def _place_slots(slots: Iterable[Slot], positions: tuple[int, ...]) -> list[SlotRow]:
    return [(positions[s.parameter], s.kind, s.dtype, s.rank, s.offset) for s in slots]
