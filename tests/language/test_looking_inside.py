"""Section 8 of LANGUAGE.md: inspect, signatures, parse_ir and specialize."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tilewright as tw


def softmax(x, out, BLOCK: tw.constexpr):
    row = tw.program_id(0)
    col = tw.arange(BLOCK)
    v = tw.load(x, (row, col), fill=-float("inf"))
    e = tw.exp(v - tw.max(v))
    out[row, col] = e / tw.sum(e)


def mixed(x, n, out, N: tw.constexpr = 5):
    i = tw.program_id(0) * N + tw.arange(N)
    v = x[i]
    if v > n:
        v = v * 2
    for k in range(3):
        v += k
    out[i] = v


def summed(x, out):
    total = tw.zeros(4, tw.f32)
    for k in range(x.shape[0]):
        total += x[k]
    out[0:4] = total


STAGES = ["source", "ir", "ir_optimized", "llvm", "asm", "object"]


def test_every_stage_is_there() -> None:
    x, out = np.zeros((3, 5), np.float32), np.full((3, 5), 7, np.float32)
    seen = tw.kernel(softmax).inspect(x, out, BLOCK=8)
    assert "def softmax" in seen.source
    assert "test_looking_inside.py" in seen.ir
    assert "define" in seen.llvm
    assert len(seen.asm) > 100
    assert seen.object[:4] == b"\x7fELF"
    assert (out == 7).all(), "nothing was launched"
    assert set(STAGES) <= set(seen.stages)
    assert seen.metadata["origin"] in ("compiled", "memory", "disk")
    html = seen._repr_html_()
    assert "<" in html and "softmax" in html


def test_a_signature_stands_for_arguments() -> None:
    kernel = tw.kernel(softmax)
    x = np.zeros((3, 16), np.float32)
    for signature in (
        "f32[:, ::1], f32[:, ::1]", "f32[:, :], f32[:, :]", "f32[:, 16], f32[:, ::1]",
        "f32[:, ::1]{aligned, even}, f32[:, ::1]; narrow, disjoint", "f64[:, :], f16[:, ::1]",
    ):  # fmt: skip
        assert "softmax" in kernel.inspect(signature, BLOCK=16).ir
    assert kernel.inspect(x, x, BLOCK=16).asm


def test_each_target_has_its_code() -> None:
    kernel = tw.kernel(softmax)
    signature = "f32[:, ::1], f32[:, ::1]"
    x86 = kernel.inspect(signature, BLOCK=16, target="cpu:x86-64-v3").asm
    arm = kernel.inspect(signature, BLOCK=16, target="cpu:aarch64").asm
    assert "ymm" in x86
    assert "ymm" not in arm and x86 != arm


@pytest.mark.parametrize(
    "wrong",
    ["", "f32[:, ::1]", "f32[:, :], f32[:, :], f32", "q32[:, :], f32[:, :]", "f32[, f32",
     "f32[:, ::2], f32[:, :]", "f32[:, :]{odd}, f32[:, :]", "f32[:, :], f32[:, :]; wide"],
)  # fmt: skip
def test_wrong_signatures_are_refused(wrong: str) -> None:
    with pytest.raises(tw.Error):
        tw.kernel(softmax).inspect(wrong, BLOCK=16)


def test_inspecting_a_wrong_program_is_a_compile_error() -> None:
    with pytest.raises(tw.CompileError):
        tw.kernel(softmax).inspect("f32[:], f32[:]", BLOCK=16)


def plain(text: str) -> str:
    """The text of the IR without comments."""
    return re.sub(r" *;.*", "", text)


def test_the_ir_parses_back() -> None:
    for kernel, signature, constants in (
        (softmax, "f32[:, ::1], f32[:, ::1]", {"BLOCK": 24}),
        (mixed, "f32[:], f32, f32[:]", {"N": 7}),
        (mixed, "i8[:], i64, f16[::1]", {}),
    ):
        seen = tw.kernel(kernel).inspect(signature, **constants)
        for text in (seen.ir, seen.ir_optimized):
            assert text == str(tw.parse_ir(text))
            assert plain(text) == plain(tw.parse_ir(plain(text)).inspect().ir)


def expanded(x, out, n, few):
    out[0:3] = tw.sin(x[0:3]) + tw.cos(x[0:3]) * tw.tan(x[0:3])
    few[0:3] = n[0:3]


@pytest.mark.parametrize(("dtype", "few"), [("f32", "bf16"), ("f64", "f8e5m2")])
def test_what_the_formulas_write_parses_back(dtype: str, few: str) -> None:
    """Masks of unsigned bits are written as `~0xFF`, and are no negative numbers."""
    signature = f"{dtype}[::1], {dtype}[::1], u64[::1], {few}[::1]"
    text = tw.kernel(expanded).inspect(signature).ir_optimized
    assert str(tw.parse_ir(text)) == text


def test_what_was_proven_of_accesses_parses_back_and_is_proven_anew(mode: str) -> None:
    x, out = np.arange(5, dtype=np.float32), np.zeros(4, np.float32)
    text = tw.kernel(summed).inspect(x, out).ir_optimized
    assert "inside=(0)" in text
    parsed = tw.parse_ir(text)
    assert str(parsed) == text
    assert "inside" not in parsed.inspect().ir
    parsed[1](x, out)
    assert out.tolist() == [10] * 4


def followed(x, out, i):
    out[0] = tw.load(x.ptr + i) + x[i]


def test_checks_that_were_read_from_a_text_report(mode: str) -> None:
    x, out = np.arange(5, dtype=np.float32), np.zeros(1, np.float32)
    seen = tw.kernel(debug=True)(followed).inspect(x, out, 1)
    for text in (seen.ir, seen.ir_optimized):
        parsed = tw.parse_ir(text)
        parsed[1](x, out, 3)
        assert out[0] == 6
        with pytest.raises(tw.DeviceError, match="element 5 lies outside the memory of a"):
            parsed[1](x, out, 5)


def test_parsed_ir_is_launched(mode: str, rng: np.random.Generator) -> None:
    x, out = rng.standard_normal((4, 20)).astype(np.float32), np.zeros((4, 20), np.float32)
    text = tw.kernel(softmax).inspect(x, out, BLOCK=32).ir
    tw.parse_ir(text)[4](x, out)
    wide = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(out, wide / wide.sum(1, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize("wrong", ["", "nonsense", "func @f("])
def test_broken_ir_is_refused(wrong: str) -> None:
    with pytest.raises(tw.Error):
        tw.parse_ir(wrong)


def test_a_specialization_is_launched_and_inspected(mode: str) -> None:
    kernel = tw.kernel(mixed)
    special = kernel.specialize("f32[:], f32, f32[:]", N=4)
    x, out = np.arange(18, dtype=np.float32), np.zeros(18, np.float32)
    expected = (np.where(x > 5, x * 2, x) + 3).tolist()
    special[5](x, 5.0, out)
    assert expected == out.tolist()
    out = np.zeros(36, np.float32)[::-2]
    special[5](x[:], 5.0, out)  # no fact holds
    assert expected == out.tolist()
    assert "mixed" in special.inspect().ir
    with pytest.raises(tw.LaunchError):
        special[5](x.astype(np.float64), 5.0, out)
    with pytest.raises(tw.LaunchError):
        special[5](x[None], 5.0, out)


def with_default(x, out, N: tw.constexpr, scale=2.5, M: tw.constexpr = 3):
    out[0:N] = x[0:N] * scale + M


def test_a_specialization_has_the_defaults_of_its_kernel(mode: str) -> None:
    x, out = np.arange(6, dtype=np.float32), np.zeros(6, np.float32)
    special = tw.kernel(with_default).specialize("f32[::1], f32[::1], f32", N=6)
    special[1](x, out)
    assert out.tolist() == (x * 2.5 + 3).tolist()
    special[1](x, out, scale=4.0)
    assert out.tolist() == (x * 4 + 3).tolist()
    with pytest.raises(tw.CompileError, match="a signature is a text, found int"):
        tw.kernel(with_default).specialize(5, N=6)


def test_a_specialization_with_facts_refuses_what_lacks_them(mode: str) -> None:
    special = tw.kernel(mixed).specialize("f32[::1], f32, f32[::1]")
    x = np.arange(20, dtype=np.float32)
    out = np.zeros(20, np.float32)
    special[4](x, 3.0, out)
    assert (np.where(x > 3, x * 2, x) + 3).tolist() == out.tolist()
    with pytest.raises(tw.LaunchError):
        special[4](x, 3.0, np.zeros(40, np.float32)[::2])


def test_specializations_are_listed(mode: str) -> None:
    kernel = tw.kernel(mixed)
    assert len(list(kernel.specializations)) == 0
    x = np.arange(20, dtype=np.float32)
    kernel[4](x, 3.0, x)
    first = len(list(kernel.specializations))
    assert first == 1
    kernel[4](x, 4.0, x)
    assert len(list(kernel.specializations)) == first
    kernel[4](x.astype(np.float64), 4.0, x)
    assert len(list(kernel.specializations)) == first + 1


def test_the_origin_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "0")
    value = int(np.random.default_rng().integers(2**31))

    def make() -> Any:
        @tw.kernel
        def fresh(out):
            out[0] = value

        return fresh

    assert make().inspect("i64[:]").metadata["origin"] == "compiled"
    assert make().inspect("i64[:]").metadata["origin"] in ("memory", "disk")


def test_metadata_tell_about_the_code() -> None:
    metadata = tw.kernel(mixed).inspect("f32[::1], f32, f32[::1]", N=64).metadata
    assert metadata["origin"] in ("compiled", "memory", "disk")
    words = " ".join(str(name) for name in metadata)
    assert "key" in words and "vector" in words, words
