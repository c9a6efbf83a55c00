"""Control flow on a tile condition: which lanes are on, and what is forbidden where some are off."""

from __future__ import annotations

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

    def leave(self, saved: Shape | None) -> None:
        """End a construct: the lanes of before are on again, but for those that left on their own."""
        frame, builder = self.lowering.frame, self.lowering.builder
        escaped = frame.loops[-1].escaped if frame.loops else None
        builder.lanes = joint_lanes(joint_lanes(saved, escaped), frame.escaped)


def refuse_mixing(lowering: Lowering, builtin: Builtin) -> None:
    """Refuse a function whose result depends on other lanes where some are off."""
    if builtin.mixes_lanes and lowering.lanes is not None:
        raise CompileError(
            f"`{builtin.name}` mixes lanes, and stands under a tile condition of shape {lowering.lanes}",
            _WAY_OUT,
        )


def refuse_reshaping(lowering: Lowering, what: str) -> None:
    """Refuse the subscript of a tile where some lanes are off."""
    if lowering.lanes is not None:
        raise CompileError(
            f"{what} mixes lanes, and stands under a tile condition of shape {lowering.lanes}",
            _WAY_OUT,
        )


def check_op(op: ir.Op, lanes: Shape) -> None:
    """Refuse what an op may not do where some lanes are off."""
    match op:
        case ir.Store(block_axes=axes) if axes:
            raise CompileError(
                f"a store to a slice under a tile condition of shape {lanes}",
                "write the index as a tile, `start + tw.arange(N)`, or use `tw.store(..., mask=)`",
            )
        case ir.Store(value=value) | ir.StorePointer(value=value) if not value.shape:
            raise CompileError(
                f"a store to a scalar index under a tile condition of shape {lanes}: all lanes would "
                "write one element",
                "store at a tile index, or move the store out of the condition",
            )
        case ir.Store(value=value) | ir.StorePointer(value=value):
            if broadcast_shapes(value.shape, lanes) is None:
                raise CompileError(
                    f"a store of shape {value.shape} under a tile condition of shape {lanes}, with which "
                    "it does not broadcast"
                )
        case ir.ReduceWith() | ir.ScanWith() | ir.Dot():
            raise CompileError(
                f"`{op.opname}` mixes lanes, and stands under a tile condition of shape {lanes}", _WAY_OUT
            )


_WAY_OUT = "compute it before the condition, or choose with `tw.where` instead of branching"

__all__ = ["Lanes", "check_op", "joint_lanes", "refuse_mixing", "refuse_reshaping"]
