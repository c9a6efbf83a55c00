"""Write out the casts for which a CPU has no instruction as integer arithmetic.

    %y = cast %x, bf16          becomes          %b = bitcast %x, u32
                                                 %r = add (add %b, 0x7fff), (and (shr %b, 16), 1)
                                                 ...
Left are casts among f16, f32 and f64 but for f64 to f16, f32 and f64 to and from integers
(saturating, NaN to 0, as LLVM's `llvm.fptosi.sat`), f16 from integers of up to 16 bits, and those
among integers. Every cast rounds once. From f64 and wide integers the value is first rounded to
*odd* in f32: cut off, with the last bit set if anything was lost; rounding that again to at most 22
bits is rounding once (Boldo and Melquiond, "When double rounding is odd", 2005). To `bool_` all are
comparisons with 0.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.ir import Builder, Cast, Function, Op, Value
from tilewright.dsl.types import (
    Dtype,
    bf16,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i32,
    u8,
    u16,
    u32,
    u64,
)

from .formula import UNSIGNED, Term, expand_ops, select


def expand_casts(function: Function) -> Function:
    """Replace casts without an instruction; the same function if it has none."""
    return expand_ops(function, _expand)


def _expand(op: Op, builder: Builder) -> Value | None:
    match op:
        case Cast(x, dtype):
            result = _cast(Term(builder, x), dtype)
            return None if result is None else result.value
        case _:
            return None


def _cast(x: Term, dtype: Dtype) -> Term | None:
    """The cast written out, or None where it is an instruction (or nothing)."""
    source = x.dtype
    if source is dtype:
        return x
    if dtype.is_bool:
        return x.differs(0) if source.bits > 16 or not source.is_float else _is_not_zero(x)
    if source in (bf16, f8e4m3, f8e5m2):
        wide = _to_f32(x)
        return _cast(wide, dtype) or wide.to(dtype)
    if source is f16 and not dtype.is_float:
        return x.to(f32).to(dtype)
    if dtype in (bf16, f8e4m3, f8e5m2):
        return FROM_F32[dtype](_to_f32_odd(x))
    if dtype is f16 and source is f64:
        return _to_f32_odd(x).to(f16)
    if dtype is f16 and source.is_integer and source.bits > 16:
        return x.to(f32).to(f16)  # what f32 does not hold is infinity in f16
    return None


def _is_not_zero(x: Term) -> Term:
    return (x.bitcast(UNSIGNED[x.dtype.bits]) & ((1 << (x.dtype.bits - 1)) - 1)).differs(0)


def _to_f32(x: Term) -> Term:
    """A narrow float as f32, exactly."""
    if x.dtype is bf16:
        return (x.bitcast(u16).to(u32) << 16).as_float
    if x.dtype is f8e5m2:
        return (x.bitcast(u8).to(u16) << 8).bitcast(f16).to(f32)
    if x.dtype is f8e4m3:
        return _from_f8e4m3(x)
    return x.to(f32)


def _from_f8e4m3(x: Term) -> Term:
    """The exponent is 7 too small in 4 bits; a product with 2^120 corrects it and normalises."""
    bits = x.bitcast(u8).to(u32)
    size = bits & 0x7F
    magnitude = (size << 20).as_float * 2.0**120
    magnitude = select(size.equals(0x7F), float("nan"), magnitude)
    return (magnitude.bitcast(u32) | (bits & 0x80) << 24).as_float


def _to_f32_odd(x: Term) -> Term:
    """The value in f32, rounded to odd where f32 does not hold it."""
    if x.dtype is f32 or x.dtype is f16 or x.dtype.is_bool or x.dtype.bits <= 16:
        return x.to(f32)
    if x.dtype.is_integer:
        return _to_f32_odd(_to_f64_odd(x))
    nearest = x.to(f32)
    back = nearest.to(f64)
    bits = nearest.bitcast(i32)
    # one below where rounding went away from zero: then cut off, and the last bit says it was
    # inexact
    odd = (bits + select(abs(back) > abs(x), bits.constant(-1), bits.constant(0))) | 1
    is_inexact = (back < x) | (back > x)
    return select(is_inexact, odd, bits).as_float


def _to_f64_odd(x: Term) -> Term:
    """An integer in f64; the lowest 11 of 64 bits are gathered in one where f64 has no room."""
    if x.dtype.bits <= 32:
        return x.to(f64)
    lowest = x & 0x7FF
    gathered = (x & ~0x7FF) | select(lowest.equals(0), x.constant(0), x.constant(0x800))
    fits = (x + (1 << 53)).bitcast(u64) <= (1 << 54) if x.dtype.is_signed else x <= (1 << 53)
    return select(fits, x, gathered).to(f64)


def _to_bf16(x: Term) -> Term:
    """Round to nearest even by adding half and one more if the last bit kept is odd."""
    bits = x.bitcast(u32)
    kept = bits >> 16
    rounded = (bits + ((kept & 1) + 0x7FFF)) >> 16
    # a NaN could carry into infinity: cut it off and make it quiet
    return select(x.equals(x), rounded, kept | 0x40).to(u16).bitcast(bf16)


def _to_f8e5m2(x: Term) -> Term:
    """Two bits of mantissa, the exponents of f16; overflow gives infinity."""
    return _to_f8(x, f8e5m2, mantissa=2, bias=15, largest=0x7B, overflow=0x7C, nan=0x7E)


def _to_f8e4m3(x: Term) -> Term:
    """Three bits of mantissa; no infinity: overflow, of infinity too, gives the largest value."""
    return _to_f8(x, f8e4m3, mantissa=3, bias=7, largest=0x7E, overflow=0x7E, nan=0x7F)


def _to_f8(
    x: Term, dtype: Dtype, mantissa: int, bias: int, largest: int, overflow: int, nan: int
) -> Term:
    bits = x.bitcast(u32)
    size = bits & 0x7FFFFFFF
    cut = 23 - mantissa
    rounded = size + (((size >> cut) & 1) + ((1 << (cut - 1)) - 1))
    normal = (rounded >> cut) - ((127 - bias) << mantissa)
    # the last place of a subnormal is that of this number, so that the sum rounds there
    magic = 2.0 ** (24 - bias - mantissa)
    magic_bits = x.constant(magic).bitcast(u32)
    subnormal = (size.as_float + magic).bitcast(u32) - magic_bits
    least_normal = (128 - bias) << 23
    result = select(size < least_normal, subnormal, normal)
    past = (largest + 1 + ((127 - bias) << mantissa)) << cut
    result = select(rounded >= past, overflow, result)
    result = select(size > 0x7F800000, nan, result)
    return (result | ((bits >> 24) & 0x80)).to(u8).bitcast(dtype)


FROM_F32: Final = {bf16: _to_bf16, f8e4m3: _to_f8e4m3, f8e5m2: _to_f8e5m2}
