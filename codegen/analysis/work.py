"""What a program reads, writes and computes: a model, by which kernels are held against a machine.

*Bytes.* An access moves the elements of its tile, once for all rounds of the loops that its index
does not follow. Accesses to one array whose indices differ by constants move the box around them
together, where that is smaller. Masks and the ends of arrays take nothing away.

*Floating-point operations* are those of the optimised IR, formulas of math functions written out:
one for `+ - * /`, square roots, `min`, `max` and remainders, two for a fused multiply-add, 2 m n k
for a product, one less than the elements for a reduction. What moves, compares, rounds or converts
is none. Of two branches the dearer counts; what formulas, and loops over them, do for rare
arguments does not.

A loop counts by its rounds where these are constants, or follow from extents and scalars that are
known; another is *open*: what one round of it does is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from types import MappingProxyType
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.ir.ops import MATH_BINARY, MATH_UNARY
from tilewright.dsl.records import field, record
from tilewright.dsl.types import Array, Tile

from .contiguity import constant_of

# By name of a parameter: the shape of an array, or the value of a scalar.
Known = Mapping[str, tuple[int, ...] | int]
NOTHING_KNOWN: Final[Known] = MappingProxyType({})

_ONE_EACH: Final = frozenset(
    ("add", "sub", "mul", "div", "div_near", "floordiv", "mod", "min", "max", "sqrt", "rsqrt_guess")
)
_MATH: Final = frozenset(MATH_UNARY + MATH_BINARY)


@record
class Round:
    """What one round of an open loop does; `place` is the loop's in the function's text."""

    place: int
    work: Work


@record
class Work:
    """Bytes read and written, and operations, outside of open loops; and the rounds of these."""

    bytes_read: int = 0
    bytes_written: int = 0
    flops: int = 0
    rounds: tuple[Round, ...] = ()

    def __add__(self, other: Work) -> Work:
        return Work(
            self.bytes_read + other.bytes_read,
            self.bytes_written + other.bytes_written,
            self.flops + other.flops,
            self.rounds + other.rounds,
        )

    @property
    def bytes(self) -> int:
        """Bytes read and written."""
        return self.bytes_read + self.bytes_written

    @property
    def totals(self) -> dict[str, object]:
        """The numbers by name: None where they depend on the rounds of open loops."""
        numbers = {
            "bytes_read": self.bytes_read,
            "bytes_written": self.bytes_written,
            "flops": self.flops,
        }
        known = {name: None if self.rounds else value for name, value in numbers.items()}
        return known | {"intensity": self.intensity}

    @property
    def intensity(self) -> float | None:
        """Operations for each byte; of open loops alone where there are some, as of the longest.

        Infinite without bytes, None without work.
        """
        if self.rounds:
            inner = [one.work for one in self.rounds]
            return max(inner, key=lambda work: (work.flops, work.bytes)).intensity
        if not self.bytes:
            return float("inf") if self.flops else None
        return self.flops / self.bytes


def work(function: ir.Function, optimized: ir.Function, known: Known) -> Work:
    """The work of one program; `function` is the kernel before the passes."""
    counting = _Counting({op.place for op in ir.walk(function.body) if _has_ways(op)}, known)
    return counting.block(optimized.body, ())


def _has_ways(op: ir.Op) -> bool:
    """Whether the passes make branches of an op, for arguments or results that are rare."""
    match op:
        case ir.Unary(kind) | ir.Binary(kind):
            return kind in _MATH
        case _:
            return isinstance(op, ir.For)


@record(frozen=False)
class _Access:
    """Accesses alike but for constants in their index: extents along axes, and all offsets."""

    itemsize: int
    size: int
    extents: tuple[int, ...] | None
    times: int
    offsets: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        apart = self.size * len(set(self.offsets))
        if self.extents is not None:
            spans = [max(along) - min(along) for along in zip(*self.offsets, strict=True)]
            around = [extent + span for extent, span in zip(self.extents, spans, strict=True)]
            apart = min(apart, prod(around))
        return apart * self.itemsize * self.times


Loops = tuple[tuple[ir.Block, int], ...]  # the bodies of counted loops around, and their rounds
Accesses = dict[tuple[object, ...], _Access]


class _Counting:
    """One walk over a function."""

    def __init__(self, forked: set[int], known: Known) -> None:
        self.forked = forked
        self.known = known
        self.owners: dict[ir.Value, ir.Block] = {}

    def block(self, block: ir.Block, loops: Loops) -> Work:
        """The work of a block, its accesses taken together."""
        accesses: Accesses = {}
        found = self.inside(block, loops, accesses)
        read, written = (
            sum(one.bytes for (kind, *_), one in accesses.items() if kind == wanted)
            for wanted in ("read", "write")
        )
        return found + Work(read, written)

    def inside(self, block: ir.Block, loops: Loops, accesses: Accesses) -> Work:
        total = Work()
        for op in block.ops:
            self.owners.update(dict.fromkeys(op.results, block))
            if op.blocks:
                total += self.region(op, loops, accesses)
            else:
                times = prod(rounds for _, rounds in loops)
                total += Work(flops=times * _flops(op))
                self.access(op, loops, accesses)
        return total

    def region(self, op: ir.Op, loops: Loops, accesses: Accesses) -> Work:
        for inner in op.blocks:
            self.owners.update(dict.fromkeys(inner.parameters, inner))
        match op:
            case ir.For(body=body):
                rounds = self.rounds(op)
                if rounds is None:
                    return Work(rounds=(Round(op.place, self.block(body, ())),))
                return self.inside(body, (*loops, (body, rounds)), accesses)
            case ir.While(_, condition, body):
                once = self.block(condition, ()) + self.block(body, ())
                return Work(rounds=(Round(op.place, once),))
            case ir.If(_, then, orelse):
                if op.place in self.forked:
                    return Work()
                both = [self.block(side, loops) for side in (then, orelse)]
                return max(both, key=lambda side: (side.flops, side.bytes, len(side.rounds)))
            case ir.ReduceWith(inputs, body=body) | ir.ScanWith(inputs, body=body):
                each = self.block(body, loops).flops
                results = op.results[0].tile.size if isinstance(op, ir.ReduceWith) else 0
                return Work(flops=each * (inputs[0].tile.size - results))
            case _:
                return sum((self.inside(one, loops, accesses) for one in op.blocks), Work())

    # --- memory

    def access(self, op: ir.Op, loops: Loops, accesses: Accesses) -> None:
        match op:
            case ir.Load(source, position):
                self.array(("read",), source, position, op.tile.size, loops, accesses)
            case ir.Store(source, position, value):
                self.array(("write",), source, position, value.tile.size, loops, accesses)
            case ir.Atomic(_, source, position, values):
                kinds = ("read", "write")
                self.array(kinds, source, position, values[0].tile.size, loops, accesses)
            case ir.LoadPointer(pointer):
                self.pointers(("read",), pointer, op.tile, loops, accesses)
            case ir.StorePointer(pointer, value):
                self.pointers(("write",), pointer, value.tile, loops, accesses)
            case ir.AtomicPointer(_, pointer, values):
                self.pointers(("read", "write"), pointer, values[0].tile, loops, accesses)
            case _:
                pass

    def array(
        self,
        kinds: tuple[str, ...],
        source: ir.Value,
        position: tuple[ir.Value, ...],
        size: int,
        loops: Loops,
        accesses: Accesses,
    ) -> None:
        itemsize = source.array.dtype.itemsize
        while isinstance(source, ir.SubArray):
            position = (*source.position, *position)
            source = source.source
        apart = [_split(value) for value in position]
        extents = tuple([_plain(value).tile.size for value in position])
        times = self.times(position, loops)
        for kind in kinds:
            key = (kind, source, times, *(what for what, _ in apart))
            has_box = prod(extents) == size and all(map(_is_dense, position))
            box = extents if has_box else None
            found = accesses.setdefault(key, _Access(itemsize, size, box, times))
            found.offsets.append(tuple([offset for _, offset in apart]))

    def pointers(
        self,
        kinds: tuple[str, ...],
        pointer: ir.Value,
        tile: Tile,
        loops: Loops,
        accesses: Accesses,
    ) -> None:
        times = self.times((pointer,), loops)
        for kind in kinds:
            made = _Access(tile.dtype.itemsize, tile.size, None, times)
            accesses.setdefault((kind, pointer, times), made).offsets.append(())

    def times(self, values: tuple[ir.Value, ...], loops: Loops) -> int:
        """How often values change: the rounds of all loops that they follow."""
        inside = {id(body) for body, _ in loops}
        followed: set[int] = set()
        pending, seen = list(values), set(values)
        while pending:
            value = pending.pop()
            owner = self.owners.get(value)
            if owner is not None and id(owner) in inside and not isinstance(value, ir.Op):
                followed.add(id(owner))
            if isinstance(value, ir.Result):
                followed |= inside  # whatever the region does
            elif isinstance(value, ir.Op):
                new = [one for one in value.operands if one not in seen]
                seen.update(new)
                pending += new
        return prod(rounds for body, rounds in loops if id(body) in followed)

    # --- rounds

    def rounds(self, op: ir.For) -> int | None:
        start, stop, step = map(self.number, (op.start, op.stop, op.step))
        if start is None or stop is None or not step:
            return None
        return len(range(start, stop, step))

    def number(self, value: ir.Value) -> int | None:
        """A scalar integer, if it is known."""
        match value:
            case ir.Const(int(number)):
                return number
            case ir.Parameter(name=name):
                known = self.known.get(name or "")
                return known if isinstance(known, int) else None
            case ir.Extent(source, axis):
                return self.extent(source, axis)
            case ir.Cast(x) | ir.Broadcast(x) | ir.Reshape(x):
                return self.number(x)
            case ir.Unary("neg", x):
                inner = self.number(x)
                return None if inner is None else -inner
            case ir.Binary(kind, left, right) if kind in _INTEGERS:
                a, b = self.number(left), self.number(right)
                return None if a is None or b is None else _integer(kind, a, b)
            case _:
                return None

    def extent(self, source: ir.Value, axis: int) -> int | None:
        while isinstance(source, ir.SubArray):
            axis += len(source.position)
            source = source.source
        match source.type:
            case Array(extents=extents) if extents[axis] is not None:
                return extents[axis]
        shape = self.known.get(source.name or "") if isinstance(source, ir.Parameter) else None
        return shape[axis] if isinstance(shape, tuple) else None


_INTEGERS: Final = ("add", "sub", "mul", "floordiv", "mod", "min", "max")


def _integer(kind: str, a: int, b: int) -> int | None:
    match kind:
        case "add":
            return a + b
        case "sub":
            return a - b
        case "mul":
            return a * b
        case "min":
            return min(a, b)
        case "max":
            return max(a, b)
        case "floordiv":
            return a // b if b else 0
        case _:
            return a % b if b else 0


def _flops(op: ir.Op) -> int:
    """Floating-point operations of an op without blocks."""
    match op:
        case ir.Dot(a):
            return 2 * op.tile.size * a.tile.shape[-1]
        case ir.Fma():
            return 2 * op.tile.size
        case ir.Unary(kind) | ir.Binary(kind) if kind in _ONE_EACH and op.tile.dtype.is_float:
            return op.tile.size
        case ir.Reduce(kind, x) if op.tile.dtype.is_float:
            return x.tile.size - op.tile.size
        case ir.Scan(_, x, axis) if op.tile.dtype.is_float:
            return x.tile.size - x.tile.size // x.tile.shape[axis]
        case _:
            return 0


def _split(value: ir.Value) -> tuple[object, int]:
    """What an index is but for constants added to it, and their sum."""
    value = _plain(value)
    constant = constant_of(value)
    if constant is not None:
        return ("constant", value.tile.shape), constant
    match value:
        case ir.Iota(tile, axis, start):
            return ("iota", tile.shape, axis), start
        case ir.Binary("add" | "sub" as kind, left, right):
            (a, x), (b, y) = _split(left), _split(right)
            if isinstance(b, tuple) and b[:1] == ("constant",):
                return a, x + y if kind == "add" else x - y
            if isinstance(a, tuple) and a[:1] == ("constant",) and kind == "add":
                return b, x + y
            return (kind, a, b), x + y if kind == "add" else x - y
        case _:
            return value, 0


def _is_dense(value: ir.Value) -> bool:
    """Whether an index runs from element to element, so that two of them overlap or touch."""
    match _plain(value):
        case ir.Value() as plain if plain.tile.size == 1:
            return True
        case ir.Iota():
            return True
        case ir.Binary("add", left, right):
            sides = [side for side in (left, right) if not _is_one(side)]
            return len(sides) == 1 and _is_dense(sides[0])
        case ir.Binary("sub", left, right):
            return _is_one(right) and _is_dense(left)
        case _:
            return False


def _is_one(value: ir.Value) -> bool:
    """Whether all elements are one."""
    return _plain(value).tile.size == 1 or constant_of(value) is not None


def _plain(value: ir.Value) -> ir.Value:
    """A value before it was repeated, reshaped or converted."""
    while True:
        match value:
            case ir.Broadcast(x) | ir.Reshape(x):
                value = x
            case ir.Cast(x) if x.tile.dtype.is_integer:
                value = x
            case _:
                return value


def open_rounds(found: Work) -> Iterator[Round]:
    """The rounds of all open loops, those inside others too."""
    for one in found.rounds:
        yield one
        yield from open_rounds(one.work)
