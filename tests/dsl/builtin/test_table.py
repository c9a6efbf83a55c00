"""Which names mean which builtin, how calls are checked, and what happens on the host."""

from __future__ import annotations

import builtins as python
import inspect
import math

import numpy as np
import pytest

from tilewright.dsl.builtins import PUBLIC, find_builtin, find_method
from tilewright.dsl.errors import CompileError, Error
from tilewright.dsl.types import f32

from .tracing import Tracing, value

# LANGUAGE.md section 6, with `tw.cdiv` of section 7 and the loops of section 2.
NAMES = [
    "arange",
    "zeros",
    "ones",
    "full",
    "zeros_like",
    "full_like",
    "iota",
    "program_id",
    "num_programs",
    "reshape",
    "permute",
    "broadcast_to",
    "expand_dims",
    "cat",
    "stack",
    "split",
    "flip",
    "where",
    "minimum",
    "maximum",
    "clip",
    "abs",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "rsqrt",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
    "erfinv",
    "lgamma",
    "pow",
    "hypot",
    "floor",
    "ceil",
    "round",
    "trunc",
    "fma",
    "sigmoid",
    "isnan",
    "isinf",
    "isfinite",
    "copysign",
    "popcount",
    "clz",
    "sum",
    "mean",
    "prod",
    "max",
    "min",
    "argmax",
    "argmin",
    "any",
    "all",
    "reduce",
    "cumsum",
    "cumprod",
    "cummax",
    "cummin",
    "scan",
    "sort",
    "argsort",
    "topk",
    "histogram",
    "gather",
    "dot",
    "rand",
    "randn",
    "randint",
    "print",
    "device_assert",
    "static_assert",
    "static_print",
    "breakpoint",
    "assume",
    "multiple_of",
    "max_contiguous",
    "load",
    "store",
    "block",
    "atomic_add",
    "atomic_max",
    "atomic_min",
    "atomic_and_",
    "atomic_or_",
    "atomic_xor",
    "atomic_xchg",
    "atomic_cas",
    "cdiv",
    "range",
    "static_range",
]


def test_every_name_of_the_language_exists() -> None:
    assert set(NAMES) - set(PUBLIC) == set()
    assert set(PUBLIC) - set(NAMES) == {"ones_like"}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_builtin_has_a_name_a_docstring_and_a_signature(name: str) -> None:
    builtin = PUBLIC[name]
    assert builtin.__name__ == name
    assert builtin.__doc__
    assert builtin.signature.startswith(f"{name}(")
    assert "context" not in str(inspect.signature(builtin))


def test_the_signature_is_what_one_writes() -> None:
    assert PUBLIC["sum"].signature == "sum(a, axis=None, dtype=None, *, keepdims=False)"
    assert PUBLIC["dot"].signature == "dot(a, b, acc=None, precision=None)"
    assert PUBLIC["print"].signature == "print(*values)"
    assert PUBLIC["arange"].signature == "arange(start, stop=None, step=1, dtype=None)"
    assert repr(PUBLIC["exp"]) == "<builtin tw.exp(x)>"


def test_a_builtin_says_that_it_exists_only_in_kernels() -> None:
    with pytest.raises(Error, match=r"tw\.exp exists only in kernels"):
        PUBLIC["exp"](1.0)


def test_cdiv_works_on_the_host() -> None:
    assert PUBLIC["cdiv"](10, 4) == 3
    assert PUBLIC["cdiv"](8, 4) == 2


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (python.abs, "abs"), (python.print, "print"), (python.range, "range"),
        (math.exp, "exp"), (np.exp, "exp"), (np.arcsin, "asin"), (np.arctan2, "atan2"),
        (np.absolute, "abs"), (np.abs, "abs"), (np.power, "pow"), (np.maximum, "maximum"),
        (np.where, "where"), (np.sum, "sum"), (np.amax, "max"), (np.min, "min"), (np.matmul, "dot"),
        (np.concatenate, "cat"), (np.transpose, "permute"), (np.rint, "round"),
        (np.zeros, "zeros"), (np.arange, "arange"), (math.isnan, "isnan"), (np.sort, "sort"),
    ],
)  # fmt: skip
def test_twins_mean_the_builtin(host: object, name: str) -> None:
    assert find_builtin(host) is PUBLIC[name]


@pytest.mark.parametrize("name", ["int", "float", "bool", "len", "tuple", "zip", "isinstance"])
def test_pythons_own_functions_are_no_names_of_ours(name: str) -> None:
    found = find_builtin(getattr(python, name))
    assert found is not None
    assert found.name == name
    assert name not in PUBLIC


def test_pythons_max_is_not_ours() -> None:
    assert find_builtin(max) is not PUBLIC["max"]
    assert find_builtin(min) is not PUBLIC["min"]


def test_a_mark_makes_a_twin() -> None:
    def zeros() -> None: ...

    assert find_builtin(zeros) is None
    zeros.__tilewright_builtin__ = PUBLIC["zeros"]  # type: ignore[attr-defined]
    assert find_builtin(zeros) is PUBLIC["zeros"]


@pytest.mark.parametrize("stranger", [np.linalg, sorted, 3, "exp", None, np.zeros(3), object()])
def test_strangers_mean_nothing(stranger: object) -> None:
    assert find_builtin(stranger) is None


def test_methods_are_the_reductions_and_the_common_ones() -> None:
    for name in [
        "sum",
        "mean",
        "prod",
        "max",
        "min",
        "argmax",
        "argmin",
        "any",
        "all",
        "cumsum",
        "cumprod",
        "to",
        "reshape",
    ]:
        assert find_method(name) is not None
    assert find_method("exp") is None


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        ((), {}, "sum: argument `a` is missing"),
        (
            (value(f32, 4), 0, None, True),
            {},
            "sum: found 4 positional arguments, expected at most 3",
        ),
        ((value(f32, 4),), {"axes": 0}, "sum: there is no argument `axes`"),
        ((value(f32, 4),), {"a": 0}, "sum: argument `a` is given twice"),
    ],
)
def test_a_wrong_call_is_a_compile_error(
    arguments: tuple[object, ...], keywords: dict[str, object], message: str
) -> None:
    with pytest.raises(CompileError) as caught:
        Tracing().call("sum", *arguments, **keywords)
    assert caught.value.message == message
    assert caught.value.note == "it is `sum(a, axis=None, dtype=None, *, keepdims=False)`"


def test_what_mixes_lanes_is_known() -> None:
    mixing = {name for name, builtin in PUBLIC.items() if builtin.mixes_lanes}
    elementwise = {"exp", "where", "load", "store", "print", "broadcast_to", "expand_dims", "full"}
    assert mixing >= {"sum", "argmax", "cumsum", "scan", "reduce", "dot", "reshape", "flip", "cat"}
    assert not mixing & elementwise
