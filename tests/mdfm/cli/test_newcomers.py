"""What newcomers stumbled over: each mistake is reported at once, with what helps."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from donors.donor.donor import donor
from ledger import nearest
from ledger.storage.bulk_insert import write_rows
from mdfm.books import open_at
from tests.mdfm.cli.test_cli import ON, TERM, Desk

FOUND = (*TERM, "--donor", "FOUND", "--amount", "USD 5")
GIFT = (*TERM, "--bank", "USD1", "--donor", "FOUND", *ON)


@pytest.fixture
def desk(played_template: Path, tmp_path: Path) -> Desk:
    """A desk at the book in which everything has happened once."""
    return Desk.at(played_template, tmp_path)


# ---- two that wait for the same


def test_two_waiting_proposals_with_one_bank_reference(desk: Desk) -> None:
    gift = ("contribution", "receive", "G-9", *GIFT, "--amount")
    first = desk.json(*gift, "USD 75,000")["id"]
    assert desk.json(*gift, "USD 75,000")["id"] == first
    assert desk.refused(*gift, "USD 7,500") == (
        f"Proposal {first} waits for approval with other content under the same reference "
        f"'contribution:USD1:G-9': approve or reject that one first (mdfm proposal approve {first}, or "
        f"reject {first})."
    )
    unknown = ("contribution", "unidentified", "G-9", *TERM, "--bank", "USD1", "--amount", "USD 75,000", *ON)
    assert f"Proposal {first} waits" in desk.refused(*unknown)
    desk("proposal", "reject", first)
    assert desk.json(*gift, "USD 7,500")["id"] == first + 1


# ---- what is in the books already


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (
            ("donor", "add", "CITY", "--name", "X", "--type", "city"),
            "change what it says with `mdfm donor amend CITY`, or use another code.",
        ),
        (
            (
                *("agreement", "sign", "A1", "--donor", "CITY", *TERM, "--amount", "USD 5", *ON),
                *("--from", "2021-11-01", "--to", "2023-10-31"),
            ),
            "change its terms with `mdfm agreement amend A1`, or use another code.",
        ),
        (
            ("term", "open", "2021-2023", "--from", "2021-11-01", "--to", "2023-10-30"),
            "that cannot be changed, so use another code or reference.",
        ),
        (
            ("bank", "open", "USD1", "--name", "Another", "--currency", "USD"),
            "that cannot be changed, so use another code or reference.",
        ),
        (
            ("grant", "pay", "G1", "T-1", "--bank", "USD1", "--amount", "5", *ON),
            "if that is wrong, reverse it (mdfm entry reverse); use another code or reference for this.",
        ),
    ],
    ids=lambda words: " ".join(words[:2]) if isinstance(words, tuple) else "",
)
def test_what_exists_is_changed_as_is_really_possible(
    desk: Desk, words: tuple[str, ...], advice: str
) -> None:
    sentence = desk.refused(*words)
    assert "with other content: " in sentence
    assert sentence.endswith(advice)


def test_what_was_reversed_is_told_so_whatever_is_recorded_now(desk: Desk) -> None:
    add = ("donor", "add", "NEW", "--type", "city", "--name")
    entry = desk.json(*add, "Slip")["seq"]
    desk.approved("entry", "reverse", entry, "--reason", "a slip")
    for name in ("Slip", "Right"):
        assert desk.refused(*add, name) == (
            f"'donor:NEW' is in the books as entry {entry}, which entry {entry + 1} reversed: use another "
            f"code or reference."
        )


# ---- codes that nobody knows


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("donor", "show", "city"), "There is no donor 'city' in this book (did you mean 'CITY'?)."),
        (("donor", "show", "CTIY"), "(did you mean 'CITY'?)"),
        (("agreement", "show", "a1"), "There is no agreement 'a1' in this book (did you mean 'A1'?)."),
        (("pledge", "withdraw", "p1", "--reason", "x"), "There is no pledge 'p1'"),
        (
            ("grant", "cancel", "g1", "C-9", "--reason", "x"),
            "There is no grant 'g1' in this book (did you mean 'G1'?).",
        ),
        (("refund", "pay", "rf1", "B", "--bank", "USD1"), "There is no refund 'rf1'"),
        (("contribution", "receive", "R", *FOUND, "--bank", "usd1"), "(did you mean 'USD1'?)"),
        (
            ("contribution", "letter", "e-1"),
            "There is no contribution 'e-1' in this book (did you mean 'E-1'?)",
        ),
        (("term", "year-end", "2021-2032", "Y"), "(did you mean '2021-2023'?)"),
        (("agreement", "closing", "A-1"), "(did you mean 'A1'?)"),
        (("bank", "read", "absent.xml", "--bank", "Usd1"), "(did you mean 'USD1'?)"),
        (("result", "report", "g1", "R-9", "--indicator", "events-held=1"), "(did you mean 'G1'?)"),
        (("agreement", "list", "--donor", "city"), "There is no donor 'city'"),
        (("agreement", "list", "--term", "2021-2032"), "There is no term '2021-2032'"),
        (("grant", "list", "--term", "2021-2032"), "There is no term '2021-2032'"),
        (("expenditure", "list", "--term", "2021-2032"), "There is no term '2021-2032'"),
        (("offer", "list", "--term", "2021-2032"), "There is no term '2021-2032'"),
        (("allocation", "list", "--term", "2021-2032"), "There is no term '2021-2032'"),
        (("allocation", "list", *TERM, "--activity", "t-1"), "There is no activity 't-1'"),
        (("contribution", "list", "--agreement", "a1"), "There is no agreement 'a1'"),
        (("result", "list", "--grant", "g1"), "There is no grant 'g1'"),
        (("report", "cash", "--term", "2021-2032"), "There is no term '2021-2032'"),
        (("entry", "list", "--kind", "contribution recieved"), "(did you mean 'contribution received'?)"),
        (("donor", "add", "X", "--name", "X", "--type", "city", "--country", "ken"), "(did you mean 'KEN'?)"),
        (("donor", "show", "SOMEBODY"), "There is no donor 'SOMEBODY' in this book."),
    ],
    ids=lambda words: " ".join(words[:3]) if isinstance(words, tuple) else "",
)
def test_an_unknown_code_is_answered_with_the_nearest(desk: Desk, words: tuple[str, ...], hint: str) -> None:
    dated = ON if words[1] in {"withdraw", "pay", "receive", "year-end", "report"} else ()
    sentence = desk.refused(*words, *dated)
    assert hint in sentence
    if "SOMEBODY" not in words:
        assert "(did you mean '" in sentence


def test_a_list_of_an_unknown_currency_or_cluster_is_none(desk: Desk) -> None:
    assert "'EU' is not a currency" in desk.refused("rate", "list", "--currency", "eu")
    assert "There is no cluster 'Nowhere'" in desk.refused("news", "list", *TERM, "--cluster", "Nowhere")


def test_a_hundred_thousand_codes_are_looked_through_quickly(desk: Desk) -> None:
    book = open_at(str(desk.book))
    with book.recording() as journal:
        rows = [(1, 0, f"A-{number:06}", "x", "city", "", "en", "", "") for number in range(100_000)]
        write_rows(journal.books, donor, rows)
    book.close()
    begun = time.process_time()
    assert "(did you mean 'A-050000'?)" in desk.refused("donor", "show", "a-050000")
    assert "(did you mean 'A-050000'?)" in desk.refused("donor", "show", "A050000")
    assert time.process_time() - begun < 5  # seconds of work; a fraction of one on a quiet machine


def test_a_name_is_nearest_in_other_letters_first() -> None:
    assert str(nearest("a-1", ["A-1", "A-11", "a-2"])) == " (did you mean 'A-1'?)"
    assert not nearest("zebra", ["A-1"])
    assert not nearest("x", [])


# ---- terms


@pytest.mark.parametrize(
    ("span", "length"),
    [
        (("2021-01-01", "2028-12-31"), "8 years"),
        (("2023-11-01", "2030-10-31"), "7 years"),
        (("2023-11-01", "2032-10-31"), "9 years"),
        (("2023-11-01", "2027-01-31"), "3 years and 3 months"),
        (("2023-11-01", "2024-04-30"), "6 months"),
        (("2023-11-01", "2023-11-02"), "2 days"),
    ],
)
def test_a_term_of_seven_years_needs_a_reason(desk: Desk, span: tuple[str, str], length: str) -> None:
    opens = ("term", "open", "T", "--from", span[0], "--to", span[1], *ON)
    assert desk.refused(*opens) == (
        f"The term T is of {length}; the fund's terms are of two: give --reason if it is meant."
    )
    entry = desk.approved(*opens, "--reason", "The assembly wants it.")
    assert desk.json("entry", "show", entry["seq"])["payload"]["reason"] == "The assembly wants it."


@pytest.mark.parametrize("last", ["2024-10-31", "2025-10-31", "2025-12-31", "2026-10-31"])
def test_a_usual_term_needs_none_and_its_payload_has_none(desk: Desk, last: str) -> None:
    entry = desk.approved("term", "open", "T", "--from", "2023-11-01", "--to", last, *ON)
    assert "reason" not in desk.json("entry", "show", entry["seq"])["payload"]
