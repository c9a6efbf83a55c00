"""Prints scalars: values that are one for the whole program, and what ops do that have no tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from tilewright.dsl import ir
from tilewright.dsl.types import Tile, index, u64

from ..analysis.ranges import Interval, ranges
from .emit_access import Accesses
from .emit_atomics import Atomics
from .emit_elementwise import emit_elementwise
from .emit_report import STREAM_OFFSET, fail_unless, services_word
from .spelling import constant, element
from .steps import (
    Loop,
)
from .writer import Val, Writer


class Scalars:
    """The scalars of one function being printed, and what everything that prints shares.

    `flags` are LLVM's fast-math flags, `uses` count operands, `ids` which program this is along
    each grid axis, `grid` how many there are.
    """

    def __init__(self, function: ir.Function, writer: Writer) -> None:
        self.writer = writer
        self.accesses = Accesses(writer, function)
        self.atomics = Atomics(writer, self.accesses)
        self.flags = "fast " if "fastmath" in function.options else ""
        self.function = function
        self.uses = ir.uses(function.body)
        self.ids: list[Val] = []
        self.grid: list[Val] = []
        self.fetched_ahead: dict[ir.Op, Loop] = {}  # loads, with the loops that do so
        # Per parameter, in debug mode: where its memory begins, and how many elements it has.
        self.allocations: dict[ir.Value, tuple[Val, Val]] = {}

    @cached_property
    def ranges(self) -> Mapping[ir.Value, Interval]:
        """Between which integers values lie."""
        return ranges(self.function)

    def scalar(self, value: ir.Value) -> Val:
        """The text of a scalar."""
        found = self.writer.known((value, ()))
        if found is not None:
            return found
        assert isinstance(value, ir.Op), f"{value!r} is not known here"
        self.compute(value)
        return self.writer.level.known[(value, ())]

    def as_index(self, value: ir.Value) -> Val:
        """A scalar integer in 64 bits; of a loop's counter, the one that counts."""
        known = self.writer.known(("counter", value))
        return known or self.accesses.widened(self.scalar(value), value.tile.dtype)

    def loop(
        self,
        op: ir.For,
        inits: list[Val],
        body: Callable[[list[Val]], list[Val] | None],
    ) -> list[Val]:
        """Write a loop, its counter known in the body; gives the last carried values."""
        start, stop, step = (self.as_index(value) for value in (op.start, op.stop, op.step))
        counter = op.body.parameters[0]
        unsigned = counter.tile.dtype is u64

        def count(i: Val, values: list[Val]) -> list[Val] | None:
            self.writer.level.known[(counter, ())] = self._from_index(i, counter.tile)
            self.writer.level.known[("counter", counter)] = i
            return body(values)

        return self.writer.loop(
            start.text,
            stop.text,
            step.text,
            inits,
            count,
            downwards=None if unsigned else self._downwards(step),
            saturates=self._may_leave_64_bits(op, step),
            unsigned=unsigned,
        )

    def _may_leave_64_bits(self, op: ir.For, step: Val) -> bool:
        """Whether the step past the last round of a loop may: its bounds are numbers of 64 bits,
        which extents and grids are not, and lie further apart than a step of one.
        """
        dtype = op.stop.tile.dtype
        return dtype.bits == 64 and dtype is not index and step.text not in ("1", "-1")

    def _from_index(self, counter: Val, tile: Tile) -> Val:
        """A loop counter in the dtype of the loop's variable."""
        kind = element(tile.dtype)
        if kind == "i64":
            return counter
        return self.writer.put(f"trunc i64 {counter.text} to {kind}", kind, 0)

    def _downwards(self, step: Val) -> str | None:
        """A flag that says whether a loop's step is negative; None if it never is."""
        if step.text.lstrip("-").isdigit():
            return "true" if step.text.startswith("-") else None
        return self.writer.put(f"icmp slt i64 {step.text}, 0", "i1", 0).text

    def stream_bytes(self) -> Val:
        """From how many bytes on stores go past the caches."""
        return services_word(self.writer, STREAM_OFFSET)

    def fail_unless(self, condition: str, op: ir.Check, values: list[Val]) -> None:
        """Report a failure to the host and leave the entry, unless a condition holds."""
        fail_unless(self.writer, self.accesses, condition, op, values)

    def compute(self, op: ir.Op) -> None:
        """Print a scalar op at the current level, where its value is known from now on."""
        level = self.writer.level
        before = self.writer.mark(op)
        result = self._value(op)
        if result is None:
            self._act(op)
        else:
            level.known[(op, ())] = result
        self.writer.place = before

    def _value(self, op: ir.Op) -> Val | None:
        """What an op gives; None if it does something instead."""
        level = self.writer.level
        match op:
            case ir.Const(value, Tile(dtype, ())):
                return Val(constant(value, dtype), element(dtype), 0, level)
            case ir.ProgramId(axis):
                return self.ids[axis]
            case ir.NumPrograms(axis):
                return self.grid[axis]
            case ir.Extent(source, axis):
                return self.accesses.array(source).extents[axis]
            case ir.Stride(source, axis):
                return self.accesses.array(source).strides[axis]
            case ir.Allocation(kind, source):
                return self.allocations[source][kind == "size"]
            case ir.Address(source):
                return self.accesses.array(source).pointer
            case ir.Load():
                fill, mask = self._optional(op.fill), self._optional(op.mask)
                positions = [self.as_index(x) for x in op.position]
                return self.accesses.load_scalar(op, positions, mask, fill)
            case ir.LoadPointer():
                fill, mask = self._optional(op.fill), self._optional(op.mask)
                return self.accesses.load_at(self.scalar(op.pointer), op.tile.dtype, mask, fill)
            case ir.Atomic():
                return self._atomic(op)
            case ir.AtomicPointer():
                values = [self.scalar(x) for x in op.values]
                mask = self._optional(op.mask)
                return self.atomics.one(op, self.scalar(op.pointer), values, mask)
            case _ if op.results and op.results[0] is op and isinstance(op.type, Tile):
                operands = [self.scalar(x) for x in op.operands]
                return emit_elementwise(self.writer, op, operands, level, self.flags)
            case _:
                return None

    def _atomic(self, op: ir.Atomic) -> Val:
        accesses, level = self.accesses, self.writer.level
        array = accesses.array(op.source)
        values, mask = [self.scalar(x) for x in op.values], self._optional(op.mask)
        positions = [self.as_index(x) for x in op.position]
        allowed = accesses.both(accesses.where_allowed(op, positions, level), mask, level)
        offset = accesses.offset(positions, list(array.strides), level)
        address = accesses.address(array.pointer, offset, op.tile.dtype, level)
        return self.atomics.one(op, address, values, allowed)

    def _act(self, op: ir.Op) -> None:
        """Do what an op does that gives no value."""
        match op:
            case ir.SubArray():
                positions = [self.as_index(x) for x in op.position]
                self.accesses.arrays[op] = self.accesses.sub_array(op, positions)
            case ir.Store():
                mask = self._optional(op.mask)
                positions = [self.as_index(x) for x in op.position]
                self.accesses.store_scalar(op, positions, self.scalar(op.value), mask)
            case ir.StorePointer():
                mask = self._optional(op.mask)
                pointer, value = self.scalar(op.pointer), self.scalar(op.value)
                self.accesses.store_at(pointer, value, op.value.tile.dtype, mask)
            case ir.Check(condition, _, values):
                texts = [self.scalar(condition), *(self.scalar(x) for x in values)]
                self.fail_unless(texts[0].text, op, texts[1:])
            case ir.Assume(condition):
                text = self.scalar(condition)
                self.writer.declarations.setdefault("declare void @llvm.assume(i1)")
                self.writer.add(f"call void @llvm.assume(i1 {text.text})")
            case ir.Breakpoint():
                pass  # for the interpreter
            case _:
                raise AssertionError(op)

    def _optional(self, value: ir.Value | None) -> Val | None:
        return None if value is None else self.scalar(value)
