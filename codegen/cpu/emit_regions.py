"""Control flow that a loop runs for its lanes: vectors in flight take a way where a lane wants it.

A condition that is a tile is a mask; a block is skipped where no lane wants it. Several vectors
run through a region at once: what crosses its blocks is a list of a value for each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
        self.words: dict[str, Val] = {}  # masks as integers, by their names

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
        self._bind(op.results, results)

    def _held(self, values: tuple[ir.Value, ...]) -> list[Val]:
        """Values as they cross basic blocks, those of each vector in flight."""
        return [
            self._held_by_one(value)
            for value in values
            for _ in self.state.flight(self.values.place_of(value))
        ]

    def _held_by_one(self, value: ir.Value) -> Val:
        """A value of the present vector: tiles in full vectors, masks as integers.

        One-bit vectors that live across blocks are packed and unpacked again; sign bits are not.
        """
        found = self.values.whole(value)
        if value.tile.shape and self.state.loop.vector in self.values.place_of(value):
            found = self.state.spread(found, self.state.part.lanes)
        if value.tile.dtype.is_bool and found.lanes:
            return self._word(value, found)
        return found

    def _word(self, value: ir.Value, mask: Val) -> Val:
        """A mask as integers, -1 where it is on: what was one already is not packed in between."""
        found = self.words.get(mask.text)
        if found is not None:
            return found
        match value:
            case ir.Binary("and", ir.Parameter() as a, b) if self.scalars.uses[value] == 1:
                one, other = (self.state.spread(self.values.whole(x), mask.lanes) for x in (a, b))
                left, right = self._word(a, one), self._word(b, other)
                return self.writer.put(f"and {left}, {right.text}", left.element, mask.lanes)
            case _:
                kind = self.state.mask_element
                whole = vector(kind, mask.lanes)
                return self.writer.put(f"sext {mask} to {whole}", kind, mask.lanes)

    def _from_mask(self, value: Val, dtype: Dtype) -> Val:
        if not dtype.is_bool or not value.lanes or value.element == "i1":
            return value
        mask = self.writer.put(f"icmp slt {value}, zeroinitializer", "i1", value.lanes)
        self.words[mask.text] = value
        return mask

    def _bind(self, names: tuple[ir.Value, ...], values: list[Val]) -> None:
        """Make values that crossed basic blocks known."""
        remaining = iter(values)
        for name in names:
            place = self.values.place_of(name)
            for _ in self.state.flight(place):
                found = self._from_mask(next(remaining), name.tile.dtype)
                self.writer.level.known[self.state.key(name, place)] = found
        assert next(remaining, None) is None

    def block(self, block: ir.Block) -> list[Val] | None:
        """Print a block of a region in order; what it yields, or None if it left."""
        level = self.writer.level
        for op in block.ops:
            self.state.home[op] = level
        for op in block.ops:
            self.writer.mark(op)
            match op:
                case ir.Yield(values):
                    return self._held(values)
                case ir.Break(values):
                    self.writer.leave_loop(self._held(values))
                    return None
                case ir.Continue(values):
                    self.writer.next_round(self._held(values))
                    return None
                case ir.Return(values):
                    self.writer.land(self._held(values))
                    return None
                case ir.If() | ir.While() | ir.For() | ir.Inlined():
                    self.run(op)
                    if self.writer.level.left:
                        return None
                case ir.Load() | ir.LoadPointer() if op.tile.shape:
                    for _ in self.state.flight(self.values.place_of(op)):
                        self.values.whole(op)  # in program order
                case _:
                    self._do(op)
        raise AssertionError("a block does not end")

    def _do(self, op: ir.Op) -> None:
        """Print an op of a region that only one vector at a time may go through, or a scalar."""
        level = self.writer.level
        match op:
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
            case ir.Reduce("or") if not op.tile.shape:
                level.known[(op, ())] = self.values.some_lane(op)
            case ir.Reshape(x) if not op.tile.shape:
                level.known[(op, ())] = self.values.whole(x)
            case _ if op.results and all(
                isinstance(r.type, Tile) and r.tile.shape for r in op.results
            ):
                pass  # computed where it is wanted
            case _:
                self.scalars.compute(op)

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

    def _masks(self, condition: ir.Value) -> list[Val]:
        """A condition, for each vector in flight."""
        place = self.values.place_of(condition)
        found = []
        for _ in self.state.flight(place):
            mask = self.values.whole(condition)
            if self.state.loop.vector in place:
                mask = self.state.spread(mask, self.state.part.lanes)
            found.append(mask)
        return found

    def _any(self, masks: list[Val]) -> str:
        """Whether a lane of any vector is on."""
        some = masks[0]
        for mask in masks[1:]:
            some = self.writer.put(f"or {some}, {mask.text}", some.element, some.lanes)
        if not some.lanes:
            return some.text
        bits = self.writer.put(f"bitcast {some} to i{some.lanes}", f"i{some.lanes}", 0)
        return self.writer.put(f"icmp ne {bits}, 0", "i1", 0).text

    def _region_if(self, op: ir.If) -> list[Val]:
        writer = self.writer
        masks = self._masks(op.condition)
        if not op.lanes:
            results = writer.branch(
                masks[0].text, lambda: self.block(op.then), lambda: self.block(op.orelse)
            )
            return results if results is not None else []
        otherwise = self.block(op.orelse)
        assert otherwise is not None

        def taken() -> list[Val]:
            # The choice stands inside, so that who skips it pays nothing.
            values = self.block(op.then)
            assert values is not None
            return self._choose_all(op.results, frozenset(), masks, values, otherwise)

        found = writer.branch(self._any(masks), taken, lambda: otherwise)
        assert found is not None
        return found

    def _choose_all(
        self,
        names: tuple[ir.Value, ...],
        free: Collection[ir.Value],
        masks: list[Val],
        yes: list[Val],
        no: list[Val],
    ) -> list[Val]:
        """Values for lanes that are on, others where they are off; `free` ones for all lanes."""
        owners = [
            (name, n) for name in names for n in self.state.flight(self.values.place_of(name))
        ]
        return [
            a if name in free else self._choose(masks[n if len(masks) > 1 else 0], a, b)
            for (name, n), a, b in zip(owners, yes, no, strict=True)
        ]

    def _choose(self, condition: Val, yes: Val, no: Val) -> Val:
        if yes.text == no.text or (condition.lanes and not yes.lanes and not no.lanes):
            return yes  # a scalar is what it is for the lanes that are on
        lanes = max(condition.lanes, yes.lanes, no.lanes)
        if condition.lanes:
            condition, yes, no = (self.state.spread(x, lanes) for x in (condition, yes, no))
        return self.writer.put(f"select {condition}, {yes}, {no}", yes.element, yes.lanes)

    def _region_while(self, op: ir.While) -> list[Val]:
        (still,) = op.condition.terminator.operands
        inits = self._held(op.inits)
        if op.lanes and still is op.condition.parameters[-1]:
            found = self.writer.branch(
                self._any(self._masks(op.inits[-1])),
                lambda: self._rounds(op, inits),
                lambda: inits,
            )
            assert found is not None
            return found
        masks: list[Val] = []

        def condition(values: list[Val]) -> str:
            self._bind(op.condition.parameters, values)
            assert self.block(op.condition) is not None
            masks[:] = self._masks(still)
            return self._any(masks)

        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters, values)
            new = self.block(op.body)
            if new is None or not op.lanes:
                return new
            return self._choose_all(op.results, frozenset(), masks, new, values)

        return self.writer.loop_while(inits, condition, body)

    def _rounds(self, op: ir.While, inits: list[Val]) -> list[Val]:
        """The rounds of a loop that carries the mask of the lanes in it, where some are.

        Like its mask, what nobody asks for behind it need not stay what it is in lanes that are
        off: whatever they compute, they stay off. With fast math that may be undefined.
        """
        used = self.scalars.uses
        free = {op.results[-1]}
        if not self.state.flags:
            free.update(result for result in op.results if not used[result])

        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters, values)
            masks = self._masks(op.body.parameters[-1])
            free.update(self._counted(op, masks))
            new = self.block(op.body)
            return new and self._choose_all(op.results, free, masks, new, values)

        def goes_on(values: list[Val]) -> str:
            self._bind(op.condition.parameters, values)
            return self._any(self._masks(op.condition.parameters[-1]))

        return self.writer.loop_until(inits, body, goes_on)

    def _counted(self, op: ir.While, masks: list[Val]) -> Iterator[ir.Value]:
        """Print what counts rounds: the mask itself is what lanes that are on add."""
        if self.writer.machine.has_mask_registers:
            return  # there a choice costs nothing
        values = zip(op.results, op.body.parameters, op.body.terminator.operands, strict=False)
        for result, old, new in values:
            how = _counting(old, new)
            place = self.values.place_of(result)
            if how is None or place != self.values.place_of(op.results[-1]):
                continue
            for n in self.state.flight(place):
                before = self.state.spread(self.values.whole(old), masks[n].lanes)
                step = self.words.get(masks[n].text, masks[n])
                if step.element != before.element:
                    text = f"sext {masks[n]} to {before.type}"
                    step = self.writer.put(text, before.element, before.lanes)
                after = self.writer.put(
                    f"{how} {before}, {step.text}", before.element, before.lanes
                )
                self.writer.level.known[self.state.key(new, place)] = after
            yield result

    def _region_for(self, op: ir.For) -> list[Val]:
        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters[1:], values)
            return self.block(op.body)

        return self.state.scalars.loop(op, self._held(op.inits), body)


def _counting(old: ir.Value, new: ir.Value) -> str | None:
    """The instruction that counts a mask, whose lanes are -1 where on, if that is what is done."""
    match new:
        case ir.Binary("add" | "sub" as kind, left, ir.Const(1 | -1 as step)):
            is_up = (kind == "add") == (step == 1)
            is_count = left is old and new.tile.dtype.is_integer and new.tile.shape
            return ("sub" if is_up else "add") if is_count else None
        case _:
            return None
