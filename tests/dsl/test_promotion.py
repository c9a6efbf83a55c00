"""The promotion table, pair by pair: NumPy's but where LANGUAGE.md section 3 deviates."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tilewright.dsl.errors import CompileError
from tilewright.dsl.promotion import (
    accumulator_dtype,
    arithmetic_dtype,
    division_dtype,
    promote,
    promote_weak,
)
from tilewright.dsl.types import (
    DTYPES,
    DTYPES_BY_NAME,
    Dtype,
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
    pointer_to,
    u8,
    u16,
    u32,
    u64,
)

INTEGERS = (i8, i16, i32, i64, u8, u16, u32, u64)
FLOATS = (f16, bf16, f32, f64)
F8 = (f8e4m3, f8e5m2)
NUMPY = {
    i8: "i1", i16: "i2", i32: "i4", i64: "i8", u8: "u1", u16: "u2", u32: "u4", u64: "u8",
    f16: "f2", f32: "f4", f64: "f8",
}  # fmt: skip
OURS = {np.dtype(text): dtype for dtype, text in NUMPY.items()}


def is_refused(a: Dtype, b: Dtype) -> bool:
    return u64 in (a, b) and (a if b is u64 else b) in (i8, i16, i32, i64, bool_)


def pairs(left: tuple[Dtype, ...], right: tuple[Dtype, ...]) -> list[tuple[Dtype, Dtype]]:
    return list(product(left, right))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_dtype_stays_itself(dtype: Dtype) -> None:
    assert promote(dtype, dtype) is dtype


@pytest.mark.parametrize(("a", "b"), pairs(DTYPES, DTYPES))
def test_the_order_of_two_does_not_matter(a: Dtype, b: Dtype) -> None:
    if not is_refused(a, b):
        assert promote(a, b) is promote(b, a)


@pytest.mark.parametrize(("a", "b"), pairs(INTEGERS, INTEGERS))
def test_two_integers_are_numpys_but_for_u64(a: Dtype, b: Dtype) -> None:
    if is_refused(a, b):
        with pytest.raises(CompileError, match=r"u64.*|i\d+.*u64"):
            promote(a, b)
    else:
        assert promote(a, b) is OURS[np.result_type(NUMPY[a], NUMPY[b])]


def test_the_refusal_names_both_and_says_what_to_do() -> None:
    with pytest.raises(CompileError) as caught:
        promote(i32, u64)
    assert caught.value.message == "cannot combine i32 with u64: no dtype holds both"
    assert caught.value.note == "cast one: `.to(tw.u64)` or `.to(tw.i32)`"


@pytest.mark.parametrize(("a", "b"), pairs((f16, f32, f64), (f16, f32, f64)))
def test_two_floats_are_numpys(a: Dtype, b: Dtype) -> None:
    assert promote(a, b) is OURS[np.result_type(NUMPY[a], NUMPY[b])]


def test_f16_and_bf16_meet_in_f32() -> None:
    assert promote(f16, bf16) is f32
    assert promote(bf16, f32) is f32
    assert promote(bf16, f64) is f64


@pytest.mark.parametrize(("a", "b"), pairs((*INTEGERS, bool_, index), FLOATS))
def test_an_integer_with_a_float_takes_the_floats_type(a: Dtype, b: Dtype) -> None:
    assert promote(a, b) is b


@pytest.mark.parametrize(("a", "b"), pairs(F8, (*INTEGERS, bool_, index, f16, bf16, f32)))
def test_f8_beside_anything_is_f32(a: Dtype, b: Dtype) -> None:
    assert promote(a, b) is f32


def test_f8_types_meet_in_f32() -> None:
    assert promote(f8e4m3, f8e5m2) is f32
    assert promote(f8e4m3, f64) is f64


@pytest.mark.parametrize("dtype", INTEGERS)
def test_bool_counts_as_i32(dtype: Dtype) -> None:
    if dtype is u64:
        with pytest.raises(CompileError):
            promote(bool_, dtype)
    else:
        assert promote(bool_, dtype) is promote(i32, dtype)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_index_yields_to_all_integers_but_i32(dtype: Dtype) -> None:
    assert promote(index, dtype) is (index if dtype is i32 else dtype)


def test_index_with_bool_is_index() -> None:
    assert promote(index, bool_) is index


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_weak_bool_changes_nothing(dtype: Dtype) -> None:
    assert promote_weak(dtype, bool) is dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_weak_integer_takes_the_other_dtype(dtype: Dtype) -> None:
    expected = i32 if dtype is bool_ else f32 if dtype in F8 else dtype
    assert promote_weak(dtype, int) is expected


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_weak_float_beside_an_integer_is_f32(dtype: Dtype) -> None:
    assert promote_weak(dtype, float) is (dtype if dtype in FLOATS else f32)


@pytest.mark.parametrize("kind", [bool, int, float])
def test_weak_rules_are_numpys_within_a_kind(kind: type) -> None:
    for dtype in (*INTEGERS, f16, f32, f64):
        if dtype in INTEGERS and kind is float:
            continue
        assert promote_weak(dtype, kind) is OURS[np.result_type(np.dtype(NUMPY[dtype]), kind(1))]


def test_pointers_meet_nothing() -> None:
    with pytest.raises(CompileError, match="a pointer only moves by integers"):
        promote(pointer_to(f32), i32)
    with pytest.raises(CompileError, match="a pointer only moves by integers"):
        promote(f32, pointer_to(f32))
    with pytest.raises(CompileError, match="literal of type int"):
        promote_weak(pointer_to(f32), int)
    assert promote(pointer_to(f32), pointer_to(f32)) == pointer_to(f32)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arithmetic_is_in_i32_for_bool_and_in_f32_for_f8(dtype: Dtype) -> None:
    assert arithmetic_dtype(dtype) is {bool_: i32, f8e4m3: f32, f8e5m2: f32}.get(dtype, dtype)


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        ((bool_, i8, i16, i32, u8, u16, u32, index, f32, *F8), f32),
        ((i64, u64, f64), f64),
        ((f16,), f16),
        ((bf16,), bf16),
    ],
)
def test_division_is_in_f32_up_to_32_bits(dtypes: tuple[Dtype, ...], expected: Dtype) -> None:
    assert {division_dtype(dtype) for dtype in dtypes} == {expected}


def test_sums_keep_at_least_32_bits() -> None:
    widened = {"bool_": i32, "i8": i32, "i16": i32, "u8": u32, "u16": u32, "f16": f32, "bf16": f32}
    widened |= {"f8e4m3": f32, "f8e5m2": f32}
    for name, dtype in DTYPES_BY_NAME.items():
        assert accumulator_dtype(dtype) is widened.get(name, dtype)
