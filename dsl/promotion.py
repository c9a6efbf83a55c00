"""Which dtype two dtypes meet in: NEP 50 as one table, with Tilewright's deviations.

`promote` is the table, `promote_weak` its column for literals. It deviates from NumPy where
LANGUAGE.md section 3 says so:

- an integer with a float takes the float's dtype (`i32` with `f32` is `f32`, as in torch and JAX);
- a weak float beside an integer gives `f32`, a weak integer beside `bool_` gives `i32`;
- `bool_` counts as `i32` where it meets another dtype or stands in arithmetic (`arithmetic_dtype`);
- the `f8` dtypes are for storage: in arithmetic, and beside any other dtype, they become `f32`;
- `u64` with a signed integer is refused;
- `index` yields to any other dtype as a literal does, except that with `i32` it stays `index`.
"""

from __future__ import annotations

from typing import Final

from .errors import CompileError
from .types import (
    Dtype,
    IndexNumber,
    Kind,
    bool_,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    index,
    u32,
)

_SIGNED_OF_BITS: Final = {8: i8, 16: i16, 32: i32, 64: i64}
_TABLE: Final[dict[tuple[str, str], Dtype]] = {}  # the pairs met so far


def promote(a: Dtype, b: Dtype) -> Dtype:
    """The dtype in which values of two dtypes meet; equal dtypes stay what they are.

    Raises `CompileError` naming both where there is none (`u64` with a signed integer, pointers).
    """
    if a is b or a == b:
        return a
    found = _TABLE.get((a.name, b.name))
    if found is None:
        found = _meet(a, b)
        if found is None:
            raise _refuse(a, b)
        _TABLE[a.name, b.name] = found
    return found


def promote_weak(dtype: Dtype, python_type: type) -> Dtype:
    """The dtype in which a value meets a literal of type `bool`, `int`, `IndexNumber` or `float`.

    Whether the literal fits that dtype is for the caller to check. Pointers are a `CompileError`.
    """
    if dtype.is_pointer:
        raise CompileError(
            f"cannot combine a pointer {dtype} with a literal of type {python_type.__name__}"
        )
    if python_type is IndexNumber:
        return promote(dtype, index)
    if dtype.is_storage_only and python_type is not bool:
        return f32
    if python_type is int and dtype is bool_:
        return i32
    if python_type is float and not dtype.is_float:
        return f32
    return dtype


def promote_all(dtypes: tuple[Dtype, ...]) -> Dtype:
    """The dtype in which values of several dtypes meet."""
    result = dtypes[0]
    for dtype in dtypes[1:]:
        result = promote(result, dtype)
    return result


def arithmetic_dtype(dtype: Dtype) -> Dtype:
    """The dtype that arithmetic on one dtype happens in: `bool_` is `i32`, `f8` is `f32`."""
    if dtype is bool_:
        return i32
    return f32 if dtype.is_storage_only else dtype


def division_dtype(dtype: Dtype) -> Dtype:
    """The dtype of `/` and of math functions: a float's own, `f32` for integers up to 32 bits.

    `f32` also for `index`, `f64` for other integers of 64 bits.
    """
    dtype = arithmetic_dtype(dtype)
    if dtype.is_float:
        return dtype
    return f64 if dtype.bits == 64 and dtype is not index else f32


def accumulator_dtype(dtype: Dtype) -> Dtype:
    """The dtype that sums, products and scans of a dtype keep: at least 32 bits wide."""
    if dtype.is_float:
        return f32 if dtype.bits < 32 else dtype
    if dtype is bool_:
        return i32
    if dtype.bits >= 32:
        return dtype
    return i32 if dtype.is_signed else u32


def _meet(a: Dtype, b: Dtype) -> Dtype | None:
    """What two different dtypes promote to; None where they are refused."""
    if a.is_pointer or b.is_pointer:
        return None
    a, b = arithmetic_dtype(a), arithmetic_dtype(b)
    if a is b:
        return a
    match a.kind, b.kind:
        case (Kind.FLOAT, Kind.FLOAT):
            return f32 if a.bits == b.bits else max(a, b, key=lambda dtype: dtype.bits)
        case (Kind.FLOAT, _):
            return a
        case (_, Kind.FLOAT):
            return b
        case (Kind.INDEX, _):
            return a if b is i32 else b
        case (_, Kind.INDEX):
            return b if a is i32 else a
        case (Kind.SIGNED, Kind.UNSIGNED):
            return a if a.bits > b.bits else _SIGNED_OF_BITS.get(2 * b.bits)
        case (Kind.UNSIGNED, Kind.SIGNED):
            return b if b.bits > a.bits else _SIGNED_OF_BITS.get(2 * a.bits)
    return a if a.bits > b.bits else b


def _refuse(a: Dtype, b: Dtype) -> CompileError:
    message = f"cannot combine {a} with {b}: no dtype holds both"
    if a.is_pointer or b.is_pointer:
        return CompileError(f"cannot combine {a} with {b}: a pointer only moves by integers")
    unsigned = a if a.kind is Kind.UNSIGNED else b
    signed = b if unsigned is a else a
    return CompileError(
        message, f"cast one: `.to(tw.{unsigned})` or `.to(tw.{i64 if signed is bool_ else signed})`"
    )
