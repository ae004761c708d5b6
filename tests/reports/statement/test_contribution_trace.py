"""The trace of a contribution: from the bank's line to the statement's, at two clocks, by one command."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from allocation import TermClosed, YearEnded
from donors import BankAccountOpened, ContributionReceived, ReceiptIdentified, UnidentifiedReceived
from ledger import AsOf, BadInput, Book, NotFound, TermOpened, approve, attach, head, propose
from mdfm.cli.app import app
from mdfm.example.story import example_file
from reports import ContributionTrace, trace_contribution
from tests.reports.figures.test_fifo import END, plan, spent
from tests.support.example_demo import Demo
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    agreement,
    contribution,
    file_of,
    gift,
    money,
    tell,
)

NEXT = "2023-2025"


def traced(book: Book, reference: str, until: date = END, known_at: int | None = None) -> ContributionTrace:
    with book.reading() as books:
        return trace_contribution(books, reference, AsOf(until, known_at or head(books).seq))


def asked(book: str, *words: str) -> Result:
    return CliRunner(env={"MDFM_BOOK": book, "COLUMNS": "100"}).invoke(app, ["contribution", "trace", *words])


# ---- how it came


@pytest.mark.parametrize("file", ["camt.053.001.02.xml", "camt.053.001.08.xml", "statement.mt940"])
def test_the_banks_line_is_read_back_from_the_file_that_the_entry_names(book: Book, file: str) -> None:
    with book.recording() as journal:
        proof = attach(journal.books, example_file("bank") / file)
    received = ContributionReceived(
        on=DEC, reference="EX230112000017", bank_account="EUR1", amount=money("EUR", 20_000_00),
        donor="FOUND", term=TERM, evidence=(proof,),
    )  # fmt: skip
    tell(book, received)
    (told,) = traced(book, "EX230112000017").bank.files
    assert (told.name, told.sha256) == (file, proof.sha256)
    assert told.line is not None
    assert (told.line.minor, told.line.booked_on) == (20_000_00, date(2023, 1, 12))
    assert "A-GOV-A" in told.line.remittance


@pytest.mark.parametrize(
    ("reference", "minor"), [("EX230112000017", 20_000_01), ("EX230112000018", 20_000_00)]
)
def test_a_line_of_another_amount_or_reference_is_not_the_banks_line(
    book: Book, reference: str, minor: int
) -> None:
    with book.recording() as journal:
        proof = attach(journal.books, example_file("bank") / "camt.053.001.02.xml")
    given = gift(reference, minor, "EUR").model_copy(update={"evidence": (proof,)})
    tell(book, given)
    (told,) = traced(book, reference).bank.files
    assert told.line is None


def test_money_that_was_identified_later_has_two_entries(book: Book) -> None:
    received = UnidentifiedReceived(
        on=NOV, reference="R-1", term=TERM, bank_account="EUR1", amount=money("EUR", 86_00)
    )
    first, second = tell(book, received, ReceiptIdentified(on=LATER, receipt="R-1", donor="FOUND"))
    found = traced(book, "R-1")
    assert [each.sealed for each in found.entries] == [first, second]
    assert (found.bank.arrived_on, found.cents, found.available) == (NOV, 100_00, 100_00)
    with pytest.raises(BadInput, match=f"is in the books from {LATER}"):
        traced(book, "R-1", DEC)
    with pytest.raises(NotFound, match=r"not identified yet"):
        traced(book, "R-1", known_at=first.seq)


def test_the_proposal_that_asked_for_the_entry_is_named(book: Book) -> None:
    with book.recording() as journal:
        waiting = propose(journal, gift("G-1", 5_00), MAKER)
        approve(journal, waiting.id, CHECKER)
    tell(book, gift("G-2", 5_00))
    (asked_for,), (at_once,) = traced(book, "G-1").entries, traced(book, "G-2").entries
    assert (asked_for.proposal, at_once.proposal) == (waiting.id, 0)
    assert (asked_for.sealed.made_by, asked_for.sealed.approved_by) == (MAKER, CHECKER)


# ---- what became of it


def test_the_two_clocks(book: Book) -> None:
    tell(book, agreement("A1"), contribution("C1", "A1", "USD", 100_00), plan(1, {"T-1": {"A1": 80_00}}))
    with book.reading() as books:
        then = head(books).seq
    before = traced(book, "C1")
    tell(book, spent("X1", "T-1", 30_00, LATER))
    assert traced(book, "C1", known_at=then) == before
    assert traced(book, "C1", LATER - timedelta(days=1)).used == ()
    assert [step.cents for step in traced(book, "C1").used] == [30_00]


def test_a_contribution_goes_on_in_the_next_term(book: Book) -> None:
    tell(
        book,
        agreement("A1", ends_on=date(2025, 10, 31)),
        contribution("C1", "A1", "USD", 100_00),
        contribution("C2", "A1", "USD", 50_00),
        plan(1, {"T-1": {"A1": 120_00}}),
        spent("X1", "T-1", 30_00),
        TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        YearEnded(on=END, reference="Y-1", term=TERM),
        TermClosed(on=END, reference="C-1", term=TERM, into=NEXT),
    )
    found = traced(book, "C2", date(2024, 1, 1))
    assert [(each.allocated, each.used, each.unspent) for each in found.activities] == [(20_00, 0, 20_00)]
    told = {(each.statement[:14], each.figure): (each.of, each.cents) for each in found.statements}
    assert told["CITY-2021-2023", "received C2 A1"] == (50_00, 50_00)
    assert told["CITY-2023-2025", "opening balance"] == (120_00, 50_00)
    assert told["CITY-2023-2025", "available"] == (30_00, 30_00)
    assert told["CITY-2023-2025", "allocated"] == (90_00, 20_00)


# ---- the command


def test_a_reference_on_two_accounts_needs_the_account(book: Book) -> None:
    tell(
        book,
        agreement("A1"),
        agreement("A2"),
        contribution("SAME", "A1", "USD", 5_00),
        BankAccountOpened(on=NOV, code="USD2", name="Another account", currency="USD"),
        contribution("SAME", "A2", "USD", 7_00).model_copy(update={"bank_account": "USD2"}),
    )
    refused = asked(file_of(book), "SAME")
    assert refused.exit_code == 2
    assert "USD1, USD2: name the account with --bank" in refused.stderr
    told = json.loads(asked(file_of(book), "SAME", "--bank", "USD2", "--to", "2022-12-31", "--json").stdout)
    assert (told["cents"], told["given"]["agreement"]) == (7_00, "A2")


def test_the_whole_way_of_the_demos_contribution(demo: Demo) -> None:
    told = asked(str(demo.book), "R-2022-001", "--to", "2022-12-31", "--json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    assert found["entries"][0]["kind"] == "contribution received"
    assert found["given"]["earmark"] == "For cities in Africa only."
    used = sum(step["cents"] for step in found["used"])
    unspent = sum(each["unspent"] for each in found["activities"])
    assert found["cents"] == found["bank"]["usd"] == used + unspent + found["available"] > 0
    assert 0 < used < found["cents"]
    figures = {(each["part"], each["figure"]): each["cents"] for each in found["statements"]}
    assert figures["2 Use of funds", "used in all"] == used
    assert figures["3 Balance", "available"] == found["available"]


def test_the_table_is_readable_at_a_hundred_columns(demo: Demo) -> None:
    told = asked(str(demo.book), "G-2022-001", "--to", "2022-12-31").stdout
    assert max(map(len, told.splitlines())) <= 100
    titles = ("1 At the bank", "2 Entry ", "3 Given as a gift", "4 Allocated", "5 Used", "6 Gone",
              "7 What became", "8 In the donor's statement", "first in, first out")  # fmt: skip
    places = [told.index(title) for title in titles]
    assert places == sorted(places)
    assert re.search(r"US\$ [\d,.]+ = [\d,.]+ used \+ [\d,.]+ allocated and unspent", told)
