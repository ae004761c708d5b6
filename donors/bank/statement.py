"""Bank statements: the lines and balances of one account over some days, in whatever file format they came.

A statement must add up: the opening balance and the lines give the closing balance, to the minor unit, or the
file is refused. Statements of one account must follow each other without a gap.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby, pairwise

from ledger import Amount, BadInput, FileSource, scale

FILE_BYTES_MAX = 10 * 1024 * 1024
"""About ten times the file of a busy account for a year."""
LINES_MAX = 50_000
_LARGEST = 10**17
"""Minor units; sums of LINES_MAX such amounts fit into a book's 64-bit integers."""
_LONGEST_REFERENCE = 40
_LONGEST_ACCOUNT = 64
"""Characters; an IBAN has at most 34."""
_LONGEST_TEXT = 50_000
"""Characters of a name or a remittance; the formats allow 140, and some of them many times over."""
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE"}
_PLAIN = re.compile(r"\d{1,18}(?:\.(\d{0,12}))?", re.ASCII)


@dataclass(frozen=True)
class BankLine:
    """One movement on the account."""

    place: str = field(compare=False)
    """The place in the file, for messages."""
    reference: str
    """The bank's reference, as a code (`donors.codes`)."""
    booked_on: date
    value_on: date
    minor: int
    """Minor units; a payment out is negative."""
    counterparty: str = ""
    counterparty_account: str = ""
    remittance: str = ""
    """What the payer wrote."""
    end_to_end: str = ""
    """The payer's own reference, which banks pass on with the payment."""
    reverses: bool = False
    """Whether it reverses or returns an earlier movement."""
    payments: int = 1
    """The number of payments that it sums up, if the file does not list them one by one."""

    def __post_init__(self) -> None:
        for text in (self.counterparty, self.counterparty_account, self.remittance, self.end_to_end):
            if len(text) > _LONGEST_TEXT:
                raise BadInput(
                    "bank-text-too-long",
                    "{place}: it has a text of {text} characters, more than any payment: ask the bank "
                    "for the file again.",
                    place=self.place,
                    text=len(text),
                )


@dataclass(frozen=True)
class BankStatement:
    """A statement of one account. Balances are minor units, and None where the file has none.

    BadInput if it does not add up, closes before it opens or exceeds a limit.
    """

    account: str
    """IBAN, or the bank's own number."""
    currency: str
    opened_on: date
    """The day of the opening balance: the first day of the statement, or the day before it."""
    closed_on: date
    opening: int | None
    closing: int | None
    lines: tuple[BankLine, ...]
    place: str = field(default="", compare=False)
    """The file, for messages."""

    def __post_init__(self) -> None:
        if len(self.account) > _LONGEST_ACCOUNT:
            raise BadInput(
                "bank-account-name-too-long",
                "'{text}' is too long to name an account: ask the bank for the file again.",
                text=shortened(self.account),
            )
        if self.closed_on < self.opened_on:
            raise BadInput(
                "statement-closes-before-opening",
                "The statement of {account} closes on {closed_on}, before it opens ({opened_on}): ask "
                "the bank for another one.",
                account=self.account,
                closed_on=self.closed_on,
                opened_on=self.opened_on,
            )
        if len(self.lines) > LINES_MAX:
            raise BadInput(
                "statement-too-many-lines",
                "A statement may have {lines_max} lines, not {lines}: ask for fewer days.",
                lines_max=LINES_MAX,
                lines=len(self.lines),
            )
        if self.opening is None or self.closing is None:
            return
        moved = sum(line.minor for line in self.lines)
        if self.opening + moved != self.closing:
            raise BadInput(
                "bank-statement-does-not-add-up",
                "The statement of {account} of {closed_on} does not add up: it opens with {opening}, "
                "its lines are {moved}, and it closes with {closing}, a difference of "
                "{difference}: ask the bank for it again.",
                account=self.account,
                closed_on=self.closed_on,
                opening=self._balance(self.opening),
                moved=self._balance(moved),
                closing=self._balance(self.closing),
                difference=self._balance(self.closing - self.opening - moved),
            )

    @property
    def starts_on(self) -> date:
        """The first day that the statement covers."""
        return min([self.opened_on + timedelta(days=1), *(line.booked_on for line in self.lines)])

    def _balance(self, minor: int | None) -> str:
        return "no balance" if minor is None else str(Amount(currency=self.currency, minor=minor))


@contextmanager
def error_context(place: str) -> Iterator[None]:
    """Put the place in the file before the message of any BadInput raised inside."""
    try:
        yield
    except BadInput as error:
        raise BadInput(
            "bank-file-faulty", "{place}{why}", place=f"{place}: " if place else "", why=error.sentence
        ) from None


def read_content(path: FileSource) -> bytes:
    """The bytes of a bank file; BadInput when it cannot be read, is empty, or larger than any statement."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadInput(
            "bank-file-unreadable",
            "The bank file {path} cannot be read: {why}.",
            path=path,
            why=error.strerror,
        ) from None
    if not 0 < len(content) <= FILE_BYTES_MAX:
        size = "is empty" if not content else f"is larger than {FILE_BYTES_MAX >> 20} MiB"
        raise BadInput(
            "bank-file-size-wrong",
            "The bank file {path} {size}: ask the bank for it again, or for fewer days.",
            path=path,
            size=size,
        )
    return content


def shortened(text: str) -> str:
    """The beginning of a text from a file, to be quoted in a message."""
    return text if len(text) <= _LONGEST_REFERENCE else f"{text[:_LONGEST_REFERENCE]}…"


def parse_minor(text: str, currency: str) -> int:
    """Digits with an optional decimal point, such as `1234.5`, as minor units; BadInput for anything else."""
    match = _PLAIN.fullmatch(text)
    digits = scale(currency)
    # Trailing zeros are allowed: banks write KRW 5000.00, though the won has no decimals.
    fraction = (match[1] or "").rstrip("0") if match else ""
    if match is None or len(fraction) > digits:
        raise BadInput(
            "bank-amount-invalid",
            "'{text}' is not an amount of {currency}: ask the bank for the file again.",
            text=shortened(text),
            currency=currency,
        )
    minor = int(text.partition(".")[0] + fraction.ljust(digits, "0"))
    if minor > _LARGEST:
        raise BadInput(
            "bank-amount-too-large",
            "'{text}' is more than a bank account can hold: ask the bank for the file again.",
            text=text,
        )
    return minor


def one_line(*parts: str | None) -> str:
    """Texts joined into one line, with single blanks and without a text repeated directly after itself."""
    words = [" ".join(part.split()) for part in parts if part]
    return " ".join(word for word, _ in groupby(words) if word)


def reference_code(reference: str, line: BankLine) -> str:
    """A bank's reference as a code; a line without one gets its day and a digest of its content."""
    if reference.strip().upper() not in _NO_REFERENCE:
        code = re.sub(r"[^A-Za-z0-9._]+", "-", reference).strip("-._")
        if code:
            return _code_within(code, _LONGEST_REFERENCE)
    content = (line.minor, line.counterparty, line.counterparty_account, line.remittance, line.end_to_end)
    return f"X{line.booked_on:%Y%m%d}-{_digest(repr(content))}"


def dated_reference(code: str, on: date) -> str:
    """The code followed by a day, for a reference that a bank uses for more than one movement."""
    return f"{_code_within(code, 28)}-{on:%Y%m%d}"


def join_statements(statements: Iterable[BankStatement]) -> list[BankStatement]:
    """Join statements that follow each other: one for each account and currency; copies count once.

    BadInput if two overlap or disagree about a day, or one is missing between two others.
    """
    by_account: dict[tuple[str, str], list[BankStatement]] = {}
    for each in statements:
        of_account = by_account.setdefault((each.account, each.currency), [])
        if each not in of_account:
            of_account.append(each)
    return [_joined(parts) for parts in by_account.values()]


def _joined(parts: list[BankStatement]) -> BankStatement:
    parts = _in_order(parts)
    for before, after in pairwise(parts):
        with error_context(" and ".join(dict.fromkeys((before.place, after.place)))):
            _require_following(before, after)
    lines = _each_named_once([line for part in parts for line in part.lines])
    return replace(parts[0], closed_on=parts[-1].closed_on, closing=parts[-1].closing, lines=lines)


def _in_order(parts: Sequence[BankStatement]) -> list[BankStatement]:
    """Statements ordered by their days, and several of one day so that their balances follow."""

    def days(part: BankStatement) -> tuple[date, date]:
        return part.opened_on, part.closed_on

    ordered: list[BankStatement] = []
    for _, group in groupby(sorted(parts, key=days), days):
        left = list(group)
        while left:
            closing = ordered[-1].closing if ordered else None
            closings = Counter(each.closing for each in left)
            first = next((each for each in left if not closings[each.opening]), left[0])
            following = next((each for each in left if each.opening == closing), first)
            left.remove(following)
            ordered.append(following)
    return ordered


def _require_following(before: BankStatement, after: BankStatement) -> None:
    if before.closing is None or after.opening is None:
        raise BadInput(
            "statements-without-balances",
            "Of {account} there are several statements without balances, so nobody can tell whether "
            "they overlap: read one at a time.",
            account=before.account,
        )
    days, others = (before.starts_on, before.closed_on), (after.starts_on, after.closed_on)
    if before.closing == after.opening:
        # On a day whose lines sum to zero, a contradicting second statement seems to follow the first.
        if days == others and before.opening == after.opening and before.lines and after.lines:
            raise BadInput(
                "statements-lines-disagree",
                "Two statements of {account} disagree about {closed_on}: both open and close with "
                "{balance}, and have other lines: ask the bank which one holds.",
                account=before.account,
                closed_on=before.closed_on,
                balance=before._balance(before.closing),
            )
        return
    closes, opens = before._balance(before.closing), after._balance(after.opening)
    if after.starts_on <= before.closed_on and days != others:
        raise BadInput(
            "statements-overlap",
            "Two statements of {account} overlap: one is of {starts_on} to {ends_on}, the other of "
            "{other_starts_on} to {other_ends_on}: read one at a time.",
            account=before.account,
            starts_on=days[0],
            ends_on=days[1],
            other_starts_on=others[0],
            other_ends_on=others[1],
        )
    if after.closed_on == before.closed_on or after.opened_on < before.closed_on:
        raise BadInput(
            "statements-balances-disagree",
            "Two statements of {account} disagree about {closed_on}: one closes with {closes}, the "
            "other opens with {opens} and closes with {balance}: ask the bank which one holds.",
            account=before.account,
            closed_on=before.closed_on,
            closes=closes,
            opens=opens,
            balance=after._balance(after.closing),
        )
    raise BadInput(
        "statement-missing-between",
        "The statement of {account} of {closed_on} closes with {closes}, but that of {next_closed_on} "
        "opens with {opens}: a statement between them is missing.",
        account=before.account,
        closed_on=before.closed_on,
        closes=closes,
        next_closed_on=after.closed_on,
        opens=opens,
    )


def _each_named_once(lines: Sequence[BankLine]) -> tuple[BankLine, ...]:
    """Make references unique: the first line keeps a shared one, and the others add their day.

    Banks give a transfer and its fee one reference.
    """
    taken: set[str] = set()
    again: Counter[str] = Counter()
    named = []
    for line in lines:
        code = own = (
            line.reference if line.reference not in taken else dated_reference(line.reference, line.booked_on)
        )
        while code in taken:
            again[own] += 1
            code = _code_within(f"{own}-{again[own] + 1}", _LONGEST_REFERENCE)
        taken.add(code)
        named.append(replace(line, reference=code))
    return tuple(named)


def _code_within(code: str, longest: int) -> str:
    return code if len(code) <= longest else f"{code[: longest - 11]}-{_digest(code)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
