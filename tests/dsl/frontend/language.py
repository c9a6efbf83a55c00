"""The language as `tw` without the runtime: lowering, interpreting, and a scalar reference."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from tilewright.dsl import builtins, ir, types
from tilewright.dsl.definition import Captures, Definition, Func, constexpr, func
from tilewright.dsl.frontend import lower
from tilewright.dsl.interpreter.run import interpret
from tilewright.dsl.signature import Constant, Signature, parse_signature


def make_language() -> ModuleType:
    """A module with the names that kernels use; the decorators make plain definitions."""
    module = ModuleType("tw")
    for name, builtin in builtins.PUBLIC.items():
        setattr(module, name, builtin)
    for dtype in types.DTYPES:
        setattr(module, dtype.name, dtype)
    module.constexpr = constexpr  # type: ignore[attr-defined]
    module.func = func  # type: ignore[attr-defined]
    module.kernel = Definition  # type: ignore[attr-defined]
    return module


tw: Any = make_language()


def lowered(
    kernel: Callable[..., Any] | Definition,
    signature: str = "",
    captures: Captures | None = None,
    **constants: object,
) -> ir.Function:
    """The function of a kernel for a signature text and its constexprs."""
    definition = kernel if isinstance(kernel, Definition) else Definition(kernel)
    values = [
        p.name for p in definition.parameters if p.kind == "value" and p.name not in constants
    ]
    kinds, facts = parse_signature(signature, values)
    parameters = {
        p.name: kinds[p.name] if p.name in values else Constant(constants.get(p.name, p.default))
        for p in definition.parameters
    }
    return lower(definition, Signature(parameters, facts or frozenset()), captures)


def run(
    kernel: Callable[..., Any] | Definition,
    signature: str,
    *arguments: Any,
    grid: tuple[int, ...] = (1,),
    **constants: object,
) -> str:
    """Interpret a kernel on NumPy arguments; gives what it printed."""
    function = lowered(kernel, signature, **constants)
    output = io.StringIO()
    first, second, third = (*grid, 1, 1)[:3]
    interpret(function, (first, second, third), arguments, output=output)
    return output.getvalue()


class Memory:
    """An array as a lane sees it: outside it reads 0 and writes nothing."""

    def __init__(self, data: np.ndarray[Any, Any]) -> None:
        self.data = data
        self.shape = data.shape

    def inside(self, index: Any) -> bool:
        """Whether an index lies in the array."""
        places = index if isinstance(index, tuple) else (index,)
        return all(0 <= i < n for i, n in zip(places, self.shape, strict=True))

    def __getitem__(self, index: Any) -> Any:
        return self.data[index].item() if self.inside(index) else 0

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.inside(index):
            self.data[index] = value


def run_lanes(
    kernel: FunctionType, lanes: int | tuple[int, ...], *arguments: Any, **constants: Any
) -> None:
    """Run a kernel as plain Python, once for each lane: what per-lane control flow has to mean.

    `tw.arange(n)` is the number of the lane, `tw.iota(shape, axis)` its place along an axis of
    `lanes`, `tw.program_id` is 0; tiles are numbers.
    """
    given = [Memory(a) if isinstance(a, np.ndarray) else a.item() for a in arguments]
    shape = lanes if isinstance(lanes, tuple) else (lanes,)
    for lane, place in enumerate(np.ndindex(shape)):
        scalar = SimpleNamespace(
            arange=lambda *_, lane=lane: lane,
            iota=lambda shape, axis, place=place: place[axis],
            program_id=lambda axis: 0,
            zeros=lambda shape, dtype=None: 0,
            full=lambda shape, value, dtype=None: value,
            where=lambda c, a, b: a if c else b,
            static_range=range,
            range=range,
            i32=None,
            func=lambda f: f,
        )
        names = kernel.__globals__ | {"tw": scalar}
        for name, value in kernel.__globals__.items():
            if isinstance(value, Func):
                names[name] = _with_globals(value.definition.function, names)
        _with_globals(kernel, names)(*given, **constants)


def _with_globals(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    """The same Python function with other globals."""
    return FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
