"""Plans: the strategy's own programme, proved optimal, beside a second solver on the same model."""

from __future__ import annotations

import tempfile
from pathlib import Path

from allocation.certify import Claim, certify
from allocation.question import ask
from allocation.scenario import read_scenario
from allocation.solve import second_opinion, solve
from benchmarks.table import Figures, median_seconds
from mdfm.books import open_at
from mdfm.demo import BOOK, play
from mdfm.example import story

RUNS = 5


def measure() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        play(folder, lambda _who, _what: None)
        # The demo's plan is in its book; asked again, the scenario is about what is not funded yet.
        book = open_at(str(folder / BOOK))
        with book.reading() as books:
            scenario = read_scenario(story.example_file("scenario.toml"))
            problem = ask(books, scenario.model_copy(update={"must_fund": (), "floors": (), "ceilings": ()}))
        book.close()
    solution = solve(problem)
    claim = Claim(solution.units, solution.flows, solution.value, solution.bound, solution.proved)
    figures = Figures(
        f"A plan for {len(problem.candidates)} activities and {len(problem.sources)} agreements, one worker"
    )
    ours = median_seconds(lambda: solve(problem), RUNS)
    scip = median_seconds(lambda: second_opinion(problem), RUNS)
    figures.compare("solve: value, tie-break, attribution", ours, "SCIP, value only", scip)
    figures.add("certify", f"{median_seconds(lambda: certify(problem, claim), RUNS) * 1000:.1f} ms")
    figures.show()
