"""Two clocks: a report to the same day, as known at the same entry, is the same for ever, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection

from donors import donors
from ledger import AsOf, Book, head
from ledger.journal.journal import Stamp
from ledger.journal.queries import entries
from ledger.storage.database import MEMORY
from mdfm.books import create, open_at
from mdfm.example.story import TERM
from reports import (
    build_overview,
    build_statement,
    build_trial_balance,
    render_overview,
    render_statement,
    render_trial_balance,
)
from tests.support.example_demo import Demo

MID_YEAR, YEAR_END = date(2022, 6, 30), date(2022, 12, 31)
PRINTED_AFTER = ("plan approved", "expenditure reported", "entry reversed", "period closed")
"""A report is printed right after the last entry of each of these kinds but the one that is not yet told."""


@pytest.fixture(scope="module")
def reprinted(demo: Demo) -> Iterator[tuple[dict[tuple[int, date], dict[str, bytes]], Book]]:
    """What was printed while the demo's book grew, and the book when it was grown."""
    printed = {}
    grown = create(MEMORY)
    source = open_at(str(demo.book))
    with source.reading() as told:
        for sealed, _lines in entries(told):
            event = grown.kinds.read(sealed.kind, sealed.version, sealed.payload)
            with grown.recording() as journal:
                journal.append(event, Stamp(sealed.made_by, sealed.approved_by, sealed.recorded_at))
            if sealed.kind in PRINTED_AFTER and sealed.seq > 40:
                for day in (MID_YEAR, YEAR_END):
                    with grown.reading() as books:
                        printed[sealed.seq, day] = rendered(books, AsOf(day, sealed.seq))
    source.close()
    yield printed, grown
    grown.close()


def rendered(books: Connection, as_of: AsOf) -> dict[str, bytes]:
    """The PDFs of two donors and of the fund."""
    made = {
        f"statement {donor}": render_statement(build_statement(books, donor, TERM, as_of))
        for donor in ("GOV-A", "CITY-C")
    }
    made["overview"] = render_overview(build_overview(books, TERM, as_of, "es"))
    made["trial balance"] = render_trial_balance(build_trial_balance(books, as_of, TERM), "fr")
    return made


def test_what_was_printed_is_printed_again(
    reprinted: tuple[dict[tuple[int, date], dict[str, bytes]], Book],
) -> None:
    printed, grown = reprinted
    assert len(printed) >= 8
    with grown.reading() as books:
        assert head(books).seq > max(seq for seq, _ in printed) - 1
        for (seq, day), before in printed.items():
            assert rendered(books, AsOf(day, seq)) == before, f"known at entry {seq}, effective to {day}"


def test_a_reversal_is_in_a_statement_only_once_it_is_known(demo: Demo) -> None:
    book = open_at(str(demo.book))
    with book.reading() as books:
        reversal = next(sealed for sealed, _ in entries(books) if sealed.reverses)
        before, wrong, after = (
            build_trial_balance(books, AsOf(YEAR_END, seq), TERM).total("use")
            for seq in (reversal.reverses - 1, reversal.reverses, reversal.seq)
        )
    book.close()
    assert before == after < wrong


def test_what_takes_effect_later_is_not_in_an_earlier_balance(demo: Demo) -> None:
    book = open_at(str(demo.book))
    with book.reading() as books:
        now = head(books).seq
        mid, end = (build_trial_balance(books, AsOf(day, now), TERM) for day in (MID_YEAR, YEAR_END))
        assert mid.holds
        assert end.holds
        assert mid.total("use") < end.total("use")
        assert {donor.code for donor in donors(books, 1)} == set()
    book.close()
