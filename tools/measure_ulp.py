"""Measure the error of every math function and write the table of docs/math.md.

Run `python tools/measure_ulp.py [--points N] [name ...]`; with names the rows are only printed.
`f32` is measured at numbers of every exponent and both signs (functions of two numbers: every pair
of exponents), evenly spread over each; `f64` at random patterns of bits. Both are measured, too, at
all pairs of special values and at random numbers in the ranges where a function is interesting. The
references and the ranges are those of tests/codegen/exactness.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from tests.codegen.exactness.evaluate import compiled  # noqa: E402
from tests.codegen.exactness.references import (  # noqa: E402
    BINARY,
    EXACT,
    SPECIAL,
    UNARY,
    Case,
    arguments,
    errors,
)

PAGE = ROOT / "docs" / "math.md"
BEGIN = "| function | `f32` | at | `f64` | at |"
CHUNK = 1 << 18
CASES = UNARY | BINARY | EXACT
# Their references are long series in long double: that many times fewer points.
SLOW = {"erf": 4, "erfc": 4, "erfinv": 16, "lgamma": 2}
Data = NDArray[Any]


def main() -> None:
    """Print the rows, and put them into the page if all functions were measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--points", type=int, default=1 << 22, help="f32 numbers over all exponents"
    )
    parser.add_argument("names", nargs="*", help="functions; all if none is given")
    options = parser.parse_args()
    rows = []
    for name, case in sorted(CASES.items()):
        if options.names and name not in options.names:
            continue
        points = options.points // SLOW.get(name, 1)
        single = _largest(name, case, np.float32, points)
        double = _largest(name, case, np.float64, points)
        rows.append(f"| `{name}` | {single} | {double} |")
        print(rows[-1], flush=True)
    if not options.names:
        text = PAGE.read_text()
        start = text.index(BEGIN)
        end = text.find("\n\n", start) + 1 or len(text)
        table = "\n".join([BEGIN, "| --- | --- | --- | --- | --- |", *rows, ""])
        PAGE.write_text(text[:start] + table + text[end:])


def _largest(name: str, case: Case, dtype: type[np.floating[Any]], points: int) -> str:
    """The largest error, and where, as two cells of the table."""
    rng = np.random.default_rng(points)
    arity = 2 if name in BINARY else 1
    worst, place = -1.0, ""
    for given in _chunks(case, dtype, arity, points, rng):
        error = errors(compiled(name, *given), case, *given)
        k = int(np.argmax(error))
        if error[k] > worst:
            worst = float(error[k])
            place = ", ".join(str(x[k]) for x in given)
    return "exact | " if worst == 0 else f"{worst:.2f} | {place}"


def _chunks(
    case: Case, dtype: type[np.floating[Any]], arity: int, points: int, rng: np.random.Generator
) -> list[list[Data]]:
    """All that a function is measured at, in pieces that fit a cache."""
    count = points if dtype is np.float32 else points // 8
    special = np.meshgrid(*[np.array(SPECIAL, dtype)] * arity)
    found = [[x.ravel() for x in special]]
    found.append([arguments(case, dtype, count, rng) for _ in range(arity)])
    if dtype is np.float32:
        found.append(_every_exponent(arity, points, rng))
    return [
        [x[start : start + CHUNK] for x in one]
        for one in found
        for start in range(0, len(one[0]), CHUNK)
    ]


def _every_exponent(arity: int, points: int, rng: np.random.Generator) -> list[Data]:
    """`f32` numbers: of each sign and exponent, or pair of them, equally many, evenly spread."""
    upper = 1 << 9 * arity  # patterns of signs and exponents
    each = max(1, points // upper)
    mantissas = (1 << 23) // each
    pattern = np.repeat(np.arange(upper, dtype=np.uint64), each)
    numbers = []
    for k in range(arity):
        high = (pattern >> np.uint64(9 * k)) & np.uint64(511)
        steps = np.tile(rng.permutation(each) if k else np.arange(each), upper)
        low = steps * mantissas + rng.integers(0, mantissas, len(pattern))
        bits = (high << np.uint64(23)) | low.astype(np.uint64)
        numbers.append(bits.astype(np.uint32).view(np.float32))
    return numbers


if __name__ == "__main__":
    main()
