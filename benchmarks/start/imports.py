"""Time the import of one library after NumPy: `python imports.py NAME`."""

import importlib
import sys
from time import perf_counter

import numpy  # noqa: F401

begin = perf_counter()
importlib.import_module(sys.argv[1])
print(perf_counter() - begin)
