"""Upgrades that are processes of their own, and are killed at any moment.

Run as a program, so that what is forked has neither threads nor open books to inherit; it prints JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ledger.storage.migrations import migrate_within
from mdfm.api import open_fund, upgrade_fund
from tests.support.place import ROOT

LIMIT_SECONDS = 600
MIGRATE = "ledger.safekeeping.upgrade.migrate_within"
AT_WORK = 0.7
"""A part of the upgrades is killed while it runs migrations or compares, the others anywhere."""


def killed(locations: list[str], backups: list[Path], spare: tuple[str, Path], seed: int) -> list[str]:
    """Upgrade each book and kill it after a random time; how far each had said to be by then.

    The `spare` is upgraded first, undisturbed: it tells how long that takes, and loads what is needed.
    """
    plan = {"spare": [spare[0], str(spare[1])], "books": [*zip(locations, map(str, backups), strict=True)]}
    done = subprocess.run(
        [sys.executable, "-m", "tests.books.upgraders", str(seed)],
        cwd=ROOT,
        check=True,
        timeout=LIMIT_SECONDS,
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[str] = json.loads(done.stdout)
    return said


# ---- within the program


def _kill(seed: str) -> list[str]:
    plan = json.load(sys.stdin)
    chance = random.Random(int(seed))
    whole, work = _measured(*plan["spare"])
    return [_round(location, backup, (whole, work), chance) for location, backup in plan["books"]]


def _measured(location: str, backup: str) -> tuple[float, float]:
    """Seconds of a whole upgrade, and of its part after the backup."""
    began: list[float] = []

    def note(*given: Any) -> None:
        began.append(time.monotonic())
        migrate_within(*given)

    with patch(MIGRATE, note):
        start = time.monotonic()
        upgrade_fund(location, backup=Path(backup))
        end = time.monotonic()
    with open_fund(location) as fund:
        fund.head()
    return end - start, end - began[0]


def _round(location: str, backup: str, seconds: tuple[float, float], chance: random.Random) -> str:
    whole, work = seconds
    said, end = os.pipe()
    process = os.fork()
    if not process:
        try:
            _upgrade(location, backup, end)
        finally:
            os._exit(0)
    os.close(end)
    told = b""
    if chance.random() < AT_WORK:
        told = os.read(said, 100)  # until it begins to migrate
        time.sleep(chance.uniform(0, 1.2 * work))
    else:
        time.sleep(chance.uniform(0, whole))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    with os.fdopen(said, "rb") as rest:
        return (told + rest.read()).decode()


def _upgrade(location: str, backup: str, end: int) -> None:
    def tell(*given: Any) -> None:
        os.write(end, b"m")
        migrate_within(*given)
        os.write(end, b"c")

    with patch(MIGRATE, tell):
        upgrade_fund(location, backup=Path(backup))
    os.write(end, b"d")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_kill(sys.argv[1])))
