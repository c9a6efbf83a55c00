"""Reductions along outer axes: packs of columns a thread, parts brought together, results at once.

Each kernel is compiled for GPUs and run on the emulator, which watches for races, over arrays whose
rows begin at multiples of 16 bytes and over others, that end within blocks.
"""

from __future__ import annotations

import shutil
from itertools import product
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.options import Options
from tilewright.dsl import ir

from ...emulator.execution import build_emulated
from .test_tiles import operand, signature

TARGET: Final = "cuda:sm_90a"
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@tw.kernel
def sums(x, out, BM: tw.constexpr, BN: tw.constexpr):
    """Of a block each."""
    m, n = tw.program_id(0), tw.program_id(1) * BN
    out[m, n : n + BN] = tw.sum(x[m * BM : m * BM + BM, n : n + BN], axis=0)


@tw.kernel
def sums_of_all(x, out, BM: tw.constexpr, BN: tw.constexpr):
    """Block after block; programs along the second axis, for one test with them all."""
    n = tw.program_id(1) * BN
    acc = tw.zeros(BN, out.dtype)
    for m in range(0, x.shape[0], BM):
        acc += tw.sum(x[m : m + BM, n : n + BN], axis=0)
    out[0, n : n + BN] = acc


@tw.kernel
def several(x, out, BM: tw.constexpr, BN: tw.constexpr):
    """Maxima, minima, and both beside sums, whose threads have one more result to bring."""
    m, n = tw.program_id(0), tw.program_id(1) * BN
    block = x[m * BM : m * BM + BM, n : n + BN]
    spread = tw.max(block, axis=0) - tw.min(block, axis=0)
    out[m, n : n + BN] = tw.where(tw.any(block > 0, axis=0), spread, tw.sum(block, axis=0))


@tw.kernel
def places(x, out, BM: tw.constexpr, BN: tw.constexpr):
    """Where the largest of each column is; the value is asked for by nobody."""
    m, n = tw.program_id(0), tw.program_id(1) * BN
    out[m, n : n + BN] = tw.argmax(x[m * BM : m * BM + BM, n : n + BN], axis=0)


@tw.kernel
def shares(x, out, BM: tw.constexpr, BN: tw.constexpr):
    """What is left of a block without the means of its columns: all threads read the results."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    block = x[m : m + BM, n : n + BN]
    out[m : m + BM, n : n + BN] = block - tw.mean(block, axis=0)


@tw.kernel
def of_three(x, out, AXIS: tw.constexpr, E: tw.constexpr, BM: tw.constexpr, BN: tw.constexpr):
    """Along the first or the middle axis."""
    part = tw.sum(x[0:E, 0:BM, 0:BN], axis=AXIS)
    out[0 : part.shape[0], 0:BN] = part


def run(
    kernel: Any,
    rng: np.random.Generator,
    arrays: list[NDArray[Any]],
    grid: tuple[int, int, int],
    num_warps: int | None = None,
    **constants: int,
) -> str:
    """Run on the emulator, and give the plan."""
    made: ir.Function = kernel.inspect(signature(*arrays), target=TARGET, **constants).function
    built = build_emulated(made, TARGET, Options(num_warps=num_warps))
    assert built.run(grid, arrays, int(rng.integers(1, 99))).failure is None
    return str(built.plan)


def close(got: NDArray[Any], wanted: NDArray[Any], sizes: NDArray[Any], count: int) -> None:
    """Within so many roundings of sums of such sizes."""
    assert (np.abs(got - wanted) <= count * np.finfo(got.dtype).eps * sizes).all()


BLOCKS: Final = [(32, 128), (128, 32), (48, 24), (5, 96), (3, 1024), (16, 8), (1, 64)]


@needs_compiler
@pytest.mark.parametrize("extra", [0, 3], ids=["even", "odd"])
@pytest.mark.parametrize(
    ("kernel", "block"),
    [*((sums, block) for block in BLOCKS), *product((sums_of_all, shares), BLOCKS[:3])],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_sums_of_blocks(
    kernel: Any, block: tuple[int, int], extra: int, rng: np.random.Generator
) -> None:
    bm, bn = block
    m, n = 3 * bm - extra * (bm > 3), 2 * bn - extra
    x = operand(rng, np.float32, (m, n))
    out = operand(rng, np.float32, ({sums: 3, sums_of_all: 1, shares: m}[kernel], n))
    run(kernel, rng, [x, out], (1 if kernel is sums_of_all else 3, 2, 1), BM=bm, BN=bn)
    wide = x.astype(np.float64)
    starts = np.arange(0, m, bm)
    found, sizes = (np.add.reduceat(part, starts) for part in (wide, np.abs(wide)))
    if kernel is sums:
        close(out, found, sizes, bm)
    elif kernel is sums_of_all:
        close(out[0], found.sum(0), sizes.sum(0), m)
    else:
        of = np.repeat(np.arange(3), bm)[:m]
        close(out, wide - found[of] / bm, np.abs(wide) + sizes[of] / bm, bm + 2)


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8, np.int64, np.uint16], ids=str)
def test_sums_of_other_dtypes(dtype: Any, rng: np.random.Generator) -> None:
    """Packs of 2 to 16 columns; narrow ones are added up in 32 bits."""
    x = operand(rng, dtype, (64, 128))
    kind = np.dtype(dtype).kind
    wide = np.float64 if kind == "f" else np.int64
    widened = {"f": np.float32, "i": np.int32, "u": np.uint32}[kind]
    out = operand(rng, dtype if x.itemsize == 8 else widened, (2, 128))
    run(sums, rng, [x, out], (2, 1, 1), BM=32, BN=128)
    parts = x.astype(wide).reshape(2, 32, 128)
    if kind == "f":
        close(out, parts.sum(1), np.abs(parts).sum(1), 32)
    else:
        np.testing.assert_array_equal(out, parts.sum(1).astype(out.dtype))


@needs_compiler
@pytest.mark.parametrize("warps", [1, 4, 32])
@pytest.mark.parametrize("dtype", [np.float32, np.int16], ids=str)
def test_several_reductions_meet_at_once(dtype: Any, warps: int, rng: np.random.Generator) -> None:
    x = operand(rng, dtype, (40, 64))
    x[:, ::3] = -np.abs(x[:, ::3] // 2)
    out = operand(rng, np.float32 if dtype is np.float32 else np.int32, (2, 64))
    run(several, rng, [x, out], (2, 1, 1), warps, BM=20, BN=64)
    for part, got in zip(x.reshape(2, 20, 64), out, strict=True):
        wide = part.astype(np.float64)
        spread = (part.max(0) - part.min(0)).astype(np.float64)
        wanted = np.where((part > 0).any(0), spread, wide.sum(0))
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-4)


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint8], ids=str)
@pytest.mark.parametrize("block", [(32, 64), (7, 48), (1, 512)], ids=str)
def test_the_first_of_equals_wins_in_each_column(
    dtype: Any, block: tuple[int, int], rng: np.random.Generator
) -> None:
    bm, bn = block
    x = rng.integers(0, 4, (2 * bm, bn)).astype(dtype)
    if np.dtype(dtype).kind == "f":
        x[rng.integers(0, 2 * bm, 9), rng.integers(0, bn, 9)] = np.nan
    aligned = operand(rng, dtype, x.shape)
    aligned[...] = x
    out = operand(rng, np.int32, (2, bn))
    plan = run(places, rng, [aligned, out], (2, 1, 1), BM=bm, BN=bn)
    np.testing.assert_array_equal(out, x.reshape(2, bm, bn).argmax(1))
    assert bm == 1 or "in shared memory" not in plan


@needs_compiler
@pytest.mark.parametrize("shape", [(4, 8, 32), (3, 5, 24), (16, 8, 128)], ids=str)
@pytest.mark.parametrize("axis", [0, 1])
def test_outer_axes_of_three(
    axis: int, shape: tuple[int, int, int], rng: np.random.Generator
) -> None:
    x = operand(rng, np.float32, shape)
    out = operand(rng, np.float32, (shape[1 - axis], shape[2]))
    e, bm, bn = shape
    run(of_three, rng, [x, out], (1, 1, 1), AXIS=axis, E=e, BM=bm, BN=bn)
    wide = x.astype(np.float64)
    close(out, wide.sum(axis), np.abs(wide).sum(axis), max(e, bm))


@pytest.mark.parametrize(
    ("kernel", "tiles"), [(sums, 0), (sums_of_all, 0), (shares, 1)], ids=lambda one: str(one)
)
def test_results_pass_through_memory_only_where_other_threads_read_them(
    kernel: Any, tiles: int, rng: np.random.Generator
) -> None:
    arrays = [operand(rng, np.float32, (64, 128)) for _ in range(2)]
    made = kernel.inspect(signature(*arrays), target=TARGET, BM=32, BN=128).function
    plan = str(build_emulated(made, TARGET).plan)
    assert plan.count(" to tile in shared memory") == tiles
    assert "128 rows by 32 groups of 8 threads, 4 rows at a time" in plan
