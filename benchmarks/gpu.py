"""Measures kernels on a GPU beside torch and Triton, in turns, as shares of what a copy moves.

Run it on a machine with a GPU, torch and Triton: `python benchmarks/gpu.py`. Times are medians of
events of the GPU, the cache flushed before each repeat (`triton.testing.do_bench`), the middle of
three rounds of all contestants in turn; data are fresh and random, outputs poisoned and compared in
float64.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any

import torch
import triton
import triton.language as tl
from torch.nn.attention import SDPBackend, sdpa_kernel
from triton.testing import do_bench

import tilewright as tw

ROUNDS = 3


@tw.kernel
def add(x, y, out, BLOCK: tw.constexpr):
    """`out = x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = x[i] + y[i]


@tw.kernel
def softmax(x, out, BLOCK: tw.constexpr):
    """A row a program."""
    row = tw.program_id(0)
    col = tw.arange(BLOCK)
    v = tw.load(x, (row, col), fill=-float("inf"))
    e = tw.exp(v - tw.max(v))
    out[row, col] = e / tw.sum(e)


@tw.kernel
def layernorm(x, w, b, out, eps, BLOCK: tw.constexpr):
    """A row a program, computed in f32."""
    row, n = tw.program_id(0), x.shape[1]
    col = tw.arange(BLOCK)
    v = x[row, col].to(tw.f32)
    mean = tw.sum(v) / n
    d = tw.where(col < n, v - mean, 0.0)
    scale = tw.rsqrt(tw.sum(d * d) / n + eps)
    out[row, col] = (d * scale * w[col].to(tw.f32) + b[col].to(tw.f32)).to(out.dtype)


@tw.kernel
def gelu(x, out, BLOCK: tw.constexpr):
    """By the hyperbolic tangent, in f32."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = x[i].to(tw.f32)
    inner = 0.7978845608 * (v + 0.044715 * v * v * v)
    out[i] = (0.5 * v * (1.0 + tw.tanh(inner))).to(x.dtype)


@tw.kernel
def argmax(x, out, BLOCK: tw.constexpr):
    """A row a program."""
    row = tw.program_id(0)
    out[row] = tw.argmax(x[row, 0:BLOCK])


@tw.kernel
def column_sums(x, out, ROWS: tw.constexpr, BM: tw.constexpr, BN: tw.constexpr):
    """Some columns of as many rows a program, block by block."""
    part, n = tw.program_id(1), tw.program_id(0) * BN
    total = tw.zeros(BN, tw.f32)
    for m in range(part * ROWS, part * ROWS + ROWS, BM):
        total += tw.sum(x[m : m + BM, n : n + BN], axis=0)
    out[part, n : n + BN] = total


@tw.kernel
def cumsum(x, out, BLOCK: tw.constexpr):
    """A row a program."""
    row = tw.program_id(0)
    out[row, 0:BLOCK] = tw.cumsum(x[row, 0:BLOCK])


@tw.kernel
def sort(x, out, BLOCK: tw.constexpr):
    """A row a program."""
    row = tw.program_id(0)
    out[row, 0:BLOCK] = tw.sort(x[row, 0:BLOCK])


@tw.kernel
def transpose(x, out, B: tw.constexpr):
    """A block a program."""
    i, j = tw.program_id(0) * B, tw.program_id(1) * B
    out[j : j + B, i : i + B] = x[i : i + B, j : j + B].T


@tw.kernel
def matmul(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """A block of the product a program."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def batched(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """A block of one product of a batch a program."""
    e, m, n = tw.program_id(0), tw.program_id(1) * BM, tw.program_id(2) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[2], BK):
        acc += a[e, m : m + BM, k : k + BK] @ b[e, k : k + BK, n : n + BN]
    c[e, m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def batched_at_once(a, b, c, E: tw.constexpr, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """Blocks of several products of a batch a program, as tiles of three axes."""
    e, m, n = tw.program_id(0) * E, tw.program_id(1) * BM, tw.program_id(2) * BN
    acc = tw.zeros((E, BM, BN), tw.f32)
    for k in range(0, a.shape[2], BK):
        left, right = a[e : e + E, m : m + BM, k : k + BK], b[e : e + E, k : k + BK, n : n + BN]
        acc += left @ right
    c[e : e + E, m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def attention(q, k, v, out, scale, n, BM: tw.constexpr, BN: tw.constexpr, D: tw.constexpr):
    """A block of rows of one head a program; heads of `n` rows lie below each other."""
    base = tw.program_id(1) * n
    first = base + tw.program_id(0) * BM
    queries = q[first : first + BM, 0:D]
    top = tw.full(BM, -1e30, tw.f32)
    total = tw.zeros(BM, tw.f32)
    acc = tw.zeros((BM, D), tw.f32)
    for begin in range(base, base + n, BN):
        scores = queries @ k[begin : begin + BN, 0:D].T * scale
        higher = tw.maximum(top, tw.max(scores, axis=1))
        e = tw.exp(scores - higher[:, None])
        kept = tw.exp(top - higher)
        total = total * kept + tw.sum(e, axis=1)
        acc = acc * kept[:, None] + e.to(q.dtype) @ v[begin : begin + BN, 0:D]
        top = higher
    out[first : first + BM, 0:D] = (acc / total[:, None]).to(out.dtype)


@triton.jit
def triton_add(x, y, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.load(x + i, mask=i < n) + tl.load(y + i, mask=i < n), mask=i < n)


@triton.jit
def triton_softmax(x, out, n, BLOCK: tl.constexpr):
    row, col = tl.program_id(0), tl.arange(0, BLOCK)
    v = tl.load(x + row * n + col, mask=col < n, other=-float("inf"))
    e = tl.exp(v - tl.max(v, 0))
    tl.store(out + row * n + col, e / tl.sum(e, 0), mask=col < n)


@triton.jit
def triton_layernorm(x, w, b, out, n, eps, BLOCK: tl.constexpr):
    row, col = tl.program_id(0), tl.arange(0, BLOCK)
    inside = col < n
    v = tl.load(x + row * n + col, mask=inside, other=0.0).to(tl.float32)
    d = tl.where(inside, v - tl.sum(v, 0) / n, 0.0)
    y = d * tl.rsqrt(tl.sum(d * d, 0) / n + eps)
    y = y * tl.load(w + col, mask=inside).to(tl.float32)
    y = y + tl.load(b + col, mask=inside).to(tl.float32)
    tl.store(out + row * n + col, y.to(tl.bfloat16), mask=inside)


@triton.jit
def triton_column_sums(x, out, n, ROWS: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr):
    part, col = tl.program_id(1), tl.program_id(0) * BN + tl.arange(0, BN)
    row = part * ROWS + tl.arange(0, BM)
    total = tl.zeros((BM, BN), tl.float32)
    for m in range(0, ROWS, BM):
        total += tl.load(x + (row + m)[:, None] * n + col[None, :])
    tl.store(out + part * n + col, tl.sum(total, 0))


@triton.jit
def triton_argmax(x, out, n, BLOCK: tl.constexpr):
    row, col = tl.program_id(0), tl.arange(0, BLOCK)
    v = tl.load(x + row * n + col, mask=col < n, other=-float("inf"))
    tl.store(out + row, tl.argmax(v, 0))


@triton.jit
def triton_cumsum(x, out, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.cumsum(tl.load(x + i), 0))


@triton.jit
def triton_sort(x, out, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.sort(tl.load(x + i)))


Calls = Mapping[str, Callable[[], object]]


def main() -> None:
    """Print a row for each workload."""
    seed = time.time_ns() % 2**31
    torch.manual_seed(seed)
    print("command     python benchmarks/gpu.py")
    print(
        f"gpu         {torch.cuda.get_device_name()}, {tw.device('cuda:0').capabilities['driver']}"
    )
    named = ", ".join(f"{name} {version(name)}" for name in ("torch", "triton", "numpy"))
    print(f"versions    Python {platform.python_version()}, {named}\nseed        {seed}")
    copied = _copied()
    print(f"copy        {copied:.0f} GB/s\n")
    heads = f"{'best peer':<10}{'peer':>10}{'ours':>10}{'ratio':>7}{'of copy':>9}  error"
    print(f"{'workload':<36}{heads}")
    _add(1 << 26, copied)
    for m, n in ((16384, 8192), (4096, 16384), (4096, 4096), (4096, 1024), (1823, 781)):
        _softmax(m, n, copied)
    _layernorm(16384, 8192, copied)
    _gelu(1 << 27, copied)
    _argmax(16384, 8192, copied)
    _column_sums(16384, 8192, copied)
    _in_rows("cumsum", cumsum, torch.cumsum, triton_cumsum, copied)
    _in_rows("sort", sort, lambda x, axis: torch.sort(x, axis).values, triton_sort, copied)
    _transpose(8192, copied)
    for size, bm, bn in ((1024, 64, 128), (4096, 128, 256), (8192, 128, 256)):
        _matmul(size, bm, bn)
    for size in (2048, 4096):
        _matmul_ieee(size)
    _batched(64, 256)
    for d in (64, 128):
        _attention(32, 4096, d)


def _copied() -> float:
    """What a copy in the GPU's memory moves, in GB/s: bytes read and written."""
    x = _random(1 << 28)
    y = torch.empty_like(x)
    return 2 * x.numel() * 4 / (do_bench(lambda: y.copy_(x), return_mode="median") * 1e6)


def _random(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(*shape, device="cuda").to(dtype)


def _add(n: int, copied: float) -> None:
    x, y, out = _random(n), _random(n), _random(n)
    row(f"add f32 {n}", 3 * n * 4, copied, out, x.double() + y.double(), {
        "ours": lambda: add[n // 1024](x, y, out, BLOCK=1024),
        "torch": lambda: torch.add(x, y, out=out),
        "Triton": lambda: triton_add[(n // 1024,)](x, y, out, n, BLOCK=1024),
    })  # fmt: skip


def _softmax(m: int, n: int, copied: float) -> None:
    x, out, block = _random(m, n), _random(m, n), 1 << (n - 1).bit_length()
    row(f"softmax f32 {m} x {n}", 2 * m * n * 4, copied, out, torch.softmax(x.double(), 1), {
        "ours": lambda: softmax[m](x, out, BLOCK=n),
        "torch": lambda: torch.softmax(x, 1),
        **{f"Triton {w}": lambda w=w: triton_softmax[(m,)](x, out, n, block, num_warps=w)
           for w in (4, 8, 16)},
    })  # fmt: skip


def _layernorm(m: int, n: int, copied: float) -> None:
    x, w, b = (_random(*s, dtype=torch.bfloat16) for s in ((m, n), (n,), (n,)))
    out = torch.empty_like(x)
    wanted = torch.nn.functional.layer_norm(x.double(), (n,), w.double(), b.double())
    row(f"layernorm bf16 {m} x {n}", 2 * m * n * 2, copied, out, wanted, {
        "ours": lambda: layernorm[m](x, w, b, out, 1e-5, BLOCK=n),
        "torch": lambda: torch.nn.functional.layer_norm(x, (n,), w, b),
        **{f"Triton {k}": lambda k=k: triton_layernorm[(m,)](x, w, b, out, n, 1e-5, n, num_warps=k)
           for k in (4, 8, 16)},
    })  # fmt: skip


def _gelu(n: int, copied: float) -> None:
    x = _random(n, dtype=torch.bfloat16)
    out = torch.empty_like(x)
    apply = partial(torch.nn.functional.gelu, approximate="tanh")
    row(f"gelu tanh bf16 {n}", 2 * n * 2, copied, out, apply(x.double()), {
        "ours": lambda: gelu[n // 4096](x, out, BLOCK=4096),
        "torch": lambda: apply(x),
    })  # fmt: skip


def _argmax(m: int, n: int, copied: float) -> None:
    x, out = _random(m, n), torch.empty(m, dtype=torch.int32, device="cuda")
    row(f"argmax f32 {m} x {n}", m * n * 4, copied, out, x.argmax(1), {
        "ours": lambda: argmax[m](x, out, BLOCK=n),
        "torch": lambda: torch.argmax(x, 1),
        **{f"Triton {w}": lambda w=w: triton_argmax[(m,)](x, out, n, n, num_warps=w)
           for w in (4, 8, 16)},
    })  # fmt: skip


def _column_sums(m: int, n: int, copied: float) -> None:
    """Of 512 rows each."""
    x, out = _random(m, n), _random(m // 512, n)
    parts = x.view(m // 512, 512, n)
    grid = n // 128, m // 512
    row(f"column sums f32 {m} x {n}", m * n * 4, copied, out, parts.double().sum(1), {
        "ours": lambda: column_sums[grid](x, out, ROWS=512, BM=64, BN=128),
        "torch": lambda: parts.sum(1),
        **{f"Triton {w}": lambda w=w: triton_column_sums[grid](x, out, n, 512, 64, 128, num_warps=w)
           for w in (4, 8)},
    })  # fmt: skip


def _in_rows(
    name: str,
    kernel: Any,
    in_torch: Callable[[torch.Tensor, int], torch.Tensor],
    in_triton: Any,
    copied: float,
) -> None:
    m, n = 16384, 1024
    x, out = _random(m, n), _random(m, n)
    row(f"{name} f32 {m} x {n}", 2 * m * n * 4, copied, out, in_torch(x.double(), 1), {
        "ours": lambda: kernel[m](x, out, BLOCK=n),
        "torch": lambda: in_torch(x, 1),
        **{f"Triton {w}": lambda w=w: in_triton[(m,)](x, out, n, num_warps=w) for w in (4, 8)},
    })  # fmt: skip


def _transpose(n: int, copied: float) -> None:
    x, out = _random(n, n), _random(n, n)
    row(f"transpose f32 {n}^2", 2 * n * n * 4, copied, out, x.T, {
        "ours": lambda: transpose[n // 32, n // 32](x, out, B=32, num_warps=4),
        "torch": lambda: x.T.contiguous(),
    })  # fmt: skip


def _matmul(size: int, bm: int, bn: int) -> None:
    a, b = _random(size, size, dtype=torch.bfloat16), _random(size, size, dtype=torch.bfloat16)
    out = torch.empty_like(a)
    row(f"matmul bf16 {size}^3", 2 * size**3, None, out, a.double() @ b.double(), {
        "ours": lambda: matmul[size // bm, size // bn](a, b, out, BM=bm, BN=bn, BK=64),
        "cuBLAS": lambda: torch.matmul(a, b, out=out),
    })  # fmt: skip


def _matmul_ieee(size: int) -> None:
    """Of `f32` at full precision: no tensor cores."""
    torch.backends.cuda.matmul.allow_tf32 = False
    a, b = _random(size, size), _random(size, size)
    out = torch.empty_like(a)
    row(f"matmul f32 ieee {size}^3", 2 * size**3, None, out, a.double() @ b.double(), {
        "ours": lambda: matmul[size // 128, size // 128](a, b, out, BM=128, BN=128, BK=16),
        "cuBLAS": lambda: torch.matmul(a, b, out=out),
    })  # fmt: skip


def _batched(count: int, size: int) -> None:
    a, b = (_random(count, size, size, dtype=torch.bfloat16) for _ in range(2))
    out = torch.empty_like(a)
    wanted = a.double() @ b.double()
    grid = count, size // 128, size // 128
    peers = {"cuBLAS": lambda: torch.bmm(a, b, out=out)}
    row(f"bmm bf16 {count} x {size}^3", 2 * count * size**3, None, out, wanted, {
        "ours": lambda: batched[grid](a, b, out, BM=128, BN=128, BK=64), **peers,
    })  # fmt: skip
    row(f"bmm bf16 3 axes {count} x {size}^3", 2 * count * size**3, None, out, wanted, {
        "ours": lambda: batched_at_once[grid](a, b, out, E=1, BM=128, BN=128, BK=64), **peers,
    })  # fmt: skip


def _attention(heads: int, n: int, d: int) -> None:
    q, k, v = (_random(1, heads, n, d, dtype=torch.bfloat16) for _ in range(3))
    out, wanted = torch.empty_like(q), torch.empty(1, heads, n, d, device="cuda")
    for head in range(heads):
        x, y, z = (one[0, head].double() for one in (q, k, v))
        wanted[0, head] = torch.softmax(x @ y.T * d**-0.5, 1) @ z
    flat = [x.view(heads * n, d) for x in (q, k, v, out)]

    def peer() -> torch.Tensor:
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            return torch.nn.functional.scaled_dot_product_attention(q, k, v)

    row(f"attention bf16 {heads} x {n} x {d}", 4 * heads * n * n * d, None, out, wanted, {
        "ours": lambda: attention[n // 128, heads](*flat, d**-0.5, n, BM=128, BN=128, D=d),
        "torch": peer,
    })  # fmt: skip


def row(
    name: str,
    work: int,
    copied: float | None,
    out: torch.Tensor,
    wanted: torch.Tensor,
    calls: Calls,
) -> None:
    """Check ours, then time all in turns; `work` in bytes, or operations without `copied`."""
    out.fill_(float("nan") if out.is_floating_point() else -1)
    calls["ours"]()
    error = ((out.double() - wanted.double()).norm() / wanted.double().norm()).item()
    assert error < 1e-2, f"{name} is wrong: {error}"
    times: dict[str, list[float]] = {who: [] for who in calls}
    for _ in range(ROUNDS):
        for who, call in calls.items():
            times[who].append(do_bench(call, warmup=10, rep=50, return_mode="median") * 1e-3)
    rates = {who: work / statistics.median(taken) for who, taken in times.items()}
    ours = rates.pop("ours")
    peer = max(rates, key=lambda who: rates[who])
    unit, scale = ("GB/s", 1e9) if copied is not None else ("TF", 1e12)
    share = f"{ours / 1e9 / copied:.3f}" if copied is not None else ""
    print(
        f"{name:<36}{peer:<10}{rates[peer] / scale:>7.0f} {unit:<4}{ours / scale:>6.0f} {unit:<4}"
        f"{ours / rates[peer]:>6.2f}{share:>8}  {error:.1e}",
        flush=True,
    )


if __name__ == "__main__":
    main()
