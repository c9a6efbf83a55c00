"""Plans sorts, histograms, and elements taken at positions: their sources lie in memory."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import i32

from ..planning.placing import Placing
from ..planning.state import Planning, Scope
from .sorting import choose_sorting
from .steps import (
    Arrange,
    Count,
)

# Counts of one value in a row wait for each other: elements take turns at so many copies,
COPIES: Final = 4
# unless these would be more work than the elements, or leave the first cache.
MOST_BINS: Final = 2048


class Orders:
    """Plans what puts elements in order."""

    def __init__(self, planning: Planning, placing: Placing) -> None:
        self.planning = planning
        self.placing = placing

    def sort(self, op: ir.Sort, scope: Scope) -> None:
        """Sort a kept tile, by way of words in memory of their own."""
        planning = self.planning
        source = self.placing.find(op.x, scope)
        (view,) = planning.results_in_memory(op)
        assert view is not None
        top = planning.scratch.top
        sorting = choose_sorting(op, planning.machine)
        work = tuple(
            planning.scratch.reserve("words", sorting.dtype, sorting.size)
            for _ in range(sorting.words)
        )
        planning.scratch.top = top
        here = scope.append_barrier(Arrange(op, source, view, work, sorting))
        planning.publish(op, (view,), here, scope)

    def gather(self, op: ir.Gather, scope: Scope) -> None:
        """Keep the source, then, in a loop of its own or another, what is taken from it."""
        self.placing.find(op.x, scope)
        self.placing.keep(op, scope)

    def histogram(self, op: ir.Histogram, scope: Scope) -> None:
        """Count the elements of a dense tile."""
        planning = self.planning
        source = self.placing.find(op.x, scope)
        if not source.is_dense(op.x.tile.shape):
            source, _ = self.placing.copy(op.x, scope)
        (view,) = planning.results_in_memory(op)
        assert view is not None
        top = planning.scratch.top
        is_worth = op.x.tile.size >= COPIES * op.bins and op.bins <= MOST_BINS
        copies = COPIES if is_worth else 1
        work = planning.scratch.reserve("counts", i32, copies * (op.bins + 1))
        planning.scratch.top = top
        here = scope.append_barrier(Count(op, source, view, work, copies))
        planning.publish(op, (view,), here, scope)
