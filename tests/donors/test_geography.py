"""Countries, cities and the dated lists: who was on which list when, and as known when."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from donors.geography import (
    City,
    ListStatus,
    cities,
    country,
    country_name,
    in_africa,
    in_force,
    is_listed,
    list_statuses,
    listed,
    unesco_region,
)
from ledger import BadInput

RECORDED = date(2026, 11, 22)
TODAY = date(2026, 11, 22)


def city(name: str) -> City:
    return next(each for each in cities() if each.name == name)


def test_a_country_with_its_codes_and_currency() -> None:
    kenya = country("KEN")
    assert (kenya.iso2, kenya.m49, kenya.m49_region, kenya.currencies) == ("KE", "404", "Africa", ("KES",))
    assert country("AFG").m49 == "004"


@pytest.mark.parametrize(
    ("iso3", "currencies"), [("BTN", ("INR", "BTN")), ("TUR", ("TRY",)), ("PSE", ()), ("NAM", ("NAD", "ZAR"))]
)
def test_several_currencies_or_none(iso3: str, currencies: tuple[str, ...]) -> None:
    assert country(iso3).currencies == currencies


@pytest.mark.parametrize("unknown", ["XXX", "ke", "ken", ""])
def test_an_unknown_country_is_named(unknown: str) -> None:
    with pytest.raises(BadInput, match=f"'{unknown}'"):
        country(unknown)
    with pytest.raises(BadInput, match=f"'{unknown}'"):
        is_listed(unknown, "LDC", TODAY)


def test_every_country_of_a_city_or_list_is_known() -> None:
    for iso3 in {*(each.iso3 for each in cities()), *(each.iso3 for each in list_statuses())}:
        assert country(iso3).iso3 == iso3


def test_city_names_are_unique() -> None:
    assert [name for name, times in Counter(each.name for each in cities()).items() if times > 1] == []
    assert len(cities()) == 69


@pytest.mark.parametrize(
    ("iso3", "language", "name"),
    [
        ("NAM", "en", "Namibia"),
        ("CIV", "fr", "Côte d’Ivoire"),
        ("DEU", "es", "Alemania"),
        ("DEU", "de", "Deutschland"),
    ],
)
def test_country_names(iso3: str, language: str, name: str) -> None:
    assert country_name(iso3, language) == name


@pytest.mark.parametrize("language", ["tlh", "", "e n"])
def test_country_names_in_no_such_language(language: str) -> None:
    with pytest.raises(BadInput, match=f"'{language}'"):
        country_name("KEN", language)


def test_sizes_of_the_lists() -> None:
    assert len(listed("LDC", TODAY)) == 44
    assert len(listed("LIC", date(2026, 6, 30))) == 25
    assert len(listed("LIC", date(2026, 7, 1))) == 24


def test_togo_moved_up_but_stays_least_developed() -> None:
    assert is_listed("TGO", "LIC", date(2026, 6, 30))
    assert not is_listed("TGO", "LIC", date(2026, 7, 1))
    assert is_listed("TGO", "LDC", date(2026, 7, 1))
    assert listed("LIC", date(2025, 7, 1)) - listed("LIC", date(2027, 6, 30)) == {"TGO"}


@pytest.mark.parametrize(
    ("iso3", "last_day", "next_day"),
    [
        ("GNQ", date(2017, 6, 4), date(2017, 6, 5)),
        ("VUT", date(2020, 12, 4), date(2020, 12, 5)),
        ("BTN", date(2023, 12, 13), date(2023, 12, 14)),
        ("STP", date(2024, 12, 13), date(2024, 12, 14)),
    ],
)
def test_graduated_countries_were_least_developed_before(iso3: str, last_day: date, next_day: date) -> None:
    assert is_listed(iso3, "LDC", last_day)
    assert not is_listed(iso3, "LDC", next_day)


@pytest.mark.parametrize("iso3", ["BGD", "LAO", "NPL"])
def test_an_unconfirmed_graduation_does_not_end_a_status(iso3: str) -> None:
    assert is_listed(iso3, "LDC", date(2026, 11, 24))
    assert is_listed(iso3, "LDC", date(2027, 1, 1))


def test_only_unconfirmed_graduations_carry_that_note() -> None:
    doubtful = {each.iso3 for each in list_statuses() if "not confirmed" in each.note}
    assert doubtful == {"BGD", "LAO", "NPL"}


def test_low_income_and_least_developed_are_different_lists() -> None:
    assert is_listed("SYR", "LIC", TODAY)
    assert not is_listed("SYR", "LDC", TODAY)
    assert is_listed("SEN", "LDC", TODAY)
    assert not is_listed("SEN", "LIC", TODAY)
    assert not is_listed("KEN", "LIC", TODAY)
    assert not is_listed("KEN", "LDC", TODAY)


@pytest.mark.parametrize("on", [date(2021, 10, 27), date(2025, 6, 30), date(2027, 7, 1)])
def test_a_day_that_no_list_covers_is_refused(on: date) -> None:
    with pytest.raises(BadInput, match=f"no LIC list for {on};"):
        is_listed("TGO", "LIC", on)


def test_what_was_recorded_later_was_not_known() -> None:
    assert is_listed("TGO", "LDC", TODAY, known_on=RECORDED)
    with pytest.raises(BadInput, match="as known on 2026-11-21"):
        is_listed("TGO", "LDC", TODAY, known_on=date(2026, 11, 21))


def nepal() -> ListStatus:
    return next(each for each in list_statuses() if each.iso3 == "NPL")


def test_a_correction_counts_from_the_day_it_was_recorded() -> None:
    confirmed = replace(nepal(), valid_to=date(2026, 11, 23), recorded_at=date(2026, 12, 1))
    both = (confirmed, nepal())
    assert in_force(both, date(2026, 11, 24), known_on=date(2026, 11, 30)) == (nepal(),)
    assert in_force(both, date(2026, 11, 24), known_on=date(2026, 12, 1)) == ()
    assert in_force(both, date(2026, 11, 24)) == ()
    assert in_force(both, date(2026, 11, 23)) == (confirmed,)


def test_a_new_spell_does_not_replace_an_earlier_one() -> None:
    first = replace(nepal(), valid_to=date(2026, 11, 23))
    again = replace(nepal(), valid_from=date(2030, 1, 1), recorded_at=date(2029, 12, 1))
    assert in_force((first, again), date(2020, 1, 1)) == (first,)
    assert in_force((first, again), date(2028, 1, 1)) == ()
    assert in_force((first, again), date(2030, 1, 1)) == (again,)


@pytest.mark.parametrize(
    ("name", "unesco", "m49"),
    [("Gulu", True, True), ("Fayoum", False, True), ("Ifrane", False, True), ("Doha", False, False)],
)
def test_two_definitions_of_africa(name: str, unesco: bool, m49: bool) -> None:
    assert in_africa(city(name), "unesco") is unesco
    assert in_africa(city(name), "m49") is m49
    assert in_africa(country(city(name).iso3), "unesco") is unesco
    assert in_africa(country(city(name).iso3), "m49") is m49


@pytest.mark.parametrize(
    ("name", "region"), [("Alexandria", "Arab States"), ("Fez", "Arab States"), ("Gagnoa", "Africa")]
)
def test_a_region_that_is_not_stated_is_that_of_the_countrys_cities(name: str, region: str) -> None:
    assert city(name).unesco_region == ""
    assert unesco_region(city(name)) == region


@pytest.mark.parametrize("name", ["Dakar", "São Filipe"])
def test_a_region_that_no_record_states_is_refused_only_under_unesco(name: str) -> None:
    assert in_africa(city(name), "m49")
    with pytest.raises(BadInput, match=f"UNESCO region of {city(name).iso3} is not known because no record"):
        in_africa(city(name), "unesco")


def test_records_that_differ_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    doubtful = (*cities(), replace(city("Gulu"), name="elsewhere", unesco_region="Arab States"))
    monkeypatch.setattr("donors.geography.cities", lambda: doubtful)
    with pytest.raises(BadInput, match=r"UGA is not known because records differ \(Africa, Arab States\)"):
        unesco_region(country("UGA"))
    assert unesco_region(city("Gulu")) == "Africa"


def test_a_region_of_an_unknown_country_is_refused() -> None:
    with pytest.raises(BadInput, match="'XXX'"):
        in_africa(replace(city("Dakar"), iso3="XXX"), "unesco")
