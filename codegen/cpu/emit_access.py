"""Loads and stores as LLVM IR: scalars, vectors, with and without masks, in scratch memory."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype

from ..analysis.memory import is_read
from ..planning.steps import (
    Loan,
    Memo,
    View,
    itemsize_of,
)
from .spelling import element, mangled, memory_element, vector
from .writer import Level, Val, Writer

# Where a store past the caches may begin: NumPy's larger arrays do not begin at multiples of 32.
STREAM_ALIGNMENT: Final = 16
# Around single elements: with hundreds of them, of unrolled code, LLVM takes half as long again.
MOST_BRANCHES: Final = 64


@record
class ArrayText:
    """An array in the text; the flag `valid` says whether its elements may be touched at all."""

    pointer: Val
    extents: tuple[Val, ...]
    strides: tuple[Val, ...]
    valid: Val | None


class Accesses:
    """Memory accesses of one function being printed."""

    def __init__(self, writer: Writer, function: ir.Function) -> None:
        self.writer = writer
        self.function = function
        self.arrays: dict[ir.Value, ArrayText] = {}
        self.narrow = "narrow" in function.facts
        self.used = frozenset(ir.uses(function.body))
        self.scratch: Val
        self.zeros: Val
        self.slots: dict[Memo, Val] = {}  # the present one of each memo
        self.branches = 0  # around accesses to single elements
        self.loans: dict[Loan, tuple[Val, Val]] = {}  # where each begins, from row to row

    def array(self, source: ir.Value) -> ArrayText:
        """The text of an array."""
        return self.arrays[source]

    def widened(self, value: Val, dtype: Dtype, level: Level | None = None) -> Val:
        """An integer in 64 bits."""
        if value.element == "i64":
            return value
        if not value.lanes and value.text.lstrip("-").isdigit():
            number = int(value.text)  # spelled as if it were signed
            text = str(number if dtype.is_signed else number % (1 << dtype.bits))
            return Val(text, "i64", 0, value.level)
        how = "sext" if dtype.is_signed else "zext"
        level = level or self.writer.deepest(value.level)
        return self.writer.put(
            f"{how} {value} to {vector('i64', value.lanes)}", "i64", value.lanes, level
        )

    def sub_array(self, op: ir.SubArray, positions: list[Val]) -> ArrayText:
        """The array left when the first axes are fixed."""
        outer = self.array(op.source)
        count = len(positions)
        inside = self.all_inside(positions, list(outer.extents[:count]), self.writer.level)
        if outer.valid is not None:
            inside = self.writer.put(f"and i1 {inside.text}, {outer.valid.text}", "i1", 0)
        offset = self.offset(positions, list(outer.strides[:count]), self.writer.level)
        pointer = self.address(outer.pointer, offset, op.array.dtype, self.writer.level)
        return ArrayText(pointer, outer.extents[count:], outer.strides[count:], inside)

    # --- addresses

    def offset(self, positions: list[Val], strides: list[Val], level: Level) -> Val:
        """Elements from the first one to the one at some positions."""
        total: Val | None = None
        for position, stride in zip(positions, strides, strict=True):
            if position.text == "0":
                continue
            part = position
            if stride.text != "1":
                part = self.writer.put(f"mul i64 {position.text}, {stride.text}", "i64", 0, level)
            total = part if total is None else self.writer.put(
                f"add i64 {total.text}, {part.text}", "i64", 0, level
            )  # fmt: skip
        return total or Val("0", "i64", 0, level)

    def address(self, pointer: Val, offset: Val, dtype: Dtype, level: Level) -> Val:
        """The pointer to an element."""
        if offset.text == "0":
            return pointer
        return self.writer.put(
            f"getelementptr {memory_element(dtype)}, {pointer}, {offset}", "ptr", 0, level
        )

    def distance(self, start: Val, end: Val, dtype: Dtype) -> Val:
        """How many elements lie between two addresses."""
        a, b = (self.writer.put(f"ptrtoint {x} to i64", "i64", 0) for x in (start, end))
        gap = self.writer.put(f"sub i64 {b.text}, {a.text}", "i64", 0)
        return self.writer.put(f"sdiv exact i64 {gap.text}, {itemsize_of(dtype)}", "i64", 0)

    def all_inside(self, positions: list[Val], extents: list[Val], level: Level) -> Val:
        """Whether scalar positions lie inside: one unsigned comparison for both ends."""
        result: Val | None = None
        for position, extent in zip(positions, extents, strict=True):
            test = self.writer.put(f"icmp ult i64 {position.text}, {extent.text}", "i1", 0, level)
            result = self.both(result, test, level)
        return result or Val("true", "i1", 0, level)

    def both(self, a: Val | None, b: Val | None, level: Level) -> Val | None:
        """Both conditions; None stands for one that always holds."""
        if a is None or b is None:
            return b if a is None else a
        if a.lanes != b.lanes:
            a, b = (self.splat(x, max(a.lanes, b.lanes), level) for x in (a, b))
        return self.writer.put(f"and {a}, {b.text}", "i1", a.lanes, level)

    def splat(self, value: Val, lanes: int, level: Level) -> Val:
        """A scalar in every lane."""
        if value.lanes or not lanes:
            return value
        first = value.text[0]
        if first not in "%":
            in_memory = self.writer.constant(value, lanes)
            if in_memory is not None:
                kind = vector(value.element, lanes)
                text = f"load {kind}, ptr {in_memory}, !invariant.load !{{}}"
                return self.writer.put(text, value.element, lanes, level)
            return Val(f"splat ({value.element} {value.text})", value.element, lanes, level)
        kind = vector(value.element, lanes)
        single = self.writer.put(
            f"insertelement {kind} poison, {value}, i64 0", value.element, lanes, level
        )
        return self.writer.put(
            f"shufflevector {single}, {kind} poison, <{lanes} x i32> zeroinitializer",
            value.element,
            lanes,
            level,
        )

    def scratch_address(self, offset: int, level: Level | None = None) -> Val:
        """A place in the worker's arena."""
        return self.writer.put(f"getelementptr i8, {self.scratch}, i64 {offset}", "ptr", 0, level)

    # --- scalars

    def load_scalar(
        self, op: ir.Load, positions: list[Val], mask: Val | None, fill: Val | None
    ) -> Val:
        """One element, or the fill where it lies outside or is masked off.

        Positions hardly ever lie outside, so in a loop that is a branch: the load need not wait for
        the test. A mask may be anything, and chooses an address.
        """
        dtype, level = op.source.array.dtype, self.writer.level
        allowed = self.where_allowed(op, positions, level)
        if allowed is None or mask is not None or not self._may_branch(op):
            condition = self.both(allowed, mask, level)
            return self.load_at(self._place(op, positions), dtype, condition, fill)
        other = fill or Val("zeroinitializer", element(dtype), 0, level)
        results = self.writer.branch(
            allowed.text,
            lambda: [self.load_at(self._place(op, positions), dtype, None, None)],
            lambda: [other],
            is_likely=True,
        )
        assert results is not None
        return results[0]

    def _may_branch(self, op: ir.Load | ir.Store) -> bool:
        """Whether a test of scalar positions had better be a branch, which is counted."""
        is_repeated = len(self.writer.frames) > 1 or any(map(is_read, op.position))
        self.branches += is_repeated
        return is_repeated and self.branches <= MOST_BRANCHES

    def _place(self, op: ir.Load | ir.Store, positions: list[Val]) -> Val:
        """The pointer to the element at scalar positions."""
        array, level = self.array(op.source), self.writer.level
        offset = self.offset(positions, list(array.strides), level)
        return self.address(array.pointer, offset, op.source.array.dtype, level)

    def where_allowed(
        self, op: ir.Load | ir.Store | ir.Atomic, positions: list[Val], level: Level
    ) -> Val | None:
        """Whether an element may be touched, as far as that is not known."""
        array = self.array(op.source)
        open_axes = [axis for axis in range(len(positions)) if axis not in op.inside]
        if not open_axes:
            return array.valid
        inside = self.all_inside(
            [positions[axis] for axis in open_axes],
            [array.extents[axis] for axis in open_axes],
            level,
        )
        return self.both(inside, array.valid, level)

    def load_at(self, address: Val, dtype: Dtype, condition: Val | None, fill: Val | None,
                level: Level | None = None) -> Val:  # fmt: skip
        """One element from a pointer, or the fill."""
        level = level or self.writer.level
        put = self.writer.put
        if condition is not None and condition.text != "true":
            address = put(f"select {condition}, {address}, {self.zeros}", "ptr", 0, level)
        else:
            condition = None
        memory = memory_element(dtype)
        value = put(f"load {memory}, {address}, align {itemsize_of(dtype)}", memory, 0, level)
        if dtype.is_bool:
            value = put(f"icmp ne i8 {value.text}, 0", "i1", 0, level)
        if condition is None or fill is None:
            return value
        return put(f"select {condition}, {value}, {fill}", value.element, 0, level)

    def store_scalar(
        self, op: ir.Store, positions: list[Val], value: Val, mask: Val | None
    ) -> None:
        """Write one element if it lies inside, in a branch as for a load."""
        dtype, level = op.source.array.dtype, self.writer.level
        allowed = self.where_allowed(op, positions, level)
        if allowed is None or mask is not None or not self._may_branch(op):
            condition = self.both(allowed, mask, level)
            self.store_at(self._place(op, positions), value, dtype, condition)
            return

        def store() -> list[Val]:
            self.store_at(self._place(op, positions), value, dtype, None)
            return []

        self.writer.branch(allowed.text, store, list, is_likely=True)

    def store_at(self, address: Val, value: Val, dtype: Dtype, condition: Val | None,
                 level: Level | None = None) -> None:  # fmt: skip
        """Write one element; where the condition is off, into the arena's dummy."""
        level = level or self.writer.level
        if condition is not None and condition.text != "true":
            address = self.writer.put(
                f"select {condition}, {address}, {self.scratch}", "ptr", 0, level
            )
        if dtype.is_bool:
            kind = vector("i8", value.lanes)  # along an axis of one element a vector has one lane
            value = self.writer.put(f"zext {value} to {kind}", "i8", value.lanes, level)
        self.writer.add(f"store {value}, {address}, align {itemsize_of(dtype)}", level)

    # --- vectors at consecutive places

    def load_vector(
        self,
        address: Val,
        dtype: Dtype,
        lanes: int,
        mask: Val | None,
        fill: Val | None,
        level: Level,
    ) -> Val:
        """Consecutive elements; where the mask is off, the fill, and memory is not touched."""
        memory = memory_element(dtype)
        kind = vector(memory, lanes)
        if mask is None:
            value = self.writer.put(
                f"load {kind}, {address}, align {itemsize_of(dtype)}", memory, lanes, level
            )
        else:
            other = fill
            if dtype.is_bool and fill is not None:
                other = self.writer.put(f"zext {fill} to {kind}", "i8", lanes, level)
            text = other.text if other is not None else "zeroinitializer"
            value = self.writer.call(
                "masked.load",
                memory,
                lanes,
                [address, f"i32 {itemsize_of(dtype)}", mask, Val(text, memory, lanes, level)],
                level,
                overloads=f"{mangled(memory, lanes)}.p0",
            )
        if dtype.is_bool:
            return self.writer.put(f"icmp ne {value}, zeroinitializer", "i1", lanes, level)
        return value

    def fetch_line(self, address: Val, start: int, level: Level) -> None:
        """Ask for a line of memory so many bytes behind an address, wherever that is."""
        place = self.writer.put(f"getelementptr i8, {address}, i64 {start}", "ptr", 0, level)
        self.writer.declarations.setdefault("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        self.writer.add(f"call void @llvm.prefetch.p0({place}, i32 0, i32 3, i32 1)", level)

    def store_vector(
        self, address: Val, value: Val, dtype: Dtype, mask: Val | None, level: Level
    ) -> None:
        """Write consecutive elements where the mask is on."""
        if dtype.is_bool:
            value = self.writer.put(
                f"zext {value} to {vector('i8', value.lanes)}", "i8", value.lanes, level
            )
        if mask is None:
            self.writer.add(f"store {value}, {address}, align {itemsize_of(dtype)}", level)
            return
        name = f"@llvm.masked.store.{mangled(value.element, value.lanes)}.p0"
        self.writer.declarations.setdefault(
            f"declare void {name}({value.type}, ptr, i32, {mask.type})"
        )
        self.writer.add(
            f"call void {name}({value}, {address}, i32 {itemsize_of(dtype)}, {mask})", level
        )

    def stream_vector(self, address: Val, value: Val, alignment: int, level: Level) -> None:
        """Write consecutive elements past the caches."""
        self.writer.has_streams = True
        self.writer.add(
            f"store {value}, {address}, align {alignment}, !nontemporal !{{i32 1}}", level
        )

    # --- vectors at any places

    def gather(
        self, addresses: Val, dtype: Dtype, mask: Val | None, fill: Val | None, level: Level
    ) -> Val:
        """An element from each address; lanes that are off read the arena's zeros instead."""
        lanes = addresses.lanes
        memory = memory_element(dtype)
        value = self.writer.call(
            "masked.gather",
            memory,
            lanes,
            [
                self._safe(addresses, mask, self.zeros, level),
                f"i32 {itemsize_of(dtype)}",
                all_on(lanes, level),
                _poison(memory, lanes, level),
            ],
            level,
            overloads=f"{mangled(memory, lanes)}.v{lanes}p0",
        )
        if dtype.is_bool:
            value = self.writer.put(f"icmp ne {value}, zeroinitializer", "i1", lanes, level)
        if mask is None or fill is None:
            return value
        return self.writer.put(f"select {mask}, {value}, {fill}", value.element, lanes, level)

    def scatter(
        self, addresses: Val, value: Val, dtype: Dtype, mask: Val | None, level: Level
    ) -> None:
        """Write each lane to its address, in order; lanes that are off write the arena's dummy."""
        lanes = addresses.lanes
        if dtype.is_bool:
            value = self.writer.put(f"zext {value} to {vector('i8', lanes)}", "i8", lanes, level)
        name = f"@llvm.masked.scatter.{mangled(value.element, lanes)}.v{lanes}p0"
        self.writer.declarations.setdefault(
            f"declare void {name}({value.type}, <{lanes} x ptr>, i32, <{lanes} x i1>)"
        )
        safe = self._safe(addresses, mask, self.scratch, level)
        self.writer.add(
            f"call void {name}({value}, {safe}, i32 {itemsize_of(dtype)}, {all_on(lanes, level)})",
            level,
        )

    def strided(
        self, address: Val, stride: int | Val, dtype: Dtype, lanes: int, level: Level
    ) -> Val:
        """The addresses of lanes that lie a stride apart."""
        if isinstance(stride, int):
            offsets = "<" + ", ".join(f"i64 {n * stride}" for n in range(lanes)) + ">"
        else:
            numbers = "<" + ", ".join(f"i64 {n}" for n in range(lanes)) + ">"
            spread = self.splat(stride, lanes, level)
            offsets = self.writer.put(f"mul {spread}, {numbers}", "i64", lanes, level).text
        return self.writer.put(
            f"getelementptr {memory_element(dtype)}, {address}, <{lanes} x i64> {offsets}",
            "ptr",
            lanes,
            level,
        )

    def _safe(self, addresses: Val, mask: Val | None, instead: Val, level: Level) -> Val:
        if mask is None:
            return addresses
        dummy = self.splat(instead, addresses.lanes, level)
        return self.writer.put(
            f"select {mask}, {addresses}, {dummy}", "ptr", addresses.lanes, level
        )

    # --- scratch memory

    def read_element(self, view: View, offset: int, dtype: Dtype) -> Val:
        """One element of a kept tile."""
        address = self.scratch_address(view.buffer.offset + offset * itemsize_of(dtype))
        return self.load_at(address, dtype, None, None)

    def copy_out(self, view: View, shape: tuple[int, ...], dtype: Dtype, target: Val) -> None:
        """Copy a kept tile, row-major, to a place in memory."""
        writer = self.writer
        itemsize = dtype.itemsize
        base = self.scratch_address(view.buffer.offset + view.offset * itemsize)

        def copy(axis: int, source: Val, position: Val) -> None:
            if axis == len(shape):
                value = self.load_at(
                    self.address(base, source, dtype, writer.level), dtype, None, None
                )
                self.store_at(
                    self.address(target, position, dtype, writer.level), value, dtype, None
                )
                return

            def body(i: Val, _: list[Val]) -> list[Val]:
                step = writer.put(f"mul i64 {i.text}, {view.strides[axis]}", "i64", 0)
                inner = writer.put(f"add i64 {source.text}, {step.text}", "i64", 0)
                scaled = writer.put(f"mul i64 {position.text}, {shape[axis]}", "i64", 0)
                copy(axis + 1, inner, writer.put(f"add i64 {scaled.text}, {i.text}", "i64", 0))
                return []

            writer.loop("0", str(shape[axis]), "1", [], body, at_least_once=True)

        start = Val("0", "i64", 0, writer.level)
        copy(0, start, start)


def all_on(lanes: int, level: Level) -> Val:
    """A mask with all lanes on."""
    return Val("splat (i1 true)", "i1", lanes, level)


def _poison(kind: str, lanes: int, level: Level) -> Val:
    return Val("poison", kind, lanes, level)
