"""Chooses which elements of a product each thread adds up in registers, where no tensor core does.

A thread has some rows and columns, all pairs of them: what it reads of the operands, a value for
each row and each column, serves as many products as it has elements. The fewer it reads for that
the better; reading takes as long as a few products.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Final

from tilewright.dsl.records import record

from ..planning.steps import View, itemsize_of
from .accesses import WIDEST
from .dealing import ACROSS, ROWS
from .steps import WARP, Layout, Multiply

MOST_NEIGHBOURS: Final = 4  # what one access reads is not more: it waits in registers
# A read of 16 bytes by a warp keeps shared memory busy as long as 8 products do the warp's adders.
READ_COST: Final = 9
NARROW_COST: Final = 5


@record
class Reads:
    """How a product reads its operands: how many neighbours along k at a time, of the right one
    how many along its columns. One of the two is 1.
    """

    left: int
    right: int
    columns: int


def reads_of(step: Multiply) -> Reads:
    """The widest accesses that the places of the operands allow."""
    a, b = step.op.a.tile.shape, step.op.b.tile.shape
    columns = _neighbours(step.b, b, -1)
    right = 1 if columns > 1 else _neighbours(step.b, b, -2)
    return Reads(_neighbours(step.a, a, -1), right, columns)


def _neighbours(view: View, shape: tuple[int, ...], axis: int) -> int:
    """How many neighbours along an axis one access may take."""
    others = [s for s, n in zip(view.strides, shape, strict=True) if n > 1 and s != 1]
    if view.strides[axis] != 1 or view.swizzle:
        return 1
    size = min(MOST_NEIGHBOURS, WIDEST // itemsize_of(view.buffer.dtype))
    while any(number % size for number in (shape[axis], view.offset, *others)):
        size //= 2
    return size


def tile_layout(step: Multiply, threads: int, is_folded: bool) -> Layout:
    """How the threads hold a product; with folds of its rows, neighbours share a row."""
    space = step.op.tile.shape
    reads = reads_of(step)
    widest = min(reads.columns, WIDEST // step.op.tile.dtype.itemsize)
    layouts = _layouts(space, threads, widest, is_folded)
    return min(layouts, key=lambda layout: (_cost(layout, reads), not layout.woven))


def _layouts(
    space: tuple[int, ...], threads: int, widest: int, is_folded: bool
) -> Iterator[Layout]:
    """The ways to deal a product out: so many matrices, rows, columns and neighbours at once."""
    every = tuple(range(len(space)))
    is_batch = len(space) == 3
    for entries in _powers(min(threads, _power_above(space[0])) if is_batch else 1):
        for group in _powers(threads // entries):
            rows = threads // entries // group
            woven = not is_folded and group >= ACROSS and rows >= ROWS
            for vector in _powers(widest):
                yield Layout(
                    space, every[:-1], every[-1:], threads, group, vector, woven=woven,
                    entries=entries if is_batch else 0,
                )  # fmt: skip


def _cost(layout: Layout, reads: Reads) -> float:
    """What a step along k costs each thread, in products; those of threads in vain count too."""
    rows, packs = layout.turns_of_entry, layout.turns
    entries = layout.row_turns // rows
    left = rows / reads.left * _cost_of(reads.left)
    count, width = packs * layout.vector, reads.right
    right = count / width * _cost_of(width)
    if reads.right == 1:
        right = packs * _cost_of(layout.vector)
    return entries * (rows * count + left + right)


def _cost_of(width: int) -> int:
    return READ_COST if width == MOST_NEIGHBOURS else NARROW_COST


def padded_row(length: int, itemsize: int) -> int:
    """Elements from one row to the next such that the beginnings of 8 rows lie in other banks."""
    size = length * itemsize
    if size % WIDEST:
        return length
    return length + (WIDEST // itemsize if size // WIDEST % 2 == 0 else 0)


def most_words(threads: int) -> int:
    """How many words of kept tiles a thread may hold beside what products take."""
    return _REGISTERS // threads - _NEEDED


_REGISTERS: Final = 1 << 16  # of a multiprocessor
_NEEDED: Final = 56


def threads_of(steps: list[Multiply]) -> int:
    """How many threads products ask for, each with 64 words; 0 if they are too small to ask."""
    words = [prod(step.op.tile.shape) * step.op.tile.dtype.itemsize // 4 for step in steps]
    wanted = max(words, default=0) // 64
    return _power_above(wanted) if wanted >= 2 * WARP else 0


def _powers(most: int) -> Iterator[int]:
    number = 1
    while number <= most:
        yield number
        number *= 2


def _power_above(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()
