"""Tuning: the fastest configuration is found on copies, remembered, shown, and cheap to use."""

from __future__ import annotations

import copy
import gc
import json
import os
import pickle
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import tilewright as tw
from tilewright.runtime.cache import NOTE_SUFFIX
from tilewright.runtime.device import host
from tilewright.runtime.tuning import copies as copies_module
from tilewright.runtime.tuning import search, workers
from tilewright.runtime.tuning.race import Runner, choose, race
from tilewright.runtime.tuning.record import Result, Tuned, read_records, write_records

N = 1 << 16
SLOW, FAST = tw.Config(BLOCK=1), tw.Config(BLOCK=1024)  # some twenty times apart


def cdiv(a: int, b: int) -> int:
    return -(-a // b)


def grid(p: Any) -> tuple[int]:
    return (cdiv(N, p.BLOCK),)


def add(x, y, out, BLOCK: tw.constexpr):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = x[i] + y[i]


def tuned_add(**options: Any) -> tw.TunedKernel:
    made: tw.TunedKernel = tw.autotune(**{"configs": [SLOW, FAST], **options})(tw.kernel(add))
    return made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for each test's choices; code is shared through memory all the same."""
    monkeypatch.setenv("TILEWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TILEWRIGHT_TUNE_PROGRESS", "0")
    return tmp_path / "cache"


@pytest.fixture
def arrays(rng: np.random.Generator, guarded: Callable[..., Any]) -> tuple[Any, Any, Any]:
    x, y = (rng.standard_normal(N, dtype=np.float32) for _ in range(2))
    return x, y, guarded(N)


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels that were tuned by trials so far."""
    seen: list[str] = []
    original = search.try_all

    def try_all(kernel: tw.Kernel, *rest: Any) -> Any:
        seen.append(kernel.name)
        return original(kernel, *rest)

    monkeypatch.setattr("tilewright.runtime.autotune.try_all", try_all)
    return seen


# --- the choice ----------------------------------------------------------------------------------


def test_the_fastest_configuration_is_chosen_and_the_launch_is_right(arrays: Any) -> None:
    x, y, out = arrays
    kernel = tuned_add()
    assert kernel.best(x, y, out) is None
    kernel[grid](x, y, out)
    np.testing.assert_array_equal(out, x + y)
    assert kernel.best(x, y, out) == FAST
    (found,) = kernel.tuning
    assert found.chosen.config == "BLOCK=1024"
    slow, fast = found.results
    assert slow.status == "slower" and slow.median > 2 * fast.median > 0


def test_every_key_is_tuned_once(arrays: Any, trials: list[str]) -> None:
    x, y, out = arrays
    kernel = tuned_add()
    for _ in range(3):
        kernel[grid](x, y, out)
    assert len(trials) == 1
    kernel[grid](x[:100], y[:100], out[:100])
    kernel[grid](x[:100], y[:100], out[:100])
    assert len(trials) == 2
    assert [one.key["x.shape"] for one in kernel.tuning] == [[N], [100]]


def test_a_key_of_expressions_counts_alone(arrays: Any, trials: list[str]) -> None:
    x, _, out = arrays

    @tw.autotune(configs=[SLOW, FAST], key=["n", "x.strides[-1]"])
    @tw.kernel
    def part(x, out, n, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        tw.store(out, i, x[i], mask=i < n)

    part[grid](x, out, 100)
    part[grid](x[:50], out[:60], 100)
    assert len(trials) == 1
    part[grid](x, out, 101)
    part[grid](x[::2], out, 101)
    assert [one.key for one in part.tuning] == [
        {"n": 100, "x.strides[-1]": 1},
        {"n": 101, "x.strides[-1]": 1},
        {"n": 101, "x.strides[-1]": 2},
    ]


def test_other_dtypes_and_constexprs_are_told_apart_without_being_named(trials: list[str]) -> None:
    @tw.autotune(configs=[SLOW, FAST], key=[])
    @tw.kernel
    def scale(out, BY: tw.constexpr, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        out[i] = out[i] * BY

    for dtype, by in ((np.float32, 2), (np.float64, 2), (np.float32, 3), (np.float32, 2)):
        out = np.ones(N, dtype)
        scale[grid](out, BY=by)
        assert (out == by).all()
    assert len(trials) == 3


def test_prune_sees_the_arguments_and_is_obeyed(arrays: Any) -> None:
    x, y, out = arrays
    seen = []

    def prune(configs: list[tw.Config], args: Any) -> list[tw.Config]:
        seen.append(args)
        return [one for one in configs if one.BLOCK < len(args.x)]

    kernel = tuned_add(configs=[SLOW, FAST, tw.Config(BLOCK=1 << 17)], prune=prune)
    kernel[grid](x, y, out)
    assert seen[0].x is x and not hasattr(seen[0], "BLOCK")
    assert [one.status for one in next(iter(kernel.tuning)).results] == [
        "slower", "chosen", "pruned",
    ]  # fmt: skip
    only = tuned_add(prune=lambda configs, args: configs[:1])
    assert only.best(x, y, out) == SLOW
    for bad, message in (
        (lambda c, a: [], "left no configuration"),
        (lambda c, a: [1], "is none"),
        (lambda c, a: None, "gave None, expected"),
    ):
        with pytest.raises(tw.LaunchError, match=message):
            tuned_add(prune=bad)[grid](x, y, out)


def test_those_that_differ_in_options_of_a_gpu_only_are_one(arrays: Any) -> None:
    x, y, out = arrays
    few, many = (tw.Config(BLOCK=1024, num_warps=count) for count in (4, 8))
    kernel = tuned_add(configs=[few, many, SLOW])
    kernel[grid](x, y, out)
    assert kernel.best(x, y, out) == few
    assert next(iter(kernel.tuning)).results[1].status == "untried"


def test_among_equals_the_first_is_chosen() -> None:
    def runner(*samples: float, is_running: bool = True) -> Runner:
        return Runner(lambda: None, list(samples), is_running)

    assert choose([runner(1.01, 1.01, 1.01), runner(1.0, 1.0, 1.0)]) == 0
    assert choose([runner(1.1, 1.1, 1.1), runner(1.0, 1.0, 1.0)]) == 1
    assert choose([runner(0.85, 1.05, 9.9), runner(0.8, 1.0, 9.9)]) == 0
    assert choose([runner(0.9, 1.2, 1.2), runner(0.1, 1.0, 1.2)]) == 1
    assert choose([runner(0.1, is_running=False), runner(1.0)]) == 1


def test_a_race_restores_before_every_launch_and_drops_what_is_slow() -> None:
    events: list[str] = []

    def wait(seconds: float) -> Callable[[], None]:
        def run() -> None:
            events.append("run")
            time.sleep(seconds)

        return run

    slow, fast = Runner(wait(0.004)), Runner(wait(0.0))
    race([slow, fast], lambda: events.append("restore"), lambda done, left: None, seconds=0.01)
    assert events[::2] == ["restore"] * (len(events) // 2) and "run" not in events[::2]
    assert not slow.is_running and len(slow.samples) == 3
    assert fast.is_running and len(fast.samples) >= 5


# --- trials touch nothing of the user's -----------------------------------------------------------


def test_a_kernel_that_works_in_place_runs_once_on_the_data(guarded: Callable[..., Any]) -> None:
    @tw.autotune(configs=[SLOW, FAST])
    @tw.kernel
    def double(x, count, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        x[i] = x[i] * 2.0
        tw.atomic_add(count, 0, 1)

    x, count = guarded(np.full(N, 3, np.float32)), guarded(np.zeros(1, np.int32))
    double[lambda p: (N // p.BLOCK,)](x, count)
    assert (x == 6).all()
    assert count[0] == N // int(double.best(x, count).BLOCK)


def test_trials_of_a_kernel_in_place_start_from_the_same_data() -> None:
    seen = []

    @tw.autotune(configs=[SLOW, FAST])
    @tw.kernel
    def grow(x, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        x[i] = x[i] + 1.0

    original = copies_module.Copies.restore

    def restore(self: Any, everything: bool = False) -> None:
        original(self, everything)
        if not everything:
            seen.append(self.arguments[0].max())

    x = np.zeros(N, np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies_module.Copies, "restore", restore)
        grow[grid](x)
    assert len(seen) >= 10 and set(seen) == {0.0}
    assert (x == 1).all()


def test_arguments_that_share_memory_share_it_in_the_copies(rng: np.random.Generator) -> None:
    memory = rng.standard_normal(100).astype(np.float32)
    shifted, other = memory[10:90], rng.standard_normal(80).astype(np.float32)

    @tw.kernel
    def write(a, b, c):
        a[0] = b[0] + c[0]

    signature = write._read((memory, shifted[::-1], other), {})
    found = copies_module.Copies(
        write.function_for(signature), signature, (memory, shifted[::-1], other), tw.device()
    )
    a, b, c = found.arguments
    assert c is other
    assert not np.shares_memory(a, memory) and np.shares_memory(a, b)
    np.testing.assert_array_equal(a, memory)
    np.testing.assert_array_equal(b, shifted[::-1])
    assert b.strides == (-4,)
    assert (a.ctypes.data - memory.ctypes.data) % 4096 == 0
    a[:] = 0
    assert (b == 0).all() and memory.all()
    found.restore()
    np.testing.assert_array_equal(a, memory)


def test_a_pointer_gets_a_copy_of_the_allocation_that_it_points_into() -> None:
    @tw.kernel
    def write(x):
        tw.store(x.ptr - 2, 1.0)

    memory = np.arange(100, dtype=np.float32)
    signature = write._read((memory[10:],), {})
    function = write.function_for(signature)
    found = copies_module.Copies(function, signature, (memory[10:],), tw.device())
    assert found.bytes == memory.nbytes
    (x,) = found.arguments
    np.testing.assert_array_equal(x, memory[10:])
    write[1](x)
    assert memory[8] == 8


class Pair(NamedTuple):
    """Two arrays as one argument."""

    x: Any
    out: Any


def test_arrays_in_structs_are_copied_too(rng: np.random.Generator) -> None:
    @tw.autotune(configs=[SLOW, FAST])
    @tw.kernel
    def move(pair, by, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        pair.out[i] += pair.x[i] * by

    pair = Pair(rng.standard_normal(N).astype(np.float32), np.zeros(N, np.float32))
    move[grid](pair, 2.0)
    np.testing.assert_array_equal(pair.out, pair.x * 2)
    assert [one.key for one in move.tuning] == [{"pair.x.shape": [N], "pair.out.shape": [N]}]


def test_copies_are_gone_before_the_real_launch(
    arrays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[Any] = []
    original = copies_module._same_place

    def same_place(memory: Any, region: Any) -> Any:
        made = original(memory, region)
        alive.append(weakref.ref(made.base))
        return made

    monkeypatch.setattr(copies_module, "_same_place", same_place)
    x, y, out = arrays
    kernel = tuned_add()
    build = kernel.build
    gc.disable()
    try:
        monkeypatch.setattr(
            kernel,
            "build",
            lambda *facts: (alive.append([one() for one in alive]), build(*facts))[1],
        )
        kernel[grid](x, y, out)
    finally:
        gc.enable()
    assert alive[1:] == [[None]]


def test_memory_for_copies_that_is_not_there_is_an_error(
    arrays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies_module, "_free_bytes", lambda: 1000.0)
    with pytest.raises(tw.DeviceError, match=r"trials of add need 0 MiB.*\n.*TILEWRIGHT_TUNE=0"):
        tuned_add()[grid](*arrays)


def test_what_a_kernel_prints_in_trials_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    @tw.autotune(configs=[SLOW, FAST])
    @tw.kernel
    def tell(x, BLOCK: tw.constexpr):
        tw.print("here", BLOCK)
        x[0] = 1.0

    tell[1](np.zeros(4, np.float32))
    assert len(capsys.readouterr().out.splitlines()) == 1


# --- configurations that do not work --------------------------------------------------------------


@tw.kernel
def picky(x, BLOCK: tw.constexpr):
    tw.static_assert(BLOCK < 100, "too large")
    assert BLOCK > 2, "too small"
    x[tw.arange(BLOCK)] = 1.0


def test_what_cannot_be_compiled_or_fails_drops_out_and_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TILEWRIGHT_DEBUG", "1")
    configs = [tw.Config(BLOCK=size) for size in (1000, 1, 64, 8)]
    kernel = tw.autotune(configs=configs)(picky)
    x = np.zeros(64, np.float32)
    kernel[1](x)
    assert kernel.best(x) in configs[2:]
    large, small, *_ = next(iter(kernel.tuning)).results
    assert large.status == small.status == "failed"
    assert "too large" in large.reason and "too small" in small.reason
    assert "failed" in str(kernel.tuning)


def test_if_none_works_the_error_names_the_reason_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_DEBUG", "1")
    x = np.zeros(64, np.float32)
    large = [tw.Config(BLOCK=size) for size in (1000, 2000)]
    with pytest.raises(tw.CompileError, match="too large"):
        tw.autotune(configs=large)(picky)[1](x)
    with pytest.raises(tw.LaunchError) as caught:
        tw.autotune(configs=[large[0], tw.Config(BLOCK=1), tw.Config(BLOCK=2)])(picky)[1](x)
    text = str(caught.value)
    assert "no configuration of picky works" in text
    assert "Config(BLOCK=1000): " in text and "too large" in text
    assert "Config(BLOCK=1): " in text and "too small" in text


def test_a_wrong_call_is_refused_before_anything_is_tried(arrays: Any, trials: list[str]) -> None:
    x, y, out = arrays
    kernel = tuned_add()
    with pytest.raises(tw.LaunchError, match="'BLOCK' of add is set by its configurations"):
        kernel[grid](x, y, out, BLOCK=64)
    with pytest.raises(tw.LaunchError, match=r"missing the argument 'out'.*\n.*x, y, out\)$"):
        kernel[grid](x, y)
    out.flags.writeable = False
    with pytest.raises(tw.LaunchError, match="'out' of add: the kernel writes to it"):
        kernel[grid](x, y, out)
    out.flags.writeable = True
    warps = tuned_add(configs=[tw.Config(BLOCK=2, num_warps=4), FAST])
    with pytest.raises(tw.LaunchError, match="'num_warps' of add is set by its configurations"):
        warps[grid](x, y, out, num_warps=2)
    shapes = tw.autotune(configs=[SLOW, FAST], key=["x.shape[1]"])(tw.kernel(add))
    with pytest.raises(tw.LaunchError, match=r"tuned by 'x.shape\[1\]': the array has no such"):
        shapes[grid](x, y, out)
    with pytest.raises(tw.LaunchError, match="asks for 'SIZE'"):
        kernel[lambda p: (p.SIZE,)](x, y, out)
    assert kernel.tuning is not None and len(trials) == 1 and len(kernel.tuning) == 0
    tuned_add()[grid](x, y, out, num_warps=2)


def test_an_empty_grid_tunes_nothing(arrays: Any, trials: list[str]) -> None:
    kernel = tuned_add()
    kernel[0](*arrays)
    kernel[lambda p: (0, p.BLOCK)](*arrays)
    assert trials == []
    kernel[grid](*arrays)
    assert len(trials) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"configs": []}, "`configs` of add is empty"),
        ({"configs": FAST}, "expected a list"),
        ({"configs": [{"BLOCK": 2}]}, "expected a tw.Config"),
        ({"configs": [tw.Config(BLOK=2)]}, "sets `BLOK`, which is no parameter of add\n.*`BLOCK`"),
        ({"configs": [tw.Config(x=2)]}, "`x`, which is no constexpr parameter of add\n.*constexpr"),
        ({"configs": [FAST, tw.Config()]}, r"Config\(\) of add does not set `BLOCK`"),
        ({"configs": [tw.Config(BLOCK=[2])]}, "a list, which cannot be hashed"),
        ({"key": "x"}, "expected a list of texts"),
        ({"key": ["z"]}, "'z': add has no parameter `z`"),
        ({"key": ["BLOCK"]}, "configurations set `BLOCK`"),
        ({"key": ["x.shape[1.5]"]}, "neither a parameter nor a plain attribute"),
        ({"key": ["__import__('os')"]}, "neither a parameter nor a plain attribute"),
        ({"key": ["x.data"]}, "neither a parameter nor a plain attribute"),
        ({"key": ["x.shape["]}, "neither a parameter nor a plain attribute"),
        ({"key": [1]}, "1 is no text"),
        ({"prune": 3}, "`prune` of add is 3"),
    ],
)
def test_mistakes_are_found_when_a_kernel_is_decorated(options: Any, message: str) -> None:
    with pytest.raises(tw.CompileError, match=message):
        tuned_add(**options)


def test_only_kernels_are_tuned_and_once() -> None:
    with pytest.raises(tw.CompileError, match="autotune takes a kernel, found function"):
        tw.autotune(configs=[FAST])(add)
    with pytest.raises(tw.CompileError, match="add is tuned already"):
        tw.autotune(configs=[FAST])(tuned_add())


def test_annotations_refuse_keys_at_once() -> None:
    @tw.kernel
    def typed(n: tw.i32, x: "f32[:, :]", BLOCK: tw.constexpr):  # noqa: F821, UP037
        x[0, 0] = n

    for key, message in (("n.shape", "`n` is a number"), ("x.shape[2]", "`x` has 2 axes")):
        with pytest.raises(tw.CompileError, match=message):
            tw.autotune(configs=[FAST], key=[key])(typed)


@pytest.mark.parametrize("bad", [{"num_warps": 0}, {"num_stages": 1.5}, {"stream": None}])
def test_a_configuration_has_sensible_options(bad: dict[str, Any]) -> None:
    with pytest.raises(tw.CompileError, match=f"`{next(iter(bad))}`"):
        tw.Config(BLOCK=2, **bad)


def test_configurations_are_compared_as_the_language_does() -> None:
    assert tw.Config(A=1) == tw.Config(A=1) != tw.Config(A=True)
    assert len({tw.Config(A=0.0), tw.Config(A=-0.0), tw.Config(A=0), tw.Config(A=0)}) == 3
    assert repr(tw.Config(A=(1, "x"), T=tw.f32, num_warps=4)) == (
        "Config(A=(1, 'x'), T=tw.f32, num_warps=4)"
    )
    made = tw.Config(A=1, num_warps=2)
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made and made.A == 1
    with pytest.raises(AttributeError, match="cannot be changed"):
        made.num_warps = 3
    with pytest.raises(AttributeError, match="does not set 'B'"):
        _ = made.B
    kernel = tuned_add(configs=[SLOW, FAST, tw.Config(BLOCK=1)])
    assert kernel.configs == (SLOW, FAST)


# --- remembered -----------------------------------------------------------------------------------


def test_a_choice_is_remembered_on_disk(arrays: Any, trials: list[str]) -> None:
    tuned_add()[grid](*arrays)
    again = tuned_add()
    assert again.best(*arrays) == FAST
    again[grid](*arrays)
    assert len(trials) == 1
    (found,) = again.tuning
    assert found.origin == "disk" and found.chosen.config == "BLOCK=1024"


def note(folder: Path) -> Path:
    (found,) = folder.glob(f"*{NOTE_SUFFIX}")
    return found


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_a_damaged_choice_is_none(
    arrays: Any, trials: list[str], folder: Path, damage: bytes | None
) -> None:
    tuned_add()[grid](*arrays)
    data = note(folder).read_bytes()
    note(folder).write_bytes(data.replace(b"1024", b"2048") if damage is None else damage)
    tuned_add()[grid](*arrays)
    assert len(trials) == 2
    assert note(folder).read_bytes() != damage


def test_another_kernel_other_configurations_and_another_machine_are_tuned_anew(
    arrays: Any, trials: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned_add()[grid](*arrays)
    tuned_add(configs=[SLOW, FAST, tw.Config(BLOCK=512)])[grid](*arrays)
    assert len(trials) == 2

    def add(x, y, out, BLOCK: tw.constexpr):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        out[i] = x[i] - y[i]

    tw.autotune(configs=[SLOW, FAST])(tw.kernel(add))[grid](*arrays)
    assert len(trials) == 3
    monkeypatch.setattr("tilewright._native.get_num_threads", lambda: 77)
    tuned_add()[grid](*arrays)
    assert len(trials) == 4


def test_settings_say_whether_to_tune(
    arrays: Any, trials: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y, out = arrays
    monkeypatch.setenv("TILEWRIGHT_TUNE", "0")
    first = tuned_add()
    first[grid](x, y, out)
    np.testing.assert_array_equal(out, x + y)
    assert trials == [] and len(first.tuning) == 0 and first.best(x, y, out) == SLOW
    monkeypatch.setenv("TILEWRIGHT_TUNE", "1")
    tuned_add()[grid](x, y, out)
    monkeypatch.setenv("TILEWRIGHT_TUNE", "0")
    assert tuned_add().best(x, y, out) == FAST
    monkeypatch.setenv("TILEWRIGHT_TUNE", "force")
    forced = tuned_add()
    forced[grid](x, y, out)
    forced[grid](x, y, out)
    assert len(trials) == 2
    monkeypatch.setenv("TILEWRIGHT_TUNE", "maybe")
    with pytest.raises(tw.Error, match="TILEWRIGHT_TUNE is 'maybe', expected 0, 1 or force"):
        tuned_add()[grid](x, y, out)


def test_without_a_cache_folder_tuning_works(
    arrays: Any, trials: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("TILEWRIGHT_CACHE_SIZE", "0")
    kernel = tuned_add()
    kernel[grid](*arrays)
    kernel[grid](*arrays)
    assert len(trials) == 1 and not folder.exists()


def test_the_interpreter_takes_the_first_configuration(
    arrays: Any, trials: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    x, y, out = (one[:100] for one in arrays)
    kernel = tuned_add(configs=[tw.Config(BLOCK=64), SLOW])
    kernel[lambda p: (cdiv(100, p.BLOCK),)](x, y, out)
    np.testing.assert_array_equal(out, x + y)
    assert trials == []


def test_choices_are_saved_and_loaded(arrays: Any, trials: list[str], tmp_path: Path) -> None:
    kernel = tuned_add()
    kernel[grid](*arrays)
    path = tmp_path / "add.json"
    kernel.tuning.save(path)
    host().cache.clear()
    fresh = tuned_add()
    assert fresh.best(*arrays) is None
    assert fresh.tuning.load(path) == 1
    assert fresh.best(*arrays) == FAST
    fresh[grid](*arrays)
    assert len(trials) == 1
    assert [one.origin for one in fresh.tuning] == ["file"]
    fresh.tuning.clear()
    assert fresh.best(*arrays) is None
    other = tw.autotune(configs=[FAST])(picky)
    assert other.tuning.load(path) == 0
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(tw.CacheError, match="checksum"):
        fresh.tuning.load(path)
    with pytest.raises(tw.CacheError, match="No such file"):
        fresh.tuning.load(tmp_path / "nothing.json")


def test_choices_of_other_machines_are_taken_if_asked_for(
    arrays: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = tuned_add()
    with monkeypatch.context() as patch:
        patch.setattr("tilewright._native.get_num_threads", lambda: 77)
        kernel[grid](*arrays)
    path = tmp_path / "add.json"
    kernel.tuning.save(path)
    fresh = tuned_add()
    fresh.tuning.load(path)
    assert fresh.best(*arrays) is None
    fresh.tuning.load(path, anywhere=True)
    assert fresh.best(*arrays) == FAST


def test_records_are_what_was_written() -> None:
    results = (Result("A=1", "chosen", 1.0, 0.9, 1.1, 7), Result("A=2", "failed", reason="why"))
    record = Tuned("k", "f32", {"n": 4}, {"model": "m"}, results, "0" * 64, 1.5)
    data = write_records([record])
    assert read_records(data, "disk") == (record,)
    assert json.loads(data.partition(b"\n")[2])["tunings"][0]["key"] == {"n": 4}
    with pytest.raises(ValueError, match="checksum"):
        read_records(data.replace(b"A=1", b"A=3"), "disk")


# --- everything else a kernel does ----------------------------------------------------------------


def test_a_tuned_kernel_is_inspected_specialised_and_launched_without_tuning(
    arrays: Any, trials: list[str]
) -> None:
    x, y, out = arrays
    kernel = tuned_add()
    assert isinstance(kernel, tw.Kernel) and kernel.name == "add"
    assert (
        "1024xf32" in str(kernel.inspect(x, y, out, BLOCK=1024).ir)
        or kernel.inspect(x, y, out, BLOCK=1024).asm
    )
    one = kernel.specialize("f32[::1], f32[::1], f32[::1]", BLOCK=512)
    one[cdiv(N, 512)](x, y, out, BLOCK=512)
    np.testing.assert_array_equal(out, x + y)
    out[:] = 0
    kernel.untuned[cdiv(N, 64)](x, y, out, BLOCK=64)
    np.testing.assert_array_equal(out, x + y)
    assert trials == []
    kernel[grid](x, y, out)
    kernel[grid](x[:-1], y, out)
    assert [found.constexprs for found in kernel.specializations] == [{"BLOCK": 1024}]
    kernel.refresh()
    assert kernel.specializations == () and len(kernel.tuning) == 0


def test_arguments_of_other_libraries_and_streams_work(arrays: Any) -> None:
    x, y, out = arrays
    kernel = tuned_add()
    stream = tw.Stream()
    made = tw.zeros(N, tw.f32)
    before = tw.array(np.zeros(N, np.float32))
    kernel.untuned[1](x, y, before, BLOCK=N, stream=stream)
    kernel[grid](before, y, made, stream=stream)
    stream.synchronize()
    np.testing.assert_array_equal(made.numpy(), x + y + y)
    with tw.Stream() as current:
        tuned_add(configs=[FAST, SLOW])[grid](x, y, out)
    current.synchronize()
    np.testing.assert_array_equal(out, x + y)


def test_threads_that_launch_at_once_tune_once(arrays: Any, trials: list[str]) -> None:
    x, y, _ = arrays
    kernel = tuned_add()
    outs = [np.empty(N, np.float32) for _ in range(4)]
    threads = [threading.Thread(target=kernel[grid], args=(x, y, out)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(trials) == 1
    for out in outs:
        np.testing.assert_array_equal(out, x + y)


def test_a_line_says_what_was_chosen(
    arrays: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TILEWRIGHT_TUNE_PROGRESS")
    kernel = tuned_add()
    kernel[grid](*arrays)
    kernel[grid](*arrays)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tilewright: tuned add for x.shape=[65536], y.shape=[65536]")
    assert ": BLOCK=1024 (" in line and "2 of 2 configurations timed" in line


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Helpers that are started for any work, and waited for; gives those there were."""
    started: list[Any] = []
    original = workers._Helper

    class Helper(original):  # type: ignore[misc, valid-type]
        def __init__(self, *rest: Any) -> None:
            super().__init__(*rest)
            started.append(self)
            while len(self.made) < 1 and self.thread.is_alive():
                self.thread.join(0.005)

    monkeypatch.setattr(workers, "_Helper", Helper)
    monkeypatch.setattr(workers, "START_SECONDS", 1e-6)
    monkeypatch.setitem(host().capabilities, "cores", 2)
    return started


def test_helpers_compile_what_is_left(arrays: Any, eager: list[Any]) -> None:
    x, y, out = arrays
    kernel = tuned_add(configs=[tw.Config(BLOCK=size) for size in (96, 160, 224, 352)])
    kernel[grid](x, y, out)
    np.testing.assert_array_equal(out, x + y)
    (helper,) = eager
    # The last that it took may be done here, too, if it takes the helper long.
    assert helper.made and set(helper.taken[:-1]) <= set(helper.made) <= set(helper.taken)
    assert all(one.median is not None for one in next(iter(kernel.tuning)).results)


def test_a_helper_that_dies_costs_nothing_but_time(
    arrays: Any, eager: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_PROGRAM", "print('ready', flush=True); input()")
    kernel = tuned_add(configs=[tw.Config(BLOCK=size) for size in (97, 161, 225)])
    kernel[grid](*arrays)
    assert len(eager) == 1 and not eager[0].made
    assert all(one.median is not None for one in next(iter(kernel.tuning)).results)


SCRIPT = """
import numpy as np, tilewright as tw

@tw.autotune(configs=[tw.Config(BLOCK=1), tw.Config(BLOCK=1024)])
@tw.kernel
def add(x, y, out, BLOCK: tw.constexpr):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    # A comment changes nothing.
    out[i] = x[i] + y[i]

x = np.ones(65536, np.float32)
out = np.empty_like(x)
add[lambda p: (65536 // p.BLOCK,)](x, x.copy(), out)
assert (out == 2).all()
print([(one.origin, one.chosen.config) for one in add.tuning])
"""


def test_another_process_finds_the_choice(arrays: Any, tmp_path: Path) -> None:
    tuned_add()[grid](*arrays)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, "-P", str(script)]
    run = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[('disk', 'BLOCK=1024')]"
