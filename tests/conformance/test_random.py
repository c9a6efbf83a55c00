"""Random kernels, compiled, do bit for bit what the interpreter does.

`--random-seconds` says for how long; a kernel that fails is made again by `--seed`.
"""

from __future__ import annotations

from time import monotonic

import numpy as np
import pytest

from .execution import assert_same, run_compiled, run_interpreted
from .random_kernels import Generator, lay_out

KERNELS = 200
MOST_FAILURES = 3


def test_random_kernels(request: pytest.FixtureRequest, program_rng: np.random.Generator) -> None:
    seconds = request.config.getoption("--random-seconds", 20.0)
    seed = int(program_rng.integers(2**32))
    failures: list[str] = []
    end = monotonic() + seconds
    kernels = KERNELS if seconds <= 20.0 else 10**9
    for k in range(kernels):
        if monotonic() > end or len(failures) == MOST_FAILURES:
            break
        print(f"kernel ({seed}, {k})", flush=True)
        try:
            check((seed, k))
        except Exception as error:
            failures.append(f"kernel ({seed}, {k}): {type(error).__name__}: {error}")
    assert not failures, "\n\n".join(failures)


def check(seed: tuple[int, int]) -> None:
    """Run one kernel on both."""
    kernel = Generator(seed).make()
    got, want = lay_out(kernel), lay_out(kernel)
    run_interpreted(kernel.function, kernel.grid, want)
    try:
        run_compiled(kernel.function, kernel.grid, got)
    except Exception as error:
        error.add_note(str(kernel.function))
        raise AssertionError(f"{type(error).__name__}: {error}\n{kernel.function}") from error
    assert_same(kernel.function, got, want)
