"""What is compiled for: `cpu:x86-64-v3`, `cpu:aarch64`, `cuda:sm_90a`."""

from __future__ import annotations

from typing import Final

from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record


@record
class Machine:
    """What code for one CPU level may use.

    `vector_bytes` is the width of a vector register, `vector_registers` how many there are;
    `cpu` and `features` are LLVM's names.
    """

    triple: str
    cpu: str
    features: str
    vector_bytes: int
    vector_registers: int


# Every level has fused multiply-add: the language's contraction rule and the polynomials need it.
MACHINES: Final[dict[str, Machine]] = {
    "x86-64-v3": Machine("x86_64-unknown-linux-gnu", "x86-64-v3", "", 32, 16),
    "x86-64-v4": Machine("x86_64-unknown-linux-gnu", "x86-64-v4", "", 64, 32),
    "aarch64": Machine("aarch64-unknown-linux-gnu", "generic", "+neon,+fp-armv8,+lse", 16, 32),
}  # fmt: skip


@record
class Target:
    """A kind of device and an architecture of it; its text is part of every key."""

    kind: str
    arch: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.arch}"

    @property
    def machine(self) -> Machine:
        """The CPU level; only for `cpu` targets."""
        return MACHINES[self.arch]


def parse_target(text: str) -> Target:
    """Read `kind:arch`; raises `CompileError` that lists what there is."""
    kind, _, arch = text.partition(":") if isinstance(text, str) else ("", "", "")
    if kind == "cpu" and arch in MACHINES:
        return Target(kind, arch)
    if kind == "cuda":
        raise CompileError(
            f"cannot compile for {text!r}: the CUDA backend is not part of this version",
            "compile for one of " + ", ".join(f"cpu:{name}" for name in MACHINES),
        )
    raise CompileError(
        f"unknown target {text!r}",
        "known targets are " + ", ".join(f"cpu:{name}" for name in MACHINES),
    )
