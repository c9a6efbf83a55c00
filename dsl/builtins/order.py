"""Sorts, what is taken at places, and histograms.

Elements keep their dtype, the `f8` ones too: they are moved, not computed with. NaN comes last in
either direction; equal elements, and zeros of either sign are equal, keep their order.
"""

from __future__ import annotations

from .. import ir
from ..errors import CompileError
from ..types import bool_, broadcast_shapes, u8
from .arguments import as_axis, as_flag, as_integer
from .shape import change_shape
from .table import Context, builtin
from .values import as_value, broadcast, cast, describe


@builtin("numpy.sort", method=True, mixes_lanes=True)
def sort(context: Context, a: object, axis: object = -1, descending: object = False) -> ir.Value:
    """The elements in order along an axis, without one (`None`) of the flat tile; NaN last.

    A new tile: `v.sort()` leaves `v` as it is.
    """
    return _sort(context, "values", a, axis, descending)


@builtin("numpy.argsort", method=True, mixes_lanes=True)
def argsort(context: Context, a: object, axis: object = -1, descending: object = False) -> ir.Value:
    """The `i32` positions that put the elements in order along an axis, equal ones as they stood.

    Without an axis (`None`) they are positions in row-major order.
    """
    return _sort(context, "positions", a, axis, descending)


@builtin(method=True, mixes_lanes=True)
def topk(context: Context, v: object, k: object) -> tuple[ir.Value, ir.Value]:
    """The k largest elements along the last axis, the largest first, and their `i32` positions.

    Of equal ones the first wins. NaN counts as less than all: it comes last, as in `sort`.
    """
    b = context.builder
    value = _sortable(context, v, "topk")
    axis = as_axis(-1, value.tile.rank)
    count, extent = as_integer(k, "k"), value.tile.shape[axis]
    if not 1 <= count <= extent:
        raise CompileError(
            f"the {count} largest of {extent} elements of {describe(value)}, "
            f"expected a `k` of 1 to {extent}"
        )
    positions = b.add(ir.Sort("positions", value, axis, count, True))
    return b.add(ir.Gather(value, positions, axis)), positions


@builtin(mixes_lanes=True)
def histogram(context: Context, v: object, bins: object) -> ir.Value:
    """How many elements are 0, 1, ... `bins - 1`, as `i32`; all other integers are ignored."""
    b = context.builder
    value = as_value(b, v)
    count = as_integer(bins, "the number of bins")
    if count < 1:
        raise CompileError(f"a histogram of {count} bins, expected at least 1")
    if value.tile.dtype is bool_:
        value = cast(b, value, u8)
    if not value.tile.dtype.is_integer:
        raise CompileError(
            f"histogram of {describe(value)}, expected integers",
            "map the values to bins first: `tw.floor((v - low) * scale).to(tw.i32)`",
        )
    return b.add(ir.Histogram(value, count))


@builtin("numpy.take_along_axis", mixes_lanes=True)
def gather(context: Context, v: object, index: object, axis: object = -1) -> ir.Value:
    """Along an axis the elements at the places `index`, 0 where one lies outside, below 0 too.

    `index` is an integer tile of the rank of `v`; the other axes broadcast against each other.
    Without an axis (`None`) `index` has one axis, of places in the flat tile.
    """
    b = context.builder
    value, places = as_value(b, v), as_value(b, index)
    if axis is None:
        value, axis = change_shape(b, value, (value.tile.size,)), 0
    place = as_axis(axis, value.tile.rank)
    if not places.tile.dtype.is_integer:
        raise CompileError(f"index is {describe(places)}, expected integers")
    rest = _without(value, place)
    common = broadcast_shapes(rest, _without(places, place))
    if places.tile.rank != value.tile.rank or common is None:
        raise CompileError(
            f"cannot gather from {describe(value)} at {describe(places)} along axis {place}",
            f"the index must have {value.tile.rank} axes, and agree in all but axis {place}",
        )
    extent = places.tile.shape[place]
    places = broadcast(b, places, (*common[:place], extent, *common[place + 1 :]))
    return b.add(ir.Gather(value, places, place))


# --- what they are made of ----------------------------------------------------------------------


def _sort(context: Context, kind: str, a: object, axis: object, descending: object) -> ir.Value:
    b = context.builder
    value = _sortable(context, a, "sort" if kind == "values" else "argsort")
    if axis is None:
        value, axis = change_shape(b, value, (value.tile.size,)), 0
    place = as_axis(axis, value.tile.rank)
    downward = as_flag(descending, "descending")
    return b.add(ir.Sort(kind, value, place, value.tile.shape[place], downward))


def _sortable(context: Context, a: object, what: str) -> ir.Value:
    value = as_value(context.builder, a)
    if value.tile.dtype.is_pointer:
        raise CompileError(f"{what} of pointers: found {describe(value)}")
    return value


def _without(value: ir.Value, axis: int) -> tuple[int, ...]:
    """The shape with an extent of 1 where the axis is."""
    shape = value.tile.shape
    return (*shape[:axis], 1, *shape[axis + 1 :])
