"""Chooses how many threads a program has, how loops are dealt to them, and where tiles lie.

Loops over one space that hand tiles to each other element by element share a layout: such tiles
stay in registers. All other tiles lie in shared memory or, where that is too small, in global
memory that the block has for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd, prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record

from ..analysis.divisibility import Divisors
from ..planning.coordinates import access_shape, identity
from ..planning.steps import (
    ArgFold,
    Buffer,
    Effect,
    Fold,
    Keep,
    Repeat,
    RepeatWhile,
    Step,
    View,
    itemsize_of,
)
from .accesses import vector_of
from .folds import MOST_BROUGHT, are_outer, bytes_of, fold_axes, row_folds
from .products import ROWS
from .rows import find_rows
from .steps import (
    WARP,
    Arrange,
    Combine,
    Count,
    Layout,
    Loop,
    Multiply,
    Place,
    Registers,
    Ring,
    Scratch,
    Shared,
    is_left,
    is_whole,
    views_read,
    views_written,
    walk_steps,
)
from .tiles import most_words, threads_of, tile_layout

# Of the largest tile; twice as many where all threads wait for all, or load nothing else meanwhile.
BYTES_A_THREAD: Final = 32
MOST_THREADS: Final = 512
MOST_WARPS: Final = 32  # of a block
MOST_TENSOR_WARPS: Final = 8  # two groups of warps share what is in shared memory
MOST_REGISTERS: Final = 160  # words of kept tiles that a thread may hold
SCRATCH_LIMIT: Final = 64 * 1024 * 1024
ALIGNMENT: Final = 16
SWIZZLED: Final = 1024  # bytes after which a swizzle begins anew


# Whether 32-bit offsets suffice, and what divides positions.
Facts = tuple[bool, Divisors]


@record
class Decisions:
    """What is decided about loops and kept tiles."""

    threads: int
    layouts: Mapping[Loop, Layout]
    tiles: Mapping[Multiply, Layout]
    places: Mapping[Buffer, Place]
    shared_bytes: int
    scratch_bytes: int


def decide(
    steps: tuple[Step, ...], shared_limit: int, facts: Facts, num_warps: int | None = None
) -> Decisions:
    """Decide for all steps of a plan, with so many warps if a launch said so.

    Raises `CompileError` if tiles do not fit.
    """
    all_steps = list(walk_steps(steps))
    loops = [step for step in all_steps if isinstance(step, Loop)]
    threads = _threads(all_steps) if num_warps is None else _as_asked(all_steps, num_warps)
    components = _Components(all_steps, loops)
    layouts = components.layouts(threads, facts)
    rows = find_rows(all_steps, components.of_products(layouts), components.root)
    layouts.update(rows.loops)
    kept = components.in_registers(layouts, threads) | dict(rows.buffers)
    kept |= components.of_folds(layouts, threads)
    by_threads = [s for s in all_steps if isinstance(s, Multiply) and s.tensor is None]
    most = min(MOST_REGISTERS, most_words(threads))
    registers = _fitting(kept, steps, most)
    tiles = {
        step: kept[step.out.buffer]
        if step.out.buffer in registers
        else tile_layout(step, threads, False)
        for step in by_threads
    }
    buffers = [b for b in components.buffers if b not in registers]
    places, shared, scratch = _deal_out(all_steps, steps, buffers, shared_limit)
    return Decisions(threads, layouts, tiles, registers | places, shared, scratch)


def _fitting(
    kept: Mapping[Buffer, Layout], steps: tuple[Step, ...], most: int
) -> dict[Buffer, Place]:
    """Tiles in registers, small ones first, as long as a thread never holds more than so many
    words; one that ends in the loop where another begins makes room for it.
    """
    lives = _lives(steps, set(kept), in_rounds=True)
    found: dict[Buffer, Place] = {}
    for buffer, layout in sorted(kept.items(), key=lambda item: _words(*item)):
        begin, end = lives[buffer]
        near = [(*lives[one], _words(one, kept[one])) for one in found]
        near = [life for life in near if life[0] < max(end, begin + 1) and begin < life[1]]
        times = {begin, *(start for start, _, _ in near)}
        peak = max(sum(n for start, stop, n in near if start <= time < stop) for time in times)
        if peak + _words(buffer, layout) <= most:
            found[buffer] = Registers(layout)
    return found


def _as_asked(steps: list[Step], num_warps: int) -> int:
    """The threads of so many warps; raises `CompileError` if the plan cannot have them."""
    if num_warps & (num_warps - 1) or not 1 <= num_warps <= MOST_WARPS:
        raise CompileError(
            f"num_warps={num_warps}, expected a power of two up to {MOST_WARPS}",
            "leave it out: the plan chooses",
        )
    for step in steps:
        match step:
            case Multiply(op=op, tensor=tensor) if tensor is not None:
                rows = prod(op.tile.shape[:-1])
                if rows % (ROWS * num_warps):
                    raise CompileError(
                        f"num_warps={num_warps} beside a product of {rows} rows: each "
                        f"warp takes {ROWS} rows at a time",
                        f"num_warps={rows // ROWS} is the most",
                        op.loc,
                    )
            case _:
                pass
    return num_warps * WARP


def _threads(steps: list[Step]) -> int:
    warps = [
        prod(step.op.tile.shape[:-1]) // ROWS
        for step in steps
        if isinstance(step, Multiply) and step.tensor is not None
    ]
    if warps:
        return WARP * gcd(MOST_TENSOR_WARPS, *warps)
    asked = threads_of([step for step in steps if isinstance(step, Multiply)])
    if asked:
        return min(MOST_THREADS, asked)
    loops = [step for step in steps if isinstance(step, Loop)]
    folds = any(isinstance(sink, Fold | ArgFold) for loop in loops for sink in loop.sinks)
    loads = [op for loop in loops for op, _ in loop.loads if isinstance(op, ir.Load)]
    widest = max((op.tile.dtype.itemsize for op in loads), default=4)
    is_alone = loads != [] and max(len(loop.loads) for loop in loops) == 1
    share = max(1, (2 * BYTES_A_THREAD if folds or is_alone else BYTES_A_THREAD) // widest)
    sizes = [1]
    for step in steps:
        match step:
            case Loop(space=space):
                sizes.append(prod(space) // share)
            case Multiply(op=op):
                sizes.append(op.tile.size // 64)
            case Combine(op=op):
                sizes.append(op.operands[0].tile.size // 8)
            case Arrange(op=op):
                sizes.append(op.x.tile.size // 8)
            case Count(op=op):
                sizes.append(op.x.tile.size // 8)
            case _:
                pass
    return min(MOST_THREADS, max(2 * WARP, 1 << (max(sizes) - 1).bit_length()))


def _words(buffer: Buffer, layout: Layout) -> int:
    return max(1, layout.slots * itemsize_of(buffer.dtype) // 4)


class _Components:
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


# --- shared memory -------------------------------------------------------------------------------


def _deal_out(
    all_steps: list[Step], steps: tuple[Step, ...], buffers: list[Buffer], limit: int
) -> tuple[dict[Buffer, Place], int, int]:
    """Where tiles lie that are not in registers; those of different times share memory."""
    lives = _lives(steps, set(buffers))
    swizzled = {
        view.buffer
        for step in all_steps
        for view in (*views_written(step), *views_read(step))
        if view.swizzle
    }
    places: dict[Buffer, Place] = {}
    taken: list[tuple[int, int, Buffer]] = []  # begin and end in bytes
    shared = scratch = 0
    for buffer in sorted(buffers, key=lambda b: (b not in swizzled, b.size * itemsize_of(b.dtype))):
        alignment = SWIZZLED if buffer in swizzled else ALIGNMENT
        size = -(-buffer.size * itemsize_of(buffer.dtype) // alignment) * alignment
        offset = 0
        for begin, end, other in sorted(taken, key=lambda entry: entry[0]):
            overlaps = lives[buffer][0] <= lives[other][1] and lives[other][0] <= lives[buffer][1]
            if overlaps and begin < offset + size and offset < end:
                offset = -(-end // alignment) * alignment
        if offset + size <= limit:
            places[buffer] = Shared(offset)
            taken.append((offset, offset + size, buffer))
            shared = max(shared, offset + size)
        else:
            places[buffer] = Scratch(scratch)
            scratch += size
            if scratch > SCRATCH_LIMIT:
                raise CompileError(
                    f"a tile of {buffer.size} elements of {buffer.dtype} needs {size} bytes; the "
                    f"tiles of this kernel need {shared + scratch} bytes together, available are "
                    f"{limit} of shared memory and {SCRATCH_LIMIT} of global memory",
                    "use smaller tiles",
                )
    return places, shared, scratch


def _lives(
    steps: tuple[Step, ...], buffers: set[Buffer], in_rounds: bool = False
) -> dict[Buffer, tuple[int, int]]:
    """From which step to which each tile is in use; one that begins before a loop it is used in all
    through the loop, and unless parts of a round are told apart one that begins there, too.
    """
    lives: dict[Buffer, tuple[int, int]] = {}
    clock = 0

    def visit(block: tuple[Step, ...]) -> None:
        nonlocal clock
        for step in block:
            begin = clock
            clock += 1
            inner = list(walk_steps((step,)))[1:]
            for view in (*views_written(step), *views_read(step)):
                if view.buffer in buffers:
                    first, _ = lives.get(view.buffer, (begin, begin))
                    lives[view.buffer] = first, begin
            if inner:
                visit_inner(step, begin)

    def visit_inner(step: Step, begin: int) -> None:
        nonlocal clock
        before = set(lives)
        for name in ("condition", "then", "orelse", "body"):
            visit(getattr(step, name, ()))
        end = clock
        clock += 1
        is_loop = isinstance(step, Repeat | RepeatWhile | Ring) and not in_rounds
        for buffer, (first, last) in list(lives.items()):
            if last > begin and (buffer in before or is_loop):
                lives[buffer] = (first if buffer in before else begin), end

    visit(steps)
    return lives
