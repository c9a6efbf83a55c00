"""What is said of a wrong call and of a kernel that fails: which argument, which line."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tilewright as tw


@tw.kernel
def scale(x, a, out, BLOCK: tw.constexpr = 64):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i]


# fmt: off
@tw.kernel
def annotated(x: "f32[:, ::1]", n: tw.i32, m: tw.u64, p: "*f32", y: tw.Array):  # noqa
    y[0, 0] = x[0, 0] + n
# fmt: on


@tw.kernel
def sixteen(x: "f32[:, 16]"):  # noqa
    x[0, 0] = 1.0


X = np.ones(100, np.float32)
SQUARE = np.ones((4, 4), np.float32)


@pytest.fixture
def out() -> np.ndarray:
    return np.zeros(100, np.float32)


def refused(
    call: Callable[[], object], message: str, kind: type[tw.Error] = tw.LaunchError
) -> None:
    """The message of a refusal; the ways out are in the table of `tests/runtime/errors`."""
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).partition("\nnote: ")[0] == message


# --- binding ------------------------------------------------------------------------------------


def test_a_kernel_needs_a_grid(out: np.ndarray) -> None:
    refused(lambda: scale(X, 2.0, out), "scale is a kernel and needs a grid: scale[grid](...)")


@pytest.mark.parametrize(
    ("args", "keywords", "message"),
    [
        ((X, 2.0), {}, "scale is missing the argument 'out'"),
        ((X,), {}, "scale is missing the arguments 'a', 'out'"),
        ((X, 2.0, X, 64, 1), {}, "scale takes 4 arguments, got 5 by position"),
        ((X, 2.0, X), {"BLOK": 3}, "scale has no parameter 'BLOK'"),
        ((X, 2.0, X), {"x": X}, "scale got two values for 'x'"),
        ((X, 2.0, X), {"BLOCK": [1]},
         "argument 'BLOCK' of scale: a constexpr must be hashable, and list is not"),
    ],
)  # fmt: skip
def test_arguments_bind_as_in_python(args: tuple, keywords: dict, message: str) -> None:
    refused(lambda: scale[1](*args, **keywords), message)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (1.5, "a grid is made of integers, got float"),
        (True, "a grid is made of integers, got bool"),
        ("2", "a grid is made of integers, got str"),
        ((1, 2.0), "a grid is made of integers, got float"),
        (lambda p: 2.5, "a grid is made of integers, got float"),
        (-1, "a grid cannot be negative, got an axis of -1"),
        ((1, 1, 1, 1), "a grid has 1 to 3 axes, got 4"),
        ((1 << 20, 1 << 20), "a grid has at most 2**31 - 1 programs, got (1048576, 1048576, 1)"),
    ],
)
def test_a_grid_is_one_to_three_integers(grid: Any, message: str, out: np.ndarray) -> None:
    refused(lambda: scale[grid](X, 2.0, out), message)


def test_a_grid_function_sees_the_constexprs(out: np.ndarray) -> None:
    scale[lambda p: tw.cdiv(100, p.BLOCK)](X, 2.0, out, BLOCK=32)
    assert (out == 2).all()


def test_a_grid_of_nothing_does_nothing_but_is_checked(out: np.ndarray) -> None:
    scale[0](X, 2.0, out)
    scale[3, 0](X, 2.0, out)
    assert (out == 0).all()
    refused(lambda: scale[0](X, 2.0), "scale is missing the argument 'out'")


# --- arguments ----------------------------------------------------------------------------------


def unaligned() -> np.ndarray:
    return np.zeros(401, np.uint8)[1:].view(np.float32)


def odd_stride() -> np.ndarray:
    return np.zeros(10, np.dtype([("a", "f4"), ("b", "u1")]))["a"]


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (np.array([None]), "arrays of dtype object are not supported"),
        (X.astype(np.complex64), "arrays of dtype complex64 are not supported"),
        (X.astype(">f4"), "its byte order is foreign; convert it with "
         ".astype(x.dtype.newbyteorder('='))"),
        (unaligned(), "its data is not aligned to its item size"),
        (odd_stride(), "a byte stride is not a multiple of its item size"),
        (np.zeros((1,) * 9, np.float32), "it has 9 axes, at most 8 are supported"),
        ([1.0, 2.0], "expected an array or a number, got list"),
        (None, "expected an array or a number, got NoneType"),
        ("x", "expected an array or a number, got str"),
        (1 << 63, "9223372036854775808 does not fit into i64; annotate the parameter with u64"),
        (1 << 80, "1208925819614629174706176 does not fit into 64 bits"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_argument_is_named(thing: object, message: str, out: np.ndarray) -> None:
    refused(lambda: scale[1](thing, 2.0, out), f"argument 'x' of scale: {message}")


def test_writing_to_a_read_only_array_is_refused_and_reading_it_is_not(out: np.ndarray) -> None:
    constant = X.copy()
    constant.flags.writeable = False
    scale[2](constant, 2.0, out)
    assert (out == 2).all()
    for _ in range(2):
        refused(
            lambda: scale[2](X, 2.0, constant),
            "argument 'out' of scale: the kernel writes to it, but it is read-only",
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": X}, "'x' of annotated: expected f32[:, ::1], got f32[::1]"),
        ({"x": SQUARE.astype("f8")}, "'x' of annotated: expected f32[:, ::1], got f64[:, ::1]"),
        ({"x": SQUARE.T}, "'x' of annotated: expected f32[:, ::1], got f32[::1, :]"),
        ({"n": 1.5}, "'n' of annotated: expected a whole number of type i32, got 1.5"),
        ({"n": 1 << 40}, "'n' of annotated: 1099511627776 does not fit into i32"),
        ({"n": X}, "'n' of annotated: expected a number of type i32, got numpy.ndarray"),
        ({"m": -1}, "'m' of annotated: -1 does not fit into u64"),
        ({"p": X.astype("i4")}, "'p' of annotated: expected *f32, got *i32"),
        ({"p": 3}, "'p' of annotated: expected an array, got int"),
        ({"y": 3.0}, "'y' of annotated: expected an array, got float"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_annotations_are_checked(changes: dict[str, object], message: str) -> None:
    arguments = {"x": SQUARE, "n": 1, "m": 1 << 63, "p": X, "y": SQUARE} | changes
    refused(lambda: annotated[1](**arguments), f"argument {message}")


def test_a_fixed_extent_is_checked() -> None:
    sixteen[1](np.zeros((3, 16), np.float32))
    refused(
        lambda: sixteen[1](np.zeros((3, 4), np.float32)),
        "argument 'x' of sixteen: expected f32[:, 16], got f32[:, 4::1]",
    )


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"device": "tpu"},
            tw.DeviceError,
            "no device 'tpu', expected 'cpu' or 'cuda:0' and the like",
        ),
        ({"device": 3}, tw.LaunchError, "option 'device' takes the name of a device, got int"),
        ({"stream": 3}, tw.LaunchError, "option 'stream' is a Stream, got int"),
        ({"num_warps": "a"}, tw.LaunchError, "option 'num_warps' of scale is an integer, got str"),
    ],
)
def test_options_are_checked(
    options: dict, kind: type[tw.Error], message: str, out: np.ndarray
) -> None:
    refused(lambda: scale[1](X, 2.0, out, **options), message, kind)


def test_options_that_steer_a_gpu_are_ignored_on_a_cpu(out: np.ndarray) -> None:
    scale[2](X, 2.0, out, num_warps=4, num_stages=3, device="cpu", stream=None)
    scale[2](X, 2.0, out, device=tw.device("cpu"))
    assert (out == 2).all()


def test_the_process_stays_healthy_after_errors(out: np.ndarray) -> None:
    for _ in range(100):
        with pytest.raises(tw.LaunchError):
            scale[1]([], 2.0, out)
    scale[2](X, 3.0, out)
    assert (out == 3).all()


# --- definitions --------------------------------------------------------------------------------


def test_a_parameter_may_not_be_named_like_an_option() -> None:
    with pytest.raises(tw.CompileError, match="parameter `stream` is named like a launch option"):

        @tw.kernel
        def bad(x, stream):
            pass


def test_an_annotation_that_cannot_be_read_is_an_error_of_the_definition() -> None:
    with pytest.raises(tw.CompileError, match=r"annotation of parameter `x`: type 'f32\['"):

        @tw.kernel
        def bad(x: "f32["):  # noqa
            pass


def test_an_error_of_the_program_shows_the_users_line_and_hardly_a_frame_of_ours() -> None:
    @tw.kernel
    def bad(x):
        x[0] = x + tw.arange(3)

    with pytest.raises(tw.CompileError) as caught:
        bad[1](np.ones(3, np.float32))
    text = str(caught.value)
    assert f"{__file__}:" in text
    assert "x[0] = x + tw.arange(3)" in text
    assert "^~~~" in text
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert len(frames) <= 2  # the call above, and at most the one that raises it anew
    assert caught.value.__cause__ is None


# --- faults -------------------------------------------------------------------------------------


@tw.kernel(debug=True)
def small(x, n):
    assert n < 3, "n is too large"
    x[0] = n


@tw.kernel(debug=True)
def put(x, k):
    x[k] = 1.0


@tw.kernel(debug=True)
def put_tile(x, k):
    x[tw.arange(4) - k] = 1.0


@tw.kernel(debug=True)
def divide(x, k):
    x[0] = 5 // k


@tw.kernel(debug=True)
def promise(x, k):
    tw.assume(k > 3)
    x[0] = 5.0


@pytest.fixture(params=["compiled", "interpreted"])
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", str(int(request.param == "interpreted")))
    for kernel in (small, put, put_tile, divide, promise):
        kernel.refresh()
    return request.param


@pytest.mark.parametrize(
    ("kernel", "argument", "message", "source"),
    [
        (small, 7, "assertion failed: n is too large", 'assert n < 3, "n is too large"'),
        (put, 70, "index 70 is out of bounds for axis 0 of array `x` of shape (10,)",
         "x[k] = 1.0"),
        (put, -1, "index -1 is out of bounds for axis 0 of array `x` of shape (10,)",
         "x[k] = 1.0"),
        (put_tile, 3, "index -3 is negative, for axis 0 of array `x` of shape (10,)",
         "x[tw.arange(4) - k] = 1.0"),
        (divide, 0, "integer division by zero", "x[0] = 5 // k"),
        (promise, 0, "what `assume` promises does not hold", "tw.assume(k > 3)"),
    ],
    ids=lambda value: value.name if isinstance(value, tw.Kernel) else "",
)  # fmt: skip
def test_a_fault_names_line_and_reason(
    mode: str, kernel: tw.Kernel, argument: int, message: str, source: str
) -> None:
    x = np.zeros(10, np.float32)
    with pytest.raises(tw.DeviceError) as caught:
        kernel[2](x, argument)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"{__file__}:")
    assert lines[0].endswith(f"error: {message}")
    assert source in lines[1]
    expected = kernel.definition.first_line + lines_down(kernel, source)
    assert caught.value.location.line == expected


def lines_down(kernel: tw.Kernel, source: str) -> int:
    lines = kernel.definition.source.splitlines()
    return next(number for number, line in enumerate(lines) if source in line)


def test_a_kernel_works_after_it_failed(mode: str) -> None:
    x = np.zeros(10, np.float32)
    with pytest.raises(tw.DeviceError):
        small[1](x, 7)
    small[1](x, 2)
    assert x[0] == 2


def test_races_name_both_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    @tw.kernel
    def race(x):
        x[0] = tw.program_id(0)

    monkeypatch.setenv("TILEWRIGHT_RACES", "1")
    with pytest.raises(tw.DeviceError) as caught:
        race[2](np.zeros(1, np.float32))
    text = str(caught.value)
    assert "race" in text
    assert "in program (1, 0, 0), and in program (0, 0, 0) at" in text


def test_prints_come_in_program_order(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    @tw.kernel
    def show(x):
        i = tw.program_id(0)
        tw.print("at", i, "is", x[i])

    show[3](np.array([1, 2, 3], np.int16))
    assert capsys.readouterr().out == "at 0 is 1\nat 1 is 2\nat 2 is 3\n"
