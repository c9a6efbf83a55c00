"""Atomics: the shapes and dtypes they accept, as the contract writes their names."""

from __future__ import annotations

import inspect

import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins import PUBLIC, BlockSlice
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Tile, bool_, f8e5m2, f16, f32, i32, i64, index, pointer_to, u8

from .tracing import Tracing, array, type_of, value

KINDS = ("add", "max", "min", "and_", "or_", "xor", "xchg")


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


def test_names_and_parameters_are_those_of_the_contract() -> None:
    atomics = {name for name in PUBLIC if name.startswith("atomic")}
    assert atomics == {f"atomic_{kind}" for kind in (*KINDS, "cas")}
    for kind in KINDS:
        names = list(inspect.signature(PUBLIC[f"atomic_{kind}"]).parameters)
        assert names == ["x", "index", "value", "mask", "order"]
    names = list(inspect.signature(PUBLIC["atomic_cas"]).parameters)
    assert names == ["x", "index", "expected", "value", "mask", "order"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_result_is_what_was_there(kind: str, tw: Tracing) -> None:
    found = tw.call(f"atomic_{kind}", array(i64, 2), (value(i32, 4, 1), value(index, 8)), 1)
    assert isinstance(found, ir.Atomic)
    assert found.kind == kind.rstrip("_")
    assert type_of(found) == Tile(i64, (4, 8))
    assert found.values[0].type == Tile(i64, (4, 8))


def test_index_value_and_mask_broadcast(tw: Tracing) -> None:
    x, line = array(f16, 1), value(f32, 8)
    assert type_of(tw.call("atomic_add", x, 0, 1)) == Tile(f16)
    assert type_of(tw.call("atomic_add", x, 0, line)) == Tile(f16, (8,))
    assert type_of(tw.call("atomic_add", x, value(i32, 3, 1), line)) == Tile(f16, (3, 8))
    found = tw.call("atomic_max", x, 0, 1, mask=value(bool_, 5))
    assert (found.type, found.mask.type) == (Tile(f16, (5,)), Tile(bool_, (5,)))
    assert tw.call("atomic_max", x, 0, 1, mask=True).mask is None
    assert type_of(tw.call("atomic_cas", x, 0, value(i32, 2, 1), line)) == Tile(f16, (2, 8))
    assert type_of(tw.call("atomic_xchg", array(f8e5m2, 0), (), 2)) == Tile(f8e5m2)
    blocks = tw.call("atomic_add", x, BlockSlice(0, 16), 1)
    assert (blocks.type, blocks.block_axes) == (Tile(f16, (16,)), (0,))


def test_lanes_around_widen_it(tw: Tracing) -> None:
    tw.lanes = (4, 1)
    assert type_of(tw.call("atomic_add", array(i32, 1), 0, 1)) == Tile(i32, (4, 1))
    assert type_of(tw.call("atomic_add", array(i32, 1), value(i32, 8), 1)) == Tile(i32, (4, 8))
    with pytest.raises(CompileError, match=r"\(3, 8\) does not broadcast with the lanes of shape"):
        tw.call("atomic_add", array(i32, 1), value(i32, 3, 8), 1)


def test_values_are_cast_as_a_store_casts(tw: Tracing) -> None:
    (number,) = tw.call("atomic_add", array(u8, 1), 0, 300).values
    assert (number.value, number.type) == (44, Tile(u8))
    (number,) = tw.call("atomic_add", array(i32, 1), 0, -1.9).values
    assert number.value == -1
    (computed,) = tw.call("atomic_add", array(u8, 1), 0, value(f32)).values
    assert isinstance(computed, ir.Cast)


def test_pointers_take_the_value_next(tw: Tracing) -> None:
    pointer = value(pointer_to(f32), 8)
    found = tw.call("atomic_add", pointer, value(i32, 4, 1), order="release")
    assert isinstance(found, ir.AtomicPointer)
    assert (found.type, found.order) == (Tile(f32, (4, 8)), "release")
    assert found.pointer.type == Tile(pointer_to(f32), (4, 8))
    found = tw.call("atomic_cas", value(pointer_to(f32)), 0, 1.5, mask=value(bool_))
    assert [x.value for x in found.values] == [0.0, 1.5]
    with pytest.raises(CompileError, match="at an index, expected only pointers and values"):
        tw.call("atomic_cas", pointer, 0, 1, 2)
    with pytest.raises(CompileError, match="argument `expected` is missing"):
        tw.call("atomic_cas", pointer, 0)


def test_what_is_refused(tw: Tracing) -> None:
    x = array(f32, 1)
    for kind in ("and_", "or_", "xor"):
        with pytest.raises(CompileError, match=f"atomic_{kind} of elements of type f32"):
            tw.call(f"atomic_{kind}", x, 0, 1)
    with pytest.raises(CompileError, match="no memory order 'seq_cst'"):
        tw.call("atomic_add", x, 0, 1, order="seq_cst")
    with pytest.raises(CompileError, match="the order of an atomic must be a constant string"):
        tw.call("atomic_add", x, 0, 1, order=value(i32))
    with pytest.raises(CompileError, match="argument `value` is missing"):
        tw.call("atomic_add", x, 0)
    with pytest.raises(CompileError, match="atomic_add takes an array or pointers"):
        tw.call("atomic_add", value(f32, 4), 0, 1)
    with pytest.raises(CompileError, match="the mask must be bool_"):
        tw.call("atomic_add", x, 0, 1, mask=value(i32))
    with pytest.raises(CompileError, match=r"shapes \(3,\) and \(4,\) do not broadcast"):
        tw.call("atomic_add", x, value(i32, 3), value(f32, 4))
