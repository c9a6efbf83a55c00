"""Where tests of this folder run: on the emulator, and on a GPU where there is one."""

from __future__ import annotations

import shutil

import pytest

from .places import EMULATED, GPU


@pytest.fixture(
    params=[
        pytest.param(
            EMULATED, marks=pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
        ),
        pytest.param(GPU, marks=pytest.mark.cuda),
    ]
)
def place(request: pytest.FixtureRequest) -> str:
    """A GPU, or the emulator."""
    return str(request.param)
