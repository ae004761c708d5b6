"""How the lines of an entry are printed: on which side each stands, whatever it amounts to."""

from __future__ import annotations

import pytest

from donors import BalancesRevalued
from ledger import Book, Line, RatesPublished, line_text, lines_of
from ledger.entry.posting import line
from mdfm.cli.entries import print_lines
from tests.support.small_books import LATER, TERM, gift, tell

SIDES = [
    (100, 100, "Dr"),
    (-100, -100, "Cr"),
    # The amount decides, also where its value in dollars is nothing or on the other side.
    (1, 0, "Dr"),
    (-1, 0, "Cr"),
    (1, -1, "Dr"),
    (-1, 1, "Cr"),
    # A change of value moves no amount.
    (0, 1, "Dr"),
    (0, -1, "Cr"),
    # Nothing at all: no event posts it, and it stands where it stood.
    (0, 0, "Cr"),
]


def of(amount: int, usd: int) -> Line:
    return line("1100", TERM, "EUR", amount, usd, bank_account="EUR1")


@pytest.mark.parametrize(("amount", "usd", "side"), SIDES)
def test_a_line_stands_on_the_side_of_its_amount_or_else_of_its_value(
    amount: int, usd: int, side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_lines([of(amount, usd)], "Entry 1")
    row = capsys.readouterr().out.splitlines()[-1]
    told = [f"{abs(each) / 100:.2f}" for each in (amount, usd)]
    assert row.split() == ["1100", "Cash", "at", "bank", side, told[0], "EUR", told[1], TERM, "EUR1"]


@pytest.mark.parametrize(("amount", "usd", "side"), SIDES)
def test_a_finding_of_the_auditor_puts_it_on_the_same_side(amount: int, usd: int, side: str) -> None:
    assert line_text(of(amount, usd)) == f"{side} 1100 {abs(amount) / 100:.2f} EUR {TERM} EUR1".replace(
        f" {TERM}", ""
    )


@pytest.mark.parametrize(("eur", "side"), [("0.80", "Dr"), ("0.90", "Cr")])
def test_a_gain_of_exchange_is_debited_to_the_bank_and_a_loss_credited(
    book: Book, eur: str, side: str
) -> None:
    tell(book, gift("U-1", 88_00, "EUR"), RatesPublished(on=LATER, rates={"EUR": eur}, source="example"))
    (sealed,) = tell(book, BalancesRevalued(on=LATER, term=TERM))
    with book.reading() as books:
        (moved,) = [each for each in lines_of(books, sealed.seq) if each.account == "1100"]
    assert moved.amount == 0
    assert line_text(moved) == f"{side} 1100 0.00 EUR EUR1"
