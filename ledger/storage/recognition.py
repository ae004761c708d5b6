"""What is at the location of a book: a book, something else, or nothing.

A file of another program is not a damaged book, and a damaged book is not a file of another program.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from ledger.errors import BadInput, Refused, Tampered
from ledger.sentence import Hint, Sentence
from ledger.storage.book_file import LOGS, existing_file, has_journal_text, is_cut_off, is_there, why_no_book
from ledger.storage.database import (
    OWN,
    READ,
    book_url,
    close_engine,
    engine_at,
    file_of,
    place_of,
    readable_errors,
    without_password,
)


def engine_of_book(location: str) -> Engine:
    """The engine of the book at a path or database URL, of any migration; BadInput when there is none.

    Where the book's file may only be read, so does the engine (`opened_file`).
    """
    url = book_url(location)
    file = file_of(url)
    if file is None:
        engine = engine_at(url)
    else:
        _require_book(file, location)
        engine = engine_at(url, existing_file(file))
    try:
        with readable_errors(engine):
            why = _why_not(engine)
        if why:
            raise _no_book(location, why)
    except BaseException:
        close_engine(engine)
        raise
    return engine


def _require_book(file: Path, location: str) -> None:
    if not is_there(file):
        raise BadInput(
            "book-missing",
            "There is no book at {file}: create one{hint}.",
            file=file,
            hint=Hint("create-book"),
        )
    why = why_no_book(file)
    if why:
        raise _no_book(location, why)


def _no_book(location: str, why: str | Sentence) -> BadInput:
    return BadInput(
        "not-a-book", "{location} is not a book: {why}.", location=without_password(location), why=why
    )


_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('{}')",
    "postgresql": "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('{}') AND attnum > 0",
}
_TABLES = ("entry", "line", "alembic_version")
_OF_A_JOURNAL = {"seq", "kind", "payload", "prev", "hash"}


def _why_not(engine: Engine) -> str | Sentence:
    """Why a database is not a book; empty for one that is. Damage to what is a book is an error."""
    columns = _COLUMNS[engine.dialect.name]
    # Before there is a book, the role of readers may not exist.
    work = READ if engine.dialect.name == "sqlite" else OWN
    try:
        with engine.connect().execution_options(mdfm_work=work) as books:
            found = {name: set(books.exec_driver_sql(columns.format(name)).scalars()) for name in _TABLES}
            if found["entry"] >= _OF_A_JOURNAL:
                missing = [name for name in _TABLES if not found[name]]
                if missing:
                    raise _table_missing(engine, missing[0])
                return ""
            tables = sqlalchemy.inspect(books).get_table_names()
    except DatabaseError:
        file = file_of(engine.url)
        if file is None or has_journal_text(file):
            raise
        if is_cut_off(file):
            return "it is only the beginning of a database: it was cut off"
        return "it is a damaged SQLite database, and no journal can be found in it"
    if tables:
        return f"it is a database of another program, with tables such as '{tables[0]}'"
    if engine.dialect.name == "sqlite" and file_of(engine.url) is None:
        return "there is no book in memory: give the path of a file, or the URL of a database on a server"
    hint = Sentence(": create one", Hint("create-book")) if engine.dialect.name != "sqlite" else ""
    return Sentence("it is an empty database", hint)


def _table_missing(engine: Engine, table: str) -> Tampered:
    return Tampered(
        "book-table-missing",
        "The book at {place} is damaged: its table {table} is missing, although its journal is there; "
        "restore a backup{hint}.",
        place=place_of(engine),
        table=table,
        hint=Hint("restore-backup"),
    )


def require_free(place: Path) -> None:
    """Refuse a place for a new file where there is something already, or no folder.

    A link that leads nowhere is something, too, and so is the log of a database that is gone: SQLite would
    take it for the new one's.
    """
    for path in (place, *(place.with_name(f"{place.name}{ending}") for ending in LOGS)):
        if is_there(path) or path.is_symlink():
            raise Refused(
                "place-taken",
                "{path} is there already, and nothing is written over it: choose another name, or move it "
                "away.",
                path=path,
            )
    if not place.parent.is_dir():
        raise BadInput(
            "folder-missing",
            "The folder {folder} does not exist: create it first.",
            folder=place.parent,
        )


def require_empty(engine: Engine) -> None:
    """Refuse a database on a server that has tables: a book needs one of its own."""
    if not _why_not(engine):
        raise Refused(
            "database-holds-book",
            "There is a book at {place} already: choose another database.",
            place=place_of(engine),
        )
    with engine.connect().execution_options(mdfm_work=OWN) as books:
        tables = sqlalchemy.inspect(books).get_table_names()
    if tables:
        raise Refused(
            "database-not-empty",
            "The database at {place} has tables of another program, such as '{table}': choose an empty one.",
            place=place_of(engine),
            table=tables[0],
        )


def require_utf8(engine: Engine) -> None:
    """Refuse a database in another encoding than UTF-8, over whose bytes seals are computed."""
    with engine.connect().execution_options(mdfm_work=OWN) as books:
        encoding = books.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise Refused(
            "database-not-utf8",
            "The database at {place} keeps text as {encoding}: make it again with CREATE DATABASE ... "
            "ENCODING 'UTF8' TEMPLATE template0.",
            place=place_of(engine),
            encoding=encoding,
        )
