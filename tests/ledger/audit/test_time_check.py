"""Times that the database would refuse: whoever puts them into a book past its triggers is found out.

Every seal is computed again, so that nothing but the time is there to be found.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, create_engine, text

from ledger import BadInput, Book, Tampered, entries, rebuild_book, replay, upgrade_book, verify
from ledger.audit import time_check
from ledger.entry.canonical import GENESIS, entry_hash, read_time, written_time
from mdfm.books import ALL_KINDS, open_at
from tests.books.museum import put_back
from tests.ledger.storage.test_seal import OTHER_TIMES
from tests.ledger.storage.test_times_in_sql import TIMES
from tests.support.effort import effort
from tests.support.engines import EMPTY, PLAYED, Shelf
from tests.support.exports import VERIFIER, exported
from tests.support.small_books import LATER, gift, tell

Opened = Callable[[str], Book]
FIRST = 8
"""The first of the entries that get other times."""


@contextmanager
def owning(location: str) -> Iterator[Connection]:
    """A connection of the owner for which there are no triggers; they are put back."""
    engine = create_engine(
        location.replace("postgresql://", "postgresql+psycopg://")
        if "://" in location
        else f"sqlite:///{location}"
    )
    with engine.connect() as books, books.begin():
        if engine.dialect.name == "sqlite":
            triggers = books.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in triggers:
                books.exec_driver_sql(f"DROP TRIGGER {name}")
            yield books
            for _, sql in triggers:
                books.exec_driver_sql(sql)
        else:
            books.exec_driver_sql("ALTER TABLE entry DISABLE TRIGGER ALL")
            yield books
            books.exec_driver_sql("ALTER TABLE entry ENABLE TRIGGER ALL")
    engine.dispose()


def rewrite(location: str, changes: dict[int, dict[str, Any]]) -> None:
    """Change fields of entries, and seal the whole chain again."""
    with owning(location) as books:
        before, rows = GENESIS, []
        for sealed, lines in entries(books):
            again = sealed._replace(prev=before, **changes.get(sealed.seq, {}))
            before = entry_hash(again, lines)
            rows.append(again._replace(hash=before)._asdict())
        update = ", ".join(f"{name} = :{name}" for name in rows[0] if name != "seq")
        books.execute(text(f"UPDATE entry SET {update} WHERE seq = :seq"), rows)


def found(book: Book) -> dict[int | None, str]:
    return {finding.entry: str(finding.what) for finding in verify(book).findings}


def times(book: Book) -> dict[int, str]:
    with book.reading() as books:
        return {sealed.seq: sealed.recorded_at for sealed, _ in entries(books)}


def test_each_other_form_is_found_in_its_entry(shelf: Shelf, opened: Opened) -> None:
    location = shelf.fresh(PLAYED)
    forged = dict(enumerate(OTHER_TIMES.values(), start=FIRST))
    rewrite(location, {seq: {"recorded_at": said} for seq, said in forged.items()})
    book = opened(location)
    told = found(book)
    assert told == {
        seq: f"it was recorded at {said!a}, which is not a time, written as YYYY-MM-DDTHH:MM:SS.ffffff+00:00"
        for seq, said in forged.items()
    }
    assert {finding.entry: finding.what for finding in replay(book).findings} == told, (
        "and all else is replayed"
    )


def test_an_entry_that_was_recorded_before_the_one_it_follows_is_found(shelf: Shelf, opened: Opened) -> None:
    location = shelf.fresh(PLAYED)
    with closing(open_at(location)) as book:
        stands = times(book)
    back = written_time(instant(stands[FIRST]) - timedelta(microseconds=1))
    far = written_time(instant(stands[1]) - timedelta(days=400))
    rewrite(location, {FIRST + 1: {"recorded_at": back}, FIRST + 9: {"recorded_at": far}})
    book = opened(location)
    told = found(book)
    assert told == {
        FIRST + 1: f"it was recorded at {back}, before entry {FIRST}, which was recorded at {stands[FIRST]}",
        FIRST + 9: f"it was recorded at {far}, before entry {FIRST + 8}, "
        f"which was recorded at {stands[FIRST + 8]}",
    }
    assert {finding.entry: finding.what for finding in replay(book).findings} == told


def instant(said: str) -> Any:
    moment = read_time(said)
    assert moment is not None
    return moment


def test_last_days_and_equal_times_are_right(shelf: Shelf) -> None:
    """What the database only suspects, Python acquits."""
    location = shelf.fresh(PLAYED)
    with closing(open_at(location)) as book:
        count = len(times(book))
    days = ["0001-01-01", "2000-02-29", "2024-02-29", "2024-04-30", "2024-12-31", "9999-12-31"]
    said = [f"{day}T23:59:59.999999+00:00" for day in days for _ in range(count // len(days) + 1)]
    rewrite(location, {seq: {"recorded_at": said[seq - 1]} for seq in range(1, count + 1)})
    with closing(open_at(location)) as book:
        assert verify(book).findings == []


def test_a_day_that_is_none_or_not_the_events_is_found(shelf: Shelf, opened: Opened) -> None:
    location = shelf.fresh(PLAYED)
    with closing(open_at(location)) as book, book.reading() as books:
        kinds = {sealed.kind: sealed for sealed, _ in entries(books)}
    unprojected = kinds["tranche paid"]
    assert unprojected.kind not in ALL_KINDS.projected, "no other check reads its event"
    other = f"{unprojected.effective_on[:-2]}27"
    changes = {unprojected.seq: other, kinds["donor registered"].seq: "2022-99-99"}
    rewrite(location, {seq: {"effective_on": day} for seq, day in changes.items()})
    assert found(opened(location)) == {
        unprojected.seq: f"it takes effect on {other}, and its event on another day",
        kinds["donor registered"].seq: (
            "it takes effect on '2022-99-99', which is not a day, written as YYYY-MM-DD"
        ),
    }


def test_the_time_of_a_proposal_is_checked(shelf: Shelf, opened: Opened) -> None:
    location = shelf.fresh(PLAYED)
    with owning(location) as books:
        number = books.execute(text("SELECT max(id) FROM proposal")).scalar_one()
        books.execute(text("UPDATE proposal SET made_at = 'last week' WHERE id = :id"), {"id": number})
    assert found(opened(location)) == {
        None: f"proposal {number} was made at 'last week', which is not a time, "
        "written as YYYY-MM-DDTHH:MM:SS.ffffff+00:00"
    }


def test_what_is_shown_of_a_text_is_short_and_on_one_line() -> None:
    what = time_check.recorded_fault("a\x1b[31m\n" * 1000, "", 7)
    assert what is not None
    assert what.isprintable()
    assert len(what) < 200


@pytest.mark.parametrize(
    "said", ["last week", "2022-02-31T00:00:00.000000+00:00", "2021-01-01T00:00:00.000000+00:00"]
)
def test_an_export_with_a_wrong_time_is_refused_by_program_and_stranger(
    files: Shelf, tmp_path: Path, said: str
) -> None:
    location = files.fresh(PLAYED)
    rewrite(location, {FIRST: {"recorded_at": said}})
    export = tmp_path / "book.jsonl"
    with closing(open_at(location)) as book:
        export.write_text(exported(book), encoding="utf-8")
    number = next(
        number
        for number, line in enumerate(export.read_text("utf-8").splitlines(), 1)
        if json.loads(line).get("entry", {}).get("seq") == FIRST
    )
    with pytest.raises(
        BadInput, match=rf"line {number}: the field recorded_at of entry {FIRST} is wrong: it was recorded"
    ):
        rebuild_book(str(tmp_path / "again.book"), ALL_KINDS, export)
    assert not (tmp_path / "again.book").exists()
    judged = subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), str(export)], capture_output=True, text=True, check=False
    )
    assert judged.returncode == 1
    assert judged.stderr.startswith(f"line {number}: ")
    assert "time" in judged.stderr or "recorded before" in judged.stderr


def test_an_older_book_whose_clock_went_back_is_upgraded_with_its_findings(tmp_path: Path) -> None:
    """Its database took any time, and nothing that it has recorded changes."""
    location = put_back("0.2.0", tmp_path / "old.book")
    with owning(location) as books:
        stood = {sealed.seq: sealed.recorded_at for sealed, _ in entries(books)}
    back = written_time(instant(stood[FIRST]) - timedelta(seconds=2))
    rewrite(location, {FIRST + 1: {"recorded_at": back}, FIRST + 9: {"recorded_at": "last week"}})
    with pytest.raises(Tampered, match=f"entry {FIRST + 1}: it was recorded at .*, before entry {FIRST}"):
        upgrade_book(location, ALL_KINDS, although_unsound=False)
    upgrade_book(location, ALL_KINDS, although_unsound=True)
    with closing(open_at(location)) as book:
        assert found(book).keys() == {FIRST + 1, FIRST + 9}
        tell(book, gift("AFTER", 1_00, on=LATER))
        assert found(book).keys() == {FIRST + 1, FIRST + 9}


@pytest.fixture
def suspects(shelf: Shelf) -> Iterator[Callable[[str], bool]]:
    """Asks the database whether it suspects a time."""
    with closing(open_at(shelf.fresh(EMPTY))) as book, book.reading() as books:
        engine = books.dialect.name
        collation = 'COLLATE "C"' if engine == "postgresql" else ""
        query = text(
            f"SELECT NOT ({time_check._is_time(engine, 'it.said')})"
            f" FROM (SELECT CAST(:said AS text) {collation} AS said) AS it"
        )
        yield lambda said: bool(books.execute(query, {"said": said}).scalar_one())


@settings(
    max_examples=effort(200, 20_000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=TIMES)
def test_the_database_suspects_whatever_python_does_not_read(
    suspects: Callable[[str], bool], said: str
) -> None:
    assert suspects(said) or read_time(said) is not None
