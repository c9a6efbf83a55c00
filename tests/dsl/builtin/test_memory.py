"""Loads and stores: the shapes and dtypes they accept, and what they say of others."""

from __future__ import annotations

import math

import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins import BlockSlice
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Tile, bool_, f16, f32, i32, index, pointer_to, u8

from .tracing import Tracing, array, type_of, value


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


def test_a_load_has_the_shape_of_its_index(tw: Tracing) -> None:
    x = array(f16, 2)
    assert type_of(tw.call("load", x, (value(i32), 0))) == Tile(f16)
    assert type_of(tw.call("load", x, (value(i32, 4, 1), value(index, 8)))) == Tile(f16, (4, 8))
    found = tw.call("load", array(f32, 1), BlockSlice(0, 16))
    assert isinstance(found, ir.Load)
    assert (found.type, found.block_axes) == (Tile(f32, (16,)), (0,))
    assert type_of(tw.call("load", array(f32, 0), ())) == Tile(f32)
    assert type_of(tw.call("load", array(f32, 0))) == Tile(f32)


def test_mask_and_fill_cover_the_access(tw: Tracing) -> None:
    found = tw.call("load", array(f16, 1), value(i32, 2, 4), mask=value(bool_, 4), fill=-math.inf)
    assert isinstance(found, ir.Load)
    assert found.mask is not None
    assert found.mask.type == Tile(bool_, (2, 4))
    assert found.fill is not None
    assert found.fill.type == Tile(f16, (2, 4))
    plain = tw.call("load", array(f16, 1), value(i32, 4), mask=True)
    assert (plain.mask, plain.fill) == (None, None)


def test_a_fill_is_cast(tw: Tracing) -> None:
    found = tw.call("load", array(u8, 1), value(i32, 4), fill=value(f32, 1))
    assert found.fill.type == Tile(u8, (4,))
    assert tw.call("load", array(u8, 1), value(i32, 4), fill=3.7).fill.value == 3
    with pytest.raises(CompileError, match="the literal 300 does not fit u8"):
        tw.call("load", array(u8, 1), value(i32, 4), fill=300)


def test_a_store_casts_and_broadcasts(tw: Tracing) -> None:
    assert tw.call("store", array(f16, 1), value(i32, 2, 4), value(i32, 4)) is None
    last = tw.builder.block.ops[-1]
    assert isinstance(last, ir.Store)
    assert last.value.type == Tile(f16, (2, 4))
    tw.call("store", array(u8, 1), value(i32), 300, mask=value(bool_))
    last = tw.builder.block.ops[-1]
    assert isinstance(last, ir.Store)
    assert isinstance(last.value, ir.Const)
    assert last.value.value == 44  # a store wraps, as a cast does


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        ((array(f32, 1), value(i32, 4)), {"mask": value(i32, 4)},
         "the mask must be bool_, found i32<4>"),
        ((array(f32, 1), value(i32, 4)), {"mask": value(bool_, 8)},
         "the mask is bool_<8>, but the index has shape (4,)"),
        ((array(f32, 1), value(i32)), {"mask": value(bool_, 8)},
         "the mask is bool_<8>, but the index has shape ()"),
        ((array(f32, 1), value(i32, 4)), {"fill": value(f32, 8)},
         "the fill is f32<8>, but the index has shape (4,)"),
        ((array(f32, 1, "x"),), {}, "load of `x` of type f32[:] needs an index"),
        ((value(f32, 4, name="v"), 0), {},
         "load takes an array or pointers, found `v` of type f32<4>"),
        ((3, 0), {}, "load takes an array or pointers, found the constant 3"),
        ((value(pointer_to(f32), name="p"), 0), {},
         "load of `p` of type *f32 at an index, expected only a pointer"),
    ],
)  # fmt: skip
def test_a_wrong_load_says_why(
    tw: Tracing, arguments: tuple[object, ...], keywords: dict[str, object], message: str
) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("load", *arguments, **keywords)
    assert caught.value.message == message


def test_a_wrong_store_says_why(tw: Tracing) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("store", array(f32, 1), value(i32, 4), value(f32, 8, name="v"))
    assert caught.value.message == (
        "cannot store `v` of type f32<8> where the index has shape (4,)"
    )
    with pytest.raises(CompileError, match="argument `value` is missing"):
        tw.call("store", array(f32, 1), value(i32, 4))
    with pytest.raises(CompileError, match="at an index, expected only a pointer and a value"):
        tw.call("store", value(pointer_to(f32)), 0, 1.0)


def test_pointers_load_and_store(tw: Tracing) -> None:
    p = value(pointer_to(f16), 4)
    assert type_of(tw.call("load", p)) == Tile(f16, (4,))
    assert type_of(tw.call("load", p, mask=value(bool_, 4), fill=1)) == Tile(f16, (4,))
    assert type_of(tw.call("load", value(pointer_to(f16)), mask=value(bool_, 8))) == Tile(f16, (8,))
    assert tw.call("store", p, value(f32, 1), mask=value(bool_)) is None
    last = tw.builder.block.ops[-1]
    assert isinstance(last, ir.StorePointer)
    assert last.value.type == Tile(f16, (4,))


def test_a_block_is_a_slice(tw: Tracing) -> None:
    found = tw.call("block", value(index), 16)
    assert isinstance(found, BlockSlice)
    assert found.extent == 16
    for start, extent in [(0, 0), (1.5, 4), (value(f32), 4), (value(i32, 4), 4), (0, value(i32))]:
        with pytest.raises(CompileError, match="block"):
            tw.call("block", start, extent)
