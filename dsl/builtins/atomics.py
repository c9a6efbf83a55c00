"""Atomics: an element is read and replaced in one step, whatever other programs do meanwhile.

Index, value and mask broadcast against each other, and under a tile condition against its lanes:
each element of that shape is one step, in row-major order.
"""

from __future__ import annotations

from typing import Final

from .. import ir
from ..errors import CompileError
from ..ir.ops import MEMORY_ORDERS
from ..types import Array, Dtype, broadcast_shapes
from .arguments import as_text
from .memory import array_or_pointer, as_switch, element_of
from .table import Context, builtin
from .values import broadcast, cast, common_shape

Shape = tuple[int, ...]

_BITWISE: Final = ("and", "or", "xor")


@builtin()
def atomic_add(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Add `value` to the elements of array `x` at `index` where `mask` holds; gives the old ones.

    `atomic_add(p, value)` does it through pointers. The value is cast to the dtype of the elements;
    integers wrap, of `bool_` it is the disjunction, `f16`, `bf16` and `f8` are added in `f32` and
    rounded once. What lies outside is left alone, and gives 0. Several elements on one place act
    one after another; the order of programs is not specified, and so neither is how the float sum
    of several is rounded. `order` is `"relaxed"`, `"acquire"`, `"release"` or `"acq_rel"`.
    """
    return _atomic(context, "add", x, (index, value), mask, order)


@builtin()
def atomic_max(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Raise the elements of `x` at `index` to at least `value`; gives the old ones. NaN wins.

    All else is as in `atomic_add`.
    """
    return _atomic(context, "max", x, (index, value), mask, order)


@builtin()
def atomic_min(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Lower the elements of `x` at `index` to at most `value`; gives the old ones. NaN wins.

    All else is as in `atomic_add`.
    """
    return _atomic(context, "min", x, (index, value), mask, order)


@builtin(name="atomic_and_")
def atomic_and_(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Replace the elements of `x` at `index` by `old & value`; gives the old ones.

    For integers and `bool_`; all else is as in `atomic_add`.
    """
    return _atomic(context, "and", x, (index, value), mask, order)


@builtin(name="atomic_or_")
def atomic_or_(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Replace the elements of `x` at `index` by `old | value`; gives the old ones.

    For integers and `bool_`; all else is as in `atomic_add`.
    """
    return _atomic(context, "or", x, (index, value), mask, order)


@builtin()
def atomic_xor(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Replace the elements of `x` at `index` by `old ^ value`; gives the old ones.

    For integers and `bool_`; all else is as in `atomic_add`.
    """
    return _atomic(context, "xor", x, (index, value), mask, order)


@builtin()
def atomic_xchg(
    context: Context,
    x: object,
    index: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Replace the elements of `x` at `index` by `value`; gives the old ones.

    All else is as in `atomic_add`.
    """
    return _atomic(context, "xchg", x, (index, value), mask, order)


@builtin()
def atomic_cas(
    context: Context,
    x: object,
    index: object,
    expected: object,
    value: object = None,
    mask: object = None,
    order: object = "relaxed",
) -> ir.Value:
    """Replace the elements of `x` at `index` that are `expected` by `value`; gives the old ones.

    Elements are compared bit for bit: of floats, 0.0 is not -0.0, and a NaN is itself.
    `atomic_cas(p, expected, value)` works through pointers. All else is as in `atomic_add`; what
    gave something else than `expected` has not changed anything.
    """
    return _atomic(context, "cas", x, (index, expected, value), mask, order)


def _atomic(
    context: Context,
    kind: str,
    x: object,
    arguments: tuple[object, ...],
    mask: object,
    order: object,
) -> ir.Value:
    """Any of them; `arguments` are the index, which pointers have none of, and the values."""
    name = f"atomic_{kind}_" if kind in ("and", "or") else f"atomic_{kind}"
    target, b = array_or_pointer(x, name), context.builder
    memory_order = as_text(order, "the order of an atomic")
    if memory_order not in MEMORY_ORDERS:
        raise CompileError(
            f"{name}: there is no memory order {memory_order!r}",
            f"orders are {', '.join(map(repr, MEMORY_ORDERS))}",
        )
    switch = as_switch(b, mask)
    if not isinstance(target.type, Array):
        values = _values(context, name, kind, element_of(target), _of_pointers(name, arguments))
        shape = _joint(context, name, target.tile.shape, values, switch)
        spread = tuple([broadcast(b, v, shape) for v in values])
        covering = None if switch is None else broadcast(b, switch, shape)
        pointer = broadcast(b, target, shape)
        return b.add(ir.AtomicPointer(kind, pointer, spread, covering, memory_order))
    index, *given = arguments
    values = _values(context, name, kind, target.array.dtype, given)
    array, position, block_axes = context.positions(target, index, True)
    shape = _joint(context, name, common_shape(*position), values, switch)
    spread = tuple([broadcast(b, v, shape) for v in values])
    covering = None if switch is None else broadcast(b, switch, shape)
    return b.add(ir.Atomic(kind, array, position, spread, covering, memory_order, block_axes))


def _of_pointers(name: str, arguments: tuple[object, ...]) -> list[object]:
    """The values beside pointers, which stand one place further to the front."""
    given = [argument for argument in arguments if argument is not None]
    if len(given) == len(arguments):
        raise CompileError(
            f"{name} of pointers at an index, expected only pointers and values",
            f"move the pointers: `tw.{name}(p + i, ...)`",
        )
    return given


def _values(
    context: Context, name: str, kind: str, dtype: Dtype, given: list[object]
) -> tuple[ir.Value, ...]:
    """The values as elements of the memory: cast as a store casts."""
    count = 2 if kind == "cas" else 1
    if len(given) < count or None in given:
        raise CompileError(f"{name}: argument `value` is missing")
    if kind in _BITWISE and dtype.is_float:
        raise CompileError(f"{name} of elements of type {dtype}, expected an integer or bool_")
    return tuple([cast(context.builder, value, dtype) for value in given])


def _joint(
    context: Context,
    name: str,
    index: Shape,
    values: tuple[ir.Value, ...],
    switch: ir.Value | None,
) -> Shape:
    """The shape that index, values, mask and the lanes around have in common."""
    shapes = [index, *(value.tile.shape for value in values)]
    if switch is not None:
        shapes.append(switch.tile.shape)
    shape = broadcast_shapes(*shapes)
    if shape is None:
        listed = " and ".join(str(s) for s in dict.fromkeys(shapes) if s)
        raise CompileError(f"{name}: index, value and mask of shapes {listed} do not broadcast")
    lanes = context.lanes
    if lanes is None:
        return shape
    joint = broadcast_shapes(shape, lanes)
    if joint is None:
        raise CompileError(
            f"{name} of shape {shape} does not broadcast with the lanes of shape {lanes} of the "
            "tile condition around it"
        )
    return joint
