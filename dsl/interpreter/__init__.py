"""The interpreter: what a function means, op by op, on NumPy.

Its rules are loaded with the first function that is interpreted: who compiles has no use for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

from .. import ir
from .faults import Fault
from .printing import format_print
from .values import displayed


def interpret(
    function: ir.Function,
    grid: tuple[int, int, int],
    arguments: Sequence[object],
    races: bool = False,
    output: TextIO | None = None,
) -> None:
    """Run every program of a grid: see `run.interpret`."""
    run = import_module("tilewright.dsl.interpreter.run")
    run.interpret(function, grid, arguments, races, output)


__all__ = ["Fault", "displayed", "format_print", "interpret"]
