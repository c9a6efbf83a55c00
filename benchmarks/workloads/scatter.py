"""Many values to few places: sums where an index names the place, and a histogram of bytes."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax

import tilewright as tw

COUNT, PLACES, BINS = 2**22, 2**16, 256


@tw.kernel
def scatter_add_kernel(out, index, values, BLOCK: tw.constexpr = 8192):
    """`out[index] += values`, each of equal places too."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    tw.atomic_add(out, index[i], values[i], mask=i < index.size)


@tw.kernel
def histogram_kernel(x, counts, BLOCK: tw.constexpr = 65536):
    """How often each byte occurs in a block."""
    i = tw.program_id(0) * BLOCK
    tw.atomic_add(counts, tw.arange(256), tw.histogram(x[i : i + BLOCK], 256))


# --- sums to places that an index names ---------------------------------------------------------


def _make(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(
        index=rng.integers(0, PLACES, COUNT, np.int32),
        values=rng.standard_normal(COUNT, dtype=np.float32),
    )


def _reference(data: SimpleNamespace) -> NDArray:
    return np.bincount(data.index, data.values.astype(np.float64), PLACES)


SCATTER = Workload("scatter-add 4M to 64K", _make, _reference)


@by("tilewright", SCATTER)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty(PLACES, np.float32)
    names = {"k": scatter_add_kernel[tw.cdiv(COUNT, 8192)], "out": out, **vars(data)}
    return Contender("out.fill(0); k(out, index, values)", names, lambda: out)


@by("numpy", SCATTER)
def _numpy(data: SimpleNamespace) -> Contender:
    out = np.empty(PLACES, np.float32)
    names = {"add": np.add.at, "out": out, **vars(data)}
    return Contender("out.fill(0); add(out, index, values)", names, lambda: out)


@by("numba", SCATTER)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    threads = numba.get_num_threads()

    # There are no atomics on CPUs: each thread adds to a copy of its own.
    @numba.njit(parallel=True, fastmath=True)
    def run(out, index, values, parts):
        parts[:] = 0
        for thread in numba.prange(threads):
            part = parts[thread]
            first, last = thread * index.size // threads, (thread + 1) * index.size // threads
            for i in range(first, last):
                part[index[i]] += values[i]
        for k in numba.prange(out.size):
            total = parts[0, k]
            for thread in range(1, threads):
                total += parts[thread, k]
            out[k] = total

    out = np.empty(PLACES, np.float32)
    parts = np.empty((threads, PLACES), np.float32)
    names = {"run": run, "out": out, "parts": parts, **vars(data)}
    return Contender("run(out, index, values, parts)", names, lambda: out)


@by("numba-serial", SCATTER)
def _numba_serial(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(fastmath=True)
    def run(out, index, values):
        out[:] = 0
        for i in range(index.size):
            out[index[i]] += values[i]

    out = np.empty(PLACES, np.float32)
    return Contender("run(out, index, values)", {"run": run, "out": out, **vars(data)}, lambda: out)


@by("torch", SCATTER)
def _torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty(PLACES, np.float32)
    result, index, values = map(torch.from_numpy, (out, data.index.astype(np.int64), data.values))
    names = {"out": result, "index": index, "values": values}
    return Contender("out.zero_().scatter_add_(0, index, values)", names, lambda: out)


@by("taichi", SCATTER)
def _taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()

    @ti.kernel
    def run(out: ti.types.ndarray(), index: ti.types.ndarray(), values: ti.types.ndarray()):
        for i in range(index.shape[0]):
            ti.atomic_add(out[index[i]], values[i])

    out = np.empty(PLACES, np.float32)
    names = {"run": run, "out": out, **vars(data)}
    return Contender("out.fill(0); run(out, index, values)", names, lambda: out)


@by("warp", SCATTER)
def _warp(data: SimpleNamespace) -> Contender:
    from peers import start_warp

    wp = start_warp()

    @wp.kernel
    def run(
        out: wp.array(dtype=wp.float32), index: wp.array(dtype=wp.int32),
        values: wp.array(dtype=wp.float32),
    ):  # fmt: skip
        i = wp.tid()
        wp.atomic_add(out, index[i], values[i])

    out = wp.zeros(PLACES, wp.float32)
    inputs = [out, wp.from_numpy(data.index), wp.from_numpy(data.values)]
    names = {"launch": wp.launch, "run": run, "out": out, "n": COUNT, "x": inputs}
    return Contender("out.zero_(); launch(run, dim=n, inputs=x)", names, out.numpy)


@by("jax", SCATTER)
def _jax(data: SimpleNamespace) -> Contender:
    import jax

    def run(index, values):
        return jax.ops.segment_sum(values, index, PLACES)

    return on_jax(run, data.index, data.values)


# --- a histogram of bytes -----------------------------------------------------------------------


HISTOGRAM = Workload(
    "histogram 2^22 u8",
    lambda rng: SimpleNamespace(x=rng.integers(0, BINS, COUNT, np.uint8)),
    lambda data: np.unique_counts(np.append(data.x, np.arange(BINS, dtype=np.uint8))).counts - 1,
    is_exact=True,
)
WORKLOADS = (SCATTER, HISTOGRAM)


@by("tilewright", HISTOGRAM)
def _histogram_tilewright(data: SimpleNamespace) -> Contender:
    counts = np.empty(BINS, np.int32)
    names = {"k": histogram_kernel[COUNT // 65536], "counts": counts, "x": data.x}
    return Contender("counts.fill(0); k(x, counts)", names, lambda: counts)


@by("numpy", HISTOGRAM)
def _histogram_numpy(data: SimpleNamespace) -> Contender:
    names = {"count": np.bincount, "x": data.x}
    return Contender("count(x, minlength=256)", names, lambda: np.bincount(data.x, minlength=BINS))


@by("numba", HISTOGRAM)
def _histogram_numba(data: SimpleNamespace) -> Contender:
    import numba

    threads = numba.get_num_threads()

    # Four tables a thread, so that equal neighbours do not wait for each other.
    @numba.njit(parallel=True, fastmath=True)
    def run(x, counts, parts):
        parts[:] = 0
        for thread in numba.prange(threads):
            part = parts[thread]
            for i in range(thread * x.size // threads, (thread + 1) * x.size // threads, 4):
                part[0, x[i]] += 1
                part[1, x[i + 1]] += 1
                part[2, x[i + 2]] += 1
                part[3, x[i + 3]] += 1
        for k in range(counts.size):
            total = 0
            for thread in range(threads):
                for table in range(4):
                    total += parts[thread, table, k]
            counts[k] = total

    counts, parts = np.empty(BINS, np.int32), np.empty((threads, 4, BINS), np.int32)
    return call(run, data.x, counts, parts, result=counts)


@by("torch", HISTOGRAM)
def _histogram_torch(data: SimpleNamespace) -> Contender:
    import torch

    x = torch.from_numpy(data.x)
    names = {"count": torch.bincount, "x": x}
    return Contender(
        "count(x, minlength=256)", names, lambda: torch.bincount(x, minlength=BINS).numpy()
    )


@by("jax", HISTOGRAM)
def _histogram_jax(data: SimpleNamespace) -> Contender:
    import jax.numpy as jnp

    return on_jax(lambda x: jnp.bincount(x, length=BINS), data.x)
