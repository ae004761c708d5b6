"""Progress callbacks: how long work reports how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with how many items are done, and of how many."""
ProgressCount = Callable[[int], None]
"""Called with how many items are done, where their total is not known."""


def no_progress(_done: int, _of: int = 0) -> None:
    """Report nothing: the default of both."""
