"""Finds tiles that programs compute alike, one after another, and what tells them apart.

Programs next to each other differ in their place along the first axis of the grid. A tile of what
nothing writes, at a place that does not follow that axis, is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

from ..analysis.memory import memory_of, root_of
from ..planning.coordinates import identity
from ..planning.demand import Tracer
from ..planning.state import Planning, Scope


def keys_of(value: ir.Value, planning: Planning, scope: Scope) -> tuple[ir.Value, ...] | None:
    """The integers that a tile depends on besides arrays; None if programs do not share it."""
    if "disjoint" not in planning.function.facts or value in planning.views:
        return None
    tracer = Tracer(planning, scope)
    tracer.value(value, identity(value.tile.shape))
    demand = tracer.demand
    if demand.reads or demand.locals or demand.has_region or not demand.loads:
        return None
    if not all(_is_constant_memory(load, planning.function) for load, _ in demand.loads):
        return None
    inputs = (x for op in demand.ops for x in op.operands if x in demand.leaves)
    scalars = dict.fromkeys(scalar for x in inputs for scalar in _scalars(x))
    keys = [x for x in scalars if not isinstance(x, ir.Const)]
    if any(not key.tile.dtype.is_integer or _differs(key, set()) for key in keys):
        return None
    return tuple(keys)


def _scalars(value: ir.Value) -> Iterator[ir.Value]:
    """The scalars that a scalar or an array is made of, beside arguments of the function."""
    match value:
        case ir.SubArray(source, position):
            yield from _scalars(source)
            yield from position
        case ir.Value(type=Tile()):
            yield value


def _is_constant_memory(load: ir.Op, function: ir.Function) -> bool:
    """Whether a load reads an argument that no op of the function writes."""
    match load:
        case ir.Load(source):
            root = root_of(source)
            written = {
                root_of(memory)
                for op in ir.walk(function.body)
                if op.effect is ir.Effect.WRITE and (memory := memory_of(op)) is not None
            }
            return root in function.parameters and written <= set(function.parameters) - {root}
        case _:
            return False


def _differs(value: ir.Value, seen: set[ir.Value]) -> bool:
    """Whether a scalar may differ from each program to the next."""
    if value in seen:
        return False
    seen.add(value)
    match value:
        case ir.ProgramId(axis):
            return axis == 0
        case ir.Op():
            return bool(value.blocks) or any(_differs(x, seen) for x in value.operands)
        case _:
            return False  # an argument, or a counter: whether it is the same is seen in time
