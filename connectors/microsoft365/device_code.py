"""A person signing in as themselves: they type a code into Microsoft's page, in any browser.

Follows https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.graph.service import quoted
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.permissions import graph as graph_permission
from connectors.microsoft365.sign_in import network_of, read_refusal
from toolkit.errors import BadAnswer, NotFound, SignInRefused, UsageError
from toolkit.sdk.connector import Target
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.endpoint import texts
from toolkit.sdk.paths import segment
from toolkit.sdk.school import Tenant
from toolkit.values import Body

if TYPE_CHECKING:
    from azure.identity import AuthenticationRecord

VARIABLE = "TOOLKIT_MICROSOFT365_SIGN_IN_CLIENT"
WAITS = 300  # seconds for the person
_SCOPE = "User.Read"  # of themselves; who they are comes with it, and it is not used
_TRIES = 3  # the vendor's own: no Caller stands around a person
SIGNED_IN = graph_permission("User.Read.All")
"""What the app itself needs to read who signed in."""

_PERSON = "id,userPrincipalName,mail,proxyAddresses,displayName,jobTitle,accountEnabled"
_AGAIN = f"begin again, and type the code within {WAITS // 60} minutes"
_PUBLIC = "Entra > App registrations > Authentication"
_CONSENT = "grant the app User.Read for the whole school in Entra > App registrations > API permissions"
_BLOCKED = "a Conditional Access policy blocks signing in with a code: allow it for this app and these people"
_ADVICE: Mapping[str, str] = {
    "AADSTS65004": "begin again, and agree when asked",
    "AADSTS70018": _AGAIN,
    "AADSTS70019": _AGAIN,
    "AADSTS50105": "assign this person to the app in Entra > Enterprise applications > Users and groups",
    "AADSTS50020": "sign in with an account of this school",
    "AADSTS53003": _BLOCKED,
    "AADSTS530036": _BLOCKED,
    "AADSTS65001": _CONSENT,
    "AADSTS90094": _CONSENT,
    "AADSTS700016": f"check {VARIABLE}, and that the app is this school's",
    "AADSTS7000218": f"allow public client flows for the app in {_PUBLIC}",
}


class DeviceCode:
    """Finds out who is there, by an application that has no secret; nothing of the sign-in outlasts the question."""

    def __init__(self, client_id: str, tenant: Tenant, cloud: Cloud) -> None:
        self._client_id = client_id
        self._tenant = tenant
        self._cloud = cloud

    def identify(self, say: Callable[[str], None]) -> str:
        """Have a person sign in and return their immutable id; SignInRefused, or UsageError where it is not set up."""
        self._check_set_up()
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import DeviceCodeCredential

        def prompt(place: str, code: str, _expires: datetime) -> None:
            say(
                f"To sign in to Microsoft 365 as yourself, open {place} in a browser and type the code {code} within "
                f"{WAITS // 60} minutes."
            )

        with DeviceCodeCredential(
            self._client_id,
            tenant_id=self._tenant.id,
            prompt_callback=prompt,
            timeout=WAITS,
            retry_total=_TRIES,
            retry_backoff_factor=self._cloud.first_wait,
            **network_of(self._cloud),
        ) as credential:
            try:
                record = credential.authenticate(scopes=[_SCOPE])
            except ClientAuthenticationError as error:
                said = read_refusal(error, self._cloud.authority)
                words = f"{said.number}: {said.text}" if said.number else f"{said.text}."
                advice = said.advice(_ADVICE) if said.number else _AGAIN
                raise SignInRefused(f"Microsoft refused the sign-in: {words} What to do: {advice}") from error
        return id_of(record, self._tenant)

    def _check_set_up(self) -> None:
        if self._client_id:
            return
        if self._cloud.emulated:
            raise UsageError(
                "the emulated Microsoft 365 has no app that people sign in with; `toolkit emulator reset` makes one"
            )
        raise UsageError(
            f"people cannot sign in to Microsoft 365 as themselves: {VARIABLE} is not set; it is the client id of an "
            f"app registration that allows public client flows ({_PUBLIC}), see .env.example"
        )


def client_of(target: Target, told: Body) -> str:
    """Find the id of the application that people sign in with; "" where there is none."""
    if target.emulator is None:
        return target.variables.get(VARIABLE, "")
    match told.get("sign_in"):
        case {"client_id": str(client_id)}:
            return client_id
        case _:
            return ""


def id_of(record: "AuthenticationRecord", tenant: Tenant) -> str:
    """Return the id of the person who signed in; SignInRefused where they are a guest, or another school's."""
    person, _, home = record.home_account_id.partition(".")
    if {home.lower(), record.tenant_id.lower()} != {tenant.id.lower()}:
        raise SignInRefused(
            f"{record.username} signed in and belongs to another tenant than {tenant.domain} ({tenant.id}). "
            "What to do: sign in with an account of this school"
        )
    return person


def find_account(graph: Graph, key: str) -> PersonAccount | None:
    """Look up an account by its id, its address or the name to sign in with; None where there is none."""
    try:
        row = find_user(graph, key, _PERSON) if "@" in key else graph.get(f"/users/{segment(key)}", select=_PERSON)
    except NotFound:
        return None
    if row is None:
        return None
    name = str(row.get("userPrincipalName") or "")
    address = str(row.get("mail") or name)
    others = (each[5:] for each in texts(row.get("proxyAddresses")) if each.casefold().startswith("smtp:"))
    return PersonAccount(
        provider="microsoft365",
        id=str(row["id"]),
        address=address,
        known_as=frozenset(each.casefold() for each in (address, name, *others) if each),
        name=str(row.get("displayName") or address),
        title=str(row.get("jobTitle") or ""),
        enabled=row.get("accountEnabled") is True,
    )


def find_user(graph: Graph, address: str, fields: str) -> Body | None:
    """Find an account by its address or the name to sign in with, which need not be alike."""
    wanted = f"mail eq {quoted(address)} or userPrincipalName eq {quoted(address)}"
    found = graph.pages("/users", filter=wanted, select=fields)
    if len(found) > 1:
        raise BadAnswer(f"GET /users: {len(found)} accounts have the same address")
    return found[0] if found else None
