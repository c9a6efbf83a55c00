"""Atomics that make no sense cannot be constructed."""

from __future__ import annotations

import pytest

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Array, Dtype, Tile, bool_, f32, i32, pointer_to

LINE, FLOATS = Array(i32, (None,)), Array(f32, (None,))


def tile(dtype: Dtype, *shape: int) -> ir.Value:
    return ir.Parameter(Tile(dtype, shape))


V, W, P = tile(i32, 4), tile(f32, 4), tile(pointer_to(i32), 4)
X, Y = ir.Parameter(LINE), ir.Parameter(FLOATS)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("nand", X, (V,), (V,)), "no atomic is called nand"),
        (("add", X, (V,), (V, V)), "2 values of atomic add, expected 1"),
        (("cas", X, (V,), (V,)), "1 values of atomic cas, expected 2"),
        (("add", X, (V, V), (V,)), "array has 1 axes, index has 2"),
        (("add", X, (W,), (V,)), "index has dtype f32"),
        (("add", X, (V,), (W,)), "value is f32<4>, expected i32<4>"),
        (("cas", X, (V,), (V, tile(i32, 3))), "value is i32<3>, expected i32<4>"),
        (("xor", Y, (V,), (W,)), "xor of f32, expected an integer or bool_"),
        (("add", X, (tile(i32, 3),), (V,)), r"index tiles of shapes \[\(3,\)\] beside values"),
        (("add", X, (tile(i32, 2, 4),), (V,)), r"beside values of shape \(4,\)"),
        (("add", X, (V,), (V,), tile(bool_, 3)), "mask is bool_<3>, expected bool_<4>"),
        (("add", X, (V,), (V,), None, "strong"), "no memory order is called strong"),
    ],
)
def test_an_atomic_is_checked(fields: tuple, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        ir.Atomic(*fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("add", V, (V,)), "i32<4> is no pointer"),
        (("add", P, (W,)), "value is f32<4>, expected i32<4>"),
        (("add", P, (tile(i32),)), r"pointers \*i32<4> beside i32"),
        (("max", P, (V,), V), "mask is i32<4>, expected bool_<4>"),
    ],
)
def test_an_atomic_of_pointers_is_checked(fields: tuple, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        ir.AtomicPointer(*fields)


def test_the_result_has_the_type_of_the_values() -> None:
    scalar_index = ir.Parameter(Tile(i32))
    assert ir.Atomic("add", X, (scalar_index,), (V,)).type == V.type
    assert ir.Atomic("cas", Y, (V,), (W, W), tile(bool_, 4), "release").type == W.type
    assert ir.AtomicPointer("xchg", P, (V,)).type == V.type
