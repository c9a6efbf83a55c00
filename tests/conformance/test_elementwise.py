"""Elementwise ops of every kind, dtype and shape."""

from __future__ import annotations

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, bool_, f32, f64

from .agreement import bits, ulps, within
from .data import ARITHMETIC, FLOATS, IN_MEMORY, LAYOUTS, NUMPY, random_values, specials
from .elementwise import casts_of, rows_of
from .execution import Batch, Guard, Row, variants

SHAPES = (
    (), (1,), (3,), (7,), (8,), (13,), (67,), (130,), (5, 9), (1, 17), (9, 1), (8, 16), (3, 4, 5),
    (2, 1, 11),
)  # fmt: skip
FEW_SHAPES = ((), (5,), (37,), (3, 11))
Shape = tuple[int, ...]
# Half of all pairs: every shape with every other dtype, and the other way round.
ARITHMETIC_PAIRS = [
    (dtype, shape)
    for i, dtype in enumerate(ARITHMETIC)
    for k, shape in enumerate(SHAPES)
    if (i + k) % 2 == 0
]
# What is narrower than f32 is computed in f32: two shapes see its casts.
MATH_PAIRS = [
    (dtype, shape) for dtype in FLOATS for shape in FEW_SHAPES[:: 2 if dtype.bits < 32 else 1]
]


def programs_for(shape: Shape) -> int:
    """Enough programs for a few hundred elements."""
    return int(np.clip(200 // np.prod(shape, dtype=int), 2, 24))


def draw(rng: np.random.Generator, dtype: Dtype, shape: Shape) -> np.ndarray:
    """Values for all programs."""
    return random_values(rng, dtype, (programs_for(shape), *shape))


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("dtype", "shape"), ARITHMETIC_PAIRS, ids=str)
def test_arithmetic(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    k = SHAPES.index(shape)
    inputs = [draw(rng, dtype, shape) for _ in range(2)]
    rows = list(rows_of(dtype, math=False))
    Batch((dtype, dtype), inputs, rows, LAYOUTS[k % 3 :], variants(k // 2)).check(guarded)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("dtype", "shape"), MATH_PAIRS, ids=str)
def test_math(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    inputs = [draw(rng, dtype, shape) for _ in range(2)]
    rows = list(rows_of(dtype, math=True))
    for start in range(0, len(rows), 10):
        Batch((dtype, dtype), inputs, rows[start : start + 10], ("rows", "gaps")).check(guarded)


@pytest.mark.parametrize("dtype", ARITHMETIC, ids=str)
def test_special_values_in_pairs(dtype: Dtype, guarded: Guard) -> None:
    values = specials(dtype)
    shape = (1, len(values), len(values))
    inputs = [np.broadcast_to(values[:, None], shape), np.broadcast_to(values, shape)]
    rows = [*rows_of(dtype, math=False), *(rows_of(dtype, math=True) if dtype.is_float else ())]
    for start in range(0, len(rows), 20):
        Batch((dtype, dtype), inputs, rows[start : start + 20]).check(guarded)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("shape", FEW_SHAPES, ids=str)
@pytest.mark.parametrize("dtype", NUMPY, ids=str)
def test_casts(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    k = FEW_SHAPES.index(shape)
    rows = list(casts_of(dtype, iter(NUMPY)))
    Batch((dtype,), [draw(rng, dtype, shape)], rows, LAYOUTS[k:], variants(k)).check(guarded)


@pytest.mark.parametrize("dtype", NUMPY, ids=str)
def test_casts_of_special_values(dtype: Dtype, guarded: Guard) -> None:
    values = specials(dtype)[None]
    if dtype.bits <= 16 and dtype is not bool_:  # all values that there are
        values = np.arange(1 << dtype.bits, dtype=f"u{dtype.itemsize}").view(NUMPY[dtype])
        values = values.reshape(-1, min(values.size, 4096))
    Batch((dtype,), [values], list(casts_of(dtype, iter(NUMPY)))).check(guarded)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("shape", [(), (11,), (4, 9)], ids=str)
@pytest.mark.parametrize("dtype", IN_MEMORY, ids=str)
def test_select_moves_all_bits(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    def scalar_condition(b: ir.Builder, c: ir.Value, x: ir.Value, y: ir.Value) -> ir.Value:
        odd = b.add(ir.Cast(b.add(ir.ProgramId(0)), bool_))
        return b.add(ir.Select(odd, x, y))

    rows = [
        Row("per_element", lambda b, c, x, y: b.add(ir.Select(c, x, y)), bits),
        Row("scalar_condition", scalar_condition, bits),
    ]
    inputs = [draw(rng, one, shape) for one in (bool_, dtype, dtype)]
    Batch((bool_, dtype, dtype), inputs, rows).check(guarded)


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
@pytest.mark.parametrize("shape", [(), (5,), (40,)], ids=str)
def test_quotients_of_numbers_of_usual_size(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    size = (programs_for(shape), *shape)
    inputs = []
    for sign in (1.0, -1.0):
        numbers = sign * np.exp2(rng.uniform(-32, 32, size)) * rng.choice([1.0, -1.0], size)
        inputs.append(numbers.astype(NUMPY[dtype]))
    inputs[0][rng.random(size) < 0.1] = 0
    row = Row("div_near", lambda b, x, y: b.add(ir.Binary("div_near", x, y)), ulps({dtype: 1}))
    Batch((dtype, dtype), inputs, [row]).check(guarded)


@pytest.mark.parametrize("shape", [(), (5,), (40,)], ids=str)
def test_the_guess_of_a_square_root(shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    # Of positive normal numbers within 2^-11, relative to a result that the interpreter rounds.
    exponents = rng.uniform(-126, 127.9, (programs_for(shape), *shape))
    x = np.exp2(exponents).astype(np.float32)
    row = Row(
        "rsqrt_guess",
        lambda b, x: b.add(ir.Unary("rsqrt_guess", x)),
        within(lambda x: (2.0**-11 + 2.0**-23) / np.sqrt(x)),
    )
    Batch((f32,), [x], [row]).check(guarded)
