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

import errno
import fcntl
import os
import stat
import time
import warnings
from _thread import allocate_lock, get_ident  # `threading` loads slowly
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Final

from tilewright.codegen.artifact import Artifact
from tilewright.dsl.records import record

from .errors import CacheError

SUFFIX: Final = ".twa"
REMEMBERED: Final = 512  # artifacts kept in memory; of some ten kilobytes each

_LOCK: Final = ".lock"
_PART: Final = ".part"
_BUILD_SECONDS: Final = 120.0  # after so long, another process is thought to hang, and we build too
_LEFT_BEHIND: Final = 3600.0  # seconds; no write takes so long, so its process is gone
_SLACK: Final = 16  # an eviction frees a sixteenth of the limit, so as not to be due again at once
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@record
class Entry:
    """One file of a cache: its key, its size in bytes and when it was last used."""

    key: str
    size: int
    used: float


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

    def entries(self) -> list[Entry]:
        """What lies on disk, the least recently used first; raises `CacheError`."""
        with self._opened() as folder:
            return _list_entries(folder)

    def clear(self) -> int:
        """Forget everything, on disk and in memory; gives the number of entries removed."""
        self.forget()
        with self._opened() as folder:
            entries = _list_entries(folder)
            for entry in entries:
                _remove(folder, entry.key + SUFFIX)
            _remove_litter(folder)
        return len(entries)

    def verify(self) -> list[tuple[str, str]]:
        """The damaged entries, each with what is wrong; they stay, and will be built anew."""
        found = []
        with self._opened() as folder:
            for entry in _list_entries(folder):
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
            with _locked(folder, key):
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
            return _open_folder(self.folder)
        except CacheError as error:
            self._warn(str(error))
            return None

    def _write(self, folder: int, key: str, artifact: Artifact) -> None:
        """Keep an artifact; a disk that is full or read-only is worth one warning."""
        try:
            data = artifact.to_bytes()
            if len(data) > self.limit:
                return
            _write_entry(folder, key, data)
            self._make_room(folder, len(data))
        except OSError as error:
            self._warn(f"cannot write to the cache folder {self.folder}: {error.strerror}")

    def _make_room(self, folder: int, size: int) -> None:
        """Remove the entries used least recently, once the folder may have outgrown its limit."""
        if self._written >= 0:
            self._written += size
            if self._written <= self._free:
                return
        entries = _list_entries(folder)
        total = sum(entry.size for entry in entries)
        if total > self.limit:
            for entry in entries:
                if total <= self.limit - self.limit // _SLACK:
                    break
                _remove(folder, entry.key + SUFFIX)
                total -= entry.size
        _remove_litter(folder)
        # Other processes write too: look again after a part of what is free.
        self._written, self._free = 0, max(0, self.limit - total) // _SLACK

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The folder as a descriptor, made if need be; raises `CacheError`."""
        folder = _open_folder(self.folder)
        try:
            yield folder
        finally:
            os.close(folder)

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


def _open_folder(path: str) -> int:
    try:
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            os.makedirs(path, mode=0o700, exist_ok=True)  # noqa: PTH103
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise CacheError(f"cannot use the cache folder {path}: {error.strerror}") from None
    found = os.fstat(folder)
    if found.st_uid == os.geteuid() and not found.st_mode & 0o022:
        return folder
    os.close(folder)
    problem = "others may write to it" if found.st_mode & 0o022 else "it belongs to another user"
    raise CacheError(f"cannot use the cache folder {path}: {problem}")


def _read(folder: int, key: str) -> Artifact | None:
    """The artifact of an entry; None, and no entry any more, if it is damaged."""
    try:
        artifact = _load(folder, key)
    except OSError:
        return None
    except ValueError:
        _remove(folder, key + SUFFIX)
        return None
    with suppress(OSError):  # a read-only file system keeps no times
        os.utime(key + SUFFIX, dir_fd=folder, follow_symlinks=False)
    return artifact.with_metadata(origin="disk")


def _load(folder: int, key: str) -> Artifact:
    """Read an entry; raises `ValueError` if it is not what was written."""
    try:
        file = os.open(key + SUFFIX, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError("entry is a link") from None
        raise
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("entry is no regular file")
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise ValueError("entry belongs to another user, or others may write to it")
        with open(file, "rb", closefd=False) as stream:
            artifact = Artifact.from_bytes(stream.read())
        if artifact.metadata.get("key") != key:
            raise ValueError("entry holds the artifact of another key")
        return artifact
    finally:
        os.close(file)


def _write_entry(folder: int, key: str, data: bytes) -> None:
    """Write beside the place, synchronise, rename: no reader sees part of an entry."""
    part = f"{key}.{os.getpid()}.{get_ident()}{_PART}"
    file = os.open(part, _CREATE, 0o600, dir_fd=folder)
    try:
        with open(file, "wb") as stream:  # noqa: PTH123
            stream.write(data)
            stream.flush()
            os.fsync(file)
        os.rename(part, key + SUFFIX, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        _remove(folder, part)
        raise


@contextmanager
def _locked(folder: int, key: str) -> Iterator[None]:
    """Hold the key among processes, as far as the file system can; see `_acquire`."""
    name = key + _LOCK
    lock = _acquire(folder, name)
    if lock is None:
        yield
        return
    try:
        yield
    finally:
        _remove(folder, name)  # before it is unlocked: who gets it now sees that it is gone
        fcntl.flock(lock, fcntl.LOCK_UN)  # for the copies too that a fork may have made
        os.close(lock)


def _acquire(folder: int, name: str) -> int | None:
    """Lock a file that still stands in the folder; None where that cannot be, or takes too long."""
    deadline = time.monotonic() + _BUILD_SECONDS
    pause = 0.001
    while time.monotonic() < deadline:
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            lock = os.open(name, flags, 0o600, dir_fd=folder)
        except OSError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            time.sleep(pause)
            pause = min(2 * pause, 0.03)
            continue
        except OSError:  # a file system without locks
            os.close(lock)
            return None
        if _stands(folder, name, lock):
            return lock
        os.close(lock)
    return None


def _stands(folder: int, name: str, lock: int) -> bool:
    """Whether the name still means this file: whoever locked it last may have removed it."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return os.path.samestat(found, os.fstat(lock))


def _list_entries(folder: int) -> list[Entry]:
    entries = []
    with os.scandir(folder) as found:
        for file in found:
            if file.name.endswith(SUFFIX):
                with suppress(OSError):  # another process may have removed it
                    info = file.stat(follow_symlinks=False)
                    key = file.name.removesuffix(SUFFIX)
                    entries.append(Entry(key, info.st_size, info.st_mtime))
    return sorted(entries, key=lambda entry: entry.used)


def _remove_litter(folder: int) -> None:
    """Remove what processes that died left behind."""
    now = time.time()
    with os.scandir(folder) as found:
        for file in found:
            if file.name.endswith((_PART, _LOCK)):
                with suppress(OSError):
                    if now - file.stat(follow_symlinks=False).st_mtime > _LEFT_BEHIND:
                        _remove(folder, file.name)


def _remove(folder: int, name: str) -> None:
    with suppress(OSError):
        os.unlink(name, dir_fd=folder)
