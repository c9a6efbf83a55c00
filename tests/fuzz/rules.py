"""Section 3 of the language, written once more: dtypes that meet, shapes that broadcast."""

from __future__ import annotations

from typing import Final

from .program import Shape

INTEGERS: Final = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64")
FLOATS: Final = ("f16", "bf16", "f32", "f64")
STORED: Final = ("bool_", *INTEGERS, *FLOATS, "f8e4m3", "f8e5m2")
COMMON: Final = ("i32", "i32", "f32", "f32", "i64", "f64", "u8", "i8", "bool_")
_SIGNED: Final = {8: "i8", 16: "i16", 32: "i32", 64: "i64"}


def bits(dtype: str) -> int:
    """How wide a dtype is."""
    if dtype in ("bool_", "f8e4m3", "f8e5m2"):
        return 8
    return 64 if dtype == "index" else int(dtype.lstrip("iufb"))


def is_float(dtype: str) -> bool:
    """Whether it is one of the floats."""
    return dtype != "bool_" and dtype[0] in "fb"


def arithmetic(dtype: str) -> str:
    """The dtype that arithmetic on one dtype happens in."""
    return {"bool_": "i32", "f8e4m3": "f32", "f8e5m2": "f32"}.get(dtype, dtype)


def promote(a: str, b: str) -> str | None:
    """Section 3 of the language, written once more: where two dtypes meet; None if nowhere."""
    if a == b:
        return a
    a, b = arithmetic(a), arithmetic(b)
    if a == b:
        return a
    if is_float(a) and is_float(b):
        return "f32" if bits(a) == bits(b) else max(a, b, key=bits)
    if is_float(a) or is_float(b):
        return a if is_float(a) else b
    if "index" in (a, b):
        other = b if a == "index" else a
        return "index" if other == "i32" else other
    if a[0] == b[0]:
        return max(a, b, key=bits)
    signed, unsigned = (a, b) if a[0] == "i" else (b, a)
    return signed if bits(signed) > bits(unsigned) else _SIGNED.get(2 * bits(unsigned))


def divided(dtype: str) -> str:
    """The dtype of `/` and of functions of real numbers."""
    dtype = arithmetic(dtype)
    if is_float(dtype):
        return dtype
    return "f64" if dtype in ("i64", "u64") else "f32"


def accumulated(dtype: str) -> str:
    """The dtype of sums, products and scans."""
    if is_float(dtype):
        return dtype if bits(dtype) >= 32 else "f32"
    if dtype in ("bool_", "index") or bits(dtype) >= 32:
        return arithmetic(dtype)
    return f"{dtype[0]}32"


def broadcast(*shapes: Shape) -> Shape | None:
    """The shape of several together; None if they do not fit."""
    rank = max(map(len, shapes))
    result = []
    for axis in range(-rank, 0):
        extents = {s[axis] for s in shapes if len(s) >= -axis} - {1}
        if len(extents) > 1:
            return None
        result.append(extents.pop() if extents else 1)
    return tuple(result)


def fits(shape: Shape, into: Shape) -> bool:
    """Whether a value of one shape broadcasts to another."""
    return broadcast(shape, into) == into
