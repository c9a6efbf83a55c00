"""Where the accesses of a loop go: what all elements share stands before it, under a name.

Of `x[row, start + i]` that is a pointer to the row's element `start`, whether the array has that
row, and how many elements are left from there on.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import i64

from ..analysis.contiguity import Coordinates, begin_of, step_along
from ..analysis.ranges import ANY
from ..planning.coordinates import access_shape, aligned
from .elements import Elements
from .program import Access, Program, joined, moved, offset_of
from .spelling import cast, inside, memory_type

Element = ir.Load | ir.Store | ir.Atomic
Key = tuple[ir.Op, Coordinates]


@record
class Follower:
    """An array axis whose position is `first` plus the coordinate along a loop dimension.

    `limit` is what that coordinate must stay below, `extent` the axis's own if `first` may be
    negative; both None where no test is needed.
    """

    axis: int
    dimension: int
    stride: str
    limit: str | None
    first: str
    extent: str | None


@record
class Base:
    """What all elements of a loop share of an access: an address, a condition, what is left."""

    data: str
    valid: str | None
    followers: tuple[Follower, ...]
    others: tuple[int, ...]  # axes whose positions are computed for each element


class Accesses:
    """The accesses of one loop."""

    def __init__(self, program: Program, elements: Elements) -> None:
        self.program = program
        self.writer = program.writer
        self.elements = elements
        self.bases: dict[Key, Base] = {}

    def prepare(self, op: Element, where: Coordinates) -> None:
        """Print what all elements of the loop share of an access."""
        program, writer = self.program, self.writer
        array = program.array(op.source)
        shape = access_shape(op)
        name = getattr(op.source, "name", None) or "array"
        terms: list[tuple[str, str]] = []
        tests = [] if array.valid is None else [array.valid]
        followers, others = [], []
        for axis, position in enumerate(op.position):
            is_inside = axis in op.inside
            extent, stride = array.extents[axis], array.strides[axis]
            shared = self._uniform(position)
            if shared is not None:
                terms.append((shared, stride))
                if not is_inside:
                    tests.append(inside(shared, extent))
                continue
            place = aligned(position, where, shape)
            found = self._following(position, place)
            if found is None:
                others.append(axis)
                continue
            dimension, first, may_be_negative = found
            if first != "0":
                terms.append((first, stride))
            if is_inside:
                followers.append(Follower(axis, dimension, stride, None, first, None))
            elif may_be_negative:
                followers.append(Follower(axis, dimension, stride, None, first, extent))
            else:
                limit = writer.define(*self._left(extent, first, name))
                followers.append(Follower(axis, dimension, stride, limit, first, None))
        data = array.data
        offset = offset_of([text for text, _ in terms], tuple(stride for _, stride in terms))
        if offset != "0":
            kind = f"{memory_type(op.source.array.dtype)}*"
            pointer = writer.fresh(f"{name}_at")
            writer.add(f"{kind} const {pointer} = {moved(data, offset)};")
            data = pointer
        valid = None
        if tests:
            valid = tests[0]
            if len(tests) > 1 or not valid.isidentifier():
                valid = writer.define("bool", f"has_{name}", joined(tests))
        self.bases[op, where] = Base(data, valid, tuple(followers), tuple(others))

    def _left(self, extent: str, first: str, name: str) -> tuple[str, str, str]:
        """How many elements of an axis there are from `first` on: type, name and text."""
        if self.program.narrow:
            left = f"i32({extent})" if first == "0" else f"left_of({extent}, {first})"
            return "i32", f"{name}_left", left
        return "i64", f"{name}_left", extent if first == "0" else f"{extent} - {first}"

    def _uniform(self, position: ir.Value) -> str | None:
        """The text of a position that is the same for all elements; None if it is not."""
        if not position.tile.shape:
            return cast(self.program.scalar(position), position.tile.dtype, i64)
        match position:
            case ir.Broadcast(x) | ir.Reshape(x) if not x.tile.shape:
                return self._uniform(x)
            case ir.Broadcast(ir.Reshape(x)) if not x.tile.shape:
                return self._uniform(x)
            case ir.Const(int(number)):
                return f"{number}ll"
            case ir.Iota(start=start) if position.tile.size == 1:
                return f"{start}ll"
            case _:
                return None

    def _following(self, position: ir.Value, where: Coordinates) -> tuple[int, str, bool] | None:
        """Of `first + i`: which loop dimension `i` is, `first`, and if that may be negative."""
        begin = begin_of(position)
        if begin is None:
            return None
        narrow = self.program.narrow
        steps = {d: step_along(position, where, d, narrow) for d in where if d is not None}
        if sorted(map(str, steps.values())) != [*["0"] * (len(steps) - 1), "1"]:
            return None
        dimension = next(d for d, step in steps.items() if step == 1)
        start, offset = begin
        if start is None:
            text = f"{offset}ll" if offset else "0"
            return dimension, text, offset < 0
        least, _ = self.program.ranges.get(start, ANY)
        text = cast(self.program.scalar(start), start.tile.dtype, i64)
        text = f"{text} + {offset}" if offset else text
        if not text.isidentifier():
            text = self.writer.define("i64", "first", text)
        return dimension, text, least is None or least + offset < 0

    # --- at an element

    def access(self, op: Element, where: Coordinates) -> Access:
        """Where an access goes at the element where the loop stands, and when it happens."""
        operand = self.elements.operand_at(op, where)
        base = self.bases.get((op, where))
        if base is None:
            return self.program.access(op, operand)
        tests = [] if op.mask is None else [operand(op.mask)]
        more, address = self.place(op, where, base)
        return Access(address, joined([*tests, *more]) or None)

    def place(self, op: Element, where: Coordinates, base: Base) -> tuple[list[str], str]:
        """What must hold of an element's position, and its address."""
        array = self.program.array(op.source)
        operand = self.elements.operand_at(op, where)
        tests = [] if base.valid is None else [base.valid]
        terms: list[str] = []
        strides: list[str] = []
        for follower in base.followers:
            coordinate = self.elements.coordinates[follower.dimension]
            tests += self.test_of(follower, coordinate)
            terms.append(coordinate)
            strides.append(follower.stride)
        for axis in base.others:
            position = op.position[axis]
            text = cast(operand(position), position.tile.dtype, i64)
            if axis not in op.inside:
                tests.append(inside(text, array.extents[axis]))
            terms.append(text)
            strides.append(array.strides[axis])
        return tests, moved(base.data, offset_of(terms, tuple(strides)))

    def test_of(self, follower: Follower, coordinate: str) -> list[str]:
        """The test that an axis asks for, if any."""
        if follower.limit is not None:
            return [f"{coordinate} < {follower.limit}"]
        if follower.extent is not None:
            return [inside(f"{follower.first} + {coordinate}", follower.extent)]
        return []
