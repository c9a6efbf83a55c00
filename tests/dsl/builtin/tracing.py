"""A context that lowers single calls of builtins, without a frontend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tilewright.dsl import ir
from tilewright.dsl.builtins import PUBLIC, BlockSlice, Builtin, find_method
from tilewright.dsl.builtins.values import as_value
from tilewright.dsl.types import Array, Dtype, Tile, Type


class Tracing:
    """A builder, and the simplest answers to what builtins ask the frontend."""

    def __init__(self) -> None:
        self.builder = ir.Builder()
        self.lanes: tuple[int, ...] | None = None

    def inline(self, function: object, arguments: tuple[object, ...]) -> object:
        """A builtin is lowered; a host function is called with the builder."""
        if isinstance(function, Builtin):
            return function.lower(self, *arguments)
        assert callable(function)
        return function(self.builder, *arguments)

    def positions(
        self, array: ir.Value, index: object, writing: bool
    ) -> tuple[ir.Value, tuple[ir.Value, ...], tuple[int, ...]]:
        """Scalars, tiles, and blocks of one axis."""
        items = index if isinstance(index, tuple) else (index,)
        found, blocks = [], []
        for axis, item in enumerate(items):
            if isinstance(item, BlockSlice):
                blocks.append(axis)
                item = PUBLIC["arange"].lower(self, item.extent)
            found.append(as_value(self.builder, item))
        return array, tuple(found), tuple(blocks)

    def call(self, builtin: str, *arguments: object, **keywords: object) -> Any:
        """The result of `tw.builtin(...)`."""
        return PUBLIC[builtin].lower(self, *arguments, **keywords)

    def method(self, builtin: str, *arguments: object, **keywords: object) -> Any:
        """The result of `v.builtin(...)`."""
        found = find_method(builtin)
        assert found is not None
        return found.lower(self, *arguments, **keywords)

    @property
    def ops(self) -> list[str]:
        """The names of the ops built so far, with the kind of those that have one."""
        names = []
        for op in self.builder.block.ops:
            kind = getattr(op, "kind", None)
            names.append(op.opname if kind is None else f"{op.opname}.{kind}")
        return names


def value(dtype: Dtype, *shape: int, name: str | None = None) -> ir.Value:
    """A tile that comes from somewhere."""
    return ir.Parameter(Tile(dtype, shape), name)


def array(dtype: Dtype, rank: int, name: str | None = None) -> ir.Value:
    """An array argument."""
    return ir.Parameter(Array(dtype, (None,) * rank), name)


def type_of(result: object) -> Type:
    """The type of what a builtin gave, known to be a value."""
    assert isinstance(result, ir.Value)
    return result.type


Make = Callable[[Tracing], object]
