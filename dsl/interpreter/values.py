"""How values look while they are interpreted: NumPy arrays of what lies in memory.

A tile is an array (or NumPy scalar) of its dtype's *storage*: the NumPy dtype of that name, for
`bf16` and the `f8` types, which NumPy lacks, the unsigned integer with the same bits. So loads,
stores, shape ops and bit casts move bits, and only arithmetic looks inside: `widen` gives the
numbers, `narrow` rounds them back, once. Rounding follows IEEE 754-2008 section 4.3.1; `f8e4m3` and
`f8e5m2` are the formats of "FP8 Formats for Deep Learning" (arXiv:2209.05433), `f8e4m3` without
infinities.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..records import record
from ..types import (
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

STORAGE: Final[dict[Dtype, np.dtype[Any]]] = {
    bool_: np.dtype(np.bool_), i8: np.dtype(np.int8), i16: np.dtype(np.int16),
    i32: np.dtype(np.int32), i64: np.dtype(np.int64), index: np.dtype(np.int64),
    u8: np.dtype(np.uint8), u16: np.dtype(np.uint16), u32: np.dtype(np.uint32),
    u64: np.dtype(np.uint64),
    f16: np.dtype(np.float16), f32: np.dtype(np.float32), f64: np.dtype(np.float64),
    bf16: np.dtype(np.uint16), f8e4m3: np.dtype(np.uint8), f8e5m2: np.dtype(np.uint8),
}  # fmt: skip

# A pointer is an element of an argument's allocation; `region` -1 points nowhere.
POINTER_STORAGE: Final = np.dtype([("region", np.int32), ("offset", np.int64)])


@record
class _Format:
    """A narrow float: bits of precision, exponent of the least subnormal, what is past the end."""

    precision: int
    least: int
    largest: float
    overflow: float


_FORMATS: Final = {
    f16: _Format(11, -24, 65504.0, np.inf),
    bf16: _Format(8, -133, (2 - 2.0**-7) * 2.0**127, np.inf),
    f8e4m3: _Format(4, -9, 448.0, 448.0),
    f8e5m2: _Format(3, -16, 57344.0, np.inf),
}


def storage_of(dtype: Dtype) -> np.dtype[Any]:
    """The NumPy dtype that holds values of a dtype."""
    return POINTER_STORAGE if dtype.is_pointer else STORAGE[dtype]


def is_narrow(dtype: Dtype) -> bool:
    """Whether arithmetic in it is done in `f32` and rounded once."""
    return dtype.is_float and dtype.bits < 32


def constant(value: object, dtype: Dtype) -> Data:
    """One element of `dtype` from a Python, NumPy or `ml_dtypes` number: wrapped or rounded."""
    number: Any = value
    if dtype.is_bool:
        return _array(np.bool_(number))
    if dtype.is_integer:
        bits = int(number) & ((1 << dtype.bits) - 1)
        return _array(np.array(bits, f"u{dtype.itemsize}").view(STORAGE[dtype])[()])
    return from_f64(_array(np.float64(number)), dtype)


def zeros(dtype: Dtype, shape: tuple[int, ...]) -> Data:
    """A tile of zeros, or of pointers to nowhere."""
    data: Data = np.zeros(shape, storage_of(dtype))
    if dtype.is_pointer:
        data["region"] = -1
    return data


def widen(data: Data, dtype: Dtype) -> Data:
    """The numbers of a float tile: `f32` for what is narrower, else the tile itself."""
    if dtype is f16:
        return data.astype(np.float32)
    if dtype is bf16:
        return (data.astype(np.uint32) << np.uint32(16)).view(np.float32)
    if dtype.is_storage_only:
        return _f8_numbers(dtype)[data]
    return data


def narrow(data: Data, dtype: Dtype) -> Data:
    """Numbers of `f32` or `f64` as a narrower float, rounded once."""
    return from_f64(data.astype(np.float64), dtype)


def from_f64(data: Data, dtype: Dtype) -> Data:
    """Numbers of `f64` as a float dtype, rounded once to nearest even."""
    if dtype is f64:
        return data
    if dtype is f32:
        return data.astype(np.float32)
    rounded = _round(data, _FORMATS[dtype])
    if dtype is f16:
        return rounded.astype(np.float16)
    if dtype is bf16:
        return (rounded.astype(np.float32).view(np.uint32) >> np.uint32(16)).astype(np.uint16)
    return _f8_bits(rounded, dtype)


def cast(data: Data, source: Dtype, target: Dtype) -> Data:
    """The value in another dtype, as LANGUAGE.md section 3 says."""
    if source is target:
        return data
    if source.is_float:
        numbers = widen(data, source)
        if target.is_bool:
            return _array(numbers != 0)
        wide = numbers.astype(np.float64)
        return from_f64(wide, target) if target.is_float else _saturate(wide, target)
    if target.is_bool:
        return _array(data != 0)
    if target.is_integer or target in (f32, f64):
        return data.astype(STORAGE[target])
    return from_f64(_sticky_f64(data), target)


def bitcast(data: Data, source: Dtype, target: Dtype) -> Data:
    """The same bits as another dtype; a byte that is not 0 is true."""
    if target.is_bool:
        return _array(data.view(np.uint8) != 0)
    return data.view(storage_of(target))


def bits_of(data: Data) -> Data:
    """The elements as unsigned integers, by which values are told apart."""
    return data.view(f"u{data.dtype.itemsize}")


def displayed(data: Data, dtype: Dtype) -> Data:
    """The tile in a NumPy dtype that prints as numbers: `bf16` and `f8` as `f32`."""
    return widen(data, dtype) if is_narrow(dtype) and dtype is not f16 else data


def _array(value: Any) -> Data:
    return value  # type: ignore[no-any-return]


def _round(data: Data, form: _Format) -> Data:
    """The nearest numbers of a format, ties to even; NaN and its sign stay."""
    finite = np.isfinite(data)
    safe = np.where(finite, data, 0.0)
    _, exponent = np.frexp(safe)
    quantum = np.maximum(exponent - form.precision, form.least)
    rounded = np.ldexp(np.rint(np.ldexp(safe, -quantum)), quantum)
    rounded = np.where(finite, rounded, data)
    beyond = np.abs(rounded) > form.largest
    return np.where(beyond, np.copysign(form.overflow, data), rounded)


def _sticky_f64(data: Data) -> Data:
    """Integers as `f64`; those that do not fit are rounded to odd, so that rounding again is exact.

    Beyond 2^53 the low 11 of 64 bits are folded into the bit above them (Boldo and Melquiond,
    "Emulation of a FMA and Correctly Rounded Sums", IEEE Trans. Computers 57(4), 2008).
    """
    if data.dtype.itemsize < 8:
        return data.astype(np.float64)
    low = data.dtype.type(0x7FF)
    folded = (data & ~low) | np.where(data & low != 0, low + data.dtype.type(1), data.dtype.type(0))
    limit = data.dtype.type(1 << 53)
    small = data <= limit
    if data.dtype.kind == "i":
        small &= data >= -limit
    return np.where(small, data, folded).astype(np.float64)


def _saturate(numbers: Data, target: Dtype) -> Data:
    """`f64` numbers truncated to an integer dtype; the nearest end beyond its range, NaN as 0."""
    storage = STORAGE[target]
    ends = np.iinfo(storage)
    whole = np.trunc(numbers)
    above = whole >= float(ends.max) + (1.0 if target.bits < 64 else 0.0)
    below = whole < float(ends.min)
    inside = np.where(above | below | np.isnan(whole), 0.0, whole).astype(storage)
    return np.where(above, storage.type(ends.max), np.where(below, storage.type(ends.min), inside))


@cache
def _f8_numbers(dtype: Dtype) -> Data:
    """What each of the 256 bit patterns means, as `f32`."""
    code = np.arange(256)
    mantissa_bits, bias = (3, 7) if dtype is f8e4m3 else (2, 15)
    exponent = (code & 0x7F) >> mantissa_bits
    mantissa = (code & ((1 << mantissa_bits) - 1)) / (1 << mantissa_bits)
    number = np.where(
        exponent == 0, np.ldexp(mantissa, 1 - bias), np.ldexp(1 + mantissa, exponent - bias)
    )
    if dtype is f8e4m3:
        number[(code & 0x7F) == 0x7F] = np.nan
    else:
        number[exponent == 31] = np.where(mantissa[exponent == 31] == 0, np.inf, np.nan)
    return np.where(code < 128, number, -number).astype(np.float32)


def _f8_bits(numbers: Data, dtype: Dtype) -> Data:
    """The bit patterns of numbers that the dtype has exactly."""
    last, nan = (0x7E, 0x7F) if dtype is f8e4m3 else (0x7C, 0x7E)
    pattern = np.searchsorted(_f8_numbers(dtype)[: last + 1], np.abs(numbers))
    pattern = np.where(np.isnan(numbers), nan, pattern)
    return (pattern | np.where(np.signbit(numbers), 0x80, 0)).astype(np.uint8)
