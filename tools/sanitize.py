"""Runs the tests of the language on a GPU under `compute-sanitizer`, and names those it has a word
for: `python tools/sanitize.py memcheck racecheck`. What follows `--` goes to pytest.

Tests run in pieces, some at a time, each in a process of its own: the sanitizer slows them down by
far, and a kernel that faults ends its process. Errors that the driver reports are no faults of
kernels (what is out of memory on purpose, say), and are left out. With `--gpus`, the pieces are
dealt over that many GPUs. Before memcheck's word is taken, it must find a store that goes astray.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TOOLS: Final = ("memcheck", "racecheck", "synccheck", "initcheck")
PLACES: Final = (Path("/usr/local/cuda/bin"), Path("/opt/cuda/bin"))
PIECE: Final = 40  # tests
LONGEST: Final = 1800.0  # seconds for a piece
FAULTY: Final = 77  # what the sanitizer's exit status is where it found something
TEST: Final = re.compile(r"(tests/\S+?\.py::.+?)(?: (?:PASSED|FAILED|ERROR|SKIPPED)\b.*)?$")
SUMMARY: Final = re.compile(r"^={9} (ERROR|RACECHECK) SUMMARY: (\d+)")
STRAY: Final = """
import tilewright as tw

@tw.kernel
def stray(x):
    tw.store(x.ptr + (1 << 40), 1.0)

stray[1](tw.zeros(1, tw.f32, device="cuda:0"))
tw.synchronize("cuda:0")
"""
FOUND: Final = re.compile(r"^={9} (?!COMPUTE-SANITIZER)\S")


@dataclass
class Piece:
    """What came of some tests: whether all is well, and which tests had what reported."""

    tests: list[str]
    is_well: bool = False
    text: str = ""
    reports: dict[str, str] = field(default_factory=dict)


def main() -> int:
    """Run the tools one after the other."""
    from_shell = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    from_shell.add_argument("tools", nargs="+", choices=TOOLS)
    from_shell.add_argument("--device", default="cuda:0")
    from_shell.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    from_shell.add_argument("--gpus", type=int, default=1)
    from_shell.add_argument("--sanitizer", default=find_sanitizer())
    ours, theirs = split(sys.argv[1:])
    chosen = from_shell.parse_args(ours)
    if chosen.sanitizer is None:
        print("compute-sanitizer is not found: it is part of the CUDA toolkit", file=sys.stderr)
        return 1
    tests = collect(chosen.device, theirs or ["tests/language"])
    print(f"{len(tests)} tests on {chosen.device}", flush=True)
    if "memcheck" in chosen.tools and not sees_a_stray_store(chosen):
        print("memcheck does not see a store that goes astray", file=sys.stderr)
        return 1
    return max(run_tool(tool, tests, chosen) for tool in chosen.tools) if tests else 1


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What is before and behind `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def find_sanitizer() -> str | None:
    """The program, from the path or where toolkits are."""
    found = shutil.which("compute-sanitizer")
    for place in PLACES:
        found = found or shutil.which("compute-sanitizer", path=place)
    return found


def collect(device: str, theirs: list[str]) -> list[str]:
    """The tests that launch on the device, by their ids."""
    command = [*pytest_on(device), "--collect-only", "-q", *theirs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if "::" in line and device in line]
    if not found:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
    return found


def pytest_on(device: str) -> list[str]:
    """The command; output is told as it comes, so that it can be laid to a test."""
    start = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    return [sys.executable, "-u", "-c", start, "-p", "no:cacheprovider", "--device", device]


def run_tool(tool: str, tests: list[str], chosen: argparse.Namespace) -> int:
    """Run all tests under one tool, telling what is found as it is; whether anything was."""
    count = -(-len(tests) // PIECE)
    pieces = [tests[k::count] for k in range(count)]  # slow ones lie beside each other
    bad = 0
    with ThreadPoolExecutor(chosen.jobs) as pool:
        begun = [
            pool.submit(run_piece, tool, chosen, k % chosen.gpus, piece)
            for k, piece in enumerate(pieces)
        ]
        for number, done in enumerate(as_completed(begun), 1):
            piece = done.result()
            print(f"{tool}: {number} of {len(pieces)} pieces", flush=True)
            bad += not piece.is_well
            if not piece.is_well:
                tell(tool, piece)
    print(f"{tool}: {len(tests)} tests in {len(pieces)} pieces, {bad} not well", flush=True)
    return int(bad > 0)


def tell(tool: str, piece: Piece) -> None:
    """What was found in a piece."""
    for test, report in piece.reports.items():
        print(f"\n{tool}: {test}\n{report}")
    if not piece.reports:
        print(f"\n{tool}: one of these, without a word: {', '.join(piece.tests)}")
        print(piece.text[-3000:])


def sees_a_stray_store(chosen: argparse.Namespace) -> bool:
    """Whether memcheck finds what it is for."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "stray.py")
        script.write_text(STRAY)
        _, lines = run_under("memcheck", chosen, 0, [sys.executable, str(script)])
    return any("Invalid __global__ write" in line for line in lines) and errors_in(lines) > 0


def run_piece(tool: str, chosen: argparse.Namespace, gpu: int, tests: list[str]) -> Piece:
    """Run some tests under a tool, on one of the GPUs."""
    command = [*pytest_on(chosen.device), "-v", "-s", "-rN", "--tb=short", *tests]
    try:
        status, lines = run_under(tool, chosen, gpu, command)
    except subprocess.TimeoutExpired as late:
        return Piece(tests, False, f"no end after {late.timeout:.0f} s")
    is_well = status == 0 and not errors_in(lines)
    return Piece(tests, is_well, "\n".join(lines), {} if is_well else dict(reports_of(lines)))


def run_under(
    tool: str, chosen: argparse.Namespace, gpu: int, command: list[str]
) -> tuple[int, list[str]]:
    """Run a command under a tool, a GPU being its `cuda:0`; its exit status and what it printed.

    Without the host's part of backtraces: to find it takes ten times as long as all the rest.
    """
    of_tool = [
        chosen.sanitizer, "--tool", tool, "--report-api-errors", "no", "--show-backtrace", "device",
        "--error-exitcode", str(FAULTY), "--target-processes", "application-only",
    ]  # fmt: skip
    surroundings = os.environ | ({"CUDA_VISIBLE_DEVICES": str(gpu)} if chosen.gpus > 1 else {})
    done = subprocess.run(
        [*of_tool, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=LONGEST, check=False, env=surroundings,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def errors_in(lines: Iterable[str]) -> int:
    """How many errors a tool counted."""
    return sum(int(found[2]) for line in lines if (found := SUMMARY.match(line)))


def reports_of(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """For each test that failed, or that the sanitizer reported something of, what it was."""
    test, has_failed = "", False
    told: list[str] = []
    for line in [*lines, "tests/end.py::end"]:
        begun = TEST.match(line)
        if begun and begun[1] != test:
            if test and (has_failed or any(FOUND.match(one) for one in told)):
                yield test, "\n".join(told[:60])
            test, told, has_failed = begun[1], [], False
        elif SUMMARY.match(line) is None:
            told.append(line)
        has_failed |= line.endswith("FAILED") or " FAILED " in line or line == "FAILED"


if __name__ == "__main__":
    sys.exit(main())
