"""Control flow that a loop runs for its lanes: each vector takes the way of its own lanes.

A condition that is a tile is a mask; a block is skipped where no lane wants it.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile

from .emit_values import Values
from .loop_state import LoopState
from .spelling import vector
from .writer import Val


class Regions:
    """The regions of one loop."""

    def __init__(self, state: LoopState, values: Values) -> None:
        self.state = state
        self.values = values
        self.scalars = state.scalars
        self.writer = state.writer

    def run(self, op: ir.Op) -> None:
        """Print a region inside the loop; its results are known afterwards."""
        self.writer.mark(op)
        match op:
            case ir.If():
                results = self._region_if(op)
            case ir.While():
                results = self._region_while(op)
            case ir.For():
                results = self._region_for(op)
            case ir.Inlined(_, body):
                results = self.writer.inlined(lambda: self.block(body))
            case _:
                raise AssertionError(op)
        for result, value in zip(op.results, results, strict=True):
            value = self._from_mask(value, result.tile.dtype)
            self.writer.level.known[(result, self.values.place_of(result))] = value

    def _held(self, value: ir.Value) -> Val:
        """A value as it crosses basic blocks: tiles in full vectors, masks as integers.

        One-bit vectors that live across blocks are packed and unpacked again; sign bits are not.
        """
        found = self.values.whole(value)
        if value.tile.shape and self.state.loop.vector in self.values.place_of(value):
            found = self.state.spread(found, self.state.part.lanes)
        if value.tile.dtype.is_bool and found.lanes:
            return self.writer.put(
                f"sext {found} to {vector('i32', found.lanes)}", "i32", found.lanes
            )
        return found

    def _from_mask(self, value: Val, dtype: Dtype) -> Val:
        if dtype.is_bool and value.lanes and value.element == "i32":
            return self.writer.put(f"icmp slt {value}, zeroinitializer", "i1", value.lanes)
        return value

    def _bind(self, parameters: tuple[ir.Value, ...], values: list[Val]) -> None:
        for parameter, value in zip(parameters, values, strict=True):
            found = self._from_mask(value, parameter.tile.dtype)
            self.writer.level.known[(parameter, self.values.place_of(parameter))] = found

    def block(self, block: ir.Block) -> list[Val] | None:
        """Print a block of a region in order; what it yields, or None if it left."""
        level = self.writer.level
        for op in block.ops:
            self.state.home[op] = level
        for op in block.ops:
            self.writer.mark(op)
            match op:
                case ir.Yield(values):
                    return [self._held(value) for value in values]
                case ir.Break(values):
                    self.writer.leave_loop([self._held(value) for value in values])
                    return None
                case ir.Continue(values):
                    self.writer.next_round([self._held(value) for value in values])
                    return None
                case ir.Return(values):
                    self.writer.land([self._held(value) for value in values])
                    return None
                case ir.Store(_, _, value) if value.tile.shape:
                    whole = self.values.place_of(value)
                    self.values.arrays.store(op, whole, self.values.at(value, whole))
                case ir.StorePointer(_, value) if value.tile.shape:
                    whole = self.values.place_of(value)
                    self.values.pointers.store(op, whole, self.values.at(value, whole))
                case ir.Atomic() | ir.AtomicPointer() if op.tile.shape:
                    self.values.do_atomic(op)
                case ir.Check(condition) if condition.tile.shape:
                    self.check(op)
                case ir.Breakpoint():
                    pass
                case ir.If() | ir.While() | ir.For() | ir.Inlined():
                    self.run(op)
                    if self.writer.level.left:
                        return None
                case ir.Load() | ir.LoadPointer() if op.tile.shape:
                    self.values.whole(op)  # in program order
                case ir.Reduce("or") if not op.tile.shape:
                    level.known[(op, ())] = self.values.some_lane(op)
                case ir.Reshape(x) if not op.tile.shape:
                    level.known[(op, ())] = self.values.whole(x)
                case _ if op.results and all(
                    isinstance(r.type, Tile) and r.tile.shape for r in op.results
                ):
                    pass
                case _:
                    self.scalars.compute(op)
        raise AssertionError("a block does not end")

    def check(self, op: ir.Check) -> None:
        """Fail the launch for the first lane where the condition is off."""
        writer = self.writer
        condition = self.values.whole(op.condition)
        values = [self.values.whole(value) for value in op.values]
        lanes = max((x.lanes for x in (condition, *values)), default=0)
        if not lanes:
            self.scalars.fail_unless(condition.text, op, values)
            return
        condition = self.state.spread(condition, lanes)
        off = writer.put(f"xor {condition}, splat (i1 true)", "i1", lanes)
        bits = writer.put(f"bitcast {off} to i{lanes}", f"i{lanes}", 0)
        first = writer.call("cttz", f"i{lanes}", 0, [bits, "i1 false"])
        fine = writer.put(f"icmp eq {bits}, 0", "i1", 0)
        picked = []
        for value in values:
            if value.lanes:
                value = writer.put(f"extractelement {value}, {first}", value.element, 0)
            picked.append(value)
        self.scalars.fail_unless(fine.text, op, picked)

    def _any(self, condition: Val) -> str:
        if not condition.lanes:
            return condition.text
        bits = self.writer.put(
            f"bitcast {condition} to i{condition.lanes}", f"i{condition.lanes}", 0
        )
        return self.writer.put(f"icmp ne {bits}, 0", "i1", 0).text

    def _region_if(self, op: ir.If) -> list[Val]:
        writer = self.writer
        if not op.lanes:
            condition = self.values.whole(op.condition)
            results = writer.branch(
                condition.text, lambda: self.block(op.then), lambda: self.block(op.orelse)
            )
            return results if results is not None else []
        condition = self.values.whole(op.condition)
        if self.state.loop.vector in self.values.place_of(op.condition):
            condition = self.state.spread(condition, self.state.part.lanes)
        otherwise = self.block(op.orelse)
        assert otherwise is not None

        def taken() -> list[Val]:
            # The choice stands inside, so that who skips it pays nothing.
            values = self.block(op.then)
            assert values is not None
            pairs = zip(values, otherwise, strict=True)
            return [self._choose(condition, yes, no) for yes, no in pairs]

        found = writer.branch(self._any(condition), taken, lambda: otherwise)
        assert found is not None
        return found

    def _choose(self, condition: Val, yes: Val, no: Val) -> Val:
        if yes.text == no.text or (condition.lanes and not yes.lanes and not no.lanes):
            return yes  # a scalar is what it is for the lanes that are on
        lanes = max(condition.lanes, yes.lanes, no.lanes)
        if condition.lanes:
            condition, yes, no = (self.state.spread(x, lanes) for x in (condition, yes, no))
        return self.writer.put(f"select {condition}, {yes}, {no}", yes.element, yes.lanes)

    def _region_while(self, op: ir.While) -> list[Val]:
        inits = [self._held(value) for value in op.inits]
        tests: list[Val] = []

        def condition(values: list[Val]) -> str:
            self._bind(op.condition.parameters, values)
            result = self.block(op.condition)
            assert result is not None
            test = self._from_mask(result[0], op.condition.terminator.operands[0].tile.dtype)
            if op.lanes and self.state.loop.vector in self.values.place_of(
                op.condition.terminator.operands[0]
            ):
                test = self.state.spread(test, self.state.part.lanes)
            tests.append(test)
            return self._any(test)

        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters, values)
            new = self.block(op.body)
            if new is None or not op.lanes:
                return new
            carried = list(zip(new, values, strict=True))
            if op.condition.terminator.operands[0] is op.condition.parameters[-1]:
                # The last value is the mask itself, and what is off stays off.
                return [*(self._choose(tests[-1], a, b) for a, b in carried[:-1]), new[-1]]
            return [self._choose(tests[-1], a, b) for a, b in carried]

        results: list[Val] = self.writer.loop_while(inits, condition, body)
        return results

    def _region_for(self, op: ir.For) -> list[Val]:
        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters[1:], values)
            return self.block(op.body)

        return self.state.scalars.loop(op, [self._held(value) for value in op.inits], body)
