"""Casts between all dtypes, against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter.values import storage_of
from tilewright.dsl.types import Dtype, bf16, bool_, f8e4m3, f8e5m2, f16, f32, f64, i64, u8, u64

from .building import ALL_DTYPES, FLOATS, evaluate, nearest, numbers, random_bits, same

COUNT = 300


def expected_of(value: float | int, target: Dtype) -> float | int:
    """What a number becomes in another dtype, by LANGUAGE.md section 3."""
    if target is bool_:
        return value != 0
    if target.is_float:
        if isinstance(value, float) and not math.isfinite(value):
            finite_only = target is f8e4m3 and math.isinf(value)
            return math.copysign(448.0, value) if finite_only else value
        return math.copysign(nearest(Fraction(value), target), value)
    ends = np.iinfo(storage_of(target))
    if isinstance(value, float):
        if math.isnan(value):
            return 0
        if math.isinf(value):
            return int(ends.max if value > 0 else ends.min)
        return min(max(math.trunc(value), int(ends.min)), int(ends.max))
    wrapped = value % 2**target.bits
    return wrapped - 2**target.bits if wrapped > ends.max else wrapped


def python_values(data: Any, dtype: Dtype) -> list[float | int]:
    if dtype.is_float:
        return list(numbers(data, dtype))
    return [int(x) for x in data]


@pytest.mark.parametrize("target", ALL_DTYPES, ids=str)
@pytest.mark.parametrize("source", ALL_DTYPES, ids=str)
def test_a_cast_rounds_once_saturates_or_wraps(
    source: Dtype, target: Dtype, rng: np.random.Generator
) -> None:
    data = random_bits(rng, source, COUNT)
    result = evaluate(lambda b, x: b.add(ir.Cast(x, target)), (source, data))
    given = python_values(data, source)
    for value, actual in zip(given, python_values(result, target), strict=True):
        expected = expected_of(value, target)
        assert same(float(expected), float(actual)) if target.is_float else expected == actual, (
            value, expected, actual,
        )  # fmt: skip


@pytest.mark.parametrize("target", [f16, bf16, f8e4m3, f8e5m2], ids=str)
def test_a_cast_from_f64_next_to_a_tie_does_not_round_twice(target: Dtype) -> None:
    codes = np.arange(1 << target.bits, dtype=f"u{target.itemsize}").view(storage_of(target))
    values = np.array([x for x in numbers(codes, target) if math.isfinite(x) and x > 0])
    values = np.unique(values)
    ties = (values[:-1] + values[1:]) / 2
    near = np.concatenate([ties, np.nextafter(ties, 0), np.nextafter(ties, np.inf)])
    result = numbers(evaluate(lambda b, x: b.add(ir.Cast(x, target)), (f64, near)), target)
    assert result == [nearest(Fraction(float(x)), target) for x in near]


@pytest.mark.parametrize("target", FLOATS, ids=str)
@pytest.mark.parametrize("source", [i64, u64], ids=str)
def test_a_big_integer_next_to_a_tie_rounds_once(source: Dtype, target: Dtype) -> None:
    ties = [((1 << 24) + 2 * k + 1) << 38 for k in range(20)] + [0x81 << 55, 0x83 << 55]
    near = [tie + step for tie in ties for step in (-1, 0, 1)]
    near = [x for x in near if x < 2**63] + [2**53 + 1, 2**54 + 2, 2**62 + 1]
    if source is i64:
        near += [-x for x in near]
    result = evaluate(lambda b, x: b.add(ir.Cast(x, target)), (source, near))
    assert numbers(result, target) == [nearest(Fraction(x), target) for x in near]


def test_special_values_of_f8() -> None:
    data = [np.inf, -np.inf, 1e30, 464.0, 465.0, -0.0]
    e4m3 = evaluate(lambda b, x: b.add(ir.Cast(x, f8e4m3)), (f32, data))
    assert e4m3.tolist() == [0x7E, 0xFE, 0x7E, 0x7E, 0x7E, 0x80]
    e5m2 = evaluate(lambda b, x: b.add(ir.Cast(x, f8e5m2)), (f32, [*data, 61439.0, 61440.0]))
    assert e5m2.tolist() == [0x7C, 0xFC, 0x7C, 0x5F, 0x5F, 0x80, 0x7B, 0x7C]


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(bf16, "bfloat16"), (f8e4m3, "float8_e4m3fn"), (f8e5m2, "float8_e5m2")],
    ids=str,
)
def test_every_number_of_a_format_agrees_with_ml_dtypes(dtype: Dtype, name: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    codes = np.arange(1 << dtype.bits).astype(storage_of(dtype))
    with np.errstate(invalid="ignore"):
        expected = codes.view(getattr(ml_dtypes, name)).astype(np.float32)
    actual = evaluate(lambda b, x: b.add(ir.Cast(x, f32)), (dtype, codes))
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("pair", [(f32, "i4"), (f64, "i8"), (bf16, "u2"), (f8e4m3, "u1")], ids=str)
def test_a_bitcast_keeps_every_bit(pair: tuple[Dtype, str], rng: np.random.Generator) -> None:
    dtype, code = pair
    other = next(d for d in ALL_DTYPES if storage_of(d) == np.dtype(code) and not d.is_float)
    bits = rng.integers(0, 256, 64 * dtype.itemsize, dtype=np.uint8).view(code)
    there = evaluate(lambda b, x: b.add(ir.Bitcast(x, dtype)), (other, bits))
    assert there.tobytes() == bits.tobytes()
    back = evaluate(
        lambda b, x: b.add(ir.Bitcast(b.add(ir.Bitcast(x, dtype)), other)), (other, bits)
    )
    assert back.tobytes() == bits.tobytes()


def test_a_bitcast_to_bool_tests_the_byte() -> None:
    assert evaluate(lambda b, x: b.add(ir.Bitcast(x, bool_)), (u8, [0, 1, 2])).tolist() == [
        False, True, True,
    ]  # fmt: skip
