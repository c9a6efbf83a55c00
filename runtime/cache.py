"""Artifacts on disk: shared by any number of processes, bounded, and never trusted unread.

An entry is one file, named after its key, in the file form of `Artifact`: length and checksum are
verified before anything of it is used, and a damaged entry is a miss and is built anew. Entries
are written beside their place, synchronised and renamed: none is ever seen half-written. The
folder must belong to the user and be writable by no one else; where it cannot be used, kernels are
compiled in every process, after one warning. The least recently used entries make room for new
ones.

Of the threads that want one key, one builds and the others wait; so it is among processes, which
meet at a locked file beside the entry. A process that dies holds no lock.
"""

from __future__ import annotations

import os
import warnings
from _thread import allocate_lock  # `threading` loads slowly
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from tilewright.codegen.artifact import Artifact

from .errors import CacheError
from .folder import (
    Entry,
    list_entries,
    locked,
    open_folder,
    opened,
    read_file,
    remove,
    remove_litter,
    touch,
    write_file,
)

SUFFIX: Final = ".twa"
NOTE_SUFFIX: Final = ".twn"
MOST_NOTES: Final = 4096  # of one or two kilobytes each
REMEMBERED: Final = 512  # artifacts kept in memory; of some ten kilobytes each

_SLACK: Final = 16  # an eviction frees a sixteenth of the limit, so as not to be due again at once


class Cache:
    """Artifacts by key, in a folder of at most `limit` bytes; a limit of 0 keeps none on disk.

    Safe for any number of threads and processes. Nothing is touched before the first use.
    """

    def __init__(self, folder: str, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._remembered: OrderedDict[str, Artifact] = OrderedDict()
        self._guard = allocate_lock()
        self._turns: dict[str, _Turn] = {}
        self._has_warned = False
        self._written = -1  # bytes since the last sweep; -1 before the first
        self._free = 0
        os.register_at_fork(after_in_child=self._forget_threads)

    def get_or_build(self, key: str, build: Callable[[], Artifact]) -> Artifact:
        """The artifact of a key, built only if neither memory nor disk has it.

        `metadata["origin"]` says which: `memory`, `disk` or `compiled`. What `build` raises
        passes through.
        """
        found = self._recall(key)
        if found is not None:
            return found
        with self._turn(key):
            found = self._recall(key)
            if found is None:
                found = self._read_or_build(key, build)
                self._remember(key, found)
            return found

    def read_note(self, name: str) -> bytes | None:
        """A small file kept beside the artifacts; None if there is none that can be used."""
        folder = self._open_if_usable()
        if folder is None:
            return None
        try:
            found = read_file(folder, name + NOTE_SUFFIX)
            touch(folder, name + NOTE_SUFFIX)
            return found
        except (OSError, ValueError):
            return None
        finally:
            os.close(folder)

    def write_note(self, name: str, data: bytes) -> None:
        """Keep a small file beside the artifacts, if the folder can be used."""
        folder = self._open_if_usable()
        if folder is None:
            return
        try:
            write_file(folder, name + NOTE_SUFFIX, data)
            notes = list_entries(folder, NOTE_SUFFIX)
            if len(notes) > MOST_NOTES:
                for old in notes[: MOST_NOTES // _SLACK]:
                    remove(folder, old.key + NOTE_SUFFIX)
        except OSError as error:
            self._warn(f"cannot write to the cache folder {self.folder}: {error.strerror}")
        finally:
            os.close(folder)

    @contextmanager
    def note_turn(self, name: str) -> Iterator[None]:
        """Wait until no other process is about to write a note, as far as the folder allows."""
        folder = self._open_if_usable()
        if folder is None:
            yield
            return
        try:
            with locked(folder, name):
                yield
        finally:
            os.close(folder)

    def notes(self) -> list[Entry]:
        """The notes on disk, the least recently used first; raises `CacheError`."""
        with opened(self.folder) as folder:
            return list_entries(folder, NOTE_SUFFIX)

    def clear_notes(self) -> int:
        """Remove the notes; gives their number."""
        with opened(self.folder) as folder:
            found = list_entries(folder, NOTE_SUFFIX)
            for entry in found:
                remove(folder, entry.key + NOTE_SUFFIX)
        return len(found)

    def entries(self) -> list[Entry]:
        """What lies on disk, the least recently used first; raises `CacheError`."""
        with opened(self.folder) as folder:
            return list_entries(folder, SUFFIX)

    def is_empty(self) -> bool:
        """Whether nothing is kept, so that whatever is asked for will have to be built."""
        if self._remembered:
            return False
        if self.limit == 0:
            return True
        try:
            with os.scandir(self.folder) as found:
                return not any(one.name.endswith(SUFFIX) for one in found)
        except OSError:
            return True

    def clear(self) -> int:
        """Forget everything, on disk and in memory; gives the number of entries removed.

        Notes are removed too, and not counted.
        """
        self.forget()
        self.clear_notes()
        with opened(self.folder) as folder:
            entries = list_entries(folder, SUFFIX)
            for entry in entries:
                remove(folder, entry.key + SUFFIX)
            remove_litter(folder)
        return len(entries)

    def verify(self) -> list[tuple[str, str]]:
        """The damaged entries, each with what is wrong; they stay, and will be built anew."""
        found = []
        with opened(self.folder) as folder:
            for entry in list_entries(folder, SUFFIX):
                try:
                    _load(folder, entry.key)
                except (ValueError, OSError) as error:
                    found.append((entry.key, str(error)))
        return found

    def forget(self) -> None:
        """Drop what is kept in memory."""
        with self._guard:
            self._remembered.clear()

    # --- memory ---------------------------------------------------------------------------------

    def _recall(self, key: str) -> Artifact | None:
        with self._guard:
            found = self._remembered.get(key)
            if found is None:
                return None
            self._remembered.move_to_end(key)
            return found

    def _remember(self, key: str, artifact: Artifact) -> None:
        with self._guard:
            self._remembered[key] = artifact.with_metadata(origin="memory")
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)

    @contextmanager
    def _turn(self, key: str) -> Iterator[None]:
        """Wait until no other thread of this process is at work on the key."""
        with self._guard:
            turn = self._turns.setdefault(key, _Turn())
            turn.wanted += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._guard:
                turn.wanted -= 1
                if not turn.wanted:
                    self._turns.pop(key, None)

    def _forget_threads(self) -> None:
        """In a forked child only one thread is left: no other holds anything."""
        self._guard = allocate_lock()
        self._turns = {}

    # --- disk -----------------------------------------------------------------------------------

    def _read_or_build(self, key: str, build: Callable[[], Artifact]) -> Artifact:
        folder = self._open_if_usable()
        if folder is None:
            return build().with_metadata(key=key, origin="compiled")
        try:
            found = _read(folder, key)
            if found is not None:
                return found
            with locked(folder, key):
                found = _read(folder, key)
                if found is not None:
                    return found
                made = build().with_metadata(key=key)
                self._write(folder, key, made)
                return made.with_metadata(origin="compiled")
        finally:
            os.close(folder)

    def _open_if_usable(self) -> int | None:
        if self.limit == 0:
            return None
        try:
            return open_folder(self.folder)
        except CacheError as error:
            self._warn(str(error))
            return None

    def _write(self, folder: int, key: str, artifact: Artifact) -> None:
        """Keep an artifact; a disk that is full or read-only is worth one warning."""
        try:
            data = artifact.to_bytes()
            if len(data) > self.limit:
                return
            write_file(folder, key + SUFFIX, data)
            self._make_room(folder, len(data))
        except OSError as error:
            self._warn(f"cannot write to the cache folder {self.folder}: {error.strerror}")

    def _make_room(self, folder: int, size: int) -> None:
        """Remove the entries used least recently, once the folder may have outgrown its limit."""
        if self._written >= 0:
            self._written += size
            if self._written <= self._free:
                return
        entries = list_entries(folder, SUFFIX)
        total = sum(entry.size for entry in entries)
        if total > self.limit:
            for entry in entries:
                if total <= self.limit - self.limit // _SLACK:
                    break
                remove(folder, entry.key + SUFFIX)
                total -= entry.size
        remove_litter(folder)
        # Other processes write too: look again after a part of what is free.
        self._written, self._free = 0, max(0, self.limit - total) // _SLACK

    def _warn(self, message: str) -> None:
        if self._has_warned:
            return
        self._has_warned = True
        warnings.warn(
            f"{message}; kernels are compiled again in every process "
            "(TILEWRIGHT_CACHE_DIR chooses another folder, TILEWRIGHT_CACHE_SIZE=0 needs none)",
            RuntimeWarning,
            stacklevel=2,
        )


@cache
def cache_at(folder: str, limit: int) -> Cache:
    """The one cache of this process for a folder and a limit."""
    return Cache(folder, limit)


class _Turn:
    """The lock of one key and how many threads want it."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.wanted = 0


def _read(folder: int, key: str) -> Artifact | None:
    """The artifact of an entry; None, and no entry any more, if it is damaged."""
    try:
        artifact = _load(folder, key)
    except OSError:
        return None
    except ValueError:
        remove(folder, key + SUFFIX)
        return None
    touch(folder, key + SUFFIX)
    return artifact.with_metadata(origin="disk")


def _load(folder: int, key: str) -> Artifact:
    """Read an entry; raises `ValueError` if it is not what was written."""
    artifact = Artifact.from_bytes(read_file(folder, key + SUFFIX))
    if artifact.metadata.get("key") != key:
        raise ValueError("entry holds the artifact of another key")
    return artifact
