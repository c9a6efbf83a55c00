"""Names of where kernels run, and launches on the host's arrays there."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from ...emulator.launching import launches_emulated
from ...on_device import launches_on

CPU: Final = "cpu"
EMULATED: Final = "emulated"
GPU: Final = "cuda:0"


def launches_at(place: str, seed: int = 1) -> AbstractContextManager[None]:
    """Let launches of the block run there; `seed` is of the order of the emulator's threads."""
    match place:
        case "cpu":
            return nullcontext()
        case "emulated":
            return launches_emulated(seed=seed)
        case _:
            return launches_on(place)
