"""Programs that the fuzzer found, made small: each was wrong once."""

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
Kernel = Callable[..., None]


# --- narrow floats --------------------------------------------------------------------------------


def narrow_beside_boolean(x, flag, out, N: tw.constexpr):
    out[0, 0:N] = x[0:N] > flag
    out[1, 0:N] = flag != x[0:N]


@pytest.mark.parametrize("dtype", [ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn])
def test_an_f8_is_compared_with_a_boolean(launch: Launch, guarded: Guarded, dtype: Any) -> None:
    x, out = guarded(np.arange(9).astype(dtype)), guarded((2, 9), np.bool_)
    launch(narrow_beside_boolean, x, True, out, N=9)
    assert (np.arange(9) > 1).tolist() == out[0].tolist()
    assert (np.arange(9) != 1).tolist() == out[1].tolist()


# --- what is smaller than the lanes around it -----------------------------------------------------


def remainder_of_a_column(x, y, out, N: tw.constexpr, M: tw.constexpr):
    v, w = x[0:N][:, None], y[0:N, 0:M]
    if w > 0.5:
        w = w + 7.0 % v
    out[0:N, 0:M] = w


def test_a_remainder_of_fewer_axes_under_a_tile_condition(
    launch: Launch, guarded: Guarded, rng: np.random.Generator
) -> None:
    x = guarded(np.array([2.5, -3.0, 0.75, 4.0], np.float32))
    y = guarded(rng.standard_normal((4, 9)).astype(np.float32))
    out = guarded((4, 9), np.float32)
    launch(remainder_of_a_column, x, y, out, N=4, M=9)
    expected = np.where(y > 0.5, y + np.float32(7) % x[:, None], y)
    assert expected.tolist() == out.tolist()


def scalar_in_a_loop(x, out, n, N: tw.constexpr):
    v = x[0:N]
    turns = v * 0
    while (v > 0) & (turns < 4):
        turns += 1
        v -= x[n] + 8 // n
    out[0:N] = v


def row_in_a_loop(x, out, n, N: tw.constexpr):
    v = tw.iota((3, N), 0) + x[0:N]
    turns = v * 0
    while (v > 0) & (turns < 4):
        turns += 1
        v -= x[n : n + N] + 8 // tw.maximum(x[0:N], 1)
    out[0:3, 0:N] = v


def column_in_a_loop(x, out, n, N: tw.constexpr):
    places = tw.arange(3)[:, None]
    v = tw.iota((3, N), 0) + x[0:N]
    turns = v * 0
    while (v > 0) & (turns < 4):
        turns += 1
        v -= x[places] + 8 // (places + n)
    out[0:3, 0:N] = v


def loop_reference(kind: str, x: Array, n: int) -> Array:
    size = len(x)
    v = x.copy() if kind == "scalar" else np.arange(3)[:, None] + x
    places = np.arange(3)[:, None]
    row = np.append(x, np.zeros(n, x.dtype))[n : n + size] + 8 // np.maximum(x, 1)
    by = {"scalar": x[n] + 8 // n, "row": row, "column": x[places] + 8 // (places + n)}[kind]
    for _ in range(4):
        v = np.where(v > 0, v - by, v)
    return v.astype(np.int32)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("n", [1, 17, 40])
@pytest.mark.parametrize(
    ("kernel", "kind"),
    [(scalar_in_a_loop, "scalar"), (row_in_a_loop, "row"), (column_in_a_loop, "column")],
)
def test_lanes_in_a_loop_check_what_they_share(
    mode: str,
    guarded: Guarded,
    rng: np.random.Generator,
    kernel: Kernel,
    kind: str,
    n: int,
    debug: bool,
) -> None:
    size = max(n, 3)
    x = guarded(rng.integers(1, 40, size).astype(np.int32))
    expected = loop_reference(kind, x, 1)
    out = guarded(expected.shape, np.int32)
    tw.kernel(debug=debug)(kernel)[1](x, out, 1, N=size)
    assert expected.tolist() == out.tolist()


def divides_by_a_scalar(x, out, n, N: tw.constexpr):
    v = x[0:N]
    turns = v * 0
    while (v > 30) & (turns < 4):
        turns += 1
        v -= 8 // n
    out[0:N] = v


@pytest.mark.parametrize("high", [30, 31])
def test_a_shared_check_fails_only_where_a_lane_is_on(mode: str, high: int) -> None:
    x, out = np.arange(high + 1, dtype=np.int32), np.zeros(high + 1, np.int32)
    kernel = tw.kernel(debug=True)(divides_by_a_scalar)
    if high == 30:
        kernel[1](x, out, 0, N=high + 1)
        assert x.tolist() == out.tolist()
    else:
        with pytest.raises(tw.DeviceError, match="division by zero"):
            kernel[1](x, out, 0, N=high + 1)


def one_lane(x, y, out, n):
    v = x[0:1][:, None]
    turns = v * 0
    while (v < 9) & (turns < 4):
        turns += 1
        v += y[n] // n
    out[0:1, 0:1] = v


def test_one_lane_checks_for_itself(mode: str) -> None:
    x, y, out = np.zeros(1, np.int32), np.arange(6, dtype=np.int32), np.zeros((1, 1), np.int32)
    tw.kernel(debug=True)(one_lane)[1](x, y, out, 3)
    assert out[0, 0] == 4


# --- lanes that left a loop are back behind it ----------------------------------------------------


def two_shapes(x, out, N: tw.constexpr):
    v = x[0:N]
    if v > 2:
        turns = v * 0
        while turns < 3:
            turns += 1
            if v > 5:
                break
            v += 1
    w = tw.iota((2, 3), 0)
    if w > 0:
        w = w + 5
    out[0:N] = v
    out[N : N + 2] = tw.sum(w, 1)


def test_lanes_of_another_shape_after_a_loop_that_some_broke(
    launch: Launch, guarded: Guarded
) -> None:
    x, out = guarded(np.arange(9, dtype=np.int32)), guarded(11, np.int32)
    launch(two_shapes, x, out, N=9)
    assert [0, 1, 2, 6, 6, 6, 6, 7, 8, 0, 18] == out.tolist()


# --- divisions by a constant ----------------------------------------------------------------------


def divided_by_nothing(x, out, N: tw.constexpr):
    rest = x[0:N] % 0
    out[0:N] = x[0:N] + rest


def test_debug_mode_reports_a_division_by_the_constant_0(mode: str) -> None:
    x, out = np.arange(9, dtype=np.int32), np.zeros(9, np.int32)
    tw.kernel(divided_by_nothing)[1](x, out, N=9)
    assert x.tolist() == out.tolist()
    with pytest.raises(tw.DeviceError, match="division by zero"):
        tw.kernel(debug=True)(divided_by_nothing)[1](x, out, N=9)


@tw.func
def halved_until(v, limit):
    while v > limit:
        v = v // 2
        if v % 5 == 0:
            return v
    return v


def two_shapes_in_a_loop(x, out, n, N: tw.constexpr):
    v, w = x[0:N], tw.iota((2, 3), 0)
    for k in range(n):
        if w > 0:
            w = w + 5
        if v > 40:
            v = halved_until(v, 30)
        if v > k:
            v = v - 1
    out[0:N] = v
    out[N : N + 2] = tw.sum(w, 1)


def two_shapes_in_a_loop_reference(v: int, n: int) -> int:
    for k in range(n):
        if v > 40:
            while v > 30:
                v //= 2
                if v % 5 == 0:
                    break
        v -= v > k
    return v


def test_lanes_of_another_shape_around_a_function_that_some_left(
    launch: Launch, guarded: Guarded
) -> None:
    x, out = guarded(np.arange(0, 90, 10, dtype=np.int32)), guarded(11, np.int32)
    launch(two_shapes_in_a_loop, x, out, 3, N=9)
    expected = [two_shapes_in_a_loop_reference(int(v), 3) for v in x]
    assert [*expected, 0, 48] == out.tolist()


# --- an index that a vector finds from its own lanes ----------------------------------------------


def index_by_remainder(x, table, out, n, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    rows = tw.arange(N)[:, None]
    columns = tw.arange(M)[None, :]
    if v > 0:
        v = v + table[rows % (rows + n), columns]
    out[0:N, 0:M] = v


@pytest.mark.parametrize("debug", [False, True])
def test_an_index_that_is_checked_for_lanes_that_are_on(
    mode: str, guarded: Guarded, rng: np.random.Generator, debug: bool
) -> None:
    x = guarded(rng.integers(-5, 6, (4, 19)).astype(np.int32))
    table = guarded(rng.integers(0, 99, (4, 19)).astype(np.int32))
    out = guarded((4, 19), np.int32)
    tw.kernel(debug=debug)(index_by_remainder)[1](x, table, out, 2, N=4, M=19)
    assert np.where(x > 0, x + table, x).tolist() == out.tolist()


# --- a sub-array taken by lanes -------------------------------------------------------------------


def row_under_lanes(x, out, n, N: tw.constexpr):
    i = tw.arange(N)
    v = out[0:N]
    if v > 0:
        out[i] = x[n * n][i + 2]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_row_taken_where_a_lane_is_on(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x = guarded(rng.integers(1, 99, (2, 20)).astype(np.int32))
    v = rng.integers(-5, 6, 19).astype(np.int32)
    out = guarded(v)
    launch(row_under_lanes, x, out, n, N=19)
    row = np.append(x[n], 0)[2:21] if n < 2 else np.zeros(19)
    assert np.where(v > 0, row, v).tolist() == out.tolist()


def row_in_a_scalar_loop(x, out, n, N: tw.constexpr):
    i = tw.arange(N)
    v = out[0:N]
    for k in range(n):
        row = x[k]
        v = v * 3 + row[i + 2]
    out[0:N] = v


def test_a_row_taken_in_a_loop_that_stays_in_registers(
    launch: Launch, guarded: Guarded, rng: np.random.Generator
) -> None:
    x = guarded(rng.integers(1, 99, (3, 10)).astype(np.int32))
    v = rng.integers(-5, 6, 9).astype(np.int32)
    out = guarded(v)
    launch(row_in_a_scalar_loop, x, out, 4, N=9)
    for k in range(4):
        v = v * 3 + (np.append(x[k], 0)[2:11] if k < 3 else 0)
    assert v.tolist() == out.tolist()


# --- a load that is transposed later --------------------------------------------------------------


def transposed_later(x, out, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    x[0:N, 0:M] = tw.zeros((N, M), tw.i32)
    out[0:M, 0:N] = v.T


def transposed_behind_a_loop(x, out, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    for k in range(N):
        x[k, 0:M] = tw.zeros(M, tw.i32)
    out[0:M, 0:N] = tw.permute(v, (1, 0))


@pytest.mark.parametrize("kernel", [transposed_later, transposed_behind_a_loop])
def test_a_load_happens_before_a_store_that_follows_it(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, kernel: Kernel
) -> None:
    before = rng.integers(1, 99, (5, 17)).astype(np.int32)
    x, out = guarded(before), guarded((17, 5), np.int32)
    launch(kernel, x, out, N=5, M=17)
    assert before.T.tolist() == out.tolist()
    assert not x.any()


def one_element(x, out):
    least = tw.cummin(tw.iota(1, 0), 0)
    out[0, 0:17] = tw.pow(least, (least * x[4:21]).to(tw.f16))


def test_a_truth_of_one_element_that_a_scan_gives(launch: Launch, guarded: Guarded) -> None:
    """A vector of one lane is kept where no axis has more elements."""
    x, out = guarded(np.zeros(1, np.int32)), guarded((1, 1), np.float16)
    launch(one_element, x, out)
    assert out[0, 0] == 1  # 0 to the power of 0


def scan_of_one_that_lanes_change(x, out, n, N: tw.constexpr):
    v = x[0:N]
    w = tw.cumprod(v, 0)
    t = v * 0
    while (t < n) & (v < 100):
        t += 1
        w = v * 2 // n
    out[0:N] = w


@pytest.mark.parametrize(("n", "size"), [(0, 1), (1, 1), (1, 5)])
def test_a_scan_of_one_element_is_a_number(
    launch: Launch, guarded: Guarded, n: int, size: int
) -> None:
    x, out = guarded(np.arange(3, 3 + size, dtype=np.int32)), guarded(size, np.int32)
    launch(scan_of_one_that_lanes_change, x, out, n, N=size)
    assert out.tolist() == (x * 2 if n else x.cumprod()).tolist()


def sign_of_a_rounded_double(x, y, out, N: tw.constexpr):
    i = tw.program_id(0)
    out[i] = tw.copysign(x[i], y[i].to(tw.f32)).to(tw.f16)
    out[N : 2 * N] = tw.copysign(x[0:N], y[0:N].to(tw.f32)).to(tw.f16)


def test_a_sign_is_copied_from_a_rounded_double(launch: Launch, guarded: Guarded) -> None:
    x = guarded(np.array([1.5, -2.5, 0.0, np.inf, 1e-6], np.float32))
    y = guarded(np.array([-1.0, 1e-300, -0.0, -np.inf, -1e-300]))
    out = guarded(10, np.float16)
    launch(sign_of_a_rounded_double, x, y, out, grid=5, N=5)
    expected = np.copysign(x, y.astype(np.float32)).astype(np.float16)
    assert out.view(np.uint16).tolist() == np.tile(expected, 2).view(np.uint16).tolist()
