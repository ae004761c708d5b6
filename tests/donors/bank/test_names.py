"""Names on bank lines: which donors a payer may be, however a bank writes it, and which it is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donors.bank.names import ALIKE_MIN, DonorNames

DONOR = "Example Regional Government of Germany"


def like(payer: str, donor: str) -> int:
    """How like a donor's name that of a payer is; 0 if it is not, and if it is more than alike."""
    found = DonorNames([donor]).find(payer)
    return found.likeness[donor] if found.how == "is like" else 0


# ---- the same name


@pytest.mark.parametrize(
    ("payer", "donor"),
    [
        ("EXAMPLE REGIONAL GOVERNMENT OF GERMANY", DONOR),
        ("ExampleRegional Governmentof Germany", DONOR),
        ("Germany, Regional Government of Example", DONOR),
        ("München, Stadt", "STADT MUENCHEN"),
        ("城市联盟示例基金会", "城市联盟示例基金会"),
        ("Пример, Фонд", "Фонд «Пример»"),
        ("مؤسسة المثال", "مؤسسة المثال"),
        ("예시 재단", "재단 예시"),
    ],
)
def test_a_name_is_the_same_in_any_order_and_without_capitals_accents_and_marks(
    payer: str, donor: str
) -> None:
    assert DonorNames([donor]).find(payer).how == "is"


@pytest.mark.parametrize("payer", ["Example Reg", "EXAMPLE REGIONAL GOVERNMENT", "Example Regional Governm"])
def test_a_name_may_be_cut_off(payer: str) -> None:
    assert DonorNames([DONOR, "Sample Town"]).find(payer) == ("begins", {DONOR: 100})


@pytest.mark.parametrize("payer", ["", "Example R", "-", "City", "Friends of Somebody", "\u0301", "A. B."])
def test_a_short_beginning_and_an_empty_name_are_nobodys(payer: str) -> None:
    names = DonorNames([DONOR, "City of Exampleville", "!", ""])
    assert names.find(payer) == ("", {})


# ---- names that are alike


@pytest.mark.parametrize(
    ("payer", "donor", "least"),
    [
        # respelt
        ("Exampel Regional Goverment Germany", DONOR, 95),
        ("EXAMPLE REGIONAL GOVERNEMENT OF GERMANY", DONOR, 95),
        ("Exmaple Reginal Government of Germany", DONOR, 95),
        ("Example Regional Govermnent, Germnay", DONOR, 90),
        ("Univercity of Exampleville", "University of Exampleville", 90),
        ("City of Examplevile", "City of Exampleville", 90),
        ("Fundation Sample Future", "Foundation Sample Future", 90),
        ("Stad Exampelville Kulturamt", "Stad Exampleville Kulturamt", 90),
        ("Министерство окружающй среды", "Министерство окружающей среды", 90),
        ("Υπουργείο Παιδειας Παραδειγματς", "Υπουργείο Παιδείας Παραδείγματος", 90),
        # respelt and in another order
        ("Germany Exampel Regional Goverment", DONOR, 95),
        ("Univrsitaet Beispielburg", "Universität Beispielburg", 95),
        ("EXAMPLEVILE CITY", "City of Exampleville", 90),
        ("Goverment of Germany, Regional, Example", DONOR, 95),
        # abbreviated
        ("Example Regional Govt Germany", DONOR, 95),
        ("Example Reg. Gov. of Germany", DONOR, 90),
        ("Univ. Exampleville", "University of Exampleville", 95),
        ("Min. of Education Exampleland", "Ministry of Education, Exampleland", 95),
        ("Dept of Health Exampleland", "Department of Health (Exampleland)", 95),
        ("Example Intl Assoc. Teachers", "Example International Association of Teachers", 90),
        ("Exampleland Dev. Agency", "Exampleland Development Agency", 75),
        # other languages, articles and elisions
        ("Ministère de l'Environnement, Exemple", "Ministry of the Environment, Exemple", 90),
        ("MINISTERE DE L ENVIRONNEMENT EXEMPLE", "Ministère de l'Environnement d'Exemple", 90),
        ("Ministerio de Educacion Ejemplo", "Ministry of Educacion, Ejemplo", 95),
        ("Fundacion Ejemplo Verde", "Foundation Ejemplo Verde", 95),
        ("Stadt Beispielburg", "City of Beispielburg", 95),
        ("Banco de Ejemplo", "Bank of Ejemplo", 95),
        ("Banque Exemple", "Bank Exemple", 95),
        ("Regierung von Beispielland", "Government of Beispielland", 95),
        # legal forms
        ("Beispiel Stiftung e.V.", "Stiftung Beispiel", 95),
        ("Exampel Solar Limited", "Example Solar Ltd.", 90),
        ("Solar Example GmbH", "Example Solar", 95),
        ("Sample Energy S.A.", "Energy Sample SA", 95),
        ("Sample Energy S.à r.l.", "Energy Sample SARL", 95),
        ("Beispiel Wasser GmbH & Co.", "Wasser Beispiel GmbH & Co KG", 95),
        ("Learning Example Inc", "Example Learning Incorporated", 95),
        # words of one of them only
        ("Example Government Germany", DONOR, 75),
        ("Exampel Regional Government Germany Finance", DONOR, 75),
        ("Fundación Ejemplo Agua y Educacion Norte", "Fundación Ejemplo Agua Educación", 75),
    ],
)
def test_a_name_is_alike_however_it_is_respelt(payer: str, donor: str, least: int) -> None:
    assert least <= like(payer, donor) <= 100
    assert like(donor, payer) == like(payer, donor)


@pytest.mark.parametrize(
    ("payer", "donor"),
    [
        ("City of Exampleville", "City of Exampletown"),
        ("City of Exampleville", "City of Sampleville"),
        ("Example Bank", "Example Foundation"),
        ("Example Friends of Learning", "Example Ministry of Education (Finland)"),
        ("Example Regional Museum", DONOR),
        ("Example National Government of Germany", DONOR),
        ("Example Regional Government of Finland", DONOR),
        ("Regional Government", DONOR),
        ("Government of Germany", DONOR),
        ("Ville de Parisot", "Ville de Paris"),
        ("Government of Iceland", "Government of Ireland"),
        ("Government of Austria", "Government of Australia"),
        ("Government of Nigeria", "Government of Niger"),
        ("Government of Slovenia", "Government of Slovakia"),
        ("Government of Mauritania", "Government of Mauritius"),
        ("Government of Gambia", "Government of Zambia"),
        ("Government of Mali", "Government of Malta"),
        ("Government of Guinea-Bissau", "Government of Guinea "),
        ("Republic of Korea", "Democratic People's Republic of Korea"),
        ("Democratic Republic of the Congo, Government", "Government of the Republic of the Congo"),
        ("Stadt Freiburg", "Stadt Freiberg"),
        ("City of Northfield", "City of Southfield"),
        ("Lower Example Council", "Upper Example Council"),
        ("Eastern Example Water Board", "Western Example Water Board"),
        ("Université de Lyon 1", "Université de Lyon 2"),
        ("Sample School 2021", "Sample School 2022"),
        ("Group A Exampleville", "Group B Exampleville"),
        ("Exampel Solar Ltd", "Example Solar GmbH"),
        ("Solar Example S.A.", "Example Solar e.V."),
        ("Ministry of Finance Exampleland", "Ministry of Education, Exampleland"),
        ("Ministère de la Culture, Exemple", "Ministère de la Santé, Exemple"),
        ("Exampleland Development Bank", "Exampleland Development Agency"),
        ("Example International Bank", "Example National Bank"),
        ("The Example", "The Sample"),
        ("Ltd of the and", "GmbH of the and"),
        ("Foundation", "Foundation of the Ltd"),
        ("John Sample Example", "Joan Sample Example"),
        ("東京都 環境局", "東京都 水道局"),
        ("北海道開発局本部 札幌", "北海道開発局支部 札幌"),
        ("Министерство культуры Примера", "Министерство финансов Примера"),
        ("مؤسسة المثال الأول", "مؤسسة المثال الثاني"),
        ("서울특별시 교육청", "서울특별시 경찰청"),
        ("Exampleville", "Example ville"[:7]),
    ],
)
def test_another_name_is_not_alike(payer: str, donor: str) -> None:
    assert like(payer, donor) == like(donor, payer) == 0


def test_the_donor_who_is_the_payer_shuts_out_those_with_names_nearby() -> None:
    names = DonorNames(["Stadt Exampelburg", "Stadt Exampleburg", "Stadt Exampleburg am See"])
    assert names.find("STADT EXAMPLEBURG") == ("is", {"Stadt Exampleburg": 100})
    assert names.find("Stadt Exampleburg am") == ("begins", {"Stadt Exampleburg am See": 100})
    found = names.find("Stdat Exampleburg")
    assert found.how == "is like"
    assert found.likeness["Stadt Exampleburg"] > found.likeness["Stadt Exampelburg"]


def test_donors_of_one_name_are_found_together() -> None:
    names = ["Example Bank", "EXAMPLE BANK", "Bank, Example"]
    assert DonorNames(names).find("example bank").likeness == dict.fromkeys(names, 100)


PIECES = """
City Stadt Stdat Example Exampel Exampleville Bank Bank. Foundation Fundación of de l' e.V. Ltd GmbH 1 2 É ß
A B Reg. Regional ' - ( 東京 مثال Пример 재단 😀 ́
"""
WORDS = st.sampled_from(PIECES.split())
NAMES = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=30)


@given(NAMES, st.lists(NAMES, max_size=6), st.randoms(use_true_random=False))
def test_any_names_are_compared_and_their_order_does_not_matter(
    payer: str, names: list[str], chance: Any
) -> None:
    found = DonorNames(names).find(payer)
    assert found == DonorNames(chance.sample(names, len(names))).find(payer)
    assert bool(found.how) == bool(found.likeness)
    assert set(found.likeness) <= set(names)
    assert all(ALIKE_MIN <= each <= 100 for each in found.likeness.values())


@given(NAMES, NAMES)
def test_likeness_is_mutual(payer: str, donor: str) -> None:
    assert like(payer, donor) == like(donor, payer) or "begins" in {
        DonorNames([donor]).find(payer).how,
        DonorNames([payer]).find(donor).how,
    }


def test_a_text_as_long_as_a_file_allows_is_looked_up() -> None:
    names = DonorNames([f"Example Foundation {number} of Exampleville" for number in range(1_000)])
    assert names.find("Example Foundation " * 2_500) == ("", {})
