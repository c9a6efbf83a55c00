"""How much of a product stays in registers."""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import Dtype

from ..target import Machine

GROUP_BYTES: Final = 4
TILE_ROWS: Final = 16
TILE_ROW_BYTES: Final = 64  # a tile register has 16 rows of these


def group_of(dtype: Dtype) -> int:
    """How many neighbours along k, narrow ones, are multiplied and added up together."""
    return GROUP_BYTES // dtype.itemsize


def padded_depth(machine: Machine, dtype: Dtype, depth: int) -> int:
    """What k is filled up to with zeros where operands stay narrow: whole groups, or tile rows."""
    unit = TILE_ROW_BYTES // dtype.itemsize if machine.has_tiles else group_of(dtype)
    return -(-depth // unit) * unit


def row_stride(machine: Machine, dtype: Dtype, depth: int) -> int:
    """Elements from row to row of a narrow left operand.

    With tiles an odd number of lines, as all lines of a tile must be in the first cache at once.
    """
    padded = padded_depth(machine, dtype, depth)
    line = TILE_ROW_BYTES // dtype.itemsize
    return padded + line if machine.has_tiles and padded // line % 2 == 0 else padded


def register_tile(machine: Machine, itemsize: int) -> tuple[int, int]:
    """Rows and columns of the result that stay in registers; one row and one element fit beside.

    Two vectors wide; 6 x 16 in f32 on AVX2, 14 x 32 on AVX-512, 12 x 8 on NEON.
    """
    columns = max(2 * machine.vector_bytes // itemsize, 1)
    if machine.vector_registers == 16:
        return 6, columns
    return (14 if machine.vector_bytes == 64 else 12), columns
