"""Chooses how loops are dealt to threads, and which tiles may so stay in registers.

Loops over one space that hand tiles to each other element by element share a layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from tilewright.dsl import ir

from ..analysis.divisibility import Divisors
from ..planning.coordinates import access_shape, identity
from ..planning.steps import ArgFold, Buffer, Effect, Fold, Keep, Step, View
from .accesses import vector_of
from .folds import MOST_BROUGHT, are_outer, bytes_of, fold_axes, row_folds
from .steps import Layout, Loop, Multiply, is_left, is_whole, views_read, views_written
from .tiles import tile_layout

# Whether 32-bit offsets suffice, and what divides positions.
Facts = tuple[bool, Divisors]


class Components:
    """Loops that share tiles element by element."""

    def __init__(self, steps: list[Step], loops: list[Loop]) -> None:
        self.loops = loops
        self.parent: dict[Loop, Loop] = {loop: loop for loop in loops}
        self.axes: dict[Loop, tuple[int, ...] | None] = {loop: fold_axes(loop) for loop in loops}
        self.held: dict[Loop, Multiply] = {}  # of roots of loops over what a product holds
        self.products: dict[Buffer, Multiply] = {}
        self.lefts: set[Buffer] = set()  # left operands that tensor cores may take from registers
        self.buffers: list[Buffer] = []
        self.candidates: dict[Buffer, list[Loop]] = {}
        self.folded: dict[Buffer, tuple[Loop, tuple[int, ...]]] = {}  # by which loop, their shapes
        self._find_candidates(steps)
        for buffer in sorted(self.candidates, key=lambda buffer: buffer in self.folded):
            self._join(buffer)
        for buffer in self.lefts & self.candidates.keys():
            roots = {self.root(loop) for loop in self.candidates[buffer]}
            if not all(root in self.held and self.held[root].tensor for root in roots):
                del self.candidates[buffer]

    def layouts(self, threads: int, facts: Facts) -> dict[Loop, Layout]:
        """The layout of every loop."""
        members: dict[Loop, list[Loop]] = {}
        for loop in self.loops:
            members.setdefault(self.root(loop), []).append(loop)
        found: dict[Loop, Layout] = {}
        for root, group in members.items():
            if root in self.held:
                layout = _product_layout(self.held[root], threads, self.axes[root] is not None)
            else:
                layout = _layout(root.space, self.axes[root], group, threads, facts)
            found.update(dict.fromkeys(group, layout))
        return found

    def of_products(self, layouts: Mapping[Loop, Layout]) -> dict[Loop, Layout]:
        """The layouts of the loops over what products hold."""
        return {loop: layouts[loop] for loop in self.loops if self.root(loop) in self.held}

    def in_registers(self, layouts: Mapping[Loop, Layout], threads: int) -> dict[Buffer, Layout]:
        """The tiles that may lie in registers, and how."""
        found = {
            buffer: layouts[loops[0]]
            for buffer, loops in self.candidates.items()
            if loops and buffer not in self.folded
        }
        for buffer, step in self.products.items():
            if buffer in self.candidates and buffer not in found:
                found[buffer] = _product_layout(step, threads, False)
        return found

    def of_folds(self, layouts: Mapping[Loop, Layout], threads: int) -> dict[Buffer, Layout]:
        """The results of reductions along outer axes that may lie in registers, and how: as the
        loops that read them want it. Threads that bring parts together may take any of them.
        """
        found: dict[Buffer, Layout] = {}
        for buffer, (fold, shape) in self.folded.items():
            if buffer not in self.candidates:
                continue
            of = layouts[fold]
            loops = self.candidates[buffer]
            if loops:
                layout = layouts[loops[0]]
            else:
                vector = 1 if of.group > 1 else of.vector
                layout = Layout(shape, (), tuple(range(len(shape))), threads, threads, vector)
            if layout.is_plain and (of.group > 1 or layout.vector == of.vector):
                found[buffer] = layout
        return found

    def _find_candidates(self, steps: list[Step]) -> None:
        """Tiles that are written and read element by element, in loops over their own space."""
        refused: set[Buffer] = set()
        for step in steps:
            for view in (*views_written(step), *views_read(step)):
                if view.buffer not in self.candidates:
                    self.candidates[view.buffer] = []
                    self.buffers.append(view.buffer)
                loops = self.candidates[view.buffer]
                if (
                    isinstance(step, Multiply)
                    and view is step.out
                    and is_whole(view, step.op.tile.shape)
                    and self._agrees(view.buffer, step)
                ):
                    self.products.setdefault(view.buffer, step)
                elif isinstance(step, Multiply) and view is step.a and is_left(step):
                    self.lefts.add(view.buffer)
                elif isinstance(step, Loop) and (shape := _folded_shape(step, view)):
                    if view.buffer in self.folded or not is_whole(view, shape):
                        refused.add(view.buffer)
                    self.folded[view.buffer] = step, shape
                elif not isinstance(step, Loop):
                    refused.add(view.buffer)
                elif step not in loops:
                    loops.append(step)
            if isinstance(step, Loop):
                refused.update(_read_elsewhere(step))
        for buffer, loops in self.candidates.items():
            spaces = {loop.space for loop in loops}
            if buffer in self.folded:
                spaces.add(self.folded[buffer][1])
            if buffer in self.products:
                spaces.add(self.products[buffer].op.tile.shape)
            if len(spaces) > 1:  # a reshaped tile
                refused.add(buffer)
        for buffer in refused:
            del self.candidates[buffer]
            self.products.pop(buffer, None)

    def _agrees(self, buffer: Buffer, step: Multiply) -> bool:
        """Whether a tile may lie as one more product holds it."""
        other = self.products.get(buffer)
        return other is None or (other.tensor is None) == (step.tensor is None)

    def root(self, loop: Loop) -> Loop:
        """The loop that stands for all that share a layout with a loop."""
        while self.parent[loop] is not loop:
            loop = self.parent[loop]
        return loop

    def _join(self, buffer: Buffer) -> None:
        """Let the loops that share a tile share a layout, if one suits all of them."""
        roots = list(dict.fromkeys(self.root(loop) for loop in self.candidates[buffer]))
        wanted = {self.axes[root] for root in roots} - {None}
        products = [self.held[root] for root in roots if root in self.held]
        products += [self.products[buffer]] if buffer in self.products else []
        kinds = {product.tensor is None for product in products}
        last = {(len(product.op.tile.shape) - 1,) for product in products}
        is_apart = len(wanted) > 1 or len(kinds) > 1 or (products and not wanted <= last)
        if is_apart or (buffer in self.folded and (wanted or products)):
            del self.candidates[buffer]
            return
        for root in roots[1:]:
            self.parent[root] = roots[0]
        if roots:
            self.axes[roots[0]] = next(iter(wanted), None)
            if products:
                self.held[roots[0]] = products[0]


def _read_elsewhere(loop: Loop) -> Iterator[Buffer]:
    """The kept tiles of which a thread may need elements that are not its own."""
    for value, where, view in loop.reads:
        shape = value.tile.shape
        if shape != loop.space or where != identity(shape) or not is_whole(view, shape):
            yield view.buffer
    for sink in loop.sinks:
        match sink:
            case Keep(value, view):
                if value.tile.shape != loop.space or not is_whole(view, loop.space):
                    yield view.buffer
            case Fold() | ArgFold():
                if not are_outer(loop.space, fold_axes(loop)):
                    yield from (view.buffer for view in _views_of(sink) if view is not None)
            case _:
                pass


def _folded_shape(loop: Loop, view: View) -> tuple[int, ...] | None:
    """The shape of a tile that a loop reduces to along outer axes; None of others."""
    if not are_outer(loop.space, fold_axes(loop)):
        return None
    for sink in row_folds(loop):
        for result, own in zip(sink.op.results, _views_of(sink), strict=True):
            if own is view:
                return result.tile.shape
    return None


def _views_of(sink: Fold | ArgFold) -> tuple[View | None, ...]:
    return (sink.view,) if isinstance(sink, Fold) else sink.views


def _layout(
    space: tuple[int, ...],
    axes: tuple[int, ...] | None,
    loops: list[Loop],
    threads: int,
    facts: Facts,
) -> Layout:
    """The layout of loops over a space that reduce over some axes, or over none or all."""
    every = tuple(range(len(space)))
    if axes is None:
        vector = _vector(space, loops, prod(space), threads, facts)
        return Layout(space, (), every, threads, threads, vector)
    rows = tuple(axis for axis in every if axis not in axes)
    row_count = prod(space[axis] for axis in rows)
    length = prod(space[axis] for axis in axes)
    if are_outer(space, axes):
        return _strided(space, axes, loops, threads, facts)
    share = max(1, threads // _power_above(row_count))
    group = min(share, _power_above(length))
    vector = _vector(space, loops, length, group, facts)
    group = min(share, _power_above(-(-length // vector)))
    return Layout(space, rows, axes, threads, group, vector)


def _strided(
    space: tuple[int, ...],
    axes: tuple[int, ...],
    loops: list[Loop],
    threads: int,
    facts: Facts,
) -> Layout:
    """The layout of loops that reduce along outer axes: each thread has packs of neighbouring rows,
    and threads share them where there are more than packs.
    """
    vector = _vector(space, loops, prod(space), threads, facts)
    widest = max((bytes_of(fold) for loop in loops for fold in row_folds(loop)), default=1)
    while vector > 1 and threads * vector * widest > MOST_BROUGHT:
        vector //= 2
    rows = tuple(axis for axis in range(len(space)) if axis not in axes)
    packs = prod(space[axis] for axis in rows) // vector
    length = prod(space[axis] for axis in axes)
    share = max(1, threads // _power_above(packs))
    group = min(share, _power_above(length))
    return Layout(space, rows, axes, threads, group, vector, strided=True)


def _product_layout(step: Multiply, threads: int, is_folded: bool) -> Layout:
    """How a product is held: by tensor cores so that four lanes share a row, in pairs."""
    if step.tensor is None:
        return tile_layout(step, threads, is_folded)
    space = step.op.tile.shape
    every = tuple(range(len(space)))
    return Layout(space, every[:-1], every[-1:], threads, 4, 2, tensor=True)


def _vector(
    space: tuple[int, ...], loops: list[Loop], length: int, group: int, facts: Facts
) -> int:
    """How many neighbours along the last axis a thread takes at a time."""
    if not space:
        return 1
    along = len(space) - 1
    wanted = max((_wanted(loop, along, facts) for loop in loops), default=1)
    while wanted > 1 and (space[-1] % wanted or length // wanted < group):
        wanted //= 2
    return wanted


def _wanted(loop: Loop, along: int, facts: Facts) -> int:
    """The widest access of a loop, in elements."""
    found = [1]
    for op, where in loop.loads:
        match op:
            case ir.Load():
                found.append(vector_of(op, where, op.tile.shape, along, *facts))
    for sink in loop.sinks:
        match sink:
            case Effect(ir.Store() as op):
                whole = identity(loop.space)
                found.append(vector_of(op, whole, access_shape(op), along, *facts))
            case _:
                pass
    return min(8, max(found))


def _power_above(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()
