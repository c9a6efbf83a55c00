"""How long the random kernels of this suite may take."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--random-seconds`, the time box of the random kernels."""
    parser.addoption(
        "--random-seconds", type=float, default=20.0, help="how long random kernels are tried"
    )
