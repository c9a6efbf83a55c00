"""Matrix instructions on the emulator: fragments as the PTX manual lays them out, products."""

from __future__ import annotations

import re
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from tilewright.codegen.cuda.prelude import prelude_of

from .emulate import EmulationError, run

DTYPES = {
    "f16": np.dtype(np.float16), "bf16": np.dtype(ml_dtypes.bfloat16),
    "tf32": np.dtype(np.float32), "s8": np.dtype(np.int8), "u8": np.dtype(np.uint8),
    "e4m3": np.dtype(ml_dtypes.float8_e4m3fn), "e5m2": np.dtype(ml_dtypes.float8_e5m2),
}  # fmt: skip
KINDS = {
    "mma_m16n8k16_f16": ("f16", "f16"), "mma_m16n8k16_bf16": ("bf16", "bf16"),
    "mma_m16n8k8_tf32": ("tf32", "tf32"), "mma_m16n8k32_s8": ("s8", "s8"),
    "mma_m16n8k32_u8": ("u8", "u8"), "mma_m16n8k32_e4m3": ("e4m3", "e4m3"),
    "mma_m16n8k32_e4m3_e5m2": ("e4m3", "e5m2"), "mma_m16n8k32_e5m2_e4m3": ("e5m2", "e4m3"),
    "mma_m16n8k32_e5m2": ("e5m2", "e5m2"),
}  # fmt: skip
ARGUMENTS = "const __grid_constant__ Arguments a, const __grid_constant__ Services services"


def launch(body: str, arrays: list[NDArray[Any]], shared_bytes: int = 0) -> None:
    """Run one warp."""
    text = prelude_of(body) + body
    block = np.array([1, 1, 1, *(x.ctypes.data for x in arrays)], np.int64).tobytes()
    memory = [(x.ctypes.data, x.nbytes) for x in arrays]
    run(text, "warp", 32, shared_bytes, block, 1, arrays=memory)


def operand(rng: np.random.Generator, dtype: np.dtype[Any], shape: tuple[int, int]) -> Any:
    if dtype.kind in "iu":
        return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, shape, dtype)
    return rng.standard_normal(shape).astype(dtype)


def exact(data: NDArray[Any]) -> NDArray[np.float64]:
    """The numbers that are multiplied: of `f32` the upper 19 bits."""
    if data.dtype == np.float32:
        data = (data.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)
    return data.astype(np.float64)


@pytest.mark.parametrize("name", KINDS)
def test_products(name: str, rng: np.random.Generator) -> None:
    """Element i of a lane's fragment: rows and columns by the manual's formulas."""
    depth = int(re.findall(r"k(\d+)_", name)[0])
    per_word = depth // 8
    left, right = (DTYPES[kind] for kind in KINDS[name])
    out = np.dtype(np.int32 if name.endswith("8") else np.float32)
    element = {1: "u8", 2: "u16", 4: "u32"}[left.itemsize]
    total = "i32" if out == np.int32 else "f32"
    body = f"""
struct Arguments {{ i64 grid[3]; const {element}* a; const {element}* b; {total}* c; }};
extern "C" __global__ void warp({ARGUMENTS}) {{
  const i32 lane = threadIdx.x, group = lane / 4, member = lane % 4, P = {per_word};
  u32 x[4] = {{}}, y[2] = {{}};
  {total} d[4];
  for (i32 i = 0; i < 4 * P; ++i) {{
    const i32 row = i / P % 2 == 0 ? group : group + 8;
    const i32 column = member * P + i % P + (i < 2 * P ? 0 : 4 * P);
    x[i / P] |= u32(a.a[row * {depth} + column]) << i % P * {8 * left.itemsize};
  }}
  for (i32 i = 0; i < 2 * P; ++i) {{
    const i32 row = member * P + i % P + (i < P ? 0 : 4 * P);
    y[i / P] |= u32(a.b[row * 8 + group]) << i % P * {8 * left.itemsize};
  }}
  for (i32 i = 0; i < 4; ++i) d[i] = a.c[(i < 2 ? group : group + 8) * 8 + member * 2 + i % 2];
  {name}(d, x, y);
  for (i32 i = 0; i < 4; ++i) a.c[(i < 2 ? group : group + 8) * 8 + member * 2 + i % 2] = d[i];
}}"""
    a, b = operand(rng, left, (16, depth)), operand(rng, right, (depth, 8))
    c = operand(rng, out, (16, 8))
    got = c.copy()
    launch(body, [a, b, got])
    if out == np.int32:
        wide = a.astype(np.int64) @ b.astype(np.int64) + c
        np.testing.assert_array_equal(got, wide.astype(np.int32))
    else:
        np.testing.assert_allclose(got, exact(a) @ exact(b) + c, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("is_transposed", [False, True])
def test_blocks_of_rows(is_transposed: bool, rng: np.random.Generator) -> None:
    name = f"ldmatrix_x4{'_trans' if is_transposed else ''}"
    body = f"""
struct Arguments {{ i64 grid[3]; const u16* x; u32* y; }};
extern "C" __global__ void warp({ARGUMENTS}) {{
  extern __shared__ alignas(16) u8 shared[];
  u16* rows = reinterpret_cast<u16*>(shared);
  const i32 lane = threadIdx.x;
  for (i32 k = lane; k < 256; k += 32) rows[k] = a.x[k];
  BARRIER
  u32 words[4];
  {name}(words, rows + lane * 8);
  for (i32 k = 0; k < 4; ++k) a.y[lane * 4 + k] = words[k];
}}"""
    x = rng.integers(0, 1 << 16, (4, 8, 8), np.uint16)
    y = np.zeros((32, 4), np.uint32)
    launch(body.replace("BARRIER", "__syncwarp();"), [x, y], 4 * 128)
    blocks = x.transpose(0, 2, 1) if is_transposed else x
    expected = np.ascontiguousarray(blocks).reshape(4, 32, 2).view(np.uint32)[..., 0].T
    np.testing.assert_array_equal(y, expected)
    with pytest.raises(EmulationError, match="race"):
        launch(body.replace("BARRIER", ""), [x, y], 4 * 128)
