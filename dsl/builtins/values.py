"""Operands: what they are, and how they come to one dtype and one shape.

An operand is an `ir.Value` or a weak Python number (`bool`, `int`, `float`); a number beside a
value takes the dtype that `promotion.promote_weak` gives. Every function that makes ops takes the
builder first.
"""

from __future__ import annotations

from typing import Final

from .. import ir
from ..errors import CompileError
from ..promotion import promote, promote_weak
from ..structs import is_struct
from ..types import Dtype, IndexNumber, Tile, bool_, broadcast_shapes, f32, i32, i64, index
from .constants import Number, convert, default_dtype, describe_range, fits

Operand = ir.Value | Number

SYMBOLS: Final[dict[str, str]] = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "and": "&", "or": "|", "xor": "^", "shl": "<<", "shr": ">>", "neg": "-", "not": "~", "pos": "+",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip


def describe(x: object) -> str:
    """What an operand is, for a message: its name where it has one, and its type."""
    match x:
        case ir.Value():
            return f"`{x.name}` of type {x.type}" if x.name else str(x.type)
        case bool() | int() | float():
            return f"the constant {x!r}"
        case str():
            return f"the string {x!r}"
        case None:
            return "None"
        case tuple() if not hasattr(x, "_fields"):
            return f"a tuple of {len(x)}"
        case Dtype():
            return f"the dtype {x}"
        case _ if is_struct(x):
            return f"a `{type(x).__name__}`"
        case _:
            described: str | None = getattr(x, "described", None)  # our own things have it
            return described or f"an object of type {type(x).__name__}"


def as_number(x: object) -> Number | None:
    """The Python number that a constant is (NumPy scalars and enumerations included), or None."""
    kind = type(x)
    if kind is int or kind is float or kind is bool or kind is IndexNumber:
        return x  # type: ignore[return-value]
    if isinstance(x, ir.Value):
        return None
    match x:
        case float():
            return float(x)
        case int():
            return int(x)
    item = getattr(x, "item", None)
    if item is not None and getattr(x, "shape", None) == ():
        found = item()
        return found if isinstance(found, bool | int | float) else float(found)
    return None


def as_operand(x: object) -> Operand:
    """A computed value or a number; anything else (an array, a tuple, None) is a `CompileError`."""
    if isinstance(x, ir.Value):
        if type(x.type) is Tile:
            return x
        raise CompileError(
            f"an array cannot stand in arithmetic: found {describe(x)}",
            f"read a part of it: `{x.name or 'x'}[index]`",
        )
    number = as_number(x)
    if number is None:
        note = "take its items: `t[0]`" if isinstance(x, tuple) else None
        raise CompileError(f"expected a value or a number, found {describe(x)}", note)
    return number


def as_value(b: ir.Builder, x: object, dtype: Dtype | None = None) -> ir.Value:
    """`x` as a value; a number takes `dtype`, by default `i32` (`i64` if need be), `f32`, `bool_`.

    A number that does not fit `dtype` is a `CompileError`; a value is cast to it.
    """
    x = as_operand(x)
    if isinstance(x, ir.Value):
        return x if dtype is None else cast(b, x, dtype)
    return literal(b, x, default_dtype(x) if dtype is None else dtype)


def constant(b: ir.Builder, value: Number, dtype: Dtype, shape: tuple[int, ...] = ()) -> ir.Value:
    """A `Const` of what a cast to `dtype` makes of a number."""
    return b.add(ir.Const(convert(value, dtype), Tile(dtype, shape)))


def literal(
    b: ir.Builder, value: Number, dtype: Dtype, shape: tuple[int, ...] = (), beside: object = None
) -> ir.Value:
    """A `Const` of a literal that must fit `dtype`; `beside` is the operand it met."""
    if not fits(value, dtype):
        where = f" beside {describe(beside)}" if beside is not None else ""
        raise CompileError(
            f"the literal {value} does not fit {dtype}{where}, expected {describe_range(dtype)}",
            "cast the other side to a wider dtype: `.to(...)`" if beside is not None else None,
        )
    return constant(b, value, dtype, shape)


def cast(b: ir.Builder, x: object, dtype: Dtype) -> ir.Value:
    """`x` in another dtype, as `v.to(dtype)`: rounds, saturates or wraps; itself if it has it."""
    if not isinstance(x, ir.Value) or type(x.type) is not Tile:
        number = as_operand(x)  # refuses what is neither a tile nor a number
        assert not isinstance(number, ir.Value)
        return constant(b, number, dtype)
    found = x.type.dtype
    if found is dtype or found == dtype:
        return x
    if found.is_pointer or dtype.is_pointer:
        raise CompileError(f"cannot cast {describe(x)} to {dtype}")
    return b.add(ir.Cast(x, dtype))


def broadcast(b: ir.Builder, x: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    """`x` repeated to a shape, as NumPy broadcasts; itself if it has it already."""
    if x.tile.shape == shape:
        return x
    if isinstance(x, ir.Const):
        return b.add(ir.Const(x.value, Tile(x.tile.dtype, shape)))
    if x.tile.shape and broadcast_shapes(x.tile.shape, shape) != shape:
        raise CompileError(
            f"cannot broadcast {describe(x)} to shape {shape}",
            "extents are compared from the last axis and must be equal or 1; "
            "`v[:, None]` adds an axis",
        )
    return b.add(ir.Broadcast(x, shape))


def common_shape(*values: Operand) -> tuple[int, ...]:
    """The shape that operands broadcast to; a `CompileError` naming them if they do not."""
    found = [value for value in values if isinstance(value, ir.Value)]
    shapes = [value.tile.shape for value in found]
    if not shapes or shapes.count(shapes[0]) == len(shapes):
        return shapes[0] if shapes else ()
    shape = broadcast_shapes(*shapes)
    if shape is None:
        raise CompileError(
            f"shapes {' and '.join(map(str, shapes))} do not broadcast: "
            f"found {' and '.join(map(describe, found))}",
            "extents are compared from the last axis and must be equal or 1; "
            "`v[:, None]` adds an axis",
        )
    return shape


def common_dtype(*values: Operand) -> Dtype:
    """The dtype that operands promote to; numbers are weak, and decide only among themselves."""
    strong: Dtype | None = None
    whence: Operand = 0
    weak: type | None = None
    for value in values:
        if isinstance(value, ir.Value):
            dtype = value.tile.dtype
            if strong is None:
                strong, whence = dtype, value
            elif strong is not dtype:
                try:
                    strong = promote(strong, dtype)
                except CompileError as error:
                    error.message += f": found {describe(whence)} and {describe(value)}"
                    raise
        elif (
            type(value) is float
            or weak in (None, bool)
            or (weak is int and type(value) is IndexNumber)
        ):
            weak = type(value)
    if strong is None:
        return f32 if weak is float else _widest(values)
    return strong if weak is None else promote_weak(strong, weak)


def meet(x: Operand, y: Operand) -> Dtype:
    """The dtype that two operands promote to: `common_dtype` of two, the frequent case."""
    if isinstance(x, ir.Value):
        dtype = x.tile.dtype
        if not isinstance(y, ir.Value):
            return promote_weak(dtype, type(y))
        if y.tile.dtype is dtype:
            return dtype
    elif isinstance(y, ir.Value):
        return promote_weak(y.tile.dtype, type(x))
    return common_dtype(x, y)


def pair(b: ir.Builder, x: Operand, y: Operand, dtype: Dtype) -> tuple[ir.Value, ir.Value]:
    """Two operands, one of them a value, in a dtype and in their common shape.

    A number that does not fit is a `CompileError`.
    """
    if not isinstance(x, ir.Value):
        assert isinstance(y, ir.Value)
        return literal(b, x, dtype, y.tile.shape, y), cast(b, y, dtype)
    shape = x.tile.shape
    if not isinstance(y, ir.Value):
        return cast(b, x, dtype), literal(b, y, dtype, shape, x)
    other = y.tile.shape
    if shape != other:
        shape = common_shape(x, y) if shape and other else shape or other
    return broadcast(b, cast(b, x, dtype), shape), broadcast(b, cast(b, y, dtype), shape)


def unify(b: ir.Builder, *values: Operand, dtype: Dtype | None = None) -> tuple[ir.Value, ...]:
    """All operands in their common dtype (or the given one) and their common shape.

    A number that does not fit is a `CompileError`.
    """
    shape = common_shape(*values)
    target = common_dtype(*values) if dtype is None else dtype
    strong = next((value for value in values if isinstance(value, ir.Value)), None)
    return tuple(
        [
            broadcast(b, cast(b, value, target), shape)
            if isinstance(value, ir.Value)
            else literal(b, value, target, shape, strong)
            for value in values
        ]
    )


def _widest(numbers: tuple[Operand, ...]) -> Dtype:
    """The dtype of weak booleans and integers among themselves."""
    found = {default_dtype(one) for one in numbers if isinstance(one, int)} - {bool_}
    return next((dtype for dtype in (i64, index, i32) if dtype in found), bool_)
