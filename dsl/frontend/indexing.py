"""What `x[i, j]` means: positions in arrays, slices, sub-arrays, parts of tiles."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Final

from .. import ir
from ..builtins import BlockSlice, load_at, store_at, subscript
from ..builtins.arithmetic import as_number, as_value, broadcast, cast, describe
from ..errors import CompileError
from ..structs import is_struct
from ..types import Array, Tile, broadcast_shapes, index
from .attributes import extent_or_stride
from .lanes import refuse_reshaping
from .merge import Shape, Thing, Weak
from .polynomials import Polynomials
from .scope import Lowering, describe_thing

Position = tuple[ir.Value, tuple[ir.Value, ...], tuple[int, ...]]


class Indexing:
    """Reads and writes at subscripts, and parses the indices that builtins are given."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.polynomials = Polynomials()

    def read(self, node: ast.Subscript) -> Thing:
        """The worth of `base[index]`."""
        fixed = self._extent_of_axis(node)
        if fixed is not None:
            return fixed
        base = self.lowering.evaluate(node.value)
        match base:
            case ir.Value(type=Array()):
                return self._read_array(base, self.items(node.slice, base))
            case ir.Value(type=Tile()):
                return self._read_tile(base, self.items(node.slice, base))
            case tuple() | str():
                return self._pick(base, self.items(node.slice, base))
        raise CompileError(f"{describe_thing(base)} cannot be indexed")

    def store(self, node: ast.Subscript, value: Thing) -> None:
        """Perform `base[index] = value`."""
        base = self._target(node)
        array, position, axes = self.positions(base, self.items(node.slice, base), True)
        store_at(self.lowering, array, position, _storable(value), None, axes)

    def update(self, node: ast.Subscript, change: Callable[[Thing], Thing]) -> None:
        """Perform `base[index] op= value`; the index is evaluated once."""
        base = self._target(node)
        with self.lowering.under(node):
            array, position, axes = self.positions(base, self.items(node.slice, base), True)
            old = load_at(self.lowering, array, position, None, None, axes)
        new = change(old)
        with self.lowering.under(node):
            store_at(self.lowering, array, position, _storable(new), None, axes)

    def items(self, node: ast.expr, base: Thing) -> tuple[Thing, ...]:
        """The items of a subscript; a tuple counts as several, also where it has a name."""
        nodes = node.elts if isinstance(node, ast.Tuple) else [node]
        items: list[Thing] = []
        is_array = isinstance(base, ir.Value) and isinstance(base.type, Array)
        for item in nodes:
            match item:
                case ast.Slice():
                    items.append(self._slice(item, base))
                case ast.Starred(value):
                    spread = self.lowering.evaluate(value)
                    if not isinstance(spread, tuple):
                        raise CompileError(f"`*` before {describe_thing(spread)}, expected a tuple")
                    items += spread
                case _:
                    thing = self.lowering.evaluate(item)
                    if is_array and not isinstance(thing, tuple) and thing not in (None, ...):
                        self._check_item(item, thing)
                    items.append(thing)
        if len(nodes) == 1 and isinstance(items[0], tuple):
            return items[0]
        return tuple(items)

    def positions(self, array: ir.Value, index: object, writing: bool) -> Position:
        """An index as the user wrote it, parsed: (array, a position per axis, `block_axes`).

        Scalars and tiles broadcast among themselves and stand where the first tile stands; a slice
        is an axis of its own, in place; None is an axis of extent 1.
        """
        items = _expand(array, index if isinstance(index, tuple) else (index,))
        count = sum(item is not None for item in items)
        rank = array.array.rank
        if count != rank:
            raise CompileError(
                f"{describe_thing(array)} has {_axes(rank)}, the index has {count}",
                "leave out an index; a value gets axes with `v[:, None]`"
                if count > rank
                else "give an index for every axis",
            )
        shapes = [item.shape for item in items if isinstance(item, ir.Value)]
        group = broadcast_shapes(*shapes)
        if group is None:
            raise CompileError(
                f"index tiles of shapes {' and '.join(str(s) for s in shapes if s)} do not "
                "broadcast",
                "give them axes to meet on, as in `x[rows[:, None], cols]`",
            )
        result = _arrangement(items, group)
        if len(result) > _MAX_RANK:
            raise CompileError(f"the index has {len(result)} axes, expected at most {_MAX_RANK}")
        positions: list[ir.Value] = []
        blocks: list[int] = []
        place, is_placed = 0, False
        for item in items:
            match item:
                case None:
                    place += 1
                case BlockSlice():
                    blocks.append(len(positions))
                    positions.append(self._block(item, place, len(result)))
                    place += 1
                case ir.Value() if item.shape:
                    if not is_placed:
                        first, is_placed = place, True
                        place += len(group)
                    positions.append(self._grouped(item, group, first, len(result)))
                case _:
                    positions.append(as_value(self.builder, item))
        widened = broadcast_shapes(*(position.shape for position in positions))
        if positions and widened != result:  # a new axis at the front, or scalars beside one
            positions[0] = broadcast(self.builder, positions[0], result)
        return array, tuple(positions), tuple(blocks)

    def _check_item(self, node: ast.expr, thing: Thing) -> None:
        try:
            _index_item(thing)
        except CompileError as error:
            error.location = self.lowering.frame.place(node)
            raise

    def _extent_of_axis(self, node: ast.Subscript) -> Thing:
        """`x.shape[k]` or `x.strides[k]` of an array, that axis alone; None for anything else."""
        match node:
            case ast.Subscript(
                ast.Attribute(base, "shape" | "strides" as name), ast.Constant(int() as axis)
            ):
                array = self.lowering.evaluate(base)
                if isinstance(array, ir.Value) and isinstance(array.type, Array):
                    if axis >= array.array.rank:
                        raise CompileError(
                            f"axis {axis} of {describe_thing(array)}, which has "
                            f"{_axes(array.array.rank)}"
                        )
                    return extent_or_stride(self.builder, array, name, axis)
        return None

    def _target(self, node: ast.Subscript) -> ir.Value:
        base = self.lowering.evaluate(node.value)
        match base:
            case ir.Value(type=Array()):
                return base
            case ir.Value(type=Tile() as tile) if tile.dtype.is_pointer:
                raise CompileError(
                    f"{describe(base)} is a pointer, which is not indexed",
                    "write `tw.store(pointer + offset, value)`",
                )
            case ir.Value(type=Tile()):
                raise CompileError(
                    f"{describe(base)} is a tile: its elements cannot be assigned one by one",
                    "choose between two tiles: `v = tw.where(tw.arange(N) == i, new, v)`",
                )
        if is_struct(base):
            raise CompileError(
                f"a field of {describe_thing(base)} is assigned to, but structs are values",
                "make another one: `(*t[:k], new, *t[k + 1 :])`, or `s._replace(x=...)` of a "
                "NamedTuple",
            )
        raise CompileError(f"{describe_thing(base)} cannot be indexed")

    def _read_array(self, array: ir.Value, items: tuple[Thing, ...]) -> Thing:
        if items and items[-1] is Ellipsis and len(items) - 1 <= array.array.rank:
            if len(items) > 1 and all(map(_is_scalar, items[:-1])):  # `x[i, ...]` is a sub-array
                items = items[:-1]
        if len(items) < array.array.rank and Ellipsis not in items:
            return self._sub_array(array, items)
        source, position, axes = self.positions(array, items, False)
        return load_at(self.lowering, source, position, None, None, axes)

    def _sub_array(self, array: ir.Value, items: tuple[Thing, ...]) -> ir.Value:
        if not items:
            return array
        for item in items:
            if not _is_scalar(item):
                raise CompileError(
                    f"{describe_thing(array)} has {_axes(array.array.rank)}, "
                    f"the index has {len(items)}",
                    "fewer indices than axes are for scalars, which give a sub-array; give a slice "
                    "or an index for every axis",
                )
        places = tuple([as_value(self.builder, _index_item(item)) for item in items])
        return self.builder.add(ir.SubArray(array, places))

    def _read_tile(self, tile: ir.Value, items: tuple[Thing, ...]) -> Thing:
        if tile.tile.dtype.is_pointer and not tile.tile.shape:
            raise CompileError(
                f"{describe(tile)} is a pointer, which is not indexed",
                "write `tw.load(pointer + offset)`",
            )
        if items and not all(item is Ellipsis for item in items):
            refuse_reshaping(self.lowering, "a subscript of a tile")
        return subscript(self.builder, tile, [_sample(item) for item in items])

    def _pick(self, sequence: tuple[Thing, ...] | str, items: tuple[Thing, ...]) -> Thing:
        if len(items) != 1:
            raise CompileError(f"{len(items)} indices in {describe_thing(sequence)}")
        item = items[0]
        try:
            if isinstance(item, slice):
                return sequence[item]
        except (TypeError, ValueError) as error:
            raise CompileError(f"a slice of {describe_thing(sequence)}: {error}") from None
        number = as_number(item)
        if number is None or isinstance(number, float):
            raise CompileError(
                f"{describe_thing(sequence)} is indexed by {describe_thing(item)}, expected a "
                "constant integer",
                "what is chosen at run time is a tile: `tw.stack` makes one of a tuple's items",
            )
        if not -len(sequence) <= number < len(sequence):
            count = len(sequence)
            raise CompileError(
                f"index {number} of {describe_thing(sequence)}, expected {-count} to {count - 1}"
            )
        return sequence[int(number)]

    # --- slices ---------------------------------------------------------------------------------

    def _slice(self, node: ast.Slice, base: Thing) -> Thing:
        """A slice as written: of arrays a `BlockSlice`, of anything else Python's own."""
        if not (isinstance(base, ir.Value) and isinstance(base.type, Array)):
            bounds = (node.lower, node.upper, node.step)
            return slice(
                *(None if b is None else _sample(self.lowering.evaluate(b)) for b in bounds)
            )
        with self.lowering.under(node):
            if node.step is not None:
                step = self.lowering.evaluate(node.step)
                if step is not None and as_number(step) != 1:
                    raise CompileError(
                        "a slice of an array has a step, expected none",
                        "index with a tile: `start + step * tw.arange(N)`",
                    )
            if node.lower is None and node.upper is None:
                return slice(None)
            start = 0 if node.lower is None else self._bound(node.lower)
            if node.upper is None:
                return slice(start, None)
            return self._block_between(node, start, node.upper)

    def _bound(self, node: ast.expr) -> Thing:
        with self.lowering.under(node):
            return checked_bound(self.lowering.evaluate(node))

    def _block_between(self, node: ast.Slice, start: Thing, upper: ast.expr) -> BlockSlice:
        with self.builder.inside() as aside:  # only the extent is needed: the ops are dropped
            stop = self._bound(upper)
        if not all(op.effect is ir.Effect.PURE for op in aside.ops):
            self.builder.block.ops += aside.ops
        extent = self.polynomials.difference(stop, start)
        if extent is None:
            first = "0" if node.lower is None else ast.unparse(node.lower)
            raise CompileError(
                f"the extent of the slice `{ast.unparse(node)}` is not a constant",
                f"write `tw.block({first}, N)` with a constant N",
            )
        if extent < 1:
            raise CompileError(
                f"the slice `{ast.unparse(node)}` has the extent {extent}, expected at least 1",
                "tiles are never empty",
            )
        return BlockSlice(start, extent)

    # --- positions ------------------------------------------------------------------------------

    def _block(self, item: BlockSlice, place: int, rank: int) -> ir.Value:
        """`start + 0, 1, ...` along one axis of the result."""
        shape = tuple([item.extent if k == place else 1 for k in range(place, rank)])
        number = as_number(item.start)
        if number is not None:
            return self.builder.add(ir.Iota(Tile(index, shape), 0, int(number)))
        start = cast(self.builder, item.start, index)
        steps = self.builder.add(ir.Iota(Tile(index, shape), 0))
        return self.builder.add(ir.Binary("add", broadcast(self.builder, start, shape), steps))

    def _grouped(self, item: ir.Value, group: Shape, first: int, rank: int) -> ir.Value:
        """An index tile with its axes where the group of tiles stands."""
        after = rank - first - len(group)
        if not after:
            return item
        return self.builder.add(ir.Reshape(item, (*item.shape, *([1] * after))))


_MAX_RANK: Final = 5


def _expand(array: ir.Value, items: Sequence[Thing]) -> list[ir.Value | BlockSlice | int | None]:
    """The items of an index, checked, with `...` and `:` written out as blocks."""
    rank = array.array.rank
    count = sum(item is not None and item is not Ellipsis for item in items)
    if sum(item is Ellipsis for item in items) > 1:
        raise CompileError("an index with two `...`")
    found: list[ir.Value | BlockSlice | int | None] = []
    axis = 0
    for item in items:
        match item:
            case None:
                found.append(None)
                continue
            case EllipsisType():
                for _ in range(rank - count):
                    found.append(_whole_axis(array, axis, 0))
                    axis += 1
                continue
            case slice():
                found.append(_whole_axis(array, axis, item.start or 0))
            case _:
                found.append(_index_item(item))
        axis += 1
    return found


def _whole_axis(array: ir.Value, axis: int, start: Thing) -> BlockSlice:
    """`:` or `start:` of an axis whose extent is a constant."""
    extents = array.array.extents
    extent = extents[axis] if axis < len(extents) else None
    if extent is None or not isinstance(start, int):
        first = start.name or "start" if isinstance(start, ir.Value) else start
        shown = ":" if start == 0 else f"{first}:"
        raise CompileError(
            f"the slice `{shown}` runs to the end of axis {axis} of {describe_thing(array)}, whose "
            "extent is not a constant",
            "write `start : start + N` or `tw.block(start, N)` with a constant N",
        )
    if not 0 <= start < extent:
        raise CompileError(
            f"the slice `{start}:` of axis {axis}, whose extent is {extent}",
            "slices of arrays count from the front",
        )
    return BlockSlice(start, extent - start)


def _index_item(item: Thing) -> ir.Value | BlockSlice | int:
    """One item of an index: an integer scalar or tile, or a block."""
    match item:
        case BlockSlice():
            return item
        case Weak():
            return 1
        case ir.Value(type=Tile() as tile):
            if tile.dtype.is_integer:
                return item
            note = None
            if tile.dtype.is_bool:
                note = "a mask goes to `tw.load(x, index, mask=m)` or `tw.store`"
            elif tile.dtype.is_float:
                note = "cast it: `.to(tw.i32)`"
            raise CompileError(f"an index is {describe(item)}, expected an integer", note)
    number = None if isinstance(item, bool) else as_number(item)
    if number is None or isinstance(number, float):
        raise CompileError(
            f"an index is {describe_thing(item)}, expected an integer scalar, a tile or a slice"
        )
    return int(number)


def checked_bound(thing: Thing) -> Thing:
    """A bound of a slice: an integer scalar."""
    found = _index_item(thing)
    if isinstance(found, BlockSlice) or (isinstance(found, ir.Value) and found.shape):
        raise CompileError(
            f"a bound of a slice is {describe_thing(thing)}, expected an integer scalar",
            "a tile may be the index itself",
        )
    return found


def _arrangement(items: Sequence[ir.Value | BlockSlice | int | None], group: Shape) -> Shape:
    """The shape of an access."""
    shape: list[int] = []
    is_placed = False
    for item in items:
        match item:
            case None:
                shape.append(1)
            case BlockSlice():
                shape.append(item.extent)
            case ir.Value() if item.shape and not is_placed:
                shape += group
                is_placed = True
    return tuple(shape)


def _axes(count: int) -> str:
    return "1 axis" if count == 1 else f"{count} axes"


def _is_scalar(item: Thing) -> bool:
    if isinstance(item, ir.Value):
        return isinstance(item.type, Tile) and item.type.is_scalar
    return isinstance(item, int | Weak) or as_number(item) is not None


def _sample(thing: Thing) -> Thing:
    return thing.sample if isinstance(thing, Weak) else thing


def _storable(thing: Thing) -> Thing:
    """A value to store, which must be a number or a computed value."""
    if isinstance(thing, ir.Value) and isinstance(thing.type, Tile):
        return thing
    if isinstance(thing, Weak):
        return thing.sample
    if isinstance(thing, ir.Value) or as_number(thing) is None:
        raise CompileError(
            f"cannot store {describe_thing(thing)}, expected a value or a number",
            "a function without `return` gives None" if thing is None else None,
        )
    return thing
