"""Donors of the fund, of the five partner types that the strategy names.

An amendment adds a row to the register, and the newest row of a donor counts. Contact persons are in
`donors.donor.contact`: personal data never enters the journal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from sqlalchemy import Connection, Row, func, select

from donors.codes import CODE_PATTERN, CountryField, DonorField, LanguageField
from donors.geography import country, country_name, member_city
from donors.languages import SOURCE_LANGUAGE, Language, language_name
from ledger import (
    NOW,
    BadInput,
    Event,
    Hint,
    Kind,
    Known,
    Labelled,
    OrdinalField,
    Refused,
    Sentence,
    TextField,
    as_known,
    project,
    read_one,
    register,
    require_new,
    text,
)

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
"""The kinds of bodies of each partner type in the strategy 2021-2023; members of the network are cities, but
also counties and consortia."""


class _Particulars(Event):
    """The fields of a donor that can be amended: all but its code and type."""

    name: TextField = Field(min_length=1, max_length=300)
    country: CountryField = ""
    """ISO 3166-1 alpha-3; empty for an international body."""
    language: LanguageField = SOURCE_LANGUAGE
    """The language in which the fund writes to the donor."""
    subtype: Subtype = ""
    city: TextField = Field(default="", max_length=300)
    """The name in the programme of the member city that the donor is; empty if it is none."""

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """Make the event, with the name of a known member city in the network's spelling.

        Not a validator: events read from the journal must stay as recorded when the list of cities changes.
        """
        made = super().make(**fields)
        member = member_city(made.city, made.country)
        return made.model_copy(update={"city": member.name}) if member else made

    @field_validator("country")
    @classmethod
    def _known_country(cls, iso3: str) -> str:
        try:
            return country(iso3).iso3 if iso3 else ""
        except BadInput as error:
            raise ValueError(str(error)) from None


class DonorRegistered(_Particulars):
    """A donor becomes known to the fund."""

    kind: ClassVar[str] = "donor registered"
    says: ClassVar[str] = "{name} is registered as a donor with the code {code}."

    code: TextField = Field(pattern=CODE_PATTERN)
    type: DonorType

    @property
    def key(self) -> str:
        return f"donor:{self.code}"

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        if unfit := _unfit(self.type, self):
            raise ValueError(unfit)
        return self


class DonorAmended(_Particulars):
    """A donor's particulars are these from now on, all of them; its code and its type stay."""

    kind: ClassVar[str] = "donor amended"
    says: ClassVar[str] = "The particulars of the donor {donor} are these from now on."

    donor: DonorField
    number: Annotated[OrdinalField, Labelled("amendment")] = Field(ge=1)
    """The how many-th amendment of this donor it is."""

    @property
    def key(self) -> str:
        return f"donor amended:{self.donor}:{self.number}"


def _unfit(type_: DonorType, particulars: _Particulars) -> str:
    """Why these fields do not fit a donor's type, as a sentence without a full stop; empty if they do."""
    if particulars.subtype and particulars.subtype not in SUBTYPES[type_]:
        return f"a donor of the type {type_} is no {particulars.subtype}: use {', '.join(SUBTYPES[type_])}"
    if particulars.city and type_ != "city":
        return "only a donor of the type city is a member city"
    return ""


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
    """The member city that it is; empty if it is none."""


def _read(row: Row[Any]) -> Donor:
    return Donor(row.code, row.name, row.type, row.country, row.language, row.subtype, row.city)


def get_donor(books: Connection, code: str, known_at: int = NOW) -> Donor:
    """The donor with this code, as amended last; NotFound if there is none."""
    return read_one(books, donor, "donor", code, _read, known_at)


def donors(books: Connection, known_at: int = NOW) -> list[Donor]:
    """All donors, as amended last, ordered by code."""
    rows = books.execute(select(donor).where(as_known(donor, known_at)).order_by(donor.c.code, donor.c.seq))
    return list({row.code: _read(row) for row in rows}.values())


def next_amendment(books: Connection, code: str) -> int:
    """The number of a donor's next amendment; reversed amendments keep their numbers."""
    rows = select(func.count()).select_from(donor).where(donor.c.code == code)
    return int(books.execute(rows).scalar_one())


def _apply_registered(books: Connection, seq: int, event: DonorRegistered) -> None:
    require_new(books, donor, "donor", event.code)
    project(books, donor, seq, **event.model_dump(exclude={"on"}))


def _apply_amended(books: Connection, seq: int, event: DonorAmended) -> None:
    before = get_donor(books, event.donor)
    if unfit := _unfit(before.type, event):
        raise Refused(
            "donor-amendment-unfit",
            "The donor {donor} cannot be amended: {unfit}.",
            donor=event.donor,
            unfit=unfit,
        )
    particulars = event.model_dump(exclude={"on", "donor", "number"})
    now = replace(before, **particulars)
    if now == before:
        raise Refused(
            "donor-amendment-changes-nothing",
            "The donor {donor} is in the books like that already: there is nothing to amend.",
            donor=event.donor,
        )
    project(books, donor, seq, **asdict(now))


def _named(books: Connection, code: str, _term: str) -> Known:
    return Known(f"{get_donor(books, code).name} ({code})")


def _country_named(_books: Connection, iso3: str, _term: str) -> Known:
    return Known(f"{country_name(iso3, SOURCE_LANGUAGE)} ({iso3})")


def _language_named(_books: Connection, code: str, _term: str) -> Known:
    return Known(language_name(code, SOURCE_LANGUAGE))


KINDS = (
    Kind(
        DonorRegistered,
        names={"donor": _named, "country": _country_named, "language": _language_named},
        apply=_apply_registered,
        registers=(donor,),
        four_eyes=False,
        reversible=True,
        when_recorded=Sentence(
            "change what it says", Hint("amend-donor", donor="{code}"), ", or use another code"
        ),
    ),
    Kind(DonorAmended, apply=_apply_amended, registers=(donor,), four_eyes=False, reversible=True),
)
