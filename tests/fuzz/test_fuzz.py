"""Random programs do the same everywhere, and the fuzzer itself would see it if they did not.

`--fuzz-seconds` says for how long, of which a tenth is added for code for GPUs on the emulator; the
programs are the same in every run, others with `--seed`.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tilewright.codegen.cuda import spelling

from .check import Outcome, Trial, check
from .generate import Generator
from .mutate import MUTANTS, Mutant, mutants_of
from .parties import CPU, EMULATED, INTERPRETER, lanes_in_order
from .program import Argument, Memory, Program
from .run import Child, Hunt, report_of
from .shrink import shrink

LEAST = 5  # programs that must have run, so that a fuzzer that generates nothing is noticed
SOURCE = """import tilewright as tw


def kernel(n, x, out):
    v = x[0:8]
    w = v + n
    if n > 1:
        w = w * 2
    v = -v
    out[0:8] = {result}
"""


needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@pytest.fixture
def child(request: pytest.FixtureRequest) -> Iterator[Child]:
    """A process to run programs in; with a parameter on that GPU, too."""
    made = Child(gpu=getattr(request, "param", None))
    yield made
    made.close()


@pytest.fixture
def make() -> Callable[[str], Program]:
    """A program with a given result."""
    x = Argument("x", "i32", (8,), (1,), "small")
    out = Argument("out", "i32", (8,), (-1,), "poison")
    whole = Generator((0, 0)).make().arguments[0]

    def made(result: str) -> Program:
        return Program(SOURCE.format(result=result), (whole, x, out), (1,))

    return made


@pytest.mark.parametrize(
    ("child", "share"),
    [
        pytest.param(None, 1.0, id=CPU),
        pytest.param(EMULATED, 0.1, id=EMULATED, marks=needs_compiler),
        pytest.param("cuda:0", 1.0, id="cuda", marks=pytest.mark.cuda),
    ],
    indirect=["child"],
)
def test_random_programs(
    request: pytest.FixtureRequest, program_rng: np.random.Generator, child: Child, share: float
) -> None:
    seconds = share * request.config.getoption("--fuzz-seconds")
    hunt = Hunt(int(program_rng.integers(2**32)), child)
    hunt.run(seconds, least=2 * LEAST if share == 1.0 else 2)
    print(hunt.report())
    problems = [
        f"program ({hunt.seed}, {number})\n{report_of(program, outcome, child)}"
        for number, program, outcome in hunt.failures
    ]
    assert not problems, "\n\n".join(problems)
    assert hunt.counts["same"] >= (LEAST if share == 1.0 else 1)
    assert hunt.counts["refused"] <= hunt.counts["same"] / 4 + (share < 1.0)


def test_programs_are_well_formed_and_the_same_again() -> None:
    for number in range(40):
        program = Generator((1, number)).make()
        ast.parse(program.source)
        assert program == Generator((1, number)).make()
        assert program == Program.load(program.dump())
        assert len(Memory(program).values) == len(program.arguments)


def test_an_agreement_is_seen(child: Child, make: Callable[[str], Program]) -> None:
    assert child.check(make("w")).kind == "same"


def test_an_ill_typed_program_is_refused(child: Child, make: Callable[[str], Program]) -> None:
    assert child.check(make("w[:, None]")).kind == "refused"


def test_a_race_is_no_failure(child: Child, make: Callable[[str], Program]) -> None:
    race = replace(make("w + tw.program_id(0)"), grid=(400,))
    assert child.check(race).kind in ("same", "refused")


@needs_compiler
def test_what_is_wrong_on_a_gpu_alone_is_seen(
    make: Callable[[str], Program], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = make("w")
    assert check(given, tmp_path, EMULATED) == Outcome("same")
    collision = replace(given, source=given.source.replace("out[0:8]", "out[tw.arange(8) // 2]"))
    assert check(collision, tmp_path, EMULATED).detail.endswith("depends on the order of lanes")
    monkeypatch.setitem(spelling._UNARY, "neg", "magnitude")
    found = check(make("v"), tmp_path, EMULATED)
    assert (found.kind, found.party, found.title) == ("differs", EMULATED, "differs on emulated")


@pytest.mark.parametrize("seed", [1, 2])
def test_lanes_in_another_order(make: Callable[[str], Program], tmp_path: Path, seed: int) -> None:
    """What lanes write at places of their own, and sums of whole numbers, come out the same."""
    given = make("w")
    for target, is_same in (("7 - tw.arange(8)", True), ("tw.arange(8) // 2", False)):
        source = given.source.replace("out[0:8] = ", f"out[{target}] = x[0:8]  # ")
        source += "    tw.atomic_add(out, tw.arange(8) // 4, 7)\n"
        trial = Trial(replace(given, source=source, data_seed=seed), tmp_path)
        first, _ = next(trial.run(INTERPRETER))
        with lanes_in_order(seed):
            second, _ = next(trial.run(INTERPRETER))
        trial.close()
        assert (first.arrays["out"].tolist() == second.arrays["out"].tolist()) == is_same


def test_a_crash_costs_one_program(child: Child, make: Callable[[str], Program]) -> None:
    crash = make("w")
    crash = replace(crash, source="import os\nos.abort()\n" + crash.source)
    assert child.check(crash).kind == "died"
    assert child.check(make("w")).kind == "same"


def test_an_endless_program_is_stopped(child: Child, make: Callable[[str], Program]) -> None:
    endless = make("w")
    endless = replace(endless, source="while True:\n    pass\n" + endless.source)
    assert child.check(endless, longest=2.0).kind == "hung"


def test_failures_become_small(make: Callable[[str], Program]) -> None:
    """With a check that calls every program with a product a failure."""

    def check(program: Program) -> Outcome:
        try:
            compile(program.source, "", "exec")
        except SyntaxError:
            return Outcome("refused")
        return Outcome("differs" if "* 2" in program.source else "same")

    small, outcome = shrink(make("w * 3 + v"), Outcome("differs"), check, longest=30.0)
    assert outcome.kind == "differs"
    assert small.source.count("\n") <= 5
    assert len(small.arguments) <= 2


def test_damage_is_noticed() -> None:
    """Mutations that no suite can miss, of each kind of file."""
    known = [
        Mutant("codegen/cpu/emit_elementwise.py", "{INTEGER_OPERATORS[kind]} {a}", "xor {a}"),
        Mutant("dsl/interpreter/arithmetic.py", "np.add", "np.subtract"),
    ]
    assert all(len(mutants_of(path)) > 3 for path in MUTANTS)
    for mutant in known:
        assert mutant.is_applicable()
        assert mutant.is_noticed(seconds=60.0, suites=()) == "fuzzing"
