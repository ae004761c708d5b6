"""Migrations: the database that they make is the one that Python expects, and always the same."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger import CHART, Book, Refused, metadata, open_book
from ledger.storage.database import engine_at
from ledger.storage.migrations import known_migrations, migrate, migrations, newest_migration
from mdfm.books import ALL_KINDS, create, open_at
from tests.support.small_books import dump, file_of

RELEASED = {
    "0001_tables.py": "5c29c219bf222883d7451438bb1be37d639d45eb554f16f3819efee09babb1cb",
    "0002_seal.py": "5a666d23f6f5bcf1192c84c3d26f512832882e3b49642c127f01650848184036",
    "0003_roles.py": "b7d329ebbb28bccbaf60dcaa8cd8d3d35295398411b7d6162db2b27ad34a006d",
    "0004_time_and_documents.py": "4d48cffd3f2467152795dff52dd717c3ae7b2fef48c2a89f69f15b56de8e6755",
}
"""SHA-256 of each migration that was released: books exist that were made by exactly these."""


def objects(path: str) -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        ).fetchall()


def checks(path: str) -> dict[str, set[str]]:
    """The named rules in the definition of each table."""
    found = ((name, sql) for sort, name, _, sql in objects(path) if sort == "table" and sql)
    return {name: {word for word in sql.split() if word.startswith("ck_")} for name, sql in found}


def test_the_migrations_make_what_python_expects(empty_book: Book) -> None:
    with empty_book.reading() as books:
        context = MigrationContext.configure(books, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_rule_of_a_table_is_in_the_database(empty_book: Book) -> None:
    """Alembic does not compare CHECKs, so they are compared here."""
    stands = checks(file_of(empty_book))
    for table in metadata.tables.values():
        should = {str(rule.name) for rule in table.constraints if str(rule.name).startswith("ck_")}
        assert stands[table.name] == should


def test_every_register_has_its_table(empty_book: Book) -> None:
    tables = {name for sort, name, _, _ in objects(file_of(empty_book)) if sort == "table"}
    assert {register.name for register in ALL_KINDS.registers} <= tables


def test_every_table_takes_only_values_of_its_types(empty_book: Book) -> None:
    for sort, name, _, sql in objects(file_of(empty_book)):
        if sort == "table" and name != "alembic_version":
            assert sql.split()[-1] == "STRICT", name


def test_the_chart_in_the_database_is_the_chart_of_accounts(empty_book: Book) -> None:
    with closing(sqlite3.connect(file_of(empty_book))) as db:
        stands = db.execute("SELECT * FROM account ORDER BY code").fetchall()
    assert stands == [
        (
            account.code,
            account.name,
            account.account_class,
            ",".join(account.requires),
            account.sign,
            int(account.fund_currency_only),
        )
        for _, account in sorted(CHART.items())
    ]
    assert {account.account_class for account in CHART.values()} == {"asset", "liability", "use", "memo"}


def test_two_books_are_built_alike(tmp_path: Path) -> None:
    for name in ("one", "two"):
        create(str(tmp_path / name)).close()
    assert objects(str(tmp_path / "one")) == objects(str(tmp_path / "two"))
    assert dump(str(tmp_path / "one")) == dump(str(tmp_path / "two"))


def test_a_sealed_journal_is_not_taken_apart(empty_book: Book) -> None:
    revisions = list(ScriptDirectory(str(migrations())).walk_revisions())
    assert [each.revision for each in revisions] == sorted(
        (each.revision for each in revisions), reverse=True
    )
    for each in revisions:
        with pytest.raises(NotImplementedError, match="restore a copy"):
            each.module.downgrade()
    with empty_book.reading() as books:
        assert MigrationContext.configure(books).get_current_revision() == revisions[0].revision


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_migration_is_frozen(name: str) -> None:
    now = hashlib.sha256((migrations() / "versions" / name).read_bytes()).hexdigest()
    assert now == RELEASED[name], "a migration that was released never changes: write a new one"


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [each.number for each in known_migrations()]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert numbers[: len(RELEASED)] == [name[:4] for name in RELEASED]
    assert all(each.title for each in known_migrations())


@pytest.mark.parametrize("number", ["0001", "0002", "0003"])
def test_a_book_of_any_earlier_migration_says_what_it_needs(tmp_path: Path, number: str) -> None:
    place = older_book(tmp_path, number)
    told = f"its tables are of migration {number}, and this version needs {newest_migration()}; upgrade it"
    with pytest.raises(Refused, match=told) as refusal:
        open_at(place)
    assert refusal.value.code == "book-older"
    assert [hint.code for hint in refusal.value.sentence.hints] == ["upgrade-book"]
    opened = open_book(place, ALL_KINDS, older=True)
    assert opened.migration == number
    opened.close()


def older_book(folder: Path, number: str) -> str:
    """A book without entries, as the migrations up to one make it."""
    place = str(folder / "older.book")
    engine = engine_at(place)
    migrate(engine, number)
    engine.dispose()
    return place


def test_a_book_of_a_newer_program_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "newer.book"
    create(str(path)).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match=r"by another version of this program \(migration 9999\)"):
        open_at(str(path))


def test_who_has_a_book_open_does_not_record_after_an_upgrade(tmp_path: Path) -> None:
    """The program of before may not know the tables of now."""
    path = tmp_path / "upgraded.book"
    create(str(path)).close()
    book = open_at(str(path))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    with (
        pytest.raises(Refused, match="to 9999 while this program had it open: nothing was recorded"),
        book.recording(),
    ):
        pass
    book.close()
