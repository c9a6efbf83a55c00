"""The same elements in other places: reshaping, joining, cutting, reversing; casts.

Tiles only; the result's shape is constant and of rank 5 at most. `subscript` is what `v[...]`
means.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod

from .. import ir
from ..errors import CompileError
from .arguments import as_axes, as_axis, as_dtype, as_integer, as_items, as_shape, check_rank
from .arithmetic import broadcast, cast
from .table import METHODS, Context, builtin
from .values import as_operand, as_value, common_dtype, describe


@builtin(public=False, method=True)
def to(context: Context, x: object, dtype: object) -> ir.Value:
    """The value in another dtype.

    Float to float rounds to nearest even; overflow gives infinity, in `f8e4m3` the largest finite
    value. Float to integer truncates and saturates, NaN gives 0. Integer to integer wraps. To
    `bool_`: `!= 0`.
    """
    return cast(context.builder, x, as_dtype(dtype))


@builtin("numpy.reshape", method=True, mixes_lanes=True)
def reshape(context: Context, a: object, shape: object, *more: object) -> ir.Value:
    """The same elements in row-major order in another shape, given as a tuple or one by one.

    One extent may be -1: what is left for it. A `CompileError` unless the sizes agree.
    """
    value = as_value(context.builder, a)
    items = (shape, *more) if more or not isinstance(shape, tuple | list) else tuple(shape)
    extents = [as_integer(item, "an extent of the shape") for item in items]
    if extents.count(-1) == 1:
        known = prod(extent for extent in extents if extent != -1)
        if known > 0 and value.tile.size % known == 0:
            extents[extents.index(-1)] = value.tile.size // known
    target = tuple(extents)
    if -1 in target or prod(target) != value.tile.size:
        raise CompileError(
            f"cannot reshape {describe(value)} to {target}: it has {value.tile.size} elements",
            "one extent may be -1: what is left for it" if target.count(-1) > 1 else None,
        )
    return change_shape(context.builder, value, as_shape(target))


@builtin("numpy.transpose", method=True, mixes_lanes=True)
def permute(context: Context, a: object, axes: object = None, *more: object) -> ir.Value:
    """Axis `k` of the result is axis `axes[k]` of `a`; all axes in reverse order by default."""
    value = as_value(context.builder, a)
    rank = value.tile.rank
    if axes is None:
        order = tuple(reversed(range(rank)))
    else:
        items = (axes, *more) if more or not isinstance(axes, tuple | list) else tuple(axes)
        order = tuple([as_axis(item, rank) for item in items])
    if sorted(order) != list(range(rank)):
        raise CompileError(
            f"axes {order} are no order of the {rank} axes of {describe(value)}",
            f"name each of them once, as in `{tuple(reversed(range(rank)))}`",
        )
    if order == tuple(range(rank)):
        return value
    return context.builder.add(ir.Permute(value, order))


METHODS["transpose"] = permute  # NumPy's name of the method


@builtin("numpy.broadcast_to", method=True)
def broadcast_to(context: Context, array: object, shape: object) -> ir.Value:
    """`array` repeated to `shape`, as NumPy broadcasts."""
    return broadcast(context.builder, as_value(context.builder, array), as_shape(shape))


@builtin("numpy.expand_dims", method=True)
def expand_dims(context: Context, a: object, axis: object) -> ir.Value:
    """`a` with an axis of extent 1 put at `axis` (or at each of several) of the result."""
    value = as_value(context.builder, a)
    items = as_items(axis, "axis") if isinstance(axis, tuple | list) else (axis,)
    rank = value.tile.rank + len(items)
    check_rank(rank)
    places = as_axes(tuple(items), rank)
    rest = iter(value.tile.shape)
    shape = tuple([1 if k in places else next(rest) for k in range(rank)])
    return change_shape(context.builder, value, shape)


@builtin("numpy.concatenate", mixes_lanes=True)
def cat(context: Context, arrays: object, axis: object = 0) -> ir.Value:
    """Tiles one after another along an axis (`None`: flattened first), in the dtype they meet in.

    They must agree in all other extents; scalars are refused (see `stack`).
    """
    b = context.builder
    parts = _parts(b, arrays, "cat")
    if axis is None:
        parts = [change_shape(b, part, (part.tile.size,)) for part in parts]
    for part in parts:
        if part.tile.rank != parts[0].tile.rank or part.tile.is_scalar:
            raise CompileError(
                f"cannot join {' and '.join(map(describe, parts))}", "see `tw.stack`"
            )
    place = 0 if axis is None else as_axis(axis, parts[0].tile.rank)
    return _join(b, parts, place)


@builtin("numpy.stack", mixes_lanes=True)
def stack(context: Context, arrays: object, axis: object = 0) -> ir.Value:
    """Tiles or scalars of one shape as the slices of a new axis, in the dtype they meet in."""
    b = context.builder
    parts = _parts(b, arrays, "stack")
    shape = parts[0].tile.shape
    for part in parts:
        if part.tile.shape != shape:
            raise CompileError(f"cannot stack {describe(parts[0])} and {describe(part)}")
    place = as_axis(axis, len(shape) + 1)
    check_rank(len(shape) + 1)
    target = (*shape[:place], 1, *shape[place:])
    return _join(b, [change_shape(b, part, target) for part in parts], place)


@builtin("numpy.split", mixes_lanes=True)
def split(
    context: Context, ary: object, indices_or_sections: object, axis: object = 0
) -> tuple[ir.Value, ...]:
    """A tuple of tiles cut from one along an axis: into equal parts, or at a tuple of places."""
    value = as_value(context.builder, ary)
    place = as_axis(axis, value.tile.rank)
    extent = value.tile.shape[place]
    if isinstance(indices_or_sections, tuple | list):
        cuts = [0, *[as_integer(k, "a place to cut") for k in indices_or_sections], extent]
    else:
        count = as_integer(indices_or_sections, "the number of parts")
        if count < 1 or extent % count:
            raise CompileError(
                f"cannot split an extent of {extent} into {count} equal parts",
                "give a tuple of the places where to cut for parts that are not equal",
            )
        cuts = list(range(0, extent + 1, extent // count))
    pieces = []
    for start, stop in pairwise(cuts):
        if not 0 <= start < stop <= extent:
            raise CompileError(
                f"cannot split an extent of {extent} at {tuple(cuts[1:-1])}",
                f"places to cut are between 0 and {extent}, in ascending order, each once",
            )
        pieces.append(_cut(context.builder, value, place, start, stop))
    return tuple(pieces)


@builtin("numpy.flip", method=True, mixes_lanes=True)
def flip(context: Context, m: object, axis: object = None) -> ir.Value:
    """The elements in reverse order along an axis, several, or all."""
    value = as_value(context.builder, m)
    for place in as_axes(axis, value.tile.rank):
        value = context.builder.add(ir.Flip(value, place))
    return value


def transpose(b: ir.Builder, value: ir.Value) -> ir.Value:
    """`v.T`: all axes in reverse order."""
    if value.tile.rank < 2:
        return value
    return b.add(ir.Permute(value, tuple(reversed(range(value.tile.rank)))))


def change_shape(b: ir.Builder, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    """The value reshaped; itself if it has the shape already."""
    return value if value.tile.shape == shape else b.add(ir.Reshape(value, shape))


def _cut(b: ir.Builder, value: ir.Value, axis: int, start: int, stop: int) -> ir.Value:
    shape = value.tile.shape
    if stop - start == shape[axis]:
        return value
    starts = tuple([start if k == axis else 0 for k in range(len(shape))])
    extents = tuple([stop - start if k == axis else extent for k, extent in enumerate(shape)])
    return b.add(ir.Slice(value, starts, extents))


def _parts(b: ir.Builder, arrays: object, what: str) -> list[ir.Value]:
    """What is joined, in the dtype that all of it meets in; literals are weak."""
    operands = [as_operand(part) for part in as_items(arrays, f"what is given to {what}")]
    if not operands:
        raise CompileError(f"{what} of no tiles")
    dtype = common_dtype(*operands)
    return [as_value(b, operand, dtype) for operand in operands]


def _join(b: ir.Builder, parts: list[ir.Value], axis: int) -> ir.Value:
    return parts[0] if len(parts) == 1 else b.add(ir.Concat(tuple(parts), axis))
