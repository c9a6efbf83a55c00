"""Section 3 of LANGUAGE.md: what type a variable has where control flow meets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]


def weak_until_met(x, out, n):
    count = 0
    scale = 2
    half = 0.5
    v = x[0:4] * scale
    tw.static_assert(v.dtype == x.dtype)
    for _ in range(n):
        count = count + 1
        half = half * 2
    tw.static_assert(count.dtype == tw.i32)
    tw.static_assert(half.dtype == tw.f32)
    out[0] = count
    out[1] = half
    out[2] = v[3]


@pytest.mark.parametrize("n", [0, 1, 6])
def test_weak_variables_become_i32_and_f32_where_flow_meets(launch: Launch, n: int) -> None:
    x, out = np.arange(4, dtype=np.float16), np.zeros(3, np.float64)
    launch(weak_until_met, x, out, n)
    assert [n, 0.5 * 2**n, 6.0] == out.tolist()


def weak_adopts_strong(x, out, n):
    value = 1
    if n > 2:
        value = x[0]
    tw.static_assert(value.dtype == x.dtype)
    total = 0
    for k in range(4):
        total = total + x[k]
    tw.static_assert(total.dtype == x.dtype)
    out[0] = value
    out[1] = total


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.float16, np.float64])
@pytest.mark.parametrize("n", [1, 5])
def test_a_weak_value_adopts_the_strong_dtype(launch: Launch, n: int, dtype: Any) -> None:
    x, out = np.array([3, 4, 5, 6], dtype), np.zeros(2, np.float64)
    launch(weak_adopts_strong, x, out, n)
    assert [3 if n > 2 else 1, 18] == out.tolist()


def grows_to_a_tile(x, out, n, N: tw.constexpr):
    acc = 0.0
    for k in range(n):
        acc = acc + x[k : k + N]
    tw.static_assert(acc.shape == (N,))
    out[0:N] = acc


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_scalar_grows_to_a_tile_in_a_loop(launch: Launch, n: int) -> None:
    x, out = np.arange(12, dtype=np.float32), np.full(5, 9, np.float32)
    launch(grows_to_a_tile, x, out, n, N=5)
    assert sum((x[k : k + 5] for k in range(n)), np.zeros(5)).tolist() == out.tolist()


def grows_in_a_branch(x, out, n, N: tw.constexpr):
    v = n * 10
    if n > 1:
        v = x[0:N]
    out[0:N] = v


@pytest.mark.parametrize("n", [1, 2])
def test_a_scalar_grows_to_a_tile_in_a_branch(launch: Launch, n: int) -> None:
    x, out = np.arange(5, dtype=np.int32), np.zeros(5, np.int32)
    launch(grows_in_a_branch, x, out, n, N=5)
    assert (x.tolist() if n > 1 else [10] * 5) == out.tolist()


def changes_dtype_in_loop(x, out, n):
    v = x[0]
    for _ in range(n):
        v = v * 0.5
    out[0] = v


def differs_between_branches(x, out, n):
    if n > 1:
        v = x[0]
    else:
        v = out[0]
    out[0] = v


def changes_shape_in_loop(x, out, n):
    v = x[0:4]
    for _ in range(n):
        v = v[0:2]
    out[0] = v[0]


def differs_after_early_return(x, out, n):
    v = x[0:4]
    if n > 2:
        v = out[0:4]
    out[0:4] = v


@pytest.mark.parametrize(
    "kernel", [changes_dtype_in_loop, differs_between_branches, differs_after_early_return]
)
def test_a_strong_variable_that_changes_its_dtype_is_refused(
    launch: Launch, kernel: Callable[..., None]
) -> None:
    x, out = np.ones(4, np.int32), np.ones(4, np.float32)
    with pytest.raises(tw.CompileError) as caught:
        launch(kernel, x, out, 3)
    text = str(caught.value)
    assert "i32" in text and "f32" in text and "'v'" in text.replace("`", "'")
    first = kernel.__code__.co_firstlineno
    # Both places are named.
    assert sum(f"test_variables.py:{first + k}" in text for k in range(1, 7)) >= 2, text


def test_a_shape_that_shrinks_in_a_loop_is_refused(launch: Launch) -> None:
    x, out = np.ones(4, np.int32), np.ones(4, np.float32)
    with pytest.raises(tw.CompileError):
        launch(changes_shape_in_loop, x, out, 3)


def two_weak_kinds(out, n):
    v = 1
    if n > 1:
        v = 2.5
    tw.static_assert(v.dtype == tw.f32)
    w = True
    if n > 1:
        w = n > 3
    tw.static_assert(w.dtype == tw.bool_)
    out[0] = v
    out[1] = w


@pytest.mark.parametrize("n", [1, 2, 5])
def test_weak_values_of_two_kinds_meet(launch: Launch, n: int) -> None:
    out = np.zeros(2, np.float32)
    launch(two_weak_kinds, out, n)
    assert [2.5 if n > 1 else 1, n > 3 or n == 1] == out.tolist()


# --- augmented assignment ------------------------------------------------------------------------


def keeps_dtype(x, out, N: tw.constexpr):
    n = tw.full((N,), 3, tw.i32)
    n += tw.program_id(0)
    tw.static_assert(n.dtype == tw.i32)
    b = x[0:N].to(tw.i8)
    b += n
    tw.static_assert(b.dtype == tw.i8)
    h = x[0:N].to(tw.f16)
    h *= x[0:N].to(tw.f32)
    tw.static_assert(h.dtype == tw.f16)
    f = x[0:N].to(tw.f32)
    f -= n
    tw.static_assert(f.dtype == tw.f32)
    out[0, 0:N] = n
    out[1, 0:N] = b
    out[2, 0:N] = h
    out[3, 0:N] = f


def test_an_augmented_assignment_keeps_the_dtype(launch: Launch) -> None:
    x, out = np.array([1, 2, 125, 100], np.int32), np.zeros((4, 4), np.float64)
    launch(keeps_dtype, x, out, N=4)
    assert out[0].tolist() == [3, 3, 3, 3]
    assert out[1].tolist() == [4, 5, -128, 103]
    assert (x * x).astype(np.float16).astype(np.float64).tolist() == out[2].tolist()
    assert (x - 3).tolist() == out[3].tolist()


def counts_programs(out):
    n = out[0] * 0
    for i in range(tw.num_programs(0) + 3):
        n += i
        n -= 1
        n <<= 1
        n //= 2
    tw.static_assert(n.dtype == tw.i32)
    out[0] = n


def test_an_index_added_to_an_i32_stays_i32(launch: Launch) -> None:
    out = np.ones(1, np.int32)
    launch(counts_programs, out)
    assert [sum(range(4)) - 4] == out.tolist()


def float_into_integer(x, out):
    n = x[0:4]
    n += 0.5
    out[0:4] = n


def integer_division_in_place(x, out):
    n = x[0:4]
    n /= 2
    out[0:4] = n


@pytest.mark.parametrize("kernel", [float_into_integer, integer_division_in_place])
def test_a_float_into_an_integer_is_refused(launch: Launch, kernel: Callable[..., None]) -> None:
    x = np.ones(4, np.int32)
    with pytest.raises(tw.CompileError):
        launch(kernel, x, x.copy())


def all_operators(x, y, out):
    v = x[0:5]
    v += y[0:5]
    v -= 3
    v *= y[0:5]
    v //= 2
    v %= 1000
    v <<= 2
    v >>= 1
    v &= 0xFFF
    v |= 1
    v ^= y[0:5]
    v **= 2
    out[0:5] = v
    out[5:10] *= 2
    out[tw.arange(2) + 10] += 5
    out[12] -= 1


def test_all_augmented_operators(launch: Launch) -> None:
    x, y = np.array([10, -20, 33, 4, 5], np.int32), np.array([1, 2, -3, 4, 5], np.int32)
    out = np.arange(13, dtype=np.int32)
    launch(all_operators, x, y, out)
    v = x + y - 3
    v = ((((v * y // 2) % 1000 << 2) >> 1) & 0xFFF | 1) ^ y
    expected = np.concatenate([v**2, np.arange(5, 10) * 2, [15, 16, 11]])
    assert expected.tolist() == out.tolist()


def augmented_array(x, N: tw.constexpr):
    x[0:N] += 1.9
    x[1, 0] = 3.7 if x.ndim == 2 else 0


def stores_in_place(x):
    x[0:3] += 1
    x[0:3] *= x[0:3]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.float16, np.float32])
def test_an_array_is_updated_in_place(launch: Launch, dtype: Any) -> None:
    x = np.array([1, 14, 100, 7], dtype)
    expected = x.copy()
    with np.errstate(over="ignore"):
        expected[:3] += 1
        expected[:3] *= expected[:3]
    launch(stores_in_place, x)
    assert expected.tolist() == x.tolist()


# --- names --------------------------------------------------------------------------------------


def maybe_unassigned(x, out, n):
    if n > 0:
        v = x[0]
    out[0] = v


def unassigned_after_loop(x, out, n):
    for k in range(n):
        v = x[k]
    out[0] = v


@pytest.mark.parametrize("kernel", [maybe_unassigned, unassigned_after_loop])
def test_a_name_that_may_not_be_assigned_is_refused(
    launch: Launch, kernel: Callable[..., None]
) -> None:
    with pytest.raises(tw.CompileError, match="v"):
        launch(kernel, np.ones(3, np.float32), np.ones(3, np.float32), 1)


def assigned_before_returns(x, out, n):
    if n > 2:
        v = x[0]
    elif n > 1:
        v = x[1]
    else:
        return
    out[0] = v


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_path_that_returns_need_not_assign(launch: Launch, n: int) -> None:
    x, out = np.array([5, 6], np.int32), np.array([-1], np.int32)
    launch(assigned_before_returns, x, out, n)
    assert [{1: -1, 2: 6, 3: 5}[n]] == out.tolist()


def shadowed(x, out, n):
    for n in range(3):
        out[n] = n
    out[3] = n
    x = n + 1
    out[4] = x


def test_parameters_may_be_assigned(launch: Launch) -> None:
    out = np.zeros(5, np.int32)
    launch(shadowed, out, out, 77)
    assert out.tolist() == [0, 1, 2, 2, 3]


def tuples_and_stars(x, out):
    (a, b), c = (x[0], x[1]), x[2]
    a, b = b, a
    d = e = a + c
    pair = (d, e * 2)
    out[0], out[1] = pair
    out[2] = pair[1]
    out[3] = len(pair)
    first, *rest = (1, 2, 3)
    out[4] = first + len(rest)


def test_tuples_are_unpacked(launch: Launch) -> None:
    x, out = np.array([1, 20, 300], np.int32), np.zeros(5, np.int32)
    launch(tuples_and_stars, x, out)
    assert out.tolist() == [320, 640, 640, 2, 3]


def loop_variables(out, n):
    i = -1
    for i in range(n):  # noqa: B007
        pass
    out[0] = i
    for j in range(10, 0, -3):
        if j < 5:
            break
    out[1] = j
    for k in range(5, n):
        out[2] = k
    total = 0
    for k in range(n, -n, -2):
        total += k
    out[3] = total


@pytest.mark.parametrize("n", [0, 1, 4, 8])
def test_loops_count_as_pythons(launch: Launch, n: int) -> None:
    out = np.full(4, -9, np.int32)
    launch(loop_variables, out, n)
    last = n - 1
    assert [last, 4, max(last, 5) if n > 5 else -9, sum(range(n, -n, -2))] == out.tolist()


def loop_ends(out, start, stop, step):
    n = 0
    for i in range(start, stop, step):
        out[n] = i
        n += 1
    out[15] = n


@pytest.mark.parametrize(
    ("start", "stop", "step"),
    [(0, 10, 3), (10, 0, -3), (0, 0, 1), (5, 1, 1), (-3, 3, 2), (3, -4, -7), (0, 5, 100)],
)
def test_run_time_steps_may_be_negative(launch: Launch, start: int, stop: int, step: int) -> None:
    out = np.full(16, -99, np.int32)
    launch(loop_ends, out, start, stop, step)
    values = list(range(start, stop, step))
    assert [*values, *[-99] * (15 - len(values)), len(values)] == out.tolist()


def scalar_while(x, out, n):
    i = 0
    total = 0
    while i < n:
        i += 1
        if x[i] < 0:
            continue
        total += x[i]
        if total > 20:
            break
    out[0] = total


@pytest.mark.parametrize("n", [0, 3, 9])
def test_a_scalar_while_is_ordinary(launch: Launch, n: int, rng: np.random.Generator) -> None:
    x, out = rng.integers(-5, 9, 10).astype(np.int32), np.zeros(1, np.int32)

    def reference() -> int:
        i = total = 0
        while i < n:
            i += 1
            if x[i] < 0:
                continue
            total += int(x[i])
            if total > 20:
                return total
        return total

    launch(scalar_while, x, out, n)
    assert [reference()] == out.tolist()


def nested_scalar_loops(out, n):
    count = 0
    for i in range(n):
        for j in range(i):
            if j == 3:
                break
            if (i + j) % 2 == 0:
                continue
            count += i * j
            if count > 40:
                out[0] = -count
                return
        count += 1
    out[0] = count


@pytest.mark.parametrize("n", [0, 1, 4, 6, 30])
def test_nested_scalar_loops_leave_early(launch: Launch, n: int) -> None:
    def reference() -> int:
        count = 0
        for i in range(n):
            for j in range(i):
                if j == 3:
                    break
                if (i + j) % 2 == 0:
                    continue
                count += i * j
                if count > 40:
                    return -count
            count += 1
        return count

    out = np.zeros(1, np.int32)
    launch(nested_scalar_loops, out, n)
    assert [reference()] == out.tolist()
