"""What all rules of the reliability machine share: a book and its model, told the same."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from allocation import TermClosed, YearEnded
from donors import DonorRegistered, dues
from ledger import Amount, AsOf, Event, Refused, TermOpened, attach
from ledger.currency.rates import RatesPublished
from tests.support.engines import READY, Shelf
from tests.support.fund_model import ENDS, NEXT, NEXT_RATES, Figures, Key, Model, Past
from tests.support.small_books import ACTIVITY_CODES, DEC, NOV, money, programme, reopened, tell

DAYS = st.sampled_from([NOV, DEC])
"""Of the first term; a rule plays them in the term that is open."""
CURRENCIES = st.sampled_from(["USD", "EUR", "KRW"])
MINOR = st.integers(1, 10_000_00)
PART = st.integers(1, 110)
"""Per cent of what there is: sometimes too much."""
ACTIVITY = st.sampled_from(ACTIVITY_CODES)
PICK = st.integers(0, 99)
SELDOM = 30

SETTLING = (YearEnded.kind, TermClosed.kind)
"""What only settles accounts may do so under what is closed."""

Change = tuple[Key, int]


def part_of(whole: int, per_cent: int) -> int:
    return max(1, whole * per_cent // 100)


def these(*changes: Change) -> Figures:
    found: Figures = Counter()
    for key, by in changes:
        found[key] += by
    return found


def cash(bank: str, minor: int, worth: int) -> tuple[Change, Change]:
    """Money on a bank account, and the US dollars that it is carried at."""
    return (("cash", bank), minor), (("worth", bank), worth)


def dollars(by: int) -> tuple[Change, Change]:
    """Money on the account in US dollars."""
    return cash("USD1", by, by)


class Told(RuleBasedStateMachine):
    """A book and its model, told the same."""

    def __init__(self, shelf: Shelf, taken: Counter[str]) -> None:
        super().__init__()
        self.shelf = shelf
        self.taken = taken
        """How often the books took each kind of event."""
        self.location = shelf.fresh(READY)
        self.book = reopened(self.location)
        self.model = Model()
        self.told: dict[str, tuple[int, str]] = {}
        """The entry and the words of each key: who tells the same again is answered with it."""
        self.number = 0
        with self.book.recording() as journal:
            self.evidence = (attach(journal.books, Path(__file__)),)
        tell(
            self.book,
            TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=ENDS[NEXT]),
            *(RatesPublished(on=on, rates=rates, source="example") for on, rates in NEXT_RATES.items()),
            programme().model_copy(update={"term": NEXT}),
            DonorRegistered(on=NOV, code="CORP", name="Example company", type="private"),
        )

    def code(self, sort: str) -> str:
        self.number += 1
        return f"{sort}-{self.number}"

    def has(self, sort: str) -> bool:
        return bool(self.model.codes(sort))

    def some(self, sort: str, pick: int) -> str:
        codes = self.model.codes(sort)
        return codes[pick % len(codes)]

    def sources(self) -> list[str]:
        """Whose money is available."""
        return sorted(code for code, figure in self.model.of("available").items() if figure)

    def part_of_cash(self, bank: str, per_cent: int) -> Amount:
        return money(bank[:3], part_of(self.model.figures["cash", bank], per_cent))

    def released(self, pledge: str) -> list[Change]:
        """A pledge that is open ends; nothing for one that has ended."""
        figures = self.model.figures.items()
        return [(key, -figure) for key, figure in figures if key[:2] == ("pledged", pledge) and figure]

    def require_dues(self, agreement: str) -> None:
        """What is owed under an agreement without instalments is due on the day the model says."""
        if agreement in self.model.in_parts:
            return
        with self.book.reading() as books:
            found = [each for each in dues(books, AsOf.now(books, date.max)) if each.agreement == agreement]
        still: Counter[date] = Counter()
        for each in found:
            still[each.due_on] += each.outstanding.minor
        assert dict(+still) == self.model.due(agreement), agreement

    def tell(self, event: Event, change: Figures | None, makes: tuple[str, str] | None = None) -> int:
        """Tell the book; the model says beforehand whether it must take it. The new entry, or 0."""
        if getattr(event, "term", ""):
            event = event.model_copy(update={"term": self.model.term})
        told, words = self.told.get(event.key, (0, ""))
        again = words == event.payload and told not in self.model.gone
        past = self.model.past.get(event.reverses)
        settles = (past.kind if past else event.kind) in SETTLING
        expected = again or (
            not told
            and self.model.allows(event.on, change, settles=settles)
            and not self.model.is_built_on(event.reverses)
        )
        try:
            (sealed,) = tell(self.book, event)
        except Refused as refusal:
            assert not expected, f"refused though allowed: {refusal}"
            return 0
        assert expected, f"taken though not allowed: {event!r}"
        if again:
            assert sealed.seq == told
            return 0
        assert change is not None
        self.taken[event.kind] += 1
        self.told[event.key] = sealed.seq, event.payload
        self.model.keep(sealed.seq, Past(event.on, event.kind, change), event.payload)
        if makes:
            self.model.made[sealed.seq] = makes
        return sealed.seq
