"""Measure Tilewright beside other libraries: `python benchmarks/run.py --only softmax`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREAD_VARIABLES = (
    "TILEWRIGHT_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)  # fmt: skip


def main() -> None:
    """Parse the command line, measure, print a table, write JSON and a plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="parts of workload names, separated by commas")
    parser.add_argument("--peers", default=None, help="names of peers, separated by commas")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--results", type=Path, default=HERE / "results")
    arguments = parser.parse_args()

    # Libraries read these once, when they are first imported, which is below.
    for name in THREAD_VARIABLES:
        os.environ[name] = str(arguments.threads)
    sys.path.insert(0, str(HERE))

    import numpy as np
    from harness import PEERS, measure
    from report import describe_machine, table, write_json, write_plot
    from workloads import WORKLOADS
    from workloads.start import START

    machine = describe_machine() | {
        "threads": str(arguments.threads), "seed": str(arguments.seed),
    }  # fmt: skip
    for name, value in machine.items():
        print(f"{name:12} {value}")
    print(flush=True)

    wanted = [part.strip() for part in arguments.only.split(",")]
    peers = PEERS if arguments.peers is None else arguments.peers.split(",")
    rng = np.random.default_rng(arguments.seed)
    rows = []
    for workload in WORKLOADS:
        if any(part in workload.name for part in wanted):
            rows.append(measure(workload, peers, arguments.rounds, rng))
            print(f"measured {workload.name}", file=sys.stderr)
    for name, measure_start in START.items():
        if any(part in name for part in wanted):
            rows.append(measure_start(peers, max(5, arguments.rounds // 2)))
            print(f"measured {name}", file=sys.stderr)

    print(table(rows))
    arguments.results.mkdir(parents=True, exist_ok=True)
    write_json(arguments.results / "results.json", machine, rows)
    if not write_plot(arguments.results / "ratios.svg", rows):
        print("no plot: matplotlib is not installed")
    print(f"written to {arguments.results}")


if __name__ == "__main__":
    main()
