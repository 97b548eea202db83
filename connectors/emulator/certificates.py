"""The emulator's own certificate authority; its file stays the same as long as the state directory does."""

import os
import ssl
from collections.abc import Iterable
from pathlib import Path

import trustme


def load_authority(directory: Path) -> tuple[trustme.CA, Path]:
    """Read the authority kept in a directory, or make one; return it with the file that clients trust."""
    certificate, key = directory / "ca.pem", directory / "ca.key"
    if certificate.exists() and key.exists():
        return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()), certificate
    authority = trustme.CA(organization_name="toolkit emulator, trusted on this machine only")
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(authority.private_key_pem.bytes())
    certificate.write_bytes(authority.cert_pem.bytes())
    return authority, certificate


def server_context(authority: trustme.CA, hosts: Iterable[str]) -> ssl.SSLContext:
    """Make a TLS context that answers for this machine and for vendors' hosts; its key is never kept."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert("localhost", "127.0.0.1", "::1", *sorted(hosts)).configure_cert(context)
    return context
