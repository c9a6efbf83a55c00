"""Tilewright: kernels on tiles, written in Python, compiled for CPUs and NVIDIA GPUs.

Customarily `import tilewright as tw`. What is rarely needed is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from tilewright.dsl.builtins import PUBLIC
from tilewright.dsl.definition import constexpr, func
from tilewright.dsl.errors import CompileError, Error
from tilewright.dsl.types import (
    bf16,
    bool_,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    index,
    u8,
    u16,
    u32,
    u64,
)
from tilewright.runtime.errors import BundleError, CacheError, DeviceError, LaunchError
from tilewright.runtime.kernel import Kernel, Specialization, kernel
from tilewright.runtime.versions import VERSION

__version__: Final = VERSION

# name: the module that has it
_LATE: Final = {
    name: f"tilewright.runtime.{module}"
    for module, names in {
        "array": ("Array", "array", "asarray", "empty", "full", "ones", "zeros"),
        "autotune": ("TunedKernel", "autotune"),
        "benchmark": ("Timing", "benchmark"),
        "device": ("Device", "device", "devices"),
        "parsed": ("parse_ir",),
        "stream": ("Event", "Graph", "Stream", "synchronize"),
        "trace": ("Trace", "trace"),
        "tuning.config": ("Config",),
    }.items()
    for name in names
}

# What the language promises and this version does not have.
_TO_COME: Final = ("export", "load_bundle")

__all__ = [
    "BundleError", "CacheError", "CompileError", "DeviceError", "Error", "Kernel", "LaunchError",
    "Specialization", "__version__", "constexpr", "func", "kernel",
    "bf16", "bool_", "f8e4m3", "f8e5m2", "f16", "f32", "f64", "i8", "i16", "i32", "i64", "index",
    "u8", "u16", "u32", "u64",
]  # fmt: skip
__all__ += sorted(_LATE.keys() | PUBLIC.keys())

# Those that live twice are found late: functions of the host, marked as twins of the builtin.
globals().update({name: one for name, one in PUBLIC.items() if name not in _LATE})


def __getattr__(name: str) -> Any:
    """Find a rare name, and keep it."""
    if name == "demo":
        return import_module("tilewright.demo")
    if name in _TO_COME:
        raise AttributeError(f"tw.{name} is not available yet")
    if name not in _LATE:
        raise AttributeError(f"module 'tilewright' has no attribute '{name}'")
    found = getattr(import_module(_LATE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__]
