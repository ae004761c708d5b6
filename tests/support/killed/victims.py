"""Commands that are killed: each is a process of its own, forked from a program that has loaded everything.

Loading takes longer than what is to be killed; so a process is killed at work, and not while it loads.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from click.testing import CliRunner

from mdfm.cli.app import app
from tests.support.place import ROOT

LIMIT_SECONDS = 600


class Victims:
    """The program that forks them."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program

    def run(self, *words: str, seconds: float = LIMIT_SECONDS) -> int:
        """The exit code of `mdfm` with these words; -9 when it was killed after so many seconds."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps([words, seconds]) + "\n")
        self._program.stdin.flush()
        return int(self._program.stdout.readline())


@contextmanager
def victims() -> Iterator[Victims]:
    """A program that starts commands, for as long as this is open."""
    command = [sys.executable, "-m", "tests.support.killed.victims"]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe, stderr=nowhere) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            yield Victims(program)
        finally:
            program.kill()


# ---- within the program


def _serve() -> None:
    _load()
    _say("ready")
    for asked in sys.stdin:
        words, seconds = json.loads(asked)
        _say(str(_run(words, seconds)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _load() -> None:
    """Do once what the children will do: what is loaded for it, they need not load."""
    import_module("psycopg")
    with tempfile.TemporaryDirectory() as folder:
        book, again, backup = (str(Path(folder) / name) for name in ("a.book", "b.book", "a.backup"))
        for words in (["--book", book, "init"], ["--book", book, "backup", backup]):
            _do(words)
        _do(["--book", again, "restore", backup])


def _do(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    if result.exit_code:
        raise AssertionError(result.output)


def _run(words: Sequence[str], seconds: float) -> int:
    child = os.fork()
    if not child:
        _command(words)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _command(words: Sequence[str]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    code = 70
    try:
        sys.argv = ["mdfm", *words]
        import_module("mdfm.cli.app").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
