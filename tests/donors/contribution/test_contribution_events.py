"""Events of donors and the bank: receipts, interest, exchange differences, charges, refunds, write-offs."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import TermClosed
from donors import (
    AgreementAmended,
    BalancesRevalued,
    BankChargePaid,
    ContributionReceived,
    CurrencyChanged,
    DifferencesAttributed,
    DonorRegistered,
    DonorScreened,
    InterestAttributed,
    InterestReceived,
    ReceiptIdentified,
    ReceivableWrittenOff,
    RefundAgreed,
    RefundPaid,
    UnidentifiedReceived,
    balance_days,
    contributions,
    identify,
    unidentified_receipts,
)
from donors.bank_accounts.average_balance import split_within
from ledger import (
    UNSPENT,
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    Event,
    PeriodClosed,
    RatesPublished,
    Refused,
    TermOpened,
    available,
    posted,
    split,
)
from mdfm.books import create
from reports import build_statement, render_statement
from tests.support.event_lines import posted_by, require_reversible, require_sound
from tests.support.small_books import (
    DEC,
    NOV,
    TERM,
    advice,
    agreement,
    allocation,
    contribution,
    gift,
    master_data,
    money,
    tell,
)

YEAR_END = date(2021, 12, 31)
JAN = date(2022, 1, 10)


def rates(on: date, eur: str) -> RatesPublished:
    return RatesPublished(on=on, rates={"EUR": eur}, source="example")


def unidentified(
    reference: str = "N-1", currency: str = "EUR", minor: int = 8_600_00
) -> UnidentifiedReceived:
    return UnidentifiedReceived(
        on=NOV, reference=reference, term=TERM, bank_account=f"{currency}1", amount=money(currency, minor)
    )


def identified(receipt: str = "N-1", on: date = JAN, **whose: str) -> ReceiptIdentified:
    return ReceiptIdentified.make(on=on, receipt=receipt, **whose)


def interest(reference: str, minor: int, on: date = DEC, currency: str = "USD") -> InterestReceived:
    return InterestReceived(
        on=on, reference=reference, term=TERM, bank_account=f"{currency}1", amount=money(currency, minor)
    )


def span(starts_on: date, ends_on: date, reference: str = "S-1") -> dict[str, Any]:
    return {"on": ends_on, "reference": reference, "term": TERM, "starts_on": starts_on, "ends_on": ends_on}


def charge(reference: str, minor: int, currency: str = "USD", on: date = DEC) -> BankChargePaid:
    return BankChargePaid(
        on=on, reference=reference, term=TERM, bank_account=f"{currency}1", amount=money(currency, minor)
    )


def changed(reference: str, sold: int, bought: int, on: date = DEC) -> CurrencyChanged:
    return CurrencyChanged(
        on=on,
        reference=reference,
        term=TERM,
        sold_from="EUR1",
        sold=money("EUR", sold),
        bought_into="USD1",
        bought=money("USD", bought),
    )


def refund(code: str, cents: int) -> RefundAgreed:
    return RefundAgreed(on=DEC, code=code, agreement="U-1", cents=cents, reason="unspent")


# ---- receipts


def test_money_of_an_unknown_sender_is_owed_and_no_part_of_the_fund(book: Book) -> None:
    assert posted_by(book, unidentified()) == [
        "1100 EUR1 +860000 EUR worth +1000000",
        "2900 EUR1 -860000 EUR worth -1000000",
    ]
    with book.reading() as books:
        assert available(books, TERM) == {}
        assert [each.reference for each in unidentified_receipts(books)] == ["N-1"]


def test_an_identified_receipt_is_a_contribution_of_the_day_it_arrived(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 17_200_00)), unidentified())
    assert posted_by(book, identified(agreement="A1")) == [
        "2900 EUR1 +860000 EUR worth +1000000",
        "1200 A1 -860000 EUR worth -1000000",
        "2100 A1 +860000 EUR worth +1000000",
        "1900 -860000 EUR worth -1000000",
        "1900 +1000000 USD",
        "2200 A1 -1000000 USD",
    ]
    with book.reading() as books:
        assert unidentified_receipts(books) == []
        (arrived,) = contributions(books, agreements=["A1"])
        assert (arrived.reference, arrived.received_on) == ("N-1", NOV)
    require_sound(book)


def test_a_receipt_can_turn_out_to_be_a_gift(book: Book) -> None:
    tell(book, unidentified("N-2", "USD", 500_00))
    assert posted_by(book, identified("N-2", donor="FOUND")) == [
        "2900 USD1 +50000 USD",
        "2200 N-2 -50000 USD",
    ]
    require_sound(book)


def test_the_statement_dates_a_receipt_on_the_day_it_arrived(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 17_200_00)), unidentified())
    tell(book, identified(agreement="A1"))
    with book.reading() as books:
        before = build_statement(books, "CITY", TERM, AsOf.now(books, YEAR_END))
        after = build_statement(books, "CITY", TERM, AsOf.now(books, JAN), "en", date(2022, 1, 1))
    assert (before.receipts, before.received.cents) == ((), 0)
    (receipt,) = after.receipts
    assert (receipt.reference, receipt.agreement, receipt.received_on) == ("N-1", "A1", NOV)
    assert (receipt.currency, receipt.amount, receipt.usd.cents) == ("EUR", 8_600_00, 10_000_00)
    assert after.fund.received == after.received.cents == 10_000_00
    assert render_statement(after).startswith(b"%PDF")


def counted_from(book: Book, *, agreement: str = "", donor: str = "") -> tuple[date, date | None]:
    """The day from which N-1 counts when it is identified in January, and the day of knowing."""
    with book.reading() as books:
        event = identify(books, "N-1", on=JAN, agreement=agreement, donor=donor)
    tell(book, event)
    require_sound(book)
    return event.on, event.identified_on


def test_what_is_identified_counts_from_the_day_it_arrived(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 17_200_00)), unidentified())
    assert counted_from(book, agreement="A1") == (NOV, JAN)
    with book.reading() as books:
        now = AsOf.now(books, NOV)
        (told,) = build_statement(books, "CITY", TERM, now).receipts
        assert (told.reference, told.received_on) == ("N-1", NOV)
        assert build_statement(books, "CITY", TERM, AsOf(NOV, now.known_at - 1)).receipts == ()


def test_what_is_identified_counts_from_the_signature_where_that_is_later(book: Book) -> None:
    tell(book, unidentified(), agreement("A1", amount=money("EUR", 17_200_00), on=DEC))
    assert counted_from(book, agreement="A1") == (DEC, JAN)


def test_contributions_are_listed_to_a_day_and_as_known_then(book: Book) -> None:
    first, second = tell(book, gift("U-1", 100), gift("U-2", 100, on=DEC))
    (back,) = tell(book, EntryReversed(on=DEC, entry=first.seq, reason="a mistake"))

    def listed(**clocks: Any) -> list[str]:
        with book.reading() as books:
            return [each.reference for each in contributions(books, **clocks)]

    assert listed() == listed(effective_to=DEC) == ["U-2"]
    assert listed(effective_to=DEC - timedelta(days=1)) == []
    assert listed(effective_to=NOV, known_at=back.seq - 1) == ["U-1"]
    assert listed(known_at=second.seq) == ["U-1", "U-2"]
    assert listed(known_at=first.seq) == listed(known_at=second.seq, agreements=["U-1"]) == ["U-1"]


def test_money_that_came_on_the_first_day_of_the_term_counts_from_it(book: Book) -> None:
    first = date(2021, 11, 1)
    tell(book, unidentified().model_copy(update={"on": first}))
    assert counted_from(book, donor="FOUND") == (first, JAN)


def test_money_that_came_before_the_signature_does_not_wait_for_an_amendment(
    book: Book, tmp_path: Path
) -> None:
    """As much was owed from the signature on; what was added later is not needed for it."""
    tell(book, unidentified(), agreement("A1", amount=money("EUR", 17_200_00), on=DEC))
    more = AgreementAmended(
        on=date(2021, 12, 20),
        agreement="A1",
        number=1,
        amount=money("EUR", 20_000_00),
        reason="a second year",
        evidence=advice(book, tmp_path),
    )
    tell(book, more)
    assert counted_from(book, agreement="A1") == (DEC, JAN)


@pytest.mark.parametrize("period", ["2021-11", "2021"])
def test_what_a_closed_period_reported_stays_when_its_money_is_identified(book: Book, period: str) -> None:
    tell(book, unidentified(), PeriodClosed(on=YEAR_END, period=period))
    assert counted_from(book, donor="FOUND") == (JAN, JAN)


def test_what_was_carried_over_to_another_term_counts_from_the_day_of_knowing(book: Book) -> None:
    before = TermOpened(on=NOV, code="2019-2021", starts_on=date(2019, 11, 1), ends_on=date(2021, 10, 31))
    arrived = unidentified("N-1", "USD").model_copy(update={"on": date(2021, 10, 1), "term": "2019-2021"})
    closed = TermClosed(on=date(2021, 10, 31), reference="C-1", term="2019-2021", into=TERM)
    tell(book, before, arrived, closed)
    assert counted_from(book, donor="FOUND") == (JAN, JAN)


def test_a_gift_needs_a_screening_on_the_day_of_knowing(book: Book, tmp_path: Path) -> None:
    firm = DonorRegistered(on=NOV, code="FIRM", name="Example company", type="private", subtype="company")
    screened = DonorScreened(
        on=DEC,
        donor="FIRM",
        outcome="cleared",
        valid_until=date(2023, 12, 9),
        evidence=advice(book, tmp_path),
    )
    tell(book, unidentified(), firm)
    with book.reading() as books, pytest.raises(Refused, match="was not screened"):
        event = identify(books, "N-1", on=JAN, donor="FIRM")
        tell(book, event)
    tell(book, screened)
    assert counted_from(book, donor="FIRM") == (NOV, JAN)


def test_money_does_not_count_from_a_day_after_it_was_identified() -> None:
    with pytest.raises(BadInput, match="cannot count from a day after it was identified"):
        ReceiptIdentified.make(on=JAN, identified_on=NOV, receipt="N-1", donor="FOUND")


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (identified(agreement="A1", on=date(2021, 11, 9)), "arrived on 2021-11-10, after"),
        (identified(agreement="A2"), "is in USD, not in EUR"),
        (identified(agreement="A3"), "more than agreement A3 still owes"),
        (identified(agreement="A4"), "outside the dates of agreement A4"),
    ],
)
def test_a_receipt_is_identified_only_as_what_it_can_be(book: Book, event: Event, because: str) -> None:
    tell(
        book,
        agreement("A1", amount=money("EUR", 17_200_00)),
        agreement("A2"),
        agreement("A3", amount=money("EUR", 1_00)),
        agreement("A4", amount=money("EUR", 17_200_00), starts_on=DEC),
        unidentified(),
    )
    with pytest.raises(Refused, match=because):
        tell(book, event)


def test_a_receipt_is_identified_once(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 17_200_00)), unidentified(), unidentified("N-2"))
    tell(book, identified(agreement="A1"))
    with pytest.raises(Refused, match="N-1 is identified already, as A1"):
        tell(book, identified(donor="FOUND"))


def test_money_that_arrived_once_is_not_recorded_twice(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 17_200_00)), unidentified())
    again = ContributionReceived(
        on=NOV, reference="N-1", bank_account="EUR1", amount=money("EUR", 8_600_00), agreement="A1"
    )
    with pytest.raises(Refused, match="in the books already"):
        tell(book, again)


def test_a_receipt_is_identified_as_one_thing() -> None:
    with pytest.raises(BadInput, match="give the agreement, or the donor of a gift"):
        identified(agreement="A1", donor="FOUND")


# ---- interest


def test_interest_waits_until_it_is_attributed(book: Book) -> None:
    assert posted_by(book, interest("I-1", 88_00, currency="EUR")) == [
        "1100 EUR1 +8800 EUR worth +10000",
        "1900 -8800 EUR worth -10000",
        "1900 +10000 USD",
        "2850 -10000 USD",
    ]


def test_interest_goes_by_money_and_days(book: Book) -> None:
    """U-1 has 300 for ten days, U-2 has 100 for twenty, then both lose a day to a refund or a use."""
    tell(book, gift("U-1", 300_00, on=date(2021, 12, 11)), gift("U-2", 100_00, on=date(2021, 12, 1)))
    tell(book, interest("I-1", 100_01, on=date(2021, 12, 20)))
    with book.reading() as books:
        days = balance_days(books, TERM, date(2021, 12, 1), date(2021, 12, 20))
    assert days == {"U-1": 300_00 * 10, "U-2": 100_00 * 20}
    event = InterestAttributed(**span(date(2021, 12, 1), date(2021, 12, 20)))
    assert posted_by(book, event) == ["2850 +10001 USD", "2200 U-1 -6001 USD", "2200 U-2 -4000 USD"]
    with book.reading() as books:
        drawn = build_statement(books, "FOUND", TERM, AsOf.now(books, YEAR_END), "en")
    assert drawn.interest.cents == 100_01
    assert render_statement(drawn).startswith(b"%PDF")
    require_sound(book)


def test_what_was_used_earns_no_interest(book: Book) -> None:
    tell(book, gift("U-1", 300_00, on=date(2021, 12, 1)), gift("U-2", 300_00, on=date(2021, 12, 1)))
    tell(book, RefundAgreed(on=date(2021, 12, 6), code="R", agreement="U-2", cents=300_00, reason="unused"))
    with book.reading() as books:
        days = balance_days(books, TERM, date(2021, 12, 1), date(2021, 12, 10))
    assert days == {"U-1": 300_00 * 10, "U-2": 300_00 * 5}


def test_interest_that_came_later_is_not_attributed_to_an_earlier_span(book: Book) -> None:
    tell(book, gift("U-1", 300_00), interest("I-1", 5_00, DEC), interest("I-2", 7_00, JAN))
    event = InterestAttributed(**span(NOV, DEC))
    assert posted_by(book, event) == ["2850 +500 USD", "2200 U-1 -500 USD"]
    with pytest.raises(Refused, match="No interest of the term"):
        tell(book, InterestAttributed(**span(NOV, DEC, "S-2")))


def test_interest_needs_somebody_who_had_money(book: Book) -> None:
    tell(book, gift("U-1", 300_00, on=DEC), interest("I-1", 5_00))
    with pytest.raises(Refused, match="No agreement of the term"):
        tell(book, InterestAttributed(**span(NOV, DEC - timedelta(days=1)) | {"on": DEC}))
    with pytest.raises(BadInput, match="the span must start before it ends"):
        InterestAttributed.make(**span(DEC, NOV))


@pytest.fixture(scope="module")
def busy_book() -> Book:
    """Three agreements, money that comes, is bound and goes back on many days."""
    busy = create("sqlite://")
    tell(busy, *master_data())
    for number, minor in enumerate((7_01, 333_33, 50_000_07), start=1):
        tell(busy, gift(f"U-{number}", minor, on=NOV + timedelta(days=3 * number)))
    tell(busy, allocation("c" * 64, {"T-1": {"U-2": 100_00, "U-3": 9_999_99}}))
    tell(busy, charge("C-1", 33_33), charge("C-2", 1, on=JAN))
    tell(busy, RefundAgreed(on=JAN, code="R-1", agreement="U-3", cents=1_234_56, reason="unspent"))
    return busy


@given(first=st.integers(0, 90), days=st.integers(0, 60), cents=st.integers(1, 10**9))
def test_attribution_is_the_sum_of_daily_balances_and_adds_up(
    busy_book: Book, first: int, days: int, cents: int
) -> None:
    starts_on = NOV + timedelta(days=first)
    ends_on = starts_on + timedelta(days=days)
    with busy_book.reading() as books:
        found = balance_days(books, TERM, starts_on, ends_on)
        lines = list(posted(books, AsOf.now(books, ends_on), accounts=UNSPENT, term=TERM))
    daily = {
        code: sum(
            -line.usd
            for day in range(days + 1)
            for line in lines
            if line.agreement == code and line.effective_on <= starts_on + timedelta(days=day)
        )
        for code in ("U-1", "U-2", "U-3")
    }
    assert found == {code: cent_days for code, cent_days in daily.items() if cent_days > 0}
    if found:
        parts = split(cents, found)
        assert sum(parts.values()) == cents
        whole = sum(found.values())
        assert all(abs(part * whole - cents * found[code]) < whole for code, part in parts.items())


@given(
    cents=st.integers(0, 10**6),
    rows=st.dictionaries(
        st.sampled_from("ABCDE"), st.tuples(st.integers(1, 10**9), st.integers(0, 10**6)), min_size=1
    ),
)
def test_nobody_bears_more_than_their_limit(cents: int, rows: dict[str, tuple[int, int]]) -> None:
    weights = {name: weight for name, (weight, _) in rows.items()}
    limits = {name: limit for name, (_, limit) in rows.items()}
    if cents > sum(limits.values()):
        with pytest.raises(Refused, match="more than the agreements concerned have available"):
            split_within(cents, weights, limits)
        return
    parts = split_within(cents, weights, limits)
    assert sum(parts.values()) == cents
    assert all(0 <= part <= limits[name] for name, part in parts.items())


# ---- exchange differences


def test_a_revaluation_changes_values_and_no_amount(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    assert posted_by(book, BalancesRevalued(on=YEAR_END, term=TERM)) == [
        "1100 EUR1 +0 EUR worth -22727",
        "1900 +0 EUR worth +22727",
        "1900 -22727 USD",
        "2810 EUR1 +22727 USD",
    ]
    require_sound(book)


def test_the_next_revaluation_carries_only_what_changed(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    tell(book, rates(date(2022, 1, 1), "0.80"), BalancesRevalued(on=YEAR_END, term=TERM))
    with pytest.raises(Refused, match="were revalued on 2021-12-31 already"):
        tell(book, BalancesRevalued(on=DEC, term=TERM))
    lines = posted_by(book, BalancesRevalued(on=date(2022, 1, 31), term=TERM))
    assert lines[0] == "1100 EUR1 +0 EUR worth +97727"  # 10,750.00 - (10,000.00 - 227.27)
    assert lines[-1] == "2810 EUR1 -97727 USD"
    with pytest.raises(Refused, match="stand at their value of 2022-02-01 already"):
        tell(book, rates(date(2022, 2, 1), "0.80"), BalancesRevalued(on=date(2022, 2, 1), term=TERM))


def test_a_payment_out_realises_its_part(book: Book) -> None:
    """8,600 EUR came in at US$10,000.00, stand at US$9,772.73; half is sold for US$5,000.00."""
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    tell(book, BalancesRevalued(on=DEC, term=TERM))
    assert posted_by(book, changed("X-1", 4_300_00, 5_000_00)) == [
        "1100 USD1 +500000 USD",
        "1100 EUR1 -430000 EUR worth -488636",
        "1900 +430000 EUR worth +488636",
        "1900 -500000 USD",
        "2800 -11364 USD",
        "1900 +11364 USD",
        "2810 EUR1 -11364 USD",
        "2800 +11364 USD",
    ]
    require_sound(book)


def test_a_realised_gain_goes_by_average_balances(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    tell(book, gift("U-1", 30_000_00), changed("X-1", 8_600_00, 10_400_00))
    event = DifferencesAttributed(**span(NOV, DEC))
    assert posted_by(book, event) == ["2800 +40000 USD", "2200 A1 -10000 USD", "2200 U-1 -30000 USD"]
    with pytest.raises(Refused, match="No realised difference"):
        tell(book, DifferencesAttributed(**span(NOV, DEC, "S-2")))
    require_sound(book)


def test_nobody_bears_more_of_a_loss_than_they_have_available(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    tell(book, gift("U-1", 30_000_00))
    tell(book, allocation("b" * 64, {"T-1": {"U-1": 29_999_00}}))
    tell(book, changed("X-1", 8_600_00, 9_600_00))
    event = DifferencesAttributed(**span(NOV, DEC))
    assert posted_by(book, event) == ["2800 -40000 USD", "2200 A1 +39900 USD", "2200 U-1 +100 USD"]
    with book.reading() as books:
        assert available(books, TERM) == {"A1": 9_601_00}
        drawn = build_statement(books, "CITY", TERM, AsOf.now(books, YEAR_END))
    assert drawn.exchange.cents == -399_00
    assert render_statement(drawn).startswith(b"%PDF")


def test_a_revaluation_needs_a_rate_only_for_money_that_is_there(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    with pytest.raises(Refused, match="no UN operational rate for EUR in 2022-03"):
        tell(book, BalancesRevalued(on=date(2022, 3, 31), term=TERM))
    tell(book, changed("X-1", 8_600_00, 10_000_00))
    with pytest.raises(Refused, match="already"):
        tell(book, BalancesRevalued(on=date(2022, 3, 31), term=TERM))


# ---- bank charges


def test_a_bank_charge_is_borne_by_what_is_available(book: Book) -> None:
    tell(book, gift("U-1", 300_00), gift("U-2", 100_00), agreement("A9", ends_on=DEC - timedelta(days=1)))
    tell(book, contribution("D-1", "A9", "USD", 10_000_00))
    assert posted_by(book, charge("C-1", 10_01)) == [
        "3170 U-1 +751 USD",
        "3170 U-2 +250 USD",
        "1100 USD1 -1001 USD",
    ]
    with book.reading() as books:
        assert available(books, TERM) == {"A9": 10_000_00, "U-1": 292_49, "U-2": 97_50}
    require_sound(book)


def test_a_charge_in_another_currency_is_worth_what_it_is_on_the_day(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 8_600_00))
    assert posted_by(book, charge("C-1", 88_00, "EUR")) == [
        "3170 A1 +10000 USD",
        "1100 EUR1 -8800 EUR worth -10233",
        "1900 +8800 EUR worth +10233",
        "1900 -10000 USD",
        "2800 +233 USD",
        "1900 -233 USD",
    ]


@pytest.mark.parametrize("event", [charge("C-1", 5_00, "EUR"), changed("X-1", 5_00, 6_00)])
def test_money_that_is_not_there_has_no_value_and_does_not_leave(book: Book, event: Event) -> None:
    """Nothing stands on the account, so nothing is split; the money is missed, and no sum divided by it."""
    tell(book, gift("U-1", 100_00))
    with pytest.raises(Refused, match="There is 5.00 EUR too little on 1100 Cash at bank"):
        tell(book, event)


def test_what_a_bank_charge_has_used_is_not_allocated_again(book: Book) -> None:
    tell(book, gift("U-1", 300_00), charge("C-1", 10_00))
    with pytest.raises(Refused, match=r"US\$10\.00 more than agreement U-1 has available"):
        tell(book, allocation("a" * 64, {"T-1": {"U-1": 300_00}}))
    tell(book, allocation("a" * 64, {"T-1": {"U-1": 290_00}}))
    with pytest.raises(Refused, match="more than the running agreements have available"):
        tell(book, charge("C-2", 1))


def test_a_bank_charge_stands_in_the_statement(book: Book) -> None:
    tell(book, gift("U-1", 300_00), charge("C-1", 10_00))
    with book.reading() as books:
        drawn = build_statement(books, "FOUND", TERM, AsOf.now(books, YEAR_END), "en")
    assert (drawn.bank_charges.cents, drawn.used.cents, drawn.balance.available.cents) == (
        10_00,
        10_00,
        290_00,
    )
    assert drawn.balance.allocated.cents == 0
    assert render_statement(drawn).startswith(b"%PDF")


# ---- refunds and write-offs


def test_a_refund_is_agreed_and_then_paid(book: Book) -> None:
    tell(book, gift("U-1", 300_00))
    assert posted_by(book, refund("R-1", 100_00)) == ["2200 U-1 +10000 USD", "2700 U-1 -10000 USD"]
    paid = RefundPaid(on=JAN, refund="R-1", reference="B-1", bank_account="USD1")
    assert posted_by(book, paid) == ["2700 U-1 +10000 USD", "1100 USD1 -10000 USD"]
    with pytest.raises(Refused, match="R-1 was paid on 2022-01-10 already"):
        tell(book, RefundPaid(on=JAN, refund="R-1", reference="B-2", bank_account="USD1"))
    require_sound(book)


def test_no_more_is_refunded_than_is_available(book: Book) -> None:
    tell(book, gift("U-1", 300_00), charge("C-1", 10_00))
    with pytest.raises(Refused, match=r"U-1 has US\$290\.00 available"):
        tell(book, refund("R-1", 290_01))
    tell(book, refund("R-1", 290_00))


def test_a_receivable_is_written_off_at_what_it_is_carried_at(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E-1", "A1", "EUR", 4_300_00))
    lost = ReceivableWrittenOff(
        on=DEC, reference="W-1", agreement="A1", amount=money("EUR", 4_300_00), reason="budget cut"
    )
    assert posted_by(book, lost) == [
        "2100 A1 +430000 EUR worth +500000",
        "1200 A1 -430000 EUR worth -500000",
    ]
    with pytest.raises(Refused, match=r"still owes .*: write off no more than that"):
        tell(book, lost.model_copy(update={"reference": "W-2"}))


# ---- all of them


REVERSIBLE: list[Event] = [
    unidentified(),
    identified("N-9", agreement="A1"),
    identified("N-9", donor="FOUND"),
    interest("I-1", 5_00),
    InterestAttributed(**span(NOV, JAN)),
    BalancesRevalued(on=YEAR_END, term=TERM),
    DifferencesAttributed(**span(NOV, JAN)),
    changed("X-2", 100_00, 120_00),
    charge("C-1", 88_00, "EUR"),
    refund("R-1", 10_00),
    RefundPaid(on=JAN, refund="R-9", reference="B-1", bank_account="USD1"),
    ReceivableWrittenOff(on=DEC, reference="W-1", agreement="A1", amount=money("EUR", 1_00), reason="cut"),
]


@pytest.mark.parametrize("event", REVERSIBLE, ids=lambda event: event.kind)
def test_every_event_can_be_reversed(book: Book, event: Event) -> None:
    tell(
        book,
        agreement("A1", amount=money("EUR", 17_200_00)),
        contribution("E-1", "A1", "EUR", 4_300_00),
        gift("U-1", 300_00),
        unidentified("N-9", "EUR", 1_000_00),
        interest("I-9", 5_00),
        changed("X-9", 430_00, 520_00, NOV),
        refund("R-9", 20_00),
    )
    require_reversible(book, event)
