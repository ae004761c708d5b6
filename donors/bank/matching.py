"""Matching: assigns bank lines to agreements, each with a verdict, a score and the reason.

A line is sure with a score of at least 75 of 100 (`donors.bank.scoring`), if no other agreement comes
near and nothing contradicts it, such as the code of another agreement or a payer who is another donor. With
75 points at least two of the three strong signs (code, donor, amount) agree; the points for a name that is
only like the donor's do not count for that. The result does not depend on the order of lines and agreements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from donors.bank.names import DonorNames
from donors.bank.owed import Owed
from donors.bank.scoring import MatchScore, match_scores
from donors.bank.statement import BankLine, dated_reference
from donors.bank.text import LineTexts

SURE = 75
"""The least score of a line that is recorded without a question."""
LEAD_MIN = 10
"""Points by which the best agreement must lead the next one."""
_LISTED_MAX = 3
"""Agreements that a reason names."""
DAYS_APART = 5
"""Days within which the same amount may be the same money under another reference."""

Verdict = Literal[
    "sure",
    "doubtful",
    "unknown",
    "booked",
    "proposed",
    "differs from the books",
    "perhaps booked",
    "payment out",
    "comes back",
]
"""`docs/bank-files.md` explains each, and what is recorded for it."""


@dataclass(frozen=True)
class BookedMoney:
    """Money received on a bank account, as recorded in the books or waiting in a proposal."""

    reference: str
    minor: int
    on: date
    where: str
    """For messages: `entry 12`, `proposal 3`."""
    waits: bool = False
    """Whether it is a proposal that waits for approval and is not in the books yet."""


@dataclass(frozen=True)
class Match:
    """The verdict on one bank line, and why."""

    line: BankLine
    verdict: Verdict
    agreement: str
    """The agreement that fits best; empty if none does."""
    score: int
    """0 to 100."""
    reason: str
    waits_for: str = ""
    """The unmet condition of an instalment that the money pays; empty if there is none."""


def match_lines(
    lines: Sequence[BankLine], currency: str, owed: Iterable[Owed], booked: Iterable[BookedMoney]
) -> list[Match]:
    """The verdict on each line, in their order. No agreement is matched to more than it owes.

    `owed` should have all agreements, also those that owe nothing, because a text may name them. `booked` is
    the money that the books and the proposals have on the same account.
    """
    known = _Known(booked, lines)
    named = [known.renamed(line) for line in lines]
    settled = {number: found for number, line in enumerate(named) if (found := known.look_up(line))}
    by_day: dict[date, list[int]] = {}
    for number, line in enumerate(named):
        if number not in settled:
            by_day.setdefault(line.booked_on, []).append(number)
    still_owed = _StillOwed(sorted(owed, key=lambda each: each.agreement), currency, lines)
    for day in sorted(by_day):
        clearest = {number: still_owed.best_score(named[number]) for number in by_day[day]}
        # Within a day the line with the highest score comes first, wherever it stands in the file.
        for number in sorted(clearest, key=lambda number: (-clearest[number], named[number].reference)):
            settled[number] = still_owed.serve(named[number])
    return [settled[number] for number in range(len(lines))]


class _StillOwed:
    """What each agreement owes, less the lines matched to it so far."""

    def __init__(self, owed: Sequence[Owed], currency: str, lines: Sequence[BankLine]) -> None:
        self._all = owed
        self._currency = currency
        self._before = [each for each in owed if each.amount.currency == currency]
        self._now = {each.agreement: each for each in self._before}
        self._donors: dict[str, set[str]] = {}
        """Codes of donors by their names."""
        for each in owed:
            self._donors.setdefault(each.donor_name, set()).add(each.donor)
        self._names = DonorNames(self._donors)
        self._taken_back = {-line.minor: line.booked_on for line in lines if line.reverses and line.minor < 0}

    def best_score(self, line: BankLine) -> int:
        """The score of the agreement that fits best; 0 if none does."""
        scores = self._scores(line, LineTexts.of(line), self._now.values())
        return max((each.score for each in scores), default=0)

    def _scores(self, line: BankLine, texts: LineTexts, owed: Iterable[Owed]) -> list[MatchScore]:
        return match_scores(line, texts, owed, self._names)

    def serve(self, line: BankLine) -> Match:
        """The verdict on a line; a sure one reduces what its agreement owes."""
        texts = LineTexts.of(line)
        fitting = self._scores(line, texts, self._now.values())
        back = self._taken_back.get(line.minor)
        taken_back = f"the bank takes the same amount back on {back}" if back else ""
        if not fitting:
            reason = f"{self._why_none(line, texts)}{f' But {taken_back}.' if back else ''}"
            return Match(line, "unknown", "", 0, reason)
        best = fitting[0]
        doubts = list(filter(None, [taken_back, *self._doubts(line, texts, best, fitting[1:])]))
        verdict: Verdict = "sure" if best.score >= SURE and not doubts else "doubtful"
        reason = f"{best.reason}; but {'; and '.join(doubts)}" if doubts else best.reason
        if verdict == "sure":
            self._now[best.owed.agreement] = best.owed.less(line.minor)
        return Match(line, verdict, best.owed.agreement, best.score, f"{reason}.", best.waits_for)

    def _doubts(
        self, line: BankLine, texts: LineTexts, best: MatchScore, others: Sequence[MatchScore]
    ) -> Iterator[str]:
        """The reasons against the agreement that fits best."""
        rival = next((each for each in others if best.score - each.score < LEAD_MIN), None)
        if rival is not None:
            yield f"{rival.owed.agreement} fits nearly as well: {rival.reason}"
        scored = {best.owed.agreement, rival.owed.agreement if rival else ""}
        named = [each for each in self._named(texts) if each.agreement not in scored]
        if named and best.owed.code.found_in(texts):
            too = _listed([each.agreement for each in named])
            yield f"the text names {too} too: it may pay for several agreements"
        elif named:
            yield f"the text names {named[0].agreement}: {self._unfit(line, named[0])}"
        payers, how = self._payers(texts)
        if payers and best.owed.donor not in payers:
            yield f"{how} {_listed(payers)}"
        if best.score - best.by_likeness < SURE <= best.score:
            yield f"without its {best.by_likeness} points for a name that is only alike it is not sure"

    def _payers(self, texts: LineTexts) -> tuple[list[str], str]:
        """The donors whose name the payer has, or one like it, with the words that a reason says it in."""
        found = self._names.find(texts.payer)
        how = "the payer's name is like that of" if found.how == "is like" else "the payer is"
        return sorted({donor for name in found.likeness for donor in self._donors[name]}), how

    def _named(self, texts: LineTexts) -> list[Owed]:
        return [each for each in self._all if each.code.found_in(texts)]

    def _why_none(self, line: BankLine, texts: LineTexts) -> str:
        if before := self._scores(line, texts, self._before):
            agreement = before[0].owed.agreement
            left = self._now[agreement].amount
            return (
                f"Other lines of the file leave {left if left.minor else 'nothing'} of what {agreement} owes."
            )
        if named := self._named(texts):
            return f"The text names {named[0].agreement}, but {self._unfit(line, named[0])}."
        payers, how = self._payers(texts)
        for donor in payers[:1]:
            theirs = [each for each in self._all if each.donor == donor]
            reasons = (f"{each.agreement}: {self._unfit(line, each)}" for each in theirs[:_LISTED_MAX])
            said = f"{how[0].upper()}{how[1:]} {donor}"
            return f"{said}, but none of its agreements fits ({', '.join(reasons)})."
        return "No agreement fits: neither its code, nor its donor, nor what it owes."

    def _unfit(self, line: BankLine, owed: Owed) -> str:
        """Why the books would not accept the line's money under an agreement."""
        if owed.amount.currency != self._currency:
            theirs = owed.amount.currency
            return (
                f"it is in {theirs}, and the account in {self._currency}: if the money is meant for it, "
                f"record it by hand and say what it settles in {theirs}"
            )
        if not owed.amount.minor:
            return "nothing is owed under it any more"
        if not owed.starts_on <= line.booked_on <= owed.ends_on:
            return f"it runs from {owed.starts_on} to {owed.ends_on}"
        if line.minor > owed.amount.minor:
            return f"no more than {owed.amount} is owed under it"
        return "the amount and the day say nothing for it"


def _listed(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _LISTED_MAX} more" if len(codes) > _LISTED_MAX else ""
    return f"{', '.join(codes[:_LISTED_MAX])}{more}"


class _Known:
    """The money that the books and the proposals have on the account, looked up for lines of the file."""

    def __init__(self, booked: Iterable[BookedMoney], lines: Iterable[BankLine]) -> None:
        self._by_reference = {each.reference: each for each in booked}
        in_file = {self.renamed(line).reference for line in lines}
        self._elsewhere: dict[int, list[BookedMoney]] = {}
        """By amount: money under a reference that no line of the file has."""
        for each in self._by_reference.values():
            if each.reference not in in_file:
                self._elsewhere.setdefault(each.minor, []).append(each)

    def renamed(self, line: BankLine) -> BankLine:
        """The line with a unique reference: a bank may use a reference again on another day."""
        other = self._by_reference.get(line.reference)
        if other is None or other.on == line.booked_on:
            return line
        return replace(line, reference=dated_reference(line.reference, line.booked_on))

    def look_up(self, line: BankLine) -> Match | None:
        """The verdict on a line that needs no agreement; None for a line to be matched."""
        same = self._by_reference.get(line.reference)
        if line.minor > 0 and same is not None:
            return _known_reference(line, same)
        if (found := _of_no_donor(line)) is not None:
            verdict, reason = found
            return Match(line, verdict, "", 0, reason)
        near = [each for each in self._elsewhere.get(line.minor, ()) if _days_apart(each, line) <= DAYS_APART]
        if not near:
            return None
        nearest = min(near, key=lambda each: (_days_apart(each, line), each.reference))
        reason = (
            f"{nearest.reference} of {nearest.on} has the same amount ({nearest.where}): is it this money?"
        )
        return Match(line, "perhaps booked", "", 0, reason)


def _known_reference(line: BankLine, same: BookedMoney) -> Match:
    """The verdict on a line whose reference is in the books or in a proposal."""
    if same.minor == line.minor:
        verdict: Verdict = "proposed" if same.waits else "booked"
        return Match(line, verdict, "", 100, f"Already {verdict}: {same.where}.")
    reason = f"The books have another amount under this reference and day: {same.where}."
    return Match(line, "differs from the books", "", 0, reason)


def _of_no_donor(line: BankLine) -> tuple[Verdict, str] | None:
    """The verdict and reason for a line that is not one payment of a donor; None for any other."""
    if line.minor <= 0:
        if line.reverses:
            return "payment out", "The bank takes back money that came: reverse what the books have of it."
        return "payment out", "A payment out is recorded by hand, and compared when the bank is reconciled."
    if line.reverses:
        return "comes back", "Money that had left comes back, which is no contribution: record it by hand."
    if line.payments > 1:
        count = f"{line.payments} payments that the file does not list one by one"
        return "unknown", f"It sums up {count}: ask the bank for them."
    return None


def _days_apart(booked: BookedMoney, line: BankLine) -> int:
    return abs((booked.on - line.booked_on).days)
