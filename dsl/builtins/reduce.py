"""Reductions and scans.

Sums, products and scans keep at least 32 bits: narrower integers become `i32` or `u32`, `bool_`
becomes `i32`, and `f16`, `bf16` and `f8` are accumulated and returned in `f32`; the same holds for
`reduce` and `scan` with a function. Each is combined in a fixed tree. Scalars are tiles without
axes: their sum is themselves.
"""

from __future__ import annotations

from typing import Any

from .. import ir
from ..errors import CompileError
from ..promotion import accumulator_dtype, arithmetic_dtype
from ..types import Dtype, bool_, f32, i32, scalar
from .arguments import as_axes, as_axis, as_dtype, as_flag, make_constant
from .arithmetic import nonzero
from .shape import change_shape
from .table import Context, builtin
from .values import as_number, as_value, cast, constant, describe

# --- reductions ---------------------------------------------------------------------------------


@builtin("numpy.sum", method=True, mixes_lanes=True)
def sum_(
    context: Context,
    a: object,
    axis: object = None,
    dtype: object = None,
    *,
    keepdims: object = False,
) -> ir.Value:
    """The sum over all axes, one, or several; `dtype` is what it is computed in."""
    value = as_value(context.builder, a)
    chosen = _accumulator(value, dtype)
    return _reduce(context, "sum", cast(context.builder, value, chosen), axis, keepdims)


@builtin("numpy.prod", method=True, mixes_lanes=True)
def prod(
    context: Context,
    a: object,
    axis: object = None,
    dtype: object = None,
    *,
    keepdims: object = False,
) -> ir.Value:
    """The product over all axes, one, or several; `dtype` is what it is computed in."""
    value = as_value(context.builder, a)
    chosen = _accumulator(value, dtype)
    return _reduce(context, "prod", cast(context.builder, value, chosen), axis, keepdims)


@builtin("numpy.mean", method=True, mixes_lanes=True)
def mean(
    context: Context,
    a: object,
    axis: object = None,
    dtype: object = None,
    *,
    keepdims: object = False,
) -> ir.Value:
    """The arithmetic mean over all axes, one, or several.

    In `f32`, of `f64` in `f64`, or in the float `dtype`: the sum of the elements so cast, divided
    by their number.
    """
    b = context.builder
    value = as_value(b, a)
    found = value.tile.dtype
    chosen = accumulator_dtype(found) if found.is_float else f32
    if dtype is not None:
        chosen = _accumulator(value, dtype)
        if not chosen.is_float:
            raise CompileError(f"mean in {chosen}, expected a float dtype")
    total = _reduce(context, "sum", cast(b, value, chosen), axis, keepdims)
    count = value.tile.size // total.tile.size
    return b.add(ir.Binary("div", total, constant(b, count, chosen, total.tile.shape)))


@builtin("numpy.max", "numpy.amax", method=True, mixes_lanes=True)
def max_(
    context: Context,
    a: object,
    axis: object = None,
    *,
    keepdims: object = False,
    return_index: object = False,
) -> Any:
    """The largest element over all axes, one, or several; NaN wins.

    In the dtype of `a` (`f8`: `f32`). With `return_index=True` a pair: it and the `i32` position of
    the first such element along `axis`, in row-major order if that is None.
    """
    return _extreme(context, "max", a, axis, keepdims, return_index)


@builtin("numpy.min", "numpy.amin", method=True, mixes_lanes=True)
def min_(
    context: Context,
    a: object,
    axis: object = None,
    *,
    keepdims: object = False,
    return_index: object = False,
) -> Any:
    """The least element over all axes, one, or several; NaN wins.

    In the dtype of `a` (`f8`: `f32`). With `return_index=True` a pair: it and the `i32` position of
    the first such element along `axis`, in row-major order if that is None.
    """
    return _extreme(context, "min", a, axis, keepdims, return_index)


@builtin("numpy.argmax", method=True, mixes_lanes=True)
def argmax(
    context: Context, a: object, axis: object = None, *, keepdims: object = False
) -> ir.Value:
    """The `i32` position of the first largest element along an axis; the first NaN wins.

    Without an axis it is the position in row-major order.
    """
    return _extreme_with_position(context, "argmax", a, axis, keepdims)[1]


@builtin("numpy.argmin", method=True, mixes_lanes=True)
def argmin(
    context: Context, a: object, axis: object = None, *, keepdims: object = False
) -> ir.Value:
    """The `i32` position of the first least element along an axis; the first NaN wins.

    Without an axis it is the position in row-major order.
    """
    return _extreme_with_position(context, "argmin", a, axis, keepdims)[1]


@builtin("numpy.any", method=True, mixes_lanes=True)
def any_(context: Context, a: object, axis: object = None, *, keepdims: object = False) -> ir.Value:
    """Whether any element over all axes, one, or several is not zero, as `bool_`."""
    return _reduce(context, "or", nonzero(context.builder, a), axis, keepdims)


@builtin("numpy.all", method=True, mixes_lanes=True)
def all_(context: Context, a: object, axis: object = None, *, keepdims: object = False) -> ir.Value:
    """Whether every element over all axes, one, or several is not zero, as `bool_`."""
    return _reduce(context, "and", nonzero(context.builder, a), axis, keepdims)


@builtin(mixes_lanes=True)
def reduce(
    context: Context, a: object, fn: object, axis: object = None, *, keepdims: object = False
) -> Any:
    """The elements over all axes, one, or several, combined by an associative function.

    `fn(left, right)` is a `@tw.func` function or a builtin such as `tw.maximum`; it is given
    scalars, in element order. `a` may be a tuple of n tiles of one shape: `fn` then takes n left
    and n right scalars and gives a tuple of n, and so does `reduce`. Dtypes widen as in `sum`.
    """
    inputs = _inputs(context, a)
    shape = inputs[0].tile.shape
    axes = as_axes(axis, len(shape))
    if axes:
        b = context.builder
        body = _combination(context, inputs, fn)
        place, lined = _line_up(b, inputs, axes)
        inputs = list(b.add(ir.ReduceWith(tuple(lined), place, body)).results)
    results = tuple([_keep(context, value, shape, axes, keepdims) for value in inputs])
    return results if isinstance(a, tuple) else results[0]


# --- scans --------------------------------------------------------------------------------------


@builtin("numpy.cumsum", method=True, mixes_lanes=True)
def cumsum(context: Context, a: object, axis: object = None, dtype: object = None) -> ir.Value:
    """Running sums along an axis; without one, of the elements in row-major order."""
    return _scan(context, "sum", a, axis, dtype)


@builtin("numpy.cumprod", method=True, mixes_lanes=True)
def cumprod(context: Context, a: object, axis: object = None, dtype: object = None) -> ir.Value:
    """Running products along an axis; without one, of the elements in row-major order."""
    return _scan(context, "prod", a, axis, dtype)


@builtin(method=True, mixes_lanes=True)
def cummax(context: Context, a: object, axis: object = None) -> ir.Value:
    """Running maxima along an axis, from the first NaN on NaN; without one, in row-major order."""
    return _scan(context, "max", a, axis, None)


@builtin(method=True, mixes_lanes=True)
def cummin(context: Context, a: object, axis: object = None) -> ir.Value:
    """Running minima along an axis, from the first NaN on NaN; without one, in row-major order."""
    return _scan(context, "min", a, axis, None)


@builtin(mixes_lanes=True)
def scan(context: Context, a: object, fn: object, axis: object, reverse: object = False) -> Any:
    """Running combinations along an axis by an associative function, from the end if `reverse`.

    `fn` and tuples of tiles are as in `reduce`. Reversed, the elements come from the
    end, and `left` is what has been combined of them.
    """
    b = context.builder
    inputs = _inputs(context, a)
    place = as_axis(axis, inputs[0].tile.rank)
    body = _combination(context, inputs, fn)
    found = b.add(ir.ScanWith(tuple(inputs), place, body, as_flag(reverse, "reverse")))
    return found.results if isinstance(a, tuple) else found.results[0]


# --- what they are made of ----------------------------------------------------------------------


def _accumulator(value: ir.Value, dtype: object) -> Dtype:
    if dtype is None:
        return accumulator_dtype(value.tile.dtype)
    if isinstance(dtype, bool):
        raise CompileError(f"the dtype of a reduction is {dtype}", f"write `keepdims={dtype}`")
    return as_dtype(dtype)


def _reduce(
    context: Context, kind: str, value: ir.Value, axis: object, keepdims: object
) -> ir.Value:
    axes = as_axes(_not_a_tile(axis, kind), value.tile.rank)
    shape = value.tile.shape
    if axes:
        value = context.builder.add(ir.Reduce(kind, value, axes))
    return _keep(context, value, shape, axes, keepdims)


def _keep(
    context: Context,
    value: ir.Value,
    shape: tuple[int, ...],
    axes: tuple[int, ...],
    keepdims: object,
) -> ir.Value:
    """What a reduction gave, with extents of 1 where axes went if `keepdims`."""
    if not as_flag(keepdims, "keepdims"):
        return value
    kept = tuple([1 if k in axes else extent for k, extent in enumerate(shape)])
    return change_shape(context.builder, value, kept)


def _not_a_tile(axis: object, kind: str) -> object:
    """`tw.max(a, b)` is a likely slip: the message says what it should have been."""
    if isinstance(axis, ir.Value) or type(as_number(axis)) is float:
        note = make_constant(axis)
        if kind in ("max", "min"):
            note = f"did you mean `tw.{kind}imum`?"
        wanted = "a constant" if isinstance(axis, ir.Value) else "an integer"
        raise CompileError(f"axis must be {wanted}, found {describe(axis)}", note)
    return axis


def _extreme(
    context: Context, kind: str, a: object, axis: object, keepdims: object, return_index: object
) -> Any:
    if as_flag(return_index, "return_index"):
        return _extreme_with_position(context, f"arg{kind}", a, axis, keepdims)
    b = context.builder
    value = as_value(b, a)
    dtype = value.tile.dtype
    if dtype is bool_:
        return _reduce(context, "or" if kind == "max" else "and", value, axis, keepdims)
    wide = _reduce(context, kind, cast(b, value, _comparable(dtype)), axis, keepdims)
    return cast(b, wide, arithmetic_dtype(dtype))


def _extreme_with_position(
    context: Context, kind: str, a: object, axis: object, keepdims: object
) -> tuple[ir.Value, ir.Value]:
    b = context.builder
    value = as_value(b, a)
    shape, dtype = value.tile.shape, value.tile.dtype
    if isinstance(axis, tuple | list):
        raise CompileError(
            f"{kind} along several axes, expected one or None",
            "`tw.reshape` makes one axis of neighbours",
        )
    axes = as_axes(_not_a_tile(axis, kind), len(shape))
    wide = cast(b, value, i32 if dtype is bool_ else _comparable(dtype))
    if axis is None:
        wide = change_shape(b, wide, (value.tile.size,))
    extreme, position = b.add(ir.ArgReduce(kind, wide, 0 if axis is None else axes[0])).results
    narrow = cast(b, extreme, dtype if dtype is bool_ else arithmetic_dtype(dtype))
    return (
        _keep(context, narrow, shape, axes, keepdims),
        _keep(context, position, shape, axes, keepdims),
    )


def _comparable(dtype: Dtype) -> Dtype:
    """The dtype that elements are compared in: narrow floats exactly in `f32`."""
    return f32 if dtype.is_float and dtype.bits < 32 else dtype


def _scan(context: Context, kind: str, a: object, axis: object, dtype: object) -> ir.Value:
    b = context.builder
    value = as_value(b, a)
    value = cast(b, value, _accumulator(value, dtype))
    if axis is None:
        value, axis = change_shape(b, value, (value.tile.size,)), 0
    return b.add(ir.Scan(kind, value, as_axis(axis, value.tile.rank)))


def _inputs(context: Context, a: object) -> list[ir.Value]:
    """The tiles that a function combines, in the dtypes it combines them in."""
    b = context.builder
    values = [as_value(b, part) for part in (a if isinstance(a, tuple) else (a,))]
    for value in values:
        if value.tile.shape != values[0].tile.shape:
            raise CompileError(
                f"tiles of different shapes: {' and '.join(map(describe, values))}",
                "broadcast them first: `tw.broadcast_to(v, shape)`",
            )
    if not values:
        raise CompileError("expected at least one tile, found an empty tuple")
    return [cast(b, value, accumulator_dtype(value.tile.dtype)) for value in values]


def _combination(context: Context, inputs: list[ir.Value], fn: object) -> ir.Block:
    """The block that combines left and right scalars by `fn`."""
    b = context.builder
    types = [scalar(value.tile.dtype) for value in inputs]
    with b.inside(*types, *types) as body:
        found = context.inline(fn, body.parameters)
        results = found if isinstance(found, tuple) else (found,)
        if len(results) != len(types):
            raise CompileError(f"the function gives {len(results)} values, expected {len(types)}")
        b.add(
            ir.Yield(
                tuple([_element(b, x, kind.dtype) for x, kind in zip(results, types, strict=True)])
            )
        )
    for op in ir.walk(body):
        if op.effect not in (ir.Effect.PURE, ir.Effect.REGION, ir.Effect.LEAVE):
            raise CompileError(
                "a function that combines elements only computes: it neither accesses memory nor "
                "asserts nor prints",
                "read what it needs before, and combine that",
                op.loc,
            )
    return body


def _element(b: ir.Builder, x: object, dtype: Dtype) -> ir.Value:
    """What the function gave for an element; it must be of the dtype it was given."""
    value = as_value(b, x, dtype if as_number(x) is not None else None)
    if value.tile != scalar(dtype):
        raise CompileError(
            f"the function gives {describe(value)} where it was given {dtype}",
            "the result of a combination is combined again: it must have the same type",
        )
    return value


def _line_up(
    b: ir.Builder, inputs: list[ir.Value], axes: tuple[int, ...]
) -> tuple[int, list[ir.Value]]:
    """The tiles with all reduced axes as one, in row-major order, and where that stands."""
    if len(axes) == 1:
        return axes[0], inputs
    rank = inputs[0].tile.rank
    kept = tuple([k for k in range(rank) if k not in axes])
    order = kept + axes
    lined = []
    for value in inputs:
        if order != tuple(range(rank)):
            value = b.add(ir.Permute(value, order))
        rest = value.tile.shape[: len(kept)]
        lined.append(change_shape(b, value, (*rest, value.tile.size // _size(rest))))
    return len(kept), lined


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size
