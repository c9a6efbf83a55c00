"""Random well-typed kernels whose results are exact: any disagreement is a fault.

What rounds in an order of its own choice (float sums, products of matrices) is given small whole
numbers; what the language leaves open (the sign of a NaN, what one lane sees of another's stores)
is kept out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from random import Random
from typing import Any, Final

import numpy as np

from tilewright.dsl import ir
from tilewright.dsl.types import (
    Array,
    Dtype,
    Tile,
    bool_,
    f32,
    f64,
    i8,
    i32,
    i64,
    index,
    scalar,
)

from .building import ALL_FACTS, NO_FACTS, array, const, everywhere
from .data import ARITHMETIC, IN_MEMORY, Data, random_values
from .elementwise import rows_of
from .execution import Row

Shape = tuple[int, ...]
Values = tuple[ir.Value, ...]

SHAPES: Final = ((1,), (7,), (8,), (13,), (40,), (129,), (5, 9), (8, 16), (1, 17), (3, 4, 5))
PROGRAMS: Final = 3
LARGEST: Final = 512  # elements of a tile
GATHERED: Final = (6, 11)
OVERLAPPING: Final = 6  # the argument that lies over the first one, where one does
SIGN_OF_NAN: Final = ("copysign",)


@dataclass
class Kernel:
    """A function and what it is launched with; `overlap` is the distance of two arguments."""

    function: ir.Function
    grid: tuple[int, int, int]
    arguments: list[Data]
    overlap: int | None


@dataclass
class Scope:
    """What may be used and done at a place.

    `lanes`: some lanes may be off, so that only what keeps lanes apart may stand here. A jump
    leaves the nearest loop, whose carried types are `carried`, or the call that gives `returned`;
    `lane_jumps` says whether lanes may leave one by one.
    """

    values: list[ir.Value]
    depth: int = 0
    lanes: bool = False
    carried: tuple[Tile, ...] | None = None
    returned: tuple[Tile, ...] | None = None
    lane_jumps: bool = False


class Generator:
    """One random kernel; the same for the same seed."""

    def __init__(self, seed: tuple[int, ...]) -> None:
        self.random = Random(repr(seed))
        self.rng = np.random.default_rng(seed)
        self.b = ir.Builder()
        self.parameters: list[ir.Parameter] = []
        self.arguments: list[Data] = []
        self.shape: Shape = self.random.choice(SHAPES)
        self.budget = self.random.randint(5, 28)

    def make(self) -> Kernel:
        """The kernel."""
        random = self.random
        facts = random.choice((ALL_FACTS, NO_FACTS, frozenset(("narrow",))))
        overlap = None
        whole = (PROGRAMS, *self.shape)
        self.inputs = [self.argument(random.choice(IN_MEMORY), whole) for _ in range(3)]
        self.table = self.argument(random.choice(IN_MEMORY), GATHERED)
        self.outputs = [self.argument(random.choice(IN_MEMORY), whole) for _ in range(2)]
        if "disjoint" not in facts and random.random() < 0.5:
            size = self.inputs[0].array.dtype.itemsize
            same = [d for d in IN_MEMORY if d.itemsize == size and d is not bool_]
            if self.inputs[0].array.dtype is not bool_:
                self.outputs.append(self.argument(random.choice(same), whole))
                overlap = random.choice((-9, -1, 0, 1, 3, 8))
        self.overlapping = () if overlap is None else (self.inputs[0], self.outputs[-1])
        self.program = self.b.add(ir.ProgramId(0))
        scope = Scope([self.program])
        for source in (*self.inputs, self.outputs[0]):
            scope.values.append(self.load_own(source))
        self.statements(scope)
        self.keep(scope)
        self.b.add(ir.Return())
        function = ir.Function(
            "random",
            ir.Block(tuple(self.parameters), self.b.block.ops),
            facts,
            frozenset(("contract",)),
        )
        for place, op in enumerate(ir.walk(function.body)):
            op.place = place
        ir.verify(function)
        programs = 1 if overlap is not None else PROGRAMS
        return Kernel(function, (programs, 1, 1), self.arguments, overlap)

    # --- arguments

    def argument(self, dtype: Dtype, shape: Shape) -> ir.Parameter:
        """A new array with random content."""
        unit = self.random.choice((None, len(shape) - 1))
        parameter = ir.Parameter(array(dtype, len(shape), unit), f"a{len(self.parameters)}")
        self.parameters.append(parameter)
        self.arguments.append(random_values(self.rng, dtype, shape))
        return parameter

    def own_place(self) -> Values:
        return (self.program, *everywhere(self.b, self.shape))

    def load_own(self, source: ir.Value) -> ir.Value:
        """Each lane its own element."""
        return self.b.add(ir.Load(source, self.own_place()))

    def keep(self, scope: Scope) -> None:
        """Store what there is at the end."""
        kept = self.random.sample(scope.values, min(6, len(scope.values)))
        for value in kept:
            if scope.lanes and value.shape != self.shape:
                continue
            dtype = i64 if value.tile.dtype is index else value.tile.dtype
            target = self.argument(dtype, (PROGRAMS, *value.shape))
            place = (self.program, *everywhere(self.b, value.shape))
            self.b.add(ir.Store(target, place, self.cast(value, dtype)))

    # --- values

    def pick(self, scope: Scope, fits: Callable[[Tile], bool]) -> ir.Value | None:
        """A value in sight, more likely a late one."""
        found = [value for value in scope.values if fits(value.tile)]
        if not found:
            return None
        return found[max(self.random.randrange(len(found)), self.random.randrange(len(found)))]

    def get(self, scope: Scope, dtype: Dtype, shape: Shape) -> ir.Value:
        """A value of a type: one in sight, one made of one, or a constant."""
        exact = self.pick(scope, lambda tile: tile == Tile(dtype, shape))
        if exact is not None and self.random.random() < 0.8:
            return exact
        near = self.pick(scope, lambda tile: tile.shape == shape)
        if near is not None and self.random.random() < 0.7:
            return self.cast(near, dtype)
        one = self.pick(scope, lambda tile: not tile.shape)
        if one is not None and self.random.random() < 0.4:
            return self.spread(self.cast(one, dtype), shape)
        return self.constant(dtype, shape)

    def constant(self, dtype: Dtype, shape: Shape) -> ir.Value:
        if dtype.is_storage_only:
            return self.cast(self.constant(f32, shape), dtype)
        value: Any = random_values(self.rng, dtype, (1,)).astype(object)[0]
        kind = float if dtype.is_float else bool if dtype.is_bool else int
        return const(self.b, kind(value), dtype, shape)

    def cast(self, value: ir.Value, dtype: Dtype) -> ir.Value:
        return value if value.tile.dtype is dtype else self.b.add(ir.Cast(value, dtype))

    def spread(self, value: ir.Value, shape: Shape) -> ir.Value:
        return value if value.shape == shape else self.b.add(ir.Broadcast(value, shape))

    def small(self, value: ir.Value, dtype: Dtype) -> ir.Value:
        """Whole numbers that sums of a tile hold exactly."""
        return self.cast(self.cast(value, i8), dtype)

    def with_one_zero(self, value: ir.Value) -> ir.Value:
        """The same numbers, no zero negative: of two zeros an extreme may be either."""
        dtype = value.tile.dtype
        if not dtype.is_float:
            return value
        return self.b.add(ir.Binary("add", value, const(self.b, 0.0, dtype, value.shape)))

    def condition(self, scope: Scope, shape: Shape) -> ir.Value:
        return self.get(scope, bool_, shape)

    def usable(self, scope: Scope) -> ir.Value:
        """Something to compute with; where lanes are apart, a tile of theirs or a scalar."""
        shapes = ((), self.shape)
        found = self.pick(
            scope,
            lambda tile: tile.dtype in ARITHMETIC and (not scope.lanes or tile.shape in shapes),
        )
        return found if found is not None else self.constant(i32, self.shape)

    # --- statements

    def statements(self, scope: Scope) -> None:
        """Some statements; those in the body of the function until the budget is spent."""
        count = self.budget if scope.depth == 0 else self.random.randint(1, 5)
        for _ in range(count):
            if self.budget <= 0:
                return
            self.budget -= 1
            self.statement(scope)

    def statement(self, scope: Scope) -> None:
        kinds = [self.compute] * 8 + [self.gather, self.store] * 2
        if not scope.lanes:
            kinds += [self.reshape] * 3 + [self.reduce] * 3 + [self.multiply, self.store_block]
        if scope.depth < 3:
            kinds += [self.branch, self.lane_branch, self.loop, self.call, self.lane_loop]
            if not scope.lanes:
                kinds += [self.scalar_while]
        if scope.depth:
            kinds += [self.jump] * 2
        self.random.choice(kinds)(scope)

    def compute(self, scope: Scope) -> None:
        x = self.usable(scope)
        b, dtype = self.b, x.tile.dtype
        if self.random.random() < 0.25:
            to = self.random.choice(IN_MEMORY)
            scope.values.append(self.cast(x, to))
            return
        row = self.random.choice(exact_rows(dtype))
        made = row.make(b, x, self.get(scope, dtype, x.shape))
        assert isinstance(made, ir.Value)
        scope.values.append(self.with_one_zero(made) if row.label in ("min", "max") else made)

    def reshape(self, scope: Scope) -> None:
        random, b = self.random, self.b
        x = self.pick(scope, lambda tile: tile.rank > 0)
        if x is None:
            return
        shape = x.shape
        axis = random.randrange(len(shape))
        match random.choice(("flip", "permute", "slice", "concat", "reshape", "broadcast")):
            case "flip":
                made = b.add(ir.Flip(x, axis))
            case "permute":
                made = b.add(ir.Permute(x, tuple(random.sample(range(len(shape)), len(shape)))))
            case "slice":
                extents = tuple(random.randint(1, n) for n in shape)
                starts = tuple(
                    random.randint(0, n - e) for n, e in zip(shape, extents, strict=True)
                )
                made = b.add(ir.Slice(x, starts, extents))
            case "concat":
                made = b.add(ir.Concat((x, self.get(scope, x.tile.dtype, shape)), axis))
            case "reshape":
                made = b.add(ir.Reshape(x, random.choice(factorings(x.tile.size))))
            case _:
                kept = tuple(1 if k == axis else n for k, n in enumerate(shape))
                part = b.add(ir.Slice(x, (0,) * len(shape), kept))
                made = b.add(ir.Broadcast(part, shape))
        if made.tile.size <= LARGEST:
            scope.values.append(made)

    def reduce(self, scope: Scope) -> None:
        random, b = self.random, self.b
        x = self.pick(scope, lambda tile: tile.rank > 0 and not tile.dtype.is_storage_only)
        if x is None:
            return
        axis = random.randrange(len(x.shape))
        axes = random.choice(((axis,), tuple(range(len(x.shape)))))
        extreme, whole = random.choice(("max", "min")), random.choice((i32, i64, f32, f64))
        form = random.choice(("sum", "extreme", "logic", "arg", "scan", "scan extreme", "with"))
        if form == "logic":
            kind = random.choice(("and", "or"))
            made: Values = (b.add(ir.Reduce(kind, self.cast(x, bool_), axes)),)
        elif form == "sum":
            made = (b.add(ir.Reduce("sum", self.small(x, whole), axes)),)
        elif form == "scan":
            made = (b.add(ir.Scan("sum", self.small(x, whole), axis, random.random() < 0.5)),)
        elif form == "with":
            made = b.add(ir.ReduceWith((self.cast(x, i32),), axis, self.body(i32))).results
        elif x.tile.dtype is bool_:
            return
        elif form == "extreme":
            made = (self.with_one_zero(b.add(ir.Reduce(extreme, x, axes))),)
        elif form == "arg":
            value, place = b.add(ir.ArgReduce(f"arg{extreme}", x, axis)).results
            made = (self.with_one_zero(value), place)
        else:
            scan = b.add(ir.Scan(extreme, x, axis, random.random() < 0.5))
            made = (self.with_one_zero(scan),)
        scope.values.extend(made)

    def body(self, dtype: Dtype) -> ir.Block:
        """Modulo 2^32: `a + b + a * b`, associative."""
        with self.b.inside(scalar(dtype), scalar(dtype)) as block:
            x, y = block.parameters
            both = self.b.add(ir.Binary("mul", x, y))
            made = self.b.add(ir.Binary("add", self.b.add(ir.Binary("add", x, y)), both))
            self.b.add(ir.Yield((made,)))
        return block

    def multiply(self, scope: Scope) -> None:
        x = self.pick(scope, lambda tile: tile.rank == 2 and tile.size <= 128)
        if x is None:
            return
        dtype = self.random.choice((i32, f32, f64))
        left = self.small(x, dtype)
        right = self.b.add(ir.Permute(left, (1, 0)))
        rows = left.shape[0]
        if rows * rows <= LARGEST:
            acc = self.random.choice((None, self.small(self.get(scope, i8, (rows, rows)), dtype)))
            scope.values.append(self.b.add(ir.Dot(left, right, acc, dtype)))

    # --- memory

    def gather(self, scope: Scope) -> None:
        """Elements at computed places, some of them outside; perhaps masked and filled."""
        b = self.b
        rank = len(GATHERED)
        shape = self.shape
        place = []
        for extent in GATHERED:
            at = self.get(scope, i32, shape)
            bound = const(b, extent + self.random.choice((0, 0, 2)), i32, shape)
            place.append(b.add(ir.Binary("mod", at, bound)))
        assert len(place) == rank
        mask = self.condition(scope, shape) if self.random.random() < 0.4 else None
        dtype = self.table.array.dtype
        fill = self.get(scope, dtype, shape) if self.random.random() < 0.4 else None
        scope.values.append(b.add(ir.Load(self.table, tuple(place), mask, fill)))

    def store(self, scope: Scope) -> None:
        """Each lane its own element, perhaps masked; and perhaps what is there now."""
        target = self.random.choice(self.outputs)
        if scope.lanes and target in self.overlapping:
            return
        if self.random.random() < 0.4:
            scope.values.append(self.load_own(target))
        value = self.get(scope, target.array.dtype, self.shape)
        mask = self.condition(scope, self.shape) if self.random.random() < 0.4 else None
        self.b.add(ir.Store(target, self.own_place(), value, mask))
        if not scope.lanes and self.random.random() < 0.5:
            scope.values.append(self.load_own(self.random.choice((target, self.inputs[0]))))

    def store_block(self, scope: Scope) -> None:
        """Elements next to one's own, perhaps over the edge."""
        target = self.random.choice(self.outputs)
        value = self.get(scope, target.array.dtype, self.shape)
        axis = self.random.randrange(len(self.shape))
        place = list(self.own_place())
        shift = self.random.randint(-2, 2)
        tile = place[axis + 1].tile
        place[axis + 1] = self.b.add(ir.Iota(tile, axis, shift))
        self.b.add(ir.Store(target, tuple(place), value, None, (axis + 1,)))

    # --- control flow

    @contextmanager
    def nested(self, scope: Scope, *types: Tile, **changes: Any):
        with self.b.inside(*types) as block:
            inner = Scope(
                [*scope.values, *block.parameters],
                scope.depth + 1,
                scope.lanes,
                scope.carried,
                scope.returned,
                scope.lane_jumps,
            )
            for name, value in changes.items():
                setattr(inner, name, value)
            yield block, inner

    def finish(self, scope: Scope, types: tuple[Tile, ...]) -> None:
        """End the block, if it has not been left."""
        if not self.b.is_closed:
            self.b.add(ir.Yield(self.results(scope, types)))

    def results(self, scope: Scope, types: tuple[Tile, ...]) -> Values:
        return tuple(self.get(scope, tile.dtype, tile.shape) for tile in types)

    def types_for(self, scope: Scope, lanes: bool) -> tuple[Tile, ...]:
        """Types for a construct to give: where lanes are apart, tiles of theirs."""
        found = []
        for _ in range(self.random.randint(1, 3)):
            some = self.random.choice(scope.values).tile
            if lanes:
                found.append(Tile(some.dtype, self.shape))
            else:
                found.append(some)
        return tuple(found)

    def branch(self, scope: Scope) -> None:
        self.choice(scope, self.condition(scope, ()), lanes=False)

    def lane_branch(self, scope: Scope) -> None:
        self.choice(scope, self.condition(scope, self.shape), lanes=True)

    def choice(self, scope: Scope, condition: ir.Value, lanes: bool) -> None:
        types = self.types_for(scope, lanes or scope.lanes)
        blocks = []
        for _ in range(2):
            changes: dict[str, Any] = {"lanes": True} if lanes else {}
            if lanes and not scope.lane_jumps:
                changes |= {"carried": None, "returned": None}
            with self.nested(scope, **changes) as (block, inner):
                self.statements(inner)
                self.finish(inner, types)
            blocks.append(block)
        made = self.b.add(ir.If(condition, blocks[0], blocks[1], lanes))
        scope.values.extend(made.results)

    def loop(self, scope: Scope) -> None:
        """A `for` with bounds of several dtypes, up or down; its lanes may leave one by one."""
        b, random = self.b, self.random
        by_lane = scope.lanes or random.random() < 0.4
        dtype = random.choice((i32, i64, index))
        step = random.choice((1, 1, 2, -1))
        count = random.randint(0, 5)
        start = const(b, random.randint(-3, 3), dtype)
        stop = b.add(ir.Binary("add", start, const(b, count * step, dtype)))
        types = self.types_for(scope, by_lane)
        inits = self.results(scope, types)
        changes = {"lanes": by_lane, "carried": types, "returned": None, "lane_jumps": by_lane}
        with self.nested(scope, scalar(dtype), *types, **changes) as (block, inner):
            self.statements(inner)
            self.finish(inner, types)
        made = b.add(ir.For(start, stop, const(b, step, dtype), inits, block))
        scope.values.extend(made.results)

    def scalar_while(self, scope: Scope) -> None:
        """A `while` that counts its rounds, so that it ends."""
        b = self.b
        types = (scalar(i32), *self.types_for(scope, lanes=False))
        inits = (const(b, 0), *self.results(scope, types[1:]))
        with self.nested(scope, *types) as (condition, inner):
            few = b.add(ir.Compare("lt", condition.parameters[0], const(b, 4)))
            more = self.condition(inner, ())
            b.add(ir.Yield((b.add(ir.Binary("and", few, more)),)))
        with self.nested(scope, *types, carried=None, returned=None) as (block, inner):
            self.statements(inner)
            counted = b.add(ir.Binary("add", block.parameters[0], const(b, 1)))
            b.add(ir.Yield((counted, *self.results(inner, types[1:]))))
        scope.values.extend(b.add(ir.While(inits, condition, block)).results)

    def lane_loop(self, scope: Scope) -> None:
        """A `while` of lanes, each of which counts its rounds."""
        b = self.b
        types = (Tile(i32, self.shape), *self.types_for(scope, lanes=True))
        inits = (const(b, 0, i32, self.shape), *self.results(scope, types[1:]))
        with self.nested(scope, *types, lanes=True) as (condition, inner):
            few = b.add(ir.Compare("lt", condition.parameters[0], const(b, 4, i32, self.shape)))
            more = self.condition(inner, self.shape)
            b.add(ir.Yield((b.add(ir.Binary("and", few, more)),)))
        changes = {"lanes": True, "carried": None, "returned": None}
        with self.nested(scope, *types, **changes) as (block, inner):
            counted = b.add(ir.Binary("add", block.parameters[0], const(b, 1, i32, self.shape)))
            inner.values.append(counted)
            self.statements(inner)
            b.add(ir.Yield((counted, *self.results(inner, types[1:]))))
        scope.values.extend(b.add(ir.While(inits, condition, block, lanes=True)).results)

    def call(self, scope: Scope) -> None:
        """A function that was called here; its lanes may return one by one."""
        by_lane = scope.lanes or self.random.random() < 0.4
        types = self.types_for(scope, by_lane)
        changes = {"lanes": by_lane, "carried": None, "returned": types, "lane_jumps": by_lane}
        with self.nested(scope, **changes) as (block, inner):
            self.statements(inner)
            self.finish(inner, types)
        scope.values.extend(self.b.add(ir.Inlined(types, block)).results)

    def jump(self, scope: Scope) -> None:
        """Leave a loop or a call under a condition: with all lanes, or by lane."""
        b = self.b
        if scope.carried is not None:
            kind = self.random.choice((ir.Break, ir.Continue))
            types = scope.carried
        elif scope.returned is not None:
            kind, types = ir.Return, scope.returned
        else:
            return
        condition = self.condition(scope, self.shape if scope.lane_jumps else ())
        with b.inside() as leaving:
            b.add(kind(self.results(scope, types)))
        with b.inside() as staying:
            b.add(ir.Yield())
        b.add(ir.If(condition, leaving, staying, lanes=scope.lane_jumps))


@cache
def exact_rows(dtype: Dtype) -> tuple[Row, ...]:
    """The elementwise kinds of a dtype whose results are exact."""
    return tuple(row for row in rows_of(dtype, math=False) if row.label not in SIGN_OF_NAN)


def factorings(size: int) -> list[Shape]:
    """Shapes of so many elements."""
    pairs = [(k, size // k) for k in range(1, size + 1) if size % k == 0]
    return list(chain([(size,)], pairs))


def lay_out(kernel: Kernel) -> list[Any]:
    """The arguments of one run: copies, two of which overlap if the kernel says so."""
    made: list[Any] = [one.copy() for one in kernel.arguments]
    if kernel.overlap is None:
        return made
    types = [one.type for one in kernel.function.parameters]
    # The first argument is the input that the last of the outputs overlaps.
    first, second = made[0], made[OVERLAPPING]
    assert isinstance(types[0], Array) and first.itemsize == second.itemsize
    room = first.size + abs(kernel.overlap)
    memory = np.zeros(room * first.itemsize, np.uint8)
    low, high = max(-kernel.overlap, 0), max(kernel.overlap, 0)
    for place, start in ((0, low), (OVERLAPPING, high)):
        one = kernel.arguments[place]
        view = np.ndarray(one.shape, one.dtype, memory, start * one.itemsize)
        view[...] = one
        made[place] = view
    return made
