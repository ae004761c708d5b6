"""Offers: open until an agreement accepts them or they are declined, at both clocks; and as cities answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from donors import QUESTIONNAIRE, OfferDeclined, OfferReceived, get_offer, offers, read_events
from ledger import BadInput, Book, EntryReversed, NotFound, Refused, SheetProblems, write_template
from mdfm.cli.app import app
from tests.support.small_books import CHECKER, DEC, LATER, MAKER, NOV, TERM, agreement, file_of, money, tell


def offer(code: str = "O-1", **more: Any) -> OfferReceived:
    usual: dict[str, Any] = {"donor": "CITY", "term": TERM, "item": "workshop", "value": money("USD", 500_00)}
    return OfferReceived.make(on=NOV, code=code, description="A hall", **usual | more)


def states(book: Book, **clocks: Any) -> dict[str, str]:
    with book.reading() as books:
        return {each.code: each.status for each in offers(books, **clocks)}


# ---- the state of an offer


def test_an_offer_is_shown_as_of_a_day_and_as_known_then(book: Book) -> None:
    first, _, declined = tell(
        book,
        offer(),
        offer("O-2"),
        OfferDeclined(on=DEC, offer="O-1", reason="no room"),
    )
    assert states(book) == {"O-1": "declined", "O-2": "open"}
    assert states(book, effective_to=NOV) == {"O-1": "open", "O-2": "open"}
    assert states(book, known_at=declined.seq - 1) == {"O-1": "open", "O-2": "open"}
    assert states(book, known_at=first.seq) == {"O-1": "open"}
    assert states(book, term="2023-2025") == {}


def test_an_offer_is_not_there_before_its_day(book: Book) -> None:
    tell(book, offer().model_copy(update={"on": DEC}))
    assert states(book, effective_to=NOV) == {}
    assert states(book, effective_to=DEC) == {"O-1": "open"}


def test_a_reversed_agreement_makes_its_offers_open_again(book: Book) -> None:
    _, signed = tell(book, offer(), agreement("A9", on=DEC, offers=("O-1",)))
    assert states(book) == {"O-1": "accepted"}
    assert states(book, effective_to=NOV) == {"O-1": "open"}
    with book.reading() as books:
        assert get_offer(books, "O-1").agreement == "A9"
    (back,) = tell(book, EntryReversed(on=LATER, entry=signed.seq, reason="a slip"))
    assert states(book) == {"O-1": "open"}
    assert states(book, known_at=back.seq - 1) == {"O-1": "accepted"}
    tell(book, agreement("A10", on=LATER, offers=("O-1",)))
    assert states(book) == {"O-1": "accepted"}


def test_an_offer_ends_once(book: Book) -> None:
    tell(book, offer(), offer("O-2"), agreement("A9", offers=("O-1",)))
    with pytest.raises(Refused, match=r"The offer O-1 was accepted already"):
        tell(book, agreement("A10", offers=("O-1",)))
    with pytest.raises(Refused, match=r"The offer O-1 was accepted already"):
        tell(book, OfferDeclined(on=DEC, offer="O-1", reason="no room"))
    with pytest.raises(Refused, match="The offer O-2 is not FOUND's"):
        tell(book, agreement("A10", donor="FOUND", offers=("O-2",)))
    with pytest.raises(NotFound, match="There is no offer 'O-9' in this book"):
        tell(book, OfferDeclined(on=DEC, offer="O-9", reason="no room"))


def test_what_depends_on_an_offer_is_reversed_first(book: Book) -> None:
    made, signed = tell(book, offer(), agreement("A9", offers=("O-1",)))
    with pytest.raises(Refused, match="O-1 cannot be reversed while the agreement A9 accepts it"):
        tell(book, EntryReversed(on=DEC, entry=made.seq, reason="a slip"))
    tell(
        book,
        EntryReversed(on=DEC, entry=signed.seq, reason="a slip"),
        EntryReversed(on=DEC, entry=made.seq, reason="a slip"),
    )
    assert states(book) == {}


def test_what_was_declined_by_mistake_is_open_and_can_be_declined_again(book: Book) -> None:
    _, declined = tell(book, offer(), OfferDeclined(on=DEC, offer="O-1", reason="no room"))
    tell(book, EntryReversed(on=DEC, entry=declined.seq, reason="there is room"))
    assert states(book) == {"O-1": "open"}
    tell(book, OfferDeclined(on=LATER, offer="O-1", reason="no room", times=2))
    assert states(book) == {"O-1": "declined"}


def test_an_offer_is_accepted_once_in_a_batch_too(book: Book) -> None:
    signed = [agreement(code, offers=("O-1",)) for code in ("A9", "A10")]
    with pytest.raises(Refused, match="was accepted already"), book.recording() as journal:
        journal.record_many([offer(), *signed], made_by=MAKER, approved_by=CHECKER)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"item": "financial", "value": money("USD", 0)}, "an offer of money needs its amount"),
        ({"value": money("USD", -1)}, "value: it must not be negative"),
        ({"item": "hall"}, "item: Input should be 'experts-meeting'"),
    ],
)
def test_what_is_no_offer_is_refused(more: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        offer(**more)


def test_an_offer_is_for_a_term_that_is_kept(book: Book) -> None:
    with pytest.raises(NotFound, match="There is no term '2031-2033'"):
        tell(book, offer(term="2031-2033"))


# ---- the questionnaire

ANSWERS = {
    "donor": "CITY",
    "answered_on": "31.10.2022",
    "term": TERM,
    "workshop": "A hall for 40 people",
    "workshop_value": "EUR 6 000,00",
    "workshop_activity": "T-1",
    "research": "no",
    "financial": "Once, in 2023",
    "financial_value": "10,000",
    "other": "Interpreters",
    "currency": "",
    "remarks": "from May on",
}


def sheet(folder: Path, *rows: Mapping[str, str], suffix: str = "csv") -> Path:
    """The rows as a file, its header the fields of the first."""
    path = folder / f"answers.{suffix}"
    lines = [[*rows[0]], *([row.get(name, "") for name in rows[0]] for row in rows)]
    if suffix == "xlsx":
        book = Workbook()
        for line in lines:
            book.active.append(line)
        book.save(path)
    else:
        path.write_text("\n".join(";".join(f'"{cell}"' for cell in line) for line in lines), "utf-8")
    return path


def answers(folder: Path, *rows: Mapping[str, str], suffix: str = "csv") -> list[OfferReceived]:
    told = [each.event for each in read_events(sheet(folder, *rows, suffix=suffix), QUESTIONNAIRE)]
    return [each for each in told if isinstance(each, OfferReceived)]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_each_item_that_is_answered_becomes_an_offer(tmp_path: Path, suffix: str) -> None:
    row = ANSWERS | {"financial_value": "USD 10,000"}
    hall, gift, other = answers(tmp_path, row, suffix=suffix)
    assert (hall.code, hall.item, hall.activity) == ("O-CITY-workshop", "workshop", "T-1")
    assert (hall.donor, hall.term, hall.value) == ("CITY", TERM, money("EUR", 6_000_00))
    assert hall.on.isoformat() == "2022-10-31"
    assert hall.description == "A hall for 40 people (from May on)"
    assert (gift.code, gift.value) == ("O-CITY-financial", money("USD", 10_000_00))
    assert (other.code, other.value, other.activity) == ("O-CITY-other", money("USD", 0), "")


def test_one_currency_may_stand_for_all_values_and_codes_may_begin_otherwise(tmp_path: Path) -> None:
    row = ANSWERS | {"workshop_value": "6 000,00", "currency": "EUR", "code": "Q2-CITY"}
    told = answers(tmp_path, row)
    assert [(each.code, str(each.value)) for each in told][:2] == [
        ("Q2-CITY-workshop", "6,000.00 EUR"),
        ("Q2-CITY-financial", "10,000.00 EUR"),
    ]


@pytest.mark.parametrize(
    "nothing", ["NO", "Non.", "Aucune", "Ninguno", "néant", "-", "—", "N/A", "n/a.", "0"]
)
def test_nothing_is_no_offer_in_whatever_language_and_whatever_stands_beside_it(
    tmp_path: Path, nothing: str
) -> None:
    row = ANSWERS | {"financial": nothing, "financial_value": "0", "other": nothing, "other_value": nothing}
    told = answers(tmp_path, row | {"other_activity": nothing, "workshop_activity": nothing})
    assert [(each.item, each.activity) for each in told] == [("workshop", "")]


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({}, "financial_value", "'10,000' has no currency"),
        ({"financial_value": ""}, "financial_value", "is empty: an offer of money needs its amount"),
        ({"workshop": ""}, "workshop", "is empty beside a value or an activity: say what is offered"),
        ({"workshop": "No"}, "workshop", "is empty beside a value or an activity: say what is offered"),
        ({"workshop_value": "EUR 1,000,00"}, "workshop_value", "is not an amount of EUR"),
        ({"answered_on": "1/2/2022"}, "answered_on", "is not a day, or could be two"),
        ({"donor": ""}, "donor", "is empty: fill it in"),
        ({"code": "Q" * 40}, "code", "should match pattern"),
    ],
)
def test_what_cannot_be_read_names_row_and_column(
    tmp_path: Path, change: dict[str, str], column: str, what: str
) -> None:
    row = ANSWERS | {"financial_value": "USD 10,000" if change else "10,000"} | change
    with pytest.raises(SheetProblems) as told:
        answers(tmp_path, row)
    problem = told.value.problems[0]
    assert (problem.row, problem.column) == (2, column)
    assert what in problem.what


def test_the_template_of_the_questionnaire_is_read(tmp_path: Path) -> None:
    write_template(tmp_path / "sheet.xlsx", QUESTIONNAIRE.columns)
    told = [each.event for each in read_events(tmp_path / "sheet.xlsx", QUESTIONNAIRE)]
    assert [each.key for each in told] == ["offer:O-CITY-A-workshop", "offer:O-CITY-A-financial"]


# ---- at the command line

Desk = Callable[..., Result]


@pytest.fixture
def desk(book: Book) -> Desk:
    def does(*words: object, code: int = 0) -> Result:
        told = [str(word) for word in words]
        result = CliRunner(env={"MDFM_BY": MAKER}).invoke(app, ["--book", file_of(book), *told])
        assert result.exit_code == code, result.output
        return result

    return does


def test_offers_are_recorded_listed_declined_and_shown(desk: Desk) -> None:
    told = ("--donor", "CITY", "--term", TERM, "--on", NOV, "--description", "A hall")
    desk("offer", "record", "O-1", *told, "--item", "workshop", "--value", "EUR 880", "--activity", "T-1")
    desk("offer", "record", "O-2", *told, "--item", "other")
    desk("offer", "decline", "O-2", "--reason", "no room", "--on", DEC)
    listed = json.loads(desk("offer", "list", "--json").stdout)
    assert [(each["code"], each["status"]) for each in listed] == [("O-1", "open"), ("O-2", "declined")]
    assert [each["code"] for each in json.loads(desk("offer", "list", "--open", "--json").stdout)] == ["O-1"]
    assert len(json.loads(desk("offer", "list", "--open", "--to", NOV, "--json").stdout)) == 2
    assert "There is no such offer." in desk("offer", "list", "--to", "2021-01-01").stderr
    shown = desk("offer", "show", "O-2").stdout
    assert "declined" in shown
    assert "not said" in shown
    assert json.loads(desk("offer", "show", "O-1", "--json").stdout)["value"] == {
        "currency": "EUR",
        "minor": 880_00,
    }
    assert "There is no offer 'O-3'" in desk("offer", "show", "O-3", code=2).stderr


def test_the_questionnaire_is_imported_once(desk: Desk, tmp_path: Path) -> None:
    path = sheet(tmp_path, ANSWERS | {"financial_value": "USD 10,000"})
    desk("offer", "import", path)
    assert json.loads(desk("offer", "list", "--json").stdout) == []
    desk("offer", "import", path, "--record")
    listed = json.loads(desk("offer", "list", "--json").stdout)
    assert [each["item"] for each in listed] == ["financial", "other", "workshop"]
    assert "Already booked: 3 offers." in desk("offer", "import", path, "--record").stderr
    assert json.loads(desk("offer", "list", "--json").stdout) == listed
    desk("offer", "template", tmp_path / "empty.csv")
    assert (tmp_path / "empty.csv").exists()
