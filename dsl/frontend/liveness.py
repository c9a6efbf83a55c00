"""Which names each `if` and loop assigns, reads and leaves alive: found by syntax, once a definition."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ..definition import Definition

Names = frozenset[str]
_EMPTY: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Liveness:
    """Facts by statement; only `if`, `for` and `while` have entries.

    `after` are the names that may still be read once the statement is done, `reads` those it may read
    before assigning them itself, `assigned` those it may assign, in order of appearance.
    """

    after: dict[ast.stmt, Names] = field(default_factory=dict)
    reads: dict[ast.stmt, Names] = field(default_factory=dict)
    assigned: dict[ast.stmt, tuple[str, ...]] = field(default_factory=dict)


def liveness_of(definition: Definition) -> Liveness:
    """The facts of a definition's body."""
    found = _KNOWN.get(definition)
    if found is None:
        found = Liveness()
        _Summary(found).annotate(definition.tree.body, _EMPTY)
        _KNOWN[definition] = found
    return found


def names_read(node: ast.AST) -> set[str]:
    """The names that an expression mentions."""
    found: set[str] = set()
    _collect(node, found)
    return found


def names_assigned(target: ast.AST) -> list[str]:
    """The names that an assignment to `target` binds."""
    match target:
        case ast.Name(name):
            return [name]
        case ast.Tuple(items) | ast.List(items):
            return [name for item in items for name in names_assigned(item)]
        case ast.Starred(value):
            return names_assigned(value)
    return []


_KNOWN: WeakKeyDictionary[Definition, Liveness] = WeakKeyDictionary()


class _Summary:
    """Two passes: what each statement reads and surely assigns, then what lives after it."""

    def __init__(self, facts: Liveness) -> None:
        self.facts = facts
        self.known: dict[ast.stmt, tuple[Names, Names]] = {}

    def annotate(self, body: list[ast.stmt], live: Names) -> None:
        """Fill in `after`, from the last statement to the first."""
        for statement in reversed(body):
            reads, sure = self._statement(statement)
            match statement:
                case ast.If(_, then, orelse):
                    self.facts.after[statement] = live
                    self.annotate(then, live)
                    self.annotate(orelse, live)
                case ast.For(body=inner) | ast.While(body=inner):
                    self.facts.after[statement] = live
                    self.annotate(inner, live | reads)
            live = reads | (live - sure)

    def _statement(self, statement: ast.stmt) -> tuple[Names, Names]:
        if statement not in self.known:
            self.known[statement] = self._summarize(statement)
        return self.known[statement]

    def _summarize(self, statement: ast.stmt) -> tuple[Names, Names]:
        """The names a statement may read before it assigns them, and those it surely assigns."""
        match statement:
            case ast.Assign(targets, value):
                reads = names_read(value)
                for target in targets:
                    _collect_read_targets(target, reads)
                return frozenset(reads), frozenset(n for t in targets for n in names_assigned(t))
            case ast.If(test, then, orelse):
                reads_then, sure_then = self._block(then)
                reads_else, sure_else = self._block(orelse)
                self._record(statement, [*then, *orelse], [])
                return names_read(test) | reads_then | reads_else, sure_then & sure_else
            case ast.For(target, iterable, body):
                reads, _ = self._block(body)
                bound = names_assigned(target)
                self._record(statement, body, bound)
                own = (reads - set(bound)) | names_read(iterable)
                self.facts.reads[statement] = own
                return own, _EMPTY
            case ast.While(test, body):
                reads, _ = self._block(body)
                self._record(statement, body, [])
                own = reads | names_read(test)
                self.facts.reads[statement] = own
                return own, _EMPTY
            case ast.AnnAssign(target, _, None):
                return _EMPTY, _EMPTY
            case ast.AnnAssign(target, _, value) if value is not None:
                reads = names_read(value)
                _collect_read_targets(target, reads)
                return frozenset(reads), frozenset(names_assigned(target))
            case ast.AugAssign(target, _, value):
                return names_read(value) | frozenset(names_read(target)), _EMPTY
        return frozenset(names_read(statement)), _EMPTY

    def _block(self, body: list[ast.stmt]) -> tuple[Names, Names]:
        reads: Names = _EMPTY
        sure: Names = _EMPTY
        for statement in body:
            more, kills = self._statement(statement)
            reads |= more - sure
            sure |= kills
        return reads, sure

    def _record(self, statement: ast.stmt, body: list[ast.stmt], first: list[str]) -> None:
        names = dict.fromkeys(first)
        for inner in body:
            match inner:
                case ast.Assign(targets):
                    names.update(dict.fromkeys(n for t in targets for n in names_assigned(t)))
                case ast.AugAssign(target) | ast.AnnAssign(target):
                    names.update(dict.fromkeys(names_assigned(target)))
                case ast.If() | ast.For() | ast.While():
                    names.update(dict.fromkeys(self.facts.assigned[inner]))
        self.facts.assigned[statement] = tuple(names)


def _collect(node: ast.AST, found: set[str]) -> None:
    """Every name below a node; written without `ast.walk`, which is several times slower."""
    if node.__class__ is ast.Name:
        found.add(node.id)  # type: ignore[attr-defined]
        return
    for name in node._fields:
        value = getattr(node, name)
        if value.__class__ is list:
            for item in value:
                if isinstance(item, ast.AST):
                    _collect(item, found)
        elif isinstance(value, ast.AST) and not isinstance(value, _NO_NAMES):
            _collect(value, found)


_NO_NAMES = (ast.Constant, ast.operator, ast.cmpop, ast.boolop, ast.unaryop, ast.expr_context)


def _collect_read_targets(target: ast.AST, found: set[str]) -> None:
    """The names that an assignment target reads: those of `x[i]` and `x.y`."""
    match target:
        case ast.Name():
            return
        case ast.Tuple(items) | ast.List(items):
            for item in items:
                _collect_read_targets(item, found)
        case _:
            _collect(target, found)
