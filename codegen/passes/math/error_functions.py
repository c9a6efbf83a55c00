"""erf, erfc and erfinv."""

from __future__ import annotations

from typing import Final

from ..formula import Term, fma, polynomial, select

# erf(a) / a - 1 in a^2, a <= 1.125; error 2^-27.2
ERF_32: Final = (
    0.12837917, -0.37612602, 0.11283256, -0.026839225, 0.005160268, -0.0007765908, 7.06392e-05,
)  # fmt: skip
# erfc(a)^(1/4), 1.125 <= a <= 3.93; error 2^-26.7 relative to erf(a)
ERFC_ROOT_32: Final = (
    1.0054574, -0.30861905, -0.06371, -0.050215982, 0.06597842, -0.022167547, 0.0032262332,
    -0.00017891682,
)  # fmt: skip


def erf(x: Term) -> Term:
    """The error function."""
    a = abs(x)
    z = a * a
    small = fma(a, polynomial(z, ERF_32), a)
    root = polynomial(a.at_most(3.93), ERFC_ROOT_32)
    square = root * root
    large = fma(-square, square, 1.0)
    return select(a < 1.125, small, large).with_sign_of(x)
