"""`mdfm` for documents that are played: each command in its own process, forked from one that has loaded.

A tour runs a hundred commands, and Python loads the program anew for each: most of a minute. So a server
loads it once, and forks for each command that a small client hands it, with the client's folder, variables
and streams. A command sees nothing of the others.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from subprocess import PIPE

from tests.support.place import ROOT

CLIENT = """#!{python} -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(asked).to_bytes(8, "big")], [0, 1, 2])
server.sendall(asked)
sys.exit(int.from_bytes(server.recv(4), "big"))
"""

LOADED = (
    "mdfm.cli.app",
    "mdfm.api",
    "mdfm.api.statements",
    "mdfm.api.reports",
    "rich.table",
    "rich.progress",
    "mdfm.cli.planner.plan",
    "mdfm.cli.finance.bank",
    "mdfm.cli.auditor.audit",
)
"""What most commands need."""


@contextmanager
def warm_program(place: Path) -> Iterator[None]:
    """Put an `mdfm` at `place`, for as long as this is open."""
    address = str(place.with_suffix(".socket"))
    place.write_text(CLIENT.format(python=sys.executable, address=address), encoding="utf-8")
    place.chmod(0o755)
    command = [sys.executable, "-m", "tests.warm_program", address]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdin=PIPE, stdout=PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield
        finally:
            server.kill()


def serve(address: str) -> None:
    """Fork for every command, one after the other, and answer with its exit code."""
    for name in LOADED:
        import_module(name)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    os.write(1, b"ready\n")
    while True:
        ready, _, _ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in ready:
            return  # who started it has ended, however that came
        client, _ = listening.accept()
        with client:
            client.sendall(_run(client).to_bytes(4, "big"))


def _run(client: socket.socket) -> int:
    size, streams, _, _ = socket.recv_fds(client, 8, 3)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += client.recv(1 << 16)
    words, folder, variables = json.loads(asked)
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    # New ones: those of the server believe that they are on what it had.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["mdfm", *words]
    code = 70
    try:
        import_module("mdfm.cli.app").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
