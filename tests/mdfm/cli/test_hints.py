"""The commands of hints: each hint of the domain has one, with its parameters, and there is no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ledger import BadInput, Hint, Sentence
from mdfm.cli.hints import COMMANDS, in_words
from tests.support.place import ROOT

DOMAIN = ("ledger", "donors", "allocation", "reports")


def hints() -> Iterator[tuple[str, set[str]]]:
    """The code and the parameters of each hint in the sources of the domain."""
    for package in DOMAIN:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="Hint"), args=[ast.Constant(value=str(code)), *_]):
                        yield code, {word.arg or "" for word in node.keywords}


def test_every_hint_has_a_command_and_every_command_a_hint() -> None:
    assert {code for code, _ in hints()} == set(COMMANDS)


def test_a_command_uses_parameters_that_its_hint_has() -> None:
    for code, given in hints():
        assert set(re.findall(r"\{(\w+)\}", COMMANDS[code])) <= given, code


def test_a_sentence_is_without_commands_until_a_door_makes_them() -> None:
    sentence = Sentence("record the outcome", Hint("screen-donor", donor="FIRM"), " first.")
    assert str(sentence) == "record the outcome first."
    assert in_words(sentence) == "record the outcome with `mdfm donor screen FIRM` first."
    assert Sentence("a", sentence) == Sentence("a", *sentence.parts)
    assert in_words(Sentence("see ", Hint("unheard-of", "elsewhere"))) == "see elsewhere"


def test_an_error_without_hints_is_its_sentence() -> None:
    error = BadInput("unknown-thing", "There is no {what}.", what="thing")
    assert str(error) == in_words(error) == "There is no thing."


def test_options_are_named_by_the_command_line_only() -> None:
    sentence = Sentence("give ", Hint("say-gender", "it as"), " 1 or 2 where it is.")
    assert str(sentence) == "give it as 1 or 2 where it is."
    assert in_words(sentence) == "give --gender 1 or 2 where it is."
