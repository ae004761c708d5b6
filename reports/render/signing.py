"""Signatures of PDFs: signing with one's own key, and validating the signatures of a file.

A signature follows PAdES B-B (ETSI EN 319 142-1). It is appended to the PDF, whose own bytes do not change,
and is invisible on every page. Nothing here uses the network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from ledger import BadInput, FileSource

if TYPE_CHECKING:  # half a second to load: only for those who sign or check
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko.sign.validation.status import PdfSignatureStatus
    from pyhanko_certvalidator.registry import CertificateStore

_FIELD = "Certification"

# The library would also print what it returns about a certificate.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class SignatureFound:
    """A signature of a PDF, and the result of its validation."""

    by: str
    """The subject of the signer's certificate; anybody can write any name into a certificate of their own."""
    sound: bool
    """Whether what was signed is unchanged, and was signed with the key of that certificate."""
    whole_file: bool
    """Whether nothing was appended to the file since."""
    trusted: bool | None
    """Whether the certificate leads to one that the reader trusts; None if none was given."""


def load_signer(
    key: FileSource, certificate: FileSource | None, passphrase: Callable[[], str]
) -> SimpleSigner:
    """The signer whose key and certificate are in a PKCS#12 file, or in two files (PEM or DER).

    The passphrase is asked for only when the key does not open without one. Raises BadInput when it still
    does not, for a certificate of another key, and for one that is not valid today.
    """
    signer = _opened(key, certificate, None) or _opened(key, certificate, passphrase().encode())
    if signer is None or signer.signing_cert is None:
        needed = "a key" if certificate else "a key and its certificate (PKCS#12)"
        raise BadInput(
            "signing-key-unusable",
            "{key} cannot be used: give a file with {needed}, and the passphrase that opens it.",
            key=key,
            needed=needed,
        )
    if _public(signer) != signer.signing_cert.public_key.dump():
        raise BadInput(
            "certificate-of-other-key",
            "The certificate is not that of {key}: give the two that belong together.",
            key=key,
        )
    _require_valid(signer.signing_cert)
    return signer


def _require_valid(certificate: Certificate) -> None:
    first, last = certificate.not_valid_before, certificate.not_valid_after
    if not first <= datetime.now(UTC) <= last:
        raise BadInput(
            "certificate-not-valid-today",
            "The certificate of {owner} is valid from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
            "and not today: give one that is.",
            owner=certificate.subject.human_friendly,
            first=first,
            last=last,
        )


def _public(signer: SimpleSigner) -> bytes:
    key = load_der_private_key(signer.signing_key.dump(), None)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _opened(key: FileSource, certificate: FileSource | None, passphrase: bytes | None) -> SimpleSigner | None:
    try:
        return _open(key, certificate, passphrase)
    except (ValueError, TypeError, AttributeError):  # wrong passphrase; a key without a certificate
        return None
    except OSError as error:
        raise BadInput(
            "signing-file-not-readable",
            "{filename} cannot be read: {why}.",
            filename=error.filename or key,
            why=error.strerror,
        ) from None


def _open(key: FileSource, certificate: FileSource | None, passphrase: bytes | None) -> SimpleSigner:
    from pyhanko.keys.pemder import load_private_key_from_pemder_data  # noqa: PLC0415
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    if certificate is None:
        both: SimpleSigner = SimpleSigner.load_pkcs12_data(key.read_bytes(), (), passphrase)
        return both
    own, *others = load_certificates(certificate)
    chain: CertificateStore = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    chain.register_multiple(others)
    return SimpleSigner(own, load_private_key_from_pemder_data(key.read_bytes(), passphrase), chain)


def load_certificates(file: FileSource) -> list[Certificate]:
    """The certificates in a file, PEM or DER, at least one; BadInput where there is none."""
    from pyhanko.keys.pemder import load_certs_from_pemder_data  # noqa: PLC0415

    try:
        found = list(load_certs_from_pemder_data(file.read_bytes()))
    except (ValueError, TypeError):
        found = []
    if not found:
        raise BadInput(
            "certificate-missing",
            "{file} holds no certificate: give one as PEM or DER.",
            file=file,
        )
    return found


def add_signature(pdf: bytes, signer: SimpleSigner) -> bytes:
    """The PDF with a signature appended."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf  # noqa: PLC0415

    how = PdfSignatureMetadata(field_name=_FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    return bytes(sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), how, signer=signer).getvalue())


def signatures_of(pdf: bytes, trust: FileSource | None = None) -> tuple[SignatureFound, ...]:
    """The signatures of a PDF, oldest first; trusted only if their certificates lead to one in `trust`."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.settings import KeyUsageConstraints  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    roots = load_certificates(trust) if trust else []
    # Certificates for signing have one of the two usages, depending on their issuer.
    usage = KeyUsageConstraints({"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    return tuple(
        _judged(
            validate_pdf_signature(
                signature,
                ValidationContext(trust_roots=roots, allow_fetching=False),
                key_usage_settings=usage,
            ),
            trust is not None,
        )
        for signature in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    )


def _judged(status: PdfSignatureStatus, with_trust: bool) -> SignatureFound:
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415

    sound = status.intact and status.valid and status.docmdp_ok is not False
    return SignatureFound(
        by=status.signing_cert.subject.human_friendly,
        sound=sound,
        whole_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        trusted=sound and status.trusted if with_trust else None,
    )
