"""What a name means here: local, constant, parameter or function; and the state of one lowering."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Final

from .. import ir
from ..builtins import PUBLIC, BlockSlice, Builtin, LoopRange, find_builtin
from ..builtins.arithmetic import as_number, as_value, describe
from ..definition import REQUIRED, Captures, Definition, Func, constexpr
from ..errors import CompileError, Location, did_you_mean
from ..ir.builder import AnyOp
from ..structs import (
    class_of,
    describe_class,
    is_struct,
    is_struct_class,
    items_of,
    part_name,
    rebuild,
    refusal,
)
from ..types import DTYPES_BY_NAME, Dtype, Tile, broadcast_shapes
from .merge import Shape, Thing, Unbound, Weak

Position = tuple[ir.Value, tuple[ir.Value, ...], tuple[int, ...]]


class Exit:
    """Where control leaves a construct: the block, and what names held there.

    `places` are where each name was last assigned, `node` the statement that left, `value` what it
    returned. The block ends in a jump without values, which is written anew when the types of the
    construct are known.
    """

    __slots__ = ("block", "kind", "node", "places", "things", "value")

    def __init__(
        self,
        kind: str,
        block: ir.Block,
        things: Mapping[str, Thing],
        places: Mapping[str, ast.AST],
        node: ast.AST,
        value: Thing = None,
    ) -> None:
        self.kind = kind
        self.block = block
        self.things = things
        self.places = places
        self.node = node
        self.value = value


class Loop:
    """An open loop: where it is left, and the shapes of the lanes that leave on their own.

    `escaped` are lanes that left a round of it, `broke` those among them that left for good,
    `cause` says where. Of a loop that is written out, `block` is where its copies go and `signal`
    a `break` or `continue` under way; `leaves` are those that an op stands ready for, and `flag`
    the name that tells which it was.
    """

    def __init__(
        self,
        depth: int,
        block: ir.Block | None = None,
        node: ast.AST | None = None,
        leaves: frozenset[str] = frozenset(),
        flag: str | None = None,
    ) -> None:
        self.depth = depth
        self.block = block
        self.node = node
        self.leaves = leaves
        self.flag = flag
        self.signal: str | None = None
        self.exits: list[Exit] = []
        self.escaped: Shape | None = None
        self.broke: Shape | None = None
        self.cause = ""


class Frame:
    """One activation of a function: its names, open loops and returns."""

    def __init__(
        self,
        definition: Definition,
        path: tuple[object, ...],
        called_from: Location | None,
        builder: LaneBuilder,
    ) -> None:
        self.depth = builder.depth
        self.definition = definition
        self.path = path
        self.called_from = called_from
        self.local_names = definition.local_names
        self.names: dict[str, Thing] = {}
        self.places: dict[str, ast.AST] = {}
        self.loops: list[Loop] = []
        self.returns: list[Exit] = []
        self.escaped: Shape | None = None
        self.cause = ""

    @property
    def is_stopped(self) -> bool:
        """Whether a `break` or `continue` of an unrolled loop is under way."""
        return bool(self.loops) and self.loops[-1].signal is not None

    def place(self, node: ast.AST) -> Location:
        """Where a node of this function stands."""
        return self.definition.place(node, self.called_from)

    def place_of(self, name: str, places: Mapping[str, ast.AST]) -> Location:
        """Where a name was last assigned, or is a parameter."""
        node = places.get(name)
        if node is None:
            taken = self.definition.tree.args
            parameters = taken.posonlyargs + taken.args + taken.kwonlyargs
            node = next((a for a in parameters if a.arg == name), self.definition.tree)
        return self.place(node)


class LaneBuilder(ir.Builder):
    """A builder that knows under which lanes it builds.

    `lanes` is the shape of the conditions around the current place, None where all lanes are on,
    and `depth` how many stand around it; `cause` says why lanes may be off. `check` sees every op
    that is added under lanes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lanes: Shape | None = None
        self.depth = 0
        self.cause = ""
        self.check: Callable[[ir.Op, Shape, str], None] = _accept

    def add(self, op: AnyOp, name: str | None = None) -> AnyOp:
        """Append an op, checked where lanes may be off."""
        if self.lanes is not None:
            self.check(op, self.lanes, self.cause)
        op.loc = self.location
        if name is not None:
            op.name = name
        self.block.ops.append(op)
        return op


class Lowering:
    """The state of one lowering, shared by the parts of the frontend.

    The builtins see it as their context: `builder`, `inline` and `positions`. `evaluate`,
    `execute`, `apply` and `parse_index` are the entry points of the parts, which `lower` connects.
    `guessing` counts the loops around that are lowered with a type still open, to be lowered again.
    """

    evaluate: Callable[[ast.expr], Thing]
    execute: Callable[[Sequence[ast.stmt]], None]
    apply: Callable[[Thing, Sequence[Thing], Mapping[str, Thing]], Thing]
    parse_index: Callable[[ir.Value, object, bool], Position]

    def __init__(self, captures: Captures, frame: Frame, builder: LaneBuilder) -> None:
        self.captures = captures
        self.frame = frame
        self.builder = builder
        self.guessing = 0
        self.loop_states: dict[object, tuple[object, object, Mapping[str, object]]] = {}

    def inline(self, function: object, arguments: tuple[Thing, ...]) -> Thing:
        """The result of a function (a `@tw.func`, a lambda, a builtin) called here."""
        return self.apply(function, arguments, {})

    def positions(self, array: ir.Value, index: object, writing: bool) -> Position:
        """An index as the user wrote it, parsed: (array, a position per axis, `block_axes`)."""
        return self.parse_index(array, index, writing)

    @property
    def lanes(self) -> Shape | None:
        """The shape of the tile conditions around the current place; None where there are none."""
        return self.builder.lanes

    @contextmanager
    def under(self, node: ast.AST) -> Iterator[None]:
        """Give errors and ops made inside the place of a node."""
        builder = self.builder
        outer = builder.location
        builder.location = self.frame.place(node)
        try:
            yield
        except CompileError as error:
            self.locate(error, builder.location)
            raise
        finally:
            builder.location = outer

    def locate(self, error: CompileError, location: Location | None) -> None:
        """Give an error its place, and the places where variables it names got their types."""
        if error.location is None:
            error.location = location
        if error.origins is None:
            error.origins = tuple(self._origins(error.message, error.location))

    def _origins(self, message: str, location: Location | None) -> Iterator[tuple[Location, str]]:
        frame = self.frame
        shown = {location.line} if location is not None else set()
        for name, type in dict.fromkeys(_TYPED_NAME.findall(message)):
            thing = frame.names.get(name)
            if not isinstance(thing, ir.Value) or str(thing.type) != type:
                continue
            place = frame.place_of(name, frame.places)
            if place.line in shown:
                continue
            shown.add(place.line)
            is_assigned = name in frame.places
            yield place, f"`{name}` {f'became {type} here' if is_assigned else 'is a parameter'}"

    def name(self, node: ast.Name) -> Thing:
        """What a name holds here; a `CompileError` where that is nothing, or nothing usable."""
        frame = self.frame
        name = node.id
        if name in frame.names:
            thing = frame.names[name]
            if isinstance(thing, Unbound):
                raise CompileError(thing.message, thing.note)
            return thing
        if name in frame.local_names:
            raise CompileError(
                f"`{name}` is used before it is assigned",
                "a name that a function assigns anywhere is its own: assign it before this",
            )
        value = self.captures.name(frame.definition, name)
        if value is REQUIRED:
            raise CompileError(f"name `{name}` is not defined", self._meant(name))
        return usable(value, f"`{name}`")

    def bind(self, name: str, thing: Thing, node: ast.AST) -> None:
        """Assign to a name."""
        self.frame.names[name] = thing
        self.frame.places[name] = node
        if isinstance(thing, ir.Value):
            if thing.name is None:
                thing.name = name
        elif is_struct(thing):
            name_parts(name, thing)

    def fit(self, value: Thing, annotation: object, what: str) -> Thing:
        """A thing as a parameter or a field is annotated: a constant, of a dtype, or a struct."""
        found = describe_thing(value)
        if annotation is constexpr and has_value(value):
            raise CompileError(
                f"{what} is a constexpr, found {found}",
                "pass a constant, or take the annotation away",
            )
        if is_struct_class(annotation) and not isinstance(value, annotation):  # type: ignore[arg-type]
            raise CompileError(f"{what} is annotated {describe_class(annotation)}, found {found}")  # type: ignore[arg-type]
        if not isinstance(annotation, Dtype):
            return value
        if isinstance(value, Weak):
            value = value.sample
        if isinstance(value, bool | int | float):
            return as_value(self.builder, value, annotation)
        if isinstance(value, ir.Value) and isinstance(value.type, Tile):
            if value.tile.dtype != annotation:
                raise CompileError(
                    f"{what} is annotated {annotation}, found {found}",
                    f"cast it: `.to(tw.{annotation})`",
                )
        return value

    def capture_attribute(self, owner: object, path: str, name: str) -> Thing:
        """An attribute of a captured module or class."""
        value = self.captures.attribute(owner, path, name)
        if value is REQUIRED:
            if isinstance(owner, ModuleType) and name in PUBLIC:
                note: str | None = f"write `tw.{name}`"
            else:
                note = did_you_mean(name, dir(owner), f"{path}.")
            raise CompileError(f"`{path}` has no attribute `{name}`", note)
        return usable(value, f"`{path}.{name}`")

    def _meant(self, name: str) -> str:
        """The way out for a name that is not defined."""
        frame = self.frame
        if name in PUBLIC:
            return f"write `tw.{name}`"
        known = (*frame.names, *frame.definition.function.__globals__)
        meant = did_you_mean(name, known) or did_you_mean(name, PUBLIC, "tw.")
        return meant or "assign it first, pass it as an argument, or define it beside the kernel"


def has_value(thing: Thing) -> bool:
    """Whether something is, or contains, a value known only at run time."""
    if is_struct(thing):
        return any(map(has_value, items_of(thing)))
    return isinstance(thing, ir.Value | Weak)


class Made:
    """The base of things that only the frontend makes, such as lambdas and bound methods."""

    __slots__ = ()


def name_parts(name: str, thing: Thing) -> None:
    """Name the computed parts of a struct after it, where they have no names yet."""
    kind = class_of(thing)
    for position, part in enumerate(items_of(thing)):
        if isinstance(part, ir.Value):
            part.name = part.name or part_name(name, kind, position)
        elif is_struct(part):
            name_parts(part_name(name, kind, position), part)


def usable(value: object, what: str) -> Thing:
    """A host value as a kernel sees it; a `CompileError` for what kernels cannot use.

    Usable are numbers, strings, None, dtypes (NumPy's too), tuples of these, functions, builtins,
    types and modules. A NumPy scalar counts as the Python number it is, which is weak. A thing of
    the frontend is usable as it is.
    """
    kind = type(value)
    if kind in _PLAIN or isinstance(value, _AS_THEY_ARE):
        return value
    if kind is tuple:
        assert isinstance(value, tuple)
        return tuple([usable(item, f"{what}[{k}]") for k, item in enumerate(value)])
    builtin = find_builtin(value)
    if builtin is not None:
        return builtin
    if kind.__module__ in ("numpy", "numpy.dtypes"):
        return _from_numpy(value, what)
    if isinstance(value, tuple) and is_struct(value):  # a NamedTuple
        return rebuild(class_of(value), [usable(item, what) for item in value])
    if isinstance(value, int | float | str):
        return value
    if is_struct(value):
        return _usable_dataclass(value, what)
    if isinstance(value, type):
        dtype = numpy_dtype(value)
        return value if dtype is None else dtype
    if isinstance(value, FunctionType):
        raise CompileError(
            f"{what} is a Python function, which kernels cannot call",
            "decorate it with `@tw.func`",
        )
    if isinstance(value, BuiltinFunctionType | MethodType):
        twin = PUBLIC.get(value.__name__)
        note = _NO_COUNTERPART if twin is None else f"write `tw.{twin.signature}`"
        raise CompileError(f"{what} is a function that has no counterpart in kernels", note)
    if isinstance(getattr(value, "definition", value), Definition):
        raise CompileError(
            f"{what} is a kernel, which other kernels cannot call",
            "put what they share into a function under `@tw.func`",
        )
    refused = refusal(kind)
    if refused is not None:
        raise CompileError(f"{what} is {_article(kind.__name__)}: {refused[0]}", refused[1])
    raise CompileError(
        f"{what} is {_article(kind.__name__)}; of outside values kernels may use constants, "
        "dtypes, `@tw.func` functions and modules",
        "pass it as an argument",
    )


def _usable_dataclass(value: object, what: str) -> Thing:
    """A frozen dataclass with usable fields; as it is, if only some of its fields are usable."""
    items = items_of(value)
    try:
        found = [usable(item, what) for item in items]
    except CompileError:  # what is wrong with a field is said where it is used
        return value
    is_same = all(map(operator.is_, items, found))
    return value if is_same else rebuild(type(value), found)


def numpy_dtype(value: object) -> Dtype | None:
    """The dtype that a NumPy scalar type or NumPy dtype stands for, by its name."""
    name = (
        getattr(value, "__name__", None)
        if isinstance(value, type)
        else getattr(value, "name", None)
    )
    return _NUMPY_DTYPES.get(name) if isinstance(name, str) else None


def joint_lanes(a: Shape | None, b: Shape | None) -> Shape | None:
    """The lanes of one condition inside another."""
    if a is None or b is None:
        return b if a is None else a
    shape = broadcast_shapes(a, b)
    if shape is None:
        raise CompileError(
            f"a condition of shape {b} stands under one of shape {a}, with which it does not "
            "broadcast",
            "compare tiles of one shape, or give one an axis: `v[:, None]`",
        )
    return shape


_NO_COUNTERPART: Final = (
    "write it with the functions of `tw`, or compute it outside and pass the result"
)
# How `describe` names a variable that is a tile or a scalar.
_TYPED_NAME: Final = re.compile(r"`(\w+)` of type ([\w*<>]+)")
_PLAIN: Final = frozenset({int, float, bool, str, type(None), Dtype, type(Ellipsis), slice})
_AS_THEY_ARE: Final = (
    Func, Builtin, ModuleType, type(constexpr), ir.Value, Weak, LoopRange, BlockSlice, Made,
)  # fmt: skip
_NUMPY_DTYPES: Final[dict[str, Dtype]] = {
    "bool": DTYPES_BY_NAME["bool_"], "bool_": DTYPES_BY_NAME["bool_"], "int8": DTYPES_BY_NAME["i8"],
    "int16": DTYPES_BY_NAME["i16"], "int32": DTYPES_BY_NAME["i32"], "int64": DTYPES_BY_NAME["i64"],
    "uint8": DTYPES_BY_NAME["u8"], "uint16": DTYPES_BY_NAME["u16"], "uint32": DTYPES_BY_NAME["u32"],
    "uint64": DTYPES_BY_NAME["u64"], "float16": DTYPES_BY_NAME["f16"],
    "bfloat16": DTYPES_BY_NAME["bf16"], "float32": DTYPES_BY_NAME["f32"],
    "float64": DTYPES_BY_NAME["f64"], "float8_e4m3fn": DTYPES_BY_NAME["f8e4m3"],
    "float8_e5m2": DTYPES_BY_NAME["f8e5m2"],
}  # fmt: skip


def _from_numpy(value: object, what: str) -> Thing:
    dtype = numpy_dtype(getattr(value, "dtype", value))
    number = as_number(value)
    if dtype is None:
        raise CompileError(f"{what} of NumPy has no counterpart in kernels", _NO_COUNTERPART)
    if number is None:
        if hasattr(value, "shape") and value.shape != ():
            raise CompileError(f"{what} is a NumPy array", "pass it as an argument")
        return dtype
    return number


def _accept(op: ir.Op, lanes: Shape, cause: str) -> None:
    """No check."""


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def describe_thing(thing: Thing) -> str:
    """What something in a kernel is, for a message."""
    match thing:
        case Builtin():
            return f"the function `{thing.name}`"
        case Func():
            return f"the function `{thing.__name__}`"
        case Weak():
            return "a number that changes in a loop"
        case ModuleType():
            return f"the module `{thing.__name__}`"
        case type():
            return f"the type `{thing.__name__}`"
        case ir.Value() if isinstance(thing.type, Tile):
            return describe(thing)
        case ir.Value():
            return f"the array `{thing.name}` of type {thing.type}"
    return describe(thing)
