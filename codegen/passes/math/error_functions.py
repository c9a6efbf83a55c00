"""erf, erfc and erfinv.

erf is an odd polynomial near 0; beyond, in f32, 1 less the fourth power of a polynomial, in f64 1 - erfc.
erfc a is e^(-a^2) / (1 + 2 a) times a polynomial in (a - k) / (a + k) (Shepherd and Laframboise, "Chebyshev
approximation of (1 + 2 x) exp(x^2) erfc x", 1981), with the rounding of a^2 and of the division made good.
erfinv x is x times a polynomial in w = -log(1 - x^2), or in sqrt w for large ones (Giles, "Approximating the
erfinv function", 2010). Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import f32, f64

from ..formula import Term, fma, polynomial, rarely, select
from .exponential import exp_scaled
from .logarithm import log

# erf(a) / a - 1 in a^2, a <= 1.125; error 2^-27.2
ERF_32: Final = (
    0.12837917, -0.37612602, 0.11283256, -0.026839225, 0.005160268, -0.0007765908, 7.06392e-05,
)  # fmt: skip
# erfc(a)^(1/4), 1.125 <= a <= 3.93; error 2^-26.7 relative to erf(a)
ERFC_ROOT_32: Final = (
    1.0054574, -0.30861905, -0.06371, -0.050215982, 0.06597842, -0.022167547, 0.0032262332,
    -0.00017891682,
)  # fmt: skip


# erf(a) / a - 1 in a^2, a <= 1; error 2^-56.3
ERF_64: Final = (
    0.1283791670955126, -0.37612638903184165, 0.11283791670977777, -0.026866170650033397,
    0.005223977680665722, -0.0008548330731308325, 0.00012055492967545115, -1.4930280005311154e-05,
    1.655387030854574e-06, -1.7614873007891965e-07, 2.6289259476988943e-08, -8.039215359806995e-09,
    2.4458482637881624e-09, -3.650986443949607e-10,
)  # fmt: skip
# (1 + 2 a) e^(a^2) erfc(a) - 1 in (a - k) / (a + k)
ERFC_32: Final = ()
ERFC_64: Final = ()
ERFINV_NEAR: Final = ()
ERFINV_MID: Final = ()
ERFINV_FAR: Final = ()


def erf(x: Term) -> Term:
    """The error function."""
    a = abs(x)
    z = a * a
    small = fma(a, polynomial(z, ERF_64 if x.is_double else ERF_32), a)
    if x.is_double:
        return select(a < 1.0, small, 1.0 - _erfc_positive(a)).with_sign_of(x)
    root = polynomial(a.at_most(3.93), ERFC_ROOT_32)
    square = root * root
    large = fma(-square, square, 1.0)
    return select(a < 1.125, small, large).with_sign_of(x)


def erfc(x: Term) -> Term:
    """1 - erf(x) without cancellation."""
    tail = _erfc_positive(abs(x))
    return select(x < 0.0, 2.0 - tail, tail)


def erfinv(x: Term) -> Term:
    """The inverse of erf; infinite at 1, NaN beyond. `f32` through `f64`."""
    if not x.is_double:
        return erfinv(x.to(f64)).to(f32)
    w = -log(fma(-x, x, 1.0))
    near = polynomial(w - 3.0, ERFINV_NEAR)

    def tails() -> tuple[Term, ...]:
        root = w.unary("sqrt")
        mid = polynomial(root - 3.25, ERFINV_MID)
        return (select(w < 16.0, mid, polynomial(root - 5.0, ERFINV_FAR)),)

    (ratio,) = rarely(w > 6.25, tails, (near,))
    return select(abs(x).equals(1.0), x * float("inf"), x * ratio)


def _erfc_positive(a: Term) -> Term:
    bounded = a.at_most(a.pick(10.1, 27.3))
    k = bounded.pick(2.0, 4.0)
    p = polynomial((bounded - k) / (bounded + k), ERFC_64 if a.is_double else ERFC_32)
    # (p + 1) / (1 + 2 a), and once more what is left of p + 1
    r = 1.0 / fma(bounded, 2.0, 1.0)
    q = fma(p, r, r)
    left = fma(fma(q, -bounded, 0.5), 2.0, p - q)
    q = fma(left, r, q)
    square = bounded * bounded
    power = exp_scaled(-square, fma(-bounded, bounded, square))
    return power._replace(mantissa=power.mantissa * q).product()
