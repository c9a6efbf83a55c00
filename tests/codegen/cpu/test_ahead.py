"""Programs and loops that fetch ahead what the next one reads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.analysis.programs import step_by_program
from tilewright.dsl import ir
from tilewright.dsl.types import Tile, i32, index

Guard = Callable[..., NDArray]


@tw.kernel
def rows(x, out, FORM: tw.constexpr, N: tw.constexpr):
    p = tw.program_id(0)
    if FORM == "row":
        v = x[p, 0:N]
    elif FORM == "sub-array":
        row = x[p]
        v = row[0:N]
    elif FORM == "same":
        v = x[0, 0:N]
    else:
        v = tw.zeros(N)
        for k in range(4):
            v += x[k, 0:N]
    out[p, 0:N] = v - tw.max(v)


@pytest.mark.parametrize(
    ("form", "n", "lines"),
    [
        ("row", 1024, 2), ("sub-array", 1024, 2), ("same", 1024, 0), ("loop", 1024, 0),
        ("row", 256, 0), ("row", 65536, 0),
    ],
)  # fmt: skip
def test_tiles_of_some_size_are_fetched_ahead(form: str, n: int, lines: int) -> None:
    found = rows.inspect(
        "f32[:, ::1], f32[:, ::1]", FORM=form, N=n, target="cpu:x86-64-v3"
    ).asm.count("prefetcht0")
    assert found == lines


def test_nothing_lies_behind_the_last_row(rng: np.random.Generator) -> None:
    x = rng.random((5, 1024), np.float32)
    out = np.empty_like(x)
    rows[5](x, out, FORM="row", N=1024)
    np.testing.assert_array_equal(out, x - x.max(1, keepdims=True))


def test_how_indices_move_from_program_to_program() -> None:
    one = Tile(index, ())
    p, q = ir.ProgramId(0), ir.ProgramId(1)
    four, n = ir.Const(4, one), ir.Parameter(Tile(i32, ()))
    block = ir.Binary("mul", p, four)
    spread = ir.Broadcast(block, (4,))
    assert step_by_program(p) == 1
    assert step_by_program(q) == 0
    assert step_by_program(ir.Binary("add", spread, ir.Iota(Tile(index, (4,)), 0))) == 4
    assert step_by_program(ir.Binary("sub", four, block)) == -4
    assert step_by_program(ir.Binary("mul", q, four)) == 0
    assert step_by_program(ir.Binary("mul", p, q)) is None
    assert step_by_program(ir.Binary("floordiv", p, four)) is None
    assert step_by_program(n) is None


@tw.kernel
def sums_of_pieces(start, column, x, out, STEP: tw.constexpr = 1):
    for row in range(out.shape[0]):
        total = 0
        for k in range(start[row], start[row + 1], STEP):
            total += x[column[k]]
        out[row] = total


@pytest.mark.parametrize("step", [1, 2])
def test_loops_over_pieces_fetch_what_follows(step: int) -> None:
    # One line for `column` in both versions of the loop; what steps over elements asks for none.
    signature = "i32[::1], i32[::1], i32[::1], i32[::1]; narrow"
    listing = sums_of_pieces.inspect(signature, STEP=step, target="cpu:x86-64-v3").asm
    assert listing.count("prefetcht0") == (2 if step == 1 else 0)


def test_pieces_may_lie_anywhere(rng: np.random.Generator, guarded: Guard) -> None:
    column, x = (guarded(rng.integers(-9, 50, 40, np.int32)) for _ in range(2))
    top = 2**31 - 1
    for table in (rng.integers(-20, 60, 50), [top - 8, top, 3, 5], [-top - 1, -top + 7]):
        ends = np.array(table, np.int32)
        out = guarded((len(ends) - 1,), np.int32)
        sums_of_pieces[1](guarded(ends), column, x, out)
        for total, (first, last) in zip(out, pairwise(ends.tolist()), strict=True):
            places = [column[k] if 0 <= k < 40 else 0 for k in range(first, last)]
            assert total == sum(int(x[k]) for k in places if 0 <= k < 40)
