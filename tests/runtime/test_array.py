"""Arrays on the host: memory, views, other libraries, and arithmetic checked against NumPy."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright.runtime.interop import numpy_dtype

DTYPES = (tw.f16, tw.f32, tw.i8, tw.i64, tw.u16)


# --- memory -------------------------------------------------------------------------------------


def test_what_is_made_has_its_shape_and_dtype() -> None:
    for made, dtype, value in [
        (tw.zeros((2, 3)), tw.f32, 0),
        (tw.ones((2, 3)), tw.f32, 1),
        (tw.full((2, 3), 7), tw.i32, 7),
        (tw.full((2, 3), 1 << 40), tw.i64, 1 << 40),
        (tw.full((2, 3), 0.5), tw.f32, 0.5),
        (tw.full((2, 3), True), tw.bool_, True),
        (tw.zeros((2, 3), tw.i8, device="cpu"), tw.i8, 0),
        (tw.ones((2, 3), "f64"), tw.f64, 1),
        (tw.ones((2, 3), np.int16), tw.i16, 1),
    ]:
        assert made.shape == (2, 3)
        assert made.strides == (3, 1)
        assert made.dtype is dtype
        assert made.ndim == 2
        assert made.size == 6
        assert made.nbytes == 6 * dtype.itemsize
        assert made.device == tw.device("cpu")
        assert made.ptr == made.numpy().ctypes.data
        assert (made.numpy() == value).all()
    assert tw.empty(5).shape == (5,)
    assert tw.empty((), tw.i32).shape == ()


def test_array_copies_and_asarray_does_not() -> None:
    host = np.arange(6, dtype=np.float32)
    copied, shared = tw.array(host), tw.asarray(host)
    host[0] = 9
    assert copied.numpy()[0] == 0
    assert shared.numpy()[0] == 9
    assert tw.asarray(shared) is shared
    assert tw.asarray(host, tw.f64).dtype is tw.f64
    assert tw.array([[1, 2], [3, 4]], tw.f32).numpy().tolist() == [[1, 2], [3, 4]]
    assert tw.array([1.5]).dtype is tw.f64  # as NumPy has it


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tw.zeros((-1,)), "cannot make an array of shape"),
        (lambda: tw.full(3, 300, tw.u8), "300 does not fit u8, expected 0 to 255"),
        (lambda: tw.zeros(2, "f33"), "'f33' is no dtype"),
        (lambda: tw.zeros(2, np.complex64), "arrays of dtype complex64 are not supported"),
        (lambda: tw.zeros(2, tw.index), "arrays cannot have dtype index"),
        (lambda: tw.array([[1], [1, 2]]), "cannot make an array of list"),
        (lambda: tw.array([None]), "arrays of dtype object are not supported"),
        (lambda: tw.ones(3)["a"], "indexed by integers and slices, got str"),
        (lambda: tw.ones(3)[True], "indexed by integers and slices, got bool"),
        (lambda: tw.ones(3).reshape(2), "cannot reshape"),
        (lambda: tw.ones(3).item(), "an array of shape \\(3,\\) is not one number"),
        (lambda: tw.ones(3) + tw.ones(4), "\\(3,\\) and \\(4,\\) do not broadcast"),
        (lambda: tw.ones(3, tw.u8) + 300, "the literal 300 does not fit u8"),
        (lambda: tw.ones(3, tw.u64) + tw.ones(3, tw.i8), "cannot combine u64 with i8"),
        (lambda: tw.ones((2, 3)) @ tw.ones((2, 3)), "cannot multiply arrays of shape"),
        (lambda: tw.ones(()) @ tw.ones(3), "needs arrays of rank 1 or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(tw.LaunchError, match=message):
        make()


def test_devices_that_are_not_there_are_refused() -> None:
    for make in (tw.zeros, tw.ones, tw.empty):
        with pytest.raises(tw.DeviceError, match="no device 'cuda:0'"):
            make(3, device="cuda:0")
    with pytest.raises(tw.DeviceError, match="no device 'cuda:0'"):
        tw.ones(3).to("cuda:0")


def test_slices_are_views() -> None:
    a = tw.array(np.arange(24).reshape(2, 3, 4))
    assert a[1].shape == (3, 4)
    assert a[:, ::-1, 1:3].strides == (12, -4, 1)
    assert a[..., 0].shape == (2, 3)
    assert a[1, 2, 3].shape == ()
    assert a[1, 2, 3].item() == 23
    assert a.T.shape == (4, 3, 2)
    a[0, 0] = 7
    a[1, :, ::2] = tw.array([100, 200])
    assert a.numpy()[0, 0].tolist() == [7] * 4
    assert a.numpy()[1, 2].tolist() == [100, 21, 200, 23]
    with pytest.raises(IndexError):
        a[2]


def test_an_array_is_an_argument_and_an_annotation() -> None:
    @tw.kernel
    def double(x: tw.Array, n: tw.constexpr):
        i = tw.arange(n)
        x[i] = x[i] * 2

    a = tw.ones(8)
    double[1](a, 8)
    double[1](a[::2], 4)
    assert a.numpy().tolist() == [4, 2] * 4


def test_the_names_that_live_twice_are_builtins_in_kernels() -> None:
    @tw.kernel
    def fill(out):
        out[0:4] = tw.zeros(4) + tw.ones(4, tw.f32) + tw.full(4, 2.0)

    out = tw.empty(4)
    fill[1](out)
    assert out.numpy().tolist() == [3] * 4


def test_numbers_come_out() -> None:
    assert float(tw.full((), 2.5)) == 2.5
    assert int(tw.full((1, 1), 3)) == 3
    assert bool(tw.full((), 0)) is False
    assert [10, 20, 30][tw.full((), 1)] == 20
    assert len(tw.ones((4, 2))) == 4
    assert [row.shape for row in tw.ones((2, 3))] == [(3,), (3,)]
    assert repr(tw.array([1, 2], tw.i8)) == "tw.array([1, 2], dtype=tw.i8)"


def test_numbers_are_stored_as_a_cast_gives_them() -> None:
    assert tw.full(1, float("nan"), tw.i32).item() == 0
    assert tw.full(1, 1e20, tw.i32).item() == 2**31 - 1
    assert tw.full(1, np.float32(2.9), tw.u8).item() == 2
    a = tw.zeros(5, tw.u8)
    a[0], a[1], a[2], a[3:] = 2.9, 300, float("nan"), [7, 8]
    assert a.numpy().tolist() == [2, 44, 0, 7, 8]
    b = tw.zeros(1, tw.f64)
    b[0] = 0.1
    assert b.item() == 0.1


# --- other libraries ----------------------------------------------------------------------------


def test_numpy_sees_the_same_memory() -> None:
    a = tw.zeros((2, 3))
    for host in (np.asarray(a), np.from_dlpack(a), a.numpy()):
        host[0, 0] += 1
    assert a.numpy()[0, 0] == 3
    assert a.__dlpack_device__() == (1, 0)
    assert np.asarray(a, dtype=np.float64).dtype == np.float64


def test_arrays_of_other_libraries_are_shared() -> None:
    class Exporter:
        """An array that speaks one protocol only."""

        def __init__(self, host: np.ndarray, names: tuple[str, ...]) -> None:
            for name in names:
                value = getattr(host, name)
                setattr(type(self), name, value)

    host = np.arange(12, dtype=np.int16).reshape(3, 4)[:, ::2]
    for names in (("__dlpack__", "__dlpack_device__"), ("__array_interface__",)):
        foreign = type("Foreign", (Exporter,), {})(host, names)
        shared = tw.asarray(foreign)
        assert shared.numpy().tolist() == host.tolist()
        shared[0, 0] = 99
        assert host[0, 0] == 99
        host[0, 0] = 0
        assert (tw.ones((3, 2), tw.i16) + foreign).numpy().tolist() == (host + 1).tolist()


@pytest.mark.parametrize("name", ["bf16", "f8e4m3", "f8e5m2"])
def test_dtypes_that_numpy_lacks_travel_by_dlpack(name: str) -> None:
    pytest.importorskip("ml_dtypes")
    dtype = getattr(tw, name)
    a = tw.array([0.5, 1.0, -2.0], dtype)

    class Foreign:
        def __dlpack__(self, **options: Any) -> object:
            return a.__dlpack__(**options)

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

    shared = tw.asarray(Foreign())
    assert shared.dtype is dtype
    assert shared.numpy().dtype == numpy_dtype(dtype)
    assert shared.numpy().astype(float).tolist() == [0.5, 1, -2]
    assert shared.ptr == a.ptr
    assert a.to(tw.f32).numpy().tolist() == [0.5, 1, -2]


def test_an_array_of_bf16_is_an_argument() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")

    @tw.kernel
    def double(x):
        x[0:4] = x[0:4] * 2

    x = np.ones(4, ml_dtypes.bfloat16)
    double[1](x)
    assert x.astype(float).tolist() == [2] * 4


# --- arithmetic ---------------------------------------------------------------------------------

OPERATORS = ["add", "sub", "mul", "truediv", "lt", "le", "gt", "ge", "eq", "ne"]


def strided(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype, kind: str) -> Any:
    """An array of random numbers whose memory lies in some way or other."""
    match kind:
        case "contiguous":
            found = rng.integers(1, 50, shape)
        case "transposed":
            found = rng.integers(1, 50, shape[::-1]).T
        case "gaps":
            wide = tuple(2 * extent for extent in shape)
            found = rng.integers(1, 50, wide)
            return found.astype(dtype)[tuple(slice(None, None, 2) for _ in shape)]
        case "backwards":
            found = rng.integers(1, 50, shape)
            return found.astype(dtype)[tuple(slice(None, None, -1) for _ in shape)]
        case _:
            found = np.broadcast_to(rng.integers(1, 50, shape[-1:]), shape)
    return found.astype(dtype, order="K", copy=False)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("kinds", [("contiguous", "contiguous"), ("gaps", "broadcast"),
                                   ("transposed", "backwards")])  # fmt: skip
def test_operators_agree_with_numpy(name: str, kinds: tuple, rng: np.random.Generator) -> None:
    operate = getattr(operator, name)
    for shape in [(7,), (5000,), (3, 5), (60, 70), (2, 3, 4, 5)]:
        a, b = (strided(rng, shape, np.dtype(np.float32), kind) for kind in kinds)
        found = operate(tw.asarray(a), tw.asarray(b)).numpy()
        expected = operate(a, b)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


@pytest.mark.parametrize(("a", "b"), [
    ((4, 1), (1, 5)), ((4, 5), (5,)), ((1,), (3, 4, 5)), ((2, 1, 3, 1), (5, 1, 6)), ((), (3, 2)),
    ((0,), (1,)), ((3, 0), (1, 1)), ((1, 1, 1), (1,)), ((2, 1, 2, 1, 2), (2, 1, 2, 1)),
])  # fmt: skip
def test_shapes_broadcast_as_in_numpy(a: tuple, b: tuple, rng: np.random.Generator) -> None:
    x = rng.random(a, np.float32) if a else np.float32(0.25)
    y = rng.random(b, np.float32)
    found = tw.array(x) + tw.array(y)
    assert found.shape == np.broadcast_shapes(a, b)
    assert np.array_equal(found.numpy(), x + y)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes_follow_the_language(dtype: tw.f32, rng: np.random.Generator) -> None:
    host = rng.integers(1, 10, 100).astype(numpy_dtype(dtype))
    a = tw.array(host)
    assert (a + a).dtype is dtype
    assert np.array_equal((a * 3).numpy(), (host * 3))
    assert (a * 3).dtype is dtype
    assert (a < 5).dtype is tw.bool_
    wide = dtype in (tw.i64, tw.u64)
    division = dtype if dtype.is_float else tw.f64 if wide else tw.f32
    assert (a / 2).dtype is (a / a).dtype is division
    if dtype.is_integer:
        assert (a + 0.5).dtype is tw.f32
        assert np.array_equal((a // 3).numpy(), host // 3)
        assert np.array_equal((a % 3).numpy(), host % 3)
        assert np.array_equal((a & 3).numpy(), host & 3)
        assert np.array_equal((a | 4).numpy(), host | 4)
        assert np.array_equal((a ^ 5).numpy(), host ^ 5)
        assert np.array_equal((a << 2).numpy(), host << 2)
        assert np.array_equal((a >> 1).numpy(), host >> 1)
        assert np.array_equal((~a).numpy(), ~host)
        assert np.array_equal((a**2).numpy(), host**2)


def test_dtypes_meet_as_in_the_language() -> None:
    cases = {
        (tw.i32, tw.f32): tw.f32, (tw.i64, tw.f16): tw.f16, (tw.u32, tw.i32): tw.i64,
        (tw.bool_, tw.bool_): tw.i32, (tw.f16, tw.f64): tw.f64, (tw.bool_, tw.u8): tw.i32,
    }  # fmt: skip
    for (a, b), expected in cases.items():
        assert (tw.ones(3, a) + tw.ones(3, b)).dtype is expected
    assert (tw.ones(3, tw.bool_) & tw.ones(3, tw.bool_)).dtype is tw.bool_


def test_comparisons_are_by_value() -> None:
    a = tw.array([0, 255], tw.u8)
    assert (a == 300).numpy().tolist() == [False, False]
    assert (a < 300).numpy().tolist() == [True, True]
    assert (a > -1).numpy().tolist() == [True, True]
    assert (a < 254.5).numpy().tolist() == [True, False]


def test_numbers_may_stand_on_either_side(rng: np.random.Generator) -> None:
    host = rng.random(100, np.float32) + 1
    a = tw.array(host)
    for name in ("add", "sub", "mul", "truediv"):
        operate = getattr(operator, name)
        assert np.array_equal(operate(2, a).numpy(), operate(np.float32(2), host))
        assert np.array_equal(operate(host, a).numpy(), operate(host, host))
    assert (np.float64(2) * a).dtype is tw.f64
    assert (a + np.ones(1, np.float32)).shape == (100,)


def test_unary_operators(rng: np.random.Generator) -> None:
    host = rng.standard_normal((30, 40)).astype(np.float32)[:, ::3]
    a = tw.asarray(host)
    assert np.array_equal((-a).numpy(), -host)
    assert np.array_equal(abs(a).numpy(), abs(host))
    assert np.array_equal((+a).numpy(), host)
    assert np.array_equal((~(a > 0)).numpy(), ~(host > 0))
    copied = a.copy()
    assert copied.strides == (copied.shape[1], 1)
    assert copied.ptr != a.ptr


def test_in_place_operators_keep_memory_and_dtype() -> None:
    a = tw.array(np.arange(6, dtype=np.float32))
    same, address = a, a.ptr
    a += 1
    a *= tw.array([2, 2, 2, 2, 2, 2], tw.i32)
    a -= tw.ones(1, tw.f64)
    a /= 2
    assert a is same
    assert a.ptr == address
    assert a.dtype is tw.f32
    assert a.numpy().tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    n = tw.array([1, 2, 3], tw.i32)
    n += 1
    n //= 2
    n <<= 3
    assert n.numpy().tolist() == [8, 8, 16]
    with pytest.raises(tw.LaunchError, match="gives f32, which cannot be kept in an array of i32"):
        n += 0.5
    with pytest.raises(
        tw.LaunchError, match=r"shape \(3,\) cannot keep a result of shape \(2, 3\)"
    ):
        n += tw.ones((2, 3), tw.i32)


def test_operands_may_overlap_the_result() -> None:
    host = np.arange(10_000, dtype=np.int64)
    a = tw.array(host)
    a[1:] += a[:-1]
    expected = host.copy()
    expected[1:] += host[:-1]
    assert np.array_equal(a.numpy(), expected)
    a = tw.array(host)
    a[::-1] = a
    assert np.array_equal(a.numpy(), host[::-1])


@pytest.mark.parametrize(("a", "b"), [
    ((3, 4), (4, 5)), ((70, 129), (129, 66)), ((4,), (4,)), ((4,), (4, 3)), ((3, 4), (4,)),
    ((2, 3, 4), (4, 5)), ((5, 1, 3, 4), (2, 4, 3)), ((3, 0), (0, 2)), ((0, 3), (3, 2)),
])  # fmt: skip
def test_matrix_products_agree_with_numpy(a: tuple, b: tuple, rng: np.random.Generator) -> None:
    x, y = rng.random(a, np.float32), rng.random(b, np.float32)
    found = tw.asarray(x) @ tw.asarray(y)
    expected = np.matmul(x.astype(np.float64), y)
    assert found.shape == expected.shape
    assert np.allclose(found.numpy(), expected, rtol=1e-5)


def test_matrix_products_keep_their_dtype(rng: np.random.Generator) -> None:
    for dtype in (tw.f16, tw.f64, tw.i32):
        x = rng.integers(0, 5, (20, 30)).astype(numpy_dtype(dtype))
        found = tw.asarray(x) @ tw.asarray(x.T)
        assert found.dtype is dtype
        assert np.array_equal(found.numpy(), x @ x.T)


def test_casts_are_those_of_the_language() -> None:
    a = tw.array([1.9, -1.9, float("nan"), 1e20], tw.f32)
    assert a.to(tw.i32).numpy().tolist() == [1, -1, 0, 2**31 - 1]
    assert a.to(tw.f32) is a
    assert a.to("cpu") is a
    assert a.to(tw.bool_).numpy().tolist() == [True] * 4
