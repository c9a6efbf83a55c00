"""The benchmarks run: a small one, against NumPy only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_a_benchmark_writes_its_results(tmp_path: Path) -> None:
    ran = subprocess.run(
        [
            sys.executable, ROOT / "benchmarks" / "run.py", "--only", "softmax 1823",
            "--peers", "numpy,no-such-peer", "--rounds", "1", "--results", tmp_path,
        ],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "softmax 1823x781" in ran.stdout
    (row,) = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert row["timings"]["tilewright"]["max_error"] < 1e-5


@pytest.mark.cuda
def test_launches_on_a_gpu_are_measured() -> None:
    script = ROOT / "benchmarks" / "launch_gpu.py"
    ran = subprocess.run(
        [sys.executable, script, "--rounds", "2"], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    head, *rows = ran.stdout.split("\n\n")[1].splitlines()
    assert [row.split()[0] for row in rows] == ["one", "three", "five"]
    assert all(row.count("us (") == len(head.split()) - 1 for row in rows)
