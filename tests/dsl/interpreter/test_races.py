"""Programs that disturb each other are named, and those that do not are left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter import Fault
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Tile, f32, i32, index, pointer_to, scalar, u8

from .building import array, const, function

LINE = array(i32, 1)


def me(b: ir.Builder) -> ir.Value:
    return b.add(ir.Cast(b.add(ir.ProgramId(0)), i32))


def launch(types: Any, body: Any, *arguments: Any, grid: Any = (4, 1, 1)) -> None:
    interpret(function(types, body), grid, list(arguments), races=True)


def race_of(types: Any, body: Any, *arguments: Any, grid: Any = (4, 1, 1)) -> Fault:
    made = function(types, body)
    interpret(made, grid, list(arguments))
    with pytest.raises(Fault) as caught:
        interpret(made, grid, list(arguments), races=True)
    assert caught.value.code == 7
    return caught.value


def test_programs_that_keep_apart_do_not_race() -> None:
    def body(b: ir.Builder, x: ir.Value, out: ir.Value) -> None:
        for _ in range(2):
            shared = b.add(ir.Load(x, (const(b, 0),)))
            own = b.add(ir.Load(out, (me(b),)))
            b.add(ir.Store(out, (me(b),), b.add(ir.Binary("add", own, shared))))

    out = np.zeros(4, np.int32)
    launch([LINE, LINE], body, np.ones(1, np.int32), out)
    assert out.tolist() == [2, 2, 2, 2]


def test_two_programs_that_write_different_values_race() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        b.add(ir.Store(out, (b.add(ir.Binary("floordiv", me(b), const(b, 2))),), me(b)))

    fault = race_of([LINE], body, np.zeros(4, np.int32))
    assert (fault.program, fault.other_program) == ((1, 0, 0), (0, 0, 0))
    assert fault.place == fault.other_place >= 0
    assert fault.message == "race on 'a': program 1 writes another value where program 0 writes"


def test_two_programs_may_write_the_same_value() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        b.add(ir.Store(out, (const(b, 0),), const(b, 5)))

    launch([LINE], body, np.zeros(4, np.int32))


def test_the_same_value_after_another_one_races() -> None:
    """Program 0 writes 1 and then 2, the others 2: in another order a 1 could be left."""

    def body(b: ir.Builder, out: ir.Value) -> None:
        first = b.add(ir.Compare("eq", me(b), const(b, 0)))
        b.add(ir.Store(out, (const(b, 0),), const(b, 1), first))
        b.add(ir.Store(out, (const(b, 0),), const(b, 2)))

    assert race_of([LINE], body, np.zeros(4, np.int32)).program == (1, 0, 0)


def test_a_second_value_after_others_wrote_the_first_races() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        last = b.add(ir.Compare("eq", me(b), const(b, 3)))
        b.add(ir.Store(out, (const(b, 0),), const(b, 1)))
        b.add(ir.Store(out, (const(b, 0),), const(b, 2), last))

    fault = race_of([LINE], body, np.zeros(4, np.int32))
    assert (fault.program, fault.other_program) == ((3, 0, 0), (0, 0, 0))


@pytest.mark.parametrize("reader_first", [True, False])
def test_a_read_and_a_write_race(reader_first: bool) -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        step = 1 if reader_first else -1
        neighbour = b.add(ir.Binary("add", me(b), const(b, step)))
        v = b.add(ir.Load(x, (neighbour,)))
        b.add(ir.Store(x, (me(b),), v))

    fault = race_of([LINE], body, np.zeros(4, np.int32))
    assert (fault.program, fault.other_program) == ((1, 0, 0), (0, 0, 0))
    assert ("writes what" if reader_first else "reads what") in fault.message
    assert fault.place != fault.other_place


def test_the_second_of_two_readers_is_remembered() -> None:
    """Programs 0 and 1 read element 1; then 1 writes it: the race is with 0 all the same."""

    def body(b: ir.Builder, x: ir.Value) -> None:
        one = const(b, 1)
        b.add(ir.Load(x, (one,)))
        second = b.add(ir.Compare("eq", me(b), one))
        b.add(ir.Store(x, (one,), const(b, 7), second))

    assert race_of([LINE], body, np.zeros(4, np.int32)).other_program == (0, 0, 0)


def test_masked_and_outside_accesses_touch_nothing() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        where = b.add(ir.Iota(Tile(i32, (8,)), 0, -2))
        own = b.add(ir.Compare("eq", where, b.add(ir.Broadcast(me(b), (8,)))))
        v = b.add(ir.Load(x, (where,), own))
        b.add(ir.Store(x, (where,), b.add(ir.Binary("add", v, const(b, 1, i32, (8,)))), own))
        b.add(ir.Store(x, (const(b, 99),), me(b)))

    x = np.zeros(4, np.int32)
    launch([LINE], body, x)
    assert x.tolist() == [1, 1, 1, 1]


def test_several_lanes_of_one_program_may_hit_one_element() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        lane = b.add(ir.Iota(Tile(i32, (3,)), 0))
        same = b.add(ir.Broadcast(me(b), (3,)))
        b.add(ir.Store(x, (same,), lane))

    x = np.zeros(4, np.int32)
    launch([LINE], body, x)
    assert x.tolist() == [2, 2, 2, 2]


def test_lanes_that_hit_one_element_of_two_programs_race_though_the_last_agree() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        lane = b.add(ir.Iota(Tile(i32, (3,)), 0))
        b.add(ir.Store(x, (const(b, 0, i32, (3,)),), lane))

    assert race_of([LINE], body, np.zeros(4, np.int32)).program == (1, 0, 0)


def test_overlapping_arguments_are_seen_through() -> None:
    def body(b: ir.Builder, x: ir.Value, y: ir.Value) -> None:
        b.add(ir.Store(y, (me(b),), b.add(ir.Load(x, (me(b),)))))

    memory = np.zeros(6, np.int32)
    launch([LINE, LINE], body, memory[:3], memory[3:], grid=(3, 1, 1))
    fault = race_of([LINE, LINE], body, memory[:4], memory[1:5])
    assert "'a'" in fault.message or "'b'" in fault.message


def test_bytes_of_an_element_are_told_apart_by_address() -> None:
    def body(b: ir.Builder, x: ir.Value, y: ir.Value) -> None:
        where = b.add(ir.Binary("mul", me(b), const(b, 4)))
        b.add(ir.Store(y, (where,), const(b, 1, u8)))
        with b.inside() as then:
            b.add(ir.Load(x, (const(b, 2),)))
            b.add(ir.Yield())
        with b.inside() as orelse:
            b.add(ir.Yield())
        b.add(ir.If(b.add(ir.Compare("eq", me(b), const(b, 3))), then, orelse))

    memory = np.zeros(4, np.float32)
    fault = race_of([array(f32, 1), array(u8, 1)], body, memory, memory.view(np.uint8))
    assert (fault.program, fault.other_program) == ((3, 0, 0), (2, 0, 0))


def test_accesses_by_pointer_count() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        b.add(ir.StorePointer(x, me(b)))

    assert race_of([scalar(pointer_to(i32))], body, np.zeros(4, np.int32)).program == (1, 0, 0)


def test_programs_are_named_as_the_grid_counts_them() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        y = b.add(ir.ProgramId(1))
        b.add(ir.Store(out, (const(b, 0, index),), b.add(ir.Cast(y, i32))))

    fault = race_of([LINE], body, np.zeros(1, np.int32), grid=(2, 3, 1))
    assert (fault.program, fault.other_program) == ((0, 1, 0), (0, 0, 0))
    assert "program (0, 1) writes another value where program (0, 0)" in fault.message


def atomic(b: ir.Builder, x: ir.Value, order: str = "relaxed") -> ir.Value:
    return b.add(ir.Atomic("add", x, (const(b, 0),), (const(b, 1),), None, order))


def test_atomics_do_not_race_with_each_other() -> None:
    x = np.zeros(2, np.int32)
    launch([LINE], lambda b, a: atomic(b, a), x)
    assert x.tolist() == [4, 0]


@pytest.mark.parametrize(
    ("plain_first", "writes", "message"),
    [
        (True, True, "program 2 changes by an atomic what program 1 writes"),
        (True, False, "program 2 changes by an atomic what program 1 reads"),
        (False, True, "program 2 writes what program 1 changes by an atomic"),
        (False, False, "program 2 reads what program 1 changes by an atomic"),
    ],
)
def test_an_atomic_races_with_a_plain_access(plain_first: bool, writes: bool, message: str) -> None:
    """The first of the programs 1 and 2 does the one, the second the other."""

    def body(b: ir.Builder, x: ir.Value) -> None:
        number = const(b, 1 if plain_first else 2)
        plain = b.add(ir.Compare("eq", me(b), number))
        other = b.add(ir.Compare("eq", me(b), const(b, 2 if plain_first else 1)))
        if writes:
            b.add(ir.Store(x, (const(b, 0),), const(b, 7), plain))
        else:
            b.add(ir.Load(x, (const(b, 0),), plain))
        b.add(ir.Atomic("add", x, (const(b, 0),), (const(b, 1),), other))

    fault = race_of([LINE], body, np.zeros(2, np.int32))
    assert fault.message == f"race on 'a': {message}"
    assert (fault.program, fault.other_program) == ((2, 0, 0), (1, 0, 0))


def test_a_masked_atomic_touches_nothing() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        off = b.add(ir.Compare("lt", me(b), const(b, 0)))
        b.add(ir.Load(x, (const(b, 0),)))
        b.add(ir.Atomic("add", x, (const(b, 0),), (const(b, 1),), off))
        b.add(ir.Atomic("add", x, (const(b, 5),), (const(b, 1),)))

    launch([LINE], body, np.zeros(2, np.int32))


@pytest.mark.parametrize(
    ("released", "acquired", "is_in_order"),
    [
        ("release", "acquire", True),
        ("acq_rel", "acq_rel", True),
        ("relaxed", "acquire", False),
        ("release", "relaxed", False),
        ("acquire", "release", False),
    ],
)
def test_what_was_released_does_not_race_with_who_acquires(
    released: str, acquired: str, is_in_order: bool
) -> None:
    """Program 0 writes and releases; the last program acquires and reads, through others between.

    Those between pass on what they have acquired.
    """

    def body(b: ir.Builder, flag: ir.Value, data: ir.Value) -> None:
        is_first = b.add(ir.Compare("eq", me(b), const(b, 0)))
        is_last = b.add(ir.Compare("eq", me(b), const(b, 3)))
        zero, one = (const(b, 0),), (const(b, 1),)
        b.add(ir.Store(data, zero, const(b, 9), is_first))
        b.add(ir.Atomic("add", flag, zero, one, is_first, released))
        between = b.add(ir.Unary("not", b.add(ir.Binary("or", is_first, is_last))))
        b.add(ir.Atomic("add", flag, zero, one, between, "acq_rel"))
        b.add(ir.Atomic("add", flag, zero, one, is_last, acquired))
        b.add(ir.Load(data, zero, is_last))

    arguments = [np.zeros(1, np.int32), np.zeros(1, np.int32)]
    if is_in_order:
        launch([LINE, LINE], body, *arguments)
    else:
        assert race_of([LINE, LINE], body, *arguments).program == (3, 0, 0)
