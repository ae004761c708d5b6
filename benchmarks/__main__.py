"""`python -m benchmarks`: measure, and print the figures beside those of the rivals on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks import books_speed, import_speed, known_answers, plan_speed, server_speed, statement_speed
from benchmarks.table import console


@click.group(invoke_without_command=True)
@click.option(
    "--instances",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of public instances with known answers: mknap*.txt, *.pb, folders with a pareto_sols.csv.",
)
@click.pass_context
def main(context: click.Context, instances: Path | None) -> None:
    """Measure everything, or one part of it."""
    if context.invoked_subcommand is None:
        for part in (books, imports, plans, statements, server):
            context.invoke(part)
        if instances is None:
            console.print("Known answers: give a folder of public instances (make bench INSTANCES=FOLDER).")
        else:
            _require(known_answers.all_in(instances))


@main.command()
@click.option("--entries", default=100_000, show_default=True, help="Entries in the book.")
@click.option("--large", default=1_000_000, show_default=True, help="Entries in the large book; 0 for none.")
def books(entries: int, large: int) -> None:
    """Recording, verifying and reading a book, beside hledger, ledger and beancount."""
    books_speed.measure(entries, large)


@main.command()
@click.option("--rows", default=100_000, show_default=True, help="Contributions in the spreadsheet.")
@click.option("--donors", default=5_000, show_default=True, help="Donors in the book.")
def imports(rows: int, donors: int) -> None:
    """A spreadsheet of contributions, previewed and booked, beside booking alone."""
    import_speed.measure(rows, donors)


@main.command()
@click.option("--quick", is_flag=True, help="Only the strategy's programme, and fewer scenarios.")
def plans(*, quick: bool) -> None:
    """Solving the strategy's programme and far larger ones, beside SCIP and HiGHS on the obvious model."""
    if quick:
        plan_speed.measure(sizes=(), scenarios=plan_speed.SCENARIOS // 10)
    else:
        plan_speed.measure()


@main.command()
@click.option("--largest", default=0, help="Entries of one more book, e.g. 1000000; 0 for none.")
def statements(largest: int) -> None:
    """Writing all donors' statements from books of 10,000 and 100,000 entries, beside reportlab alone."""
    statement_speed.measure([10_000, 100_000, *([largest] if largest else [])])


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def mknap(file: Path) -> None:
    """Known optima of multi-dimensional knapsacks (OR-Library, files like mknap1.txt)."""
    _require(known_answers.mknap(file))


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def kp(folder: Path) -> None:
    """The known Pareto front of a knapsack with two or three goals (a.csv, b.csv, c.csv, pareto_sols.csv)."""
    _require(known_answers.kp(folder))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def pabulib(file: Path) -> None:
    """The official result of a participatory budgeting (a .pb file), and the most votes possible."""
    _require(known_answers.pabulib(file))


def _require(met: bool) -> None:
    if not met:
        raise click.ClickException("a known answer is not met")


@main.command()
@click.option("--events", default=4_000, show_default=True, help="Events in all.")
def server(events: int) -> None:
    """Recording on PostgreSQL from eight connections, beside bare inserts."""
    server_speed.measure(events)


if __name__ == "__main__":
    main()
