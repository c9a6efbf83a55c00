"""Devices: what there is, what is known about it, and what is said of those that are missing."""

from __future__ import annotations

import pytest

import tilewright as tw
from tilewright.codegen.target import MACHINES
from tilewright.runtime.device import Device


def test_the_processor_is_a_device() -> None:
    cpu = tw.device("cpu")
    assert tw.device("cpu:0") is tw.device() is tw.device(cpu) is cpu
    assert tw.devices() == (cpu,)
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
        ("cuda:0", "no device 'cuda:0': this version of Tilewright has no CUDA backend"),
        ("cuda", "no device 'cuda'"),
        ("gpu", "no device 'gpu', expected 'cpu'"),
        (3, "expected the name of a device, got int"),
    ],
)
def test_a_missing_device_is_named(name: object, message: str) -> None:
    with pytest.raises(tw.DeviceError, match=message):
        tw.device(name)


def test_a_processor_that_is_too_old_is_told_so_when_it_is_compiled_for() -> None:
    old = Device("cpu", "Museum Piece", "x86-64-v2", 1, 1 << 30)
    with pytest.raises(tw.DeviceError) as caught:
        _ = old.target
    assert "the processor Museum Piece is of level x86-64-v2" in str(caught.value)
    assert "TILEWRIGHT_INTERPRET=1" in str(caught.value)
