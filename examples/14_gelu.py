"""Looking inside: the same kernel as IR, as optimised IR and as machine code, without a launch."""

import math

import numpy as np

import tilewright as tw


@tw.kernel
def gelu(x, out, BLOCK: tw.constexpr = 1024):
    """Gaussian error linear unit; `math.sqrt` of a constant is a constant."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = x[i]
    out[i] = 0.5 * v * (1.0 + tw.erf(v * math.sqrt(0.5)))


x = np.random.default_rng().standard_normal(100_003, dtype=np.float32)
out = np.empty_like(x)
gelu[tw.cdiv(x.size, 1024)](x, out)

inside = gelu.inspect(x, out)
assert "erf" in inside.ir
assert len(inside.asm.splitlines()) > 20
# A signature does as well as arrays do, and so does a machine that is not this one.
abroad = gelu.inspect("f32[::1], f32[::1]", target="cpu:aarch64")
assert "fmla" in abroad.asm or "fmadd" in abroad.asm

exact = np.vectorize(lambda v: 0.5 * v * (1 + math.erf(v * math.sqrt(0.5))))(x.astype(np.float64))
error = np.abs(out - exact).max()
assert error < 1e-6
lines = [len(text.splitlines()) for text in (inside.ir, inside.asm, abroad.asm)]
print(f"gelu: error {error:.1e}; {lines[0]} lines of IR, {lines[1]} of code, {lines[2]} on Arm")
