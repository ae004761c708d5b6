"""Child processes that do not run the program's main module again, as spawned ones do otherwise.

A script that uses the fund would be run once more in every child: it would do its work twice, or hang. What a
child runs are functions of these packages, which it imports by name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from threading import Lock
from types import ModuleType
from typing import Any

_HIDING = Lock()


class _Process(SpawnProcess):
    """A spawned process that does not know the main module."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name that the library calls
        with _no_main():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    Process = _Process


SPAWN = _Context()
"""The context to start processes in. Spawned, for a fork would share the open connections of the books."""


@contextmanager
def _no_main() -> Iterator[None]:
    """Hide the main module from the library, which passes its path to the child."""
    with _HIDING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
