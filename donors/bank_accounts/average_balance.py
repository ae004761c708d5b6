"""Average balances of agreements over a span of days, by which interest and exchange differences are split.

All agreements have the same number of days, so the sums of daily balances (cent-days, whole numbers) serve as
weights, and no average is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from ledger import UNSPENT, Refused, split, total, unreversed_lines, usd


def balance_days(books: Connection, term: str, starts_on: date, ends_on: date) -> dict[str, int]:
    """Each agreement's unspent money in a term, summed over the days of a span, in cent-days.

    A line counts for every day from its own on. Agreements whose sum is not positive are left out. Reversed
    entries do not count: their agreement may not even exist.
    """
    sums: Counter[str] = Counter()
    for line in unreversed_lines(books, accounts=UNSPENT, term=term):
        if line.effective_on <= ends_on:
            days = (ends_on - max(line.effective_on, starts_on)).days + 1
            sums[line.agreement] -= line.usd * days
    return {agreement: cent_days for agreement, cent_days in sorted(sums.items()) if cent_days > 0}


def balance_to_attribute(books: Connection, account: str, term: str, on: date) -> int:
    """The part of an account's balance on a day that is still there now: USD cents, debit positive.

    So what was attributed or moved later is not attributed a second time.
    """
    every_line = unreversed_lines(books, accounts=(account,), term=term)
    then = sum(line.usd for line in every_line if line.effective_on <= on)
    now = total(books, account, term=term).usd
    if (then > 0) != (now > 0):
        return 0
    return min(then, now, key=abs)


def split_within(cents: int, weights: Mapping[str, int], limits: Mapping[str, int]) -> dict[str, int]:
    """Split USD cents in proportion to weights, with an upper limit for each part.

    What exceeds a limit is split among the others. Refused if the limits add up to less than the amount.
    """
    open_to = {name: weight for name, weight in weights.items() if limits.get(name, 0) > 0}
    able = sum(limits[name] for name in open_to)
    if cents > able:
        raise Refused(
            "share-exceeds-available",
            "{cents} is more than the agreements concerned have available ({available}): take money back "
            "from an allocation first.",
            cents=usd(cents),
            available=usd(able),
        )
    parts: dict[str, int] = {}
    left = cents
    while left:
        shares = split(left, open_to)
        full = {name: limits[name] for name, share in shares.items() if share > limits[name]}
        if not full:
            return parts | shares
        parts |= full
        left -= sum(full.values())
        open_to = {name: weight for name, weight in open_to.items() if name not in full}
    return parts
