"""Labels: the names that readers see for codes of the books, such as donor types, earmarks and categories."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import (
    ADVANCES,
    ALLOCATED,
    AVAILABLE,
    CASH_AT_BANK,
    COMMITMENTS,
    COMMITMENTS_CONTRA,
    CONTRACTUAL_SERVICES,
    CURRENCY_CLEARING,
    DUE_TO_AGENT,
    EQUIPMENT,
    GOODS_HELD,
    GOODS_USED,
    GOODS_WRITTEN_OFF,
    HELD_IN_KIND,
    INTEREST_TO_ATTRIBUTE,
    LOSSES,
    NOT_IDENTIFIED,
    NOT_YET_RECEIVED,
    OPERATING_COSTS,
    PAYABLES,
    PLEDGES,
    PLEDGES_CONTRA,
    REALISED_DIFFERENCES,
    RECEIVABLE,
    REFUNDS_PAYABLE,
    SERVICES_IN_KIND,
    SERVICES_IN_KIND_CONTRA,
    STAFF_COSTS,
    SUPPLIES,
    SUPPORT_COSTS,
    TRANSFERS_AND_GRANTS,
    TRAVEL,
    UNREALISED_DIFFERENCES,
)
from reports.words.language import N_, Words

DONOR_TYPES = {
    "city": N_("Member city"),
    "government": N_("Government of a Member State"),
    "multilateral": N_("International financial institution or multilateral"),
    "private": N_("Company, philanthropy or foundation"),
    "civil-society": N_("Civil society"),
}
TAKEN_BACK = N_("Gifts that were taken back later")
GIVERS = {"": TAKEN_BACK} | DONOR_TYPES
"""Types of donors. The empty code stands for reversed gifts, whose donor is no longer known."""

EARMARKS = {
    "unearmarked": N_("Unearmarked"),
    "softly": N_("Softly earmarked"),
    "earmarked": N_("Earmarked"),
    "tightly": N_("Tightly earmarked"),
}
"""Degrees of earmarking of the Grand Bargain."""

BANDS_OVERDUE = {
    "not yet due": N_("Not yet due"),
    "1-30": N_("1 to 30 days"),
    "31-60": N_("31 to 60 days"),
    "61-90": N_("61 to 90 days"),
    "over 90": N_("Over 90 days"),
}
"""Ageing bands, by days overdue."""
OUTSTANDING = {"pledge": N_("Pledge"), "receivable": N_("Receivable")}
IN_KIND = {
    "goods": N_("Goods"),
    "service": N_("Service"),
    "hosting": N_("Hosting"),
    "secondment": N_("Secondment of staff"),
}
INDICATOR_NAMES = {
    "events-held": N_("Events held"),
    "policy-makers-trained": N_("Policy-makers trained"),
    "cities-reached": N_("Cities reached"),
    "publications": N_("Publications"),
    "users": N_("Users"),
}
"""The indicators by which results are counted."""
REGION_NAMES = {
    "": N_("Region not stated"),
    "Africa": N_("Africa"),
    "Arab States": N_("Arab States"),
    "Asia and the Pacific": N_("Asia and the Pacific"),
    "Europe and North America": N_("Europe and North America"),
    "Latin America and the Caribbean": N_("Latin America and the Caribbean"),
}
"""The regions of UNESCO."""
GROUPS = {
    "africa": N_("Africa"),
    "low-income": N_("Low-income countries"),
    "ldc": N_("Least developed countries"),
}
"""The three lists of countries that a report counts separately."""
STATUS = {"interim": N_("Interim statement"), "certified": N_("Certified statement")}
CATEGORIES = {
    STAFF_COSTS: N_("Staff and other personnel costs"),
    SUPPLIES: N_("Supplies, commodities and materials"),
    EQUIPMENT: N_("Equipment, vehicles and furniture"),
    CONTRACTUAL_SERVICES: N_("Contractual services"),
    TRAVEL: N_("Travel"),
    TRANSFERS_AND_GRANTS: N_("Transfers and grants to counterparts"),
    OPERATING_COSTS: N_("General operating and other direct costs"),
    SUPPORT_COSTS: N_("Indirect programme support costs"),
    LOSSES: N_("Losses and write-offs"),
}
"""The UN harmonised expense categories by account, and losses."""
ACCOUNT_NAMES = {
    CASH_AT_BANK: N_("Cash at bank"),
    RECEIVABLE: N_("Contributions receivable"),
    ADVANCES: N_("Advances to implementing partners"),
    GOODS_HELD: N_("In-kind assets (goods)"),
    CURRENCY_CLEARING: N_("Currency clearing"),
    NOT_YET_RECEIVED: N_("Funds held in trust: not yet received"),
    AVAILABLE: N_("Funds held in trust: available"),
    ALLOCATED: N_("Funds held in trust: allocated"),
    HELD_IN_KIND: N_("Funds held in trust: in kind"),
    PAYABLES: N_("Payables"),
    DUE_TO_AGENT: N_("Due to agent (programme support cost)"),
    REFUNDS_PAYABLE: N_("Refunds payable to donors"),
    REALISED_DIFFERENCES: N_("Exchange differences, realised"),
    UNREALISED_DIFFERENCES: N_("Exchange differences, unrealised"),
    INTEREST_TO_ATTRIBUTE: N_("Interest to be attributed"),
    NOT_IDENTIFIED: N_("Receipts not yet identified"),
    STAFF_COSTS: N_("Use: staff and other personnel costs"),
    SUPPLIES: N_("Use: supplies, commodities, materials"),
    EQUIPMENT: N_("Use: equipment, vehicles, furniture"),
    CONTRACTUAL_SERVICES: N_("Use: contractual services"),
    TRAVEL: N_("Use: travel"),
    TRANSFERS_AND_GRANTS: N_("Use: transfers and grants to counterparts"),
    OPERATING_COSTS: N_("Use: general operating and other direct costs"),
    SUPPORT_COSTS: N_("Use: indirect programme support costs"),
    GOODS_USED: N_("Use of funds: in kind"),
    GOODS_WRITTEN_OFF: N_("Use of funds: in kind, written off"),
    LOSSES: N_("Use of funds: losses and write-offs"),
    PLEDGES: N_("Memo: pledges"),
    PLEDGES_CONTRA: N_("Memo: pledges, contra"),
    COMMITMENTS: N_("Memo: commitments"),
    COMMITMENTS_CONTRA: N_("Memo: commitments, contra"),
    SERVICES_IN_KIND: N_("Memo: services in kind"),
    SERVICES_IN_KIND_CONTRA: N_("Memo: services in kind, contra"),
}
"""The accounts of the chart."""


def label(labels: Mapping[str, str], code: str, words: Words) -> str:
    """The name of a code in the reader's language, or the code itself where it has no name."""
    return words(labels[code]) if code in labels else code
