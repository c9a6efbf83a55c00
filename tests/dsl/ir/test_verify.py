"""Each rule of the verifier finds what breaks it; all findings show under their ops."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilewright.dsl import ir
from tilewright.dsl.ir.parse import parse_function
from tilewright.dsl.types import Array, Tile, Type, bool_, f32, i32, scalar

CASES = (Path(__file__).parent / "illegal.ir").read_text().split("\n\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.splitlines()[0].split("(")[0][9:])
def test_each_fault_is_reported_under_its_op(case: str) -> None:
    function = parse_function(case.strip("\n") + "\n", check=False)
    faults = ir.find_faults(function)
    assert case.strip("\n") + "\n" == ir.show_faults(function, faults).removeprefix(
        "illegal function\n"
    )
    with pytest.raises(AssertionError, match="illegal function"):
        ir.verify(function)


def function_of(*ops: ir.Op, parameters: tuple[ir.Parameter, ...] = ()) -> ir.Function:
    return ir.Function("f", ir.Block(parameters, list(ops)))


def messages(function: ir.Function) -> list[str]:
    return [message for _, message in ir.find_faults(function)]


def constant(value: int = 1) -> ir.Const:
    return ir.Const(value, scalar(i32))


def test_a_value_must_be_defined_in_sight() -> None:
    one = constant()
    user = ir.Unary("neg", one)
    assert messages(function_of(user, one, ir.Return())) == ["operand const %_ is not defined here"]


def test_a_value_of_a_block_is_not_seen_behind_it() -> None:
    condition = ir.Const(True, scalar(bool_))
    inner = constant()
    branch = ir.If(condition, ir.Block((), [inner, ir.Yield()]), ir.Block((), [ir.Yield()]))
    user = ir.Unary("neg", inner)
    assert messages(function_of(condition, branch, user, ir.Return())) == [
        "operand const %_ is not defined here"
    ]


def test_an_op_stands_in_one_place() -> None:
    one = constant()
    assert messages(function_of(one, one, ir.Return())) == ["the op stands in two places"]


def test_a_block_ends_once() -> None:
    assert messages(function_of(ir.Return(), constant(), ir.Return())) == [
        "stands before the end of its block"
    ]
    assert messages(function_of(constant())) == ["ends no block"]
    assert messages(function_of()) == ["a block is empty"]


@pytest.mark.parametrize(
    ("types", "names"),
    [([scalar(i32)], [None]), ([scalar(i32), scalar(f32)], ["a", "a"]), ([scalar(i32)], ["0a"])],
)
def test_parameters_have_names_of_their_own(types: list[Type], names: list[str | None]) -> None:
    parameters = tuple(ir.Parameter(*pair) for pair in zip(types, names, strict=True))
    (message,) = messages(function_of(ir.Return(), parameters=parameters))
    assert message.endswith("has no name of its own")


def test_parameters_are_arrays_and_scalars() -> None:
    parameters = (ir.Parameter(Tile(i32, (4,)), "a"), ir.Parameter(Array(i32, (None,)), "b"))
    assert messages(function_of(ir.Return(), parameters=parameters)) == [
        "parameter 'a' is a tile, i32<4>"
    ]


def test_constants_are_python_numbers_of_their_dtype() -> None:
    wrong = [
        ir.Const(1, scalar(f32)), ir.Const(1.0, scalar(i32)), ir.Const(True, scalar(i32)),
        ir.Const(1, scalar(bool_)), ir.Const(1 << 31, scalar(i32)),
    ]  # fmt: skip
    assert messages(function_of(*wrong, ir.Return())) == [
        "1 is no constant of f32", "1.0 is no constant of i32", "True is no constant of i32",
        "1 is no constant of bool_", "2147483648 is no constant of i32",
    ]  # fmt: skip
