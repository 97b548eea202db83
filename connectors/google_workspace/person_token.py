"""The access token of an administrator who signs in through the school's own OAuth client, without delegation.

Google does not publish a client for this. Every permission below is read-only. The settings of groups cannot be read,
because Google has no read-only permission for them. Follows
https://developers.google.com/identity/protocols/oauth2/native-app
"""

from secrets import token_urlsafe
from threading import Lock
from time import time

from connectors.google_workspace.cloud import Ambient, Cloud
from connectors.google_workspace.consent import Consent
from connectors.google_workspace.people import PersonUnreadable
from connectors.google_workspace.sign_in import SignIn
from connectors.google_workspace.transport import Transport
from toolkit.errors import BadAnswer, Refused
from toolkit.records import dataclass
from toolkit.sdk import AttendedSignIn

_PREFIX = "https://www.googleapis.com/auth/"
_EARLY = 120  # seconds before its end in which a token is no longer used
_PERSON = "the person who signed in"

SCOPES = (
    "admin.directory.customer.readonly",
    "admin.directory.device.chromeos.readonly",
    "admin.directory.device.mobile.readonly",
    "admin.directory.domain.readonly",
    "admin.directory.group.readonly",
    "admin.directory.orgunit.readonly",
    "admin.directory.user.readonly",
    "admin.reports.audit.readonly",
    "chrome.management.policy.readonly",
    "cloud-identity.allowlisteddomains.readonly",
    "cloud-identity.devices.readonly",
    "cloud-identity.groups.readonly",
    "cloud-identity.policies.readonly",
    "ediscovery.readonly",
)
"""The scopes without their common beginning."""


@dataclass(frozen=True, slots=True)
class _PersonToken:
    """An access token in memory, with the time on this computer's clock at which it expires."""

    text: str
    ends: float


class PersonTokens(SignIn):
    """The access token of a person. It is used for every scope. A service account would have a token for each scope."""

    def __init__(self, attended: AttendedSignIn, consent: Consent, cloud: Cloud, transport: Transport) -> None:
        super().__init__(Ambient(_PERSON, _PERSON), cloud, transport)
        self._attended = attended
        self._consent = consent
        self._one_at_a_time = Lock()

    def token(self, scope: str, subject: str) -> str:
        """Return the person's token.

        Raise Refused for a scope that was not requested at sign-in, and PersonUnreadable for another person's data.
        """
        if subject != _PERSON:
            raise PersonUnreadable("only the person can read their own settings")
        if scope not in SCOPES:
            raise Refused(f"{_PREFIX}{scope} may write, so this sign-in does not request it", missing=_PREFIX + scope)
        with self._one_at_a_time:
            token = self._attended.tokens.get("google_workspace")
            if not isinstance(token, _PersonToken) or token.ends - _EARLY < time():
                token = self._sign_in()
                self._attended.tokens["google_workspace"] = token
            return token.text

    def forget(self, scope: str, subject: str) -> None:
        """Do nothing. If a service refuses the token, the person need not sign in again."""

    def _sign_in(self) -> _PersonToken:
        scopes = [_PREFIX + scope for scope in SCOPES]
        tokens = self._consent.ask(self._attended.show, token_urlsafe(32), scopes)
        match tokens:
            case {"access_token": str(text), "expires_in": int(seconds)}:
                return _PersonToken(text, time() + seconds)
            case _:
                raise BadAnswer("Google's sign-in service did not return an access token")
