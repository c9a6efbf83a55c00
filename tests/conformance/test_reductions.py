"""Reductions, scans and their forms with a body, along every axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from tilewright.dsl import ir
from tilewright.dsl.ir import ops
from tilewright.dsl.types import Dtype, bool_, f32, f64, i32, i64, scalar, u32, u64

from .agreement import Agreement, bits, epsilon, order, within
from .data import ARITHMETIC, LAYOUTS, NUMPY, numbers_of, random_values, specials, tame_values
from .execution import Batch, Guard, Row, variants

Shape = tuple[int, ...]
SHAPES = ((1,), (3,), (8,), (13,), (64,), (131,), (5, 9), (1, 17), (16, 1), (8, 32), (3, 4, 5))
PROGRAMS = 3

# Which dtypes each kind is for: sums and products come widened to at least 32 bits.
_WIDE = tuple(d for d in ARITHMETIC if d.bits >= 32)
_ORDERED = tuple(d for d in ARITHMETIC if d is not bool_)
REDUCTIONS = {
    "sum": _WIDE, "prod": _WIDE, "max": _ORDERED, "min": _ORDERED, "and": (bool_,), "or": (bool_,),
}  # fmt: skip
ARG_REDUCTIONS = {"argmax": _ORDERED, "argmin": _ORDERED}
SCANS = {"sum": _WIDE, "prod": _WIDE, "max": _ORDERED, "min": _ORDERED}


def axes_of(shape: Shape) -> list[tuple[int, ...]]:
    """Each axis alone, two of three, and all."""
    rank = len(shape)
    chosen = [(axis,) for axis in range(rank)]
    if rank > 2:
        chosen += [(0, 2), (1, 2)]
    return [*chosen, tuple(range(rank))] if rank > 1 else chosen


def agreement_for(kind: str, dtype: Dtype, axes: tuple[int, ...]) -> Agreement:
    """Exact where order cannot matter.

    A sum of n floats in any order is off by at most (n - 1) u sum|x|, a product by (n - 1) u of
    itself (u half an epsilon, products of tame numbers); the interpreter's by one rounding.
    """
    if not dtype.is_float:
        return bits
    if kind in ("max", "min"):
        return order
    own = tuple(axis + 1 for axis in axes)

    def bound(x: NDArray[np.float64]) -> NDArray[np.float64]:
        count = np.prod([x.shape[axis] for axis in own])
        return count * epsilon(dtype) * _SUMS[kind].reduce(np.abs(x), own)

    return within(bound)


_SUMS = {"sum": np.add, "prod": np.multiply}


def reduction_rows(dtype: Dtype, shape: Shape) -> Iterator[Row]:
    """All reductions and scans of a dtype."""
    for kind, dtypes in REDUCTIONS.items():
        for axes in axes_of(shape) if dtype in dtypes else ():
            yield Row(
                f"{kind}_{''.join(map(str, axes))}",
                lambda b, x, kind=kind, axes=axes: b.add(ir.Reduce(kind, x, axes)),
                agreement_for(kind, dtype, axes),
            )
    for axis in range(len(shape)):
        for kind, dtypes in ARG_REDUCTIONS.items():
            if dtype in dtypes:
                make = lambda b, x, k=kind, a=axis: b.add(ir.ArgReduce(k, x, a)).results  # noqa: E731
                yield Row(f"{kind}_{axis}", make, order)
        for kind, dtypes in SCANS.items():
            for reverse in (False, True) if dtype in dtypes else ():
                yield Row(
                    f"scan_{kind}_{axis}_{'down' if reverse else 'up'}",
                    lambda b, x, k=kind, a=axis, r=reverse: b.add(ir.Scan(k, x, a, r)),
                    agreement_for_scan(kind, dtype, axis, reverse),
                )


def agreement_for_scan(kind: str, dtype: Dtype, axis: int, reverse: bool) -> Agreement:
    """As for a reduction, element by element; the running size taken from the end if `reverse`."""
    if not dtype.is_float:
        return bits
    if kind in ("max", "min"):
        return order

    def bound(x: NDArray[np.float64]) -> NDArray[np.float64]:
        own = axis + 1
        size = np.flip(np.abs(x), own) if reverse else np.abs(x)
        running = x.shape[own] * epsilon(dtype) * _SUMS[kind].accumulate(size, own)
        return np.flip(running, own) if reverse else running

    return within(bound)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ARITHMETIC, ids=str)
def test_reductions(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    k = SHAPES.index(shape)
    x = tame_values(rng, dtype, (PROGRAMS, *shape))
    rows = list(reduction_rows(dtype, shape))
    Batch((dtype,), [x], rows, LAYOUTS[k % 4 :], variants(k)).check(guarded)


@pytest.mark.parametrize("shape", [(1,), (9,), (40,), (5, 17)], ids=str)
@pytest.mark.parametrize("dtype", [d for d in _ORDERED if d.is_float], ids=str)
def test_extremes_of_special_values(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    """NaN wins; the first of equals is found, and zeros of either sign are equals."""
    rows = [row for row in reduction_rows(dtype, shape) if "sum" not in row.label]
    rows = [row for row in rows if "prod" not in row.label]
    all_specials = rng.choice(specials(dtype), (4, *shape))
    is_nan = np.isnan(numbers_of(all_specials))
    without_nan = np.where(is_nan, np.ones((), NUMPY[dtype]), all_specials)
    few = rng.integers(-1, 2, (4, *shape)).astype(NUMPY[dtype])
    x = np.concatenate([all_specials, without_nan, few])
    Batch((dtype,), [x], rows).check(guarded)


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
def test_sums_of_infinities_and_nan(dtype: Dtype, rng: np.random.Generator, guarded: Guard) -> None:
    x = tame_values(rng, dtype, (6, 4, 37))
    for program, values in enumerate([(np.inf,), (-np.inf,), (np.nan,), (np.inf, -np.inf), (0.0,)]):
        for value in values:
            x[program, rng.integers(4), rng.integers(37)] = value
    rows = [row for row in reduction_rows(dtype, (4, 37)) if "sum" in row.label]
    Batch((dtype,), [x], rows).check(guarded)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("dtype", [i32, i64, u32, u64], ids=str)
@pytest.mark.parametrize("shape", [(1,), (2,), (11,), (64,), (6, 13), (3, 5, 4)], ids=str)
def test_bodies(dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    """Associative bodies that do not commute, so that an exchange of elements would show."""
    rows = []
    for axis in range(len(shape)):
        for reverse in (False, True):
            rows.append(Row(f"scan_affine_{axis}_{reverse}", _scan(_affine, axis, reverse), bits))
            rows.append(Row(f"scan_last_{axis}_{reverse}", _scan(_last, axis, reverse), bits))
        rows.append(Row(f"affine_{axis}", _reduce(_affine, axis), bits))
        rows.append(Row(f"last_{axis}", _reduce(_last, axis), bits))
    inputs = [random_values(rng, dtype, (PROGRAMS, *shape)) for _ in range(2)]
    Batch((dtype, dtype), inputs, rows, ("rows", "gaps")).check(guarded)


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
@pytest.mark.parametrize("shape", [(7,), (50,), (6, 13)], ids=str)
def test_bodies_of_floats(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    rows = []
    for axis in range(len(shape)):
        # As for a sum; the interpreter adds one by one in the dtype itself: twice the error.
        def bound(x: NDArray[np.float64], own: int = axis + 1) -> NDArray[np.float64]:
            return x.shape[own] * epsilon(dtype) * np.abs(x).sum(own)

        make = lambda b, x, a=axis: b.add(ir.ReduceWith((x,), a, _sum_of(b, x))).results[0]  # noqa: E731
        rows.append(Row(f"sum_{axis}", make, within(bound)))
    x = tame_values(rng, dtype, (PROGRAMS, *shape))
    Batch((dtype,), [x], rows).check(guarded)


Body = Callable[[ir.Builder, ir.Value], ir.Block]


def _reduce(body: Body, axis: int) -> Callable[..., tuple[ir.Value, ...]]:
    return lambda b, x, y: b.add(ir.ReduceWith((x, y), axis, body(b, x))).results


def _scan(body: Body, axis: int, reverse: bool) -> Callable[..., tuple[ir.Value, ...]]:
    return lambda b, x, y: b.add(ir.ScanWith((x, y), axis, body(b, x), reverse)).results


def _affine(b: ir.Builder, x: ir.Value) -> ir.Block:
    """The composition of two functions `a * v + c`."""
    with b.inside(*[scalar(x.tile.dtype)] * 4) as block:
        a, c, d, e = block.parameters
        product = b.add(ir.Binary("mul", a, d))
        moved = b.add(ir.Binary("add", b.add(ir.Binary("mul", d, c)), e))
        b.add(ir.Yield((product, moved)))
    return block


def _last(b: ir.Builder, x: ir.Value) -> ir.Block:
    """The last pair of which the first is even, else the first pair."""
    dtype = x.tile.dtype
    with b.inside(*[scalar(dtype)] * 4) as block:
        a, c, d, e = block.parameters
        odd = b.add(ir.Binary("and", d, b.add(ir.Const(1, scalar(dtype)))))
        is_odd = b.add(ir.Cast(odd, bool_))
        b.add(ir.Yield((b.add(ir.Select(is_odd, a, d)), b.add(ir.Select(is_odd, c, e)))))
    return block


def _sum_of(b: ir.Builder, x: ir.Value) -> ir.Block:
    with b.inside(*[scalar(x.tile.dtype)] * 2) as block:
        b.add(ir.Yield((b.add(ir.Binary("add", *block.parameters)),)))
    return block


def test_tables_have_all_kinds() -> None:
    assert tuple(REDUCTIONS) == ops.REDUCTIONS
    assert tuple(ARG_REDUCTIONS) == ops.ARG_REDUCTIONS
    assert tuple(SCANS) == ops.SCANS
