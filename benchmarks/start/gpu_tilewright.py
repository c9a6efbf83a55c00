"""What `first_launch.py` times, in Tilewright: on arrays of its own, or on tensors of torch."""

import importlib
import sys
from collections.abc import Callable
from time import perf_counter

import tilewright as tw


@tw.kernel
def softmax_kernel(x, out, BLOCK: tw.constexpr):
    """A row a program."""
    row = tw.program_id(0)
    col = tw.arange(BLOCK)
    v = tw.load(x, (row, col), fill=-float("inf"))
    e = tw.exp(v - tw.max(v))
    out[row, col] = e / tw.sum(e)


@tw.kernel
def matmul_kernel(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """A block of the product a program."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def attention_kernel(q, k, v, out, scale, BM: tw.constexpr, BN: tw.constexpr, D: tw.constexpr):
    """`softmax(q @ k.T * scale) @ v` for some queries a program, some keys at a time."""
    m = tw.program_id(0) * BM
    query = q[m : m + BM, 0:D]
    top = tw.full((BM, 1), -float("inf"))
    total = tw.zeros((BM, 1), tw.f32)
    acc = tw.zeros((BM, D), tw.f32)
    for n in range(0, k.shape[0], BN):
        scores = query @ k[n : n + BN, 0:D].T * scale
        higher = tw.maximum(top, tw.max(scores, axis=1, keepdims=True))
        weights = tw.exp(scores - higher)
        shrink = tw.exp(top - higher)
        total = total * shrink + tw.sum(weights, axis=1, keepdims=True)
        acc = acc * shrink + weights.to(v.dtype) @ v[n : n + BN, 0:D]
        top = higher
    out[m : m + BM, 0:D] = (acc / total).to(out.dtype)


def softmax(x, out):
    """Softmax of each row."""
    softmax_kernel[out.shape[0]](x, out, BLOCK=1024)


def matmul(a, b, out):
    """`a @ b`."""
    grid = tw.cdiv(out.shape[0], 128), tw.cdiv(out.shape[1], 128)
    matmul_kernel[grid](a, b, out, BM=128, BN=128, BK=64)


def attention(q, k, v, out):
    """One head."""
    scale = q.shape[1] ** -0.5
    attention_kernel[tw.cdiv(q.shape[0], 64)](q, k, v, out, scale, BM=64, BN=64, D=q.shape[1])


def put(array):
    """An array on the GPU."""
    return tw.array(array, device="cuda:0")


def fetch(array):
    """The elements for the host, once they are there."""
    return array.numpy()


def wait():
    """Wait for the GPU."""
    tw.synchronize("cuda:0")


def watch(phases: dict[str, float]) -> None:
    """Add up the seconds of what a first launch consists of, without what is within each."""
    inner: list[float] = []

    def add(name: str, seconds: float) -> None:
        phases[name] = phases.get(name, 0.0) + seconds

    def wrap(module: str, function: str, name: str) -> None:
        holder = importlib.import_module(f"tilewright.{module}")
        real: Callable[..., object] = getattr(holder, function)

        def timed(*arguments: object, **keywords: object) -> object:
            begin = perf_counter()
            inner.append(0.0)
            try:
                return real(*arguments, **keywords)
            finally:
                seconds = perf_counter() - begin
                add(name, seconds - inner.pop())
                if inner:
                    inner[-1] += seconds

        setattr(holder, function, timed)

    def observe(stage: str, _: object, seconds: float) -> None:
        known = ("load compiler", "plan", "cuda", "load NVRTC", "cubin")
        add(stage if stage in known else "passes", seconds)
        inner[-1] += seconds

    wrap("runtime.kernel", "lower", "frontend")
    wrap("runtime.launch", "options_of_launch", "versions")
    wrap("runtime.launch", "cache_key", "key")
    wrap("runtime.launch", "artifact_for", "cache on disk")
    wrap("runtime.launch", "_load", "load on the GPU")
    launching = importlib.import_module("tilewright.runtime.launch")
    real = launching.compile_function
    launching.compile_function = lambda function, target, options, _: real(
        function, target, options, observe
    )
    wrap("runtime.launch", "compile_function", "artifact")


if "torch" in sys.argv:
    import torch

    def put(array):
        """An array on the GPU."""
        return torch.from_numpy(array).cuda()

    def fetch(array):
        """The elements for the host, once they are there."""
        return array.cpu().numpy()
