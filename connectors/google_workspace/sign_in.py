"""Signs in as a service account.

It returns access tokens for the people that the account acts as, and explains refusals. The messages follow
https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
"""

import json
import warnings
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import NoReturn, Protocol

from connectors.google_workspace.cloud import Ambient, Cloud, Key, KeyFile, ServiceAccount, full_scope
from connectors.google_workspace.people import PersonUnreadable
from connectors.google_workspace.transport import RequestSender, Transport
from toolkit.errors import BadAnswer, Refused, SignInRefused, UsageError
from toolkit.private_files import refuse_shared_key
from toolkit.records import dataclass
from toolkit.values import Body

_DELEGATION = "admin.google.com > Security > Access and data control > API controls > Domain-wide delegation"
# By a part of Google's message. The first match counts.
_PERSONS: Mapping[str, str] = {
    "invalid email or user id": "Google has no account {subject}",
    "account has been deleted": "the account {subject} was deleted",
    "account restricted": "the account {subject} is suspended or archived",
}
_ADVICE: Mapping[str, str] = {
    "invalid jwt signature": "the key was deleted. Create a new key in the Google Cloud console and set its file",
    "account not found": "the service account was deleted. Create a new one, and delegate the scopes to it",
    "short-lived token": "check this computer's clock",
    "client was disabled": "enable the service account in the Google Cloud console",
}
_LOOK_UP = "see https://developers.google.com/identity/protocols/oauth2/service-account#error-codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefusal:
    """A request for an access token that Google refused: the service account, the scope, and the person to act as."""

    account: str
    client_id: str  # "" if only its address is known
    scope: str
    subject: str
    administrator: bool  # whether the subject is the administrator in TOOLKIT_GOOGLE_ADMIN


def raise_refused(refusal: SignInRefusal, error: Exception) -> NoReturn:
    """Raise the exception for a refused request for a token: about one scope, about one person, or about everything."""
    error_code, words = _read_error_and_description(error)
    if not error_code:
        raise BadAnswer(f"Google's sign-in service did not return JSON. Is a web filter in the way? {words}") from error
    if error_code == "unauthorized_client":
        _raise_not_delegated(refusal, words, error)
    for piece, reason in _PERSONS.items():
        if piece in words.lower():
            _raise_for_person(refusal, reason.format(subject=refusal.subject), error)
    advice = next((advice for piece, advice in _ADVICE.items() if piece in words.lower()), _LOOK_UP)
    raise SignInRefused(
        f"Google refuses to sign in {refusal.account} for {refusal.subject}: {error_code}: {words} What to do: {advice}"
    ) from error


def _raise_not_delegated(refusal: SignInRefusal, words: str, error: Exception) -> NoReturn:
    client = f"the client id {refusal.client_id}" if refusal.client_id else f"the client id of {refusal.account}"
    raise Refused(
        f"Google does not let {refusal.account} act for the people of this domain with {refusal.scope}: {words} "
        f"What to do: in {_DELEGATION}, add this scope to {client}",
        missing=refusal.scope,
    ) from error


def _raise_for_person(refusal: SignInRefusal, reason: str, error: Exception) -> NoReturn:
    if not refusal.administrator:
        raise PersonUnreadable(reason) from error
    raise SignInRefused(
        f"Google refuses to sign in {refusal.account}: {reason}. What to do: set TOOLKIT_GOOGLE_ADMIN to an "
        "administrator of this school who is not suspended"
    ) from error


def _read_error_and_description(error: Exception) -> tuple[str, str]:
    """Return the code and the description of an error. The code is "" if the response is not from Google."""
    response = error.args[1] if len(error.args) > 1 else None
    if not isinstance(response, Mapping):
        return "", " ".join(str(error.args[0] if error.args else error).split())[:200]
    return str(response.get("error") or "refused"), " ".join(str(response.get("error_description") or "").split())


_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
# Scopes for each person who may be away: the calendar first, then the reply. One token for both halves the sign-ins.
_SHARED = ("calendar.events.readonly", "gmail.settings.basic")
SEPARATE_SCOPE = "gmail.settings.sharing"
"""The scope that forwards or delegates the mail of other people, for which there may be a separate service account."""
_SIGNING = ["https://www.googleapis.com/auth/iam"]


class Credentials(Protocol):
    """The attributes that toolkit uses of service account credentials in Google's library."""

    token: str
    valid: bool
    service_account_email: str

    def with_subject(self, subject: str) -> "Credentials": ...

    def with_scopes(self, scopes: list[str]) -> "Credentials": ...

    def refresh(self, request: object) -> None: ...


@lru_cache(maxsize=64)
def _open_key(key: str) -> Credentials:
    """Return the credentials for a JSON key.

    They are cached, because checking a key takes longer than many requests.
    """
    from google.oauth2.service_account import Credentials as ServiceAccountCredentials

    credentials: Credentials = ServiceAccountCredentials.from_service_account_info(json.loads(key))
    return credentials


class SignIn:
    """The access tokens of a service account. Each person and scope has a token, which is kept until it expires.

    Google refuses a token completely if one of its scopes is not delegated. Each scope therefore has its own token, so
    that other data can still be read. Only the two scopes for a person's calendar and automatic reply have a common
    token.
    """

    def __init__(
        self, account: ServiceAccount, cloud: Cloud, transport: Transport, separate: "SignIn | None" = None
    ) -> None:
        self._separate = separate  # signs in for SEPARATE_SCOPE instead
        self.administrator = account.administrator
        self.account = account
        self._cloud = cloud
        self._request = RequestSender(transport)
        self._credentials: Credentials | None = None
        self._client_id = ""
        self._kept: dict[tuple[str, tuple[str, ...]], _Kept] = {}
        self._shares = True  # whether both shared scopes are delegated, as far as this run has seen
        self._opening = Lock()

    def token(self, scope: str, subject: str) -> str:
        """Return a token to act as a person within a scope, which is given without the common beginning of all scopes.

        Raise Refused if the scope is not delegated, and PersonUnreadable if toolkit cannot act as this person.
        """
        if self._separate and scope == SEPARATE_SCOPE:
            return self._separate.token(scope, subject)
        if scope == _SHARED[0] and self._shares:
            try:
                return self._find_token(_SHARED, subject)
            except Refused:
                self._shares = False  # one of the two is not delegated, and separate tokens will show which
        shared = self._shares and scope in _SHARED and (subject, _SHARED) in self._kept
        return self._find_token(_SHARED if shared else (scope,), subject)

    def forget(self, scope: str, subject: str) -> None:
        """Forget a token that a service has refused, so that the next call requests a new token."""
        if self._separate:
            self._separate.forget(scope, subject)
        with self._opening:
            self._kept.pop((subject, (scope,)), None)
            if scope in _SHARED:
                self._kept.pop((subject, _SHARED), None)

    def _find_token(self, scopes: tuple[str, ...], subject: str) -> str:
        kept = self._find_kept_token(scopes, subject)
        with kept.one_at_a_time:
            if not kept.credentials.valid:
                self._refresh(kept.credentials, scopes, subject)
            return kept.credentials.token

    def _find_kept_token(self, scopes: tuple[str, ...], subject: str) -> "_Kept":
        with self._opening:
            kept = self._kept.get((subject, scopes))
            if kept is None:
                self._credentials = self._credentials or self._open_account()
                full_scopes = [full_scope(scope) for scope in scopes]
                kept = _Kept(self._credentials.with_subject(subject).with_scopes(full_scopes))
                self._kept[subject, scopes] = kept
            return kept

    def _refresh(self, credentials: Credentials, scopes: tuple[str, ...], subject: str) -> None:
        from google.auth.exceptions import GoogleAuthError, RefreshError

        try:
            credentials.refresh(self._request)
        except RefreshError as error:
            refusal = SignInRefusal(
                account=credentials.service_account_email,
                client_id=self._client_id,
                scope=" ".join(full_scope(scope) for scope in scopes),
                subject=subject,
                administrator=subject == self.administrator,
            )
            raise_refused(refusal, error)
        except GoogleAuthError as error:
            self._raise_cannot_sign(error)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            # The vendor's library raises these for an unexpected response, even if it contains a token.
            raise BadAnswer("Google's sign-in service returned a response that could not be understood") from error

    def _open_account(self) -> Credentials:
        match self.account:
            case KeyFile(path=path):
                refuse_shared_key(path)
                try:
                    return self._make_key_credentials(json.loads(path.read_bytes()))
                except (OSError, ValueError) as unusable:
                    raise UsageError(
                        f"{path} cannot be used to sign in to Google Workspace: {unusable}. It must be the JSON file "
                        "of a service account's key"
                    ) from unusable
            case Key(content=content):
                return self._make_key_credentials(content)
            case Ambient(service_account=email):
                return self._make_remote_credentials(email)

    def _make_key_credentials(self, key: Body) -> Credentials:
        if not isinstance(key, Mapping):
            raise ValueError("the file does not contain a JSON object")  # noqa: TRY004 (told as what is wrong with the file)
        self._client_id = str(key.get("client_id") or "")
        address = self._cloud.address(str(key.get("token_uri") or _TOKEN_URI))
        return _open_key(json.dumps({**key, "token_uri": address}))

    def _make_remote_credentials(self, email: str) -> Credentials:
        """Return credentials for which Google signs, authorised by this computer's own identity."""
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError
        from google.auth.iam import Signer
        from google.oauth2.service_account import Credentials as ServiceAccountCredentials

        try:
            with warnings.catch_warnings():
                # gcloud warns if the signed-in person has no project to bill, but nothing here is billed.
                warnings.simplefilter("ignore", UserWarning)
                source, _ = google.auth.default(scopes=_SIGNING, request=self._request)
        except DefaultCredentialsError as none:
            raise UsageError(
                f"this computer has no Google credentials that can sign for {email}: {none} What to do: run on a "
                "computer with a service account, or sign in with gcloud auth application-default login"
            ) from none
        signed: Credentials = ServiceAccountCredentials(
            Signer(self._request, source, email), email, self._cloud.address(_TOKEN_URI)
        )
        return signed

    def _raise_cannot_sign(self, error: Exception) -> NoReturn:
        assert self._credentials
        email = self._credentials.service_account_email
        raise Refused(
            f"this computer may not sign for {email}: {error} What to do: give this identity the role Service Account "
            f"Token Creator on {email}",
            missing=f"Service Account Token Creator on {email}",
        ) from error


class _Kept:
    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.one_at_a_time = Lock()
