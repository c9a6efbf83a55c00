"""LLVM IR to a relocatable object; assembly for those who look."""

from __future__ import annotations

import re
from functools import cache
from time import perf_counter

from ..backends import Observer, Product, ignore
from ..options import Options
from ..target import Target
from .llvm_library import open_library
from .llvm_machine import LibraryMachine, PackageMachine
from .locate import strip_debug, with_locations


def assemble(text: str, target: Target, options: Options, observe: Observer = ignore) -> Product:
    """Optimise and compile a module; any CPU target may be asked for on any host.

    The listing comes from a second run over the same text with locations, which change no
    instruction: the object of a kernel that is looked at is the one that is launched.
    """
    started = perf_counter()
    machine = machine_for(target)
    begun = perf_counter()
    observe("load LLVM", None, begun - started)
    inside = 0.0

    def watch(step: str, seconds: float) -> None:
        nonlocal inside
        inside += seconds
        observe(f"LLVM: {step}", None, seconds)

    code = machine.emit(text, True, watch)
    observe("object", code, perf_counter() - begun - inside)
    if not options.keep_assembly:
        return Product(code, {"registers": None, "spills": None})
    begun = perf_counter()
    listing = machine.emit(with_locations(text), False, lambda step, seconds: None).decode()
    listing = strip_debug(listing)
    observe("asm", listing, perf_counter() - begun)
    registers = len(set(re.findall(r"%[xyz]mm(\d+)|\bv(\d+)\.", listing)))
    spills = {"stores": _count("Spill", listing), "loads": _count("Reload", listing)}
    return Product(code, {"registers": registers, "spills": spills}, listing)


@cache
def machine_for(target: Target) -> LibraryMachine | PackageMachine:
    """LLVM for a target."""
    library = open_library()
    if library is None:
        return PackageMachine(target.machine)
    return LibraryMachine(library, target.machine)


def _count(word: str, listing: str) -> int:
    """How many instructions LLVM's comments say a word of."""
    return len(re.findall(rf"-byte (?:Folded )?{word}\b", listing))
