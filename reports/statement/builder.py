"""Builder of a donor's statement from the journal, every figure with the lines it is the sum of.

The figures follow the lines, not the projections: what was posted and later reversed is in them twice, with
opposite signs, so a statement at any two clocks adds up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from allocation import TermClosed, lines_of_term, own_city_among
from donors import (
    Agreement,
    ContributionReceived,
    DifferencesAttributed,
    Donor,
    FundsTransferred,
    InterestAttributed,
    Pledge,
    ReceiptIdentified,
    RefundAgreed,
    agreements,
    dues_of,
    get_agreement,
    get_donor,
    get_receipt,
)
from ledger import (
    ALLOCATED,
    AVAILABLE,
    COMMITMENTS,
    FUND_CURRENCY,
    OPERATING_COSTS,
    PLEDGES,
    RECEIVABLE,
    REFUNDS_PAYABLE,
    SUPPORT_COSTS,
    UNSPENT,
    USE_OF_MONEY,
    Amount,
    AsOf,
    BadInput,
    Hint,
    PostedLine,
    Refused,
    lines_of,
    open_months,
    read_event,
)
from ledger import Balance as Standing
from reports.figures.beneficiaries import ActivityMoney, by_marker, by_region
from reports.figures.figure import Figure
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
from reports.figures.in_kind import in_kind_of
from reports.statement.context import StatementContext
from reports.statement.statement import (
    ActivityFinanced,
    AgreementSummary,
    Beneficiary,
    Outstanding,
    RateApplied,
    Receipt,
    Refunded,
    Statement,
    StatementBalance,
    StatementStatus,
    Transfer,
    Use,
)
from reports.statement.verification_code import verification_code
from reports.words.earmark_words import earmark_sentence
from reports.words.language import Words, words_in
from reports.words.percentages import part_of


@dataclass(frozen=True)
class _Inputs:
    """What one statement is built from."""

    context: StatementContext
    starts_on: date
    words: Words
    donor: Donor
    agreements: tuple[Agreement, ...]
    lines: tuple[PostedLine, ...]
    """All lines of the donor's agreements up to the end of the period."""

    @property
    def books(self) -> Connection:
        return self.context.books

    @property
    def as_of(self) -> AsOf:
        return self.context.as_of

    @cached_property
    def by_agreement(self) -> dict[str, list[PostedLine]]:
        """The lines of each agreement."""
        return grouped(self.lines, lambda line: line.agreement)

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.agreements]

    def in_period(self, lines: Iterable[PostedLine]) -> list[PostedLine]:
        return [line for line in lines if not self.before(line)]

    def before(self, line: PostedLine) -> bool:
        """Whether a line is part of the opening balance."""
        return line.effective_on < self.starts_on


def build_statement(  # noqa: PLR0913 - who, two clocks and the form of the statement
    books: Connection,
    donor: str,
    term: str,
    as_of: AsOf,
    language: str | None = None,
    starts_on: date | None = None,
    context: StatementContext | None = None,
    *,
    certified: bool = False,
) -> Statement:
    """One donor's statement for a term, from a day (the term's first unless given) to `as_of.effective_to`.

    To build many statements of the same term and clocks, share one `context` among them.

    Raises NotFound for an unknown donor or term, BadInput for a period that ends before it starts, and
    Refused for a statement that is to be certified while a month of its period is open.
    """
    context = context or StatementContext(books, term, as_of)
    inputs = _inputs(context, get_donor(books, donor, as_of.known_at), language, starts_on)
    if certified:
        _require_closed(inputs)
    return _statement(inputs, "certified" if certified else "interim")


def _statement(inputs: _Inputs, status: StatementStatus) -> Statement:
    books, context, as_of, donor = inputs.books, inputs.context, inputs.as_of, inputs.donor
    uses = tuple(_uses(inputs))
    receipts = tuple(_receipts(inputs))
    funds = inputs.in_period(on(inputs.lines, *UNSPENT))
    statement_id = f"{donor.code}-{context.term}-{as_of.effective_to:%Y%m%d}-{as_of.known_at}"
    balance = _balance(inputs)
    given = list(_money(inputs))
    return Statement(
        id=statement_id,
        donor=donor.code,
        donor_name=donor.name,
        donor_type=donor.type,
        donor_country=donor.country,
        language=inputs.words.language,
        status=status,
        term_starts_on=context.starts_on,
        starts_on=inputs.starts_on,
        ends_on=as_of.effective_to,
        currency="USD",
        seal=context.seal,
        agreements=tuple(_agreement(inputs, each) for each in inputs.agreements),
        opening=credit(line for line in on(inputs.lines, *UNSPENT) if inputs.before(line)),
        carried=credit(of_kind(funds, TermClosed.kind)),
        receipts=receipts,
        received=Figure.total(receipt.usd for receipt in receipts),
        interest=credit(on(of_kind(funds, InterestAttributed.kind), AVAILABLE)),
        exchange=credit(on(of_kind(funds, DifferencesAttributed.kind), AVAILABLE)),
        refunds=debit(on(of_kind(funds, RefundAgreed.kind), AVAILABLE)),
        refunded=tuple(_refunded(inputs)),
        transfers=tuple(_transfers(inputs)),
        transferred=credit(on(of_kind(funds, FundsTransferred.kind), AVAILABLE)),
        outstanding=(*_pledged(inputs), *_receivable(inputs)),
        uses=uses,
        used=debit(on(funds, *USE_OF_MONEY)),
        support_cost=debit(on(funds, SUPPORT_COSTS)),
        bank_charges=debit(line for line in on(funds, OPERATING_COSTS) if not line.activity),
        balance=balance,
        in_kind=tuple(in_kind_of(books, as_of, context.term, inputs.codes)),
        activities=tuple(_activities(inputs)),
        regions=by_region(given),
        reach=by_marker(given, context.tests),
        rates=tuple(_rates(inputs, receipts)),
        fund=context.fund,
        verification=verification_code(statement_id, inputs.starts_on, status, context.seal, balance, uses),
    )


def _require_closed(inputs: _Inputs) -> None:
    """Raise Refused for a period with an open month, whose figures can still change."""
    until = inputs.as_of.effective_to
    months = open_months(inputs.books, inputs.starts_on, until, inputs.as_of.known_at)
    if months:
        raise Refused(
            "statement-not-certifiable",
            "The statement of {donor} from {starts_on} to {until} cannot be certified: {months} {are} "
            "open; close every month of it{hint}, or write it as an interim statement.",
            donor=inputs.donor.code,
            starts_on=inputs.starts_on,
            until=until,
            months=_runs(months),
            are="is" if len(months) == 1 else "are",
            hint=Hint("close-a-period"),
        )


def _runs(months: Iterable[str]) -> str:
    """Months in order, consecutive ones as a range: `2021-11 to 2022-02, 2022-05`."""
    runs: list[list[str]] = []
    last = 0
    for month in months:
        number = 12 * int(month[:4]) + int(month[5:])
        if runs and number == last + 1:
            runs[-1][1:] = [month]
        else:
            runs.append([month])
        last = number
    return ", ".join(" to ".join(run) for run in runs)


def _inputs(context: StatementContext, donor: Donor, language: str | None, starts_on: date | None) -> _Inputs:
    books, as_of = context.books, context.as_of
    # A term that has not begun has a statement too, which says so.
    first = starts_on or min(context.starts_on, as_of.effective_to)
    if as_of.effective_to < first:
        raise BadInput(
            "statement-ends-before-start",
            "The statement would end on {effective_to}, before it starts on {first}.",
            effective_to=as_of.effective_to,
            first=first,
        )

    def theirs(term: str, effective_to: date = date.max) -> list[Agreement]:
        return agreements(
            books, donor=donor.code, term=term, effective_to=effective_to, known_at=as_of.known_at
        )

    signed = {each.code: each for each in theirs(context.term, as_of.effective_to)}
    owned = context.owned.get(donor.code, [])
    lines = tuple(lines_of_term(books, as_of, context.term, agreements=owned))
    # Money may be posted for a day before its agreement was signed.
    for code in sorted({line.agreement for line in lines} - signed.keys()):
        signed[code] = get_agreement(books, code, as_of.known_at)
    # Agreements that were settled in an earlier term are left out.
    earlier = {each.code for old in context.terms[1:] for each in theirs(old)}
    settled = earlier - {line.agreement for line in lines}
    open_ones = tuple(each for each in signed.values() if each.code not in settled)
    words = words_in(language or donor.language)
    return _Inputs(context, first, words, donor, open_ones, lines)


def _agreement(inputs: _Inputs, signed: Agreement) -> AgreementSummary:
    own = inputs.by_agreement.get(signed.code, [])
    return AgreementSummary(
        code=signed.code,
        currency=signed.amount.currency,
        amount=signed.amount.minor,
        signed_on=signed.signed_on,
        starts_on=signed.starts_on,
        ends_on=signed.ends_on,
        earmark=earmark_sentence(signed.earmark, inputs.words),
        earmark_level=signed.earmark.level,
        available=available_funds(own),
        allocated=allocated_funds(own),
    )


def _receipts(inputs: _Inputs) -> Iterable[Receipt]:
    """Each contribution that arrived in the period; a reversed one is listed again, negative."""
    for line in of_kind(inputs.in_period(on(inputs.lines, AVAILABLE)), *ARRIVALS):
        reference, amount, arrived_on, valued_by = _arrival(inputs, line)
        yield Receipt(
            received_on=line.effective_on if line.reverses else arrived_on,
            reference=reference,
            agreement=line.agreement,
            currency=amount.currency,
            amount=-amount.minor if line.reverses else amount.minor,
            usd=credit([line]),
            valued_on=arrived_on,
            valued_by=valued_by,
        )


def _rates(inputs: _Inputs, receipts: Iterable[Receipt]) -> Iterable[RateApplied]:
    """Each exchange rate applied to a contribution of the period, once, including corrected ones."""
    days = {(each.currency, each.valued_on, each.valued_by) for each in receipts}
    rates = (inputs.context.rate(*day) for day in sorted(days) if day[0] != FUND_CURRENCY)
    found = (
        RateApplied(rate.currency, rate.rate, rate.effective_on, rate.source)
        for rate in rates
        if rate.effective_on
    )
    yield from dict.fromkeys(found)


def _arrival(inputs: _Inputs, line: PostedLine) -> tuple[str, Amount, date, int]:
    """What arrived, when and by which entry; money that was identified later arrived before that entry."""
    entry = line.reverses or line.entry
    if line.kind == ReceiptIdentified.kind:
        receipt = read_event(inputs.books, entry, ReceiptIdentified).receipt
        arrived = get_receipt(inputs.books, receipt, inputs.as_of.known_at)
        return arrived.reference, arrived.amount, arrived.arrived_on, arrived.seq
    event = read_event(inputs.books, entry, ContributionReceived)
    return event.reference, event.amount, event.on, entry


def _refunded(inputs: _Inputs) -> Iterable[Refunded]:
    """Each refund agreed or paid in the period; a reversed agreement is listed again, negative."""
    agreed = on(of_kind(inputs.in_period(inputs.lines), RefundAgreed.kind), AVAILABLE)
    held = {each.seq: each for code in inputs.codes for each in inputs.context.refunds.get(code, ())}
    for line in agreed:
        code = read_event(inputs.books, line.reverses or line.entry, RefundAgreed).code
        paid = held.pop(line.entry, None)
        paid_on, amount = (paid.paid_on, paid.paid) if paid else (None, None)
        yield Refunded(line.effective_on, code, line.agreement, line.usd, paid_on, amount)
    for each in held.values():
        if each.paid_on and inputs.starts_on <= each.paid_on:
            yield Refunded(each.agreed_on, each.code, each.agreement, each.cents, each.paid_on, each.paid)


def _transfers(inputs: _Inputs) -> Iterable[Transfer]:
    """Each transfer of the period; a reversed one is listed again, negative."""
    moved = of_kind(inputs.in_period(on(inputs.lines, AVAILABLE)), FundsTransferred.kind)
    for lines in grouped(moved, lambda line: line.entry).values():
        event = read_event(inputs.books, lines[0].reverses or lines[0].entry, FundsTransferred)
        arrived = [line for line in lines if line.agreement == event.target]
        yield Transfer(lines[0].effective_on, event.code, event.source, event.target, credit(arrived))


def _pledged(inputs: _Inputs) -> Iterable[Outstanding]:
    """What the donor pledged without having signed an agreement on it."""
    until = inputs.as_of.effective_to
    for pledge in inputs.context.pledges.get(inputs.donor.code, ()):
        yield Outstanding(
            kind="pledge",
            code=pledge.code,
            instalment=0,
            due_on=pledge.expected_on,
            waits=False,
            days_overdue=max(0, (until - pledge.expected_on).days),
            currency=pledge.amount.currency,
            amount=pledge.amount.minor,
            usd=_recorded(inputs, pledge),
        )


def _receivable(inputs: _Inputs) -> Iterable[Outstanding]:
    """What agreements still owe, by instalment."""
    claims = grouped(on(inputs.lines, RECEIVABLE), lambda line: line.agreement)
    for signed in inputs.agreements:
        owed = claims.get(signed.code, [])
        carried = debit(owed)
        stands = Standing(sum(line.amount for line in owed), carried.cents)
        for due in dues_of(signed, stands, inputs.context.met, inputs.as_of.effective_to):
            if due.outstanding.minor:
                yield Outstanding(
                    kind="receivable",
                    code=signed.code,
                    instalment=due.number if signed.instalments else 0,
                    due_on=due.due_on,
                    waits=due.state == "waits for its condition",
                    days_overdue=due.days_late,
                    currency=due.outstanding.currency,
                    amount=due.outstanding.minor,
                    usd=Figure(due.cents, carried.lines),
                )


def _recorded(inputs: _Inputs, pledge: Pledge) -> Figure:
    """The lines that recorded a pledge on its memo account."""
    lines = [
        (line.usd, (pledge.seq, number))
        for number, line in enumerate(lines_of(inputs.books, pledge.seq), start=1)
        if line.account == PLEDGES
    ]
    return Figure(sum(cents for cents, _ in lines), tuple(ref for _, ref in lines))


def _uses(inputs: _Inputs) -> Iterable[Use]:
    titles = inputs.context.activities if inputs.lines else {}
    groups = grouped(
        inputs.in_period(on(inputs.lines, *USE_OF_MONEY)), lambda line: (line.activity, line.account)
    )
    for (activity, category), lines in sorted(groups.items()):
        title = titles[activity].title(inputs.words.language) if activity else ""
        yield Use(activity, title, category, debit(lines))


def _balance(inputs: _Inputs) -> StatementBalance:
    return StatementBalance(
        available=available_funds(inputs.lines),
        allocated=allocated_funds(inputs.lines),
        committed=debit(on(inputs.lines, COMMITMENTS)),
        refund_due=credit(on(inputs.lines, REFUNDS_PAYABLE)),
    )


def _money(inputs: _Inputs) -> Iterable[ActivityMoney]:
    """The donor's money given to and used by each activity, and what was used without an activity."""
    groups = grouped(on(inputs.lines, ALLOCATED, *USE_OF_MONEY), lambda line: line.activity)
    for code, lines in sorted(groups.items()):
        used = debit(inputs.in_period(on(lines, *USE_OF_MONEY)))
        activity = inputs.context.activities[code] if code else None
        yield ActivityMoney(activity, credit(on(lines, ALLOCATED)), used, allocated_funds(lines))


def _activities(inputs: _Inputs) -> Iterable[ActivityFinanced]:
    """The activities that the donor's money was allocated to, up to the end of the period."""
    given = grouped(on(inputs.lines, ALLOCATED), lambda line: line.activity)
    if not given:
        return
    context = inputs.context
    used = grouped(on(inputs.lines, *USE_OF_MONEY), lambda line: line.activity)
    for code, lines in sorted(given.items()):
        allocation, everyone = credit(lines), context.allocated[code]
        activity = context.activities[code]
        if not allocation.cents:
            continue
        africa, low_income, ldc = context.shares(code)
        yield ActivityFinanced(
            code=code,
            title=activity.title(inputs.words.language),
            allocated=allocation,
            allocated_by_all=everyone,
            share=part_of(allocation.cents, everyone),
            used=debit(used.get(code, [])),
            cities=tuple(Beneficiary(city.name, city.country) for city in activity.cities),
            africa=africa,
            low_income=low_income,
            ldc=ldc,
            results=context.reported_results(code),
            reached=context.reached.get(code, ()),
            own_city=own.name if (own := own_city_among(inputs.donor, activity.cities)) else "",
        )
