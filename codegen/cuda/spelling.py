"""C++ names: of types, constants and functions, and how elementwise ops are written."""

from __future__ import annotations

from math import inf, isfinite
from re import fullmatch
from struct import pack, unpack
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, f32, f64, i64, index, u32, u64

_INFIX: Final = {"add": "+", "sub": "-", "mul": "*"}
_BITWISE: Final = {"and": "&", "or": "|", "xor": "^"}
_LOGICAL: Final = {"and": "&&", "or": "||", "xor": "!="}
COMPARISONS: Final = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
# What C++ has no operator for, or one that does less than the language asks.
_BINARY: Final = {
    "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide",
    "floordiv": "floor_divide", "mod": "floor_modulo", "min": "minimum", "max": "maximum",
    "shl": "shift_left", "shr": "shift_right", "copysign": "copy_sign", "mulhi": "multiply_high",
    "div_near": "divide_near",
}  # fmt: skip
_UNARY: Final = {
    "neg": "negate", "abs": "magnitude", "sqrt": "square_root", "floor": "round_down",
    "ceil": "round_up", "round": "round_nearest", "trunc": "round_to_zero",
    "popcount": "count_bits", "clz": "leading_zeros", "rsqrt_guess": "rsqrt_guess",
    "exp": "exponential", "exp2": "power_of_two", "tanh": "hyperbolic_tangent",
    "isnan": "is_nan", "isinf": "is_infinite", "isfinite": "is_finite",
}  # fmt: skip
# Dtypes whose sums and products C++ computes as the language does; an index never wraps.
_EXACT: Final = (f32, f64, u32, u64, index)
# What is a 64-bit integer where an index is wanted: a name of one, or a literal.
_WIDE: Final = r"[A-Za-z_][\w.]*(\[\d+\])?|\d+ll"
_NEGATIVE: Final = r"\(-[\w.+-]+\)"  # a literal
# Words that a name must not be.
RESERVED: Final = frozenset(
    [
        "alignas",
        "alignof",
        "and",
        "asm",
        "auto",
        "bool",
        "break",
        "case",
        "catch",
        "char",
        "class",
        "concept",
        "const",
        "consteval",
        "constexpr",
        "constinit",
        "continue",
        "decltype",
        "default",
        "delete",
        "do",
        "double",
        "else",
        "enum",
        "explicit",
        "export",
        "extern",
        "false",
        "float",
        "for",
        "friend",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "mutable",
        "namespace",
        "new",
        "noexcept",
        "not",
        "nullptr",
        "operator",
        "or",
        "private",
        "protected",
        "public",
        "register",
        "requires",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "template",
        "this",
        "throw",
        "true",
        "try",
        "typedef",
        "typeid",
        "typename",
        "union",
        "unsigned",
        "using",
        "virtual",
        "void",
        "volatile",
        "wchar_t",
        "while",
        "xor",
        "i8",
        "i16",
        "i32",
        "i64",
        "u8",
        "u16",
        "u32",
        "u64",
        "f16",
        "bf16",
        "f32",
        "f64",
        "f8e4m3",
        "f8e5m2",
        "index",
        "add",
        "subtract",
        "multiply",
        "divide",
        "negate",
        "magnitude",
        "minimum",
        "maximum",
        "to",
        "bits",
        "inside",
        "fail",
        "arguments",
        "services",
        "scratch",
        "thread",
        "program",
        "lane",
        "warp",
        "shared",
        "meeting",
        "main",
    ]
)


def type_of(dtype: Dtype) -> str:
    """A dtype as values have it."""
    if dtype.element is not None:
        return f"{memory_type(dtype.element)}*"
    if dtype is index:
        return "i64"
    return "bool" if dtype.is_bool else dtype.name


def memory_type(dtype: Dtype) -> str:
    """A dtype as it lies in memory of the caller's: a `bool_` is any byte that is not 0."""
    return "u8" if dtype.is_bool else type_of(dtype)


def constant(value: bool | int | float, dtype: Dtype) -> str:
    """A literal."""
    if dtype.is_bool:
        return "true" if value else "false"
    if dtype.is_float:
        return _float(float(value), dtype)
    return _integer(int(value), dtype)


def elementwise(op: ir.Op, operands: list[str], fast: bool) -> str:
    """An elementwise op as an expression of names."""
    match op:
        case ir.Binary(kind, left):
            return _binary(kind, left.tile.dtype, operands, fast)
        case ir.Unary("neg", x) if x.tile.dtype.is_float:
            return f"-{operands[0]}"
        case ir.Unary("not", x):
            if x.tile.dtype.is_bool:
                return f"!{operands[0]}"
            return f"{type_of(x.tile.dtype)}(~{operands[0]})"
        case ir.Unary(kind):
            return f"{_UNARY[kind]}({bare(operands[0])})"
        case ir.Compare(kind):
            sides = [bare(x) if fullmatch(_NEGATIVE, x) else x for x in operands]
            return _infix(COMPARISONS[kind], op.operands[0].tile.dtype, sides)
        case ir.Select():
            return f"{operands[0]} ? {bare(operands[1])} : {bare(operands[2])}"
        case ir.Fma():
            return f"multiply_add({_listed(operands)})"
        case ir.Cast(x, dtype):
            return cast(operands[0], x.tile.dtype, dtype)
        case ir.Bitcast(x, dtype):
            return _bitcast(operands[0], x.tile.dtype, dtype)
        case ir.Offset():
            return f"{operands[0]} + {operands[1]}"
        case _:
            raise AssertionError(f"{op!r} is not elementwise")


def name_of(op: ir.Op) -> str:
    """What a value is called: as the user does, or by what it is."""
    return op.name or str(getattr(op, "kind", op.opname))


def cast(text: str, source: Dtype, target: Dtype) -> str:
    """A value in another dtype."""
    if type_of(source) == type_of(target):
        return text
    if target in (i64, index) and source.is_integer and source is not u64:
        return _widened(text)
    if source.is_pointer or target.is_pointer:
        return f"reinterpret_cast<{type_of(target)}>({text})"
    return f"to<{type_of(target)}>({bare(text)})"


def bare(text: str) -> str:
    """An expression without parentheses around all of it, for where none are needed."""
    inner = text[1:-1]
    is_enclosed = text[:1] == "(" and text[-1:] == ")" and _is_closed(inner)
    return bare(inner) if is_enclosed else text


def _is_closed(text: str) -> bool:
    """Whether each parenthesis of a text has its counterpart in it."""
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def widening(text: str) -> str:
    """A 64-bit integer for where C++ makes one of any other: without a cast that says so."""
    inner = text[4:-1]
    return inner if text.startswith("i64(") and text[-1] == ")" and _is_closed(inner) else text


def inside(position: str, extent: object) -> str:
    """Whether a position lies in an axis."""
    return f"inside({widening(bare(position))}, {extent})"


def _infix(sign: str, dtype: Dtype, operands: list[str]) -> str:
    """Two operands and an operator; next to a 64-bit integer no other must be made one."""
    a, b = operands
    if dtype is index and fullmatch(_WIDE, a) and fullmatch(r"\w+", widening(b)):
        b = widening(b)
    elif dtype is index and fullmatch(_WIDE, b) and fullmatch(r"\w+", widening(a)):
        a = widening(a)
    return f"{a} {sign} {b}"


def _listed(operands: list[str]) -> str:
    return ", ".join(map(bare, operands))


def _widened(text: str) -> str:
    """An integer of up to 32 bits in 64."""
    if text.isdecimal():
        return f"{text}ll"
    counter = fullmatch(r"i32\((\w+)\)", text)  # of a loop, which counts in 64 bits
    return counter[1] if counter else f"i64({bare(text)})"


def _binary(kind: str, dtype: Dtype, operands: list[str], fast: bool) -> str:
    a, b = operands
    if dtype.is_bool and kind in _LOGICAL:
        return f"{a} {_LOGICAL[kind]} {b}"
    if kind in _BITWISE:
        narrow = dtype.bits < 32
        text = f"{a} {_BITWISE[kind]} {b}"
        return f"{type_of(dtype)}({text})" if narrow else text
    if kind in _INFIX and dtype in _EXACT:
        return _infix(_INFIX[kind], dtype, operands)
    if kind == "div" and fast:
        return f"divide_fast({_listed(operands)})"
    return f"{_BINARY[kind]}({_listed(operands)})"


def _bitcast(text: str, source: Dtype, target: Dtype) -> str:
    if type_of(source) == type_of(target):
        return text
    if target.is_bool:
        return f"{text} != 0"
    if source.is_bool:
        return f"bits<{type_of(target)}>(to<u8>({text}))"
    return f"bits<{type_of(target)}>({text})"


def _float(value: float, dtype: Dtype) -> str:
    if dtype is f64:
        if isfinite(value):
            return _signed(repr(value), value)
        return f"bits<f64>({unpack('<Q', pack('<d', value))[0]:#x}ull)"
    if dtype is f32:
        if isfinite(value):
            trials = (float(f"{value:.{digits}g}") for digits in range(1, 10))
            short = next(trial for trial in trials if _rounded(trial) == value)
            return _signed(f"{short!r}f", value)
        return f"bits<f32>({unpack('<I', pack('<f', value))[0]:#x}u)"
    return f"to<{dtype.name}>({_float(value, f32)})"


def _rounded(value: float) -> float:
    try:
        found: float = unpack("<f", pack("<f", value))[0]
    except OverflowError:
        return inf
    return found


def _signed(text: str, value: float) -> str:
    return f"({text})" if text.startswith("-") else text


def _integer(value: int, dtype: Dtype) -> str:
    if dtype.bits < 32:
        return f"{type_of(dtype)}({value})"
    suffix = ("" if dtype.is_signed else "u") + ("ll" if dtype.bits == 64 else "")
    if value == -(1 << (dtype.bits - 1)) and dtype.is_signed:
        return f"(-{-(value + 1)}{suffix} - 1)"
    return f"({value}{suffix})" if value < 0 else f"{value}{suffix}"
