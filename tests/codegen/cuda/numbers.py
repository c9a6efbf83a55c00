"""What the rows of the table of `docs/gpu.md` say, each as a kernel: where results are the same
bits, and where they are not, how far they may be apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Arrays = list[Array]
# Whether the arrays after a launch agree with those after another, which began with the same.
Agreement = Callable[[Arrays, Arrays], bool]

WIDTH: Final = 256


def same_bits(found: Arrays, other: Arrays) -> bool:
    """Byte for byte."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(found, other, strict=True))


def within(ulps: float, of_each: bool = False) -> Agreement:
    """Up to so many units in the last place of the largest element of an array, or of each."""

    def agree(found: Arrays, other: Arrays) -> bool:
        for one, two in zip(found, other, strict=True):
            a, b = one.astype(np.float64), two.astype(np.float64)
            size = np.abs(b) if of_each else np.abs(b).max()
            if not (np.abs(a - b) <= ulps * float(ml_dtypes.finfo(one.dtype).eps) * size).all():
                return False
        return True

    return agree


@dataclass(frozen=True)
class Row:
    """A row: how often launches agree with each other, and with the CPU."""

    function: Callable[..., None]  # a kernel, not yet one
    make: Callable[[np.random.Generator, int], Arrays]  # for so many programs
    again: Agreement = same_bits
    cpu: Agreement = same_bits
    constants: Mapping[str, object] = field(default_factory=dict)
    is_fast: bool = False


def floats(rng: np.random.Generator, *shape: int) -> Array:
    """Ordinary numbers."""
    return rng.standard_normal(shape, np.float32)


# --- the same bits everywhere ---------------------------------------------------------------------


def whole_numbers(x, y, out, counts, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v, w = x[p, 0:WIDTH], y[p, 0:WIDTH]
    out[p, 0, 0:WIDTH] = tw.sort(v * w // 7 + (v << 3))
    out[p, 1, 0:WIDTH] = tw.cumsum(v % 11) + tw.argsort(w) * tw.max(v)
    out[p, 2, 0:WIDTH] = tw.where(v > w, v, tw.gather(w, v & (WIDTH - 1)))
    tw.atomic_add(counts, tw.arange(16), tw.histogram(v & 15, 16))


def by_chance(out, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    i = tw.arange(WIDTH)
    out[p, i] = tw.rand(p, i) + tw.randint(i, p) % 5


def rounded_once(x, y, out, half, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v, w = x[p, 0:WIDTH], y[p, 0:WIDTH]
    out[p, 0, 0:WIDTH] = (v * w + v) / (w - 3.0) % 2.0
    out[p, 1, 0:WIDTH] = tw.sqrt(abs(v)) + tw.fma(v, w, w) * v.to(tw.f64).to(tw.f32)
    half[p, 0:WIDTH] = v * 1000.0 + w


def extremes(x, out, where, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v = x[p, 0:WIDTH]
    out[p, 0:WIDTH] = tw.minimum(tw.cummax(v), tw.max(v)) + tw.sort(v)
    where[p] = tw.argmin(v)


# --- the same bits on every run -------------------------------------------------------------------


def sums(x, out, total, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v = x[p, 0:WIDTH]
    out[p, 0:WIDTH] = tw.cumsum(v) + tw.mean(v)
    total[p] = tw.sum(v * v)


def products(a, b, c, WIDTH: tw.constexpr):
    m = tw.program_id(0) * 64
    acc = tw.zeros((64, 64), tw.f32)
    for k in range(0, WIDTH, 64):
        acc += a[m : m + 64, k : k + 64] @ b[k : k + 64, 0:64]
    c[m : m + 64, 0:64] = acc


def functions(x, out, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v = x[p, 0:WIDTH]
    out[p, 0, 0:WIDTH] = tw.exp(v)
    out[p, 1, 0:WIDTH] = tw.sin(v) + 2.0
    out[p, 2, 0:WIDTH] = tw.erf(v) + 2.0
    out[p, 3, 0:WIDTH] = tw.log(abs(v) + 2.0)


def normal(out, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    i = tw.arange(WIDTH)
    out[p, i] = tw.randn(p, i)


def fast(x, out, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v = x[p, 0:WIDTH]
    out[p, 0:WIDTH] = tw.exp(v) / (1.0 + v * v)


def not_a_number(x, out, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    v = x[p, 0:WIDTH]
    out[p, 0:WIDTH] = (v - v) / (v - v)


def all_nan(found: Arrays, other: Arrays) -> bool:
    """Whatever the bits."""
    return bool(np.isnan(found[-1]).all() and np.isnan(other[-1]).all())


# --- in any order ---------------------------------------------------------------------------------


def shared_sums(x, total, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    tw.atomic_add(total, tw.arange(WIDTH) % 8, x[p, 0:WIDTH])


def tickets(next_one, drawn):
    p = tw.program_id(0)
    drawn[p] = tw.atomic_add(next_one, 0, 1)


def same_tickets(found: Arrays, other: Arrays) -> bool:
    """Each number once."""
    return all(
        np.sort(a).tolist() == np.sort(b).tolist() for a, b in zip(found, other, strict=True)
    )


def collisions(x, out, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    out[p, tw.arange(WIDTH) // 4] = x[p, 0:WIDTH]


def one_of_four(found: Arrays, other: Arrays) -> bool:
    """One of the values that were stored there."""
    x, out = found
    return all(
        (x.reshape(len(x), -1, 4) == result[:, : x.shape[1] // 4, None]).any(2).all()
        for result in (out, other[1])
    )


# --- the rows, by their first column --------------------------------------------------------------


def _integers(rng: np.random.Generator, n: int) -> Arrays:
    x, y = rng.integers(-1000, 1000, (2, n, WIDTH), np.int32)
    return [x, y, np.zeros((n, 3, WIDTH), np.int32), np.zeros(16, np.int32)]


def _factors(rng: np.random.Generator, n: int) -> Arrays:
    a, b = floats(rng, 64 * n, WIDTH), floats(rng, WIDTH, 64)
    kind = ml_dtypes.bfloat16
    return [a.astype(kind), b.astype(kind), np.zeros((64 * n, 64), np.float32)]


def _two(rng: np.random.Generator, n: int) -> Arrays:
    half = np.zeros((n, WIDTH), np.float16)
    return [floats(rng, n, WIDTH), floats(rng, n, WIDTH), np.zeros((n, 2, WIDTH), np.float32), half]


def _one(*more: tuple[int, ...]) -> Callable[[np.random.Generator, int], Arrays]:
    def make(rng: np.random.Generator, n: int) -> Arrays:
        return [floats(rng, n, WIDTH), *(np.zeros((n, *shape), np.float32) for shape in more)]

    return make


def _none(rng: np.random.Generator, n: int) -> Arrays:
    return [np.zeros((n, WIDTH), np.float32)]


def _extremes(rng: np.random.Generator, n: int) -> Arrays:
    return [floats(rng, n, WIDTH), np.zeros((n, WIDTH), np.float32), np.zeros(n, np.int32)]


def _totals(rng: np.random.Generator, n: int) -> Arrays:
    return [floats(rng, n, WIDTH), np.zeros(8, np.float32)]


def _tickets(rng: np.random.Generator, n: int) -> Arrays:
    return [np.zeros(1, np.int32), np.zeros(n, np.int32)]


WIDE: Final[dict[str, object]] = {"WIDTH": WIDTH}
# Sums of n numbers of one size: each of the n roundings is of half a unit at most.
ROWS: Final = {
    "integers, comparisons, sorts, counts": Row(whole_numbers, _integers, constants=WIDE),
    "`rand`, `randint`": Row(by_chance, _none, constants=WIDE),
    "`+ - * / %`, `sqrt`, `fma`, casts of floats": Row(rounded_once, _two, constants=WIDE),
    "`min`, `max`, `argmin`, `argmax` of floats": Row(extremes, _extremes, constants=WIDE),
    "sums, means and scans of floats": Row(
        sums, _one((WIDTH,), ()), cpu=within(WIDTH / 2), constants=WIDE
    ),
    "`@` of floats": Row(products, _factors, cpu=within(WIDTH), constants=WIDE),
    "math functions": Row(functions, _one((4, WIDTH)), cpu=within(4, True), constants=WIDE),
    "`randn`": Row(normal, _none, cpu=within(8, True), constants=WIDE),
    "what `fastmath=True` allows": Row(
        fast, _one((WIDTH,)), cpu=within(16, True), constants=WIDE, is_fast=True
    ),
    "NaN": Row(not_a_number, _one((WIDTH,)), cpu=all_nan, constants=WIDE),
    "`atomic_add` of floats by several programs": Row(
        shared_sums, _totals, within(2048), within(2048), WIDE
    ),
    "what atomics return": Row(tickets, _tickets, same_tickets, same_tickets),
    "several lanes or programs storing to one element": Row(
        collisions, _one((WIDTH,)), one_of_four, one_of_four, WIDE
    ),
}
