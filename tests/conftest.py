"""What all tests share: fresh random data with a printed seed, arrays that watch their borders."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.toolkit import find_nvrtc

from .emulator.launching import launches_emulated
from .on_device import launches_on

_SEED = pytest.StashKey[int]()
_COUNTS = pytest.StashKey[Counter[str]]()
GUARD_BYTES = 256  # wider than any vector, so that a whole stray store lands in a zone


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--seed`, which repeats the random data of an earlier run, `--fuzz-seconds`, `--device`,
    which lets tests/language and tests/conformance launch there (`emulated`: compiled for GPUs, on
    the host), and `--cuda-sweep`, with which every kernel that tests/language launches is compiled
    to machine code of GPUs, not a sample.
    """
    parser.addoption("--seed", type=int, default=None, help="seed of the random data")
    parser.addoption("--fuzz-seconds", type=float, default=10.0, help="how long tests/fuzz hunts")
    parser.addoption("--device", default=None, help="where to launch: cuda:0, or emulated")
    parser.addoption("--cuda-sweep", action="store_true", help="all kernels to machine code")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed of this run, unless one was asked for; keep kernels out of the user's cache."""
    seed = _worker(config).get("seed", config.getoption("--seed"))
    config.stash[_SEED] = secrets.randbits(32) if seed is None else seed
    config.stash[_COUNTS] = Counter()
    # Before any test file is imported: the folder is read when the package is.
    folder = tempfile.TemporaryDirectory(prefix="tilewright-tests-")
    os.environ["TILEWRIGHT_CACHE_DIR"] = folder.name
    config.add_cleanup(folder.cleanup)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip tests that need a GPU where there is none, and say what is missing; with `--device`
    those that are about the host.
    """
    for item in items if config.getoption("--device") is not None else ():
        mark = item.get_closest_marker("host")
        if mark is not None:
            item.add_marker(pytest.mark.skip(reason=mark.kwargs["reason"]))
    needy = [item for item in items if item.get_closest_marker("cuda") is not None]
    reason = _why_no_gpu() if needy else None
    if reason is not None:
        for item in needy:
            item.add_marker(pytest.mark.skip(reason=reason))


def _why_no_gpu() -> str | None:
    """What keeps tests from running on a GPU; None if nothing does."""
    try:
        _ = tw.device("cuda:0").target
    except tw.DeviceError as error:
        return error.message.splitlines()[0]
    return None if find_nvrtc() is not None else "NVRTC is not installed"


def _worker(config: pytest.Config) -> dict[str, Any]:
    """What the process that started this one told it; nothing in a run of one process."""
    return getattr(config, "workerinput", {})


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process the seed of this run."""
    node.workerinput["seed"] = node.config.stash[_SEED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add up what the tests of a worker process counted."""
    node.config.stash[_COUNTS].update(getattr(node, "workeroutput", {}).get("counts", {}))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started this one what was counted."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["counts"] = dict(session.config.stash[_COUNTS])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how large the conformance matrix was, and what was compiled for GPUs."""
    for what, count in sorted(config.stash[_COUNTS].items()):
        terminalreporter.write_line(what.format(count=count))


@pytest.fixture(scope="session")
def add_to_count(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """A function that adds to a number that is told at the end: `count("{count} cases", 3)`."""
    counts = request.config.stash[_COUNTS]

    def add(what: str, number: int) -> None:
        if number:
            counts[what] += number

    return add


@pytest.fixture(scope="session")
def count_compared(add_to_count: Callable[[str, int], None]) -> Callable[[int], None]:
    """A function that adds cases to those of the conformance matrix."""
    return partial(
        add_to_count,
        "conformance: {count} cases of op x dtype x shape x layout, cpu against the interpreter",
    )


def pytest_report_header(config: pytest.Config) -> str:
    """Say which seed repeats this run."""
    return f"random data: --seed {config.stash[_SEED]}"


@pytest.fixture
def launched_there(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let launches on the host's arrays run on the device of `--device`, if there is one."""
    device = request.config.getoption("--device")
    match device:
        case None:
            there: AbstractContextManager[None] = nullcontext()
        case "emulated":
            there = launches_emulated()
        case _:
            there = launches_on(device)
    with there:
        yield


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator that is fresh in every run, and the same again with `--seed`."""
    seed = request.config.stash[_SEED]
    name = np.frombuffer(request.node.nodeid.encode(), np.uint8)
    return np.random.default_rng([seed, *name.tolist()])


@pytest.fixture
def program_rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator for random programs: the same ones in every run, others with `--seed`.

    Drawing new programs is a hunt for unknown faults, and belongs to whoever has time to mend them.
    """
    seed = request.config.getoption("--seed") or 0
    name = np.frombuffer(request.node.nodeid.encode(), np.uint8)
    return np.random.default_rng([seed, *name.tolist()])


class Guarded:
    """An array between two zones of known bytes; `check` fails if one of them was touched."""

    def __init__(
        self, shape: tuple[int, ...], dtype: np.dtype, strides: tuple[int, ...] | None
    ) -> None:
        if strides is None:
            strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        steps = [(extent - 1) * stride for extent, stride in zip(shape, strides, strict=True)]
        empty = 0 in shape
        low = 0 if empty else sum(min(step, 0) for step in steps)
        span = 0 if empty else sum(max(step, 0) for step in steps) - low + 1
        guard = GUARD_BYTES // dtype.itemsize
        self._memory = np.empty((guard + span + guard) * dtype.itemsize, np.uint8)
        # 0xA5 repeated: no NaN and no small number in any dtype, so a stray read shows in a result.
        self._memory[:] = 0xA5
        elements = self._memory.view(dtype)
        steps_in_bytes = tuple(stride * dtype.itemsize for stride in strides)
        first = (guard - low) * dtype.itemsize
        self.array: NDArray = np.ndarray(shape, dtype, self._memory, first, steps_in_bytes)
        outside = np.ones(elements.shape, np.bool_)
        if not empty:
            inside = np.lib.stride_tricks.as_strided(outside[guard - low :], shape, strides)
            inside[...] = False
        self._outside = np.repeat(outside, dtype.itemsize)

    def check(self) -> None:
        """Fail unless every byte outside the array is as it was made."""
        touched = np.flatnonzero(self._outside & (self._memory != 0xA5))
        assert touched.size == 0, f"{touched.size} bytes outside the array were written"


@pytest.fixture
def guarded() -> Iterator[Callable[..., NDArray]]:
    """Make arrays with guard zones: `guarded(value_or_shape, dtype=f32, strides=None)`.

    An array given as value is copied; a shape gives an output poisoned with 0xA5 bytes. `strides`
    are in elements and may leave gaps or run backwards. The zones, gaps included, are checked when
    the test ends.
    """
    made: list[Guarded] = []

    def make(
        value: object, dtype: object = np.float32, strides: tuple[int, ...] | None = None
    ) -> NDArray:
        match value:
            case np.ndarray():
                one = Guarded(value.shape, value.dtype, strides)
                one.array[...] = value
            case int() as extent:
                one = Guarded((extent,), np.dtype(dtype), strides)
            case tuple() as shape:
                one = Guarded(shape, np.dtype(dtype), strides)
            case _:
                raise TypeError(f"neither an array nor a shape: {value!r}")
        made.append(one)
        return one.array

    yield make
    for one in made:
        one.check()
