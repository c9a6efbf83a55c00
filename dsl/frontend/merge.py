"""What a variable may hold where control flow meets: the form of a value, the join of forms.

A *form* is what is known of a variable without knowing its value: the type of a computed value,
the Python type of a weak number that changes, or the compile-time constant itself. Joins only
grow: weak to strong, scalar to tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from .. import ir
from ..builtins import arithmetic
from ..definition import is_same_constant
from ..errors import CompileError, Location
from ..promotion import promote, promote_weak
from ..structs import (
    class_of,
    describe_class,
    field_names,
    fields_of,
    is_struct,
    is_struct_class,
    items_of,
    part_name,
    rebuild,
)
from ..types import Array, Dtype, IndexNumber, Tile, bool_, broadcast_shapes, f32, i32, index

Thing = object  # an `ir.Value`, a Python constant, a `Weak`, an `Unbound`, or a struct of things


class Weak:
    """A number that changes at run time and whose dtype is not known yet, while types are sought.

    It exists only in a lowering of a loop body that is thrown away.
    """

    __slots__ = ("python_type",)
    __match_args__ = ("python_type",)

    def __init__(self, python_type: type) -> None:
        self.python_type = python_type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Weak) and self.python_type is other.python_type

    def __hash__(self) -> int:
        return hash(self.python_type)

    @property
    def sample(self) -> bool | int | float:
        """A literal that promotes alike; 1 fits every dtype and divides everything."""
        sample: bool | int | float = self.python_type(1)
        return sample


class Unbound:
    """What a name holds that is not assigned on every path to here."""

    __slots__ = ("message", "note")

    def __init__(self, message: str, note: str | None = None) -> None:
        self.message = message
        self.note = note

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unbound) and self.message == other.message

    def __hash__(self) -> int:
        return hash(self.message)


class Fixed:
    """The form of a compile-time constant, or of an array: not to be chosen at run time.

    Of a field of a struct also that of a value which all paths leave as it is.
    """

    __slots__ = ("value",)
    __match_args__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and is_same_constant(self.value, other.value)

    def __hash__(self) -> int:
        return hash(type(self.value))


class Group:
    """The form of a struct: its class, and a form for each field."""

    __slots__ = ("items", "kind")
    __match_args__ = ("kind", "items")

    def __init__(self, kind: type, items: Iterable[Form]) -> None:
        self.kind = kind
        self.items = tuple(items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and self.kind is other.kind and self.items == other.items

    def __hash__(self) -> int:
        return hash((self.kind, self.items))


Form = Tile | Weak | Fixed | Group
Shape = tuple[int, ...]
Place = Callable[[], Location]


def form_of(thing: Thing) -> Form:
    """The form of what a variable holds."""
    if isinstance(thing, ir.Value):
        return thing.type if isinstance(thing.type, Tile) else Fixed(thing)
    if isinstance(thing, Weak):
        return thing
    if is_struct(thing):
        return Group(class_of(thing), map(form_of, items_of(thing)))
    return Fixed(thing)


def head_form(thing: Thing) -> Form:
    """The form with which a loop begins: numbers vary; a value in a struct may stay as it is."""
    return _kept(varying(form_of(thing)), thing)


def forms_beside(things: Sequence[Thing]) -> list[Form]:
    """The forms of what a name holds at the ends of branches.

    Where all hold structs, a field with one and the same value everywhere needs no choice.
    """
    forms = [form_of(thing) for thing in things]
    first = forms[0]
    if len(things) < 2 or not isinstance(first, Group):
        return forms
    for form in forms:
        if not isinstance(form, Group) or len(form.items) != len(first.items):
            return forms
    columns = [_beside(column) for column in zip(*map(items_of, things), strict=True)]
    return [
        Group(class_of(thing), [column[k] for column in columns]) for k, thing in enumerate(things)
    ]


def form_against(assumed: Form, thing: Thing) -> Form:
    """The form of a thing; what is still the value that was assumed is fixed."""
    match assumed:
        case Fixed(ir.Value() as value) if value is thing:
            return assumed
        case Group(_, items) if is_struct(thing) and len(items_of(thing)) == len(items):
            return Group(class_of(thing), map(form_against, items, items_of(thing)))
    return form_of(thing)


def refreshed(form: Form, thing: Thing) -> Form:
    """The form with the values that a thing holds now in place of those fixed in it."""
    match form:
        case Fixed(ir.Value()) if isinstance(thing, ir.Value):
            return Fixed(thing)
        case Group(kind, items) if is_struct(thing):
            return Group(kind, map(refreshed, items, items_of(thing)))
    return form


def reweakened(form: Form, thing: Thing) -> Thing:
    """A thing whose numbers are weak again where a form says so."""
    match form:
        case Weak():
            return form
        case Group(kind, items):
            return rebuild(kind, list(map(reweakened, items, items_of(thing))))
    return thing


def environment_of(thing: Thing) -> object:
    """What lowering can depend on of a variable: its form, for an array its type."""
    if isinstance(thing, ir.Value):
        return thing.type
    if is_struct(thing):
        return class_of(thing), [environment_of(item) for item in items_of(thing)]
    return thing if isinstance(thing, (Weak, Unbound)) else Fixed(thing)


def varying(form: Form) -> Form:
    """The form of a variable that is assigned again: a number may be another one next time."""
    match form:
        case Fixed(bool() | int() | float() as number):
            return Weak(_python_type(number))
        case Group(kind, items) if is_struct_class(kind):  # declared constants do not vary
            return Group(
                kind,
                [
                    item if field.is_constexpr else varying(item)
                    for field, item in zip(fields_of(kind), items, strict=True)
                ],
            )
        case Group(kind, items):
            return Group(kind, map(varying, items))
    return form


def settled(form: Form) -> Form:
    """The form with all that is still weak in its default dtype: `i32`, `f32`, `bool_`."""
    match form:
        case Weak(python_type):
            return Tile(_DEFAULTS[python_type], ())
        case Group(kind, items):
            return Group(kind, map(settled, items))
    return form


def same_dtypes(a: Sequence[Form], b: Sequence[Form]) -> bool:
    """Whether forms are the same but for shapes."""
    return all(map(_is_same_dtype, a, b))


def is_settled(form: Form) -> bool:
    """Whether nothing in it is weak."""
    if isinstance(form, Group):
        return all(map(is_settled, form.items))
    return not isinstance(form, Weak)


def grown(name: str, form: Form, shape: Shape | None, place: Place) -> Form:
    """The form of a variable with its computed parts broadcast to lanes of a shape."""
    match form:
        case Tile() if shape is not None:
            joint = broadcast_shapes(form.shape, shape)
            if joint is None:
                raise CompileError(
                    f"`{name}` of shape {form.shape} is assigned under a condition of shape "
                    f"{shape}, with which it does not broadcast",
                    "each lane assigns for itself: give both one shape, as with `v[:, None]`",
                    place(),
                )
            return form.with_shape(joint)
        case Group(kind, items):
            parts = (part_name(name, kind, k) for k in range(len(items)))
            return Group(
                kind,
                [grown(part, item, shape, place) for part, item in zip(parts, items, strict=True)],
            )
    return form


def join(name: str, forms: Sequence[tuple[Form, Place]], in_lanes: bool = False) -> Form:
    """The form that all of several forms grow to; a `CompileError` names the two that clash.

    In lanes a tile may grow to any shape that it broadcasts to, otherwise only from a scalar.
    """
    result, whence = forms[0]
    for form, place in forms[1:]:
        joint = _join(result, form, in_lanes)
        if isinstance(joint, CompileError):
            raise _clash(name, result, whence, form, place, joint)
        if isinstance(result, Weak | Fixed) and isinstance(joint, Tile):
            whence = place
        result = joint
    return result


def convert(b: ir.Builder, thing: Thing, form: Tile) -> ir.Value:
    """A number or a computed value as a value of the form that it was joined to."""
    if isinstance(thing, Weak):
        thing = thing.sample
    if isinstance(thing, ir.Value):
        return arithmetic.broadcast(b, arithmetic.cast(b, thing, form.dtype), form.shape)
    assert isinstance(thing, bool | int | float)
    return arithmetic.literal(b, thing, form.dtype, form.shape)


def flatten(forms: Sequence[Form]) -> list[Tile]:
    """The types of all computed parts."""
    return [leaf for form in forms for leaf in _leaves(form)]


def flatten_things(b: ir.Builder, forms: Sequence[Form], things: Sequence[Thing]) -> list[ir.Value]:
    """The computed parts of several things, each converted to its form."""
    values: list[ir.Value] = []
    for form, thing in zip(forms, things, strict=True):
        match form:
            case Tile():
                values.append(convert(b, thing, form))
            case Group(_, items):
                values += flatten_things(b, items, items_of(thing))
    return values


def unflatten(forms: Sequence[Form], values: Iterator[ir.Value]) -> list[Thing]:
    """Things of these forms, whose computed parts are the next of `values`."""
    things: list[Thing] = []
    for form in forms:
        match form:
            case Tile():
                things.append(next(values))
            case Fixed(value):
                things.append(value)
            case Group(kind, items):
                things.append(rebuild(kind, unflatten(items, values)))
            case Weak():
                things.append(form)
    return things


_DEFAULTS: Final[dict[type, Dtype]] = {bool: bool_, int: i32, IndexNumber: index, float: f32}
_RANKS: Final[dict[type, int]] = {bool: 0, int: 1, IndexNumber: 2, float: 3}


def _python_type(number: bool | int | float) -> type:
    if type(number) is IndexNumber:
        return IndexNumber
    return bool if isinstance(number, bool) else int if isinstance(number, int) else float


def _is_same_dtype(a: Form, b: Form) -> bool:
    match a, b:
        case (Tile(), Tile()):
            return a.dtype == b.dtype
        case (Group(kind, items), Group(other, others)):
            return kind is other and len(items) == len(others) and same_dtypes(items, others)
    return a == b


def _leaves(form: Form) -> Iterator[Tile]:
    match form:
        case Tile():
            yield form
        case Group(_, items):
            for item in items:
                yield from _leaves(item)


def weak_type(form: Form) -> type | None:
    """The Python type of a number that is still weak; None for anything else."""
    match form:
        case Weak(python_type):
            return python_type
        case Fixed(bool() | int() | float() as number):
            return _python_type(number)
    return None


def _join(a: Form, b: Form, in_lanes: bool) -> Form | CompileError:
    """The join of two forms, or why there is none."""
    if a == b:
        return a
    weak_a, weak_b = weak_type(a), weak_type(b)
    if weak_a is not None and weak_b is not None:
        return Weak(max(weak_a, weak_b, key=_RANKS.__getitem__))
    match a, b:
        case (Tile(), Tile()):
            return _join_tiles(a, b, in_lanes)
        case (Tile(), _) if weak_b is not None:
            return _adopt(a, weak_b)
        case (_, Tile()) if weak_a is not None:
            return _adopt(b, weak_a)
        case (Group(), Group()):
            return _join_groups(a, b, in_lanes)
    return CompileError(
        "", "only numbers and tiles are chosen at run time; use a constexpr condition"
    )


def _join_groups(a: Group, b: Group, in_lanes: bool) -> Form | CompileError:
    if a.kind is not b.kind:
        classes = f"{describe_class(a.kind)} and {describe_class(b.kind)}"
        return CompileError("", f"a variable keeps its kind of struct: found {classes}")
    if len(a.items) != len(b.items):
        return CompileError("", "a variable keeps the number of its fields")
    joint: list[Form] = []
    for k, (x, y) in enumerate(zip(a.items, b.items, strict=True)):
        if x != y and is_struct_class(a.kind) and fields_of(a.kind)[k].is_constexpr:
            name = f"{a.kind.__name__}.{fields_of(a.kind)[k].name}"
            return CompileError("", f"`{name}` is a constexpr: it is the same on all paths")
        found = _join(_computed(x), _computed(y), in_lanes) if x != y else x
        if isinstance(found, CompileError):
            return found
        joint.append(found)
    return Group(a.kind, joint)


def _computed(form: Form) -> Form:
    """The type of a value that was taken to stay as it is."""
    match form:
        case Fixed(ir.Value(type=Tile() as tile)):
            return tile
    return form


def _kept(form: Form, thing: Thing) -> Form:
    match form, thing:
        case Group(kind, items), _:
            parts = items_of(thing)
            return Group(
                kind,
                [
                    Fixed(part) if isinstance(part, ir.Value) else _kept(item, part)
                    for item, part in zip(items, parts, strict=True)
                ],
            )
    return form


def _beside(column: Sequence[Thing]) -> list[Form]:
    """The forms of one field at the ends of branches."""
    first = column[0]
    if isinstance(first, ir.Value) and all(thing is first for thing in column):
        return [Fixed(first)] * len(column)
    return forms_beside(column)


def _join_tiles(a: Tile, b: Tile, in_lanes: bool) -> Form | CompileError:
    dtype = a.dtype
    if dtype != b.dtype:
        # An index value yields to a strong dtype as a literal does; the dtype it yields to must not
        # change.
        if index not in (a.dtype, b.dtype):
            return CompileError("", f"give both one dtype, as with `.to(tw.{a.dtype})`")
        strong = b.dtype if a.dtype is index else a.dtype
        if strong.is_pointer or promote(index, strong) != strong:
            return CompileError("", f"give both one dtype, as with `.to(tw.{strong})`")
        dtype = strong
    if a.shape == b.shape or not b.shape:
        return Tile(dtype, a.shape)
    if not a.shape:
        return Tile(dtype, b.shape)
    shape = broadcast_shapes(a.shape, b.shape)
    if in_lanes and shape is not None:
        return Tile(dtype, shape)
    return CompileError("", "a variable's shape may only grow from a scalar to a tile")


def _adopt(tile: Tile, python_type: type) -> Form | CompileError:
    if not tile.dtype.is_pointer and promote_weak(tile.dtype, python_type) == tile.dtype:
        return tile
    return CompileError("", f"give both one dtype, as with `.to(tw.{tile.dtype})`")


def _clash(
    name: str, a: Form, place_a: Place, b: Form, place_b: Place, reason: CompileError
) -> CompileError:
    here, there = place_b(), place_a()
    if here.file == there.file and (here.line, here.column) < (there.line, there.column):
        here, there, a, b = there, here, b, a
    return CompileError(
        f"`{name}` is {describe_form(b)} here but {describe_form(a)} at {there}", reason.note, here
    )


def describe_form(form: Form) -> str:
    """What a variable holds, for a message."""
    match form:
        case Tile():
            return str(form)
        case Weak(python_type):
            return "index" if python_type is IndexNumber else f"a Python {python_type.__name__}"
        case Group(kind, items):
            names = field_names(kind)
            parts = list(map(describe_form, items))
            if names is None:
                return f"({', '.join(parts)})"
            parts = [f"{name}: {part}" for name, part in zip(names, parts, strict=True)]
            return f"{kind.__name__}({', '.join(parts)})"
        case Fixed(ir.Value(type=Tile() as tile)):
            return str(tile)
        case Fixed(ir.Value() as value) if isinstance(value.type, Array):
            return f"the array {value.name or value.type}"
    return arithmetic.describe(form.value)
