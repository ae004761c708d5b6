"""Verification and replay: whether the books are still what was sealed.

`verify` reads the journal and checks every seal, sum, balance, register and evidence file. `replay` builds a
second book from the events alone, derives every line again, and compares. Both name the wrong entry.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from queue import SimpleQueue
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal_column, or_, select
from sqlalchemy.exc import DatabaseError

from ledger.accounts import CHART, CURRENCY_CLEARING
from ledger.audit import schema_integrity
from ledger.audit.line_check import text_fault
from ledger.audit.people_check import people_faults
from ledger.audit.personal_check import personal_faults
from ledger.audit.proposal_check import proposal_faults
from ledger.audit.seal_check import BrokenEntry, broken_entries
from ledger.audit.time_check import recorded_fault, time_faults
from ledger.book import Book, create_book
from ledger.entry.canonical import GENESIS, Head, Line, Sealed
from ledger.entry.event import Kinds
from ledger.errors import MdfmError, OutOfReach, Tampered
from ledger.journal.journal import Journal, Stamp
from ledger.journal.queries import entries, line_text, lines_of
from ledger.progress import Progress, no_progress
from ledger.projections import balances
from ledger.projections.registers import mark_reversed
from ledger.sentence import Sentence
from ledger.storage.database import MEMORY
from ledger.storage.evidence import fault, files_in
from ledger.storage.schema import account as account_table
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import line as line_table
from ledger.storage.schema import metadata
from ledger.storage.unit_of_work import unit_of_work

_PROGRESS_EVERY = 500
_STRETCH = 5000
"""Entries that are checked at a time: many for one query, few enough to hold its result."""
_FIRST, _LAST = -(2**63), 2**63 - 1
"""The smallest and largest number that an entry can have in the database."""
_SCRATCH = sqlalchemy.create_engine(MEMORY, poolclass=sqlalchemy.NullPool)
"""Each connection is a new database in memory, which is gone when it closes."""


@dataclass(frozen=True)
class Finding:
    """An error in the books, and the entry where it is (None when it belongs to no entry)."""

    entry: int | None
    what: str | Sentence

    @property
    def sentence(self) -> Sentence:
        """What is wrong and where, with the hints of an error that is quoted."""
        return Sentence(f"entry {self.entry}: " if self.entry is not None else "", self.what)

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass
class Verification:
    """The result: how much was read, the head, and the errors found."""

    entries: int = 0
    lines: int = 0
    evidence: int = 0
    head: Head = field(default_factory=lambda: Head(0, GENESIS))
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings


class _Stretch(NamedTuple):
    """The entries after one number and up to another, and all lines that name one of them."""

    after: int
    last: int

    def holds(self, number: ColumnElement[int]) -> ColumnElement[bool]:
        return and_(number > self.after, number <= self.last)


class _Read(NamedTuple):
    """The result of checking a stretch of the journal."""

    entries: int
    lines: int
    head: Head | None
    """Its last entry; None when it has none."""
    totals: balances.Totals
    findings: list[Finding]


def verify(book: Book, progress: Progress = no_progress) -> Verification:
    """Check the whole book as it stands; see `Verification.findings`."""
    result = Verification()
    try:
        with book.reading() as books:
            _verify(book, books, result, progress)
    except OutOfReach:
        raise
    except Exception as error:
        # A damaged file may fail at any read, or hold text where a number belongs; earlier findings stay.
        # In a file that is not damaged any other error is a bug of this program.
        if not (result.findings or isinstance(error, MdfmError | DatabaseError | UnicodeDecodeError)):
            raise
        result.findings.append(Finding(_unreadable(book, result.head.seq), f"cannot be read: {error}"))
    return result


def _verify(book: Book, books: Connection, result: Verification, progress: Progress) -> None:
    total = books.execute(select(func.count()).select_from(entry_table)).scalar() or 0
    newest = books.execute(select(func.max(entry_table.c.seq))).scalar() or 0
    others: list[Finding] = []
    totals: balances.Totals = {}
    try:
        stretches = _stretches(total, newest)
        for read in _reads(book, books, stretches, lambda: _check_others(book, books, result, others)):
            _count(read, result, totals)
            if read.entries:
                progress(result.entries, total)
        _count(_read(books, _Stretch(newest, _LAST)), result, totals)
        result.findings += _orphan_findings(books, newest)
        result.findings += _balance_findings(books, totals)
    finally:
        result.findings[:0] = others


def _stretches(total: int, newest: int) -> list[_Stretch]:
    """The journal in pieces; invalid numbers of entries fall into the first or the last."""
    borders = [_FIRST, *range(_STRETCH, min(total, newest), _STRETCH), newest]
    return [_Stretch(*pair) for pair in pairwise(borders)]


def _reads(
    book: Book, books: Connection, stretches: Sequence[_Stretch], check_others: Callable[[], None]
) -> Iterator[_Read]:
    """Check each stretch and, at the same time, everything else.

    A file or a server is read over two connections at once. The second is opened after the newest entry was
    read over the first, and reads only entries up to that one: as a journal only grows, both see the same,
    whatever is recorded meanwhile.
    """
    if book.in_memory:
        check_others()
        yield from (_read(books, stretch) for stretch in stretches)
        return
    idle: SimpleQueue[Connection] = SimpleQueue()

    def read(stretch: _Stretch) -> _Read:
        connection = idle.get()
        try:
            return _read(connection, stretch)
        finally:
            idle.put(connection)

    def check_over_first() -> None:
        try:
            check_others()
        finally:
            idle.put(books)

    with book.reading() as second, ThreadPoolExecutor(2) as threads:
        idle.put(second)
        checking_others = threads.submit(check_over_first)
        yield from threads.map(read, stretches)
        checking_others.result()


def _read(books: Connection, stretch: _Stretch) -> _Read:
    """Check the seals, sums and times of a stretch."""
    of = entry_table.c
    inside = stretch.holds(of.seq)
    last = books.execute(select(of.seq, of.hash).where(inside).order_by(of.seq.desc()).limit(1)).first()
    return _Read(
        books.execute(select(func.count()).where(inside)).scalar() or 0,
        books.execute(select(func.count()).where(stretch.holds(line_table.c.entry))).scalar() or 0,
        Head(*last) if last else None,
        balances.summed(books, *stretch),
        [
            *_seal_findings(books, stretch),
            *_sum_findings(books, stretch),
            *_number_findings(books, stretch),
            *(Finding(*fault) for fault in time_faults(books, *stretch)),
        ],
    )


def _count(read: _Read, result: Verification, totals: balances.Totals) -> None:
    result.entries += read.entries
    result.lines += read.lines
    result.head = read.head or result.head
    result.findings += read.findings
    for table, rows in read.totals.items():
        total = totals.setdefault(table, {})
        for key, figures in rows.items():
            balances.add_figures(total, key, figures)


def _check_others(book: Book, books: Connection, result: Verification, findings: list[Finding]) -> None:
    """Check everything but the seals and sums of the journal."""
    findings += _schema_findings(books)
    findings += _kind_findings(books, book.kinds)
    findings += (Finding(seq, what) for seq, what in people_faults(books, book.kinds))
    findings += _register_findings(books, book)
    evidence: dict[str, str | None] = {}
    findings += _evidence_findings(books, evidence)
    findings += (Finding(seq, what) for seq, what in personal_faults(book, books))
    findings += (Finding(seq, what) for seq, what in proposal_faults(books, book.kinds, evidence))
    result.evidence = len(evidence)


def _unreadable(book: Book, after: int) -> int:
    """The entry that cannot be read in the stretch after an entry; its first entry when each can be read."""

    def fails(last: int) -> bool:
        try:
            with book.reading() as books:
                _read(books, _Stretch(after, last))
        except Exception:  # damage may raise anything
            return True
        return False

    numbers = range(after + 1, after + _STRETCH + 1)
    return numbers[bisect_left(numbers, True, key=fails)] if fails(numbers[-1]) else numbers[0]


def replay(book: Book, progress: Progress = no_progress) -> Verification:
    """Rebuild the book from its events alone, in memory, and compare every line, hash and register."""
    result = Verification()
    rebuilt = create_book(MEMORY, book.kinds)
    before = ""
    with book.reading() as books, rebuilt.recording() as journal:
        # An older book may have times that its trigger refuses: they are findings, and the rest is replayed.
        journal.books.exec_driver_sql("DROP TRIGGER seal_entry")
        for sealed, lines in _counted(books, result, progress):
            if untimely := recorded_fault(sealed.recorded_at, before, sealed.seq):
                result.findings.append(Finding(sealed.seq, untimely))
            before = sealed.recorded_at
            wrong = _replayed(journal, sealed, lines)
            if wrong:
                result.findings.append(Finding(sealed.seq, wrong))
                return result
        for table in (*balances.TABLES, *book.kinds.registers):
            result.findings += _table_findings(table, books, journal.books)
    rebuilt.close()
    return result


def _counted(
    books: Connection, result: Verification, progress: Progress
) -> Iterator[tuple[Sealed, list[Line]]]:
    """The entries of the journal, counted into the result as they are read."""
    total = books.execute(select(func.count()).select_from(entry_table)).scalar() or 0
    for sealed, lines in entries(books):
        yield sealed, lines
        result.entries += 1
        result.lines += len(lines)
        result.head = Head(sealed.seq, sealed.hash)
        if result.entries % _PROGRESS_EVERY == 0 or result.entries == total:
            progress(result.entries, total)


def _replayed(journal: Journal, sealed: Sealed, lines: list[Line]) -> str | Sentence | None:
    """Record one event again; the difference between the outcome and the journal, or None."""
    try:
        written = journal.kinds.versioned(sealed.kind, sealed.version, sealed.payload)
        again = journal.append(written, Stamp(sealed.made_by, sealed.approved_by, sealed.recorded_at))
    except MdfmError as error:
        return Sentence("its event cannot be replayed: ", error.sentence)
    derived = lines_of(journal.books, again.seq)
    for stored, given in zip(lines, derived, strict=False):
        if stored != given:
            return f"the journal has `{line_text(stored)}`, its event gives `{line_text(given)}`"
    if len(lines) != len(derived):
        return f"the journal has {len(lines)} lines, its event gives {len(derived)}"
    for name, was, now in zip(Sealed._fields, sealed, again, strict=True):
        if was != now:
            return f"{name} is {was!r}, its event gives {now!r}"
    return None


def _seal_findings(books: Connection, stretch: _Stretch) -> Iterator[Finding]:
    """Every entry names the hash of the one before it, and matches its own hash."""
    for entry in broken_entries(books, *stretch):
        for what in _seal_faults(entry):
            yield Finding(entry.seq, what)


def _seal_faults(entry: BrokenEntry) -> Iterator[str]:
    if entry.seq != entry.before + 1:
        yield f"its number should be {entry.before + 1}"
    if not entry.names_before:
        yield "it does not name the hash of the entry before it"
    if not entry.matches:
        yield "its content does not match its hash"
    if entry.line_count != entry.lines:
        yield f"it was sealed with {entry.line_count} lines and has {entry.lines}"


def _sum_findings(books: Connection, stretch: _Stretch) -> Iterator[Finding]:
    """Lines add up to zero by term and currency and in USD, memo accounts separately; so does clearing."""
    line = line_table.c
    inside = stretch.holds(line.entry)
    memo: ColumnElement[bool] = literal_column("substr(account, 1, 1) = '9'")
    amount, value = func.sum(line.amount), func.sum(line.usd)
    by_currency = (
        select(line.entry, line.term, memo, amount, value)
        .where(inside)
        .group_by(line.entry, line.term, line.currency, memo)
        .having(or_(amount != 0, value != 0))
    )
    unbalanced: set[int] = set()
    by_term: Counter[tuple[int, str, bool]] = Counter()
    for entry, term, memo_side, by, worth in books.execute(by_currency):
        by_term[entry, term, memo_side] += worth
        if by:
            unbalanced.add(entry)
    unbalanced.update(entry for (entry, _, _), worth in by_term.items() if worth)
    for entry in sorted(unbalanced):
        yield Finding(entry, "its lines do not add up to zero")
    clearing = select(line.entry).where(inside, line.account == CURRENCY_CLEARING).group_by(line.entry)
    for row in books.execute(clearing.having(value != 0)):
        yield Finding(row.entry, "it leaves a value on currency clearing")


def _register_findings(books: Connection, book: Book) -> Iterator[Finding]:
    """Every row of the registers is what projecting the events again gives."""
    registers = book.kinds.registers
    with _SCRATCH.begin() as derived_books:
        metadata.create_all(derived_books, tables=(*registers, *book.kinds.personal_tables))
        with unit_of_work(derived_books):
            for sealed in _projected(books, book.kinds):
                for what in _event_faults(book, derived_books, sealed):
                    yield Finding(sealed.seq, what)
        for table in registers:
            yield from _table_findings(table, books, derived_books)


def _kind_findings(books: Connection, kinds: Kinds) -> Iterator[Finding]:
    """Every entry is of a kind that this program knows."""
    of = entry_table.c
    for row in books.execute(select(of.kind, of.version, func.min(of.seq)).group_by(of.kind, of.version)):
        try:
            kinds.named(row[0], row[1])
        except Tampered as error:
            yield Finding(row[2], error.sentence)


def _projected(books: Connection, kinds: Kinds) -> Iterator[Sealed]:
    """The entries that are projected into registers."""
    query = select(entry_table).where(
        or_(entry_table.c.kind.in_(kinds.projected), entry_table.c.reverses != 0)
    )
    for row in books.execute(query.order_by(entry_table.c.seq), execution_options={"yield_per": 1000}):
        yield Sealed(*row)


def _event_faults(book: Book, derived_books: Connection, sealed: Sealed) -> Iterator[str | Sentence]:
    try:
        event = book.kinds.read(sealed.kind, sealed.version, sealed.payload)
        if event.key != sealed.key:
            yield "its key is not its event's"
        if event.reverses:
            for table in book.kinds.registers:  # marks only the rows of that entry
                mark_reversed(derived_books, table, event.reverses, sealed.seq)
        book.kinds.named(sealed.kind, sealed.version).apply(derived_books, sealed.seq, event)
    except MdfmError as error:
        yield error.sentence


def _evidence_findings(books: Connection, faults: dict[str, str | None]) -> Iterator[Finding]:
    """Every file that an event names is stored, with the hash that the event names.

    Adds to `faults` each file that an entry names, with what is wrong with it.
    """
    proved = select(entry_table.c.seq, entry_table.c.payload).where(
        entry_table.c.payload.contains('"sha256"')
    )
    for row in books.execute(proved.order_by(entry_table.c.seq)):
        for sha256, *_ in files_in(row.payload):
            if sha256 not in faults:
                faults[sha256] = fault(books, sha256)
            if wrong := faults[sha256]:
                yield Finding(row.seq, wrong)


def _orphan_findings(books: Connection, newest: int) -> Iterator[Finding]:
    for row in books.execute(select(line_table.c.entry).where(line_table.c.entry > newest).distinct()):
        yield Finding(row.entry, "there are lines of an entry that does not exist")


def _number_findings(books: Connection, stretch: _Stretch) -> Iterator[Finding]:
    """A seal covers the order of the lines; their numbers must be that order."""
    of = line_table.c
    misnumbered = or_(func.min(of.no) != 1, func.max(of.no) != func.count())
    lines = select(of.entry).where(stretch.holds(of.entry)).group_by(of.entry)
    for row in books.execute(lines.having(misnumbered)):
        yield Finding(row.entry, "its lines are not numbered from 1")


def _balance_findings(books: Connection, totals: balances.Totals) -> Iterator[Finding]:
    for register, sums in totals.items():
        stands = {
            tuple(getattr(row, name) for name in register.keys): [
                *(getattr(row, name) for name in register.figures),
                row.seq,
            ]
            for row in books.execute(select(register.table))
        }
        for key in sorted(stands.keys() | sums.keys()):
            now, should = stands.get(key), sums.get(key)
            if wrong := text_fault(dict(zip(register.keys, map(str, key), strict=True))):
                yield Finding((now or should or [0])[-1], f"a line {wrong}")
            if now != should:
                where = " ".join(part for part in key if part)
                yield Finding(
                    (now or should or [0])[-1],
                    f"the {register.table.name} of {where} is {_figures(now)}, "
                    f"its lines make it {_figures(should)}",
                )


def _figures(row: list[int] | None) -> str:
    return f"{row[:-1]} by entry {row[-1]}" if row else "missing"


def _table_findings(table: Table, books: Connection, derived_books: Connection) -> Iterator[Finding]:
    """Rows that a register has and should not have, or lacks."""
    stands = Counter(tuple(row) for row in books.execute(select(table)))
    should = Counter(tuple(row) for row in derived_books.execute(select(table)))
    place = list(table.c).index(table.c.seq)
    for row in sorted((stands - should), key=repr):
        yield Finding(
            row[place], f"the register {table.name} says {_shown(table, row)}, the journal does not"
        )
    for row in sorted((should - stands), key=repr):
        yield Finding(row[place], f"the register {table.name} lacks {_shown(table, row)}")


def _shown(table: Table, row: Sequence[object]) -> str:
    values = zip(table.c.keys(), row, strict=True)
    return ", ".join(f"{name}={value}" for name, value in values if name not in ("seq", "reversed_by"))[:120]


def _schema_findings(books: Connection) -> Iterator[Finding]:
    """The tables, triggers and accounts are those that the migrations make."""
    yield from (Finding(None, what) for what in schema_integrity.faults(books))
    chart = {row.code: row[1:] for row in books.execute(select(account_table))}
    for code, account in CHART.items():
        row = (account.name, account.account_class, ",".join(account.requires), account.sign)
        if chart.pop(code, None) != (*row, int(account.fund_currency_only)):
            yield Finding(None, f"the account {code} is not as in the chart")
    yield from (Finding(None, f"the account {code} is not in the chart") for code in chart)
