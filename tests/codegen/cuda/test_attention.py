"""Products with a softmax between them: what one holds goes to the other in registers."""

from __future__ import annotations

import shutil
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.backends import find_backend, ignore
from tilewright.codegen.cuda.assemble import assemble
from tilewright.codegen.cuda.steps import Plan
from tilewright.codegen.options import Options
from tilewright.codegen.passes import run_passes
from tilewright.codegen.target import parse_target
from tilewright.codegen.toolkit import find_nvrtc

from ...emulator.execution import run_emulated

SIZES = ((64, 64, 64), (128, 128, 64), (128, 64, 128), (128, 128, 128))


@tw.kernel
def attention(q, k, v, out, sizes, scale, n, BM: tw.constexpr, BN: tw.constexpr, D: tw.constexpr):
    """A block of rows of one head over all rows of it; the logarithms of the sums, too."""
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
    sizes[first : first + BM] = top + tw.log(total)
    out[first : first + BM, 0:D] = (acc / total[:, None]).to(out.dtype)


def inspected(dtype: str, tile: tuple[int, int, int], target: str) -> Any:
    array = f"{dtype}[:, ::1]{{aligned, even}}"
    text = f"{array}, {array}, {array}, {array}, f32[::1], f32, i32; narrow, disjoint"
    return attention.inspect(text, target=target, **dict(zip(("BM", "BN", "D"), tile, strict=True)))


def products(tile: tuple[int, int, int], target: str) -> tuple[Plan, str]:
    """A plan, and the text that is made of it."""
    chosen, backend = parse_target(target), find_backend("cuda")
    made = inspected("bf16", tile, target).function
    function = run_passes(made, backend.passes(chosen), ignore, False)
    plan = backend.plan(function, chosen)
    return plan, backend.emit(function, plan, chosen)


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
@pytest.mark.parametrize(
    ("dtype", "tile"),
    [("bf16", (32, 32, 32)), ("f16", (64, 16, 32)), ("bf16", (16, 64, 16)), ("f32", (32, 32, 16))],
    ids=str,
)
def test_values(dtype: str, tile: tuple[int, int, int], rng: np.random.Generator) -> None:
    """By products of a warp; of `f32` by threads, whose rows neighbours share, too."""
    kind = {"bf16": ml_dtypes.bfloat16, "f16": np.float16, "f32": np.float32}[dtype]
    heads, n, d, scale = 2, 128, tile[2], np.float32(tile[2] ** -0.5)

    def draw() -> NDArray[Any]:
        return rng.standard_normal((heads * n, d)).astype(kind)

    q, k, v = draw(), draw(), draw()
    out, sizes = np.full_like(q, np.nan), np.full(heads * n, np.nan, np.float32)
    made = inspected(dtype, tile, "cuda:sm_80").function
    given = [q, k, v, out, sizes, scale, n]
    seed = int(rng.integers(1, 99))
    assert run_emulated(made, (n // tile[0], heads, 1), given, "cuda:sm_80", seed).failure is None
    x, y, z = (one.astype(np.float64).reshape(heads, n, d) for one in (q, k, v))
    scores = x @ y.transpose(0, 2, 1) * float(scale)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    wanted = powers / powers.sum(-1, keepdims=True) @ z
    error = {"bf16": 2e-2, "f16": 2e-3, "f32": 1e-5}[dtype]
    np.testing.assert_allclose(out.reshape(wanted.shape).astype(np.float64), wanted, atol=error)
    logs = np.log(powers.sum(-1)) + scores.max(-1)
    np.testing.assert_allclose(sizes.reshape(heads, n), logs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("target", ["cuda:sm_80", "cuda:sm_90a"])
@pytest.mark.parametrize("tile", SIZES[:3], ids=str)
def test_only_blocks_of_arrays_lie_in_shared_memory(
    tile: tuple[int, int, int], target: str
) -> None:
    """Queries once, keys and values in stages; the threads meet once in a round."""
    plan, text = products(tile, target)
    lines = [line.strip() for line in str(plan).splitlines()]
    assert sum(line.startswith("fetch") for line in lines) == 2
    assert [line for line in lines if line.startswith("keep") and "in shared memory" in line] == [
        "keep queries queries in shared memory at 0"
    ]
    assert "barrier" not in lines and not any("scratch" in line for line in lines)
    rounds = text[text.index("round < rounds; ++round) {\n") :]
    rounds = rounds[rounds.index("_wait") :]
    assert rounds.count("__syncthreads();") == 1


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
@pytest.mark.parametrize(
    ("tile", "target"),
    [(SIZES[2], "cuda:sm_80"), (SIZES[1], "cuda:sm_90a"), (SIZES[3], "cuda:sm_90a")],
    ids=str,
)
def test_registers_are_enough(tile: tuple[int, int, int], target: str) -> None:
    _, text = products(tile, target)
    usage = assemble(text, parse_target(target), Options()).usage
    assert usage["spills"] == {"stores": 0, "loads": 0}
