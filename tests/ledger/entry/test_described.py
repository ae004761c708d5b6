"""Events describe themselves by the types of their fields: money, percents, names and files."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import BaseModel

from ledger import (
    DETAIL,
    AmountField,
    AttachedFile,
    BasisPoints,
    BasisPointsField,
    ByLanguage,
    CodeOf,
    CountField,
    Described,
    Event,
    Evidence,
    Known,
    Labelled,
    LabelledGroup,
    Listing,
    MinorUnits,
    MonthsField,
    NamedCode,
    OccurrenceField,
    OrdinalField,
    PartOf,
    Percent,
    PersonDaysField,
    Quantity,
    Sha256Field,
    TermField,
    TextField,
    UsdCentsField,
    YearField,
    described,
    undescribed,
)
from ledger.entry.described import Fingerprint, sentence
from ledger.money import Amount

DAY = date(2022, 1, 31)
SHA = "0123456789ab" + "f" * 52
EUR = Amount(currency="EUR", minor=150_000)


class Book:
    """Names as a book would know them; remembers for which term it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def known(self, what: str, code: str, term: str) -> Known | None:
        self.asked.append((what, code, term))
        return {
            ("donor", "CITY"): Known("Example city (CITY)"),
            ("agreement", "A1"): Known("A1 of Example city", currency="KRW", term="2021-2023"),
            ("instalment", "A1:2"): Known("2 (300 KRW)"),
        }.get((what, code))

    def size_of(self, sha256: str) -> int | None:
        return 13 if sha256 == SHA else None


def told(*, names: Book | None = None, **fields: Any) -> dict[str, str]:
    """How an event with these fields, each as `name=(type, value)`, describes them."""
    hints = {name: hint for name, (hint, _) in fields.items()}
    kind: Any = type("Tried", (Event,), {"__annotations__": hints, "__module__": __name__})
    event = kind(on=DAY, **{name: value for name, (_, value) in fields.items()})
    return {part.label: str(part.value) for part in described(event, names or Book()) if part.field != "on"}


@pytest.mark.parametrize(
    ("hint", "value", "shown"),
    [
        (UsdCentsField, 150_000, "1,500.00 USD"),
        (Amount, EUR, "1,500.00 EUR"),
        (Amount | None, EUR, "1,500.00 EUR"),
        (BasisPointsField, 700, "7%"),
        (BasisPointsField, 725, "7.25%"),
        (BasisPointsField, 1050, "10.5%"),
        (BasisPointsField, 5, "0.05%"),
        (MonthsField, 1, "1 month"),
        (MonthsField, 3, "3 months"),
        (PersonDaysField, 1200, "1,200 person-days"),
        (CountField, 0, "0"),
        (CountField, 1200, "1,200"),
        (YearField, 2022, "2022"),
        (OrdinalField, 1, "No 1"),
        (TextField, "budget cut", "budget cut"),
        (Sha256Field, SHA, "SHA-256 0123456789ab\N{HORIZONTAL ELLIPSIS}"),
        (Literal["given-on"], "given-on", "given on"),
        (date, DAY, "2022-01-31"),
        (bool, True, "yes"),
        (tuple[TextField, ...], ("one", "two"), "one; two"),
        (dict[TextField, UsdCentsField], {"staff": 1_00, "travel": 2_50}, "staff 1.00 USD, travel 2.50 USD"),
        (dict[TextField, tuple[TextField, ...]], {"Ana": ()}, "Ana none"),
        (Annotated[dict[str, str], ByLanguage()], {"fr": "Un", "en": "One"}, "One"),
        (Annotated[dict[str, str], ByLanguage()], {"fr": "Un"}, "Un"),
        (Annotated[str, CodeOf("donor")], "CITY", "Example city (CITY)"),
        (Annotated[str, CodeOf("donor")], "NEW", "NEW"),
    ],
)
def test_a_field_is_shown_as_its_type_says(hint: Any, value: object, shown: str) -> None:
    assert told(it=(hint, value)) == {"it": shown}


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (TextField, ""),
        (bool, False),
        (Amount | None, None),
        (tuple[TextField, ...], ()),
        (dict[TextField, TextField], {}),
        (MonthsField, 0),
        (OccurrenceField, 1),
    ],
)
def test_what_says_nothing_is_left_out(hint: Any, value: object) -> None:
    assert told(it=(hint, value)) == {}


@pytest.mark.parametrize(
    "hint", [int, str, tuple[int, ...], dict[str, UsdCentsField], dict[TextField, int], int | None]
)
def test_a_type_that_does_not_say_what_it_holds_is_found(hint: Any) -> None:
    class Bare(BaseModel):
        it: hint

    class Around(BaseModel):
        fine: UsdCentsField
        parts: tuple[Bare, ...]

    assert undescribed(Bare) == ["Bare.it"]
    assert undescribed(Around) == ["Bare.it"]


def test_a_bare_number_is_an_error_and_no_guess() -> None:
    with pytest.raises(TypeError, match=r"Tried\.cents does not say what it holds"):
        told(cents=(int, 5))


def test_labels_come_from_the_type_or_the_name() -> None:
    fields: dict[str, Any] = {
        "times": (OccurrenceField, 2),
        "ends_on": (date, DAY),
        "cents": (AmountField, 1_00),
        "to": (Annotated[TextField, Labelled("for")], "x"),
    }
    assert told(**fields) == {"occurrence": "No 2", "ends on": "2022-01-31", "amount": "1.00 USD", "for": "x"}


def test_minor_units_take_the_currency_of_another_field() -> None:
    class Part(BaseModel):
        minor: Annotated[int, MinorUnits(currency_of=("amount", "agreement"))]

    parts = (tuple[Part, ...], (Part(minor=300),))
    agreement = (Annotated[str, CodeOf("agreement")], "A1")
    unknown = (Annotated[str, CodeOf("agreement")], "A2")
    amount = Amount | None
    assert told(amount=(amount, EUR), agreement=agreement, parts=parts)["parts"] == "minor 3.00 EUR"
    assert told(amount=(amount, None), agreement=agreement, parts=parts)["parts"] == "minor 300 KRW"
    assert "not in the books" in told(amount=(amount, None), agreement=unknown, parts=parts)["parts"]


def test_names_are_asked_for_in_the_term_of_the_event() -> None:
    activity = (Annotated[str, CodeOf("activity")], "T-1")
    named, through, without = Book(), Book(), Book()
    told(names=named, term=(TermField, "2023-2025"), activity=activity)
    told(names=through, activity=activity, agreement=(Annotated[str, CodeOf("agreement")], "A1"))
    told(names=without, activity=activity)
    assert ("activity", "T-1", "2023-2025") in named.asked
    assert ("activity", "T-1", "2021-2023") in through.asked
    assert without.asked == [("activity", "T-1", "")]


def test_a_part_is_named_by_the_whole_and_its_number() -> None:
    agreement = (Annotated[str, CodeOf("agreement")], "A1")
    part = Annotated[int, PartOf("instalment", of="agreement")]
    assert told(agreement=agreement, instalment=(part, 2))["instalment"] == "2 (300 KRW)"
    assert told(agreement=agreement, instalment=(part, 3))["instalment"] == "3"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "not in this book"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1024 * 1024 - 1, "1,024.0 KiB"),
        (5 * 1024 * 1024 // 2, "2.5 MiB"),
    ],
)
def test_a_file_is_its_name_its_size_and_the_start_of_its_hash(size: int | None, words: str) -> None:
    assert (
        str(AttachedFile("a.pdf", SHA, size))
        == f"a.pdf ({words}, SHA-256 0123456789ab\N{HORIZONTAL ELLIPSIS})"
    )


def test_evidence_is_a_file_with_the_size_that_the_book_has() -> None:
    paper = Evidence(sha256=SHA, name="a.pdf", media_type="application/pdf")
    assert paper.as_value(Book()) == AttachedFile("a.pdf", SHA, 13)
    shown = told(evidence=(tuple[Evidence, ...], (paper,)))
    assert shown == {"evidence": "a.pdf (13 bytes, SHA-256 0123456789ab\N{HORIZONTAL ELLIPSIS})"}


class Part(BaseModel):
    cents: AmountField
    note: Annotated[TextField, DETAIL] = ""

    def derived(self) -> tuple[Described, ...]:
        return (Described("twice", Amount(currency="USD", minor=2 * self.cents), adds_up=True),)


class Whole(Event):
    kind: ClassVar[str] = "tried"
    says: ClassVar[str] = "{cents} go to {donor}, {left_out}at {rate}."

    donor: Annotated[str, CodeOf("donor")]
    cents: AmountField
    rate: Annotated[int, BasisPoints()]
    left_out: TextField = ""
    parts: tuple[Part, ...] = ()


def test_parts_keep_their_labels_and_say_what_adds_up() -> None:
    whole = Whole(on=DAY, donor="CITY", cents=5_00, rate=700, parts=(Part(cents=1_00, note="n"),))
    by_label = {part.label: part for part in described(whole, Book())}
    assert by_label["effective on"].value == DAY
    assert by_label["donor"].value == NamedCode("donor", "CITY", "Example city (CITY)")
    assert (by_label["amount"].adds_up, by_label["rate"].adds_up) == (True, False)
    assert by_label["rate"].value == Percent(700)
    (group,) = by_label["parts"].value.items  # type: ignore[union-attr]
    assert isinstance(group, LabelledGroup)
    assert [(part.label, str(part.value), part.adds_up, part.detail) for part in group.parts] == [
        ("amount", "1.00 USD", True, False),
        ("note", "n", False, True),
        ("twice", "2.00 USD", True, False),
    ]


def test_a_sentence_has_the_described_values_in_place() -> None:
    whole = Whole(on=DAY, donor="CITY", cents=5_00, rate=700)
    assert sentence(whole, whole.sentence, Book()) == "5.00 USD go to Example city (CITY), at 7%."
    assert sentence(whole, whole.sentence) == "5.00 USD go to CITY, at 7%."
    ended = whole.model_copy(update={"left_out": "A full stop."})
    assert sentence(ended, "It says: {left_out}.") == "It says: A full stop."


def test_values_are_english_by_themselves() -> None:
    assert str(Fingerprint(SHA)) == "SHA-256 0123456789ab\N{HORIZONTAL ELLIPSIS}"
    assert str(Quantity(2, "activity", "activities")) == "2 activities"
    assert str(Listing(())) == "none"
