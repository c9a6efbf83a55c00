"""Everything an artifact depends on, as one hash."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from tilewright.dsl import ir

from .artifact import VERSION
from .options import Options
from .target import Target

# Goes up when the same text comes to mean something else.
MEANING: Final = 1


def cache_key(function: ir.Function, target: Target, options: Options) -> str:
    """The key of what `compile` gives: 64 hexadecimal digits.

    It covers the meaning of the function (its text, which knows neither comments nor places), the
    target and the versions of the compilers; not what only changes how one looks at a compile.
    """
    parts = [f"meaning {MEANING}, artifact {VERSION}", str(target)]
    parts += [f"{name} {version}" for name, version in options.versions]
    parts += options.plan_texts
    parts.append(ir.show(function))
    return sha256("\n".join(parts).encode()).hexdigest()
