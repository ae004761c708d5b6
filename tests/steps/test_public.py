"""The public's job: to follow the money in the files that are published, and to find the books there."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pytest_bdd import parsers, scenarios, then, when

from tests.steps.office import TERM, Office, trial_balance

scenarios("public.feature")

PUBLISHER = "publisher"
REGISTERED = "XM-DAC-99999"
YEAR_END = "2022-12-31"
RECEIVED = "contribution received"


@pytest.fixture
def published(office: Office) -> list[Path]:
    """Where the files of a scenario are published: of activities, of the organisation, and once more."""
    return [office.folder / name for name in ("activities.xml", "organisation.xml", "again.xml")]


# ---- what is published, and what happens meanwhile


@when(parsers.parse("the activity file up to {day} is published"))
def _activities(office: Office, published: list[Path], day: str) -> None:
    _publish(office, "activities", published[0], day)


@when(parsers.parse("the organisation file up to {day} is published"))
def _organisation(office: Office, published: list[Path], day: str) -> None:
    _publish(office, "organisation", published[1], day)


@when(parsers.parse("a gift of {amount} arrives on {day}"))
def _gift(office: Office, amount: str, day: str) -> None:
    given = ("--bank", "BANK-USD", "--amount", amount, "--donor", "GOV-A", "--term", TERM, "--on", day)
    office.prepares(("contribution", "receive", "R-2023-001", *given))


@when("the same file is published again")
def _again(office: Office, published: list[Path]) -> None:
    _publish(office, "activities", published[2], YEAR_END, "--known-at", len(office.journal()) - 1)


@when(parsers.parse('somebody publishes under the identifier "{identifier}"'))
def _unregistered(office: Office, published: list[Path], identifier: str) -> None:
    details = ("--term", TERM, "--reporting-org", identifier, "--out", published[0])
    office.does(PUBLISHER, "iati", "activities", *details)


# ---- what the public reads


@then("its incoming funds are the contributions of the journal")
def _incoming(office: Office, published: list[Path]) -> None:
    lines = [line for entry in office.journal() if entry["kind"] == RECEIVED for line in entry["lines"]]
    received = -sum(line["usd"] for line in lines if line["account"] == "2200")
    assert moved(published[0], "1", level="1") == received > 0


@then("its expenditure is the use in the trial balance")
def _use(office: Office, published: list[Path]) -> None:
    assert moved(published[0], "4") == stands(office, "31", "39") > 0


@then("its disbursements are the advances in the trial balance")
def _advances(office: Office, published: list[Path]) -> None:
    assert moved(published[0], "3") == stands(office, "1300") > 0


@then("what each activity was given and used is what the journal says")
def _each_activity(office: Office, published: list[Path]) -> None:
    given, used = Counter[str](), Counter[str]()
    for entry in office.journal():
        for line in entry["lines"]:
            given[line["activity"]] -= line["usd"] if line["account"] == "2300" else 0
            used[line["activity"]] += line["usd"] if line["account"].startswith("31") else 0
    file = etree.parse(str(published[0]))
    answer = {
        str(of.findtext("iati-identifier")).rpartition(f"{TERM}-")[2]: (
            cents(of, "transaction[transaction-type/@code='1']/value"),
            cents(of, "transaction[transaction-type/@code='4']/value"),
        )
        for of in file.findall("iati-activity[@hierarchy='2']")
    }
    assert answer == {code: (given[code], used[code]) for code in given if code and given[code]}


@then("its budgets are what was allocated")
def _budgets(office: Office, published: list[Path]) -> None:
    answer = cents(etree.parse(str(published[1])), "//total-budget/value")
    assert answer == moved(published[0], "1", level="2") > 0


@then("its total expenditure is the use in the trial balance")
def _total_expenditure(office: Office, published: list[Path]) -> None:
    answer = cents(etree.parse(str(published[1])), "//total-expenditure/value")
    assert answer == stands(office, "31", "39") > 0


@then("both files are the same, byte for byte")
def _same(published: list[Path]) -> None:
    assert published[0].read_bytes() == published[2].read_bytes()


@then("there is no file")
def _nothing(published: list[Path]) -> None:
    assert not any(path.exists() for path in published)


def _publish(office: Office, noun: str, out: Path, day: str, *more: object) -> None:
    details = ("--term", TERM, "--to", day, "--reporting-org", REGISTERED, "--out", out, *more)
    assert office.does(PUBLISHER, "iati", noun, *details).code == 0, office.outcome.err


def moved(path: Path, type_: str, level: str = "") -> int:
    """What the transactions of a type come to in a file, in cents; of one level of the hierarchy only."""
    of = f"[@hierarchy='{level}']" if level else ""
    values = f"//iati-activity{of}/transaction[transaction-type/@code='{type_}']/value"
    return cents(etree.parse(str(path)), values)


def cents(of: Any, path: str) -> int:
    """The sum of amounts in XML, in cents."""
    return int(sum(Decimal(value.text) for value in of.xpath(path)) * 100)


def stands(office: Office, *accounts: str) -> int:
    """What stands on accounts in the trial balance, debits positive."""
    rows = [row for row in trial_balance(office) if row["account"].startswith(accounts)]
    return sum((row["debit"] or 0) - (row["credit"] or 0) for row in rows)
