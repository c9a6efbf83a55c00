"""What GPUs compute in ways of their own: `exp`, `exp2` and `tanh` at every number of `f32`, and
division.

On the emulator at some of these numbers. Division is the same arithmetic there. The instruction
for powers of two is not: the host's function stands for it, so that what is looked at is what is
around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

from ..exactness.references import UNARY, arguments, errors
from .places import EMULATED, GPU, launches_at

Array = NDArray[Any]
Kernel = Callable[..., None]  # not yet one
# Between these results are subnormal.
SUBNORMAL: Final = {
    "exp": (np.float32(-104), np.float32(-87)),
    "exp2": (np.float32(-150), np.float32(-126)),
    "tanh": (np.float32(-2e-38), np.float32(2e-38)),
}

WIDTH: Final = 512
# How many programs look how often at `WIDTH` numbers: on a GPU at all there are.
SHARES: Final = {EMULATED: (4, 2), GPU: (1 << 12, 1 << 11)}
SAMPLE: Final = {EMULATED: 8, GPU: 1 << 12}  # so many programs, where NumPy is the reference


# --- exp, exp2 and tanh ---------------------------------------------------------------------------


def measuring(name: str) -> Kernel:
    """A kernel: the largest error of a function of `f32`, and the bits of the number where it is.

    `patterns` is the memory of `x`, and `bits` that of `exact`: floats, looked at as integers.
    """
    function = getattr(tw, name)

    def measure(
        patterns, x, y, exact, bits, worst, where, first: tw.i32, step: tw.i32,
        ROUNDS: tw.constexpr, WIDTH: tw.constexpr,
    ):  # fmt: skip
        p = tw.program_id(0)
        here = tw.block(p * WIDTH, WIDTH)
        most, at = tw.full((), -1.0, tw.f64), 0
        for k in range(ROUNDS):
            start = first + step * ((k * tw.num_programs(0) + p) * WIDTH).to(tw.i32)
            patterns[here] = start + step * tw.arange(WIDTH)
            number = x[here]
            found = function(number)
            y[here] = found
            wanted = function(number.to(tw.f64))
            exact[here] = wanted
            exponent = tw.maximum((bits[here] >> 52 & 0x7FF) - 1023, -126)
            error = abs(found.to(tw.f64) - wanted) / tw.exp2((exponent - 23).to(tw.f64))
            rounded = wanted.to(tw.f32)
            is_plain = tw.isfinite(rounded) & tw.isfinite(found)
            is_same = (found == rounded) | (tw.isnan(found) & tw.isnan(rounded))
            error = tw.where(is_plain, error, tw.where(is_same, 0.0, np.inf))
            has_sign = tw.copysign(1.0, found) == tw.copysign(1.0, rounded)
            error = tw.where(has_sign | tw.isnan(found), error, np.inf)
            largest = tw.max(error)
            if largest > most:
                most = largest
                at = start + step * tw.argmax(error)
        worst[p] = most
        where[p] = at

    return measure


@pytest.mark.parametrize("name", ["exp", "exp2", "tanh"])
def test_a_function_at_every_number(name: str, place: str, rng: np.random.Generator) -> None:
    """Beside the function of `f64`, which is compared with NumPy's at what the last round left."""
    programs, rounds = SHARES[place]
    count = programs * rounds * WIDTH
    first, step = int(rng.integers(1 << 31)), (1 << 32) // count | 1
    x, exact = np.zeros(programs * WIDTH, np.float32), np.zeros(programs * WIDTH)
    y, worst, where = np.zeros_like(x), np.zeros(programs), np.zeros(programs, np.int32)
    with launches_at(place):
        tw.kernel(measuring(name))[programs](
            x.view(np.int32), x, y, exact, exact.view(np.int64), worst, where, first, step,
            ROUNDS=rounds, WIDTH=WIDTH,
        )  # fmt: skip
    p = int(worst.argmax())
    assert 0 < worst[p] <= 2, f"{worst[p]} ulp at {where[p : p + 1].view(np.float32)[0]!r}"
    assert worst.min() >= 0
    with np.errstate(invalid="ignore"):  # signalling ones
        assert errors(y, UNARY[name], x).max() <= 2
        assert errors(exact, UNARY[name], x.astype(np.float64)).max() <= 4


@pytest.mark.parametrize(
    ("name", "bound"), [("exp", 2), ("exp2", 2), ("exp2 fast", 4), ("tanh", 2)]
)
def test_a_function_where_it_is_interesting(
    name: str, bound: int, place: str, rng: np.random.Generator
) -> None:
    """Special values, where results are subnormal, and around zero; beside NumPy."""
    name, _, fast = name.partition(" ")
    case, function = UNARY[name], getattr(tw, name)

    def evaluate(x, y, WIDTH: tw.constexpr):
        i = tw.program_id(0) * WIDTH + tw.arange(WIDTH)
        y[i] = function(x[i])

    x = arguments(case, np.float32, SAMPLE[place] * WIDTH // 8, rng)
    low = np.linspace(*SUBNORMAL[name], SAMPLE[place] * WIDTH // 2, dtype=np.float32)
    x = np.concatenate([x, low])
    with np.errstate(all="ignore"):
        is_finite = np.isfinite(x) & np.isfinite(case.reference(x))
    x = x[is_finite] if fast else x
    y = np.full_like(x, -1)
    with launches_at(place):
        tw.kernel(evaluate, fastmath=bool(fast))[tw.cdiv(x.size, WIDTH)](x, y, WIDTH=WIDTH)
    error = errors(y, case, x)
    k = int(error.argmax())
    assert error[k] <= bound, f"{error[k]} ulp at {x[k]!r}"


# --- division -------------------------------------------------------------------------------------


def by_each(x, y, out, most, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    out[p, 0:WIDTH] = x[p, 0:WIDTH] / y[p, 0:WIDTH]


def by_one(x, y, out, most, WIDTH: tw.constexpr):
    p = tw.program_id(0)
    out[p, 0:WIDTH] = x[p, 0:WIDTH] / y[p, 0]


def kept_by_one(x, y, out, most, WIDTH: tw.constexpr):
    """What is read twice is kept, and divided all at once."""
    p = tw.program_id(0)
    row = x[p, 0:WIDTH]
    most[p] = tw.max(row)
    out[p, 0:WIDTH] = row / y[p, 0]


# Kernels, and what they become: a division, one by what stands for a divisor, many of these.
DIVISIONS: Final[dict[str, tuple[Kernel, str]]] = {
    "each": (by_each, r"= divide\(\w+, \w+\);"),
    "one": (by_one, r"= divide\(\w+, divisor\("),
    "kept": (kept_by_one, r"divide_all\("),
}


def near_midpoints(rng: np.random.Generator, rows: int) -> tuple[Array, Array]:
    """Numbers and a divisor of each row whose quotients are as near as they can be to the middle
    between two numbers: x 2^p = y m + c for odd m of 25 bits, y of 24 and small c.
    """
    y = rng.integers(1 << 22, 1 << 23, (rows, 1)) * 2 + 1
    c = np.arange(WIDTH) // 2 * 2 + 1 - WIDTH // 2
    p = np.where(np.arange(WIDTH) % 2 == 0, 24, 25)
    inverse = y.copy()
    for _ in range(5):
        inverse = inverse * (2 - y * inverse) % (1 << 25)
    m = -c * inverse % (1 << p)
    m += np.where(p == 24, 1 << 24, 0)
    x = (y * m + c) >> p
    is_found = (x >= 1 << 23) & (x < 1 << 24) & (m > 1 << 24)
    x = np.where(is_found, x, rng.integers(1 << 23, 1 << 24, x.shape))
    y = np.broadcast_to(y, x.shape)
    assert is_found.mean() > 0.2
    return x.astype(np.float32), y.astype(np.float32)


def scaled(x: Array, rng: np.random.Generator, least: int, most: int, each: bool = True) -> Array:
    """Times powers of two, to a size between these, and signs; of a row the same, or of each."""
    shape = x.shape if each else (len(x), 1)
    sizes = np.ldexp(x, rng.integers(least - 23, most - 23, shape))
    return np.where(rng.random(shape) < 0.5, sizes, -sizes).astype(np.float32)


def hard(rng: np.random.Generator, rows: int) -> tuple[Array, Array]:
    """Of sizes at which a product and a correction are all there is."""
    x, y = near_midpoints(rng, rows)
    return scaled(x, rng, -80, 80), scaled(y, rng, -40, 40, each=False)


def hard_at_all_sizes(rng: np.random.Generator, rows: int) -> tuple[Array, Array]:
    """Subnormal ones on either side and as quotients, and beyond the largest number."""
    x, y = near_midpoints(rng, rows)
    return scaled(x, rng, -149, 128), scaled(y, rng, -149, 128, each=False)


def random_bits(rng: np.random.Generator, rows: int) -> tuple[Array, Array]:
    """Of every kind, NaN and infinities too."""
    x, y = rng.integers(0, 1 << 32, (2, rows, WIDTH), np.uint32).view(np.float32)
    return x, np.broadcast_to(y[:, :1], x.shape)


def extremes(rng: np.random.Generator, rows: int) -> tuple[Array, Array]:
    """What is special, and where another way begins: alone, and among what is usual."""
    limits = np.finfo(np.float32)
    sizes = np.array([0, 1, 3, np.inf, np.nan, limits.max, limits.tiny, limits.smallest_subnormal,
                      2.0**-80, 2.0**80, 2.0**-40, 2.0**40], np.float32)  # fmt: skip
    beside = np.concatenate(
        [np.nextafter(sizes[sizes < limits.max], np.float32(end)) for end in (0, limits.max)]
    )
    some = np.concatenate([sizes, beside])
    some = np.concatenate([some, -some])
    x = scaled(rng.uniform(1 << 23, 1 << 24, (rows, WIDTH)).astype(np.float32), rng, -80, 80)
    x = np.where(
        rng.random(x.shape) < 1 / rng.integers(1, 1000, (rows, 1)), rng.choice(some, x.shape), x
    )
    return x, np.broadcast_to(rng.choice(some, (rows, 1)), x.shape)


@pytest.mark.parametrize("make", [hard, hard_at_all_sizes, random_bits, extremes])
@pytest.mark.parametrize("way", DIVISIONS)
def test_quotients_are_rounded_correctly(
    way: str,
    make: Callable[[np.random.Generator, int], tuple[Array, Array]],
    place: str,
    rng: np.random.Generator,
) -> None:
    kernel, _ = DIVISIONS[way]
    rows = SAMPLE[place]
    x, y = make(rng, rows)
    if way == "each":
        x, y = (np.ascontiguousarray(one.reshape(WIDTH, rows).T) for one in (x, y))
    y = np.ascontiguousarray(y)
    out, most = np.full_like(x, -1), np.zeros(rows, np.float32)
    with launches_at(place):
        tw.kernel(kernel)[rows](x, y, out, most, WIDTH=WIDTH)
    with np.errstate(all="ignore"):
        wanted = x / y
    is_same = (out.view(np.uint32) == wanted.view(np.uint32)) | (np.isnan(out) & np.isnan(wanted))
    k = np.unravel_index(is_same.argmin(), is_same.shape)
    assert is_same.all(), f"{x[k]!r} / {y[k]!r} is {wanted[k]!r}, not {out[k]!r}"


@pytest.mark.parametrize("way", DIVISIONS)
def test_each_way_is_one(way: str) -> None:
    kernel, call = DIVISIONS[way]
    array = "f32[:, ::1]{aligned, even}"
    signature = f"{array}, {array}, {array}, f32[::1]{{aligned, even}}"
    text = tw.kernel(kernel).inspect(signature, WIDTH=WIDTH, target="cuda:sm_90a").cuda
    assert re.search(call, text[text.index("struct Arguments {") :])
