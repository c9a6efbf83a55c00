"""Definitions: where the source of a function is found, and which functions are refused."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tilewright.dsl.definition import REQUIRED, Definition, constexpr
from tilewright.dsl.errors import CompileError, Error

from .language import lowered, tw


def defined(text: str, file: str, name: str = "kernel") -> Callable[..., Any]:
    """A function of a text that `linecache` knows, as in a notebook cell."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names: dict[str, Any] = {"tw": tw}
    exec(compile(text, file, "exec"), names)
    found: Callable[..., Any] = names[name]
    return found


def test_parameters_keep_annotations_defaults_and_kinds() -> None:
    def kernel(x: tw.f32, n, *, scale=2.0, BLOCK: tw.constexpr = 8):
        pass

    x, n, scale, block = Definition(kernel).parameters
    assert (x.name, x.annotation, x.default, x.kind) == ("x", tw.f32, REQUIRED, "value")
    assert (n.annotation, n.kind) == (None, "value")
    assert (scale.default, scale.kind) == (2.0, "value")
    assert (block.annotation, block.default, block.kind) == (constexpr, 8, "constexpr")


def test_nothing_is_read_before_it_is_needed() -> None:
    names: dict[str, Any] = {}
    exec(compile("def kernel(x): pass", "<no source>", "exec"), names)
    definition = Definition(names["kernel"])
    assert definition.name == "kernel"
    with pytest.raises(CompileError, match=r"the source of `kernel` .* is not available"):
        _ = definition.tree


def test_options_are_the_kernels_own_switches() -> None:
    def kernel(x):
        pass

    assert Definition(kernel).options == {"contract"}
    assert Definition(kernel, contract=False, fastmath=True).options == {"fastmath"}
    assert Definition(kernel, debug="strict").options == {"contract", "debug", "strict"}
    assert Definition(kernel, name="other").name == "other"


SOURCES = {
    "plain": "def kernel(x):\n    x[0] = 1\n",
    "on one line": "def kernel(x): x[0] = 1\n",
    "under a decorator": "@tw.func\n@tw.func\ndef kernel(x):\n    x[0] = 1\n",
    "before another": "def kernel(x):\n    x[0] = 1\n\ndef other():\n    pass\n",
    "with a long header": "def kernel(\n    x,\n):\n    x[0] = 1\nother = 2\n",
    "with a string to the left": 'def kernel(x):\n    """One\ntwo\n"""\n    x[0] = 1\nother = 2\n',
    "with a bracket to the left": "def kernel(x):\n    x[0] = (1\n+ 2)\nother = 2\n",
    "with a comment to the left": "def kernel(x):\n    i = 0\n# here\n    x[i] = 1\nother = 2\n",
    "in an if": "if True:\n    def kernel(x):\n        x[0] = 1\n    other = 2\n",
    "without a last newline": "def kernel(x):\n    x[0] = 1",
}


@pytest.mark.parametrize("kind", SOURCES)
def test_the_source_is_found(kind: str) -> None:
    text = SOURCES[kind].replace("@tw.func\n", "")
    function = defined(text, f"<{kind}>")
    definition = Definition(function)
    assert definition.tree.name == "kernel"
    assert definition.source in text + "\n"
    lowered(definition, "f32[:]")


def test_a_decorator_is_part_of_the_source() -> None:
    def mark(function: Any) -> Any:
        return function

    text = "@mark(\n    # why\n)\ndef kernel(x):\n    x[0] = missing\n"
    linecache.cache["<decorated>"] = (0, None, text.splitlines(keepends=True), "<decorated>")
    names: dict[str, Any] = {"mark": lambda: mark}
    exec(compile(text, "<decorated>", "exec"), names)
    with pytest.raises(CompileError) as caught:
        lowered(names["kernel"], "f32[:]")
    assert str(caught.value).startswith("<decorated>:5:12: error: name `missing` is not defined")


def test_columns_are_those_of_the_file_in_characters() -> None:
    text = 'if True:\n    def kernel(x):\n        print("größe", missing)\n'
    with pytest.raises(CompileError) as caught:
        lowered(defined(text, "<letters>"), "f32[:]")
    location = caught.value.location
    assert location is not None
    assert (location.line, location.column, location.end_column) == (3, 23, 30)


def test_a_file_that_changed_is_noticed(tmp_path: Path) -> None:
    text = "def other(y):\n    pass\n"
    linecache.cache["<changed>"] = (0, None, text.splitlines(keepends=True), "<changed>")
    names: dict[str, Any] = {}
    exec(compile("def kernel(x):\n    pass\n", "<changed>", "exec"), names)
    with pytest.raises(CompileError, match="did <changed> change"):
        _ = Definition(names["kernel"]).tree


def test_a_lambda_is_no_kernel() -> None:
    with pytest.raises(CompileError, match="a lambda cannot be a kernel"):
        Definition(lambda x: None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def kernel(x):\n    yield x\n", "is a generator"),
        ("async def kernel(x):\n    pass\n", "is a coroutine"),
        ("def kernel(*x):\n    pass\n", "takes the starred parameter `x`"),
        ("def kernel(**x):\n    pass\n", "takes the starred parameter `x`"),
    ],
)
def test_functions_that_can_never_be_kernels_are_refused(text: str, message: str) -> None:
    with pytest.raises(CompileError, match=message) as caught:
        Definition(defined(text, f"<{message}>"))
    assert caught.value.location is not None


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(CompileError, match="is not a Python function"):
        Definition(print)


def test_an_annotation_that_cannot_be_evaluated_is_named() -> None:
    text = "from __future__ import annotations\ndef kernel(x: nothing): pass\n"
    with pytest.raises(CompileError, match="the annotation `nothing` of `x` cannot be evaluated"):
        _ = Definition(defined(text, "<annotation>")).parameters


def test_annotations_may_be_source_text_or_types() -> None:
    text = (
        "from __future__ import annotations\n"
        "def kernel(x: 'f32[:, ::1]', n: tw.i64, B: tw.constexpr): pass\n"
    )
    x, n, b = Definition(defined(text, "<future>")).parameters
    assert (x.annotation, n.annotation, b.kind) == ("f32[:, ::1]", tw.i64, "constexpr")


def test_a_func_outside_a_kernel_says_where_it_belongs() -> None:
    @tw.func
    def helper(v):
        """Twice."""
        return 2 * v

    assert helper.__doc__ == "Twice."
    with pytest.raises(Error, match=r"`helper` is a @tw\.func: it exists only in kernels"):
        helper(3)
