"""What the documents say is what the program does: commands are run, the references are compared."""

from __future__ import annotations

import importlib
import operator
import os
import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import allocation
import donors
import ledger
from allocation import Scenario, read_scenario
from allocation.scenario.rules.bounds import Bound
from allocation.scenario.scenario import Weights
from ledger import CHART
from tests.books.museum import OLDEST, put_back
from tests.support.example_demo import FOLDER, Demo
from tests.support.place import ROOT
from tests.warm_program import warm_program

PACKAGES = ("ledger", "donors", "allocation", "reports", "mdfm")
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(path for folder in ("docs", *PACKAGES) for path in (ROOT / folder).rglob("*.md")),
]
README = ROOT / "README.md"
TOUR = ROOT / "docs/tour.md"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
README_BYTES_MAX = 8192
MADE = {".venv/", "demo-out/", "build/site/index.html"}
"""What `make` makes, and no checkout has."""


MARK = "\x1e"
"""Printed before each command, so that the output of one can be told from that of the next."""


# ---- the README and the tour


def tour(markdown: str) -> list[tuple[str, str]]:
    """Every command in the console blocks, with the output that is shown below it."""
    steps: list[tuple[str, str]] = []
    for block in re.findall(r"^```console\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, *rest = step.splitlines()
            more = [line[2:] for line in rest if line.startswith(">")]
            shown = [line for line in rest if not line.startswith(">")]
            steps.append(("\n".join([first, *more]), "\n".join(shown)))
    return steps


def told(output: str) -> str:
    """Output as a document can hold it: without the blanks that fill up lines."""
    return "\n".join(line.rstrip() for line in output.splitlines()).strip("\n")


def is_shown(output: str, shown: str) -> bool:
    """Whether the output is what is shown; `...` stands for words, alone on a line for whole lines."""
    pattern = re.escape(shown)
    pattern = re.sub(r"^\\\.\\\.\\\.(\\\n|\Z)", r"(?:.*(?:\\n|\\Z))*?", pattern, flags=re.MULTILINE)
    return re.fullmatch(pattern.replace(r"\.\.\.", ".*"), output) is not None


def play(commands: list[str], folder: Path) -> list[str]:
    """Run the commands one after the other in one shell, in the folder's `desk`, and give their outputs."""
    programs, desk = folder / "bin", folder / "desk"
    programs.mkdir()
    desk.mkdir(exist_ok=True)
    script = "exec 2>&1 </dev/null\n" + "".join(f"printf '\\036'\n{command}\n" for command in commands)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MDFM_")}
    environment |= {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }
    with warm_program(programs / "mdfm"):
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=desk,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    return [told(output) for output in done.stdout.split(MARK)[1:]]


def compare(document: Path, folder: Path) -> int:
    """Run the commands that a document shows, compare what they print, and return how many they are."""
    steps = tour(document.read_text(encoding="utf-8"))
    outputs = play([command for command, _ in steps], folder)
    assert len(outputs) == len(steps)
    for (command, shown), output in zip(steps, outputs, strict=True):
        assert is_shown(output, told(shown)), f"$ {command}\nprints\n{output}"
    return len(steps)


def test_the_tour_shows_what_the_program_prints(tmp_path: Path) -> None:
    assert compare(TOUR, tmp_path) > 20


def test_the_readme_shows_what_the_program_prints(demo: Demo, tmp_path: Path) -> None:
    shutil.copytree(demo.folder, tmp_path / "desk" / FOLDER)
    assert compare(README, tmp_path) > 5


@pytest.mark.parametrize("name", ["backups", "doctor", "evidence"])
def test_a_page_over_the_example_shows_what_the_program_prints(demo: Demo, tmp_path: Path, name: str) -> None:
    shutil.copytree(demo.folder, tmp_path / "desk" / FOLDER)
    assert compare(ROOT / f"docs/{name}.md", tmp_path) > 4


def test_the_page_on_upgrades_shows_what_the_program_prints(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    put_back(OLDEST, tmp_path / "desk" / "old.book")
    assert compare(ROOT / "docs/upgrades.md", tmp_path) > 4


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= README_BYTES_MAX


def test_targets_that_the_readme_names_are_in_the_makefile() -> None:
    named = re.findall(r"\bmake ([a-z]+)\b(?=`| +#)", README.read_text(encoding="utf-8"))
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(named) > 1
    assert set(named) <= set(targets)


def entries_out_of_sight(markdown: str) -> list[str]:
    """Numbers of entries in the prose that no console block above, in the same section, shows."""
    wrong: list[str] = []
    for section in re.split(r"^#+ ", markdown, flags=re.MULTILINE):
        shown = ""
        for part in re.split(r"^(```.*?^```)", section, flags=re.DOTALL | re.MULTILINE):
            if part.startswith("```"):
                shown += part
            else:
                named = re.findall(r"\b[Ee]ntry (\d+)", part)
                wrong += [number for number in named if not re.search(rf"\b{number}\b", shown)]
    return wrong


@pytest.mark.parametrize("document", [README, TOUR], ids=lambda path: path.name)
def test_entries_that_are_named_are_those_that_are_shown(document: Path) -> None:
    assert entries_out_of_sight(document.read_text(encoding="utf-8")) == []


def test_an_entry_that_is_named_and_not_shown_is_found() -> None:
    block = "```console\n$ mdfm entry list\n 60\n 62\n```\n"
    assert entries_out_of_sight(f"## One\n{block}Entry 60 was wrong, entry 62 reversed it.") == []
    assert entries_out_of_sight(f"## One\n{block}Entry 58 was wrong, entry 62 reversed it.") == ["58"]
    assert entries_out_of_sight(f"## One\n{block}## Two\nEntry 60 was wrong.") == ["60"]


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ("one\ntwo\nthree", True),
        ("one\n...\nthree", True),
        ("...\nthree", True),
        ("one\n...", True),
        ("o...\ntwo\nth...ee", True),
        ("one\ntwo", False),
        ("one...\nthree", False),
        ("one\n...\nfour", False),
        ("...two", False),
        ("onestwo\nthree", False),
    ],
)
def test_dots_stand_for_what_is_left_out_and_for_nothing_else(shown: str, same: bool) -> None:
    assert is_shown("one\ntwo\nthree", shown) is same


# ---- the references


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) + re.findall(r'src="([^"]+)"', text)
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_every_key_of_a_scenario_is_described() -> None:
    described = set(re.findall(r"`(\w+)`", (ROOT / "docs/scenario.md").read_text(encoding="utf-8")))
    keys = {key for part in (Scenario, Weights, Bound) for key in part.model_fields}
    assert keys - described == set()


def test_the_scenario_that_is_shown_whole_can_be_read(tmp_path: Path) -> None:
    (shown,) = re.findall(
        r"^```toml\n(id = .*?)^```",
        (ROOT / "docs/scenario.md").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    (tmp_path / "scenario.toml").write_text(shown, encoding="utf-8")
    scenario = read_scenario(tmp_path / "scenario.toml")
    assert scenario.model_fields_set == set(Scenario.model_fields)


Booked = tuple[set[str], set[str]]
"""The accounts that an event debits, and those that it credits."""


def described() -> dict[str, Booked]:
    """What the tables of docs/accounting.md say of every kind of event that has a row there."""
    text = (ROOT / "docs/accounting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\[([^]]+)\]\([^)]+\)\* \|([^|]*)\|([^|]*)\|", text, re.MULTILINE)
    return {kind: (accounts_in(debit), accounts_in(credit)) for kind, debit, credit in rows}


def accounts_in(cell: str) -> set[str]:
    """The accounts that a cell names; an `x` stands for any digit."""
    patterns = [code.replace("x", r"\d") for code in re.findall(r"\d[\dx]{3}", cell)]
    return {code for code in CHART if any(re.fullmatch(pattern, code) for pattern in patterns)}


def exemplified() -> dict[str, Booked]:
    """What the worked examples of docs/events book, reversals apart: those mirror another entry."""
    found: dict[str, Booked] = {}
    for page in sorted((ROOT / "docs/events").glob("*.md")):
        for output in re.findall(r"^```text\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.M):
            for kind, lines in re.findall(r"^\d{4}-\d\d-\d\d (.+)\n((?:[DC]r .+\n)+)", output, re.MULTILINE):
                debits, credits = found.setdefault(kind, (set(), set()))
                debits.update(re.findall(r"^Dr (\d{4})", lines, re.MULTILINE))
                credits.update(re.findall(r"^Cr (\d{4})", lines, re.MULTILINE))
    del found["entry reversed"]
    return found


def test_every_kind_of_event_is_described() -> None:
    text = (ROOT / "docs/accounting.md").read_text(encoding="utf-8")
    (without_lines,) = re.findall(r"^Without lines(.*?)^$", text, re.DOTALL | re.MULTILINE)
    kinds = {kind.event.kind for kind in (*ledger.KINDS, *donors.KINDS, *allocation.KINDS)}
    told_only = {" ".join(kind.split()) for kind in re.findall(r"\*([a-z\s]+)\*", without_lines)}
    assert set(described()) | told_only == kinds


def test_events_are_booked_as_described() -> None:
    booked = exemplified()
    assert len(booked) > 25
    for kind, (debits, credits) in booked.items():
        may_debit, may_credit = described()[kind]
        # Currency clearing goes without saying where money only changes currency.
        assert debits - {"1900"} <= may_debit, f"{kind} debits {sorted(debits)}"
        assert credits - {"1900"} <= may_credit, f"{kind} credits {sorted(credits)}"


# ---- the pages for those who change the program


def rows_of_journey() -> list[tuple[str, str]]:
    """The file and the name of each step of an event's journey."""
    return re.findall(
        r"^\| \d+ \| \[([^]]+)\]\([^)]+\) \| `([\w.]+)` \|", ARCHITECTURE.read_text("utf-8"), re.M
    )


def paths_in(document: Path) -> set[str]:
    """What stands in backquotes and looks like a path of the project."""
    quoted = re.findall(r"`([\w./-]+)`", document.read_text(encoding="utf-8"))
    return {path for path in quoted if "/" in path and "NAME" not in path} - MADE


@pytest.mark.parametrize("document", [ARCHITECTURE, CONTRIBUTING], ids=lambda path: path.name)
def test_paths_that_are_named_exist(document: Path) -> None:
    named = paths_in(document)
    assert len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_step_of_the_journey_is_in_its_file() -> None:
    steps = rows_of_journey()
    assert len(steps) > 10
    for path, name in steps:
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        operator.attrgetter(name)(module)


def test_names_in_the_architecture_can_be_imported() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    named = re.findall(r"`((?:ledger|donors|allocation|reports|mdfm)(?:\.\w+)+)`", text)
    assert named
    assert [name for name in named if not is_there(name)] == []


def is_there(name: str) -> bool:
    """Whether it is a module, or a name in one."""
    above, _, last = name.rpartition(".")
    return find_spec(name) is not None or hasattr(importlib.import_module(above), last)


def test_every_folder_of_code_has_its_line_in_the_architecture() -> None:
    named = paths_in(ARCHITECTURE)
    folders = {
        f"{init.parent.relative_to(ROOT)}/"
        for package in PACKAGES
        for init in (ROOT / package).glob("**/__init__.py")
        if init.parent.parent != ROOT
    }
    assert sorted(folders - named) == []


# ---- the site


def test_every_document_is_in_the_contents_of_the_site() -> None:
    site = runpy.run_path(str(ROOT / "docs/conf.py"))
    named = [name for names in site["CONTENTS"].values() for name in names]
    assert len(named) == len(set(named))
    there = {str(path.relative_to(ROOT).with_suffix("")) for path in DOCUMENTS}
    of_folders = {name for name in there for folder in site["FOLDERS"] if Path(name).parent == Path(folder)}
    assert {*named, site["root_doc"]} == there - of_folders | {
        f"{folder}/README" for folder in site["FOLDERS"]
    }


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    options = ["-q", "-W", "--keep-going", "-c", "docs", "-d", str(tmp_path / "doctrees")]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, ".", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert 'src="_images/statement.png"' in (tmp_path / "site/README.html").read_text(encoding="utf-8")
