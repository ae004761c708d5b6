"""`mdfm report`: the whole fund, on paper or on the screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ledger import CHART, Amount
from mdfm import options, screen
from mdfm.recording import reading
from mdfm.screen import AnswerIsNo, Cents
from reports import (
    LANGUAGES,
    Overview,
    Seal,
    draw_overview,
    draw_trial_balance,
    render_overview,
    render_trial_balance,
    write_paper,
)

language = click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
out = click.option("--out", type=options.FILE, help="Write a PDF instead of printing.")


@click.group(cls=screen.Noun)
def command() -> None:
    """What all donors' money did together."""


@command.command()
@options.clocks
@language
@out
def overview(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """The fund in short: who gave, what it did, and progress to the target."""
    with reading() as books:
        told = draw_overview(books, term, options.as_of(books, to, known_at), language)
    if out:
        write_paper(out, render_overview(told))
        screen.say(f"{out} is written.")
    else:
        screen.answer(told, lambda: _draw(told))


def _draw(told: Overview) -> None:
    fund = told.fund
    amounts = {
        "Received": fund.received,
        "Signed, not yet received": fund.receivable,
        "Pledged": fund.pledged,
        "In kind (beside the target)": fund.in_kind,
        "Used": fund.used,
        "Allocated, not yet used": fund.allocated,
        "... of it committed": fund.committed,
        "Available": fund.available,
        "Target": fund.target,
    }
    rows = [{"what": what, "usd": Cents(cents)} for what, cents in amounts.items()]
    screen.table(rows, {"what": f"Term {fund.term}", "usd": "US$"})
    screen.line(
        f"{_percent(fund.progress)} of the target received; {_percent(fund.delivery_rate)} of that used."
    )
    screen.line(_state(told.seal))


def _state(seal: Seal) -> str:
    """The two clocks and the head hash that every report carries."""
    return f"Effective to {seal.effective_to}, known at entry {seal.known_at}, head {seal.head[:16]}."


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d} %"


@command.command("trial-balance")
@options.clocks
@language
@out
def trial_balance(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """Every account, and the proof that assets are liabilities less use."""
    with reading() as books:
        balance = draw_trial_balance(books, options.as_of(books, to, known_at), term)
    if out:
        write_paper(out, render_trial_balance(balance, language))
        screen.say(f"{out} is written.")
    else:
        rows: list[screen.Row] = [
            {
                "account": f"{row.account} {CHART[row.account].name}",
                "amount": Amount(currency=row.currency, minor=row.amount),
                "debit": Cents(row.usd) if row.usd > 0 else None,
                "credit": Cents(-row.usd) if row.usd < 0 else None,
            }
            for row in balance.rows
        ]
        columns = {"account": "Account", "amount": "Amount", "debit": "Debit US$", "credit": "Credit US$"}
        screen.listing(rows, columns, nothing="Nothing is booked yet.")
        sums = [screen.shown(Cents(abs(balance.total(part)))) for part in ("asset", "liability", "use")]
        screen.say(f"Assets {sums[0]} = liabilities {sums[1]} - use {sums[2]}; there is no revenue account.")
        screen.say(_state(balance.seal))
    if not balance.holds:
        raise AnswerIsNo("The trial balance does not hold: run `mdfm audit verify`.")
