"""What `first_launch.py` times, in Triton on tensors of torch."""

import torch
import triton
import triton.language as tl


@triton.jit
def softmax_kernel(x, out, n, BLOCK: tl.constexpr):
    """A row a program."""
    row, col = tl.program_id(0), tl.arange(0, BLOCK)
    v = tl.load(x + row * n + col, mask=col < n, other=-float("inf"))
    e = tl.exp(v - tl.max(v, 0))
    tl.store(out + row * n + col, e / tl.sum(e, 0), mask=col < n)


@triton.jit
def matmul_kernel(
    a, b, c, m, n, depth, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr
):  # fmt: skip
    """A block of the product a program; sizes are multiples of the block's."""
    i = tl.program_id(0) * BM + tl.arange(0, BM)
    j = tl.program_id(1) * BN + tl.arange(0, BN)
    acc = tl.zeros((BM, BN), tl.float32)
    for start in range(0, depth, BK):
        k = start + tl.arange(0, BK)
        left = tl.load(a + i[:, None] * depth + k[None, :])
        right = tl.load(b + k[:, None] * n + j[None, :])
        acc = tl.dot(left, right, acc)
    tl.store(c + i[:, None] * n + j[None, :], acc.to(c.dtype.element_ty))


@triton.jit
def attention_kernel(
    q, k, v, out, keys, scale, BM: tl.constexpr, BN: tl.constexpr, D: tl.constexpr
):  # fmt: skip
    """Some queries a program, some keys at a time; sizes are multiples of the block's."""
    i, d = tl.program_id(0) * BM + tl.arange(0, BM), tl.arange(0, D)
    query = tl.load(q + i[:, None] * D + d[None, :])
    top = tl.full((BM,), -float("inf"), tl.float32)
    total = tl.zeros((BM,), tl.float32)
    acc = tl.zeros((BM, D), tl.float32)
    for start in range(0, keys, BN):
        j = start + tl.arange(0, BN)
        key = tl.load(k + j[None, :] * D + d[:, None])
        scores = tl.dot(query, key) * scale
        higher = tl.maximum(top, tl.max(scores, 1))
        weights = tl.exp(scores - higher[:, None])
        shrink = tl.exp(top - higher)
        total = total * shrink + tl.sum(weights, 1)
        value = tl.load(v + j[:, None] * D + d[None, :])
        acc = tl.dot(weights.to(value.dtype), value, acc * shrink[:, None])
        top = higher
    tl.store(out + i[:, None] * D + d[None, :], (acc / total[:, None]).to(out.dtype.element_ty))


def softmax(x, out):
    """Softmax of each row."""
    softmax_kernel[(out.shape[0],)](x, out, out.shape[1], BLOCK=1024)


def matmul(a, b, out):
    """`a @ b`."""
    grid = triton.cdiv(out.shape[0], 128), triton.cdiv(out.shape[1], 128)
    matmul_kernel[grid](a, b, out, *out.shape, a.shape[1], BM=128, BN=128, BK=64)


def attention(q, k, v, out):
    """One head."""
    keys, d = k.shape
    grid = (triton.cdiv(q.shape[0], 64),)
    attention_kernel[grid](q, k, v, out, keys, d**-0.5, BM=64, BN=64, D=d)


def put(array):
    """An array on the GPU."""
    return torch.from_numpy(array).cuda()


def fetch(array):
    """The elements for the host, once they are there."""
    return array.cpu().numpy()


def wait():
    """Wait for the GPU."""
    torch.cuda.synchronize()
