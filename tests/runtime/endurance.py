"""Arrays allocated on a GPU, launched on and freed, again and again: what is taken afterwards."""

from __future__ import annotations

from pathlib import Path
from resource import getpagesize

import tilewright as tw
from tilewright import _native

SIZES = (1000, 4096, 100_003, 1 << 20)  # of several classes of the pool
WARM = 200  # cycles after which nothing is done for the first time


@tw.kernel
def double(x, out, factor, BLOCK: tw.constexpr = 1024):
    """`out = factor * x`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = factor * x[i]


def run_cycles(device: str, cycles: int) -> None:
    """Make arrays, launch on them, drop them; wait now and then, as programs do."""
    for k in range(cycles):
        size = SIZES[k % len(SIZES)]
        x, out = tw.empty(size, device=device), tw.empty(size, device=device)
        double[tw.cdiv(size, 1024)](x, out, 2.0)
        del x, out
        if k % 500 == 0:
            tw.synchronize(device)
    tw.synchronize(device)


def growth_over(device: str, cycles: int) -> tuple[int, int, int]:
    """By how many bytes so many cycles raise what arrays use, what the pool holds of the device's
    memory, and what this process holds of the host's.
    """
    run_cycles(device, WARM)
    before = _taken(device)
    run_cycles(device, cycles)
    used, reserved, resident = (b - a for a, b in zip(before, _taken(device), strict=True))
    return used, reserved, resident


def _taken(device: str) -> tuple[int, int, int]:
    found = _native.memory_statistics(device)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return found["used"], found["reserved"], pages * getpagesize()
