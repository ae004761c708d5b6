"""The table of a benchmark: what was measured, how long it took, beside which rival, and the ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

console = Console(highlight=False)


def seconds(run: Callable[[], object]) -> float:
    """Wall-clock seconds of one run."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def median_seconds(run: Callable[[], object], times: int) -> float:
    """The median of several runs: the machine may be busy with something else at any moment."""
    return statistics.median(seconds(run) for _ in range(times))


@dataclass
class Figures:
    """A table of figures."""

    title: str
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, ours: str, beside: str = "", ratio: str = "") -> None:
        """A figure, and what it stands beside."""
        self.rows.append((what, ours, beside, ratio))

    def compare(self, what: str, ours: float, rival: str, theirs: float | None) -> None:
        """Our seconds beside a rival's; a rival that is not on the machine is listed as missing."""
        if theirs is None:
            self.add(what, f"{ours:.2f} s", f"{rival} is not on this machine")
        else:
            self.add(what, f"{ours:.2f} s", f"{rival} {theirs:.2f} s", f"{theirs / ours:.2f} x its speed")

    def show(self) -> None:
        """Print the table."""
        drawn = Table(title=self.title, title_justify="left", title_style="bold")
        for heading in ("what", "mdfm", "beside", "ratio"):
            drawn.add_column(heading, overflow="fold")
        for row in self.rows:
            drawn.add_row(*row)
        console.print(drawn)
