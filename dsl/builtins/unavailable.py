"""The names of LANGUAGE.md section 6 that are still to come: calling one is a `CompileError`."""

from __future__ import annotations

from typing import Any, Final

from ..errors import CompileError
from .table import Builtin, Context, builtin

# name: (what it will do, its twins)
UNAVAILABLE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "sort": ("The elements in ascending order along an axis.", ("numpy.sort",)),
    "argsort": ("The order that sorts, stably, along an axis.", ("numpy.argsort",)),
    "topk": ("The k largest values along the last axis, and their indices.", ()),
    "histogram": ("How often 0 to `bins - 1` occur.", ("numpy.histogram",)),
    "gather": ("Elements taken along an axis by an index tile.", ("numpy.take_along_axis",)),
    "atomic_add": ("Add to elements of an array; gives the old ones.", ()),
    "atomic_max": ("Keep the larger in elements of an array; gives the old ones.", ()),
    "atomic_min": ("Keep the smaller in elements of an array; gives the old ones.", ()),
    "atomic_and": ("Conjoin elements of an array; gives the old ones.", ()),
    "atomic_or": ("Disjoin elements of an array; gives the old ones.", ()),
    "atomic_xor": ("Exclusively disjoin elements of an array; gives the old ones.", ()),
    "atomic_xchg": ("Exchange elements of an array; gives the old ones.", ()),
    "atomic_cas": ("Exchange what is as expected in an array; gives the old elements.", ()),
}


def _declare(name: str, doc: str, twins: tuple[str, ...]) -> Builtin:
    def refuse(context: Context, *arguments: object, **keywords: object) -> Any:
        raise CompileError(f"tw.{name} is not available yet")

    refuse.__doc__ = f"{doc} Not available yet."
    return builtin(*twins, name=name)(refuse)


for _name, (_doc, _twins) in UNAVAILABLE.items():
    _declare(_name, _doc, _twins)
