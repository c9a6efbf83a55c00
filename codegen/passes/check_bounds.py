"""Turn what debug mode promises into `check` ops, and drop assertions where it is off.

Needs the flat form: masks are explicit. Afterwards no `assert` is left. With the option `debug` an
access without `fill` is preceded by a check of each scalar position and of each tile position's
sign (with `strict`: of both ends of every position, slices too), an integer division by a check of
its divisor, an access through a pointer by one that it lies in the memory it came from, and
assertions and assumptions are checks:

    %2 = load %x, [%1]          %3 = binary.and (compare.ge %1, 0) (compare.lt %1, extent)
                                check %3, code=2, [0, %1, extent]
                                %2 = load %x, [%1]

A check of a position tells the axis, the position and the shape of the whole array. The scalars
at which a sub-array was taken are checked where it is accessed.
"""

from __future__ import annotations

from collections.abc import Iterator

from tilewright.dsl import ir
from tilewright.dsl.types import Tile, bool_, i64, index

from ..abi import is_debug
from ..analysis.pointers import Origins

# The codes that compiled code passes to `services.fail`.
ASSERTION = 1
OUT_OF_BOUNDS = 2
NEGATIVE_INDEX = 3
ASSUMPTION = 4
DIVISION_BY_ZERO = 5
POINTER = 6


def check_bounds(function: ir.Function) -> ir.Function:
    """Insert checks; the same object if there is nothing to check or to drop."""
    checker = _Checker(function, is_debug(function), "strict" in function.options)
    return function.with_body(checker.block(function.body))


class _Checker:
    def __init__(self, function: ir.Function, debug: bool, strict: bool) -> None:
        self.debug = debug
        self.strict = strict
        self.origins = Origins(function)
        self.mapping: dict[ir.Value, ir.Value] = {}

    def block(self, block: ir.Block) -> ir.Block:
        """A block with its checks; the same object if it has none."""
        ops: list[ir.Op] = []
        changed = False
        for op in block.ops:
            inner = {old: self.block(old) for old in op.blocks}
            current = ir.rebuild(op, self.mapping, inner)
            self.mapping.update(
                (a, b) for a, b in zip(op.results, current.results, strict=True) if a is not b
            )
            builder = ir.Builder()
            keep = self.check(current, builder, op)
            for made in builder.block.ops:
                ops.append(ir.copy_origin(op, made))
            if keep:
                ops.append(current)
            changed = changed or current is not op or not keep or bool(builder.block.ops)
        return ir.Block(block.parameters, ops) if changed else block

    def check(self, op: ir.Op, b: ir.Builder, old: ir.Op) -> bool:
        """Append the checks of one op, which stands for an old one; whether the op itself stays."""
        match op:
            case ir.Assert(condition) if self.debug:
                b.add(ir.Check(condition, ASSERTION))
                return False
            case ir.Assert():
                return False
            case _ if not self.debug:
                return True
            case ir.Assume(condition):
                b.add(ir.Check(condition, ASSUMPTION))
            case ir.Binary("floordiv" | "mod", _, right) if right.tile.dtype.is_integer:
                zero = b.add(ir.Const(0, right.tile))
                b.add(ir.Check(b.add(ir.Compare("ne", right, zero)), DIVISION_BY_ZERO))
            case ir.Load(fill=None, mask=mask) | ir.Store(mask=mask) | ir.Atomic(mask=mask):
                for condition, code, values in self.positions(op, b):
                    b.add(ir.Check(self.where(condition, mask, b), code, values))
            case ir.LoadPointer(pointer) | ir.StorePointer(pointer) | ir.AtomicPointer(_, pointer):
                condition, values = self.inside(pointer, self.origins.of(old.operands[0]), b)
                b.add(ir.Check(self.where(condition, op.mask, b), POINTER, values))
        return True

    def inside(
        self, pointer: ir.Value, parameters: tuple[ir.Parameter, ...], b: ir.Builder
    ) -> tuple[ir.Value, tuple[ir.Value, ...]]:
        """Whether pointers lie in the memory of one of the parameters; what to report if not: the
        element, and how many the first has.
        """
        tile = Tile(i64, pointer.tile.shape)
        pointee = pointer.tile.dtype.element
        assert pointee is not None
        address = b.add(ir.Cast(pointer, i64))
        shift = b.add(ir.Const((pointee.bits // 8).bit_length() - 1, tile))
        zero = b.add(ir.Const(0, tile))
        found: ir.Value = b.add(ir.Const(False, tile.with_dtype(bool_)))
        values: tuple[ir.Value, ...] = ()
        for parameter in parameters:
            start = b.add(ir.Allocation("start", parameter))
            size = b.add(ir.Allocation("size", parameter))
            limit = b.add(ir.Cast(size, i64))
            bytes_in = b.add(ir.Binary("sub", address, _spread(start, tile, b)))
            place = b.add(ir.Binary("shr", bytes_in, shift))
            below = b.add(ir.Compare("lt", place, _spread(limit, tile, b)))
            within = b.add(ir.Binary("and", b.add(ir.Compare("ge", place, zero)), below))
            found = b.add(ir.Binary("or", found, within))
            values = values or (place, size)
        return found, values

    def positions(
        self, op: ir.Load | ir.Store | ir.Atomic, b: ir.Builder
    ) -> Iterator[tuple[ir.Value, int, tuple[ir.Value, ...]]]:
        """What has to hold of each position: a condition, a code, and what to report."""
        array: ir.Value = op.source
        fixed: tuple[ir.Value, ...] = ()
        while isinstance(array, ir.SubArray):
            fixed = (*array.position, *fixed)
            array = array.source
        slices = {axis + len(fixed) for axis in op.block_axes}
        shape: list[ir.Value] = []
        for axis, position in enumerate((*fixed, *op.position)):
            is_slice = axis in slices
            if is_slice and not self.strict:
                continue
            tile = Tile(index, position.tile.shape)
            wide = position if position.tile.dtype is index else b.add(ir.Cast(position, index))
            shape = shape or [b.add(ir.Extent(array, k)) for k in range(array.array.rank)]
            extent = shape[axis]
            number = b.add(ir.Const(axis, Tile(index, ())))
            values = (number, wide, *shape)
            inside: ir.Value = b.add(ir.Compare("ge", wide, b.add(ir.Const(0, tile))))
            is_scalar = not tile.shape and not is_slice
            if is_scalar or self.strict:
                limit = b.add(ir.Broadcast(extent, tile.shape)) if tile.shape else extent
                inside = b.add(ir.Binary("and", inside, b.add(ir.Compare("lt", wide, limit))))
            yield inside, OUT_OF_BOUNDS if is_scalar or self.strict else NEGATIVE_INDEX, values

    def where(self, condition: ir.Value, mask: ir.Value | None, b: ir.Builder) -> ir.Value:
        """The condition, not asked of what the mask switches off."""
        if mask is None:
            return condition
        shape = mask.tile.shape
        if condition.tile.shape != shape:
            condition = b.add(ir.Broadcast(condition, shape))
        off = b.add(ir.Unary("not", mask))
        result = b.add(ir.Binary("or", condition, off))
        assert result.tile.dtype is bool_
        return result


def _spread(value: ir.Value, tile: Tile, b: ir.Builder) -> ir.Value:
    return b.add(ir.Broadcast(value, tile.shape)) if tile.shape else value
