"""Which names each `if` and loop assigns, reads and leaves alive, found by syntax."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from ..definition import Definition

Names = frozenset[str]
_EMPTY: Names = frozenset()


class Liveness:
    """Facts by statement; only `if`, `for` and `while` have entries.

    `after` are the names that may still be read once the statement is done, `reads` those it may
    read before assigning them itself, `assigned` those it may assign, in order of appearance.
    `steps` are the names to which only numbers written out are assigned or added, with their
    Python type: what is weak before stays so.
    """

    def __init__(self) -> None:
        self.after: dict[ast.stmt, Names] = {}
        self.reads: dict[ast.stmt, Names] = {}
        self.assigned: dict[ast.stmt, tuple[str, ...]] = {}
        self.steps: dict[ast.stmt, dict[str, type]] = {}


def liveness_of(definition: Definition) -> Liveness:
    """The facts of a definition's body."""
    found = _KNOWN.get(definition)
    if found is None:
        found = Liveness()
        _Summary(found).annotate(definition.tree.body, _EMPTY, _EMPTY, _EMPTY)
        _KNOWN[definition] = found
    return found


def names_read(node: ast.AST) -> frozenset[str]:
    """The names that an expression mentions."""
    found: set[str] = set()
    _collect(node, found)
    return frozenset(found)


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
    """What each statement reads and surely assigns; and from that, what lives after it."""

    def __init__(self, facts: Liveness) -> None:
        self.facts = facts
        self.known: dict[ast.stmt, tuple[Names, Names]] = {}

    def annotate(self, body: list[ast.stmt], live: Names, left: Names, again: Names) -> Names:
        """Fill in `after`, from the last statement to the first; gives what lives before the first.

        `live` lives after the body, `left` where a `break` leads, `again` where a `continue` does.
        """
        for statement in reversed(body):
            reads, sure = self._statement(statement)
            match statement:
                case ast.If(test, then, orelse):
                    self.facts.after[statement] = live
                    branches = [self.annotate(side, live, left, again) for side in (then, orelse)]
                    live = names_read(test).union(*branches)
                case ast.For(body=inner) | ast.While(body=inner):
                    self.facts.after[statement] = live
                    head = live | reads
                    self.annotate(inner, head, live, head)
                    live = head
                case ast.Break():
                    live = left
                case ast.Continue():
                    live = again
                case ast.Return():
                    live = reads
                case _:
                    live = reads | (live - sure)
        return live

    def _statement(self, statement: ast.stmt) -> tuple[Names, Names]:
        if statement not in self.known:
            self.known[statement] = self._summarize(statement)
        return self.known[statement]

    def _summarize(self, statement: ast.stmt) -> tuple[Names, Names]:
        """The names a statement may read before it assigns them, and those it surely assigns."""
        match statement:
            case ast.Assign(targets, value):
                reads = names_read(value).union(*map(_names_read_by_target, targets))
                return reads, frozenset(n for t in targets for n in names_assigned(t))
            case ast.If(test, then, orelse):
                reads_then, sure_then = self._block(then)
                reads_else, sure_else = self._block(orelse)
                self._record(statement, [*then, *orelse], [])
                return names_read(test) | reads_then | reads_else, sure_then & sure_else
            case ast.For(target, iterable, body):
                reads, _ = self._block(body)
                bound = names_assigned(target)
                self._record(statement, body, bound)
                own = reads.difference(bound) | names_read(iterable)
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
                reads = names_read(value) | _names_read_by_target(target)
                return reads, frozenset(names_assigned(target))
            case ast.AugAssign(target, _, value):
                return names_read(value) | names_read(target), _EMPTY
        return names_read(statement), _EMPTY

    def _block(self, body: list[ast.stmt]) -> tuple[Names, Names]:
        reads: Names = _EMPTY
        sure: Names = _EMPTY
        for statement in body:
            more, kills = self._statement(statement)
            reads |= more - sure
            sure |= kills
        return reads, sure

    def _record(self, statement: ast.stmt, body: list[ast.stmt], first: list[str]) -> None:
        found: dict[str, type | None] = dict.fromkeys(first)
        for inner in body:
            match inner:
                case ast.Assign(targets, value):
                    kind = type(value.value) if isinstance(value, ast.Constant) else None
                    for name in (n for t in targets for n in names_assigned(t)):
                        _agree(found, name, kind if isinstance(targets[0], ast.Name) else None)
                case ast.AugAssign(ast.Name(name), operator, value):
                    kind = type(value.value) if isinstance(value, ast.Constant) else None
                    is_step = (
                        isinstance(operator, ast.Add | ast.Sub | ast.Mult) and kind is not bool
                    )
                    _agree(found, name, kind if is_step else None)
                case ast.AugAssign(target) | ast.AnnAssign(target):
                    for name in names_assigned(target):
                        _agree(found, name, None)
                case ast.If() | ast.For() | ast.While():
                    for name in self.facts.assigned[inner]:
                        _agree(found, name, self.facts.steps[inner].get(name))
        self.facts.assigned[statement] = tuple(found)
        self.facts.steps[statement] = {
            name: kind for name, kind in found.items() if kind is not None
        }


def _agree(found: dict[str, type | None], name: str, kind: type | None) -> None:
    """Note that a number of a type, or something else, is assigned to a name."""
    if kind not in (bool, int, float):
        kind = None
    found[name] = kind if found.get(name, kind) is kind else None


def _collect(node: ast.AST, found: set[str]) -> None:
    """Every name below a node; written without `ast.walk`, which is several times slower."""
    if node.__class__ is ast.Name:
        found.add(node.id)
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


def _names_read_by_target(target: ast.AST) -> frozenset[str]:
    """The names that an assignment target reads: those of `x[i]` and `x.y`."""
    match target:
        case ast.Name():
            return _EMPTY
        case ast.Tuple(items) | ast.List(items):
            return _EMPTY.union(*map(_names_read_by_target, items))
    return names_read(target)
