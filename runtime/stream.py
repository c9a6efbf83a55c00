"""Ordered work and its completion: streams, events, and waiting for all of them."""

from __future__ import annotations

from tilewright import _native
from tilewright._native import Event, Stream

from .device import Device, device

__all__ = ["Event", "Stream", "synchronize"]


def synchronize(on: str | Device | None = None) -> None:
    """Wait for the streams of a device, by default of all.

    Raises what went wrong on one of them since it was last waited for.
    """
    if on is not None:
        device(on)  # the host's are all there are, so it only has to exist
    _native.synchronize()
