"""What a legal function satisfies, beyond what constructing its ops has checked.

1.  Every op stands in exactly one block, once; a value is defined before it is used, in the same
    block or one around it.
2.  A block ends in `yield`, `break`, `continue` or `return`, and holds none of these before its
    end.
3.  The body of the function ends in a `return` without values or never gets to its end; its
    parameters are arrays and scalars, each with a name of its own.
4.  `yield` gives the op it belongs to values of the types it expects: an `if` its results, a loop
    its carried values, a condition one `bool_` (a tile under `lanes`), `reduce_with` and
    `scan_with` one scalar each.
5.  `break` and `continue` stand in a loop, not in its condition nor in a function inlined into it,
    with the types of the carried values; `return` has the types of the nearest `inlined`, or none.
6.  The bodies of `reduce_with` and `scan_with` are pure; their parameters are twice the scalars.
7.  What a lane condition guards is at least as wide: the results of an `if` with `lanes`, the
    carried tiles of a `while` with `lanes`, and the values of a jump that lanes take one by one.
8.  Kinds exist; constants are Python numbers that their dtype holds; axes are inside and in order;
    masks and fills have the type of the access.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..types import Dtype, Tile, Type, bool_, broadcast_shapes, scalar
from .core import Block, Effect, Function, Op, Value
from .ops import (
    ARG_REDUCTIONS,
    BASIC_BINARY,
    BASIC_UNARY,
    COMPARISONS,
    FLOAT_TESTS,
    MATH_BINARY,
    MATH_UNARY,
    REDUCTIONS,
    SCANS,
    SORTS,
    ArgReduce,
    Atomic,
    Binary,
    Break,
    Compare,
    Concat,
    Const,
    Continue,
    Dot,
    Flip,
    For,
    If,
    Inlined,
    Load,
    LoadPointer,
    NumPrograms,
    ProgramId,
    Reduce,
    ReduceWith,
    Return,
    Scan,
    ScanWith,
    Sort,
    Store,
    StorePointer,
    SubArray,
    Unary,
    While,
    Yield,
)
from .show import show

FACTS: Final = frozenset(("narrow", "disjoint"))


def verify(function: Function) -> None:
    """Raise an `AssertionError` that shows the function with each fault under its op."""
    faults = find_faults(function)
    if faults:
        raise AssertionError(show_faults(function, faults))


def find_faults(function: Function) -> list[tuple[Op | None, str]]:
    """All that is wrong with a function; an op of None stands for the function itself."""
    return _Verifier(function).faults


def show_faults(function: Function, faults: Iterable[tuple[Op | None, str]]) -> str:
    """The function's text with each fault as a comment under its op."""
    notes: dict[Op, list[str]] = {}
    lines = []
    for op, message in faults:
        if op is None:
            lines.append(f"; error: {message}\n")
        else:
            notes.setdefault(op, []).append(message)
    return f"illegal function\n{''.join(lines)}{show(function, notes=notes)}"


_KINDS: Final[dict[type[Op], frozenset[str]]] = {
    Unary: frozenset(BASIC_UNARY + FLOAT_TESTS + MATH_UNARY),
    Binary: frozenset(BASIC_BINARY + MATH_BINARY),
    Compare: frozenset(COMPARISONS),
    Reduce: frozenset(REDUCTIONS),
    ArgReduce: frozenset(ARG_REDUCTIONS),
    Scan: frozenset(SCANS),
    Sort: frozenset(SORTS),
}


class _Verifier:
    """One walk over a function with the set of values in sight and the constructs around."""

    def __init__(self, function: Function) -> None:
        self.faults: list[tuple[Op | None, str]] = []
        self.seen: set[Op] = set()
        self.visible: set[Value] = set()
        self.around: list[Op] = []
        self.pure = 0  # how many bodies that must be pure are around
        self.check_function(function)
        self.block(function.body, (), None)

    def report(self, op: Op | None, message: str) -> None:
        self.faults.append((op, message))

    def check_function(self, function: Function) -> None:
        names: set[str] = set()
        for parameter in function.parameters:
            name = parameter.name
            if name is None or name in names or name[0].isdigit():
                self.report(None, f"parameter {name!r} has no name of its own")
            names.add(name or "")
            match parameter.type:
                case Tile(_, shape) if shape:
                    self.report(None, f"parameter {name!r} is a tile, {parameter.type}")
                case _:
                    pass
        for fact in sorted(function.facts - FACTS):
            self.report(None, f"no fact is called {fact!r}")

    def block(self, block: Block, expected: tuple[Type, ...] | None, owner: Op | None) -> None:
        """Check a block whose `yield` gives these types; None where any are right."""
        if not block.ops:
            self.report(owner, "a block is empty")
            return
        visible, seen = self.visible, self.seen
        added: list[Value] = [*block.parameters]
        visible.update(added)
        last = block.ops[-1]
        for op in block.ops:
            if op in seen:
                self.report(op, "the op stands in two places")
            seen.add(op)
            for value in op.operands:
                if value not in visible:
                    self.report(op, f"operand {value!r} is not defined here")
            self.op(op)
            if (op.effect is Effect.LEAVE) is not (op is last):
                self.report(
                    op, "ends no block" if op is last else "stands before the end of its block"
                )
            if op.results:
                visible.update(op.results)
                added.extend(op.results)
        self.end(last, expected, owner)
        visible.difference_update(added)

    def op(self, op: Op) -> None:
        kinds = _KINDS.get(type(op))
        if kinds is not None and op.kind not in kinds:  # type: ignore[attr-defined]
            self.report(op, f"no kind is called {op.kind!r}")  # type: ignore[attr-defined]
        if self.pure and op.effect not in (Effect.PURE, Effect.REGION, Effect.LEAVE):
            self.report(op, "stands in a body that must be pure")
        if op.effect is Effect.REGION:
            self.around.append(op)
            self.region(op)
            self.around.pop()
        elif type(op) in _CHECKED:
            for message in _check_op(op):
                self.report(op, message)

    def region(self, op: Op) -> None:
        match op:
            case If(condition, then, orelse, lanes):
                types = tuple(value.type for value in op.results)
                for block in (then, orelse):
                    if block.parameters:
                        self.report(op, "a branch takes parameters")
                    self.block(block, types, op)
                if lanes:
                    self.check_width(op, condition.tile.shape, types)
            case For(start, _, step, _, body):
                if start.type != op.stop.type or start.type != step.type:
                    self.report(op, f"range of {start.type}, {op.stop.type} and {step.type}")
                elif not (start.tile.is_scalar and start.tile.dtype.is_integer):
                    self.report(op, f"range of {start.type}, expected an integer scalar")
                self.block(body, tuple(value.type for value in op.results), op)
            case While(_, condition, body, lanes):
                types = tuple(value.type for value in op.results)
                around, self.around = self.around, []
                self.block(condition, None, op)
                self.around = around
                tile = condition_type(op)
                if tile is None or tile.dtype is not bool_:
                    self.report(op, f"condition is {tile}, expected bool_")
                elif lanes:
                    self.check_width(
                        op, tile.shape, tuple(t for t in types if t != scalar(t.dtype))
                    )
                elif not tile.is_scalar:
                    self.report(op, f"condition is {tile}, expected a scalar")
                self.block(body, types, op)
            case Inlined(types, body):
                if body.parameters:
                    self.report(op, "an inlined body takes parameters")
                self.block(body, types, op)
            case ReduceWith(inputs, axis, body) | ScanWith(inputs, axis, body):
                scalars = tuple(scalar(value.tile.dtype) for value in inputs)
                if tuple(parameter.type for parameter in body.parameters) != scalars * 2:
                    self.report(op, "the body takes other types than twice its elements")
                if not inputs or not 0 <= axis < inputs[0].tile.rank:
                    self.report(op, f"no axis is {axis}")
                if len({value.tile.shape for value in inputs}) > 1:
                    self.report(op, "inputs have different shapes")
                self.pure += 1
                self.block(body, scalars, op)
                self.pure -= 1
            case _:
                for block in op.blocks:
                    self.block(block, None, op)

    def end(self, last: Op, expected: tuple[Type, ...] | None, owner: Op | None) -> None:
        match last:
            case Yield(values) if owner is None:
                self.report(last, "yields to nothing")
            case Yield(values) if expected is not None:
                self.check_types(last, values, expected)
            case Break(values) | Continue(values):
                target = self.nearest((For, While))
                if target is None:
                    self.report(last, "stands in no loop")
                else:
                    self.jump(last, values, target)
            case Return(values):
                target = self.nearest((Inlined,))
                if target is None:
                    self.check_types(last, values, ())
                else:
                    self.jump(last, values, target)
            case _:
                pass

    def nearest(self, kinds: tuple[type[Op], ...]) -> Op | None:
        """The construct that a jump leaves; a loop cannot be left from an inlined function."""
        for op in reversed(self.around):
            if isinstance(op, kinds):
                return op
            if isinstance(op, (Inlined, ReduceWith, ScanWith)):
                return None
        return None

    def jump(self, op: Op, values: tuple[Value, ...], target: Op) -> None:
        types = tuple(value.type for value in target.results)
        self.check_types(op, values, types)
        for construct in self.around[self.around.index(target) + 1 :]:
            match construct:
                case If(condition, lanes=True):
                    self.check_width(op, condition.tile.shape, types)
                case While(lanes=True) if (tile := condition_type(construct)) is not None:
                    self.check_width(op, tile.shape, types)
                case _:
                    pass

    def check_types(self, op: Op, values: tuple[Value, ...], expected: tuple[Type, ...]) -> None:
        found = tuple(value.type for value in values)
        if found != expected:
            self.report(op, f"gives ({_list(found)}), expected ({_list(expected)})")

    def check_width(self, op: Op, shape: tuple[int, ...], types: tuple[Type, ...]) -> None:
        for kind in types:
            if not isinstance(kind, Tile) or broadcast_shapes(shape, kind.shape) != kind.shape:
                self.report(op, f"lanes of shape {shape} guard a value of type {kind}")


def condition_type(loop: While) -> Tile | None:
    """The type of a loop's condition; None where its block does not yield one tile."""
    match loop.condition.ops[-1:]:
        case [Yield((Value(type=Tile() as tile),))]:
            return tile
        case _:
            return None


# The ops that `_check_op` knows more about than their construction does.
_CHECKED: Final = frozenset(
    (
        Const, Load, Store, Atomic, Reduce, ArgReduce, Scan, Flip, Concat, Dot, ProgramId,
        NumPrograms, SubArray, LoadPointer, StorePointer,
    )
)  # fmt: skip


def _check_op(op: Op) -> Iterator[str]:
    """What is wrong with an op by itself."""
    match op:
        case Const(value, tile):
            if not holds(tile.dtype, value):
                yield f"{value!r} is no constant of {tile.dtype}"
        case Load() | Store() | Atomic():
            for axes in (op.block_axes, op.inside):
                yield from _check_axes(axes, op.source.array.rank)
        case Reduce(_, x, axes):
            yield from _check_axes(axes, x.tile.rank)
        case ArgReduce(_, x, axis) | Scan(_, x, axis) | Flip(x, axis):
            yield from _check_axes((axis,), x.tile.rank)
        case Concat(parts, axis):
            yield from _check_axes((axis,), parts[0].tile.rank)
        case Dot(a, b) if a.tile.dtype != b.tile.dtype:
            yield f"product of {a.tile.dtype} and {b.tile.dtype}"
        case ProgramId(axis) | NumPrograms(axis) if axis not in (0, 1, 2):
            yield f"no grid axis is {axis}"
        case SubArray(_, position):
            for place in position:
                if not (place.tile.is_scalar and place.tile.dtype.is_integer):
                    yield f"position of type {place.type}, expected an integer scalar"
        case LoadPointer(pointer, mask, fill):
            yield from _check_mask(mask, pointer.tile.shape)
            if fill is not None and fill.type != op.type:
                yield f"fill is {fill.type}, expected {op.type}"
        case StorePointer(pointer, _, mask):
            yield from _check_mask(mask, pointer.tile.shape)
        case _:
            pass


def holds(dtype: Dtype, value: object) -> bool:
    """Whether a Python value is a constant of a dtype."""
    if dtype.is_float:
        return type(value) is float
    if dtype.is_integer:
        least = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
        return type(value) is int and least <= value < least + (1 << dtype.bits)
    return type(value) is bool and dtype.is_bool


def _check_axes(axes: tuple[int, ...], rank: int) -> Iterator[str]:
    if list(axes) != sorted(set(axes)) or not all(0 <= axis < rank for axis in axes):
        yield f"axes {axes} of a tile of rank {rank}"


def _check_mask(mask: Value | None, shape: tuple[int, ...]) -> Iterator[str]:
    if mask is not None and mask.type != Tile(bool_, shape):
        yield f"mask is {mask.type}, expected {Tile(bool_, shape)}"


def _list(types: Iterable[Type]) -> str:
    return ", ".join(map(str, types))
