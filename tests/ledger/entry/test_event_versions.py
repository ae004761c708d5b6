"""Kinds of events and their versions: which there are, how older payloads are read, what damage does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from ledger import EarlierVersion, Event, Kind, Kinds, Tampered
from ledger.entry.canonical import canonical_json
from mdfm.books import ALL_KINDS
from tests.support.small_books import NOV, money
from tests.support.versions.generations import FIRST, SECOND, THIRD, CountedFirst, CountedSecond, CountedThird
from tests.support.versions.listed import LIST, Versions, problems, read, today, written

KIND = "coins counted"
PAYLOADS = {
    1: CountedFirst(on=NOV, box="B-1", cents=100_00).payload,
    2: CountedSecond(on=NOV, box="B-1", amount=money("USD", 100_00)).payload,
    3: CountedThird(on=NOV, box="B-1", amount=money("USD", 100_00), counted_by="Ana").payload,
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@pytest.mark.parametrize("version", PAYLOADS)
def test_each_version_is_read_as_an_event_of_today(version: int) -> None:
    by = "Ana" if version == 3 else "somebody"
    wanted = CountedThird(on=NOV, box="B-1", amount=money("USD", 100_00), counted_by=by)
    assert THIRD.read(KIND, version, PAYLOADS[version]) == wanted
    stored = THIRD.versioned(KIND, version, PAYLOADS[version])
    assert (stored.event, stored.version, stored.payload) == (wanted, version, PAYLOADS[version])
    assert THIRD.of(stored) == THIRD.named(KIND, version)


def test_a_posting_is_corrected_up_to_the_version_that_corrected_it() -> None:
    assert [THIRD.is_corrected(KIND, version) for version in (1, 2, 3)] == [True, False, False]
    assert [SECOND.is_corrected(KIND, version) for version in (1, 2)] == [True, False]
    assert not FIRST.is_corrected(KIND, 1)


def test_a_projection_can_be_corrected_too() -> None:
    newest = next(kind for kind in THIRD if kind.event is CountedThird)
    as_before = replace(newest.earlier[2], apply=lambda books, seq, event: None)
    kinds = Kinds([replace(newest, earlier={**newest.earlier, 2: as_before})])
    assert [kinds.is_corrected(KIND, version) for version in (1, 2, 3)] == [True, True, False]
    assert kinds.named(KIND, 1).apply is kinds.named(KIND, 2).apply is as_before.apply


def test_a_kind_knows_every_version_before_its_own_and_no_other() -> None:
    for numbers in ((), (1,), (2,), (1, 2, 3), (0, 1, 2)):
        with pytest.raises(AssertionError, match="does not say how each older one is read"):
            Kinds([Kind(CountedThird, earlier={number: EarlierVersion() for number in numbers})])
    with pytest.raises(AssertionError, match="two kinds of events with the name 'coins counted'"):
        Kinds([Kind(CountedFirst), Kind(CountedFirst)])


@pytest.mark.parametrize("version", PAYLOADS)
@given(data=st.data())
def test_a_damaged_payload_of_any_version_is_said_to_be_one(version: int, data: st.DataObject) -> None:
    """Whatever stands there: it is an event, or it is refused in a sentence."""
    fields = json.loads(PAYLOADS[version])
    change = st.sampled_from(sorted(fields)) | st.text(max_size=5)
    fields |= data.draw(st.dictionaries(change, JSON, max_size=2))
    for name in data.draw(st.sets(st.sampled_from(sorted(fields)), max_size=2)):
        del fields[name]
    payload = data.draw(st.sampled_from([canonical_json(fields), json.dumps(data.draw(JSON))]))
    try:
        event: object = THIRD.read(KIND, version, payload)
    except Tampered as error:
        assert str(error) == f"the payload is not a '{KIND}' version {version}"
    else:
        assert isinstance(event, CountedThird)


@pytest.mark.parametrize("version", PAYLOADS)
@pytest.mark.parametrize("payload", ["", "[" * 100_000, "1" * 5_000, "\ud800", '{"on": NaN}', "null", "[]"])
def test_what_is_no_json_object_is_no_payload(version: int, payload: str) -> None:
    with pytest.raises(Tampered, match="the payload is not a"):
        THIRD.read(KIND, version, payload)


# ---- the list of versions


def test_the_fields_of_a_version_stay_as_they_were_released() -> None:
    text = LIST.read_text("utf-8")
    listed, now = read(text), today(ALL_KINDS)
    assert not problems(listed, now), "\n".join(problems(listed, now))
    told = "`.venv/bin/python -m tests.support.versions.listed` adds what is new to the list"
    assert text == written(listed | now), told
    for kind, version in now:
        assert {(kind, older) for older in range(1, version)} <= listed.keys()


class _Part(BaseModel):
    width: int


class _WiderPart(_Part):
    height: int = 0


class _TallerPart(_Part):
    height: int


class _Plain(Event):
    kind: ClassVar[str] = "plain"
    size: int = Field(ge=0)
    colour: Literal["red", "blue"] = "red"
    parts: tuple[_Part, ...] = ()


class _Renamed(Event):
    kind: ClassVar[str] = "plain"
    length: int = Field(ge=0)
    colour: Literal["red", "blue"] = "red"
    parts: tuple[_Part, ...] = ()


class _Retyped(_Plain):
    size: str  # type: ignore[assignment]


class _Narrowed(_Plain):
    size: int = Field(ge=1)


class _Fewer(_Plain):
    colour: Literal["red"] = "red"


class _Needed(_Plain):
    colour: Literal["red", "blue"]


class _More(_Plain):
    weight: int


class _MoreOfAPart(_Plain):
    parts: tuple[_TallerPart, ...] = ()


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (_Renamed, "has a new field length, which is not optional"),
        (_Retyped, "has another field size: it was `integer, minimum 0`, and is `string`"),
        (_Narrowed, "has another field size: it was `integer, minimum 0`, and is `integer, minimum 1`"),
        (_Fewer, "has another field colour"),
        (_Needed, "has another field colour"),
        (_More, "has a new field weight, which is not optional"),
        (_MoreOfAPart, "has a new field parts[].height, which is not optional"),
    ],
)
def test_a_changed_field_asks_for_a_new_version(changed: type[Event], what: str) -> None:
    problem = problems(_listed(_Plain), _listed(changed))[0]
    assert problem.startswith(f"'plain' version 1 {what}")
    assert "make it version 2" in problem
    assert "CONTRIBUTING.md" in problem


def test_a_kind_that_is_gone_and_a_field_that_is_gone_are_missed() -> None:
    (problem,) = problems(_listed(_Plain), {})
    assert problem.startswith("'plain' version 1 is gone")
    assert any("has lost its field weight" in each for each in problems(_listed(_More), _listed(_Plain)))


class _Optional(_Plain):
    weight: int = 0
    extra: tuple[_TallerPart, ...] = ()


class _AnyColour(_Plain):
    colour: Literal["red", "blue", "green"] = "red"  # type: ignore[assignment]


class _WithWiderParts(_Plain):
    parts: tuple[_WiderPart, ...] = ()


class _Second(_More):
    version: ClassVar[int] = 2


@pytest.mark.parametrize("changed", [_Plain, _Optional, _AnyColour, _WithWiderParts, _Second])
def test_an_optional_field_one_more_value_and_a_new_version_are_allowed(changed: type[Event]) -> None:
    assert problems(_listed(_Plain), _listed(changed)) == []
    assert problems({}, _listed(changed)) == []
    assert read(written(_listed(changed))) == _listed(changed)


def _listed(event: type[Event]) -> Versions:
    earlier = {version: EarlierVersion() for version in range(1, event.version)}
    return today(Kinds([Kind(event, earlier=earlier)]))
