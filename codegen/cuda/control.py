"""The heads of loops, the next values of what loops carry, and what prints their blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tilewright.dsl import ir
from tilewright.dsl.types import i64, index, u64

from ..analysis.contiguity import constant_of
from ..planning.steps import Step
from .program import Program, ValueAt
from .spelling import cast, type_of
from .writer import Writer


class Blocks(Protocol):
    """What prints the steps of a block."""

    def steps(self, steps: Sequence[Step]) -> None:
        """Print them."""

    def scalar_block(self, steps: Sequence[Step], targets: list[str]) -> None:
        """Print them; their scalars go to variables."""

    def variables(self, values: Sequence[ir.Value], inits: Sequence[ir.Value]) -> list[str]:
        """Variables that begin as the scalars among some values."""

    def bind(self, values: Sequence[ir.Value], names: list[str]) -> None:
        """Say what scalars are called."""


def loop_head(program: Program, op: ir.For, value: ValueAt) -> str:
    """The head of a `for` with scalar bounds; its counter is known from now on."""
    counter = op.body.parameters[0]
    dtype = counter.tile.dtype
    wide = u64 if dtype is u64 else i64
    start, stop, step = (cast(value(x), x.tile.dtype, wide) for x in (op.start, op.stop, op.step))
    name = program.writer.fresh(counter.name or "i")
    program.scalars[counter] = name if type_of(dtype) == type_of(wide) else f"{dtype.name}({name})"
    kind = type_of(wide)
    number = constant_of(op.step)
    is_safe = dtype.bits < 64 or dtype is index or number in (1, -1)
    if number is not None and is_safe and wide is i64:
        test = "<" if number > 0 else ">"
        return f"for ({kind} {name} = {start}; {name} {test} {stop}; {name} += {step})"
    rounds = program.writer.define("u64", "rounds", f"rounds_of({start}, {stop}, {step})")
    program.writer.add(f"{kind} {name} = {start};")
    left = program.writer.fresh("left")
    again = f"--{left}, {name} = add({name}, {step})"
    return f"for (u64 {left} = {rounds}; {left} > 0; {again})"


def assign(writer: Writer, texts: list[str], targets: list[str]) -> None:
    """Give values to variables, all at once: none of them is overwritten before it is read."""
    from_others = {text for text, target in zip(texts, targets, strict=True) if text != target}
    pairs = [(text, target) for text, target in zip(texts, targets, strict=True) if text != target]
    if from_others & {target for _, target in pairs}:
        pairs = [(writer.define("auto", "next", text), target) for text, target in pairs]
    for text, target in pairs:
        writer.add(f"{target} = {text};")
