"""Section 10 of LANGUAGE.md: which error is raised, what it shows, and that nothing breaks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tilewright as tw

Launch = Callable[..., None]


def test_all_errors_derive_from_one() -> None:
    for name in ("CompileError", "LaunchError", "DeviceError", "CacheError", "BundleError"):
        assert issubclass(getattr(tw, name), tw.Error)
    assert issubclass(tw.Error, Exception)


def wrong_type(x, out):
    v = x[0:4]
    out[0:4] = v + "text"  # here


def wrong_shape(x, out):
    out[0:4] = x[0:4] + x[0:3]  # here


def wrong_name(x, out):
    out[0] = no_such_thing  # here # noqa: F821


def wrong_attribute(x, out):
    out[0] = x.colour  # here


def wrong_function(x, out):
    out[0] = tw.no_such_function(x[0])  # here


def wrong_argument(x, out):
    out[0] = tw.sum(x[0:4], no_such=3)  # here


def wrong_axis(x, out):
    out[0] = tw.sum(x[0:4], axis=1)  # here


def wrong_count(x, out):
    out[0] = tw.exp(x[0], x[1])  # here


def wrong_unpacking(x, out):
    a, b = x[0], x[1], x[2]  # here
    out[0] = a + b


def wrong_bits(x, out):
    out[0] = x[0] << 2  # here


def wrong_condition(x, out):
    if x[0:4]:  # here
        out[0] = 1


def wrong_loop(x, out):
    for _ in range(x[0:4]):  # here
        out[0] = 1


def wrong_static_range(x, out, n):
    for _ in tw.static_range(n):  # here
        out[0] = 1


def wrong_index(x, out):
    out[0] = x[1.5]  # here


def wrong_store(x, out):
    out[0] = x[0:4]  # here


def wrong_iteration(x, out):
    for v in x:  # here
        out[0] = v


def wrong_call(x, out):
    out[0] = x(1)  # here


def wrong_matmul(x, out):
    out[0:4] = x[0:4] @ 3  # here


def wrong_later_group(x, out):
    out[0:4] = undefined_group(x[0:4])  # here # noqa: F821


def wrong_return(x, out):
    return x[0]  # here


def wrong_reshape(x, out):
    out[0:4] = x[0:4].reshape(3)  # here


def wrong_permute(x, out):
    out[0:4] = tw.permute(x[0:4], (1, 0))  # here


@tw.func
def inner(v):
    return v + "text"  # here


def wrong_in_function(x, out):
    out[0:4] = inner(x[0:4])


WRONG = [
    wrong_type, wrong_shape, wrong_name, wrong_attribute, wrong_function, wrong_argument,
    wrong_axis, wrong_count, wrong_unpacking, wrong_bits, wrong_condition, wrong_loop,
    wrong_static_range, wrong_index, wrong_store, wrong_iteration, wrong_call, wrong_matmul,
    wrong_later_group, wrong_return, wrong_reshape, wrong_permute,
]  # fmt: skip


@pytest.mark.parametrize("kernel", WRONG)
def test_a_compile_error_points_at_its_line(mode: str, kernel: Callable[..., None]) -> None:
    lines, first = inspect.getsourcelines(kernel)
    where = next(k for k, line in enumerate(lines) if "# here" in line)
    x, out = np.ones(4, np.float32), np.full(4, 7, np.float32)
    arguments: list[Any] = [x, out, 2][: kernel.__code__.co_argcount]
    made = tw.kernel(kernel)
    for _ in range(2):
        with pytest.raises(tw.CompileError) as caught:
            made[1](*arguments)
        text = str(caught.value)
        assert f"test_errors.py:{first + where}:" in text
        assert lines[where].strip().split("  #")[0] in text
        assert "^" in text
    assert (out == 7).all(), "nothing ran"


def test_an_error_in_a_function_names_the_call_too(mode: str) -> None:
    with pytest.raises(tw.CompileError) as caught:
        tw.kernel(wrong_in_function)[1](np.ones(4, np.float32), np.ones(4, np.float32))
    text = str(caught.value)
    assert 'v + "text"' in text
    call = wrong_in_function.__code__.co_firstlineno + 1
    assert f"test_errors.py:{call}" in text


def test_a_call_after_an_error_works(mode: str) -> None:
    def kernel(x, out, N: tw.constexpr):
        out[0:N] = x[0:N]

    made = tw.kernel(kernel)
    x, out = np.ones(4, np.float32), np.zeros(4, np.float32)
    with pytest.raises(tw.CompileError):
        made[1](x, out, N=-1)
    with pytest.raises(tw.LaunchError):
        made[1](x, "out", N=4)
    made[1](x, out, N=4)
    assert out.tolist() == [1] * 4


def too_large(x, out, N: tw.constexpr):
    out[0:4] = tw.cumsum(tw.zeros(N))[0:4]  # here


def test_a_tile_too_large_for_the_target_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.ones(4, np.float32)
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "0")
    with pytest.raises(tw.CompileError, match="smaller tiles"):
        tw.kernel(too_large)[1](x, x, N=1 << 40)
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    with pytest.raises(tw.DeviceError, match="memory"):
        tw.kernel(too_large)[1](x, x, N=1 << 50)


def u64_with_signed(a, b, out):
    out[0] = a[0] + b[0]


def test_u64_with_a_signed_integer_says_to_cast(launch: Launch) -> None:
    a, b = np.ones(1, np.uint64), np.ones(1, np.int32)
    with pytest.raises(tw.CompileError, match=r"(?s)u64.*\.to\("):
        launch(u64_with_signed, a, b, np.zeros(1))


def needs_block(x, out, n):
    out[0] = tw.sum(x[n : n * 2])


def test_a_slice_without_constant_extent_says_to_write_block(launch: Launch) -> None:
    with pytest.raises(tw.CompileError, match=r"tw\.block"):
        launch(needs_block, np.ones(4), np.zeros(1), 2)


def mixes_lanes(x, out):
    v = x[0:4]
    if v > 0:
        v = v - tw.sum(v)
    out[0:4] = v


def test_mixing_lanes_names_both_places(launch: Launch) -> None:
    with pytest.raises(tw.CompileError) as caught:
        launch(mixes_lanes, np.ones(4), np.zeros(4))
    first = mixes_lanes.__code__.co_firstlineno
    assert f"test_errors.py:{first + 3}" in str(caught.value)
    assert f"test_errors.py:{first + 2}" in str(caught.value)


def test_an_unknown_setting_is_named(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_DEBUG", "perhaps")
    with pytest.raises(tw.Error, match="TILEWRIGHT_DEBUG"):
        tw.kernel(u64_with_signed)[1](np.ones(1), np.ones(1), np.zeros(1))
