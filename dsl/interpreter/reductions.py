"""Reductions, scans and matrix products of whole tiles.

Sums, products and scans of floats, and all matrix products of them, are accumulated in `f64` and
rounded once to the dtype of the result: the most accurate of all the trees that a target may use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from ..types import Dtype, f64
from .values import STORAGE, Data, cast, from_f64, is_narrow, widen

Reduction = Callable[..., Any]

REDUCTIONS: Final[dict[str, Reduction]] = {
    "sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min,
    "and": np.bitwise_and.reduce, "or": np.bitwise_or.reduce,
}  # fmt: skip

SCANS: Final[dict[str, Reduction]] = {
    "sum": np.cumsum, "prod": np.cumprod,
    "max": np.maximum.accumulate, "min": np.minimum.accumulate,
}  # fmt: skip

_ACCUMULATING: Final = frozenset(("sum", "prod"))


def reduce(kind: str, x: Data, axes: tuple[int, ...], dtype: Dtype) -> Data:
    """All elements along `axes` combined; NaN wins in `max` and `min`."""
    if not axes:
        return x
    return _accumulate(partial(REDUCTIONS[kind], axis=axes), kind, x, dtype)


def scan(kind: str, x: Data, axis: int, reverse: bool, dtype: Dtype) -> Data:
    """The running combination along an axis."""
    forward = np.flip(x, axis) if reverse else x
    result = _accumulate(partial(SCANS[kind], axis=axis), kind, forward, dtype)
    return np.flip(result, axis) if reverse else result


def arg_reduce(kind: str, x: Data, axis: int, dtype: Dtype) -> tuple[Data, Data]:
    """The extreme element and the position (`i32`) of the first of equals; the first NaN wins."""
    numbers = widen(x, dtype)
    position = (np.argmax if kind == "argmax" else np.argmin)(numbers, axis=axis, keepdims=True)
    value = np.take_along_axis(x, position, axis)
    return value.squeeze(axis), position.squeeze(axis).astype(np.int32)


def dot(a: Data, b: Data, acc: Data | None, operand: Dtype, other: Dtype, result: Dtype) -> Data:
    """The matrix product plus `acc`; floats in `f64`, integers modulo the width of the result.

    `tf32` may round the operands, so the exact product serves it as well.
    """
    if not result.is_float:
        left, right = cast(a, operand, result), cast(b, other, result)
        total: Data = np.matmul(left.astype(np.int64), right.astype(np.int64))
        product: Data = total.astype(STORAGE[result])
        return product if acc is None else product + acc
    exact: Data = np.matmul(cast(a, operand, f64), cast(b, other, f64))
    return from_f64(exact if acc is None else exact + cast(acc, result, f64), result)


def _accumulate(function: Reduction, kind: str, x: Data, dtype: Dtype) -> Data:
    if kind not in _ACCUMULATING:
        if not is_narrow(dtype):
            return np.asarray(function(x))
        return from_f64(np.asarray(function(widen(x, dtype))).astype(np.float64), dtype)
    if not dtype.is_float:
        return np.asarray(function(x, dtype=x.dtype))
    return from_f64(np.asarray(function(widen(x, dtype), dtype=np.float64)), dtype)
