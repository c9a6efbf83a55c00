"""Reductions and scans in a loop: accumulators that run along, and what is left at the end."""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from ..planning.coordinates import identity
from ..planning.steps import (
    ArgFold,
    Fold,
    Running,
    Sink,
    View,
)
from .arg_folds import best_lane, is_better
from .emit_values import Values
from .folds import accumulate, combine_lanes, identity_of, prefix
from .loop_state import LoopState
from .spelling import element, splat
from .writer import Val


class Folds:
    """What the sinks of one loop have combined so far: accumulators by sink."""

    def __init__(self, state: LoopState, values: Values) -> None:
        self.state = state
        self.values = values
        self.loop = state.loop
        self.writer = state.writer
        self.accesses = state.accesses
        self.carried: dict[Sink, list[Val]] = {}

    # --- from loop to loop

    def starts(self, sink: Sink) -> int:
        """Where in the order a sink's combining begins; -1 if it combines nothing."""
        match sink:
            case Fold(op):
                return len(self.loop.space) - len(op.axes)
            case ArgFold() | Running():
                return len(self.loop.space) - 1
            case _:
                return -1

    def values_carried(self) -> list[Val]:
        """The accumulators that run now, as a loop carries them."""
        return [value for values in self.carried.values() for value in values]

    def bind(self, values: list[Val]) -> None:
        """Take what a loop carries as the accumulators."""
        remaining = iter(values)
        for sink, old in self.carried.items():
            self.carried[sink] = [next(remaining) for _ in old]

    def publish(self) -> None:
        """Make results that are scalars known behind the nest."""
        for sink, values in self.carried.items():
            match sink:
                case Fold(op) | ArgFold(op):
                    for result, value in zip(op.results, values, strict=True):
                        level = self.writer.level  # that of the nest is closed
                        value = Val(value.text, value.element, value.lanes, level)
                        level.known[(result, ())] = value

    # --- beginning and end

    def begin(self, sink: Sink) -> None:
        """Set a sink's accumulators to what changes nothing."""
        match sink:
            case Fold(op):
                lanes = self._accumulator_lanes(sink)
                self.carried[sink] = [self._neutral(op.kind, op.x.tile.dtype, lanes)]
            case ArgFold(op):
                lanes = self._accumulator_lanes(sink)
                first = splat("0", "i32", lanes)
                if self._is_across(sink):
                    first = f"<{', '.join(f'i32 {n}' for n in range(lanes))}>"
                worst = self._neutral(op.kind[3:], op.x.tile.dtype, lanes)
                self.carried[sink] = [worst, Val(first, "i32", lanes, self.writer.level)]
            case Running(op):
                lanes = 0 if self._is_across(sink) else self.state.part.lanes
                self.carried[sink] = [self._neutral(op.kind, op.x.tile.dtype, lanes)]
            case _:
                raise AssertionError(sink)

    def finish(self, sink: Sink) -> None:
        """Combine over the lanes; write the result, or leave it as a scalar."""
        writer, flags = self.writer, self.state.flags
        values = self.carried[sink]
        is_across = self._is_across(sink)
        match sink:
            case Fold(op, view):
                if is_across:
                    dtype = op.x.tile.dtype
                    values = [combine_lanes(writer, op.kind, values[0], dtype, flags)]
                self._write(sink, op.results, (view,), op.axes, values)
            case ArgFold(op, views):
                if is_across:
                    best, where = values
                    values = best_lane(writer, op.kind, (best, where), op.x.tile.dtype)
                self._write(sink, op.results, views, (op.axis,), values)
            case _:
                del self.carried[sink]

    def _write(
        self,
        sink: Sink,
        results: tuple[ir.Value, ...],
        views: tuple[View | None, ...],
        axes: tuple[int, ...],
        values: list[Val],
    ) -> None:
        whole = identity(self.loop.space)
        where = tuple(whole[axis] for axis in range(len(whole)) if axis not in axes)
        self.carried[sink] = values
        for result, view, value in zip(results, views, values, strict=True):
            if view is not None:
                self.values.kept.write(view, result.tile.dtype, where, value)
                self.carried.pop(sink, None)

    def _is_across(self, sink: Sink) -> bool:
        """Whether a sink combines the lanes of a vector, not only whole vectors."""
        match sink:
            case Fold(op):
                return self.loop.vector in op.axes
            case ArgFold(op) | Running(op):
                return self.loop.vector == op.axis
            case _:
                return False

    def _accumulator_lanes(self, sink: Sink) -> int:
        if self._is_across(sink):
            return min(self.loop.lanes, self.loop.space[self.loop.vector])
        return self.state.part.lanes

    def _neutral(self, kind: str, dtype: Dtype, lanes: int) -> Val:
        text = splat(identity_of(kind, dtype), element(dtype), lanes)
        return Val(text, element(dtype), lanes, self.writer.level)

    # --- one vector more

    def add(self, sink: Fold | ArgFold, x: Val) -> None:
        """Combine a vector with the accumulators."""
        match sink:
            case Fold():
                self.carried[sink] = [self._fold(sink, x)]
            case ArgFold():
                self.carried[sink] = self._arg_fold(sink, x)

    def _fold(self, sink: Fold, x: Val) -> Val:
        """Combine; a shorter vector counts as padded with the identity."""
        (total,) = self.carried[sink]
        lanes = self.state.part.lanes
        x = self.state.spread(x, lanes)
        writer, kind, dtype = self.writer, sink.op.kind, sink.op.x.tile.dtype
        if total.lanes > lanes:
            neutral = splat(identity_of(kind, dtype), x.element, lanes)
            numbers = ", ".join(f"i32 {min(n, lanes)}" for n in range(total.lanes))
            x = writer.put(
                f"shufflevector {x}, {x.type} {neutral}, <{total.lanes} x i32> <{numbers}>",
                x.element,
                total.lanes,
            )
        return accumulate(writer, kind, total, x, dtype, writer.level, self.state.flags)

    def _arg_fold(self, sink: ArgFold, x: Val) -> list[Val]:
        best, where = self.carried[sink]
        lanes, writer = self.state.part.lanes, self.writer
        x = self.state.spread(x, lanes)
        axis = sink.op.axis
        counter = writer.put(f"trunc i64 {self.state.index[axis].text} to i32", "i32", 0)
        position = self.accesses.splat(counter, lanes, writer.level)
        if axis == self.loop.vector:
            numbers = ", ".join(f"i32 {n}" for n in range(lanes))
            position = writer.put(f"add {position}, <{numbers}>", "i32", lanes)
        wide = best.lanes
        if wide > lanes:
            # Lanes beyond the end repeat the first one: the same element twice.
            numbers = ", ".join(f"i32 {n if n < lanes else 0}" for n in range(wide))
            x, position = (
                writer.put(
                    f"shufflevector {v}, {v.type} poison, <{wide} x i32> <{numbers}>",
                    v.element,
                    wide,
                )
                for v in (x, position)
            )
        better = is_better(writer, sink.op.kind, x, best, sink.op.x.tile.dtype)
        return [
            writer.put(f"select {better}, {new}, {old}", new.element, wide)
            for new, old in ((x, best), (position, where))
        ]

    def run(self, sink: Running) -> None:
        """Go on with a scan; what it is after each element is known from now on, or written."""
        op, writer, flags = sink.op, self.writer, self.state.flags
        dtype, lanes = op.x.tile.dtype, self.state.part.lanes
        whole = identity(self.loop.space)
        x = self.state.spread(self._scanned(op, whole), lanes)
        (carry,) = self.carried[sink]
        if self._is_across(sink):
            x = prefix(writer, op.kind, x, dtype, writer.level, flags)
            carry = self.accesses.splat(carry, lanes, writer.level)
            x = accumulate(writer, op.kind, carry, x, dtype, writer.level, flags)
            carry = writer.put(f"extractelement {x}, i64 {lanes - 1}", x.element, 0)
        else:
            x = carry = accumulate(writer, op.kind, carry, x, dtype, writer.level, flags)
        self.carried[sink] = [carry]
        if whole[self.loop.vector] is None:  # one element: a number, as everything else there is
            x = writer.put(f"extractelement {x}, i64 0", x.element, 0)
        if sink.view is None:
            self.writer.level.known[self.state.key(op, whole)] = x
        else:
            self.values.kept.write(_flipped(sink.view, op), dtype, whole, x)

    def _scanned(self, op: ir.Scan, whole: tuple[int | None, ...]) -> Val:
        """The next vector of a scan, which goes from the end if it is reversed."""
        if not op.reverse:
            return self.values.at(op.x, whole)
        view = _flipped(self.loop.reads[op.x], op)
        return self.values.kept.read(view, op.x.tile.dtype, whole)


def _flipped(view: View, op: ir.Scan) -> View:
    """A view from the other end of a scan's axis."""
    offset = view.offset + (op.x.tile.shape[op.axis] - 1) * view.strides[op.axis]
    strides = tuple(-s if k == op.axis else s for k, s in enumerate(view.strides))
    return View(view.buffer, offset, strides)
