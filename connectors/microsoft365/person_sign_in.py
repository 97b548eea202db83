"""Lets a person sign in with their own account, on Microsoft's page in a browser on this computer."""

from collections.abc import Callable, Mapping
from typing import NoReturn

from connectors.microsoft365.authority import send_to_authority
from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.graph.service import to_literal
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.permissions import graph as graph_permission
from connectors.microsoft365.refusals import AadRefusal
from toolkit.errors import BadAnswer, NotFound, SignInRefused, UsageError
from toolkit.school.school import Tenant
from toolkit.sdk import (
    PersonAccount,
    SignInEvidence,
    Target,
    TokenRules,
    UnprovenSignIn,
    check_key_is_published,
    collect_evidence,
    read_claims,
    segment,
    texts,
)
from toolkit.values import Body

VARIABLE = "TOOLKIT_MICROSOFT365_SIGN_IN_CLIENT"
WAIT_SECONDS = 300  # seconds for the person to sign in
SIGNED_IN = graph_permission("User.Read.All")
"""The permission that the app needs to read the account of the person who signed in."""

_ISSUER = "https://login.microsoftonline.com/{}/v2.0"
_HOME = "https://sts.windows.net/{}/"
_PERSON = "id,userPrincipalName,mail,proxyAddresses,displayName,jobTitle,accountEnabled"
_PUBLIC = "Entra ID > App registrations > Authentication"
_CONSENT = "grant the app openid and profile for the whole school in Entra ID > App registrations > API permissions"
_UNASSIGNED = (
    "only people who are assigned to the app may do this. Ask an assigned person, or assign this person "
    "in Entra ID > Enterprise apps > Users and groups"
)
_ADVICE: Mapping[str, str] = {
    "AADSTS50105": _UNASSIGNED,
    "AADSTS65004": "start again, and accept the permissions",
    "AADSTS70008": "start again",
    "AADSTS54005": "start again",
    "AADSTS65001": _CONSENT,
    "AADSTS90094": _CONSENT,
    "AADSTS700016": f"check that {VARIABLE} is the client id of this school's app",
    "AADSTS7000218": f"allow public client flows for the app in {_PUBLIC}",
}


class PersonSignIn:
    """Identifies the person at this computer through an application that has no secret."""

    def __init__(self, client_id: str, tenant: Tenant, cloud: Cloud, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._client_id = client_id
        self._tenant = tenant
        self._cloud = cloud
        self._wait_seconds = wait_seconds

    def identify(self, show_address: Callable[[str], None], nonce: str) -> tuple[str, SignInEvidence]:
        """Let a person sign in. Return the id of the person's account and the evidence of the sign-in.

        Raise SignInRefused if no one signs in or there is no signed token. Raise UsageError if sign-in is not set up.
        """
        self._check_set_up()
        from connectors.microsoft365.authorization_code import ask_for_code

        def prompt(address: str) -> None:
            show_address(
                "To sign in to Microsoft 365 as yourself, open this address in a browser on this computer within "
                f"{self._wait_seconds / 60:.0f} minutes: {address}"
            )

        authorize = f"{self._cloud.authority}/{segment(self._tenant.id)}/oauth2/v2.0/authorize"
        form = ask_for_code(authorize, self._client_id, prompt, timeout_seconds=self._wait_seconds, nonce=nonce)
        token = self._redeem_code(form)
        try:
            evidence = collect_evidence(token, self._published_keys())
            return self._verified_person(evidence, nonce, is_new=True), evidence
        except UnprovenSignIn as unproven:
            raise SignInRefused(
                f"Microsoft's token for the sign-in is not valid: {unproven}. What to do: check "
                "this computer's clock, sign in with an account of this school, and start again"
            ) from unproven

    def verify(self, evidence: SignInEvidence, nonce: str) -> str:
        """Verify the stored evidence of a sign-in, and return the person's id.

        Raise UnprovenSignIn if it is not valid.
        """
        self._check_set_up()
        person = self._verified_person(evidence, nonce, is_new=False)
        check_key_is_published(evidence, self._published_keys())
        return person

    def _verified_person(self, evidence: SignInEvidence, nonce: str, *, is_new: bool) -> str:
        rules = TokenRules(self._client_id, (_ISSUER.format(self._tenant.id),))
        claims = read_claims(evidence, rules, nonce, is_new_token=is_new)
        if claims.get("tid") != self._tenant.id or not claims.get("oid"):
            raise UnprovenSignIn("the token is from another provider or tenant")
        if claims.get("idp") not in {None, _HOME.format(self._tenant.id)}:  # set only for another tenant
            raise UnprovenSignIn("the account is a guest of another tenant")
        return str(claims["oid"])

    def _redeem_code(self, form: Mapping[str, str]) -> str:
        """Exchange a code for the ID token of a sign-in, and return the token, or "" if the response has none."""
        if "error" in form:
            self._raise_refused(form["error"], form["error_description"])
        response = send_to_authority(
            self._cloud, "POST", f"{self._cloud.authority}/{segment(self._tenant.id)}/oauth2/v2.0/token", form
        )
        body = response.body if isinstance(response.body, Mapping) else {}
        if not response.fine:
            self._raise_refused(str(body.get("error") or response.status), str(body.get("error_description") or ""))
        return str(body.get("id_token") or "")

    def _published_keys(self) -> Body:
        where = f"{self._cloud.authority}/{segment(self._tenant.id)}/discovery/v2.0/keys"
        response = send_to_authority(self._cloud, "GET", where)
        if not response.fine or not isinstance(response.body, Mapping):
            raise BadAnswer(f"GET {where}: the response has no keys ({response.status})")
        return response.body

    def _raise_refused(self, error: str, description: str) -> NoReturn:
        refusal = AadRefusal.parse(description)
        reason = f"{refusal.number}: {refusal.text}" if refusal.number else f"{error}."
        advice = refusal.advice(_ADVICE) if refusal.number else "start again"
        raise SignInRefused(f"Microsoft refused the sign-in: {reason} What to do: {advice}")

    def _check_set_up(self) -> None:
        if self._client_id:
            return
        if self._cloud.emulated:
            raise UsageError(
                "the emulated Microsoft 365 does not have an app for people to sign in with. "
                "`toolkit emulator reset` creates it"
            )
        raise UsageError(
            f"people cannot sign in to Microsoft 365 as themselves: {VARIABLE} is not set. Set it to the client "
            f"id of an app registration with the redirect address http://localhost that allows public client flows "
            f"({_PUBLIC}). See .env.example"
        )


def client_of(target: Target, description: Body) -> str:
    """Return the id of the application that people sign in with, or "" if there is none."""
    if target.emulator is None:
        return target.variables.get(VARIABLE, "")
    match description.get("sign_in"):
        case {"client_id": str(client_id)}:
            return client_id
        case _:
            return ""


def find_account(graph: Graph, key: str) -> PersonAccount | None:
    """Return the account with an id, an address or a sign-in name, or None if there is none."""
    try:
        row = find_user(graph, key, _PERSON) if "@" in key else graph.get(f"/users/{segment(key)}", select=_PERSON)
    except NotFound:
        return None
    if row is None:
        return None
    name = str(row.get("userPrincipalName") or "")
    address = str(row.get("mail") or name)
    proxies = (alias[5:] for alias in texts(row.get("proxyAddresses")) if alias.casefold().startswith("smtp:"))
    return PersonAccount(
        provider="microsoft365",
        id=str(row["id"]),
        address=address,
        known_as=frozenset(term.casefold() for term in (address, name, *proxies) if term),
        name=str(row.get("displayName") or address),
        title=str(row.get("jobTitle") or ""),
        enabled=row.get("accountEnabled") is True,
    )


def find_user(graph: Graph, address: str, fields: str) -> Body | None:
    """Return the account with an address or a sign-in name, or None. The address and the name may differ."""
    condition = f"mail eq {to_literal(address)} or userPrincipalName eq {to_literal(address)}"
    accounts = graph.pages("/users", filter=condition, select=fields)
    if len(accounts) > 1:
        raise BadAnswer(f"GET /users: {len(accounts)} accounts have the same address")
    return accounts[0] if accounts else None
