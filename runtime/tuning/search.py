"""From a call of a tuned kernel to a choice: its candidates, compiled, tried and compared."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

from tilewright.codegen.key import cache_key
from tilewright.codegen.options import Options
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError, Error
from tilewright.dsl.signature import Constant, Signature

from ..arguments import Facts
from ..benchmark import quantile
from ..device import Device
from ..errors import LaunchError
from ..kernel import Kernel
from ..launch import options_of_launch, with_facts
from ..stream import stream_of
from .config import Config
from .copies import Copies, is_disjoint
from .progress import Progress
from .race import Runner, choose, race, warm_up
from .record import Result
from .workers import compile_all


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a configuration is wanted for, as the extension read it.

    `arguments` are those of all parameters; what stands for the tuned ones means nothing.
    """

    facts: Facts
    narrow: bool
    arguments: tuple[object, ...]
    grid: object
    device: Device


@dataclass(slots=True)
class Candidate:
    """A configuration and what it means for a call.

    `values` are those of the tuned parameters, which stand at `places`. `function` is lowered when
    it is first wanted; `failure` says why there is none, or why a trial failed.
    """

    config: Config
    places: Sequence[int]
    values: tuple[object, ...]
    signature: Signature
    function: ir.Function | None = None
    runner: Runner | None = None
    failure: Error | None = None

    def lower(self, kernel: Kernel, call: Call) -> ir.Function | None:
        """The function with the facts of the call; None if it cannot be lowered."""
        if self.function is None and self.failure is None:
            try:
                self.options(call.device)
                function = kernel.function_for(self.signature)
            except (CompileError, LaunchError) as error:
                self.failure = error
                return None
            if is_disjoint(function, self.signature, call.arguments):
                function = with_facts(function, function.facts | {"disjoint"})
            self.function = function
        return self.function

    def arguments(self, given: Sequence[object]) -> list[object]:
        """The arguments of a call without tuning."""
        found = list(given)
        for k, value in zip(self.places, self.values, strict=True):
            found[k] = value
        return found

    def artifact(self, device: Device) -> str:
        """The cache key of its code."""
        assert self.function is not None
        return cache_key(self.function, device.compile_target, self.options(device))

    def options(self, device: Device) -> Options:
        """The options of its compile."""
        given = self.config.options
        return options_of_launch(
            device.compile_target, given.get("num_warps"), given.get("num_stages")
        )

    @property
    def signature_text(self) -> str:
        """What the arguments of the call are, whatever is chosen."""
        assert self.function is not None
        return str(Signature(self.signature.parameters, self.function.facts))

    @property
    def is_running(self) -> bool:
        """Whether it works and was not found to be slower."""
        return self.failure is None and (self.runner is None or self.runner.is_running)


def prune_configs(
    kernel: Kernel,
    configs: Sequence[Config],
    prune: Callable[[list[Config], SimpleNamespace], Iterable[Config]],
    arguments: dict[str, object],
) -> list[Config]:
    """The configurations that the user's function leaves, in their order."""
    given = prune(list(configs), SimpleNamespace(**arguments))
    if not isinstance(given, Iterable):
        raise LaunchError(
            f"`prune` of {kernel.name} gave {given!r}, expected those of its configurations to try"
        )
    kept = list(given)
    foreign = [one for one in kept if one not in configs]
    if foreign:
        raise LaunchError(
            f"`prune` of {kernel.name} gave {foreign[0]!r}, which is none of its configurations"
        )
    if not kept:
        raise LaunchError(f"`prune` of {kernel.name} left no configuration")
    return [one for one in configs if one in kept]


def has_no_programs(call: Call, candidate: Candidate) -> bool:
    """Whether the grid of a call is empty: then there is nothing to time."""
    grid = _grid_of(call, candidate)
    return not callable(grid) and 0 in (grid if isinstance(grid, tuple) else (grid,))


def try_all(
    kernel: Kernel, call: Call, candidates: Sequence[Candidate], progress: Progress, device: Device
) -> Candidate:
    """Compile and time candidates, and choose; raises why if none works.

    `kernel` launches without tuning.
    """
    _compile(kernel, call, candidates, progress, device)
    able = [one for one in candidates if one.failure is None]
    if len(able) > 1:
        _time(kernel, call, able, progress)
    running = [one for one in able if one.is_running]
    if not running:
        raise failure_of(kernel, candidates)
    runners = [one.runner for one in running if one.runner is not None]
    return running[choose(runners)] if runners else running[0]


def result_of(config: Config, candidates: Sequence[Candidate], chosen: Candidate) -> Result:
    """How a configuration of the kernel fared."""
    one = next((one for one in candidates if one.config == config), None)
    if one is None:
        stands_for_it = any(other.config.constexprs == config.constexprs for other in candidates)
        return Result(str(config), "untried" if stands_for_it else "pruned")
    if one.failure is not None:
        return Result(str(config), "failed", reason=str(one.failure))
    status = "chosen" if one is chosen else "slower"
    if one.runner is None or not one.runner.samples:
        return Result(str(config), status)
    samples = one.runner.samples
    low, median, high = (quantile(samples, share) for share in (0.25, 0.5, 0.75))
    return Result(str(config), status, median, low, high, len(samples))


def failure_of(kernel: Kernel, candidates: Sequence[Candidate]) -> Error:
    """The error of a kernel none of whose candidates works; it says why for each."""
    failures = {str(one.failure): one.failure for one in candidates if one.failure is not None}
    first = next(iter(failures.values()))
    if len(failures) == 1:
        return first
    reasons = "\n".join(f"{one.config!r}: {one.failure}" for one in candidates)
    text = f"no configuration of {kernel.name} works\n{reasons}"
    if all(isinstance(one, CompileError) for one in failures.values()):
        return CompileError(text)
    return LaunchError(text)


def _compile(
    kernel: Kernel, call: Call, candidates: Sequence[Candidate], progress: Progress, device: Device
) -> None:
    """Bring the code of all candidates into the cache."""
    found = [(one, one.lower(kernel, call)) for one in candidates]
    lowered = [(one, function) for one, function in found if function is not None]

    def report(done: int) -> None:
        progress.step(f"compiled {done} of {len(lowered)} configurations")

    failures = compile_all(
        [(function, one.options(device)) for one, function in lowered], device, report
    )
    for (one, _), failure in zip(lowered, failures, strict=True):
        one.failure = failure


def _launch(kernel: Kernel, grid: object, arguments: list[object], config: Config) -> None:
    kernel[grid](*arguments, **config.options)


def _grid_of(call: Call, candidate: Candidate) -> object:
    """The grid with the constants of a candidate; still the function if that fails.

    A launch with the function says then what is wrong.
    """
    if not callable(call.grid):
        return call.grid
    found = candidate.signature.parameters.items()
    constants = {name: one.value for name, one in found if isinstance(one, Constant)}
    try:
        grid: object = call.grid(SimpleNamespace(**constants))
    except AttributeError:
        return call.grid
    return grid


def _time(kernel: Kernel, call: Call, candidates: Sequence[Candidate], progress: Progress) -> None:
    """Race candidates on copies of what they write."""
    first = candidates[0]
    assert first.function is not None
    copies = Copies(first.function, first.signature, call.arguments, call.device)
    runners = []
    for one in candidates:
        arguments = one.arguments(copies.arguments)
        one.runner = Runner(partial(_launch, kernel, _grid_of(call, one), arguments, one.config))
        runners.append(one.runner)

    def report(round_: int, left: int) -> None:
        progress.step(f"round {round_}, {left} of {len(runners)} configurations left")

    # What a kernel prints in trials nobody asked for.
    prints = any(isinstance(op, ir.Print) for op in ir.walk(first.function.body))
    with redirect_stdout(io.StringIO()) if prints else nullcontext():
        for runner in runners:
            warm_up(runner, copies.restore)
        stream = stream_of(call.device)
        race([one for one in runners if one.is_running], copies.restore, report, stream=stream)
    for one, runner in zip(candidates, runners, strict=True):
        one.failure = runner.failure
