"""Which memory an op touches, and whether two ops may touch the same."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

from tilewright.dsl import ir
from tilewright.dsl.types import Array, Tile, index

from .ranges import range_of_type


class Span(NamedTuple):
    """Positions from `least` to `most` behind a scalar (none: 0)."""

    base: ir.Value | None
    least: int
    most: int


def root_of(value: ir.Value) -> ir.Parameter | None:
    """The parameter whose memory an array or a pointer lies in; None where that is not known.

    The parameter may be one of a loop: only those of the function name an argument.
    """
    match value:
        case ir.Parameter():
            return value
        case ir.SubArray(source, _) | ir.Address(source):
            return root_of(source)
        case ir.Offset(pointer, _):
            return root_of(pointer)
        case ir.Broadcast(x, _) | ir.Reshape(x, _) | ir.Permute(x, _) | ir.Slice(x, _, _):
            return root_of(x)
        case ir.Flip(x, _):
            return root_of(x)
        case ir.Select(_, yes, no):
            root = root_of(yes)
            return root if root is root_of(no) else None
        case _:
            return None


def memory_of(op: ir.Op) -> ir.Value | None:
    """The array or pointers through which an op reads or writes; None if it touches no memory."""
    if op.effect not in (ir.Effect.READ, ir.Effect.WRITE) or isinstance(op, ir.Print):
        return None
    return next((value for value in op.operands if is_memory(value)), None)


def is_memory(value: ir.Value) -> bool:
    """Whether a value leads to memory: an array or pointers."""
    match value.type:
        case Array():
            return True
        case Tile(dtype):
            return dtype.is_pointer


def may_alias(a: ir.Op, b: ir.Op, function: ir.Function, changed: Container[ir.Value] = ()) -> bool:
    """Whether two ops may touch one element of memory, at least one of them writing it.

    The fact `disjoint` means that nothing written overlaps another argument, or itself. An atomic
    that orders memory counts as touching all of it. `changed` are values that may be others for one
    op than for the other, as those of a loop's body are where a round meets the next.
    """
    if ir.Effect.WRITE not in (a.effect, b.effect):
        return False
    left, right = memory_of(a), memory_of(b)
    if left is None or right is None:
        return False
    if orders_memory(a) or orders_memory(b):
        return True
    if "disjoint" not in function.facts:
        return True
    x, y = root_of(left), root_of(right)
    if x not in function.parameters or y not in function.parameters:
        return True
    return x is y and not _are_apart(a, b, changed)


def _are_apart(a: ir.Op, b: ir.Op, changed: Container[ir.Value]) -> bool:
    """Whether two accesses to one array go to different elements along some axis of it."""
    match a, b:
        case (
            ir.Load(source, position) | ir.Store(source, position),
            ir.Load(other, there) | ir.Store(other, there),
        ) if source is other:
            pairs = ((_span(p), _span(q)) for p, q in zip(position, there, strict=False))
            return any(
                p is not None
                and q is not None
                and p.base is q.base
                and (p.base is None or p.base not in changed)
                and (p.most < q.least or q.most < p.least)
                for p, q in pairs
            )
        case _:
            return False


def _span(position: ir.Value) -> Span | None:
    """Where a position may lie, if it is a scalar and constants; outside an array nothing lies."""
    match position:
        case ir.Const(int(number)):
            return Span(None, number, number)
        case ir.Iota(axis=axis, start=start):
            return Span(None, start, start + position.tile.shape[axis] - 1)
        case ir.Broadcast(x) | ir.Reshape(x):
            return _span(x)
        case ir.Cast(x, dtype) if dtype is index and x.tile.dtype.is_signed:
            return _span(x)
        case ir.Binary("add", left, right):
            a, b = _span(left), _span(right)
            if a is None or b is None or None not in (a.base, b.base):
                return None
            found = Span(a.base or b.base, a.least + b.least, a.most + b.most)
            low, high = range_of_type(position)  # beyond, a sum may come around to what another is
            fits = low is not None and high is not None and low <= found.least <= found.most <= high
            return found if fits else None
        case ir.Value(type=Tile(shape=())):
            return Span(position, 0, 0)
        case _:
            return None


def orders_memory(op: ir.Op) -> bool:
    """Whether no access to memory may move over an op, whatever it touches."""
    match op:
        case ir.Atomic(order=order) | ir.AtomicPointer(order=order):
            return order != "relaxed"
        case _:
            return False


def roots(ops: Iterable[ir.Op], effect: ir.Effect) -> set[ir.Value | None]:
    """What the memory lies in that ops touch in one way; None if that is not known of some."""
    found = [memory_of(op) for op in ops if op.effect is effect]
    return {root_of(memory) for memory in found if memory is not None}


def written(function: ir.Function) -> tuple[bool, ...]:
    """Per parameter, whether the function may write its memory."""
    found = roots(ir.walk(function.body), ir.Effect.WRITE)
    unknown = not found <= set(function.parameters)
    return tuple(is_memory(p) and (unknown or p in found) for p in function.parameters)


def only_stored(function: ir.Function) -> frozenset[ir.Value]:
    """The parameters whose memory a function stores to, and does nothing else with."""
    if "disjoint" not in function.facts:
        return frozenset()
    stored: set[ir.Value | None] = set()
    others: set[ir.Value | None] = set()
    for op in ir.walk(function.body):
        memory = memory_of(op)
        if memory is not None:
            (stored if isinstance(op, ir.Store) else others).add(root_of(memory))
    if None in stored | others:
        return frozenset()
    return frozenset(root for root in stored - others if root is not None)


def is_read(value: ir.Value) -> bool:
    """Whether a scalar is an element of an array, or made of some."""
    match value:
        case ir.Load():
            return True
        case ir.Unary() | ir.Binary() | ir.Cast() | ir.Select():
            return any(map(is_read, value.operands))
        case _:
            return False
