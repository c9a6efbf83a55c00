"""The driver on one screen: passes, plan, emit, assemble."""

from __future__ import annotations

from time import perf_counter

from tilewright.dsl import ir

from .abi import argument_layout
from .artifact import Artifact
from .backends import Observer, find_backend
from .options import Options
from .passes import run_passes
from .target import Target


def compile(
    function: ir.Function, target: Target, options: Options, observe: Observer | None = None
) -> Artifact:
    """Compile a verified function; `observe(stage, product, seconds)` sees every product.

    Raises `CompileError` where the function cannot be compiled for the target.
    """
    observe = observe or _ignore
    backend = find_backend(target.kind)
    observe("ir", function, 0.0)
    optimized = run_passes(function, backend.passes, observe, options.verify)
    observe("ir_optimized", optimized, 0.0)
    start = perf_counter()
    plan = backend.plan(optimized, target)
    planned = perf_counter()
    observe("plan", plan, planned - start)
    text = backend.emit(optimized, plan, target)
    emitted = perf_counter()
    observe(backend.language, text, emitted - planned)
    product = backend.assemble(text, target, options)
    observe("object", product.code, perf_counter() - emitted)
    if product.assembly is not None:
        observe("asm", product.assembly, 0.0)
    layout = argument_layout(function)
    return Artifact(
        target=str(target),
        entry=plan.entry,
        code=product.code,
        slots=layout.slots,
        block_bytes=layout.size,
        scratch_bytes=plan.scratch_bytes,
        cost=plan.cost,
        metadata=plan.metadata | {"registers": product.registers, "spills": product.spills},
    )


def _ignore(stage: str, product: object, seconds: float) -> None:
    """Observe nothing."""
