"""Combining vectors: accumulators of reductions, trees over lanes, prefixes of scans."""

from __future__ import annotations

from tilewright.dsl.types import Dtype

from .emit_elementwise import emit_extreme
from .spelling import FLOAT_OPERATORS, INTEGER_OPERATORS, constant, splat
from .writer import Level, Val, Writer

_OPERATORS = {"sum": "add", "prod": "mul", "and": "and", "or": "or"}


def identity_of(kind: str, dtype: Dtype) -> str:
    """The value that combining with leaves everything as it is."""
    if kind in ("sum", "prod", "and", "or"):
        start = {"sum": 0, "prod": 1, "and": -1, "or": 0}[kind]
        if dtype.is_float:
            # -0.0 + x is x for every x; 0.0 + -0.0 is not.
            return constant(-0.0 if kind == "sum" else 1.0, dtype)
        return constant(bool(start) if dtype.is_bool else start, dtype)
    if dtype.is_float:
        return constant(float("-inf") if kind == "max" else float("inf"), dtype)
    if dtype.is_bool:
        return constant(kind == "min", dtype)
    bits = dtype.bits
    if dtype.is_signed:
        return constant(-(1 << (bits - 1)) if kind == "max" else (1 << (bits - 1)) - 1, dtype)
    return constant(0 if kind == "max" else (1 << bits) - 1, dtype)


def accumulate(
    writer: Writer, kind: str, a: Val, b: Val, dtype: Dtype, level: Level, flags: str
) -> Val:
    """`a` combined with `b`; for `max` and `min` NaN wins."""
    if kind in ("max", "min"):
        return emit_extreme(writer, kind, b, a, dtype, level)
    operator = _OPERATORS[kind]
    if dtype.is_float:
        return writer.put(
            f"{FLOAT_OPERATORS[operator]} {flags}{a}, {b.text}", a.element, a.lanes, level
        )
    if dtype.is_bool and operator in ("add", "mul"):
        operator = "or" if operator == "add" else "and"
    return writer.put(f"{INTEGER_OPERATORS[operator]} {a}, {b.text}", a.element, a.lanes, level)


def combine_lanes(writer: Writer, kind: str, x: Val, dtype: Dtype, flags: str) -> Val:
    """All lanes combined by halving; an odd lane in the middle waits for the next round."""
    level = writer.level
    lanes = x.lanes
    if not lanes:
        return x
    while lanes > 1:
        half = (lanes + 1) // 2
        neutral = splat(identity_of(kind, dtype), x.element, lanes)
        low = ", ".join(f"i32 {n}" for n in range(half))
        high = ", ".join(f"i32 {n + half if n + half < lanes else lanes}" for n in range(half))
        a, b = (
            writer.put(
                f"shufflevector {x}, {x.type} {neutral}, <{half} x i32> <{numbers}>",
                x.element,
                half,
            )
            for numbers in (low, high)
        )
        x = accumulate(writer, kind, a, b, dtype, level, flags)
        lanes = half
    return writer.put(f"extractelement {x}, i64 0", x.element, 0)


def prefix(writer: Writer, kind: str, x: Val, dtype: Dtype, level: Level, flags: str) -> Val:
    """Running combination over the lanes, in as many rounds as the width has bits.

    In each round blocks double: the second half takes in the last lane of the first.
    """
    lanes = x.lanes
    neutral = splat(identity_of(kind, dtype), x.element, lanes)
    half = 1
    while half < lanes:
        last = [n // half * half - 1 if n & half else lanes for n in range(lanes)]
        numbers = ", ".join(f"i32 {n}" for n in last)
        moved = writer.put(
            f"shufflevector {x}, {x.type} {neutral}, <{lanes} x i32> <{numbers}>", x.element, lanes
        )
        x = accumulate(writer, kind, moved, x, dtype, level, flags)
        half *= 2
    return x
