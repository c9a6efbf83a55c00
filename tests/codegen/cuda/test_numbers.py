"""On a GPU numbers agree with themselves and with the CPU's as the table of `docs/gpu.md` says.

On the emulator as well, where the threads take turns in another order in every run.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import ml_dtypes
import numpy as np
import pytest

import tilewright as tw

from .numbers import ROWS, Arrays, Row, floats, same_bits
from .places import CPU, EMULATED, GPU, launches_at

DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "gpu.md"
# Where a kernel runs, in how many programs, and how often: a GPU runs many at a time.
PLACES: Final = {EMULATED: (2, 2), GPU: (300, 100)}
SAME: Final = "the same bits"


def run_at(
    place: str, function: Callable[..., None], programs: int, given: Arrays,
    constants: Mapping[str, object], times: int = 1, **options: Any,
) -> list[Arrays]:  # fmt: skip
    """What so many launches make of the same arrays."""
    found: list[Arrays] = []
    kernel = tw.kernel(**options)(function)
    for k in range(times):
        if place == GPU:
            there = [tw.array(one, device=GPU) for one in given]
            kernel[programs](*there, **constants)
            found.append([one.numpy() for one in there])
            continue
        copies = [one.copy() for one in given]
        with launches_at(place, seed=1 + k):
            tw.kernel(**options)(function)[programs](*copies, **constants)
        found.append(copies)
    return found


def test_the_table_has_these_rows() -> None:
    text = DOCUMENT.read_text().partition("## How numbers agree")[2].partition("\n## ")[0]
    table = [re.split(r" *\| *", line)[1:4] for line in text.splitlines() if line.startswith("| ")]
    told = {name: (again, cpu) for name, again, cpu in table[2:]}
    assert told.keys() == ROWS.keys()
    for name, (again, cpu) in told.items():
        assert (again == SAME) == (ROWS[name].again is same_bits), name
        assert (cpu == SAME) == (ROWS[name].cpu is same_bits), name


@pytest.mark.parametrize("name", ROWS)
def test_a_row(name: str, place: str, rng: np.random.Generator) -> None:
    row: Row = ROWS[name]
    programs, times = PLACES[place]
    given = row.make(rng, programs)
    run = partial(run_at, function=row.function, programs=programs, given=given,
                  constants=row.constants, fastmath=row.is_fast)  # fmt: skip
    first, *others = run(place, times=times)
    for other in others:
        assert row.again(first, other)
    (expected,) = run(CPU)
    assert row.cpu(first, expected)


# --- what a GPU is for ----------------------------------------------------------------------------


def longer_sort(x, out):
    p = tw.program_id(0)
    out[p, 0:2000] = tw.sort(x[p, 0:2000])


def columns(x, out):
    n = tw.program_id(0) * 32
    out[n : n + 32] = tw.sum(x[0:300, n : n + 32], axis=0)


def _bf16(rng: np.random.Generator, *shape: int) -> Any:
    return floats(rng, *shape).astype(ml_dtypes.bfloat16)


# Kernels beside this file or above, and their arrays for so many programs.
KERNELS: Final[dict[str, Callable[[np.random.Generator, int], Arrays]]] = {
    "softmax": lambda rng, n: [floats(rng, n, 1000)] * 2,
    "layernorm": lambda rng, n: [
        _bf16(rng, n, 4096), _bf16(rng, 4096), _bf16(rng, 4096), _bf16(rng, n, 4096)
    ],
    "matmul": lambda rng, n: [_bf16(rng, 128 * n, 448), _bf16(rng, 448, 128),
                              _bf16(rng, 128 * n, 128)],
    "attention": lambda rng, n: [_bf16(rng, 64 * n, 64) for _ in range(4)],
    "cumsum": lambda rng, n: [floats(rng, n, 500)] * 2,
    "argmax": lambda rng, n: [floats(rng, 4 * n, 512), np.zeros(4 * n, np.int32)],
    "longer_sort": lambda rng, n: [floats(rng, n, 2000)] * 2,
    "columns": lambda rng, n: [floats(rng, 300, 32 * n), floats(rng, 32 * n)],
}  # fmt: skip


@pytest.mark.parametrize("name", KERNELS)
def test_every_run_gives_the_same_bits(name: str, place: str, rng: np.random.Generator) -> None:
    programs, times = PLACES[place]
    if name in globals():
        function, constants = globals()[name], {}
    else:
        found = runpy.run_path(str(Path(__file__).with_name(f"{name}.py")))
        function, constants = found["kernel"].__wrapped__, found["CONSTANTS"]
    given = KERNELS[name](rng, programs)
    first, *others = run_at(place, function, programs, given, constants, times)
    assert first[-1].tobytes() != given[-1].tobytes()  # something was written
    for other in others:
        assert same_bits(first, other)
