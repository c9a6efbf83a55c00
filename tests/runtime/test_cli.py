"""The command line: every command, and its errors without tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.__main__ import main
from tilewright.runtime.cache import SUFFIX
from tilewright.runtime.limits import Limits
from tilewright.runtime.tuning.record import read_records

SOURCE = """
import tilewright as tw

@tw.kernel
def scale(x, a, out, BLOCK: tw.constexpr, KIND: tw.constexpr = "plain"):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i]

print("top of the file")
if __name__ == "__main__":
    raise SystemExit("not for inspection")
"""

ARGUMENTS = ["--signature", "f32[::1], f32, f32[::1]", "--set", "BLOCK=64"]


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TILEWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "kernels.py"
    file.write_text(SOURCE)
    return f"{file}:scale"


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("source", "def scale(x, a, out"),
        ("ir", "function scale(%x: f32[::1]"),
        ("ir_optimized", "function scale("),
        ("plan", ""),
        ("llvm", "define i32 @"),
        ("asm", ".text"),
        ("metadata", "origin: compiled"),
    ],
)
def test_a_stage_is_shown(
    kernel: str, stage: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", kernel, *ARGUMENTS, "--stage", stage]) == 0
    output = capsys.readouterr().out.removeprefix("top of the file\n")
    assert words in output
    assert output.strip()


def test_without_a_stage_there_is_a_summary(
    kernel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", kernel, *ARGUMENTS]) == 0
    output = capsys.readouterr().out
    assert f"scale for {tw.device().target}" in output
    assert "ir_optimized" in output


def test_timings_are_shown(kernel: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", kernel, *ARGUMENTS, "--timings"]) == 0
    lines = capsys.readouterr().out.removeprefix("top of the file\n").splitlines()
    assert f"scale for {tw.device().target}" == lines[0]
    assert ["frontend", "total"] == [lines[1].split()[0], lines[-1].split()[0]]
    assert all(line.endswith(" %") for line in lines[1:])


def test_another_target_may_be_chosen(kernel: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--target", "cpu:x86-64-v4", "--stage", "asm"]
    assert main(["inspect", kernel, *ARGUMENTS, *options]) == 0
    assert "zmm" in capsys.readouterr().out


def test_an_object_goes_to_a_file(kernel: str, tmp_path: Path) -> None:
    path = tmp_path / "scale.o"
    options = ["--stage", "object", "--output", str(path)]
    assert main(["inspect", kernel, *ARGUMENTS, *options]) == 0
    assert path.read_bytes()[:4] == b"\x7fELF"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name: [name + "s", *ARGUMENTS], "there is no kernel 'scales' in"),
        (lambda name: [name + "s", *ARGUMENTS], "; there are scale"),
        (lambda name: ["nowhere.py:scale", *ARGUMENTS], "there is no file 'nowhere.py'"),
        (lambda name: ["scale", *ARGUMENTS], "expected FILE:KERNEL"),
        (lambda name: [name], "signature '' has 0 types, expected 3"),
        (lambda name: [name, *ARGUMENTS[:2]], "missing the constexpr argument 'BLOCK'"),
        (lambda name: [name, *ARGUMENTS, "--set", "BLOK=1"], "no constexpr parameter 'BLOK'"),
        (lambda name: [name, *ARGUMENTS, "--set", "BLOCK"], "expected NAME=VALUE"),
        (lambda name: [name, *ARGUMENTS, "--target", "cuda:sm_90"], "did you mean `cuda:sm_90a`"),
    ],
)
def test_errors_are_told_without_a_traceback(
    kernel: str, change: object, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", *change(kernel)]) == 1
    errors = capsys.readouterr().err
    assert message in errors
    assert "Traceback" not in errors


def test_the_cache_can_be_looked_after(
    kernel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who measures the machine compiles kernels for it, which are kept as well.
    monkeypatch.setattr(Limits, "peak", lambda self, wide=False: 1e9)
    monkeypatch.setattr(Limits, "bandwidth", lambda self, share=0.5, footprint=None: 1e9)

    def output(action: str, status: int = 0) -> str:
        assert main(["cache", action]) == status
        return capsys.readouterr().out.strip()

    folder = tmp_path / "cache"
    assert output("path") == str(folder)
    main(["inspect", kernel, *ARGUMENTS, "--stage", "metadata"])
    capsys.readouterr()
    assert f"{folder}: 1 entries, " in output("info")
    assert output("verify") == "1 entries, 0 damaged"
    (entry,) = folder.glob(f"*{SUFFIX}")
    entry.write_bytes(entry.read_bytes()[:-1])
    assert "truncated" in output("verify", status=1)
    assert output("clear") == "1 entries removed"
    assert list(folder.iterdir()) == []


TUNED = """
import sys
import numpy as np
import tilewright as tw

@tw.autotune(configs=[tw.Config(BLOCK=1), tw.Config(BLOCK=64)])
@tw.kernel
def fill(out, BLOCK: tw.constexpr):
    out[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = 7.0

if __name__ == "__main__":
    out = np.zeros(int(sys.argv[1]), np.float32)
    fill[lambda p: (len(out) // p.BLOCK,)](out)
    assert (out == 7).all()
"""


def test_a_script_is_tuned_and_its_choices_looked_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TILEWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TILEWRIGHT_TUNE", "0")  # the command knows better, and is undone after it
    monkeypatch.setattr(sys, "argv", ["tilewright"])
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr("tilewright.runtime.tuning.store._everything", {})
    script, exported = tmp_path / "fill.py", tmp_path / "fill.json"
    script.write_text(TUNED)
    assert main(["tune", "--export", str(exported), str(script), "6400"]) == 0
    shown = capsys.readouterr()
    assert "fill(f32[::1]; narrow, disjoint) for out.shape=[6400]: BLOCK=64" in shown.out
    assert "  BLOCK=1   " in shown.out and "slower" in shown.out
    assert "tilewright: tuned fill" in shown.err
    (found,) = read_records(exported.read_bytes(), "file")
    assert found.chosen.config == "BLOCK=64"
    assert main(["tune", "--list"]) == 0
    assert capsys.readouterr().out == shown.out
    assert main(["tune", "--clear"]) == 0
    assert capsys.readouterr().out == "1 choices forgotten\n"
    assert main(["tune", "--list"]) == 0
    assert capsys.readouterr().out == "nothing is tuned\n"
    assert main(["tune", "nowhere.py"]) == 1
    assert "there is no file 'nowhere.py'" in capsys.readouterr().err
    assert main(["tune"]) == 1
    assert "expected a script" in capsys.readouterr().err


def test_devices_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    output = capsys.readouterr().out
    assert output.startswith(f"cpu: {tw.device().name}, {tw.device().target}\n")
    assert "features" in output


def test_wrong_usage_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["inspekt"])
    assert caught.value.code == 2
    assert "invalid choice: 'inspekt'" in capsys.readouterr().err


def test_the_package_is_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "tilewright", "--version"]
    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == tw.__version__
