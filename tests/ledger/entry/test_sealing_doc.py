"""The encoding as docs/sealing.md tells it: its example is sealed again, by hand and by the program."""

from __future__ import annotations

import hashlib
import re

from donors import KINDS, PledgeRecorded
from ledger.entry.canonical import ENCODING, GENESIS, Line, Sealed, entry_hash, input_hash, netstrings
from ledger.entry.event import Kinds
from tests.support.place import ROOT

DOCUMENT = (ROOT / "docs/sealing.md").read_text(encoding="utf-8")
NUMBERS = {"seq", "version", "reverses", "line_count", "amount", "usd"}


def written() -> bytes:
    """The bytes of the example, without the breaks that are there for the reader."""
    (shown,) = re.findall(r"^```text\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    return str(shown).replace("\n", "").encode()


def seal() -> str:
    """The seal that the document gives its example."""
    (shown,) = re.findall(r"^Its seal: `([0-9a-f]{64})`$", DOCUMENT, re.MULTILINE)
    return str(shown)


def read_netstrings(data: bytes) -> list[str]:
    """The fields that netstrings hold, by what the document says of them alone."""
    fields = []
    while data:
        length, _, rest = data.partition(b":")
        size = int(length)
        assert rest[size : size + 1] == b","
        fields.append(rest[:size].decode())
        data = rest[size + 1 :]
    return fields


def typed(names: tuple[str, ...], fields: list[str]) -> dict[str, int | str]:
    told = zip(names, fields, strict=True)
    return {name: int(field) if name in NUMBERS else field for name, field in told}


def example() -> tuple[Sealed, list[Line]]:
    """The entry and the lines that the example writes down."""
    version, *fields = read_netstrings(written())
    assert version == ENCODING
    names = Sealed._fields[:-1]
    entry = Sealed(**typed(names, fields[: len(names)]), hash=seal())  # type: ignore[arg-type]
    width, rest = 1 + len(Line._fields), fields[len(names) :]
    rows = [rest[start : start + width] for start in range(0, len(rest), width)]
    assert [row[0] for row in rows] == [str(number) for number in range(1, entry.line_count + 1)]
    return entry, [Line(**typed(Line._fields, row[1:])) for row in rows]  # type: ignore[arg-type]


def test_the_example_has_the_hash_that_is_shown() -> None:
    assert hashlib.sha256(written()).hexdigest() == seal()


def test_the_program_seals_the_example_alike() -> None:
    entry, lines = example()
    assert entry_hash(entry, lines) == seal()
    assert netstrings(read_netstrings(written())) == written()


def test_the_example_is_an_event_of_the_program() -> None:
    entry, lines = example()
    event = Kinds(KINDS).read(entry.kind, entry.version, entry.payload)
    assert isinstance(event, PledgeRecorded)
    assert (event.payload, event.key, event.on.isoformat()) == (entry.payload, entry.key, entry.effective_on)
    assert entry.input_hash == input_hash(entry.kind, entry.version, entry.payload)
    assert entry.prev == GENESIS
    assert sum(line.amount for line in lines) == sum(line.usd for line in lines) == 0
    assert lines[0].amount == event.amount.minor


def test_the_fields_are_told_in_the_order_in_which_they_are_sealed() -> None:
    (of_entry, of_lines) = re.findall(r"(?:in this order:|and the fields) (`.*?)\.\n", DOCUMENT, re.DOTALL)
    assert tuple(re.findall(r"`(\w+)`", of_entry)) == Sealed._fields[:-1]
    assert tuple(re.findall(r"`(\w+)`", of_lines)) == Line._fields
