"""Typed memory on a device: `tw.Array`, made by `tw.empty` and its siblings.

On the CPU the memory is that of a NumPy array, which may be shared with other libraries; on a GPU
it is of a pool. Arithmetic runs as kernels of our own language and follows its rules of promotion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import Any, Final

import numpy as np

from tilewright import _native
from tilewright.dsl.builtins import build
from tilewright.dsl.errors import Error
from tilewright.dsl.types import Dtype, f32

from . import arithmetic
from .device import HOST, Device, device, host
from .errors import DeviceError, LaunchError, users_frames_only
from .headers import Header, is_dense
from .interop import (
    Host,
    as_header,
    as_host,
    is_array,
    is_known_to_numpy,
    is_on_gpu,
    numpy_dtype,
    our_dtype,
)
from .memory import Memory, memory_of, move
from .stream import stream_number

Shape = int | Sequence[int]


class Array:
    """Typed, shaped memory on a device. `empty`, `zeros`, `array` and their like make it.

    Slices are views, as in NumPy. Operators take arrays of any library on the same device, and
    numbers, which are weak; the result is a new array. An in-place operator keeps the dtype.
    """

    # `_host` is what launches read: a NumPy array on the host, a view of the extension on a GPU.
    __slots__ = ("__weakref__", "_dtype", "_header", "_host", "_memory")

    __tilewright_array__: Final = True  # as an annotation of a kernel's parameter: any array
    __array_ufunc__: Final = None  # NumPy leaves operators with one of ours to us

    def __init__(self, header: Header, memory: Memory) -> None:
        self._dtype = our_dtype(header.dtype)
        self._header = header
        self._host = memory.argument(header)
        self._memory = memory

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents."""
        return self._header.shape

    @property
    def strides(self) -> tuple[int, ...]:
        """How many elements, not bytes, lie between neighbours along each axis."""
        return tuple(stride // self._header.itemsize for stride in self._header.strides)

    @property
    def dtype(self) -> Dtype:
        """The type of an element."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._header.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._header.size

    @property
    def nbytes(self) -> int:
        """How many bytes the elements take."""
        return self._header.nbytes

    @property
    def device(self) -> Device:
        """Where the memory is."""
        return self._memory.device

    @property
    def ptr(self) -> int:
        """The address of the first element."""
        return self._header.ctypes.data

    @property
    def T(self) -> Array:  # noqa: N802
        """The view with the axes in reverse order."""
        return self._with(self._header.T)

    def numpy(self) -> Host:
        """The elements as a NumPy array: over the same memory if that is the host's, else a copy,
        made when all work on the current stream is done.
        """
        dense = self if self._is_on_host or is_dense(self._header) else self.copy()
        return self._memory.read(dense._header)

    def to(self, where: str | Device | Dtype) -> Array:
        """The array on another device, or in another dtype as `v.to(dtype)` gives it in a kernel.

        Itself if nothing changes.
        """
        match where:
            case Dtype():
                if where == self.dtype:
                    return self
                return self._with(arithmetic.cast(self._memory, self._header, where))
            case str() | Device():
                there = memory_of(device(where))
                if there is self._memory:
                    return self
                dense = self if self._header.flags.c_contiguous else self.copy()
                return Array(move(dense._header, self._memory, there), there)
        raise LaunchError(f"an array goes to a device or a dtype, got {type(where).__name__}")

    def copy(self) -> Array:
        """A new array with the same elements, contiguous in row-major order."""
        return self._with(arithmetic.cast(self._memory, self._header, self.dtype))

    def reshape(self, *shape: Any) -> Array:
        """The same elements, in row-major order, in another shape; a view where that can be."""
        extents = shape[0] if len(shape) == 1 and not hasattr(shape[0], "__index__") else shape
        try:
            whole = tuple(extent.__index__() for extent in extents)
            return self._with(arithmetic.reshaped(self._memory, self._header, whole))
        except (ValueError, TypeError, AttributeError) as error:
            raise LaunchError(str(error)) from None

    def item(self) -> bool | int | float:
        """The only element as a Python number; raises `LaunchError` if there are several."""
        if self.size != 1:
            raise LaunchError(f"an array of shape {self.shape} is not one number")
        number: Any = self.numpy().reshape(())[()].item()
        return number if isinstance(number, bool | int | float) else float(number)

    def _with(self, header: Header) -> Array:
        return Array(header, self._memory)

    @property
    def _is_on_host(self) -> bool:
        return self._host is self._header

    # --- other libraries ------------------------------------------------------------------------

    @property
    def __array_interface__(self) -> dict[str, Any]:
        if not self._is_on_host or not is_known_to_numpy(self.dtype):  # there is no word for it
            raise AttributeError("__array_interface__")
        return self._header.__array_interface__

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        if self._is_on_host or not is_known_to_numpy(self.dtype):
            raise AttributeError("__cuda_array_interface__")
        return {
            "version": 3,
            "shape": self.shape,
            "strides": None if self._header.flags.c_contiguous else self._header.strides,
            "typestr": self._header.dtype.str,
            "data": (self.ptr, not self._header.flags.writeable),
            "stream": stream_number(self.device),
        }

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Host:
        if not self._is_on_host:
            raise TypeError(f"an array on {self.device} is copied to the host by .numpy() alone")
        if dtype is not None and np.dtype(dtype) != self._header.dtype:
            return self._header.astype(dtype)
        return self._header.copy() if copy else self._header

    def __dlpack__(self, *, stream: int | None = None, **options: Any) -> object:
        return self._memory.export(self._header, stream, **options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0) if self._is_on_host else (2, self.device.index)

    # --- elements -------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Array:
        return self._with(self._view(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        target = self._view(index)
        source = _operand(value)
        if source is None:
            source = asarray(value, device=self.device)
        memory, (number,) = _united(source, memory=self._memory)
        _checked(arithmetic.assign, memory, target, number)

    def _view(self, index: Any) -> Header:
        parts = index if isinstance(index, tuple) else (index,)
        for part in parts:
            if part is None or part is Ellipsis or isinstance(part, slice):
                continue
            if isinstance(part, bool) or not hasattr(part, "__index__"):
                raise LaunchError(
                    f"an array is indexed by integers and slices, got {type(part).__name__}"
                )
        has_ellipsis = any(part is Ellipsis for part in parts)
        try:
            return self._header[parts if has_ellipsis else (*parts, Ellipsis)]
        except IndexError as error:
            raise IndexError(str(error)) from None

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("an array of rank 0 has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Array]:
        return (self[k] for k in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        number = self.item()
        if not isinstance(number, int) or self.dtype.is_bool:
            raise TypeError(f"an array of dtype {self.dtype} is no index")
        return number

    def __repr__(self) -> str:
        body = np.array2string(self.numpy(), separator=", ", prefix="tw.array(")
        where = "" if self._is_on_host else f", device='{self.device}'"
        return f"tw.array({body}, dtype=tw.{self.dtype}{where})"

    # --- operators ------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        return _binary("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _binary("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _binary("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _binary("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return _binary("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _binary("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _binary("truediv", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary("truediv", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _binary("floordiv", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _binary("floordiv", other, self)

    def __mod__(self, other: Any) -> Any:
        return _binary("mod", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _binary("mod", other, self)

    def __pow__(self, other: Any) -> Any:
        return _binary("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _binary("pow", other, self)

    def __and__(self, other: Any) -> Any:
        return _binary("and", self, other)

    def __rand__(self, other: Any) -> Any:
        return _binary("and", other, self)

    def __or__(self, other: Any) -> Any:
        return _binary("or", self, other)

    def __ror__(self, other: Any) -> Any:
        return _binary("or", other, self)

    def __xor__(self, other: Any) -> Any:
        return _binary("xor", self, other)

    def __rxor__(self, other: Any) -> Any:
        return _binary("xor", other, self)

    def __lshift__(self, other: Any) -> Any:
        return _binary("shl", self, other)

    def __rlshift__(self, other: Any) -> Any:
        return _binary("shl", other, self)

    def __rshift__(self, other: Any) -> Any:
        return _binary("shr", self, other)

    def __rrshift__(self, other: Any) -> Any:
        return _binary("shr", other, self)

    def __matmul__(self, other: Any) -> Any:
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _product(other, self)

    def __eq__(self, other: object) -> Any:
        return _binary("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return _binary("ne", self, other)

    def __lt__(self, other: Any) -> Any:
        return _binary("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return _binary("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return _binary("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        return _binary("ge", self, other)

    __hash__ = None  # type: ignore[assignment]

    def __neg__(self) -> Array:
        return _unary("neg", self)

    def __pos__(self) -> Array:
        return self.copy()

    def __abs__(self) -> Array:
        return _unary("abs", self)

    def __invert__(self) -> Array:
        return _unary("not", self)

    def __iadd__(self, other: Any) -> Any:
        return _in_place("add", self, other)

    def __isub__(self, other: Any) -> Any:
        return _in_place("sub", self, other)

    def __imul__(self, other: Any) -> Any:
        return _in_place("mul", self, other)

    def __itruediv__(self, other: Any) -> Any:
        return _in_place("truediv", self, other)

    def __ifloordiv__(self, other: Any) -> Any:
        return _in_place("floordiv", self, other)

    def __imod__(self, other: Any) -> Any:
        return _in_place("mod", self, other)

    def __ipow__(self, other: Any) -> Any:
        return _in_place("pow", self, other)

    def __iand__(self, other: Any) -> Any:
        return _in_place("and", self, other)

    def __ior__(self, other: Any) -> Any:
        return _in_place("or", self, other)

    def __ixor__(self, other: Any) -> Any:
        return _in_place("xor", self, other)

    def __ilshift__(self, other: Any) -> Any:
        return _in_place("shl", self, other)

    def __irshift__(self, other: Any) -> Any:
        return _in_place("shr", self, other)


@users_frames_only
def empty(shape: Shape, dtype: object = f32, *, device: str | Device = HOST) -> Array:
    """An array whose elements are whatever was in the memory."""
    memory = _memory(device)
    try:
        return Array(memory.empty(shape, numpy_dtype(our_dtype(dtype))), memory)
    except MemoryError as error:
        raise DeviceError(f"out of memory: {error}") from None
    except (ValueError, TypeError) as error:
        raise LaunchError(f"cannot make an array of shape {shape!r}: {error}") from None


@users_frames_only
def zeros(shape: Shape, dtype: object = f32, *, device: str | Device = HOST) -> Array:
    """An array of zeros; in a kernel, a tile of zeros."""
    return full(shape, 0, dtype, device=device)


@users_frames_only
def ones(shape: Shape, dtype: object = f32, *, device: str | Device = HOST) -> Array:
    """An array of ones; in a kernel, a tile of ones."""
    return full(shape, 1, dtype, device=device)


@users_frames_only
def full(
    shape: Shape,
    fill_value: bool | int | float,
    dtype: object = None,
    *,
    device: str | Device = HOST,
) -> Array:
    """An array of one value, by default of the value's type; in a kernel, a tile of it."""
    memory = _memory(device)
    number = fill_value.item() if isinstance(fill_value, np.generic) else fill_value
    try:
        wanted = None if dtype is None else our_dtype(dtype)
        return Array(arithmetic.fill(memory, shape, number, wanted), memory)
    except MemoryError as error:
        raise DeviceError(f"out of memory: {error}") from None
    except (ValueError, TypeError) as error:
        raise LaunchError(f"cannot make an array of shape {shape!r}: {error}") from None


@users_frames_only
def array(data: Any, dtype: object = None, *, device: str | Device | None = None) -> Array:
    """A new array with a copy of `data`: an array of any library, or numbers in sequences.

    By default on the host; `LaunchError` for data on a GPU, unless `device` says where it is to go.
    """
    source = _array_over(data) if is_array(data) else _array_of_numbers(data, dtype)
    made = source.to(_destination(source, device))
    made = made if dtype is None else made.to(our_dtype(dtype))
    return made.copy() if made is source else made


@users_frames_only
def asarray(data: Any, dtype: object = None, *, device: str | Device | None = None) -> Array:
    """An array over the memory of `data` where that can be, else a copy.

    By default on the host; `LaunchError` for data on a GPU, unless `device` says where it is to be.
    """
    source = _array_over(data) if is_array(data) else _array_of_numbers(data, dtype)
    made = source.to(_destination(source, device))
    return made if dtype is None else made.to(our_dtype(dtype))


# The errors of operators and methods end at the user's line.
for _name, _method in list(vars(Array).items()):
    if isinstance(_method, FunctionType) and _name not in ("__init__", "__hash__", "__repr__"):
        setattr(Array, _name, users_frames_only(_method))

# In a kernel these names mean the builtins.
for _function, _twin in ((zeros, build.zeros), (ones, build.ones), (full, build.full)):
    vars(_function)["__tilewright_builtin__"] = _twin

_native.register_array_class(Array)


def _destination(source: Array, where: str | Device | None) -> str | Device:
    """Where an array is to be: the host unless told, and from a GPU nothing gets there untold."""
    if where is None and not source._is_on_host:
        raise LaunchError(
            f"the data is on {source.device}, and arrays are made on the CPU by default\n"
            f"note: device='{source.device}' leaves it there, device='cpu' copies it"
        )
    return HOST if where is None else where


def _memory(name: str | Device) -> Memory:
    return memory_of(device(name))


def _array_over(thing: Any) -> Array:
    """An array of any library, over its memory."""
    if isinstance(thing, Array):
        return thing
    if not is_on_gpu(thing):
        return Array(as_host(thing), memory_of(host()))
    header, label = as_header(thing)
    return Array(header, memory_of(device(label)))


def _array_of_numbers(data: object, dtype: object) -> Array:
    wanted = None if dtype is None else numpy_dtype(our_dtype(dtype))
    try:
        return Array(np.array(data, wanted), memory_of(host()))
    except (ValueError, TypeError, OverflowError) as error:
        raise LaunchError(f"cannot make an array of {type(data).__name__}: {error}") from None


Operand = Array | np.generic | bool | int | float


def _operand(thing: object) -> Operand | None:
    """What an operator can work with; None if it is for Python to ask the other side."""
    match thing:
        case Array() | np.generic() | bool() | int() | float():
            return thing
    return _array_over(thing) if is_array(thing) else None


def _united(
    *operands: Operand, memory: Memory | None = None
) -> tuple[Memory, list[arithmetic.Operand]]:
    """The memory that all arrays among operands are in, and the operands for arithmetic."""
    found: list[arithmetic.Operand] = []
    for one in operands:
        if isinstance(one, Array):
            if memory is not None and one._memory is not memory:
                there = memory.device
                raise LaunchError(
                    f"arrays are on {there} and {one.device}, expected one device\n"
                    f"note: `.to('{there}')` copies an array there"
                )
            memory = one._memory
            found.append(one._header)
        else:
            found.append(one)
    assert memory is not None
    return memory, found


def _binary(name: str, left: object, right: object) -> Any:
    a, b = _operand(left), _operand(right)
    if a is None or b is None:
        return NotImplemented
    memory, operands = _united(a, b)
    return Array(_checked(arithmetic.binary, memory, name, *operands), memory)


def _product(left: object, right: object) -> Any:
    a, b = _operand(left), _operand(right)
    if not isinstance(a, Array | np.generic) or not isinstance(b, Array | np.generic):
        return NotImplemented
    memory, operands = _united(a, b)
    return Array(_checked(arithmetic.product, memory, *operands), memory)


def _unary(name: str, x: Array) -> Array:
    return Array(_checked(arithmetic.unary, x._memory, name, x._header), x._memory)


def _in_place(name: str, target: Array, other: object) -> Any:
    b = _operand(other)
    if b is None:
        return NotImplemented
    memory, operands = _united(target, b)
    _checked(arithmetic.binary, memory, name, *operands, target._header)
    return target


def _checked(function: Any, *arguments: object) -> Any:
    """Call, with what the language refuses shown as the user's call, not as a kernel of ours."""
    try:
        return function(*arguments)
    except Error as error:
        raise LaunchError(getattr(error, "message", str(error))) from None
