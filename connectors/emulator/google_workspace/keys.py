"""The keys of one emulator: a pair for each service account and for id tokens, and the secret in access tokens.

They are made once for a state directory and shared by its tenants, since making one takes longer than all else that
opening a tenant does.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from secrets import token_urlsafe

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from connectors.emulator.store import Store
from connectors.emulator.wire import Body

_PLACE = ("", "keys")
_CERTIFICATE = "google certificate"
_YEARS = timedelta(days=3650)


def private_pem(store: Store, name: str) -> str:
    """Read a private key as PEM; the first time it is made."""
    return _kept(store, f"google {name}", _new_pem)


def private_key(store: Store, name: str) -> RSAPrivateKey:
    """Read a private key; the first time it is made."""
    return _parsed(private_pem(store, name))


def certificate_pem(store: Store, name: str) -> str:
    """Read the certificate of a key, which clients verify id tokens with."""
    return _kept(store, f"{_CERTIFICATE} {name}", lambda: _new_certificate(private_key(store, name)))


def secret(store: Store) -> str:
    """Read the secret that access tokens are signed with; nobody but the emulator reads them."""
    return _kept(store, "google secret", lambda: token_urlsafe(48))


def _kept(store: Store, name: str, make: Callable[[], str]) -> str:
    known = store.get(*_PLACE, name)
    if known is not None:
        return str(known["text"])
    made = make()
    entry: Body = {"text": made}
    store.put(*_PLACE, name, entry)
    return made


def _new_pem() -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _new_certificate(key: RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + _YEARS)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@lru_cache(maxsize=8)
def _parsed(pem: str) -> RSAPrivateKey:
    # The key is our own, so that the check of its primes, 40 ms, is left out.
    key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key
