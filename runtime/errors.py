"""What goes wrong after compilation, by whose fault it is: the call, the machine, the file."""

from __future__ import annotations

from tilewright import _native
from tilewright.dsl.errors import Error, Location, show_source


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
        lines = [self.message]
        if self.location is not None:
            lines = [f"{self.location}: error: {self.message}", *show_source(self.location)]
            caller = self.location.called_from
            while caller is not None:
                lines += [f"{caller}: called from here", *show_source(caller)]
                caller = caller.called_from
        if self.note is not None:
            lines.append(f"note: {self.note}")
        return "\n".join(lines)


class CacheError(Error):
    """The folder of cached artifacts is: not there, not ours, damaged."""


class BundleError(Error):
    """The bundle is: damaged, truncated, foreign, newer, or made for other machines."""


_native.set_error_types(LaunchError, DeviceError)
