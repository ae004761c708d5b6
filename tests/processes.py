"""Processes of this machine, as a test sees them that starts some and must leave none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

SECONDS_MOST = 60


def wait_until(holds: Callable[[], object], seconds: float = SECONDS_MOST) -> None:
    """Until something holds; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.02)


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
