"""Prints how values are handed to the host."""

from __future__ import annotations

from tilewright.dsl import ir

from ..planning.steps import Show, View, padded
from .program import Program
from .spelling import type_of
from .steps import element_offset


def emit_show(program: Program, step: Show) -> None:
    """Hand the values of a print to the host, one after another, each at a multiple of 8 bytes."""
    writer, op = program.writer, step.op
    total = sum(padded(value.tile) for value in op.values)
    record = writer.fresh("record")
    call = f"reserve_print(services, {op.place}, program, {total})"
    writer.add(f"u8* const {record} = from_first_thread(")
    writer.add(f"    thread == 0 ? {call} : nullptr, meeting);")
    offset = 0
    for value, source in zip(op.values, step.sources, strict=True):
        if source is None:
            text = _stored(program.scalar(value), value)
            writer.add(f"if (thread == 0) write_print({record}, {offset}, {text});")
        else:
            _show_tile(program, record, offset, value, source)
        offset += padded(value.tile)


def _show_tile(program: Program, record: str, offset: int, value: ir.Value, source: View) -> None:
    writer, threads = program.writer, program.plan.threads
    tile, name = value.tile, program.buffers[source.buffer]
    size = tile.dtype.itemsize
    element = writer.fresh("element")
    head = f"for (i32 {element} = thread; {element} < {tile.size}; {element} += {threads})"
    with writer.block(head):
        text = _stored(f"{name}[{element_offset(source, tile.shape, element)}]", value)
        writer.add(f"write_print({record}, {offset} + {element} * {size}, {text});")


def _stored(text: str, value: ir.Value) -> str:
    return f"to<u8>({text})" if value.tile.dtype.is_bool else f"{type_of(value.tile.dtype)}({text})"
