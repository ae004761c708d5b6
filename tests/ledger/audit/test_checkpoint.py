"""Checkpoints: whoever rewrites the past is found out by a note that they could not rewrite."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import (
    GENESIS,
    AsOf,
    BadInput,
    Book,
    Checkpoint,
    Line,
    Refused,
    Sealed,
    differences,
    get_entry,
    head,
    make_key,
    read_checkpoint,
    replay,
    sign_head,
    trial_balance,
    verify,
)
from ledger.entry.canonical import entry_hash
from mdfm.cli.app import app
from tests.support.small_books import agreement, contribution, copy_of, file_of, gift, tell
from tests.support.tampering import unsealed

SIGNED_AT = datetime(2022, 4, 30, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two keys and their public keys: `signer` and `other`."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("signer", "other"):
        make_key(folder / name)
    return folder


@pytest.fixture(scope="module")
def signer(keys: Path) -> Path:
    return keys / "signer.pub"


@pytest.fixture
def checkpoint(played_once: Book, keys: Path) -> Checkpoint:
    """A checkpoint of the played book."""
    return taken(played_once, keys / "signer")


def taken(book: Book, key: Path) -> Checkpoint:
    with book.reading() as books:
        return sign_head(books, key, lambda: SIGNED_AT)


def told(book: Book, checkpoint: Checkpoint, public: Path | None = None) -> list[str]:
    """What the book does not say as the checkpoint does."""
    with book.reading() as books:
        return [str(finding) for finding in differences(books, checkpoint, public)]


def kept(checkpoint: Checkpoint, folder: Path) -> Path:
    place = folder / "checkpoint.json"
    place.write_text(checkpoint.text, encoding="utf-8")
    return place


# ---- keys


def test_a_private_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    public = make_key(tmp_path / "key")
    assert public == tmp_path / "key.pub"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert public.read_text().startswith("-----BEGIN PUBLIC KEY-----\n")


@pytest.mark.parametrize("name", ["key", "key.pub"])
def test_no_key_is_written_over_another(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(Refused, match=f"There is a file .*{name} already"):
        make_key(tmp_path / "key")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def _pem_of_another_kind(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    shown = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    for name, content in (("private", secret), ("public", shown)):
        (folder / name).write_bytes(content)
    return folder / "private", folder / "public"


def test_what_is_no_key_of_this_kind_is_refused(
    played_once: Book, checkpoint: Checkpoint, signer: Path, tmp_path: Path
) -> None:
    private, public = _pem_of_another_kind(tmp_path)
    nothing = tmp_path / "nothing"
    nothing.write_text("no key")
    for key in (private, nothing, signer):
        with pytest.raises(BadInput, match="is not an Ed25519 private key in PEM"):
            taken(played_once, key)
    for key in (public, nothing, private):
        with pytest.raises(BadInput, match="is not an Ed25519 public key in PEM"):
            told(played_once, checkpoint, key)


# ---- what a checkpoint says


def test_a_checkpoint_names_the_head_and_every_total(played_once: Book, checkpoint: Checkpoint) -> None:
    with played_once.reading() as books:
        last = head(books)
        totals = trial_balance(books, AsOf.now(books, date.max))
        recorded_at = get_entry(books, last.seq).recorded_at
    assert (checkpoint.seq, checkpoint.hash, checkpoint.recorded_at) == (*last, recorded_at)
    assert checkpoint.signed_at == "2022-04-30T12:00:00+00:00"
    assert [tuple(total.model_dump().values()) for total in checkpoint.totals] == totals
    assert {total.currency for total in checkpoint.totals} == {"USD", "EUR", "KRW"}


def test_a_checkpoint_is_small_and_read_as_it_was_written(checkpoint: Checkpoint, tmp_path: Path) -> None:
    assert read_checkpoint(kept(checkpoint, tmp_path)) == checkpoint
    assert len(checkpoint.text) < 8192


def test_the_same_books_at_the_same_time_have_the_same_checkpoint(
    played_once: Book, checkpoint: Checkpoint, keys: Path
) -> None:
    assert taken(played_once, keys / "signer") == checkpoint


def test_an_empty_book_has_nothing_to_sign(empty_book: Book, keys: Path) -> None:
    with pytest.raises(Refused, match="nothing to sign"):
        taken(empty_book, keys / "signer")


@pytest.mark.parametrize("content", ["", "[]", '{"format": "mdfm-checkpoint-1"}', "\udcff"])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "other").write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadInput, match="is not a checkpoint"):
        read_checkpoint(tmp_path / "other")


# ---- what it proves


def test_a_book_that_only_grew_is_as_it_was(played: Book, checkpoint: Checkpoint, signer: Path) -> None:
    assert told(played, checkpoint, signer) == []
    tell(
        played,
        contribution("E-9", "A1", "EUR", 5_00, date(2021, 12, 20)),
        gift("U-9", 7_00, on=date(2021, 12, 20)),
    )
    assert told(played, checkpoint, signer) == []


def _rewritten(template: Path, folder: Path, cents: int) -> Book:
    """A book with the same number of entries, all sound, in which one gift was of other cents."""
    book = copy_of(template, folder)
    tell(book, agreement("A1"), gift("U-1", cents), contribution("C-1", "A1", "USD", 1_00))
    return book


@pytest.fixture
def forged(ready_template: Path, keys: Path, tmp_path: Path) -> Iterator[tuple[Book, Checkpoint]]:
    """A book whose past was rewritten without a trace in it, and the checkpoint of the true one."""
    for name in ("true", "forged"):
        (tmp_path / name).mkdir()
    true = _rewritten(ready_template, tmp_path / "true", 50_000_00)
    signed = taken(true, keys / "signer")
    true.close()
    book = _rewritten(ready_template, tmp_path / "forged", 40_000_00)
    yield book, signed
    book.close()


def test_a_past_that_was_rewritten_without_a_trace_is_found(
    forged: tuple[Book, Checkpoint], signer: Path
) -> None:
    book, signed = forged
    assert verify(book).findings == replay(book).findings == []
    with book.reading() as books:
        last = head(books)
    assert told(book, signed, signer) == [
        f"entry {last.seq}: its hash is {last.hash}, and was {signed.hash} at the checkpoint",
        f"account 1100 stands at 40,001.00 USD as of entry {last.seq}, "
        "and stood at 50,001.00 USD at the checkpoint",
        f"account 2200 stands at -40,001.00 USD as of entry {last.seq}, "
        "and stood at -50,001.00 USD at the checkpoint",
    ]


def rehashed(book: Book, change: str) -> None:
    """Change the journal by hand and make every hash right again."""
    with unsealed(Path(file_of(book))) as books:
        books.execute(change)
        last = GENESIS
        for row in books.execute("SELECT * FROM entry ORDER BY seq").fetchall():
            sealed = Sealed(*row)._replace(prev=last)
            lines = books.execute("SELECT * FROM line WHERE entry = ? ORDER BY no", (sealed.seq,))
            last = entry_hash(sealed, [Line(*line[2:]) for line in lines])
            books.execute(
                "UPDATE entry SET prev = ?, hash = ? WHERE seq = ?", (sealed.prev, last, sealed.seq)
            )


def test_a_chain_that_was_hashed_again_is_found(played: Book, checkpoint: Checkpoint, signer: Path) -> None:
    rehashed(played, "UPDATE entry SET approved_by = 'somebody else' WHERE seq = 16")
    assert verify(played).findings == replay(played).findings == []
    with played.reading() as books:
        last = head(books)
    assert told(played, checkpoint, signer) == [
        f"entry {last.seq}: its hash is {last.hash}, and was {checkpoint.hash} at the checkpoint"
    ]


def test_another_time_of_recording_is_found(played: Book, checkpoint: Checkpoint, signer: Path) -> None:
    rehashed(played, "UPDATE entry SET recorded_at = '1999' WHERE seq = (SELECT max(seq) FROM entry)")
    assert (
        f"entry {checkpoint.seq}: its recorded_at is 1999, and was {checkpoint.recorded_at} at the checkpoint"
        in told(played, checkpoint, signer)
    )


def test_totals_that_are_no_longer_there_are_found(
    played: Book, checkpoint: Checkpoint, signer: Path
) -> None:
    with unsealed(Path(file_of(played))) as books:
        books.execute("DELETE FROM line WHERE account IN ('9300', '9390')")
        books.execute("DELETE FROM movement WHERE account IN ('9300', '9390')")
    seq = checkpoint.seq
    assert told(played, checkpoint, signer) == [
        f"account 9300 stands at 0.00 USD as of entry {seq}, and stood at 10,000.00 USD at the checkpoint",
        f"account 9390 stands at 0.00 USD as of entry {seq}, and stood at -10,000.00 USD at the checkpoint",
    ]


def test_a_journal_that_was_cut_is_found(book: Book, checkpoint: Checkpoint, signer: Path) -> None:
    with book.reading() as books:
        last = head(books).seq
    assert told(book, checkpoint, signer) == [
        f"entry {last + 1}: the journal ends with entry {last}, "
        f"and had {checkpoint.seq} entries at the checkpoint"
    ]


# ---- who signed it


OTHERWISE: dict[str, Any] = {
    "seq": 1,
    "hash": "0" * 64,
    "recorded_at": "2022-01-01T00:00:00.000000+00:00",
    "signed_at": "2021-04-30T12:00:00+00:00",
    "totals": (),
    "signature": "00" * 64,
}


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_checkpoint_that_was_changed_is_no_proof(
    played_once: Book, checkpoint: Checkpoint, signer: Path, field: str
) -> None:
    changed = checkpoint.model_copy(update={field: OTHERWISE[field]})
    for key in (signer, None):
        (finding,) = told(played_once, changed, key)
        assert finding == "the checkpoint was changed after it was signed: its signature does not match"


def test_a_checkpoint_of_another_signer_is_no_proof(
    forged: tuple[Book, Checkpoint], keys: Path, signer: Path
) -> None:
    book, _ = forged
    own = taken(book, keys / "other")
    assert told(book, own, signer) == [
        f"the checkpoint was signed with the key {own.public_key}, not with that of {signer}"
    ]
    assert told(book, own) == []


def test_the_name_of_the_signer_cannot_be_borrowed(
    played_once: Book, checkpoint: Checkpoint, keys: Path, signer: Path
) -> None:
    own = taken(played_once, keys / "other")
    borrowed = own.model_copy(update={"public_key": checkpoint.public_key})
    assert told(played_once, borrowed, signer) == [
        "the checkpoint was changed after it was signed: its signature does not match"
    ]


# ---- the commands


def audit(book: Book, *words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["--book", file_of(book), "audit", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def test_from_the_key_to_the_proof(played: Book, tmp_path: Path) -> None:
    key, out = tmp_path / "key", tmp_path / "checkpoint.json"
    made = audit(played, "keygen", "--out", key).stdout
    assert made == f"{key} is for the signer alone; {key}.pub is for everybody.\n"
    signed = audit(played, "checkpoint", "--key", key, "--out", out).stdout
    checkpoint = read_checkpoint(out)
    assert signed == f"{out}: head {checkpoint.seq} {checkpoint.hash}, signed by {checkpoint.public_key}.\n"
    proof = audit(played, "verify", "--checkpoint", out, "--public-key", f"{key}.pub")
    assert proof.stdout.endswith(f": the book is sound, and as it was at entry {checkpoint.seq}.\n")
    assert proof.stderr == ""


def test_without_a_key_the_auditor_is_told_to_compare(
    played_once: Book, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    proof = audit(played_once, "verify", "--checkpoint", kept(checkpoint, tmp_path))
    assert f"The checkpoint names the key {checkpoint.public_key}: compare it" in proof.stderr


def test_the_answer_is_no_for_a_forged_book_a_cut_one_and_a_wrong_key(
    forged: tuple[Book, Checkpoint], book: Book, keys: Path, signer: Path, tmp_path: Path
) -> None:
    rewritten, signed = forged
    place = kept(signed, tmp_path)
    asked = ("verify", "--checkpoint", place, "--public-key")
    assert "1100 stands at 40,001.00 USD" in audit(rewritten, *asked, signer, code=1).stdout
    assert "the journal ends with entry" in audit(book, *asked, signer, code=1).stdout
    assert "not with that of" in audit(rewritten, *asked, keys / "other.pub", code=1).stdout
    findings = json.loads(audit(book, *asked, signer, "--json", code=1).stdout)["findings"]
    assert [finding["entry"] for finding in findings] == [signed.seq - 2]


def test_bad_files_are_bad_input(played_once: Book, signer: Path, tmp_path: Path) -> None:
    asked = audit(played_once, "verify", "--checkpoint", signer, code=2)
    assert "is not a checkpoint: take one with `mdfm audit checkpoint`." in asked.stderr
    alone = audit(played_once, "verify", "--public-key", signer, code=2)
    assert "give --checkpoint, too" in alone.stderr
    unsigned = audit(played_once, "checkpoint", "--key", signer, "--out", tmp_path / "c.json", code=2)
    assert "is not an Ed25519 private key" in unsigned.stderr
    assert not (tmp_path / "c.json").exists()


# ---- its time


def test_a_head_of_later_is_not_signed(played: Book, keys: Path) -> None:
    with played.reading() as books:
        recorded = datetime.fromisoformat(get_entry(books, head(books).seq).recorded_at)
        with pytest.raises(Refused, match="time in the books never goes back: set the clock right"):
            sign_head(books, keys / "signer", lambda: recorded - timedelta(minutes=5, seconds=1))
        drifted = sign_head(books, keys / "signer", lambda: recorded - timedelta(minutes=5))
    assert told(played, drifted) == [], "two machines are never quite of one time"


@pytest.mark.parametrize(
    ("signed_at", "wrong"),
    [
        ("2021-12-31T23:00:00+00:00", "was signed at 2021-12-31T23:00:00+00:00, before entry "),
        ("last week", "was signed at 'last week', which is not a time"),
        ("2022-02-31T12:00:00+00:00", "was signed at '2022-02-31T12:00:00+00:00', which is not a time"),
        ("2022-04-30T12:00:00Z", "was signed at '2022-04-30T12:00:00Z', which is not a time"),
    ],
)
def test_a_checkpoint_that_its_signer_dated_otherwise_is_remarked(
    played_once: Book, checkpoint: Checkpoint, keys: Path, signed_at: str, wrong: str
) -> None:
    key = serialization.load_pem_private_key((keys / "signer").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    dated = checkpoint.model_copy(update={"signed_at": signed_at})
    signed = dated.model_copy(update={"signature": key.sign(dated.signed).hex()})
    (found,) = told(played_once, signed, keys / "signer.pub")
    assert found.startswith(f"the checkpoint {wrong}")
