"""Statements of a random kernel that define variables and write to arrays."""

from __future__ import annotations

from random import Random

from .expressions import Scope, Value
from .lanes import Lanes
from .parameters import Parameters
from .program import Argument, Shape
from .tiles import Tiles


class Writing(Parameters):
    """The lines of one kernel, and what adds to them without blocks of its own."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.body: list[str] = []
        self.lanes = Lanes(self.draw, self.body)
        self.scope = Scope([], {})
        self.tiles = Tiles(self.draw, self.lanes.fresh)
        self.stored = 0

    # --- variables

    def define(self, value: Value, pad: str = "    ", scope: Scope | None = None) -> Value:
        """A new variable, and an anchor of its shape."""
        scope = scope or self.scope
        name = self.lanes.fresh("v")
        self.body.append(f"{pad}{name} = {value.text}")
        made = value._replace(text=name)
        scope.variables.append(made)
        if self.random.random() < 0.1 and value.dtype != "index":
            self.body.append(f"{pad}tw.static_assert({name}.dtype == tw.{value.dtype})")
            self.body.append(f"{pad}tw.static_assert({name}.shape == {value.shape})")
        self.anchor(scope, value.shape, pad)
        return made

    def anchor(self, scope: Scope, shape: Shape, pad: str) -> str:
        """The numbers of the elements of a shape, as a variable."""
        if shape in scope.anchors:
            return scope.anchors[shape]
        terms, step = [], 1
        for axis in reversed(range(len(shape))):
            terms.append(f"tw.iota({shape}, {axis}) * {step}")
            step *= shape[axis]
        name = self.lanes.fresh("i")
        self.body.append(f"{pad}{name} = {' + '.join(terms) or 'n * 0'}")
        scope.anchors[shape] = name
        scope.variables.append(Value(name, "i32", shape))
        return name

    def change(self, scope: Scope, pad: str) -> None:
        """Another value for a variable, of the same dtype and shape."""
        found = [v for v in scope.variables if v.text[0] in "vd" and v.shape in scope.anchors]
        if not found:
            self.body.append(f"{pad}pass")
            return
        target = self.random.choice(found)
        value = self.draw.as_dtype(self.draw.value(scope, target.shape, 3), target.dtype)
        value = self.draw.whole_shape(scope, value, target.shape)
        self.body.append(f"{pad}{target.text} = {value.text}")

    def places(self, row: Shape, indent: int) -> str:
        """The index at which each lane finds its own element of an array; defined before its use,
        since a tile gets no axes in a region.
        """
        parts = ["p"]
        for axis, n in enumerate(row):
            axes = ["None"] * len(row)
            axes[axis] = ":"
            spread = f"[{', '.join(axes)}]" if len(row) > 1 else ""
            name = self.lanes.fresh("j")
            text = f"tw.arange({n})"
            if self.random.random() < 0.1:
                text = f"tw.max_contiguous({text}, {n})"
            self.body.append(f"{'    ' * indent}{name} = {text}{spread}")
            parts.append(name)
        return ", ".join(parts)

    # --- arrays

    def write_own(self, scope: Scope, pad: str) -> None:
        """Change the own row of an array; whatever is there can be read again."""
        if not self.own:
            self.change(scope, pad)
            return
        array, row = self.random.choice(self.own)
        if self.random.random() < 0.3:
            index = self.places(row, len(pad) // 4)
            call = self.draw.row_call(scope, array, index, row)
            if call is not None:
                self.define(call, pad, scope)
                return
        value = self.draw.value(scope, row, 2)
        target = slices(row)
        if self.random.random() < 0.4:
            target = self.places(row, len(pad) // 4)
        if self.random.random() < 0.3 and row in scope.anchors:
            mask = self.draw.condition(scope, row, 2).text
            index = target if ":" not in target else self.places(row, len(pad) // 4)
            self.body.append(f"{pad}tw.store({array.name}, ({index}), {value.text}, mask={mask})")
            return
        if self.random.random() < 0.2:
            n = row[-1]
            shift = self.random.choice((-2, 1, n // 2))
            target = f"{slices(row[:-1])}, {shift} : {shift + n}"
        elif self.random.random() < 0.15 and len(row) == 1 and row in scope.anchors:
            place = self.draw.place(scope, row, 2, row[0])
            target = f"p, {self.draw.whole_shape(scope, place, row).text}"
        self.body.append(f"{pad}{self.draw.element(array, target)} = {value.text}")

    def atomic(self, scope: Scope, pad: str) -> None:
        """Atomics on the own row of an array, or on one that all programs share."""
        random, shapes = self.random, [v.shape for v in scope.variables if v.shape in scope.anchors]
        if shapes and (not self.own or random.random() < 0.4):
            changed = self.draw.shared_atomic(scope, random.choice(shapes))
            if changed is not None:
                self.body.append(f"{pad}{changed}")
                return
        if not self.own:
            self.change(scope, pad)
            return
        array, row = random.choice(self.own)
        index, is_inside = self.places(row, len(pad) // 4), True
        if len(row) == 1 and row in scope.anchors and random.random() < 0.5:
            place = self.draw.place(scope, row, 2, row[0])
            name = self.lanes.fresh("j")
            self.body.append(f"{pad}{name} = {self.draw.whole_shape(scope, place, row).text}")
            index, is_inside = f"p, {name}", False
        self.define(self.draw.atomic(scope, array, index, row, is_inside), pad, scope)

    def output(self, value: Value, letter: str, agree: str, dtype: str) -> Argument:
        """A poisoned array with a row for each program."""
        shape = (self.programs, *value.shape)
        made = self.argument(letter, dtype, shape, "poison")
        self.arguments[-1] = Argument(made.name, dtype, shape, made.strides, "poison", agree)
        return self.arguments[-1]

    def rough(self, scope: Scope, pad: str) -> None:
        """A math function, compared within its errors."""
        found = self.tiles.rough(scope)
        if found is None or self.stored > 8:
            return
        self.stored += 1
        value, agree = found
        array = self.output(value, "rough", agree, value.dtype)
        self.body.append(f"{pad}{array.name}[{slices(value.shape)}] = {value.text}")

    def sums(self, scope: Scope, pad: str) -> None:
        """A float sum or product, compared within a bound from the sizes of its terms."""
        found = self.tiles.sums(scope)
        if found is None or self.stored > 8:
            return
        self.stored += 1
        lines, value, sizes, terms = found
        scale = self.output(sizes, "scale", "size", "f64")
        array = self.output(value, "near", f"sum:{scale.name}:{terms}", value.dtype)
        self.body += [f"{pad}{line}" for line in lines]
        self.body.append(f"{pad}{array.name}[{slices(value.shape)}] = {value.text}")
        self.body.append(f"{pad}{scale.name}[{slices(value.shape)}] = {sizes.text}")


def slices(row: Shape) -> str:
    """The whole own row."""
    return ", ".join(["p", *(f"0:{n}" for n in row)])
