"""Timing functions: medians, quartiles, streams, and what is refused."""

from __future__ import annotations

import time

import numpy as np
import pytest

import tilewright as tw
from tilewright.runtime.benchmark import quantile, show_seconds


def test_the_time_of_a_function_is_measured() -> None:
    timing = tw.benchmark(lambda: time.sleep(0.002), seconds=0.02)
    assert 0.002 <= timing.best <= timing.low <= timing.median <= timing.high
    assert timing.calls == 1 and len(timing.samples) >= 5
    assert timing.median < 0.02
    assert timing.spread == pytest.approx((timing.high - timing.low) / 2 / timing.median)


def test_short_functions_are_called_often_in_a_sample() -> None:
    calls = []
    timing = tw.benchmark(lambda: calls.append(None), seconds=0.01)
    assert timing.calls > 20
    assert len(calls) >= timing.calls * len(timing.samples)
    assert timing.median < 20e-6


def test_what_a_stream_does_is_in_the_time() -> None:
    stream = tw.Stream()

    @tw.kernel
    def spin(out, COUNT: tw.constexpr):
        v = out[0]
        for _ in range(COUNT):
            v = v * 1.5 + 1.0
        out[0] = v

    out = np.zeros(1, np.float32)
    spin[1](out, COUNT=100_000, stream=stream)
    stream.synchronize()
    work = lambda: spin[1](out, COUNT=100_000, stream=stream)  # noqa: E731
    inside = tw.benchmark(work, seconds=0.005, stream=stream)
    with stream:
        current = tw.benchmark(work, seconds=0.005)
    # The loop depends on itself: no processor does a step in less than a quarter of a nanosecond.
    assert inside.best > 25e-6 and current.best > 25e-6


def test_errors_of_the_function_pass_through() -> None:
    with pytest.raises(ZeroDivisionError):
        tw.benchmark(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((3,), "benchmark takes a function, got int"), ((print, 0), None), ((print, -1.0), None)],
)
def test_what_cannot_be_timed_is_refused(arguments: tuple, message: str | None) -> None:
    function, *seconds = arguments
    with pytest.raises(tw.LaunchError, match=message or "number of seconds above 0"):
        tw.benchmark(function, **({"seconds": seconds[0]} if seconds else {}))


def test_a_timing_is_readable() -> None:
    timing = tw.Timing((1.22e-3, 1.23e-3, 1.27e-3), 4)
    assert str(timing) == "1.23 ms ± 1 %"
    assert repr(timing) == "<1.23 ms ± 1 %, 3 samples of 4>"
    shown = [show_seconds(value) for value in (2.5, 0.0125, 3.1e-5, 42e-9, 0.0)]
    assert shown == ["2.5 s", "12.5 ms", "31 us", "42 ns", "0 ns"]


def test_quantiles_are_numpy_s(rng: np.random.Generator) -> None:
    for size in (1, 2, 7, 20):
        samples = rng.random(size).tolist()
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            assert quantile(samples, share) == pytest.approx(np.quantile(samples, share))
