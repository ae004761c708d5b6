"""Donors, pledges, agreements, contributions: who gives, what it is worth, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from donors import (
    AgreementAmended,
    AgreementSigned,
    BankAccountOpened,
    BankChargePaid,
    ContributionReceived,
    CurrencyChanged,
    DonorRegistered,
    Earmark,
    GoodsReceived,
    GoodsUsed,
    InterestReceived,
    PledgeRecorded,
    PledgeWithdrawn,
    ReceivableWrittenOff,
    ServiceReceived,
    UnidentifiedReceived,
    agreements,
    bank_accounts,
    contributions,
    donors,
    get_agreement,
    identify,
    in_kind_gifts,
    open_pledges,
    pledge_ageing,
    taken_from_goods,
)
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    Event,
    NotFound,
    RatesPublished,
    Refused,
    balances_by,
    posted,
    total,
)
from tests.support.event_lines import posted_by, require_sound
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    advice,
    agreement,
    contribution,
    gift,
    goods,
    money,
    pledge,
    service,
    taken_back,
    tell,
)


def refused(book: Book, event: Event, because: str) -> None:
    with pytest.raises((Refused, NotFound), match=because):
        tell(book, event)


# ---- donors


def test_a_donor_is_known_by_code(book: Book) -> None:
    with book.reading() as books:
        city, foundation = donors(books)
    assert (city.code, city.type, city.country, city.language) == ("CITY", "city", "KOR", "en")
    assert (foundation.code, foundation.country, foundation.language) == ("FOUND", "", "fr")
    again = DonorRegistered(on=DEC, code="CITY", name="Another city", type="city")
    refused(book, again, "donor:CITY' is in the books already")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"country": "XXX"}, "country: There is no country 'XXX'"),
        ({"country": "kor"}, "country: There is no country 'kor'"),
        ({"type": "person"}, "type: Input should be 'city', 'government', 'multilateral', 'private' or"),
        ({"code": "no spaces"}, "code: String should match"),
        ({"name": ""}, "name: String should have at least 1"),
        ({"language": "de"}, "language: Input should be"),
        ({"contact": "somebody"}, "contact: Extra inputs are not permitted"),
    ],
)
def test_a_donor_that_cannot_be_registered(given: dict[str, Any], reason: str) -> None:
    usual = {"on": NOV, "code": "NEW", "name": "Example", "type": "city"}
    with pytest.raises(BadInput, match=f"The donor registered cannot be recorded: {reason}"):
        DonorRegistered.make(**usual | given)


# ---- pledges


def test_a_pledge_is_a_memo_and_no_asset(book: Book) -> None:
    assert posted_by(book, pledge("P1")) == [
        "9100 CITY +10000000 EUR worth +11627907",
        "9190 CITY -10000000 EUR worth -11627907",
    ]
    with book.reading() as books:
        assert [each.code for each in open_pledges(books)] == ["P1"]


def test_an_agreement_keeps_its_pledge(book: Book) -> None:
    tell(book, pledge("P1"), pledge("P2"))
    lines = posted_by(book, agreement("A1", amount=money("EUR", 90_000_00), pledge="P1"))
    assert lines[2:] == ["9100 CITY -10000000 EUR worth -11627907", "9190 CITY +10000000 EUR worth +11627907"]
    with book.reading() as books:
        assert [each.code for each in open_pledges(books)] == ["P2"]
        assert total(books, "9100").amount == 100_000_00
    refused(book, agreement("A2", pledge="P1"), "pledge P1 was kept on 2021-11-10 already")


def test_a_pledge_is_withdrawn_at_the_value_it_was_recorded_with(book: Book) -> None:
    tell(book, pledge("P1"))
    assert posted_by(book, PledgeWithdrawn(on=DEC, pledge="P1", reason="budget cut")) == [
        "9100 CITY -10000000 EUR worth -11627907",
        "9190 CITY +10000000 EUR worth +11627907",
    ]
    with book.reading() as books:
        assert open_pledges(books) == []
        assert [each.code for each in open_pledges(books, effective_to=NOV)] == ["P1"]
        assert balances_by(books, "9100", "donor") == {}
    refused(book, agreement("A1", pledge="P1"), "pledge P1 was withdrawn on 2021-12-10 already")


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (agreement("A1", pledge="NONE"), "no pledge 'NONE'"),
        (agreement("A1", donor="FOUND", pledge="P1"), "pledge P1 is not FOUND's"),
        (PledgeWithdrawn(on=DEC, pledge="NONE", reason="?"), "no pledge 'NONE'"),
        (pledge("P2").model_copy(update={"donor": "NOBODY"}), "no donor 'NOBODY'"),
        (pledge("P2").model_copy(update={"term": "2030-2032"}), "no term '2030-2032'"),
        (
            pledge("P2").model_copy(update={"on": date(2023, 11, 1)}),
            "too late for the term 2021-2023, which ended",
        ),
        (PledgeWithdrawn(on=date(2021, 11, 9), pledge="P1", reason="?"), "was recorded on 2021-11-10, so it"),
        (agreement("A1", on=date(2021, 11, 9), pledge="P1"), "was recorded on 2021-11-10, so it cannot end"),
        (pledge("P2", currency="DEM"), "DEM was not legal tender on 2021-11-10"),
    ],
)
def test_a_pledge_that_is_refused(book: Book, event: Event, because: str) -> None:
    tell(book, pledge("P1"))
    refused(book, event, because)


def test_a_term_is_pledged_for_before_it_begins(book: Book) -> None:
    tell(book, pledge("P1", 5_000_00, "USD").model_copy(update={"on": date(2021, 10, 1)}))
    with book.reading() as books:
        assert [each.code for each in open_pledges(books, effective_to=date(2021, 10, 31))] == ["P1"]
        assert open_pledges(books, effective_to=date(2021, 9, 30)) == []


@pytest.mark.parametrize("ends", ["withdrawn", "taken back"])
def test_a_pledge_that_ended_is_what_stood_on_its_memo_account_on_a_day(book: Book, ends: str) -> None:
    (made,) = tell(book, pledge("P1", 5_000_00, "USD"))
    if ends == "withdrawn":
        (made,) = tell(book, PledgeWithdrawn(on=NOV, pledge="P1", reason="budget cut"))
    tell(book, EntryReversed(on=LATER, entry=made.seq, reason="a mistake"))
    with book.reading() as books:
        for on in (NOV, DEC, LATER):
            as_of = AsOf.now(books, on)
            stood = sum(line.usd for line in posted(books, as_of, accounts=("9100",)))
            assert sum(age.cents for age in pledge_ageing(books, as_of)) == stood


# ---- agreements


def test_an_agreement_is_receivable_in_its_own_currency(book: Book) -> None:
    assert posted_by(book, agreement("A2", amount=money("KRW", 60_000_000))) == [
        "1200 A2 +60000000 KRW worth +5128205",
        "2100 A2 -60000000 KRW worth -5128205",
    ]
    with book.reading() as books:
        signed = get_agreement(books, "A2")
    assert (signed.donor, signed.amount, signed.gift) == ("CITY", money("KRW", 60_000_000), False)


def test_what_no_book_can_hold_is_refused(book: Book) -> None:
    refused(
        book, agreement("A1", amount=money("EUR", 2**63 - 1)), "more on account 1200 than a book can hold"
    )


def test_an_agreement_on_gifts_in_kind_only_has_no_lines(book: Book) -> None:
    assert posted_by(book, agreement("A3", amount=money("USD", 0))) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"ends_on": date(2021, 10, 31)}, "must not end before it starts"),
        ({"amount": money("USD", -1)}, "must not be negative"),
        ({"earmark": {"countries": ["XXX"]}}, "earmark.countries: There is no country 'XXX'"),
        ({"earmark": {"regions": ["Europe"]}}, "earmark.regions.0: Input should be 'Africa'"),
        ({"earmark": {"colour": "red"}}, "earmark.colour: Extra inputs"),
        ({"code": ""}, "code: String should match"),
    ],
)
def test_an_agreement_that_cannot_be_signed(given: dict[str, Any], reason: str) -> None:
    fields = agreement("A9").model_dump() | {"amount": money("USD", 1)} | given
    with pytest.raises(BadInput, match=reason):
        AgreementSigned.make(**fields)


@pytest.mark.parametrize(
    ("earmark", "level"),
    [
        ({}, "unearmarked"),
        ({"work_areas": [2]}, "softly"),
        ({"clusters": ["ESD"]}, "softly"),
        ({"regions": ["Africa"]}, "softly"),
        ({"income_groups": ["low-income"]}, "softly"),
        ({"ldc": True}, "softly"),
        ({"countries": ["KEN"]}, "earmarked"),
        ({"countries": ["KEN"], "regions": ["Africa"]}, "earmarked"),
        ({"activities": ["T-1"]}, "tightly"),
        ({"activities": ["T-1"], "countries": ["KEN"], "ldc": True}, "tightly"),
    ],
)
def test_the_level_follows_from_the_rule(book: Book, earmark: dict[str, Any], level: str) -> None:
    tell(book, agreement("A1", earmark=Earmark.model_validate(earmark)))
    with book.reading() as books:
        assert get_agreement(books, "A1").earmark.level == level


# ---- contributions


def test_euro_under_an_agreement_become_the_dollars_of_the_day(book: Book) -> None:
    """Signed at 0.86 to the dollar, half of it received at 0.88: the difference is nobody's."""
    tell(book, agreement("A1", amount=money("EUR", 100_000_00)))
    assert posted_by(book, contribution("E-1", "A1", "EUR", 50_000_00, DEC)) == [
        "1100 EUR1 +5000000 EUR worth +5681818",
        "1200 A1 -5000000 EUR worth -5813954",
        "2100 A1 +5000000 EUR worth +5813954",
        "1900 -5000000 EUR worth -5681818",
        "1900 +5681818 USD",
        "2200 A1 -5681818 USD",
    ]
    require_sound(book)


def test_won_have_no_cents(book: Book) -> None:
    tell(book, agreement("A2", amount=money("KRW", 60_000_000)))
    assert posted_by(book, contribution("K-1", "A2", "KRW", 1, DEC)) == [
        "1100 KRW1 +1 KRW worth +0",
        "1200 A2 -1 KRW worth +0",
        "2100 A2 +1 KRW worth +0",
        "1900 -1 KRW worth +0",
    ]
    assert posted_by(book, contribution("K-2", "A2", "KRW", 59_999_999, DEC)) == [
        "1100 KRW1 +59999999 KRW worth +5084746",
        "1200 A2 -59999999 KRW worth -5128205",
        "2100 A2 +59999999 KRW worth +5128205",
        "1900 -59999999 KRW worth -5084746",
        "1900 +5084746 USD",
        "2200 A2 -5084746 USD",
    ]
    require_sound(book)


def test_when_the_last_of_it_arrives_nothing_stays_receivable(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 100_00)))
    tell(book, *(contribution(f"E-{part}", "A1", "EUR", 33_33 + (part == 3), DEC) for part in (1, 2, 3)))
    with book.reading() as books:
        assert total(books, "1200", agreement="A1") == total(books, "2100", agreement="A1") == (0, 0)


def test_dollars_need_no_clearing(book: Book) -> None:
    tell(book, agreement("A9"))
    assert posted_by(book, contribution("D-1", "A9", "USD", 4_000_00)) == [
        "1100 USD1 +400000 USD",
        "1200 A9 -400000 USD",
        "2100 A9 +400000 USD",
        "2200 A9 -400000 USD",
    ]


def test_a_gift_stands_as_an_agreement_of_its_own(book: Book) -> None:
    assert posted_by(book, gift("E-9", 86_00, "EUR")) == [
        "1100 EUR1 +8600 EUR worth +10000",
        "1900 -8600 EUR worth -10000",
        "1900 +10000 USD",
        "2200 E-9 -10000 USD",
    ]
    with book.reading() as books:
        (given,) = agreements(books, donor="FOUND", term=TERM)
        (received,) = contributions(books, agreements=["E-9"])
    assert (given.code, given.gift, given.earmark.level) == ("E-9", True, "unearmarked")
    assert (given.starts_on, given.ends_on) == (NOV, date(2023, 10, 31))
    assert (received.reference, received.amount, received.received_on) == ("E-9", money("EUR", 86_00), NOV)


def in_yen(minor: int) -> ContributionReceived:
    return contribution("Y-1", "A1", "EUR", 100).model_copy(update={"amount": money("JPY", minor)})


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (
            contribution("E-2", "A1", "EUR", 100_000_01),
            r"100,000\.01 EUR is more than agreement A1 still owes",
        ),
        (
            contribution("E-2", "A1", "EUR", 1, date(2022, 6, 1)),
            "on 2022-06-01 is outside the dates of agreement A1",
        ),
        (contribution("E-2", "A1", "EUR", 1, date(2021, 11, 9)), "outside the dates of agreement A1"),
        (contribution("E-2", "NONE", "EUR", 1), "no agreement 'NONE'"),
        (contribution("E-2", "A1", "USD", 1), "agreement A1 is in EUR, not in USD"),
        (in_yen(1), "bank account EUR1 holds EUR, not JPY"),
        (contribution("E-2", "A1", "CHF", 1), "no bank account 'CHF1'"),
        (gift("U-2", 100, on=date(2023, 11, 1)), "outside the term"),
        (gift("U-2", 100, "EUR", on=LATER), "no UN operational rate for EUR in 2022-03"),
        (gift("A1", 100), "There is an agreement 'A1' already: choose another code"),
    ],
)
def test_a_contribution_that_is_refused(book: Book, event: Event, because: str) -> None:
    dates = {"starts_on": NOV, "ends_on": date(2022, 5, 31)}
    tell(book, agreement("A1", amount=money("EUR", 100_000_00), **dates))
    refused(book, event, because)


def test_money_that_came_before_the_signature_waits_for_it(book: Book) -> None:
    """Else the agreement would owe less than nothing until then."""
    tell(book, agreement("A1", on=DEC))
    refused(
        book, contribution("X-1", "A1", "USD", 1_00), r"owed on 2021-11-10 \(0\.00 USD\), for it was signed"
    )
    unknown = UnidentifiedReceived(
        on=NOV, reference="X-1", term=TERM, bank_account="USD1", amount=money("USD", 1_00)
    )
    tell(book, unknown)
    with book.reading() as books:
        found = identify(books, "X-1", on=LATER, agreement="A1")
    assert found.on == DEC
    tell(book, found)


def test_money_above_what_was_owed_waits_for_the_amendment(book: Book, tmp_path: Path) -> None:
    proof = advice(book, tmp_path)
    more = AgreementAmended(
        on=DEC, agreement="A1", number=1, amount=money("USD", 11_000_00), reason="more", evidence=proof
    )
    tell(book, agreement("A1"), more)
    refused(book, contribution("X-1", "A1", "USD", 10_000_01), r"owed on 2021-11-10 \(10,000\.00 USD\)")
    for code, cents in (("X-2", 10_000_00), ("X-3", 10_000_01)):
        came = UnidentifiedReceived(
            on=NOV, reference=code, term=TERM, bank_account="USD1", amount=money("USD", cents)
        )
        tell(book, came)
    with book.reading() as books:
        days = [identify(books, code, on=LATER, agreement="A1").on for code in ("X-2", "X-3")]
    assert days == [NOV, DEC]


def test_what_was_reversed_later_does_not_hold_up_the_money_of_its_day(book: Book, tmp_path: Path) -> None:
    (wrong,) = tell(book, agreement("A1"), contribution("X-1", "A1", "USD", 9_000_00))[1:]
    tell(book, EntryReversed(on=LATER, entry=wrong.seq, reason="another reference"))
    longer = AgreementAmended(
        on=DEC,
        agreement="A1",
        number=1,
        ends_on=date(2024, 1, 1),
        reason="longer",
        evidence=advice(book, tmp_path),
    )
    tell(book, longer, contribution("X-2", "A1", "USD", 10_000_00))


def test_a_little_too_much_after_a_part_is_refused(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 100_00)), contribution("E-1", "A1", "EUR", 60_00))
    refused(book, contribution("E-2", "A1", "EUR", 40_01), r"still owes \(40\.00 EUR\)")
    tell(book, contribution("E-2", "A1", "EUR", 40_00))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"amount": money("USD", 0), "agreement": "A1"}, "amount: it must be more than zero"),
        ({"amount": money("USD", 1), "agreement": "A1", "donor": "CITY"}, "not both"),
        ({"amount": money("USD", 1)}, "give the agreement, or the donor and the term"),
        ({"amount": money("USD", 1), "donor": "CITY"}, "give the agreement, or the donor and the term"),
        (
            {"amount": {"currency": "USD", "minor": 1.0}, "agreement": "A1"},
            "amount.minor: Input should be a valid integer",
        ),
    ],
)
def test_a_contribution_says_whose_it_is_and_how_much(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        ContributionReceived.make(on=NOV, reference="X", bank_account="USD1", **given)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (PledgeRecorded, "amount"),
        (CurrencyChanged, "sold"),
        (CurrencyChanged, "bought"),
        (BankChargePaid, "amount"),
        (InterestReceived, "amount"),
        (UnidentifiedReceived, "amount"),
        (ReceivableWrittenOff, "amount"),
        (GoodsReceived, "value"),
    ],
)
def test_there_is_no_event_of_no_money(kind: type[Event], field: str) -> None:
    """Other fields are missing, which pydantic reports as well."""
    told = {"on": NOV, field: money("USD", 0)}
    with pytest.raises(ValidationError, match=f"(?m)^{field}\n.*it must be more than zero"):
        kind.model_validate(told)


# ---- the bank


def test_a_bank_account_holds_one_currency(book: Book) -> None:
    with book.reading() as books:
        assert [(each.code, each.currency) for each in bank_accounts(books)] == [
            ("EUR1", "EUR"),
            ("KRW1", "KRW"),
            ("USD1", "USD"),
        ]
    kuna = {"code": "HRK1", "name": "kuna account", "currency": "HRK"}
    tell(book, BankAccountOpened(on=NOV, **kuna))
    refused(
        book,
        BankAccountOpened(on=date(2023, 6, 1), **kuna | {"code": "HRK2"}),
        "HRK was not legal tender on 2023-06-01",
    )


def test_money_that_changes_currency_realises_a_difference(book: Book) -> None:
    """10,000 euro carried at 11,627.90 dollars were sold for 11,000."""
    tell(book, gift("E-9", 20_000_00, "EUR"))
    sale = CurrencyChanged(
        on=DEC,
        reference="X-1",
        term=TERM,
        sold_from="EUR1",
        sold=money("EUR", 10_000_00),
        bought_into="USD1",
        bought=money("USD", 11_000_00),
    )
    assert posted_by(book, sale) == [
        "1100 USD1 +1100000 USD",
        "1100 EUR1 -1000000 EUR worth -1162790",
        "1900 +1000000 EUR worth +1162790",
        "1900 -1100000 USD",
        "2800 +62790 USD",
        "1900 -62790 USD",
    ]
    require_sound(book)
    too_much = sale.model_copy(update={"reference": "X-2", "sold": money("EUR", 10_000_01)})
    refused(book, too_much, "too little on 1100 Cash at bank")


# ---- in kind


def test_goods_are_recognised_and_services_are_disclosed(book: Book, tmp_path: Path) -> None:
    proof = advice(book, tmp_path)
    tell(book, agreement("A1", amount=money("USD", 0)))
    assert posted_by(book, goods("GOODS", proof)) == ["1400 A1 +1000000 USD", "2400 A1 -1000000 USD"]
    assert posted_by(book, service("HOST", proof)) == ["9300 A1 +1000000 USD", "9390 A1 -1000000 USD"]
    with book.reading() as books:
        gifts = in_kind_gifts(books, agreements=["A1"])
        assert [(each.code, each.form) for each in gifts] == [("GOODS", "goods"), ("HOST", "hosting")]
        assert gifts[0].basis == "invoice (8,800.00 EUR)"
        assert gifts[0].evidence == (proof[0].sha256,)
        assert in_kind_gifts(books, effective_to=NOV) == []


def test_goods_are_used_up_to_what_there_is(book: Book, tmp_path: Path) -> None:
    tell(book, agreement("A1", amount=money("USD", 0)), goods("GOODS", advice(book, tmp_path)))
    use = GoodsUsed(on=DEC, reference="GU-1", goods="GOODS", activity="T-1", value=4_000_00)
    assert posted_by(book, use) == ["3300 A1 T-1 +400000 USD", "1400 A1 -400000 USD"]
    with book.reading() as books:
        assert list(taken_from_goods(books, "GOODS").values()) == [4_000_00]
    more = use.model_copy(update={"reference": "GU-2", "value": 6_000_01})
    refused(book, more, r"only US\$6,000\.00 is left")
    tell(book, more.model_copy(update={"value": 6_000_00}))
    require_sound(book)


def test_a_service_is_not_used(book: Book, tmp_path: Path) -> None:
    tell(book, agreement("A1", amount=money("USD", 0)), service("HOST", advice(book, tmp_path)))
    use = GoodsUsed(on=DEC, reference="GU-1", goods="HOST", activity="T-1", value=1)
    refused(book, use, "HOST is a hosting: only goods are held")


@pytest.mark.parametrize("kind", [GoodsReceived, ServiceReceived])
def test_a_value_in_kind_needs_evidence(kind: type[GoodsReceived | ServiceReceived]) -> None:
    given: dict[str, Any] = {
        "on": DEC,
        "code": "GOODS",
        "agreement": "A1",
        "description": "Thirty laptops",
        "value": money("USD", 100),
        "basis": "invoice",
    }
    if kind is ServiceReceived:
        given["form"] = "service"
    with pytest.raises(BadInput, match="a value in kind needs evidence: attach the file that proves it"):
        kind.make(**given, evidence=())
    with pytest.raises(BadInput, match="evidence: Field required"):
        kind.make(**given)


def test_gifts_in_kind_come_within_the_agreement(book: Book, tmp_path: Path) -> None:
    dates = {"starts_on": NOV, "ends_on": date(2021, 12, 1)}
    tell(book, agreement("A1", amount=money("USD", 0), **dates))
    refused(book, goods("GOODS", advice(book, tmp_path)), "outside the dates of agreement A1")


def test_a_rate_that_comes_later_changes_nothing_that_was_posted(book: Book) -> None:
    tell(book, gift("E-9", 86_00, "EUR"))
    tell(book, RatesPublished(on=date(2021, 11, 10), rates={"EUR": "0.5"}, source="example"))
    with book.reading() as books:
        assert total(books, "2200", agreement="E-9").usd == -100_00
    tell(book, gift("E-10", 86_00, "EUR"))
    with book.reading() as books:
        assert total(books, "2200", agreement="E-10").usd == -172_00
    require_sound(book)


# ---- taking back


def test_what_others_depend_on_cannot_be_reversed(book: Book, tmp_path: Path) -> None:
    """No balance would go wrong, but the books would speak of donors and agreements that they lack."""
    (registered,) = tell(book, DonorRegistered(on=NOV, code="NEW", name="Example port", type="city"))
    (announced,) = tell(book, pledge("P1").model_copy(update={"donor": "NEW"}))
    refused(book, taken_back(registered), r"while entry \d+ \(pledge recorded\) builds on it")
    in_kind_only = agreement("A1", donor="NEW", amount=money("USD", 0), pledge="P1")
    (signed,) = tell(book, in_kind_only)
    refused(book, taken_back(announced), r"while entry \d+ \(agreement signed\) builds on it")
    (given,) = tell(book, goods("GOODS", advice(book, tmp_path)))
    refused(book, taken_back(signed), r"while entry \d+ \(goods received\) builds on it")
    tell(book, *(taken_back(entry) for entry in (given, signed, announced, registered)))
    with book.reading() as books:
        assert [each.code for each in donors(books)] == ["CITY", "FOUND"]
    require_sound(book)


def test_a_reversed_agreement_leaves_its_pledge_open(book: Book) -> None:
    tell(book, pledge("P1"))
    (signed,) = tell(book, agreement("A1", amount=money("EUR", 100), pledge="P1"))
    tell(book, taken_back(signed))
    with book.reading() as books:
        assert [each.code for each in open_pledges(books)] == ["P1"]
        assert total(books, "9100").amount == 100_000_00
