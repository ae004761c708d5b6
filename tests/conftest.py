"""What tests share: books made once in a session and copied for each test that writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from allocation import ProgrammeAdopted
from ledger import Book
from mdfm.books import create, open_at
from tests.support.effort import SOAK
from tests.support.example_demo import Demo, play_demo
from tests.support.small_books import clock, copy_of, master_data, play, tell

DRAWS_OTHERWISE = {"FORCE_COLOR", "NO_COLOR", "PYTHONWARNINGS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}

# What the command line draws is compared at one width, and without colours: worker processes of pytest-xdist
# would have another. What else who runs the tests has set for the program is not for the tests, either.
os.environ["COLUMNS"] = "100"
for name in list(os.environ):
    if name in DRAWS_OTHERWISE or (name.startswith("MDFM_") and not name.startswith("MDFM_TEST_")):
        del os.environ[name]

pytest_plugins = ("tests.support.engines", "tests.books.museum")

# The same examples on every run and machine; a shared machine may be slow at any moment.
# A long run looks at other examples each time, and prints how to see a failing one again.
settings.register_profile(
    "mdfm", derandomize=not SOAK, print_blob=SOAK, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mdfm")

LONGEST_FIRST = (
    "test_docs.py::test_the_tour",
    "test_whatever_happens.py",
    "test_writers.py",
    "test_sweep.py",
)
"""What takes long begins first, or one process would wait at the end for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first; all others stay in the order of their files."""
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONGEST_FIRST))


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a book without any entry."""
    place = tmp_path_factory.mktemp("empty") / "empty.book"
    create(str(place), clock()).close()
    return place


@pytest.fixture(scope="session")
def ready_template(empty_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a book with its master data."""
    folder = tmp_path_factory.mktemp("ready")
    book = copy_of(empty_template, folder)
    tell(book, *master_data())
    book.close()
    return folder / "copy.book"


@pytest.fixture(scope="session")
def played_template(empty_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a book in which everything has happened once."""
    folder = tmp_path_factory.mktemp("played")
    book = copy_of(empty_template, folder)
    play(book, folder)
    book.close()
    return folder / "copy.book"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, played once; tests only read it."""
    return play_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def empty_book(empty_template: Path, tmp_path: Path) -> Iterator[Book]:
    """A book without any entry."""
    yield from _own(empty_template, tmp_path)


@pytest.fixture
def book(ready_template: Path, tmp_path: Path) -> Iterator[Book]:
    """A book with its master data."""
    yield from _own(ready_template, tmp_path)


@pytest.fixture
def unplanned(empty_book: Book) -> Book:
    """A book with its master data, but no programme."""
    tell(empty_book, *(event for event in master_data() if event.kind != ProgrammeAdopted.kind))
    return empty_book


@pytest.fixture
def played(played_template: Path, tmp_path: Path) -> Iterator[Book]:
    """A book in which everything has happened once; the test may change it."""
    yield from _own(played_template, tmp_path)


@pytest.fixture(scope="session")
def played_once(played_template: Path) -> Iterator[Book]:
    """The same book for tests that only read."""
    opened = open_at(str(played_template))
    yield opened
    opened.close()


def _own(template: Path, folder: Path) -> Iterator[Book]:
    copy = copy_of(template, folder)
    yield copy
    copy.close()
