"""Folded constants are bit for bit what the interpreter computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from tilewright.codegen.passes.simplify import simplify
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.interpreter.values import STORAGE, widen
from tilewright.dsl.ir.ops import BASIC_BINARY, BASIC_UNARY, COMPARISONS, FLOAT_TESTS
from tilewright.dsl.types import DTYPES, Array, Dtype, bool_, f8e4m3, f8e5m2, index, scalar

COUNT = 400
NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 0.1, 2.5, -3.5, 1e-40, 1e-7, 448.0, 464.0, 65504.0, 65520.0, 3e38, 1e19,
    1e300, -(2.0**31), 2.0**31, 2.0**63, math.inf, -math.inf, math.nan,
]  # fmt: skip
NO_ARITHMETIC = (bool_, f8e4m3, f8e5m2)


def draw(rng: np.random.Generator, dtype: Dtype) -> bool | int | float:
    """A constant of a dtype, often one at the edge of something."""
    if dtype.is_bool:
        return bool(rng.integers(0, 2))
    if dtype.is_float:
        if rng.random() < 0.5:
            return float(rng.choice(NUMBERS))
        return float(rng.normal() * 2.0 ** rng.integers(-20, 20))
    least = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    edges = [
        0,
        1,
        2,
        7,
        dtype.bits - 1,
        dtype.bits,
        least,
        least + 1,
        least + (1 << dtype.bits) - 1,
    ]
    if rng.random() < 0.5:
        return int(edges[rng.integers(0, len(edges))])
    return int.from_bytes(rng.bytes(dtype.itemsize), "little", signed=dtype.is_signed)


def random_op(rng: np.random.Generator) -> tuple[list[ir.Op], ir.Op]:
    """Constants and an op of these, of any basic kind."""
    while True:
        dtype = DTYPES[rng.integers(0, len(DTYPES))]
        a, b, c = (ir.Const(draw(rng, dtype), scalar(dtype)) for _ in range(3))
        kind = rng.integers(0, 6)
        to = DTYPES[rng.integers(0, len(DTYPES))]
        if kind == 4:
            return [a], ir.Cast(a, to)
        if dtype in NO_ARITHMETIC and kind != 5:
            continue
        build: Callable[[], ir.Op]
        match kind:
            case 0:
                build, used = partial(ir.Unary, pick(rng, (*BASIC_UNARY, *FLOAT_TESTS)), a), [a]
            case 1:
                build, used = partial(ir.Binary, pick(rng, BASIC_BINARY), a, b), [a, b]
            case 2:
                build, used = partial(ir.Compare, pick(rng, COMPARISONS), a, b), [a, b]
            case 3:
                build, used = partial(ir.Fma, a, b, c), [a, b, c]
            case _:
                if to.bits != dtype.bits or bool_ in (to, dtype):
                    continue
                build, used = partial(ir.Bitcast, a, to), [a]
        try:
            return list(used), build()
        except CompileError:
            continue


def pick(rng: np.random.Generator, names: tuple[str, ...]) -> str:
    """One of some kinds."""
    return names[rng.integers(0, len(names))]


@pytest.mark.parametrize("batch", range(3))
def test_folding_agrees_with_the_interpreter(rng: np.random.Generator, batch: int) -> None:
    for _ in range(COUNT):
        constants, op = random_op(rng)
        dtype = op.tile.dtype
        y = ir.Parameter(Array(dtype, (None,)), "y")
        place = ir.Const(0, scalar(index))
        ops = [*constants, op, place, ir.Store(y, (place,), op), ir.Return()]
        function = ir.Function("fold", ir.Block((y,), ops))
        folded = simplify(function)
        results = []
        for each in (function, folded):
            memory = np.zeros(1, STORAGE[dtype])
            interpret(each, (1, 1, 1), [memory])
            results.append(memory)
        if dtype.is_float and all(np.isnan(widen(memory, dtype)).all() for memory in results):
            continue  # which NaN it is has no meaning
        assert results[0].tobytes() == results[1].tobytes(), str(function)


def test_every_basic_kind_folds_but_floored_division_of_floats() -> None:
    left = set()
    for name in BASIC_BINARY:
        for dtype in (d for d in DTYPES if d not in NO_ARITHMETIC):
            one = ir.Const(1.0 if dtype.is_float else 1, scalar(dtype))
            try:
                op = ir.Binary(name, one, one)
            except CompileError:
                continue
            used = ir.Cast(op, bool_)
            ops = [one, op, used, ir.Assert(used, "zero"), ir.Return()]
            function = ir.Function("f", ir.Block((), ops))
            if any(isinstance(o, ir.Binary) for o in ir.walk(simplify(function).body)):
                left.add((name, dtype.is_float))
    assert left == {("floordiv", True), ("mod", True)}
