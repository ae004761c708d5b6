"""Sweeps: grids of scenarios, the same results on every worker, and results that are reused."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from allocation import (
    Scenario,
    SweepResult,
    Variation,
    make_plan,
    on_cluster,
    on_cores,
    read_scenario,
    read_settings,
    sweep,
    vary,
)
from allocation.analysis import workers as working
from allocation.analysis.workers import SolveOutcomes, Workers, WorkersLost, settle
from allocation.engine.problem import Problem
from ledger import BadInput, Book
from mdfm.books import open_at
from mdfm.cli.planner import plan_sweep
from tests.support.open_demo import SCENARIO, open_demo
from tests.support.place import ROOT
from tests.support.processes import (
    SECONDS_MOST,
    children_of,
    is_running,
    running,
    settle_then_hang,
    wait_until,
)
from tests.test_docs import is_shown, play, told, tour

__all__ = ["open_demo"]


@pytest.fixture
def opened(open_demo: Path) -> Iterator[Book]:
    book = open_at(str(open_demo))
    yield book
    book.close()


@pytest.fixture
def base(tmp_path: Path) -> Scenario:
    path = tmp_path / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return read_scenario(path)


def grid(base: Scenario, *settings: str) -> tuple[Variation, ...]:
    return vary(base, read_settings(settings))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Here:
    """Workers in this process, which count what they solve and can be interrupted."""

    def __init__(self, interrupted_after: int | None = None) -> None:
        self.solved = 0
        self.interrupted_after = interrupted_after

    def __call__(self, problems: Sequence[Problem], limit: float | None) -> SolveOutcomes:
        for index, problem in reversed(list(enumerate(problems))):
            if self.solved == self.interrupted_after:
                raise KeyboardInterrupt
            self.solved += 1
            yield index, settle(problem, limit)


# --- grids --------------------------------------------------------------------------------------------------


def test_a_grid_is_every_combination_and_each_differs_only_where_it_says(base: Scenario) -> None:
    variations = grid(base, "floors.africa.share=40%,45%", "weights.clusters.INC=100,150", "reserve=0%,5%")
    found = []
    for each in variations:
        scenario = each.scenario
        floors = {floor.id: floor.share for floor in scenario.floors}
        found.append((floors.pop("africa"), scenario.weights.clusters["INC"], scenario.reserve))
        assert floors == {"low-income": 1_400}
        message = scenario.model_dump(exclude={"id", "floors", "weights", "reserve"})
        assert message == base.model_dump(exclude={"id", "floors", "weights", "reserve"})
    assert found == list(product((4_000, 4_500), (100, 150), (0, 500)))
    assert variations[1].varied == {
        "floors.africa.share": "40%",
        "weights.clusters.INC": "100",
        "reserve": "5%",
    }


def test_without_settings_the_scenario_itself_is_meant(base: Scenario) -> None:
    assert vary(base, {}) == (Variation(base, {}),)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("weights.activities.ESD-1.1=80", {"weights": {"activities": {"ESD-1.1": 80}}}),
        ("on=2022-06-30", {"on": "2022-06-30"}),
        ("money=signed", {"money": "signed"}),
        ("title=2022", {"title": "2022"}),
        ("floors.africa.soft=true", {"floors": {0: {"soft": True}}}),
        ("tiers.value=false", {"tiers": {"value": False}}),
    ],
)
def test_a_place_is_a_key_of_the_scenario_file(
    setting: str, message: Mapping[str, object], base: Scenario
) -> None:
    (varied,) = grid(base, setting)
    assert has(varied.scenario.model_dump(mode="json"), message)


def has(found: object, message: object) -> bool:
    """Whether all that is shown is there, at its place."""
    if isinstance(message, Mapping):
        return all(has(found[key], value) for key, value in message.items())  # type: ignore[index]
    return found == message


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["floors.africa.share"], "is not PLACE=VALUE"),
        (["reserve=5%,"], "is not PLACE=VALUE"),
        (["reserve=5%", "reserve=6%"], "varied twice"),
        (["floors.afrika.share=5%"], "no 'afrika' among its floors (did you mean 'africa'?)"),
        (["floors.africa.share=40"], "'40' is not a share"),
        (["floors.africa.shape=40%"], "there is no such key (did you mean 'share'?)"),
        (["weights.clusters.INC=much"], "weights.clusters.INC=much cannot be"),
        (["reserves=5%"], "there is no such key (did you mean 'reserve'?)"),
        ([f"weights.clusters.C{n}={','.join(map(str, range(20)))}" for n in range(4)], "160,000 scenarios"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(settings: list[str], sentence: str, base: Scenario) -> None:
    with pytest.raises(BadInput) as refusal:
        vary(base, read_settings(settings))
    assert sentence in str(refusal.value)


def test_a_combination_has_the_same_id_in_a_larger_grid(base: Scenario) -> None:
    small = grid(base, "floors.africa.share=45%", "reserve=0%")
    large = grid(base, "floors.africa.share=40%,45%", "reserve=0%,5%")
    assert small[0] in large
    assert small[0].scenario.id == "base-2022_45_0"
    long = "cover.ESD-1.1=1234567.01,1234567.02,123456701"
    ids = {each.scenario.id for each in grid(base, long, "title=A title of many words that is long")}
    assert len(ids) == 3
    assert all(len(id) == len("base-2022-12345678") for id in ids)


# --- results ------------------------------------------------------------------------------------------------


def test_results_are_those_of_single_plans_however_many_workers(
    opened: Book, base: Scenario, tmp_path: Path
) -> None:
    variations = grid(base, "floors.low-income.share=12%,14%,100%", "ceilings.communication.of=4,9")
    so_far: list[tuple[int, int]] = []
    with opened.reading() as books:
        results = sweep(
            books, variations, tmp_path / "two", on_cores(2), progress=lambda *now: so_far.append(now)
        )
        sweep(books, variations, tmp_path / "one", Here())
        plans = [make_plan(books, each.scenario, "planner") for each in variations[:3:2]]
    assert files(tmp_path / "two") == files(tmp_path / "one")
    assert so_far == [(done, 6) for done in range(3, 7)]
    assert [result.status for result in results] == ["solved", "refused"] * 2 + ["infeasible", "refused"]
    for result, plan in zip(results[:3:2], plans, strict=True):
        awards = [(award.activity, award.units, award.cents) for award in plan.awards]
        assert [(award.activity, award.units, award.cents) for award in result.awards] == awards
        assert (result.value, result.bound, result.proved) == (plan.value, plan.bound, plan.proved)
        assert (result.awarded, result.available) == (plan.awarded, plan.available)
        assert result.problem_sha256 == plan.manifest.problem_sha256
        assert {r.rule: r.counted for r in result.rules} == {r.id: r.reached for r in plan.rules}
        read = SweepResult.model_validate_json((tmp_path / "two" / f"{result.scenario.id}.json").read_bytes())
        assert read == result
    assert "names the work area '9'" in results[1].reason
    assert "no plan can keep" in results[4].reason


def test_the_summary_has_a_line_for_each(opened: Book, base: Scenario, tmp_path: Path) -> None:
    with opened.reading() as books:
        sweep(books, grid(base, "floors.low-income.share=14%,100%"), tmp_path / "out", Here())
    with (tmp_path / "out" / "sweep.csv").open(encoding="utf-8", newline="") as table:
        solved, infeasible = csv.DictReader(table)
    assert solved["floors.low-income.share"] == "14%"
    assert (solved["value"], solved["proved"], solved["awarded"]) == ("2879500000", "yes", "1100000.00")
    assert (solved["activities"], solved["africa"], solved["status"]) == ("27", "45.09%", "solved")
    assert infeasible["status"] == "infeasible"
    assert infeasible["reason"]


def test_what_is_known_is_not_solved_again(opened: Book, base: Scenario, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def solved(*settings: str, limit: float | None = None) -> int:
        workers = Here()
        with opened.reading() as books:
            sweep(books, grid(base, *settings), folder, workers, limit=limit)
        return workers.solved

    assert solved("floors.low-income.share=12%,14%,100%") == 3
    before = files(folder)
    assert solved("floors.low-income.share=12%,14%,100%") == 0
    assert files(folder) == before
    assert solved("floors.low-income.share=12%,13%,14%,100%") == 1
    (folder / "base-2022_12.json").write_bytes(before["base-2022_12.json"][:100])
    (folder / "base-2022_14.json").unlink()
    assert solved("floors.low-income.share=12%,14%,100%") == 2
    assert files(folder)["sweep.csv"] == before["sweep.csv"]
    assert {name: files(folder)[name] for name in before} == before
    assert solved("floors.low-income.share=12%", limit=1e9) == 1
    other = SCENARIO.replace('share = "45%"', 'share = "44%"')
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    base = read_scenario(tmp_path / "other.toml")
    assert solved("floors.low-income.share=12%,14%") == 2


def test_an_interrupt_leaves_whole_results_and_the_rest_to_do(
    opened: Book, base: Scenario, tmp_path: Path
) -> None:
    variations = grid(base, "floors.africa.share=30%,40%,45%,50%,55%")
    with opened.reading() as books:
        with pytest.raises(KeyboardInterrupt):
            sweep(books, variations, tmp_path / "out", Here(interrupted_after=2))
        left = files(tmp_path / "out")
        assert sorted(left) == ["base-2022_50.json", "base-2022_55.json"]
        assert {SweepResult.model_validate_json(content).status for content in left.values()} == {"solved"}
        going_on = Here()
        sweep(books, variations, tmp_path / "out", going_on)
        sweep(books, variations, tmp_path / "whole", Here())
    assert going_on.solved == 3
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_a_fault_in_one_scenario_is_its_result_and_is_tried_again(
    opened: Book, base: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variations = grid(base, "floors.africa.share=40%,45%")
    with opened.reading() as books, monkeypatch.context() as broken:
        broken.setattr("allocation.engine.solve.solve", lambda *_, **__: 1 // 0)
        results = sweep(books, variations, tmp_path / "out", Here())
        assert {result.status for result in results} == {"failed"}
        assert results[0].reason.startswith("ZeroDivisionError")
    with opened.reading() as books:
        results = sweep(books, variations, tmp_path / "out", Here())
    assert {result.status for result in results} == {"solved"}


def test_a_limit_without_any_plan_is_a_result(opened: Book, base: Scenario, tmp_path: Path) -> None:
    with opened.reading() as books:
        (result,) = sweep(books, grid(base), tmp_path / "out", Here(), limit=0.0)
    assert result.status == "undecided" or not result.proved


def test_two_scenarios_of_one_name_are_refused(opened: Book, base: Scenario, tmp_path: Path) -> None:
    with opened.reading() as books, pytest.raises(BadInput, match="Two scenarios have the id base-2022"):
        sweep(books, (*grid(base), *grid(base)), tmp_path / "out", Here())


# --- workers in processes of their own ----------------------------------------------------------------------


def test_a_worker_process_that_dies_is_reported_and_what_is_done_stays(
    opened: Book, base: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variations = grid(base, "floors.africa.share=30%,40%,45%,50%,55%")
    monkeypatch.setattr(working, "settle", settle_then_hang)

    def kill_any(_done: int, _of: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with opened.reading() as books:
        with pytest.raises(WorkersLost, match="the same command goes on"):
            sweep(books, variations, tmp_path / "out", on_cores(1), progress=kill_any)
        done = len(files(tmp_path / "out"))
        going_on = Here()
        sweep(books, variations, tmp_path / "out", going_on)
    assert done == 1
    assert going_on.solved == 4
    assert not multiprocessing.active_children()


def test_a_folder_that_cannot_be_written_ends_the_workers(
    opened: Book, base: Scenario, tmp_path: Path
) -> None:
    variations = grid(base, "floors.africa.share=30%,40%,45%,50%,55%")

    def occupy(done: int, _of: int) -> None:
        if done == 1:
            for each in variations:
                (tmp_path / "out" / f"{each.scenario.id}.json").unlink(missing_ok=True)
                (tmp_path / "out" / f"{each.scenario.id}.json").mkdir()

    with opened.reading() as books, pytest.raises(BadInput, match="cannot be written"):
        sweep(books, variations, tmp_path / "out", on_cores(1), progress=occupy)
    assert not multiprocessing.active_children()


INTERRUPTIBLE = """
import sys
from pathlib import Path
from allocation import on_cores, read_scenario, read_settings, sweep, vary
from allocation.analysis import workers
from mdfm.books import open_at
from tests.support.processes import settle_then_hang

if __name__ == "__main__":
    workers.settle = settle_then_hang
    book, scenario, out = map(Path, sys.argv[1:])
    shares = ",".join(f"{share}%" for share in range(1, 60))
    with open_at(str(book)).reading() as books:
        variations = vary(read_scenario(scenario), read_settings([f"floors.africa.share={shares}"]))
        sweep(books, variations, out, on_cores(2))
"""


def test_an_interrupted_program_leaves_no_worker_and_no_half_of_a_file(
    open_demo: Path, base: Scenario, tmp_path: Path
) -> None:
    program, out = tmp_path / "program.py", tmp_path / "out"
    program.write_text(INTERRUPTIBLE, encoding="utf-8")
    words = [sys.executable, str(program), str(open_demo), str(tmp_path / "scenario.toml"), str(out)]
    with running(words, environment()) as sweeping:
        wait_until(lambda: out.is_dir() and len(list(out.glob("*.json"))) >= 2)
        workers = children_of(sweeping.pid)
        assert len(workers) >= 2
        sweeping.send_signal(signal.SIGINT)
        _, said = sweeping.communicate(timeout=SECONDS_MOST)
    assert sweeping.returncode != 0
    assert "KeyboardInterrupt" in said
    wait_until(lambda: not any(is_running(worker) for worker in workers))
    left = files(out)
    assert "sweep.csv" not in left
    assert len(left) == 2
    assert {SweepResult.model_validate_json(content).status for content in left.values()} == {"solved"}


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


# --- a Dask cluster -----------------------------------------------------------------------------------------


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A real scheduler and workers, each a process of its own; its address, and the workers."""
    place = folder / "scheduler.json"
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", *words, "--no-dashboard"]
        running.append(subprocess.Popen(command, cwd=folder, env=environment(), **silent))  # type: ignore[call-overload]
        return running[-1]

    try:
        start(
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--scheduler-file",
            str(place),
        )
        one = ("distributed.cli.dask_worker", "--scheduler-file", str(place), "--nthreads", "1", "--no-nanny")
        wait_until(lambda: told_whole(place))
        yield json.loads(place.read_text())["address"], [start(*one) for _ in range(workers)]
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def told_whole(place: Path) -> bool:
    """Whether a scheduler has said where it is, to the end: it writes its file while others may read it."""
    try:
        json.loads(place.read_text())
    except (OSError, ValueError):
        return False
    return True


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster on this machine may take as long to come as the machine lets it."""
    for name in ("SECONDS_FOR_CLUSTER", "SECONDS_FOR_WORKERS"):
        monkeypatch.setattr(working, name, SECONDS_MOST)


@pytest.mark.usefixtures("patient")
def test_a_cluster_gives_the_same_results_though_a_worker_is_killed(
    opened: Book, base: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variations = grid(base, "floors.low-income.share=10%,12%,14%,100%", "weights.clusters.INC=100,150")
    with opened.reading() as books:
        sweep(books, variations, tmp_path / "here", Here())
        # What solves in this process from here on is no cluster.
        monkeypatch.setattr("allocation.engine.solve.solve", lambda *_, **__: 1 // 0)
        with cluster(tmp_path, 2) as (address, (first, second)):

            def kill_one(done: int, _of: int) -> None:
                if done == 3:
                    first.kill()

            sweep(books, variations, tmp_path / "there", on_cluster(address), progress=kill_one)
            assert first.wait() == -signal.SIGKILL
            assert second.poll() is None
    assert files(tmp_path / "there") == files(tmp_path / "here")


@pytest.mark.usefixtures("patient")
def test_a_cluster_that_is_none_is_reported(
    opened: Book, base: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def refused(workers: Workers) -> str:
        with opened.reading() as books, pytest.raises(BadInput) as refusal:
            sweep(books, grid(base), tmp_path / "out", workers)
        return str(refusal.value)

    with monkeypatch.context() as short:
        short.setattr(working, "SECONDS_FOR_CLUSTER", 1)
        assert "No Dask scheduler answers at tcp://127.0.0.1:9" in refused(on_cluster("tcp://127.0.0.1:9"))
        assert "No Dask scheduler answers at nonsense://x" in refused(on_cluster("nonsense://x"))
    monkeypatch.setattr(working, "SECONDS_FOR_WORKERS", 1)
    with cluster(tmp_path, 0) as (address, _):
        assert "has no workers" in refused(on_cluster(address))
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "needs the package distributed (Dask)" in refused(on_cluster(address))
    assert not (tmp_path / "out").exists()


# --- the command --------------------------------------------------------------------------------------------


def test_workers_are_here_or_on_a_cluster(open_demo: Path, base: Scenario, tmp_path: Path) -> None:
    words = [str(tmp_path / "scenario.toml"), "--out", str(tmp_path / "out")]
    both = [*words, "--jobs", "1", "--dask", "tcp://127.0.0.1:9"]
    refused = CliRunner().invoke(plan_sweep.sweep_, both, obj=str(open_demo))
    assert isinstance(refused.exception, BadInput)


# --- the document -------------------------------------------------------------------------------------------


def test_the_document_shows_what_the_commands_print(open_demo: Path, base: Scenario, tmp_path: Path) -> None:
    steps = tour((ROOT / "docs/sweeps.md").read_text(encoding="utf-8"))
    ready = f"cp '{open_demo}' mdfm.book && cp ../scenario.toml ."
    _, *outputs = play([ready, *(command for command, _ in steps)], tmp_path)
    assert len(outputs) == len(steps) == 3
    for (command, shown), output in zip(steps, outputs, strict=True):
        assert is_shown(output, told(shown)), f"$ {command}\nprints\n{output}"
