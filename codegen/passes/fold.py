"""What the basic elementwise kinds give for constants, bit for bit as at run time.

Integers wrap; floats are rounded once to their dtype. A float of 16 bits or fewer is computed in
`f32` at run time: for one basic operation, rounding the exact result of `f64` once is the same
(Figueroa, "When is double rounding innocuous?", 1995). None stands for what is left to run time.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, Final

from tilewright.dsl.types import Dtype, bf16, f8e4m3, f8e5m2, f16, f32, f64

Number = bool | int | float

# Bits of precision, exponent of the least subnormal, largest finite value, what lies beyond.
_FORMATS: Final[dict[Dtype, tuple[int, int, float, float]]] = {
    f32: (24, -149, (2 - 2.0**-23) * 2.0**127, math.inf),
    f16: (11, -24, 65504.0, math.inf),
    bf16: (8, -133, (2 - 2.0**-7) * 2.0**127, math.inf),
    f8e4m3: (4, -9, 448.0, 448.0),
    f8e5m2: (3, -16, 57344.0, math.inf),
}


def normal(value: Number, dtype: Dtype) -> Number:
    """A number as its dtype holds it: an integer wrapped, a float rounded."""
    if dtype.is_bool:
        return bool(value)
    if dtype.is_integer:
        return wrap(int(value), dtype)
    return round_float(float(value), dtype)


def wrap(value: int, dtype: Dtype) -> int:
    """An integer modulo 2 to the width."""
    value &= (1 << dtype.bits) - 1
    return value - (1 << dtype.bits) if dtype.is_signed and value >> (dtype.bits - 1) else value


def round_float(value: float, dtype: Dtype) -> float:
    """A number of `f64` rounded once to nearest even."""
    if dtype == f64 or not math.isfinite(value) or value == 0.0:
        return value if dtype != f8e4m3 or not math.isinf(value) else math.copysign(448.0, value)
    precision, least, largest, beyond = _FORMATS[dtype]
    quantum = max(math.frexp(value)[1] - precision, least)
    rounded = math.copysign(math.ldexp(round(math.ldexp(value, -quantum)), quantum), value)
    return math.copysign(beyond, value) if abs(rounded) > largest else rounded


def fold_unary(kind: str, x: Number, dtype: Dtype) -> Number | None:
    """One function of one constant."""
    x = normal(x, dtype)
    if dtype.is_float:
        function = _FLOAT_UNARY.get(kind)
        result = None if function is None else function(float(x))
        return result if result is None or isinstance(result, bool) else round_float(result, dtype)
    if dtype.is_bool:
        return not x if kind == "not" else None
    value = int(x)
    pattern = value & ((1 << dtype.bits) - 1)
    match kind:
        case "neg":
            return wrap(-value, dtype)
        case "not":
            return wrap(~value, dtype)
        case "abs":
            return wrap(abs(value), dtype)
        case "popcount":
            return wrap(pattern.bit_count(), dtype)
        case "clz":
            return wrap(dtype.bits - pattern.bit_length(), dtype)
        case "floor" | "ceil" | "round" | "trunc":
            return value
        case _:
            return None


def fold_binary(kind: str, x: Number, y: Number, dtype: Dtype) -> Number | None:
    """One function of two constants of one dtype."""
    x, y = normal(x, dtype), normal(y, dtype)
    if dtype.is_float:
        operation = _FLOAT_BINARY.get(kind)
        if kind in ("min", "max") and x == y:
            return x if math.copysign(1.0, x) == math.copysign(1.0, y) else None
        return None if operation is None else round_float(operation(x, y), dtype)
    function = _INTEGER_BINARY.get(kind)
    if function is not None:
        return normal(function(x, y), dtype)
    if kind not in ("shl", "shr"):
        return None
    count = int(y) & ((1 << dtype.bits) - 1)
    if kind == "shl":
        return wrap(int(x) << count, dtype) if count < dtype.bits else 0
    return int(x) >> min(count, dtype.bits)


def fold_compare(kind: str, x: Number, y: Number, dtype: Dtype) -> bool:
    """A comparison of two constants."""
    return bool(_COMPARISONS[kind](normal(x, dtype), normal(y, dtype)))


def fold_fma(a: float, b: float, c: float, dtype: Dtype) -> float:
    """`a * b + c` with one rounding."""
    a, b, c = (round_float(x, dtype) for x in (a, b, c))
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return round_float(a * b + c, dtype)
    (a_above, a_below), (b_above, b_below) = a.as_integer_ratio(), b.as_integer_ratio()
    c_above, c_below = c.as_integer_ratio()
    above = a_above * b_above * c_below + c_above * a_below * b_below
    if above == 0:
        return a * b + c if a == 0 or b == 0 else 0.0
    return _round_ratio(above, a_below * b_below * c_below, dtype)


def fold_cast(x: Number, source: Dtype, target: Dtype) -> Number | None:
    """A constant in another dtype."""
    x = normal(x, source)
    if target.is_pointer or source.is_pointer:
        return None
    if target.is_bool:
        return x != 0
    if target.is_float:
        return round_float(x, target) if isinstance(x, float) else _round_ratio(x, 1, target)
    if not isinstance(x, float):
        return wrap(int(x), target)
    if math.isnan(x):
        return 0
    least = -(1 << (target.bits - 1)) if target.is_signed else 0
    most = least + (1 << target.bits) - 1
    if math.isinf(x):
        return most if x > 0 else least
    return min(max(math.trunc(x), least), most)


def fold_bitcast(x: Number, source: Dtype, target: Dtype) -> Number | None:
    """The same bits as another dtype; not where a NaN might lose its bits."""
    if source.bits != target.bits or x != x:
        return None
    reader, writer = _CODES.get(target.name), _CODES.get(source.name)
    if reader is None or writer is None:
        return None
    result: Number = struct.unpack(reader, struct.pack(writer, normal(x, source)))[0]
    return None if result != result else result


def _round_ratio(above: int, below: int, dtype: Dtype) -> float:
    """An exact ratio rounded once: to odd in `f64`, which loses nothing, then to the dtype.

    The class `Fraction` would do, and takes some milliseconds of a first compile to load.
    """
    try:
        near = above / below
    except OverflowError:
        return round_float(math.inf if above > 0 else -math.inf, dtype)
    near_above, near_below = near.as_integer_ratio()
    rest = above * near_below - near_above * below
    if dtype != f64 and rest and not _mantissa_is_odd(near):
        near = math.nextafter(near, math.inf if rest > 0 else -math.inf)
    return round_float(near, dtype)


def _mantissa_is_odd(value: float) -> bool:
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bool(bits & 1)


def _divide(x: float, y: float) -> float:
    if y != 0.0:
        return x / y
    if x == 0.0 or x != x:
        return math.nan
    return math.copysign(math.inf, math.copysign(1.0, x) * math.copysign(1.0, y))


def _extreme(pick: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Least or greatest; NaN wins."""

    def choose(x: Any, y: Any) -> Any:
        return math.nan if x != x or y != y else pick(x, y)

    return choose


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    return lambda x: math.copysign(float(function(x)), x) if math.isfinite(x) else x


_FLOAT_UNARY: Final[dict[str, Callable[[float], Any]]] = {
    "neg": lambda x: -x,
    "abs": abs,
    "sqrt": lambda x: math.sqrt(x) if x >= 0.0 else math.nan,
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "round": _whole(round),
    "trunc": _whole(math.trunc),
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
}
_FLOAT_BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": _divide,
    "div_near": _divide,
    "min": _extreme(min),
    "max": _extreme(max),
    "copysign": math.copysign,
}
_INTEGER_BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "floordiv": lambda x, y: x // y if y else 0,
    "mod": lambda x, y: x % y if y else 0,
    "min": min,
    "max": max,
    "and": lambda x, y: x & y,
    "or": lambda x, y: x | y,
    "xor": lambda x, y: x ^ y,
    "mulhi": lambda x, y: x * y >> 32,
}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
}
_CODES: Final = {
    "i8": "<b", "u8": "<B", "i16": "<h", "u16": "<H", "i32": "<i", "u32": "<I", "i64": "<q",
    "u64": "<Q", "index": "<q", "f16": "<e", "f32": "<f", "f64": "<d",
}  # fmt: skip
