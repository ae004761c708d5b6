"""Refunds: agreed in US dollars, and paid in the donor's money too; what the bank made of it is apart."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from click.testing import CliRunner, Result

from donors import BalancesRevalued, RefundAgreed, RefundPaid, get_refund
from ledger import AsOf, BadInput, Book, EntryReversed, Event, Line, RatesPublished, Refused, lines_of, total
from mdfm.cli.app import app
from reports import build_cash, build_statement, render_statement
from reports.statement.sums import left
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    DEC,
    LATER,
    MAKER,
    TERM,
    agreement,
    contribution,
    file_of,
    gift,
    money,
    tell,
)

MARCH = RatesPublished(on=date(2022, 3, 1), rates={"EUR": "0.9", "KRW": "1200"}, source="example")
AGREED = RefundAgreed(on=DEC, code="RF-1", agreement="A1", cents=1_000_00, reason="the agreement ends")


def paid(minor: int = 890_00, currency: str = "EUR", on: date = DEC, reference: str = "B-1") -> RefundPaid:
    return RefundPaid(
        on=on,
        refund="RF-1",
        reference=reference,
        bank_account=f"{currency}1",
        amount=money(currency, minor),
    )


@pytest.fixture
def owing(book: Book) -> Book:
    """A book whose donor gave EUR 8,600 for US$10,000 and is owed US$1,000 of them."""
    signed = agreement("A1", amount=money("EUR", 8_600_00))
    tell(book, signed, contribution("E-1", "A1", "EUR", 8_600_00), gift("U-1", 50_00), AGREED)
    return book


def posted(book: Book, event: Event) -> list[Line]:
    (sealed,) = tell(book, event)
    with book.reading() as books:
        return lines_of(books, sealed.seq)


def on_account(lines: list[Line], account: str) -> list[tuple[str, int, int]]:
    return [(line.currency, line.amount, line.usd) for line in lines if line.account == account]


def test_a_refund_is_paid_in_the_donors_money(owing: Book) -> None:
    lines = posted(owing, paid(890_00))
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.currency] += line.amount
    assert set(sums.values()) == {0}
    assert sum(line.usd for line in lines) == 0
    assert on_account(lines, "2700") == [("USD", 1_000_00, 1_000_00)]
    # EUR 8,600 came in for US$10,000, so EUR 890 are carried at US$1,034.88.
    assert on_account(lines, "1100") == [("EUR", -890_00, -1_034_88)]
    assert on_account(lines, "2800") == [("USD", 34_88, 34_88)]
    assert sum(usd for _, _, usd in on_account(lines, "1900")) == 0
    require_sound(owing)


def test_what_a_revaluation_had_found_is_realised_with_it(owing: Book) -> None:
    tell(owing, MARCH, BalancesRevalued(on=LATER, term=TERM))
    with owing.reading() as books:
        found = total(books, "2810", bank_account="EUR1").usd
    lines = posted(owing, paid(860_00, on=LATER))
    assert found == 444_44
    (realised,) = on_account(lines, "2810")
    assert realised == ("USD", -44_44, -44_44)
    # Carried at US$955.56 now, of which US$44.44 were lost before: the US$1,000 that came in for them.
    assert [usd for _, _, usd in on_account(lines, "2800")] == [-44_44, 44_44]
    require_sound(owing)


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (paid(439_99), r"RF-1 is US\$1,000.00, and 439.99 EUR is worth US\$499.99 on 2021-12-10: give what"),
        (paid(1_760_01), r"1,760.01 EUR is worth US\$2,000.01"),
        (paid(999_99, "USD"), r"999.99 USD is worth US\$999.99"),
        (paid(1_180_000, "KRW").model_copy(update={"bank_account": "EUR1"}), "holds EUR, not KRW"),
        (paid(1_180_000, "KRW"), "KRW1"),
        (paid().model_copy(update={"amount": None}), "EUR1 holds EUR: say what left it for the refund RF-1"),
    ],
)
def test_what_is_no_payment_of_it_is_refused(owing: Book, event: RefundPaid, because: str) -> None:
    with pytest.raises(Refused, match=because):
        tell(owing, event)


@pytest.mark.parametrize("minor", [440_00, 1_760_00])
def test_what_the_bank_may_have_made_of_it_is_taken(owing: Book, minor: int) -> None:
    tell(owing, paid(minor))
    require_sound(owing)


def test_nothing_is_no_payment() -> None:
    with pytest.raises(BadInput, match="amount: it must be more than zero"):
        RefundPaid.make(on=DEC, refund="RF-1", reference="B-1", bank_account="EUR1", amount=money("EUR", 0))


def test_the_register_says_what_left_the_bank_and_a_reversal_takes_it_back(owing: Book) -> None:
    (sealed,) = tell(owing, paid())
    with owing.reading() as books:
        assert get_refund(books, "RF-1").paid == money("EUR", 890_00)
        assert get_refund(books, "RF-1", known_at=sealed.seq - 1).paid is None
    tell(owing, EntryReversed(on=DEC, entry=sealed.seq, reason="the bank sent it back"))
    with owing.reading() as books:
        back = get_refund(books, "RF-1")
        assert (back.paid, back.owed) == (None, 1_000_00)
        assert total(books, "1100", bank_account="EUR1") == (8_600_00, 10_000_00)
        assert total(books, "2800").usd == 0
    tell(owing, paid(880_00, reference="B-2"))
    require_sound(owing)


def test_the_statement_says_what_was_paid_out_and_when(owing: Book) -> None:
    (sealed,) = tell(owing, MARCH, paid(on=LATER))[-1:]
    with owing.reading() as books:
        until = AsOf.now(books, LATER)
        whole = build_statement(books, "CITY", TERM, until, "fr")
        before = build_statement(books, "CITY", TERM, AsOf.now(books, DEC))
        unknown = build_statement(books, "CITY", TERM, AsOf(LATER, sealed.seq - 1))
        after = build_statement(books, "CITY", TERM, until, starts_on=date(2022, 1, 1))
        (euros, _, _) = build_cash(books, until, "en", TERM).accounts
    (told,) = whole.refunded
    assert (told.code, told.agreed_on, told.cents) == ("RF-1", DEC, 1_000_00)
    assert (told.paid_on, told.paid) == (LATER, money("EUR", 890_00))
    assert [each.paid for each in (*before.refunded, *unknown.refunded)] == [None, None]
    assert [each.balance.refund_due.cents for each in (whole, before, unknown)] == [0, 1_000_00, 1_000_00]
    # Agreed before the period and paid in it: listed, and no movement of the period.
    assert (after.refunded, after.refunds.cents) == (whole.refunded, 0)
    # The difference waits on 2800 and is nobody's yet.
    assert left(whole) == left(before) == left(after) == 9_000_00
    assert (euros.amount, euros.carried) == (money("EUR", 7_710_00), 10_000_00 - 1_034_88)
    assert render_statement(whole).startswith(b"%PDF")


def test_a_reversed_refund_is_listed_twice(owing: Book) -> None:
    (again,) = tell(owing, AGREED.model_copy(update={"code": "RF-2", "cents": 5_00}))
    tell(owing, EntryReversed(on=LATER, entry=again.seq, reason="a mistake"))
    with owing.reading() as books:
        stated = build_statement(books, "CITY", TERM, AsOf.now(books, LATER))
    assert [(each.code, each.cents) for each in stated.refunded] == [
        ("RF-1", 1_000_00),
        ("RF-2", 5_00),
        ("RF-2", -5_00),
    ]
    assert sum(each.cents for each in stated.refunded) == stated.refunds.cents


def test_the_command_pays_in_euros(owing: Book) -> None:
    def desk(*words: str) -> Result:
        told = ["--book", file_of(owing), "refund", *words]
        return CliRunner(env={"MDFM_BY": MAKER}).invoke(app, told)

    pay = ("pay", "RF-1", "B-1", "--bank", "EUR1", "--on", str(DEC))
    assert "say what left it for the refund RF-1" in desk(*pay).stderr
    assert desk(*pay, "--amount", "EUR 890.00").exit_code == 0
    tell(owing, paid())
    assert "890.00 EUR" in desk("list").stdout
