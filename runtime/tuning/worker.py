"""A helper process: reads functions as text from standard input, writes artifacts to the output.

A request is its length in decimal and a line feed, then JSON: the target, the options of the
compile, and the IR. The answer is the length of the artifact and its bytes; a length of 0
says that it cannot be compiled.
"""

from __future__ import annotations

import json
import os
import sys

from tilewright.codegen.backends import find_backend
from tilewright.codegen.compile import compile as compile_function
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target
from tilewright.dsl.ir.parse import parse_function


def serve(kind: str) -> None:
    """Compile what is asked for, for devices of one kind, until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that is printed may mix with the answers
    find_backend(kind)  # loads it before the first request
    answers.write(b"ready\n")
    answers.flush()
    while line := sys.stdin.buffer.readline():
        name, nvrtc, toolkit, warps, stages, text = json.loads(sys.stdin.buffer.read(int(line)))
        options = Options(nvrtc=nvrtc, toolkit=tuple(toolkit), num_warps=warps, num_stages=stages)
        try:
            function = parse_function(text)
            data = compile_function(function, parse_target(name), options).to_bytes()
        except Exception:  # whatever it is, the process that asks will meet it again, and tell
            data = b""
        answers.write(b"%d\n" % len(data) + data)
        answers.flush()
