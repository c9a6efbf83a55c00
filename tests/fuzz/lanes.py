"""Random statements for lanes: conditions, loops and jumps that each lane takes for itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from .access import Access
from .expressions import Function, Scope, Value
from .program import Argument, Shape
from .rules import FLOATS, INTEGERS, fits

MOST_TURNS: Final = 4


@dataclass(frozen=True)
class Region:
    """Where statements for lanes stand: their shape, what each lane has of its own, what may stand.

    `owned` are arrays with the index at which each lane has an element that no other touches.
    """

    shape: Shape
    owned: tuple[tuple[Argument, str], ...] = ()
    in_loop: bool = False
    returns: str | None = None  # the dtype that a function gives
    may_leave: bool = False  # by `return` without a value
    pair: bool = False  # of what it returns and a number


class Lanes:
    """Writes statements for lanes."""

    def __init__(self, expressions: Access, lines: list[str]) -> None:
        self.random = expressions.random
        self.draw = expressions
        self.lines = lines
        self.names = 0
        self.budget = 0

    def fresh(self, letter: str) -> str:
        """A name that is new."""
        self.names += 1
        return f"{letter}{self.names}"

    def condition(self, scope: Scope, region: Region) -> str:
        """A condition on lanes, mostly of their whole shape."""
        found = self.draw.condition(scope, region.shape, 2)
        if found.shape and self.random.random() < 0.2:
            return found.text
        return self.draw.whole_shape(scope, found, region.shape).text

    def block(self, scope: Scope, region: Region, indent: int, depth: int) -> None:
        """Some statements."""
        for _ in range(self.random.randint(1, 3)):
            self.statement(scope, region, indent, depth)

    def statement(self, scope: Scope, region: Region, indent: int, depth: int) -> None:
        """One statement."""
        self.budget -= 1
        random, pad = self.random, "    " * indent
        kinds = ["assign", "assign", "assign", "define", "store"]
        if depth > 0 and self.budget > 0:
            kinds += ["if", "if", "while", "for"]
        if region.in_loop:
            kinds += ["leave"]
        if region.returns is not None or region.may_leave:
            kinds += ["return"]
        match random.choice(kinds):
            case "assign":
                self.assign(scope, region, pad)
            case "define":
                value = self.draw.value(scope, region.shape, 2)
                name = self.fresh("d")
                self.lines.append(f"{pad}{name} = {value.text}")
                scope.variables.append(value._replace(text=name))
            case "store":
                self.store(scope, region, pad)
            case "if":
                self.lines.append(f"{pad}if {self.condition(scope, region)}:")
                self.block(scope.inner(), region, indent + 1, depth - 1)
                if random.random() < 0.5:
                    self.lines.append(f"{pad}else:")
                    self.block(scope.inner(), region, indent + 1, depth - 1)
            case "while":
                self.loop(scope, region, indent, depth)
            case "for":
                k = self.fresh("k")
                count = random.choice(("n", "2", "3", "tw.range(1, 6, 2)", "range(n, -1, -1)"))
                text = count if "(" in count else f"range({count})"
                self.lines.append(f"{pad}for {k} in {text}:")
                inner = scope.inner()
                inner.variables.append(Value(f"({k} + n)", "i32", ()))
                inside = replace(region, in_loop=True)
                self.block(inner, inside, indent + 1, depth - 1)
            case "leave":
                self.lines.append(f"{pad}if {self.condition(scope, region)}:")
                if random.random() < 0.5:
                    self.assign(scope, region, pad + "    ")
                self.lines.append(f"{pad}    {random.choice(('break', 'continue'))}")
            case "return":
                self.lines.append(f"{pad}if {self.condition(scope, region)}:")
                self.leave(scope, region, pad + "    ")

    def assign(self, scope: Scope, region: Region, pad: str) -> None:
        """Change a variable that holds an element for each lane."""
        found = [v for v in scope.variables if v.shape == region.shape and v.text.isidentifier()]
        if not found:
            self.lines.append(f"{pad}pass")
            return
        wider = [
            v
            for v in scope.variables
            if v.text.isidentifier() and v.shape != region.shape and v.shape in scope.anchors
            if fits(region.shape, v.shape)
        ]
        if wider and self.random.random() < 0.25:
            found = wider  # the lanes of a row, say, change all of it
        target = self.random.choice(found)
        value = self.draw.value(scope, target.shape, 3)
        if self.random.random() < 0.3 and target.dtype != "bool_":
            value = self.draw.as_dtype(value, target.dtype)
            self.lines.append(f"{pad}{target.text} {self.random.choice('+-*')}= {value.text}")
            return
        value = self.draw.as_dtype(value, target.dtype)
        value = self.draw.whole_shape(scope, value, target.shape)
        self.lines.append(f"{pad}{target.text} = {value.text}")

    def store(self, scope: Scope, region: Region, pad: str) -> None:
        """Each lane writes its own element, or reads it back."""
        if region.returns is None and self.random.random() < 0.2:
            changed = self.draw.shared_atomic(scope, region.shape)
            if changed is not None:
                self.lines.append(f"{pad}{changed}")
                return
        if not region.owned:
            self.assign(scope, region, pad)
            return
        array, index = self.random.choice(region.owned)
        call = self.draw.row_call(scope, array, index, region.shape)
        if call is not None and self.random.random() < 0.4:
            name = self.fresh("d")
            self.lines.append(f"{pad}{name} = {call.text}")
            scope.variables.append(call._replace(text=name))
            return
        if self.random.random() < 0.4:
            name = self.fresh("d")
            text = self.draw.element(array, index)
            if self.random.random() < 0.2:
                text = f"tw.load({self.draw.pointer_to(array, index)})"
            elif self.random.random() < 0.5:
                text = self.draw.atomic(scope, array, index, region.shape).text
            self.lines.append(f"{pad}{name} = {text}")
            scope.variables.append(Value(name, array.dtype, region.shape))
            return
        value = self.draw.value(scope, region.shape, 2)
        if self.random.random() < 0.3:
            mask = self.condition(scope, region)
            self.lines.append(f"{pad}tw.store({array.name}, ({index}), {value.text}, mask={mask})")
            return
        if self.random.random() < 0.2:
            pointer = self.draw.pointer_to(array, index)
            self.lines.append(f"{pad}tw.store({pointer}, {value.text})")
            return
        self.lines.append(f"{pad}{self.draw.element(array, index)} = {value.text}")

    def loop(self, scope: Scope, region: Region, indent: int, depth: int) -> None:
        """A loop that each lane leaves when its condition fails, after some turns at most."""
        pad, turns = "    " * indent, self.fresh("t")
        anchor = scope.anchors[region.shape]
        self.lines.append(f"{pad}{turns} = {anchor} * 0")
        limit = self.random.randint(1, MOST_TURNS)
        condition = self.condition(scope, region)
        self.lines.append(f"{pad}while ({condition}) & ({turns} < {limit}):")
        self.lines.append(f"{pad}    {turns} += 1")
        inside = replace(region, in_loop=True)
        self.block(scope.inner(), inside, indent + 1, depth - 1)

    def leave(self, scope: Scope, region: Region, pad: str) -> None:
        """Return, with a value where one is due."""
        if region.returns is None:
            self.lines.append(f"{pad}return")
            return
        value = self.draw.as_dtype(self.draw.value(scope, region.shape, 2), region.returns)
        value = self.draw.whole_shape(scope, value, region.shape)
        text = value.text
        if region.pair:
            second = self.draw.as_dtype(self.draw.value(scope, region.shape, 1), "i32")
            text += f", {self.draw.whole_shape(scope, second, region.shape).text}"
        self.lines.append(f"{pad}return {text}")

    def region(self, scope: Scope, region: Region, indent: int, depth: int, budget: int) -> None:
        """A part of a program that begins with a lane condition; scalars may become tiles in it."""
        self.budget = budget
        pad = "    " * indent
        # Of blocks inside, the scope around would not hear that a scalar has become a tile.
        scalars = [v for v in scope.variables if v.shape == () and v.text[0] == "v" and indent == 1]
        grown = self.random.choice(scalars) if scalars and self.random.random() < 0.5 else None
        condition = self.draw.whole_shape(
            scope, self.draw.condition(scope, region.shape, 2), region.shape
        ).text
        if self.random.random() < 0.3:
            self.loop(scope, region, indent, depth)
            grown = None
        else:
            self.lines.append(f"{pad}if {condition}:")
            inner = scope.inner()
            if grown is not None:
                value = self.draw.value(scope, region.shape, 2)
                value = self.draw.as_dtype(value, grown.dtype)
                self.lines.append(f"{pad}    {grown.text} = {value.text}")
                inner.variables.remove(grown)
            self.block(inner, region, indent + 1, depth - 1)
        if grown is not None:
            scope.variables.remove(grown)
            scope.variables.append(grown._replace(shape=region.shape))


def make_function(expressions: Access, name: str) -> tuple[Function, list[str]]:
    """A function of elementwise operations with control flow on its lanes, and its lines."""
    random = expressions.random
    takes = tuple(expressions.dtype((*INTEGERS, *FLOATS)) for _ in range(random.randint(1, 3)))
    gives = expressions.dtype((*INTEGERS, *FLOATS, "bool_"))
    marker: Shape = (-1,)  # whatever shape it is called with
    parameters = [f"p{k}" for k in range(len(takes))]
    variables = [Value(p, d, marker) for p, d in zip(parameters, takes, strict=True)]
    scope = Scope([*variables, Value("lane", "i32", marker)], {marker: "lane"})
    row = expressions.dtype() if random.random() < 0.4 else None
    first = ["lane"] if row is None else ["lane", "row", "j"]
    lines = [f"def {name}({', '.join([*first, *parameters])}):", "    n = 3"]
    lanes = Lanes(expressions, lines)
    lanes.budget = random.randint(0, 8)
    owned = () if row is None else ((Argument("row", row, (-1,), (1,), "any"), "j"),)
    pair = random.random() < 0.3
    region = Region(marker, owned, returns=gives, pair=pair)
    while lanes.budget > 0:
        lanes.statement(scope, region, 1, 2)
    lanes.leave(scope, region, "    ")
    assert all(fits(v.shape, marker) for v in scope.variables)
    return Function(name, takes, gives, row, pair), lines
