"""Which accesses to memory may not change places."""

from __future__ import annotations

from tilewright.dsl import ir

from ..analysis.contiguity import step_along
from ..analysis.memory import may_alias
from .coordinates import access_shape, aligned, identity
from .state import Planning
from .walks import INLINE, walk_op


class Hazards:
    """Questions about the accesses of one function."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning

    def conflict(self, a: ir.Op, b: ir.Op) -> bool:
        """Whether two accesses may touch one element, one of them writing it."""
        return may_alias(a, b, self.planning.function)

    def is_in_step(self, load: ir.Op, store: ir.Op) -> bool:
        """Whether element i of a load is element i of a store, and no other of either is it too.

        Such a pair may share a loop: each vector is read, then written. An array that overlaps
        itself has elements at several positions.
        """
        if "disjoint" not in self.planning.function.facts:
            return False
        match load, store:
            case ir.Load(a, p), ir.Store(b, q) if a is b:
                same = len(p) == len(q) and all(x is y for x, y in zip(p, q, strict=True))
                return same and is_injective(store, self.planning.narrow)
            case _:
                return False

    def pinned_loads(self, block: ir.Block) -> set[ir.Op]:
        """Loads that go first: a later write may touch their elements before they are used."""
        writers = [
            (n, inner)
            for n, op in enumerate(block.ops)
            for inner in walk_op(op)
            if isinstance(inner, (ir.Store, ir.StorePointer, ir.Atomic, ir.AtomicPointer))
        ]
        if not writers:
            return set()
        pinned: set[ir.Op] = set()
        last = self._last_uses(block)
        for here, op in enumerate(block.ops):
            match op:
                case ir.Load() | ir.LoadPointer() if op.tile.shape:
                    pass
                case _:
                    continue
            for n, store in writers:
                if not here < n <= last[op] or not self.conflict(op, store):
                    continue
                is_own = last[op] == n and block.ops[n] is store
                if not (is_own and self.is_in_step(op, store)):
                    pinned.add(op)
        return pinned

    def _last_uses(self, block: ir.Block) -> dict[ir.Op, int]:
        """Where in its block each op is needed last, through what loops compute from it."""
        owner = {inner: n for n, op in enumerate(block.ops) for inner in walk_op(op)}
        end = len(block.ops)
        last: dict[ir.Op, int] = {}
        for here in reversed(range(end)):
            op = block.ops[here]
            uses = [here]
            for result in op.results:
                for user in self.planning.users.get(result, []):
                    n = owner.get(user, end)
                    is_passed_on = n < end and block.ops[n] is user and isinstance(user, INLINE)
                    uses.append(last.get(user, n) if is_passed_on else n)
            last[op] = max(uses)
        return last


def is_injective(store: ir.Store, narrow: bool) -> bool:
    """Whether each dimension of a store steps along an axis of the array that is its own."""
    shape = access_shape(store)
    whole = identity(shape)
    taken: set[int] = set()
    for dimension, extent in enumerate(shape):
        if extent == 1:
            continue
        steps = [step_along(x, aligned(x, whole, shape), dimension, narrow) for x in store.position]
        moving = {axis for axis, step in enumerate(steps) if step}
        if None in steps or len(moving) != 1 or moving & taken:
            return False
        taken |= moving
    return True
