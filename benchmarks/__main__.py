"""`python -m benchmarks`: measure, and print the figures beside those of the rivals on this machine."""

from __future__ import annotations

import click

from benchmarks import books_speed, plan_speed, server_speed


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Measure everything, or one part of it."""
    if context.invoked_subcommand is None:
        for part in (books, plans, server):
            context.invoke(part)


@main.command()
@click.option("--entries", default=100_000, show_default=True, help="Entries in the book.")
@click.option("--large", default=1_000_000, show_default=True, help="Entries in the large book; 0 for none.")
def books(entries: int, large: int) -> None:
    """Recording, verifying and reading a book, beside hledger, ledger and beancount."""
    books_speed.measure(entries, large)


@main.command()
def plans() -> None:
    """Solving the strategy's own programme, beside SCIP on the same model."""
    plan_speed.measure()


@main.command()
@click.option("--events", default=4_000, show_default=True, help="Events in all.")
def server(events: int) -> None:
    """Recording on PostgreSQL from eight connections, beside bare inserts."""
    server_speed.measure(events)


if __name__ == "__main__":
    main()
