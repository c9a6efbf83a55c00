"""`tw.autotune`: tries the configurations of a kernel on copies, and remembers the fastest.

A tuned kernel is asked for its choice once for each key: from then on the choice is a field of the
entry in its launch table. What is decided here, and why:

* Trials run on copies of what the kernel writes, made and freed before the real launch; they go
  through the kernel without tuning, `kernel.untuned`, as a user's launches would.
* A configuration that cannot be compiled or launched drops out, and the table of results says why.
  If none is left, the error names the reason of each.
* The choice is deterministic within the noise of the measurement (`tuning/race.py`), and remembered
  under a name that covers the first configuration's IR, the compilers, all configurations, the
  values of the key, and the machine. The chosen configuration's IR is compared too, so a change to
  the kernel tunes anew, unless it only concerns configurations that lost.
* One tuning runs at a time in a process, and of processes that want one choice, one tunes and the
  others take its result, so that they agree.
"""

from __future__ import annotations

import os
from _thread import RLock
from collections.abc import Callable, Iterable
from time import perf_counter
from types import SimpleNamespace
from typing import NoReturn

from tilewright import _native
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import replace
from tilewright.dsl.signature import Signature

from .arguments import Facts, identity_of, positions_of, signature_of
from .device import HOST, Device, device
from .errors import users_frames_only
from .kernel import Kernel, Specialization
from .launch import executable_for, prepare, with_facts
from .settings import settings
from .stream import stream_of
from .tuning.config import Config, check_configs, tuned_names
from .tuning.copies import is_writable
from .tuning.key import Key, parse_key, read_key, rows_of
from .tuning.progress import Progress
from .tuning.record import Tuned
from .tuning.search import (
    Call,
    Candidate,
    failure_of,
    has_no_programs,
    prune_configs,
    result_of,
    try_all,
)
from .tuning.store import Tuning, machine, name_of, read_choice, write_choice

Choice = tuple[tuple[object, ...], bool] | tuple[tuple[object, ...], bool, int | None, int | None]
Prune = Callable[[list[Config], SimpleNamespace], Iterable[Config]]


def autotune(
    *, configs: Iterable[Config], key: Iterable[str] | None = None, prune: Prune | None = None
) -> Callable[[Kernel], TunedKernel]:
    """Let a kernel try configurations and keep the fastest; stands above `@tw.kernel`.

    `configs` are `tw.Config(BM=128, num_warps=8)`, the preferred first: of those that are equally
    fast within the noise, the first is taken. `key` are the quantities that a choice depends on,
    `["n", "a.shape[1]"]`; by default the shapes of all arrays. What the arguments are, dtypes and
    ranks and constexprs, always counts. `prune(configs, args)` gives those worth trying for a call,
    whose arguments are the attributes of `args`.
    """

    @users_frames_only
    def decorate(kernel: Kernel) -> TunedKernel:
        if isinstance(kernel, TunedKernel):
            raise CompileError(f"{kernel.name} is tuned already", "give all configurations at once")
        if not isinstance(kernel, Kernel):
            raise CompileError(
                f"autotune takes a kernel, found {type(kernel).__name__}",
                "write @tw.autotune(...) above @tw.kernel",
            )
        if prune is not None and not callable(prune):
            raise CompileError(f"`prune` of {kernel.name} is {prune!r}, expected a function")
        return TunedKernel(kernel, configs, key, prune)

    return decorate


class TunedKernel(Kernel):
    """A kernel that chooses its configuration: made by `@tw.autotune` above `@tw.kernel`.

    It is launched, inspected and specialised as any kernel; a launch leaves out what configurations
    set, the others name it. `untuned` is the kernel without tuning, `configs` are the
    configurations, `tuning` is what was found out in this process.
    """

    def __init__(
        self, untuned: Kernel, configs: object, key: object, prune: Prune | None = None
    ) -> None:
        super().__init__(untuned.definition)
        self.untuned = untuned
        self.configs = check_configs(self.name, self.parameters, configs)
        self.tuning = Tuning(self.name, self.clear)
        self._prune = prune
        tuned = tuned_names(self.configs)
        self._key: Key = parse_key(self.name, self.parameters, tuned, key)
        self._places = [k for k, one in enumerate(self.parameters) if one.name in tuned]
        self._launchables: dict[object, _native.Launchable] = {}
        self._let_tune(self)

    @property
    def specializations(self) -> tuple[Specialization, ...]:
        """What launches have compiled so far; one for all keys that chose the same."""
        found = {identity_of(one.variants[0]): one for one in super().specializations}
        return tuple(found.values())

    @users_frames_only
    def best(self, /, *args: object, **kwargs: object) -> Config | None:
        """The configuration that such a call gets; None if it would tune first. Runs nothing."""
        reader = _Reader(self)
        try:
            reader[1](*args, **kwargs)
        except _ReadError as read:
            candidates = self._candidates(read.call)
            device = read.call.device
            found = _settled(candidates) or self._recall(read.call, candidates, device)[1]
            if found is None and settings.tune == "off":
                found = self._first(read.call, candidates)
            return None if found is None else found.config
        raise AssertionError("a call was read and not chosen for")

    @users_frames_only
    def refresh(self) -> None:
        """Forget everything compiled and chosen, and take the values of outside names anew."""
        self.untuned.refresh()
        self._launchables.clear()
        self.tuning.clear()

    @users_frames_only
    def choose(
        self,
        facts: Facts,
        narrow: bool,
        arguments: tuple[object, ...],
        grid: object,
        stream: _native.Stream | None,
        where: str = HOST,
    ) -> Choice:
        """What configurations set, for a call; and whether later calls of its key get the same.

        Called by the extension for a new kind of call.
        """
        prepare()
        call = Call(facts, narrow, arguments, grid, device(where))
        with _turn.lock:
            candidates = self._candidates(call)
            settled = _settled(candidates)
            if settled is not None:
                return _choice(settled, call)
            if has_no_programs(call, candidates[0]):
                return _choice(candidates[0], call, lasts=False)
            name, found = self._recall(call, candidates, call.device)
            if found is not None:
                return _choice(found, call)
            _wait_for(stream or stream_of(call.device))
            return self._tune(call, candidates, name, call.device)

    @users_frames_only
    def build(
        self,
        facts: Facts,
        narrow: bool,
        disjoint: bool,
        where: str = HOST,
        num_warps: int | None = None,
        num_stages: int | None = None,
    ) -> _native.Launchable:
        """What a call runs on a device; keys for which the same was chosen share it."""
        signature = signature_of(self.name, self.parameters, facts, narrow)
        how = settings.interpret, settings.races, settings.debug
        key = how, identity_of(signature), disjoint, where, num_warps, num_stages
        found = self._launchables.get(key)
        if found is None:
            function = self.function_for(signature)
            if disjoint:
                function = with_facts(function, function.facts | {"disjoint"})
            positions = positions_of(signature)
            found = executable_for(function, device(where), positions, num_warps, num_stages)
            self._launchables[key] = found
        return found

    def function_for(self, signature: Signature) -> ir.Function:
        """The IR of a specialization; the same as without tuning."""
        return self.untuned.function_for(signature)

    def _let_tune(self, table: _native.LaunchTable) -> None:
        """Configure a launch table for calls that leave out what configurations set."""
        bits = {"num_warps": 1, "num_stages": 2}
        options = sum(
            bit for name, bit in bits.items() if any(name in one.options for one in self.configs)
        )
        rows = [
            replace(one, default=_native.TUNED).row if k in self._places else one.row
            for k, one in enumerate(self.parameters)
        ]
        table.configure(rows, device_facts=self.array_facts, tuning=(rows_of(self._key), options))

    def _candidates(self, call: Call) -> list[Candidate]:
        """What may be tried for a call, in the user's order."""
        configs: Iterable[Config] = self.configs
        if self._prune is not None:
            given = {
                one.name: value
                for k, (one, value) in enumerate(zip(self.parameters, call.arguments, strict=True))
                if k not in self._places
            }
            configs = prune_configs(self, self.configs, self._prune, given)
        found: dict[Config, Candidate] = {}
        for config in configs:
            tuned = [self.parameters[k] for k in self._places]
            values = tuple(config.constexprs.get(one.name, one.default) for one in tuned)
            facts = list(call.facts)
            for k, value in zip(self._places, values, strict=True):
                facts[k] = ("constexpr", value)
            signature = signature_of(self.name, self.parameters, tuple(facts), call.narrow)
            # On a CPU those that differ in num_warps and num_stages only are one.
            alike = config.without_options() if call.device.kind == HOST else config
            found.setdefault(alike, Candidate(config, self._places, values, signature))
        return list(found.values())

    def _recall(
        self, call: Call, candidates: list[Candidate], device: Device
    ) -> tuple[str, Candidate | None]:
        """The name of the choice for a call, and what is remembered under it."""
        first = self._first(call, candidates)
        values = self._key_of(call)
        name = name_of(
            first.artifact(device), [str(one.config) for one in candidates], values, device
        )
        known = self.tuning.recall(name)
        if known is not None:
            return name, self._named(known, call, candidates)
        if settings.tune == "force":
            return name, None
        for shipped in self.tuning.loaded(first.signature_text, values, device):
            found = self._named(shipped, call, candidates)
            if found is not None:
                self.tuning.remember(name, shipped)
                return name, found
        return name, self._recall_from_disk(call, candidates, name, device)

    def _recall_from_disk(
        self, call: Call, candidates: list[Candidate], name: str, device: Device
    ) -> Candidate | None:
        """The choice that is remembered on disk, if it still means the same code."""
        known = read_choice(device.cache, name)
        found = None if known is None else self._named(known, call, candidates)
        if known is None or found is None or found.artifact(device) != known.artifact:
            return None
        self.tuning.remember(name, known)
        return found

    def _named(self, known: Tuned, call: Call, candidates: list[Candidate]) -> Candidate | None:
        """The candidate that was chosen before, if there still is one that can be lowered."""
        for one in candidates:
            if str(one.config) == known.chosen.config:
                return None if one.lower(self, call) is None else one
        return None

    def _first(self, call: Call, candidates: list[Candidate]) -> Candidate:
        """The first candidate that can be lowered; raises why if there is none."""
        for one in candidates:
            if one.lower(self, call) is not None:
                return one
        raise failure_of(self, candidates)

    def _key_of(self, call: Call) -> dict[str, object]:
        """The values that the choice depends on."""
        return read_key(self._key, self.parameters, self._places, call.arguments)

    def _tune(self, call: Call, candidates: list[Candidate], name: str, device: Device) -> Choice:
        """Choose by trials, or without where that cannot be."""
        first = self._first(call, candidates)
        assert first.function is not None
        if settings.tune == "off":
            return _choice(first, call)
        if not is_writable(first.function, first.signature, call.arguments):
            return _choice(first, call, lasts=False)  # and the launch refuses what is read-only
        with device.cache.note_turn(name):
            if settings.tune != "force":  # another process may have been at it
                found = self._recall_from_disk(call, candidates, name, device)
                if found is not None:
                    return _choice(found, call)
            progress = Progress(self.name)
            tuned = None
            try:
                started = perf_counter()
                chosen = try_all(self.untuned, call, candidates, progress, device)
                seconds = round(perf_counter() - started, 3)
                tuned = self._record(call, candidates, chosen, device, seconds)
            finally:
                progress.finish(tuned)
            self.tuning.remember(name, tuned)
            write_choice(device.cache, name, tuned)
        return _choice(chosen, call)

    def _record(
        self,
        call: Call,
        candidates: list[Candidate],
        chosen: Candidate,
        device: Device,
        seconds: float,
    ) -> Tuned:
        results = tuple(result_of(config, candidates, chosen) for config in self.configs)
        key = self._key_of(call)
        artifact = chosen.artifact(device)
        return Tuned(
            self.name, chosen.signature_text, key, machine(device), results, artifact, seconds
        )


class _Turn:
    """Trials of two kernels would disturb each other's times: one thread at a time makes some."""

    def __init__(self) -> None:
        self.renew()
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """In a forked child no other thread holds it."""
        self.lock = RLock()


_turn = _Turn()


class _ReadError(Exception):
    """Carries a call out of where it was read."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class _Reader(_native.LaunchTable):
    """Reads the arguments of a call of a tuned kernel as a launch does, and stops there."""

    def __init__(self, kernel: TunedKernel) -> None:
        self.__name__ = kernel.name
        kernel._let_tune(self)

    def choose(
        self,
        facts: Facts,
        narrow: bool,
        arguments: tuple[object, ...],
        grid: object,
        stream: object,
        where: str = HOST,
    ) -> NoReturn:
        raise _ReadError(Call(facts, narrow, arguments, grid, device(where)))


def _choice(chosen: Candidate, call: Call, lasts: bool = True) -> Choice:
    """What the extension is told of a choice: on a GPU its options of a launch, too."""
    if call.device.kind == HOST:
        return chosen.values, lasts
    options = chosen.config.options
    return chosen.values, lasts, options.get("num_warps"), options.get("num_stages")


def _settled(candidates: list[Candidate]) -> Candidate | None:
    """The candidate that is taken without trials: the only one; or, as times say nothing there, the
    first in the interpreter.
    """
    return candidates[0] if settings.interpret or len(candidates) == 1 else None


def _wait_for(stream: _native.Stream | None) -> None:
    """Wait for what stands before a launch: it may make what trials read."""
    before = _native.Event()
    before.record(stream)
    before.synchronize()
