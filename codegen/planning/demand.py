"""What computing an element pulls in: ops, scalars, kept tiles, loads, results of regions."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

from ..analysis.contiguity import Coordinates, through_broadcast, through_unit_reshape
from .coordinates import align_shape, aligned, identity
from .state import Demand, Planning, Scope
from .walks import walk_op

# Follows no loop dimension: what is read at computed positions is not what a loop writes in step.
ELSEWHERE: Final = (-1,)


class Tracer:
    """Follows values to what they are made of, and notes it in one demand."""

    def __init__(self, planning: Planning, scope: Scope) -> None:
        self.planning = planning
        self.scope = scope
        self.demand = Demand()

    def value(self, value: ir.Value, where: Coordinates) -> None:
        """Note what the element of a value at coordinates needs."""
        demand = self.demand
        if (value, where) in demand.seen:
            return
        demand.seen.add((value, where))
        view = self.planning.views.get(value)
        match value:
            case ir.Value(type=Tile(shape=shape)) if shape and view is not None:
                demand.read(value, where, view)
            case ir.Result(type=Tile(shape=shape)) if shape:
                self._local(value, where)
            case ir.Atomic() | ir.AtomicPointer() | ir.Scan() if value.tile.shape:
                self._local(value, where)  # done once, in a loop of its own choice
            case ir.Parameter(type=Tile(shape=shape)) if shape:
                pass  # carried by a region that runs inside the loop
            case ir.Op(type=Tile(shape=shape)) if shape:
                demand.ops.append(value)
                self._operands(value, where)
            case _:
                demand.leaves.add(value)

    def region(self, op: ir.Op, whole: Coordinates) -> None:
        """Note what a region that runs inside a loop takes from outside it."""
        demand = self.demand
        demand.has_region = True
        inner_ops = walk_op(op)
        inside = {result for inner in inner_ops for result in inner.results}
        inside |= {p for inner in inner_ops for block in inner.blocks for p in block.parameters}
        for inner in inner_ops:
            demand.ops.append(inner)
            match inner:
                case ir.Load() | ir.LoadPointer():
                    demand.loads.append((inner, whole))
            for x in inner.operands:
                if x in inside:
                    continue
                match x.type:
                    case Tile(shape=shape) if shape:
                        self.value(x, align_shape(shape, whole))
                    case _:
                        demand.leaves.add(x)

    def _local(self, result: ir.Value, where: Coordinates) -> None:
        """A result of a region: there where it is made; anywhere else it is read back."""
        if where == identity(result.tile.shape):
            self.demand.locals[result] = None
        else:
            self.demand.read(result, where, self.planning.keep_local(result, self.scope))

    def _operands(self, op: ir.Op, where: Coordinates) -> None:
        shape = op.tile.shape
        match op:
            case ir.Broadcast(x):
                self.value(x, through_broadcast(x, where, shape))
                return
            case ir.Reshape(x):
                inner = through_unit_reshape(x.tile.shape, shape, where)
                assert inner is not None
                self.value(x, inner)
                return
            case ir.Gather(x, index):
                view = self.planning.views[x]
                self.demand.read(x, ELSEWHERE * len(where), view)
                self.value(index, where)
                return
            case ir.Load() | ir.LoadPointer():
                self.demand.loads.append((op, where))
        for x in op.operands:
            match x.type:
                case Tile():
                    self.value(x, aligned(x, where, shape))
                case _:
                    self.demand.leaves.add(x)
