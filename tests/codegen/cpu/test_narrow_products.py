"""Products whose operands stay narrow: AMX tiles, `vdpbf16ps`, `vpdpbusd`.

What is compiled is checked on every machine; what it computes where the processor has the
instructions, at every level it has.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright import _native
from tilewright.codegen.cpu.emit_interleave import emit_interleave
from tilewright.codegen.cpu.emit_scalar import Scalars
from tilewright.codegen.cpu.plan import plan
from tilewright.codegen.cpu.steps import (
    Interleave,
    Multiply,
)
from tilewright.codegen.cpu.writer import Val, Writer
from tilewright.codegen.planning.steps import (
    Buffer,
    View,
)
from tilewright.codegen.target import MACHINES, parse_target, richest_arch
from tilewright.dsl.ir.parse import parse_function
from tilewright.dsl.types import Dtype, bf16, i8
from tilewright.runtime.device import host

Array = NDArray[Any]
Guarded = Callable[..., Array]

LEVELS = [name for name, machine in MACHINES.items() if machine.narrow]
NUMPY = {"bf16": ml_dtypes.bfloat16, "i8": np.int8, "u8": np.uint8}
RESULTS = {"bf16": "f32", "i8": "i32", "u8": "i32"}


@tw.kernel
def blocked(
    a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr, DT: tw.constexpr,
    TURNED: tw.constexpr = False,
):  # fmt: skip
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), DT)
    for k in range(0, a.shape[0] if TURNED else a.shape[1], BK):
        if TURNED:
            acc += a[k : k + BK, m : m + BM].T @ b[n : n + BN, k : k + BK].T
        else:
            acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


# --- what is compiled ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "dtype", "wanted"),
    [
        ("x86-64-v4", "bf16", "vfmadd"), ("x86-64-v4+vnni", "bf16", "vfmadd"),
        ("x86-64-v4+vnni", "i8", "vpdpbusd"), ("x86-64-v4+vnni", "u8", "vpmulld"),
        ("x86-64-v4+bf16", "bf16", "vdpbf16ps"), ("x86-64-v4+bf16", "i8", "vpdpbusd"),
        ("x86-64-v4+amx", "bf16", "tdpbf16ps"), ("x86-64-v4+amx", "i8", "tdpbssd"),
        ("x86-64-v4+amx", "u8", "tdpbuud"),
    ],
)  # fmt: skip
def test_every_level_multiplies_by_its_own_instruction(level: str, dtype: str, wanted: str) -> None:
    result = RESULTS[dtype]
    found = blocked.inspect(
        f"{dtype}[:, ::1], {dtype}[:, ::1], {result}[:, ::1]; disjoint, narrow",
        BM=32, BN=32, BK=64, DT=getattr(tw, result), target=f"cpu:{level}",
    )  # fmt: skip
    others = {"vfmadd", "vpmulld", "vpdpbusd", "vdpbf16ps", "tdpbf16ps", "tdpbssd", "tdpbuud"}
    assert [name for name in others if name in found.asm] == [wanted]
    assert ("interleave" in str(found.plan)) == (wanted not in ("vfmadd", "vpmulld"))


PRODUCT = """function t(%a: bf16[:, ::1], %b: bf16[:, ::1], %c: f32[:, ::1]) facts(narrow) {
  %0: index<20> = iota 0
  %1: index<20x1> = reshape %0, (20, 1)
  %2: index<7> = iota 0
  %3: index<7x1> = reshape %2, (7, 1)
  %4: index<33> = iota 0
  %5: bf16<20x7> = load %a, [%1, %2]
  %6: bf16<7x33> = load %b, [%3, %4]
  %7: f32<20x33> = dot %5, %6, f32
  store %c, [%1, %4], %7
  return
}
"""


@pytest.mark.parametrize(
    ("level", "depth", "row"), [("x86-64-v4+bf16", 8, 8), ("x86-64-v4+amx", 32, 32)]
)
def test_rows_have_place_for_whole_groups_or_tile_rows(level: str, depth: int, row: int) -> None:
    found = plan(parse_function(PRODUCT), parse_target(f"cpu:{level}"))
    (interleave,) = (step for step in found.steps if isinstance(step, Interleave))
    (multiply,) = (step for step in found.steps if isinstance(step, Multiply))
    assert (interleave.group, interleave.depth) == (2, depth)
    assert multiply.a.strides == (row, 1)
    assert multiply.b.strides == (2 * multiply.b.panel, 2)
    assert multiply.b.panel_stride == depth * multiply.b.panel


def test_a_processor_gets_the_richest_level_that_it_has_all_features_of() -> None:
    vnni, bf16_too = ["avx512f", "avx512vnni"], ["avx512vnni", "avx512bf16"]
    tiles = ["amx-tile", "amx-bf16", "amx-int8"]
    assert richest_arch("x86-64-v4", []) == "x86-64-v4"
    assert richest_arch("x86-64-v4", vnni) == "x86-64-v4+vnni"
    assert richest_arch("x86-64-v4", bf16_too) == "x86-64-v4+bf16"
    assert richest_arch("x86-64-v4", bf16_too + tiles) == "x86-64-v4+amx"
    assert richest_arch("x86-64-v4", bf16_too + tiles[:2]) == "x86-64-v4+bf16"
    assert richest_arch("x86-64-v3", bf16_too + tiles) == "x86-64-v3"
    assert richest_arch("aarch64", ["neon", "bf16"]) == "aarch64"


def interleaved(source: Array, dtype: Dtype, width: int, group: int, depth: int) -> Array:
    """What the step makes of a batch of matrices, compiled for this machine and run."""
    batch, k, n = source.shape
    kind, size = source.dtype, depth * -(-n // width) * width
    step = Interleave(
        op=parse_function(PRODUCT).body.ops[0],
        source=View(Buffer("source", dtype, 0, source.size), 0, (k * n, n, 1)),
        target=View(
            Buffer("target", dtype, source.nbytes, batch * size), 0,
            (size, width * group, group), width, depth * width,
        ),
        shape=source.shape, dtype=dtype, group=group, depth=depth,
    )  # fmt: skip
    writer = Writer(host().compile_target.machine)
    scalars = Scalars(parse_function(PRODUCT), writer)
    scalars.accesses.scratch = Val("%scratch", "ptr", 0, writer.level)
    emit_interleave(scalars, step)
    lines = "\n".join(["define void @f(ptr %scratch) {", "entry:", *writer.level.lines])
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(f"{lines}\n  ret void\n}}\n"), machine)
    memory = np.full(source.size + batch * size, 0x55, kind)
    memory[: source.size] = source.ravel()
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address("f"))(memory.ctypes.data)
    assert np.array_equal(memory[: source.size], source.ravel())
    return memory[source.size :].reshape(batch, size)


@pytest.mark.parametrize(
    ("dtype", "shape", "depth"),
    [
        (bf16, (1, 6, 32), 6), (bf16, (2, 7, 45), 8), (bf16, (1, 5, 70), 32),
        (i8, (2, 8, 64), 8), (i8, (1, 6, 33), 8), (i8, (3, 1, 5), 64),
    ],
    ids=str,
)  # fmt: skip
def test_interleaved_panels_are_groups_of_neighbours_along_k(
    dtype: Dtype, shape: tuple[int, int, int], depth: int, rng: np.random.Generator
) -> None:
    batch, k, n = shape
    width, group = 32, 4 // dtype.itemsize
    kind = np.int16 if dtype is bf16 else np.int8
    source = rng.integers(-128, 128, shape).astype(kind)
    columns = -(-n // width) * width
    filled = np.zeros((batch, depth, columns), kind)
    filled[:, :k, :n] = source
    expected = (
        filled.reshape(batch, depth // group, group, columns // width, width)
        .transpose(0, 3, 1, 4, 2)
        .reshape(batch, -1)
    )
    has_value = np.zeros((batch, depth, columns), bool)
    has_value[:, :, :n] = True
    has_value = (
        has_value.reshape(batch, depth // group, group, columns // width, width)
        .transpose(0, 3, 1, 4, 2)
        .reshape(batch, -1)
    )
    got = interleaved(source, dtype, width, group, depth)
    assert np.array_equal(got[has_value], expected[has_value])


# --- what it computes ----------------------------------------------------------------------------


def has(level: str) -> bool:
    found = _native.topology()
    wanted = {feature.lstrip("+") for feature in MACHINES[level].features.split(",")}
    return level.startswith(found["level"]) and wanted <= set(found["features"])


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Compile for a level that this machine has."""
    name: str = request.param
    if not has(name):
        pytest.skip(f"this processor is no {name}")
    monkeypatch.setattr(host(), "_arch", name)
    return name


def values(rng: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> Array:
    if dtype == "bf16":
        return rng.standard_normal(shape).astype(ml_dtypes.bfloat16)
    low, high = (-128, 128) if dtype == "i8" else (0, 256)
    return rng.integers(low, high, shape).astype(NUMPY[dtype])


def agrees(got: Array, a: Array, b: Array) -> None:
    wide = np.float64 if a.dtype == ml_dtypes.bfloat16 else np.int64
    x, y = a.astype(wide), b.astype(wide)
    if wide is np.int64:
        assert np.array_equal(got, x @ y)
    else:
        bound = (a.shape[-1] + 2) * 2.0**-24 * (np.abs(x) @ np.abs(y))
        assert (np.abs(got - x @ y) <= bound).all()


BLOCKS = [(32, 32, 64), (64, 64, 32), (33, 47, 37), (16, 16, 3), (7, 70, 100), (128, 96, 256)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("block", BLOCKS, ids=str)
@pytest.mark.parametrize("dtype", NUMPY)
def test_products(
    level: str,
    dtype: str,
    block: tuple[int, int, int],
    turned: bool,
    guarded: Guarded,
    rng: np.random.Generator,
) -> None:
    kernel = tw.kernel(blocked.definition.function)  # compiled afresh for the level
    m, n, k = 131, 149, 203
    bm, bn, bk = block
    a, b = values(rng, dtype, (m, k)), values(rng, dtype, (k, n))
    if dtype == "i8":
        a[3], b[:, 5] = -128, -128
    c = guarded((m, n), np.float32 if dtype == "bf16" else np.int32)
    given = [guarded(np.ascontiguousarray(x.T)) if turned else guarded(x) for x in (a, b)]
    kernel[tw.cdiv(m, bm), tw.cdiv(n, bn)](
        *given, c, BM=bm, BN=bn, BK=bk, DT=getattr(tw, RESULTS[dtype]), TURNED=turned
    )
    agrees(c, a, b)


def batches(a, b, c, P: tw.constexpr, M: tw.constexpr, N: tw.constexpr, K: tw.constexpr):
    x = a[0:P, 0:M, 0:K]
    y = b[0:P, 0:K, 0:N]
    c[0, 0:P, 0:M, 0:N] = x @ y
    c[1, 0:P, 0:M, 0:N] = tw.dot(x, y, c[2, 0:P, 0:M, 0:N])


@pytest.mark.parametrize("dtype", NUMPY)
@pytest.mark.parametrize("shape", [(3, 5, 9, 7), (2, 35, 40, 64), (1, 1, 1, 1)], ids=str)
def test_batches_with_and_without_an_accumulator(
    level: str, dtype: str, shape: tuple[int, ...], guarded: Guarded, rng: np.random.Generator
) -> None:
    p, m, n, k = shape
    a, b = values(rng, dtype, (p, m, k)), values(rng, dtype, (p, k, n))
    c = guarded((3, p, m, n), np.float32 if dtype == "bf16" else np.int32)
    c[2] = 0
    tw.kernel(batches)[1](guarded(a), guarded(b), c, P=p, M=m, N=n, K=k)
    agrees(c[0], a, b)
    agrees(c[1], a, b)


def of_computed(a, b, c):
    x = tw.maximum(a[0:40, 0:50], 0)
    y = b[0:50, 0:40]
    c[0, 0:40, 0:40] = x @ y
    c[1, 0:40, 0:40] = y[0:40, 0:40] @ x[0:40, 0:40].T


def test_operands_that_are_computed_or_kept(
    level: str, guarded: Guarded, rng: np.random.Generator
) -> None:
    a, b = values(rng, "i8", (40, 50)), values(rng, "i8", (50, 40))
    c = guarded((2, 40, 40), np.int32)
    tw.kernel(of_computed)[1](guarded(a), guarded(b), c)
    x = np.maximum(a, 0).astype(np.int64)
    assert np.array_equal(c[0], x @ b)
    assert np.array_equal(c[1], b[:40].astype(np.int64) @ x[:, :40].T)


def test_nan_and_infinity_stay_in_their_row_and_column(
    level: str, guarded: Guarded, rng: np.random.Generator
) -> None:
    a, b = values(rng, "bf16", (33, 7)), values(rng, "bf16", (7, 33))
    a[20, 3], b[2, 30] = np.inf, np.nan
    c = guarded((33, 33))
    tw.kernel(blocked.definition.function)[1, 1](
        guarded(a), guarded(b), c, BM=33, BN=33, BK=7, DT=tw.f32
    )
    with np.errstate(all="ignore"):
        expected = a.astype(np.float32) @ b.astype(np.float32)
    np.testing.assert_allclose(c, expected, rtol=1e-4, atol=1e-4)
