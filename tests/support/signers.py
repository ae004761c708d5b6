"""Keys and certificates to sign with, made for a test and trusted by nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NOWHERE = x509.UniformResourceIdentifier("http://revoked.invalid/")
"""Where a certificate says that one can ask whether it was revoked."""


@dataclass(frozen=True)
class Holder:
    """A key, and a certificate that says whose it is."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pkcs12(self, file: Path, passphrase: str) -> Path:
        """Both in one file, under a passphrase."""
        file.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"key", self.key, self.certificate, None, BestAvailableEncryption(passphrase.encode())
            )
        )
        return file

    def pem(self, folder: Path) -> tuple[Path, Path]:
        """The key and the certificate, each in a file of its own."""
        key, certificate = folder / "key.pem", folder / "cert.pem"
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        certificate.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return key, certificate


def authority(name: str) -> Holder:
    """Who issues certificates."""
    return _issued(name, None)


def holder(name: str, issuer: Holder, since: int = 2020, until: int = 2120) -> Holder:
    """Who has a certificate from an authority, valid between the first days of two years."""
    return _issued(name, issuer, since, until)


def _issued(name: str, issuer: Holder | None, since: int = 2020, until: int = 2120) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signs = issuer is not None
    usage = x509.KeyUsage(signs, signs, False, False, False, not signs, not signs, False, False)
    asked = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, NOWHERE)
    lists = x509.DistributionPoint([NOWHERE], None, None, None)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(since, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(until, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(not signs, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.AuthorityInformationAccess([asked]), critical=False)
        .add_extension(x509.CRLDistributionPoints([lists]), critical=False)
        .sign(issuer.key if issuer else key, SHA256())
    )
    return Holder(key, certificate)
