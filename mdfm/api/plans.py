"""Plans: scenarios are solved over the books, explained, compared, and approved as the allocation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from allocation import (
    Alternatives,
    Comparison,
    Plan,
    Risk,
    Scenario,
    Sensitivity,
    Why,
    approve_plan,
    assess_risk,
    compare_plans,
    explain_activity,
    find_alternatives,
    make_plan,
    measure_sensitivity,
    read_plan,
    read_scenario,
)
from ledger import Book, Document, FileSource, Progress, no_progress
from mdfm.api.files import require_file
from mdfm.api.recording import RecordedEntry, with_lines

ScenarioSource: TypeAlias = Scenario | FileSource
"""A scenario, or the TOML file of one that stands alone."""
PlanSource: TypeAlias = Plan | FileSource
"""A plan, or its file."""
PICTURES = ("money", "flows")
"""The pictures of a plan: the money against floors and ceilings, and the flows from donors."""


@dataclass(frozen=True)
class Plans:
    """Planning for a fund. Only `approve` records anything.

    Each answer is over the books as they are. `limit` is in the solver's deterministic units of work, not
    seconds. Where no plan keeps the rules, Infeasible (or NoPlan, with what would make one possible) is
    raised.
    """

    _book: Book

    def read_scenario(self, file: FileSource, beside: Sequence[Document] = ()) -> Scenario:
        """A scenario from a TOML file; `beside` has the files that a document names (`based_on`).

        BadInput names the file, the field and what to do.
        """
        return read_scenario(require_file(file), beside)

    def read(self, file: FileSource) -> Plan:
        """A plan from its file; BadInput if it is none, or was edited."""
        return _plan(require_file(file))

    def make(
        self,
        scenario: ScenarioSource,
        *,
        by: str,
        limit: float | None = None,
        revises: bool = False,
        explained: bool = True,
        progress: Progress = no_progress,
    ) -> Plan:
        """Solve a scenario; `to_bytes()` of the plan is its file.

        With `revises` what is allocated and neither used nor committed is planned again. `explained` plans
        say for every activity why it is funded or not, which takes some solves for each.
        """
        question = _scenario(scenario)
        with self._book.reading() as books:
            return make_plan(
                books, question, by, limit=limit, revises=revises, explained=explained, progress=progress
            )

    def explain(self, plan: PlanSource, activity: str) -> Why:
        """Why an activity is funded or not, what it would replace, and what would change that.

        The plan is solved again. Where the books have changed since, it is what the plan itself recorded.
        """
        question = _plan(plan)
        with self._book.reading() as books:
            return explain_activity(books, question, activity)

    def compare(
        self, before: Scenario | Plan, after: Scenario | Plan, progress: Progress = no_progress
    ) -> Comparison:
        """Compare two plans, or the plans of two scenarios: which change caused which difference."""
        with self._book.reading() as books:
            return compare_plans(books, before, after, progress)

    def alternatives(
        self, scenario: ScenarioSource, *, within: int, count: int, progress: Progress = no_progress
    ) -> Alternatives:
        """Up to `count` other plans whose value is at most `within` basis points below the best."""
        question = _scenario(scenario)
        with self._book.reading() as books:
            return find_alternatives(books, question, within=within, count=count, progress=progress)

    def sensitivity(
        self, scenario: ScenarioSource, cents: int, progress: Progress = no_progress
    ) -> Sensitivity:
        """What changes with `cents` (USD) more or less of each source and rule."""
        question = _scenario(scenario)
        with self._book.reading() as books:
            return measure_sensitivity(books, question, cents, progress)

    def risk(
        self,
        scenario: ScenarioSource,
        chances: Mapping[str, int],
        *,
        keep: bool = False,
        samples: int = 1000,
        progress: Progress = no_progress,
    ) -> Risk:
        """What is at risk when expected money comes with these probabilities, in basis points."""
        question = _scenario(scenario)
        with self._book.reading() as books:
            return assess_risk(books, question, chances, keep=keep, samples=samples, progress=progress)

    def approve(
        self, plan: PlanSource, *, by: str, on: date | None = None, although_unproved: bool = False
    ) -> RecordedEntry:
        """Check a plan again with a second solver, and book it as the allocation; its file is the evidence.

        Refused if `by` made the plan, if it allocates money that has not arrived, if the books have changed
        the problem since and, unless `although_unproved`, if it is not proved optimal. `on` is the day it
        takes effect, the scenario's if None. Raises CertificateError if the plan fails a check.
        """
        with self._book.recording() as journal:
            sealed = approve_plan(journal, _file(plan), by, on, although_unproved=although_unproved)
            return with_lines(journal.books, sealed)

    def pictures(
        self, plan: PlanSource, language: str = "en", form: Literal["pdf", "svg"] = "pdf"
    ) -> dict[str, Document]:
        """The pictures of a plan by name (`PICTURES`), as PDF or SVG."""
        from reports import draw_money, draw_sankey, name_plan  # noqa: PLC0415 - half a second

        found = _plan(plan)
        with self._book.reading() as books:
            named = name_plan(books, found)
        drawn = dict(zip(PICTURES, (draw_money(named, language), draw_sankey(named, language)), strict=True))
        return {
            name: Document(
                f"{found.scenario.id}-{name}-{language}.{form}",
                picture.to_svg() if form == "svg" else picture.to_pdf(),
            )
            for name, picture in drawn.items()
        }

    def workbook(self, plan: PlanSource) -> Document:
        """A plan as a workbook (XLSX): awards, whose money, what is not funded and why, rules."""
        from reports import name_plan, render_plan_workbook  # noqa: PLC0415 - half a second

        found = _plan(plan)
        with self._book.reading() as books:
            named = name_plan(books, found)
        return Document(f"{found.scenario.id}.xlsx", render_plan_workbook(named))


def _scenario(source: ScenarioSource) -> Scenario:
    return source if isinstance(source, Scenario) else read_scenario(require_file(source))


def _plan(source: PlanSource) -> Plan:
    return source if isinstance(source, Plan) else read_plan(require_file(source))[0]


def _file(source: PlanSource) -> FileSource:
    if isinstance(source, Plan):
        return Document(f"{source.scenario.id}.json", source.to_bytes())
    return require_file(source)
