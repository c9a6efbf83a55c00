"""The driver on one screen: passes, plan, emit, assemble."""

from __future__ import annotations

from time import perf_counter

from tilewright.dsl import ir

from .abi import argument_layout
from .artifact import Artifact
from .backends import Observer, begin_to_load_compiler, find_backend, ignore
from .options import Options
from .passes import run_passes
from .target import Target


def compile(
    function: ir.Function, target: Target, options: Options, observe: Observer = ignore
) -> Artifact:
    """Compile a verified function; `observe(stage, product, seconds)` sees every product.

    Steps whose time alone is worth telling have None as their product.
    Raises `CompileError` where the function cannot be compiled for the target.
    """
    begin_to_load_compiler(target, options)
    begun = perf_counter()
    backend = find_backend(target.kind)
    observe("load compiler", None, perf_counter() - begun)
    observe("ir", function, 0.0)
    optimized = run_passes(function, backend.passes(target), observe, options.verify)
    observe("ir_optimized", optimized, 0.0)
    start = perf_counter()
    plan = backend.plan(optimized, target, options)
    planned = perf_counter()
    observe("plan", plan, planned - start)
    start = perf_counter()
    text = backend.emit(optimized, plan, target)
    emitted = perf_counter()
    observe(backend.language, text, emitted - start)
    product = backend.assemble(text, target, options, observe)
    layout = argument_layout(function)
    return Artifact(
        target=str(target),
        entry=plan.entry,
        code=product.code,
        slots=layout.slots,
        block_bytes=layout.size,
        scratch_bytes=plan.scratch_bytes,
        cost=plan.cost,
        metadata=plan.metadata | product.usage,
    )
