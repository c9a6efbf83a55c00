"""Matrix products: which dtypes and shapes meet, and what is suggested where they do not."""

from __future__ import annotations

import pytest

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import (
    Dtype,
    Tile,
    bf16,
    bool_,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    index,
    u8,
    u32,
)

from .tracing import Tracing, type_of, value


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


@pytest.mark.parametrize(
    ("a", "b", "operands", "result"),
    [
        (f16, f16, (f16, f16), f32),
        (bf16, bf16, (bf16, bf16), f32),
        (f16, bf16, (f32, f32), f32),
        (f32, f32, (f32, f32), f32),
        (f16, f32, (f32, f32), f32),
        (f64, f32, (f64, f64), f64),
        (f8e4m3, f8e4m3, (f8e4m3, f8e4m3), f32),
        (f8e4m3, f8e5m2, (f16, f16), f32),
        (f8e4m3, f16, (f16, f16), f32),
        (bf16, f8e5m2, (bf16, bf16), f32),
        (f8e4m3, i8, (f32, f32), f32),
        (i8, i8, (i8, i8), i32),
        (u8, i8, (i16, i16), i32),
        (i32, i32, (i32, i32), i32),
        (u32, u32, (u32, u32), u32),
        (i64, i8, (i64, i64), i64),
        (bool_, bool_, (i32, i32), i32),
        (index, i32, (i64, i64), i64),
        (i8, f16, (f16, f16), f32),
    ],
)
def test_dtypes(
    tw: Tracing, a: Dtype, b: Dtype, operands: tuple[Dtype, Dtype], result: Dtype
) -> None:
    found = tw.call("dot", value(a, 2, 3), value(b, 3, 4))
    assert isinstance(found, ir.Dot)
    assert found.type == Tile(result, (2, 4))
    assert (found.a.tile.dtype, found.b.tile.dtype) == operands


def test_batches(tw: Tracing) -> None:
    batch = value(f32, 5, 2, 3)
    assert type_of(tw.call("dot", batch, value(f32, 5, 3, 4))) == Tile(f32, (5, 2, 4))
    assert type_of(tw.call("dot", batch, value(f32, 3, 4))) == Tile(f32, (5, 2, 4))
    assert type_of(tw.call("dot", batch, value(f32, 1, 3, 4))) == Tile(f32, (5, 2, 4))
    with pytest.raises(
        CompileError, match="cannot multiply batches: found f32<5x2x3> and f32<4x3x4>"
    ):
        tw.call("dot", batch, value(f32, 4, 3, 4))


def test_an_accumulator_is_added(tw: Tracing) -> None:
    a, b = value(f16, 2, 3), value(f16, 3, 4)
    assert tw.call("dot", a, b, value(f32, 2, 4)).acc is not None
    assert tw.call("dot", a, b, acc=0).acc.type == Tile(f32, (2, 4))
    assert tw.call("dot", a, b, value(f32, 4)).acc.type == Tile(f32, (2, 4))
    with pytest.raises(CompileError) as caught:
        tw.call("dot", a, b, value(f16, 2, 4, name="acc"))
    assert caught.value.message == (
        "the accumulator is `acc` of type f16<2x4>, expected the dtype f32"
    )
    with pytest.raises(CompileError, match=r"expected the shape \(2, 4\)"):
        tw.call("dot", a, b, value(f32, 3, 4))


def test_precision(tw: Tracing) -> None:
    a, b = value(f32, 2, 3), value(f32, 3, 4)
    assert tw.call("dot", a, b).precision == "ieee"
    assert tw.call("dot", a, b, precision="tf32").precision == "tf32"
    assert tw.call("dot", value(f16, 2, 3), value(f16, 3, 4), precision="tf32").precision == "ieee"
    with pytest.raises(CompileError, match="precision 'fast', expected 'ieee' or 'tf32'"):
        tw.call("dot", a, b, precision="fast")


def test_a_forgotten_transposition_is_suggested(tw: Tracing) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("dot", value(f32, 128, 64, name="q"), value(f32, 128, 64, name="k"))
    assert caught.value.message == "cannot multiply tiles of shape (128, 64) and (128, 64)"
    assert caught.value.note == "the second tile must have 64 rows; did you mean `q @ k.T`?"


@pytest.mark.parametrize(
    ("a", "b", "note"),
    [
        (value(f32, 2, 3), value(f32, 4, 3),
         "the second tile must have 3 rows; did you mean `a @ b.T`?"),
        (value(f32, 3, 2), value(f32, 3, 4),
         "the second tile must have 2 rows; did you mean `a.T @ b`?"),
        (value(f32, 3, 2), value(f32, 5, 4), "the second tile must have 2 rows"),
        (value(f32, 5, 2, 3, name="q"), value(f32, 5, 4, 3, name="k"),
         "the second tile must have 3 rows; did you mean `q @ tw.permute(k, (0, 2, 1))`?"),
    ],
)  # fmt: skip
def test_suggestions_fit(tw: Tracing, a: ir.Value, b: ir.Value, note: str) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("dot", a, b)
    assert caught.value.note == note


def test_vectors_and_numbers_are_refused(tw: Tracing) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("dot", value(f32, 3, name="v"), value(f32, 3, 4))
    assert "the first operand of `@` is `v` of type f32<3>" in caught.value.message
    assert caught.value.note == "give a vector an axis: `v[None, :]` or `v[:, None]`"
    with pytest.raises(CompileError, match="the second operand of `@` is the constant 2"):
        tw.call("dot", value(f32, 3, 4), 2)
