"""Read an export without trust: every line is checked by itself, and against those before it.

What an event does to the books is not judged here: `ledger.audit.rebuild` records it again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, TypeVar, get_type_hints

from sqlalchemy import LargeBinary, Table

from ledger.audit.export import FIRST_FORMAT, FORMAT
from ledger.audit.export_rules import GivenRules
from ledger.audit.line_check import line_fault
from ledger.audit.proposal_check import ProposalCheck
from ledger.audit.strict_json import LONGEST_LINE, Unlawful, read_payload, read_strictly
from ledger.audit.time_check import recorded_fault
from ledger.entry.canonical import ENCODING, GENESIS, Head, Line, Sealed, canonical_json, entry_hash
from ledger.entry.event import Kinds
from ledger.errors import MdfmError
from ledger.people.four_eyes import require_two_people
from ledger.storage import evidence
from ledger.workflow.proposal import Proposal

N = TypeVar("N", Head, Sealed, Line, Proposal)

_TYPES: dict[type[Any], dict[str, type]] = {
    kind: get_type_hints(kind) for kind in (Head, Sealed, Line, Proposal)
}


class ExportedHeader(NamedTuple):
    """The header of an export."""

    personal: tuple[Table, ...]
    """The tables of personal data whose rows it has, all of them."""


class ExportedFile(NamedTuple):
    """An evidence file of an export, checked against its SHA-256."""

    sha256: str
    content: bytes


class ExportedEntry(NamedTuple):
    """An entry of an export with its lines, checked against its seal."""

    sealed: Sealed
    lines: list[Line]


class ExportedRow(NamedTuple):
    """A row of a table of personal data."""

    table: Table
    values: dict[str, Any]


ExportedPart = ExportedHeader | ExportedFile | ExportedEntry | Proposal | ExportedRow


def parts_of(file: BinaryIO, kinds: Kinds, tables: Sequence[Table]) -> Iterator[tuple[int, ExportedPart]]:
    """The parts of an export with their line numbers, each checked as it is read, and that it is whole.

    WrongLine names the first line that is wrong.
    """
    reader = _Reader(kinds, tables)
    number = 0
    try:
        for number, raw in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=1):
            part = reader.take(raw)
            if part is not None:
                yield number, part
        reader.end()
    except Unlawful as error:
        raise WrongLine(max(number, 1), str(error)) from None


class WrongLine(Exception):
    """What is wrong with a line of an export."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(problem)
        self.number = number


class _Reader:
    """The state of reading an export: what its next line may be, and what it must agree with."""

    def __init__(self, kinds: Kinds, tables: Sequence[Table]) -> None:
        self._kinds = kinds
        self._known_tables = {table.name: table for table in tables}
        self._promised: Head | None = None
        self._first_format = False
        self._rules: GivenRules | None = None
        self._final: set[int] = set()
        """The entries that may not be reversed by the rules of the header."""
        self._last = Head(0, GENESIS)
        self._recorded_at = ""
        self._files: set[str] = set()
        self._pending: list[str] = []
        """The files that stand since the last entry or proposal, for the next one to name."""
        self._proposals = ProposalCheck()
        self._tables: dict[str, Table] = {}
        """The tables of personal data that may still come, in their order."""
        self._counts: dict[str, int] = {"entries": 0, "evidence": 0, "proposals": 0}
        self._row: tuple[Any, ...] = ()
        self._ended = False

    def take(self, raw: bytes) -> ExportedPart | None:
        """Check the next line and return what it has; None for the trailer."""
        record = _record(raw)
        if self._ended:
            raise Unlawful("the export ends before this line")
        if self._promised is None:
            self._promised = self._header(record)
            return ExportedHeader(tuple(self._tables.values()))
        match sorted(record):
            case ["content", "evidence"] if not self._row:
                return self._file(record)
            case ["entry", "lines"] if not self._proposals.count and not self._row:
                return self._entry(record)
            case ["proposal"] if not self._first_format and not self._row:
                return self._proposal(record["proposal"])
            case [name] if name in self._tables:
                return self._personal_row(name, record[name])
            case ["counts", "head"] | ["entries", "head"]:
                self._trailer(record)
                return None
        raise Unlawful("this is no entry, no evidence file and no trailer, or is not in its place")

    def end(self) -> None:
        """Check that the export is complete."""
        if not self._ended:
            raise Unlawful("the export is cut off after this line")

    def _header(self, record: dict[str, Any]) -> Head:
        self._first_format = record.get("format") == FIRST_FORMAT
        fields = {"encoding", "format", "head"} | (set() if self._first_format else {"personal", "rules"})
        known = record.get("format") in (FIRST_FORMAT, FORMAT) and record.get("encoding") == ENCODING
        if not known or record.keys() != fields:
            raise Unlawful(
                f"this is not the header of an export in the format {FORMAT} or {FIRST_FORMAT} ({ENCODING})"
            )
        if not self._first_format:
            self._rules = GivenRules(record["rules"], self._kinds)
            if record["personal"] not in ([], list(self._known_tables)):
                raise Unlawful("the header names tables of personal data that this program does not have")
            self._tables = {name: self._known_tables[name] for name in record["personal"]}
            self._counts |= dict.fromkeys(self._tables, 0)
        return _read(Head, record["head"])

    def _file(self, record: dict[str, Any]) -> ExportedFile:
        content = _bytes(record["content"], "the evidence file")
        sha256 = hashlib.sha256(content).hexdigest()
        if record["evidence"] != sha256:
            raise Unlawful("the evidence file is not the one that it is said to be")
        if sha256 in self._files or sha256 in self._pending:
            raise Unlawful("the evidence file is here for the second time")
        self._pending.append(sha256)
        self._counts["evidence"] += 1
        return ExportedFile(sha256, content)

    def _entry(self, record: dict[str, Any]) -> ExportedEntry:
        sealed = _read(Sealed, record["entry"])
        if not isinstance(record["lines"], list):
            raise Unlawful("the entry has no list of lines")
        lines = [_read(Line, line) for line in record["lines"]]
        for wrong in filter(None, map(line_fault, lines)):
            raise Unlawful(f"a line of entry {sealed.seq} {wrong}")
        if sealed.seq != self._last.seq + 1 or sealed.prev != self._last.hash:
            raise Unlawful(f"this is not the entry that follows entry {self._last.seq}")
        if sealed.hash != entry_hash(sealed, lines):
            raise Unlawful(f"the content of entry {sealed.seq} does not match its hash")
        if untimely := recorded_fault(sealed.recorded_at, self._recorded_at, sealed.seq):
            raise Unlawful(f"the field recorded_at of entry {sealed.seq} is wrong: {untimely}")
        self._recorded_at = sealed.recorded_at
        self._require_payload(sealed, f"entry {sealed.seq}")
        self._require_people(sealed)
        self._require_header_rules(sealed, lines)
        self._last = Head(sealed.seq, sealed.hash)
        self._counts["entries"] += 1
        self._proposals.add_entry(sealed)
        return ExportedEntry(sealed, lines)

    def _require_people(self, sealed: Sealed) -> None:
        try:
            require_two_people(sealed.kind, sealed.made_by, sealed.approved_by)
            needed = sealed.line_count > 0 or self._kinds.named(sealed.kind, sealed.version).four_eyes
        except MdfmError as error:
            raise Unlawful(f"entry {sealed.seq}: {error}") from None
        if not sealed.made_by:
            raise Unlawful(f"entry {sealed.seq} does not name the person who made it")
        if needed and not sealed.approved_by:
            raise Unlawful(f"entry {sealed.seq} was not approved by a second person")

    def _require_header_rules(self, sealed: Sealed, lines: list[Line]) -> None:
        """The header may lack kinds and accounts that the program has, and be stricter."""
        if self._rules is None:
            return
        kind = self._kind_in_header(sealed, f"entry {sealed.seq}")
        if kind["second_person"] and not sealed.approved_by:
            raise Unlawful(f"entry {sealed.seq} was not approved by a second person")
        if sealed.reverses in self._final:
            raise Unlawful(f"entry {sealed.seq} reverses entry {sealed.reverses}, which cannot be reversed")
        if not kind["reversible"]:
            self._final.add(sealed.seq)
        if not self._rules.accounts.issuperset(line.account for line in lines):
            raise Unlawful(f"entry {sealed.seq} has a line on an account that is not in the header")

    def _kind_in_header(self, event: Sealed | Proposal, what: str) -> dict[str, Any]:
        assert self._rules is not None
        kind = self._rules.kinds.get((event.kind, event.version))
        if kind is None:
            raise Unlawful(f"{what} is of a kind that is not in the header")
        return kind

    def _proposal(self, value: object) -> Proposal:
        proposal = _read(Proposal, value)
        self._require_payload(proposal, f"proposal {proposal.id}")
        self._kind_in_header(proposal, f"proposal {proposal.id}")
        self._proposals.add_of_export(proposal)
        try:
            self._kinds.read(proposal.kind, proposal.version, proposal.payload)
        except MdfmError as error:
            raise Unlawful(f"proposal {proposal.id}: {error}") from None
        self._counts["proposals"] += 1
        return proposal

    def _require_payload(self, event: Sealed | Proposal, what: str) -> None:
        """The payload is canonical, and the files before this line are those that only it names so far."""
        try:
            read_payload(event.payload)
        except Unlawful as error:
            raise Unlawful(f"the payload of {what}: {error}") from None
        named = list(dict.fromkeys(each.sha256 for each in evidence.files_in(event.payload)))
        new = [sha256 for sha256 in named if sha256 not in self._files]
        if isinstance(event, Proposal) and event.status == "rejected":  # its files may be lost
            new = [sha256 for sha256 in new if sha256 in self._pending]
        if set(new) - set(self._pending):
            raise Unlawful(f"the export lacks a file that {what} names as evidence")
        self._require_named(set(self._pending) - set(new))
        if new != self._pending:
            raise Unlawful(f"the files before {what} are not in the order in which it names them")
        self._files.update(new)
        self._pending = []

    def _require_named(self, unnamed: set[str]) -> None:
        if unnamed:
            raise Unlawful(f"the export has the file {min(unnamed)}, which no entry names as evidence")

    def _personal_row(self, name: str, value: object) -> ExportedRow:
        while name != next(iter(self._tables)):  # the tables before it are complete
            self._tables.pop(next(iter(self._tables)))
            self._row = ()
        table = self._tables[name]
        values = _row(table, value)
        self._require_named(set(self._pending))
        place = tuple(values[column.name] for column in table.primary_key)
        if self._row and place <= self._row:
            raise Unlawful(f"the rows of {name} are not in their order")
        self._row = place
        self._counts[name] += 1
        return ExportedRow(table, values)

    def _trailer(self, record: dict[str, Any]) -> None:
        self._ended = True
        self._require_named(set(self._pending))
        self._proposals.end()
        last = self._last
        right: dict[str, Any] = {"counts": self._counts, "head": last._asdict()}
        if self._first_format:
            right = {"entries": last.seq, "head": last.hash}
        if canonical_json(record) != canonical_json(right):  # in Python true is equal to 1
            raise Unlawful(f"this trailer is not that of {last.seq} entries")
        if self._promised != last:
            raise Unlawful("the export does not end with the entry that its header names")


def _record(raw: bytes) -> dict[str, Any]:
    """The JSON object of a line; refused when it is not canonical."""
    if not raw.endswith(b"\n"):
        raise Unlawful("the line is cut off" if len(raw) < LONGEST_LINE else "the line is too long")
    try:
        record = read_strictly(raw[:-1].decode())
    except UnicodeDecodeError:
        raise Unlawful("this is not UTF-8") from None
    except Unlawful as error:
        raise Unlawful(f"this is {error}" if str(error).startswith("not") else str(error)) from None
    if not isinstance(record, dict):
        raise Unlawful("this is not an object in canonical JSON")
    return record


def _read(kind: type[N], value: object) -> N:
    """A JSON object as a named tuple, each field of its exact type."""
    types = _TYPES[kind]
    if not isinstance(value, dict) or value.keys() != types.keys():
        raise Unlawful(f"this does not have the fields {', '.join(types)}")
    for name, wanted in types.items():
        if type(value[name]) is not wanted:
            raise Unlawful(f"the field {name} is not {'a number' if wanted is int else 'a text'}")
    return kind(**value)


def _row(table: Table, value: object) -> dict[str, Any]:
    """The values of a row, each a text or, from base64, bytes; those with a `sha256` are compared with it."""
    if not isinstance(value, dict) or value.keys() != set(table.c.keys()):
        raise Unlawful(f"this does not have the fields {', '.join(table.c.keys())}")
    for name, text in value.items():
        if not isinstance(text, str):
            raise Unlawful(f"the field {name} is not a text")
    content = {
        column.name: _bytes(value[column.name], f"the {table.name}")
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    for each in content.values():
        if each and "sha256" in value and hashlib.sha256(each).hexdigest() != value["sha256"]:
            raise Unlawful(f"the {table.name} is not the one that it is said to be")
    return value | content


def _bytes(text: object, what: str) -> bytes:
    try:
        content = base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except ValueError:
        raise Unlawful(f"{what} is not base64") from None
    if base64.b64encode(content).decode() != text:
        raise Unlawful(f"{what} is not base64 in its one form")
    return content
