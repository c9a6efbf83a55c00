"""Section 5 of LANGUAGE.md: atomics, by themselves, among lanes, beside other accesses."""

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
Guarded = Callable[..., Array]

UPDATES: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda old, value: old + value,
    "max": np.maximum,
    "min": np.minimum,
    "and_": lambda old, value: old & value,
    "or_": lambda old, value: old | value,
    "xor": lambda old, value: old ^ value,
    "xchg": lambda old, value: value,
}
INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
BOOLEAN = "?"  # computed with as an integer: a sum that is not zero is true
FLOATS = ("f2", "f4", "f8", ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2)


def one_by_one(
    kind: str, x: Array, places: Array, values: Array, mask: Array | None = None
) -> Array:
    """What NumPy's scalars become, one element after another; the old ones. 1-D arrays only."""
    old = np.zeros(places.shape, x.dtype)
    for at in np.ndindex(places.shape):
        k = places[at]
        if 0 <= k < x.size and (mask is None or mask[at]):
            old[at] = x[k]
            with np.errstate(all="ignore"):
                x[k] = np.asarray(UPDATES[kind](x[k], values[at])).astype(x.dtype)
    return old


def whole_numbers(rng: np.random.Generator, dtype: str, count: int) -> Array:
    """All that a dtype has, equally often."""
    if dtype == BOOLEAN:
        return rng.random(count) < 0.5
    ends = np.iinfo(dtype)
    return rng.integers(ends.min, ends.max, count, dtype, endpoint=True)


def sorted_by_place(values: Array, places: Array) -> Array:
    """What lanes got where several had a place: the least to the first of them."""
    found = np.empty_like(values)
    found[np.argsort(places, kind="stable")] = values[np.lexsort((values, places))]
    return found


def kernel_of(kind: str) -> Callable[..., None]:
    """`old[i] = tw.atomic_kind(x, places[i], values[i], mask=mask[i])`."""
    atomic = getattr(tw, f"atomic_{kind}")

    def replaces(x, places, values, mask, old, N: tw.constexpr):
        i = tw.arange(N)
        old[i] = atomic(x, places[i], values[i], mask=mask[i])

    return replaces


# --- what becomes of elements --------------------------------------------------------------------


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.parametrize("dtype", [*INTEGERS, BOOLEAN])
@pytest.mark.parametrize("kind", UPDATES)
def test_integers(
    kind: str, dtype: str, launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    x, values = whole_numbers(rng, dtype, 7), whole_numbers(rng, dtype, 45)
    places, mask = rng.integers(-2, 9, 45).astype(np.int32), rng.random(45) < 0.7
    want = x.copy()
    old_wanted = one_by_one(kind, want, places, values, mask)
    got, old = guarded(x), guarded((45,), dtype)
    launch(kernel_of(kind), got, places, values, mask, old, N=45)
    assert got.tolist() == want.tolist()
    assert old.tolist() == old_wanted.tolist()


@pytest.mark.parametrize("dtype", [*INTEGERS, BOOLEAN])
@pytest.mark.parametrize("kind", [kind for kind in UPDATES if kind != "xchg"])
def test_integers_whatever_the_order(
    kind: str, dtype: str, launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    x, values = whole_numbers(rng, dtype, 7), whole_numbers(rng, dtype, 300)
    places, mask = rng.integers(-2, 9, 300).astype(np.int32), rng.random(300) < 0.7
    want = x.copy()
    one_by_one(kind, want, places, values, mask)
    got = guarded(x)
    launch(kernel_of(kind), got, places, values, mask, guarded((300,), dtype), N=300)
    assert got.tolist() == want.tolist()


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kind", ["add", "max", "min", "xchg"])
def test_floats(
    kind: str, dtype: Any, launch: Launch, rng: np.random.Generator, guarded: Guarded
) -> None:
    """Sums are rounded once each, in row-major order; NaN wins."""
    some = np.concatenate([rng.standard_normal(40) * 4, [np.nan, np.inf, -np.inf, 0.0, 448.0]])
    x, values = rng.choice(some, 9).astype(dtype), rng.choice(some, 50).astype(dtype)
    x[0] = 1.0
    places = rng.integers(-1, 10, 50).astype(np.int64)
    want = x.astype(np.float32 if np.dtype(dtype).itemsize < 4 else dtype)
    given = values.astype(want.dtype)
    old_wanted = np.zeros(50, want.dtype)
    for n, k in enumerate(places):  # rounded to the dtype after each step
        if 0 <= k < 9:
            old_wanted[n] = want[k]
            with np.errstate(all="ignore"):
                raw = UPDATES[kind](want[k], given[n])
                raw = np.clip(raw, -448, 448) if dtype is ml_dtypes.float8_e4m3fn else raw
                want[k] = np.asarray(raw).astype(dtype).astype(want.dtype)
    got, old = guarded(x), guarded((50,), dtype)
    launch(kernel_of(kind), got, places, values, np.ones(50, np.bool_), old, N=50)
    np.testing.assert_array_equal(got.astype(want.dtype), want)
    np.testing.assert_array_equal(old.astype(want.dtype), old_wanted)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_subnormal_numbers_are_added_up(
    dtype: str, launch: Launch, rng: np.random.Generator
) -> None:
    """Small beside small, beside zero, beside what makes the sum small, and beside large."""
    unit = np.finfo(dtype).smallest_subnormal
    least = np.finfo(dtype).smallest_normal
    near = least * rng.choice([1.0, 1.5, 1.25], 4).astype(dtype)
    x = np.array([0, 7 * unit, -3 * unit, *near, 1, 5 * unit, -0.0], dtype)
    values = np.array([3 * unit, 5 * unit, 2 * unit, *(5 * unit - near), 9 * unit, 0, 0], dtype)
    wanted = x + values

    def adds(x, values, N: tw.constexpr):
        i = tw.arange(N)
        tw.atomic_add(x, i, values[i])

    launch(adds, x, values, N=x.size)
    assert x.tolist() == wanted.tolist()


def exchanges(x, places, expected, values, old, N: tw.constexpr):
    i = tw.arange(N)
    old[i] = tw.atomic_cas(x, places[i], expected[i], values[i])


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, "?"], ids=str)
def test_compare_and_exchange(dtype: Any, launch: Launch, rng: np.random.Generator) -> None:
    """Bit for bit: -0.0 is not 0.0, and a NaN is the same NaN."""
    some = np.array([0.0, -0.0, 1.0, np.nan]) if np.dtype(dtype).kind in "fV" else np.arange(3)
    x, expected, values = (rng.choice(some, n).astype(dtype) for n in (6, 60, 60))
    places = rng.integers(0, 6, 60).astype(np.int32)
    want, old_wanted = x.copy(), np.zeros(60, dtype)
    for n, k in enumerate(places):
        old_wanted[n] = want[k]
        if want[k].tobytes() == expected[n].tobytes():
            want[k] = values[n]
    old = np.zeros(60, dtype)
    launch(exchanges, x, places, expected, values, old, N=60)
    assert x.tobytes() == want.tobytes()
    assert old.tobytes() == old_wanted.tobytes()


def casts(x, y, old):
    i = tw.arange(4)
    old[i] = tw.atomic_add(x, i, 3.9)
    tw.atomic_xchg(x, 3, 300)
    tw.atomic_max(y, i, i)


def test_values_are_cast_as_a_store_casts(launch: Launch) -> None:
    x, y, old = np.zeros(4, np.int8), np.full(4, 1.5, np.float32), np.ones(4, np.int8)
    launch(casts, x, y, old)
    assert x.tolist() == [3, 3, 3, 44]
    assert y.tolist() == [1.5, 1.5, 2.0, 3.0]
    assert old.tolist() == [0] * 4


# --- what an index means -------------------------------------------------------------------------


def every_index(a, b, c, d, e, single, row, p, out):
    i, j = tw.arange(3), tw.arange(5)
    tw.static_assert(tw.atomic_add(a, (i[:, None], j), 1).shape == (3, 5))
    tw.static_assert(tw.atomic_add(b, (i, 2), i).shape == (3,))
    tw.static_assert(tw.atomic_add(c, (tw.block(1, 4), tw.block(-1, 4)), 1).shape == (4, 4))
    tw.static_assert(tw.atomic_add(d, (i, tw.block(2, 4)), i[:, None]).shape == (3, 4))
    tw.static_assert(tw.atomic_add(e, (1, 2), j).shape == (5,))
    tw.static_assert(tw.atomic_add(e, (1, 2), 1, mask=j > 1).shape == (5,))
    tw.static_assert(tw.atomic_add(e, (0, 0), 2).shape == ())
    tw.static_assert(tw.atomic_add(e, (0, 0), 2).dtype == tw.i32)
    tw.atomic_add(single, (), 7)
    tw.atomic_add(single, (), j)
    tw.atomic_add(row[2], j, j)
    q = p.ptr + j
    out[0, j] = tw.atomic_add(q, j + 1)
    out[1, j] = tw.atomic_cas(q, 3, 9, mask=j < 4)
    out[2, 0] = tw.atomic_xchg(p.ptr, 5)
    tw.atomic_add(p.ptr + 4, j)


def test_every_form_of_an_index(launch: Launch) -> None:
    a, b, c, d, e, row = (np.zeros((4, 6), np.int32) for _ in range(6))
    single, p, out = (
        np.zeros((), np.int32),
        np.arange(5).astype(np.int32),
        np.zeros((3, 5), np.int32),
    )
    launch(every_index, a, b, c, d, e, single, row, p, out)
    i, j = np.arange(3), np.arange(5)
    wa, wb, wc, wd = (np.zeros((4, 6), np.int32) for _ in range(4))
    wa[:3, :5] = 1
    wb[i, 2] = i
    wc[1:4, 0:3] = 1
    wd[:3, 2:6] = i[:, None]
    for got, want in zip((a, b, c, d), (wa, wb, wc, wd), strict=True):
        assert got.tolist() == want.tolist()
    assert (e[1, 2], e[0, 0], e.sum()) == (13, 4, 17)
    assert single == 17
    assert row[2].tolist() == [*j, 0] and row.sum() == 10
    assert p.tolist() == [5, 9, 5, 7, 19]
    assert out.tolist() == [[0, 1, 2, 3, 4], [1, 3, 5, 7, 0], [1, 0, 0, 0, 0]]


def outside(x, out, N: tw.constexpr):
    out[0] = tw.atomic_add(x, N, 1)
    out[1] = tw.atomic_add(x, -1, 1)
    out[2] = tw.atomic_cas(x, N + 5, 0, 1)
    i = tw.arange(8) * 2 - 5
    tw.store(out, 3 + tw.arange(8), tw.atomic_xchg(x, i, 7))


def test_outside_nothing_happens_and_the_result_is_zero(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.full(6, 3, np.int32)), guarded((11,), np.int32)
    launch(outside, x, out, N=6)
    assert x.tolist() == [3, 7, 3, 7, 3, 7]
    assert out.tolist() == [0, 0, 0, 0, 0, 0, 3, 3, 3, 0, 0]


# --- beside other accesses, and each done once ---------------------------------------------------


def in_program_order(x, out, N: tw.constexpr):
    i = tw.arange(N)
    before = x[i]
    old = tw.atomic_add(x, i // 2, 1)
    after = x[i]
    x[i] = after * 10
    last = tw.atomic_add(x, N - 1 - i, 1)
    out[0, i] = before
    out[1, i] = old
    out[2, i] = after
    out[3, i] = last
    out[4, i] = x[i]
    out[5, 0] = tw.sum(old)
    out[6, i] = tw.flip(old)


@pytest.mark.parametrize("count", [1, 7, 16, 50])
def test_a_program_sees_its_accesses_in_order(
    count: int, launch: Launch, rng: np.random.Generator
) -> None:
    x = rng.integers(0, 100, count).astype(np.int32)
    out = np.full((7, count), -1, np.int32)
    want = x.copy()
    i = np.arange(count)
    old = one_by_one("add", want, i // 2, np.ones(count, np.int32))
    before, after, last = x.tolist(), want.tolist(), (want * 10)[::-1].tolist()
    launch(in_program_order, x, out, N=count)
    assert [out[0].tolist(), *out[2:4].tolist()] == [before, after, last]
    assert sorted_by_place(out[1], i // 2).tolist() == old.tolist()
    assert out[4].tolist() == x.tolist() == (want * 10 + 1).tolist()
    assert out[5, 0] == old.sum()
    assert out[6].tolist() == out[1, ::-1].tolist()


def two_names(x, y, out):
    i = tw.arange(8)
    before = y[i]
    tw.atomic_add(x, i, 5)
    out[0, i] = before
    out[1, i] = y[i]
    y[i] = 1
    out[2, i] = tw.atomic_add(x, i, 5)


def test_arrays_that_overlap(launch: Launch) -> None:
    x, out = np.zeros(8, np.int32), np.zeros((3, 8), np.int32)
    launch(two_names, x, x, out)
    assert out.tolist() == [[0] * 8, [5] * 8, [1] * 8]
    assert x.tolist() == [6] * 8


def used_everywhere(x, out, total, N: tw.constexpr):
    i = tw.arange(N)
    old = tw.atomic_add(x, i % 3, 1)
    out[0, i] = old * old + tw.sqrt(old.to(tw.f32)).to(tw.i32)
    out[1, i] = old - tw.max(old)
    total[0] = tw.sum(old)
    for k in range(3):
        out[2, i] = out[2, i] + old + k
    square = tw.reshape(old, (2, N // 2))
    total[1] = tw.sum(tw.max(square, axis=1))


def test_an_atomic_is_done_once_however_often_its_result_is_used(launch: Launch) -> None:
    n = 40
    x, out, total = np.zeros(3, np.int32), np.zeros((3, n), np.int32), np.zeros(2, np.int32)
    launch(used_everywhere, x, out, total, N=n)
    old = out[1] + 13
    assert sorted_by_place(old, np.arange(n) % 3).tolist() == (np.arange(n) // 3).tolist()
    assert x.tolist() == [14, 13, 13]
    assert out[0].tolist() == (old * old + np.sqrt(old).astype(np.int32)).tolist()
    assert out[2].tolist() == (3 * old + 3).tolist()
    assert total.tolist() == [old.sum(), old.reshape(2, n // 2).max(1).sum()]


def in_loops(x, count, n, out):
    i = tw.arange(8)
    for k in range(n):
        if k % 3 == 1:
            continue
        if k > 6:
            break
        tw.atomic_add(x, i, k)
        tw.atomic_add(count, 0, 1)
        out[k] = tw.atomic_max(count, 1, count[0] * 2)


def test_atomics_in_scalar_control_flow(launch: Launch) -> None:
    x, count, out = np.zeros(8, np.int32), np.zeros(2, np.int32), np.zeros(20, np.int32)
    launch(in_loops, x, count, 20, out)
    assert x.tolist() == [0 + 2 + 3 + 5 + 6] * 8
    assert count.tolist() == [5, 10]
    assert out[:7].tolist() == [0, 0, 2, 4, 0, 6, 8]


# --- lanes ---------------------------------------------------------------------------------------


def compacts(x, out, count, N: tw.constexpr):
    i = tw.arange(N)
    v = x[i]
    if v > 0:
        place = tw.atomic_add(count, 0, 1)
        out[place] = v


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.parametrize("count", [1, 5, 16, 77])
def test_lanes_share_a_scalar_index(count: int, launch: Launch, rng: np.random.Generator) -> None:
    x = rng.integers(-9, 10, count).astype(np.int32)
    out, total = np.zeros(count, np.int32), np.zeros(1, np.int32)
    launch(compacts, x, out, total, N=count)
    positive = x[x > 0]
    assert total[0] == positive.size
    assert out[: positive.size].tolist() == positive.tolist()


def lanes_two(x, keys, old, M: tw.constexpr, N: tw.constexpr):
    i, j = tw.arange(M)[:, None], tw.arange(N)
    key = keys[i, j]
    was = tw.full((M, N), -1, tw.i32)
    if key >= 0:
        if i < 4:
            was = tw.atomic_add(x, key, j)
        else:
            tw.atomic_min(x, key, i)
        was += 100
        tw.atomic_add(x, 0, 1)
    old[i, j] = was


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
def test_lanes_of_a_condition(launch: Launch, rng: np.random.Generator) -> None:
    keys = rng.integers(-3, 9, (7, 11)).astype(np.int32)
    x, old = np.full(8, 50, np.int32), np.zeros((7, 11), np.int32)
    want, was = x.copy(), np.full((7, 11), -1, np.int32)
    i, j = np.indices((7, 11))
    on = keys >= 0
    was[on & (i < 4)] = one_by_one("add", want, keys, j, on & (i < 4))[on & (i < 4)]
    one_by_one("min", want, keys, i, on & (i >= 4))
    want[0] += on.sum()
    was[on] += 100
    launch(lanes_two, x, keys, old, M=7, N=11)
    assert x.tolist() == want.tolist()
    assert old.tolist() == was.tolist()


def lanes_loop(x, start, steps, N: tw.constexpr):
    i = tw.arange(N)
    n = start[i]
    k = tw.zeros(N, tw.i32)
    while n != 1:
        tw.atomic_add(x, n % 8, 1)
        if k > 50:
            break
        n = tw.where(n % 2 == 0, n // 2, 3 * n + 1)
        k += 1
    steps[i] = k


def test_lanes_of_a_loop(launch: Launch, rng: np.random.Generator) -> None:
    start = rng.integers(1, 100, 37).astype(np.int32)
    x, steps = np.zeros(8, np.int32), np.zeros(37, np.int32)
    want, taken = np.zeros(8, np.int32), np.zeros(37, np.int32)
    for lane, n in enumerate(start.tolist()):
        while n != 1:
            want[n % 8] += 1
            if taken[lane] > 50:
                break
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            taken[lane] += 1
    launch(lanes_loop, x, start, steps, N=37)
    assert x.tolist() == want.tolist()
    assert steps.tolist() == taken.tolist()


@tw.func
def claim(flags, k):
    return tw.atomic_cas(flags, k, 0, 1) == 0


def lanes_that_return(flags, keys, out, n, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    if i >= n:
        return
    if claim(flags, keys[i]):
        out[i] = 1


def test_lanes_that_have_returned_do_nothing(launch: Launch, rng: np.random.Generator) -> None:
    keys = rng.integers(0, 20, 70).astype(np.int32)
    flags, out = np.zeros(20, np.int32), np.zeros(70, np.int32)
    launch(lanes_that_return, flags, keys, out, 61, N=16, grid=5)
    assert set(np.flatnonzero(flags)) == set(keys[:61].tolist())
    assert out[:61].sum() == flags.sum() and not out[61:].any()
    assert sorted(keys[out == 1].tolist()) == sorted(set(keys[:61].tolist()))


def narrow_in_a_wide_loop(x, y, z, a, out, N: tw.constexpr, M: tw.constexpr):
    i, j = tw.arange(N)[:, None], tw.arange(M)
    rows = a[i, 0]
    total = tw.zeros((N, M), tw.i32)
    while rows > 0:
        tw.atomic_add(x, i, rows)
        tw.atomic_max(y.ptr + i, rows * 3)
        if rows % 2 == 0:
            tw.atomic_add(z, 0, 1)
        total += rows + j
        rows -= 1
    out[i, j] = total


@pytest.mark.parametrize(("n", "m"), [(1, 1), (4, 8), (3, 70), (33, 5), (1, 40), (40, 1)])
def test_atomics_narrower_than_what_their_loop_computes(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int, m: int
) -> None:
    x, y, z = (guarded(np.zeros(k, np.int32)) for k in (n, n, 1))
    a, out = rng.integers(0, 9, (n, 1)).astype(np.int32), guarded((n, m), np.int32)
    launch(narrow_in_a_wide_loop, x, y, z, a, out, N=n, M=m)
    rounds = [range(int(k), 0, -1) for k in a[:, 0]]
    assert [sum(r) for r in rounds] == x.tolist()
    assert [3 * max(r, default=0) for r in rounds] == y.tolist()
    assert z[0] == sum(1 for r in rounds for k in r if k % 2 == 0)
    assert [[sum(r) + len(r) * j for j in range(m)] for r in rounds] == out.tolist()


def narrow_and_used(x, a, out):
    i, j = tw.arange(4)[:, None], tw.arange(8)
    rows = a[i, 0]
    total = tw.zeros((4, 8), tw.i32)
    while rows > 0:
        total += tw.atomic_add(x, i, 1) + j
        rows -= 1
    out[i, j] = total


@pytest.mark.host(reason="on a GPU such lanes are taken together")
def test_the_result_of_an_atomic_narrower_than_what_its_loop_computes(mode: str) -> None:
    x, a, out = np.zeros(4, np.int32), np.full((4, 1), 2, np.int32), np.zeros((4, 8), np.int32)
    kernel = tw.kernel(narrow_and_used)
    if mode == "interpreter":
        kernel[1](x, a, out)
        assert x.tolist() == [2] * 4
        return
    with pytest.raises(tw.CompileError, match=r"the result of an atomic of shape \(4, 1\)"):
        kernel[1](x, a, out)
    assert not x.any()


# --- several programs ----------------------------------------------------------------------------


def everybody_adds(x, places, value, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    tw.atomic_add(x, places[i], value)


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS], ids=str)
def test_nothing_is_lost_between_programs(
    dtype: Any, launch: Launch, rng: np.random.Generator
) -> None:
    """Sums that every dtype holds: a count of 8 in each element."""
    places = np.repeat(np.arange(96), 8).astype(np.int32)
    rng.shuffle(places)
    x = np.zeros(96, dtype)
    launch(everybody_adds, x, places, 1, N=32, grid=24)
    assert x.astype(np.float64).tolist() == [8.0] * 96


def last_one_sums(x, partial, done, out, N: tw.constexpr):
    p = tw.program_id(0)
    partial[p] = tw.sum(x[p * N : (p + 1) * N])
    if tw.atomic_add(done, 0, 1, order="acq_rel") == tw.num_programs(0) - 1:
        i = tw.arange(64)
        out[0] = tw.sum(tw.load(partial, i, mask=i < tw.num_programs(0)))


def test_what_was_released_is_there_for_who_acquires(
    launch: Launch, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setenv("TILEWRIGHT_RACES", "1")
    for _ in range(20):
        x = rng.integers(0, 1000, 50 * 16).astype(np.int64)
        partial, done, out = np.zeros(50, np.int64), np.zeros(1, np.int32), np.zeros(1, np.int64)
        launch(last_one_sums, x, partial, done, out, N=16, grid=50)
        assert (done[0], out[0]) == (50, x.sum())


def relaxed_last_one(partial, done, out):
    p = tw.program_id(0)
    partial[p] = p
    if tw.atomic_add(done, 0, 1) == tw.num_programs(0) - 1:
        out[0] = tw.sum(partial[tw.arange(8)])


def atomic_and_read(x, out):
    p = tw.program_id(0)
    if p == 2:
        out[0] = x[0]
    else:
        tw.atomic_add(x, 0, 1)


def atomic_and_write(x, out):
    p = tw.program_id(0)
    if p == 2:
        tw.atomic_add(x, 0, 1)
    else:
        x[0] = 4


@pytest.mark.parametrize("kernel", [relaxed_last_one, atomic_and_read, atomic_and_write])
def test_an_atomic_races_with_plain_accesses(
    kernel: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    monkeypatch.setenv("TILEWRIGHT_RACES", "1")
    arrays = [np.zeros(8, np.int32) for _ in range(kernel.__code__.co_argcount)]
    with pytest.raises(tw.DeviceError, match="race on"):
        tw.kernel(kernel)[8](*arrays)


def one_after_another(x, y, N: tw.constexpr):
    i = tw.arange(N)
    old = tw.atomic_add(x, i, 1)
    x[i] = tw.atomic_xchg(y, i, old + 3, mask=old < 5)


@pytest.mark.parametrize("size", [1, 4, 9])
def test_what_an_atomic_gives_masks_another(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, size: int
) -> None:
    """A mask along one element is asked for before the loop, where no atomic is done yet."""
    before, other = rng.integers(0, 9, (2, size)).astype(np.int32)
    x, y = guarded(before), guarded(other)
    launch(one_after_another, x, y, N=size)
    np.testing.assert_array_equal(x, np.where(before < 5, other, 0))
    np.testing.assert_array_equal(y, np.where(before < 5, before + 3, other))


# --- what is refused -----------------------------------------------------------------------------


def test_a_read_only_array_is_refused(launch: Launch) -> None:
    x = np.zeros(8, np.int32)
    x.flags.writeable = False
    with pytest.raises(tw.LaunchError, match="'x' of everybody_adds: the kernel writes to it"):
        launch(everybody_adds, x, np.zeros(8, np.int32), 1, N=8)
    assert not x.any()


def checked(x, places, values):
    i = tw.arange(4)
    tw.atomic_add(x, places[i], values[i])
    tw.atomic_add(x, places[0], 1, mask=values[0] > 0)


@pytest.mark.parametrize(
    ("places", "values", "message"),
    [
        ([0, 5, 9, 1], [1, 1, 1, 1], None),
        ([0, -2, 1, 1], [1, 1, 1, 1], "index -2"),
        ([9, 1, 1, 1], [1, 1, 1, 1], "index 9"),
        ([9, 1, 1, 1], [0, 1, 1, 1], None),
    ],
)
def test_debug_mode_reports_indices(
    places: list[int], values: list[int], message: str | None, mode: str
) -> None:
    kernel = tw.kernel(debug=True)(checked)
    x = np.zeros(6, np.int32)
    arguments = x, np.array(places, np.int32), np.array(values, np.int32)
    if message is None:
        kernel[1](*arguments)
        return
    with pytest.raises(tw.DeviceError) as caught:
        kernel[1](*arguments)
    assert message in str(caught.value)
    assert "test_atomics.py" in str(caught.value)
