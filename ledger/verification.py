"""Verification and replay: do the books still say what was sealed into them?

`verify` reads the journal as it stands and checks every seal, sum, balance, register and evidence file.
`replay` builds a second, empty book from the events alone, derives every line again, and compares. Both
name the entry that is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import sqlalchemy
from sqlalchemy import Connection, Table, and_, func, or_, select, union
from sqlalchemy.exc import DatabaseError

from ledger import balances, guards
from ledger.accounts import CHART
from ledger.batch import batching
from ledger.book import MEMORY, Book, create_book
from ledger.encoding import GENESIS, Line, Sealed
from ledger.errors import MdfmError, Tampered
from ledger.events import Kinds
from ledger.evidence import fault, named_in
from ledger.journal import Head, Journal, Stamp, entries, line_text, lines_of
from ledger.registers import mark_reversed
from ledger.schema import account as account_table
from ledger.schema import entry as entry_table
from ledger.schema import line as line_table
from ledger.schema import metadata
from ledger.schema import proposal as proposal_table
from ledger.seals import Resealed, reseal

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
        with ThreadPoolExecutor(1) as beside, book.reading() as books:
            # The database adds up by itself, over a connection of its own, while the seals are hashed here.
            summing = None if book.in_memory else beside.submit(_sums_apart, book)
            result.findings += _schema_findings(books)
            _read_journal(books, book, result, progress)
            result.findings += _sums(books) if summing is None else summing.result()
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
    result.findings += _seal_findings(books, result, progress)
    result.findings += _orphan_findings(books, result.head.seq)
    result.findings += _kind_findings(books, book.kinds)
    result.findings += _register_findings(books, book)
    result.findings += _evidence_findings(books, result)


def _sums_apart(book: Book) -> list[Finding]:
    with book.reading() as books:
        return _sums(books)


def _sums(books: Connection) -> list[Finding]:
    """What is wrong with any sum: of an entry, of its lines' numbers, of a register."""
    return [*_sum_findings(books), *_number_findings(books), *_balance_findings(books)]


def _seal_findings(books: Connection, result: Verification, progress: Progress) -> Iterator[Finding]:
    """Every entry names the one before it, and is what was sealed."""
    total = books.execute(select(func.count()).select_from(entry_table)).scalar() or 0
    for sealed in reseal(books):
        for what in _seal_faults(sealed, result.head):
            yield Finding(sealed.seq, what)
        result.entries += 1
        result.lines += sealed.lines
        result.head = Head(sealed.seq, sealed.hash)
        if result.entries % _TELL_EVERY == 0 or result.entries == total:
            progress(result.entries, total)


def _seal_faults(sealed: Resealed, before: Head) -> Iterator[str]:
    if sealed.seq != before.seq + 1:
        yield f"its number should be {before.seq + 1}"
    if sealed.prev != before.hash:
        yield "it does not name the hash of the entry before it"
    if sealed.hash != sealed.content:
        yield "its content does not match its hash"
    if sealed.line_count != sealed.lines:
        yield f"it was sealed with {sealed.line_count} lines and has {sealed.lines}"


def _sum_findings(books: Connection) -> Iterator[Finding]:
    """Zero in each term and currency and in USD, memo accounts by themselves; clearing worth nothing."""
    line = line_table.c
    memo = func.substr(line.account, 1, 1) == "9"
    by_currency = select(line.entry).group_by(line.entry, line.term, line.currency, memo)
    by_term = select(line.entry).group_by(line.entry, line.term, memo)
    clearing = select(line.entry).where(line.account == "1900").group_by(line.entry)
    unbalanced = union(
        by_currency.having(func.sum(line.amount) != 0), by_term.having(func.sum(line.usd) != 0)
    )
    for row in books.execute(unbalanced):
        yield Finding(row.entry, "its lines do not add up to zero")
    for row in books.execute(clearing.having(func.sum(line.usd) != 0)):
        yield Finding(row.entry, "it leaves a value on currency clearing")


def _register_findings(books: Connection, book: Book) -> Iterator[Finding]:
    """The registers say what the events told, each of their rows to the letter."""
    registers = book.kinds.registers
    with _SCRATCH.begin() as learnt:
        metadata.create_all(learnt, tables=registers)
        with batching(learnt):
            for sealed in _teaching(books, book.kinds):
                for what in _event_faults(book, learnt, sealed):
                    yield Finding(sealed.seq, what)
        for table in registers:
            yield from _table_findings(table, books, learnt)


def _kind_findings(books: Connection, kinds: Kinds) -> Iterator[Finding]:
    """No entry is of a kind that this program has never had."""
    of = entry_table.c
    for row in books.execute(select(of.kind, of.version, func.min(of.seq)).group_by(of.kind, of.version)):
        try:
            kinds.named(row[0], row[1])
        except Tampered as error:
            yield Finding(row[2], str(error))


def _teaching(books: Connection, kinds: Kinds) -> Iterator[Sealed]:
    """The entries that registers learn from."""
    query = select(entry_table).where(
        or_(entry_table.c.kind.in_(kinds.teaching), entry_table.c.reverses != 0)
    )
    for row in books.execute(query.order_by(entry_table.c.seq), execution_options={"yield_per": 1000}):
        yield Sealed(*row)


def _event_faults(book: Book, learnt: Connection, sealed: Sealed) -> Iterator[str]:
    try:
        event = book.kinds.read(sealed.kind, sealed.version, sealed.payload)
        if event.key != sealed.key or event.on.isoformat() != sealed.effective_on:
            yield "its key or date is not its event's"
        if event.reverses:
            for table in book.kinds.registers:  # marking by number touches only what that entry taught
                mark_reversed(learnt, table, event.reverses, sealed.seq)
        book.kinds.of(event).apply(learnt, sealed.seq, event)
    except MdfmError as error:
        yield str(error)


def _evidence_findings(books: Connection, result: Verification) -> Iterator[Finding]:
    """Every file that an event names is there, as the event saw it."""
    proved = select(entry_table.c.seq, entry_table.c.payload).where(
        entry_table.c.payload.contains('"sha256"')
    )
    known: dict[str, str | None] = {}
    for row in books.execute(proved.order_by(entry_table.c.seq)):
        for sha256 in named_in(row.payload):
            if sha256 not in known:
                known[sha256] = fault(books, sha256)
            if wrong := known[sha256]:
                yield Finding(row.seq, wrong)
    result.evidence = len(known)


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


def _balance_findings(books: Connection) -> Iterator[Finding]:
    for register in (balances.BALANCE, balances.MOVEMENT, balances.ALLOTMENT):
        sums = balances.summed(books, register)
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
                    f"the {register.table.name} of {where} is {_figures(now)}, "
                    f"its lines make it {_figures(should)}",
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
