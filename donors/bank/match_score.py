"""Candidates: the agreements that the money on a bank's line may belong to, each with a score and its reason.

What speaks for an agreement adds up to 100: its code in the text 50, its donor as the payer 20, the amount
20, the day 10. An amount that is the next instalment, or the next ones together, says as much as all that is
owed. Only what the books would take is a candidate at all: no more than is owed, on a day on which the
agreement runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from donors.bank.owed import Owed, Part
from donors.bank.statement import BankLine
from donors.bank.text import LineTexts
from ledger import Amount

CODE, NAME = 50, 20
WHOLE, SHORT, PART = 20, 15, 10
"""The amount is all that is owed, or the next instalments; that less a bank's charge; a part of that."""
NEAR, RUNNING = 10, 5
"""The day is near the one on which it is due; it is any on which the agreement runs."""
NEAR_DAYS = 30
DOUBTFUL = 25
"""The score below which an agreement is not worth a look."""
_SHORTEST_NAME = 10
"""Banks cut names off; what is left of one must have so many characters to be recognised."""
_FEWEST_WORDS = 2


class MatchScore(NamedTuple):
    """An agreement that a line's money may belong to."""

    score: int
    """0 to 100."""
    owed: Owed
    reason: str
    waits_for: str
    """The condition, not met yet, of an instalment that the money pays."""


def match_scores(line: BankLine, open_: Iterable[Owed]) -> list[MatchScore]:
    """The agreements that are worth a look, the best first."""
    texts = LineTexts.of(line)
    takers = (
        each
        for each in open_
        if line.minor <= each.amount.minor and each.starts_on <= line.booked_on <= each.ends_on
    )
    found = (_scored(line, texts, each) for each in takers)
    return sorted(filter(None, found), key=lambda each: (-each.score, each.owed.agreement))


def _scored(line: BankLine, texts: LineTexts, owed: Owed) -> MatchScore | None:
    """The points of an agreement and the reason for them; None where it is not worth a look."""
    code = CODE if owed.code.stands_in(texts) else 0
    name, about_donor = _donor(texts, owed)
    whole = line.minor in owed.sums
    if not whole and not code and not name:
        return None
    short = 0 if whole else owed.short_by(line.minor)
    paid = owed.paid_by(line.minor)
    late = min(((line.booked_on - part.due_on).days for part in paid), key=abs)
    near = abs(late) <= NEAR_DAYS
    amount = WHOLE if whole else SHORT if short else PART
    score = code + name + amount + (NEAR if near else RUNNING)
    if score < DOUBTFUL:
        return None
    reasons = [
        f"the text names {owed.agreement}" if code else "",
        f"{about_donor} {owed.donor}" if about_donor else "",
        f"the amount is {_share(owed, paid, whole=whole, short=short)}",
        _timing(late) if near else "the agreement runs on that day",
    ]
    said = ", ".join(filter(None, reasons))
    waits_for = next((part.waits_for for part in paid if part.waits_for), "").rstrip(".")
    if waits_for:
        said += f"; it is paid before its condition is recorded as met: {waits_for}"
    return MatchScore(score, owed, said[0].upper() + said[1:], waits_for)


def _share(owed: Owed, paid: Sequence[Part], *, whole: bool, short: int) -> str:
    """What the amount is of what is owed, for a reason."""
    first, last = paid[0], paid[-1]
    if short:
        less = Amount(currency=owed.amount.currency, minor=short)
        return f"{_share(owed, paid, whole=True, short=0)}, less {less} that a bank may have charged"
    if first.of == 1:
        return f"{'all' if whole else 'a part'} of the {owed.amount} still owed"
    if not whole:
        return f"a part of the {owed.amount} still owed; next is {first.named}, due on {first.due_on}"
    if first is last:
        return f"{first.named}, due on {first.due_on}"
    return f"{first.named} and all up to instalment {last.number}, due on {last.due_on}"


def _timing(late: int) -> str:
    """How a day lies to the one on which the money is due, for a reason."""
    if not late:
        return "it came on the day it is due"
    days = f"{abs(late)} day{'s' if abs(late) > 1 else ''}"
    return f"it came {days} {'after' if late > 0 else 'before'} it is due"


def _donor(texts: LineTexts, owed: Owed) -> tuple[int, str]:
    """The points for the donor, and why: by code, by the name or its beginning, by the words of the name."""
    # Without blanks: MT940 loses those at the end of a line.
    payer, name = texts.payer_squeezed, owed.name_squeezed
    if payer == name or (len(payer) >= _SHORTEST_NAME and name.startswith(payer)):
        return NAME, "the payer is"
    in_text = len(name) >= _SHORTEST_NAME and f" {owed.name} " in texts.normalised
    if in_text or owed.donor_code.stands_in(texts):
        return NAME, "the text names"
    shared = len(texts.payer_words & owed.words)
    if shared < _FEWEST_WORDS:
        return 0, ""
    return NAME * shared // len(texts.payer_words | owed.words), "the payer's name is like that of"
