"""Random functions with lane control flow, for comparing what passes make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tilewright.dsl import ir
from tilewright.dsl.types import Array, Tile, Type, i32, scalar

ROWS, COLUMNS = 4, 6
WIDE = (ROWS, COLUMNS)
NARROW = (ROWS, 1)
VARIABLES = 3

Values = list[ir.Value]


@dataclass(frozen=True)
class Around:
    """Where a statement stands: what it may leave, and how deep it is."""

    row: (
        ir.Value
    )  # a tile of one column; inside `rows_only` it is the last of the variables instead
    loop: bool = False  # a `break` or `continue` may stand here
    together: bool = False  # only all lanes together may leave that loop
    given: int = 0  # how many variables `return` gives
    rows_only: bool = False  # only conditions of a row each may stand here
    depth: int = 0
    counters: int = 0  # carried values behind the variables
    scalars: tuple[ir.Value, ...] = ()


class LaneProgram:
    """A function over an input `x` and an output `y`, both i32, and a scalar `n`.

    Its variables are tiles of one shape, and in some parts one of a single column; each lane reads
    and writes elements of `y` that no other touches.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.b = ir.Builder()
        self.budget = 30

    def build(self) -> ir.Function:
        """The function, a legal one."""
        array = Array(i32, (None, None), 1)
        x, y = ir.Parameter(array, "x"), ir.Parameter(array, "y")
        n = ir.Parameter(scalar(i32), "n")
        self.x, self.y = x, y
        b = self.b
        self.row = b.add(ir.Iota(Tile(i32, NARROW), 0))
        self.column = b.add(ir.Iota(Tile(i32, (1, COLUMNS)), 1))
        pid = b.add(ir.Cast(b.add(ir.ProgramId(0)), i32))
        self.pid = pid
        self.base = b.add(ir.Binary("add", self.row, self.wide(self.times(pid, ROWS), NARROW)))
        values: Values = []
        for k in range(VARIABLES):
            whole = self.constant(k, WIDE)
            values.append(b.add(ir.Binary("add", self.wide(self.base, WIDE), whole)))
        after = self.statements(values, Around(self.base, scalars=(n, pid)))
        if after is not None:
            for k, value in enumerate(after):
                self.store(self.shifted(k), value)
            b.add(ir.Return())
        body = ir.Block((x, y, n), b.block.ops)
        function = ir.Function("random", body)
        for place, op in enumerate(ir.walk(body)):
            op.place = place
        ir.verify(function)
        return function

    # --- statements

    def statements(self, values: Values, around: Around) -> Values | None:
        """Some statements; gives the variables after them, None if the block has ended."""
        now: Values | None = values
        for _ in range(self.random.randint(1, 4)):
            assert now is not None
            now = self.statement(now, around)
            if now is None:
                return None
        return now

    def statement(self, values: Values, around: Around) -> Values | None:
        self.budget -= 1
        kinds = ["assign"] * 4 + ["store", "print"]
        if self.budget > 0 and around.depth < 4:
            kinds += ["lane_if"] * 5 + ["scalar_if", "for", "for", "lane_while", "while", "call"]
            if not around.rows_only:
                kinds += ["rows"]
        match self.random.choice(kinds):
            case "assign":
                return self.assign(values, around)
            case "store":
                self.store(self.shifted(self.random.randint(4, 5)), values[0])
                return values
            case "print":
                self.b.add(ir.Print(("v",), (values[0],)))
                return values
            case "lane_if":
                condition = self.condition(values, around)
                return self.branch(condition, True, values, around)
            case "scalar_if":
                return self.branch(self.uniform(around), False, values, around)
            case "for":
                return self.loop(values, around)
            case "lane_while":
                return self.lane_loop(values, around)
            case "while":
                return self.scalar_loop(values, around)
            case "rows":
                return self.rows(values, around)
            case _:
                return self.call(values, around)

    def assign(self, values: Values, around: Around) -> Values:
        k = self.random.randrange(VARIABLES)
        result = list(values)
        result[k] = self.expression(values, around)
        if around.rows_only and self.random.random() < 0.5:
            three = self.constant(3, NARROW)
            result[-1] = self.b.add(ir.Binary("add", values[-1], three))
        return result

    def branch(
        self, condition: ir.Value, lanes: bool, values: Values, around: Around
    ) -> Values | None:
        may_leave = around.loop and not (lanes and around.together)
        around = replace(around, loop=may_leave)
        inner = replace(around, depth=around.depth + 1)
        blocks = []
        ended = 0
        for _ in range(2):
            with self.b.inside() as block:
                after = values if self.random.random() < 0.3 else self.statements(values, inner)
                if after is not None and self.random.random() < 0.3:
                    after = self.jump(after, around)
                if after is None:
                    ended += 1
                else:
                    self.b.add(ir.Yield(tuple(after)))
            blocks.append(block)
        made = self.b.add(ir.If(condition, blocks[0], blocks[1], lanes))
        if ended == 2:
            self.close(values, around)
            return None
        return list(made.results)

    def jump(self, values: Values, around: Around) -> None:
        """Leave something, after the given values."""
        kinds = ["return"]
        if around.loop:
            kinds += ["break", "continue"] * 2
        carried = (*values, *around.scalars[: around.counters])
        match self.random.choice(kinds):
            case "break":
                self.b.add(ir.Break(carried))
            case "continue":
                self.b.add(ir.Continue(carried))
            case _:
                self.b.add(ir.Return(tuple(values[: around.given])))

    def close(self, values: Values, around: Around) -> None:
        """End a block whose end cannot be reached."""
        self.b.add(ir.Return(tuple(values[: around.given])))

    def loop(self, values: Values, around: Around) -> Values:
        start, stop, step = self.random.choice([(0, 3, 1), (5, -1, -2), (0, 0, 1), (0, 2, 1)])
        bounds = [self.constant(v, ()) for v in (start, stop, step)]
        if start == 0 and self.random.random() < 0.3:
            bounds[1] = around.scalars[-2]
        inner = replace(around, loop=True, together=False, depth=around.depth + 1, counters=0)
        with self.b.inside(scalar(i32), *self.types(values)) as body:
            counter, *carried = body.parameters
            self.finish(list(carried), replace(inner, scalars=(counter, *around.scalars)))
        return list(self.b.add(ir.For(*bounds, tuple(values), body)).results)

    def lane_loop(self, values: Values, around: Around) -> Values:
        """Each lane counts its own rounds in variable 0, to at most 9."""
        b = self.b
        shape = NARROW if around.rows_only else WIDE
        inits = (*values, self.constant(0, shape))
        with b.inside(*self.types(inits)) as test:
            nine = self.constant(9, shape)
            low = b.add(ir.Compare("lt", test.parameters[-1], nine))
            other = self.wide(self.condition(list(test.parameters[:-1]), around), shape)
            b.add(ir.Yield((b.add(ir.Binary("and", low, other)),)))
        with b.inside(*self.types(inits)) as body:
            *carried, counter = body.parameters
            self.finish(list(carried), self.counting(counter, around, False))
        return list(b.add(ir.While(inits, test, body, lanes=True)).results)[:-1]

    def counting(self, counter: ir.Value, around: Around, together: bool) -> Around:
        """Inside a loop that carries a counter, which has been raised."""
        one = self.constant(1, counter.shape)
        raised = self.b.add(ir.Binary("add", counter, one))
        return replace(
            around, loop=True, together=together, depth=around.depth + 1, counters=1,
            scalars=(raised, *around.scalars),
        )  # fmt: skip

    def scalar_loop(self, values: Values, around: Around) -> Values:
        b = self.b
        inits = (*values, self.constant(0, ()))
        with b.inside(*self.types(inits)) as test:
            three = self.constant(3, ())
            b.add(ir.Yield((b.add(ir.Compare("lt", test.parameters[-1], three)),)))
        with b.inside(*self.types(inits)) as body:
            *carried, counter = body.parameters
            self.finish(list(carried), self.counting(counter, around, True))
        return list(b.add(ir.While(inits, test, body)).results)[:-1]

    def finish(self, values: Values, around: Around) -> None:
        """The body of a loop."""
        after = self.statements(values, around)
        if after is not None:
            self.b.add(ir.Yield((*after, *around.scalars[: around.counters])))

    def rows(self, values: Values, around: Around) -> Values | None:
        """Statements whose conditions are of a row each, under a condition of all lanes."""
        condition = self.condition(values, around)
        with self.b.inside() as then:
            inner = replace(
                around, loop=False, rows_only=True, counters=0, depth=around.depth + 1,
            )  # fmt: skip
            after = self.loop([*values, around.row], inner)
            self.b.add(ir.Yield(tuple(after[:VARIABLES])))
        with self.b.inside() as orelse:
            self.b.add(ir.Yield(tuple(values)))
        made = self.b.add(ir.If(condition, then, orelse, lanes=True))
        return list(made.results)

    def call(self, values: Values, around: Around) -> Values:
        inner = replace(
            around, loop=False, given=len(values), counters=0, depth=around.depth + 1
        )  # fmt: skip
        with self.b.inside() as body:
            after = self.statements(values, inner)
            if after is not None:
                self.b.add(ir.Return(tuple(after)))
        types = tuple(value.tile for value in values)
        return list(self.b.add(ir.Inlined(types, body)).results)

    # --- expressions

    def expression(self, values: Values, around: Around) -> ir.Value:
        b = self.b
        tiles = values[:VARIABLES]
        choice = self.random.random()
        if choice < 0.2:
            position = (self.wide(self.base, WIDE), self.random.choice(tiles))
            return b.add(ir.Load(self.x, position, block_axes=()))
        if choice < 0.3:
            loaded = b.add(ir.Load(self.y, self.shifted(4)))
            return b.add(ir.Binary("add", loaded, self.random.choice(tiles)))
        if choice < 0.4:
            place = (self.pick_scalar(around), self.pick_scalar(around))
            return self.wide(b.add(ir.Load(self.x, place)), WIDE)
        if choice < 0.5:
            return self.wide(self.pick_scalar(around), WIDE)
        kind = self.random.choice(["add", "sub", "mul", "xor", "min", "floordiv"])
        right = self.random.choice([*tiles, self.constant(self.random.randint(-3, 9), WIDE)])
        if self.random.random() < 0.2:
            right = self.wide(values[-1] if around.rows_only else around.row, WIDE)
        return b.add(ir.Binary(kind, self.random.choice(tiles), right))

    def condition(self, values: Values, around: Around) -> ir.Value:
        kind = self.random.choice(["eq", "ne", "lt", "ge"])
        if around.rows_only or self.random.random() < 0.2:
            held = values[-1] if around.rows_only else around.row
            left = held if self.random.random() < 0.5 else self.row
            right = self.wide(self.pick_scalar(around), NARROW)
            return self.b.add(ir.Compare(kind, left, right))
        left = self.random.choice(values[:VARIABLES])
        constant = self.constant(self.random.randint(-2, 12), WIDE)
        right = self.random.choice([constant, self.wide(self.column, WIDE), values[0]])
        return self.b.add(ir.Compare(kind, left, right))

    def uniform(self, around: Around) -> ir.Value:
        kind = self.random.choice(["eq", "ne", "lt"])
        right = self.constant(self.random.randint(0, 3), ())
        return self.b.add(ir.Compare(kind, self.pick_scalar(around), right))

    def pick_scalar(self, around: Around) -> ir.Value:
        return self.random.choice([v for v in around.scalars if v.type == scalar(i32)])

    def types(self, values: Values | tuple[ir.Value, ...]) -> list[Type]:
        return [value.type for value in values]

    def constant(self, value: int, shape: tuple[int, ...]) -> ir.Value:
        return self.b.add(ir.Const(value, Tile(i32, shape)))

    def wide(self, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
        return value if value.shape == shape else self.b.add(ir.Broadcast(value, shape))

    def times(self, value: ir.Value, factor: int) -> ir.Value:
        return self.b.add(ir.Binary("mul", value, self.constant(factor, ())))

    def shifted(self, slot: int) -> tuple[ir.Value, ...]:
        """Where a lane keeps something in `y`: one place per lane and slot."""
        offset = self.constant(slot * COLUMNS, (1, COLUMNS))
        return (self.base, self.b.add(ir.Binary("add", self.column, offset)))

    def store(self, position: tuple[ir.Value, ...], value: ir.Value) -> None:
        self.b.add(ir.Store(self.y, position, value))


def is_flat(function: ir.Function) -> bool:
    """Whether no jump stands under a lane condition and lane loops only test their last value."""
    return _is_flat(function.body, False)


def _is_flat(block: ir.Block, lanes: bool) -> bool:
    for op in block.ops:
        match op:
            case ir.Break() | ir.Continue() | ir.Return() if lanes:
                return False
            case ir.While(lanes=True):
                if [op.condition.parameters[-1]] != list(op.condition.terminator.operands):
                    return False
                if len(op.condition.ops) != 1 or not _is_flat(op.body, True):
                    return False
            case ir.If(lanes=True):
                if len(op.orelse.ops) != 1 or not all(_is_flat(b, True) for b in op.blocks):
                    return False
            case ir.For() | ir.While() | ir.Inlined():
                if not all(_is_flat(b, False) for b in op.blocks):
                    return False
            case _:
                if not all(_is_flat(b, lanes) for b in op.blocks):
                    return False
    return True
