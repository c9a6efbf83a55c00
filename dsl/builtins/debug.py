"""Looking inside while things run, or compile: prints and assertions."""

from __future__ import annotations

import sys

from .. import ir
from ..errors import CompileError
from ..types import Tile, bool_
from .arguments import as_text
from .arithmetic import truth
from .table import Context, builtin
from .values import as_number, constant, describe


@builtin("builtins.print")
def print_(context: Context, *values: object) -> None:
    """Write the values, separated by spaces, as a line of the host's standard output.

    Strings and constants are written as they are, tiles in NumPy's notation.
    """
    labels: list[str] = []
    operands: list[ir.Value] = []
    text: list[str] = []
    for value in _flatten(values):
        if isinstance(value, ir.Value):
            if not isinstance(value.type, Tile):
                raise CompileError(f"cannot print {describe(value)}", "print a part of it")
            labels.append(" ".join(text))
            operands.append(value)
            text = []
        else:
            text.append(str(value))
    if text or not operands:
        labels.append(" ".join(text))
    context.builder.add(ir.Print(tuple(labels), tuple(operands)))


@builtin()
def device_assert(context: Context, condition: object, message: object = "") -> None:
    """Fail the launch with a `DeviceError` unless the condition holds in all elements.

    Holds in debug mode and under the interpreter; `assert condition, "why"` is the same.
    """
    b = context.builder
    checked = truth(b, condition)
    if not isinstance(checked, ir.Value):
        if checked:
            return
        checked = constant(b, False, bool_)
    b.add(ir.Assert(checked, as_text(message, "the message of an assertion")))


@builtin()
def static_assert(context: Context, condition: object, message: object = "") -> None:
    """Refuse to compile with a `CompileError` unless the constant condition holds."""
    if isinstance(condition, ir.Value):
        raise CompileError(
            f"a static assertion of {describe(condition)}, expected a constant",
            "`assert` and `tw.device_assert` check when the kernel runs",
        )
    if not condition:
        text = as_text(message, "the message of an assertion")
        raise CompileError(
            f"static assertion failed: {text}" if text else "static assertion failed"
        )


@builtin()
def static_print(context: Context, *values: object) -> None:
    """Write the values to standard output while compiling; of computed ones their types."""
    shown = [describe(value) if isinstance(value, ir.Value) else str(value) for value in values]
    sys.stdout.write(" ".join(shown) + "\n")


@builtin("builtins.breakpoint", name="breakpoint")
def breakpoint_(context: Context) -> None:
    """Stop in Python's debugger under the interpreter; compiled kernels pass by."""
    context.builder.add(ir.Breakpoint())


def _flatten(values: tuple[object, ...]) -> list[object]:
    """What is printed, piece by piece: tuples as Python writes them, dtypes by name."""
    pieces: list[object] = []
    for value in values:
        if isinstance(value, tuple) and any(isinstance(item, ir.Value) for item in value):
            pieces += _flatten(value)
        else:
            number = as_number(value)
            pieces.append(value if number is None else number)
    return pieces
