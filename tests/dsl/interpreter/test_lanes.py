"""Control flow on tiles: each lane must do what a plain loop over the elements does.

The kernels here are written twice: as lane constructs of the IR over a tile, and as a Python
function of one element. Memory effects are compared too, so an access of a lane that is off shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter import Fault
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Tile, bool_, f32, i32

from .building import array, const, function, positions

N = 32
LANES = (N,)
TILE = Tile(i32, LANES)


class Lanes:
    """Writes ops over tiles of one shape."""

    def __init__(self, b: ir.Builder, shape: tuple[int, ...] = LANES) -> None:
        self.b = b
        self.shape = shape

    def __call__(self, kind: str, x: ir.Value, y: ir.Value | int) -> ir.Value:
        right = self.number(y) if isinstance(y, int) else y
        if kind in ("eq", "ne", "lt", "le", "gt", "ge"):
            return self.b.add(ir.Compare(kind, x, right))
        return self.b.add(ir.Binary(kind, x, right))

    def number(self, value: int) -> ir.Value:
        return const(self.b, value, i32, self.shape)

    def when(self, condition: ir.Value, leave: Callable[[], ir.Op]) -> None:
        """`if condition: leave`."""
        with self.b.inside() as then:
            self.b.add(leave())
        with self.b.inside() as orelse:
            self.b.add(ir.Yield())
        self.b.add(ir.If(condition, then, orelse, lanes=True))

    def put(self, out: ir.Value, value: ir.Value) -> None:
        self.b.add(ir.Store(out, positions(self.b, self.shape), value))

    def count(self, log: ir.Value) -> None:
        """`log[lane] += 1`."""
        where = positions(self.b, self.shape)
        self.b.add(ir.Store(log, where, self("add", self.b.add(ir.Load(log, where)), 1)))


def check(
    body: Callable[..., None],
    element: Callable[[int, int], tuple[int, int]],
    rng: np.random.Generator,
) -> None:
    """Compare `body(lanes, x, y, out, log)` with `element(x, y)`, which gives out and log."""

    def kernel(b: ir.Builder, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        lanes = Lanes(b)
        where = positions(b, LANES)
        body(lanes, b.add(ir.Load(x, where)), b.add(ir.Load(y, where)), out, log)

    made = function([array(i32, 1)] * 4, kernel)
    for high in (1, 4, 12):
        x, y = (rng.integers(0, high, N).astype(np.int32) for _ in "xy")
        out, log = np.full(N, -1, np.int32), np.zeros(N, np.int32)
        interpret(made, (1, 1, 1), [x, y, out, log])
        expected = [element(a, c) for a, c in zip(x.tolist(), y.tolist(), strict=True)]
        assert list(zip(out.tolist(), log.tolist(), strict=True)) == expected


def test_each_lane_takes_its_own_side(rng: np.random.Generator) -> None:
    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        with b.inside() as then:
            lanes.count(log)
            b.add(ir.Yield((lanes("mul", x, y), x)))
        with b.inside() as orelse:
            with b.inside() as inner:
                lanes.count(log)
                lanes.count(log)
                b.add(ir.Yield((lanes.number(7),)))
            with b.inside() as other:
                b.add(ir.Yield((y,)))
            nested = b.add(ir.If(lanes("eq", x, y), inner, other, lanes=True))
            b.add(ir.Yield((nested.results[0], y)))
        both = b.add(ir.If(lanes("gt", x, y), then, orelse, lanes=True))
        lanes.put(out, lanes("sub", both.results[0], both.results[1]))

    def element(x: int, y: int) -> tuple[int, int]:
        if x > y:
            return x * y - x, 1
        return (7 - y, 2) if x == y else (0, 0)

    check(body, element, rng)


def test_a_return_switches_lanes_off_for_the_rest(rng: np.random.Generator) -> None:
    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        lanes.when(lanes("lt", x, 3), ir.Return)
        lanes.count(log)
        with b.inside() as then:
            lanes.when(lanes("gt", x, y), ir.Return)
            lanes.count(log)
            b.add(ir.Yield())
        with b.inside() as orelse:
            b.add(ir.Yield())
        b.add(ir.If(lanes("ne", y, 2), then, orelse, lanes=True))
        lanes.put(out, lanes("add", x, y))

    def element(x: int, y: int) -> tuple[int, int]:
        log = 0
        if x < 3:
            return -1, log
        log += 1
        if y != 2:
            if x > y:
                return -1, log
            log += 1
        return x + y, log

    check(body, element, rng)


def test_each_lane_loops_for_itself(rng: np.random.Generator) -> None:
    """while x != 1 (Collatz), with a `continue` for even numbers and a `break` at 100 steps."""

    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        types = (TILE, TILE)
        with b.inside(*types) as condition:
            b.add(ir.Yield((lanes("gt", condition.parameters[0], 1),)))
        with b.inside(*types) as loop:
            n, steps = loop.parameters
            lanes.count(log)
            steps = lanes("add", steps, 1)
            lanes.when(
                lanes("eq", lanes("and", n, 1), 0),
                lambda: ir.Continue((lanes("floordiv", n, 2), steps)),
            )
            lanes.when(
                lanes("ge", steps, lanes("add", y, 4)), lambda: ir.Break((n, lanes.number(-5)))
            )
            b.add(ir.Yield((lanes("add", lanes("mul", n, 3), 1), steps)))
        ended = b.add(ir.While((x, lanes.number(0)), condition, loop, lanes=True))
        total = lanes("mul", ended.results[1], 1000)
        lanes.put(out, lanes("add", total, ended.results[0]))

    def element(x: int, y: int) -> tuple[int, int]:
        n, steps, log = x, 0, 0
        while n > 1:
            log += 1
            steps += 1
            if n % 2 == 0:
                n //= 2
                continue
            if steps >= y + 4:
                steps = -5
                break
            n = 3 * n + 1
        return steps * 1000 + n, log

    check(body, element, rng)


@pytest.mark.parametrize("inside_if", [False, True])
def test_lanes_leave_a_scalar_for(inside_if: bool, rng: np.random.Generator) -> None:
    """Break, continue and return of lanes in one loop; optionally all of it under an `if`."""

    def loop(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> ir.Value:
        b = lanes.b
        with b.inside(Tile(i32), TILE) as block:
            scalar_i, total = block.parameters
            i = b.add(ir.Broadcast(scalar_i, LANES))
            lanes.when(lanes("eq", i, x), lambda: ir.Continue((lanes("add", total, 50),)))
            lanes.count(log)
            lanes.when(lanes("eq", i, y), lambda: ir.Break((lanes("add", total, 100),)))
            lanes.when(lanes("gt", lanes("add", i, x), 14), ir.Return)
            b.add(ir.Yield((lanes("add", total, i),)))
        bounds = (const(b, 0), const(b, 9), const(b, 1))
        result = b.add(ir.For(*bounds, (lanes.number(0),), block)).results[0]
        lanes.count(log)
        return result

    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        if not inside_if:
            lanes.put(out, loop(lanes, x, y, out, log))
            return
        with b.inside() as then:
            b.add(ir.Yield((loop(lanes, x, y, out, log),)))
        with b.inside() as orelse:
            b.add(ir.Yield((x,)))
        choice = b.add(ir.If(lanes("ne", x, 5), then, orelse, lanes=True))
        lanes.put(out, choice.results[0])

    def element(x: int, y: int) -> tuple[int, int]:
        total = log = 0
        if inside_if and x == 5:
            return x, 0
        for i in range(9):
            if i == x:
                total += 50
                continue
            log += 1
            if i == y:
                total += 100
                break
            if i + x > 14:
                return -1, log
            total += i
        return total, log + 1

    check(body, element, rng)


def test_nested_loops_of_lanes(rng: np.random.Generator) -> None:
    """A `while` on lanes in a scalar `for`, breaks of both, and lanes that leave the function."""

    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        with b.inside(Tile(i32), TILE) as outer:
            i, total = b.add(ir.Broadcast(outer.parameters[0], LANES)), outer.parameters[1]
            with b.inside(TILE, TILE) as condition:
                b.add(ir.Yield((lanes("lt", condition.parameters[0], x),)))
            with b.inside(TILE, TILE) as inner:
                j, part = inner.parameters
                lanes.count(log)
                lanes.when(lanes("gt", part, 60), ir.Return)
                lanes.when(lanes("eq", j, i), lambda: ir.Break((j, lanes("add", part, 1))))
                b.add(ir.Yield((lanes("add", j, 1), lanes("add", part, lanes("mul", i, j)))))
            ended = b.add(ir.While((lanes.number(0), total), condition, inner, lanes=True))
            total = ended.results[1]
            lanes.when(lanes("gt", total, lanes("mul", y, 3)), lambda: ir.Break((total,)))
            b.add(ir.Yield((lanes("add", total, 2),)))
        bounds = (const(b, 0), const(b, 6), const(b, 1))
        lanes.put(out, b.add(ir.For(*bounds, (lanes.number(0),), outer)).results[0])

    def element(x: int, y: int) -> tuple[int, int]:
        total = log = 0
        for i in range(6):
            j = 0
            while j < x:
                log += 1
                if total > 60:
                    return -1, log
                if j == i:
                    total += 1
                    break
                j, total = j + 1, total + i * j
            if total > y * 3:
                break
            total += 2
        return total, log

    check(body, element, rng)


def test_lanes_return_from_an_inlined_function(rng: np.random.Generator) -> None:
    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        with b.inside() as then:
            with b.inside() as inlined:
                lanes.when(lanes("gt", x, y), lambda: ir.Return((x,)))
                lanes.count(log)
                with b.inside(Tile(i32), TILE) as block:
                    i, total = b.add(ir.Broadcast(block.parameters[0], LANES)), block.parameters[1]
                    lanes.when(lanes("eq", i, x), lambda: ir.Return((lanes("add", total, 30),)))
                    lanes.when(lanes("eq", lanes("mul", i, 2), y), lambda: ir.Break((total,)))
                    b.add(ir.Yield((lanes("add", total, i),)))
                bounds = (const(b, 0), const(b, 5), const(b, 1))
                loop = b.add(ir.For(*bounds, (lanes.number(0),), block))
                lanes.count(log)
                b.add(ir.Return((loop.results[0],)))
            call = b.add(ir.Inlined((TILE,), inlined))
            lanes.count(log)
            b.add(ir.Yield((lanes("add", call.results[0], 1000),)))
        with b.inside() as orelse:
            b.add(ir.Yield((lanes.number(3),)))
        choice = b.add(ir.If(lanes("ne", y, 3), then, orelse, lanes=True))
        lanes.put(out, choice.results[0])

    def callee(x: int, y: int) -> tuple[int, int]:
        if x > y:
            return x, 0
        total = 0
        for i in range(5):
            if i == x:
                return total + 30, 1
            if i * 2 == y:
                break
            total += i
        return total, 2

    def element(x: int, y: int) -> tuple[int, int]:
        if y == 3:
            return 3, 0
        value, log = callee(x, y)
        return value + 1000, log + 1

    check(body, element, rng)


def test_scalar_control_flow_inside_a_region_is_shared(rng: np.random.Generator) -> None:
    """A scalar `break` there takes all lanes that are on, and only those."""

    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        with b.inside() as then:
            with b.inside(Tile(i32), TILE) as block:
                scalar_i, total = block.parameters
                i = b.add(ir.Broadcast(scalar_i, LANES))
                lanes.when(lanes("eq", i, y), lambda: ir.Break((lanes("add", total, 500),)))
                lanes.count(log)
                with b.inside() as stop:
                    b.add(ir.Break((lanes("add", total, 40),)))
                with b.inside() as go_on:
                    b.add(ir.Yield())
                b.add(ir.If(b.add(ir.Compare("eq", scalar_i, const(b, 4))), stop, go_on))
                b.add(ir.Yield((lanes("add", total, 1),)))
            bounds = (const(b, 0), const(b, 7), const(b, 1))
            b.add(ir.Yield(b.add(ir.For(*bounds, (x,), block)).results))
        with b.inside() as orelse:
            b.add(ir.Yield((lanes.number(-2),)))
        lanes.put(out, b.add(ir.If(lanes("gt", x, 0), then, orelse, lanes=True)).results[0])

    def element(x: int, y: int) -> tuple[int, int]:
        if x <= 0:
            return -2, 0
        total, log = x, 0
        for i in range(7):
            if i == y:
                total += 500
                break
            log += 1
            if i == 4:
                total += 40
                break
            total += 1
        return total, log

    check(body, element, rng)


def test_conditions_broadcast_against_what_they_guard(rng: np.random.Generator) -> None:
    """`if rows: if columns: return`, with stores of a row's, a column's and the whole shape."""
    shape = (4, 6)

    def kernel(b: ir.Builder, r: ir.Value, c: ir.Value, out: ir.Value, by_row: ir.Value) -> None:
        row, column = positions(b, shape)
        rows = b.add(ir.Load(r, (row,)))
        columns = b.add(ir.Load(c, (column,)))
        ones = const(b, 1, i32, shape)
        with b.inside() as then:
            with b.inside() as inner:
                b.add(ir.Store(by_row, (row,), const(b, 1, i32, (4, 1))))
                b.add(ir.Return())
            with b.inside() as orelse:
                b.add(ir.Yield())
            b.add(ir.If(columns, inner, orelse, lanes=True))
            b.add(ir.Yield())
        with b.inside() as orelse:
            b.add(ir.Yield())
        b.add(ir.If(rows, then, orelse, lanes=True))
        b.add(ir.Store(out, (row, column), ones))

    rows, columns = rng.integers(0, 2, 4) > 0, rng.integers(0, 2, 6) > 0
    out, by_row = np.zeros(shape, np.int32), np.zeros(4, np.int32)
    types = [array(bool_, 1), array(bool_, 1), array(i32, 2), array(i32, 1)]
    interpret(function(types, kernel), (1, 1, 1), [rows, columns, out, by_row])
    np.testing.assert_array_equal(out, ~(rows[:, None] & columns))
    np.testing.assert_array_equal(by_row, rows & columns.any())


def test_loads_at_a_scalar_index_or_slice_are_done_if_some_lane_is_on() -> None:
    def kernel(b: ir.Builder, x: ir.Value, n: ir.Value, out: ir.Value) -> None:
        lane = b.add(ir.Iota(Tile(i32, (4,)), 0))
        limit = b.add(ir.Broadcast(n, (4,)))
        with b.inside() as then:
            one = b.add(ir.Load(x, (const(b, 3),)))
            part = b.add(ir.Load(x, (b.add(ir.Iota(Tile(i32, (3,)), 0)),), block_axes=(0,)))
            total = b.add(ir.Binary("add", one, b.add(ir.Reduce("sum", part, (0,)))))
            b.add(ir.Yield((b.add(ir.Broadcast(total, (4,))),)))
        with b.inside() as orelse:
            b.add(ir.Yield((const(b, -1, i32, (4,)),)))
        choice = b.add(ir.If(b.add(ir.Compare("lt", lane, limit)), then, orelse, lanes=True))
        b.add(ir.Store(out, (lane,), choice.results[0]))

    x = np.array([1, 2, 3, 40], np.int32)
    for n in (0, 2, 4):
        out = np.zeros(4, np.int32)
        made = function([array(i32, 1), Tile(i32), array(i32, 1)], kernel)
        interpret(made, (1, 1, 1), [x, n, out])
        assert out.tolist() == [46 if k < n else -1 for k in range(4)]


def test_lanes_that_are_off_raise_no_faults() -> None:
    """Bounds, pointers, divisions and assertions count only for the lanes that are on."""

    def kernel(b: ir.Builder, x: ir.Value, limit: ir.Value, out: ir.Value) -> None:
        lane = b.add(ir.Iota(Tile(i32, (4,)), 0))
        on = b.add(ir.Compare("ge", lane, b.add(ir.Broadcast(limit, (4,)))))
        with b.inside() as then:
            where = b.add(ir.Binary("sub", lane, const(b, 2, i32, (4,))))
            v = b.add(ir.Load(x, (where,)))
            p = b.add(ir.Broadcast(b.add(ir.Address(x)), (4,)))
            v = b.add(ir.Binary("add", v, b.add(ir.LoadPointer(b.add(ir.Offset(p, where))))))
            b.add(ir.Binary("floordiv", v, b.add(ir.Binary("max", where, const(b, -1, i32, (4,))))))
            b.add(ir.Assert(b.add(ir.Compare("ge", where, const(b, 0, i32, (4,)))), "inside"))
            b.add(ir.Yield((v,)))
        with b.inside() as orelse:
            b.add(ir.Yield((lane,)))
        b.add(ir.Store(out, (lane,), b.add(ir.If(on, then, orelse, lanes=True)).results[0]))

    made = function([array(i32, 1), Tile(i32), array(i32, 1)], kernel, ["debug"])
    x, out = np.array([5, 6], np.int32), np.zeros(4, np.int32)
    interpret(made, (1, 1, 1), [x, 3, out])
    assert out.tolist() == [0, 1, 2, 12]
    for limit, code in ((0, 3), (2, 5)):
        with pytest.raises(Fault) as caught:
            interpret(made, (1, 1, 1), [x, limit, out])
        assert caught.value.code == code


def test_the_flat_form_behind_mask_lanes_means_the_same(rng: np.random.Generator) -> None:
    """A `while` that carries its own `active`, and a scalar counter beside it."""

    def body(lanes: Lanes, x: ir.Value, y: ir.Value, out: ir.Value, log: ir.Value) -> None:
        b = lanes.b
        types = (Tile(i32), TILE, Tile(bool_, LANES))
        with b.inside(*types) as condition:
            b.add(ir.Yield((condition.parameters[2],)))
        with b.inside(*types) as block:
            i, total, active = block.parameters
            where = positions(b, LANES)
            old = b.add(ir.Load(log, where, active))
            b.add(ir.Store(log, where, lanes("add", old, 1), active))
            wide = b.add(ir.Broadcast(i, LANES))
            next_i = b.add(ir.Binary("add", i, const(b, 1)))
            goes_on = b.add(ir.Binary("and", lanes("ne", wide, y), lanes("lt", wide, 7)))
            active = b.add(ir.Binary("and", active, goes_on))
            b.add(ir.Yield((next_i, lanes("add", total, wide), active)))
        start = lanes("gt", x, 1)
        loop = b.add(ir.While((const(b, 0), x, start), condition, block, lanes=True))
        lanes.put(out, loop.results[1])

    def element(x: int, y: int) -> tuple[int, int]:
        total, log, i, active = x, 0, 0, x > 1
        while active:
            log += 1
            total += i
            active = i != y and i < 7
            i += 1
        return total, log

    check(body, element, rng)


def test_mandelbrot_as_in_the_language_page() -> None:
    shape, iterations = (64,), 50

    def kernel(b: ir.Builder, cr: ir.Value, ci: ir.Value, out: ir.Value) -> None:
        where = positions(b, shape)
        cr, ci = b.add(ir.Load(cr, where)), b.add(ir.Load(ci, where))
        number, count = Tile(f32, shape), Tile(i32, shape)

        def op(kind: str, x: ir.Value, y: ir.Value) -> ir.Value:
            return b.add(ir.Binary(kind, x, y))

        types = (number, number, count)
        with b.inside(*types) as condition:
            zr, zi, n = condition.parameters
            size = op("add", op("mul", zr, zr), op("mul", zi, zi))
            small = b.add(ir.Compare("lt", size, const(b, 4.0, f32, shape)))
            few = b.add(ir.Compare("lt", n, const(b, iterations, i32, shape)))
            b.add(ir.Yield((op("and", few, small),)))
        with b.inside(*types) as block:
            zr, zi, n = block.parameters
            real = op("add", op("sub", op("mul", zr, zr), op("mul", zi, zi)), cr)
            both = op("mul", op("mul", const(b, 2.0, f32, shape), zr), zi)
            b.add(ir.Yield((real, op("add", both, ci), op("add", n, const(b, 1, i32, shape)))))
        zero = const(b, 0.0, f32, shape)
        inits = (zero, zero, const(b, 0, i32, shape))
        loop = b.add(ir.While(inits, condition, block, lanes=True))
        b.add(ir.Store(out, where, loop.results[2]))

    cr = np.linspace(-2, 1, 64, dtype=np.float32)
    ci = np.full(64, 0.3, np.float32)
    out = np.zeros(64, np.int32)
    made = function([array(f32, 1), array(f32, 1), array(i32, 1)], kernel)
    interpret(made, (1, 1, 1), [cr, ci, out])
    assert out.tolist() == [escape(a, c, iterations) for a, c in zip(cr, ci, strict=True)]


def escape(cr: Any, ci: Any, iterations: int) -> int:
    zr = zi = np.float32(0)
    n = 0
    while n < iterations and zr * zr + zi * zi < np.float32(4):
        zr, zi = zr * zr - zi * zi + cr, np.float32(2) * zr * zi + ci
        n += 1
    return n
