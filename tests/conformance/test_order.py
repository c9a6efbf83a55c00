"""Sorts, elements taken at positions, histograms: compiled, interpreted, and as NumPy has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.types import (
    Array,
    Dtype,
    bf16,
    bool_,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
)

from .agreement import bits
from .building import along, const, everywhere, function, load_whole
from .data import IN_MEMORY, INTEGERS, LAYOUTS, NUMPY, Data, numbers_of, random_values, specials
from .execution import Batch, Guard, Row, check_memory, run_compiled, run_interpreted, variants

Shape = tuple[int, ...]
# Powers of two and their neighbours, primes; rows of few and of many vectors; wide axes behind.
SHAPES = (
    (1,), (2,), (3,), (7,), (8,), (33,), (64,), (131,), (257,), (5, 9), (1, 17), (16, 1), (8, 32),
    (31, 40), (3, 4, 5), (2, 9, 11), (2, 1, 3, 2, 5),
)  # fmt: skip
LONG = ((1000,), (1024,), (2049,), (4, 300), (300, 37))
FLOATS = (f16, bf16, f32, f64, f8e4m3, f8e5m2)
PROGRAMS = 3


def sort_rows(shape: Shape) -> Iterator[Row]:
    """Both kinds along each axis, both ways, whole and cut short."""
    for axis, extent in enumerate(shape):
        for down in (False, True):
            for count in {extent, max(extent // 3, 1)}:
                for kind in ("values", "positions"):
                    yield Row(
                        f"{kind}_{axis}_{'down' if down else 'up'}_{count}",
                        lambda b, x, k=kind, a=axis, n=count, d=down: b.add(ir.Sort(k, x, a, n, d)),
                    )


@pytest.mark.sampled(19)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [*IN_MEMORY, INTEGERS[-1]], ids=str)
def test_sorts(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    k = SHAPES.index(shape)
    x = random_values(rng, dtype, (PROGRAMS, *shape))
    Batch((dtype,), [x], list(sort_rows(shape)), LAYOUTS[k % 4 :], variants(k)).check(guarded)


@pytest.mark.sampled(13)
@pytest.mark.parametrize("shape", LONG, ids=str)
@pytest.mark.parametrize("dtype", [bool_, i8, u16, f32, bf16, i64, f64], ids=str)
def test_long_sorts(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    x = random_values(rng, dtype, (1, *shape))
    Batch((dtype,), [x], list(sort_rows(shape))).check(guarded)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("shape", [(1,), (9,), (40,), (100,), (5, 17), (17, 24)], ids=str)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_sorts_of_special_values(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    """NaN is last either way; zeros of either sign stay in their order."""
    zeros = rng.choice(np.array([0.0, -0.0]), (2, *shape)).astype(NUMPY[dtype])
    few = rng.choice(np.array([-1.0, -0.0, 0.0, np.nan, 2.0]), (2, *shape)).astype(NUMPY[dtype])
    x = np.concatenate([rng.choice(specials(dtype), (4, *shape)), zeros, few])
    Batch((dtype,), [x], list(sort_rows(shape))).check(guarded)


@pytest.mark.parametrize("run", [run_compiled, run_interpreted])
@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", [i8, u8, i32, u64, f16, f32, f64], ids=str)
def test_sorts_are_numpys(
    run: Callable[..., None], dtype: Dtype, axis: int, down: bool, rng: np.random.Generator
) -> None:
    """By the stable sort of NumPy, of values few of which are unique."""
    x = rng.integers(0, 40, (2, 6, 35, 19)).astype(NUMPY[dtype])
    if dtype.is_float:
        x[rng.random(x.shape) < 0.1] = np.nan
    values, positions = np.empty_like(x), np.full(x.shape, -1, np.int32)

    def body(b: ir.Builder, source: ir.Value, *targets: ir.Value) -> None:
        tile = load_whole(b, source, x.shape[1:])
        place = (b.add(ir.ProgramId(0)), *everywhere(b, x.shape[1:]))
        for kind, target in zip(("values", "positions"), targets, strict=True):
            found = b.add(ir.Sort(kind, tile, axis, x.shape[axis + 1], down))
            b.add(ir.Store(target, place, found))

    arrays = [Array(d, (None,) * 4, 3) for d in (dtype, dtype, i32)]
    made = function(zip(("x", "values", "positions"), arrays, strict=True), body)
    run(made, (2, 1, 1), [x, values, positions])
    wide = x.astype(np.float64)
    keys = np.where(np.isnan(wide), np.inf, -wide if down else wide)
    expected = np.argsort(keys, axis + 1, kind="stable")
    np.testing.assert_array_equal(positions, expected)
    np.testing.assert_array_equal(values, np.take_along_axis(x, expected, axis + 1))


# --- gather -------------------------------------------------------------------------------------


def gather_rows(shape: Shape, counts: tuple[int, ...]) -> Iterator[Row]:
    """Along each axis, at positions that the second operand gives, and at computed ones."""
    for axis in range(len(shape)):
        for count in counts:
            yield Row(f"taken_{axis}_{count}", _taken(shape, axis, count), bits)
    yield Row("backwards", _backwards(shape), bits)


def _taken(shape: Shape, axis: int, count: int) -> Callable[..., ir.Value]:
    def make(b: ir.Builder, x: ir.Value, index: ir.Value) -> ir.Value:
        extents = tuple(min(count, n) if k == axis else n for k, n in enumerate(shape))
        part = b.add(ir.Slice(index, (0,) * len(shape), extents))
        return b.add(ir.Gather(x, part, axis))

    return make


def _backwards(shape: Shape) -> Callable[..., ir.Value]:
    """One row, whose other axes have extent 1, taken in reverse order for all."""

    def make(b: ir.Builder, x: ir.Value, index: ir.Value) -> ir.Value:
        axis = len(shape) - 1
        row = b.add(ir.Slice(x, (0,) * len(shape), (*(1,) * axis, shape[-1])))
        last = const(b, shape[-1] - 1, i32, shape)
        up = b.add(ir.Broadcast(along(b, shape, axis), shape))
        return b.add(ir.Gather(row, b.add(ir.Binary("sub", last, up)), axis))

    return make


@pytest.mark.sampled(19)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [*IN_MEMORY, INTEGERS[-1]], ids=str)
def test_gathers(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    k = SHAPES.index(shape)
    index = INTEGERS[(k + IN_MEMORY.index(dtype) if dtype in IN_MEMORY else k) % len(INTEGERS)]
    x = random_values(rng, dtype, (PROGRAMS, *shape))
    reach = min(max(shape) + 2, 120)
    places = rng.integers(-2 if index.is_signed else 0, reach, (PROGRAMS, *shape))
    wild = random_values(rng, index, (PROGRAMS, *shape))
    at = np.where(rng.random(places.shape) < 0.1, wild, places.astype(NUMPY[index]))
    rows = list(gather_rows(shape, (max(shape), 2, 1)))
    Batch((dtype, index), [x, at], rows, LAYOUTS[k % 4 :], variants(k)).check(guarded)


@pytest.mark.parametrize("run", [run_compiled, run_interpreted])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gathers_are_numpys(run: Callable[..., None], axis: int, rng: np.random.Generator) -> None:
    x = rng.standard_normal((1, 7, 12, 10)).astype(np.float32)
    shape = (*x.shape[: axis + 1], 23, *x.shape[axis + 2 :])
    at = rng.integers(-3, x.shape[axis + 1] + 3, shape, dtype=np.int32)
    out = np.full(shape, np.nan, np.float32)

    def body(b: ir.Builder, source: ir.Value, index: ir.Value, target: ir.Value) -> None:
        tile, places = load_whole(b, source, x.shape[1:]), load_whole(b, index, shape[1:])
        place = (b.add(ir.ProgramId(0)), *everywhere(b, shape[1:]))
        b.add(ir.Store(target, place, b.add(ir.Gather(tile, places, axis))))

    arrays = [Array(d, (None,) * 4, 3) for d in (f32, i32, f32)]
    made = function(zip(("x", "at", "out"), arrays, strict=True), body)
    run(made, (1, 1, 1), [x, at, out])
    inside = (at >= 0) & (at < x.shape[axis + 1])
    taken = np.take_along_axis(x, np.where(inside, at, 0), axis + 1)
    np.testing.assert_array_equal(out, np.where(inside, taken, 0))


# --- histograms ---------------------------------------------------------------------------------


@pytest.mark.sampled(3)
@pytest.mark.parametrize("shape", [(1,), (3,), (64,), (1001,), (16, 13), (4, 5, 60)], ids=str)
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_histograms(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    rows = [
        Row(f"counts_{bins}", lambda b, x, n=bins: b.add(ir.Histogram(x, n)), bits)
        for bins in (1, 2, 10, 100, 256, 5000)
    ]
    turned = tuple(reversed(range(len(shape))))
    rows.append(
        Row("turned", lambda b, x: b.add(ir.Histogram(b.add(ir.Permute(x, turned)), 11)), bits)
    )
    x = random_values(rng, dtype, (4, *shape))
    x[2:] = rng.integers(0, 12, (2, *shape))
    x[3] = 1  # all in one bin
    Batch((dtype,), [x], rows, LAYOUTS).check(guarded)


@pytest.mark.parametrize("run", [run_compiled, run_interpreted])
def test_histograms_are_numpys(run: Callable[..., None], rng: np.random.Generator) -> None:
    x = rng.integers(-5, 70, (1, 30, 41)).astype(np.int16)
    out = np.full((1, 64), -1, np.int32)

    def body(b: ir.Builder, source: ir.Value, target: ir.Value) -> None:
        counts = b.add(ir.Histogram(load_whole(b, source, x.shape[1:]), 64))
        b.add(ir.Store(target, (b.add(ir.ProgramId(0)), *everywhere(b, (64,))), counts))

    arrays = Array(dtype_of(x), (None,) * 3, 2), Array(i32, (None,) * 2, 1)
    run(function(zip(("x", "out"), arrays, strict=True), body), (1, 1, 1), [x, out])
    inside = x[(x >= 0) & (x < 64)].astype(np.int64)
    np.testing.assert_array_equal(out[0], np.bincount(inside, minlength=64))


def dtype_of(x: Data) -> Dtype:
    """Our name of an array's dtype."""
    return next(dtype for dtype, storage in NUMPY.items() if storage == x.dtype)


# --- among other ops ----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(13,), (40,), (6, 50), (50, 6)], ids=str)
@pytest.mark.parametrize("dtype", [i32, u32, f32, f64], ids=str)
def test_order_of_what_is_computed(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    """Sources that are views, sums or gathers; results that are sorted, cut and summed again."""

    def of_views(b: ir.Builder, x: ir.Value) -> ir.Value:
        turned = b.add(ir.Permute(b.add(ir.Flip(x, 0)), tuple(reversed(range(len(shape))))))
        return b.add(ir.Sort("values", turned, 0, shape[-1] // 2 + 1))

    def of_sums(b: ir.Builder, x: ir.Value) -> tuple[ir.Value, ...]:
        doubled = b.add(ir.Binary("add", x, x))
        order = b.add(ir.Sort("positions", doubled, 0, shape[0], True))
        taken = b.add(ir.Gather(doubled, order, 0))
        return order, taken, b.add(ir.Binary("max", taken, x))

    def inverse(b: ir.Builder, x: ir.Value) -> ir.Value:
        order = b.add(ir.Sort("positions", x, 0, shape[0]))
        ranks = b.add(ir.Sort("positions", order, 0, shape[0]))
        return b.add(ir.Gather(b.add(ir.Sort("values", x, 0, shape[0])), ranks, 0))

    rows = [Row("views", of_views), Row("sums", of_sums), Row("same", inverse, bits)]
    x = rng.integers(0, 30, (PROGRAMS, *shape)).astype(NUMPY[dtype])
    Batch((dtype,), [x], rows, ("rows", "columns")).check(guarded)


@pytest.mark.parametrize("dtype", [i32, f32, f16], ids=str)
def test_tiles_that_a_loop_carries(dtype: Dtype, rng: np.random.Generator, guarded: Guard) -> None:
    """Each round sorts, takes and counts what the one before has left."""
    x = rng.integers(0, 20, (2, 6, 21)).astype(NUMPY[dtype])

    def body(b: ir.Builder, source: ir.Value, target: ir.Value, counts: ir.Value) -> None:
        tile = load_whole(b, source, x.shape[1:])
        bound = [const(b, n, i32) for n in (0, 3, 1)]
        with b.inside(bound[0].type, tile.type) as block:
            _, carried = block.parameters
            order = b.add(ir.Sort("positions", carried, 1, 21, True))
            shifted = b.add(ir.Binary("add", order, const(b, 1, i32, order.shape)))
            moved = b.add(ir.Gather(carried, shifted, 1))
            b.add(ir.Yield((b.add(ir.Binary("add", moved, carried)),)))
        last = b.add(ir.For(*bound, (tile,), block)).results[0]
        place = (b.add(ir.ProgramId(0)), *everywhere(b, x.shape[1:]))
        b.add(ir.Store(target, place, last))
        found = b.add(ir.Histogram(b.add(ir.Cast(last, i32)), 9))
        b.add(ir.Store(counts, (b.add(ir.ProgramId(0)), *everywhere(b, (9,))), found))

    arrays = [Array(d, (None,) * rank, rank - 1) for d, rank in ((dtype, 3), (dtype, 3), (i32, 2))]
    made = function(zip(("x", "out", "counts"), arrays, strict=True), body)
    outputs: list[Any] = [(x.shape, dtype), ((2, 9), i32)]
    check_memory(made, (2, 1, 1), [x, *outputs], guarded)


def test_a_sort_before_a_store_to_its_source(rng: np.random.Generator, guarded: Guard) -> None:
    """In place: what is sorted is what was there before."""
    x = rng.standard_normal((3, 77)).astype(np.float32)

    def body(b: ir.Builder, source: ir.Value) -> None:
        tile = load_whole(b, source, (77,))
        place = (b.add(ir.ProgramId(0)), *everywhere(b, (77,)))
        b.add(ir.Store(source, place, b.add(ir.Sort("values", tile, 0, 77))))
        order = b.add(ir.Sort("positions", tile, 0, 77))
        b.add(ir.Store(source, place, b.add(ir.Gather(tile, order, 0))))

    made = function([("x", Array(f32, (None, None), 1))], body)
    check_memory(made, (3, 1, 1), [x], guarded)
    got = np.array(x)
    run_compiled(made, (3, 1, 1), [got])
    assert numbers_of(got).tolist() == np.sort(x, 1).astype(np.float64).tolist()
