"""What compiles for a target, found without loading it: the options of every compile."""

from __future__ import annotations

from functools import cache

from tilewright.codegen.backends import begin_to_load_backend
from tilewright.codegen.options import Options
from tilewright.codegen.target import Target
from tilewright.codegen.toolkit import describe_nvrtc, find_nvrtc

from .device import Device, gpus
from .errors import DeviceError
from .settings import settings
from .versions import installed_version, versions


def options_for(target: Target) -> Options:
    """The options of a compile for a target: the compilers that take part, and where they are."""
    match target.kind:
        case "cuda":
            return _with_nvrtc(settings.nvrtc, settings.toolkit_folders, _driver_version())
    return _with_llvm()


def expect_compiles(device: Device) -> None:
    """A device comes into use: begin to load its compiler if nothing that was compiled is cached,
    since then the first launch needs it for certain.
    """
    if settings.interpret or not device.is_supported or not device.cache.is_empty():
        return
    target = device.compile_target
    begin_to_load_backend(target, options_for(target))


@cache
def _with_llvm() -> Options:
    return Options(versions=(*versions(), ("llvmlite", installed_version("llvmlite"))))


def _driver_version() -> int | None:
    """The major version of CUDA that the driver is of: newer code than that it may refuse."""
    try:
        return gpus()[0].driver[0]
    except DeviceError:
        return None


@cache
def _with_nvrtc(path: str | None, folders: tuple[str, ...], newest: int | None) -> Options:
    found = find_nvrtc(folders, newest) if path is None else describe_nvrtc(path)
    # Where there is none, only code in the memory of this process can be had.
    identity = "?" if found is None else found.identity
    return Options(
        versions=(*versions(), ("nvrtc", identity)),
        nvrtc=path if found is None else found.path,
        toolkit=folders,
    )
