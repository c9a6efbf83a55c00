"""Prints loans: an operand is read in its array, or where the steps of the loan copy it to."""

from __future__ import annotations

from collections.abc import Callable

from ..planning.steps import (
    Step,
)
from .emit_scalar import Scalars
from .steps import (
    Borrow,
)
from .writer import Val


def emit_loan(
    scalars: Scalars, step: Borrow, write: Callable[[tuple[Step, ...]], list[Val] | None]
) -> None:
    """Print the step; from now on the operand's address and the distance of its rows are known."""
    writer, accesses, loan = scalars.writer, scalars.accesses, step.loan
    array, level = accesses.array(step.op.source), scalars.writer.level
    inside = array.valid
    positions: list[Val] = []
    for axis, (begin, extent) in enumerate(zip(loan.begins, array.extents, strict=True)):
        first = Val(str(begin.offset), "i64", 0, level)
        if begin.start is not None:
            first = scalars.as_index(begin.start)
            if begin.offset:
                first = writer.put(f"add i64 {first.text}, {begin.offset}", "i64", 0)
        positions.append(first)
        if axis in step.op.inside:
            continue
        test = writer.put(f"icmp ult i64 {first.text}, {extent.text}", "i1", 0)
        inside = accesses.both(inside, test, level)
        last = writer.put(f"add i64 {first.text}, {begin.extent - 1}", "i64", 0)
        test = writer.put(f"icmp slt i64 {last.text}, {extent.text}", "i1", 0)
        inside = accesses.both(inside, test, level)
    distance = array.strides[loan.axis]
    near = writer.put(f"icmp ule i64 {distance.text}, {loan.most}", "i1", 0)
    condition = accesses.both(inside, near, level)
    assert condition is not None
    dtype = step.op.source.array.dtype
    offset = accesses.offset(positions, list(array.strides), level)
    address = accesses.address(array.pointer, offset, dtype, level)

    def copied() -> list[Val]:
        write(step.body)
        start = step.view.buffer.offset + step.view.offset * dtype.itemsize
        stride = Val(str(step.view.strides[-2]), "i64", 0, writer.level)
        return [accesses.scratch_address(start), stride]

    found = writer.branch(condition.text, lambda: [address, distance], copied)
    assert found is not None
    accesses.loans[loan] = (found[0], found[1])
