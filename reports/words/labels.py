"""The names that readers see for the codes of the books: donor types, earmarks, kinds and categories."""

from __future__ import annotations

from collections.abc import Mapping

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
"""Types of donors; of a gift that was taken back later no donor is known any more."""

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
"""Bands of ageing, by days overdue."""
OUTSTANDING = {"pledge": N_("Pledge"), "receivable": N_("Receivable")}
IN_KIND = {
    "goods": N_("Goods"),
    "service": N_("Service"),
    "hosting": N_("Hosting"),
    "secondment": N_("Secondment of staff"),
}
INDICATORS = {
    "events-held": N_("Events held"),
    "policy-makers-trained": N_("Policy-makers trained"),
    "cities-reached": N_("Cities reached"),
    "publications": N_("Publications"),
    "users": N_("Users"),
}
"""What is counted of results."""
REGIONS = {
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
"""The three lists that mark a country."""
STATUS = {"interim": N_("Interim statement"), "certified": N_("Certified statement")}
CATEGORIES = {
    "3110": N_("Staff and other personnel costs"),
    "3120": N_("Supplies, commodities and materials"),
    "3130": N_("Equipment, vehicles and furniture"),
    "3140": N_("Contractual services"),
    "3150": N_("Travel"),
    "3160": N_("Transfers and grants to counterparts"),
    "3170": N_("General operating and other direct costs"),
    "3180": N_("Indirect programme support costs"),
    "3900": N_("Losses and write-offs"),
}
"""The UN harmonised expense categories by account, and what was lost."""
ACCOUNTS = {
    "1100": N_("Cash at bank"),
    "1200": N_("Contributions receivable"),
    "1300": N_("Advances to implementing partners"),
    "1400": N_("In-kind assets (goods)"),
    "1900": N_("Currency clearing"),
    "2100": N_("Funds held in trust: not yet received"),
    "2200": N_("Funds held in trust: available"),
    "2300": N_("Funds held in trust: allocated"),
    "2400": N_("Funds held in trust: in kind"),
    "2500": N_("Payables"),
    "2600": N_("Due to agent (programme support cost)"),
    "2700": N_("Refunds payable to donors"),
    "2800": N_("Exchange differences, realised"),
    "2810": N_("Exchange differences, unrealised"),
    "2850": N_("Interest to be attributed"),
    "2900": N_("Receipts not yet identified"),
    "3110": N_("Use: staff and other personnel costs"),
    "3120": N_("Use: supplies, commodities, materials"),
    "3130": N_("Use: equipment, vehicles, furniture"),
    "3140": N_("Use: contractual services"),
    "3150": N_("Use: travel"),
    "3160": N_("Use: transfers and grants to counterparts"),
    "3170": N_("Use: general operating and other direct costs"),
    "3180": N_("Use: indirect programme support costs"),
    "3300": N_("Use of funds: in kind"),
    "3390": N_("Use of funds: in kind, written off"),
    "3900": N_("Use of funds: losses and write-offs"),
    "9100": N_("Memo: pledges"),
    "9190": N_("Memo: pledges, contra"),
    "9200": N_("Memo: commitments"),
    "9290": N_("Memo: commitments, contra"),
    "9300": N_("Memo: services in kind"),
    "9390": N_("Memo: services in kind, contra"),
}
"""The accounts of the chart."""


def label(labels: Mapping[str, str], code: str, words: Words) -> str:
    """The name of a code in the reader's language; a code without a name speaks for itself."""
    return words(labels[code]) if code in labels else code
