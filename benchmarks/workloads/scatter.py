"""Sums to places that an index names, many to each: what `np.add.at` does."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload
from numpy.typing import NDArray

import tilewright as tw

COUNT, PLACES = 2**22, 2**16


@tw.kernel
def scatter_add_kernel(out, index, values, BLOCK: tw.constexpr = 8192):
    """`out[index] += values`, each of equal places too."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    tw.atomic_add(out, index[i], values[i], mask=i < index.size)


def _make(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(
        index=rng.integers(0, PLACES, COUNT, np.int32),
        values=rng.standard_normal(COUNT, dtype=np.float32),
    )


def _reference(data: SimpleNamespace) -> NDArray:
    return np.bincount(data.index, data.values.astype(np.float64), PLACES)


def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty(PLACES, np.float32)
    names = {"k": scatter_add_kernel[tw.cdiv(COUNT, 8192)], "out": out, **vars(data)}
    return Contender("out.fill(0); k(out, index, values)", names, lambda: out)


def _numpy(data: SimpleNamespace) -> Contender:
    out = np.empty(PLACES, np.float32)
    names = {"add": np.add.at, "out": out, **vars(data)}
    return Contender("out.fill(0); add(out, index, values)", names, lambda: out)


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


def _numba_serial(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(fastmath=True)
    def run(out, index, values):
        out[:] = 0
        for i in range(index.size):
            out[index[i]] += values[i]

    out = np.empty(PLACES, np.float32)
    return Contender("run(out, index, values)", {"run": run, "out": out, **vars(data)}, lambda: out)


def _torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty(PLACES, np.float32)
    result, index, values = map(torch.from_numpy, (out, data.index.astype(np.int64), data.values))
    names = {"out": result, "index": index, "values": values}
    return Contender("out.zero_().scatter_add_(0, index, values)", names, lambda: out)


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


WORKLOADS = (
    Workload(
        "scatter-add 4M to 64K", _make, _reference,
        {
            "tilewright": _tilewright, "numpy": _numpy, "numba": _numba,
            "numba-serial": _numba_serial, "torch": _torch, "taichi": _taichi, "warp": _warp,
        },
    ),
)  # fmt: skip
