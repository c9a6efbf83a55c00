"""Values of elements in a loop: each sink asks for one at coordinates, which pulls in its operands.

An op is printed where its deepest operand is, so what does not follow a loop stands before it.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile, f32, f64, i64, index

from ..analysis.contiguity import Coordinates, through_broadcast, through_unit_reshape
from ..analysis.ranges import ANY
from ..planning.coordinates import align_shape, aligned, identity
from ..planning.steps import (
    Keep,
)
from .emit_arrays import Arrays
from .emit_elementwise import SMALL, convert_small, emit_elementwise
from .emit_kept import Kept
from .emit_pointers import Pointers
from .loop_state import LoopState
from .spelling import constant, element
from .writer import Val


class Values:
    """The values of one loop."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.writer = state.writer
        self.kept = Kept(state)
        self.arrays = Arrays(state, self.at)
        self.pointers = Pointers(state, self.at)
        # Kept here for the first time: computed, not read back.
        self.made_here = {
            sink.value
            for sink in state.loop.sinks
            if isinstance(sink, Keep) and state.loop.reads.get(sink.value) == sink.view
        }

    def is_read(self, value: ir.Value) -> bool:
        """Whether a value is read back from memory."""
        return value in self.state.loop.reads and value not in self.made_here

    def whole(self, value: ir.Value) -> Val:
        """A value where it lies when it broadcasts against the loop's space."""
        return self.at(value, self.place_of(value))

    def place_of(self, value: ir.Value) -> Coordinates:
        """Where a value lies when it broadcasts against the loop's space."""
        return align_shape(value.tile.shape, identity(self.state.loop.space))

    def at(self, value: ir.Value, where: Coordinates) -> Val:
        """The text of a value at coordinates."""
        key = self.state.key(value, where)
        found = self.writer.known(key)
        if found is not None:
            return found
        if not value.tile.shape and not where:
            return self.state.scalars.scalar(value)
        before = self.writer.mark(value)
        if self.is_read(value):
            made = self.kept.value(value, self.state.loop.reads[value], where)
        else:
            assert isinstance(value, ir.Op), f"{value!r} is not known here"
            made = self._make(value, where)
        self.writer.place = before
        made.level.known[key] = made
        return made

    def do_atomic(self, op: ir.Atomic | ir.AtomicPointer) -> None:
        """Do an atomic where the loop stands now; what it gives is known from now on."""
        where = self.place_of(op)
        once = self._once(where)
        match op:
            case ir.Atomic():
                made = self.arrays.atomic(op, where, once)
            case ir.AtomicPointer():
                made = self.pointers.atomic(op, where, once)
        self.writer.level.known[self.state.key(op, where)] = made

    def _once(self, where: Coordinates) -> Val | None:
        """Where the loop stands at the first element along all axes that coordinates leave out."""
        state, first = self.state, None
        for axis, extent in enumerate(state.loop.space):
            if axis not in where and extent > 1:
                counter = state.index[axis]
                test = self.writer.put(f"icmp eq i64 {counter.text}, 0", "i1", 0, counter.level)
                first = state.both(first, test)
        return first

    def some_lane(self, op: ir.Reduce) -> Val:
        """Whether a lane is on among those of this vector that belong to an element of less shape.

        Such reductions guard accesses and checks in a region; there each vector has its own.
        """
        mask, place = self.whole(op.x), self.place_of(op.x)
        if not mask.lanes or self.state.loop.vector not in [place[axis] for axis in op.axes]:
            return mask
        bits = self.writer.put(f"bitcast {mask} to i{mask.lanes}", f"i{mask.lanes}", 0)
        return self.writer.put(f"icmp ne {bits}, 0", "i1", 0)

    def _make(self, op: ir.Op, where: Coordinates) -> Val:
        match op:
            case ir.Const(number, Tile(dtype)):
                return Val(constant(number, dtype), element(dtype), 0, self.state.base)
            case ir.Iota():
                return self._iota(op, where)
            case ir.Broadcast(x):
                return self.at(x, through_broadcast(x, where, op.tile.shape))
            case ir.Reshape(x):
                inner = through_unit_reshape(x.tile.shape, op.tile.shape, where)
                assert inner is not None
                return self.at(x, inner)
            case ir.Load():
                return self.arrays.load(op, where)
            case ir.LoadPointer():
                return self.pointers.load(op, where)
            case ir.Gather(x):
                return self.arrays.take(op, self.state.loop.reads[x], where)
            case ir.Reduce("or"):
                return self.some_lane(op)
            case ir.Cast(x, dtype) if self._is_converted_in_vectors(x, dtype):
                found = self.at(x, aligned(x, where, op.tile.shape))
                if not found.lanes:
                    return self._elementwise(op, [found])
                level = self.state.level(found.level, op=op)
                return convert_small(self.writer, found, element(dtype), level)
            case _:
                operands = [self.at(x, aligned(x, where, op.tile.shape)) for x in op.operands]
                return self._elementwise(op, operands)

    def _is_converted_in_vectors(self, x: ir.Value, dtype: Dtype) -> bool:
        """Whether integers of 64 bits become floats in vectors only as few of their bits count."""
        machine = self.writer.machine
        if x.tile.dtype not in (index, i64) or dtype not in (f32, f64) or not machine.lacks_long:
            return False
        least, most = self.state.scalars.ranges.get(x, ANY)
        return least is not None and most is not None and -SMALL <= least <= most < SMALL

    def _elementwise(self, op: ir.Op, operands: list[Val]) -> Val:
        level = self.state.level(*(x.level for x in operands), op=op)
        lanes = max((x.lanes for x in operands), default=0)
        if lanes:
            operands = [self.state.spread(x, lanes) for x in operands]
        made = emit_elementwise(self.writer, op, operands, level, self.state.flags)
        return made if made.level is level else Val(made.text, made.element, made.lanes, level)

    def _iota(self, op: ir.Iota, where: Coordinates) -> Val:
        axis = where[op.axis]
        kind = element(op.tile.dtype)
        if axis is None:
            return Val(str(op.start), kind, 0, self.state.base)
        counter = self.state.index[axis]
        level = self.state.level(counter.level, op=op)
        base = counter
        if kind != "i64":
            base = self.writer.put(f"trunc i64 {counter.text} to {kind}", kind, 0, level)
        if op.start:
            base = self.writer.put(f"add {base}, {op.start}", kind, 0, level)
        if axis != self.state.loop.vector:
            return Val(base.text, kind, 0, level)
        lanes = self.state.part.lanes
        numbers = ", ".join(f"{kind} {n}" for n in range(lanes))
        spread = self.state.accesses.splat(base, lanes, level)
        return self.writer.put(f"add {spread}, <{numbers}>", kind, lanes, level)
