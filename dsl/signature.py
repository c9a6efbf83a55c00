"""Parameter types and constants of one specialization, and their text: `f32[:, ::1]; narrow`.

The text form is that of LANGUAGE.md section 8. It lists the parameters that are not constexprs,
in order, and behind a `;` what holds for the launch. `parse_signature(str(signature), names)` gives
the same types and facts, with plain tuples for structs. A constant in a struct is its value behind
`=`: `(f32[:], ="relu", =4)`.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .errors import CompileError
from .records import field, record
from .types import DTYPES, DTYPES_BY_NAME, Array, Dtype, Tile, Type, index, pointer_to, scalar

ARRAY_FACTS: Final = ("aligned", "even")
LAUNCH_FACTS: Final = ("narrow", "disjoint")
_AXIS_EXPECTED: Final = "expected an axis: `:`, `::1`, `16`, `16::1`"
_LONGEST_EXTENT: Final = 18  # digits that surely fit 64 bits


@record
class Constant:
    """The value of a constexpr parameter, or of a constant in a struct."""

    value: object

    def __str__(self) -> str:
        return f"={_show_constant(self.value)}"


@record
class Struct:
    """The type of a tuple, NamedTuple or frozen dataclass: its class and what its fields are.

    The class is `tuple` where the fields have no names.
    """

    kind: type
    fields: tuple[Type | Constant | Struct, ...]

    def __str__(self) -> str:
        comma = "," if len(self.fields) == 1 else ""
        return f"({', '.join(map(str, self.fields))}{comma})"


Argument = Type | Constant | Struct


@record
class Signature:
    """What a kernel is compiled for.

    `parameters` are all parameters in the order of the definition; `facts` hold for the launch
    (`narrow`: 32-bit offsets suffice; `disjoint`: nothing written overlaps another argument, or
    itself).
    """

    parameters: Mapping[str, Argument]
    facts: frozenset[str] = field(default_factory=frozenset)

    @property
    def types(self) -> tuple[Type | Struct, ...]:
        """The types of the parameters that are not constexprs, in order."""
        return tuple([one for one in self.parameters.values() if not isinstance(one, Constant)])

    def __str__(self) -> str:
        text = ", ".join([str(one) for one in self.types])
        facts = [fact for fact in LAUNCH_FACTS if fact in self.facts]
        return f"{text}; {', '.join(facts)}" if facts else text


def leaves(arguments: Iterator[Argument]) -> Iterator[Type | Constant]:
    """The types and constants of arguments, structs taken apart field by field."""
    for one in arguments:
        if isinstance(one, Struct):
            yield from leaves(iter(one.fields))
        else:
            yield one


def parse_signature(
    text: str, names: Sequence[str]
) -> tuple[dict[str, Type | Struct], frozenset[str] | None]:
    """Types by parameter name, and launch facts, of a signature text.

    `names` are the parameters that are not constexprs. Facts are None where the text has no `;`.
    Raises `CompileError` saying what is wrong and at which column.
    """
    if not isinstance(text, str):
        raise CompileError(
            f"a signature is a text, found {type(text).__name__}",
            'write the types of the parameters, as in "f32[:, ::1], f32"',
        )
    reader = _Reader(text, "signature")
    types: list[Type | Struct] = []
    if not reader.at_end and not reader.sees(";"):
        types.append(reader.type())
        while reader.takes(","):
            types.append(reader.type())
    facts: frozenset[str] | None = None
    if reader.takes(";"):
        facts = reader.facts(LAUNCH_FACTS, "a launch") if not reader.at_end else frozenset()
    reader.finish("`,` and a type, or `;` and facts" if facts is None else "`,` and a fact")
    if len(types) != len(names):
        raise CompileError(
            f"signature {text!r} has {len(types)} types, expected {len(names)}",
            f"parameters are {', '.join(names)}; constexprs are given by keyword"
            if names
            else "the kernel has no parameters that are not constexprs",
        )
    return dict(zip(names, types, strict=True)), facts


def parse_type(text: str) -> Type | Struct:
    """The type of one parameter, as in an annotation: `"f32"`, `"f32[:, ::1]"`, `"(f32, i32)"`.

    Raises `CompileError` saying what is wrong and at which column.
    """
    reader = _Reader(text, "type")
    found = reader.type()
    reader.finish("the end")
    return found


class _Reader:
    """A place in a text, and what stands there."""

    def __init__(self, text: str, what: str) -> None:
        self._text = text
        self._what = what
        self._place = 0
        self._skip()

    @property
    def at_end(self) -> bool:
        return self._place == len(self._text)

    def sees(self, sign: str) -> bool:
        return self._text.startswith(sign, self._place)

    def takes(self, sign: str) -> bool:
        if not self.sees(sign):
            return False
        self._place += len(sign)
        self._skip()
        return True

    def finish(self, expected: str) -> None:
        if not self.at_end:
            raise self._error(f"found {self._rest()}, expected {expected}")

    def type(self) -> Type | Struct:
        if self.takes("("):
            return Struct(tuple, tuple(self._fields()))
        if self.takes("*"):
            return scalar(pointer_to(self._dtype()))
        dtype = self._dtype()
        if self.takes("["):
            return self._array(dtype)
        if self.sees("{"):
            raise self._error(f"facts about `{dtype}`, which is no array")
        return Tile(dtype)

    def facts(self, known: Sequence[str], of: str) -> frozenset[str]:
        found = set()
        while True:
            start = self._place
            word = self._word()
            if word not in known:
                what = f"`{word}`" if word else self._rest()
                raise self._error(
                    f"found {what}, expected a fact about {of}: {' or '.join(known)}", start
                )
            found.add(word)
            if not self.takes(","):
                return frozenset(found)

    def _fields(self) -> Iterator[Argument]:
        """The types and constants of a tuple; a comma may stand behind the last."""
        while not self.takes(")"):
            yield self._constant() if self.takes("=") else self.type()
            if not self.takes(",") and not self.sees(")"):
                raise self._error(f"found {self._rest()}, expected `,` or `)`")

    def _constant(self) -> Constant:
        """What follows `=`: a number, a string, a truth value, None, or a dtype."""
        start, text = self._place, self._text
        end = start
        if text[start : start + 1] in ("'", '"'):
            end = _end_of_string(text, start)
        else:
            while end < len(text) and (text[end].isalnum() or text[end] in "_.+-"):
                end += 1
        word = text[start:end]
        if word in DTYPES_BY_NAME:
            value: object = DTYPES_BY_NAME[word]
        elif word in _FLOATS:
            value = float(word)
        else:
            try:
                value = literal_eval(word)
            except (ValueError, SyntaxError):
                raise self._error(
                    f"found {f'`{word}`' if word else self._rest()}, expected a constant",
                    start,
                    "numbers, strings, None and dtypes can be written; give arguments otherwise",
                ) from None
        self._place = end
        self._skip()
        return Constant(value)

    def _dtype(self) -> Dtype:
        start = self._place
        name = self._word()
        if name in DTYPES_BY_NAME and name != index.name:
            return DTYPES_BY_NAME[name]
        names = ", ".join([dtype.name for dtype in DTYPES if dtype is not index])
        what = f"there is no dtype `{name}`" if name else f"found {self._rest()}, expected a dtype"
        raise self._error(what, start, f"dtypes are {names}")

    def _array(self, dtype: Dtype) -> Array:
        """What follows `f32[`."""
        extents: list[int | None] = []
        unit_axis: int | None = None
        while not (not extents and self.takes("]")):
            start = self._place
            extent, is_unit = self._axis()
            if is_unit and unit_axis is not None:
                raise self._error(
                    f"axes {unit_axis} and {len(extents)} both have unit stride", start
                )
            unit_axis = len(extents) if is_unit else unit_axis
            extents.append(extent)
            if self.takes("]"):
                break
            if not self.takes(","):
                raise self._error(f"found {self._rest()}, expected `,` or `]`")
        facts: frozenset[str] = frozenset()
        if self.takes("{"):
            facts = self.facts(ARRAY_FACTS, "an array")
            if not self.takes("}"):
                raise self._error(f"found {self._rest()}, expected `,` or `}}`")
        return Array(dtype, tuple(extents), unit_axis, "aligned" in facts, "even" in facts)

    def _axis(self) -> tuple[int | None, bool]:
        """The extent of an axis, if fixed, and whether its stride is 1."""
        start = self._place
        digits = self._word()
        if digits and not (digits.isascii() and digits.isdigit()):
            raise self._error(f"found `{digits}`, {_AXIS_EXPECTED}", start)
        if len(digits) > _LONGEST_EXTENT:
            raise self._error("an extent beyond 64 bits", start)
        extent = int(digits) if digits else None
        if self.takes("::"):
            stride = self._word()
            if stride != "1":
                raise self._error("only the stride 1 may be written: `::1`", start)
            return extent, True
        if extent is None and not self.takes(":"):
            raise self._error(f"found {self._rest()}, {_AXIS_EXPECTED}")
        return extent, False

    def _word(self) -> str:
        """Letters, digits and underscores from here on; empty if there are none."""
        text, end = self._text, self._place
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        word = text[self._place : end]
        self._place = end
        self._skip()
        return word

    def _skip(self) -> None:
        while self._place < len(self._text) and self._text[self._place].isspace():
            self._place += 1

    def _rest(self) -> str:
        return "the end" if self.at_end else f"`{self._text[self._place]}`"

    def _error(
        self, message: str, place: int | None = None, note: str | None = None
    ) -> CompileError:
        column = (self._place if place is None else place) + 1
        return CompileError(f"{self._what} {self._text!r}, column {column}: {message}", note)


_FLOATS: Final = ("inf", "-inf", "nan")


def _end_of_string(text: str, start: int) -> int:
    """Where a string that begins with a quote is over."""
    end = start + 1
    while end < len(text) and text[end] != text[start]:
        end += 2 if text[end] == "\\" else 1
    return min(end + 1, len(text))


def _show_constant(value: object) -> str:
    """A constant as text; what has no text that reads back is shown in `<>`."""
    if isinstance(value, str | bool | int | float | Dtype) or value is None:
        return repr(value)
    return f"<{getattr(value, '__name__', None) or type(value).__name__}>"
