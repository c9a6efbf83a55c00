"""Prints atomics: one element in one step, and the lanes of a vector one after another.

What the machine has no instruction for is tried until no other program comes between: what is there
is read, what takes its place computed, and put there if nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype, Tile, f32, scalar

from ..passes.expand_casts import expand_casts
from ..planning.steps import (
    itemsize_of,
)
from .emit_access import Accesses
from .emit_elementwise import emit_elementwise
from .spelling import constant, element, memory_element, vector
from .writer import Val, Writer

# LLVM's names of the memory orders: of the exchange, and of the read where it fails.
ORDERS: Final = {
    "relaxed": ("monotonic", "monotonic"),
    "acquire": ("acquire", "acquire"),
    "release": ("release", "monotonic"),
    "acq_rel": ("acq_rel", "acquire"),
}

AnyAtomic = ir.Atomic | ir.AtomicPointer


@record
class CopyText:
    """What an `array` may be in the text: a thread's copy, where `is_on` holds.

    `kind` and `dtype` say how values are combined; `spare` is the place of the first element that
    stands for none; `apart` are the bytes between the parts, `parts` how many lanes take turns at.
    """

    array: ir.Parameter
    kind: str
    dtype: Dtype
    is_on: Val
    spare: Val
    apart: Val
    parts: int


class Atomics:
    """The atomics of one function being printed."""

    def __init__(self, writer: Writer, accesses: Accesses) -> None:
        self.writer = writer
        self.accesses = accesses
        self.copies: dict[ir.Op, CopyText] = {}

    def one(self, op: AnyAtomic, address: Val, values: list[Val], allowed: Val | None) -> Val:
        """Do it on one element, if that is allowed; what was there, or 0."""
        dtype = op.tile.dtype
        if allowed is None or allowed.text == "true":
            return self._one_allowed(op, address, values)
        nothing = self._nothing(dtype)
        results = self.writer.branch(
            allowed.text, lambda: [self._one_allowed(op, address, values)], lambda: [nothing]
        )
        assert results is not None
        return results[0]

    def _one_allowed(self, op: AnyAtomic, address: Val, values: list[Val]) -> Val:
        copy = self.copies.get(op)
        if copy is None:
            return self._update(op, address, values)

        def in_copy() -> list[Val]:
            self.combine_at(copy, address, self.in_memory(values[0], op.tile.dtype), 0)
            return []

        def in_array() -> list[Val]:
            self._update(op, address, values)
            return []

        self.writer.branch(copy.is_on.text, in_copy, in_array)
        return self._nothing(op.tile.dtype)

    def _nothing(self, dtype: Dtype) -> Val:
        zero = constant(False if dtype.is_bool else 0, dtype)
        return Val(zero, element(dtype), 0, self.writer.level)

    def bring(self, op: AnyAtomic, address: Val, value: Val) -> None:
        """Do an atomic with a value as it lies in memory; nobody asks what was there."""
        self._update(op, address, [self._from_memory(value, op.tile.dtype)])

    # --- copies

    def combine(self, kind: str, dtype: Dtype, old: Val, value: Val) -> Val:
        """What an element and a value become, both as they lie in memory; in all lanes."""
        return self._combined(_combination(kind, dtype), old, value)

    def combine_at(self, copy: CopyText, address: Val, value: Val, lanes: int) -> None:
        """Combine what lies at an address of a copy with a value."""
        memory, align = memory_element(copy.dtype), f"align {itemsize_of(copy.dtype)}"
        text = f"load {vector(memory, lanes)}, {address}, {align}"
        old = self.writer.put(text, memory, lanes)
        new = self.combine(copy.kind, copy.dtype, old, value)
        self.writer.add(f"store {new}, {address}, {align}")

    # --- lane after lane

    def each(
        self, op: AnyAtomic, address: Val, stride: int, values: list[Val], mask: Val | None,
        lanes: int,
    ) -> Val:  # fmt: skip
        """Do it for some lanes, in order; what was there, 0 in lanes whose mask is off.

        The address is that of each lane, or of the first with those of the others `stride` apart.
        """
        writer, dtype = self.writer, op.tile.dtype
        memory = memory_element(dtype)
        places = self.spilled("address", address) if address.lanes else None
        spilled = [
            self.spilled(f"value{k}", self.in_memory(value, dtype)) if value.lanes else None
            for k, value in enumerate(values)
        ]
        is_used = op in self.accesses.used
        found = writer.slot("old", vector(memory, lanes)) if is_used else None
        if found is not None and mask is not None:
            writer.add(f"store {vector(memory, lanes)} zeroinitializer, ptr {found}, align 64")

        def lane(k: Val) -> None:
            here = address
            if places is not None:
                here = self.element_at(places, k, "ptr")
            elif stride:
                here = writer.put(f"getelementptr {memory}, {address}, {k}", "ptr", 0)
            given = [
                value
                if place is None
                else self._from_memory(self.element_at(place, k, memory), dtype)
                for value, place in zip(values, spilled, strict=True)
            ]
            old = self._update(op, here, given)
            if found is not None:
                place = writer.put(f"getelementptr {memory}, ptr {found}, {k}", "ptr", 0)
                self.accesses.store_at(place, old, dtype, None)

        self._over_lanes(lane, mask, lanes)
        if found is None:
            return Val("zeroinitializer", element(dtype), lanes, writer.level)
        text = f"load {vector(memory, lanes)}, ptr {found}, align 64"
        return self._from_memory(writer.put(text, memory, lanes), dtype)

    def _over_lanes(self, lane: Callable[[Val], None], mask: Val | None, lanes: int) -> None:
        """Do something for each lane that is on, in order."""
        writer = self.writer
        if mask is None or not mask.lanes:

            def body(k: Val, _: list[Val]) -> list[Val]:
                lane(k)
                return []

            def loop() -> list[Val]:
                return writer.loop("0", str(lanes), "1", [], body, at_least_once=True)

            if mask is None:
                loop()
            else:
                writer.branch(mask.text, loop, list)
            return
        kind = f"i{lanes}"
        bits = writer.put(f"bitcast {mask} to {kind}", kind, 0)

        def is_left(values: list[Val]) -> str:
            return writer.put(f"icmp ne {values[0]}, 0", "i1", 0).text

        def first(values: list[Val]) -> list[Val]:
            (rest,) = values
            number = writer.call("cttz", kind, 0, [rest, "i1 true"])
            if lanes != 64:
                how = "zext" if lanes < 64 else "trunc"
                number = writer.put(f"{how} {number} to i64", "i64", 0)
            lane(number)
            below = writer.put(f"sub {rest}, 1", kind, 0)
            return [writer.put(f"and {rest}, {below.text}", kind, 0)]

        writer.loop_while([bits], is_left, first)

    # --- vectors in memory, where lanes are picked from

    def spilled(self, role: str, value: Val) -> str:
        """Put a vector in memory on the stack; where."""
        place = self.writer.slot(role, value.type)
        self.writer.add(f"store {value}, ptr {place}, align 64")
        return place

    def element_at(self, place: str, k: Val, kind: str) -> Val:
        """An element of what is there."""
        address = self.writer.put(f"getelementptr {kind}, ptr {place}, {k}", "ptr", 0)
        return self.writer.put(f"load {kind}, {address}", kind, 0)

    def in_memory(self, value: Val, dtype: Dtype) -> Val:
        """A value as it lies in memory: a `bool_` as a byte."""
        if not dtype.is_bool:
            return value
        kind = vector("i8", value.lanes)
        return self.writer.put(f"zext {value} to {kind}", "i8", value.lanes)

    def _from_memory(self, value: Val, dtype: Dtype) -> Val:
        if not dtype.is_bool:
            return value
        zero = "zeroinitializer" if value.lanes else "0"
        return self.writer.put(f"icmp ne {value}, {zero}", "i1", value.lanes)

    # --- one step

    def _update(self, op: AnyAtomic, address: Val, values: list[Val]) -> Val:
        """Do it; what was there."""
        dtype, align = op.tile.dtype, f"align {itemsize_of(op.tile.dtype)}"
        order, _ = ORDERS[op.order]
        if op.kind == "cas":
            expected, new = (self._bits(value, dtype) for value in values)
            old, _ = self._compare_and_exchange(op, address, expected, new)
            return self._from_bits(old, dtype)
        instruction = _instruction(op.kind, dtype)
        if instruction is None:
            return self._try(op, address, values[0])
        value = values[0]
        if instruction == "fadd":
            text = f"atomicrmw fadd {address}, {value} {order}, {align}"
            return self.writer.put(text, value.element, 0)
        if dtype.is_bool and instruction == "and":  # keeps any byte that stands for true
            value = self.writer.put(f"sext {value} to i8", "i8", 0)
        else:
            value = self._bits(value, dtype)
        text = f"atomicrmw {instruction} {address}, {value} {order}, {align}"
        return self._from_bits(self.writer.put(text, value.element, 0), dtype)

    def _compare_and_exchange(
        self, op: AnyAtomic, address: Val, expected: Val, new: Val
    ) -> tuple[Val, Val]:
        """The bits that were there, and whether they were those expected."""
        order, order_of_read = ORDERS[op.order]
        kind, size = expected.element, itemsize_of(op.tile.dtype)
        pair = self.writer.put(
            f"cmpxchg {address}, {expected}, {new} {order} {order_of_read}, align {size}", kind, 0
        )
        both = f"{{ {kind}, i1 }} {pair.text}"
        old = self.writer.put(f"extractvalue {both}, 0", kind, 0)
        return old, self.writer.put(f"extractvalue {both}, 1", "i1", 0)

    def _try(self, op: AnyAtomic, address: Val, value: Val) -> Val:
        """Compute and exchange until nothing came between."""
        writer, dtype = self.writer, op.tile.dtype
        kind, size = f"i{dtype.bits}", itemsize_of(dtype)
        first = writer.put(f"load atomic {kind}, {address} monotonic, align {size}", kind, 0)
        combination = _combination(op.kind, dtype)
        keeps = op.kind in ("max", "min") and op.order == "relaxed"

        def is_open(values: list[Val]) -> str:
            return writer.put(f"xor {values[1]}, true", "i1", 0).text

        def attempt(values: list[Val]) -> list[Val]:
            old = values[0]
            found = self._combined(combination, self._from_bits(old, dtype), value)
            new = self._bits(found, dtype)
            if not keeps:
                return [*self._compare_and_exchange(op, address, old, new)]
            same = writer.put(f"icmp eq {old}, {new.text}", "i1", 0)
            results = writer.branch(
                same.text,
                lambda: [old, Val("true", "i1", 0, writer.level)],
                lambda: [*self._compare_and_exchange(op, address, old, new)],
            )
            assert results is not None
            return results

        start = [first, Val("false", "i1", 0, writer.level)]
        old, _ = writer.loop_while(start, is_open, attempt)
        return self._from_bits(old, dtype)

    def _combined(self, block: ir.Block, old: Val, value: Val) -> Val:
        """The text of a combination, in all lanes."""
        texts: dict[ir.Value, Val] = dict(zip(block.parameters, (old, value), strict=True))
        level = self.writer.level
        for op in block.ops:
            match op:
                case ir.Const(number, Tile(dtype)):
                    one = Val(constant(number, dtype), element(dtype), 0, level)
                    texts[op] = self.accesses.splat(one, old.lanes, level)
                case ir.Yield((result,)):
                    return texts[result]
                case _:
                    operands = [texts[x] for x in op.operands]
                    texts[op] = emit_elementwise(self.writer, op, operands, level, "")
        raise AssertionError("a combination does not end")

    def _bits(self, value: Val, dtype: Dtype) -> Val:
        """An element as the integer that lies in memory."""
        kind = f"i{dtype.bits}"
        if value.element == kind:
            return value
        how = "zext" if dtype.is_bool else "bitcast"
        return self.writer.put(f"{how} {value} to {kind}", kind, 0)

    def _from_bits(self, bits: Val, dtype: Dtype) -> Val:
        kind = element(dtype)
        if dtype.is_bool:
            return self._from_memory(bits, dtype)
        return (
            bits if bits.element == kind else self.writer.put(f"bitcast {bits} to {kind}", kind, 0)
        )


def _instruction(kind: str, dtype: Dtype) -> str | None:
    """LLVM's instruction for an atomic; None where there is none."""
    if kind == "xchg":
        return kind
    if dtype.is_bool:
        return {"add": "or", "max": "or", "or": "or", "min": "and", "and": "and"}.get(kind)
    if dtype.is_float:
        return "fadd" if kind == "add" and dtype.bits >= 32 else None
    if kind in ("max", "min") and not dtype.is_signed:
        return f"u{kind}"
    return kind


@cache
def _combination(kind: str, dtype: Dtype) -> ir.Block:
    """What an element and a value become, as ops that instructions stand for."""
    b = ir.Builder()
    with b.inside(scalar(dtype), scalar(dtype)) as body:
        old, value = body.parameters
        left: ir.Value = old
        right: ir.Value = value
        is_narrow = dtype.is_float and dtype.bits < 32
        if is_narrow:
            left, right = (b.add(ir.Cast(x, f32)) for x in (old, value))
        result: ir.Value
        if kind in ("max", "min") and dtype.is_float:
            better = b.add(ir.Compare("gt" if kind == "max" else "lt", right, left))
            wins = b.add(ir.Binary("or", better, b.add(ir.Unary("isnan", right))))
            result = b.add(ir.Select(wins, value, old))
        else:
            result = b.add(ir.Binary(kind, left, right))
            result = b.add(ir.Cast(result, dtype)) if is_narrow else result
        b.add(ir.Yield((result,)))
    return expand_casts(ir.Function("combination", body)).body
