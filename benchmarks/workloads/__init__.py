"""The workloads, a file per kind; each library's version is written as well as we know how."""

from . import (
    attention,
    batched,
    convolution,
    elementwise,
    lanes,
    launch,
    matrix,
    memory,
    nbody,
    norms,
    options,
    order,
    rotary,
    rows,
    scatter,
    sparse,
    stencil,
)

WORKLOADS = tuple(
    workload
    for subject in (
        memory, elementwise, options, rows, norms, rotary, order, scatter, sparse, stencil,
        lanes, nbody, matrix, batched, convolution, attention, launch,
    )
    for workload in subject.WORKLOADS
)  # fmt: skip
