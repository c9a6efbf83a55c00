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

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import at, expect
from tilewright.dsl.ir.ops import MATH_BINARY, MATH_UNARY
from tilewright.dsl.types import (
    Dtype,
    Tile,
    Type,
    bool_,
    broadcast_shapes,
    i8,
    i16,
    i32,
    i64,
    scalar,
    u8,
    u16,
    u32,
    u64,
)

from ..analysis.lane_jumps import Target, lane_jumps

# An `if` whose sides take more operations than this is worth a test whether any lane is on.
CHEAP: Final = 16
_COSTLY: Final = frozenset((*MATH_UNARY, *MATH_BINARY, "sqrt", "div", "floordiv", "mod"))

Mask = tuple[ir.Value | None, ...]  # None: all lanes on
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


@dataclass(slots=True)
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
        self.is_debug = "debug" in function.options
        self.values: dict[ir.Value, ir.Value] = {}
        self.ops: list[ir.Op] = []
        self.kept: dict[Key, ir.Value] = {}
        self.levels: dict[Target, int] = {None: 0}  # where the mask of a construct begins
        self.frame: Target = None  # the innermost inlined function
        self.width: tuple[int, ...] | None = None  # of the masked loop around, within the frame
        self.origin: ir.Op | None = None
        self.joined: dict[Mask, ir.Value] = {}

    def body(self) -> ir.Block:
        function = self.function
        with self.collect() as ops:
            end = self.run(function.body, (None,))
            if not end.closed:
                self.emit(ir.Return())
        return ir.Block(function.parameters, ops)

    def run(self, block: ir.Block, mask: Mask) -> _End:
        """Copy a block under a mask, up to its end or to where no lane is on."""
        for op in block.ops[:-1]:
            after = self.op(op, mask)
            if after is None:
                return _End(None, closed=bool(self.ops) and self.ops[-1].effect is ir.Effect.LEAVE)
            mask = after
        last = block.terminator
        self.origin = last
        match last:
            case ir.Yield(values):
                return _End(mask, self.map_all(values))
            case _ if last in self.jumps.targets:
                self.jump(last, mask)
                return _End(None)
            case _:
                self.copy(last)
                return _End(None, closed=True)

    def op(self, op: ir.Op, mask: Mask) -> Mask | None:
        """Copy an op; gives the lanes on after it, None if there are none."""
        self.origin = op
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
                case _:
                    self.copy(op)
        return mask

    # --- emission

    @contextmanager
    def collect(self, ops: list[ir.Op] | None = None) -> Iterator[list[ir.Op]]:
        """Append to a list, a new one by default, until the end of the `with`."""
        outer, self.ops = self.ops, [] if ops is None else ops
        joined = dict(self.joined)
        try:
            yield self.ops
        finally:
            self.ops, self.joined = outer, joined

    def emit(self, op: ir.Op) -> ir.Op:
        if self.origin is not None:
            op.loc, op.place = self.origin.loc, self.origin.place
        self.ops.append(op)
        return op

    def copy(self, op: ir.Op) -> ir.Op:
        (copied,) = ir.clone_ops([op], self.values)
        self.ops.append(copied)
        return copied

    def bind(self, old: Sequence[ir.Value], new: Sequence[ir.Value]) -> None:
        """Let the first of some new values stand for old ones, under the same names."""
        for a, b in zip(old, new, strict=False):
            self.values[a] = b
            b.name = b.name or a.name

    def map(self, value: ir.Value) -> ir.Value:
        return self.values.get(value, value)

    def map_all(self, values: Sequence[ir.Value]) -> tuple[ir.Value, ...]:
        return tuple([self.values.get(value, value) for value in values])

    def constant(self, value: bool | int, tile: Tile) -> ir.Value:
        return self.emit(ir.Const(float(value) if tile.dtype.is_float else value, tile))

    def nothing(self, kind: Type) -> ir.Value:
        """Any value of a type, for lanes that do not look at it."""
        assert isinstance(kind, Tile)
        if not kind.dtype.is_pointer:
            return self.constant(False if kind.dtype.is_bool else 0, kind)
        bits = self.constant(0, kind.with_dtype(u64))
        return self.emit(ir.Bitcast(bits, kind.dtype))

    def broadcast(self, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
        return value if value.shape == shape else self.emit(ir.Broadcast(value, shape))

    def logic(self, kind: str, a: ir.Value | None, b: ir.Value | None) -> ir.Value | None:
        """`and` or `or` of two sets of lanes; None is neutral."""
        if a is None or b is None or a is b:
            return b if a is None else a
        shape = broadcast_shapes(a.shape, b.shape)
        expect(shape is not None, "lane conditions of shapes {} and {} meet here", a.shape, b.shape)
        assert shape is not None
        return self.emit(ir.Binary(kind, self.broadcast(a, shape), self.broadcast(b, shape)))

    def invert(self, a: ir.Value) -> ir.Value:
        return self.emit(ir.Unary("not", a))

    def choose(self, mask: ir.Value | None, yes: ir.Value, no: ir.Value | None) -> ir.Value:
        """`yes` for the lanes of the mask, `no` for the others; None where no lane looks."""
        if mask is None or no is None or yes is no:
            return yes
        wide = mask if mask.tile.is_scalar else self.fit(mask, yes.shape)
        return self.emit(ir.Select(wide, yes, no))

    def any_of(self, mask: ir.Value) -> ir.Value:
        if mask.tile.is_scalar:
            return mask
        return self.emit(ir.Reduce("or", mask, tuple(range(mask.tile.rank))))

    def fit(self, mask: ir.Value, shape: tuple[int, ...]) -> ir.Value:
        """The mask at another shape: an element is on if some lane that it stands for is."""
        joint = broadcast_shapes(mask.shape, shape)
        if joint == shape:
            return self.broadcast(mask, shape)
        if joint is None:
            return self.broadcast(self.any_of(mask), shape)
        padded = (1,) * (mask.tile.rank - len(shape)) + shape
        skipped = len(padded) - mask.tile.rank
        axes = tuple(k for k, n in enumerate(mask.shape) if n != 1 and padded[skipped + k] == 1)
        kept = tuple(1 if k in axes else n for k, n in enumerate(mask.shape))
        reduced = self.emit(ir.Reduce("or", mask, axes))
        trimmed = kept[len(kept) - len(shape) :] if len(kept) > len(shape) else kept
        if reduced.shape != trimmed:
            reduced = self.emit(ir.Reshape(reduced, trimmed))
        return self.broadcast(reduced, shape)

    def all_of(self, mask: Mask, level: int = 0) -> ir.Value | None:
        """The tiles of a mask from a level on, as one; None if all lanes are on."""
        parts = tuple(part for part in mask[level:] if part is not None)
        if len(parts) < 2:
            return parts[0] if parts else None
        found = self.joined.get(parts)
        if found is None:
            for part in parts:
                joined = self.logic("and", found, part)
                found = joined
            assert found is not None
            self.joined[parts] = found
        return found

    # --- jumps and ifs

    def jump(self, op: ir.Op, mask: Mask) -> None:
        """Keep the values of a jump for the lanes of the mask."""
        target = self.jumps.targets[op]
        lanes = self.all_of(mask, self.levels[target])
        if target is not None:
            assert isinstance(op, (ir.Break, ir.Continue, ir.Return))
            self.keep(target, lanes, self.map_all(op.values))
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
            self.kept[key] = self.choose(lanes, value, self.kept.get(key))

    def add_lanes(self, key: Key, lanes: ir.Value | None) -> None:
        tile = Tile(bool_, self.widths[key[0]])
        if lanes is None:
            self.kept[key] = self.constant(True, tile)
            return
        joined = self.logic("or", self.kept.get(key), self.broadcast(lanes, tile.shape))
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
            with self.collect() as ops:
                end = self.run(block, mask)
                top = None if end.mask is None else self.all_of(end.mask, level)
            branches.append(_Branch(ops, end, top, self.kept))
        self.origin = op
        self.kept = dict(before)
        open_ends = [branch for branch in branches if not branch.end.closed]
        keys = self.changed(before, *(branch.kept for branch in open_ends))
        is_alive = any(branch.end.mask is not None for branch in open_ends)
        types = [value.type for value in op.results] if is_alive else []
        narrowed = is_alive and any(branch.end.mask != mask for branch in open_ends)
        shape = broadcast_shapes(*(b.top.shape for b in open_ends if b.top is not None))
        assert shape is not None
        for branch in open_ends:
            with self.collect(branch.ops):
                on = branch.end.mask is not None
                values = [*branch.end.values] if on else [self.nothing(kind) for kind in types]
                values += [branch.kept.get(key) or self.nothing(self.type_of(key)) for key in keys]
                if narrowed and branch.top is None:
                    values.append(self.constant(on, Tile(bool_, shape)))
                elif narrowed and branch.top is not None:
                    values.append(self.broadcast(branch.top, shape))
                self.emit(ir.Yield(tuple(values)))
        then, orelse = (ir.Block((), branch.ops) for branch in branches)
        condition = self.map(op.condition)
        if not open_ends:  # nothing goes on behind it: the second branch may as well follow
            with self.collect() as rest:
                self.emit(ir.Yield())
            self.emit(ir.If(condition, then, ir.Block((), rest)))
            self.ops.extend(orelse.ops)
            return None
        made = self.emit(ir.If(condition, then, orelse))
        results = made.results
        self.bind(op.results[: len(types)], results)
        self.kept.update(zip(keys, results[len(types) :], strict=False))
        if not is_alive:
            return None
        return (*mask[:level], results[-1]) if narrowed else mask

    def lane_if(self, op: ir.If, mask: Mask) -> Mask | None:
        """Each lane goes its own way: both sides one after the other, each under its own mask."""
        condition = self.map(op.condition)
        sides = [_Side(op.then, condition), _Side(op.orelse, None)]
        for side in sides:
            if side.condition is None:
                side.condition = self.invert(condition)
            side.mask = self.narrow(mask, side.condition)
        quick = [side for side in sides if self.is_cheap(side.block)]
        for side in quick:
            side.end = self.run(side.block, side.mask)
            self.origin = op
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
            values = tuple([self.choose(condition, yes, no) for yes, no in pairs])
        else:
            values = fallback or ()
        self.values.update(zip(op.results, values, strict=True))
        if all(side.end.mask == side.mask for side in sides):
            return mask
        level = len(mask) - 1
        still: ir.Value | None = None
        for side in sides:
            if side.end.mask is not None:
                still = self.logic("or", still, self.all_of(side.end.mask, level))
        return (*mask[:level], still)

    def narrow(self, mask: Mask, condition: ir.Value) -> Mask:
        """The lanes of a mask for which a condition holds."""
        top = mask[-1]
        if top is not None and not _covers(condition.shape, top.shape):
            return (*mask, condition)
        return (*mask[:-1], self.logic("and", top, condition))

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
            around = self.all_of(mask)
            assert around is not None
            joined = self.logic("and", self.fit(around, guard.shape), guard)
            assert joined is not None
            guard = joined
        level = len(side.mask) - 1
        with self.collect() as ops:
            end = self.run(side.block, side.mask)
            self.origin = op
            top = None if end.mask is None else self.all_of(end.mask, level)
            narrowed = end.mask is not None and end.mask != side.mask
            if narrowed:
                assert top is not None
                shape = broadcast_shapes(top.shape, guard.shape)
                assert shape is not None
                top = self.broadcast(top, shape)
            keys = self.changed(before, self.kept)
            values = [*end.values] if end.mask is not None else []
            values += [self.kept[key] for key in keys]
            self.emit(ir.Yield((*values, *([top] if narrowed and top is not None else []))))
        types = [value.type for value in op.results] if end.mask is not None else []
        values = [*others] if others and types else [self.nothing(kind) for kind in types]
        values += [before.get(key) or self.nothing(self.type_of(key)) for key in keys]
        if narrowed and top is not None:
            values.append(self.constant(False, top.tile))
        with self.collect() as rest:
            self.emit(ir.Yield(tuple(values)))
        made = self.emit(
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
        """Whether a block only computes, and little."""
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
                    fields.append(self.map(value))
                case ir.Role.OPERANDS:
                    fields.append(self.map_all(value))
                case ir.Role.BLOCK:
                    fields.append(self.block(value, mask))
                case _:
                    fields.append(value)
        made = self.emit(ir.copy_origin(op, type(op)(*fields)))  # type: ignore[arg-type]
        self.values.update(zip(op.results, made.results, strict=True))

    def block(self, block: ir.Block, mask: Mask) -> ir.Block:
        """A copy of a block that all lanes run through together."""
        parameters = tuple(ir.Parameter(p.type, p.name) for p in block.parameters)
        self.values.update(zip(block.parameters, parameters, strict=True))
        with self.collect() as ops:
            end = self.run(block, mask)
            if not end.closed:
                self.emit(ir.Yield(end.values))
        return ir.Block(parameters, ops)

    def inlined(self, op: ir.Inlined, mask: Mask) -> None:
        frame, width = self.frame, self.width
        self.frame, self.width = op, None
        if op in self.widths:
            top = mask[-1]
            if top is not None and not _covers(self.widths[op], top.shape):
                mask = (*mask, None)
            self.levels[op] = len(mask) - 1
            end = self.run(op.body, mask)
            if end.mask is not None:
                self.keep(op, self.all_of(end.mask, self.levels[op]), end.values)
            for k, result in enumerate(op.results):
                value = self.kept.pop((op, "value", k), None)
                self.values[result] = self.nothing(result.type) if value is None else value
            self.kept.pop((op, "returned", 0), None)
        else:
            body = self.block(op.body, mask)
            made = self.emit(ir.copy_origin(op, ir.Inlined(op.result_types, body)))
            self.values.update(zip(op.results, made.results, strict=True))
        self.frame, self.width = frame, width

    def masked_loop(self, op: ir.For | ir.While, mask: Mask) -> Mask | None:
        """A loop whose lanes leave one by one, as a `while` that carries the lanes still in it."""
        level = len(mask) - 1
        entry = mask[-1]
        width = self.widths[op] = self.widen(op, entry)
        if entry is not None and not _covers(width, entry.shape):
            level += 1
            around = self.all_of(mask)
            assert around is not None
            entry = self.fit(around, width)
        outer = mask[:level]
        inits = list(self.map_all(op.inits))
        first = self.enter(op, inits, (*outer, entry))
        active = self.logic("and", entry, first)
        assert active is not None
        count = len(inits)
        if isinstance(op, ir.For):
            inits.append(self.map(op.start))
        frame: list[Key] = [(self.frame, "returned", 0)]
        if self.frame is not None:
            frame += [(self.frame, "value", k) for k in range(len(self.frame.results))]
        keys = frame if op in self.jumps.returning else []
        inits += [self.kept.get(key) or self.nothing(self.type_of(key)) for key in keys]
        shared = [
            k for k, r in enumerate(op.results) if r.tile.is_scalar and self.uses[r] and width
        ]
        inits += [self.broadcast(inits[k], width) for k in shared]
        inits.append(self.broadcast(active, width))
        parameters = tuple(ir.Parameter(value.type) for value in inits)
        before = self.kept
        with self.collect() as ops:
            self.kept = dict(before)
            self.kept.update(zip(keys, parameters[count + isinstance(op, ir.For) :], strict=False))
            ending = self.round(op, parameters, (*outer, parameters[-1]))
            values = ending[: len(ending) - 1]
            values += [self.kept[key] for key in keys]
            values += [self.broadcast(ending[k], width) for k in shared]
            values.append(self.broadcast(ending[-1], width))
            self.emit(ir.Yield(tuple(values)))
        self.origin = op
        self.kept = before
        tests = tuple(ir.Parameter(value.type) for value in inits)
        with self.collect() as test:
            self.emit(ir.Yield(tests[-1:]))
        made = self.emit(
            ir.While(
                tuple(inits), ir.Block(tests, test), ir.Block(parameters, ops), lanes=bool(width)
            )
        )
        results = made.results
        self.kept.update(zip(keys, results[count + isinstance(op, ir.For) :], strict=False))
        self.bind(op.results, results)
        after: Mask = mask
        if keys:
            staying = self.invert(self.kept[keys[0]])
            if self.width is not None and not _covers(self.width, staying.shape):
                joined = self.logic("and", self.all_of(mask), staying)
                assert joined is not None
                staying = self.fit(joined, self.width)
            after = (*mask[:-1], self.logic("and", mask[-1], staying))
        for k, result in zip(shared, results[len(results) - 1 - len(shared) :], strict=False):
            self.values[op.results[k]] = self.common(result, self.all_of(after))
        return after

    def widen(self, op: ir.Op, mask: ir.Value | None) -> tuple[int, ...]:
        """The lanes of a loop: those of the mask too, if what it carries is wide enough."""
        width = self.widths[op]
        joint = width if mask is None else broadcast_shapes(width, mask.shape)
        if joint is None:
            return width
        tiles = [value.shape for value in op.results if not value.tile.is_scalar]
        return joint if all(_covers(shape, joint) for shape in tiles) else width

    def enter(self, op: ir.For | ir.While, inits: list[ir.Value], mask: Mask) -> ir.Value:
        """Which lanes begin the first round."""
        match op:
            case ir.For(start, stop, step):
                return self.is_before(self.map(start), self.map(stop), self.map(step))
            case ir.While(_, condition, _):
                return self.test(condition, inits, mask)

    def test(self, condition: ir.Block, values: Sequence[ir.Value], mask: Mask) -> ir.Value:
        """A copy of a loop's condition for these carried values."""
        self.values.update(zip(condition.parameters, values, strict=False))
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
        self.values.update(zip(op.body.parameters, (*counter, *parameters[:count]), strict=True))
        around, self.width = self.width, active.shape
        end = self.run(op.body, mask)
        self.width = around
        self.origin = op
        still: ir.Value | None = None
        if end.mask is not None:
            still = self.all_of(end.mask, level)
            self.keep(op, still, end.values)
        still = self.logic("or", still, self.kept.pop((op, "again", 0), None))
        if still is None:
            still = self.constant(False, active.tile)
        values: list[ir.Value] = []
        for k in range(count):
            values.append(self.kept.pop((op, "value", k), parameters[k]))
        match op:
            case ir.For(_, stop, step):
                here = counter[0]
                more = self.has_next(here, self.map(stop), self.map(step))
                following = [self.emit(ir.Binary("add", here, self.map(step)))]
            case ir.While(_, condition, _):
                more = self.test(condition, values, (*mask[:level], still))
                following = []
        still = self.logic("and", still, more)
        assert still is not None
        return [*values, *following, still]

    def is_before(self, here: ir.Value, stop: ir.Value, step: ir.Value) -> ir.Value:
        """Whether a range that has come to `here` has a round left."""
        match step:
            case ir.Const(value):
                return self.emit(ir.Compare("lt" if value > 0 else "gt", here, stop))
            case _:
                zero = self.constant(0, step.tile)
                up = self.emit(ir.Compare("gt", step, zero))
                below = self.emit(ir.Compare("lt", here, stop))
                above = self.emit(ir.Compare("gt", here, stop))
                return self.emit(ir.Select(up, below, above))

    def has_next(self, here: ir.Value, stop: ir.Value, step: ir.Value) -> ir.Value:
        """Whether `here + step` is still inside a range, though the sum may wrap."""
        dtype = _UNSIGNED.get(here.tile.dtype)
        if dtype is None:  # index values do not wrap
            return self.is_before(self.emit(ir.Binary("add", here, step)), stop, step)
        zero = self.constant(0, step.tile)
        match step:
            case ir.Const(value):
                low, high, width = (here, stop, step) if value > 0 else (stop, here, None)
            case _:
                up = self.emit(ir.Compare("gt", step, zero))
                low = self.emit(ir.Select(up, here, stop))
                high = self.emit(ir.Select(up, stop, here))
                width = self.emit(ir.Select(up, step, self.emit(ir.Binary("sub", zero, step))))
        if width is None:
            width = self.emit(ir.Binary("sub", zero, step))
        distance = self.emit(ir.Binary("sub", high, low))
        return self.emit(
            ir.Compare("gt", self.unsigned(distance, dtype), self.unsigned(width, dtype))
        )

    def unsigned(self, value: ir.Value, dtype: Dtype) -> ir.Value:
        return value if value.tile.dtype == dtype else self.emit(ir.Cast(value, dtype))

    def common(self, value: ir.Value, mask: ir.Value | None) -> ir.Value:
        """The value that all lanes of a mask have in common, as a scalar."""
        if mask is None:
            mask = self.constant(True, scalar(bool_))
        mask = self.fit(mask, value.shape)
        tile = value.tile
        axes = tuple(range(tile.rank))
        if tile.dtype.is_bool:
            return self.emit(ir.Reduce("or", self.emit(ir.Binary("and", value, mask)), axes))
        least: int | float = -float("inf")
        if not tile.dtype.is_float:
            least = -(1 << (tile.dtype.bits - 1)) if tile.dtype.is_signed else 0
        lowest = self.emit(ir.Const(least, tile))
        return self.emit(ir.Reduce("max", self.emit(ir.Select(mask, value, lowest)), axes))

    # --- memory and debugging

    def access(self, op: ir.Op, mask: Mask) -> None:
        """A read, a write or a check, for the lanes that are on."""
        lanes = self.all_of(mask)
        if lanes is None:
            self.copy(op)
            return
        match op:
            case ir.Load() if not self.is_debug and not _covers(op.shape, lanes.shape):
                self.copy(op)  # checked anyway, and cheaper than asking whether some lane is on
            case ir.Load() | ir.LoadPointer():
                self.access_masked(op, lanes, op.shape)
            case ir.Store() | ir.StorePointer():
                self.access_masked(op, lanes, op.value.shape)
            case ir.Assert(condition, message):
                off = self.invert(lanes)
                checked = self.logic("or", self.map(condition), off)
                assert checked is not None
                self.emit(ir.Assert(checked, message))
            case ir.Assume(condition):
                off = self.invert(self.any_of(lanes))
                self.emit(ir.Assume(self.emit(ir.Binary("or", self.map(condition), off))))
            case _:
                with self.collect() as ops:
                    self.copy(op)
                    self.emit(ir.Yield())
                with self.collect() as rest:
                    self.emit(ir.Yield())
                expect(not op.results, "{} under a lane condition", op.opname)
                then, orelse = ir.Block((), ops), ir.Block((), rest)
                self.emit(ir.If(lanes, then, orelse, not lanes.tile.is_scalar))

    def access_masked(
        self,
        op: ir.Load | ir.LoadPointer | ir.Store | ir.StorePointer,
        lanes: ir.Value,
        shape: tuple[int, ...],
    ) -> None:
        own = None if op.mask is None else self.map(op.mask)
        mask = self.logic("and", self.fit(lanes, shape), own)
        fields = [
            mask if name == "mask" else self.mapped(getattr(op, name), role)
            for name, role in op.fields
        ]
        made = self.emit(ir.copy_origin(op, type(op)(*fields)))
        self.values.update(zip(op.results, made.results, strict=True))

    def mapped(self, value: object, role: ir.Role) -> object:
        match value:
            case ir.Value():
                return self.map(value)
            case tuple() if role is ir.Role.OPERANDS:
                return self.map_all(value)
            case _:
                return value


@dataclass(slots=True, eq=False)
class _Branch:
    """One side of an `if` that all lanes take together: its copy, and what is kept at its end."""

    ops: list[ir.Op]
    end: _End
    top: ir.Value | None
    kept: dict[Key, ir.Value]


@dataclass(slots=True, eq=False)
class _Side:
    """One side of an `if`: its block, who takes it, and how it ended."""

    block: ir.Block
    condition: ir.Value | None
    mask: Mask = ()
    end: _End = field(default_factory=lambda: _End(None))


_UNSIGNED: Final = {i8: u8, i16: u16, i32: u32, i64: u64, u8: u8, u16: u16, u32: u32, u64: u64}


def _covers(shape: tuple[int, ...], inner: tuple[int, ...]) -> bool:
    """Whether a shape holds all lanes of another."""
    return broadcast_shapes(shape, inner) == shape
