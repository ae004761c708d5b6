"""Migrations: the database that they make is the one that Python expects, and always the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger import CHART, Book, Refused, metadata
from ledger.book import migrations
from mdfm.books import ALL_KINDS, create, open_at
from tests.support.small_books import dump, file_of


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


def test_a_book_of_a_newer_program_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "newer.book"
    create(str(path)).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match=r"by another version of this program \(migration 9999\)"):
        open_at(str(path))
