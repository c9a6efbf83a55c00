"""What `v[2:10, None]` means for a tile."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import Final

from .. import ir
from ..errors import CompileError
from ..types import Dtype, Tile, bool_, i32, u8, u16, u32, u64
from .arguments import as_integer, check_rank
from .arithmetic import binary, compare, select
from .shape import change_shape
from .values import Operand, cast, describe

_BITS: Final[dict[int, Dtype]] = {8: u8, 16: u16, 32: u32, 64: u64}


def subscript(b: ir.Builder, value: ir.Value, items: Sequence[object]) -> ir.Value:
    """`v[items]` of a tile: None adds an axis, a scalar picks, a slice cuts, `...` is the rest.

    Slices have constant bounds, counted from the end where negative, clipped as Python's, and steps
    1 or -1. A constant pick counts from the end where it is negative; outside the tile it is a
    `CompileError`. A computed pick does not: outside the tile, negative included, it gives 0.
    """
    shape, rank = value.tile.shape, value.tile.rank
    used = sum(item is not None and not isinstance(item, EllipsisType) for item in items)
    if used > rank:
        raise CompileError(f"{used} indices in {describe(value)}, which has {rank} axes")
    if sum(isinstance(item, EllipsisType) for item in items) > 1:
        raise CompileError("an index with two `...`")
    starts, extents, result = [0] * rank, list(shape), list[int]()
    reversed_axes, axis = [], 0
    computed: dict[int, ir.Value] = {}
    for item in (*items, ...) if ... not in items else items:
        match item:
            case None:
                result.append(1)
            case EllipsisType():
                rest = rank - used
                result += shape[axis : axis + rest]
                axis += rest
            case slice():
                starts[axis], extents[axis], backward = _slice_bounds(item, shape[axis])
                result.append(extents[axis])
                if backward:
                    reversed_axes.append(axis)
                axis += 1
            case ir.Value():
                computed[axis] = _computed_pick(item)
                axis += 1
            case _:
                starts[axis], extents[axis] = _constant_pick(item, axis, value), 1
                axis += 1
    check_rank(len(result))
    if tuple(extents) != shape:
        value = b.add(ir.Slice(value, tuple(starts), tuple(extents)))
    for place in reversed_axes:
        value = b.add(ir.Flip(value, place))
    if computed:
        value = _read_at(b, value, computed)
    return change_shape(b, value, tuple(result))


def _slice_bounds(item: slice, extent: int) -> tuple[int, int, bool]:
    """Where a slice of an axis begins, how many elements it has, and whether it runs backward."""
    bounds = [
        None if bound is None else as_integer(bound, "a bound of a tile's slice")
        for bound in (item.start, item.stop, item.step)
    ]
    if bounds[2] not in (None, 1, -1):
        raise CompileError(f"a slice with the step {bounds[2]}, expected 1 or -1")
    places = range(extent)[slice(*bounds)]
    if not places:
        raise CompileError(f"a slice of no elements of an axis of extent {extent}")
    return min(places[0], places[-1]), len(places), bounds[2] == -1


def _constant_pick(item: object, axis: int, value: ir.Value) -> int:
    place, extent = as_integer(item, "an index into a tile"), value.tile.shape[axis]
    if not -extent <= place < extent:
        raise CompileError(
            f"index {place} of axis {axis} of {describe(value)}, expected {-extent} to {extent - 1}"
        )
    return place % extent


def _computed_pick(item: ir.Value) -> ir.Value:
    if isinstance(item.type, Tile) and item.type.is_scalar and item.type.dtype.is_integer:
        return item
    note = "`tw.gather` picks at the places of a tile" if isinstance(item.type, Tile) else None
    raise CompileError(f"a tile is indexed by {describe(item)}, expected an integer scalar", note)


def _read_at(b: ir.Builder, value: ir.Value, places: dict[int, ir.Value]) -> ir.Value:
    """The elements at computed places of some axes, which are dropped.

    All others are replaced by zero and the bits summed, so that even NaN and -0.0 stay as they are.
    """
    shape, dtype = value.tile.shape, value.tile.dtype
    wanted: Operand = True
    for axis, place in places.items():
        here = compare(b, "eq", b.add(ir.Iota(Tile(i32, shape), axis)), place)
        wanted = here if wanted is True else binary(b, "and", wanted, here)
    as_bits = dtype.is_float
    bits = b.add(ir.Bitcast(value, _BITS[dtype.bits])) if as_bits else value
    bits = cast(b, bits, i32) if dtype is bool_ else bits
    found = b.add(ir.Reduce("sum", select(b, wanted, bits, 0), tuple(sorted(places))))
    return b.add(ir.Bitcast(found, dtype)) if as_bits else cast(b, found, dtype)
