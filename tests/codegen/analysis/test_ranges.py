"""Intervals of integers: the last value of each text, or the counter of its last loop."""

from __future__ import annotations

import pytest

from tilewright.codegen.analysis.ranges import ranges
from tilewright.dsl.ir.parse import parse_function

TEXT = """function f(%x: f32[:, 12], %n: i32, %small: u8, %out: index[::1]) {{
  %zero: index = const 0
  %one: index = const 1
  %minus: index = const -1
  %rows: index = extent %x, 0
  %columns: index = extent %x, 1
  %pid: index = program_id 0
  %tile: i32<5> = iota 0, start=3
  %wide: index = cast %n, index
{lines}
  return
}}
"""

WHOLE = (-(2**63), 2**63 - 1)

CASES = {
    "extents are not negative": ("%v: index = binary.floordiv %rows, %columns", (0, 2**63 // 12)),
    "an index wraps too": ("%v: index = binary.add %rows, %one", WHOLE),
    "a cast that wraps": (
        "%big: u64 = const 18446744073709551611\n  %v: index = cast %big, index",
        WHOLE,
    ),
    "a fixed extent": ("%v: index = binary.mul %columns, %columns", (144, 144)),
    "programs": ("%v: index = binary.add %pid, %one", (1, 2**31 - 1)),
    "an iota": ("%v: i32<5> = unary.neg %tile", (-7, -3)),
    "an argument": ("%v: index = binary.sub %wide, %one", (-(2**31) - 1, 2**31 - 2)),
    "a small argument": ("%v: i32 = cast %small, i32", (0, 255)),
    "wrapping gives the whole range": (
        "%big: i32 = const 2147483647\n  %v: i32 = binary.add %n, %big",
        (-(2**31), 2**31 - 1),
    ),
    "a remainder": ("%v: index = binary.mod %wide, %columns", (0, 11)),
    "a quotient": ("%v: index = binary.floordiv %wide, %columns", (-(2**31) // 12, 178956970)),
    "a choice": (
        "%c: bool_ = compare.lt %n, %n\n  %v: index = select %c, %columns, %minus",
        (-1, 12),
    ),
    "a counter": (
        "for %zero, %columns, %one, [] body(%v: index) {\n    yield []\n  }",
        (0, 11),
    ),
    "a counter that falls": (
        "for %columns, %minus, %minus, [] body(%v: index) {\n    yield []\n  }",
        (0, 12),
    ),
    "what a loop raises": (
        "%v: index = for %zero, %rows, %one, [%one] body(%i: index, %c: index) {\n"
        "    %d: index = binary.add %c, %one\n    yield [%d]\n  }",
        WHOLE,
    ),
    "what a loop passes through": (
        "%v: index = for %zero, %rows, %one, [%one] body(%i: index, %c: index) {\n"
        "    yield [%c]\n  }",
        (1, 1),
    ),
    "what a loop changes otherwise": (
        "%v: index = for %zero, %rows, %one, [%one] body(%i: index, %c: index) {\n"
        "    %d: index = binary.sub %c, %rows\n    yield [%d]\n  }",
        WHOLE,
    ),
    "an order": ("%v: i32<5> = sort.positions %tile, 0, 5", (0, 4)),
    "what is in order": ("%v: i32<2> = sort.values %tile, 0, 2", (3, 7)),
    "what is taken, or zero": ("%v: i32<5> = gather %tile, %tile, 0", (0, 7)),
    "counts": ("%v: i32<9> = histogram %tile, 9", (0, 5)),
    "an index of the largest": (
        "%w: f32<5> = cast %tile, f32\n  %u: f32, %v: i32 = arg_reduce.argmax %w, 0",
        (0, 4),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_interval(name: str) -> None:
    lines, expected = CASES[name]
    function = parse_function(TEXT.format(lines="  " + lines))
    last = function.body.ops[-2]
    value = last.results[-1] if last.results else last.blocks[0].parameters[0]
    assert ranges(function)[value] == expected
