"""isnan, isinf and isfinite, by comparison and by bits."""

from __future__ import annotations

from ..formula import Term


def isnan(x: Term) -> Term:
    """Whether the value is not a number: it differs from itself."""
    return x.differs(x)


def isinf(x: Term) -> Term:
    """Whether the value is an infinity: its bits without the sign are just the full exponent."""
    return _magnitude(x).equals(_full_exponent(x))


def isfinite(x: Term) -> Term:
    """Whether the exponent is not full."""
    return _magnitude(x) < _full_exponent(x)


def _magnitude(x: Term) -> Term:
    return x.bits & ((1 << (x.dtype.bits - 1)) - 1)


def _full_exponent(x: Term) -> int:
    return 0x7FF << 52 if x.is_double else 0xFF << 23
