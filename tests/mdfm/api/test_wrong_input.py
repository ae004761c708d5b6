"""What a notebook gives wrongly is refused with a code, and a sentence that names no option of a command."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mdfm.api import MdfmError, create_fund, events, open_fund, open_term

DAY = date(2022, 1, 10)


def test_a_place_may_be_a_path(tmp_path: Path) -> None:
    with create_fund(tmp_path / "fund.book") as made:
        head = made.head()
    with open_fund(tmp_path / "fund.book") as again:
        assert again.head() == head


def test_a_proposal_without_a_person_is_refused_as_a_record_is(tmp_path: Path) -> None:
    account = events.BankAccountOpened.make(on=DAY, code="USD1", name="Example bank", currency="USD")
    city = events.DonorRegistered.make(on=DAY, code="CITY", name="Example city", type="city", country="KOR")
    with create_fund(tmp_path / "fund.book") as fund:
        for event in (account, city):
            with pytest.raises(MdfmError, match="needs the name of the person who records it") as error:
                fund.submit(event, by="")
            assert error.value.code == "recorder-missing"
        assert fund.proposals.all() == []


def test_a_hint_stands_for_an_option(tmp_path: Path) -> None:
    with pytest.raises(MdfmError, match="give a reason if it is meant") as error:
        open_term(on=DAY, code="LONG", starts_on=DAY, ends_on=date(2029, 1, 9))
    assert [hint.code for hint in error.value.sentence.hints] == ["say-reason"]
