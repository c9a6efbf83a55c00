"""Stages of a compile for CUDA: what there is, which places they name, what is missing."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

import tilewright as tw
from tilewright.codegen.backends import Backend
from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.cuda.assemble import assemble
from tilewright.codegen.inspect import STAGES, Inspection
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target
from tilewright.codegen.toolkit import find_disassembler, find_nvrtc
from tilewright.dsl.errors import CompileError

HOPPER = parse_target("cuda:sm_90a")
TEXT = """\
extern "C" __global__ void twice(float* x) {
#line 0 "place"
  long long i = blockIdx.x;
#line %d "place"
  x[i] = 2.0f * x[i];
}
"""

needs_nvrtc = pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")


@tw.kernel
def twice(x):
    i = tw.program_id(0)
    x[i] = 2.0 * x[i]


@pytest.fixture
def inspection(monkeypatch: pytest.MonkeyPatch) -> Inspection:
    """A kernel inspected for a backend that knows one text."""
    function = twice.inspect("f32[::1]").function
    text = TEXT % (len(function.locations) - 2)  # the store; a return stands behind it
    backend = Backend(
        passes=lambda target: (),
        plan=lambda function, target: SimpleNamespace(
            entry="twice", scratch_bytes=0, cost=1.0, metadata={"threads": 32}
        ),
        emit=lambda function, plan, target: text,
        assemble=assemble,
        describe_loops=lambda plan: [],
        language="cuda",
    )
    for module in ("compile", "inspect"):
        monkeypatch.setattr(f"tilewright.codegen.{module}.find_backend", lambda kind: backend)
    return Inspection(
        function, HOPPER, Options(), "", lambda: compile_function(function, HOPPER, Options())
    )


@needs_nvrtc
def test_the_text_names_lines_of_the_kernel(inspection: Inspection) -> None:
    first = twice.definition.first_line
    line, name = first + 2, re.escape(__file__)
    assert re.findall(rf'(?m)^#line (\d+) "{name}"$', inspection.cuda) == [str(line), str(line + 1)]
    assert f"// {__file__}:{line + 1}" in inspection.ptx
    assert "#line" not in inspection.ptx


@needs_nvrtc
@pytest.mark.skipif(find_disassembler() is None, reason="nvdisasm is not installed")
def test_the_disassembly_names_lines_of_the_kernel(inspection: Inspection) -> None:
    assert f"// {__file__}:{twice.definition.first_line + 3}" in inspection.sass
    assert "#line" not in inspection.sass
    assert set(STAGES["cuda"]) <= set(inspection.stages) | {"plan"}


@needs_nvrtc
def test_the_cubin_is_the_one_that_is_launched(inspection: Inspection) -> None:
    assert inspection.cubin == inspection.artifact.code
    assert inspection.cubin.startswith(b"\x7fELF")


@needs_nvrtc
def test_registers_are_known_without_another_compile(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inspection, "_watch", None)
    metadata = inspection.metadata
    assert 0 < int(str(metadata["registers"])) < 32
    assert metadata["spills"] == {"stores": 0, "loads": 0}
    assert metadata["threads"] == 32
    assert len(metadata) == len(set(metadata))


@needs_nvrtc
def test_listings_are_no_part_of_the_time_of_a_compile(inspection: Inspection) -> None:
    assert "cubin" in inspection.timings
    assert not {"ptx", "sass"} & set(inspection.timings)


@needs_nvrtc
def test_a_missing_disassembler_is_named(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tilewright.codegen.cuda.assemble.find_disassembler", lambda folders: None)
    assert "sass" not in inspection.stages
    with pytest.raises(CompileError, match="made by `nvdisasm`, which was not found"):
        _ = inspection.sass


@pytest.mark.parametrize("stage", ["llvm", "asm", "object"])
def test_stages_of_a_cpu_say_that_they_are_not_there(inspection: Inspection, stage: str) -> None:
    with pytest.raises(CompileError) as raised:
        getattr(inspection, stage)
    assert f"there is no stage '{stage}' for cuda:sm_90a\nnote: its stages are source" in str(
        raised.value
    )
