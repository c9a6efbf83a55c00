"""Ops that talk to the host: prints, assertions, promises, checks, breakpoints."""

from __future__ import annotations

import io

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter import Fault
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Dtype, bool_, i16, i32, i64, pointer_to, scalar
from tilewright.runtime.errors import DeviceError

from .building import array, const, everywhere, function
from .data import IN_MEMORY, random_values
from .execution import run_compiled


@pytest.mark.sampled(2)
@pytest.mark.parametrize("shape", [(), (5,), (2, 3)], ids=str)
@pytest.mark.parametrize("dtype", IN_MEMORY, ids=str)
def test_prints(
    dtype: Dtype,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        value = b.add(ir.Load(x, everywhere(b, shape)))
        b.add(ir.Print(("first", ""), (value, const(b, 7))))
        b.add(ir.Print(("again",), (value,)))

    made = function([("x", array(dtype, len(shape)))], body)
    x = random_values(rng, dtype, shape)
    expected = io.StringIO()
    interpret(made, (2, 1, 1), [x], output=expected)
    run_compiled(made, (2, 1, 1), [x])
    assert capsys.readouterr().out == expected.getvalue()


@pytest.mark.parametrize("shape", [(), (9,), (3, 4)], ids=str)
@pytest.mark.parametrize("kind", ["assert", "check", "assume"])
def test_what_must_hold(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    """Silent where it holds; where it fails, an error on both that names the same place."""

    def body(b: ir.Builder, x: ir.Value, y: ir.Value) -> None:
        value = b.add(ir.Load(x, everywhere(b, shape)))
        fine = b.add(ir.Compare("lt", value, const(b, 10, i32, shape)))
        match kind:
            case "assert":
                b.add(ir.Assert(fine, "less than ten"))
            case "check":
                b.add(ir.Check(fine, 2, (value, value, value)))
            case _:
                every = tuple(range(len(shape)))
                holds = b.add(ir.Reduce("and", fine, every)) if shape else fine
                b.add(ir.Assume(holds))
        b.add(ir.Store(y, everywhere(b, shape), value))

    types = [("x", array(i32, len(shape))), ("y", array(i32, len(shape)))]
    made = function(types, body, options=("contract", "debug"))
    good = rng.integers(-5, 10, shape).astype(np.int32)
    y = np.zeros_like(good)
    run_compiled(made, (1, 1, 1), [good, y])
    np.testing.assert_array_equal(y, good)
    bad = np.array(good)
    bad[tuple(extent - 1 for extent in shape)] = 11
    with pytest.raises(Fault) as wanted:
        interpret(made, (1, 1, 1), [bad, y])
    with pytest.raises(DeviceError):
        run_compiled(made, (1, 1, 1), [bad, y])
    assert wanted.value.place >= 0


def test_a_breakpoint_is_nothing_elsewhere() -> None:
    def body(b: ir.Builder, y: ir.Value) -> None:
        b.add(ir.Breakpoint())
        b.add(ir.Assume(b.add(ir.Const(True, scalar(bool_)))))
        b.add(ir.Store(y, (const(b, 0),), const(b, 3)))

    y = np.zeros(1, np.int32)
    run_compiled(function([("y", array(i32, 1))], body), (1, 1, 1), [y])
    assert y[0] == 3


ADDRESSES = pytest.mark.host(reason="compares with addresses of the host")


@pytest.mark.parametrize("kind", [pytest.param("start", marks=ADDRESSES), "size"])
def test_the_memory_that_an_argument_is_part_of(kind: str) -> None:
    def body(b: ir.Builder, x: ir.Value, p: ir.Value, out: ir.Value) -> None:
        for place, source in enumerate((x, p)):
            found = b.add(ir.Cast(b.add(ir.Allocation(kind, source)), i64))
            b.add(ir.Store(out, (const(b, place),), found))

    types = [("x", array(i32, 2)), ("p", scalar(pointer_to(i16))), ("out", array(i64, 1))]
    made = function(types, body, options=("contract", "debug"))
    whole, other = np.zeros((7, 9), np.int32), np.zeros(30, np.int16)
    wanted = [whole.ctypes.data, other.ctypes.data] if kind == "start" else [63, 30]
    for x, p in ((whole, other), (whole[3:1:-1, ::2], other[5:8]), (whole[:1, :1], other[29:])):
        for run in (run_compiled, interpret):
            out = np.zeros(2, np.int64)
            run(made, (1, 1, 1), [x, p, out])
            assert wanted == out.tolist()
