"""What everything that prints one function shares, and its scalars: one value for all threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from re import fullmatch
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Array, Dtype, Tile, i64

from ..analysis.divisibility import Divisors
from ..analysis.memory import orders_memory, root_of, written
from ..analysis.ranges import Interval, ranges
from ..planning.steps import Buffer, Pick, View
from ..target import Target
from .folds import whole_folds, words_brought
from .spelling import bare, cast, constant, elementwise, inside, memory_type, name_of, type_of
from .steps import Layout, Loop, Multiply, Plan, Registers, Ring, TensorMap
from .writer import Writer

ValueAt = Callable[[ir.Value], str]
MEETING_WORDS: Final = 64  # what each of 32 warps has to tell: two words


@record
class ArrayText:
    """An array as C++ names it; `valid` says whether it has elements at all, None if it does."""

    data: str
    extents: tuple[str, ...]
    strides: tuple[str, ...]
    valid: str | None


@record
class Access:
    """Where an access goes: the address of its element, and when it happens at all."""

    address: str
    condition: str | None


@record
class Turns:
    """What a ring knows for as long as the kernel runs: names of its barriers, one for each stage,
    of the stage whose turn it is, and of the parity of the phase its barrier is in.
    """

    barriers: str
    stage: str
    parity: str


class Program:
    """One function being printed.

    `scalars` are the texts of values, `buffers` the names of kept tiles, `functions` what stands
    in front of the entry.
    """

    def __init__(self, function: ir.Function, plan: Plan, target: Target) -> None:
        self.function = function
        self.plan = plan
        self.target = target
        self.writer = Writer()
        self.scalars: dict[ir.Value, str] = {}
        self.arrays: dict[ir.Value, ArrayText] = {}
        self.allocations: dict[ir.Value, str] = {}
        self.buffers: dict[Buffer, str] = {}
        self.functions: list[str] = []
        self.in_flight: dict[str, None] = {}  # what products of a ring still add to
        self.staged: set[Buffer] = set()  # what was there for the hardware when a round began
        self.is_fenced = False  # whether the barrier before a product was for it
        self.deferred: set[Multiply] = set()  # products that the next round waits for
        self.maps: dict[TensorMap, str] = {}
        self.turns: dict[Ring, Turns] = {}  # of rings whose blocks the hardware copies
        self.fast = "fastmath" in function.options
        self.narrow = "narrow" in function.facts
        self.facts = self.narrow, Divisors(function)
        self.uses: Mapping[ir.Value, int] = ir.uses(function.body)

    @cached_property
    def constant_arrays(self) -> frozenset[ir.Value]:
        """The parameters whose memory nothing writes during a launch."""
        if "disjoint" not in self.function.facts:
            return frozenset()
        pairs = zip(self.function.parameters, written(self.function), strict=True)
        return frozenset(parameter for parameter, is_written in pairs if not is_written)

    @cached_property
    def ranges(self) -> Mapping[ir.Value, Interval]:
        """Between which integers values lie."""
        return ranges(self.function)

    @cached_property
    def _has_other_axes(self) -> bool:
        """Whether programs ask for their numbers along other axes than the first."""
        return any(isinstance(op, ir.ProgramId) and op.axis for op in ir.walk(self.function.body))

    def is_constant(self, source: ir.Value) -> bool:
        """Whether nothing writes to an array, or to what a pointer points at, during a launch."""
        return root_of(source) in self.constant_arrays

    # --- memory for threads to meet in

    def meeting_words(self) -> int:
        """How many words of 8 bytes they need for it."""
        parts = [words_brought(loop, layout) for loop, layout in self.plan.layouts.items()]
        places = 2 * max((len(whole_folds(loop)) for loop in self.plan.meetings), default=0)
        return max([MEETING_WORDS, *parts]) + places * MEETING_WORDS

    def meeting_place(self, loop: Loop, number: int) -> int:
        """Where the words begin in which a reduction of a loop, by its number, brings together
        what warps have.
        """
        most = max(len(whole_folds(one)) for one in self.plan.meetings)
        first = self.meeting_words() - 2 * most * MEETING_WORDS
        return first + (self.plan.meetings[loop] * most + number) * MEETING_WORDS

    # --- scalars

    def scalar(self, value: ir.Value) -> str:
        """The text of a scalar."""
        found = self.scalars.get(value)
        if found is None:
            assert isinstance(value, ir.Op), f"{value!r} is not known here"
            self.compute(value)
            found = self.scalars[value]
        return found

    def compute(self, op: ir.Op) -> None:
        """Print an op that has no tile."""
        match op:
            case ir.Const(number, Tile(dtype)):
                self.scalars[op] = constant(number, dtype)
            case ir.ProgramId(axis):
                self.scalars[op] = self.define(op, self._program_id(axis))
            case ir.NumPrograms(axis):
                self.scalars[op] = f"arguments.grid[{axis}]"
            case ir.Extent(source, axis):
                self.scalars[op] = self.array(source).extents[axis]
            case ir.Stride(source, axis):
                text = self.array(source).strides[axis]
                self.scalars[op] = "1ll" if text == "1" else text
            case ir.Allocation(kind, source):
                self.scalars[op] = f"{self.allocations[source]}.{kind}"
            case ir.Address(source):
                self.scalars[op] = self.array(source).data
            case ir.SubArray():
                self.array(op)
            case ir.Load():
                self.scalars[op] = self.define(op, self.load(op, self.scalar, False))
            case ir.LoadPointer():
                self.scalars[op] = self.define(op, self.load_pointer(op, self.scalar))
            case ir.Store() | ir.StorePointer():
                with self.writer.block("if (thread == 0)"):
                    self.store(op, self.scalar)
            case ir.Atomic() | ir.AtomicPointer():
                self._atomic(op)
            case ir.Check(condition, code):
                values = [cast(self.scalar(x), x.tile.dtype, i64) for x in op.values]
                with self.writer.block(f"if (!({self.scalar(condition)}))"):
                    arguments = "".join(f", {value}" for value in values)
                    call = f"fail(services, {code}, {op.place}, {len(values)}{arguments});"
                    self.writer.add(f"if (thread == 0) {call}")
                    self.writer.add("return;")
            case ir.Assume(condition):
                self.writer.add(f"__builtin_assume({self.scalar(condition)});")
            case ir.Broadcast(x) | ir.Reshape(x):
                self.scalars[op] = self.scalar(x)
            case ir.Breakpoint():
                pass
            case _:
                texts = [self.scalar(x) for x in op.operands]
                self.scalars[op] = self.define(op, elementwise(op, texts, self.fast))

    def define(self, op: ir.Op, text: str) -> str:
        """Name a scalar."""
        return self.writer.define(type_of(op.tile.dtype), name_of(op), text)

    def pick(self, step: Pick) -> None:
        """Print the only element of a kept tile as a scalar."""
        match self.plan.places[step.source.buffer]:
            case Registers():
                # It lies with the first thread.
                value = f"{self.buffers[step.source.buffer]}[0]"
                text = f"from_first_thread({value}, meeting)"
            case _:
                text = self.element(step.source, str(step.source.offset))
        self.scalars[step.op] = self.define(step.op, text)

    def element(self, view: View, offset: str) -> str:
        """An element of a tile in memory."""
        return f"{self.buffers[view.buffer]}[{offset}]"

    def _program_id(self, axis: int) -> str:
        programs, grid = "u32(program)", "u32(arguments.grid[{}])"
        x, y = grid.format(0), grid.format(1)
        if not self._has_other_axes:
            return f"first_of({programs}, {x})"
        return [f"{programs} % {x}", f"{programs} / {x} % {y}", f"{programs} / {x} / {y}"][axis]

    def _atomic(self, op: ir.Atomic | ir.AtomicPointer) -> None:
        """The first thread does it; the others learn what it gave."""
        kind = type_of(op.tile.dtype)
        is_used = bool(self.uses[op])
        ordered = orders_memory(op)
        if ordered and not is_used:
            self.writer.add("__syncthreads();")
        name = self.writer.fresh(op.name or "old")
        if is_used:
            self.writer.add(f"{kind} {name} = {zero(op.tile.dtype)};")
            self.writer.add("__syncthreads();")
        with self.writer.block("if (thread == 0)"):
            text = self.atomic(op, self.scalar)
            self.writer.add(f"{name} = {text};" if is_used else f"{text};")
        if is_used:
            self.writer.add(f"{name} = from_first_thread({name}, meeting);")
        elif ordered:
            self.writer.add("__syncthreads();")
        self.scalars[op] = name

    # --- arrays

    def array(self, value: ir.Value, scalar: ValueAt | None = None) -> ArrayText:
        """An array's names; those of a sub-array are made when it is first asked for.

        `scalar` gives the texts of its position where the program does not know them.
        """
        found = self.arrays.get(value)
        if found is not None:
            return found
        match value:
            case ir.SubArray(source, position):
                texts = [cast((scalar or self.scalar)(x), x.tile.dtype, i64) for x in position]
                made = self._sub_array(value, self.array(source), source.array, texts)
            case _:
                raise AssertionError(f"{value!r} is no array")
        self.arrays[value] = made
        return made

    def _sub_array(
        self, op: ir.SubArray, outer: ArrayText, array: Array, position: list[str]
    ) -> ArrayText:
        count = len(position)
        tests = [] if outer.valid is None else [outer.valid]
        tests += [
            inside(text, extent) for text, extent in zip(position, outer.extents, strict=False)
        ]
        offset = offset_of(position, outer.strides[:count])
        name = op.name or "part"
        kind = f"{memory_type(array.dtype)}*"
        data = self.writer.fresh(name)
        self.writer.add(f"{kind} const {data} = {outer.data} + ({offset});")
        valid = self.writer.define("bool", f"has_{name}", " && ".join(tests))
        return ArrayText(data, outer.extents[count:], outer.strides[count:], valid)

    # --- accesses; `value` gives the texts of operands

    def access(self, op: ir.Load | ir.Store | ir.Atomic, value: ValueAt) -> Access:
        """Where an access to an array goes, and whether it lies inside and its mask is on."""
        array = self.array(op.source)
        tests = [] if op.mask is None else [value(op.mask)]
        if array.valid is not None:
            tests.append(array.valid)
        texts = []
        for axis, position in enumerate(op.position):
            text = cast(value(position), position.tile.dtype, i64)
            texts.append(text)
            if axis not in op.inside:
                tests.append(inside(text, array.extents[axis]))
        offset = offset_of(texts, array.strides)
        return Access(moved(array.data, offset), joined(tests) or None)

    def load(
        self, op: ir.Load, value: ValueAt, is_cached: bool, access: Access | None = None
    ) -> str:
        """What an element of an array is, or what stands for it where it is not read."""
        dtype = op.tile.dtype
        access = access or self.access(op, value)
        is_constant = is_cached and self.is_constant(op.source)
        condition = access.condition
        if is_constant and condition is not None:
            return self._load_constant_if(op, value, condition, access.address)
        text = f"load_constant({access.address})" if is_constant else _at(access.address)
        text = f"{text} != 0" if dtype.is_bool else text
        if condition is None:
            return text
        fill = zero(dtype) if op.fill is None else value(op.fill)
        return f"{condition} ? {text} : {fill}"

    def _load_constant_if(self, op: ir.Load, value: ValueAt, condition: str, address: str) -> str:
        """The same without a choice in C++, which would make it a branch."""
        fill = "" if op.fill is None else f", {in_memory(value(op.fill), op.tile.dtype)}"
        text = f"load_constant_if({condition}, {address}{fill})"
        return f"{text} != 0" if op.tile.dtype.is_bool else text

    def load_pointer(self, op: ir.LoadPointer, value: ValueAt) -> str:
        """What a pointer points at, or what stands for it."""
        dtype = op.tile.dtype
        text = f"*{value(op.pointer)}"
        text = f"({text}) != 0" if dtype.is_bool else text
        if op.mask is None:
            return text
        fill = zero(dtype) if op.fill is None else value(op.fill)
        return f"{value(op.mask)} ? {text} : {fill}"

    def store(
        self, op: ir.Store | ir.StorePointer, value: ValueAt, access: Access | None = None
    ) -> None:
        """Write an element."""
        match op:
            case ir.Store(value=new):
                is_in_loop = access is not None
                access = access or self.access(op, value)
                target, condition = _at(access.address), access.condition
                if is_in_loop and condition is not None:
                    text = in_memory(value(new), new.tile.dtype)
                    self.writer.add(f"store_if({condition}, {access.address}, {text});")
                    return
            case ir.StorePointer(pointer, new, mask):
                target, condition = f"*{value(pointer)}", None if mask is None else value(mask)
        head = "" if condition is None else f"if ({condition}) "
        self.writer.add(f"{head}{target} = {in_memory(value(new), new.tile.dtype)};")

    def atomic(
        self, op: ir.Atomic | ir.AtomicPointer, value: ValueAt, access: Access | None = None
    ) -> str:
        """What an atomic gives, as an expression that does it."""
        dtype = op.tile.dtype
        match op:
            case ir.Atomic():
                access = access or self.access(op, value)
                address, condition = access.address, access.condition
            case ir.AtomicPointer(_, pointer, _, mask):
                address, condition = value(pointer), None if mask is None else value(mask)
        values = ", ".join(value(x) for x in op.values)
        text = f"atomic_{op.kind}<Order::{op.order}>({address}, {values})"
        return text if condition is None else f"{condition} ? {text} : {zero(dtype)}"


def zero(dtype: Dtype) -> str:
    """The text of 0, in a dtype or as a pointer."""
    return "nullptr" if dtype.is_pointer else constant(0, dtype)


def in_memory(text: str, dtype: Dtype) -> str:
    """A value as memory has it."""
    return f"to<u8>({bare(text)})" if dtype.is_bool else bare(text)


def offset_of(positions: list[str], strides: tuple[str, ...]) -> str:
    """How many elements behind the first one of an array a position lies."""
    terms = [
        _factor(position) if stride == "1" else f"{_factor(position)} * {stride}"
        for position, stride in zip(positions, strides, strict=False)
        if position not in ("0", "0ll")
    ]
    return " + ".join(terms) or "0"


def _factor(text: str) -> str:
    is_simple = fullmatch(r"[\w.]+(\[\d+\])?|i64\([\w.]+\)", text)
    return text if is_simple else f"({bare(text)})"


def _wrapped(test: str) -> str:
    return f"({test})" if " ? " in test or " || " in test else test


def joined(tests: list[str]) -> str:
    """All of some tests, as one."""
    return " && ".join(map(_wrapped, tests))


def moved(data: str, offset: str | int) -> str:
    """An address so many elements behind another."""
    return data if offset in ("0", 0) else f"{data} + {offset}"


def _at(address: str) -> str:
    data, plus, offset = address.partition(" + ")
    return f"{data}[{offset}]" if plus else f"*{data}"


def in_registers(plan: Plan, view: View) -> Layout | None:
    """How a tile lies in registers; None if it lies in memory."""
    match plan.places[view.buffer]:
        case Registers(layout):
            return layout
        case _:
            return None
