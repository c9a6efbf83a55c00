"""Coordinates of tiles in a loop nest, and strides."""

from __future__ import annotations

from math import prod

from tilewright.dsl import ir

from ..analysis.contiguity import Coordinates

Access = ir.Load | ir.Store | ir.Atomic | ir.LoadPointer | ir.StorePointer | ir.AtomicPointer


def identity(shape: tuple[int, ...]) -> Coordinates:
    """Each axis follows the loop dimension of its number; one of extent 1 follows none."""
    return tuple([None if extent == 1 else axis for axis, extent in enumerate(shape)])


def align_shape(shape: tuple[int, ...], coordinates: Coordinates) -> Coordinates:
    """Where a tile that broadcasts against a space is read."""
    tail = coordinates[len(coordinates) - len(shape) :] if shape else ()
    return tuple(None if extent == 1 else c for extent, c in zip(shape, tail, strict=True))


def aligned(x: ir.Value, coordinates: Coordinates, shape: tuple[int, ...]) -> Coordinates:
    """Where an operand is read whose user has `shape` and lies at `coordinates`."""
    if x.tile.shape == shape:
        return coordinates
    return align_shape(x.tile.shape, coordinates)


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides in elements."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def access_shape(op: Access) -> tuple[int, ...]:
    """The shape of the elements that an access touches."""
    match op:
        case ir.Store(value=value) | ir.StorePointer(value=value):
            return value.tile.shape
        case _:
            return op.tile.shape
