"""Loops that fetch blocks ahead: the hardware copies boxes where it can, else threads do."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright.codegen.backends import find_backend, ignore
from tilewright.codegen.cuda.assemble import assemble
from tilewright.codegen.cuda.steps import Plan
from tilewright.codegen.options import NO_OPTIONS, Options
from tilewright.codegen.passes import run_passes
from tilewright.codegen.target import Target, parse_target
from tilewright.codegen.toolkit import find_nvrtc
from tilewright.dsl.records import record

from ...emulator.execution import build_emulated, run_emulated

FACTS = "{aligned, even}"
HOPPER = "cuda:sm_90a"


@tw.kernel
def matmul(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def matmul_transposed(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[n : n + BN, k : k + BK].T
    c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def matmul_of_several(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    """A program computes tiles one after another: the barriers go on from one to the next."""
    n = tw.program_id(1) * BN
    for m in range(tw.program_id(0) * BM, a.shape[0], tw.num_programs(0) * BM):
        acc = tw.zeros((BM, BN), tw.f32)
        for k in range(-BK, a.shape[1], BK):
            acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
        c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def matmul_of_picked_rows(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    """Which rows of the array a block has is computed for each of them."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    rows = m + (tw.arange(BM) * 3) % BM
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        left = a[rows[:, None], (k + tw.arange(BK))[None, :]]
        acc += left @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def matmul_of_found_rows(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    """Where a block of the left operand begins is known when a loop has run, not before."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        at = m + tw.min(tw.arange(4) * (k + 1))
        acc += a[at : at + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc.to(c.dtype)


@tw.kernel
def matmul_of_squares(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    """A round's second product has what is made of the first one's result in registers."""
    left = a[0:BM, 0:32]
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, b.shape[0], BK):
        found = left @ a[k : k + BK, 0:32].T
        acc += (found * found).to(tw.bf16) @ b[k : k + BK, 0:BN]
    c[0:BM, 0:BN] = acc.to(c.dtype)


@tw.kernel
def matmul_of_heights(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    """Two products, one of as many rows as one warp takes."""
    right = b[0:BK, 0:BN]
    c[0:BM, 0:BN] = (a[0:BM, 0:BK] @ right).to(c.dtype)
    c[BM : BM + 16, 0:BN] = (a[BM : BM + 16, 0:BK] @ right).to(c.dtype)


@record
class Made:
    """A plan, and the text that was made of it."""

    plan: Plan
    cuda: str
    target: Target


def made_of(
    kernel: Any,
    tile: tuple[int, int],
    target: str = HOPPER,
    facts: str = FACTS,
    also: str = "; narrow, disjoint",
    bk: int = 64,
    options: Options = NO_OPTIONS,
) -> Made:
    array = f"bf16[:, ::1]{facts}"
    signature = f"{array}, {array}, {array}{also}"
    inspection = kernel.inspect(signature, target=target, BM=tile[0], BN=tile[1], BK=bk)
    chosen, backend = parse_target(target), find_backend("cuda")
    function = run_passes(inspection.function, backend.passes(chosen), ignore, False)
    plan = backend.plan(function, chosen, options)
    return Made(plan, backend.emit(function, plan, chosen), chosen)


def test_the_hardware_copies_boxes() -> None:
    """Rows of 128 bytes, of which a block has as many boxes as it needs."""
    made = made_of(matmul, (128, 256))
    plan = str(made.plan)
    assert "for, 4 stages\n" in plan
    assert "fetch rows in shared memory at 0 by boxes of 128 x 64 of a\n" in plan
    assert "fetch rows in shared memory at 65536 by boxes of 64 x 64 of b\n" in plan
    assert made.plan.metadata["tensor_maps"] == [[24, 2, 10, 128, 64], [64, 2, 10, 64, 64]]
    text = made.cuda
    assert "const __grid_constant__ Services services,\n" in text
    assert "       const __grid_constant__ TensorMap map_a,\n" in text
    assert "       const __grid_constant__ TensorMap map_b) {\n" in text
    fetch = text[text.index("const auto fetch =") : text.index("fence_async();\n  __sync")]
    assert "mbarrier_expect(arrived_now, 49152);" in fetch
    form = r"tma_load_2d\(\w+ \+ \w+ \* \d+(?: \+ (\d+))?, (\w+), \w+(?: \+ (\d+))?, \w+,"
    assert [(name, int(at or 0), int(x or 0)) for at, name, x in re.findall(form, fetch)] == [
        ("map_a", 0, 0), *(("map_b", 4096 * n, 64 * n) for n in range(4)),
    ]  # fmt: skip
    assert "cp_async" not in text


def test_a_round_meets_once() -> None:
    """Behind the wait for the products of the round before, whose stage is fetched to next."""
    text = made_of(matmul, (128, 256)).cuda
    loop = text[text.index("for (i32 round = 0; round < rounds;") :]
    loop = loop[: loop.index("wgmma_wait<0>")]
    order = [
        "mbarrier_wait(",
        "wgmma_commit",
        "wgmma_wait<1>",
        "__syncthreads",
        "fetch(",
        "++stage",
    ]
    places = [loop.index(word) for word in order]
    assert places == sorted(places)
    assert loop.count("__syncthreads") == 1 and "fence_async" not in loop
    assert "round + 3 < rounds" in loop and "stage == 0 ? 3 : stage - 1" in loop


def test_transposed_operands_and_tiles_of_one_shape_are_fetched_too() -> None:
    plan = str(made_of(matmul_transposed, (128, 256)).plan)
    assert "fetch columns in shared memory at 65536 by boxes of 256 x 64 of b\n" in plan
    made = made_of(matmul, (128, 128), bk=128)
    assert str(made.plan).count("by boxes of 128 x 64") == 2
    assert made.plan.metadata["tensor_maps"] == [[24, 2, 10, 128, 64], [64, 2, 10, 128, 64]]


@pytest.mark.parametrize(
    ("change", "how"),
    [
        ({"facts": "{even}"}, ""),  # addresses that are no multiples of 16
        ({"also": "; disjoint"}, "fetch"),  # positions beyond 32 bits
        ({"target": "cuda:sm_80"}, "fetch"),
        ({"target": "cuda:sm_100a"}, "fetch"),
        ({"tile": (32, 128)}, "fetch"),  # products by warp
    ],
)
def test_threads_copy_where_the_hardware_cannot(change: dict[str, Any], how: str) -> None:
    made = made_of(matmul, **{"tile": (128, 128), **change})
    assert how in str(made.plan) and "boxes" not in str(made.plan)
    assert made.plan.metadata["tensor_maps"] == []
    assert "TensorMap" not in made.cuda
    assert ("cp_async_16" in made.cuda) is bool(how)


def test_a_left_operand_in_registers_stays_until_its_product_is_done() -> None:
    """The next round computed into registers that the product in flight still read."""
    made = made_of(matmul_of_squares, (128, 64))
    assert "multiply rows in registers by rows in shared memory at 0 onto acc" in str(made.plan)
    assert "wgmma_wait<0>" in made.cuda and "wgmma_wait<1>" not in made.cuda


@pytest.mark.parametrize(
    ("kernel", "num_warps"), [(matmul, 1), (matmul, 2), (matmul_of_heights, None)]
)
def test_four_warps_are_needed_for_a_product_by_four(kernel: Any, num_warps: int | None) -> None:
    """Fewer issued it, each for rows that were none of its own."""
    assert "wgmma" in made_of(matmul, (64, 64)).cuda
    made = made_of(kernel, (64, 64), options=Options(num_warps=num_warps))
    assert made.plan.threads == 32 * (num_warps or 1)
    assert "by mma_m16n8k16_bf16" in str(made.plan) and "wgmma" not in made.cuda


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_fewer_warps_multiply_what_lies_as_four_would_take_it(rng: np.random.Generator) -> None:
    a, b = (rng.standard_normal(shape).astype(np.float16) for shape in ((64, 192), (192, 64)))
    c = np.full((64, 64), np.nan, np.float32)
    text = f"f16[:, ::1]{FACTS}, f16[:, ::1]{FACTS}, f32[:, ::1]{FACTS}; disjoint"
    made = matmul.inspect(text, target=HOPPER, BM=64, BN=64).function
    built = build_emulated(made, HOPPER, Options(num_warps=2))
    assert built.run((1, 1, 1), [a, b, c]).failure is None
    np.testing.assert_allclose(c, a.astype(np.float64) @ b, rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_products_are_not_serialised() -> None:
    """The assembler tells of products that wait for one another, which is an error."""

    def compile(case: tuple[Any, tuple[int, int]]) -> None:
        made = made_of(*case)
        product = assemble(made.cuda, made.target, NO_OPTIONS)
        assert product.usage["spills"] == {"stores": 0, "loads": 0}
        assert "by boxes" in str(made.plan)

    cases: list[tuple[Any, tuple[int, int]]] = [
        (matmul, (128, 256)), (matmul, (256, 128)), (matmul, (64, 128)),
        (matmul_transposed, (128, 256)), (matmul_of_several, (128, 128)),
    ]  # fmt: skip
    with ThreadPoolExecutor() as pool:
        list(pool.map(compile, cases))


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_rows_may_be_any(rng: np.random.Generator) -> None:
    """Threads copy them, each from where it lies; the last of them there are not."""
    rows, columns, depth = 56, 32, 136
    a, b = (rng.standard_normal(shape).astype(np.float16) for shape in ((rows, depth), (depth, 32)))
    c = np.full((rows, columns), np.nan, np.float32)
    text = f"f16[:, ::1]{FACTS}, f16[:, ::1]{FACTS}, f32[:, ::1]{FACTS}; narrow, disjoint"
    made = matmul_of_picked_rows.inspect(text, BM=32, BN=32).function
    assert "fetch rows" in str(made_of(matmul_of_picked_rows, (32, 32)).plan)
    assert run_emulated(made, (2, 1, 1), [a, b, c]).failure is None
    picked = (np.arange(64).reshape(2, 32)[:, np.arange(32) * 3 % 32]).ravel()
    whole = np.zeros((64, depth))
    whole[:rows] = a
    wanted = (whole[picked] @ b.astype(np.float64))[:rows]
    np.testing.assert_allclose(c, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_blocks_whose_place_is_found_in_the_round_are_not_fetched_ahead(
    rng: np.random.Generator,
) -> None:
    a, b = (rng.standard_normal(shape).astype(np.float16) for shape in ((64, 320), (320, 32)))
    c = np.full((64, 32), np.nan, np.float32)
    text = f"f16[:, ::1]{FACTS}, f16[:, ::1]{FACTS}, f32[:, ::1]{FACTS}; narrow, disjoint"
    made = matmul_of_found_rows.inspect(text, BM=32, BN=32).function
    assert str(made_of(matmul_of_found_rows, (32, 32)).plan).count("fetch") == 1
    assert run_emulated(made, (2, 1, 1), [a, b, c]).failure is None
    np.testing.assert_allclose(c, a.astype(np.float64) @ b, rtol=1e-4, atol=1e-3)
