"""What `tilewright tune` does: run a script with tuning forced, list choices, forget them."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from ..cache import Cache
from ..errors import CacheError, LaunchError
from ..settings import force_tuning
from .record import Tuned, write_records
from .store import read_choice, tuned_in_this_process


def tune_script(path: str, arguments: Sequence[str]) -> tuple[Tuned, ...]:
    """Run a script as Python would, and give what its kernels were tuned to.

    Every key of every kernel that it launches is tuned anew, and remembered as always.
    """
    if not Path(path).is_file():
        raise LaunchError(f"there is no file {path!r}; expected a script that launches kernels")
    force_tuning()
    sys.argv[:] = [path, *arguments]
    sys.path[0:0] = [str(Path(path).resolve().parent)]
    runpy.run_path(path, run_name="__main__")
    return tuned_in_this_process()


def choices_on_disk(cache: Cache) -> tuple[Tuned, ...]:
    """All choices that are remembered, the least recently used first; damaged ones are left out."""
    found = (read_choice(cache, entry.key) for entry in cache.notes())
    return tuple(one for one in found if one is not None)


def export_tunings(path: Path, tunings: Sequence[Tuned]) -> None:
    """Write a file that `kernel.tuning.load` reads."""
    try:
        path.write_bytes(write_records(tunings))
    except OSError as error:
        raise CacheError(f"cannot write {path}: {error.strerror}") from None
