"""The kernels beside this file, and what the compiler makes of them short of a cubin."""

from __future__ import annotations

import runpy
from pathlib import Path

from tilewright.codegen.backends import find_backend, ignore
from tilewright.codegen.options import Options
from tilewright.codegen.passes import run_passes
from tilewright.codegen.target import parse_target
from tilewright.dsl import ir

FOLDER = Path(__file__).parent
TARGET = "cuda:sm_90a"
KERNELS = sorted(
    path
    for path in FOLDER.glob("*.py")
    if not path.stem.startswith("test_") and "\nSIGNATURE" in path.read_text()
)


def function_of(path: Path) -> ir.Function:
    """A kernel as the frontend gives it."""
    found = runpy.run_path(str(path))
    function: ir.Function = (
        found["kernel"].inspect(found["SIGNATURE"], **found["CONSTANTS"]).function
    )
    return function


def products(path: Path, target: str = TARGET) -> tuple[str, str]:
    """The plan of a kernel, and its text behind the prelude; neither needs NVRTC."""
    parsed = parse_target(target)
    backend = find_backend(parsed.kind)
    optimized = run_passes(function_of(path), backend.passes(parsed), ignore, True)
    plan = backend.plan(optimized, parsed, Options())
    text = backend.emit(optimized, plan, parsed)
    return f"{plan}\n", text[text.index("struct Arguments {") :]
