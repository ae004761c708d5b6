"""`mdfm plan why`: explain why an activity is funded or not."""

from __future__ import annotations

from pathlib import Path

import click

from allocation import CertificateError, Explanation, paragraphs, read_plan
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo
from mdfm.cli.recording import opened


@click.command("why", cls=console.JsonCommand)
@click.argument("file", type=options.FILE, metavar="PLAN.json")
@click.argument("activity", type=options.CODE, metavar="ACTIVITY")
def why(file: Path, activity: str) -> None:
    """Explain why an activity is funded or not, what it would replace, and what would change that.

    The plan is solved again over the books. Where they have changed since, this is what the plan itself
    recorded.
    """
    plan, _ = read_plan(file)
    with opened() as fund, console.waiting(f"Asking again about {activity} ..."):
        try:
            answer = fund.plans.explain(plan, activity)
        except CertificateError as error:
            raise AnswerIsNo(error.sentence) from error
    console.emit(answer.explanation, lambda: _print(answer.explanation))

    if answer.stored:
        console.stderr(
            "The books have changed since the plan was solved: this is the explanation made then, "
            "and what would change it is left out."
        )


def _print(explanation: Explanation) -> None:
    console.details({about: " ".join(sentences) for about, sentences in paragraphs(explanation).items()})
