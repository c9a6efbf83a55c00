"""NVRTC, NVIDIA's compiler library: CUDA C++ to PTX and a cubin, called through `ctypes`.

Its functions are described at https://docs.nvidia.com/cuda/nvrtc. It may be called from several
threads, and the GIL is not held while it compiles.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record

_SUCCESS: Final = 0
_OUT_OF_MEMORY: Final = 1
_COMPILATION: Final = 6
_HANDLE = ctypes.c_void_p
_SIZE = ctypes.c_size_t


@record
class Compiled:
    """What NVRTC made of a text: its log, and if `is_good` the PTX and the cubin."""

    is_good: bool
    log: str
    ptx: str = ""
    cubin: bytes = b""


class Nvrtc:
    """The library, opened; `version` is (major, minor), `architectures` such as 80 and 90."""

    def __init__(self, path: str) -> None:
        try:
            self._library = ctypes.CDLL(path)
        except OSError as error:
            raise CompileError(f"NVRTC cannot be loaded: {error}") from None
        major, minor, count = (ctypes.c_int() for _ in range(3))
        self._call("Version", ctypes.byref(major), ctypes.byref(minor))
        self._call("GetNumSupportedArchs", ctypes.byref(count))
        found = (ctypes.c_int * count.value)()
        self._call("GetSupportedArchs", found)
        self.path = path
        self.version = major.value, minor.value
        self.architectures = frozenset(found)

    def compile(self, text: str, name: str, options: Sequence[str]) -> Compiled:
        """Compile for one architecture; `name` is what the log calls the text."""
        program = _HANDLE()
        self._call(
            "CreateProgram", ctypes.byref(program), text.encode(), name.encode(), 0, None, None
        )
        try:
            words = [option.encode() for option in options]
            status = self._library.nvrtcCompileProgram(
                program, len(words), (ctypes.c_char_p * len(words))(*words)
            )
            if status not in (_SUCCESS, _COMPILATION):
                self._check("CompileProgram", status, self._text("ProgramLog", program))
            log = self._text("ProgramLog", program).strip()
            if status == _COMPILATION:
                return Compiled(False, log)
            return Compiled(True, log, self._text("PTX", program), self._bytes("CUBIN", program))
        finally:
            self._call("DestroyProgram", ctypes.byref(program))

    def _text(self, what: str, program: _HANDLE) -> str:
        return self._bytes(what, program).rstrip(b"\0").decode(errors="replace")

    def _bytes(self, what: str, program: _HANDLE) -> bytes:
        size = _SIZE()
        self._call(f"Get{what}Size", program, ctypes.byref(size))
        found = ctypes.create_string_buffer(size.value)
        self._call(f"Get{what}", program, found)
        return found.raw

    def _call(self, name: str, *arguments: Any) -> None:
        self._check(name, getattr(self._library, f"nvrtc{name}")(*arguments))

    def _check(self, name: str, status: int, log: str = "") -> None:
        if status == _SUCCESS:
            return
        if status == _OUT_OF_MEMORY:
            raise MemoryError(f"nvrtc{name}: out of memory")
        explain = self._library.nvrtcGetErrorString
        explain.restype = ctypes.c_char_p
        raise AssertionError(f"nvrtc{name}: {explain(status).decode()}\n{log}".rstrip())


@cache
def open_nvrtc(path: str) -> Nvrtc:
    """The library at a path, opened once."""
    return Nvrtc(path)
