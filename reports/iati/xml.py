"""XML of IATI files, with the elements in the order of the schema of the standard 2.03.

Equal files give equal bytes. Amounts are written from whole cents, and names without characters that XML
forbids.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from lxml import etree

from donors import SOURCE_LANGUAGE
from ledger import sanitise
from reports.figures.figure import Seal
from reports.iati.codes import COLLABORATION, GENDER_EQUALITY, GRANT, TAGS, UNTIED
from reports.iati.iati import (
    ActivityFile,
    Budget,
    IatiActivity,
    IatiResult,
    IatiShare,
    OrganisationFile,
    Party,
    PlannedDisbursement,
    Publisher,
    TextsByLanguage,
    Transaction,
    YearTotal,
)
from reports.iati.money import in_all_languages
from reports.words.labels import CATEGORIES
from reports.words.language import N_

IATI_VERSION = "2.03"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CURRENCY = "USD"
_FUND_ALONE = N_("Multi-donor Funding Modality, {term}: the fund alone, not the whole of the organisation")

Element = Any
"""An lxml element; lxml has no types."""


def render_activity_file(file: ActivityFile) -> bytes:
    """The activity file as XML in UTF-8."""
    root = _root("iati-activities", file.updated_at, file.seal)
    for activity in file.activities:
        _activity(root, activity, file)
    return _written(root)


def render_organisation_file(file: OrganisationFile) -> bytes:
    """The organisation file as XML in UTF-8."""
    root = _root("iati-organisations", file.updated_at, file.seal)
    of = _add(root, "iati-organisation", **_defaults(file.updated_at))
    _add(of, "organisation-identifier", file.publisher.reference)
    _names(_add(of, "name"), file.publisher.name)
    _reporter(of, file.publisher)
    for total in file.budgets:
        budget = _year(of, "total-budget", total)
        _line(budget, "budget-line", file.publisher.activity_id(file.term), total.cents, total.year)
        _texts(budget[-1], in_all_languages(_FUND_ALONE, term=file.term))
    for total in file.regions:
        _year(of, "recipient-region-budget", total, ("recipient-region", {"vocabulary": "1"}))
    for total in file.countries:
        _year(of, "recipient-country-budget", total, ("recipient-country", {}))
    for total in file.expenditure:
        spent = _year(of, "total-expenditure", total)
        for account, cents in total.parts:
            _line(spent, "expense-line", account, cents, total.year)
            _texts(spent[-1], in_all_languages(CATEGORIES[account]))
    return _written(root)


def decimal(cents: int) -> str:
    """Cents as a decimal number of dollars, exactly: -5 is `-0.05`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _root(name: str, updated_at: str, seal: Seal) -> Element:
    root = etree.Element(name, {"version": IATI_VERSION, "generated-datetime": updated_at})
    state = (
        f" Effective to {seal.effective_to}, known at entry {seal.known_at} of the journal, head {seal.head} "
    )
    root.append(etree.Comment(state))
    return root


def _written(root: Element) -> bytes:
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written


def _defaults(updated_at: str) -> dict[str, str]:
    return {"last-updated-datetime": updated_at, _LANGUAGE: SOURCE_LANGUAGE, "default-currency": _CURRENCY}


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Add an element; empty attributes are left out."""
    present = {key: sanitise(value) for key, value in attributes.items() if value}
    element = etree.SubElement(parent, name, present)
    if text:
        element.text = sanitise(text)
    return element


def _texts(parent: Element, texts: TextsByLanguage) -> None:
    for language, text in texts.items():
        _add(parent, "narrative", text, **({} if language == SOURCE_LANGUAGE else {_LANGUAGE: language}))


def _names(parent: Element, name: str) -> None:
    _add(parent, "narrative", name)


def _reporter(parent: Element, publisher: Publisher) -> None:
    _names(
        _add(parent, "reporting-org", ref=publisher.reference, type=publisher.type),
        publisher.name,
    )


def _value(parent: Element, cents: int, valued_on: date) -> None:
    _add(parent, "value", decimal(cents), currency=_CURRENCY, **{"value-date": valued_on.isoformat()})


def _period(parent: Element, starts_on: date, ends_on: date) -> None:
    _add(parent, "period-start", **_iso(starts_on))
    _add(parent, "period-end", **_iso(ends_on))


def _iso(day: date) -> dict[str, str]:
    return {"iso-date": day.isoformat()}


# ---- activities


def _activity(root: Element, activity: IatiActivity, file: ActivityFile) -> None:
    of = _add(root, "iati-activity", **_defaults(file.updated_at), hierarchy=str(activity.hierarchy))
    _add(of, "iati-identifier", activity.id)
    _reporter(of, file.publisher)
    _texts(_add(of, "title"), activity.titles)
    _texts(_add(of, "description", type="1"), activity.description)
    for role, party in activity.participants:
        _names(_add(of, "participating-org", role=role, type=party.type, ref=party.ref), party.name)
    _add(of, "activity-status", code=activity.status)
    for type_, day in activity.dates:
        _add(of, "activity-date", type=type_, **_iso(day))
    _names(_add(_add(of, "contact-info", type="1"), "organisation"), file.publisher.name)
    _add(of, "activity-scope", code=activity.scope)
    _where(of, activity)
    _what_for(of, activity.sectors, file.publisher)
    _how(of, file.publisher, activity.aid_type)
    for budget in activity.budgets:
        _budget(of, budget)
    for each in activity.planned:
        _planned(of, each, file.publisher)
    for transaction in activity.transactions:
        _transaction(of, transaction)
    for type_, ref in activity.related:
        _add(of, "related-activity", type=type_, ref=ref)
    for result in activity.results:
        _result(of, result)


def _where(of: Element, activity: IatiActivity) -> None:
    for share in activity.countries:
        _add(of, "recipient-country", code=share.code, percentage=decimal(share.basis_points))
    for share in activity.regions:
        _add(of, "recipient-region", vocabulary="1", code=share.code, percentage=decimal(share.basis_points))
    for name in activity.places:
        location = _add(of, "location")
        _add(location, "location-reach", code="2")
        _names(_add(location, "name"), name)


def _what_for(of: Element, sectors: Iterable[IatiShare], publisher: Publisher) -> None:
    for share in sectors:
        _add(of, "sector", vocabulary="1", code=share.code, percentage=decimal(share.basis_points))
    for vocabulary, code in TAGS:
        _add(of, "tag", vocabulary=vocabulary, code=code)
    _add(of, "policy-marker", vocabulary="1", code=GENDER_EQUALITY, significance=publisher.gender)


def _how(of: Element, publisher: Publisher, aid_type: str) -> None:
    _add(of, "collaboration-type", code=COLLABORATION)
    _add(of, "default-flow-type", code=publisher.flow)
    _add(of, "default-finance-type", code=GRANT)
    _add(of, "default-aid-type", vocabulary="1", code=aid_type)
    _add(of, "default-tied-status", code=UNTIED)


def _budget(of: Element, budget: Budget) -> None:
    element = _add(of, "budget", type="2" if budget.revised else "1", status="2" if budget.committed else "1")
    _period(element, date(budget.year, 1, 1), date(budget.year, 12, 31))
    _value(element, budget.cents, budget.valued_on)


def _planned(of: Element, planned: PlannedDisbursement, publisher: Publisher) -> None:
    element = _add(of, "planned-disbursement", type="1")
    _period(element, planned.starts_on, planned.ends_on)
    _value(element, planned.cents, planned.starts_on)
    _party(element, "provider", Party(publisher.name, publisher.type, publisher.reference))
    _party(element, "receiver", planned.receiver)


def _result(of: Element, result: IatiResult) -> None:
    """Add an output with its one indicator: a count for which more is better."""
    element = _add(of, "result", type="1")
    _texts(_add(element, "title"), result.about)
    indicator = _add(element, "indicator", measure="1", ascending="1")
    _texts(_add(indicator, "title"), result.about)
    period = _add(indicator, "period")
    _period(period, result.starts_on, result.ends_on)
    if result.target:
        _add(period, "target", value=str(result.target))
    _add(period, "actual", value=str(result.reached))


def _transaction(of: Element, transaction: Transaction) -> None:
    element = _add(of, "transaction", ref=transaction.ref)
    _add(element, "transaction-type", code=transaction.type)
    _add(element, "transaction-date", **_iso(transaction.on))
    _value(element, transaction.cents, transaction.on)
    _texts(_add(element, "description"), transaction.about)
    _party(element, "provider", transaction.provider)
    _party(element, "receiver", transaction.receiver)
    if transaction.flow:
        _add(element, "flow-type", code=transaction.flow)


def _party(parent: Element, side: str, party: Party | None) -> None:
    if party:
        attributes = {f"{side}-activity-id": party.activity, "type": party.type, "ref": party.ref}
        _names(_add(parent, f"{side}-org", **attributes), party.name)


# ---- the organisation


def _year(
    of: Element, name: str, total: YearTotal, place: tuple[str, dict[str, str]] | None = None
) -> Element:
    """Add a sum for a year; a budget also has a status, and a place where one is given."""
    status = "" if name == "total-expenditure" else "2" if total.committed else "1"
    element = _add(of, name, status=status)
    if place:
        _add(element, place[0], code=total.code, **place[1])
    _period(element, date(total.year, 1, 1), date(total.year, 12, 31))
    _value(element, total.cents, date(total.year, 12, 31))
    return element


def _line(of: Element, name: str, ref: str, cents: int, year: int) -> None:
    _value(_add(of, name, ref=ref), cents, date(year, 12, 31))
