"""`mdfm plan why`: why one activity is funded or not, and what would change it."""

from __future__ import annotations

from pathlib import Path

import click

from allocation import CertificateError, Explanation, explain_activity, paragraphs, read_plan
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo
from mdfm.cli.recording import reading


@click.command("why", cls=console.JsonCommand)
@click.argument("file", type=options.FILE, metavar="PLAN.json")
@click.argument("activity", type=options.CODE, metavar="ACTIVITY")
def why(file: Path, activity: str) -> None:
    """Say why an activity is funded or not, what it would take the place of, and what would change that.

    The question is asked again from the books. Where they have moved since the plan was solved, this is what
    the plan itself says.
    """
    plan, _ = read_plan(file)
    with reading() as books, console.waiting(f"Asking again about {activity} ..."):
        try:
            told = explain_activity(books, plan, activity)
        except CertificateError as error:
            raise AnswerIsNo(str(error)) from error
    console.emit(told.explanation, lambda: _print(told.explanation))
    if told.stored:
        console.stderr(
            "The books have moved since the plan was solved, so this is what it said then; "
            "what would change it is told only before."
        )


def _print(told: Explanation) -> None:
    console.details({about: " ".join(sentences) for about, sentences in paragraphs(told).items()})
