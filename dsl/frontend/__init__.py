"""From Python syntax to a verified function."""

from .lower import lower

__all__ = ["lower"]
