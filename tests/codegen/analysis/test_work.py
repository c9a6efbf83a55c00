"""Bytes and operations of a program, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

import tilewright as tw
from tilewright.codegen.analysis.work import Work

N = 64


@tw.kernel
def saxpy(a, x, y, out):
    i = tw.program_id(0) * N + tw.arange(N)
    out[i] = a * x[i] + y[i]


@tw.kernel
def standardise(x, out):
    v = x[tw.program_id(0), 0:N]
    d = v - tw.sum(v) / N
    out[tw.program_id(0), 0:N] = d / tw.sqrt(tw.sum(d * d))


@tw.kernel
def multiply(a, b, c):
    acc = tw.zeros((8, 4), tw.f32)
    for k in range(0, a.shape[1], 16):
        acc += a[0:8, k : k + 16] @ b[k : k + 16, 0:4]
    c[0:8, 0:4] = acc


@tw.kernel
def five_points(x, out):
    i = tw.program_id(0) * 16 + tw.arange(16)[:, None]
    j = tw.program_id(1) * 8 + tw.arange(8)[None, :]
    out[i, j] = (x[i - 1, j] + x[i + 1, j]) + (x[i, j - 1] + x[i, j + 1])


@tw.kernel
def pairs(x, out):
    i = tw.arange(N)
    out[i] = x[2 * i] + x[2 * i + 1]


@tw.kernel
def gather(x, at, out):
    i = tw.arange(N)
    out[i] = x[at[i]]


@tw.kernel
def masked(x, out):
    i = tw.arange(N)
    tw.store(out, i, tw.load(x, i, mask=i < 5), mask=i < 7)


@tw.kernel
def repeated(x, out):
    v = tw.zeros(N, tw.f32)
    for k in range(5):
        v = v * 0.5 + x[k, 0:N] * x[7, 0:N]
    out[0, 0:N] = v


@tw.kernel
def dearer_side(x, out, flag):
    v = x[0:N]
    if flag > 0:
        v = tw.sqrt(v) + 1.0
    else:
        v = v - x[N : 2 * N]
    out[0:N] = v


@tw.kernel
def count(x, bins):
    tw.atomic_add(bins, x[0:N], 1)


@tw.kernel
def by_pointers(x: "*f64", out: "*f64"):  # noqa: F722
    i = tw.arange(N)
    tw.store(out + i, tw.load(x + i) * 2.0)


@tw.kernel
def integers(x, out):
    out[0:N] = (x[0:N] * 3 + 1).to(tw.f32)


@tw.kernel
def while_above(x, out, least):
    v = x[0:N]
    while tw.max(v) > least:
        v = v * 0.5 + 0.25
    out[0:N] = v


VECTOR, MATRIX = "f32[::1]", "f32[:, ::1]"


@pytest.mark.parametrize(
    ("kernel", "signature", "read", "written", "flops"),
    [
        (saxpy, f"f32, {VECTOR}, {VECTOR}, {VECTOR}", 8 * N, 4 * N, 2 * N),
        # two sums, N differences, products and quotients, a scaling of the mean, a root
        (standardise, f"{MATRIX}, {MATRIX}", 4 * N, 4 * N, None),
        (five_points, f"{MATRIX}, {MATRIX}", 4 * 18 * 10, 4 * 16 * 8, 3 * 16 * 8),
        (pairs, f"{VECTOR}, {VECTOR}", 8 * N, 4 * N, N),
        (gather, f"{VECTOR}, i64[::1], {VECTOR}", 12 * N, 4 * N, 0),
        (masked, f"{VECTOR}, {VECTOR}", 4 * N, 4 * N, 0),
        (repeated, f"{MATRIX}, {MATRIX}", 6 * 4 * N, 4 * N, 5 * 3 * N),
        (dearer_side, f"{VECTOR}, {VECTOR}, i32", 4 * N, 4 * N, 2 * N),
        (count, "i32[::1], i32[::1]", 8 * N, 4 * N, 0),
        (by_pointers, "*f64, *f64", 8 * N, 8 * N, N),
        (integers, "i32[::1], f32[::1]", 4 * N, 4 * N, 0),
    ],
    ids=lambda one: getattr(one, "name", None),
)
def test_the_work_of_a_program(
    kernel: tw.Kernel, signature: str, read: int, written: int, flops: int | None
) -> None:
    found = kernel.inspect(signature).work
    assert (read, written) == (found.bytes_read, found.bytes_written)
    assert () == found.rounds
    if flops is None:
        least = 2 * (N - 1) + 3 * N
        assert least <= found.flops <= least + 2
    else:
        assert flops == found.flops
    assert found.flops / (read + written) == found.intensity


def test_rounds_are_counted_where_they_are_known() -> None:
    arrays = [np.zeros(shape, np.float32) for shape in ((8, 100), (100, 4), (8, 4))]
    found = multiply.inspect(*arrays).work
    rounds = 7  # blocks of 16 in 100
    read = rounds * 4 * 16 * (8 + 4)
    assert Work(read, 4 * 8 * 4, rounds * 2 * 8 * 4 * 16) == found
    fixed = multiply.inspect(f"f32[:, 100], {MATRIX}, {MATRIX}").work
    assert found == fixed


def test_a_loop_of_unknown_length_is_told_apart() -> None:
    inside = multiply.inspect(f"{MATRIX}, {MATRIX}, {MATRIX}")
    found = inside.work
    assert (0, 4 * 8 * 4, 0) == (found.bytes_read, found.bytes_written, found.flops)
    (one,) = found.rounds
    assert Work(4 * 16 * (8 + 4), 0, 2 * 8 * 4 * 16) == one.work
    assert one.work.intensity == found.intensity
    line = multiply.definition.first_line + 3
    (told,) = inside.metadata["rounds"]
    assert f"{__file__}:{line}" == told["line"] and one.work.flops == told["flops"]
    assert [None] * 3 == [inside.metadata[n] for n in ("bytes_read", "bytes_written", "flops")]
    (one,) = while_above.inspect(f"{VECTOR}, {VECTOR}, f32").work.rounds
    assert (N - 1 + 2 * N, 0) == (one.work.flops, one.work.bytes)


@pytest.mark.parametrize("name", ["exp", "sin", "lgamma"])
def test_math_functions_count_as_their_formulas(name: str) -> None:
    @tw.kernel
    def apply(x, out):
        out[0:N] = FUNCTION(x[0:N])

    FUNCTION = getattr(tw, name)
    found = apply.inspect(f"{VECTOR}, {VECTOR}").work
    assert 0 == found.flops % N and 8 * N <= found.flops <= 200 * N
    assert (4 * N, 4 * N) == (found.bytes_read, found.bytes_written)


def test_loops_say_what_they_fuse() -> None:
    (only,) = saxpy.inspect(f"f32, {VECTOR}, {VECTOR}, {VECTOR}").metadata["loops"]
    elements, _, ops = only.partition(" lanes: ")
    assert elements.startswith(f"{N} elements, ")
    assert ["fma", "load 2", "store"] == sorted(ops.split(", "))
    loops = standardise.inspect(f"{MATRIX}, {MATRIX}").metadata["loops"]
    assert standardise.inspect(f"{MATRIX}, {MATRIX}").metadata["fused_loops"] == len(loops)
    assert "sum" in loops[0] and "store" in loops[-1] and "sum" not in loops[-1]
