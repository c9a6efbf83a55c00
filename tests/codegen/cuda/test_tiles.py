"""Products without tensor cores: pieces in registers, right at any size, little else than sums."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.backends import find_backend, ignore
from tilewright.codegen.cuda.assemble import assemble
from tilewright.codegen.cuda.disassemble import disassemble
from tilewright.codegen.options import Options
from tilewright.codegen.passes import run_passes
from tilewright.codegen.target import parse_target
from tilewright.codegen.toolkit import find_disassembler, find_nvrtc

from ...emulator.execution import run_emulated

FACTS = "{aligned, even}"
TARGETS = ("cuda:sm_80", "cuda:sm_90a")
RESULTS = {
    np.float64: np.float64,
    np.int64: np.int64,
    np.int32: np.int32,
    np.int16: np.int32,
    np.int8: np.int32,
}
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@tw.kernel
def matmul(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), c.dtype)
    for k in range(0, a.shape[1], BK):
        acc = tw.dot(a[m : m + BM, k : k + BK], b[k : k + BK, n : n + BN], acc)
    c[m : m + BM, n : n + BN] = acc


@tw.kernel
def transposed(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), c.dtype)
    for k in range(0, a.shape[0], BK):
        acc = tw.dot(a[k : k + BK, m : m + BM].T, b[n : n + BN, k : k + BK].T, acc)
    c[m : m + BM, n : n + BN] = acc


@tw.kernel
def gathered(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """Rows in an order that is computed."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), c.dtype)
    rows = m + (tw.arange(BM) * 3) % BM
    for k in range(0, a.shape[1], BK):
        left = a[rows[:, None], (k + tw.arange(BK))[None, :]]
        acc = tw.dot(left, b[k : k + BK, n : n + BN], acc)
    c[m : m + BM, n : n + BN] = acc


@tw.kernel
def above_its_rows(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """What a product holds is reduced, and multiplied once more."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    v = a[m : m + BM, 0:BK] @ b[0:BK, n : n + BN]
    v -= tw.max(v, axis=1)[:, None]
    c[m : m + BM, n : n + BN] = v + (v @ v.T) @ v


@tw.kernel
def batch(a, b, c, E: tw.constexpr, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    e, m, n = tw.program_id(0) * E, tw.program_id(1) * BM, tw.program_id(2) * BN
    acc = tw.zeros((E, BM, BN), c.dtype)
    for k in range(0, a.shape[2], BK):
        left = a[e : e + E, m : m + BM, k : k + BK]
        acc = tw.dot(left, b[e : e + E, k : k + BK, n : n + BN], acc)
    c[e : e + E, m : m + BM, n : n + BN] = acc


def signature(*arrays: NDArray[Any]) -> str:
    parts = []
    for x in arrays:
        name = str(tw.asarray(np.zeros(1, x.dtype)).dtype)
        facts = FACTS if x.strides[-2] % 16 == 0 else ""
        parts.append(f"{name}[{', '.join([':'] * (x.ndim - 1))}, ::1]{facts}")
    return f"{', '.join(parts)}; narrow, disjoint"


def operand(rng: np.random.Generator, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Fresh data at a multiple of 16 bytes."""
    dtype = np.dtype(dtype)
    raw = np.empty(int(np.prod(shape)) * dtype.itemsize + 16, np.uint8)
    start = -raw.ctypes.data % 16
    data = raw[start : start + raw.size - 16].view(dtype).reshape(shape)
    if dtype.kind in "iu":
        least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
        data[...] = rng.integers(least, most, shape, dtype, endpoint=True)
    else:
        data[...] = rng.standard_normal(shape).astype(dtype)
    return data


def check(got: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> None:
    """Bit for bit, or within k roundings of the exact sum."""
    if got.dtype.kind == "i":
        np.testing.assert_array_equal(got, a.astype(got.dtype) @ b.astype(got.dtype))
        return
    a, b = a.astype(np.longdouble), b.astype(np.longdouble)
    bound = (a.shape[-1] + 2) * np.finfo(got.dtype).eps / 2 * (np.abs(a) @ np.abs(b))
    assert (np.abs(got - a @ b) <= bound).all()


def run(
    kernel: Any, rng: np.random.Generator, dtype: Any, size: tuple[int, ...], tile: tuple[int, ...],
    target: str = TARGETS[1],
) -> None:  # fmt: skip
    """A product of matrices of some size, block by block, by what is compiled for a GPU."""
    m, n, k = size
    shapes = ((k, m), (n, k)) if kernel is transposed else ((m, k), (k, n))
    a, b = (operand(rng, dtype, shape) for shape in shapes)
    c = operand(rng, RESULTS.get(dtype, np.float32), (m, n))
    constants = dict(zip(("BM", "BN", "BK"), tile, strict=True))
    made = kernel.inspect(signature(a, b, c), target=target, **constants).function
    grid = (-(-m // tile[0]), -(-n // tile[1]), 1)
    assert run_emulated(made, grid, [a, b, c], target, int(rng.integers(1, 99))).failure is None
    if kernel is gathered:
        places = np.arange(m).reshape(-1, tile[0])
        a = a[places[:, np.arange(tile[0]) * 3 % tile[0]].ravel()]
    if kernel is above_its_rows:
        v = a.astype(np.float64) @ b
        v -= v.max(1, keepdims=True)
        np.testing.assert_allclose(c, v + v @ v.T @ v, rtol=1e-3, atol=1e-3)
        return
    check(c, *((a.T, b.T) if kernel is transposed else (a, b)))


@needs_compiler
@pytest.mark.parametrize("kernel", [matmul, transposed], ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize(
    "dtype", [np.float32, np.float64, np.float16, np.int16, np.int32, np.int64], ids=str
)
def test_blocks_of_any_dtype_come_ahead(kernel: Any, dtype: Any, rng: np.random.Generator) -> None:
    """Arrays that end within blocks; the blocks are no powers of two."""
    run(kernel, rng, dtype, (48, 32, 40), (24, 24, 16), TARGETS[int(rng.integers(2))])


@needs_compiler
@pytest.mark.parametrize("kernel", [matmul, transposed], ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("dtype", [np.int8, ml_dtypes.float8_e4m3fn, np.float16], ids=str)
def test_tensor_cores_get_columns(kernel: Any, dtype: Any, rng: np.random.Generator) -> None:
    """What they take by columns and lies in rows is turned by threads, not fetched ahead."""
    run(kernel, rng, dtype, (64, 64, 128), (32, 32, 64))


@needs_compiler
@pytest.mark.parametrize(
    ("kernel", "size", "tile"),
    [
        (matmul, (100, 72, 36), (128, 64, 16)),
        (transposed, (100, 72, 36), (64, 128, 32)),
        (matmul, (31, 13, 17), (31, 13, 17)),
        (matmul, (5, 130, 9), (5, 130, 3)),
        (gathered, (64, 32, 48), (32, 32, 16)),
        (above_its_rows, (24, 32, 16), (24, 32, 16)),
        (matmul, (40, 300, 8), (40, 300, 8)),
    ],
    ids=str,
)
def test_sizes(
    kernel: Any, size: tuple[int, ...], tile: tuple[int, ...], rng: np.random.Generator
) -> None:
    run(kernel, rng, np.float32, size, tile)


@tw.kernel
def batch_of_transposed(
    a, b, c, E: tw.constexpr, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr
):
    e, m, n = tw.program_id(0) * E, tw.program_id(1) * BM, tw.program_id(2) * BN
    acc = tw.zeros((E, BM, BN), c.dtype)
    for k in range(0, a.shape[2], BK):
        right = tw.permute(b[e : e + E, n : n + BN, k : k + BK], (0, 2, 1))
        acc = tw.dot(a[e : e + E, m : m + BM, k : k + BK], right, acc)
    c[e : e + E, m : m + BM, n : n + BN] = acc


@needs_compiler
@pytest.mark.parametrize("kernel", [batch, batch_of_transposed], ids=lambda k: k.__name__)
@pytest.mark.parametrize(
    ("dtype", "size", "tile"),
    [
        (np.float32, (5, 20, 24, 40), (3, 20, 24, 16)),
        (np.float32, (5, 7, 9, 11), (3, 7, 9, 11)),
        (np.float64, (2, 64, 64, 16), (2, 64, 64, 16)),
        (np.int64, (3, 33, 5, 16), (2, 12, 5, 16)),
        (ml_dtypes.bfloat16, (4, 24, 40, 16), (4, 24, 40, 16)),
        # By tensor cores: a matrix for several warps, several for a warp, parts of three for one.
        (ml_dtypes.bfloat16, (5, 40, 32, 48), (2, 32, 32, 16)),
        (np.float16, (3, 32, 16, 32), (3, 16, 16, 32)),
        (np.int8, (2, 128, 32, 64), (2, 128, 32, 32)),
        (ml_dtypes.bfloat16, (2, 48, 32, 64), (2, 48, 32, 32)),
        (ml_dtypes.float8_e4m3fn, (2, 48, 32, 64), (2, 48, 32, 32)),
    ],
    ids=str,
)
def test_batches(
    kernel: Any, dtype: Any, size: tuple[int, ...], tile: tuple[int, ...], rng: np.random.Generator
) -> None:
    e, m, n, k = size
    is_turned = kernel is batch_of_transposed
    a, b = (
        operand(rng, dtype, (e, m, k)),
        operand(rng, dtype, (e, n, k) if is_turned else (e, k, n)),
    )
    c = operand(rng, RESULTS.get(dtype, np.float32), (e, m, n))
    constants = dict(zip(("E", "BM", "BN", "BK"), tile, strict=True))
    made = kernel.inspect(signature(a, b, c), target=TARGETS[1], **constants).function
    grid = (-(-e // tile[0]), -(-m // tile[1]), -(-n // tile[2]))
    seed = int(rng.integers(1, 99))
    assert run_emulated(made, grid, [a, b, c], TARGETS[1], seed).failure is None
    check(c, a, b.transpose(0, 2, 1) if is_turned else b)


def most_summing_loop(listing: str, sums: str) -> Counter[str]:
    """How often each instruction stands in the loop that has most sums."""
    lines = listing.splitlines()
    labels = {line.strip()[:-1]: n for n, line in enumerate(lines) if line.startswith(".L")}
    found: Counter[str] = Counter()
    for n, line in enumerate(lines):
        back = re.search(r"BRA[^`]*`\((\.\w+)\)", line)
        if back and labels.get(back[1], n) < n:
            form = r"^\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+ +)?(\w+)"
            inside = "\n".join(lines[labels[back[1]] : n + 1])
            counts = Counter(re.findall(form, inside, re.MULTILINE))
            found = max(found, counts, key=lambda c: (c[sums], -c.total()))
    return found


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
@pytest.mark.skipif(find_disassembler() is None, reason="nvdisasm is not installed")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("tile", [(128, 128, 16), (64, 64, 32)], ids=str)
def test_the_machine_does_little_else_than_sums(tile: tuple[int, int, int], target: str) -> None:
    """Of the instructions in the loop four fifths and more; two blocks of 256 threads find room."""
    array = f"f32[:, ::1]{FACTS}"
    constants = dict(zip(("BM", "BN", "BK"), tile, strict=True))
    text = f"{array}, {array}, {array}; narrow, disjoint"
    inspection = matmul.inspect(text, target=target, **constants)
    chosen, backend = parse_target(target), find_backend("cuda")
    function = run_passes(inspection.function, backend.passes(chosen), ignore, False)
    plan = backend.plan(function, chosen)
    assert "by threads, 8 x 8 elements each" in str(plan)
    product = assemble(backend.emit(function, plan, chosen), chosen, Options())
    assert product.usage["spills"] == {"stores": 0, "loads": 0}
    assert product.usage["registers"] <= (128 if plan.threads == 256 else 176)
    assert plan.threads * 64 == tile[0] * tile[1]
    tool = find_disassembler()
    assert tool is not None
    counts = most_summing_loop(disassemble(product.code, tool), "FFMA")
    assert counts["FFMA"] == 1024
    assert counts["FFMA"] / counts.total() >= 0.8
