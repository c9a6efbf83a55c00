"""Finds tiles with a value for each row of what a product holds, as its maxima and sums are.

All threads that share a row have them in registers: the reductions that make them tell all of these
threads, and loops over nothing but rows are run by all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tilewright.dsl import ir
from tilewright.dsl.records import record

from ..analysis.contiguity import Coordinates
from ..analysis.memory import roots
from ..planning.coordinates import identity
from ..planning.steps import ArgFold, Buffer, Effect, Fold, Keep, Step
from ..planning.walks import walk_op
from .steps import WARP, Layout, Loop, is_whole, views_read, views_written


@record
class Rows:
    """Loops over rows and tiles of rows that lie as the rows of products do, and how."""

    loops: Mapping[Loop, Layout]
    buffers: Mapping[Buffer, Layout]


def find_rows(
    steps: list[Step], held: Mapping[Loop, Layout], root_of: Callable[[Loop], Loop]
) -> Rows:
    """What lies so: `held` are the layouts of loops over what products hold; loops with one root
    share tiles, and thus a layout.
    """
    users: dict[Buffer, list[Step]] = {}
    for step in steps:
        for view in (*views_written(step), *views_read(step)):
            users.setdefault(view.buffer, []).append(step)
    found: dict[Buffer, Layout] = {}
    for buffer, loops in users.items():
        layout = _layout_of(buffer, loops, held)
        if layout is not None:
            found[buffer] = layout
    by_root: dict[Loop, list[Loop]] = {}
    for step in steps:
        if isinstance(step, Loop) and step not in held:
            by_root.setdefault(root_of(step), []).append(step)
    return _agreed(found, users, by_root, root_of)


def _agreed(
    found: dict[Buffer, Layout],
    users: Mapping[Buffer, list[Step]],
    by_root: Mapping[Loop, list[Loop]],
    root_of: Callable[[Loop], Loop],
) -> Rows:
    """Without the tiles of loops that cannot be run so, or that are wanted in two ways."""
    while True:
        layouts: dict[Loop, set[Layout]] = {}
        for buffer, layout in found.items():
            for step in users[buffer]:
                if isinstance(step, Loop) and root_of(step) in by_root:
                    layouts.setdefault(root_of(step), set()).add(layout)
        bad = {
            root
            for root, wanted in layouts.items()
            if len(wanted) > 1 or any(_folds(loop) or _is_for_one(loop) for loop in by_root[root])
        }
        spoiled = [
            buffer
            for buffer in found
            if any(isinstance(step, Loop) and root_of(step) in bad for step in users[buffer])
        ]
        if not spoiled:
            break
        for buffer in spoiled:
            del found[buffer]
    loops = {
        loop: _over(loop.space, next(iter(wanted)))
        for root, wanted in layouts.items()
        for loop in by_root[root]
    }
    return Rows(loops, found)


def _over(space: tuple[int, ...], layout: Layout) -> Layout:
    return Layout(
        space, (0,), tuple(range(1, len(space))), layout.threads, layout.group, 1,
        tensor=layout.tensor, copied=True,
    )  # fmt: skip


def _layout_of(buffer: Buffer, users: list[Step], held: Mapping[Loop, Layout]) -> Layout | None:
    """How a tile may lie over rows; None if something uses it in another way."""
    found: set[Layout] = set()
    for step in users:
        if not isinstance(step, Loop):
            return None
        layout = held.get(step)
        if layout is not None and not _is_by_rows(layout):
            return None
        for access in _accesses(step, buffer):
            if access is None or access[:1] != step.space[:1]:
                return None
            if (len(access) > 1 and access[1] != 1) or (layout is None) != _is_rows(step.space):
                return None
        if layout is not None:
            found.add(_over(step.space[:1], layout))
    return found.pop() if len(found) == 1 else None


def _accesses(loop: Loop, buffer: Buffer) -> Iterator[tuple[int, ...] | None]:
    """The shapes of a tile where a loop uses it row by row; None where it does otherwise."""
    for value, where, view in loop.reads:
        if view.buffer is buffer:
            shape = value.tile.shape
            yield shape if is_whole(view, shape) and where == _first(shape) else None
    for sink in loop.sinks:
        match sink:
            case Keep(value, view) if view.buffer is buffer:
                shape = value.tile.shape
                yield shape if is_whole(view, shape) and shape == loop.space else None
            case Fold(op, out) if out is not None and out.buffer is buffer:
                shape = op.tile.shape
                yield shape if op.axes == (1,) and is_whole(out, shape) else None
            case ArgFold(views=outs) if any(out and out.buffer is buffer for out in outs):
                yield None
            case _:
                pass


def _first(shape: tuple[int, ...]) -> Coordinates:
    """The coordinates of a tile that follows the first axis of a loop."""
    return (0, *[None] * (len(shape) - 1)) if shape and shape[0] > 1 else identity(shape)


def _is_rows(space: tuple[int, ...]) -> bool:
    return len(space) == 1 or space[1:] == (1,)


def _is_by_rows(layout: Layout) -> bool:
    is_plain = not (layout.strided or layout.woven or layout.entries)
    return is_plain and layout.rows == (0,) and layout.group <= WARP


def acts(op: ir.Op) -> bool:
    """Whether one of the threads that share a row does an op, be it a region: it writes memory, or
    tells something.
    """
    return any(inner.effect is ir.Effect.WRITE for inner in walk_op(op))


def _is_for_one(loop: Loop) -> bool:
    """Whether all threads want what one of them should do, or read what it writes meanwhile."""
    actions = [sink.op for sink in loop.sinks if isinstance(sink, Effect) and acts(sink.op)]
    if any(op.results for op in actions):
        return True
    inside = [inner for op in actions for inner in walk_op(op)]
    # Arguments that may overlap are not read and written by one loop.
    return not roots(inside, ir.Effect.WRITE).isdisjoint(roots(loop.accesses, ir.Effect.READ))


def _folds(loop: Loop) -> bool:
    return any(isinstance(sink, Fold | ArgFold) for sink in loop.sinks)
