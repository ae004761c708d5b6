"""The health of a book: what can be seen of it in seconds, each with what is to be done about it.

Nothing is changed, and nothing is an error: a book that is damaged, older, locked or not there has a line
that says so.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from ledger.audit import schema_integrity
from ledger.book import Book, open_book
from ledger.entry.canonical import entry_hash, read_time
from ledger.entry.event import Kinds
from ledger.errors import BadInput, MdfmError
from ledger.journal.journal import CLOCK_TOLERANCE, Clock, Journal, utc_now
from ledger.journal.queries import find_entry, get_entry, head, lines_of
from ledger.safekeeping.health_line import DO, NO_BOOK, NOTE, OK, HealthLine, health_line, safely
from ledger.safekeeping.machine import MIB, disk_lines, file_system_lines, in_bytes
from ledger.sentence import Hint, Sentence
from ledger.storage.backup_mark import is_marked
from ledger.storage.database import file_of, without_password
from ledger.storage.kept_heads import KeptHead, KeptSort, last_kept_head
from ledger.storage.migrations import missing_migrations, newest_migration
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import proposal as proposal_table

LOG_LARGE = 16 * MIB
"""Four times what SQLite lets its log grow to before it writes it into the file."""
BACKUP_DAYS, CHECKPOINT_DAYS, PROPOSAL_DAYS = 30, 100, 14
"""After so many days there should be another backup or checkpoint, and a proposal should be decided."""
_FAULTS_SHOWN = 3

_NO_BOOK_CODES = {"book-missing", "not-a-book", "book-not-named", "not-path-or-url"}


def is_on_server(location: str) -> bool:
    """Whether a book is on a database server; False where a location is none."""
    try:
        return file_of(location) is None and not location.startswith("sqlite")
    except MdfmError:
        return False


def book_health(location: str, kinds: Kinds, clock: Clock = utc_now) -> list[HealthLine]:
    """What is seen of the book at a path or database URL, the most basic first."""
    try:
        file = file_of(location)
        if file is not None:
            os.path.realpath(file)
    except MdfmError as error:
        return [HealthLine("book", NO_BOOK, error.sentence)]
    except (OSError, ValueError) as error:  # a name that no system takes
        return [health_line("book", NO_BOOK, "that is no path of a file: {why}", why=error)]
    log = [] if file is None else safely("log", lambda: _log(file))
    with _log_kept(file):
        lines, size = _opened(location, kinds, clock, file)
    if file is not None:
        lines += [*log, *safely("file system", lambda: file_system_lines(file))]
        size = _size_of(file)
    return lines + safely("disk", lambda: disk_lines(size, file))


@contextmanager
def _log_kept(file: Path | None) -> Iterator[None]:
    """Keep a log that stands beside the book as it is: the last connection that may write would empty it."""
    if file is None or not _log_size(file):
        yield
        return
    with ExitStack() as open_until_then:
        with suppress(sqlite3.Error):  # other looks find the damage
            kept = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
            open_until_then.callback(kept.close)
            kept.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield


def _opened(location: str, kinds: Kinds, clock: Clock, file: Path | None) -> tuple[list[HealthLine], int]:
    """What is seen of an open book, and the bytes that it takes on a server."""
    try:
        book = open_book(location, kinds, clock, older=True)
    except BadInput as error:
        return [HealthLine("book", NO_BOOK if error.code in _NO_BOOK_CODES else DO, error.sentence)], 0
    except Exception as error:
        return safely("book", _raising(error)), 0
    try:
        place = "a database on a server" if file is None else "a file"
        state = ", which can only be read" if book.read_only else ""
        shown = without_password(location)
        first = health_line("book", OK, "{shown}: {place}{state}", shown=shown, place=place, state=state)
        return [first, *_of_book(book, clock)], 0 if file is not None else _size_on_server(book)
    finally:
        book.close()


def _raising(error: Exception) -> Callable[[], list[HealthLine]]:
    def look() -> list[HealthLine]:
        raise error

    return look


def _of_book(book: Book, clock: Clock) -> Iterator[HealthLine]:
    if book.migration != newest_migration():
        yield health_line(
            "schema",
            DO,
            "the book is of an earlier version ({found}; {missing} missing): upgrade it{hint}",
            found=book.migration,
            missing=", ".join(each.number for each in missing_migrations(book.migration)),
            hint=Hint("upgrade-book"),
        )
        return
    yield health_line("schema", OK, "its tables are those of this version ({found})", found=book.migration)
    looks: dict[str, Callable[[Connection], list[HealthLine]]] = {
        "protection": _protection,
        "entries": _entries,
        "clock": lambda books: _clock_of(books, book.kinds, clock),
        "proposals": lambda books: _proposals(books, clock),
        "backup": lambda books: _kept(books, clock, "backup"),
        "checkpoint": lambda books: _kept(books, clock, "checkpoint"),
    }
    for topic, look in looks.items():
        yield from safely(topic, lambda look=look: _read(book, look))  # type: ignore[misc]


def _read(book: Book, look: Callable[[Connection], list[HealthLine]]) -> list[HealthLine]:
    with book.reading() as books:
        return look(books)


# ---- what is in the book


def _protection(books: Connection) -> list[HealthLine]:
    faults = list(schema_integrity.faults(books))
    if not faults:
        return [
            health_line("protection", OK, "tables, triggers and constraints are as the migrations make them")
        ]
    shown = "; ".join(faults[:_FAULTS_SHOWN])
    more = f"; and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
    return [
        health_line(
            "protection",
            DO,
            "{shown}{more}: record nothing, verify the book{verify}, and restore a backup{restore}",
            shown=shown,
            more=more,
            verify=Hint("verify-book"),
            restore=Hint("restore-backup"),
        )
    ]


def _entries(books: Connection) -> list[HealthLine]:
    last = head(books)
    count = books.execute(select(func.count()).select_from(entry_table)).scalar_one()
    if count != last.seq:
        fault = f"the last entry is number {last.seq}, and there are {count}"
    elif last.seq and entry_hash(get_entry(books, last.seq), lines_of(books, last.seq)) != last.hash:
        fault = f"the content of the last entry, {last.seq}, does not match its seal"
    elif last.seq:
        when = get_entry(books, last.seq).recorded_at[:10]
        return [
            health_line(
                "entries",
                OK,
                "{count:,} entries, the last of {when}, and its seal holds; verify all of them{hint} before "
                "an audit, and after a crash or a restore",
                count=count,
                when=when,
                hint=Hint("verify-book"),
            )
        ]
    else:
        return [health_line("entries", OK, "no entry yet")]
    return [
        health_line(
            "entries",
            DO,
            "{fault}: record nothing, and verify the book{hint}",
            fault=fault,
            hint=Hint("verify-book"),
        )
    ]


def _clock_of(books: Connection, kinds: Kinds, clock: Clock) -> list[HealthLine]:
    Journal(books, kinds, clock).now()  # refused where it was set back, or is ahead of the server's
    now = clock().astimezone(UTC)
    if books.dialect.name == "postgresql":
        server: datetime = books.execute(select(func.clock_timestamp())).scalar_one()
        if server - now > CLOCK_TOLERANCE:
            return [
                health_line(
                    "clock",
                    DO,
                    "this machine says {now}, and its server {server}: set right the one that is wrong",
                    now=_moment(now),
                    server=_moment(server),
                )
            ]
    return [health_line("clock", OK, "{now}, after the last entry", now=_moment(now))]


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _proposals(books: Connection, clock: Clock) -> list[HealthLine]:
    waiting = proposal_table.c.status == "waiting"
    query = select(func.count(), func.min(proposal_table.c.made_at)).where(waiting)
    count, oldest = books.execute(query).one()
    if not count:
        return [health_line("proposals", OK, "none waits")]
    days = _days_since(oldest, clock)
    return [
        health_line(
            "proposals",
            NOTE if days > PROPOSAL_DAYS else OK,
            "{many}, the oldest since {day} ({days}){hint}",
            many="1 waits" if count == 1 else f"{count:,} wait",
            day=oldest[:10],
            days=_in_days(days),
            hint=Sentence(": approve or reject them", Hint("decide-waiting")) if days > PROPOSAL_DAYS else "",
        )
    ]


def _days_since(when: str, clock: Clock) -> int:
    moment = read_time(when) or _any_time(when)
    return max((clock().astimezone(UTC) - moment) // timedelta(days=1), 0) if moment else 0


def _any_time(when: str) -> datetime | None:
    try:
        return datetime.fromisoformat(when).astimezone(UTC)
    except ValueError:
        return None


def _in_days(days: int) -> str:
    return {0: "today", 1: "1 day ago"}.get(days, f"{days:,} days ago")


# ---- what is kept outside it

_MAKE = {"backup": Hint("back-up"), "checkpoint": Hint("take-checkpoint")}
_COMPARE = {"backup": Hint("compare-backup"), "checkpoint": Hint("compare-checkpoint")}
_DAYS = {"backup": BACKUP_DAYS, "checkpoint": CHECKPOINT_DAYS}


def _kept(books: Connection, clock: Clock, sort: KeptSort) -> list[HealthLine]:
    last = head(books)
    if books.dialect.name == "sqlite" and is_marked(books):
        return [health_line(sort, OK, "this is a backup itself")] if sort == "backup" else []
    kept = last_kept_head(books, sort)
    if kept is None:
        return [_never_kept(books, clock, sort)]
    stands = find_entry(books, kept.seq)
    if kept.seq and (stands is None or stands.hash != kept.hash):
        return [_lost(sort, kept)]
    new, days = last.seq - kept.seq, _days_since(kept.made_at, clock)
    is_old = new > 0 and days > _DAYS[sort]
    return [
        health_line(
            sort,
            OK if not is_old else DO if sort == "backup" else NOTE,
            "the last, {name}, is of {day} ({days}), {since}{make}",
            name=kept.name,
            day=kept.made_at[:10],
            days=_in_days(days),
            since=f"{new:,} {'entry' if new == 1 else 'entries'} ago"
            if new
            else "and nothing was recorded since",
            make=Sentence(": make a new one", _MAKE[sort]) if is_old else "",
        )
    ]


def _never_kept(books: Connection, clock: Clock, sort: KeptSort) -> HealthLine:
    first = find_entry(books, 1)
    if first is None:
        return health_line(sort, OK, "none yet, and nothing to keep")
    is_late = sort == "backup" and _days_since(first.recorded_at, clock) > BACKUP_DAYS
    return health_line(
        sort, DO if is_late else NOTE, "the book knows of none: make one{make}", make=_MAKE[sort]
    )


def _lost(sort: KeptSort, kept: KeptHead) -> HealthLine:
    return health_line(
        sort,
        DO,
        "{name} of {day} has entry {seq} with the seal {hash}..., and the book has not: compare them{hint}",
        name=kept.name,
        day=kept.made_at[:10],
        seq=kept.seq,
        hash=kept.hash[:12],
        hint=_COMPARE[sort],
    )


# ---- its file


def _log(file: Path) -> list[HealthLine]:
    size = _log_size(file)
    if size <= LOG_LARGE:
        return [health_line("log", OK, "{size} beside the book", size=in_bytes(size))] if size else []
    return [
        health_line(
            "log",
            NOTE,
            "{size} of entries are in {log} beside the book, as another program has it open or was killed: "
            "close it and open the book once; copy the book only by a backup{hint}",
            size=in_bytes(size),
            log=_log_of(file).name,
            hint=Hint("back-up"),
        )
    ]


def _size_of(file: Path) -> int:
    return _bytes_of(file) + _log_size(file)


def _log_size(file: Path) -> int:
    return _bytes_of(_log_of(file))


def _bytes_of(file: Path) -> int:
    """The size of a file; 0 where there is none, or it cannot be looked at."""
    try:
        return file.stat().st_size
    except (OSError, ValueError):
        return 0


def _log_of(file: Path) -> Path:
    real = Path(os.path.realpath(file))
    return real.with_name(f"{real.name}-wal")


def _size_on_server(book: Book) -> int:
    try:
        with book.reading() as books:
            return int(books.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    except MdfmError:
        return 0
