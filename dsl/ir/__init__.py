"""The IR: a typed, structured, immutable form of a kernel, with a text that parses back."""

from .builder import Builder
from .core import OPS, Block, Effect, Function, Op, Parameter, Result, Role, Value
from .ops import (
    Address,
    ArgReduce,
    Assert,
    Assume,
    Binary,
    Bitcast,
    Break,
    Breakpoint,
    Broadcast,
    Cast,
    Check,
    Compare,
    Concat,
    Const,
    Continue,
    Dot,
    Extent,
    Flip,
    Fma,
    For,
    If,
    Inlined,
    Iota,
    Load,
    LoadPointer,
    NumPrograms,
    Offset,
    Permute,
    Print,
    ProgramId,
    Reduce,
    ReduceWith,
    Reshape,
    Return,
    Scan,
    ScanWith,
    Select,
    Slice,
    Store,
    StorePointer,
    Stride,
    SubArray,
    Unary,
    While,
    Yield,
)
from .rewrite import (
    Rewriter,
    Splice,
    clone,
    clone_ops,
    copy_origin,
    free_values,
    rebuild,
    uses,
    walk,
)
from .show import show, show_op
from .verify import condition_type, find_faults, holds, show_faults, verify

Function.__str__ = show  # type: ignore[method-assign,assignment]

__all__ = [
    "OPS", "Address", "ArgReduce", "Assert", "Assume", "Binary", "Bitcast", "Block", "Break",
    "Breakpoint", "Broadcast", "Builder", "Cast", "Check", "Compare", "Concat", "Const", "Continue",
    "Dot", "Effect", "Extent", "Flip", "Fma", "For", "Function", "If", "Inlined", "Iota", "Load",
    "LoadPointer", "NumPrograms", "Offset", "Op", "Parameter", "Permute", "Print", "ProgramId",
    "Reduce", "ReduceWith", "Reshape", "Result", "Return", "Rewriter", "Role", "Scan", "ScanWith",
    "Select", "Slice", "Splice", "Store", "StorePointer", "Stride", "SubArray", "Unary", "Value",
    "While", "Yield", "clone", "clone_ops", "condition_type", "copy_origin", "find_faults",
    "free_values", "holds", "rebuild", "show", "show_faults", "show_op", "uses", "verify", "walk",
]  # fmt: skip
