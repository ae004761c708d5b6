"""A CSV file says what was given, and no cell of text is a formula or steers a reader's eyes."""

from __future__ import annotations

import csv
import unicodedata
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import csv_bytes, csv_decimal, csv_text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\u202e=1", "\t@x", "\n=1"])
def test_a_text_is_no_formula(text: str) -> None:
    assert csv_text(text).startswith("'")


@given(st.text())
def test_no_text_is_a_formula_or_steers(text: str) -> None:
    shown = csv_text(text)
    assert not shown.strip().startswith(("=", "+", "-", "@"))
    assert not [char for char in shown if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Cs"}]


@given(st.lists(st.lists(st.text().map(csv_text), min_size=2, max_size=2)))
def test_a_file_says_what_was_given(rows: list[list[str]]) -> None:
    content = csv_bytes(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))) == rows


@given(st.integers(-(10**30), 10**30), st.integers(0, 4))
def test_money_is_a_plain_decimal(whole: int, decimals: int) -> None:
    assert Decimal(csv_decimal(whole, decimals)) == Decimal(whole).scaleb(-decimals)
    assert set(csv_decimal(whole, decimals)) <= set("-.0123456789")
