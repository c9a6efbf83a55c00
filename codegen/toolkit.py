"""Finds NVIDIA's compiler library and disassembler on this machine, without loading them.

They come in packages of PyPI, found by their folders on the import path, or in a CUDA toolkit.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record

# Where packages put what they bring: `nvidia/cu13/lib`, before version 13 `nvidia/cuda_nvrtc/lib`.
_PACKAGES: Final = "nvidia"
_LIBRARY: Final = re.compile(r"libnvrtc\.so\.(\d+)")
# Where a toolkit is without anybody saying so.
_SYSTEM: Final = ("/usr/local/cuda", "/opt/cuda", "/usr")
_OLDEST: Final = 12  # the first that knows sm_90a


@record
class Nvrtc:
    """NVIDIA's compiler library: its path, the first number of its version, and what tells it apart
    from others: the version of its package, else path, size and time of the file.
    """

    path: str
    major: int
    identity: str


def find_nvrtc(folders: Iterable[str] = (), newest: int | None = None) -> Nvrtc | None:
    """The newest library there is, of the major version `newest` at most where there is a choice.

    Those of packages are looked for before those in the `folders` of toolkits and of the system.
    Raises nothing: what is missing is told by `require_nvrtc`.
    """
    for look in (_packaged, partial(_installed, folders)):
        usable = [one for one in look() if one.major >= _OLDEST]
        fitting = [one for one in usable if newest is None or one.major <= newest]
        if usable:
            return max(fitting or usable, key=lambda one: one.major)
    return None


def describe_nvrtc(path: str) -> Nvrtc | None:
    """The library at a path; None if there is none."""
    found = _LIBRARY.match(os.path.basename(os.path.realpath(path)))  # noqa: PTH119
    return _described(path, int(found[1]) if found else _OLDEST)


def nvrtc_missing() -> CompileError:
    """The error for a machine without NVRTC."""
    return CompileError(
        "kernels for CUDA are compiled by NVRTC, and no libnvrtc.so.12 or newer was found",
        "pip install nvidia-cuda-nvrtc-cu12, or set CUDA_HOME to the folder of a CUDA toolkit",
    )


def find_disassembler(folders: Iterable[str] = ()) -> str | None:
    """The path of `nvdisasm`, from a package or a toolkit."""
    packages = (
        f"{root}/{_PACKAGES}/{name}/bin"
        for root in sys.path
        for name in reversed(_names(f"{root}/{_PACKAGES}"))
    )
    toolkits = (f"{root}/bin" for root in (*folders, *_SYSTEM))
    for folder in (*packages, *folders, *toolkits):
        path = f"{folder}/nvdisasm"
        if os.access(path, os.X_OK):
            return path
    return None


def disassembler_missing() -> CompileError:
    """The error for a machine without a disassembler."""
    return CompileError(
        "there is no stage 'sass': it is made by `nvdisasm`, which was not found",
        "pip install nvidia-cuda-nvdisasm, or set CUDA_HOME to the folder of a CUDA toolkit",
    )


def _packaged() -> list[Nvrtc]:
    """The libraries of packages."""
    found = []
    for root in dict.fromkeys(sys.path):
        packages = _names(f"{root}/{_PACKAGES}")
        infos = _names(root) if packages else []
        for package in packages:
            for path, major in _libraries(f"{root}/{_PACKAGES}/{package}/lib"):
                version = _version_of(infos, major)
                described = None if version is None else Nvrtc(path, major, version)
                described = described or _described(path, major)
                if described is not None:
                    found.append(described)
    return found


def _version_of(infos: list[str], major: int) -> str | None:
    """The version of the package that brought a library of some major version."""
    name = "nvidia_cuda_nvrtc" if major >= 13 else f"nvidia_cuda_nvrtc_cu{major}"
    found = [one[len(name) + 1 : -10] for one in infos if one.startswith(f"{name}-{major}.")]
    return found[0] if found else None


def _installed(folders: Iterable[str]) -> list[Nvrtc]:
    """The libraries of toolkits and of the system."""
    machine = f"{os.uname().machine}-linux-gnu"
    places = [*folders]
    for root in (*folders, *_SYSTEM):
        places += [f"{root}/lib64", f"{root}/lib", f"{root}/lib/{machine}"]
    found = (_described(path, major) for place in places for path, major in _libraries(place))
    return [one for one in found if one is not None]


def _libraries(folder: str) -> Iterator[tuple[str, int]]:
    for name in _names(folder):
        found = _LIBRARY.fullmatch(name)
        if found is not None:
            yield f"{folder}/{name}", int(found[1])


def _described(path: str, major: int) -> Nvrtc | None:
    try:
        stat = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return Nvrtc(path, major, f"{path} {stat.st_size} {stat.st_mtime_ns}")


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []
