"""The shared library that llvmlite brings, called without the Python part of llvmlite.

That part takes six times as long to load as the library, most of the first compile of a process.
What is called here is private to llvmlite, so its own declarations are read first: unless they are
those below, word by word, the library is not used, and `assemble` goes through the package.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

# By file of `llvmlite.binding`: parameters and result of each function, in its words.
DECLARED: Final = {
    "context": {
        "ContextCreate": " -> LLVMContextRef",
        "ContextDispose": "LLVMContextRef",
    },
    "module": {
        "ParseAssembly": "LLVMContextRef, c_char_p, POINTER(c_char_p) -> LLVMModuleRef",
        "DisposeModule": "LLVMModuleRef",
    },
    "targets": {
        "GetTargetFromTriple": "c_char_p, POINTER(c_char_p) -> LLVMTargetRef",
        "CreateTargetMachine": "LLVMTargetRef, c_char_p, c_char_p, c_char_p, c_int, c_char_p, "
        "c_char_p, c_int, c_int, c_char_p -> LLVMTargetMachineRef",
        "SetTargetMachineAsmVerbosity": "LLVMTargetMachineRef, c_int",
        "TargetMachineEmitToMemory": "LLVMTargetMachineRef, LLVMModuleRef, c_int, "
        "POINTER(c_char_p) -> LLVMMemoryBufferRef",
        "GetBufferStart": "LLVMMemoryBufferRef -> c_void_p",
        "GetBufferSize": "LLVMMemoryBufferRef -> c_size_t",
        "DisposeMemoryBuffer": "LLVMMemoryBufferRef",
    },
    "newpassmanagers": {
        "CreatePipelineTuningOptions": " -> LLVMPipelineTuningOptionsRef",
        "DisposePipelineTuningOptions": "LLVMPipelineTuningOptionsRef",
        "CreatePassBuilder": "LLVMTargetMachineRef, LLVMPipelineTuningOptionsRef "
        "-> LLVMPassBuilderRef",
        "DisposePassBuilder": "LLVMPassBuilderRef",
        "CreateNewModulePassManager": " -> LLVMModulePassManagerRef",
        "DisposeNewModulePassManger": "LLVMModulePassManagerRef",
        "module_AddSimplifyCFGPass": "LLVMModulePassManagerRef",
        "module_AddNewGVNPass": "LLVMModulePassManagerRef",
        "module_AddADCEPass": "LLVMModulePassManagerRef",
        "RunNewModulePassManager": "LLVMModulePassManagerRef, LLVMModuleRef, LLVMPassBuilderRef",
    },
    "initfini": {
        "InitializeNativeTarget": "",
        "InitializeNativeAsmPrinter": "",
        "InitializeAllTargetInfos": "",
        "InitializeAllTargets": "",
        "InitializeAllTargetMCs": "",
        "InitializeAllAsmPrinters": "",
    },
}  # fmt: skip

_DECLARATION: Final = re.compile(
    r"^ffi\.lib\.LLVMPY_(\w+)\.(argtypes|restype)\s*=[\s\\]*(\[[^\]]*\]|[\w.]+)", re.MULTILINE
)
# Whatever is not here is an address.
_TYPES: Final[dict[str, Any]] = {
    "c_char_p": ctypes.c_char_p,
    "POINTER(c_char_p)": ctypes.POINTER(ctypes.c_char_p),
    "c_int": ctypes.c_int,
    "c_size_t": ctypes.c_size_t,
}


Library = Mapping[str, Callable[..., Any]]


@cache
def open_library() -> Library | None:
    """The functions of the library by name; None where they are not what we know."""
    found = find_spec("llvmlite")
    if found is None or not found.submodule_search_locations:
        return None
    folder = f"{found.submodule_search_locations[0]}/binding"
    try:
        for file, functions in DECLARED.items():
            if not agree(functions, _read(f"{folder}/{file}.py")):
                return None
        library = ctypes.CDLL(f"{folder}/libllvmlite.so")
        return {
            name: _declare(library[f"LLVMPY_{name}"], text)
            for functions in DECLARED.values()
            for name, text in functions.items()
        }
    except (OSError, AttributeError, UnicodeDecodeError):
        return None


def agree(functions: dict[str, str], source: str) -> bool:
    """Whether a file of llvmlite calls these functions and declares them so."""
    stated: dict[tuple[str, str], str] = {}
    for name, kind, value in _DECLARATION.findall(source):
        plain = re.sub(r"#.*|\s|ffi\.|[\[\]]", "", value)
        stated[name, kind] = plain.removesuffix(",")
    return all(
        f"LLVMPY_{name}(" in source
        and stated.get((name, "argtypes"), "") == _parameters(text)
        and stated.get((name, "restype"), "") == _result(text)
        for name, text in functions.items()
    )


def _parameters(text: str) -> str:
    return text.partition("->")[0].replace(" ", "")


def _result(text: str) -> str:
    return text.partition("->")[2].strip()


def _declare(function: Any, text: str) -> Callable[..., Any]:
    names = [name for name in _parameters(text).split(",") if name]
    function.argtypes = [_TYPES.get(name, ctypes.c_void_p) for name in names]
    result = _result(text)
    function.restype = _TYPES.get(result, ctypes.c_void_p) if result else None
    made: Callable[..., Any] = function
    return made


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return file.read()
