"""Where a program runs: on the interpreter, compiled for the CPU, and perhaps for a GPU.

A GPU is one of this machine, by its name, or `emulated`: its code then runs on the host.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from tilewright.dsl.interpreter import run as interpreter
from tilewright.dsl.interpreter.atomics import in_turns
from tilewright.dsl.interpreter.memory import Places, Region, both, select

from ..emulator.launching import launches_emulated
from ..on_device import launches_on
from .program import Program

INTERPRETER: Final = "interpreter"
CPU: Final = "cpu"
EMULATED: Final = "emulated"
# What the plan chooses, and what a launch may ask for; the least often what takes long to emulate.
WARPS: Final = (None, None, None, 1, 2, 4, 8)
EMULATED_TARGETS: Final = ("cuda:sm_80", "cuda:sm_89")


@contextmanager
def launches_at(party: str, program: Program) -> Iterator[None]:
    """Let the launches of a block run there."""
    interpret = str(int(party == INTERPRETER))
    with mock.patch.dict(os.environ, TILEWRIGHT_INTERPRET=interpret), _place(party, program):
        yield


def _place(party: str, program: Program) -> AbstractContextManager[None]:
    if party in (INTERPRETER, CPU):
        return nullcontext()
    if party != EMULATED:
        return launches_on(party)
    seed = program.data_seed
    return launches_emulated(_emulated_target(program), 1 + seed % 1000, warps_of(program))


def circumstances(party: str, program: Program) -> str:
    """What a launch at a party has besides the program's own; for whoever is to repeat it."""
    if party in (INTERPRETER, CPU):
        return ""
    target = f"target={_emulated_target(program)}, " if party == EMULATED else ""
    return f"# on {party}, {target}num_warps={warps_of(program)}\n"


def _emulated_target(program: Program) -> str:
    return EMULATED_TARGETS[program.data_seed % len(EMULATED_TARGETS)]


def warps_of(program: Program) -> int | None:
    """How many warps a launch on a GPU asks for."""
    return WARPS[program.data_seed // 2 % len(WARPS)]


@contextmanager
def lanes_in_order(seed: int) -> Iterator[None]:
    """Let the interpreter's lanes store and do atomics in an order by `seed`, as on a GPU."""
    rng = np.random.default_rng(seed)

    def scatter(
        region: Region, places: Places, wanted: NDArray[np.bool_] | None, value: NDArray[Any]
    ) -> None:
        active = both(places.inside, wanted)
        numbers, values = select(places.numbers, active), select(value, active)
        order = rng.permutation(numbers.size)
        region.elements[numbers.reshape(-1)[order]] = values.reshape(-1)[order]

    def turns(ways: Sequence[Any]) -> Iterator[Any]:
        order = rng.permutation(ways[0][1].size if ways else 0)
        mixed = [(r, numbers.reshape(-1)[order], on.reshape(-1)[order]) for r, numbers, on in ways]
        for places, region, numbers in in_turns(mixed):
            yield order[places], region, numbers

    stand_ins: dict[str, Callable[..., Any]] = {"scatter": scatter, "in_turns": turns}
    with mock.patch.multiple(interpreter, **stand_ins):
        yield
