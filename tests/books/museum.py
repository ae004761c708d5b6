"""The books of released versions, put back as they were: a file, or a database of a server."""

from __future__ import annotations

import gzip
import json
import secrets
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from ledger import Document, Head
from tests.support.engines import EMPTY, Server, raw_server, server_program

MUSEUM = Path(__file__).parent
VERSIONS = sorted(path.parent.name for path in MUSEUM.glob("*/head.txt"))
OLDEST = VERSIONS[0]


def kept(version: str, name: str) -> str:
    """The text of a file of a version."""
    return gzip.decompress((MUSEUM / version / f"{name}.gz").read_bytes()).decode()


def export_of(version: str) -> Document:
    """The export of its book."""
    return Document("export.jsonl", kept(version, "export.jsonl").encode())


def head_of(version: str) -> Head:
    """The last entry of its book."""
    seq, sha256 = (MUSEUM / version / "head.txt").read_text("utf-8").split()
    return Head(int(seq), sha256)


def figures_kept(version: str) -> dict[str, Any]:
    """The figures that the version itself computed from its book."""
    figures: dict[str, Any] = json.loads((MUSEUM / version / "figures.json").read_text("utf-8"))
    return figures


def put_back(version: str, place: Path) -> str:
    """Its book as a file, written through a log as every book is; the location."""
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(kept(version, "sqlite.sql"))
    return str(place)


def weaken_seal(location: str) -> str:
    """Let anything be an entry, behind the program's back; what verification must say is another."""
    if location.startswith("postgresql"):
        with raw_server(location) as server:
            server.execute(
                "CREATE OR REPLACE FUNCTION seal_entry() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RETURN NEW; END $$"
            )
        return "the function seal_entry"
    with closing(sqlite3.connect(location)) as db, db:
        db.execute("DROP TRIGGER seal_entry")
        db.execute("CREATE TRIGGER seal_entry BEFORE INSERT ON entry BEGIN SELECT 1; END")
    return "the trigger seal_entry"


class ServerMuseum:
    """Puts books of released versions into databases of a server, and drops them in the end."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._made: list[str] = []
        server.fresh(EMPTY)  # so that the server has the roles of a book

    def put_back(self, version: str, owner: str = "") -> str:
        """The location of a new database with the book of a version, as `pg_dump` kept it."""
        name = f"museum_{secrets.token_hex(8)}"
        self.server.run(f"CREATE DATABASE {name}" + (f" OWNER {owner}" if owner else ""))
        self._made.append(name)
        location = self.server.location(name)
        # A server that is older than the one of the dump does not know this setting.
        lines = kept(version, "postgresql.sql").splitlines(keepends=True)
        dump = "".join(line for line in lines if not line.startswith("SET transaction_timeout"))
        if owner:
            dump = f"SET ROLE {owner};\n{dump}"
        words = [str(server_program("psql")), "--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", location]
        subprocess.run(words, input=dump, text=True, check=True, stdout=subprocess.DEVNULL)
        return location

    def copy_of(self, location: str) -> str:
        """The location of a copy of a book on the server, which nobody may have open."""
        name = f"museum_{secrets.token_hex(8)}"
        self.server.run(f"CREATE DATABASE {name} TEMPLATE {make_url(location).database}")
        self._made.append(name)
        return self.server.location(name)

    def clear(self) -> None:
        """Drop all that was put back."""
        while self._made:
            self.server.run(f"DROP DATABASE {self._made.pop()} WITH (FORCE)")


@pytest.fixture
def server_museum(postgresql: Server) -> Iterator[ServerMuseum]:
    """Old books on a server."""
    museum = ServerMuseum(postgresql)
    yield museum
    museum.clear()
