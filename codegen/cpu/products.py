"""Matrix products: operands packed, and the result in place of the tile that it replaces."""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import replace
from tilewright.dsl.types import Tile, i8, u8

from ..analysis.contiguity import begin_of
from ..planning.placing import Placing
from ..planning.state import Planning, Scope
from ..planning.steps import (
    Buffer,
    Memo,
    View,
)
from .loans import loan_of
from .memos import keys_of
from .registers import group_of, padded_depth, register_tile, row_stride
from .steps import (
    Borrow,
    Depth,
    Interleave,
    Memoize,
    Multiply,
)
from .vectors import finished

# Rows so many bytes apart, or a multiple of it, meet in few sets of the first cache.
SAME_SETS: Final = 512
MOST_POINTERS: Final = 8  # to rows of an array; with 14 those of x86 are spilled


class Products:
    """Plans the products of a function."""

    def __init__(self, planning: Planning, placing: Placing) -> None:
        self.planning = planning
        self.placing = placing
        self.memos: dict[ir.Dot, tuple[Memo, Buffer]] = {}

    def plan(self, op: ir.Dot, scope: Scope) -> None:
        """Pack the operands, bring the accumulator to where the result lies, then multiply."""
        views = self.planning.views
        a = self._rows(op, scope)
        b = self._panels(op, op.b, scope)
        out = self._result(op, scope)
        clear = op.acc is None or _is_zero(op.acc)
        if op.acc is not None and not clear and views.get(op.acc) != out:
            if op.acc in scope.local:
                self.planning.keep_local(op.acc, scope)
            self.placing.write(op.acc, out, scope)
        depths = _depth(op.a, -1), _depth(op.b, -2)
        both = (depths[0], depths[1]) if depths[0] and depths[1] else None
        step = Multiply(op, a, b, out, clear, both)
        here = scope.append_barrier(self._with_earlier(step, scope))
        self.planning.publish(op, (out,), here, scope)

    def _with_earlier(self, step: Multiply, scope: Scope) -> Multiply:
        """A product with the one that it adds to, if both may be computed here and now.

        The operands of that one lie in scratch memory, where nothing changes them meanwhile.
        """
        acc = step.op.acc
        if not isinstance(acc, ir.Dot) or acc not in scope.ready or _is_narrow(step.op):
            return step
        here = scope.ready[acc]
        match scope.steps[here]:
            case Multiply(out=out) as earlier if earlier.op is acc and out == step.out:
                views = [view for one in (*earlier.products, step) for view in (one.a, one.b)]
                if any(view.panel or view.loan is not None for view in views):
                    return step
                scope.steps[here] = None
                before = (*earlier.before, replace(earlier, before=()))
                return replace(step, clear=earlier.clear, before=before)
        return step

    def _rows(self, op: ir.Dot, scope: Scope) -> View:
        """The left operand, in dense rows; with place for zeros at their ends if it is narrow."""
        planning, value = self.planning, op.a
        # The stride from row to row is known at run time only: each row takes a pointer.
        pointers = register_tile(planning.machine, op.result_dtype.itemsize)[0]
        if not _is_narrow(op) and pointers <= MOST_POINTERS:
            borrowed = self._borrowed(op, value, scope)
            if borrowed is not None:
                return borrowed
        *batch, rows, depth = value.tile.shape
        dtype, machine = value.tile.dtype, planning.machine
        if _is_narrow(op) and dtype is i8 and not machine.has_tiles:
            value = _made_unsigned(value)
        if not _is_narrow(op) or (
            value in planning.views and padded_depth(machine, dtype, depth) == depth
        ):
            view = self.placing.find(value, scope)
            return view if view.strides[-1] == 1 else self.placing.copy(value, scope)[0]
        stride = row_stride(machine, dtype, depth)
        size = rows * stride
        buffer = planning.scratch.reserve(value.name or "tile", dtype, prod(batch) * size)
        view = View(buffer, 0, (size, stride, 1)[-len(value.tile.shape) :])
        self._write(value, view, scope)
        return view

    def _borrowed(self, op: ir.Dot, value: ir.Value, scope: Scope) -> View | None:
        """An operand in its array, or copied as it lies there; None if it is not to be had so."""
        found = loan_of(value, op, self.planning)
        if found is None:
            return None
        loan, load = found
        view, inner = self.planning.scratch.allocate(load), Scope(scope)
        self.placing.write(load, view, inner)
        scope.append(Borrow(load, loan, view, finished(inner, self.planning)))
        return replace(view, loan=loan)

    def _write(self, value: ir.Value, view: View, scope: Scope) -> None:
        """Compute a tile, or copy it from where it lies, to a place."""
        if value in scope.local:
            self.planning.keep_local(value, scope)
        if value in self.planning.views:
            self.placing.copy(value, scope, view)
        else:
            self.placing.write(value, view, scope)

    def _panels(self, op: ir.Dot, value: ir.Value, scope: Scope) -> View:
        """The right operand, in panels as wide as the register tile."""
        planning = self.planning
        *batch, depth, columns = value.tile.shape
        width = register_tile(planning.machine, op.result_dtype.itemsize)[1]
        group = 1
        if _is_narrow(op):
            group = group_of(value.tile.dtype)
            depth = padded_depth(planning.machine, value.tile.dtype, depth)
        if value in scope.local:
            planning.keep_local(value, scope)
        if group == 1 and value in planning.views:
            kept = planning.views[value]
            if self._reads_well(op, kept):
                return kept
        size = depth * -(-columns // width) * width
        keys = keys_of(value, planning, scope)
        borrowed = self._borrowed(op, value, scope) if group == 1 and keys is None else None
        if borrowed is not None:
            return borrowed
        memo, buffer = self._memory(op, prod(batch) * size, keys)
        leading = (size,) if batch else ()
        strides = (*leading, width * group, group)
        view = View(buffer, 0, strides, width, depth * width, memo)
        inner = scope if memo is None else Scope(scope)
        if group > 1:
            self._interleave(op, view, depth, inner)
        else:
            self._write(value, view, inner)
        if memo is not None and keys is not None:
            scope.append(Memoize(op, memo, keys, finished(inner, planning)))
        return view

    def _memory(
        self, op: ir.Dot, size: int, keys: tuple[ir.Value, ...] | None
    ) -> tuple[Memo | None, Buffer]:
        """Place for panels; with keys the next program finds them there if it wants the same."""
        name, dtype = op.b.name or "tile", op.b.tile.dtype
        if keys is None:
            return None, self.planning.scratch.reserve(name, dtype, size)
        if op not in self.memos:
            self.memos[op] = self.planning.scratch.memoize(name, dtype, size, len(keys))
        return self.memos[op]

    def _interleave(self, op: ir.Dot, view: View, depth: int, scope: Scope) -> None:
        """The right operand in groups of neighbours along k, by way of dense rows."""
        value = op.b
        if value in self.planning.views:
            source = self.planning.views[value]
            if source.strides[-1] != 1:
                source, _ = self.placing.copy(value, scope)
        else:
            source = self.planning.scratch.allocate(value)
            self.placing.write(value, source, scope)
        dtype, group = value.tile.dtype, view.strides[-1]
        scope.append(Interleave(op, source, view, value.tile.shape, dtype, group, depth))

    def _reads_well(self, op: ir.Dot, view: View) -> bool:
        """Whether the right operand may stay where it lies, in rows a stride apart.

        Rows of a panel that lie together are fetched ahead: worth a copy if many rows of the result
        read them, unless sums stay in registers from product to product for it.
        """
        if view.strides[-1] != 1 or view.panel:
            return False
        rows = register_tile(self.planning.machine, op.result_dtype.itemsize)[0]
        pitch = view.strides[-2] * op.b.tile.dtype.itemsize
        is_spread = pitch % SAME_SETS != 0 and self._is_in_a_chain(op)
        return is_spread or op.a.tile.shape[-2] <= 2 * rows

    def _is_in_a_chain(self, op: ir.Dot) -> bool:
        """Whether a product adds to another, or another to it, and to nothing else."""
        users = self.planning.users
        if isinstance(op.acc, ir.Dot) and users[op.acc] == [op]:
            return True
        found = users.get(op, [])
        return len(found) == 1 and _adds_to(found[0], op)

    def _result(self, op: ir.Dot, scope: Scope) -> View:
        """Where a product lies: in place of the tile that it adds to or becomes, if that may be."""
        planning, users = self.planning, self.planning.users
        last: ir.Op = op
        if isinstance(op.acc, ir.Dot) and op.acc in scope.ready and users[op.acc] == [op]:
            return planning.views[op.acc]
        while (after := users.get(last, [])) and len(after) == 1 and _adds_to(after[0], last):
            last = after[0]
        if op.acc is not None and planning.loops and len(after) == 1:
            loop = planning.loops[-1]
            if after[0] is loop.body.terminator:
                position = after[0].operands.index(last)
                view = loop.views[position]
                if view is not None and self._only_feeds(loop.carried[position], op):
                    return view
        return planning.scratch.allocate(op)

    def _only_feeds(self, carried: ir.Value, op: ir.Dot) -> bool:
        """Whether a carried tile is read, element by element, for nothing but the accumulator."""
        users = self.planning.users
        if op.acc is carried:
            return len(users.get(carried, [])) == 1
        pending = [carried]
        while pending:
            value = pending.pop()
            for user in users.get(value, []):
                match user:
                    case ir.Dot(acc=acc) if user is op and acc is value:
                        continue
                    case ir.Unary() | ir.Binary() | ir.Fma() | ir.Select() | ir.Cast():
                        if user.tile.shape != carried.tile.shape:
                            return False
                        pending.append(user)
                    case _:
                        return False
        return True


def _adds_to(user: ir.Op, product: ir.Value) -> bool:
    """Whether an op is a product that is added to another."""
    match user:
        case ir.Dot(acc=acc):
            return acc is product
        case _:
            return False


def _is_zero(value: ir.Value) -> bool:
    """Whether a tile is all zeros: a sum of products begins with a positive one anyway."""
    match value:
        case ir.Const(number):
            return number == 0
        case ir.Broadcast(x):
            return _is_zero(x)
        case _:
            return False


def _made_unsigned(value: ir.Value) -> ir.Value:
    """128 more in each element, as its first bit turned: vectors multiply unsigned by signed."""
    offset = ir.Const(128, Tile(u8, value.tile.shape))
    return ir.Binary("xor", ir.Bitcast(value, u8), offset)


def _is_narrow(op: ir.Dot) -> bool:
    """Whether the operands stay narrower than the result."""
    return op.a.tile.dtype is not op.result_dtype


def _depth(operand: ir.Value, axis: int) -> Depth | None:
    """Where an operand that is read as a block begins along an axis of its own; None elsewhere."""
    match operand:
        case ir.Cast(x):
            return _depth(x, axis)
        case ir.Permute(x, axes):
            return _depth(x, axes[axis] - len(axes))
        case ir.Load(fill=None, mask=None):
            pass
        case _:
            return None
    for number, position in enumerate(operand.position):
        shape = position.tile.shape
        if len(shape) >= -axis and shape[axis] == operand.tile.shape[axis] == prod(shape):
            found = begin_of(position)
            return None if found is None else Depth(operand.source, number, *found)
    return None
