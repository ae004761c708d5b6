"""Who reads a book on a server while a contact is erased sees all that was kept, and no tampering."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import ledger.audit.verification
import ledger.safekeeping.backup
from donors import PERSONAL_TABLES, contacts, contributions
from ledger import PERSONAL, head, metadata
from mdfm.api import Contact, Fund, back_up_fund, open_fund
from tests.support.engines import PLAYED, Server, raw_server
from tests.support.processes import wait_until

BY, GOES, STAYS = "officer", "Ana", "Ben"
Meanwhile = Callable[[], None]


@pytest.fixture
def location(postgresql: Server) -> str:
    return postgresql.fresh(PLAYED)


@pytest.fixture
def fund(location: str) -> Iterator[Fund]:
    """A book on a server, with two contacts of a donor and a letter to each."""
    with open_fund(location) as opened:
        with opened.reading() as books:
            reference = next(iter(contributions(books))).reference
        donor = opened.statements.letter(reference)[0].donor
        for name in (GOES, STAYS):
            opened.set_contact(Contact(donor=donor, name=name), by=BY)
            letter, _ = opened.statements.letter(reference, contact=name)
            opened.statements.issue_letter(letter, by=BY, on=date(2026, 12, 1))
        yield opened


@contextmanager
def erasing(location: str) -> Iterator[Meanwhile]:
    """What starts an erasure, and comes back when it is done or has to wait."""

    def erase() -> None:
        with open_fund(location) as another:
            another.erase_contact(donor_in(another), GOES, by=BY)

    eraser = Thread(target=erase)

    def start() -> None:
        eraser.start()
        wait_until(lambda: not eraser.is_alive() or waits(location))

    yield start
    eraser.join()
    with raw_server(location) as server:
        left = server.execute("SELECT name FROM contact").fetchall()
    assert left == [(STAYS,)], "it was erased in the end"


def waits(location: str) -> bool:
    """Whether somebody waits for a table that others read."""
    with raw_server(location) as server:
        (found,) = server.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND mode = 'AccessExclusiveLock' AND NOT granted"
        ).fetchone() or (0,)
    return bool(found)


def donor_in(fund: Fund) -> str:
    with fund.reading(personal=True) as books:
        return str(books.exec_driver_sql("SELECT donor FROM contact").scalars().first())


def before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, meanwhile: Meanwhile) -> None:
    """Let something happen before a function is called the first time."""
    called = getattr(module, name)
    happened: list[bool] = []

    def call(*given: Any) -> Any:
        if not happened:
            happened.append(True)
            meanwhile()
        return called(*given)

    monkeypatch.setattr(module, name, call)


def test_a_backup_has_every_contact_and_letter_that_was_kept(
    location: str, fund: Fund, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with erasing(location) as start:
        before(monkeypatch, ledger.safekeeping.backup, "migrate_within", start)
        back_up_fund(location, tmp_path / "daily.backup")
    with closing(sqlite3.connect(tmp_path / "daily.backup")) as backup:
        assert (STAYS,) in backup.execute("SELECT name FROM contact").fetchall()
        assert (STAYS,) in backup.execute("SELECT contact FROM letter_file WHERE content <> ''").fetchall()


def test_verification_sees_no_tampering_where_there_is_none(
    location: str, fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    with erasing(location) as start:
        before(monkeypatch, ledger.audit.verification, "_schema_findings", start)
        assert fund.audit.verify().findings == []
    assert fund.audit.verify().findings == []


def test_an_export_with_contacts_has_those_that_were_kept(location: str, fund: Fund) -> None:
    with erasing(location) as start, fund.audit.exporting(with_contacts=True) as pieces:
        text = next(pieces)
        start()
        text += b"".join(pieces)
    assert f'"{STAYS}"'.encode() in text


def test_a_reader_who_says_so_sees_them_from_beginning_to_end(location: str, fund: Fund) -> None:
    donor = donor_in(fund)
    with erasing(location) as start, fund.reading(personal=True) as books:
        head(books)
        start()
        assert [each.name for each in contacts(books, donor)] == [GOES, STAYS]


def test_every_table_of_personal_data_says_so() -> None:
    said = {name for name, table in metadata.tables.items() if table.info == PERSONAL}
    assert said == {each.table.name for each in PERSONAL_TABLES}
