"""The plan of a CPU: a frozen tree of steps in final order, with a text form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype, Tile

from ..analysis.contiguity import Coordinates
from .copies import Copied
from .sorting import Sorting

# The arena begins with a place for what must not be stored, then zeros for what must not be loaded.
ZEROS_OFFSET: Final = 64
RESERVED_BYTES: Final = 128

LINE: Final = 64  # bytes that caches hold and move as one


@record(eq=False)
class Buffer:
    """Scratch memory of one tile: `offset` in bytes into a worker's arena, `size` in elements."""

    name: str
    dtype: Dtype
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.size * itemsize_of(self.dtype)


@record(eq=False)
class Memo:
    """Memory that outlives a program: so many `slots`, for what programs compute one after another.

    The n-th time that a program comes to the step it uses slot n, or the last. `header` are words:
    how often this program came, how many slots are filled, for each slot the values of its keys.
    """

    slots: int
    slot_bytes: int
    header: Buffer
    first: int  # where its slots begin, in bytes into the arena


@record
class Begin:
    """Along an axis of an array: from `start` (none: 0) plus `offset` on, `extent` elements."""

    start: ir.Value | None
    offset: int
    extent: int


@record(eq=False)
class Loan:
    """An operand that is read in its array, if its rows, along `axis`, lie `most` apart or less."""

    axis: int
    most: int
    begins: tuple[Begin, ...]


@record
class View:
    """Where a kept tile lies: element (i, j, ...) at `offset + i * strides[0] + ...` of a buffer.

    With `panel`, the last axis is cut into panels of that many elements, `panel_stride` apart: what
    a product reads together then lies together. With a `memo` it lies in that one's present slot,
    with a `loan` here or in an array.
    """

    buffer: Buffer
    offset: int
    strides: tuple[int, ...]
    panel: int = 0
    panel_stride: int = 0
    memo: Memo | None = None
    loan: Loan | None = None

    def is_dense(self, shape: tuple[int, ...]) -> bool:
        """Whether the elements lie row-major, without gaps."""
        expected = 1
        for extent, stride in zip(reversed(shape), reversed(self.strides), strict=True):
            if extent != 1 and stride != expected:
                return False
            expected *= extent
        return True

    def __str__(self) -> str:
        return f"{self.buffer.name}@{self.buffer.offset}+{self.offset}{list(self.strides)}"


# --- what a loop is for --------------------------------------------------------------------------


@record
class Keep:
    """Write a value to memory; `local` values are made in turn in the same loop."""

    value: ir.Value
    view: View
    local: bool = False


@record
class Fold:
    """A reduction; a scalar result needs no memory."""

    op: ir.Reduce
    view: View | None


@record
class ArgFold:
    """A reduction to (value, position)."""

    op: ir.ArgReduce
    views: tuple[View | None, ...]


@record
class Running:
    """A scan, which goes on from vector to vector; one from the end writes to `view`."""

    op: ir.Scan
    view: View | None


@record
class Effect:
    """A store, or a region that each vector of lanes runs for itself."""

    op: ir.Op


Sink = Keep | Fold | ArgFold | Running | Effect

# What reads or writes memory in a loop, a kept tile too, and the coordinates at which it does.
Located = tuple[ir.Value, Coordinates]


@record
class Blocks:
    """So many `rows` along an axis that a loop takes at once.

    The `turned` accesses run through memory along it: blocks of them are transposed in registers.
    """

    axis: int
    rows: int
    turned: tuple[Located, ...]


# --- steps ----------------------------------------------------------------------------------------


@record
class Compute:
    """Compute a scalar, or do what a scalar op does."""

    op: ir.Op


@record
class Loop:
    """Run the sinks over an index space.

    `order` are its axes from the outermost loop in; vectors of `lanes` elements lie along `vector`.
    The bounds of `guards` limit the loop instead of masking each access: an interior part without
    masks, then an edge of shorter vectors, `edge_lanes` long. Of the values that the sinks need,
    `reads` lie in memory by now; all others are computed here. The stores `streams` go past the
    caches where a launch writes more than these hold. The interior is run through in so many
    `segments` at once. One that `is_long` computes much for each element. A loop with regions takes
    so many vectors through them at once as are `in_flight`, one with `blocks` several rows.
    """

    space: tuple[int, ...]
    order: tuple[int, ...]
    vector: int
    lanes: int
    edge_lanes: int
    sinks: tuple[Sink, ...]
    guards: tuple[tuple[ir.Load | ir.Store | ir.Atomic, Coordinates], ...]
    reads: Mapping[ir.Value, View]
    streams: tuple[ir.Store, ...] = ()
    segments: int = 1
    is_long: bool = False
    in_flight: int = 1
    blocks: Blocks | None = None


@record
class Pick:
    """The only element of a kept tile, as a scalar."""

    op: ir.Reshape
    source: View


@record
class Show:
    """Hand values to the host, copied one after another to `area`; tiles come from `sources`."""

    op: ir.Print
    sources: tuple[View | None, ...]
    area: Buffer


@record
class Depth:
    """Where along k an operand of a product begins in an array: beyond its end are only zeros.

    That is at `start` (none: 0) plus `offset` along the array's `axis`.
    """

    source: ir.Value
    axis: int
    start: ir.Value | None
    offset: int


@record
class Multiply:
    """Add the product of two dense tiles to `out`, which is set to zero first if `clear`.

    With `depths`, one for each operand, k need not go on where both have only zeros. Operands that
    are narrower than the result are taken in groups, `b` as `Interleave` leaves it; of `a`, whose
    rows have place for whole groups or tile rows, what lies behind k is set to zero first. What the
    products `before` give is added, too, while a part of `out` stays in registers.
    """

    op: ir.Dot
    a: View
    b: View
    out: View
    clear: bool
    depths: tuple[Depth, Depth] | None = None
    before: tuple[Multiply, ...] = ()

    @property
    def products(self) -> tuple[Multiply, ...]:
        """All that are added, this one last."""
        return (*self.before, self)


@record
class Interleave:
    """Put the dense rows of a tile into panels whose rows are groups of so many neighbours in k.

    Of a panel of n columns element (k, column) lies at `(k // group * n + column) * group + k %
    group`; k is filled up to `depth` with zeros.
    """

    op: ir.Op
    source: View
    target: View
    shape: tuple[int, ...]
    dtype: Dtype
    group: int
    depth: int


@record
class Memoize:
    """Fill the present slot of a memo, unless it was filled for the same `keys` in this launch."""

    op: ir.Op
    memo: Memo
    keys: tuple[ir.Value, ...]
    body: tuple[Step, ...]


@record
class Borrow:
    """Read an operand in its array, if all of it lies inside; else `body` copies it to `view`."""

    op: ir.Load
    loan: Loan
    view: View
    body: tuple[Step, ...]


@record
class Sequential:
    """A reduction or scan by a function of the user's, element after element."""

    op: ir.Op
    sources: tuple[View, ...]
    views: tuple[View | None, ...]
    body: tuple[Step, ...]


@record
class Arrange:
    """A sort: from `source` to words in `work`, in order there, and from there to `view`."""

    op: ir.Sort
    source: View
    view: View
    work: tuple[Buffer, ...]
    sorting: Sorting


@record
class Count:
    """A histogram of a dense tile, by way of so many `copies` in `work`.

    Each has one count more than bins: of all that is in none.
    """

    op: ir.Histogram
    source: View
    view: View
    work: Buffer
    copies: int


@record
class Branch:
    """A scalar `if`."""

    op: ir.If
    then: tuple[Step, ...]
    orelse: tuple[Step, ...]


@record
class Repeat:
    """A scalar `for`; carried tiles stay in memory."""

    op: ir.For
    body: tuple[Step, ...]


@record
class RepeatWhile:
    """A scalar `while`."""

    op: ir.While
    condition: tuple[Step, ...]
    body: tuple[Step, ...]


@record
class Splice:
    """The body of an inlined function that returns early."""

    op: ir.Inlined
    body: tuple[Step, ...]


@record
class Leave:
    """End of a block."""

    op: ir.Op


Step = (
    Compute
    | Pick
    | Show
    | Loop
    | Multiply
    | Interleave
    | Memoize
    | Borrow
    | Sequential
    | Arrange
    | Count
    | Branch
    | Repeat
    | RepeatWhile
    | Splice
    | Leave
)


@record
class Plan:
    """All decisions about one function: steps, scratch memory, nanoseconds of a program.

    Of the scratch memory so many bytes, `memos` in it, come first and outlive programs.
    Each thread may have copies of some arrays, if a launch has many updates of them.
    """

    entry: str
    copies: tuple[Copied, ...]
    steps: tuple[Step, ...]
    scratch_bytes: int
    memos: tuple[Memo, ...]
    memo_bytes: int
    cost: float
    metadata: dict[str, Any]

    def __str__(self) -> str:
        scratch = f"{self.scratch_bytes} bytes of scratch"
        head = f"plan {self.entry}: {scratch}, about {self.cost:.0f} ns a program"
        copies = [f"  a copy for each thread: {copied}" for copied in self.copies]
        return "\n".join([head, *copies, *_show(self.steps, 1)])


def itemsize_of(dtype: Dtype) -> int:
    """Bytes of an element in memory."""
    return 8 if dtype.is_pointer else dtype.itemsize


def padded(tile: Tile) -> int:
    """Bytes that a printed value takes: each begins at a multiple of 8."""
    return -(-tile.size * tile.dtype.itemsize // 8) * 8


def all_loops(steps: tuple[Step, ...]) -> Iterator[Loop]:
    """Every loop of a plan."""
    for step in steps:
        match step:
            case Loop():
                yield step
            case Branch(_, a, b) | RepeatWhile(_, a, b):
                yield from all_loops(a)
                yield from all_loops(b)
            case Repeat(_, body) | Splice(_, body) | Memoize(_, _, _, body) | Borrow(body=body):
                yield from all_loops(body)
            case _:
                pass


def _show(steps: tuple[Step, ...], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for step in steps:
        match step:
            case Compute(op) | Leave(op) | Pick(op) | Show(op):
                yield f"{pad}{op.opname} {op.name or ''}".rstrip()
            case Loop(space, order, vector, lanes, _, sinks):
                pieces = f", {step.segments} segments" if step.segments > 1 else ""
                if step.in_flight > 1:
                    pieces = f", {step.in_flight} vectors in flight"
                if step.blocks is not None:
                    pieces += f", {step.blocks.rows} rows along {step.blocks.axis}"
                yield f"{pad}loop {space} in order {order}, {lanes} lanes along {vector}{pieces}"
                kept = {sink.view for sink in sinks if isinstance(sink, Keep)}
                for value, view in step.reads.items():
                    if view not in kept:
                        yield f"{pad}  read {value.name or 'value'} at {view}"
                for sink in sinks:
                    yield f"{pad}  {_show_sink(sink)}"
            case Multiply(out=out, clear=clear):
                pairs = ", ".join(f"{one.a} by {one.b}" for one in step.products)
                yield f"{pad}multiply {pairs} {'to' if clear else 'onto'} {out}"
            case Interleave(_, source, target, _, _, group):
                yield f"{pad}interleave {source} in groups of {group} to {target}"
            case Memoize(_, memo, keys, body):
                names = ", ".join(key.name or "value" for key in keys)
                yield f"{pad}memoize in {memo.slots} slots, for the same ({names})"
                yield from _show(body, depth + 1)
            case Borrow(op, _, view, body):
                yield f"{pad}borrow {op.name or 'value'}, or copy it to {view}"
                yield from _show(body, depth + 1)
            case Sequential(op, _, views):
                yield f"{pad}{op.opname} to {', '.join(map(str, views))}"
            case Arrange(op, source, view, _, sorting):
                yield f"{pad}sort {source} along {op.axis} to {view}: {sorting}"
            case Count(op, source, view, _, copies):
                yield f"{pad}count {source} to {view}, {copies} copies"
            case Branch(_, then, orelse):
                yield f"{pad}if"
                yield from _show(then, depth + 1)
                yield f"{pad}else"
                yield from _show(orelse, depth + 1)
            case Repeat(_, body) | Splice(_, body):
                yield f"{pad}{step.op.opname}"
                yield from _show(body, depth + 1)
            case RepeatWhile(_, condition, body):
                yield f"{pad}while"
                yield from _show(condition, depth + 1)
                yield f"{pad}do"
                yield from _show(body, depth + 1)


def _show_sink(sink: Sink) -> str:
    match sink:
        case Keep(value, view):
            return f"keep {value.name or 'value'} at {view}"
        case Fold(op, view):
            return f"reduce {op.kind} over {op.axes}" + (f" to {view}" if view else "")
        case ArgFold(op):
            return f"{op.kind} over {op.axis}"
        case Running(op, view):
            return f"scan {op.kind} along {op.axis}" + (f" to {view}" if view else "")
        case Effect(op):
            return op.opname
