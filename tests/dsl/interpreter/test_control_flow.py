"""Scalar control flow, against the same program in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Dtype, Tile, i8, i32, i64, index, scalar, u64

from .building import array, const, function

LINE = array(i32, 1)


def add(b: ir.Builder, x: ir.Value, y: ir.Value) -> ir.Value:
    return b.add(ir.Binary("add", x, y))


def put(b: ir.Builder, out: ir.Value, at: int, value: ir.Value) -> None:
    b.add(ir.Store(out, (const(b, at),), value))


def run(body: Any, *scalars: int, dtype: Dtype = i32) -> list[int]:
    out = np.zeros(8, np.int32)
    types = [LINE, *[scalar(dtype)] * len(scalars)]
    interpret(function(types, body), (1, 1, 1), [out, *scalars])
    return out.tolist()


@pytest.mark.parametrize("n", [-1, 0, 5])
def test_an_if_runs_one_side(n: int) -> None:
    def body(b: ir.Builder, out: ir.Value, n: ir.Value) -> None:
        with b.inside() as then:
            put(b, out, 0, const(b, 1))
            b.add(ir.Yield((n, const(b, 10))))
        with b.inside() as orelse:
            put(b, out, 1, const(b, 1))
            b.add(ir.Yield((const(b, 20), n)))
        positive = b.add(ir.Compare("gt", n, const(b, 0)))
        choice = b.add(ir.If(positive, then, orelse))
        for k, value in enumerate(choice.results):
            put(b, out, 2 + k, value)

    expected = [1, 0, n, 10] if n > 0 else [0, 1, 20, n]
    assert run(body, n)[:4] == expected


@pytest.mark.parametrize("dtype", [i32, i64, index], ids=str)
@pytest.mark.parametrize(
    ("start", "stop", "step"), [(0, 5, 1), (5, 0, -2), (3, 3, 1), (-4, 7, 3), (0, 5, -1)]
)
def test_a_for_counts_like_range(start: int, stop: int, step: int, dtype: Dtype) -> None:
    def body(b: ir.Builder, out: ir.Value, *bounds: ir.Value) -> None:
        with b.inside(scalar(dtype), scalar(dtype), scalar(i32)) as block:
            i, total, count = block.parameters
            b.add(ir.Yield((add(b, total, i), add(b, count, const(b, 1)))))
        zeros = (const(b, 0, dtype), const(b, 0))
        loop = b.add(ir.For(*bounds, zeros, block))
        put(b, out, 0, b.add(ir.Cast(loop.results[0], i32)))
        put(b, out, 1, loop.results[1])

    values = range(start, stop, step)
    assert run(body, start, stop, step, dtype=dtype)[:2] == [sum(values), len(values)]


def test_a_loop_counter_keeps_its_dtype() -> None:
    for dtype, bounds in ((i8, (120, 127, 3)), (u64, (2**64 - 3, 2**64 - 1, 1))):

        def body(b: ir.Builder, out: ir.Value, *values: ir.Value, dtype: Dtype = dtype) -> None:
            with b.inside(scalar(dtype), scalar(i32)) as block:
                b.add(ir.Yield((add(b, block.parameters[1], const(b, 1)),)))
            loop = b.add(ir.For(*values, (const(b, 0),), block))
            put(b, out, 0, loop.results[0])

        assert run(body, *bounds, dtype=dtype)[0] == len(range(*bounds))


@pytest.mark.parametrize("n", range(12))
def test_break_and_continue_in_nested_loops(n: int) -> None:
    """The loops at the end of this test, in IR."""

    def body(b: ir.Builder, out: ir.Value, n: ir.Value) -> None:
        zero, one = const(b, 0), const(b, 1)
        with b.inside(scalar(i32), scalar(i32), scalar(i32)) as outer:
            i, total, count = outer.parameters
            count = add(b, count, one)
            for at, leave in ((2, "continue"), (7, "break")):
                with b.inside() as then:
                    if leave == "continue":
                        b.add(ir.Continue((total, count)))
                    else:
                        b.add(ir.Break((b.add(ir.Unary("neg", total)), count)))
                with b.inside() as orelse:
                    b.add(ir.Yield())
                b.add(ir.If(b.add(ir.Compare("eq", i, const(b, at))), then, orelse))
            with b.inside(scalar(i32), scalar(i32)) as inner:
                j, part = inner.parameters
                with b.inside() as then:
                    b.add(ir.Break((part,)))
                with b.inside() as orelse:
                    b.add(ir.Yield())
                b.add(ir.If(b.add(ir.Compare("gt", j, i)), then, orelse))
                b.add(ir.Yield((add(b, part, add(b, j, one)),)))
            loop = b.add(ir.For(zero, const(b, 5), one, (total,), inner))
            b.add(ir.Yield((loop.results[0], count)))
        loop = b.add(ir.For(zero, n, one, (zero, zero), outer))
        put(b, out, 0, loop.results[0])
        put(b, out, 1, loop.results[1])

    total = count = 0
    for i in range(n):
        count += 1
        if i == 2:
            continue
        if i == 7:
            total = -total
            break
        for j in range(5):
            if j > i:
                break
            total += j + 1
    assert run(body, n)[:2] == [total, count]


@pytest.mark.parametrize("n", [1, 6, 27])
def test_a_while_runs_as_long_as_its_condition_holds(n: int) -> None:
    def body(b: ir.Builder, out: ir.Value, n: ir.Value) -> None:
        types = (scalar(i32), scalar(i32))
        with b.inside(*types) as condition:
            b.add(ir.Yield((b.add(ir.Compare("ne", condition.parameters[0], const(b, 1))),)))
        with b.inside(*types) as block:
            x, steps = block.parameters
            odd = b.add(ir.Binary("and", x, const(b, 1)))
            odd = b.add(ir.Compare("ne", odd, const(b, 0)))
            with b.inside() as then:
                triple = b.add(ir.Binary("mul", x, const(b, 3)))
                b.add(ir.Yield((add(b, triple, const(b, 1)),)))
            with b.inside() as orelse:
                b.add(ir.Yield((b.add(ir.Binary("floordiv", x, const(b, 2))),)))
            step = b.add(ir.If(odd, then, orelse))
            b.add(ir.Yield((step.results[0], add(b, steps, const(b, 1)))))
        loop = b.add(ir.While((n, const(b, 0)), condition, block))
        put(b, out, 0, loop.results[1])

    steps, x = 0, n
    while x != 1:
        x = 3 * x + 1 if x % 2 else x // 2
        steps += 1
    assert run(body, n)[0] == steps


@pytest.mark.parametrize("n", [0, 3, 9])
def test_an_inlined_function_returns_from_within_a_loop(n: int) -> None:
    def body(b: ir.Builder, out: ir.Value, n: ir.Value) -> None:
        zero, one = const(b, 0), const(b, 1)
        with b.inside() as inlined:
            with b.inside(scalar(i32)) as block:
                i = block.parameters[0]
                with b.inside() as then:
                    b.add(ir.Return((add(b, i, const(b, 100)), one)))
                with b.inside() as orelse:
                    b.add(ir.Yield())
                b.add(ir.If(b.add(ir.Compare("eq", i, const(b, 5))), then, orelse))
                put(b, out, 2, i)
                b.add(ir.Yield())
            b.add(ir.For(zero, n, one, (), block))
            b.add(ir.Return((zero, zero)))
        call = b.add(ir.Inlined((Tile(i32), Tile(i32)), inlined))
        put(b, out, 0, call.results[0])
        put(b, out, 1, call.results[1])

    assert run(body, n)[:3] == ([105, 1, 4] if n > 5 else [0, 0, max(n - 1, 0)])


def test_a_return_ends_the_program_and_no_other() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        p = b.add(ir.ProgramId(0))
        with b.inside() as then:
            b.add(ir.Return())
        with b.inside() as orelse:
            b.add(ir.Yield())
        b.add(ir.If(b.add(ir.Compare("eq", p, const(b, 1, index))), then, orelse))
        b.add(ir.Store(out, (p,), const(b, 1)))

    out = np.zeros(3, np.int32)
    interpret(function([LINE], body), (3, 1, 1), [out])
    assert out.tolist() == [1, 0, 1]


def test_tiles_are_carried_by_loops() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        tile = Tile(i32, (8,))
        line = b.add(ir.Iota(tile, 0))
        with b.inside(scalar(i32), tile, tile) as block:
            _, x, y = block.parameters
            b.add(ir.Yield((y, add(b, x, y))))
        loop = b.add(ir.For(const(b, 0), const(b, 6), const(b, 1), (line, line), block))
        b.add(ir.Store(out, (line,), loop.results[0]))

    x, y = np.arange(8), np.arange(8)
    for _ in range(6):
        x, y = y, x + y
    assert run(body) == x.tolist()
