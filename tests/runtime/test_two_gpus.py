"""Two GPUs in one process: launches, copies, streams and events, each on the right one.

First on a driver that has none; then on two real ones, where they are.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import _native
from tilewright._native import Event, Graph, Stream, View
from tilewright.runtime.device import gpus
from tilewright.runtime.memory import memory_of

from .fake_cuda import FakeDriver, fake_driver
from .native_kernels import F32
from .test_native_cuda import GpuTable, on_gpu, random, to_host


@pytest.fixture
def fake() -> Iterator[FakeDriver]:
    driver = fake_driver()
    forget(driver)
    yield driver
    forget(driver)
    _native.set_cuda_driver("")


def forget(driver: FakeDriver) -> None:
    gc.collect()  # what goes away later would let the driver finish its work
    driver.reset()
    gpus.cache_clear()
    memory_of.cache_clear()


def place(stream: Stream) -> tuple[int, int]:
    """A stream as the fake driver tells of it."""
    return int(stream.device[-1]), stream.handle


def copy_to(target: View, source: View, stream: Stream | None = None) -> None:
    size = 4 * int(np.prod(source.shape))
    _native.copy(
        target.ptr, target.device, source.ptr, source.device, size, stream, source.owner
    )  # fmt: skip


# --- a driver that has none -----------------------------------------------------------------------


def test_launches_alternate_between_devices(fake):
    table = GpuTable("scale")
    x = random(16)
    arrays = [on_gpu(x, f"cuda:{n}") for n in (0, 1)]
    streams = [Stream(f"cuda:{n}") for n in (0, 1)]
    for k in range(6):
        with streams[0], streams[1]:
            table[1](arrays[k % 2], arrays[k % 2], 2.0)
            assert fake.launch["stream"] == streams[k % 2].handle
    assert table.places == [("cuda:0",), ("cuda:1",)]
    _native.synchronize()
    for array in arrays:
        assert (to_host(array) == 8 * x).all()


def test_arrays_go_to_the_other_device_and_back(fake):
    data = np.random.default_rng().standard_normal((5, 7))
    x = tw.array(data, device="cuda:0")
    there = x.to("cuda:1")
    assert (there.device, there.shape, there.dtype) == ("cuda:1", (5, 7), tw.f64)
    assert there.to("cuda:1") is there
    np.testing.assert_array_equal(there.numpy(), data)
    np.testing.assert_array_equal(there.to(tw.device("cuda:0")).numpy(), data)
    assert tw.empty((0, 3), device="cuda:0").to("cuda:1").shape == (0, 3)
    assert tw.array(x, device="cuda:1").device == "cuda:1"


def test_a_copy_is_in_the_order_of_the_streams_of_both(fake):
    here, there = Stream("cuda:1"), Stream("cuda:0")
    x = tw.zeros(100, device="cuda:0")
    assert fake.waits == []
    x.to("cuda:1")
    assert fake.waits == [((1, 0), (0, 0)), ((0, 0), (1, 0))]
    with here, there:
        x.to("cuda:1")
    assert fake.waits == [(place(here), place(there)), (place(there), place(here))]
    first, second = on_gpu(random(4)), on_gpu(random(4), "cuda:1")
    for stream, expected in ((here, [here, (0, 0)]), (there, [(1, 0), there])):
        one, other = (place(s) if isinstance(s, Stream) else s for s in expected)
        copy_to(second, first, stream)
        assert fake.waits == [(one, other), (other, one)]


def test_devices_reach_one_another_s_memory_where_they_can(fake):
    x = tw.zeros(100, device="cuda:0")
    there = x.to("cuda:1")
    assert fake.calls("cuCtxEnablePeerAccess") == 2  # one for each direction
    there.to("cuda:0")
    assert fake.calls("cuCtxEnablePeerAccess") == 2


@pytest.mark.parametrize("setting", ["no_peers", 704, 217, 711])
def test_copies_do_without_that(fake, setting):
    if setting == "no_peers":
        fake.set(setting)
    else:  # it is enabled already, not supported, or there are too many
        fake.fail("cuCtxEnablePeerAccess", setting)
    x = random(100)
    np.testing.assert_array_equal(tw.array(x, device="cuda:0").to("cuda:1").numpy(), x)
    assert setting != "no_peers" or fake.calls("cuCtxEnablePeerAccess") == 0


def test_other_errors_of_reaching_are_told(fake):
    fake.fail("cuCtxEnablePeerAccess", 2)
    with pytest.raises(tw.DeviceError, match="cuCtxEnablePeerAccess failed: CUDA_ERROR_OUT_OF_M"):
        tw.zeros(100, device="cuda:0").to("cuda:1")


def test_memory_is_not_used_again_before_a_copy_of_it_is_done(fake):
    home, other = Stream("cuda:0"), Stream("cuda:0")
    x, y = on_gpu(random(1000), stream=home), on_gpu(random(1000), "cuda:1")
    address = x.ptr
    fake.set("hold")
    with other:  # nothing of `home` waits for it
        copy_to(y, x)
    del x
    fresh = _native.allocate("cuda:0", 4000, home)
    assert fresh.ptr != address
    _native.synchronize("cuda:1")
    assert _native.allocate("cuda:0", 4000, home).ptr == address


def test_a_copy_from_memory_of_others_is_waited_for(fake):
    x, y = on_gpu(random(100)), on_gpu(random(100), "cuda:1")
    theirs = View(SimpleNamespace(), x.ptr, "cuda:0", F32, (100,))
    fake.set("hold")
    copy_to(y, theirs)
    assert Stream.from_handle("cuda:1", 0).query()


def test_the_loss_of_one_device_leaves_the_memory_of_the_other(fake):
    stream = Stream("cuda:0")
    x, y = on_gpu(random(1000), stream=stream), on_gpu(random(1000), "cuda:1")
    address = x.ptr
    copy_to(y, x)
    fake.fail("cuCtxSynchronize", 700)
    with pytest.raises(tw.DeviceError, match="cuda:1 is lost"):
        _native.synchronize("cuda:1")
    del x
    again = _native.allocate("cuda:0", 4000, stream)
    assert again.ptr == address
    del again
    _native.trim("cuda:0")
    with pytest.raises(tw.DeviceError, match="cuda:1 is lost"):
        y.owner and to_host(y)


def test_events_order_streams_across_devices(fake):
    first, second, event = Stream("cuda:0"), Stream("cuda:1"), Event()
    table = GpuTable("scale")
    x, y = on_gpu(random(16)), on_gpu(np.zeros(16, np.float32), "cuda:1")
    fake.set("hold")
    table[1](x, x, 2.0, stream=first)
    event.record(first)
    event.wait(second)
    assert fake.waits == [(place(second), place(first))]
    assert not event.query()
    copy_to(y, x, second)
    second.synchronize()
    assert event.query() and (to_host(y) == to_host(x)).all()
    event.record(second)
    event.wait(first)
    assert fake.waits[-1] == (place(first), place(second))


def test_the_context_of_other_libraries_stays_current(fake):
    table = GpuTable("scale")
    streams = [Stream("cuda:0"), Stream("cuda:1")]
    for current in (-1, 0, 1):
        fake.current = current
        for stream in streams:
            x = on_gpu(random(16), stream.device, stream)
            table[1](x, x, 2.0, stream=stream)
            event = Event(timing=True)
            event.record(stream)
            event.wait(streams[0])
            copy_to(on_gpu(random(16), "cuda:1"), x)
            graph = Graph()
            graph.begin_capture(stream)
            table[1](x, x, 2.0, stream=stream)
            graph.end_capture(stream)
            graph.launch(stream)
            to_host(x)
            stream.synchronize()
            del x, event, graph
            gc.collect()
            _native.trim(stream.device)
        _native.synchronize()
        assert fake.current == current


def test_a_copy_between_devices_is_no_part_of_a_graph(fake):
    x, y = on_gpu(random(16)), on_gpu(random(16), "cuda:1")
    for stream in (Stream("cuda:0"), Stream("cuda:1")):
        graph = Graph()
        graph.begin_capture(stream)
        with stream, pytest.raises(tw.LaunchError, match="a copy between two GPUs\nnote: copy"):
            copy_to(y, x)
        graph.end_capture(stream)
        graph.launch(stream)


def test_arrays_of_others_are_waited_for_when_they_become_ours(fake):
    x, theirs = on_gpu(random(16), "cuda:1"), Stream("cuda:1")
    interface = {"typestr": "<f4", "shape": (16,), "data": (x.ptr, False), "version": 3}
    thing = SimpleNamespace(
        __cuda_array_interface__={**interface, "stream": theirs.handle},
        __dlpack_device__=lambda: (2, 1),
    )
    assert tw.asarray(thing, device="cuda:1").ptr == x.ptr
    assert fake.waits == [((1, 0), place(theirs))]
    with theirs:
        tw.asarray(thing, device="cuda:1")
    assert fake.waits == []


# --- two real ones --------------------------------------------------------------------------------


@pytest.fixture
def two_gpus() -> None:
    """Skip where there are no two GPUs."""
    count = len(tw.devices()) - 1
    if count < 2:
        pytest.skip(f"two GPUs are needed, and this machine has {count}")


def add_kernel() -> Any:
    @tw.kernel
    def add(x, amount, BLOCK: tw.constexpr = 1024):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        x[i] += amount

    return add


COUNT = 1 << 24  # elements: enough for work to be under way while the next is asked for
GRID = COUNT // 1024


@pytest.mark.cuda
def test_kernels_run_on_both_at_once(two_gpus: None) -> None:
    add = add_kernel()
    arrays = [tw.zeros(COUNT, tw.i32, device=f"cuda:{n}") for n in (0, 1)]
    streams = [tw.Stream("cuda:0"), tw.Stream("cuda:1")]
    tw.synchronize()
    for k in range(40):
        add[GRID](arrays[k % 2], k % 2 + 1, stream=streams[k % 2])
    for stream, array, expected in zip(streams, arrays, (20, 40), strict=True):
        stream.synchronize()
        assert (array.numpy() == expected).all()
    with pytest.raises(tw.LaunchError, match="arrays are on cuda:0 and cuda:1, expected one dev"):
        arrays[0] + arrays[1]
    with pytest.raises(tw.LaunchError, match="option 'stream' is of cuda:1, but the launch is on"):
        add[GRID](arrays[0], 1, stream=streams[1])
    a, b = (np.random.default_rng(1).standard_normal((64, 64), np.float32) for _ in range(2))
    product = tw.array(a, device="cuda:1") @ tw.array(b, device="cuda:1")
    np.testing.assert_allclose(product.numpy(), a @ b, rtol=1e-5, atol=1e-5)


@pytest.mark.cuda
def test_arrays_of_both_are_refused_by_name(two_gpus: None) -> None:
    @tw.kernel
    def copy(x, out):
        out[0] = x[0]

    x, out = tw.ones(1, device="cuda:0"), tw.zeros(1, device="cuda:1")
    with pytest.raises(tw.LaunchError, match="argument 'out' of copy: it is on cuda:1, but argu"):
        copy[1](x, out)


@pytest.mark.cuda
@pytest.mark.parametrize("on_streams", [False, True])
def test_a_copy_has_what_was_there_when_it_was_asked_for(two_gpus: None, on_streams: bool) -> None:
    """Launches before it are done, and launches after it, and memory used again, do not show."""
    add = add_kernel()
    streams = [tw.Stream("cuda:0"), tw.Stream("cuda:1")]
    for source, target in (("cuda:0", "cuda:1"), ("cuda:1", "cuda:0")):
        x = tw.zeros(COUNT, tw.i32, device=source)
        add[GRID](tw.zeros(COUNT, tw.i32, device=target), 1)
        tw.synchronize()
        copies = []

        def work(x: tw.Array = x, target: str = target, copies: list[Any] = copies) -> None:
            for _ in range(5):
                for _ in range(4):
                    add[GRID](x, 1)
                copies.append(x.to(target))
                add[GRID](copies[-1], 100)
            dropped = x.to(target)
            del dropped

        if on_streams:
            with streams[0], streams[1]:
                work()
        else:
            work()
        tw.synchronize()
        for k, found in enumerate(copies, 1):
            assert found.device == target and (found.numpy() == 4 * k + 100).all()
        assert (x.numpy() == 20).all()


@pytest.mark.cuda
def test_events_order_work_of_both(two_gpus: None) -> None:
    add = add_kernel()
    streams, done = [tw.Stream("cuda:0"), tw.Stream("cuda:1")], tw.Event()
    x, y = (tw.zeros(COUNT, tw.i32, device=f"cuda:{n}") for n in (0, 1))
    for array in (x, y):
        add[GRID](array, 0)
    tw.synchronize()
    for _ in range(50):
        add[GRID](x, 1, stream=streams[0])
    done.record(streams[0])
    done.wait(streams[1])
    add[GRID](y, 1, stream=streams[1])
    last = tw.Event()
    last.record(streams[1])
    last.synchronize()
    assert done.query()


@pytest.mark.cuda
def test_torch_keeps_its_current_device(two_gpus: None) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.device_count() < 2:
        pytest.skip("torch sees fewer than two GPUs")
    add = add_kernel()
    for current in (0, 1):
        torch.cuda.set_device(current)
        for n in (0, 1):
            tensor = torch.zeros(COUNT, dtype=torch.int32, device=f"cuda:{n}")
            add[GRID](tensor, 1)
            side = torch.cuda.Stream(n)
            side.wait_stream(torch.cuda.current_stream(n))
            with torch.cuda.stream(side):
                add[GRID](tensor, 2)
                ours = tw.asarray(tensor, device=f"cuda:{n}")
            assert ours.device == f"cuda:{n}" and torch.cuda.current_device() == current
            elsewhere = ours.to(f"cuda:{1 - n}")
            assert torch.cuda.current_device() == current
            again = torch.from_dlpack(elsewhere)
            assert again.device.index == 1 - n
            again += 1
            assert (again == 4).all().item() and (tensor == 3).all().item()
            assert torch.zeros(1, device="cuda").device.index == current
    torch.cuda.set_device(0)
    x, y = (torch.zeros(COUNT, device=f"cuda:{n}") for n in (0, 1))
    with pytest.raises(tw.LaunchError, match="cuda:1"):
        tw.asarray(x, device="cuda:0") + y
