"""Migrations: numbered changes of the tables of a book, and those that a book still lacks.

A migration that was released never changes; a book names the last one that it has.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from ledger.errors import Tampered
from ledger.sentence import Hint
from ledger.storage.database import OWN, place_of


class Migration(NamedTuple):
    """A migration: its number, and what it is for."""

    number: str
    title: str


def migrations() -> Path:
    """Where the migrations are: beside this package once installed, in `alembic/` in a checkout."""
    package = Path(str(files("ledger")))
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "alembic"


@cache
def known_migrations() -> tuple[Migration, ...]:
    """All that this program knows, in their order."""
    found = sorted((migrations() / "versions").glob("[0-9]*.py"))
    return tuple(Migration(path.stem.partition("_")[0], _title(path)) for path in found)


def _title(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0].rstrip(".")


def newest_migration() -> str:
    """The number of the last: that of a book which this program makes."""
    return known_migrations()[-1].number


def missing_migrations(number: str) -> list[Migration]:
    """Those after the one that a book has."""
    return [each for each in known_migrations() if each.number > number]


def migration_of(books: Connection) -> str:
    """The last migration of a book, of several the newest; Tampered when it names none, or an unknown one."""
    found = _named(books)
    if not found or (len(found) > 1 and not set(found) <= {each.number for each in known_migrations()}):
        raise _damaged(books, found)
    return found[-1]


def require_one_migration(books: Connection) -> None:
    """Tampered when a book does not name one migration: nobody knows then which it lacks."""
    found = _named(books)
    if len(found) != 1:
        raise _damaged(books, found)


def _named(books: Connection) -> list[str]:
    rows = books.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
    return sorted(str(each) for each in rows)


def _damaged(books: Connection, found: list[str]) -> Tampered:
    return Tampered(
        "book-migration-damaged",
        "The book at {place} is damaged: its table alembic_version must name one migration, and names "
        "{named}; restore a backup{hint}.",
        place=place_of(books.engine),
        named=" and ".join(found) or "none",
        hint=Hint("restore-backup"),
    )


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing up to a revision, all in one transaction, by the owner."""
    with engine.connect().execution_options(mdfm_work=OWN) as books, books.begin():
        migrate_within(books, revision)


def migrate_within(books: Connection, revision: str = "head") -> None:
    """Run the migrations that are missing up to a revision, in the transaction of the connection."""
    # Imported here: only who creates or changes tables pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": books})
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    command.upgrade(config, revision)
