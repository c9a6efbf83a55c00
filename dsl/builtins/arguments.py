"""Arguments of builtins that must be known when compiling: sizes, shapes, axes, dtypes, texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .. import ir
from ..errors import CompileError
from ..types import DTYPES_BY_NAME, Dtype, bool_, f32, i32
from .values import as_number, describe

MAX_RANK: Final = 5
_OF_PYTHON: Final[dict[str, Dtype]] = {"int": i32, "float": f32, "bool": bool_}
_OF_NUMPY: Final[dict[str, str]] = {
    "bool_": "bool_", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64", "uint8": "u8",
    "uint16": "u16", "uint32": "u32", "uint64": "u64", "float16": "f16", "float32": "f32",
    "float64": "f64", "bfloat16": "bf16", "float8_e4m3fn": "f8e4m3", "float8_e5m2": "f8e5m2",
}  # fmt: skip


def as_integer(x: object, what: str) -> int:
    """A constant integer; `what` names it in the message."""
    number = as_number(x)
    if number is None or type(number) is float or type(number) is bool:
        note = make_constant(x)
        raise CompileError(f"{what} must be a constant integer, found {describe(x)}", note)
    return int(number)


def make_constant(x: object) -> str | None:
    """The way out where a constant is expected and `x` was found."""
    match x:
        case ir.Value(name=str(name)):
            return f"make `{name}` a constant: a parameter annotated `tw.constexpr`"
        case ir.Value():
            return "make it a `tw.constexpr`"
    return None


def as_flag(x: object, what: str) -> bool:
    """A constant that is True or False."""
    number = as_number(x)
    if number is None or number not in (0, 1):
        raise CompileError(f"{what} must be True or False, found {describe(x)}")
    return bool(number)


def as_text(x: object, what: str) -> str:
    """A constant string."""
    if not isinstance(x, str):
        raise CompileError(f"{what} must be a constant string, found {describe(x)}")
    return x


def as_items(x: object, what: str) -> tuple[object, ...]:
    """A constant tuple (or list) of values."""
    if not isinstance(x, tuple | list):
        raise CompileError(f"{what} must be a tuple, found {describe(x)}")
    return tuple(x)


def as_shape(x: object) -> tuple[int, ...]:
    """A static shape: one positive constant or a tuple of up to five."""
    items = tuple(x) if isinstance(x, tuple | list) else (x,)
    shape = tuple([as_integer(item, "an extent of the shape") for item in items])
    for extent in shape:
        if extent < 1:
            raise CompileError(
                f"shape {shape} has the extent {extent}, expected at least 1",
                "tiles are never empty; arrays may be",
            )
    check_rank(len(shape))
    return shape


def check_rank(rank: int) -> None:
    """Refuse tiles of more axes than the language has."""
    if rank > MAX_RANK:
        raise CompileError(
            f"a tile of rank {rank}, expected at most {MAX_RANK} axes",
            "fold two axes into one, or loop over one of them",
        )


def as_axis(x: object, rank: int, what: str = "axis") -> int:
    """A constant axis of a tile of this rank, counted from the end where it is negative."""
    axis = as_integer(x, what)
    if not -rank <= axis < rank:
        allowed = f"{-rank} to {rank - 1}" if rank else "none: a scalar has no axes"
        raise CompileError(f"{what} {axis} of a tile of rank {rank}, expected {allowed}")
    return axis % rank


def as_axes(x: object, rank: int) -> tuple[int, ...]:
    """Constant axes in ascending order: None is all of them, or an axis, or a tuple of axes."""
    if x is None:
        return tuple(range(rank))
    items: Iterable[object] = x if isinstance(x, tuple | list) else (x,)
    axes = [as_axis(item, rank) for item in items]
    if len(set(axes)) < len(axes):
        raise CompileError(f"axes {tuple(axes)} name one twice, expected each once")
    return tuple(sorted(axes))


def as_dtype(x: object) -> Dtype:
    """A dtype: one of ours, its name, Python's `int`, `float`, `bool`, or NumPy's counterpart."""
    if isinstance(x, Dtype):
        return x
    if isinstance(x, str):
        if x in DTYPES_BY_NAME:
            return DTYPES_BY_NAME[x]
        raise CompileError(f"there is no dtype {x!r}", f"dtypes are {', '.join(DTYPES_BY_NAME)}")
    name = getattr(x, "__name__", None) or getattr(x, "name", None)
    if isinstance(name, str):
        if name in _OF_PYTHON:
            return _OF_PYTHON[name]
        if (found := _OF_NUMPY.get(name)) is not None:
            return DTYPES_BY_NAME[found]
    raise CompileError(f"expected a dtype, found {describe(x)}", "write `tw.f32`, `tw.i32`, ...")
