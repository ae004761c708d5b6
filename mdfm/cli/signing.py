"""Options for signing with a key, and the prompt for its passphrase."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from mdfm.cli import options
from mdfm.cli.console import Misused

PASSPHRASE = "MDFM_SIGN_PASSPHRASE"
"""The environment variable of the passphrase; as an option everybody on the machine could read it."""


def signing(command: options.Callback) -> options.Callback:
    """The options of a command that can sign what it writes."""
    both = click.option(
        "--sign",
        type=options.FILE,
        metavar="KEY.p12",
        help="Sign it with this key and certificate (PKCS#12).",
    )
    key = click.option(
        "--key", type=options.FILE, metavar="KEY.pem", help="Sign it with this key, and --cert."
    )
    cert = click.option("--cert", type=options.FILE, metavar="CERT.pem", help="The key's certificate.")
    return both(key(cert(command)))


def signature(sign: Path | None, key: Path | None, cert: Path | None) -> Callable[[bytes], bytes] | None:
    """The function that signs a PDF, or None if no key is given.

    The key is opened now, before anything is rendered; its passphrase is asked for where it has one.
    """
    if (key is None) != (cert is None) or (sign and key):
        raise click.UsageError(
            "To sign, give --sign KEY.p12, or --key KEY.pem together with --cert CERT.pem."
        )
    own = sign or key
    if own is None:
        return None
    from reports import add_signature, load_signer  # noqa: PLC0415 - half a second

    return partial(add_signature, signer=load_signer(own, cert, _passphrase))


def _passphrase() -> str:
    known = os.environ.get(PASSPHRASE)
    if known is not None:
        return known
    try:
        asked: str = click.prompt(f"Passphrase of the key (or set {PASSPHRASE})", hide_input=True, err=True)
    except click.Abort:
        raise Misused(f"No passphrase was given for the key: type it, or set {PASSPHRASE}.") from None
    return asked
