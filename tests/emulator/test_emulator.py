"""The emulator notices what is wrong in small kernels, and says what is right of others."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tilewright.codegen.cuda.prelude import prelude_of

from .emulate import EmulationError, Outcome, run

ARGUMENTS = "const __grid_constant__ Arguments a, const __grid_constant__ Services services"
TOTAL = """
struct Arguments { i64 grid[3]; const f32* x; f32* y; };

extern "C" __global__ void __launch_bounds__(128) total(ARGUMENTS) {
  extern __shared__ alignas(16) u8 shared[];
  f32* part = reinterpret_cast<f32*>(shared);
  const i32 t = threadIdx.x;
  part[t] = a.x[blockIdx.x * 128 + t];
  FIRST
  for (i32 half = 64; half > 0; half /= 2) {
    if (t < half) part[t] += part[t + half];
    SECOND
  }
  if (t == 0) a.y[blockIdx.x] = part[0];
}
"""
BARRIER = "__syncthreads();"


def launch(
    body: str, arrays: list[NDArray[Any]], programs: int, shared_bytes: int = 0, **options: Any
) -> Outcome:
    """Run a kernel of 128 threads over arrays of `f32`."""
    body = body.replace("ARGUMENTS", ARGUMENTS)
    text = prelude_of(body) + body
    entry = re.findall(r"(\w+)\(const __grid", text)[0]
    words = [programs, 1, 1, *(x.ctypes.data for x in arrays)]
    block = np.array(words, np.int64).tobytes()
    given = [(x.ctypes.data, x.nbytes) for x in arrays]
    return run(text, entry, 128, shared_bytes, block, programs, arrays=given, **options)


def total(
    rng: np.random.Generator, first: str = BARRIER, second: str = BARRIER, shared_bytes: int = 512,
) -> None:  # fmt: skip
    x, y = rng.random((5, 128), np.float32), np.full(5, np.nan, np.float32)
    launch(TOTAL.replace("FIRST", first).replace("SECOND", second), [x, y], 5, shared_bytes)
    np.testing.assert_allclose(y, x.sum(1), rtol=1e-5)


def test_a_reduction_with_its_barriers(rng: np.random.Generator) -> None:
    total(rng)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"first": ""}, "race: "),
        ({"second": ""}, "race: "),
        ({"shared_bytes": 508}, "writes 4 bytes at 508 of shared memory, which has 508"),
        ({"second": "if (t < 64) __syncthreads();"}, "waits at the barrier of line"),
        ({"second": "if (t == 7) return; __syncthreads();"}, "thread 7 has ended"),
        ({"first": "if (t < 9) __syncthreads(); else\n__syncthreads();"}, "divergence: waits"),
        ({"first": "part[-1] = 0.0f;"}, "writes 4 bytes at -4 of shared memory"),
        ({"first": "const_cast<f32*>(a.x)[640] = 0.0f;"}, "at 2560 of an array of 2560"),
        ({"first": "a.y[t] = *reinterpret_cast<f32*>(4ll * t);"}, "reads 4 bytes at"),
        ({"first": "part[0] = *(f64*)(shared + 4);"}, "misaligned access"),
        ({"first": "i32 n = 2147483647; part[t] = n + t;"}, "overflow of a sum"),
    ],
)
def test_what_is_wrong_is_noticed(
    change: dict[str, Any], found: str, rng: np.random.Generator
) -> None:
    with pytest.raises(EmulationError, match=re.escape(found)):
        total(rng, **change)


def test_a_race_in_an_array_is_noticed() -> None:
    kernel = """
    struct Arguments { i64 grid[3]; f32* x; };
    extern "C" __global__ void shift(ARGUMENTS) {
      const i32 t = threadIdx.x;
      const f32 next = a.x[(t + 1) % 128];
      BARRIER
      a.x[t] = next;
    }"""
    x = np.arange(128, dtype=np.float32)
    launch(kernel.replace("BARRIER", BARRIER), [x], 1)
    np.testing.assert_array_equal(x, (np.arange(128) + 1) % 128)
    with pytest.raises(EmulationError, match=r"race: .* an array, which thread"):
        launch(kernel.replace("BARRIER", ""), [x], 1)


def test_static_shared_memory_is_watched_and_poisoned() -> None:
    kernel = """
    struct Arguments { i64 grid[3]; f32* x; };
    extern "C" __global__ void turn(ARGUMENTS) {
      __shared__ u32 word[128];
      const i32 t = threadIdx.x;
      const bool is_fresh = word[t] == 0xa5a5a5a5u;
      word[t] = t;
      BARRIER
      a.x[t + 128 * blockIdx.x] = is_fresh ? word[127 - t] : -1.0f;
    }"""
    x = np.zeros((2, 128), np.float32)
    launch(kernel.replace("BARRIER", BARRIER), [x], 2)
    np.testing.assert_array_equal(x, [np.arange(128)[::-1]] * 2)
    with pytest.raises(EmulationError, match="race"):
        launch(kernel.replace("BARRIER", ""), [x], 1)


def test_shuffles_and_votes(rng: np.random.Generator) -> None:
    kernel = """
    struct Arguments { i64 grid[3]; const f32* x; f32* y; };
    extern "C" __global__ void warps(ARGUMENTS) {
      const u32 all = 0xffffffffu;
      const i32 t = threadIdx.x;
      const f32 x = a.x[t];
      f32 sum = x;
      for (i32 step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(all, sum, step);
      f32 running = x;
      for (i32 step = 1; step < 32; step *= 2) {
        const f32 left = __shfl_up_sync(all, running, step);
        if (t % 32 >= step) running += left;
      }
      f32* y = a.y + t * 8;
      y[0] = sum;
      y[1] = running;
      y[2] = __shfl_sync(all, x, 5);
      y[3] = __shfl_down_sync(all, x, 3, 8);
      y[4] = __popc(__ballot_sync(all, x > 0.5f));
      y[5] = __any_sync(all, x > 0.99f) + 2 * __all_sync(all, x < 0.99f);
      y[6] = __syncthreads_count(x > 0.5f);
      y[7] = __syncthreads_or(x > 0.99f) + 2 * __syncthreads_and(x < 0.99f);
    }"""
    x, y = rng.random((4, 32), np.float32), np.full((4, 32, 8), np.nan, np.float32)
    launch(kernel, [x, y], 1)
    lanes = np.arange(32)
    down = np.where(lanes % 8 < 5, np.roll(x, -3, 1), x)
    np.testing.assert_allclose(y[..., 0], np.repeat(x.sum(1)[:, None], 32, 1), rtol=1e-5)
    np.testing.assert_allclose(y[..., 1], x.cumsum(1), rtol=1e-5)
    np.testing.assert_array_equal(y[..., 2], np.repeat(x[:, 5:6], 32, 1))
    np.testing.assert_array_equal(y[..., 3], down)
    np.testing.assert_array_equal(y[..., 4], np.repeat((x > 0.5).sum(1)[:, None], 32, 1))
    some, every = (x > 0.99).any(1), (x < 0.99).all(1)
    np.testing.assert_array_equal(y[..., 5], np.repeat((some + 2 * every)[:, None], 32, 1))
    assert (y[..., 6] == (x > 0.5).sum()).all()
    assert (y[..., 7] == some.any() + 2 * every.all()).all()


@pytest.mark.parametrize(
    ("fence", "found"),
    [
        ("__syncwarp();", None),
        ("", "race: "),
        ("__shfl_sync(0xffffffffu, 1, 0);", "race: "),
        ("if (t < 96) __syncwarp();", "race: "),
        ("if (t % 32 >= 5) return; __syncwarp();", "waits for its warp at line"),
        ("if (t % 32 < 5) __syncwarp(31u << 1);", "is not in the mask 0x0000003e"),
    ],
)
def test_the_lanes_of_a_warp_meet(fence: str, found: str | None) -> None:
    kernel = """
    struct Arguments { i64 grid[3]; f32* x; };
    extern "C" __global__ void exchange(ARGUMENTS) {
      extern __shared__ f32 part[];
      const i32 t = threadIdx.x;
      part[t] = t;
      FENCE
      a.x[t] = part[t ^ 17];
    }"""
    x = np.zeros(128, np.float32)
    if found is None:
        launch(kernel.replace("FENCE", fence), [x], 1, 512)
        np.testing.assert_array_equal(x, np.arange(128) ^ 17)
        return
    with pytest.raises(EmulationError, match=found):
        launch(kernel.replace("FENCE", fence), [x], 1, 512)


def test_copies_are_there_when_they_were_waited_for(rng: np.random.Generator) -> None:
    kernel = """
    struct Arguments { i64 grid[3]; const f32* x; f32* y; };
    extern "C" __global__ void copies(ARGUMENTS) {
      extern __shared__ alignas(16) u8 shared[];
      f32* part = reinterpret_cast<f32*>(shared);
      const i32 t = threadIdx.x;
      cp_async_16(part + 4 * t, a.x + 4 * t, 16);
      cp_async_commit();
      cp_async_16(part + 512 + 4 * t, a.x + 4 * t, t % 4 * 4);
      cp_async_commit();
      cp_async_wait<LEFT>();
      __syncthreads();
      for (i32 k = t; k < 1024; k += 128) a.y[k] = part[k];
    }"""
    x, y = rng.random(512, np.float32), np.zeros(1024, np.float32)
    launch(kernel.replace("LEFT", "0"), [x, y], 1, 1024 * 4)
    is_copied = np.arange(4) < np.arange(128)[:, None] % 4
    np.testing.assert_array_equal(y, [*x, *(x * is_copied.ravel())])
    launch(kernel.replace("LEFT", "1"), [x, y], 1, 1024 * 4)
    np.testing.assert_array_equal(y[:512], x)
    assert (y[512:].view(np.uint32) == 0xA5A5A5A5).all()


def test_reports_reach_the_host() -> None:
    kernel = """
    struct Arguments { i64 grid[3]; };
    extern "C" __global__ void reports(ARGUMENTS) {
      for (i64 program = blockIdx.x; program < services.programs; program += gridDim.x) {
        services.scratch[blockIdx.x * 256] = program;
        if (threadIdx.x == 5) {
          u8* record = reserve_print(services, 3, program, 12);
          write_print(record, 0, 2.5);
          write_print(record, 8, i32(program));
        }
        if (threadIdx.x == 9 && program == 6) fail(services, 4, 17, 2, -3, program);
        __syncthreads();
      }
    }"""
    found = launch(kernel, [], 7, scratch_bytes=100)
    assert found.failure is not None
    assert (found.failure.code, found.failure.place, found.failure.values) == (4, 17, (-3, 6))
    assert sorted(one.program for one in found.prints) == list(range(7))
    for one in found.prints:
        assert one.place == 3
        assert one.payload == np.float64(2.5).tobytes() + np.int32(one.program).tobytes()
    assert not found.is_print_lost
    lost = launch(kernel, [], 7, scratch_bytes=100, print_bytes=100)
    assert lost.is_print_lost and len(lost.prints) == 3
