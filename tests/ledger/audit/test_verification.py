"""Verification and replay: whoever changes a book past its seals is found out, and so is the place.

The triggers are dropped for the attack and put back afterwards, so that nothing but the change is there to
be found.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, LargeBinary, Table

from ledger import (
    KINDS,
    Book,
    Kinds,
    MdfmError,
    approve,
    canonical_json,
    get_entry,
    head,
    lines_of,
    metadata,
    replay,
    verify,
)
from ledger.audit import verification
from ledger.entry.canonical import entry_hash
from ledger.projections.balances import TABLES
from mdfm.books import ALL_KINDS, open_at
from tests.support.effort import effort
from tests.support.small_books import CHECKER, LATER, TERM, copy_of, dump, file_of, gift, raw, staff, tell

CONTRIBUTION = 16
"""The entry of a contribution in won: six lines, three accounts with agreement, two currencies."""
FLIPS = effort(75, 3_000)
SEED = 20211101


@pytest.fixture(scope="module")
def reused(played_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """One engine for all tests: what it has prepared once serves every one of them."""
    book = copy_of(played_template, tmp_path_factory.mktemp("verified"))
    yield book
    book.close()


@pytest.fixture
def played(reused: Book, played_template: Path) -> Iterator[Book]:
    """The played book as it was, for a test that damages it."""
    put(played_template.read_bytes(), reused)
    yield reused
    reused.engine.dispose()


def put(content: bytes, book: Book) -> None:
    """Give a book another file; its log and lock files go with the old one."""
    book.engine.dispose()
    place = Path(file_of(book))
    for left in place.parent.iterdir():
        left.unlink()
    place.write_bytes(content)


@contextmanager
def unsealed(book: Book) -> Iterator[sqlite3.Connection]:
    """A connection for which there are no triggers and no foreign keys, until it is closed."""
    with closing(raw(book)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, sql in triggers:
            db.execute(sql)


def another(column: Column[object]) -> str:
    """SQL for a value that the column does not have."""
    if isinstance(column.type, LargeBinary):
        return f"CAST({column.name} || 'x' AS BLOB)"
    return f"{column.name} + 1000" if column.type.python_type is int else f"{column.name} || 'x'"


def columns(*tables: Table) -> list[Column[object]]:
    return [column for table in tables for column in table.c]


def named(column: Column[object]) -> str:
    return f"{column.table.name}.{column.name}"


def entries_found(book: Book) -> set[int | None]:
    return {finding.entry for finding in verify(book).findings}


# ---- what is sound


def test_a_sound_book_is_found_sound(played_once: Book) -> None:
    for check in (verify, replay):
        result = check(played_once)
        assert (result.findings, result.sound) == ([], True)
        with played_once.reading() as books:
            assert result.head == head(books)
        assert result.entries == result.head.seq
        assert result.lines == len(dump(file_of(played_once))["line"])
    assert verify(played_once).evidence == 1


def test_an_empty_book_is_sound(empty_book: Book) -> None:
    assert verify(empty_book).sound
    assert replay(empty_book).sound


def test_progress_is_told_once_at_the_end_of_a_small_book(played_once: Book) -> None:
    told: list[tuple[int, int]] = []
    result = verify(played_once, lambda done, of: told.append((done, of)))
    assert told == [(result.entries, result.entries)]


def test_what_is_recorded_meanwhile_does_not_disturb(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection sees one entry more than the one before it; what is read is what the first one sees."""
    references = iter(("M-1", "M-2"))
    reading = played.reading

    @contextmanager
    def after_another(*, personal: bool = False) -> Iterator[Connection]:
        if not personal:
            tell(played, gift(next(references), 5_00, on=LATER))
        with reading(personal=personal) as books:
            yield books

    before = verify(played)
    monkeypatch.setattr(played, "reading", after_another)
    result = verify(played)
    assert result.findings == []
    assert (result.entries, result.head.seq) == (before.entries + 1, before.head.seq + 1)
    assert next(references, None) is None, "an entry was recorded between the two connections"


def test_a_journal_of_many_stretches(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = verify(played)
    monkeypatch.setattr(verification, "_STRETCH", 7)
    told: list[tuple[int, int]] = []
    assert verify(played, lambda *done: told.append(done)) == whole
    assert [done for done, _ in told] == [*range(7, whole.entries, 7), whole.entries]
    for seq in (7, 8, 9, 14):
        with unsealed(played) as db:
            db.execute("UPDATE entry SET hash = prev, prev = hash WHERE seq = ?", (seq,))
        assert entries_found(played) == {seq, seq + 1}
        with unsealed(played) as db:
            db.execute("UPDATE entry SET hash = prev, prev = hash WHERE seq = ?", (seq,))


def test_an_entry_that_cannot_be_read_is_named(played: Book) -> None:
    with unsealed(played) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for no, usd in ((1, 2**63 - 1), (2, 2**63 - 1)):
            db.execute(
                "UPDATE line SET usd = ?, currency = 'EUR' WHERE entry = ? AND no = ?",
                (usd, CONTRIBUTION, no),
            )
            db.execute("UPDATE line SET account = '1100' WHERE entry = ? AND no = ?", (CONTRIBUTION, no))
    found = [finding for finding in verify(played).findings if "cannot be read" in finding.what]
    assert [finding.entry for finding in found] == [CONTRIBUTION]


# ---- what was changed by hand


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("balance", "'1100', 'T', '', '', '', 'USD1', '', 'USD', 1, 1, 1"),
        ("movement", "'1100', '2021-11', 'T', 'USD', 1, 1, 1"),
        ("allotment", "'T', 'A', '', 1, 0, 0, 1"),
    ],
)
def test_a_sum_without_any_lines_is_found(empty_book: Book, table: str, row: str) -> None:
    with closing(raw(empty_book)) as db:
        db.execute(f"INSERT INTO {table} VALUES ({row})")
    (finding,) = verify(empty_book).findings
    assert str(finding.what).startswith(f"the {table} of")


@pytest.mark.parametrize("column", columns(metadata.tables["entry"]), ids=named)
def test_every_column_of_an_entry_is_sealed(played: Book, column: Column[object]) -> None:
    with unsealed(played) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(f"UPDATE entry SET {column.name} = {another(column)} WHERE seq = ?", (CONTRIBUTION,))
    moved = {CONTRIBUTION + 1} if column.name == "seq" else {CONTRIBUTION}
    assert entries_found(played) >= moved


@pytest.mark.parametrize("column", columns(metadata.tables["line"]), ids=named)
@pytest.mark.parametrize("no", [1, 3, 6])
def test_every_column_of_a_line_is_sealed(played: Book, column: Column[object], no: int) -> None:
    with unsealed(played) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(
            f"UPDATE line SET {column.name} = {another(column)} WHERE entry = ? AND no = ?",
            (CONTRIBUTION, no),
        )
    assert CONTRIBUTION in entries_found(played)


def test_every_entry_is_sealed(played: Book) -> None:
    with unsealed(played) as db:
        for seq, payload in db.execute("SELECT seq, payload FROM entry").fetchall():
            db.execute("UPDATE entry SET payload = ? WHERE seq = ?", (payload + " ", seq))
            assert seq in entries_found(played)
            db.execute("UPDATE entry SET payload = ? WHERE seq = ?", (payload, seq))
    assert verify(played).sound


@pytest.mark.parametrize("table", ["line", "entry"])
def test_what_is_taken_out_of_the_journal_is_found(played: Book, table: str) -> None:
    where = "seq" if table == "entry" else "entry"
    with unsealed(played) as db:
        db.execute(f"DELETE FROM {table} WHERE {where} = ?", (CONTRIBUTION,))
    assert entries_found(played) & {CONTRIBUTION, CONTRIBUTION + 1}


def test_two_lines_that_swap_places_are_found(played: Book) -> None:
    with unsealed(played) as db:
        for before, after in ((1, 99), (2, 1), (99, 2)):
            db.execute("UPDATE line SET no = ? WHERE entry = ? AND no = ?", (after, CONTRIBUTION, before))
    assert CONTRIBUTION in entries_found(played)


def test_lines_of_an_entry_that_is_not_there_are_found(played: Book) -> None:
    with unsealed(played) as db:
        db.execute(
            "INSERT INTO line SELECT 77, no, account, term, agreement, activity, grant_code,"
            " bank_account, donor, currency, amount, usd FROM line WHERE entry = 16"
        )
    assert 77 in entries_found(played)


@pytest.fixture
def complete(played: Book) -> Book:
    """The played book with a row in every register."""
    tell(played, *staff())
    return played


@pytest.mark.parametrize("column", columns(*ALL_KINDS.registers, *TABLES), ids=named)
def test_every_column_of_every_register_is_compared(complete: Book, column: Column[object]) -> None:
    table = column.table.name
    with unsealed(complete) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(
            f"UPDATE {table} SET {column.name} = {another(column)}"
            f" WHERE rowid = (SELECT min(rowid) FROM {table})"
        )
        assert db.execute("SELECT changes()").fetchone() == (1,), f"the played book has no {table}"
    assert not verify(complete).sound


@pytest.mark.parametrize("table", [*ALL_KINDS.registers, *TABLES], ids=lambda table: table.name)
def test_rows_that_a_register_lacks_or_has_twice_are_found(complete: Book, table: Table) -> None:
    with unsealed(complete) as db:
        db.execute(f"DELETE FROM {table.name} WHERE rowid = (SELECT max(rowid) FROM {table.name})")
    for check in (verify, replay):
        assert any(table.name in finding.what for finding in check(complete).findings)


def test_a_row_that_no_entry_taught_is_found(played: Book) -> None:
    with unsealed(played) as db:
        db.execute("INSERT INTO donor SELECT * FROM donor LIMIT 1")
    assert any("the register donor says" in finding.what for finding in verify(played).findings)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE evidence SET content = CAST('We have not paid.' AS BLOB)", "was changed"),
        ("DELETE FROM evidence", "is missing"),
    ],
)
def test_evidence_that_was_changed_or_removed_is_found(played: Book, sql: str, what: str) -> None:
    with unsealed(played) as db:
        db.execute(sql)
    found = [finding for finding in verify(played).findings if what in finding.what]
    assert [finding.entry for finding in found] == [13, 19, 21, 41, 44], "each entry that names the file"


def test_evidence_under_another_name_is_missing(played: Book) -> None:
    with unsealed(played) as db:
        db.execute("UPDATE evidence SET sha256 = upper(sha256) || 'x'")
    assert any("is missing" in finding.what for finding in verify(played).findings)


TRIGGERS = (
    "seal_line",
    "seal_entry",
    "seal_evidence",
    "seal_account",
    *(
        f"no_{action}_{table}"
        for action in ("update", "delete")
        for table in ("entry", "line", "account", "evidence")
    ),
)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_that_is_gone_is_found(played: Book, trigger: str) -> None:
    with closing(raw(played)) as db:
        db.execute(f"DROP TRIGGER {trigger}")
    (finding,) = verify(played).findings
    assert trigger in finding.what


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("CREATE TRIGGER helper AFTER INSERT ON entry BEGIN DELETE FROM proposal; END", "trigger helper"),
        ("CREATE TABLE aside (amount)", "table aside"),
        ("DROP INDEX ix_line_account", "index ix_line_account"),
        ("CREATE VIEW aside AS SELECT * FROM line", "view aside"),
        ("UPDATE alembic_version SET version_num = '0001'", "revision 0001"),
    ],
)
def test_a_database_that_is_built_otherwise_is_found(played: Book, sql: str, what: str) -> None:
    with closing(raw(played)) as db:
        db.execute(sql)
    assert any(what in finding.what for finding in verify(played).findings)


@pytest.mark.parametrize("column", columns(metadata.tables["account"]), ids=named)
def test_an_account_that_is_not_as_in_the_chart_is_found(played: Book, column: Column[object]) -> None:
    with unsealed(played) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(f"UPDATE account SET {column.name} = {another(column)} WHERE code = '2500'")
    assert any("account 2500" in finding.what for finding in verify(played).findings)


def test_an_account_too_many_is_found(played: Book) -> None:
    with unsealed(played) as db:
        db.execute("INSERT INTO account VALUES ('2950', 'Deposits', 'liability', '', 0, 0)")
    assert [str(finding) for finding in verify(played).findings] == ["the account 2950 is not in the chart"]


@pytest.mark.parametrize("kind", ["period closed", "entry reversed"])
def test_a_journal_without_its_last_entry_does_not_fit_its_registers(played: Book, kind: str) -> None:
    """The chain itself cannot tell; balances and registers do."""
    with unsealed(played) as db:
        (last,) = db.execute("SELECT max(seq) FROM entry WHERE kind = ?", (kind,)).fetchone()
        db.execute("DELETE FROM entry WHERE seq >= ?", (last,))
        db.execute("DELETE FROM line WHERE entry >= ?", (last,))
    found = verify(played).findings
    assert found
    assert not any("hash" in finding.what for finding in found)
    assert last in {finding.entry for finding in found}


@pytest.mark.parametrize("column", ["kind", "version", "payload", "made_by", "decided_by", "entry"])
def test_an_approved_proposal_is_the_entry_it_became(played: Book, column: str) -> None:
    with played.recording() as journal:
        approve(journal, 1, CHECKER)
    assert verify(played).sound
    with closing(raw(played)) as db:
        db.execute(f"UPDATE proposal SET {column} = {column} || '1'")
    assert any("proposal 1" in finding.what for finding in verify(played).findings)


# ---- who rewrites the chain


def test_only_replay_finds_a_chain_that_was_rewritten(played: Book) -> None:
    """The owner of a database can give every entry a new hash, but not make another event of the old one."""
    gift = 17
    with unsealed(played) as db:
        db.execute("UPDATE line SET amount = amount * 2, usd = usd * 2 WHERE entry = ?", (gift,))
        for account, side, mark in (("1100", 1, "bank_account = 'USD1'"), ("2200", -1, "agreement = 'U-1'")):
            more = f"amount = amount + {side * 40_000_00}, usd = usd + {side * 40_000_00}"
            where = f"account = '{account}' AND term = '{TERM}' AND currency = 'USD'"
            db.execute(f"UPDATE balance SET {more} WHERE {where} AND {mark}")
            db.execute(f"UPDATE movement SET {more} WHERE {where} AND month = '2021-11'")
        db.execute(
            "UPDATE allotment SET allocated = allocated + 4000000 WHERE agreement = 'U-1' AND activity = ''"
        )
        with played.reading() as books:
            entries = [(get_entry(books, seq), lines_of(books, seq)) for seq in range(1, head(books).seq + 1)]
        before = entries[0][0].prev
        for sealed, lines in entries:
            rewritten = sealed._replace(prev=before)
            before = entry_hash(rewritten, lines)
            db.execute(
                "UPDATE entry SET prev = ?, hash = ? WHERE seq = ?", (rewritten.prev, before, sealed.seq)
            )
    assert verify(played).sound
    (finding,) = replay(played).findings
    assert finding.entry == gift
    assert "40,000.00 USD" in finding.what


def test_replay_finds_an_event_that_no_program_would_take(played: Book) -> None:
    """As above, with the event itself swapped for one that the rules refuse."""
    with unsealed(played) as db:
        payload = db.execute("SELECT payload FROM entry WHERE seq = 24").fetchone()[0]
        db.execute("UPDATE entry SET payload = ? WHERE seq = 24", (payload.replace("2000001", "9000001"),))
    (finding,) = replay(played).findings
    assert finding.entry == 24
    assert "is more than is committed to G1 and not yet paid" in finding.what


def test_an_unknown_kind_of_event_is_named(played: Book) -> None:
    few = open_at(file_of(played))
    few.kinds = Kinds(KINDS)
    assert any(
        "'donor registered' version 1 is not a kind" in finding.what for finding in verify(few).findings
    )
    few.close()


def test_events_are_kept_in_canonical_form(played_once: Book) -> None:
    with played_once.reading() as books:
        for seq in range(1, head(books).seq + 1):
            sealed = get_entry(books, seq)
            event = ALL_KINDS.read(sealed.kind, sealed.version, sealed.payload)
            assert event.payload == sealed.payload == canonical_json(event.model_dump(mode="json"))


# ---- random damage


def test_a_flipped_bit_is_found_or_harmless(reused: Book, played_template: Path) -> None:
    """A proposal that waits is no part of the books: it promises nothing, and may be lost."""
    sound = played_template.read_bytes()
    told = dump(str(played_template), without=("proposal",))
    chance = random.Random(SEED)
    harmless = 0
    for _ in range(FLIPS):
        damaged = bytearray(sound)
        offset, bit = chance.randrange(len(sound)), chance.randrange(8)
        damaged[offset] ^= 1 << bit
        put(bytes(damaged), reused)
        if verify(reused).sound:
            now = dump(file_of(reused), without=("proposal",))
            assert now == told, f"bit {bit} at {offset} of {len(sound)}"
            harmless += 1
    assert 0 < harmless < FLIPS


@pytest.mark.parametrize("content", [b"", b"not a book", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_book_is_not_opened(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "no.book"
    place.write_bytes(content)
    with pytest.raises(MdfmError, match="is not a book|is damaged"):
        open_at(str(place))
