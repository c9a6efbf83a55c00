"""The decorator, and the object one launches, inspects and specialises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from typing import Final, NoReturn, overload

import numpy as np

from tilewright import _native
from tilewright.codegen.analysis.memory import written
from tilewright.codegen.analysis.work import NOTHING_KNOWN, Known
from tilewright.codegen.inspect import Inspection
from tilewright.codegen.target import parse_target
from tilewright.dsl import ir
from tilewright.dsl.definition import Captures, Definition
from tilewright.dsl.errors import CompileError, did_you_mean
from tilewright.dsl.frontend.lower import lower
from tilewright.dsl.records import replace
from tilewright.dsl.signature import Argument, Constant, Signature, leaves, parse_signature
from tilewright.dsl.types import Array

from .arguments import (
    ALIGNED,
    CONSTEXPR,
    EVEN,
    Facts,
    Parameter,
    array_facts_of,
    identity,
    identity_of,
    matches,
    parameter_for,
    positions_of,
    read_parameters,
    signature_of,
    with_array_facts,
    with_classes,
)
from .device import HOST, Device, device, host
from .errors import LaunchError, users_frames_only
from .launch import executable_for, inspection_of, options_of_launch, prepare, with_facts
from .limits import machine_limits
from .settings import settings

# What can be known about a launch. On a GPU alignment and even extents of arrays are known, too; on
# a CPU they bring nothing.
LAUNCH_FACTS: Final = ("narrow", "disjoint")

Warps = tuple[int | None, int | None]

_OPTIONS: Final = ("fastmath", "contract", "debug", "name")


class Kernel(_native.LaunchTable):
    """A kernel: `kernel[grid](*args, **constexprs)` launches it. Made by `@tw.kernel`.

    `grid` is an int, a tuple of up to three, or a function of the constexprs. A launch compiles
    what it needs at the first call with arguments of new kinds: dtype, rank, axis with unit stride,
    and constexprs; and, of the whole launch, whether 32-bit offsets suffice and whether nothing
    that is written overlaps another argument, or itself.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.parameters = read_parameters(definition)
        self.__name__ = definition.name
        self.__qualname__ = definition.qualname
        self.__doc__ = definition.function.__doc__
        self.__module__ = definition.function.__module__
        self.__wrapped__ = definition.function
        self._options = definition.options
        self._captures = Captures()
        self._functions: dict[object, tuple[ir.Function, float]] = {}
        self.array_facts = array_facts_of(self.parameters)
        self.configure([one.row for one in self.parameters], device_facts=self.array_facts)

    @property
    def name(self) -> str:
        """The name it has in messages, listings and compiled code."""
        return self.definition.name

    @property
    def specializations(self) -> tuple[Specialization, ...]:
        """What launches have compiled so far."""
        found = {}
        for facts, narrow, _, disjoint, _ in self.entries():
            if disjoint is not None:
                signature = signature_of(self.name, self.parameters, facts, narrow)
                holds = signature.facts | ({"disjoint"} if disjoint else set())
                signature = Signature(signature.parameters, holds)
                found[identity_of(signature)] = Specialization(self, (signature,))
        return tuple(found.values())

    @users_frames_only
    def inspect(
        self,
        /,
        *args: object,
        target: str | None = None,
        num_warps: int | None = None,
        num_stages: int | None = None,
        **constexprs: object,
    ) -> Inspection:
        """Compile without launching, and look at every stage.

        The arguments are those of a launch, or one string: a signature such as
        `"f32[:, ::1], f32[:, ::1]"`, which without facts means the variant for which all hold that
        make a difference there.
        `target` is another machine than that of the arguments, such as `"cuda:sm_90a"`.
        """
        warps = num_warps, num_stages
        match args:
            case [str(text)]:
                kind = HOST if target is None else parse_target(target).kind
                signature = _variants_on(kind, self.variants(text, constexprs))[0]
                return self.inspect_signature(signature, target, host(), warps)
        signature, where = self._read_call(args, constexprs)
        known = self._known(args, constexprs)
        return self.inspect_signature(signature, target, where, warps, known)

    @users_frames_only
    def specialize(self, signature: str, /, **constexprs: object) -> Specialization:
        """One specialization, without a launch; see `Specialization`."""
        return Specialization(self, self.variants(signature, constexprs))

    @users_frames_only
    def refresh(self) -> None:
        """Forget everything compiled, and take the values of outside names anew."""
        self._captures.refresh()
        self._functions.clear()
        self.clear()

    @users_frames_only
    def describe(self, facts: Facts, narrow: bool) -> tuple[bool, ...]:
        """Which parameters a call writes. Called by the extension for a new kind of call."""
        prepare()
        signature = signature_of(self.name, self.parameters, facts, narrow)
        return _marks(signature, self.function_for(signature))

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
        signature = signature_of(self.name, self.parameters, facts, narrow)
        function = self.function_for(signature)
        if disjoint:
            function = with_facts(function, function.facts | {"disjoint"})
        positions = positions_of(signature)
        return executable_for(function, device(where), positions, num_warps, num_stages)

    def function_for(self, signature: Signature) -> ir.Function:
        """The IR of a specialization."""
        return self._lowered(signature)[0]

    def _lowered(self, signature: Signature) -> tuple[ir.Function, float]:
        """The IR of a specialization, and the seconds it took to make."""
        debug = settings.debug
        key = debug, identity_of(signature)
        found = self._functions.get(key)
        if found is None:
            begun = perf_counter()
            self.definition.options = self._options | debug
            function = lower(self.definition, signature, self._captures)
            found = self._functions[key] = function, perf_counter() - begun
        return found

    def inspect_signature(
        self,
        signature: Signature,
        target: str | None,
        where: Device,
        warps: Warps = (None, None),
        known: Known = NOTHING_KNOWN,
    ) -> Inspection:
        """Look at one specialization, by default as a device runs it.

        `warps` are `num_warps` and `num_stages`, `known` shapes and numbers of a call, by
        parameter.
        """
        chosen = where.compile_target if target is None else parse_target(target)
        function, lowering = self._lowered(signature)
        source = self.definition.source
        balance = machine_limits(kernel).balance if where.kind == HOST else None
        options = options_of_launch(chosen, *warps)
        return inspection_of(function, source, chosen, where, lowering, known, balance, options)

    @users_frames_only
    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise LaunchError(f"{self.name} is a kernel and needs a grid: {self.name}[grid](...)")

    def __repr__(self) -> str:
        where = f"{self.definition.file}:{self.definition.first_line}"
        return f"<tilewright kernel {self.__qualname__} at {where}>"

    def _known(self, args: tuple[object, ...], keywords: dict[str, object]) -> Known:
        """What a call says about the rounds of loops: shapes of arrays, integers."""
        names = [one.name for one in self.parameters]
        known: dict[str, tuple[int, ...] | int] = {}
        for name, value in (*zip(names, args, strict=False), *keywords.items()):
            shape = getattr(value, "shape", None)
            if shape:
                known[name] = tuple(shape)
            elif isinstance(value, int | np.integer):
                known[name] = int(value)
        return known

    def _read(self, args: tuple[object, ...], keywords: dict[str, object]) -> Signature:
        """The signature of a call with these arguments."""
        return self._read_call(args, keywords)[0]

    def _read_call(
        self, args: tuple[object, ...], keywords: dict[str, object]
    ) -> tuple[Signature, Device]:
        """The signature and the device of a call with these arguments, read as a launch does."""
        reader = _Reader(self)
        try:
            reader[1](*args, **keywords)
        except _ReadError as read:
            facts = read.signature.facts | ({"disjoint"} if read.disjoint else set())
            return Signature(read.signature.parameters, facts), device(read.where)
        raise AssertionError("a call was read and not built")

    def variants(self, text: str, constexprs: dict[str, object]) -> tuple[Signature, ...]:
        """The signatures that a text stands for, the best first."""
        names = [one.name for one in self.parameters if one.kind != CONSTEXPR]
        types, facts = parse_signature(text, names)
        constants = self._constants(constexprs)
        parameters = {
            one.name: constants[one.name]
            if one.kind == CONSTEXPR
            else with_classes(types[one.name], one.cls)
            for one in self.parameters
        }
        if facts is not None:
            return (Signature(parameters, facts),)
        all_facts = frozenset(LAUNCH_FACTS)
        others = Signature(parameters, all_facts), Signature(parameters, frozenset())
        known = {name: with_array_facts(one) for name, one in parameters.items()}
        if _says_facts(parameters) or known == parameters:
            return others
        return Signature(known, all_facts), *others

    def _constants(self, given: dict[str, object]) -> dict[str, Constant]:
        expected = [one for one in self.parameters if one.kind == CONSTEXPR]
        unknown = given.keys() - {one.name for one in expected}
        if unknown:
            raise LaunchError(f"{self.name} has no constexpr parameter '{min(unknown)}'")
        found = {}
        for one in expected:
            value = given.get(one.name, one.default)
            if value is _native.REQUIRED:
                raise LaunchError(f"{self.name} is missing the constexpr argument '{one.name}'")
            found[one.name] = Constant(value)
        return found


class Specialization(_native.LaunchTable):
    """A kernel for given types and constants: `specialization[grid](...)` launches it.

    Its variants differ in the facts they rely on. A signature without facts stands for several, and
    a launch picks the best that holds: all facts, on a GPU those about arrays (`aligned`, `even`)
    too; the facts about the launch (`narrow`, `disjoint`); none. Facts in the signature are relied
    on by all its variants, and a launch for which they do not hold is refused.
    """

    def __init__(self, kernel: Kernel, variants: tuple[Signature, ...]) -> None:
        self.kernel = kernel
        self.variants = variants
        self.__name__ = kernel.name
        self._parameters = tuple(_fixed_parameters(kernel, variants[-1]))
        self._loaded: dict[object, _native.Launchable] = {}
        # Read in any case, since the signature may ask for them.
        self.configure([one.row for one in self._parameters], device_facts=ALIGNED | EVEN)

    @property
    def signature(self) -> str:
        """The types as text; with the facts, if it stands for one variant."""
        return str(self.variants[-1])

    @property
    def constexprs(self) -> dict[str, object]:
        """The values of the constexpr parameters."""
        found = self.variants[0].parameters.items()
        return {name: one.value for name, one in found if isinstance(one, Constant)}

    @property
    def metadata(self) -> Mapping[str, object]:
        """What is known about a CPU's code of the best variant; `origin` is where it came from."""
        return self.inspect().metadata

    @users_frames_only
    def inspect(self, target: str | None = None) -> Inspection:
        """Every stage of the best variant; see `Kernel.inspect`."""
        kind = HOST if target is None else parse_target(target).kind
        best = _variants_on(kind, self.variants)[0]
        return self.kernel.inspect_signature(best, target, host())

    @users_frames_only
    def describe(self, facts: Facts, narrow: bool) -> tuple[bool, ...]:
        """Which parameters a call writes. Called by the extension for a new kind of call."""
        prepare()
        found = signature_of(self.kernel.name, self._parameters, facts, narrow)
        self._check_constants(found)
        likely = _variants_on(HOST, self.variants)[0]
        return _marks(found, self.kernel.function_for(likely))

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
        """What a call runs on a device: the best variant whose facts hold."""
        holds = {name for name, held in zip(LAUNCH_FACTS, (narrow, disjoint), strict=True) if held}
        there = device(where)
        found = signature_of(self.kernel.name, self._parameters, facts, narrow)
        best = next(
            (
                one
                for one in _variants_on(there.kind, self.variants)
                if one.facts <= holds
                and all(map(matches, found.parameters.values(), one.parameters.values()))
            ),
            None,
        )
        if best is None:
            missing = ", ".join(sorted(self.variants[0].facts - holds))
            raise LaunchError(
                f"arguments of {self.kernel.name}: the specialization relies on facts that do not "
                f"hold for them: {missing}"
            )
        place = identity_of(best), where, num_warps, num_stages
        loaded = self._loaded.get(place)
        if loaded is None:
            function, positions = self.kernel.function_for(best), positions_of(best)
            loaded = executable_for(function, there, positions, num_warps, num_stages)
            self._loaded[place] = loaded
        return loaded

    @users_frames_only
    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise LaunchError(f"a specialization of {self.kernel.name} needs a grid, as a kernel does")

    def __repr__(self) -> str:
        constants = "".join(f", {name}={value!r}" for name, value in self.constexprs.items())
        return f"<tilewright specialization {self.kernel.name}({self.signature}{constants})>"

    def _check_constants(self, found: Signature) -> None:
        for name, one in self.variants[0].parameters.items():
            given = found.parameters[name]
            match one, given:
                case Constant(fixed), Constant(value) if identity(fixed) != identity(value):
                    raise LaunchError(
                        f"argument '{name}' of {self.kernel.name}: the specialization is for "
                        f"{fixed!r}, got {value!r}"
                    )


@overload
def kernel(function: Callable[..., object], /) -> Kernel: ...


@overload
def kernel(
    *,
    fastmath: bool = False,
    contract: bool = True,
    debug: bool | str = False,
    name: str | None = None,
) -> Callable[[Callable[..., object]], Kernel]: ...


@users_frames_only
def kernel(
    function: Callable[..., object] | None = None,
    /,
    *,
    fastmath: bool = False,
    contract: bool = True,
    debug: bool | str = False,
    name: str | None = None,
    **others: object,
) -> Kernel | Callable[[Callable[..., object]], Kernel]:
    """Make a Python function a kernel; nothing of it is parsed before the first launch.

    `fastmath` allows reassociation, approximate division and functions of 4 ulp, and assumes that
    there is neither NaN nor infinity; `contract=False` rounds `a * b + c` twice everywhere. `debug`
    checks assertions and indices, with `"strict"` also slices and tiles of indices past the end.
    `name` is what the kernel is called in messages and listings.
    """

    for other in others:
        raise CompileError(
            f"a kernel has no option `{other}`",
            did_you_mean(other, _OPTIONS) or f"its options are {', '.join(_OPTIONS)}",
        )

    @users_frames_only
    def decorate(function: Callable[..., object]) -> Kernel:
        return Kernel(
            Definition(function, fastmath=fastmath, contract=contract, debug=debug, name=name)
        )

    return decorate if function is None else decorate(function)


def _says_facts(parameters: Mapping[str, Argument]) -> bool:
    """Whether a signature says anything about an array."""
    found = leaves(iter(parameters.values()))
    return any(isinstance(one, Array) and (one.aligned or one.even) for one in found)


def _variants_on(kind: str, variants: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """Those of a signature's variants, the best first, that may differ on a kind of device."""
    return variants[-2:] if kind == HOST else variants


def _marks(signature: Signature, function: ir.Function) -> tuple[bool, ...]:
    """Which leaves of a call the function writes; constants are not written."""
    marks = iter(written(function))
    found = leaves(iter(signature.parameters.values()))
    return tuple([not isinstance(one, Constant) and next(marks) for one in found])


class _ReadError(Exception):
    """Carries out of a call what it would have been compiled for."""

    def __init__(self, signature: Signature, disjoint: bool, where: str) -> None:
        super().__init__()
        self.signature = signature
        self.disjoint = disjoint
        self.where = where


class _Reader(_native.LaunchTable):
    """Reads the arguments of a call of a kernel as a launch does, and stops there."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.__name__ = kernel.name
        rows = [one.row for one in kernel.parameters]
        self.configure(rows, device_facts=kernel.array_facts)

    def describe(self, facts: Facts, narrow: bool) -> tuple[bool, ...]:
        return self._kernel.describe(facts, narrow)

    def build(
        self, facts: Facts, narrow: bool, disjoint: bool, where: str = HOST, *warps: object
    ) -> NoReturn:
        parameters = self._kernel.parameters
        signature = signature_of(self._kernel.name, parameters, facts, narrow)
        raise _ReadError(signature, disjoint, where)


def _fixed_parameters(kernel: Kernel, signature: Signature) -> Iterator[Parameter]:
    """The parameters of a specialization: its types and constants, the kernel's defaults."""
    for parameter, (name, one) in zip(kernel.parameters, signature.parameters.items(), strict=True):
        match one:
            case Constant(value):
                yield Parameter(name, CONSTEXPR, None, value)
            case type_:
                yield replace(parameter_for(name, type_), default=parameter.default)
