"""The text form of the IR parses back, and says where a text is wrong."""

from __future__ import annotations

import math

import pytest

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError, Location
from tilewright.dsl.ir.parse import parse_function, parse_type
from tilewright.dsl.types import DTYPES, Array, Tile, bool_, f32, f64, i32, pointer_to, scalar

EVERYTHING = """\
function "outer.<locals>.f"(%x: f32[:, ::1]{aligned, even}, %y: f32[8, 16], %n: i32, %p: *f32) \
facts(disjoint, narrow) options(contract, debug) {
  %0: index = program_id 0
  %1: i32<128> = iota 0
  %2: f32<128> = const -inf
  %3: f32<128> = const 1e-07
  %4: bool_<128> = compare.lt %2, %3
  %5: f32<128> = if %4, lanes=true then {
    yield [%2]
  } orelse {
    yield [%3]
  }
  %6: f32[::1]{aligned, even} = sub_array %x, [%0]
  %7: f32<128> = load %6, [%1], mask=%4, fill=%5, block_axes=(0)
  store %6, [%1], %7
  %8: i32 = const 0
  %9: i32 = const 1
  %10: f32<128>, %11: i32 = for %8, %n, %9, [%5, %8], unroll=4, stages=2 \
body(%12: i32, %13: f32<128>, %14: i32) {
    %15: i32 = binary.add %14, %9
    %16: bool_ = compare.eq %15, %12
    if %16 then {
      break [%13, %15]
    } orelse {
      continue [%13, %15]
    }
    yield [%13, %15]
  }
  %17: f32<128x1> = reshape %10, (128, 1)
  %18: f32, %19: i32 = inlined (f32, i32) body {
    %20: f32 = reduce.sum %17, (0, 1)
    return [%20, %8]
  }
  %21: f32<1>, %22: i32<1> = arg_reduce.argmax %17, 0
  %23: f32<1> = reduce_with [%17], 0 body(%24: f32, %25: f32) {
    %26: f32 = binary.max %24, %25
    yield [%26]
  }
  %27: f32<128x128> = broadcast %17, (128, 128)
  %28: f32<128x1> = dot %27, %17, f32, precision="tf32"
  %29: f32<128x1> = dot %27, %17, f32, acc=%28
  %30: f32<128x1> = scan.sum %29, 0, reverse=true
  %31: *f32 = address %y
  %32: *f32 = offset %31, %8
  %33: f32 = load_pointer %32
  store_pointer %p, %33
  %34: f32 = atomic_pointer.cas %p, [%33, %33], order="acq_rel"
  %35: f32<128> = atomic.max %6, [%1], [%7], mask=%4
  print ("x", "tab\\tquote\\"\\n\\u{1b}"), [%18, %19]
  assert %4, "why; not"
  %36: bool_ = compare.ge %n, %8
  assume %36
  %37: f32<8> = sort.values %2, 0, 8, descending=true
  %38: i32<128> = sort.positions %2, 0, 128
  %39: f32<128> = gather %37, %38, 0
  %40: i32<16> = histogram %38, 16
  return
}
"""


def test_a_text_shows_as_it_was_read() -> None:
    assert str(parse_function(EVERYTHING)) == EVERYTHING


def test_every_op_of_the_instruction_set_but_plain_ones_stands_in_a_text() -> None:
    shown = {op.opname for op in ir.walk(parse_function(EVERYTHING).body)}
    plain = {
        "unary", "select", "fma", "cast", "bitcast", "permute", "slice", "flip", "concat", "extent",
        "stride", "num_programs", "allocation", "while", "scan_with", "check", "breakpoint",
    }  # fmt: skip
    assert set(ir.OPS) - shown <= plain


def test_names_and_places_of_variables_do_not_show() -> None:
    function = parse_function(EVERYTHING)
    for op in ir.walk(function.body):
        op.loc = Location("elsewhere.py", 1, 2, 3)
        for value in op.results:
            value.name = "v"
    assert str(function) == EVERYTHING


def test_locations_show_as_comments_that_parse() -> None:
    function = parse_function("function f() {\n  %0: i32 = const 1\n  return\n}\n")
    function.locations = (Location("kernel.py", 3, 4, 9), None)
    function.body.ops[0].name = "one"
    shown = ir.show(function, locations=True)
    assert "  %0: i32 = const 1  ; one kernel.py:3:5\n  return\n" in shown
    assert str(parse_function(shown)) == str(function)


def test_read_ops_have_places_in_the_text() -> None:
    function = parse_function(
        "; a comment\nfunction f() {\n\n  %0: i32 = const 1 ; one\n  return\n}"
    )
    assert [op.place for op in ir.walk(function.body)] == [0, 1]
    assert [location.line for location in function.locations if location is not None] == [4, 5]


@pytest.mark.parametrize(
    "value",
    [0.1, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 1e22, 123456789.125],
)
def test_floats_survive_exactly(value: float) -> None:
    constant = ir.Const(value, scalar(f64))
    body = ir.Block((), [constant, ir.Return()])
    back = parse_function(str(ir.Function("f", body))).body.ops[0]
    assert isinstance(back, ir.Const) and isinstance(back.value, float)
    assert repr(back.value) == repr(value)


@pytest.mark.parametrize("value", [True, False])
def test_truth_values_survive(value: bool) -> None:
    constant = ir.Const(value, Tile(bool_, (2,)))
    back = parse_function(str(ir.Function("f", ir.Block((), [constant, ir.Return()])))).body.ops[0]
    assert isinstance(back, ir.Const) and back.value is value


@pytest.mark.parametrize(
    "kind",
    [
        *(Tile(dtype, (2, 3)) for dtype in DTYPES),
        scalar(f32),
        scalar(pointer_to(f32)),
        Tile(pointer_to(i32), (4,)),
        Array(f32, ()),
        Array(f32, (None,)),
        Array(f32, (None, None), 0),
        Array(i32, (8, None, 3), 2, aligned=True),
        Array(i32, (8, 16), 1, even=True),
        Array(i32, (8, 16), None, aligned=True, even=True),
    ],
    ids=str,
)
def test_types_survive(kind: Tile | Array) -> None:
    assert parse_type(str(kind)) == kind


@pytest.mark.parametrize("text", ["f33", "f32<2>[:]", "f32[:]{odd}", "f32[::1, ::1]", "i32<a>", ""])
def test_what_is_no_type_is_none(text: str) -> None:
    assert parse_type(text) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "unexpected the end of the text"),
        ("function f( {\n}", 1, 13, "unexpected `{`"),
        ("function f() {\n  return", 2, 9, "unexpected the end"),
        ("function f() {\n  %0: i32 = foo 1\n  return\n}", 2, 13, "no op is called foo"),
        ("function f() {\n  %0: f32 = const 1\n  return\n}", 2, 13, "1 is no constant of f32"),
        ("function f() {\n  %0: f32 = unary.exp %1\n  return\n}", 2, 23, "%1 is not defined"),
        ("function f() {\n  %0: i32 = const 1, 2\n  return\n}", 2, 22, "too many arguments"),
        ("function f() {\n  %0: i32 = const\n  return\n}", 2, 13, "const lacks value"),
        ("function f() {\n  %0: i32 = const 1, big=2\n  return\n}", 2, 26, "no option `big`"),
        ("function f() {\n  %0: i32 = const.x 1\n  return\n}", 2, 13, "const has no kind"),
        ("function f() {\n  %0: i99 = const 1\n  return\n}", 2, 7, "no type is called i99"),
        (
            "function f() {\n  %0: f32 = const 1.0\n  %1: i32 = unary.neg %0\n  return\n}",
            3, 3, "result is f32, the text says i32",
        ),
        (
            "function f() {\n  %0: i32 = const 1\n  %0: i32 = const 1\n  return\n}",
            3, 3, "%0 is defined twice",
        ),
        ("function f(%a: i32, %a: i32) {\n  return\n}", 1, 21, "%a is defined twice"),
        ("function f() facts(wet) {\n  return\n}", 1, 1, "no fact is called 'wet'"),
        ("function f() {\n  break\n}", 2, 3, "stands in no loop"),
        (
            "function f(%c: bool_) {\n  if %c then {\n    yield\n  }\n  return\n}",
            2, 3, "if lacks orelse",
        ),
        (
            "function f(%c: bool_) {\n  if %c then {\n  } orelse {\n    yield\n  }\n  return\n}",
            2, 9, "the block is empty",
        ),
        ("function f(%x: f32) {\n  %0: f32 = binary.add %x\n  return\n}", 2, 13, "lacks right"),
        ("function f(%x: f32) {\n  %0: i32 = cast %x, %x\n  return\n}", 2, 22, "an attribute"),
        ("function f(%x: i32) {\n  %0: f32 = unary.exp 3\n  return\n}", 2, 23, "expected a value"),
        ("function f(%x: i32) {\n  %0: i32 = unary.exp %x\n  return\n}", 2, 13, "exp of i32"),
    ],
)  # fmt: skip
def test_a_wrong_text_is_a_compile_error_with_its_place(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(CompileError) as caught:
        parse_function(text)
    assert message in caught.value.message
    location = caught.value.location
    assert location is not None
    assert (line, column) == (location.line, location.column + 1)
    if text:
        assert text.splitlines()[line - 1] in str(caught.value)
