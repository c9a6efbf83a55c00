"""Combining (value, position) pairs: argmax and argmin.

Each lane sees its elements in order, so that a later one must be strictly better to count, and it
begins with the worst value at its first position: where nothing is better, that is the answer.
"""

from __future__ import annotations

from tilewright.dsl.types import Dtype

from .folds import combine_lanes
from .spelling import splat
from .writer import Val, Writer

Pair = tuple[Val, Val]


def is_better(writer: Writer, kind: str, new: Val, best: Val, dtype: Dtype) -> Val:
    """Whether a later value beats the best so far: the first NaN does, and nothing beats that."""
    lanes = new.lanes
    if not dtype.is_float:
        sign = "s" if dtype.is_signed else "u"
        order = "gt" if kind == "argmax" else "lt"
        return writer.put(f"icmp {sign}{order} {new}, {best.text}", "i1", lanes)
    order = "ugt" if kind == "argmax" else "ult"
    better = writer.put(f"fcmp {order} {new}, {best.text}", "i1", lanes)
    number = writer.put(f"fcmp ord {best}, {best.text}", "i1", lanes)
    return writer.put(f"and {better}, {number.text}", "i1", lanes)


def best_lane(writer: Writer, kind: str, pair: Pair, dtype: Dtype) -> list[Val]:
    """The best of all lanes, the first of equals, and its position, as scalars."""
    best, where = pair
    lanes = best.lanes
    if not lanes:
        return [best, where]
    extreme = combine_lanes(writer, kind[3:], best, dtype, "")
    everywhere = _splat(writer, extreme, lanes)
    if dtype.is_float:  # where one lane has NaN, the extreme is NaN, and equals nothing
        same = writer.put(f"fcmp oeq {best}, {everywhere.text}", "i1", lanes)
        unordered = writer.put(f"fcmp uno {best}, {best.text}", "i1", lanes)
        same = writer.put(f"or {same}, {unordered.text}", "i1", lanes)
    else:
        same = writer.put(f"icmp eq {best}, {everywhere.text}", "i1", lanes)
    last = splat(str(2**31 - 1), "i32", lanes)
    candidates = writer.put(f"select {same}, {where}, <{lanes} x i32> {last}", "i32", lanes)
    first = writer.call("vector.reduce.smin", "i32", 0, [candidates], overloads=f"v{lanes}i32")
    return [_value_at(writer, best, where, first, dtype), first]


def _value_at(writer: Writer, best: Val, where: Val, first: Val, dtype: Dtype) -> Val:
    """The value of the lane with a position: of zeros the sign counts, of NaN every bit."""
    lanes, bits = best.lanes, f"i{1 if dtype.is_bool else dtype.bits}"
    here = writer.put(f"icmp eq {where}, {_splat(writer, first, lanes).text}", "i1", lanes)
    words = writer.put(f"bitcast {best} to <{lanes} x {bits}>", bits, lanes)
    chosen = writer.put(f"select {here}, {words}, <{lanes} x {bits}> zeroinitializer", bits, lanes)
    word = writer.call("vector.reduce.or", bits, 0, [chosen], overloads=f"v{lanes}{bits}")
    return writer.put(f"bitcast {word} to {best.element}", best.element, 0)


def _splat(writer: Writer, value: Val, lanes: int) -> Val:
    kind = f"<{lanes} x {value.element}>"
    one = writer.put(f"insertelement {kind} poison, {value}, i64 0", value.element, lanes)
    zeros = f"<{lanes} x i32> zeroinitializer"
    return writer.put(f"shufflevector {one}, {kind} poison, {zeros}", value.element, lanes)
