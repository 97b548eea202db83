"""Who can sign in to Microsoft 365: an app with a secret or certificate, this machine, or a person."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.records import dataclass
from toolkit.sdk import (
    SEPARATE_IDENTITIES,
    AttendedSignIn,
    Identity,
    PersonWay,
    ValueForm,
    Ways,
    use_separate_identity,
)
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
"""The sign-in service takes this as the tenant of the person who signs in."""

_BEFORE = """\
Microsoft 365: sign in twice as a person with the role Global Reader, through apps that Microsoft publishes: Microsoft \
Graph Command Line Tools, and the app of Exchange's PowerShell module
Their tokens may include more than toolkit uses, for example every permission, also to write, that the school ever \
granted to these apps. toolkit requests only permissions to read, sends only requests that read, and keeps the tokens \
in memory until it ends
The first time, ask a Global Administrator to sign in here and tick 'Consent on behalf of your organization'. \
Otherwise, Microsoft stops a Global Reader at 'Need admin approval'. An administrator can withdraw that consent in \
Entra ID > Enterprise apps > All applications > Microsoft Graph Command Line Tools"""
PERSON = PersonWay(notice=tuple(_BEFORE.splitlines()))


@dataclass(frozen=True, slots=True)
class Secret:
    """An application that signs in with a client secret."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """An application that signs in with a certificate. The certificate and its key are in one PEM file."""

    client_id: str
    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ambient:
    """The identity of this machine: a managed identity, a federated workload, or a person who signed in with az."""

    client_id: str = "of this machine"


@dataclass(frozen=True, slots=True)
class Attended:
    """A person at this computer, who signs in through apps that Microsoft publishes."""

    sign_in: AttendedSignIn = field(repr=False)
    client_id: str = "of a person"


Application = Secret | Certificate | Ambient | Attended


def named_application(variables: Mapping[str, str], identity: Identity) -> Application:
    """Return the application that the environment variables name for an identity. Raise UsageError if there is none."""
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
    """Return the client ids of all applications that the environment variables name."""
    client_ids = set()
    for named in (variables, *(use_separate_identity(variables, name) for name in SEPARATE_IDENTITIES)):
        for identity in Identity:
            with suppress(UsageError):
                client_ids.add(named_application(named, identity).client_id)
    return frozenset(client_ids)


def emulated_application(tenant: Body, identity: Identity) -> Application:
    """Return an identity's application on an emulated tenant, from the emulator's description of the tenant."""
    applications = tenant["applications"]
    assert isinstance(applications, Mapping)
    application = applications["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(application, Mapping)
    return Secret(str(application["client_id"]), str(application["client_secret"]))
