"""Products whose results fit no registers: tensor cores go over them piece by piece."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.toolkit import find_nvrtc

from ...emulator.launching import launches_emulated

Guarded = Callable[..., NDArray[Any]]

MOST = 128  # registers of a thread for a piece


@tw.kernel
def product(a, b, out, M: tw.constexpr, N: tw.constexpr, K: tw.constexpr, IS_TURNED: tw.constexpr):
    acc = tw.full((M, N), 1, out.dtype)
    for k in range(0, a.shape[1], K):
        if IS_TURNED:
            right = b[tw.block(0, N), k : k + K].T
        else:
            right = b[k : k + K, tw.block(0, N)]
        acc += a[tw.block(0, M), k : k + K] @ right
    out[tw.block(0, M), tw.block(0, N)] = acc


@tw.kernel
def products_of_a_batch(a, b, out, E: tw.constexpr, M: tw.constexpr, N: tw.constexpr):
    left = a[tw.block(0, E), tw.block(0, M), tw.block(0, 16)]
    right = b[tw.block(0, E), tw.block(0, 16), tw.block(0, N)]
    out[tw.block(0, E), tw.block(0, M), tw.block(0, N)] = left @ right


@tw.kernel
def product_of_a_product(a, b, out, M: tw.constexpr, N: tw.constexpr, K: tw.constexpr):
    left = a[tw.block(0, M), tw.block(0, K)] @ b[tw.block(0, K), tw.block(0, N)]
    out[tw.block(0, M), tw.block(0, N)] = left
    half = (left * 0.5).to(a.dtype)
    out[tw.block(0, M), tw.block(0, N)] += half @ b[tw.block(0, N), tw.block(0, N)]


@pytest.fixture
def emulated(program_rng: np.random.Generator) -> Iterator[None]:
    if shutil.which("g++") is None:
        pytest.skip("needs g++")
    with launches_emulated(seed=int(program_rng.integers(1, 1 << 30))):
        yield


@pytest.mark.usefixtures("emulated")
@pytest.mark.parametrize(
    ("dtype", "shape", "is_turned"),
    [
        (np.float16, (96, 64, 16), False),  # three blocks of rows at a time
        (ml_dtypes.bfloat16, (16, 512, 16), False),  # half of the columns
        (np.float16, (48, 320, 16), True),  # columns that are no power of 2
        (np.int8, (16, 384, 32), True),
    ],
    ids=str,
)
def test_pieces(
    guarded: Guarded,
    rng: np.random.Generator,
    dtype: Any,
    shape: tuple[int, int, int],
    is_turned: bool,
) -> None:
    m, n, k = shape
    a = guarded(rng.integers(-3, 4, (m - 1, 2 * k)).astype(dtype))
    b = rng.integers(-3, 4, (2 * k, n - 3)).astype(dtype)
    out = guarded((m - 1, n - 3), np.int32 if dtype is np.int8 else np.float32)
    right = guarded(b.T if is_turned else b)
    product[1](a, right, out, M=m, N=n, K=k, IS_TURNED=is_turned, num_warps=1)
    np.testing.assert_array_equal(out, 1 + a.astype(np.int32) @ b.astype(np.int32))


@pytest.mark.usefixtures("emulated")
@pytest.mark.parametrize("shape", [(2, 64, 96), (4, 16, 128)], ids=str)
def test_pieces_of_a_batch(
    guarded: Guarded, rng: np.random.Generator, shape: tuple[int, int, int]
) -> None:
    entries, m, n = shape
    a = guarded(rng.integers(-3, 4, (entries, m, 16)).astype(np.float16))
    b = guarded(rng.integers(-3, 4, (entries, 16, n)).astype(np.float16))
    out = guarded((entries, m, n))
    products_of_a_batch[1](a, b, out, E=entries, M=m, N=n, num_warps=1)
    np.testing.assert_array_equal(out, a.astype(np.float32) @ b.astype(np.float32))


@pytest.mark.usefixtures("emulated")
def test_pieces_of_a_product_of_a_product(guarded: Guarded, rng: np.random.Generator) -> None:
    m, n = 96, 64
    a = guarded(rng.integers(-2, 3, (m, 16)).astype(np.float16))
    b = guarded(rng.integers(-2, 3, (n, n)).astype(np.float16))
    out = guarded((m, n))
    product_of_a_product[1](a, b, out, M=m, N=n, K=16, num_warps=1)
    left = a.astype(np.int32) @ b[:16].astype(np.int32)
    np.testing.assert_array_equal(out, left + (left * 0.5) @ b.astype(np.int32))


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
@pytest.mark.parametrize(
    ("target", "tile", "num_warps"),
    [
        ("cuda:sm_80", (128, 512, 64), 8),
        ("cuda:sm_90a", (256, 256, 64), 8),
        ("cuda:sm_90a", (256, 256, 64), 16),  # which have 128 registers each
    ],
    ids=str,
)
def test_a_thread_never_holds_more_than_a_piece(
    target: str, tile: tuple[int, int, int], num_warps: int
) -> None:
    """It held all that it had of the result: what is more than there are registers was spilled,
    and of four warps' products none was waited for before they were moved to memory.
    """
    array = "bf16[:, ::1]{aligned, even}"
    m, n, k = tile
    looked = product.inspect(
        f"{array}, {array}, f32[:, ::1]{{aligned, even}}; narrow, disjoint",
        target=target, M=m, N=n, K=k, IS_TURNED=False, num_warps=num_warps,
    )  # fmt: skip
    held = [int(size) for size in re.findall(r"f32 held\w*\[(\d+)\]", looked.cuda)]
    assert held and max(held) <= MOST
    assert "wgmma_wait<1>" not in looked.cuda
    assert looked.metadata["spills"] == {"stores": 0, "loads": 0}


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_a_product_by_tensor_cores_beside_one_by_threads() -> None:
    """The one by threads wanted two blocks on a multiprocessor, which leaves too few registers."""
    array = "bf16[:, ::1]{aligned, even}"
    looked = product_of_a_product.inspect(
        f"{array}, {array}, f32[:, ::1]{{aligned, even}}; narrow, disjoint",
        target="cuda:sm_90a", M=256, N=256, K=64,
    )  # fmt: skip
    assert looked.metadata["spills"] == {"stores": 0, "loads": 0}
