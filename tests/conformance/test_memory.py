"""Loads and stores of every form, in arrays of every layout, inside and outside."""

from __future__ import annotations

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.types import (
    Array,
    Dtype,
    Type,
    bool_,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    index,
    scalar,
    u8,
    u16,
    u32,
    u64,
)

from .agreement import bits
from .building import (  # fmt: skip
    ALL_FACTS,
    NO_FACTS,
    along,
    array,
    block_of,
    const,
    everywhere,
    function,
    load_whole,
    store_whole,
)
from .data import IN_MEMORY, LAYOUTS, NUMPY, Data, random_values, unit_axis_of
from .execution import Guard, check_memory, variants

Shape = tuple[int, ...]
OF_EACH_SIZE = (bool_, i8, f16, f32, f64, f8e5m2)
BLOCKS = ((8, 8), (5, 13), (1, 40), (16, 1))
HEIGHT, WIDTH = 11, 37

# Where a block begins: inside, over an edge, outside, and so far that 32-bit sums would wrap.
STARTS = (
    (0, 0), (3, 5), (-2, 4), (2, -3), (HEIGHT - 1, WIDTH - 1), (HEIGHT, 0), (0, WIDTH),
    (-100, -100), (2**31 - 3, 0), (0, -(2**31)),
)  # fmt: skip


def typed(layout: str, dtype: Dtype, shape: Shape) -> Array:
    """The type of an array of a layout."""
    return array(dtype, len(shape), unit_axis_of(layout, shape))


def zero_of(dtype: Dtype) -> float:
    """The Python number for zero of a dtype."""
    return 0.0 if dtype.is_float else False if dtype.is_bool else 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", IN_MEMORY, ids=str)
def test_blocks_at_the_edges(
    dtype: Dtype, layout: str, rng: np.random.Generator, guarded: Guard
) -> None:
    k = LAYOUTS.index(layout) + IN_MEMORY.index(dtype)
    block = BLOCKS[k % 4]
    counts = (index, i32, i64)[k % 3]
    programs = len(STARTS)
    shapes = [(HEIGHT, WIDTH), (programs, 2), (programs, *block), (programs, *block)]
    shapes += [(programs, *block)] * 4 + [(programs, HEIGHT, WIDTH)] * 2
    dtypes = [dtype, i64, bool_, *[dtype] * 7]
    names = [
        "x",
        "starts",
        "mask",
        "fill",
        "loaded",
        "masked",
        "filled",
        "both",
        "stored",
        "masked_store",
    ]

    def body(b: ir.Builder, x: ir.Value, starts: ir.Value, mask: ir.Value, *rest: ir.Value) -> None:
        fill, *loaded, stored, masked_store = rest
        p = b.add(ir.ProgramId(0))
        at = []
        for axis in range(2):
            start = b.add(ir.Load(starts, (p, const(b, axis, index))))
            start = b.add(ir.Cast(start, counts))
            at.append(block_of(b, start, block[axis], 2, axis))
        which, filling = load_whole(b, mask, block), load_whole(b, fill, block)
        forms = ((None, None), (which, None), (None, filling), (which, filling))
        for target, (on, other) in zip(loaded, forms, strict=True):
            store_whole(b, target, b.add(ir.Load(x, tuple(at), on, other, (0, 1))))
        b.add(ir.Store(stored, (p, *at), filling, None, (1, 2)))
        b.add(ir.Store(masked_store, (p, *at), filling, which, (1, 2)))

    types = [typed(layout, d, shape) for d, shape in zip(dtypes, shapes, strict=True)]
    made = function(zip(names, types, strict=True), body, variants(k) & {"disjoint"})
    inputs = [random_values(rng, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    inputs[1] = np.array(STARTS)
    check_memory(made, (programs, 1, 1), inputs, guarded, (layout,), bits)


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.sampled(2)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", OF_EACH_SIZE, ids=str)
def test_tile_indices(dtype: Dtype, layout: str, rng: np.random.Generator, guarded: Guard) -> None:
    """Indices that cross, that go together, out of bounds too; of equal ones the last is stored."""
    k = LAYOUTS.index(layout) + OF_EACH_SIZE.index(dtype)
    counts = (i32, i64, i8, i16, u8, u32, u64, u16)[k % 8]
    shape = ((7, 9), (1, 33), (8, 8))[k % 3]
    programs = 4
    names = "x rows columns rows_together columns_together value crossed together one_each hit hits"
    shapes = [
        (HEIGHT, WIDTH), (programs, shape[0], 1), (programs, 1, shape[1]), (programs, *shape),
        (programs, *shape), (programs, *shape), (programs, *shape), (programs, *shape),
        (programs, shape[0]), (programs, HEIGHT, WIDTH), (programs, HEIGHT, WIDTH),
    ]  # fmt: skip
    dtypes = [dtype, *[counts] * 4, *[dtype] * 6]

    def body(b: ir.Builder, *parameters: ir.Value) -> None:
        x, rows, columns, rows2, columns2, value, crossed, together, one_each, hit, hits = (
            parameters
        )
        p = b.add(ir.ProgramId(0))
        crossing = (load_whole(b, rows, (shape[0], 1)), load_whole(b, columns, (1, shape[1])))
        pairs = (load_whole(b, rows2, shape), load_whole(b, columns2, shape))
        store_whole(b, crossed, b.add(ir.Load(x, crossing)))
        store_whole(b, together, b.add(ir.Load(x, pairs)))
        first = b.add(ir.Load(columns, (p, const(b, 0), const(b, 0))))
        row = b.add(ir.Reshape(crossing[0], (shape[0],)))
        store_whole(b, one_each, b.add(ir.Load(x, (row, first))))
        given = load_whole(b, value, shape)
        b.add(ir.Store(hit, (p, *crossing), given))
        b.add(ir.Store(hits, (p, *pairs), given))

    def draw(extent: int, form: Shape) -> Data:
        low = -3 if counts.is_signed else 0
        found = rng.integers(low, extent + 3, form)
        return found.astype(NUMPY[counts])

    types = [typed(layout, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    made = function(zip(names.split(), types, strict=True), body, variants(k))
    inputs = [random_values(rng, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    for place, extent in ((1, HEIGHT), (2, WIDTH), (3, HEIGHT), (4, WIDTH)):
        inputs[place] = draw(extent, shapes[place])
    check_memory(made, (programs, 1, 1), inputs, guarded, (layout,), bits)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", OF_EACH_SIZE, ids=str)
def test_parts_and_scalars(
    dtype: Dtype, layout: str, rng: np.random.Generator, guarded: Guard
) -> None:
    """Sub-arrays inside and outside, scalars, extents and strides."""
    shape, programs = (4, 5, 9), 6
    names = ["x", "at", "row", "plane", "one", "sizes", "into", "scalars"]
    shapes = [shape, (programs, 2), (programs, 9), (programs, 5, 9), (programs,), (programs, 6)]
    shapes += [(programs, *shape), (programs, 3)]
    dtypes = [dtype, i32, dtype, dtype, dtype, i64, dtype, dtype]

    def body(b: ir.Builder, *parameters: ir.Value) -> None:
        x, at, row, plane, one, sizes, into, scalars = parameters
        p = b.add(ir.ProgramId(0))
        i, j = (b.add(ir.Load(at, (p, const(b, axis)))) for axis in range(2))
        part = b.add(ir.SubArray(x, (i, j)))
        whole = b.add(ir.SubArray(x, (i,)))
        store_whole(b, row, b.add(ir.Load(part, everywhere(b, (9,)))))
        store_whole(b, plane, b.add(ir.Load(whole, everywhere(b, (5, 9)))))
        value = b.add(ir.Load(x, (i, j, const(b, 2))))
        store_whole(b, one, value)
        found = [b.add(ir.Extent(x, axis)) for axis in range(3)]
        found += [b.add(ir.Stride(whole, 0)), b.add(ir.Stride(part, 0)), b.add(ir.Extent(part, 0))]
        for k, size in enumerate(found):
            b.add(ir.Store(sizes, (p, const(b, k)), b.add(ir.Cast(size, i64))))
        mine = b.add(ir.SubArray(into, (p, i)))
        b.add(ir.Store(mine, (j, along(b, (9,), 0)), b.add(ir.Load(part, everywhere(b, (9,))))))
        fill = b.add(ir.Const(zero_of(dtype), scalar(dtype)))
        for k, (a, on) in enumerate(((i, True), (j, True), (i, False))):
            mask = b.add(ir.Const(on, scalar(bool_)))
            given = b.add(ir.Load(part, (a,), mask, fill))
            b.add(ir.Store(scalars, (p, const(b, k)), given, mask))

    types = [typed(layout, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    made = function(zip(names, types, strict=True), body, ALL_FACTS)
    inputs = [random_values(rng, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    inputs[1] = np.array([(0, 0), (3, 4), (-1, 2), (4, 0), (2, 5), (1, 3)], np.int32)
    check_memory(made, (programs, 1, 1), inputs, guarded, (layout,), bits, same_strides=True)


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.sampled(3)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", IN_MEMORY, ids=str)
def test_pointers(dtype: Dtype, layout: str, rng: np.random.Generator, guarded: Guard) -> None:
    """Pointers from an array's first element, moved within it; masked where they would leave it."""
    k = LAYOUTS.index(layout)
    shape = ((HEIGHT, WIDTH), (3, 3, 3), (8, 16))[k % 3]
    tile = ((29,), (4, 8), (1,))[k % 3]
    programs = 3
    names = ["x", "rows", "columns", "value", "loaded", "masked", "filled", "into"]
    shapes = [shape, *[(programs, *tile)] * 6, (programs, HEIGHT, WIDTH)]
    dtypes = [dtype, i32, i32, *[dtype] * 5]

    def body(b: ir.Builder, *parameters: ir.Value) -> None:
        x, rows, columns, value, loaded, masked, filled, into = parameters
        rank = x.array.rank
        row, column = load_whole(b, rows, tile), load_whole(b, columns, tile)

        def spread(v: ir.Value) -> ir.Value:
            return b.add(ir.Broadcast(v, tile))

        def steps(source: ir.Value, axis: int, count: ir.Value) -> ir.Value:
            size = spread(b.add(ir.Stride(source, axis)))
            return b.add(ir.Binary("mul", size, b.add(ir.Cast(count, index))))

        def place(source: ir.Value, count: int) -> ir.Value:
            base = spread(b.add(ir.Address(source)))
            moved = b.add(ir.Offset(base, steps(source, count - 2, row)))
            return b.add(ir.Offset(moved, steps(source, count - 1, column)))

        source = place(x, rank)
        store_whole(b, loaded, b.add(ir.LoadPointer(source)))
        zero = const(b, 0, i32, tile)
        on = b.add(ir.Compare("ne", b.add(ir.Binary("and", column, const(b, 1, i32, tile))), zero))
        wild = b.add(ir.Offset(source, b.add(ir.Select(on, zero, const(b, 2**31 - 1, i32, tile)))))
        given = load_whole(b, value, tile)
        store_whole(b, masked, b.add(ir.LoadPointer(wild, on)))
        store_whole(b, filled, b.add(ir.LoadPointer(wild, on, given)))
        mine = b.add(ir.SubArray(into, (b.add(ir.ProgramId(0)),)))
        b.add(ir.StorePointer(place(mine, 2), given))
        target = b.add(ir.Offset(place(mine, 2), b.add(ir.Select(on, zero, zero))))
        b.add(ir.StorePointer(target, given, on))

    types = [typed(layout, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    made = function(zip(names, types, strict=True), body, variants(k) & {"disjoint"})
    inputs = [random_values(rng, d, s) for d, s in zip(dtypes, shapes, strict=True)]
    inputs[1] = rng.integers(0, min(shape[-2], HEIGHT), shapes[1]).astype(np.int32)
    inputs[2] = rng.integers(0, min(shape[-1], WIDTH), shapes[2]).astype(np.int32)
    check_memory(made, (programs, 1, 1), inputs, guarded, (layout,), bits, same_strides=True)


@pytest.mark.parametrize("shape", [(1,), (7,), (13,), (32,), (75,), (3, 5)], ids=str)
@pytest.mark.parametrize("constant", [True, False], ids=["constant", "argument"])
@pytest.mark.parametrize("facts", [NO_FACTS, ALL_FACTS], ids=["no facts", "facts"])
def test_indices_that_are_the_same_in_all_lanes(
    facts: frozenset[str], constant: bool, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    """Nothing moves such an access out of the reach of its bounds check."""
    for row in (-1, 0, 5, 6, 12):

        def body(
            b: ir.Builder, x: ir.Value, y: ir.Value, z: ir.Value, n: ir.Value, row: int = row
        ) -> None:
            one = const(b, row, i32, shape) if constant else b.add(ir.Broadcast(n, shape))
            value = b.add(ir.Load(x, (one, const(b, 2, i32, shape))))
            store_whole(b, y, value)
            b.add(ir.Store(z, (one, const(b, 1, i32, shape)), value))

        types = [array(i32, 2), array(i32, len(shape) + 1), array(i32, 2), scalar(i32)]
        made = function(zip(("x", "y", "z", "n"), types, strict=True), body, facts)
        x, z = (random_values(rng, i32, (6, 4)) for _ in range(2))
        outputs = ((2, *shape), i32)
        check_memory(made, (2, 1, 1), [x, outputs, z, np.int32(row)], guarded)


@pytest.mark.parametrize("shape", [(0,), (0, 7), (7, 0), (3, 0, 5)], ids=str)
@pytest.mark.parametrize("dtype", OF_EACH_SIZE, ids=str)
def test_arrays_without_elements(
    dtype: Dtype, shape: Shape, rng: np.random.Generator, guarded: Guard
) -> None:
    """Everything is outside: loads give zero or the fill, stores do nothing."""
    tile = (4, 3, 5)[: len(shape)]
    names = ("x", "value", "loaded", "filled")
    types: list[Type] = [array(dtype, len(shape)), *[array(dtype, len(tile) + 1)] * 3]

    def body(b: ir.Builder, x: ir.Value, value: ir.Value, *targets: ir.Value) -> None:
        given = load_whole(b, value, tile)
        place = everywhere(b, tile)
        store_whole(b, targets[0], b.add(ir.Load(x, place)))
        b.add(ir.Store(x, place, given))
        store_whole(b, targets[1], b.add(ir.Load(x, place, None, given)))

    made = function(zip(names, types, strict=True), body, ALL_FACTS)
    x = random_values(rng, dtype, (2, *tile))
    outputs = [((2, *tile), dtype)] * 2
    check_memory(made, (2, 1, 1), [(shape, dtype), x, *outputs], guarded, ("rows",), bits)


@pytest.mark.parametrize("dtype", OF_EACH_SIZE, ids=str)
def test_arrays_without_axes_and_of_fixed_extents(
    dtype: Dtype, rng: np.random.Generator, guarded: Guard
) -> None:
    names = ("x", "fixed", "y", "z")
    fixed = Array(dtype, (None, 16), 1)
    types: list[Type] = [array(dtype, 0), fixed, array(dtype, 0), fixed]

    def body(b: ir.Builder, x: ir.Value, fixed: ir.Value, y: ir.Value, z: ir.Value) -> None:
        value = b.add(ir.Load(x, ()))
        b.add(ir.Store(y, (), value))
        rows, columns = along(b, (5, 20), 0), along(b, (5, 20), 1, -2)
        b.add(ir.Store(z, (rows, columns), b.add(ir.Load(fixed, (rows, columns)))))

    made = function(zip(names, types, strict=True), body, ALL_FACTS)
    inputs = [random_values(rng, dtype, shape) for shape in ((), (4, 16), (), (7, 16))]
    check_memory(made, (1, 1, 1), inputs, guarded, ("rows",), bits)


@pytest.mark.parametrize("dtype", [d for d in IN_MEMORY if d is not bool_], ids=str)
def test_scalar_arguments(dtype: Dtype, rng: np.random.Generator, guarded: Guard) -> None:
    names = ("s", "flag", "y", "z")
    types = [scalar(dtype), scalar(bool_), array(dtype, 1), array(bool_, 1)]

    def body(b: ir.Builder, s: ir.Value, flag: ir.Value, y: ir.Value, z: ir.Value) -> None:
        at = everywhere(b, (11,))
        b.add(ir.Store(y, at, b.add(ir.Broadcast(s, (11,)))))
        b.add(ir.Store(z, at, b.add(ir.Broadcast(flag, (11,)))))

    made = function(zip(names, types, strict=True), body, ALL_FACTS)
    for value in random_values(rng, dtype, (4,)):
        check_memory(made, (1, 1, 1), [value, np.True_, ((11,), dtype), ((11,), bool_)], guarded)
