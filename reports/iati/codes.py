"""Codes of the IATI codelists that the fund uses, and how values of the books map to them.

Each table names its codelist of the IATI standard 2.03. Sectors are purpose codes of the OECD DAC CRS list.
"""

from __future__ import annotations

from donors import Donor

FUNDING, ACCOUNTABLE, EXTENDING, IMPLEMENTING = "1", "2", "3", "4"
"""OrganisationRole."""
PIPELINE, IMPLEMENTATION, FINALISATION, CLOSED, CANCELLED = "1", "2", "3", "4", "5"
"""ActivityStatus."""
PLANNED_START, ACTUAL_START, PLANNED_END, ACTUAL_END = "1", "2", "3", "4"
"""ActivityDateType."""
INCOMING, COMMITMENT, DISBURSEMENT, EXPENDITURE, INCOMING_COMMITMENT = "1", "2", "3", "4", "11"
"""TransactionType."""
GLOBAL, MULTINATIONAL, NATIONAL, SINGLE_LOCATION = "1", "3", "4", "8"
"""ActivityScope."""
PARENT, CHILD = "1", "2"
"""RelatedActivityType."""

DEVELOPING_COUNTRIES = "998"
"""Region (OECD DAC): developing countries, unspecified. For money that benefits no named city."""
COLLABORATION = "1"
"""CollaborationType: bilateral, as is earmarked money that goes through an international organisation."""
GRANT = "110"
"""FinanceType: standard grant."""
UNTIED = "5"
"""TiedStatus."""
POOLED_FUND, TECHNICAL_ASSISTANCE = "B032", "D02"
"""AidType. A fund of many donors and one entity; training, research, workshops, exchange and publications."""
PRIVATE_FINANCE, OTHER_FLOWS = "30", "50"
"""FlowType: private development finance, and what is none of the others."""
GENDER_EQUALITY = "1"
"""PolicyMarker."""
NOT_TARGETED = "0"
"""PolicySignificance."""
MULTILATERAL = "40"
"""OrganisationType of the agent."""
TAGS = (("2", "4"), ("2", "11"), ("3", "4.7"), ("3", "11.a"))
"""TagVocabulary and code: Sustainable Development Goals (2) and their targets (3)."""

_ORGANISATION_TYPES = {
    "city": "11",
    "government": "10",
    "regional": "11",
    "sub-regional": "11",
    "multilateral": MULTILATERAL,
    "private": "70",
    "philanthropy": "60",
    "foundation": "60",
    "civil-society": "90",
    "ngo": "22",
    "educational-institution": "80",
    "think-tank": "80",
    "research-institute": "80",
}
"""OrganisationType by a donor's subtype, or its type where the subtype says no more."""
INTERNATIONAL_NGO = "21"

_SECTOR_OF_CLUSTER = {"LIT": ("11230",), "INC": ("11230",), "HEALTH": ("12261",), "ENT": ("11430",)}
"""Basic life skills for adults; health education; advanced technical and managerial training."""
_EDUCATION_POLICY = "11110"
_SECTOR_OF_WORK_AREA = {
    2: (_EDUCATION_POLICY, "43030"),
    3: ("11182",),
}
"""Training of city policy-makers: education policy and urban management. Knowledge: educational research."""


def organisation_type(donor: Donor) -> str:
    """OrganisationType of a donor."""
    if donor.subtype == "ngo" and not donor.country:
        return INTERNATIONAL_NGO
    return _ORGANISATION_TYPES.get(donor.subtype) or _ORGANISATION_TYPES[donor.type]


def is_private(donor: Donor) -> bool:
    """Whether a donor's money is private development finance."""
    return donor.type in {"private", "civil-society"}


def sectors_of(work_area: int, cluster: str) -> tuple[str, ...]:
    """The purpose codes of an activity's work for a cluster, or for the whole network, in equal parts."""
    by_area = _SECTOR_OF_WORK_AREA.get(work_area, (_EDUCATION_POLICY,))
    return _SECTOR_OF_CLUSTER.get(cluster, by_area)
