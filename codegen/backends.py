"""The record a backend is, and the table that finds it."""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread  # `threading` loads slowly
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from tilewright.dsl import ir
from tilewright.dsl.records import record

from .options import Options
from .target import Target

Pass = Callable[[ir.Function], ir.Function]
Observer = Callable[[str, object, float], None]


def ignore(stage: str, product: object, seconds: float) -> None:
    """Observe nothing."""


# Loaded by name, late: a warm start must not pay for LLVM, nor for the interpreter's rules.
BACKENDS: Final = {"cpu": "tilewright.codegen.cpu", "cuda": "tilewright.codegen.cuda"}
# What a backend needs that takes long to load, and can be loaded beside everything else.
COMPILERS: Final = {"cuda": "tilewright.codegen.nvrtc"}
INTERPRETER: Final = "tilewright.dsl.interpreter.run"


@record
class Product:
    """What `assemble` gives: an object or cubin; for those who look a listing, and what it tells.

    `usage` is about the code, for the metadata of the artifact: `registers` in use (of a CPU the
    vector registers, of a GPU those of a thread); `spills`, the stores to and loads from the stack
    that their want made necessary. Where only a listing tells, they are None unless one was made.
    """

    code: bytes
    usage: dict[str, object]
    assembly: str | None = None


@record
class Backend:
    """Passes, then a plan, then text, then bytes.

    `passes` gives the pipeline of a target; `plan` decides everything and may be printed; `emit`
    prints function and plan as the target's language; `assemble` makes bytes of it, and tells an
    observer of its steps and what they give. `describe_loops` says in a line each what the loops of
    a plan do. `language` is what the text's stage is called.
    """

    passes: Callable[[Target], tuple[Pass, ...]]
    plan: Callable[[ir.Function, Target, Options], Any]
    emit: Callable[[ir.Function, Any, Target], str]
    assemble: Callable[[str, Target, Options, Observer], Product]
    describe_loops: Callable[[Any], list[str]]
    language: str


def find_backend(kind: str) -> Backend:
    """The backend for a kind of device."""
    backend: Backend = import_module(BACKENDS[kind]).BACKEND
    return backend


def begin_to_load_compiler(target: Target, options: Options) -> None:
    """Let a thread begin to load what assembles code for a target, since it will be needed.

    Takes no time, and may be called any number of times.
    """
    name = COMPILERS.get(target.kind)
    if name is not None:
        import_module(name).begin_to_load(target, options)


def begin_to_load_backend(target: Target, options: Options) -> None:
    """The same, and let another thread load the backend, for those who wait for something else."""
    begin_to_load_compiler(target, options)
    if not _loading.acquire(blocking=False):
        return
    try:
        start_new_thread(_load, (target.kind,))
    except RuntimeError:  # no more threads, or Python is about to end
        _loading.release()


def _load(kind: str) -> None:
    try:
        find_backend(kind)
    finally:
        _loading.release()


def _finish_loading() -> None:
    with _loading:
        pass


_loading = allocate_lock()  # held while a thread does
os.register_at_fork(before=_finish_loading)  # a child would wait for ever for what it imports


def find_interpreter() -> Callable[..., None]:
    """`interpret` of the interpreter, which runs functions as they are."""
    interpret: Callable[..., None] = import_module(INTERPRETER).interpret
    return interpret
