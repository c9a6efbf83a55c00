"""Loops whose counters are proven to lie inside arrays, and those where that would be wrong.

Arrays are windows of memory full of marks: what is read outside shows, and so does what is written.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

MARK = np.float32(1e30)
MARGIN = 40


@tw.kernel
def pairs(x, y, out, N: tw.constexpr = 24):
    lane = tw.arange(N)
    total = tw.zeros(N)
    for j in range(x.shape[0]):
        total += x[j] * (y[j] + lane)
    out[lane] = total


@tw.kernel
def up_to(x, y, out, first, stop, step: tw.constexpr = 1):
    total = 0.0
    for j in range(first, stop, step):
        total += x[j] * y[j]
        out[j] = total
    out[out.shape[0] - 1] = total


@tw.kernel
def columns(a, y, out, N: tw.constexpr = 40):
    row = tw.arange(N)
    total = tw.zeros(N)
    for k in range(y.shape[0]):
        total += a[row, k] * y[k]
    out[row] = total


@tw.kernel
def left_early(x, y, out, N: tw.constexpr = 9):
    lane = tw.arange(N)
    total = tw.zeros(N)
    for j in range(y.shape[0]):
        if x[j] < 0:
            break
        if y[j] < 0:
            continue
        total += x[j] + y[j]
    out[lane] = total


@tw.kernel
def left_inside(x, flags, out, n, N: tw.constexpr = 40):
    i = tw.arange(N)
    for r in range(n):
        t = x[r] * i + 0.0
        if flags[r] > 0:
            for j in range(x.shape[0]):
                t += x[j] * i
            if flags[r] > 2:
                break
            if flags[r] > 1:
                continue
            t += 1.0
        out[r, i] = t + 1


@tw.kernel
def left_behind(x, flags, out, n, N: tw.constexpr = 40):
    i = tw.arange(N)
    t = tw.zeros(N)
    k = 0
    while k < n:
        out[k, i] = t
        k += 1
        if k % 2 == 1:
            for j in range(x.shape[0]):
                t += x[j] * flags[j] * i
            if k > 4:
                break
        t = t * 0.5 + 1.0
    out[n - 1, i] = t


@tw.kernel
def one_after_another(x, flags, out, n):
    c = 0
    for j in range(x.shape[0]):
        c += (x[j] * flags[j]).to(tw.i32)
    row = out[c % n]
    t = 0.0
    for k in range(c):
        t += x[k] * flags[k]
    for k in range(x.shape[0]):
        row[k] = t + row[k] * flags[k]


@tw.kernel
def either(x, flags, out, n):
    t = 0.0
    for j in range(x.shape[0]):
        t += x[j] * flags[j]
    s = t
    if n > 5:
        for k in range(x.shape[0]):
            s = s + x[k] * t
    else:
        for k in range(x.shape[0]):
            s = s - flags[k] * t
    out[0, 0] = s


@tw.kernel
def from_far(x, out, first: tw.u64):
    t = 0.0
    for k in range(first.to(tw.index), x.shape[0]):
        t += x[k]
    out[0] = t


@tw.kernel
def from_wrapped(x, out, n: tw.u64):
    t = 0.0
    for k in range(tw.maximum((n >> 1).to(tw.index), 0) * 2, x.shape[0]):
        t += x[k]
    out[0] = t


@tw.kernel
def unsigned(x, out, first: tw.u64):
    t = 0.0
    for k in range(first, x.shape[0].to(tw.u64)):
        t += x[k]
    out[0] = t


class Windows:
    """Arrays in the middle of marked memory."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.memories: list[tuple[NDArray, slice]] = []

    def array(self, *shape: int) -> NDArray:
        count = int(np.prod(shape))
        memory = np.full(count + 2 * MARGIN, MARK)
        window = slice(MARGIN, MARGIN + count)
        memory[window] = self.rng.integers(-1, 5, count)
        self.memories.append((memory, window))
        return memory[window].reshape(shape)

    def assert_margins_untouched(self) -> None:
        for memory, window in self.memories:
            assert (memory[: window.start] == MARK).all()
            assert (memory[window.stop :] == MARK).all()


def padded(array: NDArray, count: int) -> NDArray:
    """The first elements, 0 where there are none."""
    return np.concatenate([array, np.zeros(max(count - len(array), 0), array.dtype)])[:count]


LENGTHS = list(itertools.product((0, 1, 7, 33), repeat=2))


@pytest.mark.parametrize(("n", "m"), LENGTHS)
def test_sums_over_pairs_take_0_where_the_second_array_has_ended(
    rng: np.random.Generator, n: int, m: int
) -> None:
    windows = Windows(rng)
    x, y, out = windows.array(n), windows.array(m), windows.array(24)
    pairs[1](x, y, out)
    expected = (x[:, None] * (padded(y, n)[:, None] + np.arange(24))).sum(0)
    np.testing.assert_array_equal(out, expected)
    windows.assert_margins_untouched()


@pytest.mark.parametrize("step", [1, 3, -1, -2])
@pytest.mark.parametrize("span", [(0, 20), (0, 50), (5, 19), (-6, 19), (-6, -2), (19, 0), (21, -3)])
def test_counters_beyond_either_end_read_0_and_write_nothing(
    rng: np.random.Generator, span: tuple[int, int], step: int
) -> None:
    windows = Windows(rng)
    x, y, out = windows.array(20), windows.array(25), windows.array(22)
    expected, total = out.copy(), 0.0
    for j in range(*span, step):
        total += x[j] * y[j] if 0 <= j < 20 else 0.0
        if 0 <= j < 22:
            expected[j] = total
    expected[21] = total
    up_to[1](x, y, out, *span, step)
    np.testing.assert_array_equal(out, expected)
    windows.assert_margins_untouched()


@pytest.mark.parametrize("rows", [1, 39, 40, 41])
@pytest.mark.parametrize(("n", "m"), LENGTHS)
def test_columns_beyond_the_last_are_0(rng: np.random.Generator, rows: int, n: int, m: int) -> None:
    windows = Windows(rng)
    a, y, out = windows.array(rows, n), windows.array(m), windows.array(40)
    columns[1](a, y, out)
    common = min(n, m)
    expected = np.zeros(40, np.float32)
    expected[: min(rows, 40)] = (a[:, :common] * y[:common]).sum(1)[:40]
    np.testing.assert_array_equal(out, expected)
    windows.assert_margins_untouched()


@pytest.mark.parametrize(("n", "m"), LENGTHS)
def test_loops_that_are_left_early_agree(rng: np.random.Generator, n: int, m: int) -> None:
    windows = Windows(rng)
    x, y, out = windows.array(n), windows.array(m), windows.array(9)
    left_early[1](x, y, out)
    total = 0.0
    for first, second in zip(padded(x, m), y, strict=True):
        if first < 0:
            break
        total += first + second if second >= 0 else 0.0
    np.testing.assert_array_equal(out, np.full(9, total, np.float32))
    windows.assert_margins_untouched()


@pytest.mark.parametrize("kernel", [left_inside, left_behind, one_after_another, either])
@pytest.mark.parametrize(("n", "m"), [(9, 9), (9, 4), (4, 9)])
def test_loops_beside_and_inside_others_do_what_the_interpreter_does(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, kernel: tw.Kernel, n: int, m: int
) -> None:
    windows = Windows(rng)
    x, flags, out = windows.array(n), windows.array(m), windows.array(12, 44)
    expected = out.copy()
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    kernel[1](x.copy(), flags.copy(), expected, 8)
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "0")
    kernel[1](x, flags, out, 8)
    np.testing.assert_array_equal(out, expected)
    windows.assert_margins_untouched()


@pytest.mark.parametrize("kernel", [from_far, from_wrapped, unsigned])
@pytest.mark.parametrize("first", [0, 3, 2**64 - 6, 2**64 - 2])
def test_starts_beyond_all_sense_read_nothing_outside(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, kernel: tw.Kernel, first: int
) -> None:
    windows = Windows(rng)
    x, out, expected = windows.array(10), windows.array(1), np.zeros(1, np.float32)
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    kernel[1](x.copy(), expected, np.uint64(first))
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "0")
    kernel[1](x, out, np.uint64(first))
    np.testing.assert_array_equal(out, expected)
    windows.assert_margins_untouched()


@tw.kernel
def sparse_rows(start, column, value, x, out, ROWS: tw.constexpr):
    for r in range(ROWS):
        total = 0.0
        for k in range(start[r], start[r + 1]):
            total += value[k] * x[column[k]]
        out[r] = total


@pytest.mark.parametrize("starts", [[0, 3, 3, 7, 10], [-4, 3, 12, 9, 30], [5, 8, 2, -3, 4]])
def test_loops_from_where_an_array_says(starts: list[int], rng: np.random.Generator) -> None:
    value, column, x = (np.full(10 + 2 * MARGIN, MARK, np.float32) for _ in range(3))
    value[MARGIN:-MARGIN], x[MARGIN:-MARGIN] = rng.integers(1, 9, (2, 10))
    places = np.full(column.size, 5, np.int32)
    places[MARGIN:-MARGIN] = rng.integers(-2, 12, 10)
    v, c, y = (array[MARGIN:-MARGIN] for array in (value, places, x))
    out = np.full(4, np.nan, np.float32)
    sparse_rows[1](np.array(starts, np.int32), c, v, y, out, 4)

    def element(array: NDArray, k: int) -> float:
        return float(array[k]) if 0 <= k < array.size else 0.0

    expected = [
        sum(element(v, k) * element(y, int(element(c, k))) for k in range(a, b))
        for a, b in itertools.pairwise(starts)
    ]
    np.testing.assert_array_equal(out, np.array(expected, np.float32))
