"""Rules of the reliability machine: entries are taken back; months, years and the term are closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hypothesis.stateful import precondition, rule

from allocation import TermClosed, YearEnded
from ledger import EntryReversed, PeriodClosed, PeriodReopened
from tests.support.fund_model import ENDS, NEXT, Figures, Key
from tests.support.machine.base import DAYS, PICK, SELDOM, Told, these
from tests.support.small_books import DEC, LATER, NOV, TERM, tell

USES = ("used", "goods used", "goods lost", "charged")


def without(figures: Mapping[Key, int]) -> Figures:
    """The change that takes figures away."""
    return these(*((key, -figure) for key, figure in figures.items()))


class CloseRules(Told):
    # ---- entries are taken back

    @precondition(lambda self: self.model.standing)
    @rule(back=PICK)
    def an_entry_is_reversed(self, back: int) -> None:
        newest_first = sorted(self.model.standing, reverse=True)
        self.reverse(newest_first[back % 16 % len(newest_first)])

    @precondition(lambda self: self.model.made)
    @rule(pick=PICK)
    def what_others_may_build_on_is_reversed(self, pick: int) -> None:
        self.reverse(sorted(self.model.made)[pick % len(self.model.made)])

    def reverse(self, seq: int) -> None:
        """An entry of a closed term stays; the close itself goes while nothing else of the next stands."""
        past = self.model.past.get(seq)
        if past and past.kind == TermClosed.kind:
            self.reverse_the_close(seq)
            return
        event = EntryReversed(on=self.model.now(LATER), entry=seq, reason="a mistake")
        if by := self.tell(event, without(past.change) if past else None):
            self.model.take_back(seq, by)

    def reverse_the_close(self, seq: int) -> None:
        ended = self.model.before
        assert ended is not None
        event = EntryReversed(on=self.model.now(LATER), entry=seq, reason="a mistake")
        if all(past.moves_nothing for each, past in self.model.standing.items() if each > seq):
            by = self.tell(event, without(ended.past[seq].change))
            self.model.take_back(seq, by)
            self.model.reopen(seq, by)
        elif self.model.figures["cash", "USD1"] < ended.figures["cash", "USD1"]:
            self.tell(event, None)

    # ---- months

    @rule(on=DAYS, pick=PICK)
    def a_month_is_closed(self, on: date, pick: int) -> None:
        on = self.model.now(on)
        if pick < SELDOM and not self.model.is_closed(on):
            self.turn(on)

    @precondition(lambda self: any(map(self.model.is_closed, self.days())))
    @rule()
    def a_month_is_reopened(self) -> None:
        for on in filter(self.model.is_closed, self.days()):
            self.turn(on)

    def days(self) -> tuple[date, date]:
        return self.model.now(NOV), self.model.now(DEC)

    def turn(self, on: date) -> None:
        """Close an open month, or reopen a closed one."""
        period, later = f"{on:%Y-%m}", self.model.now(LATER)
        times = self.model.turned[period] // 2 + 1
        event = (
            PeriodReopened(on=later, period=period, times=times, reason="a late advice")
            if self.model.is_closed(on)
            else PeriodClosed(on=later, period=period, times=times)
        )
        tell(self.book, event)
        self.taken[event.kind] += 1
        self.model.turned[period] += 1

    # ---- years and the term

    @rule(on=DAYS)
    def a_year_ends(self, on: date) -> None:
        on = self.model.now(on)
        used = self.model.used_until(on, *USES)
        change = without(used)
        for (name, agreement, *spot), by in used.items():
            if name == "used":
                change["allocated", agreement, spot[0]] -= by
            elif name in ("goods used", "goods lost"):
                change["in kind", agreement] -= by
        event = YearEnded(on=on, reference=self.code("Y"), term=TERM)
        self.tell(event, change if used else None)

    @precondition(lambda self: self.model.term == TERM)
    @rule(pick=PICK)
    def the_term_ends(self, pick: int) -> None:
        if pick >= SELDOM:
            return
        self.a_year_ends(DEC)
        on = max(ENDS[TERM], *(past.on for past in self.model.past.values()))
        used = any(figure for key, figure in self.model.figures.items() if key[0] in USES)
        services = {key: figure for key, figure in self.model.figures.items() if key[0] == "services"}
        event = TermClosed(on=on, reference=self.code("Z"), term=TERM, into=NEXT)
        if seq := self.tell(event, None if used else without(services)):
            self.model.close(seq)
