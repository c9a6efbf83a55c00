"""Time the first launch of a process on a GPU: `python first_launch.py LIBRARY TASK [OPTION...]`.

Imports, the GPU's context and the arrays come before. Of Tilewright the option `torch` has tensors
of torch for arrays, and `phases` tells where the time went; `device=cpu` is for a try.
"""

import importlib
import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

LIBRARY, TASK, *OPTIONS = sys.argv[1:]
rng = np.random.default_rng()
match TASK:
    case "softmax":
        arguments = (rng.standard_normal((4096, 1000), np.float32),)
        e = np.exp(arguments[0].astype(np.float64))
        exact = e / e.sum(axis=1, keepdims=True)
    case "matmul":
        arguments = tuple(rng.standard_normal((1024, 1024)).astype(np.float16) for _ in range(2))
        exact = arguments[0].astype(np.float32) @ arguments[1].astype(np.float32)
    case "attention":
        arguments = tuple(rng.standard_normal((1024, 64)).astype(np.float16) for _ in range(3))
        q, k, v = (one.astype(np.float32) for one in arguments)
        e = np.exp(q @ k.T / 8)
        exact = e / e.sum(axis=1, keepdims=True) @ v
sys.path.insert(0, str(Path(__file__).parent))
library = importlib.import_module(f"gpu_{LIBRARY}")

begin = perf_counter()
placed = [library.put(one) for one in arguments]
out = library.put(np.full(exact.shape, np.nan, arguments[0].dtype))
library.wait()
made = perf_counter() - begin
phases: dict[str, float] = {}
if "phases" in OPTIONS:
    library.watch(phases)
begin = perf_counter()
getattr(library, TASK)(*placed, out)
launched = perf_counter()
library.wait()
ended = perf_counter()
begun_again = perf_counter()
getattr(library, TASK)(*placed, out)
library.wait()
again = perf_counter() - begun_again
error = np.linalg.norm(library.fetch(out) - exact) / np.linalg.norm(exact)
assert error < 2e-3, error
phases["until it was done"] = ended - launched
print(json.dumps({"seconds": ended - begin, "again": again, "arrays": made, "phases": phases}))
