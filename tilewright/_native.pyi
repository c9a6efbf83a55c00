"""The native part of Tilewright: loads code, launches it, and records what ran."""

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Protocol, Self, TypeAlias, TypedDict, final, type_check_only

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
# Where a launch runs: None for the host, else (name of the GPU, num_warps, num_stages). For a GPU
# `build` gets the name as a further argument, and the other two behind it if one is not None, and
# `choose` gets the name. The two are options of the call, or what `choose` returned for them,
# behind (values, whether they last).
_Place: TypeAlias = tuple[str, int | None, int | None] | None
# (code, place, values) of the first failure; (place, program, data) of each print. A last print of
# place -1 tells how many bytes of output were lost, as its program.
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

@type_check_only
class _Gpu(TypedDict):
    index: int
    name: str
    capability: tuple[int, int]
    multiprocessors: int
    memory: int
    driver: int
    shared_memory: int
    l2: int

@type_check_only
class _MemoryStatistics(TypedDict):
    used: int
    reserved: int
    peak: int
    allocations: int

@type_check_only
class _Labelled(Protocol):
    """A device of the runtime."""

    label: str

_Device: TypeAlias = str | _Labelled

@final
class Executable:
    """Code loaded on a device: from a relocatable object for the CPU, a cubin for a GPU."""

    def __init__(
        self,
        object: bytes,
        entry: str,
        scratch_bytes: int,
        cost: float,
        device: _Device = "cpu",
        threads: int = 0,
        shared_memory: int = 0,
        reports: bool = False,
        tensor_maps: Sequence[tuple[int, int, int, int]] = (),
    ) -> None: ...

@final
class Buffer:
    """A block of memory on a device; freed when dropped."""

    @property
    def ptr(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def device(self) -> str: ...

@final
class View:
    """Typed, shaped memory on a device; strides are in elements."""

    def __new__(
        cls,
        owner: object,
        ptr: int,
        device: _Device,
        dtype: int,
        shape: Iterable[int],
        strides: Iterable[int] | None = None,
        writable: bool = True,
    ) -> Self: ...
    @property
    def owner(self) -> object: ...
    @property
    def ptr(self) -> int: ...
    @property
    def device(self) -> str: ...
    @property
    def dtype(self) -> int: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    @property
    def writable(self) -> bool: ...
    def to_dlpack(self, versioned: bool, /) -> object: ...

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
    def entries(self) -> list[tuple[_Facts, bool, tuple[bool, ...], bool | None, _Place]]: ...
    def __getitem__(self, grid: object, /) -> Launcher: ...

@final
class Stream:
    """An in-order queue of launches that run one after the other, on their own."""

    def __init__(self, device: _Device = "cpu") -> None: ...
    @staticmethod
    def from_handle(device: _Device, handle: int) -> Stream: ...
    @property
    def device(self) -> str: ...
    @property
    def handle(self) -> int: ...
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
class Graph:
    """Launches recorded from a stream of a GPU, to be run again as one."""

    def __init__(self) -> None: ...
    def begin_capture(self, stream: Stream) -> None: ...
    def end_capture(self, stream: Stream) -> None: ...
    def abandon_capture(self, stream: Stream) -> None: ...
    def launch(self, stream: Stream) -> None: ...

@final
class Boundary:
    """A function whose errors show where it was called, and none of the frames below."""

    def __init__(self, function: Callable[..., object], /) -> None: ...
    def __call__(self, *arguments: object, **keywords: object) -> object: ...

def set_error_types(launch: type[Exception], device: type[Exception]) -> None: ...
def register_array_class(cls: type) -> None: ...
def register_struct_reader(reader: _StructReader) -> None: ...
def register_constant_classes(classes: tuple[type, ...]) -> None: ...
def synchronize(device: _Device | None = None) -> None: ...
def current_stream(device: _Device) -> Stream: ...
def cuda_devices() -> list[_Gpu]: ...
def set_cuda_driver(path: str) -> None: ...
def as_view(object: object) -> View: ...
def allocate(device: _Device, bytes: int, stream: Stream | None = None) -> Buffer: ...
def fill(
    ptr: int, device: _Device, byte: int, bytes: int, stream: Stream | None = None
) -> None: ...
def copy(
    target_ptr: int,
    target_device: _Device,
    source_ptr: int,
    source_device: _Device,
    bytes: int,
    stream: Stream | None = None,
    owner: object = None,
) -> None: ...
def memory_statistics(device: _Device) -> _MemoryStatistics: ...
def trim(device: _Device) -> None: ...
def topology() -> _Topology: ...
def set_num_threads(count: int) -> None: ...
def set_stream_bytes(bytes: int) -> None: ...
def get_num_threads() -> int: ...
def drain_trace() -> list[tuple[str, int, int, int, int]]: ...
def trace_now() -> int: ...
def record_span(name: str, start_ns: int, end_ns: int) -> None: ...
