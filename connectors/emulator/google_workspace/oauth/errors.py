"""What Google's token endpoint answers to a request that it refuses.

Texts follow developers.google.com/identity/protocols/oauth2/service-account#error-codes and answers people quote.
"""

from dataclasses import dataclass

from connectors.emulator.service import Answer


@dataclass(frozen=True)
class OAuthError(Exception):
    """A token that is refused: the OAuth error and its text."""

    error: str
    description: str = ""
    status: int = 400


def bad_assertion(reason: str) -> OAuthError:
    return OAuthError("invalid_grant", f"Invalid JWT: {reason}")


def bad_signature() -> OAuthError:
    return OAuthError("invalid_grant", "Invalid JWT Signature.")


def account_not_found() -> OAuthError:
    return OAuthError("invalid_grant", "Invalid grant: account not found")


def account_disabled() -> OAuthError:
    return OAuthError("disabled_client", "The OAuth client was disabled.", 401)


def not_delegated() -> OAuthError:
    """Refuse a token whole: one scope that is not on the delegation list is enough."""
    return OAuthError(
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
        "scopes requested.",
        401,
    )


def no_such_user() -> OAuthError:
    return OAuthError("invalid_grant", "Invalid email or User ID")


def user_deleted() -> OAuthError:
    return OAuthError("invalid_grant", "The account has been deleted")


def user_restricted() -> OAuthError:
    return OAuthError("access_denied", "Account restricted")


def no_scope() -> OAuthError:
    return OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")


def unsupported_grant(grant: str) -> OAuthError:
    return OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant}")


def client_not_found() -> OAuthError:
    return OAuthError("invalid_client", "The OAuth client was not found.", 401)


def wrong_client_secret() -> OAuthError:
    return OAuthError("invalid_client", "Unauthorized", 401)


def revoked() -> OAuthError:
    return OAuthError("invalid_grant", "Token has been expired or revoked.")


def answer(error: OAuthError) -> Answer:
    """Word a refusal as the token endpoint does."""
    described = {"error_description": error.description} if error.description else {}
    return Answer(status=error.status, body={"error": error.error, **described})
