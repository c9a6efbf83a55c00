"""Reads the text form of a function back: `show(parse_function(text)) == text`.

The grammar has one rule for all ops; which arguments an op takes, and of what sort, follows from
its fields. Needs lark, so it is loaded only when a text is read.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from ..errors import CompileError, Location, at, expect
from ..types import DTYPES_BY_NAME, Array, Dtype, Tile, Type, pointer_to
from .core import OPS, Block, Effect, Function, Op, Parameter, Role, Value
from .show import argument_defaults
from .verify import find_faults

_Node = Any  # what lark gives: a `Tree` of these, or a `Token`


def parse_function(text: str, check: bool = True) -> Function:
    """Read a function; `CompileError` with line and column for a text that is none.

    With `check`, also for a function that is not legal (see `verify`).
    """
    file = f"<ir {crc32(text.encode()):08x}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    reader = _Reader(file)
    try:
        tree = _grammar().parse(text if text.endswith("\n") else text + "\n")
    except UnexpectedInput as error:
        raise _unexpected(error, text, file) from None
    function = reader.function(tree)
    for op, message in find_faults(function) if check else ():
        raise CompileError(message, location=reader.start if op is None else op.loc)
    return function


@cache
def _grammar() -> Lark:
    text = Path(__file__).with_name("grammar.lark").read_text()
    return Lark(text, parser="lalr", maybe_placeholders=True, propagate_positions=True)


def _unexpected(error: UnexpectedInput, text: str, file: str) -> CompileError:
    token = getattr(error, "token", None)
    position = error.pos_in_stream or 0
    found = str(token) if token is not None else text[position : position + 1]
    expected = sorted(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
    found = (
        "the end of the text"
        if not found
        else "the end of the line"
        if "\n" in found
        else f"`{found}`"
    )
    location = Location(file, max(error.line, 1), max(error.column - 1, 0), max(error.column, 1))
    words = ", ".join(_WORDS.get(name, name.lower()) for name in expected)
    return CompileError(f"unexpected {found}", f"expected {words}" if words else None, location)


_WORDS: Final = {
    "_NL": "the end of the line", "LPAR": "`(`", "RPAR": "`)`", "LBRACE": "`{`", "RBRACE": "`}`",
    "LSQB": "`[`", "RSQB": "`]`", "COMMA": "`,`", "COLON": "`:`", "EQUAL": "`=`", "DOT": "`.`",
    "VALUE": "a value", "WORD": "a word", "TYPE": "a type", "NUMBER": "a number",
    "STRING": "a string",
    "FUNCTION": "`function`", "$END": "the end of the text",
}  # fmt: skip


class _Reader:
    """The values defined so far and the places of the ops read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, Value] = {}
        self.locations: list[Location | None] = []
        self.start = Location(file, 1, 0, 1)

    def function(self, tree: _Node) -> Function:
        name, parameters, *rest = tree.children
        marks: dict[str, frozenset[str]] = {}
        body: list[_Node] = []
        for child in rest:
            match child:
                case Tree(data="marks", children=[Token() as label, *words]):
                    known = label in ("facts", "options") and label not in marks
                    self.expect(known, label, "expected `facts` or `options`, each once")
                    marks[label] = frozenset(str(word) for word in words if word is not None)
                case _:
                    body.append(child)
        block = Block(self.parameters(parameters))
        self.ops(block, body)
        return Function(
            _text(name.children[0]),
            block,
            marks.get("facts", frozenset()),
            marks.get("options", frozenset()),
            tuple(self.locations),
        )

    def parameters(self, tree: _Node) -> tuple[Parameter, ...]:
        found = []
        for defined in () if tree is None else tree.children:
            token, kind = defined.children
            name = str(token)[1:]
            parameter = Parameter(self.type(kind), None if name.isdigit() else name)
            self.define(token, parameter)
            found.append(parameter)
        return tuple(found)

    def ops(self, block: Block, trees: Sequence[_Node]) -> None:
        for tree in trees:
            block.ops.append(self.op(tree))

    def op(self, tree: _Node) -> Op:
        results, opname, arguments, *blocks = tree.children
        location = self.location(opname)
        place = len(self.locations)
        self.locations.append(location)
        word, suffix = opname.children
        with at(location):
            kind = OPS.get(str(word))
            expect(kind is not None, "no op is called {}", word)
            assert kind is not None
            types = (
                [self.type(defined.children[1]) for defined in results.children] if results else []
            )
            fields = self.fields(kind, suffix, types, arguments)
            self.blocks(kind, blocks, fields)
            names = [name for name, _ in kind.fields]
            missing = [name for name in names if name not in fields]
            expect(not missing, "{} lacks {}", word, ", ".join(missing))
            op = kind(*(fields[name] for name in names))
            op.loc, op.place = location, place
            found = [value.type for value in op.results]
            expect(len(types) == len(found), "{} results, expected {}", len(types), len(found))
        for defined, expected, value in zip(
            results.children if results else (), types, op.results, strict=True
        ):
            self.expect(
                expected == value.type, defined, f"result is {value.type}, the text says {expected}"
            )
            self.define(defined.children[0], value)
        return op

    def fields(
        self, kind: type[Op], suffix: Token | None, types: list[Type], arguments: _Node
    ) -> dict[str, object]:
        """The fields of an op but for its blocks: the defaults, then what the text says."""
        fields = argument_defaults(kind)
        annotations: dict[str, str] = kind.__annotations__
        roles = dict(kind.fields)
        required = [
            name
            for name, role in kind.fields
            if role is Role.OPERANDS or (role is not Role.BLOCK and name not in fields)
        ]
        if suffix is not None:
            expect("kind" in roles, "{} has no kind", kind.opname)
            fields["kind"] = str(suffix)
            required.remove("kind")
        if "type" in required:
            expect(len(types) == 1, "{} results, expected 1", len(types))
            fields["type"] = types[0]
            required.remove("type")
        remaining = iter(required)
        for item in () if arguments is None else arguments.children:
            if item.data == "keyword":
                name, item = str(item.children[0]), item.children[1]
                known = name in roles and name not in required and name not in ("type", "kind")
                self.expect(known, item, f"{kind.opname} has no option `{name}`")
            else:
                name = next(remaining, "")
                self.expect(name != "", item, f"too many arguments of {kind.opname}")
            role = roles[name]
            fields[name] = self.argument(item, role, annotations[name])
        return fields

    def argument(self, item: _Node, role: Role, annotation: str) -> object:
        match item, role:
            case Tree(data="value"), Role.OPERAND | Role.OPTIONAL:
                return self.value(item)
            case Tree(data="values"), Role.OPERANDS:
                return tuple(self.value(child) for child in item.children if child is not None)
            case Tree(data="value" | "values"), Role.ATTRIBUTE:
                self.expect(False, item, "expected an attribute, found a value")
            case _, Role.ATTRIBUTE:
                return self.attribute(item, annotation)
            case _:
                expected = "values in []" if role is Role.OPERANDS else "a value"
                self.expect(False, item, f"expected {expected}")
        raise AssertionError

    def value(self, item: _Node) -> Value:
        self.expect(item.data == "value", item, "expected a value")
        name = str(item.children[0])
        value = self.values.get(name)
        self.expect(value is not None, item, f"{name} is not defined")
        assert value is not None
        return value

    def attribute(self, item: _Node, annotation: str) -> object:
        """A number, word, string, type or tuple; the annotation tells dtypes from scalar types."""
        match item:
            case Tree(data="number", children=[Token() as token]):
                text = str(token)
                return int(text) if text.lstrip("-").isdigit() else float(text)
            case Tree(data="string", children=[Token() as token]):
                return _text(token)
            case Tree(data="group"):
                inner = annotation.removeprefix("tuple[").removesuffix(", ...]")
                children = [child for child in item.children if child is not None]
                return tuple(self.attribute(child, inner) for child in children)
            case Tree(data="type", children=[Token() as token]) if str(token) in _CONSTANTS:
                return _CONSTANTS[str(token)]
            case Tree(data="type"):
                kind = self.type(item)
                return kind.dtype if annotation == "Dtype" else kind
            case _:
                self.expect(False, item, "expected an attribute")
        raise AssertionError

    def blocks(self, kind: type[Op], trees: Sequence[_Node], fields: dict[str, object]) -> None:
        names = [name for name, role in kind.fields if role is Role.BLOCK]
        for tree in trees:
            label, parameters, *body = tree.children
            known = str(label) in names and str(label) not in fields
            self.expect(known, tree, f"{kind.opname} has no block `{label}` here")
            block = Block(self.parameters(parameters))
            self.ops(block, body)
            self.expect(bool(block.ops), tree, "the block is empty")
            last = block.ops[-1]
            self.expect(last.effect is Effect.LEAVE, tree, "the block has no end")
            fields[str(label)] = block

    def type(self, tree: _Node) -> Type:
        text = str(tree.children[0])
        found = parse_type(text)
        self.expect(found is not None, tree, f"no type is called {text}")
        assert found is not None
        return found

    def define(self, token: Token, value: Value) -> None:
        self.expect(str(token) not in self.values, token, f"{token} is defined twice")
        self.values[str(token)] = value

    def location(self, where: _Node) -> Location:
        place = where if isinstance(where, Token) else where.meta
        line, column = place.line or 1, place.column or 1
        end = place.end_column or column + 1 if place.end_line == line else column
        return Location(self.file, line, column - 1, end - 1)

    def expect(self, condition: bool, where: _Node, message: str) -> None:
        if not condition:
            raise CompileError(message, location=self.location(where))


_CONSTANTS: Final[dict[str, object]] = {"true": True, "false": False, "none": None}
_TILE: Final = r"(\*?)(\w+)(?:<([0-9x]+)>)?"
_ARRAY: Final = r"(\w+)\[([0-9:, ]*)\](?:\{([a-z, ]*)\})?"
_AXIS: Final = r"(\d*)(?:(::?1)|:?)"


def parse_type(text: str) -> Type | None:
    """The type that `str` writes so; None if there is none."""
    found = re.fullmatch(_TILE, text)
    if found is not None:
        star, name, shape = found.groups()
        dtype = _dtype(name)
        if dtype is None:
            return None
        extents = tuple(int(n) for n in shape.split("x") if n) if shape else ()
        return Tile(pointer_to(dtype) if star else dtype, extents)
    found = re.fullmatch(_ARRAY, text)
    dtype = None if found is None else _dtype(found[1])
    if found is None or dtype is None:
        return None
    axes = [re.fullmatch(_AXIS, axis.strip()) for axis in found[2].split(",")] if found[2] else []
    facts = {fact.strip() for fact in found[3].split(",")} if found[3] else set()
    units = [k for k, axis in enumerate(axes) if axis is not None and axis[2]]
    if None in axes or len(units) > 1 or facts - {"aligned", "even"}:
        return None
    array = tuple(int(axis[1]) if axis[1] else None for axis in axes if axis is not None)
    return Array(dtype, array, units[0] if units else None, "aligned" in facts, "even" in facts)


def _dtype(name: str) -> Dtype | None:
    return DTYPES_BY_NAME.get(name)


def _text(token: Token) -> str:
    """A word as it is, a string without its quotes."""
    text = str(token)
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(u\{([0-9a-f]+)\}|.)", _unescape, text[1:-1])


def _unescape(found: re.Match[str]) -> str:
    if found[2] is not None:
        return chr(int(found[2], 16))
    return {"n": "\n", "t": "\t"}.get(found[1], found[1])
