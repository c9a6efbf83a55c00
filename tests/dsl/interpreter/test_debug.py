"""Prints, assertions, assumptions, and what debug mode reports."""

from __future__ import annotations

import inspect
import io
import sys
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter import Fault, format_print
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Dtype, Tile, bf16, bool_, f8e4m3, f16, f32, i32, index, scalar

from .building import array, const, function, positions


def launch(types: Any, body: Any, *arguments: Any, options: Any = (), grid: Any = (1, 1, 1)) -> str:
    output = io.StringIO()
    interpret(function(types, body, options), grid, list(arguments), output=output)
    return output.getvalue()


def fault_of(
    types: Any, body: Any, *arguments: Any, options: Any = (), grid: Any = (1, 1, 1)
) -> Fault:
    with pytest.raises(Fault) as caught:
        launch(types, body, *arguments, options=options, grid=grid)
    return caught.value


# --- printing ---


def test_the_text_of_a_print() -> None:
    matrix = np.arange(4).reshape(2, 2)
    assert format_print(("x",), (np.float32(0.1),)) == "x 0.1"
    assert format_print(("x", "y"), (np.arange(3), np.True_)) == "x [0 1 2] y True"
    assert format_print(("", ""), (np.int8(1), np.int8(2))) == "1 2"
    assert format_print(("hello",), ()) == "hello"
    assert format_print(("m", ""), (matrix, matrix)) == (
        "m [[0 1]\n   [2 3]] [[0 1]\n             [2 3]]".replace(
            "\n             ", "\n           "
        )
    )


def test_masked_arrays_print_dashes_where_masked_and_as_ever_elsewhere() -> None:
    numbers = np.array([1.0, 10.5])
    assert format_print(("x",), (np.ma.array(numbers, mask=[True, False]),)) == "x [-- 10.5]"
    assert format_print(("x",), (np.ma.array(numbers, mask=False),)) == "x [ 1.  10.5]"


def test_programs_print_in_order() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        p = b.add(ir.ProgramId(0))
        v = b.add(ir.Load(x, (b.add(ir.Iota(Tile(i32, (2,)), 0)),)))
        b.add(ir.Print(("program", "v"), (p, v)))

    text = launch([array(f32, 1)], body, np.array([1, 0.1], np.float32), grid=(2, 1, 1))
    assert text == "program 0 v [1.  0.1]\nprogram 1 v [1.  0.1]\n"


@pytest.mark.parametrize("dtype", [f16, bf16, f8e4m3], ids=str)
def test_narrow_floats_print_as_numbers(dtype: Dtype) -> None:
    def body(b: ir.Builder) -> None:
        b.add(ir.Print(("",), (const(b, 1.5, dtype, (2,)),)))
        b.add(ir.Print(("",), (const(b, -2.0, dtype),)))

    assert launch([], body) == "[1.5 1.5]\n-2.0\n"


def test_lanes_that_are_off_print_as_dashes() -> None:
    def body(b: ir.Builder) -> None:
        lane = b.add(ir.Iota(Tile(i32, (4,)), 0))
        with b.inside() as then:
            b.add(ir.Print(("x",), (lane,)))
            b.add(ir.Yield())
        with b.inside() as orelse:
            b.add(ir.Yield())
        b.add(
            ir.If(b.add(ir.Compare("gt", lane, const(b, 1, i32, (4,)))), then, orelse, lanes=True)
        )
        b.add(ir.If(b.add(ir.Compare("gt", lane, const(b, 9, i32, (4,)))), *empty(b), lanes=True))

    assert launch([], body) == "x [-- -- 2 3]\n"


def empty(b: ir.Builder) -> tuple[ir.Block, ir.Block]:
    with b.inside() as then:
        b.add(ir.Print(("never",), ()))
        b.add(ir.Yield())
    with b.inside() as orelse:
        b.add(ir.Yield())
    return then, orelse


def test_prints_go_to_standard_output_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    def body(b: ir.Builder) -> None:
        b.add(ir.Print(("hello",), ()))

    interpret(function([], body), (1, 1, 1), [])
    assert capsys.readouterr().out == "hello\n"


# --- assertions ---


def test_an_assertion_holds_without_debug_mode_too() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        p = b.add(ir.ProgramId(1))
        v = b.add(ir.Load(x, (p,)))
        b.add(ir.Assert(b.add(ir.Compare("gt", v, const(b, 0))), "all must be positive"))

    launch([array(i32, 1)], body, np.ones(3, np.int32), grid=(1, 3, 1))
    fault = fault_of([array(i32, 1)], body, np.array([1, 1, 0], np.int32), grid=(1, 3, 1))
    assert (fault.code, fault.program, fault.message) == (1, (0, 2, 0), "all must be positive")
    assert fault.place == 4 and str(fault) == "all must be positive (op 4, program (0, 2, 0))"


def test_an_assertion_on_a_tile_holds_for_all_elements() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        b.add(ir.Assert(b.add(ir.Load(x, positions(b, (2, 2)))), "no"))

    x = np.ones((2, 2), np.bool_)
    launch([array(bool_, 2)], body, x)
    x[1, 0] = False
    assert fault_of([array(bool_, 2)], body, x).code == 1


def test_an_assumption_is_checked() -> None:
    def body(b: ir.Builder, n: ir.Value) -> None:
        b.add(ir.Assume(b.add(ir.Compare("gt", n, const(b, 0)))))

    launch([scalar(i32)], body, 1)
    assert fault_of([scalar(i32)], body, 0).code == 4


# --- debug mode ---


def load_at(b: ir.Builder, x: ir.Value, at: ir.Value) -> None:
    b.add(ir.Load(x, (at,)))


def load_with_fill(b: ir.Builder, x: ir.Value, at: ir.Value) -> None:
    b.add(ir.Load(x, (at,), None, const(b, 0)))


def store_at(b: ir.Builder, x: ir.Value, at: ir.Value) -> None:
    b.add(ir.Store(x, (at,), const(b, 1)))


@pytest.mark.parametrize("access", [load_at, store_at])
@pytest.mark.parametrize("at", [-1, 3])
def test_a_scalar_index_outside_is_reported(access: Any, at: int) -> None:
    x = np.zeros(3, np.int32)
    types = [array(i32, 1), scalar(index)]
    launch(types, access, x, at)
    launch(types, access, x, 2, options=["debug"])
    fault = fault_of(types, access, x, at, options=["debug"])
    assert (fault.code, fault.values) == (2, (0, at, 3))
    assert fault.message == f"index {at} is out of bounds for axis 0 of 'a' with extent 3"


def test_a_fill_or_a_mask_covers_what_lies_outside() -> None:
    def masked(b: ir.Builder, x: ir.Value, at: ir.Value) -> None:
        inside = b.add(ir.Compare("lt", at, const(b, 3, index)))
        b.add(ir.Load(x, (at,), inside))
        b.add(ir.Store(x, (at,), const(b, 1), inside))

    x = np.zeros(3, np.int32)
    types = [array(i32, 1), scalar(index)]
    launch(types, load_with_fill, x, 7, options=["debug", "strict"])
    launch(types, masked, x, 7, options=["debug", "strict"])
    assert fault_of(types, masked, x, -2, options=["debug"]).values == (0, -2, 3)


def tile_body(by: int, block_axes: tuple[int, ...] = ()) -> Any:
    def body(b: ir.Builder, x: ir.Value) -> None:
        where = b.add(ir.Iota(Tile(i32, (4,)), 0, by))
        b.add(ir.Load(x, (const(b, 0), where), block_axes=block_axes))

    return body


def test_of_a_tile_index_negative_elements_are_reported() -> None:
    x = np.zeros((1, 5), np.int32)
    types = [array(i32, 2)]
    launch(types, tile_body(3), x, options=["debug"])
    launch(types, tile_body(-2, (1,)), x, options=["debug"])
    fault = fault_of(types, tile_body(-2), x, options=["debug"])
    assert (fault.code, fault.values) == (3, (1, -2, 1, 5))


@pytest.mark.parametrize(("block_axes", "by", "code"), [((), 3, 2), ((1,), 3, 2), ((1,), -1, 2)])
def test_strict_reports_the_defined_edge_too(
    block_axes: tuple[int, ...], by: int, code: int
) -> None:
    fault = fault_of([array(i32, 2)], tile_body(by, block_axes), np.zeros((1, 5), np.int32),
                     options=["debug", "strict"])  # fmt: skip
    assert (fault.code, fault.values) == (code, (1, 5 if by > 0 else by, 1, 5))


def test_an_access_to_a_sub_array_outside_is_reported() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        row = b.add(ir.SubArray(x, (const(b, 4),)))
        where = b.add(ir.Iota(Tile(i32, (2,)), 0))
        b.add(ir.Load(row, (where,), None, const(b, 0, i32, (2,))))
        b.add(ir.Load(row, (where,)))

    fault = fault_of([array(i32, 2)], body, np.zeros((3, 2), np.int32), options=["debug"])
    assert (fault.code, fault.values) == (2, (0, 4, 3, 2))


@pytest.mark.parametrize("kind", ["floordiv", "mod"])
def test_an_integer_division_by_zero_is_reported(kind: str) -> None:
    def body(b: ir.Builder, n: ir.Value) -> None:
        b.add(ir.Binary(kind, const(b, 7), n))

    launch([scalar(i32)], body, 0)
    launch([scalar(i32)], body, 2, options=["debug"])
    assert fault_of([scalar(i32)], body, 0, options=["debug"]).code == 5


# --- what passes and debuggers see ---


def test_a_check_tells_of_the_first_element_that_fails() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        v = b.add(ir.Load(x, positions(b, (4,))))
        good = b.add(ir.Compare("lt", v, const(b, 5, i32, (4,))))
        b.add(ir.Check(good, 2, (const(b, 1), v, const(b, 5))))

    launch([array(i32, 1)], body, np.array([1, 2, 3, 4], np.int32))
    fault = fault_of([array(i32, 1)], body, np.array([1, 7, 3, 9], np.int32))
    assert (fault.code, fault.values) == (2, (1, 7, 5))


def test_a_breakpoint_shows_the_kernel_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def look() -> None:
        frame = inspect.currentframe()
        assert frame is not None and frame.f_back is not None
        seen.append(dict(frame.f_back.f_locals))

    def body(b: ir.Builder, x: ir.Value) -> None:
        tile = const(b, 1.5, bf16, (2,))
        tile.name = "tile"
        row = b.add(ir.SubArray(x, (b.add(ir.ProgramId(0)),)))
        row.name = "row"
        b.add(ir.Breakpoint())

    monkeypatch.setattr(sys, "breakpointhook", look)
    x = np.arange(6, dtype=np.int32).reshape(2, 3)
    launch([array(i32, 2)], body, x[:, ::-1], grid=(2, 1, 1))
    assert [one["program"] for one in seen] == [(0, 0, 0), (1, 0, 0)]
    variables = seen[1]["variables"]
    assert variables["tile"].tolist() == [1.5, 1.5]
    assert variables["row"].tolist() == [5, 4, 3]
    np.testing.assert_array_equal(variables["a"], x[:, ::-1])
