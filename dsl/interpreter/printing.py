"""How `print` in a kernel looks, on every target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from .values import Data


def format_print(labels: Sequence[str], values: Sequence[Data]) -> str:
    """The text of one `print`, without a newline at the end: each value behind its label.

    As Python would print them: one space between, arrays in NumPy's notation, further lines of an
    array indented to stand under its first. An empty label takes no room; a label may have no
    value. Elements masked in a NumPy masked array show as `--`; one in which none is masked looks
    like any other array.
    """
    text = ""
    for label, value in zip_longest(labels, values):
        if label:
            text += f" {label}" if text else label
        if value is not None:
            text += " " if text else ""
            indent = len(text) - text.rfind("\n") - 1
            text += str(_unmasked(value)).replace("\n", "\n" + " " * indent)
    return text


def _unmasked(value: Data) -> Data:
    """The array itself where none of its elements is masked: NumPy would pad it otherwise."""
    mask = getattr(value, "mask", None)
    return value if mask is None or mask.any() else value.view(np.ndarray)
