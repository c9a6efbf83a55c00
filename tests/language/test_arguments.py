"""Section 4 of LANGUAGE.md: what may be passed to a kernel, and what it is there."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


def described(x, out):
    out[0] = x.ndim
    out[1] = x.size
    for k in tw.static_range(x.ndim):
        out[2 + k] = x.shape[k]
        out[10 + k] = x.strides[k]
    out[8] = len(x.shape)
    out[9] = x.shape[-1] if x.ndim > 0 else -1


BASE = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
LAYOUTS = {
    "contiguous": BASE,
    "fortran": np.asfortranarray(BASE),
    "transposed": BASE.T,
    "reversed": BASE[::-1, :, ::-1],
    "stepped": BASE[:, ::2, ::3, 1::2],
    "broadcast": np.broadcast_to(BASE[0, 0, 0], (7, 5)),
    "one": BASE[:1, 0, 0, :1],
    "vector": BASE[1, 2, 3],
    "column": BASE[:, 1, 2, 3],
    "empty": BASE[:0],
    "empty inside": BASE[:, 2:2],
    "0-d": np.asarray(np.float32(3)),
    "five axes": BASE[:, None],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_array_tells_its_shape_and_strides_in_elements(launch: Launch, layout: str) -> None:
    x, out = LAYOUTS[layout], np.full(16, -7, np.int64)
    launch(described, x, out)
    assert [x.ndim, x.size] == out[:2].tolist()
    assert list(x.shape) == out[2 : 2 + x.ndim].tolist()
    if x.size and x.ndim:
        strides = [s // 4 for s, n in zip(x.strides, x.shape, strict=True) if n > 1]
        found = [s for s, n in zip(out[10:].tolist(), x.shape, strict=False) if n > 1]
        assert strides == found
    assert [x.ndim, x.shape[-1] if x.ndim else -1] == out[8:10].tolist()


def copied_flat(x, out, NDIM: tw.constexpr, N: tw.constexpr):
    """Copy an array of any rank in row-major order, N elements a program."""
    flat = tw.program_id(0) * N + tw.arange(N)
    rest = flat
    if NDIM == 0:
        v = x[()]
    elif NDIM == 1:
        v = x[rest]
    elif NDIM == 2:
        v = x[rest // x.shape[1], rest % x.shape[1]]
    elif NDIM == 4:
        last, rest = rest % x.shape[3], rest // x.shape[3]
        third, rest = rest % x.shape[2], rest // x.shape[2]
        v = x[rest // x.shape[1], rest % x.shape[1], third, last]
    else:
        last, rest = rest % x.shape[4], rest // x.shape[4]
        fourth, rest = rest % x.shape[3], rest // x.shape[3]
        third, rest = rest % x.shape[2], rest // x.shape[2]
        v = x[rest // x.shape[1], rest % x.shape[1], third, fourth, last]
    out[flat] = v


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read(launch: Launch, guarded: Guarded, layout: str) -> None:
    x = LAYOUTS[layout]
    out = guarded(x.size)
    launch(copied_flat, x, out, NDIM=x.ndim, N=13, grid=tw.cdiv(x.size, 13))
    assert x.ravel().tolist() == out.tolist()


def two_axes(x, out, N: tw.constexpr, M: tw.constexpr):
    m, n = tw.program_id(0) * N, tw.program_id(1) * M
    out[m : m + N, n : n + M] = x[m : m + N, n : n + M] * 2


STRIDES = {
    "contiguous": lambda n, m: (m, 1),
    "fortran": lambda n, m: (1, n),
    "gaps": lambda n, m: (3 * m + 1, 2),
    "rows reversed": lambda n, m: (-m, 1),
    "columns reversed": lambda n, m: (m, -1),
    "all reversed": lambda n, m: (-m - 2, -1),
}


@pytest.mark.parametrize("written", STRIDES)
@pytest.mark.parametrize("read", ["contiguous", "fortran", "gaps", "all reversed"])
def test_every_layout_is_written(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, read: str, written: str
) -> None:
    n, m = 11, 21
    x = guarded(rng.standard_normal((n, m)).astype(np.float32), strides=STRIDES[read](n, m))
    out = guarded((n, m), strides=STRIDES[written](n, m))
    launch(two_axes, x, out, N=4, M=8, grid=(3, 3))
    assert (x * 2).tolist() == out.tolist()


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0), (1, 1), (1, 33), (33, 1)])
def test_odd_extents(launch: Launch, guarded: Guarded, shape: tuple[int, int]) -> None:
    x = guarded(np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape))
    out = guarded(shape)
    launch(two_axes, x, out, N=4, M=8, grid=(9, 5))
    assert (x * 2).tolist() == out.tolist()


def test_one_kernel_serves_all_layouts_in_turn(mode: str, guarded: Guarded) -> None:
    kernel = tw.kernel(two_axes)
    x = np.arange(15 * 17, dtype=np.float32).reshape(15, 17)
    for _ in range(2):
        for strides in STRIDES.values():
            out = guarded((15, 17), strides=strides(15, 17))
            kernel[4, 3](guarded(x, strides=strides(15, 17)), out, N=4, M=8)
            assert (x * 2).tolist() == out.tolist()


# --- read-only, overlapping, in place ------------------------------------------------------------


def reads(x, out):
    out[0:4] = x[0:4] + 1


def test_a_read_only_array_is_read(launch: Launch) -> None:
    x, out = np.arange(4, dtype=np.int32), np.zeros(4, np.int32)
    x.flags.writeable = False
    launch(reads, x, out)
    assert out.tolist() == [1, 2, 3, 4]


def test_writing_to_a_read_only_array_is_refused(launch: Launch) -> None:
    x, out = np.arange(4, dtype=np.int32), np.zeros(4, np.int32)
    out.flags.writeable = False
    with pytest.raises(tw.LaunchError, match=r"out.*read-only|read-only.*out"):
        launch(reads, x, out)
    assert out.tolist() == [0] * 4


def test_read_only_is_checked_at_every_launch(mode: str) -> None:
    kernel = tw.kernel(reads)
    x, out = np.arange(4, dtype=np.int32), np.zeros(4, np.int32)
    kernel[1](x, out)
    out.flags.writeable = False
    with pytest.raises(tw.LaunchError):
        kernel[1](x, out)
    out.flags.writeable = True
    kernel[1](x, out)
    assert out.tolist() == [1, 2, 3, 4]


def shifted(x, out, N: tw.constexpr):
    out[0:N] = x[0:N] * 2
    out[1 : N + 1] = x[0:N] + 1


@pytest.mark.parametrize("offset", [0, 1, 5, 16])
def test_overlapping_arguments_are_in_program_order(launch: Launch, offset: int) -> None:
    memory = np.arange(80, dtype=np.int32)
    expected = memory.copy()
    launch(shifted, memory[:40], memory[offset : offset + 41], N=40)
    expected[offset : offset + 40] = expected[:40] * 2
    expected[offset + 1 : offset + 41] = expected[:40] + 1
    assert expected.tolist() == memory.tolist()


@pytest.mark.parametrize("offset", [1, 7, 20])
def test_overlapping_arguments_the_other_way(launch: Launch, offset: int) -> None:
    memory = np.arange(80, dtype=np.int32)
    expected = memory.copy()
    launch(shifted, memory[offset : offset + 40], memory[:41], N=40)
    expected[:40] = expected[offset : offset + 40] * 2
    expected[1:41] = expected[offset : offset + 40] + 1
    assert expected.tolist() == memory.tolist()


def interleaved(x, y):
    for k in range(6):
        y[k + 1] = x[k] + 1


def test_a_chain_through_overlapping_memory(launch: Launch) -> None:
    memory = np.zeros(7, np.int32)
    launch(interleaved, memory, memory)
    assert list(range(7)) == memory.tolist()


def self_transpose(x, N: tw.constexpr):
    x[0:N, 0:N] = x[0:N, 0:N].T


@pytest.mark.parametrize("n", [1, 5, 16, 19])
def test_a_tile_is_read_before_it_is_written(launch: Launch, n: int) -> None:
    x = np.arange(n * n, dtype=np.float32).reshape(n, n)
    expected = x.T.tolist()
    launch(self_transpose, x, N=n)
    assert expected == x.tolist()


def reverse_in_place(x, N: tw.constexpr):
    i = tw.arange(N)
    x[i] = x[N - 1 - i]


@pytest.mark.parametrize("n", [1, 2, 17, 100])
def test_a_gather_is_read_before_it_is_written(launch: Launch, n: int) -> None:
    x = np.arange(n, dtype=np.int16)
    launch(reverse_in_place, x, N=n)
    assert list(range(n))[::-1] == x.tolist()


def onto_itself(x, N: tw.constexpr):
    x[1 : N + 1] = x[0:N]
    x[0:N] = x[0:N] + x[1 : N + 1]


def test_a_shift_onto_itself(launch: Launch) -> None:
    x = np.arange(50, dtype=np.int32)
    launch(onto_itself, x, N=45)
    expected = np.arange(50)
    expected[1:46] = np.arange(45)
    expected[:45] = expected[:45] + expected[1:46]
    assert expected.tolist() == x.tolist()


def into_broadcast(out):
    i = tw.arange(6)
    out[i] = i + 10


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
def test_a_broadcast_output_keeps_the_last_value(launch: Launch) -> None:
    memory = np.zeros(3, np.int32)
    launch(into_broadcast, as_strided(memory[1:2], (6,), (0,)))
    assert memory.tolist() == [0, 15, 0]


# --- scalars ------------------------------------------------------------------------------------


def scalar_types(a, b, c, d, out, TYPES: tw.constexpr):
    tw.static_assert((a.dtype, b.dtype, c.dtype, d.dtype) == TYPES)
    out[0] = a
    out[1] = b
    out[2] = c
    out[3] = d


@pytest.mark.parametrize(
    ("values", "types"),
    [
        ((1, -(2**31), 2**31 - 1, 0), ("i32", "i32", "i32", "i32")),
        ((2**31, -(2**31) - 1, 2**63 - 1, -(2**63)), ("i64", "i64", "i64", "i64")),
        ((1.5, True, False, 0.1), ("f32", "bool_", "bool_", "f32")),
        ((np.int8(-3), np.uint64(2**64 - 1), np.float16(0.1), np.float64(0.1)),
         ("i8", "u64", "f16", "f64")),
        ((np.uint8(200), np.uint16(65535), np.uint32(2**32 - 1), np.int16(-5)),
         ("u8", "u16", "u32", "i16")),
        ((np.bool_(True), np.int64(5), np.float32(0.1), np.int32(-1)),
         ("bool_", "i64", "f32", "i32")),
    ],
)  # fmt: skip
def test_scalars_have_the_types_of_the_page(
    launch: Launch, values: tuple[Any, ...], types: tuple[str, ...]
) -> None:
    out = np.zeros(4, np.float64)
    launch(scalar_types, *values, out, TYPES=tuple(getattr(tw, name) for name in types))
    kinds = {"f32": np.float32, "f16": np.float16}
    expected = [float(kinds.get(t, lambda v: v)(v)) for v, t in zip(values, types, strict=True)]
    assert expected == out.tolist()


def annotated(a: tw.u64, b: tw.f64, c: tw.i8, d: "f16", out):  # noqa: F821, UP037
    tw.static_assert(a.dtype == tw.u64)
    tw.static_assert(b.dtype == tw.f64)
    tw.static_assert(c.dtype == tw.i8)
    tw.static_assert(d.dtype == tw.f16)
    out[0] = a
    out[1] = b
    out[2] = c
    out[3] = d


def test_annotations_fix_the_type_of_a_scalar(launch: Launch) -> None:
    out = np.zeros(4, np.float64)
    launch(annotated, 2**63, 0.1, -5, 1.5, out)
    assert out.tolist() == [2.0**63, 0.1, -5, 1.5]


def test_an_integer_of_2_to_63_needs_an_annotation(launch: Launch) -> None:
    out = np.zeros(4, np.float64)
    with pytest.raises(tw.LaunchError, match="u64"):
        launch(scalar_types, 2**63, 1, 1, 1, out, TYPES=())


def test_a_scalar_that_does_not_fit_its_annotation_is_refused(launch: Launch) -> None:
    out = np.zeros(4, np.float64)
    with pytest.raises(tw.Error):
        launch(annotated, 1, 0.1, 1000, 1.5, out)


def floats_into_integers(n: tw.i32, out):
    out[0] = n


def test_a_float_for_an_integer_annotation_is_refused(launch: Launch) -> None:
    with pytest.raises(tw.Error):
        launch(floats_into_integers, 1.5, np.zeros(1))


def test_the_type_of_a_scalar_may_change_between_launches(mode: str) -> None:
    def kernel(n, out):
        out[0] = n * 2
        out[1] = n / 2

    kernel = tw.kernel(kernel)
    for value in (3, 2**40, 1.5, np.uint8(200), True, -7, np.float64(0.1)):
        out = np.zeros(2, np.float64)
        kernel[1](value, out)
        if isinstance(value, np.uint8):
            expected = [400 % 256, 100.0]
        elif value == 2**40:
            expected = [2**41, 2.0**39]
        else:
            expected = [float(value) * 2, float(value) / 2]
        assert expected == out.tolist(), value


# --- constexprs ----------------------------------------------------------------------------------


@tw.func
def twice(v):
    return v * 2


@tw.func
def thrice(v):
    return v * 3


def with_constants(
    x, out, NAME: tw.constexpr, DT: tw.constexpr, SHAPE: tw.constexpr, FN: tw.constexpr,
    NONE: tw.constexpr = None, FLAG: tw.constexpr = True, SCALE: tw.constexpr = 0.5,
):  # fmt: skip
    v = x[0 : SHAPE[0]].to(DT)
    if NAME == "double":
        v = twice(v)
    elif NAME == "triple":
        v = thrice(v)
    v = FN(v)
    if NONE is None:
        v = v + 1
    if NONE is not None and NONE > 3:
        v = v + NONE
    if FLAG:
        v = v + 10
    tw.static_assert(len(SHAPE) == 2 and SHAPE[1] == 3)
    tw.static_assert(v.dtype == DT)
    out[0 : SHAPE[0]] = v * SCALE


def test_constexprs_of_every_kind(launch: Launch) -> None:
    x, out = np.arange(5, dtype=np.int16), np.zeros(5, np.float64)
    launch(with_constants, x, out, "double", tw.f64, (5, 3), thrice)
    assert ((x * 6 + 11) * 0.5).tolist() == out.tolist()
    launch(with_constants, x, out, "triple", tw.f32, (5, 3), FN=twice, NONE=7, FLAG=False)
    assert ((x * 6 + 7) * 0.5).tolist() == out.tolist()
    launch(with_constants, x, out, NAME="", DT=tw.f16, SHAPE=(5, 3), FN=tw.exp2, NONE=1, SCALE=2)
    assert ((2.0**x + 10) * 2).tolist() == out.tolist()


NUMPY_DTYPE = np.dtype(np.int16)


def test_the_dtype_of_a_numpy_array_is_a_constant(launch: Launch) -> None:
    def kernel(x, out, DT: tw.constexpr):
        v = x[0:3].to(DT)
        tw.static_assert(v.dtype == DT and tw.zeros(3, NUMPY_DTYPE).dtype == tw.i16)
        out[0:3] = v

    x = np.array([1.5, -2.5, 300.25])
    for dtype in map(np.dtype, ("f2", "i8", "f8", ml_dtypes.bfloat16)):
        out = np.full(3, 7, dtype)
        launch(kernel, x, out, dtype)
        assert out.tolist() == (x.clip(-128, 127) if dtype == np.int8 else x).astype(dtype).tolist()
    with pytest.raises(tw.CompileError, match="`DT` of NumPy has no counterpart"):
        launch(kernel, x, x.copy(), np.dtype("S3"))


def test_each_value_of_a_constexpr_is_its_own_specialisation(mode: str) -> None:
    def kernel(out, C: tw.constexpr):
        out[0] = C
        out[1] = C / 2

    kernel = tw.kernel(kernel)
    out = np.zeros(2, np.float64)
    for value in (1, True, 1.0, 2, 0, False, -0.0, 0.0, 2**40, 1):
        kernel[1](out, C=value)
        assert [float(value), value / 2] == out.tolist()
        assert np.signbit(value / 2) == np.signbit(out[1])


def test_one_true_and_one_point_zero_are_different_constants(mode: str) -> None:
    def kernel(x, out, C: tw.constexpr):
        v = x[0:2] * C
        tw.static_assert(v.dtype == (tw.f32 if isinstance(C, float) else tw.i8))
        out[0:2] = isinstance(C, bool) * 10 + isinstance(C, float) * 100
        out[2] = tw.sum(v)

    kernel = tw.kernel(kernel)
    x, out = np.array([3, 4], np.int8), np.zeros(3, np.float32)
    for value, code in ((1, 0), (1.0, 100), (True, 10), (1.0, 100), (1, 0)):
        kernel[1](x, out, C=value)
        assert [code, code, 7] == out.tolist()


def nan_constant(x, out, C: tw.constexpr):
    out[0:3] = tw.where(x[0:3] == C, 1, 2)
    out[3] = C


def test_infinity_and_nan_are_constants(launch: Launch) -> None:
    x, out = np.array([np.inf, np.nan, 0], np.float32), np.zeros(4, np.float32)
    launch(nan_constant, x, out, C=np.nan)
    assert out[:3].tolist() == [2, 2, 2] and np.isnan(out[3])
    launch(nan_constant, x, out, C=-np.inf)
    assert out.tolist() == [2, 2, 2, -np.inf]


def test_a_constexpr_that_cannot_be_hashed_is_refused(launch: Launch) -> None:
    out = np.zeros(4, np.float32)
    with pytest.raises(tw.LaunchError, match="C"):
        launch(nan_constant, out, out, C=[1, 2])


# --- annotations of arrays -----------------------------------------------------------------------


def contiguous(x: "f32[:, ::1]", out):  # noqa: F821, UP037
    out[0] = x[1, 2]


def typed(x: tw.Array, out: "f32[:]"):  # noqa: F821, UP037
    out[0] = x[0]


def fixed(x: "i32[:, 4]", out):  # noqa: F821, UP037
    out[0] = x[0, 3]


def test_annotations_of_arrays_are_checked(launch: Launch) -> None:
    x, out = np.arange(12, dtype=np.float32).reshape(3, 4), np.zeros(1, np.float32)
    launch(contiguous, x, out)
    assert out.tolist() == [6]
    for wrong in (x.T, x[0], x.astype(np.float64), x[:, ::2], 1.5):
        with pytest.raises(tw.LaunchError):
            launch(contiguous, wrong, out)
    launch(typed, x[2], out)
    assert out.tolist() == [8]
    with pytest.raises(tw.LaunchError):
        launch(typed, 3, out)
    with pytest.raises(tw.LaunchError):
        launch(typed, x[0], out.astype(np.int32))
    launch(fixed, x.astype(np.int32), out)
    assert out.tolist() == [3]
    with pytest.raises(tw.LaunchError):
        launch(fixed, x.astype(np.int32)[:, :3], out)


def pointed(p: "*f32", out: "*f32", n, N: tw.constexpr):  # noqa: F722
    i = tw.arange(N)
    v = tw.load(p + i, mask=i < n, fill=-1)
    tw.store(out + i * 2, v, mask=i < n)
    tw.store(out, tw.load(p) * 100)


def test_an_array_passed_for_a_pointer_drops_its_shape(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.arange(6, dtype=np.float32).reshape(2, 3)), guarded((12,))
    x += 1
    out[:] = 0
    launch(pointed, x, out, 6, N=8)
    assert out.tolist() == [100, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]


# --- what is refused -----------------------------------------------------------------------------


def test_foreign_byte_order_is_refused(launch: Launch) -> None:
    x = np.arange(4, dtype=np.dtype(np.int32).newbyteorder())
    with pytest.raises(tw.LaunchError):
        launch(reads, x, np.zeros(4, np.int32))


def test_unaligned_data_is_refused(launch: Launch) -> None:
    x = np.zeros(17, np.uint8)[1:].view(np.int32)
    with pytest.raises(tw.LaunchError):
        launch(reads, x, np.zeros(4, np.int32))


def test_strides_between_elements_are_refused(launch: Launch) -> None:
    x = np.zeros(4, [("a", np.uint8), ("b", np.int16), ("c", np.uint8)])["a"]
    launch(reads, x, np.zeros(4, np.int32))
    y = as_strided(np.zeros(40, np.uint8).view(np.int32), (4,), (6,))
    with pytest.raises(tw.LaunchError):
        launch(reads, y, np.zeros(4, np.int32))


@pytest.mark.parametrize(
    "wrong", ["text", None, object(), [1, 2], {1: 2}, 1j, np.zeros(3, np.complex64),
              np.array(["a"]), np.array([None]), np.zeros(2, "M8[s]")],
)  # fmt: skip
def test_foreign_objects_are_refused(launch: Launch, wrong: Any) -> None:
    with pytest.raises(tw.LaunchError):
        launch(reads, wrong, np.zeros(4, np.int32))


# --- other owners of memory ----------------------------------------------------------------------


class Interface:
    """Memory that only `__array_interface__` shows."""

    def __init__(self, array: Array) -> None:
        self.array = array

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self.array.__array_interface__


class Capsule:
    """Memory that only DLPack shows."""

    def __init__(self, array: Array) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("owner", [Interface, Capsule, tw.asarray])
def test_memory_of_other_owners(launch: Launch, owner: Callable[[Array], Any]) -> None:
    x, out = np.arange(8, dtype=np.int32)[::-2], np.zeros(4, np.int32)
    launch(reads, owner(x), owner(out))
    assert out.tolist() == [8, 6, 4, 2]


def test_arrays_of_tilewright(launch: Launch) -> None:
    x, out = tw.asarray(np.arange(4, dtype=np.float32)), tw.zeros(4)
    launch(reads, x, out)
    assert out.numpy().tolist() == [1, 2, 3, 4]


def test_a_subclass_and_a_memory_map_are_arrays(launch: Launch, tmp_path: Any) -> None:
    x = np.memmap(tmp_path / "x", np.int32, "w+", shape=(4,))
    x[:] = [4, 3, 2, 1]
    out = np.zeros(4, np.int32)
    launch(reads, x, out)
    assert out.tolist() == [5, 4, 3, 2]
    c = (ctypes.c_int32 * 4)(1, 2, 3, 4)
    launch(reads, np.ctypeslib.as_array(c), out)
    assert out.tolist() == [2, 3, 4, 5]
