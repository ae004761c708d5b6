"""Options that many commands share, and the types that parse days, names, codes and money."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from allocation import INDICATORS
from donors import CODE_PATTERN, LANGUAGES, SOURCE_LANGUAGE
from ledger import (
    FUND_CURRENCY,
    HARMONISED_CATEGORIES,
    NOW,
    BadInput,
    name_fault,
    nearest,
    read_amount,
    read_money,
)
from mdfm.api import clocks
from mdfm.books import ALL_KINDS
from mdfm.cli.console import Misused
from mdfm.cli.hints import in_words

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERIOD = re.compile(r"[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?")
_ENTRY = re.compile(r"[0-9]{1,18}")
_WHOLE = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3}")
_ENDINGS = {".csv", ".json", ".jsonl", ".pdf", ".svg", ".xlsx", ".xml", ".zip"}
_PERCENT = re.compile(r"(?P<whole>\d{1,3})(\.(?P<part>\d{1,2}))?\s*%", re.ASCII)

Callback = TypeVar("Callback", bound=Callable[..., Any])
"""The function of a command, which a decorator gives options."""


class Typed(click.ParamType[Any]):
    """An option's type, parsed by a function that raises BadInput."""

    def __init__(self, name: str, read: Callable[[str], object]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse the text; a default that is no text is taken as it is."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value.strip())
        except BadInput as error:
            self.fail(in_words(error), param, ctx)


class OneOf(click.Choice[str]):
    """One of many names; a wrong one is answered with the nearest, where there is one, and not with all."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """The sentence for a name that is not among them."""
        hint = nearest(str(value), map(str, self.choices))
        return f"there is no '{value}'{hint}." if hint else super().get_invalid_choice_message(value, ctx)


class File(click.Path):
    """A path, but not an empty one, as from an unset variable of the shell."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse the path."""
        if value == "":
            self.fail("give the name of a file.", param, ctx)
        return super().convert(value, param, ctx)


class Folder(File):
    """A folder to write into, which is made if need be; not the name of a file, as which it would be odd."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse the path."""
        folder = super().convert(value, param, ctx)
        if Path(folder).suffix.lower() in _ENDINGS and not Path(folder).is_dir():
            self.fail(f"'{folder}' is the name of a file: give that of a folder.", param, ctx)
        return folder


def _read_day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Misused(f"'{text}' is not a day: write it as YYYY-MM-DD.")


def _read_name(text: str) -> str:
    if not text:
        raise Misused("give the name of a person.")
    if fault := name_fault(text):
        raise Misused(f"{text!a} is no name of a person: {fault}.")
    return text


def _read_words(text: str) -> str:
    if not text:
        raise Misused("it is empty: say it in words.")
    return text


def _read_code(text: str) -> str:
    if not re.fullmatch(CODE_PATTERN, text):
        raise Misused(
            f"'{text}' is not a code: use up to 40 letters, digits, dots, dashes and underscores, "
            f"the first a letter or digit."
        )
    return text


def _read_period(text: str) -> str:
    if not _PERIOD.fullmatch(text):
        raise Misused(f"'{text}' is not a period: write a month as 2021-12 or a fiscal year as 2021.")
    return text


def _read_entry(text: str) -> int:
    if not _ENTRY.fullmatch(text):
        raise Misused(f"'{text}' is not the number of an entry: write one such as 82.")
    return int(text)


def _read_dollars(text: str) -> int:
    if not re.search(r"[A-Za-z]{3}", text):
        return read_amount(text, FUND_CURRENCY).minor
    amount = read_money(text)
    if amount.currency != FUND_CURRENCY:
        raise Misused(f"'{text}' is not in US dollars, in which this is kept: write it like 'USD 10,000.00'.")
    return amount.minor


def _read_spent(text: str) -> tuple[str, int]:
    category, found, amount = text.partition("=")
    if not found or category not in HARMONISED_CATEGORIES:
        raise Misused(
            f"'{text}' is not CATEGORY=AMOUNT: write travel=1,000.00; "
            f"the categories are {', '.join(HARMONISED_CATEGORIES)}."
        )
    return category, _read_dollars(amount)


def _read_counted(text: str) -> tuple[str, int]:
    indicator, _, count = text.partition("=")
    if indicator not in INDICATORS or not _WHOLE.fullmatch(count):
        raise Misused(
            f"'{text}' is not INDICATOR=NUMBER: write events-held=2; "
            f"the indicators are {', '.join(INDICATORS)}."
        )
    return indicator, int(count.replace(",", ""))


def _read_percent(text: str) -> int:
    match = _PERCENT.fullmatch(text)
    if not match:
        raise Misused(f"'{text}' is not a rate: write it like 7% or 7.25%.")
    return int(match["whole"]) * 100 + int((match["part"] or "").ljust(2, "0"))


DAY = Typed("YYYY-MM-DD", _read_day)
NAME = Typed("name", _read_name)
WORDS = Typed("text", _read_words)
CODE = Typed("code", _read_code)
PERIOD = Typed("period", _read_period)
ENTRY = Typed("entry", _read_entry)
MONEY = Typed("amount", read_money)
"""Reads `EUR 10,000.00`, `10,000.00 EUR` and `KRW 5 000 000` as an Amount."""
DOLLARS = Typed("US$ amount", _read_dollars)
"""Reads US dollars, with or without `USD`, as cents."""
SPENT = Typed("category=amount", _read_spent)
"""Reads `travel=1,000.00` as a category and cents."""
COUNTED = Typed("indicator=number", _read_counted)
"""Reads `events-held=2` as an indicator and a count."""
PERCENT = Typed("percent", _read_percent)
"""Reads `7.25%` as basis points."""
FILE = File(path_type=Path)
FOLDER = Folder(file_okay=False, path_type=Path)


class _Number(click.ParamType[int]):
    """A number in a range that no help need name: its end is that of the database's."""

    name = "integer"
    _range = click.IntRange(1, NOW)

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int:
        """The number; an error of click's for another text."""
        number: int = self._range.convert(value, param, context)
        return number


NUMBER = _Number()
"""The number of an entry or a proposal."""


by = click.option(
    "--by", type=NAME, envvar="MDFM_BY", required=True, show_envvar=True, help="The person who does this."
)
on = click.option("--on", type=DAY, default=clocks.today, help="The day it takes effect; today if not given.")
last_day = click.option("--on", type=DAY, required=True, help="The last day of the period that it settles.")
occurrence = click.option(
    "--occurrence",
    "times",
    type=click.IntRange(min=1),
    default=1,
    help="1, the first, if not given; 2 after the first was reversed, and so on.",
)
reason = click.option("--reason", type=WORDS, required=True, help="Why, in words.")
evidence = click.option(
    "--evidence",
    "files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="A file that proves it; may be repeated.",
)

reference = click.argument("reference", type=CODE)
term = click.option("--term", required=True, metavar="TERM", help="The term, e.g. 2021-2023.")
donor = click.option("--donor", required=True, metavar="DONOR", help="The donor.")
agreement = click.option(
    "--agreement", required=True, metavar="AGREEMENT", help="The agreement, or gift, whose money it is."
)
activity = click.option("--activity", required=True, metavar="ACTIVITY", help="The activity.")
bank = click.option("--bank", "bank_account", required=True, metavar="ACCOUNT", help="The bank account.")
bank_of_reference = click.option(
    "--bank",
    "bank",
    default="",
    metavar="ACCOUNT",
    help="The bank account, where several have the reference.",
)
money = click.option(
    "--amount", type=MONEY, required=True, help="In the money's own currency, e.g. 'EUR 10,000.00'."
)
dollars = click.option("--amount", "cents", type=DOLLARS, required=True, help="US dollars, e.g. 10,000.00.")
spent = click.option(
    "--spent", type=SPENT, multiple=True, required=True, help="E.g. travel=1,000.00; may be repeated."
)
description = click.option("--description", required=True, help="What it is, in words.")

gift_donor = click.option(
    "--donor", default="", metavar="DONOR", help="For a gift without an agreement: who gave it."
)
gift_term = click.option(
    "--term", default="", metavar="TERM", help="For a gift without an agreement: the term it is meant for."
)

only_term = click.option("--term", metavar="TERM", help="Of this term only.")
only_donor = click.option("--donor", metavar="DONOR", help="Of this donor only.")
only_agreement = click.option("--agreement", metavar="AGREEMENT", help="Of this agreement only.")
only_kind = click.option(
    "--kind",
    type=OneOf(sorted({kind.event.kind for kind in ALL_KINDS})),
    metavar="KIND",
    help="Of this kind only, e.g. 'tranche paid'.",
)
only_activity = click.option("--activity", metavar="ACTIVITY", help="Of this activity only.")

LANGUAGE = click.Choice(LANGUAGES)
language = click.option(
    "--language",
    type=LANGUAGE,
    default=SOURCE_LANGUAGE,
    show_default=True,
    help="The language of names and headings.",
)
donors_language = click.option("--language", type=LANGUAGE, help="The donor's own if not given.")

record = click.option(
    "--record", is_flag=True, help="Record it, or propose it for approval; without it nothing is recorded."
)
jobs = click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes side by side; the machine's cores if not given."
)
limit = click.option(
    "--limit",
    type=float,
    metavar="UNITS",
    help="The most that one solve may take, in the solver's deterministic units of work, not seconds.",
)
certified = click.option(
    "--certified", is_flag=True, help="Certified: every month of it is closed; interim otherwise."
)


def recorded(command: Callback) -> Callback:
    """The two options of everything that is recorded: the day it takes effect, and who records it."""
    return on(by(command))


# ---- what is read, and as of when

known_at = click.option("--known-at", type=ENTRY, help="Known at this entry; the last if not given.")
effective_to = click.option(
    "--to", type=DAY, default=clocks.today, help="Effective to this day; today if not given."
)
first_day = click.option("--from", "starts_on", type=DAY, help="First day; the term's first if not given.")
ends_on = click.option("--to", "ends_on", type=DAY, required=True, help="Last day.")
_year = click.option(
    "--year", type=click.IntRange(1900, 9998), help="A fiscal year, or its part in the term."
)


def two_clocks(command: Callback) -> Callback:
    """The options of everything that is read as of two clocks."""
    return effective_to(known_at(command))


def term_and_clocks(command: Callback) -> Callback:
    """A term, and the two clocks."""
    return term(two_clocks(command))


def period(last_day_if_not_given: str) -> Callable[[Callback], Callback]:
    """The options of a part of a term: a fiscal year, or a span of days."""
    last = click.option("--to", "ends_on", type=DAY, help=f"Last day; {last_day_if_not_given} if not given.")

    def add(command: Callback) -> Callback:
        return _year(first_day(last(command)))

    return add


def span(command: Callback) -> Callback:
    """The options of a span of days that must be given: its first day and its last."""
    first = click.option("--from", "starts_on", type=DAY, required=True, help="First day.")
    return first(ends_on(command))


def each_once(pairs: Sequence[tuple[str, int]], what: str) -> dict[str, int]:
    """Pairs as a dict; BadInput when a name is given twice, as one amount would hide the other."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise Misused(f"The {what} {name} is given twice: give one amount for it.")
    return dict(pairs)
