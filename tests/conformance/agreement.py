"""When two results agree: in all bits, as numbers, or within a bound that is derived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from tilewright.dsl.types import Dtype, bf16, f16, f32, f64

from .data import NUMPY, Data, numbers_of

# Where (got, want, dtype, inputs) do not agree; the inputs are arrays of shape (programs, ...).
Agreement = Callable[[Data, Data, Dtype, Sequence[Data]], NDArray[np.bool_]]

# Ulps between a compiled math function and the interpreter's. f32: 2 promised by the language, a
# half for rounding the interpreter's, which it computes in f64. f64: 4 promised, the C library's
# own errors are below 2. Of f16 and bf16 both sides round numbers 2.5 ulp of f32 apart, which is
# less than the distance of their own neighbours: roundings of them are equal or neighbours.
MATH_ULPS: Final[dict[Dtype, float]] = {f16: 1.0, bf16: 1.0, f32: 2.5, f64: 6.0}


def bits_of(data: Data) -> Data:
    """The elements as unsigned integers."""
    return data.view(f"u{data.dtype.itemsize}")


def bits(got: Data, want: Data, dtype: Dtype, inputs: Sequence[Data]) -> NDArray[np.bool_]:
    """All bits are the same, those of a NaN included."""
    return np.asarray(bits_of(got) != bits_of(want))


def numbers(got: Data, want: Data, dtype: Dtype, inputs: Sequence[Data]) -> NDArray[np.bool_]:
    """All bits are the same, but one NaN is as good as another."""
    differ = bits(got, want, dtype, inputs)
    if dtype.is_float:
        differ &= ~(np.isnan(numbers_of(got)) & np.isnan(numbers_of(want)))
    return differ


def order(got: Data, want: Data, dtype: Dtype, inputs: Sequence[Data]) -> NDArray[np.bool_]:
    """As numbers, but zeros are equal: of two of them `min` and `max` may give either."""
    differ = numbers(got, want, dtype, inputs)
    if dtype.is_float:
        differ &= ~((numbers_of(got) == 0) & (numbers_of(want) == 0))
    return differ


def ulps(limits: dict[Dtype, float], least_size: float = 0.0) -> Agreement:
    """At most so many ulps apart, of the larger of the two or of `least_size`.

    Zeros have the same sign; what is one ulp past the largest number is infinity.
    """

    def agree(got: Data, want: Data, dtype: Dtype, inputs: Sequence[Data]) -> NDArray[np.bool_]:
        a, b = _with_ends(got, dtype), _with_ends(want, dtype)
        size = np.maximum(np.maximum(np.abs(a), np.abs(b)), least_size)
        near = np.abs(a - b) <= limits[dtype] * _spacing(size, dtype)
        zeros = (a == 0) & (b == 0) & (least_size == 0)
        near &= ~(zeros & (np.signbit(a) != np.signbit(b)))
        return ~np.where(np.isnan(b), np.isnan(a), near)

    return agree


def within(bound: Callable[..., NDArray[np.float64]]) -> Agreement:
    """At most `bound(*inputs)` apart, the inputs as `f64`; NaN and infinities are the same."""

    def agree(got: Data, want: Data, dtype: Dtype, inputs: Sequence[Data]) -> NDArray[np.bool_]:
        a, b = numbers_of(got), numbers_of(want)
        with np.errstate(all="ignore"):
            near = np.abs(a - b) <= bound(*map(numbers_of, inputs))
        return ~((a == b) | (np.isnan(a) & np.isnan(b)) | (np.isfinite(b) & near))

    return agree


def epsilon(dtype: Dtype) -> float:
    """The distance from 1 to the next number."""
    return float(ml_dtypes.finfo(NUMPY[dtype]).eps)


def _with_ends(data: Data, dtype: Dtype) -> NDArray[Any]:
    """The numbers, wide enough that infinity can stand for the number after the largest."""
    wide = data.astype(np.float64).astype(np.longdouble)
    top = np.ldexp(np.longdouble(1), int(ml_dtypes.finfo(NUMPY[dtype]).maxexp))
    return np.asarray(np.where(np.isinf(wide), np.copysign(top, wide), wide))


def _spacing(size: NDArray[Any], dtype: Dtype) -> NDArray[Any]:
    form = ml_dtypes.finfo(NUMPY[dtype])
    _, exponent = np.frexp(size)
    least = int(form.minexp) - int(form.nmant)
    quantum = np.maximum(exponent - 1 - int(form.nmant), least)
    return np.asarray(np.ldexp(np.longdouble(1), quantum))
