"""Writers that are processes of their own: killed at any moment, or many after the same money.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from donors import RefundAgreed
from ledger import MdfmError
from mdfm.books import open_at
from tests.support.place import ROOT
from tests.support.small_books import CHECKER, LATER, MAKER, gift

Say = Callable[[str], object]
AT_BIRTH, SINCE_BIRTH_SECONDS, AT_WORK_SECONDS = 0.25, 0.1, 0.03
"""A part of the writers is killed within the first time from birth, the others at work: within the second
from their first entry on."""
LIMIT_SECONDS = 600


class Killed(NamedTuple):
    """What a writer said until it was killed."""

    begun: list[str]
    """References of the gifts it began to record."""
    kept: dict[str, int]
    """Those whose transaction ended, with the numbers of their entries."""


def killed(location: str, rounds: int, seed: int) -> list[Killed]:
    """Let writers record gifts, one after the other, and kill each after a random time."""
    return [Killed(*each) for each in _program("kill", location, rounds, seed)]


def after_the_same(location: str, processes: int, agreement: str, cents: int) -> list[int | str]:
    """Let processes ask at once for the same money back: the entry of each, or why it was refused."""
    told: list[int | str] = _program("race", location, processes, agreement, cents)
    return told


@contextmanager
def at_work(location: str, processes: int) -> Iterator[None]:
    """Processes that record gifts, one after the other, for as long as this is open."""
    command = [sys.executable, "-m", "tests.support.killed.writers", "many", location, str(processes)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == b"ready\n"
            yield
        finally:
            program.stdin.close()
            program.wait(LIMIT_SECONDS)


def _program(*arguments: object) -> Any:
    command = [sys.executable, "-m", "tests.support.killed.writers", *map(str, arguments)]
    root = ROOT
    told = subprocess.run(
        command, cwd=root, check=True, timeout=LIMIT_SECONDS, capture_output=True, text=True
    )
    return json.loads(told.stdout)


# ---- within the program


def _kill(location: str, rounds: str, seed: str) -> list[Killed]:
    chance = random.Random(int(seed))
    open_at(location).close()  # what is loaded only now need not be loaded by every writer
    return [_round(location, number, chance) for number in range(int(rounds))]


def _round(location: str, number: int, chance: random.Random) -> Killed:
    writer, said = _forked(partial(_record_gifts, location, number))
    told = b""
    if chance.random() < AT_BIRTH:
        time.sleep(chance.uniform(0, SINCE_BIRTH_SECONDS))
    else:
        while b" " not in told and (more := os.read(said, 1000)):
            told += more
        time.sleep(chance.uniform(0, AT_WORK_SECONDS))
    os.kill(writer, signal.SIGKILL)
    _, status = os.waitpid(writer, 0)
    if not os.WIFSIGNALED(status):
        raise AssertionError(f"the writer of round {number} ended by itself")
    with os.fdopen(said, "rb") as rest:
        words = [line.split() for line in (told + rest.read()).decode().splitlines()]
    begun = [reference for reference, *seq in words if not seq]
    kept = {reference: int(*seq) for reference, *seq in words if seq}
    return Killed(begun, kept)


def _record_gifts(location: str, number: int, say: Say) -> None:
    book = open_at(location)
    for count in range(10**6):
        reference = f"K-{number}-{count}"
        say(reference)
        with book.recording() as journal:
            sealed = journal.record(gift(reference, 1_00), made_by=MAKER, approved_by=CHECKER)
        say(f"{reference} {sealed.seq}")


def _many(location: str, processes: str) -> None:
    open_at(location).close()
    writers = [
        _forked(lambda _, number=number: _record_gifts(location, number, lambda _: None))  # type: ignore[misc]
        for number in range(int(processes))
    ]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()  # until who started this has had enough, or has ended
    for writer, _ in writers:
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)


def _race(location: str, processes: str, agreement: str, cents: str) -> list[int | str]:
    barrier, go = os.pipe()
    racers = []
    for number in range(int(processes)):
        refund = RefundAgreed(
            on=LATER, code=f"R-{agreement}-{number}", agreement=agreement, cents=int(cents), reason="asked"
        )
        racers.append(_forked(partial(_ask, location, refund, (barrier, go))))
    os.close(barrier)
    os.close(go)
    answers: list[int | str] = []
    for racer, said in racers:
        with os.fdopen(said) as lines:
            answer = lines.read().strip()
        os.waitpid(racer, 0)
        answers.append(int(answer) if answer.isdigit() else answer)
    return answers


def _ask(location: str, refund: RefundAgreed, barrier: tuple[int, int], say: Say) -> None:
    book = open_at(location)
    with book.reading():  # connected, before anybody starts
        os.close(barrier[1])
        os.read(barrier[0], 1)  # ends when the last of all has let go of its other end
    try:
        with book.recording() as journal:
            say(str(journal.record(refund, made_by=MAKER, approved_by=CHECKER).seq))
    except MdfmError as refusal:
        say(str(refusal))


def _forked(work: Callable[[Say], None]) -> tuple[int, int]:
    """A process that does the work, and the end of a pipe on which it says its lines."""
    said, end = os.pipe()
    process = os.fork()
    if process:
        os.close(end)
        return process, said
    try:
        work(lambda line: os.write(end, f"{line}\n".encode()))
    finally:
        os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] == "many":
        _many(*sys.argv[2:])
    else:
        told: object = _kill(*sys.argv[2:]) if sys.argv[1] == "kill" else _race(*sys.argv[2:])
        sys.stdout.write(json.dumps(told))
