"""The health of the program and of a fund's book: what a doctor looks at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from ledger import (
    Clock,
    HealthLine,
    book_health,
    health_line,
    is_on_server,
    safely,
    utc_now,
)
from mdfm import __version__
from mdfm.books import ALL_KINDS

DISTRIBUTION = "multi-donor-fund"


def check_health(location: str | Path, *, clock: Clock = utc_now) -> list[HealthLine]:
    """What is seen in seconds of the program and of the book at a path or database URL; never an error.

    Each line has a topic, a state and a sentence: `ok`; `note`, which is worth knowing; `do`, where something
    must be done, which the sentence says; and `no book` where there is none. Nothing is changed.
    """
    place = str(location)
    return [
        *safely("program", lambda: [_program()]),
        *safely("packages", lambda: [_packages(place)]),
        *book_health(place, ALL_KINDS, clock),
        *safely("fonts", _fonts),
        *safely("solver", _solver),
        *safely("signing", _signing),
    ]


def _program() -> HealthLine:
    python = ".".join(map(str, sys.version_info[:3]))
    return health_line("program", "ok", "mdfm {mdfm} with Python {python}", mdfm=__version__, python=python)


def _packages(location: str) -> HealthLine:
    """Whether the packages are there, each in a version that this one was made for."""
    extra = "postgresql" if is_on_server(location) else ""
    try:
        asked = [Requirement(each) for each in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return health_line(
            "packages",
            "note",
            "this program is not installed, but run from a folder: nothing says what it needs",
        )
    needed = [each for each in asked if each.marker is None or each.marker.evaluate({"extra": extra})]
    faults = list(_faults(needed))
    if not faults:
        return health_line("packages", "ok", "all {count} are as this version needs them", count=len(needed))
    return health_line(
        "packages", "do", "{faults}: install this program again as it is locked", faults="; ".join(faults)
    )


def _faults(needed: list[Requirement]) -> Iterator[str]:
    for each in needed:
        try:
            found = version(each.name)
        except PackageNotFoundError:
            yield f"{each.name} is missing"
            continue
        if not each.specifier.contains(found, prereleases=True):
            yield f"{each.name} is {found}, and {each.specifier} is needed"


# Imported when it is looked at: a library that is missing or broken is to be reported.


def _fonts() -> list[HealthLine]:
    from reports import font_faults  # noqa: PLC0415

    return [_tried("fonts", "; ".join(font_faults()), "every face loads and has its characters")]


def _solver() -> list[HealthLine]:
    from allocation import solver_fault  # noqa: PLC0415

    return [_tried("solver", solver_fault(), "each finds the known optimum of a small problem")]


def _signing() -> list[HealthLine]:
    from reports import signing_fault  # noqa: PLC0415

    return [_tried("signing", signing_fault(), "a page was signed, and its signature found sound")]


def _tried(topic: str, fault: str, works: str) -> HealthLine:
    if fault:
        return health_line(topic, "do", "{fault}: install this program again as it is locked", fault=fault)
    return health_line(topic, "ok", "{works}", works=works)
