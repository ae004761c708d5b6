"""Matching: which agreement the money on a bank's line belongs to, with a score and the reason for it.

What speaks for an agreement adds up to 100: its code in the text 50, its donor as the payer 25, the amount
20, the day 5. A line is sure from 75 on if no other agreement comes near; then two of the three strong signs
agree at least. Only what the books would take is matched at all: the currency, no more than is owed, a day on
which the agreement runs. The same lines and agreements give the same answer in whatever order they come.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from donors.bank_statement import BankLine, dated
from ledger import Amount

CODE, NAME, ALL_THAT_IS_OWED, PART_OF_IT, DAY = 50, 25, 20, 10, 5
SURE = 75
"""The score from which a line is proposed without being asked about."""
DOUBTFUL = 25
"""The score below which an agreement is not worth a look."""
MARGIN = 10
"""By how much the best agreement must lead the next one."""
DAYS_APART = 5
"""Within so many days the same amount may be the same money under another reference."""
_SHORTEST_NAME = 10
"""Banks cut names off; what is left of one must have so many characters to be recognised."""
_FEWEST_WORDS = 2
_NOTHING = re.compile(r"(?!)")

Verdict = Literal["sure", "doubtful", "unknown", "booked", "told otherwise", "perhaps booked", "leaves"]


@dataclass(frozen=True)
class Owed:
    """What is still owed under an agreement."""

    agreement: str
    donor: str
    donor_name: str
    amount: Amount
    starts_on: date
    ends_on: date

    @cached_property
    def code(self) -> re.Pattern[str]:
        """Finds the agreement's code in a text, and not in a longer code."""
        return _whole(self.agreement)

    @cached_property
    def donor_code(self) -> re.Pattern[str]:
        """Finds the donor's code in a text, and not in a longer code, such as an agreement's."""
        return _whole(self.donor)

    @cached_property
    def name(self) -> str:
        """The donor's name, as it is compared."""
        return _plain(self.donor_name)

    @cached_property
    def name_squeezed(self) -> str:
        """The name without blanks."""
        return self.name.replace(" ", "")

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the name."""
        return frozenset(self.name.split())


@dataclass(frozen=True)
class Told:
    """Money on the bank account that the books, or a proposal, know of."""

    reference: str
    minor: int
    on: date
    where: str
    """For messages: `entry 12`, `proposal 3`."""


@dataclass(frozen=True)
class Match:
    """What is to be done with one line, and why."""

    line: BankLine
    verdict: Verdict
    agreement: str
    """The agreement that fits best; empty where none does."""
    score: int
    """0 to 100."""
    reason: str


class _Candidate(NamedTuple):
    score: int
    owed: Owed
    reason: str


def match_lines(
    lines: Sequence[BankLine], currency: str, owed: Iterable[Owed], told: Iterable[Told]
) -> list[Match]:
    """What is to be done with each line, in their order. No agreement is matched to more than it owes."""
    open_ = sorted(
        (each for each in owed if each.amount.currency == currency), key=lambda each: each.agreement
    )
    known = _Known(told, lines)
    named = [known.renamed(line) for line in lines]
    settled = {number: found for number, line in enumerate(named) if (found := known.look_up(line))}
    candidates = {
        number: _candidates(line, open_) for number, line in enumerate(named) if number not in settled
    }
    left = {each.agreement: each.amount.minor for each in open_}
    for number in sorted(candidates, key=lambda number: _order(candidates[number], named[number])):
        settled[number] = _decided(named[number], candidates[number], left)
    return [settled[number] for number in range(len(lines))]


def _order(candidates: list[_Candidate], line: BankLine) -> tuple[int, date, str]:
    """The clearest line is served first, then the older one; the place in the file does not count."""
    return -max((each.score for each in candidates), default=0), line.booked_on, line.reference


def _decided(line: BankLine, candidates: list[_Candidate], left: dict[str, int]) -> Match:
    """The verdict on a line, and what it leaves of the agreement that it is matched to."""
    fitting = [each for each in candidates if line.minor <= left[each.owed.agreement]]
    if not fitting:
        return Match(line, "unknown", "", 0, _why_none(candidates))
    best = fitting[0]
    rival = next((each for each in fitting[1:] if best.score - each.score < MARGIN), None)
    if rival is not None:
        reason = f"{best.reason}; but {rival.owed.agreement} fits nearly as well: {rival.reason}"
        return Match(line, "doubtful", best.owed.agreement, best.score, f"{reason}.")
    if best.score < SURE:
        return Match(line, "doubtful", best.owed.agreement, best.score, f"{best.reason}.")
    left[best.owed.agreement] -= line.minor
    return Match(line, "sure", best.owed.agreement, best.score, f"{best.reason}.")


def _why_none(candidates: list[_Candidate]) -> str:
    if not candidates:
        return "No agreement fits: neither its code, nor its donor, nor what it owes."
    return f"Other lines of the file leave nothing of what {candidates[0].owed.agreement} owes."


def _candidates(line: BankLine, open_: Sequence[Owed]) -> list[_Candidate]:
    """The agreements that are worth a look, the best first."""
    texts = _Texts.of(line)
    takers = (
        each
        for each in open_
        if line.minor <= each.amount.minor and each.starts_on <= line.booked_on <= each.ends_on
    )
    found = (_scored(line, texts, each) for each in takers)
    return sorted(filter(None, found), key=lambda each: (-each.score, each.owed.agreement))


class _Texts(NamedTuple):
    """What a line says: as it is written, and as names are compared."""

    written: str
    plain: str
    payer_squeezed: str
    payer_words: frozenset[str]

    @classmethod
    def of(cls, line: BankLine) -> _Texts:
        written = f"{line.counterparty} {line.remittance} {line.end_to_end}"
        payer = _plain(line.counterparty)
        return cls(written, _plain(written), payer.replace(" ", ""), frozenset(payer.split()))


def _scored(line: BankLine, texts: _Texts, owed: Owed) -> _Candidate | None:
    """The points of an agreement and the reason for them; None where it is not worth a look."""
    code = CODE if owed.code.search(texts.written) else 0
    name, about_donor = _donor(texts, owed)
    whole = line.minor == owed.amount.minor
    score = code + name + (ALL_THAT_IS_OWED if whole else PART_OF_IT) + DAY
    if score < DOUBTFUL:
        return None
    reasons = [
        f"the text names {owed.agreement}" if code else "",
        f"{about_donor} {owed.donor}" if about_donor else "",
        f"the amount is {'all' if whole else 'a part'} of the {owed.amount} owed",
        "the agreement runs on that day",
    ]
    said = ", ".join(filter(None, reasons))
    return _Candidate(score, owed, said[0].upper() + said[1:])


def _donor(texts: _Texts, owed: Owed) -> tuple[int, str]:
    """The points for the donor, and why: by code, by the name or its beginning, by the words of the name."""
    # Without blanks: MT940 loses those at the end of a line.
    payer, name = texts.payer_squeezed, owed.name_squeezed
    if payer == name or (len(payer) >= _SHORTEST_NAME and name.startswith(payer)):
        return NAME, "the payer is"
    in_text = len(name) >= _SHORTEST_NAME and owed.name in texts.plain
    if in_text or owed.donor_code.search(texts.written):
        return NAME, "the text names"
    shared = len(texts.payer_words & owed.words)
    if shared < _FEWEST_WORDS:
        return 0, ""
    return NAME * shared // len(texts.payer_words | owed.words), "the payer's name is like that of"


def _whole(code: str) -> re.Pattern[str]:
    """Finds a code as a whole; one that is a plain word, such as CITY, is in too many texts to be found."""
    if code.isalpha():
        return _NOTHING
    return re.compile(rf"(?<![A-Za-z0-9._-]){re.escape(code)}(?![A-Za-z0-9_-]|\.[A-Za-z0-9])", re.IGNORECASE)


def _plain(text: str) -> str:
    """Small letters and digits without accents; everything else is a blank."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", kept))


class _Known:
    """What the books and the proposals know of the account, next to the lines of the file."""

    def __init__(self, told: Iterable[Told], lines: Iterable[BankLine]) -> None:
        self._by_reference = {each.reference: each for each in told}
        in_file = {self.renamed(line).reference for line in lines}
        self._elsewhere: dict[int, list[Told]] = {}
        """By amount: what the books know under a reference that no line of the file has."""
        for each in self._by_reference.values():
            if each.reference not in in_file:
                self._elsewhere.setdefault(each.minor, []).append(each)

    def renamed(self, line: BankLine) -> BankLine:
        """The line under a reference that is its own: a bank may use one again on another day."""
        other = self._by_reference.get(line.reference)
        if other is None or other.on == line.booked_on:
            return line
        return replace(line, reference=dated(line.reference, line.booked_on))

    def look_up(self, line: BankLine) -> Match | None:
        """The verdict on a line that needs no agreement."""
        if line.minor <= 0:
            reason = "Money that leaves is recorded by hand, and compared when the bank is reconciled."
            return Match(line, "leaves", "", 0, reason)
        same = self._by_reference.get(line.reference)
        if same is not None:
            if same.minor == line.minor:
                return Match(line, "booked", "", 100, f"Already booked: {same.where}.")
            reason = f"The books have another amount under this reference and day: {same.where}."
            return Match(line, "told otherwise", "", 0, reason)
        near = [each for each in self._elsewhere.get(line.minor, ()) if _days_apart(each, line) <= DAYS_APART]
        if not near:
            return None
        nearest = min(near, key=lambda each: (_days_apart(each, line), each.reference))
        reason = (
            f"{nearest.reference} of {nearest.on} has the same amount ({nearest.where}): is it this money?"
        )
        return Match(line, "perhaps booked", "", 0, reason)


def _days_apart(told: Told, line: BankLine) -> int:
    return abs((told.on - line.booked_on).days)
