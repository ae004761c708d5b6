"""Money that settles another amount than arrives: another currency, or a bank's charge on the way."""

from __future__ import annotations

import csv
import json
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from donors import (
    CONTRIBUTION_SHEET,
    AgreementAmended,
    ContributionReceived,
    ReceiptIdentified,
    UnidentifiedReceived,
    dues,
    identify,
)
from donors.sheets.rows import read_events
from ledger import AsOf, BadInput, Book, Refused, attach, dry_run, total
from mdfm.cli.app import app
from reports import build_letter, build_statement, render_letter, trace_contribution
from tests.support.event_lines import posted_by, require_reversible, require_sound
from tests.support.small_books import (
    DEC,
    MAKER,
    TERM,
    advice,
    agreement,
    contribution,
    file_of,
    gift,
    money,
    tell,
)

JAN = date(2022, 1, 10)


def settling(
    settles: Any, currency: str = "USD", minor: int = 980_00, on: date = DEC
) -> ContributionReceived:
    """Money under A1, which is owed EUR 8,600: EUR 880 is USD 1,000 in December, carried at USD 1,023.26."""
    told = dict(contribution("C-1", "A1", currency, minor, on))
    return ContributionReceived.make(**told | {"settles": settles})


@pytest.fixture
def owing(book: Book) -> Book:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)))
    return book


def owed(book: Book) -> tuple[int, int]:
    with book.reading() as books:
        return total(books, "1200", agreement="A1")


def test_who_signed_in_euro_may_pay_in_dollars(owing: Book) -> None:
    event = settling(money("EUR", 880_00))
    assert posted_by(owing, event) == [
        "1100 USD1 +98000 USD",
        "1200 A1 -88000 EUR worth -102326",
        "2100 A1 +88000 EUR worth +102326",
        "2200 A1 -98000 USD",
    ]
    require_sound(owing)


def test_what_a_bank_took_on_the_way_is_settled_and_never_available(owing: Book) -> None:
    assert posted_by(owing, settling(money("EUR", 880_00), "EUR", 866_80)) == [
        "1100 EUR1 +86680 EUR worth +98500",
        "1200 A1 -88000 EUR worth -102326",
        "2100 A1 +88000 EUR worth +102326",
        "1900 -86680 EUR worth -98500",
        "1900 +98500 USD",
        "2200 A1 -98500 USD",
    ]


def test_the_last_of_it_leaves_nothing_receivable(owing: Book) -> None:
    tell(owing, settling(money("EUR", 8_600_00), minor=9_750_00))
    assert owed(owing) == (0, 0)


def test_what_settles_its_own_amount_has_the_same_payload_as_before() -> None:
    plain = contribution("C-1", "A1", "EUR", 880_00, DEC)
    same = settling(money("EUR", 880_00), "EUR", 880_00)
    assert "settles" not in plain.payload
    assert (same, same.payload) == (plain, plain.payload)
    told = settling(money("EUR", 880_00))
    assert ContributionReceived.model_validate_json(told.payload) == told


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (
            settling(None),
            r"is in EUR, not in USD: say how much of it the money settles\.",
        ),
        (settling(money("KRW", 1_000_000)), "is in EUR, not in KRW"),
        (settling(money("EUR", 8_600_01), minor=9_800_00), "still owes .*: settle no more than that"),
        (settling(money("EUR", 879_99), "EUR", 880_00), "880.00 EUR arrived and cannot settle less"),
        (
            settling(money("EUR", 880_00), minor=899_99),
            r"is worth US\$1,000.00 on 2021-12-10, and what arrived US\$899",
        ),
        (settling(money("EUR", 880_00), minor=1_100_01), "settle what the money is worth"),
        (settling(money("EUR", 8_600_00), "EUR", 860_00), "settle what the money is worth"),
        (settling(money("EUR", 100_00), "EUR", 50_00), "settle what the money is worth"),
    ],
)
def test_what_money_cannot_settle_is_refused(owing: Book, event: ContributionReceived, because: str) -> None:
    with pytest.raises(Refused, match=because):
        tell(owing, event)


@pytest.mark.parametrize(
    "event",
    [
        settling(money("EUR", 880_00), minor=900_00),
        settling(money("EUR", 880_00), minor=1_100_00),
        settling(money("EUR", 88_00), minor=50_00),
        settling(money("EUR", 50_00), "EUR", 35_00),
    ],
    ids=str,
)
def test_a_banks_charge_is_a_tenth_at_most_or_fifty_dollars_of_a_small_sum(
    owing: Book, event: ContributionReceived
) -> None:
    tell(owing, event)
    assert event.settles
    assert owed(owing)[0] == 8_600_00 - event.settles.minor


@pytest.mark.parametrize("sort", ["contribution", "receipt"])
def test_a_gift_settles_nothing(sort: str) -> None:
    settles = money("EUR", 86_00)
    with pytest.raises(BadInput, match="a gift settles nothing"):
        if sort == "contribution":
            ContributionReceived.make(**dict(gift("U-1", 100_00)) | {"settles": settles})
        else:
            ReceiptIdentified.make(on=JAN, receipt="N-1", donor="FOUND", settles=settles)
    with pytest.raises(BadInput, match="settles: it must be more than zero"):
        settling(money("EUR", 0))


def dollars_of_nobody_known(minor: int = 980_00, currency: str = "USD") -> UnidentifiedReceived:
    return UnidentifiedReceived(
        on=DEC, reference="N-1", term=TERM, bank_account=f"{currency}1", amount=money(currency, minor)
    )


def test_what_is_identified_settles_by_the_rate_of_the_day_it_arrived(owing: Book) -> None:
    tell(owing, dollars_of_nobody_known())
    with owing.reading() as books:
        event = identify(books, "N-1", on=JAN, agreement="A1", settles=money("EUR", 880_00))
    assert (event.on, event.settles) == (DEC, money("EUR", 880_00))
    assert posted_by(owing, event) == [
        "2900 USD1 +98000 USD",
        "1200 A1 -88000 EUR worth -102326",
        "2100 A1 +88000 EUR worth +102326",
        "2200 A1 -98000 USD",
    ]


def test_what_is_identified_as_its_own_amount_has_the_same_payload_as_before(owing: Book) -> None:
    tell(owing, dollars_of_nobody_known(880_00, "EUR"))
    with owing.reading() as books:
        event = identify(books, "N-1", on=JAN, agreement="A1", settles=money("EUR", 880_00))
    assert "settles" not in event.payload
    with pytest.raises(Refused, match="cannot settle less"):
        tell(owing, event.model_copy(update={"settles": money("EUR", 879_00)}))


def test_it_counts_from_the_amendment_by_which_as_much_was_owed_as_it_settles(
    book: Book, tmp_path: Path
) -> None:
    tell(book, agreement("A1", amount=money("EUR", 500_00)), dollars_of_nobody_known())
    more = AgreementAmended(
        on=date(2021, 12, 20),
        agreement="A1",
        number=1,
        amount=money("EUR", 1_000_00),
        reason="a second year",
        evidence=advice(book, tmp_path),
    )
    tell(book, more)
    with book.reading() as books:
        event = identify(books, "N-1", on=JAN, agreement="A1", settles=money("EUR", 880_00))
        early = identify(books, "N-1", on=JAN, agreement="A1", settles=money("EUR", 500_00))
    assert (event.on, early.on) == (date(2021, 12, 20), DEC)


def test_a_batch_at_hand_takes_it_too(owing: Book) -> None:
    event = settling(money("EUR", 880_00))
    with owing.recording() as journal:
        for at_hand_only in (False, True):
            done = dry_run(journal, [event], made_by="finance officer", cached_only=at_hand_only)
            assert not done.refusals
    assert owed(owing)[0] == 8_600_00


def test_every_report_shows_what_arrived_and_what_it_settles(owing: Book) -> None:
    tell(owing, settling(money("EUR", 8_600_00), minor=9_700_00))
    with owing.reading() as books:
        statement = build_statement(books, "CITY", TERM, AsOf.now(books, DEC), "en")
        letter = build_letter(books, "C-1", language="en")
        trace = trace_contribution(books, "C-1", AsOf.now(books, DEC))
        (due,) = [each for each in dues(books, AsOf.now(books, DEC)) if each.agreement == "A1"]
    (receipt,) = statement.receipts
    assert (receipt.currency, receipt.amount, receipt.usd.cents) == ("USD", 9_700_00, 9_700_00)
    assert not statement.outstanding
    assert (due.state, due.outstanding.minor) == ("paid", 0)
    assert trace.given.instalments[0].settled == money("EUR", 8_600_00)
    (page,) = PdfReader(BytesIO(render_letter(letter))).pages
    assert "EUR 8,600.00 of the EUR 8,600.00 agreed" in " ".join(page.extract_text().split())


def test_a_spreadsheet_has_a_column_for_it(owing: Book, tmp_path: Path) -> None:
    path = tmp_path / "came.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["reference", "bank_account", "received_on", "amount", "agreement", "settles_amount"])
        rows.writerow(["C-1", "USD1", "2021-12-10", "USD 980", "A1", "EUR 880"])
        rows.writerow(["C-2", "EUR1", "2021-12-10", "EUR 880", "A1", ""])
    (first, second) = (each.event for each in read_events(path, CONTRIBUTION_SHEET))
    assert isinstance(first, ContributionReceived)
    assert first.settles == money("EUR", 880_00)
    assert "settles" not in second.payload
    with owing.recording() as journal:
        attach(journal.books, path)
    tell(owing, first, second)
    assert owed(owing)[0] == 8_600_00 - 2 * 880_00


def test_it_is_reversed_as_a_whole(owing: Book) -> None:
    require_reversible(owing, settling(money("EUR", 880_00)))


def test_the_commands_take_and_list_it(owing: Book) -> None:
    def desk(*words: str) -> Result:
        env = {"MDFM_BOOK": file_of(owing), "MDFM_BY": MAKER, "COLUMNS": "150"}
        return CliRunner(env=env).invoke(app, ["contribution", *words])

    tell(owing, contribution("C-0", "A1", "EUR", 1_00), dollars_of_nobody_known(98_00))
    assert "Settles" not in desk("list").stdout
    money_in = ("--bank", "USD1", "--amount", "USD 980", "--agreement", "A1", "--on", "2021-12-10", "--json")
    came = desk("receive", "C-1", *money_in, "--settles-amount", "EUR 880")
    found = desk(
        "identify", "N-1", "--agreement", "A1", "--settles-amount", "EUR 88", "--on", "2022-01-10", "--json"
    )
    told = [json.loads(each.stdout)["payload"]["settles"] for each in (came, found)]
    assert told == [{"currency": "EUR", "minor": minor} for minor in (880_00, 88_00)]
    tell(owing, settling(money("EUR", 880_00)))
    listed = desk("list").stdout.splitlines()
    assert [row.split()[-2:] for row in listed if "C-0" in row or "C-1" in row] == [
        ["EUR", "1.16"],
        ["880.00", "EUR"],
    ]
