"""Matrix products: `a @ b` and `dot`."""

from __future__ import annotations

from .. import ir
from ..errors import CompileError
from ..promotion import promote
from ..types import Dtype, bool_, broadcast_shapes, f16, f32, i32, i64, index
from .shape import change_shape
from .table import Context, builtin
from .values import as_operand, as_value, broadcast, cast, describe


@builtin("numpy.dot", "numpy.matmul", mixes_lanes=True)
def dot(
    context: Context, a: object, b: object, acc: object = None, precision: object = None
) -> ir.Value:
    """The matrix product of (m, k) and (k, n), or of batches of these, plus `acc`.

    `a @ b` is `dot(a, b)`. Operands narrower than 32 bits accumulate, and give, `f32`, integers
    `i32`; wider ones keep the dtype they meet in. `acc` has the result's shape (or broadcasts to
    it) and its dtype. The `f8` types are taken as they are. `precision` is "ieee" (the default) or,
    for `f32`, "tf32", which rounds the operands to 10 bits of fraction. A `CompileError` unless
    ranks are 2 or 3 and extents agree.
    """
    builder = context.builder
    left, right = _operand(a, "first"), _operand(b, "second")
    left, right = _same_batch(builder, left, right)
    _check_extents(left, right, a, b)
    wanted = _operand_dtypes(left.tile.dtype, right.tile.dtype)
    left, right = cast(builder, left, wanted[0]), cast(builder, right, wanted[1])
    result = _result_dtype(*wanted)
    shape = (*left.tile.shape[:-1], right.tile.shape[-1])
    start = None if acc is None else _accumulator(builder, acc, result, shape)
    return builder.add(ir.Dot(left, right, start, result, _precision(precision, wanted[0])))


def _operand(x: object, which: str) -> ir.Value:
    value = as_operand(x)
    if not isinstance(value, ir.Value) or value.tile.rank not in (2, 3):
        note = "give a vector an axis: `v[None, :]` or `v[:, None]`"
        is_vector = isinstance(value, ir.Value) and value.tile.rank == 1
        raise CompileError(
            f"the {which} operand of `@` is {describe(x)}, expected a tile of 2 or 3 axes",
            note if is_vector else None,
        )
    if value.tile.dtype.is_pointer:
        raise CompileError(f"cannot multiply {describe(x)}")
    return value


def _same_batch(b: ir.Builder, left: ir.Value, right: ir.Value) -> tuple[ir.Value, ir.Value]:
    """Both with the same batch axis, or both without, as NumPy broadcasts it."""
    if left.tile.rank == right.tile.rank == 2:
        return left, right
    batch = broadcast_shapes(left.tile.shape[:-2], right.tile.shape[:-2])
    if batch is None:
        raise CompileError(f"cannot multiply batches: found {describe(left)} and {describe(right)}")
    sides = []
    for side in (left, right):
        matrix = side.tile.shape[-2:]
        if side.tile.rank == 2:
            side = change_shape(b, side, (1, *matrix))
        sides.append(broadcast(b, side, (*batch, *matrix)))
    return sides[0], sides[1]


def _check_extents(left: ir.Value, right: ir.Value, a: object, b: object) -> None:
    rows, inner = left.tile.shape[-2:]
    height, columns = right.tile.shape[-2:]
    if inner == height:
        return
    x, y = _name(a, "a"), _name(b, "b")
    note = f"the second tile must have {inner} rows"
    if inner == columns:
        note += f"; did you mean `{x} @ {_transposed(right, y)}`?"
    elif rows == height:
        note += f"; did you mean `{_transposed(left, x)} @ {y}`?"
    raise CompileError(
        f"cannot multiply tiles of shape {left.tile.shape} and {right.tile.shape}", note
    )


def _name(x: object, default: str) -> str:
    return x.name if isinstance(x, ir.Value) and x.name else default


def _transposed(value: ir.Value, name: str) -> str:
    return f"{name}.T" if value.tile.rank == 2 else f"tw.permute({name}, (0, 2, 1))"


def _operand_dtypes(left: Dtype, right: Dtype) -> tuple[Dtype, Dtype]:
    """What the operands are cast to: the dtype they meet in; two of one `f8` stay as they are.

    An `f8` beside `f16` or `bf16` becomes that, and beside the other `f8` `f16`, which holds every
    value of both.
    """
    if left.is_storage_only and right.is_storage_only:
        return (left, right) if left is right else (f16, f16)
    if left.is_storage_only and right.is_float:
        return right, right
    if right.is_storage_only and left.is_float:
        return left, left
    met = promote(left, right)
    met = i32 if met is bool_ else i64 if met is index else met
    return met, met


def _result_dtype(left: Dtype, right: Dtype) -> Dtype:
    widest = left if left.bits >= right.bits else right
    if widest.bits >= 32:
        return widest
    return f32 if widest.is_float else i32


def _accumulator(b: ir.Builder, acc: object, dtype: Dtype, shape: tuple[int, ...]) -> ir.Value:
    given = as_operand(acc)
    value = given if isinstance(given, ir.Value) else as_value(b, given, dtype)
    if value.tile.dtype is not dtype:
        raise CompileError(
            f"the accumulator is {describe(acc)}, expected the dtype {dtype}",
            f"accumulate in {dtype} and cast the result: `.to(tw.{value.tile.dtype})`",
        )
    if broadcast_shapes(value.tile.shape, shape) != shape:
        raise CompileError(f"the accumulator is {describe(acc)}, expected the shape {shape}")
    return broadcast(b, value, shape)


def _precision(precision: object, dtype: Dtype) -> str:
    """What the product is asked to keep; only `f32` has a choice."""
    if precision not in (None, "ieee", "tf32"):
        raise CompileError(f"precision {precision!r}, expected 'ieee' or 'tf32'")
    return "tf32" if precision == "tf32" and dtype is f32 else "ieee"
