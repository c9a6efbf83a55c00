"""Section 4 of LANGUAGE.md, last row: tuples, NamedTuples, frozen dataclasses, by field."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]
F32 = np.float32


class Pair(NamedTuple):
    a: Any
    b: Any = 2.0


class Swapped(NamedTuple):
    b: Any
    a: Any


class Nest(NamedTuple):
    pair: Any
    rest: tuple[Any, ...]


@dataclass(frozen=True)
class Complex:
    re: Any
    im: Any = 0.0

    @tw.func
    def times(self, other):
        return Complex(self.re * other.re - self.im * other.im, cross(self, other))


@dataclass(frozen=True, slots=True)
class Config:
    x: Any
    activation: Any = "relu"
    kind: Any = tw.f32
    limit: Any = None
    block: tw.constexpr = 8


VECTOR = "f32[::1]"
NESTED = "(f64, i64, (f32[:],))"


class Typed(NamedTuple):
    count: tw.i64
    scale: tw.f64
    data: VECTOR
    block: tw.constexpr = 8


@tw.func
def cross(a, b):
    return a.re * b.im + a.im * b.re


@tw.func
def plus(p, q=Pair(0.25)):  # noqa: B008 - a constant
    return Pair(p.a + q.a, b=p.b + q.b)


@tw.func
def divided(n, d):
    if d == 0:
        return Pair(0, 0)
    return Pair(n // d, n % d)


@tw.func
def relu(v):
    return tw.maximum(v, 0.0)


@tw.func
def negated(v):
    return -v


def rows(rng: np.random.Generator, count: int, size: int = 8) -> list[Array]:
    return [rng.standard_normal(size, dtype=F32) for _ in range(count)]


def assert_is_sum(out: Array, *terms: Any) -> None:
    """Sums may cancel: what rounding can do to one is known by the sum of its terms' sizes.

    Each addition rounds once, and so do up to four products, here and in the kernel, of a term.
    """
    exact = [np.asarray(term, np.float64) for term in terms]
    size = np.sum([np.broadcast_to(np.abs(term), out.shape) for term in exact], axis=0)
    rounding = np.finfo(out.dtype).eps / 2
    error = np.abs(out - sum(exact))
    assert np.all(error <= (len(terms) + 4) * rounding * size), (out, sum(exact))


def by_name(p, out):
    i = tw.arange(8)
    out[i] = p.a[i] * p.b


def by_index(p, out):
    i = tw.arange(8)
    out[i] = p[0][i] * p[-1]


def unpacked(p, out):
    i = tw.arange(8)
    a, b = p
    out[i] = a[i] * b


@pytest.mark.parametrize(
    ("kernel", "make"),
    [
        (by_name, Pair),
        (by_index, Pair),
        (unpacked, Pair),
        (by_index, lambda a, b: (a, b)),
        (unpacked, lambda a, b: (a, b)),
        (by_name, lambda a, b: Swapped(b=b, a=a)),
    ],
)
def test_fields_are_reached_by_name_by_index_and_by_unpacking(
    launch: Launch, rng: np.random.Generator, guarded: Guarded, kernel: Any, make: Any
) -> None:
    (x,), out = rows(rng, 1), guarded(8)
    launch(kernel, make(x, 1.5), out)
    np.testing.assert_array_equal(out, x * F32(1.5))


def test_structs_nest(launch: Launch, rng: np.random.Generator, guarded: Guarded) -> None:
    def kernel(n, out):
        i = tw.arange(8)
        first, (second, third) = n.rest
        out[i] = n.pair.re[i] + n.pair.im + first[i] * second.a + third[i] * n.rest[1][0].b

    (x, y, z), out = rows(rng, 3), guarded(8)
    launch(kernel, Nest(Complex(x, 2.0), (y, (Pair(3.0, 0.5), z))), out)
    assert_is_sum(out, x, 2, y * 3, z * F32(0.5))


def test_len_zip_enumerate_and_loops_go_through_fields(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(arrays, weights, out):
        i = tw.arange(8)
        total = tw.zeros(8)
        for k, (array, weight) in enumerate(zip(arrays, weights, strict=True)):
            total += array[i] * weight * (k + 1)
        for array in arrays[1:]:
            total += array[i]
        out[i] = total + len(arrays)

    arrays, out = rows(rng, 3), guarded(8)
    launch(kernel, tuple(arrays), (0.5, 1.0, 2.0), out)
    a, b, c = arrays
    assert_is_sum(out, a * 0.5, b * 2, c * 6, b, c, 3)


def test_an_empty_tuple_and_a_tuple_of_one(launch: Launch, guarded: Guarded) -> None:
    def kernel(none, one, out):
        out[tw.arange(4)] = tw.arange(4) * one[0] + len(none)

    out = guarded(4, np.int32)
    launch(kernel, (), (3,), out)
    np.testing.assert_array_equal(out, np.arange(4) * 3)


def test_numbers_in_structs_have_the_types_of_arguments(launch: Launch, guarded: Guarded) -> None:
    def kernel(s, out):
        tw.static_assert(s[0].dtype == tw.i32)
        tw.static_assert(s[1].dtype == tw.f32)
        tw.static_assert(s[2].dtype == tw.bool_)
        tw.static_assert(s[3].dtype == tw.i64)
        tw.static_assert(s[4].dtype == tw.f16)
        out[0] = s[0] + s[1] + s[2] + s[3] + s[4]

    out = guarded(1, np.float64)
    launch(kernel, (1, 2.0, True, 1 << 40, np.float16(0.5)), out)
    assert out[0] == F32(4.5 + 2.0**40)


def test_strings_none_dtypes_and_functions_are_constants(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(c, f, out):
        i = tw.arange(c.block)
        v = c.x[i].to(c.kind)
        if c.activation == "relu":
            v = tw.maximum(v, 0.0)
        if c.limit is not None:
            v = tw.minimum(v, c.limit)
        out[i] = f[0](v).to(tw.f32)

    (x,), out = rows(rng, 1), guarded(8)
    launch(kernel, Config(x), (negated,), out)
    np.testing.assert_array_equal(out, -np.maximum(x, 0))
    launch(kernel, Config(x, "none", tw.f16, 0.25), (relu,), out)
    np.testing.assert_array_equal(out, np.maximum(np.minimum(x.astype(np.float16), 0.25), 0))
    launch(kernel, Config(x, limit=-1.0, block=4, kind=np.float32), (negated,), out)
    np.testing.assert_array_equal(out[:4], np.full(4, 1.0))


def test_annotations_of_fields_fix_types(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(t: Typed, out):
        tw.static_assert(t.count.dtype == tw.i64)
        tw.static_assert(t.scale.dtype == tw.f64)
        i = tw.arange(t.block)
        out[i] = t.data[i] * t.scale + t.count

    (x,), out = rows(rng, 1), guarded(8, np.float64)
    launch(kernel, Typed(3, 0.1, x), out)
    assert_is_sum(out, x * np.float64(0.1), 3)


def test_a_text_annotates_a_tuple(launch: Launch, guarded: Guarded) -> None:
    def kernel(t: NESTED, out):
        out[0] = t[0] * t[1] + t[2][0][1]

    out = guarded(1, np.float64)
    launch(kernel, (0.1, 7, (np.array([1, 2], F32),)), out)
    assert out[0] == np.float64(0.1) * 7 + 2


def test_functions_take_build_and_return_structs(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(x, y, out):
        i = tw.arange(8)
        z = Complex(x[i], im=y[i])
        w = z.times(Complex(2.0)).times(z)
        p = plus(plus(Pair(w.re)), q=Pair(w.im, 1.0))
        out[0, i] = p.a
        out[1, i] = p.b

    (x, y), out = rows(rng, 2), guarded((2, 8))
    launch(kernel, x, y, out)
    assert_is_sum(out[0], 2 * x * x, -2 * y * y, 0.25, 4 * x * y)
    np.testing.assert_array_equal(out[1], np.full(8, 5.0))


def test_a_function_left_early_returns_a_struct(launch: Launch, guarded: Guarded) -> None:
    def kernel(n, d, out):
        i = tw.arange(8)
        one = divided(n[0], d[0])
        out[0, 0], out[0, 1] = one.a, one.b
        each = divided(n[i], d[i])
        out[1, i], out[2, i] = each

    n = np.array([17, 5, -9, 8, 0, 3, 100, 7], np.int32)
    d = np.array([5, 0, 4, -3, 7, 0, 9, 7], np.int32)
    out = guarded((3, 8), np.int32)
    launch(kernel, n, d, out)
    safe = np.where(d == 0, 1, d)
    np.testing.assert_array_equal(out[0, :2], [3, 2])
    np.testing.assert_array_equal(out[1], np.where(d == 0, 0, n // safe))
    np.testing.assert_array_equal(out[2], np.where(d == 0, 0, n % safe))


def test_a_loop_carries_a_struct(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(x, out, n):
        i = tw.arange(8)
        s = Nest(Pair(0, 0.0), (x, "constant"))
        for k in range(n):
            v = s.rest[0][i] * k
            s = Nest(Pair(s.pair.a + 1, s.pair.b + v), s.rest)
        out[i] = s.pair.a + s.pair.b

    (x,), out = rows(rng, 1), guarded(8)
    launch(kernel, x, out, 5)
    assert_is_sum(out, 5, *(x * k for k in range(5)))


def test_loops_in_loops_carry_structs(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(x, out, n):
        i = tw.arange(8)
        s = Pair(Pair(0, x[i]), 1.0)
        for k in range(n):
            j = 0
            while j < k:
                s = s._replace(a=plus(s.a, Pair(j, 1)))
                j += 1
            s = Pair(s.a, s.b * 2)
        out[0, i] = s.a.b + s.a.a
        out[1, i] = s.b

    (x,), out = rows(rng, 1), guarded((2, 8))
    launch(kernel, x, out, 5)
    total = sum(j for k in range(5) for j in range(k))
    assert_is_sum(out[0], x, 10, total)
    np.testing.assert_array_equal(out[1], np.full(8, 32.0))


def test_a_branch_chooses_between_structs(launch: Launch, guarded: Guarded) -> None:
    def kernel(n, out):
        p = Pair(1, 2.0)
        if n > 3:
            p = Pair(n, p.b * n)
        q = Pair(n, 1) if n > 4 else Pair(0, 1)
        out[0], out[1], out[2], out[3] = p.a, p.b, q.a, q.b

    out = guarded(4)
    for n, expected in ((3, [1, 2, 0, 1]), (4, [4, 8, 0, 1]), (5, [5, 10, 5, 1])):
        launch(kernel, n, out)
        np.testing.assert_array_equal(out, expected)


def test_lanes_merge_each_field_by_itself(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(x, out, n):
        i = tw.arange(8)
        v = x[i]
        s = Nest(Pair(v, n), (x, n * 2))
        if v > 0:
            s = Nest(s.pair._replace(a=v * 2), s.rest)
        while s.pair.a < 4.0:
            s = s._replace(pair=Pair(s.pair.a + 1.0, s.pair.b))
        tw.static_assert(s.pair.b.shape == ())  # it is the same on all paths
        out[0, i] = s.pair.a
        out[1, 0] = s.pair.b + s.rest[1]
        out[1, 1] = s.rest[0][3]
        t = Pair(v, n) if v > 0 else Pair(0.0, n)
        out[2, i] = t.a

    (x,), out = rows(rng, 1), guarded((3, 8))
    launch(kernel, x, out, 7)
    a = np.where(x > 0, x * 2, x)
    while (a < 4).any():
        a = np.where(a < 4, a + F32(1), a)
    np.testing.assert_array_equal(out[0], a)
    assert out[1, 0] == 21
    assert out[1, 1] == x[3]
    np.testing.assert_array_equal(out[2], np.where(x > 0, x, 0))


def test_a_scalar_field_becomes_a_tile_where_lanes_change_it(
    launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    def kernel(x, out):
        i = tw.arange(8)
        v = x[i]
        s = Pair(0, 1.0)
        for k in range(4):
            if v < k:
                continue
            s = Pair(s.a + 1, s.b + v)
        out[0, i], out[1, i] = s

    (x,), out = rows(rng, 1), guarded((2, 8))
    x *= 3
    launch(kernel, x, out)
    count = sum((x >= k).astype(int) for k in range(4))
    np.testing.assert_array_equal(out[0], count)
    assert_is_sum(out[1], 1, count * x)


def test_replace_makes_another_struct(launch: Launch, guarded: Guarded) -> None:
    def kernel(p, out):
        q = p._replace(b=p.a)
        z = dataclasses.replace(Complex(1.0, 2.0), im=q.b)
        out[0], out[1], out[2], out[3] = q.a, q.b, z.re, z.im
        out[4] = p.b

    out = guarded(5)
    launch(kernel, Pair(3.0, 4.0), out)
    np.testing.assert_array_equal(out, [3, 3, 1, 3, 4])


def test_a_struct_may_be_a_constexpr_and_a_default(launch: Launch, guarded: Guarded) -> None:
    def kernel(out, shape: tw.constexpr, p=Pair(2, 3)):  # noqa: B008 - a constant
        tile = tw.full((shape.a, shape.b), p.a * p.b)
        out[0] = tw.sum(tile)

    out = guarded(1, np.int32)
    launch(kernel, out, Pair(4, 8))
    assert out[0] == 4 * 8 * 6
    launch(kernel, out, shape=Pair(4, 2), p=Pair(1, b=5))
    assert out[0] == 4 * 2 * 5


def test_isinstance_tells_structs_apart(launch: Launch, guarded: Guarded) -> None:
    def kernel(p, out):
        out[0] = 1 if isinstance(p, Pair) else 2
        out[1] = 1 if isinstance(p, tuple) else 2
        out[2] = 1 if isinstance(p, Complex) else 2

    out = guarded(3, np.int32)
    for struct, expected in (
        (Pair(1, 2), [1, 1, 2]), ((1, 2), [2, 1, 2]), (Complex(1, 2), [2, 2, 1]),
    ):  # fmt: skip
        launch(kernel, struct, out)
        np.testing.assert_array_equal(out, expected)


def test_captured_structs_are_constants(launch: Launch, guarded: Guarded) -> None:
    scale = Complex(np.float32(0.5), 3)

    def kernel(out):
        i = tw.arange(scale.im)
        out[i] = scale.re * i

    out = guarded(3)
    launch(kernel, out)
    np.testing.assert_array_equal(out, [0, 0.5, 1])


def test_a_pointer_and_a_sub_array_stand_in_structs(launch: Launch, guarded: Guarded) -> None:
    def kernel(p, out):
        q = Pair(p.a.ptr, p.a[1])
        i = tw.arange(4)
        out[i] = tw.load(q.a + i) + q.b[i]

    x, out = np.arange(8, dtype=F32).reshape(2, 4), guarded(4)
    launch(kernel, Pair(x), out)
    np.testing.assert_array_equal(out, x[0] + x[1])
