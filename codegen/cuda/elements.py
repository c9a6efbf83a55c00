"""The values of one element in a loop: each sink asks for one, which pulls in its operands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Tile, bf16, f32, i32, i64, index

from ..analysis.contiguity import Coordinates, through_broadcast, through_unit_reshape
from ..analysis.divisibility import MOST
from ..analysis.ranges import ANY
from ..planning.coordinates import access_shape, align_shape, aligned, identity
from ..planning.steps import View
from .program import Access, Program, in_registers, offset_of, zero
from .spelling import COMPARISONS, bare, cast, constant, elementwise, inside, name_of, type_of
from .steps import Loop

# What an index in 32 bits may be that is compared to another one cut off.
FAR: Final = 2**31 - 1

Key = tuple[ir.Value, Coordinates]


@record
class Fetched:
    """Neighbours that were loaded at once: a pack, and when they are what the load asks for."""

    pack: str
    condition: str | None


@record
class Far:
    """An index in 32 bits that all elements share, and whether packs end where it does."""

    text: str
    is_even: bool


class Elements:
    """The element at which a loop stands: its coordinates, its slot, and what is known of it."""

    def __init__(self, program: Program, loop: Loop) -> None:
        self.program = program
        self.writer = program.writer
        self.loop = loop
        self.coordinates: list[str] = []
        self.slot = "0"
        self.row_slot = "0"
        self.member = "0"  # which of a pack's neighbours it is
        self.first: tuple[int, str] | None = None  # along which dimension, and where a pack begins
        self.fetched: dict[Key, Fetched] = {}
        self.access_of: Callable[[ir.Load | ir.Store | ir.Atomic, Coordinates], Access]
        self._known: list[dict[Key, str]] = [{}]
        self._views: dict[ir.Value, View] = {value: view for value, _, view in loop.reads}
        self.inner: set[ir.Value] = set()  # the ops of the regions of this loop
        self.made: dict[ir.Value, View] = {}  # kept by this loop: computed, not read back
        self.quotients: dict[ir.Value, str] = {}  # what was divided before the loop

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What becomes known meanwhile is forgotten afterwards: it stands between braces."""
        self._known.append({})
        yield
        self._known.pop()

    def whole(self, value: ir.Value) -> str:
        """A value where it lies when it broadcasts against the loop's space."""
        return self.at(value, self.place_of(value))

    def place_of(self, value: ir.Value) -> Coordinates:
        """Where a value lies when it broadcasts against the loop's space."""
        return align_shape(value.tile.shape, identity(self.loop.space))

    def know(self, value: ir.Value, text: str, where: Coordinates | None = None) -> None:
        """Say what the present element of a value is, at coordinates if not where it lies."""
        self._known[-1][value, self.place_of(value) if where is None else where] = text

    def at(self, value: ir.Value, where: Coordinates) -> str:
        """The text of a value at coordinates."""
        for known in reversed(self._known):
            found = known.get((value, where))
            if found is not None:
                return found
        if not value.tile.shape and not where and not self._is_local(value):
            return self.program.scalar(value)
        text = self._make(value, where)
        self._known[-1][value, where] = text
        return text

    def _is_local(self, value: ir.Value) -> bool:
        """Whether a scalar is an op of a region, which the program does not know."""
        return (
            isinstance(value, ir.Op) and value not in self.program.scalars and value in self.inner
        )

    def _make(self, value: ir.Value, where: Coordinates) -> str:
        view = self._views.get(value)
        if view is not None and value not in self.made:
            return self._read(value, view, where)
        assert isinstance(value, ir.Op), f"{value!r} is not known here"
        match value:
            case ir.Const(number, Tile(dtype)):
                return constant(number, dtype)
            case ir.Iota():
                return self._iota(value, where)
            case ir.Broadcast(x):
                return self.at(x, through_broadcast(x, where, value.tile.shape))
            case ir.Reshape(x) if not value.tile.shape:
                return self.whole(x)
            case ir.Reshape(x):
                inner = through_unit_reshape(x.tile.shape, value.tile.shape, where)
                assert inner is not None
                return self.at(x, inner)
            case ir.Reduce("or", x):
                return self.whole(x)  # in a region each lane answers for itself
            case ir.Load():
                return self._load(value, where)
            case ir.LoadPointer():
                return self._define(
                    value, self.program.load_pointer(value, self._operand(value, where))
                )
            case ir.Extent() | ir.Stride() | ir.Address() | ir.Allocation():
                return self.program.scalar(value)
            case ir.ProgramId() | ir.NumPrograms():
                return self.program.scalar(value)
            case ir.Compare(kind, left, right) if far := self._far(right):
                near = self._near(left, where, value, kind in ("lt", "ge") and far.is_even)
                if near is not None:
                    return self._define(value, f"{near} {COMPARISONS[kind]} {far.text}")
            case ir.Compare(kind, left, right) if far := self._far(left):
                near = self._near(right, where, value, kind in ("gt", "le") and far.is_even)
                if near is not None:
                    return self._define(value, f"{far.text} {COMPARISONS[kind]} {near}")
            case ir.Gather():
                return self._define(value, self._gather(value, where))
            case ir.Cast(ir.Load() as x) if (
                x.tile.dtype is bf16
                and value.tile.dtype is f32
                and (pack := self._whole_pack(x, aligned(x, where, value.tile.shape)))
            ):
                return self._define(value, f"to<f32>({pack}, {self.member})")
            case ir.Binary("div") if value in self.quotients:
                return f"{self.quotients[value]}[{self.slot}]"
            case ir.Binary("div", x, by) if (
                x.tile.dtype is f32 and not self.program.fast and (shared := self.shared(by))
            ):
                dividend = bare(self._operand(value, where)(x))
                return self._define(value, f"divide({dividend}, divisor({shared}))")
            case _:
                pass
        texts = [self._operand(value, where)(x) for x in value.operands]
        return self._define(value, elementwise(value, texts, self.program.fast))

    def _near(self, x: ir.Value, where: Coordinates, op: ir.Op, is_even: bool) -> str | None:
        """An index that 32 bits hold with room to spare, in 32 bits; None if it may be none.

        That of the first of a pack where `is_even`, what it is compared to, cannot come between.
        """
        match x:
            case ir.Iota() if x.tile.dtype is index:
                axis = aligned(x, where, op.tile.shape)[x.axis]
                number = "0" if axis is None else self.coordinates[axis]
                if is_even and self.first is not None and self.first[0] == axis:
                    number = number if x.start % MOST else self.first[1]
                return f"{number} + {x.start}" if x.start else number
            case ir.Cast(y, dtype) if dtype is index and y.tile.dtype is i32:
                least, most = self.program.ranges.get(y, ANY)
                if least is not None and most is not None and -FAR < least <= most < FAR:
                    return self.at(y, aligned(y, where, op.tile.shape))
        return None

    def _far(self, x: ir.Value) -> Far | None:
        """An index that all elements share, cut off where 32 bits end: an index that is not near
        the end compares to it as to the whole.
        """
        program = self.program
        match x:
            case ir.Broadcast(y) if (
                not y.tile.shape and y.tile.dtype is index and not self._is_local(y)
            ):
                is_small = program.narrow and isinstance(y, ir.Extent)
                text = f"{'i32' if is_small else 'saturated'}({program.scalar(y)})"
                return Far(text, program.facts[1].of(y, (), None) == MOST)
        return None

    def shared(self, x: ir.Value) -> str | None:
        """The text of a value that all elements share; None if they do not."""
        match x:
            case ir.Const(number, Tile(dtype)):
                return constant(number, dtype)
            case ir.Broadcast(y) | ir.Reshape(y):
                return self.shared(y)
            case _ if not x.tile.shape and not self._is_local(x):
                return self.program.scalar(x)
        return None

    def operand_at(self, op: ir.Op, where: Coordinates) -> Operand:
        """What gives the operands of an op that lies at coordinates."""
        return self._operand(op, where)

    def operand_of(self, op: ir.Op) -> Operand:
        """What gives the operands of an op that broadcasts against the loop's space."""
        return self._operand(op, None)

    def _operand(self, op: ir.Op, where: Coordinates | None) -> Operand:
        return Operand(self, op, where)

    def _define(self, op: ir.Op, text: str) -> str:
        return self.writer.define(type_of(op.tile.dtype), name_of(op), text)

    def _iota(self, op: ir.Iota, where: Coordinates) -> str:
        axis = where[op.axis]
        if axis is None:
            return constant(op.start, op.tile.dtype)
        # Past 31 bits a literal without a suffix has a type that is none of ours.
        is_near = abs(op.start) < 1 << 31
        source, start = (i32, op.start) if is_near else (i64, constant(op.start, i64))
        text = self.coordinates[axis]
        text = f"{text} + {start}" if op.start else text
        return (
            cast(text, source, op.tile.dtype)
            if op.tile.dtype is not source
            else text
            if text.isidentifier()
            else f"({text})"
        )

    def _load(self, op: ir.Load, where: Coordinates) -> str:
        found = self.fetched.get((op, where))
        if found is None:
            access = self.access_of(op, where)
            text = self.program.load(op, self._operand(op, where), True, access)
            return self._define(op, text)
        text = f"{found.pack}.at[{self.member}]"
        if op.tile.dtype.is_bool:
            text = f"{text} != 0"
        if op.mask is not None or op.fill is not None:
            operand = self._operand(op, where)
            fill = zero(op.tile.dtype) if op.fill is None else operand(op.fill)
            tests = [] if op.mask is None else [operand(op.mask)]
            if found.condition is not None and op.fill is not None:
                tests.append(found.condition.format(member=self.member))
            if tests:
                text = f"{' && '.join(tests)} ? {text} : {fill}"
        return self._define(op, text)

    def _whole_pack(self, op: ir.Load, where: Coordinates) -> str | None:
        """The pack whose element a load is, whatever holds; None if there is none."""
        found = self.fetched.get((op, where))
        if found is None or op.mask is not None:
            return None
        return found.pack if found.condition is None or op.fill is None else None

    def _read(self, value: ir.Value, view: View, where: Coordinates) -> str:
        """An element of a kept tile."""
        dtype = value.tile.dtype
        name = self.program.buffers[view.buffer]
        place = in_registers(self.program.plan, view)
        if place is not None:
            return f"{name}[{self.row_slot if place.copied else self.slot}]"
        index = self.offset(view, where)
        text = f"{name}[{bare(index)}]"
        return self.writer.define(type_of(dtype), value.name or "value", text)

    def offset(self, view: View, where: Coordinates) -> str:
        """Where an element of a view lies in its buffer."""
        positions = ["0" if axis is None else self.coordinates[axis] for axis in where]
        if view.swizzle:
            positions = [bare(position) for position in positions]
            if view.strides[-1] != 1:
                positions.reverse()
            return f"swizzled<{view.swizzle}>({', '.join(positions)})"
        strides = tuple(map(str, view.strides))
        text = offset_of(positions, strides)
        if not view.offset:
            return text
        return str(view.offset) if text == "0" else f"{view.offset} + {text}"

    def _gather(self, op: ir.Gather, where: Coordinates) -> str:
        """An element of a kept tile at a computed position; 0 where that lies outside."""
        view = self._views[op.x]
        shape = op.x.tile.shape
        index = self.at(op.index, where)
        wide = cast(index, op.index.tile.dtype, i64)
        positions = []
        for axis, extent in enumerate(shape):
            follows = where[axis]
            if axis == op.axis:
                positions.append(wide)
            else:
                is_still = extent == 1 or follows is None
                positions.append("0" if is_still else self.coordinates[follows or 0])
        offset = offset_of(positions, tuple(map(str, view.strides)))
        offset = f"{view.offset} + {offset}" if view.offset else offset
        text = f"{self.program.buffers[view.buffer]}[{offset}]"
        return f"{inside(wide, shape[op.axis])} ? {text} : {zero(op.tile.dtype)}"


class Operand:
    """Gives the texts of an op's operands where the op lies."""

    def __init__(self, elements: Elements, op: ir.Op, where: Coordinates | None) -> None:
        self.elements = elements
        self.op = op
        self.where = where

    def __call__(self, value: ir.Value) -> str:
        """The text of an operand."""
        if self.where is None:
            return self.elements.whole(value)
        shape = self.op.tile.shape if self.op.results else _shape_of(self.op)
        return self.elements.at(value, aligned(value, self.where, shape))


def _shape_of(op: ir.Op) -> tuple[int, ...]:
    """The shape of the elements that a store writes."""
    match op:
        case ir.Store() | ir.StorePointer():
            return access_shape(op)
        case _:
            raise AssertionError(op)
