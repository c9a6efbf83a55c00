"""How a thread finds its rows and the elements of a row that it takes, as C++."""

from __future__ import annotations

from .steps import WARP, Layout

# Of a woven layout: a warp has 4 rows of 8 threads. Of 16 neighbours, which shared memory serves
# together, two have each of 8 elements next to each other in one of two rows: what two neighbours
# read at once is the same on one side of a product or on the other.
ACROSS = 8
ROWS = 4


def group_of(layout: Layout) -> str:
    """Which of the groups that share rows a thread is in."""
    if layout.woven:
        warp = "thread / 32" if layout.group == ACROSS else f"thread / {4 * layout.group}"
        return f"{warp} * {ROWS} + thread % 32 / 16 * 2 + thread % 2"
    return _of_thread(layout, is_group=True)


def member_of(layout: Layout) -> str:
    """Which member of its group a thread is."""
    if layout.woven:
        own = "thread % 16 / 2"
        warps = layout.group // ACROSS
        return own if warps == 1 else f"thread / {WARP} % {warps} * {ACROSS} + {own}"
    return _of_thread(layout, is_group=False)


def row_of(layout: Layout, turn: str) -> str:
    """Which row a thread is at in a turn; behind the last one where it has none."""
    if layout.tensor:
        block = f"({turn} / 2 * {layout.threads // WARP} + thread / {WARP}) * 16"
        return f"{block} + {turn} % 2 * 8 + thread % {WARP} / 4"
    group = group_of(layout)
    if not layout.entries:
        text = group if turn == "0" else f"{turn} * {layout.groups} + {group}"
        return text if layout.rows_at_once == 1 else f"({text}) * {layout.rows_at_once}"
    rows = layout.space[1]
    at_once, turns = layout.groups // layout.entries, layout.turns_of_entry
    row = inside_entry(layout, turn)
    entry = f"({turn} / {turns} * {layout.entries} + ({group}) / {at_once})"
    text = f"{entry} * {rows} + {row}"
    return text if rows % at_once == 0 else f"{row} < {rows} ? {text} : {layout.row_count}"


def inside_entry(layout: Layout, turn: str) -> str:
    """Which row of a matrix of a batch that is."""
    at_once, turns = layout.groups // layout.entries, layout.turns_of_entry
    group = f"({group_of(layout)}) % {at_once}"
    return group if turn == "0" or turns == 1 else f"{turn} % {turns} * {at_once} + {group}"


def _of_thread(layout: Layout, is_group: bool) -> str:
    """Which group a thread is in, or which of its members it is."""
    if layout.group == layout.threads:
        return "0" if is_group else "thread"
    if layout.group == 1:
        return "thread" if is_group else "0"
    by_group = is_group != layout.strided
    count = layout.groups if layout.strided else layout.group
    return f"thread / {count}" if by_group else f"thread % {count}"
