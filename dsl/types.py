"""The types a value can have: dtypes, tiles, arrays and pointers.

One type stands for everything computed: `Tile(dtype, shape)`; a scalar is a tile of shape `()`.
Arrays are typed, shaped memory; pointers are tiles whose dtype is a `PointerDtype`.
"""

from __future__ import annotations

from enum import Enum
from math import prod
from typing import Final

from .records import record


class Kind(Enum):
    """The family of a dtype; decides which operators and promotions apply."""

    BOOL = "bool"
    SIGNED = "signed"
    UNSIGNED = "unsigned"
    FLOAT = "float"
    INDEX = "index"
    POINTER = "pointer"


@record
class Dtype:
    """The type of one element. `bits` is its size in memory (`bool_` takes a byte)."""

    name: str
    kind: Kind
    bits: int
    element: Dtype | None = None  # what a pointer points at

    @property
    def itemsize(self) -> int:
        """Bytes of one element in memory."""
        return self.bits // 8

    @property
    def is_float(self) -> bool:
        """Whether arithmetic on it rounds."""
        return self.kind is Kind.FLOAT

    @property
    def is_integer(self) -> bool:
        """Whether it is a signed, unsigned or index integer; `bool_` is not one."""
        return self.kind in (Kind.SIGNED, Kind.UNSIGNED, Kind.INDEX)

    @property
    def is_signed(self) -> bool:
        """Whether it is an integer that can be negative."""
        return self.kind in (Kind.SIGNED, Kind.INDEX)

    @property
    def is_bool(self) -> bool:
        """Whether it is `bool_`."""
        return self.kind is Kind.BOOL

    @property
    def is_pointer(self) -> bool:
        """Whether it is the address of an element."""
        return self.kind is Kind.POINTER

    @property
    def is_storage_only(self) -> bool:
        """Whether arithmetic never happens in it (the `f8` types)."""
        return self.is_float and self.bits == 8

    def __repr__(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


bool_: Final = Dtype("bool_", Kind.BOOL, 8)
i8: Final = Dtype("i8", Kind.SIGNED, 8)
i16: Final = Dtype("i16", Kind.SIGNED, 16)
i32: Final = Dtype("i32", Kind.SIGNED, 32)
i64: Final = Dtype("i64", Kind.SIGNED, 64)
u8: Final = Dtype("u8", Kind.UNSIGNED, 8)
u16: Final = Dtype("u16", Kind.UNSIGNED, 16)
u32: Final = Dtype("u32", Kind.UNSIGNED, 32)
u64: Final = Dtype("u64", Kind.UNSIGNED, 64)
f16: Final = Dtype("f16", Kind.FLOAT, 16)
bf16: Final = Dtype("bf16", Kind.FLOAT, 16)
f32: Final = Dtype("f32", Kind.FLOAT, 32)
f64: Final = Dtype("f64", Kind.FLOAT, 64)
f8e4m3: Final = Dtype("f8e4m3", Kind.FLOAT, 8)
f8e5m2: Final = Dtype("f8e5m2", Kind.FLOAT, 8)
index: Final = Dtype("index", Kind.INDEX, 64)


class IndexNumber(int):
    """A constant of the dtype `index`: an extent or a stride that the type of an array fixes.

    Where the type leaves them open they are computed values of that dtype, 64-bit in meaning; a
    program must not wrap in 32 bits, or change its types, because a type says more.
    """

    __slots__ = ()


# Order matters: a position is the dtype's code in argument blocks, manifests, the launch table.
DTYPES: Final[tuple[Dtype, ...]] = (
    bool_, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, f8e4m3, f8e5m2, index,
)  # fmt: skip
DTYPE_CODES: Final[dict[Dtype, int]] = {dtype: code for code, dtype in enumerate(DTYPES)}
DTYPES_BY_NAME: Final[dict[str, Dtype]] = {dtype.name: dtype for dtype in DTYPES}


def pointer_to(element: Dtype) -> Dtype:
    """The dtype of an address of `element`."""
    return Dtype(f"*{element.name}", Kind.POINTER, 64, element)


@record
class Tile:
    """A block of values with a static shape; shape `()` is a scalar."""

    dtype: Dtype
    shape: tuple[int, ...] = ()

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def is_scalar(self) -> bool:
        """Whether there is one value for the whole program."""
        return not self.shape

    def with_dtype(self, dtype: Dtype) -> Tile:
        """The same shape of another dtype."""
        return Tile(dtype, self.shape)

    def with_shape(self, shape: tuple[int, ...]) -> Tile:
        """The same dtype in another shape."""
        return Tile(self.dtype, shape)

    def __str__(self) -> str:
        if not self.shape:
            return self.dtype.name
        return f"{self.dtype.name}<{'x'.join(map(str, self.shape))}>"


@record
class Array:
    """Typed, shaped memory.

    `extents[k]` is a fixed extent or None; `unit_axis` is the axis whose stride is 1, or None;
    `aligned` says base and other strides are multiples of 16 bytes, `even` that all extents are
    multiples of 16.
    """

    dtype: Dtype
    extents: tuple[int | None, ...]
    unit_axis: int | None = None
    aligned: bool = False
    even: bool = False

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.extents)

    def __str__(self) -> str:
        axes = ["" if extent is None else str(extent) for extent in self.extents]
        axes = [
            f"{axis}::1" if k == self.unit_axis else axis or ":"
            for k, axis in enumerate(axes)
        ]  # fmt: skip
        facts = [name for name in ("aligned", "even") if getattr(self, name)]
        return f"{self.dtype.name}[{', '.join(axes)}]" + (
            f"{{{', '.join(facts)}}}" if facts else ""
        )


Type = Tile | Array


def scalar(dtype: Dtype) -> Tile:
    """The type of one value."""
    return Tile(dtype, ())


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that all broadcast to, as NumPy does; None if they do not."""
    rank = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-rank, 0):
        extents = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(extents) > 1:
            return None
        result.append(extents.pop() if extents else 1)
    return tuple(result)
