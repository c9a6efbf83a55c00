"""Kernels from the text of the IR: read, launched, and shown again as they were."""

from __future__ import annotations

from typing import NoReturn

from tilewright import _native
from tilewright.codegen.abi import is_debug
from tilewright.codegen.analysis.memory import written
from tilewright.codegen.inspect import Inspection
from tilewright.codegen.target import parse_target
from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.ir.parse import parse_function

from .arguments import ALIGNED, EVEN, Facts, parameter_for, signature_of
from .device import HOST, device, host
from .errors import LaunchError, users_frames_only
from .kernel import LAUNCH_FACTS
from .launch import executable_for, inspection_of, prepare


class ParsedKernel(_native.LaunchTable):
    """A function of the IR as a kernel: `parsed[grid](*arguments)` launches it.

    Its types and facts are those of the text; a call for which they do not hold is refused. As a
    string it is the text, comments included.
    """

    def __init__(self, function: ir.Function, text: str) -> None:
        self.function = function
        self._text = text
        self.__name__ = function.name
        self._parameters = tuple(
            parameter_for(one.name or f"argument_{k}", one.type)
            for k, one in enumerate(function.parameters)
        )
        # Read in any case, since the text may ask for them.
        self.configure([one.row for one in self._parameters], device_facts=ALIGNED | EVEN)

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.name

    @users_frames_only
    def inspect(self, target: str | None = None) -> Inspection:
        """Every stage of its compile; see `Kernel.inspect`."""
        chosen = host().compile_target if target is None else parse_target(target)
        return inspection_of(self.function, str(self), chosen, host())

    @users_frames_only
    def describe(self, facts: Facts, narrow: bool) -> tuple[bool, ...]:
        """Which parameters a call writes. Called by the extension for a new kind of call."""
        prepare()
        signature_of(self.name, self._parameters, facts, narrow)
        return written(self.function)

    @users_frames_only
    def build(
        self,
        facts: Facts,
        narrow: bool,
        disjoint: bool,
        where: str = HOST,
        num_warps: int | None = None,
        num_stages: int | None = None,
    ) -> _native.Launchable:
        """What a call runs on a device. Called by the extension for a new variant of a kind of
        call.
        """
        holds = {name for name, held in zip(LAUNCH_FACTS, (narrow, disjoint), strict=True) if held}
        missing = self.function.facts - holds
        if missing:
            raise LaunchError(
                f"arguments of {self.name}: the function relies on facts that do not hold for "
                f"them: {', '.join(sorted(missing))}"
            )
        positions = tuple(range(len(self._parameters)))
        return executable_for(self.function, device(where), positions, num_warps, num_stages)

    @users_frames_only
    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise LaunchError(
            f"{self.name} is a kernel and needs a grid: it is launched as k[grid](...)"
        )

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<tilewright kernel {self.name}, from the text of its IR>"


class _Unproven(ir.Rewriter):
    """Forgets which accesses lie inside: the compiler proves it anew, a text proves nothing."""

    def rewrite(self, op: ir.Op) -> ir.Op:
        match op:
            case ir.Load(inside=()) | ir.Store(inside=()) | ir.Atomic(inside=()):
                return op
            case ir.Load(source, position, mask, fill, axes):
                return ir.Load(source, position, mask, fill, axes)
            case ir.Store(source, position, value, mask, axes):
                return ir.Store(source, position, value, mask, axes)
            case ir.Atomic(kind, source, position, values, mask, order, axes):
                return ir.Atomic(kind, source, position, values, mask, order, axes)
        return op


@users_frames_only
def parse_ir(text: str) -> ParsedKernel:
    """Read a function in the text form of the IR; raises `CompileError` with line and column."""
    if not isinstance(text, str):
        raise CompileError(f"the text of a function is a string, found {type(text).__name__}")
    function = _Unproven().function(parse_function(text))
    for op in ir.walk(function.body):
        if isinstance(op, ir.Allocation) and not is_debug(function):
            raise CompileError(
                "`allocation` is known to functions in debug mode only", None, op.loc
            )
    return ParsedKernel(function, text)
