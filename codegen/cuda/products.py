"""Plans matrix products: operands in shared memory, as tensor cores or threads can take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import replace
from tilewright.dsl.types import Dtype, Tile, bf16, f8e4m3, f8e5m2, f16, f32, i8, i32, u8

from ..analysis.lanewise import ELEMENTWISE
from ..planning.coordinates import dense_strides
from ..planning.placing import Placing
from ..planning.state import Planning, Scope
from ..planning.steps import Buffer, Step, View
from ..planning.walks import free_tiles, walk_op
from ..target import Gpu
from .steps import WARP, Multiply, Place, Registers, Tensor, rebuilt
from .tiles import padded_row

# Rows of shared memory so many bytes longer than they need be meet in different banks.
PAD: Final = 16
PIECE: Final = 128  # bytes that a swizzled row is cut into
ROWS: Final = 16  # of a product of one warp
COLUMNS: Final = 8
MOST_COLUMNS: Final = 256  # of one instruction of four warps

_INSTRUCTIONS: Final[dict[tuple[Dtype, Dtype], tuple[str, int]]] = {
    (f16, f16): ("mma_m16n8k16_f16", 16),
    (bf16, bf16): ("mma_m16n8k16_bf16", 16),
    (i8, i8): ("mma_m16n8k32_s8", 32),
    (u8, u8): ("mma_m16n8k32_u8", 32),
    (f8e4m3, f8e4m3): ("mma_m16n8k32_e4m3", 32),
    (f8e4m3, f8e5m2): ("mma_m16n8k32_e4m3_e5m2", 32),
    (f8e5m2, f8e4m3): ("mma_m16n8k32_e5m2_e4m3", 32),
    (f8e5m2, f8e5m2): ("mma_m16n8k32_e5m2", 32),
}
_OF_TF32: Final = ("mma_m16n8k8_tf32", 8)


class Products:
    """Plans the products of a function."""

    def __init__(self, planning: Planning, placing: Placing) -> None:
        self.planning = planning
        self.placing = placing
        self.placed: dict[tuple[Scope, ir.Value, str], View] = {}  # operands, by their form

    def plan(self, op: ir.Dot, scope: Scope) -> None:
        """Keep the operands, bring the accumulator to where the result lies, then multiply."""
        planning = self.planning
        gpu = planning.target.gpu
        tensor = tensor_for(op, gpu)
        a, b = self._left(op, tensor, scope), self._right(op, tensor, scope)
        if tensor is not None:
            rows, columns = op.tile.shape[-2:]
            is_wide = rows % (4 * ROWS) == 0 and columns <= MOST_COLUMNS
            if gpu.has_wgmma and is_wide and (a.swizzle or self._is_held(op)) and b.swizzle:
                name = f"wgmma_m64n{columns}k16_{op.a.tile.dtype.name}"
                name = name if tensor.b_by_rows else f"{name}_columns"
                tensor = replace(tensor, instruction=name, by_group=True)
        out = self._result(op)
        clear = is_zero(op.acc)
        if op.acc is not None and not clear and planning.views.get(op.acc) != out:
            self._write(op.acc, out, scope)
        here = scope.append_barrier(Multiply(op, a, b, out, clear, tensor))
        planning.publish(op, (out,), here, scope)

    def keep_factors(self, op: ir.For | ir.While, scope: Scope) -> None:
        """Operands of products in a loop that come from outside lie there once for all rounds."""
        outside = set(free_tiles(op))
        for inner in walk_op(op):
            match inner:
                case ir.Dot(a=a, b=b):
                    tensor = tensor_for(inner, self.planning.target.gpu)
                    if a in outside:
                        self._left(inner, tensor, scope)
                    if b in outside or turned(b) in outside:
                        self._right(inner, tensor, scope)

    def _left(self, op: ir.Dot, tensor: Tensor | None, scope: Scope) -> View:
        """Where the left operand lies."""
        if tensor is None:
            return self._for_threads(op.a, scope)
        if self._is_held(op):
            return self._known(op.a, "held", scope, self._dense)
        return self._known(op.a, "rows", scope, self._rows)

    def _is_held(self, op: ir.Dot) -> bool:
        """Whether the left operand is computed from what tensor cores hold in the way that they
        take it: of elements of two bytes, as pairs in a row.
        """
        if len(op.tile.shape) != 2 or op.a.tile.dtype.itemsize != 2 or op.a in self.planning.views:
            return False
        seen: set[ir.Value] = set()
        left = [op.a]
        while left:
            value = left.pop()
            match value:
                case ir.Dot() if value.tile.shape == op.a.tile.shape:
                    if tensor_for(value, self.planning.target.gpu) is not None:
                        return True
                case ir.Op() if isinstance(value, ELEMENTWISE) and value not in seen:
                    seen.add(value)
                    left += [x for x in value.operands if isinstance(x.type, Tile)]
        return False

    def _right(self, op: ir.Dot, tensor: Tensor | None, scope: Scope) -> View:
        """Where the right operand lies."""
        if tensor is None:
            return self._for_threads(op.b, scope, is_right=True)
        if tensor.b_by_rows:
            return self._known(op.b, "rows", scope, self._rows)
        x = turned(op.b)
        if x is not None:
            return across(self._known(x, "rows", scope, self._rows_of_turned))
        return self._known(op.b, "columns", scope, self._columns)

    def _known(
        self, value: ir.Value, form: str, scope: Scope, place: Callable[[ir.Value, Scope], View]
    ) -> View:
        """Where a value lies in a form that products take, brought there now if it is not yet."""
        around: Scope | None = scope
        while around is not None:
            view = self.placed.get((around, value, form))
            if view is not None:
                return view
            around = around.parent
        view = self.placed[scope, value, form] = place(value, scope)
        return view

    def is_turned_later(self, op: ir.Permute) -> bool:
        """Whether a transposed tile is only the right operand of products, next to it in a loop."""
        planning = self.planning
        if turned(op) is None or not planning.loops or op.x in planning.views:
            return False
        around = planning.loops[-1].body.ops
        return op in around and all(
            isinstance(user, ir.Dot)
            and user in around
            and user.b is op
            and op not in (user.a, user.acc)
            for user in planning.users[op]
        )

    def _for_threads(self, value: ir.Value, scope: Scope, is_right: bool = False) -> View:
        """A tile where it lies, or else in rows; of a left operand 8 begin in different banks."""
        views, is_turned = self.planning.views, False
        x = turned(value)
        match value:
            case _ if is_right and x is not None and not {value, x} & views.keys():
                value, is_turned = x, True
            case ir.Permute() | ir.Flip() | ir.Slice() | ir.Concat() | ir.Reshape():
                return self.placing.find(value, scope)
        if value in views or value in scope.local:
            view = self.placing.find(value, scope)
        elif is_turned or not is_right:
            view = self._known(value, "apart", scope, self._apart)
        else:
            view = self._known(value, "dense", scope, self._dense)
        return across(view) if is_turned else view

    def _apart(self, value: ir.Value, scope: Scope) -> View:
        """A tile in rows of which 8 begin in different banks."""
        dtype, shape = value.tile.dtype, value.tile.shape
        *_, rows, columns = shape
        stride = padded_row(columns, dtype.itemsize)
        size = prod(shape[:-1]) * stride
        buffer = self.planning.scratch.reserve(value.name or "rows", dtype, size)
        view = View(buffer, 0, (rows * stride, stride, 1)[-len(shape) :])
        self._write(value, view, scope)
        return view

    def _dense(self, value: ir.Value, scope: Scope) -> View:
        """A tile in rows one behind the other."""
        tile = value.tile
        buffer = self.planning.scratch.reserve(value.name or "rows", tile.dtype, tile.size)
        view = View(buffer, 0, dense_strides(tile.shape))
        self._write(value, view, scope)
        return view

    def _rows(self, value: ir.Value, scope: Scope) -> View:
        """A tile in rows."""
        return self._in_rows(value, scope, "rows")

    def _rows_of_turned(self, value: ir.Value, scope: Scope) -> View:
        """A tile in rows, which a product takes as columns."""
        return self._in_rows(value, scope, "columns")

    def _in_rows(self, value: ir.Value, scope: Scope, name: str) -> View:
        view = self._make(value.name or name, value.tile.dtype, *value.tile.shape)
        self._write(value, view, scope)
        return view

    def _columns(self, value: ir.Value, scope: Scope) -> View:
        """A tile in columns: its transpose in rows."""
        *outer, rows, columns = value.tile.shape
        name, dtype = value.name or "columns", value.tile.dtype
        view = across(self._padded(name, dtype, *outer, columns, rows))
        self._write(value, view, scope)
        return view

    def _make(self, name: str, dtype: Dtype, *shape: int) -> View:
        """Place for rows: swizzled if pieces of 128 bytes make them up, else padded."""
        rows, columns = shape[-2:]
        is_single = len(shape) == 2
        if is_single and columns * dtype.itemsize % PIECE == 0 and dtype.itemsize == 2:
            buffer = self.planning.scratch.reserve(name, dtype, rows * columns)
            return View(buffer, 0, (columns, 1), swizzle=rows)
        return self._padded(name, dtype, *shape)

    def _padded(self, name: str, dtype: Dtype, *shape: int) -> View:
        """Place for rows that begin in different banks, those of a batch below each other."""
        rows, columns = shape[-2:]
        stride = columns + PAD // dtype.itemsize
        buffer = self.planning.scratch.reserve(name, dtype, prod(shape[:-1]) * stride)
        return View(buffer, 0, (rows * stride, stride, 1)[-len(shape) :])

    def _write(self, value: ir.Value, view: View, scope: Scope) -> None:
        """Compute a tile, or copy it from where it lies, to a place."""
        if value in scope.local:
            self.planning.keep_local(value, scope)
        if isinstance(value, ir.Permute | ir.Flip | ir.Slice | ir.Concat | ir.Reshape):
            self.placing.find(value, scope)
        if value in self.planning.views:
            self.placing.copy(value, scope, view)
        else:
            self.placing.write(value, view, scope)

    def _result(self, op: ir.Dot) -> View:
        """Where a product lies: over the accumulator that a loop carries, if it replaces that."""
        planning = self.planning
        match op.acc:
            case ir.Parameter() as acc if planning.loops and acc in planning.loops[-1].carried:
                loop = planning.loops[-1]
                place = loop.carried.index(acc)
                end = loop.body.terminator
                view = loop.views[place]
                if (
                    isinstance(end, ir.Yield)
                    and end.values[place] is op
                    and planning.users[acc] == [op]
                    and view is not None
                ):
                    return view
            case ir.Op() as acc if (view := self._carried_on(acc, op)) is not None:
                return view
            case _:
                pass
        (view,) = planning.results_in_memory(op)
        assert view is not None
        return view

    def _carried_on(self, acc: ir.Op, op: ir.Dot) -> View | None:
        """Where a tile that a loop carries lies, if the accumulator is all that becomes of it and
        the product replaces it: then all three lie there.
        """
        planning = self.planning
        if not planning.loops or not isinstance(planning.loops[-1].body.terminator, ir.Yield):
            return None
        loop = planning.loops[-1]
        for place, value in enumerate(loop.body.terminator.operands):
            if value is op and self._becomes(loop.carried[place], acc, op):
                return loop.views[place]
        return None

    def _becomes(self, value: ir.Value, acc: ir.Op, op: ir.Dot) -> bool:
        """Whether an accumulator is computed from a value element by element, and nothing else."""
        shape = op.tile.shape
        while value is not acc:
            users = self.planning.users.get(value, [])
            if len(users) != 1 or not isinstance(users[0], ELEMENTWISE):
                return False
            value = users[0]
            if value.tile.shape != shape:
                return False
        return self.planning.users[acc] == [op] and acc not in (op.a, op.b)


def tensor_for(op: ir.Dot, gpu: Gpu) -> Tensor | None:
    """The instruction for a product; None where there is none for its types or its shape."""
    a, b, dtype = op.a.tile.dtype, op.b.tile.dtype, op.result_dtype
    if dtype not in (f32, i32):
        return None
    if (a, b, dtype) == (f32, f32, f32) and op.precision == "tf32":
        instruction, depth = _OF_TF32
    elif (a, b) in _INSTRUCTIONS:
        instruction, depth = _INSTRUCTIONS[a, b]
    else:
        return None
    if a.is_storage_only and gpu.capability < (8, 9):
        return None
    if a.is_float != dtype.is_float:
        return None
    *outer, rows, columns = op.tile.shape
    k = op.a.tile.shape[-1]
    size = prod(outer) * (rows + columns) * (k + PAD) * a.itemsize
    if size > gpu.shared_memory * 3 // 4:
        return None
    if rows % ROWS or columns % (2 * COLUMNS) or k % depth:
        return None
    is_turned = isinstance(op.b, ir.Permute)
    return Tensor(instruction, depth, b.bits == 16 and not is_turned)


def settled(
    steps: tuple[Step, ...], places: Mapping[Buffer, Place], threads: int
) -> tuple[Step, ...]:
    """The same steps; products of four warps are those of one where there are not as many, or where
    the left operand should lie in registers and does not.
    """

    def change(block: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(map(settle, block))

    def settle(step: Step) -> Step:
        match step:
            case Multiply(op, a, tensor=tensor) if tensor is not None and tensor.by_group:
                is_there = a.swizzle or isinstance(places[a.buffer], Registers)
                if is_there and threads >= 4 * WARP:
                    return step
                name = _INSTRUCTIONS[op.a.tile.dtype, op.b.tile.dtype][0]
                return replace(step, tensor=replace(tensor, instruction=name, by_group=False))
            case _:
                return step

    return rebuilt(steps, change)


def turned(value: ir.Value) -> ir.Value | None:
    """What a tile is the transpose of, matrix by matrix; None if it is none."""
    match value:
        case ir.Permute(x, (1, 0) | (0, 2, 1)):
            return x
        case _:
            return None


def across(view: View) -> View:
    """The transpose of a tile in memory, matrix by matrix."""
    *outer, rows, columns = view.strides
    return replace(view, strides=(*outer, columns, rows))


def is_zero(value: ir.Value | None) -> bool:
    """Whether all elements are 0; what is left out counts as such."""
    match value:
        case None:
            return True
        case ir.Const(number):
            return number == 0
        case _:
            return False
