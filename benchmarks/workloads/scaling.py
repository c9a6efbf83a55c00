"""All threads against one: our own kernels, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from harness import OURS, THREADS, Row, timing

RUN = Path(__file__).resolve().parents[1] / "run.py"
BOUND_BY_ARITHMETIC = (
    "gelu tanh 2^22", "Black-Scholes 2^21", "sort of rows 1024x1024", "mandelbrot 1024^2",
    "n-body 4096", "matmul 1024", "matmul of 1000 x 32^3", "conv2d 64x56x56 3x3", "attention full",
)  # fmt: skip
TURNS = 2  # of each number of threads


def measure_scaling(peers: Sequence[str], rounds: int, *, workload: str) -> Row:
    """One thread takes the place of the peers: the ratio is how much faster all of them are."""
    all_threads = str(THREADS)
    seconds: dict[str, list[float]] = {"1": [], all_threads: []}
    for _ in range(TURNS):
        for threads in seconds:
            seconds[threads].append(_median(workload, threads, max(1, rounds // TURNS)))
    timings = {"one thread": timing(seconds["1"], 0.0, 0.0)}
    timings[OURS] = timing(seconds[all_threads], 0.0, 0.0)
    return Row(f"{workload}, {all_threads} threads", timings)


def _median(workload: str, threads: str, rounds: int) -> float:
    with tempfile.TemporaryDirectory() as results:
        subprocess.run(
            [
                sys.executable, RUN, "--only", workload, "--peers", "", "--threads", threads,
                "--rounds", str(rounds), "--results", results,
            ],
            capture_output=True, check=True,
        )  # fmt: skip
        (row,) = json.loads((Path(results) / "results.json").read_text())["rows"]
    return float(row["timings"][OURS]["median"])


SCALING = {
    f"scaling: {name}": partial(measure_scaling, workload=name) for name in BOUND_BY_ARITHMETIC
}
