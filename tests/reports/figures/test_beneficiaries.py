"""Whom a donor's money reaches: to the cent, and each city once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from allocation import Activity, PlannedCity
from donors import donors
from ledger import AsOf, Book
from mdfm.books import open_at
from mdfm.example import story
from reports import build_statement
from reports.figures.beneficiaries import ActivityMoney, Beneficiaries, by_marker, by_region
from reports.figures.figure import Figure
from tests.support.example_demo import Demo

CITIES = (
    PlannedCity(name="Bouaké", country="CIV", region="Africa"),
    PlannedCity(name="Gulu", country="UGA", region="Africa"),
    PlannedCity(name="Espoo", country="FIN", region="Europe and North America"),
    PlannedCity(name="Nowhere", country="FIN", region=""),
)


def activity(code: str, *cities: PlannedCity, shares: tuple[int, ...] = ()) -> Activity:
    return Activity(code, 1, "", {"en": code}, 100, 1, 1, cities, shares)


def money(of: Activity | None, allocated: int, used: int = 0) -> ActivityMoney:
    line = ((1, len(of.code) if of else 9),)
    return ActivityMoney(of, Figure(allocated, line), Figure(used, line), Figure(allocated - used, line))


def told(found: tuple[Beneficiaries, ...]) -> dict[str, tuple[int, int, int, int]]:
    return {
        each.name: (each.cities, each.allocated.cents, each.used.cents, each.unused.cents) for each in found
    }


def test_money_is_parted_among_cities_to_the_cent_by_the_largest_remainder_then_by_name() -> None:
    found = told(by_region([money(activity("A", *CITIES[:3]), 200, 100)]))
    # 200 cents: 67 for each of the first two by name (Bouaké, Espoo), 66 for Gulu; 100: 34 for Bouaké.
    assert found == {"Africa": (2, 133, 67, 67), "Europe and North America": (1, 67, 33, 33)}


def test_cities_with_shares_of_their_own_count_by_them() -> None:
    found = told(by_region([money(activity("A", CITIES[0], CITIES[2], shares=(9_000, 1_000)), 1_000)]))
    assert found == {"Africa": (1, 900, 0, 900), "Europe and North America": (1, 100, 0, 100)}


def test_money_for_no_city_and_cities_without_a_region_stand_apart_at_the_end() -> None:
    given = [money(None, 0, 7), money(activity("A"), 50), money(activity("B", CITIES[3], CITIES[0]), 10)]
    found = by_region(given)
    assert [each.name for each in found] == ["Africa", "", "no-city"]
    assert told(found)["no-city"] == (0, 50, 7, 43)
    assert told(found)[""] == (1, 5, 0, 5)


def test_a_city_of_two_activities_is_counted_once_and_a_city_without_money_never() -> None:
    given = [
        money(activity("A", CITIES[0]), 10),
        money(activity("BB", *CITIES[:2]), 10),
        money(activity("CCC", CITIES[2]), 0),
    ]
    lists = (
        lambda city: city.region == "Africa",
        lambda city: city.name == "Gulu",
        lambda city: False,
    )
    found = by_marker(given, lists)
    assert told(found) == {
        "cities": (2, 20, 0, 20),
        "africa": (2, 20, 0, 20),
        "low-income": (1, 5, 0, 5),
        "ldc": (0, 0, 0, 0),
    }
    assert found[2].allocated.lines == ((1, 2),)


def test_use_of_an_earlier_period_that_was_reversed_is_negative_for_its_cities() -> None:
    assert told(by_region([money(activity("A", *CITIES[:3]), 0, -100)]))["Africa"] == (0, 0, -67, 67)


cents = st.integers(min_value=-(10**12), max_value=10**12)


@given(st.lists(st.tuples(st.sets(st.sampled_from(CITIES)), cents, cents), max_size=6))
def test_regions_are_together_all_that_there_is(asked: list[tuple[set[PlannedCity], int, int]]) -> None:
    given = [
        money(activity("A", *sorted(cities, key=lambda city: city.name)), allocated, used)
        for cities, allocated, used in asked
    ]
    found = by_region(given)
    for figure in (
        lambda each: each.allocated.cents,
        lambda each: each.used.cents,
        lambda each: each.unused.cents,
    ):
        assert sum(map(figure, found)) == sum(map(figure, given))


# ---- in the statements of books


def _hold(book: Book, term: str, until: date, starts_on: date | None = None) -> int:
    """Check every donor's statement of a term; how many regions they name."""
    named = 0
    with book.reading() as books:
        as_of = AsOf.now(books, until)
        for donor in donors(books):
            drawn = build_statement(books, donor.code, term, as_of, "en", starts_on)
            regions, (cities, *lists) = drawn.regions, drawn.reach
            sums: list[tuple[Callable[[Beneficiaries], int], int]] = [
                (lambda each: each.used.cents, drawn.used.cents),
                (lambda each: each.unused.cents, drawn.balance.allocated.cents),
                (lambda each: each.allocated.cents, sum(each.allocated.cents for each in drawn.activities)),
            ]
            for figure, expected in sums:
                assert sum(map(figure, regions)) == expected
                assert figure(cities) == sum(figure(each) for each in regions if each.name != "no-city")
            assert all(each.allocated.cents <= cities.allocated.cents for each in lists)
            assert cities.cities == len({city for each in drawn.activities for city in each.cities})
            assert lists[0].cities == sum(each.cities for each in regions if each.name == "Africa")
            for name in ("available", "allocated"):
                parts = [getattr(each, name) for each in drawn.agreements]
                whole = getattr(drawn.balance, name)
                assert Figure.total(parts).cents == whole.cents
                assert sorted(Figure.total(parts).lines) == sorted(whole.lines)
            named += len(regions)
    return named


def test_in_the_demo_regions_are_what_was_used_allocated_and_left(demo: Demo) -> None:
    book = open_at(str(demo.folder / "mdfm.book"))
    assert _hold(book, story.TERM, story.YEAR_END) > 5
    assert _hold(book, story.TERM, story.YEAR_END, date(2022, 7, 1)) > 5
    book.close()


def test_the_statement_shows_the_rates_by_which_the_money_became_dollars(demo: Demo) -> None:
    book = open_at(str(demo.folder / "mdfm.book"))
    with book.reading() as books:
        drawn = build_statement(books, "GOV-A", story.TERM, AsOf.now(books, story.YEAR_END))
    book.close()
    assert [(each.currency, each.rate) for each in drawn.rates] == [("EUR", "0.883"), ("EUR", "0.996")]
    assert all(
        each.effective_on <= receipt.valued_on
        for each, receipt in zip(drawn.rates, drawn.receipts, strict=True)
    )
