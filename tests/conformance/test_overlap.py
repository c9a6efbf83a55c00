"""Arguments that overlap: without the fact `disjoint`, results are those of program order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilewright.dsl.ir.parse import parse_function
from tilewright.dsl.types import Dtype, bf16, f8e5m2, f32, f64, i8, i16, i32, u64

from .data import NUMPY, random_values
from .execution import assert_same, run_compiled, run_interpreted

# Each over `%x` and `%y`, arrays of one axis in the same memory.
BODIES = {
    "copied": """
  %i: i32<40> = iota 0
  %v: T<40> = load %x, [%i]
  store %y, [%i], %v
  %w: T<40> = load %x, [%i]
  %f: T<40> = flip %w, 0
  store %y, [%i], %f
""",
    "reversed_in_place": """
  %i: i32<37> = iota 0
  %v: T<37> = load %x, [%i]
  %f: T<37> = flip %v, 0
  store %y, [%i], %f
  %w: T<37> = load %y, [%i]
  store %x, [%i], %w
""",
    "transposed": """
  %r: i32<6x1> = iota 0
  %c: i32<1x6> = iota 1
  %six: i32<6x1> = const 6
  %r6: i32<6x1> = binary.mul %r, %six
  %r66: i32<6x6> = broadcast %r6, (6, 6)
  %cc: i32<6x6> = broadcast %c, (6, 6)
  %at: i32<6x6> = binary.add %r66, %cc
  %v: T<6x6> = load %x, [%at]
  %t: T<6x6> = permute %v, (1, 0)
  store %y, [%at], %t
""",
    "carried_on": """
  %i: i32<8> = iota 0
  %first: i32 = const 0
  %last: i32 = const 30
  %step: i32 = const 3
  for %first, %last, %step, [] body(%k: i32) {
    %kk: i32<8> = broadcast %k, (8)
    %at: i32<8> = binary.add %i, %kk
    %v: T<8> = load %x, [%at]
    %f: T<8> = flip %v, 0
    store %y, [%at], %f
    yield
  }
""",
    "element_by_element": """
  %first: i32 = const 0
  %last: i32 = const 35
  %step: i32 = const 1
  for %first, %last, %step, [] body(%k: i32) {
    %v: T = load %x, [%k]
    %next: i32 = binary.add %k, %step
    store %y, [%next], %v
    yield
  }
""",
    "two_readers": """
  %i: i32<33> = iota 0
  %j: i32<33> = iota 0, start=2
  %a: T<33> = load %x, [%i]
  %b: T<33> = load %y, [%j]
  store %y, [%i], %a
  store %x, [%j], %b
  %c: T<33> = load %y, [%j]
  store %x, [%i], %c
""",
    "scattered": """
  %i: i32<36> = iota 0
  %m: i32<36> = const 7
  %k: i32<36> = binary.mul %i, %m
  %n: i32<36> = const 13
  %at: i32<36> = binary.mod %k, %n
  %v: T<36> = load %x, [%i]
  store %y, [%at], %v
  %w: T<36> = load %x, [%at]
  store %y, [%i], %w
""",
    "pointers": """
  %i: i32<30> = iota 0
  %p: *T = address %x
  %pp: *T<30> = broadcast %p, (30)
  %q: *T<30> = offset %pp, %i
  %v: T<30> = load_pointer %q
  store %y, [%i], %v
  %w: T<30> = load_pointer %q
  %f: T<30> = flip %w, 0
  store_pointer %q, %f
""",
}  # fmt: skip
DISTANCES = (-40, -9, -8, -3, -1, 0, 1, 2, 8, 17)
EXTENT = 40


def text_of(name: str, dtype: Dtype, facts: str = "") -> str:
    head = f"function {name}(%x: {dtype}[:], %y: {dtype}[:]) {facts}{{\n"
    return head + BODIES[name].lstrip("\n").replace("T", str(dtype)) + "  return\n}\n"


def _marked(name: str) -> Any:
    """A body as a parameter; what several lanes store to one element only the host orders."""
    reason = "several lanes at one element take any order on a GPU"
    marks = [pytest.mark.host(reason=reason)] if name == "scattered" else []
    return pytest.param(name, marks=marks)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("dtype", [i8, i16, i32, u64, bf16, f8e5m2, f32, f64], ids=str)
@pytest.mark.parametrize("name", [_marked(name) for name in BODIES])
def test_arguments_that_overlap(name: str, dtype: Dtype, rng: np.random.Generator) -> None:
    made = parse_function(text_of(name, dtype))
    for distance in DISTANCES:
        start = max(-distance, 0)
        memory = random_values(rng, dtype, (EXTENT + abs(distance) + 8,))
        runs = []
        for run in (run_interpreted, run_compiled):
            own = memory.copy()
            x = own[start : start + EXTENT]
            y = own[start + distance : start + distance + EXTENT]
            run(made, (1, 1, 1), [x, y])
            runs.append(own)
        same = runs[0].tobytes() == runs[1].tobytes()
        assert same, f"distance {distance}\n{made}\n{runs[1]}\nexpected\n{runs[0]}"


@pytest.mark.parametrize("name", BODIES)
def test_arguments_that_do_not(name: str, rng: np.random.Generator) -> None:
    """The variant that relies on the facts does the same where these hold."""
    dtype = i32
    made = parse_function(text_of(name, dtype, "facts(disjoint, narrow) "))
    arguments = [random_values(rng, dtype, (EXTENT,)) for _ in range(2)]
    got, want = [x.copy() for x in arguments], [x.copy() for x in arguments]
    run_interpreted(made, (1, 1, 1), want)
    run_compiled(made, (1, 1, 1), got)
    assert_same(made, got, want)


def test_one_memory_under_two_dtypes(rng: np.random.Generator) -> None:
    """Dtypes say nothing about what overlaps."""
    made = parse_function("""function two(%x: i32[:], %y: u8[:]) {
  %i: i32<8> = iota 0
  %j: i32<32> = iota 0
  %a: i32<8> = load %x, [%i]
  %b: u8<32> = load %y, [%j]
  %c: u8<32> = flip %b, 0
  store %y, [%j], %c
  %d: i32<8> = load %x, [%i]
  %e: i32<8> = binary.add %a, %d
  store %x, [%i], %e
  %f: u8<32> = load %y, [%j]
  %g: u8<32> = unary.not %f
  store %y, [%j], %g
  return
}
""")
    memory = random_values(rng, i32, (12,))
    runs = []
    for run in (run_interpreted, run_compiled):
        own = memory.copy()
        run(made, (1, 1, 1), [own[2:10], own.view(NUMPY[i8]).view(np.uint8)[5:37]])
        runs.append(own)
    np.testing.assert_array_equal(runs[1], runs[0])
