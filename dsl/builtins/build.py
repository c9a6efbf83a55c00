"""Tiles made from nothing: `arange`, `iota`, `zeros`, `ones`, `full` and their kin."""

from __future__ import annotations

from .. import ir
from ..errors import CompileError
from ..types import IndexNumber, Tile, f32, i32
from .arguments import as_axis, as_dtype, as_integer, as_shape, make_constant
from .constants import default_dtype, fits
from .table import Context, builtin
from .values import as_number, as_operand, broadcast, cast, constant, describe, literal


@builtin("numpy.arange")
def arange(
    context: Context, start: object, stop: object = None, step: object = 1, dtype: object = None
) -> ir.Value:
    """The numbers from `start` (0 if only one is given) up to, not including, `stop`.

    A tile of shape (n,), `i32` unless a dtype is given. The bounds are constants; for a tile that
    begins at a computed place, add: `start + tw.arange(n)`. A `CompileError` if it would be empty.
    """
    if stop is None:
        start, stop = 0, start
    if isinstance(start, ir.Value) or isinstance(stop, ir.Value):
        raise CompileError(
            f"arange from {describe(start)} to {describe(stop)}, expected constants",
            f"{make_constant(stop) or 'a tile has a constant shape'}; for a tile that begins at a "
            "computed place write `start + tw.arange(N)`",
        )
    first, end = as_integer(start, "start"), as_integer(stop, "stop")
    stride = as_integer(step, "step")
    if stride == 0:
        raise CompileError("arange with the step 0, expected another integer")
    extent = len(range(first, end, stride))
    if extent == 0:
        raise CompileError(
            f"arange({first}, {end}) is empty, expected at least one element",
            "a tile cannot be empty",
        )
    kind = i32 if dtype is None else as_dtype(dtype)
    whole = kind if kind.is_integer else i32
    for bound in (first, first + (extent - 1) * stride):
        if not fits(bound, whole):
            literal(context.builder, bound, whole)
    return _count(context.builder, Tile(whole, (extent,)), first, stride, kind)


@builtin()
def iota(context: Context, shape: object, axis: object) -> ir.Value:
    """The position of each element along `axis`, an `i32` tile of `shape`."""
    extents = as_shape(shape)
    return context.builder.add(ir.Iota(Tile(i32, extents), as_axis(axis, len(extents))))


@builtin("numpy.zeros")
def zeros(context: Context, shape: object, dtype: object = f32) -> ir.Value:
    """A tile of zeros; `f32` by default."""
    return constant(context.builder, 0, as_dtype(dtype), as_shape(shape))


@builtin("numpy.ones")
def ones(context: Context, shape: object, dtype: object = f32) -> ir.Value:
    """A tile of ones; `f32` by default."""
    return constant(context.builder, 1, as_dtype(dtype), as_shape(shape))


@builtin("numpy.full")
def full(context: Context, shape: object, fill_value: object, dtype: object = None) -> ir.Value:
    """A tile with `fill_value` everywhere, by default of its own dtype.

    The value is a literal (then `i32`, `f32` or `bool_`) or anything that broadcasts to `shape`. An
    integer literal that does not fit an integer `dtype` is a `CompileError`; all else is cast.
    """
    extents = as_shape(shape)
    number = as_number(fill_value)
    if number is None:
        value = as_operand(fill_value)
        assert isinstance(value, ir.Value)
        kind = value.tile.dtype if dtype is None else as_dtype(dtype)
        return broadcast(context.builder, cast(context.builder, value, kind), extents)
    kind = default_dtype(number) if dtype is None else as_dtype(dtype)
    if type(number) in (int, IndexNumber) and kind.is_integer:
        return literal(context.builder, number, kind, extents)
    return constant(context.builder, number, kind, extents)


@builtin("numpy.zeros_like")
def zeros_like(context: Context, a: object, dtype: object = None) -> ir.Value:
    """A tile of zeros with the shape of `a`, and its dtype unless one is given."""
    return _like(context, a, 0, dtype)


@builtin("numpy.ones_like")
def ones_like(context: Context, a: object, dtype: object = None) -> ir.Value:
    """A tile of ones with the shape of `a`, and its dtype unless one is given."""
    return _like(context, a, 1, dtype)


@builtin("numpy.full_like")
def full_like(context: Context, a: object, fill_value: object, dtype: object = None) -> ir.Value:
    """A tile of `fill_value` with the shape of `a`, and its dtype unless one is given."""
    return _like(context, a, fill_value, dtype)


def _count(b: ir.Builder, tile: Tile, first: int, stride: int, dtype: object) -> ir.Value:
    if stride == 1:
        counted: ir.Value = b.add(ir.Iota(tile, 0, first))
    else:
        scaled = b.add(
            ir.Binary("mul", b.add(ir.Iota(tile, 0)), constant(b, stride, tile.dtype, tile.shape))
        )
        counted = b.add(ir.Binary("add", scaled, constant(b, first, tile.dtype, tile.shape)))
    return cast(b, counted, as_dtype(dtype))


def _like(context: Context, a: object, fill_value: object, dtype: object) -> ir.Value:
    operand = as_operand(a)
    if isinstance(operand, ir.Value):
        tile = operand.tile
    else:
        tile = Tile(default_dtype(operand))
    chosen = tile.dtype if dtype is None else as_dtype(dtype)
    filled: ir.Value = full.lower(context, tile.shape, fill_value, chosen)
    return filled
