"""The commands for what seldom happens: money of unknown origin, write-offs, refunds, year ends, closes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from donors import RefundAgreed
from mdfm.books import open_at
from tests.mdfm.cli.test_cli import Desk
from tests.support.small_books import CHECKER, LATER, MAKER, TERM, advice, copy_of, story, tell

ON = ("--on", "2022-03-02")
OF_TERM = ("--term", TERM)
SPAN = ("--from", "2021-11-01", "--to", "2021-12-31")
BACKWARDS = ("--from", "2021-12-31", "--to", "2021-11-01")
END, NEXT = "2023-10-31", "2023-2025"
FIGURES = ("allocated_cents", "used_cents", "committed_cents", "free_cents")


@pytest.fixture(scope="module")
def template(ready_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a book in which money came, was allocated, and is partly spent."""
    folder = tmp_path_factory.mktemp("events")
    book = copy_of(ready_template, folder)
    tell(book, *story(advice(book, folder)))
    book.close()
    return folder / "copy.book"


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Desk:
    """A desk at a book of its own."""
    return Desk.at(template, tmp_path)


def booked(desk: Desk, *words: object) -> dict[str, int]:
    """Propose and approve, and give the entry's debits (positive) and credits in cents by account."""
    found: dict[str, int] = {}
    for line in desk.approved(*words)["lines"]:
        found[line["account"]] = found.get(line["account"], 0) + line["usd"]
    return {account: cents for account, cents in found.items() if cents}


# ---- the happy path of each command


def test_money_of_unknown_origin_is_listed_until_it_is_identified(desk: Desk) -> None:
    assert desk("contribution", "unidentified-list").stderr == "All money that arrived is identified.\n"
    proof = ("--evidence", desk.file("bank.txt", "somebody paid"))
    for reference, bank, amount in (("N-1", "EUR1", "EUR 440"), ("N-2", "USD1", "USD 30")):
        came = ("--bank", bank, "--amount", amount, *proof, "--on", "2021-12-15")
        sums = booked(desk, "contribution", "unidentified", reference, *OF_TERM, *came)
        assert sums["1100"] == -sums["2900"]
    listed = desk.json("contribution", "unidentified-list")
    assert [(each["reference"], each["usd_cents"]) for each in listed] == [("N-1", 500_00), ("N-2", 30_00)]
    assert "440.00 EUR" in desk("contribution", "unidentified-list").stdout
    assert desk.approved("contribution", "identify", "N-1", "--agreement", "A1", *ON)
    assert desk.approved("contribution", "identify", "N-2", "--donor", "FOUND", *ON)
    assert desk.json("contribution", "unidentified-list") == []
    arrived = {each["reference"]: each for each in desk.json("contribution", "list")}
    assert [arrived[each]["received_on"] for each in ("N-1", "N-2")] == ["2021-12-15", "2021-12-15"]
    assert [arrived[each]["usd_cents"] for each in ("N-1", "N-2")] == [500_00, 30_00]


def test_what_an_agreement_owes_is_written_off(desk: Desk) -> None:
    desk.approved("agreement", "write-off", "A1", "W-1", "--amount", "EUR 1,000", "--reason", "cut", *ON)
    assert desk.json("agreement", "show", "A1")["receivable"] == {"currency": "EUR", "minor": 49_000_00}


def test_a_refund_is_agreed_and_paid(desk: Desk) -> None:
    agree = ("refund", "agree", "RF-1", "--agreement", "U-1", "--amount", "1,000.50", "--reason", "not used")
    assert booked(desk, *agree, *ON) == {"2200": 1_000_50, "2700": -1_000_50}
    assert [each["owed_cents"] for each in desk.json("refund", "list")] == [1_000_50]
    pay = ("refund", "pay", "RF-1", "B-1", "--bank", "USD1", *ON)
    assert booked(desk, *pay) == {"2700": 1_000_50, "1100": -1_000_50}
    assert [each["owed_cents"] for each in desk.json("refund", "list")] == [0]


def test_the_bank_charges_pays_interest_and_is_revalued(desk: Desk) -> None:
    usd1 = ("--bank", "USD1", "--amount")
    charge = ("bank", "charge", "C-1", *OF_TERM, *usd1, "USD 15.50", *ON)
    assert booked(desk, *charge) == {"3170": 15_50, "1100": -15_50}
    interest = ("bank", "interest", "I-1", *OF_TERM, *usd1, "USD 40", *ON)
    assert booked(desk, *interest) == {"1100": 40_00, "2850": -40_00}
    attributed = booked(desk, "bank", "attribute-interest", "IA-1", *OF_TERM, *SPAN, *ON)
    assert attributed == {"2850": 40_00, "2200": -40_00}
    revalued = booked(desk, "bank", "revalue", *OF_TERM, "--on", "2021-12-31")
    assert set(revalued) == {"1100", "2810"}
    lost = booked(desk, "bank", "attribute-differences", "DA-1", *OF_TERM, *SPAN, *ON)
    assert lost == {"2800": -755_81, "2200": 755_81}


def test_allocations_are_listed_reduced_and_moved(desk: Desk) -> None:
    taken = ("--agreement", "U-1", "--amount", "1,000", "--reason", "cheaper", *ON)
    assert booked(desk, "allocation", "reduce", "D-1", "--activity", "T-1", *taken) == {
        "2300": 1_000_00,
        "2200": -1_000_00,
    }
    move = desk.approved("allocation", "move", "M-1", "--from", "T-1", "--to", "T-3", *taken)
    assert [(line["account"], line["activity"], line["usd"]) for line in move["lines"]] == [
        ("2300", "T-1", 1_000_00),
        ("2300", "T-3", -1_000_00),
    ]
    listed = {each["activity"]: [each[name] for name in FIGURES] for each in list_of(desk)}
    assert listed == {
        "T-1": [38_000_01, 11_111_10, 7_888_91, 19_000_00],
        "T-2": [20_000_00, 0, 0, 20_000_00],
        "T-3": [1_000_00, 0, 0, 1_000_00],
    }
    by_agreement = {each["agreement"]: each["allocated_cents"] for each in list_of(desk, "--activity", "T-1")}
    assert by_agreement == {"A1": 30_000_00, "U-1": 8_000_01}
    assert "59,000.01" in desk("allocation", "list", *OF_TERM).stdout.splitlines()[-1]
    assert desk.refused("allocation", "list", "--term", "none") == "There is no term 'none' in this book."


def list_of(desk: Desk, *words: str) -> Any:
    """What `allocation list` prints."""
    return desk.json("allocation", "list", *OF_TERM, *words)


def test_an_advance_is_written_off(desk: Desk) -> None:
    lost = ("--amount", "888.91", "--reason", "insolvent", "--evidence", desk.file("court.txt", "insolvent"))
    sums = booked(desk, "grant", "write-off", "G1", "L-1", *lost, *ON)
    assert (sums["3900"], sums["1300"]) == (888_91, -888_91)
    (row,) = desk.json("grant", "list")
    assert (row["committed_cents"], row["advanced_cents"]) == (7_000_00, 7_000_00)


def test_an_expenditure_is_incurred_and_paid(desk: Desk) -> None:
    spent = ("--payee", "Example printer", "--spent", "supplies=600", "--spent", "travel=150.25")
    incur = ("expenditure", "incur", "X-1", *OF_TERM, "--activity", "T-1", *spent, *ON)
    assert booked(desk, *incur) == {"3120": 600_00, "3150": 150_25, "2500": -750_25}
    pay = ("expenditure", "pay", "X-1", "B-1", "--bank", "USD1", "--amount", "750.25", *ON)
    assert booked(desk, *pay) == {"2500": 750_25, "1100": -750_25}


def test_support_cost_is_agreed_charged_and_paid(desk: Desk) -> None:
    rate = ("support-cost", "agree", *OF_TERM, "--rate", "7.5%", "--on", "2021-12-01")
    assert desk.approved(*rate)["payload"]["basis_points"] == 750
    due = 833_33  # 7.5% of US$11,111.10, rounded agreement by agreement
    charge = ("support-cost", "charge", "S-1", *OF_TERM, *ON)
    assert booked(desk, *charge) == {"3180": due, "2600": -due}
    pay = ("support-cost", "pay", "B-1", *OF_TERM, "--bank", "USD1", "--amount", "800", *ON)
    assert booked(desk, *pay) == {"2600": 800_00, "1100": -800_00}


def test_a_term_ends_its_year_and_is_closed(desk: Desk) -> None:
    dates = ("--from", "2023-11-01", "--to", "2025-10-31")
    desk.approved("term", "open", NEXT, *dates, "--on", END)
    close = ("term", "close", TERM, "TC-1", "--to", NEXT, "--on", END)
    assert "record its year end first" in desk.refused(*close)
    ended = booked(desk, "term", "year-end", TERM, "YE-1", "--on", END)
    assert (ended["2300"], ended["2400"], ended["3300"]) == (11_111_10, 4_000_00, -4_000_00)
    desk.approved(*close)
    assert [row["term"] for row in desk.json("agreement", "list")] == [NEXT] * 3
    assert {row["activity"] for row in desk.json("allocation", "list", "--term", NEXT)} == {"T-1", "T-2"}


# ---- what a proposal would do


def test_a_waiting_proposal_shows_what_it_would_post(desk: Desk) -> None:
    agree = ("--agreement", "U-1", "--amount", "20,000", "--reason", "not used")
    first, second = (desk.json("refund", "agree", code, *agree, *ON)["id"] for code in ("RF-1", "RF-2"))
    last = desk.last()
    shown = desk.json("proposal", "show", second)
    assert [(line["account"], line["usd"]) for line in shown["lines"]] == [
        ("2200", 20_000_00),
        ("2700", -20_000_00),
    ]
    assert (shown["refusal"], desk.last()) == ("", last)
    assert "2700 Refunds payable to donors" in desk("proposal", "show", second).stdout

    entry = desk.json("proposal", "approve", first, "--by", "Ben")
    refusal = desk.json("proposal", "show", second)["refusal"]
    assert "has US$9,999.99 available" in refusal
    result = desk("proposal", "show", second)
    assert result.stderr == f"It cannot be approved as the books are now: {refusal}\n"
    assert "2700" not in result.stdout
    decided = desk.json("proposal", "show", first)
    assert (decided["entry"], decided["lines"], decided["refusal"]) == (entry["seq"], [], "")


def test_a_proposal_for_what_is_recorded_already_says_so(desk: Desk) -> None:
    asked = RefundAgreed(on=LATER, code="RF-1", agreement="U-1", cents=5_00, reason="not used")
    agree = ("--agreement", "U-1", "--amount", "5", "--reason", "not used", "--on", LATER)
    number = desk.json("refund", "agree", "RF-1", *agree)["id"]
    book = open_at(str(desk.book))
    with book.recording() as journal:
        journal.record(asked, made_by=MAKER, approved_by=CHECKER)
    book.close()
    shown = desk.json("proposal", "show", number)
    assert (shown["lines"], "is recorded already" in shown["refusal"]) == ([], True)


# ---- what is refused, each in one sentence


MUCH = ("--amount", "900,000", "--reason", "x")
USD1 = ("--bank", "USD1", "--amount")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("contribution", "unidentified", "N", *OF_TERM, *USD1, "USD 0"), "more than zero"),
        (("contribution", "identify", "N", "--donor", "FOUND"), "There is no receipt 'N'"),
        (("agreement", "write-off", "A1", "W", "--amount", "EUR 50,001", "--reason", "x"), "no more than"),
        (("refund", "agree", "R", "--agreement", "U-1", *MUCH), "cannot be refunded"),
        (("refund", "pay", "R", "B", "--bank", "USD1"), "There is no refund 'R'"),
        (("bank", "charge", "C", *OF_TERM, *USD1, "USD 900,000"), "more than the running agreements"),
        (("bank", "interest", "I", *OF_TERM, *USD1, "EUR 5"), "The bank account USD1 holds USD, not EUR"),
        (("bank", "attribute-interest", "I", *OF_TERM, *SPAN), "No interest of the term"),
        (("bank", "attribute-differences", "D", *OF_TERM, *BACKWARDS), "the span must start before it ends"),
        (("bank", "revalue", *OF_TERM, "--on", "2021-11-10"), "stand at their value of 2021-11-10 already"),
        (("allocation", "reduce", "D", "--agreement", "U-1", "--activity", "T-2", *MUCH), "cannot be taken"),
        (
            ("allocation", "move", "M", "--agreement", "U-1", "--from", "T-1", "--to", "T-1", *MUCH),
            "must go to another activity",
        ),
        (("grant", "write-off", "G1", "L", *MUCH), "the partner of G1 holds"),
        (
            (
                "expenditure",
                "incur",
                "X",
                *OF_TERM,
                "--activity",
                "T-3",
                "--payee",
                "P",
                "--spent",
                "staff=1",
            ),
            "is allocated to T-3",
        ),
        (("expenditure", "pay", "X", "B", *USD1, "5"), "There is no expenditure 'X'"),
        (("support-cost", "agree", *OF_TERM, "--rate", "7"), "'7' is not a rate: write it like 7%"),
        (("support-cost", "agree", *OF_TERM, "--rate", "100.01%"), "less than or equal to 10000"),
        (("support-cost", "charge", "S", *OF_TERM), "No support cost is due"),
        (("support-cost", "pay", "B", *OF_TERM, *USD1, "5"), "more support cost than was charged"),
        (("term", "year-end", TERM, "Y", "--on", "2021-11-30"), "waits to be set against"),
        (("term", "year-end", TERM, "Y"), "Missing option '--on'"),
        (("term", "close", TERM, "Z", "--to", TERM), "carried over to another term"),
    ],
)
def test_a_refusal_is_one_sentence(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    dated = words if "--on" in words or words[1] == "year-end" else (*words, *ON)
    assert sentence in desk.refused(*dated)
