"""Looking inside: every stage of a compile, with source lines, as text and as HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import numpy as np
import pytest

import tilewright as tw
from tilewright.codegen.inspect import Inspection
from tilewright.runtime.limits import Limits


@tw.kernel
def softmax(x, out, BLOCK: tw.constexpr):
    row = tw.program_id(0)
    col = tw.arange(BLOCK)
    v = tw.load(x, (row, col), fill=-float("inf"))
    e = tw.exp(v - tw.max(v))
    out[row, col] = e / tw.sum(e)


SIGNATURE = "f32[:, ::1], f32[:, ::1]"


@pytest.fixture(scope="module", autouse=True)
def balance() -> Iterator[None]:
    """A machine of four operations a byte, instead of a measurement."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Limits, "balance", lambda self, wide=False: 2.0 if wide else 4.0)
        yield


@pytest.fixture(scope="module")
def inspection() -> object:
    return softmax.inspect(SIGNATURE, BLOCK=64)


def test_arrays_and_signatures_mean_the_same() -> None:
    x = np.zeros((3, 50), np.float32)
    by_arrays = softmax.inspect(x, np.empty_like(x), BLOCK=64)
    by_text = softmax.inspect(SIGNATURE, BLOCK=64)
    assert by_arrays.ir == by_text.ir
    assert by_arrays.metadata["key"] == by_text.metadata["key"]


def test_inspecting_does_not_launch() -> None:
    x, out = np.ones((1, 64), np.float32), np.zeros((1, 64), np.float32)
    assert "ret" in softmax.inspect(x, out, BLOCK=64).asm
    assert (out == 0).all()


def test_every_stage_is_there(inspection) -> None:
    assert inspection.source.startswith("@tw.kernel\ndef softmax(x, out,")
    assert "function softmax(%x: f32[:, ::1]" in inspection.ir
    assert "unary.exp" in inspection.ir
    assert "function softmax(" in inspection.ir_optimized
    assert "unary.exp" not in inspection.ir_optimized  # expanded
    assert "define i32 @" in inspection.llvm
    assert re.search(r"^\s+ret", inspection.asm, re.MULTILINE)
    assert inspection.object[:4] == b"\x7fELF"
    names = list(inspection.stages)
    assert names[:2] == ["source", "ir"]
    order = [names.index(name) for name in ("ir", "ir_optimized", "plan", "llvm", "object")]
    assert order == sorted(order)
    assert all(stage.seconds >= 0 for stage in inspection.stages.values())


def test_the_ir_names_source_lines(inspection) -> None:
    first = softmax.definition.first_line
    assert f"{__file__}:{first + 5}:" in inspection.ir  # the line of tw.exp
    assert f"{__file__}:{first + 6}:" in inspection.ir_optimized


def test_metadata_can_be_written_as_json(inspection) -> None:
    metadata = dict(inspection.metadata)
    json.dumps(metadata)
    assert metadata["target"] == tw.device("cpu").target
    assert metadata["origin"] in ("compiled", "memory", "disk")
    assert metadata["vector_width"] >= 4
    assert re.fullmatch(r"[0-9a-f]{64}", metadata["key"])


def test_timings_are_of_steps_in_order(inspection) -> None:
    timings = inspection.timings
    names = list(timings)
    steps = ["frontend", "load compiler", "simplify", "plan", "llvm", "load LLVM", "LLVM: parse"]
    steps += ["LLVM: optimise", "object", "load code"]
    assert steps == [name for name in names if name in steps]
    assert {"expand_math", "eliminate_dead"} < set(names)
    assert not {"asm", "source", "ir", "ir_optimized"} & set(names)
    assert all(seconds >= 0 for seconds in timings.values())
    assert all(timings[name] > 0 for name in ("frontend", "plan", "LLVM: parse", "object"))
    both = inspection.stages["simplify"].seconds + inspection.stages["simplify.2"].seconds
    assert timings["simplify"] == pytest.approx(both)
    rows = re.findall(r"(?m)^  (.+?) +([\d.]+) ms +([\d.]+) %$", inspection.timings_table)
    assert "total" == rows[-1][0]
    total = sum(float(time) for _, time, _ in rows[:-1])
    assert float(rows[-1][1]) == pytest.approx(total, abs=0.02 * len(rows))
    assert 100 == pytest.approx(sum(float(share) for *_, share in rows[:-1]), abs=0.1 * len(rows))


def test_timings_of_another_target_load_nothing() -> None:
    assert "load code" not in softmax.inspect(SIGNATURE, BLOCK=64, target="cpu:aarch64").timings


@tw.kernel
def squared(x, out, TIMES: tw.constexpr):
    v = x[0:64]
    for _ in tw.static_range(TIMES):
        v = v * v
    out[0:64] = v


@pytest.mark.parametrize(
    ("dtype", "times", "bound"),
    [("f32", 31, "bytes"), ("f32", 33, "flops"), ("f64", 31, "bytes"), ("f64", 33, "flops")],
)
def test_the_bound_follows_from_the_balance_of_the_machine(
    dtype: str, times: int, bound: str
) -> None:
    signature = f"{dtype}[::1], {dtype}[::1]"
    metadata = squared.inspect(signature, TIMES=times).metadata
    size = 4 if dtype == "f32" else 8
    assert metadata["intensity"] == times / (2 * size)
    assert metadata["bound"] == bound
    assert metadata["flops"] == 64 * times and metadata["bytes_read"] == 64 * size
    elsewhere = squared.inspect(signature, TIMES=times, target="cpu:aarch64").metadata
    assert elsewhere["bound"] is None and elsewhere["flops"] == 64 * times


def test_metadata_are_counted_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = squared.inspect("f32[::1], f32[::1]", TIMES=3)
    monkeypatch.setattr(Inspection, "_watch", None)
    assert found.metadata["vector_width"] >= 4
    assert "flops" in found.metadata and len(found.metadata) == len(list(found.metadata))


def test_the_report_tells_the_work(inspection) -> None:
    rows = dict(re.findall(r"(?m)^  (\w+) +(\S.*)$", str(inspection).partition("\n\n")[0]))
    assert {"flops", "bytes_read", "bytes_written", "spills", "loops"} <= set(rows)
    assert rows["bound"] in ("bytes", "flops")


def test_the_origin_says_where_code_came_from() -> None:
    @tw.kernel
    def fresh(x):
        x[0] = 54321

    assert fresh.inspect("f64[::1]").metadata["origin"] == "compiled"
    assert fresh.inspect("f64[::1]").metadata["origin"] == "memory"
    tw.device("cpu").cache.forget()
    assert fresh.inspect("f64[::1]").metadata["origin"] == "disk"


def test_another_target_is_compiled_for() -> None:
    other = softmax.inspect(SIGNATURE, BLOCK=64, target="cpu:x86-64-v4")
    assert "zmm" in other.asm
    assert other.metadata["target"] == "cpu:x86-64-v4"


@pytest.mark.parametrize("stage", ["cuda", "ptx", "cubin", "sass"])
def test_stages_of_a_gpu_say_that_they_are_not_there(inspection, stage: str) -> None:
    with pytest.raises(tw.CompileError, match=f"there is no stage '{stage}' for cpu:"):
        getattr(inspection, stage)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("cuda:sm_90", "did you mean `cuda:sm_90a`"),
        ("cpu:z80", "unknown target 'cpu:z80'"),
        (5, "unknown target 5"),
    ],
)
def test_targets_that_cannot_be_compiled_for_are_refused(target: str, message: str) -> None:
    with pytest.raises(tw.CompileError, match=message):
        softmax.inspect(SIGNATURE, BLOCK=64, target=target)


def test_the_summary_names_stages_and_what_is_known(inspection) -> None:
    text = str(inspection)
    assert text.startswith(f"softmax for {tw.device('cpu').target}\n")
    assert "vector_width" in text
    assert re.search(r"simplify +\d+\.\d\d ms", text)


class Tags(HTMLParser):
    """Checks that tags are closed in order, and keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.stack.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_notebook_shows_highlighted_html(inspection) -> None:
    html = inspection._repr_html_()
    tags = Tags()
    tags.feed(html)
    assert tags.stack == []
    assert tags.seen >= {"details", "summary", "pre", "span", "table"}
    assert "script" not in tags.seen
    assert '<span class="k">def</span>' in html
    assert "e = tw.exp(v - tw.max(v))" in tags.text
    assert "define i32 @" in tags.text


def test_what_the_listing_tells_is_counted_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = softmax.inspect("f32[:, ::1], f32[:, ::1]", BLOCK=256)
    assert found.metadata["origin"] in ("compiled", "memory", "disk")
    with monkeypatch.context() as patch:
        patch.setattr("tilewright.codegen.inspect.compile_function", None)
        assert found.metadata["key"]
    assert set(found.metadata["spills"]) == {"stores", "loads"}
    assert found.metadata["registers"] > 0
    assert "spills" in found.metadata
    assert len(dict(found.metadata)) == len(found.metadata)
