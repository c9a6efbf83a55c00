"""Measures how long a function takes: `tw.benchmark(fn)`, with events, median and spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import Final

from tilewright import _native
from tilewright._native import Event, Stream

from .device import used_gpus
from .errors import LaunchError, users_frames_only

# An event costs some tenths of a microsecond, on a GPU some microseconds: a sample is so long that
# this is a percent at most.
_SAMPLE_SECONDS: Final = 50e-6
_GPU_SAMPLE_SECONDS: Final = 500e-6
_LEAST_SAMPLES: Final = 5
_MOST_SAMPLES: Final = 1000
_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


@dataclass(frozen=True, slots=True)
class Timing:
    """How long calls took: `samples` in seconds a call, `calls` of them behind each sample."""

    samples: tuple[float, ...]
    calls: int

    @property
    def median(self) -> float:
        """The middle sample, in seconds."""
        return quantile(self.samples, 0.5)

    @property
    def low(self) -> float:
        """The lower quartile: a quarter of the samples is below."""
        return quantile(self.samples, 0.25)

    @property
    def high(self) -> float:
        """The upper quartile: a quarter of the samples is above."""
        return quantile(self.samples, 0.75)

    @property
    def best(self) -> float:
        """The smallest sample."""
        return min(self.samples)

    @property
    def spread(self) -> float:
        """Half the distance of the quartiles, as a share of the median."""
        return (self.high - self.low) / 2 / self.median if self.median else 0.0

    def __str__(self) -> str:
        """As `1.23 ms ± 2 %`."""
        return f"{show_seconds(self.median)} ± {show_spread(self.spread)}"

    def __repr__(self) -> str:
        return f"<{self}, {len(self.samples)} samples of {self.calls}>"


@users_frames_only
def benchmark(
    function: Callable[[], object], *, seconds: float = 0.2, stream: Stream | None = None
) -> Timing:
    """Time the calls of a function without arguments, such as `lambda: k[grid](x, out)`.

    It is called once before, and then for about `seconds`, five times at least. Events around the
    calls are recorded in `stream`, else in the current stream of the host and of each GPU in
    use: what the function puts there is waited for, and the longest time counts. Raises what the
    function raises.
    """
    if not callable(function):
        raise LaunchError(f"benchmark takes a function, got {type(function).__name__}")
    if not 0 < seconds < float("inf"):
        raise LaunchError(f"benchmark takes a number of seconds above 0, got {seconds!r}")
    function()
    gpus = [] if stream is not None else used_gpus()
    streams = [stream, *(_native.current_stream(one.label) for one in gpus)]
    clocks = [(Event(timing=True), Event(timing=True), one) for one in streams]
    least = _GPU_SAMPLE_SECONDS if gpus else _SAMPLE_SECONDS

    def sample(calls: int) -> float:
        for first, _, where in clocks:
            first.record(where)
        for _ in range(calls):
            function()
        for _, last, where in clocks:
            last.record(where)
        for _, last, _ in clocks:
            last.synchronize()
        return max(first.elapsed(last) for first, last, _ in clocks) * 1e-3 / calls

    calls = max(1, ceil(least / max(sample(1), 1e-9)))
    if calls > 1:  # the second call may still have been a slow one
        calls = max(1, ceil(least / max(sample(calls), 1e-9)))
    samples: list[float] = []
    end = perf_counter() + seconds
    while len(samples) < _LEAST_SAMPLES or (perf_counter() < end and len(samples) < _MOST_SAMPLES):
        samples.append(sample(calls))
    return Timing(tuple(samples), calls)


def quantile(samples: Sequence[float], share: float) -> float:
    """The value below which a share of the samples lies, between neighbours in proportion."""
    ordered = sorted(samples)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def show_spread(share: float) -> str:
    """A share in percent, with two digits: `2.1 %`."""
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"


def show_seconds(seconds: float) -> str:
    """A duration with three digits and its unit: `1.23 ms`."""
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"
