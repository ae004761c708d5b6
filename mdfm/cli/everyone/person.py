"""`mdfm person`: people, their roles, and thresholds for a director's approval."""

from __future__ import annotations

from datetime import date
from typing import get_args

import click

from ledger import Role, all_roles
from mdfm.api import roles_given, threshold_set
from mdfm.cli import console, options
from mdfm.cli.console import Misused
from mdfm.cli.recording import reading, submit_all

command = console.Noun("person")
_NONE = "none"


@command.command("give")
@click.argument("pairs", nargs=-1, required=True, metavar="NAME=ROLE[,ROLE]...")
@options.recorded
def give(pairs: tuple[str, ...], on: date, by: str) -> None:
    """Give people roles in place of those they had; NAME=none removes a person's roles.

    The first roles in a book must name two administrators; from then on every name needs a role.
    """
    submit_all(by, [roles_given(dict(map(_read, pairs)), on=on)])


def _read(pair: str) -> tuple[str, list[str]]:
    name, found, roles = pair.partition("=")
    given = [role.strip() for role in roles.split(",") if role.strip() and role.strip() != _NONE]
    if not name or not found or set(given) - set(get_args(Role)):
        raise Misused(f"'{pair}' is not NAME=ROLE: the roles are {', '.join(get_args(Role))}, or {_NONE}.")
    return name, given


@command.command("list")
def list_() -> None:
    """List people and their roles."""
    with reading() as books:
        rows = [{"name": name, "roles": sorted(roles)} for name, roles in all_roles(books).items()]
    console.listing(
        rows,
        {"name": "Person", "roles": "Roles"},
        nothing="No roles are given: anybody may record in this book.",
    )


@command.command("threshold")
@click.argument("kind")
@click.argument("amount", type=options.DOLLARS)
@options.recorded
def threshold(kind: str, amount: int, on: date, by: str) -> None:
    """Require a director's approval for events of a KIND from an AMOUNT on.

    KIND is as `mdfm entry list` shows it, e.g. "contribution received"; an AMOUNT of 0 ends it.
    """
    submit_all(by, [threshold_set(kind, amount, on=on)])
