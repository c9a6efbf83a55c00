"""Records: plain data with named fields, as `dataclasses` makes them, but made in no time.

`dataclasses` writes and compiles six methods for each class, a millisecond of a start, and there
are dozens. Here the methods are shared, and `__init__` is written when the first one is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, NoReturn, TypeVar, cast, dataclass_transform, overload

T = TypeVar("T")
Cls = TypeVar("Cls", bound=type)


class _Factory:
    """The default of a field that every record gets anew."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], T]) -> T:
    """A field whose default is made anew for each record."""
    return cast(T, _Factory(default_factory))


@overload
def record(cls: Cls, /) -> Cls: ...


@overload
def record(*, frozen: bool = True, eq: bool = True) -> Callable[[Cls], Cls]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Any = None, /, *, frozen: bool = True, eq: bool = True) -> Any:
    """Make a class a record of its annotated fields: with slots, frozen, compared by value.

    Without `eq` it is compared by identity; what is neither frozen nor so cannot be hashed.
    """
    if cls is not None:
        return _declare(cls, frozen, eq)
    return lambda cls: _declare(cls, frozen, eq)


def replace(one: T, **changes: Any) -> T:
    """The same record with some fields changed."""
    names: tuple[str, ...] = getattr(type(one), "__match_args__")  # noqa: B009
    return type(one)(**({name: getattr(one, name) for name in names} | changes))


def is_record(kind: type) -> bool:
    """Whether a class was made by `record`."""
    return hasattr(kind, "__record__")


def write_init(
    names: tuple[str, ...],
    defaults: Mapping[str, object],
    lines: list[str],
    scope: dict[str, Any],
) -> Callable[..., None]:
    """An `__init__` for fields: `lines` are its body, `scope` what it may use."""
    signature = ", ".join([f"{n}=_defaults[{n!r}]" if n in defaults else n for n in names])
    source = "\n    ".join([f"def __init__(self, {signature}):", *lines, "pass"])
    scope["_defaults"] = defaults
    exec(source, scope)
    made: Callable[..., None] = scope["__init__"]
    return made


def late_init(cls: type, write: Callable[[], Callable[..., None]]) -> None:
    """Give a class an `__init__` that is written at its first call: many are never called."""

    def first(self: Any, *args: Any, **kwargs: Any) -> None:
        made = write()
        setattr(cls, "__init__", made)  # noqa: B010
        made(self, *args, **kwargs)

    setattr(cls, "__init__", first)  # noqa: B010


def _declare(cls: type, frozen: bool, eq: bool) -> type:
    names = tuple([n for n, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")])
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    body = {k: v for k, v in cls.__dict__.items() if k not in defaults and k not in _SKIPPED}
    body |= {"__slots__": names, "__match_args__": names, "__record__": True}
    body["__qualname__"] = cls.__qualname__
    body.setdefault("__repr__", _show)
    body["__reduce__"] = _reduce
    if eq:
        values = _values(names)
        body["__eq__"] = _make_eq(values)
        body["__hash__"] = _make_hash(values) if frozen else None
    if frozen:
        body |= {"__setattr__": _refuse_set, "__delattr__": _refuse_delete}
    made = type(cls)(cls.__name__, cls.__bases__, body)
    late_init(made, lambda: _init_of(made, names, defaults))
    return made


_SKIPPED: Final = frozenset({"__dict__", "__weakref__"})


def _init_of(cls: type, names: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    """Fields are set through their slots, which frozen records still have."""
    lines = []
    for name in names:
        value = name
        if isinstance(defaults.get(name), _Factory):
            value = f"_defaults[{name!r}].make() if {name} is _defaults[{name!r}] else {name}"
        lines.append(f"_set_{name}(self, {value})")
    scope: dict[str, Any] = {f"_set_{name}": cls.__dict__[name].__set__ for name in names}
    return write_init(names, defaults, lines, scope)


def _values(names: tuple[str, ...]) -> Callable[[Any], object]:
    """What makes two records of a class equal."""
    return attrgetter(*names) if names else type


def _make_eq(values: Callable[[Any], object]) -> Callable[[object, object], bool]:
    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    return equal


def _make_hash(values: Callable[[Any], object]) -> Callable[[object], int]:
    def hash_of(self: object) -> int:
        return hash(values(self))

    return hash_of


def _show(self: Any) -> str:
    fields = ", ".join([f"{name}={getattr(self, name)!r}" for name in self.__match_args__])
    return f"{type(self).__qualname__}({fields})"


def _reduce(self: Any) -> tuple[type, tuple[object, ...]]:
    """How it is copied and pickled: made again of its fields."""
    return type(self), tuple([getattr(self, name) for name in self.__match_args__])


def _refuse_set(self: object, name: str, value: object) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: cannot set {name!r}")


def _refuse_delete(self: object, name: str) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name!r}")
