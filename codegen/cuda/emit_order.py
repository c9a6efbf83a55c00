"""Prints sorts, by a network of comparisons over keys, and histograms."""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import i64

from .program import Program
from .spelling import cast, inside, type_of
from .steps import Arrange, Count, element_offset, row_offset

EACH: Final = 8  # elements of a row that a thread sorts, if there are as many
MOST: Final = 16  # in registers: of two or three words each


def emit_sort(program: Program, step: Arrange) -> None:
    """Print a sort: keys and positions are put in order, then what lies at these positions."""
    op, writer, threads = step.op, program.writer, program.plan.threads
    shape = op.x.tile.shape
    extent, size = shape[op.axis], step.size
    rows = op.x.tile.size // extent
    keys, places = program.buffers[step.keys], program.buffers[step.places]
    source, target = program.buffers[step.source.buffer], program.buffers[step.view.buffer]
    descending = "true" if op.descending else "false"
    row, place = writer.fresh("row"), writer.fresh("place")
    at = row_offset(step.source, shape, op.axis, row, place)
    key = f"sort_key({source}[{at}], {descending})"
    if size != extent:
        key = f"{place} < {extent} ? {key} : ~{type_of(step.keys.dtype)}(0)"
    each = max(size // threads, min(EACH, size))
    if each <= MOST:
        sort = f"sort_rows<{threads}, {size}, {each}>"
    else:
        sort = f"sort_long_rows<{threads}, {size}>"
    writer.add("__syncthreads();")
    key_at = f"[&](i32 {row}, i32 {place}) {{ return {key}; }}"
    writer.add(f"{sort}({keys}, {places}, {rows}, {key_at});")
    count, entry = op.count, writer.fresh("entry")
    head = f"for (i32 {entry} = thread; {entry} < {rows * count}; {entry} += {threads})"
    with writer.block(head):
        row, place = f"{entry} / {count}", f"{entry} % {count}"
        found = writer.define("i32", "found", f"{places}[{row} * {size} + {place}]")
        result_shape = op.tile.shape
        to = row_offset(step.view, result_shape, op.axis, row, place)
        at = row_offset(step.source, shape, op.axis, row, found)
        text = found if op.kind == "positions" else f"{source}[{at}]"
        writer.add(f"{target}[{to}] = {text};")
    writer.add("__syncthreads();")


def emit_count(program: Program, step: Count) -> None:
    """Print a histogram: each thread adds to the counts of what it comes to."""
    op, writer, threads = step.op, program.writer, program.plan.threads
    x = op.x.tile
    target = program.buffers[step.view.buffer]
    start = f"{step.view.offset} + " if step.view.offset else ""
    entry = writer.fresh("entry")
    with writer.block(f"for (i32 {entry} = thread; {entry} < {op.bins}; {entry} += {threads})"):
        writer.add(f"{target}[{start}{entry}] = 0;")
    writer.add("__syncthreads();")
    with writer.block(f"for (i32 {entry} = thread; {entry} < {x.size}; {entry} += {threads})"):
        at = element_offset(step.source, x.shape, entry)
        text = f"{program.buffers[step.source.buffer]}[{at}]"
        value = writer.define(type_of(x.dtype), "counted", text)
        wide = cast(value, x.dtype, i64)
        writer.add(f"if ({inside(wide, op.bins)}) atomicAdd({target} + {start}{value}, 1);")
    writer.add("__syncthreads();")
