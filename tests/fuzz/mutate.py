"""Damages one rule of the compiler or the interpreter at a time and counts how often that is seen.

`python -m tests.fuzz.mutate --count 40` draws mutations of the files in `MUTANTS`, applies each to
a copy of the package, hunts there for some seconds and then runs a quick selection of the suites.
What survives either means the same as before, or shows a gap in the tests.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tilewright.codegen
import tilewright.dsl
import tilewright.runtime

from .parties import EMULATED
from .run import START, Child, Hunt

TESTS: Final = Path(__file__).parents[1]
PACKAGES: Final = {
    "codegen": Path(tilewright.codegen.__path__[0]),
    "dsl": Path(tilewright.dsl.__path__[0]),
    "runtime": Path(tilewright.runtime.__path__[0]),
}
MUTANTS: Final = (
    "codegen/cpu/emit_elementwise.py", "codegen/cpu/emit_bounds.py", "codegen/cpu/emit_folds.py",
    "codegen/cpu/emit_access.py", "codegen/cpu/emit_regions.py", "codegen/cpu/emit_values.py",
    "codegen/cpu/emit_arrays.py", "codegen/cpu/emit_guards.py", "codegen/cpu/emit_pointers.py",
    "codegen/cpu/emit_atomics.py", "codegen/cpu/emit_order.py", "codegen/cpu/vectors.py",
    "codegen/cuda/spelling.py", "codegen/cuda/elements.py", "codegen/cuda/emit_loop.py",
    "codegen/cuda/emit_folds.py", "codegen/cuda/emit_access.py", "codegen/cuda/emit_regions.py",
    "codegen/cuda/emit_order.py", "codegen/cuda/barriers.py",
    "codegen/planning/hazards.py", "codegen/passes/mask_lanes.py", "codegen/passes/mask_builder.py",
    "codegen/passes/simplify.py", "codegen/passes/fold.py", "codegen/passes/eliminate_common.py",
    "codegen/passes/eliminate_dead.py", "codegen/passes/hoist_invariants.py",
    "codegen/passes/prove_bounds.py", "codegen/passes/expand_casts.py",
    "codegen/passes/widen_floats.py", "codegen/passes/contract_fma.py",
    "dsl/interpreter/arithmetic.py", "dsl/interpreter/memory.py", "dsl/interpreter/run.py",
)  # fmt: skip
# None that compares generated text: there each change is seen, one of meaning or not.
SUITES: Final = (
    "codegen/passes", "codegen/analysis", "codegen/cpu/test_hazards.py",
    "codegen/cpu/test_proven_bounds.py", "codegen/cpu/test_comparisons.py",
    "language/test_lane_control_flow.py", "language/test_memory.py", "language/test_reductions.py",
    "language/test_promotion.py", "language/test_atomics.py", "language/test_order.py",
    "language/test_casts.py", "language/test_debugging.py", "language/test_found_by_fuzzing.py",
    "conformance/test_overlap.py", "codegen/cuda/test_emulated.py",
    "codegen/cuda/test_found_by_fuzzing.py", "codegen/cuda/test_prelude.py",
    "dsl/interpreter/test_arithmetic.py", "dsl/interpreter/test_memory.py",
)  # fmt: skip
# What stands for what, in Python and in the LLVM text inside its strings.
OPERATORS: Final = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in", ast.Add: "-",
    ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*", ast.Mod: "+",
}  # fmt: skip
WORDS: Final = {
    "ult": "ule", "uge": "ugt", "slt": "sle", "sgt": "sge", "eq": "ne", "ne": "eq", "add": "sub",
    "sub": "add", "sext": "zext", "zext": "sext", "and": "or", "or": "and", "ogt": "oge",
    "olt": "ole", "smin": "smax", "smax": "smin", "lshr": "ashr", "ashr": "lshr", "true": "false",
    "min": "max", "max": "min", "mul": "add", "lt": "le", "ge": "gt", "uno": "ord",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change of one file: the text at an offset, or else where it first occurs."""

    path: str
    old: str
    new: str
    offset: int | None = None

    def place(self) -> int:
        """Where the text stands; -1 if nowhere."""
        text = source_of(self.path)
        if self.offset is None:
            return text.find(self.old)
        return self.offset if text.startswith(self.old, self.offset) else -1

    def is_applicable(self) -> bool:
        """Whether the file has what is to be changed."""
        return self.place() >= 0

    def __str__(self) -> str:
        text = source_of(self.path)
        number = text.count("\n", 0, self.place()) + 1
        line = text.split("\n")[number - 1].strip()
        return f"{self.path}:{number}: {self.old!r} -> {self.new!r} in: {line}"

    def nearest(self, suites: tuple[str, ...]) -> list[str]:
        """The suites that may see it, those of its own layer first, as they see it soonest."""
        first = self.path.partition("/")[0]
        unable: tuple[str, ...] = ()
        if first == "codegen":
            unable = ("dsl/",)
        if self.path.startswith("codegen/cpu/"):
            # These emit nothing, or for GPUs.
            unable = ("dsl/", "codegen/passes", "codegen/analysis", "codegen/cuda")
        if self.gpu is not None:
            return [name for name in suites if name.startswith("codegen/cuda")]
        able = [name for name in suites if not name.startswith(unable)] if unable else [*suites]
        return sorted(able, key=lambda name: not name.startswith(first))

    @property
    def gpu(self) -> str | None:
        """Where to run besides the CPU: what is for GPUs is seen on the emulator alone."""
        return EMULATED if self.path.startswith("codegen/cuda/") else None

    def is_noticed(
        self, seconds: float, suites: tuple[str, ...] = SUITES, seed: int = 1
    ) -> str | None:
        """By what the damage is seen: `import`, `fuzzing` or the suites; None if by nothing."""
        with tempfile.TemporaryDirectory(prefix="tilewright-mutant-") as folder:
            copy_package(Path(folder))
            target = Path(folder, "tilewright", self.path)
            text, place = target.read_text(), self.place()
            target.write_text(text[:place] + self.new + text[place + len(self.old) :])
            if _run(folder, "import tilewright", 60.0):
                return "import"
            hunt = Hunt(seed, Child(folder, self.gpu))
            hunt.run(seconds, most_failures=1)
            hunt.child.close()
            if hunt.failures or hunt.counts["refused"] > hunt.counts["same"]:
                return "fuzzing"
            names = [str(TESTS / name) for name in self.nearest(suites)]
            options = ["-xq", "-p", "no:cacheprovider", "--seed", str(seed)]  # the same for all
            command = f"import pytest; sys.exit(pytest.main([*{options}, *{names}]))"
            return "suites" if names and _run(folder, command, 900.0) else None


def source_of(path: str) -> str:
    """The text of a file of the package."""
    first, _, rest = path.partition("/")
    return (PACKAGES[first] / rest).read_text()


def copy_package(folder: Path) -> None:
    """The package as the import system sees it, in a folder."""
    target = folder / "tilewright"
    here = Path(str(tilewright.__file__)).parent
    target.mkdir()
    for file in here.iterdir():
        if file.is_file():
            shutil.copy(file, target)
    from_build = Path(str(tilewright._native.__file__))
    shutil.copy(from_build, target)
    for name, source in PACKAGES.items():
        shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))


def _run(folder: str, code: str, longest: float) -> bool:
    """Run code on the copy; whether it fails."""
    environment = os.environ | {"TILEWRIGHT_CACHE_SIZE": "0", "PYTHONSAFEPATH": "1"}
    code = START.format(paths=[folder]) + code
    while True:
        try:
            done = subprocess.run(
                [sys.executable, "-c", code],
                cwd=TESTS.parent,
                env=environment,
                capture_output=True,
                timeout=longest,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return True
        if done.returncode != -signal.SIGTERM:  # ended from outside: that says nothing
            return done.returncode != 0


def mutants_of(path: str) -> list[Mutant]:
    """All changes of a file."""
    text = source_of(path)
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def segment(node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            starts[node.lineno - 1] + node.col_offset,
            starts[node.end_lineno - 1] + node.end_col_offset,
        )

    found = []
    tree = ast.parse(text)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and id(node) not in told:
            start, end = segment(node)
            for new in _changes(node, text[start:end]):
                found.append(Mutant(path, text[start:end], new, start))
        elif isinstance(node, ast.match_case) and not _is_last_resort(node):
            assert isinstance(node.pattern, ast.AST)
            place = text.index(":", _end(node, starts))
            found.append(
                Mutant(path, ":", " if False:" if node.guard is None else " and False:", place)
            )
    return [one for one in found if one.is_applicable()]


def _end(node: ast.match_case, starts: list[int]) -> int:
    last = node.guard or node.pattern
    return starts[int(last.end_lineno or 1) - 1] + int(last.end_col_offset or 0)


def _is_last_resort(node: ast.match_case) -> bool:
    return isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None


def _changes(node: ast.expr, text: str) -> Iterator[str]:
    """What may stand in the place of an expression."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
            yield f"({ast.unparse(left)} {OPERATORS[type(op)]} {ast.unparse(right)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield f"({ast.unparse(left)} {OPERATORS[type(op)]} {ast.unparse(right)})"
        case ast.BoolOp(op=op, values=values):
            word = " or " if isinstance(op, ast.And) else " and "
            yield "(" + word.join(f"({ast.unparse(one)})" for one in values) + ")"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"({ast.unparse(operand)})"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield f"({ast.unparse(orelse)} if {ast.unparse(test)} else {ast.unparse(body)})"
        case ast.Constant(value=bool(value)):
            yield str(not value)
        case ast.Constant(value=int(value)):
            yield str(value + 1)
        case ast.Constant(value=str(value)) if value in WORDS and text[:1] in "\"'":
            yield repr(WORDS[value])
        case ast.JoinedStr():
            for word, other in WORDS.items():
                for before in (" ", '"'):
                    if f"{before}{word} " in text:
                        yield text.replace(f"{before}{word} ", f"{before}{other} ", 1)


def main() -> int:
    """Draw mutations and report."""
    from_shell = argparse.ArgumentParser(
        prog="mutate", description="damage rules, count what is seen"
    )
    from_shell.add_argument("--count", type=int, default=40)
    from_shell.add_argument("--seconds", type=float, default=10.0, help="of fuzzing for each")
    from_shell.add_argument("--seed", type=int, default=0)
    from_shell.add_argument("--no-suites", action="store_true")
    chosen = from_shell.parse_args()
    suites = () if chosen.no_suites else SUITES
    nothing = Mutant(MUTANTS[0], "", "", 0).is_noticed(chosen.seconds, suites)
    if nothing is not None:
        print(f"without any damage {nothing} fails: there is nothing to learn from the rest")
        return 1
    draw = random.Random(chosen.seed)
    every = {path: mutants_of(path) for path in MUTANTS}
    noticed: list[str] = []
    survivors: list[Mutant] = []
    for _ in range(chosen.count):
        # Each file as often as any other: rules, not lines, are what is drawn.
        mutant = draw.choice(every[draw.choice(MUTANTS)])
        how = mutant.is_noticed(chosen.seconds, suites)
        print(f"{how or 'SURVIVED':9} {mutant}", flush=True)
        if how is None:
            survivors.append(mutant)
        else:
            noticed.append(how)
    counts = {how: noticed.count(how) for how in sorted(set(noticed))}
    print(f"--seed {chosen.seed}: {len(noticed)} of {chosen.count} noticed {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
