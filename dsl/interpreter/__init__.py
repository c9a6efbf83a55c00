"""The interpreter: what a function means, op by op, on NumPy.

`run.interpret` is not imported here: who compiles has no use for the rules.
"""

from .faults import Fault
from .printing import format_print
from .values import displayed

__all__ = ["Fault", "displayed", "format_print"]
