"""What Microsoft Entra answers to a sign-in it refuses, in its own words.

Codes and texts follow learn.microsoft.com/entra/identity-platform/reference-error-codes and answers that people quote.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from connectors.emulator.service import Answer


@dataclass(frozen=True)
class EntraError(Exception):
    """A sign-in that is refused: the OAuth error, the number behind AADSTS and its text."""

    error: str
    code: int
    text: str
    status: int = 400


def tenant_not_found(tenant: str) -> EntraError:
    return EntraError(
        "invalid_request",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    )


def application_not_found(client_id: str, directory: str) -> EntraError:
    return EntraError(
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{directory}'. This can happen if "
        "the application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    )


def wrong_secret(client_id: str) -> EntraError:
    return EntraError(
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        f"the client secret ID, for a secret added to app '{client_id}'.",
        401,
    )


def expired_secret(client_id: str) -> EntraError:
    return EntraError(
        "invalid_client",
        7000222,
        f"The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys "
        "for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: "
        "https://aka.ms/certCreds.",
        401,
    )


def no_credential() -> EntraError:
    return EntraError(
        "invalid_client",
        7000216,
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        401,
    )


def wrong_assertion(client_id: str, thumbprint: str, reason: str) -> EntraError:
    return EntraError(
        "invalid_client",
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - "
        f"{reason}, Thumbprint of key used by client: '{thumbprint}', Please visit the Azure Portal, Graph Explorer or "
        f"directly use MS Graph to see configured keys for app Id '{client_id}'.]",
        401,
    )


def assertion_not_current() -> EntraError:
    return EntraError("invalid_client", 700024, "Client assertion is not within its valid time range.", 401)


def assertion_for_another(client_id: str) -> EntraError:
    return EntraError(
        "invalid_client",
        700023,
        f"Client assertion audience claim does not match Realm issuer, for app '{client_id}'.",
        401,
    )


def code_pending() -> EntraError:
    text = "The provided request has not yet been authorized by the user. The user must input their code."
    return EntraError("authorization_pending", 70016, text)


def code_expired() -> EntraError:
    text = "The verification code has expired before the user could complete the login."
    return EntraError("expired_token", 70019, text)


def code_unknown() -> EntraError:
    return EntraError("bad_verification_code", 70018, "The verification code is not valid.")


def code_declined() -> EntraError:
    return EntraError("authorization_declined", 65004, "User declined to consent to access the app.")


def not_assigned(login: str, client_id: str) -> EntraError:
    return EntraError(
        "access_denied",
        50105,
        f"Your administrator has configured the application ('{client_id}') to block users unless they are "
        f"specifically granted ('assigned') access to the application. The signed in user '{login}' is blocked because "
        "they are not a direct member of a group with access, nor had access directly assigned by an administrator.",
    )


def account_unknown(login: str, directory: str) -> EntraError:
    text = f"The user account {login} does not exist in the {directory} directory."
    return EntraError("invalid_grant", 50034, f"{text} To sign into this application, the account must be added to it.")


def account_disabled() -> EntraError:
    return EntraError("invalid_grant", 50057, "The user account is disabled.")


def public_client() -> EntraError:
    return EntraError(
        "invalid_client",
        700025,
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        401,
    )


def confidential_client() -> EntraError:
    text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    return EntraError("invalid_client", 7000218, text, 401)


def parameter_missing(name: str) -> EntraError:
    return EntraError("invalid_request", 900144, f"The request body must contain the following parameter: '{name}'.")


def unsupported_grant(grant: str) -> EntraError:
    return EntraError("unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'.")


def wrong_scope(scope: str) -> EntraError:
    return EntraError(
        "invalid_scope",
        1002012,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
        "/.default suffixed to the resource identifier (application ID URI).",
    )


def resource_not_found(resource: str, directory: str) -> EntraError:
    return EntraError(
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant named {directory}. This can happen if "
        "the application has not been installed by the administrator of the tenant or consented to by any user in the "
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
