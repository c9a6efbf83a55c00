"""Attention of a transformer with 8 heads: full, and each position to those before it."""

from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax

import tilewright as tw

HEADS, LENGTH, DIM = 8, 1024, 64
SCALE = np.float32(DIM**-0.5)


@tw.kernel
def attention_kernel(
    q, k, v, out, scale, CAUSAL: tw.constexpr, D: tw.constexpr, BM: tw.constexpr = 64,
    BN: tw.constexpr = 64,
):  # fmt: skip
    """`softmax(q @ k.T * scale) @ v` for `BM` queries of one head, `BN` keys at a time."""
    head, m = tw.program_id(1), tw.program_id(0) * BM
    query = q[head, m : m + BM, 0:D] * scale
    top = tw.full((BM, 1), -float("inf"))
    total = tw.zeros((BM, 1))
    acc = tw.zeros((BM, D))
    end = m + BM if CAUSAL else k.shape[1]
    for n in range(0, end, BN):
        scores = query @ k[head, n : n + BN, 0:D].T
        if CAUSAL:
            future = n + tw.arange(BN) > m + tw.arange(BM)[:, None]
            scores = tw.where(future, -float("inf"), scores)
        higher = tw.maximum(top, tw.max(scores, axis=1, keepdims=True))
        weights = tw.exp(scores - higher)
        shrink = tw.exp(top - higher)
        total = total * shrink + tw.sum(weights, axis=1, keepdims=True)
        acc = acc * shrink + weights @ v[head, n : n + BN, 0:D]
        top = higher
    out[head, m : m + BM, 0:D] = acc / total


def _make(is_causal: bool, rng: np.random.Generator) -> SimpleNamespace:
    shape = HEADS, LENGTH, DIM
    q, k, v = (rng.standard_normal(shape, dtype=np.float32) for _ in range(3))
    return SimpleNamespace(arrays=(q, k, v), is_causal=is_causal)


def _reference(data: SimpleNamespace) -> NDArray:
    q, k, v = (array.astype(np.float64) for array in data.arrays)
    scores = q @ k.mT * float(SCALE)
    if data.is_causal:
        scores[:, np.triu(np.ones((LENGTH, LENGTH), bool), 1)] = -np.inf
    weights = np.exp(scores - scores.max(2, keepdims=True))
    return weights @ v / weights.sum(2, keepdims=True)


ATTENTION = tuple(
    Workload(f"attention {name}", partial(_make, name == "causal"), _reference)
    for name in ("full", "causal")
)
WORKLOADS = ATTENTION


@by("tilewright", *ATTENTION)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.arrays[0])
    kernel = attention_kernel[LENGTH // 64, HEADS]
    return call(kernel, *data.arrays, out, SCALE, CAUSAL=data.is_causal, D=DIM, result=out)


@by("torch", *ATTENTION)
def _torch(data: SimpleNamespace) -> Contender:
    import torch

    run = torch.inference_mode()(torch.nn.functional.scaled_dot_product_attention)
    q, k, v = (torch.from_numpy(array)[None] for array in data.arrays)
    names = {"run": run, "q": q, "k": k, "v": v, "causal": data.is_causal}
    return Contender(
        "run(q, k, v, is_causal=causal)", names,
        lambda: run(q, k, v, is_causal=data.is_causal)[0].numpy(),
    )  # fmt: skip


@by("numba", *ATTENTION)
def _numba(data: SimpleNamespace) -> Contender:
    import numba
    from peers import numba_math

    exp, is_causal, block = numba_math().exp, data.is_causal, 64

    # Blocks of queries and keys; `np.dot` is OpenBLAS.
    @numba.njit(parallel=True, fastmath=True)
    def run(q, k, v, out, scale):
        for p in numba.prange(HEADS * (LENGTH // block)):
            head, m = p // (LENGTH // block), p % (LENGTH // block) * block
            top = np.full(block, np.float32(-np.inf))
            total, acc = np.zeros(block, np.float32), np.zeros((block, DIM), np.float32)
            for n in range(0, m + block if is_causal else LENGTH, block):
                scores = np.dot(q[head, m : m + block], k[head, n : n + block].T)
                for i in range(block):
                    last = min(block, m + i - n + 1) if is_causal else block
                    higher = top[i]
                    for j in range(last):
                        scores[i, j] *= scale
                        higher = max(higher, scores[i, j])
                    added = np.float32(0)
                    for j in range(last):
                        scores[i, j] = exp(scores[i, j] - higher)
                        added += scores[i, j]
                    scores[i, last:] = 0
                    shrink = exp(top[i] - higher)
                    total[i] = total[i] * shrink + added
                    top[i] = higher
                    for j in range(DIM):
                        acc[i, j] *= shrink
                acc += np.dot(scores, v[head, n : n + block])
            for i in range(block):
                for j in range(DIM):
                    out[head, m + i, j] = acc[i, j] / total[i]

    out = np.empty_like(data.arrays[0])
    return call(run, *data.arrays, out, SCALE, result=out)


@by("jax", *ATTENTION)
def _jax(data: SimpleNamespace) -> Contender:
    import jax
    import jax.numpy as jnp

    def run(q, k, v):
        scores = q @ k.mT * SCALE
        if data.is_causal:
            scores = jnp.where(jnp.tri(LENGTH, dtype=bool), scores, -jnp.inf)
        return jax.nn.softmax(scores) @ v

    return on_jax(run, *data.arrays)
