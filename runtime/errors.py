"""What goes wrong after compilation, by whose fault it is: the call, the machine, the file."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from tilewright import _native
from tilewright.dsl.errors import Error, Location, show_error

Function = TypeVar("Function", bound=Callable[..., Any])


class LaunchError(Error):
    """The call is wrong: its arguments, its grid, or a device they do not share."""


class DeviceError(Error):
    """The machine is: no such device, no memory, a fault in a kernel, a failed assertion, a race.

    `location` is the place in the kernel where there is one.
    """

    def __init__(
        self, message: str, location: Location | None = None, note: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.note = note

    def __str__(self) -> str:
        if self.location is not None:
            return show_error(self.message, self.location, self.note)
        return self.message if self.note is None else f"{self.message}\nnote: {self.note}"


class CacheError(Error):
    """The folder of cached artifacts is: not there, not ours, damaged."""


class BundleError(Error):
    """The bundle is: damaged, truncated, foreign, newer, or made for other machines."""


_native.set_error_types(LaunchError, DeviceError)


def users_frames_only(function: Function) -> Function:
    """Let the errors of a function show where the user called it, and no frame of ours."""
    return cast(Function, update_wrapper(_native.Boundary(function), function))
