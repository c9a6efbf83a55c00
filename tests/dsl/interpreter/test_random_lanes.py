"""Random lane control flow does, lane by lane, what the same Python does for one element."""

from __future__ import annotations

import numpy as np
import pytest

from tilewright.codegen.passes.mask_lanes import mask_lanes
from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret

from .random_lanes import LANES, VARIABLES, Statement, build, expected_of, make_program


def check(program: tuple[Statement, ...], function: ir.Function, rng: np.random.Generator) -> None:
    x = rng.integers(0, 64, (VARIABLES, *LANES)).astype(np.int32)
    out, log = np.full_like(x, -1), np.zeros(LANES, np.int32)
    interpret(function, (1, 1, 1), [x, out, log])
    expected, count = expected_of(program, x)
    np.testing.assert_array_equal(log, count)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("round", range(60))
def test_a_random_program_means_the_same_lane_by_lane(round: int, rng: np.random.Generator) -> None:
    program = make_program(rng)
    check(program, build(program), rng)


@pytest.mark.parametrize("round", range(20))
def test_its_flat_form_means_the_same(round: int, rng: np.random.Generator) -> None:
    program = make_program(rng)
    check(program, mask_lanes(build(program)), rng)
