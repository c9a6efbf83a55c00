"""Elements at an offset of its own for each lane: where they lie, and what stands for the others.

Expected is what NumPy reads at the positions that are inside. Everything else would find marks:
arrays lie between guard zones, and where they have gaps there is no number either.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guard = Callable[..., NDArray]

DTYPES = ["bool", "i1", "f2", "f4", "u8"]
WIDE = 1 << 31  # elements: offsets in an array as long need 64 bits
N = 77  # more than two vectors of any kind, and a part of one


class Nothing:
    """An array without elements, and without memory."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.__array_interface__ = {
            "shape": shape, "typestr": "<f4", "data": (0, False), "version": 3,
        }  # fmt: skip


@tw.kernel
def pick(x, index, out, other, B: tw.constexpr):
    i = tw.program_id(0) * B + tw.arange(B)
    out[i] = x[index[i]]


@tw.kernel
def pick_some(x, index, wanted, out, other, B: tw.constexpr):
    i = tw.program_id(0) * B + tw.arange(B)
    out[i] = tw.load(x, index[i], fill=1, mask=wanted[i])


@tw.kernel
def pick_pairs(x, row, column, out, other, FORM: tw.constexpr, B: tw.constexpr):
    i = tw.arange(B)
    for k in range(out.shape[0]):
        if FORM == "both":
            v = x[row[k + i], column[i]]
        elif FORM == "row":
            v = x[row[k], column[i]]
        elif FORM == "column":
            v = x[row[i], column[k]]
        elif FORM == "moving":
            v = x[row[i], k + i]
        else:
            line = x[row[k]]
            v = line[column[i]]
        out[k, i] = v


@tw.kernel
def pick_kept(x, index, out, B: tw.constexpr):
    i = tw.arange(B)
    out[i] = tw.gather(x[i], index[i], 0)


@pytest.fixture(params=["narrow", "wide"])
def other(request: pytest.FixtureRequest) -> NDArray:
    """An argument that decides how many bits offsets have; none of its memory is touched."""
    return np.zeros(WIDE + 1 if request.param == "wide" else 1, np.uint8)


def _positions(rng: np.random.Generator, extent: int, dtype: str, count: int = N) -> NDArray:
    """Positions inside, with some outside wherever a mistake about bits would lead inside."""
    index = rng.integers(0, extent, count).astype(dtype)
    limits = np.iinfo(dtype)
    outside = [-1, extent, extent + 1, -extent, limits.min, limits.max, 2**31, 2**32 + 3, -(2**32)]
    some = [k for k in outside if limits.min <= k <= limits.max and not 0 <= k < extent]
    index[rng.permutation(count)[: len(some)]] = some
    return index


def _read(x: NDArray, *index: NDArray, fill: int = 0) -> NDArray:
    inside = np.ones(np.broadcast_shapes(*(k.shape for k in index)), np.bool_)
    for k, extent in zip(index, x.shape, strict=True):
        inside &= (k.astype(object) >= 0) & (k.astype(object) < extent)
    if not x.size:
        return np.full(inside.shape, fill, x.dtype)
    safe = tuple(np.where(inside, k, 0).astype(np.int64) for k in index)
    return np.where(inside, x[safe], np.asarray(fill).astype(x.dtype))


def _numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> NDArray:
    return (rng.integers(0, 2 if dtype == "bool" else 100, shape)).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_elements_of_every_kind(
    rng: np.random.Generator, guarded: Guard, other: NDArray, dtype: str
) -> None:
    for stride in (1, -1, 3):
        x = guarded(_numbers(rng, (50,), dtype), strides=(stride,))
        index, out = guarded(_positions(rng, 50, "i4")), guarded((N,), dtype)
        pick[2](x, index, out, other, B=40)
        np.testing.assert_array_equal(out, _read(x, index))


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "u4", "i8"])
def test_positions_of_every_kind(
    rng: np.random.Generator, guarded: Guard, other: NDArray, kind: str
) -> None:
    x = guarded(_numbers(rng, (300,), "f4"), strides=(-2,))
    index, out = guarded(_positions(rng, 300, kind)), guarded((N,), "f4")
    pick[2](x, index, out, other, B=40)
    np.testing.assert_array_equal(out, _read(x, index))


@pytest.mark.parametrize("dtype", DTYPES)
def test_lanes_that_are_not_wanted_get_the_fill(
    rng: np.random.Generator, guarded: Guard, other: NDArray, dtype: str
) -> None:
    x = guarded(_numbers(rng, (50,), dtype))
    index, out = guarded(_positions(rng, 50, "i4")), guarded((N,), dtype)
    wanted = rng.integers(0, 2, N).astype(np.bool_)
    pick_some[3](x, index, wanted, out, other, B=33)
    expected = np.where(wanted, _read(x, index, fill=1), np.ones(N, dtype))
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("strides", [(30, 1), (-30, 1), (1, 20), (70, -2)])
@pytest.mark.parametrize("form", ["both", "row", "column", "moving", "sub-array"])
def test_two_axes(
    rng: np.random.Generator, guarded: Guard, other: NDArray, form: str, strides: tuple[int, int]
) -> None:
    rows, block = 9, 43
    x = guarded(_numbers(rng, (20, 30), "f4"), strides=strides)
    row = _positions(rng, 20, "i4", rows + block)
    column = _positions(rng, 30, "i4", rows + block)
    out = guarded((rows, block), "f4")
    pick_pairs[1](x, guarded(row), guarded(column), out, other, FORM=form, B=block)
    k, i = np.arange(rows)[:, None], np.arange(block)
    places = {
        "both": (row[k + i], column[i]),
        "column": (row[i], column[k]),
        "moving": (row[i], k + i),
    }
    expected = _read(x, *places.get(form, (row[k], column[i])))
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("shape", [(0, 30), (20, 0), (0, 0)])
@pytest.mark.parametrize("form", ["both", "row", "column", "sub-array"])
def test_arrays_without_elements(guarded: Guard, form: str, shape: tuple[int, int]) -> None:
    x = Nothing(shape)
    index, out = guarded(np.arange(60, dtype=np.int32)), guarded((9, 43), "f4")
    pick_pairs[1](x, index, index, out, index, FORM=form, B=43)
    np.testing.assert_array_equal(out, np.zeros((9, 43)))


@pytest.mark.parametrize(
    ("dtype", "extent"), [("u1", WIDE - 3), ("u1", WIDE + 3), ("f4", WIDE // 4 + 9)]
)
def test_offsets_beyond_31_bits_of_bytes(guarded: Guard, dtype: str, extent: int) -> None:
    x = np.zeros(extent, dtype)  # of which memory only has the pages that are touched
    far = np.arange(extent - 60, extent)
    x[far], x[:60] = np.arange(1, 61), np.arange(101, 161)
    index = np.concatenate([far + 7, far[:10], np.arange(-5, 7)])
    for kind in ("i4", "i8"):
        out = guarded((len(index),), dtype)
        pick[3](x, guarded(index.astype(kind)), out, out, B=32)
        np.testing.assert_array_equal(out, _read(x, index.astype(kind)))


def test_rows_that_lie_beyond_31_bits(guarded: Guard) -> None:
    x = np.zeros((3, WIDE // 2), np.uint8)
    x[:, :50] = np.arange(150).reshape(3, 50)
    row, column = (np.arange(60, dtype=np.int32) * k % m for k, m in ((1, 4), (7, 50)))
    out = guarded((9, 43), "u1")
    pick_pairs[1](x, guarded(row), guarded(column), out, out, FORM="both", B=43)
    k, i = np.arange(9)[:, None], np.arange(43)
    np.testing.assert_array_equal(out, _read(x, row[k + i], column[i]))


def test_elements_of_a_kept_tile(rng: np.random.Generator, guarded: Guard) -> None:
    x = guarded(_numbers(rng, (N,), "f4"))
    for kind in ("i2", "i4", "i8"):
        index, out = guarded(_positions(rng, N, kind)), guarded((N,), "f4")
        pick_kept[1](x, index, out, B=N)
        np.testing.assert_array_equal(out, _read(x, index))


@pytest.mark.parametrize(
    ("dtype", "found"), [("f32", "vgatherdps"), ("i64", "vpgatherdq"), ("f16", "vpinsrw")]
)
def test_instructions_of_512_bits(dtype: str, found: str) -> None:
    signature = f"{dtype}[::1], i32[::1], {dtype}[::1], i32[::1]; narrow"
    for block in (3, 77):
        text = pick.inspect(signature, B=block, target="cpu:x86-64-v4").asm
        assert block < 8 or found in text


def test_offsets_of_32_bits_are_taken_out_as_they_are() -> None:
    signature = "f32[::1], i32[::1], f32[::1], i32[::1]; narrow"
    text = pick.inspect(signature, B=256, target="cpu:x86-64-v3").asm
    assert "vpextrd" in text
    assert "vpextrq" not in text
