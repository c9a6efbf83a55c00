"""Says on standard error that a kernel is being tuned, how far that is, and what came of it."""

from __future__ import annotations

import sys

from ..benchmark import show_seconds
from ..settings import settings
from .record import Tuned


class Progress:
    """The lines about one tuning; a counter that moves only where a person watches."""

    def __init__(self, kernel: str) -> None:
        self._kernel = kernel
        self._is_on = settings.tune_progress and sys.stderr is not None
        self._is_watched = self._is_on and sys.stderr.isatty()
        self._width = 0

    def step(self, text: str) -> None:
        """Show what is being done, in place of the last step."""
        if not self._is_watched:
            return
        line = f"tilewright: tuning {self._kernel}: {text}"
        print(f"\r{line:{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(line)

    def finish(self, found: Tuned | None) -> None:
        """Say what was chosen; nothing but a clean line after an error."""
        if self._is_watched and self._width:
            print(f"\r{'':{self._width}}\r", end="", file=sys.stderr)
        if not self._is_on or found is None:
            return
        chosen = found.chosen
        tried = sum(one.median is not None for one in found.results)
        time = "" if chosen.median is None else f"{show_seconds(chosen.median)}; "
        where = f" for {found.label}" if found.label else ""
        print(
            f"tilewright: tuned {self._kernel}{where}: {chosen.config} ({time}{tried} of "
            f"{len(found.results)} configurations timed, {found.seconds:.1f} s)",
            file=sys.stderr,
            flush=True,
        )
