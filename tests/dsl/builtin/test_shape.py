"""Reshaping, joining, cutting and subscripts of tiles."""

from __future__ import annotations

import numpy as np
import pytest

from tilewright.dsl.builtins import subscript, transpose
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Dtype, Tile, bool_, f16, f32, i32, i64, index, u8

from .tracing import Tracing, type_of, value


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        (((6, 4),), (6, 4)), ((6, 4), (6, 4)), (((-1,),), (24,)), ((-1, 3), (8, 3)), ((24,), (24,)),
        ((2, 3, -1, 1), (2, 3, 4, 1)),
    ],
)  # fmt: skip
def test_reshape(tw: Tracing, arguments: tuple[object, ...], shape: tuple[int, ...]) -> None:
    assert type_of(tw.method("reshape", value(f32, 2, 3, 4), *arguments)) == Tile(f32, shape)


@pytest.mark.parametrize("shape", [(5, 5), (-1, -1), (-1, 7), (0, -1), (24, 2)])
def test_reshape_keeps_the_elements(tw: Tracing, shape: tuple[int, ...]) -> None:
    with pytest.raises(CompileError, match=r"cannot reshape `v` of type f32<2x3x4> to"):
        tw.call("reshape", value(f32, 2, 3, 4, name="v"), shape)


def test_permute(tw: Tracing) -> None:
    v = value(f32, 2, 3, 4)
    assert type_of(tw.call("permute", v)) == Tile(f32, (4, 3, 2))
    assert type_of(tw.call("permute", v, (1, 0, 2))) == Tile(f32, (3, 2, 4))
    assert type_of(tw.method("permute", v, 0, -1, 1)) == Tile(f32, (2, 4, 3))
    assert type_of(tw.method("transpose", v)) == Tile(f32, (4, 3, 2))
    assert tw.call("permute", v, (0, 1, 2)) is v
    assert type_of(transpose(tw.builder, v)) == Tile(f32, (4, 3, 2))
    with pytest.raises(CompileError, match=r"axes \(0, 0, 1\) are no order of the 3 axes"):
        tw.call("permute", v, (0, 0, 1))


def test_broadcast_and_expand(tw: Tracing) -> None:
    assert type_of(tw.call("broadcast_to", value(f32, 3, 1), (2, 3, 4))) == Tile(f32, (2, 3, 4))
    assert type_of(tw.call("broadcast_to", 1.5, (2,))) == Tile(f32, (2,))
    assert type_of(tw.call("expand_dims", value(f32, 3), 0)) == Tile(f32, (1, 3))
    assert type_of(tw.call("expand_dims", value(f32, 3), -1)) == Tile(f32, (3, 1))
    assert type_of(tw.call("expand_dims", value(f32, 3), (0, 2))) == Tile(f32, (1, 3, 1))
    with pytest.raises(CompileError, match=r"cannot broadcast f32<3> to shape \(4,\)"):
        tw.call("broadcast_to", value(f32, 3), 4)


def test_cat(tw: Tracing) -> None:
    x, y = value(f16, 2, 3), value(i32, 4, 3)
    assert type_of(tw.call("cat", (x, y))) == Tile(f16, (6, 3))
    assert type_of(tw.call("cat", (x, x), 1)) == Tile(f16, (2, 6))
    assert type_of(tw.call("cat", (x, y), None)) == Tile(f16, (18,))
    with pytest.raises(CompileError, match=r"tiles of shapes \(2, 3\) and \(4, 3\) along axis 1"):
        tw.call("cat", (x, y), 1)
    with pytest.raises(CompileError, match="cannot join f32 and f32"):
        tw.call("cat", (value(f32), value(f32)))
    with pytest.raises(CompileError, match="given to cat must be a tuple, found f16<2x3>"):
        tw.call("cat", x)


def test_stack(tw: Tracing) -> None:
    x = value(f32, 2, 3)
    assert type_of(tw.call("stack", (x, x))) == Tile(f32, (2, 2, 3))
    assert type_of(tw.call("stack", (x, x, x), -1)) == Tile(f32, (2, 3, 3))
    assert type_of(tw.call("stack", (value(i32), 1, value(i64)))) == Tile(i64, (3,))
    assert type_of(tw.call("stack", (value(f16), 1, 2.5))) == Tile(f16, (3,))
    with pytest.raises(CompileError, match="cannot stack f32<2x3> and f32<3>"):
        tw.call("stack", (x, value(f32, 3)))


def test_split(tw: Tracing) -> None:
    x = value(f32, 6, 4)
    assert [type_of(part) for part in tw.call("split", x, 3)] == [Tile(f32, (2, 4))] * 3
    shapes = [part.shape for part in tw.call("split", x, (1, 4))]
    assert shapes == [(1, 4), (3, 4), (2, 4)]
    assert [part.shape for part in tw.call("split", x, 2, axis=1)] == [(6, 2)] * 2
    with pytest.raises(CompileError, match="cannot split an extent of 6 into 4 equal parts"):
        tw.call("split", x, 4)
    with pytest.raises(CompileError, match=r"cannot split an extent of 6 at \(4, 2\)"):
        tw.call("split", x, (4, 2))


def test_flip(tw: Tracing) -> None:
    assert type_of(tw.call("flip", value(f32, 2, 3))) == Tile(f32, (2, 3))
    assert tw.ops == ["flip", "flip"]
    tw.call("flip", value(f32, 2, 3), -1)
    assert tw.ops == ["flip", "flip", "flip"]


@pytest.mark.parametrize(
    "items",
    [
        (None,), (slice(None), None), (2,), (-1, slice(1, 3)), (slice(1, -1),), (..., 0), (0, ...),
        (slice(None, None, -1),), (slice(3, None, -1), slice(0, 2)), (None, ..., None),
        (0, 0, 0), (slice(1, 100),), (...,), (slice(None), 1, None, slice(2, 4)),
    ],
)  # fmt: skip
def test_a_subscript_has_the_shape_of_numpys(tw: Tracing, items: tuple[object, ...]) -> None:
    expected = np.empty((4, 5, 6))[items].shape  # type: ignore[index]
    assert type_of(subscript(tw.builder, value(f32, 4, 5, 6), items)) == Tile(f32, expected)


@pytest.mark.parametrize("dtype", [f16, f32, i32, i64, bool_, index, u8])
def test_a_scalar_picks_at_a_computed_place(tw: Tracing, dtype: Dtype) -> None:
    v, i = value(dtype, 4, 5), value(index)
    assert type_of(subscript(tw.builder, v, (i,))) == Tile(dtype, (5,))
    assert type_of(subscript(tw.builder, v, (i, value(i64)))) == Tile(dtype)
    assert type_of(subscript(tw.builder, v, (slice(1, 3), value(i32), None))) == Tile(dtype, (2, 1))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ((4,), "index 4 of axis 0 of `v` of type f32<4x5>"),
        ((0, -6), "index -6 of axis 1"),
        ((0, 0, 0), "3 indices in `v` of type f32<4x5>, which has 2 axes"),
        ((slice(2, 2),), "a slice of no elements of an axis of extent 4"),
        ((slice(0, 4, 2),), "a slice with the step 2, expected 1 or -1"),
        (
            (value(i32, 4, name="i"),),
            "a tile is indexed by `i` of type i32<4>, expected an integer",
        ),
        ((value(f32),), "a tile is indexed by f32, expected an integer scalar"),
        ((slice(0, value(i32)),), "a bound of a tile's slice must be a constant integer"),
        ((..., ...), "an index with two `...`"),
        ((1.5,), "must be a constant integer"),
        ((None,) * 4, "a tile of rank 6"),
    ],
)
def test_a_wrong_subscript_says_why(tw: Tracing, items: tuple[object, ...], message: str) -> None:
    with pytest.raises(CompileError) as caught:
        subscript(tw.builder, value(f32, 4, 5, name="v"), items)
    assert message in caught.value.message


def test_to_casts(tw: Tracing) -> None:
    v = value(f32, 4)
    assert type_of(tw.method("to", v, f16)) == Tile(f16, (4,))
    assert tw.method("to", v, f32) is v
    with pytest.raises(CompileError, match="expected a dtype"):
        tw.method("to", v, 3)
