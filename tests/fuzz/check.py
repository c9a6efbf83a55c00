"""Runs one program on the interpreter and on the CPU, and says whether and where they differ."""

from __future__ import annotations

import importlib.util
import linecache
import os
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

from .program import Argument, Data, Memory, Program

# Ulps between a compiled math function and the interpreter's: 2 promised for f32 and half of one
# for the interpreter's rounding; 4 promised for f64 and less than 2 for the C library's own errors.
# Of f16 and bf16 numbers that close round to equal or neighbouring ones.
MATH_ULPS: Final = {"f16": 1.0, "bf16": 1.0, "f32": 2.5, "f64": 6.0}

# What only compiled code refuses, as the page of limits says.
LIMIT: Final = "take one by one"

_numbers = count()


@dataclass(frozen=True)
class Outcome:
    """`same`; `refused` (an error before it ran, the same everywhere); or a failure and its kind.

    `differs`, `unrepeatable`, `stray` (writes outside), `raised`, `died` and `hung` are failures.
    """

    kind: str
    detail: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether it is a fault of the compiler or the interpreter."""
        return self.kind not in ("same", "refused")

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

    def run(self, interpreted: bool) -> Iterator[tuple[Memory, tw.Error | None]]:
        """Launch again and again, each time on fresh memory; yields it with the error if any."""
        os.environ["TILEWRIGHT_INTERPRET"] = "1" if interpreted else "0"
        options = dict(self.program.options)
        kernel: Any = tw.kernel(**options)(self.function)
        while True:
            memory, error = Memory(self.program), None
            try:
                target = kernel
                if self.program.wide and not interpreted:
                    target = _without_facts(kernel, memory.values)
                target[self.program.grid](*memory.values)
            except tw.Error as found:
                error = found
            yield memory, error


def _without_facts(kernel: Any, values: list[Any]) -> Any:
    signature = kernel._read((*values,), {})
    return Specialization(kernel, (Signature(signature.parameters, frozenset()),))


def check(program: Program, folder: Path) -> Outcome:
    """What becomes of a program."""
    try:
        trial = Trial(program, folder)
    except Exception as error:
        return Outcome("refused", f"{type(error).__name__}: {error}")
    try:
        outcome = _check(trial)
        if outcome.kind in ("differs", "unrepeatable") and _races(trial):
            return Outcome("refused", "programs race")  # what is made smaller may
        return outcome
    except Exception as error:
        return Outcome("raised", f"{type(error).__name__}: {error}")
    finally:
        trial.close()


def _races(trial: Trial) -> bool:
    """Whether programs write to one element, or one reads what another writes."""
    os.environ["TILEWRIGHT_RACES"] = "1"
    try:
        _, error = next(trial.run(True))
    finally:
        del os.environ["TILEWRIGHT_RACES"]
    return error is not None


def _check(trial: Trial) -> Outcome:
    want, expected = next(trial.run(True))
    runs = trial.run(False)
    with threads(1):
        got, error = next(runs)
    if expected is not None or error is not None:
        return _compare_errors(expected, error)
    found = _compare(trial.program, got, want)
    if found is not None:
        return found
    with threads(2):
        for _ in range(2):
            again, error = next(runs)
            if error is not None:
                return Outcome("unrepeatable", f"raised with two threads: {error}")
            for name, array in got.arrays.items():
                if array.tobytes() != again.arrays[name].tobytes():
                    return Outcome("unrepeatable", f"{name} has other bits with two threads")
            if again.touched():
                return Outcome("stray", f"{again.touched()} bytes outside were written")
    return Outcome("same")


def _compare_errors(expected: tw.Error | None, error: tw.Error | None) -> Outcome:
    if expected is None and LIMIT in str(error):
        return Outcome("refused", str(error))
    if expected is None or error is None:
        side = "only the interpreter" if error is None else "only compiled code"
        return Outcome("raised", f"{side}: {type(expected or error).__name__}: {expected or error}")
    if type(expected) is not type(error):
        return Outcome("raised", f"{type(error).__name__}: {error}, interpreter: {expected}")
    if isinstance(error, tw.DeviceError):
        return Outcome("same", str(error))
    return Outcome("refused", str(error))


def _compare(program: Program, got: Memory, want: Memory) -> Outcome | None:
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
                )
    for memory, side in ((got, "compiled"), (want, "interpreted")):
        if memory.touched():
            return Outcome("stray", f"{side}: {memory.touched()} bytes outside were written")
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
