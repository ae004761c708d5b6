"""Cover by offers: what donors give in kind, the fund need not pay; and a plan names who gives it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from allocation import Plan, Scenario, approve_plan, make_plan
from allocation.programme.programme import activities
from allocation.scenario.cover import CountedOffer, counted_offers, unit_costs
from allocation.scenario.problem_builder import build_problem
from donors import OfferDeclined, OfferReceived
from ledger import BadInput, Book, EntryReversed, Refused, TermOpened
from mdfm.cli.app import app
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    agreement,
    file_of,
    gift,
    money,
    tell,
)

UNIT, UNITS = 50_000_00, 4


def offer(code: str, cents: int, currency: str = "USD", **more: Any) -> OfferReceived:
    usual: dict[str, Any] = {"donor": "CITY", "item": "workshop", "activity": "T-1", "description": "A hall"}
    value = money(currency, cents)
    return OfferReceived.make(on=NOV, code=code, term=TERM, value=value, **usual | more)


def scenario(**more: object) -> Scenario:
    message = {"id": "cover", "term": TERM, "on": DEC, "lists_on": "2025-12-01", "offers": "open"}
    return Scenario.model_validate(message | more, strict=False)


def counted(book: Book, **more: object) -> list[CountedOffer]:
    with book.reading() as books:
        return list(counted_offers(books, scenario(**more), activities(books, TERM)))


def costs(book: Book, **more: object) -> dict[str, int]:
    with book.reading() as books:
        return unit_costs(books, scenario(**more), activities(books, TERM))


def shown(book: Book, path: Path) -> Result:
    return CliRunner().invoke(app, ["--book", file_of(book), "plan", "show", str(path)])


def planned(book: Book, folder: Path, **more: object) -> tuple[Plan, Path]:
    with book.reading() as books:
        plan = make_plan(books, scenario(**more), MAKER, explained=False)
    path = folder / "plan.json"
    path.write_bytes(plan.to_bytes())
    return plan, path


def test_an_offer_is_given_once_so_it_is_spread_over_the_units(book: Book) -> None:
    tell(book, offer("O-1", 8_800_03, "EUR"))  # 10,000.03 dollars at 0.88
    (one,) = counted(book)
    assert (one.worth, one.covers, one.left_out) == (10_000_03, 2_500_00, 3)
    assert (one.offer, one.donor, one.status, one.activity) == ("O-1", "CITY", "open", "T-1")
    assert costs(book) == {"T-1": UNIT - 2_500_00, "T-2": UNIT, "T-3": UNIT}


def test_cover_by_hand_and_by_offers_add_up_to_what_a_unit_costs_and_no_more(book: Book) -> None:
    tell(book, offer("O-1", 8_000_00), offer("O-2", 180_000_00), offer("O-3", 1_00))
    message = counted(book, cover={"T-1": 10_000_00})
    assert [(each.covers, each.left_out) for each in message] == [
        (2_000_00, 0),
        (38_000_00, 180_000_00 - 4 * 38_000_00),
        (0, 1_00),
    ]
    assert costs(book, cover={"T-1": 10_000_00})["T-1"] == 0
    with pytest.raises(BadInput, match=r"covers US\$50,000.01 of a unit of T-1 in kind, and it costs only"):
        costs(book, cover={"T-1": UNIT + 1})


def test_only_what_the_scenario_counts_covers_and_what_is_accepted_comes_first(book: Book) -> None:
    signing = agreement("A9", offers=("O-3",))
    tell(book, *(offer(f"O-{number}", 1_000_00) for number in (1, 2, 3)), signing)
    tell(book, OfferDeclined(on=DEC, offer="O-2", reason="no room"))
    assert counted(book, offers="none") == []
    assert [each.offer for each in counted(book, offers="accepted")] == ["O-3"]
    assert [(each.offer, each.status) for each in counted(book)] == [("O-3", "accepted"), ("O-1", "open")]


@pytest.mark.parametrize(
    "more", [{"item": "financial"}, {"activity": ""}, {"value": money("USD", 0)}, {"term": "2019-2021"}]
)
def test_money_and_what_names_no_activity_or_value_covers_nothing(book: Book, more: dict[str, Any]) -> None:
    before = TermOpened(on=NOV, code="2019-2021", starts_on=date(2019, 11, 1), ends_on=date(2021, 10, 31))
    tell(book, before, offer("O-1", 1_000_00).model_copy(update=more))
    assert counted(book) == []


def test_an_activity_that_the_programme_lacks_is_reported_and_not_covered(book: Book) -> None:
    tell(book, offer("O-1", 1_000_00, activity="T-9"))
    (one,) = counted(book)
    assert (one.covers, one.left_out) == (0, 1_000_00)
    assert set(costs(book).values()) == {UNIT}


def test_an_offer_without_a_rate_on_the_day_names_the_month(book: Book) -> None:
    tell(book, offer("O-1", 1_000_00, "EUR"))
    with pytest.raises(Refused, match="no UN operational rate for EUR in 2022-03"):
        counted(book, on=LATER)


def test_the_fund_pays_less_and_the_plan_says_who_gives_the_rest(book: Book, tmp_path: Path) -> None:
    tell(book, gift("U-1", 50_000_00), offer("O-1", 40_000_00))
    plan, path = planned(book, tmp_path, never_fund=["T-2", "T-3"])
    (award,) = plan.awards
    assert (award.units, award.cents) == (1, 40_000_00)
    assert [(each.offer, each.covers) for each in plan.offers] == [("O-1", 10_000_00)]
    message = shown(book, path).output
    assert "Covered in kind" in message
    assert "O-1    CITY   open  T-1       40,000.00      10,000.00          0.00" in message
    assert planned(book, tmp_path, offers="none", never_fund=["T-2", "T-3"])[0].awarded == 50_000_00


def test_the_workbook_of_a_plan_says_who_gives_the_rest(book: Book, tmp_path: Path) -> None:
    tell(book, gift("U-1", 50_000_00), offer("O-1", 40_000_03))
    _, path = planned(book, tmp_path)
    words = ["plan", "workbook", str(path), "--out", str(tmp_path / "plan.xlsx")]
    result = CliRunner().invoke(app, ["--book", file_of(book), *words])
    assert result.exit_code == 0, result.output
    rows = [*load_workbook(tmp_path / "plan.xlsx")["Covered in kind"].iter_rows(values_only=True)]
    assert rows[1] == ("O-1", "CITY", "open", "T-1", 40_000.03, 10_000, 0.03)


def test_what_is_wholly_covered_is_shown_without_money(book: Book, tmp_path: Path) -> None:
    tell(book, gift("U-1", 50_000_00), offer("O-1", 200_000_00))
    plan, path = planned(book, tmp_path, must_fund=["T-1"], never_fund=["T-3"])
    assert {award.activity: award.cents for award in plan.awards} == {"T-1": 0, "T-2": 50_000_00}
    message = shown(book, path)
    assert message.exit_code == 0
    assert "T-1           4       0.00" in message.output


def test_an_offer_that_was_declined_makes_it_another_question(book: Book, tmp_path: Path) -> None:
    tell(book, gift("U-1", 50_000_00), offer("O-1", 40_000_00))
    _, path = planned(book, tmp_path)
    tell(book, OfferDeclined(on=DEC, offer="O-1", reason="the hall burnt down"))
    changed = (
        r"offers in kind that the plan counts have changed since it was solved \(O-1\): run the scenario"
    )
    with pytest.raises(Refused, match=changed), book.recording() as journal:
        approve_plan(journal, path, CHECKER)


def test_another_offer_in_its_place_is_another_question_at_the_same_cost(book: Book, tmp_path: Path) -> None:
    tell(book, gift("U-1", 50_000_00), offer("O-1", 40_000_00))
    _, path = planned(book, tmp_path)
    with book.reading() as books:
        before = build_problem(books, scenario()).candidates
    tell(book, OfferDeclined(on=DEC, offer="O-1", reason="no room"), offer("O-2", 40_000_00))
    with book.reading() as books:
        assert build_problem(books, scenario()).candidates == before
    with pytest.raises(Refused, match=r"\(O-1, O-2\)"), book.recording() as journal:
        approve_plan(journal, path, CHECKER)


def test_an_offer_that_is_accepted_meanwhile_or_covers_nothing_changes_nothing(
    book: Book, tmp_path: Path
) -> None:
    tell(book, gift("U-1", 50_000_00), offer("O-1", 40_000_00))
    _, path = planned(book, tmp_path)
    tell(book, agreement("A9", amount=money("USD", 0), offers=("O-1",)), offer("O-2", 3))
    with book.recording() as journal:
        assert approve_plan(journal, path, CHECKER).kind == "plan approved"


def test_an_offer_counts_as_open_again_when_its_agreement_is_taken_back(book: Book) -> None:
    (_, signed) = tell(book, offer("O-1", 40_000_00), agreement("A9", offers=("O-1",)))
    assert [each.status for each in counted(book)] == ["accepted"]
    tell(book, EntryReversed(on=DEC, entry=signed.seq, reason="a slip"))
    assert [each.status for each in counted(book)] == ["open"]
    assert counted(book, offers="accepted") == []
