"""Compile emitted CUDA C++ with g++ and run it on the host, one block of fibers after another.

The text is what NVRTC gets, but for the prelude's functions of instructions (topics `ptx...`):
`ptx_on_host.h` has these. g++ shows every access to memory (-fsanitize=thread) to `machine.cpp`.
"""

from __future__ import annotations

import ctypes
import hashlib
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from tilewright.codegen.cuda.prelude import declarations, topics

HERE: Final = Path(__file__).parent
POISON: Final = 0xA5
FLAGS: Final = (
    "-std=c++20", "-Og", "-g1", "-fPIC", "-w", "-fno-strict-aliasing", "-ffp-contract=off",
    "-fno-exceptions", "-fno-rtti", "-fsanitize=thread",
    "-fsanitize=alignment,signed-integer-overflow,shift-exponent,bool,unreachable",
    "-fno-threadsafe-statics", "--param=tsan-distinguish-volatile=1",
    "--param=tsan-instrument-func-entry-exit=0",
)  # fmt: skip
EXTERN_SHARED: Final = re.compile(
    r"extern\s+__shared__\s+(?:(?:alignas|__align__)\s*\(\s*\d+\s*\)\s*)?"
    r"([\w ]+?)\s+(\w+)\s*\[\s*\]\s*;"
)
MARK: Final = re.compile(r"^\s*#line .*$", re.MULTILINE)  # of the user's source
CALL: Final = """
#undef __shared__
extern char __ehdr_start __attribute__((visibility("hidden")));
extern char __bss_start __attribute__((visibility("hidden")));
extern char _end __attribute__((visibility("hidden")));
template <class Arguments, class Services>
static void emulated_call(void (*kernel)(Arguments, Services), const void* a, const void* s) {
  kernel(*static_cast<const Arguments*>(a), *static_cast<const Services*>(s));
}
extern "C" __attribute__((no_sanitize("thread", "undefined"))) void emulated_entry(
    const void* arguments, const void* services) {
  emulated_call(%s, arguments, services);
}
extern "C" void* emulated_places[] = {&__ehdr_start, &__bss_start, &_end};
"""


class _Range(ctypes.Structure):
    _fields_ = (
        ("begin", ctypes.c_void_p),
        ("bytes", ctypes.c_ulong),
        ("is_exclusive", ctypes.c_int),
    )


class _Launch(ctypes.Structure):
    _fields_ = (
        ("kernel", ctypes.c_void_p),
        ("arguments", ctypes.c_void_p),
        ("services", ctypes.c_void_p),
        ("threads", ctypes.c_int),
        ("blocks", ctypes.c_int),
        ("shared_bytes", ctypes.c_ulong),
        ("seed", ctypes.c_ulong),
        ("statics", _Range),
        ("constants", _Range),
        ("ranges", ctypes.c_void_p),
        ("range_count", ctypes.c_int),
        ("has_failed", ctypes.c_void_p),
        ("message", ctypes.c_char_p),
        ("culprit", ctypes.c_void_p),
    )


class _Failure(ctypes.Structure):
    _fields_ = (
        ("claimed", ctypes.c_int),
        ("code", ctypes.c_int),
        ("place", ctypes.c_int),
        ("count", ctypes.c_int),
        ("values", ctypes.c_longlong * 16),
    )


class _Services(ctypes.Structure):
    _fields_ = (
        ("scratch", ctypes.c_void_p),
        ("failure", ctypes.c_void_p),
        ("prints", ctypes.c_void_p),
        ("programs", ctypes.c_longlong),
    )


@dataclass(frozen=True)
class Failure:
    """What a kernel told of what is wrong: the code of `services.fail`, the place, values."""

    code: int
    place: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class Print:
    """A record that a kernel printed."""

    place: int
    program: int
    payload: bytes


@dataclass(frozen=True)
class Outcome:
    """What came of a launch besides what lies in the arrays."""

    failure: Failure | None = None
    prints: list[Print] = field(default_factory=list)
    is_print_lost: bool = False


class EmulationError(AssertionError):
    """What a GPU does wrong, perhaps without a sign: a race, divergence, a stray access."""


def run(
    text: str,
    entry: str,
    threads: int,
    shared_bytes: int,
    block: bytes,
    programs: int,
    *,
    arrays: Sequence[tuple[int, int]] = (),
    scratch_bytes: int = 0,
    print_bytes: int = 1 << 16,
    blocks: int | None = None,
    seed: int = 1,
    architecture: int = 900,
) -> Outcome:
    """Run all programs of a kernel; `arrays` are address and bytes of all memory it may touch.

    A kernel with scratch is launched with a few blocks that take programs in turn. Fails with what
    went wrong in the way of the machine; what the kernel reports itself is part of the outcome.
    """
    if programs == 0:
        return Outcome()
    code = _load(text, entry, architecture)
    if blocks is None:
        blocks = min(programs, 3) if scratch_bytes else programs
    scratch = _memory((scratch_bytes + 255) // 256 * 256 * blocks, POISON)
    prints = _memory(16 + print_bytes, 0)
    ctypes.c_ulonglong.from_buffer(prints, 8).value = print_bytes
    failure = _Failure()
    services = _Services(
        _address(scratch) if scratch_bytes else None,
        ctypes.addressof(failure),
        _address(prints),
        programs,
    )
    arguments = _memory(len(block), 0)
    arguments[: len(block)] = block
    own = [
        (failure, ctypes.sizeof(failure), 0),
        (prints, len(prints), 0),
        (scratch, len(scratch), 1),
    ]
    ranges = [_Range(address, size, 1) for address, size in arrays if size]
    ranges += [_Range(ctypes.addressof(memory), size, how) for memory, size, how in own if size]
    held = (_Range * len(ranges))(*ranges)
    message = ctypes.create_string_buffer(1024)
    launch = _Launch(
        kernel=code.entry, arguments=_address(arguments), services=ctypes.addressof(services),
        threads=threads, blocks=blocks, shared_bytes=shared_bytes, seed=seed,
        statics=_Range(code.statics, code.end - code.statics, 1),
        constants=_Range(code.start, code.statics - code.start, 0),
        ranges=ctypes.addressof(held), range_count=len(ranges),
        has_failed=ctypes.addressof(failure), message=ctypes.cast(message, ctypes.c_char_p),
    )  # fmt: skip
    _machine().emulate(ctypes.byref(launch))
    if message.value:
        raise EmulationError(message.value.decode() + code.line_of(launch.culprit))
    return _outcome(failure, prints)


def _outcome(failure: _Failure, prints: ctypes.Array[ctypes.c_char]) -> Outcome:
    used, capacity = (ctypes.c_ulonglong.from_buffer(prints, at).value for at in (0, 8))
    records, at = [], 16
    while at < 16 + used and at + 16 <= 16 + capacity:
        place, size = (ctypes.c_int.from_buffer(prints, at + k).value for k in (0, 4))
        if (place, size) == (0, 0):  # the one that had no room
            break
        program = ctypes.c_longlong.from_buffer(prints, at + 8).value
        records.append(Print(place, program, prints.raw[at + 16 : at + 16 + size]))
        at += 16 + (size + 7) // 8 * 8
    told = Failure(failure.code, failure.place, tuple(failure.values[: failure.count]))
    return Outcome(told if failure.claimed else None, records, used > capacity)


def _memory(size: int, fill: int) -> ctypes.Array[ctypes.c_char]:
    """Zeros or poison, at a multiple of 256 as on the device."""
    whole = ctypes.create_string_buffer(size + 256)
    offset = -ctypes.addressof(whole) % 256
    ctypes.memset(ctypes.addressof(whole), fill, size + 256)
    return (ctypes.c_char * size).from_buffer(whole, offset)


def _address(memory: ctypes.Array[ctypes.c_char]) -> int:
    return ctypes.addressof(memory)


# --- compiling


@dataclass(frozen=True)
class _Code:
    """A kernel in this process: its library, where that lies, what is called."""

    path: Path
    library: ctypes.CDLL
    entry: int
    start: int
    statics: int
    end: int

    def line_of(self, culprit: int | None) -> str:
        if not culprit:
            return ""
        place = hex(culprit - 1 - self.start)
        command = ["addr2line", "-i", "-e", str(self.path), place]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        lines = [line.split("/")[-1].split(" ")[0] for line in found.splitlines()]
        return "".join(f"\n  at {line}" for line in lines)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="tilewright-emulator-")


@cache
def _machine() -> ctypes.CDLL:
    path = Path(_folder().name) / "machine.so"
    options = ("-std=c++20", "-O2", "-g1", "-fPIC", "-shared", "-Wl,-soname,machine.so")
    _compile(*options, str(HERE / "machine.cpp"), "-o", str(path))
    return ctypes.CDLL(str(path), ctypes.RTLD_GLOBAL)


@cache
def _load(text: str, entry: str, architecture: int) -> _Code:
    _machine()
    name = hashlib.sha256(f"{entry} {architecture} {text}".encode()).hexdigest()[:24]
    stem = Path(_folder().name) / name
    source, compiled, path = (stem.with_suffix(end) for end in (".cpp", ".o", ".so"))
    source.write_text(host_text(text, entry))
    _compile(*FLAGS, f"-I{HERE}", f"-D__CUDA_ARCH__={architecture}", "-c", str(source), "-o",
             str(compiled))  # fmt: skip
    _compile("-shared", "-nostdlib", "-Wl,-Bsymbolic", str(compiled), "-o", str(path), "-lm", "-lc")
    library = ctypes.CDLL(str(path))
    start, statics, end = (ctypes.c_void_p * 3).in_dll(library, "emulated_places")
    address = ctypes.cast(library.emulated_entry, ctypes.c_void_p).value
    assert start and statics and end and address
    return _Code(path, library, address, start, statics, end)


def host_text(text: str, entry: str) -> str:
    """The text for g++: without the functions of instructions, and a way to call the kernel."""
    for topic in topics():
        if topic.startswith("ptx"):
            for one in declarations(topic):
                text = text.replace(one.text, "\n" * one.text.count("\n"))
    text = MARK.sub("", text)
    text = EXTERN_SHARED.sub(_dynamic_shared, text)
    return f'#include "ptx_on_host.h"\n#line 1 "{entry}.cu"\n{text}\n{CALL % entry}'


def _dynamic_shared(match: re.Match[str]) -> str:
    """A pointer to it; outside functions not among the variables that are poisoned."""
    dtype, name = match.groups()
    is_local = match.string.count("{", 0, match.start()) > match.string.count("}", 0, match.start())
    where = "" if is_local else 'static __attribute__((section(".data.kept"))) '
    return f"{where}{dtype}* const {name} = static_cast<{dtype}*>(emulated_shared());"


def _compile(*options: str) -> None:
    done = subprocess.run(["g++", *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]
