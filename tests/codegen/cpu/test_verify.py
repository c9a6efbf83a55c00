"""The plan's verifier finds what would read garbage."""

from __future__ import annotations

from tilewright.codegen.cpu.plan import plan
from tilewright.codegen.cpu.steps import (
    Loop,
)
from tilewright.codegen.cpu.verify import find_faults
from tilewright.codegen.planning.steps import (
    Keep,
    Repeat,
    Step,
)
from tilewright.codegen.target import parse_target
from tilewright.dsl.ir.parse import parse_function
from tilewright.dsl.records import replace

TEXT = """function t(%x: f32[::1], %n: i32) facts(disjoint, narrow) {
  %0: index<1000> = iota 0
  %1: f32<1000> = load %x, [%0]
  %2: i32 = const 0
  %3: i32 = const 1
  %4: f32<1000> = for %2, %n, %3, [%1] body(%5: i32, %6: f32<1000>) {
    %7: f32<1000> = flip %6, 0
    yield [%7]
  }
  store %x, [%0], %4
  return
}
"""


def steps() -> tuple[Step, ...]:
    return plan(parse_function(TEXT), parse_target("cpu:x86-64-v3")).steps


def without_keeps(step: Step) -> Step:
    match step:
        case Loop():
            kept = tuple(sink for sink in step.sinks if not isinstance(sink, Keep))
            return replace(step, sinks=kept)
        case _:
            return step


def test_a_plan_has_no_faults() -> None:
    assert [] == find_faults(steps())


def test_what_nobody_writes_must_not_be_read() -> None:
    first, *_ = find_faults(tuple(map(without_keeps, steps())))
    assert "which holds nothing then" in first


def test_what_a_loop_overwrites_is_missed_in_its_next_round() -> None:
    found = list(steps())
    (at,) = (n for n, step in enumerate(found) if isinstance(step, Repeat))
    repeat = found[at]
    first, *rest = repeat.body
    (sink,) = first.sinks
    (read,) = first.reads.values()
    # What a round keeps now lies over what the next one reads, and nothing writes that again.
    buffer = replace(sink.view.buffer, offset=read.buffer.offset + 64)
    spoilt = replace(first, sinks=(replace(sink, view=replace(sink.view, buffer=buffer)),))
    found[at] = replace(repeat, body=(spoilt, *map(without_keeps, rest)))
    assert find_faults(tuple(found))
