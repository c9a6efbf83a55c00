"""Arrays in memory that NumPy does not own and must not touch.

Everything is run on a GPU where there is one, and everywhere on the processor through the class
that is for GPUs, over memory that the extension allocated: what looks at elements behind its back
would show there as a NumPy array that is not a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright import _native
from tilewright.runtime.array import Array
from tilewright.runtime.headers import is_dense, owner_of, view_as
from tilewright.runtime.memory import GpuMemory, memory_of

Data = NDArray[Any]
Put = Callable[[Data], Array]


@pytest.fixture(params=["cpu", pytest.param("cuda:0", marks=pytest.mark.cuda)])
def memory(request: pytest.FixtureRequest) -> GpuMemory:
    return GpuMemory(tw.device(request.param))


@pytest.fixture
def put(memory: GpuMemory) -> Put:
    """Copy a NumPy array to the memory."""
    return lambda data: Array(memory.write(data), memory)


@pytest.fixture
def data(rng: np.random.Generator) -> Data:
    return rng.standard_normal((5, 6, 7)).astype(np.float32)


VIEWS: list[Callable[[Any], Any]] = [
    lambda x: x,
    lambda x: x[1:4],
    lambda x: x[:, ::2],
    lambda x: x[::-1, 3],
    lambda x: x[2, :, -3:],
    lambda x: x[..., None, 4],
    lambda x: x.T,
    lambda x: x.T[1:, 2:5, ::3],
    lambda x: x[3:3],
    lambda x: x.reshape(30, 7),
    lambda x: x.reshape(-1),
    lambda x: x[1:3].reshape(2, 3, 14),
    lambda x: x[:, :1].reshape(7, 5),
    lambda x: x.T.reshape(6, -1),
]


@pytest.mark.parametrize("view", VIEWS)
def test_views_are_those_of_numpy(put: Put, data: Data, view: Callable[[Any], Any]) -> None:
    found, expected = view(put(data)), view(data)
    assert found.shape == expected.shape
    assert found.dtype == tw.f32 and found.size == expected.size and found.ndim == expected.ndim
    np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.parametrize("view", VIEWS)
def test_operators_work_on_views(put: Put, data: Data, view: Callable[[Any], Any]) -> None:
    found, expected = view(put(data)), view(data)
    np.testing.assert_array_equal(
        (found + 1.5 * found).numpy(), expected + np.float32(1.5) * expected
    )
    np.testing.assert_array_equal((found < 0).numpy(), expected < 0)
    np.testing.assert_array_equal((-found).numpy(), -expected)
    np.testing.assert_array_equal(found.copy().numpy(), expected)


def test_numpy_copies(put: Put, data: Data) -> None:
    x = put(data)
    copy = x.numpy()
    copy[:] = 0
    np.testing.assert_array_equal(x.numpy(), data)


def test_slices_share_memory_and_keep_it(put: Put, data: Data) -> None:
    x = put(data)
    row = x[1]
    assert row.ptr == x.ptr + 4 * 42
    row[2:4] = 7
    row[0] = put(data[0, 0]) * 2
    expected = data.copy()
    expected[1, 2:4] = 7
    expected[1, 0] = data[0, 0] * 2
    np.testing.assert_array_equal(x.numpy(), expected)
    owner = owner_of(row._header)
    assert isinstance(owner, _native.Buffer) and owner is owner_of(x._header)
    del x
    np.testing.assert_array_equal(row.numpy(), expected[1])


def test_operators_follow_promotion(put: Put, rng: np.random.Generator) -> None:
    a = rng.integers(-9, 9, (4, 1)).astype(np.int32)
    b = rng.standard_normal((1, 5)).astype(np.float32)
    x, y = put(a), put(b)
    assert (x * y).dtype == tw.f32
    np.testing.assert_array_equal((x * y).numpy(), a.astype(np.float32) * b)
    np.testing.assert_array_equal((x + np.int64(3)).numpy(), a + np.int64(3))
    assert (x + np.int64(3)).dtype == tw.i64
    np.testing.assert_array_equal((2 - x).numpy(), 2 - a)
    x += 5
    x //= put(np.array(2, np.int32))
    np.testing.assert_array_equal(x.numpy(), (a + 5) // 2)


def test_products(put: Put, rng: np.random.Generator) -> None:
    a = rng.integers(-5, 5, (3, 17, 20)).astype(np.float32)
    b = rng.integers(-5, 5, (20, 33)).astype(np.float32)
    np.testing.assert_array_equal((put(a) @ put(b)).numpy(), a @ b)
    np.testing.assert_array_equal((put(a[0]) @ put(b[:, 0])).numpy(), a[0] @ b[:, 0])
    np.testing.assert_array_equal((put(a).T[:20, :17, 0].T @ put(b)).numpy(), a[0, :17] @ b)


def test_what_overlaps_is_copied_first(put: Put) -> None:
    x = put(np.arange(10, dtype=np.int32))
    x[1:] = x[:-1]
    assert [0, *range(9)] == x.numpy().tolist()
    x[:] = x[::-1]
    assert [*range(8, -1, -1), 0] == x.numpy().tolist()


@pytest.mark.parametrize("number", [0, 3, -1, 0.0, -0.0, 1.5, True])
@pytest.mark.parametrize("dtype", ["i8", "i32", "f16", "f64", "bool_"])
def test_fill(memory: GpuMemory, number: float, dtype: str) -> None:
    from tilewright.runtime.arithmetic import fill
    from tilewright.runtime.interop import numpy_dtype, our_dtype

    if our_dtype(dtype).is_integer and isinstance(number, float):
        number = int(number)
    found = Array(fill(memory, (3, 5), number, our_dtype(dtype)), memory)
    expected = np.full((3, 5), number, numpy_dtype(our_dtype(dtype)))
    assert found.numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_dtypes_that_numpy_does_not_know(put: Put, data: Data, name: str) -> None:
    narrow = data.astype(getattr(ml_dtypes, name))
    x = put(narrow)
    assert x.numpy().tobytes() == narrow.tobytes()
    assert x[1:, ::2].T.numpy().tobytes() == narrow[1:, ::2].T.tobytes()
    np.testing.assert_array_equal(x.to(tw.f32).numpy(), narrow.astype(np.float32))


def test_items_and_texts(put: Put) -> None:
    x = put(np.array([[1.5, 2.0]], np.float32))
    assert x[0, 1].item() == 2.0 and float(x[0, 0]) == 1.5 and bool(x[0, 0])
    with pytest.raises(tw.LaunchError, match=r"shape \(1, 2\) is not one number"):
        x.item()
    assert "[[1.5, 2. ]], dtype=tw.f32, device='" in repr(x)
    assert [1.5, 2.0] == [float(one) for one in x[0]]
    assert put(np.array(7, np.int64)).item() == 7


def test_empty_arrays(put: Put, memory: GpuMemory) -> None:
    x = put(np.empty((0, 4), np.float32))
    assert (x + 1).shape == (0, 4) and x.numpy().shape == (0, 4)
    assert (x.T @ x).numpy().tolist() == [[0.0] * 4] * 4
    assert memory.empty((2, 0), np.dtype(np.int8)).shape == (2, 0)
    with pytest.raises(ValueError, match="negative"):
        memory.empty((2, -1), np.dtype(np.int8))


def test_nothing_is_copied_behind_ones_back(put: Put, data: Data) -> None:
    x = put(data)
    with pytest.raises(TypeError, match=r"is copied to the host by .numpy\(\) alone"):
        np.asarray(x)
    assert not hasattr(x, "__array_interface__")


def test_arrays_of_two_devices_do_not_meet(put: Put, data: Data) -> None:
    x = put(data)
    with pytest.raises(tw.LaunchError, match=r"expected one device\nnote: `.to\('"):
        x + data
    with pytest.raises(tw.LaunchError, match="expected one device"):
        x[0] = data[0]


def test_an_array_goes_to_the_host_and_to_another_dtype(put: Put, data: Data) -> None:
    x = put(data)[:, ::2]
    there = x.to(tw.f64)
    assert there.dtype == tw.f64
    np.testing.assert_array_equal(there.numpy(), data[:, ::2].astype(np.float64))
    assert x.to(tw.f32) is x
    with pytest.raises(tw.LaunchError, match="goes to a device or a dtype, got int"):
        x.to(3)  # type: ignore[arg-type]


def test_dlpack_gives_the_same_memory(put: Put, data: Data) -> None:
    x = put(data)[1:, ::2]
    if x.device.kind != "cpu":
        pytest.skip("read by NumPy")
    capsule = x._host.to_dlpack(True)
    again = np.from_dlpack(_Capsule(capsule))  # type: ignore[arg-type]
    np.testing.assert_array_equal(again, data[1:, ::2])
    assert again.ctypes.data == x.ptr


class _Capsule:
    """What NumPy reads a capsule from."""

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __dlpack__(self, **options: object) -> object:
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def test_a_kernel_takes_arrays_and_their_views(put: Put, data: Data) -> None:
    @tw.kernel
    def double(x, out):
        i = tw.program_id(0)
        j = tw.arange(8)
        out[i, j] = 2 * x[i, j]

    x, out = put(data[0]), put(np.zeros((6, 7), np.float32))
    double[6](x, out)
    np.testing.assert_array_equal(out.numpy(), 2 * data[0])
    double[3](x[::2], out[3:])
    np.testing.assert_array_equal(out[3:].numpy(), 2 * data[0, ::2])


# --- only on a GPU --------------------------------------------------------------------------------


@pytest.mark.cuda
def test_arrays_are_made_on_a_gpu(data: Data) -> None:
    made = [
        tw.zeros((3, 4), device="cuda:0"),
        tw.ones(5, tw.i64, device="cuda"),
        tw.full((2, 2), 2.5, tw.f16, device=tw.device("cuda:0")),
        tw.array(data, device="cuda:0"),
        tw.asarray(data.tolist(), tw.f64, device="cuda:0"),
        tw.array(data).to("cuda:0"),
    ]
    expected = [
        np.zeros((3, 4), np.float32), np.ones(5, np.int64), np.full((2, 2), 2.5, np.float16), data,
        data.astype(np.float64), data,
    ]  # fmt: skip
    for one, wanted in zip(made, expected, strict=True):
        assert one.device == "cuda:0"
        np.testing.assert_array_equal(one.numpy(), wanted)
        np.testing.assert_array_equal(one.to("cpu").numpy(), wanted)
    assert tw.empty((2, 3), device="cuda:0").nbytes == 24


@pytest.mark.cuda
def test_memory_is_given_back(data: Data) -> None:
    before = _native.memory_statistics("cuda:0")["used"]
    for _ in range(100):
        x = tw.array(data, device="cuda:0")
        x = x[1:] * 2
    del x
    tw.synchronize("cuda:0")
    assert _native.memory_statistics("cuda:0")["used"] == before


@pytest.mark.cuda
def test_torch_shares_memory_both_ways(data: Data) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU")
    x = tw.array(data, device="cuda:0")
    tensor = torch.from_dlpack(x)
    assert tensor.data_ptr() == x.ptr and tensor.device.index == 0
    tensor += 1
    np.testing.assert_array_equal(x.numpy(), data + 1)
    again = tw.asarray(tensor[1:, ::2], device="cuda:0")
    assert again.ptr == tensor[1:, ::2].data_ptr()
    np.testing.assert_array_equal((again * 2).numpy(), 2 * (data + 1)[1:, ::2])
    np.testing.assert_array_equal((x + tensor).numpy(), 2 * (data + 1))
    assert torch.as_tensor(x, device="cuda:0").data_ptr() == x.ptr  # __cuda_array_interface__


@pytest.mark.cuda
def test_a_graph_runs_what_was_recorded() -> None:
    x = tw.zeros(1000, tw.i32, device="cuda:0")
    stream = tw.Stream("cuda:0")
    x += 1  # compiled before: nothing is while a stream records
    tw.synchronize("cuda:0")
    graph = tw.Graph()
    with graph.capture(stream):
        x += 1
        x += 1
    stream.synchronize()
    assert (x.numpy() == 1).all()
    for _ in range(3):
        graph.launch(stream)
    stream.synchronize()
    assert (x.numpy() == 7).all()


@pytest.mark.cuda
def test_a_graph_recorded_again_has_other_arguments() -> None:
    """Runs under way keep theirs, and the arrays of theirs; a block that raises changes nothing."""

    @tw.kernel
    def add(x, amount, BLOCK: tw.constexpr = 256):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        x[i] += amount

    count = 1 << 20
    arrays = [tw.zeros(count, tw.i32, device="cuda:0") for _ in range(4)]
    stream, graph = tw.Stream("cuda:0"), tw.Graph()
    add[1](arrays[0], 0)
    tw.synchronize("cuda:0")
    for k, x in enumerate(arrays):
        with graph.capture(stream):
            add[tw.cdiv(count, 256) if k % 2 else 1](x, k + 1)
        for _ in range(20):
            graph.launch(stream)
    lost = tw.zeros(count, tw.i32, device="cuda:0")
    tw.synchronize("cuda:0")
    with graph.capture(stream):  # another shape
        add[1](lost, 7)
        add[1](lost, 8)
    graph.launch(stream)
    found, lost = lost, tw.zeros(count, tw.i32, device="cuda:0")

    def fail_late() -> None:
        add[1](lost, 100)
        tw.array([1.0], device="cuda:0")

    with (
        pytest.raises(tw.LaunchError, match="copy between the host and a GPU"),
        graph.capture(stream),
    ):
        fail_late()
    graph.launch(stream)
    stream.synchronize()
    for k, x in enumerate(arrays):
        expected = np.zeros(count, np.int32)
        expected[: count if k % 2 else 256] = 20 * (k + 1)
        np.testing.assert_array_equal(x.numpy(), expected)
    assert (found.numpy()[:256] == 30).all() and not lost.numpy().any()


@pytest.mark.cuda
def test_a_launch_on_a_gpu_is_timed_by_its_events() -> None:
    x = tw.zeros(1 << 26, device="cuda:0")
    timing = tw.benchmark(lambda: x.copy(), seconds=0.05)
    peak = 20e12  # bytes a second; no GPU copies faster
    assert timing.median > 2 * x.nbytes / peak


@pytest.mark.cuda
def test_the_interpreter_refuses_arrays_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")

    @tw.kernel
    def one(x):
        x[0] = 1

    with pytest.raises(tw.LaunchError, match="in the host's memory, and the arrays of one are on"):
        one[1](tw.empty(3, device="cuda:0"))


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(60,), (12, 5), (3, 4, 5), (2, 30), (1, 60, 1), (3, -1), (-1,)])
@pytest.mark.parametrize(
    "view", [lambda x: x, lambda x: x.T, lambda x: x[:, ::-1], lambda x: x.transpose(1, 0, 2)]
)
def test_a_view_of_another_shape_is_one_where_numpy_finds_one(
    view: Callable[[Data], Data], shape: tuple[int, ...]
) -> None:
    x = view(np.arange(60).reshape(3, 4, 5))
    found, expected = view_as(x, shape), x.reshape(shape)
    assert (found is not None) == np.shares_memory(x, expected)
    if found is not None:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(7,), (61,), (-1, -1), (0, -1), (-2, 30), (7, -1)])
def test_a_shape_of_another_size_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"cannot reshape an array of shape \(60,\) into"):
        view_as(np.arange(60), shape)


def test_dense_arrays_are_those_without_gaps(data: Data) -> None:
    assert all(map(is_dense, (data, data.T, data[1:3], data[::-1], data[:, :1, :][0], data[0:0])))
    assert not any(map(is_dense, (data[:, 1:], data[::2], np.broadcast_to(data[0], (2, 6, 7)))))


def test_the_host_has_memory_of_its_own() -> None:
    assert memory_of(tw.device()) is memory_of(tw.device("cpu"))
    assert not isinstance(memory_of(tw.device()), GpuMemory)
