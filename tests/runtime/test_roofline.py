"""Rooflines: what is measured, how it is told, and its picture."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import tilewright as tw
from tilewright.__main__ import main
from tilewright.dsl.records import replace
from tilewright.runtime import limits
from tilewright.runtime.limits import Limits
from tilewright.runtime.roofline import Roofline, measure_roofline
from tilewright.runtime.roofline_plot import HEIGHT, WIDTH, draw_roofline

# Of 3 GB/s and 12 GFLOP/s: 3 us for the bytes, 1 for the operations, in 4 at best.
FOUND = Roofline("k for cpu", 7, (5e-6, 4e-6, 6e-6), 6000, 3000, 12000, 3e9, 12e9)


@tw.kernel
def scale(x, a, out, BLOCK: tw.constexpr = 32):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i] + 1.0


@tw.kernel
def until(x, out):
    v = x[0:32]
    while tw.max(v) > 0.5:
        v = v * 0.5
    out[0:32] = v


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of known limits."""
    monkeypatch.setattr(Limits, "peak", lambda self, wide=False: 5e9 if wide else 10e9)
    monkeypatch.setattr(Limits, "bandwidth", lambda self, share=0.5, footprint=None: 2e9 + share)


def test_the_numbers_of_a_roofline() -> None:
    assert (5e-6, 4e-6, 9000) == (FOUND.seconds, FOUND.best, FOUND.bytes)
    assert "bytes" == FOUND.bound and 0.75 == pytest.approx(FOUND.share)
    assert 4 == FOUND.balance and 12 / 9 == pytest.approx(FOUND.intensity)
    busy = replace(FOUND, flops=40000)
    assert "flops" == busy.bound and 40 / 48 == pytest.approx(busy.share)
    idle = replace(FOUND, read=0, written=0)
    assert float("inf") == idle.intensity and "flops" == idle.bound
    text = str(FOUND)
    assert "k for cpu: 7 programs" == text.splitlines()[0]
    for words in (
        "5 us ± ",
        "at best 4 us",
        "9 kB at 2.25 GB/s, 75 % of 3 GB/s",
        "12 kFLOP at 3 GFLOP/s, 25 % of 12 GFLOP/s",
        "bytes, 75 % of the roof",
    ):
        assert words in text  # fmt: skip


def test_a_launch_moves_no_more_than_its_arrays(machine: None) -> None:
    x, out = np.ones(100, np.float32), np.zeros(100, np.float32)
    arguments = {"x": x, "a": 2.0, "out": out}
    found = measure_roofline(scale, lambda p: (-(-100 // p.BLOCK),), arguments, {}, 0.001)
    assert (4, 400, 400, 4 * 32 * 2) == (found.programs, found.read, found.written, found.flops)
    assert (out == 3).all() and 5 <= len(found.samples)
    assert 10e9 == found.peak and 2e9 + 0.5 == found.bandwidth
    found = measure_roofline(scale, lambda p: (3,), arguments, {"BLOCK": 16}, 0.001)
    assert (3 * 64, 3 * 64) == (found.read, found.written)


def test_work_that_depends_on_data_is_not_known(machine: None) -> None:
    arrays = {"x": np.ones(32, np.float32), "out": np.zeros(32, np.float32)}
    found = measure_roofline(until, lambda p: (1,), arrays, {}, 0.001)
    assert (None,) * 5 == (found.read, found.flops, found.intensity, found.bound, found.share)
    (line,) = found.unknown
    assert f"{__file__}:{until.definition.first_line + 3}" in line and line in str(found)
    assert (arrays["out"] == 0.5).all()
    with pytest.raises(ValueError, match="not known"):
        draw_roofline(found)


@pytest.mark.parametrize(
    "found",
    [
        FOUND,
        replace(FOUND, flops=0),
        replace(FOUND, read=0, written=0),
        replace(FOUND, flops=10**9),
    ],
)
def test_the_picture_is_in_its_frame(found: Roofline) -> None:
    tree = ElementTree.fromstring(draw_roofline(found))
    name = "{http://www.w3.org/2000/svg}"
    (circle,) = tree.iter(f"{name}circle")
    (roof,) = tree.iter(f"{name}polyline")
    points = (
        [circle.get("cx"), circle.get("cy")],
        *(p.split(",") for p in roof.get("points").split()),
    )
    for x, y in points:
        assert 0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT
    (x, y), (left, low), (_, high), _ = [[float(number) for number in point] for point in points]
    assert x >= left and low > high  # the roof rises
    if found is FOUND:
        assert y > high  # a kernel stands below it
        assert any("3 GFLOP/s" == text.text for text in tree.iter(f"{name}text"))


def test_limits_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(limits, "ROUNDS", 1)
    found = Limits(tw.kernel)
    assert 1e8 < found.peak() < 1e15 and found.peak() == found.peak()
    shares = {0.0: "read", 0.3: "add", 0.45: "copy", 0.9: "fill"}
    for share in shares:
        assert 1e6 < found.bandwidth(share, 1 << 16) < 1e14
    assert [(name, 1 << 16) for name in shares.values()] == list(found._bandwidths)


def test_the_command_prints_and_plots(
    machine: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--signature", "f32[100], 2.0, f32[100] = 0", "--set", "BLOCK=16"]
    options = ["--grid", "cdiv(x.size, BLOCK)", "--seconds", "0.001"]
    plot = tmp_path / "roofline.svg"
    command = ["bench", f"{__file__}:scale", *arguments, *options]
    assert main([*command, "--plot", str(plot)]) == 0
    output = capsys.readouterr().out
    target = re.escape(str(tw.device().target))
    assert re.match(rf"scale for {target}: 7 programs\n  time  ", output)
    assert "800 B at" in output and "224 FLOP at" in output
    assert plot.read_text().startswith("<svg")
    assert main([*command[:-4], "--grid", "cdiv(x.size, WIDTH)"]) == 1
    assert "--grid: found 'WIDTH'" in capsys.readouterr().err
    options = ["--signature", "f32[32], f32[32]", "--grid", "1", "--seconds", "0.001"]
    assert main(["bench", f"{__file__}:until", *options, "--plot", str(plot)]) == 1
    assert "there is nothing to plot: how often the loop at" in capsys.readouterr().err
