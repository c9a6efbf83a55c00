"""Atomics are instructions on every target: nothing is called, nothing is imported."""

from __future__ import annotations

import re

import pytest

import tilewright as tw
from tilewright.codegen.target import MACHINES

DTYPES = ("bool_", "i8", "u16", "i32", "u64", "f16", "bf16", "f32", "f64", "f8e4m3")


@tw.kernel
def every_kind(x, places, old, N: tw.constexpr):
    """Each atomic that a dtype has, with a mask, without, at a scalar place."""
    i = tw.arange(N)
    k = places[i]
    v = x[i]
    old[0, i] = tw.atomic_add(x, k, v, order="acq_rel")
    old[1, i] = tw.atomic_max(x, i, v, mask=k > 3)
    old[2, i] = tw.atomic_min(x, k, v, order="release")
    old[3, i] = tw.atomic_xchg(x, k, v, order="acquire")
    old[4, i] = tw.atomic_cas(x, k, v, v, order="release")
    tw.atomic_add(x, 3, old[0, 0])
    tw.atomic_max(x, 3, old[0, 0], order="acquire")
    tw.atomic_cas(x, 3, old[0, 0], old[0, 1], order="acq_rel")


@pytest.mark.parametrize("arch", MACHINES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_atomic_is_made_of_instructions(dtype: str, arch: str) -> None:
    signature = f"{dtype}[:], i64[:], {dtype}[:, :]"
    listing = every_kind.inspect(signature, N=24, target=f"cpu:{arch}").asm
    assert not re.search(r"^\s+(call|bl)\s", listing, re.MULTILINE)
    assert "__" not in re.sub(r"^.*(section|\.file|\.ident).*$", "", listing, flags=re.MULTILINE)
    locked = r"lock\s|xchg" if arch.startswith("x86") else r"\b(ld|st|sw|cas)[a-z]*\s"
    assert len(re.findall(locked, listing)) >= 8


@tw.kernel
def one_of_each_order(x):
    """Two orders."""
    tw.atomic_add(x, 0, 1)
    tw.atomic_add(x, 0, 2, order="acq_rel")


def test_memory_orders_reach_the_machine() -> None:
    listing = one_of_each_order.inspect("i32[:]", target="cpu:aarch64").asm
    assert re.findall(r"\b(?:ldadd|stadd)\w*", listing) in (
        ["ldadd", "ldaddal"], ["stadd", "ldaddal"]
    )  # fmt: skip


@tw.kernel
def brings_largest(out, rows, columns, values, N: tw.constexpr):
    """Nobody asks what was there: threads may have copies of `out`."""
    i = tw.program_id(0) * N + tw.arange(N)
    tw.atomic_max(out, (rows[i], columns[i]), values[i])


@pytest.mark.parametrize("arch", MACHINES)
def test_copies_ask_the_host_for_memory_and_call_nothing_else(arch: str) -> None:
    signature = "f32[:, ::1], i64[:], u8[:], f32[:]; narrow, disjoint"
    inspection = brings_largest.inspect(signature, N=24, target=f"cpu:{arch}")
    assert inspection.metadata["thread_copies"] == ["out"]
    calls = re.findall(r"^\s+(?:call\w*|blr?)\s+(\S+)", inspection.asm, re.MULTILINE)
    assert len(calls) == 1 and calls[0][0] in "*x"
    assert re.search(r"cmpxchg16b|casp", inspection.asm)
