"""Compiles many functions at once: here, and in processes that help where that pays.

A helper gets functions as the text of their IR, so nothing of the user's program is imported or
pickled, and a script needs no guard around its main part. It sends back artifacts, which go into
the cache of this process and from there to disk; so it works without a folder too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from math import inf
from time import perf_counter
from typing import Final

from tilewright.codegen.artifact import Artifact
from tilewright.codegen.key import cache_key
from tilewright.codegen.options import Options
from tilewright.codegen.target import Target
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError

from ..device import Device, host
from ..launch import artifact_for
from ..settings import settings

# A helper needs 0.6 to 1 second of a core before it compiles: Python, NumPy, LLVM, the IR's reader.
# Below twice that nobody is helped; a simple kernel takes 50 ms here, a matrix product 60 to 170.
START_SECONDS: Final = 1.0

PATIENCE: Final = 3.0  # compiles; configurations differ by as much

_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from tilewright.runtime.tuning.worker import serve; "
    "serve('{}')"
)


Wanted = tuple[ir.Function, Options]  # what to compile, and how


def compile_all(
    functions: Sequence[Wanted], device: Device, report: Callable[[int], object]
) -> list[CompileError | None]:
    """Bring the code of all functions into the cache; gives the error of each that has none.

    `report` is told how many are done.
    """
    todo = deque(range(len(functions)))
    failed: list[CompileError | None] = [None] * len(functions)
    helpers: list[_Helper] = []
    shortest = inf  # the first compile loads LLVM, and those from the cache cost next to nothing
    done = 0
    try:
        while todo:
            report(done)
            try:
                k = todo.popleft()
            except IndexError:  # a helper was faster
                break
            started = perf_counter()
            failed[k] = _compile(*functions[k], device)
            shortest = min(shortest, perf_counter() - started)
            done += 1
            if not helpers and done > 1:
                helpers = _start_helpers(functions, device, todo, shortest * len(todo))
        # What a helper is still at is given the time of a slow compile; then it is done here.
        deadline = perf_counter() + PATIENCE * shortest
        for helper in helpers:
            helper.thread.join(max(0.0, deadline - perf_counter()))
    finally:
        for helper in helpers:
            helper.stop()
    for k in [k for helper in helpers for k in helper.taken]:
        found = next((helper.made[k] for helper in helpers if k in helper.made), None)
        if found is not None:
            key, artifact = found
            device.cache.get_or_build(key, partial(_given, artifact))
        else:  # also for its error, which has a place in the user's file only here
            failed[k] = _compile(*functions[k], device)
        done += 1
        report(done)
    return failed


def _compile(function: ir.Function, options: Options, device: Device) -> CompileError | None:
    try:
        artifact_for(function, device.compile_target, device, options)
    except CompileError as error:
        return error
    return None


def _given(artifact: Artifact) -> Artifact:
    return artifact


def _start_helpers(
    functions: Sequence[Wanted], device: Device, todo: deque[int], seconds: float
) -> list[_Helper]:
    """Helpers for work that would take so many seconds here, none if they would not pay."""
    cores = host().capabilities["cores"]
    assert isinstance(cores, int)
    count = min(cores - 1, int(seconds / (2 * START_SECONDS)), len(todo))
    if count < 1 or not sys.executable or settings.dump_folder is not None:
        return []
    return [_Helper(functions, device.compile_target, todo) for _ in range(count)]


class _Helper:
    """A process that compiles, and the thread that talks to it."""

    def __init__(self, functions: Sequence[Wanted], target: Target, todo: deque[int]) -> None:
        self.taken: list[int] = []
        self.made: dict[int, tuple[str, Artifact]] = {}
        self._functions = functions
        self._target = target
        self._todo = todo
        self._process: subprocess.Popen[bytes] | None = None
        self.thread = threading.Thread(target=self._talk, daemon=True)
        with suppress(OSError):  # no process can be had: then all is done here
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM.format(target.kind), *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        self.thread.start()

    def stop(self) -> None:
        """End the process; what it has not sent yet is lost."""
        if self._process is None:
            return
        self._process.kill()
        self.thread.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _talk(self) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return
        with suppress(OSError, ValueError):  # it was stopped, or died
            if process.stdout.readline() != b"ready\n":
                return
            while self._todo:
                try:
                    k = self._todo.pop()
                except IndexError:
                    return
                self.taken.append(k)
                function, options = self._functions[k]
                how = options.nvrtc, options.toolkit, options.num_warps, options.num_stages
                request = json.dumps([str(self._target), *how, ir.show(function)]).encode()
                process.stdin.write(b"%d\n" % len(request) + request)
                process.stdin.flush()
                size = int(process.stdout.readline())
                if size:
                    artifact = Artifact.from_bytes(process.stdout.read(size))
                    self.made[k] = cache_key(function, self._target, options), artifact
