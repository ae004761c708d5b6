"""Programme support cost: UIL's charge for carrying out the fund's activities, a part of their cost.

The source documents name no such cost, so it is 0 until a rate is agreed; a rate applies from a day on.
Support cost is part of an activity's cost and is paid from the activity's allocation.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import Connection, select

from allocation.engine.problem import BASIS_POINTS
from allocation.term.year_end import YearEnded
from donors import CODE_PATTERN, BankAccountField, require_account
from ledger import (
    CASH_AT_BANK,
    DUE_TO_AGENT,
    EXPENSES,
    FUND_CURRENCY,
    NOW,
    SUPPORT_COSTS,
    AmountField,
    BasisPointsField,
    Event,
    Evidence,
    Kind,
    Labelled,
    Line,
    Refused,
    Repeatable,
    TermField,
    TextField,
    as_known,
    closed_among,
    dollars,
    project,
    register,
    require_open_term,
    share_of,
    text,
    total,
    unreversed_lines,
    usd,
    whole,
)


class SupportCostAgreed(Repeatable):
    """From this day on, expenditure of a term carries support cost at this rate."""

    kind: ClassVar[str] = "support cost agreed"
    says: ClassVar[str] = (
        "Expenditure of the term {term} carries support cost of {basis_points} from {on} on."
    )

    term: TermField
    basis_points: Annotated[BasisPointsField, Labelled("rate")] = Field(ge=0, le=BASIS_POINTS)
    """Hundredths of a percent of the expenditure."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def first_key(self) -> str:
        return f"support cost:{self.term}:{self.on}"


class SupportCostCharged(Event):
    """UIL charges the support cost due on expenditure of the term up to this day and not charged before."""

    kind: ClassVar[str] = "support cost charged"
    says: ClassVar[str] = (
        "The support cost that is due on expenditure of the term {term} up to {on} is charged."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    term: TermField

    @property
    def key(self) -> str:
        return f"support cost charged:{self.reference}"


class SupportCostPaid(Event):
    """UIL is paid what was charged, or a part of it."""

    kind: ClassVar[str] = "support cost paid"
    says: ClassVar[str] = (
        "{cents} of the support cost charged in the term {term} are paid from {bank_account}."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    """The bank's reference."""
    term: TermField
    bank_account: BankAccountField
    cents: AmountField = Field(gt=0)

    @property
    def key(self) -> str:
        return f"support cost paid:{self.bank_account}:{self.reference}"


support_cost_rate = register("support_cost_rate", text("term"), text("effective_on"), whole("basis_points"))


def support_cost_rates(books: Connection, term: str, known_at: int = NOW) -> list[tuple[date, int]]:
    """The rates of a term in basis points, each with the day from which it applies, the earliest first."""
    rows = books.execute(
        select(support_cost_rate.c.effective_on, support_cost_rate.c.basis_points)
        .where(support_cost_rate.c.term == term, as_known(support_cost_rate, known_at))
        .order_by(support_cost_rate.c.effective_on)
    )
    return [(date.fromisoformat(row.effective_on), row.basis_points) for row in rows]


def support_cost_due(books: Connection, term: str, until: date) -> dict[tuple[str, str], int]:
    """Support cost due and not yet charged, by agreement and activity, each rounded once over all its lines.

    Negative if expenditure was reversed after its support cost was charged; closed agreements are left out.
    """
    rates = support_cost_rates(books, term)
    parts: Counter[tuple[str, str]] = Counter()
    charged: Counter[tuple[str, str]] = Counter()
    for line in unreversed_lines(books, accounts=(EXPENSES,), term=term):
        spot = line.agreement, line.activity
        if line.kind == SupportCostCharged.kind:
            if line.effective_on > until:
                raise Refused(
                    "support-cost-charged-already",
                    "Support cost of the term {term} was charged up to {effective_on} already: choose "
                    "that day or a later one, or take that charge back first.",
                    term=term,
                    effective_on=line.effective_on,
                )
            charged[spot] += line.usd
        elif line.account == SUPPORT_COSTS or line.kind == YearEnded.kind or not line.activity:
            continue
        elif line.effective_on <= until:
            rate = next((rate for since, rate in reversed(rates) if since <= line.effective_on), 0)
            parts[spot] += line.usd * rate
    due = {spot: share_of(parts[spot], 1, BASIS_POINTS) - charged[spot] for spot in parts | charged}
    closed = closed_among(books, {agreement for agreement, _ in due})
    return {spot: cents for spot, cents in sorted(due.items()) if cents and spot[0] not in closed}


def _post_charged(event: SupportCostCharged, books: Connection) -> list[Line]:
    require_open_term(books, event.term)
    due = support_cost_due(books, event.term, event.on)
    if not due:
        raise Refused(
            "support-cost-none-due",
            "No support cost is due on expenditure of the term {term} up to {on}.",
            term=event.term,
            on=event.on,
        )
    return [
        *(
            dollars(SUPPORT_COSTS, event.term, cents, agreement=agreement, activity=activity)
            for (agreement, activity), cents in due.items()
        ),
        *([dollars(DUE_TO_AGENT, event.term, -charge)] if (charge := sum(due.values())) else []),
    ]


def _post_paid(event: SupportCostPaid, books: Connection) -> list[Line]:
    require_open_term(books, event.term)
    require_account(books, event.bank_account, FUND_CURRENCY, event.on)
    owed = -total(books, DUE_TO_AGENT, term=event.term).usd
    if event.cents > owed:
        raise Refused(
            "support-cost-more-than-owed",
            "{cents} is more support cost than was charged and not paid: {owed}.",
            cents=usd(event.cents),
            owed=usd(owed),
        )
    return [
        dollars(DUE_TO_AGENT, event.term, event.cents),
        dollars(CASH_AT_BANK, event.term, -event.cents, bank_account=event.bank_account),
    ]


def _apply_agreed(books: Connection, seq: int, event: SupportCostAgreed) -> None:
    require_open_term(books, event.term)
    project(
        books,
        support_cost_rate,
        seq,
        term=event.term,
        effective_on=event.on.isoformat(),
        basis_points=event.basis_points,
    )


KINDS = (
    Kind(SupportCostAgreed, apply=_apply_agreed, registers=(support_cost_rate,), reversible=True),
    Kind(SupportCostCharged, post=_post_charged, reversible=True),
    Kind(SupportCostPaid, post=_post_paid, reversible=True),
)
