"""Section 6 of LANGUAGE.md, groups debug and hints: prints, assertions, promises."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import tilewright as tw

Launch = Callable[..., None]


def prints(x, n, out):
    print("first", n, x[0])
    for k in range(2):
        tw.print("k =", k)
    if n > 3:
        print("large")
    v = x[0:3]
    print("tile", v)
    print("flag", n > 1, "and", tw.program_id(0))
    print()


def test_prints_come_in_program_order(launch: Launch, capfd: pytest.CaptureFixture[str]) -> None:
    x = np.array([1.5, 2, 3], np.float32)
    launch(prints, x, 5, x.copy())
    lines = capfd.readouterr().out.splitlines()
    assert lines[:4] == ["first 5 1.5", "k = 0", "k = 1", "large"]
    assert re.findall(r"[\d.]+", lines[4]) in (["1.5", "2.0", "3.0"], ["1.5", "2.", "3."])
    assert lines[5] == "flag True and 0"
    assert lines[6:] in ([], [""])


def prints_numbers(a, b, c, d, e):
    print(a, b, c, d, e)


def test_numbers_are_printed_as_pythons(launch: Launch, capfd: pytest.CaptureFixture[str]) -> None:
    launch(prints_numbers, np.uint64(2**64 - 1), -(2**63), np.int8(-5), False, np.inf)
    assert capfd.readouterr().out == f"{2**64 - 1} {-(2**63)} -5 False inf\n"


def prints_of_programs(x):
    print("program", tw.program_id(0))


def test_the_lines_of_programs_stay_whole(
    launch: Launch, capfd: pytest.CaptureFixture[str]
) -> None:
    launch(prints_of_programs, np.zeros(1), grid=40)
    lines = capfd.readouterr().out.splitlines()
    assert sorted(lines) == sorted(f"program {k}" for k in range(40))


def prints_of_lanes(x):
    v = x[0:3]
    if v > 1:
        print("large", v)


def test_lanes_print_in_the_interpreter(
    launch: Launch, mode: str, capfd: pytest.CaptureFixture[str]
) -> None:
    x = np.array([0.5, 2, 3], np.float32)
    if mode == "interpreter":
        launch(prints_of_lanes, x)
        assert capfd.readouterr().out == "large [-- 2.0 3.0]\n"
    else:
        with pytest.raises(tw.CompileError, match="only the interpreter can print"):
            launch(prints_of_lanes, x)


def asserts(x, n):
    assert n > 0, "n is positive"
    v = x[0:4]
    assert v < 10
    tw.device_assert(tw.sum(v) < n, "the sum is small")
    x[0] = 1


@pytest.mark.parametrize(
    ("values", "n", "message", "line"),
    [([0, 0, 0, 0], 0, "n is positive", 1), ([0, 0, 99, 0], 1000, "", 3),
     ([1, 2, 3, 4], 10, "the sum is small", 4)],
)  # fmt: skip
def test_a_failed_assertion_names_its_line_and_message(
    mode: str, values: list[int], n: int, message: str, line: int
) -> None:
    kernel = tw.kernel(debug=True)(asserts)
    kernel[1](np.zeros(4, np.int32), 5)
    with pytest.raises(tw.DeviceError) as caught:
        kernel[1](np.array(values, np.int32), n)
    text = str(caught.value)
    assert f"test_debugging.py:{asserts.__code__.co_firstlineno + line}" in text
    assert message in text
    x = np.zeros(4, np.int32)
    kernel[1](x, 5)  # the process stays healthy
    assert x.tolist() == [1, 0, 0, 0]


def test_assertions_hold_in_the_interpreter_and_not_in_compiled_code(
    mode: str,
) -> None:
    kernel = tw.kernel(asserts)
    if mode == "interpreter":
        with pytest.raises(tw.DeviceError, match="n is positive"):
            kernel[1](np.zeros(4, np.int32), 0)
    else:
        kernel[1](np.zeros(4, np.int32), 0)


def lane_asserts(x, out, N: tw.constexpr):
    i = tw.arange(N)
    v = x[i]
    if v > 5:
        tw.device_assert(v % 2 == 0, "large ones are even")
        out[i] = v


def test_an_assertion_in_a_lane_region_is_of_lanes_that_are_on(mode: str) -> None:
    kernel = tw.kernel(debug=True)(lane_asserts)
    x, out = np.array([1, 3, 8, 5, 6], np.int32), np.zeros(5, np.int32)
    kernel[1](x, out, N=5)
    assert out.tolist() == [0, 0, 8, 0, 6]
    x[0] = 7
    with pytest.raises(tw.DeviceError, match="large ones are even"):
        kernel[1](x, out, N=5)


def assert_of_one_program(x):
    assert tw.program_id(0) != 3, "not three"
    x[tw.program_id(0)] = 1


def test_a_launch_that_fails_raises_once(mode: str) -> None:
    x = np.zeros(8, np.int32)
    with pytest.raises(tw.DeviceError, match="not three"):
        tw.kernel(debug=True)(assert_of_one_program)[8](x)
    assert x[3] == 0


def static_checks(x, N: tw.constexpr):
    tw.static_assert(N > 3, "N is large")
    tw.static_assert(x.dtype == tw.f32)
    tw.static_print("compiling for", N, x.dtype)


def test_static_assertions_and_prints(launch: Launch, capfd: pytest.CaptureFixture[str]) -> None:
    launch(static_checks, np.zeros(1, np.float32), N=4)
    assert "compiling for 4 f32" in capfd.readouterr().out
    with pytest.raises(tw.CompileError, match="N is large"):
        launch(static_checks, np.zeros(1, np.float32), N=3)
    with pytest.raises(tw.CompileError):
        launch(static_checks, np.zeros(1), N=4)


def run_time_static_assert(x, n):
    tw.static_assert(n > 3)


def test_a_static_assertion_needs_a_constant(launch: Launch) -> None:
    with pytest.raises(tw.CompileError):
        launch(run_time_static_assert, np.zeros(1), 4)


def hinted(x, out, n, BLOCK: tw.constexpr):
    tw.assume(n >= 0)
    tw.assume(x.shape[0] % BLOCK == 0)
    start = tw.multiple_of(tw.program_id(0) * BLOCK, BLOCK)
    i = tw.max_contiguous(tw.multiple_of(start + tw.arange(BLOCK), BLOCK), BLOCK)
    out[i] = x[i] + n


@pytest.mark.parametrize("block", [1, 4, 16])
def test_hints_change_nothing(launch: Launch, block: int) -> None:
    x, out = np.arange(48, dtype=np.float32), np.zeros(48, np.float32)
    launch(hinted, x, out, 3, BLOCK=block, grid=48 // block)
    assert (x + 3).tolist() == out.tolist()


def assumes(x, n):
    tw.assume(n > 3)
    x[0] = n


def test_debug_mode_checks_an_assumption(mode: str) -> None:
    x = np.zeros(1, np.int32)
    kernel = tw.kernel(debug=True)(assumes)
    kernel[1](x, 4)
    with pytest.raises(tw.DeviceError):
        kernel[1](x, 3)


def chased(x, out, bins: tw.constexpr):
    """The pointers are dear, so they are kept: the check reads them, and so does the load."""
    at = tw.histogram(tw.arange(4), bins)
    out[0:bins] = tw.load(x.ptr + x[at] * at * x[at + 1] * x[at * 2] % 5)


def test_pointers_that_are_checked_are_computed_once(mode: str) -> None:
    x = np.array([3, 1, 4, 2, 5], np.int64)
    out = np.zeros(1, np.int64)
    tw.kernel(debug=True)(chased)[1](x, out, bins=1)
    np.testing.assert_array_equal(out, np.full(1, x[x[1] * x[2] * x[2] % 5]))
