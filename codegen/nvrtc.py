"""NVRTC, NVIDIA's compiler library: CUDA C++ to PTX and a cubin, called through `ctypes`.

Its functions are described at https://docs.nvidia.com/cuda/nvrtc. It may be called from several
threads, and the GIL is not held while it is opened or compiles. Opening it and its first compile
take some 50 ms more than a later one: a thread can begin with that before there is a text.
"""

from __future__ import annotations

import atexit
import ctypes
import os
from _thread import allocate_lock, start_new_thread  # `threading` loads slowly
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record

from .options import Options
from .target import Target

# Of no use to us and long to read: the runtime's functions, textures, `std::move`.
_LEAN: Final = ("--minimal", "--builtin-move-forward=false", "--builtin-initializer-list=false")
_LEAN_SINCE: Final = (12, 8)
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
            self._library = ctypes.CDLL(path, handle=_open_library(path))
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

    def compile(self, text: str, name: str, target: Target, options: Sequence[str]) -> Compiled:
        """Compile with what NVRTC declares by itself left out; `name` is what the log calls it."""
        program = _HANDLE()
        self._call(
            "CreateProgram", ctypes.byref(program), text.encode(), name.encode(), 0, None, None
        )
        try:
            lean = _LEAN if self.version >= _LEAN_SINCE else ()
            words = [o.encode() for o in (f"--gpu-architecture={target.arch}", *lean, *options)]
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


def open_nvrtc(path: str) -> Nvrtc:
    """The library at a path, opened once."""
    with _opening:
        return _opened(path)


def begin_to_load(target: Target, options: Options) -> None:
    """Open the library and compile a line in a thread, unless that was begun before.

    What goes wrong there goes wrong again, and is told, where something is compiled.
    """
    path = options.nvrtc
    if path is None or path in _begun:
        return
    _begun.add(path)
    _loading.acquire()
    try:
        start_new_thread(_load, (path, target))
    except RuntimeError:  # no more threads, or Python is about to end
        _loading.release()


def _load(path: str, target: Target) -> None:
    try:
        open_nvrtc(path).compile("__global__ void nothing() {}", "nothing.cu", target, ())
    except Exception:
        pass
    finally:
        _loading.release()


def _finish_loading() -> None:
    with _loading:
        pass


@cache
def _opened(path: str) -> Nvrtc:
    return Nvrtc(path)


def _open_library(path: str) -> int | None:
    """A library as the system opens it, for which `ctypes.CDLL` would hold the GIL; None, with
    nothing said, where it cannot be.
    """
    system = ctypes.CDLL(None).dlopen
    system.argtypes, system.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    handle: int | None = system(os.fsencode(path), os.RTLD_NOW)
    return handle


_opening = allocate_lock()
_loading = allocate_lock()  # held while a thread does
_begun: set[str] = set()
# Neither the end of the process nor a fork may come in the middle of a compile.
atexit.register(_finish_loading)
os.register_at_fork(before=_finish_loading)
