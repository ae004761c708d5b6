"""The house rules on who may know whom, kept by reading the imports of every module."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.place import ROOT

LINES_MAX = 500

MAY_KNOW: dict[str, frozenset[str]] = {
    "ledger": frozenset(),
    "donors": frozenset({"ledger"}),
    "allocation": frozenset({"ledger", "donors"}),
    "reports": frozenset({"ledger", "donors", "allocation"}),
    "mdfm": frozenset({"ledger", "donors", "allocation", "reports"}),
}


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


def long_modules(root: Path) -> list[str]:
    """A module is a few hundred lines at most."""
    sources = [module for package in MAY_KNOW for module in modules(root, package)]
    lengths = {module.name: len(module.path.read_text("utf-8").splitlines()) for module in sources}
    return [f"{name} has {length} lines" for name, length in lengths.items() if length > LINES_MAX]


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


@pytest.mark.parametrize("rule", [forbidden_imports, private_uses, circles, long_modules])
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
