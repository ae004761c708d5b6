"""Matching of bank lines to agreements: what is sure, what is doubtful, and that nothing is matched twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donors import BankLine, BookedMoney, Match, Owed, match_lines
from donors.bank.matching import SURE
from donors.bank.owed import Part
from donors.bank.scoring import NEAR_DAYS
from ledger import Amount

DAY = date(2022, 5, 10)
NAME = "Example Regional Government (Germany)"


def owed(agreement: str = "A-GOV-B", minor: int = 100_00, currency: str = "EUR", **other: Any) -> Owed:
    """An agreement that owes all of its money since long ago, unless its parts are given."""
    usual: dict[str, Any] = {
        "donor": "GOV-B",
        "donor_name": NAME,
        "starts_on": DAY - timedelta(days=60),
        "ends_on": DAY + timedelta(days=90),
        "parts": (Part(1, 1, DAY - timedelta(days=60), minor),),
    }
    return Owed(agreement=agreement, amount=Amount(currency=currency, minor=minor), **usual | other)


def came(
    minor: int = 100_00, text: str = "", who: str = "", reference: str = "B-1", on: date = DAY
) -> BankLine:
    return BankLine("line 1", reference, on, on, minor, who, "", text)


def in_parts(*parts: Part, **other: Any) -> Owed:
    """An agreement with these instalments still to come."""
    return owed(minor=sum(part.minor for part in parts), parts=parts, **other)


SECOND = Part(2, 3, DAY - timedelta(days=4), 40_00)
THIRD = Part(3, 3, DAY + timedelta(days=80), 35_00)


def matched(line: BankLine, *agreements: Owed, booked: tuple[BookedMoney, ...] = ()) -> Match:
    (match,) = match_lines([line], "EUR", agreements, booked)
    return match


# ---- one line


def test_all_four_signs_make_a_hundred_and_say_so() -> None:
    due = Part(1, 1, DAY - timedelta(days=1), 100_00)
    match = matched(came(text="Payment under A-GOV-B.", who=NAME), in_parts(due))
    assert (match.verdict, match.agreement, match.score) == ("sure", "A-GOV-B", 100)
    assert match.reason == (
        "The text names A-GOV-B, the payer is GOV-B, the amount is all of the 100.00 EUR still owed, "
        "it came 1 day after it is due."
    )


@pytest.mark.parametrize(
    ("line", "score", "verdict"),
    [
        (came(100_00, "A-GOV-B", NAME), 95, "sure"),
        (came(40_00, "A-GOV-B", NAME), 85, "sure"),
        (came(100_00, "A-GOV-B", "Example clearing house"), 75, "sure"),
        (came(40_00, "A-GOV-B", "Example clearing house"), 65, "doubtful"),
        (came(100_00, "", NAME), 45, "doubtful"),
        (came(40_00, "", NAME), 35, "doubtful"),
        (came(100_00), 25, "doubtful"),
        (came(40_00), 0, "unknown"),
    ],
)
def test_what_speaks_for_an_agreement_adds_up(line: BankLine, score: int, verdict: str) -> None:
    match = matched(line, owed())
    assert (match.score, match.verdict) == (score, verdict)


@pytest.mark.parametrize(
    "who",
    [
        "EXAMPLE REGIONAL GOVERNMENT",  # cut off
        "Examplé  regional gövernment, Germany",
        "EXAMPLEREGIONAL GOVERNMENT (GERMANY)",  # as MT940 loses a blank at the end of a line
        "GOV-B",
    ],
)
def test_a_donor_is_known_by_its_name_however_banks_write_it(who: str) -> None:
    assert matched(came(40_00, who=who), owed()).score == 35


@pytest.mark.parametrize(
    ("who", "points", "likeness"),
    [
        ("Exampel Regional Goverment Germany", 15, 97),
        ("Germany, Exampel Regional Government", 15, 97),
        ("Example Reg. Govt of Germany", 15, 92),
        ("Example Government Germany", 8, 75),
    ],
)
def test_a_name_that_is_only_alike_counts_less(who: str, points: int, likeness: int) -> None:
    part = matched(came(40_00, who=who), owed())
    assert (part.agreement, part.score) == (("A-GOV-B", 15 + points) if points >= 10 else ("", 0))
    match = matched(came(100_00, who=who), owed())
    assert (match.verdict, match.agreement, match.score) == ("doubtful", "A-GOV-B", 25 + points)
    assert match.reason.startswith(
        f"The payer's name is like that of GOV-B ({likeness} of 100), the amount is"
    )


@pytest.mark.parametrize(
    "who",
    ["Example Regional Museum", "Example Bank", "Regional Government", "Example Regional Government, Spain"],
)
def test_a_name_that_shares_words_is_another_one(who: str) -> None:
    assert matched(came(40_00, who=who), owed()).verdict == "unknown"
    match = matched(came(100_00, who=who), owed())
    assert (match.score, "payer" in match.reason) == (25, False)


def test_a_name_that_is_only_alike_makes_nothing_sure() -> None:
    """It adds to the score, and another sign must do what a name that is the donor's would have done."""
    alike = "Exampel Regional Goverment Germany"
    part = matched(came(40_00, "A-GOV-B", alike), owed())
    assert (part.verdict, part.score) == ("doubtful", 80)
    assert part.reason.endswith(
        "the agreement runs on that day; but without its 15 points for a name that is only alike "
        "it is not sure."
    )
    assert matched(came(40_00, "A-GOV-B", NAME), owed()).verdict == "sure"
    assert matched(came(100_00, "A-GOV-B", alike), owed()).verdict == "sure"
    assert matched(came(100_00, "A-GOV-B"), owed()).verdict == "sure"


@pytest.mark.parametrize("text", ["XA-GOV-B", "A-GOV-B-2", "2021.A-GOV-B", "A-GOV-B.2", "A-GOV-BX"])
def test_a_longer_code_is_another_one(text: str) -> None:
    assert matched(came(40_00, text), owed()).verdict == "unknown"


def test_an_agreements_code_does_not_stand_for_its_donors() -> None:
    assert matched(came(40_00, "A-GOV-B"), owed()).score == 65


def test_a_code_that_is_a_word_is_not_looked_for() -> None:
    assert matched(came(40_00, "the city"), owed("CITY", donor="CITY")).verdict == "unknown"


@pytest.mark.parametrize("code", ["2023", "2022-05", "10052022"])
def test_a_code_that_may_be_a_day_or_a_year_is_not_looked_for(code: str) -> None:
    match = matched(came(100_00, f"Contribution of {code}", NAME), owed(code))
    assert (match.verdict, match.score) == ("doubtful", 45)
    assert matched(came(100_00, "No 201900345", NAME), owed("201900345")).verdict == "sure"


@pytest.mark.parametrize(
    "text",
    [
        "a gov 2022 1",
        "AGOV20221",
        "A_GOV_2022_1",
        "Rate 2 A-GOV-20\n22-1",
        "A-GOV -2022-1, part",
        "A–GOV–2022–1",
    ],
)
def test_a_code_is_found_however_a_bank_spreads_it(text: str) -> None:
    assert matched(came(100_00, text, NAME), owed("A-GOV-2022-1")).score == 95


@pytest.mark.parametrize(
    "text", ["A-GOV-2022", "A GOV 2022 12", "AGOV202212", "A GOV 2022 1 2", "XA GOV 2022 1", "A-GOV 2022 1-B"]
)
def test_a_code_that_is_spread_is_no_part_of_a_longer_one(text: str) -> None:
    assert matched(came(100_00, text, NAME), owed("A-GOV-2022-1")).score == 45


def test_a_short_code_is_found_only_as_it_is_written() -> None:
    assert matched(came(100_00, "part A 1", NAME), owed("A-1")).score == 45
    assert matched(came(100_00, "for a gov b", NAME), owed()).score == 45


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("UNIVERSITAET MUENCHEN", "Universität München"),
        ("Universitat Munchen", "Universität München"),
        ("Kobenhavns Kommune", "Københavns Kommune"),
        ("MIASTO LODZ", "Miasto Łódź"),
        ("Strasse der Buecher", "Straße der Bücher"),
        ("Munchen, Stadt", "Stadt München"),
    ],
)
def test_a_name_is_the_same_without_the_letters_that_a_bank_does_not_have(who: str, name: str) -> None:
    assert matched(came(100_00, who=who), owed(donor_name=name)).score == 45


def test_a_name_within_a_longer_word_is_another_one() -> None:
    match = matched(came(100_00, who="Ville de Parisot"), owed(donor_name="Ville de Paris"))
    assert (match.score, "payer" in match.reason) == (25, False)


# ---- what speaks against an agreement


def test_a_text_that_names_a_second_agreement_is_never_sure() -> None:
    """Also where that one owes less, nothing any more, or another currency."""
    for other in (owed("A-2", minor=60_00), owed("A-2", minor=0, parts=()), owed("A-2", currency="USD")):
        match = matched(came(100_00, "A-1 and A-2", NAME), owed("A-1"), other)
        assert (match.verdict, match.agreement) == ("doubtful", "A-1")
        assert match.reason.endswith("; but the text names A-2 too: it may pay for several agreements.")


def test_an_amount_that_fits_another_agreement_than_the_text_names_says_so() -> None:
    match = matched(came(100_00, "A-2", "Somebody"), owed("A-1"), owed("A-2", currency="USD"))
    assert match.verdict == "doubtful"
    assert match.reason.endswith(
        "; but the text names A-2: it is in USD, and the account in EUR: if the money "
        "is meant for it, record it by hand and say what it settles in USD."
    )


def test_a_payer_that_is_another_donor_makes_a_code_doubtful() -> None:
    other = owed("A-F", donor="FOUND-A", donor_name="Example Foundation", currency="USD")
    match = matched(came(100_00, "A-GOV-B", "EXAMPLE FOUNDATION"), owed(), other)
    assert match.verdict == "doubtful"
    assert match.reason.endswith("; but the payer is FOUND-A.")


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("EXAMPEL RESEARCH FOUNDATON", "the payer's name is like that of FOUND-A"),
        ("Example Research", "the payer is FOUND-A"),
        ("Foundation Example Research", "the payer is FOUND-A"),
    ],
)
def test_a_payer_whose_name_is_like_another_donors_makes_a_code_doubtful(who: str, said: str) -> None:
    other = owed("A-F", donor="FOUND-A", donor_name="Example Research Foundation", minor=0, parts=())
    match = matched(came(100_00, "A-GOV-B", who), owed(), other)
    assert match.verdict == "doubtful"
    assert match.reason.endswith(f"; but {said}.")
    unknown = matched(came(40_00, "", who), owed(), other)
    assert unknown.reason == (
        f"{said[0].upper()}{said[1:]}, but none of its agreements fits "
        "(A-F: nothing is owed under it any more)."
    )


def test_a_name_nearby_takes_nothing_from_the_donor_who_pays() -> None:
    """Although the other donor owes just what came, and the payer a part of what it owes."""
    near = owed("A-NEAR", 40_00, donor="NEAR", donor_name="Stadt Exampelburg am See")
    for who in ("Stadt Exampleburg", "STADT EXAMPLEBUR", "Exampleburg Stadt"):
        payer = owed("A-PAYER", 100_00, donor="PAYER", donor_name="Stadt Exampleburg")
        match = matched(came(40_00, who=who), near, payer)
        assert (match.agreement, match.score, match.verdict) == ("A-PAYER", 35, "doubtful")


def test_a_name_within_that_of_the_donor_who_pays_is_not_named_by_the_text() -> None:
    short = owed("A-SHORT", 40_00, donor="SHORT", donor_name="Example Foundation")
    whole = owed("A-WHOLE", 100_00, donor="WHOLE", donor_name="Example Foundation of Exampleville")
    match = matched(came(40_00, who="Example Foundation of Exampleville"), short, whole)
    assert (match.agreement, match.score) == ("A-WHOLE", 35)
    named = matched(came(40_00, "for Example Foundation", "Somebody"), short, whole)
    assert (named.agreement, named.score) == ("A-SHORT", 45)


def test_money_that_the_bank_takes_back_is_not_sure() -> None:
    back = replace(came(-100_00, "Return", reference="B-2"), reverses=True)
    first, second = match_lines([came(100_00, "A-GOV-B", NAME), back], "EUR", [owed()], ())
    assert (first.verdict, second.verdict) == ("doubtful", "payment out")
    assert "the bank takes the same amount back on 2022-05-10" in first.reason
    assert second.reason == "The bank takes back money that came: reverse what the books have of it."
    unknown, _ = match_lines([came(100_00), back], "EUR", [], ())
    assert unknown.reason.endswith("But the bank takes the same amount back on 2022-05-10.")


def test_a_payment_of_the_fund_that_comes_back_is_no_contribution() -> None:
    match = matched(replace(came(100_00, "Tranche under A-GOV-B", NAME), reverses=True), owed())
    assert (match.verdict, match.agreement) == ("comes back", "")


@pytest.mark.parametrize("payments", [2, 3])
def test_several_payments_in_one_line_are_nobodys(payments: int) -> None:
    match = matched(replace(came(100_00, "A-GOV-B", NAME), payments=payments), owed())
    assert (match.verdict, match.agreement, match.score) == ("unknown", "", 0)
    assert match.reason.startswith(f"It sums up {payments} payments that the file does not list one by one")


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (
            owed(currency="USD"),
            "it is in USD, and the account in EUR: if the money is meant for it, record it by hand "
            "and say what it settles in USD",
        ),
        (owed(minor=99_99), "no more than 99.99 EUR is owed under it"),
        (owed(minor=0, parts=()), "nothing is owed under it any more"),
        (owed(ends_on=DAY - timedelta(days=1)), "it runs from 2022-03-11 to 2022-05-09"),
    ],
)
def test_the_reason_says_why_the_books_would_not_take_money(agreement: Owed, words: str) -> None:
    assert matched(came(100_00, "A-GOV-B"), agreement).reason == f"The text names A-GOV-B, but {words}."
    assert matched(came(100_00, who=NAME), agreement).reason == (
        f"The payer is GOV-B, but none of its agreements fits (A-GOV-B: {words})."
    )


@pytest.mark.parametrize(
    ("minor", "score", "said"),
    [
        (
            99_90,
            70,
            "the amount is all of the 100.00 EUR still owed, less 0.10 EUR that a bank may have charged",
        ),
        (98_00, 70, "less 2.00 EUR that a bank may have charged"),
        (97_99, 65, "the amount is a part of the 100.00 EUR still owed,"),
    ],
)
def test_an_amount_less_a_banks_charge_says_more_than_a_part(minor: int, score: int, said: str) -> None:
    match = matched(came(minor, "A-GOV-B"), owed())
    assert (match.score, match.verdict) == (score, "doubtful")
    assert said in match.reason


@pytest.mark.parametrize(
    "agreement",
    [
        owed(currency="USD"),
        owed(minor=99_99),
        owed(ends_on=DAY - timedelta(days=1)),
        owed(starts_on=DAY + timedelta(days=1)),
    ],
)
def test_what_the_books_would_refuse_is_not_matched(agreement: Owed) -> None:
    assert matched(came(100_00, "A-GOV-B", NAME), agreement).verdict == "unknown"


@pytest.mark.parametrize(
    ("minor", "lead", "rival"),
    [(100_00, 10, False), (50_50, 5, True), (50_00, 0, True)],  # a part; less a bank's charge; all of it
)
def test_a_lead_of_ten_points_is_enough(minor: int, lead: int, rival: bool) -> None:
    alone = matched(came(50_00, who=NAME), owed("A-2", minor))
    match = matched(came(50_00, who=NAME), owed("A-1", 50_00), owed("A-2", minor))
    assert (match.agreement, match.score - alone.score) == ("A-1", lead)
    assert ("A-2 fits nearly as well" in match.reason) is rival


@pytest.mark.parametrize(("others", "said"), [(3, "A-2, A-3, A-4 too"), (4, "A-2, A-3, A-4 and 1 more too")])
def test_no_more_than_three_agreements_are_named(others: int, said: str) -> None:
    named = [owed(f"A-{number}", donor="GOV-C", minor=1) for number in range(2, 2 + others)]
    text = "A-GOV-B " + " ".join(each.agreement for each in named)
    assert f"the text names {said}: it may pay" in matched(came(text=text, who=NAME), owed(), *named).reason


def test_a_payment_out_makes_no_arrival_doubtful() -> None:
    for other in (came(-100_00, reference="B-2"), replace(came(100_00, reference="B-2"), reverses=True)):
        match, _ = match_lines([came(100_00, "A-GOV-B", NAME), other], "EUR", [owed()], ())
        assert match.verdict == "sure"


def test_of_a_day_the_line_with_the_best_candidate_is_served_first() -> None:
    """Each line has a poor candidate as well, which does not count."""
    clear = came(100_00, "A-1", NAME, reference="B-2")
    vague = came(100_00, "", NAME, reference="B-1")
    matches = match_lines([vague, clear], "EUR", [owed("A-1"), owed("A-2", 200_00)], ())
    assert [(each.verdict, each.agreement) for each in matches] == [("doubtful", "A-2"), ("sure", "A-1")]


@pytest.mark.parametrize("edge", ["starts_on", "ends_on"])
def test_an_agreement_runs_on_its_first_day_and_on_its_last(edge: str) -> None:
    on_the_edge: dict[str, Any] = {edge: DAY}
    assert matched(came(100_00, "A-GOV-B", NAME), owed(**on_the_edge)).verdict == "sure"
    too_much = matched(came(100_01, "A-GOV-B", NAME), owed(**on_the_edge))
    assert too_much.reason == "The text names A-GOV-B, but no more than 100.00 EUR is owed under it."
    past_the_edge: dict[str, Any] = {edge: DAY + timedelta(days=1 if edge == "starts_on" else -1)}
    assert "but it runs from" in matched(came(100_00, "A-GOV-B", NAME), owed(**past_the_edge)).reason


def test_two_agreements_that_fit_alike_are_doubtful() -> None:
    match = matched(came(50_00, "A-1 and A-2", NAME), owed("A-1"), owed("A-2"))
    assert (match.verdict, match.score) == ("doubtful", 85)
    assert "A-2 fits nearly as well" in match.reason


# ---- instalments


@pytest.mark.parametrize(
    ("minor", "score", "said"),
    [
        (40_00, 100, "the amount is instalment 2 of 3, due on 2022-05-06, it came 4 days after it is due."),
        (75_00, 100, "the amount is instalment 2 of 3 and all up to instalment 3, due on 2022-07-29"),
        (35_00, 90, "a part of the 75.00 EUR still owed; next is instalment 2 of 3, due on 2022-05-06, it"),
        (50_00, 90, "a part of the 75.00 EUR still owed; next is instalment 2 of 3, due on 2022-05-06, it"),
    ],
)
def test_the_next_instalments_speak_as_strongly_as_all_that_is_owed(
    minor: int, score: int, said: str
) -> None:
    match = matched(came(minor, "A-GOV-B", NAME), in_parts(SECOND, THIRD))
    assert (match.verdict, match.score) == ("sure", score)
    assert said in match.reason


def test_the_rest_of_an_instalment_is_called_so() -> None:
    agreement = in_parts(SECOND, THIRD).less(30_00)
    match = matched(came(10_00, "A-GOV-B", NAME), agreement)
    assert match.score == 100
    assert "the amount is the rest of instalment 2 of 3, due on 2022-05-06" in match.reason


@pytest.mark.parametrize(
    ("days", "score", "said"),
    [
        (NEAR_DAYS, 80, "it came 30 days after it is due"),
        (NEAR_DAYS + 1, 75, "the agreement runs on that day"),
        (0, 80, "it came on the day it is due"),
        (-1, 80, "it came 1 day before it is due"),
        (-NEAR_DAYS - 1, 75, "the agreement runs on that day"),
    ],
)
def test_a_day_near_the_due_day_is_a_sign_and_any_other_a_lesser_one(
    days: int, score: int, said: str
) -> None:
    due = Part(1, 1, DAY - timedelta(days=days), 100_00)
    match = matched(came(100_00, "A-GOV-B"), in_parts(due))
    assert (match.verdict, match.score) == ("sure", score)
    assert match.reason.endswith(f"{said}.")


def test_money_that_comes_before_its_condition_is_met_is_matched_and_says_so() -> None:
    waiting = SECOND._replace(waits_for="The first report is accepted.")
    match = matched(came(40_00, "A-GOV-B", NAME), in_parts(waiting, THIRD))
    assert (match.verdict, match.score) == ("sure", 100)
    assert match.waits_for == "The first report is accepted"
    assert match.reason.endswith(
        "; it is paid before its condition is recorded as met: The first report is accepted."
    )
    later = matched(came(40_00, "A-GOV-B", NAME), in_parts(SECOND, THIRD._replace(waits_for="A plan.")))
    assert later.waits_for == ""


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
@pytest.mark.parametrize("days", [0, 3])
def test_what_a_line_pays_is_not_owed_to_the_next_line(numbers: tuple[int, int], days: int) -> None:
    """Also where the file has the later instalment first, and where both come on one day."""
    lines = {
        2: came(40_00, "A-GOV-B", reference="B-2"),
        3: came(35_00, "A-GOV-B", reference="B-1", on=DAY + timedelta(days=days)),
    }
    in_file = [lines[number + 1] for number in numbers]
    matches = match_lines(in_file, "EUR", [in_parts(SECOND, THIRD)], ())
    said = {each.line.minor: (each.verdict, each.reason) for each in matches}
    assert {verdict for verdict, _ in said.values()} == {"sure"}
    assert "instalment 2 of 3, due" in said[40_00][1]
    assert "the amount is instalment 3 of 3, due" in said[35_00][1]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.integers(0, 250))
def test_what_comes_settles_the_earliest_instalments_first(amounts: list[int], minor: int) -> None:
    total = sum(amounts)
    minor = min(minor, total)
    parts = tuple(Part(number, len(amounts), DAY, each) for number, each in enumerate(amounts, 1))
    agreement = owed(minor=total, parts=parts)
    left = agreement.less(minor)
    assert left.amount.minor == total - minor == sum(part.minor for part in left.parts)
    assert [part.minor for part in left.parts[1:]] == amounts[len(amounts) - len(left.parts) + 1 :]
    paid = agreement.paid_by(minor)
    assert sum(part.minor for part in paid[:-1]) < max(minor, 1) <= max(sum(p.minor for p in paid), 1)


# ---- what is known already


def test_what_is_booked_under_the_reference_is_not_matched_again() -> None:
    match = matched(
        came(text="A-GOV-B", who=NAME), owed(), booked=(BookedMoney("B-1", 100_00, DAY, "entry 7"),)
    )
    assert (match.verdict, match.score, match.reason) == ("booked", 100, "Already booked: entry 7.")


def test_what_waits_for_approval_is_not_matched_again() -> None:
    waits = BookedMoney("B-1", 100_00, DAY, "proposal 3 waits", waits=True)
    match = matched(came(text="A-GOV-B", who=NAME), owed(), booked=(waits,))
    assert (match.verdict, match.reason) == ("proposed", "Already proposed: proposal 3 waits.")


def test_another_amount_under_the_same_reference_and_day_is_a_contradiction() -> None:
    assert (
        matched(came(), owed(), booked=(BookedMoney("B-1", 99_99, DAY, "entry 7"),)).verdict
        == "differs from the books"
    )


def test_a_reference_that_the_bank_uses_again_gets_its_day() -> None:
    before = BookedMoney("B-1", 100_00, DAY - timedelta(days=90), "entry 7")
    match = matched(came(text="A-GOV-B", who=NAME), owed(), booked=(before,))
    assert (match.verdict, match.line.reference) == ("sure", "B-1-20220510")
    again = BookedMoney("B-1-20220510", 100_00, DAY, "entry 8")
    assert matched(came(text="A-GOV-B", who=NAME), owed(), booked=(before, again)).verdict == "booked"


@pytest.mark.parametrize(("days", "verdict"), [(5, "perhaps booked"), (6, "sure")])
def test_the_same_amount_under_another_reference_is_asked_about(days: int, verdict: str) -> None:
    by_hand = BookedMoney("R-2022-009", 100_00, DAY - timedelta(days=days), "entry 7")
    assert matched(came(text="A-GOV-B", who=NAME), owed(), booked=(by_hand,)).verdict == verdict


@pytest.mark.parametrize("days", [(1, 4), (4, 1), (-2, 3)])
def test_of_several_alike_the_nearest_day_is_asked_about(days: tuple[int, int]) -> None:
    alike = tuple(
        BookedMoney(f"R-{number}", 100_00, DAY - timedelta(days=many), f"entry {number}")
        for number, many in enumerate(days, start=1)
    )
    nearest = min(alike, key=lambda each: abs(each.on - DAY))
    match = matched(came(), booked=alike)
    assert (match.verdict, match.score) == ("perhaps booked", 0)
    assert match.reason.startswith(f"{nearest.reference} of {nearest.on} has the same amount")


def test_the_smallest_amount_comes_in_too() -> None:
    assert matched(came(1, "A-GOV-B", NAME), owed(minor=1)).verdict == "sure"


def test_an_entry_that_has_its_own_line_makes_no_other_line_doubtful() -> None:
    lines = [came(reference="B-1"), came(text="A-GOV-B", who=NAME, reference="B-2")]
    matches = match_lines(lines, "EUR", [owed()], [BookedMoney("B-1", 100_00, DAY, "entry 7")])
    assert [each.verdict for each in matches] == ["booked", "sure"]


@pytest.mark.parametrize("minor", [-100_00, 0])
def test_what_does_not_come_in_is_left_alone(minor: int) -> None:
    assert matched(came(minor, "A-GOV-B", NAME), owed()).verdict == "payment out"


# ---- several lines

CODES = ("A-1", "A-2", "A-3")
AGREEMENTS = st.lists(
    st.builds(
        in_parts,
        st.builds(Part, st.just(1), st.just(2), st.just(DAY), st.sampled_from([25_00, 50_00])),
        st.builds(Part, st.just(2), st.just(2), st.just(DAY), st.sampled_from([25_00, 75_00])),
        agreement=st.sampled_from(CODES),
        donor_name=st.sampled_from([NAME, "Example foundation"]),
    ),
    unique_by=lambda each: each.agreement,
)
LINES = st.lists(
    st.builds(
        came,
        st.sampled_from([-1, 25_00, 50_00, 100_00]),
        st.sampled_from(["", *CODES, "A-1 A-2"]),
        st.sampled_from(["", NAME, "Example foundation", "Somebody"]),
        st.integers(0, 10**6).map(lambda number: f"B-{number}"),
        st.sampled_from([DAY, DAY + timedelta(days=1)]),
    ),
    unique_by=lambda line: line.reference,
    max_size=8,
)
KNOWN = st.lists(
    st.builds(
        BookedMoney,
        st.sampled_from(["H-1", "H-2"]),
        st.sampled_from([25_00, 50_00]),
        st.just(DAY),
        st.just("entry 1"),
    ),
    unique_by=lambda each: each.reference,
)


@given(LINES, AGREEMENTS, KNOWN, st.randoms(use_true_random=False))
def test_matching_keeps_its_promises_in_whatever_order_things_come(
    lines: list[BankLine], agreements: list[Owed], booked: list[BookedMoney], chance: Any
) -> None:
    matches = match_lines(lines, "EUR", agreements, booked)
    assert [each.line for each in matches] == lines
    taken = dict.fromkeys((each.agreement for each in agreements), 0)
    for each in matches:
        assert 0 <= each.score <= 100
        assert each.reason.endswith((".", "?"))
        if each.verdict == "sure":
            assert each.score >= SURE
            taken[each.agreement] += each.line.minor
    assert all(taken[each.agreement] <= each.amount.minor for each in agreements)
    shuffled = chance.sample(lines, len(lines))
    again = match_lines(
        shuffled, "EUR", chance.sample(agreements, len(agreements)), chance.sample(booked, len(booked))
    )
    assert {each.line.reference: each for each in again} == {each.line.reference: each for each in matches}


def test_a_second_line_finds_only_what_the_first_one_leaves() -> None:
    lines = [came(text="A-GOV-B", who=NAME, reference=f"B-{number}") for number in (2, 1)]
    second, first = match_lines(lines, "EUR", [owed()], ())
    assert (first.verdict, second.verdict) == ("sure", "unknown")
    assert second.reason == "Other lines of the file leave nothing of what A-GOV-B owes."
    part, more = match_lines(
        [came(60_00, "A-GOV-B", NAME), replace(lines[0], minor=50_00)], "EUR", [owed()], ()
    )
    assert (part.verdict, more.verdict) == ("sure", "unknown")
    assert more.reason == "Other lines of the file leave 40.00 EUR of what A-GOV-B owes."
