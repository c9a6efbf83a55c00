"""The kernels beside this file, and what the compiler makes of them."""

from __future__ import annotations

import runpy
from pathlib import Path

from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target

FOLDER = Path(__file__).parent
TARGET = "cpu:x86-64-v3"
KERNELS = sorted(
    path
    for path in FOLDER.glob("*.py")
    if not path.stem.startswith("test_")
    and path != Path(__file__)
    and "SIGNATURE" in path.read_text()
)


def products(path: Path, target: str = TARGET, **options: bool) -> dict[str, object]:
    """The products of a kernel's compile by stage: its optimised IR, its plan, its LLVM IR, ..."""
    found = runpy.run_path(str(path))
    function = found["kernel"].inspect(found["SIGNATURE"], **found["CONSTANTS"]).function
    seen: dict[str, object] = {}
    artifact = compile_function(
        function,
        parse_target(target),
        Options(**options),
        lambda stage, product, seconds: seen.update({stage: product}),
    )
    return seen | {"artifact": artifact}
