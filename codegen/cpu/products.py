"""Matrix products: operands packed, and the result in place of the tile that it replaces."""

from __future__ import annotations

from math import prod

from tilewright.dsl import ir

from .placing import Placing
from .planning import Planning, Scope
from .registers import register_tile
from .steps import Multiply, View


class Products:
    """Plans the products of a function."""

    def __init__(self, planning: Planning, placing: Placing) -> None:
        self.planning = planning
        self.placing = placing

    def plan(self, op: ir.Dot, scope: Scope) -> None:
        """Pack the operands, bring the accumulator to where the result lies, then multiply."""
        views = self.planning.views
        a = self.placing.find(op.a, scope)
        if a.strides[-1] != 1:
            a, _ = self.placing.copy(op.a, scope)
        b = self._panels(op.b, scope)
        out = self._result(op)
        if op.acc is not None and views.get(op.acc) != out:
            if op.acc in scope.local:
                self.planning.keep_local(op.acc, scope)
            self.placing.write(op.acc, out, scope)
        here = scope.append_barrier(Multiply(op, a, b, out, clear=op.acc is None))
        self.planning.publish(op, (out,), here, scope)

    def _panels(self, value: ir.Value, scope: Scope) -> View:
        """The right operand, in panels as wide as the register tile."""
        planning = self.planning
        *batch, rows, columns = value.tile.shape
        width = register_tile(planning.machine, value.tile.dtype.itemsize)[1]
        if value in scope.local:
            planning.keep_local(value, scope)
        size = rows * -(-columns // width) * width
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
