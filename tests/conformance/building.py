"""Functions made by hand: parameters, positions, and a body that a callable appends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from tilewright.dsl import ir
from tilewright.dsl.types import Array, Dtype, Tile, Type, i32, index

Parameters = Iterable[tuple[str, Type]]
ALL_FACTS = frozenset(("narrow", "disjoint"))
NO_FACTS: frozenset[str] = frozenset()


def function(
    parameters: Parameters,
    body: Callable[..., None],
    facts: frozenset[str] = NO_FACTS,
    options: Iterable[str] = ("contract",),
    name: str = "conformance",
) -> ir.Function:
    """The function whose body is what `body(builder, *parameters)` appends; a legal one."""
    named = list(parameters)
    b = ir.Builder()
    with b.inside(*(type_ for _, type_ in named)) as block:
        for parameter, (label, _) in zip(block.parameters, named, strict=True):
            parameter.name = label
        body(b, *block.parameters)
        if not b.is_closed:
            b.add(ir.Return())
    made = ir.Function(name, block, facts, frozenset(options))
    for place, op in enumerate(ir.walk(block)):
        op.place = place
    ir.verify(made)
    return made


def array(dtype: Dtype, rank: int, unit_axis: int | None = None) -> Array:
    """The type of an array of which only the axis with unit stride may be known."""
    return Array(dtype, (None,) * rank, unit_axis)


def const(b: ir.Builder, value: float, dtype: Dtype = i32, shape: tuple[int, ...] = ()) -> ir.Value:
    """A constant tile."""
    return b.add(ir.Const(value, Tile(dtype, shape)))


def along(b: ir.Builder, shape: tuple[int, ...], axis: int, start: int = 0) -> ir.Value:
    """The positions along one axis, of extent 1 along the others."""
    thin = tuple(extent if k == axis else 1 for k, extent in enumerate(shape))
    return b.add(ir.Iota(Tile(i32, thin), axis, start))


def everywhere(b: ir.Builder, shape: tuple[int, ...]) -> tuple[ir.Value, ...]:
    """The positions of a whole tile, one per axis, to be broadcast by the access."""
    return tuple(along(b, shape, axis) for axis in range(len(shape)))


def block_of(b: ir.Builder, start: ir.Value, extent: int, rank: int, axis: int) -> ir.Value:
    """The positions of the slice `start : start + extent`, laid along an axis of the access."""
    steps = b.add(ir.Iota(Tile(start.tile.dtype, (extent,)), 0))
    moved = b.add(ir.Binary("add", b.add(ir.Broadcast(start, (extent,))), steps))
    shape = tuple(extent if k == axis else 1 for k in range(rank))
    return moved if rank == 1 else b.add(ir.Reshape(moved, shape))


def load_whole(b: ir.Builder, source: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    """The tile of this program: `source[program, ...]`; `index` values lie in memory as `i64`."""
    return b.add(ir.Load(source, (b.add(ir.ProgramId(0)), *everywhere(b, shape))))


def store_whole(b: ir.Builder, target: ir.Value, value: ir.Value) -> None:
    """`target[program, ...] = value`."""
    if value.tile.dtype is index:
        value = b.add(ir.Cast(value, target.array.dtype))
    place = (b.add(ir.ProgramId(0)), *everywhere(b, value.shape))
    b.add(ir.Store(target, place, value))


def print_of(made: ir.Function, labels: Iterable[str] = ()) -> str:
    """The text of a function, for the message of a failure."""
    return "\n".join(chain(labels, ["", ir.show(made)]))
