"""LLVM IR to a relocatable object; assembly for those who look.

Only LLVM's cleanups run: the vectors, the fusion and the order of memory accesses are already ours.
"""

from __future__ import annotations

from functools import cache

import llvmlite.binding as llvm

from ..backends import Product
from ..options import Options
from ..target import Target


def assemble(text: str, target: Target, options: Options) -> Product:
    """Optimise and compile a module; any CPU target may be asked for on any host."""
    machine = _target_machine(target)
    module = llvm.parse_assembly(text)
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, tuning)
    passes = llvm.create_new_module_pass_manager()
    # No instcombine: it would turn masks kept as integers in vector lanes back into packed bits.
    passes.add_simplify_cfg_pass()
    passes.add_new_gvn_pass()
    passes.add_aggressive_dce_pass()
    passes.run(module, builder)
    assembly = machine.emit_assembly(module) if options.keep_assembly else None
    return Product(machine.emit_object(module), assembly)


@cache
def _target_machine(target: Target) -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = target.machine
    found = llvm.Target.from_triple(machine.triple)
    return found.create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=2, reloc="pic", codemodel="small"
    )
