"""Balances: whatever happened, the registers are the sums of the lines, and the books balance."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, text

from allocation import AdvanceReturned, CommitmentCancelled, grants
from ledger import (
    CHART,
    AsOf,
    Balance,
    Book,
    EntryReversed,
    Event,
    NotFound,
    PostedLine,
    Refused,
    allotments,
    available,
    balances_by,
    get_entry,
    head,
    posted,
    total,
    trial_balance,
)
from tests.support.effort import effort
from tests.support.event_lines import FOREVER, require_sound
from tests.support.small_books import (
    ACTIVITY_CODES,
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    dump,
    file_of,
    gift,
    grant,
    money,
    report,
    tell,
    tranche,
)

SEEDS = range(effort(3, 40))
STEPS = 60
CURRENCY = {"A1": "EUR", "A2": "KRW", "A3": "USD"}
USE = [code for code, account in CHART.items() if account.account_class == "use"]


# ---- what must hold of any book


def lines_in(books: Connection) -> list[PostedLine]:
    return list(posted(books, AsOf.now(books, FOREVER)))


def require_balanced(books: Connection) -> None:
    """In every term: zero in each currency and in USD; assets are liabilities less use; memo apart."""
    sums: Counter[object] = Counter()
    for line in lines_in(books):
        memo = CHART[line.account].account_class == "memo"
        sums[line.term, memo, line.currency] += line.amount
        sums[line.term, memo, "value"] += line.usd
        sums["clearing"] += line.usd if line.account == "1900" else 0
    assert not any(sums.values())


def require_registers_of_lines(books: Connection) -> None:
    """Added up here line by line, not as the books do it."""
    amounts: Counter[tuple[str, ...]] = Counter()
    values: Counter[tuple[str, ...]] = Counter()
    for line in lines_in(books):
        key = (*line[5:12], line.currency)
        amounts[key] += line.amount
        values[key] += line.usd
    rows = books.execute(text("SELECT * FROM balance")).all()
    assert {tuple(row[:8]): (row[8], row[9]) for row in rows} == {
        key: (amounts[key], values[key]) for key in amounts
    }


def require_allotments_of_accounts(books: Connection) -> None:
    allotted = list(allotments(books, TERM))
    to_activities = [each for each in allotted if each.activity]
    assert sum(each.allocated for each in to_activities) == -total(books, "2300", term=TERM).usd
    assert sum(each.committed for each in allotted) == total(books, "9200", term=TERM).usd
    assert all(min(each.free, each.used, each.committed) >= 0 for each in allotted)
    in_money = [code for code in USE if not code.startswith("33")]
    assert sum(each.used for each in allotted) == sum(total(books, code, term=TERM).usd for code in in_money)


def require_use_of_donors(books: Connection) -> None:
    """All use is some agreement's: nothing is used that nobody gave."""
    for code in USE:
        shares = balances_by(books, code, "agreement")
        assert "" not in shares
        assert sum(share.usd for share in shares.values()) == total(books, code).usd


def require_all(books: Connection) -> None:
    require_balanced(books)
    require_registers_of_lines(books)
    require_allotments_of_accounts(books)
    require_use_of_donors(books)


def test_there_is_no_account_of_revenue() -> None:
    assert {code[0]: account.account_class for code, account in sorted(CHART.items())} == {
        "1": "asset",
        "2": "liability",
        "3": "use",
        "9": "memo",
    }


def test_the_played_book_balances(played_once: Book) -> None:
    with played_once.reading() as books:
        require_all(books)


# ---- anything in any order


def by_chance(draw: random.Random, number: int, books: Connection) -> Event:
    """An event, sensible or not: what the books refuse is part of the game."""
    code, on = f"N-{number}", draw.choice([NOV, DEC, DEC + timedelta(days=5)])
    cents = draw.choice([1, 99, 1_000_01, 3_333_33])
    source, activity = draw.choice([*available(books, TERM), "A1"]), draw.choice(ACTIVITY_CODES)
    held = draw.choice([each.code for each in grants(books)] or ["NONE"])
    signed, currency = draw.choice(list(CURRENCY.items()))
    events: list[Event] = [
        contribution(code, signed, draw.choice([currency, currency, "USD"]), cents, on),
        gift(code, cents, draw.choice(["EUR", "USD"]), on),
        allocation(f"{number:064}", {activity: {source: cents}}, on),
        grant(code, activity, cents, on),
        tranche(held, code, cents, on),
        report(held, code, on, staff=cents // 2 + 1, travel=cents // 3 + 1),
        AdvanceReturned(on=on, grant=held, reference=code, bank_account="USD1", cents=cents),
        CommitmentCancelled(on=on, grant=held, reference=code, reason="example"),
        EntryReversed(on=on, entry=head(books).seq - draw.randrange(6), reason="example"),
    ]
    return draw.choices(events, weights=[3, 3, 4, 4, 4, 3, 1, 1, 2])[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_books_balance(book: Book, seed: int) -> None:
    tell(book, *(agreement(code, amount=money(currency, 10**8)) for code, currency in CURRENCY.items()))
    tell(book, gift("U-1", 10**8), allocation("a" * 64, {"T-1": {"U-1": 10**7}}), grant("G-1", "T-1", 10**6))
    draw = random.Random(seed)
    recorded = refused = 0
    for number in range(STEPS):
        with book.reading() as books:
            event = by_chance(draw, number, books)
        before = dump(file_of(book))
        try:
            recorded += len(tell(book, event))
        except (Refused, NotFound):
            assert dump(file_of(book)) == before, "a refusal leaves nothing behind"
            refused += 1
        with book.reading() as books:
            require_all(books)
    assert min(recorded, refused) > STEPS // 4
    require_sound(book)


# ---- reading


def test_a_balance_is_asked_by_its_dimensions(played_once: Book) -> None:
    with played_once.reading() as books:
        assert total(books, "1100", currency="EUR") == Balance(30_000_00, 58_139_53 - 23_255_81)
        assert total(books, "1100", bank_account="KRW1") == Balance(30_000_000, 25_423_73)
        assert total(books, "1300", grant_code="G1", agreement="U-1").usd == 5_000_01 - 2_777_78 - 250_00
        assert total(books, "1100", bank_account="NONE") == Balance(0, 0)
        assert balances_by(books, "2300", "activity") == {
            "T-1": Balance(-40_000_01, -40_000_01),
            "T-2": Balance(-20_000_00, -20_000_00),
        }
        assert balances_by(books, "9100", "donor") == {}, "what is zero is left out"


def test_an_allotment_says_what_is_free(played_once: Book) -> None:
    with played_once.reading() as books:
        from_a1, from_gift = allotments(books, TERM, "T-1")
        assert (from_a1.agreement, from_a1.allocated) == ("A1", 30_000_00)
        assert (from_gift.agreement, from_gift.allocated) == ("U-1", 10_000_01)
        assert from_gift.free == 10_000_01 - from_gift.used - from_gift.committed
        assert available(books, TERM)["U-1"] == 40_000_00 - 10_000_01


def test_two_clocks_read_what_the_lines_say(played_once: Book) -> None:
    """The trial balance comes from monthly sums; here it is added up from the lines, day by day."""
    days = [date(2021, 10, 1), date(2021, 10, 31), NOV, date(2021, 11, 30), DEC, LATER, FOREVER]
    with played_once.reading() as books:
        for known_at in range(head(books).seq + 1):
            for day in days:
                as_of = AsOf(day, known_at)
                for term in (None, TERM, "2019-2021"):
                    sums: Counter[tuple[str, str]] = Counter()
                    for line in posted(books, as_of, **({"term": term} if term else {})):
                        sums[line.account, line.currency] += line.amount
                    stands = {
                        (row.account, row.currency): row.amount for row in trial_balance(books, as_of, term)
                    }
                    assert {key: amount for key, amount in stands.items() if amount} == {
                        key: amount for key, amount in sums.items() if amount
                    }


def test_lines_are_found_by_account_and_agreement(played_once: Book) -> None:
    with played_once.reading() as books:
        as_of = AsOf.now(books, FOREVER)
        use = list(posted(books, as_of, accounts=["3"], agreements=["U-1"]))
        assert {line.account for line in use} >= {"3110", "3150"}
        assert {line.agreement for line in use} == {"U-1"}
        assert list(posted(books, as_of, agreements=[])) == []
        won = list(posted(books, as_of, currency="KRW"))
        assert {get_entry(books, line.entry).kind for line in won} == {
            "agreement signed",
            "contribution received",
        }


def test_what_would_be_overdrawn_is_named(played: Book) -> None:
    with pytest.raises(
        Refused, match=r"There is 1\.00 USD too little on 1100 Cash at bank \(USD1\) for this"
    ):
        overdraw(played)


def overdraw(book: Book) -> None:
    """Commit and advance a dollar more than the dollar account holds: some of the money is in euro."""
    with book.reading() as books:
        holds = total(books, "1100", term=TERM, bank_account="USD1").usd
    plan = allocation("b" * 64, {"T-3": {"A1": 28_000_00, "U-1": 29_000_00}})
    tell(book, plan, grant("G9", "T-3", 57_000_00), tranche("G9", "1", holds + 1_00))
