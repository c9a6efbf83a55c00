"""Comparisons of floats that are turned round: NaN takes the other side too."""

from __future__ import annotations

import numpy as np
import pytest

import tilewright as tw

TESTS = ("<", "<=", ">", ">=", "==", "!=")
SPECIAL = np.array([np.nan, -np.nan, 0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, 1e-40], np.float32)


@tw.kernel
def turned(a, b, out, N: tw.constexpr, TEST: tw.constexpr):
    i = tw.arange(N)
    x, y = a[i], b[i]
    if TEST == "<":
        found = ~(x < y)
    elif TEST == "<=":
        found = ~(x <= y)
    elif TEST == ">":
        found = ~(x > y)
    elif TEST == ">=":
        found = ~(x >= y)
    elif TEST == "==":
        found = ~(x == y)
    else:
        found = ~(x != y)
    out[i] = found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("test", TESTS)
def test_what_is_not_less_is_more_or_unordered(test: str, dtype: type) -> None:
    a, b = (x.ravel().astype(dtype) for x in np.meshgrid(SPECIAL, SPECIAL))
    out = np.empty(a.size, np.bool_)
    turned[1](a, b, out, a.size, test)
    functions = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
    expected = ~dict(zip(TESTS, functions, strict=True))[test](a, b)
    np.testing.assert_array_equal(out, expected)
