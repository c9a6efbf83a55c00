"""tanh, sinh, cosh and their inverses."""

from __future__ import annotations

from typing import Final

from ..formula import Term, fma, polynomial, select
from .exponential import nearest_power

# (2 tanh(r / 2) - r) / r^3 in r^2, |r| <= 0.3467; error 2^-32.5 and 2^-67.0
TANH_HALF_32: Final = (-0.083333306, 0.008331964, -0.00082367606)
TANH_HALF_64: Final = (
    -0.08333333333333333, 0.00833333333333235, -0.0008432539681831725, 8.542768717632923e-05,
    -8.65545920199702e-06, 8.765379369751945e-07, -8.650257152592204e-08, 3.804768773987277e-09,
)  # fmt: skip


def tanh(x: Term) -> Term:
    """The hyperbolic tangent, with one division.

    With 2|x| = n ln 2 + r, s = 2^n and h = tanh(r / 2) it is ((s - 1) + (s + 1) h) / ((s + 1) +
    (s - 1) h), which is h itself where n = 0. Where s is large that is 1 - 2 (1 - h) / (...), whose
    rounding errors no longer matter.
    """
    a = abs(x).at_most(x.pick(9.5, 20.0))
    # 1.36 instead of 1 / ln 2 keeps n at 1 up to |x| = 0.55, where the result passes 1/2
    r, s = nearest_power(a + a, 1.36)
    z = r * r
    h = 0.5 * fma(r * z, polynomial(z, TANH_HALF_64 if x.is_double else TANH_HALF_32), r)
    above, below = s + 1.0, s - 1.0
    is_large = s > 2.0
    short = select(is_large, fma(h, -2.0, 2.0), fma(-above, h, -below))
    result = select(is_large, 1.0, x.constant(0.0)) - short / fma(below, h, above)
    return result.with_sign_of(x)
