"""What a compile gives: code, how to call it, and what is known about it; and its form in a file.

The file form, all numbers little-endian:

| bytes | what |
| --- | --- |
| 8 | magic `\\x93TWART\\r\\n` |
| 4 | version, checked before all that follows |
| 4 | zero |
| 8 | length of the manifest |
| 8 | length of the code |
| 32 | SHA-256 over the 32 bytes before it, the manifest and the code |
| | the manifest, JSON in UTF-8 |
| | the code |

Nothing follows. Standard library only: what reads artifacts needs no compiler.
"""

from __future__ import annotations

import json
import struct
from hashlib import sha256
from math import isfinite
from typing import Final

from tilewright.dsl.records import record, replace

MAGIC: Final = b"\x93TWART\r\n"  # a text-mode copy damages it, so does a seven-bit one
# Of the format and of what code asks of the runtime that calls it.
VERSION: Final = 2

_HEAD: Final = struct.Struct("<8sIIQQ")
_PREFIX: Final = _HEAD.size + 32
_SLOT_KINDS: Final = frozenset({"array", "scalar", "pointer", "allocation"})


@record
class Slot:
    """Where one parameter lies in the argument block, `offset` in bytes.

    `parameter` is its position among the function's parameters, `kind` is `array`, `scalar`,
    `pointer` or `allocation`, `dtype` the code of its dtype.
    """

    parameter: int
    kind: str
    dtype: int
    rank: int
    offset: int

    @property
    def words(self) -> int:
        """How many words of 8 bytes it takes: an array has a pointer, extents and strides, an
        allocation a start and a size.
        """
        match self.kind:
            case "array":
                return 1 + 2 * self.rank
            case "allocation":
                return 2
            case _:
                return 1


@record
class Artifact:
    """Code for one target and how to call it.

    `entry` is the symbol to call, `slots` and `block_bytes` say how its arguments lie,
    `scratch_bytes` what each thread must lend it, `cost` the estimated nanoseconds of one program.
    `metadata` can be written as JSON.
    """

    target: str
    entry: str
    code: bytes
    slots: tuple[Slot, ...]
    block_bytes: int
    scratch_bytes: int
    cost: float
    metadata: dict[str, object]

    def with_metadata(self, **items: object) -> Artifact:
        """The same artifact with more known about it."""
        return replace(self, metadata=self.metadata | items)

    def to_bytes(self) -> bytes:
        """The file form."""
        manifest = {
            "target": self.target,
            "entry": self.entry,
            "slots": [[s.parameter, s.kind, s.dtype, s.rank, s.offset] for s in self.slots],
            "block_bytes": self.block_bytes,
            "scratch_bytes": self.scratch_bytes,
            "cost": float(self.cost),
            "metadata": self.metadata,
        }
        text = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
        head = _HEAD.pack(MAGIC, VERSION, 0, len(text), len(self.code))
        return b"".join((head, _digest(head, text, self.code), text, self.code))

    @staticmethod
    def from_bytes(data: bytes) -> Artifact:
        """Read the file form; raises `ValueError` that says what is wrong with it."""
        text, code = _open_envelope(data)
        try:
            manifest = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"artifact has a malformed manifest: {error}") from None
        fields = _Fields(manifest)
        return Artifact(
            target=fields.text("target"),
            entry=fields.text("entry"),
            code=code,
            slots=_read_slots(fields),
            block_bytes=fields.count("block_bytes"),
            scratch_bytes=fields.count("scratch_bytes"),
            cost=fields.number("cost"),
            metadata=fields.mapping("metadata"),
        )


def _digest(head: bytes, text: bytes, code: bytes) -> bytes:
    hasher = sha256(head)
    hasher.update(text)
    hasher.update(code)
    return hasher.digest()


def _open_envelope(data: bytes) -> tuple[bytes, bytes]:
    """Manifest and code of a file, once everything about the outside of it is checked."""
    if data[: len(MAGIC)] != MAGIC[: len(data)]:
        raise ValueError("not an artifact: it begins with other bytes")
    if len(data) < _PREFIX:
        raise ValueError(f"artifact is truncated: {len(data)} bytes, its header has {_PREFIX}")
    head = data[: _HEAD.size]
    _, version, reserved, text_length, code_length = _HEAD.unpack(head)
    if version != VERSION:
        age = "newer" if version > VERSION else "older"
        raise ValueError(f"artifact has version {version}, {age} than {VERSION}")
    if reserved:
        raise ValueError("artifact is damaged: a reserved field is not zero")
    expected = _PREFIX + text_length + code_length
    if len(data) < expected:
        raise ValueError(f"artifact is truncated: {len(data)} bytes of {expected}")
    if len(data) > expected:
        raise ValueError(f"artifact has {len(data) - expected} bytes after its end")
    text, code = data[_PREFIX : _PREFIX + text_length], data[_PREFIX + text_length :]
    if data[_HEAD.size : _PREFIX] != _digest(head, text, code):
        raise ValueError("artifact is damaged: its checksum does not match")
    return text, code


def _read_slots(fields: _Fields) -> tuple[Slot, ...]:
    slots = []
    for row in fields.rows("slots"):
        match row:
            case [int(parameter), str(kind), int(dtype), int(rank), int(offset)] if (
                kind in _SLOT_KINDS and min(parameter, dtype, rank, offset) >= 0
            ):
                slots.append(Slot(parameter, kind, dtype, rank, offset))
            case _:
                raise ValueError(f"artifact has a malformed slot: {row!r}")
    return tuple(slots)


class _Fields:
    """The fields of a manifest, each checked when it is read."""

    def __init__(self, manifest: object) -> None:
        if not isinstance(manifest, dict):
            raise ValueError("artifact has a malformed manifest: not an object")
        self._manifest = manifest

    def text(self, name: str) -> str:
        """A string."""
        value = self._manifest.get(name)
        if not isinstance(value, str):
            raise self._malformed(name)
        return value

    def count(self, name: str) -> int:
        """An integer that is not negative."""
        value = self._manifest.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._malformed(name)
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._manifest.get(name)
        if not isinstance(value, float) or not isfinite(value):
            raise self._malformed(name)
        return value

    def rows(self, name: str) -> list[object]:
        """A list."""
        value = self._manifest.get(name)
        if not isinstance(value, list):
            raise self._malformed(name)
        return value

    def mapping(self, name: str) -> dict[str, object]:
        """An object."""
        value = self._manifest.get(name)
        if not isinstance(value, dict):
            raise self._malformed(name)
        return value

    def _malformed(self, name: str) -> ValueError:
        return ValueError(f"artifact has a malformed field {name!r} in its manifest")
