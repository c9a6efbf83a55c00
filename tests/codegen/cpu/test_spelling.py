"""Constants are spelled so that no bit is lost."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from tilewright.codegen.cpu.spelling import constant
from tilewright.dsl.types import Dtype, bf16, f8e4m3, f8e5m2

SMALL = [
    (f8e4m3, ml_dtypes.float8_e4m3fn, np.uint8),
    (f8e5m2, ml_dtypes.float8_e5m2, np.uint8),
    (bf16, ml_dtypes.bfloat16, np.uint16),
]


@pytest.mark.parametrize(("dtype", "numpy_dtype", "bits"), SMALL, ids=lambda one: str(one))
def test_every_pattern_of_a_small_float_comes_back(
    dtype: Dtype, numpy_dtype: type, bits: type
) -> None:
    patterns = np.arange(1 << dtype.bits, dtype=np.uint32).astype(bits)
    with np.errstate(invalid="ignore"):  # some are NaN that signal
        values = patterns.view(numpy_dtype).astype(np.float64)
    is_number = ~np.isnan(values)
    spelled = [int(constant(float(value), dtype)) for value in values[is_number]]
    assert patterns[is_number].tolist() == spelled


@pytest.mark.parametrize(("dtype", "numpy_dtype", "bits"), SMALL, ids=lambda one: str(one))
def test_nan_stays_nan(dtype: Dtype, numpy_dtype: type, bits: type) -> None:
    spelled = np.array([int(constant(float("nan"), dtype))], bits)
    assert np.isnan(spelled.view(numpy_dtype).astype(np.float64)).all()
