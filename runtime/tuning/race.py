"""Times candidates in turns, drops those that are clearly slower, and chooses.

What is measured is single launches, between two events, all candidates in turns: whatever else the
machine does meets all of them. The order moves on by one every round, so that none always follows
the same neighbour. After each round those are dropped whose best time is beyond what the noise of
that many rounds explains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from time import perf_counter
from typing import Final

from tilewright._native import Event, Stream
from tilewright.dsl.errors import Error

from ..benchmark import quantile

SECONDS: Final = 1.0  # for the rounds of a race, once all have had a few
LEAST_ROUNDS: Final = 5
FEW_ROUNDS: Final = 3  # one launch of three is hardly ever free of interruptions
LONG_SECONDS: Final = 0.02  # an interruption by the system takes some milliseconds
MOST_ROUNDS: Final = 40
MOST_PATIENCE: Final = 10  # a race that took so many times its seconds ends without a few rounds
WIDEST: Final = 0.1  # beyond a tenth nobody would call two times equal
MARGIN: Final = 0.02  # times of two processes differ by so much for one and the same code


@dataclass(slots=True)
class Runner:
    """A candidate in a race: what launches it, and the seconds of its launches so far.

    `failure` is what a launch raised; it runs no more then.
    """

    run: Callable[[], object]
    samples: list[float] = field(default_factory=list)
    is_running: bool = True
    failure: Error | None = None

    @property
    def median(self) -> float:
        """The middle one of its times."""
        return quantile(self.samples, 0.5)


def race(
    runners: Sequence[Runner],
    restore: Callable[[], object],
    report: Callable[[int, int], object],
    seconds: float = SECONDS,
    stream: Stream | None = None,
) -> None:
    """Time runners until a choice can be made, at most about `seconds` beyond the first rounds.

    `restore` makes ready for a launch, outside of the time; `report` is told the round and how many
    still run. `stream` is where launches go, unless that is the current one of the host.
    """
    first, last = Event(timing=True), Event(timing=True)

    def launch(runner: Runner) -> float:
        restore()
        first.record(stream)
        runner.run()
        last.record(stream)
        last.synchronize()
        return first.elapsed(last) * 1e-3

    started = perf_counter()
    for done in range(1, MOST_ROUNDS + 1):
        running = [one for one in runners if one.is_running]
        if not running:
            return
        report(done, len(running))
        turn = done % len(running)
        for runner in (*running[turn:], *running[:turn]):
            try:
                runner.samples.append(launch(runner))
            except Error as error:
                runner.failure, runner.is_running = error, False
        _drop_slow([one for one in running if one.is_running], done)
        if _is_decided(runners, done, perf_counter() - started, seconds):
            return


def warm_up(runner: Runner, restore: Callable[[], object]) -> None:
    """Launch once, untimed: memory is touched, threads wake. It runs no more if that fails."""
    try:
        restore()
        runner.run()
        done = Event()
        done.record()
        done.synchronize()
    except Error as error:
        runner.failure, runner.is_running = error, False


def choose(runners: Sequence[Runner]) -> int:
    """The first runner that is as fast as the fastest, within the noise.

    The noise is `MARGIN` or, where it is larger, the error of the two medians, at most `WIDEST`; so
    the choice among equals is the order they were given in, and not luck. One at least still runs.
    """
    best = min((one for one in runners if one.is_running), key=lambda one: one.median)
    for k, one in enumerate(runners):
        error = 2 * max(_error(one.samples), _error(best.samples))
        margin = min(max(MARGIN * best.median, error), WIDEST * best.median)
        if one.is_running and one.median <= best.median + margin:
            return k
    raise AssertionError("the fastest is as fast as itself")


def _is_decided(runners: Sequence[Runner], done: int, spent: float, seconds: float) -> bool:
    """Whether further rounds would not pay.

    The last runner goes on for a few rounds, for a time to show, unless its launches are long.
    """
    running = [one for one in runners if one.is_running]
    if len(running) == 1:
        return done >= LEAST_ROUNDS or min(running[0].samples) > LONG_SECONDS
    return spent > seconds and (done >= LEAST_ROUNDS or spent > MOST_PATIENCE * seconds)


def _drop_slow(running: Sequence[Runner], rounds: int) -> None:
    """Drop what even at its best is slower than the fastest usually is, by a margin that shrinks.

    Two hundredths above `MARGIN` count after ten rounds, a quarter after three. Before, only what
    is three times as slow and takes so long that no interruption explains it.
    """
    best = min((one.median for one in running), default=0.0)
    limit = best * (1 + MARGIN + 2 / rounds**2)
    for one in running:
        fastest = min(one.samples)
        if fastest > limit and (rounds >= FEW_ROUNDS or fastest > LONG_SECONDS):
            one.is_running = False


def _error(samples: Sequence[float]) -> float:
    """The standard error of the median, from the lower quartile.

    Interruptions only ever add time, so it is the lower half that shows how exact times are. For
    normal noise the quartile is 0.675 standard deviations below the median, which varies 1.25 times
    as much as a mean.
    """
    spread = quantile(samples, 0.5) - quantile(samples, 0.25)
    return 1.25 * spread / 0.675 / sqrt(len(samples))
