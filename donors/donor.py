"""Donors: who gives to the fund, of the five partner types that the strategy names.

Contact persons are not kept here: personal data never enters the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from sqlalchemy import Connection, Row, select

from donors.geography import country
from ledger import NOW, BadInput, Event, Kind, known, learn, read_one, register, require_new, text

DonorType = Literal["city", "government", "multilateral", "private", "civil-society"]
"""Member cities; governments of Member States, national to sub-regional; international financial
institutions and other multilaterals; companies, philanthropies and foundations; civil society (strategy
2021-2023, partners)."""

Subtype = Literal[
    "",
    "municipality",
    "county",
    "consortium",
    "national",
    "regional",
    "sub-regional",
    "financial-institution",
    "un-entity",
    "other-multilateral",
    "company",
    "philanthropy",
    "foundation",
    "ngo",
    "educational-institution",
    "think-tank",
    "research-institute",
]
SUBTYPES: dict[DonorType, tuple[Subtype, ...]] = {
    "city": ("municipality", "county", "consortium"),
    "government": ("national", "regional", "sub-regional"),
    "multilateral": ("financial-institution", "un-entity", "other-multilateral"),
    "private": ("company", "philanthropy", "foundation"),
    "civil-society": ("ngo", "educational-institution", "think-tank", "research-institute"),
}
"""The kinds of bodies within each partner type that the strategy 2021-2023 lists; the network's members are
cities, but also counties and consortia."""

CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
Language = Literal["en", "fr", "es"]


class DonorRegistered(Event):
    """A donor becomes known to the fund."""

    kind: ClassVar[str] = "donor registered"

    code: str = Field(pattern=CODE_PATTERN)
    name: str = Field(min_length=1, max_length=300)
    type: DonorType
    country: str = ""
    """ISO 3166-1 alpha-3; empty for a body of no one country."""
    language: Language = "en"
    """The language in which the fund writes to the donor."""
    subtype: Subtype = ""
    city: str = ""
    """The member city that the donor is, by the name under which the programme knows it."""

    @property
    def key(self) -> str:
        return f"donor:{self.code}"

    @field_validator("country")
    @classmethod
    def _known_country(cls, iso3: str) -> str:
        try:
            return country(iso3).iso3 if iso3 else ""
        except BadInput as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        if self.subtype and self.subtype not in SUBTYPES[self.type]:
            raise ValueError(
                f"a donor of the type {self.type} is no {self.subtype}: use {', '.join(SUBTYPES[self.type])}"
            )
        if self.city and self.type != "city":
            raise ValueError("only a donor of the type city is a member city")
        return self


donor = register(
    "donor",
    text("code"),
    text("name"),
    text("type"),
    text("country"),
    text("language"),
    text("subtype"),
    text("city"),
)


def _apply(books: Connection, seq: int, event: DonorRegistered) -> None:
    require_new(books, donor, "donor", event.code)
    learn(books, donor, seq, **event.model_dump(exclude={"on"}))


@dataclass(frozen=True)
class Donor:
    """A donor as the books know it."""

    code: str
    name: str
    type: DonorType
    country: str
    language: Language
    subtype: Subtype
    city: str
    """The member city that it is; empty where it is none."""


def _read(row: Row[Any]) -> Donor:
    return Donor(row.code, row.name, row.type, row.country, row.language, row.subtype, row.city)


def get_donor(books: Connection, code: str, known_at: int = NOW) -> Donor:
    """The donor with this code; NotFound when the books have none."""
    return read_one(books, donor, "donor", code, _read, known_at)


def donors(books: Connection, known_at: int = NOW) -> list[Donor]:
    """All donors, by code."""
    return [
        _read(row)
        for row in books.execute(select(donor).where(known(donor, known_at)).order_by(donor.c.code))
    ]


KINDS = (Kind(DonorRegistered, apply=_apply, registers=(donor,), four_eyes=False, reversible=True),)
