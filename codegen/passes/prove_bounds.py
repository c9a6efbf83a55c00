"""Say which positions of accesses lie inside their arrays, so that nothing tests them again.

The counter of a loop over `range(n)` lies below n. Where n is the extent of an axis, accesses at
the counter along that axis need no test. Where it is not, a short innermost loop is written twice:
once for n within all extents concerned, and once as it was; so is one that begins at a number which
may be negative, as a row of a sparse matrix does that begins where an array says.

    %1: index = extent %x, 0
    %2: f32 = for %0, %1, %one, [%init] body(%3: index, %4: f32) {
      %5: f32 = load %x, [%3]
      %6: f32 = load %y, [%3]
      ...
    }

becomes

    %2: index = extent %y, 0
    %3: bool_ = compare.le %1, %2
    %4: f32 = if %3 then {
      %5: f32 = for %0, %1, %one, [%init] body(%6: index, %7: f32) {
        %8: f32 = load %x, [%6], inside=(0)
        %9: f32 = load %y, [%6], inside=(0)
        ...
    } else {
      %5: f32 = for %0, %1, %one, [%init] body(%6: index, %7: f32) {
        %8: f32 = load %x, [%6], inside=(0)
        %9: f32 = load %y, [%6]
        ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import index, u64

from ..analysis.ranges import ANY, Interval, ranges
from .retry_loops import is_second_try

SHORT: Final = 100  # ops in the body of a loop that may be written twice

Access = ir.Load | ir.Store | ir.Atomic
Axis = tuple[ir.Value, int]  # an array and the number of an axis
NOTHING: Final[Mapping[ir.Block, ir.Block]] = {}


def prove_bounds(function: ir.Function) -> ir.Function:
    """Mark accesses and write loops twice; the same function if nothing more can be proven."""
    if not any(isinstance(op, ir.For) for op in ir.walk(function.body)):
        return function
    return function.with_body(_Prover(ranges(function)).block(function.body))


class _Prover:
    """Rebuilds blocks; `inside` are the loop counters with the axes that they lie inside of.

    Ops are looked up by the ones that `mapping` says stand in for them now.
    """

    def __init__(self, intervals: Mapping[ir.Value, Interval]) -> None:
        self.intervals = intervals
        self.inside: set[tuple[ir.Value, Axis]] = set()
        self.last_resorts: set[ir.Op] = set()
        self.mapping: dict[ir.Value, ir.Value] = {}

    def block(self, block: ir.Block) -> ir.Block:
        """A block with what is proven; the same object if that is nothing new."""
        ops: list[ir.Op] = []
        changed = False
        for op in block.ops:
            made = self.replace(op)
            if made[-1] is not op:
                changed = True
                self.mapping.update(zip(op.results, made[-1].results, strict=True))
            ops += made
        return ir.Block(block.parameters, ops) if changed else block

    def replace(self, op: ir.Op) -> list[ir.Op]:
        """What stands in for an op; the last one gives its results."""
        match op:
            case ir.Load() | ir.Store() | ir.Atomic():
                return [self.access(ir.rebuild(op, self.mapping, NOTHING))]
            case ir.For() if op not in self.last_resorts and self.rises(op):
                return self.loop(op)
            case ir.If(condition, _, orelse) if _is_test_of_ends(condition):
                self.last_resorts.update(one for one in orelse.ops if isinstance(one, ir.For))
                return [self.rebuild(op)]
            case ir.If(then=then) if is_second_try(op):
                self.last_resorts.update(one for one in then.ops if isinstance(one, ir.For))
                return [self.rebuild(op)]
            case _:
                return [self.rebuild(op)]

    def rebuild(self, op: ir.Op) -> ir.Op:
        return ir.rebuild(op, self.mapping, {block: self.block(block) for block in op.blocks})

    def access(self, op: ir.Op) -> ir.Op:
        """An access with the axes along which it stands at a counter that lies inside."""
        assert isinstance(op, Access)
        found = [
            axis
            for axis, counter in _at_counters(op)
            if (counter, (op.source, axis)) in self.inside
        ]
        if not found:
            return op
        inside = tuple(sorted((*op.inside, *found)))
        made: Access
        match op:
            case ir.Load(source, position, mask, fill, blocks):
                made = ir.Load(source, position, mask, fill, blocks, inside)
            case ir.Store(source, position, value, mask, blocks):
                made = ir.Store(source, position, value, mask, blocks, inside)
            case ir.Atomic(kind, source, position, values, mask, order, blocks):
                made = ir.Atomic(kind, source, position, values, mask, order, blocks, inside)
        return ir.copy_origin(op, made)

    def rises(self, loop: ir.For) -> bool:
        """Whether a loop counts upwards; one over `u64` may go beyond any extent."""
        return loop.start.tile.dtype is not u64 and self.is_at_least(loop.step, 1)

    def is_at_least(self, value: ir.Value, least: int) -> bool:
        """Whether an integer is known to be."""
        low = self.intervals.get(value, ANY)[0]
        return low is not None and low >= least

    def loop(self, loop: ir.For) -> list[ir.Op]:
        """A loop that counts upwards, twice if that proves more."""
        end = self.intervals.get(loop.stop, ANY)[1]
        is_positive = self.is_at_least(loop.start, 0)
        axes = [(self.mapping.get(source, source), axis) for source, axis in _axes(loop)]
        now = ir.rebuild(loop, self.mapping, NOTHING)
        assert isinstance(now, ir.For)
        certain = [axis for axis in axes if is_positive and _is_within(now.stop, end, axis)]
        others = [axis for axis in axes if axis not in certain]
        counter = now.body.parameters[0]
        if not others or not _is_worth_two_versions(now):
            self.inside.update((counter, axis) for axis in certain)
            return [self.rebuild(now)]
        (copy,) = ir.clone_ops([now], {})
        assert isinstance(copy, ir.For)
        self.inside.update((copy.body.parameters[0], axis) for axis in certain)
        self.inside.update((counter, axis) for axis in axes)
        b = ir.Builder()
        b.location = loop.loc
        fits = _test_of_ends(now, others, b)
        if not is_positive:
            zero = b.add(ir.Const(0, now.start.tile))
            fits = b.add(ir.Binary("and", b.add(ir.Compare("ge", now.start, zero)), fits))
        with b.inside() as then:
            b.add(ir.Yield(b.add(self.rebuild(now)).results))
        with b.inside() as orelse:
            b.add(ir.Yield(b.add(self.rebuild(copy)).results))
        b.add(ir.If(fits, then, orelse))
        return [ir.copy_origin(loop, op) for op in b.block.ops]


def _is_worth_two_versions(loop: ir.For) -> bool:
    """Whether tests of scalar positions weigh: in a short loop that accesses nothing else."""
    ops = list(ir.walk(loop.body))
    return len(ops) <= SHORT and not any(
        isinstance(op, ir.For | ir.While)
        or (isinstance(op, Access) and any(x.tile.shape for x in op.position))
        for op in ops
    )


def _axes(loop: ir.For) -> list[Axis]:
    """The axes along which a loop accesses arrays at its counter, not yet known to be inside."""
    counter = loop.body.parameters[0]
    inner = {op for op in ir.walk(loop.body) if isinstance(op, ir.SubArray)}
    found: dict[Axis, None] = {}
    for op in ir.walk(loop.body):
        if isinstance(op, Access) and op.source not in inner:
            found.update(((op.source, axis), None) for axis, x in _at_counters(op) if x is counter)
    return list(found)


def _at_counters(op: Access) -> Iterator[tuple[int, ir.Value]]:
    """The axes, not yet known to be inside, where an access has a scalar position; and that."""
    for axis, position in enumerate(op.position):
        if axis in op.inside or axis in op.block_axes:
            continue
        match position:
            case ir.Cast(x, dtype) if dtype is index:
                yield axis, x
            case _:
                yield axis, position


def _is_within(stop: ir.Value, end: int | None, axis: Axis) -> bool:
    """Whether a loop ends where an axis does, or is known to end before."""
    source, number = axis
    extent = source.array.extents[number]
    if extent is not None and end is not None and end <= extent:
        return True
    match stop:
        case ir.Extent(array, along):
            return (array, along) == axis
        case _:
            return False


def _test_of_ends(loop: ir.For, axes: list[Axis], b: ir.Builder) -> ir.Value:
    """Append what tests whether a loop ends where axes do, or before."""
    stop = loop.stop if loop.stop.tile.dtype is index else b.add(ir.Cast(loop.stop, index))
    tests: list[ir.Value] = [
        b.add(ir.Compare("le", stop, b.add(ir.Extent(source, axis)))) for source, axis in axes
    ]
    return reduce(lambda x, y: b.add(ir.Binary("and", x, y)), tests)


def _is_test_of_ends(condition: ir.Value) -> bool:
    """Whether a condition is such a test: a loop on its other side has been written twice."""
    match condition:
        case ir.Binary("and", ir.Compare("ge", _, ir.Const(0)), right):
            return _is_test_of_ends(right)
        case ir.Binary("and", left, right):
            return _is_test_of_ends(left) and _is_test_of_ends(right)
        case ir.Compare("le", _, ir.Extent()):
            return True
        case _:
            return False
