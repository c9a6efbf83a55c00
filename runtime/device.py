"""A device, and what is known about it; finding devices by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from tilewright import _native
from tilewright.codegen.target import GPUS, MACHINES, Target, gpu_arch, richest_arch

from .cache import Cache, cache_at
from .errors import DeviceError, users_frames_only
from .settings import settings

HOST: Final = "cpu"
GPU: Final = "cuda"


class Device:
    """Where kernels run. There is one object for each; `device("cuda:0")` gives it.

    `name` is what its maker calls it, `target` what is compiled for it, as text;
    `multiprocessors` are the cores of a processor, `memory` is in bytes. `capabilities` maps names
    to what it can do: of a processor `features`, `caches` as (level, bytes), `cores`, `threads`
    that run a launch; of a GPU its compute `capability`, the version of its `driver`, and the bytes
    of `shared_memory` of a program and of its `l2` cache.
    """

    def __init__(
        self,
        label: str,
        name: str,
        arch: str | None,
        multiprocessors: int,
        memory: int,
        capabilities: Mapping[str, object],
    ) -> None:
        self.label = label
        self.name = name
        self.multiprocessors = multiprocessors
        self.memory = memory
        self.capabilities = capabilities
        self.is_used = False  # whether code of ours was loaded there
        self._arch = arch

    @property
    def kind(self) -> str:
        """`cpu` or `cuda`."""
        return self.label.partition(":")[0]

    @property
    def index(self) -> int:
        """Its number among the devices of its kind."""
        return int(self.label.partition(":")[2] or 0)

    @property
    def target(self) -> str:
        """What is compiled for it, such as `cpu:x86-64-v4` or `cuda:sm_90a`."""
        return str(self.compile_target)

    @property
    def is_supported(self) -> bool:
        """Whether there is a target for it."""
        return self._arch in MACHINES or (self.kind == GPU and self._arch is not None)

    @property
    def compile_target(self) -> Target:
        """The target as the compiler knows it; `DeviceError` for unsupported hardware."""
        match self.kind, self._arch:
            case "cpu", str(arch) if arch in MACHINES:
                return Target(HOST, arch)
            case "cuda", str(arch):
                return Target(GPU, arch)
            case "cuda", None:
                major, minor = self._capability
                known = ", ".join(
                    f"{one.capability[0]}.{one.capability[1]}" for one in GPUS.values()
                )
                raise DeviceError(
                    f"the GPU {self.name} has compute capability {major}.{minor}, kernels need one "
                    f"of {known}",
                    note="kernels run on 'cpu' as well",
                )
        known = ", ".join(MACHINES)
        raise DeviceError(
            f"the processor {self.name} is of level {self._arch}, kernels need one of {known}",
            note="TILEWRIGHT_INTERPRET=1 runs kernels without compiling them",
        )

    @property
    def driver(self) -> tuple[int, int]:
        """The version of CUDA that the driver of a GPU is for."""
        found = self.capabilities["driver"]
        assert isinstance(found, tuple)
        return found

    @property
    def cache(self) -> Cache:
        """Where its artifacts are kept; follows the environment variables."""
        return cache_at(settings.cache_folder, settings.cache_size)

    @property
    def _capability(self) -> tuple[int, int]:
        found = self.capabilities["capability"]
        assert isinstance(found, tuple)
        return found

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
    """All devices of this machine that kernels can run on: the processor, then the GPUs."""
    try:
        return host(), *gpus()
    except DeviceError:
        return (host(),)


@users_frames_only
def device(name: str | Device = HOST) -> Device:
    """The device of a name, `cpu` or `cuda:0`, or itself; `DeviceError` names what is missing."""
    match name:
        case Device():
            return name
        case "cpu" | "cpu:0":
            return host()
        case str() if name.partition(":")[0] == GPU:
            return _gpu(name)
        case str():
            raise DeviceError(f"no device {name!r}, expected 'cpu' or 'cuda:0'")
    raise DeviceError(f"expected the name of a device, got {type(name).__name__}")


@cache
def host() -> Device:
    """The processor this process runs on."""
    found = _native.topology()
    arch = richest_arch(found["level"], found["features"])
    capabilities = {key: found[key] for key in ("features", "caches", "cores", "threads")}
    return Device(HOST, found["model"], arch, found["cores"], found["memory"], capabilities)


@cache
def gpus() -> tuple[Device, ...]:
    """The GPUs of this machine; `DeviceError` that names what is missing if there is none."""
    return tuple(
        Device(
            f"{GPU}:{one['index']}",
            one["name"],
            gpu_arch(one["capability"]),
            one["multiprocessors"],
            one["memory"],
            {
                "capability": one["capability"],
                "driver": (one["driver"] // 1000, one["driver"] % 1000 // 10),
                "shared_memory": one["shared_memory"],
                "l2": one["l2"],
            },
        )
        for one in _native.cuda_devices()
    )


def used_gpus() -> list[Device]:
    """The GPUs that launches of this process have run on."""
    found = gpus() if gpus.cache_info().currsize else ()
    return [one for one in found if one.is_used]


def _gpu(name: str) -> Device:
    try:
        found = gpus()
    except DeviceError as error:
        raise DeviceError(
            f"no device {name!r}: {error.message}",
            note="`tw.devices()` lists what there is; kernels run on 'cpu', and "
            '`target="cuda:sm_90a"` compiles for a GPU without one',
        ) from None
    label = f"{GPU}:0" if name == GPU else name
    for one in found:
        if one.label == label:
            return one
    there = ", ".join(repr(one.label) for one in found)
    raise DeviceError(f"no device {name!r}, there is {there}")


if settings.cuda_driver:  # before anything can look for a GPU
    _native.set_cuda_driver(settings.cuda_driver)
