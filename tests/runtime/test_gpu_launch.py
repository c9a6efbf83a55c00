"""Kernels on GPUs as users launch them, on a driver that has none: what is built, where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import _native
from tilewright.codegen.artifact import Artifact
from tilewright.codegen.backends import Product, find_backend
from tilewright.dsl.records import replace
from tilewright.runtime import arithmetic, launch
from tilewright.runtime.device import device, gpus
from tilewright.runtime.kernel import Kernel
from tilewright.runtime.memory import memory_of
from tilewright.runtime.tuning.store import _describe

from .endurance import double, growth_over
from .fake_cuda import FakeDriver, fake_driver


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDriver]:
    """The driver; kernels are compiled to text, and what is loaded is in the driver's own form."""
    driver = fake_driver()
    driver.reset()
    forget()
    real = find_backend("cuda")
    backend = replace(real, assemble=lambda text, target, options, observe: Product(b"code", {}))
    monkeypatch.setattr(
        "tilewright.codegen.compile.find_backend",
        lambda kind: backend if kind == "cuda" else find_backend(kind),
    )
    monkeypatch.setenv("TILEWRIGHT_CACHE_SIZE", "0")  # no such code on disk
    load = launch._load

    def load_text(where: Any, artifact: Artifact) -> _native.Executable:
        if where.kind == "cuda":
            text = f"{artifact.entry} {artifact.block_bytes} none"
            artifact = replace(artifact, code=text.encode())
        return load(where, artifact)

    monkeypatch.setattr(launch, "_load", load_text)
    yield driver
    forget()
    driver.reset()
    _native.set_cuda_driver("")


def forget() -> None:
    """Forget the devices, and code for them."""
    for known in (gpus, memory_of, _describe):
        known.cache_clear()
    tw.device().cache.forget()
    for one in vars(arithmetic).values():
        if isinstance(one, Kernel):
            one.clear()


def fresh() -> Any:
    """A kernel that has not been launched."""

    @tw.kernel
    def add(x, y, out, BLOCK: tw.constexpr = 256):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        out[i] = x[i] + y[i]

    return add


def on(label: str, count: int = 1000) -> tw.Array:
    return tw.array(np.arange(count, dtype=np.float32), device=label)


def test_a_specialization_picks_the_best_variant_that_holds(
    fake: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aligned arrays first, then what 32-bit offsets suffice for, then anything."""
    special = fresh().specialize("f32[::1], f32[::1], f32[::1]")
    build, found = launch.executable_for, []

    def executable_for(function: Any, *others: Any) -> Any:
        found.append((function.parameters[0].type.aligned, set(function.facts)))
        return build(function, *others)

    monkeypatch.setattr("tilewright.runtime.kernel.executable_for", executable_for)
    x, out = on("cuda:0", 1024), on("cuda:0", 1024)
    usual = {"narrow", "disjoint"}
    for arrays, variant in [
        ((x, x, out), (True, usual)),
        ((x[1:], x[1:], out[1:]), (False, usual)),
        ((x[:1000], x[:1000], out[:1000]), (False, usual)),
        ((x, x, x), (False, set())),
    ]:
        known = len(found)
        special[4](*arrays)
        assert found[known:] in ([variant], [])  # the second of a kind is there already
        assert variant in found
    assert len(found) == 3


def test_a_launch_goes_where_its_arrays_are(fake: FakeDriver) -> None:
    add = fresh()
    for label in ("cuda:0", "cuda:1"):
        x, y, out = on(label), on(label), on(label)
        add[4](x, y, out)
        assert fake.launch["programs"] == 4 and fake.launch["threads"] % 32 == 0
    places = [place for *_, place in add.entries()]
    assert {place[0] for place in places if place is not None} == {"cuda:0", "cuda:1"}
    host = np.zeros(1000, np.float32)
    add[4](host, host, np.zeros(1000, np.float32))
    assert len(add.specializations) == 2  # the GPU's, which knows of alignment, and the CPU's


def test_an_inspection_is_of_the_device_of_the_arrays() -> None:
    x = on("cuda:0")
    found = fresh().inspect(x, x, on("cuda:0"))
    assert found.target == "cuda:sm_90a" == tw.device("cuda:0").target
    assert "__global__" in found.cuda and "aligned" in found.ir


def test_warps_reach_the_driver(fake: FakeDriver) -> None:
    add, x = fresh(), on("cuda:0")
    for warps in (1, 8):
        add[4](x, x, on("cuda:0"), num_warps=warps)
        assert fake.launch["threads"] == 32 * warps
    with pytest.raises(tw.LaunchError, match="option 'num_warps' is 3, expected a power of 2"):
        add[4](x, x, on("cuda:0"), num_warps=3)


def test_arrays_of_several_devices_are_refused() -> None:
    x, y = on("cuda:0"), on("cuda:1")
    with pytest.raises(tw.LaunchError, match=r"argument 'y' of add: it is on cuda:1, but .* 'x'"):
        fresh()[4](x, y, x)
    with pytest.raises(tw.LaunchError, match="cuda"):
        fresh()[4](x, np.zeros(1000, np.float32), x)
    with pytest.raises(tw.LaunchError, match=r"arrays are on cuda:0 and cuda:1, expected one"):
        x + y


@pytest.mark.parametrize("make", [tw.array, tw.asarray])
def test_data_of_a_gpu_becomes_an_array_of_the_host_only_if_told(make: Any) -> None:
    x = on("cuda:0")
    for data in (x, _Exported(x)):
        with pytest.raises(tw.LaunchError) as raised:
            make(data)
        assert str(raised.value) == (
            "the data is on cuda:0, and arrays are made on the CPU by default\n"
            "note: device='cuda:0' leaves it there, device='cpu' copies it"
        )
        found = make(data, device="cpu")
        assert found.device == "cpu" and (found.numpy() == x.numpy()).all()
    assert tw.asarray(_Exported(x), device="cuda:0").ptr == x.ptr
    assert make([1, 2]).device == make(np.zeros(3, np.float32)).device == "cpu"


def test_the_interpreter_stays_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    x = on("cuda:0")
    with pytest.raises(tw.LaunchError) as raised:
        fresh()[4](x, x, on("cuda:0"))
    assert "the interpreter runs kernels in the host's memory" in str(raised.value)
    assert "note: copy them, as x.numpy() does" in str(raised.value)


def test_code_that_the_driver_refuses_is_told_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu, artifact = device("cuda:0"), Artifact("cuda:sm_90a", "k", b"?", (), 24, 0, 0.0, {
        "threads": 32, "shared_memory": 0, "reports": False,
    })  # fmt: skip
    monkeypatch.undo()
    with pytest.raises(tw.DeviceError) as raised:
        launch._load(gpu, artifact)
    assert "cuda:0 refuses the code of k: cuModuleLoadData" in str(raised.value)
    assert "note: the driver is for CUDA 13.0" in str(raised.value)


def test_the_compiler_is_loaded_early_where_nothing_is_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(
        "tilewright.runtime.compilers.begin_to_load_backend",
        lambda target, options: begun.append(str(target)),
    )
    memory_of.cache_clear()
    monkeypatch.setenv("TILEWRIGHT_CACHE_SIZE", "1000000")
    monkeypatch.setenv("TILEWRIGHT_CACHE_DIR", str(tmp_path))
    on("cuda:0"), on("cuda:0")
    assert begun == ["cuda:sm_90a"]
    memory_of.cache_clear()
    (tmp_path / "some.twa").write_bytes(b"")
    on("cuda:0")
    memory_of.cache_clear()
    monkeypatch.setenv("TILEWRIGHT_CACHE_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    on("cuda:0")
    assert begun == ["cuda:sm_90a"]
    monkeypatch.delenv("TILEWRIGHT_INTERPRET")
    memory_of.cache_clear()
    on("cuda:0")
    assert begun == ["cuda:sm_90a", "cuda:sm_90a"]


def test_allocating_launching_and_freeing_leaves_nothing() -> None:
    double.clear()  # what is loaded is of the driver
    used, reserved, resident = growth_over("cuda:0", 1000)
    double.clear()
    assert (used, reserved) == (0, 0)
    assert resident < 1 << 20


def test_launches_go_to_the_current_stream(fake: FakeDriver) -> None:
    add, x = fresh(), on("cuda:0")
    stream = tw.Stream("cuda:0")
    with stream:
        add[4](x, x, on("cuda:0"))
        assert fake.launch["stream"] == stream.handle != 0
        assert x.__cuda_array_interface__["stream"] == stream.handle
    add[4](x, x, on("cuda:0"))
    assert fake.launch["stream"] == 0 and x.__cuda_array_interface__["stream"] == 1
    tw.synchronize("cuda:0")
    tw.synchronize()


def test_a_graph_records_and_replays(fake: FakeDriver) -> None:
    add, x, out = fresh(), on("cuda:0"), on("cuda:0")
    add[4](x, x, out)
    stream, graph = tw.Stream("cuda:0"), tw.Graph()
    fake.set("cuLaunchKernel", 0)
    with graph.capture(stream):
        add[4](x, x, out)
        add[4](out, x, out)
    replays = fake.calls("cuGraphLaunch")
    for _ in range(3):
        graph.launch(stream)
    stream.synchronize()
    assert fake.calls("cuGraphLaunch") == replays + 3


def test_a_graph_recorded_again_is_updated(fake: FakeDriver) -> None:
    add, x, out, other = fresh(), on("cuda:0"), on("cuda:0"), on("cuda:0")
    add[4](x, x, out)
    stream, graph = tw.Stream("cuda:0"), tw.Graph()
    for name in ("cuGraphInstantiateWithFlags", "cuGraphExecUpdate"):
        fake.set(name, 0)
    for count, target in ((4, out), (3, other), (2, x)):
        with graph.capture(stream):
            add[count](x, target, target)
        graph.launch(stream)
        assert fake.launch["programs"] == count
    assert fake.calls("cuGraphInstantiateWithFlags") == 1
    assert fake.calls("cuGraphExecUpdate") == 2


def test_a_recording_that_fails_leaves_what_was_recorded_before(fake: FakeDriver) -> None:
    add, x = fresh(), on("cuda:0")
    add[4](x, x, on("cuda:0"))
    stream, graph = tw.Stream("cuda:0"), tw.Graph()
    with pytest.raises(KeyError), graph.capture(stream):
        raise KeyError
    with pytest.raises(tw.LaunchError, match="the graph holds nothing yet"):
        graph.launch(stream)
    with graph.capture(stream):
        add[4](x, x, x)
    replays, made = fake.calls("cuGraphLaunch"), fake.calls("cuGraphInstantiateWithFlags")
    with pytest.raises(TypeError, match="unsupported operand"), graph.capture(stream):
        add[4](x, x, x + object())
    with pytest.raises(tw.LaunchError, match="not of the CPU"), graph.capture(tw.Stream()):
        pass
    graph.launch(stream)
    assert fake.calls("cuGraphLaunch") == replays + 1
    assert fake.calls("cuGraphInstantiateWithFlags") == made


def test_a_benchmark_waits_for_the_gpu(fake: FakeDriver) -> None:
    add, x, out = fresh(), on("cuda:0"), on("cuda:0")
    fake.set("cuEventRecord", 0)
    timing = tw.benchmark(lambda: add[4](x, x, out), seconds=0.01)
    assert len(timing.samples) >= 5 and fake.calls("cuEventRecord") >= 10


def test_tuning_chooses_warps_on_a_gpu(fake: FakeDriver) -> None:
    configs = [tw.Config(BLOCK=256, num_warps=warps) for warps in (1, 2, 4)]
    configs += [tw.Config(BLOCK=256, num_warps=3)]

    @tw.autotune(configs=configs)
    @tw.kernel
    def add(x, out, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        out[i] = x[i] + 1.0

    x, out = on("cuda:0"), on("cuda:0")
    before = out.numpy()
    add[lambda p: (tw.cdiv(1000, p.BLOCK),)](x, out)
    np.testing.assert_array_equal(out.numpy(), before)  # the driver runs nothing
    chosen = add.best(x, out)
    assert chosen is not None and chosen in configs[:3]
    assert fake.launch["threads"] == 32 * chosen.num_warps
    text = str(add.tuning)
    assert "num_warps=3" in text and "expected a power of 2" in text


def test_memory_of_dropped_arrays_is_used_again() -> None:
    used = _native.memory_statistics("cuda:0")["used"]
    x = on("cuda:0", 1 << 16)
    assert _native.memory_statistics("cuda:0")["used"] == used + (4 << 16)
    view = x[100:].reshape(-1)[::2]
    del x
    assert _native.memory_statistics("cuda:0")["used"] == used + (4 << 16)
    del view
    assert _native.memory_statistics("cuda:0")["used"] == used


def test_too_large_an_array_is_refused() -> None:
    with pytest.raises(tw.DeviceError, match="out of memory"):
        tw.empty(1 << 40, device="cuda:0")
    with pytest.raises(tw.LaunchError, match="negative"):
        tw.empty((2, -1), device="cuda:0")


def test_dlpack_names_the_device_and_waits_for_the_stream(fake: FakeDriver) -> None:
    x = on("cuda:1")
    assert x.__dlpack_device__() == (2, 1)
    fake.set("cuStreamWaitEvent", 0)
    capsule = x.__dlpack__(stream=-1, max_version=(1, 0))
    assert "dltensor_versioned" in repr(capsule) and fake.calls("cuStreamWaitEvent") == 0
    consumer = tw.Stream("cuda:1")
    x.__dlpack__(stream=consumer.handle)
    assert fake.calls("cuStreamWaitEvent") == 1
    with pytest.raises(BufferError):
        x.__dlpack__(dl_device=(1, 0))
    again = tw.asarray(_Exported(x), device="cuda:1")
    assert again.device == "cuda:1" and again.ptr == x.ptr and again.shape == x.shape


class _Exported:
    """An array of another library."""

    def __init__(self, array: tw.Array) -> None:
        self._array = array

    def __dlpack__(self, **options: Any) -> object:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()


def test_arrays_move_between_devices() -> None:
    data = np.arange(24, dtype=np.int64).reshape(4, 6)
    x = tw.array(data, device="cuda:0")
    y = x.to("cuda:1")
    assert (y.device, y.to("cuda:1") is y) == ("cuda:1", True)
    for one in (x, y, y.T, x.to("cpu")):
        expected = data.T if one.shape == (6, 4) else data
        np.testing.assert_array_equal(one.numpy(), expected)
