"""Tracing: a donor's statement drawn from the journal, every figure with the lines it is the sum of.

The figures follow the lines, not the registers: what was booked and later taken back is in them twice, with
opposite signs, so a statement of any two clocks adds up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from allocation import (
    Activity,
    TermClosed,
    activities_by_code,
    lines_of_term,
    lists_day,
    membership,
    results_of,
    share_reaching,
)
from donors import (
    Agreement,
    ContributionReceived,
    DifferencesAttributed,
    Donor,
    InterestAttributed,
    ReceiptIdentified,
    RefundAgreed,
    agreements,
    get_donor,
    get_receipt,
    in_kind_gifts,
    open_pledges,
    uses_of_goods,
)
from ledger import (
    Amount,
    AsOf,
    BadInput,
    PostedLine,
    canonical_json,
    get_entry,
    get_term,
    posted,
    terms_into,
)
from reports.earmark_words import earmark_sentence
from reports.figures import ARRIVALS, USE, allocated, available, credit, debit, grouped, of_kind, on
from reports.fund import WHOLE, fund_summary, seal_of
from reports.language import Words, words_in
from reports.statement import (
    ActivityFinanced,
    AgreementSummary,
    Balance,
    Beneficiary,
    Figure,
    InKind,
    Outstanding,
    Receipt,
    Seal,
    Statement,
    Use,
)

FUNDS = ("2200", "2300", *USE)
"""What a donor's money is made of: given and not used yet, less what was used and lost."""
SUPPORT_COST = "3180"


@dataclass(frozen=True)
class _Desk:
    """What lies on the desk while a statement is drawn up."""

    books: Connection
    as_of: AsOf
    term: str
    starts_on: date
    words: Words
    donor: Donor
    agreements: tuple[Agreement, ...]
    lines: tuple[PostedLine, ...]
    """All lines of the donor's agreements up to the end of the period."""

    @property
    def terms(self) -> list[str]:
        """The term, and those that were carried over to it."""
        return terms_into(self.books, self.term, self.as_of.known_at)

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.agreements]

    def in_period(self, lines: Iterable[PostedLine]) -> list[PostedLine]:
        return [line for line in lines if not self.before(line)]

    def before(self, line: PostedLine) -> bool:
        """Whether a line is a part of the opening balance; what was carried over to the term always is."""
        return line.effective_on < self.starts_on or line.kind == TermClosed.kind


def draw_statement(
    books: Connection,
    donor: str,
    term: str,
    as_of: AsOf,
    language: str | None = None,
    starts_on: date | None = None,
) -> Statement:
    """One donor's statement for a term, from a day (the term's first unless given) to `as_of.effective_to`.

    Raises NotFound for an unknown donor or term, BadInput for a period that ends before it starts.
    """
    desk = _desk(books, get_donor(books, donor, as_of.known_at), term, as_of, language, starts_on)
    seal = seal_of(books, as_of)
    uses = tuple(_uses(desk))
    receipts = tuple(_receipts(desk))
    funds = desk.in_period(on(desk.lines, *FUNDS))
    statement_id = f"{donor}-{term}-{as_of.effective_to:%Y%m%d}-{as_of.known_at}"
    balance = _balance(desk)
    return Statement(
        id=statement_id,
        donor=donor,
        donor_name=desk.donor.name,
        donor_type=desk.donor.type,
        donor_country=desk.donor.country,
        language=desk.words.language,
        starts_on=desk.starts_on,
        ends_on=as_of.effective_to,
        currency="USD",
        seal=seal,
        agreements=tuple(_agreement(desk, each) for each in desk.agreements),
        opening=credit(line for line in on(desk.lines, *FUNDS) if desk.before(line)),
        receipts=receipts,
        received=Figure.total(receipt.usd for receipt in receipts),
        interest=credit(on(of_kind(funds, InterestAttributed.kind), "2200")),
        exchange=credit(on(of_kind(funds, DifferencesAttributed.kind), "2200")),
        refunds=debit(on(of_kind(funds, RefundAgreed.kind), "2200")),
        outstanding=tuple(_outstanding(desk)),
        uses=uses,
        used=debit(on(funds, *USE)),
        support_cost=debit(on(funds, SUPPORT_COST)),
        bank_charges=debit(line for line in on(funds, "3170") if not line.activity),
        balance=balance,
        in_kind=tuple(_in_kind(desk)),
        activities=tuple(_activities(desk)),
        fund=fund_summary(books, term, as_of),
        verification=verification_code(statement_id, seal, balance, uses),
    )


def _desk(
    books: Connection, donor: Donor, term: str, as_of: AsOf, language: str | None, starts_on: date | None
) -> _Desk:
    first = starts_on or get_term(books, term, as_of.known_at).starts_on
    if as_of.effective_to < first:
        raise BadInput(f"The statement would end on {as_of.effective_to}, before it starts on {first}.")
    owned = agreements(books, donor=donor.code, term=term, known_at=as_of.known_at)
    signed = tuple(each for each in owned if each.signed_on <= as_of.effective_to)
    codes = [each.code for each in signed]
    lines = tuple(lines_of_term(books, as_of, term, agreements=codes))
    # An agreement that was settled in an earlier term is no business of this one.
    carried = [each for each in terms_into(books, term, as_of.known_at) if each != term]
    earlier = {each.code for old in carried for each in agreements(books, term=old, known_at=as_of.known_at)}
    settled = earlier - {line.agreement for line in lines}
    signed = tuple(each for each in signed if each.code not in settled)
    words = words_in(language or donor.language)
    return _Desk(books, as_of, term, first, words, donor, signed, lines)


def verification_code(statement_id: str, seal: Seal, balance: Balance, uses: Iterable[Use]) -> str:
    """Sixteen digits that change when the books, the balance or any use in the statement does."""
    told = [
        statement_id,
        seal.head,
        balance.available.cents,
        balance.allocated.cents,
        [[use.activity, use.category, use.usd.cents] for use in uses],
    ]
    digest = hashlib.sha256(canonical_json(told).encode()).hexdigest().upper()
    return "-".join(digest[start : start + 4] for start in range(0, 16, 4))


def _agreement(desk: _Desk, signed: Agreement) -> AgreementSummary:
    return AgreementSummary(
        code=signed.code,
        currency=signed.amount.currency,
        amount=signed.amount.minor,
        signed_on=signed.signed_on,
        starts_on=signed.starts_on,
        ends_on=signed.ends_on,
        earmark=earmark_sentence(signed.earmark, desk.words),
        earmark_level=signed.earmark.level,
    )


def _receipts(desk: _Desk) -> Iterable[Receipt]:
    """Each contribution that arrived in the period; one that was taken back stands there again, negative."""
    for line in of_kind(desk.in_period(on(desk.lines, "2200")), *ARRIVALS):
        reference, amount, arrived_on = _arrival(desk, line)
        yield Receipt(
            received_on=line.effective_on if line.reverses else arrived_on,
            reference=reference,
            agreement=line.agreement,
            currency=amount.currency,
            amount=-amount.minor if line.reverses else amount.minor,
            usd=credit([line]),
        )


def _arrival(desk: _Desk, line: PostedLine) -> tuple[str, Amount, date]:
    """What arrived, and when: money that was identified later arrived before its entry."""
    payload = get_entry(desk.books, line.reverses or line.entry).payload
    if line.kind == ReceiptIdentified.kind:
        arrived = get_receipt(
            desk.books, ReceiptIdentified.model_validate_json(payload).receipt, desk.as_of.known_at
        )
        return arrived.reference, arrived.amount, arrived.arrived_on
    told = ContributionReceived.model_validate_json(payload)
    return told.reference, told.amount, told.on


def _outstanding(desk: _Desk) -> Iterable[Outstanding]:
    until, known_at = desk.as_of.effective_to, desk.as_of.known_at
    for pledge in open_pledges(desk.books, until, known_at):
        if pledge.donor == desk.donor.code and pledge.term in desk.terms:
            recorded = [
                line
                for line in posted(desk.books, desk.as_of, accounts=("9100",), donor=pledge.donor)
                if line.entry == pledge.seq
            ]
            yield Outstanding(
                kind="pledge",
                code=pledge.code,
                since=pledge.recorded_on,
                age_days=(until - pledge.recorded_on).days,
                currency=pledge.amount.currency,
                amount=pledge.amount.minor,
                usd=debit(recorded),
            )
    for signed in desk.agreements:
        owed = [line for line in on(desk.lines, "1200") if line.agreement == signed.code]
        if amount := sum(line.amount for line in owed):
            yield Outstanding(
                kind="receivable",
                code=signed.code,
                since=signed.signed_on,
                age_days=(until - signed.signed_on).days,
                currency=signed.amount.currency,
                amount=amount,
                usd=debit(owed),
            )


def _titles(desk: _Desk) -> dict[str, Activity]:
    return activities_by_code(desk.books, desk.term, desk.as_of.known_at)


def _uses(desk: _Desk) -> Iterable[Use]:
    titles = _titles(desk) if desk.lines else {}
    groups = grouped(desk.in_period(on(desk.lines, *USE)), lambda line: (line.activity, line.account))
    for (activity, category), lines in sorted(groups.items()):
        title = titles[activity].titles[desk.words.language] if activity else ""
        yield Use(activity, title, category, debit(lines))


def _balance(desk: _Desk) -> Balance:
    return Balance(
        available=available(desk.lines),
        allocated=allocated(desk.lines),
        committed=debit(on(desk.lines, "9200")),
        refund_due=credit(on(desk.lines, "2700")),
    )


def _in_kind(desk: _Desk) -> Iterable[InKind]:
    gifts = in_kind_gifts(
        desk.books,
        agreements=desk.codes,
        effective_to=desk.as_of.effective_to,
        known_at=desk.as_of.known_at,
    )
    values = list(posted(desk.books, desk.as_of, accounts=("2400", "9300"), agreements=desk.codes))
    for gift in gifts:
        value = [line for line in values if line.entry == gift.seq]
        uses = set(uses_of_goods(desk.books, gift.code, desk.as_of.known_at))
        if not any(line.term == desk.term for line in value) and not any(
            line.entry in uses for line in desk.lines
        ):
            continue  # a gift of an earlier term, of which nothing was used in this one
        yield InKind(
            form=gift.form,
            code=gift.code,
            agreement=gift.agreement,
            description=gift.description,
            on=gift.received_on,
            basis=gift.basis,
            evidence=gift.evidence,
            usd=credit(value) if gift.form == "goods" else debit(value),
            used=debit(line for line in on(desk.lines, "3300") if line.entry in uses),
        )


def _activities(desk: _Desk) -> Iterable[ActivityFinanced]:
    """What the donor's money was allocated to, up to the end of the period."""
    given = grouped(on(desk.lines, "2300"), lambda line: line.activity)
    if not given:
        return
    from_all = grouped(
        lines_of_term(desk.books, desk.as_of, desk.term, accounts=("2300",)), lambda line: line.activity
    )
    titles = _titles(desk)
    used = grouped(on(desk.lines, *USE), lambda line: line.activity)
    shares = _markers(desk)
    for code, lines in sorted(given.items()):
        allocated, everyone = credit(lines), credit(from_all[code]).cents
        activity = titles[code]
        if not allocated.cents:
            continue
        africa, low_income, ldc = shares(activity)
        yield ActivityFinanced(
            code=code,
            title=activity.titles[desk.words.language],
            allocated=allocated,
            allocated_by_all=everyone,
            share=allocated.cents * WHOLE // everyone,
            used=debit(used.get(code, [])),
            cities=tuple(Beneficiary(city.name, city.country) for city in activity.cities),
            africa=africa,
            low_income=low_income,
            ldc=ldc,
            results=tuple(results_of(desk.books, code, desk.as_of.effective_to, desk.as_of.known_at)),
        )


def _markers(desk: _Desk) -> Callable[[Activity], tuple[int, int, int]]:
    """The parts of an activity that reach Africa (UNESCO's region), low-income and least developed countries.

    By the lists that the plan was solved with.
    """
    day = lists_day(desk.books, desk.term, desk.as_of.known_at) or desk.as_of.effective_to
    africa = membership("africa", "", "unesco", day)
    low_income, ldc = membership("low-income", "", "unesco", day), membership("ldc", "", "unesco", day)
    return lambda activity: (
        share_reaching(activity, africa),
        share_reaching(activity, low_income),
        share_reaching(activity, ldc),
    )
