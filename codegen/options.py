"""What was asked of one compile, beside the function and the target."""

from __future__ import annotations

from tilewright.dsl.records import record


@record
class Options:
    """Switches of one compile.

    `versions` names the compilers that take part, (name, version), and belongs to the cache key
    only; `keep_assembly` asks for the stage `asm`, which costs a second run of LLVM.
    `verify` checks the function after every pass.
    """

    versions: tuple[tuple[str, str], ...] = ()
    keep_assembly: bool = False
    verify: bool = False
