"""What is compiled for: `cpu:x86-64-v3`, `cpu:x86-64-v4+amx`, `cpu:aarch64`, `cuda:sm_90a`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record
from tilewright.dsl.types import Dtype, bf16, i8, u8


@record
class Machine:
    """What code for one CPU level may use.

    `vector_bytes` is the width of a vector register, `vector_registers` how many there are;
    `cpu` and `features` are LLVM's names. Operands of products that are of the dtypes `narrow` are
    multiplied as they are, into 32 bits: by tiles with `has_tiles`, else by vectors.
    """

    triple: str
    cpu: str
    features: str
    vector_bytes: int
    vector_registers: int
    narrow: frozenset[Dtype] = frozenset()
    has_tiles: bool = False

    @property
    def has_mask_registers(self) -> bool:
        """Whether instructions take masks, so that a choice between vectors is part of them."""
        return self.vector_bytes == 64

    @property
    def lacks_long(self) -> bool:
        """Whether nothing converts vectors of 64-bit integers to floats."""
        return self.triple == _LINUX and not self.has_mask_registers


_LINUX: Final = "x86_64-unknown-linux-gnu"
_VNNI: Final = "+avx512vnni"
_BF16: Final = f"+avx512bf16,{_VNNI}"
_AMX: Final = f"+amx-tile,+amx-bf16,+amx-int8,{_BF16}"

# Every level has fused multiply-add: the language's contraction rule and the polynomials need it.
# What stands behind a `+` is for products alone; of levels of one name the last is the richest.
MACHINES: Final[dict[str, Machine]] = {
    "x86-64-v3": Machine(_LINUX, "x86-64-v3", "", 32, 16),
    "x86-64-v4": Machine(_LINUX, "x86-64-v4", "", 64, 32),
    "x86-64-v4+vnni": Machine(_LINUX, "x86-64-v4", _VNNI, 64, 32, frozenset({i8})),
    "x86-64-v4+bf16": Machine(_LINUX, "x86-64-v4", _BF16, 64, 32, frozenset({bf16, i8})),
    "x86-64-v4+amx": Machine(
        _LINUX, "x86-64-v4", _AMX, 64, 32, frozenset({bf16, i8, u8}), has_tiles=True
    ),
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


def richest_arch(level: str, features: Collection[str]) -> str:
    """The CPU level of a processor of some `level` that also has `features`, by LLVM's names."""
    chosen = level
    for name, machine in MACHINES.items():
        wanted = {feature.lstrip("+") for feature in machine.features.split(",")}
        if name.startswith(f"{level}+") and wanted <= set(features):
            chosen = name
    return chosen


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
