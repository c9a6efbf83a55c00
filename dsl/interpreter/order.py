"""Sorts, elements taken at positions, and histograms of whole tiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Dtype
from .values import Data, is_narrow, storage_of, widen


def sort(x: Data, axis: int, count: int, descending: bool, dtype: Dtype) -> Data:
    """The positions of the first `count` elements in order: stable, NaN last either way."""
    keys: Any = widen(x, dtype) if is_narrow(dtype) else x
    if descending:
        keys = -keys if dtype.is_float else ~keys  # ties stay in their order, NaN stays NaN
    order: Data = np.argsort(keys, axis=axis, kind="stable")
    return np.take(order, np.arange(count), axis)


def take(x: Data, index: Data, axis: int, dtype: Dtype) -> Data:
    """Elements along an axis at positions, 0 outside; other axes of extent 1 are repeated."""
    inside = (index >= 0) & (index < x.shape[axis])
    shape = (*index.shape[:axis], x.shape[axis], *index.shape[axis + 1 :])
    places = np.where(inside, index, 0).astype(np.int64)
    found = np.take_along_axis(np.broadcast_to(x, shape), places, axis)
    if dtype.is_pointer:
        return np.where(inside, found, np.array((-1, 0), storage_of(dtype)))
    return np.where(inside, found, np.zeros((), storage_of(dtype)))


def histogram(x: Data, bins: int) -> Data:
    """How often 0 to `bins - 1` occur, as `i32`."""
    counted = x[(x >= 0) & (x < bins)].astype(np.int64)
    return np.bincount(counted, minlength=bins).astype(np.int32)
