"""Whoever writes a program with `mdfm.api` finds in it every type that its functions take and return."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mdfm import api
from mdfm.api import AsOf, Head

EXPORTED = {name: getattr(api, name) for name in api.__all__} | vars(api.events)
"""By name; kinds of events are in `events`."""

HOUSE = ("ledger", "donors", "allocation", "reports", "mdfm")


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the door, and every public method of its classes that are defined there."""
    for name in api.__all__:
        found = getattr(api, name)
        if inspect.isfunction(found):
            yield name, found
        elif inspect.isclass(found) and found.__module__.startswith("mdfm.api"):
            for member, each in vars(found).items():
                function: Any = each.fget if isinstance(each, property) else getattr(each, "__func__", each)
                if not member.startswith("_") and inspect.isfunction(inspect.unwrap(function)):
                    yield f"{name}.{member}", inspect.unwrap(function)


FUNCTIONS = dict(functions())


def types_in(hint: object) -> Iterator[type]:
    """The classes of the house that an annotation names."""
    if isinstance(hint, (list, tuple)):
        parts: tuple[object, ...] = tuple(hint)
    else:
        parts = typing.get_args(hint)
    for part in parts:
        yield from types_in(part)
    if isinstance(hint, type) and _of_house(hint):
        yield hint


def _of_house(found: type) -> bool:
    return found.__module__.partition(".")[0] in HOUSE


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_type_of_a_signature_is_exported(name: str) -> None:
    hints = typing.get_type_hints(FUNCTIONS[name], localns=EXPORTED)
    needed = {each for hint in hints.values() for each in types_in(hint)}
    assert {each.__name__ for each in needed if EXPORTED.get(each.__name__) is not each} == set()


def test_the_functions_are_those_of_the_door() -> None:
    assert {"open_fund", "Fund.backup", "Fund.audit", "Audit.verify", "Statements.build"} <= FUNCTIONS.keys()
    assert {"AsOf", "Head"} == {each.__name__ for each in types_in(dict[str, AsOf | list[Head] | None])}
