"""What was asked of one compile, beside the function and the target."""

from __future__ import annotations

from tilewright.dsl.records import record


@record
class Options:
    """Switches of one compile.

    `versions` names the compilers that take part, (name, version), and belongs to the cache key
    only; `keep_assembly` asks for the stages that no launch needs (`asm`; `ptx` and `sass`), which
    cost a second run of the compiler. `verify` checks the function after every pass.
    `nvrtc` is the path of NVIDIA's compiler, by default where packages put it; `toolkit` are
    folders with NVIDIA's programs, to look in after those of packages.
    """

    versions: tuple[tuple[str, str], ...] = ()
    keep_assembly: bool = False
    verify: bool = False
    nvrtc: str | None = None
    toolkit: tuple[str, ...] = ()
