"""The benchmarks run: a small one, against NumPy only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
