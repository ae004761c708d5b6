"""Process pool: the same work on many items on this machine's cores, without leaving processes behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from multiprocessing import active_children, parent_process
from typing import TypeVar

from ledger import SPAWN

Thing = TypeVar("Thing")
Output = TypeVar("Output")


def side_by_side(
    work: Callable[[Thing], Output], things: Sequence[Thing], processes: int
) -> Generator[tuple[int, Output], None, None]:
    """Run `work` on each item in this many processes; yields index and result of each as it is done.

    Exceptions of the work are raised here. No process is left when it ends, however it ends, or when the
    caller closes the generator. Raises BrokenProcessPool if a process has ended before its work was done.
    """
    others = set(active_children())
    pool = ProcessPoolExecutor(min(processes, len(things)), mp_context=SPAWN, initializer=_depend_on_parent)
    left = set(range(len(things)))
    try:
        waiting = {pool.submit(work, thing): index for index, thing in enumerate(things)}
        for done in as_completed(waiting):
            index = waiting.pop(done)
            left.remove(index)
            yield index, done.result()
    finally:
        if left:
            for child in set(active_children()) - others:
                child.kill()
        # The pool's own thread joins them: of two threads that wait for one process only one learns that it
        # ended, and the other goes on as though it had.
        with suppress(RuntimeError):  # an interrupt may have come before that thread was started
            pool.shutdown(cancel_futures=True)


def _depend_on_parent() -> None:
    """End with the parent, however it ends, but not by its keyboard interrupt.

    CP-SAT takes an interrupt for a limit and returns what it has: no worker may receive one.
    """
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
