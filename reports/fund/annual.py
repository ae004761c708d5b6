"""Annual financial report: its figures, computed from the books for a period within a term.

Sources and uses follow the layout of the UN Multi-Partner Trust Fund Office's consolidated reports: what came
in, what was used and the change of the balance, beside the year before and the term to date. All amounts are
USD cents. The figures of all donors, each as in its own statement, add up to those of the fund.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from allocation import TermClosed, activities_by_code, grants, lines_of_term
from donors import (
    DifferencesAttributed,
    FundsTransferred,
    InterestAttributed,
    RefundAgreed,
    donors,
    owners,
)
from ledger import (
    ADVANCES,
    ALLOCATED,
    AVAILABLE,
    CASH_AT_BANK,
    COMMITMENTS,
    CURRENCY_CLEARING,
    DUE_TO_AGENT,
    FUND_CURRENCY,
    INTEREST_TO_ATTRIBUTE,
    NOT_IDENTIFIED,
    OPERATING_COSTS,
    PAYABLES,
    REALISED_DIFFERENCES,
    RECEIVABLE,
    REFUNDS_PAYABLE,
    UNREALISED_DIFFERENCES,
    UNSPENT,
    USE_OF_MONEY,
    ApplicableRate,
    AsOf,
    BadInput,
    Hint,
    MdfmError,
    PostedLine,
    Term,
    get_term,
    rates_on,
    usd,
)
from reports.figures.figure import Seal, seal_of
from reports.figures.figures import (
    ARRIVALS,
    allocated_funds,
    available_funds,
    credit,
    debit,
    grouped,
    of_kind,
    on,
)
from reports.figures.in_kind import InKindItem, in_kind_of
from reports.words.percentages import part_of


class ReportDoesNotAddUp(MdfmError):
    """The donors, the balance and the accounts of a report disagree; it is not issued."""


@dataclass(frozen=True)
class ReportPeriod:
    """The days that figures cover, first and last included."""

    starts_on: date
    ends_on: date

    @property
    def year_before(self) -> ReportPeriod:
        """The same days a year earlier."""
        return ReportPeriod(_a_year_before(self.starts_on), _a_year_before(self.ends_on))

    def within(self, term: Term) -> ReportPeriod | None:
        """The part of the period that lies in a term, or None."""
        starts_on, ends_on = max(self.starts_on, term.starts_on), min(self.ends_on, term.ends_on)
        return ReportPeriod(starts_on, ends_on) if starts_on <= ends_on else None


@dataclass(frozen=True)
class FundsMovement:
    """Sources and uses of funds over a period."""

    span: ReportPeriod
    opening: int
    """The balance when the first day began."""
    carried: int
    """From an earlier term that was closed within the period."""
    contributions: int
    interest: int
    """Attributed to donors."""
    exchange: int
    """Exchange differences attributed to donors."""
    transferred: int
    """By transfers between agreements: nothing, unless one was reversed."""
    refunds: int
    """Agreed with donors; positive, to be deducted."""
    used: dict[str, int]
    """By account of the harmonised category, 3110 to 3180, and 3900 for losses."""
    bank_charges: int
    """Part of what was used."""
    closing: int
    """The balance at the end of the last day: brought forward, plus sources, less use."""

    @property
    def brought(self) -> int:
        """Brought forward: the opening balance and what was carried over from an earlier term."""
        return self.opening + self.carried

    @property
    def sources(self) -> int:
        """What came in, less refunds."""
        return self.contributions + self.interest + self.exchange + self.transferred - self.refunds

    @property
    def use(self) -> int:
        """All that was used or lost."""
        return sum(self.used.values())


@dataclass(frozen=True)
class PeriodMovements:
    """Movements over the year before (None where the term has none), the period, and the term to date."""

    before: FundsMovement | None
    now: FundsMovement
    to_date: FundsMovement

    @property
    def shown(self) -> tuple[FundsMovement, ...]:
        """The movements that exist, in order."""
        return (*([self.before] if self.before else []), self.now, self.to_date)


@dataclass(frozen=True)
class DonorFunds:
    """What one donor gave, and how it was used."""

    code: str
    """Empty for reversed gifts, whose donor is no longer known."""
    name: str
    type: str
    receivable: int
    """Agreed and not yet received, at the end of the period."""
    spans: PeriodMovements

    @property
    def agreed(self) -> int:
        """Received in the term and still receivable."""
        return self.spans.to_date.contributions + self.receivable


@dataclass(frozen=True)
class ActivityFunds:
    """What was allocated to one activity, and what it used."""

    code: str
    """Empty for use without an activity, such as bank charges."""
    title: str
    allocated: int
    """Net, in the term to date: the net funded amount."""
    committed: int
    used_before: int
    """In the year before."""
    used: int
    used_to_date: int

    @property
    def delivery_rate(self) -> int:
        """Used as part of what was allocated, in basis points, rounded down."""
        return part_of(self.used_to_date, self.allocated)


@dataclass(frozen=True)
class Commitment:
    """Money committed to a partner and not yet reported as spent."""

    grant: str
    partner: str
    activity: str
    ends_on: date
    committed: int
    advanced: int
    """The part of it that was advanced to the partner."""


@dataclass(frozen=True)
class FundsPosition:
    """The balance of the funds on a day, and the accounts that hold it."""

    on: date
    available: int
    allocated: int
    committed: int
    """Part of what is allocated."""
    accounts: dict[str, int]
    """Balances of the accounts that hold the funds, debits positive."""

    @property
    def balance(self) -> int:
        """Available and allocated."""
        return self.available + self.allocated


@dataclass(frozen=True)
class AnnualReport:
    """The financial report on a period of a term, in one language."""

    term: ReportPeriod
    term_code: str
    language: str
    seal: Seal
    spans: PeriodMovements
    positions: tuple[FundsPosition, ...]
    """At the end of the year before, where the term has one, and of the period."""
    donors: tuple[DonorFunds, ...]
    activities: tuple[ActivityFunds, ...]
    commitments: tuple[Commitment, ...]
    in_kind: tuple[InKindItem, ...]
    givers: dict[str, str]
    """The donor's name for each agreement with a contribution in kind."""
    rates: tuple[ApplicableRate, ...]
    """Exchange rates of the last day for each currency in which the term has lines."""
    first_entry: date | None
    """The first day on which the term has an entry; None where it has none."""


HOLDING = (
    CASH_AT_BANK,
    ADVANCES,
    CURRENCY_CLEARING,
    PAYABLES,
    DUE_TO_AGENT,
    REFUNDS_PAYABLE,
    REALISED_DIFFERENCES,
    UNREALISED_DIFFERENCES,
    INTEREST_TO_ATTRIBUTE,
    NOT_IDENTIFIED,
)
"""The accounts that hold the balance: cash and advances, less what is owed to others than donors."""


def year_of_term(term: Term, year: int) -> ReportPeriod:
    """The days of a fiscal year that lie in a term; BadInput where there are none."""
    span = ReportPeriod(date(year, 1, 1), date(year, 12, 31)).within(term)
    if span is None:
        raise BadInput(
            "year-outside-term",
            "The year {year} is outside the term {code}, which runs from {starts_on} to {ends_on}: "
            "choose a year from {first_year} to {last_year}.",
            year=year,
            code=term.code,
            starts_on=term.starts_on,
            ends_on=term.ends_on,
            first_year=term.starts_on.year,
            last_year=term.ends_on.year,
        )
    return span


def period_of_term(term: Term, starts_on: date | None, ends_on: date | None) -> ReportPeriod:
    """A period of a term, by default the whole term; BadInput where it is not within the term."""
    span = ReportPeriod(starts_on or term.starts_on, ends_on or term.ends_on)
    if span.ends_on < span.starts_on:
        raise BadInput(
            "report-ends-before-start",
            "The report would end on {ends_on}, before it begins on {starts_on}.",
            ends_on=span.ends_on,
            starts_on=span.starts_on,
        )
    if span.within(term) != span:
        raise BadInput(
            "report-outside-term",
            "The days from {starts_on} to {ends_on} are not all in the term {code}, which runs from "
            "{term_starts_on} to {term_ends_on}.",
            starts_on=span.starts_on,
            ends_on=span.ends_on,
            code=term.code,
            term_starts_on=term.starts_on,
            term_ends_on=term.ends_on,
        )
    return span


def build_annual(
    books: Connection, term: str, span: ReportPeriod, known_at: int, language: str
) -> AnnualReport:
    """The report on a period of a term, as known at an entry.

    Raises NotFound for an unknown term, and ReportDoesNotAddUp where its figures disagree.
    """
    as_of = AsOf(span.ends_on, known_at)
    lines = list(lines_of_term(books, as_of, term))
    kept = get_term(books, term, known_at)
    before = span.year_before.within(kept)
    to_date = ReportPeriod(kept.starts_on, span.ends_on)
    owner, names = owners(books, known_at), {each.code: each for each in donors(books, known_at)}
    held = [line for line in lines if line.agreement and line.account.startswith((*UNSPENT, RECEIVABLE))]
    by_donor = grouped(held, lambda line: owner.get(line.agreement, ""))
    gifts = tuple(in_kind_of(books, as_of, term, {line.agreement for line in lines}))
    report = AnnualReport(
        term=ReportPeriod(kept.starts_on, kept.ends_on),
        term_code=term,
        language=language,
        seal=seal_of(books, as_of),
        spans=_spans(lines, before, span, to_date),
        positions=tuple(_position(lines, each) for each in (before, span) if each),
        donors=tuple(
            DonorFunds(
                code=code,
                name=names[code].name if code else "",
                type=names[code].type if code else "",
                receivable=debit(on(theirs, RECEIVABLE)).cents,
                spans=_spans(theirs, before, span, to_date),
            )
            for code, theirs in sorted(by_donor.items())
        ),
        activities=tuple(_activities(books, lines, term, before, span, as_of, language)),
        commitments=tuple(_commitments(books, lines, term, known_at)),
        in_kind=gifts,
        givers={gift.agreement: names[owner[gift.agreement]].name for gift in gifts},
        rates=_rates(books, lines, as_of),
        first_entry=min((line.effective_on for line in lines), default=None),
    )
    _require_sums(report)
    return report


def _a_year_before(day: date) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28) if leap_day else day.replace(year=day.year - 1)


def _spans(
    lines: Iterable[PostedLine], before: ReportPeriod | None, now: ReportPeriod, to_date: ReportPeriod
) -> PeriodMovements:
    funds = on(lines, *UNSPENT)
    return PeriodMovements(
        _movement(funds, before) if before else None, _movement(funds, now), _movement(funds, to_date)
    )


def _movement(funds: Iterable[PostedLine], span: ReportPeriod) -> FundsMovement:
    """The movement over a period of the funds that these lines belong to."""
    until = [line for line in funds if line.effective_on <= span.ends_on]
    lines = [line for line in until if line.effective_on >= span.starts_on]
    given, uses = on(lines, AVAILABLE), on(lines, *USE_OF_MONEY)
    used = Counter({account: debit(of).cents for account, of in grouped(uses, lambda u: u.account).items()})
    return FundsMovement(
        span=span,
        opening=credit(line for line in until if line.effective_on < span.starts_on).cents,
        carried=credit(of_kind(lines, TermClosed.kind)).cents,
        contributions=credit(of_kind(given, *ARRIVALS)).cents,
        interest=credit(of_kind(given, InterestAttributed.kind)).cents,
        exchange=credit(of_kind(given, DifferencesAttributed.kind)).cents,
        transferred=credit(of_kind(given, FundsTransferred.kind)).cents,
        refunds=debit(of_kind(given, RefundAgreed.kind)).cents,
        used=dict(sorted(used.items())),
        bank_charges=debit(line for line in on(uses, OPERATING_COSTS) if not line.activity).cents,
        closing=credit(until).cents,
    )


def _position(lines: Iterable[PostedLine], span: ReportPeriod) -> FundsPosition:
    until = [line for line in lines if line.effective_on <= span.ends_on]
    return FundsPosition(
        on=span.ends_on,
        available=available_funds(until).cents,
        allocated=allocated_funds(until).cents,
        committed=debit(on(until, COMMITMENTS)).cents,
        accounts={account: debit(on(until, account)).cents for account in HOLDING},
    )


def _activities(
    books: Connection,
    lines: Iterable[PostedLine],
    term: str,
    before: ReportPeriod | None,
    now: ReportPeriod,
    as_of: AsOf,
    language: str,
) -> Iterator[ActivityFunds]:
    groups = grouped(on(lines, ALLOCATED, *USE_OF_MONEY, COMMITMENTS), lambda line: line.activity)
    found = activities_by_code(books, term, as_of.known_at) if any(groups) else {}
    for code, theirs in sorted(groups.items()):
        uses = on(theirs, *USE_OF_MONEY)
        funds = ActivityFunds(
            code=code,
            title=found[code].title(language) if code else "",
            allocated=credit(on(theirs, ALLOCATED)).cents,
            committed=debit(on(theirs, COMMITMENTS)).cents,
            used_before=debit(_during(uses, before)).cents if before else 0,
            used=debit(_during(uses, now)).cents,
            used_to_date=debit(uses).cents,
        )
        if funds.allocated or funds.committed or funds.used_to_date or funds.used or funds.used_before:
            yield funds


def _during(lines: Iterable[PostedLine], span: ReportPeriod) -> list[PostedLine]:
    return [line for line in lines if span.starts_on <= line.effective_on <= span.ends_on]


def _commitments(
    books: Connection, lines: Iterable[PostedLine], term: str, known_at: int
) -> Iterator[Commitment]:
    """Ordered by the end of the grant, the earliest first."""
    bound = grouped(on(lines, COMMITMENTS), lambda line: line.grant_code)
    advanced = grouped(on(lines, ADVANCES), lambda line: line.grant_code)
    for grant in sorted(grants(books, term, known_at), key=lambda grant: (grant.ends_on, grant.code)):
        committed = debit(bound.get(grant.code, [])).cents
        if committed:
            with_partner = debit(advanced.get(grant.code, [])).cents
            yield Commitment(
                grant.code, grant.partner, grant.activity, grant.ends_on, committed, with_partner
            )


def _rates(books: Connection, lines: Iterable[PostedLine], as_of: AsOf) -> tuple[ApplicableRate, ...]:
    held = {line.currency for line in lines} - {FUND_CURRENCY}
    found = rates_on(books, as_of.effective_to, known_at=as_of.known_at) if held else []
    return tuple(rate for rate in found if rate.currency in held)


def _require_sums(report: AnnualReport) -> None:
    """Raise ReportDoesNotAddUp unless movements, donors, activities and accounts agree."""
    now, position = report.spans.now, report.positions[-1]
    for spans in (report.spans, *(donor.spans for donor in report.donors)):
        for each in spans.shown:
            _require(each.closing, each.brought + each.sources - each.use, "come of what moved")
    _require(now.closing, sum(donor.spans.now.closing for donor in report.donors), "is what donors have left")
    _require(now.closing, position.balance, "is available and allocated")
    _require(now.closing, sum(position.accounts.values()), "is held on the accounts")
    _require(now.use, sum(activity.used for activity in report.activities), "was used by activities")


def _require(cents: int, other: int, what: str) -> None:
    if cents != other:
        raise ReportDoesNotAddUp(
            "report-does-not-add-up",
            "The report is not issued: it has {cents}, but {other} {what}; {hint} to find the entry.",
            cents=usd(cents),
            other=usd(other),
            what=what,
            hint=Hint("replay", "replay the books"),
        )
