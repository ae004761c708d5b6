"""The fund office at its command line: who does what in a scenario, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from mdfm.cli.app import app
from tests.support.place import ROOT
from tests.support.small_books import dump

TERM = "2021-2023"
OFFICER, DIRECTOR = "finance officer", "director"
FIRST_DAY, LAST_DAY = "2021-11-01", "2023-10-31"

DONORS = {
    "the member city": "CITY",
    "the government": "GOV",
    "the foundation": "FOUND",
    "the community organisation": "NGO",
}


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Office:
    """People at the command line over one book; remembers what the last command of a scenario did."""

    def __init__(self, folder: Path, *, as_installed: bool = False) -> None:
        self.folder = folder
        self.book = folder / "mdfm.book"
        self.as_installed = as_installed
        self.outcome = Outcome(0, "", "")
        self.books_before: dict[str, list[str]] = {}
        self._numbers = 0

    def does(self, who: str, *words: object) -> Outcome:
        """What somebody does in a scenario; the books before it and its outcome are kept."""
        self.books_before = self.contents() if self.book.exists() else {}
        run = self._run_as_installed if self.as_installed else self._run
        self.outcome = run(who, [str(word) for word in words])
        assert "Traceback" not in self.outcome.err
        return self.outcome

    def asks(self, *words: object, by: str = OFFICER) -> Any:
        """The answer to a command that must succeed, as JSON; nothing of it is remembered."""
        code, out, err = self._run(by, [*map(str, words), "--json"])
        assert code == 0, err
        return json.loads(out)

    def prepares(self, *commands: Sequence[object]) -> None:
        """Prepare the books of a scenario: the officer runs commands, the director approves."""
        answers = [self.asks(*words) for words in commands]
        made = [each for answer in answers for each in (answer if isinstance(answer, list) else [answer])]
        waiting = [each["id"] for each in made if each.get("status") == "waiting"]
        if waiting:
            self.asks("proposal", "approve", *waiting, by=DIRECTOR)

    def number(self, prefix: str) -> str:
        """A reference that was not used before."""
        self._numbers += 1
        return f"{prefix}-{self._numbers}"

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table of the book."""
        return dump(str(self.book))

    def journal(self) -> list[dict[str, Any]]:
        """Every entry, the first at the start, with its event and its lines."""
        entries: list[dict[str, Any]] = self.asks("entry", "list", "--last", 1_000_000)
        return entries

    def file(self, name: str, content: str) -> Path:
        """A file on the desk."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def _run(self, who: str, words: list[str]) -> Outcome:
        result = CliRunner(env=self._own(who)).invoke(app, words)
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def _run_as_installed(self, who: str, words: list[str]) -> Outcome:
        run = subprocess.run(
            [sys.executable, "-c", "from mdfm.cli.app import main; main()", *words],
            env=os.environ | self._own(who) | {"PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Outcome(run.returncode, run.stdout, run.stderr)

    def _own(self, who: str) -> dict[str, str]:
        return {"MDFM_BOOK": str(self.book), "MDFM_BY": who}


def screened(office: Office, donor: str) -> tuple[object, ...]:
    """The command that records that a donor was looked into and cleared for two years."""
    report = office.file("screening.txt", f"Nothing was found on {donor}.")
    return (
        "donor", "screen", donor, "--outcome", "cleared", "--valid-until", LAST_DAY, "--evidence", report,
        "--on", FIRST_DAY,
    )  # fmt: skip


def cents(amount: str) -> int:
    """`50,000.00` as cents."""
    whole, _, fraction = amount.replace(",", "").partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))


def classes_of(office: Office) -> Counter[str]:
    """The trial balance's US dollar cents by class of account; debits positive."""
    classes: Counter[str] = Counter()
    for row in trial_balance(office):
        classes[row["account"][0]] += (row["debit"] or 0) - (row["credit"] or 0)
    return classes


def trial_balance(office: Office) -> list[dict[str, Any]]:
    """The rows of the trial balance of the term."""
    rows: list[dict[str, Any]] = office.asks("report", "trial-balance", "--term", TERM, "--to", LAST_DAY)
    return rows


def assert_mirrors(mirror: dict[str, Any], original: dict[str, Any]) -> None:
    """Hold a reversal to the entry that it takes back: the same lines, each with its amounts turned round."""
    assert mirror["reverses"] == original["seq"]
    assert len(mirror["lines"]) == len(original["lines"]) > 1
    for turned, line in zip(mirror["lines"], original["lines"], strict=True):
        assert turned == line | {"amount": -line["amount"], "usd": -line["usd"]}
