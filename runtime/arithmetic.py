"""What `a + b` is for arrays: kernels of our own language, on the device that has the arrays.

Operands are broadcast as views, then axes that lie behind one another in all of them are merged.
What is left has one axis (nearly always), two, or more, and there is a kernel for each case. The
dtype of a result is the one that the language gives the same operator in a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import Any, Final, no_type_check

import numpy as np

from tilewright.dsl import ir
from tilewright.dsl.builtins.arithmetic import binary as lower_binary
from tilewright.dsl.builtins.arithmetic import unary as lower_unary
from tilewright.dsl.builtins.build import arange, zeros
from tilewright.dsl.builtins.comparison import compare as lower_compare
from tilewright.dsl.builtins.constants import convert, default_dtype, describe_range, fits
from tilewright.dsl.builtins.grid import program_id
from tilewright.dsl.builtins.python import static_range
from tilewright.dsl.definition import constexpr, func
from tilewright.dsl.promotion import accumulator_dtype, promote, promote_weak
from tilewright.dsl.types import Dtype, f64, i64, scalar, u64

from .errors import LaunchError
from .headers import Header, restrided, view_as
from .interop import numpy_dtype, our_dtype
from .kernel import kernel
from .memory import Memory

Number = bool | int | float
# NumPy's scalars have a dtype of their own, Python's numbers take that of the other side.
Operand = Header | np.generic | Number

# Of a program: enough to hide what a program costs, little enough to share among threads.
ELEMENTS: Final = 4096

COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")


def binary(where: Memory, name: str, a: Operand, b: Operand, out: Header | None = None) -> Header:
    """An operator of two operands, at least one of them an array; into `out` if it is given.

    `where` is the memory they are in, and the result. `name` is that of the IR, or `truediv`, or
    `pow`. Raises `LaunchError` for shapes that do not broadcast and `CompileError` for dtypes that
    do not meet.
    """
    shape = _common_shape(a, b) if out is None else out.shape
    dtype = _result_dtype(name, a, b)
    if out is None:
        out = where.empty(shape, numpy_dtype(dtype))
    else:
        _check_in_place(name, dtype, out, a, b)
    x, y = _typed(where, name, a, b), _typed(where, name, b, a)
    _run(where, _FUNCTIONS[name], _apart(where, x, out), _apart(where, y, out), out)
    return out


def unary(where: Memory, name: str, x: Header) -> Header:
    """`neg`, `abs` or `not` of every element."""
    builder = ir.Builder()
    found: Any = lower_unary(builder, name, ir.Parameter(scalar(our_dtype(x.dtype))))
    out = where.empty(x.shape, numpy_dtype(found.tile.dtype))
    _run(where, _UNARY[name], x, x, out)
    return out


def cast(where: Memory, x: Header, dtype: Dtype) -> Header:
    """Every element in a dtype, in a new array."""
    out = where.empty(x.shape, numpy_dtype(dtype))
    _run(where, _first, x, x, out)
    return out


def assign(where: Memory, target: Header, source: Operand) -> None:
    """Store a number, or an array that broadcasts to the target's shape, cast to its dtype."""
    value: Any = source
    if isinstance(source, bool | int | float) and not isinstance(source, np.generic):
        dtype = our_dtype(target.dtype)
        value = _as_scalar(convert(source, dtype), dtype)
    if isinstance(value, np.ndarray) and _broadcasts(value.shape, target.shape) is False:
        raise LaunchError(f"cannot store an array of shape {value.shape} in one of {target.shape}")
    value = _apart(where, value, target)
    _run(where, _first, value, value, target)


def product(where: Memory, a: Header, b: Header) -> Header:
    """The matrix product, for ranks as in `numpy.matmul`; summed in 32 bits or more."""
    if not a.ndim or not b.ndim:
        raise LaunchError("a matrix product needs arrays of rank 1 or more, got a number")
    left = a[np.newaxis] if a.ndim == 1 else a
    right = b[:, np.newaxis] if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise LaunchError(f"cannot multiply arrays of shape {a.shape} and {b.shape}")
    batch = _broadcast_shape(left.shape[:-2], right.shape[:-2])
    dtype = promote(our_dtype(a.dtype), our_dtype(b.dtype))
    shape = (*batch, left.shape[-2], right.shape[-1])
    out = where.empty(shape, numpy_dtype(dtype))
    rank3 = (prod(batch), *shape[-2:])
    inputs = [
        reshaped(where, np.broadcast_to(one, batch + one.shape[-2:]), (rank3[0], *one.shape[-2:]))
        for one in (left, right)
    ]
    _multiply[lambda p: (-(-rank3[2] // p.BN), -(-rank3[1] // p.BM), rank3[0])](
        *map(where.argument, (*inputs, out.reshape(rank3))), ACC=accumulator_dtype(dtype)
    )
    if a.ndim == 1:
        out = out[..., 0, :]
    return out[..., 0] if b.ndim == 1 else out


def reshaped(where: Memory, x: Header, shape: Sequence[int]) -> Header:
    """The same elements in row-major order in another shape: a view where that can be."""
    found = view_as(x, shape)
    return cast(where, x, our_dtype(x.dtype)).reshape(shape) if found is None else found


def fill(where: Memory, shape: Any, number: Number, dtype: Dtype | None) -> Header:
    """A new array of one number, by default of the number's dtype: `i32`, `i64`, `f32`, `bool_`.

    A float is cast as in a kernel; an integer that does not fit an integer dtype is refused.
    """
    if dtype is None:
        dtype = default_dtype(number)
    if isinstance(number, int) and dtype.is_integer and not fits(number, dtype):
        raise LaunchError(f"{number} does not fit {dtype}, expected {describe_range(dtype)}")
    value = _as_scalar(convert(number, dtype), dtype)
    out = where.empty(shape, numpy_dtype(dtype))
    if not where.fill(out, value):
        _run(where, _first, value, value, out)
    return out


# --- kernels ------------------------------------------------------------------------------------


@kernel(name="elementwise")
@no_type_check
def _over_one_axis(
    a, b, out, FN: constexpr, A_VARIES: constexpr, B_VARIES: constexpr, COLUMNS: constexpr
):
    i = program_id(0) * COLUMNS + arange(COLUMNS)
    if A_VARIES:
        x = a[i]
    else:
        x = a
    if B_VARIES:
        y = b[i]
    else:
        y = b
    out[i] = FN(x, y)


@kernel(name="elementwise_rows")
@no_type_check
def _over_many_axes(
    a, b, out, FN: constexpr, A_VARIES: constexpr, B_VARIES: constexpr, COLUMNS: constexpr,
    ROWS: constexpr, LEADING: constexpr,
):  # fmt: skip
    rest = program_id(2)
    for axis in static_range(LEADING):
        inner = 1
        for later in static_range(1, LEADING - axis):
            inner = inner * out.shape[later]
        position = rest // inner
        rest = rest - position * inner
        out = out[position]
        if A_VARIES:
            a = a[position]
        if B_VARIES:
            b = b[position]
    i = (program_id(1) * ROWS + arange(ROWS))[:, None]
    j = (program_id(0) * COLUMNS + arange(COLUMNS))[None, :]
    if A_VARIES:
        x = a[i, j]
    else:
        x = a
    if B_VARIES:
        y = b[i, j]
    else:
        y = b
    out[i, j] = FN(x, y)


@kernel(name="matmul")
@no_type_check
def _multiply(
    a, b, out, ACC: constexpr, BM: constexpr = 64, BN: constexpr = 64, BK: constexpr = 64
):
    batch = program_id(2)
    m, n = program_id(1) * BM, program_id(0) * BN
    x, y, z = a[batch], b[batch], out[batch]
    total = zeros((BM, BN), ACC)
    for k in range(0, a.shape[2], BK):
        total += x[m : m + BM, k : k + BK] @ y[k : k + BK, n : n + BN]
    z[m : m + BM, n : n + BN] = total


@func
def _first(x: Any, y: Any) -> Any:
    return x


@func
def _add(x: Any, y: Any) -> Any:
    return x + y


@func
def _sub(x: Any, y: Any) -> Any:
    return x - y


@func
def _mul(x: Any, y: Any) -> Any:
    return x * y


@func
def _truediv(x: Any, y: Any) -> Any:
    return x / y


@func
def _floordiv(x: Any, y: Any) -> Any:
    return x // y


@func
def _mod(x: Any, y: Any) -> Any:
    return x % y


@func
def _pow(x: Any, y: Any) -> Any:
    return x**y


@func
def _and(x: Any, y: Any) -> Any:
    return x & y


@func
def _or(x: Any, y: Any) -> Any:
    return x | y


@func
def _xor(x: Any, y: Any) -> Any:
    return x ^ y


@func
def _shl(x: Any, y: Any) -> Any:
    return x << y


@func
def _shr(x: Any, y: Any) -> Any:
    return x >> y


@func
def _eq(x: Any, y: Any) -> Any:
    return x == y


@func
def _ne(x: Any, y: Any) -> Any:
    return x != y


@func
def _lt(x: Any, y: Any) -> Any:
    return x < y


@func
def _le(x: Any, y: Any) -> Any:
    return x <= y


@func
def _gt(x: Any, y: Any) -> Any:
    return x > y


@func
def _ge(x: Any, y: Any) -> Any:
    return x >= y


@func
def _neg(x: Any, y: Any) -> Any:
    return -x


@func
def _abs(x: Any, y: Any) -> Any:
    return abs(x)


@func
def _not(x: Any, y: Any) -> Any:
    return ~x


_FUNCTIONS: Final[dict[str, object]] = {
    "add": _add, "sub": _sub, "mul": _mul, "truediv": _truediv, "floordiv": _floordiv,
    "mod": _mod, "pow": _pow, "and": _and, "or": _or, "xor": _xor, "shl": _shl, "shr": _shr,
    "eq": _eq, "ne": _ne, "lt": _lt, "le": _le, "gt": _gt, "ge": _ge,
}  # fmt: skip
_UNARY: Final[dict[str, object]] = {"neg": _neg, "abs": _abs, "not": _not}


# --- operands -----------------------------------------------------------------------------------


def _run(where: Memory, function: object, a: Any, b: Any, out: Header) -> None:
    """Launch the kernel for the axes that are left when they are merged."""
    if not out.size:
        return
    arrays = [x for x in (a, b) if isinstance(x, np.ndarray)]
    if all(x.shape == out.shape and x.flags.c_contiguous for x in (out, *arrays)):
        shape, views = [out.size], [x.reshape(out.size) for x in (out, *arrays)]
    else:
        shape, views = _merge_axes(out, [np.broadcast_to(x, out.shape) for x in arrays])
    target, *sources = map(where.argument, views)
    fields = iter(sources)
    operands = [next(fields) if isinstance(x, np.ndarray) else x for x in (a, b)]
    constants: dict[str, Any] = {
        "FN": function,
        "A_VARIES": isinstance(a, np.ndarray),
        "B_VARIES": isinstance(b, np.ndarray),
    }
    if len(shape) == 1:
        grid: tuple[int, ...] = (-(-shape[0] // ELEMENTS),)
        _over_one_axis[grid](*operands, target, COLUMNS=ELEMENTS, **constants)
        return
    columns = min(ELEMENTS, 1 << (shape[-1] - 1).bit_length())
    rows = ELEMENTS // columns
    grid = (-(-shape[-1] // columns), -(-shape[-2] // rows), prod(shape[:-2]))
    _over_many_axes[grid](
        *operands, target, COLUMNS=columns, ROWS=rows, LEADING=len(shape) - 2, **constants
    )


def _merge_axes(out: Header, others: list[Header]) -> tuple[list[int], list[Header]]:
    """The same elements in the same order with as few axes as can be, at least one."""
    arrays = [out, *others]
    shape: list[int] = []
    strides: list[list[int]] = [[] for _ in arrays]
    for axis, extent in enumerate(out.shape):
        if extent == 1:
            continue
        steps = [array.strides[axis] for array in arrays]
        if shape and all(
            kept[-1] == step * extent for kept, step in zip(strides, steps, strict=True)
        ):
            shape[-1] *= extent
            for kept, step in zip(strides, steps, strict=True):
                kept[-1] = step
        else:
            shape.append(extent)
            for kept, step in zip(strides, steps, strict=True):
                kept.append(step)
    if not shape:
        shape = [1]
        strides = [[array.itemsize] for array in arrays]
    views = [restrided(array, shape, kept) for array, kept in zip(arrays, strides, strict=True)]
    return shape, views


def _common_shape(a: Operand, b: Operand) -> tuple[int, ...]:
    return _broadcast_shape(*(x.shape for x in (a, b) if isinstance(x, np.ndarray)))


def _broadcast_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        text = " and ".join(map(str, shapes))
        raise LaunchError(f"arrays of shapes {text} do not broadcast") from None


def _result_dtype(name: str, a: Operand, b: Operand) -> Dtype:
    dtypes = (our_dtype(x.dtype) if isinstance(x, np.ndarray | np.generic) else x for x in (a, b))
    return _ask_for_dtype(name, *dtypes)


@lru_cache(maxsize=1024, typed=True)
def _ask_for_dtype(name: str, a: Dtype | Number, b: Dtype | Number) -> Dtype:
    """The dtype that an operator of these has in a kernel: lowered for values that mean nothing."""
    lower: Callable[..., Any] = lower_compare if name in COMPARISONS else lower_binary
    x, y = (ir.Parameter(scalar(one)) if isinstance(one, Dtype) else one for one in (a, b))
    found: Dtype = lower(ir.Builder(), name, x, y).tile.dtype
    return found


def _check_in_place(name: str, dtype: Dtype, out: Header, a: Operand, b: Operand) -> None:
    kept = our_dtype(out.dtype)
    if (dtype.is_float and not kept.is_float) or (kept.is_bool and not dtype.is_bool):
        raise LaunchError(f"`{name}` gives {dtype}, which cannot be kept in an array of {kept}")
    shape = _common_shape(a, b)
    if not _broadcasts(shape, out.shape):
        raise LaunchError(f"an array of shape {out.shape} cannot keep a result of shape {shape}")


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether arrays of one shape broadcast to just another."""
    return len(shape) <= len(to) and all(
        extent in (1, whole) for extent, whole in zip(reversed(shape), reversed(to), strict=False)
    )


def _typed(where: Memory, name: str, x: Operand, other: Operand) -> Any:
    """An operand as a kernel takes it: an array, or a number in the dtype the other side gives."""
    if isinstance(x, np.ndarray):
        return where.number_in(x)
    if isinstance(x, np.generic):
        return x
    assert isinstance(other, np.ndarray)
    beside = our_dtype(other.dtype)
    if name in COMPARISONS and not fits(x, beside):
        return _as_scalar(x, f64 if isinstance(x, float) else u64 if x > 0 else i64)
    return _as_scalar(x, promote_weak(beside, type(x)))


def _as_scalar(x: Number, dtype: Dtype) -> Any:
    return numpy_dtype(dtype).type(x)


def _apart(where: Memory, x: Any, out: Header) -> Any:
    """The operand, copied where writing the result would change it before it is read."""
    if not isinstance(x, np.ndarray) or not np.may_share_memory(x, out):
        return x
    is_same = x.ctypes.data == out.ctypes.data and (x.shape, x.strides) == (out.shape, out.strides)
    return x if is_same else cast(where, x, our_dtype(x.dtype))
