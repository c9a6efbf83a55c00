"""The environment variables: what they mean, their defaults, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from tilewright.dsl.errors import Error
from tilewright.runtime.settings import DEFAULT_CACHE_SIZE, settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    names = "INTERPRET RACES DEBUG CACHE_DIR CACHE_SIZE NUM_THREADS DUMP TUNE TUNE_PROGRESS NVRTC"
    for name in (*names.split(), "CUDA_DRIVER"):
        monkeypatch.delenv(f"TILEWRIGHT_{name}", raising=False)
    for name in ("XDG_CACHE_HOME", "CUDA_HOME", "CUDA_PATH", "LD_LIBRARY_PATH"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_are_a_compiler_with_a_cache() -> None:
    assert settings.interpret is False
    assert settings.races is False
    assert settings.debug == frozenset()
    assert settings.num_threads is None
    assert settings.dump_folder is None
    assert settings.cache_size == DEFAULT_CACHE_SIZE
    assert settings.tune == "on"
    assert settings.tune_progress is True
    assert settings.nvrtc is None
    assert settings.cuda_driver == ""


def test_a_toolkit_is_looked_for_where_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/one:/two")
    assert settings.toolkit_folders == ("/one", "/two")
    monkeypatch.setenv("CUDA_HOME", "/home")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/library::")
    assert settings.toolkit_folders == ("/home", "/library", "/one", "/two")
    monkeypatch.setenv("TILEWRIGHT_NVRTC", "~/libnvrtc.so.13")
    assert settings.nvrtc is not None and settings.nvrtc.startswith("/")


@pytest.mark.parametrize(
    ("text", "value"), [("0", "off"), ("no", "off"), ("1", "on"), ("", "on"), ("Force", "force")]
)
def test_tuning_has_three_ways(monkeypatch: pytest.MonkeyPatch, text: str, value: str) -> None:
    monkeypatch.setenv("TILEWRIGHT_TUNE", text)
    monkeypatch.setenv("TILEWRIGHT_TUNE_PROGRESS", "0")
    assert settings.tune == value
    assert settings.tune_progress is False


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_a_switch_is_read(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", text)
    assert settings.interpret is value


def test_races_are_found_by_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_RACES", "1")
    assert settings.interpret is True


@pytest.mark.parametrize(
    ("text", "options"), [("1", {"debug"}), ("strict", {"debug", "strict"}), ("0", set())]
)
def test_debug_has_two_degrees(
    monkeypatch: pytest.MonkeyPatch, text: str, options: set[str]
) -> None:
    monkeypatch.setenv("TILEWRIGHT_DEBUG", text)
    assert settings.debug == options


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("4096", 4096), ("500M", 500 << 20), ("2g", 2 << 30), ("64KiB", 64 << 10)],
)
def test_a_size_has_units(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("TILEWRIGHT_CACHE_SIZE", text)
    assert settings.cache_size == size


def test_the_cache_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert settings.cache_folder == "/home/somebody/.cache/tilewright"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert settings.cache_folder == "/home/somebody/.cache/tilewright"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/caches")
    assert settings.cache_folder == "/var/caches/tilewright"
    monkeypatch.setenv("TILEWRIGHT_CACHE_DIR", "~/kernels")
    assert settings.cache_folder == "/home/somebody/kernels"


@pytest.mark.parametrize(
    ("name", "text", "attribute", "message"),
    [
        ("INTERPRET", "maybe", "interpret", "TILEWRIGHT_INTERPRET is 'maybe', expected 0 or 1"),
        ("DEBUG", "2", "debug", "TILEWRIGHT_DEBUG is '2', expected 0, 1 or strict"),
        ("CACHE_SIZE", "big", "cache_size", "TILEWRIGHT_CACHE_SIZE is 'big', expected a number"),
        ("CACHE_SIZE", "-1", "cache_size", "TILEWRIGHT_CACHE_SIZE is '-1', expected a number"),
        ("NUM_THREADS", "0", "num_threads", "TILEWRIGHT_NUM_THREADS is '0', expected a whole"),
        ("NUM_THREADS", "²", "num_threads", "TILEWRIGHT_NUM_THREADS is '²', expected a whole"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, attribute: str, message: str
) -> None:
    monkeypatch.setenv(f"TILEWRIGHT_{name}", text)
    with pytest.raises(Error) as caught:
        getattr(settings, attribute)
    assert message in str(caught.value)
