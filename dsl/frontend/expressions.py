"""Operators, comparisons, choices and constants: what an expression is worth."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from .. import ir
from ..builtins import Builtin
from ..builtins.arithmetic import binary, compare, select, truth, unary
from ..builtins.values import SYMBOLS, as_operand, common_dtype, common_shape
from ..definition import is_same_constant
from ..errors import CompileError
from ..structs import class_of, is_struct, items_of, rebuild
from ..types import Dtype, Tile, bool_, scalar
from .merge import (
    Form,
    Thing,
    Weak,
    flatten,
    flatten_things,
    form_of,
    forms_beside,
    is_settled,
    join,
    reweakened,
    settled,
    unflatten,
)
from .scope import Frame, Lowering, Made, describe_thing, has_value


class Lambda(Made):
    """A `lambda` of the kernel: inlined where it is called, with the names of where it stands."""

    __slots__ = ("frame", "node")

    def __init__(self, node: ast.Lambda, frame: Frame) -> None:
        self.node = node
        self.frame = frame


class Expressions:
    """Evaluates expressions: constants by Python, everything else into ops."""

    def __init__(self, lowering: Lowering, dot: Builtin) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.dot = dot
        self.handlers: dict[type, Callable[..., Thing]] = {
            ast.BinOp: self._binary,
            ast.UnaryOp: self._unary,
            ast.Compare: self._compare,
            ast.BoolOp: self._logic,
            ast.IfExp: self._choice,
            ast.Tuple: self._tuple,
            ast.JoinedStr: self._text,
            ast.Lambda: lambda node: Lambda(node, lowering.frame),
        }

    def evaluate(self, node: ast.expr) -> Thing:
        """What an expression is worth here; errors raised below it get its place."""
        kind = node.__class__
        if kind is ast.Constant:
            return self._constant(node)
        lowering = self.lowering
        if kind is ast.Name:  # no op comes of a name: its place is not needed but for errors
            try:
                return lowering.name(node)  # type: ignore[arg-type]
            except CompileError as error:
                lowering.locate(error, lowering.frame.place(node))
                raise
        builder = self.builder
        outer = builder.location
        location = builder.location = lowering.frame.place(node)
        try:
            handler = self.handlers.get(kind)
            if handler is None:
                raise unsupported(node)
            return handler(node)
        except CompileError as error:
            lowering.locate(error, location)
            raise
        finally:
            builder.location = outer

    def operate(self, kind: str, left: Thing, right: Thing) -> Thing:
        """An arithmetic operator on two things."""
        if self.lowering.guessing and (isinstance(left, Weak) or isinstance(right, Weak)):
            return _weakened(lambda x, y: self.operate(kind, x, y), left, right)
        if kind == "matmul":
            return self.lowering.apply(self.dot, (left, right), {})
        if not isinstance(left, _OPERANDS) or not isinstance(right, _OPERANDS):
            raise _no_operand(kind, right if isinstance(left, _OPERANDS) else left)
        result: Thing = binary(self.builder, kind, left, right)
        return result

    def compare(self, operator: ast.cmpop, left: Thing, right: Thing) -> Thing:
        """One comparison; `is`, `in` and those of what is no number happen at compile time."""
        match operator:
            case ast.Is() | ast.IsNot():
                return _is_same(left, right) == isinstance(operator, ast.Is)
            case ast.In() | ast.NotIn():
                return self._contains(left, right) == isinstance(operator, ast.In)
        if isinstance(left, Weak) or isinstance(right, Weak):
            return _weakened(lambda x, y: self.compare(operator, x, y), left, right)
        kind = _COMPARISONS[type(operator)]
        if kind in ("eq", "ne") and not _is_number(left) and not _is_number(right):
            same = _is_equal(left, right)
            return same if kind == "eq" else not same
        return compare(self.builder, kind, left, right)

    def truth(self, thing: Thing, what: str) -> Thing:
        """Whether something counts as true: a `bool`, a boolean value, or a weak boolean.

        Tiles must be boolean already; `what` names the use in the message.
        """
        if isinstance(thing, Weak):
            return Weak(bool)
        if not isinstance(thing, ir.Value):
            if isinstance(thing, bool | int | float | str | tuple) or thing is None:
                return bool(thing)
            raise CompileError(f"{what} is {describe_thing(thing)}, expected a truth value")
        if not isinstance(thing.type, Tile):
            raise CompileError(
                f"{what} is {describe_thing(thing)}, expected a truth value",
                f"read an element of it: `{thing.name}[i] > 0`",
            )
        if thing.shape and thing.tile.dtype is not bool_:
            raise CompileError(
                f"{what} is {describe_thing(thing)}, expected a boolean tile",
                "compare it with something, as in `v != 0`",
            )
        return truth(self.builder, thing)

    def _constant(self, node: ast.expr) -> Thing:
        value: object = node.value  # type: ignore[attr-defined]
        if isinstance(value, bytes | complex):
            with self.lowering.under(node):
                raise CompileError(
                    f"a constant of type {type(value).__name__} has no meaning in kernels",
                    "kernels have integers, floats and booleans",
                )
        return value

    def _tuple(self, node: ast.Tuple) -> Thing:
        return tuple(self.several(node.elts))

    def several(self, nodes: Sequence[ast.expr]) -> list[Thing]:
        """The worth of several expressions, starred tuples spread out."""
        things: list[Thing] = []
        for node in nodes:
            if not isinstance(node, ast.Starred):
                things.append(self.evaluate(node))
                continue
            spread = self.evaluate(node.value)
            if not isinstance(spread, tuple):
                with self.lowering.under(node):
                    raise CompileError(f"`*` before {describe_thing(spread)}, expected a tuple")
            things += spread
        return things

    def _binary(self, node: ast.BinOp) -> Thing:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        return self.operate(OPERATORS[node.op.__class__], left, right)

    def _unary(self, node: ast.UnaryOp) -> Thing:
        operand = self.evaluate(node.operand)
        if node.op.__class__ is ast.Not:
            return self._negate(self.truth(operand, "the operand of `not`"))
        kind = _UNARY[node.op.__class__]
        if isinstance(operand, Weak):
            return _weakened(lambda x, _: unary(self.builder, kind, x), operand, None)
        if not isinstance(operand, _OPERANDS):
            raise _no_operand(kind, operand)
        return unary(self.builder, kind, operand)

    def _negate(self, value: Thing) -> Thing:
        match value:
            case bool():
                return not value
            case ir.Value():
                return unary(self.builder, "not", value)
        return value

    def _compare(self, node: ast.Compare) -> Thing:
        left = self.evaluate(node.left)
        right = self.evaluate(node.comparators[0])
        result = self.compare(node.ops[0], left, right)
        for operator, comparator in zip(node.ops[1:], node.comparators[1:], strict=True):
            middle = right
            passed: list[Thing] = []

            def link(
                operator: ast.cmpop = operator,
                comparator: ast.expr = comparator,
                middle: Thing = middle,
                passed: list[Thing] = passed,
            ) -> Thing:
                passed.append(self.evaluate(comparator))
                return self.compare(operator, middle, passed[0])

            result = self._short_circuit("and", node, result, link)
            if not passed:  # known to be false before this link
                return result
            right = passed[0]
        return result

    def _logic(self, node: ast.BoolOp) -> Thing:
        kind = "and" if isinstance(node.op, ast.And) else "or"
        result = self.evaluate(node.values[0])
        for value in node.values[1:]:
            result = self._short_circuit(kind, node, result, partial(self.evaluate, value))
        return result

    def _short_circuit(
        self, kind: str, node: ast.expr, left: Thing, rest: Callable[[], Thing]
    ) -> Thing:
        """`left and rest` or `left or rest`; of scalars `rest` happens only if it decides."""
        known = self.truth(left, f"the left of `{kind}`")
        if isinstance(known, bool):
            return rest() if known == (kind == "and") else left
        if isinstance(known, Weak):
            right = rest()
            return Weak(type(right)) if isinstance(right, bool | int | float) else right
        assert isinstance(known, ir.Value)
        if known.shape:
            return self._logic_of_tiles(kind, known, rest())
        with self.builder.inside() as block:
            right = rest()
        if isinstance(right, ir.Value) and isinstance(right.type, Tile) and right.shape:
            self.builder.block.ops += block.ops
            return self._logic_of_tiles(kind, known, right)
        both_bool = form_of(left) == form_of(right) == scalar(bool_)
        if both_bool and is_speculable(block):
            self.builder.block.ops += block.ops
            return binary(self.builder, kind, known, right)
        with self.builder.inside() as other:
            pass
        if _is_boolean(left) is not _is_boolean(right):  # what Python would give has no one type
            left = known
            with self.builder.inside() as converted:
                self.builder.block.ops += block.ops
                right = self.truth(right, f"the right of `{kind}`")
            block = converted
        sides = ((right, block), (left, other))
        return self._branch(node, known, *(sides if kind == "and" else sides[::-1]))

    def _logic_of_tiles(self, kind: str, left: ir.Value, right: Thing) -> Thing:
        known = self.truth(right, f"the right of `{kind}`")
        if isinstance(known, Weak):
            known = True
        return binary(self.builder, kind, left, known)

    def _choice(self, node: ast.IfExp) -> Thing:
        condition = self.truth(self.evaluate(node.test), "the condition")
        if isinstance(condition, bool):
            return self.evaluate(node.body if condition else node.orelse)
        if isinstance(condition, Weak):
            condition = self.builder.add(ir.Const(True, scalar(bool_)))
        assert isinstance(condition, ir.Value)
        if condition.shape:
            yes, no = self.evaluate(node.body), self.evaluate(node.orelse)
            return self._select(node, condition, yes, no)
        with self.builder.inside() as then:
            yes = self.evaluate(node.body)
        with self.builder.inside() as orelse:
            no = self.evaluate(node.orelse)
        return self._branch(node, condition, (yes, then), (no, orelse))

    def _select(self, node: ast.expr, condition: ir.Value, yes: Thing, no: Thing) -> Thing:
        """One of two things for each lane; of structs field by field."""
        if yes is no and is_struct(yes):
            return yes
        if is_struct(yes) and is_struct(no):
            kind, pairs = class_of(yes), (items_of(yes), items_of(no))
            if kind is class_of(no) and len(pairs[0]) == len(pairs[1]):
                return rebuild(
                    kind,
                    [
                        x if x is y else self._select(node, condition, x, y)
                        for x, y in zip(*pairs, strict=True)
                    ],
                )
        if is_struct(yes) or is_struct(no):  # refused, with both forms in the message
            place = lambda: self.lowering.frame.place(node)  # noqa: E731
            join(ast.unparse(node), [(form_of(yes), place), (form_of(no), place)])
        if not has_value(yes) and not has_value(no) and _is_equal(yes, no):
            return yes
        return _weakened(lambda x, y: select(self.builder, condition, x, y), yes, no)

    def _branch(
        self,
        node: ast.expr,
        condition: ir.Value,
        then: tuple[Thing, ir.Block],
        orelse: tuple[Thing, ir.Block],
    ) -> Thing:
        """One of two values lowered into blocks; by a select where both blocks are harmless."""
        builder, frame = self.builder, self.lowering.frame
        sides = (then, orelse)
        form: Form
        things = [_sample(thing) for thing, _ in sides]
        if any(map(_is_computed, things)) and all(map(_is_number, things)):  # operands promote
            operands = [as_operand(thing) for thing in things]
            form = Tile(common_dtype(*operands), common_shape(*operands))
        else:
            place = lambda: frame.place(node)  # noqa: E731
            forms_there = forms_beside([thing for thing, _ in sides])
            form = join(ast.unparse(node), [(there, place) for there in forms_there])
        is_weak = not is_settled(form) and any(_has_weak(thing) for thing, _ in sides)
        if isinstance(form, Weak) and is_weak:
            return form
        forms: list[Form] = [settled(form)]
        values: list[list[ir.Value]] = []
        outer = builder.block
        for thing, block in sides:
            builder.block = block
            values.append(flatten_things(builder, forms, [thing]))
        builder.block = outer
        results: Sequence[ir.Value]
        if all(is_speculable(block) for _, block in sides):
            for _, block in sides:
                outer.ops += block.ops
            results = [
                builder.add(ir.Select(condition, yes, no)) if yes is not no else yes
                for yes, no in zip(*values, strict=True)
            ]
        else:
            for (_, block), given in zip(sides, values, strict=True):
                end = ir.Yield(tuple(given))
                end.loc = builder.location
                block.ops.append(end)
            results = builder.add(ir.If(condition, then[1], orelse[1])).results
        assert len(results) == len(flatten(forms))
        result = unflatten(forms, iter(results))[0]
        return reweakened(form, result) if is_weak else result

    def _text(self, node: ast.JoinedStr) -> Thing:
        """An f-string of compile-time constants."""
        parts: list[str] = []
        for part in node.values:
            match part:
                case ast.Constant(value):
                    parts.append(str(value))
                case ast.FormattedValue(value, conversion, specification):
                    parts.append(self._formatted(value, conversion, specification))
        return "".join(parts)

    def _formatted(self, node: ast.expr, conversion: int, specification: ast.expr | None) -> str:
        thing = self.evaluate(node)
        if has_value(thing):
            with self.lowering.under(node):
                raise CompileError(
                    f"an f-string holds {describe_thing(thing)}, expected a compile-time constant",
                    'print values as in `print("x", x)`',
                )
        text = thing if specification is None else self.evaluate(specification)
        match conversion:
            case 114:
                thing = repr(thing)
            case 115:
                thing = str(thing)
            case 97:
                thing = ascii(thing)
        shape = "" if specification is None else str(text)
        try:
            return format(thing, shape)
        except (TypeError, ValueError) as error:
            with self.lowering.under(node):
                raise CompileError(
                    f"the format {shape!r} of {describe_thing(thing)}: {error}",
                    "f-strings are formatted by Python, when compiling",
                ) from None

    def _contains(self, item: Thing, container: Thing) -> bool:
        if isinstance(container, str) and isinstance(item, str):
            return item in container
        if not isinstance(container, tuple):
            raise CompileError(
                f"`in` of {describe_thing(container)}, expected a compile-time tuple"
            )
        if has_value(item) or has_value(container):
            raise CompileError(
                "`in` of values that are known at run time only",
                "compare them one by one with `==`",
            )
        return any(_is_equal(item, other) for other in container)


OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.LShift: "shl", ast.RShift: "shr", ast.BitOr: "or",
    ast.BitXor: "xor", ast.BitAnd: "and", ast.MatMult: "matmul",
}  # fmt: skip
_UNARY: Final[dict[type[ast.unaryop], str]] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "not"}
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip

# What Python has and kernels do not: its name, and the way out.
_UNSUPPORTED: Final[dict[type[ast.AST], tuple[str, str | None]]] = {
    ast.List: ("a list", "use a tuple"),
    ast.Dict: ("a dictionary", "use variables, a tuple or a NamedTuple"),
    ast.Set: ("a set", "use a tuple"),
    ast.ListComp: ("a list comprehension", "write a loop, or a tuple"),
    ast.SetComp: ("a set comprehension", "write a loop, or a tuple"),
    ast.DictComp: ("a dictionary comprehension", "write a loop, or a tuple"),
    ast.GeneratorExp: ("a generator expression", "write a loop, or a tuple"),
    ast.NamedExpr: ("`:=`", "assign in a statement of its own"),
    ast.Await: ("`await`", "await outside, and launch with the result"),
    ast.Yield: ("`yield`", "store the value in an array"),
    ast.YieldFrom: ("`yield from`", "store the values in an array"),
    ast.Starred: ("`*` here", None),
    ast.Slice: ("a slice here", "write `tw.block(start, N)`"),
    ast.With: ("`with`", "put it around the launch"),
    ast.AsyncWith: ("`async with`", "put it around the launch"),
    ast.AsyncFor: ("`async for`", "loop over `range(...)`"),
    ast.Try: ("`try`", "test the condition with `if`; `assert` reports what must not happen"),
    ast.TryStar: ("`try`", "test the condition with `if`; `assert` reports what must not happen"),
    ast.Raise: ("`raise`", "use `assert condition, message`"),
    ast.Import: ("`import`", "import outside the kernel"),
    ast.ImportFrom: ("`import`", "import outside the kernel"),
    ast.Global: ("`global`", "pass an array and store into it"),
    ast.Nonlocal: ("`nonlocal`", "return the value from the function"),
    ast.FunctionDef: ("a nested function", "define it outside with `@tw.func`"),
    ast.AsyncFunctionDef: ("a nested function", "define it outside with `@tw.func`"),
    ast.ClassDef: ("a class", "define it outside, as a NamedTuple or a frozen dataclass"),
    ast.Delete: ("`del`", "leave it out: values need not be freed"),
    ast.Match: ("`match`", "use `if` and `elif`"),
}


def unsupported(node: ast.AST) -> CompileError:
    """The error for a piece of Python that kernels do not have."""
    what, note = _UNSUPPORTED.get(type(node), (f"this ({type(node).__name__})", None))
    return CompileError(f"{what} is not supported in kernels", note)


def is_speculable(block: ir.Block) -> bool:
    """Whether running the ops when they are not asked for is harmless and cheap."""
    return len(block.ops) <= _SPECULATED_OPS and all(
        op.effect is ir.Effect.PURE and getattr(op, "kind", "") not in ("floordiv", "mod")
        for op in block.ops
    )


_SPECULATED_OPS: Final = 16  # beyond this a branch costs less than computing both sides


def _sample(thing: Thing) -> Thing:
    return thing.sample if isinstance(thing, Weak) else thing


def _has_weak(thing: Thing) -> bool:
    if is_struct(thing):
        return any(map(_has_weak, items_of(thing)))
    return isinstance(thing, Weak)


def _weakened(function: Callable[[Thing, Thing], Thing], x: Thing, y: Thing) -> Thing:
    """What a function gives where a weak number may stand: numbers that come out are weak again."""
    if not isinstance(x, Weak) and not isinstance(y, Weak):
        return function(x, y)
    beside = y if isinstance(x, Weak) else x
    if isinstance(beside, bool | int | float):  # its value may not fit the sample: only types count
        beside = type(beside)(1)
    x, y = (x.sample, _sample(beside)) if isinstance(x, Weak) else (beside, _sample(y))
    result = function(x, y)
    return Weak(type(result)) if isinstance(result, bool | int | float) else result


def _is_computed(thing: Thing) -> bool:
    return isinstance(thing, ir.Value) and isinstance(thing.type, Tile)


def _is_boolean(thing: Thing) -> bool:
    if isinstance(thing, ir.Value):
        return isinstance(thing.type, Tile) and thing.type.dtype is bool_
    return isinstance(thing, bool) or (isinstance(thing, Weak) and thing.python_type is bool)


def _is_number(thing: Thing) -> bool:
    return isinstance(thing, ir.Value | bool | int | float)


def _is_same(left: Thing, right: Thing) -> bool:
    """`is`, decided at compile time."""
    for thing in (left, right):
        if isinstance(thing, ir.Value | Weak) and left is not None and right is not None:
            raise CompileError(
                f"`is` of {describe_thing(left)} and {describe_thing(right)}",
                "compare values with `==`; `is` is for None, dtypes and other constants",
            )
    return _is_equal(left, right)


def _is_equal(left: Thing, right: Thing) -> bool:
    """`==` of compile-time constants; computed values are refused."""
    match left, right:
        case (ir.Value(), None) | (None, ir.Value()) | (Weak(), None) | (None, Weak()):
            return False
        case (tuple(), tuple()):
            return len(left) == len(right) and all(map(_is_equal, left, right))
        case (Dtype(), Dtype()):
            return left == right
        case (bool() | int() | float(), bool() | int() | float()):
            return left == right
    if has_value(left) or has_value(right):
        raise CompileError(
            f"cannot compare {describe_thing(left)} with {describe_thing(right)} at compile time"
        )
    return is_same_constant(left, right)


_OPERANDS: Final = (ir.Value, bool, int, float, str, tuple)


def _no_operand(kind: str, thing: Thing) -> CompileError:
    """The error for an operator on what is no value, number, string or tuple."""
    return CompileError(
        f"`{SYMBOLS.get(kind, kind)}` of {describe_thing(thing)}, expected a value or a number",
        "test for None with `is None`" if thing is None else None,
    )
