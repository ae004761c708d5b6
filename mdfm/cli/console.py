"""Output of the command line: tables or JSON on standard output, sentences on standard error.

`format_value` formats a value for a person, `to_json` for a program (`--json`), where money stays an integer
in minor units and a date is ISO 8601.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, Literal

import click
from pydantic import BaseModel

from ledger import FUND_CURRENCY, Amount, BadInput, MdfmError, Sentence, format_minor

TableRow = Mapping[str, object]
Headings = Mapping[str, str]
"""The fields of a row that are printed, and their headings."""

_JSON = "mdfm.json"
_UNBOUNDED = 10_000
_SENTENCE_MAX = 200
_UNPRINTABLE = re.compile(r"[^\n -~]")
_TOO_LONG = re.compile(r"\S{400,}")
_WIDTH = 100
"""The width of the output where it is no terminal and `COLUMNS` is not set."""


class AnswerIsNo(MdfmError):
    """The command was carried out, and the answer is no: exit code 1."""

    def __init__(self, why: str | Sentence) -> None:
        super().__init__("answer-is-no", "{why}", why=why)


class Misused(BadInput):
    """An option or argument of a command cannot be used as it is; the sentence is the command line's own."""

    def __init__(self, why: str | Sentence) -> None:
        super().__init__("misused", "{why}", why=why)


class UsdCents(int):
    """US dollar cents: an integer in JSON, `1,234.50` on the screen."""


class GroupedNumber(int):
    """An integer in JSON, grouped by thousands on the screen."""


def _choose_json(context: click.Context, _option: click.Parameter, chosen: bool) -> None:
    context.meta[_JSON] = chosen


class JsonCommand(click.Command):
    """A command with the option `--json`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params.append(
            click.Option(
                ["--json"],
                is_flag=True,
                expose_value=False,
                callback=_choose_json,
                help="Print JSON; money is an integer in minor units.",
            )
        )


class Noun(click.Group):
    """The commands of one noun."""

    command_class = JsonCommand

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its whole first sentence; click would cut long ones off."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(_SENTENCE_MAX)) for name, each in commands if each]
            )


def stderr(sentence: str) -> None:
    """Print a sentence for the user on standard error, apart from what a program reads."""
    click.echo(_TOO_LONG.sub(_shortened, _printable(sentence)), err=True)


def _shortened(word: re.Match[str]) -> str:
    """Shorten a very long word that a sentence quotes, so that it stays readable."""
    return f"{word[0][:60]}\N{HORIZONTAL ELLIPSIS}{word[0][-20:]}"


def emit(value: object, print_text: Callable[[], object]) -> None:
    """Print a value as JSON with `--json`; otherwise call `print_text`."""
    if click.get_current_context().meta.get(_JSON):
        click.echo(_UNPRINTABLE.sub(_escaped, json.dumps(to_json(value), ensure_ascii=False, indent=2)))
    else:
        print_text()


def _escaped(char: re.Match[str]) -> str:
    """An unprintable character as its JSON escape: it must not reach a terminal."""
    return char[0] if char[0].isprintable() else json.dumps(char[0])[1:-1]


def unless_json(print_text: Callable[[], object]) -> None:
    """Call `print_text` unless JSON is printed: for what is only for people."""
    if not click.get_current_context().meta.get(_JSON):
        print_text()


def listing(
    rows: Sequence[TableRow], columns: Headings, *, nothing: str, total: TableRow | None = None
) -> None:
    """Print rows as a table or JSON, or `nothing` where there are none."""
    emit(rows, lambda: table(rows, columns, total=total) if rows else stderr(nothing))


def table(
    rows: Iterable[TableRow], columns: Headings, *, title: str = "", total: TableRow | None = None
) -> None:
    """Print a table: numbers are right-aligned, totals stand below a line."""
    # Imported here: help and JSON do without it.
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    rows = list(rows)
    grid = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        collapse_padding=True,
        title=f"\n{title}" if title else None,
        title_justify="left",
        title_style="bold",
    )
    for name, heading in columns.items():
        values = [row[name] for row in rows if row.get(name) not in (None, "")]
        right = bool(values) and all(isinstance(value, (int, Amount)) for value in values)
        justify: Literal["left", "right"] = "right" if right else "left"
        grid.add_column(heading, justify=justify, overflow="fold", no_wrap=right or _are_codes(values))
    for row in rows:
        grid.add_row(*(_cell(row.get(name)) for name in columns))
    if total is not None:
        grid.add_section()
        grid.add_row(*(_cell(total.get(name)) for name in columns), style="bold")
    _write(grid)


def _are_codes(values: Sequence[object]) -> bool:
    """Whether no value has a space: codes and dates are not folded."""
    return not any(" " in format_value(value) for value in values)


def details(pairs: Mapping[str, object]) -> None:
    """Print names and values, one pair a line."""
    from rich.table import Table  # noqa: PLC0415

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs.items():
        grid.add_row(_cell(name), _cell(value))
    _write(grid)


def line(text: str) -> None:
    """Print a line on standard output: a sentence that is the answer itself."""
    click.echo(_printable(text))


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar on standard error, if it is a terminal.

    Yields a function that takes how much is done, and of how much (None where that is unknown).
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    errors = _console(errors=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.file.isatty()) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


@contextmanager
def waiting(doing: str) -> Iterator[None]:
    """Show a spinner on standard error, if it is a terminal, while work of unknown length is done."""
    errors = _console(errors=True)
    if errors.file.isatty():
        with errors.status(doing):
            yield
    else:
        yield


def format_value(value: object) -> str:
    """Format a value for a person."""
    match value:
        case UsdCents():
            return format_minor(value, FUND_CURRENCY)
        case GroupedNumber():
            return f"{value:,d}"
        case tuple() | list():
            return ", ".join(format_value(part) for part in value)
        case _:
            return str(value)


def to_json(value: object) -> Any:
    """Convert a value to what JSON can hold."""
    if is_dataclass(value) or hasattr(value, "_asdict"):
        value = row_of(value)
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): to_json(part) for name, part in value.items()}
        case tuple() | list():
            return [to_json(part) for part in value]
        case _:
            return value


def row_of(thing: Any, **more: object) -> dict[str, object]:
    """The fields of a dataclass or named tuple as a row, with further fields."""
    names = [field.name for field in fields(thing)] if is_dataclass(thing) else thing._fields
    return {name: getattr(thing, name) for name in names} | more


def _printable(text: str) -> str:
    """Replace control characters: a name in the books must not steer the terminal."""
    return "".join(
        char if char.isprintable() or char in "\n " else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _cell(value: object) -> Any:
    from rich.text import Text  # noqa: PLC0415

    return Text("" if value is None else _printable(format_value(value)))


def _write(grid: Any) -> None:
    """Print through click: rich would end the program by itself when the reader has left."""
    console = _console()
    # Where a terminal is too narrow a row goes on below; rich would leave out the digits that have no room.
    # Its measure is short of the padding between columns and at the end, which it takes to be collapsed.
    unbounded = console.options.update(max_width=_UNBOUNDED)
    narrowest = console.measure(grid, options=unbounded).minimum + len(grid.columns) + 1
    # Set both, or rich assumes 80 columns on a terminal whose width is unknown.
    console.size = max(console.width, narrowest), console.height
    with console.capture() as written:
        console.print(grid)
    click.echo(written.get(), nl=False)


def _console(*, errors: bool = False) -> Any:
    from rich.console import Console  # noqa: PLC0415

    file = sys.stderr if errors else sys.stdout
    width = None if file.isatty() or "COLUMNS" in os.environ else _WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)
