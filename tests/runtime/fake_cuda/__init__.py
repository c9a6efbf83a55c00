"""A CUDA driver without a GPU, as a library: built when first needed, steered by tests."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tilewright import _native

_HERE = Path(__file__).resolve().parent
_NATIVE = _HERE.parents[2] / "native"


class FakeDriver:
    """The functions of the library that are for tests."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._library = ctypes.CDLL(path)
        self._library.fake_calls.restype = ctypes.c_long
        self._library.fake_used.restype = ctypes.c_size_t
        self._library.fake_block.restype = ctypes.c_size_t
        self._library.fake_maps.restype = ctypes.c_size_t
        self._library.fake_waits.restype = ctypes.c_size_t

    def set(self, name: str, value: int = 1) -> None:
        """Set what `fake_set` knows."""
        self._library.fake_set(name.encode(), ctypes.c_long(value))

    def fail(self, function: str, result: int, nth: int = 1) -> None:
        """Let a function give `result` at its n-th call from now on."""
        self.set("result", result)
        self.set(function, nth)

    def calls(self, function: str) -> int:
        """How often a function was called since it was last set."""
        return int(self._library.fake_calls(function.encode()))

    def reset(self) -> None:
        """Forget all that was set, and open the devices anew."""
        self._library.fake_reset()
        _native.set_cuda_driver("")
        _native.set_cuda_driver(self.path)

    @property
    def used(self) -> int:
        """How many bytes of its devices are allocated."""
        return int(self._library.fake_used())

    @property
    def block(self) -> bytes:
        """The argument block of the last launch."""
        found = (ctypes.c_ubyte * 4096)()
        return bytes(found[: self._library.fake_block(found, 4096)])

    @property
    def maps(self) -> list[list[int]]:
        """What the tensor maps of the last launch were made from, 13 numbers each."""
        words = (ctypes.c_uint64 * 16 * 8)()
        count = self._library.fake_maps(words, 8)
        return [list(words[n][:13]) for n in range(count)]

    @property
    def waits(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Which stream waited for which since this was last asked: devices and handles."""
        words = (ctypes.c_uint64 * 4 * 100)()
        count = self._library.fake_waits(words, 400)
        return [((w[0], w[1]), (w[2], w[3])) for w in words[:count]]

    @property
    def current(self) -> int:
        """The device whose context is current on this thread; -1 if none is."""
        return int(self._library.fake_current())

    @current.setter
    def current(self, device: int) -> None:
        self._library.fake_make_current(device)

    @property
    def launch(self) -> dict[str, int]:
        """Of the last launch."""
        values = (ctypes.c_uint64 * 9)()
        self._library.fake_launch(values)
        names = [
            "blocks",
            "threads",
            "shared",
            "launches",
            "stream",
            "programs",
            "scratch",
            "failure",
            "prints",
        ]
        return dict(zip(names, map(int, values), strict=True))


@cache
def fake_driver() -> FakeDriver:
    """The library, compiled if no run before has done so; skips where there is no compiler."""
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("g++")
    if compiler is None:
        pytest.skip("no C++ compiler builds the fake driver")
    sources = [_HERE / "fake_cuda.cpp", *sorted((_NATIVE / "cuda").glob("*"))]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()
    built = Path(tempfile.gettempdir()) / f"tilewright-fake-cuda-{os.getuid()}-{digest[:16]}.so"
    if not built.exists():
        partial = built.with_suffix(f".{os.getpid()}")
        flags = ["-std=c++20", "-O0", "-fPIC", "-shared", "-fvisibility=hidden"]
        subprocess.run(
            [*compiler.split(), *flags, f"-I{_NATIVE}", "-o", partial, sources[0]], check=True
        )
        partial.replace(built)
    return FakeDriver(str(built))
