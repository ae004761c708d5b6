"""Mutants: small changes to a module, each of which a test should notice.

`make mutants MODULE=ledger/money.py` tries them one by one on a copy of the tree and prints those that no
test noticed. It is our own because rules stand in validators, properties, queries and constants here, which
mutmut does not change, and because nothing may be written into a checkout that others use meanwhile.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from pathlib import Path
from types import FrameType
from typing import TextIO

import pytest

from tests.support.place import ROOT

ENTERED = "entered.json"
NOT_COPIED = (".*", "__pycache__", "demo-out", "build", "dist", "*.egg-info")
SECONDS_MORE = 20
"""A mutant may take so much longer than three times the clean run; then it hangs, which is noticed, too."""
WARM = (
    "sqlalchemy",
    "pydantic",
    "alembic",
    "moneyed",
    "babel.core",
    "hypothesis",
    "openpyxl",
    "click",
    "rich",
)
"""Slow to import, so imported once and shared by the processes of all mutants."""

_BOUNDARY: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.FloorDiv: "*",
    ast.Mod: "//",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}
_OTHER_CALL = {"min": "max", "max": "min", "any": "all", "all": "any"}
_CONDITIONS = {"where", "and_", "or_"}
_LEAVES = (ast.Raise, ast.Return, ast.Continue)


@dataclass(frozen=True)
class Mutant:
    """A change to one place of a module."""

    line: int
    before: str
    after: str
    source: str
    """The whole module with the change."""
    function: tuple[int, int] = (0, 0)
    """The first and the last line of the function that it is in, if it is in one."""


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, from its first line to its last."""
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    text = source.encode()
    tree = ast.parse(source)
    functions = _functions(tree)
    for node in _code(tree):
        for changed, after in _changes(node):
            first = starts[changed.lineno - 1] + changed.col_offset
            last = starts[(changed.end_lineno or 0) - 1] + (changed.end_col_offset or 0)
            before = text[first:last]
            put = f"({after})" if isinstance(changed, ast.expr) else after
            mutated = text[:first] + put.encode() + text[last:]
            where = next((each for each in functions if each[0] <= changed.lineno <= each[1]), (0, 0))
            yield Mutant(changed.lineno, _short(before.decode()), _short(after), mutated.decode(), where)


def _functions(tree: ast.Module) -> list[tuple[int, int]]:
    """The first and the last lines of functions, those around others first."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return [
        (min([each.lineno, *(above.lineno for above in each.decorator_list)]), each.end_lineno or 0)
        for each in found
    ]


def _code(tree: ast.Module) -> list[ast.expr | ast.stmt]:
    """The nodes of a module that do something: no annotations, and nothing within a formatted text."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        for name, value in ast.iter_fields(node):
            if name not in {"annotation", "returns"}:
                parts = value if isinstance(value, list) else [value]
                waiting += [part for part in parts if isinstance(part, ast.AST) and not _is_text(part)]
    placed = [node for node in found if isinstance(node, ast.expr | ast.stmt)]
    return sorted(placed, key=lambda node: (node.lineno, node.col_offset))


def _is_text(node: ast.AST) -> bool:
    """Whether a node is a text, a type or a safety catch, whose changes no figure would show."""
    return (
        isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Subscript) and ast.unparse(node.value) in {"Literal", "ClassVar"})
        or (isinstance(node, ast.keyword) and node.arg in {"frozen", "strict"})
    )


Change = tuple[ast.expr | ast.stmt, str]


@singledispatch
def _changes(node: ast.AST) -> Iterator[Change]:
    """What of a node is changed, and to what."""
    yield from ()


@_changes.register
def _(node: ast.Compare) -> Iterator[Change]:
    operands = [node.left, *node.comparators]
    words = [_other_word(operator) for operator in node.ops]
    for number, operator in enumerate(node.ops):
        if type(operator) in _BOUNDARY:
            told = [*words[:number], _BOUNDARY[type(operator)], *words[number + 1 :]]
            rest = "".join(
                f" {word} {_enclosed(each)}" for word, each in zip(told, operands[1:], strict=True)
            )
            yield node, f"{_enclosed(operands[0])}{rest}"


def _other_word(operator: ast.cmpop) -> str:
    """An operator of comparison as it is written."""
    return ast.unparse(ast.Compare(ast.Name("a"), [operator], [ast.Name("b")]))[2:-2]


def _enclosed(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.Call) else f"({text})"


@_changes.register
def _(node: ast.BinOp) -> Iterator[Change]:
    sides = (node.left, node.right)
    joins = any(isinstance(side, ast.JoinedStr | ast.List | ast.Tuple) or _is_str(side) for side in sides)
    if type(node.op) in _ARITHMETIC and not joins:
        yield node, f"{_enclosed(node.left)} {_ARITHMETIC[type(node.op)]} {_enclosed(node.right)}"


def _is_str(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@_changes.register
def _(node: ast.BoolOp) -> Iterator[Change]:
    word = " and " if isinstance(node.op, ast.Or) else " or "
    yield node, word.join(map(_enclosed, node.values))


@_changes.register
def _(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not) or not isinstance(node.operand, ast.Constant):
        yield node, ast.unparse(node.operand)


@_changes.register
def _(node: ast.IfExp) -> Iterator[Change]:
    yield node, f"{ast.unparse(node.orelse)} if {ast.unparse(node.test)} else {ast.unparse(node.body)}"


@_changes.register
def _(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield node, repr(not node.value)
    elif isinstance(node.value, int):
        yield node, repr(node.value + 1)


@_changes.register
def _(node: ast.Call) -> Iterator[Change]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = [ast.unparse(each) for each in (*node.args, *node.keywords)]
    if isinstance(node.func, ast.Name) and name in _OTHER_CALL:
        yield node, f"{_OTHER_CALL[name]}({', '.join(given)})"
    if name == "abs":
        yield node, given[0]
    if name in _CONDITIONS:
        for number in range(len(given)):
            if len(given) > 1 or name == "where":
                rest = ", ".join(given[:number] + given[number + 1 :])
                yield node, f"{ast.unparse(node.func)}({rest})"


@_changes.register(ast.ListComp)
@_changes.register(ast.SetComp)
@_changes.register(ast.DictComp)
@_changes.register(ast.GeneratorExp)
def _(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Iterator[Change]:
    for each in node.generators:
        for condition in each.ifs:
            yield condition, "True"


@_changes.register
def _(node: ast.If) -> Iterator[Change]:
    yield node.test, "False" if isinstance(node.body[-1], _LEAVES) else f"not ({ast.unparse(node.test)})"


@_changes.register
def _(node: ast.Expr) -> Iterator[Change]:
    if isinstance(node.value, ast.Call):
        yield node, "pass"


@_changes.register
def _(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield node, "return None"


@_changes.register
def _(node: ast.AugAssign) -> Iterator[Change]:
    if type(node.op) in _ARITHMETIC:
        changed = f"{_ARITHMETIC[type(node.op)]}= {ast.unparse(node.value)}"
        yield node, f"{ast.unparse(node.target)} {changed}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 100 else f"{words[:97]}..."


# ---- trying them


@dataclass
class Workshop:
    """Copies of a tree, in each of which one mutant is tried at a time."""

    module: str
    """The path of the module from the tree's root."""
    tests: Sequence[str]
    """What is run, in this order; the first failure ends it."""
    copies: list[Path]
    seconds: float = 3600
    """How long a run may take."""
    entered: Mapping[str, tuple[float, list[int]]] = field(default_factory=dict)
    """For each test how long it takes, and the first lines of the functions that it enters."""
    _running: dict[int, tuple[Mutant, Path, float]] = field(default_factory=dict)

    def survivors(self, found: Iterable[Mutant]) -> Iterator[Mutant]:
        """The mutants that no test notices, as they come out."""
        waiting, free = iter(found), list(self.copies)
        try:
            while True:
                while free and (mutant := next(waiting, None)) is not None:
                    self._begin(mutant, free.pop())
                if not self._running:
                    return
                mutant, folder, noticed = self._next_end()
                free.append(folder)
                if not noticed:
                    yield mutant
        finally:
            for process in self._running:
                _end_group(process)
                os.waitpid(process, 0)

    def _begin(self, mutant: Mutant, folder: Path) -> None:
        (folder / self.module).write_text(mutant.source, encoding="utf-8")
        process = os.fork()
        if not process:
            _run_tests(folder, self.tests, self._plugin(mutant, folder))
        self._running[process] = mutant, folder, time.monotonic() + self.seconds

    def _plugin(self, mutant: Mutant, folder: Path) -> object:
        if not mutant.line:
            return Watch(str(folder / self.module), folder / ENTERED)
        first, last = mutant.function
        return First(
            {
                test: seconds
                for test, (seconds, lines) in self.entered.items()
                if any(first <= line <= last for line in lines)
            }
        )

    def _next_end(self) -> tuple[Mutant, Path, bool]:
        """The mutant whose run ends next, the copy that is free again, and whether a test failed."""
        while True:
            for process, (mutant, folder, latest) in list(self._running.items()):
                if time.monotonic() > latest:
                    _end_group(process)
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    del self._running[process]
                    return mutant, folder, status != 0
            time.sleep(0.02)


def _end_group(process: int) -> None:
    """End a run and what its tests have started."""
    for end in (os.killpg, os.kill):  # it may not lead its group yet
        with contextlib.suppress(ProcessLookupError):
            end(process, signal.SIGKILL)


class Watch:
    """A plugin of pytest: how long each test takes, and which functions of a module it enters."""

    def __init__(self, module: str, report: Path) -> None:
        self._module = module
        self._report = report
        self._entered: dict[str, tuple[float, list[int]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        lines: set[int] = set()

        def enter(frame: FrameType, _event: str, _given: object) -> None:
            if frame.f_code.co_filename == self._module:
                lines.add(frame.f_code.co_firstlineno)

        began = time.monotonic()
        sys.settrace(enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self._entered[item.nodeid] = time.monotonic() - began, sorted(lines)

    def pytest_sessionfinish(self) -> None:
        self._report.write_text(json.dumps(self._entered), encoding="utf-8")


class First:
    """A plugin of pytest: the tests that enter a function come first, the quickest of them at the top."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self._seconds = seconds

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._seconds.get(item.nodeid, float("inf")))


def _run_tests(folder: Path, tests: Sequence[str], plugin: object) -> None:
    """Become a process that runs the tests of a copy; it never returns."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(folder)
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        sys.path[:] = [str(folder), *(place for place in sys.path[1:] if Path(place).resolve() != ROOT)]
        own = folder.with_name(f"{folder.name}-temporary")
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(own)
        sys.dont_write_bytecode = True
        known = [*tests, "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not postgresql"]
        code = int(pytest.main(known, plugins=[plugin]))
    finally:
        os._exit(code)


def mirror_of(root: Path, module: str) -> list[str]:
    """What mirrors a module: first the tests named as it is, then all of its folder, else of one above."""
    path = Path(module)
    folder = "tests" / path.parent
    while not (root / folder).is_dir():
        folder = folder.parent
    named = folder / f"test_{path.name}"
    return [*([str(named)] if (root / named).is_file() else []), str(folder)]


def try_all(root: Path, module: str, tests: Sequence[str], jobs: int, out: TextIO) -> int:
    """Try every mutant of a module and print the survivors; 1 if there are any, 2 if tests fail without."""
    source = (root / module).read_text(encoding="utf-8")
    clean = Mutant(0, "", "", source)
    with tempfile.TemporaryDirectory(prefix="mdfm-mutants-") as place:
        copies = [Path(place) / f"copy-{number}" for number in range(jobs)]
        for copy in copies:
            shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        workshop = Workshop(module, tests, copies)
        began = time.monotonic()
        if not list(workshop.survivors([clean])):
            print("The tests fail, or are none, without any mutant: mend them first.", file=out)
            return 2
        workshop.entered = json.loads((copies[-1] / ENTERED).read_text(encoding="utf-8"))
        workshop.seconds = 3 * (time.monotonic() - began) + SECONDS_MORE
        found = [each for each in mutants(source) if _parses(each.source)]
        left = 0
        for mutant in workshop.survivors(found):
            left += 1
            print(f"{module}:{mutant.line}: {mutant.before}  ->  {mutant.after}", file=out, flush=True)
    print(f"{len(found)} mutants, {left} of them not noticed.", file=out)
    return 1 if left else 0


def _parses(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def end_like_an_interrupt() -> None:
    """Being ended is like an interrupt: the copies are removed on the way out, whatever else comes then."""

    def leave(*_: object) -> None:
        for each in _ENDING:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(1)

    for each in _ENDING:
        signal.signal(each, leave)


_ENDING = (signal.SIGINT, signal.SIGTERM)


def main(words: Sequence[str] | None = None) -> int:
    """The command: a module, and the tests to run instead of those that mirror it."""
    parser = argparse.ArgumentParser(prog="make mutants", description=main.__doc__)
    parser.add_argument("module", help="path of the module, e.g. ledger/money.py")
    parser.add_argument("tests", nargs="*", help="files or folders of tests, else those that mirror it")
    parser.add_argument("--jobs", type=int, default=2, help="how many mutants are tried at once")
    given = parser.parse_args(words)
    if not (ROOT / given.module).is_file():
        parser.error(f"there is no module {given.module}")
    end_like_an_interrupt()
    for name in WARM:
        importlib.import_module(name)
    tests = given.tests or mirror_of(ROOT, given.module)
    return try_all(ROOT, given.module, tests, given.jobs, sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
