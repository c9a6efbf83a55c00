"""The steps that plans of all backends share, and where tiles lie between them."""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype, Tile

from ..analysis.contiguity import Coordinates


class Step:
    """One step of a plan, for `op`, which loops do not have; each backend adds steps of its own."""

    __slots__ = ()
    op: ir.Op


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
    with a `loan` here or in an array. With `swizzle` it has so many rows, cut into pieces of 128
    bytes that lie behind each other, in which groups of 16 bytes change places from row to row.
    """

    buffer: Buffer
    offset: int
    strides: tuple[int, ...]
    panel: int = 0
    panel_stride: int = 0
    memo: Memo | None = None
    loan: Loan | None = None
    swizzle: int = 0

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


# --- steps ----------------------------------------------------------------------------------------


@record
class Compute(Step):
    """Compute a scalar, or do what a scalar op does."""

    op: ir.Op


@record
class Pick(Step):
    """The only element of a kept tile, as a scalar."""

    op: ir.Reshape
    source: View


@record
class Show(Step):
    """Hand values to the host, copied one after another to `area`; tiles come from `sources`."""

    op: ir.Print
    sources: tuple[View | None, ...]
    area: Buffer


@record
class Sequential(Step):
    """A reduction or scan by a function of the user's, element after element."""

    op: ir.Op
    sources: tuple[View, ...]
    views: tuple[View | None, ...]
    body: tuple[Step, ...]


@record
class Branch(Step):
    """A scalar `if`."""

    op: ir.If
    then: tuple[Step, ...]
    orelse: tuple[Step, ...]


@record
class Repeat(Step):
    """A scalar `for`; carried tiles stay in memory."""

    op: ir.For
    body: tuple[Step, ...]


@record
class RepeatWhile(Step):
    """A scalar `while`."""

    op: ir.While
    condition: tuple[Step, ...]
    body: tuple[Step, ...]


@record
class Splice(Step):
    """The body of an inlined function that returns early."""

    op: ir.Inlined
    body: tuple[Step, ...]


@record
class Leave(Step):
    """End of a block."""

    op: ir.Op


def itemsize_of(dtype: Dtype) -> int:
    """Bytes of an element in memory."""
    return 8 if dtype.is_pointer else dtype.itemsize


def padded(tile: Tile) -> int:
    """Bytes that a printed value takes: each begins at a multiple of 8."""
    return -(-tile.size * tile.dtype.itemsize // 8) * 8
