"""Operators: the dtype and shape they give, constants, and what is refused with which words."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins.arithmetic import (
    as_value,
    binary,
    broadcast,
    cast,
    compare,
    select,
    truth,
    unary,
)
from tilewright.dsl.builtins.constants import convert, fits, round_float
from tilewright.dsl.errors import CompileError
from tilewright.dsl.promotion import promote
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
    pointer_to,
    u8,
    u16,
    u32,
    u64,
)

from .tracing import array, type_of, value

INTEGERS = (i8, i16, i32, i64, u8, u16, u32, u64, index)
FLOATS = (f16, bf16, f32, f64)
ARITHMETIC = ("add", "sub", "mul", "floordiv", "mod")


@pytest.fixture
def b() -> ir.Builder:
    return ir.Builder()


def message_of(caught: pytest.ExceptionInfo[CompileError]) -> str:
    return caught.value.message


# --- two values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "y"), [*product((*INTEGERS, *FLOATS), repeat=2)])
def test_arithmetic_is_in_the_promoted_dtype(b: ir.Builder, x: Dtype, y: Dtype) -> None:
    try:
        expected = promote(x, y)
    except CompileError:
        with pytest.raises(CompileError, match="no dtype holds both"):
            binary(b, "add", value(x), value(y))
        return
    for kind in (*ARITHMETIC, "min", "max"):
        assert type_of(binary(b, kind, value(x), value(y))) == Tile(expected)


@pytest.mark.parametrize("kind", ARITHMETIC)
def test_bool_counts_as_i32_and_f8_as_f32(b: ir.Builder, kind: str) -> None:
    assert type_of(binary(b, kind, value(bool_, 4), value(bool_))) == Tile(i32, (4,))
    assert type_of(binary(b, kind, value(f8e4m3), value(f8e4m3))) == Tile(f32)
    assert type_of(binary(b, kind, value(bool_), value(f16))) == Tile(f16)


def test_values_broadcast(b: ir.Builder) -> None:
    result = binary(b, "add", value(f32, 4, 1), value(i32, 8))
    assert type_of(result) == Tile(f32, (4, 8))


def test_shapes_that_do_not_broadcast_are_named(b: ir.Builder) -> None:
    with pytest.raises(CompileError) as caught:
        binary(b, "add", value(f32, 4, name="x"), value(f32, 8, name="y"))
    assert message_of(caught) == (
        "shapes (4,) and (8,) do not broadcast: found `x` of type f32<4> and `y` of type f32<8>"
    )


def test_a_refused_pair_is_named_with_its_operator(b: ir.Builder) -> None:
    with pytest.raises(CompileError) as caught:
        binary(b, "mul", value(u64, name="n"), value(i32, name="k"))
    assert message_of(caught) == (
        "`*`: cannot combine u64 with i32: no dtype holds both: "
        "found `n` of type u64 and `k` of type i32"
    )
    assert caught.value.note == "cast one: `.to(tw.u64)` or `.to(tw.i32)`"


def test_division_of_integers_is_a_float(b: ir.Builder) -> None:
    for dtype, expected in [
        (bool_, f32), (i8, f32), (i32, f32), (u32, f32), (index, f32), (i64, f64), (u64, f64),
        (f16, f16), (f64, f64), (f8e5m2, f32),
    ]:  # fmt: skip
        assert type_of(binary(b, "truediv", value(dtype), value(dtype))) == Tile(expected)
    assert type_of(binary(b, "truediv", value(i32), value(i64))) == Tile(f64)
    assert type_of(binary(b, "truediv", value(i64), 2.0)) == Tile(f32)
    assert type_of(binary(b, "truediv", value(index), 2)) == Tile(f32)


@pytest.mark.parametrize("kind", ["and", "or", "xor"])
def test_bitwise_operators_keep_bool(b: ir.Builder, kind: str) -> None:
    assert type_of(binary(b, kind, value(bool_), value(bool_))) == Tile(bool_)
    assert type_of(binary(b, kind, value(bool_), True)) == Tile(bool_)
    assert type_of(binary(b, kind, value(bool_), 1)) == Tile(i32)
    assert type_of(binary(b, kind, value(u8), value(i16))) == Tile(i16)
    with pytest.raises(CompileError, match="of f32 and i32, expected integers or booleans"):
        binary(b, kind, value(f32), value(i32))


def test_shifts_are_of_integers(b: ir.Builder) -> None:
    assert type_of(binary(b, "shl", value(u32), 40)) == Tile(u32)
    assert type_of(binary(b, "shr", value(bool_), value(bool_))) == Tile(i32)
    with pytest.raises(CompileError, match="`<<` of f32 and the constant 1, expected integers"):
        binary(b, "shl", value(f32), 1)
    with pytest.raises(CompileError, match="shift by the negative number -1"):
        binary(b, "shr", value(i32), -1)


def test_extremes_keep_bool(b: ir.Builder) -> None:
    assert type_of(binary(b, "max", value(bool_), value(bool_))) == Tile(bool_)
    assert type_of(binary(b, "min", value(f8e4m3), value(f8e4m3))) == Tile(f32)


@pytest.mark.parametrize("kind", ["atan2", "hypot", "copysign"])
def test_functions_of_reals_take_integers_as_floats(b: ir.Builder, kind: str) -> None:
    assert type_of(binary(b, kind, value(i32), value(i8))) == Tile(f32)
    assert type_of(binary(b, kind, value(i64, 2), 1)) == Tile(f64, (2,))
    assert type_of(binary(b, kind, value(f16), value(i64))) == Tile(f16)


# --- literals -----------------------------------------------------------------------------------


def test_a_literal_takes_the_other_dtype(b: ir.Builder) -> None:
    for dtype in INTEGERS:
        assert type_of(binary(b, "add", value(dtype, 4), 1)) == Tile(dtype, (4,))
        assert type_of(binary(b, "add", 1.5, value(dtype))) == Tile(f32)
    for dtype in FLOATS:
        assert type_of(binary(b, "mul", 2, value(dtype))) == Tile(dtype)
        assert type_of(binary(b, "mul", 2.5, value(dtype))) == Tile(dtype)
    assert type_of(binary(b, "add", value(i8), True)) == Tile(i8)


@pytest.mark.parametrize(
    ("dtype", "number"),
    [
        (u8, 256), (u8, -1), (i8, 128), (i8, -129), (u64, -1), (u64, 2**64), (i64, 2**63),
        (f16, 65520), (f16, 1e5), (f32, 1e39), (bf16, 3.4e38), (index, 2**63),
        pytest.param(f32, 10**400, id="huge"),
    ],
)  # fmt: skip
def test_a_literal_that_does_not_fit_is_an_error(
    b: ir.Builder, dtype: Dtype, number: float
) -> None:
    with pytest.raises(CompileError, match=f"does not fit {dtype} beside `v` of type {dtype}"):
        binary(b, "add", value(dtype, name="v"), number)
    with pytest.raises(CompileError, match="does not fit"):
        binary(b, "truediv", number, value(dtype))


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 65504.0, 65519.0, 1e-40])
def test_a_literal_that_only_rounds_fits(b: ir.Builder, number: float) -> None:
    assert type_of(binary(b, "add", value(f16), number)) == Tile(f16)


def test_two_constants_are_pythons(b: ir.Builder) -> None:
    assert binary(b, "truediv", 7, 2) == 3.5
    assert binary(b, "floordiv", -7, 2) == -4
    assert binary(b, "mod", -7, 3) == 2
    assert binary(b, "pow", 2, -1) == 0.5
    assert binary(b, "shl", 1, 70) == 2**70
    assert binary(b, "add", "a", "b") == "ab"
    assert binary(b, "add", (1,), (2,)) == (1, 2)
    assert binary(b, "and", True, False) is False
    assert binary(b, "max", 1, math.nan) != binary(b, "max", 1, math.nan)
    assert unary(b, "neg", 3) == -3
    assert unary(b, "not", True) is False
    assert unary(b, "not", 5) == -6
    assert b.block.ops == []


@pytest.mark.parametrize(
    ("kind", "x", "y", "message"),
    [
        ("truediv", 1, 0, "`/` of the constant 1 and the constant 0: division by zero"),
        ("mod", 1, 0, "`%` of the constant 1 and the constant 0"),
        ("add", 1, "a", "`+` of the constant 1 and the string 'a'"),
        ("add", None, 1, "`+` of None and the constant 1"),
        ("pow", -8, 0.5, "is a complex number"),
        ("shl", 1, 10**9, "is too large"),
        ("pow", 10, 10**9, "is too large"),
        ("shl", 1, -1, "negative shift count"),
    ],
)
def test_what_python_refuses_is_a_compile_error(
    b: ir.Builder, kind: str, x: object, y: object, message: str
) -> None:
    with pytest.raises(CompileError) as caught:
        binary(b, kind, x, y)
    assert message in message_of(caught)


def test_an_array_cannot_stand_in_arithmetic(b: ir.Builder) -> None:
    with pytest.raises(CompileError) as caught:
        binary(b, "add", array(f32, 2, name="x"), 1)
    assert "found `x` of type f32[:, :]" in message_of(caught)
    assert caught.value.note == "read a part of it: `x[index]`"


def test_numpy_scalars_are_weak(b: ir.Builder) -> None:
    assert type_of(binary(b, "add", value(f16), np.float64(0.5))) == Tile(f16)
    assert type_of(binary(b, "add", value(i8), np.int64(5))) == Tile(i8)


def test_a_value_alone_takes_the_default_dtype(b: ir.Builder) -> None:
    for number, dtype in [(True, bool_), (3, i32), (2**31, i64), (-(2**31), i32), (0.5, f32)]:
        assert type_of(as_value(b, number)) == Tile(dtype)
    with pytest.raises(CompileError, match="the integer 9223372036854775808 does not fit i64"):
        as_value(b, 2**63)


def test_constants_are_rounded_when_they_are_made(b: ir.Builder) -> None:
    made = cast(b, 0.1, f32)
    assert isinstance(made, ir.Const)
    assert made.value == float(np.float32(0.1))


# --- powers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 5, 16])
def test_a_constant_power_of_an_integer_is_products(b: ir.Builder, exponent: int) -> None:
    assert type_of(binary(b, "pow", value(i16, 4), exponent)) == Tile(i16, (4,))
    kinds = {op.kind for op in b.block.ops if isinstance(op, ir.Binary)}
    assert kinds <= {"mul"}
    assert len(b.block.ops) <= 2 * math.log2(exponent + 1) + 1


def test_a_small_power_of_a_float_is_products(b: ir.Builder) -> None:
    assert type_of(binary(b, "pow", value(f32), 2)) == Tile(f32)
    assert [getattr(op, "kind", None) for op in b.block.ops] == ["mul"]
    assert type_of(binary(b, "pow", value(f16), 3)) == Tile(f16)
    assert type_of(binary(b, "pow", value(f32), 0.5)) == Tile(f32)
    assert type_of(binary(b, "pow", value(f32), -1)) == Tile(f32)
    assert not any(getattr(op, "kind", None) == "pow" for op in b.block.ops)


def test_other_powers_are_pow(b: ir.Builder) -> None:
    assert type_of(binary(b, "pow", value(f32), 2.5)) == Tile(f32)
    assert type_of(binary(b, "pow", 2.0, value(i32, 4))) == Tile(f32, (4,))
    assert type_of(binary(b, "pow", value(f64), value(i32))) == Tile(f64)
    assert type_of(binary(b, "pow", value(i32), 0.25)) == Tile(f32)


def test_an_integer_to_an_integer_power_is_an_integer(b: ir.Builder) -> None:
    assert type_of(binary(b, "pow", value(i32, 4), value(i8))) == Tile(i32, (4,))
    assert type_of(binary(b, "pow", 2, value(u8, 4))) == Tile(u8, (4,))
    with pytest.raises(CompileError, match="an integer to the negative power -1"):
        binary(b, "pow", value(i32), -1)


# --- comparisons --------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "y"), [*product((bool_, *INTEGERS, *FLOATS), repeat=2)])
def test_everything_compares_with_everything(b: ir.Builder, x: Dtype, y: Dtype) -> None:
    for kind in ("eq", "ne", "lt", "le", "gt", "ge"):
        assert type_of(compare(b, kind, value(x, 4), value(y))) == Tile(bool_, (4,))


def test_integers_compare_in_a_dtype_that_holds_both(b: ir.Builder) -> None:
    compare(b, "lt", value(u32), value(i32))
    last = b.block.ops[-1]
    assert isinstance(last, ir.Compare)
    assert last.left.type == Tile(i64)


@pytest.mark.parametrize(
    ("dtype", "kind", "number", "expected"),
    [
        (u8, "lt", 256, True), (u8, "lt", 300.5, True), (u8, "gt", 256, False),
        (u8, "ge", -1, True), (u8, "eq", -1, False), (u8, "ne", 256, True), (u64, "gt", -1, True),
        (u64, "eq", -1, False), (i32, "eq", 2.5, False), (i32, "ne", 2.5, True),
        (i32, "lt", math.inf, True), (i32, "gt", -math.inf, True), (i32, "lt", math.nan, False),
        (i32, "ne", math.nan, True), (f16, "eq", 1e5, False),
        pytest.param(f16, "ne", 10**400, True, id="huge"),
    ],
)  # fmt: skip
def test_what_a_literal_decides_is_known(
    b: ir.Builder, dtype: Dtype, kind: str, number: float, expected: bool
) -> None:
    found = compare(b, kind, value(dtype, 4), number)
    assert isinstance(found, ir.Const)
    assert found.value is expected
    assert found.type == Tile(bool_, (4,))


def test_a_literal_on_the_left_is_turned_around(b: ir.Builder) -> None:
    compare(b, "lt", 3, value(i32))
    last = b.block.ops[-1]
    assert isinstance(last, ir.Compare)
    assert (last.kind, type(last.right)) == ("gt", ir.Const)


def test_an_integer_compares_with_a_fraction_exactly(b: ir.Builder) -> None:
    for kind, expected, bound in [
        ("lt", "le", 2),
        ("le", "le", 2),
        ("gt", "gt", 2),
        ("ge", "gt", 2),
    ]:
        compare(b, kind, value(i64), 2.5)
        last = b.block.ops[-1]
        assert isinstance(last, ir.Compare)
        assert isinstance(last.right, ir.Const)
        assert (last.kind, last.right.value, last.left.type) == (expected, bound, Tile(i64))


def test_constants_compare_as_in_python(b: ir.Builder) -> None:
    assert compare(b, "lt", 1, 2.5) is True
    assert compare(b, "eq", "a", "a") is True
    with pytest.raises(CompileError, match="cannot compare the constant 1 with the string 'a'"):
        compare(b, "lt", 1, "a")


# --- choosing, truth, casts ---------------------------------------------------------------------


def test_select_meets_and_broadcasts(b: ir.Builder) -> None:
    mask = value(bool_, 4)
    assert type_of(select(b, mask, value(i32), 1.5)) == Tile(f32, (4,))
    assert type_of(select(b, mask, 1, 0)) == Tile(i32, (4,))
    assert type_of(select(b, mask, True, False)) == Tile(bool_, (4,))
    assert type_of(select(b, mask, 1, 2.5)) == Tile(f32, (4,))
    assert type_of(select(b, mask, value(f8e4m3), value(f8e4m3))) == Tile(f8e4m3, (4,))
    assert type_of(select(b, value(bool_), value(f32, 8), 0)) == Tile(f32, (8,))
    with pytest.raises(CompileError, match="the condition must be bool_, found i32<4>"):
        select(b, value(i32, 4), 1, 2)


def test_truth_tests_scalars_and_takes_boolean_tiles(b: ir.Builder) -> None:
    assert truth(b, 3) is True
    assert type_of(truth(b, value(i32))) == Tile(bool_)
    mask = value(bool_, 4)
    assert truth(b, mask) is mask
    with pytest.raises(CompileError) as caught:
        truth(b, value(i32, 4, name="v"))
    assert caught.value.note == "compare it: `v != 0`"


def test_unary_operators(b: ir.Builder) -> None:
    assert type_of(unary(b, "neg", value(bool_))) == Tile(i32)
    assert type_of(unary(b, "not", value(bool_))) == Tile(bool_)
    assert type_of(unary(b, "not", value(u8))) == Tile(u8)
    assert type_of(unary(b, "neg", value(f8e5m2))) == Tile(f32)
    with pytest.raises(CompileError, match="`~` of `v` of type f32, expected an integer or bool_"):
        unary(b, "not", value(f32, name="v"))


def test_a_cast_to_its_own_dtype_is_nothing(b: ir.Builder) -> None:
    v = value(f32, 4)
    assert cast(b, v, f32) is v
    assert broadcast(b, v, (4,)) is v
    assert b.block.ops == []


# --- pointers -----------------------------------------------------------------------------------


def test_pointers_move_by_integers(b: ir.Builder) -> None:
    pointer = value(pointer_to(f32))
    expected = Tile(pointer_to(f32), (4,))
    assert type_of(binary(b, "add", pointer, value(i32, 4))) == expected
    assert type_of(binary(b, "add", value(i64, 4), pointer)) == expected
    assert type_of(binary(b, "sub", pointer, value(u32, 4))) == expected
    assert type_of(binary(b, "add", pointer, 3)) == Tile(pointer_to(f32))


@pytest.mark.parametrize(
    ("kind", "other"), [("mul", 2), ("add", 1.5), ("add", value(f32)), ("sub", value(bool_))]
)
def test_pointers_do_nothing_else(b: ir.Builder, kind: str, other: object) -> None:
    with pytest.raises(CompileError, match="expected a pointer and a number of elements"):
        binary(b, kind, value(pointer_to(f32)), other)


def test_pointers_compare_with_their_like(b: ir.Builder) -> None:
    p = value(pointer_to(f32))
    assert type_of(compare(b, "eq", p, p)) == Tile(bool_)
    with pytest.raises(CompileError, match="cannot compare"):
        compare(b, "eq", p, 0)


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "dtype", "expected"),
    [
        (300, u8, 44), (-1, u16, 65535), (128, i8, -128), (3.99, i32, 3), (-3.99, i32, -3),
        (1e20, i32, 2**31 - 1), (-1e20, i64, -(2**63)), (-1.5, u8, 0), (math.nan, i32, 0),
        (math.inf, u8, 255), (0.1, bool_, True), (0, bool_, False), (math.nan, bool_, True),
        (65520.0, f16, math.inf), (1e9, f8e4m3, 448.0), (-1e9, f8e4m3, -448.0),
        (1e9, f8e5m2, math.inf), (10**400, f64, math.inf), (True, f32, 1.0),
    ],
)  # fmt: skip
def test_a_number_is_cast_as_a_value_is(number: float, dtype: Dtype, expected: float) -> None:
    assert convert(number, dtype) == expected


def test_rounding_is_numpys(rng: np.random.Generator) -> None:
    bits = rng.integers(0, 2**16, 2000, np.uint16)
    between = bits.view(np.float16).astype(np.float64)
    between = between[np.isfinite(between)]
    between *= 1 + rng.uniform(-1e-3, 1e-3, len(between))
    for number in between.tolist():
        with np.errstate(over="ignore"):
            assert round_float(number, f16) == float(np.float16(number))
            assert round_float(number, f32) == float(np.float32(number))


@pytest.mark.parametrize("dtype", [bf16, f8e4m3, f8e5m2])
def test_rounding_of_the_types_numpy_lacks(dtype: Dtype, rng: np.random.Generator) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    names = {bf16: "bfloat16", f8e4m3: "float8_e4m3fn", f8e5m2: "float8_e5m2"}
    theirs = getattr(ml_dtypes, names[dtype])
    largest = {bf16: 3.3895313892515355e38, f8e4m3: 448.0, f8e5m2: 57344.0}[dtype]
    numbers = np.float32(2) ** rng.uniform(-20, 8, 2000).astype(np.float32)
    numbers *= rng.choice([-1, 1], len(numbers)).astype(np.float32)
    for number in (*numbers.tolist(), 0.0, largest, -largest):
        assert round_float(number, dtype) == float(theirs(number))


def test_only_what_stays_finite_fits() -> None:
    assert fits(65519.9, f16)
    assert not fits(65520.0, f16)
    assert fits(math.inf, f16)
    assert not fits(449, f8e5m2) or fits(57344, f8e5m2)
    assert not fits(1.0, i32)
    assert not fits(1, bool_)
    assert fits(True, bool_)
