"""What renders and signs reports, tried: every face of the fonts, and a signature on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from ledger import Document
from reports.render.typeface import BOLD, FONTS, ITALIC, OTHERS, REGULAR

_LATIN = "Aaé€ß0ΩЖ"
FACE_SAMPLES = {
    REGULAR: _LATIN,
    BOLD: _LATIN,
    ITALIC: _LATIN,
    **dict(zip(OTHERS, ("\u0627\u0628", "\u12a0\u1208", "\u4e2d\u65e5\u3042", "\ud55c\uad6d"), strict=True)),
}
"""By face: characters of the scripts that it is there for."""


def font_faults(folder: Path = FONTS) -> list[str]:
    """What is wrong with the fonts, one face each; none when all load and have their characters."""
    found = ((name, _face_fault(folder / f"{name}.ttf", text)) for name, text in FACE_SAMPLES.items())
    return [f"{name} {fault}" for name, fault in found if fault]


def _face_fault(file: Path, text: str) -> str:
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - half a second to load

    if not file.is_file():
        return "is missing"
    try:
        glyphs = TTFont(file.stem, str(file)).face.charToGlyph
    except Exception as error:  # damage may raise anything
        return f"does not load ({type(error).__name__})"
    lacking = [f"U+{ord(char):04X}" for char in text if not glyphs.get(ord(char))]
    return f"lacks {', '.join(lacking)}" if lacking else ""


def signing_fault() -> str:
    """What is wrong with signing; empty when a page that was signed is found to be sound."""
    # Imported here: a library that is missing or broken is to be reported.
    try:
        from reports.render.signing import add_signature, load_signer, signatures_of  # noqa: PLC0415

        signed = add_signature(_page(), load_signer(*_key_and_certificate(), passphrase=str))
        sound = [each.sound and each.whole_file for each in signatures_of(signed)]
    except Exception as error:  # whatever a broken library does
        return f"nothing can be signed: {type(error).__name__}: {error}"
    return "" if sound == [True] else "a signature that was just made is not found to be sound"


def _page() -> bytes:
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    file = BytesIO()
    canvas = Canvas(file)
    canvas.drawString(72, 72, "A page to sign.")
    canvas.save()
    return file.getvalue()


def _key_and_certificate() -> tuple[Document, Document]:
    """A new key, and a certificate of its own that is valid today."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mdfm")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Document("key.pem", private), Document("certificate.pem", certificate.public_bytes(pem))
