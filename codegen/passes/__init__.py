"""Passes over functions, and the one loop that runs, times, checks and shows them."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from tilewright.dsl import ir

Pass = Callable[[ir.Function], ir.Function]
Observer = Callable[[str, object, float], None]


def run_passes(
    function: ir.Function, passes: tuple[Pass, ...], observe: Observer, check: bool
) -> ir.Function:
    """Apply passes in order; `observe(name, function, seconds)` sees what each gives.

    With `check`, a pass that gives an illegal function is an `AssertionError` that names it.
    """
    for step in passes:
        start = perf_counter()
        function = step(function)
        observe(step.__name__, function, perf_counter() - start)
        if check:
            faults = ir.find_faults(function)
            assert not faults, f"after {step.__name__}: {ir.show_faults(function, faults)}"
    return function
