"""A program of the fuzzer: a kernel's Python text and what it is launched with, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Data = NDArray[Any]
Shape = tuple[int, ...]

NUMPY: Final[dict[str, np.dtype[Any]]] = {
    "bool_": np.dtype(np.bool_), "i8": np.dtype(np.int8), "i16": np.dtype(np.int16),
    "i32": np.dtype(np.int32), "i64": np.dtype(np.int64), "u8": np.dtype(np.uint8),
    "u16": np.dtype(np.uint16), "u32": np.dtype(np.uint32), "u64": np.dtype(np.uint64),
    "f16": np.dtype(np.float16), "bf16": np.dtype(ml_dtypes.bfloat16), "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64), "f8e4m3": np.dtype(ml_dtypes.float8_e4m3fn),
    "f8e5m2": np.dtype(ml_dtypes.float8_e5m2),
}  # fmt: skip

GUARD_BYTES: Final = 256  # wider than any vector, so that a whole stray store lands in a zone
POISON: Final = 0xA5  # no NaN and no small number in any dtype, so a stray read shows in a result


@dataclass(frozen=True)
class Argument:
    """An array. `strides` are in elements and may be negative, `content` names what is in it.

    `agree` says when two results are the same: in all `numbers`, up to the errors that `math`
    functions may have, or `sum:<scale>:<n>`: up to n roundings of sums of the size in the array
    `scale`. With `over` it lies in the memory of that array, `shift` elements on.
    """

    name: str
    dtype: str
    shape: Shape
    strides: Shape
    content: str
    agree: str = "numbers"
    over: str | None = None
    shift: int = 0


@dataclass(frozen=True)
class Scalar:
    """A scalar argument: a Python number, or with a dtype a NumPy one."""

    name: str
    value: int | float | bool
    dtype: str | None = None


@dataclass(frozen=True)
class Program:
    """What is run; `wide` launches code that must not rely on 32-bit offsets."""

    source: str
    arguments: tuple[Argument | Scalar, ...]
    grid: Shape
    options: tuple[tuple[str, Any], ...] = ()
    data_seed: int = 0
    wide: bool = False

    def dump(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self))

    @staticmethod
    def load(text: str) -> Program:
        """What `dump` gave."""
        found = json.loads(text)
        arguments = []
        for one in found["arguments"]:
            if "shape" in one:
                one |= {"shape": tuple(one["shape"]), "strides": tuple(one["strides"])}
                arguments.append(Argument(**one))
            else:
                arguments.append(Scalar(**one))
        options = tuple((str(name), value) for name, value in found["options"])
        found |= {"arguments": tuple(arguments), "grid": tuple(found["grid"]), "options": options}
        return Program(**found)

    def with_arguments(self, arguments: list[Argument | Scalar]) -> Program:
        """The same kernel over other arguments."""
        return replace(self, arguments=tuple(arguments))


def lay_out(shape: Shape, layout: str) -> Shape:
    """Strides in elements of an array of this layout."""
    order = range(len(shape)) if layout == "columns" else reversed(range(len(shape)))
    strides = [0] * len(shape)
    step = 3 if layout == "gaps" else 1
    for axis in order:
        strides[axis] = step
        step *= max(shape[axis], 1) + (layout == "gaps")
    if layout == "backwards":
        strides = [-stride for stride in strides]
    if layout == "inner backwards" and strides:
        strides[-1] = -strides[-1]
    return tuple(strides)


class Memory:
    """The arrays of one run, between zones of known bytes."""

    def __init__(self, program: Program) -> None:
        self.values: list[Any] = []
        self.arrays: dict[str, Data] = {}
        self._zones: list[tuple[Data, NDArray[np.bool_]]] = []
        given = [one for one in program.arguments if isinstance(one, Argument)]
        for first in (one for one in given if one.over is None):
            group = [first, *(one for one in given if one.over == first.name)]
            self._place(group, program.data_seed)
        for one in program.arguments:
            match one:
                case Argument(name):
                    self.values.append(self.arrays[name])
                case Scalar(_, value, None):
                    self.values.append(value)
                case Scalar(_, value, str(dtype)):
                    self.values.append(NUMPY[dtype].type(value))

    def touched(self) -> int:
        """How many bytes outside the arrays were written."""
        return sum(int(np.sum(outside & (raw != POISON))) for raw, outside in self._zones)

    def _place(self, group: list[Argument], seed: int) -> None:
        """Arrays that share memory: one, and those that lie over it."""
        dtype = NUMPY[group[0].dtype]
        ends = [reach(one) for one in group]
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
        guard = GUARD_BYTES // dtype.itemsize
        raw = np.full((2 * guard + high - low) * dtype.itemsize, POISON, np.uint8)
        outside = np.ones(raw.size // dtype.itemsize, np.bool_)
        for one in group:
            start = guard - low + one.shift
            steps = tuple(stride * dtype.itemsize for stride in one.strides)
            self.arrays[one.name] = np.ndarray(one.shape, dtype, raw, start * dtype.itemsize, steps)
            if 0 not in one.shape:
                inside = np.lib.stride_tricks.as_strided(outside[start:], one.shape, one.strides)
                inside[...] = False
        first = group[0]
        if first.content != "poison":
            self.arrays[first.name][...] = content(first, seed)
        self._zones.append((raw, np.repeat(outside, dtype.itemsize)))


def reach(one: Argument) -> tuple[int, int]:
    """First and one past the last element of an array, from its own first one."""
    if 0 in one.shape:
        return one.shift, one.shift
    steps = [(n - 1) * stride for n, stride in zip(one.shape, one.strides, strict=True)]
    low = sum(min(step, 0) for step in steps)
    return low + one.shift, sum(max(step, 0) for step in steps) + one.shift + 1


def content(one: Argument, seed: int) -> Data:
    """What an array holds at first; the same for the same seed and name."""
    dtype = NUMPY[one.dtype]
    match one.content:
        case "zeros" | "ones":
            return np.full(one.shape, one.content == "ones").astype(dtype)
        case "count":
            size = int(np.prod(one.shape))
            return (np.arange(size) % 100).reshape(one.shape).astype(dtype)
    rng = np.random.default_rng([seed, *one.name.encode()])
    if one.content == "small":
        if one.dtype == "bool_":
            return rng.integers(0, 2, one.shape).astype(np.bool_)
        low = 0 if dtype.kind == "u" else -9
        return rng.integers(low, 18, one.shape).astype(dtype)
    return anything(rng, one.dtype, one.shape)


def anything(rng: np.random.Generator, name: str, shape: Shape) -> Data:
    """Any values: patterns of bits, ordinary numbers, small ones, and special ones."""
    dtype, count = NUMPY[name], int(np.prod(shape))
    if name == "bool_":
        return rng.integers(0, 2, shape).astype(np.bool_)
    is_float = name[0] in "fb"
    bits = rng.integers(0, 256, (count, dtype.itemsize), dtype=np.uint8).view(dtype)[:, 0]
    kind = rng.integers(0, 8, count)
    small = rng.integers(-100 if is_float or dtype.kind == "i" else 0, 100, count)
    if is_float:
        near = (rng.standard_normal(count) * 4).astype(dtype)
        ends = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, np.inf, -np.inf, np.nan, 2.0**31, -(2.0**63)]
        with np.errstate(all="ignore"):
            special = rng.choice(np.array(ends).astype(dtype), count)
    else:
        near = small.astype(dtype)
        info = np.iinfo(dtype)
        special = rng.choice(np.array([0, 1, info.min, info.max, info.max // 2], dtype), count)
    values = np.where(kind < 1, bits, np.where(kind < 4, near, small.astype(dtype)))
    return np.where(kind == 7, special, values).astype(dtype).reshape(shape)
