"""`tilewright demo`: a photograph filtered, tables put through softmax and matmul, a second start.

The photograph and the terrain lie in the wheel of matplotlib, installed for its files only: a
portrait of Grace Hopper (US Navy, public domain) and heights around Jacksboro (USGS).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

import tilewright as tw
from tilewright.runtime.settings import environment_with

Image = NDArray[np.float32]
Row = tuple[str, str, str, str, str]  # task, NumPy's time, ours, their ratio, largest error

RADIUS: Final = 5
SPACE, TONE = 3.0, 0.1  # standard deviations: in pixels, and in brightness from 0 to 1
ROUNDS: Final = 15


@tw.kernel
def bilateral(image, out, space, tone, R: tw.constexpr, BLOCK: tw.constexpr = 256):
    """Mean of the neighbours within `R`, weighted by distance in space and in colour.

    `image` and `out` are (3, rows, columns).
    """
    i, j = tw.program_id(1), tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    bottom, right = image.shape[1] - 1, image.shape[2] - 1
    red, green, blue = image[0, i, j], image[1, i, j], image[2, i, j]
    weights = tw.zeros(BLOCK, tw.f32)
    reds, greens, blues = tw.zeros(BLOCK), tw.zeros(BLOCK), tw.zeros(BLOCK)
    for di in range(-R, R + 1):
        row = min(max(i + di, 0), bottom)
        for dj in range(-R, R + 1):
            col = tw.clip(j + dj, 0, right)
            r, g, b = image[0, row, col], image[1, row, col], image[2, row, col]
            dr, dg, db = r - red, g - green, b - blue
            apart = dr * dr + dg * dg + db * db
            weight = tw.exp(-(di * di + dj * dj) * space - apart * tone)
            weights += weight
            reds += weight * r
            greens += weight * g
            blues += weight * b
    out[0, i, j], out[1, i, j], out[2, i, j] = reds / weights, greens / weights, blues / weights


@tw.kernel
def softmax(x, out, COLS: tw.constexpr):
    """Softmax of each row."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    e = tw.exp(v - tw.max(v))
    out[row, 0:COLS] = e / tw.sum(e)


@tw.kernel
def matmul(a, b, c, BM: tw.constexpr = 128, BN: tw.constexpr = 128, BK: tw.constexpr = 256):
    """`c = a @ b`."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


def main(arguments: Sequence[str] = ()) -> int:
    """Run the demonstration; pictures go to `--output`. Returns 0, or 1 with a message."""
    parser = argparse.ArgumentParser(prog="tilewright demo", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    parser.add_argument("--first-call", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.first_call:
        print(json.dumps(_first_call(chosen.output)))
        return 0
    try:
        photograph, terrain = _photograph(), _terrain()
    except ImportError as error:
        print(f"the demonstration needs matplotlib's sample files: {error}", file=sys.stderr)
        print("note: pip install 'tilewright[demo]'", file=sys.stderr)
        return 1
    chosen.output.mkdir(parents=True, exist_ok=True)
    _show_machine()
    rows = [
        _filter_photograph(photograph, chosen.output),
        *_compare_softmax(terrain),
        *_compare_matmul(photograph),
    ]
    print(_table(rows))
    _show_inner_loop(terrain)
    _show_second_start()
    return 0


# --- the three tasks ----------------------------------------------------------------------------


def _filter_photograph(photograph: Image, output: Path) -> Row:
    # The noise of a dim sensor, so that there is something to remove.
    noise = np.random.default_rng().standard_normal(photograph.shape, dtype=np.float32)
    noisy = np.clip(photograph + np.float32(0.06) * noise, 0, 1)
    out = np.empty_like(noisy)
    row = _compare(
        "bilateral filter of the photograph", _bilateral_numpy, _bilateral, (noisy,), out, rounds=2
    )
    for name, picture in (("original", photograph), ("before", noisy), ("after", out)):
        _write_png(output / f"{name}.png", picture)
    print(f"pictures: {output}/original.png, before.png (noise added), after.png (filtered)")
    print(
        f"  distance to the original: {_rms(noisy, photograph):.4f} before, "
        f"{_rms(out, photograph):.4f} after\n"
    )
    return row


def _compare_softmax(terrain: Image) -> list[Row]:
    random = np.random.default_rng().standard_normal((4096, 1024), dtype=np.float32) * 4
    tables = {"softmax of the terrain's rows": terrain, "softmax 4096x1024, random": random}
    return [
        _compare(name, _softmax_numpy, _softmax, (x,), np.empty_like(x))
        for name, x in tables.items()
    ]


def _compare_matmul(photograph: Image) -> list[Row]:
    # How alike the rows of the photograph are: (600, 1536) times its transpose.
    lines = np.ascontiguousarray(photograph.transpose(1, 0, 2)).reshape(photograph.shape[1], -1)
    lines -= lines.mean(axis=1, keepdims=True)
    random = np.random.default_rng().standard_normal((2, 1024, 1024), dtype=np.float32)
    pairs = {
        "matmul of the photograph's rows": (lines, np.ascontiguousarray(lines.T)),
        "matmul 1024, random": (random[0], random[1]),
    }
    return [
        _compare(name, _matmul_numpy, _matmul, (a, b), np.empty((len(a), b.shape[1]), np.float32))
        for name, (a, b) in pairs.items()
    ]


def _bilateral(image: Image, out: Image) -> None:
    grid = tw.cdiv(image.shape[2], 256), image.shape[1]
    bilateral[grid](image, out, 1 / (2 * SPACE**2), 1 / (2 * TONE**2), R=RADIUS)


def _bilateral_numpy(image: Image, out: Image) -> None:
    rows, cols = image.shape[1:]
    padded = np.pad(image, ((0, 0), (RADIUS, RADIUS), (RADIUS, RADIUS)), mode="edge")
    weights = np.zeros((rows, cols), np.float32)
    out[...] = 0
    for di in range(2 * RADIUS + 1):
        for dj in range(2 * RADIUS + 1):
            pixel = padded[:, di : di + rows, dj : dj + cols]
            apart = ((pixel - image) ** 2).sum(axis=0) / np.float32(2 * TONE**2)
            near = ((di - RADIUS) ** 2 + (dj - RADIUS) ** 2) / (2 * SPACE**2)
            weight = np.exp(-np.float32(near) - apart)
            weights += weight
            out += weight * pixel
    out /= weights


def _softmax(x: Image, out: Image) -> None:
    softmax[x.shape[0]](x, out, COLS=x.shape[1])


def _softmax_numpy(x: Image, out: Image) -> None:
    np.subtract(x, x.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, out.sum(axis=1, keepdims=True), out=out)


def _matmul(a: Image, b: Image, out: Image) -> None:
    matmul[tw.cdiv(out.shape[0], 128), tw.cdiv(out.shape[1], 128)](a, b, out)


def _matmul_numpy(a: Image, b: Image, out: Image) -> None:
    np.matmul(a, b, out=out)


# --- what is shown of them ----------------------------------------------------------------------


def _compare(
    name: str,
    baseline: Callable[..., None],
    ours: Callable[..., None],
    inputs: tuple[Image, ...],
    out: Image,
    rounds: int = ROUNDS,
) -> Row:
    """Run both in turns, so that both meet the same machine; `out` gets our result."""
    expected = np.empty_like(out)
    baseline(*inputs, expected)
    ours(*inputs, out)
    error = float(np.abs(out - expected).max() / np.abs(expected).max())
    if not error < 1e-4:
        raise AssertionError(f"{name}: NumPy and we differ by {error:.1e}")
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for times, call, result in zip(seconds, (baseline, ours), (expected, out), strict=True):
            begin = perf_counter()
            call(*inputs, result)
            times.append(perf_counter() - begin)
    theirs, mine = (1e3 * statistics.median(times) for times in seconds)
    return name, f"{theirs:.3f} ms", f"{mine:.3f} ms", f"{theirs / mine:.2f}", f"{error:.1e}"


def _table(rows: Sequence[Row]) -> str:
    lines: list[Row] = [("task", "NumPy", "Tilewright", "ratio", "largest error"), *rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    texts = []
    for line in lines:
        first, *others = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        texts.append("  ".join((first, *(cell.strip().rjust(len(cell)) for cell in others))))
    return "\n".join(texts)


def _show_machine() -> None:
    print(f"Tilewright {tw.__version__} on")
    for device in tw.devices():
        print(f"  {device.name}: {device.target}")
    print()


def _show_inner_loop(terrain: Image) -> None:
    inside = softmax.inspect(terrain, np.empty_like(terrain), COLS=terrain.shape[1])
    loop = _innermost_loop(inside.asm)
    print(f"\none inner loop of the softmax, of {len(inside.asm.splitlines())} lines of assembly:")
    print("\n".join(loop))


def _innermost_loop(assembly: str, most: int = 40) -> list[str]:
    """The longest run of lines from a label to a jump back to it that has no other label inside."""
    best: list[str] = []
    label, body = "", []  # the last label, and the lines since
    for line in assembly.splitlines():
        text = line.split("#")[0].rstrip()
        if text.startswith(".L") and text.endswith(":"):
            label, body = text[:-1], [text]
        elif text.strip().startswith("."):
            continue
        elif text:
            body.append(text)
            words = text.split()
            if label and words[0].startswith("j") and words[-1] == label and len(body) > len(best):
                best = body
    return best if len(best) <= most else [*best[:most], f"\t... {len(best) - most} lines more"]


def _show_second_start() -> None:
    print("\nthe first softmax of a process, from the call to the result:")
    with tempfile.TemporaryDirectory() as cache:
        environment = environment_with(TILEWRIGHT_CACHE_DIR=cache)
        for name in ("empty cache", "second process"):
            ran = subprocess.run(
                [sys.executable, "-m", "tilewright", "demo", "--first-call", "--output", cache],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            found = json.loads(ran.stdout)
            print(f"  {name:16} {found['milliseconds']:7.1f} ms, code from: {found['origin']}")


def _first_call(cache: Path) -> Mapping[str, object]:
    before = set(cache.rglob("*"))
    x = np.random.default_rng().standard_normal((64, 1000), dtype=np.float32)
    out = np.empty_like(x)
    begin = perf_counter()
    softmax[64](x, out, COLS=1000)
    milliseconds = 1e3 * (perf_counter() - begin)
    is_found = before and before == set(cache.rglob("*"))
    return {"milliseconds": milliseconds, "origin": "disk" if is_found else "compiled"}


# --- the input ----------------------------------------------------------------------------------


def _sample(name: str) -> Path:
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ImportError("matplotlib is not installed")
    path = Path(found.origin).parent / "mpl-data" / "sample_data" / name
    if not path.exists():
        raise ImportError(f"{path} is missing")
    return path


def _photograph() -> Image:
    from PIL import Image as Picture

    with Picture.open(_sample("grace_hopper.jpg")) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.float32) / np.float32(255)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _terrain() -> Image:
    with np.load(_sample("jacksboro_fault_dem.npz")) as file:
        heights: Image = file["elevation"].astype(np.float32)
    return heights / np.float32(100)  # in hundreds of metres


def _write_png(path: Path, picture: Image) -> None:
    from PIL import Image as Picture

    pixels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
    Picture.fromarray(np.ascontiguousarray(pixels)).save(path)


def _rms(picture: Image, original: Image) -> float:
    return float(np.sqrt(np.mean((picture - original) ** 2)))
