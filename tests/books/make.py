"""Write the book of the version that is checked out into the museum: `python -m tests.books.make`."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from ledger import EXPORTS, Book, head
from mdfm import __version__
from mdfm.books import ALL_KINDS, create
from tests.books.figures import figures_of
from tests.support.engines import server_program, start_server
from tests.support.small_books import clock, file_of, play

MUSEUM = Path(__file__).parent


def make(folder: Path) -> None:
    """Play the book on both engines, and keep it as dumps and as an export."""
    folder.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        book = _played(str(Path(scratch) / "played.book"), Path(scratch))
        with book.reading() as books:
            _keep(folder / "export.jsonl.gz", "".join(EXPORTS["jsonl"](books, ALL_KINDS)))
            last = head(books)
            (folder / "head.txt").write_text(f"{last.seq} {last.hash}\n", "utf-8")
            (folder / "figures.json").write_text(json.dumps(figures_of(books), indent=1) + "\n", "utf-8")
        with closing(sqlite3.connect(file_of(book))) as connection:
            _keep(folder / "sqlite.sql.gz", "\n".join(connection.iterdump()) + "\n")
        book.close()
        server = start_server()
        try:
            _keep(folder / "postgresql.sql.gz", _dumped(server.get_uri(), Path(scratch)))
        finally:
            server.cleanup()


def _played(location: str, scratch: Path) -> Book:
    book = create(location, clock())
    play(book, scratch)
    return book


def _dumped(uri: str, scratch: Path) -> str:
    """What `pg_dump` writes of the book: without owners, and without the marks it makes new each time."""
    _played(str(make_url(uri).set(drivername="postgresql+psycopg")), scratch).close()
    words = [str(server_program("pg_dump")), "--no-owner", uri]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    kept = [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
    return "\n".join(kept) + "\n"


def _keep(place: Path, text: str) -> None:
    place.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    make(MUSEUM / (sys.argv[1] if len(sys.argv) > 1 else __version__))
