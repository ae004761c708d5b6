"""Events on the screen as those who decide on them see them: a sentence, each field, tables, and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import (
    Amount,
    Described,
    Description,
    Event,
    LabelledGroup,
    Line,
    Listing,
    NamedCode,
    NamesInBooks,
    Quantity,
    Tampered,
    Value,
    describe,
    describe_reversed,
)
from mdfm.books import ALL_KINDS
from mdfm.cli import console
from mdfm.cli.console import GroupedNumber

_LONGEST_LIST = 12
_DIMENSIONS = {
    "agreement": "agreement",
    "activity": "activity",
    "grant_code": "grant",
    "bank_account": "bank account",
    "donor": "donor",
}
"""The dimensions of a line that codes stand in, with what they are codes of."""
_PAYABLE = "payable:"
"""In the place of a grant's code: an expenditure of the fund itself."""


class Recorded(NamedTuple):
    """An event as proposals and entries store it."""

    kind: str
    version: int
    payload: str


class Shown(NamedTuple):
    """What the screen shows of an event."""

    description: Description
    names: Mapping[str, str]
    """The names of the codes in its lines that its fields do not name, by code."""
    reversed: Description | None = None
    """What the entry says that it reverses."""


def event_of(recorded: Recorded) -> Event | None:
    """The event of a payload; None for a payload that was tampered with."""
    try:
        return ALL_KINDS.read(*recorded)
    except Tampered:
        return None


def shown(books: Connection, recorded: Recorded, lines: Iterable[Line] = ()) -> Shown:
    """Describe an event with the names that the books know, and the codes in its lines.

    A payload that cannot be read is shown as it is: an auditor wants to see it.
    """
    event = event_of(recorded)
    if event is None:
        unread = Described("payload", recorded.payload)
        return Shown(Description("The payload of this event cannot be read.", (unread,)), {})
    names = NamesInBooks(books, ALL_KINDS)
    description = describe(event, names)
    said = set(_names_said(field.value for field in description.fields))
    others = {code: name for code, name in _names_of(lines, names).items() if name not in said}
    return Shown(description, others, _reversed(books, event))


def _reversed(books: Connection, event: Event) -> Description | None:
    try:
        return describe_reversed(books, ALL_KINDS, event)
    except Tampered:
        return Description("The payload of that event cannot be read.", ())


def sentence_of(books: Connection, recorded: Recorded) -> str:
    """What an event says, in one sentence."""
    return shown(books, recorded).description.sentence


def fields_of(event: Shown, leave_out: str = "") -> dict[str, object]:
    """The fields of an event with their labels, without those that are tables of their own."""
    fields = {
        f"  {field.label}": _in_a_line(field.value)
        for field in event.description.fields
        if not _is_table(field.value) and field.field != leave_out
    }
    reversed_ = {"  which says": event.reversed.sentence} if event.reversed else {}
    return fields | reversed_


def print_tables(event: Shown) -> None:
    """Print the parts of an event that are many, such as the awards of a plan, each with its sum."""
    for field in event.description.fields:
        if not _is_table(field.value):
            continue
        rows = list(_rows(field.value))
        columns = {name: name[0].upper() + name[1:] for name in dict.fromkeys(chain.from_iterable(rows))}
        console.table(rows, columns, title=f"{field.label[0].upper()}{field.label[1:]}", total=_total(field))


def print_names(event: Shown) -> None:
    """Print the names of the codes in the lines that nothing else named."""
    if event.names:
        rows = [{"name": name} for _, name in sorted(event.names.items())]
        console.table(rows, {"name": "Name"}, title="In these lines")


def total_of(amounts: Iterable[Amount]) -> list[Amount]:
    """The sum of amounts in each currency, sorted by currency code."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return [Amount(currency=currency, minor=minor) for currency, minor in sorted(sums.items())]


# --- values -------------------------------------------------------------------------------------------------


def _in_a_line(value: Value) -> object:
    if isinstance(value, Listing) and len(value.items) > _LONGEST_LIST:
        return f"{len(value.items):,} of them, in full with --json"
    return value if isinstance(value, Amount) else str(value)


def _is_table(value: Value) -> bool:
    """Whether a value is printed as a table: parts of the event, or many pairs."""
    match value:
        case Listing(items=items):
            return any(isinstance(item, LabelledGroup) for item in items)
        case LabelledGroup(parts=parts):
            return len(parts) > _LONGEST_LIST
        case _:
            return False


def _rows(value: Value) -> Iterator[dict[str, object]]:
    match value:
        case LabelledGroup(parts=parts):
            yield from ({"": part.label, "value": _cell(part.value)} for part in parts)
        case Listing(items=items):
            for item in items:
                yield from _rows_of_part(item)
        case _:
            pass


def _rows_of_part(item: Value) -> Iterator[dict[str, object]]:
    """A part of an event as a row; parts of its own stand beside it, and below."""
    if not isinstance(item, LabelledGroup):
        return
    kept = [part for part in item.parts if not part.detail]
    first = {part.label: _cell(part.value) for part in kept if not _is_table(part.value)}
    more = [row for part in kept if _is_table(part.value) for row in _rows(part.value)]
    yield first | (more[0] if more else {})
    yield from more[1:]


def _cell(value: Value) -> object:
    match value:
        case Quantity(number=number, unit=""):
            return GroupedNumber(number)
        case Amount():
            return value
        case _:
            return _in_a_line(value)


def _total(field: Described) -> dict[str, object] | None:
    """The sums of a table's columns of money, where they mean something."""
    sums: dict[str, list[Amount]] = {}
    for part in _parts_of(field.value):
        if part.adds_up and isinstance(part.value, Amount):
            sums.setdefault(part.label, []).append(part.value)
    totals = {label: total_of(amounts) for label, amounts in sums.items()}
    if not totals or not isinstance(field.value, Listing):
        return None
    first = next(iter(_rows(field.value)))
    label: dict[str, object] = {next(iter(first)): "Total"}
    return label | {
        name: each[0] if len(each) == 1 else "; ".join(map(str, each)) for name, each in totals.items()
    }


def _parts_of(value: Value) -> Iterator[Described]:
    """Every labelled value in a value, at any depth."""
    match value:
        case LabelledGroup(parts=parts):
            for part in parts:
                yield part
                yield from _parts_of(part.value)
        case Listing(items=items):
            for item in items:
                yield from _parts_of(item)
        case _:
            pass


# --- names --------------------------------------------------------------------------------------------------


def _names_said(values: Iterable[Value]) -> Iterator[str]:
    for value in values:
        match value:
            case NamedCode(text=text):
                yield text
            case LabelledGroup(parts=parts):
                yield from _names_said(part.value for part in parts)
            case Listing(items=items):
                yield from _names_said(items)
            case _:
                pass


def _names_of(lines: Iterable[Line], names: NamesInBooks) -> dict[str, str]:
    """The names of the codes in lines, by code."""
    found: dict[str, str] = {}
    for line in lines:
        for dimension, what in _DIMENSIONS.items():
            code = getattr(line, dimension)
            if not code or code in found:
                continue
            owed = code.startswith(_PAYABLE)
            known = names.known("expenditure" if owed else what, code.removeprefix(_PAYABLE), line.term)
            if known is not None and known.text != code:
                found[code] = known.text
    return found


def worth_of(events: Sequence[Recorded]) -> list[Amount]:
    """The sum of what events are about in each currency, sorted by currency code."""
    amounts = (worth(each) for each in events)
    return total_of(amount for amount in amounts if amount is not None)


def worth(recorded: Recorded) -> Amount | None:
    """The amount that an event is about; None for one without money."""
    event = event_of(recorded)
    return None if event is None else describe(event).worth
