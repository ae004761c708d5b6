"""The question that a scenario puts: what is still wanted, and which rules hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from allocation import Scenario, run
from allocation.problem import UnitsRule
from allocation.question import ask
from donors import ContributionReceived
from ledger import Amount, Book, Refused
from mdfm.books import open_at
from tests.example_demo import Demo

HALF_FUNDED = "HEALTH-2.1"
"""Two workshops are wanted; the demo funds one."""


@pytest.fixture
def richer(demo: Demo, tmp_path: Path) -> Iterator[Book]:
    """The demo's book after another gift."""
    book = open_at(str(demo.copy(tmp_path / "demo.book")))
    gift = ContributionReceived(
        on=date(2023, 1, 16),
        reference="G-LATE",
        bank_account="BANK-USD",
        amount=Amount(currency="USD", minor=60_000_00),
        donor="CORP-A",
        term="2021-2023",
    )
    with book.recording() as journal:
        journal.record(gift, made_by="officer", approved_by="approver")
    yield book
    book.close()


def scenario(**more: object) -> Scenario:
    told = {"id": "more", "term": "2021-2023", "on": date(2023, 1, 20), "lists_on": date(2025, 12, 31)}
    return Scenario.model_validate(told | more)


def test_what_must_be_funded_is_what_is_still_wanted_of_it(richer: Book) -> None:
    with richer.reading() as books:
        asked = scenario(must_fund=(HALF_FUNDED,))
        rule = next(rule for rule in ask(books, asked).rules if isinstance(rule, UnitsRule))
        assert (rule.activity, rule.least) == (HALF_FUNDED, 1)
        (award,) = run(books, asked, "planner").awards
    assert (award.activity, award.units) == (HALF_FUNDED, 1)


def test_a_plan_adds_to_what_is_allocated_already(richer: Book) -> None:
    with richer.reading() as books:
        wanted = {each.code: each.units for each in ask(books, scenario()).candidates}
    assert wanted[HALF_FUNDED] == 1
    assert "MDFM-1.2" not in wanted


def test_without_money_for_what_is_open_nothing_is_asked(demo: Demo) -> None:
    book = open_at(str(demo.book))
    with book.reading() as books, pytest.raises(Refused, match="no money that scenario more may give"):
        run(books, scenario(), "planner")
    book.close()
