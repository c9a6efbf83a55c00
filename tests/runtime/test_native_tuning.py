"""Launch tables with tuning: what joins the key, who is asked, and what is refused."""

from __future__ import annotations

import gc
import weakref
from typing import Any, NamedTuple

import numpy as np
import pytest

from tilewright import _native
from tilewright.runtime.errors import LaunchError

from .native_kernels import Table, row

VALUE, EXTENT, STRIDE, SIZE, EXTENTS, STRIDES = range(6)
CONSTEXPR, POINTER = 1, 4
F32 = np.float32


class Tuned(Table):
    """A kernel `k(x, y, n, BLOCK)` whose BLOCK is chosen: 10 for the first key, 11 for the next."""

    def __init__(self, items: Any = None, options: int = 0, y_kind: int = 0) -> None:
        dtype = 10 if y_kind == POINTER else -1
        rows = [row("x"), row("y", y_kind, dtype=dtype), row("n"), row("BLOCK", CONSTEXPR)]
        super().__init__(rows, device_facts=0)
        rows[3] = row("BLOCK", CONSTEXPR, _native.TUNED)
        self.configure(rows, 0, (items, options))
        self.asked: list[Any] = []
        self.lasts = True
        self.chosen: object = None

    def choose(self, facts: Any, narrow: bool, arguments: Any, grid: Any, stream: Any) -> Any:
        self.asked.append((facts, narrow, arguments, grid, stream))
        value = 9 + len(self.asked) if self.chosen is None else self.chosen
        return (value,), self.lasts


def arrays(*shapes: tuple[int, ...]) -> list[Any]:
    return [np.zeros(shape, F32) for shape in shapes]


def test_the_choice_stands_where_a_call_would_have_put_it() -> None:
    table = Tuned()
    x, y = arrays((4,), (5, 6))
    table[3](x, y, 1)
    ((facts, narrow, arguments, grid, stream),) = table.asked
    assert facts[3] == ("constexpr", _native.TUNED)
    assert (narrow, grid, stream) == (True, (3, 1, 1), None)
    assert arguments[0] is x and arguments[1] is y and arguments[2] == 1
    assert table.described[0][0][3] == ("constexpr", 10)
    assert table.built[0][0][3] == ("constexpr", 10)
    ((listed, *_),) = table.entries()
    assert listed[3] == ("constexpr", 10)


def test_shapes_tell_calls_apart_by_default() -> None:
    table = Tuned()
    for shapes in (((4,), (5, 6)), ((4,), (5, 6)), ((5,), (5, 6)), ((4,), (6, 5)), ((4,), (5, 6))):
        table[1](*arrays(*shapes), 1)
    assert len(table.asked) == len(table.built) == 3
    table[1](*arrays((4,), (5, 6)), 2)  # a number is no shape
    assert len(table.asked) == 3


def test_shapes_of_pointers_count_with_their_rank() -> None:
    table = Tuned(y_kind=POINTER)
    for shape in ((6,), (6,), (2, 3), (3, 2), (1, 6)):
        table[1](*arrays((4,), shape), 1)
    assert len(table.asked) == 4


@pytest.mark.parametrize(
    ("item", "same", "other"),
    [
        (("n", 2, VALUE, 0), ((4,), (5,), 1), ((4,), (5,), 2)),
        (("x", 0, VALUE, 0), ((4,), (9,), 2), ((3,), (5,), 1)),
        (("x.shape[0]", 0, EXTENT, 0), ((4,), (6,), 2), ((5,), (5,), 1)),
        (("y.shape[-1]", 1, EXTENT, -1), ((1,), (5,), 2), ((4,), (6,), 1)),
        (("x.strides[0]", 0, STRIDE, 0), ((7,), (5,), 2), None),
        (("y.size", 1, SIZE, 0), ((7,), (5,), 2), ((4,), (7,), 1)),
        (("x.shape", 0, EXTENTS, 0), ((4,), (6,), 2), ((5,), (5,), 1)),
        (("x.strides", 0, STRIDES, 0), ((7,), (5,), 2), None),
    ],
)
def test_a_quantity_tells_calls_apart_and_nothing_else_does(
    item: Any, same: Any, other: Any
) -> None:
    table = Tuned([item])
    table[1](*arrays((4,), (5,)), 1)
    table[1](*arrays(*same[:2]), same[2])
    assert len(table.asked) == 1
    if other is None:
        x, y = arrays((8,), (5,))
        table[1](x[::2], y, 1)
        table[1](x[::4], y, 1)
        assert len(table.asked) == 3
    else:
        table[1](*arrays(*other[:2]), other[2])
        assert len(table.asked) == 2


class Point(NamedTuple):
    x: Any
    y: Any


def test_quantities_are_found_behind_structs() -> None:
    table = Tuned([("n", 2, VALUE, 0)])
    x = np.zeros(3, F32)
    nested = Point(x, Point((), (x, 2)))
    table.describe = lambda facts, narrow: (False,) * 6  # type: ignore[method-assign]
    for n in (1, 2, 1):
        table[1](nested, ((), x), n)
    assert len(table.asked) == 2
    with pytest.raises(LaunchError, match="testing is tuned by 'y': the argument is a struct"):
        Tuned([("y", 1, VALUE, 0)])[1](nested, (x, x), 1)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (("x.shape[1]", 0, EXTENT, 1), "tuned by 'x.shape\\[1\\]': the array has no such axis"),
        (("x.shape[-2]", 0, EXTENT, -2), "the array has no such axis"),
        (("n.shape", 2, EXTENTS, 0), "the argument is a number"),
        (("BLOCK.size", 3, SIZE, 0), "the argument is a constexpr"),
    ],
)
def test_quantities_that_are_not_there_are_refused(item: Any, message: str) -> None:
    table = Tuned([item])
    with pytest.raises(LaunchError, match=message):
        table[1](*arrays((4,), (5,)), 1)
    assert table.asked == []


def test_what_tuning_sets_a_call_may_not() -> None:
    table = Tuned(options=1)
    x, y = arrays((4,), (5,))
    with pytest.raises(LaunchError, match="argument 'BLOCK' of testing is set by"):
        table[1](x, y, 1, 64)
    with pytest.raises(LaunchError, match="argument 'BLOCK' of testing is set by"):
        table[1](x, y, 1, BLOCK=64)
    with pytest.raises(LaunchError, match="option 'num_warps' of testing is set by"):
        table[1](x, y, 1, num_warps=4)
    table[1](x, y, 1, num_stages=4)
    with pytest.raises(LaunchError, match="option 'num_stages' of testing is set by"):
        Tuned(options=2)[1](x, y, 1, num_stages=4)


def test_a_grid_function_sees_the_choice() -> None:
    table = Tuned()
    seen = []

    def grid(p: Any) -> int:
        seen.append(p.BLOCK)
        return int(p.BLOCK)

    x, y = arrays((4,), (5,))
    table[grid](x, y, 1)
    table[grid](x, y, 1)
    table[grid](x[:3], y, 1)
    assert seen == [10, 10, 11]
    assert table.asked[0][3] is grid
    assert [extents for extents, _ in table.calls] == [(10, 1, 1), (10, 1, 1), (11, 1, 1)]


def test_a_grid_function_may_clear_the_table() -> None:
    table = Tuned()

    def grid(p: Any) -> int:
        table.clear()
        return 2

    x, y = arrays((4,), (5,))
    for _ in range(3):
        table[grid](x, y, 1)
    assert len(table.calls) == 3


def test_a_choice_that_does_not_last_is_asked_for_again() -> None:
    table = Tuned()
    table.lasts = False
    x, y = arrays((4,), (5,))
    for _ in range(2):
        table[1](x, y, 1)
    assert len(table.asked) == 2 and table.entries() == []


def test_choosing_may_launch_and_clear() -> None:
    table = Tuned()
    x, y = arrays((4,), (5,))
    plain = table.choose

    def choose(*call: Any) -> Any:
        found = plain(*call)
        if len(table.asked) == 1:
            table[1](x[:1], y, 1)
            table.clear()
        return found

    table.choose = choose  # type: ignore[method-assign]
    table[1](x, y, 1)
    table[1](x, y, 1)
    assert [call[2][0].shape for call in table.asked] == [(4,), (1,), (4,)]


def test_errors_of_choosing_pass_through_and_nothing_is_kept() -> None:
    table = Tuned()
    x, y = arrays((4,), (5,))

    def choose(*call: Any) -> Any:
        raise LaunchError("no")

    table.choose = choose  # type: ignore[method-assign]
    with pytest.raises(LaunchError, match="no"):
        table[1](x, y, 1)
    assert table.entries() == []
    table.choose = lambda *call: ((1, 2), True)  # type: ignore[method-assign]
    with pytest.raises(TypeError, match="choose returned"):
        table[1](x, y, 1)


def test_choices_are_dropped_with_the_table() -> None:
    class Value:
        """A constant that can be watched."""

    table = Tuned()
    value = Value()
    watched = weakref.ref(value)
    table.chosen = value
    x, y = arrays((4,), (5,))
    table[1](x, y, 1)
    table.chosen = table.asked = table.described = table.built = None  # type: ignore[assignment]
    table.calls.clear()
    del value
    assert watched() is not None
    table.clear()
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize(
    "tuning",
    [
        3,
        (None,),
        ([], 4),
        ([3], 0),
        ([("n", 9, 0, 0)], 0),
        ([("n", 0, 6, 0)], 0),
        ([(1, 0, 0, 0)], 0),
    ],
)
def test_malformed_tuning_is_refused(tuning: Any) -> None:
    table = Tuned()
    with pytest.raises((ValueError, TypeError)):
        table.configure([row("x")], 0, tuning)


def test_the_longest_key_fits() -> None:
    names = [f"a{k}" for k in range(128)]
    table = Table([row(name) for name in names])
    table.configure([row(name) for name in names], 0, (None, 0))
    table.choose = lambda *call: ((), True)  # type: ignore[attr-defined]
    array = np.zeros((1,) * 8, F32)
    for _ in range(2):
        table[1](*[array] * 128)
    assert len(table.entries()) == 1
