"""The error responses of Google's token endpoint.

Texts follow developers.google.com/identity/protocols/oauth2/service-account#error-codes and error messages that people
quote.
"""

from dataclasses import dataclass
from pathlib import Path

from connectors.emulator.data_files import read_data
from connectors.emulator.service import Answer


@dataclass(frozen=True)
class OAuthError(Exception):
    """The reason why a token request is refused: the OAuth error and its text."""

    error: str
    description: str = ""
    status: int = 400


def refusal(name: str, *words: str) -> OAuthError:
    """Return a refusal from `errors.json`, with the placeholders in its text filled in."""
    row = read_data(Path(__file__).with_suffix(".json"))[name]
    return OAuthError(**{**row, "description": row["description"].format(*words)})


def answer(error: OAuthError) -> Answer:
    """Return a refusal in the form of the token endpoint."""
    described = {"error_description": error.description} if error.description else {}
    return Answer(status=error.status, body={"error": error.error, **described})
