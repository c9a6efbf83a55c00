"""Recognises the arguments of a call: from what the extension read of them to a signature.

The extension reduces each argument to *facts*, one tuple a parameter; here they meet the
annotations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tilewright import _native
from tilewright.dsl.definition import REQUIRED, Definition
from tilewright.dsl.errors import CompileError
from tilewright.dsl.signature import Constant, Signature, parse_type
from tilewright.dsl.types import DTYPE_CODES, DTYPES, Array, Dtype, Tile, Type, pointer_to, scalar

from .errors import LaunchError

# The kinds of parameters that the extension knows.
FREE: Final = 0
CONSTEXPR: Final = 1
SCALAR: Final = 2
ARRAY: Final = 3
POINTER: Final = 4

RESERVED: Final = frozenset(("num_warps", "num_stages", "stream", "device"))

# One tuple a parameter: ("array", dtype, rank, unit axis or -1, aligned, even, fixed extents), the
# last as pairs of axis and extent; ("scalar", dtype); or ("constexpr", value).
Facts = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a kernel: `kind` is one of the constants here, `type` its annotation.

    `type` is None where there is no annotation, or one that only says that it is an array.
    `default` is `_native.REQUIRED` where there is none.
    """

    name: str
    kind: int
    type: Type | None
    default: object

    @property
    def row(self) -> tuple[str, int, object, int, tuple[int, ...]]:
        """What the extension wants to know: name, kind, default, dtype, axes of fixed extent."""
        match self.type:
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


def parameter_for(name: str, type: Type) -> Parameter:
    """A parameter that takes arguments of one type."""
    return Parameter(name, _kind_of(type), type, _native.REQUIRED)


def signature_of(
    kernel: str, parameters: Sequence[Parameter], facts: Facts, narrow: bool
) -> Signature:
    """The signature that a call's facts mean; `LaunchError` if an annotation disagrees."""
    types: dict[str, Type | Constant] = {}
    for parameter, fact in zip(parameters, facts, strict=True):
        found = _type_of(fact)
        types[parameter.name] = found
        if isinstance(found, Constant) or parameter.type is None:
            continue
        if parameter.kind == POINTER and isinstance(found, Array):
            types[parameter.name] = found = scalar(pointer_to(found.dtype))
        if not matches(found, parameter.type):
            shown = _without_facts(found, parameter.type)
            raise LaunchError(
                f"argument '{parameter.name}' of {kernel}: expected {parameter.type}, got {shown}"
            )
    return Signature(types, frozenset(("narrow",)) if narrow else frozenset())


def matches(found: Type, expected: Type) -> bool:
    """Whether an argument may stand where an annotation or a signature expects another type."""
    match found, expected:
        case Array(), Array():
            return (
                found.dtype == expected.dtype
                and found.rank == expected.rank
                and expected.unit_axis in (None, found.unit_axis)
                and found.aligned >= expected.aligned
                and found.even >= expected.even
                and all(
                    wanted in (None, extent)
                    for extent, wanted in zip(found.extents, expected.extents, strict=True)
                )
            )
    return found == expected


def identity(value: object) -> object:
    """A key that tells constants apart as the language does: by type, value and sign."""
    match value:
        case tuple():
            return tuple, tuple(identity(item) for item in value)
        case float():
            return float, value.hex()
    return type(value), value


def identity_of(signature: Signature) -> object:
    """A key that tells signatures apart, `1`, `1.0` and `True` included."""
    return signature.facts, tuple(
        (Constant, identity(one.value)) if isinstance(one, Constant) else one
        for one in signature.parameters.values()
    )


def _without_facts(found: Type, expected: Type) -> Type:
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
            definition.header,
        )
    if default is REQUIRED:
        default = _native.REQUIRED
    if is_constexpr:
        return Parameter(name, CONSTEXPR, None, default)
    match annotation:
        case Dtype():
            return Parameter(name, SCALAR, scalar(annotation), default)
        case str():
            try:
                found = parse_type(annotation)
            except CompileError as error:
                error.message = f"annotation of parameter `{name}`: {error.message}"
                error.location = error.location or definition.header
                raise
            return Parameter(name, _kind_of(found), found, default)
    if getattr(annotation, "__tilewright_array__", False) is True:
        return Parameter(name, ARRAY, None, default)
    return Parameter(name, FREE, None, default)


def _kind_of(annotated: Type) -> int:
    match annotated:
        case Array():
            return ARRAY
        case Tile(Dtype(element=Dtype())):
            return POINTER
    return SCALAR
