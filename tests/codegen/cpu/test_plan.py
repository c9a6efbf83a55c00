"""What the planner decides, one decision a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tilewright.codegen.cpu.plan import plan
from tilewright.codegen.cpu.steps import (
    Loop,
    Multiply,
    Plan,
    all_loops,
)
from tilewright.codegen.planning.steps import (
    Effect,
    Fold,
    Keep,
    Repeat,
    Sink,
    Splice,
)
from tilewright.codegen.target import parse_target
from tilewright.dsl.errors import CompileError
from tilewright.dsl.ir.parse import parse_function

AVX2 = parse_target("cpu:x86-64-v3")
AVX512 = parse_target("cpu:x86-64-v4")


def planned(text: str, target: object = AVX2) -> Plan:
    return plan(parse_function(text), target)


def loops(found: Plan) -> list[Loop]:
    return list(all_loops(found.steps))


def kinds(loop: Loop) -> list[str]:
    return [type(sink).__name__ for sink in loop.sinks]


def sinks(found: Plan, kind: type[Sink]) -> Iterator[Sink]:
    return (sink for loop in loops(found) for sink in loop.sinks if isinstance(sink, kind))


# --- which sinks share a loop --------------------------------------------------------------------

COPY_AND_SUM = """function t(%x: f32[::1], %y: f32[::1]) facts({facts}) {{
  %0: index<100> = iota 0
  %1: f32<100> = load %x, [%0]
  %2: f32 = reduce.sum %1, (0)
  store %y, [%0], %1
  %3: index = const 3
  store %y, [%3], %2
  return
}}
"""


def test_sinks_over_one_space_share_a_loop() -> None:
    (loop,) = loops(planned(COPY_AND_SUM.format(facts="disjoint, narrow")))
    assert ["Fold", "Effect"] == kinds(loop)


OVERWRITTEN = """function t(%x: f32[::1], %y: f32[::1]) facts({facts}) {{
  %0: index<100> = iota 0
  %1: f32<100> = load %x, [%0]
  %2: f32<100> = binary.add %1, %1
  store %y, [%0], %2
  store %y, [%0], %1
  return
}}
"""


def test_a_load_goes_before_a_store_that_may_spoil_it() -> None:
    first, *rest = loops(planned(OVERWRITTEN.format(facts="narrow")))
    assert ["Keep"] == kinds(first)
    assert [["Effect"], ["Effect"]] == [kinds(loop) for loop in rest]


def test_a_load_is_done_where_it_is_needed_if_nothing_overlaps() -> None:
    assert not list(sinks(planned(OVERWRITTEN.format(facts="disjoint, narrow")), Keep))


def test_elements_replaced_where_they_are_read_need_one_loop() -> None:
    (loop,) = loops(
        planned("""function t(%x: f32[::1]) facts(disjoint, narrow) {
  %0: index<100> = iota 0
  %1: f32<100> = load %x, [%0]
  %2: f32<100> = binary.add %1, %1
  store %x, [%0], %2
  return
}
""")
    )
    assert ["Effect"] == kinds(loop)


def test_positions_that_meet_keep_reads_before_writes() -> None:
    first, second = loops(
        planned("""function t(%x: f32[::1]) facts(narrow) {
  %0: index<4x1> = iota 0
  %1: index<5> = iota 0
  %2: index<4x5> = broadcast %0, (4, 5)
  %3: index<4x5> = broadcast %1, (4, 5)
  %4: index<4x5> = binary.add %2, %3
  %5: f32<4x5> = load %x, [%4]
  %6: f32<4x5> = binary.add %5, %5
  store %x, [%4], %6
  return
}
""")
    )
    assert (["Keep"], ["Effect"]) == (kinds(first), kinds(second))


# --- what is kept --------------------------------------------------------------------------------

TWICE = """function t(%x: f32[::1], %y: f32[::1]) facts(disjoint, narrow) {{
  %0: index<100> = iota 0
  %1: f32<100> = load %x, [%0]
  %3: f32<100> = {op} %1, %1
  %4: f32 = reduce.sum %3, (0)
  %5: f32<100> = broadcast %4, (100)
  %6: f32<100> = binary.add %3, %5
  store %y, [%0], %6
  return
}}
"""


def test_a_dear_value_that_two_loops_need_is_kept() -> None:
    found = planned(TWICE.format(op="binary.div"))
    assert [["Keep", "Fold"], ["Effect"]] == [kinds(loop) for loop in loops(found)]


def test_a_cheap_value_is_computed_again() -> None:
    found = planned(TWICE.format(op="binary.add"))
    assert [["Fold"], ["Effect"]] == [kinds(loop) for loop in loops(found)]


def test_a_value_is_read_only_by_loops_behind_the_one_that_keeps_it() -> None:
    found = planned("""function t(%x: f32[::1], %y: f32[:, ::1], %n: i32) facts(disjoint, narrow) {
  %0: index<6> = iota 0
  %1: f32<6> = load %x, [%0]
  %2: f32<6> = binary.add %1, %1
  %3: index = const 0
  %4: index = const 1
  store %y, [%3, %0], %2
  %5: i32 = const 0
  %6: i32 = const 1
  for %5, %n, %6, [] body(%7: i32) {
    store %y, [%4, %0], %2
    yield
  }
  %8: f32<6> = flip %2, 0
  store %y, [%3, %0], %8
  return
}
""")
    assert [0, 0, 0, 1] == [len(loop.reads) for loop in loops(found)]


def test_a_tile_too_large_names_bytes_needed_and_available() -> None:
    with pytest.raises(CompileError, match=r"needs 400000000 bytes.*available are 268435456"):
        planned("""function t(%x: f32[::1]) {
  %0: index<100000000> = iota 0
  %1: f32<100000000> = load %x, [%0]
  %2: f32<100000000> = flip %1, 0
  store %x, [%0], %2
  return
}
""")


# --- loops and what they carry --------------------------------------------------------------------

CARRIED = """function t(%x: f32[::1], %n: i32) facts(disjoint, narrow) {{
  %0: index<1000> = iota 0
  %1: f32<1000> = load %x, [%0]
  %2: i32 = const 0
  %3: i32 = const 1
  %4: f32<1000>, %5: f32<1000> = for %2, %n, %3, [%1, %1] {body} {{
    %9: f32 = reduce.sum %7, (0)
    %10: f32<1000> = broadcast %9, (1000)
    %11: f32<1000> = binary.add %7, %10
    %12: f32<1000> = binary.add %8, %10
    yield [{values}]
  }}
  store %x, [%0], %4
  store %x, [%0], %5
  return
}}
"""


def carrying(values: str) -> str:
    body = "body(%6: i32, %7: f32<1000>, %8: f32<1000>)"
    return CARRIED.format(values=values, body=body)


def body_keeps(found: Plan) -> int:
    (repeat,) = (step for step in found.steps if isinstance(step, Repeat))
    return sum(isinstance(sink, Keep) for loop in all_loops(repeat.body) for sink in loop.sinks)


def test_carried_tiles_are_replaced_in_place() -> None:
    assert 2 == body_keeps(planned(carrying("%11, %12")))


def test_carried_tiles_that_are_exchanged_take_a_detour() -> None:
    assert 4 == body_keeps(planned(carrying("%12, %11")))


def test_a_loop_that_stays_in_registers_runs_inside_a_loop_over_its_lanes() -> None:
    found = planned(IN_REGISTERS.format(end="yield [%5]"))
    assert ["for", "store"] == [sink.op.opname for sink in sinks(found, Effect)]


def test_a_loop_that_a_jump_leaves_runs_as_control_flow() -> None:
    text = IN_REGISTERS.format(
        end="""if %6 then {
        return [%5]
      } orelse {
        yield
      }
      yield [%5]"""
    )
    (splice,) = (step for step in planned(text).steps if isinstance(step, Splice))
    assert any(isinstance(step, Repeat) for step in splice.body)


IN_REGISTERS = """function t(%x: f32[::1], %n: i32) facts(disjoint, narrow) {{
  %0: index<8> = iota 0
  %1: f32<8> = load %x, [%0]
  %2: i32 = const 0
  %3: i32 = const 1
  %9: f32<8> = inlined (f32<8>) body {{
    %8: f32<8> = for %2, %n, %3, [%1] body(%7: i32, %4: f32<8>) {{
      %5: f32<8> = binary.add %4, %4
      %6: bool_ = compare.eq %7, %3
      {end}
    }}
    return [%8]
  }}
  store %x, [%0], %9
  return
}}
"""


# --- products ------------------------------------------------------------------------------------

PRODUCT = """function t(%x: f32[:, ::1], %n: i32) facts(disjoint, narrow) {{
  %0: index<8x1> = iota 0
  %1: index<8> = iota 0
  %2: f32<8x8> = load %x, [%0, %1]
  %3: i32 = const 0
  %4: i32 = const 1
  %5: f32<8x8> = for %3, %n, %4, [%2] body(%6: i32, %7: f32<8x8>) {{
    %8: f32<8x8> = dot {a}, %2, acc=%7, f32
    yield [%8]
  }}
  store %x, [%0, %1], %5
  return
}}
"""


def product(found: Plan) -> tuple[Multiply, Repeat]:
    (repeat,) = (step for step in found.steps if isinstance(step, Repeat))
    (multiply,) = (step for step in repeat.body if isinstance(step, Multiply))
    return multiply, repeat


def test_a_product_is_added_to_the_carried_tile_where_it_lies() -> None:
    _, repeat = product(planned(PRODUCT.format(a="%2")))
    last = repeat.body[-2]
    assert isinstance(last, Multiply)


def test_a_product_does_not_replace_a_tile_that_it_reads() -> None:
    multiply, repeat = product(planned(PRODUCT.format(a="%7")))
    assert isinstance(repeat.body[-2], Loop)
    assert multiply.a.buffer is not multiply.out.buffer


# --- vectors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "lanes", "edge"), [(AVX2, 32, 8), (AVX512, 64, 16)])
def test_four_registers_make_a_vector_and_one_an_edge(
    target: object, lanes: int, edge: int
) -> None:
    found = planned(COPY_AND_SUM.format(facts="disjoint, narrow"), target)
    assert [(lanes, edge)] == [(loop.lanes, loop.edge_lanes) for loop in loops(found)]


def test_all_accesses_of_a_loop_limit_its_interior() -> None:
    (loop,) = loops(planned(COPY_AND_SUM.format(facts="disjoint, narrow")))
    assert ["load", "store"] == [op.opname for op, _ in loop.guards]


def test_a_reduction_runs_over_what_it_drops_inside() -> None:
    (loop,) = loops(
        planned("""function t(%x: f32[:, ::1], %y: f32[::1]) facts(disjoint, narrow) {
  %0: index<5x1> = iota 0
  %1: index<7> = iota 0
  %2: f32<5x7> = load %x, [%0, %1]
  %3: f32<7> = reduce.sum %2, (0)
  %4: index = const 0
  %5: f32<1> = slice %3, (0), (1)
  %6: f32 = reshape %5, ()
  store %y, [%4], %6
  return
}
""")
    )
    assert (1, 0) == loop.order
    assert 1 == loop.vector
    assert isinstance(loop.sinks[0], Fold)
