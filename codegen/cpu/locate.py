"""Line marks of LLVM IR made debug locations, so that an assembler's listing has them, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_MARK: Final = "  ; #line "
# A file of its own whose line n + 1 is place n of the function: lines count from 1.
_HEAD: Final = """
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!1, !2}
!0 = distinct !DICompileUnit(language: DW_LANG_C, file: !3, emissionKind: LineTablesOnly)
!1 = !{i32 2, !"Debug Info Version", i32 3}
!2 = !{i32 2, !"Dwarf Version", i32 4}
!3 = !DIFile(filename: "kernel", directory: "")
!4 = distinct !DISubprogram(file: !3, line: 1, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DISubroutineType(types: !6)
!6 = !{}
"""
_FIRST: Final = 7


def with_locations(text: str) -> str:
    """The same module; each instruction behind a mark `; #line 17` carries that place."""
    numbers: dict[int, int] = {}
    lines = list(_located(text.splitlines(), numbers))
    rows = (
        f"!{number} = !DILocation(line: {place + 1}, scope: !4)"
        for place, number in numbers.items()
    )
    return "\n".join([*lines, _HEAD, *rows]) + "\n"


def strip_debug(assembly: str) -> str:
    """A listing without the sections that only debuggers read."""
    return re.split(r"(?m)^\s*\.section\s+\.debug_", assembly, maxsplit=1)[0]


def _located(lines: list[str], numbers: dict[int, int]) -> Iterator[str]:
    location = ""
    for line in lines:
        if line.startswith(_MARK):
            place = int(line.removeprefix(_MARK))
            location = f", !dbg !{numbers.setdefault(place, _FIRST + len(numbers))}"
        elif line.startswith("define "):
            yield line.removesuffix("{") + "!dbg !4 {"
        elif line.startswith("  "):
            yield line + location
        else:
            yield line
