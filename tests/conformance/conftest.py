"""How much of this suite is run: all pairs of dtypes and shapes or a part, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .execution import COMPARED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--thorough` and `--random-seconds`."""
    parser.addoption(
        "--thorough", action="store_true", help="every dtype with every shape and layout"
    )
    parser.addoption(
        "--random-seconds", type=float, default=10.0, help="how long random kernels are tried"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `sampled` tests need not run; the rest is for a GPU, if one was asked for."""
    if "cuda" in (config.getoption("--device") or ""):
        for item in items:
            if "conformance" in item.path.parts:
                item.add_marker(pytest.mark.cuda)
    if config.getoption("--thorough", False):
        return
    left_out = [item for item in items if _is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _is_left_out(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("sampled")
    if mark is None:
        return False
    assert isinstance(item, pytest.Function)
    return sum(item.callspec.indices.values()) % mark.args[0] != 0


@pytest.fixture(autouse=True)
def _on_device(launched_there: None) -> None:
    """Let compiled functions run on the device that was asked for."""


@pytest.fixture(scope="session", autouse=True)
def _counted(count_compared: Callable[[int], None]) -> Iterator[None]:
    """Say at the end how many cases were compared."""
    yield
    count_compared(len(COMPARED))
