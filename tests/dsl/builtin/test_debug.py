"""Prints, assertions, hints, and Python's own functions."""

from __future__ import annotations

import builtins as python

import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins import LoopRange, find_builtin
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import (
    Array,
    Tile,
    bool_,
    f16,
    f32,
    f64,
    i8,
    i32,
    i64,
    index,
    pointer_to,
)

from .tracing import Tracing, array, type_of, value


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


def call(tw: Tracing, name: str, *arguments: object, **keywords: object) -> object:
    """The result of one of Python's own functions in a kernel."""
    found = find_builtin(getattr(python, name))
    assert found is not None
    return found.lower(tw, *arguments, **keywords)


# --- debug --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (("x", value(f32)), ("x",)),
        ((value(f32), value(f32)), ("", "")),
        (("a", "b", value(f32), 3, "c", value(i32), "end"), ("a b", "3 c", "end")),
        (("only text", 1.5), ("only text 1.5",)),
        ((), ("",)),
        (("t", (1, 2)), ("t (1, 2)",)),
    ],
)
def test_print_puts_labels_before_values(
    tw: Tracing, given: tuple[object, ...], labels: tuple[str, ...]
) -> None:
    tw.call("print", *given)
    op = tw.builder.block.ops[-1]
    assert isinstance(op, ir.Print)
    assert op.labels == labels
    assert op.values == tuple(one for one in given if isinstance(one, ir.Value))


def test_an_array_is_not_printed(tw: Tracing) -> None:
    with pytest.raises(CompileError, match="cannot print `x` of type"):
        tw.call("print", array(f32, 1, "x"))


def test_assertions(tw: Tracing) -> None:
    tw.call("device_assert", value(bool_, 4), "why")
    op = tw.builder.block.ops[-1]
    assert isinstance(op, ir.Assert)
    assert op.message == "why"
    tw.call("device_assert", value(i32))
    tw.call("device_assert", False)
    assert tw.ops[-1] == "assert"
    count = len(tw.ops)
    tw.call("device_assert", True, "never")
    assert len(tw.ops) == count
    with pytest.raises(CompileError, match="a tile condition must be boolean"):
        tw.call("device_assert", value(i32, 4))
    with pytest.raises(CompileError, match="must be a constant string"):
        tw.call("device_assert", value(bool_), 3)


def test_static_assertions(tw: Tracing, capsys: pytest.CaptureFixture[str]) -> None:
    tw.call("static_assert", 3 > 2)
    with pytest.raises(CompileError, match="static assertion failed: too big"):
        tw.call("static_assert", False, "too big")
    with pytest.raises(CompileError, match="a static assertion of `n` of type i32"):
        tw.call("static_assert", value(i32, name="n"))
    tw.call("static_print", "v is", value(f32, 4, name="v"), 3)
    assert capsys.readouterr().out == "v is `v` of type f32<4> 3\n"
    assert tw.ops == []


def test_breakpoints(tw: Tracing) -> None:
    tw.call("breakpoint")
    assert tw.ops == ["breakpoint"]


# --- hints --------------------------------------------------------------------------------------


def test_assume(tw: Tracing) -> None:
    tw.call("assume", value(bool_))
    assert tw.ops == ["assume"]
    tw.call("assume", True)
    assert tw.ops == ["assume"]
    with pytest.raises(CompileError, match="assume of bool_<4>, expected a scalar"):
        tw.call("assume", value(bool_, 4))


def test_multiple_of(tw: Tracing) -> None:
    n, v = value(index), value(i32, 4)
    assert tw.call("multiple_of", n, 16) is n
    assert tw.ops[-1] == "assume"
    count = len(tw.ops)
    assert tw.call("multiple_of", v, 16) is v
    assert tw.call("max_contiguous", v, 16) is v
    assert len(tw.ops) == count
    for name in ("multiple_of", "max_contiguous"):
        with pytest.raises(CompileError):
            tw.call(name, v, 0)
    with pytest.raises(CompileError, match="expected an integer"):
        tw.call("multiple_of", value(f32), 4)


# --- python -------------------------------------------------------------------------------------


def test_len(tw: Tracing) -> None:
    assert call(tw, "len", value(f32, 4, 8)) == 4
    assert call(tw, "len", (1, 2, 3)) == 3
    assert type_of(call(tw, "len", array(f32, 2))) == Tile(index)
    assert call(tw, "len", ir.Parameter(Array(f32, (16, None)))) == 16
    for wrong in (value(f32), array(f32, 0), 3):
        with pytest.raises(CompileError, match="expected a tile, an array or a tuple"):
            call(tw, "len", wrong)


def test_numbers(tw: Tracing) -> None:
    assert call(tw, "int", 3.7) == 3
    assert call(tw, "float", "-inf") == float("-inf")
    assert call(tw, "float", 2) == 2.0
    assert call(tw, "bool", 2) is True
    assert call(tw, "bool", ()) is False
    for dtype, expected in [
        (f32, i32),
        (f16, i32),
        (f64, i64),
        (i8, i8),
        (index, index),
        (bool_, i32),
    ]:
        assert type_of(call(tw, "int", value(dtype))) == Tile(expected)
    for dtype, expected in [(f16, f16), (i32, f32), (i64, f64), (index, f32), (bool_, f32)]:
        assert type_of(call(tw, "float", value(dtype))) == Tile(expected)
    assert type_of(call(tw, "bool", value(f32, 4))) == Tile(bool_, (4,))
    with pytest.raises(CompileError, match="int of the string 'x'"):
        call(tw, "int", "x")


def test_extremes(tw: Tracing) -> None:
    assert call(tw, "max", 1, 3, 2) == 3
    assert call(tw, "min", (4, 2)) == 2
    assert type_of(call(tw, "max", value(f32, 4), 0, value(f64))) == Tile(f64, (4,))
    assert type_of(call(tw, "min", value(f32, 4))) == Tile(f32)
    with pytest.raises(CompileError) as caught:
        call(tw, "max", value(f32, 4, 4))
    assert caught.value.note == "`tw.max(v, axis)` reduces"
    with pytest.raises(CompileError, match="max of nothing"):
        call(tw, "max", ())


def test_tuples(tw: Tracing) -> None:
    v = value(f32)
    assert call(tw, "zip", (1, 2, 3), (v, v)) == ((1, v), (2, v))
    assert call(tw, "enumerate", ("a", v), 1) == ((1, "a"), (2, v))
    assert call(tw, "tuple", call(tw, "range", 1, 7, 2)) == (1, 3, 5)
    assert call(tw, "tuple") == ()
    with pytest.raises(CompileError, match="zip of tuples of 1 and 2"):
        call(tw, "zip", (1,), (1, 2), strict=True)
    with pytest.raises(CompileError, match="cannot go through f32<4>, expected a tuple"):
        call(tw, "tuple", value(f32, 4))


def test_kinds(tw: Tracing) -> None:
    int_, float_, bool_of = (find_builtin(kind) for kind in (int, float, bool))
    assert call(tw, "isinstance", 3, int_) is True
    assert call(tw, "isinstance", "x", str) is True
    assert call(tw, "isinstance", 3, (float_, str)) is False
    assert call(tw, "isinstance", value(index), int_) is True
    assert call(tw, "isinstance", value(f16), float_) is True
    assert call(tw, "isinstance", value(bool_), bool_of) is True
    assert call(tw, "isinstance", value(f32, 4), float_) is False
    assert call(tw, "isinstance", value(pointer_to(f32)), int_) is False
    with pytest.raises(CompileError, match="isinstance with the constant 3, expected a type"):
        call(tw, "isinstance", 3, 3)


def test_ranges(tw: Tracing) -> None:
    n = value(index)
    found = tw.call("range", 0, n, 2, num_stages=3, unroll=4)
    assert isinstance(found, LoopRange)
    assert (found.start, found.stop, found.step) == (0, n, 2)
    assert (found.is_static, found.num_stages, found.unroll) == (False, 3, 4)
    assert found.constant is None
    assert call(tw, "range", 5).constant == range(5)  # type: ignore[attr-defined]
    static = tw.call("static_range", 2, 6)
    assert (static.is_static, static.constant) == (True, range(2, 6))
    for wrong in (1.5, value(f32), value(i32, 4), "a"):
        with pytest.raises(CompileError):
            call(tw, "range", wrong)
    with pytest.raises(CompileError, match="a range with the step 0"):
        call(tw, "range", 0, 4, 0)
    with pytest.raises(CompileError, match="must be a constant integer, found index"):
        tw.call("static_range", n)
    with pytest.raises(CompileError, match="must not be negative"):
        tw.call("range", 4, unroll=-1)
