"""LLVM instructions of elementwise ops: one function per op, from operands to a result.

Each takes operands that all have the same number of lanes (0: scalars) and appends to one level.
"""

from __future__ import annotations

from struct import pack, unpack
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, u64

from .emit_guess import emit_guess
from .spelling import (
    FLOAT_COMPARISONS,
    FLOAT_FUNCTIONS,
    FLOAT_OPERATORS,
    FLOAT_OPPOSITES,
    INTEGER_OPERATORS,
    SIGNED_COMPARISONS,
    UNSIGNED_COMPARISONS,
    element,
    splat,
    vector,
)
from .writer import Level, Val, Writer

SMALL: Final = 2**51  # what `convert_small` takes is less, either way


def emit_elementwise(
    writer: Writer, op: ir.Op, operands: list[Val], level: Level, flags: str
) -> Val:
    """Append what computes an op; `flags` are LLVM's fast-math flags, if any."""
    match op:
        case ir.Unary():
            return _unary(writer, op, level, flags, *operands)
        case ir.Binary():
            return _binary(writer, op, level, flags, *operands)
        case ir.Compare():
            return _compare(writer, op, level, *operands)
        case ir.Select():
            return _select(writer, level, *operands)
        case ir.Fma():
            return writer.call("fma", operands[0].element, operands[0].lanes, operands, level)
        case ir.Cast():
            return _cast(writer, op, level, *operands)
        case ir.Bitcast():
            return _bitcast(writer, op, level, *operands)
        case ir.Offset():
            return _offset(writer, op, level, *operands)
        case _:
            raise AssertionError(op)


def _unary(writer: Writer, op: ir.Unary, level: Level, flags: str, x: Val) -> Val:
    dtype = op.x.tile.dtype
    kind = op.kind
    match kind:
        case "neg" if dtype.is_float:
            return writer.put(f"fneg {flags}{x}", x.element, x.lanes, level)
        case "neg":
            return writer.put(f"sub {x.type} {_zero(x)}, {x.text}", x.element, x.lanes, level)
        case "not" if x.text in writer.opposites:
            return writer.put(writer.opposites[x.text], "i1", x.lanes, level)
        case "not":
            ones = splat("true" if dtype.is_bool else "-1", x.element, x.lanes)
            return writer.put(f"xor {x}, {ones}", x.element, x.lanes, level)
        case "abs" if dtype.is_integer and not dtype.is_signed:
            return x
        case "abs" if dtype.is_integer:
            return writer.call("abs", x.element, x.lanes, [x, "i1 false"], level)
        case "popcount":
            return writer.call("ctpop", x.element, x.lanes, [x], level)
        case "clz":
            return writer.call("ctlz", x.element, x.lanes, [x, "i1 false"], level)
        case "isnan":
            return writer.put(f"fcmp uno {x}, {x.text}", "i1", x.lanes, level)
        case "floor" | "ceil" | "round" | "trunc" if dtype.is_integer:
            return x
        case "rsqrt_guess":
            return emit_guess(writer, x, level)
        case _:
            return writer.call(FLOAT_FUNCTIONS[kind], x.element, x.lanes, [x], level)


def _binary(writer: Writer, op: ir.Binary, level: Level, flags: str, a: Val, b: Val) -> Val:
    dtype = op.left.tile.dtype
    kind = op.kind
    if kind in ("min", "max"):
        return emit_extreme(writer, kind, a, b, dtype, level)
    if dtype.is_float:
        if kind == "copysign":
            if a.element == "float" and a.lanes <= 1:
                return _copy_sign(writer, a, b, level)
            return writer.call("copysign", a.element, a.lanes, [a, b], level)
        return writer.put(
            f"{FLOAT_OPERATORS[kind]} {flags}{a}, {b.text}", a.element, a.lanes, level
        )
    if kind in INTEGER_OPERATORS:
        return writer.put(f"{INTEGER_OPERATORS[kind]} {a}, {b.text}", a.element, a.lanes, level)
    if kind in ("shl", "shr"):
        return _shift(writer, kind, a, b, dtype, level)
    if kind == "mulhi":
        return _multiply_high(writer, a, b, level)
    return _divide(writer, kind, a, b, dtype, level)


def _copy_sign(writer: Writer, a: Val, b: Val, level: Level) -> Val:
    """Of one number, by its bits: where the sign is that of a rounded `double` and the result
    becomes `half`, LLVM would round that `double` to `half` by a function that nobody has.
    """
    kind, whole = vector("i32", a.lanes), vector("float", a.lanes)
    parts = []
    for x, mask in ((a, 0x7FFFFFFF), (b, -0x80000000)):
        bits = writer.put(f"bitcast {x} to {kind}", "i32", a.lanes, level)
        masks = splat(str(mask), "i32", a.lanes)
        parts.append(writer.put(f"and {bits}, {masks}", "i32", a.lanes, level))
    both = writer.put(f"or {parts[0]}, {parts[1].text}", "i32", a.lanes, level)
    return writer.put(f"bitcast {both} to {whole}", "float", a.lanes, level)


def emit_extreme(writer: Writer, kind: str, a: Val, b: Val, dtype: Dtype, level: Level) -> Val:
    """The larger or smaller; of floats NaN if either is."""
    if not dtype.is_float:
        if dtype.is_bool:
            return writer.put(
                f"{'or' if kind == 'max' else 'and'} {a}, {b.text}", "i1", a.lanes, level
            )
        name = ("s" if dtype.is_signed else "u") + kind
        return writer.call(name, a.element, a.lanes, [a, b], level)
    compare = "ogt" if kind == "max" else "olt"
    better = writer.put(f"fcmp {compare} {a}, {b.text}", "i1", a.lanes, level)
    chosen = writer.put(f"select {better}, {a}, {b}", a.element, a.lanes, level)
    unordered = writer.put(f"fcmp uno {a}, {a.text}", "i1", a.lanes, level)
    return writer.put(f"select {unordered}, {a}, {chosen}", a.element, a.lanes, level)


def _compare(writer: Writer, op: ir.Compare, level: Level, a: Val, b: Val) -> Val:
    dtype = op.left.tile.dtype
    if dtype.is_float:
        test = writer.put(f"fcmp {FLOAT_COMPARISONS[op.kind]} {a}, {b.text}", "i1", a.lanes, level)
        writer.opposites[test.text] = f"fcmp {FLOAT_OPPOSITES[op.kind]} {a}, {b.text}"
        return test
    table = SIGNED_COMPARISONS if dtype.is_signed else UNSIGNED_COMPARISONS
    return writer.put(f"icmp {table[op.kind]} {a}, {b.text}", "i1", a.lanes, level)


def _select(writer: Writer, level: Level, condition: Val, yes: Val, no: Val) -> Val:
    return writer.put(f"select {condition}, {yes}, {no}", yes.element, yes.lanes, level)


def _cast(writer: Writer, op: ir.Cast, level: Level, x: Val) -> Val:
    source, target = op.x.tile.dtype, op.dtype
    if source.is_pointer and target is not source:
        x = writer.put(f"ptrtoint {x} to {vector('i64', x.lanes)}", "i64", x.lanes, level)
        source = u64
    to = element(target)
    whole = vector(to, x.lanes)
    if source is target or (to == x.element and not (source.is_float or target.is_float)):
        return x
    if target.is_bool:
        test = "fcmp une" if source.is_float else "icmp ne"
        return writer.put(f"{test} {x}, {_zero(x)}", "i1", x.lanes, level)
    if source.is_bool:
        how = "uitofp" if target.is_float else "zext"
    elif source.is_float and target.is_float:
        how = "fpext" if source.bits < target.bits else "fptrunc"
    elif source.is_float:
        name = "fptosi.sat" if target.is_signed else "fptoui.sat"
        from_name = {"float": "f32", "double": "f64", "half": "f16"}[x.element]
        prefix = f"v{x.lanes}" if x.lanes else ""
        return writer.call(
            name, to, x.lanes, [x], level, overloads=f"{prefix}{to}.{prefix}{from_name}"
        )
    elif target.is_float:
        how = "sitofp" if source.is_signed else "uitofp"
    elif target.bits < source.bits:
        how = "trunc"
    else:
        how = "sext" if source.is_signed else "zext"
    return writer.put(f"{how} {x} to {whole}", to, x.lanes, level)


def convert_small(writer: Writer, x: Val, to: str, level: Level) -> Val:
    """Integers of 64 bits, less than 2^51 in size, as floats: in the low bits of a large `double`
    they stand as they are. They are exact there, and rounded once.
    """
    large = 3 * 2**51
    kind, doubles = vector("i64", x.lanes), vector("double", x.lanes)
    bits = unpack("<q", pack("<d", float(large)))[0]
    moved = writer.put(f"add {x}, {splat(str(bits), 'i64', x.lanes)}", "i64", x.lanes, level)
    sums = writer.put(f"bitcast {kind} {moved.text} to {doubles}", "double", x.lanes, level)
    number = splat(f"{large}.0", "double", x.lanes)
    found = writer.put(f"fsub {sums}, {number}", "double", x.lanes, level)
    if to == "double":
        return found
    return writer.put(f"fptrunc {found} to {vector(to, x.lanes)}", to, x.lanes, level)


def _bitcast(writer: Writer, op: ir.Bitcast, level: Level, x: Val) -> Val:
    to = element(op.dtype)
    if to == x.element:
        return x
    if op.dtype.is_bool:
        return writer.put(f"icmp ne {x}, {_zero(x)}", "i1", x.lanes, level)
    if x.element == "i1":  # a byte in memory
        return writer.put(f"zext {x} to {vector(to, x.lanes)}", to, x.lanes, level)
    return writer.put(f"bitcast {x} to {vector(to, x.lanes)}", to, x.lanes, level)


def _offset(writer: Writer, op: ir.Offset, level: Level, pointer: Val, count: Val) -> Val:
    pointee = op.pointer.tile.dtype.element
    assert pointee is not None
    memory = "i8" if pointee.is_bool else element(pointee)
    if count.element != "i64":
        how = "sext" if op.count.tile.dtype.is_signed else "zext"
        count = writer.put(
            f"{how} {count} to {vector('i64', count.lanes)}", "i64", count.lanes, level
        )
    return writer.put(f"getelementptr {memory}, {pointer}, {count}", "ptr", pointer.lanes, level)


def _zero(x: Val) -> str:
    return (
        "zeroinitializer"
        if x.lanes
        else ("0.0" if x.element in ("float", "double", "half") else "0")
    )


def _multiply_high(writer: Writer, a: Val, b: Val, level: Level) -> Val:
    """The upper half of products, by way of twice the bits."""

    def put(text: str, kind: str) -> Val:
        return writer.put(text, kind, a.lanes, level)

    wide = vector("i64", a.lanes)
    left, right = (put(f"zext {x} to {wide}", "i64") for x in (a, b))
    product = put(f"mul {left}, {right.text}", "i64")
    upper = put(f"lshr {product}, {splat('32', 'i64', a.lanes)}", "i64")
    return put(f"trunc {upper} to {a.type}", a.element)


def _shift(writer: Writer, kind: str, a: Val, b: Val, dtype: Dtype, level: Level) -> Val:
    """Shift; LLVM leaves a count of the width or more undefined, the language does not."""
    bits = int(a.element[1:])
    limit = splat(str(bits), a.element, a.lanes)
    inside = writer.put(f"icmp ult {b}, {limit}", "i1", a.lanes, level)
    if kind == "shr" and dtype.is_signed:
        most = splat(str(bits - 1), a.element, a.lanes)
        count = writer.put(f"select {inside}, {b}, {b.type} {most}", a.element, a.lanes, level)
        return writer.put(f"ashr {a}, {count.text}", a.element, a.lanes, level)
    count = writer.put(f"select {inside}, {b}, {b.type} {_zero(b)}", a.element, a.lanes, level)
    shifted = writer.put(
        f"{'shl' if kind == 'shl' else 'lshr'} {a}, {count.text}", a.element, a.lanes, level
    )
    return writer.put(f"select {inside}, {shifted}, {a.type} {_zero(a)}", a.element, a.lanes, level)


def _divide(writer: Writer, kind: str, a: Val, b: Val, dtype: Dtype, level: Level) -> Val:
    """Floor division and modulo; by zero 0. The machine traps on zero and on least / -1."""

    def put(text: str, kind: str = a.element) -> Val:
        return writer.put(text, kind, a.lanes, level)

    zero, one = _zero(a), splat("1", a.element, a.lanes)
    by_zero = put(f"icmp eq {b}, {zero}", "i1")
    if not dtype.is_signed:
        safe = put(f"select {by_zero}, {a.type} {one}, {b}")
        result = put(f"{'udiv' if kind == 'floordiv' else 'urem'} {a}, {safe.text}")
        return put(f"select {by_zero}, {a.type} {zero}, {result}")
    by_minus = put(f"icmp eq {b}, {splat('-1', a.element, a.lanes)}", "i1")
    unsafe = put(f"or {by_zero}, {by_minus.text}", "i1")
    safe = put(f"select {unsafe}, {a.type} {one}, {b}")
    rest = put(f"srem {a}, {safe.text}")
    uneven = put(f"icmp ne {rest}, {zero}", "i1")
    signs = put(f"xor {rest}, {safe.text}")
    opposite = put(f"icmp slt {signs}, {zero}", "i1")
    low = put(f"and {uneven}, {opposite.text}", "i1")
    if kind == "mod":
        lifted = put(f"add {rest}, {safe.text}")
        result = put(f"select {low}, {lifted}, {rest}")
        return put(f"select {unsafe}, {a.type} {zero}, {result}")
    quotient = put(f"sdiv {a}, {safe.text}")
    less = put(f"sub {quotient}, {one}")
    result = put(f"select {low}, {less}, {quotient}")
    negative = put(f"sub {a.type} {zero}, {a.text}")
    result = put(f"select {by_minus}, {negative}, {result}")
    return put(f"select {by_zero}, {a.type} {zero}, {result}")
