"""Small functions built by hand, and the values of single ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.interpreter.values import storage_of
from tilewright.dsl.types import (
    Array,
    Dtype,
    Tile,
    Type,
    bool_,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    index,
    u8,
    u16,
    u32,
    u64,
)
from tilewright.dsl.types import bf16 as bf16

INTEGERS = (i8, i16, i32, i64, u8, u16, u32, u64, index)
FLOATS = (f16, bf16, f32, f64, f8e4m3, f8e5m2)
ALL_DTYPES = (bool_, *INTEGERS, *FLOATS)

# precision, exponent of the least subnormal, largest finite, what lies beyond
FORMATS = {
    f16: (11, -24, Fraction(65504), np.inf),
    bf16: (8, -133, Fraction((2**8 - 1) * 2**120), np.inf),
    f32: (24, -149, Fraction((2**24 - 1) * 2**104), np.inf),
    f64: (53, -1074, Fraction((2**53 - 1) * 2**971), np.inf),
    f8e4m3: (4, -9, Fraction(448), 448.0),
    f8e5m2: (3, -16, Fraction(57344), np.inf),
}


def function(
    types: Sequence[Type], body: Callable[..., None], options: Sequence[str] = ()
) -> ir.Function:
    """A function whose body is what `body(builder, *parameters)` appends."""
    b = ir.Builder()
    with b.inside(*types) as block:
        for k, parameter in enumerate(block.parameters):
            parameter.name = "abcdefgh"[k]
        body(b, *block.parameters)
        if not b.is_closed:
            b.add(ir.Return())
    made = ir.Function("test", block, options=frozenset(options))
    for place, op in enumerate(ir.walk(block)):
        op.place = place
    return made


def array(dtype: Dtype, rank: int) -> Array:
    """The type of an array with nothing known of it."""
    return Array(dtype, (None,) * rank)


def const(b: ir.Builder, value: float, dtype: Dtype = i32, shape: tuple[int, ...] = ()) -> ir.Value:
    """A constant tile."""
    return b.add(ir.Const(value, Tile(dtype, shape)))


def positions(b: ir.Builder, shape: tuple[int, ...]) -> tuple[ir.Value, ...]:
    """Index tiles for the whole of a shape, one per axis, to be broadcast by the access."""
    found = []
    for axis, extent in enumerate(shape):
        along = tuple(extent if k == axis else 1 for k in range(len(shape)))
        found.append(b.add(ir.Iota(Tile(i32, along), axis)))
    return tuple(found)


def evaluate(
    make: Callable[..., ir.Value | tuple[ir.Value, ...]],
    *operands: tuple[Dtype, Any],
    options: Sequence[str] = (),
) -> Any:
    """The bits of what `make(builder, *tiles)` gives for operands loaded from memory."""
    arrays = [np.ascontiguousarray(data, storage_of(dtype)) for dtype, data in operands]
    results: list[Tile] = []

    def body(b: ir.Builder, *parameters: ir.Value) -> None:
        tiles = [
            b.add(ir.Load(parameter, positions(b, one.shape)))
            for parameter, one in zip(parameters, arrays, strict=False)
        ]
        made = make(b, *tiles)
        values = made if isinstance(made, tuple) else (made,)
        results.extend(value.tile for value in values)
        for parameter, value in zip(parameters[len(tiles) :], values, strict=False):
            b.add(ir.Store(parameter, positions(b, value.shape), value))

    inputs = [array(dtype, one.ndim) for (dtype, _), one in zip(operands, arrays, strict=True)]
    function(inputs, body)  # once, to learn the types of the results
    types = tuple(results)
    outputs = [np.zeros(tile.shape, storage_of(tile.dtype)) for tile in types]
    whole = function([*inputs, *(array(t.dtype, t.rank) for t in types)], body, options)
    interpret(whole, (1, 1, 1), [*arrays, *outputs])
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def numbers(data: Any, dtype: Dtype) -> list[float]:
    """The bits of a tile as Python floats, by the definition of the formats."""
    flat = np.asarray(data).reshape(-1)
    if dtype in (f16, f32, f64):
        return [float(x) for x in flat]
    if dtype is bf16:
        return [float(x) for x in (flat.astype(np.uint32) << 16).view(np.float32)]
    return [_f8(int(code), dtype) for code in flat]


def nearest(exact: Fraction, dtype: Dtype) -> float:
    """The number of a float dtype nearest to a fraction, ties to even."""
    precision, least, largest, beyond = FORMATS[dtype]
    if exact == 0:
        return 0.0
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if Fraction(2) ** exponent > size:
        exponent -= 1
    quantum = Fraction(2) ** max(exponent - precision + 1, least)
    rounded = round(size / quantum) * quantum  # of a Fraction: half to even
    result = beyond if rounded > largest else float(rounded)
    return result if exact > 0 else -result


def same(expected: float, actual: float) -> bool:
    """Whether two floats are the same, NaN and the sign of zero included."""
    if np.isnan(expected) or np.isnan(actual):
        return bool(np.isnan(expected) and np.isnan(actual))
    return bool(expected == actual and np.signbit(expected) == np.signbit(actual))


def random_bits(rng: np.random.Generator, dtype: Dtype, count: int) -> Any:
    """Random patterns of a dtype, extreme ones among them; small integers and floats too."""
    storage = storage_of(dtype)
    if dtype is bool_:
        return rng.integers(0, 2, count).astype(np.bool_)
    raw = rng.integers(0, 256, count * storage.itemsize, dtype=np.uint8).view(storage)
    if not dtype.is_float:
        ends = np.iinfo(storage)
        edges = np.array([0, 1, 2, ends.max, ends.min, ends.max - 1, ends.max // 2], storage)
        small = rng.integers(0, 100, count // 3).astype(storage)
        raw[: len(small)] = small
        raw[-len(edges) :] = edges
    elif dtype in (f16, f32, f64):
        near = rng.standard_normal(count // 2).astype(storage)
        raw[: len(near)] = near
        edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5], storage)
        raw[-len(edges) :] = edges
    rng.shuffle(raw)
    return raw


def _f8(code: int, dtype: Dtype) -> float:
    sign = -1.0 if code & 0x80 else 1.0
    mantissa_bits, bias = (3, 7) if dtype is f8e4m3 else (2, 15)
    exponent, mantissa = (code & 0x7F) >> mantissa_bits, code & ((1 << mantissa_bits) - 1)
    if dtype is f8e4m3 and code & 0x7F == 0x7F:
        return np.nan
    if dtype is f8e5m2 and exponent == 31:
        return np.nan if mantissa else sign * np.inf
    if exponent == 0:
        return sign * mantissa * 2.0 ** (1 - bias - mantissa_bits)
    return sign * (1 + mantissa / (1 << mantissa_bits)) * 2.0 ** (exponent - bias)
