"""Runs programs in a child process, so that a crash or an endless loop costs one program only.

`python -m tests.fuzz --seconds 3600` hunts; every failure is shrunk and printed as a test. With
`--device cuda:0` programs run on that GPU as well, with `--device emulated` code for GPUs does on
the host, for which g++ is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final, TextIO

from .check import Outcome, check, stop_numpy_warnings
from .generate import Generator
from .parties import circumstances
from .program import Program
from .shrink import regression_test, shrink

LONGEST: Final = 120.0  # seconds for one program, which takes less than one
# Finds packages in these folders first, and before what an editable install redirects.
START: Final = (
    "import sys; sys.meta_path = [f for f in sys.meta_path if 'Redirecting' not in str(type(f))]; "
    "sys.path[:0] = {paths!r}; "
)
# The folder of the tests as a package, and nothing else of the tree that it is in.
PACKAGE: Final = (
    "import types; sys.modules[{name!r}] = types.ModuleType({name!r}); "
    "sys.modules[{name!r}].__path__ = [{path!r}]; "
)
PROGRAMS_PER_CHILD: Final = 400  # a child keeps what it compiled


class Child:
    """A process that checks programs one after another; it is started anew after a crash."""

    def __init__(self, copy: str | None = None, gpu: str | None = None) -> None:
        self.copy = copy  # a folder with a copy of the package, to be used instead of the package
        self.gpu = gpu  # where programs run besides the CPU: a GPU's name, or `emulated`
        self.process: subprocess.Popen[str] | None = None
        self.folder: tempfile.TemporaryDirectory[str] | None = None  # what it leaves behind
        self.checked = 0

    def check(self, program: Program, longest: float = LONGEST) -> Outcome:
        """What becomes of a program."""
        if self.process is None or self.process.poll() is not None:
            self._start()
        process = self.process
        assert process is not None and process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(program.dump() + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], longest)
            line = process.stdout.readline() if ready else None
        except BrokenPipeError:
            line = ""
        if line is None:
            self.close()
            return Outcome("hung", f"no end after {longest:.0f} s")
        if not line:
            code = process.wait()
            self.close()
            if code == -signal.SIGTERM:  # ended from outside
                return self.check(program, longest)
            return Outcome("died", f"exit code {code}")
        outcome = Outcome(**json.loads(line))
        self.checked += 1
        if self.checked >= PROGRAMS_PER_CHILD or outcome.kind == "died":
            self.close()
        return outcome

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
        if self.folder is not None:
            self.folder.cleanup()
            self.folder = None
        self.checked = 0

    def _start(self) -> None:
        tests = Path(__file__).parents[1]
        start = "import sys; " if self.copy is None else START.format(paths=[self.copy])
        start += PACKAGE.format(name=tests.name, path=str(tests))
        start += f"import runpy; sys.argv[1:] = {['--child', *([self.gpu] if self.gpu else [])]}; "
        start += f"runpy.run_module('{tests.name}.fuzz.run', None, '__main__')"
        self.folder = tempfile.TemporaryDirectory(prefix="tilewright-fuzz-")
        environment = os.environ | {
            "PYTHONSAFEPATH": "1",
            "TMPDIR": self.folder.name,
            "TILEWRIGHT_CACHE_SIZE": "0",  # each program is new
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )


def serve(source: TextIO, answers: TextIO, gpu: str | None) -> None:
    """The child's side: a program a line in, an outcome a line out."""
    stop_numpy_warnings()
    with tempfile.TemporaryDirectory() as folder:
        for line in source:
            outcome = check(Program.load(line), Path(folder), gpu)
            answers.write(json.dumps(outcome.as_data()) + "\n")
            answers.flush()


class Hunt:
    """Random programs until the time is over."""

    def __init__(self, seed: int, child: Child) -> None:
        self.seed = seed
        self.child = child
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.failures: list[tuple[int, Program, Outcome]] = []

    def run(
        self,
        seconds: float,
        first: int = 0,
        most_failures: int = 3,
        most: int = 10**9,
        found: Callable[[int, Program, Outcome], None] | None = None,
        least: int = 0,
    ) -> None:
        """Try programs, `least` even when the time is over; `found` is told of each that fails."""
        end = monotonic() + seconds
        for number in range(first, first + most):
            is_over = monotonic() > end and number >= first + least
            if is_over or len(self.failures) >= most_failures:
                break
            program = Generator((self.seed, number)).make()
            outcome = self.child.check(program)
            self.counts[outcome.kind] += 1
            if outcome.kind == "refused":
                self.reasons[_reason(outcome.detail)] += 1
            if outcome.is_failure:
                self.failures.append((number, program, outcome))
                if found is not None:
                    found(number, program, outcome)

    def report(self) -> str:
        """How many programs ended how."""
        parts = [f"{number} {kind}" for kind, number in self.counts.most_common()]
        return f"--seed {self.seed}: {sum(self.counts.values())} programs: {', '.join(parts)}"


def main(arguments: list[str]) -> int:
    """Hunt from the shell."""
    from_shell = argparse.ArgumentParser(prog="fuzz", description="hunt with random programs")
    from_shell.add_argument("--seconds", type=float, default=60.0)
    from_shell.add_argument("--seed", type=int, default=None)
    from_shell.add_argument("--first", type=int, default=0, help="number of the first program")
    from_shell.add_argument("--most", type=int, default=10**9, help="how many programs")
    from_shell.add_argument("--failures", type=int, default=100, help="how many until it stops")
    from_shell.add_argument("--shrink-seconds", type=float, default=180.0, help="for one failure")
    from_shell.add_argument("--program", type=Path, help="check only this one, saved before")
    from_shell.add_argument("--save", type=Path, help="a folder for the programs that failed")
    from_shell.add_argument("--device", help="a GPU to run on as well, or `emulated`")
    chosen = from_shell.parse_args(arguments)
    seed = secrets.randbits(32) if chosen.seed is None else chosen.seed
    child = Child(gpu=chosen.device)
    hunt = Hunt(seed, child)

    def found(number: int, program: Program, outcome: Outcome) -> None:
        print(f"({seed}, {number}) {outcome.title}: {outcome.detail[:600]}", flush=True)
        if chosen.save is not None:
            chosen.save.mkdir(parents=True, exist_ok=True)
            (chosen.save / f"{seed}_{number}.json").write_text(program.dump())
        if chosen.shrink_seconds > 0:
            print(report_of(program, outcome, child, chosen.shrink_seconds), flush=True)

    if chosen.program is not None:
        program = Program.load(chosen.program.read_text())
        outcome = child.check(program)
        print(report_of(program, outcome, child, chosen.shrink_seconds))
        child.close()
        return int(outcome.is_failure)
    for ended in (signal.SIGINT, signal.SIGTERM):  # a long hunt may be ended, and reports
        signal.signal(ended, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        hunt.run(chosen.seconds, chosen.first, chosen.failures, chosen.most, found)
    child.close()
    print(hunt.report())
    for reason, number in hunt.reasons.most_common(12):
        print(f"  refused {number}: {reason[:500]}")
    return 1 if hunt.failures else 0


def _reason(detail: str) -> str:
    """An error without the place, so that equal ones are counted together."""
    _, _, message = detail.partition("error: ")
    return message or detail


def report_of(program: Program, outcome: Outcome, child: Child, longest: float = 60.0) -> str:
    """What became of a program; if it failed, made small and as a test."""
    if not outcome.is_failure:
        return f"{outcome.kind}: {outcome.detail}"
    small, last = shrink(program, outcome, child.check, longest)
    where = circumstances(last.party, small)
    return f"{last.title}: {last.detail}\n{where}{regression_test(small)}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        output = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # what kernels print must not look like an answer
        serve(sys.stdin, output, next(iter(sys.argv[2:]), None))
    else:
        sys.exit(main(sys.argv[1:]))
