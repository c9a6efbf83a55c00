"""A device, and what is known about it; finding devices by name."""

from __future__ import annotations

from functools import cache
from typing import Final

from tilewright import _native
from tilewright.codegen.target import MACHINES, Target, richest_arch

from .cache import Cache, cache_at
from .errors import DeviceError, users_frames_only
from .settings import settings

HOST: Final = "cpu"


class Device:
    """Where kernels run. There is one object for each; `device("cpu")` gives it.

    `name` is what its maker calls it, `target` what is compiled for it, as text; `memory` is in
    bytes; `capabilities` maps names to what it can do: `features`, `caches` as (level, bytes),
    `cores`, `threads` that run a launch.
    """

    def __init__(self, label: str, name: str, arch: str, cores: int, memory: int) -> None:
        self.label = label
        self.name = name
        self.multiprocessors = cores
        self.memory = memory
        self.capabilities: dict[str, object] = {}
        self._arch = arch

    @property
    def kind(self) -> str:
        """`cpu` or `cuda`."""
        return self.label.partition(":")[0]

    @property
    def target(self) -> str:
        """What is compiled for it, such as `cpu:x86-64-v4`."""
        return str(self.compile_target)

    @property
    def compile_target(self) -> Target:
        """The target as the compiler knows it; `DeviceError` for an unsupported processor."""
        if self._arch not in MACHINES:
            known = ", ".join(MACHINES)
            raise DeviceError(
                f"the processor {self.name} is of level {self._arch}, kernels need one of {known}",
                note="TILEWRIGHT_INTERPRET=1 runs kernels without compiling them",
            )
        return Target(HOST, self._arch)

    @property
    def cache(self) -> Cache:
        """Where its artifacts are kept; follows the environment variables."""
        return cache_at(settings.cache_folder, settings.cache_size)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same device; its label as a string counts."""
        match other:
            case Device(label=label) | str(label):
                return self.label == label
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.label)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"<tilewright device {self.label}: {self.name}>"


def devices() -> tuple[Device, ...]:
    """All devices of this machine that kernels can run on."""
    return (host(),)


@users_frames_only
def device(name: str | Device = HOST) -> Device:
    """The device of a name, `cpu`, or itself; raises `DeviceError` naming what is missing."""
    match name:
        case Device():
            return name
        case "cpu" | "cpu:0":
            return host()
        case str() if name.partition(":")[0] == "cuda":
            raise DeviceError(
                f"no device {name!r}: this version of Tilewright has no CUDA backend",
                note="`tw.devices()` lists what there is; kernels run on 'cpu'",
            )
        case str():
            raise DeviceError(f"no device {name!r}, expected 'cpu'")
    raise DeviceError(f"expected the name of a device, got {type(name).__name__}")


@cache
def host() -> Device:
    """The processor this process runs on."""
    found = _native.topology()
    arch = richest_arch(found["level"], found["features"])
    made = Device(HOST, found["model"], arch, found["cores"], found["memory"])
    made.capabilities = {key: found[key] for key in ("features", "caches", "cores", "threads")}
    return made
