"""Index values become floats: rounded once, whatever way the machine takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


@tw.kernel
def places(out, far, FACTOR: tw.constexpr, AWAY: tw.constexpr, N: tw.constexpr):
    """Places of programs, which are known to be small or not, and of a number that is not known."""
    i = tw.program_id(0) * FACTOR - AWAY + tw.arange(N)
    out[tw.program_id(0), 0:N] = i.to(out.dtype)
    out[tw.num_programs(0) + tw.program_id(0), 0:N] = (far + i).to(out.dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factor", [64, (1 << 19) - 3, (1 << 24) + 3, (1 << 31) + 1])
def test_places_are_rounded_once(
    guarded: Guarded, rng: np.random.Generator, factor: int, dtype: type
) -> None:
    away, far = int(rng.integers(1 << 34)), int(rng.integers(1 << 61, 1 << 62))
    out = guarded((200, 48), dtype)
    places[100](out, np.int64(far), FACTOR=factor, AWAY=away, N=48)
    i = np.arange(100)[:, None] * factor - away + np.arange(48)
    np.testing.assert_array_equal(out, np.concatenate([i, far + i]).astype(dtype))
