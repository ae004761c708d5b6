"""Work done apart: in a process of its own, which has only so much time and memory.

For what comes from outside and may be made to keep its reader busy for ever.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import TimeoutError as TooLong
from multiprocessing import get_context
from typing import Protocol, TypeVar

from ledger import BadInput

SECONDS_MOST = 180
MEMORY_MOST = 4 * 1024**3
"""Bytes of address space, of which the libraries take the first."""

_T = TypeVar("_T")


class Sandbox(Protocol):
    """Calls a function of a module with values that can be copied, in the other process."""

    def __call__(self, function: Callable[..., _T], /, *values: object) -> _T:
        """What the function returns or raises; BadInput when the time is over."""


@contextmanager
def sandbox(seconds: float = SECONDS_MOST) -> Iterator[Sandbox]:
    """A process of its own for some calls, which together may take so many seconds."""
    # Spawned, not forked: a fork would share the open connections of the books.
    with get_context("spawn").Pool(1, initializer=_confine) as process:
        until = time.monotonic() + seconds

        def call(function: Callable[..., _T], /, *values: object) -> _T:
            try:
                return process.apply_async(function, values).get(max(0.0, until - time.monotonic()))
            except TooLong:
                raise BadInput(
                    f"The file kept its reader busy for {seconds:g} seconds: take it as it was issued."
                ) from None

        yield call


def _confine() -> None:
    """Limit this process, and leave it to its parent to speak and to be interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    with suppress(ValueError, OSError):  # where the system knows no such limit, or a stricter one
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST, resource.getrlimit(resource.RLIMIT_AS)[1]))
