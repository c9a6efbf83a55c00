"""Prints what puts zeros of either sign back into the order they stood in.

As words -0.0 stands before 0.0 or behind it, but they are equal. Rows that hold both are few: there
all zeros are written once more, one by one, behind the elements that come before them.
"""

from __future__ import annotations

from collections.abc import Callable

from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype

from .emit_access import Accesses
from .networks import Record
from .spelling import splat, vector
from .words import Words
from .writer import Val, Writer

# What zeros are as words, upwards and downwards.
ZEROS = (-1, 0)


@record
class Row:
    """Some elements of bits `dtype`: the first one's address, how far apart they lie, how many."""

    start: Val
    stride: int
    count: int
    dtype: Dtype


def has_both_zeros(words: Words, load: Callable[[Val], Record]) -> Val:
    """Whether zeros of both signs are among the sorted words."""
    writer, sorting = words.writer, words.sorting
    lanes, kind = sorting.lanes, words.word

    def body(unit: Val, seen: list[Val]) -> list[Val]:
        (word,) = load(unit)
        return [_seen(writer, word, n, old) for n, old in zip(ZEROS, seen, strict=True)]

    none = [Val("zeroinitializer", kind, lanes, writer.level) for _ in ZEROS]
    found = writer.loop("0", str(sorting.units), "1", none, body, at_least_once=True)
    a, b = (
        writer.call("vector.reduce.or", kind, 0, [x], overloads=f"v{lanes}{kind}") for x in found
    )
    both = writer.put(f"and {a}, {b.text}", kind, 0)
    return writer.put(f"icmp ne {both}, 0", "i1", 0)


def _seen(writer: Writer, word: Val, number: int, before: Val) -> Val:
    """All bits of a lane from where its word was a number once."""
    test = writer.put(
        f"icmp eq {word}, {splat(str(number), word.element, word.lanes)}", "i1", word.lanes
    )
    wide = writer.put(
        f"sext {test} to {vector(word.element, word.lanes)}", word.element, word.lanes
    )
    return writer.put(f"or {before}, {wide.text}", word.element, word.lanes)


def restore_zeros(words: Words, accesses: Accesses, source: Row, target: Row) -> None:
    """Write the zeros of a row in their order to where zeros begin in the sorted one."""
    writer, kind = words.writer, words.key

    def at(row: Row, i: Val) -> Val:
        offset = i if row.stride == 1 else writer.put(f"mul i64 {i.text}, {row.stride}", "i64", 0)
        return accesses.address(row.start, offset, row.dtype, writer.level)

    def element(i: Val) -> tuple[Val, Val]:
        x = accesses.load_at(at(source, i), source.dtype, None, None)
        return x, writer.put(f"and {x}, {words.most}", kind, 0)

    def count(i: Val, carried: list[Val]) -> list[Val]:
        x, magnitude = element(i)
        below = writer.put(f"sub {magnitude}, 1", kind, 0)
        is_number = writer.put(f"icmp ult {below}, {words.infinity}", "i1", 0)
        side = "sge" if words.descending else "slt"
        is_before = writer.put(f"icmp {side} {x}, 0", "i1", 0)
        return [_plus_one(writer, carried[0], [is_number, is_before])]

    def write(i: Val, carried: list[Val]) -> list[Val]:
        x, magnitude = element(i)
        (place,) = carried
        is_zero = writer.put(f"icmp eq {magnitude}, 0", "i1", 0)
        is_wanted = writer.put(f"icmp slt i64 {place.text}, {target.count}", "i1", 0)
        wanted = writer.put(f"and {is_zero}, {is_wanted.text}", "i1", 0)
        accesses.store_at(at(target, place), x, target.dtype, wanted)
        return [_plus_one(writer, place, [is_zero])]

    zero = Val("0", "i64", 0, writer.level)
    first = writer.loop("0", str(source.count), "1", [zero], count, at_least_once=True)
    writer.loop("0", str(source.count), "1", first, write, at_least_once=True)


def _plus_one(writer: Writer, total: Val, conditions: list[Val]) -> Val:
    """One more if all conditions hold."""
    holds, *others = conditions
    for other in others:
        holds = writer.put(f"and {holds}, {other.text}", "i1", 0)
    one = writer.put(f"zext {holds} to i64", "i64", 0)
    return writer.put(f"add i64 {total.text}, {one.text}", "i64", 0)
