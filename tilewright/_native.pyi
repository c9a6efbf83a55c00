"""The native part of Tilewright: loads code, launches it, and records what ran."""

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypedDict, final, type_check_only

from typing_extensions import disjoint_base

# ("array", dtype code, rank, unit axis or -1, aligned, even, ((axis, extent), ...)),
# ("scalar", dtype code), ("constexpr", value) or ("struct", class or None, names of the fields or
# None, their facts).
_Fact: TypeAlias = (
    tuple[Literal["array"], int, int, int, bool, bool, tuple[tuple[int, int], ...]]
    | tuple[Literal["scalar"], int]
    | tuple[Literal["constexpr"], object]
    | tuple[Literal["struct"], type | None, tuple[str, ...] | None, tuple[Any, ...]]
)
_Facts: TypeAlias = tuple[_Fact, ...]
# (name, kind, default or REQUIRED, dtype code of an annotated scalar, axes of fixed extents); the
# kind is 0: free, 1: constexpr, 2: scalar, 3: array, 4: pointer, 5: structure, with the rows of its
# fields behind.
_ParameterRow: TypeAlias = tuple[Any, ...]
# How instances of a class are taken apart (0: a tuple, 1: a NamedTuple, 2: a dataclass, with the
# rows of the fields), why they are not, or None for what is no class of structs.
_StructReader: TypeAlias = Callable[[type], tuple[int, list[_ParameterRow]] | str | None]
# (leaf of the call, kind, dtype code, rank, offset in the block)
_SlotRow: TypeAlias = tuple[int, str, int, int, int]
# (code, place, values) of the first failure; (place, program, data) of each print.
_Report: TypeAlias = Callable[
    [tuple[int, int, tuple[int, ...]] | None, list[tuple[int, int, bytes]]], object
]

REQUIRED: Final[object]
TUNED: Final[object]

@type_check_only
class _Topology(TypedDict):
    cores: int
    threads: int
    caches: list[tuple[int, int]]
    features: list[str]
    level: str
    vendor: str
    model: str
    memory: int

@final
class Executable:
    """Code for this machine, loaded from a relocatable object."""

    def __init__(self, object: bytes, entry: str, scratch_bytes: int, cost: float) -> None: ...

@final
class Launchable:
    """Code that can be launched: what it runs and how its arguments are laid out."""

    def __init__(
        self,
        executable: Executable | Callable[[tuple[int, int, int], tuple[Any, ...]], object],
        slots: Sequence[_SlotRow],
        block_bytes: int,
        report: _Report,
    ) -> None: ...

@final
class Launcher:
    """A kernel with a grid, ready to be called."""

    def __call__(self, *arguments: object, **keywords: object) -> None: ...

@disjoint_base
class LaunchTable:
    """From the kinds of a call's arguments to what was compiled for them; the base of kernels."""

    def configure(
        self,
        parameters: Iterable[_ParameterRow],
        device_facts: int,
        tuning: tuple[list[tuple[str, int, int, int]] | None, int] | None = None,
    ) -> None: ...
    def clear(self) -> None: ...
    def entries(self) -> list[tuple[_Facts, bool, tuple[bool, ...], bool | None]]: ...
    def __getitem__(self, grid: object, /) -> Launcher: ...

@final
class Stream:
    """An in-order queue of launches that run one after the other, on their own."""

    def __init__(self, device: str = "cpu") -> None: ...
    def synchronize(self) -> None: ...
    def query(self) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...

@final
class Event:
    """A point in a stream that others can wait for."""

    def __init__(self, timing: bool = False) -> None: ...
    def record(self, stream: Stream | None = None) -> None: ...
    def wait(self, stream: Stream | None = None) -> None: ...
    def synchronize(self) -> None: ...
    def query(self) -> bool: ...
    def elapsed(self, other: Event) -> float: ...

@final
class Boundary:
    """A function whose errors show where it was called, and none of the frames below."""

    def __init__(self, function: Callable[..., object], /) -> None: ...
    def __call__(self, *arguments: object, **keywords: object) -> object: ...

def set_error_types(launch: type[Exception], device: type[Exception]) -> None: ...
def register_array_class(cls: type) -> None: ...
def register_struct_reader(reader: _StructReader) -> None: ...
def register_constant_classes(classes: tuple[type, ...]) -> None: ...
def synchronize() -> None: ...
def topology() -> _Topology: ...
def set_num_threads(count: int) -> None: ...
def set_stream_bytes(bytes: int) -> None: ...
def get_num_threads() -> int: ...
def drain_trace() -> list[tuple[str, int, int, int, int]]: ...
def trace_now() -> int: ...
def record_span(name: str, start_ns: int, end_ns: int) -> None: ...
