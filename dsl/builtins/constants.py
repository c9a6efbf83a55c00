"""Python numbers as values of a dtype: whether they fit, and what a cast makes of them."""

from __future__ import annotations

import math
import struct
from typing import Final

from ..errors import CompileError
from ..types import Dtype, IndexNumber, bool_, f32, i32, i64, index

Number = bool | int | float

# (bits of the fraction, least exponent of a normal number, largest finite value)
_FLOATS: Final[dict[str, tuple[int, int, float]]] = {
    "f64": (52, -1022, 1.7976931348623157e308),
    "f32": (23, -126, 3.4028234663852886e38),
    "f16": (10, -14, 65504.0),
    "bf16": (7, -126, 3.3895313892515355e38),
    "f8e4m3": (3, -6, 448.0),
    "f8e5m2": (2, -14, 57344.0),
}


def default_dtype(value: Number) -> Dtype:
    """The dtype a literal takes where nothing strong stands beside it.

    `bool_`, `f32`, `index` for an `IndexNumber`, and for other integers `i32` where they fit, `i64`
    otherwise; beyond that it is a `CompileError`.
    """
    match value:
        case bool():
            return bool_
        case IndexNumber():
            return index
        case int():
            if -(2**31) <= value < 2**31:
                return i32
            if -(2**63) <= value < 2**63:
                return i64
            raise CompileError(
                f"the integer {value} does not fit i64", "give it a dtype: `tw.full((), n, tw.u64)`"
            )
        case _:
            return f32


def integer_range(dtype: Dtype) -> tuple[int, int]:
    """The least and the largest value of an integer dtype."""
    if dtype.is_signed:
        return -(1 << (dtype.bits - 1)), (1 << (dtype.bits - 1)) - 1
    return 0, (1 << dtype.bits) - 1


def largest_finite(dtype: Dtype) -> float:
    """The largest finite value of a float dtype."""
    return _FLOATS[dtype.name][2]


def fits(value: Number, dtype: Dtype) -> bool:
    """Whether a literal can be taken for a value of a dtype.

    Integers must lie in its range; finite numbers must stay finite in a float dtype. Rounding is no
    matter; a float never fits an integer dtype, nor a number `bool_`.
    """
    if type(value) is bool:
        return True
    if dtype.is_float:
        number = abs(value)
        if number <= 448.0 or not number < math.inf:
            return True
        return number <= _FLOATS["f64"][2] and math.isfinite(
            _round_or_overflow(float(value), dtype)
        )
    if dtype is bool_ or isinstance(value, float):
        return False
    least, largest = integer_range(dtype)
    return least <= value <= largest


def describe_range(dtype: Dtype) -> str:
    """The values that literals of a dtype may have, for a message."""
    if dtype is bool_:
        return "True or False"
    if dtype.is_float:
        return f"up to {largest_finite(dtype)}"
    least, largest = integer_range(dtype)
    return f"{least} to {largest}"


def convert(value: Number, dtype: Dtype) -> Number:
    """What a cast (`v.to(dtype)`) makes of a number: LANGUAGE.md section 3."""
    if dtype is bool_:
        return value != 0
    if dtype.is_float:
        return round_float(_as_float(value), dtype)
    least, largest = integer_range(dtype)
    if isinstance(value, float):
        if math.isnan(value):
            return 0
        if math.isinf(value):
            return largest if value > 0 else least
        return max(least, min(largest, int(value)))
    return wrap(int(value), dtype)


def wrap(value: int, dtype: Dtype) -> int:
    """The integer of a dtype that has the same low bits."""
    value &= (1 << dtype.bits) - 1
    return value - (1 << dtype.bits) if dtype.is_signed and value >> (dtype.bits - 1) else value


def round_float(value: float, dtype: Dtype) -> float:
    """The nearest value of a float dtype, ties to even.

    Overflow gives infinity, in `f8e4m3` (which has none) the largest finite value.
    """
    rounded = _round_or_overflow(value, dtype)
    if dtype.name == "f8e4m3" and math.isinf(rounded):
        return math.copysign(448.0, value)
    return rounded


def _as_float(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _round_or_overflow(value: float, dtype: Dtype) -> float:
    if dtype.name == "f64" or value == 0.0 or not math.isfinite(value):
        return value
    if dtype.name == "f32":
        try:
            rounded: float = struct.unpack("f", struct.pack("f", value))[0]
        except OverflowError:
            return math.copysign(math.inf, value)
        return rounded
    fraction, least, largest = _FLOATS[dtype.name]
    exponent = max(math.frexp(value)[1] - 1, least)
    unit = math.ldexp(1.0, exponent - fraction)
    nearest = round(value / unit) * unit  # exact: a division by a power of two, ties to even
    return nearest if abs(nearest) <= largest else math.copysign(math.inf, value)
