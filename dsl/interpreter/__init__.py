"""The interpreter: what a function means, op by op, on NumPy."""

from .faults import Fault
from .printing import format_print
from .run import RULES, interpret
from .values import displayed

__all__ = ["RULES", "Fault", "displayed", "format_print", "interpret"]
