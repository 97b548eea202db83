"""What the token endpoint says when it refuses, and what to do about it.

The texts are those of developers.google.com/identity/protocols/oauth2/service-account#error-codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from connectors.google_workspace.people import PersonUnreadable
from toolkit.errors import BadAnswer, Refused, SignInRefused

_DELEGATION = "admin.google.com > Security > Access and data control > API controls > Domain-wide delegation"
# By a piece of what Google says; the first that fits counts.
_PERSONS: Mapping[str, str] = {
    "invalid email or user id": "Google knows no account {subject}",
    "account has been deleted": "the account {subject} was deleted",
    "account restricted": "the account {subject} is suspended or archived",
}
_ADVICE: Mapping[str, str] = {
    "invalid jwt signature": "the key was deleted: make a new one in the Google Cloud console and name its file",
    "account not found": "the service account was deleted: make a new one, and delegate the scopes to it",
    "short-lived token": "check this computer's clock",
    "client was disabled": "enable the service account in the Google Cloud console",
}
_LOOK_UP = "see https://developers.google.com/identity/protocols/oauth2/service-account#error-codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefusal:
    """Which token was refused: whose account asked, for which scope, to act as whom."""

    account: str
    client_id: str  # "" where only its address is known
    scope: str
    subject: str
    administrator: bool  # the subject is the one that TOOLKIT_GOOGLE_ADMIN names


def raise_refused(refusal: SignInRefusal, error: Exception) -> NoReturn:
    """Raise what a refused token means: for one scope, for one person, or for everything."""
    said, words = _said(error)
    if not said:
        raise BadAnswer(f"Google's sign-in service gives no JSON; is a web filter in between? {words}") from error
    if said == "unauthorized_client":
        _raise_not_delegated(refusal, words, error)
    for piece, reason in _PERSONS.items():
        if piece in words.lower():
            _raise_person(refusal, reason.format(subject=refusal.subject), error)
    advice = next((advice for piece, advice in _ADVICE.items() if piece in words.lower()), _LOOK_UP)
    raise SignInRefused(
        f"Google refuses to sign in {refusal.account} for {refusal.subject}: {said}: {words} What to do: {advice}"
    ) from error


def _raise_not_delegated(refusal: SignInRefusal, words: str, error: Exception) -> NoReturn:
    client = f"the client id {refusal.client_id}" if refusal.client_id else f"the client id of {refusal.account}"
    raise Refused(
        f"Google does not let {refusal.account} act for the people of this domain with {refusal.scope}: {words} "
        f"What to do: in {_DELEGATION}, add this scope to {client}",
        missing=refusal.scope,
    ) from error


def _raise_person(refusal: SignInRefusal, reason: str, error: Exception) -> NoReturn:
    if not refusal.administrator:
        raise PersonUnreadable(reason) from error
    raise SignInRefused(
        f"Google refuses to sign in {refusal.account}: {reason} What to do: name an administrator of this school who "
        "is not suspended in TOOLKIT_GOOGLE_ADMIN"
    ) from error


def _said(error: Exception) -> tuple[str, str]:
    """Read the error and its description; the error is empty where no answer of Google's is behind it."""
    answered = error.args[1] if len(error.args) > 1 else None
    if not isinstance(answered, Mapping):
        return "", " ".join(str(error.args[0] if error.args else error).split())[:200]
    return str(answered.get("error") or "refused"), " ".join(str(answered.get("error_description") or "").split())
