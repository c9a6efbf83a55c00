"""The workloads, a file per kind; each library's version is written as well as we know how."""

from . import elementwise, lanes, launch, matrix, nbody, order, rows, scatter

WORKLOADS = (
    *elementwise.WORKLOADS,
    *launch.WORKLOADS,
    *rows.WORKLOADS,
    *order.WORKLOADS,
    *lanes.WORKLOADS,
    *nbody.WORKLOADS,
    *matrix.WORKLOADS,
    *scatter.WORKLOADS,
)
