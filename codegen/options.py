"""What was asked of one compile, beside the function and the target."""

from __future__ import annotations

from typing import Final

from tilewright.dsl.records import record


@record
class Options:
    """Switches of one compile.

    `versions` names the compilers that take part, (name, version), and belongs to the cache key
    only; `keep_assembly` asks for the stages that no launch needs (`asm`; `ptx` and `sass`), which
    cost a second run of the compiler. `verify` checks the function after every pass.
    `nvrtc` is the path of NVIDIA's compiler, by default where packages put it; `toolkit` are
    folders with NVIDIA's programs, to look in after those of packages. `num_warps` and `num_stages`
    of a launch override the plan on a GPU.
    """

    versions: tuple[tuple[str, str], ...] = ()
    keep_assembly: bool = False
    verify: bool = False
    nvrtc: str | None = None
    toolkit: tuple[str, ...] = ()
    num_warps: int | None = None
    num_stages: int | None = None

    @property
    def plan_texts(self) -> list[str]:
        """What overrides the plan, for a cache key; nothing if nothing does."""
        found = {"num_warps": self.num_warps, "num_stages": self.num_stages}
        return [f"{name} {value}" for name, value in found.items() if value is not None]


NO_OPTIONS: Final = Options()
