"""LLVM IR to a relocatable object; assembly for those who look.

Only LLVM's cleanups run: the vectors, the fusion and the order of memory accesses are already ours.
"""

from __future__ import annotations

import re
from functools import cache

import llvmlite.binding as llvm

from ..backends import Product
from ..options import Options
from ..target import Target
from .locate import strip_debug, with_locations


def assemble(text: str, target: Target, options: Options) -> Product:
    """Optimise and compile a module; any CPU target may be asked for on any host.

    The listing comes from a second run over the same text with locations, which change no
    instruction: the object of a kernel that is looked at is the one that is launched.
    """
    machine = _target_machine(target)
    code = machine.emit_object(_optimized(text, machine))
    if not options.keep_assembly:
        return Product(code)
    listing = machine.emit_assembly(_optimized(with_locations(text), machine))
    registers = len(set(re.findall(r"%[xyz]mm(\d+)|\bv(\d+)\.", listing)))
    spills = {"stores": _count("Spill", listing), "loads": _count("Reload", listing)}
    return Product(code, strip_debug(listing), registers, spills)


def _optimized(text: str, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, tuning)
    passes = llvm.create_new_module_pass_manager()
    # No instcombine: it would turn masks kept as integers in vector lanes back into packed bits.
    passes.add_simplify_cfg_pass()
    passes.add_new_gvn_pass()
    passes.add_aggressive_dce_pass()
    passes.run(module, builder)
    return module


def _count(word: str, listing: str) -> int:
    """How many instructions LLVM's comments say a word of."""
    return len(re.findall(rf"-byte (?:Folded )?{word}\b", listing))


@cache
def _target_machine(target: Target) -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = target.machine
    found = llvm.Target.from_triple(machine.triple)
    made = found.create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=2, reloc="pic", codemodel="small"
    )
    made.set_asm_verbosity(True)
    return made
