"""Runs one function over arrays: compiled for the CPU, or as expanded IR in the interpreter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import tilewright as tw
from tilewright.codegen.passes.expand_math import expand_math
from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import DTYPES_BY_NAME, Array, Tile, i32

Data = NDArray[Any]


@tw.kernel
def of_one(x, out, FUNCTION: tw.constexpr, BLOCK: tw.constexpr):
    """`out = FUNCTION(x)`, a tile at a time."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = FUNCTION(x[i])


@tw.kernel
def of_two(x, y, out, FUNCTION: tw.constexpr, BLOCK: tw.constexpr):
    """`out = FUNCTION(x, y)`, a tile at a time."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = FUNCTION(x[i], y[i])


@tw.kernel
def of_scalars(x, out, FUNCTION: tw.constexpr):
    """`out = FUNCTION(x)`, one by one."""
    for i in range(x.shape[0]):
        out[i] = FUNCTION(x[i])


def compiled(name: str, *given: Data) -> Data:
    """The function of tiles, as compiled for this machine's CPU."""
    out = np.empty_like(given[0])
    kernel = of_one if len(given) == 1 else of_two
    kernel[tw.cdiv(len(out), 1024)](*given, out, FUNCTION=getattr(tw, name), BLOCK=1024)
    return out


def compiled_scalar(name: str, x: Data) -> Data:
    """The function of scalars, as compiled for this machine's CPU."""
    out = np.empty_like(x)
    of_scalars[1](x, out, FUNCTION=getattr(tw, name))
    return out


def interpreted(name: str, *given: Data) -> Data:
    """The function of tiles, expanded and then interpreted."""
    out = np.empty_like(given[0])
    function = expand_math(_apply(name, len(given), str(out.dtype).replace("float", "f"), len(out)))
    interpret(function, (1, 1, 1), (*given, out))
    return out


def _apply(name: str, arity: int, dtype: str, count: int) -> ir.Function:
    """A function that applies an op to whole arrays of a known size."""
    builder = ir.Builder()
    array = Array(DTYPES_BY_NAME[dtype], (None,), 0)
    parameters = tuple(ir.Parameter(array, f"a{k}") for k in range(arity + 1))
    position = (builder.add(ir.Iota(Tile(i32, (count,)), 0)),)
    values = [builder.add(ir.Load(parameter, position)) for parameter in parameters[:-1]]
    op = ir.Unary(name, values[0]) if arity == 1 else ir.Binary(name, *values)
    builder.add(ir.Store(parameters[-1], position, builder.add(op)))
    builder.add(ir.Return())
    return ir.Function(name, ir.Block(parameters, builder.block.ops))
