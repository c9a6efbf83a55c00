"""Reductions, scans and products, against NumPy and plain loops."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter.values import from_f64, storage_of
from tilewright.dsl.types import (
    Dtype,
    Tile,
    Type,
    bf16,
    bool_,
    f16,
    f32,
    f64,
    i8,
    i32,
    i64,
    u8,
    u32,
)

from .building import const, evaluate, numbers, random_bits

SHAPE = (3, 4, 5)


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 2), (0, 1, 2), ()])
@pytest.mark.parametrize("kind", ["sum", "prod", "max", "min"])
@pytest.mark.parametrize("dtype", [i32, u32, i64], ids=str)
def test_integer_reductions_wrap(
    dtype: Dtype, kind: str, axes: tuple[int, ...], rng: np.random.Generator
) -> None:
    x = random_bits(rng, dtype, 60).reshape(SHAPE)
    result = evaluate(lambda b, v: b.add(ir.Reduce(kind, v, axes)), (dtype, x))
    expected = getattr(np, kind)(
        x, axis=axes, **({"dtype": x.dtype} if kind in ("sum", "prod") else {})
    )
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == storage_of(dtype)


def test_a_float_sum_is_the_exact_one_rounded_once(rng: np.random.Generator) -> None:
    x = rng.standard_normal((7, 300)).astype(np.float32)
    result = evaluate(lambda b, v: b.add(ir.Reduce("sum", v, (1,))), (f32, x))
    assert result.tolist() == [float(np.float32(math.fsum(row))) for row in x.tolist()]
    wide = rng.standard_normal((300, 7))
    result = evaluate(lambda b, v: b.add(ir.Reduce("sum", v, (0,))), (f64, wide))
    apart = np.abs(result - [math.fsum(column) for column in wide.T])
    assert (apart <= len(wide) * 2.0**-53 * np.abs(wide).sum(0)).all()


@pytest.mark.parametrize("dtype", [f16, bf16, f32, f64], ids=str)
@pytest.mark.parametrize("kind", ["max", "min"])
def test_nan_wins_in_extremes(dtype: Dtype, kind: str, rng: np.random.Generator) -> None:
    x = from_f64(rng.standard_normal((5, 6)), dtype)
    result = evaluate(lambda b, v: b.add(ir.Reduce(kind, v, (1,))), (dtype, x))
    rows = np.array(numbers(x, dtype)).reshape(5, 6)
    assert numbers(result, dtype) == getattr(rows, kind)(axis=1).tolist()
    rows[2, 3] = np.nan
    result = evaluate(lambda b, v: b.add(ir.Reduce(kind, v, (1,))), (dtype, from_f64(rows, dtype)))
    assert [math.isnan(value) for value in numbers(result, dtype)] == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_reductions_of_bool() -> None:
    x = [[True, True], [True, False], [False, False]]
    every = evaluate(lambda b, v: b.add(ir.Reduce("and", v, (1,))), (bool_, x))
    some = evaluate(lambda b, v: b.add(ir.Reduce("or", v, (0,))), (bool_, x))
    assert every.tolist() == [True, False, False] and some.tolist() == [True, True]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("kind", ["argmax", "argmin"])
def test_the_first_of_equals_is_found(kind: str, axis: int) -> None:
    x = np.array([[1, 3, 3, 0], [2, 0, 3, 0], [2, 3, 3, 3]], np.float32)
    value, where = evaluate(lambda b, v: b.add(ir.ArgReduce(kind, v, axis)).results, (f32, x))
    np.testing.assert_array_equal(where, getattr(np, kind)(x, axis=axis))
    np.testing.assert_array_equal(value, getattr(x, kind[3:])(axis=axis))
    assert where.dtype == np.int32


def test_the_first_nan_is_found() -> None:
    x = [[1, np.nan, 5, np.nan]]
    for dtype in (f16, bf16, f32):
        bits = from_f64(np.array(x), dtype)
        value, where = evaluate(
            lambda b, v: b.add(ir.ArgReduce("argmin", v, 1)).results, (dtype, bits)
        )
        assert where.tolist() == [1] and math.isnan(numbers(value, dtype)[0])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("kind", ["sum", "prod", "max", "min"])
@pytest.mark.parametrize("dtype", [i32, f32, f64, bf16], ids=str)
def test_scans(dtype: Dtype, kind: str, axis: int, reverse: bool, rng: np.random.Generator) -> None:
    x = rng.integers(1, 4, (4, 6)).astype(np.float64)
    bits = from_f64(x, dtype) if dtype.is_float else x.astype(np.int32)
    result = evaluate(lambda b, v: b.add(ir.Scan(kind, v, axis, reverse)), (dtype, bits))
    step = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}[kind]
    forward = np.flip(x, axis) if reverse else x
    expected = step.accumulate(forward, axis)
    expected = np.flip(expected, axis) if reverse else expected
    found = numbers(result, dtype) if dtype.is_float else result.reshape(-1).tolist()
    wanted = (
        numbers(from_f64(expected, dtype), dtype)
        if dtype.is_float
        else expected.reshape(-1).tolist()
    )
    assert found == wanted


def test_a_nan_stays_in_a_scan() -> None:
    result = evaluate(lambda b, v: b.add(ir.Scan("max", v, 0)), (f32, [1.0, np.nan, 3.0]))
    np.testing.assert_array_equal(result, [1.0, np.nan, np.nan])


# --- bodies ---

Pair = tuple[float, float]


def affine(b: ir.Builder, p: tuple[ir.Value, ...]) -> tuple[ir.Value, ...]:
    """(a, b) then (c, d) is x -> c * (a * x + b) + d: associative, not commutative."""
    a, s, c, d = p
    product = b.add(ir.Binary("mul", a, c))
    return product, b.add(ir.Binary("add", b.add(ir.Binary("mul", s, c)), d))


def affine_python(left: Pair, right: Pair) -> Pair:
    (a, s), (c, d) = left, right
    return a * c, s * c + d


def later_if_bigger(b: ir.Builder, p: tuple[ir.Value, ...]) -> tuple[ir.Value, ...]:
    """The pair with the bigger first element, by a branch that yields and one that returns."""
    types = tuple(value.tile for value in p[:2])
    with b.inside() as body:
        bigger = b.add(ir.Compare("gt", p[2], p[0]))
        with b.inside() as then:
            b.add(ir.Return((p[2], p[3])))
        with b.inside() as orelse:
            b.add(ir.Yield())
        b.add(ir.If(bigger, then, orelse))
        b.add(ir.Return((p[0], p[1])))
    return b.add(ir.Inlined(types, body)).results


def with_a_loop(b: ir.Builder, p: tuple[ir.Value, ...]) -> tuple[ir.Value, ...]:
    """Adds the right pair to the left, one by one in a loop, as often as the element says."""
    zero, one = const(b, 0), const(b, 1)
    count = b.add(ir.Cast(p[2], i32))
    with b.inside(Tile(i32), Tile(f32)) as body:
        b.add(ir.Yield((b.add(ir.Binary("add", body.parameters[1], const(b, 1.0, f32))),)))
    loop = b.add(ir.For(zero, count, one, (p[0],), body))
    return loop.results[0], b.add(ir.Binary("add", p[1], p[3]))


def sum_python(left: Pair, right: Pair) -> Pair:
    return left[0] + max(0, int(right[0])), left[1] + right[1]


BODIES: list[tuple[Callable[..., Any], Callable[[Pair, Pair], Pair]]] = [
    (affine, affine_python),
    (later_if_bigger, lambda left, right: right if right[0] > left[0] else left),
    (with_a_loop, sum_python),
]


def region(b: ir.Builder, make: Callable[..., Any]) -> ir.Block:
    types: list[Type] = [Tile(f32)] * 4
    with b.inside(*types) as block:
        b.add(ir.Yield(make(b, block.parameters)))
    return block


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("make", "python"), BODIES, ids=["affine", "branch", "loop"])
def test_reduce_with_combines_in_element_order(
    make: Callable[..., Any],
    python: Callable[[Pair, Pair], Pair],
    axis: int,
    rng: np.random.Generator,
) -> None:
    x, y = (rng.integers(-3, 4, (3, 5)).astype(np.float32) for _ in "xy")
    results = evaluate(
        lambda b, u, v: b.add(ir.ReduceWith((u, v), axis, region(b, make))).results,
        (f32, x),
        (f32, y),
    )
    expected = [
        functools.reduce(python, zip(*lines, strict=True))
        for lines in zip(
            np.moveaxis(x, axis, 1).tolist(), np.moveaxis(y, axis, 1).tolist(), strict=True
        )
    ]
    assert list(zip(*(result.tolist() for result in results), strict=True)) == expected


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("make", "python"), BODIES, ids=["affine", "branch", "loop"])
def test_scan_with_combines_in_element_order(
    make: Callable[..., Any], python: Callable[[Pair, Pair], Pair], axis: int, reverse: bool,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    x, y = (rng.integers(-3, 4, (3, 5)).astype(np.float32) for _ in "xy")
    results = evaluate(
        lambda b, u, v: b.add(ir.ScanWith((u, v), axis, region(b, make), reverse)).results,
        (f32, x), (f32, y),
    )  # fmt: skip
    order = slice(None, None, -1 if reverse else 1)
    found = [np.moveaxis(result, axis, 1) for result in results]
    for k, lines in enumerate(zip(np.moveaxis(x, axis, 1), np.moveaxis(y, axis, 1), strict=True)):
        pairs = list(zip(*(line.tolist() for line in lines), strict=True))[order]
        total = pairs[0]
        expected = [total]
        for pair in pairs[1:]:
            total = python(total, pair)
            expected.append(total)
        actual = zip(found[0][k].tolist(), found[1][k].tolist(), strict=True)
        assert list(actual) == expected[order]


def test_reduce_with_of_one_axis_gives_scalars() -> None:
    results = evaluate(
        lambda b, u, v: b.add(ir.ReduceWith((u, v), 0, region(b, later_if_bigger))).results,
        (f32, [1, 7, 7, 2]), (f32, [0, 1, 2, 3]),
    )  # fmt: skip
    assert [result.tolist() for result in results] == [7.0, 1.0]


# --- matrix products ---


@pytest.mark.parametrize("batch", [(), (3,)])
@pytest.mark.parametrize("with_acc", [False, True])
@pytest.mark.parametrize(
    ("left", "right", "result"),
    [(f32, f32, f32), (f64, f64, f64), (f16, f16, f32), (bf16, bf16, f32), (i8, i8, i32),
     (u8, i8, i32), (i32, i32, i32)],
    ids=str,
)  # fmt: skip
def test_matrix_products(
    left: Dtype, right: Dtype, result: Dtype, with_acc: bool, batch: tuple[int, ...],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    a, b = rng.integers(0, 9, (*batch, 4, 6)), rng.integers(0, 9, (*batch, 6, 5))
    c = rng.integers(-9, 9, (*batch, 4, 5))

    def bits(x: Any, dtype: Dtype) -> Any:
        return from_f64(x.astype(np.float64), dtype) if dtype.is_float else x

    found = evaluate(
        lambda at, x, y, z: at.add(ir.Dot(x, y, z if with_acc else None, result)),
        (left, bits(a, left)), (right, bits(b, right)), (result, bits(c, result)),
    )  # fmt: skip
    np.testing.assert_array_equal(found, a @ b + (c if with_acc else 0))


def test_integer_products_wrap() -> None:
    x = np.full((2, 2), 2**30)
    found = evaluate(lambda b, u, v: b.add(ir.Dot(u, v, None, i32)), (i32, x), (i32, x))
    assert found.tolist() == [[0, 0], [0, 0]]


def test_a_float_product_is_the_exact_one_rounded_once(rng: np.random.Generator) -> None:
    a, b = (rng.standard_normal((5, 5)).astype(np.float32) for _ in "ab")
    found = evaluate(lambda at, x, y: at.add(ir.Dot(x, y, None, f32)), (f32, a), (f32, b))
    for i in range(5):
        for j in range(5):
            exact = math.fsum(float(x) * float(y) for x, y in zip(a[i], b[:, j], strict=True))
            assert found[i, j] == np.float32(exact)
