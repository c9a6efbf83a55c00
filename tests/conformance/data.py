"""Fresh data of every dtype, special values among them, in arrays of every layout."""

from __future__ import annotations

from typing import Any, Final

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from tilewright.dsl.types import (
    Dtype,
    bf16,
    bool_,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    index,
    u8,
    u16,
    u32,
    u64,
)

Data = NDArray[Any]

NUMPY: Final[dict[Dtype, np.dtype[Any]]] = {
    bool_: np.dtype(np.bool_), i8: np.dtype(np.int8), i16: np.dtype(np.int16),
    i32: np.dtype(np.int32), i64: np.dtype(np.int64), u8: np.dtype(np.uint8),
    u16: np.dtype(np.uint16), u32: np.dtype(np.uint32), u64: np.dtype(np.uint64),
    f16: np.dtype(np.float16), bf16: np.dtype(ml_dtypes.bfloat16), f32: np.dtype(np.float32),
    f64: np.dtype(np.float64), f8e4m3: np.dtype(ml_dtypes.float8_e4m3fn),
    f8e5m2: np.dtype(ml_dtypes.float8_e5m2),
    index: np.dtype(np.int64),  # `index` has no arrays: its values lie in memory as i64
}  # fmt: skip

IN_MEMORY: Final = tuple(dtype for dtype in NUMPY if dtype is not index)
INTEGERS: Final = tuple(dtype for dtype in NUMPY if dtype.is_integer)
FLOATS: Final = (f16, bf16, f32, f64)  # those that arithmetic happens in
ARITHMETIC: Final = (bool_, *INTEGERS, *FLOATS)

LAYOUTS: Final = ("rows", "columns", "gaps", "backwards", "inner backwards")


def stored(dtype: Dtype) -> Dtype:
    """The dtype that values of a dtype have in memory."""
    return i64 if dtype is index else dtype


def specials(dtype: Dtype) -> Data:
    """The values of a dtype at which something ends, begins or changes."""
    storage = NUMPY[dtype]
    if dtype is bool_:
        return np.array([False, True])
    if dtype.is_integer:
        ends, width = np.iinfo(storage), dtype.bits
        found = {0, 1, 2, 3, 7, width - 1, width, width + 1, ends.max, ends.max - 1, ends.max // 2}
        found |= {ends.min, ends.min + 1, 1 << (width - 2), 100}
        if dtype.is_signed:
            found |= {-1, -2, -3, -7, -width, ends.min // 2}
        return np.array(sorted(found), storage)
    form = ml_dtypes.finfo(storage)
    least, normal, largest = form.smallest_subnormal, form.smallest_normal, form.max
    one = np.float64(1.0)
    positive = [
        0.0, least, normal - least, normal, largest, 0.5, 1.0, one + form.eps, 1.5, 2.0, 2.5, 3.0,
        127.0, 128.0, 255.5, np.pi, 1.0 / 3.0, np.inf, np.nan,
    ]  # fmt: skip
    if dtype is f32 or dtype is f64:
        positive += [32767.0, 65536.0, 2.0**31 - 1, 2.0**31, 2.0**32, 2.0**63, 2.0**64, 1e18]
    with np.errstate(all="ignore"):
        found_floats = np.array(positive, np.float64)
        return np.concatenate([found_floats, -found_floats]).astype(storage)


def random_values(rng: np.random.Generator, dtype: Dtype, shape: tuple[int, ...]) -> Data:
    """Any values: patterns of bits, ordinary numbers, small ones, and special ones."""
    storage, count = NUMPY[dtype], int(np.prod(shape))
    if dtype is bool_:
        return rng.integers(0, 2, shape).astype(np.bool_)
    bits = rng.integers(0, 256, (count, storage.itemsize), dtype=np.uint8).view(storage)[:, 0]
    kind = rng.integers(0, 8, count)
    small = rng.integers(-100 if dtype.is_float or dtype.is_signed else 0, 100, count)
    values = np.where(kind < 2, bits, small.astype(storage))
    if dtype.is_float:
        ordinary = (rng.standard_normal(count) * 4).astype(storage)
        values = np.where(kind < 5, np.where(kind < 2, values, ordinary), values)
    values = np.where(kind == 7, rng.choice(specials(dtype), count), values)
    return values.astype(storage).reshape(shape)


def tame_values(rng: np.random.Generator, dtype: Dtype, shape: tuple[int, ...]) -> Data:
    """Numbers of either sign whose sums and products neither over- nor underflow."""
    if not dtype.is_float:
        return random_values(rng, dtype, shape)
    sizes = np.exp(rng.uniform(-0.5, 0.5, shape))
    return (sizes * rng.choice([-1.0, 1.0], shape)).astype(NUMPY[dtype])


def numbers_of(data: Data) -> NDArray[np.float64]:
    """The numbers of an array in `f64`."""
    with np.errstate(all="ignore"):
        return data.astype(np.float64)


def strides_of(layout: str, shape: tuple[int, ...]) -> tuple[int, ...]:
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


def unit_axis_of(layout: str, shape: tuple[int, ...]) -> int | None:
    """The axis of which the type of an array with this layout says that its stride is 1."""
    match layout:
        case "rows":
            return len(shape) - 1
        case "columns" if 1 not in shape:  # else other axes could be said to have unit stride
            return 0
        case _:
            return None
