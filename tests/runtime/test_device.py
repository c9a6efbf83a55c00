"""Devices: what there is, what is known about it, and what is said of those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import tilewright as tw
from tilewright.codegen.target import MACHINES
from tilewright.runtime.device import Device, gpus


def test_the_processor_is_a_device() -> None:
    cpu = tw.device("cpu")
    assert tw.device("cpu:0") is tw.device() is tw.device(cpu) is cpu
    assert tw.devices()[0] is cpu
    assert str(cpu) == "cpu"
    assert cpu == "cpu"
    assert cpu.kind == "cpu"
    assert cpu.name in repr(cpu)
    assert cpu.target in [f"cpu:{name}" for name in MACHINES]
    assert cpu.multiprocessors >= 1
    assert cpu.memory > 1 << 20
    assert set(cpu.capabilities) == {"features", "caches", "cores", "threads"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gpu", "no device 'gpu', expected 'cpu' or 'cuda:0'"),
        (3, "expected the name of a device, got int"),
    ],
)
def test_a_missing_device_is_named(name: object, message: str) -> None:
    with pytest.raises(tw.DeviceError, match=message):
        tw.device(name)


GPU = {
    "index": 1, "name": "NVIDIA H200", "capability": (9, 0), "multiprocessors": 132,
    "memory": 141 << 30, "driver": 13000, "shared_memory": 227 << 10, "l2": 50 << 20,
}  # fmt: skip


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let the driver tell of GPUs that are not there, or raise: `machine({"name": ...}, ...)`."""

    def pretend(*facts: dict[str, object] | Exception) -> None:
        def tell() -> list[dict[str, object]]:
            for one in facts:
                if isinstance(one, Exception):
                    raise one
            return [GPU | {"index": k} | dict(one) for k, one in enumerate(facts)]

        monkeypatch.setattr("tilewright.runtime.device._native.cuda_devices", tell)
        gpus.cache_clear()

    yield pretend
    gpus.cache_clear()


def test_gpus_are_devices(machine: Callable[..., None]) -> None:
    machine({}, {"name": "NVIDIA A100", "capability": (8, 0)})
    cpu, first, second = tw.devices()
    assert (cpu, first, second) == ("cpu", "cuda:0", "cuda:1")
    assert tw.device("cuda:1") is second and tw.device("cuda") is first
    assert (first.target, second.target) == ("cuda:sm_90a", "cuda:sm_80")
    assert (first.kind, second.index) == ("cuda", 1)
    assert first.name == "NVIDIA H200" and first.name in repr(first)
    assert (first.multiprocessors, first.memory) == (132, 141 << 30)
    assert first.capabilities == {
        "capability": (9, 0), "driver": (13, 0), "shared_memory": 227 << 10, "l2": 50 << 20,
    }  # fmt: skip


def test_a_gpu_that_is_not_there_is_told_those_that_are(machine: Callable[..., None]) -> None:
    machine({}, {})
    with pytest.raises(tw.DeviceError, match="no device 'cuda:2', there is 'cuda:0', 'cuda:1'"):
        tw.device("cuda:2")


def test_without_a_driver_it_is_said_what_is_missing(machine: Callable[..., None]) -> None:
    machine(tw.DeviceError("libcuda.so.1 was not found"))
    assert tw.devices() == (tw.device("cpu"),)
    with pytest.raises(tw.DeviceError, match=r"no device 'cuda:0': libcuda.so.1 was not found"):
        tw.device("cuda:0")
    with pytest.raises(tw.DeviceError, match=r"no device 'cuda': libcuda.so.1 was not found"):
        tw.zeros(3, device="cuda")


@pytest.mark.parametrize("capability", [(7, 5), (10, 3)])
def test_a_gpu_without_a_target_is_told_which_there_are(
    machine: Callable[..., None], capability: tuple[int, int]
) -> None:
    machine({"capability": capability, "name": "Other"})
    number = ".".join(map(str, capability))
    with pytest.raises(tw.DeviceError, match=f"GPU Other has compute capability {number}, kernels"):
        _ = tw.device("cuda:0").target


def test_a_processor_that_is_too_old_is_told_so_when_it_is_compiled_for() -> None:
    old = Device("cpu", "Museum Piece", "x86-64-v2", 1, 1 << 30, {})
    with pytest.raises(tw.DeviceError) as caught:
        _ = old.target
    assert "the processor Museum Piece is of level x86-64-v2" in str(caught.value)
    assert "TILEWRIGHT_INTERPRET=1" in str(caught.value)
