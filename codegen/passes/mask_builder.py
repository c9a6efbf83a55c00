"""Builds masks and what is chosen by them, op after op, while a function is copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import expect
from tilewright.dsl.types import (
    Dtype,
    Tile,
    Type,
    bool_,
    broadcast_shapes,
    i8,
    i16,
    i32,
    i64,
    scalar,
    u8,
    u16,
    u32,
    u64,
)

from .fold import wrap

Mask = tuple[ir.Value | None, ...]  # tiles that hold together; None: all lanes on


class MaskBuilder:
    """The open list of ops, what the old values have become, the op being copied."""

    def __init__(self) -> None:
        self.values: dict[ir.Value, ir.Value] = {}
        self.ops: list[ir.Op] = []
        self.origin: ir.Op | None = None
        self.joined: dict[Mask, ir.Value] = {}

    # --- copying

    @contextmanager
    def collect(self, ops: list[ir.Op] | None = None) -> Iterator[list[ir.Op]]:
        """Append to a list, a new one by default, until the end of the `with`."""
        outer, self.ops = self.ops, [] if ops is None else ops
        joined = dict(self.joined)
        try:
            yield self.ops
        finally:
            self.ops, self.joined = outer, joined

    def emit(self, op: ir.Op) -> ir.Op:
        """Append a new op, which stands where the op being copied stood."""
        if self.origin is not None:
            op.loc, op.place = self.origin.loc, self.origin.place
        self.ops.append(op)
        return op

    def copy(self, op: ir.Op) -> ir.Op:
        """Append an old op as it is, over the new values."""
        (copied,) = ir.clone_ops([op], self.values)
        self.ops.append(copied)
        return copied

    def bind(self, old: Sequence[ir.Value], new: Sequence[ir.Value]) -> None:
        """Let the first of some new values stand for old ones, under the same names."""
        for a, b in zip(old, new, strict=False):
            self.values[a] = b
            b.name = b.name or a.name

    def replace(self, old: ir.Op, new: ir.Op) -> None:
        """Let a new op stand for an old one."""
        self.emit(ir.copy_origin(old, new))
        self.bind(old.results, new.results)

    def map(self, value: ir.Value) -> ir.Value:
        """What an old value has become."""
        return self.values.get(value, value)

    def map_all(self, values: Sequence[ir.Value]) -> tuple[ir.Value, ...]:
        """What old values have become."""
        return tuple([self.values.get(value, value) for value in values])

    # --- masks

    def constant(self, value: bool | int, tile: Tile) -> ir.Value:
        """A number in every element."""
        return self.emit(ir.Const(float(value) if tile.dtype.is_float else value, tile))

    def nothing(self, kind: Type) -> ir.Value:
        """Any value of a type, for lanes that do not look at it."""
        assert isinstance(kind, Tile)
        if not kind.dtype.is_pointer:
            return self.constant(False if kind.dtype.is_bool else 0, kind)
        bits = self.constant(0, kind.with_dtype(u64))
        return self.emit(ir.Bitcast(bits, kind.dtype))

    def broadcast(self, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
        """The value in a shape; itself if it has that shape."""
        return value if value.shape == shape else self.emit(ir.Broadcast(value, shape))

    def logic(self, kind: str, a: ir.Value | None, b: ir.Value | None) -> ir.Value | None:
        """`and` or `or` of two sets of lanes; None is neutral."""
        if a is None or b is None or a is b:
            return b if a is None else a
        shape = broadcast_shapes(a.shape, b.shape)
        expect(shape is not None, "lane conditions of shapes {} and {} meet here", a.shape, b.shape)
        assert shape is not None
        return self.emit(ir.Binary(kind, self.broadcast(a, shape), self.broadcast(b, shape)))

    def invert(self, a: ir.Value) -> ir.Value:
        """The lanes that are not in a set."""
        return self.emit(ir.Unary("not", a))

    def choose(self, mask: ir.Value | None, yes: ir.Value, no: ir.Value | None) -> ir.Value:
        """`yes` for the lanes of the mask, `no` for the others; None where no lane looks."""
        if mask is None or no is None or yes is no:
            return yes
        wide = mask if mask.tile.is_scalar else self.fit(mask, yes.shape)
        return self.emit(ir.Select(wide, yes, no))

    def any_of(self, mask: ir.Value) -> ir.Value:
        """Whether some lane is on, a scalar."""
        if mask.tile.is_scalar:
            return mask
        return self.emit(ir.Reduce("or", mask, tuple(range(mask.tile.rank))))

    def fit(self, mask: ir.Value, shape: tuple[int, ...]) -> ir.Value:
        """The mask at another shape: an element is on if some lane that it stands for is."""
        joint = broadcast_shapes(mask.shape, shape)
        if joint == shape:
            return self.broadcast(mask, shape)
        if joint is None:
            return self.broadcast(self.any_of(mask), shape)
        padded = (1,) * (mask.tile.rank - len(shape)) + shape
        skipped = len(padded) - mask.tile.rank
        axes = tuple(k for k, n in enumerate(mask.shape) if n != 1 and padded[skipped + k] == 1)
        kept = tuple(1 if k in axes else n for k, n in enumerate(mask.shape))
        reduced = self.emit(ir.Reduce("or", mask, axes))
        trimmed = kept[len(kept) - len(shape) :] if len(kept) > len(shape) else kept
        if reduced.shape != trimmed:
            reduced = self.emit(ir.Reshape(reduced, trimmed))
        return self.broadcast(reduced, shape)

    def all_of(self, mask: Mask, level: int = 0) -> ir.Value | None:
        """The tiles of a mask from a level on, as one; None if all lanes are on."""
        parts = tuple(part for part in mask[level:] if part is not None)
        if len(parts) < 2:
            return parts[0] if parts else None
        found = self.joined.get(parts)
        if found is None:
            for part in parts:
                joined = self.logic("and", found, part)
                found = joined
            assert found is not None
            self.joined[parts] = found
        return found

    def common(self, value: ir.Value, mask: ir.Value | None) -> ir.Value:
        """The value that all lanes of a mask have in common, as a scalar."""
        if mask is None:
            mask = self.constant(True, scalar(bool_))
        mask = self.fit(mask, value.shape)
        tile = value.tile
        axes = tuple(range(tile.rank))
        if tile.dtype.is_bool:
            return self.emit(ir.Reduce("or", self.emit(ir.Binary("and", value, mask)), axes))
        least: int | float = -float("inf")
        if not tile.dtype.is_float:
            least = -(1 << (tile.dtype.bits - 1)) if tile.dtype.is_signed else 0
        lowest = self.emit(ir.Const(least, tile))
        return self.emit(ir.Reduce("max", self.emit(ir.Select(mask, value, lowest)), axes))

    # --- ranges

    def is_before(self, here: ir.Value, stop: ir.Value, step: ir.Value) -> ir.Value:
        """Whether a range that has come to `here` has a round left."""
        match step:
            case ir.Const(value):
                return self.emit(ir.Compare("lt" if value > 0 else "gt", here, stop))
            case _:
                zero = self.constant(0, step.tile)
                up = self.emit(ir.Compare("gt", step, zero))
                below = self.emit(ir.Compare("lt", here, stop))
                above = self.emit(ir.Compare("gt", here, stop))
                return self.emit(ir.Select(up, below, above))

    def has_next(self, here: ir.Value, stop: ir.Value, step: ir.Value) -> ir.Value:
        """Whether `here + step` is still inside a range, though the sum may wrap."""
        dtype = _UNSIGNED.get(here.tile.dtype)
        if dtype is None:  # index values do not wrap
            return self.is_before(self.emit(ir.Binary("add", here, step)), stop, step)
        low, high, width = here, stop, step
        match step:
            case ir.Const(value) if value > 0:
                pass
            case ir.Const(value):
                low, high = stop, here
                width = self.constant(wrap(-int(value), step.tile.dtype), step.tile)
            case _:
                zero = self.constant(0, step.tile)
                up = self.emit(ir.Compare("gt", step, zero))
                low = self.emit(ir.Select(up, here, stop))
                high = self.emit(ir.Select(up, stop, here))
                width = self.emit(ir.Select(up, step, self.emit(ir.Binary("sub", zero, step))))
        distance = self.emit(ir.Binary("sub", high, low))
        return self.emit(
            ir.Compare("gt", self.unsigned(distance, dtype), self.unsigned(width, dtype))
        )

    def unsigned(self, value: ir.Value, dtype: Dtype) -> ir.Value:
        """The same bits as the unsigned integer of that size."""
        return value if value.tile.dtype == dtype else self.emit(ir.Cast(value, dtype))


_UNSIGNED: Final = {i8: u8, i16: u16, i32: u32, i64: u64, u8: u8, u16: u16, u32: u32, u64: u64}


def covers(shape: tuple[int, ...], inner: tuple[int, ...]) -> bool:
    """Whether a shape holds all lanes of another."""
    return broadcast_shapes(shape, inner) == shape
