"""Which lanes are on, and how the values of lanes that took different ways come together.

A mask is a boolean array of any shape, broadcast against what it guards; `ALL` and `OFF` are its
two constants, known by identity, so that code without lane control flow never touches an array.
"""

from __future__ import annotations

from typing import Final, cast

import numpy as np

from .values import Data

ALL: Final = cast(Data, np.True_)
OFF: Final = cast(Data, np.False_)


class Frame:
    """A loop or an inlined function being run: who entered, what its values are so far.

    `values` gathers what each lane left the construct (or the round) with; `again` are the lanes
    that asked for the next round, `done` those that have left the loop for the code behind it.
    """

    __slots__ = ("again", "done", "entry", "values")

    def __init__(self, entry: Data, values: tuple[Data, ...] | None = None) -> None:
        self.entry = entry
        self.values = values
        self.again: Data = OFF
        self.done: Data = OFF

    def take(self, on: Data, values: tuple[Data, ...], exact: bool) -> None:
        """Keep values for some lanes; what the others hold stays."""
        if on is self.entry or self.values is None:
            self.values = values
            return
        pairs = zip(values, self.values, strict=True)
        self.values = tuple([blend(on, new, old, exact) for new, old in pairs])


def restrict(on: Data, condition: Data) -> Data:
    """The lanes of `on` whose condition holds; `on` itself if all do, `OFF` if none."""
    if condition.ndim == 0:
        return on if condition else OFF
    left: Data = condition if on is ALL else on & condition
    if not left.any():
        return OFF
    if on is ALL:
        return ALL if left.all() else left
    same = left.shape == on.shape and bool((left == on).all())
    return on if same else left


def union(a: Data, b: Data) -> Data:
    """The lanes of either."""
    if a is OFF or a is b:
        return b
    if b is OFF:
        return a
    both: Data = a | b
    return both


def fit(on: Data, shape: tuple[int, ...]) -> Data:
    """The mask as it guards a tile: an element is on if any lane that shares it is.

    Where the mask does not broadcast to the shape even so, all elements are on if any lane is.
    """
    if on.shape == shape:
        return on
    extra = on.ndim - len(shape)
    if extra > 0:
        on = np.asarray(on.any(axis=tuple(range(extra))))
    pairs = list(zip(on.shape, shape[len(shape) - on.ndim :], strict=True))
    shared = tuple([k for k, (lanes, extent) in enumerate(pairs) if extent == 1 and lanes != 1])
    if shared:
        on = np.asarray(on.any(axis=shared, keepdims=True))
    if any(lanes not in (1, extent) and extent != 1 for lanes, extent in pairs):
        on = np.asarray(on.any())
    return on


def blend(on: Data, yes: Data, no: Data, exact: bool) -> Data:
    """`yes` in the lanes on, else `no`; unless `exact`, in the shape of the two."""
    if yes is no:
        return yes
    shape = np.broadcast_shapes(yes.shape, no.shape)
    return np.where(on if exact else fit(on, shape), yes, no)
