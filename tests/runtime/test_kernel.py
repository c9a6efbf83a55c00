"""Kernels and what they are compiled to: specializations, what is recompiled and what is not."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

FACTOR = 2.0


@tw.kernel
def scale(x, a, out, BLOCK: tw.constexpr = 64):
    """Multiply."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i]


@pytest.fixture(autouse=True)
def fresh() -> None:
    scale.refresh()


def signatures(kernel: tw.Kernel) -> list[str]:
    return sorted(one.signature for one in kernel.specializations)


def test_a_kernel_keeps_what_python_knows_of_the_function() -> None:
    assert scale.__name__ == scale.name == "scale"
    assert scale.__doc__ == "Multiply."
    assert scale.__module__ == __name__
    assert repr(scale).startswith(f"<tilewright kernel scale at {__file__}:")


def test_nothing_is_parsed_when_a_kernel_is_defined() -> None:
    scope: dict[str, tw.Kernel] = {}
    source = "import tilewright as tw\n@tw.kernel\ndef unseen(x):\n    x[0] = 1\n"
    exec(source, scope)  # no file has this source
    with pytest.raises(tw.CompileError, match="source of `unseen`"):
        scope["unseen"][1](np.zeros(1))


def test_only_new_kinds_of_calls_are_compiled() -> None:
    x = np.ones(1000, np.float32)
    for size in (1, 10, 64, 1000):
        for factor in (1.0, 2.5, -0.0):
            out = np.empty(size, np.float32)
            scale[tw.cdiv(size, 64)](x[:size], factor, out)
            assert (out == factor).all()
    assert signatures(scale) == ["f32[::1], f32, f32[::1]; narrow, disjoint"]
    scale[16](x, 2, np.empty_like(x))
    scale[8](x[::2], 2.0, np.empty(500, np.float32))
    scale[16](x, 2.0, x)
    scale[16](x, 2.0, np.empty_like(x), BLOCK=32)
    assert signatures(scale) == [
        "f32[::1], f32, f32[::1]; narrow",
        "f32[::1], f32, f32[::1]; narrow, disjoint",
        "f32[::1], f32, f32[::1]; narrow, disjoint",
        "f32[::1], i32, f32[::1]; narrow, disjoint",
        "f32[:], f32, f32[::1]; narrow, disjoint",
    ]


def test_constants_that_compare_equal_are_not_the_same() -> None:
    @tw.kernel
    def store(out, VALUE: tw.constexpr):
        out[0] = 1 / tw.full((), VALUE, tw.f32) if VALUE == 0 else VALUE / 2

    out = np.zeros(1, np.float64)
    found = []
    for value in (1, 1.0, True, 0.0, -0.0):
        store[1](out, value)
        found.append(out[0])
    assert found[3:] == [np.inf, -np.inf]
    assert len(store.specializations) == 5


def test_arguments_may_overlap() -> None:
    @tw.kernel
    def shift(x, out, N: tw.constexpr):
        for k in range(N):
            out[k] = x[k] + 1

    memory = np.zeros(8, np.int32)
    shift[1](memory[:7], memory[1:], 7)
    assert memory.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_captured_values_are_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    @tw.kernel
    def capture(out):
        out[0] = FACTOR

    out = np.zeros(1, np.float32)
    capture[1](out)
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    capture[1](out)
    assert out[0] == 2  # loaded already
    with pytest.raises(tw.CompileError, match=r"`FACTOR` has changed from 2\.0 to 3\.0"):
        capture[1](np.zeros(1, np.float64))
    capture.refresh()
    capture[1](out)
    assert out[0] == 3


def test_threads_may_launch_a_new_kernel_at_once() -> None:
    x = np.arange(4096, dtype=np.float32)
    ready = threading.Barrier(8)
    outs = [np.zeros_like(x) for _ in range(8)]

    def work(out: np.ndarray) -> None:
        ready.wait()
        for _ in range(20):
            scale[64](x, 3.0, out)

    threads = [threading.Thread(target=work, args=(out,)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((out == 3 * x).all() for out in outs)


def test_interpreter_and_compiler_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(-1, 1, 300, dtype=np.float32)
    compiled, interpreted = np.empty_like(x), np.empty_like(x)
    scale[5](x, 0.3, compiled)
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    scale.refresh()
    scale[5](x, 0.3, interpreted)
    assert np.array_equal(compiled, interpreted)


def test_a_debug_build_is_asked_for_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    @tw.kernel
    def check(x):
        assert x[0] > 0, "must be positive"

    x = np.zeros(1, np.float32)
    check[1](x)
    monkeypatch.setenv("TILEWRIGHT_DEBUG", "1")
    check.refresh()
    with pytest.raises(tw.DeviceError, match="must be positive"):
        check[1](x)


def test_stages_are_dumped_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @tw.kernel
    def dumped(x):
        x[0] = 12345

    monkeypatch.setenv("TILEWRIGHT_DUMP", str(tmp_path))
    dumped[1](np.zeros(1, np.float32))
    (folder,) = tmp_path.iterdir()
    names = [path.name[3:] for path in sorted(folder.iterdir())]
    assert folder.name.startswith("dumped-")
    assert {"ir.txt", "ir_optimized.txt", "llvm.txt", "asm.txt", "object.txt"} <= set(names)
    assert "12345" in next(folder.glob("*_ir.txt")).read_text()


# --- specializations ----------------------------------------------------------------------------


def test_a_specialization_is_launched_like_a_kernel() -> None:
    special = scale.specialize("f32[::1], f32, f32[::1]", BLOCK=32)
    x, out = np.ones(100, np.float32), np.zeros(100, np.float32)
    special[4](x, 2.0, out)
    assert (out == 2).all()
    special[4](x, 2.0, x)  # overlapping: the other variant
    assert (x == 2).all()
    assert special.constexprs == {"BLOCK": 32}
    assert special.signature == "f32[::1], f32, f32[::1]"
    assert special.metadata["origin"] in ("compiled", "memory", "disk")


def test_a_specialization_refuses_what_it_is_not_made_for() -> None:
    special = scale.specialize("f32[::1], f32, f32[::1]; narrow, disjoint", BLOCK=32)
    x = np.ones(100, np.float32)
    for call, message in [
        (lambda: special[1](x[::2], 2.0, x), "'x' of scale: expected f32[::1], got f32[:]"),
        (lambda: special[1](x.astype(int), 2.0, x), "expected f32[::1], got i64[::1]"),
        (lambda: special[1](x, 2.0, x), "relies on facts that do not hold for them: disjoint"),
        (lambda: special[1](x, 2.0, x.copy(), BLOCK=64), "is for 32, got 64"),
        (lambda: special(x, 2.0, x), "needs a grid"),
    ]:
        with pytest.raises(tw.LaunchError, match=message.replace("[", r"\[")):
            call()


def test_a_specialization_may_rely_on_alignment() -> None:
    special = scale.specialize("f32[::1]{aligned, even}, f32, f32[::1]", BLOCK=32)
    memory = np.zeros(64 + 8, np.float32)
    offset = -memory.ctypes.data // 4 % 4
    even = memory[offset : offset + 64]
    special[2](even, 2.0, np.empty(64, np.float32))
    with pytest.raises(tw.LaunchError, match="aligned, even"):
        special[2](even[1:], 2.0, np.empty(64, np.float32))


@pytest.mark.parametrize(
    ("signature", "target", "types", "facts"),
    [
        ("f32[:, ::1], f32[:]", "cuda:sm_90a", "f32[:, ::1]{aligned, even}, f32[:]{even}", 2),
        ("f32[:, 24::1], *f32", "cuda:sm_90a", "f32[:, 24::1]{aligned}, *f32", 2),
        ("f32[::1]{even}, f32[::1]", "cuda:sm_90a", "f32[::1]{even}, f32[::1]", 2),
        ("f32[::1], f32[::1];", "cuda:sm_90a", "f32[::1], f32[::1]", 0),
        ("f32[::1], f32[::1]", "cpu:x86-64-v3", "f32[::1], f32[::1]", 2),
        ("f32[::1], f32[::1]", None, "f32[::1], f32[::1]", 2),
    ],
)
def test_without_facts_all_that_matter_to_a_target_hold(
    signature: str, target: str | None, types: str, facts: int
) -> None:
    def first(x, out):
        pass

    kernel = tw.kernel(first)
    for looked in (
        kernel.inspect(signature, target=target), kernel.specialize(signature).inspect(target)
    ):  # fmt: skip
        assert ", ".join(str(one.type) for one in looked.function.parameters) == types
        assert len(looked.function.facts) == facts


def test_an_annotation_may_ask_for_alignment() -> None:
    @tw.kernel
    def copy(x: "f32[::1]{aligned}", strided: "f32[:, :]{even}", out):  # noqa: F722
        out[0] = x[0] + strided[0, 1]

    memory, square, out = np.ones(24, np.float32), np.ones((16, 16), np.float32), np.zeros(1)
    start = -memory.ctypes.data // 4 % 4
    aligned = memory[start : start + 7]
    copy[1](aligned, square, out)
    copy[1](aligned, square.T, out)
    assert out == 2
    assert "%x: f32[::1]{aligned}" in copy.inspect(aligned, square, out).ir
    with pytest.raises(tw.LaunchError, match=r"'x' of copy: expected f32\[::1\]{aligned}"):
        copy[1](aligned[1:], square, out)
    with pytest.raises(tw.LaunchError, match=r"'strided' of copy: expected f32\[:, :\]{even}"):
        copy[1](aligned, square[:15], out)


def test_rows_are_not_aligned_along_themselves() -> None:
    """Without a unit axis all strides are multiples of 16 bytes."""

    @tw.kernel
    def stride(x: "f32[:, :]{aligned}", out):  # noqa: F722
        out[0] = x.strides[1] % 4

    square, out = np.ones((16, 16), np.float32), np.zeros(1)
    with pytest.raises(tw.LaunchError, match=r"expected f32\[:, :\]{aligned}, got f32\[:, ::1\]"):
        stride[1](square, out)
    stride[1](square[:, ::4], out)
    assert out == 0


def test_wrong_signatures_are_refused() -> None:
    for text, constexprs, message in [
        ("f32[:]", {}, "has 1 types, expected 3"),
        ("f32[:], f32, f33[:]", {}, "there is no dtype `f33`"),
        ("f32[:], f32, f32[:]", {"BLOK": 3}, "no constexpr parameter 'BLOK'"),
    ]:
        with pytest.raises(tw.Error, match=message):
            scale.specialize(text, **constexprs)


# --- the text of the IR -------------------------------------------------------------------------


def test_a_function_is_launched_from_its_text() -> None:
    x, out = np.ones(100, np.float32), np.zeros(100, np.float32)
    text = str(tw.parse_ir(ir_text(x, out)))
    parsed = tw.parse_ir(text)
    assert str(parsed) == text
    parsed[2](x, 2.0, out)
    assert (out == 2).all()
    with pytest.raises(tw.LaunchError, match=r"'x' of scale: expected f32\[::1\], got f64\[::1\]"):
        parsed[2](x.astype(float), 2.0, out)
    with pytest.raises(tw.LaunchError, match="do not hold for them: disjoint"):
        parsed[2](out, 2.0, out)
    assert "tilewright_entry" in parsed.inspect().asm


def ir_text(x: np.ndarray, out: np.ndarray) -> str:
    return scale.inspect(x, 2.0, out).ir


def test_a_text_that_is_no_function_is_refused_with_its_place() -> None:
    with pytest.raises(tw.CompileError, match=r">:1:\d+: error: "):
        tw.parse_ir("function f(")


def test_a_text_proves_nothing_about_bounds() -> None:
    text = (
        "function f(%x: f32[::1], %n: index) {\n"
        "  %0: f32 = load %x, [%n], inside=(0)\n"
        "  store %x, [%n], %0\n"
        "  return\n"
        "}\n"
    )
    parsed = tw.parse_ir(text)
    assert str(parsed) == text
    assert "inside" not in parsed.inspect().ir
    memory = np.arange(6, dtype=np.float32)
    parsed[1](memory[:3], 4)
    assert memory.tolist() == [0, 1, 2, 3, 4, 5]


# --- processes ----------------------------------------------------------------------------------

PROGRAM = """
import sys
import numpy as np
import tilewright as tw

@tw.kernel
def scale(x, a, out, BLOCK: tw.constexpr = 64):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i]

x = np.ones(1000, np.float32)
out = np.empty_like(x)
scale[16](x, 2.0, out)
assert (out == 2).all()
special, = scale.specializations
loaded = [name for name in ("tilewright.codegen.cpu", "lark") if name in sys.modules]
print(scale.inspect(x, 2.0, out).artifact.metadata["key"][:8], len(loaded))
"""


def start(program: str, folder: Path) -> subprocess.Popen[str]:
    script = folder / f"program{len(list(folder.iterdir()))}.py"  # none is rewritten as it is read
    script.write_text(textwrap.dedent(program))
    environment = os.environ | {"TILEWRIGHT_CACHE_DIR": str(folder / "cache")}
    return subprocess.Popen(
        [sys.executable, "-P", str(script)], env=environment, stdout=subprocess.PIPE, text=True
    )


def run(program: str, folder: Path) -> str:
    worker = start(program, folder)
    output = worker.communicate(timeout=120)[0].strip()
    assert worker.returncode == 0
    return output


def test_a_warm_start_loads_no_compiler(tmp_path: Path) -> None:
    key, loaded = run(PROGRAM, tmp_path).split()
    assert loaded == "1"  # the compiler
    assert run(PROGRAM, tmp_path).split() == [key, "0"]


def test_a_comment_is_a_hit_and_a_change_is_a_miss(tmp_path: Path) -> None:
    run(PROGRAM, tmp_path)
    commented = PROGRAM.replace("    out[i]", "    # as it was\n\n    out[i]")
    assert run(commented, tmp_path).split()[1] == "0"
    renamed = PROGRAM.replace("i = tw", "j = tw").replace("[i]", "[j]")
    assert run(renamed, tmp_path).split()[1] == "0"
    assert run(PROGRAM.replace("a * x[i]", "a * x[i] * x[i]"), tmp_path).split()[1] == "1"


def test_eight_processes_compile_a_kernel_once(tmp_path: Path) -> None:
    workers = [start(PROGRAM, tmp_path) for _ in range(8)]
    outputs = [worker.communicate(timeout=120)[0].split() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    assert len({key for key, _ in outputs}) == 1
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".twa"]


def test_dtypes_are_learned_when_ml_dtypes_comes_late(tmp_path: Path) -> None:
    program = """
    import numpy as np
    import tilewright as tw

    @tw.kernel
    def scale(x, factor, out):
        i = tw.arange(4)
        out[i] = x[i] * factor

    import ml_dtypes

    x = np.ones(4, ml_dtypes.bfloat16)
    scale[1](x, ml_dtypes.bfloat16(3), x)
    print(x)
    """
    assert run(program, tmp_path) == "[3 3 3 3]"


def test_the_import_is_quick(tmp_path: Path) -> None:
    program = """
    import time, numpy
    start = time.process_time()
    import tilewright
    print(time.process_time() - start)
    import sys
    assert not {"tilewright.codegen.cpu", "llvmlite", "lark"} & set(sys.modules)
    """
    best = min(float(run(program, tmp_path)) for _ in range(3))
    assert best < 0.5  # 60 ms is the budget, of a machine that does nothing else
