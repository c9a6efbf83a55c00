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
class Gpu:
    """What code for one GPU architecture may use.

    `capability` is the compute capability it is compiled for. A block may have `shared_memory`
    bytes of shared memory (1 KiB less than `shared_memory_total`, what its multiprocessor has for
    all of them), `MOST_THREADS` threads, and its multiprocessor runs `threads` at a time. There are
    `REGISTERS` registers of 32 bits for a block and for a multiprocessor, of which a thread has
    `THREAD_REGISTERS` at most. `has_f8` says whether there are products of `f8`, `has_wgmma`
    whether four warps multiply out of shared memory, `has_tma` whether boxes of arrays are copied
    by the hardware, into the shared memory of a cluster of blocks too. All of them have
    asynchronous copies and products by warp, of `bf16` and `tf32` as well.
    """

    capability: tuple[int, int]
    shared_memory: int
    shared_memory_total: int
    threads: int
    has_f8: bool = False
    has_wgmma: bool = False
    has_tma: bool = False


WARP: Final = 32
MOST_THREADS: Final = 1024
REGISTERS: Final = 1 << 16
THREAD_REGISTERS: Final = 255

# CUDA C++ Programming Guide, "Technical Specifications per Compute Capability". An architecture
# with an `a` has instructions that no other has, and its code runs on that capability alone.
GPUS: Final[dict[str, Gpu]] = {
    "sm_80": Gpu((8, 0), 163 << 10, 164 << 10, 2048),
    "sm_86": Gpu((8, 6), 99 << 10, 100 << 10, 1536),
    "sm_89": Gpu((8, 9), 99 << 10, 100 << 10, 1536, has_f8=True),
    "sm_90a": Gpu((9, 0), 227 << 10, 228 << 10, 2048, has_f8=True, has_wgmma=True, has_tma=True),
    "sm_100a": Gpu((10, 0), 227 << 10, 228 << 10, 2048, has_f8=True, has_tma=True),
    "sm_120a": Gpu((12, 0), 99 << 10, 100 << 10, 1536, has_f8=True, has_tma=True),
}


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

    @property
    def gpu(self) -> Gpu:
        """The GPU architecture; only for `cuda` targets."""
        return GPUS[self.arch]


# By kind of device the architectures that can be compiled for.
_ARCHITECTURES: Final = {"cpu": tuple(MACHINES), "cuda": tuple(GPUS)}


def richest_arch(level: str, features: Collection[str]) -> str:
    """The CPU level of a processor of some `level` that also has `features`, by LLVM's names."""
    chosen = level
    for name, machine in MACHINES.items():
        wanted = {feature.lstrip("+") for feature in machine.features.split(",")}
        if name.startswith(f"{level}+") and wanted <= set(features):
            chosen = name
    return chosen


def gpu_arch(capability: tuple[int, int]) -> str | None:
    """The architecture whose code a GPU of some compute capability runs; None without one.

    Code runs on later capabilities of the same major number, except that of an `a` architecture.
    """
    found = None
    for name, gpu in GPUS.items():
        is_older = gpu.capability[0] == capability[0] and gpu.capability <= capability
        if gpu.capability == capability or (is_older and not name.endswith("a")):
            found = name
    return found


def parse_target(text: str) -> Target:
    """Read `kind:arch`; raises `CompileError` that lists what there is."""
    kind, _, arch = text.partition(":") if isinstance(text, str) else ("", "", "")
    if arch in _ARCHITECTURES.get(kind, ()):
        return Target(kind, arch)
    kinds = [kind] if kind in _ARCHITECTURES else _ARCHITECTURES
    known = [f"{one}:{name}" for one in kinds for name in _ARCHITECTURES[one]]
    # `sm_90` alone lacks the instructions that make the architecture fast.
    meant = f"did you mean `{text}a`?" if f"{text}a" in known else ""
    raise CompileError(f"unknown target {text!r}", meant or "known targets are " + ", ".join(known))
