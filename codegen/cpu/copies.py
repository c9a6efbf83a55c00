"""Which arrays each thread may have a copy of: those that only take in, by atomics of one kind.

Nobody can tell when an atomic whose result is not used takes place, as long as it is done before
the launch ends. So a thread may combine what it brings to an array in memory of its own, and bring
the result when all programs have run. Whether that pays is decided by each launch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import Array, Dtype, u8

from ..abi import is_debug
from ..analysis.memory import orders_memory

_OF_INTEGERS: Final = frozenset({"add", "max", "min", "and", "or", "xor"})
_OF_FLOATS: Final = frozenset({"add", "max", "min"})
_OF_BOOLEANS: Final = {
    "add": "or", "max": "or", "or": "or", "min": "and", "and": "and", "xor": "xor",
}  # fmt: skip


@record(eq=False)
class Copied:
    """An array that threads may have copies of, and the atomics on it, with the loops around each.

    `kind` is how values are combined, `dtype` what they are in memory: a byte for a `bool_`.
    """

    array: ir.Parameter
    kind: str
    dtype: Dtype
    atomics: tuple[tuple[ir.Atomic, tuple[ir.For, ...]], ...]

    def __str__(self) -> str:
        return f"{self.array.name or 'array'} for atomic {self.kind}"


def copied_arrays(function: ir.Function) -> tuple[Copied, ...]:
    """All such arrays of a function, in the order of its parameters.

    One atomic of a program that does more is not worth the code.
    """
    if "disjoint" not in function.facts or is_debug(function):
        return ()
    finder = _Finder(function)
    finder.block(function.body, ())
    return tuple(finder.found())


class _Finder:
    """Looks at everything that is done with the arrays of a function."""

    def __init__(self, function: ir.Function) -> None:
        self.used = frozenset(ir.uses(function.body))
        self.parameters = function.parameters
        self.roots: dict[ir.Value, ir.Parameter] = {
            p: p for p in function.parameters if isinstance(p.type, Array)
        }
        self.atomics: dict[ir.Parameter, list[tuple[ir.Atomic, tuple[ir.For, ...]]]] = {}
        self.others: set[ir.Parameter] = set()
        self.is_ordered = False

    def block(self, block: ir.Block, loops: tuple[ir.For, ...]) -> None:
        for op in block.ops:
            self._look_at(op, loops)
            inner = (*loops, op) if isinstance(op, ir.For) else loops
            for one in op.blocks:
                self.block(one, inner)

    def _look_at(self, op: ir.Op, loops: tuple[ir.For, ...]) -> None:
        self.is_ordered = self.is_ordered or orders_memory(op)
        match op:
            case ir.SubArray(source) if source in self.roots:
                self.roots[op] = self.roots[source]
            case ir.Extent():
                pass
            case ir.Atomic(source=source) if source in self.roots and self._is_silent(op):
                self.atomics.setdefault(self.roots[source], []).append((op, loops))
            case _:
                self.others.update(self.roots[x] for x in op.operands if x in self.roots)

    def _is_silent(self, op: ir.Atomic) -> bool:
        """Whether nobody asks what was there, and it can be combined."""
        return op not in self.used and _kind(op) is not None

    def found(self) -> Iterator[Copied]:
        if self.is_ordered:
            return
        for parameter in self.parameters:
            atomics = self.atomics.get(parameter, [])
            kinds = {_kind(op) for op, _ in atomics}
            is_worth = any(loops or op.tile.size > 1 for op, loops in atomics)
            if len(kinds) == 1 and is_worth and parameter not in self.others:
                dtype = parameter.array.dtype
                (kind,) = kinds
                assert kind is not None
                yield Copied(parameter, kind, u8 if dtype.is_bool else dtype, tuple(atomics))


def _kind(op: ir.Atomic) -> str | None:
    """How what an atomic brings is combined before it is brought; None if it cannot be."""
    dtype = op.tile.dtype
    if dtype.is_bool:
        return _OF_BOOLEANS.get(op.kind)
    if dtype.is_float:
        return op.kind if op.kind in _OF_FLOATS and dtype.bits > 8 else None
    return op.kind if op.kind in _OF_INTEGERS else None


def identity_of(kind: str, dtype: Dtype) -> float | int:
    """What changes nothing when it is combined with; of a sum of floats that is -0.0."""
    if kind == "add":
        return -0.0 if dtype.is_float else 0
    if kind in ("or", "xor"):
        return 0
    if kind == "and":
        return -1
    if dtype.is_float:
        return float("-inf") if kind == "max" else float("inf")
    least = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    return least if kind == "max" else least + (1 << dtype.bits) - 1
