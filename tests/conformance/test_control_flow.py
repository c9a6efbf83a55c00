"""Structured control flow of scalars and of lanes, with and without the facts of a launch."""

from __future__ import annotations

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.ir.parse import parse_function
from tilewright.dsl.records import replace

from .building import ALL_FACTS, NO_FACTS
from .control_flow import BODIES, text_of
from .execution import Guard, check_memory

COLUMNS = 11


@pytest.mark.parametrize("facts", [ALL_FACTS, NO_FACTS], ids=["facts", "no facts"])
@pytest.mark.parametrize("name", BODIES)
def test_control_flow(
    name: str, facts: frozenset[str], rng: np.random.Generator, guarded: Guard
) -> None:
    made = replace(parse_function(text_of(name)), facts=facts)
    ir.verify(made)
    x = rng.integers(-50, 50, (4, COLUMNS)).astype(np.int32)
    y = rng.integers(-50, 50, (4, COLUMNS)).astype(np.int32)
    for n in (-2, 0, 1, 2, 3, 5, 6, 9):
        check_memory(made, (4, 1, 1), [x, y, np.int32(n)], guarded)
