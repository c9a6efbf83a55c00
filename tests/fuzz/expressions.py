"""Random elementwise expressions as text, with the dtype and shape that the language gives them.

All results are exact: what the language leaves open (errors of math functions, signs of zeros out
of `min`, which NaN) is kept out by the helpers of `PRELUDE`, whose calls nobody may take apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from .program import Argument, Shape
from .rules import (
    COMMON,
    FLOATS,
    INTEGERS,
    STORED,
    arithmetic,
    bits,
    broadcast,
    divided,
    fits,
    is_float,
    promote,
)

PRELUDE: Final = {
    "plain": "def plain(v):\n    return v + 0.0",
    "number": "def number(v):\n    return tw.where(v == v, v, tw.ones_like(v))",
    "whole": "def whole(v):\n    return tw.round(tw.clip(number(v), -8.0, 8.0)) + 0.0",
    "unit": "def unit(v):\n    return tw.where(v > 0, tw.ones_like(v), -tw.ones_like(v))",
}


class Value(NamedTuple):
    """An expression or a variable."""

    text: str
    dtype: str
    shape: Shape


@dataclass(frozen=True)
class Function:
    """A `@tw.func` of elementwise operations: it takes the lanes' numbers, then these dtypes.

    With `row` it takes before them an array of that dtype and places, of which it may write to.
    As a `pair` it gives an `i32` number, too.
    """

    name: str
    takes: tuple[str, ...]
    gives: str
    row: str | None = None
    pair: bool = False


@dataclass
class Scope:
    """What may be used at a place. `anchors` are `i32` tiles of a shape, one for each shape."""

    variables: list[Value]
    anchors: dict[Shape, str]
    functions: list[Function] = field(default_factory=list)
    tables: list[Argument] = field(default_factory=list)  # arrays that nobody writes

    def inner(self) -> Scope:
        """For a block: what is defined there stays there."""
        return Scope(list(self.variables), dict(self.anchors), self.functions, self.tables)


class Expressions:
    """Draws expressions over what a scope holds; every result broadcasts to the shape asked."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.used: set[str] = set()  # of the prelude
        self.scalar_loads = True

    def dtype(self, among: tuple[str, ...] = STORED) -> str:
        """Any dtype, the common ones more often."""
        if self.random.random() < 0.4:
            common = [name for name in COMMON if name in among]
            if common:
                return self.random.choice(common)
        return self.random.choice(among)

    def helper(self, name: str, text: str) -> str:
        """A call of a helper of the prelude."""
        self.used.add(name)
        return f"{name}({text})"

    def literal(self, dtype: str) -> str:
        """A number that fits a dtype."""
        if is_float(dtype):
            return self.random.choice(("0.5", "2.0", "-1.5", "3.0", "0.1", "1.0", "0.0", "-2.0"))
        least = 0 if dtype[0] == "u" else -100
        number = self.random.choice((0, 1, 2, 3, 5, 7, 100, self.random.randint(least, 100)))
        if dtype in INTEGERS and self.random.random() < 0.15:
            ends = bits(dtype) - (dtype[0] == "i")
            number = self.random.choice((2**ends - 1, -(2**ends) * (dtype[0] == "i")))
        return f"({number})" if number < 0 else str(number)

    # --- leaves

    def leaf(self, scope: Scope, shape: Shape) -> Value:
        """A variable, or an element of a table at a computed place."""
        found = [one for one in scope.variables if fits(one.shape, shape)]
        if found and self.random.random() < 0.5:
            found = found[-4:]
        if not found:
            dtype = self.dtype((*INTEGERS, *FLOATS))
            return Value(f"tw.full((), {self.literal(dtype)}, tw.{dtype})", dtype, ())
        return self.random.choice(found)

    def load(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Elements of an array that nobody writes, wherever integers point."""
        if not scope.tables:
            return self.leaf(scope, shape)
        table = self.random.choice(scope.tables)
        places = [self.place(scope, shape, depth, extent) for extent in table.shape]
        whole = broadcast(*(one.shape for one in places)) if places else ()
        assert whole is not None
        index = ", ".join(one.text for one in places) or "()"
        value = Value(f"{table.name}[{index}]", table.dtype, whole)
        if self.random.random() < 0.3 and places:
            fill = self.literal(arithmetic(table.dtype)) if table.dtype != "bool_" else "True"
            mask = ""
            if whole == shape and self.random.random() < 0.5:
                mask = f", mask={self.condition(scope, shape, depth - 1).text}"
            index = f"({index},)" if len(places) == 1 else f"({index})"
            return value._replace(text=f"tw.load({table.name}, {index}, fill={fill}{mask})")
        return value

    def place(self, scope: Scope, shape: Shape, depth: int, extent: int) -> Value:
        """An integer that mostly lies within an axis."""
        value = self.integer(scope, shape, depth - 1)
        if not value.shape and shape in scope.anchors and self.random.random() < 0.8:
            value = self.whole_shape(scope, value, shape)
        if self.random.random() < 0.8 and extent > 1:
            limit = min(extent + self.random.randint(0, 1), 100)
            return value._replace(text=f"({value.text}) % {limit}")
        return value

    def integer(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Of an integer dtype."""
        value = self.value(scope, shape, depth)
        if is_float(value.dtype) or value.dtype == "bool_":
            dtype = self.dtype(INTEGERS)
            return Value(f"({value.text}).to(tw.{dtype})", dtype, value.shape)
        return value

    def condition(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Of the dtype `bool_`."""
        random = self.random
        choice = random.random()
        if choice < 0.15 and depth > 0:
            a, b = (self.condition(scope, shape, depth - 1) for _ in range(2))
            sign = random.choice(("&", "|", "^", "and", "or"))
            return Value(f"(({a.text}) {sign} ({b.text}))", "bool_", self.joint(a, b))
        if choice < 0.22 and depth > 0:
            a = self.condition(scope, shape, depth - 1)
            return Value(f"(not ({a.text}))", "bool_", a.shape)
        a, b = self.value(scope, shape, depth - 1), self.value(scope, shape, depth - 1)
        if choice < 0.3 and is_float(a.dtype):
            name = random.choice(("isnan", "isinf", "isfinite"))
            return Value(f"tw.{name}({a.text})", "bool_", a.shape)
        sign = random.choice(("<", "<=", "==", "!=", ">", ">="))
        if choice < 0.6:
            number = random.choice(("0", "3", "-2", "1.5", "40"))
            if a.dtype == "bool_":
                number = random.choice(("True", "False", number))
            before = random.choice(("", "", "", "0 <= ", "-1 != "))
            return Value(f"({before}{a.text} {sign} {number})", "bool_", a.shape)
        return Value(f"({a.text} {sign} {b.text})", "bool_", self.joint(a, b))

    def joint(self, *values: Value) -> Shape:
        """The shape of several, which were drawn so that they fit."""
        found = broadcast(*(one.shape for one in values))
        assert found is not None
        return found

    # --- operations

    def value(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Anything."""
        if depth <= 0 or self.random.random() < 0.12:
            return self.leaf(scope, shape)
        draw = getattr(self, self.random.choice(_KINDS))
        return draw(scope, shape, depth)  # type: ignore[no-any-return]

    def as_dtype(self, value: Value, dtype: str) -> Value:
        """Cast, if need be."""
        if value.dtype == dtype:
            return value
        return Value(f"({value.text}).to(tw.{dtype})", dtype, value.shape)

    def whole_shape(self, scope: Scope, value: Value, shape: Shape) -> Value:
        """The value with exactly a shape, for which there is an anchor."""
        if value.shape == shape:
            return value
        anchor = scope.anchors[shape]
        if value.dtype == "bool_":
            return Value(f"(({value.text}) & ({anchor} == {anchor}))", "bool_", shape)
        return Value(f"tw.where({anchor} >= 0, {value.text}, {value.text})", value.dtype, shape)

    def pair(self, scope: Scope, shape: Shape, depth: int) -> tuple[Value, Value, str]:
        """Two values that meet, and where."""
        a, b = self.value(scope, shape, depth - 1), self.value(scope, shape, depth - 1)
        dtype = promote(a.dtype, b.dtype)
        if dtype is None:
            b, dtype = self.as_dtype(b, a.dtype), a.dtype
        return a, b, dtype

    def binary(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Arithmetic on two values."""
        a, b, dtype = self.pair(scope, shape, depth)
        sign = self.random.choice(("+", "-", "*", "+", "-", "*", "//", "%", "/"))
        dtype = divided(dtype) if sign == "/" else arithmetic(dtype)
        return Value(f"({a.text} {sign} {b.text})", dtype, self.joint(a, b))

    def with_literal(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Arithmetic with a number."""
        a = self.value(scope, shape, depth - 1)
        dtype, sign = arithmetic(a.dtype), self.random.choice(("+", "-", "*", "//", "%", "/"))
        if not is_float(dtype) and self.random.random() < 0.15:
            number, dtype = self.literal("f32"), "f32"
        else:
            number = self.literal(dtype)
            dtype = divided(dtype) if sign == "/" else dtype
        text = f"{a.text} {sign} {number}"
        if self.random.random() < 0.3:
            text = f"{number} {sign} {a.text}"
        return Value(f"({text})", dtype, a.shape)

    def bitwise(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Bits of integers and booleans."""
        a, b = self.integer(scope, shape, depth), self.integer(scope, shape, depth)
        dtype = promote(a.dtype, b.dtype)
        if dtype is None:
            b, dtype = self.as_dtype(b, a.dtype), a.dtype
        sign = self.random.choice(("&", "|", "^"))
        return Value(f"({a.text} {sign} {b.text})", dtype, self.joint(a, b))

    def shift(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Shifts by a number, and by values that are not negative."""
        a, sign = self.integer(scope, shape, depth), self.random.choice(("<<", ">>"))
        if self.random.random() < 0.6:
            count = self.random.choice((0, 1, 3, 7, 8, 15, 31, 32, 33, 63, 64, 100))
            return Value(f"({a.text} {sign} {count})", a.dtype, a.shape)
        b = self.integer(scope, shape, depth)
        dtype = promote(a.dtype, b.dtype)
        if dtype is None:
            b, dtype = self.as_dtype(b, a.dtype), a.dtype
        return Value(f"({a.text} {sign} ({b.text} & 63))", dtype, self.joint(a, b))

    def unary(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Functions of one value that are exact."""
        a = self.value(scope, shape, depth - 1)
        dtype = arithmetic(a.dtype)
        if self.random.random() < 0.3:
            return Value(f"(-{a.text})", dtype, a.shape)
        if self.random.random() < 0.08:
            decimals = self.random.choice((-2, -1, 1, 3))
            return Value(f"tw.round({a.text}, {decimals})", dtype, a.shape)
        if is_float(dtype):
            name = self.random.choice(("abs", "sqrt", "floor", "ceil", "round", "trunc"))
            return Value(f"tw.{name}({a.text})", dtype, a.shape)
        name = self.random.choice(("abs", "tw.popcount", "tw.clz", "~", "~"))
        if name == "~":
            return Value(f"(~{a.text})", a.dtype, a.shape)
        counts = "i64" if dtype == "index" and name != "abs" else dtype
        return Value(f"{name}({a.text})", counts, a.shape)

    def choose(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """`where` and the conditional expression."""
        a, b, dtype = self.pair(scope, shape, depth)
        c = self.condition(scope, shape, depth - 1)
        text = f"tw.where({c.text}, {a.text}, {b.text})"
        if self.random.random() < 0.4:
            text = f"({a.text} if {c.text} else {b.text})"
        return Value(text, dtype, self.joint(a, b, c) if c.shape else self.joint(a, b))

    def extreme(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """The smaller, the larger, within bounds."""
        a, b, dtype = self.pair(scope, shape, depth)
        name = self.random.choice(("tw.minimum", "tw.maximum", "min", "max", "clip"))
        joint = self.joint(a, b)
        text = f"{name}({a.text}, {b.text})"
        if name == "clip":
            dtype, joint = arithmetic(a.dtype), a.shape
            low = "1" if is_float(dtype) or dtype[0] == "u" else "-20"
            text = f"tw.clip({a.text}, {low}, 60)"
        if dtype == "bool_":
            return Value(text, dtype, joint)
        dtype = arithmetic(dtype)
        return Value(self.helper("plain", text) if is_float(dtype) else text, dtype, joint)

    def cast(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """To any dtype."""
        return self.as_dtype(self.value(scope, shape, depth - 1), self.dtype())

    def fused(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Three floats: `fma`, or what is contracted to it; and signs."""
        dtype = self.dtype(FLOATS)
        a, b, c = (self.as_dtype(self.value(scope, shape, depth - 1), dtype) for _ in range(3))
        choice = self.random.random()
        if choice < 0.3:
            sign = self.helper("number", b.text)
            return Value(f"tw.copysign({a.text}, {sign})", dtype, self.joint(a, b))
        text = f"({a.text} * {b.text} {self.random.choice('+-')} {c.text})"
        if choice < 0.6:
            text = f"tw.fma({a.text}, {b.text}, {c.text})"
        return Value(text, dtype, self.joint(a, b, c))

    def power(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """Whole powers."""
        a = self.value(scope, shape, depth - 1)
        dtype = arithmetic(a.dtype)
        if is_float(dtype) or self.random.random() < 0.5:
            return Value(f"({a.text} ** {self.random.choice((1, 2, 3))})", dtype, a.shape)
        return Value(f"({a.text} ** ({a.text} & 7))", dtype, a.shape)

    def compare(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """A condition as a value."""
        return self.condition(scope, shape, depth)

    def call(self, scope: Scope, shape: Shape, depth: int) -> Value:
        """A function of one's own."""
        found = [one for one in scope.functions if one.row is None]
        if not found or shape not in scope.anchors:
            return self.binary(scope, shape, depth)
        return self.called(scope, self.random.choice(found), shape, depth)

    def called(
        self, scope: Scope, made: Function, shape: Shape, depth: int, more: tuple[str, ...] = ()
    ) -> Value:
        """What a function gives for any arguments."""
        arguments = []
        for dtype in made.takes:
            value = self.as_dtype(self.value(scope, shape, min(depth - 1, 1)), dtype)
            arguments.append(self.whole_shape(scope, value, shape).text)
        text = ", ".join([scope.anchors[shape], *more, *arguments])
        call, which = f"{made.name}({text})", self.random.choice((0, 1))
        if made.pair:
            return Value(f"{call}[{which}]", (made.gives, "i32")[which], shape)
        return Value(call, made.gives, shape)


_KINDS: Final = (
    *("binary",) * 4, *("with_literal",) * 3, "bitwise", "shift", *("unary",) * 2,
    *("choose",) * 2, "extreme", *("cast",) * 2, "fused", "power", "compare", "load", "call",
)  # fmt: skip
