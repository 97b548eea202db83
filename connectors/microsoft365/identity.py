"""Who signs in to Microsoft 365: an app with a secret or a certificate, this machine's identity, or a person."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.records import dataclass
from toolkit.sdk import AttendedSignIn, Identity, PersonWay, ValueForm, Ways
from toolkit.values import Body

WAYS = Ways(
    title="Microsoft 365",
    name="MICROSOFT365",
    variables_by_way={
        "secret": ("CLIENT_ID", "CLIENT_SECRET"),
        "certificate": ("CLIENT_ID", "CERTIFICATE"),
        "ambient": (),
    },
    likely={"CLIENT_SECRET": "secret"},
    default_way="certificate",
    forms={
        "CLIENT_ID": ValueForm(
            "(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            "the Application (client) ID from the app's Overview, such as 0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11",
        )
    },
    files=frozenset({"CERTIFICATE"}),
)


ANY_TENANT = "organizations"
"""The sign-in service takes this for the tenant of the person who signs in."""

_BEFORE = """\
Microsoft 365: sign in twice as someone with the role Global Reader, with apps that Microsoft publishes: Microsoft \
Graph Command Line Tools, and the app of Exchange's PowerShell module
Their tokens may carry more than toolkit uses: every permission that the school ever agreed to for these apps, also \
ones that write. toolkit asks for permissions that only read, sends only requests that read, and keeps the tokens in \
memory until it ends
The first time, have a Global Administrator sign in here and tick 'Consent on behalf of your organization'; otherwise \
a Global Reader is stopped at 'Need admin approval'. Microsoft keeps that agreement in Entra ID > Enterprise apps > \
All applications > Microsoft Graph Command Line Tools, where it can be taken back"""
PERSON = PersonWay(notice=tuple(_BEFORE.splitlines()))


@dataclass(frozen=True, slots=True)
class Secret:
    """An application that proves itself with a client secret."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """An application that proves itself with the key of a certificate, both in one PEM file."""

    client_id: str
    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ambient:
    """The machine's identity: a managed identity, a federated workload, a person signed in with az."""

    client_id: str = "of this machine"


@dataclass(frozen=True, slots=True)
class Attended:
    """A person at this computer, who signs in by clients that Microsoft publishes."""

    sign_in: AttendedSignIn = field(repr=False)
    client_id: str = "of a person"


Application = Secret | Certificate | Ambient | Attended


def named_application(variables: Mapping[str, str], identity: Identity) -> Application:
    """Find the application that the variables name for an identity; UsageError where they name none."""
    credential_set = WAYS.credential_set(variables, identity)
    match credential_set.way:
        case "secret":
            return Secret(credential_set.parts["CLIENT_ID"], credential_set.parts["CLIENT_SECRET"])
        case "certificate":
            path = Path(credential_set.parts["CERTIFICATE"]).expanduser()
            return Certificate(
                credential_set.parts["CLIENT_ID"], path, credential_set.parts.get("CERTIFICATE_PASSWORD") or None
            )
        case _:
            return Ambient()


def named_ids(variables: Mapping[str, str]) -> frozenset[str]:
    """Give the ids of the applications that the variables name, of whichever identities they do."""
    client_ids = set()
    for identity in Identity:
        with suppress(UsageError):
            client_ids.add(named_application(variables, identity).client_id)
    return frozenset(client_ids)


def emulated_application(tenant: Body, identity: Identity) -> Application:
    """Find the emulator's application for an identity in its answer about a tenant."""
    applications = tenant["applications"]
    assert isinstance(applications, Mapping)
    application = applications["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(application, Mapping)
    return Secret(str(application["client_id"]), str(application["client_secret"]))
