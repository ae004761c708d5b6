"""`mdfm bank`: bank accounts, charges, interest, currency changes and exchange differences."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from donors import (
    BalancesRevalued,
    BankAccountOpened,
    BankChargePaid,
    CurrencyChanged,
    DifferencesAttributed,
    InterestAttributed,
    InterestReceived,
    bank_accounts,
)
from ledger import CASH_AT_BANK, Amount, Balance, balances_by
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.finance import bank_file
from mdfm.cli.recording import reading, submit

command = console.Noun("bank")


@command.command("open")
@click.argument("code", type=options.CODE)
@click.option("--name", required=True, help="The bank, and what the account is for.")
@click.option("--currency", required=True, metavar="CURRENCY", help="ISO 4217 code, e.g. EUR.")
@options.recorded
def open_(code: str, name: str, currency: str, on: date, by: str) -> None:
    """Open a bank account."""
    submit(by, BankAccountOpened, on=on, code=code, name=name, currency=currency)


@command.command("list")
def list_() -> None:
    """List the bank accounts and their balances."""
    with reading() as books:
        stands = balances_by(books, CASH_AT_BANK, "bank_account")
        rows = [
            console.row_of(
                account,
                balance=Amount(
                    currency=account.currency, minor=stands.get(account.code, Balance(0, 0)).amount
                ),
                usd_cents=UsdCents(stands.get(account.code, Balance(0, 0)).usd),
            )
            for account in bank_accounts(books)
        ]
    columns = {"code": "Account", "name": "Name", "balance": "Balance", "usd_cents": "US$"}
    console.listing(rows, columns, nothing="No bank account is open yet: use `mdfm bank open`.")


@command.command("change")
@click.argument("reference", type=options.CODE)
@options.term
@click.option(
    "--from", "sold_from", required=True, metavar="ACCOUNT", help="The account that the money leaves."
)
@click.option("--sold", type=options.MONEY, required=True, help="What was sold, e.g. 'EUR 10,000.00'.")
@click.option("--to", "bought_into", required=True, metavar="ACCOUNT", help="The account that gets it.")
@click.option("--bought", type=options.MONEY, required=True, help="What was bought, at the bank's own rate.")
@options.recorded
def change(
    *,
    reference: str,
    term: str,
    sold_from: str,
    sold: Amount,
    bought_into: str,
    bought: Amount,
    on: date,
    by: str,
) -> None:
    """Record that money was changed from the currency of one account into that of another."""
    submit(
        by,
        CurrencyChanged,
        on=on,
        reference=reference,
        term=term,
        sold_from=sold_from,
        sold=sold,
        bought_into=bought_into,
        bought=bought,
    )


@command.command("charge")
@options.reference
@options.term
@options.bank
@options.money
@options.recorded
def charge(by: str, **given: Any) -> None:
    """Record a bank charge."""
    submit(by, BankChargePaid, **given)


@command.command("interest")
@options.reference
@options.term
@options.bank
@options.money
@options.evidence
@options.recorded
def interest(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record interest received from the bank."""
    submit(by, InterestReceived, files=files, **given)


@command.command("attribute-interest")
@options.reference
@options.term
@options.span
@options.recorded
def attribute_interest(by: str, **given: Any) -> None:
    """Attribute interest to agreements, pro rata to their average balances over a span of days."""
    submit(by, InterestAttributed, **given)


@command.command("revalue")
@options.term
@options.last_day
@options.occurrence
@options.by
def revalue(by: str, **given: Any) -> None:
    """Revalue foreign currency balances on the last day of a period."""
    submit(by, BalancesRevalued, **given)


@command.command("attribute-differences")
@options.reference
@options.term
@options.span
@options.recorded
def attribute_differences(by: str, **given: Any) -> None:
    """Attribute realised exchange differences to agreements, pro rata to their average balances."""
    submit(by, DifferencesAttributed, **given)


command.add_command(bank_file.read)
command.add_command(bank_file.reconcile_)
