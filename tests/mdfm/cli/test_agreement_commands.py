"""The commands of agreements and pledges: terms and their changes, what is due, what the money can reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mdfm.cli.test_cli import Desk

SIGN = (
    *("agreement", "sign", "A1", "--donor", "CITY", "--term", "2021-2023", "--amount", "EUR 1,000"),
    *("--from", "2021-11-01", "--to", "2023-10-31", "--on", "2021-12-01"),
)
PARTS = (
    *("--instalment", "2021-12-15 400.00", "--instalment", "2021-12-20 EUR 350 if the report is accepted"),
    *("--instalment", "2022-06-30 250"),
)
PLEDGED = ("--donor", "CITY", "--term", "2021-2023", "--on", "2021-12-01")
AMEND = ("agreement", "amend", "A1", "1", "--reason", "agreed anew", "--on", "2021-12-10")


@pytest.fixture
def desk(ready_template: Path, tmp_path: Path) -> Desk:
    """A desk at a book of its own, with master data only."""
    return Desk.at(ready_template, tmp_path)


def test_instalments_are_shown_with_their_state(desk: Desk) -> None:
    desk.approved(*SIGN, *PARTS)
    received = ("--bank", "EUR1", "--amount", "EUR 500", "--agreement", "A1", "--on", "2021-12-15")
    desk.approved("contribution", "receive", "R", *received)
    parts = desk.json("agreement", "show", "A1")["instalments"]
    assert [(each["number"], each["state"], each["outstanding"]["minor"]) for each in parts] == [
        (1, "paid", 0),
        (2, "waits for its condition", 250_00),
        (3, "late", 250_00),
    ]
    assert parts[1]["condition"] == "the report is accepted"
    shown = desk("agreement", "show", "A1").stdout
    assert "waits: the report is accepted" in shown
    assert "late by " in shown


def test_due_tells_what_is_late_and_what_comes(desk: Desk) -> None:
    desk.approved(*SIGN, *PARTS)
    told = desk.json("agreement", "due", "--to", "2021-12-16", "--within", "5")
    assert [(each["number"], each["state"], each["days_late"]) for each in told["due"]] == [
        (1, "late", 1),
        (2, "waits for its condition", 0),
    ]
    assert told["total_cents"] == {"late": 454_54, "due": 0, "waits for its condition": 397_73}
    assert told["ageing_cents"] == {
        "not yet due": 397_73,
        "1-30": 454_54,
        "31-60": 0,
        "61-90": 0,
        "over 90": 0,
    }
    shown = desk("agreement", "due", "--to", "2021-12-15").stdout
    assert "due today" in shown
    assert "852.27" in shown
    desk.approved("agreement", "condition-met", "A1", "2", "--on", "2021-12-16")
    assert "due in 1 day " in desk("agreement", "due", "--to", "2021-12-19").stdout
    assert "late by 1 day " in desk("agreement", "due", "--to", "2021-12-21").stdout
    nothing = desk("agreement", "due", "--to", "2021-12-19", "--donor", "FOUND")
    assert nothing.stderr == "On 2021-12-19 nothing is late, and nothing falls due within 30 days.\n"


def test_an_amendment_keeps_what_is_not_given(desk: Desk) -> None:
    proof = ("--evidence", desk.file("letter.txt", "We add EUR 100."))
    desk.approved(*SIGN, *PARTS, "--earmark-work-area", "1", "--earmark-ldc")
    later = (*PARTS[:4], "--instalment", "2022-06-30 350")
    desk.approved(*AMEND, "--amount", "EUR 1,100", *later, *proof)
    now = desk.json("agreement", "show", "A1")
    assert (now["amount"]["minor"], now["ends_on"], now["amended_on"]) == (
        1_100_00,
        "2023-10-31",
        "2021-12-10",
    )
    assert (now["earmark"]["work_areas"], now["earmark"]["ldc"]) == ([1], True)
    assert "amended on 2021-12-10" in desk("agreement", "show", "A1").stdout
    desk.approved("agreement", "amend", "A1", "2", "--reason", "x", "--unearmarked", *proof, *AMEND[-2:])
    assert desk.json("agreement", "show", "A1")["level"] == "unearmarked"


def test_what_an_earmark_means_and_reaches_is_said_in_sentences(desk: Desk) -> None:
    desk.approved(*SIGN, "--earmark-activity", "T-1", "--earmark-activity", "T-2")
    told = desk.json("agreement", "show", "A1")
    assert told["earmark_means"] == "For activities T-1, T-2 only."
    assert told["reach"] == {
        "activities": 2,
        "of_activities": 3,
        "cents": 400_000_00,
        "of_cents": 600_000_00,
    }
    shown = " ".join(desk("agreement", "show", "A1").stdout.split())
    assert "It can pay for 2 of 3 activities, US$400,000.00 of US$600,000.00." in shown
    desk.approved("term", "open", "2023-2025", "--from", "2023-11-01", "--to", "2025-10-31")
    desk.approved(*(word.replace("A1", "A2").replace("2021-2023", "2023-2025") for word in SIGN))
    assert desk.json("agreement", "show", "A2")["reach"] is None
    assert "The term 2023-2025 has no programme yet." in desk("agreement", "show", "A2").stdout


def test_of_several_kinds_of_earmark_each_must_hold_and_the_sentence_says_so(desk: Desk) -> None:
    desk.approved(*SIGN, "--earmark-work-area", "1", "--earmark-country", "KEN", "--earmark-country", "KEN")
    assert desk.json("agreement", "show", "A1")["earmark_means"] == (
        "Only for activities that meet all of this: work area 1; cities in Kenya."
    )


def test_an_earmark_that_reaches_nothing_is_told_at_once(desk: Desk) -> None:
    slip = "A1 can pay for none of the 3 activities in the programme of 2021-2023: check both."
    assert slip in desk(*SIGN, "--earmark-activity", "T-9").stderr
    desk.approved(*(word.replace("A1", "A2") for word in SIGN), "--earmark-activity", "T-1")
    proof = ("--evidence", desk.file("letter.txt", "For T-9."))
    amend = (*(word.replace("A1", "A2") for word in AMEND), *proof)
    assert "can pay for none" not in desk(*amend, "--earmark-activity", "T-2").stderr
    desk("proposal", "reject", desk.json("proposal", "list")[-1]["id"])
    assert "A2 can pay for none" in desk(*amend, "--earmark-activity", "T-9").stderr


def test_what_was_due_is_told_as_it_was_known(desk: Desk) -> None:
    desk.approved("pledge", "record", "P1", "--amount", "USD 100", "--expected", "2022-01-31", *PLEDGED)
    desk.approved(*SIGN, "--pledge", "P1")
    signed = desk.json("entry", "list")[-1]["seq"]
    on = ("--to", "2021-12-31", "--known-at")
    assert [each["agreement"] for each in desk.json("agreement", "due", *on, str(signed))["due"]] == ["A1"]
    assert desk.json("agreement", "due", *on, str(signed - 1))["due"] == []
    assert desk.json("pledge", "ageing", *on, str(signed))["pledges"] == []
    assert desk.json("pledge", "ageing", *on, str(signed - 1))["total_cents"] == 100_00


def test_pledges_by_age(desk: Desk) -> None:
    desk.approved("pledge", "record", "P1", "--amount", "USD 100", "--expected", "2022-01-31", *PLEDGED)
    desk.approved("pledge", "record", "P2", "--amount", "USD 7", "--expected", "2021-12-31", *PLEDGED)
    found = desk.json("pledge", "ageing", "--to", "2022-01-31")
    assert found["total_cents"] == 107_00
    assert found["ageing_cents"] == {
        "not yet due": 100_00,
        "1-30": 0,
        "31-60": 7_00,
        "61-90": 0,
        "over 90": 0,
    }
    assert [(each["code"], each["days_recorded"], each["days_overdue"]) for each in found["pledges"]] == [
        ("P2", 61, 31),
        ("P1", 61, 0),
    ]
    assert "107.00" in desk("pledge", "ageing", "--to", "2022-01-31").stdout
    assert desk("pledge", "ageing", "--to", "2021-11-30").stderr == "No pledge was open on 2021-11-30.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*SIGN, "--instalment", "400 at once"), "'400 at once' is not an instalment: write it like"),
        ((*SIGN, "--instalment", "2021-13-01 400"), "'2021-13-01' is not a day"),
        ((*SIGN, "--instalment", "2021-12-01 USD 400"), "'USD 400' is not an amount of EUR"),
        ((*SIGN, "--instalment", "2021-12-01 400"), "add up to 400.00 EUR, and the amount is 1,000.00 EUR"),
        ((*SIGN, "--instalment", "2024-01-01 1000"), "must be due between 2021-11-01 and 2023-10-31"),
        (("agreement", "due", "--within", "soon"), "'soon' is not a number of days: write it like 30d."),
        (("agreement", "due", "--donor", "NOBODY"), "There is no donor 'NOBODY'"),
        (("agreement", "due", "--term", "1999"), "There is no term '1999'"),
        ((*AMEND, "--unearmarked", "--earmark-ldc"), "Give the new earmark, or --unearmarked, not both."),
        ((*AMEND, "--amount", "EUR 5"), "There is no agreement 'A1'"),
    ],
)
def test_what_is_not_right_is_told_in_a_sentence(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in desk.refused(*words)
