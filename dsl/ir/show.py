"""The text form of a function: one printer for all ops, driven by their fields.

An op is one line, `results = name.kind arguments block {`, for example

    function scale(%x: f32[::1], %factor: f32) facts(narrow) options(contract) {
      %0: index = program_id 0
      %1: f32 = load %x, [%0]
      %2: f32 = binary.mul %1, %factor
      store %x, [%0], %2
      return
    }

Operands and required fields stand in order, then the others as `name=value` where they differ from
their default; an attribute `kind` is part of the name, an attribute `type` is the type of the
result. Values are numbered in the order of the text, so that neither comments nor the names of
variables show. `;` begins a comment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .core import Block, Function, Op, Role, Value


def show(
    function: Function,
    locations: bool = False,
    notes: Mapping[Op, Sequence[str]] | None = None,
) -> str:
    """Write a function as text that parses back.

    With `locations`, a comment behind each op says where the user wrote it and what the variable is
    called; `notes` are written as comments under their ops. An illegal function can be shown, too.
    """
    return _Printer(function, locations, notes or {}).text()


def show_op(op: Op) -> str:
    """The first line of an op by itself, its operands by name or `%_`; for messages."""
    printer = _Printer(Function("", Block()), False, {})
    return printer.head(op).lstrip()


class _Printer:
    """The state of one `show`: the names given so far and the lines written."""

    def __init__(
        self, function: Function, locations: bool, notes: Mapping[Op, Sequence[str]]
    ) -> None:
        self.function = function
        self.locations = locations
        self.notes = notes
        self.names: dict[Value, str] = {}
        self.types: dict[int, str] = {}  # by identity: equal types hash slowly
        self.count = 0
        self.lines: list[str] = []

    def text(self) -> str:
        function = self.function
        for parameter in function.parameters:
            if parameter.name is not None:
                self.names[parameter] = f"%{parameter.name}"
        name = function.name if is_word(function.name) else quote(function.name)
        line = f"function {name}({self.define(function.parameters)})"
        for label, words in (("facts", function.facts), ("options", function.options)):
            if words:
                line += f" {label}({', '.join(sorted(words))})"
        self.lines.append(line + " {")
        self.ops(function.body, "  ")
        self.lines.append("}\n")
        return "\n".join(self.lines)

    def ops(self, block: Block, indent: str) -> None:
        lines, notes = self.lines, self.notes
        for op in block.ops:
            line = indent + self.head(op)
            remark = self.remark(op) if self.locations else ""
            if notes:
                remark += "".join([f"\n{indent}; error: {note}" for note in notes.get(op, ())])
            for name in op.block_fields:
                inner: Block = getattr(op, name)
                parameters = f"({self.define(inner.parameters)})" if inner.parameters else ""
                lines.append(f"{line} {name}{parameters} {{{remark}")
                self.ops(inner, indent + "  ")
                line, remark = indent + "}", ""
            lines.append(line + remark)

    def head(self, op: Op) -> str:
        """The line of an op without its blocks; gives its results their names."""
        opname, arguments = _PLANS.get(type(op)) or _plan(type(op))
        names = self.names
        parts: list[str] = []
        for name, how, default in arguments:
            value = getattr(op, name)
            if how == _VALUE:
                parts.append(names.get(value) or _unknown(value))
            elif how == _KIND:
                opname = f"{opname}.{value}"
            elif how == _VALUES:
                if value or default is None:
                    listed = ", ".join([names.get(v) or _unknown(v) for v in value])
                    parts.append(f"[{listed}]")
            elif how == _ATTRIBUTE:
                parts.append(show_attribute(value))
            elif value != default:
                shown = names.get(value) if how == _OPTIONAL else show_attribute(value)
                parts.append(f"{name}={shown or _unknown(value)}")
        head = f"{opname} {', '.join(parts)}" if parts else opname
        return f"{self.define(op.results)} = {head}" if op.results else head

    def define(self, values: Sequence[Value]) -> str:
        """Names and types of values that begin to exist here."""
        parts = []
        for value in values:
            name = self.names.get(value)
            if name is None:
                name = self.names[value] = f"%{self.count}"
                self.count += 1
            kind = value.type
            text = self.types.get(id(kind))
            if text is None:
                text = self.types[id(kind)] = str(kind)
            parts.append(f"{name}: {text}")
        return ", ".join(parts)

    def remark(self, op: Op) -> str:
        places = self.function.locations
        location = places[op.place] if 0 <= op.place < len(places) else op.loc
        names = [value.name for value in op.results if value.name is not None]
        words = [", ".join(names)] if names else []
        if location is not None:
            words.append(str(location))
        return f"  ; {' '.join(words)}" if words else ""


def show_attribute(value: object) -> str:
    """An attribute as text: numbers, strings, truth values, types, and tuples of these."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, tuple):
        return f"({', '.join([show_attribute(item) for item in value])})"
    if value is None:
        return "none"
    return str(value)


def quote(text: str) -> str:
    """A string in double quotes, on one line."""
    escaped = [_ESCAPES.get(c) or (c if c.isprintable() else f"\\u{{{ord(c):x}}}") for c in text]
    return f'"{"".join(escaped)}"'


def is_word(text: str) -> bool:
    """Whether a name needs no quotes."""
    return text.isascii() and text.isidentifier()


def argument_defaults(kind: type[Op]) -> dict[str, object]:
    """The fields of an op that may be left out, optional operands too, with their defaults."""
    optional = {name: None for name, role in kind.fields if role is Role.OPTIONAL}
    return optional | kind.defaults


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

# How a field is written: a value, the part of the name behind the dot, several values, an attribute
# in its place; by name where it is not the default: a value, an attribute.
_VALUE, _KIND, _VALUES, _ATTRIBUTE, _OPTIONAL, _OPTION = range(6)
_HOW: Final = {Role.OPERAND: _VALUE, Role.OPERANDS: _VALUES, Role.OPTIONAL: _OPTIONAL}
_PLANS: Final[dict[type[Op], tuple[str, tuple[tuple[str, int, object], ...]]]] = {}


def _plan(kind: type[Op]) -> tuple[str, tuple[tuple[str, int, object], ...]]:
    """The name of an op, and per argument its name, how it is written, and its default."""
    defaults = argument_defaults(kind)
    arguments = []
    for name, role in kind.fields:
        if role is Role.BLOCK or name == "type":
            continue
        by_attribute = _KIND if name == "kind" else _OPTION if name in defaults else _ATTRIBUTE
        arguments.append((name, _HOW.get(role, by_attribute), defaults.get(name)))
    arguments.sort(key=lambda entry: entry[1] in (_OPTIONAL, _OPTION))
    return _PLANS.setdefault(kind, (kind.opname, tuple(arguments)))


def _unknown(value: Value) -> str:
    return f"%?{value.name or ''}"
