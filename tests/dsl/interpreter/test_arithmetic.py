"""Elementwise ops in every dtype, against Python's integers, fractions and `math`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter.values import storage_of
from tilewright.dsl.ir.ops import BASIC_BINARY, COMPARISONS, MATH_BINARY, MATH_UNARY
from tilewright.dsl.types import Dtype, bf16, bool_, f8e4m3, f16, f32, f64, i32, index, u32

from .building import (
    ALL_DTYPES,
    FLOATS,
    INTEGERS,
    const,
    evaluate,
    nearest,
    numbers,
    random_bits,
    same,
)

COUNT = 400


def wrap(value: int, dtype: Dtype) -> int:
    value %= 2**dtype.bits
    return value - 2**dtype.bits if dtype.is_signed and value >= 2 ** (dtype.bits - 1) else value


def shift(value: int, count: int, dtype: Dtype, left: bool) -> int:
    count %= 2**dtype.bits
    if count >= dtype.bits:
        return -1 if value < 0 and not left else 0
    return value << count if left else value >> count


INTEGER_BINARY: dict[str, Callable[[int, int, Dtype], int]] = {
    "add": lambda a, b, t: a + b,
    "sub": lambda a, b, t: a - b,
    "mul": lambda a, b, t: a * b,
    "floordiv": lambda a, b, t: a // b if b else 0,
    "mod": lambda a, b, t: a % b if b else 0,
    "min": lambda a, b, t: min(a, b),
    "max": lambda a, b, t: max(a, b),
    "and": lambda a, b, t: a & b,
    "or": lambda a, b, t: a | b,
    "xor": lambda a, b, t: a ^ b,
    "shl": lambda a, b, t: shift(a, b, t, left=True),
    "shr": lambda a, b, t: shift(a, b, t, left=False),
}

INTEGER_UNARY: dict[str, Callable[[int, Dtype], int]] = {
    "neg": lambda a, t: -a,
    "not": lambda a, t: ~a,
    "abs": lambda a, t: abs(a),
    "floor": lambda a, t: a,
    "ceil": lambda a, t: a,
    "round": lambda a, t: a,
    "trunc": lambda a, t: a,
    "popcount": lambda a, t: (a % 2**t.bits).bit_count(),
    "clz": lambda a, t: t.bits - (a % 2**t.bits).bit_length(),
}


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize("kind", INTEGER_BINARY)
def test_integers_wrap(kind: str, dtype: Dtype, rng: np.random.Generator) -> None:
    a, b = random_bits(rng, dtype, COUNT), random_bits(rng, dtype, COUNT)
    if kind in ("shl", "shr"):
        b[: COUNT // 2] %= 70
    result = evaluate(lambda at, x, y: at.add(ir.Binary(kind, x, y)), (dtype, a), (dtype, b))
    meaning = INTEGER_BINARY[kind]
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    assert result.tolist() == [wrap(meaning(x, y, dtype), dtype) for x, y in pairs]


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize("kind", INTEGER_UNARY)
def test_integer_functions(kind: str, dtype: Dtype, rng: np.random.Generator) -> None:
    a = random_bits(rng, dtype, COUNT)
    result = evaluate(lambda b, x: b.add(ir.Unary(kind, x)), (dtype, a))
    assert result.tolist() == [wrap(INTEGER_UNARY[kind](x, dtype), dtype) for x in a.tolist()]


@pytest.mark.parametrize("kind", ["and", "or", "xor", "min", "max"])
def test_logic_of_bool(kind: str) -> None:
    a, b = [False, False, True, True], [False, True, False, True]
    result = evaluate(lambda at, x, y: at.add(ir.Binary(kind, x, y)), (bool_, a), (bool_, b))
    table = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}
    table |= {"min": table["and"], "max": table["or"]}
    assert result.tolist() == [bool(x) for x in table[kind]]
    negated = evaluate(lambda at, x: at.add(ir.Unary("not", x)), (bool_, a))
    assert negated.tolist() == [True, True, False, False]


def exactly(kind: str, a: float, b: float) -> Fraction | None:
    """The exact result of finite operands, None where there is none."""
    x, y = Fraction(a), Fraction(b)
    match kind:
        case "add":
            return x + y
        case "sub":
            return x - y
        case "mul":
            return x * y
        case _:
            return x / y if y else None


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kind", ["add", "sub", "mul", "div", "div_near"])
def test_floats_are_rounded_once(kind: str, dtype: Dtype, rng: np.random.Generator) -> None:
    """By way of `f32` for narrower ones, which for these is the same as once."""
    a, b = random_bits(rng, dtype, COUNT), random_bits(rng, dtype, COUNT)
    result = evaluate(lambda at, x, y: at.add(ir.Binary(kind, x, y)), (dtype, a), (dtype, b))
    checked = 0
    rows = zip(numbers(a, dtype), numbers(b, dtype), numbers(result, dtype), strict=True)
    for x, y, actual in rows:
        exact = exactly(kind, x, y) if math.isfinite(x) and math.isfinite(y) else None
        if exact:
            checked += 1
            assert same(nearest(exact, dtype), actual), (x, y)
    assert checked > COUNT // 2


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_special_floats(dtype: Dtype) -> None:
    zero = nearest(Fraction(0), dtype)
    assert zero == 0.0

    def value(kind: str, a: float, b: float) -> float:
        def make(at: ir.Builder, x: ir.Value, y: ir.Value) -> ir.Value:
            return at.add(ir.Binary(kind, *(at.add(ir.Cast(v, dtype)) for v in (x, y))))

        return numbers(evaluate(make, (f32, [a]), (f32, [b])), dtype)[0]

    inf, nan = math.inf, math.nan
    largest = 448.0 if dtype is f8e4m3 else inf
    assert math.isnan(value("min", nan, 1.0)) and math.isnan(value("max", 1.0, nan))
    assert math.isnan(value("div", 0.0, 0.0))
    assert value("div", 1.0, 0.0) == largest and value("div", -1.0, 0.0) == -largest
    assert same(value("add", -0.0, -0.0), -0.0) and same(value("add", 0.5, -0.5), 0.0)
    assert value("copysign", 2.0, -0.0) == -2.0 and value("copysign", -2.0, nan) == 2.0
    assert (value("floordiv", -7.0, 2.0), value("mod", -7.0, 2.0)) == (-4.0, 1.0)
    if dtype is not f8e4m3:
        assert math.isnan(value("sub", inf, inf)) and value("max", inf, 1.0) == inf


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_signs_roots_and_roundings_of_floats(dtype: Dtype, rng: np.random.Generator) -> None:
    a = random_bits(rng, dtype, COUNT)
    values = numbers(a, dtype)
    meanings: dict[str, Callable[[float], float]] = {
        "neg": lambda x: -x,
        "abs": abs,
        "floor": lambda x: float(math.floor(x)) if x else x,
        "ceil": lambda x: math.copysign(float(math.ceil(x)), x),
        "round": lambda x: math.copysign(float(round(x)), x),
        "trunc": lambda x: math.copysign(float(math.trunc(x)), x),
    }
    for kind, meaning in meanings.items():
        result = numbers(evaluate(lambda b, x, k=kind: b.add(ir.Unary(k, x)), (dtype, a)), dtype)
        for x, actual in zip(values, result, strict=True):
            if math.isfinite(x):
                # Rounding may leave the format, as 15.5 does to 16 in none, but 0.4 to 0 in all.
                assert same(math.copysign(nearest(Fraction(meaning(x)), dtype), meaning(x)), actual)
    roots = numbers(evaluate(lambda b, x: b.add(ir.Unary("sqrt", x)), (dtype, a)), dtype)
    for x, actual in zip(values, roots, strict=True):
        if x < 0:
            assert math.isnan(actual)
        elif math.isfinite(x):
            assert same(math.copysign(nearest_root(x, dtype), x), actual), x


def nearest_root(x: float, dtype: Dtype) -> float:
    """The root of a number, rounded once: 200 bits of it are enough to decide."""
    exact = Fraction(x)
    scaled = math.isqrt((exact.numerator << 3000) // exact.denominator)
    return nearest(Fraction(scaled, 1 << 1500), dtype)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kind", ["isnan", "isinf", "isfinite"])
def test_classes_of_floats(kind: str, dtype: Dtype, rng: np.random.Generator) -> None:
    a = random_bits(rng, dtype, COUNT)
    result = evaluate(lambda b, x: b.add(ir.Unary(kind, x)), (dtype, a))
    assert result.tolist() == [getattr(math, kind)(x) for x in numbers(a, dtype)]


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_comparisons(dtype: Dtype, rng: np.random.Generator) -> None:
    a, b = random_bits(rng, dtype, COUNT), random_bits(rng, dtype, COUNT)
    b[::3] = a[::3]
    left = numbers(a, dtype) if dtype.is_float else a.tolist()
    right = numbers(b, dtype) if dtype.is_float else b.tolist()
    for kind in COMPARISONS:
        make = lambda at, x, y, k=kind: at.add(ir.Compare(k, x, y))  # noqa: E731
        result = evaluate(make, (dtype, a), (dtype, b))
        meaning = getattr(operator, kind)
        assert result.tolist() == [meaning(x, y) for x, y in zip(left, right, strict=True)], kind


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_a_select_moves_bits(dtype: Dtype, rng: np.random.Generator) -> None:
    a, b = random_bits(rng, dtype, COUNT), random_bits(rng, dtype, COUNT)
    condition = rng.integers(0, 2, COUNT).astype(np.bool_)
    result = evaluate(
        lambda at, c, x, y: at.add(ir.Select(c, x, y)), (bool_, condition), (dtype, a), (dtype, b)
    )
    assert result.tobytes() == np.where(condition, a, b).tobytes()


def reference_of(kind: str) -> Callable[..., float]:
    """A math function of Python floats with the special values of NumPy."""

    def lgamma(x: float) -> float:
        return math.inf if math.isinf(x) or (x <= 0 and x == int(x)) else math.lgamma(x)

    def sigmoid(x: float) -> float:
        return 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x)

    special: dict[str, Callable[..., float]] = {
        "rsqrt": lambda x: 1 / math.sqrt(x) if x else math.copysign(math.inf, x),
        "lgamma": lgamma, "sigmoid": sigmoid,
        "log": lambda x: math.log(x) if x else -math.inf,
        "log2": lambda x: math.log2(x) if x else -math.inf,
        "log10": lambda x: math.log10(x) if x else -math.inf,
        "log1p": lambda x: math.log1p(x) if x != -1 else -math.inf,
        "atanh": lambda x: math.atanh(x) if abs(x) != 1 else math.copysign(math.inf, x),
    }  # fmt: skip
    return special.get(kind) or getattr(math, kind)


def domain_of(kind: str, rng: np.random.Generator) -> Any:
    wide = np.concatenate(
        [rng.standard_normal(COUNT) * 5, rng.standard_normal(COUNT) * 1e-4, [0.0]]
    )
    if kind in ("asin", "acos", "atanh", "erfinv"):
        return np.concatenate([rng.uniform(-1, 1, COUNT), [0.0, 1.0, -1.0, 0.999999, 1e-7]])[:-4]
    if kind in ("log", "log2", "log10", "rsqrt"):
        return np.abs(wide)
    if kind == "acosh":
        return 1 + np.abs(wide)
    if kind == "log1p":
        return np.abs(wide) - 0.5
    return wide


@pytest.mark.parametrize("kind", [kind for kind in MATH_UNARY if kind != "erfinv"])
def test_math_functions_of_f64_are_accurate_and_those_of_f32_rounded_once(
    kind: str, rng: np.random.Generator
) -> None:
    x = domain_of(kind, rng)
    reference = reference_of(kind)
    wide = evaluate(lambda b, v: b.add(ir.Unary(kind, v)), (f64, x))
    bound = 12 if kind == "lgamma" else 4  # CPython's own is off by up to 10 ulp, ours by one
    for value, actual in zip(x.tolist(), wide.tolist(), strict=True):
        expected = reference(value)
        scale = abs(expected)
        if kind == "lgamma" and math.isfinite(value):
            # Left of 0 CPython subtracts that of |x|, and keeps an error of that size.
            scale = max(1.0, scale, abs(math.lgamma(abs(value) or 1.0)))
        assert expected == actual or abs(actual - expected) <= bound * 2.0**-52 * scale, value
    single = x.astype(np.float32)
    narrow = evaluate(lambda b, v: b.add(ir.Unary(kind, v)), (f32, single))
    for value, actual in zip(single.tolist(), narrow.tolist(), strict=True):
        expected = float(np.float32(reference(value)))
        # The last bit may differ only where a midpoint lies within the error of `f64`.
        ulp = abs(float(np.spacing(np.float32(expected))))
        assert expected == actual or abs(actual - expected) <= ulp, value


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
def test_erfinv_undoes_erf(dtype: Dtype, rng: np.random.Generator) -> None:
    y = np.concatenate([rng.uniform(-5, 5, COUNT), [1e-300, 1e-10, -1e-5, 0.4769]])
    erfc = np.array([math.erfc(abs(v)) for v in y])
    x = np.copysign(1 - erfc, y)
    result = evaluate(lambda b, v: b.add(ir.Unary("erfinv", v)), (dtype, x))
    assert np.isfinite(result[np.abs(x.astype(storage_of(dtype))) < 1]).all()
    for given, actual in zip(x.astype(storage_of(dtype)).tolist(), result.tolist(), strict=True):
        if 1e-30 < abs(given) < 1:
            # |d erfinv| = |d x| * sqrt(pi) / 2 * exp(y^2); the residual is taken where it is exact.
            residual = (1 - abs(given)) - math.erfc(abs(actual))
            error = abs(residual) * math.sqrt(math.pi) / 2 * math.exp(actual * actual)
            slack = 2.0**-52 if abs(given) < 0.9 else 0.0
            ulp = float(np.spacing(storage_of(dtype).type(abs(actual))))
            assert error <= 2 * ulp + slack, given
    ends = evaluate(lambda b, v: b.add(ir.Unary("erfinv", v)), (dtype, [1, -1, 1.5, -0.0, 0]))
    assert ends[:2].tolist() == [np.inf, -np.inf] and np.isnan(ends[2])
    assert ends[3:].tolist() == [0.0, 0.0] and np.signbit(ends[3]) and not np.signbit(ends[4])


@pytest.mark.parametrize(
    ("kind", "x", "expected"),
    [
        ("exp", [-np.inf, np.inf, 1000, -1000], [0, np.inf, np.inf, 0]),
        ("log", [-1, 0, np.inf], [np.nan, -np.inf, np.inf]),
        ("log1p", [-1, -2], [-np.inf, np.nan]),
        ("rsqrt", [0, -1, np.inf], [np.inf, np.nan, 0]),
        ("lgamma", [0, -1, -2.5, np.inf, -np.inf], [np.inf, np.inf, -0.056243716, np.inf, np.inf]),
        ("sigmoid", [-np.inf, np.inf, 0, -100], [0, 1, 0.5, 3.7835060e-44]),
        ("erf", [np.inf, -np.inf], [1, -1]),
        ("erfc", [np.inf, -np.inf], [0, 2]),
        ("acosh", [0.5], [np.nan]),
        ("atanh", [1, -1, 2], [np.inf, -np.inf, np.nan]),
        ("cbrt", [-8, 27], [-2, 3]),
    ],
)
@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
def test_special_values_are_those_of_numpy(
    kind: str, x: list[float], expected: list[float], dtype: Dtype
) -> None:
    result = evaluate(lambda b, v: b.add(ir.Unary(kind, v)), (dtype, [*x, np.nan]))
    if dtype is f64 and kind == "sigmoid":
        expected = [*expected[:3], math.exp(-100)]
    np.testing.assert_allclose(result, [*expected, np.nan], rtol=2e-7)


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
@pytest.mark.parametrize("kind", MATH_BINARY)
def test_math_functions_of_two_operands(kind: str, dtype: Dtype, rng: np.random.Generator) -> None:
    x = np.abs(rng.standard_normal(COUNT)).astype(storage_of(dtype)) + storage_of(dtype).type(0.1)
    y = (rng.standard_normal(COUNT) * 3).astype(storage_of(dtype))
    result = evaluate(lambda b, u, v: b.add(ir.Binary(kind, u, v)), (dtype, x), (dtype, y))
    expected = [getattr(math, kind)(u, v) for u, v in zip(x.tolist(), y.tolist(), strict=True)]
    np.testing.assert_allclose(result, expected, rtol=2.0**-24 if dtype is f32 else 2.0**-50)


@pytest.mark.parametrize("dtype", [f16, bf16], ids=str)
def test_narrow_math_is_done_in_f32(dtype: Dtype, rng: np.random.Generator) -> None:
    a = random_bits(rng, dtype, COUNT)

    def direct(b: ir.Builder, x: ir.Value) -> ir.Value:
        return b.add(ir.Unary("exp", x))

    def by_way_of_f32(b: ir.Builder, x: ir.Value) -> ir.Value:
        return b.add(ir.Cast(b.add(ir.Unary("exp", b.add(ir.Cast(x, f32)))), dtype))

    np.testing.assert_array_equal(evaluate(direct, (dtype, a)), evaluate(by_way_of_f32, (dtype, a)))


def fused(a: float, b: float, c: float, dtype: Dtype) -> float | None:
    """`a * b + c` rounded once; None where the plain formula already is right."""
    if not all(map(math.isfinite, (a, b, c))) or a * b == 0 == c or a == 0 or b == 0:
        return None
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return nearest(exact, dtype)


def cancelling(rng: np.random.Generator, dtype: Dtype, count: int) -> tuple[Any, Any, Any]:
    """Operands whose product nearly meets the third, at all exponents."""
    storage = storage_of(dtype)
    reach = 60 if dtype is f32 else 500
    a, b = (np.ldexp(rng.uniform(1, 2, count), rng.integers(-reach, reach, count)) for _ in "ab")
    a, b = a.astype(storage), b.astype(storage)
    with np.errstate(all="ignore"):
        c = -(a * b)
        step = rng.integers(-3, 4, count) * np.spacing(c)
        c = (c + step) * np.where(rng.integers(0, 3, count) == 0, 2.0**-20, 1).astype(storage)
    return a, b, c


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
def test_fma_rounds_once(dtype: Dtype, rng: np.random.Generator) -> None:
    count = 3000
    for a, b, c in (
        tuple(random_bits(rng, dtype, count) for _ in range(3)),
        tuple(rng.standard_normal(count).astype(storage_of(dtype)) for _ in range(3)),
        cancelling(rng, dtype, count),
    ):
        result = evaluate(
            lambda at, x, y, z: at.add(ir.Fma(x, y, z)), (dtype, a), (dtype, b), (dtype, c)
        )
        rows = zip(a.tolist(), b.tolist(), c.tolist(), result.tolist(), strict=True)
        for x, y, z, actual in rows:
            expected = fused(x, y, z, dtype)
            if expected is not None:
                assert same(expected, actual), (x, y, z)


def test_fma_at_ties_and_ends() -> None:
    tie, tiny = 1.0 + 2.0**-24, 2.0**-140
    rows = [  # the product and the sum alone would round to 1, twice
        (1.0, 1.0, 2.0**-24), (tie, 1.0, 0.0), (2.0**-12, 2.0**-12, 1.0), (tiny, tiny, 1.0),
        (-tiny, tiny, 2.0**-149), (3e38, 2.0, -3e38), (tiny, tiny, -0.0), (1.0, -1.0, 1.0),
    ]  # fmt: skip
    a, b, c = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    result = evaluate(lambda at, x, y, z: at.add(ir.Fma(x, y, z)), (f32, a), (f32, b), (f32, c))
    for x, y, z, actual in zip(a.tolist(), b.tolist(), c.tolist(), result.tolist(), strict=True):
        exact = Fraction(x) * Fraction(y) + Fraction(z)
        assert same(nearest(exact, f32), actual), (x, y, z)
    special = evaluate(
        lambda at, x, y, z: at.add(ir.Fma(x, y, z)),
        (f64, [np.inf, np.inf, 0.0, 1.0, 1e308, -1e308, -0.0, 5e-324, -5e-324]),
        (f64, [1.0, 0.0, -1.0, 1.0, 10.0, 10.0, 1.0, 0.5, 0.25]),
        (f64, [-np.inf, 1.0, 0.0, np.inf, 0.0, 0.0, -0.0, 0.0, 0.0]),
    )
    expected = [np.nan, np.nan, 0.0, np.inf, np.inf, -np.inf, -0.0, 0.0, -0.0]
    assert all(map(same, expected, special.tolist())), special


@pytest.mark.parametrize("dtype", [f16, bf16], ids=str)
def test_narrow_fma_is_one_of_f32_rounded_to_its_dtype(
    dtype: Dtype, rng: np.random.Generator
) -> None:
    operands = [(dtype, random_bits(rng, dtype, COUNT)) for _ in range(3)]

    def by_way_of_f32(b: ir.Builder, *xs: ir.Value) -> ir.Value:
        return b.add(ir.Cast(b.add(ir.Fma(*(b.add(ir.Cast(x, f32)) for x in xs))), dtype))

    direct = evaluate(lambda b, x, y, z: b.add(ir.Fma(x, y, z)), *operands)
    np.testing.assert_array_equal(direct, evaluate(by_way_of_f32, *operands))


def test_the_upper_half_of_a_product_is_that_of_exact_integers(rng: np.random.Generator) -> None:
    a, b = (random_bits(rng, u32, COUNT) for _ in range(2))
    found = evaluate(lambda at, x, y: at.add(ir.Binary("mulhi", x, y)), (u32, a), (u32, b))
    assert found.tolist() == [x * y >> 32 for x, y in zip(a.tolist(), b.tolist(), strict=True)]


def test_every_binary_kind_is_tested() -> None:
    tested = {*INTEGER_BINARY, "div", "div_near", "copysign", "mulhi"}
    assert tested == set(BASIC_BINARY)


def test_constants_of_every_dtype() -> None:
    for dtype in (*INTEGERS, *FLOATS):
        value = 3.0 if dtype.is_float else 3
        result = evaluate(lambda b, x, v=value, d=dtype: const(b, v, d), (i32, [0]))
        found = numbers(result, dtype)[0] if dtype.is_float else int(result)
        assert found == 3
    assert evaluate(lambda b, x: const(b, 2**64 - 1, index), (i32, [0])) == -1
    tile = evaluate(lambda b, x: const(b, 1.5, bf16, (2, 3)), (i32, [0]))
    assert tile.shape == (2, 3) and numbers(tile, bf16) == [1.5] * 6
