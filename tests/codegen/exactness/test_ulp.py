"""Every math function is as exact as LANGUAGE.md promises, and the same however it is run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from .evaluate import compiled, compiled_scalar, interpreted
from .references import BINARY, EXACT, SPECIAL, UNARY, Case, arguments, errors

Data = NDArray[Any]
MOST_ULP = {np.float32: 2.0, np.float64: 4.0}
DTYPES = pytest.mark.parametrize("dtype", MOST_ULP, ids=["f32", "f64"])
# Its bits begin with a guess of the machine's.
GUESSED = ("rsqrt",)


def assert_exact(name: str, case: Case, dtype: Any, *given: Data) -> None:
    found = compiled(name, *given)
    error = errors(found, case, *given)
    worst = int(np.argmax(error))
    at = [float(x[worst]) for x in given]
    assert error[worst] <= MOST_ULP[dtype], f"{name}{at} gave {found[worst]!r}"


@DTYPES
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_number(name: str, dtype: Any, rng: np.random.Generator) -> None:
    count = 1 << 17 if dtype is np.float32 else 1 << 14
    assert_exact(name, UNARY[name], dtype, arguments(UNARY[name], dtype, count, rng))


@DTYPES
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_numbers(name: str, dtype: Any, rng: np.random.Generator) -> None:
    count = 1 << 16 if dtype is np.float32 else 1 << 14
    x, y = (arguments(BINARY[name], dtype, count, rng) for _ in range(2))
    pairs = np.array(np.meshgrid(SPECIAL, SPECIAL), dtype).reshape(2, -1)
    x, y = np.concatenate([x, pairs[0]]), np.concatenate([y, pairs[1]])
    assert_exact(name, BINARY[name], dtype, x, y)


@DTYPES
@pytest.mark.parametrize("name", EXACT)
def test_what_is_exact_or_rounded_correctly(
    name: str, dtype: Any, rng: np.random.Generator
) -> None:
    x = arguments(EXACT[name], dtype, 1 << 14, rng)
    with np.errstate(invalid="ignore"):
        expected = EXACT[name].reference(x)
    np.testing.assert_array_equal(compiled(name, x), expected)


@DTYPES
@pytest.mark.parametrize("name", [name for name in UNARY if name not in GUESSED])
def test_the_bits_do_not_depend_on_where_it_runs(
    name: str, dtype: Any, rng: np.random.Generator
) -> None:
    x = arguments(UNARY[name], dtype, 300, rng)
    tile, scalar, steps = compiled(name, x), compiled_scalar(name, x), interpreted(name, x)
    np.testing.assert_array_equal(tile, scalar)
    np.testing.assert_array_equal(tile, steps)


def test_sines_and_cosines_never_exceed_one(rng: np.random.Generator) -> None:
    for dtype in (np.float32, np.float64):
        small = rng.uniform(-1e-3, 1e-3, 1 << 16).astype(dtype)
        turns = rng.integers(-10000, 10000, 1 << 16)
        for name, offset in (("cos", 0.0), ("sin", 0.5)):
            x = (small + (turns + offset) * np.pi).astype(dtype)
            assert np.abs(compiled(name, x)).max() <= 1.0


def test_whole_powers_are_exact() -> None:
    base = np.arange(-9, 10, dtype=np.float32)
    for exponent in (2, 3, 4, 5):
        y = np.full_like(base, exponent)
        np.testing.assert_array_equal(compiled("pow", base, y), base**exponent)
    whole = np.arange(-149, 128, dtype=np.float32)
    np.testing.assert_array_equal(
        compiled("exp2", whole), np.ldexp(np.float32(1), whole.astype(int))
    )


@DTYPES
def test_floor_division_and_modulo_of_floats_are_exact(
    dtype: Any, rng: np.random.Generator
) -> None:
    case = Case(np.mod, ((-100, 100), (-3, 3)))
    x, y = (arguments(case, dtype, 2000, rng) for _ in range(2))
    rng.shuffle(y)
    pairs = np.array(np.meshgrid(SPECIAL, SPECIAL), dtype).reshape(2, -1)
    x, y = np.concatenate([x, pairs[0]]), np.concatenate([y, pairs[1]])
    with np.errstate(all="ignore"):
        for name, function in (("mod", np.mod), ("floordiv", np.floor_divide)):
            found, expected = interpreted(name, x, y), function(x, y)
            np.testing.assert_array_equal(found, expected)
            np.testing.assert_array_equal(np.signbit(found[found == 0]),
                                          np.signbit(expected[found == 0]))  # fmt: skip
