"""Prints matrix products of tiles in memory: each thread adds up the elements that it holds."""

from __future__ import annotations

from tilewright.dsl import ir

from ..planning.steps import View
from .program import Program, in_registers, zero
from .spelling import cast, type_of
from .steps import Multiply


def emit_product(program: Program, step: Multiply) -> None:
    """Print one product, added to what the result holds unless that is to be cleared."""
    op, writer = step.op, program.writer
    layout = in_registers(program.plan, step.out)
    size, threads = op.tile.size, program.plan.threads
    depth = op.a.tile.shape[-1]
    element, k = writer.fresh("element"), writer.fresh("k")
    assert layout is None
    head = f"for (i32 {element} = thread; {element} < {size}; {element} += {threads})"
    with writer.block(head):
        batch, row, column = _split(op, element)
        target = f"{program.buffers[step.out.buffer]}[{_offset(step.out, batch, row, column)}]"
        kind = type_of(op.tile.dtype)
        total = writer.fresh("total")
        start = zero(op.tile.dtype) if step.clear else target
        writer.add(f"{kind} {total} = {start};")
        with writer.block(f"for (i32 {k} = 0; {k} < {depth}; ++{k})"):
            a = _operand(program, op.a, step.a, (batch, row, k), op)
            b = _operand(program, op.b, step.b, (batch, k, column), op)
            if op.tile.dtype.is_float:
                writer.add(f"{total} = multiply_add({a}, {b}, {total});")
            else:
                writer.add(f"{total} = add({total}, multiply({a}, {b}));")
        writer.add(f"{target} = {total};")


def _operand(
    program: Program, value: ir.Value, view: View, where: tuple[str, str, str], op: ir.Dot
) -> str:
    text = f"{program.buffers[view.buffer]}[{_offset(view, *where)}]"
    return cast(text, value.tile.dtype, op.tile.dtype)


def _split(op: ir.Dot, element: str) -> tuple[str, str, str]:
    """Which batch, row and column an element of the result is in."""
    *_, rows, columns = op.tile.shape
    batch = f"({element} / {rows * columns})"
    return batch, f"({element} / {columns} % {rows})", f"({element} % {columns})"


def _offset(view: View, batch: str, row: str, column: str) -> str:
    *outer, rows, columns = view.strides
    terms = [str(view.offset)] if view.offset else []
    terms += [f"{batch} * {stride}" for stride in outer]
    return " + ".join([*terms, f"{row} * {rows}", f"{column} * {columns}"])
