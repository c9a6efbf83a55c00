"""Atomics of every kind, dtype and form of index, with and without masks, lanes, old values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.ir.ops import ATOMICS, MEMORY_ORDERS
from tilewright.dsl.types import Dtype, Tile, bool_, i32, i64, scalar

from .agreement import numbers as same
from .agreement import order
from .building import along, array, block_of, const, function, store_whole
from .data import IN_MEMORY, LAYOUTS, Data, random_values, specials, unit_axis_of
from .execution import Guard, check_memory, run_compiled, run_interpreted, variants

Shape = tuple[int, ...]
PROGRAMS = 3
HEIGHT, WIDTH = 5, 9
FORMS: dict[str, Shape] = {
    "tile": (37,),
    "column": (16,),
    "crossing": (6, 11),
    "block": (4, 10),
    "scalar": (),
    "many at one": (19,),
    "one": (1,),
    "turned": (3, 7),
    "pointers": (21,),
    "pointer": (),
}


def kinds_of(dtype: Dtype) -> Iterator[str]:
    for kind in ATOMICS:
        if not (dtype.is_float and kind in ("and", "or", "xor")):
            yield kind


CASES = [(kind, dtype) for dtype in IN_MEMORY for kind in kinds_of(dtype)]


def pick(b: ir.Builder, source: ir.Value, number: int, shape: Shape) -> ir.Value:
    """The tile that is row `number` of this program: `source[program, number, ...]`."""
    row = (b.add(ir.ProgramId(0)), const(b, number))
    flat = b.add(ir.Load(source, (*row, along(b, (int(np.prod(shape)),), 0))))
    return flat if len(shape) == 1 else b.add(ir.Reshape(flat, shape))


def place(
    b: ir.Builder, form: str, x: ir.Value, numbers: ir.Value
) -> tuple[tuple[ir.Value, ...], tuple[int, ...]]:
    """Positions in an array of two axes; most come from `numbers`, outside ones among them."""
    match form:
        case "tile":
            return (pick(b, numbers, 0, (37,)), pick(b, numbers, 1, (37,))), ()
        case "column":
            return (pick(b, numbers, 2, (16,)), const(b, 4)), ()
        case "crossing":
            return (pick(b, numbers, 3, (6, 1)), pick(b, numbers, 4, (11,))), ()
        case "block":
            starts = [b.add(ir.Reshape(pick(b, numbers, k, (1,)), ())) for k in (5, 6)]
            rows, columns = (
                block_of(b, s, n, 2, k)
                for k, (s, n) in enumerate(zip(starts, (4, 10), strict=True))
            )
            return (rows, columns), (0, 1)
        case "one":
            return (pick(b, numbers, 7, (1,)), const(b, 2)), ()
        case "turned":
            turned = b.add(ir.Permute(pick(b, numbers, 8, (7, 3)), (1, 0)))
            return (turned, pick(b, numbers, 9, (3, 1))), ()
        case _:
            return (const(b, 3), const(b, 7)), ()


def replace(
    b: ir.Builder, kind: str, form: str, x: ir.Value, numbers: ir.Value,
    values: tuple[ir.Value, ...], mask: ir.Value | None, memory_order: str,
) -> ir.Value:  # fmt: skip
    """One atomic of a form."""
    if not form.startswith("pointer"):
        position, blocks = place(b, form, x, numbers)
        return b.add(ir.Atomic(kind, x, position, values, mask, memory_order, blocks))
    shape = FORMS[form]
    start = b.add(ir.Address(x))
    count = const(b, 11, i64) if not shape else b.add(ir.Cast(pick(b, numbers, 10, shape), i64))
    if shape:  # towards the inside: pointers are not checked
        inside = b.add(ir.Binary("mod", count, const(b, 5, i64, shape)))
        count = b.add(
            ir.Binary(
                "mul",
                inside,
                b.add(ir.Broadcast(b.add(ir.Cast(b.add(ir.Stride(x, 1)), i64)), shape)),
            )
        )
        start = b.add(ir.Broadcast(start, shape))
    else:
        count = b.add(
            ir.Binary("mul", const(b, 3, i64), b.add(ir.Cast(b.add(ir.Stride(x, 0)), i64)))
        )
    pointer = b.add(ir.Offset(start, count))
    return b.add(ir.AtomicPointer(kind, pointer, values, mask, memory_order))


def elements(rng: np.random.Generator, kind: str, dtype: Dtype, shape: Shape) -> Data:
    """Random data; for `cas` of so few values that what is there is often what is expected."""
    if kind != "cas":
        return random_values(rng, dtype, shape)
    return rng.choice(rng.choice(specials(dtype), 3), shape)


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.sampled(23)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_atomics(
    case: tuple[str, Dtype], form: str, rng: np.random.Generator, guarded: Guard
) -> None:
    kind, dtype = case
    k = CASES.index(case) + list(FORMS).index(form)
    shape, layout = FORMS[form], LAYOUTS[k % len(LAYOUTS)]
    memory_order = MEMORY_ORDERS[k // 2 % len(MEMORY_ORDERS)]
    # Four times: old values wanted or not, with a mask or without; each on an array of its own.
    whole = (PROGRAMS, HEIGHT, WIDTH)
    types = [(f"x{n}", array(dtype, 3, unit_axis_of(layout, whole))) for n in range(4)]
    types += [("numbers", array(i64, 3)), ("values", array(dtype, 3)), ("mask", array(bool_, 3))]
    types += [(f"old{n}", array(dtype, 1 + len(shape))) for n in range(2)]

    def body(b: ir.Builder, *parameters: ir.Value) -> None:
        xs, (numbers, values, mask), olds = parameters[:4], parameters[4:7], parameters[7:]
        flat = shape or (1,)
        given = [pick(b, values, n, flat) for n in range(2 if kind == "cas" else 1)]
        which: ir.Value = pick(b, mask, 0, flat)
        if not shape:
            given = [b.add(ir.Reshape(value, ())) for value in given]
            which = b.add(ir.Reshape(which, ()))
        for n, source in enumerate(xs):
            x = b.add(ir.SubArray(source, (b.add(ir.ProgramId(0)),)))
            on = which if n % 2 else None
            old = replace(b, kind, form, x, numbers, tuple(given), on, memory_order)
            if n < 2:
                store_whole(b, olds[n], old)

    made = function(types, body, variants(k))
    numbers = np.stack(
        [rng.integers(-2, (HEIGHT, WIDTH)[n % 2] + 2, (PROGRAMS, 77)) for n in range(11)], 1
    )
    numbers[:, 7:9] %= HEIGHT
    check_memory(
        made, (PROGRAMS, 1, 1),
        [
            *[elements(rng, kind, dtype, whole) for _ in range(4)], numbers,
            elements(rng, kind, dtype, (PROGRAMS, 2, 77)), rng.random((PROGRAMS, 1, 77)) < 0.6,
            *[((PROGRAMS, *shape), dtype)] * 2,
        ],
        guarded, (layout,) * 4 + ("rows",), order if kind in ("max", "min") else same,
    )  # fmt: skip


class Sequence:
    """A random sequence of loads, stores, atomics and arithmetic, over arrays that may overlap."""

    def __init__(self, rng: np.random.Generator, b: ir.Builder, arrays: list[ir.Value]) -> None:
        self.rng, self.b, self.arrays = rng, b, arrays
        self.count = int(rng.choice([1, 8, 13, 40]))
        self.tiles: list[ir.Value] = [along(b, (self.count,), 0), const(b, 3, shape=(self.count,))]

    def tile(self) -> ir.Value:
        """A value that is there already; late ones are more likely."""
        weights = np.arange(1, len(self.tiles) + 1)
        return self.tiles[self.rng.choice(len(self.tiles), p=weights / weights.sum())]

    def position(self) -> ir.Value:
        """Positions near the front of an array: they often meet."""
        b, kind = self.b, self.rng.integers(4)
        if kind == 0:
            return const(b, int(self.rng.integers(-1, 6)))
        if kind == 1:
            return along(b, (self.count,), 0, int(self.rng.integers(-1, 3)))
        divisor = const(b, int(self.rng.choice([2, 7, 16])), shape=(self.count,))
        return b.add(ir.Binary("mod", self.tile(), divisor))

    def mask(self) -> ir.Value | None:
        if self.rng.random() < 0.5:
            return None
        return self.b.add(ir.Compare("lt", self.tile(), self.tile()))

    def atomic(self) -> ir.Value:
        kind = str(self.rng.choice(ATOMICS))
        values = tuple(self.tile() for _ in range(2 if kind == "cas" else 1))
        memory_order = str(self.rng.choice(["relaxed", "relaxed", "acq_rel"]))
        source = self.arrays[self.rng.integers(len(self.arrays))]
        position = (self.position(),)
        return self.b.add(ir.Atomic(kind, source, position, values, self.mask(), memory_order))

    def step(self, depth: int) -> None:
        """Append something."""
        b, rng = self.b, self.rng
        source = self.arrays[rng.integers(len(self.arrays))]
        match rng.integers(11 if depth < 2 else 7):
            case 0 | 1 | 2:
                old = self.atomic()
                if rng.random() < 0.7:
                    self.tiles.append(old)
            case 3:
                loaded = b.add(ir.Load(source, (self.position(),), None))
                if loaded.tile.is_scalar:
                    loaded = b.add(ir.Broadcast(loaded, (self.count,)))
                self.tiles.append(loaded)
            case 4:
                position = self.position()
                if position.tile.is_scalar:
                    position = along(b, (self.count,), 0)
                b.add(ir.Store(source, (position,), self.tile(), self.mask()))
            case 5:
                kind = str(rng.choice(["add", "max", "xor"]))
                self.tiles.append(b.add(ir.Binary(kind, self.tile(), self.tile())))
            case 6:
                total = b.add(ir.Reduce("max", self.tile(), (0,)))
                self.tiles.append(b.add(ir.Broadcast(total, (self.count,))))
            case 7:
                self.choice(depth)
            case 8:
                self.loop(depth)
            case _:
                self.lanes(2)

    def inside(self, depth: int) -> ir.Yield:
        before = len(self.tiles)
        for _ in range(self.rng.integers(1, 5)):
            self.step(depth + 1)
        result = self.tile()
        del self.tiles[before:]
        return self.b.add(ir.Yield((result,)))

    def choice(self, depth: int) -> None:
        b = self.b
        total = b.add(ir.Reduce("sum", self.tile(), (0,)))
        condition = b.add(ir.Compare("gt", total, const(b, 0)))
        with b.inside() as then:
            self.inside(depth)
        with b.inside() as orelse:
            self.inside(depth)
        self.tiles.append(b.add(ir.If(condition, then, orelse)).results[0])

    def lanes(self, depth: int) -> None:
        """A choice that each lane makes for itself; other lanes' plain accesses are unspecified."""
        b = self.b
        condition = b.add(ir.Compare("lt", self.tile(), self.tile()))
        blocks = []
        for _ in range(2):
            before = len(self.tiles)
            with b.inside() as block:
                for _ in range(self.rng.integers(0, 3)):
                    self.tiles.append(self.atomic())
                    if depth and self.rng.random() < 0.4:
                        self.lanes(depth - 1)
                    self.tiles.append(b.add(ir.Binary("add", self.tile(), self.tile())))
                b.add(ir.Yield((self.tile(),)))
            del self.tiles[before:]
            blocks.append(block)
        self.tiles.append(b.add(ir.If(condition, *blocks, lanes=True)).results[0])

    def loop(self, depth: int) -> None:
        b = self.b
        start, stop, step = const(b, 0), const(b, int(self.rng.integers(0, 4))), const(b, 1)
        init = self.tile()
        with b.inside(scalar(i32), Tile(i32, (self.count,))) as body:
            self.tiles.append(body.parameters[1])
            self.inside(depth)
            self.tiles.remove(body.parameters[1])
        self.tiles.append(b.add(ir.For(start, stop, step, (init,), body)).results[0])


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.parametrize("case", range(25))
def test_random_sequences(case: int, program_rng: np.random.Generator, guarded: Guard) -> None:
    rng = program_rng
    facts = variants(case)

    def body(b: ir.Builder, *arrays: ir.Value) -> None:
        made = Sequence(rng, b, list(arrays[:2]))
        for _ in range(rng.integers(3, 14)):
            made.step(0)
        for tile in made.tiles[2:]:
            b.add(ir.Atomic("xor", arrays[2], (made.tiles[0],), (tile,)))

    line = array(i32, 1)
    function_ = function([("x", line), ("y", line), ("out", line)], body, facts)
    memory = rng.integers(-9, 20, 60).astype(np.int32)
    overlapping = not facts and case % 4 != 1
    results = []
    for run in (run_interpreted, run_compiled):
        given = guarded(memory)
        other = given[3:] if overlapping else guarded(memory)
        out = guarded(np.zeros(50, np.int32))
        run(function_, (1, 1, 1), [given, other, out])
        results.append([given.tolist(), other.tolist(), out.tolist()])
    assert results[0] == results[1], ir.show(function_)
