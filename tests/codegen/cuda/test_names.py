"""Variables of kernels may be called what the text needs a name for itself."""

from __future__ import annotations

import re

import pytest

import tilewright as tw
from tilewright.codegen.toolkit import find_nvrtc

from ...cuda_sweep import TARGETS, fault_of

SIGNATURE = (
    "bf16[:, ::1]{aligned, even}, bf16[:, ::1]{aligned, even}, f32[:, ::1]{aligned, even}; "
    "narrow, disjoint"
)


@tw.kernel
def product(a, b, c, BLOCK: tw.constexpr):
    """A block of a product, its operands fetched ahead."""
    stage, scratch = tw.program_id(0) * BLOCK, tw.program_id(1) * BLOCK
    m = tw.zeros((BLOCK, BLOCK), tw.f32)
    for slot in range(0, a.shape[1], BLOCK):
        block = b[slot : slot + BLOCK, scratch : scratch + BLOCK]
        m += a[stage : stage + BLOCK, slot : slot + BLOCK] @ block
    c[stage : stage + BLOCK, scratch : scratch + BLOCK] = m


@tw.kernel
def products(a, b, c, BLOCK: tw.constexpr):
    """A product of a product, in registers."""
    slot = a[0:BLOCK, 0:BLOCK] @ b[0:BLOCK, 0:BLOCK]
    n = slot.to(tw.bf16) @ b[0:BLOCK, 0:BLOCK]
    c[0:BLOCK, 0:BLOCK] = slot + n


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kernel", [product, products], ids=["product", "products"])
def test_names_of_the_text_are_free(kernel: tw.Kernel, target: str) -> None:
    function = kernel.inspect(SIGNATURE, BLOCK=64).function
    assert fault_of(function, target) is None


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_what_is_fetched_lies_where_the_kernel_says() -> None:
    text = product.inspect(SIGNATURE, BLOCK=64, target="cuda:sm_90a").cuda
    place = re.search(r"const i64 (\w+) = program_id \* 64ll;", text)
    fetch = re.search(r"\[&\]\(i64 (\w+), i32 (\w+)\)", text)
    assert place is not None and fetch is not None
    assert place[1] not in (fetch[1], fetch[2])
