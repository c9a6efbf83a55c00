"""Kernels that tests launch on the host are compiled for GPUs, too, which needs none of them.

What is compiled is every specialisation that the host compiles in such a test, or a sample of them;
what NVRTC refuses fails the test and names the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from zlib import crc32

import pytest

from tilewright.codegen.artifact import Artifact
from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.options import Options
from tilewright.codegen.target import Target, parse_target
from tilewright.codegen.toolkit import find_nvrtc
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.runtime import launch
from tilewright.runtime.compilers import options_for

TARGETS: Final = ("cuda:sm_80", "cuda:sm_90a")
ONE_OF: Final = 40  # kernels: all of them take NVRTC half an hour
# What a GPU cannot do and the host can, as docs/limits.md has it; by the words of the error.
LIMITS: Final = ("take one by one",)


@contextmanager
def compiled_for_gpus(test: str, everything: bool) -> Iterator[list[str]]:
    """Compile what the block launches once it is over: gives the names of what was compiled.

    Of a `test` it is the same sample in every run, unless it is to be `everything`.
    """
    usual: Any = launch._compile  # type: ignore[attr-defined]
    found: list[ir.Function] = []
    compiled: list[str] = []
    seen = 0

    def observed(function: ir.Function, target: Target, options: Options, key: str) -> Artifact:
        nonlocal seen
        made: Artifact = usual(function, target, options, key)
        if target.kind == "cpu":
            seen += 1
            if everything or crc32(f"{test} {seen}".encode()) % ONE_OF == 0:
                found.append(function)
        return made

    with pytest.MonkeyPatch.context() as patch:
        if find_nvrtc() is not None:
            patch.setattr(launch, "_compile", observed)
        yield compiled
    faults = []
    for function in found:
        for name in TARGETS:
            compiled.append(function.name)
            fault = fault_of(function, name)
            if fault is not None:
                faults.append(fault)
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def fault_of(
    function: ir.Function,
    target: str,
    compiling: Callable[..., Artifact] = compile_function,
) -> str | None:
    """Why a function cannot be compiled for a target, with its name; None if it can, or if that
    is a limit.
    """
    parsed = parse_target(target)
    try:
        compiling(function, parsed, options_for(parsed))
    except CompileError as error:
        if any(limit in str(error) for limit in LIMITS):
            return None
        return f"kernel {function.name} for {target}: {error}"
    except Exception as error:
        return f"kernel {function.name} for {target}: {type(error).__name__}: {error}"
    return None
