"""Section 2 of LANGUAGE.md: under a tile condition every lane runs for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]

SIZES = [1, 2, 7, 16, 31, 130]


# --- if -----------------------------------------------------------------------------------------


def lane_if(x, out, N: tw.constexpr):
    v = x[0:N]
    if v > 10:
        v = v - 10
        if v % 2 == 0:
            v = v * 100
        else:
            v = -v
    elif v < 0:
        v = tw.zeros_like(v)
    out[0:N] = v


def lane_if_reference(v: int) -> int:
    if v > 10:
        v = v - 10
        return v * 100 if v % 2 == 0 else -v
    return 0 if v < 0 else v


@pytest.mark.parametrize("n", SIZES)
def test_branches_act_lane_by_lane(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x, out = guarded(rng.integers(-20, 40, n).astype(np.int32)), guarded(n, np.int32)
    launch(lane_if, x, out, N=n)
    assert [lane_if_reference(int(v)) for v in x] == out.tolist()


def lane_if_of_two_axes(x, y, out, N: tw.constexpr, M: tw.constexpr):
    v, w = x[0:N], y[0:M]
    t = v[:, None] * w
    if v[:, None] > 0:
        t = t + 1000
        if w > 0:
            t = -t
    out[0:N, 0:M] = t


def test_a_condition_broadcasts_against_what_it_guards(
    launch: Launch, guarded: Guarded, rng: np.random.Generator
) -> None:
    x = guarded(rng.integers(-5, 5, 5).astype(np.int32))
    y = guarded(rng.integers(-5, 5, 11).astype(np.int32))
    out = guarded((5, 11), np.int32)
    launch(lane_if_of_two_axes, x, y, out, N=5, M=11)
    t = x[:, None] * y
    t = np.where(x[:, None] > 0, np.where(y > 0, -(t + 1000), t + 1000), t)
    assert t.tolist() == out.tolist()


def scalar_becomes_tile(x, out, n, N: tw.constexpr):
    last = n
    if x[0:N] > 0:
        last = n + 1
    tw.static_assert(last.shape == (N,))
    out[0:N] = last


def test_a_scalar_assigned_under_a_lane_condition_becomes_a_tile(
    launch: Launch, rng: np.random.Generator
) -> None:
    x = rng.integers(-3, 3, 9).astype(np.int32)
    out = np.zeros(9, np.int32)
    launch(scalar_becomes_tile, x, out, 41, N=9)
    assert np.where(x > 0, 42, 41).tolist() == out.tolist()


def literal_becomes_tile(x, out, N: tw.constexpr):
    sign = 0
    v = x[0:N]
    if v > 0:
        sign = 1
    elif v < 0:
        sign = -1
    half = 0.5
    if v == 0:
        half = 2
    out[0, 0:N] = sign
    out[1, 0:N] = half
    tw.static_assert(sign.dtype == tw.i32)
    tw.static_assert(half.dtype == tw.f32)


def test_weak_values_that_meet_become_strong(launch: Launch) -> None:
    x = np.array([-2, 0, 3, 0, -1], np.float32)
    out = np.zeros((2, 5), np.float32)
    launch(literal_becomes_tile, x, out, N=5)
    assert np.sign(x).tolist() == out[0].tolist()
    assert np.where(x == 0, 2, 0.5).tolist() == out[1].tolist()


def assigned_on_every_path(x, out, N: tw.constexpr):
    v = x[0:N]
    if v < 0:
        name = -v
        other = v * 2
    else:
        name = v + 1
        other = v * 3
    out[0:N] = name + other


def test_a_name_assigned_on_every_path_may_be_used(launch: Launch) -> None:
    x = np.arange(-4, 5, dtype=np.int32)
    out = np.zeros(9, np.int32)
    launch(assigned_on_every_path, x, out, N=9)
    assert np.where(x < 0, -x + x * 2, x + 1 + x * 3).tolist() == out.tolist()


def assigned_on_one_path(x, out, N: tw.constexpr):
    if x[0:N] < 0:
        name = x[0:N]
    out[0:N] = name


def test_a_name_assigned_on_one_path_only_may_not(launch: Launch) -> None:
    x = np.arange(4, dtype=np.int32)
    with pytest.raises(tw.CompileError, match="name"):
        launch(assigned_on_one_path, x, x.copy(), N=4)


def swap_under_condition(x, y, out, N: tw.constexpr):
    a, b = x[0:N], y[0:N]
    if a > b:
        a, b = b, a
    out[0, 0:N] = a
    out[1, 0:N] = b


def test_a_pair_is_swapped_lane_by_lane(launch: Launch, rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, 37)).astype(np.float32)
    out = np.zeros((2, 37), np.float32)
    launch(swap_under_condition, x, y, out, N=37)
    assert np.minimum(x, y).tolist() == out[0].tolist()
    assert np.maximum(x, y).tolist() == out[1].tolist()


# --- stores and loads of lanes that are off ------------------------------------------------------


def guarded_accesses(x, out, N: tw.constexpr):
    i = tw.arange(N)
    if i % 3 == 0:
        out[i] = x[i] + 1
    elif i % 3 == 1:
        out[N - 1 - i] = 7


def test_lanes_that_are_off_touch_no_memory(launch: Launch, guarded: Guarded) -> None:
    n = 29
    x, out = guarded(np.arange(n, dtype=np.int32)), guarded(np.full(n, -1, np.int32))
    launch(guarded_accesses, x, out, N=n)
    expected = np.full(n, -1, np.int32)
    for i in range(0, n, 3):
        expected[i] = i + 1
    for i in range(1, n, 3):
        expected[n - 1 - i] = 7
    assert expected.tolist() == out.tolist()


def wild_indices(x, index, out, N: tw.constexpr):
    i = index[0:N]
    v = tw.full((N,), -5, tw.i32)
    if (i >= 0) & (i < x.shape[0]):
        v = tw.load(x.ptr + i)
    out[0:N] = v


def test_a_raw_pointer_is_read_only_where_lanes_are_on(launch: Launch) -> None:
    x = np.array([10, 20, 30], np.int32)
    index = np.array([0, 2**31 - 1, 2, -(2**31), 1, 3], np.int32)
    out = np.zeros(6, np.int32)
    launch(wild_indices, x, index, out, N=6)
    assert out.tolist() == [10, -5, 30, -5, 20, -5]


def scalar_and_slice_loads(x, out, N: tw.constexpr):
    i = tw.arange(N)
    v = tw.zeros(N, tw.i32)
    if i > 2:
        v = x[1] + x[3 : 3 + N]
    out[i] = v


def test_scalar_and_slice_loads_stand_in_a_lane_region(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.arange(8, dtype=np.int32) * 11), guarded(6, np.int32)
    launch(scalar_and_slice_loads, x, out, N=6)
    read = np.append(x, [0, 0, 0])[3:9]
    assert np.where(np.arange(6) > 2, 11 + read, 0).tolist() == out.tolist()


def own_accesses_in_order(x, N: tw.constexpr):
    i = tw.arange(N)
    if i % 2 == 0:
        x[i] = x[i] + 1
        x[i] = x[i] * 10
        v = x[i]
        x[i] = v + 3


def test_each_lane_sees_its_own_accesses_in_order(launch: Launch, guarded: Guarded) -> None:
    x = guarded(np.arange(21, dtype=np.int64))
    launch(own_accesses_in_order, x, N=21)
    expected = [(v + 1) * 10 + 3 if v % 2 == 0 else v for v in range(21)]
    assert expected == x.tolist()


def one_element_for_all(out, N: tw.constexpr):
    i = tw.arange(N)
    if i < 5:
        out[i * 0] = i + 100


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
def test_the_last_lane_that_is_on_wins(launch: Launch) -> None:
    out = np.zeros(2, np.int32)
    launch(one_element_for_all, out, N=19)
    assert out.tolist() == [104, 0]


# --- return -------------------------------------------------------------------------------------


def lane_return(x, out, n, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    if i >= n:
        return
    out[i] = x[i] * 2
    if x[i] < 0:
        return
    out[i] = out[i] + 1


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 40])
def test_a_return_switches_lanes_off_for_the_rest(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x = guarded(rng.integers(-9, 9, 48).astype(np.int32))
    out = guarded(np.full(48, 99, np.int32))
    launch(lane_return, x, out, n, grid=3, N=16)
    expected = np.where(x < 0, x * 2, x * 2 + 1)
    expected[n:] = 99
    assert expected.tolist() == out.tolist()


def scalars_around_a_return(x, step, out, flags, n, N: tw.constexpr):
    v = x[0:N]
    i = tw.arange(N)
    total, flag = step[0] - step[0], n > 50
    for k in range(n):
        total = total - step[k]
        flag = not flag
        if v == k:
            return
    out[i] = total
    flags[i] = flag


@pytest.mark.parametrize("n", [0, 3, 4, 19])
@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint32, np.float32])
def test_scalars_of_a_loop_that_some_lanes_returned_from(
    launch: Launch, guarded: Guarded, n: int, kind: Any
) -> None:
    x = guarded(np.arange(19, dtype=np.int32))
    step = guarded(np.arange(1, 20).astype(kind))
    out, flags = guarded(np.full(19, 7, kind)), guarded(np.ones(19, np.int8))
    launch(scalars_around_a_return, x, step, out, flags, n, N=19)
    stays, total = x >= n, (-step[:n]).sum(dtype=kind)
    assert np.where(stays, total, kind(7)).tolist() == out.tolist()
    assert np.where(stays, n % 2, 1).tolist() == flags.tolist()


@tw.func
def collatz_steps(v):
    n = tw.zeros_like(v)
    while v != 1:
        if v % 2 == 0:
            v = v // 2
        else:
            v = 3 * v + 1
        n += 1
        if n > 60:
            return -n
    return n


def collatz(x, out, N: tw.constexpr):
    out[0:N] = collatz_steps(x[0:N])


def collatz_reference(v: int) -> int:
    n = 0
    while v != 1:
        v = v // 2 if v % 2 == 0 else 3 * v + 1
        n += 1
        if n > 60:
            return -n
    return n


@pytest.mark.parametrize("n", SIZES)
def test_a_function_returns_per_lane_with_values(launch: Launch, n: int) -> None:
    x, out = np.arange(1, n + 1, dtype=np.int32), np.zeros(n, np.int32)
    launch(collatz, x, out, N=n)
    assert [collatz_reference(int(v)) for v in x] == out.tolist()


@tw.func
def early(v, w):
    if v > 5:
        return v, w
    if w > 5:
        return w, -v
    return v * 0, w * 0


def early_pairs(x, y, out, N: tw.constexpr):
    a, b = early(x[0:N], y[0:N])
    out[0, 0:N] = a
    out[1, 0:N] = b
    out[2, 0:N] = 1


def test_lanes_return_tuples(launch: Launch, rng: np.random.Generator) -> None:
    x, y = rng.integers(0, 12, (2, 23)).astype(np.int32)
    out = np.zeros((3, 23), np.int32)
    launch(early_pairs, x, y, out, N=23)
    expected = [
        [v, w, 1] if v > 5 else [w, -v, 1] if w > 5 else [0, 0, 1]
        for v, w in zip(x.tolist(), y.tolist(), strict=True)
    ]
    assert expected == out.T.tolist()


# --- while, break, continue ----------------------------------------------------------------------


def bounded_loop(x, out, N: tw.constexpr):
    v = x[0:N]
    total = tw.zeros(N, tw.i32)
    while v > 0:
        v -= 1
        if v % 5 == 4:
            continue
        total += v
        if total > 40:
            break
        total += 1
    out[0, 0:N] = total
    out[1, 0:N] = v


def bounded_loop_reference(v: int) -> tuple[int, int]:
    total = 0
    while v > 0:
        v -= 1
        if v % 5 == 4:
            continue
        total += v
        if total > 40:
            break
        total += 1
    return total, v


@pytest.mark.parametrize("n", SIZES)
def test_break_and_continue_act_per_lane(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x, out = guarded(rng.integers(-3, 20, n).astype(np.int32)), guarded((2, n), np.int32)
    launch(bounded_loop, x, out, N=n)
    assert [bounded_loop_reference(int(v)) for v in x] == [tuple(p) for p in out.T.tolist()]


def scalar_for_lane_break(x, out, N: tw.constexpr):
    v = x[0:N]
    found = tw.full((N,), -1, tw.i32)
    work = tw.zeros(N, tw.i32)
    for k in range(12):
        if k % 4 == 3:  # a scalar condition, of all lanes
            continue
        if v == k:
            found = k
            break
        if v % 2 == 0:
            continue
        work += k
    out[0, 0:N] = found
    out[1, 0:N] = work


def scalar_for_reference(v: int) -> tuple[int, int]:
    found, work = -1, 0
    for k in range(12):
        if k % 4 == 3:
            continue
        if v == k:
            found = k
            break
        if v % 2 == 0:
            continue
        work += k
    return found, work


@pytest.mark.parametrize("n", SIZES)
def test_lanes_leave_a_scalar_loop_one_by_one(
    launch: Launch, rng: np.random.Generator, n: int
) -> None:
    x, out = rng.integers(-3, 15, n).astype(np.int32), np.zeros((2, n), np.int32)
    launch(scalar_for_lane_break, x, out, N=n)
    assert [scalar_for_reference(int(v)) for v in x] == [tuple(p) for p in out.T.tolist()]


def nested_loops(x, y, out, N: tw.constexpr):
    a, b = x[0:N], y[0:N]
    count = tw.zeros(N, tw.i32)
    i = tw.zeros(N, tw.i32)
    while i < a:
        i += 1
        j = tw.zeros(N, tw.i32)
        while True:
            if j >= b:
                break
            j += 1
            if (i + j) % 3 == 0:
                continue
            if i * j > 30:
                out[tw.arange(N)] = -count
                return
            count += j
        if count > 100:
            break
    out[tw.arange(N)] = count


def nested_reference(a: int, b: int) -> int:
    count = i = 0
    while i < a:
        i += 1
        j = 0
        while True:
            if j >= b:
                break
            j += 1
            if (i + j) % 3 == 0:
                continue
            if i * j > 30:
                return -count
            count += j
        if count > 100:
            break
    return count


@pytest.mark.parametrize("n", SIZES)
def test_nested_loops_with_every_exit(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x, y = rng.integers(0, 14, (2, n)).astype(np.int32)
    out = guarded(n, np.int32)
    launch(nested_loops, x, y, out, N=n)
    assert [nested_reference(int(v), int(w)) for v, w in zip(x, y, strict=True)] == out.tolist()


def for_under_condition(x, out, n, N: tw.constexpr):
    v = x[0:N]
    if v > 2:
        for k in range(n):
            v += k
            if v > 20:
                break
        v = v * 2
    out[0:N] = v


def test_a_scalar_loop_stands_under_a_lane_condition(launch: Launch) -> None:
    x, out = np.arange(17, dtype=np.int32), np.zeros(17, np.int32)
    launch(for_under_condition, x, out, 9, N=17)
    expected = []
    for v in x.tolist():
        if v > 2:
            for k in range(9):
                v += k
                if v > 20:
                    break
            v = v * 2
        expected.append(v)
    assert expected == out.tolist()


def static_range_under_condition(x, out, N: tw.constexpr):
    v = x[0:N]
    while v < 50:
        for k in tw.static_range(1, 6, 2):
            v += k
            if v % 7 == 0:
                break
            if v % 2 == 0:
                continue
            v += 1
    out[0:N] = v


def test_an_unrolled_loop_breaks_per_lane(launch: Launch) -> None:
    x, out = np.arange(40, dtype=np.int32), np.zeros(40, np.int32)
    launch(static_range_under_condition, x, out, N=40)
    expected = []
    for v in x.tolist():
        while v < 50:
            for k in range(1, 6, 2):
                v += k
                if v % 7 == 0:
                    break
                if v % 2 == 0:
                    continue
                v += 1
        expected.append(v)
    assert expected == out.tolist()


def loop_over_memory(x, start, out, N: tw.constexpr):
    """Follow a linked list in each lane."""
    at = start[0:N]
    steps = tw.zeros(N, tw.i32)
    while at >= 0:
        steps += 1
        at = x[at]
        if steps == 100:
            break
    out[0:N] = steps


def test_every_lane_follows_its_own_list(launch: Launch, rng: np.random.Generator) -> None:
    x = np.append(np.arange(1, 30), -1).astype(np.int32)
    x[10] = 3  # a cycle
    start = rng.integers(-2, 30, 27).astype(np.int32)
    out = np.zeros(27, np.int32)
    launch(loop_over_memory, x, start, out, N=27)
    expected = []
    for at in start.tolist():
        steps = 0
        while at >= 0:
            steps += 1
            at = int(x[at])
            if steps == 100:
                break
        expected.append(steps)
    assert expected == out.tolist()


def stores_in_loop(x, out, N: tw.constexpr):
    i = tw.arange(N)
    k = tw.zeros(N, tw.i32)
    while k < x[i]:
        out[i, k] = k + 10 * i
        k += 1


def test_a_loop_stores_at_indices_of_its_own(launch: Launch, guarded: Guarded) -> None:
    x = guarded(np.array([0, 3, 8, 1, 5], np.int32))
    out = guarded(np.full((5, 6), -1, np.int32))
    launch(stores_in_loop, x, out, N=5)
    expected = [[k + 10 * i if k < x[i] else -1 for k in range(6)] for i in range(5)]
    assert expected == out.tolist()


def floats_and_nan(x, out, N: tw.constexpr):
    v = x[0:N]
    n = tw.zeros(N, tw.i32)
    while not (v <= 1.0):
        v = v * 0.5
        n += 1
        if n >= 20:
            break
    out[0:N] = n


def test_nan_and_infinity_in_a_condition_are_numpys(launch: Launch) -> None:
    x = np.array([0.5, np.nan, 8.0, np.inf, -np.inf, 1.0000001], np.float32)
    out = np.zeros(6, np.int32)
    launch(floats_and_nan, x, out, N=6)
    assert out.tolist() == [0, 20, 3, 20, 0, 1]


def constexpr_branches(x, out, FLAG: tw.constexpr, N: tw.constexpr):
    v = x[0:N]
    if v > 1:
        if FLAG:
            v = v * 2
        else:
            v = no_such_name(v)  # noqa: F821
    out[0:N] = v


def test_a_constexpr_branch_in_a_lane_region_is_not_compiled(launch: Launch) -> None:
    x, out = np.arange(5, dtype=np.int32), np.zeros(5, np.int32)
    launch(constexpr_branches, x, out, FLAG=True, N=5)
    assert out.tolist() == [0, 1, 4, 6, 8]


def scalar_if_in_lane_region(x, out, n, N: tw.constexpr):
    i = tw.arange(N)
    v = x[i]
    if v > 3:
        if n > 2:
            v = v + 100
        else:
            v = v + 200
            if v == 204:
                return
        v = v + 1
    out[i] = v


@pytest.mark.parametrize("n", [1, 5])
def test_a_scalar_condition_stands_in_a_lane_region(launch: Launch, n: int) -> None:
    x, out = np.arange(7, dtype=np.int32), np.full(7, -1, np.int32)
    launch(scalar_if_in_lane_region, x, out, n, N=7)
    last = [105, 106, 107] if n > 2 else [-1, 206, 207]
    assert [0, 1, 2, 3, *last] == out.tolist()


# --- what may not stand there --------------------------------------------------------------------


def sums(x, out, N: tw.constexpr):
    v = x[0:N]
    if v > 0:
        v = v - tw.sum(v)
    out[0:N] = v


def scans(x, out, N: tw.constexpr):
    v = x[0:N]
    if v > 0:
        v = tw.cumsum(v)
    out[0:N] = v


def reshapes(x, out, N: tw.constexpr):
    v = x[0:N]
    if v > 0:
        out[tw.arange(N)] = v.reshape(1, N).reshape(N)


def stores_to_a_scalar_index(x, out, N: tw.constexpr):
    if x[0:N] > 0:
        out[0] = 1.0


def products(x, out, N: tw.constexpr):
    v = x[0:N][:, None] * x[0:N]
    if v > 0:
        v = v @ v
    out[0:N] = v[0]


def sums_after_return(x, out, N: tw.constexpr):
    i = tw.arange(N)
    if x[i] > 0:
        return
    out[i] = x[i] - tw.sum(x[i])


def sums_in_function(x, out, N: tw.constexpr):
    v = x[0:N]
    while v > 0:
        v = normalised(v)
    out[0:N] = v


@tw.func
def normalised(v):
    return v - tw.max(v)


@pytest.mark.parametrize(
    "kernel",
    [
        sums,
        scans,
        reshapes,
        stores_to_a_scalar_index,
        products,
        sums_after_return,
        sums_in_function,
    ],
)
def test_what_mixes_lanes_is_refused_there(launch: Launch, kernel: Callable[..., None]) -> None:
    x = np.ones(8, np.float32)
    with pytest.raises(tw.CompileError, match="lane"):
        launch(kernel, x, x.copy(), N=8)


def integer_condition(x, out, N: tw.constexpr):
    if x[0:N]:
        out[tw.arange(N)] = 1


def test_a_tile_condition_must_be_boolean(launch: Launch) -> None:
    x = np.ones(4, np.int32)
    with pytest.raises(tw.CompileError, match="bool"):
        launch(integer_condition, x, x.copy(), N=4)


# --- conditions without control flow -------------------------------------------------------------


def logic(x, out, N: tw.constexpr):
    v = x[0:N]
    out[0, 0:N] = v > 0 and v < 5
    out[1, 0:N] = v > 0 or v == -2
    out[2, 0:N] = not v > 0
    out[3, 0:N] = 0 < v <= 4 != v
    out[4, 0:N] = v if v > 1 else -v if v < -1 else 100
    out[5, 0:N] = (v > 0) & (v < 5) | ~(v < 3)


def test_python_logic_is_elementwise_on_boolean_tiles(launch: Launch) -> None:
    x, out = np.arange(-5, 8, dtype=np.int32), np.zeros((6, 13), np.int32)
    launch(logic, x, out, N=13)
    for k, v in enumerate(x.tolist()):
        expected = [
            v > 0 and v < 5,
            v > 0 or v == -2,
            not v > 0,
            0 < v <= 4 != v,
            v if v > 1 else -v if v < -1 else 100,
            0 < v < 5 or not v < 3,
        ]
        assert [int(e) for e in expected] == out[:, k].tolist()


def rank_zero_condition(x, out):
    v = x[0] > 3
    n = 0
    if v:
        n = 7
    out[0] = n


@pytest.mark.parametrize("value", [2, 4])
def test_a_scalar_condition_is_ordinary(launch: Launch, value: int) -> None:
    out = np.zeros(1, np.int32)
    launch(rank_zero_condition, np.array([value], np.int32), out)
    assert [7 if value > 3 else 0] == out.tolist()


def scalars_of_a_loop(x, out, n, N: tw.constexpr):
    v = x[0:N]
    count = 0
    while v < n:
        v += count + 1
        count += 1
    tw.static_assert(count.shape == (N,))
    out[0, 0:N] = count
    out[1, 0:N] = v


def test_a_scalar_counter_of_a_lane_loop_becomes_a_tile(
    launch: Launch, rng: np.random.Generator
) -> None:
    x, out = rng.integers(0, 30, 14).astype(np.int32), np.zeros((2, 14), np.int32)
    launch(scalars_of_a_loop, x, out, 21, N=14)
    for k, v in enumerate(x.tolist()):
        count = 0
        while v < 21:
            v += count + 1
            count += 1
        assert [count, v] == out[:, k].tolist()


def several_shapes(x, y, out, N: tw.constexpr, M: tw.constexpr):
    rows, table = x[0:N][:, None], y[0:N, 0:M]
    sum_of_steps = tw.zeros((N, M), tw.i32)
    while rows + table > 0:
        table = table - rows - 3
        sum_of_steps += 1
    out[0:N, 0:M] = sum_of_steps


def test_a_loop_condition_of_two_axes(launch: Launch, rng: np.random.Generator) -> None:
    x = rng.integers(0, 5, 4).astype(np.int32)
    y = rng.integers(-5, 50, (4, 9)).astype(np.int32)
    out = np.zeros((4, 9), np.int32)
    launch(several_shapes, x, y, out, N=4, M=9)
    for i in range(4):
        for j in range(9):
            t, n = int(y[i, j]), 0
            while int(x[i]) + t > 0:
                t, n = t - int(x[i]) - 3, n + 1
            assert n == out[i, j]


# --- a loop of fewer axes than the lanes around it ------------------------------------------------


def columns_leave(a, r, out, n, N: tw.constexpr, M: tw.constexpr):
    i, j = tw.arange(N)[:, None], tw.arange(M)
    v, w = a[0:N, 0:M], r[0:M]
    if v > 0:
        if w > 0:
            for k in range(n):
                if w == k:
                    break
                out[i, j] = out[i, j] + k + 1


@pytest.mark.parametrize(("rows", "columns"), [(3, 17), (4, 4), (1, 9)])
def test_columns_leave_a_loop_that_stands_under_elements(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, rows: int, columns: int
) -> None:
    a = guarded(rng.integers(-5, 6, (rows, columns)).astype(np.int32))
    r = guarded(rng.integers(-2, 7, columns).astype(np.int32))
    out = guarded(np.zeros((rows, columns), np.int32))
    launch(columns_leave, a, r, out, 4, N=rows, M=columns)
    turns = np.minimum(r, 4)
    expected = np.where((a > 0) & (r > 0), turns * (turns + 1) // 2, 0)
    assert expected.tolist() == out.tolist()


# --- tiles that have no common shape ------------------------------------------------------------


def apart(x, y, limit, M: tw.constexpr, N: tw.constexpr):
    row = tw.arange(4)[:, None]
    i, j = tw.arange(M)[None, :], tw.arange(N)[None, :]
    a, b = x[row, i], y[row, j]
    n = tw.zeros((4, 1), tw.i32)
    most = limit[row]
    while n < most:
        n += 1
        a = a * 2 % 11
        if n == 2:
            y[row, j] = b
        b = b + n
        assert n < 10, "high"
    if most > 1:
        x[row, i] = a
        b = b - 1
    tw.atomic_add(y, (row, j), b)


@pytest.mark.parametrize("shape", [(7, 8), (63, 64), (3, 40)])
def test_rows_of_different_lengths_under_one_condition(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    before, other = (rng.integers(0, 9, (4, size)).astype(np.int32) for size in shape)
    limit = rng.permutation(np.array([0, 1, 2, 5], np.int32))
    x, y = guarded(before), guarded(other)
    launch(apart, x, y, limit, *shape)
    a, b, out = before.copy(), other.copy(), other.copy()
    for row, most in enumerate(limit):
        for n in range(1, most + 1):
            a[row] = a[row] * 2 % 11
            if n == 2:
                out[row] = b[row]
            b[row] += n
        if most <= 1:
            a[row] = before[row]
        else:
            b[row] -= 1
    np.testing.assert_array_equal(x, a)
    np.testing.assert_array_equal(y, out + b)
