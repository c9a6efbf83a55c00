"""Reading and writing memory: `load`, `store`, and the block marker `tw.block`.

`load_at` and `store_at` work on positions that are parsed already, for `x[i, j]` as well; what an
index means is the frontend's.
"""

from __future__ import annotations

from typing import Final

from .. import ir
from ..errors import CompileError
from ..types import Array, Dtype, IndexNumber, bool_, broadcast_shapes
from .arguments import as_integer
from .table import Context, builtin
from .values import (
    as_number,
    as_operand,
    as_value,
    broadcast,
    cast,
    common_shape,
    constant,
    describe,
    literal,
)


class BlockSlice:
    """`start : start + extent` of an axis, as `tw.block(start, extent)` gives it."""

    __slots__ = ("extent", "start")
    __match_args__ = ("start", "extent")
    described: Final = "a slice made by `tw.block`"

    def __init__(self, start: object, extent: int) -> None:
        self.start = start
        self.extent = extent


@builtin()
def block(context: Context, start: object, extent: object) -> BlockSlice:
    """The slice `start : start + extent` with a constant extent; stands wherever an index may."""
    count = as_integer(extent, "the extent of a block")
    if count < 1:
        raise CompileError(f"a block of the extent {count}, expected at least 1")
    first = as_operand(start)
    if type(first) is float or (
        isinstance(first, ir.Value) and not (first.tile.is_scalar and first.tile.dtype.is_integer)
    ):
        raise CompileError(f"a block starts at an integer scalar, found {describe(start)}")
    return BlockSlice(first, count)


@builtin()
def load(
    context: Context, x: object, index: object = None, mask: object = None, fill: object = None
) -> ir.Value:
    """The elements of array `x` at `index`, or what the pointers `x` point at.

    The index is a scalar, a tile, a `tw.block`, or a tuple of these. Where `mask` is off, and for
    an array where the index lies outside, the element is `fill` (0 by default). Mask and fill
    broadcast to the shape of the access; fill is cast to the dtype of the elements.
    """
    source = array_or_pointer(x, "load")
    if isinstance(source.type, Array):
        array, position, block_axes = context.positions(source, _index(source, index), False)
        return load_at(context, array, position, mask, fill, block_axes)
    if index is not None:
        raise CompileError(
            f"load of {describe(source)} at an index, expected only a pointer",
            "move the pointer: `tw.load(p + i, mask=m)`",
        )
    b = context.builder
    switch = as_switch(b, mask)
    shape = source.tile.shape if switch is None else common_shape(source, switch)
    pointer, element = broadcast(b, source, shape), element_of(source)
    covering = None if switch is None else broadcast(b, switch, shape)
    return b.add(ir.LoadPointer(pointer, covering, _filling(b, fill, element, shape)))


@builtin()
def store(
    context: Context, x: object, index: object, value: object = None, mask: object = None
) -> None:
    """Write `value` into array `x` at `index` where `mask` holds.

    `store(p, value)` writes through pointers. The index is as in `load`; what lies outside is not
    written. The value broadcasts to the shape of the access and is cast to the dtype of the
    elements. If several elements hit one place, the last in row-major order stays (on a GPU: any).
    """
    target = array_or_pointer(x, "store")
    if isinstance(target.type, Array):
        if value is None:
            raise CompileError("store: argument `value` is missing", f"it is `{store.signature}`")
        array, position, block_axes = context.positions(target, index, True)
        return store_at(context, array, position, value, mask, block_axes)
    if value is not None:
        raise CompileError(
            f"store to {describe(target)} at an index, expected only a pointer and a value",
            "move the pointer: `tw.store(p + i, v, mask=m)`",
        )
    b = context.builder
    written, switch = cast(b, index, element_of(target)), as_switch(b, mask)
    shape = common_shape(target, *([] if switch is None else [switch]))
    if broadcast_shapes(written.tile.shape, shape) != shape:
        shape = common_shape(target, written)
    pointer, written = broadcast(b, target, shape), broadcast(b, written, shape)
    covering = None if switch is None else broadcast(b, switch, shape)
    b.add(ir.StorePointer(pointer, written, covering))
    return None


def load_at(
    context: Context,
    array: ir.Value,
    position: tuple[ir.Value, ...],
    mask: object = None,
    fill: object = None,
    block_axes: tuple[int, ...] = (),
) -> ir.Value:
    """The elements of an array at one position per axis; `block_axes` came from slices."""
    b = context.builder
    shape = _access_shape(position)
    switch = _covering(b, mask, shape)
    filling = _filling(b, fill, array.array.dtype, shape)
    return b.add(ir.Load(array, position, switch, filling, block_axes))


def store_at(
    context: Context,
    array: ir.Value,
    position: tuple[ir.Value, ...],
    value: object,
    mask: object = None,
    block_axes: tuple[int, ...] = (),
) -> None:
    """Write to an array at one position per axis; `block_axes` came from slices."""
    b = context.builder
    shape = _access_shape(position)
    written = cast(b, value, array.array.dtype)
    if broadcast_shapes(written.tile.shape, shape) != shape:
        raise CompileError(
            f"cannot store {describe(as_operand(value))} where the index has shape {shape}",
            "the value must broadcast to the shape of the index",
        )
    switch = _covering(b, mask, shape)
    b.add(ir.Store(array, position, broadcast(b, written, shape), switch, block_axes))


def array_or_pointer(x: object, what: str) -> ir.Value:
    """An array or a tile of pointers."""
    if isinstance(x, ir.Value) and (isinstance(x.type, Array) or x.tile.dtype.is_pointer):
        return x
    raise CompileError(f"{what} takes an array or pointers, found {describe(x)}")


def _index(array: ir.Value, index: object) -> object:
    """The index as it is parsed; only an array without axes needs none."""
    if index is not None:
        return index
    if array.array.rank:
        name = array.name or "x"
        raise CompileError(
            f"load of {describe(array)} needs an index",
            f"write `tw.load({name}, index)`, or `{name}[start : start + N]` for a part of it",
        )
    return ()


def element_of(pointer: ir.Value) -> Dtype:
    """The dtype that pointers point at."""
    element = pointer.tile.dtype.element
    assert element is not None
    return element


def _access_shape(position: tuple[ir.Value, ...]) -> tuple[int, ...]:
    return common_shape(*position)


def as_switch(b: ir.Builder, mask: object) -> ir.Value | None:
    """A mask as a boolean value; None where everything is on."""
    if mask is None or mask is True:
        return None
    switch = as_value(b, mask)
    if switch.tile.dtype is not bool_:
        raise CompileError(f"the mask must be bool_, found {describe(mask)}", "compare: `i < n`")
    return switch


def _covering(b: ir.Builder, mask: object, shape: tuple[int, ...]) -> ir.Value | None:
    """A mask of the shape of the access."""
    switch = as_switch(b, mask)
    if switch is None:
        return None
    if broadcast_shapes(switch.tile.shape, shape) != shape:
        raise CompileError(
            f"the mask is {describe(mask)}, but the index has shape {shape}",
            "the mask must broadcast to the shape of the index",
        )
    return broadcast(b, switch, shape)


def _filling(b: ir.Builder, fill: object, dtype: Dtype, shape: tuple[int, ...]) -> ir.Value | None:
    """A fill of the dtype and shape of the access; None for the default, 0."""
    if fill is None:
        return None
    number = as_number(fill)
    if number is not None:
        if type(number) in (int, IndexNumber) and dtype.is_integer:
            return literal(b, number, dtype, shape)
        return constant(b, number, dtype, shape)
    value = cast(b, fill, dtype)
    if broadcast_shapes(value.tile.shape, shape) != shape:
        raise CompileError(f"the fill is {describe(fill)}, but the index has shape {shape}")
    return broadcast(b, value, shape)
