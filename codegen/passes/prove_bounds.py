"""Say which positions of accesses lie inside their arrays, so that nothing tests them again.

The counter of a loop over `range(n)` lies below n. Where n is the extent of an axis, accesses at
the counter along that axis need no test. Where it is not, a short innermost loop is written twice:
once for n within all extents concerned, and once as it was.

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
        %8: f32 = load %x, [%6], inside=[0]
        %9: f32 = load %y, [%6], inside=[0]
        ...
    } else {
      %5: f32 = for %0, %1, %one, [%init] body(%6: index, %7: f32) {
        %8: f32 = load %x, [%6], inside=[0]
        %9: f32 = load %y, [%6]
        ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import index

from ..analysis.ranges import ANY, Interval, ranges

SHORT: Final = 100  # ops in the body of a loop that may be written twice

Access = ir.Load | ir.Store
Axis = tuple[ir.Value, int]  # an array and the number of an axis
NOTHING: Final[Mapping[ir.Block, ir.Block]] = {}


def prove_bounds(function: ir.Function) -> ir.Function:
    """Mark accesses and write loops twice; the same function if nothing more can be proven."""
    if not any(isinstance(op, ir.For) for op in ir.walk(function.body)):
        return function
    return function.with_body(_Prover(ranges(function)).block(function.body))


class _Prover:
    """Rebuilds blocks; `inside` are the loop counters with the axes that they lie inside of."""

    def __init__(self, intervals: Mapping[ir.Value, Interval]) -> None:
        self.intervals = intervals
        self.inside: set[tuple[ir.Value, Axis]] = set()
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
            case ir.Load() | ir.Store():
                return [self.access(ir.rebuild(op, self.mapping, NOTHING))]
            case ir.For() if self.rises(op):
                return self.loop(op)
            case _ if _is_written_twice(op):
                return [ir.rebuild(op, self.mapping, NOTHING)]
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
        if isinstance(op, ir.Load):
            made: Access = ir.Load(op.source, op.position, op.mask, op.fill, op.block_axes, inside)
        else:
            made = ir.Store(op.source, op.position, op.value, op.mask, op.block_axes, inside)
        return ir.copy_origin(op, made)

    def rises(self, loop: ir.For) -> bool:
        """Whether a loop counts upwards from 0 or more."""
        lows = [self.intervals.get(value, ANY)[0] for value in (loop.start, loop.step)]
        return all(
            low is not None and low >= least for low, least in zip(lows, (0, 1), strict=True)
        )

    def loop(self, loop: ir.For) -> list[ir.Op]:
        """A loop that counts upwards, twice if that proves more."""
        axes = _axes_at_counter(loop)
        certain = [axis for axis in axes if _ends_with(loop, axis)]
        others = [axis for axis in axes if axis not in certain]
        if not others or not _is_simple(loop):
            self.inside.update((loop.body.parameters[0], axis) for axis in certain)
            return [self.rebuild(loop)]
        (copy,) = ir.clone_ops([ir.rebuild(loop, self.mapping, NOTHING)], {})
        assert isinstance(copy, ir.For)
        self.inside.update((copy.body.parameters[0], axis) for axis in certain)
        self.inside.update((loop.body.parameters[0], axis) for axis in axes)
        b = ir.Builder()
        b.location = loop.loc
        fits = _ends_within(loop, others, b)
        with b.inside() as then:
            b.add(ir.Yield(b.add(self.rebuild(loop)).results))
        with b.inside() as orelse:
            b.add(ir.Yield(b.add(self.rebuild(copy)).results))
        b.add(ir.If(fits, then, orelse))
        return [ir.copy_origin(loop, op) for op in b.block.ops]


def _is_simple(loop: ir.For) -> bool:
    """Whether tests of scalar positions weigh: in a short loop that accesses nothing else."""
    ops = list(ir.walk(loop.body))
    return len(ops) <= SHORT and not any(
        isinstance(op, ir.For | ir.While)
        or (isinstance(op, Access) and any(x.tile.shape for x in op.position))
        for op in ops
    )


def _is_written_twice(op: ir.Op) -> bool:
    """Whether an op is the choice between two versions of a loop."""
    match op:
        case ir.If(_, then, orelse):
            match then.ops, orelse.ops:
                case [ir.For() as a, ir.Yield()], [ir.For() as b, ir.Yield()]:
                    return (a.start, a.stop, a.step) == (b.start, b.stop, b.step)
            return False
        case _:
            return False


def _axes_at_counter(loop: ir.For) -> list[Axis]:
    """The axes along which a loop accesses arrays at its counter, not yet known to be inside."""
    counter = loop.body.parameters[0]
    made = {op for op in ir.walk(loop.body) if isinstance(op, ir.SubArray)}
    found: dict[Axis, None] = {}
    for op in ir.walk(loop.body):
        if isinstance(op, Access) and op.source not in made:
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


def _ends_with(loop: ir.For, axis: Axis) -> bool:
    """Whether a loop ends where an axis does."""
    match loop.stop:
        case ir.Extent(source, number):
            return (source, number) == axis
        case _:
            return False


def _ends_within(loop: ir.For, axes: list[Axis], b: ir.Builder) -> ir.Value:
    """Whether a loop ends before, or where, axes do."""
    stop = loop.stop if loop.stop.tile.dtype is index else b.add(ir.Cast(loop.stop, index))
    tests: list[ir.Value] = [
        b.add(ir.Compare("le", stop, b.add(ir.Extent(source, axis)))) for source, axis in axes
    ]
    return reduce(lambda x, y: b.add(ir.Binary("and", x, y)), tests)
