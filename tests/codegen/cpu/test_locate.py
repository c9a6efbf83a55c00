"""Every stage carries source lines, and looking changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tilewright.codegen.cpu.assemble import assemble
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target

from .golden import KERNELS, TARGET, products

# What only a debugger reads, and the labels that are numbered with it.
DEBUG = re.compile(r"^\s*(\.loc|\.file|\.cfi_\w+|\.text|\.section|\.Ltmp\d+:|\.Lfunc_\w+:|#)")


def instructions(listing: str) -> list[str]:
    lines = (re.sub(r"\s*#.*", "", line) for line in listing.splitlines())
    return [line for line in lines if line.strip() and not DEBUG.match(line)]


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_looking_does_not_change_the_object(path: Path) -> None:
    assert products(path)["object"] == products(path, keep_assembly=True)["object"]


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_locations_change_no_instruction(path: Path) -> None:
    found = products(path, keep_assembly=True)
    unmarked = re.sub(r"(?m)^  ; #line .*\n", "", str(found["llvm"]))
    plain = assemble(unmarked, parse_target(TARGET), Options(keep_assembly=True))
    assert ".loc" in str(found["asm"])
    assert instructions(str(plain.assembly)) == instructions(str(found["asm"]))


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_marks_and_listing_name_places_of_the_function(path: Path) -> None:
    found = products(path, keep_assembly=True)
    count = len(found["ir"].locations)
    marks = {int(place) for place in re.findall(r"; #line (\d+)", str(found["llvm"]))}
    listed = {int(line) - 1 for line in re.findall(r"(?m)^\s*\.loc\s+\d+ (\d+)", str(found["asm"]))}
    assert marks
    assert marks <= set(range(count))
    assert listed - {-1} <= marks


def test_registers_and_spills_are_counted_where_there_is_a_listing() -> None:
    (path,) = (path for path in KERNELS if path.stem == "matmul")
    assert products(path)["artifact"].metadata["registers"] is None
    known = products(path, keep_assembly=True)["artifact"].metadata
    assert 1 <= known["registers"] <= 16
    assert set(known["spills"]) == {"stores", "loads"}
