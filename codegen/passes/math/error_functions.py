"""erf, erfc and erfinv.

erf is an odd polynomial near 0; beyond, in f32, 1 less the fourth power of a polynomial, in f64 1 -
erfc. erfc a is e^(-a^2) / (1 + 2 a) times a polynomial in (a - k) / (a + k) (Shepherd and
Laframboise, "Chebyshev approximation of (1 + 2 x) exp(x^2) erfc x", 1981), with the rounding of a^2
and of the division made good. erfinv x is x times a polynomial in w = -log(1 - x^2), or in sqrt w
for large ones (Giles, "Approximating the erfinv function", 2010). Polynomials:
tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import f32, f64

from ..formula import Term, fma, paired_polynomial, polynomial, rarely, select
from .exponential import exp_scaled
from .logarithm import log

# erf(a) / a - 1 in a^2, a <= 1.125; error 2^-27.2
ERF_32: Final = (
    0.12837917, -0.37612602, 0.112832546, -0.02683914, 0.0051601036, -0.00077645615, 7.059988e-05,
)  # fmt: skip
# erfc(a)^(1/4), 1.125 <= a <= 3.93; error 2^-26.7 relative to erf(a)
ERFC_ROOT_32: Final = (
    1.0054574, -0.30865023, -0.06359784, -0.05038071, 0.06610473, -0.022220828, 0.0032379483,
    -0.00017996518,
)  # fmt: skip


# erf(a) / a - 1 in a^2, a <= 1; error 2^-56.3
ERF_64: Final = (
    0.1283791670955126, -0.376126389031839, 0.11283791670960247, -0.026866170645973544,
    0.005223977633270208, -0.0008548327478135521, 0.00012055350479442391, -1.4926111527157336e-05,
    1.6470564565870841e-06, -1.6473352878315785e-07, 1.57378961948121e-08, -1.7509947118174428e-09,
    2.641774771984286e-10, -3.0318349575721405e-11,
)  # fmt: skip
# (1 + 2 a) e^(a^2) erfc(a) - 1 in (a - k) / (a + k)
ERFC_32: Final = (
    0.27697837, -0.09276381, -0.16603021, 0.16405083, -0.05422086, -0.008029919, 0.008721902,
    0.0012531239, -0.0014456784, -0.00040914817, 0.00018771976, 9.016897e-05,
)  # fmt: skip
ERFC_64: Final = (
    0.2329951186255525, -0.13962111684056253, 0.015379652102620798, 0.06809705425469452,
    -0.10103906603633742, 0.09373283499827581, -0.06633036581173721, 0.037167515538780733,
    -0.016197734061677654, 0.005031969965701389, -0.0007577732697225686, -0.00019925662531473356,
    0.00015062162080466726, -2.4399457844447425e-05, -1.1221949078310052e-05, 5.710263141911142e-06,
    2.9381652118909333e-07, -8.261049033226719e-07, 7.442049900596504e-08, 1.1049142957028718e-07,
    -1.7628916971342654e-08, -1.416438732744262e-08, 1.7104226632919648e-09, 1.2199391198896835e-09,
)  # fmt: skip
ERFINV_NEAR: Final = (
    1.62354200646483, 0.24163040416615844, -0.005738135221007356, -0.0008361817769108277,
    0.00019506132441814887, -1.2716422634315057e-05, -1.748002103002138e-06, 4.499854195580978e-07,
    -2.3688721386268238e-08, -5.467174615844954e-09, 1.1107951512984333e-09,
    -3.1427519949680113e-11, -1.7327867385604637e-11, 2.6995332125021057e-12, 6.061932285657968e-15,
    -5.303686695150251e-14, 6.35501118336124e-15, 2.8721195739194526e-16, -1.6378928411940387e-16,
    1.1862157832645717e-17, 2.0958100414636518e-18, -3.4725802817581926e-19,
    -1.1251749269064382e-20, 3.492086510214624e-21,
)  # fmt: skip
ERFINV_MID: Final = (
    3.0838856104922208, 1.0052589676941655, 0.00537091455354374, -0.0037512085082293434,
    0.0024914420983882042, -0.0016882755353395647, 0.0009532893340225498, -0.0003550378150639894,
    2.4031585696457968e-05, 6.828712589487099e-05, -4.7321102795106055e-05, 1.2464993964847352e-05,
    2.9341125840237994e-06, -3.98562067821844e-06, 1.478076152053771e-06, -2.7745305609049352e-08,
    -2.4054045377339874e-07, 1.316932343988701e-07, -2.4821672288714178e-08,
    -1.5343088773232236e-08, 9.000119147127336e-09,
)  # fmt: skip
ERFINV_FAR: Final = (
    4.849906401408584, 1.0103004648645448, -0.0001387193183848877, -0.00021503011979844222,
    7.599527817915966e-05, -1.9681771202341825e-05, 4.526051872824238e-06, -9.930254719272387e-07,
    2.2905563572218308e-07, -6.75727602851758e-08, 2.901147971682869e-08, -1.5213740963118898e-08,
    7.832493225085993e-09, -3.533874560041672e-09, 1.3058425999118072e-09, -3.8111754541323286e-10,
    7.466429668224673e-11, 1.4932191233782688e-11, -2.146768990188972e-11, 5.834777667333315e-12,
)  # fmt: skip
BITS_OF_9_EIGHTHS: Final = 0x3F900000


def erf(x: Term) -> Term:
    """The error function."""
    a = abs(x)
    if x.is_double:
        return select(a < 1.0, _erf_near_zero(a), 1.0 - _erfc_positive(a)).with_sign_of(x)
    z = a * a
    small = fma(a, paired_polynomial(z, z * z, ERF_32), a)
    bounded = a.at_most(3.93)
    # the last steps one by one: rounded the least often is what weighs most
    last = paired_polynomial(bounded, bounded * bounded, ERFC_ROOT_32[2:])
    root = fma(fma(last, bounded, ERFC_ROOT_32[1]), bounded, ERFC_ROOT_32[0])
    square = root * root
    large = fma(-square, square, 1.0)
    # integers are compared by other units than those that multiply
    chosen = select(a.bits < BITS_OF_9_EIGHTHS, small, large)
    return (chosen.bits | (x.bits & -(2**31))).as_float


def erfc(x: Term) -> Term:
    """1 - erf(x) without cancellation."""
    a = abs(x)
    tail = _erfc_positive(a)
    return select(a < 0.5, 1.0 - _erf_near_zero(x), select(x < 0.0, 2.0 - tail, tail))


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


def _erf_near_zero(x: Term) -> Term:
    return fma(x, polynomial(x * x, ERF_64 if x.is_double else ERF_32), x)


def _erfc_positive(a: Term) -> Term:
    bounded = a.at_most(a.pick(10.1, 27.3))
    k = bounded.pick(2.0, 4.0)
    one = bounded.constant(1.0)
    r = one.over(bounded + k)
    t = (bounded - k) * r
    # what is left of a - k, as a - k (1 + t) - t a
    t = fma(r, fma(-t, bounded, fma(t + 1.0, -k, bounded)), t)
    p = polynomial(t, ERFC_64 if a.is_double else ERFC_32)
    # (p + 1) / (1 + 2 a), and once more what is left of p + 1
    r = one.over(fma(bounded, 2.0, 1.0))
    q = fma(p, r, r)
    left = fma(fma(q, -bounded, 0.5), 2.0, p - q)
    square = bounded * bounded
    return exp_scaled(-square, fma(-bounded, bounded, square)).times(q, left * r)
