"""Content of the IATI activity and organisation files of a fund, in the standard 2.03.

This module defines the data; `reports.iati.activities` builds it from the books and `reports.iati.xml` writes
it. Amounts are USD cents, shares are basis points (1/10,000), and codes are those of the codelist named
beside each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ledger import BadInput, Hint
from reports.figures.figure import Seal
from reports.iati.codes import MULTILATERAL, NOT_TARGETED, OTHER_FLOWS

TextsByLanguage = Mapping[str, str]
"""The same text by language."""

AGENT = "UNESCO Institute for Lifelong Learning (UIL)"

_REFUSED = re.compile(r"[\s/&|?]+")
"""What no identifier may hold; codes in any script stay unchanged, so that they stay distinct."""
_HASH_DIGITS = 8
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


@dataclass(frozen=True)
class Publisher:
    """The publisher, and values that only the publisher can state; BadInput for what IATI refuses."""

    reference: str
    """Its IATI organisation identifier."""
    name: str = AGENT
    type: str = MULTILATERAL
    """OrganisationType."""
    gender: str = NOT_TARGETED
    """PolicySignificance of gender equality for all activities."""
    flow: str = OTHER_FLOWS
    """FlowType. Other flows by default: whether a gift is ODA is for its donor to state."""
    references: Mapping[str, str] = field(default_factory=dict)
    """IATI organisation identifiers of others, by code of a donor, or of a grant for its partner."""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadInput(
                "organisation-name-empty",
                "The reporting organisation's name is empty: write it, or leave {option} out.",
                option=Hint("organisation-name", "the name"),
            )
        for reference in (self.reference, *self.references.values()):
            if not _REFERENCE.fullmatch(reference):
                raise BadInput(
                    "organisation-identifier-invalid",
                    "'{reference}' is not an IATI organisation identifier: write the code of the "
                    "agency that registered it, a dash and the number, in letters, digits, dots, "
                    "dashes and colons.",
                    reference=reference,
                )

    def activity_id(self, term: str, activity: str = "") -> str:
        """The identifier of a term's fund, or of an activity in it.

        An activity's code that IATI refuses is altered, and a hash of the code is added to keep it distinct:
        `A/1` is never `A-1`, and an identifier does not change when other activities are adopted later.
        """
        parts = (self.reference, "MDFM", term, activity)
        plain = "-".join(_REFUSED.sub("-", part) for part in parts if part)
        if not _REFUSED.search(activity):
            return plain
        return f"{plain}-{hashlib.sha256(activity.encode()).hexdigest()[:_HASH_DIGITS]}"


@dataclass(frozen=True)
class Party:
    """An organisation that takes part, or a payer or payee."""

    name: str
    type: str = ""
    """OrganisationType; empty where the books have none."""
    ref: str = ""
    """Its IATI organisation identifier; empty where none was given."""
    activity: str = ""
    """Identifier of that party's own activity; for a transaction only."""


@dataclass(frozen=True)
class IatiShare:
    """The part of an activity's money for a country, a region or a sector."""

    code: str
    basis_points: int


@dataclass(frozen=True)
class Budget:
    """What an activity may use in a fiscal year."""

    year: int
    cents: int
    valued_on: date
    committed: bool
    """Whether the programme names the year; if not, it is an estimate pro rata to days."""
    revised: bool


@dataclass(frozen=True)
class PlannedDisbursement:
    """Money committed to a partner and not yet paid."""

    starts_on: date
    ends_on: date
    cents: int
    receiver: Party


@dataclass(frozen=True)
class Transaction:
    """Money moved or committed: similar lines of one entry. Reversals are negative."""

    ref: str
    """Number of the journal entry and of the first of its lines."""
    type: str
    """TransactionType."""
    on: date
    cents: int
    about: TextsByLanguage
    provider: Party | None = None
    receiver: Party | None = None
    flow: str = ""
    """FlowType, where it differs from that of the file."""
    category: str = ""
    """For an expenditure: the account, one of the UN harmonised categories or losses."""


@dataclass(frozen=True)
class IatiResult:
    """What an activity has reached by one indicator, in whole units, and its target."""

    about: TextsByLanguage
    starts_on: date
    ends_on: date
    target: int
    """0 where the programme sets none."""
    reached: int


@dataclass(frozen=True)
class IatiActivity:
    """The fund of a term (hierarchy 1), or one activity that money was allocated to (hierarchy 2)."""

    id: str
    hierarchy: int
    titles: TextsByLanguage
    description: TextsByLanguage
    participants: tuple[tuple[str, Party], ...]
    """OrganisationRole and organisation."""
    status: str
    """ActivityStatus."""
    dates: tuple[tuple[str, date], ...]
    """ActivityDateType and day."""
    scope: str
    """ActivityScope."""
    countries: tuple[IatiShare, ...]
    """By ISO 3166-1 alpha-2 code; with the regions they add up to 100 %."""
    regions: tuple[IatiShare, ...]
    places: tuple[str, ...]
    """Names of the cities that it benefits."""
    sectors: tuple[IatiShare, ...]
    """OECD DAC purpose codes of five digits; they add up to 100 %."""
    aid_type: str
    """AidType."""
    budgets: tuple[Budget, ...]
    planned: tuple[PlannedDisbursement, ...]
    transactions: tuple[Transaction, ...]
    related: tuple[tuple[str, str], ...]
    """RelatedActivityType and identifier."""
    results: tuple[IatiResult, ...] = ()

    def total(self, *types: str) -> int:
        """The sum in USD cents of its transactions of some types."""
        return sum(each.cents for each in self.transactions if each.type in types)


@dataclass(frozen=True)
class ActivityFile:
    """The activity file of a term: the fund first, then its activities by code."""

    publisher: Publisher
    term: str
    updated_at: str
    """When the last known entry was recorded, ISO 8601."""
    seal: Seal
    activities: tuple[IatiActivity, ...]


@dataclass(frozen=True)
class YearTotal:
    """A sum for a fiscal year, for the whole fund or for one country or region."""

    year: int
    cents: int
    code: str = ""
    """Of the country or region."""
    committed: bool = True
    parts: tuple[tuple[str, int], ...] = ()
    """For an expenditure: cents by category."""


@dataclass(frozen=True)
class OrganisationFile:
    """The organisation file: budgets and expenditure of a term's fund, year by year."""

    publisher: Publisher
    term: str
    updated_at: str
    seal: Seal
    budgets: tuple[YearTotal, ...]
    regions: tuple[YearTotal, ...]
    countries: tuple[YearTotal, ...]
    expenditure: tuple[YearTotal, ...]
