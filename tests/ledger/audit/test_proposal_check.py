"""Verification finds every proposal that an export could not have, however it came into the book."""

from __future__ import annotations

import json
from contextlib import closing
from io import BytesIO

import pytest

from ledger import Book, Tampered, proposals, reject, verify
from tests.support.exports import exported, strangers_verifier
from tests.support.small_books import CHECKER, MAKER, raw

TIME = "2030-01-01T00:00:00.000000+00:00"
ASKED = "kind, version, payload, made_by"
COLUMNS = "id, kind, version, payload, made_by, made_at, status, decided_by, entry, batch"


def inserted(book: Book, *rows: dict[str, object]) -> list[str]:
    """What verification says after proposals like an entry were inserted, as any recorder can."""
    with closing(raw(book)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        query = f"SELECT seq, {ASKED}, approved_by FROM entry WHERE kind = 'contribution received'"
        seq, kind, version, payload, made_by, approved_by = db.execute(query).fetchone()
        last = db.execute("SELECT coalesce(max(id), 0) FROM proposal").fetchone()[0]
        for number, row in enumerate(rows, start=last + 1):
            whole = {"id": number, "kind": kind, "version": version, "payload": payload, "made_by": made_by}
            whole |= {"made_at": TIME, "status": "waiting", "decided_by": "", "entry": 0, "batch": 0}
            if row.get("status") == "approved":
                whole |= {"decided_by": approved_by, "entry": seq}
            whole |= row
            if "evidence" in whole:
                whole["payload"] = with_evidence(payload, whole.pop("evidence"))
            db.execute(
                f"INSERT INTO proposal ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", tuple(whole.values())
            )
        db.commit()
    return [str(each) for each in verify(book).findings]


def with_evidence(payload: str, sha256: object) -> str:
    """The payload of an event that names a file."""
    file = {"media_type": "text/plain", "name": "proof.txt", "sha256": sha256}
    changed = json.loads(payload) | {"evidence": [file]}
    return json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([{"payload": "{"}], "its payload is not JSON"),
        ([{"payload": "[]"}], "its payload is no object"),
        ([{"payload": "{}"}], "cannot be read"),
        ([{"kind": "gift of the gods"}], "is not a kind of event"),
        ([{"status": "approved"}, {"status": "approved"}], "was approved as something else"),
        ([{"status": "approved", "entry": 99999}], "was approved as something else"),
        ([{"status": "approved", "entry": 0}], "does not name the entry"),
        ([{"entry": 4}], "does not name the entry"),
        ([{"status": "rejected"}], "does not say who decided"),
        ([{"status": "rejected", "made_by": "ana", "decided_by": "Ana"}], "by the person who made it"),
        ([{"status": "rejected", "decided_by": f"{CHECKER}\u200b"}], "which nobody sees"),
        ([{"made_by": "\u200b"}], "which nobody sees"),
        ([{"made_by": ""}], "does not say who made it"),
        ([{"made_at": "2030-02-30T00:00:00.000000+00:00"}], "which is not a time"),
        ([{"status": "lost"}], "neither waiting nor approved nor rejected"),
        ([{"id": 4000}], "is not the proposal that follows"),
        ([{"batch": 3000}], "does not belong to batch"),
        ([{"id": 2, "batch": 2}], "has one proposal alone"),
        ([{"evidence": "0" * 64}], "evidence 000000000000 is missing"),
    ],
)
def test_a_broken_proposal_is_found(played: Book, rows: list[dict[str, object]], what: str) -> None:
    assert verify(played).sound
    assert any(what in each for each in inserted(played, *rows))


@pytest.mark.parametrize(
    "rows",
    [
        [{}],
        [{"status": "approved"}],
        [{"status": "rejected", "decided_by": CHECKER}],
        [{"status": "rejected", "decided_by": f"{MAKER} (withdrawn)"}],
        [{"status": "rejected", "decided_by": CHECKER, "evidence": "0" * 64}],
    ],
)
def test_a_sound_proposal_is_sound(played: Book, rows: list[dict[str, object]]) -> None:
    assert inserted(played, *rows) == []


def test_an_export_names_the_proposal_whose_evidence_is_lost_and_goes_on_when_it_is_rejected(
    played: Book,
) -> None:
    inserted(played, {"evidence": "0" * 64, "made_by": MAKER})
    with played.reading() as books:
        number = proposals(books)[-1].id
    with pytest.raises(Tampered, match=f"Proposal {number} names the evidence 0000.* reject the proposal"):
        exported(played)
    with played.recording() as journal:
        reject(journal, number, CHECKER)
    assert verify(played).sound
    strangers_verifier().verify(BytesIO(exported(played).encode()))
