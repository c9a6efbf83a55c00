"""CUDA C++ becomes cubins by NVRTC; listings carry places, and looking changes nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tilewright.codegen.backends import Product
from tilewright.codegen.cuda.assemble import assemble
from tilewright.codegen.cuda.disassemble import disassemble
from tilewright.codegen.options import Options
from tilewright.codegen.target import GPUS, gpu_arch, parse_target
from tilewright.codegen.toolkit import find_disassembler, find_nvrtc
from tilewright.dsl.errors import CompileError

TEXT = """\
#define TWICE(x) \\
  ((x) + (x))
__device__ float scaled(float x) { return 3.0f * x + 1.0f; }

extern "C" __global__ void __launch_bounds__(64) kernel(float* x, float* out) {
  extern __shared__ __align__(16) unsigned char shared[];
#line 7 "place"
  float value = x[threadIdx.x];
#line 9 "place"
  #pragma unroll
  for (int i = 0; i < 4; i++)
    value = scaled(TWICE(value));
#line 12 "place"
  out[threadIdx.x] = value / x[64];
}
"""
HOPPER = parse_target("cuda:sm_90a")

needs_nvrtc = pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
needs_nvdisasm = pytest.mark.skipif(find_disassembler() is None, reason="nvdisasm is not installed")


def stages(text: str, **options: Any) -> dict[str, object]:
    found: dict[str, object] = {}

    def observe(name: str, product: object, seconds: float) -> None:
        found[name] = product

    found["product"] = assemble(text, HOPPER, Options(**options), observe)
    return found


def product(text: str, **options: Any) -> Product:
    found = stages(text, **options)["product"]
    assert isinstance(found, Product)
    return found


@needs_nvrtc
@pytest.mark.parametrize("arch", GPUS)
def test_every_architecture_is_compiled_for_without_a_gpu(arch: str) -> None:
    found = assemble(TEXT, parse_target(f"cuda:{arch}"), Options())
    assert found.code.startswith(b"\x7fELF")
    assert 0 < int(str(found.usage["registers"])) < 64
    assert found.usage["spills"] == {"stores": 0, "loads": 0}
    assert found.usage["stack_bytes"] == 0
    assert found.usage["static_shared_memory"] == 0


@needs_nvrtc
def test_spills_and_shared_memory_are_read_from_the_log() -> None:
    text = """
extern "C" __global__ void __launch_bounds__(1024) kernel(float* x) {
  __shared__ float shared[100];
  float v[200];
  #pragma unroll
  for (int i = 0; i < 200; i++) v[i] = x[i * 1024 + threadIdx.x];
  shared[threadIdx.x % 100] = v[3];
  __syncthreads();
  #pragma unroll
  for (int i = 0; i < 200; i++) x[i * 1024 + threadIdx.x] = v[199 - i] * shared[i % 7];
}
"""
    usage = product(text).usage
    spills = usage["spills"]
    assert isinstance(spills, dict) and spills["stores"] >= 400 and spills["loads"] >= 400
    assert usage["static_shared_memory"] == 400
    assert int(str(usage["stack_bytes"])) >= 400


@needs_nvrtc
@needs_nvdisasm
def test_locations_change_no_instruction() -> None:
    found = stages(TEXT, keep_assembly=True)
    tool = find_disassembler()
    assert tool is not None
    plain = disassemble(product(TEXT).code, tool)
    located = re.sub(r"(?m)^\t// #line .*\n", "", str(found["sass"]))
    assert "#line" not in plain
    assert located == plain


@needs_nvrtc
def test_looking_does_not_change_the_cubin() -> None:
    assert product(TEXT).code == product(TEXT, keep_assembly=True).code


@needs_nvrtc
@needs_nvdisasm
def test_listings_name_the_places_of_the_text() -> None:
    found = stages(TEXT, keep_assembly=True)
    for name in ("ptx", "sass"):
        assert {7, 9, 12} == set(map(int, re.findall(r"// #line (\d+)", str(found[name]))))
    assert ".loc" not in str(found["ptx"]) and ".file" not in str(found["ptx"])


@needs_nvrtc
def test_numbers_are_rounded_as_ieee_says() -> None:
    ptx = str(stages(TEXT, keep_assembly=True)["ptx"])
    assert "div.rn.f32" in ptx
    assert "fma" not in ptx and ".ftz" not in ptx and ".approx" not in ptx


@needs_nvrtc
def test_refused_text_is_our_fault_and_names_its_place() -> None:
    with pytest.raises(AssertionError) as raised:
        product(TEXT.replace("x[64]", "y[64]"))
    assert 'kernel.cu(14): #line 12: error: identifier "y" is undefined' in str(raised.value)
    assert "out[threadIdx.x] = value / y[64];" in str(raised.value)


@needs_nvrtc
def test_matrix_instructions_that_wait_for_one_another_are_our_fault() -> None:
    step = (
        '  asm volatile("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0,%1,%2,%3}, %4, '
        '%4, 1, 1, 1, 0, 0;" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "l"(s));\n'
        '  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");\n'
    )
    text = f"""
__device__ __noinline__ void more(float* d, unsigned long long s) {{
{step}}}
extern "C" __global__ void __launch_bounds__(128) kernel(float* out, unsigned long long s) {{
  float d[4] = {{}};
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
{step}  more(out, s);
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  for (int i = 0; i < 4; i++) out[i] = d[i];
}}
"""
    with pytest.raises(AssertionError, match=r"NVRTC serialises.*\n.*\(C7\d+\) Potential Perf"):
        product(text)


@needs_nvrtc
def test_several_threads_compile_at_a_time() -> None:
    texts = [TEXT.replace("3.0f", f"{k}.5f") for k in range(4)]
    expected = [product(text).code for text in texts]
    assert len(set(expected)) == 4
    with ThreadPoolExecutor(4) as pool:
        assert expected == list(pool.map(lambda text: product(text).code, texts))


def test_a_missing_library_is_named() -> None:
    with pytest.raises(CompileError, match=r"NVRTC cannot be loaded: .*/libnvrtc\.so\.13"):
        product(TEXT, nvrtc="/nowhere/libnvrtc.so.13")


def test_without_nvrtc_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", ["/nowhere"])
    monkeypatch.setattr("tilewright.codegen.toolkit._SYSTEM", ())
    with pytest.raises(CompileError, match=r"no libnvrtc[^$]*pip install nvidia-cuda-nvrtc"):
        product(TEXT)


def test_libraries_of_packages_are_found_before_those_of_toolkits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (
        "site/nvidia/cu13/lib/libnvrtc.so.13", "site/nvidia/cu13/lib/libnvrtc-builtins.so.13.5",
        "site/nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "site/nvidia_cuda_nvrtc-13.5.37.dist-info/x",
        "site/nvidia_cuda_nvrtc_cu12-12.9.86.dist-info/x", "toolkit/lib64/libnvrtc.so.14",
        "toolkit/lib64/libnvrtc.so.11",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    monkeypatch.setattr("tilewright.codegen.toolkit._SYSTEM", ())
    monkeypatch.setattr("sys.path", [str(tmp_path / "site")])
    toolkit = [str(tmp_path / "toolkit")]

    def found(newest: int | None = None) -> tuple[str, str]:
        one = find_nvrtc(toolkit, newest)
        assert one is not None
        return one.path.removeprefix(f"{tmp_path}/"), one.identity

    assert found() == ("site/nvidia/cu13/lib/libnvrtc.so.13", "13.5.37")
    assert found(12) == ("site/nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "12.9.86")
    assert found(11) == found()
    with monkeypatch.context() as patch:  # which takes long where folders are large
        patch.setattr("tilewright.codegen.toolkit._installed", pytest.fail)
        assert found() == ("site/nvidia/cu13/lib/libnvrtc.so.13", "13.5.37")
    monkeypatch.setattr("sys.path", ["/nowhere"])
    path, identity = found()
    assert path == "toolkit/lib64/libnvrtc.so.14"
    assert re.fullmatch(rf"{re.escape(str(tmp_path / path))} 0 \d+", identity)


@pytest.mark.parametrize(
    ("capability", "arch"),
    [
        ((7, 5), None), ((8, 0), "sm_80"), ((8, 6), "sm_86"), ((8, 7), "sm_86"), ((8, 9), "sm_89"),
        ((9, 0), "sm_90a"), ((10, 0), "sm_100a"), ((10, 3), None), ((12, 0), "sm_120a"),
    ],
)  # fmt: skip
def test_a_capability_has_the_architecture_whose_code_it_runs(
    capability: tuple[int, int], arch: str | None
) -> None:
    assert arch == gpu_arch(capability)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("cuda:sm_90", "did you mean `cuda:sm_90a`?"),
        ("cuda:0", "known targets are cuda:sm_80, cuda:sm_86"),
        ("gpu:sm_90a", "known targets are cpu:x86-64-v3"),
    ],
)
def test_an_unknown_target_is_told_the_known_ones(text: str, note: str) -> None:
    with pytest.raises(CompileError) as raised:
        parse_target(text)
    assert f"error: unknown target {text!r}\nnote: {note}" in str(raised.value)
