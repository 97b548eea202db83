"""Lets a person sign in with their own account, on Google's page in a browser on this computer.

Follows https://developers.google.com/identity/protocols/oauth2/native-app
"""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.cloud import SIGN_IN_CLIENT, Cloud
from connectors.google_workspace.transport import RequestSender, Transport
from toolkit.errors import BadAnswer, NotFound, SignInRefused, UsageError
from toolkit.sdk import (
    PersonAccount,
    SignInEvidence,
    Target,
    TokenRules,
    UnprovenSignIn,
    check_key_is_published,
    collect_evidence,
    read_claims,
    read_json,
    sign_in_in_background,
    texts,
)
from toolkit.values import Body

VARIABLE = SIGN_IN_CLIENT
WAITS = 300  # seconds for the person
_KEYS = "https://www.googleapis.com/oauth2/v3/certs"
_ISSUERS = ("accounts.google.com", "https://accounts.google.com")
_NEEDED = ("client_id", "client_secret", "auth_uri", "token_uri")
_FILE = "the JSON file that the Google Cloud console gives for an OAuth client of type desktop app"
_PERSON = "id,primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,archived,organizations(title,primary)"


class Consent:
    """Identifies the person at this computer, who signs in through an OAuth client for installed applications."""

    def __init__(
        self, client: Path | Body | None, cloud: Cloud, transport: Transport, *, domain: str, waits: float = WAITS
    ) -> None:
        self._client = client
        self._cloud = cloud
        self._request = RequestSender(transport)
        self._domain = domain
        self._waits = waits

    def identify(
        self, say: Callable[[str], None], domains: Callable[[], Sequence[str]], nonce: str
    ) -> tuple[str, SignInEvidence]:
        """Let a person sign in. Return the id of the person's account and the evidence of the sign-in.

        Raise SignInRefused if the person does not sign in, and UsageError if sign-in is not set up. `domains` returns
        all of the school's domains. It is called only if Google names another domain than the school file.
        """
        token = str(self.ask(say, nonce).get("id_token") or "")
        if not token:
            raise BadAnswer("Google's sign-in service does not name the person who signed in")
        try:
            evidence = collect_evidence(token, self._read_published_keys())
            return self._verify_person(
                evidence, self._read_client()["client_id"], domains, nonce, is_new=True
            ), evidence
        except UnprovenSignIn as unproven:
            raise SignInRefused(
                f"Google's token for the sign-in is not valid: {unproven}. Check this computer's clock, then sign in "
                "again with an account of this school"
            ) from unproven

    def ask(self, say: Callable[[str], None], nonce: str, scopes: Sequence[str] = ()) -> Mapping[str, object]:
        """Let a person sign in, and return the tokens, which are not verified. Raise the same errors as `identify`.

        `scopes` are for an administrator who reads the tenant. With scopes, sign-in to the emulator does not need a
        browser.
        """
        client = self._read_client()
        from connectors.google_workspace.installed import ask_for_consent

        def prompt(address: str) -> None:
            if scopes and self._cloud.emulated:
                sign_in_in_background(address, self._cloud.ca_file)
                return
            say(
                "To sign in to Google Workspace as yourself, open this address in a browser on this computer within "
                f"{self._waits / 60:.0f} minutes: {address}"
            )

        parameters = {"hd": self._domain} if self._domain else {}
        return ask_for_consent(
            client, self._cloud, prompt, timeout_seconds=self._waits, scopes=scopes, nonce=nonce, **parameters
        )

    def verify(self, evidence: SignInEvidence, domains: Callable[[], Sequence[str]], nonce: str) -> str:
        """Verify the stored evidence of a sign-in, and return the person's id.

        Raise UnprovenSignIn if it is not valid.
        """
        person = self._verify_person(evidence, self._read_client()["client_id"], domains, nonce, is_new=False)
        check_key_is_published(evidence, self._read_published_keys())
        return person

    def _verify_person(
        self,
        evidence: SignInEvidence,
        client_id: str,
        domains: Callable[[], Sequence[str]],
        nonce: str,
        *,
        is_new: bool,
    ) -> str:
        claims = read_claims(evidence, TokenRules(client_id, _ISSUERS), nonce, is_new_token=is_new)
        domain = str(claims.get("hd") or "")
        if domain.lower() != self._domain.lower() and domain.lower() not in domains():
            raise UnprovenSignIn(f"the account belongs to {domain or 'no school'}, not to {self._domain}")
        return str(claims["sub"])

    def _read_client(self) -> Mapping[str, str]:
        """Return the settings of the OAuth client that people sign in through, with the addresses for this run."""
        match self._client:
            case None if self._cloud.emulated:
                raise UsageError(
                    "the emulated Google Workspace has no app that people sign in with. `toolkit emulator reset` "
                    "creates one"
                )
            case None:
                raise UsageError(
                    f"people cannot sign in to Google Workspace as themselves: {VARIABLE} is not set. Set it to "
                    f"{_FILE}, see .env.example"
                )
            case Path() as path:
                client = _read_client_file(path)
            case details:
                client = details
        addresses = {name: self._cloud.address(str(client[name])) for name in ("auth_uri", "token_uri")}
        return {**{name: str(client[name]) for name in _NEEDED}, **addresses}

    def _read_published_keys(self) -> Body:
        """Return the public keys of the ID tokens that Google issues at present."""
        where = self._cloud.address(_KEYS)
        answer = self._request(where)
        try:
            keys = read_json(answer.data, f"GET {where}") if answer.status == HTTPStatus.OK else None
        except ValueError:
            keys = None
        if not isinstance(keys, Mapping):
            raise BadAnswer(f"GET {where}: the response has no keys ({answer.status})")
        return keys


def client_of(target: Target, emulated_tenant: Body) -> Path | Body | None:
    """Return the OAuth client that people sign in through, or the path of its file, or None if there is none."""
    if target.emulator is None:
        path = target.variables.get(VARIABLE)
        return Path(path).expanduser() if path else None
    match emulated_tenant.get("sign_in_client"):
        case {"installed": Mapping() as installed}:
            return installed
        case _:
            return None


def find_account(admin: Api, key: str) -> PersonAccount | None:
    """Return the account with an id or an address, or None if there is none."""
    try:
        row = admin.read(Call("directory.users.get", {"userKey": key, "fields": _PERSON}))
    except NotFound:
        return None
    address, name = str(row.get("primaryEmail") or ""), row.get("name")
    aliases = (*texts(row.get("aliases")), *texts(row.get("nonEditableAliases")))
    full = name.get("fullName") if isinstance(name, Mapping) else None
    return PersonAccount(
        provider="google_workspace",
        id=str(row["id"]),
        address=address,
        known_as=frozenset(alias.casefold() for alias in (address, *aliases) if alias),
        name=str(full or address),
        title=_find_job_title(row.get("organizations")),
        enabled=row.get("suspended") is False and row.get("archived") is not True,
    )


def _read_client_file(path: Path) -> Body:
    try:
        match json.loads(path.read_bytes()):
            case {"installed": Mapping() as client} if set(_NEEDED) <= set(client):
                return client
            case _:
                why = f"the file does not contain {', '.join(_NEEDED)} of an installed application"
    except (OSError, ValueError) as unusable:
        why = str(unusable)
    raise UsageError(f"{VARIABLE}: {path} cannot be used: {why}. It must be {_FILE}")


def _find_job_title(organizations: object) -> str:
    """Return a person's job title, or "" if the person has several and none is marked as primary."""
    listed = (
        [organisation for organisation in organizations if isinstance(organisation, Mapping)]
        if isinstance(organizations, list)
        else []
    )
    primary = [organisation for organisation in listed if organisation.get("primary") is True] or listed
    return str(primary[0].get("title") or "") if len(primary) == 1 else ""
