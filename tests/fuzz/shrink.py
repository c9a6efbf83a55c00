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
from math import prod
from time import monotonic
from typing import Final

from .check import Outcome
from .expressions import PRELUDE
from .program import Argument, Data, Memory, Program, Scalar, lay_out

Check = Callable[[Program], Outcome]

LONGEST: Final = 180.0  # seconds for one failure
PAIRED: Final = ("near", "scale")  # arrays that belong together


def shrink(
    program: Program, outcome: Outcome, check: Check, longest: float = LONGEST
) -> tuple[Program, Outcome]:
    """The smallest program found that fails in the same way, and how it does."""
    end = monotonic() + longest
    progress = True
    while progress and monotonic() < end:
        progress = False
        for step in (_fewer_statements, _fewer_arguments, _simpler_arguments, _simpler_expressions):
            position = 0
            while monotonic() < end:
                candidates = list(step(program))
                for place in range(position, len(candidates)):
                    if monotonic() > end:
                        break
                    found = check(candidates[place])
                    if _is_like(found, outcome):
                        program, outcome, progress = candidates[place], found, True
                        position = place
                        break
                else:
                    break
    return program, outcome


def _is_like(found: Outcome, wanted: Outcome) -> bool:
    """The same kind of failure; of errors, with the same beginning."""
    if found.kind != wanted.kind:
        return False
    return found.kind != "raised" or found.detail[:24] == wanted.detail[:24]


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


def _fewer_statements(program: Program) -> Iterator[Program]:
    """Without an array and all that mentions it; without a statement and all that needs it; without
    runs of statements; with bodies in place of what holds them.
    """
    tree = ast.parse(program.source)
    for place, one in reversed(list(enumerate(program.arguments))):
        rest = [b for b in program.arguments if b is not one]
        if not any(isinstance(b, Argument) and b.over == one.name for b in rest):
            changed = copy.deepcopy(tree)
            del _kernel(changed).args.args[place]
            _remove(changed, {one.name})
            yield _with_tree(program.with_arguments(rest), changed)
    sizes = [len(block) for block in _blocks(tree)]
    longest = max(sizes)
    for length in (longest // 2, longest // 4, 8, 4, 2, 1):
        for number, size in enumerate(sizes if length else []):
            for start in reversed(range(0, size - length + 1, length)):
                changed = copy.deepcopy(tree)
                block = list(_blocks(changed))[number][start : start + length]
                if _cut(changed, number, start, length):
                    _remove(changed, set().union(*map(_assigned, block)))
                    yield _with_tree(program, changed)
    for length in (2, 1):
        for number, size in enumerate(sizes):
            for start in reversed(range(0, size - length + 1, length)):
                changed = copy.deepcopy(tree)
                if _cut(changed, number, start, length):
                    yield _with_tree(program, changed)
    yield from _flatter(program, tree, sizes)


def _flatter(program: Program, tree: ast.Module, sizes: list[int]) -> Iterator[Program]:
    """With the body of an `if` or a loop in its place."""
    for number, size in enumerate(sizes):
        for place in range(size):
            for name in ("body", "orelse"):
                changed = copy.deepcopy(tree)
                block = list(_blocks(changed))[number]
                inside = getattr(block[place], name, [])
                if inside and isinstance(block[place], ast.If | ast.For | ast.While):
                    block[place : place + 1] = inside
                    yield _with_tree(program, changed)


def _cut(tree: ast.Module, number: int, start: int, length: int) -> bool:
    """Delete some statements of a block; not what a program cannot be without."""
    block = list(_blocks(tree))[number]
    for one in block[start : start + length]:
        if isinstance(one, ast.Import) or getattr(one, "name", "") == "kernel":
            return False
    block[start : start + length] = (
        [] if block is tree.body or len(block) > length else [ast.Pass()]
    )
    return True


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


def _simpler_expressions(program: Program) -> Iterator[Program]:
    """A part of an expression in its place, or a number."""
    tree = ast.parse(program.source)
    for number, (_, _, _, expression) in enumerate(list(_expressions(tree))):
        for simple in _parts(expression):
            changed = copy.deepcopy(tree)
            node, name, place, _ = list(_expressions(changed))[number]
            if place is None:
                setattr(node, name, simple)
            else:
                getattr(node, name)[place] = simple
            yield _with_tree(program, changed)


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


def _fewer_arguments(program: Program) -> Iterator[Program]:
    """Without a parameter; with a smaller grid, without options."""
    for place, one in reversed(list(enumerate(program.arguments))):
        if any(isinstance(b, Argument) and b.over == one.name for b in program.arguments):
            continue
        tree = ast.parse(program.source)
        kernel = _kernel(tree)
        del kernel.args.args[place]
        rest = [b for b in program.arguments if b is not one]
        yield _with_tree(program.with_arguments(rest), tree)
    if prod(program.grid) > 1:
        yield replace(program, grid=(1,))
        yield replace(program, grid=(2,))
        yield replace(program, grid=(prod(program.grid),))
    if program.options:
        yield replace(program, options=())
    if program.wide:
        yield replace(program, wide=False)


def _kernel(tree: ast.Module) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "kernel":
            return node
    raise AssertionError("the program has no kernel")


def _simpler_arguments(program: Program) -> Iterator[Program]:
    """Plain parameters, plain layouts, smaller arrays, simpler content."""
    for place, one in enumerate(program.arguments):
        tree = ast.parse(program.source)
        parameter = _kernel(tree).args.args[place]
        if parameter.annotation is not None:
            parameter.annotation = None
            yield _with_tree(program, tree)
        for simple in _simpler(one):
            arguments = list(program.arguments)
            arguments[place] = simple
            yield program.with_arguments(arguments)


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
