"""Kernels that tests launch on the host are compiled for GPUs, too, which needs none of them.

What is compiled is every specialisation that the host compiles in such a test, for all targets, or
a sample of them, each for one of the targets; what NVRTC refuses fails the test and names the
kernel.
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
ONE_OF: Final = 12  # kernels: all of them take eight minutes of a core
COMPILED: Final = f"{{count}} times a kernel of tests/language compiled for {' or '.join(TARGETS)}"
LEFT_OUT: Final = "{count} kernels of tests/language not compiled for GPUs"
# What a GPU cannot do and the host can, as docs/limits.md has it; by the words of the error.
LIMITS: Final = ("take one by one",)


@contextmanager
def compiled_for_gpus(
    test: str, everything: bool, count: Callable[[str, int], None]
) -> Iterator[None]:
    """Compile what the block launches, once it is over, and `count` it.

    Of a `test` it is the same sample in every run, unless it is to be `everything`.
    """
    usual: Any = launch._compile  # type: ignore[attr-defined]
    found: list[tuple[ir.Function, str]] = []
    seen = 0

    def observed(function: ir.Function, target: Target, options: Options, key: str) -> Artifact:
        nonlocal seen
        made: Artifact = usual(function, target, options, key)
        if target.kind == "cpu":
            seen += 1
            draw, rest = divmod(crc32(f"{test} {seen}".encode()), ONE_OF)
            if everything:
                found.extend((function, one) for one in TARGETS)
            elif rest == 0:
                found.append((function, TARGETS[draw % len(TARGETS)]))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "_compile", observed)
        yield
    if find_nvrtc() is None:
        count(f"{LEFT_OUT}: NVRTC is not installed", len(found))
        return
    count(COMPILED, len(found))
    faults = [fault_of(function, one) for function, one in found]
    if any(faults):
        pytest.fail("\n".join(filter(None, faults)), pytrace=False)


def fault_of(function: ir.Function, target: str) -> str | None:
    """Why a function cannot be compiled for a target, with its name; None if it can, or if that
    is a limit.
    """
    parsed = parse_target(target)
    try:
        compile_function(function, parsed, options_for(parsed))
    except CompileError as error:
        if any(limit in str(error) for limit in LIMITS):
            return None
        return f"kernel {function.name} for {target}: {error}"
    except Exception as error:
        return f"kernel {function.name} for {target}: {type(error).__name__}: {error}"
    return None
