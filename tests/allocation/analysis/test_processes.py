"""The process pool: however it ends, everything is done or reported, and no process is left."""

from __future__ import annotations

import multiprocessing
import operator
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess

import pytest

from allocation.analysis.processes import side_by_side


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After each test no process is left, though a thread that reaps one is slow to note that it ended."""
    wait, main = os.waitpid, threading.main_thread()

    def reap(pid: int, options: int) -> tuple[int, int]:
        helps = threading.current_thread() is not main
        if not helps:
            time.sleep(0.05)
        reaped = wait(pid, options)
        if helps and reaped[0]:
            time.sleep(0.2)
        return reaped

    monkeypatch.setattr(os, "waitpid", reap)
    yield
    assert not multiprocessing.active_children()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseProcess]]:
    """The processes that a test starts; each is killed at its work, and none of them has done it."""
    started: list[BaseProcess] = []
    start = BaseProcess.start

    def noted(process: BaseProcess) -> None:
        start(process)
        started.append(process)

    monkeypatch.setattr(BaseProcess, "start", noted)
    yield started
    assert {process.exitcode for process in started} == {-signal.SIGKILL}


def test_each_thing_is_done_once_and_given_with_its_place() -> None:
    assert sorted(side_by_side(operator.neg, [3, 5, 8], 2)) == [(0, -3), (1, -5), (2, -8)]


@pytest.mark.usefixtures("ended")
def test_what_the_work_raises_is_raised_at_once() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        list(side_by_side(time.sleep, [-1, 60, 60], 2))


@pytest.mark.usefixtures("ended")
def test_who_stops_listening_waits_for_nothing() -> None:
    doing = side_by_side(time.sleep, [0, 60, 60], 2)
    assert next(doing) == (0, None)
    doing.close()


def test_a_process_that_ends_is_reported_and_the_others_are_ended() -> None:
    with pytest.raises(BrokenProcessPool):
        list(side_by_side(os._exit, [1, 1, 1], 2))


def test_an_interrupt_while_work_is_given_out_ends_what_was_begun(
    monkeypatch: pytest.MonkeyPatch, ended: list[BaseProcess]
) -> None:
    submit = ProcessPoolExecutor.submit

    def interrupted(pool: ProcessPoolExecutor, *_: object) -> object:
        submit(pool, time.sleep, 60)
        raise KeyboardInterrupt

    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(side_by_side(time.sleep, [60], 2))
    assert ended


def test_an_interrupt_before_the_pool_has_begun_is_reported_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as starting:
        starting.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            next(side_by_side(time.sleep, [60], 2))
