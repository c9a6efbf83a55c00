"""The functions on tiles: everything that `tw.` offers in kernels (LANGUAGE.md section 6)."""

from . import (
    atomics,
    build,
    choose,
    debug,
    grid,
    hints,
    math,
    matrix,
    memory,
    order,
    python,
    random,
    reduce,
    shape,
    structs,
)
from .memory import BlockSlice, load_at, store_at
from .python import LoopRange
from .shape import transpose
from .subscript import subscript
from .table import PUBLIC, Builtin, Context, find_builtin, find_method

DOT = matrix.dot

__all__ = [
    "DOT", "PUBLIC", "BlockSlice", "Builtin", "Context", "LoopRange", "atomics", "build", "choose",
    "debug", "find_builtin", "find_method", "grid", "hints", "load_at", "math", "matrix", "memory",
    "order", "python", "random", "reduce", "shape", "store_at", "structs", "subscript", "transpose",
]  # fmt: skip
