"""Options of all commands: each is explained, and each thing has one name."""

from collections import defaultdict
from collections.abc import Iterator

import click
import pytest

from mdfm.cli.app import app

Used = tuple[str, click.Option]
"""A command, and an option of it."""


def options_of(command: click.Command, path: str = "") -> Iterator[Used]:
    """Yield the options of a command, and of the commands of a group."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield path.strip(), parameter
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from options_of(below, f"{path} {name}")


def unexplained(used: list[Used]) -> list[str]:
    """Options without a sentence of help."""
    return [f"{path} {option.opts[0]}" for path, option in used if not (option.help or "").endswith(".")]


def synonyms(used: list[Used]) -> list[set[str]]:
    """Names that share a sentence of help: two names for one thing."""
    names = defaultdict(set)
    for _, option in used:
        names[option.help].add(option.opts[0])
    return [each for each in names.values() if len(each) > 1]


@pytest.fixture(scope="module")
def used() -> list[Used]:
    return list(options_of(app))


def test_every_option_is_explained_in_a_sentence(used: list[Used]) -> None:
    assert len(used) > 500
    assert unexplained(used) == []


def test_no_two_options_are_explained_alike(used: list[Used]) -> None:
    assert synonyms(used) == []


def test_every_command_is_explained_in_a_sentence() -> None:
    def walk(command: click.Command) -> Iterator[click.Command]:
        yield command
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                below = command.get_command(click.Context(command), name)
                assert below is not None
                yield from walk(below)

    assert [each.name for each in walk(app) if not (each.help or "").strip().endswith(".")] == []


def test_an_option_without_a_sentence_and_a_synonym_are_found() -> None:
    made_up: list[Used] = [
        ("sweep", click.Option(["--workers"], help="Processes.")),
        ("write", click.Option(["--jobs"], help="Processes.")),
        ("read", click.Option(["--at"])),
    ]
    assert unexplained(made_up) == ["read --at"]
    assert synonyms(made_up) == [{"--workers", "--jobs"}]
