"""The same again: on every run, on any number of threads, and in every process that compiles."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.options import Options
from tilewright.codegen.target import MACHINES, parse_target
from tilewright.dsl import ir
from tilewright.dsl.ir.parse import parse_function
from tilewright.runtime.parsed import parse_ir

from .control_flow import BODIES, text_of
from .execution import run_interpreted, threads
from .random_kernels import Generator

PROGRAMS = (5, 4, 3)

SUMS = """function sums(%x: f32[:, ::1], %y: f32[:, ::1], %z: f64[:]) {
  %p0: index = program_id 0
  %p1: index = program_id 1
  %p2: index = program_id 2
  %n0: index = num_programs 0
  %n1: index = num_programs 1
  %a: index = binary.mul %p2, %n1
  %b: index = binary.add %a, %p1
  %c: index = binary.mul %b, %n0
  %p: index = binary.add %c, %p0
  %at: i32<1000> = iota 0
  %v: f32<1000> = load %x, [%p, %at]
  %s: f32 = reduce.sum %v, (0)
  %r: f32<1000> = scan.sum %v, 0
  %e: f32<1000> = unary.exp %v
  %q: f32 = reduce.prod %e, (0)
  %w: f64<1000> = cast %r, f64
  %t: f64 = reduce.sum %w, (0)
  %ss: f32<1000> = broadcast %s, (1000)
  %qq: f32<1000> = broadcast %q, (1000)
  %u: f32<1000> = binary.add %r, %ss
  %o: f32<1000> = binary.mul %u, %qq
  store %y, [%p, %at], %o
  store %z, [%p], %t
  return
}
"""


def test_runs_and_threads_give_the_same_bits(rng: np.random.Generator) -> None:
    kernel = parse_ir(SUMS)
    count = int(np.prod(PROGRAMS))
    x = (rng.standard_normal((count, 1000)) * 0.1).astype(np.float32)
    seen = set()
    for workers in (1, 2, 2, 1, 2):
        with threads(workers):
            y, z = np.zeros_like(x), np.zeros(count)
            kernel[PROGRAMS](x, y, z)
            seen.add(y.tobytes() + z.tobytes())
    assert len(seen) == 1


def test_every_program_of_a_grid_runs_once() -> None:
    text = """function count(%y: i32[:, :, :], %z: i64[:, :, :, :]) {
  %p0: index = program_id 0
  %p1: index = program_id 1
  %p2: index = program_id 2
  %old: i32 = load %y, [%p0, %p1, %p2]
  %one: i32 = const 1
  %new: i32 = binary.add %old, %one
  store %y, [%p0, %p1, %p2], %new
"""
    for k in range(3):
        text += f"""  %k{k}: i32 = const {k}
  %n{k}: index = num_programs {k}
  %m{k}: i64 = cast %n{k}, i64
  store %z, [%p0, %p1, %p2, %k{k}], %m{k}
"""
    kernel = parse_ir(text + "  return\n}\n")
    for grid in (PROGRAMS, (1, 1, 1), (97, 1, 2), (1, 64, 1), (3, 0, 2)):
        for workers in (1, 2):
            y, z = np.zeros(grid, np.int32), np.zeros((*grid, 3), np.int64)
            with threads(workers):
                kernel[grid](y, z)
            assert (y == 1).all() and (z == np.array(grid)).all()


def test_the_interpreter_repeats_itself_too(rng: np.random.Generator) -> None:
    function = parse_function(SUMS)
    x = (rng.standard_normal((60, 1000)) * 0.1).astype(np.float32)
    seen = set()
    for _ in range(2):
        y, z = np.zeros_like(x), np.zeros(60)
        run_interpreted(function, PROGRAMS, [x, y, z])
        seen.add(y.tobytes() + z.tobytes())
    assert len(seen) == 1


# --- compiling ---

SEPARATOR = "\n;;\n"

PROGRAM = """
import hashlib, sys
from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target
from tilewright.dsl.ir.parse import parse_function

target = parse_target(sys.argv[1])
for text in sys.stdin.read().split(sys.argv[2]):
    found = {}
    observe = lambda stage, product, seconds: found.update({stage: product})
    artifact = compile_function(parse_function(text), target, Options(), observe)
    parts = (str(found["ir_optimized"]), str(found["llvm"]), artifact.code.hex())
    print(*(hashlib.sha256(part.encode()).hexdigest() for part in parts))
"""


def sample() -> list[str]:
    """Kernels of every kind; the random ones are always the same."""
    kernels = [SUMS, *(text_of(name) for name in BODIES)]
    return kernels + [str(Generator((7, k)).make().function) for k in range(12)]


def fingerprints(texts: list[str], target: str) -> list[str]:
    """Hashes of the optimised function, the LLVM text and the object of each."""
    lines = []
    for text in texts:
        found: dict[str, object] = {}

        def observe(stage: str, product: object, seconds: float, into: dict = found) -> None:
            into[stage] = product

        artifact = compile_function(parse_function(text), parse_target(target), Options(), observe)
        parts = (str(found["ir_optimized"]), str(found["llvm"]), artifact.code.hex())
        lines.append(" ".join(hashlib.sha256(part.encode()).hexdigest() for part in parts))
    return lines


def test_compiling_is_deterministic() -> None:
    texts = sample()
    target = "cpu:x86-64-v3"
    here = fingerprints(texts, target)
    assert fingerprints(texts, target) == here
    for seed in ("1", "2"):
        finished = subprocess.run(
            [sys.executable, "-P", "-c", PROGRAM, target, SEPARATOR],
            env=os.environ | {"PYTHONHASHSEED": seed},
            input=SEPARATOR.join(texts),
            capture_output=True,
            text=True,
        )
        assert finished.returncode == 0, finished.stderr
        there = finished.stdout.splitlines()
        different = [text for text, a, b in zip(texts, here, there, strict=True) if a != b]
        assert not different, different[0]


@pytest.mark.parametrize("target", MACHINES)
def test_every_target_compiles(target: str) -> None:
    for text in sample():
        artifact = compile_function(parse_function(text), parse_target(f"cpu:{target}"), Options())
        assert artifact.target == f"cpu:{target}" and artifact.code


def test_the_text_of_a_function_is_the_function() -> None:
    for text in sample():
        function = parse_function(text)
        assert str(parse_function(str(function))) == str(function)
        ir.verify(function)
