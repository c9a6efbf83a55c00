"""What a process pays before it computes: imports, and first calls with and without a cache."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

from harness import OURS, Row, timing

PROGRAMS = Path(__file__).resolve().parents[1] / "start"
CACHE_VARIABLES = ("TILEWRIGHT_CACHE_DIR", "NUMBA_CACHE_DIR", "JAX_COMPILATION_CACHE_DIR")
# JAX would keep only what took it a second to compile. Installed packages have their bytecode,
# but from a source tree Python may be told to write none.
ENVIRONMENT = os.environ | {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)

Start = Callable[[Sequence[str], int], Row]


def measure_import(peers: Sequence[str], rounds: int) -> Row:
    """Seconds that `import x` takes after `import numpy`, in fresh processes, in turns."""
    names, skipped = _installed(("numba", "torch", "jax", "taichi", "warp"), peers)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            seconds[name].append(_run("imports.py", name)[0])
    return _row("import, after numpy", seconds, skipped)


def measure_compile(peers: Sequence[str], rounds: int, *, task: str) -> Row:
    """Seconds of the first call after the imports, with an empty cache."""
    return _measure_first(f"cold compile of {task}", task, peers, rounds, is_cold=True)


def measure_warm(peers: Sequence[str], rounds: int, *, task: str) -> Row:
    """Seconds of the first call after the imports, with a cache that has what it needs."""
    return _measure_first(f"first {task}, cache filled", task, peers, rounds, is_cold=False)


def measure_process(peers: Sequence[str], rounds: int) -> Row:
    """Seconds from the start to the end of a process, its imports included, with a filled cache."""
    return _measure_first(
        "whole process of saxpy, cache filled", "saxpy", peers, rounds, is_cold=False, is_whole=True
    )


def _measure_first(
    title: str, task: str, peers: Sequence[str], rounds: int, *, is_cold: bool,
    is_whole: bool = False,
) -> Row:  # fmt: skip
    names, skipped = _installed(("numpy", "numba", "jax") if is_whole else ("numba", "jax"), peers)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    origins = set()
    for _ in range(rounds):
        for name in names:
            with tempfile.TemporaryDirectory() as cache:
                if not is_cold:
                    _run("first_call.py", name, task, cache=cache)
                before = set(Path(cache).rglob("*"))
                first, whole = _run("first_call.py", name, task, cache=cache)
                is_found = bool(before) and before == set(Path(cache).rglob("*"))
            seconds[name].append(whole if is_whole else first)
            if name == OURS:
                origins.add("disk" if is_found else "compiled")
    return _row(title, seconds, skipped, f"origin of our code: {', '.join(sorted(origins))}")


START: Mapping[str, Start] = {
    "start: import": measure_import,
    **{
        f"start: {name} {task}": partial(measure, task=task)
        for name, measure in (("cold", measure_compile), ("warm", measure_warm))
        for task in ("saxpy", "softmax", "matmul")
    },
    "start: whole process": measure_process,
}


def _installed(names: Sequence[str], peers: Sequence[str]) -> tuple[tuple[str, ...], set[str]]:
    wanted = {name for name in names if name in peers}
    there = tuple(name for name in names if name in wanted and importlib.util.find_spec(name))
    return (*there, OURS), wanted - set(there)


def _run(program: str, *arguments: str, cache: str | None = None) -> tuple[float, float]:
    """What a program printed, and how long it ran."""
    environment = dict(ENVIRONMENT)
    if cache is not None:
        environment |= dict.fromkeys(CACHE_VARIABLES, cache)
    begin = perf_counter()
    ran = subprocess.run(
        [sys.executable, PROGRAMS / program, *arguments],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    whole = perf_counter() - begin
    return float(ran.stdout.splitlines()[-1]), whole  # some peers greet on import


def _row(title: str, seconds: Mapping[str, Sequence[float]], skipped: set[str], *notes: str) -> Row:
    timings = {name: timing(values, 0.0, 0.0) for name, values in seconds.items()}
    return Row(title, timings, tuple(skipped), notes)
