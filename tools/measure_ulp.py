"""Measure the error of every math function and write the table of docs/math.md.

Run `python tools/measure_ulp.py [--points N] [name ...]`; with names the rows are only printed. The
points are those of tests/codegen/exactness, in greater number: random bit patterns, and as many
numbers in each range where a function is interesting. The references are there, too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from tests.codegen.exactness.evaluate import compiled  # noqa: E402
from tests.codegen.exactness.references import (  # noqa: E402
    BINARY,
    UNARY,
    Case,
    arguments,
    errors,
)

PAGE = ROOT / "docs" / "math.md"
BEGIN = "| function | `f32` | at | `f64` | at |"
CHUNK = 1 << 18


def main() -> None:
    """Print the rows, and put them into the page if all functions were measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1 << 22, help="f32 arguments per range")
    parser.add_argument("names", nargs="*", help="functions; all if none is given")
    options = parser.parse_args()
    rows = []
    for name, case in sorted((UNARY | BINARY).items()):
        if options.names and name not in options.names:
            continue
        single = _largest(name, case, np.float32, options.points)
        double = _largest(name, case, np.float64, options.points // 8)
        rows.append(f"| `{name}` | {single} | {double} |")
        print(rows[-1], flush=True)
    if not options.names:
        text = PAGE.read_text()
        start = text.index(BEGIN)
        end = text.find("\n\n", start) + 1 or len(text)
        table = "\n".join([BEGIN, "| --- | --- | --- | --- | --- |", *rows, ""])
        PAGE.write_text(text[:start] + table + text[end:])


def _largest(name: str, case: Case, dtype: type[np.floating], points: int) -> str:
    """The largest error, and where, as two cells of the table."""
    rng = np.random.default_rng(points)
    worst, place = -1.0, ""
    for _ in range(max(1, points // CHUNK)):
        given = [arguments(case, dtype, min(points, CHUNK), rng)]
        if name in BINARY:
            given.append(arguments(case, dtype, min(points, CHUNK), rng))
        error = errors(compiled(name, *given), case, *given)
        k = int(np.argmax(error))
        if error[k] > worst:
            worst = float(error[k])
            place = ", ".join(str(x[k]) for x in given)
    return f"{worst:.2f} | {place}"


if __name__ == "__main__":
    main()
