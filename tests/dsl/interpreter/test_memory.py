"""Loads, stores, sub-arrays and pointers: inside, outside, overlapping, strided."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.interpreter import Fault
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.interpreter.values import storage_of
from tilewright.dsl.types import (
    Dtype,
    Tile,
    bf16,
    bool_,
    f8e5m2,
    f16,
    f32,
    i8,
    i32,
    i64,
    index,
    pointer_to,
    scalar,
    u8,
    u64,
)

from .building import ALL_DTYPES, array, const, function, positions, random_bits


def run(types: Any, body: Any, *arguments: Any, options: Any = (), grid: Any = (1, 1, 1)) -> None:
    interpret(function(types, body, options), grid, list(arguments))


def shifted(b: ir.Builder, shape: tuple[int, ...], by: tuple[int, ...]) -> tuple[ir.Value, ...]:
    """Index tiles that begin at `by`."""
    tiles = positions(b, shape)
    moves = (const(b, n, i32, tile.shape) for n, tile in zip(by, tiles, strict=True))
    return tuple(b.add(ir.Binary("add", t, m)) for t, m in zip(tiles, moves, strict=True))


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_a_copy_moves_every_bit(dtype: Dtype, rng: np.random.Generator) -> None:
    def body(b: ir.Builder, x: ir.Value, out: ir.Value) -> None:
        b.add(ir.Store(out, positions(b, (8, 8)), b.add(ir.Load(x, positions(b, (8, 8))))))

    x = random_bits(rng, dtype, 64).reshape(8, 8)
    out = np.zeros_like(x)
    run([array(dtype, 2)] * 2, body, x, out)
    assert out.tobytes() == x.tobytes()


@pytest.mark.parametrize("name", ["bfloat16", "float8_e5m2"])
def test_arrays_of_ml_dtypes_are_taken_as_they_are(name: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dtype = {"bfloat16": bf16, "float8_e5m2": f8e5m2}[name]

    def body(b: ir.Builder, x: ir.Value, k: ir.Value, out: ir.Value) -> None:
        v = b.add(ir.Cast(b.add(ir.Load(x, positions(b, (3,)))), f32))
        factor = b.add(ir.Broadcast(b.add(ir.Cast(k, f32)), (3,)))
        v = b.add(ir.Cast(b.add(ir.Binary("mul", v, factor)), dtype))
        b.add(ir.Store(out, positions(b, (3,)), v))

    kind = getattr(ml_dtypes, name)
    x, out = np.array([1, -2, 0.5], kind), np.zeros(3, kind)
    run([array(dtype, 1), scalar(dtype), array(dtype, 1)], body, x, kind(2), out)
    assert out.astype(np.float32).tolist() == [2.0, -4.0, 1.0]


@pytest.mark.parametrize("by", list(itertools.product([-3, 0, 2, 9], [-1, 3])))
@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_what_lies_outside_reads_the_fill_and_is_not_written(
    by: tuple[int, int], filled: bool, masked: bool, rng: np.random.Generator
) -> None:
    shape = (4, 5)
    x = rng.integers(1, 99, (6, 7)).astype(np.int32)
    mask = rng.integers(0, 2, shape).astype(np.bool_)
    out, copy = np.zeros(shape, np.int32), np.zeros((6, 7), np.int32)

    def body(b: ir.Builder, x: ir.Value, m: ir.Value, out: ir.Value, copy: ir.Value) -> None:
        where = shifted(b, shape, by)
        m = b.add(ir.Load(m, positions(b, shape))) if masked else None
        fill = const(b, -7, i32, shape) if filled else None
        v = b.add(ir.Load(x, where, m, fill))
        b.add(ir.Store(out, positions(b, shape), v))
        b.add(ir.Store(copy, where, v, m))

    types = [array(i32, 2), array(bool_, 2), array(i32, 2), array(i32, 2)]
    run(types, body, x, mask, out, copy)
    expected, expected_copy = np.empty_like(out), np.zeros_like(copy)
    for i, j in np.ndindex(shape):
        p, q = i + by[0], j + by[1]
        inside = 0 <= p < 6 and 0 <= q < 7 and (mask[i, j] or not masked)
        expected[i, j] = x[p, q] if inside else -7 if filled else 0
        if inside:
            expected_copy[p, q] = x[p, q]
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(copy, expected_copy)


@pytest.mark.parametrize("at", [0, 2, 3, -1, 2**40, -(2**63)])
def test_scalar_accesses(at: int) -> None:
    def body(b: ir.Builder, x: ir.Value, p: ir.Value, out: ir.Value) -> None:
        v = b.add(ir.Load(x, (p,), None, const(b, 9)))
        b.add(ir.Store(out, (), v))
        b.add(ir.Store(x, (p,), const(b, -1)))

    x, out = np.array([5, 6, 7], np.int32), np.zeros((), np.int32)
    run([array(i32, 1), scalar(index), array(i32, 0)], body, x, at, out)
    inside = 0 <= at < 3
    assert out == ([5, 6, 7][at] if inside else 9)
    assert x.tolist() == [-1 if k == at else k + 5 for k in range(3)]


def test_index_tiles_of_any_integer_dtype() -> None:
    for dtype, values in ((u8, [0, 255]), (i8, [1, -1]), (u64, [2, 2**64 - 1]), (i64, [0, 1])):

        def body(b: ir.Builder, x: ir.Value, p: ir.Value, out: ir.Value) -> None:
            v = b.add(ir.Load(x, (b.add(ir.Load(p, positions(b, (2,)))),)))
            b.add(ir.Store(out, positions(b, (2,)), v))

        x, out = np.array([5, 6, 7], np.int32), np.zeros(2, np.int32)
        where = np.array(values, storage_of(dtype))
        run([array(i32, 1), array(dtype, 1), array(i32, 1)], body, x, where, out)
        assert out.tolist() == [x[p] if 0 <= p < 3 else 0 for p in values]


def test_strided_and_reversed_arrays() -> None:
    def body(b: ir.Builder, x: ir.Value, out: ir.Value, sizes: ir.Value) -> None:
        b.add(ir.Store(out, positions(b, (3, 4)), b.add(ir.Load(x, positions(b, (3, 4))))))
        facts = [b.add(ir.Extent(x, 0)), b.add(ir.Extent(x, 1)), b.add(ir.Stride(x, 0)),
                 b.add(ir.Stride(x, 1))]  # fmt: skip
        for k, fact in enumerate(facts):
            b.add(ir.Store(sizes, (const(b, k),), b.add(ir.Cast(fact, i64))))

    base = np.arange(200, dtype=np.float32).reshape(10, 20)
    for x in (base[::2, ::3], base[::-1, ::-2], base.T, base[3:6, 4:9], base[:0, :2]):
        out, sizes = np.zeros((3, 4), np.float32), np.zeros(4, np.int64)
        run([array(f32, 2), array(f32, 2), array(i64, 1)], body, x, out, sizes)
        expected = np.zeros((3, 4), np.float32)
        part = x[:3, :4]
        expected[: part.shape[0], : part.shape[1]] = part
        np.testing.assert_array_equal(out, expected)
        assert sizes.tolist() == [*x.shape, *(stride // 4 for stride in x.strides)]


def test_the_last_of_several_stores_to_one_element_stays() -> None:
    def body(b: ir.Builder, out: ir.Value) -> None:
        row, column = positions(b, (4, 5))
        zero = const(b, 0, i32, (4, 1))
        v = b.add(
            ir.Binary("add", b.add(ir.Broadcast(row, (4, 5))), b.add(ir.Broadcast(column, (4, 5))))
        )
        mask = b.add(ir.Compare("lt", v, const(b, 6, i32, (4, 5))))
        b.add(ir.Store(out, (zero, column), v, mask))

    out = np.zeros((1, 5), np.int32)
    run([array(i32, 2)], body, out)
    assert out.tolist() == [[3, 4, 5, 5, 5]]


def test_overlapping_arrays_follow_program_order() -> None:
    def body(b: ir.Builder, x: ir.Value, y: ir.Value) -> None:
        for _ in range(2):
            v = b.add(ir.Load(x, positions(b, (4,))))
            b.add(ir.Store(y, positions(b, (4,)), v))

    memory = np.arange(6, dtype=np.int32)
    run([array(i32, 1)] * 2, body, memory[:4], memory[1:5])
    assert memory.tolist() == [0, 0, 0, 1, 2, 5]


@pytest.mark.parametrize("position", list(itertools.product([0, 2, 3, -1], [1, 4])))
def test_sub_arrays(position: tuple[int, int]) -> None:
    def body(b: ir.Builder, x: ir.Value, p: ir.Value, q: ir.Value, out: ir.Value) -> None:
        row = b.add(ir.SubArray(x, (p,)))
        line = b.add(ir.SubArray(row, (q,)))
        where = (b.add(ir.Iota(Tile(i32, (6,)), 0)),)
        v = b.add(ir.Load(line, where, None, const(b, -1, i32, (6,))))
        b.add(ir.Store(out, where, v))
        b.add(ir.Store(line, where, b.add(ir.Unary("neg", v))))
        b.add(ir.Store(out, (const(b, 6),), b.add(ir.Cast(b.add(ir.Extent(line, 0)), i32))))

    x = np.arange(3 * 4 * 5, dtype=np.int32).reshape(3, 4, 5)[:, :, ::-1]
    out = np.zeros(7, np.int32)
    expected = np.full(7, -1, np.int32)
    changed = x.copy()
    p, q = position
    if 0 <= p < 3 and 0 <= q < 4:
        expected[:5] = x[p, q]
        changed[p, q] = -x[p, q]
    expected[6] = 5
    run([array(i32, 3), scalar(i32), scalar(index), array(i32, 1)], body, x, p, q, out)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(x, changed)


def test_positions_of_a_slice_and_a_tile_broadcast() -> None:
    def body(b: ir.Builder, x: ir.Value, rows: ir.Value, out: ir.Value) -> None:
        chosen = b.add(ir.Load(rows, positions(b, (3,))))
        chosen = b.add(ir.Reshape(chosen, (3, 1)))
        v = b.add(ir.Load(x, (chosen, b.add(ir.Iota(Tile(i32, (1, 4)), 1))), block_axes=(1,)))
        b.add(ir.Store(out, positions(b, (3, 4)), v))

    x = np.arange(20, dtype=np.float32).reshape(5, 4)
    out = np.zeros((3, 4), np.float32)
    run([array(f32, 2), array(i32, 1), array(f32, 2)], body, x, np.array([4, 0, 4], np.int32), out)
    np.testing.assert_array_equal(out, x[[4, 0, 4]])


# --- pointers ---


def pointers(b: ir.Builder, base: ir.Value, count: int, by: int, step: int = 1) -> ir.Value:
    """`base + by + step * arange(count)`."""
    offsets = b.add(
        ir.Binary("mul", b.add(ir.Iota(Tile(i32, (count,)), 0)), const(b, step, i32, (count,)))
    )
    offsets = b.add(ir.Binary("add", offsets, const(b, by, i32, (count,))))
    return b.add(ir.Offset(b.add(ir.Broadcast(base, (count,))), offsets))


@pytest.mark.parametrize("dtype", [f32, f16, bf16, i64], ids=str)
def test_pointers_walk_their_allocation(dtype: Dtype) -> None:
    def body(b: ir.Builder, x: ir.Value, out: ir.Value) -> None:
        v = b.add(ir.LoadPointer(pointers(b, x, 5, -1, 2)))
        target = b.add(ir.Address(b.add(ir.SubArray(out, (const(b, 1),)))))
        b.add(ir.StorePointer(pointers(b, target, 5, 4, -1), v))

    memory = np.arange(20).astype(storage_of(dtype))
    out = np.zeros((2, 5), storage_of(dtype))
    run([scalar(pointer_to(dtype)), array(dtype, 2)], body, memory[4:8], out)
    assert out.tolist() == [[0] * 5, [11, 9, 7, 5, 3]]


def test_masked_pointers_are_not_followed() -> None:
    def body(b: ir.Builder, x: ir.Value, out: ir.Value) -> None:
        p = pointers(b, x, 4, -2)
        mask = b.add(ir.Compare("ge", b.add(ir.Iota(Tile(i32, (4,)), 0)), const(b, 2, i32, (4,))))
        v = b.add(ir.LoadPointer(p, mask, const(b, 9, i32, (4,))))
        b.add(ir.Store(out, positions(b, (4,)), v))
        b.add(ir.StorePointer(p, const(b, -1, i32, (4,)), mask))

    x, out = np.arange(1, 4, dtype=np.int32), np.zeros(4, np.int32)
    run([scalar(pointer_to(i32)), array(i32, 1)], body, x, out)
    assert (out.tolist(), x.tolist()) == ([9, 9, 1, 2], [-1, -1, 3])


@pytest.mark.parametrize("by", [-1, 7, 10**6])
@pytest.mark.parametrize("writes", [False, True])
def test_a_pointer_outside_its_allocation_is_a_fault(by: int, writes: bool) -> None:
    def body(b: ir.Builder, x: ir.Value, other: ir.Value) -> None:
        p = pointers(b, x, 4, by)
        if writes:
            b.add(ir.StorePointer(p, const(b, 1, i32, (4,))))
        else:
            b.add(ir.LoadPointer(p))

    x, other = np.zeros(10, np.int32), np.zeros(10, np.int32)
    with pytest.raises(Fault) as caught:
        run([scalar(pointer_to(i32)), array(i32, 1)], body, x, other)
    assert caught.value.code == 6
    assert caught.value.values == ((by if by != 7 else 10), 10)
    assert "`a`" in caught.value.message


def test_pointers_are_chosen_compared_and_carried() -> None:
    def body(b: ir.Builder, x: ir.Value, y: ir.Value, out: ir.Value) -> None:
        even = b.add(ir.Iota(Tile(i32, (4,)), 0))
        even = b.add(ir.Binary("and", even, const(b, 1, i32, (4,))))
        even = b.add(ir.Compare("eq", even, const(b, 0, i32, (4,))))
        p = b.add(ir.Select(even, pointers(b, x, 4, 0), pointers(b, y, 4, 0)))
        with b.inside(Tile(i32), p.tile) as round:
            b.add(ir.Yield((b.add(ir.Offset(round.parameters[1], const(b, 1, i32, (4,)))),)))
        loop = b.add(ir.For(const(b, 0), const(b, 2), const(b, 1), (p,), round))
        b.add(ir.Store(out, positions(b, (4,)), b.add(ir.LoadPointer(loop.results[0]))))
        same = b.add(ir.Compare("eq", p, pointers(b, x, 4, 0)))
        b.add(ir.Assert(b.add(ir.Compare("eq", same, even)), "x only where even"))

    x, y, out = (
        np.arange(6, dtype=np.int32),
        np.arange(10, 16, dtype=np.int32),
        np.zeros(4, np.int32),
    )
    pointer = scalar(pointer_to(i32))
    run([pointer, pointer, array(i32, 1)], body, x, y, out)
    assert out.tolist() == [2, 13, 4, 15]


def test_the_address_of_an_element_outside_is_followed_nowhere() -> None:
    def body(b: ir.Builder, x: ir.Value) -> None:
        b.add(ir.LoadPointer(b.add(ir.Address(b.add(ir.SubArray(x, (const(b, 9, index),)))))))

    with pytest.raises(Fault, match="outside the memory of array"):
        run([array(i32, 2)], body, np.zeros((3, 3), np.int32))
