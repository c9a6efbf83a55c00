"""The plan of a GPU: a frozen tree of steps, with tables of layouts and of where tiles lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any

from tilewright.dsl import ir
from tilewright.dsl.records import record, replace

from ..analysis.contiguity import Coordinates
from ..planning.coordinates import dense_strides
from ..planning.steps import (
    ArgFold,
    Branch,
    Buffer,
    Compute,
    Effect,
    Fold,
    Keep,
    Leave,
    Pick,
    Repeat,
    RepeatWhile,
    Show,
    Sink,
    Splice,
    Step,
    View,
    itemsize_of,
)

WARP = 32
MOST_SHARED = 72  # words of tiles that a thread holds beside what 128 registers are enough for
FEWEST_THREADS = 512  # of a multiprocessor, which leaves each 128 registers


@record
class Layout:
    """How the elements of a space lie over the threads of a block.

    The axes `rows` number rows, the axes `across` the elements of a row, both row-major. `group`
    threads share a row and take `vector` neighbours at a time, in turns. With `strided` it is
    neighbouring rows, not elements, that threads and neighbouring threads take: for sums along
    outer axes.
    With `tensor` rows are numbered as the tensor cores hold them: each warp has 16 rows at a time,
    its lanes two of them, 8 apart. With `woven` a warp has 4 rows at a time, 8 of its threads each.
    With `entries` the block takes rows of so many matrices of a batch, the first axis, at once.
    With `copied` each of the threads that share a row has the only element of it.
    """

    space: tuple[int, ...]
    rows: tuple[int, ...]
    across: tuple[int, ...]
    threads: int
    group: int
    vector: int
    strided: bool = False
    tensor: bool = False
    woven: bool = False
    entries: int = 0
    copied: bool = False

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return prod(self.space[axis] for axis in self.rows)

    @property
    def length(self) -> int:
        """How many elements a row has."""
        return prod(self.space[axis] for axis in self.across)

    @property
    def groups(self) -> int:
        """How many rows the block takes at once."""
        return self.threads // self.group

    @property
    def rows_at_once(self) -> int:
        """How many neighbouring rows a thread takes at a time."""
        return self.vector if self.strided else 1

    @property
    def neighbours(self) -> int:
        """How many neighbours of one row a thread takes at a time."""
        return 1 if self.strided else self.vector

    @property
    def row_turns(self) -> int:
        """How many times a thread takes rows."""
        if self.entries:
            return -(-self.space[0] // self.entries) * self.turns_of_entry
        return -(-self.row_count // (self.groups * self.rows_at_once))

    @property
    def turns_of_entry(self) -> int:
        """How many rows a thread takes of one matrix."""
        rows, at_once = self.row_count, self.groups
        if self.entries:
            rows, at_once = self.space[1], self.groups // self.entries
        return -(-rows // at_once)

    @property
    def is_ragged(self) -> bool:
        """Whether some threads have a row less than others."""
        return self.row_turns * self.groups * self.rows_at_once != self.row_count

    @property
    def turns(self) -> int:
        """How many times a thread takes elements of one row."""
        return -(-self.length // (self.group * self.neighbours))

    @property
    def slots(self) -> int:
        """How many elements a thread has room for."""
        return self.row_turns * self.turns * self.vector

    @property
    def is_full(self) -> bool:
        """Whether each thread has as many elements as it has room for."""
        return self.turns * self.group * self.neighbours == self.length and not self.is_ragged

    @property
    def is_plain(self) -> bool:
        """Whether elements have no rows: threads take them one pack after another."""
        return not self.rows and not self.copied

    def __str__(self) -> str:
        rows = f"{self.row_count} rows by {self.groups} groups of " if self.rows else ""
        how = ", as tensor cores hold them" if self.tensor else ""
        rows_or_not = " rows" if self.strided else ""
        often = "each" if self.copied else f"{self.vector}{rows_or_not} at a time"
        return f"{rows}{self.group} threads, {often}{how}"


# What reads a kept tile in a loop: the tile, the coordinates, and where it lies.
Read = tuple[ir.Value, Coordinates, View]


@record(eq=False)
class Loop(Step):
    """Run the sinks over an index space, its elements dealt to the threads.

    `reads` are the kept tiles that it needs, `loads` the accesses to arrays that stand outside of
    regions, `accesses` all ops that touch memory, `quotients` those that divide kept tiles by one
    number.
    """

    space: tuple[int, ...]
    sinks: tuple[Sink, ...]
    reads: tuple[Read, ...]
    loads: tuple[tuple[ir.Op, Coordinates], ...]
    accesses: tuple[ir.Op, ...]
    quotients: tuple[ir.Op, ...] = ()


@record
class Tensor:
    """The instruction of the tensor cores for a product: its name, and its extent in k.

    The operands are rows of k; a right operand of two bytes may also be columns, `b_by_rows`.
    `by_group`: four warps multiply at once, out of shared memory (`wgmma`).
    """

    instruction: str
    depth: int
    b_by_rows: bool
    by_group: bool = False


@record(eq=False)
class Multiply(Step):
    """Add the product of two tiles to `out`, which is set to zero first if `clear`.

    By the tensor cores if there is an instruction for it, else each thread adds up the elements
    that it holds.
    """

    op: ir.Dot
    a: View
    b: View
    out: View
    clear: bool
    tensor: Tensor | None

    @property
    def by_group(self) -> bool:
        """Whether four warps multiply at once."""
        return self.tensor is not None and self.tensor.by_group


@record
class TensorMap:
    """What the hardware has to know of an array to copy boxes of it (TMA)."""

    parameter: ir.Parameter
    rows: int  # of a box
    columns: int


@record
class Copy:
    """A block of an array that is copied to a tile in shared memory while threads go on.

    By the hardware, box for box, if there is a `map`.
    """

    load: ir.Load
    view: View
    map: TensorMap | None = None


@record(eq=False)
class Ring(Step):
    """A `for` whose blocks are fetched some rounds ahead, into `stages` places in turn.

    `scalars` say where a round's blocks begin; `copies` fetch them; `body` uses them.
    """

    op: ir.For
    stages: int
    scalars: tuple[Step, ...]
    copies: tuple[Copy, ...]
    body: tuple[Step, ...]

    @property
    def by_tma(self) -> bool:
        """Whether the hardware copies all blocks; otherwise threads copy all of them."""
        return all(copy.map is not None for copy in self.copies)


@record(eq=False)
class Combine(Step):
    """A reduction or scan in rounds, by a `body` of scalars or, without one, by the op's kind.

    A reduction works on copies of the `sources`, a scan on `views`, which hold the inputs by then.
    """

    op: ir.Op
    views: tuple[View, ...]
    results: tuple[View | None, ...]
    axis: int
    reverse: bool
    body: tuple[Step, ...]


@record(eq=False)
class Arrange(Step):
    """A sort: keys of `source` and positions in order in `keys` and `places`, then to `view`.

    Rows are filled up to `size` elements, a power of two.
    """

    op: ir.Sort
    source: View
    view: View
    keys: Buffer
    places: Buffer
    size: int


@record(eq=False)
class Count(Step):
    """A histogram of a tile, counted in `view`."""

    op: ir.Histogram
    source: View
    view: View


@record(eq=False)
class Barrier(Step):
    """All threads wait for each other; what they wrote before is there for all after it, also for
    products by four warps if `is_async`.
    """

    is_async: bool = False


@record
class Registers:
    """A tile whose elements lie in registers of the threads that compute them."""

    layout: Layout


@record
class Shared:
    """A tile in shared memory, `offset` in bytes."""

    offset: int


@record
class Scratch:
    """A tile in global memory that the block has for itself, `offset` in bytes."""

    offset: int


Place = Registers | Shared | Scratch


@record(eq=False)
class Plan:
    """All decisions about one function."""

    entry: str
    threads: int
    steps: tuple[Step, ...]
    layouts: Mapping[Loop, Layout]
    tiles: Mapping[Multiply, Layout]
    places: Mapping[Buffer, Place]
    meetings: Mapping[Loop, int]
    shared_bytes: int
    scratch_bytes: int
    cost: float
    metadata: dict[str, Any]

    @property
    def blocks(self) -> int:
        """How many blocks should find room on a multiprocessor, 0 if the compiler may decide: two
        where threads add up products, so that one multiplies while the other waits; tensor cores
        want more registers than that. Where packs of rows are reduced a quarter of the threads that
        there may be: else the compiler, for room for all of them, loads a pack or two at a time,
        and few programs could not keep memory busy.
        """
        products = [step for step in walk_steps(self.steps) if isinstance(step, Multiply)]
        if any(step.tensor is not None for step in products):
            return 0
        words = sum(
            place.layout.slots * itemsize_of(buffer.dtype) // 4
            for buffer, place in self.places.items()
            if isinstance(place, Registers)
        )
        if words > MOST_SHARED:
            return 0
        if self.tiles:
            return 2 if self.threads == 256 else 0
        is_by_packs = any(layout.strided for layout in self.layouts.values())
        return max(1, FEWEST_THREADS // self.threads) if is_by_packs else 0

    @property
    def rings(self) -> tuple[Ring, ...]:
        """The loops that fetch ahead."""
        return tuple(step for step in walk_steps(self.steps) if isinstance(step, Ring))

    @property
    def tensor_maps(self) -> tuple[TensorMap, ...]:
        """What the hardware has to know of arrays, in the order of the kernel's parameters."""
        return tensor_maps(self.steps)

    def __str__(self) -> str:
        head = f"plan {self.entry}: {self.threads} threads, {self.shared_bytes} bytes of shared"
        return "\n".join([f"{head} memory", *_show(self, self.steps, 1)])


def rebuilt(
    steps: tuple[Step, ...], change: Callable[[tuple[Step, ...]], tuple[Step, ...]]
) -> tuple[Step, ...]:
    """Steps with each block inside them, and then themselves, changed."""
    inner: list[Step] = []
    for step in steps:
        match step:
            case Branch(then=then, orelse=orelse):
                step = replace(step, then=rebuilt(then, change), orelse=rebuilt(orelse, change))
            case RepeatWhile(condition=condition, body=body):
                step = replace(
                    step, condition=rebuilt(condition, change), body=rebuilt(body, change)
                )
            case Repeat(body=body) | Splice(body=body) | Ring(body=body):
                step = replace(step, body=rebuilt(body, change))
            case _:
                pass
        inner.append(step)
    return change(tuple(inner))


def walk_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step of a plan, outer ones first; not the bodies of functions that combine."""
    for step in steps:
        yield step
        match step:
            case Branch(then=a, orelse=b) | RepeatWhile(condition=a, body=b):
                yield from walk_steps(a)
                yield from walk_steps(b)
            case Repeat(body=body) | Splice(body=body) | Ring(body=body):
                yield from walk_steps(body)
            case _:
                pass


def tensor_maps(steps: tuple[Step, ...]) -> tuple[TensorMap, ...]:
    """The maps that steps copy by, each once."""
    rings = [step for step in walk_steps(steps) if isinstance(step, Ring)]
    found = [copy.map for ring in rings for copy in ring.copies if copy.map is not None]
    return tuple(dict.fromkeys(found))


def views_written(step: Step) -> Iterator[View]:
    """The kept tiles that a step writes."""
    match step:
        case Loop(sinks=sinks):
            for sink in sinks:
                match sink:
                    case Keep(view=view):
                        yield view
                    case Fold(view=out) if out is not None:
                        yield out
                    case ArgFold(views=views):
                        yield from (view for view in views if view is not None)
                    case _:
                        pass
        case Multiply(out=out):
            yield out
        case Combine(views=views, results=results):
            yield from views
            yield from (view for view in results if view is not None)
        case Arrange(view=view, keys=keys, places=places):
            yield view
            yield View(keys, 0, (1,))
            yield View(places, 0, (1,))
        case Count(view=view):
            yield view
        case Ring(copies=copies):
            yield from (copy.view for copy in copies)
        case _:
            pass


def views_read(step: Step) -> Iterator[View]:
    """The kept tiles that a step reads."""
    match step:
        case Loop(reads=reads):
            yield from (view for _, _, view in reads)
        case Multiply(a=a, b=b, out=out, clear=clear):
            yield from (a, b)
            if not clear:
                yield out
        case Combine(views=views):
            yield from views
        case Arrange(source=source) | Count(source=source) | Pick(source=source):
            yield source
        case Show(sources=sources):
            yield from (view for view in sources if view is not None)
        case _:
            pass


def is_left(step: Multiply) -> bool:
    """Whether tensor cores may take the left operand from registers, if it lies as they hold it."""
    shape, view = step.op.a.tile.shape, step.a
    is_pairs = len(shape) == 2 and itemsize_of(view.buffer.dtype) == 2
    return step.tensor is not None and is_pairs and not view.swizzle and is_whole(view, shape)


def is_whole(view: View, shape: tuple[int, ...]) -> bool:
    """Whether a tile fills its buffer, row-major."""
    return (
        view.offset == 0
        and view.buffer.size == prod(shape)
        and all(
            extent == 1 or a == b
            for extent, a, b in zip(shape, view.strides, dense_strides(shape), strict=True)
        )
    )


def _show(plan: Plan, steps: tuple[Step, ...], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for step in steps:
        match step:
            case Loop(space=space, sinks=sinks):
                yield f"{pad}loop {space}: {plan.layouts[step]}"
                kept = {sink.view for sink in sinks if isinstance(sink, Keep)}
                for value, _, view in step.reads:
                    if view not in kept:
                        yield f"{pad}  read {value.name or 'value'} {_place(plan, view)}"
                for sink in sinks:
                    yield f"{pad}  {_show_sink(plan, sink)}"
            case Multiply(_, a, b, out, clear, tensor):
                where = f"{_place(plan, a)} by {_place(plan, b)}"
                how = f"by {tensor.instruction}" if tensor else _show_tile(plan.tiles[step])
                to = "to" if clear else "onto"
                yield f"{pad}multiply {where} {to} {_place(plan, out)} {how}"
            case Combine(op=op):
                yield f"{pad}{op.opname} in rounds"
            case Arrange(op=op, size=size):
                yield f"{pad}sort along {op.axis}, {size} at a time"
            case Count(op=op):
                yield f"{pad}count to {op.bins} bins"
            case Barrier():
                yield f"{pad}barrier"
            case Compute(op) | Leave(op) | Pick(op) | Show(op):
                yield f"{pad}{op.opname} {op.name or ''}".rstrip()
            case Branch(_, then, orelse):
                yield f"{pad}if"
                yield from _show(plan, then, depth + 1)
                yield f"{pad}else"
                yield from _show(plan, orelse, depth + 1)
            case Repeat(op, body) | Splice(op, body):
                yield f"{pad}{op.opname}"
                yield from _show(plan, body, depth + 1)
            case Ring(op, stages, _, copies, body):
                yield f"{pad}for, {stages} stages"
                for copy in copies:
                    how = "" if copy.map is None else _show_boxes(copy.map)
                    yield f"{pad}  fetch {_place(plan, copy.view)}{how}"
                yield from _show(plan, body, depth + 1)
            case RepeatWhile(_, condition, body):
                yield f"{pad}while"
                yield from _show(plan, condition, depth + 1)
                yield f"{pad}do"
                yield from _show(plan, body, depth + 1)
            case _:
                raise AssertionError(step)


def _place(plan: Plan, view: View) -> str:
    name = view.buffer.name
    match plan.places[view.buffer]:
        case Registers():
            return f"{name} in registers"
        case Shared(offset):
            return f"{name} in shared memory at {offset}"
        case Scratch(offset):
            return f"{name} in scratch memory at {offset}"


def _show_boxes(of: TensorMap) -> str:
    return f" by boxes of {of.rows} x {of.columns} of {of.parameter.name or 'array'}"


def _show_tile(layout: Layout) -> str:
    return f"by threads, {layout.row_turns} x {layout.turns * layout.vector} elements each"


def _show_sink(plan: Plan, sink: Sink) -> str:
    match sink:
        case Keep(value, view):
            return f"keep {value.name or 'value'} {_place(plan, view)}"
        case Fold(op, view):
            return f"reduce {op.kind} over {op.axes}" + (
                f" to {_place(plan, view)}" if view else ""
            )
        case ArgFold(op):
            return f"{op.kind} over {op.axis}"
        case Effect(op):
            return op.opname
        case _:
            raise AssertionError(sink)


def row_offset(view: View, shape: tuple[int, ...], axis: int, row: str, place: str) -> str:
    """Where the element `place` along an axis of a row lies in a buffer; rows are numbered
    row-major over the other axes.
    """
    terms = [str(view.offset)] if view.offset else []
    terms.append(scaled(place, view.strides[axis]))
    inner = 1
    for other in reversed(range(len(shape))):
        if other == axis or shape[other] == 1:
            continue
        text = f"({row})" if inner == 1 else f"({row}) / {inner}"
        inner *= shape[other]
        terms.append(f"{text} % {shape[other]} * {view.strides[other]}")
    return " + ".join(terms)


def element_offset(view: View, shape: tuple[int, ...], element: str) -> str:
    """Where an element, numbered row-major, lies in a buffer."""
    terms = [str(view.offset)] if view.offset else []
    for axis, extent in enumerate(shape):
        inner = prod(shape[axis + 1 :])
        if extent == 1:
            continue
        text = f"{element} / {inner}" if inner > 1 else element
        text = f"{text} % {extent}" if prod(shape[:axis]) > 1 else text
        terms.append(scaled(text, view.strides[axis]))
    return " + ".join(terms) or "0"


def scaled(text: str, stride: int) -> str:
    """A product with a stride."""
    if stride == 1:
        return text
    return f"{text} * {stride}" if text.isidentifier() else f"({text}) * {stride}"
