"""What the conformance tests compare, on the emulator in place of the CPU: a sample of their cases.

The cases are the same in every run, others with `--seed`, twenty times as many with `--thorough`.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from types import ModuleType
from typing import Any, Final

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.ir.ops import ATOMICS, MEMORY_ORDERS
from tilewright.dsl.types import Dtype, bool_, f8e4m3, f16, f32, i8, i32, u16, u64

from ...conformance import (
    agreement,
    execution,
    test_control_flow,
    test_elementwise,
    test_memory,
    test_order,
    test_overlap,
    test_products,
    test_reductions,
    test_shape,
)
from ...conformance.building import array, const, function, load_whole, store_whole
from ...conformance.data import random_values
from ...conformance.random_kernels import Generator, lay_out
from ...emulator.execution import Grid, run_emulated

# Of each test so many cases. What is not here says which of several stores to one element stays, or
# in which order atomics reach it: on a GPU in any.
CASES: Final[dict[str, int]] = {
    "test_arithmetic": 2, "test_math": 2, "test_special_values_in_pairs": 1, "test_casts": 2,
    "test_select_moves_all_bits": 1, "test_the_guess_of_a_square_root": 1,
    "test_blocks_at_the_edges": 3, "test_parts_and_scalars": 2,
    "test_indices_that_are_the_same_in_all_lanes": 1, "test_arrays_without_elements": 1,
    "test_arrays_without_axes_and_of_fixed_extents": 1, "test_scalar_arguments": 1,
    "test_shape_ops": 1, "test_shape_ops_in_chains": 1, "test_positions_and_constants": 1,
    "test_reductions": 3, "test_bodies": 1, "test_bodies_of_floats": 1,
    "test_extremes_of_special_values": 1, "test_sorts": 2, "test_long_sorts": 1, "test_gathers": 1,
    "test_histograms": 1, "test_order_of_what_is_computed": 1, "test_tiles_that_a_loop_carries": 1,
    "test_a_sort_before_a_store_to_its_source": 1, "test_products": 2,
    "test_batches_of_products": 1, "test_products_of_transposed_operands": 1,
    "test_a_product_in_a_loop": 1, "test_control_flow": 3,
    "test_one_memory_under_two_dtypes": 1,
}  # fmt: skip
MODULES: Final = (
    test_elementwise, test_memory, test_shape, test_reductions, test_order, test_products,
    test_control_flow, test_overlap,
)  # fmt: skip
KERNELS: Final = 6
THOROUGH: Final = 20

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@pytest.fixture(autouse=True)
def _emulated(monkeypatch: pytest.MonkeyPatch, program_rng: np.random.Generator) -> None:
    """Compiled code runs on the emulator, its threads in an order of their own in every test."""
    seed = int(program_rng.integers(1, 1 << 30))

    def run(made: ir.Function, grid: Grid, arguments: Sequence[object]) -> None:
        outcome = run_emulated(made, grid, arguments, seed=seed)
        assert outcome.failure is None

    for module in (execution, *MODULES):
        if hasattr(module, "run_compiled"):
            monkeypatch.setattr(module, "run_compiled", run)


def known_tests() -> Iterator[tuple[ModuleType, str]]:
    for module in MODULES:
        for name in vars(module):
            if name in CASES:
                yield module, name


def cases_of(test: Any) -> list[dict[str, Any]]:
    """The parameters of all cases of a test."""
    axes = []
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            several = [names] if isinstance(names, str) and "," not in names else None
            names = several or ([n.strip() for n in names.split(",")] if isinstance(names, str)
                                else list(names))  # fmt: skip
            rows = [(value,) if several else value for value in values]
            axes.append([dict(zip(names, row, strict=True)) for row in rows])
    return [{k: v for part in parts for k, v in part.items()} for parts in product(*axes)]


@pytest.mark.parametrize(
    ("module", "name"), [pytest.param(*one, id=one[1]) for one in known_tests()]
)
def test_conformance(
    module: ModuleType, name: str, program_rng: np.random.Generator, rng: np.random.Generator,
    guarded: Callable[..., Any], request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    test = getattr(module, name)
    cases = cases_of(test)
    count = CASES[name] * (THOROUGH if request.config.getoption("--thorough", False) else 1)
    given = {"rng": rng, "program_rng": program_rng, "guarded": guarded, "request": request}
    wanted = inspect.signature(test).parameters
    for k in program_rng.permutation(len(cases))[:count]:
        print(f"{name}: {cases[k]}", flush=True)
        test(**cases[k], **{key: value for key, value in given.items() if key in wanted})


ATOMIC_CASES: Final = [
    (kind, dtype)
    for k, kind in enumerate(ATOMICS)
    for n, dtype in enumerate((bool_, i8, u16, i32, u64, f16, f32, f8e4m3))
    if (k + n) % 3 == 0 and not (dtype.is_float and kind in ("and", "or", "xor"))
]


@pytest.mark.parametrize(("kind", "dtype"), ATOMIC_CASES, ids=str)
def test_atomics(
    kind: str, dtype: Dtype, rng: np.random.Generator, guarded: Callable[..., Any]
) -> None:
    """Each of some lanes on an element of its own; some lie outside, some are off."""
    order = MEMORY_ORDERS[int(rng.integers(len(MEMORY_ORDERS)))]

    def body(
        b: ir.Builder, x: ir.Value, at: ir.Value, given: ir.Value, on: ir.Value, old: ir.Value
    ) -> None:
        values = [load_whole(b, b.add(ir.SubArray(given, (const(b, n),))), (150,)) for n in (0, 1)]
        where, mask = load_whole(b, at, (150,)), load_whole(b, on, (150,))
        place = (b.add(ir.ProgramId(0)), where)
        used = tuple(values[: 2 if kind == "cas" else 1])
        store_whole(b, old, b.add(ir.Atomic(kind, x, place, used, mask, order)))

    types = [("x", array(dtype, 2)), ("at", array(i32, 2)), ("given", array(dtype, 3))]
    types += [("on", array(bool_, 2)), ("old", array(dtype, 2))]
    x, given = random_values(rng, dtype, (3, 200)), random_values(rng, dtype, (2, 3, 150))
    at = np.stack([rng.permutation(220)[:150] for _ in range(3)]).astype(np.int32) - 10
    given[0, :, ::2] = x[np.arange(3)[:, None], at.clip(0, 199)[:, ::2]]
    arguments = [x, at, given, rng.random((3, 150)) < 0.8, ((3, 150), dtype)]
    agree = agreement.order if kind in ("max", "min") else agreement.numbers
    execution.check_memory(function(types, body), (3, 1, 1), arguments, guarded, agree=agree)


def test_random_kernels(program_rng: np.random.Generator, request: pytest.FixtureRequest) -> None:
    seed = int(program_rng.integers(2**32))
    count = KERNELS * (THOROUGH if request.config.getoption("--thorough", False) else 1)
    for k in range(count):
        print(f"kernel ({seed}, {k})", flush=True)
        kernel = Generator((seed, k)).make()
        got, want = lay_out(kernel), lay_out(kernel)
        execution.run_interpreted(kernel.function, kernel.grid, want)
        execution.run_compiled(kernel.function, kernel.grid, got)
        execution.assert_same(kernel.function, got, want)


def test_every_test_is_known() -> None:
    """A test that is renamed is not left out in silence."""
    assert {name for _, name in known_tests()} == set(CASES)
