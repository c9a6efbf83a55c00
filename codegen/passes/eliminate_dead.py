"""Drop what nothing needs.

Writes, prints and checks are needed, the jumps of a needed construct, and what these use. A
construct is needed if something inside is, or one of its results. Results and values carried by
loops that nothing outside needs go, even if they are computed from each other round after round.

    %3: i32, %4: i32 = for %0, %n, %1, [%0, %0] body(%5: index, %6: i32, %7: i32) {
      %8: i32 = binary.add %6, %1
      %9: i32 = binary.add %7, %8
      yield [%8, %9]
    }
    store %x, [%0], %3

becomes

    %3: i32 = for %0, %n, %1, [%0] body(%4: index, %5: i32) {
      %6: i32 = binary.add %5, %1
      yield [%6]
    }
    store %x, [%0], %3
"""

from __future__ import annotations

from collections.abc import Sequence

from tilewright.dsl import ir

_Carrier = ir.If | ir.For | ir.While | ir.Inlined


def eliminate_dead(function: ir.Function) -> ir.Function:
    """Drop unneeded ops and results; the same function if all are needed."""
    liveness = _Liveness(function)
    return function.with_body(_Sweeper(liveness).block(function.body))


class _Liveness:
    """What is needed: marks ops and values from the effects backwards."""

    def __init__(self, function: ir.Function) -> None:
        self.parents: dict[ir.Op, ir.Op | None] = {}
        self.jumps: dict[
            ir.Op, list[ir.Op]
        ] = {}  # per construct, what leaves it or ends its blocks
        self.owners: dict[ir.Value, tuple[ir.Op, int]] = {}  # carried parameters
        self.ops: set[ir.Op] = set()
        self.values: set[ir.Value] = set()
        self.pending: list[ir.Value | ir.Op] = []
        self.collect(function.body, ())
        while self.pending:
            item = self.pending.pop()
            if isinstance(item, ir.Op):
                self.spread_op(item)
            else:
                self.spread_result(item)

    def collect(self, block: ir.Block, around: tuple[ir.Op, ...]) -> None:
        """Learn what stands where; mark what is needed in any case."""
        parent = around[-1] if around else None
        for op in block.ops:
            self.parents[op] = parent
            match op:
                case ir.Break() | ir.Continue():
                    self.leave(op, around, (ir.For, ir.While))
                case ir.Return():
                    self.leave(op, around, (ir.Inlined,))
                case ir.Yield() if parent is not None:
                    self.jumps.setdefault(parent, []).append(op)
                case ir.For():
                    self.own(op, op.body.parameters[1:])
                case ir.While():
                    self.own(op, op.body.parameters)
                    self.own(op, op.condition.parameters)
                case _ if op.effect is ir.Effect.WRITE:
                    self.need_op(op)
                case _:
                    pass
            for inner in op.blocks:
                self.collect(inner, (*around, op))

    def leave(self, jump: ir.Op, around: tuple[ir.Op, ...], kinds: tuple[type[ir.Op], ...]) -> None:
        for op in reversed(around):
            if isinstance(op, kinds):
                self.jumps.setdefault(op, []).append(jump)
                return
        self.need_op(jump)

    def own(self, op: ir.Op, parameters: Sequence[ir.Parameter]) -> None:
        for k, parameter in enumerate(parameters):
            self.owners[parameter] = (op, k)

    def need_op(self, op: ir.Op) -> None:
        if op not in self.ops:
            self.ops.add(op)
            self.pending.append(op)

    def need(self, value: ir.Value) -> None:
        if value in self.values:
            return
        self.values.add(value)
        match value:
            case ir.Op():
                self.need_op(value)
            case ir.Result() | ir.Parameter():
                self.pending.append(value)

    def spread_op(self, op: ir.Op) -> None:
        """A needed op needs what it stands in, its operands, and the jumps that leave it."""
        parent = self.parents[op]
        if parent is not None:
            self.need_op(parent)
        match op:
            case ir.If(condition):
                self.need(condition)
            case ir.For(start, stop, step):
                self.need(start)
                self.need(stop)
                self.need(step)
                self.need_jumps(op)
            case ir.While():
                self.need_jumps(op)
                for value in op.condition.terminator.operands:
                    self.need(value)
            case ir.Inlined():
                self.need_jumps(op)
            case ir.Yield() | ir.Break() | ir.Continue():
                pass
            case ir.Return() if self.target(op) is not None:
                pass
            case _:
                for value in op.operands:
                    self.need(value)
                for block in op.blocks:
                    for inner in ir.walk(block):
                        self.need_op(inner)
                    for value in block.terminator.operands:
                        self.need(value)

    def target(self, op: ir.Op) -> ir.Op | None:
        parent = self.parents[op]
        while parent is not None and not isinstance(parent, ir.Inlined):
            parent = self.parents[parent]
        return parent

    def need_jumps(self, op: ir.Op) -> None:
        for jump in self.jumps.get(op, ()):
            if not isinstance(jump, ir.Yield):
                self.need_op(jump)

    def spread_result(self, value: ir.Value) -> None:
        """A needed result or carried parameter needs all values it can be."""
        match value:
            case ir.Result(op=op, index=k):
                pass
            case _:
                owner = self.owners.get(value)
                if owner is None:  # a parameter of the function or of a reduction, or a counter
                    return
                op, k = owner
        self.need_op(op)
        match op:
            case ir.If():
                pass
            case ir.For(inits=inits) | ir.While(inits=inits):
                self.need(inits[k])
                self.need(op.results[k])
                for block in op.blocks:
                    skipped = len(block.parameters) - len(inits)
                    self.need(block.parameters[k + skipped])
            case ir.Inlined():
                pass
            case _:
                return
        for jump in self.jumps.get(op, ()):
            if not _tests(op, jump):
                self.need(jump.operands[k])


def _tests(op: ir.Op, end: ir.Op) -> bool:
    """Whether it ends the condition of a loop, not a round."""
    return isinstance(op, ir.While) and end is op.condition.terminator


class _Sweeper:
    """Rebuilds what is left."""

    def __init__(self, liveness: _Liveness) -> None:
        self.live = liveness
        self.mapping: dict[ir.Value, ir.Value] = {}
        self.kept: dict[ir.Op, list[int]] = {}  # per thinned construct, the results that stay
        self.targets: dict[ir.Op, ir.Op] = {
            jump: op
            for op, jumps in liveness.jumps.items()
            for jump in jumps
            if not _tests(op, jump)
        }

    def block(
        self, block: ir.Block, parameters: tuple[ir.Parameter, ...] | None = None
    ) -> ir.Block:
        changed = parameters is not None
        ops: list[ir.Op] = []
        for op in block.ops:
            found = self.op(op)
            changed = changed or found is not op
            if found is not None:
                ops.append(found)
        if not changed:
            return block
        return ir.Block(block.parameters if parameters is None else parameters, ops)

    def op(self, op: ir.Op) -> ir.Op | None:
        if op.effect is ir.Effect.LEAVE:
            return self.leave(op)
        if op not in self.live.ops:
            return None
        match op:
            case ir.If() | ir.For() | ir.While() | ir.Inlined():
                return self.carrier(op)
            case _:
                blocks = {inner: self.block(inner) for inner in op.blocks}
                made = ir.rebuild(op, self.mapping, blocks)
                if made is not op:
                    self.mapping.update(zip(op.results, made.results, strict=True))
                return made

    def leave(self, op: ir.Op) -> ir.Op:
        target = self.targets.get(op)
        kept = None if target is None else self.kept.get(target)
        if kept is None:
            return ir.rebuild(op, self.mapping, {})
        values = tuple(self.mapping.get(op.operands[k], op.operands[k]) for k in kept)
        return ir.copy_origin(op, type(op)(values))  # type: ignore[call-arg]

    def carrier(self, op: _Carrier) -> ir.Op:
        """A construct without the results that nothing needs."""
        kept = [k for k, result in enumerate(op.results) if result in self.live.values]
        if len(kept) == len(op.results):
            blocks = {inner: self.block(inner) for inner in op.blocks}
            made = ir.rebuild(op, self.mapping, blocks)
            if made is not op:
                self.mapping.update(zip(op.results, made.results, strict=True))
            return made
        self.kept[op] = kept
        match op:
            case ir.If(condition, then, orelse, lanes):
                condition = self.mapping.get(condition, condition)
                made = ir.If(condition, self.block(then), self.block(orelse), lanes)
            case ir.For(start, stop, step, inits, body, unroll, stages):
                start, stop, step = self.pick((start, stop, step), [0, 1, 2])
                carried, thinned = self.pick(inits, kept), self.thin(body, kept)
                made = ir.For(start, stop, step, carried, thinned, unroll, stages)
            case ir.While(inits, condition, body, lanes):
                test = self.thin(condition, kept)
                made = ir.While(self.pick(inits, kept), test, self.thin(body, kept), lanes)
            case ir.Inlined(types, body):
                made = ir.Inlined(tuple(types[k] for k in kept), self.block(body))
        made.loc, made.place = op.loc, op.place
        for k, result in zip(kept, made.results, strict=True):
            result.name = op.results[k].name
            self.mapping[op.results[k]] = result
        return made

    def pick(self, values: Sequence[ir.Value], kept: list[int]) -> tuple[ir.Value, ...]:
        return tuple(self.mapping.get(values[k], values[k]) for k in kept)

    def thin(self, block: ir.Block, kept: list[int]) -> ir.Block:
        """A loop's block without the carried parameters that go; the counter of a `for` stays."""
        count = len(block.parameters)
        skipped = count - self.width(block)
        parameters = block.parameters[:skipped] + tuple(block.parameters[skipped + k] for k in kept)
        return self.block(block, parameters)

    def width(self, block: ir.Block) -> int:
        """How many of a block's parameters are carried."""
        return sum(1 for parameter in block.parameters if parameter in self.live.owners)
