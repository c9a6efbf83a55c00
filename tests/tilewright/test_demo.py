"""The demonstration runs from beginning to end and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="its wheel holds the photograph: the extra `demo`")


def test_the_demonstration_runs(tmp_path: Path) -> None:
    environment = os.environ | {"TILEWRIGHT_CACHE_DIR": str(tmp_path / "cache")}
    ran = subprocess.run(
        [sys.executable, "-m", "tilewright", "demo", "--output", str(tmp_path)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    for name in ("original", "before", "after"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    lines = ran.stdout.splitlines()
    assert any("empty cache" in line and line.endswith("compiled") for line in lines)
    assert any("second process" in line and line.endswith("disk") for line in lines)
    tasks = [line for line in lines if line.startswith(("bilateral", "softmax", "matmul"))]
    assert len(tasks) == 5
