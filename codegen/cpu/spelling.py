"""LLVM's names for types, operators and constants, as tables."""

from __future__ import annotations

import struct
from math import copysign, frexp, isinf, isnan, ldexp
from typing import Final

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
)  # fmt: skip

ELEMENT: Final[dict[Dtype, str]] = {
    bool_: "i1", i8: "i8", u8: "i8", i16: "i16", u16: "i16", i32: "i32", u32: "i32", i64: "i64",
    u64: "i64", index: "i64", f16: "half", bf16: "i16", f32: "float", f64: "double", f8e4m3: "i8",
    f8e5m2: "i8",
}  # fmt: skip

# Of floats of 8 bits: the bits of the mantissa, the exponent's bias, the patterns of NaN and of
# infinity (`f8e4m3` has none: its largest number).
SMALL_FLOATS: Final = {f8e4m3: (3, 7, 0x7F, 0x7E), f8e5m2: (2, 15, 0x7E, 0x7C)}

INTEGER_OPERATORS: Final = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "and": "and",
    "or": "or",
    "xor": "xor",
}
FLOAT_OPERATORS: Final = {
    "add": "fadd",
    "sub": "fsub",
    "mul": "fmul",
    "div": "fdiv",
    "div_near": "fdiv",
}
FLOAT_FUNCTIONS: Final = {
    "abs": "fabs", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "round": "roundeven",
    "trunc": "trunc",
}  # fmt: skip
SIGNED_COMPARISONS: Final = {
    "eq": "eq",
    "ne": "ne",
    "lt": "slt",
    "le": "sle",
    "gt": "sgt",
    "ge": "sge",
}
UNSIGNED_COMPARISONS: Final = {
    "eq": "eq",
    "ne": "ne",
    "lt": "ult",
    "le": "ule",
    "gt": "ugt",
    "ge": "uge",
}
FLOAT_COMPARISONS: Final = {
    "eq": "oeq",
    "ne": "une",
    "lt": "olt",
    "le": "ole",
    "gt": "ogt",
    "ge": "oge",
}
# Where the test of the same name does not hold: NaN takes the other side too.
FLOAT_OPPOSITES: Final = {
    "eq": "une",
    "ne": "oeq",
    "lt": "uge",
    "le": "ugt",
    "gt": "ule",
    "ge": "ult",
}


def element(dtype: Dtype) -> str:
    """How a value of a dtype is computed with."""
    return "ptr" if dtype.is_pointer else ELEMENT[dtype]


def memory_element(dtype: Dtype) -> str:
    """How a value of a dtype lies in memory."""
    return "i8" if dtype is bool_ else element(dtype)


def vector(element_type: str, lanes: int) -> str:
    """The type of some lanes; 0 lanes are a scalar."""
    return f"<{lanes} x {element_type}>" if lanes else element_type


def mangled(element_type: str, lanes: int) -> str:
    """The suffix of an overloaded intrinsic."""
    name = {"float": "f32", "double": "f64", "half": "f16", "ptr": "p0"}.get(
        element_type, element_type
    )
    return f"v{lanes}{name}" if lanes else name


def constant(value: bool | int | float, dtype: Dtype) -> str:
    """One element, spelled so that no bit is lost."""
    if dtype is bool_:
        return "true" if value else "false"
    if dtype is bf16:
        return str(round_to_bf16(float(value)))
    if dtype is f16:
        return f"0xH{struct.unpack('<H', _half(float(value)))[0]:04X}"
    if dtype is f32:
        return f"0x{struct.unpack('<Q', struct.pack('<d', _single(float(value))))[0]:016X}"
    if dtype is f64:
        return f"0x{struct.unpack('<Q', struct.pack('<d', float(value)))[0]:016X}"
    if dtype.is_float:
        return str(_small_float(float(value), *SMALL_FLOATS[dtype]))
    bits = 64 if dtype is index else dtype.bits
    return str(((int(value) + (1 << (bits - 1))) % (1 << bits)) - (1 << (bits - 1)))


def float_of(text: str) -> float:
    """The number that `constant` spelled for an `f32` or `f64`."""
    return float(struct.unpack("<d", struct.pack("<Q", int(text, 16)))[0])


def splat(text: str, element_type: str, lanes: int) -> str:
    """A constant in every lane."""
    return f"splat ({element_type} {text})" if lanes else text


def round_to_bf16(value: float) -> int:
    """The bits of the nearest bf16, ties to even."""
    bits = int(struct.unpack("<I", struct.pack("<f", _single(value)))[0])
    if value != value:
        return 0x7FC0
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) & 0xFFFF


def _small_float(value: float, mantissa_bits: int, bias: int, nan: int, infinity: int) -> int:
    """The bits of a float of 8 bits, which the value is one of."""
    sign = 0x80 if copysign(1.0, value) < 0 else 0
    if isnan(value):
        return nan
    if isinf(value):
        return sign | infinity
    if value == 0.0:
        return sign
    exponent = frexp(value)[1]  # of a fraction from 0.5 to 1
    biased = max(exponent - 1 + bias, 0)
    # Below the smallest normal one the exponent stands still: a denormal has no leading one.
    scaled = ldexp(abs(value), mantissa_bits - (max(biased, 1) - bias))
    return sign | (max(biased - 1, 0) << mantissa_bits) + int(scaled)


def _single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _half(value: float) -> bytes:
    try:
        return struct.pack("<e", value)
    except OverflowError:
        return struct.pack("<e", float("inf") if value > 0 else float("-inf"))
