"""Claims: a code that several kinds of events give out is claimed alike by all of them."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, Table, func, select

from donors import ReceiptIdentified
from ledger import Book, Event, as_known
from ledger.storage.schema import entry
from tests.support.small_books import NOV, gift


def given_out(books: Connection, book: Book, table: Table) -> list[tuple[str, Event]]:
    """The codes of a register, each with the event that gave it out."""
    first = select(table.c.code, func.min(table.c.seq).label("seq")).where(as_known(table))
    each = first.group_by(table.c.code).subquery()
    rows = books.execute(select(each.c.code, entry).join(entry, entry.c.seq == each.c.seq)).all()
    return [(row.code, book.kinds.read(row.kind, row.version, row.payload)) for row in rows]


def test_two_kinds_that_give_out_codes_of_one_register_claim_them_alike(played: Book) -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    with played.reading() as books:
        for table in played.kinds.registers:
            if "code" not in table.c or table.name == "planned_activity":  # a programme has its activities
                continue
            common: set[str] | None = None
            for code, event in given_out(books, played, table):
                kinds[table.name].add(event.kind)
                forms = {claim.removesuffix(code) for claim in event.claims if claim.endswith(f":{code}")}
                common = forms if common is None else common & forms
            assert common is None or common, table.name
    assert kinds["agreement"] >= {"agreement signed", "contribution received"}
    assert {"donor", "term", "grant_agreement", "pledge", "receipt", "refund", "expenditure"} <= set(kinds)


def test_what_is_identified_as_a_gift_claims_the_code_of_an_agreement() -> None:
    identified = ReceiptIdentified(on=NOV, receipt="R-1", donor="CITY")
    assert set(identified.claims) & set(gift("R-1", 100).claims) == {"agreement:R-1"}
