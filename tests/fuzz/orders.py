"""Random sorts, counts, elements taken at places, and numbers by chance: all of them exact."""

from __future__ import annotations

from math import prod

from .expressions import Expressions, Scope, Value
from .program import Shape
from .rules import is_float

MOST_SORTED = 300  # elements along an axis


class Orders:
    """Draws operations that depend on the order of elements."""

    def __init__(self, draw: Expressions) -> None:
        self.draw = draw
        self.random = draw.random

    def order(self, scope: Scope) -> Value:
        """Any of them, of a variable."""
        found = [v for v in scope.variables if v.shape and max(v.shape) <= MOST_SORTED]
        kind = self.random.choice(("sort", "argsort", "topk", "histogram", "gather", "chance"))
        if not found or kind == "chance":
            return self._chance(scope)
        v = self.random.choice(found)
        return getattr(self, f"_{kind}")(scope, v)  # type: ignore[no-any-return]

    def _axis(self, v: Value) -> tuple[str, Shape]:
        """An axis, and the shape of what is sorted along it."""
        if self.random.random() < 0.15 and prod(v.shape) <= MOST_SORTED:
            return "None", (prod(v.shape),)
        axis = self.random.randrange(-len(v.shape), len(v.shape))
        return str(axis), v.shape

    def _sort(self, scope: Scope, v: Value) -> Value:
        axis, shape = self._axis(v)
        down = self.random.random() < 0.5
        return Value(f"tw.sort({v.text}, {axis}, descending={down})", v.dtype, shape)

    def _argsort(self, scope: Scope, v: Value) -> Value:
        axis, shape = self._axis(v)
        down = self.random.random() < 0.5
        return Value(f"tw.argsort({v.text}, {axis}, descending={down})", "i32", shape)

    def _topk(self, scope: Scope, v: Value) -> Value:
        k, which = self.random.randint(1, v.shape[-1]), self.random.choice((0, 1))
        dtype = "i32" if which else v.dtype
        return Value(f"tw.topk({v.text}, {k})[{which}]", dtype, (*v.shape[:-1], k))

    def _histogram(self, scope: Scope, v: Value) -> Value:
        bins = self.random.choice((1, 2, 7, 16, 33, 100))
        if is_float(v.dtype):
            v = self.draw.as_dtype(v, self.draw.dtype(("i8", "i32", "i64", "u8", "u16")))
        text = v.text
        if v.dtype != "bool_" and self.random.random() < 0.5:
            text = f"({text}) % {self.random.choice((3, 17, 100))}"
        return Value(f"tw.histogram({text}, {bins})", "i32", (bins,))

    def _gather(self, scope: Scope, v: Value) -> Value:
        if v.shape not in scope.anchors:
            return self._argsort(scope, v)
        axis = self.random.randrange(len(v.shape))
        place = self.draw.place(scope, v.shape, 2, v.shape[axis])
        text = self.draw.whole_shape(scope, place, v.shape).text
        shape = list(v.shape)
        parts = [":"] * len(shape)
        for k, n in enumerate(v.shape):
            if k == axis and self.random.random() < 0.3:
                shape[k] = self.random.randint(1, n)
                parts[k] = f"0:{shape[k]}"
            elif k != axis and self.random.random() < 0.2:
                parts[k] = "0:1"  # broadcasts
        if set(parts) != {":"}:
            text = f"({text})[{', '.join(parts)}]"
        return Value(f"tw.gather({v.text}, {text}, {axis})", v.dtype, tuple(shape))

    def _chance(self, scope: Scope) -> Value:
        shape = self.random.choice([v.shape for v in scope.variables])
        seed, offset = (self.draw.integer(scope, shape, 1) for _ in range(2))
        name, dtype = self.random.choice((("rand", "f32"), ("randint", "u32")))
        joint = self.draw.joint(seed, offset)
        return Value(f"tw.{name}({seed.text}, {offset.text})", dtype, joint)
