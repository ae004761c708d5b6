"""Conflict of interest: it is shown that a donor benefits from its own money, and forbidden nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from allocation import (
    AllocationReduced,
    ExpenditureIncurred,
    OwnCity,
    Plan,
    PlannedCity,
    Scenario,
    TermClosed,
    YearEnded,
    approve_plan,
    make_plan,
    own_cities_allocated,
    own_city_among,
)
from donors import LANGUAGES, Donor, DonorAmended
from ledger import AsOf, Book, Refused, TermOpened
from mdfm.cli.app import app
from reports import build_statement, render_statement
from reports.statement.statement import Statement
from reports.words.language import words_in
from tests.support.sample_statement import sample_statement
from tests.support.small_books import (
    CHECKER,
    DEC,
    MAKER,
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    file_of,
    gift,
    pledge,
    tell,
)

LISTED = date(2025, 12, 1)


def is_city(name: str, country: str = "KOR") -> DonorAmended:
    """That the example city is the one of that name."""
    return DonorAmended.make(on=NOV, donor="CITY", number=1, name="Example city", country=country, city=name)


@pytest.fixture
def funded(book: Book) -> Book:
    """A book in which the example city is one of the two that every activity benefits, and has given."""
    tell(book, is_city("SOÚTH"), agreement("A1"), contribution("C-1", "A1", "USD", 10_000_00))
    tell(book, gift("U-1", 90_000_00))
    return book


def planned(book: Book, **more: object) -> Plan:
    output = {"id": "own", "term": TERM, "on": DEC, "lists_on": LISTED}
    with book.reading() as books:
        return make_plan(books, Scenario.model_validate(output | more), MAKER, explained=False)


def written(plan: Plan, folder: Path) -> Path:
    path = folder / "plan.json"
    path.write_bytes(plan.to_bytes())
    return path


def allocated(book: Book) -> tuple[OwnCity, ...]:
    with book.reading() as books:
        return own_cities_allocated(books, "CITY")


def output(book: Book, *words: object) -> Any:
    """What a command prints, as JSON if that is asked for."""
    result = CliRunner().invoke(app, ["--book", file_of(book), *map(str, words)])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in words else " ".join(result.stdout.split())


# ---- which city it is


@pytest.mark.parametrize(
    ("name", "country", "found"),
    [
        ("sao filipe", "CPV", True),
        ("São  Filipe", "CPV", True),
        ("São Filipe", "BRA", False),
        ("Filipe", "CPV", False),
        ("", "", False),
    ],
)
def test_a_city_is_known_by_name_and_country(name: str, country: str, found: bool) -> None:
    giver = Donor("D", "Example", "city", country, "en", "", name)
    cities = [PlannedCity(name=each, country="CPV", region="Africa") for each in ("", "Praia", "SÃO FILIPE")]
    assert own_city_among(giver, cities) == (cities[2] if found else None)


# ---- in a plan


def test_a_plan_names_the_donors_among_the_beneficiaries(funded: Book, tmp_path: Path) -> None:
    plan = planned(funded)
    paid = [(award.activity, flow) for award in plan.awards for flow in award.flows]
    own = [(activity, flow.cents) for activity, flow in paid if flow.agreement == "A1"]
    assert [(each.activity, each.cents) for each in plan.own_cities] == own != []
    assert {(each.donor, each.agreement, each.city, each.country) for each in plan.own_cities} == {
        ("CITY", "A1", "South", "KOR")
    }
    assert Plan.model_validate_json(plan.to_bytes()) == plan
    path = written(plan, tmp_path)
    assert output(funded, "plan", "show", path, "--json")["own_cities"] == [
        each.model_dump() for each in plan.own_cities
    ]
    assert "Donors among the beneficiaries" in output(funded, "plan", "show", path)


def test_a_plan_that_is_run_tells_it_too(funded: Book, tmp_path: Path) -> None:
    scenario = tmp_path / "own.toml"
    scenario.write_text(f'id = "own"\nterm = "{TERM}"\non = {DEC}\nlists_on = {LISTED}\n', encoding="utf-8")
    words = ("plan", "run", scenario, "--out", tmp_path / "plan.json", "--no-explain", "--by", MAKER)
    assert "Donors among the beneficiaries" in output(funded, *words)


def test_a_pledge_of_the_city_is_named_too(book: Book) -> None:
    tell(book, is_city("South"), pledge("P1", 100_000_00, "USD"))
    plan = planned(book, money="pledged", pledge_probability="50%")
    assert {each.agreement for each in plan.own_cities} == {"pledge P1"}


@pytest.mark.parametrize("city", [("South", "KEN"), ("Elsewhere", "KOR"), ("", "KOR")])
def test_a_plan_for_others_says_nothing(book: Book, tmp_path: Path, city: tuple[str, str]) -> None:
    if city[0]:
        tell(book, is_city(*city))
    tell(book, agreement("A1"), contribution("C-1", "A1", "USD", 10_000_00), gift("U-1", 90_000_00))
    plan = planned(book)
    assert plan.own_cities == ()
    assert "beneficiaries" not in output(book, "plan", "show", written(plan, tmp_path))


def test_it_is_no_reason_to_refuse_a_plan_but_to_hide_it_is(funded: Book, tmp_path: Path) -> None:
    plan = planned(funded)
    hidden = written(plan.model_copy(update={"own_cities": ()}), tmp_path)
    with pytest.raises(Refused, match="not as the plan tells"), funded.recording() as journal:
        approve_plan(journal, hidden, CHECKER)
    shown = written(plan, tmp_path)
    with funded.recording() as journal:
        approve_plan(journal, shown, CHECKER)
    assert allocated(funded) == plan.own_cities


# ---- in the books


def test_the_books_know_what_is_allocated_in_the_end(funded: Book) -> None:
    tell(funded, allocation("a" * 64, {"T-1": {"A1": 6_000_00, "U-1": 1_00}, "T-2": {"A1": 1_000_00}}))
    for activity, cents in (("T-1", 500_00), ("T-2", 1_000_00)):
        reduced = AllocationReduced(
            on=DEC, reference=activity, agreement="A1", activity=activity, cents=cents, reason="example"
        )
        tell(funded, reduced)
    own = OwnCity(donor="CITY", agreement="A1", activity="T-1", city="South", country="KOR", cents=5_500_00)
    assert allocated(funded) == (own,)
    shown = output(funded, "donor", "show", "CITY", "--json")
    assert shown["own_cities"] == [own.model_dump()]
    assert "Among its own beneficiaries" in output(funded, "donor", "show", "CITY")
    assert "beneficiaries" not in output(funded, "donor", "show", "FOUND")


def test_what_was_used_in_a_year_or_a_term_that_is_over_was_allocated_all_the_same(funded: Book) -> None:
    after = "2023-2025"
    spent = {"supplies": 70_00}
    tell(
        funded,
        allocation("a" * 64, {"T-1": {"A1": 6_000_00}}),
        ExpenditureIncurred.make(
            on=DEC, code="X-1", term=TERM, activity="T-1", payee="Example printer", spent=spent
        ),
    )
    before = allocated(funded)
    assert [each.cents for each in before] == [6_000_00]
    tell(funded, YearEnded(on=date(2021, 12, 31), reference="Y-1", term=TERM))
    assert allocated(funded) == before
    tell(
        funded,
        TermOpened(on=NOV, code=after, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=date(2023, 10, 31), reference="T-1", term=TERM, into=after),
    )
    assert allocated(funded) == before


# ---- in the statement


def test_a_statement_knows_which_activities_benefit_its_donor(funded: Book) -> None:
    flows = {"T-1": {"A1": 6_000_00, "U-1": 1_00}, "T-2": {"A1": 1_000_00}}
    tell(funded, allocation("a" * 64, flows).model_copy(update={"lists_on": LISTED}))
    with funded.reading() as books:
        as_of = AsOf.now(books, DEC)
        city, other = (build_statement(books, donor, TERM, as_of, "en") for donor in ("CITY", "FOUND"))
    assert {each.code: each.own_city for each in city.activities} == {"T-1": "South", "T-2": "South"}
    assert {each.code: each.own_city for each in other.activities} == {"T-1": ""}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_that_the_donor_is_a_beneficiary(language: str) -> None:
    sample = sample_statement(language, activities=3)
    own = tuple(replace(each, own_city="Kumi") for each in sample.activities[:2])
    note = words_in(language)(
        "The donor is itself a beneficiary: {amount} of its money was allocated to activities that benefit "
        "{city} among their cities ({activities}).",
        amount=words_in(language).usd(17_000_00),
        city="Kumi",
        activities="1.1, 2.1",
    )
    assert plain(note) in paper(replace(sample, activities=(*own, sample.activities[2])))
    assert plain(note.partition(":")[0]) not in paper(sample)


def plain(text: str) -> str:
    return " ".join(text.split())


def paper(statement: Statement) -> str:
    """The words of a statement as a PDF."""
    pages = PdfReader(BytesIO(render_statement(statement))).pages
    return plain(" ".join(page.extract_text() for page in pages))
