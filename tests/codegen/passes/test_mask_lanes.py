"""Random functions with lane control flow mean the same before and behind every pass."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from tilewright.codegen.passes.eliminate_common import eliminate_common
from tilewright.codegen.passes.eliminate_dead import eliminate_dead
from tilewright.codegen.passes.hoist_invariants import hoist_invariants
from tilewright.codegen.passes.inline_calls import inline_calls
from tilewright.codegen.passes.mask_lanes import mask_lanes
from tilewright.codegen.passes.simplify import simplify
from tilewright.codegen.passes.unroll_loops import unroll_loops
from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.ir.parse import parse_function

sys.path.insert(0, str(Path(__file__).parent))
from lane_programs import LaneProgram, is_flat

EARLY = (mask_lanes, simplify, eliminate_common, hoist_invariants, eliminate_dead, mask_lanes)
LATE = (inline_calls, simplify, unroll_loops, eliminate_common, eliminate_dead, hoist_invariants)
COUNT = 25


def outcome(function: ir.Function, seed: int) -> tuple[bytes, str]:
    """What a function leaves in memory, and prints (an element that is off is `--` or unpadded)."""
    numbers = np.random.default_rng(seed)
    x = numbers.integers(-5, 12, (9, 13)).astype(np.int32)
    y = numbers.integers(-5, 12, (8, 36)).astype(np.int32)
    output = io.StringIO()
    interpret(function, (2, 1, 1), [x, y, int(numbers.integers(0, 4))], output=output)
    return y.tobytes(), re.sub(r"(?<=\[) ", "", re.sub(r"\s+", " ", output.getvalue()))


@pytest.mark.parametrize("passes", [EARLY, (*LATE, *EARLY[:-1])], ids=["early", "late"])
def test_passes_keep_the_meaning_of_lane_control_flow(
    rng: np.random.Generator, passes: tuple[object, ...]
) -> None:
    for seed in rng.integers(0, 1 << 30, COUNT).tolist():
        function = LaneProgram(seed).build()
        expected = outcome(function, seed)
        for step in passes:
            function = step(function)  # type: ignore[operator]
            ir.verify(function)
            name = step.__name__  # type: ignore[attr-defined]
            assert expected == outcome(function, seed), f"{name} changes LaneProgram({seed})"
            if step is mask_lanes:
                assert is_flat(function), f"LaneProgram({seed}) is not flat"


def test_the_text_of_random_functions_parses_back(rng: np.random.Generator) -> None:
    for seed in rng.integers(0, 1 << 30, 5).tolist():
        text = str(LaneProgram(seed).build())
        assert text == str(parse_function(text))
