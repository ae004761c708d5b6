"""Signed statements: the signature is sound in other eyes, and hides nothing from the check."""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from ledger import AsOf, BadInput
from mdfm.books import open_at
from mdfm.cli.app import app
from mdfm.cli.signing import PASSPHRASE
from reports import StatementBatch, add_signature, load_signer, render_statement, write_statements
from reports.render.signing import signatures_of
from reports.statement.comparison import StatementComparison, compare_pdfs
from tests.support import altered_pdf
from tests.support.example_demo import Demo
from tests.support.sample_statement import sample_statement
from tests.support.signers import Holder, authority, holder

SECRET = "correct horse"
OFFICE = "Example trust fund office"


@pytest.fixture(scope="module")
def issuer() -> Holder:
    return authority("Example test authority")


@pytest.fixture(scope="module")
def office(issuer: Holder) -> Holder:
    return holder(OFFICE, issuer)


@pytest.fixture(scope="module")
def statement_pdf() -> bytes:
    return render_statement(sample_statement())


@pytest.fixture
def trust(issuer: Holder, tmp_path: Path) -> Path:
    return issuer.pem(tmp_path)[1]


@pytest.fixture
def signer(office: Holder, tmp_path: Path) -> SimpleSigner:
    return load_signer(office.pkcs12(tmp_path / "office.p12", SECRET), None, lambda: SECRET)


def in_pyhankos_eyes(pdf: bytes, issuer: Holder) -> str:
    """The judgement of the library's own validator, without any of our code."""
    root = Certificate.load(issuer.certificate.public_bytes(Encoding.DER))
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
    assert status.bottom_line
    return str(status.summary())


# ---- signed


def test_a_signature_is_sound_in_the_eyes_of_the_librarys_validator(
    statement_pdf: bytes, signer: SimpleSigner, issuer: Holder
) -> None:
    told = in_pyhankos_eyes(add_signature(statement_pdf, signer), issuer)
    assert {"INTACT", "TRUSTED", "UNTOUCHED"} <= set(told.replace(":", ",").split(","))


def test_the_pdf_itself_does_not_change_and_the_signature_follows_pades(
    statement_pdf: bytes, signer: SimpleSigner
) -> None:
    signed = add_signature(statement_pdf, signer)
    assert signed.startswith(statement_pdf)
    assert b"/ETSI.CAdES.detached" in signed[len(statement_pdf) :]
    assert compare_pdfs(signed, statement_pdf) == StatementComparison(same=True)
    assert compare_pdfs(add_signature(statement_pdf, signer), statement_pdf) == StatementComparison(same=True)


def test_who_signed_is_named_and_trusted_only_where_the_reader_says_so(
    statement_pdf: bytes, signer: SimpleSigner, trust: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    signed = add_signature(statement_pdf, signer)
    (found,) = signatures_of(signed)
    assert (found.sound, found.whole_file, found.trusted) == (True, True, None)
    assert OFFICE in found.by
    assert signatures_of(signed, trust) == (replace(found, trusted=True),)
    stranger = authority("Example stranger").pem(tmp_path)[1]
    assert signatures_of(signed, stranger) == (replace(found, trusted=False),)


def test_a_key_and_a_certificate_in_two_files_sign_as_well(
    statement_pdf: bytes, office: Holder, issuer: Holder, tmp_path: Path
) -> None:
    key, certificate = office.pem(tmp_path)
    in_pyhankos_eyes(add_signature(statement_pdf, load_signer(key, certificate, str)), issuer)


def test_a_pdf_without_a_signature_has_none(statement_pdf: bytes) -> None:
    assert signatures_of(statement_pdf) == ()


# ---- altered


@pytest.mark.parametrize("part", ["the statement", "the signed update"])
def test_a_byte_changed_under_a_signature_breaks_it(
    statement_pdf: bytes, signer: SimpleSigner, part: str
) -> None:
    signed = add_signature(statement_pdf, signer)
    at = (
        signed.index(b"/CreationDate")
        if part == "the statement"
        else signed.index(b"/F 132\n", len(statement_pdf))
    )
    (found,) = signatures_of(signed[:at] + signed[at:].replace(b"2", b"3", 1))
    assert not found.sound


def test_what_is_appended_after_a_signature_is_seen(statement_pdf: bytes, signer: SimpleSigner) -> None:
    noted = altered_pdf.with_note_appended(add_signature(statement_pdf, signer), 2)
    (found,) = signatures_of(noted)
    assert not found.whole_file
    assert compare_pdfs(noted, statement_pdf) == StatementComparison(same=False, redrawn=(2,), appended=True)


def test_a_signature_over_an_altered_pdf_does_not_make_it_the_one_issued(
    statement_pdf: bytes, signer: SimpleSigner
) -> None:
    """Whoever has a key can sign anything."""
    noted = add_signature(altered_pdf.with_note_appended(statement_pdf, 3), signer)
    (found,) = signatures_of(noted)
    assert found.sound
    assert compare_pdfs(noted, statement_pdf) == StatementComparison(same=False, redrawn=(3,), appended=True)


def test_a_signature_that_shows_on_a_page_may_hide_a_figure(
    statement_pdf: bytes, signer: SimpleSigner
) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(statement_pdf))
    box = SigFieldSpec("Seen", on_page=1, box=(400, 500, 520, 520))
    seen = sign_pdf(writer, PdfSignatureMetadata(field_name="Seen"), signer, new_field_spec=box).getvalue()
    shows = StatementComparison(same=False, redrawn=(2,), outside=("a form is added",), appended=True)
    assert compare_pdfs(seen, statement_pdf) == shows


# ---- keys that cannot sign


def test_a_key_that_does_not_open_is_reported_in_a_sentence(office: Holder, tmp_path: Path) -> None:
    file = office.pkcs12(tmp_path / "office.p12", SECRET)
    with pytest.raises(BadInput, match="the passphrase that opens it"):
        load_signer(file, None, lambda: "wrong")


def test_a_certificate_of_another_key_is_refused(office: Holder, issuer: Holder, tmp_path: Path) -> None:
    _, certificate = issuer.pem(tmp_path)
    (own := tmp_path / "own").mkdir()
    key, _ = office.pem(own)
    with pytest.raises(BadInput, match="The certificate is not that of"):
        load_signer(key, certificate, str)


@pytest.mark.parametrize(("since", "until"), [(2020, 2021), (2119, 2120)])
def test_a_certificate_of_another_time_is_refused(
    issuer: Holder, tmp_path: Path, since: int, until: int
) -> None:
    file = holder(OFFICE, issuer, since, until).pkcs12(tmp_path / "office.p12", SECRET)
    told = f"{OFFICE} is valid from {since}-01-01 to {until}-01-01, and not today: give one that is"
    with pytest.raises(BadInput, match=told):
        load_signer(file, None, lambda: SECRET)


def test_a_key_that_is_no_file_is_reported_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.p12 cannot be read: No such file"):
        load_signer(tmp_path / "none.p12", None, lambda: SECRET)


def test_a_file_without_a_certificate_is_no_trust(
    office: Holder, statement_pdf: bytes, tmp_path: Path
) -> None:
    key, _ = office.pem(tmp_path)
    with pytest.raises(BadInput, match="holds no certificate"):
        signatures_of(statement_pdf, key)


# ---- at the command line


def _run(
    demo: Demo, *words: object, secret: str | None = SECRET, typed: str = "", book: Path | None = None
) -> tuple[int, str]:
    env = {PASSPHRASE: secret, "MDFM_BOOK": str(book or demo.book)}
    result = CliRunner(env=env).invoke(app, [str(word) for word in words], input=typed)
    return result.exit_code, result.output


SPAN = ("--term", "2021-2023", "--to", "2022-12-31")
WRITE = ("statement", "write", "CITY-A", *SPAN)
ALL = ("statement", "all", *SPAN)


def test_a_statement_is_written_signed_and_confirmed(
    demo: Demo, office: Holder, issuer: Holder, trust: Path, tmp_path: Path
) -> None:
    key = office.pkcs12(tmp_path / "office.p12", SECRET)
    out = tmp_path / "signed.pdf"
    code, said = _run(demo, *WRITE, "--sign", key, "--out", out)
    assert code == 0, said
    in_pyhankos_eyes(out.read_bytes(), issuer)
    code, said = _run(demo, "audit", "statement", out, "--trust", trust)
    assert code == 0, said
    assert f"{OFFICE}, sound, over the whole file, trusted." in said
    assert "confirmed, every figure." in said
    stranger = authority("Example stranger").pem(tmp_path)[1]
    code, said = _run(demo, "audit", "statement", out, "--trust", stranger)
    assert code == 1
    assert "does not lead to a certificate that is trusted" in said


def test_the_passphrase_is_asked_for_and_never_shown(demo: Demo, office: Holder, tmp_path: Path) -> None:
    key = office.pkcs12(tmp_path / "office.p12", SECRET)
    out = tmp_path / "signed.pdf"
    code, said = _run(demo, *WRITE, "--sign", key, "--out", out, secret=None, typed=f"{SECRET}\n")
    assert code == 0, said
    assert SECRET not in said
    assert len(signatures_of(out.read_bytes())) == 1


@pytest.mark.parametrize(
    "given", [("--key", "k.pem"), ("--cert", "c.pem"), ("--sign", "a", "--key", "b", "--cert", "c")]
)
def test_half_a_key_is_bad_usage(demo: Demo, tmp_path: Path, given: tuple[str, ...]) -> None:
    out = tmp_path / "signed.pdf"
    code, said = _run(demo, *WRITE, *given, "--out", out)
    assert code == 2
    assert "To sign, give --sign KEY.p12, or --key KEY.pem together with --cert CERT.pem." in said
    assert not out.exists()


# ---- everybody's


def test_a_batch_is_signed_and_each_file_is_kept_with_its_signature(
    demo: Demo, office: Holder, issuer: Holder, tmp_path: Path
) -> None:
    key, book = office.pkcs12(tmp_path / "office.p12", SECRET), demo.copy(tmp_path / "copy.book")
    out = tmp_path / "out"
    some = ("--donor", "CITY-A", "--donor", "GOV-A", "--issue", "--by", "somebody", "--out", out)
    code, said = _run(demo, *ALL, *some, "--sign", key, secret=None, typed=f"{SECRET}\n", book=book)
    assert code == 0, said
    assert said.count("Passphrase of the key") == 1
    assert SECRET not in said
    assert f"2 statements, signed, are in {out}.\n2 of them are now recorded" in said
    assert sorted(path.name for path in out.iterdir()) == ["CITY-A-en.pdf", "GOV-A-fr.pdf"]
    for path in out.iterdir():
        in_pyhankos_eyes(path.read_bytes(), issuer)
    _, listed = _run(demo, "statement", "issued", "--json", book=book)
    last, again = json.loads(listed)[-1], tmp_path / "again.pdf"
    name = f"{last['donor']}-{last['language']}.pdf"
    code, said = _run(demo, "statement", "reprint", last["statement"], "--out", again, book=book)
    assert code == 0, said
    assert (out / name).read_bytes() == again.read_bytes()
    assert last["file_sha256"] == hashlib.sha256(again.read_bytes()).hexdigest()
    assert last["paper_sha256"] != last["file_sha256"]


def test_a_key_that_cannot_sign_is_reported_before_anything_is_written(
    demo: Demo, issuer: Holder, office: Holder, tmp_path: Path
) -> None:
    out, nowhere = tmp_path / "out", ("--term", "1999-2001")
    ended = holder(OFFICE, issuer, until=2021).pkcs12(tmp_path / "ended.p12", SECRET)
    locked = office.pkcs12(tmp_path / "office.p12", "another")
    for key, sentence in (
        (ended, "and not today: give one that is."),
        (locked, "the passphrase that opens it."),
    ):
        code, said = _run(demo, "statement", "all", *nowhere, "--out", out, "--sign", key)
        assert code == 2
        assert sentence in said
        assert said.count("\n") == 1
    assert not out.exists()


def test_what_fails_while_it_is_signed_leaves_nothing(demo: Demo, tmp_path: Path) -> None:
    book = open_at(str(demo.book))
    with book.reading() as books:
        asked = StatementBatch("2021-2023", AsOf.now(books, date(2022, 12, 31)), only=("CITY-A",))

    def fail(_: bytes) -> bytes:
        raise BadInput("key-gone", "the key is gone")

    with pytest.raises(BadInput, match="the key is gone"):
        write_statements(book, asked, tmp_path / "out", jobs=1, sign=fail)
    book.close()
    assert not (tmp_path / "out").exists()
