"""`mdfm NOUN import` and `mdfm NOUN template`: spreadsheets, for every noun that has a sheet."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import click

from donors import EventSheet, ImportPreview, RowEvent
from ledger import Amount, Event, write_template
from mdfm.api import Fund, SheetRows
from mdfm.cli import console, options
from mdfm.cli.recording import opened

_SHOWN = 10
"""How many rows a preview shows."""


def import_of(sheet: EventSheet) -> click.Command:
    """The command that previews a spreadsheet of a noun, or records or proposes its rows."""

    @click.command("import", cls=console.JsonCommand)
    @click.argument("file", type=options.FILE)
    @options.record
    @options.by
    def command(file: Path, record: bool, by: str) -> None:
        with opened() as fund:
            with console.progress(f"Reading {file.name}") as bar:
                rows = fund.imports.read(sheet.noun, file, lambda done: bar(done, None))
            do = _record if record else _preview
            do(fund, rows, file, by)

    command.help = (
        f"Read {sheet.noun}s from a spreadsheet, CSV or XLSX.\n\n"
        f"Without --record it is a preview: all problems are listed, or what would be recorded. "
        f"`mdfm {sheet.noun} template FILE` writes a sheet to fill in."
    )
    return command


def template_of(sheet: EventSheet) -> click.Command:
    """The command that writes a sheet to fill in."""

    @click.command("template", cls=console.JsonCommand)
    @click.argument("file", type=options.FILE)
    def command(file: Path) -> None:
        write_template(file, sheet.columns)
        answer = {"file": str(file), "columns": [column.name for column in sheet.columns]}
        console.emit(answer, lambda: console.line(f"{file} has the columns and an example row: replace it."))

    command.help = f"Write a spreadsheet of {sheet.noun}s to fill in: FILE ends in .csv or .xlsx."
    return command


def _preview(fund: Fund, rows: SheetRows, file: Path, by: str) -> None:
    with console.progress(_CHECKING) as bar:
        found = fund.imports.preview(rows, by=by, progress=bar)
    sheet, sums = rows.sheet, _sums(found.events)
    answer = {
        "file": str(file),
        "new": [_plain(each) for each in found.new],
        "sums": sums,
        "booked": found.booked,
        "waiting": found.waiting,
        "seen_before": [{"row": row, "what": what} for row, what in found.seen_before],
    }
    console.emit(answer, lambda: _print(sheet, found, sums))
    _report_known(sheet, found)
    if found.new:
        console.stderr(f"Nothing is booked yet: mdfm {sheet.noun} import {file} --record --by NAME")


def _record(fund: Fund, rows: SheetRows, file: Path, by: str) -> None:
    with console.progress(_CHECKING) as bar:
        imported = fund.imports.record(rows, by=by, progress=bar)
    sheet, found, batch = rows.sheet, imported.preview, imported.batch
    answer = {"file": str(file), "new": len(found.new), "batch": batch}
    answer |= {"booked": found.booked, "waiting": found.waiting}
    console.emit(answer, lambda: None)
    _report_known(sheet, found)
    if batch:
        console.stderr(
            f"Proposed: {_count(len(found.new), sheet.noun)}. Another person decides on all together: "
            f"mdfm proposal approve {batch} --by NAME"
        )
    elif found.new:
        console.stderr(f"Recorded: {_count(len(found.new), sheet.noun)}.")


_CHECKING = "Checking against the books"


def _sums(events: list[Event]) -> list[Amount]:
    """The sum of events' amounts in each currency, sorted by code."""
    sums: Counter[str] = Counter()
    for event in events:
        for _, value in event:
            if isinstance(value, Amount):
                sums[value.currency] += value.minor
    return [Amount(currency=code, minor=minor) for code, minor in sorted(sums.items())]


def _plain(each: RowEvent) -> dict[str, object]:
    return {"row": each.row, "kind": each.event.kind, "event": each.event}


def _print(sheet: EventSheet, found: ImportPreview, sums: list[Amount]) -> None:
    if not found.new:
        return
    rows = [{"row": each.row} | _fields(sheet, each.event) for each in found.new[:_SHOWN]]
    order = ["row", *(column.name for column in sheet.columns)]
    names = dict.fromkeys([*order, *(name for row in rows for name in row)])
    alike = _alike(sheet, found.events)
    shown = [name for name in names if name not in alike and any(name in row for row in rows)]
    console.table(rows, {name: _heading(name) for name in shown})
    console.line("")
    if alike:
        console.line(f"In all: {', '.join(f'{_heading(name)} {value}' for name, value in alike.items())}.")
    left_out = len(found.new) - len(rows)
    more = f"... and {left_out:,} more. " if left_out else ""
    money = f": {', '.join(map(str, sums))}" if sums else ""
    console.line(f"{more}New: {_count(len(found.new), sheet.noun)}{money}.")


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _alike(sheet: EventSheet, events: list[Event]) -> dict[str, object]:
    """The fields that are equal in all of several events: printed once, they leave room for others."""
    first, *others = (_fields(sheet, event) for event in events)
    if not others:
        return {}
    return {name: value for name, value in first.items() if all(row.get(name) == value for row in others)}


def _fields(sheet: EventSheet, event: Event) -> dict[str, object]:
    """The fields of an event that fit into a table, by column; empty ones are left out."""
    fields = {name: value for name, value in event if isinstance(value, (str, int, date, Amount))}
    return {sheet.column_of((name,)) or name: value for name, value in fields.items() if value != ""}


def _report_known(sheet: EventSheet, found: ImportPreview) -> None:
    if found.booked:
        console.stderr(f"Already booked: {_count(found.booked, sheet.noun)}.")
    if found.waiting:
        console.stderr(f"Already waiting for approval: {_count(found.waiting, sheet.noun)}.")
    if found.seen_before:
        row, what = found.seen_before[0]
        rows = _count(len(found.seen_before), "row")
        console.stderr(
            f"Perhaps booked already: {rows}. Row {row} has the amount of {what}, "
            f"which came to the same account within a few days: is it this money?"
        )
    if not found.new:
        console.stderr("There is nothing new: nothing changes.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
