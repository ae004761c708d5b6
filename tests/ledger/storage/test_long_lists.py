"""Long lists: a book may hold more agreements, gifts and entries than a statement takes parameters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import bindparam, func, select

from donors import (
    DonorRegistered,
    InterestAttributed,
    InterestReceived,
    agreements,
    contributions,
    in_kind_gifts,
)
from donors.agreement.agreement import agreement as agreement_table
from donors.donor.donor import donor
from ledger import (
    AsOf,
    Book,
    available,
    closed_among,
    one_of,
    open_months,
    posted,
    posted_sums,
    recorded_events,
    unreversed_lines,
)
from ledger.storage.bulk_insert import write_rows
from ledger.storage.schema import entry, line
from tests.support.engines import READY, Shelf
from tests.support.small_books import CHECKER, DEC, MAKER, NOV, TERM, agreement, gift, money, tell

MANY = 40_000
"""More than the 32,766 parameters that a statement of SQLite takes."""

MORE = 66_000
"""More than the 65,535 of PostgreSQL."""


STRANGE = ["", "it's", 'a"b', "a\\b", "100%", "É", "a,b", "{}", "NULL"]


def register_donor(code: str, name: str) -> DonorRegistered:
    """A donor of some name."""
    return DonorRegistered(on=NOV, code=code, name=name, type="private")


def test_a_value_is_found_among_any_number(shelf: Shelf, opened: Callable[[str], Book]) -> None:
    book = opened(shelf.fresh(READY))
    texts, seqs = [*STRANGE, *(f"no {number}" for number in range(MORE))], list(range(MORE))
    count = select(func.count()).select_from(entry)
    with book.reading() as books:
        ready = books.execute(count).scalar_one()
        assert books.execute(count.where(one_of(entry.c.seq, seqs))).scalar_one() == ready
        assert books.execute(count.where(~one_of(entry.c.seq, seqs))).scalar_one() == 0
        assert books.execute(count.where(one_of(entry.c.key, texts))).scalar_one() == 0
        assert books.execute(count.where(one_of(entry.c.key, [*texts, "donor:CITY"]))).scalar_one() == 1
        assert books.execute(count.where(one_of(entry.c.key, []))).scalar_one() == 0
        built_once = count.where(one_of(entry.c.key, bindparam("keys")), entry.c.seq > 0)
        for keys, found in ((["term:2021-2023"], 1), (["donor:CITY", "donor:FOUND"], 2), ([], 0)):
            assert books.execute(built_once, {"keys": keys}).scalar_one() == found


def test_a_value_is_compared_letter_by_letter(shelf: Shelf, opened: Callable[[str], Book]) -> None:
    book = opened(shelf.fresh(READY))
    tell(book, *(register_donor(name, "É") for name in ("a", "A", "B")))
    with book.reading() as books:
        found = select(donor.c.code).where(one_of(donor.c.code, ["a", "b"]), one_of(donor.c.name, ["É"]))
        assert books.execute(found).scalars().all() == ["a"]


def test_the_index_of_a_column_is_used(book: Book) -> None:
    query = select(line.c.amount).where(one_of(line.c.agreement, ["A1"]))
    with book.reading() as books:
        sql = str(query.compile(books.engine))
        plan = books.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]",)).all()
    assert any("USING INDEX ix_line_agreement (agreement=?)" in row[-1] for row in plan)


def test_a_donor_may_have_any_number_of_agreements(book: Book) -> None:
    """What is written straight into the register stands for as many entries."""
    tell(book, agreement("A0"))
    with book.recording() as journal:
        row = journal.books.execute(select(agreement_table)).mappings().one()
        rows = [tuple({**row, "code": f"A{number}"}.values()) for number in range(1, MANY)]
        write_rows(journal.books, agreement_table, rows)
    with book.reading() as books:
        theirs = [each.code for each in agreements(books, donor="CITY")]
        assert len(theirs) == MANY
        now = AsOf.now(books, date.max)
        assert contributions(books, agreements=theirs) == []
        assert in_kind_gifts(books, agreements=theirs) == []
        assert closed_among(books, theirs) == {}
        assert len(list(posted(books, now, accounts=("1200",), agreements=theirs))) == 1
        assert len(unreversed_lines(books, accounts=("1200",), agreements=theirs)) == 1
        assert len(posted_sums(books, now, ("account",), entries=range(MANY))) == 2
        assert list(recorded_events(books, [f"agreement:{code}" for code in theirs])) == ["agreement:A0"]
        assert len(open_months(books, date(1, 1, 1), date(9999, 12, 31))) == 12 * 9999


def test_an_entry_may_move_any_number_of_balances(book: Book) -> None:
    """Interest is attributed to 4,200 gifts: eight columns name each balance, which are 33,600 values."""
    interest = InterestReceived(
        on=DEC, reference="I-1", term=TERM, bank_account="USD1", amount=money("USD", 4_200)
    )
    attributed = InterestAttributed(on=DEC, reference="IA-1", term=TERM, starts_on=NOV, ends_on=DEC)
    with book.recording() as journal:
        gifts = [gift(f"U-{number}", 1_00) for number in range(4_200)]
        journal.record_many([*gifts, interest], made_by=MAKER, approved_by=CHECKER)
        assert journal.record(attributed, made_by=MAKER, approved_by=CHECKER).line_count > 4_200
        assert set(available(journal.books, TERM).values()) == {1_01}
