"""Processes of this machine, as a test sees them that starts some and must leave none."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import allocation.analysis.workers
import reports.statement.batch

SECONDS_MOST = 180
"""Only what has gone wrong takes so long, however slow the machine."""


def wait_until(holds: Callable[[], object], seconds: float = SECONDS_MOST) -> None:
    """Until something holds; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.02)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program that is under way, and is ended whatever the test finds."""
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


def children_of(parent: int) -> list[int]:
    """The processes that a process has started and that are there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == parent:
            found.append(int(path.parent.name))
    return found


def is_running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# ---- what a process of a pool does in the place of its work


_settle = allocation.analysis.workers.settle
_write_here = reports.statement.batch._write_here
_calls = itertools.count()


def write_then_die(*args: object) -> object:
    """Write the statements of one donor, and then end as when the system has no memory left."""
    return _once(_write_here, lambda: os.kill(os.getpid(), signal.SIGKILL), *args)


def settle_then_hang(*args: object, **kwargs: object) -> object:
    """Settle one problem, and from then on be at work without end."""
    return _once(_settle, _hang, *args, **kwargs)


def write_then_hang(*args: object) -> object:
    """Write the statements of one donor, and from then on be at work without end."""
    return _once(_write_here, _hang, *args)


def _hang() -> None:
    time.sleep(10 * SECONDS_MOST)


def _once(work: Callable[..., object], then: Callable[[], object], *args: object, **kwargs: object) -> object:
    if next(_calls):
        then()
    return work(*args, **kwargs)
