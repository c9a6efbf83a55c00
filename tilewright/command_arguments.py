"""What commands are given as text: kernels in files, arguments to launch with, constants, grids.

An argument is an array filled with random values, `f32[4096, 1024]`; one filled with a value,
`f32[4096] = 0`; a number of a type, `f32 = 2.5`, or of none, `2.5`; a tuple of these. A grid is an
expression: `cdiv(x.shape[0], BLOCK), 4`.
"""

from __future__ import annotations

import ast
import operator
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

import tilewright as tw
from tilewright.dsl.errors import CompileError
from tilewright.dsl.signature import parse_type
from tilewright.dsl.types import DTYPES_BY_NAME, Array, Dtype, Tile
from tilewright.runtime.arguments import CONSTEXPR
from tilewright.runtime.errors import LaunchError
from tilewright.runtime.interop import numpy_dtype
from tilewright.runtime.kernel import Kernel

GRID_FORM: Final = (
    "a grid is one to three expressions of +, -, *, //, %, cdiv, min, max, with numbers, "
    "constexprs and extents, as in 'cdiv(x.shape[0], BLOCK), 4'"
)
ARGUMENT_FORM: Final = (
    "an argument is an array of random values, 'f32[4096, 1024]', one filled with a value, "
    "'f32[4096] = 0', a number, '2.5' or 'i64 = 3', or a tuple of arguments, '(f32[64], 3)'"
)
MOST_RANDOM: Final = 100  # integers are drawn below it: enough to differ, few enough to add up


def find_kernel(text: str) -> Kernel:
    """The kernel of `FILE:KERNEL`; the file is run for it, though not as `__main__`."""
    path, _, name = text.rpartition(":")
    if not path or not Path(path).is_file():
        raise LaunchError(f"there is no file {path!r}; expected FILE:KERNEL")
    # Not as "__main__": what a script guards with that name is not for us to run.
    scope = runpy.run_path(path, run_name="tilewright_inspected")
    found = scope.get(name)
    match found:
        case Kernel():
            return found
    kernels = [key for key, value in scope.items() if isinstance(value, Kernel)]
    there = f"there are {', '.join(kernels)}" if kernels else "there is none"
    raise LaunchError(f"there is no kernel {name!r} in {path}; {there}")


def read_constants(texts: Sequence[str]) -> dict[str, object]:
    """The constexprs of `--set NAME=VALUE`: numbers, dtypes, and strings without quotes."""
    return dict(_read_constant(text) for text in texts)


def make_arguments(kernel: Kernel, text: str) -> dict[str, Any]:
    """Arguments by name for the parameters that are no constexprs, from a text of one each.

    The values are random and new at every call.
    """
    parameters = [one for one in kernel.parameters if one.kind != CONSTEXPR]
    parts = list(_parts(text))
    if len(parts) != len(parameters):
        names = ", ".join(one.name for one in parameters)
        found = f"{text!r} has {len(parts)} arguments, expected {len(parameters)}"
        raise LaunchError(f"{found}: {names}\nnote: {ARGUMENT_FORM}")
    rng = np.random.default_rng()
    return {
        one.name: _make(part, one.cls, rng) for one, part in zip(parameters, parts, strict=True)
    }


def parse_grid(text: str, arguments: Mapping[str, Any]) -> Callable[[Any], tuple[int, ...]]:
    """A grid as a function of the constexprs, as launches take it; arguments give extents.

    Raises `LaunchError` where the text is no expression, and the function does where it names what
    is not there.
    """
    try:
        axes = ast.parse(f"[{text}]", mode="eval").body
    except SyntaxError:
        axes = ast.List([])
    match axes:
        case ast.List([ast.Tuple(elements)]) | ast.List([_, *_] as elements):
            pass
        case _:
            raise LaunchError(f"--grid {text!r} is no expression\nnote: {GRID_FORM}")

    def grid(constexprs: Any) -> tuple[int, ...]:
        try:
            return tuple(_evaluate(axis, arguments, constexprs) for axis in elements)
        except (ArithmeticError, IndexError, TypeError, ValueError) as error:
            raise LaunchError(f"--grid {text!r}: {error}\nnote: {GRID_FORM}") from None

    return grid


def _read_constant(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise LaunchError(f"--set {text}: expected NAME=VALUE")
    return name.strip(), _value(value)


def _value(text: str) -> object:
    dtype = DTYPES_BY_NAME.get(text.strip().removeprefix("tw."))
    if dtype is not None:
        return dtype
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text


# --- arguments ------------------------------------------------------------------------------------


def _parts(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets; a comma may stand behind the last."""
    depth = start = 0
    for place, sign in enumerate(text):
        depth += (sign in "[(") - (sign in "])")
        if sign == "," and not depth:
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()


def _make(text: str, cls: type | None, rng: np.random.Generator) -> Any:
    """An argument; `cls` is the class of structs that a parameter asks for."""
    if text.startswith("(") and text.endswith(")"):
        fields = [_make(part, None, rng) for part in _parts(text[1:-1])]
        return tuple(fields) if cls in (None, tuple) else cls(*fields)
    kind, equals, value = map(str.strip, text.partition("="))
    if not equals and not kind[0].isalpha():
        return _number(kind)
    if not kind:  # `=4`, as a signature writes the constants in a tuple
        return _value(value)
    try:
        type = parse_type(kind)
        filling = _number(value) if equals else None
        match type:
            case Array():
                return _make_array(kind, type, filling, rng)
            case Tile(Dtype(element=None) as dtype) if filling is not None:
                return numpy_dtype(dtype).type(filling)
    except CompileError as error:
        raise LaunchError(f"{error.message}\nnote: {ARGUMENT_FORM}") from None
    except (OverflowError, ValueError, MemoryError) as error:
        raise LaunchError(f"{text!r}: {error}") from None
    raise LaunchError(f"{text!r} has no value\nnote: {ARGUMENT_FORM}")


def _number(text: str) -> bool | int | float:
    match _value(text):
        case bool() | int() | float() as number:
            return number
    raise LaunchError(f"{text!r} is no number\nnote: {ARGUMENT_FORM}")


def _make_array(
    text: str, type: Array, filling: float | None, rng: np.random.Generator
) -> np.ndarray[Any, Any]:
    """Row-major but for the axis that is asked to lie side by side."""
    shape = [extent for extent in type.extents if extent is not None]
    if len(shape) != type.rank:
        raise LaunchError(f"{text!r} is an array without extents\nnote: {ARGUMENT_FORM}")
    order = sorted(range(type.rank), key=lambda axis: axis == type.unit_axis)
    lying = [shape[axis] for axis in order]
    dtype = numpy_dtype(type.dtype)
    values = _random(lying, type.dtype, rng).astype(dtype, copy=False)
    if filling is not None:
        values.fill(filling)
    return values.transpose(np.argsort(order))


def _random(shape: list[int], dtype: Dtype, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    if dtype.is_bool:
        return rng.random(shape, np.float32) < 0.5
    if dtype.is_integer:
        return rng.integers(0, MOST_RANDOM, shape, np.int8)
    return rng.standard_normal(shape, np.float64 if dtype.bits == 64 else np.float32)


# --- grids ----------------------------------------------------------------------------------------

_OPERATORS: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Final[dict[str, Callable[..., int]]] = {"cdiv": tw.cdiv, "min": min, "max": max}


def _evaluate(node: ast.expr, arguments: Mapping[str, Any], constexprs: Any) -> int:
    """The value of an expression. Nothing but what stands here can be asked for: it is safe."""

    def value(node: ast.expr) -> int:
        return _evaluate(node, arguments, constexprs)

    match node:
        case ast.Constant(int() as number):
            return number
        case ast.Name(name) if name not in arguments and hasattr(constexprs, name):
            return int(getattr(constexprs, name))
        case ast.Name(name) if name in arguments and not np.ndim(arguments[name]):
            return int(arguments[name])
        case ast.Subscript(ast.Attribute(ast.Name(name), "shape"), axis) if name in arguments:
            return int(np.shape(arguments[name])[value(axis)])
        case ast.Attribute(ast.Name(name), "size") if name in arguments:
            return int(np.size(arguments[name]))
        case ast.BinOp(left, sign, right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](value(left), value(right))
        case ast.UnaryOp(ast.USub(), operand):
            return -value(operand)
        case ast.Call(ast.Name(name), operands, []) if name in _FUNCTIONS and operands:
            return _FUNCTIONS[name](*map(value, operands))
    raise LaunchError(f"--grid: found {ast.unparse(node)!r}\nnote: {GRID_FORM}")
