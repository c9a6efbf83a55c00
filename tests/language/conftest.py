"""What a program means must not depend on where it runs: `launch` runs it everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tilewright as tw

Launch = Callable[..., None]


@pytest.fixture(params=["interpreter", "cpu"])
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
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
