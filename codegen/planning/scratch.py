"""The scratch memory of a program while it is dealt out: a stack of buffers, as blocks nest.

Below it, at negative offsets, lies what outlives programs.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Dtype, index

from ..abi import WORD
from .coordinates import dense_strides
from .steps import (
    Buffer,
    Memo,
    View,
)

# It begins with a place for what must not be stored, then zeros for what must not be loaded.
ZEROS_OFFSET: Final = 64
RESERVED_BYTES: Final = 128
# What fits a worker's arena; beyond, a tile is a mistake.
LIMIT: Final = 256 * 1024 * 1024
ALIGNMENT: Final = 64
# What a thread keeps from program to program shares the last cache with what others keep.
MEMO_LIMIT: Final = 8 * 1024 * 1024
MOST_SLOTS: Final = 64


class Scratch:
    """Scratch memory: `top` is where the next buffer goes, `peak` the most that was needed."""

    def __init__(self) -> None:
        self.top = self.peak = RESERVED_BYTES
        self.memos: list[Memo] = []
        self.memo_bytes = 0

    @property
    def bytes_needed(self) -> int:
        """The size of the arena, its alignment included."""
        return self.memo_bytes + self.peak + ALIGNMENT

    def allocate(self, value: ir.Value) -> View:
        """A place for a tile, row-major."""
        tile = value.tile
        return View(
            self.reserve(value.name or "tile", tile.dtype, tile.size), 0, dense_strides(tile.shape)
        )

    def reserve(self, name: str, dtype: Dtype, size: int) -> Buffer:
        """Memory for some elements; raises `CompileError` where a program needs too much."""
        buffer = Buffer(name, dtype, self.top, size)
        bytes_needed = buffer.end - buffer.offset
        self.top += _aligned(bytes_needed)
        self.peak = max(self.peak, self.top)
        if self.peak > LIMIT:
            raise CompileError(
                f"a tile of {size} elements of {dtype} needs {bytes_needed} bytes; the tiles of "
                f"this kernel need {self.peak} bytes together, available are {LIMIT}",
                "use smaller tiles",
            )
        return buffer

    def memoize(self, name: str, dtype: Dtype, size: int, keys: int) -> tuple[Memo, Buffer]:
        """A memo for tiles of some elements, told apart by so many keys, and its first slot."""
        slot_bytes = _aligned(size * dtype.itemsize)
        slots = max(1, min(MOST_SLOTS, MEMO_LIMIT // slot_bytes))
        words = 2 + slots * keys
        self.memo_bytes += _aligned(words * WORD) + slots * slot_bytes
        start = -self.memo_bytes
        header = Buffer("header", index, start, words)
        first = start + _aligned(words * WORD)
        memo = Memo(slots, slot_bytes, header, first)
        self.memos.append(memo)
        return memo, Buffer(name, dtype, first, size)


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
