"""Measure Tilewright beside other libraries: `python benchmarks/run.py --only softmax`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import traceback
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREAD_VARIABLES = (
    "TILEWRIGHT_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)  # fmt: skip


def main() -> int:
    """Parse the command line, measure, print a table, write JSON and a plot; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names or parts of names, separated by commas")
    parser.add_argument("--peers", default=None, help="names of peers, separated by commas")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--cpu-time", action="store_true", help="for machines that are shared")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--results", type=Path, default=HERE / "results")
    arguments = parser.parse_args()

    # Libraries read these once, when they are first imported, which is below.
    for name in THREAD_VARIABLES:
        os.environ[name] = str(arguments.threads)
    sys.path.insert(0, str(HERE))

    import numpy as np
    from harness import PEERS, measure, use_cpu_time
    from report import describe_machine, table, write_json, write_plot
    from workloads import WORKLOADS
    from workloads.scaling import SCALING
    from workloads.start import START

    machine = describe_machine() | {
        "threads": str(arguments.threads), "seed": str(arguments.seed),
    }  # fmt: skip
    for name, value in machine.items():
        print(f"{name:12} {value}")
    print(flush=True)

    if arguments.cpu_time:
        use_cpu_time()
    wanted = [part.strip() for part in arguments.only.split(",")]
    peers = PEERS if arguments.peers is None else arguments.peers.split(",")
    rng = np.random.default_rng(arguments.seed)
    tasks = {one.name: partial(measure, one, peers, arguments.rounds, rng) for one in WORKLOADS}
    tasks |= {
        name: partial(one, peers, arguments.rounds) for name, one in (START | SCALING).items()
    }
    rows, failed = [], []
    for name, task in tasks.items():
        if any(part == name if part in tasks else part in name for part in wanted):
            print(f"measuring {name}", file=sys.stderr)
            try:
                rows.append(task())
            except Exception:  # the others can still be measured
                traceback.print_exc()
                failed.append(name)

    print(table(rows))
    arguments.results.mkdir(parents=True, exist_ok=True)
    write_json(arguments.results / "results.json", machine, rows)
    if not write_plot(arguments.results / "ratios.svg", rows):
        print("no plot: matplotlib is not installed")
    print(f"written to {arguments.results}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
