"""What a program means must not depend on where it runs: `launch` runs it everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tilewright as tw

from ..cuda_sweep import compiled_for_gpus

Launch = Callable[..., None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests on the interpreter and the CPU, or on the device that was asked for."""
    if "mode" not in metafunc.fixturenames:
        return
    device = metafunc.config.getoption("--device")
    modes: list[Any] = ["interpreter", "cpu"]
    if device is not None:
        modes = [pytest.param(device, marks=pytest.mark.cuda if "cuda" in device else ())]
    metafunc.parametrize("mode", modes, indirect=True)


@pytest.fixture
def mode(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, launched_there: None
) -> str:
    """Where kernels that are made in this test run.

    The interpreter is the reference; each other target must agree with NumPy as well.
    """
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1" if request.param == "interpreter" else "0")
    return str(request.param)


@pytest.fixture
def launch(mode: str) -> Launch:
    """Launch a function as a fresh kernel: `launch(kernel, *arguments, grid=1, **constexprs)`."""

    def run(kernel: Callable[..., None], *arguments: Any, grid: Any = 1, **keywords: Any) -> None:
        tw.kernel(kernel)[grid](*arguments, **keywords)

    return run


@pytest.fixture(autouse=True)
def _swept(
    request: pytest.FixtureRequest, add_to_count: Callable[[str, int], None]
) -> Iterator[None]:
    """Compile for GPUs, too, what runs on the CPU; `--cuda-sweep`: all to machine code."""
    everything = request.config.getoption("--cuda-sweep")
    with compiled_for_gpus(request.node.nodeid, everything, add_to_count):
        yield
