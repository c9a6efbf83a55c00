"""Every example runs by itself, checks its own result and prints one line; on a GPU as well."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from .on_device import launches_on

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.py"))


def test_there_are_enough_examples() -> None:
    assert len(EXAMPLES) >= 10
    numbers = [int(path.stem.split("_")[0]) for path in EXAMPLES]
    assert numbers == list(range(1, len(EXAMPLES) + 1))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", path],
        env=os.environ | {"TILEWRIGHT_TUNE_PROGRESS": "0"},  # which is told on standard error
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert len(ran.stdout.splitlines()) == 1


@pytest.mark.cuda
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_agrees_with_the_cpu_on_a_gpu(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It checks its results there, too, where each launch has its arrays in the GPU's memory; and
    nearly all of their elements are what they are on the CPU (points at the border of a set, say,
    are not).
    """
    monkeypatch.setenv("TILEWRIGHT_TUNE_PROGRESS", "0")
    seed = np.random.SeedSequence().entropy
    fresh = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda: fresh(seed))
    here = arrays_of(path)
    with launches_on("cuda:0"):
        there = arrays_of(path)
    for name, expected in here.items():
        size = np.abs(expected).max(initial=0)
        same = np.isclose(there[name], expected, rtol=1e-4, atol=1e-5 * size)
        assert same.mean() > 0.99, f"{name} differs (default_rng({seed}))"


def arrays_of(path: Path) -> dict[str, NDArray[Any]]:
    """Run an example; the arrays that it has at the end."""
    found = runpy.run_path(str(path), run_name="__main__")
    return {
        name: one for name, one in found.items() if isinstance(one, np.ndarray) and one.size > 0
    }
