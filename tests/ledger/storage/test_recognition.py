"""What is no book is said to be none, and to be damaged only what was a book; on every engine."""

from __future__ import annotations

import os
import secrets
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledger import BadInput, Document, MdfmError, Refused, Tampered
from mdfm.api import create_fund, open_fund, rebuild_fund, upgrade_fund
from mdfm.cli.app import app
from tests.support.engines import PLAYED, READY, Files, Server, raw_server

Make = Callable[[Path, bytes], object]


def folder(place: Path, _book: bytes) -> None:
    place.mkdir()


def zipped(place: Path, book: bytes) -> None:
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("fund.book", book)


def database(*statements: str) -> Make:
    def make(place: Path, _book: bytes) -> None:
        with closing(sqlite3.connect(place)) as db, db:
            for statement in statements:
                db.execute(statement)

    return make


FOREIGN: dict[str, tuple[Make, str]] = {
    "README.md": (lambda place, _: place.write_text("# Books\n" * 100), "it is no SQLite database"),
    "pages of text": (lambda place, _: place.write_bytes(b"x" * 8192), "it is no SQLite database"),
    "an empty file": (lambda place, _: place.touch(), "it is an empty file"),
    "a folder": (folder, "it is a folder"),
    "a pipe": (lambda place, _: os.mkfifo(place), "it is no ordinary file"),
    "a zip of a book": (zipped, "it is no SQLite database"),
    "an empty database": (
        database("CREATE TABLE gone (x)", "DROP TABLE gone"),
        "it is an empty database",
    ),
    "a feed reader's database": (
        database("CREATE TABLE entry (id, title, seq)", "CREATE TABLE alembic_version (version_num)"),
        "it is a database of another program, with tables such as 'alembic_version'",
    ),
    "another program's database that is damaged": (
        lambda place, _: place.write_bytes(
            b"SQLite format 3\0" + b"\x10\0" + b"\xff" * 10 + bytes(4) + b"\xff" * 8160
        ),
        "it is a damaged SQLite database, and no journal can be found in it",
    ),
    "the first bytes of a book": (
        lambda place, book: place.write_bytes(book[:700]),
        "it is only the beginning of a database",
    ),
    "the first page of a book": (
        lambda place, book: place.write_bytes(book[:4096]),
        "it is only the beginning of a database: it was cut off",
    ),
}
DAMAGED: dict[str, Make] = {
    "half a book": (lambda place, book: place.write_bytes(book[: len(book) // 2])),
    "a book cut within a page": (lambda place, book: place.write_bytes(book[: len(book) // 2 + 99])),
    "a book without its header": (lambda place, book: place.write_bytes(bytes(100) + book[100:])),
    "a book with another first page": (lambda place, book: place.write_bytes(b"\xff" * 4096 + book[4096:])),
}


@pytest.fixture(scope="module")
def book(played_template: Path) -> bytes:
    return played_template.read_bytes()


def told(act: Callable[[], object], *kinds: type[MdfmError]) -> str:
    """The one sentence with which an act is refused."""
    with pytest.raises(kinds) as refusal:
        act()
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# ---- files


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_of_something_else_is_no_book(tmp_path: Path, book: bytes, name: str) -> None:
    make, why = FOREIGN[name]
    place = tmp_path / "thing"
    make(place, book)
    for opens in (open_fund, upgrade_fund):
        assert told(lambda: opens(place), BadInput) == f"{place} is not a book: {why}."  # noqa: B023


@pytest.mark.parametrize("name", FOREIGN)
def test_no_book_is_made_where_something_else_is(tmp_path: Path, book: bytes, name: str) -> None:
    place = tmp_path / "thing"
    FOREIGN[name][0](place, book)
    before = place.read_bytes() if place.is_file() else b""
    expected = (
        f"{place} is there already, and nothing is written over it: choose another name, or move it away."
    )
    export = Document("export.jsonl", exported(tmp_path))
    assert told(lambda: create_fund(place), Refused) == expected
    assert told(lambda: rebuild_fund(place, export), Refused) == expected
    assert place.exists()
    assert (place.read_bytes() if place.is_file() else b"") == before


def exported(folder: Path) -> bytes:
    with create_fund(folder / "exported.book") as fund:
        return fund.audit.export().content


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_book_is_damaged_and_stands_in_the_way(tmp_path: Path, book: bytes, name: str) -> None:
    place = tmp_path / "fund.book"
    DAMAGED[name](place, book)
    for opens in (open_fund, upgrade_fund):
        assert f"{place} is damaged: " in told(lambda: opens(place), Tampered)  # noqa: B023
    assert told(lambda: create_fund(place), Refused).startswith(f"{place} is there already, and nothing")


@pytest.mark.parametrize("name", ["README.md", "a folder", "a feed reader's database"])
@pytest.mark.parametrize(
    "command",
    [
        ("entry", "list"),
        ("donor", "list"),
        ("proposal", "list"),
        ("audit", "verify"),
        ("audit", "replay"),
        ("audit", "check"),
        ("audit", "export"),
        ("statement", "issued"),
        ("report", "trial-balance", "--term", "2021-2023"),
        ("upgrade",),
        ("upgrade", "--dry-run", "--json"),
        ("person", "list"),
    ],
    ids=" ".join,
)
def test_every_command_says_so(tmp_path: Path, book: bytes, name: str, command: tuple[str, ...]) -> None:
    place = tmp_path / "thing"
    FOREIGN[name][0](place, book)
    result = CliRunner().invoke(app, ["--book", str(place), *command])
    assert result.exit_code == 2
    assert result.stderr == f"{place} is not a book: {FOREIGN[name][1]}.\n"


def test_the_example_is_not_played_over_a_file_of_something_else(tmp_path: Path) -> None:
    place = tmp_path / "README.md"
    place.write_text("mine")
    result = CliRunner().invoke(app, ["--book", str(place), "demo", "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert f"{place} is there already, and nothing is written over it" in result.stderr
    assert place.read_text() == "mine"


@pytest.mark.parametrize("name", ["a b", "100%", "why?", "no#1", "a%20b?c#d&e=f", "ü:x"])
def test_a_book_has_any_name(files: Files, tmp_path: Path, name: str) -> None:
    place = tmp_path / f"{name}.book"
    place.write_bytes(Path(files.fresh(PLAYED)).read_bytes())
    with open_fund(place) as fund:
        last = fund.head()
        assert fund.audit.verify().sound
        assert fund.audit.replay().sound
        export = fund.audit.export()
        location = fund._book.location
    with open_fund(location) as fund:
        assert fund.head() == last
    again = tmp_path / f"again {name}"
    assert rebuild_fund(again, export) == last
    assert {each.name for each in tmp_path.iterdir()} == {place.name, again.name}


def test_a_link_to_a_book_is_the_book(files: Files, tmp_path: Path) -> None:
    place = Path(files.fresh(PLAYED))
    link = tmp_path / "link.book"
    link.symlink_to(place)
    with open_fund(place) as fund, open_fund(link) as linked:
        assert linked.head() == fund.head()
        assert linked.audit.verify().sound
    assert list(tmp_path.iterdir()) == [link]
    link.unlink()
    link.symlink_to(tmp_path / "nowhere")
    assert "There is no book at" in told(lambda: open_fund(link), BadInput)


# ---- databases on a server


@pytest.fixture
def database_on_server(postgresql: Server) -> Iterator[str]:
    name = f"foreign_{secrets.token_hex(8)}"
    postgresql.run(f"CREATE DATABASE {name}")
    yield postgresql.location(name)
    postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_empty_database_of_a_server_is_no_book(database_on_server: str) -> None:
    assert told(lambda: open_fund(database_on_server), BadInput).endswith(
        "is not a book: it is an empty database: create one."
    )


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE entry (id integer, title text)", "CREATE TABLE city (name text)"],
)
def test_a_database_of_another_program_on_a_server_is_no_book(
    database_on_server: str, statement: str
) -> None:
    with raw_server(database_on_server) as server:
        server.execute(statement.encode())
    for opens in (open_fund, upgrade_fund):
        sentence = told(lambda: opens(database_on_server), BadInput)  # noqa: B023
        assert "is not a book: it is a database of another program, with tables such as" in sentence
    assert "has tables of another program, such as" in told(lambda: create_fund(database_on_server), Refused)
    with raw_server(database_on_server) as server:
        tables = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (1,)


def test_a_book_on_a_server_stands_in_the_way(postgresql: Server) -> None:
    location = postgresql.fresh(READY)
    assert "There is a book at" in told(lambda: create_fund(location), Refused)
