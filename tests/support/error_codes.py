"""The errors of the packages as their sources make them: code, template and parameters of each.

`python -m tests.support.error_codes` writes `docs/errors.md` anew, after a change that is meant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.place import ROOT

DOCUMENT = ROOT / "docs" / "errors.md"
PACKAGES = ("ledger", "donors", "allocation", "reports", "mdfm/api", "mdfm/example")
BASE = "MdfmError"

HEAD = """# Errors

What a program that uses `mdfm.api` can catch. Every error has a `code`, which names the condition and stays
the same, the `parameters` that its sentence has in braces, and the `sentence`. The command line prints the
sentence, with its own commands in the place of hints; another door may print its own words for the code. The
class tells what kind of error it is: `Refused` (a rule forbids it), `BadInput` (a file or field cannot be
used), `NotFound` (an unknown code; `nearest` is the code that may be meant, or empty), `Tampered` (the books
do not match their seals).

| code | class | sentence |
|---|---|---|
"""


class Raised(NamedTuple):
    """A place in the sources where an error is made."""

    place: str
    error: str
    code: ast.expr
    template: ast.expr | None
    parameters: frozenset[str]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """The modules of the packages, parsed."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def error_classes() -> frozenset[str]:
    """The names of the errors that take a code and a template; not those with a constructor of their own."""
    found = {BASE}
    own: set[str] = set()
    classes = [node for _, tree in sources() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _ in range(3):  # a subclass of a subclass of a subclass
        found |= {each.name for each in classes if found & {ast.unparse(base) for base in each.bases}}
    for each in classes:
        if any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in each.body):
            own.add(each.name)
    return frozenset(found - (own - {BASE}))


def raised() -> Iterator[Raised]:
    """Every call that makes an error, those of constructors that hand a code to their base among them."""
    classes = error_classes()
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in classes:
                yield _raised(path, node, _name(node.func))
        for each in ast.walk(tree):
            if isinstance(each, ast.ClassDef) and classes & {ast.unparse(base) for base in each.bases}:
                for node in ast.walk(each):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
                        yield _raised(path, node, each.name)


def _name(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


def _raised(path: Path, node: ast.Call, error: str) -> Raised:
    return Raised(
        f"{path.relative_to(ROOT)}:{node.lineno}",
        error,
        node.args[0] if node.args else ast.Constant(None),
        node.args[1] if len(node.args) > 1 else None,
        frozenset(each.arg for each in node.keywords if each.arg),
    )


def document() -> str:
    """The page that lists every code."""
    rows = {
        (str(each.code.value), each.error, str(each.template.value))
        for each in raised()
        if isinstance(each.code, ast.Constant) and isinstance(each.template, ast.Constant)
    }
    lines = (f"| `{code}` | {error} | {_cell(str(template))} |" for code, error, template in sorted(rows))
    return HEAD + "\n".join(lines) + "\n"


def _cell(template: str) -> str:
    return template.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
