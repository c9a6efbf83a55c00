"""Cubins to SASS, the instructions of the GPU, by NVIDIA's disassembler where it is found."""

from __future__ import annotations

from .locate import located_sass


def disassemble(cubin: bytes, tool: str) -> str:
    """The instructions of a cubin; behind marks `// #line 17` where it has locations.

    `tool` is the path of `nvdisasm`, which reads nothing but files.
    """
    import subprocess  # slow to load, and seldom needed
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [tool, "--print-line-info", "--print-code", file.name]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        raise AssertionError(f"{tool}: {found.stderr.strip()}")
    return located_sass(found.stdout)
