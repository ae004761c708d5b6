"""Shares: rounded in one way each, and none of nothing."""

from __future__ import annotations

from reports.words.percentages import nearest_share, part_of, shares_of_whole


def test_shares_add_up_to_the_whole() -> None:
    assert shares_of_whole({"a": 1, "b": 1, "c": 1}) == {"a": 33_34, "b": 33_33, "c": 33_33}
    assert shares_of_whole({"a": 3, "b": 0}) == {"a": 100_00, "b": 0}
    assert shares_of_whole({"a": 3, "b": -1}) == {"a": 150_00, "b": -50_00}
    assert shares_of_whole({"a": 0, "b": 0}) == {"a": 0, "b": 0}
    assert shares_of_whole({}) == {}


def test_a_share_is_the_nearest_or_not_more_than_is_reached() -> None:
    assert (nearest_share(999_99, 1_000_00), part_of(999_99, 1_000_00)) == (100_00, 99_99)
    assert (nearest_share(37_4999, 100_0000), part_of(37_4999, 100_0000)) == (37_50, 37_49)
    assert [share(1, whole) for share in (nearest_share, part_of) for whole in (0, -1)] == [0, 0, 0, 0]
