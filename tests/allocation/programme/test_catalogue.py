"""The catalogue adds up to every total and subtotal that the source documents print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from allocation.programme.catalogue import (
    ProgrammeActivity,
    cluster_activities,
    clusters,
    edition,
    editions,
    mdfm_activities,
    programme_activities,
    questionnaire,
    work_areas,
)
from ledger import BadInput, packaged_rows

TABLES = (
    "cluster_activities", "clusters", "editions",
    "mdfm_activities", "questionnaire", "work_areas",
)  # fmt: skip


def usd(activities: Iterable[ProgrammeActivity]) -> int:
    dollars, cents = divmod(sum(activity.cost_cents for activity in activities), 100)
    assert cents == 0
    return dollars


def by_work_area(activities: Iterable[ProgrammeActivity]) -> dict[int, int]:
    totals: Counter[int] = Counter()
    for activity in activities:
        totals[activity.work_area] += activity.cost_cents // 100
    return dict(totals)


@pytest.mark.parametrize(
    ("code", "total", "count"), [("2019-2021", 3_450_000, 63), ("2021-2023", 2_750_000, 47)]
)
def test_demand_on_the_fund_in_each_edition(code: str, total: int, count: int) -> None:
    activities = programme_activities(code)
    assert usd(activities) == total
    assert len({activity.code for activity in activities}) == len(activities) == count


@pytest.mark.parametrize(("code", "total"), [("2019-2021", 2_450_000), ("2021-2023", 1_750_000)])
def test_demand_of_all_clusters(code: str, total: int) -> None:
    assert usd(activity for activity in programme_activities(code) if activity.cluster) == total


@pytest.mark.parametrize("code", ["2019-2021", "2021-2023"])
def test_pooled_fund_asks_for_its_target(code: str) -> None:
    own = [activity for activity in programme_activities(code) if not activity.cluster]
    assert usd(own) == 1_000_000
    assert by_work_area(own) == {2: 400_000, 3: 500_000, 4: 100_000}
    assert [activity.code for activity in own] == [
        "MDFM-1.1", "MDFM-1.2", "MDFM-2.1", "MDFM-2.2", "MDFM-2.3", "MDFM-2.4", "MDFM-3.1",
    ]  # fmt: skip


def test_printed_subtotals_of_seven_clusters() -> None:
    of_clusters = [activity for activity in programme_activities("2019-2021") if activity.cluster]
    assert by_work_area(of_clusters) == {1: 1_120_000, 2: 700_000, 3: 490_000, 4: 140_000}


def test_printed_subtotals_of_every_single_cluster() -> None:
    for code in editions():
        for cluster in clusters(code):
            its_own = [each for each in programme_activities(code) if each.cluster == cluster.code]
            assert by_work_area(its_own) == {1: 160_000, 2: 100_000, 3: 70_000, 4: 20_000}
            assert usd(its_own) == 350_000


def test_only_the_annual_workshop_is_wanted_twice() -> None:
    assert {each.code: each.units for each in cluster_activities() if each.units != 1} == {"2.1": 2}
    assert {each.units for each in mdfm_activities()} == {1}


def test_a_cluster_activity_of_the_programme_is_that_of_the_catalogue() -> None:
    workshop = next(each for each in programme_activities("2021-2023") if each.code == "ESD-2.1")
    assert (workshop.catalogue_code, workshop.cluster, workshop.work_area) == ("2.1", "ESD", 2)
    assert (workshop.unit_cents, workshop.units, workshop.cost_cents) == (5_000_000, 2, 10_000_000)
    assert workshop.titles["fr"].startswith("Renforcement des capacités pour les membres du pôle")


def test_responsible_parties() -> None:
    assert Counter(each.responsible for each in cluster_activities()) == {
        "The coordinating city of the cluster": 2,
        "Any member city/cities of the cluster/partner(s) of the cluster": 3,
        "Coordinating city in collaboration with a host city": 1,
        "UIL with the cluster": 2,
    }
    assert {each.responsible for each in mdfm_activities()} == {"UIL"}


def test_demand_of_the_clusters() -> None:
    assert {each.code: each.demand for each in clusters("2019-2021")} == {
        "ESD": 60, "INC": 59, "PLAN": 45, "GCED": 36, "ENT": 34, "HEALTH": 29, "LIT": 29,
    }  # fmt: skip
    assert {each.code: each.demand for each in clusters("2021-2023")} == {
        "GCED": 57, "ESD": 112, "HEALTH": 40, "PLAN": 57, "INC": 66,
    }  # fmt: skip


@pytest.mark.parametrize(("code", "cities", "countries"), [("2019-2021", 170, 53), ("2021-2023", 229, 64)])
def test_pooled_activities_are_for_the_whole_network(code: str, cities: int, countries: int) -> None:
    assert (edition(code).network_cities, edition(code).network_countries) == (cities, countries)
    assert {each.demand for each in programme_activities(code) if not each.cluster} == {cities}


def test_activities_carry_their_clusters_demand_and_its_source() -> None:
    for code in editions():
        demand = {each.code: (each.demand, each.source) for each in clusters(code)}
        demand[""] = (edition(code).network_cities, edition(code).source)
        for activity in programme_activities(code):
            assert (activity.demand, activity.demand_source) == demand[activity.cluster]


def test_work_areas_are_four_and_the_funds_three_are_among_them() -> None:
    assert [area.code for area in work_areas()] == [1, 2, 3, 4]
    titles = {area.code: area.titles["en"] for area in work_areas()}
    printed = {
        row["printed"]: row for row in packaged_rows("allocation", "work_areas") if row["table"] == "MDFM"
    }
    assert {code: row["title_en"] for code, row in printed.items()} == {
        "1": titles[2],
        "2": titles[3],
        "3": titles[4],
    }
    for activity in mdfm_activities():
        assert activity.work_area == int(printed[activity.code[0]]["work_area"])


def test_questionnaire_has_six_items_and_asks_for_money_in_the_fifth() -> None:
    items = questionnaire()
    assert [each.item for each in items] == [1, 2, 3, 4, 5, 6]
    assert "Multi-donor Funding Modality" in items[4].texts["en"]


PRINTED_IN = ("en", "fr", "es")
"""The languages of the draft strategy."""


def test_every_text_stands_in_every_language_of_the_strategy() -> None:
    texts = [area.titles for area in work_areas()]
    texts += [activity.titles for activity in (*mdfm_activities(), *cluster_activities())]
    texts += [each.titles for code in editions() for each in clusters(code)]
    texts += [each.texts for each in questionnaire()]
    assert all(tuple(text) == PRINTED_IN and all(text.values()) for text in texts)


def test_an_unknown_edition_is_named_with_those_that_exist() -> None:
    with pytest.raises(BadInput, match=r"'2030-2032'; use 2019-2021 or 2021-2023\."):
        programme_activities("2030-2032")


@pytest.mark.parametrize(
    ("package", "name"),
    [
        *(("allocation", name) for name in TABLES),
        *(("donors", name) for name in ("cities", "countries", "country_status")),
    ],
)
def test_tables_are_clean(package: str, name: str) -> None:
    table = packaged_rows(package, name)
    assert table
    for row in table:
        for field, cell in row.items():
            assert cell == " ".join(cell.split()), f"{name}.{field}: stray white space in {cell!r}"
            assert not set(cell) & set("<>\\*"), f"{name}.{field}: markup in {cell!r}"
        assert row.get("source", "named in the README"), f"{name}: no source in {row}"
