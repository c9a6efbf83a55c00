"""Tiles made from nothing, and places in the grid."""

from __future__ import annotations

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins import find_builtin
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Dtype, Tile, bool_, f8e4m3, f16, f32, f64, i8, i32, i64, index, u8

from .tracing import Tracing, array, type_of, value


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


def test_arange_counts(tw: Tracing) -> None:
    assert type_of(tw.call("arange", 8)) == Tile(i32, (8,))
    found = tw.call("arange", 3, 10)
    assert isinstance(found, ir.Iota)
    assert (found.type, found.start) == (Tile(i32, (7,)), 3)
    assert type_of(tw.call("arange", 0, 10, 3)) == Tile(i32, (4,))
    assert type_of(tw.call("arange", 10, 0, -1)) == Tile(i32, (10,))
    assert type_of(tw.call("arange", 8, dtype=f32)) == Tile(f32, (8,))
    assert type_of(tw.call("arange", 8, dtype=i64)) == Tile(i64, (8,))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "is empty"),
        ((5, 5), "is empty"),
        ((4, 0), "is empty"),
        ((0, 4, 0), "arange with the step 0"),
        ((2.0,), "must be a constant integer, found the constant 2.0"),
        ((value(i32, name="n"),), "found_constants"),
    ],
)
def test_arange_refuses(tw: Tracing, arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("arange", *arguments)
    if message == "found_constants":
        assert "`n` of type i32, expected constants" in caught.value.message
        assert "make `n` a constant" in (caught.value.note or "")
    else:
        assert message in caught.value.message


def test_iota_counts_along_an_axis(tw: Tracing) -> None:
    found = tw.call("iota", (4, 8), 1)
    assert isinstance(found, ir.Iota)
    assert (found.type, found.axis) == (Tile(i32, (4, 8)), 1)
    assert tw.call("iota", (4, 8), -1).axis == 1
    with pytest.raises(CompileError, match="axis 2 of a tile of rank 2"):
        tw.call("iota", (4, 8), 2)


@pytest.mark.parametrize("name", ["zeros", "ones"])
def test_zeros_and_ones_are_f32_by_default(tw: Tracing, name: str) -> None:
    assert type_of(tw.call(name, 8)) == Tile(f32, (8,))
    assert type_of(tw.call(name, (2, 3), i8)) == Tile(i8, (2, 3))
    assert type_of(tw.call(name, (), bool_)) == Tile(bool_)
    assert type_of(tw.call(name, 8, dtype=f8e4m3)) == Tile(f8e4m3, (8,))


def test_full_takes_the_dtype_of_its_value(tw: Tracing) -> None:
    for number, dtype in [(1, i32), (1.5, f32), (True, bool_), (2**40, i64)]:
        assert type_of(tw.call("full", (4,), number)) == Tile(dtype, (4,))
    assert type_of(tw.call("full", (4,), value(f16))) == Tile(f16, (4,))
    assert type_of(tw.call("full", (2, 4), value(index, 4))) == Tile(index, (2, 4))
    assert type_of(tw.call("full", (4,), 1, f64)) == Tile(f64, (4,))
    assert tw.call("full", (4,), 3.7, i32).value == 3
    with pytest.raises(CompileError, match="the literal 300 does not fit u8"):
        tw.call("full", (4,), 300, u8)


def test_likes_take_shape_and_dtype(tw: Tracing) -> None:
    like = value(f16, 2, 3)
    assert type_of(tw.call("zeros_like", like)) == Tile(f16, (2, 3))
    assert type_of(tw.call("ones_like", like, i32)) == Tile(i32, (2, 3))
    assert type_of(tw.call("full_like", like, 7)) == Tile(f16, (2, 3))
    assert type_of(tw.call("zeros_like", 1.5)) == Tile(f32)
    with pytest.raises(CompileError, match="an array cannot stand in arithmetic"):
        tw.call("zeros_like", array(f32, 1))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((0,), "shape (0,) has the extent 0, expected at least 1"),
        ((-4,), "shape (-4,) has the extent -4, expected at least 1"),
        ((1,) * 6, "a tile of rank 6, expected at most 5 axes"),
        ((value(i32, name="n"),), "must be a constant integer, found `n` of type i32"),
        ("ab", "must be a constant integer, found the string 'ab'"),
    ],
)
def test_shapes_are_positive_constants(tw: Tracing, shape: object, message: str) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("zeros", shape)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (f16, f16), ("i8", i8), (int, i32), (float, f32), (bool, bool_), (np.float64, f64),
        (np.dtype("uint8"), u8), (np.bool_, bool_), (find_builtin(int), i32),
    ],
)  # fmt: skip
def test_a_dtype_is_ours_or_numpys(tw: Tracing, given: object, dtype: Dtype) -> None:
    assert type_of(tw.call("zeros", 4, given)) == Tile(dtype, (4,))


@pytest.mark.parametrize("given", ["f33", 5, None, np.complex64, value(f32)])
def test_anything_else_is_no_dtype(tw: Tracing, given: object) -> None:
    with pytest.raises(CompileError, match="dtype"):
        tw.call("zeros", 4, given)


def test_the_grid_is_counted_in_index(tw: Tracing) -> None:
    assert type_of(tw.call("program_id", 0)) == Tile(index)
    assert type_of(tw.call("num_programs", 2)) == Tile(index)
    with pytest.raises(CompileError, match="grid axis 3, expected 0, 1 or 2"):
        tw.call("program_id", 3)
    with pytest.raises(CompileError, match="argument `axis` is missing"):
        tw.call("program_id")


def test_cdiv_rounds_up(tw: Tracing) -> None:
    assert tw.call("cdiv", 10, 4) == 3
    assert type_of(tw.call("cdiv", value(index), 4)) == Tile(index)
