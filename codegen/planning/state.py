"""What is known while a function is planned: blocks in the making, and what all rooms share."""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.records import field, record

from ..analysis.contiguity import Coordinates
from ..analysis.memory import only_stored
from ..target import Machine, Target
from .scratch import Scratch
from .steps import (
    Keep,
    Sink,
    Step,
    View,
)


@record(frozen=False, eq=False)
class Demand:
    """What computing something pulls in.

    `leaves` are scalars, arrays and kept tiles, `reads` the kept ones with where they are read and
    `sources` where they lie; `locals` are results of regions that run in the same loop.
    """

    seen: set[tuple[ir.Value, Coordinates]] = field(default_factory=set)
    ops: list[ir.Op] = field(default_factory=list)
    leaves: set[ir.Value] = field(default_factory=set)
    reads: list[tuple[ir.Value, Coordinates]] = field(default_factory=list)
    sources: dict[ir.Value, View] = field(default_factory=dict)
    loads: list[tuple[ir.Op, Coordinates]] = field(default_factory=list)
    locals: dict[ir.Value, None] = field(default_factory=dict)
    has_region: bool = False

    def read(self, value: ir.Value, where: Coordinates, view: View) -> None:
        """Ask for an element of a kept tile."""
        self.leaves.add(value)
        self.reads.append((value, where))
        self.sources[value] = view

    def add(self, other: Demand) -> None:
        """Pull in what something else pulls in, too."""
        self.seen |= other.seen
        self.ops += other.ops
        self.leaves |= other.leaves
        self.reads += other.reads
        self.sources |= other.sources
        self.loads += other.loads
        self.locals |= other.locals
        self.has_region = self.has_region or other.has_region


@record(frozen=False, eq=False)
class Draft:
    """A loop that still takes in sinks."""

    space: tuple[int, ...]
    order: tuple[int, ...]
    sinks: list[Sink] = field(default_factory=list)
    demand: Demand = field(default_factory=Demand)


@record(frozen=False, eq=False)
class Scope:
    """A block being planned: its steps so far, and by which of them a thing is there.

    A step is None once it became part of a later one.
    `ready` numbers values, `loads` and `stores` memory accesses, `local` results of regions that
    only the loop around the region has. `kept` are the tiles that a loop computes and keeps;
    nothing moves over the step `barrier`.
    """

    parent: Scope | None
    steps: list[Draft | Step | None] = field(default_factory=list)
    ready: dict[ir.Value, int] = field(default_factory=dict)
    loads: list[tuple[ir.Op, int]] = field(default_factory=list)
    stores: list[tuple[ir.Op, int]] = field(default_factory=list)
    local: dict[ir.Value, int] = field(default_factory=dict)
    kept: set[ir.Value] = field(default_factory=set)
    barrier: int = -1

    def when(self, value: ir.Value) -> int:
        """The step that makes a value; -1 if it comes from outside."""
        return self.ready.get(value, -1)

    def append(self, step: Draft | Step) -> int:
        """Add a step; its number."""
        self.steps.append(step)
        return len(self.steps) - 1

    def append_barrier(self, step: Step) -> int:
        """Add a step that nothing moves over; its number."""
        self.barrier = self.append(step)
        return self.barrier


@record(eq=False)
class Enclosing:
    """A loop around what is planned: its body, the carried values there, and where tiles lie."""

    body: ir.Block
    carried: tuple[ir.Parameter, ...]
    views: tuple[View | None, ...]


class Planning:
    """The state of one function being planned.

    `views` says where values lie in memory that the blocks around have kept so far, `order` numbers
    all ops, `only_stored` are the parameters that nothing reads, `loops` are the loops around,
    `returns` where results of inlined functions around go. A scalar loop over tiles of up to
    `short_space` elements may run for each of them on its own, even if it loads. Loading an element
    takes as long as `load_cost` operations.
    """

    def __init__(
        self, function: ir.Function, target: Target, short_space: int, load_cost: int
    ) -> None:
        self.function = function
        self.target = target
        self.short_space = short_space
        self.load_cost = load_cost
        self.narrow = "narrow" in function.facts
        self.scratch = Scratch()
        self.views: dict[ir.Value, View] = {}
        self.order = {op: n for n, op in enumerate(ir.walk(function.body))}
        self.users: dict[ir.Value, list[ir.Op]] = {}
        self.only_stored = only_stored(function)
        self.loops: list[Enclosing] = []
        self.returns: list[tuple[View | None, ...]] = []
        for op in self.order:
            for value in op.operands:
                self.users.setdefault(value, []).append(op)

    @property
    def machine(self) -> Machine:
        """The CPU that is planned for."""
        return self.target.machine

    def keep_local(self, result: ir.Value, scope: Scope) -> View:
        """Keep the result of a region that another loop needs, in the loop that ran the region."""
        while result not in scope.local:
            assert scope.parent is not None
            scope = scope.parent
        here = scope.local.pop(result)
        # Written by a loop that lies back: what came since may have used the memory above.
        self.scratch.top = self.scratch.peak
        view = self.scratch.allocate(result)
        draft = scope.steps[here]
        assert isinstance(draft, Draft)
        draft.sinks.append(Keep(result, view, local=True))
        self.views[result] = view
        scope.ready[result] = here
        return view

    def results_in_memory(self, op: ir.Op) -> tuple[View | None, ...]:
        """New places for the results of an op that are tiles."""
        return tuple(self.scratch.allocate(r) if r.tile.shape else None for r in op.results)

    def publish(self, op: ir.Op, views: tuple[View | None, ...], here: int, scope: Scope) -> None:
        """Say where the results of an op lie, and from which step on."""
        for result, view in zip(op.results, views, strict=True):
            scope.ready[result] = here
            if view is not None:
                self.views[result] = view
