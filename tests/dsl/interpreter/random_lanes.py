"""Random programs of lane control flow, as IR and as a plain Python function of one element.

A program works on three variables per lane and counts in memory how often a lane passed a place.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from tilewright.dsl import ir
from tilewright.dsl.types import Tile, i32

from .building import array, const, function, positions

LANES = (16,)
TILE = Tile(i32, LANES)
VARIABLES = 3
DEEPEST = 4

Variables = list[int]
Values = tuple[ir.Value, ...]


@dataclass
class Statement:
    """`kind` with numbers whose meaning depends on it, and the statements inside."""

    kind: str
    numbers: tuple[int, ...] = ()
    body: tuple[Statement, ...] = ()
    other: tuple[Statement, ...] = ()


class Leaving(Exception):  # noqa: N818, no error
    """A lane on its way out of a construct."""


class Break(Leaving):
    """Out of a loop."""


class Continue(Leaving):
    """To the next round."""


class Return(Leaving):
    """Out of a function."""


def make_program(rng: np.random.Generator) -> tuple[Statement, ...]:
    """A random program."""
    return _statements(rng, 0, loops=0)


def _statements(rng: np.random.Generator, depth: int, loops: int) -> tuple[Statement, ...]:
    made = [_statement(rng, depth, loops) for _ in range(rng.integers(1, 5))]
    return tuple(made)


def _statement(rng: np.random.Generator, depth: int, loops: int) -> Statement:
    kinds = ["assign", "assign", "count"]
    if depth < DEEPEST:
        kinds += ["if", "if", "leave", "scalar if", "call"] + ["for", "while"] * (loops < 2)
    kind = kinds[rng.integers(len(kinds))]
    numbers = tuple(rng.integers(0, 1000, 3).tolist())
    match kind:
        case "if" | "scalar if":
            sides = [_statements(rng, depth + 1, loops) for _ in range(2)]
            return Statement(kind, numbers, sides[0], sides[1])
        case "for" | "while":
            return Statement(kind, numbers, _statements(rng, depth + 1, loops + 1))
        case "call":
            return Statement(kind, numbers, _statements(rng, depth + 1, loops=0))
        case "leave":
            ways = ["return"] + ["break", "continue"] * (loops > 0)
            way = Statement(ways[rng.integers(len(ways))])
            return Statement("if", numbers, (way,), ())
    return Statement(kind, numbers)


# --- as Python ---


def run_element(program: tuple[Statement, ...], start: Variables) -> tuple[Variables | None, int]:
    """The variables at the end (None if the lane returned) and the count."""
    log = [0]
    variables = list(start)
    try:
        _run(program, variables, 0, log)
    except Return:
        return None, log[0]
    return variables, log[0]


def _run(body: tuple[Statement, ...], v: Variables, i: int, log: list[int]) -> None:
    for one in body:
        a, b, c = one.numbers or (0, 0, 0)
        match one.kind:
            case "assign":
                v[a % VARIABLES] = (v[b % VARIABLES] * 3 + v[c % VARIABLES] + i + a % 5) % 64
            case "count":
                log[0] += 1
            case "if":
                _run(one.body if v[a % VARIABLES] % 8 > b % 8 else one.other, v, i, log)
            case "scalar if":
                _run(one.body if i % 3 == a % 3 else one.other, v, i, log)
            case "for":
                for k in range(a % 5):
                    try:
                        _run(one.body, v, k, log)
                    except Break:
                        break
                    except Continue:
                        continue
            case "while":
                for _ in range(6):  # in the IR the bound is part of each lane's condition
                    if v[a % VARIABLES] % 16 <= b % 16:
                        break
                    try:
                        _run(one.body, v, i, log)
                    except Break:
                        break
                    except Continue:
                        continue
            case "call":
                with suppress(Return):
                    _run(one.body, v, i, log)
            case "break":
                raise Break
            case "continue":
                raise Continue
            case "return":
                raise Return


# --- as IR ---


def build(program: tuple[Statement, ...]) -> ir.Function:
    """The function (x, out, log) that loads the variables from x and stores them to out."""

    def kernel(b: ir.Builder, x: ir.Value, out: ir.Value, log: ir.Value) -> None:
        (lane,) = positions(b, LANES)
        rows = [const(b, k) for k in range(VARIABLES)]
        start = tuple(b.add(ir.Load(x, (row, lane))) for row in rows)
        ended = _Emitter(b, log).statements(program, start, const(b, 0), ())
        if ended is None:
            return
        for row, value in zip(rows, ended, strict=True):
            where = b.add(ir.Broadcast(row, LANES))
            b.add(ir.Store(out, (where, lane), value))

    return function([array(i32, 2), array(i32, 2), array(i32, 1)], kernel)


class _Emitter:
    """Appends statements; `extra` are what the nearest loop carries beside the variables."""

    def __init__(self, b: ir.Builder, log: ir.Value) -> None:
        self.b = b
        self.log = log
        self.calls = 0

    def op(self, kind: str, x: ir.Value, y: ir.Value | int) -> ir.Value:
        right = const(self.b, y, i32, x.shape) if isinstance(y, int) else y
        if kind in ("gt", "eq", "lt"):
            return self.b.add(ir.Compare(kind, x, right))
        return self.b.add(ir.Binary(kind, x, right))

    def statements(
        self, body: tuple[Statement, ...], v: Values, i: ir.Value, extra: Values
    ) -> Values | None:
        """The variables behind the statements; None where the block has been left."""
        b = self.b
        for one in body:
            first, second, third = one.numbers or (0, 0, 0)
            match one.kind:
                case "assign":
                    total = self.op("mul", v[second % VARIABLES], 3)
                    total = self.op("add", total, v[third % VARIABLES])
                    total = self.op("add", total, b.add(ir.Broadcast(i, LANES)))
                    total = self.op("mod", self.op("add", total, first % 5), 64)
                    k = first % VARIABLES
                    v = (*v[:k], total, *v[k + 1 :])
                case "count":
                    where = positions(b, LANES)
                    count = self.op("add", b.add(ir.Load(self.log, where)), 1)
                    b.add(ir.Store(self.log, where, count))
                case "if":
                    condition = self.op("gt", self.op("mod", v[first % VARIABLES], 8), second % 8)
                    v = self.branch(one, condition, v, i, extra)
                case "scalar if":
                    condition = self.op("eq", self.op("mod", i, 3), first % 3)
                    v = self.branch(one, condition, v, i, extra)
                case "for":
                    with b.inside(Tile(i32), *[TILE] * VARIABLES) as block:
                        k, *inner = block.parameters
                        self.end(self.statements(one.body, tuple(inner), k, ()))
                    bounds = (const(b, 0), const(b, first % 5), const(b, 1))
                    v = b.add(ir.For(*bounds, v, block)).results
                case "while":
                    v = self.loop(one, v, i)
                case "call":
                    self.calls += 1
                    with b.inside() as block:
                        self.end(self.statements(one.body, v, i, ()))
                    self.calls -= 1
                    v = b.add(ir.Inlined((TILE,) * VARIABLES, block)).results
                case "break":
                    b.add(ir.Break(v + extra))
                    return None
                case "continue":
                    b.add(ir.Continue(v + extra))
                    return None
                case "return":
                    b.add(ir.Return(v if self.calls else ()))
                    return None
        return v

    def branch(
        self, one: Statement, condition: ir.Value, v: Values, i: ir.Value, extra: Values
    ) -> Values:
        blocks = []
        for body in (one.body, one.other):
            with self.b.inside() as block:
                self.end(self.statements(body, v, i, extra))
            blocks.append(block)
        lanes = bool(condition.shape)
        choice = self.b.add(ir.If(condition, blocks[0], blocks[1], lanes=lanes))
        return choice.results or v  # both sides may leave

    def loop(self, one: Statement, v: Values, i: ir.Value) -> Values:
        b = self.b
        first, second, _ = one.numbers
        types = [TILE] * (VARIABLES + 1)
        with b.inside(*types) as condition:
            *inner, rounds = condition.parameters
            big = self.op("gt", self.op("mod", inner[first % VARIABLES], 16), second % 16)
            few = self.op("lt", rounds, 6)
            b.add(ir.Yield((b.add(ir.Binary("and", big, few)),)))
        with b.inside(*types) as block:
            *inner, rounds = block.parameters
            rounds = self.op("add", rounds, 1)
            ended = self.statements(one.body, tuple(inner), i, (rounds,))
            self.end(None if ended is None else (*ended, rounds))
        inits = (*v, const(b, 0, i32, LANES))
        return b.add(ir.While(inits, condition, block, lanes=True)).results[:VARIABLES]

    def end(self, values: Values | None) -> None:
        if values is not None:
            self.b.add(ir.Yield(values))


def expected_of(program: tuple[Statement, ...], x: Any) -> tuple[Any, Any]:
    """What the function leaves in out (-1 where a lane returned) and log."""
    out, log = np.full(x.shape, -1, np.int32), np.zeros(LANES, np.int32)
    for lane in range(LANES[0]):
        variables, log[lane] = run_element(program, x[:, lane].tolist())
        if variables is not None:
            out[:, lane] = variables
    return out, log
