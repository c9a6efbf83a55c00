"""Small kernels written in LLVM IR, and tables that launch them, for tests of the native part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import llvmlite.binding as llvm

from tilewright import _native
from tilewright._native import Launchable

Facts: TypeAlias = tuple[Any, ...]
ParameterRow: TypeAlias = tuple[str, int, object, int, tuple[int, ...]]
SlotRow: TypeAlias = tuple[int, str, int, int, int]

F32 = 11

# out[i] = x[i] * a for the 16 elements of each program.
SCALE = """
define i32 @entry(ptr %services, ptr %block, i64 %first, i64 %last) nounwind {
  %x_place = getelementptr i8, ptr %block, i64 24
  %x = load ptr, ptr %x_place
  %n_place = getelementptr i8, ptr %block, i64 32
  %n = load i64, ptr %n_place
  %out_place = getelementptr i8, ptr %block, i64 48
  %out = load ptr, ptr %out_place
  %a_place = getelementptr i8, ptr %block, i64 72
  %a = load float, ptr %a_place
  %begin = mul i64 %first, 16
  %stop = mul i64 %last, 16
  %inside = icmp slt i64 %stop, %n
  %end = select i1 %inside, i64 %stop, i64 %n
  br label %head
head:
  %i = phi i64 [ %begin, %0 ], [ %next, %body ]
  %more = icmp slt i64 %i, %end
  br i1 %more, label %body, label %done
body:
  %from = getelementptr float, ptr %x, i64 %i
  %value = load float, ptr %from
  %product = fmul float %value, %a
  %to = getelementptr float, ptr %out, i64 %i
  store float %product, ptr %to
  %next = add i64 %i, 1
  br label %head
done:
  ret i32 0
}
"""

# Fails with code 3 at place 17, telling the values (first, -1), if program 7 is in the range.
FAIL = """
define i32 @entry(ptr %services, ptr %block, i64 %first, i64 %last) nounwind {
  %low = icmp sle i64 %first, 7
  %high = icmp sgt i64 %last, 7
  %hit = and i1 %low, %high
  br i1 %hit, label %bad, label %fine
bad:
  %values = alloca [2 x i64]
  store i64 7, ptr %values
  %second = getelementptr i64, ptr %values, i64 1
  store i64 -1, ptr %second
  %place = getelementptr i8, ptr %services, i64 8
  %fail = load ptr, ptr %place
  call void %fail(ptr %services, i32 3, i32 17, ptr %values, i64 2)
  ret i32 3
fine:
  ret i32 0
}
"""

# Prints the number of each program, and its low byte again, at places 1 and 2.
PRINT = """
define i32 @entry(ptr %services, ptr %block, i64 %first, i64 %last) nounwind {
  %number = alloca i64
  %place = getelementptr i8, ptr %services, i64 16
  %print = load ptr, ptr %place
  br label %head
head:
  %i = phi i64 [ %first, %0 ], [ %next, %body ]
  %more = icmp slt i64 %i, %last
  br i1 %more, label %body, label %done
body:
  store i64 %i, ptr %number
  call void %print(ptr %services, i32 1, i64 %i, ptr %number, i64 8)
  call void %print(ptr %services, i32 2, i64 %i, ptr %number, i64 1)
  %next = add i64 %i, 1
  br label %head
done:
  ret i32 0
}
"""

# Busy for `block[24]` rounds in each program, then stores one byte per program behind block[32].
SPIN = """
define i32 @entry(ptr %services, ptr %block, i64 %first, i64 %last) nounwind {
  %rounds_place = getelementptr i8, ptr %block, i64 24
  %rounds = load volatile i64, ptr %rounds_place
  %out_place = getelementptr i8, ptr %block, i64 32
  %out = load ptr, ptr %out_place
  br label %programs
programs:
  %p = phi i64 [ %first, %0 ], [ %after, %finished ]
  %more = icmp slt i64 %p, %last
  br i1 %more, label %head, label %done
head:
  %i = phi i64 [ 0, %programs ], [ %next, %head ]
  %seen = load volatile i64, ptr %rounds_place
  %next = add i64 %i, 1
  %again = icmp slt i64 %next, %rounds
  br i1 %again, label %head, label %finished
finished:
  %to = getelementptr i8, ptr %out, i64 %p
  store i8 1, ptr %to
  %after = add i64 %p, 1
  br label %programs
done:
  ret i32 0
}
"""


@cache
def object_of(text: str, triple: str | None = None) -> bytes:
    """The relocatable object of LLVM IR for a machine, by default this one."""
    if triple is None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        target = llvm.Target.from_default_triple()
    else:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
        target = llvm.Target.from_triple(triple)
    module = llvm.parse_assembly(text)
    module.triple = target.triple
    machine = target.create_target_machine(opt=2, reloc="pic", codemodel="small")
    return bytes(machine.emit_object(module))


def ignore(failure: object, prints: object) -> None:
    """A report that nobody reads."""


class Table(_native.LaunchTable):
    """A kernel of given parameters, code and slots, which counts what it is asked."""

    def __init__(
        self,
        parameters: Sequence[ParameterRow],
        written: Sequence[str] = (),
        make: Callable[[Facts, bool, bool], Launchable] | None = None,
        device_facts: int = 3,
    ) -> None:
        self.name = "testing"
        self.names = [row[0] for row in parameters]
        self.written = tuple(name in written for name in self.names)
        self.make = make
        self.described: list[tuple[Facts, bool]] = []
        self.built: list[tuple[Facts, bool, bool]] = []
        self.calls: list[tuple[tuple[int, int, int], tuple[object, ...]]] = []
        self.configure(parameters, device_facts)

    def describe(self, facts: Facts, narrow: bool) -> tuple[bool, ...]:
        self.described.append((facts, narrow))
        return self.written

    def build(self, facts: Facts, narrow: bool, disjoint: bool) -> Launchable:
        self.built.append((facts, narrow, disjoint))
        if self.make is not None:
            return self.make(facts, narrow, disjoint)
        record = self.calls
        return Launchable(lambda grid, values: record.append((grid, values)), [], 24, ignore)

    @property
    def fact(self) -> Any:
        """The fact of the first parameter in the last description."""
        return self.described[-1][0][0]


def row(
    name: str,
    kind: int = 0,
    default: object = _native.REQUIRED,
    dtype: int = -1,
    fixed: tuple[int, ...] = (),
) -> ParameterRow:
    """One parameter for `configure`."""
    return (name, kind, default, dtype, fixed)


def launchable(
    text: str,
    slots: Sequence[SlotRow] = (),
    block_bytes: int = 24,
    cost: float = 1.0,
    report: Callable[..., object] = ignore,
) -> Launchable:
    """Code from LLVM IR."""
    return Launchable(
        _native.Executable(object_of(text), "entry", 0, cost), slots, block_bytes, report
    )


SCALE_SLOTS: list[SlotRow] = [
    (0, "array", F32, 1, 24),
    (1, "array", F32, 1, 48),
    (2, "scalar", F32, 0, 72),
]


def scale_table(cost: float = 20.0) -> Table:
    """`scale(x, out, a, BLOCK=16)`: 16 elements a program."""
    rows = [row("x"), row("out"), row("a"), row("BLOCK", 1, 16)]
    return Table(rows, ["out"], lambda *_: launchable(SCALE, SCALE_SLOTS, 80, cost))


def reporting_table(text: str, report: Callable[..., object], cost: float = 1.0) -> Table:
    """A kernel without parameters."""
    return Table([], [], lambda *_: launchable(text, cost=cost, report=report))


def spin_table(cost: float = 0.0) -> Table:
    """`spin(rounds, out)`: each program is busy, then marks its byte of `out`."""
    rows = [row("rounds", 2, dtype=4), row("out")]
    slots: list[SlotRow] = [(0, "scalar", 4, 0, 24), (1, "pointer", 5, 1, 32)]
    return Table(rows, ["out"], lambda *_: launchable(SPIN, slots, 40, cost))
