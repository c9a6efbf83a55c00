"""The text form of signatures: both ways, and what is wrong with what is wrong."""

from __future__ import annotations

import pytest

from tilewright.dsl.errors import CompileError
from tilewright.dsl.signature import Constant, Signature, parse_signature, parse_type
from tilewright.dsl.types import (
    DTYPES,
    Array,
    Dtype,
    Tile,
    Type,
    bool_,
    f16,
    f32,
    i64,
    index,
    pointer_to,
    scalar,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f32", Tile(f32)),
        ("bool_", Tile(bool_)),
        ("*f16", scalar(pointer_to(f16))),
        ("f32[]", Array(f32, ())),
        ("f32[:]", Array(f32, (None,))),
        ("f32[::1]", Array(f32, (None,), 0)),
        ("f32[:, :]", Array(f32, (None, None))),
        ("f32[:, ::1]", Array(f32, (None, None), 1)),
        ("f32[::1, :]", Array(f32, (None, None), 0)),
        ("f32[:, 16]", Array(f32, (None, 16))),
        ("f32[:, 16::1]", Array(f32, (None, 16), 1)),
        ("f32[:, ::1]{aligned}", Array(f32, (None, None), 1, aligned=True)),
        ("f32[:, ::1]{aligned, even}", Array(f32, (None, None), 1, aligned=True, even=True)),
        ("i64[0]", Array(i64, (0,))),
    ],
)
def test_a_type_reads_and_writes(text: str, expected: Type) -> None:
    assert parse_type(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype is not index])
def test_every_dtype_reads(dtype: Dtype) -> None:
    assert parse_type(dtype.name) == Tile(dtype)
    assert parse_type(f"*{dtype}") == scalar(pointer_to(dtype))
    assert parse_type(f"{dtype}[::1]") == Array(dtype, (None,), 0)


def test_spaces_do_not_matter() -> None:
    assert parse_type("  f32 [ : , :: 1 ] { even , aligned } ") == Array(
        f32, (None, None), 1, aligned=True, even=True
    )


def test_a_signature_reads_and_writes() -> None:
    text = "f32[:, ::1]{aligned}, i64, *f16; narrow, disjoint"
    types, facts = parse_signature(text, ["x", "n", "p"])
    assert types == {
        "x": Array(f32, (None, None), 1, aligned=True),
        "n": Tile(i64),
        "p": scalar(pointer_to(f16)),
    }
    assert facts == frozenset({"narrow", "disjoint"})
    assert str(Signature(types, facts)) == text


def test_facts_are_written_in_one_order() -> None:
    _, facts = parse_signature("f32; disjoint, narrow", ["x"])
    assert str(Signature({"x": Tile(f32)}, facts or frozenset())) == "f32; narrow, disjoint"


def test_no_facts_differ_from_facts_left_open() -> None:
    assert parse_signature("f32", ["x"])[1] is None
    assert parse_signature("f32;", ["x"])[1] == frozenset()


def test_a_kernel_may_have_no_parameters() -> None:
    assert parse_signature("", []) == ({}, None)
    assert parse_signature("; narrow", []) == ({}, frozenset({"narrow"}))


def test_constants_are_not_in_the_text() -> None:
    signature = Signature({"x": Tile(f32), "BLOCK": Constant(16), "y": Tile(i64)})
    assert str(signature) == "f32, i64"
    assert signature.types == (Tile(f32), Tile(i64))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f33", "column 1: there is no dtype `f33`"),
        ("f32, f33[:]", "column 6: there is no dtype `f33`"),
        ("index", "column 1: there is no dtype `index`"),
        ("*", "column 2: found the end, expected a dtype"),
        ("f32,", "column 5: found the end, expected a dtype"),
        ("f32[", "column 5: found the end, expected an axis: `:`, `::1`, `16`, `16::1`"),
        ("f32[:", "column 6: found the end, expected `,` or `]`"),
        ("f32[:,]", "column 7: found `]`, expected an axis: `:`, `::1`, `16`, `16::1`"),
        ("f32[n]", "column 5: found `n`, expected an axis: `:`, `::1`, `16`, `16::1`"),
        ("f32[-1]", "column 5: found `-`, expected an axis: `:`, `::1`, `16`, `16::1`"),
        ("f32[99999999999999999999]", "column 5: an extent beyond 64 bits"),
        ("f32[::2]", "column 5: only the stride 1 may be written: `::1`"),
        ("f32[::1, ::1]", "column 10: axes 0 and 1 both have unit stride"),
        ("f32[:]{big}", "column 8: found `big`, expected a fact about an array: aligned or even"),
        ("f32[:]{}", "column 8: found `}`, expected a fact about an array: aligned or even"),
        ("f32[:]{even", "column 12: found the end, expected `,` or `}`"),
        ("f32{even}", "column 4: facts about `f32`, which is no array"),
        ("f32; wide", "column 6: found `wide`, expected a fact about a launch: narrow or disjoint"),
        ("f32; narrow even", "column 13: found `e`, expected `,` and a fact"),
        ("f32 f32", "column 5: found `f`, expected `,` and a type, or `;` and facts"),
        ("(f32, =)", "column 8: found `)`, expected a constant"),
        ("(f32, =fun)", "column 8: found `fun`, expected a constant"),
        ('(f32, ="a)', 'column 8: found `"a)`, expected a constant'),
        ("(f32 f32)", "column 6: found `f`, expected `,` or `)`"),
        ("(f32, f33)", "column 7: there is no dtype `f33`"),
        ("(f32", "column 5: found the end, expected `,` or `)`"),
    ],
)
def test_an_error_says_what_and_where(text: str, message: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse_signature(text, ["x"])
    assert caught.value.message == f"signature {text!r}, {message}"


def test_an_annotation_is_one_type() -> None:
    with pytest.raises(CompileError, match="column 4: found `,`, expected the end"):
        parse_type("f32, f32")


@pytest.mark.parametrize(
    ("text", "names", "message", "note"),
    [
        ("f32", ["x", "y"], "signature 'f32' has 1 types, expected 2", "parameters are x, y;"),
        ("f32, f32", [], "signature 'f32, f32' has 2 types, expected 0", "no parameters"),
    ],
)
def test_the_number_of_types_must_match(
    text: str, names: list[str], message: str, note: str
) -> None:
    with pytest.raises(CompileError) as caught:
        parse_signature(text, names)
    assert caught.value.message == message
    assert note in (caught.value.note or "")
