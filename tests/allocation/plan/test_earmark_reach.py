"""Reach of an agreement's money: what its earmark allows, and the years of its instalments."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from allocation import EarmarkReach, ProgrammeAdopted, reach_of_earmark
from allocation.analysis.risk import uncertain
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import Scenario
from donors import AgreementSigned, Instalment, get_agreement
from ledger import BadInput, Book
from tests.support.small_books import NOV, TERM, agreement, contribution, tell

ON, LISTED = date(2022, 3, 31), date(2025, 12, 31)
ALL = EarmarkReach(4, 4, 10_000_00, 10_000_00)
PARTS = (
    Instalment(due_on=date(2021, 12, 1), minor=3_000_00),
    Instalment(due_on=date(2022, 9, 1), minor=3_000_00, condition="the first report is accepted"),
    Instalment(due_on=date(2023, 2, 1), minor=4_000_00),
)
ANYTHING = {"STUDY", "MEETING", "FORUM", "PAPER"}


def planned(code: str, units: int, **more: Any) -> dict[str, Any]:
    usual = {"work_area": 1, "cluster": "ESD", "titles": {}, "unit_cents": 1_000_00, "demand": 10}
    return usual | {"code": code, "units": units, "cities": ("North", "South")} | more


def programme() -> ProgrammeAdopted:
    cities = [
        {"name": "North", "country": "KEN", "region": "Africa"},
        {"name": "South", "country": "KOR", "region": "Asia and the Pacific"},
    ]
    message = (
        planned("STUDY", 1, year=2021),
        planned("MEETING", 2, year=2022),
        planned("FORUM", 3, year=2023, cities=("North",), work_area=2),
        planned("PAPER", 4, cities=()),
    )
    return ProgrammeAdopted.make(on=NOV, term=TERM, edition="own", cities=cities, activities=message)


@pytest.fixture
def planning(unplanned: Book) -> Book:
    tell(unplanned, programme())
    return unplanned


def reached(book: Book, signed: AgreementSigned, on: date = LISTED) -> EarmarkReach | None:
    tell(book, signed)
    with book.reading() as books:
        return reach_of_earmark(books, get_agreement(books, signed.code), on)


def test_without_a_programme_nothing_can_be_said(unplanned: Book) -> None:
    assert reached(unplanned, agreement("A1")) is None


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({}, ALL),
        ({"earmark": {"work_areas": (2,)}}, EarmarkReach(1, 4, 3_000_00, 10_000_00)),
        ({"earmark": {"clusters": ("ESD",)}}, ALL),
        ({"earmark": {"clusters": ("INC",)}}, EarmarkReach(0, 4, 0, 10_000_00)),
        ({"earmark": {"regions": ("Africa",)}}, EarmarkReach(1, 4, 3_000_00, 10_000_00)),
        ({"earmark": {"ldc": True}}, EarmarkReach(0, 4, 0, 10_000_00)),
        ({"ends_on": date(2022, 12, 31)}, EarmarkReach(3, 4, 7_000_00, 10_000_00)),
        ({"ends_on": date(2022, 12, 31), "earmark": {"work_areas": (2,)}}, EarmarkReach(0, 4, 0, 10_000_00)),
    ],
)
def test_earmark_and_years_say_what_money_can_reach(
    planning: Book, terms: dict[str, Any], found: EarmarkReach
) -> None:
    assert reached(planning, agreement("A1", **terms)) == found


def test_a_day_without_the_list_that_is_asked_for_is_reported(planning: Book) -> None:
    with pytest.raises(BadInput, match="There is no LIC list for 2021-11-10"):
        reached(planning, agreement("A1", earmark={"income_groups": ("low-income",)}), NOV)


# ---- when money arrives


def asked(book: Book, **more: Any) -> dict[str, tuple[int, set[str]]]:
    with book.reading() as books:
        problem = build_problem(books, scenario(**more))
    return {each.id: (each.cents, set(each.eligible)) for each in problem.sources}


def scenario(**more: Any) -> Scenario:
    message = {"id": "q", "term": TERM, "on": ON, "lists_on": LISTED, "money": "signed"}
    return Scenario.model_validate(message | more)


@pytest.fixture
def in_parts(planning: Book) -> Book:
    tell(planning, agreement("A1", instalments=PARTS), contribution("R", "A1", "USD", 1_000_00))
    return planning


def test_each_instalment_counts_in_the_year_of_its_day_and_a_late_one_now(in_parts: Book) -> None:
    assert asked(in_parts) == {
        "A1": (1_000_00, ANYTHING),
        "A1@2022": (2_000_00 + 3_000_00, ANYTHING - {"STUDY"}),
        "A1@2023": (4_000_00, {"FORUM", "PAPER"}),
    }
    assert asked(in_parts, on=date(2021, 12, 1))["A1@2021"] == (2_000_00, ANYTHING)


def test_the_scenario_has_the_last_word_on_when_money_arrives(in_parts: Book) -> None:
    assert asked(in_parts, arrives={"A1": 2023}) == {
        "A1": (1_000_00, ANYTHING),
        "A1@2023": (9_000_00, {"FORUM", "PAPER"}),
    }


def test_only_what_has_arrived_counts_where_the_scenario_says_so(in_parts: Book) -> None:
    assert asked(in_parts, money="received") == {"A1": (1_000_00, ANYTHING)}


def test_the_years_of_an_agreement_are_promises_of_the_same_probability(in_parts: Book) -> None:
    with in_parts.reading() as books:
        _, chances = uncertain(books, scenario(), {"A1": 7_000})
    assert chances == {"A1@2022": 7_000, "A1@2023": 7_000}
