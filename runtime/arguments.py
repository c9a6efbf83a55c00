"""Recognises the arguments of a call: from what the extension read of them to a signature.

The extension reduces each argument to *facts*, one tuple a parameter; here they meet the
annotations. Structs (tuples, NamedTuples, frozen dataclasses) it takes apart into *leaves*: an
array, a number or a constant each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np

from tilewright import _native
from tilewright.dsl.builtins import Builtin
from tilewright.dsl.definition import REQUIRED, Definition, Func, constexpr
from tilewright.dsl.errors import CompileError
from tilewright.dsl.frontend.scope import numpy_dtype
from tilewright.dsl.records import record, replace
from tilewright.dsl.signature import Argument, Constant, Signature, Struct, leaves, parse_type
from tilewright.dsl.structs import (
    describe_class,
    field_names,
    fields_of,
    is_named_tuple,
    is_struct,
    is_struct_class,
    items_of,
    refusal,
)
from tilewright.dsl.types import DTYPE_CODES, DTYPES, Array, Dtype, Tile, Type, pointer_to, scalar

from .errors import LaunchError

# The kinds of parameters that the extension knows.
FREE: Final = 0
CONSTEXPR: Final = 1
SCALAR: Final = 2
ARRAY: Final = 3
POINTER: Final = 4
STRUCTURE: Final = 5

# How the extension takes instances of a class apart.
_PLAIN_TUPLE, _NAMED_TUPLE, _DATACLASS = range(3)

# Facts about arrays, as bits.
ALIGNED: Final = 1
EVEN: Final = 2

RESERVED: Final = frozenset(("num_warps", "num_stages", "stream", "device"))

# One tuple a parameter: ("array", dtype, rank, unit axis or -1, aligned, even, fixed extents), the
# last as pairs of axis and extent; ("scalar", dtype); ("constexpr", value); or ("struct", class,
# names, facts of the fields), class and names None for a plain tuple.
Facts = tuple[tuple[object, ...], ...]

Class: TypeAlias = type


@record
class Parameter:
    """A parameter of a kernel or a field of a struct; `kind` is one of the constants here.

    `type` is its annotation, None where there is none, or one that only says that it is an array.
    `default` is `_native.REQUIRED` where there is none. `cls` is the class of structs that the
    annotation names; `fields` are those of a `STRUCTURE`, whose annotation lists their types.
    """

    name: str
    kind: int
    type: Type | Struct | None
    default: object
    cls: Class | None = None
    fields: tuple[Parameter, ...] = ()

    @property
    def row(self) -> tuple[object, ...]:
        """What the extension wants to know: name, kind, default, dtype, axes of fixed extent.

        Of a `STRUCTURE` also the rows of its fields.
        """
        match self.type:
            case Struct():
                rows = tuple(one.row for one in self.fields)
                return self.name, self.kind, self.default, -1, (), rows
            case Array(dtype, extents):
                keyed = tuple(axis for axis, extent in enumerate(extents) if extent is not None)
                return self.name, self.kind, self.default, DTYPE_CODES[dtype], keyed
            case Tile(Dtype(element=None) as dtype) | Tile(Dtype(element=Dtype() as dtype)):
                return self.name, self.kind, self.default, DTYPE_CODES[dtype], ()
        return self.name, self.kind, self.default, -1, ()


def read_parameters(definition: Definition) -> tuple[Parameter, ...]:
    """The parameters of a kernel; raises `CompileError` for a bad annotation or name."""
    return tuple(
        _read_parameter(definition, name, annotation, default, kind == "constexpr")
        for name, annotation, default, kind in definition.parameters
    )


def parameter_for(name: str, type: Argument) -> Parameter:
    """A parameter that takes arguments of one type."""
    match type:
        case Constant():
            return Parameter(name, CONSTEXPR, None, _native.REQUIRED)
        case Struct(cls, types):
            names = field_names(cls) or map(str, range(len(types)))
            fields = tuple(parameter_for(*one) for one in zip(names, types, strict=True))
            return Parameter(name, STRUCTURE, type, _native.REQUIRED, None, fields)
    return Parameter(name, _kind_of(type), type, _native.REQUIRED)


@lru_cache(maxsize=256)
def parameters_of(cls: type) -> tuple[Parameter, ...]:
    """The fields of a class of structs, as their annotations have them."""
    return tuple(_annotated(one.name, one.annotation, _native.REQUIRED) for one in fields_of(cls))


def array_facts_of(parameters: Iterable[Parameter]) -> int:
    """Which facts about arrays annotations ask for, as the extension counts them."""
    found = 0
    for one in parameters:
        match one.type:
            case Array(aligned=aligned, even=even):
                found |= ALIGNED * aligned | EVEN * even
        fields = one.fields if one.cls is None else parameters_of(one.cls)
        found |= array_facts_of(fields)
    return found


def read_class(cls: type) -> tuple[int, list[tuple[object, ...]]] | str | None:
    """How the extension takes instances of a class apart, or why it must not.

    None for what is no class of structs. Called by the extension for a class it does not know.
    """
    refused = refusal(cls)
    if refused is not None:
        return "\nnote: ".join(refused)
    if not is_struct_class(cls):
        return (_PLAIN_TUPLE, []) if issubclass(cls, tuple) else None
    kind = _NAMED_TUPLE if is_named_tuple(cls) else _DATACLASS
    return kind, [one.row for one in parameters_of(cls)]


def positions_of(signature: Signature) -> tuple[int, ...]:
    """Where the parameters of the function stand among the leaves of a call."""
    found = enumerate(leaves(iter(signature.parameters.values())))
    return tuple(k for k, one in found if not isinstance(one, Constant))


def signature_of(
    kernel: str, parameters: Sequence[Parameter], facts: Facts, narrow: bool
) -> Signature:
    """The signature that a call's facts mean; `LaunchError` if an annotation disagrees."""
    types = {
        parameter.name: _checked(f"argument '{parameter.name}' of {kernel}", parameter, fact)
        for parameter, fact in zip(parameters, facts, strict=True)
    }
    return Signature(types, frozenset(("narrow",)) if narrow else frozenset())


def with_classes(type: Type | Struct, cls: type | None) -> Type | Struct:
    """A type as text gives it, with the class that an annotation names in place of `tuple`."""
    if not isinstance(type, Struct) or type.kind is not tuple or cls is None:
        return type
    expected = parameters_of(cls)
    if len(expected) != len(type.fields):
        raise CompileError(
            f"{type} has {len(type.fields)} fields, expected {len(expected)} of `{cls.__name__}`"
        )
    fields: list[Argument] = []
    for one, found in zip(expected, type.fields, strict=True):
        if (one.kind == CONSTEXPR) is not isinstance(found, Constant):
            kind = "a constexpr" if one.kind == CONSTEXPR else "no constexpr"
            raise CompileError(
                f"field `{one.name}` of `{cls.__name__}` is {kind}, found {found}",
                "a constant is written as its value behind `=`, as in `(f32[:], =4)`",
            )
        fields.append(found if isinstance(found, Constant) else with_classes(found, one.cls))
    return Struct(cls, tuple(fields))


def with_array_facts(argument: Argument) -> Argument:
    """A type with all that can be known of arrays; alignment tells something of rows only."""
    match argument:
        case Struct(kind, fields):
            return Struct(kind, tuple(map(with_array_facts, fields)))
        case Array(extents=extents, unit_axis=unit):
            is_even = all(extent is None or extent % 16 == 0 for extent in extents)
            return replace(argument, aligned=unit is not None, even=is_even)
    return argument


def matches(found: Argument, expected: Argument) -> bool:
    """Whether an argument may stand where an annotation or a signature expects another type."""
    match found, expected:
        case Struct(kind, fields), Struct(wanted, others):
            is_kind = wanted in (tuple, kind) and len(fields) == len(others)
            return is_kind and all(map(matches, fields, others))
        case Constant(value), Constant(other):
            return identity(value) == identity(other)
        case Array(), Array():
            return (
                found.dtype == expected.dtype
                and found.rank == expected.rank
                and expected.unit_axis in (None, found.unit_axis)
                # without a unit axis all strides are multiples, one of 1 is not
                and (found.aligned and found.unit_axis == expected.unit_axis) >= expected.aligned
                and found.even >= expected.even
                and all(
                    wanted in (None, extent)
                    for extent, wanted in zip(found.extents, expected.extents, strict=True)
                )
            )
    return found == expected


def identity(value: object) -> object:
    """A key that tells constants apart as the language does: by type, value and sign."""
    if is_struct(value):
        return type(value), tuple(identity(item) for item in items_of(value))
    match value:
        case float():
            return type(value), value.hex()
    return type(value), value


def identity_of(signature: Signature) -> object:
    """A key that tells signatures apart, `1`, `1.0` and `True` included."""
    return signature.facts, tuple(map(_identity_of, signature.parameters.values()))


def _identity_of(argument: Argument) -> object:
    match argument:
        case Constant(value):
            return Constant, identity(value)
        case Struct(kind, fields):
            return kind, tuple(map(_identity_of, fields))
    return argument


def _checked(what: str, parameter: Parameter | None, fact: tuple[object, ...]) -> Argument:
    """The type of an argument or a field; `LaunchError` if its annotation disagrees."""
    if fact[0] == "struct":
        return _checked_struct(what, parameter, fact)
    found = _type_of(fact)
    if parameter is None or isinstance(found, Constant):
        return found
    expected = parameter.type
    if parameter.cls is not None:
        raise LaunchError(f"{what}: expected {describe_class(parameter.cls)}, got {found}")
    if parameter.kind == POINTER and isinstance(found, Array):
        found = scalar(pointer_to(found.dtype))
    if expected is not None and not matches(found, expected):
        raise LaunchError(
            f"{what}: expected {expected}, got {_without_facts(found, expected)}\n"
            "note: convert the argument, or change the annotation"
        )
    return found


def _checked_struct(what: str, parameter: Parameter | None, fact: tuple[object, ...]) -> Struct:
    _, cls, names, items = fact
    assert isinstance(items, tuple)
    kind: Class = cls if isinstance(cls, type) else tuple
    wanted: Class | None = None
    if parameter is not None and isinstance(parameter.type, Struct):
        wanted = parameter.type.kind
    elif parameter is not None and parameter.cls is not None:
        wanted = parameter.cls
    if wanted is not None and wanted is not tuple and not issubclass(kind, wanted):
        raise LaunchError(f"{what}: expected {describe_class(wanted)}, got {describe_class(kind)}")
    expected: Sequence[Parameter | None] = [None] * len(items)
    if parameter is not None and parameter.kind == STRUCTURE:
        expected = parameter.fields
    elif cls is not None:
        expected = parameters_of(kind)
    fields = []
    for k, (one, item) in enumerate(zip(expected, items, strict=True)):
        field = f"[{k}]" if not isinstance(names, tuple) else f".{names[k]}"
        inner = what.replace("' of ", f"{field}' of ", 1)
        fields.append(_checked(inner, one, item))
        if parameter is not None and isinstance(parameter.type, Struct):
            fixed = parameter.type.fields[k]
            if isinstance(fixed, Constant) and not matches(fields[k], fixed):
                raise LaunchError(f"{inner}: expected {fixed}, got {fields[k]}")
    return Struct(kind, tuple(fields))


def _without_facts(found: Argument, expected: Argument) -> Argument:
    """The type of an argument, with alignment and the like only where that was asked for."""
    match found, expected:
        case Array(), Array():
            aligned = found.aligned and expected.aligned
            return replace(found, aligned=aligned, even=found.even and expected.even)
        case Array(), _:
            return replace(found, aligned=False, even=False)
    return found


def _type_of(fact: tuple[object, ...]) -> Type | Constant:
    match fact:
        case ("constexpr", value):
            return Constant(value)
        case ("scalar", int(code)):
            return scalar(DTYPES[code])
        case ("array", int(code), int(rank), int(unit), bool(aligned), bool(even), tuple(keyed)):
            extents: list[int | None] = [None] * rank
            for axis, extent in keyed:
                extents[axis] = extent
            return Array(DTYPES[code], tuple(extents), unit if unit >= 0 else None, aligned, even)
    raise AssertionError(f"unknown fact {fact!r}")


def _read_parameter(
    definition: Definition, name: str, annotation: object, default: object, is_constexpr: bool
) -> Parameter:
    if name in RESERVED:
        raise CompileError(
            f"parameter `{name}` is named like a launch option",
            f"give it another name than {', '.join(sorted(RESERVED))}",
            definition.place_of_parameter(name),
        )
    if default is REQUIRED:
        default = _native.REQUIRED
    if is_constexpr:
        return Parameter(name, CONSTEXPR, None, default)
    if isinstance(annotation, str):
        try:
            return replace(parameter_for(name, parse_type(annotation)), default=default)
        except CompileError as error:
            error.message = f"annotation of parameter `{name}`: {error.message}"
            error.location = error.location or definition.place_of_parameter(name)
            raise
    if isinstance(annotation, type) and (refused := refusal(annotation)) is not None:
        raise CompileError(
            f"annotation of parameter `{name}`: {refused[0]}",
            refused[1],
            definition.place_of_parameter(name),
        )
    if isinstance(annotation, list | dict | set | int | float):
        raise CompileError(
            f"annotation of parameter `{name}`: found {annotation!r}, expected a type",
            'write `tw.f32`, `"f32[:]"`, `tw.Array` or `tw.constexpr`',
            definition.place_of_parameter(name),
        )
    if type(annotation).__module__ == "numpy" or getattr(annotation, "__module__", "") == "numpy":
        annotation = numpy_dtype(annotation) or annotation
    return _annotated(name, annotation, default)


def _annotated(name: str, annotation: object, default: object) -> Parameter:
    """A parameter or a field as annotated; what means nothing here counts as no annotation."""
    match annotation:
        case Dtype():
            return Parameter(name, SCALAR, scalar(annotation), default)
        case str():
            try:
                return replace(parameter_for(name, parse_type(annotation)), default=default)
            except CompileError:
                return Parameter(name, FREE, None, default)
    if annotation is constexpr:
        return Parameter(name, CONSTEXPR, None, default)
    if getattr(annotation, "__tilewright_array__", False) is True:
        return Parameter(name, ARRAY, None, default)
    cls = annotation if isinstance(annotation, type) and is_struct_class(annotation) else None
    return Parameter(name, FREE, None, default, cls)


def _kind_of(annotated: Type) -> int:
    match annotated:
        case Array():
            return ARRAY
        case Tile(Dtype(element=Dtype())):
            return POINTER
    return SCALAR


_native.register_struct_reader(read_class)
_native.register_constant_classes((Dtype, Func, Builtin, Enum, np.dtype, np.ufunc))
