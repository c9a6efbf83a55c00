"""Apply algebraic identities and fold constants until none applies.

The right side of a rule is never worse than the left. What holds afterwards: constants stand on the
right of commutative ops and of comparisons; a constant of any shape is one `const`; adding a
constant is `add`, never `sub`; what is computed from broadcast operands is computed before the
broadcast; chains of broadcasts, reshapes, permutations, slices and exact casts are one op; constant
conditions are gone. No rule changes a bit of a result, NaN and -0.0 included.

    %1: i32<8> = const 1
    %2: i32<8> = broadcast %n, (8)
    %3: i32<8> = binary.add %1, %2

becomes

    %1: i32 = const 1
    %2: i32 = binary.add %n, %1
    %3: i32<8> = broadcast %2, (8)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from tilewright.dsl import ir
from tilewright.dsl.types import (
    Dtype,
    Kind,
    Tile,
    broadcast_shapes,
    f16,
    f32,
    f64,
)

from .fold import (
    Number,
    fold_binary,
    fold_bitcast,
    fold_cast,
    fold_compare,
    fold_fma,
    fold_unary,
    normal,
    wrap,
)

Found = ir.Value | tuple[ir.Value, ...] | ir.Splice | None


def simplify(function: ir.Function) -> ir.Function:
    """Rewrite until no rule applies; the same function if none does."""
    return _Simplifier(bool(function.options & {"debug", "strict"})).function(function)


class _Simplifier(ir.Rewriter):
    """Looks up the rules of an op by its class."""

    def __init__(self, debug: bool) -> None:
        super().__init__()
        self.debug = debug

    def rewrite(self, op: ir.Op) -> Found:
        match op:
            case ir.Binary("floordiv" | "mod", _, ir.Const(0)) if self.debug:
                return op  # a division that debug mode reports
        found: Found = op
        while isinstance(found, ir.Op) and (found is op or found not in self._placed):
            rule = RULES.get(type(found))
            better = found if rule is None else rule(found)
            if better is found or (self.debug and _loses_fill(found, better)):
                break
            found = better
        return found


# --- arithmetic ---------------------------------------------------------------------------------


def _unary(op: ir.Unary) -> Found:
    kind, x, dtype = op.kind, op.x, op.x.tile.dtype
    match kind, x:
        case _, ir.Const(value):
            folded = fold_unary(kind, value, dtype)
            return op if folded is None else ir.Const(folded, op.tile)
        case "neg", ir.Unary("neg", y):
            return y
        case "not", ir.Unary("not", y):
            return y
        case "abs", ir.Unary("neg" | "abs", y) if dtype.is_float:
            return ir.Unary("abs", y)
        case "not", ir.Compare(kind, a, b) if kind in _OPPOSITE:
            if not a.tile.dtype.is_float or kind in ("eq", "ne"):
                return ir.Compare(_OPPOSITE[kind], a, b)
        case "floor" | "ceil" | "round" | "trunc", _ if not dtype.is_float:
            return x
        case _:
            pass
    return _before_broadcast(op, (x,), lambda y: ir.Unary(op.kind, y))


def _binary(op: ir.Binary) -> Found:
    kind, x, y, dtype = op.kind, op.left, op.right, op.tile.dtype
    match x, y:
        case ir.Const(a), ir.Const(b):
            folded = fold_binary(kind, a, b, dtype)
            if folded is not None:
                return ir.Const(folded, op.tile)
        case ir.Const(a), _ if kind in _COMMUTATIVE and not _is_zero_of_extreme(kind, a, dtype):
            return ir.Binary(kind, y, x)
        case _, ir.Const(c):
            found = (
                _float_by_constant(op, x, float(normal(c, dtype)))
                if dtype.is_float
                else _integer_by_constant(op, x, int(normal(c, dtype)), dtype)
            )
            if found is not op:
                return found
        case _:
            pass
    if x is y and (found := _same_operands(op)) is not op:
        return found
    return _binary_of_ops(op)


def _binary_of_ops(op: ir.Binary) -> Found:
    """What hangs on the ops that made the operands."""
    kind, x, y, dtype = op.kind, op.left, op.right, op.tile.dtype
    match kind, x, y:
        case "add", _, ir.Unary("neg", z):
            return ir.Binary("sub", x, z)
        case "add", ir.Unary("neg", z), _:
            return ir.Binary("sub", y, z)
        case "sub", _, ir.Unary("neg", z):
            return ir.Binary("add", x, z)
        case "add", ir.Binary("sub", a, b), _ if b is y and dtype.is_integer:
            return a
        case "sub", ir.Binary("add", a, b), _ if a is y and dtype.is_integer:
            return b
        case "sub", ir.Binary("add", a, b), _ if b is y and dtype.is_integer:
            return a
        case "and" | "or", ir.Unary("not", z), _ if z is y:
            return _all_off_or_on(op)
        case "and" | "or", _, ir.Unary("not", z) if z is x:
            return _all_off_or_on(op)
        case "and" | "or", ir.Binary(same, a, b), _ if same == kind and (a is y or b is y):
            return x
        case "and" | "or", _, ir.Binary(same, a, b) if same == kind and (a is x or b is x):
            return y
        case _:
            return _before_broadcast(op, (x, y), lambda a, b: ir.Binary(kind, a, b))


def _integer_by_constant(op: ir.Binary, x: ir.Value, c: int, dtype: Dtype) -> Found:
    """Integer and logical ops whose right side is a constant."""
    tile = op.tile
    ones = 1 if dtype.is_bool else wrap(-1, dtype)
    match op.kind, x:
        case (("add" | "sub" | "or" | "xor" | "shl" | "shr"), _) if c == 0:
            return x
        case (("mul" | "and"), _) if c == 0:
            return ir.Const(normal(0, dtype), tile)
        case (("mul" | "floordiv"), _) if c == 1:
            return x
        case "mod", _ if c == 1:
            return ir.Const(0, tile)
        case (("floordiv" | "mod"), _) if c == 0:
            return ir.Const(0, tile)
        case "and", _ if c == ones:
            return x
        case "or", _ if c == ones:
            return ir.Const(normal(ones, dtype), tile)
        case "xor", _ if c == ones:
            return ir.Unary("not", x)
        case "sub", _:
            return ir.Binary("add", x, ir.Const(wrap(-c, dtype), tile))
        case "add", ir.Binary("add", y, ir.Const(b)):
            return ir.Binary("add", y, ir.Const(wrap(int(b) + c, dtype), tile))
        case "add", ir.Binary("sub", ir.Const(b), y):
            return ir.Binary("sub", ir.Const(wrap(int(b) + c, dtype), tile), y)
        case "add", ir.Iota(type, axis, start) if _iota_holds(type, axis, start + c):
            return ir.Iota(type, axis, start + c)
        case "mul", ir.Binary("mul", y, ir.Const(b)):
            return ir.Binary("mul", y, ir.Const(wrap(int(b) * c, dtype), tile))
        case ("and" | "or" | "xor") as kind, ir.Binary(same, y, ir.Const(b)) if same == kind:
            folded = fold_binary(kind, int(b), c, dtype)
            assert folded is not None
            return ir.Binary(kind, y, ir.Const(folded, tile))
        case "floordiv", _ if c > 0 and c & (c - 1) == 0:
            return ir.Binary("shr", x, ir.Const(c.bit_length() - 1, tile))
        case "mod", _ if c > 0 and c & (c - 1) == 0:
            return ir.Binary("and", x, ir.Const(c - 1, tile))
        case _:
            return op


def _float_by_constant(op: ir.Binary, x: ir.Value, c: float) -> Found:
    """Float ops whose right side is a constant; -0.0 is what adding leaves alone, not 0.0."""
    match op.kind:
        case "mul" | "div" if c == 1.0:
            return x
        case "mul" | "div" if c == -1.0:
            return ir.Unary("neg", x)
        case "add" if c == 0.0 and math.copysign(1.0, c) < 0:
            return x
        case "sub" if c == 0.0 and math.copysign(1.0, c) > 0:
            return x
        case "sub" if not math.isnan(c):
            return ir.Binary("add", x, ir.Const(-c, op.tile))
        case "div" if _has_exact_reciprocal(c, op.tile.dtype):
            return ir.Binary("mul", x, ir.Const(1.0 / c, op.tile))
        case _:
            return op


def _same_operands(op: ir.Binary) -> Found:
    """`x op x`."""
    match op.kind:
        case "and" | "or" | "min" | "max":
            return op.left
        case "sub" | "xor" if not op.tile.dtype.is_float:
            return ir.Const(normal(0, op.tile.dtype), op.tile)
        case _:
            return op


def _all_off_or_on(op: ir.Binary) -> Found:
    """`x and not x`, `x or not x`."""
    dtype = op.tile.dtype
    ones = True if dtype.is_bool else wrap(-1, dtype)
    return ir.Const(ones if op.kind == "or" else normal(0, dtype), op.tile)


def _compare(op: ir.Compare) -> Found:
    kind, x, y, dtype = op.kind, op.left, op.right, op.left.tile.dtype
    match kind, x, y:
        case _, ir.Const(a), ir.Const(b):
            return ir.Const(fold_compare(kind, a, b, dtype), op.tile)
        case _, ir.Const(), _:
            return ir.Compare(_MIRRORED[kind], y, x)
        case _ if x is y and not dtype.is_float:
            return ir.Const(kind in ("eq", "le", "ge"), op.tile)
        case "eq" | "ne", _, ir.Const(c) if dtype.is_bool:
            return x if c is (kind == "eq") else ir.Unary("not", x)
        case "eq" | "ne", ir.Binary("add", z, ir.Const(b)), ir.Const(c) if dtype.is_integer:
            return ir.Compare(kind, z, ir.Const(wrap(int(c) - int(b), dtype), x.tile))
        case "lt" | "ge", _, ir.Const(0) if dtype.kind is Kind.UNSIGNED:
            return ir.Const(kind == "ge", op.tile)
        case _:
            return _before_broadcast(op, (x, y), lambda a, b: ir.Compare(kind, a, b))


def _select(op: ir.Select) -> Found:
    condition, yes, no = op.condition, op.yes, op.no
    is_wide = condition.shape == op.shape
    match condition, yes, no:
        case ir.Const(value), _, _:
            return yes if value else no
        case _ if yes is no or _same_constant(yes, no):
            return yes
        case ir.Unary("not", c), _, _:
            return ir.Select(c, no, yes)
        case ir.Broadcast(c, _), _, _ if c.tile.is_scalar:
            return ir.Select(c, yes, no)
        case _, ir.Result(op=ir.If(c, _, orelse, True), index=k), _ if (
            c is condition and orelse.terminator.operands[k : k + 1] == (no,)
        ):
            return yes
        case _, ir.Select(c, a, _), _ if c is condition:
            return ir.Select(condition, a, no)
        case _, _, ir.Select(c, _, b) if c is condition:
            return ir.Select(condition, yes, b)
        case _, ir.Const(True), ir.Const(False) if op.tile.dtype.is_bool:
            return condition if is_wide else ir.Broadcast(condition, op.shape)
        case _, ir.Const(False), ir.Const(True) if op.tile.dtype.is_bool:
            wide = condition if is_wide else ir.Broadcast(condition, op.shape)
            return ir.Unary("not", wide)
        case _, _, ir.Const(False) if op.tile.dtype.is_bool and is_wide:
            return ir.Binary("and", condition, yes)
        case _, ir.Const(True), _ if op.tile.dtype.is_bool and is_wide:
            return ir.Binary("or", condition, no)
        case _:
            if not is_wide:
                return _before_broadcast(op, (yes, no), lambda a, b: ir.Select(condition, a, b))
            return _before_broadcast(op, (condition, yes, no), lambda c, a, b: ir.Select(c, a, b))


def _fma(op: ir.Fma) -> Found:
    match op.a, op.b, op.c:
        case ir.Const(a), ir.Const(b), ir.Const(c):
            return ir.Const(fold_fma(float(a), float(b), float(c), op.tile.dtype), op.tile)
        case ir.Const(), b, _ if not isinstance(b, ir.Const):
            return ir.Fma(b, op.a, op.c)
        case a, ir.Const(1.0), c:
            return ir.Binary("add", a, c)
        case _:
            return _before_broadcast(op, (op.a, op.b, op.c), lambda a, b, c: ir.Fma(a, b, c))


def _cast(op: ir.Cast) -> Found:
    x, to = op.x, op.dtype
    source = x.tile.dtype
    if source == to:
        return x
    match x:
        case ir.Const(value):
            folded = fold_cast(value, source, to)
            return op if folded is None else ir.Const(folded, op.tile)
        case ir.Cast(y, _) if _casts_at_once(y.tile.dtype, source, to):
            return ir.Cast(y, to)
        case ir.Iota(type, axis, start) if to.is_integer and _iota_holds(op.tile, axis, start):
            return (
                ir.Iota(type.with_dtype(to), axis, start) if _iota_holds(type, axis, start) else op
            )
        case _:
            return _before_broadcast(op, (x,), lambda y: ir.Cast(y, to))


def _bitcast(op: ir.Bitcast) -> Found:
    x = op.x
    if x.tile.dtype == op.dtype:
        return x
    match x:
        case ir.Const(value):
            folded = fold_bitcast(value, x.tile.dtype, op.dtype)
            return op if folded is None else ir.Const(folded, op.tile)
        case ir.Bitcast(y, _) if not x.tile.dtype.is_bool:
            return ir.Bitcast(y, op.dtype)
        case _:
            return _before_broadcast(op, (x,), lambda y: ir.Bitcast(y, op.dtype))


def _before_broadcast(
    op: ir.Op, operands: tuple[ir.Value, ...], make: Callable[..., ir.Op]
) -> Found:
    """An elementwise op whose operands all repeat a smaller tile: computed on that one."""
    sources = []
    is_repeated = False
    for value in operands:
        match value:
            case ir.Broadcast(x, _):
                is_repeated = True
                sources.append(x.tile.shape)
            case ir.Const():
                pass
            case _:
                return op
    if not is_repeated:
        return op
    shape = broadcast_shapes(*sources)
    assert shape is not None
    if math.prod(shape) == op.tile.size:
        return op
    smaller: list[ir.Value] = []
    for value in operands:
        match value:
            case ir.Const(number, tile):
                smaller.append(ir.Const(number, tile.with_shape(shape)))
            case ir.Broadcast(x, _):
                smaller.append(x if x.tile.shape == shape else ir.Broadcast(x, shape))
            case _:
                raise AssertionError(value)
    return ir.Broadcast(make(*smaller), op.tile.shape)


# --- shape --------------------------------------------------------------------------------------


def _broadcast(op: ir.Broadcast) -> Found:
    match op.x:
        case x if x.tile.shape == op.shape_to:
            return x
        case ir.Const(value, tile):
            return ir.Const(value, tile.with_shape(op.shape_to))
        case ir.Broadcast(y, _):
            return ir.Broadcast(y, op.shape_to)
        case ir.Reshape(y, _) if broadcast_shapes(y.tile.shape, op.x.shape) == op.x.shape:
            return ir.Broadcast(y, op.shape_to)
        case _:
            return op


def _reshape(op: ir.Reshape) -> Found:
    shape = op.shape_to
    match op.x:
        case x if x.tile.shape == shape:
            return x
        case ir.Const(value, tile):
            return ir.Const(value, tile.with_shape(shape))
        case ir.Reshape(y, _):
            return ir.Reshape(y, shape)
        case ir.Broadcast(y, _) if y.tile.size == 1:
            single = y if y.tile.is_scalar else ir.Reshape(y, ())
            return ir.Broadcast(single, shape)
        case ir.Iota(tile, axis, start) if (to := _moved_axis(tile.shape, axis, shape)) is not None:
            return ir.Iota(tile.with_shape(shape), to, start)
        case _:
            return op


def _permute(op: ir.Permute) -> Found:
    match op.x:
        case x if list(op.axes) == list(range(x.tile.rank)):
            return x
        case ir.Const(value, _):
            return ir.Const(value, op.tile)
        case ir.Permute(y, axes):
            return ir.Permute(y, tuple(axes[axis] for axis in op.axes))
        case ir.Broadcast(y, _) if y.tile.size == 1:
            return ir.Broadcast(y if y.tile.is_scalar else ir.Reshape(y, ()), op.shape)
        case ir.Iota(_, axis, start):
            return ir.Iota(op.tile, op.axes.index(axis), start)
        case x if _keeps_order(x.tile.shape, op.axes):
            return ir.Reshape(x, op.shape)
        case _:
            return op


def _slice(op: ir.Slice) -> Found:
    match op.x:
        case x if x.tile.shape == op.shape_to:
            return x
        case ir.Const(value, _):
            return ir.Const(value, op.tile)
        case ir.Slice(y, starts, _):
            both = tuple(a + b for a, b in zip(starts, op.starts, strict=True))
            return ir.Slice(y, both, op.shape_to)
        case ir.Broadcast(y, _) if y.tile.size == 1:
            return ir.Broadcast(y if y.tile.is_scalar else ir.Reshape(y, ()), op.shape_to)
        case ir.Iota(_, axis, start):
            return ir.Iota(op.tile, axis, start + op.starts[axis])
        case _:
            return op


def _flip(op: ir.Flip) -> Found:
    match op.x:
        case ir.Const() | ir.Broadcast(ir.Value(type=Tile(_, ()))):
            return op.x
        case x if x.tile.shape[op.axis] == 1:
            return x
        case ir.Flip(y, axis) if axis == op.axis:
            return y
        case _:
            return op


def _concat(op: ir.Concat) -> Found:
    return op.parts[0] if len(op.parts) == 1 else op


def _reduce(op: ir.Reduce) -> Found:
    if all(op.x.tile.shape[axis] == 1 for axis in op.axes):
        return ir.Reshape(op.x, op.shape) if op.axes else op.x
    if op.kind in ("sum", "prod"):
        return op
    match op.x:
        case ir.Const(value, _):
            return ir.Const(value, op.tile)
        case ir.Broadcast(y, _) if y.tile.is_scalar:
            return ir.Broadcast(y, op.shape)
        case _:
            return op


# --- memory -------------------------------------------------------------------------------------


def _extent(op: ir.Extent) -> Found:
    extent = op.source.array.extents[op.axis]
    if extent is not None:
        return ir.Const(extent, op.tile)
    match op.source:
        case ir.SubArray(source, position):
            return ir.Extent(source, op.axis + len(position))
        case _:
            return op


def _stride(op: ir.Stride) -> Found:
    if op.source.array.unit_axis == op.axis:
        return ir.Const(1, op.tile)
    match op.source:
        case ir.SubArray(source, position):
            return ir.Stride(source, op.axis + len(position))
        case _:
            return op


def _offset(op: ir.Offset) -> Found:
    match op.pointer, op.count:
        case _, ir.Const(0):
            return op.pointer
        case ir.Offset(pointer, first), second if first.type == second.type and _is_wide(first):
            return ir.Offset(pointer, ir.Binary("add", first, second))
        case ir.Broadcast(pointer, shape), ir.Broadcast(count, _) if (
            pointer.tile.is_scalar and count.tile.is_scalar
        ):
            return ir.Broadcast(ir.Offset(pointer, count), shape)
        case _:
            return op


def _sub_array(op: ir.SubArray) -> Found:
    match op.source:
        case ir.SubArray(source, position):
            return ir.SubArray(source, position + op.position)
        case _:
            return op


def _load(op: ir.Load) -> Found:
    match op.mask:
        case ir.Const(True):
            return ir.Load(op.source, op.position, None, op.fill, op.block_axes, op.inside)
        case ir.Const(False):
            return _zero(op.tile) if op.fill is None else op.fill
        case _ if _is_zero(op.fill):
            return ir.Load(op.source, op.position, op.mask, None, op.block_axes, op.inside)
        case _:
            return op


def _load_pointer(op: ir.LoadPointer) -> Found:
    match op.mask:
        case ir.Const(True):
            return ir.LoadPointer(op.pointer)
        case ir.Const(False):
            return _zero(op.tile) if op.fill is None else op.fill
        case _ if _is_zero(op.fill) or (op.mask is None and op.fill is not None):
            return ir.LoadPointer(op.pointer, op.mask)
        case _:
            return op


def _store(op: ir.Store) -> Found:
    match op.mask:
        case ir.Const(True):
            return ir.Store(op.source, op.position, op.value, None, op.block_axes, op.inside)
        case ir.Const(False):
            return None
        case _:
            return op


def _store_pointer(op: ir.StorePointer) -> Found:
    match op.mask:
        case ir.Const(True):
            return ir.StorePointer(op.pointer, op.value)
        case ir.Const(False):
            return None
        case _:
            return op


def _atomic(op: ir.Atomic) -> Found:
    match op.mask:
        case ir.Const(True):
            return ir.Atomic(
                op.kind, op.source, op.position, op.values, None, op.order, op.block_axes, op.inside
            )
        case ir.Const(False) if op.order == "relaxed":
            return _zero(op.tile)
        case _:
            return op


def _atomic_pointer(op: ir.AtomicPointer) -> Found:
    match op.mask:
        case ir.Const(True):
            return ir.AtomicPointer(op.kind, op.pointer, op.values, None, op.order)
        case ir.Const(False) if op.order == "relaxed":
            return _zero(op.tile)
        case _:
            return op


# --- control flow and debug ---------------------------------------------------------------------


def _if(op: ir.If) -> Found:
    match op.condition:
        case ir.Const(value):
            return _spliced(op.then if value else op.orelse)
        case ir.Broadcast(c, _) if op.lanes and c.tile.is_scalar and not _jumps(op):
            return ir.If(c, op.then, op.orelse)
        case _:
            pass
    match op.then.ops, op.orelse.ops:
        case [ir.Yield(yes)], [ir.Yield(no)]:
            return tuple(_choose(op.condition, a, b) for a, b in zip(yes, no, strict=True))
        case [*_, ir.Yield()], _:
            return op
        case _, [*_, ir.Yield()]:
            return op
        case _, [*rest]:  # nothing goes on behind it
            first = ir.If(op.condition, op.then, ir.Block((), [ir.Yield()]), op.lanes)
            return ir.Splice([ir.copy_origin(op, first), *rest])


def _choose(condition: ir.Value, yes: ir.Value, no: ir.Value) -> ir.Value:
    if yes is no:
        return yes
    shape = yes.tile.shape
    if condition.tile.shape not in ((), shape):
        condition = ir.Broadcast(condition, shape)
    return ir.Select(condition, yes, no)


def _spliced(block: ir.Block) -> Found:
    """The ops of a block in place of the construct it belongs to."""
    match block.terminator:
        case ir.Yield(values):
            return ir.Splice(block.ops[:-1], values)
        case _:
            return ir.Splice(block.ops)


def _jumps(op: ir.Op) -> bool:
    """Whether something inside may leave more than the construct it stands in."""
    return any(
        isinstance(inner, (ir.Break, ir.Continue, ir.Return))
        for block in op.blocks
        for inner in ir.walk(block)
    )


def _for(op: ir.For) -> Found:
    match op.start, op.stop, op.step:
        case ir.Const(start), ir.Const(stop), ir.Const(step) if step != 0:
            if not range(int(start), int(stop), int(step)):
                return op.inits
        case start, stop, _ if start is stop:
            return op.inits
        case _:
            pass
    return op


def _while(op: ir.While) -> Found:
    match op.condition.ops:
        case [ir.Yield((ir.Const(False),))]:
            return op.inits
        case [ir.Yield((ir.Parameter() as p,))] if p in op.condition.parameters:
            match op.inits[op.condition.parameters.index(p)]:
                case ir.Const(False):
                    return op.inits
                case _:
                    return op
        case _:
            return op


def _check(op: ir.Assert | ir.Assume) -> Found:
    match op.condition:
        case ir.Const(True):
            return None
        case _:
            return op


# --- facts about constants ----------------------------------------------------------------------


def _zero(tile: Tile) -> ir.Const:
    return ir.Const(normal(0, tile.dtype), tile)


def _is_zero(value: ir.Value | None) -> bool:
    """Whether it is what a missing `fill` stands for."""
    match value:
        case ir.Const(number):
            return number == 0 and math.copysign(1.0, number) > 0
        case _:
            return False


def _loses_fill(op: ir.Op, better: Found) -> bool:
    """Whether a load no longer says that reading outside is meant, which debug mode asks."""
    match op, better:
        case ir.Load(fill=ir.Value()), ir.Load(fill=None):
            return True
        case _:
            return False


def _same_constant(a: ir.Value, b: ir.Value) -> bool:
    match a, b:
        case ir.Const(x), ir.Const(y):
            return repr(x) == repr(y)
        case _:
            return False


def _is_zero_of_extreme(kind: str, value: Number, dtype: Dtype) -> bool:
    """Of two zeros, which `min` and `max` give may hang on their order."""
    return dtype.is_float and kind in ("min", "max") and value == 0


def _has_exact_reciprocal(c: float, dtype: Dtype) -> bool:
    """Whether dividing by it is multiplying by a normal power of two."""
    if c == 0.0 or not math.isfinite(c) or abs(math.frexp(c)[0]) != 0.5:
        return False
    limit = {f16: 14, f32: 126, f64: 1022}.get(dtype, 0)
    return -limit <= math.frexp(c)[1] - 1 <= limit


def _iota_holds(tile: Tile, axis: int, start: int) -> bool:
    """Whether all positions from `start` on are numbers of the dtype."""
    last = start + tile.shape[axis] - 1
    return wrap(start, tile.dtype) == start and wrap(last, tile.dtype) == last


def _is_wide(count: ir.Value) -> bool:
    return count.tile.dtype.bits == 64


_PRECISION: Final = {"f8e5m2": 3, "f8e4m3": 4, "bf16": 8, "f16": 11, "f32": 24, "f64": 53}
_WIDER_FLOATS: Final = {
    "f8e4m3": ("bf16", "f16", "f32", "f64"),
    "f8e5m2": ("bf16", "f16", "f32", "f64"),
    "bf16": ("f32", "f64"),
    "f16": ("f32", "f64"),
    "f32": ("f64",),
}


def _is_exact(source: Dtype, to: Dtype) -> bool:
    """Whether every number of one dtype is one of the other."""
    if source.is_pointer or to.is_pointer or to.is_bool:
        return False
    if source.is_bool:
        return True
    if source.is_float:
        return to.name in _WIDER_FLOATS.get(source.name, ())
    bits = source.bits - source.is_signed
    if to.is_float:
        return bits <= _PRECISION[to.name] and (to != f16 or bits <= 15)
    return bits <= to.bits - to.is_signed and (to.is_signed or not source.is_signed)


def _casts_at_once(source: Dtype, between: Dtype, to: Dtype) -> bool:
    """Whether two casts are the same as one."""
    if source.is_integer and between.is_integer and to.is_integer and to.bits <= between.bits:
        return True  # both keep the low bits
    if source.is_integer and between.is_float and to.is_integer:
        return _is_exact(source, between) and _is_exact(source, to)  # else one saturates, one wraps
    return _is_exact(source, between)


def _moved_axis(old: tuple[int, ...], axis: int, new: tuple[int, ...]) -> int | None:
    """Where an axis is after a reshape that only adds or drops axes of one element."""
    if [n for n in old if n != 1] != [n for n in new if n != 1] or old[axis] == 1:
        return None
    rank = sum(1 for n in old[:axis] if n != 1)
    return [k for k, n in enumerate(new) if n != 1][rank]


def _keeps_order(shape: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    """Whether a permutation moves only axes of one element."""
    moved = [axis for axis in axes if shape[axis] != 1]
    return moved == sorted(moved)


_COMMUTATIVE: Final = frozenset(("add", "mul", "min", "max", "and", "or", "xor"))
_OPPOSITE: Final = {"eq": "ne", "ne": "eq", "lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}
_MIRRORED: Final = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}

RULES: Final[dict[type[ir.Op], Callable[[Any], Found]]] = {
    ir.Unary: _unary, ir.Binary: _binary, ir.Compare: _compare, ir.Select: _select, ir.Fma: _fma,
    ir.Cast: _cast, ir.Bitcast: _bitcast, ir.Broadcast: _broadcast, ir.Reshape: _reshape,
    ir.Permute: _permute, ir.Slice: _slice, ir.Flip: _flip, ir.Concat: _concat, ir.Reduce: _reduce,
    ir.Extent: _extent, ir.Stride: _stride, ir.Offset: _offset, ir.SubArray: _sub_array,
    ir.Load: _load, ir.LoadPointer: _load_pointer, ir.Store: _store,
    ir.StorePointer: _store_pointer, ir.Atomic: _atomic, ir.AtomicPointer: _atomic_pointer,
    ir.If: _if, ir.For: _for, ir.While: _while,
    ir.Assert: _check, ir.Assume: _check,
}  # fmt: skip
