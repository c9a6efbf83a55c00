"""Matrix products: operands packed, and the result in place of the tile that it replaces."""

from __future__ import annotations

from math import prod

from tilewright.dsl import ir

from .memos import keys_of
from .placing import Placing
from .planning import Draft, Planning, Scope
from .registers import register_tile
from .steps import Buffer, Depth, Memo, Memoize, Multiply, View
from .vectors import finish


class Products:
    """Plans the products of a function."""

    def __init__(self, planning: Planning, placing: Placing) -> None:
        self.planning = planning
        self.placing = placing
        self.memos: dict[ir.Dot, tuple[Memo, Buffer]] = {}

    def plan(self, op: ir.Dot, scope: Scope) -> None:
        """Pack the operands, bring the accumulator to where the result lies, then multiply."""
        views = self.planning.views
        a = self.placing.find(op.a, scope)
        if a.strides[-1] != 1:
            a, _ = self.placing.copy(op.a, scope)
        b = self._panels(op, op.b, scope)
        out = self._result(op)
        if op.acc is not None and views.get(op.acc) != out:
            if op.acc in scope.local:
                self.planning.keep_local(op.acc, scope)
            self.placing.write(op.acc, out, scope)
        depths = _depth(op.a, -1), _depth(op.b, -2)
        both = (depths[0], depths[1]) if depths[0] and depths[1] else None
        here = scope.append_barrier(Multiply(op, a, b, out, op.acc is None, both))
        self.planning.publish(op, (out,), here, scope)

    def _panels(self, op: ir.Dot, value: ir.Value, scope: Scope) -> View:
        """The right operand, in panels as wide as the register tile."""
        planning = self.planning
        *batch, rows, columns = value.tile.shape
        width = register_tile(planning.machine, value.tile.dtype.itemsize)[1]
        if value in scope.local:
            planning.keep_local(value, scope)
        size = rows * -(-columns // width) * width
        keys = keys_of(value, planning, scope)
        if keys is not None:
            return self._memoized(op, value, size, width, keys, scope)
        buffer = planning.scratch.reserve(
            value.name or "tile", value.tile.dtype, prod(batch) * size
        )
        leading = (size,) if batch else ()
        view = View(buffer, 0, (*leading, width, 1), width, rows * width)
        if value in planning.views:
            self.placing.copy(value, scope, view)
        else:
            self.placing.write(value, view, scope)
        return view

    def _memoized(
        self,
        op: ir.Dot,
        value: ir.Value,
        size: int,
        width: int,
        keys: tuple[ir.Value, ...],
        scope: Scope,
    ) -> View:
        """Panels that the next program finds there if it wants the same ones."""
        planning = self.planning
        *batch, rows, _ = value.tile.shape
        dtype = value.tile.dtype
        if op not in self.memos:
            self.memos[op] = planning.scratch.memoize(
                value.name or "tile", dtype, prod(batch) * size, len(keys)
            )
        memo, buffer = self.memos[op]
        leading = (size,) if batch else ()
        view = View(buffer, 0, (*leading, width, 1), width, rows * width, memo)
        inner = Scope(scope)
        self.placing.write(value, view, inner)
        loops = [finish(step, planning) for step in inner.steps if isinstance(step, Draft)]
        scope.append(Memoize(op, memo, keys, tuple(loops)))
        return view

    def _result(self, op: ir.Dot) -> View:
        """Where a product lies: in place of the carried tile that it becomes, if that may be."""
        users = self.planning.users.get(op, [])
        if op.acc is not None and self.planning.loops and len(users) == 1:
            loop = self.planning.loops[-1]
            if users[0] is loop.body.terminator:
                position = users[0].operands.index(op)
                view = loop.views[position]
                if view is not None and self._only_feeds(loop.carried[position], op):
                    return view
        return self.planning.scratch.allocate(op)

    def _only_feeds(self, carried: ir.Value, op: ir.Dot) -> bool:
        """Whether a carried tile is read, element by element, for nothing but the accumulator."""
        users = self.planning.users
        if op.acc is carried:
            return len(users.get(carried, [])) == 1
        pending = [carried]
        while pending:
            value = pending.pop()
            for user in users.get(value, []):
                match user:
                    case ir.Dot(acc=acc) if user is op and acc is value:
                        continue
                    case ir.Unary() | ir.Binary() | ir.Fma() | ir.Select() | ir.Cast():
                        if user.tile.shape != carried.tile.shape:
                            return False
                        pending.append(user)
                    case _:
                        return False
        return True


def _depth(operand: ir.Value, axis: int) -> Depth | None:
    """Where an operand that is read as a block begins along an axis of its own; None elsewhere."""
    match operand:
        case ir.Cast(x):
            return _depth(x, axis)
        case ir.Permute(x, axes):
            return _depth(x, axes[axis] - len(axes))
        case ir.Load(fill=None, mask=None):
            pass
        case _:
            return None
    for number, position in enumerate(operand.position):
        shape = position.tile.shape
        if len(shape) >= -axis and shape[axis] == operand.tile.shape[axis] == prod(shape):
            found = _start(position)
            return None if found is None else Depth(operand.source, number, *found)
    return None


def _start(position: ir.Value) -> tuple[ir.Value | None, int] | None:
    """A scalar and a number that a tile of consecutive positions begins at the sum of."""
    match position:
        case ir.Iota(start=offset):
            return None, offset
        case ir.Reshape(x) | ir.Cast(x):
            return _start(x)
        case ir.Binary("add", ir.Broadcast(x), ir.Iota(start=offset)) if not x.tile.shape:
            return x, offset
        case ir.Binary("add", ir.Iota(start=offset), ir.Broadcast(x)) if not x.tile.shape:
            return x, offset
        case _:
            return None
