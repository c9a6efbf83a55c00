"""Ops that move elements, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Dtype, Tile, bf16, f32, i32, i64, index, u8

from .building import array, evaluate, function, positions

CASES: list[tuple[str, Callable[..., ir.Op], Callable[[Any], Any]]] = [
    ("broadcast", lambda x: ir.Broadcast(x, (4, 2, 3, 5)), lambda x: np.stack([x] * 4)),
    ("reshape", lambda x: ir.Reshape(x, (6, 5)), lambda x: x.reshape(6, 5)),
    ("permute", lambda x: ir.Permute(x, (2, 0, 1)), lambda x: x.transpose(2, 0, 1)),
    ("slice", lambda x: ir.Slice(x, (1, 0, 2), (1, 3, 2)), lambda x: x[1:2, 0:3, 2:4]),
    ("flip", lambda x: ir.Flip(x, 1), lambda x: x[:, ::-1]),
    ("concat", lambda x: ir.Concat((x, x), 2), lambda x: np.concatenate([x, x], 2)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [f32, i64, bf16], ids=str)
@pytest.mark.parametrize(("name", "make", "expected"), CASES, ids=[case[0] for case in CASES])
def test_shape_ops_do_what_numpy_does(
    name: str, make: Callable[..., ir.Op], expected: Callable[[Any], Any], dtype: Dtype
) -> None:
    x = np.arange(30).reshape(2, 3, 5)
    result = evaluate(lambda b, v: b.add(make(v)), (dtype, x))
    np.testing.assert_array_equal(result, expected(x))


def test_a_reshape_after_a_permute_is_row_major() -> None:
    x = np.arange(6).reshape(2, 3)
    result = evaluate(lambda b, v: b.add(ir.Reshape(b.add(ir.Permute(v, (1, 0))), (6,))), (i32, x))
    assert result.tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_iota_counts_along_its_axis(axis: int) -> None:
    result = evaluate(lambda b, x: b.add(ir.Iota(Tile(i32, (2, 3, 4)), axis, -5)), (i32, [0]))
    np.testing.assert_array_equal(result, np.indices((2, 3, 4))[axis] - 5)


def test_an_iota_wraps_in_its_dtype() -> None:
    result = evaluate(lambda b, x: b.add(ir.Iota(Tile(u8, (4,)), 0, 254)), (i32, [0]))
    assert result.tolist() == [254, 255, 0, 1]


def test_programs_know_their_place_in_the_grid() -> None:
    grid = (3, 2, 4)

    def body(b: ir.Builder, out: ir.Value) -> None:
        place = tuple(b.add(ir.ProgramId(axis)) for axis in range(3))
        for k in range(3):
            where = (*place, b.add(ir.Const(k, Tile(index))))
            b.add(ir.Store(out, where, b.add(ir.Cast(place[k], i32))))
            where = (*place, b.add(ir.Const(k + 3, Tile(index))))
            b.add(ir.Store(out, where, b.add(ir.Cast(b.add(ir.NumPrograms(k)), i32))))

    out = np.full((*grid, 6), -1, np.int32)
    interpret(function([array(i32, 4)], body), grid, [out])
    expected = np.empty_like(out)
    expected[..., :3] = np.moveaxis(np.indices(grid), 0, -1)
    expected[..., 3:] = grid
    np.testing.assert_array_equal(out, expected)


def test_an_empty_grid_runs_nothing() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        b.add(ir.Store(out, positions(b, (2,)), b.add(ir.Const(1, Tile(i32, (2,))))))

    out = np.zeros(2, np.int32)
    interpret(function([array(i32, 1)], body), (0, 1, 1), [out])
    assert out.tolist() == [0, 0]
