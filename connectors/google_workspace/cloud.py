"""The addresses of Google's services for a run, and the identities that can sign in."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.errors import UsageError
from toolkit.records import dataclass
from toolkit.sdk import (
    SEPARATE_IDENTITIES,
    CloudServices,
    Identity,
    PersonWay,
    ValueForm,
    Ways,
    use_separate_identity,
)
from toolkit.values import Body

WAYS = Ways(
    title="Google Workspace",
    name="GOOGLE",
    variables_by_way={"key": ("KEY_FILE", "ADMIN"), "ambient": ("SERVICE_ACCOUNT", "ADMIN")},
    likely={"SERVICE_ACCOUNT": "ambient"},
    default_way="key",
    forms=dict.fromkeys(("ADMIN", "SERVICE_ACCOUNT"), ValueForm(r"[^@\s]+@[^@\s]+", "an e-mail address")),
    files=frozenset({"KEY_FILE"}),
)
SIGN_IN_CLIENT = "TOOLKIT_GOOGLE_SIGN_IN_CLIENT"
"""The variable with the file of the OAuth client that people sign in with."""

_BEFORE = """\
Google Workspace: sign in as a super administrator through the school's own OAuth client, and agree to each permission
The permissions are read-only. toolkit sends only requests that read, and keeps the token only in memory
You can withdraw the permissions under myaccount.google.com > Security > Third-party connections"""
PERSON = PersonWay(
    notice=tuple(_BEFORE.splitlines()),
    variable=SIGN_IN_CLIENT,
    without="Google does not publish a client for this. Create an OAuth client of type desktop app once in the "
    f"Google Cloud console, and name its JSON file in {SIGN_IN_CLIENT}",
)


SCOPE_PREFIX = "https://www.googleapis.com/auth/"


def full_scope(scope: str) -> str:
    """Return a scope with the common beginning of all scopes. Only the scope for all mail has another beginning."""
    return scope if scope.startswith("https:") else SCOPE_PREFIX + scope


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A service account whose key is in the JSON file that the console creates."""

    path: Path
    administrator: str


@dataclass(frozen=True, slots=True)
class Key:
    """A service account whose key is in memory, such as the emulator's."""

    content: Body = field(repr=False)
    administrator: str


@dataclass(frozen=True, slots=True)
class Ambient:
    """A service account without a key on this computer, whose own identity signs for the account (IAM signBlob)."""

    service_account: str
    administrator: str


ServiceAccount = KeyFile | Key | Ambient


def named_account(variables: Mapping[str, str], identity: Identity) -> ServiceAccount:
    """Return the service account that the environment variables name for an identity.

    Raise UsageError if there is none.
    """
    credentials = WAYS.credential_set(variables, identity)
    administrator = credentials.parts["ADMIN"]
    if credentials.way == "key":
        return KeyFile(Path(credentials.parts["KEY_FILE"]).expanduser(), administrator)
    return Ambient(credentials.parts["SERVICE_ACCOUNT"], administrator)


def account_name(account: ServiceAccount) -> str:
    """Return the address of a service account, or "" if its key does not contain one."""
    match account:
        case Ambient(service_account=name):
            return name
        case Key(content=content):
            return str(content.get("client_email") or "")
        case KeyFile(path=path):
            with suppress(OSError, ValueError, AttributeError):
                return str(json.loads(path.read_text()).get("client_email") or "")
    return ""


def named_ids(variables: Mapping[str, str]) -> frozenset[str]:
    """Return the client ids of all service accounts whose key files the environment variables name."""
    client_ids = set()
    for named in (variables, *(use_separate_identity(variables, name) for name in SEPARATE_IDENTITIES)):
        for identity in Identity:
            with suppress(UsageError, OSError, ValueError, AttributeError):
                account = named_account(named, identity)
                if isinstance(account, KeyFile):
                    client_ids.add(str(json.loads(account.path.read_text()).get("client_id")))
    return frozenset(client_ids)


def emulated_account(tenant: Body, identity: Identity) -> Key:
    """Return the emulator's service account for an identity, from the description of its tenant."""
    accounts = tenant["service_accounts"]
    assert isinstance(accounts, Mapping)
    key = accounts["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(key, Mapping)
    return Key(key, str(tenant["administrator"]))


class Cloud(CloudServices):
    """The addresses of Google's services, and the certificates for them."""

    def address(self, url: str) -> str:
        """Return the address to which this run sends requests for an address of Google."""
        if not self.emulated:
            return url
        parts = urlsplit(url)
        return f"{self.root}/{parts.netloc}{parts.path}"
