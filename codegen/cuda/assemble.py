"""CUDA C++ to a cubin by NVRTC; PTX and SASS for those who look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import perf_counter
from typing import Final

from tilewright.dsl.errors import CompileError

from ..backends import Observer, Product, ignore
from ..nvrtc import Compiled, Nvrtc, open_nvrtc
from ..options import Options
from ..target import Target
from ..toolkit import find_disassembler, find_nvrtc, nvrtc_missing
from .disassemble import disassemble
from .locate import located_ptx, place_of_line, with_places, without_marks

# Denormals are kept, `/` and `sqrt` are rounded correctly, and `a * b + c` is two roundings unless
# the text says `fma`: contraction is a pass. These are NVRTC's defaults, all but one.
FLOATS: Final = ("-fmad=false", "-ftz=false", "-prec-div=true", "-prec-sqrt=true")
OPTIONS: Final = ("--std=c++20", "-default-device", "-w", *FLOATS)
NAME: Final = "kernel.cu"

_USED: Final = re.compile(r"Used (\d+) registers")
_SPILLED: Final = re.compile(
    r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads"
)
_SHARED: Final = re.compile(r"(\d+) bytes smem")
# Code that runs many times slower than it looks: matrix instructions wait for one another.
_SLOW: Final = re.compile(r"^.*\(C7\d+\) Potential Performance Loss.*$", re.MULTILINE)
_PLACED: Final = re.compile(rf"^{re.escape(NAME)}\((\d+)\): ", re.MULTILINE)


def assemble(text: str, target: Target, options: Options, observe: Observer = ignore) -> Product:
    """Compile a translation unit; any architecture may be asked for on any machine.

    Whatever NVRTC refuses is our fault, and an `AssertionError` with its log. The listings come
    from a second run over the same text with locations, which change no instruction: the cubin of
    a kernel that is looked at is the one that is launched.
    """
    begun = perf_counter()
    nvrtc = _library(options)
    _check_architecture(nvrtc, target)
    observe("load NVRTC", None, perf_counter() - begun)
    begun = perf_counter()
    compiled = _compile(nvrtc, without_marks(text), text, target, ("--ptxas-options=-v",))
    observe("cubin", compiled.cubin, perf_counter() - begun)
    usage = _usage(compiled.log)
    if not options.keep_assembly:
        return Product(compiled.cubin, usage)
    begun = perf_counter()
    located = _compile(nvrtc, with_places(text), text, target, ("-lineinfo",))
    ptx = located_ptx(located.ptx)
    observe("ptx", ptx, perf_counter() - begun)
    tool = find_disassembler(options.toolkit)
    if tool is not None:
        begun = perf_counter()
        observe("sass", disassemble(located.cubin, tool), perf_counter() - begun)
    return Product(compiled.cubin, usage, ptx)


def _library(options: Options) -> Nvrtc:
    path = options.nvrtc
    if path is None:
        found = find_nvrtc(options.toolkit)
        if found is None:
            raise nvrtc_missing()
        path = found.path
    return open_nvrtc(path)


def _check_architecture(nvrtc: Nvrtc, target: Target) -> None:
    major, minor = target.gpu.capability
    if 10 * major + minor not in nvrtc.architectures:
        version = ".".join(map(str, nvrtc.version))
        raise CompileError(
            f"cannot compile for {target}: NVRTC {version} at {nvrtc.path} does not know it",
            "pip install --upgrade nvidia-cuda-nvrtc-cu12",
        )


def _compile(
    nvrtc: Nvrtc, prepared: str, text: str, target: Target, more: tuple[str, ...]
) -> Compiled:
    compiled = nvrtc.compile(prepared, NAME, target, (*OPTIONS, *more))
    slow = _SLOW.search(compiled.log)
    if not compiled.is_good or slow is not None:
        reason = "refuses" if slow is None else "serialises"
        raise AssertionError(_explain(reason, compiled.log, text, target))
    return compiled


def _explain(reason: str, log: str, text: str, target: Target) -> str:
    """NVRTC's log, with the place of the function at each line that names a line of the text."""

    def name_place(found: re.Match[str]) -> str:
        place = place_of_line(text, int(found[1]))
        return found[0] if place is None else f"{found[0]}#line {place}: "

    lines = log.split("\n")
    shown = "\n".join(_worth_telling(lines)) or log
    return f"NVRTC {reason} code for {target}:\n{_PLACED.sub(name_place, shown)}"


def _worth_telling(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if _SLOW.match(line) or not line.startswith(("ptxas info ", "ptxas  ")):
            yield line


def _usage(log: str) -> dict[str, object]:
    """What the assembler tells of the code: registers of a thread, spills and stack in bytes."""
    spills = [tuple(map(int, found)) for found in _SPILLED.findall(log)]
    return {
        "registers": max(map(int, _USED.findall(log)), default=None),
        "spills": {
            "stores": sum(stored for _, stored, _ in spills),
            "loads": sum(loaded for _, _, loaded in spills),
        },
        "stack_bytes": sum(frame for frame, _, _ in spills),
        "static_shared_memory": max(map(int, _SHARED.findall(log)), default=0),
    }
