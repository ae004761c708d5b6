"""Sandbox: a separate process with limited time and memory.

For files from outside, which may be made to keep their reader busy for ever.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import TimeoutError as TooLong
from typing import Protocol, TypeVar

from ledger import SPAWN, BadInput

SECONDS_MOST = 180
MEMORY_MOST = 4 * 1024**3
"""Bytes of address space, of which the libraries take the first part."""

_T = TypeVar("_T")


class Sandbox(Protocol):
    """Calls a module's function in the other process, with values that can be pickled."""

    def __call__(self, function: Callable[..., _T], /, *values: object) -> _T:
        """What the function returns or raises; BadInput when the time is over."""


@contextmanager
def sandbox(seconds: float = SECONDS_MOST) -> Iterator[Sandbox]:
    """A separate process for some calls, which together may take that many seconds."""
    with SPAWN.Pool(1, initializer=_confine) as process:
        until = time.monotonic() + seconds

        def call(function: Callable[..., _T], /, *values: object) -> _T:
            try:
                return process.apply_async(function, values).get(max(0.0, until - time.monotonic()))
            except TooLong:
                raise BadInput(
                    "pdf-reader-timed-out",
                    "The file kept its reader busy for {seconds:g} seconds: take it as it was issued.",
                    seconds=seconds,
                ) from None

        yield call


def _confine() -> None:
    """Limit this process; logging and interrupts are left to its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    with suppress(ValueError, OSError):  # where the system knows no such limit, or a stricter one
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST, resource.getrlimit(resource.RLIMIT_AS)[1]))
