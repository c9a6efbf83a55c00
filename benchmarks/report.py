"""Tables, JSON and a plot of measured rows."""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness import OURS, Row

PACKAGES = (
    "tilewright", "numpy", "scipy", "llvmlite", "numba", "torch", "jax", "taichi", "warp-lang",
)  # fmt: skip


def describe_machine() -> dict[str, str]:
    """The processor, the system and the versions of all that was measured."""
    found = {
        "command": " ".join([Path(sys.executable).name, *sys.argv]),
        "cpu": _cpu_model(),
        "system": f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def table(rows: Sequence[Row]) -> str:
    """One line a workload: the best peer, ours, their ratio, our errors, then every peer."""
    head = ["workload", "baseline", "", "ours", "ratio", "max error", "mean error", "all peers"]
    lines = [head]
    for row in rows:
        ours = row.timings[OURS]
        best = row.best_peer
        peers = sorted(
            (timing.median, name) for name, timing in row.timings.items() if name != OURS
        )
        lines.append([
            row.workload,
            "-" if best is None else best,
            "-" if best is None else duration(row.timings[best].median),
            duration(ours.median),
            "-" if math.isnan(row.ratio) else f"{row.ratio:.2f}",
            f"{ours.max_error:.1e}",
            f"{ours.mean_error:.1e}",
            ", ".join(f"{name} {duration(median)}" for median, name in peers),
        ])  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    skipped = sorted({name for row in rows for name in row.skipped})
    if skipped:
        texts.append(f"not installed, skipped: {', '.join(skipped)}")
    texts += [f"{row.workload}: {note}" for row in rows for note in row.notes]
    return "\n".join(text.rstrip() for text in texts)


def duration(seconds: float) -> str:
    """Seconds with three digits and a fitting unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def write_json(path: Path, machine: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Write everything that was measured."""
    found = {"machine": dict(machine), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(found, indent=2) + "\n")


def write_plot(path: Path, rows: Sequence[Row]) -> bool:
    """Draw the ratios as bars; False where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    rows = [row for row in rows if not math.isnan(row.ratio)]
    figure = Figure(figsize=(8, 0.4 * len(rows) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    bars = axes.barh([row.workload for row in rows], [row.ratio for row in rows])
    axes.bar_label(bars, [f" {row.ratio:.2f} ({row.best_peer})" for row in rows])
    axes.axvline(1, color="black", linewidth=1)
    axes.set(xscale="log", xlabel="time of the best peer / time of tilewright")
    axes.invert_yaxis()
    axes.margins(x=0.25)
    figure.savefig(path)
    return True


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()
