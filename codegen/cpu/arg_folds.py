"""Combining (value, position) pairs: argmax and argmin."""

from __future__ import annotations

from tilewright.dsl.types import Dtype

from .spelling import splat
from .writer import Val, Writer

Pair = tuple[Val, Val]


def best_lane(writer: Writer, kind: str, pair: Pair, dtype: Dtype) -> list[Val]:
    """The best of all lanes and its position, as scalars; by halving."""
    best, where = pair
    lanes = best.lanes
    while lanes > 1:
        half = (lanes + 1) // 2
        low = ", ".join(f"i32 {n}" for n in range(half))
        high = ", ".join(f"i32 {min(n + half, lanes - 1)}" for n in range(half))
        a, b, c, d = (
            writer.put(
                f"shufflevector {value}, {value.type} poison, <{half} x i32> <{numbers}>",
                value.element,
                half,
            )
            for value in (best, where)
            for numbers in (low, high)
        )
        better = is_better(writer, kind, (b, d), (a, c), dtype)
        best = writer.put(f"select {better}, {b}, {a}", a.element, half)
        where = writer.put(f"select {better}, {d}, {c}", c.element, half)
        lanes = half
    return [
        writer.put(f"extractelement {value}, i64 0", value.element, 0) for value in (best, where)
    ]


def is_better(writer: Writer, kind: str, new: Pair, old: Pair, dtype: Dtype) -> Val:
    """Whether a pair beats another: NaN, then the extreme, then the first; -1 is nowhere."""
    (x, position), (best, where) = new, old
    lanes = x.lanes

    def put(text: str) -> Val:
        return writer.put(text, "i1", lanes)

    unset = put(f"icmp slt {where}, {splat('0', 'i32', lanes)}")
    if dtype.is_float:
        strictly = put(f"fcmp {'ogt' if kind == 'argmax' else 'olt'} {x}, {best.text}")
        equal = put(f"fcmp oeq {x}, {best.text}")
        x_nan = put(f"fcmp uno {x}, {x.text}")
        best_nan = put(f"fcmp uno {best}, {best.text}")
        both_nan = put(f"and {x_nan}, {best_nan.text}")
        fresh = put(f"xor {best_nan}, {splat('true', 'i1', lanes)}")
        first_nan = put(f"and {x_nan}, {fresh.text}")
        strictly = put(f"or {strictly}, {first_nan.text}")
        equal = put(f"or {equal}, {both_nan.text}")
    else:
        sign = "s" if dtype.is_signed else "u"
        strictly = put(f"icmp {sign}{'gt' if kind == 'argmax' else 'lt'} {x}, {best.text}")
        equal = put(f"icmp eq {x}, {best.text}")
    earlier = put(f"icmp slt {position}, {where.text}")
    tie = put(f"and {equal}, {earlier.text}")
    better = put(f"or {strictly}, {tie.text}")
    return put(f"or {better}, {unset.text}")
