"""NVRTC is opened once, also where a thread begins with it before there is anything to compile."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tilewright.codegen import backends, nvrtc
from tilewright.codegen.nvrtc import begin_to_load, open_nvrtc
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target
from tilewright.codegen.toolkit import find_nvrtc

HOPPER = parse_target("cuda:sm_90a")
needs_nvrtc = pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")

BEGIN = f"""
import sys
from tilewright.codegen.backends import begin_to_load_backend
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target
from tilewright.codegen.toolkit import find_nvrtc
begin_to_load_backend(parse_target("{HOPPER}"), Options(nvrtc=find_nvrtc().path))
"""


@pytest.fixture(autouse=True)
def nothing_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not begun."""
    monkeypatch.setattr(nvrtc, "_begun", set())


def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is opened, and compiled, from now on."""
    found: list[str] = []

    class Recorder:
        def __init__(self, path: str) -> None:
            found.append(path)

        def compile(self, text: str, *_: object) -> None:
            found.append(text)

    monkeypatch.setattr(nvrtc, "Nvrtc", Recorder)
    nvrtc._opened.cache_clear()
    return found


def test_a_thread_opens_it_and_compiles_a_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(monkeypatch)
    for _ in range(3):
        begin_to_load(HOPPER, Options(nvrtc="/some/libnvrtc.so.13"))
    begin_to_load(HOPPER, Options())
    open_nvrtc("/some/libnvrtc.so.13")
    nvrtc._finish_loading()
    nvrtc._opened.cache_clear()
    assert found == ["/some/libnvrtc.so.13", "__global__ void nothing() {}"]


def test_nothing_is_loaded_for_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(monkeypatch)
    options = Options(nvrtc="/some/libnvrtc.so.13")
    backends.begin_to_load_compiler(parse_target("cpu:x86-64-v3"), options)
    nvrtc._finish_loading()
    assert found == []


def test_what_goes_wrong_is_told_by_the_compile() -> None:
    begin_to_load(HOPPER, Options(nvrtc="/nowhere/libnvrtc.so.13"))
    nvrtc._finish_loading()
    with pytest.raises(nvrtc.CompileError, match="NVRTC cannot be loaded: /nowhere/libnvrtc"):
        open_nvrtc("/nowhere/libnvrtc.so.13")


FORK = """
import os
child = os.fork()
if child == 0:
    from tilewright.codegen.backends import find_backend
    os._exit(find_backend("cuda").language != "cuda")
assert os.waitpid(child, 0)[1] == 0
"""


@needs_nvrtc
@pytest.mark.parametrize(("end", "code"), [("", 0), ("sys.exit(3)", 3), (FORK, 0)])
def test_a_process_may_end_or_fork_meanwhile(end: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", BEGIN + end], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
