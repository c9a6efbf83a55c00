"""Starts the libraries that need starting, once."""

from __future__ import annotations

from functools import cache
from types import ModuleType


@cache
def start_taichi() -> ModuleType:
    """Taichi on the CPU; raises `ImportError` where it is not installed."""
    import taichi

    taichi.init(arch=taichi.cpu, fast_math=True, offline_cache=False, log_level=taichi.ERROR)
    return taichi


@cache
def start_warp() -> ModuleType:
    """Warp, quietly; raises `ImportError` where it is not installed."""
    import warp

    warp.config.quiet = True
    warp.init()
    return warp
