"""Atomics whose results nobody uses: threads bring what they combined, and it is all there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright import _native

Array = NDArray[Any]
Guarded = Callable[..., Array]

COUNT = 5000
INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
FLOATS = ("f2", "f4", "f8", ml_dtypes.bfloat16)
COMBINE: dict[str, np.ufunc] = {
    "add": np.add, "max": np.maximum, "min": np.minimum, "and_": np.bitwise_and,
    "or_": np.bitwise_or, "xor": np.bitwise_xor,
}  # fmt: skip


@pytest.fixture(autouse=True)
def some_threads(rng: np.random.Generator) -> Iterator[None]:
    """Run launches on some number of threads."""
    before = _native.get_num_threads()
    _native.set_num_threads(int(rng.choice([1, 2, 2, 8])))
    yield
    _native.set_num_threads(before)


def scatter_of(kind: str) -> Any:
    """`out[index[i]]` takes in `values[i]`, where the mask is on."""
    atomic = getattr(tw, f"atomic_{kind}")

    def scatters(out, index, values, mask, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        atomic(out, index[i], values[i], mask=(i < index.size) & tw.load(mask, i))

    return tw.kernel(scatters)


SCATTERS = {kind: scatter_of(kind) for kind in COMBINE}


def scattered(kind: str, out: Array, index: Array, values: Array, mask: Array) -> Array:
    """What NumPy makes of it, in a dtype that rounds nothing worth mentioning."""
    wide = out.astype(np.float64) if out.dtype.kind in "fV" else out.copy()
    inside = mask & (index >= 0) & (index < len(out))
    COMBINE[kind].at(wide, index[inside].astype(np.int64), values[inside].astype(wide.dtype))
    return wide


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kind", COMBINE)
def test_integers(kind: str, number: int, rng: np.random.Generator, guarded: Guarded) -> None:
    dtype = str(rng.choice(INTEGERS[4 * number :][:4]))
    ends = np.iinfo(dtype)
    size = int(rng.integers(1, 700))
    out = rng.integers(ends.min, ends.max, size, dtype, endpoint=True)
    values = rng.integers(ends.min, ends.max, COUNT, dtype, endpoint=True)
    kinds = ("i4", "i8", "u2", "u4", "i2") if size > 100 else ("i1", "u1", "i4", "i8")
    index = rng.integers(-size // 9, size + 9, COUNT).astype(rng.choice(kinds))
    mask = rng.random(COUNT) < rng.choice([0.02, 0.8, 1.0])
    want = scattered(kind, out, index, values, mask)
    got = guarded(out)
    SCATTERS[kind][tw.cdiv(COUNT, 300)](got, index, values, mask, BLOCK=300)
    assert got.tolist() == want.tolist()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kind", ["add", "max", "min"])
def test_floats(kind: str, dtype: Any, rng: np.random.Generator, guarded: Guarded) -> None:
    """Of few bits, sums of small integers that no rounding changes."""
    size = int(rng.integers(1, 700))
    out = rng.integers(-3, 4, size).astype(dtype)
    values = rng.choice([-1.0, 1.0, 0.0, 2.0, -2.0], COUNT).astype(dtype)
    if kind == "add":  # what many add to one element takes turns
        values = np.where(np.arange(COUNT) % 2, 1, -1).astype(dtype)
        index = np.repeat(rng.integers(0, size, COUNT // 2), 2).astype("i8")
        index += np.where(rng.random(COUNT // 2) < 0.1, size, 0).repeat(2)
        mask = np.repeat(rng.random(COUNT // 2) < 0.7, 2)
    else:
        values[rng.integers(0, COUNT, 40)] = rng.choice([np.nan, np.inf, -np.inf], 40).astype(dtype)
        index, mask = rng.integers(-3, size + 3, COUNT), rng.random(COUNT) < 0.9
    with np.errstate(invalid="ignore"):
        want = scattered(kind, out, index, values, mask)
    got = guarded(out)
    SCATTERS[kind][tw.cdiv(COUNT, 250)](got, index, values, mask, BLOCK=250)
    np.testing.assert_array_equal(got.astype(np.float64), want)


def test_booleans(rng: np.random.Generator) -> None:
    for kind in rng.choice(list(COMBINE), 3, replace=False):
        out, values = rng.random(40) < 0.5, rng.random(COUNT) < 0.5
        index, mask = rng.integers(-3, 50, COUNT, np.int32), rng.random(COUNT) < 0.1
        want = scattered(kind, out, index, values, mask)
        SCATTERS[kind][20](out, index, values, mask, BLOCK=250)
        assert out.tolist() == want.tolist(), kind


def test_large_sums_of_floats(rng: np.random.Generator) -> None:
    """Sums of anything, as exact as sums are; what nothing is added to keeps its bits."""
    for dtype, size in (("f4", 3001), ("f8", 700)):
        index, mask = rng.integers(1, size, 2**17, np.int32), np.ones(2**17, np.bool_)
        values, out = rng.standard_normal(2**17).astype(dtype), np.zeros(size, dtype)
        index[index == 7] = 8
        out[0], out[7] = -0.0, np.nan
        want = scattered("add", out, index, values, mask)
        SCATTERS["add"][128](out, index, values, mask, BLOCK=1024)
        np.testing.assert_allclose(out, want, rtol=0, atol=3e-5 if dtype == "f4" else 1e-13)
        assert np.signbit(out[0])


def test_a_sum_of_negative_zeros_is_one() -> None:
    out, index = np.full(5, -0.0, np.float32), np.arange(COUNT, dtype=np.int32) % 4
    values = np.full(COUNT, -0.0, np.float32)
    values[3] = 0.0
    SCATTERS["add"][20](out, index, values, np.ones(COUNT, np.bool_), BLOCK=250)
    assert np.signbit(out).tolist() == [True, True, True, False, True]


# --- shapes and strides --------------------------------------------------------------------------


@tw.kernel
def adds_in_two_axes(out, rows, columns, BLOCK: tw.constexpr):
    """Counts pairs, and by a sub-array those of a row."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    tw.atomic_add(out, (rows[i], columns[i]), 1, mask=i < rows.size)
    row = out[tw.program_id(0) % 7]
    tw.atomic_add(row, columns[i], 2, mask=i < rows.size)


def views(rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Memory of 3, and windows of it of shape (6, 11)."""
    for make in (
        lambda m: m[: 6 * 11].reshape(6, 11),
        lambda m: m[: 6 * 11].reshape(11, 6).T,
        lambda m: m[: 6 * 40].reshape(6, 40)[:, 3:14],
        lambda m: m[: 12 * 33].reshape(12, 33)[::2, ::3],
        lambda m: m[: 6 * 11].reshape(6, 11)[::-1, ::-1],
        lambda m: m[1 : 1 + 6 * 11].reshape(6, 11),
    ):
        memory = np.full(12 * 40, 3, np.int32)
        yield memory, make(memory)


def test_views(rng: np.random.Generator) -> None:
    rows, columns = rng.integers(-1, 8, COUNT), rng.integers(-2, 13, COUNT, np.int32)
    program = np.arange(COUNT) // 250 % 7
    for memory, view in views(rng):
        want = np.full((10, 20), 3)  # with a margin for what lies outside
        np.add.at(want, (rows + 2, columns + 2), 1)
        np.add.at(want, (program + 2, columns + 2), 2)
        adds_in_two_axes[20](view, rows, columns, BLOCK=250)
        assert view.tolist() == want[2:8, 2:13].tolist()
        view[:] = 3
        assert (memory == 3).all()


def test_an_array_without_elements(rng: np.random.Generator) -> None:
    rows = rng.integers(-1, 8, COUNT)
    for shape in ((0, 5), (5, 0)):
        adds_in_two_axes[20](np.zeros(shape, np.int32), rows, rows, BLOCK=250)


def test_elements_that_share_memory(rng: np.random.Generator) -> None:
    """All rows are one: what is brought to either is brought to both."""
    memory = np.zeros(11, np.int32)
    view = np.lib.stride_tricks.as_strided(memory, (6, 11), (0, 4), writeable=True)
    rows, columns = rng.integers(0, 6, COUNT), rng.integers(0, 11, COUNT, np.int32)
    adds_in_two_axes[20](view, rows, columns, BLOCK=250)
    program = np.arange(COUNT) // 250 % 7
    want = np.bincount(columns, minlength=11)
    want += 2 * np.bincount(columns[program < 6], minlength=11)
    assert memory.tolist() == want.tolist()


# --- where in a kernel ---------------------------------------------------------------------------


@tw.kernel
def column_sums(x, out, high, n, ROWS: tw.constexpr, COLS: tw.constexpr):
    """Sums and extremes of columns: neighbours take in neighbours."""
    p = tw.program_id(0)
    j = tw.arange(COLS)
    total = tw.zeros(COLS, out.dtype)
    for r in range(ROWS):
        v = x[p * ROWS + r, j]
        total += v
        tw.atomic_max(high, j + 1, v, mask=j < n)
    tw.atomic_add(out, j, total)
    tw.atomic_add(out, (j + 7) % COLS, 1)


@pytest.mark.parametrize("dtype", ["i4", "i8", "i2", "f4", "f8"])
def test_neighbours(dtype: str, rng: np.random.Generator, guarded: Guarded) -> None:
    cols = int(rng.integers(20, 90))
    x = rng.integers(-9, 9, (300, cols)).astype(dtype)
    out, high = guarded(np.full(cols, 5, dtype)), guarded(np.full(cols + 1, -5, dtype))
    column_sums[75](x, out, high, cols - 2, ROWS=4, COLS=cols)
    assert out.tolist() == (x.sum(0) + 5 + 75).tolist()
    assert high.tolist() == [-5, *np.maximum(x.max(0)[: cols - 2], -5), -5, -5]


@tw.kernel
def under_conditions(x, small, large, one, BLOCK: tw.constexpr):
    """Lanes that take different ways, loops of lanes, scalars, and one element for a whole tile."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = tw.load(x, i, fill=-1)
    if v >= 0:
        tw.atomic_add(small, v % 7, 1)
        k = v
        while k > 0:
            tw.atomic_add(large, k, 1)
            k = k // 3
    tw.atomic_max(one, 0, tw.max(v))
    tw.atomic_add(small, 7, tw.sum((v >= 0).to(tw.i32)))


def test_lanes_and_scalars(rng: np.random.Generator) -> None:
    x = rng.integers(0, 100, COUNT, np.int32)
    small, large, one = np.zeros(8, np.int32), np.zeros(100, np.int64), np.zeros(1, np.int32)
    under_conditions[20](x, small, large, one, BLOCK=256)
    want = np.zeros(100, np.int64)
    k = x
    while k.size:
        np.add.at(want, k[k > 0], 1)
        k = k[k > 0] // 3
    assert small.tolist() == [*np.bincount(x % 7, minlength=7), COUNT]
    assert large.tolist() == want.tolist()
    assert one[0] == x.max()


@tw.kernel
def in_loops(x, out, total, BLOCK: tw.constexpr):
    """Few programs that go round often."""
    for k in range(tw.program_id(0) * BLOCK, x.size, tw.num_programs(0) * BLOCK):
        i = k + tw.arange(BLOCK)
        tw.atomic_add(out, x[i], 1, mask=i < x.size)
        tw.atomic_add(total, tw.arange(BLOCK) * 0, x[i].to(tw.f32))


def test_loops(rng: np.random.Generator) -> None:
    x = rng.integers(0, 200, COUNT).astype(np.uint8)
    out, total = np.zeros(200, np.uint32), np.zeros(1, np.float32)
    in_loops[3](x, out, total, BLOCK=64)
    assert out.tolist() == np.bincount(x, minlength=200).tolist()
    assert total[0] == x.sum()


@tw.kernel
def reads_too(out, index, seen, BLOCK: tw.constexpr):
    """What a program adds to and reads is no copy."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    tw.atomic_add(out, index[i], 1)
    tw.atomic_max(seen, tw.program_id(0), tw.max(out[index[i]]))


def test_what_is_read_too(rng: np.random.Generator) -> None:
    index = rng.integers(0, 9, COUNT, np.int32)
    out, seen = np.zeros(9, np.int32), np.zeros(20, np.int32)
    reads_too[20](out, index, seen, BLOCK=250)
    assert out.tolist() == np.bincount(index).tolist()
    own = [np.bincount(part).max() for part in index.reshape(20, 250)]
    assert (seen >= own).all() and seen.max() == out.max()


def test_arguments_that_overlap(rng: np.random.Generator) -> None:
    memory = np.zeros(COUNT + 5, np.int32)
    memory[5:] = rng.integers(0, 5, COUNT)
    want = np.bincount(memory[5:], minlength=5)
    index, out, ones = memory[4:], memory[:5], np.ones(COUNT + 1, np.int32)
    mask = np.arange(COUNT + 1) > 0
    SCATTERS["add"][21](out, index, ones, mask, BLOCK=250)
    assert out.tolist() == want.tolist()


def test_launches_at_the_same_time(rng: np.random.Generator) -> None:
    index, values = rng.integers(0, 300, COUNT, np.int32), np.ones(COUNT, np.int32)
    out, mask = np.zeros(300, np.int32), np.ones(COUNT, np.bool_)
    streams = [tw.Stream() for _ in range(3)]
    for _ in range(20):
        for stream in streams:
            SCATTERS["add"][20](out, index, values, mask, BLOCK=250, stream=stream)
    tw.synchronize()
    assert out.tolist() == (60 * np.bincount(index, minlength=300)).tolist()


# --- what is planned -----------------------------------------------------------------------------


@tw.kernel
def several(a, b, c, d, e, f, g, index):
    """Copies of `a` and `b` only."""
    i = index[tw.arange(8)]
    tw.atomic_add(a, i, 1)
    tw.atomic_add(a, 0, 2)
    tw.atomic_or_(b[0], i, 1)
    tw.atomic_add(c, i, 1)
    tw.atomic_max(c, i, 1)
    tw.atomic_add(d, i, tw.atomic_add(e, i, 1))
    tw.store(d, 0, 1)
    tw.atomic_add(f.ptr + i, 1)
    tw.atomic_add(g, 0, tw.sum(i))


@tw.kernel
def in_order(a):
    """What orders memory lets others see what came before it."""
    tw.atomic_add(a, tw.arange(8), 1, order="release")


def test_what_is_planned() -> None:
    x = [np.zeros(8, np.int32) for _ in range(8)]
    x[1] = np.zeros((2, 8), np.int32)
    inspection = several.inspect(*x)
    assert inspection.metadata["thread_copies"] == ["a", "b"]
    assert "a copy for each thread: a for atomic add" in inspection.plan
    assert in_order.inspect(x[0]).metadata["thread_copies"] == []
