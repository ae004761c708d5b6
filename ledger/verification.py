"""Verification and replay: do the books still say what was sealed into them?

`verify` reads the journal as it stands and checks every seal, sum, balance, register and evidence file.
`replay` builds a second, empty book from the events alone, derives every line again, and compares. Both
name the entry that is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import sqlalchemy
from sqlalchemy import Connection, Table, and_, func, or_, select, text
from sqlalchemy.exc import DatabaseError

from ledger import balances, guards
from ledger.accounts import CHART
from ledger.book import MEMORY, Book, create_book
from ledger.encoding import GENESIS, Line, Sealed, entry_hash, input_hash
from ledger.errors import MdfmError
from ledger.evidence import fault, named_in
from ledger.journal import Head, Journal, Stamp, entries, line_text, lines_of
from ledger.registers import mark_reversed
from ledger.schema import account as account_table
from ledger.schema import entry as entry_table
from ledger.schema import line as line_table
from ledger.schema import metadata
from ledger.schema import proposal as proposal_table

Progress = Callable[[int, int], None]
"""Told how many entries are done, and of how many."""
_TELL_EVERY = 500
_SCRATCH = sqlalchemy.create_engine(MEMORY, poolclass=sqlalchemy.NullPool)
"""Each connection is a database of its own, in memory, that is gone when it closes."""


def _silent(_done: int, _of: int) -> None:
    return None


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, and the entry where it is (None when it is no entry's)."""

    entry: int | None
    what: str

    def __str__(self) -> str:
        return f"entry {self.entry}: {self.what}" if self.entry is not None else self.what


@dataclass
class Verification:
    """What was read, and what was found wrong in it."""

    entries: int = 0
    lines: int = 0
    evidence: int = 0
    head: Head = field(default_factory=lambda: Head(0, GENESIS))
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings


def verify(book: Book, progress: Progress = _silent) -> Verification:
    """Check the whole book as it stands; see `Verification.findings`."""
    result = Verification()
    try:
        with book.reading() as books:
            result.findings += _schema_findings(books)
            _read_journal(books, book, result, progress)
            result.findings += _proposal_findings(books)
    except Exception as error:
        # A damaged file may fail at any read, and hold text where a number belongs; what was found before is
        # still told. In a file that is not damaged anything else is a fault of this program.
        if not (result.findings or isinstance(error, MdfmError | DatabaseError | UnicodeDecodeError)):
            raise
        result.findings.append(Finding(result.head.seq + 1, f"cannot be read: {error}"))
    return result


def replay(book: Book, progress: Progress = _silent) -> Verification:
    """Rebuild the book from its events alone, in memory, and compare every line, hash and register."""
    result = Verification()
    rebuilt = create_book(MEMORY, book.kinds)
    with book.reading() as books, rebuilt.recording() as journal:
        for sealed, lines in _counted(books, result, progress):
            wrong = _replayed(journal, books, sealed, lines)
            if wrong:
                result.findings.append(Finding(sealed.seq, wrong))
                return result
        for table in (*balances.REGISTERS, *book.kinds.registers):
            result.findings += _table_findings(table, books, journal.books)
    rebuilt.close()
    return result


def _counted(
    books: Connection, result: Verification, progress: Progress
) -> Iterator[tuple[Sealed, list[Line]]]:
    """The journal, counted into the result as it is read."""
    total = books.execute(select(func.count()).select_from(entry_table)).scalar() or 0
    for sealed, lines in entries(books):
        yield sealed, lines
        result.entries += 1
        result.lines += len(lines)
        result.head = Head(sealed.seq, sealed.hash)
        if result.entries % _TELL_EVERY == 0 or result.entries == total:
            progress(result.entries, total)


def _replayed(journal: Journal, books: Connection, sealed: Sealed, lines: list[Line]) -> str | None:
    """Tell one event again; what comes out otherwise than it stands in the journal, or None."""
    try:
        event = journal.kinds.read(sealed.kind, sealed.version, sealed.payload)
        again = journal.append(event, Stamp(sealed.made_by, sealed.approved_by, sealed.recorded_at))
    except MdfmError as error:
        return f"its event cannot be replayed: {error}"
    derived = lines_of(journal.books, again.seq)
    for stands, comes in zip(lines, derived, strict=False):
        if stands != comes:
            return f"the journal has `{line_text(stands)}`, its event gives `{line_text(comes)}`"
    if len(lines) != len(derived):
        return f"the journal has {len(lines)} lines, its event gives {len(derived)}"
    for name, stands_as, comes_as in zip(Sealed._fields, sealed, again, strict=True):
        if stands_as != comes_as:
            return f"{name} is {stands_as!r}, its event gives {comes_as!r}"
    return None


def _read_journal(books: Connection, book: Book, result: Verification, progress: Progress) -> None:
    registers = book.kinds.registers
    expected = balances.Sums()
    seen: Counter[str] = Counter()
    with _SCRATCH.begin() as learnt:
        metadata.create_all(learnt, tables=registers)
        for sealed, lines in _counted(books, result, progress):
            wrong = [
                *_seal_faults(sealed, lines, result.head),
                *_sum_faults(lines),
                *_event_faults(book, learnt, sealed),
                *_evidence_faults(books, sealed, seen),
            ]
            result.findings += [Finding(sealed.seq, what) for what in wrong]
            expected.add(sealed.seq, lines)
        result.evidence = len(seen)
        result.findings += _orphan_findings(books, result.head.seq)
        result.findings += _number_findings(books)
        result.findings += _balance_findings(books, expected)
        for table in registers:
            result.findings += _table_findings(table, books, learnt)


def _seal_faults(sealed: Sealed, lines: list[Line], before: Head) -> Iterator[str]:
    if sealed.seq != before.seq + 1:
        yield f"its number should be {before.seq + 1}"
    if sealed.prev != before.hash:
        yield "it does not name the hash of the entry before it"
    if sealed.hash != entry_hash(sealed, lines):
        yield "its content does not match its hash"
    if sealed.line_count != len(lines):
        yield f"it was sealed with {sealed.line_count} lines and has {len(lines)}"
    if sealed.input_hash != input_hash(sealed.kind, sealed.version, sealed.payload):
        yield "its event does not match its input hash"


def _sum_faults(lines: list[Line]) -> Iterator[str]:
    """Zero in each term and currency and in USD, memo accounts by themselves; clearing worth nothing."""
    amounts: Counter[tuple[str, str, bool]] = Counter()
    values: Counter[tuple[str, bool]] = Counter()
    for line in lines:
        memo = line.account.startswith("9")
        amounts[line.term, line.currency, memo] += line.amount
        values[line.term, memo] += line.usd
    if any(amounts.values()) or any(values.values()):
        yield "its lines do not add up to zero"
    if sum(line.usd for line in lines if line.account == "1900"):
        yield "it leaves a value on currency clearing"


def _event_faults(book: Book, learnt: Connection, sealed: Sealed) -> Iterator[str]:
    try:
        event = book.kinds.read(sealed.kind, sealed.version, sealed.payload)
        kind = book.kinds.of(event)
        if event.key != sealed.key or event.on.isoformat() != sealed.effective_on:
            yield "its key or date is not its event's"
        if event.reverses:
            for table in book.kinds.registers:  # marking by number touches only what that entry taught
                mark_reversed(learnt, table, event.reverses, sealed.seq)
        kind.apply(learnt, sealed.seq, event)
    except MdfmError as error:
        yield str(error)


def _evidence_faults(books: Connection, sealed: Sealed, seen: Counter[str]) -> Iterator[str]:
    for sha256 in named_in(sealed.payload):  # a payload that is not its event is told already
        seen[sha256] += 1
        wrong = fault(books, sha256)
        if wrong:
            yield wrong


def _orphan_findings(books: Connection, head: int) -> Iterator[Finding]:
    for row in books.execute(select(line_table.c.entry).where(line_table.c.entry > head).distinct()):
        yield Finding(row.entry, "there are lines of an entry that does not exist")


def _number_findings(books: Connection) -> Iterator[Finding]:
    """A seal covers the order of the lines; their numbers must be that order."""
    first, last = func.min(line_table.c.no), func.max(line_table.c.no)
    misnumbered = (
        select(line_table.c.entry).group_by(line_table.c.entry).having(or_(first != 1, last != func.count()))
    )
    for row in books.execute(misnumbered):
        yield Finding(row.entry, "its lines are not numbered from 1")


def _balance_findings(books: Connection, expected: balances.Sums) -> Iterator[Finding]:
    for register, sums in expected.by_register():
        stands = {
            tuple(getattr(row, name) for name in register.keys): [
                *(getattr(row, name) for name in register.figures),
                row.seq,
            ]
            for row in books.execute(select(register.table))
        }
        for key in sorted(stands.keys() | sums.keys()):
            now, should = stands.get(key), sums.get(key)
            if now != should:
                where = " ".join(part for part in key if part)
                yield Finding(
                    (now or should or [0])[-1],
                    f"the {register.table.name} of {where} is {_figures(now)}, its lines make it {_figures(should)}",
                )


def _figures(row: list[int] | None) -> str:
    return f"{row[:-1]} by entry {row[-1]}" if row else "missing"


def _table_findings(table: Table, books: Connection, learnt: Connection) -> Iterator[Finding]:
    """Rows that stand in a register and should not, or should and do not."""
    stands = Counter(tuple(row) for row in books.execute(select(table)))
    should = Counter(tuple(row) for row in learnt.execute(select(table)))
    place = list(table.c).index(table.c.seq)
    for row in sorted((stands - should), key=repr):
        yield Finding(
            row[place], f"the register {table.name} says {_shown(table, row)}, the journal does not"
        )
    for row in sorted((should - stands), key=repr):
        yield Finding(row[place], f"the register {table.name} lacks {_shown(table, row)}")


def _shown(table: Table, row: Sequence[object]) -> str:
    told = zip(table.c.keys(), row, strict=True)
    return ", ".join(f"{name}={value}" for name, value in told if name not in ("seq", "reversed_by"))[:120]


def _schema_findings(books: Connection) -> Iterator[Finding]:
    """The tables, triggers and accounts are those that the migrations make."""
    yield from (Finding(None, what) for what in guards.faults(books))
    chart = {row.code: row[1:] for row in books.execute(select(account_table))}
    for code, account in CHART.items():
        row = (account.name, account.account_class, ",".join(account.requires), account.sign)
        if chart.pop(code, None) != (*row, int(account.fund_currency_only)):
            yield Finding(None, f"the account {code} is not as in the chart")
    yield from (Finding(None, f"the account {code} is not in the chart") for code in chart)


def _proposal_findings(books: Connection) -> Iterator[Finding]:
    """An approved proposal is the entry it became."""
    made, became = proposal_table.c, entry_table.c
    rows = books.execute(
        select(made.id, made.entry)
        .join(
            entry_table,
            and_(
                became.seq == made.entry,
                became.kind == made.kind,
                became.version == made.version,
                became.payload == made.payload,
                became.made_by == made.made_by,
                became.approved_by == made.decided_by,
            ),
            isouter=True,
        )
        .where(made.status == "approved", became.seq.is_(None))
    )
    for row in rows:
        yield Finding(row.entry, f"proposal {row.id} was approved as something else")
