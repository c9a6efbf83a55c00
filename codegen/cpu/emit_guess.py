"""The machine's guess at 1 / sqrt(x), by the same instruction for any number of lanes."""

from __future__ import annotations

from typing import Final

from .writer import Level, Val, Writer

# The instruction by the width of its operand: one width per machine, so that a value's bits do not
# depend on where it stands.
X86: Final = ("x86.avx.rsqrt.ps.256", 8, "")
ARM: Final = ("aarch64.neon.frsqrte", 4, "v4f32")


def emit_guess(writer: Writer, x: Val, level: Level) -> Val:
    """Guess piece by piece; a last piece of fewer lanes repeats its last one."""
    is_arm = writer.machine.triple.startswith("aarch64")
    name, width, suffix = ARM if is_arm else X86
    lanes = max(x.lanes, 1)
    is_scalar = not x.lanes
    if is_scalar:
        x = writer.put(f"insertelement <1 x float> poison, {x}, i64 0", "float", 1, level)
    parts = []
    for start in range(0, lanes, width):
        piece = _pick(writer, x, x, [min(start + n, lanes - 1) for n in range(width)], level)
        guess = writer.call(name, "float", width, [piece], level, suffix)
        parts.append(_refine(writer, piece, guess, level) if is_arm else guess)
    whole = parts[0]
    for part in parts[1:]:
        filled = _pick(writer, part, part, [n % width for n in range(whole.lanes)], level)
        whole = _pick(writer, whole, filled, list(range(whole.lanes + width)), level)
    if lanes != whole.lanes:
        whole = _pick(writer, whole, whole, list(range(lanes)), level)
    if is_scalar:
        return writer.put(f"extractelement {whole}, i64 0", "float", 0, level)
    return whole


def _pick(writer: Writer, a: Val, b: Val, lanes: list[int], level: Level) -> Val:
    """A shuffle of two vectors of one type."""
    numbers = ", ".join(f"i32 {n}" for n in lanes)
    mask = f"<{len(lanes)} x i32> <{numbers}>"
    return writer.put(f"shufflevector {a}, {b}, {mask}", a.element, len(lanes), level)


def _refine(writer: Writer, x: Val, y: Val, level: Level) -> Val:
    """One step of Newton's: Arm's guess has 8 bits."""
    product = writer.put(f"fmul {x}, {y.text}", "float", x.lanes, level)
    step = writer.call("aarch64.neon.frsqrts", "float", x.lanes, [product, y], level, "v4f32")
    return writer.put(f"fmul {y}, {step.text}", "float", x.lanes, level)
