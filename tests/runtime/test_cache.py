"""The cache on disk: damage, races of threads and processes, folders that cannot be used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tilewright.codegen.artifact import Artifact, Slot
from tilewright.runtime import versions
from tilewright.runtime.cache import SUFFIX, Cache
from tilewright.runtime.errors import CacheError

KEY = "ab" * 32
OTHER = "cd" * 32
ROOMY = 1 << 30


def make(code: bytes = b"\x90" * 1000) -> Artifact:
    slots = (Slot(0, "array", 11, 2, 24),)
    return Artifact("cpu:x86-64-v3", "f", code, slots, 64, 0, 1.0, {"vector_width": 8})


def refuse() -> Artifact:
    raise AssertionError("built although it was there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def entry(folder: Path) -> Path:
    """The file of a filled cache."""
    Cache(str(folder), ROOMY).get_or_build(KEY, make)
    return folder / (KEY + SUFFIX)


def origin(artifact: Artifact) -> object:
    return artifact.metadata["origin"]


def test_an_artifact_is_compiled_then_in_memory_then_on_disk(folder: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    assert origin(cache.get_or_build(KEY, make)) == "compiled"
    assert origin(cache.get_or_build(KEY, refuse)) == "memory"
    found = Cache(str(folder), ROOMY).get_or_build(KEY, refuse)
    assert origin(found) == "disk"
    assert found.code == make().code
    assert found.metadata["key"] == KEY


def test_the_folder_is_private_and_holds_one_file_an_entry(folder: Path, entry: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [entry.name]
    assert entry.stat().st_mode & 0o777 == 0o600


def test_what_fails_to_build_leaves_nothing(folder: Path) -> None:
    def fail() -> Artifact:
        raise RuntimeError("no")

    cache = Cache(str(folder), ROOMY)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            cache.get_or_build(KEY, fail)
    assert list(folder.iterdir()) == []
    assert origin(cache.get_or_build(KEY, make)) == "compiled"


# --- damage -------------------------------------------------------------------------------------


def test_a_flipped_byte_anywhere_is_a_miss_and_is_rebuilt(folder: Path, entry: Path) -> None:
    whole = entry.read_bytes()
    for position in range(0, len(whole), max(1, len(whole) // 97)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        entry.write_bytes(damaged)
        assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"
        assert entry.read_bytes() == whole


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_entry_is_rebuilt(folder: Path, entry: Path, keep: float) -> None:
    whole = entry.read_bytes()
    entry.write_bytes(whole[: int(len(whole) * keep)])
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"
    assert entry.read_bytes() == whole


def test_bytes_after_the_end_are_damage(folder: Path, entry: Path) -> None:
    entry.write_bytes(entry.read_bytes() + b"\0")
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"


def test_an_entry_under_the_name_of_another_is_not_used(folder: Path, entry: Path) -> None:
    entry.rename(folder / (OTHER + SUFFIX))
    found = Cache(str(folder), ROOMY).get_or_build(OTHER, lambda: make(b"other"))
    assert found.code == b"other"


def test_a_link_is_not_followed(folder: Path, entry: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    entry.rename(outside)
    entry.symlink_to(outside)
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"
    assert not entry.is_symlink()


def test_a_pipe_in_place_of_an_entry_does_not_hang(folder: Path, entry: Path) -> None:
    entry.unlink()
    os.mkfifo(entry)
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"


def test_an_entry_that_others_may_write_is_not_used(folder: Path, entry: Path) -> None:
    entry.chmod(0o666)
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"
    assert entry.stat().st_mode & 0o777 == 0o600


def test_verify_names_the_damaged_entries_and_what_is_wrong(folder: Path, entry: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    cache.get_or_build(OTHER, make)
    assert cache.verify() == []
    entry.write_bytes(entry.read_bytes()[:-1])
    ((key, reason),) = cache.verify()
    assert key == KEY
    assert "truncated" in reason


# --- folders that cannot be used ----------------------------------------------------------------


def only_warning(use: Callable[[], object]) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use()
    assert len(caught) == 1
    assert caught[0].category is RuntimeWarning
    return str(caught[0].message)


def works_without_disk(cache: Cache) -> str:
    """Use a cache twice; gives the one warning."""

    def use() -> None:
        for key in (KEY, OTHER):
            assert origin(cache.get_or_build(key, make)) == "compiled"
            assert origin(cache.get_or_build(key, refuse)) == "memory"

    return only_warning(use)


def test_a_file_in_place_of_the_folder_is_worth_one_warning(folder: Path) -> None:
    folder.write_text("in the way")
    message = works_without_disk(Cache(str(folder), ROOMY))
    assert str(folder) in message
    assert "TILEWRIGHT_CACHE_DIR" in message


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_is_not_used(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    message = works_without_disk(Cache(str(folder), ROOMY))
    assert "others may write to it" in message
    assert list(folder.iterdir()) == []


def test_a_folder_of_another_user_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(mode=0o700)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert "belongs to another user" in works_without_disk(Cache(str(folder), ROOMY))


def test_a_read_only_folder_is_still_read(
    folder: Path, entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = os.open

    def open_for_reading(path: str, flags: int, mode: int = 0o777, **rest: int | None) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system", path)
        return really_open(path, flags, mode, **rest)

    monkeypatch.setattr(os, "open", open_for_reading)
    cache = Cache(str(folder), ROOMY)
    assert origin(cache.get_or_build(KEY, refuse)) == "disk"
    message = only_warning(lambda: cache.get_or_build(OTHER, make))
    assert "cannot write to the cache folder" in message
    assert "Read-only file system" in message
    assert origin(cache.get_or_build(OTHER, refuse)) == "memory"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_without_permission_to_write_is_still_read(folder: Path, tmp_path: Path) -> None:
    nobody = 65534
    for path in (tmp_path, *tmp_path.parents[:-2]):
        if path.stat().st_uid == 0 and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o011)
    Cache(str(folder), ROOMY).get_or_build(KEY, make)
    os.chown(folder / (KEY + SUFFIX), nobody, nobody)
    os.chown(folder, nobody, nobody)
    folder.chmod(0o500)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setuid(nobody)
            cache = Cache(str(folder), ROOMY)
            read = origin(cache.get_or_build(KEY, refuse)) == "disk"
            message = only_warning(lambda: cache.get_or_build(OTHER, make))
            code = 0 if read and "Permission denied" in message else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_missing_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    Cache(str(folder), ROOMY).get_or_build(KEY, make)
    assert (folder / (KEY + SUFFIX)).is_file()


def test_a_folder_that_vanishes_is_made_again(folder: Path, entry: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    cache.get_or_build(KEY, refuse)
    entry.unlink()
    folder.rmdir()
    assert origin(cache.get_or_build(OTHER, make)) == "compiled"
    assert (folder / (OTHER + SUFFIX)).is_file()


def test_a_limit_of_zero_keeps_nothing_on_disk(folder: Path) -> None:
    cache = Cache(str(folder), 0)
    assert origin(cache.get_or_build(KEY, make)) == "compiled"
    assert origin(cache.get_or_build(KEY, refuse)) == "memory"
    assert not folder.exists()


def test_looking_into_a_folder_that_cannot_be_used_is_an_error(folder: Path) -> None:
    folder.write_text("in the way")
    cache = Cache(str(folder), ROOMY)
    for look in (cache.entries, cache.clear, cache.verify):
        with pytest.raises(CacheError, match="cannot use the cache folder"):
            look()


# --- size ---------------------------------------------------------------------------------------


def test_the_least_recently_used_make_room(folder: Path) -> None:
    size = len(make().with_metadata(key=KEY).to_bytes())
    cache = Cache(str(folder), 10 * size)
    keys = [f"{number:064x}" for number in range(10)]
    for age, key in enumerate(keys):
        cache.get_or_build(key, make)
        os.utime(folder / (key + SUFFIX), (1000 + age, 1000 + age))
    Cache(str(folder), 10 * size).get_or_build(keys[0], refuse)  # used just now
    cache.get_or_build(KEY, make)
    left = {entry.key for entry in cache.entries()}
    assert {keys[0], keys[9], KEY} <= left
    assert keys[1] not in left
    assert sum(entry.size for entry in cache.entries()) <= 10 * size


def test_the_limit_holds_after_many_writes(folder: Path) -> None:
    size = len(make().with_metadata(key=KEY).to_bytes())
    cache = Cache(str(folder), 20 * size)
    for number in range(100):
        cache.get_or_build(f"{number:064x}", make)
    # A sweep is due at the latest after a sixteenth of what was free.
    assert sum(entry.size for entry in cache.entries()) <= 22 * size


def test_an_artifact_beyond_the_limit_is_not_written(folder: Path) -> None:
    cache = Cache(str(folder), 500)
    assert origin(cache.get_or_build(KEY, make)) == "compiled"
    assert cache.entries() == []


def test_what_dead_processes_left_is_removed(folder: Path, entry: Path) -> None:
    for name, age in (("x.1.2.part", 7200), ("y.lock", 7200), ("z.3.4.part", 5)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age,) * 2)
    Cache(str(folder), ROOMY).get_or_build(OTHER, make)
    assert {path.name for path in folder.iterdir()} == {entry.name, OTHER + SUFFIX, "z.3.4.part"}


def test_clear_forgets_disk_and_memory(folder: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    cache.get_or_build(KEY, make)
    cache.get_or_build(OTHER, make)
    assert cache.clear() == 2
    assert cache.entries() == []
    assert origin(cache.get_or_build(KEY, make)) == "compiled"


# --- races --------------------------------------------------------------------------------------


def test_of_many_threads_one_builds(folder: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    built = []
    ready = threading.Barrier(16)
    found: list[Artifact] = []

    def build() -> Artifact:
        built.append(threading.get_ident())
        time.sleep(0.05)
        return make()

    def work() -> None:
        ready.wait()
        found.append(cache.get_or_build(KEY, build))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert sorted(str(origin(one)) for one in found) == ["compiled"] + ["memory"] * 15


def test_threads_with_different_keys_do_not_wait_for_each_other(folder: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    inside = threading.Barrier(4, timeout=20)

    def build() -> Artifact:
        inside.wait()  # only passes if all four build at once
        return make()

    threads = [
        threading.Thread(target=cache.get_or_build, args=(f"{number:064x}", build))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache.entries()) == 4


WORKER = """
import sys, time
from tilewright.codegen.artifact import Artifact
from tilewright.runtime.cache import Cache

folder, log, start, key = sys.argv[1:]

def build():
    with open(log, "a") as file:
        file.write("built\\n")
    time.sleep(0.3)
    return Artifact("cpu:x86-64-v3", "f", b"code", (), 24, 0, 1.0, {})

while time.time() < float(start):
    time.sleep(0.001)
cache = Cache(folder, 1 << 30)
print(cache.get_or_build(key, build).metadata["origin"])
"""


def start_worker(folder: Path, log: Path, start: float = 0.0) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-c", WORKER, str(folder), str(log), str(start), KEY]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_of_eight_processes_one_builds(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    start = time.time() + 2.0
    workers = [start_worker(folder, log, start) for _ in range(8)]
    answers = sorted(worker.communicate(timeout=60)[0].strip() for worker in workers)
    assert answers == ["compiled"] + ["disk"] * 7
    assert log.read_text() == "built\n"
    assert [path.name for path in folder.iterdir()] == [KEY + SUFFIX]


def test_a_process_killed_while_it_builds_leaves_no_entry_and_holds_no_lock(
    folder: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    worker = start_worker(folder, log)
    deadline = time.time() + 30
    while not log.exists() and time.time() < deadline:
        time.sleep(0.005)
    assert log.exists()
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    assert list(folder.glob(f"*{SUFFIX}")) == []
    start = time.monotonic()
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, make)) == "compiled"
    assert time.monotonic() - start < 5
    assert [path.name for path in folder.iterdir()] == [KEY + SUFFIX]


def test_a_process_killed_while_it_writes_leaves_no_half_entry(folder: Path) -> None:
    child = os.fork()
    if child == 0:
        os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)
        Cache(str(folder), ROOMY).get_or_build(KEY, make)
        os._exit(1)
    os.waitpid(child, 0)
    assert list(folder.glob(f"*{SUFFIX}")) == []
    found = Cache(str(folder), ROOMY).get_or_build(KEY, make)
    assert origin(found) == "compiled"
    assert origin(Cache(str(folder), ROOMY).get_or_build(KEY, refuse)) == "disk"


def test_a_child_forked_while_another_thread_builds_is_not_stuck(folder: Path) -> None:
    cache = Cache(str(folder), ROOMY)
    building, forked = threading.Event(), threading.Event()

    def build() -> Artifact:
        building.set()
        forked.wait(20)
        return make()

    thread = threading.Thread(target=cache.get_or_build, args=(KEY, build))
    thread.start()
    building.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads, from 3.12 on
        child = os.fork()
    if child == 0:
        # Another key: the parent rightly holds the first among processes.
        ok = origin(cache.get_or_build(OTHER, make)) == "compiled"
        os._exit(0 if ok else 1)
    forked.set()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join()


# --- what a key is made of ----------------------------------------------------------------------


def test_the_version_of_a_package_is_found_without_importing_it() -> None:
    assert versions.installed_version("numpy") == np.__version__
    assert versions.installed_version("no-such-package") == "?"


def test_an_edited_compiler_has_another_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = types.SimpleNamespace(__path__=[str(tmp_path)])
    monkeypatch.setattr(versions, "_SOURCES", ((package, ""),))
    file = tmp_path / "passes" / "simplify.py"
    file.parent.mkdir()
    file.write_text("one")
    found = {versions.compiler_fingerprint()}
    file.write_text("other")
    found.add(versions.compiler_fingerprint())
    os.utime(file, ns=(0, 12345))
    found.add(versions.compiler_fingerprint())
    (tmp_path / "new.py").touch()
    found.add(versions.compiler_fingerprint())
    assert len(found) == 4
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "new.pyc").touch()
    assert versions.compiler_fingerprint() in found
