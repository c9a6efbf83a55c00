"""How a sort uses the machine: words, vectors, and what lies along their lanes.

Every element becomes a word: an integer whose order is the order wanted, with the position in its
low bits where positions are asked for (in a second word if they do not fit). Words are unique then,
so any network sorts stably. Vectors hold neighbours of one row, or, where the tile has a wide axis
behind the sorted one, one element of several columns.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype, i8, i16, i32, i64

from ..target import Machine

WORD_DTYPES: Final[dict[int, Dtype]] = {8: i8, 16: i16, 32: i32, 64: i64}
# Vectors that are sorted in registers before anything is merged; 16 registers hold two words each.
GROUP: Final = 4

# Bits of a word that is compared as an `f64`: below are denormals, above infinity and NaN.
FLOAT_BITS: Final = 61


@record
class Sorting:
    """Decisions about one sort.

    Elements are `words` integers of `bits` bits, the low `position_bits` of the last one the
    position. A row is `units` vectors of `lanes`, sorted in registers `group` at a time; what is
    behind its end counts as larger than all. With `columns`, an axis, lanes are rows of their own.
    `as_floats` has words compared as `f64`: those of 61 bits are positive, normal and finite. With
    `only_first` no more than one group is wanted: of each two groups the least are kept.
    """

    bits: int
    words: int
    position_bits: int
    lanes: int
    units: int
    group: int
    columns: int | None
    as_floats: bool
    only_first: bool

    @property
    def dtype(self) -> Dtype:
        """What a word lies in memory as."""
        return WORD_DTYPES[self.bits]

    @property
    def size(self) -> int:
        """The elements of a row in work, those behind its end included."""
        return self.units * self.lanes

    def __str__(self) -> str:
        along = "of a row" if self.columns is None else f"along axis {self.columns}"
        words = f"{self.words} x i{self.bits}"
        words += " as f64" if self.as_floats else ""
        words += ", only the first" if self.only_first else ""
        return f"{words}, {self.units} vectors of {self.lanes} lanes {along}"


def choose_sorting(op: ir.Sort, machine: Machine) -> Sorting:
    """Decide how to sort: the narrowest words, and full vectors if there are any."""
    tile = op.x.tile
    extent = tile.shape[op.axis]
    bits, words, position_bits, as_floats = tile.dtype.bits, 1, 0, False
    if op.kind == "positions":
        position_bits = (extent - 1).bit_length()
        needed = bits + position_bits
        words = 1 if needed <= 64 else 2
        bits = next(width for width in (16, 32, 64) if needed <= width or width == 64)
        position_bits = 0 if words == 2 else position_bits
        # Only the widest vectors have extremes of 64-bit integers; all have those of floats.
        as_floats = bits == 64 and needed <= FLOAT_BITS and machine.vector_bytes < 64
    register = machine.vector_bytes * 8 // bits
    behind = tile.shape[-1] if op.axis != tile.rank - 1 else 1
    if 2 * behind >= register:
        columns, lanes, units = tile.rank - 1, min(register, behind), extent
    else:
        columns, lanes = None, min(register, _power_of_two(extent))
        units = -(-extent // lanes)
    group = min(GROUP, _power_of_two(units))
    units = -(-units // group) * group
    first = group if columns is not None else group * lanes
    # Zeros of floats are put in order at last, for which all of them must be there.
    has_all = op.kind == "values" and tile.dtype.is_float
    only_first = op.count <= first and units > group and not has_all
    return Sorting(bits, words, position_bits, lanes, units, group, columns, as_floats, only_first)


def _power_of_two(n: int) -> int:
    """The least power of two that is not less."""
    return 1 << (n - 1).bit_length()
