"""Kernels with their plan and their CUDA C++ beside them; `--update` rewrites these.

What stands before the struct of the arguments is the prelude, whose parts have tests of their own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tilewright.codegen.toolkit import find_nvrtc

from ...cuda_sweep import TARGETS, fault_of
from .golden import FOLDER, KERNELS, TARGET, function_of, products

# Kernels whose text is another one for GPUs that multiply out of registers.
WITH_OLDER = ("attention", "matmul")
OLDER = "cuda:sm_80"


def compare(path: Path, actual: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        path.write_text(actual)
        return
    assert path.read_text() == actual


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_a_kernel_gives_the_plan_and_the_text_in_its_files(
    path: Path, request: pytest.FixtureRequest
) -> None:
    plan, text = products(path)
    compare(path.with_suffix(".plan"), plan, request)
    compare(path.with_suffix(".cu"), text, request)


@pytest.mark.parametrize("name", WITH_OLDER)
def test_older_gpus_have_other_instructions(name: str, request: pytest.FixtureRequest) -> None:
    plan, text = products(FOLDER / f"{name}.py", OLDER)
    compare(FOLDER / f"{name}.sm_80.plan", plan, request)
    compare(FOLDER / f"{name}.sm_80.cu", text, request)


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_the_same_kernel_gives_the_same_text_again(path: Path) -> None:
    assert products(path, TARGET) == products(path, TARGET)


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_nvrtc_takes_the_text(path: Path, target: str) -> None:
    assert fault_of(function_of(path), target) is None
