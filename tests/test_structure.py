"""The house rules on who may know whom, kept by reading the imports of every module."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

from ledger import CHART
from mdfm.cli.app import DESKS
from tests.support.place import ROOT

LINES_MAX = 500

MAY_KNOW: dict[str, frozenset[str]] = {
    "ledger": frozenset(),
    "donors": frozenset({"ledger"}),
    "allocation": frozenset({"ledger", "donors"}),
    "reports": frozenset({"ledger", "donors", "allocation"}),
    "mdfm": frozenset({"ledger", "donors", "allocation", "reports"}),
}


LAYERS: dict[str, tuple[str, ...]] = {
    "ledger": (
        "sanitise", "sentence", "errors", "hints", "progress", "child_process", "accounts", "money", "entry",
        "storage", "projections", "calendar", "people", "journal", "book", "workflow", "audit", "safekeeping",
        "sheets", "currency", "event_types",
    ),
    "donors": (
        "languages", "geography", "codes", "sheets", "donor", "offers", "agreement", "bank_accounts",
        "contribution", "changes", "bank", "import_preview", "event_types",
    ),
    "allocation": (
        "engine", "toml_values", "programme", "term", "scenario", "plan", "analysis", "planning", "delivery",
        "agreement_close", "event_types",
    ),
    "reports": ("words", "figures", "render", "plans", "fund", "statement", "letters", "iati", "self_check"),
    "mdfm": ("books", "api", "example", "cli", "__main__"),
}  # fmt: skip
"""The rooms of each package, sub-packages and modules beside them: each knows only those before it."""

MODULES_MAX = 20
"""In one folder; a reader looks through no more than that."""

EVERYWHERE = "KINDS"
"""What every module of events has: its kinds of events."""

BEHIND_THE_DOOR = {
    "Book", "Journal", "approve", "approve_batch", "approve_plan", "attach", "back_up", "back_up_book",
    "book_health", "checked_content", "contacts", "create_book", "differences", "differences_from_backup",
    "dry_run", "entries_of_agreement", "erase_contact", "evidence_files", "evidence_index",
    "evidence_of_entry", "evidence_of_proposal", "find_evidence", "find_issue", "issue_letter",
    "issue_statements", "issued_letters", "issues", "keep_letter", "keep_statement", "make_plan",
    "note_checkpoint", "open_book", "preview_import", "propose", "propose_many", "read_checkpoint",
    "read_mark", "rebuild_book", "record_import", "reject", "replay", "reprint", "restore_book",
    "sample_of_entries", "save_evidence", "set_contact", "sign_head", "upgrade_book", "verify",
    "write_evidence_zip", "write_statements",
}  # fmt: skip
"""What records, decides, plans, issues, proves and keeps safe, and what reads personal data or evidence:
commands do it through `mdfm.api`."""

SAYS_A_COMMAND = {"reports.statement.qr_code"}
"""The code on a statement names the command that checks it: it is printed, and stays as it was issued."""

RULES = "allocation.engine.rules."
MAKERS_OF_RULES = ("allocation.scenario.rules.", "allocation.scenario.problem_builder")

MIRRORED = {"ledger", "donors", "allocation", "reports", "mdfm"}
"""Packages whose rooms have their tests in the folder of the same name in `tests/`."""


# ---- reading the sources


@dataclass(frozen=True)
class Module:
    """A source file, with its dotted name."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        return _package(self.name)


@dataclass(frozen=True)
class Import:
    """A name taken from a module: `from target import name`, or `import target` where name is None."""

    target: str
    name: str | None
    line: int
    for_types_only: bool

    @property
    def full_name(self) -> str:
        return self.target if self.name is None else f"{self.target}.{self.name}"


@cache
def modules(root: Path, package: str) -> list[Module]:
    return [
        Module(_dotted(path.relative_to(root)), path, ast.parse(path.read_text("utf-8")))
        for path in sorted((root / package).rglob("*.py"))
    ]


def imports(module: Module) -> Iterator[Import]:
    guarded = set(_guarded(module.tree))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, node.lineno, node in guarded)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(_origin(module, node), alias.name, node.lineno, node in guarded)


def public_names(root: Path, package: str) -> frozenset[str]:
    """Return what the package's `__init__` lists in `__all__`: nothing, if it has no such list."""
    init = root / package / "__init__.py"
    for node in ast.parse(init.read_text("utf-8")).body if init.exists() else []:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def _package(dotted: str) -> str:
    return dotted.partition(".")[0]


def _dotted(path: Path) -> str:
    return ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)


def _guarded(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what runs for the type checker only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for statement in node.body:
                yield from ast.walk(statement)


def _origin(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    up = node.level - (module.path.name == "__init__.py")
    parents = module.name.split(".")
    return ".".join(parents[: len(parents) - up] + ([node.module] if node.module else []))


# ---- the rules: each returns what breaks it


def forbidden_imports(root: Path) -> list[str]:
    """A package knows only the packages above it in the list."""
    return [
        f"{module.name}:{found.line} imports {found.full_name}"
        for package, known in MAY_KNOW.items()
        for module in modules(root, package)
        for found in imports(module)
        if _package(found.target) in MAY_KNOW.keys() - known - {package}
    ]


def private_uses(root: Path) -> list[str]:
    """Of another package, only the names in its `__all__` are used."""
    public = {f"{package}.{name}" for package in MAY_KNOW for name in public_names(root, package)}
    return [
        f"{module.name}:{line} uses {name}"
        for package in MAY_KNOW
        for module in modules(root, package)
        for line, name in _taken_from_others(module)
        if name not in public
    ]


def circles(root: Path) -> list[str]:
    """No module of a package needs itself by way of others; an import inside a function is a need too."""
    found = []
    for package in MAY_KNOW:
        inside = {module.name: module for module in modules(root, package)}
        try:
            TopologicalSorter(
                {name: _needs(module, set(inside)) for name, module in inside.items()}
            ).prepare()
        except CycleError as error:
            found.append(" needed by ".join(error.args[1]))
    return found


def rooms_upside_down(root: Path) -> list[str]:
    """Inside a package, a room knows only those before it in LAYERS; names for types only are free."""
    return [
        f"{module.name}:{found.line} imports {found.full_name}"
        for package, layers in LAYERS.items()
        for module in modules(root, package)
        if module.name != package
        for found in imports(module)
        if not found.for_types_only
        for room in [_room(found.full_name, package)]
        if room and _above(room, _room(module.name, package), layers)
    ]


def rooms_without_a_place(root: Path) -> list[str]:
    """Every room of a package stands in LAYERS, and every room of LAYERS is there."""
    wrong = []
    for package, layers in LAYERS.items():
        there = {_room(module.name, package) for module in modules(root, package)} - {""}
        wrong += [f"{package}.{room}" for room in sorted(there ^ set(layers))]
    return wrong


def crowded_folders(root: Path) -> list[str]:
    """No folder has more than MODULES_MAX modules."""
    packages = [*MAY_KNOW, "tests", "benchmarks"]
    counted = Counter(path.parent for package in packages for path in (root / package).rglob("*.py"))
    return [
        f"{folder.relative_to(root)} has {count}" for folder, count in counted.items() if count > MODULES_MAX
    ]


def accounts_by_number(root: Path) -> list[str]:
    """An account is named: its number stands in the chart alone."""
    numbers = re.compile("|".join(CHART))
    return [
        f"{module.name}:{node.lineno} says {node.value}"
        for package in MAY_KNOW
        for module in modules(root, package)
        if module.name not in {"ledger.accounts", "reports.iati.codes"}
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and numbers.fullmatch(node.value)
    ]


def desks_that_know_each_other(root: Path) -> list[str]:
    """A desk of the command line imports no other desk; what several need lies beside the desks."""
    return [
        f"{module.name}:{found.line} imports {found.full_name}"
        for module in modules(root, "mdfm")
        for found in imports(module)
        for own, other in [(_desk(module.name), _desk(found.full_name))]
        if own and other and own != other
    ]


def commands_past_the_door(root: Path) -> list[str]:
    """A command records and plans through `mdfm.api`, as a notebook or a page does."""
    return [
        f"{module.name}:{found.line} imports {found.full_name}"
        for module in modules(root, "mdfm")
        if module.name.startswith("mdfm.cli.")
        for found in imports(module)
        if found.full_name in {"mdfm.books.create", "mdfm.books.open_at"}
        or (found.name in BEHIND_THE_DOOR and found.target in MAY_KNOW)
    ]


def commands_in_the_domain(root: Path) -> list[str]:
    """No sentence of the domain names a command: it has a hint, and the door makes words of it."""
    return [
        f"{module.name}:{line} says {text[:40]!r}"
        for package in MAY_KNOW.keys() - {"mdfm"}
        for module in modules(root, package)
        if module.name not in SAYS_A_COMMAND
        for line, text in _texts(module.tree)
        if re.search(r"\bmdfm [a-z]|(?<![\w-])--[a-z]", text)
    ]


def names_used_twice(root: Path) -> list[str]:
    """One name means one thing: a public class, type or constant stands in one module only."""
    places: dict[str, list[str]] = defaultdict(list)
    for package in MAY_KNOW:
        for module in modules(root, package):
            for name in _defined(module.tree):
                if re.match("[A-Z]{2}|[A-Z][a-z]", name) and name != EVERYWHERE:
                    places[name].append(module.name)
    return [f"{name} stands in {' and '.join(found)}" for name, found in places.items() if len(found) > 1]


def rules_by_class(root: Path) -> list[str]:
    """Who uses a rule asks it: no module names its class but those of rules, and those that make rules."""
    classes = {
        node.name
        for module in modules(root, "allocation")
        if module.name.startswith(RULES)
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and "Rule" in map(ast.unparse, node.bases)
    }
    return [
        f"{module.name}:{line} names {name}"
        for package in MAY_KNOW
        for module in modules(root, package)
        if not module.name.startswith((RULES, *MAKERS_OF_RULES))
        for line, name in _names_in(module.tree)
        if name in classes
    ]


def stray_test_folders(root: Path) -> list[str]:
    """The folders of tests are those of what they test."""
    return [
        str(folder.relative_to(root))
        for package in MIRRORED
        for folder in (root / "tests" / package).rglob("*")
        if folder.is_dir() and folder.name != "__pycache__" and any(folder.glob("*.py"))
        if not (root / folder.relative_to(root / "tests")).is_dir()
    ]


def long_modules(root: Path) -> list[str]:
    """A module is a few hundred lines at most."""
    sources = [module for package in MAY_KNOW for module in modules(root, package)]
    lengths = {module.name: len(module.path.read_text("utf-8").splitlines()) for module in sources}
    return [f"{name} has {length} lines" for name, length in lengths.items() if length > LINES_MAX]


def _room(name: str, package: str) -> str:
    """The room of a module: `journal` of `ledger.journal.reversal`; empty for the package and for others."""
    own, _, rest = name.partition(".")
    return rest.partition(".")[0] if own == package else ""


def _desk(name: str) -> str:
    """The desk of a module: `planner` of `mdfm.cli.planner.plan`; empty for what is at no desk."""
    desk = name.removeprefix("mdfm.cli.").partition(".")[0]
    return desk if name.startswith("mdfm.cli.") and desk in DESKS else ""


def _above(room: str, own: str, layers: tuple[str, ...]) -> bool:
    """Whether a room stands after one's own; another rule reports what is in no layer."""
    return room in layers and own in layers and layers.index(room) > layers.index(own)


def _defined(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the classes, types and constants that a module defines."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of the texts of a module, but for docstrings and other texts that stand alone."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def _taken_from_others(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and full name of everything that a module takes from other packages of the house."""
    others = MAY_KNOW.keys() - {module.package}
    for found in imports(module):
        if _package(found.target) in others and found.full_name not in others:
            yield found.line, found.full_name
    whole = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in others
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whole:
            yield node.lineno, f"{whole[node.value.id]}.{node.attr}"


def _names_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of everything that is named in a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield node.lineno, name


def _needs(module: Module, inside: set[str]) -> set[str]:
    real = [found for found in imports(module) if not found.for_types_only]
    return {found.full_name if found.full_name in inside else found.target for found in real} & inside


# ---- the house


@pytest.mark.parametrize("package", MAY_KNOW)
def test_a_package_has_modules(package: str) -> None:
    assert len(modules(ROOT, package)) > 1


@pytest.mark.parametrize("package", sorted(MAY_KNOW.keys() - {"mdfm"}))
def test_a_package_that_others_may_know_lists_its_public_names(package: str) -> None:
    assert public_names(ROOT, package)


@pytest.mark.parametrize(
    "rule",
    [
        forbidden_imports,
        private_uses,
        circles,
        rooms_upside_down,
        rooms_without_a_place,
        crowded_folders,
        accounts_by_number,
        desks_that_know_each_other,
        commands_past_the_door,
        commands_in_the_domain,
        names_used_twice,
        stray_test_folders,
        long_modules,
        rules_by_class,
    ],
)
def test_the_house_keeps(rule: Callable[[Path], list[str]]) -> None:
    broken = rule(ROOT)
    assert not broken, "\n".join([f"{rule.__doc__} But:", *broken])


def test_migrations_do_not_hide_the_library_of_their_name() -> None:
    assert (ROOT / "alembic").is_dir()
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert find_spec("alembic.command") is not None


# ---- the rules themselves, on made-up houses


def house(root: Path, **sources: str) -> Path:
    """Write modules, named like `ledger__journal`; `ledger` alone is the package's `__init__`."""
    for name, source in sources.items():
        package, _, stem = name.partition("__")
        path = root / package / f"{stem or '__init__'}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, "utf-8")
    return root


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ledger__journal", "import donors"),
        ("ledger__journal", "from mdfm import cli"),
        ("donors__pledge", "from allocation import solve"),
        ("donors__pledge", "def late():\n    import reports.page"),
        (
            "reports__page",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mdfm import Settings",
        ),
    ],
)
def test_an_import_down_the_list_is_found(tmp_path: Path, module: str, source: str) -> None:
    (found,) = forbidden_imports(house(tmp_path, **{module: source}))
    assert found.startswith(f"{module.replace('__', '.')}:{len(source.splitlines())} imports ")


def test_imports_up_the_list_and_of_libraries_are_free(tmp_path: Path) -> None:
    sources = {"donors__pledge": "import ledger, sqlalchemy", "mdfm__cli": "import reports, donors, ledger"}
    assert forbidden_imports(house(tmp_path, **sources)) == []


@pytest.mark.parametrize(
    ("source", "use"),
    [
        ("from ledger import Hidden", "ledger.Hidden"),
        ("from ledger import *", "ledger.*"),
        ("from ledger import journal", "ledger.journal"),
        ("from ledger.journal import Journal", "ledger.journal.Journal"),
        ("import ledger.journal", "ledger.journal"),
        ("import ledger as books\nbooks.Hidden()", "ledger.Hidden"),
    ],
)
def test_a_use_past_the_public_names_is_found(tmp_path: Path, source: str, use: str) -> None:
    public = "from .journal import Hidden, Journal\n__all__ = ['Journal']"
    found = private_uses(house(tmp_path, ledger=public, ledger__journal="", donors__pledge=source))
    assert found == [f"donors.pledge:{len(source.splitlines())} uses {use}"]


@pytest.mark.parametrize(
    "source", ["from ledger import Journal", "import ledger\nledger.Journal()", "from . import a"]
)
def test_public_names_and_the_own_package_are_free(tmp_path: Path, source: str) -> None:
    assert private_uses(house(tmp_path, ledger="__all__ = ['Journal']", donors__pledge=source)) == []


@pytest.mark.parametrize(
    ("journal", "balances"),
    [
        ("import ledger.balances", "import ledger.journal"),
        ("from ledger.balances import Balance", "from ledger.journal import Journal"),
        ("from ledger import balances", "from . import journal"),
        ("from .balances import Balance", "def late():\n    from .journal import Journal"),
    ],
)
def test_a_circle_is_found(tmp_path: Path, journal: str, balances: str) -> None:
    (found,) = circles(house(tmp_path, ledger__journal=journal, ledger__balances=balances))
    assert {"ledger.journal", "ledger.balances"} <= set(found.split(" needed by "))


def test_a_module_that_asks_its_own_package_for_a_name_is_a_circle(tmp_path: Path) -> None:
    sources = {"ledger": "from .journal import Journal", "ledger__journal": "from ledger import Money"}
    assert circles(house(tmp_path, **sources)) != []


def test_an_import_for_types_only_closes_no_circle(tmp_path: Path) -> None:
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ledger.journal import Journal"
    sources = {"ledger__journal": "from ledger.balances import Balance", "ledger__balances": guarded}
    assert circles(house(tmp_path, **sources)) == []


def test_a_long_module_is_found(tmp_path: Path) -> None:
    sources = {"ledger__short": "x\n" * LINES_MAX, "ledger__long": "x\n" * (LINES_MAX + 1)}
    assert long_modules(house(tmp_path, **sources)) == ["ledger.long has 501 lines"]


@pytest.mark.parametrize(
    "source",
    [
        "from allocation.engine.rules import MoneyRule",
        "from allocation.engine import rules\ndef f(r): return isinstance(r, rules.MoneyRule)",
        "from allocation.engine.rules import MoneyRule as M",
    ],
)
def test_the_class_of_a_rule_outside_its_room_is_found(tmp_path: Path, source: str) -> None:
    for name, more in (("before", {}), ("after", {"allocation__plan": source})):
        rules = tmp_path / name / "allocation/engine/rules"
        rules.mkdir(parents=True)
        (rules / "money.py").write_text("class Rule: pass\nclass MoneyRule(Rule): pass", "utf-8")
        found = rules_by_class(house(tmp_path / name, allocation="from x import Rule", **more))
        assert {each.partition(":")[0] for each in found} == ({"allocation.plan"} if more else set())


# ---- the rules about rooms


def test_a_room_that_knows_one_above_it_is_found(tmp_path: Path) -> None:
    sources = {
        "ledger__entry": "",
        "ledger__journal": "from ledger.audit import verification",
        "ledger__audit": "",
    }
    assert rooms_upside_down(house(tmp_path, **sources)) == [
        "ledger.journal:1 imports ledger.audit.verification"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "from ledger.entry import canonical",
        "from ledger.journal.reversal import EntryReversed",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ledger.audit import verification",
    ],
)
def test_rooms_below_the_own_room_and_types_are_free(tmp_path: Path, source: str) -> None:
    assert rooms_upside_down(house(tmp_path, ledger__journal=source)) == []


def test_a_room_that_has_no_place_and_one_that_is_gone_are_found(tmp_path: Path) -> None:
    found = rooms_without_a_place(house(tmp_path, ledger__attic=""))
    assert "ledger.attic" in found
    assert "ledger.journal" in found


def test_a_crowded_folder_is_found(tmp_path: Path) -> None:
    many = {f"ledger__module{number}": "" for number in range(MODULES_MAX + 1)}
    assert crowded_folders(house(tmp_path, **many)) == [f"ledger has {MODULES_MAX + 1}"]


def test_the_number_of_an_account_is_found(tmp_path: Path) -> None:
    sources = {"ledger__accounts": 'CASH_AT_BANK = "1100"', "donors__pledge": 'cash, year = "1100", "2021"'}
    assert accounts_by_number(house(tmp_path, **sources)) == ["donors.pledge:1 says 1100"]


@pytest.mark.parametrize(
    "source",
    [
        "from mdfm.cli.planner import plan",
        "from mdfm.cli.planner.plan import command",
        "import mdfm.cli.planner.plan",
        "def late():\n    from mdfm.cli.planner.plan import command",
    ],
)
def test_a_desk_that_knows_another_is_found(tmp_path: Path, source: str) -> None:
    (tmp_path / "mdfm/cli/finance").mkdir(parents=True)
    (tmp_path / "mdfm/cli/finance/donor.py").write_text(source, "utf-8")
    (found,) = desks_that_know_each_other(tmp_path)
    assert found.startswith(f"mdfm.cli.finance.donor:{len(source.splitlines())} imports mdfm.cli.planner")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("finance/donor", "from mdfm.cli import console\nfrom mdfm.cli.finance import sheet_import"),
        ("app", "from mdfm.cli.planner import plan"),
    ],
)
def test_what_lies_beside_the_desks_and_the_own_desk_are_free(
    tmp_path: Path, module: str, source: str
) -> None:
    path = tmp_path / f"mdfm/cli/{module}.py"
    path.parent.mkdir(parents=True)
    path.write_text(source, "utf-8")
    assert desks_that_know_each_other(tmp_path) == []


def test_tests_of_no_room_are_found(tmp_path: Path) -> None:
    for folder in ("ledger/journal", "tests/ledger/journal", "tests/ledger/attic"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "test_it.py").touch()
    assert stray_test_folders(tmp_path) == ["tests/ledger/attic"]


def test_a_name_of_two_things_is_found(tmp_path: Path) -> None:
    sources = {
        "ledger__journal": "class Told: ...\nKINDS = ()\n_Own = 1",
        "donors__matching": "Told = str\nKINDS = ()\n_Own = 2",
    }
    assert names_used_twice(house(tmp_path, **sources)) == [
        "Told stands in ledger.journal and donors.matching"
    ]


@pytest.mark.parametrize("name", sorted(BEHIND_THE_DOOR))
def test_what_is_behind_the_door_is_a_public_name_of_a_package(name: str) -> None:
    assert any(name in public_names(ROOT, package) for package in MAY_KNOW)


@pytest.mark.parametrize(
    "source",
    [
        "from ledger import Journal, head",
        "from allocation import approve_plan",
        "from mdfm.books import open_at",
        "def late():\n    from ledger import propose",
    ],
)
def test_a_command_that_goes_past_the_door_is_found(tmp_path: Path, source: str) -> None:
    (tmp_path / "mdfm/cli/finance").mkdir(parents=True)
    (tmp_path / "mdfm/cli/finance/donor.py").write_text(source, "utf-8")
    (found,) = commands_past_the_door(tmp_path)
    assert found.startswith("mdfm.cli.finance.donor:")


def test_the_door_itself_and_reading_are_free(tmp_path: Path) -> None:
    for name, source in (
        ("api/fund", "from ledger import Journal"),
        ("cli/terms", "from ledger import terms"),
    ):
        path = tmp_path / f"mdfm/{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text(source, "utf-8")
    assert commands_past_the_door(tmp_path) == []


def test_a_command_in_a_sentence_of_the_domain_is_found(tmp_path: Path) -> None:
    source = '"""As `mdfm init` does."""\nraise Refused(f"None: {1} use `mdfm init`.")'
    (found,) = commands_in_the_domain(house(tmp_path, ledger__book=source))
    assert found.startswith("ledger.book:2 says ")


def test_an_option_in_a_sentence_of_the_domain_is_found(tmp_path: Path) -> None:
    source = 'raise Refused("term-unusual", "This is long: give --reason if it is meant.")'
    (found,) = commands_in_the_domain(house(tmp_path, ledger__book=source))
    assert found.startswith("ledger.book:1 says ")
