"""`mdfm doctor`: whether program and book are well, and what to do where they are not."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ledger import HealthLine
from mdfm.api import check_health
from mdfm.cli import console
from mdfm.cli.hints import in_words

_MARKS = {"ok": "ok", "note": "note", "do": "DO", "no book": "NO BOOK"}
_NO_BOOK, _SOMETHING_TO_DO = 2, 1


@click.command("doctor", cls=console.JsonCommand)
@click.pass_context
def command(context: click.Context) -> None:
    """Look at program and book, and say what to do where something is not well. Nothing is changed.

    Exit code 0 when nothing must be done, 1 when something must, 2 when there is no book.
    """
    with console.waiting("Looking"):
        lines = check_health(str(context.obj))
    rows = [{"topic": each.topic, "state": each.state, "says": in_words(each.says)} for each in lines]
    console.emit(rows, lambda: _print(rows))
    code = _code(lines)
    console.unless_json(lambda: console.stderr(_verdict(lines, code)))
    if code:
        context.exit(code)


def _print(rows: Sequence[console.TableRow]) -> None:
    shown = ({**row, "state": _MARKS[str(row["state"])]} for row in rows)
    console.table(shown, {"state": "", "topic": "What", "says": "Finding"})


def _code(lines: Sequence[HealthLine]) -> int:
    states = {each.state for each in lines}
    return _NO_BOOK if "no book" in states else _SOMETHING_TO_DO if "do" in states else 0


def _verdict(lines: Sequence[HealthLine], code: int) -> str:
    must = [each.topic for each in lines if each.state == "do"]
    if code == _NO_BOOK:
        return "There is no book to look at."
    if must:
        return f"Something must be done: {', '.join(dict.fromkeys(must))}."
    return "All is well."
