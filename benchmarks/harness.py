"""Time several ways of doing one thing, in turns, and compare what they computed.

Rows of one run compare, rows of two runs do not: contenders take turns in random order, for many
rounds, and the median over all rounds counts. Between turns there is a pause, so that the workers
of the previous library have gone to sleep, and then a warm-up, so that one's own are awake.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from timeit import Timer
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

OURS = "tilewright"
THREADS = int(os.environ["TILEWRIGHT_NUM_THREADS"])  # of every library; run.py sets it
CLOCK = time.perf_counter
PEERS = (
    "numpy", "scipy", "scipy-blas", "numba", "numba-serial", "torch", "torch.compile",
    "jax", "taichi", "warp",
)  # fmt: skip

PAUSE = 0.15  # seconds; OpenBLAS' workers spin for a tenth before they sleep, OpenMP's less
WARM_UP = 0.02  # seconds; until clocks, caches and workers are as in a program that computes
SAMPLE = 300e-6  # a sample repeats the statement until it takes at least so long
SAMPLES = 5  # per turn
TURN = 1.0  # seconds, about: a turn of a slow contender has fewer samples
TOO_SLOW = 10  # a contender that takes so many times as long as the best has one turn only


@dataclass(frozen=True)
class Contender:
    """One way of doing it: a Python statement, the names it needs, and where the result is."""

    statement: str
    names: Mapping[str, object]
    result: Callable[[], NDArray]


Builder = Callable[[SimpleNamespace], Contender]


def call(run: Callable[..., Any], *arguments: object, result: NDArray, **named: Any) -> Contender:
    """A contender that calls `run` with these arguments, which writes into the array `result`."""
    names = {f"a{k}": value for k, value in enumerate(arguments)}
    texts = [*names, *(f"{name}={name}" for name in named)]
    return Contender(f"run({', '.join(texts)})", {"run": run} | names | named, lambda: result)


@dataclass(frozen=True)
class Workload:
    """A task: how to make its data, the exact result, and who does it how.

    `make` gets a generator of random numbers. A contender that cannot be imported is skipped.
    `is_exact` says that errors are the share of elements that differ, not distances.
    """

    name: str
    make: Callable[[np.random.Generator], SimpleNamespace]
    reference: Callable[[SimpleNamespace], NDArray]
    is_exact: bool = False
    contenders: dict[str, Builder] = field(default_factory=dict)


def by(name: str, *workloads: Workload) -> Callable[[Builder], Builder]:
    """Register the decorated function as what `name` does for these workloads."""

    def register(build: Builder) -> Builder:
        for workload in workloads:
            workload.contenders[name] = build
        return build

    return register


@dataclass(frozen=True)
class Timing:
    """What one contender did: seconds per run, and errors relative to the largest exact element."""

    median: float
    low: float
    high: float
    max_error: float
    mean_error: float


@dataclass(frozen=True)
class Row:
    """One workload, measured. `skipped` are the peers that were asked for and are not there."""

    workload: str
    timings: Mapping[str, Timing]
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def best_peer(self) -> str | None:
        """The fastest contender that is not ours."""
        peers = [name for name in self.timings if name != OURS]
        return min(peers, key=lambda name: self.timings[name].median, default=None)

    @property
    def ratio(self) -> float:
        """The best peer's time over ours: above 1 we are faster; NaN where one is missing."""
        best = self.best_peer
        if best is None or OURS not in self.timings:
            return math.nan
        return self.timings[best].median / self.timings[OURS].median


def erf(x: NDArray) -> NDArray:
    """The error function in double precision, for references."""
    return np.fromiter(map(math.erf, x), np.float64, x.size)


def use_cpu_time() -> None:
    """Count what the threads of this process worked, not what the clock on the wall says.

    For machines that others use as well; with one thread the two are the same on an idle one.
    """
    global CLOCK
    CLOCK = time.process_time


def timing(seconds: Sequence[float], max_error: float, mean_error: float) -> Timing:
    """The median of what was measured, and the quarters around it."""
    low, high = np.quantile(seconds, [0.25, 0.75])
    return Timing(statistics.median(seconds), float(low), float(high), max_error, mean_error)


def measure(workload: Workload, peers: Sequence[str], rounds: int, rng: np.random.Generator) -> Row:
    """Run all contenders of a workload in turns; a failure of ours is raised, a peer's is noted."""
    data = workload.make(rng)
    exact = workload.reference(data)
    ready: dict[str, Contender] = {}
    errors: dict[str, tuple[float, float]] = {}
    skipped: list[str] = []
    notes: list[str] = []
    for name in (*peers, OURS):
        if name not in workload.contenders:
            continue
        try:
            contender = workload.contenders[name](data)
            Timer(contender.statement, globals=dict(contender.names)).timeit(1)  # compiles
            result = contender.result()
        except ImportError:
            skipped.append(name)
        except Exception as error:
            if name == OURS:
                raise
            notes.append(
                f"{name} failed: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
            )
        else:
            errors[name] = _errors(result, exact, workload.is_exact)
            ready[name] = contender
    seconds = _take_turns(ready, rounds, rng)
    timings = {name: timing(seconds[name], *errors[name]) for name in ready}
    return Row(workload.name, timings, tuple(skipped), tuple(notes))


def _take_turns(
    ready: Mapping[str, Contender], rounds: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    timers = {
        name: Timer(one.statement, timer=CLOCK, globals=dict(one.names))
        for name, one in ready.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(rounds):
        for name in rng.permutation(list(timers)):
            seconds[name] += _turn(timers[name])
        best = min(min(values) for values in seconds.values())
        timers = {
            name: timer for name, timer in timers.items() if min(seconds[name]) < TOO_SLOW * best
        }
    return seconds


def _turn(timer: Timer) -> list[float]:
    time.sleep(PAUSE)
    end = time.perf_counter() + WARM_UP
    once = timer.timeit(1)
    while time.perf_counter() < end:
        once = min(once, timer.timeit(1))
    number = max(1, math.ceil(SAMPLE / once))
    samples = min(SAMPLES, math.ceil(TURN / (once * number)))
    return [timer.timeit(number) / number for _ in range(samples)]


def _errors(result: NDArray, exact: NDArray, is_exact: bool) -> tuple[float, float]:
    if is_exact:
        share = float(np.mean(result != exact))
        return share, share
    apart = np.abs(result.astype(np.float64) - exact)
    scale = float(np.abs(exact).max()) or 1.0
    return float(apart.max()) / scale, float(apart.mean()) / scale
