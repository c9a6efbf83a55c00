"""Memory of other libraries as NumPy arrays, and ours for them: DLPack and the array interface.

NumPy's own DLPack support knows no `bf16` and no `f8`, so the tensor is read here. Its layout is
that of https://dmlc.github.io/dlpack/latest/c_api.html, version 1.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tilewright import _native
from tilewright.dsl.types import (
    DTYPES,
    DTYPES_BY_NAME,
    Dtype,
    bf16,
    bool_,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
)

from .errors import DeviceError, LaunchError
from .headers import Header, header_over

Host = NDArray[Any]

# What NumPy calls the dtypes it knows itself.
_NUMPY: Final[dict[Dtype, np.dtype[Any]]] = {
    bool_: np.dtype(np.bool_),
    i8: np.dtype(np.int8), i16: np.dtype(np.int16),
    i32: np.dtype(np.int32), i64: np.dtype(np.int64),
    u8: np.dtype(np.uint8), u16: np.dtype(np.uint16),
    u32: np.dtype(np.uint32), u64: np.dtype(np.uint64),
    f16: np.dtype(np.float16), f32: np.dtype(np.float32), f64: np.dtype(np.float64),
}  # fmt: skip
_OURS: Final[dict[np.dtype[Any], Dtype]] = {there: ours for ours, there in _NUMPY.items()}
_FROM_ML_DTYPES: Final = {bf16: "bfloat16", f8e4m3: "float8_e4m3fn", f8e5m2: "float8_e5m2"}

# Codes of DLPack's element types.
_BFLOAT: Final = 4
_DLPACK: Final[dict[tuple[int, int], Dtype]] = {
    (0, 8): i8, (0, 16): i16, (0, 32): i32, (0, 64): i64,
    (1, 8): u8, (1, 16): u16, (1, 32): u32, (1, 64): u64,
    (2, 16): f16, (2, 32): f32, (2, 64): f64, (_BFLOAT, 16): bf16, (6, 8): bool_,
    (10, 8): f8e4m3, (12, 8): f8e5m2,
}  # fmt: skip
_DLPACK_CODES: Final = {dtype: code for (code, _), dtype in _DLPACK.items()}
_CPU: Final = 1
_HOST_DEVICES: Final = (_CPU, 3)  # the host's memory, and memory pinned for CUDA
_CUDA_DEVICES: Final = (2, 13)  # a GPU's, and memory that moves between it and the host


def numpy_dtype(dtype: Dtype) -> np.dtype[Any]:
    """NumPy's dtype for one of ours; `DeviceError` where `ml_dtypes` is needed and missing."""
    found = _NUMPY.get(dtype)
    if found is not None:
        return found
    name = _FROM_ML_DTYPES.get(dtype)
    if name is None:
        raise LaunchError(f"arrays cannot have dtype {dtype}")
    try:
        import ml_dtypes
    except ImportError:
        raise DeviceError(
            f"arrays of dtype {dtype} need the package ml_dtypes", note="pip install ml_dtypes"
        ) from None
    made: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
    return made


def is_known_to_numpy(dtype: Dtype) -> bool:
    """Whether NumPy has the dtype itself, without `ml_dtypes`."""
    return dtype in _NUMPY


def our_dtype(dtype: object) -> Dtype:
    """Our dtype for one of ours, one of NumPy's, or a name; raises `LaunchError` otherwise."""
    match dtype:
        case Dtype():
            return dtype
        case np.dtype() if dtype in _OURS:
            return _OURS[dtype]
        case str() if dtype in DTYPES_BY_NAME:
            return DTYPES_BY_NAME[dtype]
    try:
        wanted: np.dtype[Any] = np.dtype(dtype)  # type: ignore[call-overload]
    except TypeError:
        raise LaunchError(f"{dtype!r} is no dtype") from None
    _learn_dtypes()
    found = _OURS.get(wanted.newbyteorder("="))
    if found is not None:
        return found
    raise LaunchError(f"arrays of dtype {wanted} are not supported")


def as_host(thing: object) -> Host:
    """An object of any library as a NumPy array over the same memory.

    Raises `LaunchError` for what is no array in the host's memory.
    """
    host = getattr(thing, "_host", None)
    if isinstance(host, np.ndarray):
        return host
    if isinstance(thing, np.ndarray):
        return thing
    if is_on_gpu(thing):
        raise LaunchError("the array is on a GPU, expected one in the host's memory")
    if hasattr(thing, "__dlpack__"):
        return _from_dlpack(thing)
    if hasattr(thing, "__array_interface__"):
        return np.asarray(thing)
    raise LaunchError(f"expected an array, got {type(thing).__name__}")


def as_header(thing: object) -> tuple[Header, str]:
    """An array of any library on a GPU, as a header over the same memory and its device's name.

    What its library does with it is done before what follows on the current stream.
    """
    view = _native.as_view(thing)
    dtype = numpy_dtype(DTYPES[view.dtype])
    strides = tuple(dtype.itemsize * stride for stride in view.strides)
    return header_over(view.ptr, view.shape, strides, dtype, view, not view.writable), view.device


def header_of(thing: object) -> Header:
    """An array of any library, wherever it is, for who looks at its shape and address."""
    return as_header(thing)[0] if is_on_gpu(thing) else as_host(thing)


def is_on_gpu(thing: Any) -> bool:
    """Whether an array of any library is in the memory of a GPU."""
    if isinstance(thing, np.ndarray):
        return False
    if hasattr(thing, "__cuda_array_interface__"):
        return True
    kind = int(thing.__dlpack_device__()[0]) if hasattr(thing, "__dlpack_device__") else _CPU
    return kind in _CUDA_DEVICES


def is_array(thing: object) -> bool:
    """Whether an object is an array of some library, NumPy's scalars not counted."""
    if isinstance(thing, np.generic):
        return False
    return any(hasattr(thing, name) for name in _PROTOCOLS)


_PROTOCOLS: Final = ("_host", "__dlpack__", "__array_interface__", "__cuda_array_interface__")


def to_dlpack(host: Host, dtype: Dtype, **options: Any) -> object:
    """A capsule with an array of the host's for another library."""
    if dtype in _NUMPY:
        return host.__dlpack__(**options)
    # NumPy wraps the bits as integers; what they are is written over that.
    capsule = host.view(f"u{dtype.itemsize}").__dlpack__(**options)
    _open_capsule(capsule)[0].dtype.code = _DLPACK_CODES[dtype]
    return capsule


def _learn_dtypes() -> None:
    """Learn the dtypes of `ml_dtypes` once that is imported; only for this it would not be."""
    module = sys.modules.get("ml_dtypes")
    if module is not None and len(_OURS) == len(_NUMPY):
        _OURS.update({np.dtype(getattr(module, name)): d for d, name in _FROM_ML_DTYPES.items()})


class _DataType(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("dtype", _DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _VersionedHead(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
    )


def _from_dlpack(thing: Any) -> Host:
    if int(thing.__dlpack_device__()[0]) not in _HOST_DEVICES:
        raise LaunchError("the array is on a device that is neither the host nor a GPU")
    try:
        capsule = thing.__dlpack__(max_version=(1, 0))
    except TypeError:  # older than versions
        capsule = thing.__dlpack__()
    tensor, is_read_only = _open_capsule(capsule)
    dtype = _DLPACK.get((tensor.dtype.code, tensor.dtype.bits))
    if dtype is None or tensor.dtype.lanes != 1:
        raise LaunchError(
            f"elements of DLPack type {tensor.dtype.code} with {tensor.dtype.bits} bits are not "
            "supported"
        )
    shape = tuple(tensor.shape[: tensor.ndim])
    strides = None
    if tensor.strides:
        strides = tuple(stride * dtype.itemsize for stride in tensor.strides[: tensor.ndim])
    address = (tensor.data or 0) + tensor.byte_offset
    # The capsule is not consumed: dropping it with the array gives the tensor back.
    return header_over(address, shape, strides, numpy_dtype(dtype), capsule, is_read_only)


def _open_capsule(capsule: object) -> tuple[_Tensor, bool]:
    """The tensor in a capsule, and whether it is read-only."""
    pointer_in = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_in.restype = ctypes.c_void_p
    pointer_in.argtypes = [ctypes.py_object, ctypes.c_char_p]
    if "dltensor_versioned" in repr(capsule):
        address = pointer_in(capsule, b"dltensor_versioned")
        head = _VersionedHead.from_address(address)
        tensor = _Tensor.from_address(address + ctypes.sizeof(_VersionedHead))
        return tensor, bool(head.flags & 1)
    return _Tensor.from_address(pointer_in(capsule, b"dltensor")), False
