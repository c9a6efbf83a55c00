"""Matrix products in f32 and bf16, against the vendors' libraries that NumPy and torch call."""

from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax, on_torch

import tilewright as tw

SHAPES = ((256,) * 3, (512,) * 3, (1024,) * 3, (2048,) * 3, (1000, 777, 531))


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
    return SimpleNamespace(a=a, b=b, out=np.empty((m, n), np.float32))


def _make_bf16(shape: tuple[int, int, int], rng: np.random.Generator) -> SimpleNamespace:
    import ml_dtypes

    data = vars(_make(shape, rng))
    return SimpleNamespace(**{name: data[name].astype(ml_dtypes.bfloat16) for name in data})


def _reference(data: SimpleNamespace) -> NDArray:
    return data.a.astype(np.float64) @ data.b.astype(np.float64)


F32 = tuple(
    Workload(
        f"matmul {m}" if m == n == k else f"matmul {m}x{n}x{k}",
        partial(_make, (m, n, k)),
        _reference,
    )
    for m, n, k in SHAPES
)
BF16 = tuple(
    Workload(f"matmul bf16 {n}", partial(_make_bf16, (n, n, n)), _reference)
    for n in (512, 1024, 2048)
)
WORKLOADS = (*F32, *BF16)


def _fitting(extent: int, most: int, multiple: int) -> int:
    """The tile size, up to `most`, that covers an extent with the least waste, in few tiles."""
    fewest = tw.cdiv(extent, most)
    sizes = [tw.cdiv(tw.cdiv(extent, n), multiple) * multiple for n in range(fewest, 2 * fewest)]
    return min(sizes, key=lambda size: tw.cdiv(extent, size) * size)


# Large tiles pack less often, small ones leave work for every thread.
TILES = (
    (64, 256), (96, 512), (128, 32), (128, 64), (128, 128), (128, 256), (128, 512), (256, 256),
    (96, 1024), (128, 1024),
)  # fmt: skip


@by("tilewright", *F32, *BF16)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.out)
    (m, n), k = out.shape, data.a.shape[1]
    depth = _fitting(k, 288 if out.itemsize == 4 else 512, 4)
    tiles = dict.fromkeys((_fitting(m, bm, 1), _fitting(n, bn, 16)) for bm, bn in TILES)
    configs = [tw.Config(BM=bm, BN=bn, BK=depth) for bm, bn in tiles]
    tuned = tw.autotune(configs=configs)(matmul_kernel)
    launch = tuned[lambda p: (tw.cdiv(m, p.BM), tw.cdiv(n, p.BN))]
    return call(launch, data.a, data.b, out, result=out)


@by("numpy", *F32)
def _numpy(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.out)
    return call(np.matmul, data.a, data.b, out=out, result=out)


@by("torch", *F32)
def _torch(data: SimpleNamespace) -> Contender:
    import torch

    return on_torch(
        lambda a, b, c: torch.mm(a, b, out=c), data.a, data.b, result=np.empty_like(data.out)
    )


@by("torch", *BF16)
def _torch_bf16(data: SimpleNamespace) -> Contender:
    import torch

    # torch does not know the dtype of NumPy's side, but the bits are the same.
    out = np.empty_like(data.out)
    a, b, c = (
        torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
        for array in (data.a, data.b, out)
    )
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return call(torch.mm, a, b, out=c, result=out)
    # Without instructions for bf16 its own product takes a hundred times as long as that of f32.
    return call(lambda: c.copy_(a.float() @ b.float()), result=out)


@by("jax", *F32, *BF16)
def _jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda a, b: a @ b, data.a, data.b)
