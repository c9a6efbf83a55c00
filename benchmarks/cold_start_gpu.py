"""Measures the first launch of a process on a GPU, with an empty cache and with a filled one.

Run it on a machine with a GPU: `python benchmarks/cold_start_gpu.py`; with torch and Triton it has
theirs beside ours. Every figure is of a fresh process: from the call of a kernel to the end of its
work, after imports, the GPU's context and the arrays. Below each row is where ours went, in the
fastest process. `--quick` measures Tilewright alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parent / "start" / "first_launch.py"
# Milliseconds that a first launch may take, with an empty cache and with a filled one.
BARS = {"softmax": (120, 5), "matmul": (350, None), "attention": (500, 12)}
CACHES = ("TILEWRIGHT_CACHE_DIR", "TRITON_CACHE_DIR")
# Installed packages have their bytecode, but from a source tree Python may be told to write none.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Print two rows for each kernel."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="Tilewright alone")
    parser.add_argument("--rounds", type=int, default=2, help="processes of Tilewright, each cache")
    chosen = parser.parse_args()
    peers = [name for name in ("torch", "triton") if importlib.util.find_spec(name) is not None]
    with tempfile.TemporaryDirectory() as folder:
        first = run(folder, "tilewright", "softmax")
    gpu = json.loads(subprocess.run(
        [sys.executable, "-c", "import json, tilewright as tw; d = tw.device('cuda:0'); "
         "print(json.dumps([d.name, d.target, d.capabilities['driver'], "
         "__import__('tilewright.runtime.compilers').runtime.compilers"
         ".options_for(d.compile_target).versions[-1][1]]))"],
        env=ENVIRONMENT, capture_output=True, check=True, text=True,
    ).stdout)  # fmt: skip
    print(f"command     python benchmarks/cold_start_gpu.py {' '.join(sys.argv[1:])}".rstrip())
    print(f"gpu         {gpu[0]}, {gpu[1]}, driver of CUDA {gpu[2]}, NVRTC {gpu[3]}")
    print(
        f"versions    Python {platform.python_version()}, beside it: {', '.join(peers) or 'none'}"
    )
    print(
        f"first of all {1e3 * first['seconds']:.1f} ms: bytecode written, libraries read from disk"
    )
    print(f"\n{'first launch, ms':<28}{'Triton':>9}{'ours':>9}{'ratio':>7}{'bar':>6}  on torch")
    for task in BARS:
        measure(task, chosen.rounds, [] if chosen.quick else peers)


def measure(task: str, rounds: int, peers: list[str]) -> None:
    """Print the rows of one kernel."""
    ours: list[list[dict[str, Any]]] = [[], []]
    theirs, tensors = [None, None], [None, None]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for filled in (0, 1):
                ours[filled].append(run(folder, "tilewright", task, "phases"))
    if "torch" in peers:
        with tempfile.TemporaryDirectory() as folder:
            for filled in (0, 1):
                tensors[filled] = run(folder, "tilewright", task, "torch")["seconds"]
    if len(peers) == 2:
        with tempfile.TemporaryDirectory() as folder:
            for filled in (0, 1):
                theirs[filled] = run(folder, "triton", task)["seconds"]
    for filled, what in enumerate(("empty cache", "filled cache")):
        best = min(ours[filled], key=lambda one: float(one["seconds"]))
        peer, mine = theirs[filled], best["seconds"]
        shown = ("-", "-") if peer is None else (f"{1e3 * peer:.1f}", f"{peer / mine:.2f}")
        bar = "" if BARS[task][filled] is None else str(BARS[task][filled])
        of_torch = "-" if tensors[filled] is None else f"{1e3 * tensors[filled]:.1f}"
        row = f"{shown[0]:>9}{1e3 * mine:>9.1f}{shown[1]:>7}{bar:>6}  {of_torch}"
        print(f"{task + ', ' + what:<28}{row}", flush=True)
        phases: dict[str, float] = best["phases"]
        phases["call and launch"] = mine - sum(phases.values())
        told = [f"{name} {1e3 * seconds:.1f}" for name, seconds in phases.items()]
        told += [f"again {1e3 * best['again']:.2f}", f"arrays before {1e3 * best['arrays']:.0f}"]
        for start in range(0, len(told), 6):
            print(f"    {', '.join(told[start : start + 6])}")


def run(folder: str, *arguments: str) -> Any:
    """What one process tells."""
    environment = ENVIRONMENT | {name: f"{folder}/{name}" for name in CACHES}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        env=environment, capture_output=True, check=False, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
