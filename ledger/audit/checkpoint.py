"""Checkpoints: the signed head and account totals of a journal, kept by someone who does not keep the books.

The owner of a database can rewrite a whole chain so that it is sound in itself, but not a checkpoint that an
auditor has: it names the head and the balance of every account, under an Ed25519 signature (RFC 8032).
`differences` compares the books with a checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from ledger.audit.verification import Finding
from ledger.book import Book
from ledger.entry.canonical import ENCODING, canonical_json, read_time, written_time
from ledger.errors import BadInput, MdfmError, Refused
from ledger.journal.journal import CLOCK_TOLERANCE, Clock, require_clock, utc_now
from ledger.journal.posted_lines import AsOf, trial_balance
from ledger.journal.queries import get_entry, head
from ledger.money import FUND_CURRENCY, format_minor
from ledger.sentence import Hint
from ledger.storage.atomic_file import new_file
from ledger.storage.document import FileSource
from ledger.storage.kept_heads import KeptHead, note_kept_head

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_HEX = r"^[0-9a-f]+$"


class Total(BaseModel):
    """The balance of an account: minor units of the currency and USD cents, debit positive."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    account: str
    currency: str
    amount: int
    usd: int


class Checkpoint(BaseModel):
    """The signed state of the journal when it ended with entry `seq`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mdfm-checkpoint-1"] = "mdfm-checkpoint-1"
    encoding: str = Field(default=ENCODING, pattern=f"^{ENCODING}$")
    seq: int = Field(ge=1, strict=True)
    hash: str
    recorded_at: str
    """When entry `seq` was recorded: the books' own time."""
    signed_at: str
    """When the checkpoint was signed, UTC: the signer's time."""
    totals: tuple[Total, ...]
    public_key: str = Field(pattern=_HEX, min_length=64, max_length=64)
    signature: str = Field(default="", pattern=_HEX + "|^$", max_length=128)
    """Over all other fields as canonical JSON; in hexadecimal, as the key."""

    @property
    def signed(self) -> bytes:
        """The bytes that are signed: all other fields as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", exclude={"signature"})).encode()

    @property
    def text(self) -> str:
        """The checkpoint as the text of its file: indented JSON."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


class KeyPair(NamedTuple):
    """A private key and its public key, both in PEM."""

    private: bytes
    """For the signer alone; it has no passphrase."""
    public: bytes
    """For everybody."""


def make_key(private: Path) -> Path:
    """Write a new private key, for its owner only, and its public key beside it, whose path is returned.

    Refused when either file exists.
    """
    public = Path(f"{private}.pub")
    for path in (private, public):
        if path.exists():
            raise Refused(
                "key-file-exists",
                "There is a file {path} already: choose another name for the key.",
                path=path,
            )
    pair = new_key_pair()
    with new_file(private, private=True) as file:
        file.write(pair.private)
    try:
        with new_file(public) as file:
            file.write(pair.public)
    except BaseException:
        private.unlink(missing_ok=True)  # half of a key pair is no use
        raise
    return public


def new_key_pair() -> KeyPair:
    """A new key for signing checkpoints."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - only signing pays for it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    return KeyPair(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo),
    )


def sign_head(books: Connection, private: FileSource, clock: Clock = utc_now) -> Checkpoint:
    """A checkpoint of the books now, signed with a private key.

    Refused when the journal is empty, or when its last entry was recorded later than the clock says.
    """
    last = head(books)
    if last.seq == 0:
        raise Refused(
            "journal-empty",
            "There is nothing to sign: the journal has no entry.",
        )
    now, recorded_at = clock().astimezone(UTC), get_entry(books, last.seq).recorded_at
    if read_time(recorded_at) is not None:
        require_clock(written_time(now), recorded_at)
    key = _private_key(private)
    unsigned = Checkpoint(
        seq=last.seq,
        hash=last.hash,
        recorded_at=recorded_at,
        signed_at=now.isoformat(timespec="seconds"),
        totals=_totals(books, last.seq),
        public_key=key.public_key().public_bytes_raw().hex(),
    )
    return unsigned.model_copy(update={"signature": key.sign(unsigned.signed).hex()})


def note_checkpoint(book: Book, checkpoint: Checkpoint, name: str) -> None:
    """Let the book know that a checkpoint of it is kept in a file of this name, if it can be written."""
    kept = KeptHead("checkpoint", checkpoint.signed_at, checkpoint.seq, checkpoint.hash, name)
    with suppress(MdfmError), book.recording() as journal:
        note_kept_head(journal.books, kept)


def read_checkpoint(path: FileSource) -> Checkpoint:
    """Read a checkpoint from a file; BadInput when it is none. `differences` checks the signature."""
    try:
        return Checkpoint.model_validate_json(path.read_bytes())
    except ValidationError:
        raise BadInput(
            "checkpoint-unreadable",
            "{path} is not a checkpoint: take one{hint}.",
            path=path,
            hint=Hint("take-checkpoint"),
        ) from None


def differences(
    books: Connection, checkpoint: Checkpoint, public: FileSource | None = None
) -> Iterator[Finding]:
    """The differences between the books and a checkpoint, or that it was not signed with the key in `public`.

    Without `public` the signature is checked with the key that the checkpoint itself names.
    """
    unsigned = _signature_fault(checkpoint, public)
    if unsigned:
        yield Finding(None, unsigned)
        return
    if untimely := _time_fault(checkpoint):
        yield Finding(None, untimely)
    last = head(books)
    if last.seq < checkpoint.seq:
        yield Finding(
            last.seq + 1,
            f"the journal ends with entry {last.seq}, and had {checkpoint.seq} entries at the checkpoint",
        )
        return
    sealed = get_entry(books, checkpoint.seq)
    for name in ("hash", "recorded_at"):
        stands, was = getattr(sealed, name), getattr(checkpoint, name)
        if stands != was:
            yield Finding(sealed.seq, f"its {name} is {stands}, and was {was} at the checkpoint")
    yield from _total_findings(_totals(books, checkpoint.seq), checkpoint)


def _totals(books: Connection, seq: int) -> tuple[Total, ...]:
    return tuple(Total(**total._asdict()) for total in trial_balance(books, AsOf(date.max, seq)))


def _total_findings(totals: tuple[Total, ...], checkpoint: Checkpoint) -> Iterator[Finding]:
    stand, were = (
        {(each.account, each.currency): each for each in some} for some in (totals, checkpoint.totals)
    )
    for account, currency in sorted(stand.keys() | were.keys()):
        nothing = Total(account=account, currency=currency, amount=0, usd=0)
        now, was = stand.get((account, currency), nothing), were.get((account, currency), nothing)
        if now != was:
            yield Finding(
                None,
                f"account {account} stands at {_money(now)} as of entry {checkpoint.seq}, "
                f"and stood at {_money(was)} at the checkpoint",
            )


def _money(total: Total) -> str:
    own = f"{format_minor(total.amount, total.currency)} {total.currency}"
    worth = f" (worth {format_minor(total.usd, FUND_CURRENCY)} {FUND_CURRENCY})"
    return own + (worth if total.currency != FUND_CURRENCY else "")


def _time_fault(checkpoint: Checkpoint) -> str | None:
    """What is wrong with the time of signing; the clocks of two machines differ a little."""
    signed, recorded = read_time(checkpoint.signed_at, "seconds"), read_time(checkpoint.recorded_at)
    if signed is None:
        return f"the checkpoint was signed at {checkpoint.signed_at[:40]!a}, which is not a time"
    if recorded is not None and recorded - signed > CLOCK_TOLERANCE:
        return (
            f"the checkpoint was signed at {checkpoint.signed_at}, before entry {checkpoint.seq} "
            f"was recorded at {checkpoint.recorded_at}"
        )
    return None


def _signature_fault(checkpoint: Checkpoint, public: FileSource | None) -> str | None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    named = bytes.fromhex(checkpoint.public_key)
    if public is not None and _public_key(public).public_bytes_raw() != named:
        return f"the checkpoint was signed with the key {checkpoint.public_key}, not with that of {public}"
    try:
        Ed25519PublicKey.from_public_bytes(named).verify(
            bytes.fromhex(checkpoint.signature), checkpoint.signed
        )
    except (InvalidSignature, ValueError):
        return "the checkpoint was changed after it was signed: its signature does not match"
    return None


def _private_key(path: FileSource) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(
            "private-key-unreadable",
            "{path} is not an Ed25519 private key in PEM: make one{hint}.",
            path=path,
            hint=Hint("make-key"),
        )
    return key


def _public_key(path: FileSource) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        key = load_pem_public_key(path.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput(
            "public-key-unreadable",
            "{path} is not an Ed25519 public key in PEM: use {hint}.",
            path=path,
            hint=Hint("public-key", "that of the signer"),
        )
    return key
