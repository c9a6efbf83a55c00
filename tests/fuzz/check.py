"""Runs one program on the interpreter, the CPU and perhaps a GPU, and says where they differ."""

from __future__ import annotations

import importlib.util
import linecache
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

import tilewright as tw
from tilewright import _native
from tilewright.dsl.signature import Signature
from tilewright.runtime.kernel import Specialization

from ..emulator.emulate import EmulationError
from .parties import CPU, INTERPRETER, lanes_in_order, launches_at, warps_of
from .program import Argument, Data, Memory, Program

# Ulps between a compiled math function and the interpreter's: 2 promised for f32 and half of one
# for the interpreter's rounding; 4 promised for f64 and less than 2 for the C library's own errors.
# Of f16 and bf16 numbers that close round to equal or neighbouring ones.
MATH_ULPS: Final = {"f16": 1.0, "bf16": 1.0, "f32": 2.5, "f64": 6.0}

# What only compiled code refuses, as the page of limits says, or for so many warps.
LIMITS: Final = ("take one by one", "beside a product of")
LOST: Final = " is lost: "  # a GPU after a fault: this process can use it no longer
ORDERS: Final = (1, 2, 3)  # seeds of orders of lanes that a result must not depend on

_numbers = count()


@dataclass(frozen=True)
class Outcome:
    """`same`; `refused` (an error before it ran, the same everywhere); or a failure and its kind.

    `differs`, `unrepeatable`, `stray` (writes outside), `raised`, `died`, `hung` and `unsound` (a
    GPU may do other than the emulator did) are failures; all but the CPU's name the `party`.
    """

    kind: str
    detail: str = ""
    party: str = CPU

    @property
    def is_failure(self) -> bool:
        """Whether it is a fault of the compiler or the interpreter."""
        return self.kind not in ("same", "refused")

    @property
    def title(self) -> str:
        """Its kind, and where it came about if that is a GPU."""
        return self.kind if self.party == CPU else f"{self.kind} on {self.party}"

    def as_data(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


class Trial:
    """One program, written to a file of its own, since kernels are read from files."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        path = folder / f"fuzzed_{next(_numbers)}.py"
        path.write_text(program.source)
        name = path.stem
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.function: Callable[..., None] = module.kernel
        self.path = path

    def close(self) -> None:
        """Forget the file."""
        linecache.cache.pop(str(self.path), None)
        self.path.unlink(missing_ok=True)

    def run(self, party: str) -> Iterator[tuple[Memory, tw.Error | None]]:
        """Launch again and again, each time on fresh memory; yields it with the error if any."""
        program = self.program
        kernel: Any = tw.kernel(**dict(program.options))(self.function)
        warps = {} if party in (INTERPRETER, CPU) else {"num_warps": warps_of(program)}
        while True:
            memory, error = Memory(program), None
            try:
                with launches_at(party, program):
                    target = kernel
                    if program.wide and party != INTERPRETER:
                        target = _without_facts(kernel, memory.values)
                    target[program.grid](*memory.values, **warps)
            except tw.Error as found:
                error = found
            yield memory, error


def _without_facts(kernel: Any, values: list[Any]) -> Any:
    signature = kernel._read((*values,), {})
    return Specialization(kernel, (Signature(signature.parameters, frozenset()),))


def check(program: Program, folder: Path, gpu: str | None = None) -> Outcome:
    """What becomes of a program; `gpu` is where it runs besides: `cuda:0`, or `emulated`."""
    try:
        trial = Trial(program, folder)
    except Exception as error:
        return Outcome("refused", f"{type(error).__name__}: {error}")
    party = CPU
    try:
        want = next(trial.run(INTERPRETER))
        outcome = _check_cpu(trial, want)
        if outcome.kind == "same" and gpu is not None:
            party = gpu
            outcome = _check_gpu(trial, gpu, want)
        if outcome.kind in ("differs", "unrepeatable", "unsound") and _races(trial):
            return Outcome("refused", "programs race")  # what is made smaller may
        return outcome
    except Exception as error:
        return Outcome("raised", f"{type(error).__name__}: {error}", party)
    finally:
        trial.close()


def _races(trial: Trial) -> bool:
    """Whether programs write to one element, or one reads what another writes."""
    os.environ["TILEWRIGHT_RACES"] = "1"
    try:
        _, error = next(trial.run(INTERPRETER))
    finally:
        del os.environ["TILEWRIGHT_RACES"]
    return error is not None


Run = tuple[Memory, tw.Error | None]


def _check_cpu(trial: Trial, want: Run) -> Outcome:
    runs = trial.run(CPU)
    with threads(1):
        got, error = next(runs)
    if want[1] is not None or error is not None:
        return _compare_errors(want[1], error, CPU)
    found = _compare(trial.program, got, want[0], CPU)
    if found is not None:
        return found
    with threads(2):
        for _ in range(2):
            again = next(runs)
            found = _compare_bits(got, again, CPU)
            if found is not None:
                return found
    return Outcome("same")


def _check_gpu(trial: Trial, gpu: str, want: Run) -> Outcome:
    runs = trial.run(gpu)
    try:
        got, error = next(runs)
        if LOST in str(error):
            return Outcome("died", str(error), gpu)
        if want[1] is not None or error is not None:
            return _compare_errors(want[1], error, gpu)
        found = _compare(trial.program, got, want[0], gpu)
        if found is None:
            found = _compare_bits(got, next(runs), gpu)
    except EmulationError as wrong:
        # Which block and thread, and which byte, says nothing of the fault.
        found = Outcome("unsound", re.sub(r"^block \d+(, thread \d+)?: ", "", str(wrong)), gpu)
    if found is not None and _depends_on_order(trial, want):
        return Outcome("refused", "the result depends on the order of lanes")
    return found or Outcome("same")


def _depends_on_order(trial: Trial, want: Run) -> bool:
    """Whether lanes store different values to one element, or atomics do not commute."""
    for seed in ORDERS:
        with lanes_in_order(seed):
            memory, _ = next(trial.run(INTERPRETER))
        for name, array in want[0].arrays.items():
            if array.tobytes() != memory.arrays[name].tobytes():
                return True
    return False


def _compare_bits(got: Memory, again: Run, party: str) -> Outcome | None:
    memory, error = again
    if error is not None:
        return Outcome("unrepeatable", f"raised when run again: {error}", party)
    for name, array in got.arrays.items():
        if array.tobytes() != memory.arrays[name].tobytes():
            return Outcome("unrepeatable", f"{name} has other bits when run again", party)
    if memory.touched():
        return Outcome("stray", f"{memory.touched()} bytes outside were written", party)
    return None


def _compare_errors(expected: tw.Error | None, error: tw.Error | None, party: str) -> Outcome:
    if expected is None and any(limit in str(error) for limit in LIMITS):
        return Outcome("refused", str(error))
    if expected is None or error is None:
        side = "only the interpreter" if error is None else "only compiled code"
        text = f"{side}: {type(expected or error).__name__}: {expected or error}"
        return Outcome("raised", text, party)
    if type(expected) is not type(error):
        return Outcome("raised", f"{type(error).__name__}: {error}, interpreter: {expected}", party)
    if isinstance(error, tw.DeviceError):
        return Outcome("same", str(error))
    return Outcome("refused", str(error))


def _compare(program: Program, got: Memory, want: Memory, party: str) -> Outcome | None:
    for one in program.arguments:
        if isinstance(one, Argument):
            a, b = got.arrays[one.name], want.arrays[one.name]
            with np.errstate(all="ignore"):
                differ = _differ(one, a, b, want)
            if differ.any():
                place = tuple(int(k) for k in np.argwhere(differ)[0])
                return Outcome(
                    "differs",
                    f"{one.name} ({one.dtype}, {one.agree}): {np.count_nonzero(differ)} of "
                    f"{differ.size}; at {place} compiled {a[place]!r}, interpreted {b[place]!r}",
                    party,
                )
    for memory, side in ((got, "compiled"), (want, "interpreted")):
        if memory.touched():
            text = f"{side}: {memory.touched()} bytes outside were written"
            return Outcome("stray", text, party)
    return None


def _differ(one: Argument, a: Data, b: Data, want: Memory) -> NDArray[np.bool_]:
    """Where two results do not agree."""
    unsigned = f"u{a.dtype.itemsize}"
    x, y = (np.ascontiguousarray(v).view(unsigned).reshape(v.shape) for v in (a, b))
    differ = np.asarray(x != y)
    if one.dtype == "bool_" or one.dtype[0] not in "fb":
        return differ
    p, q = a.astype(np.float64), b.astype(np.float64)
    differ &= ~(np.isnan(p) & np.isnan(q))
    match one.agree.split(":"):
        case ["numbers"]:
            return differ
        case ["size"]:
            return differ & ~(np.abs(p - q) <= 1e-9 * np.abs(q))
        case ["sum", scale, terms]:
            sizes = want.arrays[scale].astype(np.float64)
            eps = float(ml_dtypes.finfo(a.dtype).eps)
            top = float(ml_dtypes.finfo(a.dtype).max) / 4
            tiny = float(ml_dtypes.finfo(a.dtype).smallest_subnormal)
            bound = int(terms) * (eps * sizes + tiny)
            # Poison, where nothing was stored, is negative; sums near the largest may overflow.
            open_ = ~(sizes >= 0) | ~(sizes * int(terms) < top)
            return differ & ~open_ & ~(np.abs(p - q) <= bound)
    return differ & ~_near(one, p, q)


def _near(one: Argument, p: Data, q: Data) -> NDArray[np.bool_]:
    """Within the ulps that math functions may be off; past the largest number is infinity."""
    form = ml_dtypes.finfo(NUMPY_OF[one.dtype])
    top = np.ldexp(np.longdouble(1), int(form.maxexp))
    a, b = (np.where(np.isinf(v), np.copysign(top, v), v.astype(np.longdouble)) for v in (p, q))
    size = np.maximum(np.abs(a), np.abs(b))
    if one.agree == "lgamma":
        size = np.maximum(size, 1.0)
    _, exponent = np.frexp(size)
    least = int(form.minexp) - int(form.nmant)
    quantum = np.ldexp(np.longdouble(1), np.maximum(exponent - 1 - int(form.nmant), least))
    near = np.abs(a - b) <= MATH_ULPS[one.dtype] * quantum
    return np.asarray(near & ~(np.isnan(p) ^ np.isnan(q)))


NUMPY_OF: Final = {
    "f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64
}  # fmt: skip


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Run launches on so many threads."""
    before = _native.get_num_threads()
    _native.set_num_threads(number)
    try:
        yield
    finally:
        _native.set_num_threads(before)


def stop_numpy_warnings() -> None:
    """The interpreter computes with what overflows; whoever asked for warnings gets none here."""
    np.seterr(all="ignore")
    sys.setrecursionlimit(10_000)
