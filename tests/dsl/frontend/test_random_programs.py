"""Random programs of nested control flow on tiles and scalars do what plain Python does."""

from __future__ import annotations

import linecache
import random
from typing import Any

import numpy as np
import pytest

from .language import run, run_lanes, tw

NAMES = "abcd"
SHAPE = (4, 5)  # of the lanes: conditions are on (4, 1), on (1, 5) or on both


class Writer:
    """Writes a kernel and two functions that it calls; all loops end, all numbers stay small."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 1
        self.counters = 0
        self.in_kernel = False

    def program(self) -> str:
        """The source."""
        for number in range(2):
            self.lines += ["@tw.func", f"def f{number}(p, q):"]
            self.emit("zero = 0 * p")
            self.emit("a, b, c, d, v, i, n = p, zero + q, zero + 1, zero, p, q, 3")
            for _ in range(self.random.randint(1, 4)):
                self.statement(False, 2)
            self.emit(f"return {self.random.choice(NAMES)} + c")
        self.in_kernel = True
        self.lines.append("def kernel(x, out, n):")
        self.emit("i, j = tw.iota((4, 1), 0), tw.iota((1, 5), 1)")
        self.emit("v, zero = x[i], 0 * (i + j)")
        for name in NAMES:
            self.emit(f"{name} = zero + {self.random.choice(['0', '1', 'v', 'n', 'i', 'j'])}")
        for _ in range(self.random.randint(2, 6)):
            self.statement(False, 3)
        self.emit("out[i, j] = ((a * 3 + b) * 5 + c) * 7 + d")
        return "\n".join(self.lines) + "\n"

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def value(self, depth: int = 0) -> str:
        """An integer expression; products are cut to a small range."""
        choose = self.random.choice
        kind = self.random.random()
        if depth > 2 or kind < 0.4:
            number = str(self.random.randint(-3, 6))
            return choose([*NAMES, *NAMES, "v", "i", self.other(), number])
        left, right = self.value(depth + 1), self.value(depth + 1)
        if kind < 0.65:
            return f"({left} {choose('+-')} {right})"
        if kind < 0.75:
            return f"(({left} % 89) * ({right} % 83) % 97)"
        if kind < 0.82:
            return f"({left} {choose(['//', '%'])} {choose('235')})"
        if kind < 0.9:
            return f"({left} if {self.condition(depth + 1)} else {right})"
        return f"max({left}, {right})"

    def operand(self) -> str:
        choose = self.random.choice
        number = str(self.random.randint(-2, 8))
        names = [*NAMES, "v", "i", self.other(), self.other(), "n"]
        return choose([*names, number, f"{choose(NAMES)} % 4"])

    def other(self) -> str:
        return self.random.choice("nj") if self.in_kernel else "n"

    def condition(self, depth: int = 0) -> str:
        """A condition on a scalar or a tile, as it comes."""
        choose = self.random.choice
        kind = self.random.random()
        if depth > 2 or kind < 0.6:
            return f"{self.operand()} {choose(['<', '<=', '>', '>=', '==', '!='])} {self.operand()}"
        if kind < 0.7:
            return f"({self.operand()} < {self.operand()} <= {self.operand()})"
        if kind < 0.9:
            return (
                f"({self.condition(depth + 1)} {choose(['and', 'or'])} {self.condition(depth + 1)})"
            )
        return f"(not {self.condition(depth + 1)})"

    def block(self, in_loop: bool, budget: int) -> None:
        self.depth += 1
        for _ in range(self.random.randint(1, 3)):
            self.statement(in_loop, budget - 1)
        self.depth -= 1

    def assignment(self) -> None:
        name, other = self.random.choice(NAMES), self.random.choice(NAMES)
        call = f"f{self.random.randint(0, 1)}(zero + {self.value(1)}, {self.operand()})"
        kinds = [
            f"{name} = (zero + {self.value()}) % 997",
            f"{name} = zero - {self.value()} % 97",
            f"{name} {self.random.choice(['+=', '-='])} {self.value(1)} % 97",
            f"{name}, {other} = zero + {self.operand()}, {self.operand()} - zero",
            f"out[i, j] = {self.value(1)}" if self.in_kernel else f"{name} = {other}",
            f"{name} = {call} % 997" if self.in_kernel else f"{name} = {other}",
        ]
        self.emit(self.random.choice(kinds))

    def statement(self, in_loop: bool, budget: int) -> None:
        kind = self.random.random()
        if budget <= 0 or kind < 0.4:
            self.assignment()
        elif kind < 0.65:
            self.emit(f"if {self.condition()}:")
            self.block(in_loop, budget)
            if self.random.random() < 0.5:
                self.emit("else:")
                self.block(in_loop, budget)
        elif kind < 0.85:
            self.loop(budget)
        elif in_loop:
            self.jump(self.random.choice(["break", "continue"]))
        else:
            self.jump("return" if self.in_kernel else f"return {self.value(1)}")

    def loop(self, budget: int) -> None:
        self.counters += 1
        name = f"k{self.counters}"
        ranges = ["range(3)", "range(1, 5, 2)", "tw.static_range(3)", "(1, 3, 4)"]
        if self.in_kernel:  # there n is a scalar
            ranges.append("range(n)")
        if self.random.random() < 0.5:
            self.emit(f"for {name} in {self.random.choice(ranges)}:")
        else:
            self.emit(f"{name} = 0")
            self.emit(f"while {name} < {self.random.choice(['3', 'n', 'v % 5'])}:")
            self.emit(f"    {name} += 1")
        self.block(True, budget)

    def jump(self, statement: str) -> None:
        self.emit(f"if {self.condition()}:")
        self.depth += 1
        if self.random.random() < 0.5:
            self.assignment()
        self.emit(statement)
        self.depth -= 1


@pytest.mark.parametrize("seed", range(40))
def test_a_random_program_does_what_python_does(seed: int) -> None:
    text = Writer(seed).program()
    file = f"<random program {seed}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names: dict[str, Any] = {"tw": tw}
    exec(compile(text, file, "exec"), names)
    x = np.random.default_rng(seed).integers(-4, 9, SHAPE[0]).astype(np.int32)
    n = np.int32(seed % 4 * 2)
    expected, actual = np.zeros(SHAPE, np.int64), np.zeros(SHAPE, np.int32)
    run_lanes(names["kernel"], SHAPE, x, expected, n)
    run(names["kernel"], "i32[:], i32[:, :], i32", x, actual, n)
    assert expected.astype(np.int32).tolist() == actual.tolist(), text
