"""Sorts, `gather` and `histogram`: shapes, dtypes, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilewright.dsl.builtins import PUBLIC
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import DTYPES, Dtype, Tile, bool_, f32, i8, i32, pointer_to, u64

from .tracing import Tracing, type_of, value


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


@pytest.mark.parametrize("axis", [-1, 0, 1, -3, None])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sorts_keep_shape_and_dtype(tw: Tracing, dtype: Dtype, axis: Any) -> None:
    shape = np.sort(np.ones((2, 3, 4)), axis).shape
    assert type_of(tw.call("sort", value(dtype, 2, 3, 4), axis)) == Tile(dtype, shape)
    assert type_of(tw.call("argsort", value(dtype, 2, 3, 4), axis)) == Tile(i32, shape)


def test_the_last_axis_is_sorted_unless_another_is_named(tw: Tracing) -> None:
    assert tw.call("sort", value(f32, 2, 3)).axis == 1
    assert tw.call("argsort", value(f32, 2, 3), axis=0).axis == 0
    assert tw.method("sort", value(f32, 2, 3), 0, True).descending


def test_topk_takes_the_first_of_a_sort_downwards(tw: Tracing) -> None:
    values, positions = tw.method("topk", value(i8, 2, 9), 4)
    assert type_of(values) == Tile(i8, (2, 4))
    assert type_of(positions) == Tile(i32, (2, 4))
    assert tw.ops == ["sort.positions", "gather"]


def test_a_histogram_is_of_all_elements(tw: Tracing) -> None:
    assert type_of(tw.call("histogram", value(u64, 3, 5), 7)) == Tile(i32, (7,))
    assert type_of(tw.call("histogram", value(bool_, 3), 2)) == Tile(i32, (2,))


@pytest.mark.parametrize(
    ("shape", "index", "axis", "expected"),
    [
        ((5,), (3,), 0, (3,)),
        ((4, 5), (4, 2), -1, (4, 2)),
        ((4, 5), (7, 5), 0, (7, 5)),
        ((4, 5), (1, 2), 1, (4, 2)),
        ((1, 5), (4, 2), 1, (4, 2)),
        ((4, 5), (1, 1), 1, (4, 1)),
        ((4, 5), (6,), None, (6,)),
    ],
)
def test_a_gather_broadcasts_the_other_axes(
    tw: Tracing, shape: Any, index: Any, axis: Any, expected: Any
) -> None:
    x, places = np.zeros(shape), np.zeros(index, np.int64)
    assert np.take_along_axis(x, places, axis).shape == expected
    found = tw.call("gather", value(f32, *shape), value(i32, *index), axis)
    assert type_of(found) == Tile(f32, expected)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("sort", (value(f32),), "axis -1 of a tile of rank 0"),
        ("sort", (value(f32, 3), 1), "axis 1 of a tile of rank 1"),
        ("sort", (value(f32, 3), 0, 2), "descending must be True or False"),
        ("argsort", (value(pointer_to(f32), 3),), "argsort of pointers"),
        ("topk", (value(f32, 3), 4), "the 4 largest of 3 elements"),
        ("topk", (value(f32, 3), 0), "the 0 largest of 3 elements"),
        ("topk", (value(f32, 3), value(i32)), "k must be a constant integer"),
        ("topk", (value(f32), 1), "axis -1 of a tile of rank 0"),
        ("histogram", (value(f32, 3), 4), "histogram of f32<3>, expected integers"),
        ("histogram", (value(i32, 3), 0), "a histogram of 0 bins"),
        ("gather", (value(f32, 3), value(f32, 3)), "index is f32<3>, expected integers"),
        ("gather", (value(f32, 3, 4), value(i32, 3)), "cannot gather from f32<3x4> at i32<3>"),
        ("gather", (value(f32, 3, 4), value(i32, 2, 4), 1), "cannot gather from f32<3x4>"),
    ],
)
def test_what_does_not_fit_is_refused(tw: Tracing, name: str, arguments: Any, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        tw.call(name, *arguments)


def test_they_mix_lanes() -> None:
    for name in ("sort", "argsort", "topk", "histogram", "gather"):
        assert PUBLIC[name].mixes_lanes
