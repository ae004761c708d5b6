"""Workers: processes that solve problems in parallel, on this machine's cores or on a Dask cluster.

A worker does not read the books: it gets a problem and returns an outcome, which is the same on every
worker.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from allocation.analysis.processes import side_by_side
from allocation.engine.certify import Claim, certify
from allocation.engine.iis import Infeasible
from allocation.engine.problem import Problem
from ledger import BadInput, MdfmError

if TYPE_CHECKING:
    from distributed import Client

    from allocation.engine.solve import Solution

SECONDS_FOR_CLUSTER = 20
"""How long a scheduler may take to answer."""

SECONDS_FOR_WORKERS = 20
"""How long its first worker may take after that."""


class WorkersLost(MdfmError):
    """Worker processes have ended before their work was done."""


@dataclass(frozen=True)
class SolveOutcome:
    """The outcome of solving one problem."""

    status: Literal["solved", "infeasible", "undecided", "failed"]
    """`undecided`: the limit was hit before any plan was found; `failed`: an error or a failed check."""
    solver_version: str
    reason: str = ""
    """Why there is no solution."""
    solution: Solution | None = None


SolveOutcomes = Generator[tuple[int, SolveOutcome], None, None]
Workers = Callable[[Sequence[Problem], float | None], SolveOutcomes]
"""Solves problems, each with a limit of deterministic time; yields index and outcome of each as it is done.

Closing the generator ends the work that is left.
"""


def settle(problem: Problem, limit: float | None) -> SolveOutcome:
    """Solve a problem and verify the solution; every error is an outcome, so that one ends no sweep."""
    from allocation.engine.solve import Undecided, solve  # noqa: PLC0415 - half a second to load: not in the parent

    solver = solver_version()
    try:
        solution = solve(problem, limit=limit)
        certify(problem, _claim(solution))
    except Infeasible as error:
        return SolveOutcome("infeasible", solver, str(error))
    except Undecided as error:
        return SolveOutcome("undecided", solver, str(error))
    except MdfmError as error:
        return SolveOutcome("failed", solver, str(error))
    except Exception as error:
        return SolveOutcome("failed", solver, f"{type(error).__name__}: {error}")
    return SolveOutcome("solved", solver, solution=solution)


def _claim(solution: Solution) -> Claim:
    value, floors = solution.tier("value"), solution.tier("floors")
    return Claim(
        solution.units,
        solution.flows,
        solution.value,
        solution.bound,
        proved=value is None or value.proved,
        missed=None if floors is None else floors.value,
    )


def solver_version() -> str:
    """The version of OR-Tools in this process, without loading it."""
    return version("ortools")


# ---- the cores of this machine


def on_cores(count: int) -> Workers:
    """Workers on this machine: `count` processes, one solver thread each."""

    def work(problems: Sequence[Problem], limit: float | None) -> SolveOutcomes:
        try:
            yield from side_by_side(partial(settle, limit=limit), problems, count)
        except BrokenProcessPool:
            raise WorkersLost(
                "worker-process-ended",
                "A worker process has ended before its work was done, perhaps for want of memory: the "
                "same command goes on from what is done; try fewer workers.",
            ) from None

    return work


# ---- a Dask cluster


def on_cluster(address: str) -> Workers:
    """The workers of the Dask cluster whose scheduler is at an address such as `tcp://host:8786`.

    They need the same version of mdfm as this machine. A problem whose worker dies goes to another one.
    """

    def work(problems: Sequence[Problem], limit: float | None) -> SolveOutcomes:
        with closing(_client(address)) as client:
            yield from _work_on(client, problems, limit)

    return work


def _client(address: str) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra of its own
    except ImportError:
        raise BadInput(
            "cluster-package-missing",
            "A cluster needs the package distributed (Dask), which is not installed: install it beside "
            "mdfm (in the folder of the checkout, with pip install -e '.[cluster]').",
        ) from None
    try:
        client = Client(address, timeout=SECONDS_FOR_CLUSTER, set_as_default=False)
    except (OSError, ValueError):
        raise BadInput(
            "cluster-scheduler-unreachable",
            "No Dask scheduler answers at {address}: start it, or correct the address.",
            address=address,
        ) from None
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
    except TimeoutError:
        client.close()
        raise BadInput(
            "cluster-without-workers",
            "The Dask scheduler at {address} has no workers: start some.",
            address=address,
        ) from None
    return client


def _work_on(client: Client, problems: Sequence[Problem], limit: float | None) -> SolveOutcomes:
    from distributed import KilledWorker  # noqa: PLC0415
    from distributed import as_completed as as_ended  # noqa: PLC0415

    index = {client.submit(settle, problem, limit, pure=False): i for i, problem in enumerate(problems)}
    for done in as_ended(list(index), loop=client.loop):
        try:
            outcome = done.result()
        except KilledWorker:
            reason = "The workers that it was given to died, perhaps for want of memory."
            outcome = SolveOutcome("failed", solver_version(), reason)
        except Exception as error:
            raise WorkersLost(
                "cluster-cannot-solve",
                "The cluster cannot solve ({name}: {why}): see that its workers run and have the "
                "same version of mdfm; the same command goes on from what is done.",
                name=type(error).__name__,
                why=error,
            ) from error
        if outcome.solver_version != solver_version():
            raise WorkersLost(
                "cluster-solver-version-differs",
                "A worker of the cluster has OR-Tools {worker_version} and this machine "
                "{own_version}: install the same on both.",
                worker_version=outcome.solver_version,
                own_version=solver_version(),
            )
        yield index.pop(done), outcome
