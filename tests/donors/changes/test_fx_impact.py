"""A rate that was recorded wrong: corrected from then on; what was posted at it is listed, not changed."""

from __future__ import annotations

import inspect
import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import allocation
import donors
from donors import (
    AgreementAmended,
    BalancesRevalued,
    BankChargePaid,
    CurrencyChanged,
    InterestReceived,
    ReceiptIdentified,
    UnidentifiedReceived,
    fx_impacts,
)
from donors.changes.fx_impact import VALUED_KINDS
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    RateCorrected,
    RatesPublished,
    Refused,
    lines_of,
    new_rates,
    next_correction,
    rate_on,
    rates_on,
    total,
)
from mdfm.cli.app import app
from reports import build_letter, build_statement, render_statement
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    advice,
    agreement,
    contribution,
    file_of,
    gift,
    goods,
    money,
    pledge,
    service,
    tell,
)

DECEMBER = date(2021, 12, 1)


def right(rate: str = "0.80", number: int = 1, currency: str = "EUR", on: date = DECEMBER) -> RateCorrected:
    return RateCorrected.make(
        on=on, currency=currency, rate=rate, number=number, source="UN table", reason="mistyped"
    )


def test_from_then_on_the_right_rate_applies_and_before_it_was_known_the_wrong_one(book: Book) -> None:
    (sealed,) = tell(book, right())
    with book.reading() as books:
        assert rate_on(books, "EUR", DEC) == Fraction("0.80")
        (now,) = rates_on(books, DEC, "EUR")
        (before,) = rates_on(books, DEC, "EUR", sealed.seq - 1)
        assert rate_on(books, "EUR", NOV) == Fraction("0.86")
    assert (now.rate, now.source, now.instead_of) == ("0.80", "UN table", "0.88")
    assert (before.rate, before.source, before.instead_of) == ("0.88", "example", "")
    require_sound(book)


def test_a_correction_is_corrected(book: Book) -> None:
    tell(book, right(), right("0.81", 2))
    with book.reading() as books:
        assert next_correction(books, "EUR", DECEMBER) == 3
        (now,) = rates_on(books, DEC, "EUR")
    assert (now.rate, now.instead_of) == ("0.81", "0.80")


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (
            right(on=DEC),
            "no rate for EUR that applies from 2021-12-10 on: give the day of one",
        ),
        (right(currency="CHF"), "no rate for CHF that applies from 2021-12-01 on"),
        (right("0.880"), "The rate for EUR from 2021-12-01 on is 0.880 already"),
        (right(number=2), "is number 1, not 2: another one came first"),
    ],
)
def test_what_corrects_nothing_is_refused(book: Book, event: RateCorrected, because: str) -> None:
    with pytest.raises(Refused, match=because):
        tell(book, event)


@pytest.mark.parametrize(("currency", "rate"), [("EUR", "0"), ("EUR", "x"), ("USD", "1"), ("XYZ", "1")])
def test_what_is_no_rate_corrects_none(currency: str, rate: str) -> None:
    with pytest.raises(BadInput):
        right(rate, currency=currency)


def test_a_correction_is_not_reversed_but_corrected(book: Book) -> None:
    (sealed,) = tell(book, right())
    with pytest.raises(Refused, match="record a new event that corrects it"):
        tell(book, EntryReversed(on=LATER, entry=sealed.seq, reason="it was right"))


def test_the_table_with_the_right_rate_can_be_imported_and_the_wrong_one_cannot(book: Book) -> None:
    tell(book, right())
    with book.reading() as books:
        table = RatesPublished(on=DECEMBER, rates={"EUR": "0.8", "CHF": "0.9"}, source="UN table")
        (fresh,) = new_rates(books, [table])
        assert fresh.rates == {"CHF": "0.9"}
        wrong = table.model_copy(update={"rates": {"EUR": "0.88"}})
        with pytest.raises(Refused, match=r"have 0\.80 EUR .* not 0\.88: .*correct the books"):
            new_rates(books, [wrong])
    tell(book, fresh)
    require_sound(book)


def test_within_a_batch_no_rate_is_remembered_that_was_corrected(book: Book) -> None:
    first, second = gift("U-1", 880_00, "EUR", DEC), gift("U-2", 880_00, "EUR", DEC)
    with book.recording() as journal:
        journal.record_many([first, right(), second], made_by=MAKER, approved_by=CHECKER)
    with book.reading() as books:
        assert [total(books, "2200", agreement=code).usd for code in ("U-1", "U-2")] == [-1_000_00, -1_100_00]
    require_sound(book)


def test_a_statement_shows_the_rate_by_which_its_dollars_came_about(book: Book) -> None:
    """Of two gifts of a day, one was booked before the correction, one after it."""
    tell(book, agreement("A1", amount=money("EUR", 2_000_00)), contribution("E-1", "A1", "EUR", 880_00, DEC))
    with book.reading() as books:
        known = AsOf.now(books, DEC)
        before = render_statement(build_statement(books, "CITY", TERM, known))
    tell(book, right(), contribution("E-2", "A1", "EUR", 880_00, DEC))
    with book.reading() as books:
        stated = build_statement(books, "CITY", TERM, AsOf.now(books, DEC))
        again = render_statement(build_statement(books, "CITY", TERM, known))
        letters = [build_letter(books, code).rate for code in ("E-1", "E-2")]
    assert again == before
    assert [each.usd.cents for each in stated.receipts] == [1_000_00, 1_100_00]
    assert [(each.rate, each.source) for each in stated.rates] == [("0.88", "example"), ("0.80", "UN table")]
    assert [each.rate for each in letters if each] == ["0.88", "0.80"]


# ---- what was posted at the wrong rate


def test_everything_that_was_valued_at_the_wrong_rate_is_listed(book: Book, tmp_path: Path) -> None:
    """One of each kind in December, each listed with its value in the books to the cent."""
    proof = advice(book, tmp_path)
    euros = money("EUR", 1_000_00)
    tell(book, agreement("A1", amount=money("EUR", 50_000_00)), gift("U-1", 90_000_00))
    sealed = tell(
        book,
        pledge("P1").model_copy(update={"on": DEC}),
        agreement("A2", on=DEC, amount=euros),
        AgreementAmended(
            on=DEC, agreement="A1", number=1, amount=money("EUR", 51_000_00), reason="more", evidence=proof
        ),
        contribution("E-1", "A1", "EUR", 1_000_00, DEC),
        UnidentifiedReceived(on=DEC, reference="N-1", term=TERM, bank_account="EUR1", amount=euros),
        ReceiptIdentified(on=LATER, receipt="N-1", agreement="A1"),
        goods("GOODS", proof),
        InterestReceived(on=DEC, reference="I-1", term=TERM, bank_account="EUR1", amount=euros),
        CurrencyChanged(
            on=DEC,
            reference="X-1",
            term=TERM,
            sold_from="USD1",
            sold=money("USD", 1_100_00),
            bought_into="EUR1",
            bought=euros,
        ),
        BankChargePaid(on=DEC, reference="C-1", term=TERM, bank_account="EUR1", amount=euros),
        contribution("E-2", "A1", "EUR", 2_000_00, NOV),
        service("SERVICE", proof),
        BalancesRevalued(on=date(2021, 12, 20), term=TERM),
    )
    with book.reading() as books:
        assert fx_impacts(books, "EUR") == []
        asked = fx_impacts(books, "EUR", DECEMBER, right())
        stand = {each.seq: {abs(line.usd) for line in lines_of(books, each.seq)} for each in asked}
    tell(book, right(), contribution("E-3", "A1", "EUR", 7_00, DEC))
    with book.reading() as books:
        found = fx_impacts(books, "EUR")
        assert fx_impacts(books, "KRW") == []
    assert found == asked
    by_kind = {each.kind: each for each in found}
    assert set(VALUED_KINDS) - set(by_kind) == {"service in kind received"}, "the service was given in won"
    assert {each.what for each in found} >= {
        "P1",
        "A2",
        "A1",
        "E-1",
        "N-1",
        "GOODS",
        "I-1",
        "X-1",
        "C-1",
        TERM,
    }
    assert {each.seq for each in found} == {each.seq for each in sealed} - {sealed[10].seq, sealed[11].seq}
    for each in found:
        assert each.right_cents == round(Fraction(each.amount.minor) / Fraction("0.80"))
        if each.kind not in {"balances revalued", "bank charge paid"}:
            assert each.cents in stand[each.seq]
    revalued = by_kind["balances revalued"]
    assert revalued.amount == money("EUR", 5_000_00)
    assert revalued.difference == 6_250_00 - 5_681_82


def test_what_was_reversed_and_recorded_again_is_off_the_list(book: Book) -> None:
    (wrong,) = tell(book, gift("U-1", 880_00, "EUR", DEC))
    tell(book, right())
    with book.reading() as books:
        (listed,) = fx_impacts(books, "EUR")
    assert (listed.seq, listed.what, listed.cents, listed.right_cents) == (
        wrong.seq,
        "U-1",
        1_000_00,
        1_100_00,
    )
    tell(book, EntryReversed(on=DEC, entry=wrong.seq, reason="the rate was wrong"))
    tell(book, gift("U-1a", 880_00, "EUR", DEC))
    with book.reading() as books:
        assert fx_impacts(books, "EUR") == []
        assert total(books, "2200").usd == -1_100_00


def test_a_rate_that_came_too_late_is_found_too(book: Book) -> None:
    """A revision of the middle of the month was imported after what it applies to had been booked."""
    tell(book, gift("U-1", 880_00, "EUR", date(2021, 12, 20)), gift("U-2", 880_00, "EUR", DEC))
    tell(book, RatesPublished(on=date(2021, 12, 15), rates={"EUR": "0.8"}, source="example"))
    with book.reading() as books:
        assert [each.what for each in fx_impacts(books, "EUR")] == ["U-1"]


def test_no_module_values_anything_unseen() -> None:
    """Who values money at the rate of the day in a posting is asked for it when a rate was wrong."""
    kinds = (*donors.KINDS, *allocation.KINDS)
    modules = {inspect.getmodule(kind.post) for kind in kinds}
    valuing = {module.__name__ for module in modules if module and hasattr(module, "usd_value")}
    told = {
        module.__name__
        for kind in kinds
        if kind.event.kind in VALUED_KINDS and (module := inspect.getmodule(kind.post))
    }
    # A refund is agreed in US dollars: the rate of the day only tells a slip of the pen.
    assert valuing - told == {"donors.changes.refund"}


# ---- the command


def test_the_command_corrects_and_lists(book: Book) -> None:
    def desk(*words: str, by: str = MAKER) -> Result:
        return CliRunner(env={"MDFM_BY": by, "COLUMNS": "120"}).invoke(app, ["--book", file_of(book), *words])

    (sealed,) = tell(book, gift("U-1", 880_00, "EUR", DEC))
    assert "Corrected" not in desk("rate", "list", "--to", "2021-12-31").stdout
    told = ("--source", "UN table", "--reason", "mistyped")
    correct = ("rate", "correct", "eur", "--on", "2021-12-01", "--rate", "0.80", *told)
    asked = desk(*correct)
    assert "Proposal 1 waits for another person" in asked.stderr
    assert "take back what matters (mdfm entry reverse)" in asked.stderr
    for part in (str(sealed.seq), "U-1", "880.00 EUR", "1,000.00", "1,100.00", "100.00"):
        assert part in asked.stdout
    assert json.loads(desk(*correct, "--json").stdout)["payload"]["rate"] == "0.80"
    assert "Everything in EUR is valued at the rate of its day" in desk("rate", "affected", "EUR").stderr
    slip = desk("rate", "affected", "EURO")
    assert (slip.exit_code, "'EURO' is not a currency: use an ISO 4217 code" in slip.stderr) == (2, True)
    assert desk("proposal", "approve", "1", by=CHECKER).exit_code == 0
    (row,) = json.loads(desk("rate", "affected", "eur", "--json").stdout)
    assert (row["seq"], row["cents"], row["right_cents"]) == (sealed.seq, 1_000_00, 1_100_00)
    listed = desk("rate", "list", "--to", "2021-12-31").stdout
    assert "Corrected, was" in listed
    assert "0.88" in listed
    again = desk("rate", "correct", "KRW", "--on", "2021-12-01", "--rate", "1181", *told)
    assert "Nothing that stands in the book was valued at the wrong rate." in again.stderr
