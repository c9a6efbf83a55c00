"""Chooses how many threads a program has, and where its tiles lie.

Tiles that loops hand to each other element by element lie in registers as long as there is room,
all others in shared memory or, where that is too small, in global memory that the block has for
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record

from ..planning.steps import ArgFold, Buffer, Fold, Repeat, RepeatWhile, Step, itemsize_of
from .layouts import Components, Facts
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
    components = Components(all_steps, loops)
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
