"""What this machine can do, measured: multiply-adds a second, and bytes a second of long streams.

Measured with kernels of our own language, by as many threads as launches have. Nothing is kept from
one process to the next: what a shared machine can do changes by the minute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, Final, no_type_check

import numpy as np

from tilewright.dsl.builtins.build import arange, zeros
from tilewright.dsl.builtins.grid import program_id
from tilewright.dsl.builtins.reduce import sum_
from tilewright.dsl.definition import constexpr
from tilewright.dsl.records import record
from tilewright.dsl.types import f32, f64

from .device import host

# Makes a kernel of a function; whoever has kernels hands it in.
Maker = Callable[[Callable[..., object]], Any]

# A tile of products that fills the registers many times and the second cache not once.
ROWS: Final = 96
DEPTH: Final = 256
ROUNDS: Final = 8
BLOCK: Final = 8192
# Of a limit: on a machine that others use, too, some runs are slow.
LEAST_SAMPLES: Final = 5
LEAST_SECONDS: Final = 0.1
# So many times the last cache is a stream: what it keeps of one run is of no use to the next.
STREAM: Final = 3
LEAST_STREAM: Final = 48 << 20


@record
class Pattern:
    """A way to stream: arrays that are read, and whether one is written."""

    name: str
    reads: int
    writes: int

    @property
    def share(self) -> float:
        """The share of the bytes that is written."""
        return self.writes / (self.reads + self.writes)


PATTERNS: Final = (
    Pattern("read", 1, 0),
    Pattern("add", 2, 1),
    Pattern("copy", 1, 1),
    Pattern("fill", 0, 1),
)


class Limits:
    """The limits of the machine this process runs on; each is measured when it is first asked for.

    `make` turns functions into kernels.
    """

    def __init__(self, make: Maker) -> None:
        self._multiply = make(_multiply)
        self._streams = {
            name: make(function)
            for name, function in (("read", _read), ("add", _add), ("copy", _copy), ("fill", _fill))
        }
        self._peaks: dict[bool, float] = {}
        self._bandwidths: dict[tuple[str, int], float] = {}

    def peak(self, wide: bool = False) -> float:
        """Floating-point operations a second of multiply-adds, in `f32` or, if `wide`, `f64`."""
        if wide not in self._peaks:
            dtype = np.float64 if wide else np.float32
            programs = 4 * _threads()
            a, b = np.ones((ROWS, DEPTH), dtype), np.ones((DEPTH, ROWS), dtype)
            out = np.empty((programs, ROWS, ROWS), dtype)
            constants = {"N": ROWS, "K": DEPTH, "ROUNDS": ROUNDS, "DTYPE": f64 if wide else f32}
            seconds = quickest(lambda: self._multiply[programs](a, b, out, **constants))
            self._peaks[wide] = 2 * programs * ROUNDS * ROWS * ROWS * DEPTH / seconds
        return self._peaks[wide]

    def bandwidth(self, share: float = 0.5, footprint: int | None = None) -> float:
        """Bytes a second of a stream over so many bytes, of which a share is written.

        Without a footprint, over more than the caches hold. The pattern is the nearest there is.
        """
        pattern = min(PATTERNS, key=lambda one: abs(one.share - share))
        footprint = _beyond_caches() if footprint is None else footprint
        key = pattern.name, footprint
        if key not in self._bandwidths:
            self._bandwidths[key] = self._stream(pattern, footprint)
        return self._bandwidths[key]

    def balance(self, wide: bool = False) -> float:
        """Floating-point operations that fit the time of a byte from memory."""
        return self.peak(wide) / self.bandwidth()

    def _stream(self, pattern: Pattern, footprint: int) -> float:
        arrays = pattern.reads + pattern.writes
        size = max(footprint // (4 * arrays), BLOCK)
        sources = [np.ones(size, np.float32) for _ in range(pattern.reads)]
        programs = -(-size // BLOCK)
        out = np.ones(size if pattern.writes else programs, np.float32)
        run = self._streams[pattern.name][programs]
        # A short launch is repeated: what the clock and the launch take must not count.
        times = max(1, (1 << 22) // (4 * size * arrays))

        def launch() -> None:
            for _ in range(times):
                run(*sources, out, BLOCK=BLOCK)

        return 4 * size * arrays * times / quickest(launch)


@cache
def machine_limits(make: Maker) -> Limits:
    """The limits of this machine, one object for each process."""
    return Limits(make)


def quickest(call: Callable[[], object]) -> float:
    """The least seconds of some calls, after one that does not count."""
    call()
    found: list[float] = []
    while len(found) < LEAST_SAMPLES or sum(found) < LEAST_SECONDS:
        begun = perf_counter()
        call()
        found.append(perf_counter() - begun)
    return min(found)


def _threads() -> int:
    threads: Any = host().capabilities["threads"]
    return int(threads)


def _beyond_caches() -> int:
    caches: Any = host().capabilities["caches"]
    return max([LEAST_STREAM, *(STREAM * int(size) for _, size in caches)])


@no_type_check
def _multiply(a, b, out, N: constexpr, K: constexpr, ROUNDS: constexpr, DTYPE: constexpr):
    total = zeros((N, N), DTYPE)
    for _ in range(ROUNDS):
        total += a[0:N, 0:K] @ b[0:K, 0:N]
    out[program_id(0), 0:N, 0:N] = total


@no_type_check
def _read(x, out, BLOCK: constexpr):
    out[program_id(0)] = sum_(x[program_id(0) * BLOCK + arange(BLOCK)])


@no_type_check
def _add(x, y, out, BLOCK: constexpr):
    i = program_id(0) * BLOCK + arange(BLOCK)
    out[i] = x[i] + y[i]


@no_type_check
def _copy(x, out, BLOCK: constexpr):
    i = program_id(0) * BLOCK + arange(BLOCK)
    out[i] = x[i]


@no_type_check
def _fill(out, BLOCK: constexpr):
    i = program_id(0) * BLOCK + arange(BLOCK)
    out[i] = zeros(BLOCK, f32)
