"""`python -m tests.fuzz --seconds 3600` from the root of the repository hunts for faults."""

from __future__ import annotations

import sys

from .run import main

sys.exit(main(sys.argv[1:]))
