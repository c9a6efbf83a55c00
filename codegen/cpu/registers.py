"""How much of a product stays in registers."""

from __future__ import annotations

from ..target import Machine


def register_tile(machine: Machine, itemsize: int) -> tuple[int, int]:
    """Rows and columns of the result that stay in registers; one row and one element fit beside.

    Two vectors wide; 6 x 16 in f32 on AVX2, 14 x 32 on AVX-512, 12 x 8 on NEON.
    """
    columns = max(2 * machine.vector_bytes // itemsize, 1)
    if machine.vector_registers == 16:
        return 6, columns
    return (14 if machine.vector_bytes == 64 else 12), columns
