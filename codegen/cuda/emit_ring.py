"""Prints a loop whose blocks are fetched ahead: copies on their way while the threads compute."""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import i64

from ..planning.steps import Compute, Leave, Step
from .control import Blocks
from .emit_fetches import ByHardware, ByThreads, Fetching, Rounds
from .program import Program
from .spelling import cast, type_of
from .steps import Multiply, Ring, views_read, views_written, walk_steps


def emit_ring(program: Program, step: Ring, blocks: Blocks) -> None:
    """Print the loop: what its first rounds need is fetched before it."""
    turns = program.turns.get(step)
    by_group = [one for one in step.body if isinstance(one, Multiply) and one.by_group]
    inner = list(walk_steps(step.body))
    if not any(_touches(one, product) for one in inner for product in by_group):
        program.deferred.update(by_group)
    fetching: Fetching
    if turns is None:
        fetching = ByThreads(program, step, bool(by_group))
    else:
        fetching = ByHardware(program, step, turns)
    _RingText(program, step, blocks, fetching, bool(by_group)).run()


class _RingText:
    def __init__(
        self, program: Program, step: Ring, blocks: Blocks, fetching: Fetching, by_group: bool
    ) -> None:
        self.program = program
        self.writer = program.writer
        self.step = step
        self.blocks = blocks
        self.fetching = fetching
        self.by_group = by_group

    def run(self) -> None:
        """The function that fetches, the first fetches, the rounds."""
        program, writer, op = self.program, self.writer, self.step.op
        counter, *carried = op.body.parameters
        start, stop, by = (
            cast(program.scalar(x), x.tile.dtype, i64) for x in (op.start, op.stop, op.step)
        )
        names = self.blocks.variables(carried, op.inits)
        self.blocks.bind(carried, names)
        count = writer.define("i32", "rounds", f"i32(rounds_of({start}, {stop}, {by}))")
        fetch = self._define_fetch(counter)
        round_ = writer.fresh("round")
        base = "" if start == "0ll" else f"{start} + "
        rounds = Rounds(round_, count, base, by, fetch)
        self.fetching.begin(rounds)
        # Where products are in flight no ways may meet before they are waited for.
        with writer.block_if(f"if ({count} > 0)" if self.by_group else None):
            with writer.block(f"for (i32 {round_} = 0; {round_} < {count}; ++{round_})"):
                self._bind_counter(counter, rounds.place(round_))
                self.fetching.round(rounds, lambda stage: self._body(stage, names))
            if self.by_group:
                writer.add("wgmma_wait<0>();")
                for held in program.in_flight:
                    writer.add(f"pin({held});")
                program.in_flight.clear()
        self.fetching.end()
        self.blocks.bind(op.results, names)

    def _bind_counter(self, counter: ir.Parameter, text: str) -> None:
        kind = type_of(counter.tile.dtype)
        text = text if kind == "i64" else f"{kind}({text})"
        name = self.writer.define(kind, counter.name or "i", text)
        self.program.scalars[counter] = name

    def _define_fetch(self, counter: ir.Parameter) -> str:
        """A function that fetches the blocks of a round to a stage."""
        writer, program = self.writer, self.program
        name = writer.fresh("fetch")
        place = writer.fresh(counter.name or "i")
        stage = writer.fresh("stage")
        with writer.block(f"const auto {name} = [&](i64 {place}, i32 {stage})"):
            kind = type_of(counter.tile.dtype)
            program.scalars[counter] = place if kind == "i64" else f"{kind}({place})"
            known = set(program.scalars)
            for one in self.step.scalars:
                assert isinstance(one, Compute)
                program.compute(one.op)
            self.fetching.copies(stage)
            for value in set(program.scalars) - known:
                del program.scalars[value]
        writer.lines[-1] += ";"
        return name

    def _body(self, stage: str, names: list[str]) -> None:
        """The rest of a round, on the blocks of its stage."""
        program, writer = self.program, self.writer
        before = dict(program.buffers)
        for copy in self.step.copies:
            buffer = copy.view.buffer
            name, kind = before[buffer], type_of(buffer.dtype)
            size = buffer.size // self.step.stages
            program.buffers[buffer] = writer.define(
                f"{kind}*", f"{name}_now", f"{name} + {stage} * {size}"
            )
        written = {view.buffer for one in walk_steps(self.step.body) for view in views_written(one)}
        program.staged |= {
            view.buffer
            for one in self.step.body
            if isinstance(one, Multiply)
            for view in (one.a, one.b)
            if view.buffer not in written
        }
        needed = [one for one in self.step.scalars if isinstance(one, Compute)]
        for one in needed:
            program.compute(one.op)
        body = [one for one in self.step.body if not isinstance(one, Leave)]
        self.blocks.steps(body)
        leave = [one for one in self.step.body if isinstance(one, Leave)]
        self.blocks.scalar_block(leave, names)
        program.buffers.update(before)


def _touches(step: Step, product: Multiply) -> bool:
    """Whether a step of a round needs what a product gives, or gives what it takes or adds to.

    A left operand in registers is read for as long as the product is in flight.
    """
    if step is product:
        return False
    out, left = product.out.buffer, product.a.buffer
    if any(view.buffer in (out, left) for view in views_written(step)):
        return True
    return any(view.buffer is out for view in views_read(step))
