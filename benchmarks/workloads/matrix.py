"""Matrix products, against the vendors' libraries that NumPy and torch call."""

from __future__ import annotations

import os
from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload
from numpy.typing import NDArray

import tilewright as tw

SHAPES = ((512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048), (1000, 777, 531))


@tw.kernel
def matmul_kernel(
    a, b, c, BM: tw.constexpr = 128, BN: tw.constexpr = 128, BK: tw.constexpr = 256
):  # fmt: skip
    """`c = a @ b`."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


def _make(shape: tuple[int, int, int], rng: np.random.Generator) -> SimpleNamespace:
    m, n, k = shape
    a = rng.standard_normal((m, k), dtype=np.float32)
    b = rng.standard_normal((k, n), dtype=np.float32)
    return SimpleNamespace(a=a, b=b, out=lambda: np.empty((m, n), np.float32))


def _reference(data: SimpleNamespace) -> NDArray:
    return data.a.astype(np.float64) @ data.b.astype(np.float64)


def _fitting(extent: int, most: int, multiple: int) -> int:
    """The tile size that covers an extent in as few tiles as `most` does, with the least waste."""
    return tw.cdiv(tw.cdiv(extent, tw.cdiv(extent, most)), multiple) * multiple


def _tilewright(data: SimpleNamespace) -> Contender:
    out = data.out()
    (m, n), k = out.shape, data.a.shape[1]
    # Large tiles pack less often; every thread should have two of them.
    threads = int(os.environ["TILEWRIGHT_NUM_THREADS"])
    most = 256 if tw.cdiv(m, 256) * tw.cdiv(n, 256) >= 2 * threads else 128
    tile = _fitting(m, most, 1), _fitting(n, most, 16), _fitting(k, 256, 4)
    grid = tw.cdiv(m, tile[0]), tw.cdiv(n, tile[1])
    names = {"k": matmul_kernel[grid], "a": data.a, "b": data.b, "c": out, "tile": tile}
    return Contender("k(a, b, c, *tile)", names, lambda: out)


def _numpy(data: SimpleNamespace) -> Contender:
    out = data.out()
    names = {"matmul": np.matmul, "a": data.a, "b": data.b, "c": out}
    return Contender("matmul(a, b, out=c)", names, lambda: out)


def _torch(data: SimpleNamespace) -> Contender:
    import torch

    out = data.out()
    a, b, result = map(torch.from_numpy, (data.a, data.b, out))
    names = {"mm": torch.mm, "a": a, "b": b, "c": result}
    return Contender("mm(a, b, out=c)", names, lambda: out)


WORKLOADS = tuple(
    Workload(
        f"matmul {shape[0]}" if len(set(shape)) == 1 else f"matmul {'x'.join(map(str, shape))}",
        partial(_make, shape),
        _reference,
        {"tilewright": _tilewright, "numpy": _numpy, "torch": _torch},
    )
    for shape in SHAPES
)
