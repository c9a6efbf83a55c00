"""The worker's arena while it is dealt out: a stack of buffers, as blocks nest."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Dtype

from .layout import dense_strides
from .steps import RESERVED_BYTES, Buffer, View

# What fits a worker's arena; beyond, a tile is a mistake.
LIMIT: Final = 256 * 1024 * 1024
ALIGNMENT: Final = 64


class Scratch:
    """Scratch memory: `top` is where the next buffer goes, `peak` the most that was needed."""

    def __init__(self) -> None:
        self.top = self.peak = RESERVED_BYTES

    @property
    def bytes_needed(self) -> int:
        """The size of the arena, its alignment included."""
        return self.peak + ALIGNMENT

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
        self.top += -(-bytes_needed // ALIGNMENT) * ALIGNMENT
        self.peak = max(self.peak, self.top)
        if self.peak > LIMIT:
            raise CompileError(
                f"a tile of {size} elements of {dtype} needs {bytes_needed} bytes; the tiles of "
                f"this kernel need {self.peak} bytes together, available are {LIMIT}",
                "use smaller tiles",
            )
        return buffer
