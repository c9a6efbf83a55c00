"""Arguments, constants and grids as text: what they mean, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

import tilewright as tw
from tilewright.command_arguments import make_arguments, parse_grid, read_constants


class Pair(NamedTuple):
    factor: tw.f32
    table: f32[:]  # noqa: F821


@tw.kernel
def take(x, y, n, p: Pair, BLOCK: tw.constexpr = 4):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    y[i, 0] = p.factor * x[i, 0] + n


def test_arguments_are_arrays_numbers_and_structs() -> None:
    made = make_arguments(take, "f64[8, 5], f32[6::1, 4] = 2, i16 = -3, (1.5, f32[70])")
    x, y, n, p = made.values()
    assert ["x", "y", "n", "p"] == list(made)
    assert (8, 5) == x.shape and np.dtype("f8") == x.dtype and x.flags.c_contiguous
    assert 40 == len(np.unique(x))
    assert (6, 4) == y.shape and y.strides == (4, 24) and (y == 2).all()
    assert -3 == n and np.dtype("i2") == n.dtype
    assert Pair is type(p) and 1.5 == p.factor and (70,) == p.table.shape
    assert not np.array_equal(p.table, make_arguments(take, "1, 2, 3, (0, f32[70])")["p"].table)


def test_integers_and_truth_values_are_drawn_too() -> None:
    x, y, *_ = make_arguments(take, "u8[3, 999], bool_[999], 1, 1").values()
    assert 0 <= x.min() and x.max() < 100 and len(np.unique(x)) > 50
    assert 0.3 < y.mean() < 0.7


def test_constants_are_numbers_dtypes_and_strings() -> None:
    read = read_constants(["A=3", "B=0.5", "C=tw.f16", "D=plain", "E=(1, 2)", "F=True"])
    assert {"A": 3, "B": 0.5, "C": tw.f16, "D": "plain", "E": (1, 2), "F": True} == read


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("7", (7,)),
        ("cdiv(x.shape[0], BLOCK)", (25,)),
        ("(x.shape[1], 2)", (3, 2)),
        ("x.size // 8 - 1, max(BLOCK, n) % 3, min(n, 2)", (36, 2, 2)),
        ("-n * -2", (10,)),
    ],
)
def test_a_grid_is_an_expression(text: str, grid: tuple[int, ...]) -> None:
    arguments = {"x": np.zeros((99, 3)), "n": 5}
    assert grid == parse_grid(text, arguments)(SimpleNamespace(BLOCK=4))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_arguments(take, "1, 2"), "2 arguments, expected 4: x, y, n, p"),
        (lambda: make_arguments(take, "f32[:], 1, 2, 3"), "'f32[:]' is an array without extents"),
        (lambda: make_arguments(take, "f9[3], 1, 2, 3"), "there is no dtype `f9`"),
        (lambda: make_arguments(take, "1, 1, f32, 1"), "'f32' has no value"),
        (lambda: make_arguments(take, "1, 1, *f32, 1"), "'*f32' is no number"),
        (lambda: make_arguments(take, "1, 1, i8 = 300, 1"), "'i8 = 300': "),
        (lambda: read_constants(["BLOCK"]), "expected NAME=VALUE"),
        (lambda: parse_grid("", {}), "--grid '' is no expression"),
        (lambda: parse_grid("cdiv(", {}), "--grid 'cdiv(' is no expression"),
        (lambda: parse_grid("4 // 0", {})(None), "--grid '4 // 0': integer division"),
        (lambda: parse_grid("open('x')", {})(None), "--grid: found \"open('x')\""),
        (lambda: parse_grid("x.shape[2]", {"x": np.zeros(3)})(None), "index out of range"),
        (lambda: parse_grid("WIDTH", {})(SimpleNamespace(BLOCK=1)), "--grid: found 'WIDTH'"),
    ],
)
def test_what_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(tw.LaunchError) as caught:
        make()
    assert message in str(caught.value)
