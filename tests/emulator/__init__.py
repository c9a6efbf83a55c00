"""Emitted CUDA C++ run on the host: for values, barriers, races and accesses outside."""
