"""Which rows a loop takes at once, and what it reads or writes across them.

What lies in memory along another axis than the vectors do would be read lane by lane. A loop that
takes a few positions along that axis at once reads a block as vectors along it, and transposes the
block in registers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tilewright.dsl import ir

from ..analysis.contiguity import Coordinates, step_along
from ..planning.coordinates import access_shape, aligned, identity
from ..planning.hazards import is_injective
from ..planning.state import Draft, Planning
from ..planning.steps import (
    Effect,
    Keep,
    Located,
    View,
    itemsize_of,
)
from .steps import (
    Blocks,
)

# Rows of a block: of narrow elements more would not fit into 16 registers.
MOST_ROWS: Final = 16
# Operations of a body, which is written out for each row.
MOST_OPS: Final = 32


def order_of(draft: Draft, planning: Planning) -> tuple[tuple[int, ...], int]:
    """The order of a loop's axes, and the axis of its vectors.

    Neighbours in memory mostly lie along the last axis of several elements. Where all that is
    written lies along another one, or nothing runs along the last, it goes innermost.
    """
    space = draft.space
    last = max((axis for axis, extent in enumerate(space) if extent > 1), default=len(space) - 1)
    if not _may_change_order(draft, planning) or any(isinstance(s, Keep) for s in draft.sinks):
        return draft.order, last
    for accesses in (_stores(draft), draft.demand.loads):
        found = [axis for one in accesses if (axis := _axis_of(one, draft, planning)) is not None]
        if last in found:
            return draft.order, last
        if found:
            axis = max(found, key=found.count)
            return (*(k for k in draft.order if k != axis), axis), axis
    return draft.order, last


def blocks_of(draft: Draft, planning: Planning, vector: int) -> Blocks | None:
    """The blocks of a loop whose vectors lie along an axis; None where none pay."""
    if not _may_change_order(draft, planning) or _operations(draft) > MOST_OPS:
        return None
    found: dict[int, list[Located]] = {}
    sizes: dict[int, int] = {}
    for access, axis, itemsize in _across(draft, planning, vector):
        found.setdefault(axis, []).append(access)
        sizes[axis] = max(sizes.get(axis, 1), itemsize)
    if not found:
        return None
    axis = max(found, key=lambda k: len(found[k]))
    machine = planning.machine
    rows = min(machine.vector_bytes // sizes[axis], MOST_ROWS)
    rows = min(rows, _power_within(draft.space[axis]), _power_within(draft.space[vector]))
    return Blocks(axis, rows, tuple(dict.fromkeys(found[axis]))) if rows > 1 else None


def lanes_of(blocks: Blocks, extent: int, wanted: int) -> int:
    """How wide blocks are that had better be so wide: a power of two, and not less than high."""
    return max(blocks.rows, min(_power_within(wanted), _power_within(extent)))


def _power_within(number: int) -> int:
    """The largest power of two up to a number."""
    return 1 << number.bit_length() - 1


def _may_change_order(draft: Draft, planning: Planning) -> bool:
    """Whether elements may be computed in any order: each is written for itself, and at one place.

    An array that overlaps itself has elements at several.
    """
    if draft.demand.has_region:
        return False
    for sink in draft.sinks:
        match sink:
            case Keep(local=False):
                pass
            case Effect(ir.Store() as op) if access_shape(op) == draft.space:
                is_apart = "disjoint" in planning.function.facts
                if not is_apart or not is_injective(op, planning.narrow):
                    return False
            case _:
                return False
    return True


def _operations(draft: Draft) -> int:
    free = (ir.Broadcast, ir.Reshape, ir.Const, ir.Iota)
    return sum(1 for op in dict.fromkeys(draft.demand.ops) if not isinstance(op, free))


def _stores(draft: Draft) -> Iterator[Located]:
    for sink in draft.sinks:
        match sink:
            case Effect(op):
                yield op, identity(draft.space)


def _across(draft: Draft, planning: Planning, vector: int) -> Iterator[tuple[Located, int, int]]:
    """What moves with the vectors but lies along another axis: that one, bytes of an element."""
    for access in (*draft.demand.loads, *_stores(draft)):
        op, where = access
        axis = _axis_of(access, draft, planning)
        match op:
            case ir.Load(mask=None) | ir.Store(mask=None) if axis not in (None, vector):
                if vector in where and _step(op, where, vector, planning):
                    yield access, axis, itemsize_of(op.source.array.dtype)
    for value, where in draft.demand.reads:
        axis = _axis_of_view(draft.demand.sources[value], where)
        dtype = value.tile.dtype
        if axis not in (None, vector) and vector in where and not dtype.is_pointer:
            yield (value, where), axis, itemsize_of(dtype)


def _axis_of(access: Located, draft: Draft, planning: Planning) -> int | None:
    """The axis of a loop along which an access runs through neighbours in memory."""
    op, where = access
    match op:
        case ir.Load(source) | ir.Store(source):
            pass
        case _:
            return None
    for axis in range(len(draft.space)):
        steps = _steps(op, where, axis, planning)
        moving = [k for k, step in enumerate(steps) if step != 0]
        if moving == [source.array.unit_axis] and steps[moving[0]] == 1:
            return axis
    return None


def _steps(
    op: ir.Load | ir.Store, where: Coordinates, axis: int, planning: Planning
) -> list[int | None]:
    """How each position of an access moves along an axis."""
    shape = access_shape(op)
    return [step_along(x, aligned(x, where, shape), axis, planning.narrow) for x in op.position]


def _step(op: ir.Load | ir.Store, where: Coordinates, axis: int, planning: Planning) -> bool:
    """Whether an access moves steadily along an axis."""
    steps = _steps(op, where, axis, planning)
    return None not in steps and any(steps)


def _axis_of_view(view: View, where: Coordinates) -> int | None:
    """The axis of a loop along which the neighbours of a kept tile lie."""
    if view.panel or -1 in where:
        return None
    for axis in {axis for axis in where if axis is not None}:
        strides = [stride for at, stride in zip(where, view.strides, strict=True) if at == axis]
        if strides == [1]:
            return axis
    return None
