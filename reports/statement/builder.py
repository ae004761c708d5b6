"""Tracing: a donor's statement drawn from the journal, every figure with the lines it is the sum of.

The figures follow the lines, not the registers: what was booked and later taken back is in them twice, with
opposite signs, so a statement of any two clocks adds up.
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
    PostedLine,
    Refused,
    get_entry,
    lines_of,
    open_months,
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
class _Desk:
    """What lies on the desk while a statement is drawn up."""

    backdrop: StatementContext
    starts_on: date
    words: Words
    donor: Donor
    agreements: tuple[Agreement, ...]
    lines: tuple[PostedLine, ...]
    """All lines of the donor's agreements up to the end of the period."""

    @property
    def books(self) -> Connection:
        return self.backdrop.books

    @property
    def as_of(self) -> AsOf:
        return self.backdrop.as_of

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
        """Whether a line is a part of the opening balance."""
        return line.effective_on < self.starts_on


def build_statement(  # noqa: PLR0913 - who, two clocks and how it is to be told
    books: Connection,
    donor: str,
    term: str,
    as_of: AsOf,
    language: str | None = None,
    starts_on: date | None = None,
    backdrop: StatementContext | None = None,
    *,
    certified: bool = False,
) -> Statement:
    """One donor's statement for a term, from a day (the term's first unless given) to `as_of.effective_to`.

    Who draws many gives the backdrop that they share, of the same term and clocks.

    Raises NotFound for an unknown donor or term, BadInput for a period that ends before it starts, and
    Refused for a statement that is to be certified while a month of its period is open.
    """
    behind = backdrop or StatementContext(books, term, as_of)
    desk = _desk(behind, get_donor(books, donor, as_of.known_at), language, starts_on)
    if certified:
        _require_closed(desk)
    return _statement(desk, "certified" if certified else "interim")


def _statement(desk: _Desk, status: StatementStatus) -> Statement:
    books, behind, as_of, donor = desk.books, desk.backdrop, desk.as_of, desk.donor
    uses = tuple(_uses(desk))
    receipts = tuple(_receipts(desk))
    funds = desk.in_period(on(desk.lines, *UNSPENT))
    statement_id = f"{donor.code}-{behind.term}-{as_of.effective_to:%Y%m%d}-{as_of.known_at}"
    balance = _balance(desk)
    given = list(_money(desk))
    return Statement(
        id=statement_id,
        donor=donor.code,
        donor_name=donor.name,
        donor_type=donor.type,
        donor_country=donor.country,
        language=desk.words.language,
        status=status,
        term_starts_on=behind.starts_on,
        starts_on=desk.starts_on,
        ends_on=as_of.effective_to,
        currency="USD",
        seal=behind.seal,
        agreements=tuple(_agreement(desk, each) for each in desk.agreements),
        opening=credit(line for line in on(desk.lines, *UNSPENT) if desk.before(line)),
        carried=credit(of_kind(funds, TermClosed.kind)),
        receipts=receipts,
        received=Figure.total(receipt.usd for receipt in receipts),
        interest=credit(on(of_kind(funds, InterestAttributed.kind), AVAILABLE)),
        exchange=credit(on(of_kind(funds, DifferencesAttributed.kind), AVAILABLE)),
        refunds=debit(on(of_kind(funds, RefundAgreed.kind), AVAILABLE)),
        refunded=tuple(_refunded(desk)),
        transfers=tuple(_transfers(desk)),
        transferred=credit(on(of_kind(funds, FundsTransferred.kind), AVAILABLE)),
        outstanding=(*_pledged(desk), *_receivable(desk)),
        uses=uses,
        used=debit(on(funds, *USE_OF_MONEY)),
        support_cost=debit(on(funds, SUPPORT_COSTS)),
        bank_charges=debit(line for line in on(funds, OPERATING_COSTS) if not line.activity),
        balance=balance,
        in_kind=tuple(in_kind_of(books, as_of, behind.term, desk.codes)),
        activities=tuple(_activities(desk)),
        regions=by_region(given),
        reach=by_marker(given, behind.tests),
        rates=tuple(_rates(desk, receipts)),
        fund=behind.fund,
        verification=verification_code(statement_id, desk.starts_on, status, behind.seal, balance, uses),
    )


def _require_closed(desk: _Desk) -> None:
    """Refuse to certify what can still change."""
    until = desk.as_of.effective_to
    months = open_months(desk.books, desk.starts_on, until, desk.as_of.known_at)
    if months:
        raise Refused(
            f"The statement of {desk.donor.code} from {desk.starts_on} to {until} cannot be certified: "
            f"{_runs(months)} {'is' if len(months) == 1 else 'are'} open; close every month of it with "
            f"`mdfm period close`, or write it as an interim statement."
        )


def _runs(months: Iterable[str]) -> str:
    """Months in order, those that follow each other as a span: `2021-11 to 2022-02, 2022-05`."""
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


def _desk(behind: StatementContext, donor: Donor, language: str | None, starts_on: date | None) -> _Desk:
    books, as_of = behind.books, behind.as_of
    # Of a term that has not begun there is a statement too, which says so.
    first = starts_on or min(behind.starts_on, as_of.effective_to)
    if as_of.effective_to < first:
        raise BadInput(f"The statement would end on {as_of.effective_to}, before it starts on {first}.")

    def theirs(term: str, effective_to: date = date.max) -> list[Agreement]:
        return agreements(
            books, donor=donor.code, term=term, effective_to=effective_to, known_at=as_of.known_at
        )

    signed = {each.code: each for each in theirs(behind.term, as_of.effective_to)}
    owned = behind.owned.get(donor.code, [])
    lines = tuple(lines_of_term(books, as_of, behind.term, agreements=owned))
    # Money may be booked for a day before the one on which its agreement was signed.
    for code in sorted({line.agreement for line in lines} - signed.keys()):
        signed[code] = get_agreement(books, code, as_of.known_at)
    # An agreement that was settled in an earlier term is no business of this one.
    earlier = {each.code for old in behind.terms[1:] for each in theirs(old)}
    settled = earlier - {line.agreement for line in lines}
    open_ones = tuple(each for each in signed.values() if each.code not in settled)
    words = words_in(language or donor.language)
    return _Desk(behind, first, words, donor, open_ones, lines)


def _agreement(desk: _Desk, signed: Agreement) -> AgreementSummary:
    own = desk.by_agreement.get(signed.code, [])
    return AgreementSummary(
        code=signed.code,
        currency=signed.amount.currency,
        amount=signed.amount.minor,
        signed_on=signed.signed_on,
        starts_on=signed.starts_on,
        ends_on=signed.ends_on,
        earmark=earmark_sentence(signed.earmark, desk.words),
        earmark_level=signed.earmark.level,
        available=available_funds(own),
        allocated=allocated_funds(own),
    )


def _receipts(desk: _Desk) -> Iterable[Receipt]:
    """Each contribution that arrived in the period; one that was taken back stands there again, negative."""
    for line in of_kind(desk.in_period(on(desk.lines, AVAILABLE)), *ARRIVALS):
        reference, amount, arrived_on, valued_by = _arrival(desk, line)
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


def _rates(desk: _Desk, receipts: Iterable[Receipt]) -> Iterable[RateApplied]:
    """Each rate by which a contribution of the period became US dollars, once, corrected since or not."""
    days = {(each.currency, each.valued_on, each.valued_by) for each in receipts}
    rates = (desk.backdrop.rate(*day) for day in sorted(days) if day[0] != FUND_CURRENCY)
    found = (
        RateApplied(rate.currency, rate.rate, rate.effective_on, rate.source)
        for rate in rates
        if rate.effective_on
    )
    yield from dict.fromkeys(found)


def _arrival(desk: _Desk, line: PostedLine) -> tuple[str, Amount, date, int]:
    """What arrived, when and by which entry: money that was identified later arrived before its entry."""
    entry = line.reverses or line.entry
    payload = get_entry(desk.books, entry).payload
    if line.kind == ReceiptIdentified.kind:
        arrived = get_receipt(
            desk.books, ReceiptIdentified.model_validate_json(payload).receipt, desk.as_of.known_at
        )
        return arrived.reference, arrived.amount, arrived.arrived_on, arrived.seq
    told = ContributionReceived.model_validate_json(payload)
    return told.reference, told.amount, told.on, entry


def _refunded(desk: _Desk) -> Iterable[Refunded]:
    """Each refund agreed or paid in the period; an agreement that was taken back stands there, negative."""
    agreed = on(of_kind(desk.in_period(desk.lines), RefundAgreed.kind), AVAILABLE)
    held = {each.seq: each for code in desk.codes for each in desk.backdrop.refunds.get(code, ())}
    for line in agreed:
        payload = get_entry(desk.books, line.reverses or line.entry).payload
        code = RefundAgreed.model_validate_json(payload).code
        paid = held.pop(line.entry, None)
        paid_on, amount = (paid.paid_on, paid.paid) if paid else (None, None)
        yield Refunded(line.effective_on, code, line.agreement, line.usd, paid_on, amount)
    for each in held.values():
        if each.paid_on and desk.starts_on <= each.paid_on:
            yield Refunded(each.agreed_on, each.code, each.agreement, each.cents, each.paid_on, each.paid)


def _transfers(desk: _Desk) -> Iterable[Transfer]:
    """Each transfer of the period; one that was taken back stands there again, negative."""
    moved = of_kind(desk.in_period(on(desk.lines, AVAILABLE)), FundsTransferred.kind)
    for lines in grouped(moved, lambda line: line.entry).values():
        payload = get_entry(desk.books, lines[0].reverses or lines[0].entry).payload
        told = FundsTransferred.model_validate_json(payload)
        arrived = [line for line in lines if line.agreement == told.target]
        yield Transfer(lines[0].effective_on, told.code, told.source, told.target, credit(arrived))


def _pledged(desk: _Desk) -> Iterable[Outstanding]:
    """What the donor announced and did not sign an agreement on."""
    until = desk.as_of.effective_to
    for pledge in desk.backdrop.pledges.get(desk.donor.code, ()):
        yield Outstanding(
            kind="pledge",
            code=pledge.code,
            instalment=0,
            due_on=pledge.expected_on,
            waits=False,
            days_overdue=max(0, (until - pledge.expected_on).days),
            currency=pledge.amount.currency,
            amount=pledge.amount.minor,
            usd=_recorded(desk, pledge),
        )


def _receivable(desk: _Desk) -> Iterable[Outstanding]:
    """What agreements still owe, instalment by instalment."""
    claims = grouped(on(desk.lines, RECEIVABLE), lambda line: line.agreement)
    for signed in desk.agreements:
        owed = claims.get(signed.code, [])
        carried = debit(owed)
        stands = Standing(sum(line.amount for line in owed), carried.cents)
        for due in dues_of(signed, stands, desk.backdrop.met, desk.as_of.effective_to):
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


def _recorded(desk: _Desk, pledge: Pledge) -> Figure:
    """The lines that recorded a pledge on its memo account."""
    lines = [
        (line.usd, (pledge.seq, number))
        for number, line in enumerate(lines_of(desk.books, pledge.seq), start=1)
        if line.account == PLEDGES
    ]
    return Figure(sum(cents for cents, _ in lines), tuple(ref for _, ref in lines))


def _uses(desk: _Desk) -> Iterable[Use]:
    titles = desk.backdrop.activities if desk.lines else {}
    groups = grouped(
        desk.in_period(on(desk.lines, *USE_OF_MONEY)), lambda line: (line.activity, line.account)
    )
    for (activity, category), lines in sorted(groups.items()):
        title = titles[activity].title(desk.words.language) if activity else ""
        yield Use(activity, title, category, debit(lines))


def _balance(desk: _Desk) -> StatementBalance:
    return StatementBalance(
        available=available_funds(desk.lines),
        allocated=allocated_funds(desk.lines),
        committed=debit(on(desk.lines, COMMITMENTS)),
        refund_due=credit(on(desk.lines, REFUNDS_PAYABLE)),
    )


def _money(desk: _Desk) -> Iterable[ActivityMoney]:
    """What each activity was given and used of the donor's money, and what was used without an activity."""
    groups = grouped(on(desk.lines, ALLOCATED, *USE_OF_MONEY), lambda line: line.activity)
    for code, lines in sorted(groups.items()):
        used = debit(desk.in_period(on(lines, *USE_OF_MONEY)))
        activity = desk.backdrop.activities[code] if code else None
        yield ActivityMoney(activity, credit(on(lines, ALLOCATED)), used, allocated_funds(lines))


def _activities(desk: _Desk) -> Iterable[ActivityFinanced]:
    """What the donor's money was allocated to, up to the end of the period."""
    given = grouped(on(desk.lines, ALLOCATED), lambda line: line.activity)
    if not given:
        return
    behind = desk.backdrop
    used = grouped(on(desk.lines, *USE_OF_MONEY), lambda line: line.activity)
    for code, lines in sorted(given.items()):
        allocation, everyone = credit(lines), behind.allocated[code]
        activity = behind.activities[code]
        if not allocation.cents:
            continue
        africa, low_income, ldc = behind.shares(code)
        yield ActivityFinanced(
            code=code,
            title=activity.title(desk.words.language),
            allocated=allocation,
            allocated_by_all=everyone,
            share=part_of(allocation.cents, everyone),
            used=debit(used.get(code, [])),
            cities=tuple(Beneficiary(city.name, city.country) for city in activity.cities),
            africa=africa,
            low_income=low_income,
            ldc=ldc,
            results=behind.told(code),
            reached=behind.reached.get(code, ()),
            own_city=own.name if (own := own_city_among(desk.donor, activity.cities)) else "",
        )
