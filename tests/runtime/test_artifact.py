"""The file form of artifacts: what was written comes back, anything else is refused."""

from __future__ import annotations

import json
import struct
from hashlib import sha256

import pytest

from tilewright.codegen.artifact import MAGIC, VERSION, Artifact, Slot


@pytest.fixture
def artifact() -> Artifact:
    return Artifact(
        target="cpu:x86-64-v3",
        entry="softmax",
        code=bytes(range(256)),
        slots=(
            Slot(0, "array", 11, 2, 24),
            Slot(1, "scalar", 3, 0, 64),
            Slot(2, "pointer", 9, 0, 72),
        ),
        block_bytes=80,
        scratch_bytes=4096,
        cost=123.5,
        metadata={"vector_width": 16, "strings": {"3": "why"}},
    )


def seal(manifest: bytes, code: bytes = b"") -> bytes:
    """A file whose outside is right, whatever lies in it."""
    head = struct.pack("<8sIIQQ", MAGIC, VERSION, 0, len(manifest), len(code))
    return head + sha256(head + manifest + code).digest() + manifest + code


def test_what_is_written_is_read(artifact: Artifact) -> None:
    assert Artifact.from_bytes(artifact.to_bytes()) == artifact


def test_the_file_form_is_a_function_of_the_content(artifact: Artifact) -> None:
    other = artifact.with_metadata(a=1, b=2)
    assert other.to_bytes() == artifact.with_metadata(b=2).with_metadata(a=1).to_bytes()


def test_empty_code_is_code(artifact: Artifact) -> None:
    bare = Artifact("cpu:aarch64", "f", b"", (), 24, 0, 0.0, {})
    assert Artifact.from_bytes(bare.to_bytes()) == bare


def test_every_flipped_bit_is_noticed(artifact: Artifact) -> None:
    data = artifact.to_bytes()
    for position in range(len(data)):
        for bit in (0, 7):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            with pytest.raises(ValueError, match="artifact"):
                Artifact.from_bytes(bytes(damaged))


def test_every_truncation_is_noticed(artifact: Artifact) -> None:
    data = artifact.to_bytes()
    for length in range(len(data)):
        with pytest.raises(ValueError, match="truncated"):
            Artifact.from_bytes(data[:length])


def test_bytes_after_the_end_are_noticed(artifact: Artifact) -> None:
    with pytest.raises(ValueError, match="3 bytes after its end"):
        Artifact.from_bytes(artifact.to_bytes() + b"abc")


@pytest.mark.parametrize(("version", "age"), [(VERSION + 1, "newer"), (VERSION - 1, "older")])
def test_another_version_is_named(artifact: Artifact, version: int, age: str) -> None:
    data = bytearray(artifact.to_bytes())
    data[8:12] = version.to_bytes(4, "little")
    with pytest.raises(ValueError, match=f"version {version}, {age} than {VERSION}"):
        Artifact.from_bytes(bytes(data))


def test_a_foreign_file_is_named() -> None:
    with pytest.raises(ValueError, match="not an artifact"):
        Artifact.from_bytes(b"\x7fELF" + bytes(100))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("target", 3), ("entry", None), ("slots", {}), ("slots", [[0, "array", 11, 2]]),
        ("slots", [[0, "array", 11, 2, -8]]), ("slots", [[0, "matrix", 11, 2, 24]]),
        ("block_bytes", -1), ("block_bytes", True), ("scratch_bytes", 1.5), ("cost", "much"),
        ("metadata", []),
    ],
)  # fmt: skip
def test_a_malformed_field_is_named(artifact: Artifact, field: str, value: object) -> None:
    manifest = json.loads(artifact.to_bytes()[64 : -len(artifact.code)])
    with pytest.raises(ValueError, match="malformed"):
        Artifact.from_bytes(seal(json.dumps(manifest | {field: value}).encode()))
    del manifest[field]
    with pytest.raises(ValueError, match=f"malformed field '{field}'"):
        Artifact.from_bytes(seal(json.dumps(manifest).encode()))


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff\xff", b"[" * 100_000, b"7"])
def test_a_malformed_manifest_is_named(text: bytes) -> None:
    with pytest.raises(ValueError, match="malformed manifest"):
        Artifact.from_bytes(seal(text))
