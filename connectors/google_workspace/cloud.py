"""Where Google's services are for a run, and how this machine reaches them."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.errors import UsageError
from toolkit.records import dataclass
from toolkit.sdk import CloudServices, Identity, PersonWay, ValueForm, Ways
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
"""Names the file of the OAuth client that people sign in with."""

_BEFORE = """\
Google Workspace: sign in as a super administrator, by the school's own OAuth client, and agree to each permission
The permissions only read. toolkit sends only requests that read, and keeps the token in memory until it ends
Google keeps the agreement under myaccount.google.com > Security > Third-party connections: take it back there"""
PERSON = PersonWay(
    notice=tuple(_BEFORE.splitlines()),
    variable=SIGN_IN_CLIENT,
    without="Google publishes no client for it. Make an OAuth client of type desktop app once in the Google Cloud "
    f"console, and name its JSON file in {SIGN_IN_CLIENT}",
)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A service account whose key is in a file, as the console gives it."""

    path: Path
    administrator: str


@dataclass(frozen=True, slots=True)
class Key:
    """A service account whose key is at hand; the emulator tells its own."""

    content: Body = field(repr=False)
    administrator: str


@dataclass(frozen=True, slots=True)
class Ambient:
    """A service account without a key, for which this machine's identity may sign (IAM signBlob)."""

    service_account: str
    administrator: str


ServiceAccount = KeyFile | Key | Ambient


def named_account(variables: Mapping[str, str], identity: Identity) -> ServiceAccount:
    """Find the service account that the variables name for an identity; UsageError where they name none."""
    credentials = WAYS.credential_set(variables, identity)
    administrator = credentials.parts["ADMIN"]
    if credentials.way == "key":
        return KeyFile(Path(credentials.parts["KEY_FILE"]).expanduser(), administrator)
    return Ambient(credentials.parts["SERVICE_ACCOUNT"], administrator)


def account_name(account: ServiceAccount) -> str:
    """Return the address of a service account; "" if its key does not say it."""
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
    """Give the client ids of the service accounts whose keys the variables name, of whichever identities they do."""
    client_ids = set()
    for identity in Identity:
        with suppress(UsageError, OSError, ValueError, AttributeError):
            account = named_account(variables, identity)
            if isinstance(account, KeyFile):
                client_ids.add(str(json.loads(account.path.read_text()).get("client_id")))
    return frozenset(client_ids)


def emulated_account(tenant: Body, identity: Identity) -> Key:
    """Find the emulator's service account for an identity in its answer about a tenant."""
    accounts = tenant["service_accounts"]
    assert isinstance(accounts, Mapping)
    key = accounts["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(key, Mapping)
    return Key(key, str(tenant["administrator"]))


class Cloud(CloudServices):
    """The way to Google's services."""

    def address(self, url: str) -> str:
        """Give where what Google has at an address of its own is in this run."""
        if not self.emulated:
            return url
        parts = urlsplit(url)
        return f"{self.root}/{parts.netloc}{parts.path}"
