"""The plan of a CPU: a frozen tree of steps in final order, with a text form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype

from ..analysis.contiguity import Coordinates
from ..planning.steps import (
    ArgFold,
    Branch,
    Buffer,
    Compute,
    Effect,
    Fold,
    Keep,
    Leave,
    Loan,
    Located,
    Memo,
    Pick,
    Repeat,
    RepeatWhile,
    Running,
    Sequential,
    Show,
    Sink,
    Splice,
    Step,
    View,
)
from .copies import Copied
from .sorting import Sorting

LINE: Final = 64  # bytes that caches hold and move as one


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
class Loop(Step):
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
class Depth:
    """Where along k an operand of a product begins in an array: beyond its end are only zeros.

    That is at `start` (none: 0) plus `offset` along the array's `axis`.
    """

    source: ir.Value
    axis: int
    start: ir.Value | None
    offset: int


@record
class Multiply(Step):
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
class Interleave(Step):
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
class Memoize(Step):
    """Fill the present slot of a memo, unless it was filled for the same `keys` in this launch."""

    op: ir.Op
    memo: Memo
    keys: tuple[ir.Value, ...]
    body: tuple[Step, ...]


@record
class Borrow(Step):
    """Read an operand in its array, if all of it lies inside; else `body` copies it to `view`."""

    op: ir.Load
    loan: Loan
    view: View
    body: tuple[Step, ...]


@record
class Arrange(Step):
    """A sort: from `source` to words in `work`, in order there, and from there to `view`."""

    op: ir.Sort
    source: View
    view: View
    work: tuple[Buffer, ...]
    sorting: Sorting


@record
class Count(Step):
    """A histogram of a dense tile, by way of so many `copies` in `work`.

    Each has one count more than bins: of all that is in none.
    """

    op: ir.Histogram
    source: View
    view: View
    work: Buffer
    copies: int


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
