"""What a variable may hold where control flow meets: the form of a value, the join of forms.

A *form* is what is known of a variable without knowing its value: the type of a computed value,
the Python type of a weak number that changes, or the compile-time constant itself. Joins only
grow: weak to strong, scalar to tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from .. import ir
from ..builtins import arithmetic
from ..definition import is_same_constant
from ..errors import CompileError, Location
from ..promotion import promote, promote_weak
from ..types import Array, Dtype, Tile, bool_, broadcast_shapes, f32, i32, index

Thing = object  # an `ir.Value`, a Python constant, a `Weak`, an `Unbound`, or a tuple of things


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
    """The form of a compile-time constant, or of an array: not to be chosen at run time."""

    __slots__ = ("value",)
    __match_args__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and is_same_constant(self.value, other.value)

    def __hash__(self) -> int:
        return hash(type(self.value))


Form = Tile | Weak | Fixed | tuple["Form", ...]
Shape = tuple[int, ...]
Place = Callable[[], Location]


def form_of(thing: Thing) -> Form:
    """The form of what a variable holds."""
    if isinstance(thing, ir.Value):
        return thing.type if isinstance(thing.type, Tile) else Fixed(thing)
    if isinstance(thing, Weak):
        return thing
    if type(thing) is tuple:
        return tuple([form_of(item) for item in thing])
    return Fixed(thing)


def environment_of(thing: Thing) -> object:
    """What lowering can depend on of a variable: its form, for an array its type."""
    if isinstance(thing, ir.Value):
        return thing.type
    if type(thing) is tuple:
        return tuple([environment_of(item) for item in thing])
    return thing if isinstance(thing, (Weak, Unbound)) else Fixed(thing)


def varying(form: Form) -> Form:
    """The form of a variable that is assigned again: a number may be another one next time."""
    match form:
        case Fixed(bool() | int() | float() as number):
            return Weak(_python_type(number))
        case tuple():
            return tuple([varying(item) for item in form])
    return form


def settled(form: Form) -> Form:
    """The form with all that is still weak in its default dtype: `i32`, `f32`, `bool_`."""
    match form:
        case Weak(python_type):
            return Tile(_DEFAULTS[python_type], ())
        case tuple():
            return tuple([settled(item) for item in form])
    return form


def same_dtypes(a: Sequence[Form], b: Sequence[Form]) -> bool:
    """Whether forms are the same but for shapes."""
    return all(map(_is_same_dtype, a, b))


def is_settled(form: Form) -> bool:
    """Whether nothing in it is weak."""
    if isinstance(form, tuple):
        return all(map(is_settled, form))
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
                    None,
                    place(),
                )
            return form.with_shape(joint)
        case tuple():
            return tuple([grown(name, item, shape, place) for item in form])
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
            case tuple():
                assert isinstance(thing, tuple)
                values += flatten_things(b, form, thing)
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
            case tuple():
                things.append(tuple(unflatten(form, values)))
            case Weak():
                things.append(form)
    return things


_DEFAULTS: Final[dict[type, Dtype]] = {bool: bool_, int: i32, float: f32}
_RANKS: Final[dict[type, int]] = {bool: 0, int: 1, float: 2}


def _python_type(number: bool | int | float) -> type:
    return bool if isinstance(number, bool) else int if isinstance(number, int) else float


def _is_same_dtype(a: Form, b: Form) -> bool:
    match a, b:
        case (Tile(), Tile()):
            return a.dtype == b.dtype
        case (tuple(), tuple()):
            return len(a) == len(b) and same_dtypes(a, b)
    return a == b


def _leaves(form: Form) -> Iterator[Tile]:
    match form:
        case Tile():
            yield form
        case tuple():
            for item in form:
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
        case (tuple(), tuple()) if len(a) == len(b):
            joint: list[Form] = []
            for x, y in zip(a, b, strict=True):
                found = _join(x, y, in_lanes)
                if isinstance(found, CompileError):
                    return found
                joint.append(found)
            return tuple(joint)
    return CompileError(
        "", "only numbers and tiles are chosen at run time; use a constexpr condition"
    )


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
            return f"a Python {python_type.__name__}"
        case tuple():
            return f"({', '.join(map(describe_form, form))})"
        case Fixed(ir.Value() as value) if isinstance(value.type, Array):
            return f"the array {value.name or value.type}"
    return arithmetic.describe(form.value)
