"""Every text is said in every language, and figures are written in each language's manner."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from string import Formatter
from typing import get_args

import moneyed
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from donors import LANGUAGES
from donors.agreement.earmark import Level
from donors.contribution.in_kind import ServiceForm
from donors.donor.donor import DonorType
from ledger.accounts import CHART, HARMONISED_CATEGORIES
from ledger.errors import BadInput
from reports.render import typeface
from reports.words import labels, language
from reports.words.language import CATALOGUES, TEMPLATE, words_in

TRANSLATED = sorted(set(LANGUAGES) - {"en"})


def marked_texts() -> set[str]:
    found = extract_from_dir(
        Path(language.__file__).parents[1],
        method_map=[("**.py", "python")],
        keywords={"words": None, "N_": None},
    )
    return {str(text) for _, _, text, _, _ in found}


def catalogue(code: str) -> Catalog:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_template_has_every_marked_text() -> None:
    with (CATALOGUES / TEMPLATE).open("rb") as file:
        listed = {str(message.id) for message in read_po(file) if message.id}
    assert listed == marked_texts(), "run `make texts`"


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_marked_text_is_translated_and_nothing_else(code: str) -> None:
    messages = [message for message in catalogue(code) if message.id]
    assert {str(message.id) for message in messages} == marked_texts()
    assert [message.id for message in messages if message.fuzzy or not message.string] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_same_fields(code: str) -> None:
    wrong = [m.id for m in catalogue(code) if m.id and fields(str(m.id)) != fields(str(m.string))]
    assert wrong == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_typeface_shows_every_translation(code: str) -> None:
    texts = words_in(code).texts.values()
    assert {char for text in texts for char in text if ord(char) not in typeface.covered()} == set()


def test_french_never_parts_a_sign_from_its_word() -> None:
    wrong = re.compile("[^\u00a0][:;?!»]|«[^\u00a0]|\\d %")
    assert [text for text in words_in("fr").texts.values() if wrong.search(re.sub("{.*?}", "x", text))] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_is_written_as_type_is_set(code: str) -> None:
    texts = words_in(code).texts
    # A narrow space would let the line break; two blanks stand round a point between facts only.
    wrong = re.compile("['\"\u202f]|(?<!·)  (?!·)|^\\s|\\s$")
    assert [text for text in texts.values() if wrong.search(text)] == []
    ends = {english: text for english, text in texts.items() if english[-1] in ".:" or text[-1] in ".:"}
    ends.pop("Dear Sir or Madam,", None)  # which Spanish ends with a colon
    assert [text for english, text in ends.items() if text[-1] != english[-1]] == []


GLOSSARY = {
    "accrual": ("comptabilité d’exercice", "valores devengados"),
    "advance[sd]?": ("avanc", "antici"),
    "agreements?": ("accord", "acuerdo"),
    "allocated": ("allou", "asign"),
    "amounts?": ("montant", "importe"),
    "books": ("livre", "libro"),
    "carried over": ("report", "traspas"),
    "certified": ("certifi", "certific"),
    "clusters?": ("pôle", "grupo"),
    "commit(ments?|ted)": ("engag", "comprom"),
    "contributions?": ("contribution", "contribuci"),
    "delivery rate": ("taux d’exécution", "tasa de ejecución"),
    "donors?": ("donateur", "donante"),
    "entry": ("écriture", "asiento"),
    "evidence": ("justificativ", "justificante"),
    "exchange differences?": ("différences? de change", "diferencias? de cambio"),
    "fair value": ("juste valeur", "valor razonable"),
    "grants?": ("subvention", "subvenci"),
    "hosting": ("accueil", "acogida"),
    "in kind": ("en nature", "en especie"),
    "in trust": ("dépôt", "fiduciari|fideicomiso"),
    "instalments?": ("versement", "plazo"),
    "interim": ("provisoire", "provisional"),
    "overdue": ("retard", "retras"),
    "partners?": ("partenaire", "asociad"),
    "pledges?": ("annonce", "promesa"),
    "programme support costs?": ("coûts (indirects )?d’appui", "gastos (indirectos )?de apoyo"),
    "receivables?": ("à recevoir", "por recibir"),
    "refunds?": ("rembours", "reembols"),
    "revenue": ("produit", "ingreso"),
    "secondments?": ("détachement", "adscripci"),
    "statements?": ("relevé", "estado"),
    "targets?": ("cible|objectif", "meta|objetivo"),
    "terms?": ("mandat", "mandato"),
    "transfers": ("transfert", "transferencia"),
    "unrealised": ("non réalisé", "no realizad"),
    "used?": ("utilis", "utiliz"),
    "work areas?": ("domaines? d’activité", "áreas? de trabajo"),
    "written off|write-offs": ("sorti|pertes et profits", "baja"),
}
"""What each thing is called, and on every paper alike."""


@pytest.mark.parametrize(("english", "said"), GLOSSARY.items())
def test_a_thing_has_one_name_in_each_language(english: str, said: tuple[str, str]) -> None:
    for code, term in zip(("fr", "es"), said, strict=True):
        texts = words_in(code).texts
        about = [key for key in texts if re.search(rf"\b({english})\b", re.sub("{.*?}", "", key), re.I)]
        assert about
        assert [texts[key] for key in about if not re.search(term, texts[key], re.I)] == []


@pytest.mark.parametrize(
    ("code", "none", "one", "many"),
    [
        ("en", "0 months at x a month", "1 month at x a month", "1,000 months at x a month"),
        ("fr", "0 mois à x par mois", "1 mois à x par mois", "1\u00a0000 mois à x par mois"),
        ("es", "0 meses a x por mes", "1 mes a x por mes", "1.000 meses a x por mes"),
    ],
)
def test_one_is_not_many(code: str, none: str, one: str, many: str) -> None:
    texts = "{count} month at {amount} a month", "{count} months at {amount} a month"
    assert [words_in(code).counted(*texts, count, amount="x") for count in (0, 1, 1_000)] == [none, one, many]


@pytest.mark.parametrize(("code", "text"), [("fr", "one"), ("en", "many"), ("es", "many")])
def test_none_is_one_in_french_only(code: str, text: str) -> None:
    words = replace(words_in(code), texts={"one": "one", "many": "many"})
    assert words.counted("one", "many", 0) == text


def test_every_code_of_the_books_has_a_name_for_readers() -> None:
    assert set(labels.DONOR_TYPES) == set(get_args(DonorType))
    assert set(labels.EARMARKS) == set(get_args(Level))
    assert set(labels.IN_KIND) == {"goods", *get_args(ServiceForm)}
    assert set(labels.CATEGORIES) == {*HARMONISED_CATEGORIES.values(), "3900"}
    assert {code: account.name for code, account in CHART.items()} == labels.ACCOUNT_NAMES


def test_accountability_is_not_bookkeeping() -> None:
    assert words_in("fr")("Accountability statement") == "Relevé de redevabilité"
    assert words_in("es")("Accountability statement") == "Estado de rendición de cuentas"


def test_the_first_of_a_month_is_an_ordinal_number_in_french_only() -> None:
    first = date(2021, 11, 1)
    assert words_in("fr").long_date(first) == "1er novembre 2021"
    assert words_in("fr").short_date(first) == "1er nov. 2021"
    assert words_in("fr").long_date(date(2021, 11, 11)) == "11 novembre 2021"
    assert words_in("en").long_date(first) == "1 November 2021"
    assert words_in("es").long_date(first) == "1 de noviembre de 2021"


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"'de'.*en, es, fr"):
        words_in("de")


@pytest.mark.parametrize(
    ("code", "minor", "currency", "written"),
    [
        ("en", -123_456_789, "EUR", "-1,234,567.89"),
        ("fr", 123_456_789, "EUR", "1\u00a0234\u00a0567,89"),
        ("es", 123_456_789, "EUR", "1.234.567,89"),
        ("en", 120_000, "KRW", "120,000"),
        ("fr", 1_234, "BHD", "1,234"),
        ("en", 2**63 - 1, "USD", "92,233,720,368,547,758.07"),
        ("es", 5, "JPY", "5"),
        ("en", 1, "USD", "0.01"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(
    code: str, minor: int, currency: str, written: str
) -> None:
    assert words_in(code).amount(minor, currency) == written


@pytest.mark.parametrize(
    ("code", "dollars", "euros"),
    [
        ("en", "US$1,234.50", "EUR\u00a01,234.50"),
        ("fr", "1\u00a0234,50\u00a0$US", "1\u00a0234,50\u00a0EUR"),
        ("es", "1.234,50\u00a0US$", "1.234,50\u00a0EUR"),
    ],
)
def test_money_names_its_currency(code: str, dollars: str, euros: str) -> None:
    assert words_in(code).usd(123_450) == dollars
    assert words_in(code).money(123_450, "EUR") == euros


@pytest.mark.parametrize(
    ("code", "percent", "day", "short", "country"),
    [
        ("en", "12.34%", "31 December 2021", "31 Dec 2021", "Côte d’Ivoire"),
        ("fr", "12,34\u00a0%", "31 décembre 2021", "31 déc. 2021", "Côte d’Ivoire"),
        ("es", "12,34\u00a0%", "31 de diciembre de 2021", "31 dic 2021", "Côte d’Ivoire"),
    ],
)
def test_shares_dates_and_countries(code: str, percent: str, day: str, short: str, country: str) -> None:
    words = words_in(code)
    assert words.percent(1_234) == percent
    assert words.long_date(date(2021, 12, 31)) == day
    assert words.short_date(date(2021, 12, 31)) == short
    assert words.country("CIV") == words.country("CI") == country
    assert words.country("XQQ") == "XQQ"


def test_countries_have_the_names_that_the_united_nations_give_them() -> None:
    names = {
        "en": ["Republic of Korea", "Viet Nam", "Türkiye"],
        "fr": ["République de Corée", "Viet Nam", "Türkiye"],
        "es": ["República de Corea", "Viet Nam", "Türkiye"],
    }
    for code, of_code in names.items():
        assert [words_in(code).country(iso) for iso in ("KOR", "VNM", "TR")] == of_code
    assert all(words_in("en").country(iso) == name for iso, name in language.UN_NAMES.items())
    for iso in language.UN_NAMES:
        told = {code: words_in(code).locale.territories[iso] for code in LANGUAGES}
        assert any(words_in(code).country(iso) != told[code] for code in LANGUAGES)


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_the_typeface_shows_every_country_and_currency(code: str) -> None:
    words = words_in(code)
    texts = [
        *map(str, words.locale.territories.values()),
        *(words.money(1_234_567, c) for c in moneyed.CURRENCIES),
    ]
    assert {char for text in texts for char in text if ord(char) not in typeface.covered()} == set()
