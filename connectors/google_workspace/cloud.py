"""Where Google's services are for a run, and how this machine reaches them."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.errors import UsageError
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.credentials import Ways
from toolkit.sdk.limits import Limits, RunDeadline
from toolkit.values import Body

WAYS = Ways(
    title="Google Workspace",
    name="GOOGLE",
    needed={"key": ("KEY_FILE", "ADMIN"), "ambient": ("SERVICE_ACCOUNT", "ADMIN")},
    likely={"SERVICE_ACCOUNT": "ambient"},
    otherwise="key",
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
    """A service account without a key, which whoever this machine is may sign for (IAM signBlob)."""

    service_account: str
    administrator: str


ServiceAccount = KeyFile | Key | Ambient


def named_account(variables: Mapping[str, str], identity: Identity) -> ServiceAccount:
    """Find the service account that the variables name for an identity; UsageError where they name none."""
    named = WAYS.chosen(variables, identity)
    administrator = named.parts["ADMIN"]
    if named.way == "key":
        return KeyFile(Path(named.parts["KEY_FILE"]).expanduser(), administrator)
    return Ambient(named.parts["SERVICE_ACCOUNT"], administrator)


def named_ids(variables: Mapping[str, str]) -> frozenset[str]:
    """Give the client ids of the service accounts whose keys the variables name, of whichever identities they do."""
    found = set()
    for identity in Identity:
        with suppress(UsageError, OSError, ValueError, AttributeError):
            account = named_account(variables, identity)
            if isinstance(account, KeyFile):
                found.add(str(json.loads(account.path.read_text()).get("client_id")))
    return frozenset(found)


def emulated_account(tenant: Body, identity: Identity) -> Key:
    """Find the emulator's service account for an identity in what it says of a tenant."""
    accounts = tenant["service_accounts"]
    assert isinstance(accounts, Mapping)
    key = accounts["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(key, Mapping)
    return Key(key, str(tenant["administrator"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The way to the services; `root` stands before their host names, "" where they are at their own.

    A call that fails in passing is tried again after `first_wait` seconds and more, for `patience` seconds in all.
    """

    root: str
    ca_file: Path | None
    first_wait: float
    patience: float
    settles: float | None  # seconds in which reads have heard of a write; None: as long as each kind says
    limits: Limits
    deadline: RunDeadline

    @property
    def emulated(self) -> bool:
        return bool(self.root)

    def address(self, url: str) -> str:
        """Give where what Google has at an address of its own is in this run."""
        if not self.emulated:
            return url
        parts = urlsplit(url)
        return f"{self.root}/{parts.netloc}{parts.path}"


def find_cloud(target: Target) -> Cloud:
    """Find the services of a target."""
    limits = target.limits
    deadline = target.deadline or RunDeadline(limits.run_seconds)
    if target.emulator is None:
        return Cloud(
            root="",
            ca_file=target.ca_file,
            first_wait=1.0,
            patience=target.patience,
            settles=target.settles,
            limits=limits,
            deadline=deadline,
        )
    return Cloud(
        root=str(target.emulator["url"]).rstrip("/"),
        # Its own: TOOLKIT_CA_FILE may be there for the web filter between here and the real services.
        ca_file=Path(str(target.emulator["ca_file"])),
        first_wait=0.05,
        patience=target.patience,
        settles=target.settles,
        limits=limits,
        deadline=deadline,
    )
