"""A configuration of a kernel: what tuning may choose, and how that is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tilewright import _native
from tilewright.dsl.errors import CompileError, did_you_mean
from tilewright.dsl.types import Dtype

from ..arguments import CONSTEXPR, RESERVED, Parameter, identity


class Config:
    """One way to run a kernel: `tw.Config(BM=128, BN=64, num_warps=8)`.

    Keywords name constexpr parameters of the kernel; they can be read as attributes,
    `config.BM`, or all together as `config.constexprs`. `num_warps` and `num_stages` steer the plan
    on a GPU and are ignored elsewhere.
    """

    __slots__ = ("constexprs", "num_stages", "num_warps")

    constexprs: Mapping[str, object]
    num_warps: int | None
    num_stages: int | None

    def __init__(
        self,
        /,
        *,
        num_warps: int | None = None,
        num_stages: int | None = None,
        **constexprs: object,
    ) -> None:
        for name, value in (("num_warps", num_warps), ("num_stages", num_stages)):
            if value is not None and (type(value) is not int or value < 1):
                raise CompileError(
                    f"`{name}` of a configuration is {value!r}, expected an integer of 1 or more"
                )
        for name in constexprs.keys() & RESERVED:
            raise CompileError(
                f"a configuration cannot set `{name}`, which is an option of the launch",
                "it sets constexprs, num_warps and num_stages",
            )
        object.__setattr__(self, "constexprs", MappingProxyType(constexprs))
        object.__setattr__(self, "num_warps", num_warps)
        object.__setattr__(self, "num_stages", num_stages)

    @property
    def options(self) -> dict[str, int]:
        """The options of a launch that it sets."""
        found = {"num_warps": self.num_warps, "num_stages": self.num_stages}
        return {name: value for name, value in found.items() if value is not None}

    def without_options(self) -> Config:
        """What it sets of constexprs alone."""
        return _make(dict(self.constexprs), {})

    def __getattr__(self, name: str) -> object:
        # Python asks for names of its own while a copy has nothing yet.
        if name.startswith("__") or name not in self.constexprs:
            raise AttributeError(f"a configuration that does not set {name!r}")
        return self.constexprs[name]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a configuration cannot be changed; make another with {name!r}")

    def __reduce__(self) -> tuple[object, ...]:
        return _make, (dict(self.constexprs), self.options)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Config):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __str__(self) -> str:
        """What it sets: `BM=128, BN=64, num_warps=8`."""
        items = {**self.constexprs, **self.options}
        return ", ".join(f"{name}={show_constant(value)}" for name, value in items.items())

    def __repr__(self) -> str:
        return f"Config({self})"

    def _identity(self) -> object:
        found = {name: identity(value) for name, value in self.constexprs.items()}
        return tuple(sorted(found.items(), key=lambda item: item[0])), tuple(self.options.items())


def _make(constexprs: dict[str, object], options: dict[str, int]) -> Config:
    return Config(
        num_warps=options.get("num_warps"), num_stages=options.get("num_stages"), **constexprs
    )


def check_configs(
    kernel: str, parameters: tuple[Parameter, ...], configs: object
) -> tuple[Config, ...]:
    """The configurations of a kernel without repetitions; `CompileError` for what cannot be."""
    if isinstance(configs, str | Config) or not isinstance(configs, Iterable):
        raise CompileError(
            f"`configs` of {kernel} is {configs!r}, expected a list",
            "write configs=[tw.Config(BLOCK=256), tw.Config(BLOCK=1024)]",
        )
    found = list(configs)
    if not found:
        raise CompileError(
            f"`configs` of {kernel} is empty", "give at least one, as in tw.Config(BLOCK=256)"
        )
    for one in found:
        if not isinstance(one, Config):
            raise CompileError(
                f"`configs` of {kernel} holds {one!r}, expected a tw.Config",
                "write tw.Config(BLOCK=256)",
            )
        _check_names(kernel, parameters, one)
    tuned = tuned_names(found)
    required = {one.name for one in parameters if one.default is _native.REQUIRED}
    for one in found:
        missing = sorted((tuned & required) - one.constexprs.keys())
        if missing:
            raise CompileError(
                f"{one!r} of {kernel} does not set `{missing[0]}`, as others do",
                f"set it in every configuration, or give the parameter `{missing[0]}` a default",
            )
    _check_hashable(kernel, found)
    return tuple(dict.fromkeys(found))


def tuned_names(configs: Iterable[Config]) -> set[str]:
    """The constexprs that any of some configurations sets."""
    return {name for one in configs for name in one.constexprs}


def _check_names(kernel: str, parameters: tuple[Parameter, ...], config: Config) -> None:
    kinds = {one.name: one.kind for one in parameters}
    constexprs = [name for name, kind in kinds.items() if kind == CONSTEXPR]
    for name in config.constexprs:
        if name in constexprs:
            continue
        if name in kinds:
            raise CompileError(
                f"{config!r} sets `{name}`, which is no constexpr parameter of {kernel}",
                f"annotate it: `{name}: tw.constexpr`",
            )
        listed = ", ".join(constexprs)
        raise CompileError(
            f"{config!r} sets `{name}`, which is no parameter of {kernel}",
            did_you_mean(name, constexprs)
            or (f"its constexprs are {listed}" if listed else "it has no constexpr parameters"),
        )


def _check_hashable(kernel: str, configs: Iterable[Config]) -> None:
    for one in configs:
        for name, value in one.constexprs.items():
            try:
                hash(value)
            except TypeError:
                raise CompileError(
                    f"`{name}` of a configuration of {kernel} is a {type(value).__name__}, "
                    "which cannot be hashed",
                    "a constexpr is a number, a string, a dtype, a tuple, None or a function",
                ) from None


def show_constant(value: object) -> str:
    """A constant as text that stays the same from process to process."""
    match value:
        case Dtype():
            return f"tw.{value}"
        case tuple():
            inner = ", ".join(map(show_constant, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
    name = getattr(value, "__qualname__", None)
    return name if isinstance(name, str) else repr(value)
