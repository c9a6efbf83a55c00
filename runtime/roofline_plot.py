"""The picture of a roofline: what a machine can do by operations for each byte, and a kernel."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import Final

from .benchmark import show_seconds
from .roofline import Roofline

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
# A kernel of no bytes, or of no operations, stands at the edge.
LEAST, MOST = 1e-3, 1e5

_STYLE: Final = (
    "text{font:12px sans-serif;fill:#222}.grid{stroke:#ddd}.roof{stroke:#3b66c4;stroke-width:2;"
    "fill:none}.kernel{fill:#b0603a}.drop{stroke:#b0603a;stroke-dasharray:4 3}"
)


def draw_roofline(found: Roofline) -> str:
    """An SVG of a roofline, on logarithmic axes; `ValueError` where the work is not known."""
    if found.flops is None or found.intensity is None:
        raise ValueError("the work of this kernel is not known")
    intensity = found.intensity if isfinite(found.intensity) else MOST
    at = min(max(intensity, LEAST), MOST)
    rate = max(found.flops / found.best, LEAST * found.bandwidth)
    corner = found.balance
    across = _decades(min(at, corner) / 2, max(at, corner) * 2)
    first, last = (10.0**power for power in across)
    lowest = min(rate, first * found.bandwidth)
    frame = _Frame(across, _decades(lowest, max(rate, found.peak) * 2))
    roof = [(first, first * found.bandwidth), (corner, found.peak), (last, found.peak)]
    top = min(found.peak, at * found.bandwidth)
    (x, y), (_, above) = frame.place(at, rate), frame.place(at, top)
    marks = [
        *frame.grid(),
        f'<polyline class="roof" points="{" ".join(frame.point(*one) for one in roof)}"/>',
        f'<line class="drop" x1="{x:.1f}" y1="{above:.1f}" x2="{x:.1f}" y2="{y:.1f}"/>',
        f'<circle class="kernel" cx="{x:.1f}" cy="{y:.1f}" r="5"/>',
        f'<text x="{x + 9:.1f}" y="{y + 4:.1f}">{rate / 1e9:.3g} GFLOP/s</text>',
        f'<text x="{LEFT}" y="22">{_escape(found.title)}: {show_seconds(found.best)}; '
        f"{found.bandwidth / 1e9:.3g} GB/s, {found.peak / 1e9:.3g} GFLOP/s</text>",
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">'
        "floating-point operations for each byte</text>",
        f'<text transform="rotate(-90 16 {HEIGHT / 2})" x="16" y="{HEIGHT / 2}" '
        'text-anchor="middle">GFLOP/s</text>',
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
    paper = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    return "\n".join([head, f"<style>{_STYLE}</style>", paper, *marks, "</svg>"]) + "\n"


def _decades(least: float, most: float) -> tuple[int, int]:
    """The powers of ten around an interval."""
    return floor(log10(least)), floor(log10(most)) + 1


class _Frame:
    """Axes over so many powers of ten each."""

    def __init__(self, across: tuple[int, int], up: tuple[int, int]) -> None:
        self.across = across
        self.up = up

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies in the picture."""
        right = (log10(x) - self.across[0]) / (self.across[1] - self.across[0])
        high = (log10(y) - self.up[0]) / (self.up[1] - self.up[0])
        return LEFT + right * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - high * (
            HEIGHT - TOP - BOTTOM
        )

    def point(self, x: float, y: float) -> str:
        """A point of a line."""
        across, down = self.place(x, y)
        return f"{across:.1f},{down:.1f}"

    def grid(self) -> list[str]:
        """A line and a number for each power of ten."""
        lines = []
        for power in range(self.across[0], self.across[1] + 1):
            x, _ = self.place(10.0**power, 10.0 ** self.up[0])
            lines.append(
                f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            )
            label = f"{10.0**power:g}"
            lines.append(
                f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{label}</text>'
            )
        for power in range(self.up[0], self.up[1] + 1):
            _, y = self.place(10.0 ** self.across[0], 10.0**power)
            lines.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
            label = f"{10.0 ** (power - 9):g}"
            lines.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{label}</text>')
        return lines


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
