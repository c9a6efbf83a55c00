"""Integer expressions as polynomials: finds the constant extent of a slice like `p*BM:(p+1)*BM`."""

from __future__ import annotations

from typing import Final

from .. import ir
from ..builtins.arithmetic import as_number
from .merge import Thing

# A polynomial: the coefficient of each product of atoms. An atom is what the arithmetic does not
# look into, as a number; a product is a sorted tuple of atoms.
Polynomial = dict[tuple[int, ...], int]

_LARGEST: Final = 256  # terms: beyond this an expression is an atom, which bounds the work


class Polynomials:
    """Knows the polynomials of the values of one function.

    Integers are taken for unbounded: where a bound of a slice wraps, its extent is not its
    difference.
    """

    def __init__(self) -> None:
        self._known: dict[ir.Value, Polynomial] = {}
        self._atoms: dict[object, int] = {}

    def difference(self, left: Thing, right: Thing) -> int | None:
        """`left - right` if it is a constant."""
        result = _combine(self._of(left), self._of(right), -1)
        if any(atoms for atoms in result):
            return None
        return result.get((), 0)

    def _of(self, thing: Thing) -> Polynomial:
        if not isinstance(thing, ir.Value):
            number = as_number(thing)
            return _constant(int(number or 0))
        if thing not in self._known:
            self._known[thing] = self._find(thing)
        return self._known[thing]

    def _find(self, value: ir.Value) -> Polynomial:
        match value:
            case ir.Const(bool() | int() as number):
                return _constant(int(number))
            case ir.Binary("add", left, right):
                result = _combine(self._of(left), self._of(right), 1)
            case ir.Binary("sub", left, right):
                result = _combine(self._of(left), self._of(right), -1)
            case ir.Binary("mul", left, right):
                a, b = self._of(left), self._of(right)
                result = _multiply(a, b) if len(a) * len(b) <= _LARGEST else self._atom(value)
            case ir.Binary("shl", left, ir.Const(int() as count)) if 0 <= count < 64:
                result = _multiply(self._of(left), _constant(1 << count))
            case ir.Unary("neg", x):
                result = _combine({}, self._of(x), -1)
            case ir.Cast(x, dtype) if (
                x.tile.dtype.is_integer and dtype.is_integer and dtype.bits >= x.tile.dtype.bits
            ):
                return self._of(x)
            case _:
                return self._atom(value)
        return result if len(result) <= _LARGEST else self._atom(value)

    def _atom(self, value: ir.Value) -> Polynomial:
        """A value that is not looked into; two of the same meaning are the same atom."""
        key: object = value
        match value:
            case ir.ProgramId(axis) | ir.NumPrograms(axis):
                key = (value.opname, axis)
            case ir.Extent(source, axis) | ir.Stride(source, axis):
                key = (value.opname, source, axis)
            case ir.Binary(kind, left, right):
                key = (kind, value.type, self._frozen(left), self._frozen(right))
            case ir.Unary(kind, x):
                key = (kind, value.type, self._frozen(x))
            case ir.Cast(x, dtype):
                key = ("cast", dtype, self._frozen(x))
            case ir.Select(condition, yes, no):
                key = ("select", condition, self._frozen(yes), self._frozen(no))
        return {(self._atoms.setdefault(key, len(self._atoms)),): 1}

    def _frozen(self, value: ir.Value) -> object:
        if not value.tile.dtype.is_integer:
            return value
        return frozenset(self._of(value).items())


def _constant(number: int) -> Polynomial:
    return {(): number} if number else {}


def _combine(a: Polynomial, b: Polynomial, factor: int) -> Polynomial:
    """`a + factor * b`."""
    result = dict(a)
    for atoms, coefficient in b.items():
        total = result.get(atoms, 0) + factor * coefficient
        if total:
            result[atoms] = total
        else:
            result.pop(atoms, None)
    return result


def _multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for left, m in a.items():
        for right, n in b.items():
            atoms = tuple(sorted(left + right))
            total = result.get(atoms, 0) + m * n
            if total:
                result[atoms] = total
            else:
                result.pop(atoms, None)
    return result
