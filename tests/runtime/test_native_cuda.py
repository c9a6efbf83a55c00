"""The native part on GPUs, with a driver that has none: memory, streams, launches and faults."""

from __future__ import annotations

import gc
import struct
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tilewright import _native
from tilewright._native import Event, Executable, Graph, Launchable, Stream, View
from tilewright.runtime.errors import DeviceError, LaunchError

from .native_kernels import F32, SCALE_SLOTS, Facts, Table, ignore, row

OUT_OF_MEMORY = 2
OUT_OF_RESOURCES = 701
MODULE = b"""
scale 80 scale
fail 24 fail
print 24 print
flood 24 flood
illegal 24 illegal
scratch 24 scratch
nothing 24 none
"""


class GpuTable(Table):
    """A kernel of the fake module for whatever device a launch is on."""

    def __init__(self, entry: str, report: Any = ignore, **options: Any) -> None:
        rows = [row("x"), row("out"), row("a")] if entry == "scale" else []
        super().__init__(rows, ["out"] if rows else [])
        self.entry, self.report, self.options = entry, report, options
        self.places: list[tuple[Any, ...]] = []
        self.slots, self.bytes = (SCALE_SLOTS, 80) if rows else ([], 24)

    def build(self, facts: Facts, narrow: bool, disjoint: bool, *place: Any) -> Launchable:
        self.built.append((facts, narrow, disjoint))
        self.places.append(place)
        options = {"threads": 128, "scratch_bytes": 0, **self.options}
        code = Executable(MODULE, self.entry, cost=0.0, device=place[0], **options)
        return Launchable(code, self.slots, self.bytes, self.report)


def on_gpu(array: np.ndarray, device: str = "cuda:0", stream: Stream | None = None) -> View:
    """A copy of an array on a device."""
    array = np.ascontiguousarray(array)
    buffer = _native.allocate(device, array.nbytes, stream)
    _native.copy(buffer.ptr, device, array.ctypes.data, "cpu", array.nbytes, stream)
    return View(buffer, buffer.ptr, device, F32, array.shape)


def to_host(view: View) -> np.ndarray:
    """The elements of a compact view."""
    array = np.full(view.shape, np.nan, np.float32)
    _native.copy(array.ctypes.data, "cpu", view.ptr, view.device, array.nbytes)
    return array


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng().standard_normal(shape, np.float32)


# --- devices ------------------------------------------------------------------------------------


def test_devices_are_described(fake):
    first, second = _native.cuda_devices()
    assert first == {
        "index": 0, "name": "Fake GPU 0", "capability": (9, 0), "multiprocessors": 8,
        "memory": 64 << 20, "driver": 13000, "shared_memory": 227 * 1024, "l2": 1 << 20,
    }  # fmt: skip
    assert second["index"] == 1
    assert fake.calls("cuDevicePrimaryCtxRetain") == 0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("version", 11080, "the CUDA driver is for CUDA 11.8, older than 12.0"),
        ("no_device", 1, "cuInit failed with CUDA_ERROR_NO_DEVICE: no CUDA-capable device is"),
        ("none", 1, "the CUDA driver finds no GPU"),
        ("lacks", 11040, "the CUDA driver has no function cuGraphInstantiateWithFlags"),
    ],
)
def test_what_is_missing_is_named(fake, name, value, message):
    fake.set(name, value)
    for ask in (_native.cuda_devices, lambda: _native.allocate("cuda:0", 1)):
        with pytest.raises(DeviceError, match=message):
            ask()
    fake.set(name, 0)
    assert len(_native.cuda_devices()) == 2  # it is asked for again


def test_a_library_that_is_no_driver_is_refused(tmp_path):
    for path, message in ((tmp_path / "absent.so", "no CUDA driver: "), ("libc.so.6", "older")):
        _native.set_cuda_driver(str(path))
        try:
            with pytest.raises(DeviceError, match=message):
                _native.cuda_devices()
        finally:
            _native.set_cuda_driver("")


def test_devices_that_are_not_there_are_named(fake):
    with pytest.raises(DeviceError, match="no device 'cuda:2'; this machine has 2 GPUs"):
        Stream("cuda:2")
    for name in ("cuda:", "cuda:-1", "cuda:1x", "cuda0", "tpu"):
        with pytest.raises(DeviceError, match=f"no device '{name}'"):
            Stream(name)
    assert Stream(SimpleNamespace(label="cuda:1")).device == "cuda:1"


# --- memory -------------------------------------------------------------------------------------


def test_memory_is_counted_to_the_byte(fake):
    before = _native.memory_statistics("cuda:0")
    assert before == {"used": 0, "reserved": 0, "peak": 0, "allocations": 0}
    buffers = [_native.allocate("cuda:0", size) for size in (1, 1000, 0)]
    assert [buffer.size for buffer in buffers] == [1, 1000, 0]
    assert buffers[0].device == "cuda:0"
    assert buffers[0].ptr % 512 == 0
    found = _native.memory_statistics("cuda:0")
    assert (found["used"], found["allocations"]) == (1001, 3)
    assert found["reserved"] == 512 + 1024 == fake.used
    del buffers
    found = _native.memory_statistics("cuda:0")
    assert found == {"used": 0, "reserved": 1536, "peak": 1001, "allocations": 0}
    _native.trim("cuda:0")
    assert _native.memory_statistics("cuda:0")["reserved"] == fake.used == 0


def test_freed_memory_serves_the_next_request(fake):
    first = _native.allocate("cuda:0", 5000)
    address = first.ptr
    del first
    fake.set("cuMemAlloc", 0)
    assert _native.allocate("cuda:0", 5100).ptr == address  # of the same class
    assert fake.calls("cuMemAlloc") == 0


def test_freed_memory_waits_for_the_stream_that_used_it(fake):
    first, second = Stream("cuda:0"), Stream("cuda:0")
    buffer = _native.allocate("cuda:0", 5000, first)
    address = buffer.ptr
    fake.set("hold")
    _native.fill(address, "cuda:0", 1, 5000, first)
    del buffer
    other = _native.allocate("cuda:0", 5000, second)
    assert other.ptr != address
    assert _native.allocate("cuda:0", 5000, first).ptr == address  # in order there
    first.synchronize()
    gc.collect()
    assert _native.allocate("cuda:0", 5000, second).ptr == address


def test_memory_waits_for_other_streams_that_used_it(fake):
    home, other = Stream("cuda:0"), Stream("cuda:0")
    table = GpuTable("scale")
    x = on_gpu(random(16), stream=home)
    out = on_gpu(random(16), stream=home)
    fake.set("hold")
    table[1](x, out, 2.0, stream=other)
    address = x.ptr
    del x
    fresh = _native.allocate("cuda:0", 64, home)
    assert fresh.ptr != address
    other.synchronize()
    assert _native.allocate("cuda:0", 64, home).ptr == address


def test_memory_is_given_back_before_a_request_fails(fake):
    half = 30 << 20
    first = _native.allocate("cuda:0", half)
    second = _native.allocate("cuda:0", half)
    del first, second
    assert fake.used == 60 << 20
    large = _native.allocate("cuda:0", 60 << 20)
    assert large.size == 60 << 20


def test_out_of_memory_names_the_largest_holders(fake):
    held = [_native.allocate("cuda:0", size) for size in (20 << 20, 20 << 20, 3 << 20, 100)]
    with pytest.raises(DeviceError) as caught:
        _native.allocate("cuda:0", 40 << 20)
    assert str(caught.value) == (
        "out of memory on cuda:0: cannot allocate 41943040 bytes (40.0 MiB)\n"
        "note: of its 64.0 MiB Tilewright's arrays use 43.0 MiB, the largest are 2 of 20.0 MiB, "
        "1 of 3.0 MiB, 1 of 100 bytes; 21.0 MiB are free, others hold the rest"
    )
    del held[0]
    _native.allocate("cuda:0", 1 << 20)
    with pytest.raises(DeviceError, match="out of memory"):
        _native.allocate("cuda:0", 1 << 62)


def test_the_driver_may_fail_once_and_go_on(fake):
    fake.fail("cuMemAlloc", OUT_OF_MEMORY, nth=1)
    assert _native.allocate("cuda:0", 100).size == 100  # what was free was given back first
    fake.fail("cuMemAlloc", 1)
    with pytest.raises(DeviceError, match="cuMemAlloc failed: CUDA_ERROR_INVALID_VALUE"):
        _native.allocate("cuda:0", 1000)
    assert _native.allocate("cuda:0", 1000).size == 1000


@pytest.mark.parametrize("size", [0, 1, 1000, (4 << 20) + 3, (20 << 20) + 5])
def test_bytes_go_there_and_back(fake, size):
    data = np.frombuffer(np.random.default_rng().bytes(size), np.uint8)
    buffer = _native.allocate("cuda:0", size + 64)
    stream = Stream("cuda:0")
    fake.set("hold")
    _native.fill(buffer.ptr, "cuda:0", 0xAB, size + 64, stream)
    source = data.copy()
    _native.copy(buffer.ptr, "cuda:0", source.ctypes.data, "cpu", size, stream)
    source[:] = 0  # the copy is on its way, but no longer from here
    back = np.zeros(size + 64, np.uint8)
    _native.copy(back.ctypes.data, "cpu", buffer.ptr, "cuda:0", size + 64, stream)
    assert (back[:size] == data).all()
    assert (back[size:] == 0xAB).all()


def test_bytes_go_between_devices(fake):
    x = random(1000)
    first, second = on_gpu(x), on_gpu(np.zeros_like(x), "cuda:1")
    _native.copy(second.ptr, "cuda:1", first.ptr, "cuda:0", x.nbytes)
    assert fake.calls("cuMemcpyPeerAsync") == 1
    assert (to_host(second) == x).all()
    third = on_gpu(np.zeros_like(x))
    _native.copy(third.ptr, "cuda:0", first.ptr, "cuda:0", x.nbytes)
    assert (to_host(third) == x).all()


def test_memory_of_the_host_is_counted_too():
    before = _native.memory_statistics("cpu")
    buffer = _native.allocate("cpu", 1000)
    _native.fill(buffer.ptr, "cpu", 7, 1000)
    back = np.zeros(1000, np.uint8)
    _native.copy(back.ctypes.data, "cpu", buffer.ptr, "cpu", 1000)
    assert (back == 7).all()
    found = _native.memory_statistics("cpu")
    assert found["used"] == before["used"] + 1000
    assert found["allocations"] == before["allocations"] + 1


def test_wrong_requests_are_refused(fake):
    buffer = _native.allocate("cuda:0", 64)
    with pytest.raises(ValueError, match="not negative"):
        _native.allocate("cuda:0", -1)
    with pytest.raises(LaunchError, match="work on cuda:1 needs a stream of it"):
        _native.allocate("cuda:1", 1, Stream("cuda:0"))
    with pytest.raises(LaunchError, match="the buffer is on another device"):
        View(buffer, buffer.ptr, "cuda:1", F32, (1,))
    with pytest.raises(LaunchError, match="not aligned"):
        View(buffer, buffer.ptr + 1, "cuda:0", F32, (1,))
    with pytest.raises(ValueError, match="no dtype"):
        View(buffer, buffer.ptr, "cuda:0", 99, (1,))


# --- streams and events -------------------------------------------------------------------------


def test_streams_are_asynchronous(fake):
    stream = Stream("cuda:0")
    assert (stream.device, stream.query()) == ("cuda:0", True)
    assert stream.handle != 0
    buffer = _native.allocate("cuda:0", 64, stream)
    fake.set("hold")
    _native.fill(buffer.ptr, "cuda:0", 1, 64, stream)
    assert not stream.query()
    stream.synchronize()
    assert stream.query()
    assert Stream.from_handle("cuda:0", stream.handle).handle == stream.handle
    assert _native.current_stream("cuda:0").handle == 0
    with stream:
        assert _native.current_stream("cuda:0").handle == stream.handle
    with pytest.raises(DeviceError, match="cpu has no streams of other libraries"):
        Stream.from_handle("cpu", 1)


def test_events_are_of_the_device_they_are_recorded_on(fake):
    stream = Stream("cuda:0")
    start, end = Event(timing=True), Event(timing=True)
    assert start.query()
    with pytest.raises(LaunchError, match="not recorded"):
        start.elapsed(end)
    fake.set("hold")
    start.record(stream)
    end.record(stream)
    assert not end.query()
    with pytest.raises(LaunchError, match="not reached"):
        start.elapsed(end)
    end.synchronize()
    assert end.query()
    assert start.elapsed(end) >= 0
    end.wait(Stream("cuda:1"))
    end.wait()
    end.record(None)
    with pytest.raises(LaunchError, match="events of one device"):
        start.elapsed(end)
    with pytest.raises(LaunchError, match="timing=True"):
        start.elapsed(Event())


def test_synchronize_waits_for_all_or_one(fake):
    streams = [Stream("cuda:0"), Stream("cuda:1")]
    fake.set("hold")
    for stream in streams:
        buffer = _native.allocate(stream.device, 64, stream)
        _native.fill(buffer.ptr, stream.device, 1, 64, stream)
    _native.synchronize("cuda:0")
    assert streams[0].query()
    _native.synchronize()
    assert streams[1].query()


# --- launches -----------------------------------------------------------------------------------


def test_a_launch_passes_its_block_by_value(fake):
    table = GpuTable("scale", shared_memory=100 * 1024)
    x, out = random(100), random(100)
    gpu_x, gpu_out = on_gpu(x), on_gpu(out)
    table[(7, 1, 2)](gpu_x, gpu_out, 2.5)
    assert (to_host(gpu_out) == x * np.float32(2.5)).all()
    assert fake.block[:76] == struct.pack(
        "3q3q3qf", 7, 1, 2, gpu_x.ptr, 100, 1, gpu_out.ptr, 100, 1, 2.5
    )
    assert fake.launch == {
        "blocks": 14, "threads": 128, "shared": 100 * 1024, "launches": 1, "stream": 0,
        "programs": 14, "scratch": 0, "failure": 0, "prints": 0,
    }  # fmt: skip
    assert table.places == [("cuda:0",)]
    ((_, narrow, written, disjoint, place),) = table.entries()
    assert (narrow, written, disjoint) == (True, (False, True, False), True)
    assert place == ("cuda:0", None, None)


def test_launches_are_asynchronous_and_in_order(fake):
    table = GpuTable("scale")
    x = on_gpu(np.ones(16, np.float32))
    fake.set("hold")
    for _ in range(5):
        table[1](x, x, 2.0)
    assert fake.launch["launches"] == 5
    assert (to_host(x) == 32).all()


def test_a_warm_launch_asks_the_driver_for_nothing_else(fake):
    table = GpuTable("scale")
    x, out = on_gpu(random(16)), on_gpu(random(16))
    for _ in range(2):
        table[1](x, out, 2.0)
    names = ("cuLaunchKernel", "cuEventRecord", "cuEventQuery", "cuMemAlloc", "cuMemHostAlloc")
    for name in names:
        fake.set(name, 0)
    for _ in range(10):
        table[1](x, out, 2.0)
    assert [fake.calls(name) for name in names] == [10, 0, 0, 0, 0]


def test_facts_of_arrays_count_on_a_gpu(fake):
    table = GpuTable("scale")
    x, out = on_gpu(random(32)), on_gpu(random(32))
    table.configure([row("x"), row("out"), row("a")], 0)
    table[1](x, out, 2.0)
    assert table.fact[4:6] == (True, True)
    shifted = View(x.owner, x.ptr + 4, "cuda:0", F32, (31,))
    table[1](shifted, out, 2.0)
    assert table.fact[4:6] == (False, False)


def test_options_that_steer_a_gpu_are_part_of_the_key(fake):
    table = GpuTable("nothing")
    for options in ({}, {"num_warps": 8}, {"num_warps": 8, "num_stages": 3}, {}):
        table[1](device="cuda:1", **options)
    assert table.places == [
        ("cuda:1",), ("cuda:1", 8, None), ("cuda:1", 8, 3)
    ]  # fmt: skip


def test_devices_are_part_of_the_key(fake):
    table = GpuTable("scale")
    for device in ("cuda:0", "cuda:1", "cuda:0"):
        x = on_gpu(random(16), device)
        table[1](x, x, 2.0)
    assert table.places == [("cuda:0",), ("cuda:1",)]


def test_arrays_of_a_launch_are_on_one_device(fake):
    table = GpuTable("scale")
    host = random(16)
    first, second = on_gpu(host), on_gpu(host, "cuda:1")
    for arguments, options, message in (
        ((first, second), {}, "argument 'out' of testing: it is on cuda:1, but argument 'x'"),
        ((first, host), {}, "argument 'out' of testing: it is in the memory of the host"),
        ((host, first), {}, "argument 'x' of testing: it is in the memory of the host"),
        ((host, host), {"device": "cuda:0"}, 'note: copy it there, as with tw.asarray'),
        ((first, first), {"device": "cpu"}, "option 'device' is of cpu, but the launch is on"),
        ((first, first), {"stream": Stream("cuda:1")}, "option 'stream' is of cuda:1, but the"),
        ((host, host), {"stream": Stream("cuda:1")}, "option 'stream' is of cuda:1, but the"),
        ((first, first), {"stream": Stream()}, "option 'stream' is of cpu, but the launch is on"),
    ):  # fmt: skip
        with pytest.raises(LaunchError, match=message):
            table[1](*arguments, 2.0, **options)
    assert fake.launch["launches"] == 0


def test_launches_go_to_the_stream_that_is_current(fake):
    table = GpuTable("scale")
    x = on_gpu(random(16))
    named, entered = Stream("cuda:0"), Stream("cuda:0")
    theirs = SimpleNamespace(
        __cuda_array_interface__={
            "typestr": "<f4", "shape": (16,), "data": (x.ptr, False), "stream": None, "version": 3
        }
    )  # fmt: skip
    launched = []

    def launch(x: object, **options: object) -> None:
        table[1](x, x, 2.0, **options)
        launched.append(fake.launch["stream"])

    launch(x)
    launch(x, stream=named)
    with entered, Stream(), Stream("cuda:1"):
        launch(x)
        launch(x, stream=named)
    launch(theirs)
    other = Stream("cuda:0")
    theirs.__cuda_array_interface__["stream"] = other.handle
    launch(theirs)
    launch(theirs, stream=named)
    handles = [0, named.handle, entered.handle, named.handle, 0, other.handle, named.handle]
    assert launched == handles


def test_arrays_of_others_live_until_the_launch_is_done(fake):
    table = GpuTable("scale")
    x = on_gpu(random(16))
    owner = SimpleNamespace()
    kept = View(owner, x.ptr, "cuda:0", F32, (16,))
    fake.set("hold")
    table[1](kept, x, 2.0)
    before = sys.getrefcount(owner)
    del kept
    assert sys.getrefcount(owner) == before
    _native.synchronize("cuda:0")
    assert sys.getrefcount(owner) == before - 1


def test_views_go_through_dlpack(fake):
    x = random(4, 6)
    view = on_gpu(x)

    class Exporter:
        def __init__(self, versioned: bool) -> None:
            self.versioned, self.streams = versioned, []

        def __dlpack_device__(self) -> tuple[int, int]:
            return 2, 0

        def __dlpack__(self, *, stream: int, **keywords: object) -> object:
            if keywords and not self.versioned:
                raise TypeError("unexpected keyword")
            self.streams.append(stream)
            return view.to_dlpack(self.versioned)

    before = sys.getrefcount(view)
    for versioned in (True, False):
        exporter = Exporter(versioned)
        again = _native.as_view(exporter)
        assert (again.ptr, again.shape, again.strides) == (view.ptr, (4, 6), (6, 1))
        assert (again.device, again.dtype, again.writable) == ("cuda:0", F32, True)
        assert exporter.streams == [1]
        del again
    gc.collect()
    assert sys.getrefcount(view) == before
    frozen = View(view.owner, view.ptr, "cuda:0", F32, (4, 6), None, False)
    with pytest.raises(BufferError, match="read-only"):
        frozen.to_dlpack(False)


def test_views_of_the_host_are_arrays_of_numpy():
    x = random(3, 5)
    view = _native.as_view(x.T)
    assert (view.device, view.shape, view.strides) == ("cpu", (5, 3), (1, 5))
    capsule = view.to_dlpack(True)
    exporter = SimpleNamespace(
        __dlpack__=lambda **_: capsule, __dlpack_device__=lambda: (1, 0)
    )  # fmt: skip
    assert np.shares_memory(np.from_dlpack(exporter), x)
    assert _native.as_view(view) is view


def test_scratch_is_that_of_the_blocks_there_are(fake):
    table = GpuTable("scratch", scratch_bytes=300)
    table[1000](device="cuda:0")
    found = fake.launch
    assert (found["blocks"], found["programs"]) == (32, 1000)
    assert found["scratch"] != 0
    assert _native.memory_statistics("cuda:0")["peak"] == 32 * 512
    table[3](device="cuda:0")
    assert fake.launch["blocks"] == 3
    assert _native.memory_statistics("cuda:0")["used"] == 0


def test_code_that_does_not_fit_is_refused(fake):
    def load(code: bytes = MODULE, entry: str = "scale", **options: Any) -> Executable:
        return Executable(code, entry, 0, 0.0, "cuda:0", **{"threads": 32, **options})

    load()
    for options, message in (
        ({"code": b""}, "cuda:0 refuses the code of scale: cuModuleLoadData: CUDA_ERROR_I"),
        ({"entry": "absent"}, "cuda:0 refuses the code of absent: cuModuleGetFunction: CUDA_ERROR"),
        ({"threads": 0}, "scale has 0 threads, a block has 1 to 1024"),
        ({"shared_memory": 1 << 20}, "scale needs 1048576 bytes of shared memory, cuda:0 has 23"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            load(**options)
    Launchable(load(), [], 32704, ignore)
    with pytest.raises(ValueError, match="a GPU takes at most 32704 bytes of arguments"):
        Launchable(load(), [], 32712, ignore)


# --- what launches tell -------------------------------------------------------------------------


class ToldError(Exception):
    """What reports here raise."""


def telling(told: list[Any]) -> Any:
    def report(failure: Any, prints: list[Any]) -> None:
        told.append((failure, prints))
        if failure is not None:
            raise ToldError(failure)

    return report


def test_a_failure_is_told_when_the_stream_is_waited_for(fake):
    told: list[Any] = []
    table = GpuTable("fail", telling(told), reports=True)
    stream = Stream("cuda:0")
    fake.set("hold")
    table[9](stream=stream)
    assert told == []
    with pytest.raises(ToldError):
        stream.synchronize()
    assert told == [((3, 17, (7, -1)), [])]
    stream.synchronize()
    assert len(told) == 1


def test_a_known_failure_is_told_at_the_next_launch(fake):
    told: list[Any] = []
    table = GpuTable("fail", telling(told), reports=True)
    stream = Stream("cuda:0")
    table[1](stream=stream)
    with pytest.raises(ToldError):
        GpuTable("nothing")[1](stream=stream)
    assert fake.launch["launches"] == 1
    event = Event()
    table[1](stream=stream)
    event.record(stream)
    with pytest.raises(ToldError):
        event.synchronize()
    table[1](stream=stream)
    with pytest.raises(ToldError):
        _native.synchronize()


def test_prints_come_in_the_order_of_programs(fake):
    told: list[Any] = []
    table = GpuTable("print", telling(told), reports=True)
    for count in (3, 2):  # the second report is in the memory of the first
        table[count](device="cuda:0")
        _native.synchronize("cuda:0")
        assert told.pop() == (None, [(1, i, struct.pack("q", i)) for i in range(count)])


def test_output_that_is_lost_is_told(fake):
    told: list[Any] = []
    flood, few = (GpuTable(name, telling(told), reports=True) for name in ("flood", "print"))
    for _ in range(2):
        flood[1](device="cuda:0")
        few[3](device="cuda:0")
        _native.synchronize()
        ((_, first), (_, second)) = told
        assert [len(data) for *_, data in first[:-1]] == [100_000] * 10
        assert first[-1] == (-1, 10 * 100_016, b"")
        assert len(second) == 3
        told.clear()


def test_many_launches_that_may_tell_do_not_pile_up(fake):
    told: list[Any] = []
    table = GpuTable("print", telling(told), reports=True)
    table[1](device="cuda:0")
    fake.set("hold")
    fake.set("cuMemHostAlloc", 0)
    for _ in range(300):
        table[1](device="cuda:0")
    assert fake.calls("cuMemHostAlloc") <= 66
    _native.synchronize()
    assert len(told) == 301


# --- faults -------------------------------------------------------------------------------------


def test_a_launch_that_fails_is_named(fake):
    for reports in (False, True):
        table = GpuTable("nothing", reports=reports)
        table[1](device="cuda:0")
        fake.fail("cuLaunchKernel", OUT_OF_RESOURCES)
        with pytest.raises(DeviceError, match="cuLaunchKernel failed: CUDA_ERROR_LAUNCH_OUT_OF_RE"):
            table[1](device="cuda:0")
        table[1](device="cuda:0")
        _native.synchronize()


def test_a_lost_device_says_so_from_then_on(fake):
    harmless, culprit = GpuTable("nothing"), GpuTable("illegal")
    culprit.name = "culprit"
    buffer = _native.allocate("cuda:0", 64)
    stream = Stream("cuda:0")
    harmless[1](stream=stream)
    stream.synchronize()
    culprit[1](stream=stream)
    lost = (
        r"cuda:0 is lost: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered "
        r"\(noticed by cu\w+\), in the kernel culprit\nnote: this process can no longer use the "
        r"device, only the CPU"
    )
    for use in (
        stream.synchronize,
        stream.query,
        lambda: harmless[1](stream=stream),
        lambda: _native.allocate("cuda:0", 64),
        lambda: _native.fill(buffer.ptr, "cuda:0", 0, 64),
        lambda: to_host(View(buffer, buffer.ptr, "cuda:0", F32, (1,))),
        lambda: _native.synchronize("cuda:0"),
        lambda: Event().record(stream),
        lambda: Stream("cuda:0"),
    ):
        with pytest.raises(DeviceError, match=lost):
            use()
    out = np.zeros(16, np.float32)
    Table([row("x")])[1](out)  # the CPU goes on


def test_several_launches_may_be_at_fault(fake):
    fake.set("hold")
    tables = [GpuTable("nothing"), GpuTable("illegal")]
    for table, name in zip(tables, ("first", "second"), strict=True):
        table.name = name
    for table in (*tables, tables[0]):
        table[1](device="cuda:0")
    with pytest.raises(DeviceError, match="in one of the kernels launched last: first, second\n"):
        _native.synchronize("cuda:0")


def test_a_process_whose_device_is_lost_ends_quietly(fake):
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from runtime.test_native_cuda import GpuTable, Stream, _native
_native.set_cuda_driver({fake.path!r})
stream = Stream("cuda:0")
buffer = _native.allocate("cuda:0", 100, stream)
told = GpuTable("fail", reports=True)
told[1](stream=stream)
GpuTable("illegal")[1](stream=stream)
try:
    stream.synchronize()
except Exception as error:
    print(str(error)[:14])
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("cuda:0 is lost\n", "")


# --- graphs -------------------------------------------------------------------------------------


def test_a_graph_runs_again_what_was_recorded(fake):
    table = GpuTable("scale")
    x = on_gpu(np.ones(16, np.float32))
    stream, graph = Stream("cuda:0"), Graph()
    with pytest.raises(LaunchError, match="the graph holds nothing yet"):
        graph.launch(stream)
    graph.begin_capture(stream)
    with stream:
        table[1](x, x, 2.0)
        table[1](x, x, 3.0)
        inside = _native.allocate("cuda:0", 64)
        address = inside.ptr
        del inside
        assert _native.allocate("cuda:0", 64).ptr != address  # the graph keeps it
    graph.end_capture(stream)
    assert (to_host(x) == 1).all()
    graph.launch(stream)
    graph.launch(stream)
    stream.synchronize()
    assert (to_host(x) == 36).all()


def recorded_print(told: list[Any]) -> tuple[Stream, Graph]:
    """A graph of a launch that prints twice to `told`, and the stream it was recorded on."""
    table = GpuTable("print", telling(told), reports=True)
    table[1](device="cuda:0")
    _native.synchronize()
    told.clear()
    stream, graph = Stream("cuda:0"), Graph()
    graph.begin_capture(stream)
    table[2](stream=stream)
    graph.end_capture(stream)
    return stream, graph


def test_a_graph_tells_what_its_launches_tell(fake):
    told: list[Any] = []
    stream, graph = recorded_print(told)
    assert told == []
    for _ in range(2):
        graph.launch(stream)
        stream.synchronize()
        assert told.pop()[1] == [(1, i, struct.pack("q", i)) for i in range(2)]


def test_runs_of_a_graph_by_several_threads_tell_everything(fake):
    told: list[Any] = []
    _, graph = recorded_print(told)
    runs = 500

    def run() -> None:
        own = Stream("cuda:0")
        for _ in range(runs):
            graph.launch(own)
            own.synchronize()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _native.synchronize()
    assert sum(len(prints) for _, prints in told) == 4 * runs * 2


def test_what_cannot_be_recorded_is_refused(fake):
    graph, stream = Graph(), Stream("cuda:0")
    with pytest.raises(LaunchError, match="a stream of a GPU, not of the CPU"):
        graph.begin_capture(Stream())
    with pytest.raises(LaunchError, match="default stream cannot be recorded"):
        graph.begin_capture(_native.current_stream("cuda:0"))
    with pytest.raises(LaunchError, match="does not record this stream"):
        graph.end_capture(stream)
    graph.begin_capture(stream)
    with pytest.raises(LaunchError, match="is being recorded already"):
        graph.begin_capture(stream)
    with pytest.raises(LaunchError, match="is being recorded already"):
        Graph().begin_capture(stream)
    graph.end_capture(stream)
    graph.launch(stream)
    with pytest.raises(LaunchError, match="the graph was recorded on cuda:0"):
        graph.launch(Stream("cuda:1"))


def record(graph: Graph, stream: Stream, *launches: Any) -> None:
    """Record launches, each of a table, its arguments and the number of programs."""
    graph.begin_capture(stream)
    for table, count, *arguments in launches:
        table[count](*arguments, stream=stream)
    graph.end_capture(stream)


def test_a_graph_recorded_again_takes_other_arguments(fake):
    table = GpuTable("scale")
    x, out, other = (on_gpu(random(16)) for _ in range(3))
    table[1](x, out, 1.0)
    stream, graph = Stream("cuda:0"), Graph()
    made, updated = "cuGraphInstantiateWithFlags", "cuGraphExecUpdate"
    for name in (made, updated):
        fake.set(name, 0)
    for number, target in ((2.0, out), (3.0, other), (4.0, out)):
        record(graph, stream, (table, 1, x, target, number), (table, 7, target, target, number))
        graph.launch(stream)
        assert (to_host(target) == to_host(x) * np.float32(number) * np.float32(number)).all()
    assert (fake.calls(made), fake.calls(updated)) == (1, 2)


def test_a_graph_of_another_shape_is_made_anew(fake):
    scale, nothing = GpuTable("scale"), GpuTable("nothing")
    x = on_gpu(np.ones(16, np.float32))
    stream, graph = Stream("cuda:0"), Graph()
    made = "cuGraphInstantiateWithFlags"
    fake.set(made, 0)
    double, idle = (scale, 1, x, x, 2.0), (nothing, 1)
    shapes = [(double,), (double, double), (idle, double), (double, idle), (), (double,)]
    for count, launches in enumerate(shapes, 1):
        before = to_host(x)
        nothing[1](stream=stream)
        record(graph, stream, *launches)
        graph.launch(stream)
        assert (to_host(x) == before * 2.0 ** launches.count(double)).all()
        assert fake.calls(made) == count
    elsewhere = on_gpu(np.ones(16, np.float32), "cuda:1")
    record(graph, Stream("cuda:1"), (scale, 1, elsewhere, elsewhere, 2.0))
    assert fake.calls(made) == len(shapes) + 1
    with pytest.raises(LaunchError, match="the graph was recorded on cuda:1"):
        graph.launch(stream)


def test_runs_under_way_keep_what_they_were_recorded_with(fake):
    table = GpuTable("scale")
    owners = [SimpleNamespace(), SimpleNamespace()]
    counts = [sys.getrefcount(one) for one in owners]
    held = [on_gpu(np.ones(16, np.float32)) for _ in owners]
    views = [View(o, x.ptr, "cuda:0", F32, (16,)) for o, x in zip(owners, held, strict=True)]
    stream, graph = Stream("cuda:0"), Graph()
    table[1](held[0], held[0], 1.0)
    record(graph, stream, (table, 1, views[0], views[0], 2.0))
    fake.set("hold")
    graph.launch(stream)
    graph.launch(stream)
    record(graph, stream, (table, 1, views[1], views[1], 3.0))
    graph.launch(stream)
    del views, graph
    gc.collect()
    alive = [sys.getrefcount(one) for one in owners]
    assert alive == [count + 1 for count in counts]
    stream.synchronize()
    assert [to_host(x)[0] for x in held] == [4, 3]
    table[1](held[0], held[0], 1.0, stream=stream)  # what is done is dropped by a later launch
    assert [sys.getrefcount(one) for one in owners] == counts


def test_a_recording_that_fails_leaves_the_one_before(fake):
    table = GpuTable("scale")
    x = on_gpu(np.ones(16, np.float32))
    stream, graph = Stream("cuda:0"), Graph()
    record(graph, stream, (table, 1, x, x, 2.0))
    graph.begin_capture(stream)
    table[1](x, x, 100.0, stream=stream)
    graph.abandon_capture(stream)
    with pytest.raises(LaunchError, match="does not record this stream"):
        graph.abandon_capture(stream)
    for call, result in (
        ("cuStreamBeginCapture", 1),
        ("cuStreamEndCapture", 901),
        ("cuGraphExecUpdate", 1),
        ("cuGraphInstantiateWithFlags", OUT_OF_MEMORY),
    ):
        fake.fail(call, result)
        launches = [(table, 1, x, x, 100.0)] * (2 if "Inst" in call else 1)
        fake.set("cuGraphDestroy", 0)
        with pytest.raises(DeviceError, match=f"{call} failed"):
            record(graph, stream, *launches)
        assert fake.calls("cuGraphDestroy") == call.startswith("cuGraph")  # of what was recorded
    graph.launch(stream)
    stream.synchronize()
    assert (to_host(x) == 2).all()


def test_memory_that_is_freed_meanwhile_is_no_part_of_a_recording(fake):
    stream, other, graph = Stream("cuda:0"), Stream("cuda:0"), Graph()
    before = _native.allocate("cuda:0", 5000, stream)
    address = before.ptr
    fake.set("hold")
    _native.fill(address, "cuda:0", 1, 5000, stream)
    graph.begin_capture(stream)
    del before
    inside = _native.allocate("cuda:0", 5000, stream)
    assert inside.ptr != address  # the graph may run on any stream, and that fill is not done
    graph.end_capture(stream)
    another = _native.allocate("cuda:0", 5000, other)
    assert another.ptr != address
    fake.set("hold", 0)
    assert _native.allocate("cuda:0", 5000, other).ptr == address


def test_what_a_graph_cannot_do_is_refused_and_the_recording_goes_on(fake):
    table = GpuTable("scale")
    x, host = on_gpu(np.ones(16, np.float32)), np.ones(16, np.float32)
    stream, other, graph, event = Stream("cuda:0"), Stream("cuda:0"), Graph(), Event()
    earlier = Event()
    earlier.record(other)
    graph.begin_capture(stream)
    event.record(stream)
    table[1](x, x, 2.0, stream=stream)
    for refused, message in (
        (lambda: on_gpu(host, stream=stream), "copy between the host and a GPU\nnote: copy before"),
        (
            lambda: _native.copy(host.ctypes.data, "cpu", x.ptr, "cuda:0", 64, stream),
            "does not record a copy between the host and a GPU",
        ),
        (stream.synchronize, "nothing on it runs to wait for"),
        (stream.query, "nothing on it runs to wait for"),
        (lambda: event.wait(other), "a graph records one stream"),
        (lambda: earlier.wait(stream), "a graph records one stream"),
        (lambda: Graph().launch(stream), "holds nothing yet"),
    ):
        with pytest.raises(LaunchError, match=message):
            refused()
    event.wait(stream)
    graph.end_capture(stream)
    graph.launch(other)
    assert (to_host(x) == 2).all()
    second = Graph()
    second.begin_capture(stream)
    with pytest.raises(LaunchError, match="cannot be recorded into a graph"):
        graph.launch(stream)
    second.end_capture(stream)
