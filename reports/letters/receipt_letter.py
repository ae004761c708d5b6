"""Receipt letter: confirms to a donor, in its own language, that a contribution has arrived.

This module builds the content; `reports.letters.receipt_letter_pdf` makes the PDF. A letter known at an entry
is dated the day on which that entry was recorded, so it is the same whenever it is printed. Only the contact
is not from the journal, because it may be erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from donors import (
    Contribution,
    Donor,
    Due,
    GoodsReceived,
    InKindGift,
    ServiceReceived,
    TakenBack,
    arrival_of,
    bank_accounts,
    contacts,
    get_agreement,
    get_contribution,
    get_donor,
    get_in_kind,
    letter_number,
    unknown_contact,
    worth_on_arrival,
)
from ledger import (
    FUND_CURRENCY,
    Amount,
    ApplicableRate,
    AsOf,
    NotFound,
    Sealed,
    get_entry,
    head,
    rates_on,
    read_event,
)
from reports.figures.figure import Seal, seal_of
from reports.figures.instalments import Settled, settled_by, to_come
from reports.statement.verification_code import short_code
from reports.words.earmark_words import earmark_sentence
from reports.words.language import words_in


@dataclass(frozen=True)
class Addressee:
    """The donor and the person that the letter is addressed to."""

    donor_name: str
    contact: str = ""
    """The name of a person at the donor; empty where the books have none."""
    address: tuple[str, ...] = ()


@dataclass(frozen=True)
class MoneyReceipt:
    """Money that arrived at the bank."""

    account: str
    account_name: str
    settled: tuple[Settled, ...]
    to_come: tuple[Due, ...]
    """Outstanding instalments of the same agreement, the earliest first."""


@dataclass(frozen=True)
class InKindReceipt:
    """A contribution in kind."""

    form: str
    """`goods`, `service`, `hosting` or `secondment`."""
    description: str
    basis: str
    """How the value was determined."""
    months: int
    """Months of a secondment."""
    monthly: Amount | None
    files: tuple[str, ...]
    """Names of the evidence files for the value."""


@dataclass(frozen=True)
class ReceiptLetter:
    """The content of a receipt letter for one contribution."""

    id: str
    language: str
    seal: Seal
    written_on: date
    donor: str
    """The donor's code."""
    recipient: Addressee
    reference: str
    received_on: date
    amount: Amount
    usd: int
    """Value on that day in USD cents."""
    rate: ApplicableRate | None
    """The exchange rate to US dollars; None for US dollars."""
    what: MoneyReceipt | InKindReceipt
    agreement: str
    gift: bool
    """Whether it came without an agreement."""
    signed_on: date
    term: str
    earmark: str
    """As a sentence in the letter's language."""
    entry: int
    entry_hash: str
    verification: str
    """Short code over the contribution and the state of the books, without personal data."""


def build_letter(
    books: Connection,
    reference: str,
    *,
    bank_account: str = "",
    known_at: int | None = None,
    language: str | None = None,
    contact: str = "",
) -> ReceiptLetter:
    """The letter for a contribution in money (by bank reference) or in kind (by its code).

    Its language is the donor's unless another is given. Raises NotFound for a contribution unknown at that
    entry, and BadInput when several bank accounts have the reference or for an unknown language.
    """
    known = head(books).seq if known_at is None else known_at
    found = _find(books, reference, bank_account, known)
    written_on = max(found.received_on, date.fromisoformat(get_entry(books, known).recorded_at[:10]))
    as_of = AsOf(written_on, known)
    seal = seal_of(books, as_of)
    signed = get_agreement(books, found.agreement, known)
    donor = get_donor(books, signed.donor, known)
    words = words_in(language or donor.language)
    valued = get_entry(books, arrival_of(books, found) if isinstance(found, Contribution) else found.seq)
    amount, what = _what(books, found, as_of, valued)
    cents = worth_on_arrival(books, found)
    entry_hash = get_entry(books, found.seq).hash
    letter_id = letter_number(reference, known)
    content = [letter_id, seal.head, entry_hash, donor.code, amount.currency, amount.minor, cents]
    return ReceiptLetter(
        id=letter_id,
        language=words.language,
        seal=seal,
        written_on=written_on,
        donor=donor.code,
        recipient=_recipient(books, donor, contact),
        reference=reference,
        received_on=found.received_on,
        amount=amount,
        usd=cents,
        rate=_rate(books, amount.currency, found.received_on, valued.seq),
        what=what,
        agreement=signed.code,
        gift=signed.gift,
        signed_on=signed.signed_on,
        term=signed.term,
        earmark=earmark_sentence(signed.earmark, words),
        entry=found.seq,
        entry_hash=entry_hash,
        verification=short_code(content),
    )


def _find(books: Connection, reference: str, bank_account: str, known_at: int) -> Contribution | InKindGift:
    """The contribution in money with the reference, or else the one in kind with the code."""
    try:
        return get_contribution(books, reference, bank_account, known_at)
    except NotFound as unknown:
        if bank_account:
            raise
        try:
            return get_in_kind(books, reference, known_at)
        except TakenBack:
            raise
        except NotFound as in_kind:
            raise (in_kind if in_kind.nearest and not unknown.nearest else unknown) from None


def _recipient(books: Connection, donor: Donor, name: str) -> Addressee:
    """The contact with a name, or else the first with an address; without contacts, the donor alone."""
    people = contacts(books, donor.code)
    if name:
        names = [each.name for each in people]
        people = [each for each in people if each.name == name]
        if not people:
            raise unknown_contact(donor.code, name, names)
    if not people:
        return Addressee(donor.name)
    person = next((each for each in people if each.address), people[0])
    lines = tuple(line.strip() for line in person.address.splitlines() if line.strip())
    return Addressee(donor.name, person.name, lines)


def _what(
    books: Connection, found: Contribution | InKindGift, as_of: AsOf, valued: Sealed
) -> tuple[Amount, MoneyReceipt | InKindReceipt]:
    """The value in its own currency, and what was given."""
    if isinstance(found, Contribution):
        return found.amount, _money(books, found, as_of)
    return _in_kind(books, valued)


def _money(books: Connection, given: Contribution, as_of: AsOf) -> MoneyReceipt:
    names = {account.code: account.name for account in bank_accounts(books, as_of.known_at)}
    return MoneyReceipt(
        account=given.bank_account,
        account_name=names[given.bank_account],
        settled=settled_by(books, given),
        to_come=to_come(books, given.agreement, as_of),
    )


def _rate(books: Connection, currency: str, on: date, known_at: int) -> ApplicableRate | None:
    """The rate of a day, as known when the contribution was valued."""
    if currency == FUND_CURRENCY:
        return None
    (rate,) = rates_on(books, on, currency, known_at)
    return rate


def _in_kind(books: Connection, sealed: Sealed) -> tuple[Amount, InKindReceipt]:
    if sealed.kind == ServiceReceived.kind:
        service = read_event(books, sealed, ServiceReceived)
        return service.value, _given(service, service.form, service.months, service.monthly)
    goods = read_event(books, sealed, GoodsReceived)
    return goods.value, _given(goods, "goods")


def _given(
    content: GoodsReceived | ServiceReceived, form: str, months: int = 0, monthly: Amount | None = None
) -> InKindReceipt:
    files = tuple(file.name for file in content.evidence)
    return InKindReceipt(form, content.description, content.basis, months, monthly, files)
