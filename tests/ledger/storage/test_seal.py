"""The seal: what the database itself refuses, whoever asks and with whatever tool.

Each attack differs in one thing from an entry that the database accepts, so that it is refused for that
thing and no other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from ledger import Book, Line, Sealed, dollars, line
from ledger.entry.canonical import written_time
from tests.support.small_books import TERM, dump, file_of, raw

Attack = Callable[[sqlite3.Connection], object]


# ---- an entry by hand


def insert(db: sqlite3.Connection, table: str, row: dict[str, Any], verb: str = "INSERT") -> None:
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    db.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def next_entry(db: sqlite3.Connection, lines: int) -> dict[str, Any]:
    """An entry that the triggers let pass after that many lines, whatever its hash."""
    seq, head = db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    return Sealed(
        seq=seq + 1,
        effective_on="2022-03-02",
        recorded_at="2022-03-02T00:00:00.000000+00:00",
        kind="contribution received",
        version=1,
        payload="{}",
        made_by="one",
        approved_by="two",
        key="by hand",
        input_hash="0" * 64,
        reverses=0,
        line_count=lines,
        prev=head,
        hash="f" * 64,
    )._asdict()


PAIR = (
    dollars("1100", TERM, 100_00, bank_account="USD1"),
    dollars("2200", TERM, -100_00, agreement="U-1"),
)


def forge(db: sqlite3.Connection, *lines: Line, **changes: Any) -> None:
    """Lines first, then their entry, with one thing changed."""
    entry = next_entry(db, len(lines)) | changes
    for no, each in enumerate(lines, start=1):
        insert(db, "line", {"entry": entry["seq"], "no": no, **each._asdict()})
    insert(db, "entry", entry)


def with_lines(*lines: Line, **changes: Any) -> Attack:
    return lambda db: forge(db, *lines, **changes)


def with_entry(**changes: Any) -> Attack:
    return lambda db: forge(db, *PAIR, **changes)


def statement(sql: str) -> Attack:
    return lambda db: db.execute(sql)


def replacing(table: str) -> Attack:
    """The newest row of a table once more, in place of itself."""
    return lambda db: db.execute(
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} ORDER BY 1 DESC LIMIT 1"
    )


def numbered_from_two(db: sqlite3.Connection) -> None:
    entry = next_entry(db, len(PAIR))
    for no, each in enumerate(PAIR, start=2):
        insert(db, "line", {"entry": entry["seq"], "no": no, **each._asdict()})
    insert(db, "entry", entry)


def late_line(db: sqlite3.Connection) -> None:
    insert(db, "line", {"entry": 15, "no": 99, **PAIR[0]._asdict()})


def too_late_line(db: sqlite3.Connection) -> None:
    forge(db, *PAIR)
    insert(db, "line", {"entry": next_entry(db, 0)["seq"] - 1, "no": 3, **PAIR[0]._asdict()})


def orphan_line(db: sqlite3.Connection) -> None:
    insert(db, "line", {"entry": next_entry(db, 0)["seq"], "no": 1, **PAIR[0]._asdict()})


def replace_by_key(db: sqlite3.Connection) -> None:
    """Take a sealed entry's key for a new one, and its row with it."""
    insert(db, "entry", next_entry(db, 0) | {"key": f"term:{TERM}"}, "INSERT OR REPLACE")


def before_the_last(db: sqlite3.Connection) -> None:
    """An entry recorded a microsecond before the last one."""
    (last,) = db.execute("SELECT recorded_at FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    forge(db, *PAIR, recorded_at=written_time(datetime.fromisoformat(last) - timedelta(microseconds=1)))


def in_euro(account: str, minor: int, cents: int, **marks: str) -> Line:
    return line(account, TERM, "EUR", minor, cents, **marks)


def changed(each: Line, **changes: Any) -> Line:
    return each._replace(**changes)


CASH, OWED = PAIR
ADD_UP = "do not add up to zero"
LACKS = "lacks a dimension"
NO_TIME, NO_DAY = "the time of recording is not a time", "the day it takes effect is not a day"
ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}
OTHER_TIMES = {
    "in words": "last week",
    "empty": "",
    "null": "NULL",
    "to the second": "2022-03-02T00:00:00+00:00",
    "to the millisecond": "2022-03-02T00:00:00.000+00:00",
    "in zulu": "2022-03-02T00:00:00.000000Z",
    "without a zone": "2022-03-02T00:00:00.000000",
    "in another zone": "2022-03-02T02:00:00.000000+02:00",
    "behind zero": "2022-03-02T00:00:00.000000-00:00",
    "with a space": "2022-03-02 00:00:00.000000+00:00",
    "in lower case": "2022-03-02t00:00:00.000000+00:00",
    "with a comma": "2022-03-02T00:00:00,000000+00:00",
    "in a year of five digits": "12022-03-02T00:00:00.000000+00:00",
    "with a sign": "+2022-03-02T00:00:00.00000+00:00",
    "in Arabic digits": "2022-03-02T00:00:00.000000+00:00".translate(ARABIC),
    "with one Arabic digit": "2022-03-02T00:00:00.00000\u0660+00:00",
    "with a new line": "2022-03-02T00:00:00.000000+00:00\n",
    "after a new line": "\n2022-03-02T00:00:00.000000+00:00",
    "with a blank": "2022-03-02T00:00:00.000000+00:00 ",
    "on the 31st of February": "2022-02-31T00:00:00.000000+00:00",
    "on a 29th of February that was none": "2100-02-29T00:00:00.000000+00:00",
    "in month 13": "2022-13-02T00:00:00.000000+00:00",
    "in month 0": "2022-00-02T00:00:00.000000+00:00",
    "on day 0": "2022-03-00T00:00:00.000000+00:00",
    "in the year 0": "0000-03-02T00:00:00.000000+00:00",
    "at 24 o'clock": "2022-03-02T24:00:00.000000+00:00",
    "in minute 60": "2022-03-02T00:60:00.000000+00:00",
    "in a leap second": "2022-03-02T23:59:60.000000+00:00",
}
"""Texts that say a time in another form, or none; each is refused by every engine."""

ATTACKS: dict[str, tuple[Attack, str]] = {
    "a line into a sealed entry": (late_line, "the entry of this line is sealed"),
    "a line into an entry just sealed": (too_late_line, "the entry of this line is sealed"),
    "a line that no entry follows": (orphan_line, "FOREIGN KEY"),
    **{
        f"{verb.lower()} of {table}": (statement(f"{verb} {sql}"), f"{table} is sealed")
        for table, column in (
            ("entry", "made_by"),
            ("line", "agreement"),
            ("account", "name"),
            ("evidence", "sha256"),
        )
        for verb, sql in (
            ("UPDATE", f"{table} SET {column} = {column} || 'x'"),
            ("UPDATE OR REPLACE", f"{table} SET {column} = {column} || 'x'"),
            ("DELETE", f"FROM {table}"),
        )
    },
    "another content for a sealed entry": (replacing("entry"), "does not have the next number"),
    "another content for a sealed line": (replacing("line"), "the entry of this line is sealed"),
    "another content for an account": (replacing("account"), "the chart of accounts is sealed"),
    "another content for evidence": (replacing("evidence"), "this evidence is kept already"),
    "a sealed entry replaced by its key": (replace_by_key, "with this key exists"),
    "a gap in the numbers": (lambda db: forge(db, seq=next_entry(db, 0)["seq"] + 1), "the next number"),
    "a number taken": (with_lines(seq=1), "the next number"),
    "a number below the first": (with_lines(seq=-1), "the next number"),
    "another entry before it": (with_entry(prev="0" * 64), "the hash of the entry before it"),
    "one line only": (with_lines(CASH), ADD_UP),
    "fewer lines than it says": (with_entry(line_count=3), "as many lines as it says"),
    "more lines than it says": (with_entry(line_count=0), "as many lines as it says"),
    "lines that are not numbered from one": (numbered_from_two, "as many lines as it says"),
    "a cent too much": (with_lines(CASH, changed(OWED, amount=-99_99, usd=-99_99)), ADD_UP),
    "a cent too much in value only": (
        with_lines(
            in_euro("1200", 100, 110, agreement="A1"),
            in_euro("2100", -100, -109, agreement="A1"),
        ),
        ADD_UP,
    ),
    "a cent too much in euro only": (
        with_lines(
            in_euro("1200", 100, 110, agreement="A1"),
            in_euro("2100", -99, -110, agreement="A1"),
        ),
        ADD_UP,
    ),
    "euro against dollars without clearing": (
        with_lines(in_euro("1100", 90_00, 100_00, bank_account="EUR1"), OWED),
        ADD_UP,
    ),
    "memo against the books": (
        with_lines(CASH, changed(OWED, account="9390")),
        ADD_UP,
    ),
    "memo against the books in euro worth nothing": (
        with_lines(
            in_euro("1100", 100, 0, bank_account="EUR1"),
            in_euro("9190", -100, 0, donor="CITY"),
        ),
        ADD_UP,
    ),
    "memo against the books in value only": (
        with_lines(
            in_euro("1100", 0, 110, bank_account="EUR1"),
            in_euro("9190", 0, -110, donor="CITY"),
        ),
        ADD_UP,
    ),
    "one term against another": (with_lines(CASH, changed(OWED, term="2023-2025")), ADD_UP),
    "one term against another in value only": (
        with_lines(
            in_euro("1200", 0, 110, agreement="A1"),
            changed(in_euro("2100", 0, -110, agreement="A1"), term="2023-2025"),
        ),
        ADD_UP,
    ),
    "a value left on clearing": (with_lines(CASH, dollars("1900", TERM, -100_00)), "worth nothing"),
    "a new account of revenue": (
        statement("INSERT INTO account VALUES ('4100', 'Revenue', 'revenue', '', 0, 0)"),
        "the chart of accounts is sealed",
    ),
    "a line of revenue": (with_lines(CASH, changed(OWED, account="4100")), "FOREIGN KEY"),
    "cash at no bank": (with_lines(changed(CASH, bank_account=""), OWED), LACKS),
    "owed under no agreement": (with_lines(CASH, changed(OWED, agreement="")), LACKS),
    "allocated to no activity": (with_lines(CASH, changed(OWED, account="2300")), LACKS),
    "advanced under no grant": (with_lines(changed(CASH, account="1300"), OWED), LACKS),
    "pledged by no donor": (
        with_lines(changed(CASH, account="9100"), changed(OWED, account="9190", donor="CITY")),
        LACKS,
    ),
    "of no term": (with_lines(changed(CASH, term=""), changed(OWED, term="")), "ck_line_term"),
    "euro on an account in dollars": (
        with_lines(
            in_euro("1100", 100, 110, bank_account="EUR1"),
            in_euro("2200", -100, -110, agreement="A1"),
        ),
        "kept in USD only",
    ),
    "dollars worth another number of dollars": (
        with_lines(changed(CASH, usd=99_00), changed(OWED, usd=-99_00)),
        "ck_line_usd",
    ),
    "a line of nothing": (with_lines(*PAIR, changed(CASH, amount=0, usd=0)), "ck_line_not_empty"),
    "a fraction of a cent": (
        with_lines(changed(CASH, amount=100.5, usd=100.5), changed(OWED, amount=-100.5, usd=-100.5)),
        "cannot store REAL value in INTEGER column",
    ),
    "an amount in words": (
        with_lines(changed(CASH, amount="much"), OWED),
        "cannot store TEXT value in INTEGER",
    ),
    "no amount at all": (with_lines(changed(CASH, amount=None), OWED), "NOT NULL"),
    "sums beyond 64 bits": (
        with_lines(
            *(dollars("1100", TERM, 2**62, bank_account="USD1") for _ in range(4)),
            *(dollars("2200", TERM, -(2**62), agreement="U-1") for _ in range(4)),
        ),
        "integer overflow",
    ),
    "one person alone": (with_entry(approved_by="one"), "ck_entry_four_eyes"),
    "money moved with nobody's approval": (with_entry(approved_by=""), "ck_entry_approved"),
    "recorded by nobody": (with_entry(made_by=""), "ck_entry_made_by"),
    "a key that is taken": (with_entry(key=f"term:{TERM}"), "with this key exists"),
    "into a closed month": (with_entry(effective_on="2021-11-30"), "the period is closed"),
    **{
        f"on {name}": (with_entry(effective_on=day), NO_DAY)
        for name, day in {
            "no date": "2022-3-02",
            "no day": "2022-99-99",
            "the 31st of April": "2022-04-31",
            "a day and more": "2022-03-02\n",
            "a day of letters": "2022-03-O2",
        }.items()
    },
    **{f"recorded {name}": (with_entry(recorded_at=time), NO_TIME) for name, time in OTHER_TIMES.items()},
    "recorded before the last entry": (before_the_last, "recorded before the entry that it follows"),
    "taking back what is taken back": (with_entry(reverses=28), "reversed already"),
    "taking back itself": (lambda db: forge(db, *PAIR, reverses=next_entry(db, 0)["seq"]), "does not exist"),
    "cash below zero": (
        statement("UPDATE balance SET amount = -1 WHERE account = '1100'"),
        "ck_balance_debit_side",
    ),
    "a donor who owes the fund": (
        statement("UPDATE balance SET amount = 1 WHERE account = '2200'"),
        "ck_balance_credit_side",
    ),
    "more used than allocated": (
        statement("UPDATE allotment SET used = allocated + 1"),
        "ck_allotment_within_allocation",
    ),
    "more committed than allocated": (
        statement("UPDATE allotment SET committed = allocated + 1"),
        "ck_allotment_within_allocation",
    ),
    "less than nothing used": (statement("UPDATE allotment SET used = -1"), "ck_allotment_not_negative"),
    "approving one's own proposal": (
        statement("UPDATE proposal SET status = 'approved', decided_by = made_by"),
        "ck_proposal_four_eyes",
    ),
}


# ---- the tests


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses(played: Book, attack: str) -> None:
    act, reason = ATTACKS[attack]
    path = file_of(played)
    before = dump(path)
    with closing(raw(played)) as db:
        db.execute("BEGIN")
        with pytest.raises((sqlite3.DatabaseError, OverflowError), match=reason):
            act(db)
            db.execute("COMMIT")
        assert db.in_transaction, "a refusal takes the statement back, and leaves the rest to the caller"
        db.execute("ROLLBACK")
    assert dump(path) == before


def test_the_database_accepts_what_the_attacks_differ_from(played: Book) -> None:
    with closing(raw(played)) as db:
        db.execute("BEGIN")
        forge(db, *PAIR)
        db.execute("COMMIT")
        assert db.execute(
            "SELECT count(*) FROM line WHERE entry = (SELECT max(seq) FROM entry)"
        ).fetchone() == (2,)


@pytest.mark.parametrize(
    "attack", [{"recorded_at": 44_621.5}, {"recorded_at": b"2022"}, {"recorded_at": None}]
)
def test_a_time_is_a_text(played: Book, attack: dict[str, Any]) -> None:
    with (
        closing(raw(played)) as db,
        pytest.raises(sqlite3.DatabaseError, match=r"cannot store|NOT NULL|" + NO_TIME),
    ):
        forge(db, **attack)


def test_a_time_does_not_go_on_after_a_zero_byte(played: Book) -> None:
    """SQLite compares texts up to their first zero byte, and keeps what follows."""
    for name, text in (("recorded_at", "2022-03-02T00:00:00.000000+00:00"), ("effective_on", "2022-03-02")):
        with closing(raw(played)) as db, pytest.raises(sqlite3.DatabaseError, match="is not a"):
            forge(db, **{name: f"{text}\0 or so"})


def test_an_entry_may_be_recorded_at_the_time_of_the_last(played: Book) -> None:
    with closing(raw(played)) as db:
        last = db.execute("SELECT recorded_at FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        forge(db, recorded_at=last[0])
        assert db.execute("SELECT recorded_at FROM entry ORDER BY seq DESC LIMIT 1").fetchone() == last


def test_an_entry_without_lines_may_fall_into_a_closed_month(played: Book) -> None:
    with closing(raw(played)) as db:
        forge(db, effective_on="2021-11-30")
        assert db.execute("SELECT line_count FROM entry ORDER BY seq DESC LIMIT 1").fetchone() == (0,)


@pytest.mark.parametrize(
    ("code", "account_class", "reason"),
    [
        ("4100", "revenue", "ck_account"),
        ("4100", "liability", "ck_account_class_of_code"),
        ("2950", "revenue", "ck_account"),
    ],
)
def test_even_an_unsealed_chart_has_no_revenue(
    played: Book, code: str, account_class: str, reason: str
) -> None:
    with closing(raw(played)) as db:
        db.execute("DROP TRIGGER seal_account")
        with pytest.raises(sqlite3.IntegrityError, match=reason):
            db.execute("INSERT INTO account VALUES (?, 'Revenue', ?, '', 0, 0)", (code, account_class))
        db.execute("INSERT INTO account VALUES ('2950', 'Deposits', 'liability', '', 0, 0)")
