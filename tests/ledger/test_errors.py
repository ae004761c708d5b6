"""Errors: a code that stays, parameters, and a sentence; the page that lists them is complete."""

from __future__ import annotations

import ast
import pickle
import re
from collections import defaultdict
from pathlib import Path
from string import Formatter

import pytest

from ledger import BadInput, Hint, MdfmError, NotFound, Refused, Sentence, nearest
from ledger.sheets.reader import RowProblem, SheetProblems
from tests.support.error_codes import DOCUMENT, document, raised

ERRORS = list(raised())


def test_an_error_is_a_code_with_parameters_and_says_a_sentence() -> None:
    error = Refused(
        "period-closed", "{period} is closed{hint}.", period="2021", hint=Hint("reopen", period="2021")
    )
    assert (error.code, error.parameters["period"]) == ("period-closed", "2021")
    assert str(error) == "2021 is closed."
    assert error.sentence.worded(lambda hint: f" ({hint.code} {hint.parameters['period']})") == (
        "2021 is closed (reopen 2021)."
    )


def test_a_parameter_may_have_braces_and_a_format() -> None:
    error = BadInput("odd", "{name} has {count:,} rows, {name!r}.", name="{a}", count=12345)
    assert str(error) == "{a} has 12,345 rows, '{a}'."


def test_a_sentence_within_a_sentence_keeps_its_hints() -> None:
    inner = Sentence("record it", Hint("record"), " first")
    assert Refused("x-y", "No: {why}.", why=inner).sentence.hints == (Hint("record"),)


def test_what_is_not_found_names_the_nearest() -> None:
    error = NotFound("unknown-x", "No {code}{nearest}.", code="a1", nearest=nearest("a1", ["A1", "B2"]))
    assert (str(error), error.nearest) == ("No a1 (did you mean 'A1'?).", "A1")
    error = NotFound("unknown-x", "No {code}{nearest}.", code="c3", nearest=nearest("c3", ["A1", "B2"]))
    assert (str(error), error.nearest, NotFound("gone", "Gone.").nearest) == ("No c3.", "", "")


@pytest.mark.parametrize(
    "error",
    [
        Refused("period-closed", "{period} is closed.", period="2021"),
        SheetProblems(Path("a.csv"), [RowProblem(2, "amount", "it is no amount.")]),
    ],
)
def test_an_error_comes_back_whole_from_another_process(error: MdfmError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, str(again)) == (type(error), error.code, str(error))


def test_every_error_has_a_code_and_a_template_written_out() -> None:
    assert len(ERRORS) > 300
    written_out = (ast.Constant, ast.Name)
    assert [each.place for each in ERRORS if not isinstance(each.code, ast.Constant)] == []
    assert [each.place for each in ERRORS if not isinstance(each.template, written_out)] == []
    codes = [str(each.code.value) for each in ERRORS if isinstance(each.code, ast.Constant)]
    assert [code for code in codes if not re.fullmatch("[a-z][a-z0-9-]{2,40}", code)] == []


def test_a_code_has_one_sentence() -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for each in ERRORS:
        if isinstance(each.code, ast.Constant) and isinstance(each.template, ast.Constant):
            said[str(each.code.value)].add(re.sub(r"\{[^}]*\}", "{}", str(each.template.value)))
    assert {code: sentences for code, sentences in said.items() if len(sentences) > 1} == {}


def test_the_parameters_are_those_of_the_sentence() -> None:
    wrong = []
    for each in ERRORS:
        if isinstance(each.template, ast.Constant):
            named = {
                name for _, name, _, _ in Formatter().parse(str(each.template.value)) if name is not None
            }
            if named != each.parameters:
                wrong.append(f"{each.place}: {sorted(named ^ each.parameters)}")
    assert wrong == []


def test_the_page_of_errors_lists_them_all() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run: python -m tests.support.error_codes"
