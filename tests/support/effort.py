"""How much random work a test does: enough at every change, and much more in `make soak`."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("MDFM_TEST_SOAK"))
"""Whether this is a long run: other random examples each time, more of them, more kills, larger sizes."""


def effort(quick: int, soak: int) -> int:
    """How many examples, rounds or rows: `quick` in `make test`, `soak` in `make soak`."""
    return soak if SOAK else quick
