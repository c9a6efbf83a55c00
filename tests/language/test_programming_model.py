"""Section 2 of LANGUAGE.md: grids, scalars and tiles, broadcasting, Python's own functions."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


# --- the grid -----------------------------------------------------------------------------------


def who(out):
    i, j, k = tw.program_id(0), tw.program_id(1), tw.program_id(2)
    out[i, j, k] = i * 10000 + j * 100 + k
    if i + j + k == 0:
        out[0, 0, 0] = tw.num_programs(0) * 10000 + tw.num_programs(1) * 100 + tw.num_programs(2)


@pytest.mark.parametrize(
    "grid", [1, 7, (5,), (3, 4), (2, 3, 5), (1, 1, 9), (64, 1, 3), (1, 97, 1), np.int64(4)]
)
def test_every_program_of_a_grid_runs_once(launch: Launch, guarded: Guarded, grid: Any) -> None:
    shape = (grid if isinstance(grid, tuple) else (int(grid),)) + (1, 1)
    out = guarded(shape[:3], np.int32)
    launch(who, out, grid=grid)
    n, m, o = np.indices(shape[:3])
    expected = n * 10000 + m * 100 + o
    expected[0, 0, 0] = shape[0] * 10000 + shape[1] * 100 + shape[2]
    assert expected.tolist() == out.tolist()


def test_many_programs(launch: Launch) -> None:
    def count(out):
        out[tw.program_id(0)] = tw.program_id(0) + 1

    out = np.zeros(3001, np.int32)
    launch(count, out, grid=3001)
    assert list(range(1, 3002)) == out.tolist()


# --- tiles --------------------------------------------------------------------------------------


def tiles_of_shape(x, out, SHAPE: tw.constexpr, RANK: tw.constexpr, SIZE: tw.constexpr):
    v = x[0:SIZE].reshape(SHAPE)
    tw.static_assert(v.shape == SHAPE)
    tw.static_assert(v.ndim == RANK)
    tw.static_assert(v.dtype == tw.f32)
    w = v * 2 + 1
    tw.static_assert(w.shape == SHAPE)
    out[0:SIZE] = w.reshape(SIZE)


@pytest.mark.parametrize(
    "shape",
    [(1,), (2,), (3,), (17,), (100,), (1, 1), (3, 5), (1, 31), (31, 1), (7, 1, 3), (2, 3, 4),
     (5, 1, 1, 7), (3, 2, 3, 2, 3), (1, 1, 1, 1, 1), (2, 1, 3, 1, 37), (1025,), (33, 65)],
)  # fmt: skip
def test_tiles_have_any_positive_shape(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, shape: tuple[int, ...]
) -> None:
    size = prod(shape)
    x, out = guarded(rng.standard_normal(size).astype(np.float32)), guarded(size)
    launch(tiles_of_shape, x, out, SHAPE=shape, RANK=len(shape), SIZE=size)
    np.testing.assert_allclose(out, x * 2 + 1, rtol=1e-6, atol=1e-6)


def zero_extent(out, N: tw.constexpr):
    out[0] = tw.sum(tw.zeros(N))


@pytest.mark.parametrize("shape", [0, -1, (3, 0), (1,) * 6, 2.5])
def test_other_shapes_are_refused(launch: Launch, shape: Any) -> None:
    with pytest.raises(tw.CompileError):
        launch(zero_extent, np.ones(1, np.float32), N=shape)


def broadcasts(x, y, s, out, N: tw.constexpr, M: tw.constexpr):
    row, column = x[0:M], y[0:N][:, None]
    out[0, 0:N, 0:M] = row + column
    out[1, 0:N, 0:M] = column * s - row
    out[2, 0:N, 0:M] = tw.zeros((N, M), tw.i32) + row
    out[3, 0:N, 0:M] = tw.where(row > column, s, column)
    tw.static_assert((row + column).shape == (N, M))
    tw.static_assert((s + column).shape == (N, 1))
    tw.static_assert((tw.zeros((3, 1, M)) + column).shape == (3, N, M))


def test_tiles_broadcast_as_numpy_arrays(
    launch: Launch, guarded: Guarded, rng: np.random.Generator
) -> None:
    x, y = rng.integers(-9, 9, 13).astype(np.int32), rng.integers(-9, 9, 5).astype(np.int32)
    out = guarded((4, 5, 13), np.int32)
    launch(broadcasts, x, y, 7, out, N=5, M=13)
    column = y[:, None]
    expected = [x + column, column * 7 - x, x + column * 0, np.where(x > column, 7, column)]
    assert np.array(expected).tolist() == out.tolist()


def mismatched(x, out):
    out[0] = tw.sum(x[0:3] + x[0:4])


def test_shapes_that_do_not_broadcast_are_refused(launch: Launch) -> None:
    with pytest.raises(tw.CompileError) as caught:
        launch(mismatched, np.ones(4, np.float32), np.ones(1, np.float32))
    assert "3" in str(caught.value) and "4" in str(caught.value)


# --- scalar control flow -------------------------------------------------------------------------


def early_return(x, out, n):
    i = tw.program_id(0)
    if i >= n:
        return
    if x[i] < 0:
        out[i] = -1
        return
    out[i] = x[i] * 2


def test_a_program_may_return_early(launch: Launch) -> None:
    x, out = np.array([3, -2, 5, -9, 7, 8], np.int32), np.zeros(6, np.int32)
    launch(early_return, x, out, 5, grid=6)
    assert out.tolist() == [6, -1, 10, -1, 14, 0]


def returns_from_loop(x, out, n):
    for i in range(n):
        while x[i] > 0:
            x[i] = x[i] - 1
            out[0] = out[0] + 1
            if out[0] > 12:
                return
    out[1] = 1


@pytest.mark.parametrize("n", [0, 2, 5])
def test_a_return_leaves_all_loops(launch: Launch, n: int) -> None:
    x, out = np.array([4, 0, 5, 7, 9], np.int32), np.zeros(2, np.int32)
    launch(returns_from_loop, x, out, n)
    assert {0: [0, 1], 2: [4, 1], 5: [13, 0]}[n] == out.tolist()


def scalar_logic(x, out, a, b):
    n = 0
    if (a > 0 and x[a] > 0) or b > 3:
        n += 1
    if not (a > b):
        n += 10
    if 0 < a <= b < 9:
        n += 100
    n += 1000 if a else 2000
    out[0] = n
    out[1] = a > 0 and b > 0
    out[2] = a == b or a == 1


@pytest.mark.parametrize("a", [0, 1, 5, -1])
@pytest.mark.parametrize("b", [0, 5, 9])
def test_logic_on_scalars(launch: Launch, a: int, b: int) -> None:
    x, out = np.array([1, -1, 1], np.int32), np.zeros(3, np.int32)
    launch(scalar_logic, x, out, a, b)
    at = int(x[a]) if 0 <= a < 3 else 0
    n = 1 if (a > 0 and at > 0) or b > 3 else 0
    n += (0 if a > b else 10) + (100 if 0 < a <= b < 9 else 0) + (1000 if a else 2000)
    assert [n, a > 0 and b > 0, a == b or a == 1] == out.tolist()


def short_circuit(x, p, out, i, n):
    if i < n and tw.load(p.ptr + i) > 3:
        out[0] = 1
    else:
        out[0] = 2
    out[1] = tw.load(p.ptr + i) if i < n else -5


def test_logic_on_scalars_stops_at_the_first_answer(launch: Launch) -> None:
    x, p, out = np.zeros(3, np.int32), np.array([5, 1], np.int32), np.zeros(2, np.int32)
    for i, expected in ((0, [1, 5]), (1, [2, 1]), (2**40, [2, -5])):
        launch(short_circuit, x, p, out, i, 2)
        assert expected == out.tolist()


def compile_time_branches(x, out, KIND: tw.constexpr):
    v = x[0:4]
    if KIND == "sum":
        w = tw.sum(v)
    elif KIND == "wrong":
        w = v.no_such_method()
    else:
        w = v
    if x.ndim == 2:
        w = x[0, 0]
    if x.dtype == tw.f64:
        w = this_name_does_not_exist  # noqa: F821
    if not isinstance(KIND, str):
        return
    out[0:4] = w


def test_a_branch_on_a_constexpr_that_is_not_taken_is_not_compiled(launch: Launch) -> None:
    x, out = np.arange(4, dtype=np.float32), np.zeros(4, np.float32)
    launch(compile_time_branches, x, out, KIND="sum")
    assert out.tolist() == [6, 6, 6, 6]
    launch(compile_time_branches, x, out, KIND="")
    assert out.tolist() == [0, 1, 2, 3]
    with pytest.raises(tw.CompileError, match="no_such_method"):
        launch(compile_time_branches, x, out, KIND="wrong")


def conditional_expressions(x, out, n, FLAG: tw.constexpr, N: tw.constexpr):
    v = x[0:N]
    a = v if n > 2 else v * 2
    b = 1 if FLAG else "never"
    c = x[0] if n > 2 else 0.5
    out[0:N] = a + b + c


@pytest.mark.parametrize("n", [1, 5])
def test_conditional_expressions(launch: Launch, n: int) -> None:
    x, out = np.arange(2, 9, dtype=np.float32), np.zeros(7, np.float32)
    launch(conditional_expressions, x, out, n, FLAG=True, N=7)
    expected = x + 3 if n > 2 else x * 2 + 1.5
    assert expected.tolist() == out.tolist()


# --- loops --------------------------------------------------------------------------------------


def static_loops(x, out, N: tw.constexpr, NAMES: tw.constexpr):
    total = 0.0
    for k in tw.static_range(N):
        tw.static_assert(isinstance(k, int))
        total += x[k] * (k + 1)
    for k in tw.static_range(N, 0, -2):
        total += k
        if k == 1:
            break
    for name in tw.static_range(1, 1):
        total += undefined(name)  # noqa: F821
    for index, (name, weight) in enumerate(zip(NAMES, (1, 2, 3), strict=True)):
        if name == "b":
            continue
        total += weight * 1000 + index * 100
    for first, second in zip((1, 2), (10, 20)):  # noqa: B905
        total += first * second
    for index, value in enumerate((7, 8), 5):
        total += index * value
    out[0] = total
    out[1] = len(NAMES)


@pytest.mark.parametrize("n", [1, 4, 5])
def test_static_loops_have_constants(launch: Launch, n: int) -> None:
    x, out = np.arange(5, dtype=np.float32), np.zeros(2, np.float32)
    launch(static_loops, x, out, N=n, NAMES=("a", "b", "c"))
    total = sum(x[k] * (k + 1) for k in range(n)) + sum(range(n, 0, -2))
    total += 1000 + 3000 + 200 + 10 + 40 + 5 * 7 + 6 * 8
    assert [total, 3] == out.tolist()


def tuple_loops(x, out, SHAPES: tw.constexpr):
    total = 0
    for pair in SHAPES:
        for extent in pair:
            total += extent
        total *= 2
    v = x[0:2]
    for f in (tw.exp2, double):
        v = f(v)
    out[0] = total
    out[1] = v[0] + v[1]


@tw.func
def double(v):
    return v * 2


def test_loops_over_constexpr_tuples(launch: Launch) -> None:
    x, out = np.array([1, 3], np.float32), np.zeros(2, np.float32)
    launch(tuple_loops, x, out, SHAPES=((1, 2), (3, 4), (5, 6)))
    assert out.tolist() == [((3 * 2 + 7) * 2 + 11) * 2, 20]


def hinted_loops(x, out, n, N: tw.constexpr):
    v = tw.zeros(N)
    for k in tw.range(n, num_stages=3):
        v += x[k]
    for k in tw.range(1, n, 2, unroll=4):
        v += x[k] * 100
    for k in tw.range(n, 0, -1):
        if k == 2:
            break
        v += 0.5
    out[0:N] = v


@pytest.mark.parametrize("n", [0, 1, 3, 9])
def test_hints_do_not_change_a_loop(launch: Launch, n: int) -> None:
    x, out = np.arange(10, dtype=np.float32), np.zeros(3, np.float32)
    launch(hinted_loops, x, out, n, N=3)
    total = x[:n].sum() + 100 * x[1:n:2].sum() + 0.5 * max(0, n - 2)
    if n == 1:
        total += 0.5
    assert [total] * 3 == out.tolist()


def exits_of_unrolled(x, out, n):
    total = 0
    for k in tw.static_range(6):
        if x[k] < 0:
            continue
        if x[k] > n:
            break
        total += x[k]
    out[0] = total


@pytest.mark.parametrize("n", [3, 5, 100])
def test_an_unrolled_loop_may_be_left(launch: Launch, n: int) -> None:
    x, out = np.array([1, -2, 3, 4, -1, 6], np.int32), np.zeros(1, np.int32)
    launch(exits_of_unrolled, x, out, n)
    assert [{3: 4, 5: 8, 100: 14}[n]] == out.tolist()


# --- Python's own functions ----------------------------------------------------------------------


def pythons_functions(x, n, out, C: tw.constexpr):
    v = x[0:4]
    out[0] = abs(n) + abs(-2.5)
    out[1] = min(n, 3) + max(n, 2, 1)
    out[2] = len(C) + len(v) + len(x.shape)
    out[3] = int(2.9) + int(n) + float(n) + bool(n)
    out[4] = tw.sum(min(v, 2)) + tw.sum(max(v, 1, 3))
    out[5] = tw.sum(abs(v))
    out[6] = int("7") if isinstance(C, str) else len(tuple(C))
    out[7] = isinstance(n, int) * 0 + isinstance(2, int) + isinstance(C, (tuple, str)) * 10
    out[8] = float("inf") > n
    out[9] = max(v) - min(v)


def test_pythons_own_functions(launch: Launch) -> None:
    x, out = np.array([-4, 1, 2, 7], np.int32), np.zeros(10, np.float32)
    launch(pythons_functions, x, -5, out, C=(1, 2, 3))
    expected = [7.5, -5 + 2, 3 + 4 + 1, 2 - 5 - 5 + 1, -4 + 1 + 2 + 2 + 3 + 3 + 3 + 7, 14, 3, 11, 1]
    assert expected == out[:9].tolist()
    assert out[9] == 11


def other_python(x, out):
    out[0] = sorted((3, 1))[0]


def with_statement(x, out):
    with x:
        out[0] = 1


def try_statement(x, out):
    try:
        out[0] = 1
    finally:
        pass


def imports(x, out):
    import math

    out[0] = math.pi


def yields(x, out):
    yield 1


def globals_written(x, out):
    global SOMETHING
    SOMETHING = 1


def dictionary(x, out):
    out[0] = {1: 2}[1]


def host_function(x, out):
    out[0] = ordinary(1)


def ordinary(v):
    return v


def attribute_written(x, out):
    x.shape = 1


@pytest.mark.parametrize(
    "kernel",
    [other_python, with_statement, try_statement, imports, yields, globals_written, dictionary,
     host_function, attribute_written],
)  # fmt: skip
def test_python_that_kernels_do_not_know_is_refused(
    launch: Launch, kernel: Callable[..., None]
) -> None:
    x, out = np.ones(4, np.float32), np.zeros(4, np.float32)
    with pytest.raises(tw.CompileError) as caught:
        launch(kernel, x, out)
    first = kernel.__code__.co_firstlineno
    text = str(caught.value)
    assert any(f"test_programming_model.py:{first + k}:" in text for k in range(4)), text
    assert "^" in text


# --- functions ----------------------------------------------------------------------------------


@tw.func
def pair(v, w=2, *, scale=1):
    return v * scale, w


@tw.func
def nested(v, f, N: tw.constexpr):
    a, b = pair(v, scale=3)
    for _ in range(N):
        a = f(a) + b
    return a


@tw.func
def no_result(out, at, v):
    out[at] = v


@tw.func
def chooses(v, n):
    if n > 3:
        return v * 10
    for k in range(n):
        if k == 2:
            return v * 100
    return v


def calls(x, out, n, N: tw.constexpr):
    v = x[0:N]
    out[0, 0:N] = nested(v, double, 2)
    p = pair(v)
    out[1, 0:N] = p[0] + p[1]
    a, b = pair(w=n, v=v, scale=-1)
    out[2, 0:N] = a + b
    no_result(out, (3, 0), n * 7)
    out[4, 0:N] = chooses(v, n)
    out[5, 0:N] = pair(pair(v)[0])[0]


@pytest.mark.parametrize("n", [1, 3, 4])
def test_functions_are_called(launch: Launch, n: int) -> None:
    x, out = np.arange(5, dtype=np.int32), np.zeros((6, 5), np.int32)
    launch(calls, x, out, n, N=5)
    assert ((x * 3 * 2 + 2) * 2 + 2).tolist() == out[0].tolist()
    assert (x + 2).tolist() == out[1].tolist()
    assert (n - x).tolist() == out[2].tolist()
    assert out[3, 0] == n * 7
    assert (x * {1: 1, 3: 100, 4: 10}[n]).tolist() == out[4].tolist()
    assert x.tolist() == out[5].tolist()


@tw.func
def forever(v):
    return forever(v) + 1


@tw.func
def ping(v):
    return pong(v)


@tw.func
def pong(v):
    return ping(v)


def recursive(x, out, F: tw.constexpr):
    out[0] = F(x[0])


@pytest.mark.parametrize("function", [forever, ping])
def test_recursion_is_refused(launch: Launch, function: Any) -> None:
    with pytest.raises(tw.CompileError, match="recurs"):
        launch(recursive, np.ones(1, np.float32), np.ones(1, np.float32), F=function)


def test_a_function_called_on_the_host_says_where_it_lives() -> None:
    with pytest.raises(tw.Error):
        tw.program_id(0)
    with pytest.raises(tw.Error):
        tw.arange(4)


# --- captured names ------------------------------------------------------------------------------

FACTOR = 3
NAMES = ("x", "y")


def uses_globals(x, out):
    out[0:3] = x[0:3] * FACTOR + len(NAMES)


def test_globals_are_captured(launch: Launch) -> None:
    x, out = np.arange(3, dtype=np.int32), np.zeros(3, np.int32)
    launch(uses_globals, x, out)
    assert out.tolist() == [2, 5, 8]


def make_scaled(factor: Any, function: Any, dtype: Any) -> Any:
    @tw.kernel
    def scaled(x, out, N: tw.constexpr):
        out[0:N] = function(x[0:N].to(dtype)) * factor

    return scaled


def test_closures_are_captured(mode: str) -> None:
    x = np.arange(3, dtype=np.int32)
    for factor, function, dtype in (
        (2, double, tw.i32),
        (0.5, tw.sqrt, tw.f64),
        (-1, double, tw.i8),
    ):
        out = np.zeros(3, np.float64)
        make_scaled(factor, function, dtype)[1](x, out, N=3)
        wide = np.sqrt(x) if function is tw.sqrt else x * 2
        assert (wide * factor).tolist() == out.tolist()


def test_a_changed_closure_is_an_error_until_refreshed(mode: str) -> None:
    factor = 2

    @tw.kernel
    def kernel(x, out, N: tw.constexpr):
        out[0:N] = x[0:N] * factor

    x, out = np.arange(4, dtype=np.int32), np.zeros(4, np.int32)
    kernel[1](x, out, N=4)
    assert (x * 2).tolist() == out.tolist()
    factor = 5
    with pytest.raises(tw.CompileError, match="factor"):
        kernel[1](x, out, N=3)
    kernel.refresh()
    kernel[1](x, out, N=4)
    assert (x * 5).tolist() == out.tolist()


SWITCH = 1


@tw.func
def through_global(v):
    return v + SWITCH


def test_a_changed_global_of_a_function_is_an_error_until_refreshed(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @tw.kernel
    def kernel(x, out, N: tw.constexpr):
        out[0:N] = through_global(x[0:N])

    x, out = np.arange(4, dtype=np.int32), np.zeros(4, np.int32)
    kernel[1](x, out, N=4)
    monkeypatch.setitem(globals(), "SWITCH", 100)
    with pytest.raises(tw.CompileError, match="SWITCH"):
        kernel[1](x, out, N=2)
    kernel.refresh()
    kernel[1](x, out, N=4)
    assert (x + 100).tolist() == out.tolist()


def captured_array(x, out):
    out[0] = TABLE[0]


TABLE = np.arange(3)


def captured_list(x, out):
    out[0] = LIST[0]


LIST = [1, 2]


@pytest.mark.parametrize("kernel", [captured_array, captured_list])
def test_other_globals_are_refused(launch: Launch, kernel: Callable[..., None]) -> None:
    with pytest.raises(tw.CompileError, match=r"TABLE|LIST"):
        launch(kernel, np.ones(3), np.ones(3))


def undefined_name(x, out):
    out[0] = nowhere_defined  # noqa: F821


def test_an_undefined_name_is_an_error(launch: Launch) -> None:
    with pytest.raises(tw.CompileError, match="nowhere_defined"):
        launch(undefined_name, np.ones(3), np.ones(3))


def uses_modules(x, out):
    out[0:3] = np.exp(x[0:3]) * math_like.pi


math_like = __import__("math")


def test_modules_are_captured(launch: Launch) -> None:
    x, out = np.zeros(3, np.float32), np.zeros(3, np.float32)
    launch(uses_modules, x, out)
    assert [float(np.float32(np.pi))] * 3 == out.tolist()


# --- methods ------------------------------------------------------------------------------------


def methods(x, out):
    v = x[0:3, 0:4]
    out[0] = v.sum()
    out[1] = v.max(1)[0] + v.min(axis=0)[1]
    out[2] = v.mean()
    out[3] = v.prod(1, keepdims=True)[1, 0]
    out[4] = v.argmax() * 100 + v.argmin(0)[2]
    out[5] = (v > 3).any() * 10 + (v > 3).all()
    out[6] = v.T.shape[0] * 10 + v.reshape(-1).shape[0] * 100
    out[7] = v.reshape(2, 6)[1, 5] + v.reshape((6, 2))[0, 1]
    out[8] = v.to(tw.i8).sum()


def test_the_common_functions_are_methods(launch: Launch) -> None:
    x, out = np.arange(1, 13, dtype=np.float32).reshape(3, 4), np.zeros(9, np.float32)
    launch(methods, x, out)
    expected = [78, 4 + 2, 6.5, 5 * 6 * 7 * 8, 1100, 10, 40 + 1200, 14, 78]
    assert expected == out.tolist()
