"""What a builtin is, and which names of ours, Python, `math` and `numpy` mean which one.

A builtin is one function, declared with `@builtin`: its parameters after `context` are what the
user writes, its docstring is what the user reads, its body is the ops it becomes. It receives
`ir.Value`s and constants (numbers, strings, tuples, None, dtypes, functions) and returns a value, a
constant, or a tuple of these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from .. import ir
from ..errors import CompileError, Error

Lower = Callable[..., Any]


class Context(Protocol):
    """What the frontend lends a builtin while it is lowered."""

    @property
    def builder(self) -> ir.Builder:
        """Where ops go."""

    @property
    def lanes(self) -> tuple[int, ...] | None:
        """The shape of the tile conditions around the call; None where there are none."""

    def inline(self, function: object, arguments: tuple[object, ...]) -> object:
        """The result of a function (a `@tw.func`, a lambda, a builtin) called here."""

    def fit(self, value: object, annotation: object, what: str) -> object:
        """A field (`what` in messages) as it is annotated; a `CompileError` if it does not fit."""

    def positions(
        self, array: ir.Value, index: object, writing: bool
    ) -> tuple[ir.Value, tuple[ir.Value, ...], tuple[int, ...]]:
        """An index as the user wrote it, parsed: (array, a position per axis, `block_axes`).

        The index is one item or a tuple of values, constants and `BlockSlice`s. `writing` says that
        a store follows, so that what no store may do here is refused.
        """


class Builtin:
    """A function that exists in kernels: `tw.exp` is one.

    `mixes_lanes` says that an element of the result may depend on other elements, which is refused
    under a tile condition. `host` is what calling it outside a kernel does, if anything.
    """

    def __init__(
        self, name: str, function: Lower, mixes_lanes: bool, host: Callable[..., Any] | None = None
    ) -> None:
        self.name = name
        self.function = function
        self.mixes_lanes = mixes_lanes
        self.host = host
        self.__name__ = self.__qualname__ = name
        self.__doc__ = function.__doc__

    def lower(self, context: Context, *arguments: object, **keywords: object) -> Any:
        """Build the ops of a call; what does not fit the parameters is a `CompileError`."""
        try:
            return self.function(context, *arguments, **keywords)
        except TypeError:
            problem = self._mismatch(arguments, keywords)
            if problem is None:
                raise
            raise CompileError(f"{self.name}: {problem}", f"it is `{self.signature}`") from None

    def __call__(self, *arguments: object, **keywords: object) -> Any:
        """Outside a kernel: the host function of this name, or an `Error` if there is none."""
        if self.host is not None:
            return self.host(*arguments, **keywords)
        raise Error(
            f"tw.{self.name} exists only in kernels: call it in a function under @tw.kernel"
        )

    def __getattr__(self, name: str) -> object:
        if name != "__signature__":  # for `help` and `inspect.signature`; the import is slow
            raise AttributeError(name)
        import inspect

        found = inspect.signature(self.function)
        return found.replace(parameters=list(found.parameters.values())[1:])

    def __repr__(self) -> str:
        return f"<builtin tw.{self.signature}>"

    @property
    def signature(self) -> str:
        """Name and parameters as one writes them: `sum(a, axis=None)`."""
        positional, keyword_only, variadic = self._parameters()
        defaults = self.function.__defaults__ or ()
        first = len(positional) - len(defaults)
        parts = [
            name if k < first else f"{name}={defaults[k - first]!r}"
            for k, name in enumerate(positional)
        ]
        if variadic:
            parts.append(f"*{variadic}")
        elif keyword_only:
            parts.append("*")
        values = self.function.__kwdefaults__ or {}
        parts += [f"{name}={values[name]!r}" if name in values else name for name in keyword_only]
        return f"{self.name}({', '.join(parts)})"

    def _parameters(self) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
        """The names after `context`: positional, keyword-only, and the one that takes the rest."""
        code = self.function.__code__
        names, count, only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
        variadic = names[count + only] if code.co_flags & _TAKES_REST else None
        return names[1:count], names[count : count + only], variadic

    def _mismatch(self, arguments: Sequence[object], keywords: dict[str, object]) -> str | None:
        """How the arguments do not fit the parameters; None if they do."""
        positional, keyword_only, variadic = self._parameters()
        if len(arguments) > len(positional) and variadic is None:
            return (
                f"found {len(arguments)} positional arguments, expected at most {len(positional)}"
            )
        for name in keywords:
            if name in positional[: len(arguments)]:
                return f"argument `{name}` is given twice"
            if name not in positional and name not in keyword_only:
                return f"there is no argument `{name}`"
        required = positional[: len(positional) - len(self.function.__defaults__ or ())]
        missing = [name for name in required[len(arguments) :] if name not in keywords]
        return f"argument `{missing[0]}` is missing" if missing else None


PUBLIC: Final[dict[str, Builtin]] = {}  # what the face offers, by name
METHODS: Final[dict[str, Builtin]] = {}  # what a value offers: `v.sum(0)`
_TWINS: Final[dict[str, dict[str, Builtin]]] = {
    "builtins": {}, "math": {}, "numpy": {}, "dataclasses": {},
}  # fmt: skip


def builtin(
    *twins: str,
    name: str | None = None,
    public: bool = True,
    method: bool = False,
    mixes_lanes: bool = False,
    host: Callable[..., Any] | None = None,
) -> Callable[[Lower], Builtin]:
    """Declare a builtin: `@builtin("math.exp", "numpy.exp")` above its function.

    `twins` are the functions of Python (`builtins.abs`), `math`, `numpy` and `dataclasses` that
    mean it in a kernel. A trailing underscore of the function's name is dropped.
    """

    def declare(function: Lower) -> Builtin:
        made = Builtin(name or function.__name__.rstrip("_"), function, mixes_lanes, host)
        if public:
            PUBLIC[made.name] = made
        if method:
            METHODS[made.name] = made
        for twin in twins:
            module, _, attribute = twin.partition(".")
            _TWINS[module][attribute] = made
        return made

    return declare


def find_builtin(candidate: object) -> Builtin | None:
    """The builtin that an object of the host means in a kernel, or None.

    That is a builtin itself, an object marked `__tilewright_builtin__` (the host function
    `tw.zeros` is), or, by identity, a function of Python, `math` or `numpy` with a counterpart
    here.
    """
    if type(candidate) is Builtin:
        return candidate
    found = _twins_by_identity().get(id(candidate))
    if found is not None:
        return found
    marked = getattr(candidate, "__tilewright_builtin__", None)
    return marked if type(marked) is Builtin else None


def find_method(name: str) -> Builtin | None:
    """The builtin that `v.name(...)` calls with `v` as its first argument, or None."""
    return METHODS.get(name)


_TAKES_REST: Final = 0x04  # inspect.CO_VARARGS
_identities: Final[dict[int, Builtin]] = {}
_seen_modules: Final[set[str]] = set()


def _twins_by_identity() -> dict[int, Builtin]:
    """Twins by `id`, of the modules imported so far; functions of modules are never freed."""
    if len(_seen_modules) < len(_TWINS):
        for module, twins in _TWINS.items():
            loaded = sys.modules.get(module)
            if loaded is None or module in _seen_modules:
                continue
            _seen_modules.add(module)
            for attribute, made in twins.items():
                found = getattr(loaded, attribute, None)
                if found is not None:
                    _identities[id(found)] = made
    return _identities
