"""What a process pays before it computes: the import and the first softmax, cold and cached."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles

from harness import OURS, Row, Timing

PROGRAMS = Path(__file__).resolve().parents[1] / "start"
CACHE_VARIABLES = ("TILEWRIGHT_CACHE_DIR", "NUMBA_CACHE_DIR")


def measure_import(peers: Sequence[str], rounds: int) -> Row:
    """Seconds that `import x` takes after `import numpy`, in fresh processes, in turns."""
    names = [name for name in ("numba", "torch", "taichi", "warp") if name in peers]
    there = [name for name in names if importlib.util.find_spec(name)]
    seconds: dict[str, list[float]] = {name: [] for name in (*there, OURS)}
    for _ in range(rounds):
        for name in seconds:
            seconds[name].append(_run("imports.py", name)["seconds"])
    return Row("import, after numpy", _timings(seconds), tuple(set(names) - set(there)))


def measure_first_call(peers: Sequence[str], rounds: int, *, cold: bool) -> Row:
    """Seconds from the import to the first softmax, with an empty cache or a filled one."""
    names = [name for name in ("numba",) if name in peers]
    there = [name for name in names if importlib.util.find_spec(name)]
    seconds: dict[str, list[float]] = {name: [] for name in (*there, OURS)}
    origins = set()
    for _ in range(rounds):
        for name in seconds:
            with tempfile.TemporaryDirectory() as cache:
                if not cold:
                    _run(f"softmax_{name}.py", cache=cache)
                found = _run(f"softmax_{name}.py", cache=cache)
            seconds[name].append(found["seconds"])
            if name == OURS:
                origins.add(found["origin"])
    title = "first softmax, cold" if cold else "first softmax, cache filled"
    note = f"origin of our code: {', '.join(sorted(origins))}"
    return Row(title, _timings(seconds), tuple(set(names) - set(there)), (note,))


START = {
    "start: import": measure_import,
    "start: softmax cold": lambda peers, rounds: measure_first_call(peers, rounds, cold=True),
    "start: softmax warm": lambda peers, rounds: measure_first_call(peers, rounds, cold=False),
}


def _run(program: str, *arguments: str, cache: str | None = None) -> Mapping[str, object]:
    environment = dict(os.environ)
    if cache is not None:
        environment |= dict.fromkeys(CACHE_VARIABLES, cache)
    ran = subprocess.run(
        [sys.executable, PROGRAMS / program, *arguments],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(ran.stdout.splitlines()[-1])  # some peers greet on import


def _timings(seconds: Mapping[str, Sequence[float]]) -> dict[str, Timing]:
    result = {}
    for name, values in seconds.items():
        low, median, high = quantiles(values, n=4)
        result[name] = Timing(median, low, high, 0.0, 0.0)
    return result
