"""The parts of `native/` that know no Python pass their own tests, in one small executable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[2] / "native"
# A venv's tools are found without activating it.
TOOLS = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
CMAKE = shutil.which("cmake", path=TOOLS)


@pytest.mark.skipif(CMAKE is None, reason="cmake is not installed")
def test_the_cpp_tests_pass(tmp_path: Path) -> None:
    assert CMAKE is not None
    options = ("-DTILEWRIGHT_BUILD_TESTS=ON", "-DTILEWRIGHT_BUILD_EXTENSION=OFF")
    _run(CMAKE, "-S", str(NATIVE), "-B", str(tmp_path), *options)
    _run(CMAKE, "--build", str(tmp_path), "--parallel", "2")
    _run(str(tmp_path / "native_tests"))


def _run(*command: str) -> None:
    ran = subprocess.run(
        command, env=os.environ | {"PATH": TOOLS}, capture_output=True, text=True, timeout=500
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
