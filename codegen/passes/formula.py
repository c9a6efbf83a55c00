"""Writes IR as formulas: values with operators, and the loop that puts them in place of ops.

A `Term` is a value of the IR that appends ops to a builder when it is computed with, so that the
families in `math/` and the expansion of casts read like the formulas they come from. Numbers beside
a term become constants of its type, rounded to its dtype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack, unpack
from typing import Final

from tilewright.dsl.ir import (
    Binary,
    Bitcast,
    Block,
    Builder,
    Cast,
    Compare,
    Const,
    Fma,
    Function,
    If,
    Op,
    Select,
    Unary,
    Value,
    Yield,
    copy_origin,
    rebuild,
    walk,
)
from tilewright.dsl.types import Dtype, f32, f64, i8, i16, i32, i64, u8, u16, u32, u64

from .fold import wrap

SIGNED: Final = {8: i8, 16: i16, 32: i32, 64: i64}
UNSIGNED: Final = {8: u8, 16: u16, 32: u32, 64: u64}


class Term:
    """A value being computed with; its operators append ops to the builder it came with."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: Builder, value: Value) -> None:
        self.builder = builder
        self.value = value

    @property
    def dtype(self) -> Dtype:
        """The dtype of the value."""
        return self.value.tile.dtype

    @property
    def is_double(self) -> bool:
        """Whether the value is an `f64`."""
        return self.dtype is f64

    def constant(self, value: float) -> Term:
        """A number of this term's type; floats are rounded to its dtype."""
        tile = self.value.tile
        return self._append(Const(_fit(value, tile.dtype), tile))

    def pick(self, single: float, double: float) -> Term:
        """A number of this term's type: one for `f32`, another for `f64`."""
        return self.constant(double if self.is_double else single)

    def lift(self, other: Number) -> Value:
        """The other operand as a value: itself, or a constant of this term's type."""
        return other.value if isinstance(other, Term) else self.constant(other).value

    # Arithmetic.

    def __add__(self, other: Number) -> Term:
        return self.binary("add", other)

    def __radd__(self, other: float) -> Term:
        return self.binary("add", other)

    def __sub__(self, other: Number) -> Term:
        return self.binary("sub", other)

    def __rsub__(self, other: float) -> Term:
        return self.constant(other) - self

    def __mul__(self, other: Number) -> Term:
        return self.binary("mul", other)

    def __rmul__(self, other: float) -> Term:
        return self.binary("mul", other)

    def __truediv__(self, other: Number) -> Term:
        return self.binary("div", other)

    def __rtruediv__(self, other: float) -> Term:
        return self.constant(other) / self

    def over(self, other: Number) -> Term:
        """The quotient within 1 ulp, where it and both numbers are of usual size."""
        return self.binary("div_near", other)

    def __neg__(self) -> Term:
        return self._append(Unary("neg", self.value))

    def __abs__(self) -> Term:
        return self._append(Unary("abs", self.value))

    def __and__(self, other: Number) -> Term:
        return self.binary("and", other)

    def __or__(self, other: Number) -> Term:
        return self.binary("or", other)

    def __xor__(self, other: Number) -> Term:
        return self.binary("xor", other)

    def __invert__(self) -> Term:
        return self._append(Unary("not", self.value))

    def __lshift__(self, other: Number) -> Term:
        return self.binary("shl", other)

    def __rshift__(self, other: Number) -> Term:
        return self.binary("shr", other)

    # Comparisons; `equals` and `differs` because `==` of two terms is left alone.

    def __lt__(self, other: Number) -> Term:
        return self._append(Compare("lt", self.value, self.lift(other)))

    def __le__(self, other: Number) -> Term:
        return self._append(Compare("le", self.value, self.lift(other)))

    def __gt__(self, other: Number) -> Term:
        return self._append(Compare("gt", self.value, self.lift(other)))

    def __ge__(self, other: Number) -> Term:
        return self._append(Compare("ge", self.value, self.lift(other)))

    def equals(self, other: Number) -> Term:
        """Whether the two are equal."""
        return self._append(Compare("eq", self.value, self.lift(other)))

    def differs(self, other: Number) -> Term:
        """Whether the two are not equal."""
        return self._append(Compare("ne", self.value, self.lift(other)))

    # Changes of type.

    def to(self, dtype: Dtype) -> Term:
        """The value in another dtype; itself if it has that dtype."""
        return self if self.dtype is dtype else self._append(Cast(self.value, dtype))

    def bitcast(self, dtype: Dtype) -> Term:
        """The same bits as another dtype; itself if it has that dtype."""
        return self if self.dtype is dtype else self._append(Bitcast(self.value, dtype))

    @property
    def bits(self) -> Term:
        """The bits as a signed integer."""
        return self.bitcast(SIGNED[self.dtype.bits])

    @property
    def unsigned_bits(self) -> Term:
        """The bits as an unsigned integer."""
        return self.bitcast(UNSIGNED[self.dtype.bits])

    @property
    def as_float(self) -> Term:
        """The bits of an integer as the float of that size."""
        return self.bitcast(f64 if self.dtype.bits == 64 else f32)

    # Functions of one operand.

    def unary(self, kind: str) -> Term:
        """A function of the value that is an instruction (`sqrt`, `floor`, ...)."""
        return self._append(Unary(kind, self.value))

    def with_sign_of(self, other: Term) -> Term:
        """The magnitude of this with the sign of the other."""
        return self.binary("copysign", other)

    def at_most(self, bound: Number) -> Term:
        """The lesser of the value and a number; NaN stays NaN. One instruction on x86."""
        limit = Term(self.builder, self.lift(bound))
        return select(self > limit, limit, self)

    def at_least(self, bound: Number) -> Term:
        """The greater of the value and a number; NaN stays NaN. One instruction on x86."""
        limit = Term(self.builder, self.lift(bound))
        return select(self < limit, limit, self)

    def binary(self, kind: str, other: Number) -> Term:
        """A function of the value and another that is an instruction (`min`, `copysign`, ...)."""
        return self._append(Binary(kind, self.value, self.lift(other)))

    def _append(self, op: Op) -> Term:
        return Term(self.builder, self.builder.add(op))


Number = Term | float


def fma(a: Term, b: Number, c: Number) -> Term:
    """`a * b + c`, rounded once."""
    return Term(a.builder, a.builder.add(Fma(a.value, a.lift(b), a.lift(c))))


def select(condition: Term, yes: Number, no: Number) -> Term:
    """`yes` where the condition holds, else `no`; at least one of them is a term."""
    model = yes if isinstance(yes, Term) else no
    assert isinstance(model, Term)
    op = Select(condition.value, model.lift(yes), model.lift(no))
    return Term(model.builder, model.builder.add(op))


def polynomial(x: Term, coefficients: Sequence[float]) -> Term:
    """`c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule."""
    result = x.constant(coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result = fma(result, x, coefficient)
    return result


def paired_polynomial(x: Term, square: Term, coefficients: Sequence[float]) -> Term:
    """The same from pairs of terms, for one operation more: `square`, which halves the waiting."""
    pairs = [
        fma(x, coefficients[k + 1], coefficients[k]) if k + 1 < len(coefficients)
        else x.constant(coefficients[k])
        for k in range(0, len(coefficients), 2)
    ]  # fmt: skip
    result = pairs[-1]
    for pair in pairs[-2::-1]:
        result = fma(result, square, pair)
    return result


def rarely(
    condition: Term, slow: Callable[[], tuple[Term, ...]], usual: tuple[Term, ...]
) -> tuple[Term, ...]:
    """What `slow` gives where the condition holds, else `usual`; skipped if no lane needs it."""
    builder = condition.builder
    with builder.inside() as then:
        builder.add(Yield(tuple(term.value for term in slow())))
    with builder.inside() as orelse:
        builder.add(Yield(tuple(term.value for term in usual)))
    tile = condition.value.tile
    branch = builder.add(If(condition.value, then, orelse, lanes=not tile.is_scalar))
    return tuple(Term(builder, result) for result in branch.results)


Expansion = Callable[[Op, Builder], Value | tuple[Value, ...] | None]


def expand_ops(function: Function, expand: Expansion) -> Function:
    """Replace each op for which `expand` gives a value by the ops it appends to the builder.

    `expand` sees every op after those before it; for an op of several results it gives a tuple, for
    one that stays None, and then appends nothing. The same function is returned if all stay.
    """
    return function.with_body(_Expander(expand).block(function.body))


class _Expander:
    def __init__(self, expand: Expansion) -> None:
        self.expand = expand
        self.mapping: dict[Value, Value] = {}

    def block(self, block: Block) -> Block:
        builder = Builder()
        ops = builder.block.ops
        changed = False
        for op in block.ops:
            inner = {old: self.block(old) for old in op.blocks}
            current = rebuild(op, self.mapping, inner)
            first = len(ops)
            builder.location = op.loc
            value = self.expand(current, builder)
            if value is not None:
                values = value if isinstance(value, tuple) else (value,)
                self._settle(op, ops[first:], values[-1])
                self.mapping.update(zip(op.results, values, strict=True))
            else:
                ops.append(current)
                self.mapping.update(zip(op.results, current.results, strict=True))
            changed = changed or value is not None or current is not op
        return Block(block.parameters, ops) if changed else block

    @staticmethod
    def _settle(old: Op, ops: list[Op], value: Value) -> None:
        for op in walk(Block((), ops)):
            op.place = old.place
        if ops and ops[-1] is value:
            copy_origin(old, ops[-1])


def _fit(value: float, dtype: Dtype) -> bool | int | float:
    if dtype.is_bool:
        return bool(value)
    if dtype.is_integer:
        return wrap(int(value), dtype)
    if dtype is f32 and abs(value) < float("inf"):
        rounded: float = unpack("f", pack("f", value))[0]
        return rounded
    return float(value)
