"""Between which integers a value lies.

An interval (least, most) holds for every element; None is no bound that is known. Grids have at
most 2^31 - 1 programs in all; extents and sizes are not negative. Arithmetic that might wrap around
gives the range of its dtype: an `index` wraps at 64 bits, absurd as such values are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile

Interval = tuple[int | None, int | None]

MOST_PROGRAMS: Final = 2**31 - 1
LARGEST: Final = 2**63 - 1
ANY: Final[Interval] = (None, None)


def ranges(function: ir.Function) -> Mapping[ir.Value, Interval]:
    """The interval of every integer and `bool_` value of a function; `ANY` for the others."""
    found = _Ranges()
    for parameter in function.parameters:
        found.intervals[parameter] = range_of_type(parameter)
    found.block(function.body)
    return found.intervals


def range_of_type(value: ir.Value) -> Interval:
    """What the dtype of a value says."""
    match value.type:
        case Tile(dtype):
            return _range_of(dtype)
        case _:
            return ANY


def _range_of(dtype: Dtype) -> Interval:
    if dtype.is_bool:
        return (0, 1)
    if not dtype.is_integer:
        return ANY
    if dtype.is_signed:
        return (-(1 << (dtype.bits - 1)), (1 << (dtype.bits - 1)) - 1)
    return (0, (1 << dtype.bits) - 1)


class _Ranges:
    """One walk in the order of the text; loops are not iterated, what they carry widens at once."""

    def __init__(self) -> None:
        self.intervals: dict[ir.Value, Interval] = {}

    def block(self, block: ir.Block) -> None:
        for op in block.ops:
            if op.effect is ir.Effect.REGION:
                self.region(op)
            else:
                for value in op.results:
                    self.intervals[value] = ANY
                if op.results and isinstance(op.results[0].type, Tile):
                    self.simple(op)

    def simple(self, op: ir.Op) -> None:
        if len(op.results) == 1:
            self.intervals[op] = _within(self.interval(op), op.tile.dtype)
            return
        for value in op.results:
            self.intervals[value] = range_of_type(value)
        match op:
            case ir.ArgReduce(_, x, axis):
                self.intervals[op.results[0]] = self.of(x)
                self.intervals[op.results[1]] = (0, x.tile.shape[axis] - 1)
            case _:
                pass

    def of(self, value: ir.Value) -> Interval:
        return self.intervals.get(value, ANY)

    def region(self, op: ir.Op) -> None:
        for block in op.blocks:
            for parameter in block.parameters:
                self.intervals[parameter] = range_of_type(parameter)
        match op:
            case ir.For(start, stop, step, _, body):
                self.intervals[body.parameters[0]] = self.counter(start, stop, step)
                self.unchanging(op, body.parameters[1:])
            case ir.While(_, condition, body):
                self.unchanging(op, body.parameters)
                self.unchanging(op, condition.parameters)
            case _:
                pass
        for block in op.blocks:
            self.block(block)
        for k, result in enumerate(op.results):
            self.intervals[result] = range_of_type(result)
            match op:
                case ir.If(_, then, orelse):
                    ends = [block.terminator for block in (then, orelse)]
                    values = [end.operands[k] for end in ends if isinstance(end, ir.Yield)]
                    self.intervals[result] = _join([self.of(value) for value in values])
                case ir.For(body=body):
                    self.intervals[result] = self.of(body.parameters[k + 1])
                case ir.While(body=body):
                    self.intervals[result] = self.of(body.parameters[k])
                case _:
                    pass

    def unchanging(self, op: ir.For | ir.While, parameters: tuple[ir.Parameter, ...]) -> None:
        """Carried values that only pass through."""
        jumps = ir.loop_ends(op.body)
        inside = op.body.parameters[len(op.body.parameters) - len(op.inits) :]
        for k, parameter in enumerate(parameters):
            if all(jump.operands[k] is inside[k] for jump in jumps):
                self.intervals[parameter] = self.of(op.inits[k])

    def counter(self, start: ir.Value, stop: ir.Value, step: ir.Value) -> Interval:
        (low, high), (least, most), steps = self.of(start), self.of(stop), self.of(step)
        if steps[0] is not None and steps[0] > 0:
            return _within((low, None if most is None else most - 1), start.tile.dtype)
        if steps[1] is not None and steps[1] < 0:
            return _within((None if least is None else least + 1, high), start.tile.dtype)
        return range_of_type(start)

    def interval(self, op: ir.Op) -> Interval:
        """What an op gives if nothing wraps around."""
        match op:
            case ir.Const(value) if not isinstance(value, float):
                return (int(value), int(value))
            case ir.Iota(tile, axis, start):
                return (start, start + tile.shape[axis] - 1)
            case ir.ProgramId():
                return (0, MOST_PROGRAMS - 1)
            case ir.NumPrograms():
                return (1, MOST_PROGRAMS)
            case ir.Extent(source, axis):
                extent = source.array.extents[axis]
                return (0, LARGEST) if extent is None else (extent, extent)
            case ir.Stride(source, axis) if source.array.unit_axis == axis:
                return (1, 1)
            case ir.Broadcast(x) | ir.Reshape(x) | ir.Permute(x) | ir.Slice(x) | ir.Flip(x):
                return self.of(x)
            case ir.Cast(x, dtype) if not x.tile.dtype.is_float:
                return self.of(x) if dtype.is_integer else range_of_type(op)
            case ir.Sort("positions", x, axis):
                return (0, x.tile.shape[axis] - 1)
            case ir.Sort(_, x):
                return self.of(x)
            case ir.Gather(x):
                return _join([self.of(x), (0, 0)])
            case ir.Histogram(x):
                return (0, x.tile.size)
            case ir.Concat(parts):
                return _join([self.of(part) for part in parts])
            case ir.Select(_, yes, no):
                return _join([self.of(yes), self.of(no)])
            case ir.Reduce("max" | "min", x):
                return self.of(x)
            case ir.Unary(kind, x):
                return _unary(kind, self.of(x), op.tile.dtype)
            case ir.Binary(kind, left, right) if op.tile.dtype.is_integer:
                return _binary(kind, self.of(left), self.of(right))
            case _:
                return range_of_type(op)


def _within(found: Interval, dtype: Dtype) -> Interval:
    """An interval cut to a dtype: the dtype's own range where the value may have wrapped."""
    least, most = _range_of(dtype)
    low, high = found
    if least is None or most is None:
        return found
    if low is None or high is None or low < least or high > most:
        return (least, most)
    return (low, high)


def _join(intervals: list[Interval]) -> Interval:
    lows = [low for low, _ in intervals]
    highs = [high for _, high in intervals]
    return (
        None if not lows or None in lows else min(low for low in lows if low is not None),
        None if not highs or None in highs else max(high for high in highs if high is not None),
    )


def _unary(kind: str, x: Interval, dtype: Dtype) -> Interval:
    low, high = x
    match kind:
        case "neg":
            return (None if high is None else -high, None if low is None else -low)
        case "abs" if low is not None and low >= 0:
            return x
        case "abs" if low is not None and high is not None:
            return (0, max(-low, high))
        case "popcount" | "clz":
            return (0, dtype.bits)
        case _:
            return _range_of(dtype)


def _binary(kind: str, x: Interval, y: Interval) -> Interval:
    """Interval arithmetic without wrapping."""
    (a, b), (c, d) = x, y
    match kind:
        case "add":
            return (
                None if a is None or c is None else a + c,
                None if b is None or d is None else b + d,
            )
        case "sub":
            return (
                None if a is None or d is None else a - d,
                None if b is None or c is None else b - c,
            )
        case "mul":
            return _product(x, y)
        case "min":
            return (
                None if a is None or c is None else min(a, c),
                b if d is None else d if b is None else min(b, d),
            )
        case "max":
            return (
                a if c is None else c if a is None else max(a, c),
                None if b is None or d is None else max(b, d),
            )
        case "floordiv" if c is not None and c > 0:
            return _quotient(x, c, d)
        case "mod" if c is not None and c > 0:
            return (0, None if d is None else d - 1)
        case "and" if a is not None and a >= 0 and c is not None and c >= 0:
            bounds = [bound for bound in (b, d) if bound is not None]
            return (0, min(bounds) if bounds else None)
        case "and" if c is not None and c >= 0:
            return (0, d)
        case "shr" if c is not None and c == d and 0 <= c < 64:
            return (None if a is None else a >> c, None if b is None else b >> c)
        case "shl" if c is not None and c == d and 0 <= c < 64:
            return (None if a is None else a << c, None if b is None else b << c)
        case _:
            return ANY


def _product(x: Interval, y: Interval) -> Interval:
    (a, b), (c, d) = x, y
    if a is not None and b is not None and c is not None and d is not None:
        corners = (a * c, a * d, b * c, b * d)
        return (min(corners), max(corners))
    if a is not None and a >= 0 and c is not None and c >= 0:
        return (a * c, None if b is None or d is None else b * d)
    return ANY


def _quotient(x: Interval, least: int, most: int | None) -> Interval:
    """The floored quotient by something positive."""
    low, high = x
    if low is not None:
        low = low // least if low < 0 else 0 if most is None else low // most
    if high is not None:
        high = high // least if high >= 0 else -1 if most is None else high // most
    return (low, high)
