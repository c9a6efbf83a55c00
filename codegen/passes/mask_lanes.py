"""Turn control flow that lanes take one by one into masks: the flat form.

Needs a verified function. After it no `break`, `continue` or `return` stands under a lane
condition; every load, store and assertion that a lane condition governs has an explicit mask; a
print stands in an `if` with `lanes` of its own, whose condition is its mask. Any other `if` with
`lanes` that is cheap and only computes has become selects; one that is left guards work worth
skipping: its `orelse` only yields. A loop that lanes leave one by one is a `while` with `lanes`
that carries the mask `active` of the lanes still in it as its last value; its condition only yields
that mask, and lanes that are off keep their carried values. A carried scalar of such a loop is the
same for all its lanes.

    %3: f32<8> = while [%0], lanes=true condition(%1: f32<8>) {
      %2: bool_<8> = compare.lt %1, %limit
      yield [%2]
    } body(%4: f32<8>) {
      %5: f32<8> = binary.mul %4, %4
      yield [%5]
    }

becomes

    %1: bool_<8> = compare.lt %0, %limit
    %2: f32<8>, %3: bool_<8> = while [%0, %1], lanes=true condition(%4: f32<8>, %5: bool_<8>) {
      yield [%5]
    } body(%6: f32<8>, %7: bool_<8>) {
      %8: f32<8> = binary.mul %6, %6
      %9: bool_<8> = compare.lt %8, %limit
      %10: bool_<8> = binary.and %7, %9
      yield [%8, %10]
    }

How it works: the ops are copied in order under a *mask*, the lanes that are on. A jump adds its
values to those *kept* for what it leaves, for the lanes of its mask, and these lanes are off in
what follows. The mask is a tuple of tiles that hold together: a construct whose lanes are narrower
than the mask around it begins a new one, so that what it keeps never needs to be wider than its own
conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import at, expect
from tilewright.dsl.ir.ops import MATH_BINARY, MATH_UNARY
from tilewright.dsl.records import field, record
from tilewright.dsl.types import (
    Tile,
    Type,
    bool_,
    broadcast_shapes,
)

from ..analysis.lane_jumps import Target, lane_jumps
from .mask_builder import Mask, MaskBuilder, covers

# An `if` whose sides take more operations than this is worth a test whether any lane is on.
CHEAP: Final = 16
_COSTLY: Final = frozenset(
    (*MATH_UNARY, *MATH_BINARY, "sqrt", "div", "div_near", "floordiv", "mod")
)

Key = tuple[Target, str, int]  # something kept for what lanes leave: a value, or a set of lanes


def mask_lanes(function: ir.Function) -> ir.Function:
    """Give the flat form of a function; the function itself if it has no lane conditions."""
    if not any(_has_lanes(op) for op in ir.walk(function.body)):
        return function
    return function.with_body(_Masker(function).body())


def _has_lanes(op: ir.Op) -> bool:
    match op:
        case ir.If(lanes=True) | ir.While(lanes=True):
            return True
        case _:
            return False


@record(frozen=False)
class _End:
    """How a block ended: the lanes still on (None: none is) and what it yields for them.

    `closed` says that the block ends in a jump of its own.
    """

    mask: Mask | None
    values: tuple[ir.Value, ...] = ()
    closed: bool = False


class _Masker:
    """The copy in the making: the open list of ops, what is kept for jumps, where we are."""

    def __init__(self, function: ir.Function) -> None:
        self.function = function
        self.jumps = lane_jumps(function)
        self.widths = dict(self.jumps.widths)
        self.uses = ir.uses(function.body)
        self.is_debug = bool(function.options & {"debug", "strict"})
        self.b = MaskBuilder()
        self.kept: dict[Key, ir.Value] = {}
        self.levels: dict[Target, int] = {None: 0}  # where the mask of a construct begins
        self.frame: Target = None  # the innermost inlined function
        self.width: tuple[int, ...] | None = None  # of the masked loop around, within the frame

    def body(self) -> ir.Block:
        function = self.function
        with self.b.collect() as ops:
            end = self.run(function.body, (None,))
            if not end.closed:
                self.b.emit(ir.Return())
        return ir.Block(function.parameters, ops)

    def run(self, block: ir.Block, mask: Mask) -> _End:
        """Copy a block under a mask, up to its end or to where no lane is on."""
        for op in block.ops[:-1]:
            after = self.op(op, mask)
            if after is None:
                return _End(
                    None, closed=bool(self.b.ops) and self.b.ops[-1].effect is ir.Effect.LEAVE
                )
            mask = after
        last = block.terminator
        self.b.origin = last
        match last:
            case ir.Yield(values):
                return _End(mask, self.b.map_all(values))
            case _ if last in self.jumps.targets:
                self.jump(last, mask)
                return _End(None)
            case _:
                self.b.copy(last)
                return _End(None, closed=True)

    def op(self, op: ir.Op, mask: Mask) -> Mask | None:
        """Copy an op; gives the lanes on after it, None if there are none."""
        self.b.origin = op
        with at(op.loc):
            match op:
                case ir.If(lanes=True):
                    return self.lane_if(op, mask)
                case ir.If():
                    return self.scalar_if(op, mask)
                case ir.For() | ir.While() if op in self.widths:
                    return self.masked_loop(op, mask)
                case ir.For() | ir.While():
                    self.loop(op, mask)
                case ir.Inlined():
                    self.inlined(op, mask)
                case _ if op.effect in (ir.Effect.READ, ir.Effect.WRITE):
                    self.access(op, mask)
                case ir.Binary("floordiv" | "mod") if self.is_debug:
                    self.division(op, mask)
                case _:
                    self.b.copy(op)
        return mask

    # --- jumps and ifs

    def jump(self, op: ir.Op, mask: Mask) -> None:
        """Keep the values of a jump for the lanes of the mask."""
        target = self.jumps.targets[op]
        lanes = self.b.all_of(mask, self.levels[target])
        if target is not None:
            assert isinstance(op, (ir.Break, ir.Continue, ir.Return))
            self.keep(target, lanes, self.b.map_all(op.values))
        match op:
            case ir.Continue():
                self.add_lanes((target, "again", 0), lanes)
            case ir.Return() if self.width is not None:
                self.add_lanes((target, "returned", 0), lanes)
            case _:
                pass

    def keep(self, target: Target, lanes: ir.Value | None, values: tuple[ir.Value, ...]) -> None:
        for k, value in enumerate(values):
            key = (target, "value", k)
            self.kept[key] = self.b.choose(lanes, value, self.kept.get(key))

    def add_lanes(self, key: Key, lanes: ir.Value | None) -> None:
        tile = Tile(bool_, self.widths[key[0]])
        if lanes is None:
            self.kept[key] = self.b.constant(True, tile)
            return
        joined = self.b.logic("or", self.kept.get(key), self.b.broadcast(lanes, tile.shape))
        assert joined is not None
        self.kept[key] = joined

    def type_of(self, key: Key) -> Type:
        target, what, k = key
        if what == "value":
            assert target is not None
            return target.results[k].type
        return Tile(bool_, self.widths[target])

    def changed(self, before: dict[Key, ir.Value], *after: dict[Key, ir.Value]) -> list[Key]:
        """What is kept differently after some block, in a fixed order."""
        keys = {key: None for kept in after for key in kept}
        return [key for key in keys if any(kept.get(key) is not before.get(key) for kept in after)]

    def scalar_if(self, op: ir.If, mask: Mask) -> Mask | None:
        """All lanes go the same way, but on it some may leave."""
        before = self.kept
        level = len(mask) - 1
        branches = []
        for block in (op.then, op.orelse):
            self.kept = dict(before)
            with self.b.collect() as ops:
                end = self.run(block, mask)
                top = None if end.mask is None else self.b.all_of(end.mask, level)
            branches.append(_Branch(ops, end, top, self.kept))
        self.b.origin = op
        self.kept = dict(before)
        open_ends = [branch for branch in branches if not branch.end.closed]
        keys = self.changed(before, *(branch.kept for branch in open_ends))
        is_alive = any(branch.end.mask is not None for branch in open_ends)
        types = [value.type for value in op.results] if is_alive else []
        narrowed = is_alive and any(branch.end.mask != mask for branch in open_ends)
        shape = broadcast_shapes(*(b.top.shape for b in open_ends if b.top is not None))
        assert shape is not None
        for branch in open_ends:
            with self.b.collect(branch.ops):
                on = branch.end.mask is not None
                values = [*branch.end.values] if on else [self.b.nothing(kind) for kind in types]
                values += [
                    branch.kept.get(key) or self.b.nothing(self.type_of(key)) for key in keys
                ]
                if narrowed and branch.top is None:
                    values.append(self.b.constant(on, Tile(bool_, shape)))
                elif narrowed and branch.top is not None:
                    values.append(self.b.broadcast(branch.top, shape))
                self.b.emit(ir.Yield(tuple(values)))
        then, orelse = (ir.Block((), branch.ops) for branch in branches)
        condition = self.b.map(op.condition)
        if not open_ends:  # nothing goes on behind it: the second branch may as well follow
            with self.b.collect() as rest:
                self.b.emit(ir.Yield())
            self.b.emit(ir.If(condition, then, ir.Block((), rest)))
            self.b.ops.extend(orelse.ops)
            return None
        made = self.b.emit(ir.If(condition, then, orelse))
        results = made.results
        self.b.bind(op.results[: len(types)], results)
        self.kept.update(zip(keys, results[len(types) :], strict=False))
        if not is_alive:
            return None
        return (*mask[:level], results[-1]) if narrowed else mask

    def lane_if(self, op: ir.If, mask: Mask) -> Mask | None:
        """Each lane goes its own way: both sides one after the other, each under its own mask."""
        condition = self.b.map(op.condition)
        sides = [_Side(op.then, condition), _Side(op.orelse, None)]
        for side in sides:
            if side.condition is None:
                side.condition = self.b.invert(condition)
            side.mask = self.narrow(mask, side.condition)
        quick = [side for side in sides if self.is_cheap(side.block)]
        for side in quick:
            side.end = self.run(side.block, side.mask)
            self.b.origin = op
        fallback: tuple[ir.Value, ...] | None = None
        if len(quick) == 1 and quick[0].end.mask is not None:
            fallback = quick[0].end.values
        for side in sides:
            if side not in quick:
                fallback = self.guarded(op, side, mask, fallback)
        then, orelse = (side.end for side in sides)
        if then.mask is None and orelse.mask is None:
            return None
        if then.mask is None or orelse.mask is None:
            values = orelse.values if then.mask is None else then.values
        elif len(quick) == 2:
            pairs = zip(then.values, orelse.values, strict=True)
            values = tuple([self.b.choose(condition, yes, no) for yes, no in pairs])
        else:
            values = fallback or ()
        self.b.values.update(zip(op.results, values, strict=True))
        if all(side.end.mask == side.mask for side in sides):
            return mask
        level = len(mask) - 1
        still: ir.Value | None = None
        for side in sides:
            if side.end.mask is not None:
                still = self.b.logic("or", still, self.b.all_of(side.end.mask, level))
        return (*mask[:level], still)

    def narrow(self, mask: Mask, condition: ir.Value) -> Mask:
        """The lanes of a mask for which a condition holds."""
        top = mask[-1]
        if top is not None and not covers(condition.shape, top.shape):
            return (*mask, condition)
        return (*mask[:-1], self.b.logic("and", top, condition))

    def guarded(
        self, op: ir.If, side: _Side, mask: Mask, others: tuple[ir.Value, ...] | None
    ) -> tuple[ir.Value, ...] | None:
        """Run one side if a lane is on; gives its results, those of the other side elsewhere."""
        before = self.kept
        self.kept = dict(before)
        assert side.condition is not None
        guard = side.mask[-1]
        assert guard is not None
        if len(side.mask) > len(mask):
            around = self.b.all_of(mask)
            assert around is not None
            joined = self.b.logic("and", self.b.fit(around, guard.shape), guard)
            assert joined is not None
            guard = joined
        level = len(side.mask) - 1
        with self.b.collect() as ops:
            end = self.run(side.block, side.mask)
            self.b.origin = op
            top = None if end.mask is None else self.b.all_of(end.mask, level)
            narrowed = end.mask is not None and end.mask != side.mask
            if narrowed:
                assert top is not None
                shape = broadcast_shapes(top.shape, guard.shape)
                assert shape is not None
                top = self.b.broadcast(top, shape)
            keys = self.changed(before, self.kept)
            values = [*end.values] if end.mask is not None else []
            values += [self.kept[key] for key in keys]
            self.b.emit(ir.Yield((*values, *([top] if narrowed and top is not None else []))))
        types = [value.type for value in op.results] if end.mask is not None else []
        values = [*others] if others and types else [self.b.nothing(kind) for kind in types]
        values += [before.get(key) or self.b.nothing(self.type_of(key)) for key in keys]
        if narrowed and top is not None:
            values.append(self.b.constant(False, top.tile))
        with self.b.collect() as rest:
            self.b.emit(ir.Yield(tuple(values)))
        made = self.b.emit(
            ir.If(guard, ir.Block((), ops), ir.Block((), rest), not guard.tile.is_scalar)
        )
        results = made.results
        self.kept = dict(before)
        self.kept.update(zip(keys, results[len(types) :], strict=False))
        after = end.mask
        if narrowed:
            after = (*side.mask[:-1], results[-1])
        side.end = _End(after, results[: len(types)])
        return side.end.values if types else others

    def is_cheap(self, block: ir.Block) -> bool:
        """Whether a block only computes, and little; or does atomics, and has no loop.

        All lanes do one atomic before the next, as in the interpreter, only where none are skipped.
        """
        if any(isinstance(op, ir.Atomic | ir.AtomicPointer) for op in ir.walk(block)):
            return not any(isinstance(op, ir.For | ir.While) for op in ir.walk(block))
        return self.cost(block) <= CHEAP

    def cost(self, block: ir.Block) -> int:
        total = 0
        for op in block.ops:
            match op:
                case ir.Load() if op.tile.is_scalar and not self.is_debug:
                    total += 1
                case ir.For() | ir.While():
                    total += CHEAP + 1
                case ir.Unary(kind) | ir.Binary(kind) if kind in _COSTLY:
                    total += 1 if op.tile.is_scalar else CHEAP + 1
                case _ if op.effect in (ir.Effect.READ, ir.Effect.WRITE):
                    total += 0 if isinstance(op, (ir.Assert, ir.Assume)) else CHEAP + 1
                case ir.If() | ir.Inlined():
                    total += sum(self.cost(inner) for inner in op.blocks)
                case _ if op.effect is ir.Effect.PURE and not isinstance(op, ir.Const):
                    total += 1
                case _:
                    pass
        return total

    # --- loops and functions

    def loop(self, op: ir.For | ir.While, mask: Mask) -> None:
        """A loop that all lanes leave together stays what it is."""
        fields: list[object] = []
        for name, role in op.fields:
            value = getattr(op, name)
            match role:
                case ir.Role.OPERAND:
                    fields.append(self.b.map(value))
                case ir.Role.OPERANDS:
                    fields.append(self.b.map_all(value))
                case ir.Role.BLOCK:
                    fields.append(self.block(value, mask))
                case _:
                    fields.append(value)
        made = self.b.emit(ir.copy_origin(op, type(op)(*fields)))  # type: ignore[arg-type]
        self.b.values.update(zip(op.results, made.results, strict=True))

    def block(self, block: ir.Block, mask: Mask) -> ir.Block:
        """A copy of a block that all lanes run through together."""
        parameters = tuple(ir.Parameter(p.type, p.name) for p in block.parameters)
        self.b.values.update(zip(block.parameters, parameters, strict=True))
        with self.b.collect() as ops:
            end = self.run(block, mask)
            if not end.closed:
                self.b.emit(ir.Yield(end.values))
        return ir.Block(parameters, ops)

    def inlined(self, op: ir.Inlined, mask: Mask) -> None:
        frame, width = self.frame, self.width
        self.frame, self.width = op, None
        if op in self.widths:
            top = mask[-1]
            if top is not None and not covers(self.widths[op], top.shape):
                mask = (*mask, None)
            self.levels[op] = len(mask) - 1
            end = self.run(op.body, mask)
            if end.mask is not None:
                self.keep(op, self.b.all_of(end.mask, self.levels[op]), end.values)
            for k, result in enumerate(op.results):
                value = self.kept.pop((op, "value", k), None)
                self.b.values[result] = self.b.nothing(result.type) if value is None else value
            self.kept.pop((op, "returned", 0), None)
        else:
            body = self.block(op.body, mask)
            made = self.b.emit(ir.copy_origin(op, ir.Inlined(op.result_types, body)))
            self.b.values.update(zip(op.results, made.results, strict=True))
        self.frame, self.width = frame, width

    def masked_loop(self, op: ir.For | ir.While, mask: Mask) -> Mask | None:
        """A loop whose lanes leave one by one, as a `while` that carries the lanes still in it."""
        level = len(mask) - 1
        entry = mask[-1]
        width = self.widths[op] = self.widen(op, entry)
        if entry is not None and not covers(width, entry.shape):
            level += 1
            around = self.b.all_of(mask)
            assert around is not None
            entry = self.b.fit(around, width)
        outer = mask[:level]
        inits = list(self.b.map_all(op.inits))
        first = self.enter(op, inits, (*outer, entry))
        active = self.b.logic("and", entry, first)
        assert active is not None
        count = len(inits)
        if isinstance(op, ir.For):
            inits.append(self.b.map(op.start))
        frame: list[Key] = [(self.frame, "returned", 0)]
        if self.frame is not None:
            frame += [(self.frame, "value", k) for k in range(len(self.frame.results))]
        keys = frame if op in self.jumps.returning else []
        inits += [self.kept.get(key) or self.b.nothing(self.type_of(key)) for key in keys]
        shared = [
            k for k, r in enumerate(op.results) if r.tile.is_scalar and self.uses[r] and width
        ]
        inits += [self.b.broadcast(inits[k], width) for k in shared]
        inits.append(self.b.broadcast(active, width))
        parameters = tuple(ir.Parameter(value.type) for value in inits)
        before = self.kept
        with self.b.collect() as ops:
            self.kept = dict(before)
            self.kept.update(zip(keys, parameters[count + isinstance(op, ir.For) :], strict=False))
            ending = self.round(op, parameters, (*outer, parameters[-1]))
            values = ending[: len(ending) - 1]
            values += [self.kept[key] for key in keys]
            values += [self.b.broadcast(ending[k], width) for k in shared]
            values.append(self.b.broadcast(ending[-1], width))
            self.b.emit(ir.Yield(tuple(values)))
        self.b.origin = op
        self.kept = before
        tests = tuple(ir.Parameter(value.type) for value in inits)
        with self.b.collect() as test:
            self.b.emit(ir.Yield(tests[-1:]))
        made = self.b.emit(
            ir.While(
                tuple(inits), ir.Block(tests, test), ir.Block(parameters, ops), lanes=bool(width)
            )
        )
        results = made.results
        self.kept.update(zip(keys, results[count + isinstance(op, ir.For) :], strict=False))
        self.b.bind(op.results, results)
        after: Mask = mask
        if keys:
            staying = self.b.invert(self.kept[keys[0]])
            if self.width is not None and not covers(self.width, staying.shape):
                joined = self.b.logic("and", self.b.all_of(mask), staying)
                assert joined is not None
                staying = self.b.fit(joined, self.width)
            after = (*mask[:-1], self.b.logic("and", mask[-1], staying))
        for k, result in zip(shared, results[len(results) - 1 - len(shared) :], strict=False):
            self.b.values[op.results[k]] = self.b.common(result, self.b.all_of(after))
        return after

    def widen(self, op: ir.Op, mask: ir.Value | None) -> tuple[int, ...]:
        """The lanes of a loop: those of the mask too, if what it carries is wide enough."""
        width = self.widths[op]
        joint = width if mask is None else broadcast_shapes(width, mask.shape)
        if joint is None:
            return width
        tiles = [value.shape for value in op.results if not value.tile.is_scalar]
        return joint if all(covers(shape, joint) for shape in tiles) else width

    def enter(self, op: ir.For | ir.While, inits: list[ir.Value], mask: Mask) -> ir.Value:
        """Which lanes begin the first round."""
        match op:
            case ir.For(start, stop, step):
                return self.b.is_before(self.b.map(start), self.b.map(stop), self.b.map(step))
            case ir.While(_, condition, _):
                return self.test(condition, inits, mask)

    def test(self, condition: ir.Block, values: Sequence[ir.Value], mask: Mask) -> ir.Value:
        """A copy of a loop's condition for these carried values."""
        self.b.values.update(zip(condition.parameters, values, strict=False))
        end = self.run(condition, mask)
        (found,) = end.values
        return found

    def round(
        self, op: ir.For | ir.While, parameters: tuple[ir.Parameter, ...], mask: Mask
    ) -> list[ir.Value]:
        """One round: the carried values after it, the counter of a `for`, the lanes still in."""
        count = len(op.results)
        active = parameters[-1]
        level = len(mask) - 1
        self.levels[op] = level
        counter = parameters[count : count + 1] if isinstance(op, ir.For) else ()
        self.b.values.update(zip(op.body.parameters, (*counter, *parameters[:count]), strict=True))
        around, self.width = self.width, active.shape
        end = self.run(op.body, mask)
        self.width = around
        self.b.origin = op
        still: ir.Value | None = None
        if end.mask is not None:
            still = self.b.all_of(end.mask, level)
            self.keep(op, still, end.values)
        still = self.b.logic("or", still, self.kept.pop((op, "again", 0), None))
        if still is None:
            still = self.b.constant(False, active.tile)
        values: list[ir.Value] = []
        for k in range(count):
            values.append(self.kept.pop((op, "value", k), parameters[k]))
        match op:
            case ir.For(_, stop, step):
                here = counter[0]
                more = self.b.has_next(here, self.b.map(stop), self.b.map(step))
                following = [self.b.emit(ir.Binary("add", here, self.b.map(step)))]
            case ir.While(_, condition, _):
                more = self.test(condition, values, (*mask[:level], still))
                following = []
        still = self.b.logic("and", still, more)
        assert still is not None
        return [*values, *following, still]

    # --- memory and debugging

    def access(self, op: ir.Op, mask: Mask) -> None:
        """A read, a write or a check, for the lanes that are on."""
        lanes = self.b.all_of(mask)
        if lanes is None:
            self.b.copy(op)
            return
        match op:
            case ir.Load() if not self.is_debug and not covers(op.shape, lanes.shape):
                self.b.copy(op)  # checked anyway, and cheaper than asking whether some lane is on
            case ir.Load(source, position, mask_, fill, axes):
                on = self.masked(lanes, op.shape, mask_)
                fill = None if fill is None else self.b.map(fill)
                self.b.replace(
                    op, ir.Load(self.b.map(source), self.b.map_all(position), on, fill, axes)
                )
            case ir.LoadPointer(pointer, mask_, fill):
                on = self.masked(lanes, op.shape, mask_)
                fill = None if fill is None else self.b.map(fill)
                self.b.replace(op, ir.LoadPointer(self.b.map(pointer), on, fill))
            case ir.Store(source, position, value, mask_, axes):
                on = self.masked(lanes, value.shape, mask_)
                places = self.b.map_all(position)
                self.b.replace(
                    op, ir.Store(self.b.map(source), places, self.b.map(value), on, axes)
                )
            case ir.StorePointer(pointer, value, mask_):
                on = self.masked(lanes, value.shape, mask_)
                self.b.replace(op, ir.StorePointer(self.b.map(pointer), self.b.map(value), on))
            case ir.Atomic(kind, source, position, values, mask_, order, axes):
                on = self.masked(lanes, op.shape, mask_)
                places, values = self.b.map_all(position), self.b.map_all(values)
                made = ir.Atomic(kind, self.b.map(source), places, values, on, order, axes)
                self.b.replace(op, made)
            case ir.AtomicPointer(kind, pointer, values, mask_, order):
                on = self.masked(lanes, op.shape, mask_)
                values = self.b.map_all(values)
                made_ = ir.AtomicPointer(kind, self.b.map(pointer), values, on, order)
                self.b.replace(op, made_)
            case ir.Assert(condition, message):
                self.b.emit(ir.Assert(self.unless_on(lanes, self.b.map(condition)), message))
            case ir.Assume(condition):
                self.b.emit(ir.Assume(self.unless_on(self.b.any_of(lanes), self.b.map(condition))))
            case _:
                expect(not op.results, "{} under a lane condition", op.opname)
                with self.b.collect() as ops:
                    self.b.copy(op)
                    self.b.emit(ir.Yield())
                with self.b.collect() as rest:
                    self.b.emit(ir.Yield())
                then, orelse = ir.Block((), ops), ir.Block((), rest)
                self.b.emit(ir.If(lanes, then, orelse, not lanes.tile.is_scalar))

    def masked(
        self, lanes: ir.Value, shape: tuple[int, ...], own: ir.Value | None
    ) -> ir.Value | None:
        """The mask of an access that has one of its own or none."""
        return self.b.logic(
            "and", self.b.fit(lanes, shape), None if own is None else self.b.map(own)
        )

    def division(self, op: ir.Binary, mask: Mask) -> None:
        """A division that may be checked: a lane that is off divides by one."""
        lanes = self.b.all_of(mask)
        if lanes is None or not op.tile.dtype.is_integer:
            self.b.copy(op)
            return
        divisor = self.b.choose(lanes, self.b.map(op.right), self.b.constant(1, op.tile))
        self.b.replace(op, ir.Binary(op.kind, self.b.map(op.left), divisor))

    def unless_on(self, lanes: ir.Value, condition: ir.Value) -> ir.Value:
        """A condition that lanes which are off do not fail."""
        found = self.b.logic("or", condition, self.b.invert(lanes))
        assert found is not None
        return found


@record(frozen=False, eq=False)
class _Branch:
    """One side of an `if` that all lanes take together: its copy, and what is kept at its end."""

    ops: list[ir.Op]
    end: _End
    top: ir.Value | None
    kept: dict[Key, ir.Value]


@record(frozen=False, eq=False)
class _Side:
    """One side of an `if`: its block, who takes it, and how it ended."""

    block: ir.Block
    condition: ir.Value | None
    mask: Mask = ()
    end: _End = field(default_factory=lambda: _End(None))
