"""Section 7 of LANGUAGE.md: grids, options, positions and keywords, streams, and host arrays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]


def scale(x, out, factor, N: tw.constexpr = 4, M: tw.constexpr = 1):
    i = tw.program_id(0) * N + tw.arange(N)
    out[i] = x[i] * factor * M


@pytest.fixture
def x() -> Array:
    return np.arange(20, dtype=np.float32)


def test_parameters_go_by_position_or_keyword(mode: str, x: Array) -> None:
    kernel = tw.kernel(scale)
    calls: list[Callable[[Array], None]] = [
        lambda out: kernel[5](x, out, 2.0),
        lambda out: kernel[5](x, out, 2.0, 4, 1),
        lambda out: kernel[5](x, out, factor=2.0),
        lambda out: kernel[5](out=out, factor=2.0, x=x),
        lambda out: kernel[5](x, factor=2.0, out=out, M=1, N=4),
        lambda out: kernel[10](x, out, 2.0, N=2),
        lambda out: kernel[10](x, out, 2.0, 2),
        lambda out: kernel[4](x, out, 1.0, N=5, M=2),
        lambda out: kernel[5](x, out, 2.0, num_warps=8, num_stages=3),
        lambda out: kernel[5](x, out, 2.0, num_warps=None, stream=None, device=None),
        lambda out: kernel[5](x, out, 2.0, device="cpu"),
        lambda out: kernel[5](x, out, 2.0, device=tw.device("cpu")),
    ]
    for _ in range(2):
        for number, call in enumerate(calls):
            out = np.zeros_like(x)
            call(out)
            assert (x * 2).tolist() == out.tolist(), number


@pytest.mark.parametrize(
    "grid",
    [5, (5,), (5, 1), (5, 1, 1), np.int32(5), lambda p: 5, lambda p: (20 // p.N,),
     lambda p: (tw.cdiv(20, p.N), p.M)],
)  # fmt: skip
def test_a_grid_is_an_int_a_tuple_or_a_function(mode: str, x: Array, grid: Any) -> None:
    out = np.zeros_like(x)
    tw.kernel(scale)[grid](x, out, 2.0)
    assert (x * 2).tolist() == out.tolist()


@pytest.mark.parametrize("grid", [0, (0,), (3, 0), (0, 5, 2), lambda p: 0])
def test_a_zero_size_grid_does_nothing(mode: str, x: Array, grid: Any) -> None:
    out = np.full_like(x, 7)
    tw.kernel(scale)[grid](x, out, 2.0)
    assert (out == 7).all()


@pytest.mark.parametrize(
    "grid",
    [-1, (2, -1), (1, 1, 1, 1), "5", 2.0, None, (2.5,), (), 2**31, (2**20, 2**20), True, [5]],
)
def test_other_grids_are_refused(mode: str, x: Array, grid: Any) -> None:
    out = np.full_like(x, 7)
    with pytest.raises(tw.LaunchError):
        tw.kernel(scale)[grid](x, out, 2.0)
    assert (out == 7).all()


def test_a_large_grid_splits_over_the_axes_in_any_way(launch: Launch) -> None:
    def flags(out):
        i = tw.program_id(0) + tw.program_id(1) + tw.program_id(2)
        if i == 0:
            out[0] = 1

    out = np.zeros(1, np.int32)
    launch(flags, out, grid=(1, 5000, 1))
    launch(flags, out, grid=(1, 1, 5000))
    assert out.tolist() == [1]


@pytest.mark.parametrize(
    ("arguments", "keywords", "found"),
    [
        ((), {}, "x"),
        ((1,), {}, "out"),
        ((1, 2), {}, "factor"),
        ((1, 2, 3), {"factor": 2}, "factor"),
        ((1, 2, 3), {"unknown": 2}, "unknown"),
        ((1, 2, 3, 4, 5, 6), {}, "6"),
    ],
)
def test_wrong_calls_are_refused(
    mode: str, arguments: tuple[Any, ...], keywords: dict[str, Any], found: str
) -> None:
    with pytest.raises(tw.LaunchError, match=found):
        tw.kernel(scale)[1](*arguments, **keywords)


def no_default(out, N: tw.constexpr):
    out[0] = N


def test_a_missing_constexpr_is_refused(mode: str) -> None:
    with pytest.raises(tw.LaunchError, match="N"):
        tw.kernel(no_default)[1](np.zeros(1))


def test_a_kernel_is_not_called_without_a_grid(mode: str) -> None:
    with pytest.raises((tw.LaunchError, TypeError)):
        tw.kernel(no_default)(np.zeros(1), N=3)


@pytest.mark.parametrize("name", ["num_warps", "num_stages", "stream", "device"])
def test_parameters_may_not_be_named_like_options(mode: str, name: str) -> None:
    names: dict[str, Any] = {"tw": tw}
    exec(f"def kernel(out, {name}):\n    out[0] = {name}\n", names)
    with pytest.raises(tw.Error, match=name):
        tw.kernel(names["kernel"])[1](np.zeros(1), 3)


def test_defaults_of_run_time_parameters(mode: str) -> None:
    def kernel(out, n=3, f=0.5):
        out[0] = n
        out[1] = f

    out = np.zeros(2, np.float32)
    made = tw.kernel(kernel)
    made[1](out)
    assert out.tolist() == [3, 0.5]
    made[1](out, f=2, n=2.5)
    assert out.tolist() == [2.5, 2]


def test_wrong_ranks_and_types_name_the_argument(mode: str) -> None:
    with pytest.raises(tw.Error, match="x"):
        tw.kernel(scale)[1](np.zeros((3, 3), np.float32), np.zeros(3, np.float32), 2.0)


# --- the decorator -------------------------------------------------------------------------------


def test_the_decorator_takes_options(mode: str, x: Array) -> None:
    for options in (
        {}, {"fastmath": True}, {"contract": False}, {"debug": True}, {"name": "other"},
        {"fastmath": False, "contract": True, "debug": False, "name": None},
    ):  # fmt: skip
        out = np.zeros_like(x)
        kernel = tw.kernel(**options)(scale)
        kernel[5](x, out, 2.0)
        assert (x * 2).tolist() == out.tolist()
    with pytest.raises(tw.CompileError, match="no option `unknown`"):
        tw.kernel(unknown=True)(scale)


def test_a_kernel_keeps_its_name_and_docstring() -> None:
    @tw.kernel
    def documented(x):
        """What it does."""

    assert documented.__name__ == "documented"
    assert documented.__doc__ == "What it does."


def test_a_kernel_without_source_is_refused(mode: str) -> None:
    names: dict[str, Any] = {}
    exec("def sourceless(x):\n    x[0] = 1\n", names)
    with pytest.raises(tw.CompileError):
        tw.kernel(names["sourceless"])[1](np.zeros(1))


# --- launching twice, from threads ---------------------------------------------------------------


def test_a_launch_may_be_kept(mode: str, x: Array) -> None:
    launcher = tw.kernel(scale)[5]
    for factor in (1.0, 2.0, 3):
        out = np.zeros_like(x)
        launcher(x, out, factor)
        assert (x * factor).tolist() == out.tolist()


def test_threads_launch_one_kernel(mode: str, x: Array) -> None:
    kernel = tw.kernel(scale)
    found: dict[int, Array] = {}

    def work(number: int) -> None:
        for _ in range(20):
            out = np.zeros(20, np.float32)
            kernel[5](x, out, float(number))
            found[number] = out

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(x * k).tolist() for k in range(6)] == [found[k].tolist() for k in range(6)]


def test_dtypes_and_ranks_may_change_between_launches(mode: str) -> None:
    def kernel(x, out, N: tw.constexpr):
        if x.ndim == 2:
            out[0:N] = x[0, 0:N] + 100
        else:
            out[0:N] = x[0:N] + x[0:N]

    made = tw.kernel(kernel)
    for _ in range(2):
        for dtype in (np.float32, np.int8, np.float64, np.int64, np.float16):
            for shape in ((5,), (1, 5)):
                a, out = np.arange(5, dtype=dtype).reshape(shape), np.zeros(5, np.float64)
                made[1](a, out, N=5)
                expected = a[0] + 100 if len(shape) == 2 else a + a
                assert expected.tolist() == out.tolist()


# --- devices, streams, events --------------------------------------------------------------------


def test_the_cpu_describes_itself() -> None:
    cpu = tw.device("cpu")
    assert cpu in tw.devices()
    assert cpu.name and cpu.target and cpu.multiprocessors >= 1 and cpu.memory > 0
    assert cpu.capabilities is not None
    with pytest.raises(tw.DeviceError):
        tw.device("cuda:77")
    with pytest.raises(tw.Error):
        tw.device("nothing")


def test_a_stream_keeps_order(mode: str) -> None:
    def add(x, n):
        x[0] = x[0] * 2 + n

    kernel, stream, x = tw.kernel(add), tw.Stream("cpu"), np.zeros(1, np.int64)
    before, after = tw.Event(timing=True), tw.Event(timing=True)
    before.record(stream)
    for k in range(10):
        kernel[1](x, k, stream=stream)
    after.record(stream)
    after.synchronize()
    expected = 0
    for k in range(10):
        expected = expected * 2 + k
    assert x.tolist() == [expected]
    assert before.elapsed(after) >= 0
    with stream:
        kernel[1](x, 1)
    other = tw.Stream(device="cpu")
    after.record(stream)
    after.wait(other)
    kernel[1](x, 1, stream=other)
    tw.synchronize()
    assert x.tolist() == [(expected * 2 + 1) * 2 + 1]


# --- arrays of the host --------------------------------------------------------------------------


def test_host_arrays_are_like_numpys() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 3, 4)).astype(np.float32)
    x, y = tw.array(a), tw.asarray(b)
    assert x.shape == (3, 4) and x.dtype in (tw.f32, np.float32)
    assert str(x.device) == "cpu" or x.device == tw.device("cpu")
    assert (a + b).tolist() == (x + y).numpy().tolist()
    assert (a * 2 - b / 3).tolist() == (x * 2 - y / 3).numpy().tolist()
    assert (a < b).tolist() == (x < y).numpy().tolist()
    np.testing.assert_allclose((x @ tw.array(b.T.copy())).numpy(), a @ b.T, rtol=1e-5, atol=1e-5)
    assert a[1].tolist() == x[1].numpy().tolist()
    assert a[1:, ::2].tolist() == x[1:, ::2].numpy().tolist()
    z = x.copy()
    assert z.to("cpu").numpy().tolist() == a.tolist()
    np.from_dlpack(z)[0, 0] = 77
    assert z.numpy()[0, 0] == 77
    assert x.numpy()[0, 0] == a[0, 0]
    assert tw.zeros((2, 3)).numpy().tolist() == [[0] * 3] * 2
    assert tw.ones(3, tw.i32).numpy().tolist() == [1] * 3
    assert tw.full((2,), 7.5, device="cpu").numpy().tolist() == [7.5] * 2
    assert tw.empty((4, 5), tw.f16, device="cpu").shape == (4, 5)


def test_names_that_live_twice_are_used_in_both_places(launch: Launch) -> None:
    def kernel(out):
        out[0:3] = tw.zeros(3) + tw.ones(3) + tw.full(3, 5.0)

    out = tw.full(3, 1.5)
    launch(kernel, out)
    assert out.numpy().tolist() == [6, 6, 6]


def test_cdiv_works_on_the_host() -> None:
    assert [tw.cdiv(n, 4) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]
