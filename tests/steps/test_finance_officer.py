"""The finance officer's job: what donors give is kept in trust and accounted for."""

from __future__ import annotations

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.steps.office import (
    DONORS,
    FIRST_DAY,
    LAST_DAY,
    OFFICER,
    TERM,
    Office,
    cents,
    classes_of,
    trial_balance,
)

scenarios("finance_officer.feature")

Words = tuple[object, ...]


@pytest.fixture
def told() -> list[Words]:
    """The contributions that were told under this scenario, as commands."""
    return []


# ---- what went before


@given(parsers.parse("from {day} a US dollar costs {rate} {currency} at the UN rate"))
def _rate(office: Office, day: str, rate: str, currency: str) -> None:
    office.settles(_import(office, f"{day},{currency},{rate},UN"))


@given(parsers.parse("the {donor} has signed agreement {code} for {amount}"))
def _signed(office: Office, donor: str, code: str, amount: str) -> None:
    terms = ("--donor", DONORS[f"the {donor}"], "--term", TERM, "--amount", amount)
    dates = ("--from", FIRST_DAY, "--to", LAST_DAY)
    office.settles(("agreement", "sign", code, *terms, *dates, "--on", "2021-12-01"))


@given(parsers.parse("{amount} has arrived on {day} under {agreement}"))
def _arrived(office: Office, amount: str, day: str, agreement: str, told: list[Words]) -> None:
    told.append(_contribution(office, amount, day, "--agreement", agreement))
    office.settles(told[-1])


@given(parsers.parse("the month {month} is closed on {day}"))
def _closed(office: Office, month: str, day: str) -> None:
    office.settles(("period", "close", month, "--on", day))


# ---- what the finance officer does


@when(parsers.parse("the finance officer records that {amount} arrived on {day} under {agreement}"))
def _record(office: Office, amount: str, day: str, agreement: str) -> None:
    office.does(OFFICER, *_contribution(office, amount, day, "--agreement", agreement))


@when(parsers.parse("the finance officer records a gift of {amount} from {donor} on {day}"))
def _gift(office: Office, amount: str, donor: str, day: str) -> None:
    office.does(OFFICER, *_contribution(office, amount, day, "--donor", DONORS[donor], "--term", TERM))


@when("the finance officer tells the same contribution again")
def _again(office: Office, told: list[Words]) -> None:
    office.does(OFFICER, *told[-1])


@when(parsers.parse("the finance officer tells it again as {amount}"))
def _again_otherwise(office: Office, amount: str, told: list[Words]) -> None:
    words = list(told[-1])
    words[words.index("--amount") + 1] = amount
    office.does(OFFICER, *words)


@when(parsers.parse("the finance officer records {what} worth {value} under {agreement}, with {proof}"))
def _in_kind(office: Office, what: str, value: str, agreement: str, proof: str) -> None:
    kind = ("goods", "K-1") if what == "goods" else ("service", "K-1", "--form", what)
    told = ("--agreement", agreement, "--description", what, "--value", value, "--basis", "market price")
    file = office.file("proof.txt", f"What {what} cost: {value}")
    evidence = () if proof == "nothing to prove it" else ("--evidence", file)
    office.does(OFFICER, "contribution", *kind, *told, *evidence, "--on", "2021-12-15")


@when(parsers.parse('the finance officer reverses the last entry on {day}, because "{reason}"'))
def _reverse(office: Office, day: str, reason: str) -> None:
    last = office.journal()[-1]["seq"]
    office.does(OFFICER, "entry", "reverse", last, "--reason", reason, "--on", day)


@when(parsers.re('the finance officer imports rates with the row "(?P<row>.+)"'))
def _import_rates(office: Office, row: str) -> None:
    office.does(OFFICER, *_import(office, f"2022-01-01,KRW,1190,UN\n{row}"))


@when(parsers.parse('the finance officer registers a donor from "{country}"'))
def _register(office: Office, country: str) -> None:
    office.does(OFFICER, "donor", "add", "NEW", "--name", "Example", "--type", "city", "--country", country)


@when("the finance officer opens new books in the same place")
def _init(office: Office) -> None:
    office.does(OFFICER, "init")


# ---- what came of it


@then(parsers.parse("US${amount} of {code} is available"))
def _available(office: Office, amount: str, code: str) -> None:
    assert office.asks("agreement", "show", code)["available_cents"] == cents(amount)


@then(parsers.parse("EUR {amount} of {code} is still to come"))
def _to_come(office: Office, amount: str, code: str) -> None:
    receivable = office.asks("agreement", "show", code)["receivable"]
    assert receivable == {"currency": "EUR", "minor": cents(amount)}


@then(parsers.parse("{code} is not earmarked"))
def _unearmarked(office: Office, code: str) -> None:
    shown = office.asks("agreement", "show", code)
    assert shown["gift"]
    assert not any(shown["earmark"].values())


@then(parsers.parse("EUR {amount} is at the bank"))
def _at_bank(office: Office, amount: str) -> None:
    balances = {each["code"]: each["balance"] for each in office.asks("bank", "list")}
    assert balances["BANK-EUR"] == {"currency": "EUR", "minor": cents(amount)}


@then(parsers.parse('the trial balance shows US${amount} of "{account}"'))
def _shows(office: Office, amount: str, account: str) -> None:
    (row,) = (row for row in trial_balance(office) if row["account"][5:] == account)
    assert cents(amount) in (row["debit"], row["credit"])


@then("assets, liabilities and use are all nothing")
def _nothing(office: Office) -> None:
    classes = classes_of(office)
    assert [classes[each] for each in "1239"] == [0, 0, 0, 0]


def _contribution(office: Office, amount: str, day: str, *of: object) -> Words:
    bank = f"BANK-{amount[:3]}"
    number = office.number("R")
    return ("contribution", "receive", number, "--bank", bank, "--amount", amount, *of, "--on", day)


def _import(office: Office, rows: str) -> Words:
    return ("rate", "import", office.file("rates.csv", f"effective_on,currency,rate,source\n{rows}\n"))
