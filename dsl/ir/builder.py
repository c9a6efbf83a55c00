"""Appends ops to a block, each with the current location."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..errors import Location
from ..types import Type
from .core import Block, Op, Parameter

AnyOp = TypeVar("AnyOp", bound=Op)


class Builder:
    """A place in a function under construction: the open block and the current location."""

    def __init__(self) -> None:
        self.block = Block()
        self.location: Location | None = None

    def add(self, op: AnyOp, name: str | None = None) -> AnyOp:
        """Append an op; gives it back, so that it can be used as the value it is."""
        op.loc = self.location
        if name is not None:
            op.name = name
        self.block.ops.append(op)
        return op

    @contextmanager
    def inside(self, *types: Type) -> Iterator[Block]:
        """Append to a new block with parameters of these types until the end of the `with`."""
        outer = self.block
        self.block = Block(tuple(Parameter(kind) for kind in types))
        try:
            yield self.block
        finally:
            self.block = outer

    @property
    def is_closed(self) -> bool:
        """Whether the open block already ends in an op that leaves it."""
        ops = self.block.ops
        return bool(ops) and ops[-1].opname in ("yield", "break", "continue", "return")
