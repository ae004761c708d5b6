"""Hints at the name that is meant."""

from __future__ import annotations

import pytest

from ledger import Nearest, nearest

CODES = [
    "A-GOV-B-2021",
    "A-GOV-B-2022",
    "A-GOV-C-2022",
    "2021-2023",
    "2024-2026",
    "CITY",
    "WATER",
    "EUR1",
    "USD1",
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("a-gov-b-2021", "A-GOV-B-2021"),
        ("AGOVC2022", "A-GOV-C-2022"),
        ("A-GOV-B-2202", "A-GOV-B-2022"),
        ("2021-2032", "2021-2023"),
        ("2024/2026", "2024-2026"),
        ("CTIY", "CITY"),
        ("watter", "WATER"),
        ("WAETR", "WATER"),
        ("1EUR", "EUR1"),
    ],
)
def test_the_nearest_name_is_asked_about(name: str, meant: str) -> None:
    assert str(nearest(name, CODES)) == f" (did you mean '{meant}'?)"
    assert nearest(name, reversed(CODES)) == nearest(name, CODES)


@pytest.mark.parametrize("name", ["", "x", "zebra", "SOMEBODY", "水", "A" * 10_000])
def test_no_name_is_asked_about_that_is_not_near(name: str) -> None:
    assert nearest(name, CODES) == nearest(name, []) == Nearest()


def test_of_names_that_share_as_much_the_fewest_slips_decide() -> None:
    """Two letters that are swapped are one slip, and so is a letter instead of another."""
    assert str(nearest("acb", ["ab", "abc"])) == " (did you mean 'ab'?)"
    assert str(nearest("region", ["reigon", "regino", "regxoni"])) == " (did you mean 'regino'?)"
    assert str(nearest("abcd", ["aabc", "abcx"])) == " (did you mean 'abcx'?)"


def test_how_alike_a_name_must_be_can_be_set() -> None:
    assert str(nearest("A-2", ["A-1"], 0.6)) == " (did you mean 'A-1'?)"
    assert nearest("A-2", ["A-1"], 0.7) == Nearest()
