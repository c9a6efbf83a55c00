"""What a warm launch on a GPU costs, from Python and, of the same machine code, from C.

Run it on a machine with a GPU: `python benchmarks/launch_gpu.py`; torch, Triton, CuPy and Numba
take part where they are installed. Launches follow each other without waiting, as many in a row as
the driver queues; the middle of rounds of all contestants in turn, the queue empty before each.
`driver` is `cuLaunchKernel` called in a loop of machine code on the function and the arguments of
ours.
"""

from __future__ import annotations

import argparse
import ctypes
import platform
import statistics
import struct
import sys
import timeit
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final

import llvmlite.binding as llvm
import numpy as np

import tilewright as tw
from tilewright.codegen.abi import argument_layout

GRID: Final = 64
BLOCK: Final = 64
IN_A_ROW: Final = 500  # launches; the driver queues about a thousand before it lets one wait
A, N = 2.5, GRID * BLOCK
TRITON: Final = "launch_gpu_triton.py"  # which reads kernels from a file
OURS: Final = ("driver", "tw.Array", "torch.Tensor")
PACKAGES: Final = ("numpy", "torch", "triton", "cupy", "cupy-cuda12x", "numba", "numba-cuda")

Run = Callable[[int], float]  # so many launches; seconds until the last has been handed over


@tw.kernel
def one(x):
    """One array."""
    x[tw.block(tw.program_id(0) * 64, 64)] = 1.0


@tw.kernel
def three(x, out, a):
    """Two arrays and a number."""
    i = tw.block(tw.program_id(0) * 64, 64)
    out[i] = a * x[i]


@tw.kernel
def five(x, y, out, a, n):
    """Three arrays and two numbers."""
    i = tw.program_id(0) * 64 + tw.arange(64)
    tw.store(out, i, a * x[i] + y[i], mask=i < n)


ARGUMENTS: Final = {"one": "x", "three": "x, out, a", "five": "x, y, out, a, n"}


# --- cuLaunchKernel from machine code -------------------------------------------------------------

LOOP: Final = """
define i32 @launches(i64 %count, ptr %launch, ptr %function, i32 %blocks, i32 %threads,
                     i32 %shared, ptr %parameters) {
entry:
  br label %head
head:
  %k = phi i64 [0, %entry], [%next, %body]
  %goes_on = icmp slt i64 %k, %count
  br i1 %goes_on, label %body, label %done
body:
  %result = call i32 %launch(ptr %function, i32 %blocks, i32 1, i32 1, i32 %threads, i32 1, i32 1,
                             i32 %shared, ptr null, ptr %parameters, ptr null)
  %next = add i64 %k, 1
  %is_good = icmp eq i32 %result, 0
  br i1 %is_good, label %head, label %failed
failed:
  ret i32 %result
done:
  ret i32 0
}
"""


class Driver:
    """The functions of the driver that a launch needs, in the device's primary context."""

    def __init__(self, path: str = "libcuda.so.1") -> None:
        self.library = ctypes.CDLL(path)
        context = ctypes.c_void_p()
        self.call("cuInit", 0)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
        self.call("cuCtxSetCurrent", context)
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(LOOP), machine)
        self._engine.finalize_object()
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p,
        )  # fmt: skip
        self._loop = kind(self._engine.get_function_address("launches"))

    def call(self, name: str, *arguments: object) -> None:
        """Call a function; anything but success is an error."""
        result = getattr(self.library, name)(*arguments)
        if result:
            raise RuntimeError(f"{name} gave {result}")

    def launcher(self, code: bytes, entry: str, threads: int, shared: int, block: bytes) -> Run:
        """What launches a kernel of ours."""
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self.call("cuModuleLoadData", ctypes.byref(module), code)
        self.call("cuModuleGetFunction", ctypes.byref(function), module, entry.encode())
        arguments = ctypes.create_string_buffer(block, len(block))
        services = ctypes.create_string_buffer(struct.pack("<4q", 0, 0, 0, GRID), 32)
        parameters = (ctypes.c_void_p * 2)(*map(ctypes.addressof, (arguments, services)))
        launch = ctypes.cast(self.library.cuLaunchKernel, ctypes.c_void_p)
        kept = arguments, services

        def run(count: int) -> float:
            begun = timeit.default_timer()
            result = self._loop(count, launch, function, GRID, threads, shared, parameters)
            took = timeit.default_timer() - begun
            assert result == 0 and kept, f"cuLaunchKernel gave {result}"
            return took

        return run


def block_of(inspection: Any, values: list[Any]) -> bytes:
    """The arguments of a launch as a kernel of ours takes them."""
    layout = argument_layout(inspection.function)
    block = bytearray(layout.size)
    struct.pack_into("<3q", block, 0, GRID, 1, 1)
    for slot in layout.slots:
        value = values[slot.parameter]
        if slot.kind == "array":
            words = (value.ptr, *value.shape, *value.strides)
            struct.pack_into(f"<{len(words)}q", block, slot.offset, *words)
        else:
            struct.pack_into("<f" if isinstance(value, float) else "<i", block, slot.offset, value)
    return bytes(block)


# --- the contestants ------------------------------------------------------------------------------


@dataclass
class Arrays:
    """The arguments of all kernels, in memory of some library's own."""

    x: Any
    y: Any
    out: Any

    def named(self) -> dict[str, Any]:
        """By the names of the parameters."""
        return {"x": self.x, "y": self.y, "out": self.out, "a": A, "n": N}


def of_python(statement: str, names: Mapping[str, Any]) -> Run:
    """What runs a statement again and again, as `timeit` does."""
    return timeit.Timer(statement, globals=dict(names)).timeit


def ours(kernel: Any, arrays: Arrays) -> Run:
    """A launch as it is written."""
    text = f"kernel[{GRID}]({ARGUMENTS[kernel.name]})"
    return of_python(text, arrays.named() | {"kernel": kernel})


def of_driver(driver: Driver, kernel: Any, arrays: Arrays) -> Run:
    """The same machine code, by the driver alone."""
    names = arrays.named()
    values = [names[name] for name in ARGUMENTS[kernel.name].split(", ")]
    found = kernel.inspect(*values)
    known = found.metadata
    shared = known["shared_memory"]
    return driver.launcher(
        found.cubin, known["entry"], known["threads"], shared, block_of(found, values)
    )


def of_triton(name: str, arrays: Arrays) -> Run:
    """The same kernel in Triton."""
    beside = spec_from_file_location("launch_gpu_triton", Path(__file__).with_name(TRITON))
    assert beside is not None and beside.loader is not None
    kernels = module_from_spec(beside)
    beside.loader.exec_module(kernels)
    kernel = getattr(kernels, name)
    text = f"kernel[({GRID},)]({ARGUMENTS[name]}, BLOCK={BLOCK})"
    return of_python(text, arrays.named() | {"kernel": kernel})


CUPY: Final = {
    "one": "(float* x) { x[blockIdx.x * 64 + threadIdx.x] = 1.0f; }",
    "three": "(const float* x, float* out, float a) { int i = blockIdx.x * 64 + threadIdx.x; "
    "out[i] = a * x[i]; }",
    "five": "(const float* x, const float* y, float* out, float a, int n) { "
    "int i = blockIdx.x * 64 + threadIdx.x; if (i < n) out[i] = a * x[i] + y[i]; }",
}


def of_cupy(name: str, cupy: Any) -> Run:
    """The same kernel in CUDA C++, launched by CuPy."""
    kernel = cupy.RawKernel(f'extern "C" __global__ void {name}{CUPY[name]}', name)
    names = _arrays(cupy.asarray).named() | {"a": np.float32(A), "n": np.int32(N)}
    arguments = f"({ARGUMENTS[name]},)"
    return of_python(f"kernel(({GRID},), ({BLOCK},), {arguments})", names | {"kernel": kernel})


def of_numba(name: str, cuda: Any) -> Run:
    """The same kernel in Numba."""

    def one(x):  # type: ignore[no-untyped-def]
        x[cuda.grid(1)] = 1.0

    def three(x, out, a):  # type: ignore[no-untyped-def]
        i = cuda.grid(1)
        out[i] = a * x[i]

    def five(x, y, out, a, n):  # type: ignore[no-untyped-def]
        i = cuda.grid(1)
        if i < n:
            out[i] = a * x[i] + y[i]

    kernel = cuda.jit({"one": one, "three": three, "five": five}[name])
    names = _arrays(cuda.to_device).named() | {"a": np.float32(A), "n": np.int32(N)}
    text = f"kernel[{GRID}, {BLOCK}]({ARGUMENTS[name]})"
    return of_python(text, names | {"kernel": kernel})


def _arrays(put: Callable[[Any], Any]) -> Arrays:
    rng = np.random.default_rng()
    return Arrays(*(put(rng.standard_normal(N, np.float32)) for _ in range(3)))


def contestants(driver: Driver, kernel: Any) -> dict[str, Run]:
    """Who launches, in the order of the table."""
    here = _arrays(lambda data: tw.array(data, device="cuda:0"))
    found = {"driver": of_driver(driver, kernel, here), "tw.Array": ours(kernel, here)}
    name = kernel.name
    torch = _optional("torch")
    if torch is not None and torch.cuda.is_available():
        tensors = _arrays(lambda data: torch.from_numpy(data).cuda())
        found["torch.Tensor"] = ours(kernel, tensors)
        if _optional("triton") is not None:
            found["Triton"] = of_triton(name, tensors)
    cupy, cuda = _optional("cupy"), _optional("numba.cuda")
    if cupy is not None:
        found["CuPy"] = of_cupy(name, cupy)
    if cuda is not None and cuda.is_available():
        found["Numba"] = of_numba(name, cuda)
    return found


def _optional(name: str) -> Any:
    try:
        return import_module(name)
    except Exception:  # not installed, or not for this machine
        return None


# --- the table ------------------------------------------------------------------------------------


def measure(runs: Mapping[str, Run], rounds: int) -> dict[str, float]:
    """Microseconds of a launch of each, the middle of all rounds."""
    runs = {who: run for who, run in runs.items() if _is_ready(who, run)}
    found: dict[str, list[float]] = {who: [] for who in runs}
    for _ in range(rounds):
        for who, run in runs.items():
            tw.synchronize("cuda:0")
            found[who].append(run(IN_A_ROW) / IN_A_ROW * 1e6)
    tw.synchronize("cuda:0")
    return {who: statistics.median(times) for who, times in found.items()}


def _is_ready(who: str, run: Run) -> bool:
    """Compile and load; a peer that cannot on this machine is left out, and why is said."""
    try:
        run(20)
    except Exception as error:
        if who in OURS:
            raise
        print(f"{who} takes no part: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    return True


def main() -> None:
    """Print a row for each kernel."""
    from_shell = argparse.ArgumentParser(description=__doc__)
    from_shell.add_argument("--rounds", type=int, default=100)
    chosen = from_shell.parse_args()
    gpu = tw.device("cuda:0")
    print("command     python benchmarks/launch_gpu.py")
    print(f"gpu         {gpu.name}, driver {gpu.capabilities['driver']}")
    print(f"versions    Python {platform.python_version()}, {_versions()}")
    print(
        f"launches    {IN_A_ROW} in a row, {chosen.rounds} rounds; us, times those of the driver\n"
    )
    driver = Driver()
    for number, kernel in enumerate((one, three, five)):
        times = measure(contestants(driver, kernel), chosen.rounds)
        if number == 0:
            print(f"{'arguments':<11}" + "".join(f"{who:>20}" for who in times))
        cells = [f"{t:.2f} us ({t / times['driver']:.2f})" for t in times.values()]
        print(f"{kernel.name:<11}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def _versions() -> str:
    found = []
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


if __name__ == "__main__":
    main()
