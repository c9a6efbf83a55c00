"""A folder of files that processes share: none is seen half-written, none read that is foreign.

The folder must belong to the user and be writable by no one else. It is passed as an open
descriptor, so that a rename or a link cannot lead elsewhere in between.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from _thread import get_ident  # `threading` loads slowly
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tilewright.dsl.records import record

from .errors import CacheError

_LOCK: Final = ".lock"
_PART: Final = ".part"
_LONGEST_WAIT: Final = 120.0  # seconds; then another process is thought to hang, and we go on too
_LEFT_BEHIND: Final = 3600.0  # seconds; no write takes so long, so its process is gone
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@record
class Entry:
    """One file of a folder: its key, its size in bytes and when it was last used."""

    key: str
    size: int
    used: float


def open_folder(path: str) -> int:
    """Open a folder, made if need be; raises `CacheError` that says why it cannot be used."""
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


@contextmanager
def opened(path: str) -> Iterator[int]:
    """A folder as a descriptor for a while; raises `CacheError` as `open_folder` does."""
    folder = open_folder(path)
    try:
        yield folder
    finally:
        os.close(folder)


def read_file(folder: int, name: str) -> bytes:
    """Read a file; raises `ValueError` if it is not a file of the user's alone, or `OSError`."""
    try:
        file = os.open(name, _READ, dir_fd=folder)
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
            return stream.read()
    finally:
        os.close(file)


def touch(folder: int, name: str) -> None:
    """Note that a file was used; a read-only file system keeps no times."""
    with suppress(OSError):
        os.utime(name, dir_fd=folder, follow_symlinks=False)


def write_file(folder: int, name: str, data: bytes) -> None:
    """Write beside the place, synchronise, rename: no reader sees part of a file."""
    part = f"{name}.{os.getpid()}.{get_ident()}{_PART}"
    file = os.open(part, _CREATE, 0o600, dir_fd=folder)
    try:
        with open(file, "wb") as stream:  # noqa: PTH123
            stream.write(data)
            stream.flush()
            os.fsync(file)
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        remove(folder, part)
        raise


@contextmanager
def locked(folder: int, key: str) -> Iterator[None]:
    """Hold the key among processes, as far as the file system can; see `_acquire`."""
    name = key + _LOCK
    lock = _acquire(folder, name)
    if lock is None:
        yield
        return
    try:
        yield
    finally:
        remove(folder, name)  # before it is unlocked: who gets it now sees that it is gone
        fcntl.flock(lock, fcntl.LOCK_UN)  # for the copies too that a fork may have made
        os.close(lock)


def _acquire(folder: int, name: str) -> int | None:
    """Lock a file that still stands in the folder; None where that cannot be, or takes too long."""
    deadline = time.monotonic() + _LONGEST_WAIT
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


def list_entries(folder: int, suffix: str) -> list[Entry]:
    """The files with a suffix, the least recently used first; a key is a name without it."""
    entries = []
    with os.scandir(folder) as found:
        for file in found:
            if file.name.endswith(suffix):
                with suppress(OSError):  # another process may have removed it
                    info = file.stat(follow_symlinks=False)
                    key = file.name.removesuffix(suffix)
                    entries.append(Entry(key, info.st_size, info.st_mtime))
    return sorted(entries, key=lambda entry: entry.used)


def remove_litter(folder: int) -> None:
    """Remove what processes that died left behind."""
    now = time.time()
    with os.scandir(folder) as found:
        for file in found:
            if file.name.endswith((_PART, _LOCK)):
                with suppress(OSError):
                    if now - file.stat(follow_symlinks=False).st_mtime > _LEFT_BEHIND:
                        remove(folder, file.name)


def remove(folder: int, name: str) -> None:
    """Remove a file, if it is there and may be."""
    with suppress(OSError):
        os.unlink(name, dir_fd=folder)
