"""What tests of the native runtime share: a CUDA driver without a GPU."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tilewright import _native

from .fake_cuda import FakeDriver, fake_driver


@pytest.fixture
def fake() -> Iterator[FakeDriver]:
    """The driver, as if nothing had been asked of it yet."""
    driver = fake_driver()
    driver.reset()
    yield driver
    driver.reset()
    _native.set_cuda_driver("")
