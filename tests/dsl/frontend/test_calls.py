"""Calls: functions are inlined, builtins and methods found, arguments go where Python has them."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError

from .language import lowered, run, tw


@tw.func
def affine(v, scale=2, *, offset=0.5):
    """Twice the value and a half."""
    return v * scale + offset


@tw.func
def extremes(v):
    return tw.min(v), tw.max(v)


@tw.func
def apply_twice(function: tw.constexpr, v):
    return function(function(v))


@tw.func
def block_sum(x, start, SIZE: tw.constexpr):
    return tw.sum(x[start : start + SIZE])


@tw.func
def store_all(out, v):
    out[0:4] = v


@tw.func
def plus(a, b):
    return a + b


@tw.func
def first_positive(a, b):
    if a > 0:
        return a
    return b


def result(kernel: Any, **constants: Any) -> list[float]:
    """What a kernel makes of 0, 1, 2, 3."""
    x, out = np.arange(4, dtype=np.float32), np.zeros(4, np.float32)
    run(kernel, "f32[:], f32[:]", x, out, **constants)
    return [float(value) for value in out]


def test_defaults_and_keywords_go_where_python_puts_them() -> None:
    def kernel(x, out):
        v = x[0:4]
        out[0] = tw.sum(affine(v))
        out[1] = tw.sum(affine(v, 3))
        out[2] = tw.sum(affine(offset=0, v=v, scale=-1))
        out[3] = affine(1)

    assert result(kernel) == [14, 20, -6, 2.5]


def test_tuples_constants_and_functions_are_passed_and_returned() -> None:
    def kernel(x, out):
        low, high = extremes(x[0:4])
        out[0] = low - 1
        out[1] = high
        out[2] = apply_twice(affine, x[1])
        out[3] = block_sum(x, start=1, SIZE=2)

    assert result(kernel) == [-1, 3, 5.5, 3]


def test_a_function_may_store_and_return_nothing() -> None:
    def kernel(x, out):
        if store_all(out, x[0:4] + 1) is None:
            out[0] = 9

    assert result(kernel) == [9, 2, 3, 4]


def test_lambdas_see_the_names_around_them() -> None:
    def kernel(x, out):
        scale = x[2]
        double = lambda v: v * scale  # noqa: E731
        out[0] = double(3)
        out[1] = apply_twice(double, x[1])
        out[2] = tw.reduce(x[0:4], lambda a, b: tw.maximum(a, b), 0)

    assert result(kernel)[:3] == [6, 4, 3]


def test_reductions_take_functions_of_any_kind() -> None:
    def kernel(x, out):
        v = x[0:4]
        out[0] = tw.reduce(v, plus, 0)
        out[1] = tw.reduce(v - 1, first_positive, 0)
        out[2] = tw.reduce(v, tw.maximum, 0)
        out[3] = tw.sum(tw.scan(v, plus, 0))

    assert result(kernel) == [6, 1, 3, 10]


def test_methods_are_builtins_with_the_value_first() -> None:
    def kernel(x, out):
        v = x[0:4]
        total = v.sum
        out[0] = total()
        out[1] = v.max(0)
        out[2] = v.to(tw.i32).sum(axis=0)
        out[3] = v.reshape(2, 2).T.shape[0] + v.ndim + v.size

    assert result(kernel) == [6, 3, 6, 7]


def test_a_function_returned_from_its_end_alone_leaves_no_trace() -> None:
    def kernel(x, out):
        out[0:4] = affine(x[0:4])

    function = lowered(kernel, "f32[:], f32[:]")
    assert not any(isinstance(op, ir.Inlined) for op in ir.walk(function.body))


def test_ops_of_a_function_know_who_called_it() -> None:
    def kernel(x, out):
        out[0] = apply_twice(plus_one, x[0])

    function = lowered(kernel, "f32[:], f32[:]")
    additions = [op for op in function.body.ops if isinstance(op, ir.Binary)]
    places = []
    location = additions[1].loc
    while location is not None:
        places.append(location.line)
        location = location.called_from
    assert [linecache.getline(__file__, line).strip() for line in places] == [
        "return v + 1",
        "return function(function(v))",
        "out[0] = apply_twice(plus_one, x[0])",
    ]


@tw.func
def plus_one(v):
    return v + 1


def test_every_op_has_its_place_in_the_table_of_locations() -> None:
    def kernel(x, out):
        for k in range(4):
            if x[k] > 1:
                out[k] = affine(x[k])

    function = lowered(kernel, "f32[:], f32[:]")
    for place, op in enumerate(ir.walk(function.body)):
        assert op.place == place
        assert function.locations[place] is op.loc is not None


def test_a_lambda_that_calls_itself_is_refused() -> None:
    def kernel(x, out):
        again = lambda v: again(v)  # noqa: E731
        out[0] = again(x[0])

    with pytest.raises(CompileError, match="the lambda calls itself"):
        result(kernel)


def test_recursion_by_way_of_another_function_is_refused() -> None:
    def kernel(x, out):
        out[0] = ping(x[0])

    with pytest.raises(CompileError, match="`ping` calls itself"):
        result(kernel)


@tw.func
def ping(v):
    return pong(v)


@tw.func
def pong(v):
    return ping(v)


def test_a_static_print_in_a_loop_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    def kernel(x, out):
        total = 0.0
        for k in range(4):
            total = total + x[k : k + 4]
            tw.static_print("size", total.size)
        for k in tw.static_range(2):
            tw.static_print("round", k)
        out[0:4] = total

    result(kernel)
    assert capsys.readouterr().out.splitlines() == ["size 4", "round 0", "round 1"]


def test_constants_of_many_kinds_are_constexprs() -> None:
    def kernel(x, out, mode: tw.constexpr, shape: tw.constexpr, dtype: tw.constexpr):
        if mode == "ones" and dtype is not None:
            out[0:4] = tw.ones(shape, dtype)
        rows, *rest = shape
        out[0] = rows + len(rest)

    assert result(kernel, mode="ones", shape=(4,), dtype=np.float16) == [4, 1, 1, 1]
