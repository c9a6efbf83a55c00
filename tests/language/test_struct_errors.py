"""What is wrong with structs in kernels: what was found, where, and the way out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import tilewright as tw


class Pair(NamedTuple):
    a: Any
    b: Any


class Other(NamedTuple):
    a: Any
    b: Any


class Sized(NamedTuple):
    a: tw.f32
    n: tw.constexpr


@dataclass(frozen=True)
class Complex:
    re: Any
    im: Any

    @property
    def size(self):
        return self.re + self.im

    def method(self):
        return self


@dataclass
class Loose:
    a: Any


@dataclass(frozen=True)
class Checked:
    a: Any

    def __post_init__(self):
        assert self.a > 0


class Made(Pair):
    __slots__ = ()

    def __new__(cls, a):
        return super().__new__(cls, a, a)


LOOSE = Loose(3)
X = np.zeros(4, np.float32)


def kinds_differ(p, x):
    if x[0] > 0:
        p = Other(1.0, 2.0)
    x[0] = p.a


def arities_differ(p, x):
    t = (1.0, 2.0)
    for _ in range(3):
        t = (*t, x[0])
    x[0] = t[0]


def dtypes_differ(p, x):
    s = Pair(x[0], x[1])
    for _ in range(3):
        s = Pair(s.a, s.b.to(tw.i32))
    x[0] = s.a


def constants_differ(p, x):
    s = Pair("a", 1.0)
    if x[0] > 0:
        s = Pair("b", 1.0)
    x[0] = s.b


def constexpr_changes(p, x):
    s = Sized(1.0, 4)
    for k in tw.static_range(3):
        if x[0] > k:
            s = s._replace(n=5)
    x[0] = s.a


def choice_differs(p, x):
    s = p if x[0] > 0 else (1.0, 2.0)
    x[0] = s[0]


def lane_choice_differs(p, x):
    s = p if x[tw.arange(4)] > 0 else Complex(1.0, 2.0)
    x[0] = s[0]


def wrong_name(p, x):
    x[0] = p.aa


def name_in_tuple(p, x):
    x[0] = (p.a, p.b).a


def wrong_index(p, x):
    x[0] = p[2]


def dataclass_indexed(p, x):
    x[0] = Complex(1.0, 2.0)[0]


def too_few_names(p, x):
    (a,) = p
    x[0] = a


def assigned(p, x):
    p.a = 3.0


def assigned_in_place(p, x):
    z = Complex(1.0, 2.0)
    z.im += 1.0


def item_assigned(p, x):
    p[0] = 3.0


def missing_field(p, x):
    x[0] = Pair(1.0).a


def too_many_values(p, x):
    x[0] = Pair(1.0, 2.0, 3.0).a


def unknown_field(p, x):
    x[0] = Pair(1.0, c=2.0).a


def given_twice(p, x):
    x[0] = Pair(1.0, a=2.0).a


def unknown_replacement(p, x):
    x[0] = p._replace(c=2.0).a


def replace_of_tuple(p, x):
    x[0] = dataclasses.replace((1.0, 2.0), a=2.0)[0]


def field_of_wrong_dtype(p, x):
    x[0] = Sized(x[0].to(tw.f64), 3).a


def computed_constexpr(p, x):
    x[0] = Sized(1.0, x[0]).a


def loose_built(p, x):
    x[0] = Loose(1.0).a


def loose_captured(p, x):
    x[0] = LOOSE.a


def checked_built(p, x):
    x[0] = Checked(1.0).a


def custom_new(p, x):
    x[0] = Made(1.0).a


def property_read(p, x):
    x[0] = Complex(x[0], 1.0).size


def method_called(p, x):
    x[0] = Complex(x[0], 1.0).method().re


def stored(p, x):
    x[0] = p


def added(p, x):
    x[0] = p + 1.0


@pytest.mark.parametrize(
    ("kernel", "message", "note"),
    [
        (kinds_differ, "`p` is Other(a: the constant 1.0, b: the constant 2.0) here but Pair(a: ",
         "a variable keeps its kind of struct: found `Other` and `Pair`"),
        (arities_differ, "`t` is (a Python float, a Python float, f32) here but (a Python float, ",
         "a variable keeps the number of its fields"),
        (dtypes_differ, "`s` is Pair(a: f32, b: i32) here but Pair(a: f32, b: f32) at ",
         "give both one dtype, as with `.to(tw.f32)`"),
        (constants_differ, "`s` is Pair(a: the string 'b', b: the", "use a constexpr condition"),
        (constexpr_changes, "`s` is Sized(a: f32, n: the constant 5) here but ",
         "`Sized.n` is a constexpr"),
        (choice_differs, "`p if x[0] > 0 else (1.0, 2.0)` is (the constant 1.0, ",
         "found `Pair` and a tuple"),
        (lane_choice_differs, "`p if x[tw.arange(4)] > 0 else Complex(1.0, 2.0)` is ",
         "found `Pair` and `Complex`"),
        (wrong_name, "a `Pair` has no field `aa`", "it has a, b"),
        (name_in_tuple, "a tuple has no attribute `a`", "its fields have no names"),
        (wrong_index, "index 2 of a `Pair`", ""),
        (dataclass_indexed, "a `Complex` cannot be indexed", ""),
        (too_few_names, "cannot unpack 2 values into 1 name", ""),
        (assigned, "field `a` of a `Pair` is assigned to, but structs are values",
         "make another: `p = p._replace(a=...)`"),
        (assigned_in_place, "field `im` of a `Complex` is assigned to",
         "make another: `z = dataclasses.replace(z, im=...)`"),
        (item_assigned, "a field of a `Pair` is assigned to, but structs are values",
         "`s._replace(x=...)`"),
        (missing_field, "field `b` of `Pair` is missing", "it is `Pair(a, b)`"),
        (too_many_values, "`Pair` has 2 fields, found 3 values", "it is `Pair(a, b)`"),
        (unknown_field, "`Pair` has no field `c`", "it is `Pair(a, b)`"),
        (given_twice, "field `a` of `Pair` is given twice", ""),
        (unknown_replacement, "`Pair` has no field `c`", "it has a, b"),
        (replace_of_tuple, "replace of a tuple of 2, expected a struct with named fields", ""),
        (field_of_wrong_dtype, "field `a` of `Sized` is annotated f32, found f64",
         "cast it: `.to(tw.f32)`"),
        (computed_constexpr, "field `n` of `Sized` is a constexpr, found f32", "pass a constant"),
        (loose_built, "the dataclass `Loose` is not frozen", "`@dataclass(frozen=True)`"),
        (loose_captured, "`LOOSE` is a Loose: the dataclass `Loose` is not frozen",
         "`@dataclass(frozen=True)`"),
        (checked_built, "`Checked` has a `__post_init__`, which cannot run in a kernel",
         "@tw.func"),
        (custom_new, "`Made` has a `__new__`, which cannot run in a kernel", "@tw.func"),
        (property_read, "a `Complex` has no field `size`", "only under `@tw.func`"),
        (method_called, "a `Complex` has no field `method`", "only under `@tw.func`"),
        (stored, "cannot store a `Pair`, expected a value or a number", ""),
        (added, "`+` of a `Pair` and the constant 1.0", ""),
    ],
)  # fmt: skip
def test_an_error_says_what_was_found_and_the_way_out(
    mode: str, kernel: Any, message: str, note: str
) -> None:
    with pytest.raises(tw.CompileError) as caught:
        tw.kernel(kernel)[1](Pair(1.0, 2.0), X)
    error = caught.value
    assert error.message.startswith(message) or message in error.message
    assert note in (error.note or "")
    assert error.location is not None
    assert error.location.file == __file__
    first = kernel.__code__.co_firstlineno
    assert first < error.location.line <= first + 6


def test_both_places_are_named_where_kinds_clash(mode: str) -> None:
    with pytest.raises(tw.CompileError) as caught:
        tw.kernel(dtypes_differ)[1](Pair(1.0, 2.0), X)
    first = dtypes_differ.__code__.co_firstlineno
    assert f"{__file__}:{first + 1}:" in caught.value.message
    assert caught.value.location is not None
    assert caught.value.location.line == first + 3
