"""A seeded generator of well-typed kernels in the user's language, with arguments to launch them.

Programs are free of races by construction: what is written has a row for each program. Inexact
results go straight to outputs that are compared within bounds, and never into control flow.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

from .expressions import PRELUDE, STORED, Scope, Value, fits
from .lanes import Lanes, Region, make_function
from .orders import Orders
from .parameters import Parameters
from .program import Argument, Program, Scalar, Shape
from .tiles import FOLDS, Tiles

SHAPES: Final = (
    (1,), (3,), (8,), (17,), (64,), (100,), (257,), (5, 9), (8, 16), (1, 17), (3, 64), (17, 3),
    (16, 16), (2, 3, 5), (4, 1, 8), (3, 4, 17),
)  # fmt: skip

LONG: Final = ((1000,), (4100,), (9001,), (2, 700))  # what loops run through in pieces


class Generator(Parameters):
    """One random program; the same for the same seed."""

    def __init__(self, seed: tuple[int, ...]) -> None:
        super().__init__(Random(repr(seed)))
        self.body: list[str] = []
        self.lanes = Lanes(self.draw, self.body)
        self.scope = Scope([], {})
        self.tiles = Tiles(self.draw, self.lanes.fresh)
        self.orders = Orders(self.draw)
        self.stored = 0

    def make(self) -> Program:
        """The program."""
        random = self.random
        self.body.append("    p = " + _program(len(self.grid)))
        self.body.append("    q = p.to(tw.i32)")
        functions: list[str] = []
        for k in range(random.choice((0, 0, 1, 2))):
            made, lines = make_function(self.draw, f"f{k}")
            functions += ["@tw.func", *lines, "", ""]
            self.scope.functions.append(made)
        for hint in ("n >= 0", "n < 4", "q >= 0", "q < 7"):
            if random.random() < 0.07:
                self.body.append(f"    tw.assume({hint})")
        self.parameters()
        for _ in range(random.randint(3, 14)):
            self.statement(self.scope, 1, 2)
        self.finish()
        folds = [text for name, text in FOLDS.items() if name in self.tiles.used]
        if "whole" in self.draw.used:
            self.draw.used.add("number")
        helpers = [PRELUDE[name] for name in sorted(self.draw.used)]
        lines = ["import tilewright as tw", "", ""]
        for text in (*helpers, *folds):
            lines += ["@tw.func", text, "", ""]
        names = [self.annotations.get(one.name, one.name) for one in self.arguments]
        lines += [*functions, f"def kernel({', '.join(names)}):", *self.body, ""]
        options: dict[str, Any] = {}
        if random.random() < 0.15:
            options["debug"] = random.choice((True, "strict"))
        if random.random() < 0.1:
            options["contract"] = False
        return Program(
            "\n".join(lines),
            tuple(self.arguments),
            self.grid,
            tuple(options.items()),
            random.randrange(2**31),
            random.random() < 0.15,
        )

    # --- parameters

    def parameters(self) -> None:
        """Scalars, tables to read, rows to change, one array over another perhaps."""
        random, scope = self.random, self.scope
        self.arguments.append(Scalar("n", random.choice((0, 1, 2, 3))))
        scope.variables += [Value("n", "i32", ()), Value("q", "i32", ())]
        scope.variables.append(Value("p", "index", ()))
        if random.random() < 0.5:
            dtype = self.draw.dtype(STORED[1:13])
            number = random.choice((0, 1, 2, 5, 100))
            self.arguments.append(Scalar("s", number, dtype))
            scope.variables.append(Value("s", dtype, ()))
        if random.random() < 0.3:
            self.arguments.append(Scalar("z", random.choice((0.5, -2.25, 0.1))))
            scope.variables.append(Value("z", "f32", ()))
        shape = random.choice(SHAPES if random.random() < 0.92 else LONG)
        for _ in range(random.randint(1, 3)):
            table = self.table(shape)
            scope.tables.append(table)
        if random.random() < 0.1:
            self.pointer()
        if random.random() < 0.25:
            self.shared()
        if random.random() < 0.12:
            scope.tables.append(self.argument("o", self.draw.dtype(), (), "any", "rows"))
        for k in range(random.randint(0, 2)):
            row = shape if k == 0 else random.choice(SHAPES)
            array = self.argument("y", self.draw.dtype(), (self.programs, *row), "any")
            self.own.append((array, row))
        for dtype in {one.row: None for one in scope.functions if one.row is not None}:
            row = random.choice([one for one in SHAPES if len(one) == 1])
            self.own.append((self.argument("y", dtype, (self.programs, *row), "any"), row))
        if random.random() < 0.2:
            self.overlap(shape)
            self.body[0] = "    p = " + _program(1)
        for _ in range(random.randint(1, 3)):
            self.define(self.read(random.choice((shape, shape, random.choice(SHAPES)))))

    # --- reading

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

    def read(self, shape: Shape) -> Value:
        """A tile of a table by slices that may hang over its edges."""
        random = self.random
        tables = [one for one in (*self.scope.tables, *self.hidden) if one.shape]
        tables = [one for one in tables if len(one.shape) == len(shape)] or tables
        table = random.choice(tables)
        if len(table.shape) != len(shape):
            shape = tuple(max(n, 1) for n in table.shape)
        parts, extents = [], []
        for n in shape:
            start = random.choice(
                ("0", "0", "0", "n", "q", "p", "q * 3", "-1", "n - 2", "p * 2",
                 "tw.multiple_of(p * 4, 4)")
            )  # fmt: skip
            choice = random.random()
            if choice < 0.1:
                parts.append(random.choice(("0", "n", "p", "-1", str(n - 1))))
            else:
                extents.append(n)
                whole = start.isdigit() or start == "-1"
                end = str(int(start) + n) if whole else f"{start} + {n}"
                parts.append(f"{start} : {end}" if choice < 0.8 else f"tw.block({start}, {n})")
        text = ", ".join(parts)
        if ":" not in text and random.random() < 0.5:
            fill = "True" if table.dtype == "bool_" else random.choice(("1", "2", "100"))
            index = f"({text},)" if len(parts) == 1 else f"({text})"
            return Value(f"tw.load({table.name}, {index}, fill={fill})", table.dtype, (*extents,))
        return Value(f"{table.name}[{text}]", table.dtype, tuple(extents))

    # --- statements

    def statement(self, scope: Scope, indent: int, depth: int) -> None:
        """One statement, or some that belong together."""
        pad = "    " * indent
        kinds = ["read", "compute", "compute", "view", "view", "fold", "fold", "own", "own_read"]
        kinds += ["rough", "sums", "change", "product", "order", "order", "pointer", "atomic"]
        if depth > 0:
            kinds += ["loop", "branch", "region", "region", "region"]
        match self.random.choice(kinds):
            case "read":
                self.define(self.read(self.random.choice(SHAPES)), pad, scope)
            case "compute":
                shape = self.random.choice([v.shape for v in scope.variables])
                self.define(self.draw.value(scope, shape, 3), pad, scope)
            case "view":
                self.define(self.tiles.view(scope), pad, scope)
            case "fold":
                self.define(self.tiles.fold(scope), pad, scope)
            case "product":
                self.define(self.tiles.product(scope), pad, scope)
            case "order":
                self.define(self.orders.order(scope), pad, scope)
            case "pointer":
                shape = self.random.choice([v.shape for v in scope.variables])
                value = self.draw.through_pointer(scope, shape, 2, tuple(self.hidden))
                self.define(value, pad, scope)
            case "atomic":
                self.atomic(scope, pad)
            case "own":
                self.write_own(scope, pad)
            case "own_read" if self.own:
                array, row = self.random.choice(self.own)
                self.define(Value(f"{array.name}[{_slices(row)}]", array.dtype, row), pad, scope)
            case "rough":
                self.rough(scope, pad)
            case "sums":
                self.sums(scope, pad)
            case "loop":
                self.loop(scope, indent, depth)
            case "branch":
                condition = self.draw.condition(scope, (), 2).text
                self.body.append(f"{pad}if {condition}:")
                self.block(scope.inner(), indent + 1, depth)
                if self.random.random() < 0.5:
                    self.body.append(f"{pad}else:")
                    self.block(scope.inner(), indent + 1, depth)
            case "region":
                self.region(scope, indent)
            case _:
                self.change(scope, pad)

    def block(self, scope: Scope, indent: int, depth: int) -> None:
        """Statements of a block; at least one that has an effect."""
        self.change(scope, "    " * indent)
        for _ in range(self.random.randint(0, 3)):
            self.statement(scope, indent, depth - 1)

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

    def loop(self, scope: Scope, indent: int, depth: int) -> None:
        """A loop of the whole program."""
        pad, k = "    " * indent, self.lanes.fresh("k")
        inner = scope.inner()
        span = self.random.choice(
            ("range(n)", "range(2)", "range(n, -1, -1)", "tw.range(0, 7, 3, unroll=2)", "range(p)",
             "tw.static_range(3)", "range(q, q + 3)", "while")
        )  # fmt: skip
        if span == "while":
            self.body.append(f"{pad}{k} = n * 0")
            condition = self.draw.condition(scope, (), 2).text
            self.body.append(f"{pad}while ({condition}) and {k} < 3:")
            self.body.append(f"{pad}    {k} += 1")
        else:
            self.body.append(f"{pad}for {k} in {span}:")
        dtype = "index" if span == "range(p)" else "i32"
        inner.variables.append(Value(f"({k} + n)", dtype, ()))
        self.block(inner, indent + 1, depth)
        if self.random.random() < 0.4 and span != "tw.static_range(3)":
            condition = self.draw.condition(inner, (), 1).text
            self.body.append(f"{pad}    if {condition}:")
            self.body.append(f"{pad}        {self.random.choice(('break', 'continue'))}")
            self.change(inner, pad + "    ")

    def region(self, scope: Scope, indent: int, may_leave: bool = False) -> None:
        """A part where each lane runs for itself."""
        shapes = [v.shape for v in scope.variables if v.shape and v.shape in scope.anchors]
        if not shapes:
            return
        shape = self.random.choice(shapes)
        tables, scope.tables = scope.tables, [t for t in scope.tables if t not in self.hidden]
        owned = tuple(
            (array, self.places(row, indent))
            for array, row in self.own
            if row == shape and not any(array.over == one.name for one in self.hidden)
        )
        region = Region(shape, owned, may_leave=may_leave)
        self.lanes.region(scope, region, indent, 3, self.random.randint(2, 10))
        scope.tables = tables

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

    # --- writing

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
        target = _slices(row)
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
            target = f"{_slices(row[:-1])}, {shift} : {shift + n}"
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
        index = self.places(row, len(pad) // 4)
        if len(row) == 1 and row in scope.anchors and random.random() < 0.5:
            place = self.draw.place(scope, row, 2, row[0])
            name = self.lanes.fresh("j")
            self.body.append(f"{pad}{name} = {self.draw.whole_shape(scope, place, row).text}")
            index = f"p, {name}"
        self.define(self.draw.atomic(scope, array, index, row), pad, scope)

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
        self.body.append(f"{pad}{array.name}[{_slices(value.shape)}] = {value.text}")

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
        self.body.append(f"{pad}{array.name}[{_slices(value.shape)}] = {value.text}")
        self.body.append(f"{pad}{scale.name}[{_slices(value.shape)}] = {sizes.text}")

    def finish(self) -> None:
        """Store what there is; perhaps some lanes leave before the last statements."""
        random, scope = self.random, self.scope
        named = [v for v in scope.variables if v.text.isidentifier() and v.text not in ("n", "p")]
        for value in random.sample(named, min(6, len(named))):
            dtype = "i64" if value.dtype == "index" else value.dtype
            if random.random() < 0.2:
                dtype = self.draw.dtype()
            array = self.output(value, "out", "numbers", dtype)
            self.body.append(f"    {array.name}[{_slices(value.shape)}] = {value.text}")
        shapes = [row for _, row in self.own if row in scope.anchors]
        if not shapes or random.random() < 0.6:
            return
        shape = random.choice(shapes)
        kept = [v for v in scope.variables if fits(v.shape, shape)]
        inner = Scope(kept, scope.anchors, scope.functions, scope.tables)
        owned = tuple(
            (a, self.places(row, 1)) for a, row in self.own if row == shape and not a.over
        )
        if owned:
            region = Region(shape, owned, may_leave=True)
            self.lanes.budget = 8
            self.lanes.lines.append(f"    if {self.lanes.condition(inner, Region(shape))}:")
            self.lanes.lines.append("        return")
            self.lanes.block(inner, region, 1, 2)


def _program(rank: int) -> str:
    """The number of this program among all."""
    text = "tw.program_id(0)"
    for axis in range(1, rank):
        text = f"({text}) * tw.num_programs({axis}) + tw.program_id({axis})"
    return text


def _slices(row: Shape) -> str:
    """The whole own row."""
    return ", ".join(["p", *(f"0:{n}" for n in row)])
