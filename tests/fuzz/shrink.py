"""Makes a failing program small: fewer statements, simpler expressions, smaller arrays.

Candidates are made on Python's syntax tree; one that is ill-typed is refused by the compiler and
so is no failure. What keeps results exact (calls of the generator's helpers) is never taken apart,
and sums stay beside the sum of sizes that bounds their error.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from math import prod
from time import monotonic
from typing import Final

from .check import Outcome
from .expressions import PRELUDE
from .program import Argument, Data, Memory, Program, Scalar, lay_out

Check = Callable[[Program], Outcome]
Make = Callable[[], Program | None]  # made late: there are many, and trees are slow to copy

PAIRED: Final = ("near", "scale")  # arrays that belong together


def shrink(
    program: Program, outcome: Outcome, check: Check, longest: float
) -> tuple[Program, Outcome]:
    """The smallest program found in so many seconds that fails in the same way, and how it does."""
    end = monotonic() + longest
    progress = True
    while progress and monotonic() < end:
        progress = False
        for step in (_fewer_statements, _fewer_arguments, _simpler_arguments, _simpler_expressions):
            position, failed = 0, True
            while failed and monotonic() < end:
                failed = False
                for place, make in enumerate(step(program)):
                    candidate = make() if place >= position and monotonic() < end else None
                    found = check(candidate) if candidate is not None else outcome
                    if candidate is not None and _is_like(found, outcome):
                        program, outcome = candidate, found
                        position, failed, progress = place, True, True
                        break
    return program, outcome


def _is_like(found: Outcome, wanted: Outcome) -> bool:
    """The same kind of failure at the same place; of errors, with the same beginning."""
    if (found.kind, found.party) != (wanted.kind, wanted.party):
        return False
    length = {"raised": 24, "unsound": 10}.get(found.kind, 0)
    return found.detail[:length] == wanted.detail[:length]


# --- the text -------------------------------------------------------------------------------------


def _with_tree(program: Program, tree: ast.Module) -> Program:
    return replace(program, source=ast.unparse(ast.fix_missing_locations(tree)) + "\n")


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """All lists of statements, the outer ones first."""
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            found = getattr(node, name, None)
            if isinstance(found, list) and found and isinstance(found[0], ast.stmt):
                yield found


def _fewer_statements(program: Program) -> Iterator[Make]:
    """Without runs of statements and all that needs them; without an array and all that mentions
    it; without runs of statements alone; with bodies in place of what holds them.
    """
    tree = ast.parse(program.source)
    blocks = list(_blocks(tree))
    longest = max(map(len, blocks))
    for length in sorted({longest // 2, longest // 4, 8, 4, 2, 1} - {0}, reverse=True):
        for number, block in enumerate(blocks):
            for start in reversed(range(0, len(block) - length + 1, length)):
                yield partial(_without_run, program, tree, number, start, length, True)
        if length == 8:
            for place in reversed(range(len(program.arguments))):
                yield partial(_without_array, program, tree, place)
    for length in (2, 1):
        for number, block in enumerate(blocks):
            for start in reversed(range(0, len(block) - length + 1, length)):
                yield partial(_without_run, program, tree, number, start, length, False)
    for number, block in enumerate(blocks):
        for place, statement in enumerate(block):
            for name in ("body", "orelse"):
                if isinstance(statement, ast.If | ast.For | ast.While) and getattr(statement, name):
                    yield partial(_flatter, program, tree, number, place, name)


def _without_run(
    program: Program, tree: ast.Module, number: int, start: int, length: int, needed: bool
) -> Program | None:
    changed = copy.deepcopy(tree)
    block = list(_blocks(changed))[number]
    run = block[start : start + length]
    if any(isinstance(one, ast.Import) or getattr(one, "name", "") == "kernel" for one in run):
        return None
    may_be_empty = block is changed.body or len(block) > length
    block[start : start + length] = [] if may_be_empty else [ast.Pass()]
    if needed:
        _remove(changed, set().union(*map(_assigned, run)))
    return _with_tree(program, changed)


def _without_array(program: Program, tree: ast.Module, place: int) -> Program | None:
    name = program.arguments[place].name
    rest = [one for one in program.arguments if one.name != name]
    if any(isinstance(one, Argument) and one.over == name for one in rest):
        return None
    changed = copy.deepcopy(tree)
    del _kernel(changed).args.args[place]
    _remove(changed, {name})
    return _with_tree(program.with_arguments(rest), changed)


def _flatter(program: Program, tree: ast.Module, number: int, place: int, name: str) -> Program:
    changed = copy.deepcopy(tree)
    block = list(_blocks(changed))[number]
    block[place : place + 1] = getattr(block[place], name)
    return _with_tree(program, changed)


def _assigned(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.FunctionDef(name=name):
            return {name} - {"kernel"}
    return set()


def _remove(tree: ast.Module, names: set[str]) -> None:
    """Delete what mentions some names, or names that are defined by them."""
    names = set(names)
    found = True
    while found:
        found = False
        for block in _blocks(tree):
            for statement in list(block):
                is_kernel = getattr(statement, "name", "") == "kernel"
                if not is_kernel and _mentions(statement, names):
                    names |= _assigned(statement)
                    block.remove(statement)
                    if not block:
                        block.append(ast.Pass())
                    found = True


def _mentions(statement: ast.stmt, names: set[str]) -> bool:
    """Whether the statement itself, apart from blocks in it, has one of the names."""
    inside = [one for block in _blocks(statement) for one in block]
    skipped = {id(node) for one in inside for node in ast.walk(one)}
    return any(
        isinstance(node, ast.Name) and node.id in names and id(node) not in skipped
        for node in ast.walk(statement)
    )


def _is_frozen(node: ast.AST) -> bool:
    """Statements that say how inexact another result may be, and helpers that keep exactness."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
            return name.startswith(PAIRED)
        case ast.FunctionDef(name=name):
            return name in PRELUDE
    return False


def _expressions(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Where expressions stand: node, field, place in it, and the expression."""
    stack = [tree]
    while stack:
        node = stack.pop(0)
        if _is_frozen(node):
            continue
        for name, found in ast.iter_fields(node):
            if name in ("targets", "target", "func", "ctx", "ops", "op", "slice", "annotation"):
                if isinstance(found, ast.expr) and name == "slice":
                    stack.append(found)
                continue
            for place, one in enumerate(found) if isinstance(found, list) else ((None, found),):
                if isinstance(one, ast.expr):
                    yield node, name, place, one
                if isinstance(one, ast.AST):
                    stack.append(one)


def _simpler_expressions(program: Program) -> Iterator[Make]:
    """A part of an expression in its place, or a number."""
    tree = ast.parse(program.source)
    for number, (_, _, _, expression) in enumerate(_expressions(tree)):
        for simple in _parts(expression):
            yield partial(_with_expression, program, tree, number, simple)


def _with_expression(program: Program, tree: ast.Module, number: int, simple: ast.expr) -> Program:
    changed = copy.deepcopy(tree)
    node, name, place, _ = list(_expressions(changed))[number]
    if place is None:
        setattr(node, name, simple)
    else:
        getattr(node, name)[place] = simple
    return _with_tree(program, changed)


def _parts(expression: ast.expr) -> Iterator[ast.expr]:
    if not isinstance(expression, ast.Tuple | ast.Slice | ast.Constant):
        yield ast.Constant(1)
    match expression:
        case ast.Constant(value=int(value)) if value not in (0, 1) and not isinstance(value, bool):
            for simple in (0, 1, value // 2):
                yield ast.Constant(simple)
        case ast.Constant() | ast.Name() | ast.Attribute():
            return
        case ast.Call(func=ast.Name(id=name)) if name in PRELUDE:
            return
        case ast.Call(func=ast.Attribute(value=inner, attr="to")):
            yield inner
        case _:
            for child in ast.iter_child_nodes(expression):
                if isinstance(child, ast.expr) and not isinstance(child, ast.Slice | ast.Tuple):
                    if not (isinstance(child, ast.Attribute) and child.attr not in ("ptr",)):
                        yield child
    if not isinstance(expression, ast.Tuple | ast.Slice | ast.Constant):
        yield ast.Constant(True)


# --- the arguments --------------------------------------------------------------------------------


def _fewer_arguments(program: Program) -> Iterator[Make]:
    """Without a parameter; with a smaller grid, without options."""
    for place in reversed(range(len(program.arguments))):
        yield partial(_without_array, program, ast.parse(program.source), place)
    if prod(program.grid) > 1:
        for grid in ((1,), (2,), (prod(program.grid),)):
            yield partial(replace, program, grid=grid)
    if program.options:
        yield partial(replace, program, options=())
    if program.wide:
        yield partial(replace, program, wide=False)


def _kernel(tree: ast.Module) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "kernel":
            return node
    raise AssertionError("the program has no kernel")


def _simpler_arguments(program: Program) -> Iterator[Make]:
    """Plain parameters, plain layouts, smaller arrays, simpler content."""
    for place, one in enumerate(program.arguments):
        tree = ast.parse(program.source)
        parameter = _kernel(tree).args.args[place]
        if parameter.annotation is not None:
            parameter.annotation = None
            yield partial(_with_tree, program, tree)
        for simple in _simpler(one):
            arguments = list(program.arguments)
            arguments[place] = simple
            yield partial(program.with_arguments, arguments)


def _simpler(one: Argument | Scalar) -> Iterator[Argument | Scalar]:
    match one:
        case Scalar(value=value):
            for simple in (0, 1):
                if value != simple:
                    yield replace(one, value=simple)
        case Argument(shape=shape, strides=strides):
            plain = lay_out(shape, "rows")
            if strides != plain:
                yield replace(one, strides=plain)
            for axis, extent in enumerate(shape):
                for fewer in {1, extent // 2, extent - 1}:
                    if 0 < fewer < extent:
                        smaller = (*shape[:axis], fewer, *shape[axis + 1 :])
                        yield replace(one, shape=smaller, strides=lay_out(smaller, "rows"))
            kinds = ("zeros", "ones", "count", "small", "any")
            if one.content in kinds:
                for kind in kinds[: kinds.index(one.content)]:
                    yield replace(one, content=kind)


# --- the test -------------------------------------------------------------------------------------


def regression_test(program: Program) -> str:
    """A test in the style of `tests/language`: what must come out is what the interpreter gave."""
    before = Memory(program)
    lines = [program.source.rstrip().replace("import tilewright as tw\n", "").strip("\n"), "", ""]
    lines.append("def test_found_by_fuzzing(launch: Launch, guarded: Guarded) -> None:")
    names = []
    for one in program.arguments:
        names.append(one.name)
        match one:
            case Scalar(name, value, None):
                lines.append(f"    {name} = {value!r}")
            case Scalar(name, value, dtype):
                lines.append(f"    {name} = np.dtype({_dtype(str(dtype))}).type({value!r})")
            case Argument():
                lines.append(f"    {one.name} = {_made(one, before.arrays[one.name])}")
    options = "".join(f", {name}={value!r}" for name, value in program.options)
    note = f"  # as @tw.kernel({options[2:]})" if options else ""
    lines.append(f"    launch(kernel, {', '.join(names)}, grid={program.grid}){note}")
    lines.append("    # each must be what the interpreter makes of it")
    return "\n".join(lines)


def _made(one: Argument, values: Data) -> str:
    if one.over is not None:
        return f"lies over {one.over}, {one.shift} elements on, strides {one.strides}"
    strides = "" if one.strides == lay_out(one.shape, "rows") else f", strides={one.strides}"
    if one.content == "poison":
        return f"guarded({one.shape}, {_dtype(one.dtype)}{strides})"
    return f"guarded(np.array({values.tolist()}, {_dtype(one.dtype)}){strides})"


def _dtype(name: str) -> str:
    special = {"bf16": "bfloat16", "f8e4m3": "float8_e4m3fn", "f8e5m2": "float8_e5m2"}
    if name in special:
        return f"ml_dtypes.{special[name]}"
    if name == "bool_":
        return "np.bool_"
    kind = {"i": "int", "u": "uint", "f": "float"}[name[0]]
    return f"np.{kind}{name[1:]}"
