"""Contributions in kind: what a secondment is worth, and how an annex tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from donors import ServiceReceived, in_kind_gifts
from ledger import AsOf, BadInput, Book, Evidence
from mdfm.cli import app
from reports import draw_statement
from tests.small_books import DEC, MAKER, TERM, advice, agreement, file_of, money, service, tell

LETTER = (Evidence(sha256="a" * 64, name="letter.txt", media_type="text/plain"),)


def secondment(**more: Any) -> ServiceReceived:
    usual: dict[str, Any] = {
        "months": 6,
        "monthly": money("USD", 7_500_00),
        "form": "secondment",
        "evidence": LETTER,
    }
    told = {"on": DEC, "code": "S-1", "agreement": "A1", "description": "An officer", "basis": "gross salary"}
    return ServiceReceived.make(**told | usual | more)


def test_a_secondment_is_worth_its_months_at_what_each_costs() -> None:
    assert secondment().value == money("USD", 45_000_00)
    assert secondment(value=money("USD", 45_000_00)) == secondment()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"value": money("USD", 45_000_01)}, "must be 6 months of 7,500.00 USD, and it is 45,000.01 USD"),
        ({"value": money("EUR", 45_000_00)}, "must be 6 months of 7,500.00 USD, and it is 45,000.00 EUR"),
        ({"months": 0}, "the value must be more than zero"),
        ({"monthly": None}, "a secondment, and nothing else, has months and a monthly cost: give both"),
        ({"months": None}, "a secondment, and nothing else, has months and a monthly cost: give both"),
        ({"form": "hosting", "value": money("USD", 45_000_00)}, "a secondment, and nothing else, has months"),
        ({"form": "hosting", "months": 0, "monthly": None}, "value: Field required"),
        ({"evidence": ()}, "a value in kind needs evidence"),
    ],
)
def test_what_a_secondment_is_not(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        secondment(**more)


def test_the_basis_tells_how_the_value_comes_about(book: Book, tmp_path: Path) -> None:
    proof = advice(book, tmp_path)
    tell(book, agreement("A1"), secondment(evidence=proof), service("H-1", proof))
    with book.reading() as books:
        gifts = {gift.code: gift.basis for gift in in_kind_gifts(books)}
        statement = draw_statement(books, "CITY", TERM, AsOf.now(books, DEC))
    assert gifts == {
        "S-1": "gross salary (6 × 7,500.00 USD = 45,000.00 USD)",
        "H-1": "market rent (11,800,000 KRW)",
    }
    assert {item.basis for item in statement.in_kind} == set(gifts.values())


def desk(book: Book, *words: object) -> Result:
    told = ["--book", file_of(book), "contribution", "service", *map(str, words), "--on", str(DEC), "--json"]
    return CliRunner(env={"MDFM_BY": MAKER}).invoke(app, told)


def test_a_secondment_is_recorded_without_its_value(book: Book, tmp_path: Path) -> None:
    tell(book, agreement("A1"))
    letter = tmp_path / "letter.txt"
    letter.write_text("An officer for six months", encoding="utf-8")
    told = ("--agreement", "A1", "--description", "An officer", "--basis", "salary", "--evidence", letter)
    months = ("--months", 6, "--monthly", "USD 7,500")
    result = desk(book, "S-1", "--form", "secondment", *told, *months)
    assert json.loads(result.stdout)["payload"]["value"] == {"currency": "USD", "minor": 45_000_00}
    refused = desk(book, "S-2", "--form", "secondment", *told, "--months", 6)
    assert refused.exit_code == 2
    assert "a secondment, and nothing else, has months and a monthly cost: give both." in refused.stderr
    assert desk(book, "H-1", "--form", "hosting", *told, "--value", "USD 5").exit_code == 0
