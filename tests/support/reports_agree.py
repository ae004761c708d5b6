"""An auditor with all reports of a book side by side: what must be the same in each of them, at two clocks.

Nothing here knows how a report finds its figures. They are held against each other, against the lines that
they name, and against the trial balance.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection

from allocation import TermClosed, YearEnded
from donors import agreements, contributions, donors
from ledger import AsOf, PostedLine, get_entry, get_term, lines_of, posted, trial_balance
from reports import (
    ContributionTrace,
    Statement,
    build_ageing,
    build_annual,
    build_cash,
    build_overview,
    build_statement,
    build_term_report,
    trace_contribution,
    trace_figures,
)
from reports.fund.annual import FundsMovement, ReportPeriod
from reports.statement.context import StatementContext
from reports.statement.sums import given, left

FUNDS = ("2200", "2300", "31", "3900")
FLOWS = (
    "carried",
    "received",
    "interest",
    "exchange",
    "refunds",
    "transferred",
    "used",
    "support_cost",
    "bank_charges",
)
OWED = (
    "received ",
    "opening balance",
    "carried over",
    "refund due",
    "interest",
    "exchange differences",
    "transferred ",
    "goods ",
)
"""Figures of what is owed to the donor, credits positive, by the beginning of their name."""
MOVEMENTS = (
    "opening", "carried", "contributions", "interest", "exchange", "transferred", "refunds", "use",
    "bank_charges", "closing",
)  # fmt: skip
TAKEN = (" used", " written off", " returned")
"""What became of goods."""


@dataclass
class Auditor:
    """Who looks at the reports of one term, as known at an entry."""

    books: Connection
    term: str
    known_at: int
    usd: dict[tuple[int, int], int] = field(default_factory=dict)
    """USD cents of lines of the journal, by entry and number."""
    read: dict[AsOf, list[PostedLine]] = field(default_factory=dict)

    def audit(self, first: date, between: date, last: date) -> None:
        """Hold together the reports from the first day to the last, and of both spans that it falls into."""
        whole = self.statements(ReportPeriod(first, last))
        for statement in whole.values():
            self.adds_up(statement)
            self.is_made_of_its_lines(statement)
        self.donors_are_the_fund(whole, AsOf(last, self.known_at))
        self.donors_are_the_annual_report(whole, ReportPeriod(first, last))
        self.promises_and_cash_are_their_accounts(whole, AsOf(last, self.known_at))
        if between < last:
            earlier = self.statements(ReportPeriod(first, between))
            later = self.statements(ReportPeriod(between + timedelta(days=1), last))
            for code in whole:
                self.follow_each_other(whole[code], earlier[code], later[code])

    # ---- the books

    def lines(self, as_of: AsOf) -> list[PostedLine]:
        """The lines of the term, without those that settle its accounts at the end of a year or of itself."""
        if as_of not in self.read:
            lines = posted(self.books, as_of, term=self.term)
            self.read[as_of] = [
                line for line in lines if line.kind != YearEnded.kind and not self.is_close(line)
            ]
        return self.read[as_of]

    def is_close(self, line: PostedLine) -> bool:
        if line.kind != TermClosed.kind:
            return False
        told = get_entry(self.books, line.reverses or line.entry).payload
        return TermClosed.model_validate_json(told).term == self.term

    def on(self, as_of: AsOf, *accounts: str) -> int:
        """What stands on accounts before they are settled, debits positive."""
        return sum(line.usd for line in self.lines(as_of) if line.account.startswith(accounts))

    def worth(self, entry: int, number: int) -> int:
        if (entry, number) not in self.usd:
            for no, line in enumerate(lines_of(self.books, entry), start=1):
                self.usd[entry, no] = line.usd
        return self.usd[entry, number]

    # ---- one statement

    def statements(self, span: ReportPeriod) -> dict[str, Statement]:
        """Every donor's, over the same days."""
        behind = StatementContext(self.books, self.term, AsOf(span.ends_on, self.known_at))
        return {
            each.code: build_statement(
                self.books, each.code, self.term, behind.as_of, "en", span.starts_on, behind
            )
            for each in donors(self.books, self.known_at)
        }

    def adds_up(self, statement: Statement) -> None:
        """What was given less what was used is what is left; every total is the sum of its rows."""
        assert given(statement) - statement.used.cents == left(statement)
        assert sum(each.usd.cents for each in statement.receipts) == statement.received.cents
        assert sum(each.usd.cents for each in statement.uses) == statement.used.cents
        for name in ("available", "allocated"):
            of_agreements = sum(getattr(each, name).cents for each in statement.agreements)
            assert of_agreements == getattr(statement.balance, name).cents
        assert sum(each.used.cents for each in statement.regions) == statement.used.cents
        allocated = sum(each.allocated.cents for each in statement.regions)
        assert allocated == sum(each.allocated.cents for each in statement.activities)
        unused = sum(each.unused.cents for each in statement.regions)
        assert unused == statement.balance.allocated.cents

    def is_made_of_its_lines(self, statement: Statement) -> None:
        for figure in trace_figures(statement):
            assert len(set(figure.lines)) == len(figure.lines)
            debits = sum(self.worth(*line) for line in figure.lines)
            is_owed = not figure.figure.endswith(TAKEN) and (
                figure.figure.startswith(OWED) or figure.figure.endswith(("available", "allocated"))
            )
            assert figure.cents == (-debits if is_owed else debits), figure

    # ---- all of them together

    def donors_are_the_fund(self, statements: dict[str, Statement], as_of: AsOf) -> None:
        seen, report = (
            build_overview(self.books, self.term, as_of, "en"),
            build_term_report(self.books, self.term, as_of, "en"),
        )
        fund = seen.fund
        assert {each.fund for each in statements.values()} <= {fund}
        assert report.fund == fund
        assert sum(each.received for each in seen.sources) == fund.received
        assert sum(each.used for each in seen.uses) == fund.used
        assert fund.available + fund.allocated == -self.on(as_of, *FUNDS)
        assert sum(cents for _, cents in fund.by_donor_type) == fund.received
        for rows in (report.by_type, report.by_region):
            for name in ("pledged", "receivable", "received", "in_kind"):
                assert sum(getattr(each, name) for each in rows) == getattr(fund, name), name
        assert report.total.planned == -self.on(as_of, "2300")
        assert sum(each.allocated.cents for each in report.regions) == report.total.planned
        assert sum(each.used.cents for each in report.regions) == report.total.used
        everything = statements.values()
        for name in ("available", "allocated", "committed"):
            nobodys = self.taken_back_later(as_of) if name == "available" else 0
            assert sum(getattr(each.balance, name).cents for each in everything) + nobodys == getattr(
                fund, name
            )

    def taken_back_later(self, as_of: AsOf) -> int:
        """Available of gifts of which no donor is known any more."""
        known = {
            each.code
            for donor in donors(self.books, self.known_at)
            for each in agreements(self.books, donor=donor.code, known_at=self.known_at)
        }
        return -sum(
            line.usd
            for line in self.lines(as_of)
            if line.account.startswith(FUNDS) and line.agreement not in known
        )

    def donors_are_the_annual_report(self, statements: dict[str, Statement], span: ReportPeriod) -> None:
        within = span.within(get_term(self.books, self.term, self.known_at))
        if within != span:
            return
        report = build_annual(self.books, self.term, span, self.known_at, "en")
        rows = {each.code: each for each in report.donors}
        for code, statement in statements.items():
            if code in rows:
                same(statement, rows[code].spans.now)
                owed = sum(each.usd.cents for each in statement.outstanding if each.kind == "receivable")
                assert rows[code].receivable == owed
            else:
                assert not any([given(statement), left(statement), *flows(statement)])
        for name in MOVEMENTS:
            whole = getattr(report.spans.now, name)
            assert whole == sum(getattr(each.spans.now, name) for each in report.donors), name
        assert report.spans.now.closing == -self.on(AsOf(span.ends_on, self.known_at), *FUNDS)
        assert sum(each.allocated for each in report.activities) == -self.on(
            AsOf(span.ends_on, self.known_at), "2300"
        )
        assert sum(each.committed for each in report.commitments) == report.positions[-1].committed

    # ---- accounts apart

    def promises_and_cash_are_their_accounts(self, statements: dict[str, Statement], as_of: AsOf) -> None:
        ageing = build_ageing(self.books, self.term, as_of, "en")
        for kind, account in (("pledge", "9100"), ("receivable", "1200"), ("commitment", "9200")):
            assert sum(ageing.by_band(kind).values()) == self.on(as_of, account), kind
        for kind in ("pledge", "receivable"):
            told = (
                each.usd.cents
                for statement in statements.values()
                for each in statement.outstanding
                if each.kind == kind
            )
            assert sum(told) == sum(ageing.by_band(kind).values()), kind
        totals = trial_balance(self.books, as_of)
        cash = build_cash(self.books, as_of, "en").accounts
        stands = [row for row in totals if row.account == "1100"]
        assert sum(each.carried for each in cash) == sum(row.usd for row in stands)
        by_currency: Counter[str] = Counter()
        for each in cash:
            by_currency[each.amount.currency] += each.amount.minor
        assert +by_currency == +Counter({row.currency: row.amount for row in stands})

    # ---- one contribution

    def follow_contributions(self, as_of: AsOf) -> None:
        """Trace each that is in the books by a day."""
        for each in contributions(self.books, known_at=self.known_at):
            if date.fromisoformat(get_entry(self.books, each.seq).effective_on) <= as_of.effective_to:
                adds_up_to_itself(trace_contribution(self.books, each.reference, as_of))

    # ---- two spans

    def follow_each_other(self, whole: Statement, earlier: Statement, later: Statement) -> None:
        """The end of one is the beginning of the next, and what flowed in both is what flowed."""
        assert whole.opening == earlier.opening
        assert later.opening.cents == left(earlier)
        assert left(later) == left(whole)
        both = zip(flows(earlier), flows(later), strict=True)
        assert [one + other for one, other in both] == flows(whole)


def flows(statement: Statement) -> list[int]:
    """What moved in the period, in USD cents."""
    return [getattr(statement, name).cents for name in FLOWS]


def same(statement: Statement, movement: FundsMovement) -> None:
    """A donor's row of the annual report is its statement."""
    assert movement.opening == statement.opening.cents
    assert movement.carried == statement.carried.cents
    assert movement.contributions == statement.received.cents
    assert movement.interest == statement.interest.cents
    assert movement.exchange == statement.exchange.cents
    assert movement.transferred == statement.transferred.cents
    assert movement.refunds == statement.refunds.cents
    assert movement.bank_charges == statement.bank_charges.cents
    assert movement.closing == left(statement)
    used: Counter[str] = Counter()
    for each in statement.uses:
        used[each.category] += each.usd.cents
    assert {name: cents for name, cents in movement.used.items() if cents} == {
        name: cents for name, cents in used.items() if cents
    }


def adds_up_to_itself(traced: ContributionTrace) -> None:
    """What became of a contribution is the contribution, and stands in the donor's statements."""
    unspent = sum(each.unspent for each in traced.activities)
    used, gone = (sum(step.cents for step in steps) for steps in (traced.used, traced.gone))
    assert traced.cents == used + unspent + gone + traced.available
    assert sum(step.cents for step in traced.allocated) == sum(each.allocated for each in traced.activities)
    in_statements = sum(each.cents for each in traced.statements if each.figure == "used in all")
    assert in_statements == used
