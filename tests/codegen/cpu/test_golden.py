"""Kernels with their plan and, of some, their LLVM IR beside them; `--update` rewrites these."""

from __future__ import annotations

from pathlib import Path

import pytest

from .golden import FOLDER, KERNELS, products

# Of few kernels, so that a change of the emitter is read and not skimmed.
WITH_LLVM = ("in_place", "mandelbrot", "matmul", "saxpy", "softmax", "strided", "transpose")


def compare(path: Path, actual: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        path.write_text(actual)
        return
    assert path.read_text() == actual


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_a_kernel_gives_the_plan_in_its_file(path: Path, request: pytest.FixtureRequest) -> None:
    compare(path.with_suffix(".plan"), f"{products(path)['plan']}\n", request)


@pytest.mark.parametrize("name", WITH_LLVM)
def test_a_kernel_gives_the_llvm_in_its_file(name: str, request: pytest.FixtureRequest) -> None:
    path = FOLDER / f"{name}.py"
    compare(path.with_suffix(".ll"), str(products(path)["llvm"]), request)


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_the_same_kernel_gives_the_same_code_again(path: Path) -> None:
    assert products(path)["object"] == products(path)["object"]
