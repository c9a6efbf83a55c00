"""The CUDA backend: readable CUDA C++, a block of threads for each program."""

from __future__ import annotations

from ..backends import Backend, Pass
from ..passes.check_bounds import check_bounds
from ..passes.combine_atomics import combine_atomics
from ..passes.contract_fma import contract_fma
from ..passes.eliminate_common import eliminate_common
from ..passes.eliminate_dead import eliminate_dead
from ..passes.expand_math import expand_math_on_gpu
from ..passes.hoist_invariants import hoist_invariants
from ..passes.mask_lanes import mask_lanes
from ..passes.prepare_products import accumulate_products
from ..passes.prove_bounds import prove_bounds
from ..passes.simplify import simplify
from ..passes.unite_lanes import unite_lanes_of_atomics
from ..passes.widen_floats import widen_floats
from ..target import Target
from .assemble import assemble
from .describe import describe_loops
from .emit import emit
from .plan import plan


def passes(target: Target) -> tuple[Pass, ...]:
    """The pipeline: that of the CPU but for casts, for which there are instructions."""
    return (
        contract_fma,  # first: the interpreter contracts what the frontend gives
        simplify,
        accumulate_products,
        widen_floats,
        expand_math_on_gpu,
        mask_lanes,
        unite_lanes_of_atomics,
        check_bounds,
        simplify,
        combine_atomics,
        eliminate_common,
        hoist_invariants,
        prove_bounds,
        eliminate_dead,
    )


BACKEND = Backend(
    passes=passes,
    plan=plan,
    emit=emit,
    assemble=assemble,
    describe_loops=describe_loops,
    language="cuda",
)
