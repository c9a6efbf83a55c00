"""Control flow on a tile condition: which lanes are on, what is forbidden where some are off."""

from __future__ import annotations

import ast
from typing import Final

from .. import ir
from ..builtins import Builtin
from ..errors import CompileError
from ..types import broadcast_shapes
from .merge import Shape
from .scope import Lowering, joint_lanes


class Lanes:
    """The rules of lane regions; installs itself as the check of the builder."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering
        lowering.builder.check = check_op

    def enter(self, test: ast.AST, shape: Shape) -> None:
        """Begin what runs under a tile condition."""
        builder = self.lowering.builder
        with self.lowering.under(test):
            builder.lanes = joint_lanes(builder.lanes, shape)
            builder.cause = f"under the tile condition at {builder.location}"
        builder.depth += 1

    def leave(self, saved: Shape | None, cause: str) -> None:
        """End a construct: the lanes of before are on again, but for those that left alone."""
        frame, builder = self.lowering.frame, self.lowering.builder
        builder.lanes, builder.cause = saved, cause
        for owner in (frame.loops[-1] if frame.loops else None, frame):
            if owner is not None and owner.escaped is not None:
                builder.lanes = joint_lanes(builder.lanes, owner.escaped)
                builder.cause = owner.cause


def refuse_mixing(lowering: Lowering, builtin: Builtin) -> None:
    """Refuse a function whose result depends on other lanes where some are off."""
    if builtin.mixes_lanes and lowering.lanes is not None:
        raise CompileError(
            f"`{builtin.name}` mixes lanes, and some may be off {lowering.builder.cause}", _WAY_OUT
        )


def refuse_reshaping(lowering: Lowering, what: str) -> None:
    """Refuse the subscript of a tile where some lanes are off."""
    if lowering.lanes is not None:
        raise CompileError(
            f"{what} mixes lanes, and some may be off {lowering.builder.cause}", _WAY_OUT
        )


def check_op(op: ir.Op, lanes: Shape, cause: str) -> None:
    """Refuse what an op may not do where some lanes are off."""
    match op:
        case ir.Store(block_axes=axes) if axes:
            raise CompileError(
                f"a store to a slice, where some lanes may be off {cause}",
                "write the index as a tile, `start + tw.arange(N)`, or use `tw.store(..., mask=m)`",
            )
        case ir.Atomic(block_axes=axes) if axes:
            raise CompileError(
                f"an atomic on a slice, where some lanes may be off {cause}",
                "write the index as a tile, `start + tw.arange(N)`, or give it a `mask=`",
            )
        case ir.Store(value=value) | ir.StorePointer(value=value) if not value.shape:
            raise CompileError(
                f"a store to a scalar index, where some lanes may be off {cause}: all lanes would "
                "write one element",
                "store at a tile index, or move the store out of the condition",
            )
        case ir.Store(value=value) | ir.StorePointer(value=value):
            if broadcast_shapes(value.shape, lanes) is None:
                raise CompileError(
                    f"a store of shape {value.shape} does not broadcast with the lanes of shape "
                    f"{lanes} that may be off {cause}"
                )


_WAY_OUT: Final = "compute it before that, or choose with `tw.where` instead of branching"
