"""What the four users' scenarios share: the books they begin with, and how an outcome is reported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, then, when

from tests.steps.office import (
    DONORS,
    FIRST_DAY,
    LAST_DAY,
    TERM,
    Office,
    assert_mirrors,
    classes_of,
    screened,
)
from tests.support.example_demo import Demo

REVENUE = "45678"
"""First digits that accounts of income have in other charts, and none may have here."""

CURRENCIES = ("USD", "EUR")


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    """An office without books; its commands run in processes of their own if the scenario says so."""
    return Office(tmp_path, as_installed=request.node.get_closest_marker("as_installed") is not None)


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with a term, four donors and a bank account in each of two currencies."""
    office = Office(tmp_path_factory.mktemp("opened"))
    on = ("--on", FIRST_DAY)
    office.asks("init")
    office.prepares(("term", "open", TERM, "--from", FIRST_DAY, "--to", LAST_DAY, *on))
    accounts = [
        ("bank", "open", f"BANK-{each}", "--name", "Example bank", "--currency", each) for each in CURRENCIES
    ]
    office.prepares(*((*account, *on) for account in accounts))
    types = ("city", "government", "private", "civil-society")
    for (name, code), type_ in zip(DONORS.items(), types, strict=True):
        office.asks("donor", "add", code, "--name", f"Example: {name}", "--type", type_, *on)
        if type_ == "private":
            office.prepares(screened(office, code))
    return office.book


# ---- what went before


@given("the books of the term 2021-2023 are open")
def _open(office: Office, opened: Path) -> None:
    shutil.copyfile(opened, office.book)


@given("the example fund at the end of its first year")
def _example(office: Office, demo: Demo) -> None:
    demo.copy(office.book)


# ---- what is done


@when(parsers.parse("the {who} approves what waits"))
def _approve(office: Office, who: str) -> None:
    waiting = [each["id"] for each in office.asks("proposal", "list")]
    assert waiting
    office.does(who, "proposal", "approve", *waiting)


# ---- what came of it


@then(parsers.re(r'it is refused: "(?P<sentence>.+)"'))
def _refused(office: Office, sentence: str) -> None:
    _is_one_sentence(office, 2)
    assert sentence in office.outcome.err


@then(parsers.re(r'the answer is no: "(?P<sentence>.+)"'))
def _no_because(office: Office, sentence: str) -> None:
    _is_one_sentence(office, 1)
    assert sentence in office.outcome.err


@then("the answer is no")
def _no(office: Office) -> None:
    assert office.outcome.code == 1


@then("the books are as before")
def _as_before(office: Office) -> None:
    assert office.contents() == office.books_before


@then("it is done, and the books are as before")
def _done_already(office: Office) -> None:
    assert office.outcome.code == 0, office.outcome.err
    assert office.contents() == office.books_before


@then("it waits for another person, and the books are as before")
def _waits(office: Office) -> None:
    assert office.outcome.code == 0, office.outcome.err
    assert "waits for another person" in office.outcome.err
    now, before = office.contents(), office.books_before
    assert len(now.pop("proposal")) == len(before["proposal"]) + 1
    assert now == {table: rows for table, rows in before.items() if table != "proposal"}


@then(parsers.parse("the last entry was made by the {maker} and approved by the {checker}"))
def _two_names(office: Office, maker: str, checker: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    last = office.journal()[-1]
    assert (last["made_by"], last["approved_by"]) == (maker, checker)


@then("the last entry mirrors the one before it")
def _mirrors(office: Office) -> None:
    *_, original, mirror = office.journal()
    assert_mirrors(mirror, original)


@then("assets are liabilities less use, and there is no revenue")
def _in_balance(office: Office) -> None:
    classes = classes_of(office)
    assert classes["1"] == -classes["2"] - classes["3"] > 0
    assert classes["9"] == 0
    assert not set(REVENUE) & classes.keys()


def _is_one_sentence(office: Office, code: int) -> None:
    assert office.outcome.code == code, office.outcome
    assert office.outcome.out == ""
    (sentence,) = office.outcome.err.splitlines()
    assert sentence.rstrip("`").endswith((".", "--help"))
