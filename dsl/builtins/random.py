"""Random numbers by counting: Philox 4x32-10, the same bits on every target.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. A number
depends on its seed and offset alone, so programs and lanes need no state.
"""

from __future__ import annotations

import math
from typing import Any, Final

from .. import ir
from ..errors import CompileError
from ..types import f32, i32, u32, u64
from .arithmetic import binary, unary
from .table import Context, builtin
from .values import as_operand, as_value, broadcast, cast, constant, describe

ROUNDS: Final = 10
MULTIPLIERS: Final = (0xD2511F53, 0xCD9E8D57)
STEPS: Final = (
    0x9E3779B9,
    0xBB67AE85,
)  # of the key, from round to round: golden ratio, sqrt(3) - 1


@builtin()
def rand(context: Context, seed: object, offset: object) -> ir.Value:
    """Uniform `f32` numbers in [0, 1), multiples of 2^-24; the shape is that of `seed`, `offset`.

    Both are integers, scalars or tiles; of each 64 bits count. Equal ones give equal numbers.
    """
    b = context.builder
    return _uniform(b, _philox(b, seed, offset)[0])


@builtin()
def randint(context: Context, seed: object, offset: object) -> ir.Value:
    """Uniform `u32` numbers over all 32 bits; seed and offset as in `rand`."""
    return _philox(context.builder, seed, offset)[0]


@builtin()
def randn(context: Context, seed: object, offset: object) -> ir.Value:
    """Normal `f32` numbers of mean 0 and variance 1 (Box and Muller); arguments as in `rand`."""
    b = context.builder
    first, second, _, _ = _philox(b, seed, offset)
    # A uniform 0 has no logarithm: it counts as half the next one.
    distance = binary(b, "max", _uniform(b, first), constant(b, 2.0**-25, f32))
    radius = unary(b, "sqrt", binary(b, "mul", unary(b, "log", distance), -2.0))
    angle = binary(b, "mul", _uniform(b, second), 2 * math.pi)
    return _as_value(binary(b, "mul", radius, unary(b, "cos", angle)))


def _uniform(b: ir.Builder, word: ir.Value) -> ir.Value:
    """`(word >> 8) * 2**-24`, which is exact."""
    return _as_value(binary(b, "mul", cast(b, binary(b, "shr", word, 8), f32), 2.0**-24))


def _philox(b: ir.Builder, seed: object, offset: object) -> tuple[ir.Value, ...]:
    """Four words of 32 bits: the counter (offset, 0) after ten rounds under the key `seed`."""
    key = list(_halves(b, seed, "seed"))
    words = [*_halves(b, offset, "offset"), constant(b, 0, u32), constant(b, 0, u32)]
    for n in range(ROUNDS):
        if n:
            key = [
                binary(b, "add", k, constant(b, s, u32)) for k, s in zip(key, STEPS, strict=True)
            ]
        (high_a, low_a), (high_b, low_b) = (
            _product(b, word, factor)
            for word, factor in zip((words[0], words[2]), MULTIPLIERS, strict=True)
        )
        words = [
            _mixed(b, high_b, words[1], key[0]), low_b,
            _mixed(b, high_a, words[3], key[1]), low_a,
        ]  # fmt: skip
    return tuple(words)


def _product(b: ir.Builder, word: ir.Value, factor: int) -> tuple[ir.Value, ir.Value]:
    """The upper and lower 32 bits."""
    right = broadcast(b, constant(b, factor, u32), word.tile.shape)
    return b.add(ir.Binary("mulhi", word, right)), b.add(ir.Binary("mul", word, right))


def _mixed(b: ir.Builder, x: ir.Value, y: ir.Value, z: ir.Value) -> Any:
    return binary(b, "xor", binary(b, "xor", x, y), z)


def _halves(b: ir.Builder, x: object, name: str) -> tuple[ir.Value, ir.Value]:
    """The lower and upper 32 bits of an integer, whose sign is extended to 64."""
    number = as_operand(x)
    if isinstance(number, ir.Value):
        dtype = number.tile.dtype
        if not dtype.is_integer:
            raise CompileError(f"{name} is {describe(number)}, expected an integer")
        low = cast(b, number, u32)
        if dtype.bits <= 32:
            if not dtype.is_signed:
                return low, constant(b, 0, u32)
            return low, cast(b, binary(b, "shr", cast(b, number, i32), 31), u32)
        return low, cast(b, binary(b, "shr", cast(b, number, u64), 32), u32)
    if isinstance(number, bool | float):
        raise CompileError(f"{name} is {describe(number)}, expected an integer")
    as_value(b, number)  # refuses what 64 bits do not hold
    return constant(b, number & 0xFFFFFFFF, u32), constant(b, number >> 32 & 0xFFFFFFFF, u32)


def _as_value(x: Any) -> ir.Value:
    assert isinstance(x, ir.Value)
    return x
