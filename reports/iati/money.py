"""Transactions, budgets and planned disbursements of IATI files, from the lines of the journal.

Nothing is published twice. An advance is a disbursement until the partner reports its use: then it is
deducted from the disbursements and published as expenditure. So a partner's disbursements add up to what it
holds, expenditure to the use of funds, and both together to all that was spent. A reversal is published
again, negative.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy import Connection

from allocation import CommitmentCancelled, Grant, GrantCommitted, TermClosed, YearEnded, grants
from donors import (
    LANGUAGES,
    AgreementAmended,
    AgreementSigned,
    DifferencesAttributed,
    Donor,
    InterestAttributed,
    ReceivableWrittenOff,
    RefundAgreed,
    donors,
    owners,
)
from ledger import (
    ADVANCES,
    ALLOCATED,
    AVAILABLE,
    COMMITMENTS,
    RECEIVABLE,
    USE_OF_MONEY,
    AsOf,
    Event,
    Hint,
    NotFound,
    PostedLine,
    Term,
    get_term,
    nearest,
    posted,
    read_event,
    split,
)
from reports.figures.figures import ARRIVALS, credit, debit, grouped, of_kind, on
from reports.iati.codes import (
    COMMITMENT,
    DISBURSEMENT,
    EXPENDITURE,
    INCOMING,
    INCOMING_COMMITMENT,
    PRIVATE_FINANCE,
    is_private,
    organisation_type,
)
from reports.iati.iati import Budget, Party, PlannedDisbursement, Publisher, TextsByLanguage, Transaction
from reports.words.labels import CATEGORIES
from reports.words.language import N_, words_in

_ACCOUNTS = (RECEIVABLE, ADVANCES, AVAILABLE, ALLOCATED, COMMITMENTS, *USE_OF_MONEY)


def in_all_languages(text: str, **values: object) -> TextsByLanguage:
    """A marked text in every language."""
    return {language: words_in(language)(text, **values) for language in LANGUAGES}


@dataclass(frozen=True)
class IatiContext:
    """What the files of a term are built from: the books at two clocks, the publisher and the lines."""

    books: Connection
    as_of: AsOf
    publisher: Publisher
    term: Term
    lines: tuple[PostedLine, ...]
    """Lines of the term with published money, including those of its own close, without its year ends."""

    @classmethod
    def of(cls, books: Connection, term: str, as_of: AsOf, publisher: Publisher) -> IatiContext:
        """The context for a term; NotFound for an unknown term, or a reference for an unknown code."""
        found = get_term(books, term, as_of.known_at)
        _require_known(books, publisher.references, as_of.known_at)
        lines = posted(books, as_of, accounts=_ACCOUNTS, term=term)
        return cls(
            books, as_of, publisher, found, tuple(line for line in lines if line.kind != YearEnded.kind)
        )

    @cached_property
    def donors(self) -> Mapping[str, Donor]:
        """Donors by code, with their current names."""
        return {donor.code: donor for donor in donors(self.books, self.as_of.known_at)}

    @cached_property
    def grants(self) -> Mapping[str, Grant]:
        """Grants by code."""
        found = grants(self.books, self.term.code, self.as_of.known_at)
        return {each.code: each for each in found}

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        return owners(self.books, self.as_of.known_at)

    @cached_property
    def closes(self) -> Mapping[int, TermClosed]:
        """Term closes, by the number of the entry that records or reverses them."""
        entries = {line.entry: line.reverses or line.entry for line in of_kind(self.lines, TermClosed.kind)}
        return {seq: read_event(self.books, closed_by, TermClosed) for seq, closed_by in entries.items()}

    def leaves(self, line: PostedLine) -> bool:
        """Whether a line carries money out of the term at its close."""
        return line.entry in self.closes and self.closes[line.entry].term == self.term.code

    def giver(self, line: PostedLine) -> Donor | None:
        """The donor of a line's money; None where the books no longer know, after a reversal."""
        code = self._owners.get(line.agreement)
        if code is None:  # a reversed agreement or gift is in no projection
            event = read_event(self.books, line.reverses or line.entry, Event)
            code = getattr(event, "donor", "")
        return self.donors.get(code)

    def donor(self, donor: Donor) -> Party:
        """A donor as a published organisation."""
        ref = self.publisher.references.get(donor.code, "")
        return Party(donor.name, organisation_type(donor), ref)

    def agent(self, activity: str = "") -> Party:
        """The agent itself and, for a transaction, the activity on its side."""
        return Party(self.publisher.name, self.publisher.type, self.publisher.reference, activity)

    def partner(self, grant: str) -> Party | None:
        """The partner of a grant; None for the agent's own spending, whose payees may be persons."""
        held = self.grants.get(grant)
        return Party(held.partner, "", self.publisher.references.get(grant, "")) if held else None


def _require_known(books: Connection, codes: Iterable[str], known_at: int) -> None:
    """Raise NotFound for an unknown code: a mistyped one would omit the identifier unnoticed."""
    known = {each.code for each in donors(books, known_at)}
    known |= {each.code for each in grants(books, known_at=known_at)}
    for code in codes:
        if code not in known:
            raise NotFound(
                "unknown-donor-or-grant",
                "There is no donor or grant '{code}' in this book{nearest}: see {option}.",
                code=code,
                nearest=nearest(code, known),
                option=Hint("see-references", "the references"),
            )


@dataclass(frozen=True)
class _Sort:
    """A selection of lines that is one type of transaction."""

    account: str | tuple[str, ...]
    kinds: tuple[str, ...]
    """Kinds of events; empty for all."""
    type: str
    about: str
    incoming: bool = False
    """Whether a credit is published as positive."""

    def takes(self, line: PostedLine) -> bool:
        return line.account.startswith(self.account) and (not self.kinds or line.kind in self.kinds)


_CARRIED = (TermClosed.kind,)
_ADVANCE = N_("Advance to the partner, until its use is reported")
_SORTS = (
    _Sort(
        RECEIVABLE,
        (AgreementSigned.kind, AgreementAmended.kind, ReceivableWrittenOff.kind),
        INCOMING_COMMITMENT,
        N_("Agreed with the donor"),
    ),
    _Sort(RECEIVABLE, _CARRIED, INCOMING_COMMITMENT, N_("Agreed with the donor; carried over between terms")),
    _Sort(AVAILABLE, ARRIVALS, INCOMING, N_("Contribution received in trust"), incoming=True),
    _Sort(AVAILABLE, (RefundAgreed.kind,), INCOMING, N_("Refund to the donor"), incoming=True),
    _Sort(
        AVAILABLE, (InterestAttributed.kind,), INCOMING, N_("Interest on money held in trust"), incoming=True
    ),
    _Sort(AVAILABLE, (DifferencesAttributed.kind,), INCOMING, N_("Differences of exchange"), incoming=True),
    _Sort((AVAILABLE, ALLOCATED), _CARRIED, INCOMING, N_("Carried over from the term before"), incoming=True),
    _Sort(ALLOCATED, (), INCOMING, N_("Allocated from the fund"), incoming=True),
    _Sort(COMMITMENTS, (GrantCommitted.kind, CommitmentCancelled.kind), COMMITMENT, N_("Grant to a partner")),
    _Sort(COMMITMENTS, _CARRIED, COMMITMENT, N_("Grant to a partner; carried over between terms")),
    _Sort(ADVANCES, (), DISBURSEMENT, _ADVANCE),
    _Sort(USE_OF_MONEY, (), EXPENDITURE, ""),  # described by its category
)
_LEAVES = _Sort((AVAILABLE, ALLOCATED), _CARRIED, DISBURSEMENT, N_("Carried over to the next term"))


def transactions(
    context: IatiContext, lines: Iterable[PostedLine], activity: str = ""
) -> Iterator[Transaction]:
    """The transactions of an activity's lines, or of the fund's own, in the order of the journal."""

    def alike(line: PostedLine) -> tuple[object, ...]:
        giver = (
            context.giver(line)
            if line.account in {RECEIVABLE, AVAILABLE} and line.kind not in _CARRIED
            else None
        )
        use = line.account if line.account.startswith(USE_OF_MONEY) else ""
        return line.entry, _sort(context, line), giver, context.partner(line.grant_code), use

    published = [line for line in lines if _sort(context, line)]
    for same in grouped(published, alike).values():
        sort = _sort(context, same[0])
        cents = (credit(same) if sort and sort.incoming else debit(same)).cents
        if sort and cents:
            yield _transaction(context, same[0], sort, cents, activity)


def _sort(context: IatiContext, line: PostedLine) -> _Sort | None:
    if context.leaves(line) and _LEAVES.takes(line):
        return _LEAVES
    return next((sort for sort in _SORTS if sort.takes(line)), None)


def _transaction(
    context: IatiContext, line: PostedLine, sort: _Sort, cents: int, activity: str
) -> Transaction:
    plain = Transaction(
        ref=f"{line.entry}-{line.no}",
        type=sort.type,
        on=line.effective_on,
        cents=cents,
        about=in_all_languages(CATEGORIES[line.account] if sort.type == EXPENDITURE else sort.about),
        category=line.account if sort.type == EXPENDITURE else "",
    )
    if line.account in {AVAILABLE, ALLOCATED}:
        return _moved(context, plain, line, activity)
    if sort.type == INCOMING_COMMITMENT:
        return _given(context, plain, line)
    return replace(plain, provider=context.agent(), receiver=context.partner(line.grant_code))


def _moved(context: IatiContext, plain: Transaction, line: PostedLine, activity: str) -> Transaction:
    """Money into the fund or an activity, from a donor, the fund or another term; or into the next term."""
    if close := context.closes.get(line.entry):
        there = close.into if context.leaves(line) else close.term
        other = context.agent(context.publisher.activity_id(there, activity))
        here = context.agent()
        return (
            replace(plain, provider=here, receiver=other)
            if context.leaves(line)
            else replace(plain, provider=other, receiver=here)
        )
    if line.account == ALLOCATED:
        fund = context.publisher.activity_id(context.term.code)
        return replace(plain, provider=context.agent(fund), receiver=context.agent())
    if line.kind in {InterestAttributed.kind, DifferencesAttributed.kind}:
        return replace(plain, provider=context.agent(), receiver=context.agent())
    return _given(context, plain, line)


def _given(context: IatiContext, plain: Transaction, line: PostedLine) -> Transaction:
    giver = context.giver(line)
    return replace(
        plain,
        provider=context.donor(giver) if giver else None,
        receiver=context.agent(),
        flow=PRIVATE_FINANCE if giver and is_private(giver) else "",
    )


def givers(context: IatiContext, lines: Iterable[PostedLine]) -> list[Donor]:
    """The donors whose money the lines are, ordered by code."""
    staying = [line for line in on(lines, RECEIVABLE, AVAILABLE, ALLOCATED) if not context.leaves(line)]
    by_agreement = grouped(staying, lambda line: line.agreement)
    found = {context.giver(same[0]) for same in by_agreement.values() if _has_money(same)}
    return sorted((donor for donor in found if donor), key=lambda donor: donor.code)


def _has_money(lines: Collection[PostedLine]) -> bool:
    """Whether anything is agreed, received or allocated and not reversed."""
    received = of_kind(on(lines, AVAILABLE), *ARRIVALS, *_CARRIED)
    return any(debit(part).cents for part in (on(lines, RECEIVABLE), on(lines, ALLOCATED), received))


def allocated_to(context: IatiContext, lines: Iterable[PostedLine]) -> int:
    """USD cents allocated to an activity by its lines, including what was carried over to the term."""
    return credit(line for line in on(lines, ALLOCATED) if not context.leaves(line)).cents


def budgets(context: IatiContext, lines: Collection[PostedLine], year: int | None) -> tuple[Budget, ...]:
    """What is allocated to an activity by fiscal year: in the programme's year, or else pro rata to days.

    The days are those from the first allocation to the end of the term; the parts add up to the cent.
    """
    allocated = [line for line in on(lines, ALLOCATED) if not context.leaves(line)]
    cents = credit(allocated).cents
    if cents <= 0:
        return ()
    first, last = min(line.effective_on for line in allocated), max(line.effective_on for line in allocated)
    days = {str(year): 1} if year else _days(first, max(first, context.term.ends_on))
    revised = len({line.entry for line in allocated}) > 1
    return tuple(
        Budget(int(name), part, last, year is not None, revised)
        for name, part in sorted(split(cents, days).items())
    )


def _days(first: date, last: date) -> dict[str, int]:
    """The number of days in each year from one day to another, both included."""
    return {
        str(year): (min(last, date(year, 12, 31)) - max(first, date(year, 1, 1))).days + 1
        for year in range(first.year, last.year + 1)
    }


def planned_disbursements(context: IatiContext, lines: Iterable[PostedLine]) -> Iterator[PlannedDisbursement]:
    """What is committed to each partner and not yet paid, from tomorrow to the end of its grant."""
    for code, same in sorted(grouped(on(lines, COMMITMENTS, ADVANCES), lambda line: line.grant_code).items()):
        cents = debit(on(same, COMMITMENTS)).cents - debit(on(same, ADVANCES)).cents
        receiver = context.partner(code)
        if cents > 0 and receiver:
            ends_on = context.grants[code].ends_on
            # In this order, because date.max has no next day.
            starts_on = min(context.as_of.effective_to, ends_on - timedelta(days=1)) + timedelta(days=1)
            yield PlannedDisbursement(starts_on, ends_on, cents, receiver)
