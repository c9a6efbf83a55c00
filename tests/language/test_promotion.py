"""Section 3 of LANGUAGE.md: the type in which two operands meet, and literals beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]

NUMPY: dict[str, Any] = {
    "bool_": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64, "f16": np.float16,
    "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64,
    "f8e4m3": ml_dtypes.float8_e4m3fn, "f8e5m2": ml_dtypes.float8_e5m2,
}  # fmt: skip
WIDTH = {name: np.dtype(kind).itemsize * 8 for name, kind in NUMPY.items()}


def meeting(a: str, b: str) -> str | None:
    """The dtype of `a + b` by the words of the page; None where it is refused."""
    a, b = ({"bool_": "i32", "f8e4m3": "f32", "f8e5m2": "f32"}.get(name, name) for name in (a, b))
    floats = [name for name in (a, b) if "f" in name]
    if len(floats) == 1:
        return floats[0]
    if floats:
        if {a, b} == {"f16", "bf16"}:
            return "f32"
        return max(a, b, key=WIDTH.__getitem__)
    if "u64" in (a, b) and {a, b} != {"u64"} and (a + b).count("u") == 1:
        return None
    kind = np.result_type(NUMPY[a], NUMPY[b])
    return next(name for name in NUMPY if NUMPY[name] == kind)


def some(name: str, rng: np.random.Generator) -> Array:
    """Thirteen small numbers of a dtype."""
    low = 0 if name[0] in "ub" and name != "bf16" else -7
    high = 2 if name == "bool_" else 8
    return rng.integers(low, high, 13).astype(NUMPY[name])


def products(x, y, out, DT: tw.constexpr):
    v = x[0:13] * y[0:13]
    tw.static_assert(v.dtype == DT)
    tw.static_assert((x[0:13] + y[0]).dtype == DT)
    tw.static_assert((y[0:13] + x[0:13]).dtype == DT)
    tw.static_assert((x[0] - y[0:13]).dtype == DT)
    tw.static_assert(tw.where(x[0:13] > y[0:13], v, v).dtype == DT)
    out[0:13] = v


@pytest.mark.parametrize("a", NUMPY)
def test_two_operands_meet_in_the_type_of_the_page(
    launch: Launch, rng: np.random.Generator, a: str
) -> None:
    names = list(NUMPY)
    for b in names[names.index(a) :]:
        x, y = some(a, rng), some(b, rng)
        expected = meeting(a, b)
        if expected is None:
            out = np.zeros(13, np.int64)
            with pytest.raises(tw.CompileError, match="u64"):
                launch(products, x, y, out, DT=tw.i64)
            continue
        out = np.zeros(13, NUMPY[expected])
        launch(products, x, y, out, DT=getattr(tw, expected))
        exact = x.astype(NUMPY[expected]) * y.astype(NUMPY[expected])
        assert exact.tolist() == out.tolist(), (a, b)


# --- literals -----------------------------------------------------------------------------------


def literals(x, out, INT: tw.constexpr, FLOAT: tw.constexpr):
    v = x[0:13]
    tw.static_assert((v + 1).dtype == INT)
    tw.static_assert((1 - v).dtype == INT)
    tw.static_assert((2 * x[0]).dtype == INT)
    tw.static_assert((v + 1.5).dtype == FLOAT)
    tw.static_assert((0.5 * x[0]).dtype == FLOAT)
    tw.static_assert((v * True).dtype == INT)
    tw.static_assert(tw.maximum(v, 1).dtype == INT)
    out[0:13] = 0.5 * v + 1


@pytest.mark.parametrize("name", NUMPY)
def test_literals_take_the_other_sides_type(
    launch: Launch, rng: np.random.Generator, name: str
) -> None:
    floats = name if name in ("f16", "bf16", "f32", "f64") else "f32"
    integers = {"bool_": "i32", "f8e4m3": "f32", "f8e5m2": "f32"}.get(name, name)
    x, out = some(name, rng), np.zeros(13, np.float64)
    launch(literals, x, out, INT=getattr(tw, integers), FLOAT=getattr(tw, floats))
    assert (0.5 * x.astype(np.float64) + 1).tolist() == out.tolist()


def constexprs(x, out, C: tw.constexpr):
    v = x[0:4] + C
    tw.static_assert(v.dtype == x.dtype)
    out[0:4] = v


@pytest.mark.parametrize("name", ["i8", "u16", "f16", "f64"])
def test_constexprs_are_weak(launch: Launch, name: str) -> None:
    x = np.arange(4).astype(NUMPY[name])
    out = np.zeros(4, NUMPY[name])
    launch(constexprs, x, out, C=3)
    assert (x + x.dtype.type(3)).tolist() == out.tolist()


@pytest.mark.parametrize(
    ("name", "value"),
    [("i8", 128), ("i8", -129), ("u8", -1), ("u8", 256), ("i32", 2**31), ("u32", 2**32)],
)
def test_a_literal_that_does_not_fit_is_refused_in_arithmetic(
    launch: Launch, name: str, value: int
) -> None:
    x = np.zeros(4, NUMPY[name])
    with pytest.raises(tw.CompileError, match=str(value)):
        launch(constexprs, x, x.copy(), C=value)


@pytest.mark.parametrize(
    ("name", "value"), [("i8", 127), ("i8", -128), ("u8", 255), ("u64", 2**64 - 1), ("u64", 2**63)]
)
def test_a_literal_at_the_border_fits(launch: Launch, name: str, value: int) -> None:
    x, out = np.zeros(4, NUMPY[name]), np.zeros(4, NUMPY[name])
    launch(constexprs, x, out, C=value)
    assert [value] * 4 == out.tolist()


def weak_arithmetic(out):
    n = 3
    half = 1 / 2
    out[0] = n * 2**40 // 2**40 + half
    out[1] = 7 // 2 + 7 % 4 + -7 // 2
    out[2] = (1 << 5) | 3
    out[3] = 3 == 3.0
    out[4] = n and 7
    out[5] = not n


def test_literals_alone_compute_as_in_python(launch: Launch) -> None:
    out = np.zeros(6, np.float64)
    launch(weak_arithmetic, out)
    assert out.tolist() == [3.5, 2.0, 35.0, 1.0, 7.0, 0.0]


def narrow_literals(x, out):
    v = x[0:3] * 0.1
    tw.static_assert(v.dtype == tw.f16)
    out[0:3] = v


def test_a_literal_is_rounded_to_the_other_sides_type(launch: Launch) -> None:
    x, out = np.array([1, 3, 1000], np.float16), np.zeros(3, np.float64)
    launch(narrow_literals, x, out)
    assert (x * np.float16(0.1)).astype(np.float64).tolist() == out.tolist()


def compared(x, out, C: tw.constexpr):
    v = x[0:3]
    out[0, 0:3] = v < C
    out[1, 0:3] = v == C
    out[2, 0:3] = C <= v
    tw.static_assert((v != C).dtype == tw.bool_)


@pytest.mark.parametrize("value", [-1, 300, 2**70, 127.5, -0.5, 1e300])
@pytest.mark.parametrize("name", ["u8", "i8", "u64", "f16", "bool_"])
def test_a_comparison_with_a_literal_is_by_value(launch: Launch, name: str, value: Any) -> None:
    x = np.array([0, 1, 1], NUMPY[name]) if name == "bool_" else np.array([0, 1, 127], NUMPY[name])
    out = np.zeros((3, 3), np.bool_)
    launch(compared, x, out, C=value)
    assert [int(v) < value for v in x] == out[0].tolist()
    assert [int(v) == value for v in x] == out[1].tolist()
    assert [value <= int(v) for v in x] == out[2].tolist()


def mixed_comparison(x, y, out):
    a, b = x[0:4], y[0:4]
    out[0:4] = (a < b) * 1 + (a == b) * 2 + (a >= b) * 4


@pytest.mark.parametrize(("left", "right"), [("u64", "i64"), ("i32", "u32"), ("i8", "u64")])
def test_comparisons_of_integers_are_by_value(launch: Launch, left: str, right: str) -> None:
    info = np.iinfo(NUMPY[right]), np.iinfo(NUMPY[left])
    x = np.array([info[1].max, info[1].min, 0, 5], NUMPY[left])
    y = np.array([info[0].min, info[0].max, 0, 7], NUMPY[right])
    out = np.zeros(4, np.int32)
    launch(mixed_comparison, x, y, out)
    expected = [
        (a < b) * 1 + (a == b) * 2 + (a >= b) * 4
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    assert expected == out.tolist()


def mixed_integers_and_floats(n, x, out):
    v = n[0:3] * x[0:3]
    tw.static_assert(v.dtype == x.dtype)
    out[0:3] = v


@pytest.mark.parametrize("name", ["f16", "bf16", "f32", "f64"])
def test_an_integer_is_rounded_to_the_floats_type(launch: Launch, name: str) -> None:
    n = np.array([2**24 + 1, 2049, -3], np.int32)
    x = np.array([1, 1, 0.5], NUMPY[name])
    out = np.zeros(3, np.float64)
    launch(mixed_integers_and_floats, n, x, out)
    with np.errstate(over="ignore"):
        assert (n.astype(x.dtype) * x).astype(np.float64).tolist() == out.tolist()


# --- booleans -----------------------------------------------------------------------------------


def boolean_arithmetic(p, q, out):
    a, b = p[0:4], q[0:4]
    tw.static_assert((a + b).dtype == tw.i32)
    tw.static_assert((-a).dtype == tw.i32)
    tw.static_assert((a & b).dtype == tw.bool_)
    tw.static_assert((a ^ b).dtype == tw.bool_)
    tw.static_assert((~a).dtype == tw.bool_)
    tw.static_assert((a / b).dtype == tw.f32)
    tw.static_assert((a << b).dtype == tw.i32)
    tw.static_assert((a & True).dtype == tw.bool_)
    out[0, 0:4] = a + b
    out[1, 0:4] = a - b
    out[2, 0:4] = a ^ b
    out[3, 0:4] = ~a
    out[4, 0:4] = -a
    out[5, 0:4] = a < b
    out[6, 0:4] = a + 1
    out[7, 0:4] = a == 1


def test_bool_counts_as_i32_in_arithmetic(launch: Launch) -> None:
    p, q = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], np.bool_)
    out = np.zeros((8, 4), np.int32)
    launch(boolean_arithmetic, p, q, out)
    a, b = p.astype(np.int32), q.astype(np.int32)
    expected = [a + b, a - b, a ^ b, 1 - a, -a, a < b, a + 1, a]
    assert [row.astype(int).tolist() for row in expected] == out.tolist()


def against_truths(x, out, N: tw.constexpr):
    v, s = x[0:N], x[1]
    out[0, 0:N] = v == True  # noqa: E712
    out[1, 0:N] = v != True  # noqa: E712
    out[2, 0:N] = False == v  # noqa: E712
    out[3, 0:N] = v != False  # noqa: E712
    out[4, 0] = s == True  # noqa: E712
    out[4, 1] = s == False  # noqa: E712
    out[4, 2] = s != True  # noqa: E712
    out[4, 3] = s != False  # noqa: E712


def test_a_boolean_is_compared_with_true_and_false(launch: Launch) -> None:
    x, out = np.arange(9) % 3 == 1, np.zeros((5, 9), np.bool_)
    launch(against_truths, x, out, N=9)
    assert [x.tolist(), (~x).tolist(), (~x).tolist(), x.tolist()] == out[:4].tolist()
    assert out[4, :4].tolist() == [True, False, False, True]


# --- division, shifts, powers -------------------------------------------------------------------


def divided(x, y, out, DT: tw.constexpr):
    v = x[0:3] / y[0:3]
    tw.static_assert(v.dtype == DT)
    tw.static_assert((x[0:3] / 2).dtype == DT)
    out[0:3] = v


@pytest.mark.parametrize("name", ["bool_", "i8", "i16", "i32", "u8", "u16", "u32", "i64", "u64"])
def test_integer_division_gives_f32_up_to_32_bits(launch: Launch, name: str) -> None:
    kind = NUMPY[name]
    x, y = np.array([1, 1, 0], kind), np.array([1, 0, 0], kind)
    if name != "bool_":
        x[0], y[0] = np.iinfo(kind).max, 3
    wide = np.float64 if WIDTH[name] == 64 else np.float32
    out = np.zeros(3, np.float64)
    launch(divided, x, y, out, DT=tw.f64 if WIDTH[name] == 64 else tw.f32)
    with np.errstate(all="ignore"):
        expected = (x.astype(wide) / y.astype(wide)).astype(np.float64)
    np.testing.assert_array_equal(expected, out)


def floored(x, y, out):
    a, b = x[0:6], y[0:6]
    out[0, 0:6] = a // b
    out[1, 0:6] = a % b
    tw.static_assert((a // b).dtype == x.dtype)


@pytest.mark.parametrize("name", ["i8", "i16", "i32", "i64"])
def test_floor_division_is_pythons_and_by_zero_gives_zero(launch: Launch, name: str) -> None:
    kind = NUMPY[name]
    least = np.iinfo(kind).min
    x = np.array([7, -7, 7, -7, 5, least], kind)
    y = np.array([2, 2, -2, -2, 0, -1], kind)
    out = np.zeros((2, 6), kind)
    launch(floored, x, y, out)
    assert [3, -4, -4, 3, 0, least] == out[0].tolist()
    assert out[1].tolist() == [1, 1, -1, -1, 0, 0]


def by_literals(x, out):
    v = x[0:5]
    out[0, 0:5] = v // 8
    out[1, 0:5] = v % 8
    out[2, 0:5] = v // -3
    out[3, 0:5] = v % -3
    out[4, 0:5] = v // 0
    out[5, 0:5] = v % 0
    out[6, 0:5] = 17 // v
    out[7, 0:5] = -17 % v


@pytest.mark.parametrize("name", ["i8", "i32", "i64"])
def test_floor_division_by_constants(launch: Launch, name: str) -> None:
    x = np.array([0, 5, -5, 127, -128], NUMPY[name])
    out = np.zeros((8, 5), NUMPY[name])
    launch(by_literals, x, out)
    for k, v in enumerate(x.tolist()):
        expected = [
            v // 8, v % 8, v // -3, v % -3, 0, 0, 17 // v if v else 0, -17 % v if v else 0
        ]  # fmt: skip
        assert expected == out[:, k].tolist()


def scalar_division(n, m, out):
    out[0] = n // m
    out[1] = n % m


@pytest.mark.parametrize(("n", "m"), [(7, 2), (-7, 2), (7, -2), (-(2**31), -1), (3, 0)])
def test_scalars_divide_as_tiles_do(launch: Launch, n: int, m: int) -> None:
    out = np.zeros(2, np.int64)
    launch(scalar_division, n, m, out)
    wrapped = (n // m + 2**31) % 2**32 - 2**31 if m else 0
    assert [wrapped, n % m if m else 0] == out.tolist()


def division_in_debug(x, y, out):
    out[0:3] = x[0:3] // y[0:3]


def test_division_by_zero_is_an_error_in_debug_mode(mode: str) -> None:
    x, y, out = np.ones((3, 3), np.int32)
    kernel = tw.kernel(debug=True)(division_in_debug)
    kernel[1](x, y, out)
    y[1] = 0
    with pytest.raises(tw.DeviceError):
        kernel[1](x, y, out)


def shifted(x, y, out):
    a, b = x[0:6], y[0:6]
    out[0, 0:6] = a << b
    out[1, 0:6] = a >> b
    out[2, 0:6] = a << 40
    out[3, 0:6] = a >> 70


@pytest.mark.parametrize("name", ["i8", "u8", "i32", "u32"])
def test_a_shift_by_the_width_or_more_gives_zero_or_the_sign(launch: Launch, name: str) -> None:
    width, kind = WIDTH[name], NUMPY[name]
    top = -5 if name[0] == "i" else 2**width - 5
    x = np.array([top, 3, top, 3, top, 1], kind)
    y = np.array([1, width - 1, width, width, 127, 0], kind)
    out = np.ones((4, 6), kind)
    launch(shifted, x, y, out)
    for k, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        pattern = (a << b) % 2**width
        if name[0] == "i" and pattern >= 2 ** (width - 1):
            pattern -= 2**width
        assert [pattern, a >> b, 0, a >> 70] == out[:, k].tolist()


def shifted_one_by_one(x, y, out):
    for k in range(x.shape[0]):
        out[0, k] = x[k] << y[k]
        out[1, k] = x[k] >> y[k]


@pytest.mark.parametrize("name", ["i8", "u8", "i32", "u32", "i64", "u64"])
def test_a_scalar_shifted_by_the_width(launch: Launch, name: str) -> None:
    """Machines shift a scalar by the count modulo its width."""
    width, kind = WIDTH[name], NUMPY[name]
    top = -5 if name[0] == "i" else 2**width - 5
    x = np.array([top, top, 3, top, 3], kind)
    y = np.array([width - 1, width, width, width + 1, 0], kind)
    out = np.ones((2, 5), kind)
    launch(shifted_one_by_one, x, y, out)
    for k, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        pattern = (a << b) % 2**width
        if name[0] == "i" and pattern >= 2 ** (width - 1):
            pattern -= 2**width
        assert [pattern, a >> b] == out[:, k].tolist()


def powers(x, n, out):
    v = x[0:5]
    out[0, 0:5] = v**2
    out[1, 0:5] = v ** n[0:5]
    out[2, 0:5] = 2**v


def test_powers_of_integers_wrap(launch: Launch) -> None:
    x, n = np.array([3, -2, 0, 1, 10], np.int32), np.array([5, 31, 0, 100, 11], np.int32)
    out = np.zeros((3, 5), np.int32)
    launch(powers, x.clip(0, None), n, out)
    exact = [
        [int(v) ** 2, int(v) ** int(e), 2 ** int(v)]
        for v, e in zip(x.clip(0, None), n, strict=True)
    ]
    assert ((np.array(exact, object) + 2**31) % 2**32 - 2**31).tolist() == out.T.tolist()
