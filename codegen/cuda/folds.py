"""The reductions of a loop: of all elements or of rows, and where threads meet for them.

Along outer axes each thread combines packs of neighbouring rows, over elements of its own. Then all
threads bring their parts to shared memory, and for each row those of all who share it are combined.
"""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record

from ..planning.steps import ArgFold, Fold, Step, itemsize_of
from .steps import WARP, Layout, Loop, walk_steps

WORD: Final = 8  # bytes of memory to meet in are counted in these
MOST_BROUGHT: Final = 16 * 1024  # bytes that threads bring together at once
_APART: Final = 128  # bytes to which they are rounded up, so that all of them begin at packs


def fold_axes(loop: Loop) -> tuple[int, ...] | None:
    """The axes over which a loop reduces, if some are left; None otherwise."""
    for sink in loop.sinks:
        match sink:
            case Fold() | ArgFold():
                axes = _axes_of(sink)
            case _:
                continue
        if prod(n for axis, n in enumerate(loop.space) if axis not in axes) > 1:
            return axes
    return None


def whole_folds(loop: Loop) -> list[Fold | ArgFold]:
    """The reductions of a loop that all threads share."""
    axes = fold_axes(loop)
    return [sink for sink in _folds(loop) if axes is None or _axes_of(sink) != axes]


def row_folds(loop: Loop) -> list[Fold | ArgFold]:
    """The reductions of a loop that have a result for each row."""
    axes = fold_axes(loop)
    return [sink for sink in _folds(loop) if axes is not None and _axes_of(sink) == axes]


def meeting_places(steps: tuple[Step, ...], threads: int) -> dict[Loop, int]:
    """Where in shared memory the warps of each loop bring what they have: in turns of two places,
    so that a reduction need not wait until all threads have read the one before.
    """
    loops = [s for s in walk_steps(steps) if isinstance(s, Loop) and whole_folds(s)]
    return {loop: n % 2 for n, loop in enumerate(loops)} if threads > WARP else {}


# --- along outer axes ----------------------------------------------------------------------------


@record
class Brought:
    """A reduction for which threads bring parts together, from one word of memory to another."""

    sink: Fold | ArgFold
    begin: int
    end: int


def are_outer(space: tuple[int, ...], axes: tuple[int, ...] | None) -> bool:
    """Whether a reduction over these axes takes neighbours in memory to different results."""
    return axes is not None and len(space) - 1 not in axes and space[-1] > 1


def brings(loop: Loop, layout: Layout) -> bool:
    """Whether threads bring parts of rows together in a loop."""
    return layout.strided and layout.group > 1 and bool(row_folds(loop))


def part_count(layout: Layout) -> int:
    """How many parts of each row there are: lanes of a warp that share one bring one."""
    return layout.threads // max(WARP, layout.groups)


def part_size(layout: Layout) -> int:
    """How many rows the threads have a part of, those past the last one too."""
    return layout.groups * layout.vector


def brought(loop: Loop, layout: Layout) -> list[list[Brought]]:
    """What threads bring together between two barriers, in turns as far as there is room."""
    turns: list[list[Brought]] = [[]]
    begin = 0
    for sink in row_folds(loop):
        size = part_count(layout) * part_size(layout) * bytes_of(sink)
        words = -(-size // _APART) * _APART // WORD
        if turns[-1] and (begin + words) * WORD > MOST_BROUGHT:
            turns.append([])
            begin = 0
        turns[-1].append(Brought(sink, begin, begin + words))
        begin += words
    return turns


def words_brought(loop: Loop, layout: Layout) -> int:
    """How many words of memory that takes."""
    if not brings(loop, layout):
        return 0
    return max(one.end for turn in brought(loop, layout) for one in turn)


def bytes_of(sink: Fold | ArgFold) -> int:
    """Bytes of what a thread combines elements in, of extremes with their places."""
    size = itemsize_of(sink.op.operands[0].tile.dtype)
    return size if isinstance(sink, Fold) else 2 * max(size, 4)


def _folds(loop: Loop) -> list[Fold | ArgFold]:
    return [sink for sink in loop.sinks if isinstance(sink, Fold | ArgFold)]


def _axes_of(sink: Fold | ArgFold) -> tuple[int, ...]:
    match sink:
        case Fold(ir.Reduce(axes=axes)):
            return tuple(sorted(axes))
        case ArgFold(ir.ArgReduce(axis=axis)):
            return (axis,)
        case _:
            raise AssertionError(sink)
