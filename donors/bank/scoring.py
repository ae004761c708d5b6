"""Match scores: how well an incoming bank line fits each agreement, with the reason.

The points add up to 100: the agreement's code in the text 50, its donor as the payer 20, the amount 20, the
day 10. A name that is only like the donor's has fewer than 20, and they make no line sure. An amount equal to
the next instalment, or to the next ones together, counts as much as all that is owed. An agreement gets a
score only if the books would accept the money under it: no more than is owed, on a day within its dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from donors.bank.names import DonorNames, Payers
from donors.bank.owed import Owed, Part
from donors.bank.statement import BankLine
from donors.bank.text import LineTexts
from ledger import Amount

CODE, NAME = 50, 20
VERY_LIKE, LIKE = 15, 8
"""The payer's name is like the donor's: VERY_LIKE_MIN of 100 or more, or less."""
VERY_LIKE_MIN = 90
WHOLE, SHORT, PART = 20, 15, 10
"""The amount is all that is owed or the next instalments; that, less a bank's charge; a part of it."""
NEAR, RUNNING = 10, 5
"""The day is within NEAR_DAYS of the due date; any other day within the agreement's dates."""
NEAR_DAYS = 30
DOUBTFUL = 25
"""Agreements with a lower score are left out."""


class MatchScore(NamedTuple):
    """How well a line fits one agreement."""

    score: int
    """0 to 100."""
    owed: Owed
    reason: str
    waits_for: str
    """The unmet condition of an instalment that the money pays; empty if there is none."""
    by_likeness: int = 0
    """The points of the score that a name has which is only like the donor's."""


def match_scores(
    line: BankLine, texts: LineTexts, open_: Iterable[Owed], names: DonorNames
) -> list[MatchScore]:
    """The scores of at least DOUBTFUL, the best first; `names` has the names of all donors."""
    payers = names.find(texts.payer)
    takers = (
        each
        for each in open_
        if line.minor <= each.amount.minor and each.starts_on <= line.booked_on <= each.ends_on
    )
    found = (_scored(line, texts, each, payers) for each in takers)
    return sorted(filter(None, found), key=lambda each: (-each.score, each.owed.agreement))


def _scored(line: BankLine, texts: LineTexts, owed: Owed, payers: Payers) -> MatchScore | None:
    """The score of one agreement; None below DOUBTFUL."""
    code = CODE if owed.code.found_in(texts) else 0
    name, about_donor = _donor(texts, owed, payers)
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
        about_donor,
        f"the amount is {_share(owed, paid, whole=whole, short=short)}",
        _timing(late) if near else "the agreement runs on that day",
    ]
    reason = ", ".join(filter(None, reasons))
    waits_for = next((part.waits_for for part in paid if part.waits_for), "").rstrip(".")
    if waits_for:
        reason += f"; it is paid before its condition is recorded as met: {waits_for}"
    by_likeness = name if name < NAME else 0
    return MatchScore(score, owed, reason[0].upper() + reason[1:], waits_for, by_likeness)


def _share(owed: Owed, paid: Sequence[Part], *, whole: bool, short: int) -> str:
    """The amount compared with what is owed, as words of a reason."""
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
    """The day compared with the due date, as words of a reason."""
    if not late:
        return "it came on the day it is due"
    days = f"{abs(late)} day{'s' if abs(late) > 1 else ''}"
    return f"it came {days} {'after' if late > 0 else 'before'} it is due"


def _donor(texts: LineTexts, owed: Owed, payers: Payers) -> tuple[int, str]:
    """The points for the donor, and why: it is the payer, the text names it, or the names are alike."""
    likeness = payers.likeness.get(owed.donor_name, 0)
    if likeness and payers.how != "is like":
        return NAME, f"the payer is {owed.donor}"
    # A payer who is another donor may have this one's name within its own.
    searched = texts.beside_payer if payers.how == "is" else texts.normalised
    if (owed.name_in_text and owed.name_in_text in searched) or owed.donor_code.found_in(texts):
        return NAME, f"the text names {owed.donor}"
    if not likeness:
        return 0, ""
    points = VERY_LIKE if likeness >= VERY_LIKE_MIN else LIKE
    return points, f"the payer's name is like that of {owed.donor} ({likeness} of 100)"
