"""Prints what reports to the host through the launch's services: failed checks, printed values."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

from .emit_access import Accesses
from .writer import Val, Writer

# Where the services have their functions, in bytes.
FAIL_OFFSET: Final = 8
PRINT_OFFSET: Final = 16
STREAM_OFFSET: Final = 24
FRESH_OFFSET: Final = 32
COPY_OFFSET: Final = 40
THREADS_OFFSET: Final = 48
COPIES_OFFSET: Final = 56
COUNT_OFFSET: Final = 64


def services_word(writer: Writer, offset: int) -> Val:
    """A number among the services."""
    address = writer.put(f"getelementptr i8, ptr %services, i64 {offset}", "ptr", 0)
    return writer.put(f"load i64, {address}, align 8, !invariant.load !{{}}", "i64", 0)


def fail_unless(
    writer: Writer, accesses: Accesses, condition: str, op: ir.Check, values: list[Val]
) -> None:
    """Report a failure to the host and leave the entry, unless a condition holds."""

    def fail() -> None:
        address = writer.put(f"getelementptr i8, ptr %services, i64 {FAIL_OFFSET}", "ptr", 0)
        function = writer.put(f"load ptr, {address}, align 8", "ptr", 0)
        for k, value in enumerate(values):
            slot = writer.put(f"getelementptr i64, {accesses.scratch}, i64 {k}", "ptr", 0)
            writer.add(f"store {value}, {slot}, align 8")
        writer.add(
            f"call void {function.text}(ptr %services, i32 {op.code}, i32 {op.place}, "
            f"{accesses.scratch}, i64 {len(values)})"
        )
        writer.add("br label %failed")
        writer.level.left = True

    writer.branch(condition, list, fail)


def hand_over(writer: Writer, op: ir.Print, program: Val, data: Val, size: int) -> None:
    """Give the host the bytes of a print."""
    address = writer.put(f"getelementptr i8, ptr %services, i64 {PRINT_OFFSET}", "ptr", 0)
    function = writer.put(f"load ptr, ptr {address.text}, align 8", "ptr", 0)
    arguments = f"ptr %services, i32 {op.place}, {program}, {data}, i64 {size}"
    writer.add(f"call void {function.text}({arguments})")
