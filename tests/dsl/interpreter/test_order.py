"""Sorts, gathers and histograms, against plain loops over Python numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, f32, i32

from .building import ALL_DTYPES, INTEGERS, evaluate, numbers, random_bits


def values_of(data: Any, dtype: Dtype) -> list[Any]:
    """The numbers of some elements, in row-major order."""
    return numbers(data, dtype) if dtype.is_float else data.reshape(-1).tolist()


def in_order(row: list[Any], down: bool) -> list[int]:
    """The positions that sort, by Python's stable sort; NaN last."""

    def key(n: int) -> tuple[bool, Any]:
        x = row[n]
        is_nan = isinstance(x, float) and math.isnan(x)
        return is_nan, 0 if is_nan else -x if down else x

    return sorted(range(len(row)), key=key)


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_sorts(dtype: Dtype, down: bool, rng: np.random.Generator) -> None:
    x = random_bits(rng, dtype, 80).reshape(4, 20)
    x[1] = rng.choice(x[1, :3], 20)  # many of each
    order = evaluate(lambda b, v: b.add(ir.Sort("positions", v, 1, 20, down)), (dtype, x))
    expected = [in_order(values_of(row, dtype), down) for row in x]
    assert order.tolist() == expected
    assert order.dtype == np.int32
    values = evaluate(lambda b, v: b.add(ir.Sort("values", v, 1, 20, down)), (dtype, x))
    assert values.tobytes() == np.take_along_axis(x, np.array(expected), 1).tobytes()


@pytest.mark.parametrize("kind", ["values", "positions"])
def test_a_sort_may_be_cut_short(kind: str, rng: np.random.Generator) -> None:
    x = rng.standard_normal((6, 5)).astype(np.float32)
    whole = evaluate(lambda b, v: b.add(ir.Sort(kind, v, 0, 6)), (f32, x))
    part = evaluate(lambda b, v: b.add(ir.Sort(kind, v, 0, 2)), (f32, x))
    np.testing.assert_array_equal(part, whole[:2])


@pytest.mark.parametrize("index", INTEGERS, ids=str)
@pytest.mark.parametrize("axis", [0, 1])
def test_gathers(index: Dtype, axis: int, rng: np.random.Generator) -> None:
    x = rng.standard_normal((5, 7)).astype(np.float32)
    at = random_bits(rng, index, 35).reshape(5, 7)
    at[::2] = rng.integers(0, 8, (3, 7))
    found = evaluate(lambda b, v, n: b.add(ir.Gather(v, n, axis)), (f32, x), (index, at))
    for i, j in np.ndindex(5, 7):
        k = int(at[i, j])
        expected = x[(k, j) if axis == 0 else (i, k)] if 0 <= k < x.shape[axis] else 0
        assert found[i, j] == expected


def test_an_axis_of_one_element_is_taken_from_by_all(rng: np.random.Generator) -> None:
    x = rng.standard_normal((1, 7)).astype(np.float32)
    at = rng.integers(0, 7, (3, 4)).astype(np.int32)
    found = evaluate(lambda b, v, n: b.add(ir.Gather(v, n, 1)), (f32, x), (i32, at))
    np.testing.assert_array_equal(found, x[0][at])


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_histograms(dtype: Dtype, rng: np.random.Generator) -> None:
    x = random_bits(rng, dtype, 60).reshape(3, 20)
    x[1:] = rng.integers(0, 9, (2, 20))
    found = evaluate(lambda b, v: b.add(ir.Histogram(v, 6)), (dtype, x))
    assert found.tolist() == [int((x == n).sum()) for n in range(6)]
    assert found.dtype == np.int32
