"""`mdfm donor` from end to end: what a finance officer types, and what is answered."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.mdfm.cli.test_cli import Desk

ON = ("--on", "2021-12-15")
AGREED = ("--term", "2021-2023", "--amount", "USD 10", "--from", "2021-11-01", "--to", "2023-10-31")
TODAY = date(2022, 3, 1)
PERSON = ("--name", "Example Person", "--role", "Head", "--email", "head@example.org")


@pytest.fixture
def desk(ready_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk at a book with its master data, on a day that does not end while a test runs."""
    monkeypatch.setattr("mdfm.api.clocks.today", lambda: TODAY)
    return Desk.at(ready_template, tmp_path)


def company(desk: Desk) -> None:
    """The donor FIRM, which needs a screening."""
    desk(
        "donor", "add", "FIRM", "--name", "Example company", "--type", "private", "--subtype", "company", *ON
    )


def screened(desk: Desk, on: date, until: date, *more: object) -> None:
    report = desk.file("report.txt", "Looked into.")
    words = more or ("--outcome", "cleared")
    days = ("--on", on, "--valid-until", until, "--evidence", report)
    desk.approved("donor", "screen", "FIRM", *words, *days)


def test_a_donor_is_added_with_its_subtype_and_city(desk: Desk) -> None:
    kind = (
        "--type",
        "city",
        "--subtype",
        "county",
        "--country",
        "CIV",
        "--city",
        "bouake",
        "--language",
        "fr",
    )
    desk("donor", "add", "NEW", "--name", "Example", *kind, *ON)
    (new,) = (each for each in desk.json("donor", "list") if each["code"] == "NEW")
    assert (new["subtype"], new["city"], new["language"]) == ("county", "Bouaké", "fr")
    assert "county" in desk("donor", "list").stdout
    assert "Bouaké" in desk("donor", "show", "NEW").stdout
    wrong = ("--name", "Example", "--type", "city", "--subtype", "company", *ON)
    assert "a donor of the type city is no company" in desk.refused("donor", "add", "OTHER", *wrong)


def test_an_amendment_changes_what_is_given_and_nothing_else(desk: Desk) -> None:
    desk("donor", "amend", "CITY", "--name", "Renamed city", *ON)
    desk("donor", "amend", "CITY", "--country", "", "--language", "es", *ON)
    shown = desk.json("donor", "show", "CITY")
    told = [shown[name] for name in ("name", "type", "country", "language", "city")]
    assert told == ["Renamed city", "city", "", "es", ""]
    assert desk.json("entry", "show", desk.last())["payload"]["number"] == 2
    assert "nothing to amend" in desk.refused("donor", "amend", "CITY", "--language", "es", *ON)
    assert "There is no donor 'NOBODY'" in desk.refused("donor", "amend", "NOBODY", "--name", "X", *ON)


def test_a_private_donor_signs_once_it_is_cleared(desk: Desk) -> None:
    company(desk)
    sign = ("agreement", "sign", "A-9", "--donor", "FIRM", *AGREED, *ON)
    assert "record the outcome with `mdfm donor screen FIRM` first" in desk.refused(*sign)
    screened(desk, date(2021, 12, 1), date(2022, 12, 1))
    desk.approved(*sign)
    assert [each["code"] for each in desk.json("donor", "show", "FIRM")["agreements"]] == ["A-9"]
    assert "A-9" in desk("donor", "show", "FIRM").stdout


def test_an_excluded_donor_is_shown_with_its_grounds(desk: Desk) -> None:
    company(desk)
    excluded = ("--outcome", "excluded", "--found", "tobacco", "--found", "weapons")
    screened(desk, TODAY, TODAY, *excluded)
    shown = desk.json("donor", "show", "FIRM")
    assert shown["cleared"] is False
    assert shown["screening"]["found"] == ["tobacco", "weapons"]
    assert "excluded on" in desk("donor", "show", "FIRM").stdout
    assert "(tobacco, weapons)" in desk("donor", "show", "FIRM").stdout


@pytest.mark.parametrize(
    ("days", "cleared", "said"), [(0, True, "holds today"), (-1, False, "does not hold today")]
)
def test_it_is_told_whether_a_screening_holds_today(desk: Desk, days: int, cleared: bool, said: str) -> None:
    company(desk)
    screened(desk, TODAY - timedelta(30), TODAY + timedelta(days))
    assert desk.json("donor", "show", "FIRM")["cleared"] is cleared
    assert f": {said}" in " ".join(desk("donor", "show", "FIRM").stdout.split())


def test_who_was_never_screened_is_told_so(desk: Desk) -> None:
    company(desk)
    assert "none: no agreement can be signed" in desk("donor", "show", "FIRM").stdout
    assert desk.json("donor", "show", "FIRM")["cleared"] is False
    assert "none, and none is needed" in desk("donor", "show", "CITY").stdout
    assert desk.json("donor", "show", "CITY")["cleared"] is True


def test_contacts_are_kept_shown_and_erased_without_an_entry(desk: Desk) -> None:
    before = desk.last()
    kept = desk.json("donor", "contact", "CITY", *PERSON)
    assert (kept["donor"], kept["email"], kept["phone"]) == ("CITY", "head@example.org", "")
    assert desk.json("donor", "show", "CITY")["contacts"] == [kept]
    assert "head@example.org" in desk("donor", "show", "CITY").stdout
    erased = desk("donor", "erase-contact", "CITY", "--name", "Example Person")
    assert "is erased" in erased.stderr
    assert "Example Person" not in erased.output
    assert desk.json("donor", "show", "CITY")["contacts"] == []
    assert desk.last() == before
    gone = desk.refused("donor", "erase-contact", "CITY", "--name", "Example Person")
    assert "has no contact 'Example Person'" in gone


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("CITY", "--name", "A", "--email", "nowhere"), "'nowhere' is not an email address"),
        (("CITY", "--name", "A", "--phone", "5" * 51), "The phone of a contact has at most 50 characters"),
        (("CITY", "--name", ""), "A contact needs a name"),
        (("NOBODY", "--name", "A"), "There is no donor 'NOBODY'"),
    ],
)
def test_a_contact_that_cannot_be_right_is_refused(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in desk.refused("donor", "contact", *words)
