"""Every example runs by itself, checks its own result and prints one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
