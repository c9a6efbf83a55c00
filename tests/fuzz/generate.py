"""A seeded generator of well-typed kernels in the user's language, with arguments to launch them.

Programs are free of races by construction: what is written has a row for each program. Inexact
results go straight to outputs that are compared within bounds, and never into control flow.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

from .expressions import PRELUDE, Scope, Value
from .lanes import Region, make_function
from .orders import Orders
from .program import Program, Scalar, Shape
from .rules import STORED, fits
from .tiles import FOLDS
from .writing import Writing, slices

SHAPES: Final = (
    (1,), (3,), (8,), (17,), (64,), (100,), (257,), (5, 9), (8, 16), (1, 17), (3, 64), (17, 3),
    (16, 16), (2, 3, 5), (4, 1, 8), (3, 4, 17),
)  # fmt: skip

LONG: Final = ((1000,), (4100,), (9001,), (2, 700))  # what loops run through in pieces


class Generator(Writing):
    """One random program; the same for the same seed."""

    def __init__(self, seed: tuple[int, ...]) -> None:
        super().__init__(Random(repr(seed)))
        self.orders = Orders(self.draw)

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
                self.define(Value(f"{array.name}[{slices(row)}]", array.dtype, row), pad, scope)
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

    def finish(self) -> None:
        """Store what there is; perhaps some lanes leave before the last statements."""
        random, scope = self.random, self.scope
        named = [v for v in scope.variables if v.text.isidentifier() and v.text not in ("n", "p")]
        for value in random.sample(named, min(6, len(named))):
            dtype = "i64" if value.dtype == "index" else value.dtype
            if random.random() < 0.2:
                dtype = self.draw.dtype()
            array = self.output(value, "out", "numbers", dtype)
            self.body.append(f"    {array.name}[{slices(value.shape)}] = {value.text}")
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
