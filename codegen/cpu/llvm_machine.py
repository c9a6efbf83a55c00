"""LLVM for one target: the text of a module to an object or a listing, in steps that are timed.

Only LLVM's cleanups run: the vectors, the fusion and the order of memory accesses are already ours.
No instcombine: it would turn masks kept as integers in vector lanes back into packed bits.
"""

from __future__ import annotations

import ctypes
import os
from _thread import allocate_lock
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from ..target import Machine
from .llvm_library import Library

SPEED: Final = 2
RELOCATION: Final = "pic"
CODE_MODEL: Final = "small"

# Told the name of a step and the seconds it took.
Watch = Callable[[str, float], None]


class LibraryMachine:
    """LLVM called straight. Modules have a context each; one thread at a time has the machine."""

    def __init__(self, library: Library, machine: Machine) -> None:
        self._library = library
        self._lock = allocate_lock()
        self._initialize(machine.triple)
        triple, cpu, features = (
            text.encode() for text in (machine.triple, machine.cpu, machine.features)
        )
        error = ctypes.c_char_p()
        target = _made(library["GetTargetFromTriple"](triple, ctypes.byref(error)), error)
        model = RELOCATION.encode(), CODE_MODEL.encode()
        made = library["CreateTargetMachine"](
            target, triple, cpu, features, SPEED, *model, 0, 0, b""
        )
        self._machine = _made(made, error)
        library["SetTargetMachineAsmVerbosity"](self._machine, 1)

    def emit(self, text: str, as_object: bool, watch: Watch) -> bytes:
        """An object, or a listing with comments; `watch` hears of parsing and of optimising."""
        library = self._library
        with self._lock:
            context = library["ContextCreate"]()
            try:
                started = perf_counter()
                error = ctypes.c_char_p()
                module = _made(
                    library["ParseAssembly"](context, text.encode(), ctypes.byref(error)), error
                )
                try:
                    parsed = perf_counter()
                    watch("parse", parsed - started)
                    self._optimise(module)
                    watch("optimise", perf_counter() - parsed)
                    return self._code(module, as_object)
                finally:
                    library["DisposeModule"](module)
            finally:
                library["ContextDispose"](context)

    def _initialize(self, triple: str) -> None:
        """Make the target known; that of this machine alone takes a fifth of the time of all."""
        if triple.startswith(f"{os.uname().machine}-"):
            parts = "NativeTarget NativeAsmPrinter"
        else:
            parts = "AllTargetInfos AllTargets AllTargetMCs AllAsmPrinters"
        for part in parts.split():
            self._library[f"Initialize{part}"]()

    def _optimise(self, module: int) -> None:
        library = self._library
        tuning = library["CreatePipelineTuningOptions"]()
        builder = library["CreatePassBuilder"](self._machine, tuning)
        passes = library["CreateNewModulePassManager"]()
        for name in ("SimplifyCFG", "NewGVN", "ADCE"):
            library[f"module_Add{name}Pass"](passes)
        library["RunNewModulePassManager"](passes, module, builder)
        library["DisposeNewModulePassManger"](passes)
        library["DisposePassBuilder"](builder)
        library["DisposePipelineTuningOptions"](tuning)

    def _code(self, module: int, as_object: bool) -> bytes:
        library = self._library
        error = ctypes.c_char_p()
        made = library["TargetMachineEmitToMemory"](
            self._machine, module, int(as_object), ctypes.byref(error)
        )
        buffer = _made(made, error)
        try:
            start, size = library["GetBufferStart"](buffer), library["GetBufferSize"](buffer)
            return ctypes.string_at(start, size)
        finally:
            library["DisposeMemoryBuffer"](buffer)


class PackageMachine:
    """The same through `llvmlite.binding`, which is all that llvmlite promises to keep."""

    def __init__(self, machine: Machine) -> None:
        import llvmlite.binding

        self._llvm: Any = llvmlite.binding
        self._llvm.initialize_all_targets()
        self._llvm.initialize_all_asmprinters()
        self._machine = self._llvm.Target.from_triple(machine.triple).create_target_machine(
            machine.cpu, machine.features, SPEED, RELOCATION, CODE_MODEL
        )
        self._machine.set_asm_verbosity(True)

    def emit(self, text: str, as_object: bool, watch: Watch) -> bytes:
        """As of `LibraryMachine`."""
        llvm = self._llvm
        started = perf_counter()
        module = llvm.parse_assembly(text)
        parsed = perf_counter()
        watch("parse", parsed - started)
        builder = llvm.create_pass_builder(
            self._machine, llvm.create_pipeline_tuning_options(speed_level=SPEED)
        )
        passes = llvm.create_new_module_pass_manager()
        passes.add_simplify_cfg_pass()
        passes.add_new_gvn_pass()
        passes.add_aggressive_dce_pass()
        passes.run(module, builder)
        watch("optimise", perf_counter() - parsed)
        if as_object:
            code: bytes = self._machine.emit_object(module)
            return code
        listing: str = self._machine.emit_assembly(module)
        return listing.encode()


def _made(pointer: int | None, error: ctypes.c_char_p) -> int:
    """What LLVM made; whatever it refuses is our fault."""
    if not pointer or error.value:
        raise AssertionError(f"LLVM: {(error.value or b'no reason given').decode()}")
    return pointer
