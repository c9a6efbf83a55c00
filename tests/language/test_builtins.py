"""Section 6 of LANGUAGE.md: functions on tiles have the values of NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


@tw.func
def whole(x, SHAPE: tw.constexpr):
    """All of an array whose shape is known."""
    if len(SHAPE) == 1:
        return x[0 : SHAPE[0]]
    if len(SHAPE) == 2:
        return x[0 : SHAPE[0], 0 : SHAPE[1]]
    return x[0 : SHAPE[0], 0 : SHAPE[1], 0 : SHAPE[2]]


@tw.func
def put(x, SHAPE: tw.constexpr, v):
    """Write all of an array."""
    if len(SHAPE) == 0:
        x[0] = v
    elif len(SHAPE) == 1:
        x[0 : SHAPE[0]] = v
    elif len(SHAPE) == 2:
        x[0 : SHAPE[0], 0 : SHAPE[1]] = v
    else:
        x[0 : SHAPE[0], 0 : SHAPE[1], 0 : SHAPE[2]] = v


def of_one(x, out, FN: tw.constexpr, SHAPE: tw.constexpr, OUT: tw.constexpr):
    put(out, OUT, FN(whole(x, SHAPE)))


def of_two(
    x, y, out, FN: tw.constexpr, SHAPE: tw.constexpr, OTHER: tw.constexpr, OUT: tw.constexpr
):
    put(out, OUT, FN(whole(x, SHAPE), whole(y, OTHER)))


def result(launch: Launch, function: object, expected: Array, *arrays: Array) -> Array:
    """What a function gives for whole arrays, in an array like `expected`."""
    shape = expected.shape
    out = np.full(shape or (1,), 77, expected.dtype)
    if len(arrays) == 1:
        launch(of_one, *arrays, out, FN=function, SHAPE=arrays[0].shape, OUT=shape)
    else:
        x, y = arrays
        launch(of_two, x, y, out, FN=function, SHAPE=x.shape, OTHER=y.shape, OUT=shape)
    return out.reshape(shape)


def same(launch: Launch, function: object, expected: Array, *arrays: Array) -> None:
    """The function gives exactly this, NaN included."""
    np.testing.assert_array_equal(result(launch, function, expected, *arrays), expected)


def close(
    launch: Launch, function: object, expected: Array, *arrays: Array, rtol: float = 1e-6
) -> None:
    """The function gives this up to rounding; infinities and NaN must be the same."""
    found = result(launch, function, expected, *arrays)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-7)


# --- math ---------------------------------------------------------------------------------------

SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.25, -3.25, 1e-3, 20.0, -20.0, np.inf, -np.inf, np.nan],
    np.float32,
)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def each(function: Callable[[float], float]) -> Callable[[Array], Array]:
    """A function of Python's `math`, element by element; NaN and infinities pass through."""

    def apply(x: Array) -> Array:
        return np.array([function(float(v)) if v == v else math.nan for v in x])

    return apply


MATH = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2,
    "log10": np.log10, "log1p": np.log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x),
    "cbrt": np.cbrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "sigmoid": sigmoid,
    "erf": each(math.erf), "erfc": each(math.erfc),
}  # fmt: skip


@pytest.mark.parametrize("name", MATH)
def test_functions_of_reals(launch: Launch, name: str, rng: np.random.Generator) -> None:
    x = np.concatenate([SPECIAL, rng.uniform(-4, 4, 33).astype(np.float32)])
    with np.errstate(all="ignore"):
        expected = MATH[name](x.astype(np.float64)).astype(np.float32)
    close(launch, getattr(tw, name), expected, x)


@pytest.mark.parametrize("name", ["exp", "log", "sin", "tanh"])
def test_functions_of_f64_and_f16(launch: Launch, name: str, rng: np.random.Generator) -> None:
    x = rng.uniform(0.1, 4, 21)
    close(launch, getattr(tw, name), MATH[name](x), x, rtol=2e-15)
    half = x.astype(np.float16)
    expected = MATH[name](half.astype(np.float64)).astype(np.float16)
    close(launch, getattr(tw, name), expected, half, rtol=1e-3)


def test_lgamma_and_erfinv(launch: Launch) -> None:
    x = np.array([0.5, 1.0, 2.5, 10.0, -0.5, -2.5, 171.0], np.float32)
    close(launch, tw.lgamma, np.array([math.lgamma(v) for v in x], np.float32), x)
    y = np.array([0.0, 0.25, -0.5, 0.999, 1.0, -1.0], np.float32)
    inverse = result(launch, tw.erfinv, y, y)
    np.testing.assert_array_equal(inverse[4:], [np.inf, -np.inf])
    np.testing.assert_allclose([math.erf(v) for v in inverse], y, rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "reference"),
    [
        (tw.floor, np.floor), (tw.ceil, np.ceil), (tw.trunc, np.trunc), (tw.round, np.rint),
        (tw.abs, np.abs), (tw.isnan, np.isnan), (tw.isinf, np.isinf), (tw.isfinite, np.isfinite),
    ],
)  # fmt: skip
def test_exact_functions(launch: Launch, function: object, reference: Callable[..., Array]) -> None:
    x = np.concatenate([SPECIAL, np.array([2.5, 3.5, -2.5, 1e30, 8388609.0], np.float32)])
    expected = reference(x)
    same(launch, function, expected, x)
    if expected.dtype == np.float32:
        found = result(launch, function, expected, x)
        np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@pytest.mark.parametrize(
    ("function", "reference"),
    [(tw.atan2, np.arctan2), (tw.hypot, np.hypot), (tw.pow, np.power), (tw.copysign, np.copysign)],
)
def test_functions_of_two(
    launch: Launch, function: object, reference: Callable[..., Array]
) -> None:
    x, y = (grid.ravel().copy() for grid in np.meshgrid(SPECIAL, SPECIAL))
    with np.errstate(all="ignore"):
        expected = reference(x.astype(np.float64), y.astype(np.float64)).astype(np.float32)
    close(launch, function, expected, x, y)


@tw.func
def spelled_otherwise(x):
    return np.exp(x) + math.sin(x) * np.arctan(x) - abs(x) + math.sqrt(2.0) + np.pi


def test_functions_of_numpy_and_math_may_be_written(launch: Launch) -> None:
    x = np.linspace(-2, 2, 17).astype(np.float32)
    wide = x.astype(np.float64)
    expected = np.exp(wide) + np.sin(wide) * np.arctan(wide) - abs(wide) + 2**0.5 + np.pi
    close(launch, spelled_otherwise, expected.astype(np.float32), x, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "i4", "u4", "i8", "u8"])
def test_bits_are_those_of_the_pattern(
    launch: Launch, dtype: str, rng: np.random.Generator
) -> None:
    info = np.iinfo(dtype)
    x = np.array([0, 1, info.max, info.min, *rng.integers(info.min, info.max, 12, dtype)], dtype)
    width = x.itemsize * 8
    patterns = [int(v) & ((1 << width) - 1) for v in x]
    same(launch, tw.popcount, np.array([v.bit_count() for v in patterns], dtype), x)
    same(launch, tw.clz, np.array([width - v.bit_length() for v in patterns], dtype), x)


@tw.func
def fused(x, y):
    return tw.fma(x, y, -1.0)


def rounded(x, out, DECIMALS: tw.constexpr, N: tw.constexpr):
    out[0:N] = tw.round(x[0:N], DECIMALS)


@pytest.mark.parametrize("decimals", [2, 1, 0, -1, -2, -5])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "u1", "i4", "u4", "i8", "u8"])
def test_rounding_to_decimals(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, dtype: str, decimals: int
) -> None:
    kind = np.dtype(dtype)
    if kind.kind == "f":
        ties = np.arange(-40, 41) * 0.125 * 10.0 ** min(-decimals, 3)
        x = np.concatenate([ties, rng.normal(0, 3e3, 900), [np.inf, -np.inf, np.nan, -0.0]])
        x = x.astype(kind)
        wide = x if kind.itemsize >= 4 else x.astype(np.float32)
        expected = np.round(wide, decimals).astype(kind)
    else:
        least, most = np.iinfo(kind).min // 2, np.iinfo(kind).max // 2
        x = np.concatenate([rng.integers(least, most, 900), np.arange(0, 127), [5, 15, 25, 50]])
        x = x.astype(kind)
        size = 10 ** max(-decimals, 0)
        expected = np.array([round(int(v), decimals) for v in x]).astype(kind)
        if size > np.iinfo(kind).max:
            expected[:] = 0
    out = guarded(x.shape, x.dtype)
    launch(rounded, guarded(x), out, DECIMALS=decimals, N=x.size)
    np.testing.assert_array_equal(out, expected)


def test_fma_rounds_once(launch: Launch) -> None:
    x = np.array([1 + 2**-12, 1 + 2**-20], np.float32)
    exact = x.astype(np.float64) * x.astype(np.float64) - 1
    same(launch, fused, exact.astype(np.float32), x, x)


# --- choosing -----------------------------------------------------------------------------------


@tw.func
def clipped(x):
    return tw.clip(x, -1, 2.5)


@tw.func
def chosen(x, y):
    return tw.where(x > y, x, 0)


def test_choices(launch: Launch) -> None:
    x, y = (grid.ravel().copy() for grid in np.meshgrid(SPECIAL, SPECIAL))
    same(launch, tw.maximum, np.maximum(x, y), x, y)
    same(launch, tw.minimum, np.minimum(x, y), x, y)
    same(launch, chosen, np.where(x > y, x, 0), x, y)
    same(launch, clipped, np.clip(x, -1, 2.5), x)


# --- shapes -------------------------------------------------------------------------------------

BOX = np.arange(24, dtype=np.int32).reshape(2, 3, 4)


@tw.func
def reshaped(v):
    return v.reshape(4, -1)


@tw.func
def permuted(v):
    return tw.permute(v, (2, 0, 1))


@tw.func
def transposed(v):
    return v.T


@tw.func
def repeated(v):
    return tw.broadcast_to(v[:, None, 0], (2, 5, 4))


@tw.func
def joined(v):
    return tw.cat((v, v + 100), axis=1)


@tw.func
def stacked(v):
    return tw.stack((v[0], v[1] * 2), axis=-1)


@tw.func
def flipped(v):
    return tw.flip(v, (0, 2))


@tw.func
def all_flipped(v):
    return tw.flip(v)


@tw.func
def halves(v):
    left, right = tw.split(v, 2, axis=2)
    return left * right


@tw.func
def pieces(v):
    first, second = tw.split(v, (1,), axis=1)
    return first + second


@tw.func
def sliced(v):
    return v[:, 1:, ::-1]


@tw.func
def picked(v):
    return v[1, None, :, -1]


@tw.func
def expanded(v):
    return tw.expand_dims(v[0], 1)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (reshaped, BOX.reshape(4, -1)),
        (permuted, BOX.transpose(2, 0, 1)),
        (transposed, BOX.T),
        (repeated, np.broadcast_to(BOX[:, None, 0], (2, 5, 4))),
        (joined, np.concatenate((BOX, BOX + 100), axis=1)),
        (stacked, np.stack((BOX[0], BOX[1] * 2), axis=-1)),
        (flipped, np.flip(BOX, (0, 2))),
        (all_flipped, np.flip(BOX)),
        (halves, BOX[:, :, :2] * BOX[:, :, 2:]),
        (pieces, BOX[:, :1] + BOX[:, 1:]),
        (sliced, BOX[:, 1:, ::-1]),
        (picked, BOX[1, None, :, -1]),
        (expanded, BOX[0][:, None]),
    ],
)
def test_shapes(launch: Launch, function: object, expected: Array) -> None:
    same(launch, function, np.ascontiguousarray(expected), BOX)


def picking(x, place, out, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    i = place[0]
    out[0:M] = v[i]
    out[M] = v[i, place[1]]
    out[M + 1] = v[1, i]


def test_a_scalar_picks(launch: Launch) -> None:
    x = np.array([[1.5, np.nan, -0.0], [4, np.inf, 6]], np.float32)
    out = np.full(5, 7, np.float32)
    launch(picking, x, np.array([0, 2]), out, N=2, M=3)
    np.testing.assert_array_equal(out, [*x[0], x[0, 2], x[1, 0]])
    assert np.signbit(out[2])
    launch(picking, x, np.array([-1, 1]), out, N=2, M=3)
    np.testing.assert_array_equal(out, 0)


@tw.func
def built(v):
    counted = tw.arange(2, 10, 2) + tw.iota((3, 4), 0) * 10
    return v + counted + tw.ones((3, 4), tw.i32) + tw.full((4,), 5) + tw.zeros_like(v)


def test_tiles_from_nothing(launch: Launch) -> None:
    v = BOX[0].copy()
    expected = v + np.arange(2, 10, 2) + np.arange(3)[:, None] * 10 + 1 + 5
    same(launch, built, expected.astype(np.int32), v)


# --- reductions ---------------------------------------------------------------------------------

AXES = [None, 0, 1, -1, (0, 2), (0, 1, 2)]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "any", "all"])
def test_reductions(launch: Launch, name: str, axis: Any, rng: np.random.Generator) -> None:
    x = rng.integers(-4, 4, (3, 4, 5)).astype(np.float32)
    reduce = getattr(tw, name)

    @tw.func
    def function(v):
        return reduce(v, axis)

    expected = np.asarray(getattr(np, name)(x, axis))
    close(launch, function, expected, x)


@pytest.mark.parametrize("axis", [None, 1, (0, 2)])
def test_reductions_may_keep_axes(launch: Launch, axis: Any) -> None:
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)

    @tw.func
    def function(v):
        return v - v.max(axis, keepdims=True)

    same(launch, function, x - x.max(axis, keepdims=True), x)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"])
def test_integer_sums_are_wide(launch: Launch, dtype: str) -> None:
    x = np.ones(300, dtype)
    if dtype != "?":
        x[:200] = np.iinfo(dtype).max
    kept = (
        np.dtype(dtype)
        if np.dtype(dtype).itemsize >= 4
        else np.dtype("u4" if "u" in dtype else "i4")
    )
    same(launch, tw.sum, np.asarray(x.sum(dtype=kept)), x)
    same(launch, tw.cumsum, x.cumsum(dtype=kept), x)
    same(launch, tw.prod, np.asarray(x[:9].prod(dtype=kept)), x[:9].copy())


def test_sums_of_f16_do_not_overflow(launch: Launch) -> None:
    x = np.full(100, 60000, np.float16)
    same(launch, tw.sum, np.asarray(np.float32(6_000_000 - 100 * (60000 - float(x[0])))), x)
    same(launch, tw.mean, np.asarray(np.float32(x[0])), x)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions_are_of_the_first(
    launch: Launch, name: str, axis: int | None, rng: np.random.Generator
) -> None:
    x = rng.integers(0, 3, (5, 7)).astype(np.float32)
    reduce = getattr(tw, name)

    @tw.func
    def function(v):
        return reduce(v, axis)

    same(launch, function, np.asarray(getattr(np, name)(x, axis)).astype(np.int32), x)


def test_nan_wins(launch: Launch) -> None:
    x = np.array([[1, np.nan, np.inf, np.nan], [3, 3, -np.inf, 1]], np.float32)

    @tw.func
    def largest(v):
        return tw.max(v, 1)

    @tw.func
    def where_largest(v):
        return tw.argmax(v, 1)

    @tw.func
    def where_least(v):
        return tw.min(v, 1, return_index=True)[1]

    same(launch, largest, x.max(1), x)
    same(launch, where_largest, x.argmax(1).astype(np.int32), x)
    same(launch, where_least, x.argmin(1).astype(np.int32), x)


@tw.func
def later(a, b):
    """Keeps the right one of the two that is not zero: associative, not commutative."""
    return tw.where(b != 0, b, a)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_reduce_keeps_the_order_of_elements(launch: Launch, axis: Any) -> None:
    x = np.array([[1, 0, 3, 0], [5, 6, 0, 0], [0, 8, 0, 0]], np.int32)

    @tw.func
    def function(v):
        return tw.reduce(v, later, axis)

    expected = {0: [5, 8, 3, 0], 1: [3, 6, 8]}.get(axis if isinstance(axis, int) else -1, 8)
    same(launch, function, np.array(expected, np.int32), x)


@tw.func
def affine(a0, b0, a1, b1):
    """The composition of x -> a0 x + b0 and then x -> a1 x + b1."""
    return a0 * a1, b0 * a1 + b1


@tw.func
def composed(v, w):
    a, b = tw.reduce((v, w), affine, 0)
    return a * 1000 + b


@tw.func
def running(v, w):
    a, b = tw.scan((v, w), affine, 0)
    return a * 1000 + b


def test_tuples_are_combined(launch: Launch, rng: np.random.Generator) -> None:
    a = rng.integers(1, 3, 9).astype(np.int32)
    b = rng.integers(0, 4, 9).astype(np.int32)
    found, steps = (1, 0), []
    for k in range(9):
        found = (found[0] * a[k], found[1] * a[k] + b[k])
        steps.append(found[0] * 1000 + found[1])
    same(launch, composed, np.array(steps[-1], np.int32), a, b)
    same(launch, running, np.array(steps, np.int32), a, b)


@pytest.mark.parametrize("axis", [0, 1])
def test_scans(launch: Launch, axis: int, rng: np.random.Generator) -> None:
    x = rng.integers(1, 4, (5, 6)).astype(np.float32)
    x[2, 3] = np.nan
    references = {
        "cumsum": np.cumsum, "cumprod": np.cumprod, "cummax": np.maximum.accumulate,
        "cummin": np.minimum.accumulate,
    }  # fmt: skip
    for name, reference in references.items():
        scan = getattr(tw, name)

        @tw.func
        def function(v):
            return scan(v, axis)  # noqa: B023

        same(launch, function, reference(x, axis=axis), x)


def test_a_scan_without_an_axis_is_flat(launch: Launch) -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    same(launch, tw.cumsum, np.cumsum(x), x)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_scan_runs_either_way(launch: Launch, reverse: bool) -> None:
    x = np.array([0, 3, 0, 5, 0, 0, 8, 0], np.int32)

    @tw.func
    def function(v):
        return tw.scan(v, later, 0, reverse)

    forward, backward = [0, 3, 3, 5, 5, 5, 8, 8], [3, 3, 5, 5, 8, 8, 8, 0]
    same(launch, function, np.array(backward if reverse else forward, np.int32), x)


# --- matrices -----------------------------------------------------------------------------------


@tw.func
def product(a, b):
    return a @ b


@tw.func
def accumulated(a, b):
    return tw.dot(a, b, acc=tw.full((5, 6), 1.0))


@pytest.mark.parametrize("shapes", [((5, 7), (7, 6)), ((3, 5, 7), (3, 7, 6)), ((3, 5, 7), (7, 6))])
def test_products(launch: Launch, shapes: Any, rng: np.random.Generator) -> None:
    a, b = (rng.integers(-4, 5, shape).astype(np.float32) for shape in shapes)
    same(launch, product, a @ b, a, b)
    whole = a.astype(np.int8), b.astype(np.int8)
    same(launch, product, (a @ b).astype(np.int32), *whole)
    same(launch, product, a @ b, a.astype(np.float16), b.astype(np.float16))
    if len(shapes[0]) == 2:
        same(launch, accumulated, a @ b + 1, a, b)


# --- python -------------------------------------------------------------------------------------


@tw.func
def pythonic(v):
    total = 0 * v
    for k, (factor, name) in enumerate(zip((2, 3), ("a", "b"), strict=True)):
        total += v * factor * (k + 1) + (len(name) if isinstance(name, str) else 100)
    return max(total, min(v, 4), 1) + int(2.9) + float(len(v)) + len((1, 2)) + abs(-3)


def test_pythons_functions(launch: Launch) -> None:
    v = np.arange(6, dtype=np.float32)
    total = v * 2 + 1 + v * 6 + 1
    same(launch, pythonic, np.maximum(np.maximum(total, np.minimum(v, 4)), 1) + 2 + 6 + 2 + 3, v)


# --- memory -------------------------------------------------------------------------------------


def masked(x, p, out, N: tw.constexpr):
    i = tw.arange(N)
    v = tw.load(x, i, mask=i % 2 == 0, fill=-1)
    w = tw.load(p.ptr + i, mask=i < 5, fill=100)
    tw.store(out, (0, i), v + w, mask=i != 3)
    tw.store(out, (1, tw.block(2, N)), v)
    tw.store(out.ptr + 2 * N + i, w, mask=i > 0)


def test_loads_and_stores(launch: Launch) -> None:
    n = 8
    x, p = np.arange(6, dtype=np.int32) + 10, np.arange(n, dtype=np.int32)
    out = np.full((3, n), 7, np.int32)
    launch(masked, x, p, out, N=n)
    i = np.arange(n)
    v = np.where(i % 2 == 0, np.where(i < 6, i + 10, -1), -1)
    w = np.where(i < 5, i, 100)
    np.testing.assert_array_equal(out[0], np.where(i != 3, v + w, 7))
    np.testing.assert_array_equal(out[1], [7, 7, *v[:6]])
    np.testing.assert_array_equal(out[2], np.where(i > 0, w, 7))


# --- debug --------------------------------------------------------------------------------------


def printing(x, n):
    tw.print("n is", n, "and", x[1])
    print("done")


def test_prints_in_program_order(launch: Launch, capfd: pytest.CaptureFixture[str]) -> None:
    launch(printing, np.arange(3, dtype=np.float32), 5)
    assert capfd.readouterr().out == "n is 5 and 1.0\ndone\n"


def checked(x, n):
    tw.static_assert(x.ndim == 1, "one axis")
    tw.assume(n > 0)
    tw.multiple_of(n, 4)
    tw.device_assert(x[0] < n, "x is too large")
    x[0] = 1.0


def test_assertions_pass_where_they_hold(launch: Launch) -> None:
    x = np.zeros(3, np.float32)
    launch(checked, x, 8)
    assert x[0] == 1


def test_a_static_assertion_is_a_compile_error(launch: Launch) -> None:
    with pytest.raises(tw.CompileError, match="static assertion failed: one axis"):
        launch(checked, np.zeros((3, 3), np.float32), 8)
