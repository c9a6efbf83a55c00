"""Prints reductions and scans by a function of the user's: element after element, in order.

The function is only known to be associative; in order, no more is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from ..planning.steps import (
    Sequential,
    Step,
    View,
)
from .emit_scalar import Scalars
from .writer import Val


def emit_sequential(
    scalars: Scalars, step: Sequential, steps: Callable[[tuple[Step, ...]], list[Val] | None]
) -> None:
    """Print one reduction or scan with a body; `steps` prints that."""
    op = step.op
    assert isinstance(op, (ir.ReduceWith, ir.ScanWith))
    shape = op.inputs[0].tile.shape
    writer, accesses = scalars.writer, scalars.accesses
    axis, extent = op.axis, shape[op.axis]
    reverse = isinstance(op, ir.ScanWith) and op.reverse
    scanning = isinstance(op, ir.ScanWith)
    kept = [k for k in range(len(shape)) if k != axis]

    def place(view: View, strides: tuple[int, ...], index: dict[int, Val], dtype: Dtype) -> Val:
        level = writer.level
        positions = [index[k] for k in sorted(index)]
        steps = [Val(str(s), "i64", 0, level) for s in strides]
        base = accesses.scratch_address(view.buffer.offset + view.offset * dtype.itemsize)
        offset = accesses.offset(positions, steps, level)
        found: Val = accesses.address(base, offset, dtype, level)
        return found

    def read(index: dict[int, Val]) -> list[Val]:
        return [
            accesses.load_at(
                place(view, view.strides, index, x.tile.dtype), x.tile.dtype, None, None
            )
            for x, view in zip(op.inputs, step.sources, strict=True)
        ]

    def write(index: dict[int, Val], values: list[Val]) -> None:
        for result, view, value in zip(op.results, step.views, values, strict=True):
            dtype = result.tile.dtype
            if view is None:
                writer.level.known[(result, ())] = value
            else:
                accesses.store_at(place(view, view.strides, index, dtype), value, dtype, None)

    def along(outer: dict[int, Val]) -> None:
        first = Val(str(extent - 1 if reverse else 0), "i64", 0, writer.level)
        start = read({**outer, axis: first})
        if scanning:
            write({**outer, axis: first}, start)

        def body(i: Val, left: list[Val]) -> list[Val]:
            where = i
            if reverse:
                where = writer.put(f"sub i64 {extent - 1}, {i.text}", "i64", 0)
            right = read({**outer, axis: where})
            for parameter, value in zip(op.body.parameters, [*left, *right], strict=True):
                writer.level.known[(parameter, ())] = value
            new = steps(step.body)
            assert new is not None
            if scanning:
                write({**outer, axis: where}, new)
            return new

        last = writer.loop("1", str(extent), "1", start, body)
        if not scanning:
            write(outer, last)

    def nest(depth: int, outer: dict[int, Val]) -> None:
        if depth == len(kept):
            along(outer)
            return

        def body(i: Val, _: list[Val]) -> list[Val]:
            nest(depth + 1, {**outer, kept[depth]: i})
            return []

        writer.loop("0", str(shape[kept[depth]]), "1", [], body, at_least_once=True)

    nest(0, {})
