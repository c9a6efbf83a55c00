"""The same function on the interpreter and compiled, over the same arguments."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tilewright import _native
from tilewright.codegen.passes.contract_fma import contract_fma
from tilewright.dsl import ir
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.types import Array, Dtype
from tilewright.runtime.parsed import ParsedKernel

from .agreement import Agreement, numbers
from .building import ALL_FACTS, NO_FACTS, array, function, load_whole, print_of, store_whole
from .data import NUMPY, Data, stored, strides_of, unit_axis_of

# What has been compared: op, operand dtypes, shape, layout; the ends of the runs say how many.
COMPARED: set[tuple[str, ...]] = set()

Guard = Callable[..., Data]
Grid = tuple[int, int, int]


def run_interpreted(made: ir.Function, grid: Grid, arguments: Sequence[object]) -> None:
    """Run on the interpreter, after the one pass that decides where roundings are."""
    interpret(contract_fma(made), grid, arguments, output=io.StringIO())


def run_compiled(made: ir.Function, grid: Grid, arguments: Sequence[object]) -> None:
    """Compile for this machine and run."""
    ParsedKernel(made, ir.show(made))[grid](*arguments)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Run launches on so many threads."""
    before = _native.get_num_threads()
    _native.set_num_threads(count)
    try:
        yield
    finally:
        _native.set_num_threads(before)


@dataclass(frozen=True)
class Row:
    """One result of a batch: how it is made of the operands, and when it is right."""

    label: str
    make: Callable[..., ir.Value | tuple[ir.Value, ...]]
    agree: Agreement = numbers


@dataclass
class Batch:
    """Rows over the same operands, computed by one function.

    Operand k of program p is `inputs[k][p]`, of dtype `dtypes[k]`. Each row's results go to arrays
    of their own, the layouts of which follow `layouts` in turn.
    """

    dtypes: Sequence[Dtype]
    inputs: Sequence[Data]
    rows: Sequence[Row]
    layouts: Sequence[str] = ("rows",)
    facts: frozenset[str] = ALL_FACTS
    results: list[tuple[str, ir.Value, Agreement]] = field(default_factory=list)

    def check(self, guarded: Guard) -> None:
        """Fail with every row that is wrong, and the function."""
        programs = self.inputs[0].shape[0]
        types = [array(stored(d), x.ndim) for d, x in zip(self.dtypes, self.inputs, strict=True)]
        self._append(ir.Builder(), [ir.Parameter(type_) for type_ in types])
        outputs = [(programs, *value.shape) for _, value, _ in self.results]
        made = self._function(outputs)
        given = [
            guarded(x, strides=strides_of(self._layout(k), x.shape))
            for k, x in enumerate(self.inputs)
        ]
        count = len(given)
        targets = [
            guarded(shape, NUMPY[value.tile.dtype], strides_of(self._layout(count + k), shape))
            for k, (shape, (_, value, _)) in enumerate(zip(outputs, self.results, strict=True))
        ]
        expected = [np.array(target) for target in targets]
        run_interpreted(made, (programs, 1, 1), [*self.inputs, *expected])
        run_compiled(made, (programs, 1, 1), [*given, *targets])
        problems = []
        for k, one in enumerate(zip(self.results, targets, expected, strict=True)):
            (label, value, agree), got, want = one
            layouts = (self._layout(0), self._layout(count + k))
            COMPARED.add((label, str(self.dtypes), str(self.inputs[0].shape[1:]), *layouts))
            differ = agree(np.array(got), want, value.tile.dtype, self.inputs)
            if differ.any():
                problems.append(describe(label, got, want, differ, self.inputs))
        for x, copy in zip(self.inputs, given, strict=True):
            assert np.array(copy).tobytes() == np.ascontiguousarray(x).tobytes(), "input changed"
        assert not problems, print_of(made, problems)

    def _layout(self, k: int) -> str:
        return self.layouts[k % len(self.layouts)]

    def _function(self, outputs: Sequence[tuple[int, ...]]) -> ir.Function:
        shapes = [*(x.shape for x in self.inputs), *outputs]
        dtypes = [*self.dtypes, *(value.tile.dtype for _, value, _ in self.results)]
        names = [f"x{k}" for k in range(len(self.inputs))]
        names += [f"r{k}_{label}" for k, (label, _, _) in enumerate(self.results)]
        types = [
            array(stored(dtype), len(shape), unit_axis_of(self._layout(k), shape))
            for k, (dtype, shape) in enumerate(zip(dtypes, shapes, strict=True))
        ]

        def body(b: ir.Builder, *parameters: ir.Value) -> None:
            for (_, value, _), target in zip(
                self._append(b, parameters[: len(self.inputs)]),
                parameters[len(self.inputs) :],
                strict=True,
            ):
                store_whole(b, target, value)

        return function(zip(names, types, strict=True), body, self.facts)

    def _append(
        self, b: ir.Builder, sources: Sequence[ir.Value]
    ) -> list[tuple[str, ir.Value, Agreement]]:
        tiles = []
        for source, dtype, x in zip(sources, self.dtypes, self.inputs, strict=True):
            tile = load_whole(b, source, x.shape[1:])
            tiles.append(tile if tile.tile.dtype is dtype else b.add(ir.Cast(tile, dtype)))
        self.results = []
        for row in self.rows:
            made = row.make(b, *tiles)
            several = made if isinstance(made, tuple) else (made,)
            for k, value in enumerate(several):
                label = row.label if len(several) == 1 else f"{row.label}_{k}"
                self.results.append((label, value, row.agree))
        return self.results


def describe(label: str, got: Data, want: Data, differ: Any, inputs: Sequence[Data] = ()) -> str:
    """The first elements that are wrong, with the operands where these have the same shape."""
    lines = [f"{label}: {np.count_nonzero(differ)} of {differ.size} elements differ"]
    for place in list(map(tuple, np.argwhere(differ)))[:4]:
        operands = ", ".join(_show(x[place]) for x in inputs if x.shape == got.shape)
        lines.append(
            f"  at {tuple(map(int, place))} of ({operands}): got {_show(got[place])}, "
            f"expected {_show(want[place])}"
        )
    return "\n".join(lines)


def variants(k: int) -> frozenset[str]:
    """Facts for the k-th of a series of cases: all and none in turn."""
    return NO_FACTS if k % 2 else ALL_FACTS


def _show(value: Any) -> str:
    pattern = np.asarray(value).tobytes()[::-1].hex()
    return f"{value!s} (0x{pattern})"


def check_memory(
    made: ir.Function,
    grid: Grid,
    arguments: Sequence[object],
    guarded: Guard,
    layouts: Sequence[str] = ("rows",),
    agree: Agreement = numbers,
    same_strides: bool = False,
) -> None:
    """Run on both over arguments with the same content; fail where an array ends up different.

    Arrays get the layouts in turn, on the interpreter only with `same_strides`. A shape with a
    dtype stands for an output, poisoned before.
    """
    given: list[Any] = []
    for k, argument in enumerate(arguments):
        layout = layouts[k % len(layouts)]
        match argument:
            case np.ndarray():
                given.append(guarded(argument, strides=strides_of(layout, argument.shape)))
            case (tuple() as shape, Dtype() as dtype):
                given.append(guarded(shape, NUMPY[dtype], strides_of(layout, shape)))
            case _:
                given.append(argument)
    expected = [copy_of(one, same_strides) for one in given]
    COMPARED.add((ir.show(made), *layouts))
    run_interpreted(made, grid, expected)
    run_compiled(made, grid, given)
    assert_same(made, given, expected, agree)


def copy_of(argument: Any, same_strides: bool = False) -> Any:
    """An argument with the same content in memory of its own."""
    if not isinstance(argument, np.ndarray):
        return argument
    if not same_strides:
        return np.array(argument)
    reach = [step * (n - 1) for step, n in zip(argument.strides, argument.shape, strict=True)]
    first = -sum(min(step, 0) for step in reach)
    last = first + sum(max(step, 0) for step in reach)
    memory = np.empty(last + argument.itemsize, np.uint8)
    copy = np.ndarray(argument.shape, argument.dtype, memory, first, argument.strides)
    copy[...] = argument
    return copy


def assert_same(
    made: ir.Function, got: Sequence[Any], want: Sequence[Any], agree: Agreement = numbers
) -> None:
    """Fail with every array that differs, and the function."""
    problems = []
    for parameter, a, b in zip(made.parameters, got, want, strict=True):
        match parameter.type:
            case Array(dtype):
                differ = agree(np.array(a), b, dtype, ())
                if differ.any():
                    problems.append(describe(parameter.name or "", a, b, differ))
    assert not problems, print_of(made, problems)
