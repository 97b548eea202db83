"""What Microsoft Entra answers to a sign-in it refuses, in its own words.

Codes and texts follow learn.microsoft.com/entra/identity-platform/reference-error-codes and answers that people quote.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from connectors.emulator.service import Answer


@dataclass(frozen=True)
class EntraError(Exception):
    """A sign-in that is refused: the OAuth error, the number behind AADSTS and its text."""

    error: str
    code: int
    text: str
    status: int = 400


class Refusal(NamedTuple):
    """How one refusal is worded; calling it fills in the words, by their position."""

    error: str
    code: int
    text: str
    status: int = 400

    def __call__(self, *words: str) -> EntraError:
        return EntraError(self.error, self.code, self.text.format(*words), self.status)


tenant_not_found = Refusal(
    "invalid_request",
    90002,
    "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the correct "
    "cloud. Check with your subscription administrator, this may happen if there are no active subscriptions "
    "for the tenant.",
)
application_not_found = Refusal(
    "unauthorized_client",
    700016,
    "Application with identifier '{0}' was not found in the directory '{1}'. This can happen if the "
    "application has not been installed by the administrator of the tenant or consented to by any user in the "
    "tenant. You may have sent your authentication request to the wrong tenant.",
)
wrong_secret = Refusal(
    "invalid_client",
    7000215,
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
    "not the client secret ID, for a secret added to app '{}'.",
    401,
)
expired_secret = Refusal(
    "invalid_client",
    7000222,
    "The provided client secret keys for app '{}' are expired. Visit the Azure portal to create new keys for "
    "your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: "
    "https://aka.ms/certCreds.",
    401,
)
no_credential = Refusal(
    "invalid_client",
    7000216,
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    401,
)
wrong_assertion = Refusal(
    "invalid_client",
    700027,
    "The certificate with identifier used to sign the client assertion is not registered on application. "
    "[Reason - {2}, Thumbprint of key used by client: '{1}', Please visit the Azure Portal, Graph Explorer or "
    "directly use MS Graph to see configured keys for app Id '{0}'.]",
    401,
)
assertion_not_current = Refusal("invalid_client", 700024, "Client assertion is not within its valid time range.", 401)
assertion_for_another = Refusal(
    "invalid_client",
    700023,
    "Client assertion audience claim does not match Realm issuer, for app '{}'.",
    401,
)
code_pending = Refusal(
    "authorization_pending",
    70016,
    "The provided request has not yet been authorized by the user. The user must input their code.",
)
code_expired = Refusal(
    "expired_token",
    70019,
    "The verification code has expired before the user could complete the login.",
)
code_unknown = Refusal("bad_verification_code", 70018, "The verification code is not valid.")
code_declined = Refusal("authorization_declined", 65004, "User declined to consent to access the app.")
not_assigned = Refusal(
    "access_denied",
    50105,
    "Your administrator has configured the application ('{1}') to block users unless they are specifically "
    "granted ('assigned') access to the application. The signed in user '{0}' is blocked because they are not "
    "a direct member of a group with access, nor had access directly assigned by an administrator.",
)
account_unknown = Refusal(
    "invalid_grant",
    50034,
    "The user account {0} does not exist in the {1} directory. To sign into this application, the account must "
    "be added to it.",
)
account_disabled = Refusal("invalid_grant", 50057, "The user account is disabled.")
public_client = Refusal(
    "invalid_client",
    700025,
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    401,
)
confidential_client = Refusal(
    "invalid_client",
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    401,
)
parameter_missing = Refusal("invalid_request", 900144, "The request body must contain the following parameter: '{}'.")
unsupported_grant = Refusal("unsupported_grant_type", 70003, "The app requested an unsupported grant type '{}'.")
wrong_scope = Refusal(
    "invalid_scope",
    1002012,
    "The provided value for scope {} is not valid. Client credential flows must have a scope value with "
    "/.default suffixed to the resource identifier (application ID URI).",
)
resource_not_found = Refusal(
    "invalid_resource",
    500011,
    "The resource principal named {0} was not found in the tenant named {1}. This can happen if the "
    "application has not been installed by the administrator of the tenant or consented to by any user in the "
    "tenant. You might have sent your authentication request to the wrong tenant.",
)


def answer(error: EntraError) -> Answer:
    """Word a refusal as the sign-in service does."""
    trace, correlation = str(uuid4()), str(uuid4())
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return Answer(
        status=error.status,
        body={
            "error": error.error,
            "error_description": f"AADSTS{error.code}: {error.text} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {stamp}",
            "error_codes": [error.code],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={error.code}",
        },
    )
