"""The environment variables, their meaning and defaults; no other file reads the environment."""

from __future__ import annotations

import os
from typing import Final

from tilewright.dsl.errors import Error

DEFAULT_CACHE_SIZE: Final = 1 << 30  # bytes; thousands of kernels, and little beside a home folder

_YES: Final = frozenset(("1", "true", "yes", "on"))
_NO: Final = frozenset(("", "0", "false", "no", "off"))
_UNITS: Final = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


class Settings:
    """What the environment says now: each property reads its variable when it is asked.

    A variable has an effect on what is compiled or loaded after it was set; a kernel that is loaded
    already stays as it is. A value that cannot be read raises `Error` naming the variable.
    """

    @property
    def interpret(self) -> bool:
        """`TILEWRIGHT_INTERPRET=1`: run kernels in the interpreter, nothing is compiled."""
        return self.races or _flag("TILEWRIGHT_INTERPRET")

    @property
    def races(self) -> bool:
        """`TILEWRIGHT_RACES=1`: interpret, and report programs that race for one element."""
        return _flag("TILEWRIGHT_RACES")

    @property
    def debug(self) -> frozenset[str]:
        """`TILEWRIGHT_DEBUG`: `1` compiles every kernel as with `debug=True`, `strict` as with
        `debug="strict"`; given as options of a function.
        """
        value = _read("TILEWRIGHT_DEBUG").lower()
        if value == "strict":
            return frozenset(("debug", "strict"))
        return frozenset(("debug",)) if _flag("TILEWRIGHT_DEBUG") else frozenset()

    @property
    def cache_folder(self) -> str:
        """`TILEWRIGHT_CACHE_DIR`: where artifacts are kept; by default `tilewright` in
        `XDG_CACHE_HOME` or, without it, in `~/.cache`.
        """
        chosen = _read("TILEWRIGHT_CACHE_DIR")
        if chosen:
            return _absolute(chosen)
        base = _read("XDG_CACHE_HOME")
        if not base.startswith("/"):  # the XDG specification: a relative path is invalid
            base = "~/.cache"
        return _absolute(f"{base}/tilewright")

    @property
    def cache_size(self) -> int:
        """`TILEWRIGHT_CACHE_SIZE`: the most bytes to keep on disk, as `500M`; default 1 GiB.

        `0` turns the cache on disk off.
        """
        value = _read("TILEWRIGHT_CACHE_SIZE").lower()
        if not value:
            return DEFAULT_CACHE_SIZE
        number = value.removesuffix("b").removesuffix("i")
        unit = _UNITS.get(number[-1:], 1)
        digits = number[:-1] if unit > 1 else number
        if not (digits.isascii() and digits.isdigit()):
            raise _unreadable("TILEWRIGHT_CACHE_SIZE", "a number of bytes such as 500M or 2G")
        return int(digits) * unit

    @property
    def num_threads(self) -> int | None:
        """`TILEWRIGHT_NUM_THREADS`: threads that run a launch; by default, one for each core."""
        value = _read("TILEWRIGHT_NUM_THREADS")
        if not value:
            return None
        if not (value.isascii() and value.isdigit()) or int(value) < 1:
            raise _unreadable("TILEWRIGHT_NUM_THREADS", "a whole number of 1 or more")
        return int(value)

    @property
    def tune(self) -> str:
        """`TILEWRIGHT_TUNE`: `1` tunes where nothing is remembered, `0` never does and takes the
        first configuration then, `force` tunes in every process anew. Gives `on`, `off`, `force`.
        """
        value = _read("TILEWRIGHT_TUNE").lower()
        if value == "force":
            return value
        if value == "" or value in _YES:
            return "on"
        if value in _NO:
            return "off"
        raise _unreadable("TILEWRIGHT_TUNE", "0, 1 or force")

    @property
    def tune_progress(self) -> bool:
        """`TILEWRIGHT_TUNE_PROGRESS=0`: say nothing on standard error about tuning."""
        return not _read("TILEWRIGHT_TUNE_PROGRESS") or _flag("TILEWRIGHT_TUNE_PROGRESS")

    @property
    def dump_folder(self) -> str | None:
        """`TILEWRIGHT_DUMP`: a folder where each compile leaves its stages; by default nowhere."""
        value = _read("TILEWRIGHT_DUMP")
        return _absolute(value) if value else None

    @property
    def nvrtc(self) -> str | None:
        """`TILEWRIGHT_NVRTC`: the path of NVIDIA's compiler library; by default where packages or
        toolkits put it.
        """
        value = _read("TILEWRIGHT_NVRTC")
        return _absolute(value) if value else None

    @property
    def cuda_driver(self) -> str:
        """`TILEWRIGHT_CUDA_DRIVER`: the path of the CUDA driver's library, by default the system's
        `libcuda.so.1`.
        """
        return _read("TILEWRIGHT_CUDA_DRIVER")

    @property
    def toolkit_folders(self) -> tuple[str, ...]:
        """Where a CUDA toolkit may be: `CUDA_HOME`, `CUDA_PATH`, then the folders of
        `LD_LIBRARY_PATH` and `PATH`.
        """
        named = [_read(name) for name in ("CUDA_HOME", "CUDA_PATH")]
        listed = [_read(name).split(":") for name in ("LD_LIBRARY_PATH", "PATH")]
        return tuple(folder for folder in (*named, *listed[0], *listed[1]) if folder)


settings: Final = Settings()


def environment_with(**changes: str) -> dict[str, str]:
    """The environment for a child process, some variables of it changed."""
    return os.environ | changes


def force_tuning() -> None:
    """Let this process and its children tune every kernel anew, as `TILEWRIGHT_TUNE=force` does."""
    os.environ["TILEWRIGHT_TUNE"] = "force"


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()


def _absolute(path: str) -> str:
    # Not by pathlib, which loads slowly.
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111


def _flag(name: str) -> bool:
    value = _read(name).lower()
    if value in _YES or (name == "TILEWRIGHT_DEBUG" and value == "strict"):
        return True
    if value in _NO:
        return False
    raise _unreadable(name, "0, 1 or strict" if name == "TILEWRIGHT_DEBUG" else "0 or 1")


def _unreadable(name: str, expected: str) -> Error:
    return Error(f"environment variable {name} is {_read(name)!r}, expected {expected}")
