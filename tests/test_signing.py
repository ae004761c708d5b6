"""Signed statements: the signature is sound in other eyes, and hides nothing from the check."""

from __future__ import annotations

import socket
from dataclasses import replace
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

from ledger import BadInput
from mdfm.cli import app
from mdfm.signing import PASSPHRASE
from reports import load_signer, render_statement, sign_paper
from reports.signing import signatures_of
from reports.statement_check import Comparison, compare
from tests import altered_pdf
from tests.example_demo import Demo
from tests.sample_statement import sample_statement
from tests.signers import Holder, authority, holder

SECRET = "correct horse"
OFFICE = "Example trust fund office"


@pytest.fixture(scope="module")
def issuer() -> Holder:
    return authority("Example test authority")


@pytest.fixture(scope="module")
def office(issuer: Holder) -> Holder:
    return holder(OFFICE, issuer)


@pytest.fixture(scope="module")
def paper() -> bytes:
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
    paper: bytes, signer: SimpleSigner, issuer: Holder
) -> None:
    told = in_pyhankos_eyes(sign_paper(paper, signer), issuer)
    assert {"INTACT", "TRUSTED", "UNTOUCHED"} <= set(told.replace(":", ",").split(","))


def test_the_paper_itself_stays_as_it_is_and_the_signature_follows_pades(
    paper: bytes, signer: SimpleSigner
) -> None:
    signed = sign_paper(paper, signer)
    assert signed.startswith(paper)
    assert b"/ETSI.CAdES.detached" in signed[len(paper) :]
    assert compare(signed, paper) == Comparison(same=True)
    assert compare(sign_paper(paper, signer), paper) == Comparison(same=True)


def test_who_signed_is_named_and_trusted_only_where_the_reader_says_so(
    paper: bytes, signer: SimpleSigner, trust: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    signed = sign_paper(paper, signer)
    (found,) = signatures_of(signed)
    assert (found.sound, found.whole_file, found.trusted) == (True, True, None)
    assert OFFICE in found.by
    assert signatures_of(signed, trust) == (replace(found, trusted=True),)
    stranger = authority("Example stranger").pem(tmp_path)[1]
    assert signatures_of(signed, stranger) == (replace(found, trusted=False),)


def test_a_key_and_a_certificate_in_two_files_sign_as_well(
    paper: bytes, office: Holder, issuer: Holder, tmp_path: Path
) -> None:
    key, certificate = office.pem(tmp_path)
    in_pyhankos_eyes(sign_paper(paper, load_signer(key, certificate, str)), issuer)


def test_a_paper_without_a_signature_has_none(paper: bytes) -> None:
    assert signatures_of(paper) == ()


# ---- altered


@pytest.mark.parametrize("part", ["the paper", "the signed update"])
def test_a_byte_changed_under_a_signature_breaks_it(paper: bytes, signer: SimpleSigner, part: str) -> None:
    signed = sign_paper(paper, signer)
    at = signed.index(b"/CreationDate") if part == "the paper" else signed.index(b"/F 132\n", len(paper))
    (found,) = signatures_of(signed[:at] + signed[at:].replace(b"2", b"3", 1))
    assert not found.sound


def test_what_is_appended_after_a_signature_is_seen(paper: bytes, signer: SimpleSigner) -> None:
    noted = altered_pdf.with_note_appended(sign_paper(paper, signer), 2)
    (found,) = signatures_of(noted)
    assert not found.whole_file
    assert compare(noted, paper) == Comparison(same=False, redrawn=(2,))


def test_a_signature_over_an_altered_paper_does_not_make_it_the_one_issued(
    paper: bytes, signer: SimpleSigner
) -> None:
    """Whoever has a key can sign anything."""
    noted = sign_paper(altered_pdf.with_note_appended(paper, 3), signer)
    (found,) = signatures_of(noted)
    assert found.sound
    assert compare(noted, paper) == Comparison(same=False, redrawn=(3,))


def test_a_signature_that_shows_on_a_page_may_hide_a_figure(paper: bytes, signer: SimpleSigner) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(paper))
    box = SigFieldSpec("Seen", on_page=1, box=(400, 500, 520, 520))
    seen = sign_pdf(writer, PdfSignatureMetadata(field_name="Seen"), signer, new_field_spec=box).getvalue()
    assert compare(seen, paper) == Comparison(same=False, redrawn=(2,))


# ---- keys that cannot sign


def test_a_key_that_does_not_open_is_told_in_a_sentence(office: Holder, tmp_path: Path) -> None:
    file = office.pkcs12(tmp_path / "office.p12", SECRET)
    with pytest.raises(BadInput, match="the passphrase that opens it"):
        load_signer(file, None, lambda: "wrong")


def test_a_certificate_of_another_key_is_refused(office: Holder, issuer: Holder, tmp_path: Path) -> None:
    _, certificate = issuer.pem(tmp_path)
    (own := tmp_path / "own").mkdir()
    key, _ = office.pem(own)
    with pytest.raises(BadInput, match="The certificate is not that of"):
        load_signer(key, certificate, str)


def test_a_file_without_a_certificate_is_no_trust(office: Holder, paper: bytes, tmp_path: Path) -> None:
    key, _ = office.pem(tmp_path)
    with pytest.raises(BadInput, match="holds no certificate"):
        signatures_of(paper, key)


# ---- at the command line


def _run(demo: Demo, *words: object, secret: str | None = SECRET, typed: str = "") -> tuple[int, str]:
    env = {PASSPHRASE: secret, "MDFM_BOOK": str(demo.book)}
    result = CliRunner(env=env).invoke(app, [str(word) for word in words], input=typed)
    return result.exit_code, result.output


WRITE = ("statement", "write", "CITY-A", "--term", "2021-2023", "--to", "2022-12-31")


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
