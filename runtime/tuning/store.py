"""The choices of a kernel: in this process, in files a library ships, and on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from json import dumps
from typing import Final

from tilewright import _native

from ..cache import Cache
from ..device import GPU, Device
from ..errors import CacheError, users_frames_only
from .record import Tuned, read_records, show_records, write_records

MEANING: Final = 1  # goes up when the same text comes to mean something else

Path = str | os.PathLike[str]


class Tuning:
    """What a kernel was tuned to in this process: iterate over it, print it, save it.

    A table of all configurations tried is its text. `save` and `load` carry choices to other
    processes and machines, so that a library can ship them.
    """

    def __init__(self, kernel: str, forget_launches: Callable[[], object]) -> None:
        self._kernel = kernel
        self._forget_launches = forget_launches
        self._found: dict[str, Tuned] = {}
        self._loaded: list[Tuned] = []
        self._anywhere = False

    def __iter__(self) -> Iterator[Tuned]:
        return iter(tuple(self._found.values()))

    def __len__(self) -> int:
        return len(self._found)

    def __str__(self) -> str:
        return show_records(tuple(self))

    def __repr__(self) -> str:
        return f"<{len(self)} tunings of {self._kernel}>"

    @users_frames_only
    def save(self, path: Path) -> None:
        """Write what was tuned or recalled in this process to a file."""
        data = write_records(self)
        try:
            with open(path, "wb") as file:  # noqa: PTH123
                file.write(data)
        except OSError as error:
            raise CacheError(f"cannot write {os.fspath(path)}: {error.strerror}") from None

    @users_frames_only
    def load(self, path: Path, *, anywhere: bool = False) -> int:
        """Take choices from a file that `save` wrote; gives how many are of this kernel.

        They come before what is remembered on disk, and are matched by the kernel's name, what its
        arguments are, and the values of the key; a choice whose configuration the kernel no longer
        has is passed over. Those of other machines count only with `anywhere=True`. Raises
        `CacheError` for a file that is damaged or none of ours.
        """
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                found = read_records(file.read(), "file")
        except OSError as error:
            raise CacheError(f"cannot read {os.fspath(path)}: {error.strerror}") from None
        except ValueError as error:
            raise CacheError(f"cannot use {os.fspath(path)}: {error}") from None
        mine = [one for one in found if one.kernel == self._kernel]
        self._loaded = [*mine, *self._loaded]
        self._anywhere |= anywhere
        self._found.clear()
        self._forget_launches()
        return len(mine)

    @users_frames_only
    def clear(self) -> None:
        """Forget the choices in this process, loaded ones too; those on disk stay."""
        self._found.clear()
        self._loaded.clear()
        self._forget_launches()

    # --- for the kernel ---------------------------------------------------------------------------

    def recall(self, name: str) -> Tuned | None:
        """What was found before in this process."""
        return self._found.get(name)

    def loaded(self, signature: str, key: Mapping[str, object], device: Device) -> Iterator[Tuned]:
        """Choices from files that fit a call on a device, those of such a device first."""
        fitting = [one for one in self._loaded if one.signature == signature and one.key == key]
        here = machine(device)
        yield from (one for one in fitting if one.machine == here)
        if self._anywhere:
            yield from (one for one in fitting if one.machine != here)

    def remember(self, name: str, found: Tuned) -> None:
        """Keep what was found, in this process."""
        self._found[name] = found
        _everything[name] = found


_everything: Final[dict[str, Tuned]] = {}


def tuned_in_this_process() -> tuple[Tuned, ...]:
    """What any kernel was tuned to, or recalled, in this process."""
    return tuple(_everything.values())


def machine(device: Device) -> dict[str, object]:
    """What a choice depends on beside the code: the device, and how much of it is ours."""
    known = _describe(device)
    return known if device.kind == GPU else known | {"threads": _native.get_num_threads()}


@cache
def _describe(device: Device) -> dict[str, object]:
    known: dict[str, object] = {
        "device": device.kind,
        "model": device.name,
        "target": device.target,
        "cores": device.multiprocessors,
    }
    match device.capabilities.get("features"):
        case list() as features:
            known["features"] = sha256(" ".join(sorted(features)).encode()).hexdigest()[:16]
    return known


def name_of(artifact: str, configs: list[str], key: Mapping[str, object], device: Device) -> str:
    """The name of a choice on disk.

    It covers what the kernel means and the compilers, as `artifact` does for the first
    configuration that compiles, all configurations, the values of the key, and the device.
    """
    parts = [f"tuning {MEANING}", artifact, dumps(configs), dumps(dict(key), sort_keys=True)]
    parts.append(dumps(machine(device), sort_keys=True))
    return sha256("\n".join(parts).encode()).hexdigest()


def read_choice(cache: Cache, name: str) -> Tuned | None:
    """What is remembered on disk; None if there is nothing, or it is damaged."""
    data = cache.read_note(name)
    if data is None:
        return None
    try:
        (found,) = read_records(data, "disk")
    except ValueError:
        return None
    return found


def write_choice(cache: Cache, name: str, found: Tuned) -> None:
    """Remember a choice on disk, if the folder can be used."""
    cache.write_note(name, write_records((found,)))
