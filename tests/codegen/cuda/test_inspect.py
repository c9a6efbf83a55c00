"""Stages of a compile for CUDA: what there is, which places they name, what is missing."""

from __future__ import annotations

import re
import sys

import pytest

import tilewright as tw
from tilewright.codegen.inspect import STAGES, Inspection
from tilewright.codegen.toolkit import find_disassembler, find_nvrtc
from tilewright.dsl.errors import CompileError

needs_nvrtc = pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")


@tw.kernel
def twice(x):
    i = tw.program_id(0)
    x[i] = 2.0 * x[i]


@pytest.fixture
def inspection() -> Inspection:
    """The kernel for a GPU that this machine does not have."""
    return twice.inspect("f32[::1]", target="cuda:sm_90a")


@needs_nvrtc
def test_the_text_names_lines_of_the_kernel(inspection: Inspection) -> None:
    first = twice.definition.first_line
    line, name = first + 2, re.escape(__file__)
    found = re.findall(rf'(?m)^ *#line (\d+) "{name}"$', inspection.cuda)
    assert {str(line + 1)} <= set(found) <= {str(line), str(line + 1)}
    assert f"// {__file__}:{line + 1}" in inspection.ptx
    assert "#line" not in inspection.ptx


@needs_nvrtc
@pytest.mark.skipif(find_disassembler() is None, reason="nvdisasm is not installed")
def test_the_disassembly_names_lines_of_the_kernel(inspection: Inspection) -> None:
    assert f"// {__file__}:{twice.definition.first_line + 3}" in inspection.sass
    assert "#line" not in inspection.sass
    assert set(STAGES["cuda"]) <= set(inspection.stages)


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
    assert int(str(metadata["threads"])) % 32 == 0
    assert len(metadata) == len(set(metadata))


@needs_nvrtc
def test_warps_override_the_plan() -> None:
    for num_warps in (2, 16):
        found = twice.inspect("f32[::1]", target="cuda:sm_80", num_warps=num_warps)
        assert found.metadata["threads"] == 32 * num_warps
        assert f"__launch_bounds__({32 * num_warps}" in found.cuda
    assert "num_warps" not in str(twice.inspect("f32[::1]", num_warps=3).metadata)  # a CPU


@pytest.mark.parametrize(
    ("option", "value"), [("num_warps", 3), ("num_warps", 64), ("num_stages", 0)]
)
def test_what_no_gpu_has_is_refused(option: str, value: int) -> None:
    with pytest.raises(tw.LaunchError, match=f"option '{option}' is {value}, expected"):
        twice.inspect("f32[::1]", target="cuda:sm_80", **{option: value})


@pytest.mark.parametrize("option", ["num_warps", "num_stages"])
@pytest.mark.parametrize("value", [True, 4.0, "4"])
@pytest.mark.parametrize("target", ["cuda:sm_80", "cpu:x86-64-v3"])
def test_what_is_no_integer_is_refused(option: str, value: object, target: str) -> None:
    with pytest.raises(tw.LaunchError, match=f"option '{option}' is {value!r}, expected an int"):
        twice.inspect("f32[::1]", target=target, **{option: value})


@needs_nvrtc
def test_listings_are_no_part_of_the_time_of_a_compile(inspection: Inspection) -> None:
    assert "cubin" in inspection.timings
    assert not {"ptx", "sass"} & set(inspection.timings)


@needs_nvrtc
def test_a_missing_disassembler_is_named(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["tilewright.codegen.cuda.assemble"]  # its package has a function so named
    monkeypatch.setattr(module, "find_disassembler", lambda folders: None)
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
