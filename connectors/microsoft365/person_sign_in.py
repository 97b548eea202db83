"""A person signing in as themselves: they say who they are on Microsoft's page, in a browser on this computer."""

from collections.abc import Callable, Mapping
from typing import NoReturn

from connectors.microsoft365.authority import send_to_authority
from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.graph.service import quoted
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
    check_published,
    read_claims,
    segment,
    take_evidence,
    texts,
)
from toolkit.values import Body

VARIABLE = "TOOLKIT_MICROSOFT365_SIGN_IN_CLIENT"
WAIT_SECONDS = 300  # seconds for the person
SIGNED_IN = graph_permission("User.Read.All")
"""What the app itself needs to read who signed in."""

_ISSUER = "https://login.microsoftonline.com/{}/v2.0"
_HOME = "https://sts.windows.net/{}/"
_PERSON = "id,userPrincipalName,mail,proxyAddresses,displayName,jobTitle,accountEnabled"
_PUBLIC = "Entra ID > App registrations > Authentication"
_CONSENT = "grant the app openid and profile for the whole school in Entra ID > App registrations > API permissions"
_UNASSIGNED = (
    "only people who are assigned to the app may do this. Ask one of them, or, if this person is to do it, assign them "
    "in Entra ID > Enterprise apps > Users and groups"
)
_ADVICE: Mapping[str, str] = {
    "AADSTS50105": _UNASSIGNED,
    "AADSTS65004": "begin again, and agree when asked",
    "AADSTS70008": "begin again",
    "AADSTS54005": "begin again",
    "AADSTS65001": _CONSENT,
    "AADSTS90094": _CONSENT,
    "AADSTS700016": f"check {VARIABLE}, and that the app is this school's",
    "AADSTS7000218": f"allow public client flows for the app in {_PUBLIC}",
}


class PersonSignIn:
    """Finds out who is there, by an application that has no secret."""

    def __init__(self, client_id: str, tenant: Tenant, cloud: Cloud, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._client_id = client_id
        self._tenant = tenant
        self._cloud = cloud
        self._wait_seconds = wait_seconds

    def identify(self, show_address: Callable[[str], None], nonce: str) -> tuple[str, SignInEvidence]:
        """Have a person sign in and return their immutable id with the evidence.

        SignInRefused where they do not or where no signed token comes, UsageError where it is not set up.
        """
        self._check_set_up()
        from connectors.microsoft365.authorization_code import ask_for_code

        def prompt(address: str) -> None:
            show_address(
                "To sign in to Microsoft 365 as yourself, open this address in a browser on this computer within "
                f"{self._wait_seconds / 60:.0f} minutes: {address}"
            )

        authorize = f"{self._cloud.authority}/{segment(self._tenant.id)}/oauth2/v2.0/authorize"
        form = ask_for_code(authorize, self._client_id, prompt, within=self._wait_seconds, nonce=nonce)
        token = self._redeem(form)
        try:
            evidence = take_evidence(token, self._published_keys())
            return self._person(evidence, nonce, is_new=True), evidence
        except UnprovenSignIn as unproven:
            raise SignInRefused(
                f"what came from Microsoft about who signed in does not prove genuine: {unproven}. What to do: check "
                "this computer's clock, sign in with an account of this school, and begin again"
            ) from unproven

    def verify(self, evidence: SignInEvidence, nonce: str) -> str:
        """Verify what was kept of a sign-in and return the person's id; UnprovenSignIn where it does not prove it."""
        self._check_set_up()
        person = self._person(evidence, nonce, is_new=False)
        check_published(evidence, self._published_keys())
        return person

    def _person(self, evidence: SignInEvidence, nonce: str, *, is_new: bool) -> str:
        rules = TokenRules(self._client_id, (_ISSUER.format(self._tenant.id),))
        claims = read_claims(evidence, rules, nonce, is_new=is_new)
        if claims.get("tid") != self._tenant.id or not claims.get("oid"):
            raise UnprovenSignIn("the token is of another provider or tenant")
        if claims.get("idp") not in {None, _HOME.format(self._tenant.id)}:  # named where it is not this tenant
            raise UnprovenSignIn("the account is a guest of another tenant")
        return str(claims["oid"])

    def _redeem(self, form: Mapping[str, str]) -> str:
        """Redeem a code for the ID token, "" where none came with the answer."""
        if "error" in form:
            self._refuse(form["error"], form["error_description"])
        response = send_to_authority(
            self._cloud, "POST", f"{self._cloud.authority}/{segment(self._tenant.id)}/oauth2/v2.0/token", form
        )
        body = response.body if isinstance(response.body, Mapping) else {}
        if not response.fine:
            self._refuse(str(body.get("error") or response.status), str(body.get("error_description") or ""))
        return str(body.get("id_token") or "")

    def _published_keys(self) -> Body:
        where = f"{self._cloud.authority}/{segment(self._tenant.id)}/discovery/v2.0/keys"
        response = send_to_authority(self._cloud, "GET", where)
        if not response.fine or not isinstance(response.body, Mapping):
            raise BadAnswer(f"GET {where}: the answer has no keys ({response.status})")
        return response.body

    def _refuse(self, error: str, description: str) -> NoReturn:
        refusal = AadRefusal.parse(description)
        words = f"{refusal.number}: {refusal.text}" if refusal.number else f"{error}."
        advice = refusal.advice(_ADVICE) if refusal.number else "begin again"
        raise SignInRefused(f"Microsoft refused the sign-in: {words} What to do: {advice}")

    def _check_set_up(self) -> None:
        if self._client_id:
            return
        if self._cloud.emulated:
            raise UsageError(
                "the emulated Microsoft 365 has no app that people sign in with; `toolkit emulator reset` makes one"
            )
        raise UsageError(
            f"people cannot sign in to Microsoft 365 as themselves: {VARIABLE} is not set; it is the client id of an "
            f"app registration with the redirect address http://localhost that allows public client flows ({_PUBLIC}), "
            "see .env.example"
        )


def client_of(target: Target, description: Body) -> str:
    """Find the id of the application that people sign in with; "" where there is none."""
    if target.emulator is None:
        return target.variables.get(VARIABLE, "")
    match description.get("sign_in"):
        case {"client_id": str(client_id)}:
            return client_id
        case _:
            return ""


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
    proxies = (each[5:] for each in texts(row.get("proxyAddresses")) if each.casefold().startswith("smtp:"))
    return PersonAccount(
        provider="microsoft365",
        id=str(row["id"]),
        address=address,
        known_as=frozenset(each.casefold() for each in (address, name, *proxies) if each),
        name=str(row.get("displayName") or address),
        title=str(row.get("jobTitle") or ""),
        enabled=row.get("accountEnabled") is True,
    )


def find_user(graph: Graph, address: str, fields: str) -> Body | None:
    """Find an account by its address or the name to sign in with, which need not be alike."""
    condition = f"mail eq {quoted(address)} or userPrincipalName eq {quoted(address)}"
    accounts = graph.pages("/users", filter=condition, select=fields)
    if len(accounts) > 1:
        raise BadAnswer(f"GET /users: {len(accounts)} accounts have the same address")
    return accounts[0] if accounts else None
