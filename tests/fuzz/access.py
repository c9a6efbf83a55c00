"""Random ways to memory besides `x[index]`: pointers, sub-arrays, atomics.

Pointers stay within their arrays, as the language asks. Atomics act on what a program has for
itself, where their order is that of its elements, or on arrays that all programs share: there each
array has one kind, and whole numbers do not show in which order it came.
"""

from __future__ import annotations

from math import prod
from random import Random
from typing import Final

from .expressions import Expressions, Scope, Value
from .program import Argument, Shape, reach
from .rules import arithmetic, is_float

SHARED_KINDS: Final = ("add", "max", "min", "and_", "or_", "xor")
OWN_KINDS: Final = (*SHARED_KINDS, "xchg", "cas")


class Access(Expressions):
    """Draws expressions that read memory, and statements that write it."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.bare: list[Argument] = []  # passed as pointers, so that their shape is not known
        self.shared: list[tuple[Argument, str]] = []  # changed by atomics of one kind

    def load(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Elements of an array that nobody writes, on one of the ways there."""
        choice = self.random.random()
        if scope.tables and choice < 0.2:
            return self.through_pointer(scope, shape, depth)
        if choice < 0.35:
            return self.of_sub_array(scope, shape, depth)
        if choice < 0.5:
            return self.of_blocks(scope, shape, depth)
        return super().load(scope, shape, depth)

    def through_pointer(
        self, scope: Scope, shape: Shape, depth: int, more: tuple[Argument, ...] = ()
    ) -> Value:
        """What pointers into an array point at; with a mask they may point anywhere."""
        tables = [t for t in (*scope.tables, *self.bare, *more) if prod(t.shape) and _is_dense(t)]
        if not tables:
            return super().load(scope, shape, depth)
        table, random = self.random.choice(tables), self.random
        low, high = reach(table)
        pointer = table.name if table in self.bare else f"{table.name}.ptr"
        place = self.integer(scope, shape, depth - 1)
        dtype = "i64" if bits_over_31(place.dtype) else "i32"
        text = self.as_dtype(place, dtype).text
        if random.random() < 0.3 and shape in scope.anchors:
            # The mask says which of the pointers are good; it needs the place a second time.
            place = self.whole_shape(scope, place._replace(text=text, dtype=dtype), shape)
            text = place.text
            mask = f"(({text}) >= {low}) & (({text}) < {high})"
            fill = ""
            if random.random() < 0.5:
                number = self.literal(arithmetic(table.dtype))
                fill = f", fill={'True' if table.dtype == 'bool_' else number}"
            found = f"tw.load({pointer} + ({text}), mask={mask}{fill})"
            return Value(found, table.dtype, place.shape)
        found = f"tw.load({pointer} + (({text}) % {high - low} + {low}))"
        return Value(found, table.dtype, place.shape)

    def of_sub_array(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Elements of a row of an array."""
        tables = [t for t in scope.tables if len(t.shape) > 1]
        if not tables:
            return super().load(scope, shape, depth)
        table = self.random.choice(tables)
        count = self.random.randint(1, len(table.shape) - 1)
        row = [self.place(scope, (), depth, n).text for n in table.shape[:count]]
        places = [self.place(scope, shape, depth, n) for n in table.shape[count:]]
        text = ", ".join(one.text for one in places)
        return Value(f"{table.name}[{', '.join(row)}][{text}]", table.dtype, self.joint(*places))

    def of_blocks(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Neighbouring elements, from scalar places on."""
        tables = [t for t in scope.tables if len(t.shape) == len(shape)]
        if not tables or not shape or shape not in scope.anchors:
            return super().load(scope, shape, depth)
        table = self.random.choice(tables)
        starts = [self.place(scope, (), depth, n).text for n in table.shape]
        parts = [f"tw.block({start}, {n})" for start, n in zip(starts, shape, strict=True)]
        return Value(f"{table.name}[{', '.join(parts)}]", table.dtype, shape)

    # --- what a program has for itself

    def element(self, array: Argument, index: str) -> str:
        """The elements at an index, perhaps of the sub-array that a program has for itself."""
        first, _, rest = index.partition(", ")
        if rest and self.random.random() < 0.2:
            return f"{array.name}[{first}][{rest}]"
        return f"{array.name}[{index}]"

    def row_call(self, scope: Scope, array: Argument, index: str, shape: Shape) -> Value | None:
        """A call of a function that works on the own row of a program; None if there is none."""
        found = [one for one in scope.functions if one.row == array.dtype]
        first, _, rest = index.partition(", ")
        if not found or len(shape) != 1 or shape not in scope.anchors:
            return None
        made = self.random.choice(found)
        return self.called(scope, made, shape, 1, (f"{array.name}[{first}]", rest))

    def pointer_to(self, array: Argument, index: str) -> str:
        """Pointers to the elements at an index, by the array's strides."""
        steps = [f"{p} * {array.name}.strides[{k}]" for k, p in enumerate(index.split(", "))]
        return f"{array.name}.ptr + ({' + '.join(steps)})"

    def atomic(
        self, scope: Scope, array: Argument, index: str, shape: Shape, is_inside: bool = True
    ) -> Value:
        """One step on each of the elements at an index; gives what was there before.

        Pointers lead to elements that surely are inside: nobody checks them.
        """
        kinds = OWN_KINDS[:-1] if array.dtype == "bool_" else OWN_KINDS
        if is_float(array.dtype):
            kinds = ("add", "xchg")
        kind = self.random.choice(kinds)
        values = [self.value(scope, shape, 1).text]
        if kind == "cas":
            values.insert(0, self.value(scope, shape, 1).text)
        place = f"{array.name}, ({index})"
        if self.random.random() < 0.2 and is_inside:
            place = self.pointer_to(array, index)
        return Value(
            f"tw.atomic_{kind}({place}, {', '.join(values)}{self.switch(scope, shape)})",
            array.dtype,
            shape,
        )

    def shared_atomic(self, scope: Scope, shape: Shape) -> str | None:
        """A change of an array that all programs change in the same way."""
        if not self.shared:
            return None
        array, kind = self.random.choice(self.shared)
        place = self.place(scope, shape, 2, array.shape[0])
        place = self.whole_shape(scope, place, shape)
        value = self.value(scope, shape, 1).text
        return f"tw.atomic_{kind}({array.name}, {place.text}, {value}{self.switch(scope, shape)})"

    def switch(self, scope: Scope, shape: Shape) -> str:
        """A mask, perhaps."""
        if self.random.random() < 0.7 or shape not in scope.anchors:
            return ""
        return f", mask={self.condition(scope, shape, 1).text}"


def bits_over_31(dtype: str) -> bool:
    """Whether not all numbers of an integer dtype are `i32` numbers."""
    return dtype in ("i64", "u64", "u32", "index")


def _is_dense(table: Argument) -> bool:
    """Whether all between its first and last element is its own: booleans elsewhere are poison."""
    low, high = reach(table)
    return table.dtype != "bool_" or high - low == prod(table.shape)
