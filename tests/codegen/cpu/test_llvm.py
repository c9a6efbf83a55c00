"""LLVM called straight and through llvmlite's package: the same bytes, and no guessing."""

from __future__ import annotations

from pathlib import Path

import llvmlite.binding
import pytest

from tilewright.codegen.cpu.assemble import assemble, machine_for
from tilewright.codegen.cpu.llvm_library import DECLARED, agree, open_library
from tilewright.codegen.cpu.llvm_machine import LibraryMachine, PackageMachine
from tilewright.codegen.options import Options
from tilewright.codegen.target import MACHINES, parse_target

BINDING = Path(llvmlite.binding.__file__).parent
TEXT = (Path(__file__).parent / "saxpy.ll").read_text()
BROKEN = "define i32 @f() { ret i64 0 }"


def ignore(step: str, seconds: float) -> None:
    """Hear nothing."""


def library_machine(name: str) -> LibraryMachine:
    library = open_library()
    assert library is not None, "the installed llvmlite declares its functions otherwise"
    return LibraryMachine(library, MACHINES[name])


@pytest.mark.parametrize("name", MACHINES)
def test_both_ways_give_the_same_bytes(name: str) -> None:
    text = TEXT.replace("x86_64-", MACHINES[name].triple.partition("-")[0] + "-")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("attributes"))
    text = text.replace(" #0 {", " {").replace("call void @llvm.x86.sse.sfence()", "fence seq_cst")
    text = text.replace("declare void @llvm.x86.sse.sfence()", "")
    straight, through = library_machine(name), PackageMachine(MACHINES[name])
    for as_object in (True, False):
        found = straight.emit(text, as_object, ignore)
        assert found == through.emit(text, as_object, ignore)
        assert found == straight.emit(text, as_object, ignore)


def test_steps_are_told() -> None:
    for machine in (library_machine("x86-64-v3"), PackageMachine(MACHINES["x86-64-v3"])):
        steps: list[tuple[str, float]] = []
        machine.emit(TEXT, True, lambda step, seconds: steps.append((step, seconds)))  # noqa: B023
        assert ["parse", "optimise"] == [step for step, _ in steps]
        assert all(seconds > 0 for _, seconds in steps)


def test_what_llvm_refuses_is_our_fault() -> None:
    with pytest.raises(AssertionError, match="value doesn't match function result type"):
        library_machine("x86-64-v3").emit(BROKEN, True, ignore)


@pytest.mark.parametrize("file", DECLARED)
def test_another_declaration_is_noticed(file: str) -> None:
    source = (BINDING / f"{file}.py").read_text()
    assert agree(DECLARED[file], source)
    for name, text in DECLARED[file].items():
        assert not agree(DECLARED[file], source.replace(f"LLVMPY_{name}", "LLVMPY_Other"))
        if "->" in text:
            assert not agree({name: f"{text}2"}, source)
        assert not agree({name: f"c_bool, {text}"}, source)


def test_an_llvmlite_that_declares_otherwise_is_used_through_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = parse_target("cpu:x86-64-v3")
    expected = assemble(TEXT, target, Options()).code
    monkeypatch.setitem(DECLARED["module"], "DisposeModule", "LLVMModuleRef, c_int")
    for cached in (open_library, machine_for):
        cached.cache_clear()
    try:
        assert open_library() is None
        assert isinstance(machine_for(target), PackageMachine)
        assert expected == assemble(TEXT, target, Options()).code
    finally:
        for cached in (open_library, machine_for):
            cached.cache_clear()
