"""Kernels that tests launch on the host are compiled for GPUs, too, which needs none of them.

What is compiled is every specialisation that the host compiles in such a test, for all targets: as
far as PTX, and a sample of them to machine code; what NVRTC refuses fails the test and names the
kernel. The same text is compiled once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from zlib import crc32

import pytest

from tilewright.codegen.artifact import Artifact
from tilewright.codegen.backends import find_backend, ignore
from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.cuda.assemble import NAME, OPTIONS
from tilewright.codegen.cuda.locate import without_marks
from tilewright.codegen.nvrtc import open_nvrtc
from tilewright.codegen.options import Options
from tilewright.codegen.passes import run_passes
from tilewright.codegen.target import Target, parse_target
from tilewright.codegen.toolkit import find_nvrtc
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.runtime import launch
from tilewright.runtime.compilers import options_for

TARGETS: Final = ("cuda:sm_80", "cuda:sm_90a")
ONE_OF: Final = 24  # to machine code: that of all of them takes eight minutes of a core
COMPILED: Final = f"{{count}} times a kernel of tests/language compiled for {' or '.join(TARGETS)}"
WHOLLY: Final = "{count} of these to machine code"
LEFT_OUT: Final = "{count} kernels of tests/language not compiled for GPUs"
# What a GPU cannot do and the host can, as docs/limits.md has it; by the words of the error.
LIMITS: Final = ("take one by one",)


@contextmanager
def compiled_for_gpus(
    test: str, everything: bool, count: Callable[[str, int], None]
) -> Iterator[None]:
    """Compile what the block launches, once it is over, and `count` it.

    Of a `test` the same sample becomes machine code in every run, unless `everything` is to.
    """
    usual: Any = launch._compile  # type: ignore[attr-defined]
    found: list[tuple[ir.Function, str, bool]] = []

    def observed(function: ir.Function, target: Target, options: Options, key: str) -> Artifact:
        made: Artifact = usual(function, target, options, key)
        for one in TARGETS if target.kind == "cpu" else ():
            draw = crc32(f"{test} {len(found)}".encode())
            found.append((function, one, everything or draw % ONE_OF == 0))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "_compile", observed)
        yield
    if find_nvrtc() is None:
        count(f"{LEFT_OUT}: NVRTC is not installed", len(found))
        return
    count(COMPILED, len(found))
    count(WHOLLY, sum(wholly for _, _, wholly in found))
    faults = [fault_of(*one) for one in found]
    if any(faults):
        pytest.fail("\n".join(filter(None, faults)), pytrace=False)


def fault_of(function: ir.Function, target: str, wholly: bool = True) -> str | None:
    """Why a function cannot be compiled for a target, with its name; None if it can, or if that
    is a limit.
    """
    parsed = parse_target(target)
    try:
        if wholly:
            compile_function(function, parsed, options_for(parsed))
        else:
            _compile_to_ptx(_text_of(function, parsed), parsed)
    except CompileError as error:
        if any(limit in str(error) for limit in LIMITS):
            return None
        return f"kernel {function.name} for {target}: {error}"
    except Exception as error:
        return f"kernel {function.name} for {target}: {type(error).__name__}: {error}"
    return None


def _text_of(function: ir.Function, target: Target) -> str:
    backend, options = find_backend(target.kind), options_for(target)
    optimized = run_passes(function, backend.passes(target), ignore, options.verify)
    return backend.emit(optimized, backend.plan(optimized, target, options), target)


@cache
def _compile_to_ptx(text: str, target: Target) -> None:
    """Half the work, and less where NVRTC can be told so; whatever is wrong with a text shows."""
    library = find_nvrtc()
    assert library is not None
    nvrtc = open_nvrtc(library.path)
    virtual = Target(target.kind, target.arch.replace("sm_", "compute_"))
    haste = ("--Ofast-compile=mid",) if nvrtc.version >= (12, 8) else ()
    compiled = nvrtc.compile(without_marks(text), NAME, virtual, (*OPTIONS, *haste))
    assert compiled.is_good, compiled.log
