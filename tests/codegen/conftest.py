"""Options of the tests of the compiler."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`, which writes what the passes give into their `.ir` files."""
    parser.addoption("--update", action="store_true", help="rewrite expected outputs")
