"""Outside names: which values kernels may use, when they are taken, what if they change."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.definition import Captures, Definition
from tilewright.dsl.errors import CompileError

from .language import lowered, run, tw

SIZE = 4
SCALE = 0.5
SHAPE = (2, (3, "label"))
WIDE = np.float64(2.5)


class Tiling(NamedTuple):
    """A record of constants."""

    rows: int
    columns: int


TILING = Tiling(2, 3)


@tw.func
def scaled(v):
    return v * SCALE


@pytest.fixture(autouse=True)
def _restore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the globals as they were."""
    monkeypatch.setitem(globals(), "SIZE", 4)
    monkeypatch.setitem(globals(), "SCALE", 0.5)


def test_constants_records_and_modules_may_be_used() -> None:
    dtype, offset = tw.f32, 3

    def kernel(out):
        i = tw.arange(SIZE)
        v = tw.zeros(SIZE, dtype) + SHAPE[1][0] * math.pi + WIDE + TILING.columns + offset
        out[i] = scaled(v)

    out = np.zeros(SIZE, np.float32)
    run(kernel, "f32[:]", out)
    assert np.allclose(out, 0.5 * (3 * math.pi + 2.5 + 3 + 3))


def test_numpys_dtypes_and_functions_mean_their_counterparts() -> None:
    def kernel(x, out):
        v = np.exp(x[0:4]).to(np.float32) + math.sqrt(4.0)
        out[0:4] = np.maximum(v, np.zeros(4, np.float32))

    x, out = np.arange(4, dtype=np.float32), np.zeros(4, np.float32)
    run(kernel, "f32[:], f32[:]", x, out)
    assert np.allclose(out, np.exp(x) + 2)


def uses_size(out):
    out[0] = scaled(SIZE)


def test_values_are_taken_once() -> None:
    captures, definition = Captures(), Definition(uses_size)
    first = lowered(definition, "f32[:]", captures)
    second = lowered(definition, "f32[:]", captures)
    assert str_of(first) == str_of(second)


def str_of(function: ir.Function) -> list[str]:
    """The ops of a function, roughly."""
    return [repr(op) + str(getattr(op, "value", "")) for op in ir.walk(function.body)]


def test_a_changed_global_is_named_with_its_place() -> None:
    captures, definition = Captures(), Definition(uses_size)
    lowered(definition, "f32[:]", captures)
    globals()["SIZE"] = 5
    with pytest.raises(CompileError, match="`SIZE` has changed from 4 to 5") as caught:
        lowered(definition, "f64[:]", captures)
    assert caught.value.location is not None
    assert "refresh" in str(caught.value)


def test_a_changed_global_of_a_function_is_named_too() -> None:
    captures, definition = Captures(), Definition(uses_size)
    lowered(definition, "f32[:]", captures)
    globals()["SCALE"] = 1.0
    with pytest.raises(CompileError, match=r"`SCALE` has changed from 0\.5 to 1\.0"):
        lowered(definition, "f64[:]", captures)


def test_refresh_takes_the_values_again() -> None:
    captures, definition = Captures(), Definition(uses_size)
    lowered(definition, "f32[:]", captures)
    globals()["SIZE"] = 5
    captures.refresh()
    lowered(definition, "f64[:]", captures)


def test_one_and_true_and_one_point_zero_are_different() -> None:
    for changed in (4.0, np.int64(4)):
        captures, definition = Captures(), Definition(uses_size)
        lowered(definition, "f32[:]", captures)
        globals()["SIZE"] = changed
        with pytest.raises(CompileError, match="has changed"):
            lowered(definition, "f32[:]", captures)
        globals()["SIZE"] = 4


def test_a_changed_closure_variable_is_named() -> None:
    factor = 2

    def kernel(out):
        out[0] = factor

    captures, definition = Captures(), Definition(kernel)
    lowered(definition, "f32[:]", captures)
    factor = 3
    with pytest.raises(CompileError, match="`factor` has changed from 2 to 3"):
        lowered(definition, "f32[:]", captures)


def test_a_changed_attribute_of_a_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def kernel(out):
        out[0] = math.tau

    captures, definition = Captures(), Definition(kernel)
    lowered(definition, "f32[:]", captures)
    monkeypatch.setattr(math, "tau", 6.0)
    with pytest.raises(CompileError, match=r"`math.tau` has changed from 6.28.* to 6.0"):
        lowered(definition, "f32[:]", captures)


def test_an_attribute_that_shares_the_name_of_a_global_is_not_taken_for_it() -> None:
    def kernel(out):
        out[0] = out.SIZE if False else 1

    captures, definition = Captures(), Definition(kernel)
    lowered(definition, "f32[:]", captures)
    globals()["SIZE"] = 5
    lowered(definition, "f32[:]", captures)


def test_a_branch_on_a_constant_that_is_not_taken_is_not_compiled() -> None:
    def kernel(x, out, bias: tw.constexpr, kind: tw.constexpr):
        v = x[0]
        if bias is not None:
            v = v + bias[0]
        if kind == "double":
            v = v * 2
        elif kind in ("none", "same"):
            pass
        else:
            tw.static_assert(False, "no such kind")
        if x.dtype == tw.f32 and isinstance(kind, str):
            out[0] = v
        else:
            out[0] = undefined  # noqa: F821

    x, out = np.full(1, 3, np.float32), np.zeros(1, np.float32)
    run(kernel, "f32[:], f32[:]", x, out, bias=None, kind="double")
    assert out[0] == 6
    with pytest.raises(CompileError, match="no such kind"):
        run(kernel, "f32[:], f32[:]", x, out, bias=None, kind="triple")


def test_other_objects_are_refused_where_they_are_used() -> None:
    settings: Any = SimpleNamespace(size=4)

    def kernel(out):
        out[0] = settings.size

    with pytest.raises(CompileError, match="`settings` is a SimpleNamespace"):
        lowered(kernel, "f32[:]")
